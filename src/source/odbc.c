/*
 * A table or a query by ODBC (unixODBC): whatever database a driver is configured for. The password
 * comes from odbc.ini or from POLDER_ODBC_PASSWORD, never from the location. Nothing is committed.
 */
#include "source/source_impl.h"
#include <sql.h>
#include <sqlext.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 8192, NAME_UNITS = 512 };

struct connection {
    SQLHENV environment;
    SQLHDBC handle;
    SQLHSTMT statement;
    bool is_connected;
    struct pd_arena *arena;
    const struct source_sink *sink;
};

/* ---- Text: UTF-16 at this border, whatever the driver's own character set ---- */

static void add_utf16(struct pd_buf *out, const SQLWCHAR *text, size_t units) {
    for (size_t i = 0; i < units; i++) {
        uint32_t c = text[i];
        bool is_pair = c >= 0xd800 && c < 0xdc00 && i + 1 < units && text[i + 1] >= 0xdc00 &&
                       text[i + 1] < 0xe000;
        if (is_pair)
            c = 0x10000 + ((c - 0xd800) << 10) + (text[++i] - 0xdc00U);
        char utf8[4];
        size_t n = pd_utf8_encode(c, utf8);
        pd_buf_add(out, n ? utf8 : "\xef\xbf\xbd", n ? n : 3); /* half a pair: U+FFFD */
    }
}

/* Valid UTF-8 as UTF-16, ending in zero; in the arena. */
static SQLWCHAR *to_utf16(struct connection *c, pd_str text, size_t *units) {
    SQLWCHAR *out = pd_arena_array(c->arena, text.len + 1, sizeof(*out));
    size_t n = 0;
    for (size_t at = 0; out != NULL && at < text.len;) {
        uint32_t point;
        at += pd_utf8_decode(text, at, &point);
        if (point >= 0x10000) {
            out[n++] = (SQLWCHAR)(0xd800 + ((point - 0x10000) >> 10));
            point = 0xdc00 + ((point - 0x10000) & 0x3ff);
        }
        out[n++] = (SQLWCHAR)point;
    }
    *units = n;
    return out;
}

/* ---- Errors ---- */

static enum pd_status refuse(SQLSMALLINT kind, SQLHANDLE handle, const char *doing,
                             struct pd_error *err) {
    static const struct {
        const char *state;
        enum pd_status status;
    } meanings[] = {{"IM002", PD_NOT_FOUND}, {"IM003", PD_UNAVAILABLE}, {"28", PD_DENIED},
                    {"08", PD_UNAVAILABLE},  {"42S02", PD_NOT_FOUND},   {"42S22", PD_USAGE},
                    {"40", PD_CONFLICT},     {"HYT", PD_UNAVAILABLE},   {"42", PD_DENIED},
                    {"", PD_INVALID}};
    SQLCHAR state[6] = "", words[SQL_MAX_MESSAGE_LENGTH] = "";
    SQLINTEGER native;
    SQLSMALLINT length;
    SQLGetDiagRec(kind, handle, 1, state, &native, words, sizeof(words), &length);
    size_t i = 0;
    while (strncmp((char *)state, meanings[i].state, strlen(meanings[i].state)) != 0)
        i++;
    enum pd_status status = meanings[i].status;
    /* 42000 is both a missing right and a syntax error; MySQL's own numbers tell them apart. */
    if (status == PD_DENIED && native != 1142 && native != 1143 && native != 1044 &&
        native != 1045 && strncmp((char *)state, "28", 2) != 0 &&
        strstr((char *)words, "denied") == NULL)
        status = PD_USAGE;
    return pd_fail(err, status, "%s: %.700s", doing, (char *)words);
}

static bool is_done(SQLRETURN code) {
    return code == SQL_SUCCESS || code == SQL_SUCCESS_WITH_INFO;
}

/* ---- The connection ---- */

/* The data source as ODBC wants it; the password last, in braces so that nothing in it is syntax.
 */
