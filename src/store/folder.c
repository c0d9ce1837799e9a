/* The data folder: who may open it, what lies in it, and in what order it comes to be. */
#include "store/store_impl.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The folder above them is closed (0700); an owner may let others in, to the public ones. */
static const struct {
    const char *name;
    mode_t rights;
} DIRS[] = {{"vault", 0700}, {"ledger", 0755}, {"open", 0755}, {"staging", 0700}};
/* Whatever a STORE_CREATE that was cut off may leave, beside the folders. */
static const char *const FILES[] = {
    "lock",          "node.key",      "node.key.next", "database",      "polder.db",
    "polder.db-wal", "polder.db-shm", "polder.db",     "polder.db-wal", "polder.db-shm",
    "keys.db",       "keys.db-wal",   "keys.db-shm"};
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { HOLDER_SIZE = 200 };

/* ---- The folder and its emptiness ---- */

static enum pd_status check_rights(const struct store *store, struct pd_error *err) {
    struct stat about;
    if (fstat(store->folder_fd, &about) != 0)
        return pd_fail_errno(err, PD_IO, "look at %s", store->folder);
    /* Who may write here may exchange node.key and every database. */
    if ((about.st_mode & 022) != 0)
        return pd_fail(err, PD_DENIED,
                       "other users may write in %s (mode %04o), and so replace what it holds; "
                       "run: chmod 700 %s",
                       store->folder, (unsigned)(about.st_mode & 07777), store->folder);
    return PD_OK;
}

static enum pd_status open_folder(struct store *store, struct pd_error *err) {
    bool made = store->mode == STORE_CREATE && mkdir(store->folder, 0700) == 0;
    if (store->mode == STORE_CREATE && !made && errno != EEXIST)
        return pd_fail_errno(err, PD_IO, "make the data folder %s", store->folder);
    store->folder_fd = open(store->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->folder_fd < 0 && errno == ENOENT)
        return pd_fail(err, PD_NOT_FOUND,
                       "there is no folder %s; make a node there with: polder init --data %s",
                       store->folder, store->folder);
    if (store->folder_fd < 0 && errno == ENOTDIR)
        return pd_fail(err, PD_INVALID, "%s is not a folder", store->folder);
    if (store->folder_fd < 0)
        return pd_fail_errno(err, PD_IO, "open the data folder %s", store->folder);
    return made ? PD_OK : check_rights(store, err);
}

