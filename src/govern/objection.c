/* Objections to a proposal, and what came of them. Their texts are sealed, so that what somebody wrote
 * can be erased, and public as long as it isn't. */
#include "govern/proposal_impl.h"

#include <jansson.h>
#include <string.h>

enum { TEXT_MAX = 4000 };
static const pd_str OBJECTION_LABEL = PD_STR_INIT("objection.text"),
                    STEP_LABEL = PD_STR_INIT("objection_step.text");
static const char *const CATEGORIES[] = {"law", "privacy", "safety", "equity", "cost"};

struct saying {
    const struct proposal_now *now;
    struct proposal_actor actor;
    pd_str objection, category, state, sealed;
    int64_t step;
};

static enum pd_status seal(struct saying *s, const char *a, pd_str a_text, const char *b,
                           pd_str b_text, pd_str label, struct act *act, struct pd_arena *arena,
                           struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_str *json = &act->commitments[LEDGER_FIELD_EVIDENCE];
    pd_buf_init(&buf, 1 << 17);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_str(&w, a, a_text);
    pd_json_member_str(&w, b, b_text);
    pd_json_object_end(&w);
    enum pd_status st = pd_json_finish(&w, arena, json, err);
    return st == PD_OK ? store_seal(&act->key, label, *json, arena, &s->sealed, err) : st;
}

static enum pd_status commit(struct govern *g, struct saying *s, struct act *act,
                             pd_str private_key, const char *verb, struct pd_arena *arena,
                             const struct govern_outcome **out, struct pd_error *err) {
    pd_str said = act->commitments[LEDGER_FIELD_EVIDENCE];
    crypto_hash hash = crypto_sha256(said.data, said.len);
    act->member = s->actor.member_id;
    act->has_object = true;
    act->object_kind = LEDGER_KIND_PROPOSAL;
    act->object_id = s->now->id;
    enum pd_status st = record_commit_text(act, LEDGER_FIELD_MEMBER, act->member, arena, err);
    if (st == PD_OK)
        st = proposal_sign(&s->actor, private_key, s->now->id_text, &hash, act, arena, err);
    return st == PD_OK
               ? proposal_commit(g, act, verb, &s->actor, s->now->id_text, arena, out, err)
               : st;
}

/* ---- Objecting ---- */

static const struct sql INSERT_OBJECTION = {
    .both = "INSERT INTO objection (id, proposal_id, party_id, member_id, category, key_id, "
            "sealed_text, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
static const struct sql FIND_STAGE = {
    .both = "SELECT stage FROM proposal_step WHERE proposal_id = $1 ORDER BY step DESC LIMIT 1"};

/* The consultation may have ended since the proposal was read. */
static enum pd_status check_still(struct govern *g, const struct saying *s, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(s->now->id_text)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_STAGE, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK &&
        (!has || !pd_str_is(store_str(rows, 0), proposal_stage_name(s->now->stage))))
        st = pd_fail(err, PD_CONFLICT, "another step of the proposal was taken meanwhile");
    store_rows_close(rows);
    return st;
}

static enum pd_status save_objection(void *context, struct govern *g, struct act *act,
                                     struct pd_error *err) {
    const struct saying *s = context;
    pd_str id = govern_id_text(act->id, act->arena), key = govern_id_text(act->key.id, act->arena);
    struct store_value values[] = {STORE_STR(id),
                                   STORE_STR(s->now->id_text),
                                   STORE_STR(s->actor.party.id),
                                   STORE_STR(s->actor.member_id),
                                   STORE_STR(s->category),
                                   STORE_STR(key),
                                   STORE_BYTES(s->sealed),
                                   STORE_I64(act->at)};
    enum pd_status st = check_still(g, s, err);
    if (st == PD_OK)
        st = store_run(g->store, INSERT_OBJECTION, values, 8, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "objection", id, err) : st;
}

