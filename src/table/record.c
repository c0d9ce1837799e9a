/* Finds records in checked text and hands them out: the header, rows by the batch, the ragged. */
#include "table/table_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 65536 };

static uint64_t input_at(const struct table_reader *r, size_t at) {
    return r->text_at + at;
}

static enum pd_status fail_cell_limit(const struct table_reader *r, struct pd_error *err) {
    bool is_quoted = r->text[r->cell_start] == r->dialect.quote;
    uint64_t line = is_quoted ? r->quote_line : r->line;
    uint64_t column = is_quoted ? r->quote_column : input_at(r, r->cell_start) - r->line_at + 1;
    return pd_fail(err, PD_LIMIT,
                   "line %" PRIu64 ", column %" PRIu64
                   ": the cell that begins here is longer than %zu bytes "
                   "(limit cell_bytes)%s",
                   line, column, r->limits.cell_bytes, is_quoted ? "; is its quote closed?" : "");
}

static enum pd_status fail_row_limit(const struct table_reader *r, struct pd_error *err) {
    return pd_fail(err, PD_LIMIT,
                   "line %" PRIu64 ": the record that begins here is longer than %zu bytes (limit "
                   "row_bytes)",
                   r->record_line, r->limits.row_bytes);
}

/* Makes room for more header cells, up to the limit; what is beyond it is only counted. */
static enum pd_status grow_header(struct table_reader *r, struct pd_error *err) {
    size_t columns = r->columns == 0 ? 64 : r->columns * 2;
    if (columns > r->limits.columns)
        columns = r->limits.columns;
    size_t size;
    struct table_cell *cells = NULL;
    if (pd_mul(columns, sizeof(*cells), &size))
        cells = realloc(r->cells, size);
    if (cells == NULL)
        return pd_fail_memory(err);
    r->cells = cells;
    r->columns = columns;
    return PD_OK;
}

/* "": as empty as nothing. */
static bool is_empty_quoted(const struct table_reader *r, size_t n) {
    const char *cell = r->text + r->cell_start;
    return n == 2 && cell[0] == r->dialect.quote && cell[1] == r->dialect.quote;
}

static inline enum pd_status end_cell(struct table_reader *r, size_t end, struct pd_error *err) {
    size_t n = end - r->cell_start;
    if (n > r->limits.cell_bytes)
        return fail_cell_limit(r, err);
    if (r->fields == r->columns && !r->has_header && r->columns < r->limits.columns &&
        grow_header(r, err) != PD_OK)
        return PD_LIMIT;
    if (r->fields < r->columns)
        r->cells[r->rows * r->columns + r->fields] =
            (struct table_cell){(uint32_t)(r->cell_start - r->batch_start), (uint32_t)n};
    else if (n > 0)
        r->has_extra = r->has_extra || !is_empty_quoted(r, n);
    r->fields++;
    r->cell_start = end + 1;
    r->place = TABLE_IN_PLAIN;
    return PD_OK;
}

/**
 * `text` is a quoted cell after its opening quote. Doubled quotes become one; the closing quote
 * goes; what stands behind it stays, as it is. Returns the new length.
 */
static size_t unquote(char *text, size_t n, char quote) {
    const char *found = memchr(text, quote, n);
    size_t in = found != NULL ? (size_t)(found - text) : n;
    size_t out = in;
    while (in < n) {
        bool is_doubled = in + 1 < n && text[in + 1] == quote;
        size_t rest = in + 1;
        if (is_doubled) {
            text[out++] = quote;
            rest = in + 2;
        }
        found = is_doubled ? memchr(text + rest, quote, n - rest) : NULL;
        in = found != NULL ? (size_t)(found - text) : n;
        memmove(text + out, text + rest, in - rest);
        out += in - rest;
    }
    return out;
}

/* A cell that begins with a quote is a quoted one: no other mark is needed until here. */
static void unquote_record(struct table_reader *r) {
    char *bytes = r->text + r->batch_start;
    struct table_cell *cell = r->cells + r->rows * r->columns;
    for (size_t c = 0; c < r->columns; c++, cell++) {
        if (cell->len == 0 || bytes[cell->at] != r->dialect.quote)
            continue;
        cell->at++;
        cell->len = (uint32_t)unquote(bytes + cell->at, cell->len - 1, r->dialect.quote);
    }
}

