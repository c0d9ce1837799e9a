/*
 * The best rungs of the ladders, by searching their whole lattice; where it is too large, a bound
 * on what any rungs must lose, from the optima of parts of the columns: whatever steps suffice for
 * all columns together suffice for some of them alone.
 */
#include "protect/lattice.h"
#include "protect/protect_impl.h"

#include <stdlib.h>

#define LATTICE_MAX 1e6 /* nodes that are searched: some seconds at worst */
#define PART_MAX    2e4 /* of the part of a lattice that is searched for a bound */

/*
 * Dropping a column loses more than generalising all of them, so that fewer columns dropped is
 * always less lost.
 */
static double cost_of(const struct protect_ladder *ladder, size_t columns, size_t rung) {
    return ladder->rungs[rung].loss + (rung + 1 == ladder->count ? (double)columns : 0);
}

/* A ladder as a hierarchy: the numbers of its maps made dense. */
struct rungs {
    struct protect_hierarchy hierarchy;
    uint32_t *maps[PROTECT_MAX_RUNGS], sizes[PROTECT_MAX_RUNGS];
    double costs[PROTECT_MAX_RUNGS];
};

static bool make_rungs(const struct protect_ladder *ladder, uint32_t values, size_t columns,
                       struct rungs *out) {
    for (size_t r = 0; r < ladder->count; r++) {
        uint32_t *map = out->maps[r] = malloc(((size_t)values + 1) * sizeof(*map));
        if (map == NULL)
            return false;
        for (uint32_t v = 0; v < values; v++) {
            uint32_t first = ladder->rungs[r].map ? ladder->rungs[r].map[v] : v;
            map[v] = first == v ? out->sizes[r]++ : map[first];
        }
        out->costs[r] = cost_of(ladder, columns, r);
    }
    out->hierarchy = (struct protect_hierarchy){.values = values,
                                                .levels = (uint32_t)ladder->count,
                                                .maps = (const uint32_t *const *)out->maps,
                                                .sizes = out->sizes};
    return true;
}

static void clear_rungs(struct rungs *rungs, size_t count) {
    for (size_t c = 0; rungs != NULL && c < count; c++)
        for (size_t r = 0; r < PROTECT_MAX_RUNGS; r++)
            free(rungs[c].maps[r]);
    free(rungs);
}

/* Searches the lattice of some columns; the tuples are taken as they are. shown: the sensitive
   columns of `models` models; 0 for k alone, which all need. */
static enum pd_status search_part(const struct protect_classes *classes, const struct rungs *rungs,
                                  struct protect_best *best, size_t first, size_t count,
                                  const struct protect_shown *shown, size_t models,
                                  struct protect_optimum *out, struct pd_error *err) {
    const struct protect_hierarchy *hierarchies[PROTECT_QUASI_MAX];
    const double *costs[PROTECT_QUASI_MAX];
    uint32_t sizes[PROTECT_QUASI_MAX];
    struct protect_model all[PROTECT_QUASI_MAX + 1];
    const struct protect_tuples *tuples = &classes->tuples;
    size_t width = count + models;
    uint32_t *codes = malloc(((size_t)tuples->count + 1) * width * sizeof(*codes));
    if (codes == NULL)
        return pd_fail_memory(err);
    for (uint32_t t = 0; t < tuples->count; t++) {
        const uint32_t *ids = tuples->ids + (size_t)t * tuples->width;
        for (size_t c = 0; c < count; c++)
            codes[t * width + c] = ids[best->at[first + c]];
        for (size_t m = 0; m < models; m++)
            codes[t * width + count + m] = shown[m].code ? shown[m].code[ids[shown[m].column]] : 0;
    }
    for (size_t m = 0; m < models; m++) {
        sizes[m] = shown[m].size;
        all[m] = shown[m].model;
    }
    all[models] =
        (struct protect_model){.kind = PROTECT_K_ANONYMITY, .threshold = (double)best->plan->k};
    for (size_t c = 0; c < count; c++) {
        hierarchies[c] = &rungs[first + c].hierarchy;
        costs[c] = rungs[first + c].costs;
    }
    struct protect_task task = {.data = {.quasi_count = count,
                                         .hierarchies = hierarchies,
                                         .sensitive_count = models,
                                         .sensitive_sizes = sizes,
                                         .codes = codes,
                                         .rows = tuples->rows,
                                         .count = tuples->count},
                                .models = all,
                                .model_count = models + 1,
                                .max_suppressed = best->max_suppressed,
                                .loss = PROTECT_LOSS_GIVEN,
                                .losses = costs,
                                .limit_bytes = classes->budget.limit,
                                .is_cancelled = best->target->is_cancelled,
                                .context = best->target->context};
    if (count == best->count && best->target->tell_memory)
        best->target->tell_memory(best->target->context, protect_optimum_bytes(&task.data));
    enum pd_status st = protect_optimum(&task, out, err);
    best->is_stopped = best->is_stopped || st == PD_UNAVAILABLE;
    free(codes);
    return st;
}

