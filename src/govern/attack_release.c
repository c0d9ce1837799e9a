/* Attacks on what is to be opened: as it came, and as each plan would make it. */
#include "govern/attack_impl.h"

#include <math.h>

enum { USUAL_K = 5 };

/* ---- Which columns ---- */

struct names {
    pd_str *list;
    size_t count;
};

/* Those of a role: in the table as it came, or in what the plan made of it. */
static enum pd_status names_of(const struct govern_run *run, const struct reading_plan *plan,
                               const struct govern_reading *reading, enum inspect_role role,
                               struct names *out, struct pd_error *err) {
    size_t n = reading->inspection->column_count, count = 0,
           *columns = pd_arena_array(run->arena, n, sizeof(*columns));
    out->list = pd_arena_array(run->arena, n, sizeof(*out->list));
    if (!columns || !out->list)
        return pd_fail_memory(err);
    for (size_t i = 0; !plan && i < n; i++)
        if (reading->inspection->columns[i].role == role)
            columns[count++] = i;
    enum pd_status st = plan ? reading_output_columns(plan, reading->inspection, role, run->arena,
                                                      &columns, &count, err)
                             : PD_OK;
    out->count = count;
    for (size_t i = 0; st == PD_OK && i < count; i++)
        out->list[i] = reading->names[columns[i]];
    return st;
}

/*
 * What names somebody has become no quasi-identifier by a mask, or by a pseudonym of a key that stays: but the same value in
 * another table is, as a rule, the same person's. (As it stands the rule against identifiers speaks of it.)
 */
static bool is_join(const struct reading_plan *plan, const struct protect_step *step) {
    switch (step->method) {
    case PROTECT_MASK:
        return plan->before->inspection->columns[step->column].role == INSPECT_DIRECT;
    case PROTECT_PSEUDONYM:
    case PROTECT_FORMAT_PRESERVING:
    case PROTECT_SHIFT_DATE:
        return plan->plan->key.len > 0;
    default:
        return false;
    }
}

static enum pd_status names_of_joins(const struct govern_run *run, const struct reading_plan *plan,
                                     const struct names *known, struct names *out,
                                     struct pd_error *err) {
    out->count = 0;
    out->list = pd_arena_array(run->arena, plan ? plan->plan->step_count + 1 : 1, sizeof(*out->list));
    if (!out->list)
        return pd_fail_memory(err);
    for (size_t i = 0; plan && i < plan->plan->step_count; i++) {
        pd_str name = plan->before->names[plan->plan->steps[i].column];
        bool is_known = false;
        for (size_t k = 0; k < known->count; k++)
            is_known = is_known || pd_str_eq(known->list[k], name);
        if (!is_known && is_join(plan, &plan->plan->steps[i]))
            out->list[out->count++] = name;
    }
    return PD_OK;
}

/* By which a person of the table could be found elsewhere, whatever a plan makes of them. */
static enum pd_status look_for_others(struct govern_run *run, struct pd_error *err) {
    const struct govern_reading *before = run->result.before;
    struct names found = {.list = pd_arena_array(run->arena, GOVERN_ATTACK_COLUMNS_MAX, sizeof(pd_str))};
    if (run->opens)
        return PD_OK;
    if (!found.list)
        return pd_fail_memory(err);
    static const enum inspect_role roles[] = {INSPECT_QUASI, INSPECT_DIRECT};
    for (size_t r = 0; r < 2; r++)
        for (size_t i = 0; i < before->inspection->column_count; i++)
            if (before->inspection->columns[i].role == roles[r] && found.count < GOVERN_ATTACK_COLUMNS_MAX)
                found.list[found.count++] = before->names[i];
    return attack_open_find(run, found.list, found.count, &run->opens, err);
}

/* ---- The table itself ---- */

static enum pd_status count_release(struct attacking *a, struct govern_run *run,
                                    const struct reading_plan *plan,
                                    const struct govern_reading *reading, struct pd_error *err) {
    struct table_handler handler = attack_count_handler(&a->table);
    return plan ? reading_output(run->source, plan, reading, &handler, run->progress, run->arena, err)
                : reading_again(run->source, reading, &handler, "attacking", run->progress, run->arena,
                                err);
}

