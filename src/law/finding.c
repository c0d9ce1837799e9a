/* The finding: who speaks, what is set aside, and whether the answer is yes, no or not yet. */
#include "law/cedar_program.h"
#include "law/finding_impl.h"

/* What one rule says to the case. */
struct stance {
    const struct law_rule *rule;
    bool is_in_force;
    struct law_evaluation said;
    const struct law_rule *exempted_by; /* takes it out of the finding, or NULL */
    bool could_cease;                   /* a forbid that stands: facts could make it silent */
};

struct deliberation {
    struct law_question q;
    struct pd_arena *arena;
    struct stance *stances; /* of the rules in whose scopes the case is, ascending */
    size_t count;
    struct law_missing *missing;
    size_t missing_count, missing_capacity;
    struct law_finding *finding;
    struct pd_error *err;
};

static bool is_satisfied(const struct stance *s) {
    return s->is_in_force && s->said.verdict == LAW_VERDICT_SATISFIED;
}
static bool stands(const struct stance *s) {
    return is_satisfied(s) && s->exempted_by == NULL;
}
static bool is_forbid(const struct stance *s) {
    return s->rule->policy->effect == LAW_EFFECT_FORBID;
}
static bool errs(const struct stance *s) {
    return s->is_in_force && s->said.verdict == LAW_VERDICT_ERROR;
}
static enum law_voice_role role_of(const struct stance *s) {
    if (errs(s))
        return LAW_ERRS;
    if (is_forbid(s))
        return LAW_FORBIDS;
    if (s->rule->is_duty)
        return LAW_DUTY;
    return s->rule->exempt_count > 0 ? LAW_EXEMPTS : LAW_PERMITS;
}

