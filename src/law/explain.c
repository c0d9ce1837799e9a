/* An account of a finding: of each policy the conditions that decided, and the facts that it asked
   for. Off the fast path: everything is evaluated again, piece by piece. */
#include "law/finding_impl.h"
#include "law/trace.h"

struct explainer {
    struct law_question q;
    struct pd_arena *arena;
    struct pd_error *err;
    const struct law_finding *finding;
    struct law_account *accounts;
    size_t count;
};

/* ---- Which facts a policy asks for ---- */

struct asking {
    const struct law_rules *rules;
    const struct law_policy *policy;
    struct law_fact_account *list; /* as many as the registry has */
    size_t count;
    size_t clause; /* only of this one; PD_NPOS: of all */
};

static bool visit_path(void *context, const struct law_path *path) {
    struct asking *a = context;
    if (path->count < 3 || !pd_str_is(path->names[0], "context") ||
        !(pd_str_is(path->names[1], "f") || pd_str_is(path->names[1], "a")))
        return true;
    size_t clause = law_clause_of(a->policy, path->place);
    const struct law_fact_kind *kind = law_rules_fact(a->rules, path->names[2]);
    if (kind == NULL || (a->clause != PD_NPOS && a->clause != clause))
        return true;
    size_t i = 0;
    while (i < a->count && a->list[i].kind != kind)
        i++;
    if (i == a->count)
        a->list[a->count++] = (struct law_fact_account){.kind = kind, .clause = clause};
    a->list[i].needs_vouching |= pd_str_is(path->names[1], "a");
    return true;
}

static enum pd_status ask(const struct law_rules *rules, const struct law_policy *policy,
                          size_t clause, struct pd_arena *arena, struct law_fact_account **out,
                          size_t *count, struct pd_error *err) {
    struct asking a = {.rules = rules, .policy = policy, .clause = clause};
    a.list = pd_arena_array(arena, law_rules_fact_count(rules), sizeof(*a.list));
    if (a.list == NULL)
        return pd_fail_memory(err);
    law_policy_visit_paths(policy, visit_path, &a);
    *out = a.list;
    *count = a.count;
    return PD_OK;
}

enum pd_status law_policy_facts(const struct law_rules *rules, const struct law_policy *policy,
                                struct pd_arena *arena, const struct law_fact_account **out,
                                size_t *count, struct pd_error *err) {
    struct law_fact_account *list = NULL;
    enum pd_status st = ask(rules, policy, PD_NPOS, arena, &list, count, err);
    if (st == PD_OK)
        *out = list;
    return st;
}

const size_t *law_policy_exemptions(const struct law_rules *rules, const struct law_policy *policy,
                                    bool from, size_t *count) {
    size_t index = 0;
    *count = 0;
    if (law_policies_find(rules->policies, policy->id, &index) == NULL)
        return NULL;
    const struct law_rule *rule = &rules->rules[index];
    *count = from ? rule->exempted_by_count : rule->exempt_count;
    return from ? rule->exempted_by : rule->exempts;
}

/* What was said of a fact: what entered, or else the last thing that did not. */
static void fill_said(const struct explainer *x, struct law_fact_account *fact) {
    const struct law_finding *f = x->finding;
    for (size_t i = 0; i < f->fact_count; i++)
        if (pd_str_eq(f->facts[i].fact->name, fact->kind->name) &&
            (fact->used == NULL || fact->used->ignored.len > 0))
            fact->used = &f->facts[i];
    bool entered = fact->used != NULL && fact->used->ignored.len == 0;
    bool is_vouched = entered && (fact->used->fact->class_ == LAW_ATTESTED ||
                                  fact->used->fact->class_ == LAW_DERIVED);
    fact->needs_vouching = fact->needs_vouching && entered && !is_vouched;
}

/* ---- One policy ---- */

static enum pd_status account_facts(struct explainer *x, struct law_account *account,
                                    size_t clause) {
    struct law_fact_account *facts = NULL;
    enum pd_status st =
        ask(x->q.rules, account->policy, clause, x->arena, &facts, &account->fact_count, x->err);
    for (size_t i = 0; st == PD_OK && i < account->fact_count; i++)
        fill_said(x, &facts[i]);
    account->facts = facts;
    return st;
}

static enum pd_status account_clauses(struct explainer *x, struct law_account *account,
                                      size_t count, bool is_silent) {
    struct law_clause_account *clauses = pd_arena_array(x->arena, count, sizeof(*clauses));
    if (clauses == NULL)
        return pd_fail_memory(x->err);
    for (size_t i = 0; i < count; i++) {
        enum pd_status st = law_clause_trace(account->policy, i, x->q.entities, &x->q.request,
                                             x->arena, &clauses[i], x->err);
        if (st != PD_OK)
            return st;
        clauses[i].keeps_silent = is_silent && i + 1 == count;
    }
    account->clauses = clauses;
    account->clause_count = count;
    return PD_OK;
}

static bool is_in_force(const struct explainer *x, const struct law_rule *rule) {
    return rule->effective <= x->q.c->now && x->q.c->now < rule->expires;
}

