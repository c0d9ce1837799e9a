/*
 * A table of a SQLite file, within the reader: opened for reading only, in one transaction, by a
 * connection that trusts nothing in the file (no triggers, no functions of its schema, no other
 * file).
 */
#include "source/source_impl.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BUSY_TIMEOUT_MS = 10000 };

struct database {
    sqlite3 *handle;
    const char *path;
    bool is_immutable;
    struct stat before;
    struct pd_arena *arena;
    pd_str *names;
    size_t name_count;
};

/* ---- Errors ---- */

static enum pd_status refuse(const struct database *d, int code, struct pd_error *err) {
    const char *why = d->handle ? sqlite3_errmsg(d->handle) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
        return pd_fail(err, PD_INVALID, "the database is damaged or encrypted (%s)", why);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return pd_fail(err, PD_UNAVAILABLE, "another program is writing to it; try again later");
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
        return pd_fail(err, PD_LIMIT, "it takes more memory than a reader may use (%s)", why);
    case SQLITE_AUTH:
        return pd_fail(err, PD_USAGE, "a query may only read tables of this one database (%s)",
                       why);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return pd_fail(err, PD_DENIED,
                       "the database, or the files -wal and -shm beside it, may not be read (%s)",
                       why);
    default:
        return pd_fail(err, PD_INVALID, "%s", why);
    }
}

/* ---- Opening ---- */

