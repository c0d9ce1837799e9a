/* One node of the lattice: its classes, whether they hold, and what they lose. */
#include "crypto/crypto.h"
#include "protect/lattice_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LIMIT ((size_t)1 << 30)

enum { WORTH_MAKING = 6 };

/* ---- Opening ---- */

static enum pd_status check_task(const struct protect_task *task, struct pd_error *err) {
    const struct protect_microdata *d = &task->data;
    if (d->quasi_count == 0 || d->quasi_count > PROTECT_QUASI_MAX ||
        d->sensitive_count > PROTECT_QUASI_MAX)
        return pd_fail(err, PD_USAGE,
                       "the search takes 1 to %d quasi columns and at most as many sensitive ones",
                       PROTECT_QUASI_MAX);
    if (!(task->max_suppressed >= 0 && task->max_suppressed <= 1))
        return pd_fail(err, PD_USAGE, "the share of rows to leave out must lie between 0 and 1");
    for (size_t c = 0; c < d->quasi_count; c++) {
        enum pd_status st = protect_hierarchy_check(d->hierarchies[c], err);
        if (st != PD_OK)
            return pd_wrap(err, "quasi column %zu", c);
    }
    for (size_t s = 0; s < d->sensitive_count; s++)
        if (d->sensitive_sizes[s] == 0)
            return pd_fail(err, PD_USAGE, "sensitive column %zu has no values", s);
    return PD_OK;
}

/* Of each number on each level one value that becomes it. */
static bool find_leaves(struct lattice *l, size_t column) {
    const struct protect_hierarchy *h = l->task->data.hierarchies[column];
    uint32_t *leaves =
        lattice_resize(&l->room, NULL, 0, (size_t)h->levels * h->values * sizeof(*leaves));
    l->leaves[column] = leaves;
    for (uint32_t level = 0; leaves && level < h->levels; level++)
        for (uint32_t v = h->values; v-- > 0;)
            leaves[(size_t)level * h->values + h->maps[level][v]] = v;
    return leaves != NULL;
}

/* Which columns come first, and how many, so that there are few enough combinations of their
 * levels. */
static bool choose_prefixes(struct lattice *l) {
    bool is_taken[PROTECT_QUASI_MAX] = {false};
    size_t count = 1;
    for (; l->depth < LATTICE_DEPTH_MAX && l->depth < l->layout.quasi; l->depth++) {
        size_t next = l->layout.quasi;
        for (size_t c = 0; c < l->layout.quasi; c++)
            if (!is_taken[c] &&
                (next == l->layout.quasi ||
                 l->task->data.hierarchies[c]->values > l->task->data.hierarchies[next]->values))
                next = c;
        count *= l->task->data.hierarchies[next]->levels;
        if (count > LATTICE_PREFIX_MAX)
            break;
        is_taken[next] = true;
        l->prefix_columns[l->depth] = next;
        l->prefix_count[l->depth] = count;
        l->prefixes[l->depth] = calloc(count, sizeof(**l->prefixes));
        l->wanted[l->depth] = calloc(count, sizeof(**l->wanted));
        if (!l->prefixes[l->depth] || !l->wanted[l->depth])
            return false;
    }
    return true;
}

enum pd_status lattice_open(const struct protect_task *task, struct lattice *out,
                            struct pd_error *err) {
    *out = (struct lattice){.task = task,
                            .room.limit = task->limit_bytes ? task->limit_bytes : DEFAULT_LIMIT};
    enum pd_status st = check_task(task, err);
    if (st == PD_OK)
        st = lattice_layout_make(&task->data, &out->layout, err);
    if (st != PD_OK)
        return st;
    crypto_random(&out->room.seed, sizeof(out->room.seed));
    crypto_random(&out->room.multiplier, sizeof(out->room.multiplier));
    out->room.multiplier |= 1;
    bool fits = choose_prefixes(out);
    for (size_t c = 0; fits && c < out->layout.quasi; c++)
        fits = find_leaves(out, c);
    if (!fits)
        return pd_fail_memory(err);
    st = lattice_base(out, err);
    out->allowed = (uint64_t)(task->max_suppressed * (double)out->total);
    if (st == PD_OK)
        st = lattice_models_new(out, err);
    if (st == PD_OK)
        st = lattice_losses_new(out, err);
    return st;
}

