/* A Parquet file as a table: opened, walked row group by row group, handed out as values or text.
 */
#include "table/parquet_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Opening ---- */

enum { ARENA_BYTES = 512 << 20 };

enum pd_status table_parquet_open(const struct table_parquet_input *input, size_t limit_bytes,
                                  struct table_parquet **out, struct pd_error *err) {
    struct table_parquet *p = calloc(1, sizeof(*p));
    if (p == NULL)
        return pd_fail_memory(err);
    p->input = *input;
    p->limit = limit_bytes != 0 ? limit_bytes : PARQUET_MEMORY;
    p->wide = table_wide_get(TABLE_INSTRUCTIONS_FIND);
    p->arena = pd_arena_new(ARENA_BYTES);
    enum pd_status st = p->arena != NULL ? parquet_footer_read(p, err) : pd_fail_memory(err);
    if (st != PD_OK) {
        table_parquet_close(p);
        return st;
    }
    *out = p;
    return PD_OK;
}

void table_parquet_close(struct table_parquet *parquet) {
    if (parquet == NULL)
        return;
    pd_arena_free(parquet->arena);
    free(parquet);
}

size_t table_parquet_columns(const struct table_parquet *parquet) {
    return parquet->column_count;
}

const struct table_parquet_column *table_parquet_column(const struct table_parquet *parquet,
                                                        size_t column) {
    return &parquet->columns[column];
}

uint64_t table_parquet_rows(const struct table_parquet *parquet) {
    return parquet->rows;
}

size_t table_parquet_groups(const struct table_parquet *parquet) {
    return parquet->group_count;
}

static enum pd_status read_bytes(void *context, uint64_t offset, void *out, size_t n,
                                 struct pd_error *err) {
    (void)err;
    const pd_str *bytes = context;
    memcpy(out, bytes->data + offset, n);
    return PD_OK;
}

struct table_parquet_input table_parquet_input_of(const pd_str *bytes) {
    return (struct table_parquet_input){(void *)(uintptr_t)bytes, bytes->len, read_bytes};
}

/* ---- Vectors ---- */

const void *parquet_vector_value(const struct table_parquet_vector *v, size_t i) {
    if (v->column->type == TABLE_PARQUET_BYTES)
        return &v->values.bytes[i];
    return v->values.fixed + i * v->column->width;
}

struct table_parquet_vector parquet_vector_part(const struct table_parquet_vector *v, size_t row,
                                                size_t value, size_t rows) {
    struct table_parquet_vector part = *v;
    part.count = rows;
    if (v->present != NULL) {
        part.present = v->present + row;
        part.count = 0;
        for (size_t i = 0; i < rows; i++)
            part.count += part.present[i];
    }
    if (v->codes != NULL)
        part.codes = v->codes + value;
    else if (v->column->type == TABLE_PARQUET_BYTES)
        part.values.bytes = v->values.bytes + value;
    else
        part.values.fixed = v->values.fixed + value * v->column->width;
    return part;
}

/* ---- Scanning ---- */

typedef enum pd_status take_vectors(void *context, const struct table_parquet_vectors *vectors,
                                    struct pd_error *err);

struct scan {
    struct table_parquet *parquet;
    const size_t *columns;
    size_t column_count;
    struct parquet_cursor **cursors;
    struct table_parquet_vector *vectors;
    struct parquet_chunk *chunks; /* of all columns */
    size_t group;
    uint64_t row; /* of the table */
    const struct table_parquet_wanted *wanted;
    take_vectors *take;
    void *context;
};

static enum pd_status wrap(const struct scan *s, const struct parquet_cursor *c,
                           struct pd_error *err) {
    return pd_wrap(err, "column \"%.*s\", row group %zu", pd_arg(c->column->name), s->group + 1);
}

/* As many rows as every column has decoded. */
static enum pd_status fill_windows(struct scan *s, size_t *rows, struct pd_error *err) {
    *rows = PARQUET_WINDOW;
    for (size_t i = 0; i < s->column_count; i++) {
        struct parquet_cursor *c = s->cursors[i];
        enum pd_status st = c->row == c->window_rows ? parquet_cursor_fill(c, err) : PD_OK;
        if (st != PD_OK)
            return wrap(s, c, err);
        size_t there = c->window_rows - c->row;
        *rows = there < *rows ? there : *rows;
    }
    return PD_OK;
}

