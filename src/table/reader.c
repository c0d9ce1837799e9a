/* Takes bytes in pieces of any size, checks that they are text, and lets record.c find records. */
#include "table/table_impl.h"

#include <stdlib.h>
#include <string.h>

/* Copied, checked and scanned together, small enough to stay in the processor's cache. */
enum { PIECE_BYTES = 64 * 1024, SAMPLE_LEAST = 64, GIBIBYTE = 1 << 30 };

const struct table_limits table_limits_default = {.columns = 20000,
                                                  .cell_bytes = (size_t)64 << 20,
                                                  .row_bytes = (size_t)256 << 20,
                                                  .batch_bytes = (size_t)1 << 20,
                                                  .sample_bytes = (size_t)256 << 10};

/* Upper bounds keep every offset within a batch below 2^32. */
static enum pd_status settle_limits(struct table_limits *limits, const struct table_limits *given,
                                    struct pd_error *err) {
    static const struct table_limits zero = {0};
    const struct table_limits *from = given != NULL ? given : &zero;
    const struct {
        const char *name;
        size_t given, standard, least, most;
        size_t *out;
    } rows[] = {
        {"columns", from->columns, table_limits_default.columns, 1, GIBIBYTE, &limits->columns},
        {"cell_bytes", from->cell_bytes, table_limits_default.cell_bytes, 1, GIBIBYTE,
         &limits->cell_bytes},
        {"row_bytes", from->row_bytes, table_limits_default.row_bytes, 1, GIBIBYTE,
         &limits->row_bytes},
        {"batch_bytes", from->batch_bytes, table_limits_default.batch_bytes, 1, GIBIBYTE,
         &limits->batch_bytes},
        {"sample_bytes", from->sample_bytes, table_limits_default.sample_bytes, SAMPLE_LEAST,
         GIBIBYTE, &limits->sample_bytes},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t value = rows[i].given != 0 ? rows[i].given : rows[i].standard;
        if (value < rows[i].least || value > rows[i].most)
            return pd_fail(err, PD_USAGE, "limit %s is %zu; it must be from %zu to %zu",
                           rows[i].name, value, rows[i].least, rows[i].most);
        *rows[i].out = value;
    }
    return PD_OK;
}

enum pd_status table_reader_new(const struct table_limits *limits,
                                const struct table_dialect *given,
                                const struct table_handler *handler, struct table_reader **out,
                                struct pd_error *err) {
    struct table_limits settled;
    enum pd_status status = settle_limits(&settled, limits, err);
    if (status != PD_OK)
        return status;
    struct table_dialect dialect = {0};
    if (given != NULL) {
        dialect.separator = given->separator;
        dialect.quote = given->quote;
    }
    status = table_dialect_check(&dialect, err);
    if (status != PD_OK)
        return status;
    struct table_reader *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return pd_fail_memory(err);
    r->limits = settled;
    r->dialect = dialect;
    r->handler = *handler;
    r->phase = TABLE_SAMPLING;
    r->line = r->record_line = 1;
    r->stride = 1;
    *out = r;
    return PD_OK;
}

void table_reader_free(struct table_reader *reader) {
    if (reader == NULL)
        return;
    free(reader->text);
    free(reader->cells);
    free(reader->column);
    free(reader->row_line);
    free(reader);
}

const struct table_dialect *table_reader_dialect(const struct table_reader *reader) {
    return &reader->dialect;
}

struct table_counts table_reader_counts(const struct table_reader *reader) {
    struct table_counts counts = reader->counts;
    bool has_begun = reader->text_at + reader->scanned > reader->line_at;
    counts.lines = reader->line - (has_begun ? 0 : 1);
    return counts;
}

void table_reader_place(const struct table_reader *r, size_t at, uint64_t *line, uint64_t *column) {
    uint64_t line_at = r->line_at;
    if (r->phase == TABLE_SAMPLING)
        line_at = table_dialect_bom((pd_str){r->text, r->len});
    *line = r->line;
    for (size_t i = r->scanned; i < at; i++) {
        char c = r->text[i];
        if (c != '\n' && c != '\r')
            continue;
        bool is_second_half = c == '\n' && i > 0 && r->text[i - 1] == '\r';
        if (!is_second_half)
            ++*line;
        line_at = r->text_at + i + 1;
    }
    *column = r->text_at + at - line_at + 1;
}

