/*
 * Finds steps that bring the rows of small classes under the limit, and lose least: the optimum of
 * the lattice of all ladders where that can be searched, else by climbing, with the distance from
 * the optimum said.
 */
#include "protect/protect_impl.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

struct search {
    const struct protect_classes *classes;
    struct protect_budget budget;
    struct protect_ladder *ladders; /* one per column, as `rung` and `maps` */
    size_t *rung;                   /* where each column stands */
    const uint32_t **maps;
    struct protect_tuples now; /* grouped by the rungs */
    struct protect_tuples next;
    uint64_t k, allowed;
    double share; /* of the rows, that is allowed */
    size_t tried;
    double bound;   /* no steps lose less than this, summed over the columns */
    bool is_proven; /* these lose no more */
};

static bool is_top(const struct search *s, size_t column) {
    return s->rung[column] + 2 >= s->ladders[column].count; /* the next one is DROP */
}

static bool is_dropped(const struct search *s, size_t column) {
    return s->rung[column] + 1 == s->ladders[column].count;
}

/* Counts the rows in small classes if one column climbed to `rung`; `next` holds the classes. */
static bool try_climb(struct search *s, size_t column, size_t rung, uint64_t *below) {
    protect_tuples_reset(&s->next);
    s->maps[column] = s->ladders[column].rungs[rung].map;
    bool fits = protect_classes_group(s->classes, &s->now, s->maps, &s->budget, &s->next, NULL);
    s->maps[column] = NULL;
    s->tried++;
    *below = protect_tuples_below(&s->next, s->k);
    return fits;
}

static bool climb(struct search *s, size_t column, size_t rung, uint64_t *below) {
    if (!try_climb(s, column, rung, below))
        return false;
    struct protect_tuples swapped = s->now;
    s->now = s->next;
    s->next = swapped;
    s->rung[column] = rung;
    return true;
}

struct offer {
    size_t column;
    uint64_t saved; /* rows that leave small classes */
    double cost;    /* loss added */
};

static bool is_better(const struct offer *a, const struct offer *b) {
    if (a->saved == 0 || b->saved == 0)
        return a->saved > 0 || (b->saved == 0 && a->cost < b->cost);
    return (double)a->saved * b->cost > (double)b->saved * a->cost;
}

/* `*column` is the one whose next rung saves most per loss; column_count if all are at the top. */
static bool find_best_climb(struct search *s, uint64_t below, size_t *column) {
    struct offer best = {.column = s->classes->column_count};
    for (size_t c = 0; c < s->classes->column_count; c++) {
        if (is_top(s, c))
            continue;
        uint64_t after;
        if (!try_climb(s, c, s->rung[c] + 1, &after))
            return false;
        const struct protect_rung *rungs = s->ladders[c].rungs;
        struct offer offer = {c, after < below ? below - after : 0,
                              rungs[s->rung[c] + 1].loss - rungs[s->rung[c]].loss};
        if (best.column == s->classes->column_count || is_better(&offer, &best))
            best = offer;
    }
    *column = best.column;
    return true;
}

static size_t most_distinct(const struct search *s) {
    size_t best = s->classes->column_count;
    for (size_t c = 0; c < s->classes->column_count; c++) {
        if (!is_dropped(s, c) && (best == s->classes->column_count ||
                                  s->classes->values[c].count > s->classes->values[best].count))
            best = c;
    }
    return best;
}

/* The count from the rows as they are: coming down splits classes, and a cell that is of its type
   on one rung only (a number of very many digits) would escape the count from rung to rung. */
static bool count_below(struct search *s, uint64_t *below) {
    protect_tuples_reset(&s->next);
    for (size_t c = 0; c < s->classes->column_count; c++)
        s->maps[c] = s->ladders[c].rungs[s->rung[c]].map;
    bool fits =
        protect_classes_group(s->classes, &s->classes->tuples, s->maps, &s->budget, &s->next, NULL);
    for (size_t c = 0; c < s->classes->column_count; c++)
        s->maps[c] = NULL;
    s->tried++;
    *below = protect_tuples_below(&s->next, s->k);
    return fits;
}

/* Ends: each round moves a column up, and one class of all rows, at least k, is always allowed. */
static bool climb_until_allowed(struct search *s) {
    if (!protect_classes_group(s->classes, &s->classes->tuples, s->maps, &s->budget, &s->now, NULL))
        return false;
    uint64_t below = protect_tuples_below(&s->now, s->k);
    while (below > s->allowed) {
        size_t column;
        if (!find_best_climb(s, below, &column))
            return false;
        size_t rung = 0;
        if (column < s->classes->column_count) {
            rung = s->rung[column] + 1;
        } else {
            column = most_distinct(s);
            rung = s->ladders[column].count - 1;
        }
        if (!climb(s, column, rung, &below))
            return false;
        if (below <= s->allowed && !count_below(s, &below))
            return false;
    }
    return true;
}

/* The lowest rung of one column that is still allowed: by halving, since finer is never safer. */
static bool come_down(struct search *s, size_t column) {
    size_t low = 0, high = s->rung[column];
    while (low < high) {
        uint64_t below;
        s->rung[column] = low + (high - low) / 2;
        if (!count_below(s, &below))
            return false;
        if (below <= s->allowed)
            high = s->rung[column];
        else
            low = s->rung[column] + 1;
    }
    s->rung[column] = high;
    return true;
}

