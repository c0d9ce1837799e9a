/* The inspector: one state per column, fed batch by batch. */
#include "inspect/inspect_impl.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_COLUMNS = 20000, ORDERED_MOST = 200 };

const char *inspect_role_name(enum inspect_role role) {
    static const char *const names[INSPECT_ROLE_COUNT] = {
        [INSPECT_OTHER] = "other",
        [INSPECT_DIRECT] = "direct",
        [INSPECT_QUASI] = "quasi",
        [INSPECT_SENSITIVE] = "sensitive",
    };
    return names[role];
}

const char *inspect_confidence_name(enum inspect_confidence confidence) {
    static const char *const names[] = {
        [INSPECT_LOW] = "low", [INSPECT_MEDIUM] = "medium", [INSPECT_HIGH] = "high"};
    return names[confidence];
}

static bool start_threads(struct inspector *inspector, unsigned threads) {
    inspector->order = calloc(inspector->count, sizeof(*inspector->order));
    inspector->cost = calloc(inspector->count, sizeof(*inspector->cost));
    inspector->pool = inspect_pool_new(threads);
    if (!inspector->order || !inspector->cost || !inspector->pool)
        return false;
    for (size_t i = 0; i < inspector->count; i++)
        inspector->order[i] = (uint32_t)i;
    return true;
}

enum pd_status inspector_new(const pd_str *names, size_t count,
                             const struct inspect_options *options, struct inspector **out,
                             struct pd_error *err) {
    size_t limit = options->limits.columns ? options->limits.columns : DEFAULT_COLUMNS;
    if (limit > INSPECT_COLUMNS_MOST)
        limit = INSPECT_COLUMNS_MOST;
    if (options->threads > INSPECT_THREADS_MOST)
        return pd_fail(err, PD_USAGE, "%u threads; an inspection takes at most %d",
                       options->threads, INSPECT_THREADS_MOST);
    if (count == 0)
        return pd_fail(err, PD_USAGE, "a table needs at least one column to be inspected");
    if (count > limit)
        return pd_fail(err, PD_LIMIT, "%zu columns; inspection takes at most %zu (limit: columns)",
                       count, limit);
    struct inspector *inspector = calloc(1, sizeof(*inspector));
    if (!inspector)
        return pd_fail_memory(err);
    inspector->seed = options->seed;
    inspector->forgets = options->forgets;
    inspector->today = detect_day(options->now);
    sketch_distinct_init(&inspector->row_set, SKETCH_DISTINCT_MOST, SKETCH_DISTINCT_MOST);
    inspector->site = options->site;
    inspector->states = calloc(count, sizeof(*inspector->states));
    for (; inspector->states && inspector->count < count; inspector->count++) {
        if (!inspect_state_init(&inspector->states[inspector->count], names[inspector->count],
                                count, options->seed, options->site))
            break;
    }
    bool is_shared = options->threads > 1 && count > 1;
    if (inspector->count < count || (is_shared && !start_threads(inspector, options->threads))) {
        inspector_free(inspector);
        return pd_fail_memory(err);
    }
    *out = inspector;
    return PD_OK;
}

size_t inspector_columns(const struct inspector *inspector) {
    return inspector->count;
}

pd_str inspector_name(const struct inspector *inspector, size_t column) {
    return inspect_state_name(&inspector->states[column]);
}

void inspector_free(struct inspector *inspector) {
    if (!inspector)
        return;
    for (size_t i = 0; i < inspector->count; i++)
        inspect_state_clear(&inspector->states[i]);
    free(inspector->states);
    free(inspector->hashes);
    inspect_pool_free(inspector->pool);
    free(inspector->order);
    free(inspector->cost);
    sketch_distinct_clear(&inspector->row_set);
    free(inspector);
}

/* The hashes of the cells before, and one more. */
static uint64_t mix(uint64_t row, uint64_t cell) {
    row = (row ^ cell) * UINT64_C(0x9e3779b97f4a7c15);
    return row ^ row >> 29;
}

static bool make_room(struct inspector *inspector, size_t rows, size_t columns) {
    size_t cells, size;
    if (!pd_mul(rows, columns, &cells) || !pd_mul(cells, sizeof(*inspector->hashes), &size))
        return false;
    if (cells <= inspector->hash_capacity)
        return true;
    uint64_t *hashes = realloc(inspector->hashes, size);
    if (!hashes)
        return false;
    inspector->hashes = hashes;
    inspector->hash_capacity = cells;
    return true;
}

/* The rows' hashes take the place of the first column's. */
static bool add_rows(struct inspector *inspector, size_t rows) {
    uint64_t *row = inspector->hashes;
    for (size_t r = 0; r < rows; r++)
        row[r] = mix(0, row[r]);
    for (size_t c = 1; c < inspector->count; c++) {
        const uint64_t *cells = inspector->hashes + c * rows;
        for (size_t r = 0; r < rows; r++)
            row[r] = mix(row[r], cells[r]);
    }
    return sketch_distinct_add_all(&inspector->row_set, row, rows);
}

struct share {
    struct inspector *inspector;
    const struct table_batch *batch;
};

