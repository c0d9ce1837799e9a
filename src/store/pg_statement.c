/* Statements for PostgreSQL: parameters in binary, prepared once per text and types. */
#include "store/pg_impl.h"
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Placeholders ---- */

/* Where what begins at `c` ends: a text, a quoted name or a comment; `c` itself if it is none. */
static const char *skip_quoted(const char *c) {
    if (*c == '\'' || *c == '"') {
        const char *end = strchr(c + 1, *c);
        return end ? end + 1 : c + strlen(c);
    }
    if (c[0] == '-' && c[1] == '-')
        return c + strcspn(c, "\n");
    return c;
}

enum pd_status pg_check_parameters(const char *sql, size_t count, struct pd_error *err) {
    bool is_used[PG_VALUES] = {false};
    size_t used = 0;
    if (count > PG_VALUES)
        return pd_fail(err, PD_INTERNAL, "\"%.120s\" has more than %d values", sql, PG_VALUES);
    for (const char *c = sql; *c != '\0';) {
        const char *end = skip_quoted(c);
        if (end != c || *c != '$') {
            c = end != c ? end : c + 1;
            continue;
        }
        size_t digits = strspn(c + 1, "0123456789");
        uint64_t n = 0;
        if (!pd_parse_u64((pd_str){c + 1, digits}, &n) || n < 1 || n > PG_VALUES)
            return pd_fail(err, PD_INTERNAL, "\"%.120s\": the parameter %.*s is not $1 to $%zu",
                           sql, (int)digits + 1, c, count);
        used += !is_used[n - 1];
        is_used[n - 1] = true;
        c += 1 + digits;
    }
    if (used != count)
        return pd_fail(err, PD_INTERNAL, "\"%.120s\" uses %zu parameters, %zu values were given",
                       sql, used, count);
    for (size_t n = 0; n < PG_VALUES; n++)
        if (is_used[n] && n >= count)
            return pd_fail(err, PD_INTERNAL, "\"%.120s\": the parameter $%zu is not $1 to $%zu",
                           sql, n + 1, count);
    return PD_OK;
}

/* ---- Values ---- */

struct parameters {
    int count;
    Oid types[PG_VALUES];
    const char *values[PG_VALUES];
    int lengths[PG_VALUES], formats[PG_VALUES];
    uint64_t numbers[PG_VALUES];
};

static enum pd_status fill(const struct store_value *values, size_t count, struct parameters *p,
                           struct pd_error *err) {
    static const Oid types[] = {
        [STORE_NULL] = 0, [STORE_INT] = 20, [STORE_TEXT] = 25, [STORE_BLOB] = 17};
    p->count = (int)count;
    for (size_t i = 0; i < count; i++) {
        const struct store_value *v = &values[i];
        p->types[i] = types[v->type];
        p->formats[i] = 1;
        if (v->bytes.len > INT32_MAX)
            return pd_fail(err, PD_LIMIT, "a value of %zu bytes is too large for the database",
                           v->bytes.len);
        p->lengths[i] = v->type == STORE_INT ? (int)sizeof(p->numbers[i]) : (int)v->bytes.len;
        p->numbers[i] = htobe64((uint64_t)v->number);
        const char *bytes = v->bytes.data ? v->bytes.data : "";
        p->values[i] = v->type == STORE_NULL  ? NULL
                       : v->type == STORE_INT ? (const char *)&p->numbers[i]
                                              : bytes;
    }
    return PD_OK;
}

/* ---- Kept statements ---- */

static uint64_t hash_of(const char *text, const struct parameters *p) {
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (const char *c = text; *c != '\0'; c++)
        hash = (hash ^ (uint8_t)*c) * 1099511628211u;
    for (int i = 0; i < p->count; i++)
        hash = (hash ^ p->types[i]) * 1099511628211u;
    return hash;
}

static bool is_same(const struct pg_statement *s, uint64_t hash, const char *text,
                    const struct parameters *p) {
    return s->hash == hash && s->count == (size_t)p->count && strcmp(s->text, text) == 0 &&
           memcmp(s->types, p->types, s->count * sizeof(Oid)) == 0;
}

