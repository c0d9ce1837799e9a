/* What this room leaves for later: a clock that becomes due. */
#include "govern/case.h"
#include "govern/catalogue_impl.h"
#include "govern/proposal_impl.h"
#include "govern/shard.h"
#include "govern/witnessed.h"

#include "job/job.h"

#include <string.h>

enum { LOOK_AGAIN_DAYS = 7 };

enum pd_status jobs_watch_clock(struct govern *g, const struct govern_clock *clock, pd_time now,
                                struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    /* What is kept until its date, or has no date and never will, nobody has to be told of. */
    if (clock->is_keep || (!clock->has_due && !clock->why.len))
        return PD_OK;
    pd_id_write(clock->id, id);
    return job_add(g->store, JOBS_CLOCK, pd_str_from(id),
                   clock->has_due ? clock->due : now + LOOK_AGAIN_DAYS * PD_DAY, now, err);
}

/* ---- A duty that is overdue ---- */

struct note {
    const struct govern_clock *clock;
    const struct govern_raised *raised; /* the case that it is about, while that can be escalated */
    struct case_entry entry;
};

static const struct sql INSERT_OVERDUE = {
    .both = "INSERT INTO clock_overdue (id, act_id, noted_at) VALUES ($1, $2, $3)"};

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    const struct note *n = context;
    pd_str clock = govern_id_text(n->clock->id, act->arena),
           by = govern_id_text(act->id, act->arena);
    struct store_value values[] = {STORE_STR(clock), STORE_STR(by), STORE_I64(act->at)};
    enum pd_status st = store_run(g->store, INSERT_OVERDUE, values, 3, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "clock_overdue", clock, err);
    return st == PD_OK && n->raised ? case_entry_save(&n->entry, g, act, err) : st;
}

static enum pd_status write_overdue(const struct govern_clock *clock, struct pd_arena *arena,
                                    pd_str *out, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 1 << 16);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    govern_clock_write(clock, &w);
    return pd_json_finish(&w, arena, out, err);
}

/* The record is about what the act was about that left the duty, and as public as that. */
static enum pd_status take_object(struct govern *g, const struct govern_clock *clock,
                                  struct act *act, struct pd_arena *arena, struct pd_error *err) {
    struct integrate_leaf stored;
    struct ledger_leaf *leaf = pd_arena_alloc(arena, sizeof(*leaf));
    if (!leaf)
        return pd_fail_memory(err);
    enum pd_status st = integrate_leaf_of(g, clock->act_id, arena, &stored, err);
    if (st == PD_OK)
        st = ledger_leaf_parse(stored.bytes, arena, leaf, err);
    if (st != PD_OK)
        return st;
    act->is_disclosed = stored.kind == LEDGER_PUBLIC;
    act->has_object = leaf->has_object;
    act->object_kind = leaf->object_kind;
    act->object_id = leaf->object_id;
    return PD_OK;
}

/* Of a case that waits for its answer, the thread says that the deadline has passed. */
static enum pd_status take_case(struct govern *g, struct note *n, struct pd_arena *arena,
                                struct pd_error *err) {
    pd_id id;
    bool found;
    size_t count;
    char date[PD_TIME_TEXT_SIZE];
    enum pd_status st = case_of_act(g, n->clock->act_id, &id, &found, err);
    if (st != PD_OK || !found)
        return st;
    st = govern_cases(g, &id, arena, &n->raised, &count, err);
    if (st != PD_OK)
        return st;
    if (!pd_str_is(n->raised->state, case_state_name(CASE_RAISED))) {
        n->raised = NULL; /* decided, or escalated by another of its duties */
        return PD_OK;
    }
    pd_time_write(n->clock->due, PD_TIME_MINUTES, date);
    n->entry = (struct case_entry){.case_id = govern_id_text(id, arena),
                                   .step = case_step_get(CASE_STEP_ESCALATE),
                                   .text = pd_arena_printf(arena, "%.*s was due on %s (%.*s)",
                                                           pd_arg(n->clock->obligation), date,
                                                           pd_arg(n->clock->policy_id)),
                                   .ground = PD_STR(""),
                                   .appeal = PD_STR("")};
    return n->entry.case_id.data && n->entry.text.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status note_overdue(struct govern *g, const struct govern_clock *clock,
                                   struct pd_arena *arena, struct pd_error *err) {
    struct note n = {.clock = clock};
    /* A fact about time: no law is asked whether it may be recorded. */
    struct act act = {.verb = LEDGER_REGISTER,
                      .outcome = LEDGER_OUTCOME_DONE,
                      .article = clock->policy_id,
                      .effect = save,
                      .context = &n,
                      .details = {{"overdue", {NULL, 0}}}};
    pd_str pending;
    enum pd_status st = shard_find_keeper(g, arena, &act.party, err);
    if (st == PD_OK)
        st = take_object(g, clock, &act, arena, err);
    if (st == PD_OK)
        st = take_case(g, &n, arena, err);
    if (st == PD_OK)
        st = write_overdue(clock, arena, &act.details[0].json, err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st == PD_OK && n.raised)
        st = case_entry_seal(&n.entry, &act, arena, err);
    return st == PD_OK ? act_commit(g, &act, arena, &pending, err) : st;
}

/* ---- Running ---- */

/* May be run any number of times: a duty is recorded as overdue once. */
static enum pd_status run_clock(void *context, pd_str subject, pd_time now, pd_time *again,
                                struct pd_error *err) {
    struct govern *g = context;
    struct pd_arena *arena = pd_arena_new(GOVERN_ARENA_LIMIT);
    const struct govern_clock *clock = NULL;
    size_t count = 0;
    if (!arena)
        return pd_fail_memory(err);
    enum pd_status st = clock_list(g, subject, arena, &clock, &count, err);
    if (st == PD_OK && count != 1)
        st = pd_fail(err, PD_NOT_FOUND, "there is no clock %.*s", pd_arg(subject));
    if (st == PD_OK && clock->state == GOVERN_CLOCK_OVERDUE && !clock->is_noted)
        st = note_overdue(g, clock, arena, err);
    else if (st == PD_OK && clock->state == GOVERN_CLOCK_DUE && clock->has_due)
        *again = clock->due;
    else if (st == PD_OK && clock->state == GOVERN_CLOCK_DUE && clock->why.len)
        *again = now + LOOK_AGAIN_DAYS * PD_DAY; /* the calendar may have come by then */
    pd_arena_free(arena);
    return st;
}

static const struct job_kind KINDS[] = {
    {JOBS_CLOCK, run_clock},
    {JOBS_ANCHOR, shard_run_anchor},
    {JOBS_CATALOGUE, catalogue_run},
    {JOBS_PRUNE, shard_run_prune},
    {JOBS_WITNESS, witnessed_run},
    {JOBS_PROPOSAL, proposal_run_job},
    {JOBS_REFIND, proposal_run_refind},
};

enum pd_status govern_run_jobs(struct govern *g, uint64_t limit, struct job_tally *tally,
                               struct pd_error *err) {
    return job_run_due(g->store, KINDS, sizeof(KINDS) / sizeof(*KINDS), g, &g->clock, limit, tally,
                       err);
}
