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
    const struct protect_plan *plan; /* k and models */
    struct protect_budget budget;
    size_t count;                   /* of quasi columns */
    size_t *at;                     /* of each the column of the classes */
    struct protect_ladder *ladders; /* one per quasi column, as `rung` */
    size_t *rung;                   /* where each column stands */
    const uint32_t **maps;          /* one per column of the classes */
    uint32_t **none;                /* likewise: of a sensitive one, which tells no classes apart */
    struct protect_tuples now;      /* grouped by the rungs */
    struct protect_tuples next;
    uint64_t k, allowed;
    double share; /* of the rows, that is allowed */
    const struct protect_target *target;
    bool is_stopped; /* by target->is_cancelled */
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

/* After each combination; whether to go on. */
static bool goes_on(struct search *s) {
    s->tried++;
    s->is_stopped =
        s->target->is_cancelled && s->target->is_cancelled(s->target->context, s->tried, 0);
    return !s->is_stopped;
}

static void set_maps(struct search *s) {
    for (size_t c = 0; c < s->classes->column_count; c++)
        s->maps[c] = s->none[c];
    for (size_t c = 0; c < s->count; c++)
        s->maps[s->at[c]] = s->ladders[c].rungs[s->rung[c]].map;
}

/* Rows in classes that fail; all, if what stays fails as a whole. */
static bool judge_below(struct search *s, uint64_t *below) {
    struct pd_error ignored = {0};
    uint32_t *group_of = calloc((size_t)s->classes->tuples.count + 1, sizeof(*group_of));
    bool *stays = NULL, fits = group_of != NULL;
    fits = fits && protect_classes_group(s->classes, &s->classes->tuples, s->maps, &s->budget,
                                         &s->next, group_of);
    fits = fits && (stays = calloc((size_t)s->next.count + 1, sizeof(*stays))) != NULL;
    *below = 0;
    if (fits) {
        enum pd_status st =
            protect_plan_judge(s->classes, s->plan, &s->next, group_of, stays, &ignored);
        for (uint32_t g = 0; g < s->next.count; g++)
            *below += st != PD_OK || !stays[g] ? s->next.rows[g] : 0;
        fits = st == PD_OK || st == PD_DENIED;
    }
    free(group_of);
    free(stays);
    return fits;
}

/* The count from the rows as they are: coming down splits classes, and a cell that is of its type
   on one rung only (a number of very many digits) would escape the count from rung to rung. */
static bool count_below(struct search *s, uint64_t *below) {
    protect_tuples_reset(&s->next);
    set_maps(s);
    if (!goes_on(s))
        return false;
    if (s->plan->model_count > 0)
        return judge_below(s, below);
    bool fits =
        protect_classes_group(s->classes, &s->classes->tuples, s->maps, &s->budget, &s->next, NULL);
    *below = protect_tuples_below(&s->next, s->k);
    return fits;
}

/* Counts the rows in small classes if one column climbed to `rung`; `next` holds the classes, made
   from the classes now, unless models look at what is in them. */
static bool try_climb(struct search *s, size_t column, size_t rung, uint64_t *below) {
    if (s->plan->model_count > 0) {
        size_t before = s->rung[column];
        s->rung[column] = rung;
        bool fits = count_below(s, below);
        s->rung[column] = before;
        return fits;
    }
    protect_tuples_reset(&s->next);
    for (size_t c = 0; c < s->classes->column_count; c++)
        s->maps[c] = s->none[c];
    s->maps[s->at[column]] = s->ladders[column].rungs[rung].map;
    bool fits = protect_classes_group(s->classes, &s->now, s->maps, &s->budget, &s->next, NULL);
    fits = fits && goes_on(s);
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
    struct offer best = {.column = s->count};
    for (size_t c = 0; c < s->count; c++) {
        if (is_top(s, c))
            continue;
        uint64_t after;
        if (!try_climb(s, c, s->rung[c] + 1, &after))
            return false;
        const struct protect_rung *rungs = s->ladders[c].rungs;
        struct offer offer = {c, after < below ? below - after : 0,
                              rungs[s->rung[c] + 1].loss - rungs[s->rung[c]].loss};
        if (best.column == s->count || is_better(&offer, &best))
            best = offer;
    }
    *column = best.column;
    return true;
}

static uint32_t values_of(const struct search *s, size_t column) {
    return s->classes->values[s->at[column]].count;
}

