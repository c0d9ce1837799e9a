/*
 * Rows from PostgreSQL, as they come. libpq would gather a whole answer in memory; here only its
 * beginning is gathered, which is all of most answers, and then the connection is free for other
 * statements. A longer one keeps its connection until it ends or is taken in whole.
 */
#include "store/pg_impl.h"
#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_ONCE = 64 };
static const size_t DETACHED_LIMIT = (size_t)256 << 20;

struct row {
    PGresult *result;
    struct row *next;
};

struct pg_rows {
    struct store_rows base;
    struct pg_link *link; /* NULL: all has come */
    PGresult *shape;      /* the first result: names and types */
    PGresult *current;
    struct row *first, *last;
    size_t waiting;
};

static struct pg_rows *of(struct store_rows *rows) {
    return (struct pg_rows *)rows;
}

static struct pg_db *db_of(const struct pg_rows *r) {
    return (struct pg_db *)r->base.db;
}

/* ---- Taking in ---- */

static void release_link(struct pg_rows *r) {
    struct pg_db *db = db_of(r);
    PGresult *rest;
    while (r->link != NULL && (rest = db->pq.PQgetResult(r->link->handle)) != NULL)
        db->pq.PQclear(rest);
    if (r->link != NULL)
        r->link->busy = NULL;
    r->link = NULL;
}

static void drop(struct pg_rows *r, PGresult *result) {
    if (result != r->shape)
        db_of(r)->pq.PQclear(result);
}

/* Takes the next result: a row, or the empty one at the end. */
static enum pd_status fetch(struct pg_rows *r, struct pd_error *err) {
    struct pg_db *db = db_of(r);
    PGresult *result = db->pq.PQgetResult(r->link->handle);
    if (result == NULL) {
        release_link(r);
        return PD_OK;
    }
    ExecStatusType status = db->pq.PQresultStatus(result);
    if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        enum pd_status st = pg_failed(db, r->link, result, NULL, err);
        db->pq.PQclear(result);
        release_link(r);
        return st;
    }
    if (r->shape == NULL)
        r->shape = result;
    if (db->pq.PQntuples(result) == 0) {
        drop(r, result);
        return PD_OK;
    }
    struct row *row = calloc(1, sizeof(*row));
    if (row == NULL) {
        drop(r, result);
        return pd_fail_memory(err);
    }
    row->result = result;
    *(r->first ? &r->last->next : &r->first) = row;
    r->last = row;
    r->waiting++;
    return PD_OK;
}

enum pd_status pg_rows_detach(struct pg_link *link, struct pd_error *err) {
    struct pg_rows *r = link->busy;
    size_t size = 0;
    enum pd_status st = PD_OK;
    while (st == PD_OK && r->link != NULL) {
        st = fetch(r, err);
        if (st == PD_OK && r->last != NULL)
            size += db_of(r)->pq.PQresultMemorySize(r->last->result);
        if (size > DETACHED_LIMIT)
            st =
                pd_fail(err, PD_LIMIT,
                        "%s: more than %zu MiB of rows are still to be read while other statements "
                        "are to run beside them",
                        r->base.db->name, DETACHED_LIMIT >> 20);
    }
    return st;
}

/* ---- A cursor's life ---- */

static const struct {
    Oid oid;
    enum store_type type;
    int size;                       /* of a number */
} TYPES[] = {{16, STORE_INT, 1},    /* boolean */
             {17, STORE_BLOB, 0},   /* bytea */
             {18, STORE_TEXT, 0},   /* "char" */
             {19, STORE_TEXT, 0},   /* name */
             {20, STORE_INT, 8},    /* bigint */
             {21, STORE_INT, 2},    /* smallint */
             {23, STORE_INT, 4},    /* integer */
             {25, STORE_TEXT, 0},   /* text */
             {705, STORE_TEXT, 0},  /* unknown */
             {1042, STORE_TEXT, 0}, /* character */
             {1043, STORE_TEXT, 0} /* character varying */};

