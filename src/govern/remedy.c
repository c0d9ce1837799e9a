/*
 * Remedies: from what the law would accept to a plan that changes least.
 *
 * Each forbid that decided names alternatives of joined obligations. A candidate picks one
 * alternative (or nothing) for each, joins them, and becomes a plan: which columns to drop, mask,
 * generalise, and how large the classes must be. Here they are ordered by the law's own scale, mask <
 * generalise < drop column < drop rows; what each really loses of the table at hand is measured later
 * (prepare_plan.c).
 */
#include "govern/govern_impl.h"

#include <stdlib.h>
#include <string.h>

/* How a kind of obligation changes a column. Kinds not here are not done to data. */
static const struct doing {
    const char *kind;
    enum protect_method method;
} DOINGS[] = {
    {"mask", PROTECT_MASK},       {"pseudonymise", PROTECT_PSEUDONYM},
    {"generalise", PROTECT_KEEP}, /* by the column's type */
    {"kanon", PROTECT_KEEP},      {"drop", PROTECT_DROP},
};

static const struct doing *find_doing(pd_str kind) {
    for (size_t i = 0; i < sizeof(DOINGS) / sizeof(*DOINGS); i++)
        if (pd_str_is(kind, DOINGS[i].kind))
            return &DOINGS[i];
    return NULL;
}

/* A column selector is a role, a category of inspection, or the column's own name. */
bool remedy_selects(const struct govern_reading *reading, pd_str selector, size_t column) {
    const struct inspect_column *c = &reading->inspection->columns[column];
    return pd_str_is(selector, inspect_role_name(c->role)) || pd_str_is(selector, c->category) ||
           pd_str_eq(selector, reading->names[column]);
}

static size_t count_selected(const struct govern_reading *reading, pd_str selector) {
    size_t n = 0;
    for (size_t i = 0; i < reading->inspection->column_count; i++)
        n += remedy_selects(reading, selector, i);
    return n;
}

/* ---- Candidates ---- */

/* An alternative that can be done to the data, here and now (perhaps by doing nothing, where no
 * column is of the kind). */
static bool is_doable(const struct law_alternative *a) {
    for (size_t i = 0; i < a->count; i++)
        if (a->obligations[i].class_ != LAW_BEFORE || !find_doing(a->obligations[i].kind))
            return false;
    return true;
}

static struct law_obligation *find_obligation(struct remedy_candidate *c, pd_str text) {
    for (size_t i = 0; i < c->count; i++)
        if (pd_str_eq(c->obligations[i].text, text))
            return &c->obligations[i];
    return NULL;
}

/* Adds an obligation, or one more policy to those that impose it ("cn.pipl.25, cn.pipl.34"). */
static void join(struct remedy_candidate *c, const struct law_obligation *o, pd_str policy,
                 const struct govern_reading *reading, struct pd_arena *arena) {
    size_t columns = count_selected(reading, law_obligation_word(o, 0));
    struct law_obligation *known = find_obligation(c, o->text);
    if (known && pd_str_find(known->policy_id, policy) == PD_NPOS)
        known->policy_id =
            pd_arena_printf(arena, "%.*s, %.*s", pd_arg(known->policy_id), pd_arg(policy));
    if (known || columns == 0 || c->count == REMEDY_OBLIGATIONS_MAX)
        return; /* without a column of the kind there is nothing that it could change */
    c->obligations[c->count] = *o;
    c->obligations[c->count].policy_id = policy;
    c->count++;
    c->loss += law_obligation_loss(o) * (unsigned)(columns < 1000 ? columns : 1000);
}

static bool is_same(const struct remedy_candidate *a, struct remedy_candidate *b) {
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!find_obligation(b, a->obligations[i].text))
            return false;
    return true;
}

