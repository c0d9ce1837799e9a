/* A hierarchy as people write it: `value;level1;level2`, checked row by row. */
#include "protect/protect_impl.h"

#include <inttypes.h>
#include <stdlib.h>

static pd_str cell(const struct protect_value_tree *t, size_t row, size_t level) {
    return t->cells[row * t->width + level];
}

/* ---- Sorting by value ---- */

struct place {
    pd_str text;
    uint32_t row;
};

static int by_text(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    int order = pd_str_cmp(x->text, y->text);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* The rows sorted by their text on one level; of malloc. */
static struct place *sort_level(const struct protect_value_tree *t, size_t level) {
    struct place *places = calloc(t->rows + 1, sizeof(*places));
    for (size_t r = 0; places && r < t->rows; r++)
        places[r] = (struct place){cell(t, r, level), (uint32_t)r};
    if (places)
        qsort(places, t->rows, sizeof(*places), by_text);
    return places;
}

/* ---- Checks ---- */

/* What a value becomes is never, further up, something that it was before. */
static enum pd_status check_cycles(const struct protect_value_tree *t, struct pd_error *err) {
    for (size_t r = 0; r < t->rows; r++)
        for (size_t upper = 2; upper < t->width; upper++)
            for (size_t lower = 0; lower + 1 < upper; lower++)
                if (pd_str_eq(cell(t, r, lower), cell(t, r, upper)) &&
                    !pd_str_eq(cell(t, r, upper - 1), cell(t, r, upper)))
                    return pd_fail(err, PD_INVALID,
                                   "hierarchy \"%.*s\", row %zu: \"%.*s\" on level %zu is \"%.*s\" "
                                   "in between and itself again on level %zu: a cycle",
                                   pd_arg(t->name), r + 1, pd_arg(cell(t, r, lower)), lower,
                                   pd_arg(cell(t, r, upper - 1)), upper);
    return PD_OK;
}

/* Two values that become each other. */
static enum pd_status check_swaps(const struct protect_value_tree *t, struct pd_error *err) {
    for (size_t r = 0; t->width > 1 && r < t->rows; r++) {
        pd_str back;
        if (!pd_str_eq(cell(t, r, 0), cell(t, r, 1)) &&
            protect_value_tree_find(t, cell(t, r, 1), 1, &back) && pd_str_eq(back, cell(t, r, 0)))
            return pd_fail(err, PD_INVALID,
                           "hierarchy \"%.*s\", row %zu: \"%.*s\" becomes \"%.*s\", and that "
                           "becomes \"%.*s\" again: a cycle",
                           pd_arg(t->name), r + 1, pd_arg(cell(t, r, 0)), pd_arg(cell(t, r, 1)),
                           pd_arg(cell(t, r, 0)));
    }
    return PD_OK;
}

/* Rows that are equal on one level are equal on the next. */
static enum pd_status check_nesting(const struct protect_value_tree *t, size_t level,
                                    struct pd_error *err) {
    struct place *places = sort_level(t, level);
    enum pd_status st = places ? PD_OK : pd_fail_memory(err);
    for (size_t i = 1; st == PD_OK && i < t->rows; i++) {
        size_t a = places[i - 1].row, b = places[i].row;
        if (pd_str_eq(places[i - 1].text, places[i].text) &&
            !pd_str_eq(cell(t, a, level + 1), cell(t, b, level + 1)))
            st = pd_fail(err, PD_INVALID,
                         "hierarchy \"%.*s\": rows %zu and %zu agree on \"%.*s\" on level %zu, but "
                         "one becomes \"%.*s\" and the other \"%.*s\" above it",
                         pd_arg(t->name), a + 1, b + 1, pd_arg(places[i].text), level,
                         pd_arg(cell(t, a, level + 1)), pd_arg(cell(t, b, level + 1)));
    }
    free(places);
    return st;
}

static enum pd_status sort_values(struct protect_value_tree *t, struct pd_arena *arena,
                                  struct pd_error *err) {
    struct place *places = sort_level(t, 0);
    uint32_t *order = pd_arena_array(arena, t->rows + 1, sizeof(*order));
    enum pd_status st = places && order ? PD_OK : pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < t->rows; i++) {
        order[i] = places[i].row;
        if (i > 0 && pd_str_eq(places[i - 1].text, places[i].text))
            st = pd_fail(err, PD_INVALID, "hierarchy \"%.*s\": \"%.*s\" has rows %u and %u; keep one",
                         pd_arg(t->name), pd_arg(places[i].text), places[i - 1].row + 1,
                         places[i].row + 1);
    }
    free(places);
    t->order = order;
    return st;
}

enum pd_status protect_value_tree_make(pd_str name, const pd_str *cells, const size_t *row_width,
                                       size_t rows, struct pd_arena *arena,
                                       const struct protect_value_tree **out,
                                       struct pd_error *err) {
    struct protect_value_tree *t = pd_arena_alloc(arena, sizeof(*t));
    if (!t)
        return pd_fail_memory(err);
    if (rows == 0 || rows >= UINT32_MAX)
        return pd_fail(err, PD_INVALID, "hierarchy \"%.*s\" has %zu rows", pd_arg(name), rows);
    *t = (struct protect_value_tree){
        .name = name, .cells = cells, .rows = rows, .width = row_width[0]};
    if (t->width < 2 || t->width > PROTECT_LEVELS_MAX)
        return pd_fail(err, PD_INVALID,
                       "hierarchy \"%.*s\", row 1: a row is the value and 1 to %d levels above it, "
                       "not %zu cells",
                       pd_arg(name), PROTECT_LEVELS_MAX - 1, t->width);
    for (size_t r = 0; r < rows; r++) {
        if (row_width[r] != t->width)
            return pd_fail(err, PD_INVALID,
                           "hierarchy \"%.*s\", row %zu: it has %zu levels and the first row %zu; "
                           "all values need the same depth",
                           pd_arg(name), r + 1, row_width[r] - 1, t->width - 1);
    }
    enum pd_status st = sort_values(t, arena, err);
    if (st == PD_OK)
        st = check_cycles(t, err);
    if (st == PD_OK)
        st = check_swaps(t, err);
    for (size_t level = 0; st == PD_OK && level + 1 < t->width; level++)
        st = check_nesting(t, level, err);
    if (st == PD_OK)
        *out = t;
    return st;
}

bool protect_value_tree_find(const struct protect_value_tree *t, pd_str value, size_t level,
                             pd_str *out) {
    size_t low = 0, high = t->rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = pd_str_cmp(cell(t, t->order[middle], 0), value);
        if (order == 0) {
            *out = cell(t, t->order[middle], level);
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}
