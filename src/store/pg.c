/*
 * The PostgreSQL driver: several processes write at once, each transaction as if alone.
 *
 * A store has one connection that writes, and up to two more that only read: a cursor with many
 * rows keeps its connection until they have come, and what is asked meanwhile goes over another, in
 * the same snapshot where there is one. Within a writer's transaction there is but one connection;
 * there the rows are taken in first.
 */
#include "store/pg_impl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pg_db *of(struct store_db *db) {
    return (struct pg_db *)db;
}

/* ---- Which connection ---- */

/* The first connection, free and ready. A transaction's can't be made anew under it. */
static enum pd_status first_link(struct pg_db *db, struct pg_link **out, struct pd_error *err) {
    struct pg_link *link = &db->links[0];
    if (db->base.began && pg_link_is_lost(db, link))
        return pd_fail(err, PD_UNAVAILABLE,
                       "%s: the connection was lost, and the transaction with it", db->base.name);
    if (db->base.began && db->pq.PQtransactionStatus(link->handle) == PQTRANS_IDLE)
        return pd_fail(err, PD_IO, "%s: an earlier failure has undone this transaction",
                       db->base.name);
    enum pd_status st = link->busy != NULL ? pg_rows_detach(link, err) : PD_OK;
    if (st == PD_OK)
        st = pg_link_ready(db, link, err);
    if (st == PD_OK)
        *out = link;
    return st;
}

static enum pd_status join_snapshot(struct pg_db *db, struct pg_link *link, struct pd_error *err) {
    char command[200];
    if (!db->base.began || link->shares_snapshot)
        return PD_OK;
    snprintf(command, sizeof(command),
             "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '%s'",
             db->snapshot);
    enum pd_status st = pg_command(db, link, command, NULL, err);
    link->shares_snapshot = st == PD_OK;
    return st;
}

static enum pd_status reading_link(struct pg_db *db, struct pg_link **out, struct pd_error *err) {
    bool is_alone = db->base.began && db->base.writable;
    if (db->links[0].busy == NULL || is_alone)
        return first_link(db, out, err);
    for (size_t i = 1; i < PG_LINKS; i++) {
        struct pg_link *link = &db->links[i];
        if (link->busy != NULL)
            continue;
        enum pd_status st = pg_link_ready(db, link, err);
        if (st == PD_OK)
            st = join_snapshot(db, link, err);
        if (st == PD_OK)
            *out = link;
        if (st != PD_UNAVAILABLE)
            return st;
        /* The server may have no more connections to give. */
    }
    return first_link(db, out, err);
}

/* ---- Statements ---- */

static enum pd_status script(struct store_db *base, const char *text, struct pd_error *err) {
    struct pg_link *link = NULL;
    enum pd_status st = first_link(of(base), &link, err);
    return st == PD_OK ? pg_command(of(base), link, text, NULL, err) : st;
}

static enum pd_status run(struct store_db *base, const char *sql, const struct store_value *values,
                          size_t count, int64_t *changed, struct pd_error *err) {
    struct pg_link *link = NULL;
    enum pd_status st = first_link(of(base), &link, err);
    return st == PD_OK ? pg_ask(of(base), link, sql, values, count, NULL, changed, err) : st;
}

static enum pd_status select_rows(struct store_db *base, const char *sql,
                                  const struct store_value *values, size_t count,
                                  struct store_rows **out, struct pd_error *err) {
    struct pg_link *link = NULL;
    enum pd_status st = reading_link(of(base), &link, err);
    return st == PD_OK ? pg_ask(of(base), link, sql, values, count, out, NULL, err) : st;
}

/* ---- Transactions ---- */

static enum pd_status try_begin(struct pg_db *db, struct pd_error *err) {
    struct pg_link *link = NULL;
    enum pd_status st = first_link(db, &link, err);
    if (st != PD_OK)
        return st;
    if (db->base.writable)
        return pg_command(db, link, "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE", NULL, err);
    PGresult *result;
    st = pg_command(db, link,
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_export_snapshot()",
                    &result, err);
    if (st == PD_OK) {
        snprintf(db->snapshot, sizeof(db->snapshot), "%s", db->pq.PQgetvalue(result, 0, 0));
        db->pq.PQclear(result);
    }
    return st;
}

static enum pd_status begin(struct store_db *base, struct pd_error *err) {
    struct pg_db *db = of(base);
    bool was_connected = db->links[0].handle != NULL;
    enum pd_status st = try_begin(db, err);
    /* A connection that ended while nobody used it says so only now, and nothing was begun. */
    if (st == PD_UNAVAILABLE && was_connected && pg_link_is_lost(db, &db->links[0]))
        st = try_begin(db, err);
    return st;
}

static void leave_snapshot(struct pg_db *db) {
    for (size_t i = 1; i < PG_LINKS; i++) {
        struct pg_link *link = &db->links[i];
        if (link->shares_snapshot)
            db->pq.PQclear(db->pq.PQexec(link->handle, "ROLLBACK"));
        link->shares_snapshot = false;
    }
}

