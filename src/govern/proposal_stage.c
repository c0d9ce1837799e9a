/* What happens to a proposal when a date comes: each stage has its gate, and what opens it is done here,
 * by a job, so that nobody has to ask for it and nobody can put it off. */
#include "govern/past.h"
#include "govern/proposal_impl.h"
#include "govern/shard.h"

#include <string.h>

/* ---- Steps that the node takes by itself ---- */

struct stepping {
    struct proposal_step step;
};

static enum pd_status save_step(void *context, struct govern *g, struct act *act,
                                struct pd_error *err) {
    const struct stepping *s = context;
    enum pd_status st = proposal_step_save(&s->step, g, act, err);
    return st == PD_OK ? proposal_notify(g, act, s->step.from->id_text,
                                         proposal_stage_name(s->step.to), err)
                       : st;
}

/* period: until the next step; none if negative. */
static enum pd_status take_step(struct govern *g, const struct proposal_now *now,
                                enum proposal_stage to, pd_time period, pd_str why, pd_str impact,
                                struct pd_arena *arena, struct pd_error *err) {
    struct stepping s = {.step = {.from = now, .to = to, .why = why, .impact = impact}};
    struct act act = {.verb = LEDGER_ADVANCE,
                      .outcome = LEDGER_OUTCOME_DONE,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_PROPOSAL,
                      .object_id = now->id,
                      .effect = save_step,
                      .context = &s};
    pd_str pending;
    enum pd_status st = shard_find_keeper(g, arena, &act.party, err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st != PD_OK)
        return st;
    s.step.has_until = period >= 0;
    s.step.until = act.at + period;
    act.text.is_set = true;
    if (!pd_hex_decode(now->text_hash, act.text.value.bytes, sizeof(act.text.value.bytes)))
        return pd_fail(err, PD_INTERNAL, "the hash of the text is none");
    return act_commit(g, &act, arena, &pending, err);
}

/* A gate that can't open any more: the proposal ends here, and says why. What only failed now
 * (the disk, another writer) is tried again. */
static enum pd_status stop_unless_passing(struct govern *g, const struct proposal_now *now,
                                          enum pd_status st, struct pd_arena *arena,
                                          struct pd_error *err) {
    if (st == PD_OK || (st != PD_CONFLICT && st != PD_INVALID && st != PD_DENIED))
        return st;
    pd_str why = pd_arena_str(arena, pd_str_from(err->text));
    return take_step(g, now, PROPOSAL_STOPPED, -1, why, PD_STR(""), arena, err);
}

/* ---- The gates ---- */

/* The proposal against what is in force now, with its preview. */
static enum pd_status look_ahead(struct govern *g, const struct proposal_now *now,
                                 struct pd_arena *arena, pd_str *impact, struct pd_error *err) {
    struct proposal_candidate candidate = {.files = NULL};
    struct proposal_change *changes;
    size_t count;
    enum pd_status st = node_load_rules(g, NULL, err);
    if (st == PD_OK)
        st = proposal_text_parse(now->text, arena, &changes, &count, err);
    if (st == PD_OK)
        st = proposal_candidate_make(g, changes, count, arena, &candidate, err);
    if (st == PD_OK)
        st = proposal_impact(g, &candidate, changes, count, arena, impact, err);
    proposal_candidate_clear(&candidate);
    return st;
}

/* The consultation ends once its date has come and every objection is answered. */
static enum pd_status end_consultation(struct govern *g, const struct proposal_now *now,
                                       struct pd_arena *arena, bool *did, struct pd_error *err) {
    const struct council_charter *charter;
    int64_t open, sustained;
    pd_str impact;
    enum pd_status st = objection_count(g, now->id_text, &open, &sustained, err);
    *did = st == PD_OK && open == 0;
    if (st != PD_OK || !*did)
        return st;
    st = govern_charter(g, arena, &charter, err);
    if (st == PD_OK)
        st = look_ahead(g, now, arena, &impact, err);
    if (st == PD_OK)
        return take_step(g, now, PROPOSAL_FINAL, charter->periods.final, PD_STR(""), impact, arena,
                         err);
    return stop_unless_passing(g, now, st, arena, err);
}