static enum pd_status hand_out(struct scan *s, size_t rows, struct pd_error *err) {
    for (size_t i = 0; i < s->column_count; i++) {
        struct parquet_cursor *c = s->cursors[i];
        s->vectors[i] = parquet_vector_part(&c->window, c->row, c->value, rows);
        c->row += rows;
        c->value += s->vectors[i].count;
    }
    struct table_parquet_vectors vectors = {
        .rows = rows, .first_row = s->row, .columns = s->column_count, .vector = s->vectors};
    s->row += rows;
    return s->take(s->context, &vectors, err);
}

static bool is_outside(const struct scan *s) {
    for (size_t i = 0; i < s->wanted->range_count; i++) {
        const struct table_parquet_range *range = &s->wanted->ranges[i];
        size_t column = s->columns[range->place];
        if (parquet_group_is_outside(&s->parquet->columns[column], &s->chunks[column], range))
            return true;
    }
    return false;
}

static enum pd_status scan_group(struct scan *s, struct pd_error *err) {
    uint64_t left = (uint64_t)s->parquet->groups[s->group].rows;
    enum pd_status st = parquet_group_chunks(s->parquet, s->group, s->chunks, err);
    if (st == PD_OK && is_outside(s)) {
        s->row += left;
        return PD_OK;
    }
    for (size_t i = 0; st == PD_OK && i < s->column_count; i++) {
        struct parquet_cursor *c = s->cursors[i];
        st = parquet_cursor_start(c, &s->chunks[s->columns[i]], left, err);
        if (st != PD_OK)
            return wrap(s, c, err);
    }
    while (st == PD_OK && left > 0) {
        size_t rows;
        st = fill_windows(s, &rows, err);
        if (st == PD_OK)
            st = hand_out(s, rows, err);
        left -= st == PD_OK ? rows : 0;
    }
    return st;
}

/* So much is read of a column at a time: less of each if there are many. */
static size_t read_ahead(size_t columns) {
    enum { LEAST = 16 << 10, MOST = 256 << 10, ALL = 64 << 20 };
    size_t each = ALL / columns;
    return each < LEAST ? LEAST : each > MOST ? MOST : each;
}

static enum pd_status make_cursors(struct scan *s, struct pd_error *err) {
    struct table_parquet *p = s->parquet;
    size_t each = sizeof(struct parquet_cursor);
    s->cursors = calloc(s->column_count, sizeof(*s->cursors));
    s->vectors = calloc(s->column_count, sizeof(*s->vectors));
    s->chunks = calloc(p->column_count, sizeof(*s->chunks));
    if (s->cursors == NULL || s->vectors == NULL || s->chunks == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < s->column_count; i++) {
        if (s->columns[i] >= p->column_count)
            return pd_fail(err, PD_USAGE, "there is no column %zu", s->columns[i] + 1);
        struct parquet_cursor *c = calloc(1, each);
        if (c == NULL)
            return pd_fail_memory(err);
        c->parquet = p;
        c->column = &p->columns[s->columns[i]];
        c->read_ahead = read_ahead(s->column_count);
        s->cursors[i] = c;
    }
    return PD_OK;
}

static void clear_scan(struct scan *s) {
    for (size_t i = 0; s->cursors != NULL && i < s->column_count; i++) {
        if (s->cursors[i] != NULL)
            parquet_cursor_clear(s->cursors[i]);
        free(s->cursors[i]);
    }
    free(s->cursors);
    free(s->vectors);
    free(s->chunks);
}

enum pd_status table_parquet_scan(struct table_parquet *parquet,
                                  const struct table_parquet_wanted *wanted, take_vectors *take,
                                  void *context, struct pd_error *err) {
    struct scan s = {.parquet = parquet, .wanted = wanted, .take = take, .context = context};
    size_t *all = NULL;
    parquet->unpacked = 0;
    s.columns = wanted->columns;
    s.column_count = wanted->column_count;
    if (wanted->columns == NULL) {
        all = calloc(parquet->column_count, sizeof(*all));
        if (all == NULL)
            return pd_fail_memory(err);
        for (size_t i = 0; i < parquet->column_count; i++)
            all[i] = i;
        s.columns = all;
        s.column_count = parquet->column_count;
    }
    enum pd_status st =
        s.column_count > 0 ? make_cursors(&s, err) : pd_fail(err, PD_USAGE, "no column is wanted");
    if (st == PD_OK)
        st = parquet_ranges_check(parquet, wanted, err);
    for (; st == PD_OK && s.group < parquet->group_count; s.group++)
        st = scan_group(&s, err);
    clear_scan(&s);
    free(all);
    return st;
}