static size_t most_distinct(const struct search *s) {
    size_t best = s->count;
    for (size_t c = 0; c < s->count; c++) {
        if (!is_dropped(s, c) && (best == s->count || values_of(s, c) > values_of(s, best)))
            best = c;
    }
    return best;
}

/* Ends: each round moves a column up, and one class of all rows was seen to be allowed. */
static bool climb_until_allowed(struct search *s) {
    uint64_t below;
    if (!count_below(s, &below) ||
        !protect_classes_group(s->classes, &s->classes->tuples, s->maps, &s->budget, &s->now, NULL))
        return false;
    while (below > s->allowed) {
        size_t column;
        if (!find_best_climb(s, below, &column))
            return false;
        size_t rung = 0;
        if (column < s->count) {
            rung = s->rung[column] + 1;
        } else {
            column = most_distinct(s);
            if (column == s->count)
                return false;
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
    for (size_t i = 0; i < s->count; i++) {
        size_t dearest = s->count;
        for (size_t c = 0; c < s->count; c++) {
            if (!done[c] && (dearest == s->count || loss_of(s, c) > loss_of(s, dearest)))
                dearest = c;
        }
        done[dearest] = true;
        if (!come_down(s, dearest))
            return false;
    }
    return true;
}

static bool climb_and_come_down(struct search *s) {
    bool *done = calloc(s->count + 1, sizeof(*done));
    bool fits = done != NULL && climb_until_allowed(s) && come_down_everywhere(s, done);
    free(done);
    return fits;
}

/* ---- The whole ---- */

static bool allocate(struct search *s) {
    size_t columns = s->classes->column_count;
    s->at = calloc(s->count + 1, sizeof(*s->at));
    s->ladders = calloc(s->count + 1, sizeof(*s->ladders));
    s->rung = calloc(s->count + 1, sizeof(*s->rung));
    s->maps = calloc(columns, sizeof(*s->maps));
    s->none = calloc(columns, sizeof(*s->none));
    if (!s->at || !s->ladders || !s->rung || !s->maps || !s->none)
        return false;
    size_t n = 0;
    for (size_t c = 0; c < columns; c++) {
        if (n < s->count && s->plan->quasi[n] == s->classes->columns[c])
            s->at[n++] = c;
        else if (!(s->none[c] = calloc((size_t)s->classes->values[c].count + 1, sizeof(**s->none))))
            return false;
    }
    return n == s->count;
}

static bool build_ladders(struct search *s, const struct protect_target *target) {
    bool fits = true;
    for (size_t c = 0; fits && c < s->count; c++)
        fits = protect_ladder_build(s->classes, s->at[c], target->kinds[c],
                                    target->trees ? target->trees[c] : NULL, &s->budget,
                                    &s->ladders[c]);
    return fits;
}

/* Without any quasi column all rows are one class: what fails then can't be reached. */
static enum pd_status check_reach(struct search *s, struct pd_error *err) {
    uint64_t below;
    if (s->plan->model_count == 0)
        return PD_OK;
    for (size_t c = 0; c < s->count; c++)
        s->rung[c] = s->ladders[c].count - 1;
    bool fits = count_below(s, &below);
    for (size_t c = 0; c < s->count; c++)
        s->rung[c] = 0;
    if (!fits)
        return PD_OK; /* the search itself will say so */
    if (below > s->allowed)
        return pd_fail(err, PD_INVALID,
                       "the models can't be reached: all rows in one class, without any quasi "
                       "column, would still fail them; lower a threshold, or drop the sensitive "
                       "column");
    return PD_OK;
}

/* Where each column stands in the end: at the optimum if it can be searched. */
static bool run(struct search *s, uint64_t *suppressed) {
    struct protect_best best = {.plan = s->plan,
                                .target = s->target,
                                .at = s->at,
                                .count = s->count,
                                .max_suppressed = s->share};
    s->is_proven = protect_best_find(s->classes, s->ladders, &best, s->rung);
    s->bound = best.bound;
    s->tried = (size_t)best.tried;
    s->is_stopped = best.is_stopped;
    if (s->is_stopped)
        return false;
    return (s->is_proven || climb_and_come_down(s)) && count_below(s, suppressed);
}

static void clear(struct search *s) {
    for (size_t c = 0; s->ladders != NULL && c < s->count; c++)
        protect_ladder_clear(&s->ladders[c]);
    for (size_t c = 0; s->none != NULL && c < s->classes->column_count; c++)
        free(s->none[c]);
    protect_tuples_clear(&s->now);
    protect_tuples_clear(&s->next);
    free(s->at);
    free(s->ladders);
    free(s->rung);
    free(s->maps);
    free(s->none);
}

static enum pd_status write_found(const struct search *s, uint64_t suppressed,
                                  struct pd_arena *arena, const struct protect_found **out,
                                  struct pd_error *err) {
    size_t n = s->count;
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

/* Every value needs its row before any level is tried. */
static enum pd_status check_trees(const struct search *s, const struct protect_target *target,
                                  struct pd_error *err) {
    for (size_t c = 0; target->trees != NULL && c < s->count; c++) {
        const struct protect_values *values = &s->classes->values[s->at[c]];
        const struct protect_value_tree *tree = target->trees[c];
        for (uint32_t v = 0; tree != NULL && v < values->count; v++) {
            pd_str ignored, text = protect_values_text(values, v);
            if (text.len > 0 && !protect_value_tree_find(tree, text, 0, &ignored))
                return pd_fail(err, PD_INVALID,
                               "the hierarchy \"%.*s\" has no row for the value \"%.*s\" (%" PRIu64
                               " rows of the table); add one, or mend the value",
                               pd_arg(tree->name), pd_arg(text), values->entries[v].rows);
        }
    }
    return PD_OK;
}

static enum pd_status check_target(const struct protect_classes *classes,
                                   const struct protect_target *target, struct pd_error *err) {
    uint64_t k = target->plan->k;
    if (k < 2)
        return pd_fail(err, PD_USAGE, "k must be at least 2, not %" PRIu64, k);
    if (!(target->max_suppressed >= 0 && target->max_suppressed <= 1))
        return pd_fail(err, PD_USAGE, "the share of rows to leave out must lie between 0 and 1");
    if (classes->rows < k)
        return pd_fail(err, PD_INVALID,
                       "cannot reach k=%" PRIu64 ": the table has only %" PRIu64
                       " rows; lower k, or join it with more rows",
                       k, classes->rows);
    return PD_OK;
}

enum pd_status protect_search_for(const struct protect_classes *classes,
                                  const struct protect_target *target, struct pd_arena *arena,
                                  const struct protect_found **out, struct pd_error *err) {
    enum pd_status status = check_target(classes, target, err);
    if (status != PD_OK)
        return status;
    struct search s = {.classes = classes,
                       .plan = target->plan,
                       .target = target,
                       .budget = {.limit = classes->budget.limit},
                       .count = target->plan->quasi_count,
                       .now = {.width = classes->column_count},
                       .next = {.width = classes->column_count},
                       .k = target->plan->k,
                       .share = target->max_suppressed,
                       .allowed = (uint64_t)(target->max_suppressed * (double)classes->rows)};
    uint64_t suppressed = 0;
    bool fits = allocate(&s);
    if (fits)
        status = check_trees(&s, target, err);
    if (status == PD_OK)
        fits = fits && build_ladders(&s, target);
    if (status == PD_OK && fits)
        status = check_reach(&s, err);
    if (status == PD_OK)
        fits = fits && run(&s, &suppressed);
    if (status == PD_OK && fits)
        status = write_found(&s, suppressed, arena, out, err);
    else if (status == PD_OK && s.is_stopped)
        status =
            pd_fail(err, PD_UNAVAILABLE, "the search was stopped after %zu combinations", s.tried);
    else if (status == PD_OK)
        status = pd_fail(err, PD_LIMIT,
                         "the search needs more than the %zu bytes allowed (%" PRIu32
                         " distinct combinations): name fewer quasi columns, or raise the limit",
                         classes->budget.limit, classes->tuples.count);
    clear(&s);
    return status;
}

enum pd_status protect_search(const struct protect_classes *classes, const enum protect_kind *kinds,
                              uint64_t k, double max_suppressed, struct pd_arena *arena,
                              const struct protect_found **out, struct pd_error *err) {
    const struct protect_plan plan = {
        .quasi = classes->columns, .quasi_count = classes->column_count, .k = k};
    const struct protect_target target = {
        .plan = &plan, .kinds = kinds, .max_suppressed = max_suppressed};
    return protect_search_for(classes, &target, arena, out, err);
}