static int by_loss(const void *a, const void *b) {
    const struct remedy_candidate *x = a, *y = b;
    if (x->loss != y->loss)
        return x->loss < y->loss ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/*
 * Every forbid that decided must be remedied; one alternative suffices: each candidate so far is
 * joined with each alternative that can be done. A forbid without one can only be silenced by
 * facts.
 */
static size_t branch(struct remedy_candidate *list, size_t count, const struct law_voice *forbid,
                     const struct govern_reading *reading, struct remedy_candidate *scratch,
                     struct pd_arena *arena) {
    size_t n = 0;
    for (size_t a = 0; a < forbid->remedy_count; a++) {
        const struct law_alternative *alternative = &forbid->remedies[a];
        if (!is_doable(alternative))
            continue;
        for (size_t i = 0; i < count && n < REMEDY_CANDIDATES_MAX; i++) {
            struct remedy_candidate c = list[i];
            for (size_t o = 0; o < alternative->count; o++)
                join(&c, &alternative->obligations[o], forbid->id, reading, arena);
            bool is_new = true;
            for (size_t j = 0; j < n && is_new; j++)
                is_new = !is_same(&c, &scratch[j]);
            c.order = n;
            if (is_new)
                scratch[n++] = c;
        }
    }
    if (n == 0)
        return count;
    memcpy(list, scratch, n * sizeof(*list));
    return n;
}

enum pd_status remedy_candidates(const struct law_finding *finding,
                                 const struct govern_reading *reading, struct pd_arena *arena,
                                 struct remedy_candidate **out, size_t *count,
                                 struct pd_error *err) {
    struct remedy_candidate *list = pd_arena_array(arena, REMEDY_CANDIDATES_MAX, sizeof(*list));
    struct remedy_candidate *scratch = pd_arena_array(arena, REMEDY_CANDIDATES_MAX, sizeof(*list));
    if (!list || !scratch)
        return pd_fail_memory(err);
    size_t n = 1; /* to begin with, nothing is changed */
    for (size_t i = 0; i < finding->voice_count; i++) {
        const struct law_voice *v = &finding->voices[i];
        if (v->role == LAW_FORBIDS && !v->exempted_by.len)
            n = branch(list, n, v, reading, scratch, arena);
    }
    /* What duties demand to be done before the effect is part of every candidate. */
    for (size_t i = 0; i < finding->obligation_count; i++) {
        const struct law_obligation *o = &finding->obligations[i];
        if (o->class_ == LAW_BEFORE && find_doing(o->kind))
            for (size_t c = 0; c < n; c++)
                join(&list[c], o, o->policy_id, reading, arena);
    }
    qsort(list, n, sizeof(*list), by_loss);
    *out = list;
    *count = n;
    return PD_OK;
}

/* ---- From a candidate to a plan ---- */

/* What protection, which reads plain numbers and dates, can take the cells for. */
static enum inspect_type written_type(const struct inspect_column *c) {
    return c->is_formatted ? INSPECT_TEXT : c->type;
}

static struct protect_step generalise(const struct inspect_column *c, size_t column) {
    struct protect_step step = {.column = column};
    enum inspect_type type = written_type(c);
    if (type == INSPECT_DATE || type == INSPECT_DATETIME) {
        step.method = PROTECT_GENERALISE_DATE;
        step.date = PROTECT_YEAR;
    } else if (type == INSPECT_INTEGER || type == INSPECT_DECIMAL) {
        step.method = PROTECT_GENERALISE_NUMBER;
        step.width = (struct protect_width){10, 0};
        step.whole = type == INSPECT_INTEGER;
    } else {
        step.method = PROTECT_GENERALISE_TEXT;
        step.keep = 1;
    }
    return step;
}

/* Of two changes to one column the one that says less stands. */
unsigned remedy_severity(enum protect_method m) {
    static const unsigned order[PROTECT_METHOD_COUNT] = {[PROTECT_KEEP] = 0,
                                                         [PROTECT_PSEUDONYM] = 1,
                                                         [PROTECT_MASK] = 2,
                                                         [PROTECT_GENERALISE_DATE] = 3,
                                                         [PROTECT_GENERALISE_NUMBER] = 3,
                                                         [PROTECT_GENERALISE_TEXT] = 3,
                                                         [PROTECT_GENERALISE_HIERARCHY] = 3,
                                                         [PROTECT_FORMAT_PRESERVING] = 1,
                                                         [PROTECT_SHIFT_DATE] = 1,
                                                         [PROTECT_TOP_BOTTOM] = 1,
                                                         [PROTECT_ROUND] = 1,
                                                         [PROTECT_REDACT] = 2,
                                                         [PROTECT_DROP] = 4};
    return order[m];
}

enum protect_kind remedy_kind(const struct inspect_column *c) {
    switch (written_type(c)) {
    case INSPECT_DATE:
    case INSPECT_DATETIME:
        return PROTECT_KIND_DATE;
    case INSPECT_INTEGER:
    case INSPECT_DECIMAL:
        return strcmp(c->category, "postcode") == 0 ? PROTECT_KIND_CODE : PROTECT_KIND_NUMBER;
    default:
        return strcmp(c->category, "postcode") == 0 ? PROTECT_KIND_CODE : PROTECT_KIND_TEXT;
    }
}

/* ---- What the node's thresholds say of groups, beside k ---- */

/* No statute states one; the chambers add them to the node's thresholds, or don't. */
static const struct {
    const char *name;
    enum protect_model_kind kind;
    int decimals;
    int64_t off; /* from here on it says nothing */
} THRESHOLDS[] = {{"l_diversity", PROTECT_DISTINCT_L, 0, 0},
                  {"t_closeness_percent", PROTECT_T_EQUAL, 2, 100},
                  {"average_risk_permille", PROTECT_AVERAGE_RISK, 3, 1000}};
enum { THRESHOLD_COUNT = sizeof(THRESHOLDS) / sizeof(THRESHOLDS[0]) };

static struct protect_width decimal(int64_t amount, int decimals) {
    struct protect_width width = {amount, decimals};
    for (; width.decimals > 0 && width.amount % 10 == 0; width.amount /= 10)
        width.decimals--;
    return width;
}

static bool is_measured(const struct inspect_column *c) {
    enum inspect_type type = written_type(c);
    return type == INSPECT_INTEGER || type == INSPECT_DECIMAL || type == INSPECT_DATE ||
           type == INSPECT_DATETIME;
}

enum pd_status remedy_target(struct govern *g, const struct govern_reading *reading,
                             struct pd_arena *arena, struct protect_plan *out,
                             struct pd_error *err) {
    const struct inspection *in = reading->inspection;
    size_t *quasi = NULL, count = 0, n = 0;
    enum pd_status st = reading_quasi(in, arena, &quasi, &count, err);
    struct protect_plan_model *models =
        pd_arena_array(arena, THRESHOLD_COUNT * (in->column_count + 1), sizeof(*models));
    if (st == PD_OK && !models)
        st = pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < THRESHOLD_COUNT; i++) {
        int64_t value = 0;
        if (!law_rules_threshold(g->rules, pd_str_from(THRESHOLDS[i].name), &value) ||
            value < (THRESHOLDS[i].off ? 1 : 2) ||
            (THRESHOLDS[i].off && value >= THRESHOLDS[i].off))
            continue;
        struct protect_plan_model model = {.kind = THRESHOLDS[i].kind,
                                           .threshold = decimal(value, THRESHOLDS[i].decimals)};
        if (model.kind == PROTECT_AVERAGE_RISK)
            models[n++] = model;
        for (size_t c = 0; model.kind != PROTECT_AVERAGE_RISK && c < in->column_count; c++) {
            if (in->columns[c].role != INSPECT_SENSITIVE)
                continue;
            models[n] = model;
            if (model.kind == PROTECT_T_EQUAL && is_measured(&in->columns[c]))
                models[n].kind = PROTECT_T_ORDERED;
            models[n++].sensitive = c;
        }
    }
    if (st == PD_OK)
        *out = (struct protect_plan){
            .quasi = quasi, .quasi_count = count, .models = models, .model_count = n};
    return st;
}

