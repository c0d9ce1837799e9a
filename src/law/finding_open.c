/* "Not yet": three-valued evaluation of one rule, and which missing facts could change what it
   says. Off the fast path: only what refuses, and exemptions from it, are asked. */
#include "law/finding_impl.h"

/* 2^8 evaluations at most; a rule that reads more missing facts has all of them listed. */
enum { SUBSETS_OF_MAX = 8 };

struct openness {
    const struct law_question *q;
    const struct law_rule *rule;
    bool *open; /* per fact kind */
    struct pd_error *err;
};

static enum pd_status evaluate(const struct openness *o, struct law_evaluation *said) {
    struct law_request request;
    enum pd_status st = law_question_open(o->q, o->open, &request, o->err);
    return st != PD_OK ? st
                       : law_policy_evaluate(o->rule->policy, o->q->entities, &request, o->q->arena,
                                             said, o->err);
}

/* Whether the verdict is unknown while exactly the candidates in `subset` are. */
static enum pd_status is_undecided(const struct openness *o, const size_t *candidates, size_t count,
                                   unsigned subset, bool *out) {
    struct law_evaluation said;
    struct pd_mark mark = pd_arena_mark(o->q->arena);
    for (size_t i = 0; i < o->q->rules->fact_count; i++)
        o->open[i] = false;
    for (size_t i = 0; i < count; i++)
        o->open[candidates[i]] = (subset >> i & 1) != 0;
    enum pd_status st = evaluate(o, &said);
    if (st == PD_OK)
        *out = said.verdict == LAW_VERDICT_UNKNOWN;
    pd_arena_reset(o->q->arena, mark);
    return st;
}

/* Keeps the candidates that can tip the verdict: decided without one, undecided with it, whatever
   the others are. What falls out are facts whose absence is already harmless ("nobody said
   that..."). */
static enum pd_status keep_tipping(const struct openness *o, size_t *candidates, size_t *count) {
    bool undecided[1U << SUBSETS_OF_MAX];
    size_t n = *count;
    size_t kept = 0;
    for (unsigned subset = 0; subset < 1U << n; subset++) {
        enum pd_status st = is_undecided(o, candidates, n, subset, &undecided[subset]);
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
    size_t kinds = q->rules->fact_count;
    struct openness o = {.q = q, .rule = rule, .err = err};
    o.open = pd_arena_array(q->arena, kinds, sizeof(*o.open));
    size_t *candidates = pd_arena_array(q->arena, kinds, sizeof(*candidates));
    if (o.open == NULL || candidates == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < kinds; i++)
        o.open[i] = true;
    enum pd_status st = evaluate(&o, &said);
    if (st != PD_OK)
        return st;
    size_t n = said.verdict == LAW_VERDICT_UNKNOWN ? said.unknown_count : 0;
    for (size_t i = 0; i < n; i++)
        candidates[i] = law_registry_find(q->rules, said.unknown[i]);
    if (n > 0 && n <= SUBSETS_OF_MAX)
        st = keep_tipping(&o, candidates, &n);
    if (st != PD_OK)
        return st;
    *facts = candidates;
    *count = n;
    return PD_OK;
}