enum pd_status table_record_make_batch(struct table_reader *r, struct pd_error *err) {
    size_t rows = r->limits.batch_bytes / 4 / r->columns;
    r->rows_room = rows < 1 ? 1 : rows > ROWS_MOST ? ROWS_MOST : rows;
    size_t count, size;
    bool fits = pd_mul(r->columns, r->rows_room, &count) &&
                pd_mul(count + TABLE_CELLS_OVER, sizeof(*r->cells), &size);
    struct table_cell *cells = fits ? realloc(r->cells, size) : NULL;
    if (cells != NULL)
        r->cells = cells;
    r->row_line = calloc(r->rows_room, sizeof(*r->row_line));
    return cells != NULL && r->row_line != NULL ? PD_OK : pd_fail_memory(err);
}

static bool append_name(pd_str *name, pd_str more) {
    bool is_joined = name->len > 0 && more.len > 0;
    char *text = malloc(name->len + is_joined + more.len + 1);
    if (text == NULL)
        return false;
    size_t n = 0;
    if (name->len > 0)
        memcpy(text, name->data, n = name->len);
    if (is_joined)
        text[n++] = ' ';
    if (more.len > 0)
        memcpy(text + n, more.data, more.len);
    free((char *)(uintptr_t)name->data);
    *name = (pd_str){text, n + more.len};
    return true;
}

/* A record of a header that has several: names that stand above each other are joined. */
static enum pd_status join_names(struct table_reader *r, struct pd_error *err) {
    if (r->names == NULL) {
        r->names = calloc(r->columns, sizeof(*r->names));
        if (r->names == NULL)
            return pd_fail_memory(err);
        r->name_count = r->columns;
    }
    for (size_t c = 0; c < r->columns; c++) {
        pd_str more = {r->text + r->batch_start + r->cells[c].at, r->cells[c].len};
        if (!append_name(&r->names[c], more))
            return pd_fail_memory(err);
    }
    return PD_OK;
}

static enum pd_status tell_header(struct table_reader *r, struct pd_error *err) {
    bool has_none = r->dialect.header == TABLE_HEADER_NONE;
    pd_str *names = calloc(r->columns, sizeof(*names));
    if (names == NULL)
        return pd_fail_memory(err);
    for (size_t c = 0; c < r->columns && !has_none; c++)
        names[c] = r->names != NULL
                       ? r->names[c]
                       : (pd_str){r->text + r->batch_start + r->cells[c].at, r->cells[c].len};
    enum pd_status status = PD_OK;
    if (r->handler.header != NULL)
        status = r->handler.header(r->handler.context, names, r->columns, err);
    free(names);
    return status == PD_OK ? table_record_make_batch(r, err) : status;
}

/* The first record of the table: names, or a row of a table that has none. */
static enum pd_status take_header(struct table_reader *r, bool *is_row, struct pd_error *err) {
    if (r->dialect.first_line > 1 && r->record_line != r->dialect.first_line && r->names == NULL)
        return pd_fail(err, PD_INVALID,
                       "no record begins at line %" PRIu64
                       ", where the table was to begin; the next one begins at line %" PRIu64,
                       r->dialect.first_line, r->record_line);
    if (r->fields > r->limits.columns)
        return pd_fail(err, PD_LIMIT,
                       "line %" PRIu64 ": the header has %zu columns; the limit (columns) is %zu",
                       r->record_line, r->fields, r->limits.columns);
    if (r->names != NULL && r->fields != r->name_count)
        return pd_fail(err, PD_INVALID,
                       "line %" PRIu64 ": this record of the header has %zu fields, the one above "
                       "it %zu; say where the header is, for example --header=%" PRIu64,
                       r->record_line, r->fields, r->name_count, r->dialect.first_line);
    r->columns = r->fields;
    if (r->has_quotes)
        unquote_record(r);
    r->has_quotes = false;
    if (r->dialect.header_records > 1) {
        enum pd_status status = join_names(r, err);
        if (status != PD_OK || ++r->header_records < r->dialect.header_records)
            return status;
    }
    *is_row = r->dialect.header == TABLE_HEADER_NONE;
    r->has_header = true;
    return tell_header(r, err);
}

static enum pd_status set_aside(struct table_reader *r, size_t end, struct pd_error *err) {
    r->counts.set_aside++;
    if (r->handler.set_aside == NULL)
        return PD_OK;
    pd_str raw = {r->text + r->record_start, end - r->record_start};
    pd_str excerpt = pd_str_sub(raw, 0, TABLE_EXCERPT_BYTES);
    bool bad;
    excerpt.len = table_text_check(r->wide, excerpt.data, excerpt.len, &bad);
    struct table_set_aside record = {.why = TABLE_RAGGED,
                                     .line = r->record_line,
                                     .fields = r->fields,
                                     .columns = r->columns,
                                     .excerpt = excerpt,
                                     .raw_bytes = raw.len};
    return r->handler.set_aside(r->handler.context, &record, err);
}