/* Its risk was counted over the same columns: without anything else to try it needn't be read again. */
static enum pd_status single_out(struct attacking *a, const struct govern_reading *reading,
                                 struct pd_error *err) {
    const struct protect_risk *risk = &reading->risk;
    struct govern_attacked item = {.attack = {.kind = PROTECT_ATTACK_SINGLING_OUT,
                                              .attempts = risk->rows,
                                              .hits = (double)risk->classes,
                                              .certain = risk->unique_rows,
                                              .baseline = 1 / (double)risk->rows},
                                   .column = PD_STR(""),
                                   .other = PD_STR(""),
                                   .table = PD_STR("")};
    protect_attack_rate(&item.attack);
    return attack_add(a, &item, err);
}

/* ---- Minimality ---- */

/* The search kept classes diverse, if the node's thresholds ask for it: then what it refused tells something. */
static enum pd_status attack_search(struct attacking *a, struct govern_run *run,
                                    const struct reading_plan *plan, struct pd_error *err) {
    const struct protect_plan *p = plan->plan;
    struct attack_count original = {.names = (pd_str *)(uintptr_t)plan->before->names,
                                    .name_count = plan->before->inspection->column_count,
                                    .classes = run->classes};
    size_t count;
    const size_t *columns = protect_classes_columns(run->classes, &count);
    enum pd_status st = PD_OK;
    for (size_t i = 0; i < count && i < GOVERN_ATTACK_COLUMNS_MAX; i++)
        original.columns[original.count++] = columns[i];
    for (size_t m = 0; st == PD_OK && m < p->model_count; m++) {
        if (p->models[m].kind != PROTECT_DISTINCT_L)
            continue;
        for (size_t s = 0; st == PD_OK && s < a->out.sensitive_count; s++)
            if (pd_str_eq(a->out.sensitive[s], plan->before->names[p->models[m].sensitive]))
                st = attack_minimal(a, &original, s, (uint64_t)p->models[m].threshold.amount, err);
    }
    return st;
}

/* ---- With what is open ---- */

static bool could_meet(const struct attacking *a, const struct attack_open *o) {
    if (o->is_before)
        return true;
    for (size_t i = 0; i < o->shared_count; i++)
        if (attack_count_place(&a->table, o->shared[i]) != SIZE_MAX)
            return true;
    return false;
}

static enum pd_status attack_opened(struct attacking *a, struct govern_run *run, struct attack_open *o,
                                    struct pd_error *err) {
    if (!could_meet(a, o))
        return PD_OK;
    enum pd_status st = attack_open_count(run, o, a->table.wanted, a->table.wanted_count, err);
    if (st != PD_OK)
        return st;
    if (o->failed.len) {
        attack_note(a, pd_arena_printf(run->arena, "the open table %.*s (%.*s) wasn't tried: %.*s",
                                       pd_arg(o->id), pd_arg(o->title), pd_arg(o->failed)));
        return PD_OK;
    }
    struct attack_beside with = {&o->count, o->is_before, o->title, o->id};
    return o->count.classes ? attack_beside(a, &with, err) : PD_OK;
}

static enum pd_status attack_with_opens(struct attacking *a, struct govern_run *run, struct pd_error *err) {
    const struct attack_opens *opens = run->opens;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < opens->count; i++)
        st = attack_opened(a, run, &opens->items[i], err);
    if (opens->untried || opens->has_more)
        attack_note(a, pd_arena_printf(
                           run->arena,
                           "%llu%s more open tables with such columns weren't tried: at most %d and "
                           "%llu MiB are read, those that share most columns first, then the newest",
                           (unsigned long long)opens->untried, opens->has_more ? " or" : "",
                           ATTACK_TABLES_MAX, (unsigned long long)(ATTACK_READ_MAX >> 20)));
    return st;
}

/* ---- All of it ---- */

