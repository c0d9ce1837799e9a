/* The SQLite driver: connections set up alike, statements kept, codes turned into statuses. */
#include "store/store_impl.h"
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEPT_STATEMENTS = 64,
    BUSY_TIMEOUT_MS = 1000, /* then the transaction runner tries again */
    RELIEVE_PAGES = 2000    /* 8 MB of the log of writes are copied at a time, beside who commits */
};

struct statement {
    sqlite3_stmt *handle;
    const char *text; /* where it stood, of the caller's; never read */
    bool in_use;
    bool is_ordered; /* its parameters are $1, $2, ... where they stand, as was seen once */
    uint64_t used_at; /* count of uses, to find the one that waited longest */
};

struct sqlite_db {
    struct store_db base;
    sqlite3 *handle;
    uint64_t uses;
    bool is_relieving; /* it copies the log of writes itself (store_sqlite_relieve) */
    int log_pages, log_copied; /* pages in the log at its last commit; of these in the database */
    struct statement kept[KEPT_STATEMENTS];
};

struct sqlite_rows {
    struct store_rows base;
    sqlite3_stmt *handle;
    struct statement *kept; /* NULL: a statement of its own */
};

static struct sqlite_db *of(struct store_db *db) {
    return (struct sqlite_db *)db;
}

static const struct sqlite_rows *rows_of(const struct store_rows *rows) {
    return (const struct sqlite_rows *)rows;
}

/* ---- Errors ---- */

static const struct meaning {
    int code;
    enum pd_status status;
    const char *advice;
} meanings[] = {
    {SQLITE_FULL, PD_IO, ": make room and try again"},
    {SQLITE_IOERR, PD_IO, ""},
    {SQLITE_CANTOPEN, PD_IO, ""},
    {SQLITE_PERM, PD_IO, ""},
    {SQLITE_BUSY, PD_UNAVAILABLE, ": another program holds it; try again"},
    {SQLITE_LOCKED, PD_UNAVAILABLE, ": another statement holds it; try again"},
    {SQLITE_CONSTRAINT, PD_CONFLICT, ""},
    {SQLITE_CORRUPT, PD_INTERNAL, ": the file is damaged; restore it from a backup"},
    {SQLITE_NOTADB, PD_INTERNAL, ": the file is damaged; restore it from a backup"},
    {SQLITE_READONLY, PD_DENIED, ""},
    {SQLITE_NOMEM, PD_LIMIT, ""},
    {SQLITE_TOOBIG, PD_LIMIT, ""},
};

/* SQLite passes the cause on only in some places; its open files remember the last one of each. */
static int system_errno(struct sqlite_db *db) {
    int cause = sqlite3_system_errno(db->handle);
    sqlite3_file *log = NULL;
    if (cause == 0)
        sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_LAST_ERRNO, &cause);
    if (cause == 0)
        sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (log != NULL && log->pMethods != NULL)
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &cause);
    return cause;
}

static enum pd_status failed(struct sqlite_db *db, struct pd_error *err) {
    int code = sqlite3_extended_errcode(db->handle);
    const char *words = sqlite3_errmsg(db->handle);
    if (code == SQLITE_IOERR_NOMEM)
        return pd_fail_memory(err);
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        const struct meaning *m = &meanings[i];
        if (m->code != (code & 0xff))
            continue;
        if (m->status == PD_UNAVAILABLE)
            db->base.asks_retry = true;
        /* What it can't open for writing (here the log of writes), SQLite opens for reading. */
        if (m->code == SQLITE_READONLY && db->base.writable)
            return pd_fail(err, PD_IO,
                           "%s can't be opened for writing: look at its rights and the disk",
                           db->base.name);
        bool is_system = m->code == SQLITE_IOERR || m->code == SQLITE_CANTOPEN;
        int cause = is_system ? system_errno(db) : 0;
        if (cause == 0)
            return pd_fail(err, m->status, "%s: %s%s", db->base.name, words, m->advice);
        errno = cause;
        return pd_fail_errno(err, m->status, "%s: %s", db->base.name, words);
    }
    return pd_fail(err, PD_INTERNAL, "%s: %s (SQLite code %d)", db->base.name, words, code);
}

/* ---- Connections ---- */

static enum pd_status script(struct store_db *base, const char *text, struct pd_error *err) {
    struct sqlite_db *db = of(base);
    if (sqlite3_exec(db->handle, text, NULL, NULL, NULL) != SQLITE_OK)
        return failed(db, err);
    return PD_OK;
}

