/*
 * Rows of a sheet as canonical CSV. A sheet is read twice: once to measure how wide it is, once to
 * write it, each row padded to that width. A row without any value is written as an empty line,
 * which costs one byte however wide the sheet is, and which table/ skips and counts.
 */
#include "source/source_impl.h"
#include <string.h>

enum { LINE_MAX_BYTES = 256 << 20 };

void source_rows_init(struct source_rows *rows, const struct source_sink *sink, size_t width) {
    *rows = (struct source_rows){.sink = sink, .width = width};
    pd_buf_init(&rows->line, LINE_MAX_BYTES);
}

void source_rows_clear(struct source_rows *rows) {
    pd_buf_clear(&rows->line);
}

static bool needs_quotes(pd_str text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == ',' || text.data[i] == '"' || text.data[i] == '\n' ||
            text.data[i] == '\r')
            return true;
    return pd_str_starts(text, PD_STR("\xef\xbb\xbf"));
}

static void add_field(struct pd_buf *line, pd_str text) {
    if (!needs_quotes(text)) {
        pd_buf_str(line, text);
        return;
    }
    pd_buf_char(line, '"');
    for (size_t from = 0; from <= text.len;) {
        pd_str rest = pd_str_sub(text, from, SIZE_MAX);
        size_t quote = pd_str_find_char(rest, '"');
        if (quote == PD_NPOS) {
            pd_buf_str(line, rest);
            break;
        }
        pd_buf_str(line, pd_str_sub(rest, 0, quote + 1));
        pd_buf_char(line, '"');
        from += quote + 1;
    }
    pd_buf_char(line, '"');
}

enum pd_status source_rows_cell(struct source_rows *rows, size_t column, pd_str text,
                                struct pd_error *err) {
    if (text.len == 0)
        return PD_OK;
    if (column >= SOURCE_SHEET_COLUMNS)
        return pd_fail(err, PD_LIMIT, "it has more than %d columns", SOURCE_SHEET_COLUMNS);
    rows->has_value = true;
    if (rows->sink == NULL) {
        rows->width = column + 1 > rows->width ? column + 1 : rows->width;
        return PD_OK;
    }
    for (; rows->at <= column; rows->at++)
        if (rows->at > 0)
            pd_buf_char(&rows->line, ',');
    add_field(&rows->line, text);
    return rows->line.failed
               ? pd_fail(err, PD_LIMIT, "one row has more than %d MiB", LINE_MAX_BYTES >> 20)
               : PD_OK;
}

static enum pd_status write_blank(struct source_rows *rows, uint64_t count, struct pd_error *err) {
    char lines[4096];
    memset(lines, '\n', sizeof(lines));
    enum pd_status st = PD_OK;
    while (st == PD_OK && count > 0) {
        size_t n = count < sizeof(lines) ? (size_t)count : sizeof(lines);
        st = rows->sink->data(rows->sink->context, lines, n, err);
        count -= n;
    }
    return st;
}

static enum pd_status write_line(struct source_rows *rows, uint64_t at, uint64_t repeat,
                                 struct pd_error *err) {
    enum pd_status st = write_blank(rows, at - rows->next, err);
    for (; rows->at < rows->width; rows->at++)
        if (rows->at > 0)
            pd_buf_char(&rows->line, ',');
    pd_buf_char(&rows->line, '\n');
    if (st == PD_OK)
        st = pd_buf_check(&rows->line, err);
    for (uint64_t i = 0; st == PD_OK && i < repeat; i++)
        st = rows->sink->data(rows->sink->context, rows->line.data, rows->line.len, err);
    return st;
}

enum pd_status source_rows_end(struct source_rows *rows, uint64_t at, uint64_t repeat,
                               struct pd_error *err) {
    enum pd_status st = PD_OK;
    if (rows->has_value) {
        if (at < rows->next)
            return pd_fail(err, PD_INVALID, "its rows are not in order; it is damaged");
        if (at >= SOURCE_SHEET_ROWS || repeat > SOURCE_SHEET_ROWS - at)
            return pd_fail(err, PD_LIMIT, "it has more than 1,048,576 rows");
        st = rows->sink != NULL ? write_line(rows, at, repeat, err) : PD_OK;
        rows->next = at + repeat;
        rows->filled += repeat;
    }
    pd_buf_reset(&rows->line);
    rows->at = 0;
    rows->has_value = false;
    return st;
}
