/* Reading a text with table/ and keeping what came of it, for the tests of the room. */
#ifndef POLDER_TABLE_FIXTURE_H
#define POLDER_TABLE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table/table.h"

/* What a reading gave, as text: "[a][b]" per row after its line number. */
struct reading {
    struct pd_buf header, rows, aside;
    size_t columns, batches;
    enum pd_status status;
    struct pd_error err;
    struct table_counts counts;
    struct table_dialect dialect;
};

static enum pd_status note_header(void *context, const pd_str *names, size_t count,
                                  struct pd_error *err) {
    struct reading *reading = context;
    (void)err;
    reading->columns = count;
    for (size_t c = 0; c < count; c++)
        pd_buf_printf(&reading->header, "[%.*s]", pd_arg(names[c]));
    return PD_OK;
}

static enum pd_status note_batch(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    struct reading *reading = context;
    (void)err;
    reading->batches++;
    for (size_t r = 0; r < batch->rows; r++) {
        pd_buf_printf(&reading->rows, "%" PRIu64 " ", batch->line[r]);
        for (size_t c = 0; c < batch->columns; c++) {
            pd_buf_char(&reading->rows, '[');
            pd_buf_str(&reading->rows, table_cell_text(batch, c, r));
            pd_buf_char(&reading->rows, ']');
        }
        pd_buf_char(&reading->rows, '\n');
    }
    return PD_OK;
}

static enum pd_status note_set_aside(void *context, const struct table_set_aside *record,
                                     struct pd_error *err) {
    struct reading *reading = context;
    (void)err;
    pd_buf_printf(&reading->aside, "%" PRIu64 " %zu/%zu %zu <%.*s>\n", record->line, record->fields,
                  record->columns, record->raw_bytes, pd_arg(record->excerpt));
    return PD_OK;
}

static void reading_clear(struct reading *reading) {
    pd_buf_clear(&reading->header);
    pd_buf_clear(&reading->rows);
    pd_buf_clear(&reading->aside);
}

/* Reads `text` cut into pieces; each piece is its own allocation, so that the sanitizer sees any
   byte read beyond it. */
static struct reading read_pieces(pd_str text, size_t piece, const struct table_limits *limits,
                                  const struct table_dialect *given) {
    struct reading reading = {0};
    const struct table_handler handler = {&reading, note_header, note_batch, note_set_aside};
    struct table_reader *reader;
    reading.status = table_reader_new(limits, given, &handler, &reader, &reading.err);
    if (reading.status != PD_OK)
        return reading;
    for (size_t at = 0; at < text.len && reading.status == PD_OK; at += piece) {
        pd_str part = pd_str_sub(text, at, piece);
        char *copy = malloc(part.len);
        assert_non_null(copy);
        memcpy(copy, part.data, part.len);
        reading.status = table_feed(reader, copy, part.len, &reading.err);
        free(copy);
    }
    if (reading.status == PD_OK)
        reading.status = table_finish(reader, &reading.err);
    reading.counts = table_reader_counts(reader);
    reading.dialect = *table_reader_dialect(reader);
    table_reader_free(reader);
    return reading;
}

static inline struct reading read_text(const char *text) {
    return read_pieces(pd_str_from(text), SIZE_MAX / 2, NULL, NULL);
}

static const char *text_of(const struct pd_buf *buf) {
    return buf->data != NULL ? buf->data : "";
}

static void assert_same(const struct reading *a, const struct reading *b) {
    assert_int_equal(a->status, b->status);
    assert_string_equal(a->err.text, b->err.text);
    assert_string_equal(text_of(&a->header), text_of(&b->header));
    assert_int_equal(a->rows.len, b->rows.len);
    assert_memory_equal(text_of(&a->rows), text_of(&b->rows), a->rows.len);
    assert_string_equal(text_of(&a->aside), text_of(&b->aside));
    assert_int_equal(a->batches, b->batches);
    assert_int_equal(a->counts.rows, b->counts.rows);
    assert_int_equal(a->counts.set_aside, b->counts.set_aside);
    assert_int_equal(a->counts.blank_lines, b->counts.blank_lines);
    assert_int_equal(a->dialect.separator, b->dialect.separator);
}

/* {NULL, 0} if the file is not there. */
static inline pd_str load_shared(const char *path) {
    char full[1024];
    const char *root = getenv("POLDER_SHARED_DATA");
    snprintf(full, sizeof(full), "%s/%s", root != NULL ? root : "../shared/data", path);
    FILE *file = fopen(full, "rb");
    if (file == NULL)
        return (pd_str){NULL, 0};
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    char *data = malloc((size_t)size + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, (size_t)size, file), size);
    fclose(file);
    return (pd_str){data, (size_t)size};
}

#endif