static double loss_of(const struct search *s, size_t column) {
    return s->ladders[column].rungs[s->rung[column]].loss;
}

/* Each column comes down once, the dearest first; what it frees it takes from those after it. */
static bool come_down_everywhere(struct search *s, bool *done) {
    for (size_t i = 0; i < s->classes->column_count; i++) {
        size_t dearest = s->classes->column_count;
        for (size_t c = 0; c < s->classes->column_count; c++) {
            if (!done[c] &&
                (dearest == s->classes->column_count || loss_of(s, c) > loss_of(s, dearest)))
                dearest = c;
        }
        done[dearest] = true;
        if (!come_down(s, dearest))
            return false;
    }
    return true;
}

static bool climb_and_come_down(struct search *s) {
    bool *done = calloc(s->classes->column_count, sizeof(*done));
    bool fits = done != NULL && climb_until_allowed(s) && come_down_everywhere(s, done);
    free(done);
    return fits;
}

/* Where each column stands in the end: at the optimum if it can be searched. */
static bool run(struct search *s, const enum protect_kind *kinds, uint64_t *suppressed) {
    size_t n = s->classes->column_count;
    s->ladders = calloc(n, sizeof(*s->ladders));
    s->rung = calloc(n, sizeof(*s->rung));
    s->maps = calloc(n, sizeof(*s->maps));
    bool fits = s->ladders != NULL && s->rung != NULL && s->maps != NULL;
    for (size_t c = 0; fits && c < n; c++)
        fits = protect_ladder_build(s->classes, c, kinds[c], &s->budget, &s->ladders[c]);
    if (!fits)
        return false;
    struct protect_best best = {.k = s->k, .max_suppressed = s->share};
    s->is_proven = protect_best_find(s->classes, s->ladders, &best, s->rung);
    s->bound = best.bound;
    s->tried = (size_t)best.tried;
    return (s->is_proven || climb_and_come_down(s)) && count_below(s, suppressed);
}

static void clear(struct search *s) {
    for (size_t c = 0; s->ladders != NULL && c < s->classes->column_count; c++)
        protect_ladder_clear(&s->ladders[c]);
    protect_tuples_clear(&s->now);
    protect_tuples_clear(&s->next);
    free(s->ladders);
    free(s->rung);
    free(s->maps);
}

static enum pd_status write_found(const struct search *s, uint64_t suppressed,
                                  struct pd_arena *arena, const struct protect_found **out,
                                  struct pd_error *err) {
    size_t n = s->classes->column_count;
    struct protect_found *found = pd_arena_alloc(arena, sizeof(*found));
    struct protect_found_step *columns = pd_arena_array(arena, n, sizeof(*columns));
    struct protect_step *steps = pd_arena_array(arena, n, sizeof(*steps));
    if (found == NULL || columns == NULL || steps == NULL)
        return pd_fail_memory(err);
    double loss = 0;
    for (size_t c = 0; c < n; c++) {
        const struct protect_rung *rung = &s->ladders[c].rungs[s->rung[c]];
        columns[c] = (struct protect_found_step){rung->step, rung->loss};
        loss += rung->loss;
        if (rung->step.method != PROTECT_KEEP)
            steps[found->step_count++] = rung->step;
    }
    found->columns = columns;
    found->column_count = n;
    found->steps = steps;
    found->loss = loss / (double)n;
    found->bound = s->is_proven ? found->loss : fmin(s->bound / (double)n, found->loss);
    found->is_proven = s->is_proven;
    found->suppressed = suppressed;
    found->tried = s->tried;
    *out = found;
    return PD_OK;
}

enum pd_status protect_search(const struct protect_classes *classes, const enum protect_kind *kinds,
                              uint64_t k, double max_suppressed, struct pd_arena *arena,
                              const struct protect_found **out, struct pd_error *err) {
    if (k < 2)
        return pd_fail(err, PD_USAGE, "k must be at least 2, not %" PRIu64, k);
    if (!(max_suppressed >= 0 && max_suppressed <= 1))
        return pd_fail(err, PD_USAGE, "the share of rows to leave out must lie between 0 and 1");
    if (classes->rows < k)
        return pd_fail(err, PD_INVALID,
                       "cannot reach k=%" PRIu64 ": the table has only %" PRIu64
                       " rows; lower k, or join it with more rows",
                       k, classes->rows);
    struct search s = {.classes = classes,
                       .budget = {.limit = classes->budget.limit},
                       .now = {.width = classes->column_count},
                       .next = {.width = classes->column_count},
                       .k = k,
                       .share = max_suppressed,
                       .allowed = (uint64_t)(max_suppressed * (double)classes->rows)};
    uint64_t suppressed = 0;
    enum pd_status status = PD_OK;
    if (run(&s, kinds, &suppressed))
        status = write_found(&s, suppressed, arena, out, err);
    else
        status = pd_fail(err, PD_LIMIT,
                         "the search needs more than the %zu bytes allowed (%" PRIu32
                         " distinct combinations): name fewer quasi columns, or raise the limit",
                         classes->budget.limit, classes->tuples.count);
    clear(&s);
    return status;
}