enum pd_status govern_object(struct govern *g, const struct govern_objecting *given,
                             struct pd_arena *arena, pd_id *id, const struct govern_outcome **out,
                             struct pd_error *err) {
    struct proposal_now now;
    struct saying s = {.now = &now, .category = given->category};
    struct act act = {.verb = LEDGER_OBJECT,
                      .party = given->party,
                      .effect = save_objection,
                      .context = &s};
    bool is_category = false;
    for (size_t i = 0; i < sizeof(CATEGORIES) / sizeof(*CATEGORIES); i++)
        is_category = is_category || pd_str_is(given->category, CATEGORIES[i]);
    if (!is_category)
        return pd_fail(err, PD_USAGE,
                       "\"%.*s\" is no category of an objection; there are law, privacy, safety, "
                       "equity, cost",
                       pd_arg(given->category));
    enum pd_status st = proposal_check_text(given->harm, "the harm that it would do", TEXT_MAX, err);
    if (st == PD_OK)
        st = proposal_check_text(given->change, "the change that is asked for", TEXT_MAX, err);
    if (st == PD_OK)
        st = proposal_find_now(g, given->proposal, arena, &now, err);
    if (st == PD_OK)
        st = proposal_find_actor(g, given->party, given->member, arena, &s.actor, err);
    if (st == PD_OK)
        st = proposal_check_stage(&now, PROPOSAL_BIT(PROPOSAL_CONSULTATION), "objecting", err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st == PD_OK)
        st = seal(&s, "harm", given->harm, "change", given->change, OBJECTION_LABEL, &act, arena,
                  err);
    if (st == PD_OK)
        st = commit(g, &s, &act, given->private_key, "answer", arena, out, err);
    if (st == PD_OK)
        *id = act.id;
    return st;
}

/* ---- Replying ---- */

static const struct sql FIND_OBJECTION = {
    .both = "SELECT o.proposal_id, o.party_id, COALESCE((SELECT s.state FROM objection_step s WHERE "
            "s.objection_id = o.id ORDER BY s.step DESC LIMIT 1), 'open'), COALESCE((SELECT "
            "MAX(s.step) FROM objection_step s WHERE s.objection_id = o.id), 0) FROM objection o "
            "WHERE o.id = $1"};