static void forget_prefixes(struct lattice *l) {
    for (size_t d = 0; d < l->depth; d++)
        for (size_t i = 0; i < l->prefix_count[d]; i++)
            lattice_grouping_clear(l, &l->prefixes[d][i]);
}

void lattice_close(struct lattice *l) {
    lattice_models_free(l);
    lattice_losses_free(l);
    forget_prefixes(l);
    for (size_t d = 0; d < LATTICE_DEPTH_MAX; d++) {
        free(l->prefixes[d]);
        free(l->wanted[d]);
    }
    lattice_grouping_clear(l, &l->base);
    for (size_t c = 0; c < l->layout.quasi; c++) {
        free(l->leaves[c]);
        free(l->room.tables[c]);
    }
    uint32_t *arrays[] = {l->room.slots, l->room.rows,   l->room.class_of,
                          l->room.order, l->room.starts, l->room.class_rows};
    for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++)
        free(arrays[i]);
    free(l->room.keys);
}

/* ---- Checking ---- */

/*
 * The deepest kept grouping that is finer than `levels`, the missing ones made on the way. Where
 * there is no room for another, what there is must do.
 */
static const struct lattice_grouping *find_finer(struct lattice *l, const uint8_t *levels) {
    const struct lattice_grouping *from = &l->base;
    uint8_t prefix[PROTECT_QUASI_MAX] = {0};
    size_t index = 0;
    if (l->room.used > l->room.limit / 4 * 3)
        forget_prefixes(l);
    for (size_t d = 0; d < l->depth; d++) {
        size_t column = l->prefix_columns[d];
        prefix[column] = levels[column];
        index = index * l->task->data.hierarchies[column]->levels + levels[column];
        if (levels[column] == 0) /* the same grouping as one column before */
            continue;
        struct lattice_grouping *kept = &l->prefixes[d][index];
        if (!kept->keys && l->wanted[d][index]++ < WORTH_MAKING)
            continue;
        if (!kept->keys && (!lattice_group(l, from, prefix) || !lattice_keep_now(l, kept)))
            return from;
        from = kept;
    }
    return from;
}

/* By counts alone where that will do: several times as fast as a grouping. */
static bool judge_cells(struct lattice *l, const struct lattice_grouping *from,
                        const uint8_t *levels, struct lattice_count *count) {
    size_t cells;
    const uint32_t *rows = lattice_count_cells(l, from, levels, &cells);
    if (!rows)
        return false;
    lattice_judge_rows(l, rows, cells, count);
    return !(count->is_feasible && lattice_loss_needs_entries(l, count));
}

bool lattice_check(struct lattice *l, const uint8_t *levels, struct protect_node *node,
                   struct lattice_count *count) {
    const struct lattice_grouping *from = find_finer(l, levels);
    if (!judge_cells(l, from, levels, count) &&
        (!lattice_group(l, from, levels) || !lattice_judge(l, count)))
        return false;
    *node = (struct protect_node){.is_feasible = count->is_feasible,
                                  .suppressed = count->failed_rows,
                                  .classes = count->kept_classes,
                                  .smallest = count->smallest};
    node->loss = count->is_feasible ? lattice_loss(l, levels, count) : NAN;
    return true;
}

static enum pd_status fail_room(const struct lattice *l, struct pd_error *err) {
    return pd_fail(err, PD_LIMIT,
                   "counting the classes needs more than the %zu bytes allowed: name fewer quasi "
                   "columns, or raise the limit",
                   l->room.limit);
}

enum pd_status protect_node_evaluate(const struct protect_task *task, const uint8_t *levels,
                                     struct protect_node *out, struct pd_error *err) {
    struct lattice l;
    struct lattice_count count;
    enum pd_status st = lattice_open(task, &l, err);
    for (size_t c = 0; st == PD_OK && c < task->data.quasi_count; c++)
        if (levels[c] >= task->data.hierarchies[c]->levels)
            st = pd_fail(err, PD_USAGE, "quasi column %zu has levels 0 to %u, not %u", c,
                         task->data.hierarchies[c]->levels - 1, levels[c]);
    if (st == PD_OK && !lattice_check(&l, levels, out, &count))
        st = fail_room(&l, err);
    lattice_close(&l);
    return st;
}
