/* Hierarchies: what a column's values become on each level, checked to nest, and read from rows. */
#include "protect/lattice.h"
#include "protect/protect_impl.h"

#include <stdlib.h>
#include <string.h>

/* ---- Checking ---- */

/* Level `level` is a function of the one below: its number by that of the one below, or none yet.
 */
static enum pd_status check_level(const struct protect_hierarchy *h, uint32_t level,
                                  uint32_t *by_lower, struct pd_error *err) {
    const uint32_t *lower = h->maps[level - 1], *upper = h->maps[level];
    memset(by_lower, 0xff, (size_t)h->sizes[level - 1] * sizeof(*by_lower));
    for (uint32_t v = 0; v < h->values; v++) {
        if (upper[v] >= h->sizes[level])
            return pd_fail(err, PD_INVALID,
                           "level %u of the hierarchy gives value %u the number %u, of %u", level,
                           v, upper[v], h->sizes[level]);
        uint32_t *known = &by_lower[lower[v]];
        if (*known == UINT32_MAX)
            *known = upper[v];
        else if (*known != upper[v])
            return pd_fail(err, PD_INVALID,
                           "the levels of the hierarchy do not nest: what is one on level %u is "
                           "two on level %u (value %u)",
                           level - 1, level, v);
    }
    return PD_OK;
}

enum pd_status protect_hierarchy_check(const struct protect_hierarchy *h, struct pd_error *err) {
    if (h->values == 0 || h->levels == 0 || h->levels > PROTECT_LEVELS_MAX)
        return pd_fail(err, PD_INVALID, "a hierarchy has values, and 1 to %d levels, not %u",
                       PROTECT_LEVELS_MAX, h->levels);
    if (h->sizes[0] != h->values)
        return pd_fail(err, PD_INVALID, "level 0 of a hierarchy are its values themselves");
    uint32_t largest = 0;
    for (uint32_t l = 0; l < h->levels; l++) {
        if (h->sizes[l] == 0 || h->sizes[l] > h->values)
            return pd_fail(err, PD_INVALID, "level %u of the hierarchy has %u values, of %u", l,
                           h->sizes[l], h->values);
        largest = h->sizes[l] > largest ? h->sizes[l] : largest;
    }
    for (uint32_t v = 0; v < h->values; v++)
        if (h->maps[0][v] != v)
            return pd_fail(err, PD_INVALID, "level 0 of a hierarchy are its values themselves");
    uint32_t *by_lower = calloc(largest, sizeof(*by_lower));
    if (!by_lower)
        return pd_fail_memory(err);
    enum pd_status st = PD_OK;
    for (uint32_t l = 1; st == PD_OK && l < h->levels; l++)
        st = check_level(h, l, by_lower, err);
    free(by_lower);
    return st;
}

/* ---- Reading rows ---- */

enum { NO_ROW = UINT32_MAX };

struct rows {
    const pd_str *cells;
    size_t count, width;
    const pd_str *values;
    size_t value_count;
    uint32_t *row_of; /* per value */
    struct protect_budget budget;
    struct protect_seed seed;
};

static pd_str cell(const struct rows *r, size_t row, size_t level) {
    return r->cells[row * r->width + level];
}

static bool is_same_row(const struct rows *r, size_t a, size_t b) {
    bool same = true;
    for (size_t l = 0; same && l < r->width; l++)
        same = pd_str_eq(cell(r, a, l), cell(r, b, l));
    return same;
}

/* Each value's row; values come without repetition. */
static enum pd_status find_rows(struct rows *r, struct protect_values *index,
                                struct pd_error *err) {
    uint32_t id;
    for (size_t v = 0; v < r->value_count; v++) {
        r->row_of[v] = NO_ROW;
        if (!protect_values_add(index, &r->budget, r->seed, r->values[v], 1, &id))
            return pd_fail_memory(err);
        if (id != v)
            return pd_fail(err, PD_INVALID, "the value \"%.*s\" comes twice", pd_arg(r->values[v]));
    }
    for (size_t row = 0; row < r->count; row++) {
        if (!protect_values_find(index, r->seed, cell(r, row, 0), &id))
            continue;
        if (r->row_of[id] != NO_ROW && !is_same_row(r, r->row_of[id], row))
            return pd_fail(err, PD_INVALID,
                           "rows %u and %zu of the hierarchy say different things of \"%.*s\"",
                           r->row_of[id] + 1, row + 1, pd_arg(cell(r, row, 0)));
        r->row_of[id] = (uint32_t)row;
    }
    for (size_t v = 0; v < r->value_count; v++)
        if (r->row_of[v] == NO_ROW)
            return pd_fail(err, PD_INVALID,
                           "the hierarchy has no row for the value \"%.*s\": add one, or mend the "
                           "value",
                           pd_arg(r->values[v]));
    return PD_OK;
}

