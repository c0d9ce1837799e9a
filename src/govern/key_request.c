/* What one party alone may not do: it asks, which is an act, and another party agrees, which is the
 * act that takes effect. What is asked for is sealed under the key of the first act. */
#include "govern/growing.h"
#include "govern/key.h"

#include <string.h>

static const pd_str LABEL = PD_STR_INIT("key_request.request");

/* ---- Asking ---- */

struct asking {
    const struct key_actor *actor;
    const char *kind;
    pd_str id, sealed;
};

static const struct sql INSERT_REQUEST = {
    .both = "INSERT INTO key_request (id, kind, party_id, member_id, state, asked_by, asked_at, "
            "key_id, sealed_request) VALUES ($1, $2, $3, $4, 'asked', $5, $6, $7, $8)"};

/* The table knows two kinds. What asks for a new key ends the lost one: it stands there as
 * "destroy", and its text names the holder instead of a key (read_row). */
static const char *stored_kind(const char *kind) {
    return strcmp(kind, "create") == 0 ? "destroy" : kind;
}

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    const struct asking *a = context;
    struct store_value values[] = {STORE_STR(a->id),
                                   STORE_STR(pd_str_from(stored_kind(a->kind))),
                                   STORE_STR(a->actor->party),
                                   STORE_STR(a->actor->member_id),
                                   STORE_STR(govern_id_text(act->id, act->arena)),
                                   STORE_I64(act->at),
                                   STORE_STR(govern_id_text(act->key.id, act->arena)),
                                   STORE_BYTES(a->sealed)};
    enum pd_status st = store_run(g->store, INSERT_REQUEST, values, 8, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "key_request", a->id, err) : st;
}

enum pd_status key_request_ask(struct govern *g, const struct key_actor *actor, const char *kind,
                               pd_str json, const pd_id *key, struct pd_arena *arena, pd_id *id,
                               const struct govern_outcome **out, struct pd_error *err) {
    struct asking a = {.actor = actor, .kind = kind};
    struct act act = {.verb = LEDGER_INTEND,
                      .outcome = LEDGER_OUTCOME_DONE,
                      .has_object = true,
                      .object_kind = key ? LEDGER_KIND_KEY : LEDGER_KIND_INTENT,
                      .effect = save,
                      .context = &a};
    pd_id request = crypto_id(pd_clock_now(&g->clock));
    act.object_id = key ? *key : request;
    a.id = govern_id_text(request, arena);
    pd_str words = pd_arena_printf(arena, "ask %s %.*s", kind, pd_arg(a.id)), pending = {0};
    struct govern_outcome *outcome = pd_arena_alloc(arena, sizeof(*outcome));
    if (!words.data || !outcome)
        return pd_fail_memory(err);
    enum pd_status st = key_act_begin(g, actor, words, &act, arena, err);
    if (st == PD_OK)
        st = store_seal(&act.key, LABEL, json, arena, &a.sealed, err);
    if (st == PD_OK)
        st = act_commit(g, &act, arena, &pending, err);
    if (st != PD_OK)
        return st;
    *outcome = (struct govern_outcome){
        .result = GOVERN_LEFT_OPEN, .act_id = act.id, .receipt = act.receipt, .pending = pending};
    *id = request;
    *out = outcome;
    return integrate_placed(g, act.id, arena, &outcome->placed, err);
}

/* ---- Reading ---- */

static const struct sql FIND_REQUEST = {
    .both = "SELECT r.kind, r.party_id, m.name, r.state, r.asked_by, r.asked_at, r.key_id, "
            "r.sealed_request FROM key_request r JOIN member m ON m.id = r.member_id"
            " WHERE r.id = $1"};

static enum pd_status read_row(struct govern *g, struct store_rows *rows, struct pd_arena *arena,
                               struct key_request *r, struct pd_error *err) {
    pd_str *texts[] = {&r->kind, &r->party, &r->member, &r->state, &r->asked_by};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        *texts[i] = pd_arena_str(arena, store_str(rows, i));
        if (!texts[i]->data)
            return pd_fail_memory(err);
    }
    r->asked_at = store_i64(rows, 5);
    if (!pd_id_parse(store_str(rows, 6), &r->key_id))
        return pd_fail(err, PD_INTERNAL, "the request %.*s names no key", pd_arg(r->id));
    struct store_key key;
    bool is_destroyed = false;
    enum pd_status st = store_key_is_destroyed(g->store, r->key_id, &is_destroyed, NULL, err);
    if (st != PD_OK || is_destroyed)
        return st;
    st = store_key_find(g->store, r->key_id, &key, err);
    if (st == PD_OK)
        st = store_unseal(&key, LABEL, store_str(rows, 7), arena, &r->json, err);
    crypto_wipe(&key, sizeof(key));
    if (st == PD_OK && pd_str_is(r->kind, "destroy") && pd_json_find(r->json, "holder").data)
        r->kind = PD_STR("create");
    return st;
}

enum pd_status key_request_find(struct govern *g, pd_id id, struct pd_arena *arena,
                                struct key_request *out, struct pd_error *err) {
    struct key_request r = {.id = govern_id_text(id, arena)};
    struct store_value values[] = {STORE_STR(r.id)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_REQUEST, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "nobody asked for %.*s on this node", pd_arg(r.id));
    if (st == PD_OK)
        st = read_row(g, rows, arena, &r, err);
    store_rows_close(rows);
    if (st == PD_OK)
        *out = r;
    return st;
}

