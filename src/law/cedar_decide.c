/* Deciding by a policy set made ready: the candidates that the index leaves, by the machine. */
#include "law/cedar_program.h"

#include <string.h>

struct law_scratch {
    struct law_machine machine;
    size_t *satisfied, *forbids; /* as many as there are policies */
};

enum pd_status law_program_make(const struct law_policies *policies, struct pd_arena *arena,
                                const struct law_program **out, struct pd_error *err) {
    struct law_program *program = pd_arena_alloc(arena, sizeof(*program));
    if (!program)
        return pd_fail_memory(err);
    program->policies = policies;
    program->policy_count = law_policies_count(policies);
    if (program->policy_count > UINT32_MAX || !law_index_build(policies, arena, &program->index) ||
        !law_program_compile(program, arena))
        return pd_fail_memory(err);
    *out = program;
    return PD_OK;
}

/* ---- The machine's room ---- */

static size_t words(const struct law_program *program) {
    return (program->policy_count + 63) / 64;
}

bool law_machine_init(struct law_machine *m, const struct law_program *program,
                      struct pd_arena *arena) {
    *m = (struct law_machine){.program = program};
    for (int level = 0; level < LAW_LEVELS; level++) {
        struct law_offer *offers = &m->offers[level];
        uint32_t count = program->index.keys[level].count;
        offers->rounds = pd_arena_array(arena, count, sizeof(*offers->rounds));
        offers->keys = pd_arena_array(arena, count, sizeof(*offers->keys));
        if (!offers->rounds || !offers->keys)
            return false;
    }
    m->candidates = pd_arena_array(arena, words(program), sizeof(*m->candidates));
    m->found = pd_arena_array(arena, program->path_count, sizeof(*m->found));
    m->stack = pd_arena_array(arena, program->stack_size, sizeof(*m->stack));
    m->cells = pd_arena_array(arena, program->stack_size, sizeof(*m->cells));
    m->items = pd_arena_array(arena, program->item_count, sizeof(*m->items));
    return m->candidates && m->found && m->stack && m->cells && m->items;
}

/** Rounds begin anew: nothing may look as if it were of one to come. */
static void forget_rounds(struct law_machine *m) {
    for (int level = 0; level < LAW_LEVELS; level++)
        memset(m->offers[level].rounds, 0,
               m->program->index.keys[level].count * sizeof(*m->offers[level].rounds));
    memset(m->found, 0, m->program->path_count * sizeof(*m->found));
}

enum pd_status law_machine_begin(struct law_machine *m, const struct law_entities *entities,
                                 const struct law_request *request, struct pd_arena *arena,
                                 struct pd_error *err) {
    enum pd_status st = law_evaluator_init(&m->ev, entities, request, arena, err);
    if (st != PD_OK)
        return st;
    if (++m->round == 0) {
        forget_rounds(m);
        m->round = 1;
    }
    for (uint32_t v = 0; v < LAW_VARIABLE_COUNT; v++) {
        m->found[v].round = m->round;
        m->found[v].value = &m->ev.variables[v];
    }
    law_index_seek(m);
    return PD_OK;
}

size_t law_machine_count(const struct law_machine *m) {
    size_t count = 0;
    for (size_t word = 0; word < words(m->program); word++)
        count += (size_t)__builtin_popcountll(m->candidates[word]);
    return count;
}

size_t law_machine_next(struct law_machine *m, size_t *word) {
    for (size_t count = words(m->program); *word < count; ++*word) {
        uint64_t bits = m->candidates[*word];
        if (bits == 0)
            continue;
        m->candidates[*word] = bits & (bits - 1);
        return *word * 64 + (size_t)__builtin_ctzll(bits);
    }
    return PD_NPOS;
}

/** Gives back what it used if nothing of it is in the answer. */
bool law_machine_hear(struct law_machine *m, size_t policy, struct law_evaluation *out) {
    struct pd_mark mark = pd_arena_mark(m->ev.arena);
    m->ev.policy = law_policies_get(m->program->policies, policy);
    if (!law_evaluator_hear(&m->ev, out))
        return false;
    if (out->verdict == LAW_VERDICT_SATISFIED || out->verdict == LAW_VERDICT_NOT)
        pd_arena_reset(m->ev.arena, mark);
    return true;
}

/* ---- Decisions ---- */

enum pd_status law_scratch_make(const struct law_program *program, struct pd_arena *arena,
                                struct law_scratch **out, struct pd_error *err) {
    struct law_scratch *scratch = pd_arena_alloc(arena, sizeof(*scratch));
    if (!scratch || !law_machine_init(&scratch->machine, program, arena))
        return pd_fail_memory(err);
    scratch->satisfied = pd_arena_array(arena, program->policy_count, sizeof(size_t));
    scratch->forbids = pd_arena_array(arena, program->policy_count, sizeof(size_t));
    if (!scratch->satisfied || !scratch->forbids)
        return pd_fail_memory(err);
    *out = scratch;
    return PD_OK;
}

/** What the machine leaves, in full. */
static bool count_left(struct law_machine *m, size_t policy, struct law_tally *tally) {
    struct law_evaluation e;
    return law_machine_hear(m, policy, &e) &&
           law_tally_add(tally, m->ev.arena, policy, m->program->entries[policy].is_forbid, &e);
}

static void count_satisfied(struct law_tally_list *list, size_t policy) {
    ((size_t *)list->items)[list->count++] = policy;
}

enum pd_status law_decide(struct law_scratch *scratch, const struct law_entities *entities,
                          const struct law_request *request, struct pd_arena *arena,
                          struct law_answer *out, struct pd_error *err) {
    struct law_machine *m = &scratch->machine;
    enum pd_status st = law_machine_begin(m, entities, request, arena, err);
    if (st != PD_OK)
        return st;
    size_t capacity = m->program->policy_count, policy, word = 0;
    struct law_tally tally = {.satisfied = {scratch->satisfied, 0, capacity},
                              .forbids = {scratch->forbids, 0, capacity}};
    bool is_full = false;
    while ((policy = law_machine_next(m, &word)) != PD_NPOS) {
        enum law_run said = law_machine_run(m, policy);
        if (said == LAW_RUN_SATISFIED) {
            count_satisfied(&tally.satisfied, policy);
            if (m->program->entries[policy].is_forbid)
                count_satisfied(&tally.forbids, policy);
        } else if (said == LAW_RUN_LEFT) {
            is_full = is_full || !count_left(m, policy, &tally);
        }
    }
    if (is_full)
        return pd_fail_memory(err);
    *out = law_tally_answer(&tally);
    return PD_OK;
}