static enum pd_status connection_string(struct connection *c, const char *source, pd_str *out,
                                        struct pd_error *err) {
    const char *password = getenv("POLDER_ODBC_PASSWORD");
    struct pd_buf text;
    pd_buf_init(&text, 1 << 16);
    bool is_whole = strchr(source, '=') != NULL && strchr(source, ';') == NULL;
    const char *semicolon = strchr(source, ';'), *equals = strchr(source, '=');
    is_whole = is_whole || (equals != NULL && semicolon != NULL && equals < semicolon);
    pd_buf_printf(&text, "%s%s", is_whole ? "" : "DSN=", source);
    if (password != NULL) {
        pd_buf_text(&text, ";PWD={");
        for (const char *p = password; *p != '\0'; p++) {
            pd_buf_char(&text, *p);
            if (*p == '}')
                pd_buf_char(&text, '}');
        }
        pd_buf_char(&text, '}');
    }
    *out = pd_arena_str(c->arena, pd_buf_view(&text));
    if (text.data != NULL)
        crypto_wipe(text.data, text.len);
    pd_buf_clear(&text);
    if (!out->data)
        return pd_fail_memory(err);
    return pd_utf8_valid(*out, NULL) ? PD_OK : pd_fail(err, PD_USAGE, "the password is not UTF-8");
}

static enum pd_status connect_to(struct connection *c, const char *source, struct pd_error *err) {
    if (!is_done(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &c->environment)) ||
        !is_done(
            SQLSetEnvAttr(c->environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0)) ||
        !is_done(SQLAllocHandle(SQL_HANDLE_DBC, c->environment, &c->handle)))
        return pd_fail(err, PD_UNAVAILABLE, "ODBC can't be used here");
    SQLSetConnectAttr(c->handle, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)15, 0);
    SQLSetConnectAttr(c->handle, SQL_ATTR_ACCESS_MODE, (SQLPOINTER)SQL_MODE_READ_ONLY, 0);
    pd_str text;
    enum pd_status st = connection_string(c, source, &text, err);
    if (st != PD_OK)
        return st;
    size_t units = 0;
    SQLWCHAR *wide = to_utf16(c, text, &units), answer[1024];
    SQLSMALLINT length;
    if (wide == NULL)
        return pd_fail_memory(err);
    SQLRETURN code = SQLDriverConnectW(c->handle, NULL, wide, (SQLSMALLINT)units, answer, 1024,
                                       &length, SQL_DRIVER_NOPROMPT);
    crypto_wipe(wide, units * sizeof(*wide));
    crypto_wipe((char *)(uintptr_t)text.data, text.len);
    crypto_wipe(answer, sizeof(answer));
    if (!is_done(code))
        return refuse(SQL_HANDLE_DBC, c->handle, "the database doesn't let us in", err);
    c->is_connected = true;
    /* One moment for the whole reading, where the database knows how; nothing is ever committed. */
    SQLSetConnectAttr(c->handle, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_REPEATABLE_READ, 0);
    SQLSetConnectAttr(c->handle, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0);
    return is_done(SQLAllocHandle(SQL_HANDLE_STMT, c->handle, &c->statement))
               ? PD_OK
               : refuse(SQL_HANDLE_DBC, c->handle, "ask the database", err);
}

static void disconnect(struct connection *c) {
    if (c->statement != NULL)
        SQLFreeHandle(SQL_HANDLE_STMT, c->statement);
    if (c->is_connected) {
        SQLEndTran(SQL_HANDLE_DBC, c->handle, SQL_ROLLBACK);
        SQLDisconnect(c->handle);
    }
    if (c->handle != NULL)
        SQLFreeHandle(SQL_HANDLE_DBC, c->handle);
    if (c->environment != NULL)
        SQLFreeHandle(SQL_HANDLE_ENV, c->environment);
}

/* ---- Cells ---- */

static bool is_binary(SQLSMALLINT type) {
    return type == SQL_BINARY || type == SQL_VARBINARY || type == SQL_LONGVARBINARY;
}

/* Appends the cell, however many pieces it comes in. */
static enum pd_status add_cell(struct connection *c, SQLUSMALLINT column, bool as_binary,
                               struct pd_buf *out, struct pd_error *err) {
    union {
        SQLWCHAR text[PIECE];
        unsigned char bytes[PIECE * sizeof(SQLWCHAR)];
    } piece;
    const size_t room = as_binary ? sizeof(piece.bytes) : sizeof(piece.text) - sizeof(SQLWCHAR);
    bool is_begun = false;
    for (;;) {
        SQLLEN length = 0;
        SQLRETURN code = SQLGetData(c->statement, column, as_binary ? SQL_C_BINARY : SQL_C_WCHAR,
                                    &piece, sizeof(piece), &length);
        if (code == SQL_NO_DATA || (is_done(code) && length == SQL_NULL_DATA))
            return PD_OK;
        if (!is_done(code))
            return refuse(SQL_HANDLE_STMT, c->statement, "read the table", err);
        bool is_cut = length == SQL_NO_TOTAL || (size_t)length > room;
        size_t n = is_cut ? room : (size_t)length;
        if (as_binary && is_begun) {
            char *hex = pd_buf_reserve(out, 2 * n + 1);
            if (hex != NULL) {
                pd_hex_encode(piece.bytes, n, hex);
                out->len += 2 * n;
            }
        } else if (as_binary) {
            source_write_binary(out, piece.bytes, n);
        } else {
            add_utf16(out, piece.text, n / sizeof(SQLWCHAR));
        }
        is_begun = true;
        if (out->failed)
            return pd_fail(err, PD_LIMIT, "one row has more than 256 MiB");
        if (!is_cut)
            return PD_OK;
    }
}

