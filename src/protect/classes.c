/* Counts the distinct rows of the quasi columns, and groups them as a plan would make them. */
#include "protect/protect_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LIMIT ((size_t)1 << 30)

static enum pd_status fail_limit(const struct protect_classes *classes, const char *what,
                                 struct pd_error *err) {
    return pd_fail(
        err, PD_LIMIT,
        "%s need more than the %zu bytes allowed (%" PRIu64 " rows, %zu quasi columns, %" PRIu32
        " distinct combinations so far): name fewer quasi columns, or raise the limit",
        what, classes->budget.limit, classes->rows, classes->column_count, classes->tuples.count);
}

enum pd_status protect_classes_new(const size_t *columns, size_t count, size_t limit_bytes,
                                   struct protect_classes **out, struct pd_error *err) {
    if (count == 0)
        return pd_fail(err, PD_USAGE, "classes need at least one quasi column");
    for (size_t i = 1; i < count; i++) {
        if (columns[i] <= columns[i - 1])
            return pd_fail(err, PD_USAGE,
                           "quasi columns must ascend: column %zu stands after column %zu",
                           columns[i], columns[i - 1]);
    }
    struct protect_classes *classes = calloc(1, sizeof(*classes));
    if (classes == NULL)
        return pd_fail_memory(err);
    classes->budget.limit = limit_bytes > 0 ? limit_bytes : DEFAULT_LIMIT;
    classes->column_count = count;
    classes->tuples.width = count;
    classes->columns = calloc(count, sizeof(*classes->columns));
    classes->values = calloc(count, sizeof(*classes->values));
    classes->row = calloc(count, sizeof(*classes->row));
    classes->spared = calloc(count, sizeof(*classes->spared));
    if (classes->columns == NULL || classes->values == NULL || classes->row == NULL ||
        classes->spared == NULL) {
        protect_classes_free(classes);
        return pd_fail_memory(err);
    }
    for (size_t i = 0; i < count; i++)
        classes->columns[i] = columns[i];
    crypto_random(&classes->seed, sizeof(classes->seed));
    *out = classes;
    return PD_OK;
}

const size_t *protect_classes_columns(const struct protect_classes *classes, size_t *count) {
    *count = classes->column_count;
    return classes->columns;
}

size_t protect_classes_bytes(const struct protect_classes *classes) {
    return classes ? classes->budget.used : 0;
}

void protect_classes_free(struct protect_classes *classes) {
    if (classes == NULL)
        return;
    for (size_t i = 0; classes->values != NULL && i < classes->column_count; i++)
        protect_values_clear(&classes->values[i]);
    protect_tuples_clear(&classes->tuples);
    free(classes->columns);
    free(classes->values);
    free(classes->row);
    free(classes->spared);
    crypto_wipe(classes->sample_key, sizeof(classes->sample_key));
    free(classes);
}

void protect_classes_spare(struct protect_classes *classes, size_t column) {
    for (size_t c = 0; c < classes->column_count; c++)
        if (classes->columns[c] == column)
            classes->spared[c] = true;
}

void protect_classes_sample(struct protect_classes *classes, const struct protect_sample *sample,
                            const uint8_t *key) {
    classes->sample = *sample;
    memcpy(classes->sample_key, key, sizeof(classes->sample_key));
}

void protect_classes_share(struct protect_classes *classes, const struct protect_share *share) {
    classes->share = *share;
}

static bool is_in_share(const struct protect_classes *classes, const struct table_batch *batch,
                        size_t row) {
    const struct protect_share *share = &classes->share;
    const struct protect_seed seed = {share->key[0], share->key[1]};
    uint64_t hash = 0;
    for (size_t c = 0; c < classes->column_count; c++) {
        pd_str text = table_cell_text(batch, classes->columns[c], row);
        hash = (hash << 7 | hash >> 57) ^ protect_hash(seed, text.data, text.len);
        hash *= UINT64_C(0x9e3779b97f4a7c15);
    }
    return (hash >> 32) * share->count >> 32 == share->n;
}

void protect_classes_weigh(struct protect_classes *classes, size_t column) {
    classes->is_weighed = true;
    classes->weight = column;
}

static enum pd_status weight_of(const struct protect_classes *classes,
                                const struct table_batch *batch, size_t row, uint64_t *out,
                                struct pd_error *err) {
    int64_t count = 1;
    if (classes->is_weighed &&
        (classes->weight >= batch->columns ||
         !pd_parse_i64(table_cell_text(batch, classes->weight, row), &count) || count < 1))
        return pd_fail(err, PD_INVALID, "row %" PRIu64 ": there is no count in column %zu",
                       batch->first_row + row + 1, classes->weight);
    *out = (uint64_t)count;
    return PD_OK;
}