/* Readers can work beside a writer only with a write-ahead log. */
static enum pd_status choose_journal(struct store_db *db, struct pd_error *err) {
    static const struct sql CHOOSE = {.sqlite = "PRAGMA journal_mode = WAL"};
    struct store_rows *rows = NULL;
    bool has = false;
    enum pd_status st = store_db_select(db, CHOOSE, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !(has && pd_str_is(store_str(rows, 0), "wal")))
        st = pd_fail(err, PD_UNSUPPORTED,
                     "%s: the file system has no shared memory for a write-ahead log; "
                     "put the data folder on a local disk",
                     db->name);
    store_rows_close(rows);
    return st;
}

static enum pd_status configure(struct sqlite_db *db, struct store_db_options options,
                                struct pd_error *err) {
    static const char SETTINGS[] =
        "PRAGMA synchronous = FULL;"
        "PRAGMA foreign_keys = ON;"
        "PRAGMA trusted_schema = OFF;"
        "PRAGMA cell_size_check = ON;"
        "PRAGMA wal_autocheckpoint = 8000;" /* 32 MB: each costs two waits for the disk */
        "PRAGMA temp_store = MEMORY;";      /* no governed value in a temporary file elsewhere */
    static const int SWITCHES[][2] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1}, {SQLITE_DBCONFIG_DQS_DDL, 0}, {SQLITE_DBCONFIG_DQS_DML, 0}};
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    for (size_t i = 0; i < sizeof(SWITCHES) / sizeof(SWITCHES[0]); i++)
        if (sqlite3_db_config(db->handle, SWITCHES[i][0], SWITCHES[i][1], NULL) != SQLITE_OK)
            return failed(db, err);
    enum pd_status st = script(&db->base, SETTINGS, err);
    if (st == PD_OK && options.secure_delete)
        st = script(&db->base, "PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 4000", err);
    if (st == PD_OK && options.cache_kib) {
        char text[64];
        snprintf(text, sizeof(text), "PRAGMA cache_size = -%u", options.cache_kib);
        st = script(&db->base, text, err);
    }
    if (st == PD_OK && db->base.writable)
        st = choose_journal(&db->base, err);
    return st;
}

static void close_db(struct store_db *base) {
    struct sqlite_db *db = of(base);
    for (size_t i = 0; i < KEPT_STATEMENTS; i++)
        sqlite3_finalize(db->kept[i].handle);
    sqlite3_close(db->handle);
    free(db);
}

/* ---- The log of writes ---- */

/* Called by SQLite after each commit, instead of copying then. */
static int count_pages(void *context, sqlite3 *handle, const char *name, int pages) {
    struct sqlite_db *db = context;
    (void)handle, (void)name;
    db->log_pages = pages;
    return SQLITE_OK;
}

enum pd_status store_sqlite_relieve(struct store_db *base, struct pd_error *err) {
    struct sqlite_db *db = of(base);
    if (!db->is_relieving) {
        sqlite3_wal_hook(db->handle, count_pages, db);
        db->is_relieving = true;
    }
    if (db->log_pages < db->log_copied) /* the log began anew meanwhile */
        db->log_copied = 0;
    if (db->log_pages - db->log_copied < RELIEVE_PAGES)
        return PD_OK;
    int pages = 0;
    int code = sqlite3_wal_checkpoint_v2(db->handle, "main", SQLITE_CHECKPOINT_PASSIVE, &pages,
                                         &db->log_copied);
    return code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY ? PD_OK : failed(db, err);
}

/* ---- Whole copies ---- */

/* All pages in one step: of one moment, and a writer with a write-ahead log need not wait. */
static enum pd_status copy_all(sqlite3 *from, sqlite3 *to, const char *name, struct pd_error *err) {
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");
    if (copy == NULL)
        return pd_fail(err, PD_IO, "%s: %s", name, sqlite3_errmsg(to));
    sqlite3_backup_step(copy, -1);
    int code = sqlite3_backup_finish(copy);
    if (code == SQLITE_OK)
        return PD_OK;
    enum pd_status st = (code & 0xff) == SQLITE_CORRUPT || code == SQLITE_NOTADB ? PD_INTERNAL
                        : (code & 0xff) == SQLITE_BUSY                           ? PD_UNAVAILABLE
                                                                                 : PD_IO;
    return pd_fail(err, st, "%s: copy it: %s", name, sqlite3_errstr(code));
}

