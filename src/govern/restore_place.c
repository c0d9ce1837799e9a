/* Where a backup is restored to: nothing counts before all of it does. */
#include "govern/restore.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char STAGING[] = "restoring";
/* What moves up, in this order: one of the last two makes it a node. */
static const char *const CHILDREN[] = {
    "ledger",        "open",          "vault",    "staging",     "upgrade",
    "lock",          "node.key",      "keys.db",  "keys.db-wal", "keys.db-shm",
    "polder.db-wal", "polder.db-shm", "database", "polder.db"};
enum { CHILD_COUNT = sizeof(CHILDREN) / sizeof(CHILDREN[0]) };

static bool is_there(const struct restore_place *place, const char *name) {
    return faccessat(place->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_ours(const char *name) {
    for (size_t i = 0; i < CHILD_COUNT; i++)
        if (strcmp(name, CHILDREN[i]) == 0)
            return true;
    return strcmp(name, STAGING) == 0;
}

/* Empty, but for what an earlier try left; a mount point may have a lost+found. */
static enum pd_status check_empty(const struct restore_place *place, struct pd_error *err) {
    if (is_there(place, "polder.db") || is_there(place, "database"))
        return pd_fail(err, PD_INVALID,
                       "%s holds a node; a backup is restored into an empty folder only, so that "
                       "nothing is lost. Move that one away first",
                       place->path);
    int fd = openat(place->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return pd_fail_errno(err, PD_IO, "list %s", place->path);
    }
    bool is_cut_off = is_there(place, STAGING);
    enum pd_status st = PD_OK;
    const struct dirent *entry;
    while (st == PD_OK && (entry = readdir(dir)) != NULL) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "lost+found") == 0)
            continue;
        if (!is_cut_off || !is_ours(name))
            st = pd_fail(err, PD_INVALID,
                         "%s is not empty: it holds \"%s\"; a backup is restored into an empty "
                         "folder only",
                         place->path, name);
    }
    closedir(dir);
    return st;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where) {
    (void)about, (void)kind, (void)where;
    return remove(path);
}

enum pd_status restore_place_clear(struct restore_place *place, struct pd_error *err) {
    for (size_t i = 0; i <= CHILD_COUNT; i++) {
        char path[4096];
        const char *name = i < CHILD_COUNT ? CHILDREN[i] : STAGING;
        int n = snprintf(path, sizeof(path), "%s/%s", place->path, name);
        if (!is_there(place, name))
            continue;
        if (n < 0 || (size_t)n >= sizeof(path) || nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS))
            return pd_fail_errno(err, PD_IO, "remove %s/%s, which was left half-restored",
                                 place->path, name);
    }
    return PD_OK;
}

enum pd_status restore_place_open(const char *path, struct pd_arena *arena,
                                  struct restore_place *out, struct pd_error *err) {
    struct restore_place place = {.path = path};
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO, "make the folder %s",
                             path);
    place.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (place.fd < 0)
        return pd_fail_errno(err, errno == ENOTDIR ? PD_INVALID : PD_IO, "open the folder %s",
                             path);
    enum pd_status st = PD_OK;
    struct stat about;
    if (flock(place.fd, LOCK_EX | LOCK_NB) != 0)
        st =
            pd_fail(err, PD_CONFLICT, "another process restores into %s; wait until it ends", path);
    else if (fstat(place.fd, &about) != 0 || (about.st_mode & 022) != 0)
        st = pd_fail(err, PD_DENIED,
                     "other users may write in %s, and so replace what it will hold; run: chmod "
                     "700 %s",
                     path, path);
    if (st == PD_OK)
        st = check_empty(&place, err);
    if (st == PD_OK)
        st = restore_place_clear(&place, err);
    place.staging = pd_arena_printf(arena, "%s/%s", path, STAGING);
    if (st == PD_OK && !place.staging.data)
        st = pd_fail_memory(err);
    if (st != PD_OK) {
        close(place.fd);
        return st;
    }
    *out = place;
    return PD_OK;
}

enum pd_status restore_place_keep(struct restore_place *place, struct pd_error *err) {
    enum pd_status st = backup_sync_all(place->fd, place->path, err);
    for (size_t i = 0; st == PD_OK && i < CHILD_COUNT; i++) {
        char from[64];
        snprintf(from, sizeof(from), "%s/%s", STAGING, CHILDREN[i]);
        if (!is_there(place, from))
            continue;
        bool is_last = i >= CHILD_COUNT - 2;
        if (is_last && fsync(place->fd) != 0)
            st = pd_fail_errno(err, PD_IO, "make %s durable", place->path);
        if (st == PD_OK && renameat(place->fd, from, place->fd, CHILDREN[i]) != 0)
            st = pd_fail_errno(err, PD_IO, "move %s into %s", from, place->path);
    }
    if (st == PD_OK && fsync(place->fd) != 0)
        st = pd_fail_errno(err, PD_IO, "make %s durable", place->path);
    if (st == PD_OK) /* if it stays, it is an empty folder more */
        unlinkat(place->fd, STAGING, AT_REMOVEDIR);
    return st;
}

void restore_place_close(struct restore_place *place) {
    if (place->fd >= 0)
        close(place->fd); /* frees the lock */
    place->fd = -1;
}