static bool add_column(void *context, size_t n) {
    const struct share *share = context;
    struct inspector *inspector = share->inspector;
    size_t c = inspector->pool ? inspector->order[n] : n;
    uint64_t cost;
    bool ok = inspect_state_feed(&inspector->states[c], share->batch, c, inspector,
                                 inspector->hashes + c * share->batch->rows, &cost);
    if (inspector->pool)
        inspector->cost[c] = cost;
    return ok;
}

/* Columns that take long come first, so that no thread ends with one while the others wait. */
static void order_columns(struct inspector *inspector) {
    for (size_t i = 1; i < inspector->count; i++) {
        uint32_t column = inspector->order[i];
        size_t at = i;
        for (; at > 0 && inspector->cost[inspector->order[at - 1]] < inspector->cost[column]; at--)
            inspector->order[at] = inspector->order[at - 1];
        inspector->order[at] = column;
    }
}

enum pd_status inspector_feed(struct inspector *inspector, const struct table_batch *batch,
                              struct pd_error *err) {
    if (batch->columns != inspector->count)
        return pd_fail(err, PD_USAGE, "a batch of %zu columns for an inspection of %zu",
                       batch->columns, inspector->count);
    if (!make_room(inspector, batch->rows, batch->columns))
        return pd_fail_memory(err);
    struct share share = {inspector, batch};
    if (!inspect_pool_run(inspector->pool, batch->columns, add_column, &share))
        return pd_fail_memory(err);
    if (inspector->pool && inspector->count <= ORDERED_MOST)
        order_columns(inspector);
    if (!add_rows(inspector, batch->rows))
        return pd_fail_memory(err);
    inspector->rows += batch->rows;
    return PD_OK;
}

void inspector_set_aside(struct inspector *inspector, uint64_t records) {
    inspector->set_aside += records;
}

enum pd_status inspector_merge(struct inspector *into, const struct inspector *from,
                               struct pd_error *err) {
    uint64_t rows, set_aside;
    if (into->count != from->count)
        return pd_fail(err, PD_USAGE, "one part has %zu columns and the other %zu", into->count,
                       from->count);
    if (into->seed != from->seed || into->site != from->site)
        return pd_fail(err, PD_USAGE, "inspections merge only with the same seed and detectors");
    for (size_t i = 0; i < into->count; i++) {
        pd_str a = inspect_state_name(&into->states[i]), b = inspect_state_name(&from->states[i]);
        if (!pd_str_eq(a, b))
            return pd_fail(err, PD_USAGE,
                           "column %zu is \"%.*s\" in one part and \"%.*s\" in the other", i + 1,
                           pd_arg(a), pd_arg(b));
    }
    if (__builtin_add_overflow(into->rows, from->rows, &rows) ||
        __builtin_add_overflow(into->set_aside, from->set_aside, &set_aside))
        return pd_fail(err, PD_LIMIT, "together the parts have more rows than can be counted");
    for (size_t i = 0; i < into->count; i++) {
        if (!inspect_state_merge(&into->states[i], &from->states[i]))
            return pd_fail_memory(err);
    }
    if (!sketch_distinct_merge(&into->row_set, &from->row_set))
        return pd_fail_memory(err);
    into->rows = rows;
    into->set_aside = set_aside;
    return PD_OK;
}

/* Tells of columns whose cells are all in their place. */
static bool tell(const struct inspector *inspector, struct inspect_settled *settled,
                 struct inspect_state *states, struct pd_arena *arena,
                 struct inspect_column *columns, struct inspection *result) {
    for (size_t i = 0; i < inspector->count; i++) {
        if (!inspect_settle(&inspector->states[i], arena, inspector->seed, inspector->count,
                            &settled[i]))
            return false;
        states[i] = settled[i].state;
        if (!inspect_profile(&states[i], arena, &columns[i]) ||
            !inspect_verdicts(&states[i], arena, &columns[i]))
            return false;
        columns[i].note = settled[i].note;
        columns[i].is_formatted = settled[i].is_formatted;
    }
    return inspect_roles(states, columns, inspector->count, arena, &result->facts) &&
           inspect_propose_grade(columns, inspector->count, &result->facts, arena, &result->grade);
}

enum pd_status inspector_finish(const struct inspector *inspector, struct pd_arena *arena,
                                const struct inspection **out, struct pd_error *err) {
    size_t count = inspector->count;
    struct inspection *result = pd_arena_alloc(arena, sizeof(*result));
    struct inspect_column *columns = pd_arena_array(arena, count, sizeof(*columns));
    struct inspect_settled *settled = calloc(count, sizeof(*settled));
    struct inspect_state *states = calloc(count, sizeof(*states)); /* views */
    bool ok = result && columns && settled && states;
    if (ok) {
        *result = (struct inspection){.rows = inspector->rows,
                                      .set_aside = inspector->set_aside,
                                      .distinct_rows = sketch_distinct_get(&inspector->row_set),
                                      .columns = columns,
                                      .column_count = count};
        if (result->distinct_rows.value > result->rows)
            result->distinct_rows.value = result->rows;
        ok = tell(inspector, settled, states, arena, columns, result);
    }
    for (size_t i = 0; settled && i < count; i++)
        inspect_settled_clear(&settled[i]);
    free(settled);
    free(states);
    if (!ok)
        return pd_fail_memory(err);
    *out = result;
    return PD_OK;
}