static const struct law_voice *voice_find(const struct law_finding *finding, pd_str id) {
    for (size_t i = 0; i < finding->voice_count; i++)
        if (pd_str_eq(finding->voices[i].id, id))
            return &finding->voices[i];
    return NULL;
}

static enum pd_status add_tipping(struct explainer *x, const struct law_rule *rule,
                                  const struct law_fact_kind **list, size_t *n) {
    const size_t *facts = NULL;
    size_t count = 0;
    enum pd_status st = law_question_depends(&x->q, rule, &facts, &count, x->err);
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        const struct law_fact_kind *kind = &x->q.rules->facts[facts[i]];
        bool is_new = true;
        for (size_t j = 0; j < *n && is_new; j++)
            is_new = list[j] != kind;
        if (is_new)
            list[(*n)++] = kind;
    }
    return st;
}

/* Facts that could make a forbid silent, or one of the exemptions from it hold. */
static enum pd_status account_tipping(struct explainer *x, const struct law_rule *rule,
                                      struct law_account *account) {
    const struct law_fact_kind **list =
        pd_arena_array(x->arena, law_rules_fact_count(x->q.rules), sizeof(*list));
    if (list == NULL)
        return pd_fail_memory(x->err);
    size_t n = 0;
    enum pd_status st = add_tipping(x, rule, list, &n);
    for (size_t i = 0; st == PD_OK && i < rule->exempted_by_count; i++) {
        const struct law_rule *exemption = &x->q.rules->rules[rule->exempted_by[i]];
        if (is_in_force(x, exemption) && voice_find(x->finding, exemption->policy->id) == NULL)
            st = add_tipping(x, exemption, list, &n);
    }
    account->tipping = list;
    account->tipping_count = n;
    return st;
}

static enum pd_status account_spoken(struct explainer *x, const struct law_voice *voice) {
    size_t index = 0;
    const struct law_policy *policy = law_policies_find(x->q.rules->policies, voice->id, &index);
    struct law_account *account = &x->accounts[x->count++];
    *account = (struct law_account){.policy = policy, .voice = *voice, .speaks = true};
    struct law_evaluation said;
    enum pd_status st =
        law_policy_evaluate(policy, x->q.entities, &x->q.request, x->arena, &said, x->err);
    if (st != PD_OK)
        return st;
    /* An error ends the clauses at the one in which it arose. */
    size_t count = said.verdict == LAW_VERDICT_ERROR ? said.clause + 1 : policy->clause_count;
    st = account_clauses(x, account, count, false);
    if (st == PD_OK)
        st = account_facts(x, account, PD_NPOS);
    if (st == PD_OK && voice->role == LAW_FORBIDS && voice->exempted_by.len == 0)
        st = account_tipping(x, &x->q.rules->rules[index], account);
    return st;
}

static enum law_voice_role role_of(const struct law_rule *rule) {
    if (rule->policy->effect == LAW_EFFECT_FORBID)
        return LAW_FORBIDS;
    if (rule->is_duty)
        return LAW_DUTY;
    return rule->exempt_count > 0 ? LAW_EXEMPTS : LAW_PERMITS;
}

/* A policy that concerns the act and that a clause keeps silent, if the clause asks for a fact. */
static enum pd_status account_silent(struct explainer *x, const struct law_rule *rule) {
    struct law_evaluation said;
    if (!is_in_force(x, rule) || voice_find(x->finding, rule->policy->id) != NULL)
        return PD_OK;
    enum pd_status st =
        law_policy_evaluate(rule->policy, x->q.entities, &x->q.request, x->arena, &said, x->err);
    if (st != PD_OK || !said.in_scope || said.verdict != LAW_VERDICT_NOT)
        return st;
    struct law_account account = {.policy = rule->policy, .voice = rule->voice};
    account.voice.role = role_of(rule);
    st = account_facts(x, &account, said.clause);
    if (st != PD_OK || account.fact_count == 0)
        return st;
    st = account_clauses(x, &account, said.clause + 1, true);
    if (st == PD_OK)
        x->accounts[x->count++] = account;
    return st;
}

enum pd_status law_explain(const struct law_rules *rules, const struct law_case *c,
                           struct pd_arena *arena, struct law_explanation *out,
                           struct pd_error *err) {
    struct explainer x = {.arena = arena, .err = err};
    struct law_explanation explanation = {0};
    enum pd_status st = law_find(rules, c, arena, &x.finding, err);
    if (st == PD_OK)
        st = law_question_make(rules, c, arena, &x.q, err);
    if (st != PD_OK)
        return st;
    x.accounts = pd_arena_array(arena, rules->count, sizeof(*x.accounts));
    if (x.accounts == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < x.finding->voice_count; i++)
        st = account_spoken(&x, &x.finding->voices[i]);
    explanation.spoke = x.count;
    for (size_t i = 0; st == PD_OK && i < rules->count; i++)
        st = account_silent(&x, &rules->rules[i]);
    if (st == PD_OK)
        st = law_ways_find(x.finding, arena, &explanation.ways, err);
    if (st != PD_OK)
        return st;
    explanation.finding = x.finding;
    explanation.accounts = x.accounts;
    explanation.count = x.count;
    *out = explanation;
    return PD_OK;
}
