/* "Not yet": three-valued evaluation of one rule, and which missing facts could change what it
   says. Off the fast path: only what refuses, and exemptions from it, are asked. */
#include "law/cedar_impl.h"
#include "law/finding_impl.h"

/* 2^8 evaluations at the very most; a rule that reads more missing facts has all of them listed. */
enum { SUBSETS_OF_MAX = 8 };

struct openness {
    const struct law_question *q;
    struct law_evaluator ev; /* of the rule */
    struct pd_error *err;
};

/* What the rule says while exactly these facts are unknown. */
static enum pd_status evaluate(struct openness *o, const size_t *facts, size_t count,
                               struct law_evaluation *said) {
    enum pd_status st =
        law_question_open(o->q, facts, count, &o->ev.variables[LAW_CONTEXT], o->err);
    if (st != PD_OK)
        return st;
    return law_evaluator_hear(&o->ev, said) ? PD_OK : pd_fail_memory(o->err);
}

/* Whether the verdict is unknown while exactly the candidates in `subset` are. */
static enum pd_status is_undecided(struct openness *o, const size_t *candidates, size_t count,
                                   unsigned subset, bool *out) {
    struct law_evaluation said;
    struct pd_mark mark = pd_arena_mark(o->q->arena);
    size_t facts[SUBSETS_OF_MAX];
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if ((subset >> i & 1) != 0)
            facts[n++] = candidates[i];
    enum pd_status st = evaluate(o, facts, n, &said);
    if (st == PD_OK)
        *out = said.verdict == LAW_VERDICT_UNKNOWN;
    pd_arena_reset(o->q->arena, mark);
    return st;
}

/* Keeps the candidates that can tip the verdict: decided without one, undecided with it, whatever
   the others are. What falls out are facts whose absence is already harmless ("nobody said
   that..."). */
static enum pd_status keep_tipping(struct openness *o, size_t *candidates, size_t *count) {
    bool undecided[1U << SUBSETS_OF_MAX];
    size_t n = *count;
    size_t kept = 0;
    undecided[0] = false; /* nothing is unknown */
    for (unsigned subset = 1; subset < 1U << n; subset++) {
        /* A fact that is absent is one way in which an unknown one can turn out: what is undecided
           without it stays so with it. */
        bool is_certain = false;
        for (size_t i = 0; i < n; i++)
            is_certain = is_certain || ((subset >> i & 1) != 0 && undecided[subset ^ 1U << i]);
        undecided[subset] = is_certain;
        enum pd_status st =
            is_certain ? PD_OK : is_undecided(o, candidates, n, subset, &undecided[subset]);
        if (st != PD_OK)
            return st;
    }
    for (size_t i = 0; i < n; i++) {
        bool tips = false;
        for (unsigned subset = 0; subset < 1U << n; subset++)
            tips = tips || (!undecided[subset] && undecided[subset | 1U << i]);
        if (tips)
            candidates[kept++] = candidates[i];
    }
    *count = kept;
    return PD_OK;
}

enum pd_status law_question_depends(const struct law_question *q, const struct law_rule *rule,
                                    const size_t **facts, size_t *count, struct pd_error *err) {
    struct law_evaluation said;
    struct openness o = {.q = q, .err = err};
    enum pd_status st = law_evaluator_init(&o.ev, q->entities, &q->request, q->arena, err);
    if (st != PD_OK)
        return st;
    *count = 0;
    if (!law_evaluator_is_in_scope(&o.ev, rule->policy))
        return PD_OK; /* whatever is supplied */
    o.ev.policy = rule->policy;
    st = evaluate(&o, rule->facts, rule->fact_count, &said);
    if (st != PD_OK)
        return st;
    size_t n = said.verdict == LAW_VERDICT_UNKNOWN ? said.unknown_count : 0;
    size_t *candidates = pd_arena_array(q->arena, n, sizeof(*candidates));
    if (candidates == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < n; i++) /* said.unknown is by name, as law_question_open needs it */
        candidates[i] = law_registry_find(q->rules, said.unknown[i]);
    if (n > 0 && n <= SUBSETS_OF_MAX)
        st = keep_tipping(&o, candidates, &n);
    if (st != PD_OK)
        return st;
    *facts = candidates;
    *count = n;
    return PD_OK;
}