struct columns {
    size_t count;
    bool *is_binary;
    pd_str *cells;
    size_t *ends; /* of the cells in the buffer of the row */
};

static enum pd_status describe(struct connection *c, struct columns *out, struct pd_error *err) {
    SQLSMALLINT count = 0;
    if (!is_done(SQLNumResultCols(c->statement, &count)))
        return refuse(SQL_HANDLE_STMT, c->statement, "read the table", err);
    if (count <= 0)
        return pd_fail(err, PD_USAGE, "the query gives no table");
    out->count = (size_t)count;
    out->is_binary = pd_arena_array(c->arena, out->count, sizeof(*out->is_binary));
    out->cells = pd_arena_array(c->arena, out->count, sizeof(*out->cells));
    out->ends = pd_arena_array(c->arena, out->count, sizeof(*out->ends));
    if (!out->is_binary || !out->cells || !out->ends)
        return pd_fail_memory(err);
    for (size_t i = 0; i < out->count; i++) {
        SQLWCHAR name[NAME_UNITS];
        SQLSMALLINT units = 0, type = 0, digits = 0, nullable = 0;
        SQLULEN size = 0;
        if (!is_done(SQLDescribeColW(c->statement, (SQLUSMALLINT)(i + 1), name, NAME_UNITS, &units,
                                     &type, &size, &digits, &nullable)))
            return refuse(SQL_HANDLE_STMT, c->statement, "read the columns of the table", err);
        struct pd_buf text;
        pd_buf_init(&text, 1 << 16);
        add_utf16(&text, name, units < NAME_UNITS ? (size_t)units : NAME_UNITS - 1);
        out->is_binary[i] = is_binary(type);
        out->cells[i] = pd_arena_str(c->arena, pd_buf_view(&text));
        pd_buf_clear(&text);
        if (!out->cells[i].data)
            return pd_fail_memory(err);
    }
    return PD_OK;
}

static enum pd_status write_row(struct connection *c, struct columns *columns, struct pd_buf *row,
                                struct table_writer *writer, struct pd_error *err) {
    pd_buf_reset(row);
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < columns->count; i++) {
        st = add_cell(c, (SQLUSMALLINT)(i + 1), columns->is_binary[i], row, err);
        columns->ends[i] = row->len;
    }
    for (size_t i = 0, from = 0; i < columns->count; from = columns->ends[i++])
        columns->cells[i] = pd_str_sub(pd_buf_view(row), from, columns->ends[i] - from);
    return st == PD_OK ? table_write_row(writer, columns->cells, columns->count, err) : st;
}

static enum pd_status write_rows(struct connection *c, struct pd_error *err) {
    struct columns columns = {0};
    struct table_writer *writer = NULL;
    struct pd_buf row;
    pd_buf_init(&row, 0);
    enum pd_status st = describe(c, &columns, err);
    if (st == PD_OK)
        st = source_records_new(c->sink, &writer, err);
    if (st == PD_OK)
        st = table_write_row(writer, columns.cells, columns.count, err);
    while (st == PD_OK) {
        SQLRETURN code = SQLFetch(c->statement);
        if (code == SQL_NO_DATA)
            break;
        st = is_done(code) ? write_row(c, &columns, &row, writer, err)
                           : refuse(SQL_HANDLE_STMT, c->statement, "read the table", err);
    }
    if (st == PD_OK)
        st = table_writer_finish(writer, err);
    table_writer_free(writer);
    pd_buf_clear(&row);
    return st;
}

/* ---- What to read ---- */

static enum pd_status run(void *context, pd_str sql, struct pd_error *err) {
    struct connection *c = context;
    size_t units = 0;
    SQLWCHAR *wide = to_utf16(c, sql, &units);
    if (wide == NULL)
        return pd_fail_memory(err);
    SQLSetStmtAttr(c->statement, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_FORWARD_ONLY, 0);
    if (!is_done(SQLExecDirectW(c->statement, wide, (SQLINTEGER)units)))
        return refuse(SQL_HANDLE_STMT, c->statement, "the database says", err);
    return write_rows(c, err);
}