/* The stance of a rule; NULL if it doesn't concern the case. */
static struct stance *stance_find(const struct deliberation *d, size_t rule) {
    const struct law_rule *wanted = &d->q.rules->rules[rule];
    size_t low = 0;
    size_t high = d->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (d->stances[middle].rule == wanted)
            return &d->stances[middle];
        if (d->stances[middle].rule < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- Hearing the rules ---- */

static bool is_left_out(const struct law_case *c, const struct law_rule *rule) {
    for (size_t i = 0; i < c->without_count; i++)
        if (pd_str_eq(c->without[i], rule->policy->id))
            return true;
    return false;
}

static bool evaluate(struct law_machine *m, size_t rule, struct law_evaluation *said) {
    enum law_run answer = law_machine_run(m, rule);
    if (answer == LAW_RUN_LEFT)
        return law_machine_hear(m, rule, said);
    said->in_scope = true;
    said->verdict = answer == LAW_RUN_SATISFIED ? LAW_VERDICT_SATISFIED : LAW_VERDICT_NOT;
    said->clause = m->clause;
    return true;
}

static enum pd_status hear(struct deliberation *d) {
    const struct law_rules *rules = d->q.rules;
    struct law_machine m;
    if (!law_machine_init(&m, rules->program, d->arena))
        return pd_fail_memory(d->err);
    enum pd_status st = law_machine_begin(&m, d->q.entities, &d->q.request, d->arena, d->err);
    if (st != PD_OK)
        return st;
    d->stances = pd_arena_array(d->arena, law_machine_count(&m), sizeof(*d->stances));
    if (d->stances == NULL)
        return pd_fail_memory(d->err);
    size_t rule;
    size_t word = 0;
    while ((rule = law_machine_next(&m, &word)) != PD_NPOS) {
        struct stance *s = &d->stances[d->count++];
        s->rule = &rules->rules[rule];
        s->is_in_force = s->rule->effective <= d->q.c->now && d->q.c->now < s->rule->expires &&
                         !is_left_out(d->q.c, s->rule);
        if (s->is_in_force && !evaluate(&m, rule, &s->said))
            return pd_fail_memory(d->err);
    }
    return PD_OK;
}

/* In the order in which an exemption may itself be set aside by one before it. */
static void exempt(struct deliberation *d) {
    const struct law_rules *rules = d->q.rules;
    for (size_t i = 0; i < rules->exempt_order_count; i++) {
        const struct stance *s = stance_find(d, rules->exempt_order[i]);
        if (s == NULL || !stands(s))
            continue;
        for (size_t j = 0; j < s->rule->exempt_count; j++) {
            struct stance *target = stance_find(d, s->rule->exempts[j]);
            if (target != NULL && target->exempted_by == NULL)
                target->exempted_by = s->rule;
        }
    }
}

/* ---- Not yet: could the forbids that stand cease? ---- */

static enum pd_status add_missing(struct deliberation *d, const struct law_fact_kind *fact,
                                  pd_str policy_id) {
    for (size_t i = 0; i < d->missing_count; i++)
        if (d->missing[i].fact == fact && pd_str_eq(d->missing[i].policy_id, policy_id))
            return PD_OK;
    if (d->missing_count == d->missing_capacity) {
        size_t capacity = d->missing_capacity * 2 + 16;
        struct law_missing *grown = pd_arena_array(d->arena, capacity, sizeof(*grown));
        if (grown == NULL)
            return pd_fail_memory(d->err);
        for (size_t i = 0; i < d->missing_count; i++)
            grown[i] = d->missing[i];
        d->missing = grown;
        d->missing_capacity = capacity;
    }
    d->missing[d->missing_count++] = (struct law_missing){fact, policy_id};
    return PD_OK;
}

static enum pd_status ask_open(struct deliberation *d, const struct law_rule *rule, bool *depends) {
    const size_t *facts = NULL;
    size_t count = 0;
    enum pd_status st = law_question_depends(&d->q, rule, &facts, &count, d->err);
    for (size_t i = 0; st == PD_OK && i < count; i++)
        st = add_missing(d, &d->q.rules->facts[facts[i]], rule->policy->id);
    *depends = *depends || count > 0;
    return st;
}

static enum pd_status consider(struct deliberation *d) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < d->count; i++) {
        struct stance *s = &d->stances[i];
        if (!stands(s) || !is_forbid(s))
            continue;
        st = ask_open(d, s->rule, &s->could_cease);
        for (size_t j = 0; st == PD_OK && j < s->rule->exempted_by_count; j++) {
            const struct stance *exemption = stance_find(d, s->rule->exempted_by[j]);
            if (exemption != NULL && exemption->is_in_force && !is_satisfied(exemption))
                st = ask_open(d, exemption->rule, &s->could_cease);
        }
    }
    return st;
}

/* ---- What is owed ---- */

static bool says_so(const struct law_question *q, const struct law_obligation *o) {
    size_t kind = law_registry_find(q->rules, o->fact);
    const struct law_fact *fact = kind == PD_NPOS ? NULL : q->chosen[kind];
    if (fact == NULL)
        return false;
    return fact->value.kind == LAW_BOOL ? fact->value.boolean
                                        : fact->value.kind == LAW_STRING && o->fact_value.len > 0 &&
                                              pd_str_eq(fact->value.text, o->fact_value);
}

static const struct law_obligation *unknown_obligation(const struct deliberation *d) {
    for (size_t i = 0; i < d->count; i++) {
        const struct stance *s = &d->stances[i];
        if (!stands(s) || s->rule->duty == NULL)
            continue;
        for (size_t j = 0; j < s->rule->duty->count; j++)
            if (s->rule->duty->obligations[j].class_ == LAW_UNKNOWN)
                return &s->rule->duty->obligations[j];
    }
    return NULL;
}

