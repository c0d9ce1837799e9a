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

/* Searches the lattice of some columns; the tuples are taken as they are. */
static enum pd_status search_part(const struct protect_classes *classes, const struct rungs *rungs,
                                  const struct protect_best *best, size_t first, size_t count,
                                  struct protect_optimum *out, struct pd_error *err) {
    const struct protect_hierarchy *hierarchies[PROTECT_QUASI_MAX];
    const double *costs[PROTECT_QUASI_MAX];
    const struct protect_tuples *tuples = &classes->tuples;
    uint32_t *codes = malloc(((size_t)tuples->count + 1) * count * sizeof(*codes));
    if (codes == NULL)
        return pd_fail_memory(err);
    for (uint32_t t = 0; t < tuples->count; t++)
        for (size_t c = 0; c < count; c++)
            codes[t * count + c] = tuples->ids[(size_t)t * tuples->width + first + c];
    for (size_t c = 0; c < count; c++) {
        hierarchies[c] = &rungs[first + c].hierarchy;
        costs[c] = rungs[first + c].costs;
    }
    struct protect_model model = {.kind = PROTECT_K_ANONYMITY, .threshold = (double)best->k};
    struct protect_task task = {.data = {.quasi_count = count,
                                         .hierarchies = hierarchies,
                                         .codes = codes,
                                         .rows = tuples->rows,
                                         .count = tuples->count},
                                .models = &model,
                                .model_count = 1,
                                .max_suppressed = best->max_suppressed,
                                .loss = PROTECT_LOSS_GIVEN,
                                .losses = costs,
                                .limit_bytes = classes->budget.limit};
    enum pd_status st = protect_optimum(&task, out, err);
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
    size_t n = classes->column_count, count;
    for (size_t first = 0; first < n; first += count) {
        for (count = 1; first + count < n && count < PROTECT_QUASI_MAX &&
                        nodes_of(ladders, first, count + 1) <= PART_MAX;)
            count++;
        if (search_part(classes, rungs, best, first, count, &part, &ignored) == PD_OK &&
            part.is_found)
            best->bound += part.node.loss;
    }
}

/* Whether the optimum of the whole was found; what can't be searched, for its size or because rungs
   don't nest, is the caller's to climb. */
static bool find_optimum(const struct protect_classes *classes, const struct rungs *rungs,
                         struct protect_best *best, size_t *rung) {
    struct protect_optimum found;
    struct pd_error ignored = {0};
    size_t n = classes->column_count;
    if (search_part(classes, rungs, best, 0, n, &found, &ignored) != PD_OK || !found.is_found)
        return false;
    for (size_t c = 0; c < n; c++)
        rung[c] = found.levels[c];
    best->bound = found.node.loss;
    best->tried = found.checked;
    return true;
}

bool protect_best_find(const struct protect_classes *classes, const struct protect_ladder *ladders,
                       struct protect_best *best, size_t *rung) {
    size_t n = classes->column_count;
    struct rungs *rungs = calloc(n, sizeof(*rungs));
    bool fits = rungs != NULL, is_found = false;
    for (size_t c = 0; fits && c < n; c++)
        fits = make_rungs(&ladders[c], classes->values[c].count, n, &rungs[c]);
    if (fits && n <= PROTECT_QUASI_MAX && nodes_of(ladders, 0, n) <= LATTICE_MAX)
        is_found = find_optimum(classes, rungs, best, rung);
    if (fits && !is_found)
        find_bound(classes, ladders, rungs, best);
    clear_rungs(rungs, n);
    return is_found;
}