/* The highest risk of a person is one of k. */
static uint64_t least_k(struct govern *g, uint64_t k) {
    int64_t percent = 0;
    if (!law_rules_threshold(g->rules, PD_STR("highest_risk_percent"), &percent) || percent < 1 ||
        percent >= 100)
        return k;
    uint64_t least = (uint64_t)((100 + percent - 1) / percent);
    return least > k ? least : k;
}

/* Nothing is told of a column that leaves the table. */
static void leave_out_dropped(struct protect_plan *plan, const struct protect_step *steps) {
    struct protect_plan_model *models = (struct protect_plan_model *)(uintptr_t)plan->models;
    size_t n = 0;
    for (size_t m = 0; m < plan->model_count; m++)
        if (models[m].kind == PROTECT_AVERAGE_RISK ||
            steps[models[m].sensitive].method != PROTECT_DROP)
            models[n++] = models[m];
    plan->model_count = n;
}

/* How far groups must reach, by the obligation and the node's thresholds: the least k, the models, the
   share of rows that may be left out. */
static enum pd_status aim(struct govern *g, const struct law_obligation *o,
                          const struct govern_reading *reading, struct pd_arena *arena,
                          struct remedy_plan *p, struct pd_error *err) {
    pd_str k_text = law_obligation_value(o, "k");
    int64_t k = 0, percent = 10;
    if (pd_str_starts(k_text, PD_STR("t.")))
        (void)law_rules_threshold(g->rules, pd_str_sub(k_text, 2, k_text.len), &k);
    else
        (void)pd_parse_i64(k_text, &k);
    if (k < 2)
        return pd_fail(err, PD_INVALID, "\"%.*s\" of %.*s gives no k of at least 2",
                       pd_arg(o->text), pd_arg(o->policy_id));
    (void)law_rules_threshold(g->rules, PD_STR("max_suppressed_percent"), &percent);
    percent = percent < 0 ? 0 : percent > 100 ? 100 : percent;
    enum pd_status st = remedy_target(g, reading, arena, &p->aim, err);
    enum protect_kind *kinds = pd_arena_array(arena, p->aim.quasi_count + 1, sizeof(*kinds));
    if (st == PD_OK && !kinds)
        st = pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    p->aim.k = least_k(g, (uint64_t)k);
    leave_out_dropped(&p->aim, p->base);
    for (size_t i = 0; i < p->aim.quasi_count; i++)
        kinds[i] = remedy_kind(&reading->inspection->columns[p->aim.quasi[i]]);
    p->kinds = kinds;
    p->max_suppressed = (double)percent / 100;
    return PD_OK;
}

