/*
 * A new key for a party that lost its own. The party asks itself: it can't sign, so what counts is
 * the other party, which makes sure in its own way who is asking, agrees and signs. So no two
 * parties can make themselves a third, and a thief of a key can't keep it by asking first: the
 * party withdraws what it didn't ask.
 */
#include "govern/key.h"

#include <jansson.h>
#include <string.h>

enum { REASON_MAX = 2000, REQUEST_BYTES_MAX = 1 << 16 };

struct renewing {
    struct key_request request;
    struct key_change change;
    pd_str party, old, vkey, reason; /* as asked */
};

/* ---- What it changes ---- */

static const struct sql COUNT_ATTESTED = {
    .both = "SELECT COUNT(*), COALESCE(MAX(made_at), 0), (SELECT COUNT(*) FROM party WHERE id <> $1)"
            " FROM fact WHERE party_id = $1 AND made_at >= $2"};

static enum pd_status count_attested(struct govern *g, struct govern_renewing *r,
                                     struct pd_error *err) {
    struct store_value values[] = {STORE_STR(r->party), STORE_I64(r->since)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, COUNT_ATTESTED, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has) {
        r->attested = (uint64_t)store_i64(rows, 0);
        r->attested_at = store_i64(rows, 1);
        r->others = (uint64_t)store_i64(rows, 2);
    }
    store_rows_close(rows);
    return st;
}

enum pd_status govern_renewing_find(struct govern *g, pd_str party, pd_str vkey,
                                    struct pd_arena *arena, const struct govern_renewing **out,
                                    struct pd_error *err) {
    struct govern_renewing *r = pd_arena_alloc(arena, sizeof(*r));
    pd_str holder = pd_arena_printf(arena, "party/%.*s", pd_arg(party));
    struct key_current now;
    if (!r || !holder.data)
        return pd_fail_memory(err);
    enum pd_status st = key_current_find(g, holder, arena, &now, err);
    if (st == PD_OK && vkey.len)
        st = key_party_vkey_check(g, party, vkey, arena, err);
    if (st == PD_OK && pd_str_eq(vkey, now.vkey))
        st = pd_fail(err, PD_INVALID, "that is the key which \"%.*s\" has", pd_arg(party));
    if (st != PD_OK)
        return st;
    *r = (struct govern_renewing){
        .party = now.name, .old_vkey = now.vkey, .vkey = vkey, .since = now.since};
    st = count_attested(g, r, err);
    if (st == PD_OK && r->others == 0)
        st = pd_fail(err, PD_CONFLICT,
                     "there is no other party that could agree; register one first (polder party "
                     "register)");
    if (st == PD_OK)
        *out = r;
    return st;
}

/* ---- Asking ---- */

static enum pd_status write_request(const struct govern_renewing *now, pd_str reason,
                                    struct pd_arena *arena, pd_str *json, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, REQUEST_BYTES_MAX);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_i64(&w, "request", 1);
    pd_json_member_str(&w, "holder", now->party);
    pd_json_member_str(&w, "old", now->old_vkey);
    pd_json_member_str(&w, "vkey", now->vkey);
    pd_json_member_str(&w, "reason", reason);
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, json, err);
}

enum pd_status govern_renewal_ask(struct govern *g, const struct govern_renewal *renewal,
                                  struct pd_arena *arena, pd_id *request,
                                  const struct govern_outcome **out, struct pd_error *err) {
    struct key_actor actor = {
        .party = renewal->party, .member = renewal->member, .is_unsigned = true};
    const struct govern_renewing *now;
    pd_str json;
    if (renewal->reason.len == 0 || renewal->reason.len > REASON_MAX ||
        !pd_utf8_valid(renewal->reason, NULL))
        return pd_fail(err, PD_USAGE,
                       "say how the key was lost (--reason): 1 to %d bytes of UTF-8", REASON_MAX);
    enum pd_status st =
        key_actor_find(g, &actor, NODE_STEWARD | NODE_OWNER | NODE_SUPERVISOR, arena, err);
    if (st == PD_OK)
        st = govern_renewing_find(g, renewal->party, renewal->vkey, arena, &now, err);
    if (st == PD_OK)
        st = write_request(now, renewal->reason, arena, &json, err);
    return st == PD_OK
               ? key_request_ask(g, &actor, "create", json, NULL, arena, request, out, err)
               : st;
}

/* ---- What was asked ---- */

