/* Removing published files with their folder. */
#include "store/store_impl.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Tiles lie four folders deep at most: tile/LEVEL/x001/x234/067.p/W is six. */
enum { DEPTH_MAX = 12 };

static enum pd_status empty_folder(int dir_fd, const char *path, int depth, struct pd_error *err);

static enum pd_status remove_entry(int dir_fd, const char *name, const char *path, int depth,
                                   struct pd_error *err) {
    if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
        return PD_OK;
    if (errno != EISDIR && errno != EPERM)
        return pd_fail_errno(err, PD_IO, "remove \"%s\" in %s", name, path);
    if (depth >= DEPTH_MAX)
        return pd_fail(err, PD_LIMIT, "%s has more than %d folders in each other", path, DEPTH_MAX);
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return pd_fail_errno(err, PD_IO, "open \"%s\" in %s", name, path);
    enum pd_status st = empty_folder(fd, path, depth + 1, err);
    if (st == PD_OK && unlinkat(dir_fd, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
        st = pd_fail_errno(err, PD_IO, "remove the folder \"%s\" in %s", name, path);
    return st;
}

/* Takes the descriptor over. */
static enum pd_status empty_folder(int dir_fd, const char *path, int depth, struct pd_error *err) {
    DIR *dir = fdopendir(dir_fd);
    if (dir == NULL) {
        enum pd_status st = pd_fail_errno(err, PD_IO, "list %s", path);
        close(dir_fd);
        return st;
    }
    enum pd_status st = PD_OK;
    const struct dirent *entry;
    while (st == PD_OK && (errno = 0, entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            st = remove_entry(dirfd(dir), entry->d_name, path, depth, err);
    if (st == PD_OK && errno != 0)
        st = pd_fail_errno(err, PD_IO, "list %s", path);
    closedir(dir);
    return st;
}

enum pd_status store_files_remove(struct store *store, const char *path, struct pd_error *err) {
    int dir_fd;
    const char *name;
    enum pd_status st = store_check_public(path, err);
    if (st == PD_OK)
        st = store_parent_open(store, path, false, &dir_fd, &name, err);
    if (st == PD_NOT_FOUND)
        return PD_OK;
    if (st != PD_OK)
        return st;
    st = remove_entry(dir_fd, name, path, 0, err);
    if (st == PD_OK && fsync(dir_fd) != 0)
        st = pd_fail_errno(err, PD_IO, "make the removal of %s durable", path);
    close(dir_fd);
    return st;
}