enum pd_status store_sqlite_copy_out(struct store_db *db, const char *path, struct pd_error *err) {
    sqlite3 *to = NULL;
    enum pd_status st = PD_OK;
    /* The copy is made durable by SQLite itself, as a transaction. */
    if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        st = pd_fail(err, PD_IO, "open %s: %s", path, to ? sqlite3_errmsg(to) : "no memory");
    if (st == PD_OK)
        st = copy_all(of(db)->handle, to, db->name, err);
    if (sqlite3_close(to) != SQLITE_OK && st == PD_OK)
        st = pd_fail(err, PD_IO, "close %s", path);
    return st;
}

enum pd_status store_sqlite_copy_in(struct store_db *db, const char *path, struct pd_error *err) {
    sqlite3 *from = NULL;
    enum pd_status st = PD_OK;
    for (size_t i = 0; i < KEPT_STATEMENTS; i++) { /* they are of tables that may be others now */
        sqlite3_finalize(of(db)->kept[i].handle);
        of(db)->kept[i] = (struct statement){0};
    }
    if (sqlite3_open_v2(path, &from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        st = pd_fail(err, PD_IO, "open %s: %s", path, from ? sqlite3_errmsg(from) : "no memory");
    if (st == PD_OK)
        st = copy_all(from, of(db)->handle, db->name, err);
    sqlite3_close(from);
    return st;
}

/* ---- Statements ---- */

static enum pd_status prepare(struct sqlite_db *db, const char *sql, sqlite3_stmt **out,
                              struct pd_error *err) {
    const char *rest = NULL;
    if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, &rest) !=
        SQLITE_OK) {
        enum pd_status st = failed(db, err);
        pd_wrap(err, "in the statement \"%.120s\"", sql);
        return st;
    }
    /* A second statement would be left out without a word. */
    if (*out == NULL || rest[strspn(rest, " \t\r\n;")] != '\0') {
        sqlite3_finalize(*out);
        *out = NULL;
        return pd_fail(err, PD_INTERNAL, "\"%.120s\" is not one SQL statement", sql);
    }
    return PD_OK;
}

static bool is_of(const struct statement *s, const char *sql) {
    return s->handle != NULL && !s->in_use && strcmp(sqlite3_sql(s->handle), sql) == 0;
}

/* Finds the kept statement with this text, or the place for it; NULL if all are in use. Most texts
 * are constants: one that stands where it stood before is the same, and is compared only to be sure. */
static struct statement *find_kept(struct sqlite_db *db, const char *sql) {
    struct statement *place = NULL;
    for (size_t i = 0; i < KEPT_STATEMENTS; i++)
        if (db->kept[i].text == sql && is_of(&db->kept[i], sql))
            return &db->kept[i];
    for (size_t i = 0; i < KEPT_STATEMENTS; i++) {
        struct statement *s = &db->kept[i];
        if (s->in_use)
            continue;
        if (is_of(s, sql))
            return s;
        if (place == NULL ||
            (place->handle != NULL && (s->handle == NULL || s->used_at < place->used_at)))
            place = s;
    }
    if (place != NULL) {
        sqlite3_finalize(place->handle);
        place->handle = NULL;
    }
    return place;
}

static void give_back(struct sqlite_rows *rows) {
    if (rows->kept == NULL) {
        sqlite3_finalize(rows->handle);
        return;
    }
    sqlite3_reset(rows->handle); /* repeats the code of the last step, which was reported then */
    sqlite3_clear_bindings(rows->handle);
    rows->kept->in_use = false;
}

static int bind_one(sqlite3_stmt *handle, int at, struct store_value v,
                    sqlite3_destructor_type keep) {
    /* SQLite takes a NULL pointer for the NULL value, whatever the length. */
    const char *bytes = v.bytes.data ? v.bytes.data : "";
    switch (v.type) {
    case STORE_INT:
        return sqlite3_bind_int64(handle, at, v.number);
    case STORE_TEXT:
        return sqlite3_bind_text64(handle, at, bytes, v.bytes.len, keep, SQLITE_UTF8);
    case STORE_BLOB:
        return sqlite3_bind_blob64(handle, at, bytes, v.bytes.len, keep);
    case STORE_NULL:
        break;
    }
    return sqlite3_bind_null(handle, at);
}

