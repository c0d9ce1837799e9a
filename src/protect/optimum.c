/*
 * The optimum: a walk through the lattice that ends when no node is left that could be better.
 *
 * Of each node two things are known: a floor, at most its loss and that of all coarser nodes, and
 * whether it is settled (counted, or proven infeasible). A node is open while it isn't settled and
 * its floor lies below the best loss found. Paths of open nodes are halved as in Flash, which
 * settles most of the lattice with few counts; it ends when no open node is left, so that the
 * answer doesn't depend on what the models are.
 */
#include "protect/lattice_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct search {
    struct lattice l;
    size_t columns;
    uint32_t levels[PROTECT_QUASI_MAX], strides[PROTECT_QUASI_MAX];
    uint32_t nodes;
    bool *settled;  /* counted, or proven infeasible */
    bool *feasible; /* counted, and feasible */
    double *floors;
    uint32_t *stack, *order; /* order: open ones by floor, or all by the sum of levels */
    size_t by_values[PROTECT_QUASI_MAX];
    bool has_best;
    uint32_t best;
    struct protect_node best_node;
    uint64_t checked;
    bool counted_floors; /* the loss is one of class sizes */
    bool has_room, is_cancelled;
};

/* ---- Nodes by number ---- */

static uint32_t level_of(const struct search *s, uint32_t node, size_t column) {
    return node / s->strides[column] % s->levels[column];
}

static void levels_of(const struct search *s, uint32_t node, uint8_t *levels) {
    for (size_t c = 0; c < s->columns; c++)
        levels[c] = (uint8_t)level_of(s, node, c);
}

static uint32_t height_of(const struct search *s, uint32_t node) {
    uint32_t sum = 0;
    for (size_t c = 0; c < s->columns; c++)
        sum += level_of(s, node, c);
    return sum;
}

/* Whether `node` with that loss goes before the best: less loss, else lower, else lower in the
   first column (which has the largest stride). */
static bool goes_before_best(const struct search *s, uint32_t node, double loss) {
    if (!s->has_best || loss != s->best_node.loss)
        return !s->has_best || loss < s->best_node.loss;
    uint32_t height = height_of(s, node), best = height_of(s, s->best);
    return height < best || (height == best && node < s->best);
}

static bool is_open(const struct search *s, uint32_t node) {
    return !s->settled[node] && goes_before_best(s, node, s->floors[node]);
}

/* ---- What a count proves of others ---- */

static void settle_finer(struct search *s, uint32_t node) {
    size_t top = 0;
    s->stack[top++] = node;
    while (top > 0) {
        uint32_t at = s->stack[--top];
        for (size_t c = 0; c < s->columns; c++) {
            uint32_t finer = at - s->strides[c];
            if (level_of(s, at, c) == 0 || s->settled[finer])
                continue;
            s->settled[finer] = true;
            s->stack[top++] = finer;
        }
    }
}

static void raise_coarser(struct search *s, uint32_t node, double floor) {
    size_t top = 0;
    s->stack[top++] = node;
    while (top > 0) {
        uint32_t at = s->stack[--top];
        for (size_t c = 0; c < s->columns; c++) {
            uint32_t coarser = at + s->strides[c];
            if (level_of(s, at, c) + 1 == s->levels[c] || s->floors[coarser] >= floor)
                continue;
            s->floors[coarser] = floor;
            s->stack[top++] = coarser;
        }
    }
}

/* Counts a node; whether it is feasible. */
static bool check(struct search *s, uint32_t node) {
    uint8_t levels[PROTECT_QUASI_MAX];
    struct protect_node found;
    struct lattice_count count;
    levels_of(s, node, levels);
    s->settled[node] = true;
    s->has_room = s->has_room && lattice_check(&s->l, levels, &found, &count);
    if (!s->has_room)
        return false;
    s->checked++;
    s->feasible[node] = found.is_feasible;
    const struct protect_task *task = s->l.task;
    s->is_cancelled = task->is_cancelled && task->is_cancelled(task->context, s->checked, s->nodes);
    if (found.is_feasible && goes_before_best(s, node, found.loss)) {
        s->has_best = true;
        s->best = node;
        s->best_node = found;
    }
    if (count.surely_failed_rows > s->l.allowed ||
        (!found.is_feasible && lattice_is_monotonic(&s->l)))
        settle_finer(s, node);
    if (s->counted_floors)
        raise_coarser(s, node, lattice_loss_floor_counted(&s->l, &count));
    return found.is_feasible;
}

/* ---- The walk ---- */

/* From an open node upwards, by the open node of the lowest floor; returns how long the path is. */
static size_t find_path(const struct search *s, uint32_t from, uint32_t *path) {
    size_t length = 0;
    path[length++] = from;
    for (;;) {
        uint32_t next = UINT32_MAX, at = path[length - 1];
        for (size_t c = 0; c < s->columns; c++) {
            uint32_t coarser = at + s->strides[c];
            if (level_of(s, at, c) + 1 < s->levels[c] && is_open(s, coarser) &&
                (next == UINT32_MAX || s->floors[coarser] < s->floors[next]))
                next = coarser;
        }
        if (next == UINT32_MAX)
            return length;
        path[length++] = next;
    }
}