static enum pd_status read_request(struct govern *g, pd_id id, struct pd_arena *arena,
                                   struct renewing *r, struct pd_error *err) {
    static const char *const names[] = {"holder", "old", "vkey", "reason"};
    pd_str *const texts[] = {&r->party, &r->old, &r->vkey, &r->reason};
    json_t *json = NULL;
    enum pd_status st = key_request_find(g, id, arena, &r->request, err);
    if (st == PD_OK && !pd_str_is(r->request.kind, "create"))
        st = pd_fail(err, PD_USAGE, "%.*s is a request to %.*s, not for a new key",
                     pd_arg(r->request.id), pd_arg(r->request.kind));
    if (st == PD_OK && !pd_str_is(r->request.state, "asked"))
        st = pd_fail(err, PD_CONFLICT, "the request %.*s is %.*s already", pd_arg(r->request.id),
                     pd_arg(r->request.state));
    if (st == PD_OK)
        st = pd_json_parse(r->request.json, REQUEST_BYTES_MAX, 4, &json, err);
    for (size_t i = 0; st == PD_OK && i < sizeof(names) / sizeof(*names); i++) {
        const json_t *v = json_object_get(json, names[i]);
        *texts[i] = pd_arena_str(arena, (pd_str){json_string_value(v), json_string_length(v)});
        if (!texts[i]->data)
            st = pd_fail_memory(err);
    }
    json_decref(json);
    return st;
}

enum pd_status govern_renewal_request(struct govern *g, pd_id request, struct pd_arena *arena,
                                      const struct govern_renewing **out, pd_str *reason,
                                      struct pd_error *err) {
    struct renewing r = {0};
    enum pd_status st = read_request(g, request, arena, &r, err);
    if (st == PD_OK)
        st = govern_renewing_find(g, r.party, r.vkey, arena, out, err);
    if (st == PD_OK)
        *reason = r.reason;
    return st;
}

/* ---- Agreeing ---- */

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    struct renewing *r = context;
    enum pd_status st = key_request_move(g, act, r->request.id, "asked", "done", err);
    return st == PD_OK ? key_change_save(&r->change, g, act, err) : st;
}

/* The key that is to come: the party's own, or one made here to be handed over. */
static enum pd_status find_new(struct govern *g, struct renewing *r, struct pd_arena *arena,
                               struct pd_error *err) {
    struct key_change *c = &r->change;
    pd_str holder = pd_arena_printf(arena, "party/%.*s", pd_arg(r->party));
    enum pd_status st =
        holder.data ? key_current_find(g, holder, arena, &c->old, err) : pd_fail_memory(err);
    if (st == PD_OK && !pd_str_eq(c->old.vkey, r->old))
        st = pd_fail(err, PD_CONFLICT,
                     "the key of \"%.*s\" was replaced since it asked for a new one",
                     pd_arg(r->party));
    if (st != PD_OK)
        return st;
    if (r->vkey.len == 0)
        return key_change_party(g, c, arena, err);
    c->new_vkey = r->vkey;
    c->new_id = govern_id_text(crypto_id(pd_clock_now(&g->clock)), arena);
    return c->new_id.data ? PD_OK : pd_fail_memory(err);
}

enum pd_status govern_renewal_agree(struct govern *g, const struct govern_destruction *agreed,
                                    struct pd_arena *arena, const struct govern_rotated **out,
                                    struct pd_error *err) {
    struct renewing r = {0};
    struct key_actor actor = {
        .party = agreed->party, .member = agreed->member, .private_key = agreed->private_key};
    struct act act = {.verb = LEDGER_CREATE_KEY,
                      .outcome = LEDGER_OUTCOME_PERMIT,
                      .is_disclosed = true,
                      .has_object = true,
                      .object_kind = LEDGER_KIND_KEY,
                      .effect = save,
                      .context = &r};
    const struct govern_outcome *outcome;
    pd_str words = {0};
    enum pd_status st = read_request(g, agreed->id, arena, &r, err);
    if (st == PD_OK)
        st = key_request_check(&r.request, "create", agreed->party, err);
    if (st == PD_OK)
        st = key_actor_find(g, &actor, NODE_STEWARD | NODE_OWNER | NODE_SUPERVISOR, arena, err);
    if (st == PD_OK)
        st = find_new(g, &r, arena, err);
    if (st == PD_OK) {
        act.vkey = r.change.new_vkey;
        words = pd_arena_printf(arena, "create party/%.*s\nold %.*s\nnew %.*s\nrequest %.*s",
                                pd_arg(r.party), pd_arg(r.old), pd_arg(r.change.new_vkey),
                                pd_arg(r.request.id));
        if (!words.data || !pd_id_parse(r.change.new_id, &act.object_id))
            st = pd_fail_memory(err);
    }
    if (st == PD_OK)
        st = key_act_begin(g, &actor, words, &act, arena, err);
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_EVIDENCE, r.reason, arena, err);
    if (st == PD_OK)
        st = key_act_commit(g, &actor, "register", &act, arena, &outcome, err);
    if (st == PD_OK)
        return key_change_tell(&r.change, outcome, NULL, arena, out, err);
    if (r.change.file.len)
        key_change_give_up(g, &r.change, arena);
    return st;
}