static bool exists(const struct store *store, const char *name) {
    return faccessat(store->folder_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_ours(const char *name) {
    for (size_t i = 0; i < COUNT(DIRS); i++)
        if (strcmp(name, DIRS[i].name) == 0)
            return true;
    for (size_t i = 0; i < COUNT(FILES); i++)
        if (strcmp(name, FILES[i]) == 0)
            return true;
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static enum pd_status check_nothing_else(const struct store *store, struct pd_error *err) {
    int fd = openat(store->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        enum pd_status st = pd_fail_errno(err, PD_IO, "list %s", store->folder);
        if (fd >= 0)
            close(fd);
        return st;
    }
    enum pd_status st = PD_OK;
    const struct dirent *entry;
    while (st == PD_OK && (errno = 0, entry = readdir(dir)) != NULL)
        if (!is_ours(entry->d_name))
            st = pd_fail(err, PD_INVALID,
                         "%s is not empty: it holds \"%s\"; a node needs a folder of its own",
                         store->folder, entry->d_name);
    if (st == PD_OK && errno != 0)
        st = pd_fail_errno(err, PD_IO, "list %s", store->folder);
    closedir(dir);
    return st;
}

/* ---- The writer's lock ---- */

enum { SHARED_WAIT_MS = 5000, SHARED_PAUSE_MS = 10 };

static enum pd_status refuse_second(struct store *store, struct pd_error *err) {
    char words[HOLDER_SIZE + 1] = {0};
    ssize_t n = pread(store->lock_fd, words, HOLDER_SIZE, 0);
    words[strcspn(words, "\r\n")] = '\0';
    return pd_fail(err, PD_CONFLICT,
                   "%s is in use by %s; a data folder has one writer at a time: wait until it ends",
                   store->folder, n > 0 && words[0] ? words : "another process");
}

/* *got: false if somebody else holds it. */
static enum pd_status try_lock(const struct store *store, int how, bool *got,
                               struct pd_error *err) {
    *got = flock(store->lock_fd, how | LOCK_NB) == 0;
    return *got || errno == EWOULDBLOCK ? PD_OK
                                        : pd_fail_errno(err, PD_IO, "lock %s", store->folder);
}

/* Over PostgreSQL several may write. Who comes first and alone clears the staging of those who are
 * gone; whoever holds the folder for itself (polder init) lets nobody in. */
static enum pd_status share_lock(struct store *store, bool is_alone, struct pd_error *err) {
    bool is_to_clear = is_alone && exists(store, "staging"); /* else a founding was cut off */
    enum pd_status st = is_to_clear ? store_staging_clear(store, err) : PD_OK;
    bool got = false;
    for (int waited = 0; st == PD_OK && !got; waited += SHARED_PAUSE_MS) {
        st = try_lock(store, LOCK_SH, &got, err);
        if (st == PD_OK && !got && waited >= SHARED_WAIT_MS)
            st = refuse_second(store, err);
        struct timespec pause = {.tv_nsec = SHARED_PAUSE_MS * 1000000L};
        if (st == PD_OK && !got)
            nanosleep(&pause, NULL);
    }
    return st;
}

enum pd_status store_hold_alone(struct store *store, struct pd_error *err) {
    bool got = false;
    if (store->place == NULL)
        return PD_OK; /* one writer at a time in any case */
    enum pd_status st = try_lock(store, LOCK_EX, &got, err);
    if (st != PD_OK || got)
        return st;
    /* The attempt has cost the share that this process had. */
    st = share_lock(store, false, err);
    if (st == PD_OK)
        st = pd_fail(err, PD_CONFLICT,
                     "other commands are writing over %s, and this must be done alone: try again "
                     "when they have ended",
                     store->folder);
    return st;
}

enum pd_status store_share(struct store *store, struct pd_error *err) {
    return store->place == NULL ? PD_OK : share_lock(store, false, err);
}

/* flock(2): the kernel frees it with its holder, however that one ends. */
static enum pd_status take_lock(struct store *store, const char *holder, bool is_shared,
                                struct pd_error *err) {
    store->lock_fd =
        openat(store->folder_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (store->lock_fd < 0)
        return pd_fail_errno(err, PD_IO, "open %s/lock", store->folder);
    bool is_alone = false;
    enum pd_status st = try_lock(store, LOCK_EX, &is_alone, err);
    if (st == PD_OK && is_alone) {
        size_t n = strnlen(holder, HOLDER_SIZE);
        if (ftruncate(store->lock_fd, 0) != 0 || pwrite(store->lock_fd, holder, n, 0) != (ssize_t)n)
            st = pd_fail_errno(err, PD_IO, "write %s/lock", store->folder);
    }
    if (st == PD_OK && !is_alone && !is_shared)
        st = refuse_second(store, err);
    return st == PD_OK && is_shared ? share_lock(store, is_alone, err) : st;
}

/* ---- Making ---- */

static enum pd_status make_dirs(const struct store *store, struct pd_error *err) {
    for (size_t i = 0; i < COUNT(DIRS); i++)
        if (mkdirat(store->folder_fd, DIRS[i].name, DIRS[i].rights) != 0 && errno != EEXIST)
            return pd_fail_errno(err, PD_IO, "make %s/%s", store->folder, DIRS[i].name);
    return PD_OK;
}

/* SQLite gives its log and shared memory the rights of the database, so these decide for all three.
 */
static enum pd_status make_file(const struct store *store, const char *name, struct pd_error *err) {
    int fd = openat(store->folder_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST)
        return pd_fail_errno(err, PD_IO, "make %s/%s", store->folder, name);
    if (fd >= 0)
        close(fd);
    if (fsync(store->folder_fd) != 0)
        return pd_fail_errno(err, PD_IO, "make %s durable", store->folder);
    return PD_OK;
}

/* ---- Opening ---- */

static enum pd_status open_sqlite(struct store *store, struct store_db_options options,
                                  struct store_db **out, struct pd_error *err) {
    enum pd_status st = store->mode == STORE_CREATE ? make_file(store, options.name, err) : PD_OK;
    if (st != PD_OK)
        return st;
    size_t size = strlen(store->folder) + strlen(options.name) + 2;
    char *path = malloc(size);
    if (path == NULL)
        return pd_fail_memory(err);
    snprintf(path, size, "%s/%s", store->folder, options.name);
    st = store_sqlite_open(path, options, out, err);
    free(path);
    return st;
}

/* Acts come in the order of time, but what they are found by doesn't: the one writer keeps more. Handles beside it are many. */
static unsigned cache_of(const struct store *store) {
    enum { WRITER_KIB = 32 << 10, BESIDE_KIB = 1 << 10 };
    if (store->mode == STORE_BESIDE)
        return BESIDE_KIB;
    return store->mode == STORE_WRITE ? WRITER_KIB : 0;
}

static bool is_reader(enum store_mode mode) {
    return mode == STORE_READ || mode == STORE_REHEARSE;
}

static enum pd_status open_database(struct store *store, const char *location,
                                    struct pd_error *err) {
    bool write = !is_reader(store->mode);
    enum pd_status st = store_place_load(store, location, &store->place, err);
    if (st != PD_OK)
        return st;
    return store->place != NULL
               ? store_pg_open(store->place, write, &store->db, err)
               : open_sqlite(store, (struct store_db_options){"polder.db", write, false, cache_of(store)},
                             &store->db, err);
}

static enum pd_status check_node(struct store *store, struct pd_error *err) {
    int64_t version = store->schema_found;
    if (store->place != NULL && version >= 0) {
        enum pd_status st = store_place_compare(store, err);
        if (st != PD_OK)
            return st;
    }
    if (version < 0 && exists(store, "ledger/public/checkpoint"))
        return pd_fail(
            err, PD_INTERNAL,
            "the database of %s is empty, but its ledger isn't: the database was lost or "
            "cut short; restore it from a backup (polder restore)",
            store->folder);
    if (store->mode == STORE_CREATE && version >= 0)
        return pd_fail(err, PD_CONFLICT,
                       "%s holds a node already; choose another folder or use this one",
                       store->folder);
    if (store->mode != STORE_CREATE && version < 0)
        return pd_fail(err, PD_NOT_FOUND,
                       "%s holds no complete node; finish it with: polder init --data %s",
                       store->folder, store->folder);
    return PD_OK;
}

/* The schema comes last: a folder whose database has one is whole, and any other may be made anew.
 */
static enum pd_status open_all(struct store *store, const char *location, struct pd_error *err) {
    bool create = store->mode == STORE_CREATE, write = !is_reader(store->mode);
    enum pd_status st = open_database(store, location, err);
    if (st == PD_OK)
        st = store_version_find(store, &store->schema_found, err);
    if (st == PD_OK)
        st = check_node(store, err);
    if (st == PD_OK)
        st = store_version_check(store, err);
    if (st == PD_OK && create)
        st = make_dirs(store, err);
    if (st == PD_OK && create && store->place != NULL)
        st = store_place_save(store, err);
    if (st == PD_OK && create)
        st = store_node_key_make(store, err);
    if (st == PD_OK)
        st = store_node_key_load(store, err);
    if (st == PD_OK)
        st = open_sqlite(store, (struct store_db_options){"keys.db", write, true, 0}, &store->keys,
                         err);
    if (st == PD_OK && write) /* a key store of an older Polder lacks tables */
        st = store_keys_lay_out(store, err);
    if (st == PD_OK && store->mode == STORE_UPGRADE)
        st = store_upgrade_prepare(store, err);
    if (st == PD_OK && store->mode == STORE_REHEARSE)
        st = store_upgrade_rehearse(store, err);
    if (st == PD_OK)
        st = store_node_key_choose(store, err);
    if (st == PD_OK)
        st = store_migrate(store, err);
    if (st == PD_OK && write && store->mode != STORE_BESIDE && (create || store->place == NULL))
        st = store_staging_clear(store, err); /* else see share_lock */
    return st;
}

/* What the folder's own files say of where the tables are. */
static enum pd_status check_place(const struct store *store, const char *location,
                                  struct pd_error *err) {
    bool is_inside = exists(store, "polder.db"), is_outside = exists(store, "database");
    if (is_inside && is_outside)
        return pd_fail(err, PD_CONFLICT,
                       "%s holds both polder.db and the file \"database\", which says that the "
                       "tables are in PostgreSQL: take away the one that does not belong there",
                       store->folder);
    if (is_inside && location != NULL)
        return pd_fail(err, PD_CONFLICT,
                       "%s keeps its tables in polder.db; --database is for a node that was made "
                       "with it",
                       store->folder);
    if (is_inside || is_outside)
        return PD_OK;
    if (store->mode == STORE_CREATE)
        return check_nothing_else(store, err);
    return pd_fail(err, PD_NOT_FOUND,
                   "there is no node in %s; make one with: polder init --data %s", store->folder,
                   store->folder);
}

static enum pd_status open_store(const char *folder, const char *database, enum store_mode mode,
                                 const char *holder, int64_t schema, const uint8_t *node_key,
                                 struct store **out, struct pd_error *err) {
    if (folder[0] == '\0')
        return pd_fail(err, PD_INVALID, "the data folder's name is empty");
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL)
        return pd_fail_memory(err);
    store->mode = mode;
    store->schema_found = -1;
    store->schema_wanted = schema;
    store->given_node_key = node_key;
    store->folder_fd = store->lock_fd = -1;
    store->folder = strdup(folder);
    enum pd_status st = store->folder ? open_folder(store, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = check_place(store, database, err);
    if (st == PD_OK && !is_reader(mode) && mode != STORE_BESIDE)
        st = take_lock(store, holder, mode == STORE_WRITE && exists(store, "database"), err);
    if (st == PD_OK)
        st = open_all(store, database, err);
    if (st != PD_OK) {
        store_close(store);
        return st;
    }
    store->given_node_key = NULL;
    *out = store;
    return PD_OK;
}

enum pd_status store_open(const char *folder, enum store_mode mode, const char *holder,
                          struct store **out, struct pd_error *err) {
    return store_open_at(folder, NULL, mode, holder, out, err);
}

enum pd_status store_open_at(const char *folder, const char *database, enum store_mode mode,
                             const char *holder, struct store **out, struct pd_error *err) {
    return open_store(folder, database, mode, holder, store_schema_newest(), NULL, out, err);
}

enum pd_status store_make(const char *folder, const char *database, const char *holder,
                          int64_t schema, const uint8_t node_key[CRYPTO_KEY_SIZE],
                          struct store **out, struct pd_error *err) {
    return open_store(folder, database, STORE_CREATE, holder, schema, node_key, out, err);
}

void store_close(struct store *store) {
    if (store == NULL)
        return;
    store_db_close(store->db);
    store_db_close(store->keys);
    store_place_free(store->place);
    store_turn_free(store);
    if (store->rehearsal) {
        unlink(store->rehearsal);
        free(store->rehearsal);
    }
    if (store->lock_fd >= 0)
        close(store->lock_fd); /* frees the lock; the next holder overwrites the words */
    if (store->folder_fd >= 0)
        close(store->folder_fd);
    free(store->folder);
    crypto_wipe(store, sizeof(*store));
    free(store);
}

const char *store_folder(const struct store *store) {
    return store->folder;
}

int64_t store_schema_found(const struct store *store) {
    return store->schema_found;
}