static size_t type_of(const struct pg_rows *r, size_t column) {
    Oid oid = db_of(r)->pq.PQftype(r->shape, (int)column);
    size_t i = 0;
    while (i < sizeof(TYPES) / sizeof(TYPES[0]) && TYPES[i].oid != oid)
        i++;
    return i;
}

static enum pd_status check_types(const struct pg_rows *r, struct pd_error *err) {
    for (size_t i = 0; r->shape != NULL && i < (size_t)db_of(r)->pq.PQnfields(r->shape); i++)
        if (type_of(r, i) == sizeof(TYPES) / sizeof(TYPES[0]))
            return pd_fail(err, PD_INTERNAL,
                           "%s: the column %s has a type that is not mapped (oid %u): cast it to "
                           "BIGINT, TEXT or BYTEA",
                           r->base.db->name, db_of(r)->pq.PQfname(r->shape, (int)i),
                           db_of(r)->pq.PQftype(r->shape, (int)i));
    return PD_OK;
}

enum pd_status pg_rows_start(struct pg_db *db, struct pg_link *link, struct store_rows **out,
                             struct pd_error *err) {
    struct pg_rows *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return pd_fail_memory(err);
    r->base.db = &db->base;
    r->link = link;
    link->busy = r;
    enum pd_status st = PD_OK;
    while (st == PD_OK && r->link != NULL && r->waiting < ROWS_AT_ONCE)
        st = fetch(r, err);
    if (st == PD_OK)
        st = check_types(r, err);
    if (st != PD_OK) {
        pg_rows_close(&r->base);
        return st;
    }
    *out = &r->base;
    return PD_OK;
}

enum pd_status pg_rows_next(struct store_rows *base, bool *has, struct pd_error *err) {
    struct pg_rows *r = of(base);
    while (r->first == NULL && r->link != NULL) {
        enum pd_status st = fetch(r, err);
        if (st != PD_OK)
            return st;
    }
    drop(r, r->current);
    r->current = NULL;
    struct row *row = r->first;
    if (row != NULL) {
        r->current = row->result;
        r->first = row->next;
        r->waiting--;
        free(row);
    }
    *has = base->has_row = row != NULL;
    return PD_OK;
}

void pg_rows_close(struct store_rows *base) {
    struct pg_rows *r = of(base);
    release_link(r);
    for (struct row *row = r->first; row != NULL; row = r->first) {
        r->first = row->next;
        drop(r, row->result);
        free(row);
    }
    drop(r, r->current);
    db_of(r)->pq.PQclear(r->shape);
    free(r);
}

size_t pg_rows_columns(const struct store_rows *base) {
    const struct pg_rows *r = (const struct pg_rows *)base;
    return r->shape ? (size_t)db_of(r)->pq.PQnfields(r->shape) : 0;
}

const char *pg_rows_column_name(const struct store_rows *base, size_t column) {
    const struct pg_rows *r = (const struct pg_rows *)base;
    return db_of(r)->pq.PQfname(r->shape, (int)column);
}

static int64_t number_from(const char *bytes, int size) {
    uint64_t n = 0;
    for (int i = 0; i < size; i++)
        n = n << 8 | (uint8_t)bytes[i];
    /* The sign of a short one is to be drawn out. */
    uint64_t sign = size > 1 && size < 8 ? (uint64_t)1 << (8 * size - 1) : 0;
    return (int64_t)((n ^ sign) - sign);
}

struct store_value pg_rows_column(const struct store_rows *base, size_t column) {
    const struct pg_rows *r = (const struct pg_rows *)base;
    const struct pg_library *pq = &db_of(r)->pq;
    int at = (int)column;
    if (pq->PQgetisnull(r->current, 0, at))
        return STORE_NONE;
    const char *bytes = pq->PQgetvalue(r->current, 0, at);
    size_t n = (size_t)pq->PQgetlength(r->current, 0, at), type = type_of(r, column);
    if (TYPES[type].type == STORE_INT)
        return STORE_I64(number_from(bytes, TYPES[type].size));
    return (struct store_value){.type = TYPES[type].type, .bytes = {bytes, n}};
}
