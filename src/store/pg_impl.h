/* What the files of the PostgreSQL driver share: libpq, connections, and what it says when it
 * fails. */
#ifndef POLDER_STORE_PG_IMPL_H
#define POLDER_STORE_PG_IMPL_H

#include "store/store_impl.h"
#include <libpq-fe.h>

/* The library is loaded when a database asks for it: it would double the start of every command
   (measured: 20 ms of 37), and most nodes never need it. */
/* clang-format off */
#define PG_FUNCTIONS(each) \
    each(PQclear) each(PQcmdStatus) each(PQcmdTuples) each(PQconnectdbParams) \
    each(PQconnectionNeedsPassword) each(PQconnectionUsedPassword) each(PQconninfoFree) \
    each(PQconninfoParse) each(PQerrorMessage) each(PQexec) each(PQexecParams) each(PQexecPrepared) \
    each(PQfinish) each(PQfname) each(PQfreemem) each(PQftype) each(PQgetResult) \
    each(PQgetisnull) each(PQgetlength) each(PQgetvalue) each(PQnfields) each(PQntuples) \
    each(PQparameterStatus) each(PQprepare) each(PQresultErrorField) each(PQresultMemorySize) \
    each(PQresultStatus) each(PQsendQueryParams) each(PQsendQueryPrepared) each(PQserverVersion) \
    each(PQsetNoticeReceiver) each(PQsetSingleRowMode) each(PQstatus) each(PQtransactionStatus)
/* clang-format on */

struct pg_library {
#define PG_MEMBER(name) __typeof__(&name) name;
    PG_FUNCTIONS(PG_MEMBER)
#undef PG_MEMBER
};

enum {
    PG_KEPT = 256,  /* statements per connection; others are prepared each time */
    PG_VALUES = 64, /* of one statement */
    PG_LINKS = 3,   /* connections of one store: the first writes, the others only read */
    PG_LOCKS = 8    /* held at a time */
};

/* What tells kept statements apart: the text, and the types of its values. */
struct pg_statement {
    char *text;
    uint64_t hash;
    size_t count;
    Oid types[PG_VALUES];
};

struct pg_rows;
struct pg_link {
    PGconn *handle;       /* NULL: not connected (yet, or any more) */
    struct pg_rows *busy; /* whose rows are still coming; nothing else can be asked until then */
    bool shares_snapshot; /* it is in a transaction beside that of the first link */
    struct pg_statement *kept;
    size_t kept_count;
};

struct pg_db {
    struct store_db base;
    struct pg_library pq;
    const struct store_place *place;
    char snapshot[64]; /* of a reader's transaction, for the other links */
    struct pg_link links[PG_LINKS];
    char *locks[PG_LOCKS]; /* names; NULL: free */
};

/* ---- Connections (pg_link.c) ---- */

PD_CHECK enum pd_status pg_library_load(struct pg_library *pq, struct pd_error *err);
/* PD_USAGE: not understood, or it holds a password; the error repeats nothing of it. */
PD_CHECK enum pd_status pg_location_check(const struct pg_library *pq, const char *location,
                                          struct pd_error *err);
/* Connects unless it is connected. PD_UNAVAILABLE; PD_DENIED; PD_NOT_FOUND; PD_UNSUPPORTED. */
PD_CHECK enum pd_status pg_link_ready(struct pg_db *db, struct pg_link *link, struct pd_error *err);
void pg_link_close(struct pg_db *db, struct pg_link *link);
bool pg_link_is_lost(const struct pg_db *db, const struct pg_link *link);
/* Says what went wrong with the statement `sql` (NULL: one of our own); result may be NULL. */
PD_CHECK enum pd_status pg_failed(struct pg_db *db, const struct pg_link *link,
                                  const PGresult *result, const char *sql, struct pd_error *err);
/* Runs one or several statements without parameters. out: the last result, or NULL. */
PD_CHECK enum pd_status pg_command(struct pg_db *db, struct pg_link *link, const char *sql,
                                   PGresult **out, struct pd_error *err);

/* ---- Rows (pg_rows.c) ---- */

/* Takes in what is left of the cursor that keeps this link, so that others can use it. */
PD_CHECK enum pd_status pg_rows_detach(struct pg_link *link, struct pd_error *err);
/* The answer to what was sent is on its way: takes the beginning of it. */
PD_CHECK enum pd_status pg_rows_start(struct pg_db *db, struct pg_link *link,
                                      struct store_rows **out, struct pd_error *err);
PD_CHECK enum pd_status pg_rows_next(struct store_rows *rows, bool *has, struct pd_error *err);
void pg_rows_close(struct store_rows *rows);
size_t pg_rows_columns(const struct store_rows *rows);
const char *pg_rows_column_name(const struct store_rows *rows, size_t column);
struct store_value pg_rows_column(const struct store_rows *rows, size_t column);

/* ---- Statements (pg_statement.c) ---- */

/* Counts $1, $2, ... outside texts, names and comments: PD_INTERNAL unless they are 1 to `count`.
 */
PD_CHECK enum pd_status pg_check_parameters(const char *sql, size_t count, struct pd_error *err);
/* Runs a statement. rows: NULL if none are wanted, and then *changed, which may be NULL. */
PD_CHECK enum pd_status pg_ask(struct pg_db *db, struct pg_link *link, const char *sql,
                               const struct store_value *values, size_t count,
                               struct store_rows **rows, int64_t *changed, struct pd_error *err);

#endif
