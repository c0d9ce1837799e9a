/* Writes records as RFC 4180 has them. */
#include "table/table_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { HELD_BYTES = 64 * 1024 };

struct table_writer {
    struct table_sink sink;
    struct table_dialect dialect;
    bool needs_quotes[256]; /* by byte: whether a cell that holds it is quoted */
    size_t columns;         /* 0 until the first record */
    uint64_t records;
    size_t held;
    char bytes[HELD_BYTES];
};

enum pd_status table_writer_new(const struct table_dialect *dialect, const struct table_sink *sink,
                                struct table_writer **out, struct pd_error *err) {
    struct table_dialect settled = {0};
    if (dialect != NULL)
        settled = *dialect;
    if (settled.separator == 0)
        settled.separator = ',';
    if (settled.quote == 0)
        settled.quote = '"';
    enum pd_status status = table_dialect_check(&settled, err);
    if (status != PD_OK)
        return status;
    struct table_writer *w = calloc(1, sizeof(*w));
    if (w == NULL)
        return pd_fail_memory(err);
    w->sink = *sink;
    w->dialect = settled;
    const char special[] = {settled.separator, settled.quote, '\n', '\r'};
    for (size_t i = 0; i < sizeof(special); i++)
        w->needs_quotes[(unsigned char)special[i]] = true;
    *out = w;
    return PD_OK;
}

void table_writer_free(struct table_writer *writer) {
    free(writer);
}

static enum pd_status flush(struct table_writer *w, struct pd_error *err) {
    size_t n = w->held;
    w->held = 0;
    return n > 0 ? w->sink.write(w->sink.context, w->bytes, n, err) : PD_OK;
}

static enum pd_status put(struct table_writer *w, const char *bytes, size_t n,
                          struct pd_error *err) {
    if (n > HELD_BYTES - w->held) {
        enum pd_status status = flush(w, err);
        if (status != PD_OK)
            return status;
        if (n > HELD_BYTES)
            return w->sink.write(w->sink.context, bytes, n, err);
    }
    if (n > 0)
        memcpy(w->bytes + w->held, bytes, n);
    w->held += n;
    return PD_OK;
}

static bool must_quote(const struct table_writer *w, pd_str cell) {
    /* An empty line would be no record; a mark at the start of the file would be taken off. */
    if (cell.len == 0)
        return w->columns == 1;
    if (table_dialect_bom(cell) > 0)
        return true;
    for (size_t i = 0; i < cell.len; i++)
        if (w->needs_quotes[(unsigned char)cell.data[i]])
            return true;
    return false;
}

static enum pd_status put_quoted(struct table_writer *w, pd_str cell, struct pd_error *err) {
    const char quote = w->dialect.quote;
    enum pd_status status = put(w, &quote, 1, err);
    size_t at = 0;
    while (status == PD_OK && at < cell.len) {
        const char *found = memchr(cell.data + at, quote, cell.len - at);
        size_t next = found != NULL ? (size_t)(found - cell.data) + 1 : cell.len;
        status = put(w, cell.data + at, next - at, err);
        if (status == PD_OK && found != NULL)
            status = put(w, &quote, 1, err);
        at = next;
    }
    return status == PD_OK ? put(w, &quote, 1, err) : status;
}

static enum pd_status put_cell(struct table_writer *w, pd_str cell, size_t column,
                               struct pd_error *err) {
    enum pd_status status = column > 0 ? put(w, &w->dialect.separator, 1, err) : PD_OK;
    if (status != PD_OK)
        return status;
    if (!must_quote(w, cell))
        return put(w, cell.data, cell.len, err);
    if (w->dialect.quote == TABLE_NONE)
        return pd_fail(err, PD_INVALID,
                       "record %" PRIu64
                       ", column %zu: the cell needs quotes, which this dialect has "
                       "not; choose another separator or allow quotes",
                       w->records + 1, column + 1);
    return put_quoted(w, cell, err);
}

static enum pd_status start_row(struct table_writer *w, size_t n, struct pd_error *err) {
    if (n == 0 || (w->columns != 0 && n != w->columns))
        return pd_fail(err, PD_USAGE, "record %" PRIu64 " has %zu cells; the table has %zu columns",
                       w->records + 1, n, w->columns);
    if (n > 1 && w->dialect.separator == TABLE_NONE)
        return pd_fail(err, PD_USAGE, "%zu columns need a separator", n);
    bool is_first = w->columns == 0;
    w->columns = n;
    return is_first && w->dialect.has_bom ? put(w, "\xEF\xBB\xBF", 3, err) : PD_OK;
}

static enum pd_status end_row(struct table_writer *w, struct pd_error *err) {
    w->records++;
    bool is_crlf = (w->dialect.line_ends & TABLE_CRLF) != 0;
    return put(w, is_crlf ? "\r\n" : "\n", is_crlf ? 2 : 1, err);
}

enum pd_status table_write_row(struct table_writer *writer, const pd_str *cells, size_t n,
                               struct pd_error *err) {
    enum pd_status status = start_row(writer, n, err);
    for (size_t c = 0; c < n && status == PD_OK; c++)
        status = put_cell(writer, cells[c], c, err);
    return status == PD_OK ? end_row(writer, err) : status;
}

enum pd_status table_write_batch(struct table_writer *writer, const struct table_batch *batch,
                                 struct pd_error *err) {
    for (size_t r = 0; r < batch->rows; r++) {
        enum pd_status status = start_row(writer, batch->columns, err);
        for (size_t c = 0; c < batch->columns && status == PD_OK; c++)
            status = put_cell(writer, table_cell_text(batch, c, r), c, err);
        if (status == PD_OK)
            status = end_row(writer, err);
        if (status != PD_OK)
            return status;
    }
    return PD_OK;
}

enum pd_status table_writer_finish(struct table_writer *writer, struct pd_error *err) {
    return flush(writer, err);
}

static enum pd_status write_to_buf(void *context, const void *bytes, size_t n,
                                   struct pd_error *err) {
    struct pd_buf *buf = context;
    pd_buf_add(buf, bytes, n);
    return pd_buf_check(buf, err);
}

struct table_sink table_sink_buf(struct pd_buf *buf) {
    return (struct table_sink){.context = buf, .write = write_to_buf};
}
