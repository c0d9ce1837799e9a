/* Proposals as faces read them: lists in an arena. What nobody may know before the close isn't here. */
#include "govern/growing.h"
#include "govern/past.h"
#include "govern/proposal_impl.h"

#include <string.h>

enum { PROPOSALS_MAX = 10000, STEPS_MAX = 256, NOTICES_MAX = 200 };

/* ---- One proposal ---- */

static const struct sql LIST_STEPS = {
    .both = "SELECT id, stage, why, made_at FROM proposal_step WHERE proposal_id = $1 ORDER BY step"};

static enum pd_status read_steps(struct govern *g, pd_str id, struct pd_arena *arena,
                                 struct govern_proposal *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    struct growing_list list = {.count = 0};
    bool has;
    enum pd_status st = store_select(g->store, LIST_STEPS, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && list.count < STEPS_MAX) {
        struct govern_proposal_step *s = growing_add(&list, sizeof(*s), arena);
        if (!s) {
            st = pd_fail_memory(err);
            break;
        }
        s->stage = pd_arena_str(arena, store_str(rows, 1));
        s->why = pd_arena_str(arena, store_str(rows, 2));
        s->at = store_i64(rows, 3);
        if (!pd_id_parse(store_str(rows, 0), &s->act) || !s->stage.data || !s->why.data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    out->steps = list.items;
    out->step_count = list.count;
    return st;
}

static const struct sql COUNT_BALLOTS = {
    .both = "SELECT COUNT(*) FROM ballot WHERE proposal_id = $1"};
static const struct sql FIND_RESULT = {
    .both = "SELECT result FROM vote_result WHERE proposal_id = $1 ORDER BY id DESC LIMIT 1"};
static const struct sql FIND_ENACTMENT = {
    .both = "SELECT id FROM enactment WHERE proposal_id = $1 ORDER BY id DESC LIMIT 1"};

/* The first column of one row: as text, or as a number; neither if there is no row. */
static enum pd_status read_one(struct govern *g, struct sql sql, pd_str id, struct pd_arena *arena,
                               pd_str *text, uint64_t *number, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, sql, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has && number)
        *number = (uint64_t)store_i64(rows, 0);
    if (st == PD_OK && has && text) {
        *text = pd_arena_str(arena, store_str(rows, 0));
        if (!text->data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status read_vote(struct govern *g, pd_str id, struct pd_arena *arena,
                                struct govern_proposal *out, struct pd_error *err) {
    struct vote_row vote;
    pd_str enactment = PD_STR("");
    enum pd_status st = vote_find(g, id, arena, &vote, &out->has_vote, err);
    if (st == PD_OK && out->has_vote) {
        out->frozen = vote.frozen;
        out->frozen_hash = vote.hash;
        out->opens = vote.opens;
        out->closes = vote.closes;
        st = read_one(g, COUNT_BALLOTS, id, arena, NULL, &out->ballots, err);
    }
    out->result = PD_STR("");
    if (st == PD_OK)
        st = read_one(g, FIND_RESULT, id, arena, &out->result, NULL, err);
    if (st == PD_OK)
        st = read_one(g, FIND_ENACTMENT, id, arena, &enactment, NULL, err);
    out->is_in_force = enactment.len > 0;
    if (st == PD_OK && out->is_in_force && !pd_id_parse(enactment, &out->enacted_by))
        st = pd_fail(err, PD_INTERNAL, "an enactment has no id");
    return st;
}

/* By which method the charter in force lets this matter be decided; what a vote froze stands there. */
static pd_str method_of(const struct council_charter *charter, pd_str matter) {
    for (size_t i = 0; i < charter->matter_count; i++)
        if (pd_str_eq(charter->matters[i].id, matter))
            return charter->methods[charter->matters[i].method].id;
    return PD_STR("");
}

static const struct sql FIND_PROPOSAL = {
    .both = "SELECT title, effects, rollback_of, made_at FROM proposal WHERE id = $1"};

static enum pd_status read_head(struct govern *g, pd_str id, struct pd_arena *arena,
                                struct govern_proposal *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_PROPOSAL, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has) {
        out->title = pd_arena_str(arena, store_str(rows, 0));
        out->effects = pd_arena_str(arena, store_str(rows, 1));
        out->is_rollback = !store_is_null(rows, 2);
        out->made_at = store_i64(rows, 3);
        if (!out->title.data || !out->effects.data ||
            (out->is_rollback && !pd_id_parse(store_str(rows, 2), &out->rollback_of)))
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

/* Why it doesn't go on, where that isn't a step's own reason. */
static enum pd_status tell_why(struct govern *g, const struct proposal_now *now,
                               struct pd_arena *arena, struct govern_proposal *out,
                               struct pd_error *err) {
    int64_t open = 0, sustained = 0;
    out->why = now->why;
    if (now->stage != PROPOSAL_CONSULTATION || pd_clock_now(&g->clock) < now->until)
        return PD_OK;
    enum pd_status st = objection_count(g, now->id_text, &open, &sustained, err);
    if (st == PD_OK && open)
        out->why = pd_arena_printf(arena,
                                   "the consultation is over, and %lld objection%s for an answer "
                                   "by \"%.*s\"",
                                   (long long)open, open == 1 ? " waits" : "s wait",
                                   pd_arg(now->party));
    return st == PD_OK && !out->why.data ? pd_fail_memory(err) : st;
}

static enum pd_status read_proposal(struct govern *g, pd_id id,
                                    const struct council_charter *charter, struct pd_arena *arena,
                                    struct govern_proposal *out, struct pd_error *err) {
    struct proposal_now now;
    enum pd_status st = proposal_find_now(g, id, arena, &now, err);
    if (st != PD_OK)
        return st;
    *out = (struct govern_proposal){.id = id,
                                    .party = now.party,
                                    .revision = (uint64_t)now.revision,
                                    .matter = now.matter,
                                    .method = method_of(charter, now.matter),
                                    .text = now.text,
                                    .text_hash = now.text_hash,
                                    .stage = pd_str_from(proposal_stage_name(now.stage)),
                                    .has_until = now.has_until,
                                    .until = now.until,
                                    .impact = now.impact};
    st = tell_why(g, &now, arena, out, err);
    if (st == PD_OK)
        st = read_head(g, now.id_text, arena, out, err);
    if (st == PD_OK)
        st = read_steps(g, now.id_text, arena, out, err);
    if (st == PD_OK)
        st = objection_list(g, now.id_text, arena, &out->objections, &out->objection_count, err);
    return st == PD_OK ? read_vote(g, now.id_text, arena, out, err) : st;
}

/* ---- All of them ---- */

static const struct sql LIST_IDS = {.both = "SELECT id FROM proposal ORDER BY id DESC"};

static enum pd_status list_ids(struct govern *g, struct pd_arena *arena, struct growing_list *out,
                               struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, LIST_IDS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && out->count < PROPOSALS_MAX) {
        pd_id *id = growing_add(out, sizeof(*id), arena);
        if (!id)
            st = pd_fail_memory(err);
        else if (!pd_id_parse(store_str(rows, 0), id))
            st = pd_fail(err, PD_INTERNAL, "a proposal has no id");
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    return st;
}

enum pd_status govern_proposals(struct govern *g, const pd_id *id, struct pd_arena *arena,
                                const struct govern_proposal **out, size_t *count,
                                struct pd_error *err) {
    const struct council_charter *charter;
    struct growing_list ids = {.count = 0};
    enum pd_status st = govern_charter(g, arena, &charter, err);
    if (st == PD_OK && !id)
        st = list_ids(g, arena, &ids, err);
    if (st != PD_OK)
        return st;
    size_t n = id ? 1 : ids.count;
    const pd_id *list = id ? id : ids.items;
    struct govern_proposal *proposals = pd_arena_array(arena, n ? n : 1, sizeof(*proposals));
    if (!proposals)
        return pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < n; i++)
        st = read_proposal(g, list[i], charter, arena, &proposals[i], err);
    *out = proposals;
    *count = n;
    return st;
}

/* ---- What votes changed ---- */

static const struct sql FIND_ORIGIN = {
    .both = "SELECT e.id, e.proposal_id, p.title, x.what, e.in_force_at FROM enacted_policy x JOIN "
            "enactment e ON e.id = x.enactment_id JOIN proposal p ON p.id = e.proposal_id WHERE "
            "x.policy_id = $1 ORDER BY e.id DESC LIMIT 1"};

static enum pd_status find_origin(struct govern *g, pd_str policy, struct pd_arena *arena,
                                  struct growing_list *list, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(policy)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_ORIGIN, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has) {
        struct govern_origin *o = growing_add(list, sizeof(*o), arena);
        if (o) {
            o->policy = policy;
            o->title = pd_arena_str(arena, store_str(rows, 2));
            o->what = pd_arena_str(arena, store_str(rows, 3));
            o->in_force_at = store_i64(rows, 4);
        }
        if (!o || !o->title.data || !o->what.data)
            st = pd_fail_memory(err);
        else if (!pd_id_parse(store_str(rows, 0), &o->act) ||
                 !pd_id_parse(store_str(rows, 1), &o->proposal))
            st = pd_fail(err, PD_INTERNAL, "an enactment has no id");
    }
    store_rows_close(rows);
    return st;
}

enum pd_status govern_origins(struct govern *g, const pd_str *policies, size_t count,
                              struct pd_arena *arena, const struct govern_origin **out,
                              size_t *found, struct pd_error *err) {
    struct growing_list list = {.count = 0};
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < count; i++)
        st = find_origin(g, policies[i], arena, &list, err);
    *out = list.items;
    *found = list.count;
    return st;
}

/* ---- Notices ---- */

static const struct sql LIST_NOTICES = {
    .both = "SELECT n.proposal_id, n.what, p.title, n.made_at FROM notice n JOIN proposal p ON p.id "
            "= n.proposal_id WHERE n.party_id = $1 ORDER BY n.made_at DESC, n.id DESC LIMIT 200"};

enum pd_status govern_notices(struct govern *g, pd_str party, struct pd_arena *arena,
                              const struct govern_notice **out, size_t *count,
                              struct pd_error *err) {
    struct store_value values[] = {STORE_STR(party)};
    struct store_rows *rows;
    struct law_party known;
    struct growing_list list = {.count = 0};
    bool has;
    enum pd_status st = node_find_party(g, party, arena, &known, NULL, err);
    if (st == PD_OK)
        st = store_select(g->store, LIST_NOTICES, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && list.count < NOTICES_MAX) {
        struct govern_notice *n = growing_add(&list, sizeof(*n), arena);
        if (n) {
            n->what = pd_arena_str(arena, store_str(rows, 1));
            n->title = pd_arena_str(arena, store_str(rows, 2));
            n->at = store_i64(rows, 3);
        }
        if (!n || !n->what.data || !n->title.data || !pd_id_parse(store_str(rows, 0), &n->proposal)) {
            st = pd_fail_memory(err);
            break;
        }
    }
    store_rows_close(rows);
    *out = list.items;
    *count = list.count;
    return st;
}