static enum pd_status gather_obligations(struct deliberation *d) {
    size_t total = 0;
    for (size_t i = 0; i < d->count; i++)
        if (stands(&d->stances[i]) && d->stances[i].rule->duty != NULL)
            total += d->stances[i].rule->duty->count;
    const struct law_obligation **list =
        pd_arena_array(d->arena, total, sizeof(struct law_obligation *));
    if (list == NULL)
        return pd_fail_memory(d->err);
    size_t n = 0;
    for (size_t i = 0; i < d->count; i++)
        if (stands(&d->stances[i]) && d->stances[i].rule->duty != NULL)
            for (size_t j = 0; j < d->stances[i].rule->duty->count; j++)
                list[n++] = &d->stances[i].rule->duty->obligations[j];
    struct law_obligation *merged = NULL;
    size_t count = 0;
    enum pd_status st = law_obligations_merge(list, n, d->arena, &merged, &count, d->err);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < count; i++)
        merged[i].discharged = merged[i].class_ == LAW_EVIDENCED && says_so(&d->q, &merged[i]);
    d->finding->obligations = merged;
    d->finding->obligation_count = count;
    return PD_OK;
}

/* ---- The outcome ---- */

static enum pd_status conclude(struct deliberation *d, enum law_outcome outcome, pd_str reason) {
    d->finding->outcome = outcome;
    d->finding->reason = reason;
    return reason.data != NULL ? PD_OK : pd_fail_memory(d->err);
}

/* "cn.pipl.25, node.release.k and 3 more" */
static pd_str name_forbids(const struct deliberation *d, size_t count) {
    enum { NAMED_MAX = 3 };
    pd_str list = {"", 0};
    size_t named = 0;
    for (size_t i = 0; i < d->count && named < NAMED_MAX && list.data != NULL; i++) {
        const struct stance *s = &d->stances[i];
        if (!stands(s) || !is_forbid(s))
            continue;
        list = pd_arena_printf(d->arena, "%.*s%s%.*s", pd_arg(list), named > 0 ? ", " : "",
                               pd_arg(s->rule->policy->id));
        named++;
    }
    if (list.data == NULL || count <= named)
        return list;
    return pd_arena_printf(d->arena, "%.*s and %zu more", pd_arg(list), count - named);
}

static enum pd_status conclude_forbidden(struct deliberation *d, size_t forbids) {
    enum pd_status st = consider(d);
    if (st != PD_OK)
        return st;
    bool is_open = true;
    for (size_t i = 0; i < d->count; i++)
        if (stands(&d->stances[i]) && is_forbid(&d->stances[i]))
            is_open = is_open && d->stances[i].could_cease;
    pd_str names = name_forbids(d, forbids);
    if (names.data == NULL)
        return pd_fail_memory(d->err);
    if (!is_open)
        return conclude(d, LAW_DENY, pd_arena_printf(d->arena, "Refused by %.*s.", pd_arg(names)));
    d->finding->missing = d->missing;
    d->finding->missing_count = d->missing_count;
    st = gather_obligations(d);
    return st != PD_OK ? st
                       : conclude(d, LAW_OPEN,
                                  pd_arena_printf(d->arena,
                                                  "Not yet: facts that somebody can supply are "
                                                  "missing for %.*s.",
                                                  pd_arg(names)));
}

static enum pd_status decide(struct deliberation *d) {
    size_t forbids = 0;
    size_t permits = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct stance *s = &d->stances[i];
        if (errs(s))
            return conclude(d, LAW_DENY,
                            pd_arena_printf(d->arena, "Refused: %.*s could not be evaluated.",
                                            pd_arg(s->rule->policy->id)));
        forbids += stands(s) && is_forbid(s);
        permits += stands(s) && role_of(s) == LAW_PERMITS;
    }
    const struct law_obligation *unknown = unknown_obligation(d);
    if (unknown != NULL)
        return conclude(d, LAW_DENY,
                        pd_arena_printf(d->arena,
                                        "Refused: %.*s imposes \"%.*s\", an obligation that this "
                                        "Polder does not know and so can't fulfil.",
                                        pd_arg(unknown->policy_id), pd_arg(unknown->text)));
    if (permits == 0)
        return conclude(d, LAW_DENY,
                        forbids == 0 ? PD_STR("Refused: no rule permits it.")
                                     : PD_STR("Refused: no rule permits it, and some forbid it."));
    if (forbids > 0)
        return conclude_forbidden(d, forbids);
    enum pd_status st = gather_obligations(d);
    return st != PD_OK ? st : conclude(d, LAW_PERMIT, PD_STR("Permitted: no rule forbids it."));
}