/* Forgets what was handed out. Called once per piece, so what is left to move is short: it came
   with the last piece, or belongs to a batch or record that is larger than one. */
static void drop_handed_out(struct table_reader *r) {
    size_t n = r->batch_start;
    if (n == 0)
        return;
    memmove(r->text, r->text + n, r->len - n);
    r->text_at += n;
    r->len -= n;
    r->checked -= n;
    r->scanned -= n;
    r->record_start -= n;
    r->cell_start -= n;
    r->quote_at = r->quote_at > n ? r->quote_at - n : 0;
    r->batch_start = 0;
}

static enum pd_status append(struct table_reader *r, const char *bytes, size_t n,
                             struct pd_error *err) {
    drop_handed_out(r);
    size_t needed = r->len + n + TABLE_BLOCK;
    if (needed > r->room) {
        size_t room = needed + needed / 2;
        char *text = realloc(r->text, room);
        if (text == NULL)
            return pd_fail_memory(err);
        r->text = text;
        r->room = room;
    }
    memcpy(r->text + r->len, bytes, n);
    /* Blocks are read whole: what lies behind the end is defined, and not looked at. */
    memset(r->text + r->len + n, 0, TABLE_BLOCK);
    r->len += n;
    r->counts.bytes += n;
    return PD_OK;
}

static void start_reading(struct table_reader *r, bool is_last) {
    size_t n = r->checked < r->limits.sample_bytes ? r->checked : r->limits.sample_bytes;
    pd_str sample = {r->text, n};
    table_dialect_find(sample, is_last, &r->dialect);
    r->scanned = r->record_start = r->cell_start = table_dialect_bom(sample);
    r->line_at = r->scanned;
    r->phase = TABLE_READING;
}

/**
 * Checks and scans what has been appended. All depends on offsets in the input only, never on how
 * it was cut: so a wrong byte stops the reader after everything before it has been read.
 */
static enum pd_status take_text(struct table_reader *r, bool is_last, struct pd_error *err) {
    if (r->len == 0 || (r->text_at + r->len < 2 && !is_last))
        return PD_OK; /* the mark of UTF-16 has two bytes */
    bool bad;
    r->checked += table_text_check(r->text + r->checked, r->len - r->checked, &bad);
    bool is_whole = is_last && r->checked == r->len;
    if (r->phase == TABLE_SAMPLING && (r->checked >= r->limits.sample_bytes || is_whole))
        start_reading(r, is_last);
    if (r->phase == TABLE_READING) {
        enum pd_status status = table_record_scan(r, err);
        if (status != PD_OK)
            return status;
    }
    if (!bad && (!is_last || is_whole))
        return PD_OK;
    uint64_t line, column;
    table_reader_place(r, r->checked, &line, &column);
    return table_text_fail(r->text + r->checked, r->len - r->checked, r->text_at + r->checked, line,
                           column, err);
}

enum pd_status table_feed(struct table_reader *reader, const void *bytes, size_t n,
                          struct pd_error *err) {
    if (reader->phase == TABLE_ENDED)
        return pd_fail(err, PD_USAGE, "the table reader has ended: it takes no more input");
    const char *from = bytes;
    while (n > 0) {
        size_t piece = n < PIECE_BYTES ? n : PIECE_BYTES;
        enum pd_status status = append(reader, from, piece, err);
        if (status == PD_OK)
            status = take_text(reader, false, err);
        if (status != PD_OK) {
            reader->phase = TABLE_ENDED;
            return status;
        }
        from += piece;
        n -= piece;
    }
    return PD_OK;
}

enum pd_status table_finish(struct table_reader *reader, struct pd_error *err) {
    if (reader->phase == TABLE_ENDED)
        return pd_fail(err, PD_USAGE, "the table reader has ended: it cannot finish again");
    enum pd_status status = take_text(reader, true, err);
    if (status == PD_OK)
        status = table_record_finish(reader, err);
    reader->phase = TABLE_ENDED;
    return status;
}