static void note_change(struct remedy_plan *p, size_t column, const struct law_obligation *o) {
    struct remedy_change *c = &p->changes[column];
    if (c->count < REMEDY_REASONS_MAX)
        c->policies[c->count++] = o->policy_id;
}

/* What one obligation does to the columns it speaks of. */
static void carry_out(struct remedy_plan *p, const struct law_obligation *o,
                      const struct govern_reading *reading) {
    const struct doing *doing = find_doing(o->kind);
    for (size_t c = 0; c < reading->inspection->column_count; c++) {
        if (!remedy_selects(reading, law_obligation_word(o, 0), c))
            continue;
        struct protect_step step = {.column = c, .method = doing->method};
        if (pd_str_is(o->kind, "generalise"))
            step = generalise(&reading->inspection->columns[c], c);
        if (remedy_severity(step.method) >= remedy_severity(p->base[c].method))
            p->base[c] = step;
        note_change(p, c, o);
    }
}

enum pd_status remedy_plan(struct govern *g, const struct remedy_candidate *candidate,
                           const struct govern_reading *reading,
                           const struct protect_classes *classes, struct pd_arena *arena,
                           struct remedy_plan *out, struct pd_error *err) {
    size_t n = reading->inspection->column_count;
    struct remedy_plan p = {.changes = pd_arena_array(arena, n, sizeof(*p.changes)),
                            .base = pd_arena_array(arena, n, sizeof(*p.base)),
                            .columns = n};
    if (!p.base || !p.changes)
        return pd_fail_memory(err);
    for (size_t c = 0; c < n; c++)
        p.base[c] = (struct protect_step){.column = c};
    const struct law_obligation *kanon = NULL;
    for (size_t i = 0; i < candidate->count; i++) {
        const struct law_obligation *o = &candidate->obligations[i];
        if (pd_str_is(o->kind, "kanon"))
            kanon = o;
        else
            carry_out(&p, o, reading);
    }
    enum pd_status st = PD_OK;
    if (kanon && classes) {
        st = aim(g, kanon, reading, arena, &p, err);
        for (size_t i = 0; st == PD_OK && i < p.aim.quasi_count; i++)
            note_change(&p, p.aim.quasi[i], kanon);
        p.kanon_policy = kanon->policy_id;
    }
    if (st == PD_OK)
        st = remedy_settle(&p, NULL, 0, arena, err);
    if (st == PD_OK)
        *out = p;
    return st;
}