enum { NAME_SIZE = 16 };

/* Prepares the statement unless that was done; an empty name: it can't be kept any more. */
static enum pd_status prepare(struct pg_db *db, struct pg_link *link, const char *sql,
                              const struct parameters *p, char name[NAME_SIZE],
                              struct pd_error *err) {
    uint64_t hash = hash_of(sql, p);
    size_t i = 0;
    while (i < link->kept_count && !is_same(&link->kept[i], hash, sql, p))
        i++;
    name[0] = '\0';
    if (i < PG_KEPT)
        snprintf(name, NAME_SIZE, "p%zu", i);
    if (i < link->kept_count)
        return PD_OK;
    enum pd_status st = pg_check_parameters(sql, (size_t)p->count, err);
    if (st != PD_OK || i == PG_KEPT)
        return st;
    PGresult *result = db->pq.PQprepare(link->handle, name, sql, p->count, p->types);
    if (db->pq.PQresultStatus(result) != PGRES_COMMAND_OK)
        st = pg_failed(db, link, result, sql, err);
    db->pq.PQclear(result);
    if (st != PD_OK)
        return st;
    struct pg_statement *s = &link->kept[i];
    *s = (struct pg_statement){.text = strdup(sql), .hash = hash, .count = (size_t)p->count};
    if (s->text == NULL)
        return pd_fail_memory(err);
    memcpy(s->types, p->types, s->count * sizeof(Oid));
    link->kept_count++;
    return PD_OK;
}

/* ---- Running ---- */

static enum pd_status finish(struct pg_db *db, struct pg_link *link, const PGresult *result,
                             const char *sql, int64_t *changed, struct pd_error *err) {
    ExecStatusType status = db->pq.PQresultStatus(result);
    if (status == PGRES_TUPLES_OK)
        return pd_fail(err, PD_INTERNAL, "\"%.120s\" returns rows; it needs store_select", sql);
    if (status == PGRES_EMPTY_QUERY)
        return pd_fail(err, PD_INTERNAL, "\"%.120s\" is not one SQL statement", sql);
    if (status != PGRES_COMMAND_OK)
        return pg_failed(db, link, result, sql, err);
    int64_t count = 0;
    if (changed != NULL) {
        pd_str text = pd_str_from(db->pq.PQcmdTuples((PGresult *)result)); /* empty: not of rows */
        *changed = pd_parse_i64(text, &count) ? count : 0;
    }
    return PD_OK;
}

enum pd_status pg_ask(struct pg_db *db, struct pg_link *link, const char *sql,
                      const struct store_value *values, size_t count, struct store_rows **rows,
                      int64_t *changed, struct pd_error *err) {
    struct parameters p;
    char name[NAME_SIZE];
    if (count > PG_VALUES)
        return pg_check_parameters(sql, count, err);
    enum pd_status st = fill(values, count, &p, err);
    if (st == PD_OK)
        st = prepare(db, link, sql, &p, name, err);
    if (st != PD_OK)
        return st;
    const struct pg_library *pq = &db->pq;
    if (rows != NULL) {
        int sent = name[0] ? pq->PQsendQueryPrepared(link->handle, name, p.count, p.values,
                                                     p.lengths, p.formats, 1)
                           : pq->PQsendQueryParams(link->handle, sql, p.count, p.types, p.values,
                                                   p.lengths, p.formats, 1);
        if (!sent || !pq->PQsetSingleRowMode(link->handle))
            return pg_failed(db, link, NULL, sql, err);
        return pg_rows_start(db, link, rows, err);
    }
    PGresult *result =
        name[0] ? pq->PQexecPrepared(link->handle, name, p.count, p.values, p.lengths, p.formats, 1)
                : pq->PQexecParams(link->handle, sql, p.count, p.types, p.values, p.lengths,
                                   p.formats, 1);
    st = finish(db, link, result, sql, changed, err);
    pq->PQclear(result);
    return st;
}