/* The first so many: an attacker who knows more than 64 columns of a person needs no attack. */
static size_t cut(size_t count, size_t *room) {
    size_t taken = count < *room ? count : *room;
    *room -= taken;
    return taken;
}

static enum pd_status attack_all(struct attacking *a, struct govern_run *run,
                                 const struct reading_plan *plan,
                                 const struct govern_reading *reading, struct pd_error *err) {
    if (a->out.sensitive_count == 0 && run->opens->count == 0)
        return a->out.known_count ? single_out(a, reading, err) : PD_OK;
    enum pd_status st = count_release(a, run, plan, reading, err);
    if (st == PD_OK && a->out.known_count)
        st = attack_alone(a, err);
    if (st == PD_OK && plan && run->classes && a->out.known_count)
        st = attack_search(a, run, plan, err);
    if (st == PD_OK)
        st = attack_with_opens(a, run, err);
    protect_classes_free(a->table.classes);
    a->table.classes = NULL;
    return st;
}

enum pd_status attack_release(struct govern_run *run, const struct reading_plan *plan,
                              struct govern_reading *reading, struct pd_error *err) {
    int64_t k = USUAL_K;
    struct names known, sensitive, joins;
    if (!pd_str_is(run->request.verb, "open") || reading->inspection->rows == 0)
        return PD_OK;
    (void)law_rules_threshold(run->g->rules, PD_STR("k"), &k);
    enum pd_status st = names_of(run, plan, reading, INSPECT_QUASI, &known, err);
    if (st == PD_OK)
        st = names_of(run, plan, reading, INSPECT_SENSITIVE, &sensitive, err);
    if (st == PD_OK)
        st = names_of_joins(run, plan, &known, &joins, err);
    if (st != PD_OK || !(known.count + joins.count))
        return st;
    size_t room = GOVERN_ATTACK_COLUMNS_MAX, all = known.count + sensitive.count + joins.count;
    struct govern_attack_ask ask = {.k = k < 2 ? 2 : (uint64_t)k,
                                    .known = known.list,
                                    .known_count = cut(known.count, &room),
                                    .sensitive = sensitive.list,
                                    .sensitive_count = cut(sensitive.count, &room)};
    struct attacking a;
    struct govern_attacks *out = pd_arena_alloc(run->arena, sizeof(*out));
    st = out ? attack_begin(&a, &ask, run->arena, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = attack_choose(&a, &ask, joins.list, cut(joins.count, &room), err);
    if (st == PD_OK)
        st = look_for_others(run, err);
    if (st != PD_OK)
        return st;
    a.plan = plan ? plan->plan : NULL;
    a.plan_names = run->result.before->names;
    if (all > GOVERN_ATTACK_COLUMNS_MAX)
        attack_note(&a, pd_arena_printf(run->arena, "of %zu columns the first %d were attacked with", all,
                                        GOVERN_ATTACK_COLUMNS_MAX));
    st = attack_all(&a, run, plan, reading, err);
    if (st != PD_OK)
        return st;
    attack_end(&a, out);
    reading->attacks = out->count + out->note_count ? out : NULL;
    return PD_OK;
}

/* ---- For the law ---- */

static uint64_t round_up(double share) {
    return (uint64_t)ceil(share * 100 - 1e-9);
}

bool attack_percent(const struct govern_attacks *attacks, uint64_t *percent) {
    double worst = -1;
    for (size_t i = 0; i < attacks->count; i++)
        if (attacks->items[i].column.len)
            worst = fmax(worst, attacks->items[i].attack.risk);
    *percent = worst < 0 ? 0 : round_up(worst);
    return worst >= 0;
}

bool attack_linkage_percent(const struct govern_attacks *attacks, uint64_t *percent) {
    double worst = -1;
    for (size_t i = 0; i < attacks->count; i++)
        if (attacks->items[i].attack.kind == PROTECT_ATTACK_LINKAGE)
            worst = fmax(worst, attacks->items[i].attack.risk);
    *percent = worst < 0 ? 0 : round_up(worst);
    return worst >= 0;
}