/* Moves the last `count` rows to the front: they begin the next batch, at `start` in the text. */
static void carry_over(struct table_reader *r, size_t count, size_t start) {
    uint32_t moved = (uint32_t)(start - r->batch_start);
    size_t from = r->rows - count;
    memmove(r->cells, r->cells + from * r->columns, count * r->columns * sizeof(*r->cells));
    for (size_t i = 0; i < count * r->columns; i++)
        r->cells[i].at -= moved;
    memmove(r->row_line, r->row_line + from, count * sizeof(*r->row_line));
}

enum pd_status table_record_hand_out(struct table_reader *r, size_t end, struct pd_error *err) {
    size_t kept = r->tail.count < r->rows ? r->tail.count : 0;
    struct table_batch batch = {.rows = r->rows - kept,
                                .columns = r->columns,
                                .bytes = (r->lent != NULL ? r->lent : r->text) + r->batch_start,
                                .cells = r->cells,
                                .row_step = r->columns,
                                .column_step = 1,
                                .line = r->row_line,
                                .first_row = r->first_row};
    enum pd_status status = PD_OK;
    if (r->handler.batch != NULL)
        status = r->handler.batch(r->handler.context, &batch, err);
    if (kept > 0) {
        end = r->tail.start[0];
        carry_over(r, kept, end);
    } else if (r->tail.count > 0) { /* no batch can hold them back */
        r->tail.is_off = true;
        r->tail.count = r->tail.notes = 0;
    }
    r->first_row += batch.rows;
    r->rows = kept;
    r->batch_start = end;
    return status;
}

static enum pd_status end_record(struct table_reader *r, size_t end, struct pd_error *err) {
    enum pd_status status = end_cell(r, end, err);
    if (status != PD_OK)
        return status;
    if (end - r->record_start > r->limits.row_bytes)
        return fail_row_limit(r, err);
    if (!r->has_header) {
        bool is_row = false;
        if (r->record_line < r->dialect.first_line)
            r->counts.titles++;
        else
            status = take_header(r, &is_row, err);
        if (status != PD_OK || !is_row)
            return status;
    }
    if (r->fields != r->columns) {
        if (r->fields < r->columns || r->has_extra)
            return set_aside(r, end, err);
        r->counts.trimmed++;
    }
    if (r->has_quotes)
        unquote_record(r);
    r->row_line[r->rows++] = r->record_line;
    r->counts.rows++;
    if (r->cells[r->rows * r->columns - 1].len == 0 || r->tail.count > 0)
        table_tail_add(r, r->record_start, end);
    return PD_OK;
}

void table_record_start(struct table_reader *r, size_t at) {
    r->record_start = r->cell_start = at;
    r->line_at = input_at(r, at);
    r->record_line = r->line;
    r->fields = 0;
    r->has_quotes = false;
    r->has_extra = false;
    r->place = TABLE_IN_PLAIN;
}

/* A line end outside quotes, at `at`. LF after CR is the second half of one line end. */
static enum pd_status end_line(struct table_reader *r, size_t at, struct pd_error *err) {
    bool is_lf = r->text[at] == '\n', is_blank = at == r->record_start;
    if (r->after_cr) {
        r->after_cr = false;
        if (is_lf && is_blank) {
            r->dialect.line_ends |= TABLE_CRLF;
            table_record_start(r, at + 1);
            return PD_OK;
        }
        r->dialect.line_ends |= TABLE_CR;
    }
    if (is_blank) {
        r->counts.blank_lines++;
    } else {
        enum pd_status status = end_record(r, at, err);
        if (status != PD_OK)
            return status;
    }
    if (r->rows == 0) {
        r->batch_start = at; /* blank lines and records set aside need no memory */
    } else if (r->rows == r->rows_room || at - r->batch_start >= r->limits.batch_bytes) {
        enum pd_status status = table_record_hand_out(r, at, err);
        if (status != PD_OK)
            return status;
    }
    if (is_lf)
        r->dialect.line_ends |= TABLE_LF;
    r->after_cr = !is_lf;
    r->line++;
    table_record_start(r, at + 1);
    return PD_OK;
}

static void count_quoted_line(struct table_reader *r, size_t at) {
    bool is_second_half = r->text[at] == '\n' && r->text[at - 1] == '\r';
    if (!is_second_half)
        r->line++;
    r->line_at = input_at(r, at + 1);
}

