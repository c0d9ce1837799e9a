/*
 * A plan for a table without a node: identifiers masked, quasi columns generalised as little as k
 * allows, k at the knee of the curve of loss against risk. The proposal is tried before it is told.
 */
#include "govern/plan_impl.h"

#include <math.h>
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
    const struct protect_found *found[GOVERN_CANDIDATES_MAX];
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

static bool tell_search(void *context, uint64_t checked, uint64_t nodes) {
    const struct govern_progress *progress = context;
    progress->tell_search(progress->context, checked, nodes);
    return false;
}

static enum pd_status try_k(struct suggesting *s, uint64_t k, struct pd_error *err) {
    struct protect_plan plan = target_plan(s, k);
    const struct govern_progress *progress = s->table->progress;
    const struct protect_target target = {
        .plan = &plan,
        .kinds = s->kinds,
        .trees = s->trees,
        .max_suppressed = s->ask->max_suppressed,
        .is_cancelled = progress && progress->tell_search ? tell_search : NULL,
        .context = (void *)(uintptr_t)progress};
    const struct protect_found *found;
    struct protect_risk risk;
    enum pd_status st = protect_search_for(s->classes, &target, s->arena, &found, err);
    plan.steps = st == PD_OK ? found->steps : NULL;
    plan.step_count = st == PD_OK ? found->step_count : 0;
    plan.trees = s->trees;
    if (st == PD_OK)
        st = protect_risk(s->classes, &plan, 0, &risk, err);
    if (st != PD_OK)
        return st;
    double gone = risk.suppressed_share;
    s->found[s->out->candidate_count] = found;
    s->out->candidates[s->out->candidate_count++] =
        (struct govern_candidate){.k = k,
                                  .loss = found->loss,
                                  .bound = found->bound,
                                  .suppressed = gone,
                                  .total = 1 - (1 - found->loss) * (1 - gone),
                                  .highest = risk.highest,
                                  .mean = risk.mean,
                                  .is_proven = found->is_proven};
    return PD_OK;
}

/*
 * The point farthest below the line from the cheapest plan to the dearest: beyond it risk falls
 * little for what is lost, before it much. Risk goes by its logarithm, since half of it is half of
 * it wherever one stands.
 */
static size_t find_knee(const struct govern_candidate *list, size_t count) {
    const struct govern_candidate *first = &list[0], *last = &list[count - 1];
    double loss = last->total - first->total, risk = log(first->highest) - log(last->highest);
    double best = 0;
    size_t knee = 0;
    if (!(loss > 0) || !(risk > 0)) /* more protection for nothing */
        return count - 1;
    for (size_t i = 1; i + 1 < count; i++) {
        double gained = (log(first->highest) - log(list[i].highest)) / risk;
        double lost = (list[i].total - first->total) / loss;
        if (gained - lost > best) {
            best = gained - lost;
            knee = i;
        }
    }
    return knee;
}

static enum pd_status draw_curve(struct suggesting *s, struct pd_error *err) {
    static const uint64_t factors[GOVERN_CANDIDATES_MAX] = {1, 2, 3, 4, 6, 10, 20, 40};
    uint64_t rows = s->before->inspection->rows;
    if (s->ask->k > 0)
        return try_k(s, s->ask->k, err);
    enum pd_status st = try_k(s, LEAST_K, err);
    for (size_t i = 1; st == PD_OK && i < GOVERN_CANDIDATES_MAX; i++) {
        struct pd_error ignored = {0};
        if (factors[i] * LEAST_K <= rows && try_k(s, factors[i] * LEAST_K, &ignored) != PD_OK)
            break; /* what can't be reached ends the curve */
    }
    if (st == PD_OK)
        s->out->chosen = find_knee(s->out->candidates, s->out->candidate_count);
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
    const struct protect_found *found = s->quasi_count ? s->found[s->out->chosen] : NULL;
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

/* ---- If one more column were known ---- */

struct others {
    struct protect_classes *classes[GOVERN_OTHERS_MAX];
    size_t count;
};

static enum pd_status feed_others(void *context, const struct table_batch *batch,
                                  struct pd_error *err) {
    struct others *o = context;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < o->count; i++)
        st = protect_classes_feed(o->classes[i], batch, err);
    return st;
}

/* The columns of the table that stay and are none of the quasi ones, each with these. */
static enum pd_status begin_others(struct suggesting *s, struct others *o, size_t **lists,
                                   struct pd_error *err) {
    const struct protect_plan *plan = s->out->plan;
    size_t n = s->before->inspection->column_count;
    for (size_t c = 0; c < n && o->count < GOVERN_OTHERS_MAX; c++) {
        bool is_out = s->before->inspection->columns[c].role == INSPECT_DIRECT;
        for (size_t q = 0; q < s->quasi_count; q++)
            is_out = is_out || s->quasi[q] == c;
        for (size_t i = 0; i < plan->step_count; i++)
            is_out = is_out || (plan->steps[i].column == c && plan->steps[i].method == PROTECT_DROP);
        if (is_out)
            continue;
        size_t *list = pd_arena_array(s->arena, s->quasi_count + 1, sizeof(*list)), at = 0;
        if (!list)
            return pd_fail_memory(err);
        for (size_t q = 0; q < s->quasi_count; q++) {
            if (at == q && s->quasi[q] > c)
                list[at++] = c;
            list[at++] = s->quasi[q];
        }
        if (at == s->quasi_count)
            list[at++] = c;
        enum pd_status st =
            protect_classes_new(list, at, (size_t)1 << 30, &o->classes[o->count], err);
        if (st != PD_OK)
            return st;
        s->out->others[o->count].column = c;
        lists[o->count++] = list;
    }
    return PD_OK;
}

static enum pd_status weigh_others(struct suggesting *s, struct pd_error *err) {
    struct others o = {.count = 0};
    size_t *lists[GOVERN_OTHERS_MAX];
    struct table_handler handler = {.context = &o, .batch = feed_others};
    enum pd_status st = begin_others(s, &o, lists, err);
    if (st == PD_OK && o.count > 0)
        st = reading_again(s->table->source, s->before, &handler, "trying other columns",
                           s->table->progress, s->arena, err);
    for (size_t i = 0; st == PD_OK && i < o.count; i++) {
        struct protect_risk risk;
        const struct protect_plan plan = {.steps = s->out->plan->steps,
                                          .step_count = s->out->plan->step_count,
                                          .quasi = lists[i],
                                          .quasi_count = s->quasi_count + 1,
                                          .trees = s->out->plan->trees,
                                          .tree_count = s->out->plan->tree_count};
        st = protect_risk(o.classes[i], &plan, 0, &risk, err);
        s->out->others[i].smallest = risk.smallest;
        s->out->others[i].unique_share = risk.unique_share;
        s->out->others[i].mean = risk.mean;
    }
    s->out->other_count = o.count;
    for (size_t i = 0; i < o.count; i++)
        protect_classes_free(o.classes[i]);
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
    return st == PD_OK ? weigh_others(s, err) : st;
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