enum pd_status protect_classes_feed(struct protect_classes *classes,
                                    const struct table_batch *batch, struct pd_error *err) {
    size_t last = classes->columns[classes->column_count - 1];
    if (last >= batch->columns)
        return pd_fail(err, PD_USAGE, "quasi column %zu is not among the table's %zu columns", last,
                       batch->columns);
    uint32_t id;
    for (size_t r = 0; r < batch->rows; r++) {
        uint64_t rows = 0;
        if (!protect_sample_takes(&classes->sample, classes->sample_key, batch, r))
            continue;
        if (classes->share.count > 1 && !is_in_share(classes, batch, r))
            continue;
        enum pd_status st = weight_of(classes, batch, r, &rows, err);
        if (st != PD_OK)
            return st;
        for (size_t c = 0; c < classes->column_count; c++) {
            pd_str text = table_cell_text(batch, classes->columns[c], r);
            if (!protect_values_add(&classes->values[c], &classes->budget, classes->seed, text, rows,
                                    &classes->row[c]))
                return fail_limit(classes, "the classes", err);
        }
        if (!protect_tuples_add(&classes->tuples, &classes->budget, classes->seed, classes->row, rows,
                                &id))
            return fail_limit(classes, "the classes", err);
        classes->rows += rows;
    }
    return PD_OK;
}

static bool same_columns(const size_t *a, size_t a_count, const size_t *b, size_t b_count) {
    bool same = a_count == b_count;
    for (size_t i = 0; same && i < a_count; i++)
        same = a[i] == b[i];
    return same;
}

enum pd_status protect_classes_merge(struct protect_classes *into,
                                     const struct protect_classes *from, struct pd_error *err) {
    if (!same_columns(into->columns, into->column_count, from->columns, from->column_count))
        return pd_fail(err, PD_USAGE, "only classes over the same quasi columns can be merged");
    uint32_t id;
    for (uint32_t t = 0; t < from->tuples.count; t++) {
        uint64_t rows = from->tuples.rows[t];
        for (size_t c = 0; c < from->column_count; c++) {
            uint32_t v = from->tuples.ids[(size_t)t * from->column_count + c];
            pd_str text = protect_values_text(&from->values[c], v);
            if (!protect_values_add(&into->values[c], &into->budget, into->seed, text, rows,
                                    &into->row[c]))
                return fail_limit(into, "the merged classes", err);
        }
        if (!protect_tuples_add(&into->tuples, &into->budget, into->seed, into->row, rows, &id))
            return fail_limit(into, "the merged classes", err);
        into->rows += rows;
    }
    return PD_OK;
}

/* ---- Grouping ---- */

static bool fill_map(const struct protect_values *values, struct protect_seed seed,
                     const struct protect_step *step, struct protect_budget *budget,
                     uint32_t *map) {
    struct protect_values made = {0};
    struct pd_buf text;
    /* By made value: the first raw value that became it. */
    size_t first_bytes = ((size_t)values->count + 1) * sizeof(uint32_t);
    uint32_t *first = protect_budget_resize(budget, NULL, 0, first_bytes);
    bool fits = first != NULL;
    pd_buf_init(&text, budget->limit);
    for (uint32_t v = 0; fits && v < values->count; v++) {
        uint32_t before = made.count, id;
        pd_buf_reset(&text);
        (void)protect_cell(step, (pd_str){0}, NULL, protect_values_text(values, v), &text);
        fits = !text.failed && protect_values_add(&made, budget, seed, pd_buf_view(&text), 1, &id);
        if (!fits)
            break;
        if (id == before)
            first[id] = v;
        map[v] = first[id];
    }
    pd_buf_clear(&text);
    budget->used -= first == NULL ? 0 : first_bytes;
    budget->used -= made.bytes_capacity + made.slot_count * sizeof(*made.slots) +
                    made.capacity * sizeof(*made.entries);
    protect_values_clear(&made);
    free(first);
    return fits;
}

bool protect_classes_map(const struct protect_classes *classes, size_t column,
                         const struct protect_step *step, struct protect_budget *budget,
                         uint32_t **map) {
    const struct protect_values *values = &classes->values[column];
    size_t bytes = ((size_t)values->count + 1) * sizeof(**map);
    *map = protect_budget_resize(budget, NULL, 0, bytes);
    if (*map == NULL)
        return false;
    if (step->method == PROTECT_DROP) {
        for (uint32_t v = 0; v < values->count; v++)
            (*map)[v] = 0;
        return true;
    }
    if (fill_map(values, classes->seed, step, budget, *map))
        return true;
    budget->used -= bytes;
    free(*map);
    *map = NULL;
    return false;
}

