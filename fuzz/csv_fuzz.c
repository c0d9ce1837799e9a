/* CSV: however the input is cut, the reading is the same; and what is written reads back. */
#include <stdlib.h>

#include "table/table.h"

/* Everything that came back, as bytes that can be compared. */
struct reading {
    struct pd_buf table; /* header and rows, each cell with its length */
    struct pd_buf aside;
    struct table_writer *writer; /* may be NULL: gets what is read */
    enum pd_status status;
    struct pd_error err;
    struct table_counts counts;
    struct table_dialect dialect;
};

static void note(struct pd_buf *buf, pd_str text) {
    if (!pd_utf8_valid(text, NULL) || pd_str_find_char(text, '\0') != PD_NPOS)
        abort();
    pd_buf_printf(buf, "%zu:", text.len);
    pd_buf_str(buf, text);
}

static enum pd_status note_header(void *context, const pd_str *names, size_t count,
                                  struct pd_error *err) {
    struct reading *reading = context;
    for (size_t c = 0; c < count; c++)
        note(&reading->table, names[c]);
    struct pd_arena *arena = pd_arena_new((size_t)16 << 20);
    pd_str *unique = calloc(count, sizeof(*unique));
    if (arena == NULL || unique == NULL ||
        table_names_unique(names, count, arena, unique, NULL, err) != PD_OK)
        abort();
    for (size_t c = 0; c < count && count < 100; c++)
        for (size_t d = 0; d < c; d++)
            if (pd_str_eq(unique[c], unique[d]))
                abort();
    free(unique);
    pd_arena_free(arena);
    return reading->writer != NULL ? table_write_row(reading->writer, names, count, err) : PD_OK;
}

static enum pd_status note_batch(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    struct reading *reading = context;
    for (size_t r = 0; r < batch->rows; r++)
        for (size_t c = 0; c < batch->columns; c++)
            note(&reading->table, table_cell_text(batch, c, r));
    return reading->writer != NULL ? table_write_batch(reading->writer, batch, err) : PD_OK;
}

static enum pd_status note_set_aside(void *context, const struct table_set_aside *record,
                                     struct pd_error *err) {
    struct reading *reading = context;
    (void)err;
    pd_buf_printf(&reading->aside, "%llu %zu ", (unsigned long long)record->line, record->fields);
    note(&reading->aside, record->excerpt);
    return PD_OK;
}

static void read_pieces(struct reading *reading, pd_str text, size_t piece,
                        const struct table_limits *limits, const struct table_dialect *given) {
    const struct table_handler handler = {reading, note_header, note_batch, note_set_aside};
    struct table_reader *reader;
    if (table_reader_new(limits, given, &handler, &reader, &reading->err) != PD_OK)
        abort();
    for (size_t at = 0; at < text.len && reading->status == PD_OK; at += piece) {
        pd_str part = pd_str_sub(text, at, piece);
        reading->status = table_feed(reader, part.data, part.len, &reading->err);
    }
    if (reading->status == PD_OK)
        reading->status = table_finish(reader, &reading->err);
    reading->counts = table_reader_counts(reader);
    reading->dialect = *table_reader_dialect(reader);
    table_reader_free(reader);
}

static void clear(struct reading *reading) {
    pd_buf_clear(&reading->table);
    pd_buf_clear(&reading->aside);
}

static void must_be_same(const struct reading *a, const struct reading *b) {
    if (a->status != b->status || !pd_str_eq(pd_buf_view(&a->table), pd_buf_view(&b->table)))
        abort();
}

static void check_round_trip(pd_str text, const struct table_limits *limits,
                             const struct reading *first) {
    struct pd_buf out = {0};
    const struct table_sink sink = table_sink_buf(&out);
    struct table_dialect dialect = table_dialect_written;
    dialect.separator = ';';
    dialect.line_ends = TABLE_CRLF;
    struct reading copy = {0}, again = {0};
    if (table_writer_new(&dialect, &sink, &copy.writer, &copy.err) != PD_OK)
        abort();
    read_pieces(&copy, text, SIZE_MAX / 2, limits, &first->dialect);
    if (copy.status != PD_OK || table_writer_finish(copy.writer, &copy.err) != PD_OK)
        abort();
    table_writer_free(copy.writer);
    read_pieces(&again, pd_buf_view(&out), SIZE_MAX / 2, NULL, &dialect);
    must_be_same(first, &again);
    if (again.counts.set_aside != 0 || again.counts.blank_lines != 0)
        abort();
    clear(&copy);
    clear(&again);
    pd_buf_clear(&out);
}

/* Plain instructions read the same; and so does what looks at each record by itself, as it does
   where cells may not be long. */
static void check_closely(pd_str text, const struct table_limits *limits,
                          const struct table_dialect *given, const struct reading *first) {
    enum { SHORT = 4096 };
    struct table_limits plain = *limits, closely = *limits;
    struct reading again = {0}, close = {0};
    plain.instructions = TABLE_INSTRUCTIONS_PLAIN;
    closely.cell_bytes = SHORT;
    read_pieces(&again, text, SIZE_MAX / 2, &plain, given);
    must_be_same(first, &again);
    if (text.len < SHORT) {
        read_pieces(&close, text, SIZE_MAX / 2, &closely, given);
        must_be_same(first, &close);
    }
    clear(&again);
    clear(&close);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses limits and dialect, the second how the input is cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    pd_str text = {(const char *)data + 2, size - 2};
    struct table_limits limits = {.batch_bytes = (data[0] & 1) != 0 ? 20 : 0,
                                  .sample_bytes = (data[0] & 2) != 0 ? 64 : 0,
                                  .columns = (data[0] & 4) != 0 ? 5 : 0};
    struct table_dialect given = {.form = TABLE_CSV,
                                  .separator = (data[0] & 8) != 0 ? ',' : 0,
                                  .quote = (data[0] & 16) != 0 ? TABLE_NONE : 0};
    if ((data[0] & 32) != 0)
        given.separator = TABLE_NONE;
    struct reading whole = {0}, cut = {0};
    read_pieces(&whole, text, SIZE_MAX / 2, &limits, &given);
    read_pieces(&cut, text, (size_t)data[1] + 1, &limits, &given);
    must_be_same(&whole, &cut);
    check_closely(text, &limits, &given, &whole);
    if (!pd_str_eq(pd_str_from(whole.err.text), pd_str_from(cut.err.text)) ||
        !pd_str_eq(pd_buf_view(&whole.aside), pd_buf_view(&cut.aside)) ||
        whole.counts.rows != cut.counts.rows || whole.counts.lines > text.len + 1)
        abort();
    if (whole.status == PD_OK)
        check_round_trip(text, &limits, &whole);
    clear(&whole);
    clear(&cut);
    return 0;
}