/* To SQLite "$2" is a name; its position is where it was first seen. PostgreSQL counts. */
static enum pd_status find_value(sqlite3_stmt *handle, int at, size_t count, uint64_t *out,
                                 struct pd_error *err) {
    pd_str name = pd_str_from(sqlite3_bind_parameter_name(handle, at));
    if (!pd_str_starts(name, PD_STR("$")) || !pd_parse_u64(pd_str_sub(name, 1, name.len), out) ||
        *out < 1 || *out > count)
        return pd_fail(err, PD_INTERNAL, "\"%.120s\": the parameter %.*s is not $1 to $%zu",
                       sqlite3_sql(handle), pd_arg(name), count);
    return PD_OK;
}

/* `*is_ordered`: whether the names need no reading any more. */
static enum pd_status bind(struct sqlite_db *db, sqlite3_stmt *handle,
                           const struct store_value *values, size_t count,
                           sqlite3_destructor_type keep, bool *is_ordered, struct pd_error *err) {
    int parameters = sqlite3_bind_parameter_count(handle);
    bool was_ordered = *is_ordered, in_order = true;
    if ((size_t)parameters != count)
        return pd_fail(err, PD_INTERNAL, "\"%.120s\" uses %d parameters, %zu values were given",
                       sqlite3_sql(handle), parameters, count);
    for (int i = 1; i <= parameters; i++) {
        uint64_t n = (uint64_t)i;
        if (!was_ordered && find_value(handle, i, count, &n, err) != PD_OK)
            return PD_INTERNAL;
        in_order = in_order && n == (uint64_t)i;
        if (bind_one(handle, i, values[n - 1], keep) != SQLITE_OK)
            return failed(db, err);
    }
    *is_ordered = in_order;
    return PD_OK;
}

/* Takes a statement, kept or new, and binds its values. `rows` need not be on the heap. */
static enum pd_status take(struct sqlite_db *db, const char *sql, const struct store_value *values,
                           size_t count, sqlite3_destructor_type keep, struct sqlite_rows *rows,
                           struct pd_error *err) {
    /* After some errors SQLite rolls back by itself. Whatever `body` does then must not be
       committed statement by statement. */
    if (db->base.began && sqlite3_get_autocommit(db->handle))
        return pd_fail(err, PD_IO, "%s: an earlier failure has undone this transaction",
                       db->base.name);
    *rows = (struct sqlite_rows){.base = {.db = &db->base}, .kept = find_kept(db, sql)};
    if (rows->kept != NULL)
        rows->handle = rows->kept->handle;
    bool is_ordered = rows->handle != NULL && rows->kept->is_ordered;
    if (rows->handle == NULL) {
        enum pd_status st = prepare(db, sql, &rows->handle, err);
        if (st != PD_OK)
            return st;
    }
    if (rows->kept != NULL)
        *rows->kept = (struct statement){
            .handle = rows->handle, .text = sql, .in_use = true, .used_at = ++db->uses};
    enum pd_status st = bind(db, rows->handle, values, count, keep, &is_ordered, err);
    if (rows->kept != NULL)
        rows->kept->is_ordered = st == PD_OK && is_ordered;
    if (st != PD_OK)
        give_back(rows);
    return st;
}

static enum pd_status run(struct store_db *base, const char *sql, const struct store_value *values,
                          size_t count, int64_t *changed, struct pd_error *err) {
    struct sqlite_db *db = of(base);
    struct sqlite_rows rows;
    enum pd_status st = take(db, sql, values, count, SQLITE_STATIC, &rows, err);
    if (st != PD_OK)
        return st;
    int64_t before = sqlite3_total_changes64(db->handle);
    int code = sqlite3_step(rows.handle);
    if (code == SQLITE_ROW)
        st = pd_fail(err, PD_INTERNAL, "\"%.120s\" returns rows; it needs store_select", sql);
    else if (code != SQLITE_DONE)
        st = failed(db, err);
    else if (changed != NULL) /* SQLite keeps the old count through statements that change no row */
        *changed =
            sqlite3_total_changes64(db->handle) == before ? 0 : sqlite3_changes64(db->handle);
    give_back(&rows);
    return st;
}

/* ---- Rows ---- */