static double nodes_of(const struct protect_ladder *ladders, size_t first, size_t count) {
    double nodes = 1;
    for (size_t c = first; c < first + count; c++)
        nodes *= (double)ladders[c].count;
    return nodes;
}

/* The sum of the optima of neighbouring columns, as many together as is quickly searched. */
static void find_bound(const struct protect_classes *classes, const struct protect_ladder *ladders,
                       const struct rungs *rungs, struct protect_best *best) {
    struct protect_optimum part;
    struct pd_error ignored = {0};
    size_t n = best->count, count;
    for (size_t first = 0; first < n && !best->is_stopped; first += count) {
        for (count = 1; first + count < n && count < PROTECT_QUASI_MAX &&
                        nodes_of(ladders, first, count + 1) <= PART_MAX;)
            count++;
        if (search_part(classes, rungs, best, first, count, NULL, 0, &part, &ignored) == PD_OK &&
            part.is_found)
            best->bound += part.node.loss;
    }
}

/* Whether the optimum of the whole was found; what can't be searched, for its size or because rungs
   don't nest, is the caller's to climb. */
static bool find_optimum(const struct protect_classes *classes, const struct rungs *rungs,
                         struct protect_best *best, size_t *rung) {
    struct protect_optimum found;
    struct protect_shown *shown = NULL;
    struct pd_error ignored = {0};
    size_t n = best->count, models = best->plan->model_count;
    struct pd_arena *arena = pd_arena_new(classes->budget.limit);
    bool is_found = arena != NULL && models <= PROTECT_QUASI_MAX;
    if (is_found && models > 0)
        is_found = protect_plan_models(classes, best->plan, arena, &shown, &ignored) == PD_OK;
    is_found = is_found &&
               search_part(classes, rungs, best, 0, n, shown, models, &found, &ignored) == PD_OK &&
               found.is_found;
    pd_arena_free(arena);
    for (size_t c = 0; is_found && c < n; c++)
        rung[c] = found.levels[c];
    if (is_found) {
        best->bound = found.node.loss;
        best->tried = found.checked;
    }
    return is_found;
}

bool protect_best_find(const struct protect_classes *classes, const struct protect_ladder *ladders,
                       struct protect_best *best, size_t *rung) {
    size_t n = best->count;
    struct rungs *rungs = calloc(n, sizeof(*rungs));
    bool fits = rungs != NULL, is_found = false;
    for (size_t c = 0; fits && c < n; c++)
        fits = make_rungs(&ladders[c], classes->values[best->at[c]].count, n, &rungs[c]);
    if (fits && n <= PROTECT_QUASI_MAX && nodes_of(ladders, 0, n) <= LATTICE_MAX)
        is_found = find_optimum(classes, rungs, best, rung);
    if (fits && !is_found && !best->is_stopped)
        find_bound(classes, ladders, rungs, best);
    clear_rungs(rungs, n);
    return is_found;
}