static enum pd_status commit(struct store_db *base, struct pd_error *err) {
    struct pg_db *db = of(base);
    struct pg_link *link = NULL;
    PGresult *result;
    enum pd_status st = first_link(db, &link, err);
    if (st != PD_OK)
        return st;
    leave_snapshot(db);
    st = pg_command(db, link, "COMMIT", &result, err);
    if (st == PD_UNAVAILABLE && pg_link_is_lost(db, link))
        return pd_fail(
            err, PD_UNAVAILABLE,
            "%s: the connection was lost during a commit, and whether it stands is known "
            "only when the database is up again: look before you repeat it",
            base->name);
    if (st != PD_OK)
        return st;
    /* The commit of a transaction with a failed statement is its end, and no error. */
    if (strcmp(db->pq.PQcmdStatus(result), "COMMIT") != 0)
        st = pd_fail(err, PD_IO, "%s: an earlier failure has undone this transaction", base->name);
    db->pq.PQclear(result);
    return st;
}

static void rollback(struct store_db *base) {
    struct pg_db *db = of(base);
    struct pg_link *link = &db->links[0];
    leave_snapshot(db);
    /* With the connection the transaction has ended too. */
    if (!pg_link_is_lost(db, link) && db->pq.PQtransactionStatus(link->handle) != PQTRANS_IDLE)
        db->pq.PQclear(db->pq.PQexec(link->handle, "ROLLBACK"));
}

/* ---- Locks ---- */

/* Nodes in schemas of their own may share a database, which all its advisory locks belong to. */
#define LOCK_OF(name) "hashtextextended('polder ' || current_schema() || ' ' || " name ", 0)"
static const char TRY_LOCK[] = "SELECT pg_try_advisory_lock(" LOCK_OF("$1") ")";
static const char UNLOCK[] = "SELECT pg_advisory_unlock(" LOCK_OF("$1") ")";

static enum pd_status ask_lock(struct pg_db *db, const char *sql, const char *name, bool *answer,
                               struct pd_error *err) {
    const struct store_value values[] = {STORE_STR(pd_str_from(name))};
    struct store_rows *rows = NULL;
    struct pg_link *link = NULL;
    bool has = false;
    enum pd_status st = first_link(db, &link, err);
    if (st == PD_OK)
        st = pg_ask(db, link, sql, values, 1, &rows, NULL, err);
    if (st != PD_OK)
        return st;
    st = pg_rows_next(rows, &has, err);
    if (st == PD_OK)
        *answer = has && pg_rows_column(rows, 0).number != 0;
    pg_rows_close(rows);
    return st;
}

static char **find_lock(struct pg_db *db, const char *name) {
    for (size_t i = 0; i < PG_LOCKS; i++)
        if (name == NULL ? db->locks[i] == NULL
                         : db->locks[i] != NULL && strcmp(db->locks[i], name) == 0)
            return &db->locks[i];
    return NULL;
}

static enum pd_status lock(struct store_db *base, const char *name, bool *got,
                           struct pd_error *err) {
    struct pg_db *db = of(base);
    struct pg_link *link = NULL;
    enum pd_status st = first_link(db, &link, err); /* a lost connection has lost its locks */
    if (st != PD_OK)
        return st;
    if (find_lock(db, name) != NULL) {
        *got = true;
        return PD_OK;
    }
    char **room = find_lock(db, NULL), *copy = strdup(name);
    bool answer = false;
    if (room == NULL || copy == NULL)
        st = pd_fail(err, PD_LIMIT, "more than %d locks are held", PG_LOCKS);
    if (st == PD_OK)
        st = ask_lock(db, TRY_LOCK, name, &answer, err);
    if (st == PD_OK && answer)
        *room = copy;
    else
        free(copy);
    if (st == PD_OK)
        *got = answer;
    return st;
}

static void unlock(struct store_db *base, const char *name) {
    struct pg_db *db = of(base);
    char **held = find_lock(db, name);
    struct pd_error ignored;
    bool answer;
    if (held == NULL)
        return;
    free(*held);
    *held = NULL;
    /* Should it fail, the lock ends with the connection. */
    if (!pg_link_is_lost(db, &db->links[0]) &&
        ask_lock(db, UNLOCK, name, &answer, &ignored) != PD_OK)
        pg_link_close(db, &db->links[0]);
}

/* ---- The driver ---- */

static void close_db(struct store_db *base) {
    struct pg_db *db = of(base);
    for (size_t i = 0; i < PG_LINKS; i++)
        pg_link_close(db, &db->links[i]);
    free(db);
}

static const struct store_driver POSTGRESQL = {
    .dialect = STORE_POSTGRESQL,
    .close = close_db,
    .script = script,
    .run = run,
    .select = select_rows,
    .next = pg_rows_next,
    .rows_close = pg_rows_close,
    .columns = pg_rows_columns,
    .column_name = pg_rows_column_name,
    .column = pg_rows_column,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .lock = lock,
    .unlock = unlock,
};

enum pd_status store_pg_open(const struct store_place *place, bool writable, struct store_db **out,
                             struct pd_error *err) {
    struct pg_db *db = calloc(1, sizeof(*db));
    if (db == NULL)
        return pd_fail_memory(err);
    db->base =
        (struct store_db){.driver = &POSTGRESQL, .name = place->location, .writable = writable};
    db->place = place;
    enum pd_status st = pg_library_load(&db->pq, err);
    if (st == PD_OK)
        st = pg_location_check(&db->pq, place->location, err);
    if (st == PD_OK)
        st = pg_link_ready(db, &db->links[0], err);
    if (st != PD_OK) {
        free(db);
        return st;
    }
    *out = &db->base;
    return PD_OK;
}
