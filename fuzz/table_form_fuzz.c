/*
 * Any bytes as a table: whatever form and encoding they turn out to have, the reading is the same
 * however the input is cut, cells are UTF-8, and a second reader that is given what was found reads
 * the same again.
 */
#include <stdlib.h>
#include <string.h>

#include "table/table.h"

struct reading {
    struct pd_buf table; /* each cell with its length */
    enum pd_status status;
    struct pd_error err;
    struct table_dialect dialect;
    struct table_counts counts;
    bool needs_again;
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
    (void)err;
    if (reading->table.len != 0 || count == 0)
        abort();
    for (size_t c = 0; c < count; c++)
        note(&reading->table, names[c]);
    pd_buf_char(&reading->table, '\n');
    return PD_OK;
}

static enum pd_status note_batch(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    struct reading *reading = context;
    (void)err;
    if (reading->table.len == 0 || batch->rows == 0)
        abort();
    for (size_t r = 0; r < batch->rows; r++)
        for (size_t c = 0; c < batch->columns; c++)
            note(&reading->table, table_cell_text(batch, c, r));
    return PD_OK;
}

static enum pd_status note_set_aside(void *context, const struct table_set_aside *record,
                                     struct pd_error *err) {
    struct reading *reading = context;
    (void)err;
    (void)reading;
    if (!pd_utf8_valid(record->excerpt, NULL))
        abort();
    return PD_OK;
}

/* The names found are the reader's, so the second reading happens while it lives. */
static void read_pieces(struct reading *reading, pd_str text, size_t piece,
                        const struct table_limits *limits, const struct table_dialect *given,
                        struct reading *again) {
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
    reading->dialect = *table_reader_dialect(reader);
    reading->counts = table_reader_counts(reader);
    reading->needs_again = table_reader_needs_again(reader);
    if (again != NULL && reading->status == PD_OK)
        read_pieces(again, text, SIZE_MAX / 2, limits, &reading->dialect, NULL);
    table_reader_free(reader);
}

static void must_be_same(const struct reading *a, const struct reading *b) {
    if (a->status != b->status || !pd_str_eq(pd_buf_view(&a->table), pd_buf_view(&b->table)) ||
        a->counts.rows != b->counts.rows || a->counts.set_aside != b->counts.set_aside ||
        a->counts.notes != b->counts.notes || a->counts.titles != b->counts.titles)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses limits and form, the second the encoding, the third how the input is cut.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3)
        return 0;
    pd_str text = {(const char *)data + 3, size - 3};
    struct table_limits limits = {.batch_bytes = (data[0] & 1) != 0 ? 50 : 0,
                                  .sample_bytes = (data[0] & 2) != 0 ? 64 : 0,
                                  .held_bytes = (data[0] & 4) != 0 ? 40 : 0};
    struct table_dialect given = {
        .form = (enum table_form)(data[0] >> 3 & 3),
        .encoding = (enum table_encoding)(data[1] < TABLE_ENCODING_COUNT ? data[1] : 0)};
    if (given.form == TABLE_FORM_COUNT)
        given.form = TABLE_FORM_FIND;
    struct reading whole = {0}, cut = {0}, again = {0};
    read_pieces(&whole, text, SIZE_MAX / 2, &limits, &given, &again);
    read_pieces(&cut, text, (size_t)data[2] + 1, &limits, &given, NULL);
    must_be_same(&whole, &cut);
    if (strcmp(whole.err.text, cut.err.text) != 0)
        abort();
    if (whole.status == PD_OK && whole.needs_again) {
        /* A key that is there only as null, and opened elsewhere, is no column: nothing else may
           be wrong with what was read once. */
        if (again.status != PD_OK)
            abort();
    } else if (whole.status == PD_OK) {
        must_be_same(&whole, &again);
    }
    pd_buf_clear(&whole.table);
    pd_buf_clear(&cut.table);
    pd_buf_clear(&again.table);
    return 0;
}
