/* The public face of the database: what both drivers have in common, and the one function through
 * which transactions run. */
#include "crypto/crypto.h"
#include "store/store_impl.h"
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ATTEMPTS = 10, PAUSE_MS = 20, LOCK_PAUSE_MS = 10 };

static void pause_ms(int64_t ms) {
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000L};
    nanosleep(&pause, NULL);
}

/* Several who were asked to try again at one moment must not meet again at the next. */
static void pause_before(int attempt) {
    uint8_t chance;
    crypto_random(&chance, sizeof(chance));
    pause_ms(attempt * PAUSE_MS / 2 + attempt * PAUSE_MS * chance / 256);
}

/* ---- Statements ---- */

static const char *text_for(const struct store_db *db, struct sql sql) {
    const char *own = db->driver->dialect == STORE_SQLITE ? sql.sqlite : sql.pg;
    const char *text = sql.both ? sql.both : own;
    assert(text != NULL);
    return text;
}

/* PostgreSQL has no place for a zero in text, so neither has SQLite here. */
static enum pd_status check_values(const struct store_value *values, size_t count,
                                   struct pd_error *err) {
    for (size_t i = 0; i < count; i++)
        if (values[i].type == STORE_TEXT && values[i].bytes.len > 0 &&
            memchr(values[i].bytes.data, 0, values[i].bytes.len) != NULL)
            return pd_fail(err, PD_INVALID, "a text with a zero byte can't be stored");
    return PD_OK;
}

enum pd_status store_db_run(struct store_db *db, struct sql sql, const struct store_value *values,
                            size_t count, int64_t *changed, struct pd_error *err) {
    enum pd_status st = check_values(values, count, err);
    return st == PD_OK ? db->driver->run(db, text_for(db, sql), values, count, changed, err) : st;
}

/* A statement of its own may be repeated whenever a transaction may. */
static bool is_to_repeat(struct store_db *db, enum pd_status st, int attempt) {
    bool repeats = st == PD_UNAVAILABLE && db->asks_retry && attempt < ATTEMPTS;
    if (repeats)
        pause_before(attempt);
    return repeats;
}

enum pd_status store_db_run_patiently(struct store_db *db, struct sql sql,
                                      const struct store_value *values, size_t count,
                                      int64_t *changed, struct pd_error *err) {
    for (int attempt = 1;; attempt++) {
        db->asks_retry = false;
        enum pd_status st = store_db_run(db, sql, values, count, changed, err);
        if (!is_to_repeat(db, st, attempt))
            return st;
    }
}

enum pd_status store_db_select(struct store_db *db, struct sql sql,
                               const struct store_value *values, size_t count,
                               struct store_rows **out, struct pd_error *err) {
    enum pd_status st = check_values(values, count, err);
    if (st == PD_OK)
        st = db->driver->select(db, text_for(db, sql), values, count, out, err);
    if (st == PD_OK)
        db->open_rows++;
    return st;
}

void store_db_close(struct store_db *db) {
    if (db == NULL)
        return;
    assert(db->open_rows == 0);
    db->driver->close(db);
}

/* ---- Turns ---- */

struct store_turn {
    pthread_mutex_t lock;
};

enum pd_status store_take_turns(struct store *store, struct store *first, struct pd_error *err) {
    if (first->turn == NULL) {
        struct store_turn *turn = malloc(sizeof(*turn));
        if (turn == NULL || pthread_mutex_init(&turn->lock, NULL) != 0) {
            free(turn);
            return pd_fail_memory(err);
        }
        first->turn = turn;
        first->owns_turn = true;
    }
    store->turn = first->turn;
    return PD_OK;
}

void store_turn_free(struct store *store) {
    if (!store->owns_turn)
        return;
    pthread_mutex_destroy(&store->turn->lock);
    free(store->turn);
}

enum pd_status store_relieve(struct store *store, struct pd_error *err) {
    return store->db->driver->dialect == STORE_SQLITE ? store_sqlite_relieve(store->db, err) : PD_OK;
}

/* PostgreSQL has many writers. */
static void begin_turn(const struct store *store) {
    if (store->turn != NULL && store->db->driver->dialect == STORE_SQLITE)
        pthread_mutex_lock(&store->turn->lock);
}

static void end_turn(const struct store *store) {
    if (store->turn != NULL && store->db->driver->dialect == STORE_SQLITE)
        pthread_mutex_unlock(&store->turn->lock);
}

enum pd_status store_run(struct store *store, struct sql sql, const struct store_value *values,
                         size_t count, int64_t *changed, struct pd_error *err) {
    if (store->db->began)
        return store_db_run(store->db, sql, values, count, changed, err);
    begin_turn(store);
    /* SQLite has waited for the others by itself. */
    enum pd_status st = store->db->driver->dialect == STORE_POSTGRESQL
                            ? store_db_run_patiently(store->db, sql, values, count, changed, err)
                            : store_db_run(store->db, sql, values, count, changed, err);
    end_turn(store);
    return st;
}