/* The classes that suppression works on: the quasi columns, whatever the steps made of them. */
enum pd_status remedy_settle(struct remedy_plan *p, const struct protect_found *found, uint64_t k,
                             struct pd_arena *arena, struct pd_error *err) {
    struct protect_step *all = pd_arena_array(arena, p->columns + 1, sizeof(*all));
    struct protect_step *kept = pd_arena_array(arena, p->columns + 1, sizeof(*kept));
    if (!all || !kept)
        return pd_fail_memory(err);
    memcpy(all, p->base, p->columns * sizeof(*all));
    p->plan = (struct protect_plan){.steps = kept};
    for (size_t i = 0; found && i < found->step_count; i++) {
        const struct protect_step *step = &found->steps[i];
        if (remedy_severity(step->method) >= remedy_severity(all[step->column].method))
            all[step->column] = *step;
    }
    for (size_t c = 0; c < p->columns; c++)
        if (all[c].method != PROTECT_KEEP)
            kept[p->plan.step_count++] = all[c];
    if (!found)
        return PD_OK;
    p->plan.quasi = p->aim.quasi;
    p->plan.quasi_count = p->aim.quasi_count;
    p->plan.k = k;
    p->plan.models = p->aim.models;
    p->plan.model_count = p->aim.model_count;
    return PD_OK;
}

/* By the law's own order, where nothing was counted: mask < pseudonym < generalise < drop. */
double remedy_stated_loss(enum protect_method method) {
    static const double stated[PROTECT_METHOD_COUNT] = {
        [PROTECT_MASK] = 0.5, [PROTECT_PSEUDONYM] = 0.6, [PROTECT_GENERALISE_DATE] = 0.7,
        [PROTECT_GENERALISE_NUMBER] = 0.7, [PROTECT_GENERALISE_TEXT] = 0.7, [PROTECT_DROP] = 1};
    return stated[method];
}

/* Whether the plan has done what an obligation demands of the data as it was. */
bool remedy_is_done(const struct law_obligation *o, const struct protect_plan *plan,
                    const struct govern_reading *before) {
    const struct doing *doing = find_doing(o->kind);
    if (!doing)
        return false; /* a kind that this node can't carry out */
    if (pd_str_is(o->kind, "kanon"))
        return plan->k > 0 || before->inspection->facts.quasi_columns == 0;
    for (size_t c = 0; c < before->inspection->column_count; c++) {
        if (!remedy_selects(before, law_obligation_word(o, 0), c))
            continue;
        bool done = !protect_plan_keeps(plan, c);
        for (size_t i = 0; i < plan->step_count && !done; i++)
            done =
                plan->steps[i].column == c &&
                (plan->steps[i].method == PROTECT_DROP || plan->steps[i].method == doing->method ||
                 (doing->method == PROTECT_KEEP && remedy_severity(plan->steps[i].method) >= 3));
        if (!done)
            return false;
    }
    return true;
}