static enum pd_status open_the_vote(struct govern *g, const struct proposal_now *now,
                                    struct pd_arena *arena, bool *did, struct pd_error *err) {
    pd_str impact;
    *did = true;
    enum pd_status st = look_ahead(g, now, arena, &impact, err);
    if (st == PD_OK)
        st = vote_open(g, now, impact, arena, err);
    return stop_unless_passing(g, now, st, arena, err);
}

static enum pd_status close_the_vote(struct govern *g, const struct proposal_now *now,
                                     struct pd_arena *arena, bool *did, struct pd_error *err) {
    *did = true;
    return vote_close(g, now, arena, err);
}

static enum pd_status settle_the_tie(struct govern *g, const struct proposal_now *now,
                                     struct pd_arena *arena, bool *did, struct pd_error *err) {
    return vote_settle(g, now, arena, did, err);
}

static enum pd_status bring_into_force(struct govern *g, const struct proposal_now *now,
                                       struct pd_arena *arena, bool *did, struct pd_error *err) {
    *did = true;
    return stop_unless_passing(g, now, proposal_enact(g, now, arena, err), arena, err);
}

static enum pd_status begin_review(struct govern *g, const struct proposal_now *now,
                                   struct pd_arena *arena, bool *did, struct pd_error *err) {
    *did = true;
    return take_step(g, now, PROPOSAL_REVIEW, -1, PD_STR(""), PD_STR(""), arena, err);
}

typedef enum pd_status (*stage_function)(struct govern *g, const struct proposal_now *now,
                                         struct pd_arena *arena, bool *did, struct pd_error *err);
static const stage_function NEXT[PROPOSAL_STAGE_COUNT] = {
    [PROPOSAL_CONSULTATION] = end_consultation, [PROPOSAL_FINAL] = open_the_vote,
    [PROPOSAL_VOTE] = close_the_vote,           [PROPOSAL_TIED] = settle_the_tie,
    [PROPOSAL_ADOPTED] = bring_into_force,      [PROPOSAL_IN_FORCE] = begin_review,
};

/* ---- Running ---- */

enum { STEPS_AT_ONCE = 8, LOOK_AGAIN_SECONDS = 3600, TIE_AGAIN_SECONDS = 60 };

/* Takes one step if its date has come. `*did` false: nothing is due, or a gate is shut. */
static enum pd_status run_one(struct govern *g, pd_id id, bool *did, pd_time *again,
                              struct pd_error *err) {
    struct proposal_now now;
    struct pd_arena *arena = pd_arena_new(GOVERN_ARENA_LIMIT);
    *did = false;
    enum pd_status st = arena ? proposal_find_now(g, id, arena, &now, err) : pd_fail_memory(err);
    pd_time at = pd_clock_now(&g->clock);
    *again = 0;
    if (st == PD_OK && now.has_until && NEXT[now.stage]) {
        *again = now.until;
        if (at >= now.until) {
            st = NEXT[now.stage](g, &now, arena, did, err);
            *again = at + (now.stage == PROPOSAL_TIED ? TIE_AGAIN_SECONDS : LOOK_AGAIN_SECONDS) *
                              PD_SECOND;
        }
    }
    pd_arena_free(arena);
    return st;
}

enum pd_status govern_proposal_run(struct govern *g, pd_id proposal, size_t *did,
                                   struct pd_error *err) {
    bool more = true;
    pd_time again;
    enum pd_status st = PD_OK;
    for (*did = 0; st == PD_OK && more && *did < STEPS_AT_ONCE; *did += st == PD_OK && more)
        st = run_one(g, proposal, &more, &again, err);
    return st;
}

enum pd_status proposal_run_job(void *context, pd_str subject, pd_time now, pd_time *again,
                                struct pd_error *err) {
    (void)now;
    struct govern *g = context;
    pd_id id;
    bool more = true;
    if (!pd_id_parse(subject, &id))
        return pd_fail(err, PD_INTERNAL, "\"%.*s\" is no proposal", pd_arg(subject));
    enum pd_status st = PD_OK;
    for (int i = 0; st == PD_OK && more && i < STEPS_AT_ONCE; i++)
        st = run_one(g, id, &more, again, err);
    return st;
}