/* Numbers the texts of one level in the order of the values. */
static enum pd_status number_level(struct rows *r, size_t level, uint32_t *map, uint32_t *size,
                                   struct pd_arena *arena, const pd_str **labels,
                                   struct pd_error *err) {
    struct protect_values seen = {0};
    bool fits = true;
    for (size_t v = 0; fits && v < r->value_count; v++)
        fits = protect_values_add(&seen, &r->budget, r->seed, cell(r, r->row_of[v], level), 1,
                                  &map[v]);
    *size = seen.count;
    pd_str *texts = fits ? pd_arena_array(arena, seen.count, sizeof(*texts)) : NULL;
    for (uint32_t g = 0; texts && g < seen.count; g++) {
        texts[g] = pd_arena_str(arena, protect_values_text(&seen, g));
        fits = fits && texts[g].data;
    }
    protect_values_clear(&seen);
    *labels = texts;
    return fits && texts ? PD_OK : pd_fail_memory(err);
}

static enum pd_status check_rows_nest(const struct rows *r, size_t level, const uint32_t *lower,
                                      uint32_t lower_size, const uint32_t *upper,
                                      struct pd_error *err) {
    uint32_t *first = calloc(lower_size, sizeof(*first)); /* value + 1 */
    if (!first)
        return pd_fail_memory(err);
    enum pd_status st = PD_OK;
    for (size_t v = 0; st == PD_OK && v < r->value_count; v++) {
        uint32_t *known = &first[lower[v]];
        if (*known == 0)
            *known = (uint32_t)v + 1;
        else if (upper[*known - 1] != upper[v])
            st = pd_fail(err, PD_INVALID,
                         "rows %u and %u of the hierarchy agree on \"%.*s\" in column %zu, but in "
                         "column %zu one says \"%.*s\" and the other \"%.*s\": what is equal on "
                         "one level must stay equal above it",
                         r->row_of[*known - 1] + 1, r->row_of[v] + 1,
                         pd_arg(cell(r, r->row_of[v], level - 1)), level, level + 1,
                         pd_arg(cell(r, r->row_of[*known - 1], level)),
                         pd_arg(cell(r, r->row_of[v], level)));
    }
    free(first);
    return st;
}

static enum pd_status make_levels(struct rows *r, struct pd_arena *arena,
                                  struct protect_hierarchy *h, struct pd_error *err) {
    uint32_t **maps = pd_arena_array(arena, r->width, sizeof(*maps));
    uint32_t *sizes = pd_arena_array(arena, r->width, sizeof(*sizes));
    const pd_str **labels = pd_arena_array(arena, r->width, sizeof(*labels));
    if (!maps || !sizes || !labels)
        return pd_fail_memory(err);
    for (size_t l = 0; l < r->width; l++) {
        maps[l] = pd_arena_array(arena, r->value_count, sizeof(**maps));
        if (!maps[l])
            return pd_fail_memory(err);
        enum pd_status st = number_level(r, l, maps[l], &sizes[l], arena, &labels[l], err);
        if (st == PD_OK && l > 0)
            st = check_rows_nest(r, l, maps[l - 1], sizes[l - 1], maps[l], err);
        if (st != PD_OK)
            return st;
    }
    *h = (struct protect_hierarchy){.values = (uint32_t)r->value_count,
                                    .levels = (uint32_t)r->width,
                                    .maps = (const uint32_t *const *)maps,
                                    .sizes = sizes,
                                    .labels = labels};
    return PD_OK;
}

enum pd_status protect_hierarchy_make(const pd_str *cells, size_t rows, size_t width,
                                      const pd_str *values, size_t value_count,
                                      struct pd_arena *arena, const struct protect_hierarchy **out,
                                      struct pd_error *err) {
    if (width == 0 || width > PROTECT_LEVELS_MAX)
        return pd_fail(err, width ? PD_LIMIT : PD_INVALID,
                       "a hierarchy has 1 to %d levels, not %zu", PROTECT_LEVELS_MAX, width);
    if (value_count == 0 || value_count >= NO_ROW || rows >= NO_ROW)
        return pd_fail(err, PD_INVALID, "a hierarchy for %zu values from %zu rows", value_count,
                       rows);
    struct rows r = {.cells = cells,
                     .count = rows,
                     .width = width,
                     .values = values,
                     .value_count = value_count,
                     .budget = {.limit = SIZE_MAX}};
    crypto_random(&r.seed, sizeof(r.seed));
    struct protect_hierarchy *h = pd_arena_alloc(arena, sizeof(*h));
    r.row_of = pd_arena_array(arena, value_count, sizeof(*r.row_of));
    if (!h || !r.row_of)
        return pd_fail_memory(err);
    struct protect_values index = {0};
    enum pd_status st = find_rows(&r, &index, err);
    protect_values_clear(&index);
    if (st == PD_OK)
        st = make_levels(&r, arena, h, err);
    if (st == PD_OK)
        *out = h;
    return st;
}