/* ---- For people and for the record ---- */

static enum pd_status write_voices(struct deliberation *d) {
    static const enum law_voice_role order[] = {LAW_FORBIDS, LAW_PERMITS, LAW_DUTY, LAW_EXEMPTS,
                                                LAW_ERRS};
    struct law_voice *voices = pd_arena_array(d->arena, d->count, sizeof(*voices));
    if (voices == NULL)
        return pd_fail_memory(d->err);
    size_t n = 0;
    for (size_t step = 0; step < sizeof(order) / sizeof(order[0]); step++)
        for (size_t i = 0; i < d->count; i++) {
            const struct stance *s = &d->stances[i];
            if (!(is_satisfied(s) || errs(s)) || role_of(s) != order[step])
                continue;
            voices[n] = s->rule->voice;
            voices[n].role = order[step];
            voices[n].message = errs(s) ? s->said.message : (pd_str){NULL, 0};
            if (s->exempted_by != NULL)
                voices[n].exempted_by = s->exempted_by->policy->id;
            n++;
        }
    d->finding->voices = voices;
    d->finding->voice_count = n;
    return PD_OK;
}

/* A fact decided if a policy that spoke read it, or the very clause that kept a forbid silent. */
static enum pd_status mark_decisive(struct deliberation *d) {
    bool *decisive = pd_arena_array(d->arena, d->q.rules->fact_count, sizeof(*decisive));
    if (decisive == NULL)
        return pd_fail_memory(d->err);
    for (size_t i = 0; i < d->count; i++) {
        const struct stance *s = &d->stances[i];
        bool spoke = is_satisfied(s) || errs(s);
        bool kept_silent = s->is_in_force && !spoke && is_forbid(s) && s->said.in_scope;
        for (size_t j = 0; j < s->rule->read_count && (spoke || kept_silent); j++)
            if (spoke || s->rule->reads[j].clause == s->said.clause)
                decisive[s->rule->reads[j].fact] = true;
    }
    for (size_t i = 0; i < d->q.c->fact_count; i++) {
        struct law_used_fact *used = &d->q.used[i];
        used->decisive = used->ignored.len == 0 && decisive[d->q.kinds[i]];
    }
    d->finding->facts = d->q.used;
    d->finding->fact_count = d->q.c->fact_count;
    return PD_OK;
}

const char *law_outcome_name(enum law_outcome o) {
    static const char *const names[] = {
        [LAW_PERMIT] = "permit", [LAW_DENY] = "deny", [LAW_OPEN] = "open"};
    return names[o];
}

enum pd_status law_find(const struct law_rules *rules, const struct law_case *c,
                        struct pd_arena *arena, const struct law_finding **out,
                        struct pd_error *err) {
    struct deliberation d = {.arena = arena, .err = err};
    d.finding = pd_arena_alloc(arena, sizeof(*d.finding));
    if (d.finding == NULL)
        return pd_fail_memory(err);
    d.finding->made_at = c->now;
    enum pd_status st = law_question_make(rules, c, arena, &d.q, err);
    if (st == PD_OK)
        st = hear(&d);
    if (st != PD_OK)
        return st;
    exempt(&d);
    st = decide(&d);
    if (st == PD_OK)
        st = write_voices(&d);
    if (st == PD_OK)
        st = mark_decisive(&d);
    if (st == PD_OK)
        *out = d.finding;
    return st;
}