/* What a hostile query, or a hostile schema behind a harmless one, may do: read. */
static int allow(void *context, int action, const char *a, const char *b, const char *c,
                 const char *d) {
    (void)context, (void)a, (void)c, (void)d;
    if (action == SQLITE_FUNCTION)
        return b != NULL && sqlite3_stricmp(b, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    bool is_reading = action == SQLITE_SELECT || action == SQLITE_READ ||
                      action == SQLITE_RECURSIVE || action == SQLITE_TRANSACTION;
    return is_reading ? SQLITE_OK : SQLITE_DENY;
}

static int open_as(struct database *d, const char *name, int more_flags) {
    sqlite3_close_v2(d->handle);
    d->handle = NULL;
    int code = sqlite3_open_v2(name, &d->handle,
                               SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | more_flags, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_extended_result_codes(d->handle, 1);
    sqlite3_busy_timeout(d->handle, BUSY_TIMEOUT_MS);
    sqlite3_db_config(d->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(d->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    sqlite3_db_config(d->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
    sqlite3_db_config(d->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)NULL);
    sqlite3_limit(d->handle, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_exec(d->handle,
                 "PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON;"
                 "PRAGMA mmap_size=0; PRAGMA query_only=ON",
                 NULL, NULL, NULL);
    sqlite3_set_authorizer(d->handle, allow, NULL);
    return sqlite3_exec(d->handle, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
}

static bool has_log(const char *path) {
    char name[4200];
    struct stat about;
    snprintf(name, sizeof(name), "%s-wal", path);
    return stat(name, &about) == 0 && about.st_size > 0;
}

static enum pd_status open_database(struct database *d, struct pd_error *err) {
    int code = open_as(d, d->path, 0);
    bool is_shut = (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY;
    if (is_shut && !has_log(d->path) && stat(d->path, &d->before) == 0) {
        /* In WAL mode a reader makes files beside the database, which this one may not. Where no
           program has it open, the file alone is the whole database. */
        pd_str uri = pd_arena_str(d->arena, PD_STR("file:"));
        for (const char *c = d->path; *c != '\0' && uri.data; c++) {
            bool is_plain = strchr("?#%", *c) == NULL;
            uri = pd_arena_printf(d->arena, is_plain ? "%.*s%c" : "%.*s%%%02x", pd_arg(uri),
                                  (unsigned char)*c);
        }
        uri = pd_arena_printf(d->arena, "%.*s?immutable=1", pd_arg(uri));
        if (!uri.data)
            return pd_fail_memory(err);
        d->is_immutable = true;
        code = open_as(d, uri.data, SQLITE_OPEN_URI);
    }
    return code == SQLITE_OK ? PD_OK : refuse(d, code, err);
}

/* Nothing watches over a database opened as immutable but ourselves. */
static enum pd_status check_unchanged(const struct database *d, struct pd_error *err) {
    struct stat now;
    if (!d->is_immutable)
        return PD_OK;
    bool is_same = stat(d->path, &now) == 0 && now.st_size == d->before.st_size &&
                   now.st_mtim.tv_sec == d->before.st_mtim.tv_sec &&
                   now.st_mtim.tv_nsec == d->before.st_mtim.tv_nsec && !has_log(d->path);
    return is_same ? PD_OK
                   : pd_fail(err, PD_CONFLICT,
                             "the database changed while it was read; read it again when nobody "
                             "writes to it");
}

/* ---- Tables ---- */

static enum pd_status list_tables(struct database *d, struct pd_error *err) {
    static const char TABLES[] = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"
                                 " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    sqlite3_stmt *rows = NULL;
    int code = sqlite3_prepare_v2(d->handle, TABLES, -1, &rows, NULL);
    d->names = pd_arena_array(d->arena, SOURCE_PARTS_MAX, sizeof(*d->names));
    enum pd_status st = d->names ? PD_OK : pd_fail_memory(err);
    while (st == PD_OK && code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        pd_str name = {(const char *)sqlite3_column_text(rows, 0),
                       (size_t)sqlite3_column_bytes(rows, 0)};
        code = SQLITE_OK;
        if (d->name_count == SOURCE_PARTS_MAX)
            st = pd_fail(err, PD_LIMIT, "it has more than %d tables", SOURCE_PARTS_MAX);
        else if (name.data && pd_utf8_valid(name, NULL))
            d->names[d->name_count++] = pd_arena_str(d->arena, name);
    }
    sqlite3_finalize(rows);
    return st != PD_OK || code == SQLITE_DONE ? st : refuse(d, code, err);
}

static enum pd_status choose(struct database *d, pd_str wanted, pd_str *chosen,
                             struct pd_error *err) {
    if (wanted.len == 0)
        return source_only_table(d->names, d->name_count, chosen, err);
    for (size_t i = 0; i < d->name_count; i++)
        if (pd_str_eq_ascii_case(d->names[i], wanted)) { /* as SQLite compares names */
            *chosen = d->names[i];
            return PD_OK;
        }
    struct pd_buf names;
    pd_buf_init(&names, 1 << 16);
    for (size_t i = 0; i < d->name_count && names.len < 800; i++)
        pd_buf_printf(&names, "%s%.*s", i ? ", " : "", pd_arg(d->names[i]));
    enum pd_status st = pd_fail(err, PD_NOT_FOUND, "it has no table \"%.*s\"; it has %.*s",
                                pd_arg(wanted), pd_arg(pd_buf_view(&names)));
    pd_buf_clear(&names);
    return st;
}

/* ---- Rows ---- */

static enum pd_status write_row(sqlite3_stmt *rows, pd_str *cells, size_t count,
                                struct table_writer *writer, struct pd_buf *binary,
                                struct pd_error *err) {
    pd_buf_reset(binary);
    for (size_t i = 0; i < count; i++) {
        int column = (int)i;
        bool is_binary = sqlite3_column_type(rows, column) == SQLITE_BLOB;
        if (is_binary) {
            /* The buffer may move as it grows: places first, addresses below. */
            size_t from = binary->len;
            source_write_binary(binary, sqlite3_column_blob(rows, column),
                                (size_t)sqlite3_column_bytes(rows, column));
            cells[i] = (pd_str){NULL, binary->len - from};
        } else {
            const char *text = (const char *)sqlite3_column_text(rows, column);
            cells[i] = (pd_str){text ? text : "", (size_t)sqlite3_column_bytes(rows, column)};
        }
    }
    enum pd_status st = pd_buf_check(binary, err);
    for (size_t i = 0, from = 0; i < count; i++)
        if (cells[i].data == NULL) {
            cells[i].data = binary->data + from;
            from += cells[i].len;
        }
    return st == PD_OK ? table_write_row(writer, cells, count, err) : st;
}

static enum pd_status write_rows(struct database *d, sqlite3_stmt *rows,
                                 const struct source_sink *sink, struct pd_error *err) {
    size_t count = (size_t)sqlite3_column_count(rows);
    struct pd_buf binary;
    pd_buf_init(&binary, 0);
    struct table_writer *writer = NULL;
    pd_str *cells = pd_arena_array(d->arena, count, sizeof(*cells));
    enum pd_status st = cells ? source_records_new(sink, &writer, err) : pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < count; i++)
        cells[i] = pd_str_from(sqlite3_column_name(rows, (int)i));
    if (st == PD_OK)
        st = table_write_row(writer, cells, count, err);
    int code = SQLITE_DONE;
    while (st == PD_OK && (code = sqlite3_step(rows)) == SQLITE_ROW)
        st = write_row(rows, cells, count, writer, &binary, err);
    if (st == PD_OK && code != SQLITE_DONE)
        st = refuse(d, code, err);
    if (st == PD_OK)
        st = table_writer_finish(writer, err);
    table_writer_free(writer);
    pd_buf_clear(&binary);
    return st;
}

static enum pd_status run(struct database *d, const char *sql, const struct source_sink *sink,
                          struct pd_error *err) {
    sqlite3_stmt *rows = NULL;
    const char *rest = NULL;
    int code = sqlite3_prepare_v2(d->handle, sql, -1, &rows, &rest);
    enum pd_status st = PD_OK;
    if (code != SQLITE_OK)
        st = refuse(d, code, err);
    else if (rows == NULL || sqlite3_column_count(rows) == 0)
        st = pd_fail(err, PD_USAGE, "the query gives no table");
    else if (pd_str_trim(pd_str_from(rest)).len > 0)
        st = pd_fail(err, PD_USAGE, "a query is one statement; after it stands \"%.40s\"", rest);
    if (st == PD_OK)
        st = write_rows(d, rows, sink, err);
    sqlite3_finalize(rows);
    return st;
}

static enum pd_status read_table(struct database *d, pd_str wanted, const struct source_sink *sink,
                                 struct pd_error *err) {
    pd_str table;
    enum pd_status st = choose(d, wanted, &table, err);
    if (st == PD_OK)
        st = sink->tell(sink->context, SOURCE_TELLS_PART, table, err);
    for (size_t i = 0; st == PD_OK && i < d->name_count; i++)
        if (!pd_str_eq(d->names[i], table))
            st = sink->tell(sink->context, SOURCE_TELLS_OTHER, d->names[i], err);
    if (st != PD_OK)
        return st;
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", table.data);
    st = sql ? run(d, sql, sink, err) : pd_fail_memory(err);
    sqlite3_free(sql);
    return st;
}

enum pd_status source_sqlite_read(const char *path, pd_str part, bool is_query, bool list_only,
                                  const struct source_sink *sink, struct pd_error *err) {
    struct database d = {.path = path, .arena = pd_arena_new((size_t)64 << 20)};
    enum pd_status st = d.arena ? open_database(&d, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = sink->tell(sink->context, SOURCE_TELLS_FORM,
                        pd_str_from(source_form_code(SOURCE_SQLITE)), err);
    if (st == PD_OK && !is_query)
        st = list_tables(&d, err);
    for (size_t i = 0; st == PD_OK && list_only && i < d.name_count; i++)
        st = sink->tell(sink->context, SOURCE_TELLS_OTHER, d.names[i], err);
    if (st == PD_OK && is_query)
        st = run(&d, part.data, sink, err);
    else if (st == PD_OK && !list_only)
        st = read_table(&d, part, sink, err);
    if (st == PD_OK)
        st = check_unchanged(&d, err);
    sqlite3_close_v2(d.handle);
    pd_arena_free(d.arena);
    return st;
}