bool protect_classes_group(const struct protect_classes *classes,
                           const struct protect_tuples *tuples, const uint32_t *const *maps,
                           struct protect_budget *budget, struct protect_tuples *out,
                           uint32_t *group_of) {
    uint32_t *row = calloc(tuples->width, sizeof(*row)), id;
    bool fits = row != NULL;
    for (uint32_t t = 0; fits && t < tuples->count; t++) {
        for (size_t c = 0; c < tuples->width; c++) {
            uint32_t v = tuples->ids[(size_t)t * tuples->width + c];
            row[c] = maps[c] == NULL ? v : maps[c][v];
        }
        fits = protect_tuples_add(out, budget, classes->seed, row, tuples->rows[t], &id);
        if (fits && group_of != NULL)
            group_of[t] = id;
    }
    free(row);
    return fits;
}

static const struct protect_step *step_for(const struct protect_plan *plan, size_t column) {
    for (size_t i = 0; i < plan->step_count; i++) {
        if (plan->steps[i].column == column)
            return &plan->steps[i];
    }
    return NULL;
}

/* A pseudonym distinguishes as the cell does, so it needs no map; nor does another form of it. */
static bool changes_classes(const struct protect_step *step) {
    return step != NULL && step->method != PROTECT_KEEP && !protect_step_needs_key(step);
}

static bool is_quasi(const struct protect_plan *plan, size_t column) {
    for (size_t i = 0; i < plan->quasi_count; i++)
        if (plan->quasi[i] == column)
            return true;
    return false;
}

static bool counts(const struct protect_classes *classes, size_t column) {
    for (size_t c = 0; c < classes->column_count; c++)
        if (classes->columns[c] == column)
            return true;
    return false;
}

/* Whether the classes count the plan's columns, as protect_plan_counted gives them; beyond them
   only what was spared. */
static bool counts_plan(const struct protect_classes *classes, const struct protect_plan *plan) {
    bool all = plan->quasi_count > 0;
    for (size_t c = 0; c < classes->column_count; c++) {
        bool is_asked = classes->spared[c] || is_quasi(plan, classes->columns[c]);
        for (size_t m = 0; m < plan->model_count; m++)
            is_asked = is_asked || (plan->models[m].kind != PROTECT_AVERAGE_RISK &&
                                    plan->models[m].sensitive == classes->columns[c]);
        all = all && is_asked;
    }
    for (size_t i = 0; i < plan->quasi_count; i++)
        all = all && counts(classes, plan->quasi[i]);
    for (size_t m = 0; m < plan->model_count; m++)
        all = all && (plan->models[m].kind == PROTECT_AVERAGE_RISK ||
                      counts(classes, plan->models[m].sensitive));
    return all;
}

/* The map of a column that classes are not told apart by. */
static const struct protect_step NOT_TOLD = {.method = PROTECT_DROP};

enum pd_status protect_classes_group_by_plan(const struct protect_classes *classes,
                                             const struct protect_plan *plan,
                                             struct protect_tuples *out, uint32_t *group_of,
                                             struct pd_error *err) {
    if (plan != NULL && !counts_plan(classes, plan))
        return pd_fail(
            err, PD_USAGE,
            "the plan's quasi columns are not those over which the classes were counted");
    uint32_t **maps = calloc(classes->column_count, sizeof(*maps));
    if (maps == NULL)
        return pd_fail_memory(err);
    struct protect_budget budget = {.limit = classes->budget.limit};
    bool fits = true;
    for (size_t c = 0; plan != NULL && fits && c < classes->column_count; c++) {
        const struct protect_step *step = step_for(plan, classes->columns[c]);
        if (!is_quasi(plan, classes->columns[c]))
            step = &NOT_TOLD;
        if (changes_classes(step))
            fits = protect_classes_map(classes, c, step, &budget, &maps[c]);
    }
    out->width = classes->column_count;
    fits = fits && protect_classes_group(classes, &classes->tuples, (const uint32_t *const *)maps,
                                         &budget, out, group_of);
    for (size_t c = 0; c < classes->column_count; c++)
        free(maps[c]);
    free(maps);
    return fits ? PD_OK : fail_limit(classes, "the classes under the plan", err);
}
