/* Upgrading: the copy of the database that makes a way back, and the one that is only for trying.
 */
#include "store/store_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char DIR_NAME[] = "upgrade";

enum pd_status store_upgrade_path(const struct store *store, const char *name, char **out,
                                  struct pd_error *err) {
    if (mkdirat(store->folder_fd, DIR_NAME, 0700) != 0 && errno != EEXIST)
        return pd_fail_errno(err, PD_IO, "make %s/%s", store->folder, DIR_NAME);
    size_t size = strlen(store->folder) + sizeof(DIR_NAME) + strlen(name) + 2;
    char *path = malloc(size);
    if (!path)
        return pd_fail_memory(err);
    snprintf(path, size, "%s/%s/%s", store->folder, DIR_NAME, name);
    *out = path;
    return PD_OK;
}

/* SQLite would make the file with other rights. */
static enum pd_status make_empty(const char *path, struct pd_error *err) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return pd_fail_errno(err, PD_IO, "make %s", path);
    close(fd);
    return PD_OK;
}

static enum pd_status sync_dir(const struct store *store, struct pd_error *err) {
    int fd = openat(store->folder_fd, DIR_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum pd_status st = PD_OK;
    if (fd < 0 || fsync(fd) != 0 || fsync(store->folder_fd) != 0)
        st = pd_fail_errno(err, PD_IO, "make %s/%s durable", store->folder, DIR_NAME);
    if (fd >= 0)
        close(fd);
    return st;
}

/* Made under another name: there is never half a way back. */
enum pd_status store_upgrade_prepare(struct store *store, struct pd_error *err) {
    if (store->schema_found >= store->schema_wanted || store->place != NULL)
        return PD_OK; /* over PostgreSQL who calls makes it (STORE_UPGRADE) */
    char *making = NULL, *made = NULL;
    enum pd_status st = store_upgrade_path(store, "before.db.new", &making, err);
    if (st == PD_OK)
        st = store_upgrade_path(store, "before.db", &made, err);
    if (st == PD_OK)
        st = make_empty(making, err);
    if (st == PD_OK)
        st = store_sqlite_copy_out(store->db, making, err);
    if (st == PD_OK && rename(making, made) != 0)
        st = pd_fail_errno(err, PD_IO, "rename %s", making);
    if (st == PD_OK)
        st = sync_dir(store, err);
    if (st != PD_OK) {
        if (making)
            unlink(making);
        pd_wrap(err, "copy the database before it is changed (nothing was)");
    }
    free(making);
    free(made);
    return st;
}

enum pd_status store_upgrade_rehearse(struct store *store, struct pd_error *err) {
    if (store->place != NULL)
        return pd_fail(
            err, PD_UNSUPPORTED,
            "a node over PostgreSQL is rehearsed with a copy: restore its backup into an "
            "empty database (polder restore --database) and upgrade that one");
    enum pd_status st = store_upgrade_path(store, "rehearsal.db", &store->rehearsal, err);
    if (st == PD_OK)
        st = make_empty(store->rehearsal, err);
    if (st == PD_OK)
        st = store_sqlite_copy_out(store->db, store->rehearsal, err);
    if (st != PD_OK)
        return st;
    store_db_close(store->db);
    store->db = NULL;
    return store_sqlite_open(store->rehearsal,
                             (struct store_db_options){"upgrade/rehearsal.db", true, false, 0},
                             &store->db, err);
}

enum pd_status store_upgrade_undo(struct store *store, struct pd_error *err) {
    char *before = NULL;
    if (store->place != NULL)
        return pd_fail(
            err, PD_UNSUPPORTED,
            "over PostgreSQL the way back is the backup that was made before: restore it "
            "into an empty database (polder restore --database)");
    enum pd_status st = store_upgrade_path(store, "before.db", &before, err);
    if (st == PD_OK && access(before, F_OK) != 0)
        st = pd_fail(err, PD_NOT_FOUND, "there is no copy from before an upgrade, %s", before);
    if (st == PD_OK)
        st = store_sqlite_copy_in(store->db, before, err);
    free(before);
    return st;
}

enum pd_status store_open_before(const char *folder, struct store **out, struct pd_error *err) {
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return pd_fail_memory(err);
    store->lock_fd = -1;
    store->folder = strdup(folder);
    store->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char *before = NULL;
    enum pd_status st = PD_OK;
    if (!store->folder)
        st = pd_fail_memory(err);
    else if (store->folder_fd < 0)
        st = pd_fail_errno(err, PD_NOT_FOUND, "open the data folder %s", folder);
    if (st == PD_OK)
        st = store_upgrade_path(store, "before.db", &before, err);
    if (st == PD_OK && access(before, F_OK) != 0)
        st = pd_fail(err, PD_NOT_FOUND, "there is no copy from before an upgrade, %s", before);
    if (st == PD_OK)
        st = store_sqlite_open(before, (struct store_db_options){"upgrade/before.db", false, false, 0},
                               &store->db, err);
    if (st == PD_OK)
        st = store_version_find(store, &store->schema_found, err);
    free(before);
    if (st != PD_OK) {
        store_close(store);
        return st;
    }
    *out = store;
    return PD_OK;
}