enum pd_status key_request_check(const struct key_request *request, const char *kind, pd_str party,
                                 struct pd_error *err) {
    if (!pd_str_is(request->kind, kind))
        return pd_fail(err, PD_USAGE, "%.*s is a request to %.*s, not to %s", pd_arg(request->id),
                       pd_arg(request->kind), kind);
    if (!pd_str_is(request->state, "asked"))
        return pd_fail(err, PD_CONFLICT, "the request %.*s is %.*s already", pd_arg(request->id),
                       pd_arg(request->state));
    if (pd_str_eq(request->party, party))
        return pd_fail(err, PD_DENIED,
                       "\"%.*s\" asked for it, and no party does it alone: another party must agree",
                       pd_arg(party));
    return PD_OK;
}

/* ---- Moving on ---- */

static const struct sql MOVE_REQUEST = {
    .both = "UPDATE key_request SET state = $2, moved_by = $3 WHERE id = $1 AND state = $4"};

enum pd_status key_request_move(struct govern *g, struct act *act, pd_str id, const char *from,
                                const char *to, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(id), STORE_STR(pd_str_from(to)),
                                   STORE_STR(govern_id_text(act->id, act->arena)),
                                   STORE_STR(pd_str_from(from))};
    int64_t changed;
    enum pd_status st = store_run(g->store, MOVE_REQUEST, values, 4, &changed, err);
    if (st == PD_OK && changed != 1)
        st = pd_fail(err, PD_CONFLICT, "the request %.*s moved meanwhile", pd_arg(id));
    return st == PD_OK ? act_wrote(g, act, "key_request", id, err) : st;
}

/* ---- Those that wait ---- */

static const struct sql LIST_WAITING = {
    .both = "SELECT id FROM key_request WHERE state IN ('asked', 'agreed') ORDER BY id"};

static enum pd_status list_ids(struct govern *g, struct growing_list *list, struct pd_arena *arena,
                               struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, LIST_WAITING, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct govern_waiting *w = growing_add(list, sizeof(*w), arena);
        if (!w)
            st = pd_fail_memory(err);
        else if (!pd_id_parse(store_str(rows, 0), &w->id))
            st = pd_fail(err, PD_INTERNAL, "the row of a request has no id");
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    return st;
}

enum pd_status govern_requests_list(struct govern *g, struct pd_arena *arena,
                                    const struct govern_waiting **out, size_t *count,
                                    struct pd_error *err) {
    struct growing_list list = {0};
    enum pd_status st = list_ids(g, &list, arena, err);
    struct govern_waiting *waiting = list.items;
    for (size_t i = 0; st == PD_OK && i < list.count; i++) {
        struct key_request r;
        st = key_request_find(g, waiting[i].id, arena, &r, err);
        if (st == PD_OK)
            waiting[i] = (struct govern_waiting){waiting[i].id, r.kind, r.state, r.party,
                                                 r.asked_at};
    }
    if (st == PD_OK) {
        *out = waiting;
        *count = list.count;
    }
    return st;
}

/* ---- Withdrawing ---- */

static enum pd_status save_withdrawn(void *context, struct govern *g, struct act *act,
                                     struct pd_error *err) {
    const struct key_request *r = context;
    enum pd_status st = key_request_move(g, act, r->id, "asked", "withdrawn", err);
    if (st != PD_OK || !pd_str_is(r->kind, "erase") || !r->json.data)
        return st;
    /* It names the person, and nothing needs that any more. */
    return key_save_destroyed(g, act, govern_id_text(r->key_id, act->arena), PD_STR("record"),
                              r->id, err);
}

static enum pd_status may_withdraw(const struct key_request *r, pd_str party, bool of_person,
                                   struct pd_error *err) {
    if (pd_str_is(r->kind, "erase") != of_person)
        return pd_fail(err, PD_USAGE, "%.*s is a request to %.*s; see polder %s withdraw",
                       pd_arg(r->id), pd_arg(r->kind), of_person ? "key" : "erase");
    if (!pd_str_eq(r->party, party))
        return pd_fail(err, PD_DENIED, "only \"%.*s\", which asked for it, withdraws it",
                       pd_arg(r->party));
    if (!pd_str_is(r->state, "asked"))
        return pd_fail(err, PD_CONFLICT, "the request %.*s is %.*s already", pd_arg(r->id),
                       pd_arg(r->state));
    return PD_OK;
}

enum pd_status govern_request_withdraw(struct govern *g, const struct govern_destruction *withdrawn,
                                       bool of_person, struct pd_arena *arena,
                                       const struct govern_outcome **out, struct pd_error *err) {
    struct key_request r;
    struct key_actor actor = {.party = withdrawn->party,
                              .member = withdrawn->member,
                              .private_key = withdrawn->private_key};
    struct act act = {.verb = LEDGER_REVOKE,
                      .outcome = LEDGER_OUTCOME_PERMIT,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_INTENT,
                      .object_id = withdrawn->id,
                      .effect = save_withdrawn,
                      .context = &r};
    pd_str words = {0};
    enum pd_status st = key_request_find(g, withdrawn->id, arena, &r, err);
    if (st == PD_OK)
        st = may_withdraw(&r, withdrawn->party, of_person, err);
    if (st == PD_OK)
        st = key_actor_find(g, &actor, NODE_STEWARD | NODE_OWNER | NODE_SUPERVISOR, arena, err);
    if (st == PD_OK) {
        words = pd_arena_printf(arena, "withdraw %.*s", pd_arg(r.id));
        st = words.data ? key_act_begin(g, &actor, words, &act, arena, err) : pd_fail_memory(err);
    }
    if (st == PD_OK)
        st = key_act_commit(g, &actor, "revoke", &act, arena, out, err);
    if (st != PD_OK)
        return st;
    st = key_finish(g, err);
    return st == PD_OK ? PD_OK : pd_wrap(err, "the act stands, and the next command finishes it");
}
