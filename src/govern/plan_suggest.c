/*
 * A plan for a table without a node: identifiers masked, quasi columns generalised as little as k
 * allows, k at the knee of the curve of loss against risk. The proposal is tried before it is told.
 */
#include "govern/plan_impl.h"

#include <string.h>

enum { LEAST_K = 5 };

struct suggesting {
    const struct govern_plan_table *table;
    const struct govern_suggest_ask *ask;
    struct pd_arena *arena;
    const struct govern_reading *before;
    size_t *quasi, quasi_count;
    struct protect_classes *classes;
    enum protect_kind *kinds;
    const struct protect_value_tree **trees; /* per quasi column */
    struct plan_curve curve;
    struct govern_suggestion *out;
};

/* ---- Columns ---- */

static const struct protect_value_tree *tree_of(const struct suggesting *s, size_t column) {
    for (size_t i = 0; i < s->ask->tree_count; i++)
        if (pd_str_eq(s->ask->trees[i]->name, s->before->names[column]))
            return s->ask->trees[i];
    return NULL;
}

static bool is_sensitive(const struct suggesting *s, size_t column) {
    for (size_t m = 0; m < s->ask->model_count; m++)
        if (s->ask->models[m].kind != PROTECT_AVERAGE_RISK &&
            s->ask->models[m].sensitive == column)
            return true;
    return false;
}

static enum pd_status find_sensitive(struct suggesting *s, struct pd_error *err) {
    size_t n = s->before->inspection->column_count;
    for (size_t m = 0; m < s->ask->model_count; m++) {
        struct protect_plan_model *model = &s->ask->models[m];
        pd_str name = s->ask->sensitive[m];
        if (model->kind == PROTECT_AVERAGE_RISK)
            continue;
        for (model->sensitive = 0; model->sensitive < n; model->sensitive++)
            if (pd_str_eq(s->before->names[model->sensitive], name))
                break;
        if (model->sensitive == n)
            return pd_fail(err, PD_INVALID, "--model: there is no column \"%.*s\" in the table",
                           pd_arg(name));
        if (model->kind == PROTECT_T_HIERARCHICAL && !(model->tree = tree_of(s, model->sensitive)))
            return pd_fail(err, PD_USAGE, "--model: %s of \"%.*s\" needs --hierarchy \"%.*s=FILE\"",
                           protect_model_name(model->kind), pd_arg(name), pd_arg(name));
    }
    return PD_OK;
}

/* What inspection takes for quasi columns, and what has a hierarchy; not what a model calls
   sensitive. */
static enum pd_status choose_columns(struct suggesting *s, struct pd_error *err) {
    const struct inspection *in = s->before->inspection;
    size_t n = in->column_count;
    s->quasi = pd_arena_array(s->arena, n, sizeof(*s->quasi));
    s->kinds = pd_arena_array(s->arena, n, sizeof(*s->kinds));
    s->trees = pd_arena_array(s->arena, n, sizeof(*s->trees));
    if (!s->quasi || !s->kinds || !s->trees)
        return pd_fail_memory(err);
    for (size_t i = 0; i < s->ask->tree_count; i++) {
        bool is_there = false;
        for (size_t c = 0; c < n; c++)
            is_there = is_there || pd_str_eq(s->before->names[c], s->ask->trees[i]->name);
        if (!is_there)
            return pd_fail(err, PD_INVALID, "--hierarchy: there is no column \"%.*s\" in the table",
                           pd_arg(s->ask->trees[i]->name));
    }
    enum pd_status st = find_sensitive(s, err);
    for (size_t c = 0; st == PD_OK && c < n; c++) {
        const struct protect_value_tree *tree = tree_of(s, c);
        if (is_sensitive(s, c) || (!tree && in->columns[c].role != INSPECT_QUASI))
            continue;
        s->quasi[s->quasi_count] = c;
        s->kinds[s->quasi_count] = tree ? PROTECT_KIND_TREE : remedy_kind(&in->columns[c]);
        s->trees[s->quasi_count++] = tree;
    }
    return st;
}

/* ---- The curve ---- */

static struct protect_plan target_plan(const struct suggesting *s, uint64_t k) {
    return (struct protect_plan){.quasi = s->quasi,
                                 .quasi_count = s->quasi_count,
                                 .k = k,
                                 .models = s->ask->models,
                                 .model_count = s->ask->model_count};
}

static enum pd_status draw_curve(struct suggesting *s, struct pd_error *err) {
    struct protect_plan plan = target_plan(s, s->ask->k ? s->ask->k : LEAST_K);
    s->curve = (struct plan_curve){.target = {.plan = &plan,
                                              .kinds = s->kinds,
                                              .trees = s->trees,
                                              .max_suppressed = s->ask->max_suppressed},
                                   .classes = s->classes,
                                   .progress = s->table->progress};
    enum pd_status st =
        s->ask->k ? plan_curve_point(&s->curve, plan.k, s->arena, err)
                  : plan_curve_draw(&s->curve, s->before->inspection->rows, s->arena, err);
    s->curve.target.plan = NULL;
    memcpy(s->out->candidates, s->curve.candidates, sizeof(s->out->candidates));
    s->out->candidate_count = s->curve.count;
    s->out->chosen = s->curve.chosen;
    return st;
}

/* ---- The plan ---- */

static bool is_text_of_persons(const struct inspect_column *c) {
    for (size_t v = 0; v < c->verdict_count; v++)
        if (c->verdicts[v].info->is_personal)
            return true;
    return false;
}