static void take_quote(struct table_reader *r, size_t at) {
    if (r->place == TABLE_IN_QUOTES) {
        r->place = TABLE_AFTER_QUOTE;
        r->quote_at = at;
    } else if (r->place == TABLE_AFTER_QUOTE && at == r->quote_at + 1) {
        r->place = TABLE_IN_QUOTES;
    } else if (at == r->cell_start) {
        r->place = TABLE_IN_QUOTES;
        r->has_quotes = true;
        r->quote_line = r->line;
        r->quote_column = input_at(r, at) - r->line_at + 1;
    }
}

static inline enum pd_status take_mark(struct table_reader *r, size_t at, struct pd_error *err) {
    char c = r->text[at];
    if (c == r->dialect.separator)
        return r->place == TABLE_IN_QUOTES ? PD_OK : end_cell(r, at, err);
    if (c == r->dialect.quote)
        take_quote(r, at);
    else if (r->place == TABLE_IN_QUOTES)
        count_quoted_line(r, at);
    else
        return end_line(r, at, err);
    return PD_OK;
}

/* The marks at `places`, from `base` on; those behind the pause stay. */
static enum pd_status take_marks(struct table_reader *r, size_t base, const uint32_t *places,
                                 size_t n, size_t pause, bool *is_paused, struct pd_error *err) {
    for (size_t i = 0; i < n; i++) {
        size_t at = base + places[i];
        r->scanned = base + places[i] / TABLE_BLOCK * TABLE_BLOCK;
        enum pd_status status = take_mark(r, at, err);
        if (status != PD_OK)
            return status;
        *is_paused = r->record_start == at + 1 && at >= pause && !r->after_cr;
        if (*is_paused)
            break;
    }
    return PD_OK;
}

enum pd_status table_record_scan(struct table_reader *r, size_t pause, struct pd_error *err) {
    enum { BLOCKS = 64 };
    uint64_t marks[BLOCKS];
    uint32_t places[BLOCKS * TABLE_BLOCK + TABLE_PLACES_OVER];
    bool is_paused = false;
    while (r->scanned < r->checked && !is_paused) {
        size_t first = r->scanned, n = r->checked - first;
        if (n > BLOCKS * TABLE_BLOCK)
            n = BLOCKS * TABLE_BLOCK;
        size_t blocks = (n + TABLE_BLOCK - 1) / TABLE_BLOCK, over = blocks * TABLE_BLOCK - n;
        r->wide->marks(r->text + first, blocks, r->dialect.separator, r->dialect.quote, marks);
        marks[blocks - 1] &= UINT64_MAX >> over;
        size_t count = r->wide->places(marks, blocks, places);
        enum pd_status status = take_marks(r, first, places, count, pause, &is_paused, err);
        if (status != PD_OK)
            return status;
        r->scanned = is_paused ? r->record_start : first + n;
    }
    if (r->scanned - r->cell_start > r->limits.cell_bytes)
        return fail_cell_limit(r, err);
    if (r->scanned - r->record_start > r->limits.row_bytes)
        return fail_row_limit(r, err);
    return PD_OK;
}

enum pd_status table_record_finish(struct table_reader *r, struct pd_error *err) {
    if (r->place == TABLE_IN_QUOTES)
        return pd_fail(err, PD_INVALID,
                       "line %" PRIu64 ", column %" PRIu64
                       ": a quote opens here and is never closed; close "
                       "it, or double it if it is part of the text",
                       r->quote_line, r->quote_column);
    if (r->record_start < r->len) {
        enum pd_status status = end_record(r, r->len, err);
        if (status != PD_OK)
            return status;
    }
    if (r->after_cr)
        r->dialect.line_ends |= TABLE_CR;
    if (!r->has_header && r->counts.titles > 0)
        return pd_fail(err, PD_INVALID,
                       "the file ends at line %" PRIu64 ", before line %" PRIu64
                       ", where the table was to begin",
                       table_reader_counts(r).lines, r->dialect.first_line);
    if (!r->has_header)
        return r->counts.blank_lines > 0
                   ? pd_fail(err, PD_INVALID, "the file has blank lines only, so no header")
                   : pd_fail(err, PD_INVALID,
                             "the file is empty; a table needs at least a line with the names of "
                             "its columns");
    enum pd_status status = table_tail_finish(r, err);
    if (status != PD_OK || r->rows == 0)
        return status;
    return table_record_hand_out(r, r->len, err);
}
