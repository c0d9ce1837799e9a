/*
 * Which classes of a planned output stay: by their size, and by what they tell of sensitive columns.
 * The models are those of the lattice (model.c); the classes become one quasi column of it.
 */
#include "protect/lattice_impl.h"
#include "protect/protect_impl.h"

#include <math.h>
#include <stdlib.h>

double protect_width_value(struct protect_width w) {
    return (double)w.amount / pow(10, w.decimals);
}

static const struct protect_step *step_of(const struct protect_plan *plan, size_t column) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].column == column)
            return &plan->steps[i];
    return NULL;
}

static size_t place_of(const struct protect_classes *classes, size_t column) {
    size_t c = 0;
    while (classes->columns[c] != column)
        c++;
    return c;
}

/* ---- The order of a sensitive column's values ---- */

struct value {
    pd_str text;
    double number;
    bool has_number;
    uint32_t id;
};

/* Numbers before texts, each in their order. */
static int by_value(const void *a, const void *b) {
    const struct value *x = a, *y = b;
    if (x->has_number != y->has_number)
        return x->has_number ? -1 : 1;
    if (x->has_number && x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return pd_str_cmp(x->text, y->text);
}

static enum pd_status order_values(const struct protect_classes *classes,
                                   const struct protect_plan *plan,
                                   const struct protect_plan_model *model, struct pd_arena *arena,
                                   struct protect_shown *s, struct pd_error *err) {
    s->column = place_of(classes, model->sensitive);
    const struct protect_values *values = &classes->values[s->column];
    const struct protect_step *step = step_of(plan, model->sensitive);
    struct protect_budget budget = {.limit = classes->budget.limit};
    uint32_t *map = NULL;
    bool changes = step != NULL && step->method != PROTECT_KEEP && !protect_step_needs_key(step);
    if (changes && !protect_classes_map(classes, s->column, step, &budget, &map))
        return pd_fail_memory(err);
    struct value *list = calloc((size_t)values->count + 1, sizeof(*list));
    s->code = pd_arena_array(arena, (size_t)values->count + 1, sizeof(*s->code));
    if (!list || !s->code) {
        free(list);
        free(map);
        return pd_fail_memory(err);
    }
    for (uint32_t v = 0; v < values->count; v++) {
        if (map && map[v] != v)
            continue;
        pd_str text = protect_values_text(values, v);
        struct value *value = &list[s->size++];
        *value = (struct value){.text = text, .id = v};
        value->has_number = pd_parse_double(pd_str_trim(text), &value->number);
    }
    qsort(list, s->size, sizeof(*list), by_value);
    for (uint32_t i = 0; i < s->size; i++)
        s->code[list[i].id] = i;
    for (uint32_t v = 0; map && v < values->count; v++)
        s->code[v] = s->code[map[v]];
    enum pd_status st = PD_OK;
    if (model->kind == PROTECT_T_HIERARCHICAL) {
        pd_str *texts = pd_arena_array(arena, (size_t)s->size + 1, sizeof(*texts));
        st = texts ? PD_OK : pd_fail_memory(err);
        for (uint32_t i = 0; st == PD_OK && i < s->size; i++)
            texts[i] = list[i].text;
        if (st == PD_OK)
            st = protect_hierarchy_make(model->tree->cells, model->tree->rows, model->tree->width,
                                        texts, s->size, arena, &s->model.hierarchy, err);
    }
    free(list);
    free(map);
    return st;
}

enum pd_status protect_plan_models(const struct protect_classes *classes,
                                   const struct protect_plan *plan, struct pd_arena *arena,
                                   struct protect_shown **out, struct pd_error *err) {
    struct protect_shown *shown = pd_arena_array(arena, plan->model_count + 1, sizeof(*shown));
    enum pd_status st = shown ? PD_OK : pd_fail_memory(err);
    for (size_t m = 0; st == PD_OK && m < plan->model_count; m++) {
        const struct protect_plan_model *model = &plan->models[m];
        shown[m] = (struct protect_shown){
            .size = 1,
            .model = {.kind = model->kind,
                      .threshold = protect_width_value(model->threshold),
                      .c = protect_width_value(model->c),
                      .sensitive = m}};
        if (model->kind == PROTECT_AVERAGE_RISK)
            continue;
        shown[m].size = 0;
        st = order_values(classes, plan, model, arena, &shown[m], err);
    }
    if (st == PD_OK)
        *out = shown;
    return st;
}

/* ---- Judging ---- */

/* One quasi column, the group's number, which stays as it is. */
struct numbered {
    struct protect_hierarchy hierarchy;
    const struct protect_hierarchy *list[1];
    const uint32_t *maps[1];
    uint32_t sizes[1];
};

static enum pd_status number_groups(uint32_t count, struct pd_arena *arena, struct numbered *out,
                                    struct pd_error *err) {
    uint32_t *identity = pd_arena_array(arena, (size_t)count + 1, sizeof(*identity));
    if (!identity)
        return pd_fail_memory(err);
    for (uint32_t g = 0; g < count; g++)
        identity[g] = g;
    out->maps[0] = identity;
    out->sizes[0] = count;
    out->list[0] = &out->hierarchy;
    out->hierarchy = (struct protect_hierarchy){
        .values = count, .levels = 1, .maps = out->maps, .sizes = out->sizes};
    return PD_OK;
}

/* Per tuple its group's number, then the numbers of the sensitive values; of malloc. */
static uint32_t *write_codes(const struct protect_tuples *tuples, const uint32_t *group_of,
                             const struct protect_shown *shown, size_t models) {
    size_t width = models + 1, bytes;
    uint32_t *codes = NULL;
    if (pd_mul((size_t)tuples->count + 1, width * sizeof(*codes), &bytes))
        codes = malloc(bytes);
    for (uint32_t t = 0; codes && t < tuples->count; t++) {
        uint32_t *row = codes + (size_t)t * width;
        const uint32_t *ids = tuples->ids + (size_t)t * tuples->width;
        row[0] = group_of[t];
        for (size_t m = 0; m < models; m++)
            row[m + 1] = shown[m].code ? shown[m].code[ids[shown[m].column]] : 0;
    }
    return codes;
}

static enum pd_status run_task(const struct protect_task *task, bool *stays, double *average,
                               struct pd_error *err) {
    struct lattice l;
    struct lattice_count count;
    uint8_t level = 0;
    enum pd_status st = lattice_open(task, &l, err);
    if (st == PD_OK && (!lattice_group(&l, &l.base, &level) || !lattice_judge(&l, &count)))
        st = pd_fail(err, PD_LIMIT, "judging the classes needs more than the %zu bytes allowed",
                     task->limit_bytes);
    for (uint32_t i = 0; st == PD_OK && i < l.now.count; i++)
        stays[lattice_code(&l.layout, l.now.keys + (size_t)i * l.layout.words, 0)] =
            !lattice_has_failed(&l, i);
    if (st == PD_OK)
        *average = count.kept_rows ? (double)count.kept_classes / (double)count.kept_rows : 0;
    lattice_close(&l);
    return st;
}

static enum pd_status check_average(const struct protect_plan *plan, double average,
                                    struct pd_error *err) {
    for (size_t m = 0; m < plan->model_count; m++) {
        double most = protect_width_value(plan->models[m].threshold);
        if (plan->models[m].kind == PROTECT_AVERAGE_RISK && average > most)
            return pd_fail(err, PD_DENIED,
                           "the average risk of what would stay is %.6g, over the %.6g that the "
                           "plan allows: generalise more, or raise k",
                           average, most);
    }
    return PD_OK;
}

static enum pd_status judge_models(const struct protect_classes *classes,
                                   const struct protect_plan *plan,
                                   const struct protect_tuples *groups, const uint32_t *group_of,
                                   struct pd_arena *arena, bool *stays, struct pd_error *err) {
    size_t n = plan->model_count;
    struct protect_shown *shown = NULL;
    struct numbered numbered;
    double average = 0;
    enum pd_status st = protect_plan_models(classes, plan, arena, &shown, err);
    if (st == PD_OK)
        st = number_groups(groups->count, arena, &numbered, err);
    struct protect_model *models = pd_arena_array(arena, n + 1, sizeof(*models));
    uint32_t *sizes = pd_arena_array(arena, n, sizeof(*sizes));
    if (st == PD_OK && (!models || !sizes))
        st = pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    for (size_t m = 0; m < n; m++) {
        models[m] = shown[m].model;
        sizes[m] = shown[m].size;
    }
    models[n] = (struct protect_model){.kind = PROTECT_K_ANONYMITY, .threshold = (double)plan->k};
    uint32_t *codes = write_codes(&classes->tuples, group_of, shown, n);
    struct protect_task task = {.data = {.quasi_count = 1,
                                         .hierarchies = numbered.list,
                                         .sensitive_count = n,
                                         .sensitive_sizes = sizes,
                                         .codes = codes,
                                         .rows = classes->tuples.rows,
                                         .count = classes->tuples.count},
                                .models = models,
                                .model_count = n + 1,
                                .max_suppressed = 1,
                                .loss = PROTECT_LOSS_CLASS_SIZE,
                                .limit_bytes = classes->budget.limit};
    st = codes ? run_task(&task, stays, &average, err) : pd_fail_memory(err);
    free(codes);
    return st == PD_OK ? check_average(plan, average, err) : st;
}

enum pd_status protect_plan_judge(const struct protect_classes *classes,
                                  const struct protect_plan *plan,
                                  const struct protect_tuples *groups, const uint32_t *group_of,
                                  bool *stays, struct pd_error *err) {
    if (plan->model_count == 0 || plan->k == 0 || groups->count == 0) {
        for (uint32_t g = 0; g < groups->count; g++)
            stays[g] = groups->rows[g] >= plan->k;
        return PD_OK;
    }
    struct pd_arena *arena = pd_arena_new(classes->budget.limit);
    enum pd_status st = arena ? judge_models(classes, plan, groups, group_of, arena, stays, err)
                              : pd_fail_memory(err);
    pd_arena_free(arena);
    return st;
}
