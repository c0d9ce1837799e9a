/*
 * A table or a query of a PostgreSQL database: one read-only transaction that sees one moment. The
 * password comes from where libpq looks for it (PGPASSWORD, PGPASSFILE, a service file), never from
 * the location, and stands in no error.
 */
#include "source/source_impl.h"
#include <dlfcn.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

enum { BOOL_TYPE = 16 /* pg_type.oid */ };

/* The library is loaded when it is first wanted: with what it brings along it would add more to the
   start of every command than all else together (measured: 20 ms of 37). */
/* clang-format off */
#define FUNCTIONS(each) \
    each(PQclear) each(PQconnectdbParams) each(PQconnectionNeedsPassword) each(PQconnectionUsedPassword) \
    each(PQconninfoFree) each(PQconninfoParse) each(PQerrorMessage) each(PQescapeIdentifier) \
    each(PQexec) each(PQexecParams) each(PQfinish) each(PQfname) \
    each(PQfreemem) each(PQftype) each(PQgetResult) each(PQgetlength) \
    each(PQgetvalue) each(PQnfields) each(PQntuples) each(PQresultErrorField) \
    each(PQresultStatus) each(PQsendQueryParams) each(PQsetNoticeReceiver) each(PQsetSingleRowMode) \
    each(PQstatus)
/* clang-format on */

struct libpq {
#define MEMBER(name) __typeof__(&name) name;
    FUNCTIONS(MEMBER)
#undef MEMBER
};

struct connection {
    struct libpq pq;
    PGconn *handle;
    struct pd_arena *arena;
    const struct source_sink *sink;
};