enum pd_status store_select(struct store *store, struct sql sql, const struct store_value *values,
                            size_t count, struct store_rows **out, struct pd_error *err) {
    bool is_alone = !store->db->began && store->db->driver->dialect == STORE_POSTGRESQL;
    for (int attempt = 1;; attempt++) {
        store->db->asks_retry = store->db->asks_retry && !is_alone;
        enum pd_status st = store_db_select(store->db, sql, values, count, out, err);
        if (!is_alone || !is_to_repeat(store->db, st, attempt))
            return st;
    }
}

/* ---- Rows ---- */

enum pd_status store_next(struct store_rows *rows, bool *has, struct pd_error *err) {
    return rows->db->driver->next(rows, has, err);
}

void store_rows_close(struct store_rows *rows) {
    if (rows == NULL)
        return;
    rows->db->open_rows--;
    rows->db->driver->rows_close(rows);
}

size_t store_columns(const struct store_rows *rows) {
    return rows->db->driver->columns(rows);
}

const char *store_column_name(const struct store_rows *rows, size_t column) {
    assert(column < store_columns(rows));
    return rows->db->driver->column_name(rows, column);
}

struct store_value store_column(const struct store_rows *rows, size_t column) {
    assert(rows->has_row && column < store_columns(rows));
    return rows->db->driver->column(rows, column);
}

int64_t store_i64(const struct store_rows *rows, size_t column) {
    struct store_value v = store_column(rows, column);
    assert(v.type == STORE_INT || v.type == STORE_NULL);
    return v.number;
}

pd_str store_str(const struct store_rows *rows, size_t column) {
    struct store_value v = store_column(rows, column);
    assert(v.type != STORE_INT);
    return v.bytes;
}

bool store_is_null(const struct store_rows *rows, size_t column) {
    return store_column(rows, column).type == STORE_NULL;
}

/* ---- Transactions ---- */

bool store_in_transaction(const struct store *store) {
    return store->db->began;
}

static enum pd_status begin(struct store_db *db, struct pd_error *err) {
    assert(!db->began);
    db->asks_retry = false;
    enum pd_status st = db->driver->begin(db, err);
    if (st == PD_OK) {
        db->began = true;
        db->open_rows_at_begin = db->open_rows;
    }
    return st;
}

static enum pd_status run_once(struct store *store,
                               enum pd_status (*body)(struct store *store, void *context,
                                                      struct pd_error *err),
                               void *context, struct pd_error *err) {
    struct store_db *db = store->db;
    enum pd_status st = begin(db, err);
    if (st != PD_OK)
        return st;
    st = body(store, context, err);
    assert(db->open_rows == db->open_rows_at_begin);
    if (st == PD_OK)
        st = db->driver->commit(db, err);
    if (st != PD_OK)
        db->driver->rollback(db);
    db->began = false;
    return st;
}

enum pd_status store_transact(struct store *store,
                              enum pd_status (*body)(struct store *store, void *context,
                                                     struct pd_error *err),
                              void *context, struct pd_error *err) {
    for (int attempt = 1;; attempt++) {
        begin_turn(store);
        enum pd_status st = run_once(store, body, context, err);
        end_turn(store);
        /* A body may also find something else unavailable: that is its own affair. */
        if (st != PD_UNAVAILABLE || !store->db->asks_retry)
            return st;
        if (attempt == ATTEMPTS) {
            pd_wrap(err, "gave up after %d attempts", ATTEMPTS);
            return st;
        }
        pause_before(attempt);
    }
}

static const struct sql SAVEPOINT = {.both = "SAVEPOINT polder"};
static const struct sql RELEASE = {.both = "RELEASE SAVEPOINT polder"};
static const struct sql UNDO = {.both = "ROLLBACK TO SAVEPOINT polder"};

enum pd_status store_savepoint(struct store *store, struct pd_error *err) {
    assert(store->db->began);
    return store_run(store, SAVEPOINT, NULL, 0, NULL, err);
}

enum pd_status store_savepoint_release(struct store *store, struct pd_error *err) {
    return store_run(store, RELEASE, NULL, 0, NULL, err);
}

enum pd_status store_savepoint_undo(struct store *store, struct pd_error *err) {
    /* What the database wants again, it wants from the beginning. */
    if (store->db->asks_retry)
        return pd_fail(err, PD_UNAVAILABLE, "%s: the whole transaction is to be tried again",
                       store->db->name);
    enum pd_status st = store_run(store, UNDO, NULL, 0, NULL, err);
    return st == PD_OK ? store_savepoint_release(store, err) : st;
}

/* ---- Locks by name ---- */

enum pd_status store_lock(struct store *store, const char *name, int64_t wait_ms, bool *got,
                          struct pd_error *err) {
    struct store_db *db = store->db;
    if (db->driver->lock == NULL) {
        *got = true;
        return PD_OK;
    }
    assert(!db->began);
    for (int64_t waited = 0;; waited += LOCK_PAUSE_MS) {
        enum pd_status st = db->driver->lock(db, name, got, err);
        if (st != PD_OK || *got || waited >= wait_ms)
            return st;
        pause_ms(LOCK_PAUSE_MS);
    }
}

bool store_is_shared(const struct store *store) {
    return store->db->driver->lock != NULL;
}

void store_unlock(struct store *store, const char *name) {
    if (store->db->driver->unlock != NULL)
        store->db->driver->unlock(store->db, name);
}