static void halve_path(struct search *s, const uint32_t *path, size_t length) {
    size_t low = 0, high = length;
    while (low < high && s->has_room && !s->is_cancelled) {
        size_t middle = low + (high - low) / 2;
        if (check(s, path[middle]))
            high = middle;
        else
            low = middle + 1;
    }
}

/* Lower by one column's level at a time, the dearest first, as long as a feasible node is there. */
static void descend(struct search *s) {
    bool has_moved = s->has_best;
    while (has_moved && s->has_room && !s->is_cancelled) {
        uint32_t at = s->best;
        has_moved = false;
        for (size_t c = 0; c < s->columns && !has_moved; c++)
            if (level_of(s, at, c) > 0 && is_open(s, at - s->strides[c]))
                has_moved = check(s, at - s->strides[c]) && s->best != at;
    }
}

/* Whatever the losses: from the finest nodes up. */
static void walk_up(struct search *s, uint32_t *path) {
    for (uint32_t i = 0; i < s->nodes; i++)
        while (is_open(s, s->order[i]) && s->has_room && !s->is_cancelled)
            halve_path(s, path, find_path(s, s->order[i], path));
}

/* From a node to the top, column by column, those of the fewest values first: they tell least, so
   that what is infeasible stays so for longest. Returns how long the way is. */
static size_t find_way_up(const struct search *s, uint32_t from, uint32_t *way) {
    size_t length = 0;
    way[length++] = from;
    for (size_t i = 0; i < s->columns; i++)
        for (uint32_t l = level_of(s, from, s->by_values[i]); l + 1 < s->levels[s->by_values[i]];
             l++) {
            way[length] = way[length - 1] + s->strides[s->by_values[i]];
            length++;
        }
    return length;
}

/* An open node by the highest infeasible node of the way up from it, found by halving: it settles
   all that is finer. */
static void settle(struct search *s, uint32_t node, bool looks_above, uint32_t *way) {
    size_t low = 0, high = 1;
    way[0] = node;
    if (looks_above)
        high = find_way_up(s, node, way);
    while (low < high && s->has_room && !s->is_cancelled) {
        size_t middle = low + (high - low) / 2;
        if (s->feasible[way[middle]] || check(s, way[middle]))
            high = middle;
        else
            low = middle + 1;
    }
}

/* Nodes by their floor, and by height where floors are equal: a heap sort, for it needs no room. */
static bool goes_after(const struct search *s, uint32_t a, uint32_t b) {
    if (s->floors[a] != s->floors[b])
        return s->floors[a] > s->floors[b];
    uint32_t ha = height_of(s, a), hb = height_of(s, b);
    return ha != hb ? ha > hb : a > b;
}

static void sift(const struct search *s, uint32_t *heap, uint32_t at, uint32_t count) {
    uint32_t moved = heap[at];
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && goes_after(s, heap[child + 1], heap[child]))
            child++;
        if (!goes_after(s, heap[child], moved))
            break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

/* Returns how many: what isn't open now never will be. */
static uint32_t sort_open_by_floor(struct search *s) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->nodes; i++)
        if (is_open(s, i))
            s->order[count++] = i;
    for (uint32_t i = count / 2; i-- > 0;)
        sift(s, s->order, i, count);
    for (uint32_t i = count; i-- > 1;) {
        uint32_t last = s->order[0];
        s->order[0] = s->order[i];
        s->order[i] = last;
        sift(s, s->order, 0, i);
    }
    return count;
}

/*
 * Floors that are known beforehand: from a good node found first, down from the highest floor below
 * its loss. A node comes before all finer ones, so that what is infeasible settles most; where the
 * models are monotonic, nodes above, however dear, may settle it together with many others.
 */
static void walk_down(struct search *s, uint32_t *path) {
    bool looks_above = lattice_is_monotonic(&s->l);
    halve_path(s, path, find_path(s, 0, path)); /* no floor is lower than that of the finest */
    descend(s);
    for (uint32_t i = sort_open_by_floor(s); i-- > 0 && s->has_room && !s->is_cancelled;) {
        if (!is_open(s, s->order[i]))
            continue;
        settle(s, s->order[i], looks_above, path);
        descend(s);
    }
}

/* ---- Beginning and ending ---- */

double protect_lattice_nodes(const struct protect_microdata *data) {
    double nodes = 1;
    for (size_t c = 0; c < data->quasi_count; c++)
        nodes *= data->hierarchies[c]->levels;
    return nodes;
}

enum { NODE_BYTES = 2 * sizeof(bool) + sizeof(double) + 2 * sizeof(uint32_t) };