static enum pd_status load_library(struct libpq *pq, struct pd_error *err) {
    /* Never closed: what it brings along has work left for the end of the process. */
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    bool has_all = library != NULL;
#define LOAD(name)                                                                                 \
    has_all = has_all && (pq->name = (__typeof__(&name))dlsym(library, #name)) != NULL;
    FUNCTIONS(LOAD)
#undef LOAD
    return has_all ? PD_OK
                   : pd_fail(err, PD_UNAVAILABLE,
                             "it takes the library libpq.so.5 (package libpq5), which is not "
                             "installed");
}

/* ---- Errors ---- */

/* What a server says may be several lines. */
static pd_str one_line(const char *text, char *room, size_t size) {
    size_t n = 0;
    for (const char *c = text; *c != '\0' && n + 1 < size; c++) {
        bool is_break = *c == '\n' || *c == '\t';
        if (is_break && (n == 0 || room[n - 1] == ' '))
            continue;
        room[n++] = is_break ? ' ' : *c;
    }
    while (n > 0 && room[n - 1] == ' ')
        n--;
    return (pd_str){room, n};
}

static enum pd_status refuse_connection(const struct connection *c, struct pd_error *err) {
    char room[800];
    pd_str why = one_line(c->pq.PQerrorMessage(c->handle), room, sizeof(room));
    if (c->pq.PQconnectionNeedsPassword(c->handle))
        return pd_fail(
            err, PD_DENIED,
            "the server asks for a password: put it into PGPASSWORD, or into the file that "
            "PGPASSFILE names");
    bool is_denied = c->pq.PQconnectionUsedPassword(c->handle) ||
                     pd_str_find(why, PD_STR("authentication failed")) != PD_NPOS ||
                     pd_str_find(why, PD_STR("pg_hba.conf")) != PD_NPOS ||
                     pd_str_find(why, PD_STR("permission denied")) != PD_NPOS;
    bool is_missing = pd_str_find(why, PD_STR("does not exist")) != PD_NPOS;
    return pd_fail(err,
                   is_missing  ? PD_NOT_FOUND
                   : is_denied ? PD_DENIED
                               : PD_UNAVAILABLE,
                   "the database doesn't let us in: %.*s", pd_arg(why));
}

static enum pd_status refuse_result(const struct connection *c, const PGresult *result,
                                    struct pd_error *err) {
    static const struct {
        const char *state; /* the start of a SQLSTATE */
        enum pd_status status;
        const char *advice;
    } meanings[] = {
        {"42501", PD_DENIED, "; ask the owner for GRANT SELECT"},
        {"42P01", PD_NOT_FOUND, ""},
        {"42", PD_USAGE, ""}, /* a query with an error */
        {"25006", PD_USAGE, "; a source is only read"},
        {"40", PD_CONFLICT, "; try again"},
        {"53", PD_UNAVAILABLE, ""},
        {"57014", PD_LIMIT, ""},
        {"57", PD_UNAVAILABLE, ""},
        {"08", PD_UNAVAILABLE, ""},
        {"", PD_INVALID, ""},
    };
    char room[800];
    const char *state = result ? c->pq.PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *words = result ? c->pq.PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    pd_str why = one_line(words ? words : c->pq.PQerrorMessage(c->handle), room, sizeof(room));
    if (state == NULL)
        return pd_fail(err, PD_UNAVAILABLE, "the connection to the database was lost: %.*s",
                       pd_arg(why));
    size_t i = 0;
    while (strncmp(state, meanings[i].state, strlen(meanings[i].state)) != 0)
        i++;
    return pd_fail(err, meanings[i].status, "the database says: %.*s%s", pd_arg(why),
                   meanings[i].advice);
}

/* ---- The connection ---- */

static enum pd_status command(struct connection *c, const char *sql, struct pd_error *err) {
    PGresult *result = c->pq.PQexec(c->handle, sql);
    ExecStatusType status = c->pq.PQresultStatus(result);
    bool is_done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    enum pd_status st = is_done ? PD_OK : refuse_result(c, result, err);
    c->pq.PQclear(result);
    return st;
}

static void ignore_notice(void *context, const PGresult *result) {
    (void)context, (void)result;
}

static enum pd_status connect_to(struct connection *c, const char *url, struct pd_error *err) {
    /* Later ones win over what the URL says; those before it are defaults. */
    const char *names[] = {"connect_timeout", "fallback_application_name", "dbname",
                           "client_encoding", NULL};
    const char *values[] = {"15", "polder", url, "UTF8", NULL};
    char *why = NULL;
    PQconninfoOption *parsed = c->pq.PQconninfoParse(url, &why);
    if (parsed == NULL) {
        char room[400];
        pd_str words = one_line(why ? why : "out of memory", room, sizeof(room));
        enum pd_status st =
            pd_fail(err, PD_USAGE, "the location can't be understood: %.*s", pd_arg(words));
        c->pq.PQfreemem(why);
        return st;
    }
    c->pq.PQconninfoFree(parsed);
    c->handle = c->pq.PQconnectdbParams(names, values, 1);
    if (c->handle == NULL)
        return pd_fail_memory(err);
    if (c->pq.PQstatus(c->handle) != CONNECTION_OK)
        return refuse_connection(c, err);
    c->pq.PQsetNoticeReceiver(c->handle, ignore_notice, NULL);
    /* However the server is set up, the same table gives the same bytes. */
    return command(c,
                   "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;"
                   "SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601';"
                   "SET LOCAL TimeZone = 'UTC'; SET LOCAL bytea_output = 'hex';"
                   "SET LOCAL extra_float_digits = 1",
                   err);
}

/* ---- Which table ---- */

/* Tables, views, materialised views, foreign and partitioned tables, but for the system's own. */
#define RELATIONS                                                                                  \
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"         \
    " WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname !~ '^pg_'"                        \
    " AND n.nspname <> 'information_schema'"

static enum pd_status list_tables(void *context, pd_str **names, size_t *count,
                                  struct pd_error *err) {
    struct connection *c = context;
    PGresult *rows =
        c->pq.PQexec(c->handle, "SELECT n.nspname || '.' || c.relname" RELATIONS " ORDER BY 1");
    enum pd_status st =
        c->pq.PQresultStatus(rows) == PGRES_TUPLES_OK ? PD_OK : refuse_result(c, rows, err);
    size_t n = st == PD_OK ? (size_t)c->pq.PQntuples(rows) : 0;
    if (n > SOURCE_PARTS_MAX)
        st = pd_fail(err, PD_LIMIT, "the database has more than %d tables", SOURCE_PARTS_MAX);
    *names = st == PD_OK ? pd_arena_array(c->arena, n + 1, sizeof(**names)) : NULL;
    if (st == PD_OK && *names == NULL)
        st = pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < n; i++)
        (*names)[i] = pd_arena_str(c->arena, pd_str_from(c->pq.PQgetvalue(rows, (int)i, 0)));
    *count = n;
    c->pq.PQclear(rows);
    return st;
}

/* "SELECT * FROM ..." of the table that was named, its name quoted by libpq. */
static enum pd_status select_table(void *context, pd_str wanted, pd_str *sql,
                                   struct pd_error *err) {
    struct connection *c = context;
    static const char FIND[] =
        "SELECT n.nspname, c.relname" RELATIONS " AND (n.nspname || '.' || c.relname = $1"
        " OR c.relname = $1 AND pg_catalog.pg_table_is_visible(c.oid))";
    const char *values[] = {wanted.data};
    PGresult *rows = c->pq.PQexecParams(c->handle, FIND, 1, NULL, values, NULL, NULL, 0);
    enum pd_status st =
        c->pq.PQresultStatus(rows) == PGRES_TUPLES_OK ? PD_OK : refuse_result(c, rows, err);
    if (st == PD_OK && c->pq.PQntuples(rows) == 0)
        st =
            pd_fail(err, PD_NOT_FOUND,
                    "the database has no table \"%.*s\" that can be seen (name it as SCHEMA.TABLE)",
                    pd_arg(wanted));
    if (st == PD_OK && c->pq.PQntuples(rows) > 1)
        st = pd_fail(err, PD_USAGE, "the database has several tables \"%.*s\"", pd_arg(wanted));
    if (st == PD_OK) {
        char *schema = c->pq.PQescapeIdentifier(c->handle, c->pq.PQgetvalue(rows, 0, 0),
                                                strlen(c->pq.PQgetvalue(rows, 0, 0)));
        char *table = c->pq.PQescapeIdentifier(c->handle, c->pq.PQgetvalue(rows, 0, 1),
                                               strlen(c->pq.PQgetvalue(rows, 0, 1)));
        *sql = schema && table ? pd_arena_printf(c->arena, "SELECT * FROM %s.%s", schema, table)
                               : (pd_str){NULL, 0};
        st = sql->data ? PD_OK : pd_fail_memory(err);
        c->pq.PQfreemem(schema);
        c->pq.PQfreemem(table);
    }
    c->pq.PQclear(rows);
    return st;
}

/* ---- Rows ---- */

static enum pd_status write_header(const struct connection *c, const PGresult *result,
                                   pd_str *cells, size_t count, struct table_writer *writer,
                                   struct pd_error *err) {
    for (size_t i = 0; i < count; i++)
        cells[i] = pd_str_from(c->pq.PQfname(result, (int)i));
    return table_write_row(writer, cells, count, err);
}

static enum pd_status write_row(const struct connection *c, const PGresult *result, int row,
                                pd_str *cells, size_t count, struct table_writer *writer,
                                struct pd_error *err) {
    for (size_t i = 0; i < count; i++) {
        int column = (int)i;
        cells[i] = (pd_str){c->pq.PQgetvalue(result, row, column),
                            (size_t)c->pq.PQgetlength(result, row, column)};
        if (c->pq.PQftype(result, column) == BOOL_TYPE && cells[i].len == 1)
            cells[i] = cells[i].data[0] == 't' ? PD_STR("true") : PD_STR("false");
    }
    return table_write_row(writer, cells, count, err);
}

/* One result of one row, or the empty one at the end. */
static enum pd_status take_result(struct connection *c, const PGresult *result, pd_str **cells,
                                  struct table_writer *writer, struct pd_error *err) {
    ExecStatusType status = c->pq.PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_COPY_OUT || status == PGRES_COPY_IN ||
        status == PGRES_EMPTY_QUERY)
        return pd_fail(err, PD_USAGE, "the query gives no table");
    if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK)
        return refuse_result(c, result, err);
    size_t count = (size_t)c->pq.PQnfields(result);
    enum pd_status st = PD_OK;
    if (count == 0)
        return pd_fail(err, PD_INVALID, "the table has no columns");
    if (*cells == NULL) {
        *cells = pd_arena_array(c->arena, count, sizeof(**cells));
        st = *cells ? write_header(c, result, *cells, count, writer, err) : pd_fail_memory(err);
    }
    for (int row = 0; st == PD_OK && row < c->pq.PQntuples(result); row++)
        st = write_row(c, result, row, *cells, count, writer, err);
    return st;
}