static enum pd_status select_rows(struct store_db *base, const char *sql,
                                  const struct store_value *values, size_t count,
                                  struct store_rows **out, struct pd_error *err) {
    struct sqlite_rows *rows = calloc(1, sizeof(*rows));
    if (rows == NULL)
        return pd_fail_memory(err);
    enum pd_status st = take(of(base), sql, values, count, SQLITE_TRANSIENT, rows, err);
    if (st != PD_OK) {
        free(rows);
        return st;
    }
    *out = &rows->base;
    return PD_OK;
}

static enum pd_status next(struct store_rows *base, bool *has, struct pd_error *err) {
    int code = sqlite3_step(rows_of(base)->handle);
    base->has_row = code == SQLITE_ROW;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return failed(of(base->db), err);
    *has = base->has_row;
    return PD_OK;
}

static void rows_close(struct store_rows *base) {
    struct sqlite_rows *rows = (struct sqlite_rows *)base;
    give_back(rows);
    free(rows);
}

static size_t columns(const struct store_rows *base) {
    return (size_t)sqlite3_column_count(rows_of(base)->handle);
}

static const char *column_name(const struct store_rows *base, size_t column) {
    return sqlite3_column_name(rows_of(base)->handle, (int)column);
}

static struct store_value column(const struct store_rows *base, size_t column) {
    sqlite3_stmt *handle = rows_of(base)->handle;
    int at = (int)column;
    switch (sqlite3_column_type(handle, at)) {
    case SQLITE_NULL:
        return STORE_NONE;
    case SQLITE_INTEGER:
        return STORE_I64(sqlite3_column_int64(handle, at));
    case SQLITE_BLOB: {
        const char *bytes = sqlite3_column_blob(handle, at);
        return STORE_BYTES(((pd_str){bytes, (size_t)sqlite3_column_bytes(handle, at)}));
    }
    default: { /* no table has floating point; a computed one is read as text */
        const char *bytes = (const char *)sqlite3_column_text(handle, at);
        return STORE_STR(((pd_str){bytes, (size_t)sqlite3_column_bytes(handle, at)}));
    }
    }
}

/* ---- Transactions ---- */

static enum pd_status begin(struct store_db *base, struct pd_error *err) {
    /* IMMEDIATE takes the write lock now: a transaction that reads first and writes later could
       find that somebody wrote in between, and no waiting would help it. */
    return run(base, base->writable ? "BEGIN IMMEDIATE" : "BEGIN", NULL, 0, NULL, err);
}

static enum pd_status commit(struct store_db *base, struct pd_error *err) {
    return run(base, "COMMIT", NULL, 0, NULL, err);
}

static void rollback(struct store_db *base) {
    /* What fails here has been rolled back by SQLite already, or will be when the file is next
       opened: a transaction without its commit record never counts. */
    if (!sqlite3_get_autocommit(of(base)->handle))
        sqlite3_exec(of(base)->handle, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- The driver ---- */

/* No locks by name: a data folder has one writer, and readers take none. */
static const struct store_driver SQLITE = {
    .dialect = STORE_SQLITE,
    .close = close_db,
    .script = script,
    .run = run,
    .select = select_rows,
    .next = next,
    .rows_close = rows_close,
    .columns = columns,
    .column_name = column_name,
    .column = column,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
};

/* SQLite counts the memory of the process behind one lock: many threads wait for it, and nobody reads the count. */
static void count_no_memory(void) {
    (void)!sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* too late: it counts, and that is all */
}

enum pd_status store_sqlite_open(const char *path, struct store_db_options options,
                                 struct store_db **out, struct pd_error *err) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, count_no_memory);
    struct sqlite_db *db = calloc(1, sizeof(*db));
    if (db == NULL)
        return pd_fail_memory(err);
    db->base =
        (struct store_db){.driver = &SQLITE, .name = options.name, .writable = options.writable};
    int flags =
        (options.writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
    enum pd_status st = PD_OK;
    if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK)
        st = db->handle ? failed(db, err) : pd_fail_memory(err);
    /* What can't be opened for writing, SQLite opens for reading, and says so at the first write.
     */
    if (st == PD_OK && options.writable && sqlite3_db_readonly(db->handle, "main") == 1)
        st = pd_fail(err, PD_IO, "%s can't be opened for writing: look at its rights and the disk",
                     path);
    if (st == PD_OK)
        st = configure(db, options, err);
    if (st != PD_OK) {
        store_db_close(&db->base);
        return st;
    }
    *out = &db->base;
    return PD_OK;
}