/* Drivers differ in how much they make of "read only"; so a query must at least look like reading.
 */
static enum pd_status check_query(pd_str query, struct pd_error *err) {
    static const char *const reading[] = {"select", "with", "values", "table", "show"};
    pd_str text = pd_str_trim(query);
    size_t n = 0;
    while (n < text.len && ((text.data[n] | 0x20) >= 'a' && (text.data[n] | 0x20) <= 'z'))
        n++;
    for (size_t i = 0; i < sizeof(reading) / sizeof(reading[0]); i++)
        if (pd_str_eq_ascii_case(pd_str_sub(text, 0, n), pd_str_from(reading[i])))
            return PD_OK;
    return pd_fail(err, PD_USAGE, "a query must begin with SELECT, WITH, VALUES, TABLE or SHOW");
}

/* a.b as "a"."b", with the quotes of the database. */
static enum pd_status select_table(void *context, pd_str table, pd_str *sql, struct pd_error *err) {
    struct connection *c = context;
    SQLCHAR quote[8] = "";
    SQLSMALLINT length = 0;
    SQLGetInfo(c->handle, SQL_IDENTIFIER_QUOTE_CHAR, quote, sizeof(quote), &length);
    bool has_quote = quote[0] != '\0' && quote[0] != ' ';
    struct pd_buf text;
    pd_buf_init(&text, 1 << 16);
    pd_buf_text(&text, "SELECT * FROM ");
    pd_str rest = table, piece;
    bool is_first = true, is_plain = true;
    while (pd_str_split(&rest, '.', &piece)) {
        pd_buf_text(&text, is_first ? "" : ".");
        is_first = false;
        if (has_quote)
            pd_buf_char(&text, (char)quote[0]);
        for (size_t i = 0; i < piece.len; i++) {
            char ch = piece.data[i];
            bool is_word = (ch >= '0' && ch <= '9') || ch == '_' || ch < 0 ||
                           ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z');
            is_plain = is_plain && is_word;
            pd_buf_char(&text, ch);
            if (has_quote && ch == (char)quote[0])
                pd_buf_char(&text, ch);
        }
        if (has_quote)
            pd_buf_char(&text, (char)quote[0]);
    }
    *sql = pd_arena_str(c->arena, pd_buf_view(&text));
    pd_buf_clear(&text);
    if (!sql->data)
        return pd_fail_memory(err);
    return has_quote || is_plain
               ? PD_OK
               : pd_fail(err, PD_USAGE, "the database can't quote the name \"%.*s\"",
                         pd_arg(table));
}

static enum pd_status list_tables(void *context, pd_str **names, size_t *count,
                                  struct pd_error *err) {
    struct connection *c = context;
    *names = pd_arena_array(c->arena, SOURCE_PARTS_MAX, sizeof(**names));
    *count = 0;
    if (*names == NULL)
        return pd_fail_memory(err);
    if (!is_done(
            SQLTables(c->statement, NULL, 0, NULL, 0, NULL, 0, (SQLCHAR *)"TABLE,VIEW", SQL_NTS)))
        return refuse(SQL_HANDLE_STMT, c->statement, "list the tables", err);
    enum pd_status st = PD_OK;
    struct pd_buf name;
    pd_buf_init(&name, 1 << 16);
    while (st == PD_OK && is_done(SQLFetch(c->statement))) {
        pd_buf_reset(&name);
        st = add_cell(c, 3, false, &name, err);
        if (st == PD_OK && *count == SOURCE_PARTS_MAX)
            st = pd_fail(err, PD_LIMIT, "the database has more than %d tables", SOURCE_PARTS_MAX);
        else if (st == PD_OK)
            (*names)[(*count)++] = pd_arena_str(c->arena, pd_buf_view(&name));
    }
    pd_buf_clear(&name);
    SQLCloseCursor(c->statement);
    return st;
}

enum pd_status source_odbc_read(const struct source_address *address, bool list_only,
                                const struct source_sink *sink, struct pd_error *err) {
    struct connection c = {.arena = pd_arena_new((size_t)64 << 20), .sink = sink};
    enum pd_status st = c.arena ? connect_to(&c, address->path, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = sink->tell(sink->context, SOURCE_TELLS_FORM,
                        pd_str_from(source_form_code(SOURCE_ODBC)), err);
    if (st == PD_OK)
        st = address->is_query ? check_query(address->part, err) : PD_OK;
    struct source_database database = {&c, list_tables, select_table, run};
    if (st == PD_OK)
        st = source_database_read(&database, address, list_only, sink, err);
    disconnect(&c);
    pd_arena_free(c.arena);
    return st;
}