static enum pd_status run(void *context, pd_str sql, struct pd_error *err) {
    struct connection *c = context;
    struct table_writer *writer = NULL;
    pd_str *cells = NULL;
    enum pd_status st = source_records_new(c->sink, &writer, err);
    /* The extended protocol takes one statement only: nothing can be smuggled in behind it. */
    if (st == PD_OK &&
        (!c->pq.PQsendQueryParams(c->handle, sql.data, 0, NULL, NULL, NULL, NULL, 0) ||
         !c->pq.PQsetSingleRowMode(c->handle)))
        st = refuse_result(c, NULL, err);
    PGresult *result;
    while (st == PD_OK && (result = c->pq.PQgetResult(c->handle)) != NULL) {
        st = take_result(c, result, &cells, writer, err);
        c->pq.PQclear(result);
    }
    if (st == PD_OK)
        st = table_writer_finish(writer, err);
    table_writer_free(writer);
    return st;
}

enum pd_status source_postgresql_read(const struct source_address *address, bool list_only,
                                      const struct source_sink *sink, struct pd_error *err) {
    struct connection c = {.arena = pd_arena_new((size_t)16 << 20), .sink = sink};
    struct source_database database = {&c, list_tables, select_table, run};
    enum pd_status st = c.arena ? load_library(&c.pq, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = connect_to(&c, address->path, err);
    if (st == PD_OK)
        st = sink->tell(sink->context, SOURCE_TELLS_FORM,
                        pd_str_from(source_form_code(SOURCE_POSTGRESQL)), err);
    if (st == PD_OK)
        st = source_database_read(&database, address, list_only, sink, err);
    if (c.handle != NULL)
        c.pq.PQfinish(c.handle);
    pd_arena_free(c.arena);
    return st;
}
