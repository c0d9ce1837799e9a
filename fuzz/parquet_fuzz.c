/*
 * Any bytes as a Parquet file: what comes out is UTF-8 in bounded memory, or a sentence; and a
 * table that came out, written as Parquet with the types that fit it, comes out the same again.
 */
#include <stdlib.h>
#include <string.h>

#include "table/table.h"

enum { OUT_MAX = 4 << 20, MEMORY = 64 << 20 };

struct reading {
    struct pd_buf cells; /* each with its length */
    size_t columns;
    pd_str *names;
    struct table_parquet_types *types;
    struct table_parquet_writer *writer;
};

static void note(struct pd_buf *buf, pd_str text) {
    if (!pd_utf8_valid(text, NULL) || pd_str_find_char(text, '\0') != PD_NPOS)
        abort();
    pd_buf_printf(buf, "%zu:", text.len);
    pd_buf_str(buf, text);
}

static enum pd_status take_header(void *context, const pd_str *names, size_t count,
                                  struct pd_error *err) {
    struct reading *r = context;
    r->columns = count;
    for (size_t i = 0; i < count; i++)
        note(&r->cells, names[i]);
    return r->types == NULL ? table_parquet_types_new(count, &r->types, err) : PD_OK;
}

static enum pd_status take_batch(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    struct reading *r = context;
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t c = 0; c < batch->columns; c++)
            note(&r->cells, table_cell_text(batch, c, i));
    if (r->cells.len > OUT_MAX)
        return pd_fail(err, PD_LIMIT, "enough");
    if (r->writer != NULL)
        return table_parquet_write_batch(r->writer, batch, err);
    table_parquet_types_add(r->types, batch);
    return PD_OK;
}

static enum pd_status read_cells(pd_str bytes, struct reading *r, struct pd_error *err) {
    struct table_parquet_input input = table_parquet_input_of(&bytes);
    struct table_parquet *parquet;
    struct table_handler handler = {r, take_header, take_batch, NULL};
    struct table_parquet_wanted all = {0};
    enum pd_status st = table_parquet_open(&input, MEMORY, &parquet, err);
    if (st != PD_OK)
        return st;
    st = table_parquet_read(parquet, &all, &handler, err);
    if (st == PD_OK && r->names == NULL) {
        r->names = calloc(r->columns, sizeof(*r->names));
        for (size_t i = 0; r->names != NULL && i < r->columns; i++) {
            pd_str name = table_parquet_column(parquet, i)->name;
            r->names[i] = (pd_str){strndup(name.len ? name.data : "", name.len), name.len};
        }
    }
    table_parquet_close(parquet);
    return st;
}

static void clear(struct reading *r) {
    pd_buf_clear(&r->cells);
    for (size_t i = 0; r->names != NULL && i < r->columns; i++)
        free((char *)(uintptr_t)r->names[i].data);
    free(r->names);
    table_parquet_types_free(r->types);
}

/* Reads the same bytes again into a writer, and what that wrote. */
static void write_again(pd_str bytes, const struct reading *first) {
    struct table_parquet_column *columns = calloc(first->columns, sizeof(*columns));
    struct pd_buf out;
    pd_buf_init(&out, 0);
    struct table_sink sink = table_sink_buf(&out);
    struct reading again = {.types = first->types, .names = first->names};
    struct reading last = {.columns = 0};
    struct pd_error err = {0};
    table_parquet_types_get(first->types, first->names, columns);
    if (table_parquet_writer_new(columns, first->columns, PD_STR("snappy"), 7, &sink, &again.writer,
                                 &err) != PD_OK ||
        read_cells(bytes, &again, &err) != PD_OK ||
        table_parquet_writer_finish(again.writer, &err) != PD_OK ||
        read_cells(pd_buf_view(&out), &last, &err) != PD_OK ||
        !pd_str_eq(pd_buf_view(&first->cells), pd_buf_view(&last.cells)))
        abort();
    table_parquet_writer_free(again.writer);
    pd_buf_clear(&again.cells);
    clear(&last);
    pd_buf_clear(&out);
    free(columns);
}

static enum pd_status count_rows(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    (void)err;
    *(uint64_t *)context += batch->rows;
    return batch->rows > 0 ? PD_OK : PD_INTERNAL;
}

/* Some rows of the first column: no more than there are, whatever statistics say. */
static void read_some(pd_str bytes) {
    static const size_t first = 0;
    uint64_t rows = 0;
    struct table_parquet_input input = table_parquet_input_of(&bytes);
    struct table_parquet *parquet;
    struct table_handler handler = {&rows, NULL, count_rows, NULL};
    struct table_parquet_range range = {.least = PD_STR("-1"), .most = PD_STR("word5")};
    struct table_parquet_wanted wanted = {
        .columns = &first, .column_count = 1, .ranges = &range, .range_count = 1};
    struct pd_error err = {0};
    if (table_parquet_open(&input, MEMORY, &parquet, &err) != PD_OK)
        return;
    enum pd_status st = table_parquet_read(parquet, &wanted, &handler, &err);
    if (st == PD_USAGE) { /* the column holds numbers */
        range.most = PD_STR("7.5");
        st = table_parquet_read(parquet, &wanted, &handler, &err);
    }
    if (st == PD_INTERNAL || (st == PD_OK && rows > table_parquet_rows(parquet)))
        abort();
    table_parquet_close(parquet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pd_str bytes = {(const char *)data, size};
    struct reading reading = {.columns = 0};
    struct pd_error err = {0};
    enum pd_status st = read_cells(bytes, &reading, &err);
    if (st != PD_OK && err.text[0] == '\0')
        abort(); /* a refusal is a sentence */
    if (st == PD_OK)
        write_again(bytes, &reading);
    if (st == PD_OK)
        read_some(bytes);
    clear(&reading);
    return 0;
}