size_t protect_optimum_bytes(const struct protect_microdata *data) {
    struct lattice_layout layout;
    struct pd_error ignored = {0};
    double nodes = protect_lattice_nodes(data);
    size_t bytes, tuples, leaves;
    if (nodes > PROTECT_NODES_MAX || lattice_layout_make(data, &layout, &ignored) != PD_OK ||
        !pd_mul(data->count, layout.words * sizeof(uint64_t) + 3 * sizeof(uint32_t), &tuples) ||
        !pd_add((size_t)nodes * NODE_BYTES, tuples, &bytes))
        return SIZE_MAX;
    for (size_t c = 0; c < data->quasi_count; c++) {
        const struct protect_hierarchy *h = data->hierarchies[c];
        if (!pd_mul(h->values, (size_t)h->levels * sizeof(uint32_t), &leaves) ||
            !pd_add(bytes, leaves, &bytes))
            return SIZE_MAX;
    }
    return bytes;
}

/* Nodes by the sum of their levels, and by number within it: a counting sort. */
static void sort_by_height(struct search *s) {
    uint32_t starts[PROTECT_QUASI_MAX * PROTECT_LEVELS_MAX + 1] = {0};
    size_t heights = 1;
    for (size_t c = 0; c < s->columns; c++)
        heights += s->levels[c] - 1;
    for (uint32_t i = 0; i < s->nodes; i++)
        starts[height_of(s, i) + 1]++;
    for (size_t h = 0; h < heights; h++)
        starts[h + 1] += starts[h];
    for (uint32_t i = 0; i < s->nodes; i++)
        s->order[starts[height_of(s, i)]++] = i;
}

/* An insertion sort: they are few. */
static void sort_columns(struct search *s) {
    const struct protect_hierarchy *const *h = s->l.task->data.hierarchies;
    for (size_t c = 0; c < s->columns; c++) {
        size_t at = c;
        for (; at > 0 && h[s->by_values[at - 1]]->values > h[c]->values; at--)
            s->by_values[at] = s->by_values[at - 1];
        s->by_values[at] = c;
    }
}

static bool make_nodes(struct search *s) {
    struct lattice_room *room = &s->l.room;
    uint8_t levels[PROTECT_QUASI_MAX];
    uint32_t stride = 1;
    for (size_t c = s->columns; c-- > 0;) {
        s->levels[c] = s->l.task->data.hierarchies[c]->levels;
        s->strides[c] = stride;
        stride *= s->levels[c];
    }
    s->nodes = stride;
    s->settled = lattice_resize(room, NULL, 0, s->nodes * sizeof(*s->settled));
    s->feasible = lattice_resize(room, NULL, 0, s->nodes * sizeof(*s->feasible));
    s->floors = lattice_resize(room, NULL, 0, s->nodes * sizeof(*s->floors));
    s->stack = lattice_resize(room, NULL, 0, s->nodes * sizeof(*s->stack));
    s->order = lattice_resize(room, NULL, 0, s->nodes * sizeof(*s->order));
    if (!s->settled || !s->feasible || !s->floors || !s->stack || !s->order)
        return false;
    memset(s->settled, 0, s->nodes * sizeof(*s->settled));
    memset(s->feasible, 0, s->nodes * sizeof(*s->feasible));
    sort_columns(s);
    for (uint32_t i = 0; i < s->nodes; i++) {
        levels_of(s, i, levels);
        s->floors[i] = lattice_loss_floor(&s->l, levels);
    }
    if (s->counted_floors)
        sort_by_height(s);
    return true;
}

static enum pd_status run(struct search *s, struct pd_error *err) {
    uint32_t path[PROTECT_QUASI_MAX * PROTECT_LEVELS_MAX];
    s->has_room = make_nodes(s);
    if (s->has_room)
        (s->counted_floors ? walk_up : walk_down)(s, path);
    if (!s->has_room)
        return pd_fail(err, PD_LIMIT,
                       "the search of %u combinations needs at least %zu bytes, and more than the "
                       "%zu that are allowed: name fewer quasi columns, or raise the limit",
                       s->nodes, protect_optimum_bytes(&s->l.task->data), s->l.room.limit);
    if (s->is_cancelled)
        return pd_fail(err, PD_UNAVAILABLE, "the search was stopped after %llu of %u nodes",
                       (unsigned long long)s->checked, s->nodes);
    return PD_OK;
}

enum pd_status protect_optimum(const struct protect_task *task, struct protect_optimum *out,
                               struct pd_error *err) {
    struct search s = {.columns = task->data.quasi_count,
                       .counted_floors = lattice_loss_is_of_classes(task->loss)};
    enum pd_status st = lattice_open(task, &s.l, err);
    if (st == PD_OK && protect_lattice_nodes(&task->data) > PROTECT_NODES_MAX)
        st = pd_fail(err, PD_LIMIT, "the lattice has %g nodes; at most %d can be searched",
                     protect_lattice_nodes(&task->data), PROTECT_NODES_MAX);
    if (st == PD_OK)
        st = run(&s, err);
    if (st == PD_OK) {
        *out = (struct protect_optimum){
            .is_found = s.has_best, .node = s.best_node, .nodes = s.nodes, .checked = s.checked};
        if (s.has_best)
            levels_of(&s, s.best, out->levels);
    }
    free(s.settled);
    free(s.feasible);
    free(s.floors);
    free(s.stack);
    free(s.order);
    lattice_close(&s.l);
    return st;
}
