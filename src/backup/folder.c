/* The folder of backups: whose it is, who may write, and what a cut-off backup left. */
#include "backup/backup_impl.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char FORM[] = "polder backups 1\n";
static const char IDENTITY[] = "polder-backups";
enum { IDENTITY_MAX = 4096 };

/* ---- Small files ---- */

static enum pd_status write_all(int fd, const char *path, pd_str bytes, struct pd_error *err) {
    for (size_t at = 0; at < bytes.len;) {
        ssize_t n = write(fd, bytes.data + at, bytes.len - at);
        if (n < 0 && errno != EINTR)
            return pd_fail_errno(err, PD_IO, "write %s", path);
        at += n > 0 ? (size_t)n : 0;
    }
    return PD_OK;
}

enum pd_status backup_sync(const struct backup_folder *folder, const char *path,
                           struct pd_error *err) {
    int fd = openat(folder->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum pd_status st = PD_OK;
    if (fd < 0 || fsync(fd) != 0)
        st = pd_fail_errno(err, PD_IO, "make %s/%s durable", folder->path, path);
    if (fd >= 0)
        close(fd);
    return st;
}

static void parent_of(const char *path, char out[64]) {
    const char *slash = strrchr(path, '/');
    snprintf(out, 64, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
}

enum pd_status backup_file_put(struct backup_folder *folder, const char *path, pd_str bytes,
                               struct pd_error *err) {
    char temp[128], parent[64];
    snprintf(temp, sizeof(temp), "%.100s.new", path);
    parent_of(path, parent);
    int fd = openat(folder->fd, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return pd_fail_errno(err, PD_IO, "make %s/%s", folder->path, temp);
    enum pd_status st = write_all(fd, path, bytes, err);
    if (st == PD_OK && fsync(fd) != 0)
        st = pd_fail_errno(err, PD_IO, "make %s/%s durable", folder->path, path);
    close(fd);
    if (st == PD_OK && renameat(folder->fd, temp, folder->fd, path) != 0)
        st = pd_fail_errno(err, PD_IO, "rename %s/%s", folder->path, temp);
    if (st != PD_OK) {
        unlinkat(folder->fd, temp, 0);
        return st;
    }
    return backup_sync(folder, parent, err);
}

enum pd_status backup_file_get(const struct backup_folder *folder, const char *path, size_t limit,
                               struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    int fd = openat(folder->fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat about;
    if (fd < 0)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "open %s/%s",
                             folder->path, path);
    enum pd_status st = PD_OK;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        st = pd_fail(err, PD_IO, "%s/%s is not a regular file", folder->path, path);
    else if ((uint64_t)about.st_size > limit)
        st = pd_fail(err, PD_LIMIT, "%s/%s has more than %zu bytes", folder->path, path, limit);
    size_t size = st == PD_OK ? (size_t)about.st_size : 0, done = 0;
    char *bytes = st == PD_OK ? pd_arena_alloc(arena, size + 1) : NULL;
    if (st == PD_OK && !bytes)
        st = pd_fail_memory(err);
    while (st == PD_OK && done < size) {
        ssize_t n = pread(fd, bytes + done, size - done, (off_t)done);
        if (n < 0 && errno != EINTR)
            st = pd_fail_errno(err, PD_IO, "read %s/%s", folder->path, path);
        if (n == 0)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    if (st == PD_OK)
        *out = (pd_str){bytes, done};
    return st;
}

/* ---- Whose it is ---- */

static bool take_line(pd_str *rest, const char *word, pd_str *value) {
    pd_str line, key = pd_str_from(word);
    if (!pd_str_split(rest, '\n', &line) || !pd_str_starts(line, key))
        return false;
    *value = pd_str_sub(line, key.len, line.len);
    return value->len > 0;
}

static enum pd_status read_identity(struct backup_folder *f, struct pd_error *err) {
    pd_str text;
    enum pd_status st = backup_file_get(f, IDENTITY, IDENTITY_MAX, f->arena, &text, err);
    if (st != PD_OK)
        return st;
    if (!pd_str_starts(text, PD_STR("polder backups ")))
        return pd_fail(err, PD_INTERNAL, "%s/%s is damaged", f->path, IDENTITY);
    if (!pd_str_starts(text, pd_str_from(FORM)))
        return pd_fail(err, PD_UNSUPPORTED,
                       "%s holds backups of a newer form; this program reads form 1", f->path);
    pd_str rest = pd_str_sub(text, sizeof(FORM) - 1, text.len);
    if (!take_line(&rest, "origin ", &f->origin) || !take_line(&rest, "node ", &f->node))
        return pd_fail(err, PD_INTERNAL, "%s/%s is damaged", f->path, IDENTITY);
    return PD_OK;
}

static enum pd_status write_identity(struct backup_folder *f, pd_str origin, pd_str node,
                                     struct pd_error *err) {
    pd_str text =
        pd_arena_printf(f->arena, "%sorigin %.*s\nnode %.*s\n", FORM, pd_arg(origin), pd_arg(node));
    f->origin = pd_arena_str(f->arena, origin);
    f->node = pd_arena_str(f->arena, node);
    if (!text.data || !f->origin.data || !f->node.data)
        return pd_fail_memory(err);
    return backup_file_put(f, IDENTITY, text, err);
}

static enum pd_status check_identity(const struct backup_folder *f, pd_str origin, pd_str node,
                                     struct pd_error *err) {
    if ((!origin.len || pd_str_eq(origin, f->origin)) && (!node.len || pd_str_eq(node, f->node)))
        return PD_OK;
    return pd_fail(err, PD_DENIED,
                   "%s holds the backups of another node, \"%.*s\" (%.*s), not of \"%.*s\" (%.*s); "
                   "each node has a folder of backups of its own",
                   f->path, pd_arg(f->origin), pd_arg(f->node), pd_arg(origin), pd_arg(node));
}

/* ---- Opening ---- */

static bool is_there(const struct backup_folder *f, const char *name) {
    return faccessat(f->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A folder that is to become one of backups holds nothing, or what a first try left. */
static enum pd_status check_fresh(const struct backup_folder *f, struct pd_error *err) {
    static const char *const ours[] = {
        ".", "..", "lock", "pieces", "backups", "polder-backups.new", "lost+found"};
    int fd = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return pd_fail_errno(err, PD_IO, "list %s", f->path);
    enum pd_status st = PD_OK;
    const struct dirent *entry;
    while (st == PD_OK && (entry = readdir(dir)) != NULL) {
        bool is_ours = false;
        for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
            is_ours = is_ours || strcmp(entry->d_name, ours[i]) == 0;
        if (!is_ours)
            st = pd_fail(err, PD_INVALID,
                         "%s is not a folder of backups, and not empty: it holds \"%s\"; backups "
                         "need a folder of their own",
                         f->path, entry->d_name);
    }
    closedir(dir);
    return st;
}

static enum pd_status take_lock(struct backup_folder *f, struct pd_error *err) {
    f->lock_fd = openat(f->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (f->lock_fd < 0)
        return pd_fail_errno(err, PD_IO, "open %s/lock", f->path);
    if (flock(f->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return PD_OK;
    if (errno != EWOULDBLOCK)
        return pd_fail_errno(err, PD_IO, "lock %s", f->path);
    return pd_fail(err, PD_CONFLICT, "another backup is being written to %s; wait until it ends",
                   f->path);
}

static enum pd_status make_dirs(struct backup_folder *f, struct pd_error *err) {
    static const char *const dirs[] = {"pieces", "backups"};
    for (size_t i = 0; i < 2; i++)
        if (mkdirat(f->fd, dirs[i], 0700) != 0 && errno != EEXIST)
            return pd_fail_errno(err, PD_IO, "make %s/%s", f->path, dirs[i]);
    return backup_sync(f, ".", err);
}

static enum pd_status open_writing(struct backup_folder *f, pd_str origin, pd_str node,
                                   struct pd_error *err) {
    enum pd_status st = is_there(f, IDENTITY) ? PD_OK : check_fresh(f, err);
    if (st == PD_OK)
        st = take_lock(f, err);
    if (st == PD_OK)
        st = make_dirs(f, err);
    if (st == PD_OK && !is_there(f, IDENTITY))
        return write_identity(f, origin, node, err);
    if (st == PD_OK)
        st = read_identity(f, err);
    if (st == PD_OK)
        st = check_identity(f, origin, node, err);
    /* A cut-off backup made no piece durable: none of those that no manifest names can be trusted.
     */
    struct backup_tally freed;
    if (st == PD_OK && is_there(f, "unfinished"))
        st = backup_sweep(f, &freed, err);
    if (st == PD_OK && unlinkat(f->fd, "unfinished", 0) != 0 && errno != ENOENT)
        st = pd_fail_errno(err, PD_IO, "remove %s/unfinished", f->path);
    return st;
}

static enum pd_status open_reading(struct backup_folder *f, pd_str origin, pd_str node,
                                   struct pd_error *err) {
    if (!is_there(f, IDENTITY))
        return pd_fail(err, PD_NOT_FOUND, "%s holds no backups: it has no file \"%s\"", f->path,
                       IDENTITY);
    enum pd_status st = read_identity(f, err);
    return st == PD_OK ? check_identity(f, origin, node, err) : st;
}

enum pd_status backup_open(const char *path, enum backup_mode mode, pd_str origin, pd_str node,
                           struct backup_folder **out, struct pd_error *err) {
    if (path[0] == '\0')
        return pd_fail(err, PD_USAGE, "the name of the folder of backups is empty");
    if (mode == BACKUP_WRITE && mkdir(path, 0700) != 0 && errno != EEXIST)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO,
                             "make the folder of backups %s", path);
    struct backup_folder *f = calloc(1, sizeof(*f));
    if (!f)
        return pd_fail_memory(err);
    f->mode = mode;
    f->lock_fd = -1;
    f->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    f->path = strdup(path);
    f->arena = pd_arena_new((size_t)1 << 20);
    enum pd_status st = PD_OK;
    if (f->fd < 0)
        st = pd_fail_errno(err,
                           errno == ENOENT    ? PD_NOT_FOUND
                           : errno == ENOTDIR ? PD_INVALID
                                              : PD_IO,
                           "open the folder of backups %s", path);
    else if (!f->path || !f->arena)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        st = mode == BACKUP_WRITE ? open_writing(f, origin, node, err)
                                  : open_reading(f, origin, node, err);
    if (st != PD_OK) {
        backup_close(f);
        return st;
    }
    *out = f;
    return PD_OK;
}

void backup_close(struct backup_folder *f) {
    if (!f)
        return;
    for (size_t i = 0; i < f->manifest_count; i++)
        json_decref(f->manifests[i]);
    free(f->manifests);
    if (f->lock_fd >= 0)
        close(f->lock_fd);
    if (f->fd >= 0)
        close(f->fd);
    pd_arena_free(f->arena);
    free(f->path);
    free(f);
}

pd_str backup_origin(const struct backup_folder *f) {
    return f->origin;
}

pd_str backup_node(const struct backup_folder *f) {
    return f->node;
}