static enum pd_status make_plan(struct suggesting *s, struct pd_error *err) {
    const struct inspection *in = s->before->inspection;
    size_t n = in->column_count;
    struct protect_plan *plan = pd_arena_alloc(s->arena, sizeof(*plan));
    struct protect_step *steps = pd_arena_array(s->arena, n, sizeof(*steps));
    double *losses = pd_arena_array(s->arena, n, sizeof(*losses));
    char *content = pd_arena_alloc(s->arena, GOVERN_HEX_SIZE);
    if (!plan || !steps || !losses || !content)
        return pd_fail_memory(err);
    pd_hex_encode(s->before->content.bytes, sizeof(s->before->content.bytes), content);
    *plan = s->quasi_count ? target_plan(s, s->out->candidates[s->out->chosen].k)
                           : (struct protect_plan){0};
    const struct protect_found *found = s->quasi_count ? s->curve.found[s->curve.chosen] : NULL;
    size_t q = 0;
    for (size_t c = 0; c < n; c++) {
        struct protect_step step = {.column = c};
        if (q < s->quasi_count && s->quasi[q] == c) {
            step = found->columns[q].step;
            losses[c] = found->columns[q++].loss;
        } else if (in->columns[c].role == INSPECT_DIRECT) {
            step.method = PROTECT_MASK;
        } else if (in->columns[c].role == INSPECT_OTHER && is_text_of_persons(&in->columns[c])) {
            step.method = PROTECT_REDACT;
        }
        if (step.method != PROTECT_KEEP)
            steps[plan->step_count++] = step;
    }
    plan->steps = steps;
    plan->trees = s->ask->trees;
    plan->tree_count = s->ask->tree_count;
    plan->columns = s->before->names;
    plan->column_count = n;
    plan->content = pd_str_from(content);
    s->out->plan = plan;
    s->out->losses = losses;
    return plan_told(plan, s->arena, &s->out->told, err);
}

static enum pd_status write_plan(struct suggesting *s, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, PROTECT_PLAN_MAX_BYTES);
    pd_json_init(&w, &buf, PD_JSON_PRETTY);
    enum pd_status st = protect_plan_write(
        s->out->plan, s->before->names, s->before->inspection->column_count, &w, err);
    pd_json_clear(&w);
    pd_buf_char(&buf, '\n');
    if (st == PD_OK)
        st = pd_buf_check(&buf, err);
    s->out->json = pd_arena_str(s->arena, pd_buf_view(&buf));
    if (st == PD_OK && !s->out->json.data)
        st = pd_fail_memory(err);
    pd_buf_clear(&buf);
    return st;
}

/* ---- Trying it ---- */

static enum pd_status try_plan(struct suggesting *s, struct pd_error *err) {
    struct reading_plan plan = {s->out->plan, s->before, s->classes, NULL, NULL};
    struct govern_reading *after = NULL;
    struct protect_report report;
    crypto_hash content;
    enum pd_status st =
        reading_apply(s->table->source, &plan, NULL, s->table->now, s->table->progress, s->arena,
                      &after, &report, &content, err);
    s->out->after = after;
    if (st != PD_OK || s->quasi_count == 0)
        return st;
    const struct protect_plan as_it_was = {.quasi = s->quasi,
                                           .quasi_count = s->quasi_count,
                                           .models = s->ask->models,
                                           .model_count = s->ask->model_count};
    s->out->has_risk = true;
    st = protect_risk(s->classes, &as_it_was, 0, &s->out->risk_before, err);
    if (st == PD_OK)
        st = protect_risk(s->classes, s->out->plan, 0, &s->out->risk_after, err);
    if (st == PD_OK && s->table->population)
        st = protect_uniqueness(s->classes, &as_it_was, s->table->population,
                                &s->out->unique_before, err);
    if (st == PD_OK && s->table->population)
        st = protect_uniqueness(s->classes, s->out->plan, s->table->population,
                                &s->out->unique_after, err);
    for (int i = 0; st == PD_OK && s->ask->model_count == 0 && i < 2; i++) {
        struct pd_error ignored = {0};
        if (protect_local(s->classes, s->out->plan, i == 1, &s->out->local[i], &ignored) != PD_OK)
            s->out->local[i] = (struct protect_local){0};
    }
    if (st == PD_OK)
        st = plan_others(s->table->source, &plan, after, s->table->progress, s->arena,
                         &s->out->others, &s->out->other_count, err);
    return st;
}

enum pd_status govern_plan_suggest(const struct govern_plan_table *table,
                                   const struct govern_suggest_ask *ask, struct pd_arena *arena,
                                   struct govern_suggestion *out, struct pd_error *err) {
    struct suggesting s = {.table = table, .ask = ask, .arena = arena, .out = out};
    enum pd_status st = govern_read(table->source, table->form, table->site, table->now,
                                    table->progress, arena, NULL, &out->before, err);
    s.before = out->before;
    if (st == PD_OK && s.before->inspection->rows == 0)
        st = pd_fail(err, PD_INVALID, "%.*s: the table has no rows that could be protected",
                     pd_arg(source_name(table->source)));
    if (st == PD_OK)
        st = choose_columns(&s, err);
    const struct protect_plan counted = {.quasi = s.quasi,
                                         .quasi_count = s.quasi_count,
                                         .models = ask->models,
                                         .model_count = ask->model_count};
    if (st == PD_OK && s.quasi_count > 0)
        st = plan_classes(table->source, s.before, &counted, NULL, table->progress, arena,
                          &s.classes, err);
    if (st == PD_OK && s.quasi_count > 0)
        st = draw_curve(&s, err);
    if (st == PD_OK)
        st = make_plan(&s, err);
    if (st == PD_OK)
        st = write_plan(&s, err);
    if (st == PD_OK)
        st = try_plan(&s, err);
    protect_classes_free(s.classes);
    return st;
}
