/* A hierarchy from a file of the form `value;level1;level2`, as users of ARX and sdcMicro have them. */
#include "govern/plan_impl.h"

#include <stdlib.h>

enum { ROWS_MAX = 1000000 };

struct tree_rows {
    pd_str name;
    struct pd_arena *arena;
    pd_str *cells;
    size_t columns, rows, capacity; /* capacity: in rows */
};

static enum pd_status on_names(void *context, const pd_str *names, size_t count,
                               struct pd_error *err) {
    struct tree_rows *t = context;
    (void)names, (void)err;
    t->columns = count;
    return PD_OK;
}

static enum pd_status on_rows(void *context, const struct table_batch *batch,
                              struct pd_error *err) {
    struct tree_rows *t = context;
    if (t->rows + batch->rows > ROWS_MAX)
        return pd_fail(err, PD_LIMIT, "hierarchy \"%.*s\" has more than %d rows", pd_arg(t->name),
                       ROWS_MAX);
    if (t->rows + batch->rows > t->capacity) {
        size_t wanted = 2 * (t->rows + batch->rows);
        pd_str *cells = realloc(t->cells, wanted * t->columns * sizeof(*cells));
        if (!cells)
            return pd_fail_memory(err);
        t->cells = cells;
        t->capacity = wanted;
    }
    for (size_t r = 0; r < batch->rows; r++, t->rows++)
        for (size_t c = 0; c < t->columns; c++) {
            pd_str *cell = &t->cells[t->rows * t->columns + c];
            *cell = pd_arena_str(t->arena, table_cell_text(batch, c, r));
            if (!cell->data)
                return pd_fail_memory(err);
        }
    return PD_OK;
}

static enum pd_status on_set_aside(void *context, const struct table_set_aside *record,
                                   struct pd_error *err) {
    const struct tree_rows *t = context;
    if (record->why != TABLE_RAGGED)
        return PD_OK;
    return pd_fail(err, PD_INVALID,
                   "hierarchy \"%.*s\", line %llu: it has %zu cells and the other rows %zu; all values "
                   "need the same depth",
                   pd_arg(t->name), (unsigned long long)record->line, record->fields, t->columns);
}

enum pd_status govern_plan_tree(pd_str name, pd_str bytes, struct pd_arena *arena,
                                const struct protect_value_tree **out, struct pd_error *err) {
    struct tree_rows t = {.name = pd_arena_str(arena, name), .arena = arena};
    struct govern_form form = {.form = PD_STR("csv"), .header = PD_STR("none")};
    struct table_handler handler = {
        .context = &t, .header = on_names, .batch = on_rows, .set_aside = on_set_aside};
    struct table_dialect dialect;
    struct table_reader *reader = NULL;
    enum pd_status st = govern_form_parse(&form, &dialect, err);
    if (st == PD_OK)
        st = table_reader_new(NULL, &dialect, &handler, &reader, err);
    if (st == PD_OK)
        st = table_feed(reader, bytes.data, bytes.len, err);
    if (st == PD_OK)
        st = table_finish(reader, err);
    table_reader_free(reader);
    size_t *widths = st == PD_OK ? pd_arena_array(arena, t.rows + 1, sizeof(*widths)) : NULL;
    pd_str *cells = widths ? pd_arena_array(arena, t.rows * t.columns + 1, sizeof(*cells)) : NULL;
    if (st == PD_OK && !cells)
        st = pd_fail_memory(err);
    for (size_t r = 0; st == PD_OK && r < t.rows; r++)
        widths[r] = t.columns;
    for (size_t i = 0; st == PD_OK && i < t.rows * t.columns; i++)
        cells[i] = t.cells[i];
    free(t.cells);
    return st == PD_OK ? protect_value_tree_make(t.name, cells, widths, t.rows, arena, out, err) : st;
}
