/* Going through the files of the folder, for who copies them. */
#include "store/store_impl.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST = 16, PATH_LIMIT = 1024 };

struct walk {
    const struct store *store;
    enum pd_status (*body)(void *context, int fd, const char *path, struct pd_error *err);
    void *context;
};

static enum pd_status walk_dir(const struct walk *walk, const char *path, int depth,
                               struct pd_error *err);

static enum pd_status walk_one(const struct walk *walk, const char *path, int depth,
                               struct pd_error *err) {
    struct stat about;
    int folder = walk->store->folder_fd;
    if (fstatat(folder, path, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT
                   ? PD_OK
                   : pd_fail_errno(err, PD_IO, "look at %s/%s", walk->store->folder, path);
    if (S_ISDIR(about.st_mode))
        return walk_dir(walk, path, depth + 1, err);
    if (!S_ISREG(about.st_mode))
        return pd_fail(err, PD_INVALID, "%s/%s is neither a file nor a folder", walk->store->folder,
                       path);
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? PD_OK
                               : pd_fail_errno(err, PD_IO, "open %s/%s", walk->store->folder, path);
    enum pd_status st = walk->body(walk->context, fd, path, err);
    close(fd);
    return st;
}

static enum pd_status walk_dir(const struct walk *walk, const char *path, int depth,
                               struct pd_error *err) {
    if (depth > DEEPEST)
        return pd_fail(err, PD_LIMIT, "%s/%s is nested too deep", walk->store->folder, path);
    int fd = openat(walk->store->folder_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return PD_OK;
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        enum pd_status st = pd_fail_errno(err, PD_IO, "list %s/%s", walk->store->folder, path);
        if (fd >= 0)
            close(fd);
        return st;
    }
    enum pd_status st = PD_OK;
    const struct dirent *entry;
    while (st == PD_OK && (errno = 0, entry = readdir(dir)) != NULL) {
        char below[PATH_LIMIT];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int n = snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
        st = n > 0 && (size_t)n < sizeof(below)
                 ? walk_one(walk, below, depth, err)
                 : pd_fail(err, PD_LIMIT, "a path below %s/%s is too long", walk->store->folder,
                           path);
    }
    if (st == PD_OK && errno != 0)
        st = pd_fail_errno(err, PD_IO, "list %s/%s", walk->store->folder, path);
    closedir(dir);
    return st;
}

enum pd_status store_files_each(struct store *store, const char *below,
                                enum pd_status (*body)(void *context, int fd, const char *path,
                                                       struct pd_error *err),
                                void *context, struct pd_error *err) {
    struct walk walk = {store, body, context};
    return walk_dir(&walk, below, 0, err);
}

enum pd_status store_folder_list(struct store *store, const char *folder,
                                 enum pd_status (*body)(void *context, const char *name,
                                                        enum store_entry kind,
                                                        struct pd_error *err),
                                 void *context, struct pd_error *err) {
    int fd = openat(store->folder_fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return PD_OK;
    if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
        return pd_fail(err, PD_INVALID, "%s/%s is a link or a file, and no folder", store->folder,
                       folder);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        enum pd_status st = pd_fail_errno(err, PD_IO, "list %s/%s", store->folder, folder);
        if (fd >= 0)
            close(fd);
        return st;
    }
    enum pd_status st = PD_OK;
    const struct dirent *entry;
    while (st == PD_OK && (errno = 0, entry = readdir(dir)) != NULL) {
        struct stat about;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (fstatat(dirfd(dir), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0)
            st = body(context, entry->d_name,
                      S_ISREG(about.st_mode)   ? STORE_FILE
                      : S_ISDIR(about.st_mode) ? STORE_FOLDER
                      : S_ISLNK(about.st_mode) ? STORE_LINK
                                               : STORE_OTHER,
                      err);
        else if (errno != ENOENT) /* one that vanished meanwhile is left out */
            st = pd_fail_errno(err, PD_IO, "look at %s/%s/%s", store->folder, folder,
                               entry->d_name);
        errno = 0;
    }
    if (st == PD_OK && errno != 0)
        st = pd_fail_errno(err, PD_IO, "list %s/%s", store->folder, folder);
    closedir(dir);
    return st;
}

struct vault_walk {
    enum pd_status (*body)(void *context, int fd, const crypto_hash *address, struct pd_error *err);
    void *context;
};

static enum pd_status walk_vault(void *context, int fd, const char *path, struct pd_error *err) {
    struct vault_walk *walk = context;
    char hex[2 * CRYPTO_HASH_SIZE + 8];
    crypto_hash address;
    pd_str name = pd_str_from(path);
    snprintf(hex, sizeof(hex), "%.*s%.*s", pd_arg(pd_str_sub(name, 6, 2)),
             pd_arg(pd_str_sub(name, 9, 64)));
    if (!pd_hex_decode(pd_str_from(hex), address.bytes, sizeof(address.bytes)))
        return pd_fail(err, PD_INTERNAL, "%s is no file of the vault: its name is no address",
                       path);
    return walk->body(walk->context, fd, &address, err);
}

enum pd_status store_vault_each(struct store *store,
                                enum pd_status (*body)(void *context, int fd,
                                                       const crypto_hash *address,
                                                       struct pd_error *err),
                                void *context, struct pd_error *err) {
    struct vault_walk walk = {body, context};
    return store_files_each(store, "vault", walk_vault, &walk, err);
}