static const struct sql INSERT_OBJECTION_STEP = {
    .both = "INSERT INTO objection_step (id, objection_id, step, state, party_id, member_id, "
            "key_id, sealed_text, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};

static const struct reply {
    const char *state, *what;
    bool by_proposer;
    unsigned stages;
    const char *from; /* states, one after the other */
} REPLIES[] = {
    [GOVERN_OBJECTION_ANSWER] = {"answered", "answering an objection", true,
                                 PROPOSAL_BIT(PROPOSAL_CONSULTATION), "open answered sustained"},
    [GOVERN_OBJECTION_WITHDRAW] = {"withdrawn", "withdrawing an objection", false,
                                   PROPOSAL_BIT(PROPOSAL_CONSULTATION) |
                                       PROPOSAL_BIT(PROPOSAL_FINAL),
                                   "open answered sustained"},
    [GOVERN_OBJECTION_SUSTAIN] = {"sustained", "sustaining an objection", false,
                                  PROPOSAL_BIT(PROPOSAL_CONSULTATION) |
                                      PROPOSAL_BIT(PROPOSAL_FINAL),
                                  "answered"},
};

static enum pd_status save_reply(void *context, struct govern *g, struct act *act,
                                 struct pd_error *err) {
    const struct saying *s = context;
    pd_str id = govern_id_text(act->id, act->arena), key = govern_id_text(act->key.id, act->arena);
    struct store_value values[] = {STORE_STR(id),
                                   STORE_STR(s->objection),
                                   STORE_I64(s->step + 1),
                                   STORE_STR(s->state),
                                   STORE_STR(s->actor.party.id),
                                   STORE_STR(s->actor.member_id),
                                   STORE_STR(key),
                                   STORE_BYTES(s->sealed),
                                   STORE_I64(act->at)};
    enum pd_status st = check_still(g, s, err);
    if (st == PD_OK)
        st = store_run(g->store, INSERT_OBJECTION_STEP, values, 9, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "objection_step", id, err);
    /* The consultation may have waited for this. */
    if (st == PD_OK && s->now->has_until)
        st = job_wake(g->store, JOBS_PROPOSAL, s->now->id_text,
                      s->now->until > act->at ? s->now->until : act->at, act->at, err);
    return st;
}

static enum pd_status find_objection(struct govern *g, const struct govern_replying *given,
                                     struct pd_arena *arena, struct saying *s, pd_id *proposal,
                                     pd_str *objector, pd_str *state, struct pd_error *err) {
    s->objection = govern_id_text(given->objection, arena);
    struct store_value values[] = {STORE_STR(s->objection)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_OBJECTION, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no objection %.*s", pd_arg(s->objection));
    if (st == PD_OK) {
        *objector = pd_arena_str(arena, store_str(rows, 1));
        *state = pd_arena_str(arena, store_str(rows, 2));
        s->step = store_i64(rows, 3);
        if (!pd_id_parse(store_str(rows, 0), proposal) || !objector->data || !state->data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

enum pd_status govern_reply(struct govern *g, const struct govern_replying *given,
                            struct pd_arena *arena, const struct govern_outcome **out,
                            struct pd_error *err) {
    const struct reply *kind = &REPLIES[given->move];
    struct proposal_now now;
    struct saying s = {.now = &now, .state = pd_str_from(kind->state)};
    struct act act = {.verb = LEDGER_REPLY, .party = given->party, .effect = save_reply,
                      .context = &s};
    pd_id proposal;
    pd_str objector, state;
    enum pd_status st = find_objection(g, given, arena, &s, &proposal, &objector, &state, err);
    if (st == PD_OK)
        st = proposal_find_now(g, proposal, arena, &now, err);
    if (st == PD_OK)
        st = proposal_find_actor(g, given->party, given->member, arena, &s.actor, err);
    if (st != PD_OK)
        return st;
    pd_str whose = kind->by_proposer ? now.party : objector;
    if (!pd_str_eq(whose, given->party))
        return pd_fail(err, PD_DENIED, "%s is for \"%.*s\", not for \"%.*s\"", kind->what,
                       pd_arg(whose), pd_arg(given->party));
    if (pd_str_find(pd_str_from(kind->from), state) == PD_NPOS)
        return pd_fail(err, PD_CONFLICT, "%s that is %.*s is refused", kind->what, pd_arg(state));
    st = proposal_check_stage(&now, kind->stages, kind->what, err);
    if (st == PD_OK && (given->text.len || given->move != GOVERN_OBJECTION_WITHDRAW))
        st = proposal_check_text(given->text, "the reply", TEXT_MAX, err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st == PD_OK)
        st = seal(&s, "objection", s.objection, "text", given->text, STEP_LABEL, &act, arena, err);
    return st == PD_OK ? commit(g, &s, &act, given->private_key, "answer", arena, out, err) : st;
}

/* ---- Counting and reading ---- */

static const struct sql COUNT_STATES = {
    .both = "SELECT COALESCE((SELECT s.state FROM objection_step s WHERE s.objection_id = o.id "
            "ORDER BY s.step DESC LIMIT 1), 'open') FROM objection o WHERE o.proposal_id = $1"};

enum pd_status objection_count(struct govern *g, pd_str proposal, int64_t *open, int64_t *sustained,
                               struct pd_error *err) {
    struct store_value values[] = {STORE_STR(proposal)};
    struct store_rows *rows;
    bool has;
    *open = *sustained = 0;
    enum pd_status st = store_select(g->store, COUNT_STATES, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        *open += pd_str_is(store_str(rows, 0), "open");
        *sustained += pd_str_is(store_str(rows, 0), "sustained");
    }
    store_rows_close(rows);
    return st;
}

static const struct sql LIST_OBJECTIONS = {
    .both = "SELECT id, party_id, category, key_id, sealed_text, made_at FROM objection WHERE "
            "proposal_id = $1 ORDER BY id"};
static const struct sql LIST_REPLIES = {
    .both = "SELECT id, party_id, state, key_id, sealed_text, made_at FROM objection_step WHERE "
            "objection_id = $1 ORDER BY step"};

/* Empty, and `*is_erased`, if its key was destroyed. */
static enum pd_status unseal(struct govern *g, pd_str key_id, pd_str sealed, pd_str label,
                             struct pd_arena *arena, pd_str *out, bool *is_erased,
                             struct pd_error *err) {
    struct store_key key;
    struct pd_error none = {0};
    pd_id id;
    *out = PD_STR("{}");
    if (!pd_id_parse(key_id, &id))
        return pd_fail(err, PD_INTERNAL, "the key of an objection has no id");
    enum pd_status st = store_key_find(g->store, id, &key, &none);
    *is_erased = st == PD_NOT_FOUND;
    if (st != PD_OK)
        return *is_erased ? PD_OK : pd_fail(err, st, "%s", none.text);
    st = store_unseal(&key, label, sealed, arena, out, err);
    crypto_wipe(&key, sizeof(key));
    return st;
}

static enum pd_status read_reply(struct govern *g, const struct store_rows *rows,
                                 struct pd_arena *arena, struct govern_objection_reply *out,
                                 struct pd_error *err) {
    pd_str json;
    bool is_erased;
    *out = (struct govern_objection_reply){.party = pd_arena_str(arena, store_str(rows, 1)),
                                           .state = pd_arena_str(arena, store_str(rows, 2)),
                                           .at = store_i64(rows, 5)};
    if (!pd_id_parse(store_str(rows, 0), &out->act) || !out->party.data || !out->state.data)
        return pd_fail_memory(err);
    enum pd_status st = unseal(g, store_str(rows, 3), store_str(rows, 4), STEP_LABEL, arena, &json,
                               &is_erased, err);
    if (st == PD_OK)
        out->text = pd_json_read_text(pd_json_find(json, "text"), arena);
    return st;
}

enum { REPLIES_MAX = 64, OBJECTIONS_MAX = 4096 };

static enum pd_status read_replies(struct govern *g, pd_str objection, struct pd_arena *arena,
                                   struct govern_objection *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(objection)};
    struct store_rows *rows;
    bool has;
    struct govern_objection_reply *list = pd_arena_array(arena, REPLIES_MAX, sizeof(*list));
    enum pd_status st =
        list ? store_select(g->store, LIST_REPLIES, values, 1, &rows, err) : pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    size_t n = 0;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && n < REPLIES_MAX) {
        st = read_reply(g, rows, arena, &list[n], err);
        if (st != PD_OK)
            break;
        out->state = list[n++].state;
    }
    store_rows_close(rows);
    out->replies = list;
    out->reply_count = n;
    return st;
}

static enum pd_status read_objection(struct govern *g, const struct store_rows *rows,
                                     struct pd_arena *arena, struct govern_objection *out,
                                     struct pd_error *err) {
    pd_str json;
    *out = (struct govern_objection){.party = pd_arena_str(arena, store_str(rows, 1)),
                                     .category = pd_arena_str(arena, store_str(rows, 2)),
                                     .state = PD_STR("open"),
                                     .made_at = store_i64(rows, 5)};
    if (!pd_id_parse(store_str(rows, 0), &out->id) || !out->party.data || !out->category.data)
        return pd_fail_memory(err);
    enum pd_status st = unseal(g, store_str(rows, 3), store_str(rows, 4), OBJECTION_LABEL, arena,
                               &json, &out->is_erased, err);
    if (st != PD_OK)
        return st;
    out->harm = pd_json_read_text(pd_json_find(json, "harm"), arena);
    out->change = pd_json_read_text(pd_json_find(json, "change"), arena);
    return PD_OK;
}

enum pd_status objection_list(struct govern *g, pd_str proposal, struct pd_arena *arena,
                              const struct govern_objection **out, size_t *count,
                              struct pd_error *err) {
    struct store_value values[] = {STORE_STR(proposal)};
    struct store_rows *rows;
    struct govern_objection *list = NULL;
    size_t n = 0, room = 0;
    bool has;
    enum pd_status st = store_select(g->store, LIST_OBJECTIONS, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && n < OBJECTIONS_MAX) {
        if (n == room) {
            struct govern_objection *wider = pd_arena_array(arena, 2 * room + 8, sizeof(*wider));
            if (!wider) {
                st = pd_fail_memory(err);
                break;
            }
            if (n)
                memcpy(wider, list, n * sizeof(*wider));
            list = wider;
            room = 2 * room + 8;
        }
        st = read_objection(g, rows, arena, &list[n], err);
        if (st != PD_OK)
            break;
        n++;
    }
    store_rows_close(rows);
    for (size_t i = 0; st == PD_OK && i < n; i++)
        st = read_replies(g, govern_id_text(list[i].id, arena), arena, &list[i], err);
    *out = list;
    *count = n;
    return st;
}
