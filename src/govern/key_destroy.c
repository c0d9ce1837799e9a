/*
 * Destroying a key: one party asks, another agrees, and what the key sealed is gone, here and in
 * every backup of it, while the proofs stand. First the act, then the key store, then the files: if
 * that is cut off, the next opening goes on with it.
 */
#include "govern/key.h"

#include <jansson.h>
#include <string.h>

/* ---- The rows ---- */

static const struct sql INSERT_DESTROYED = {
    .both = "INSERT INTO key_destroyed (id, purpose, act_id, request_id, destroyed_at)"
            " VALUES ($1, $2, $3, $4, $5)"};

enum pd_status key_save_destroyed(struct govern *g, struct act *act, pd_str key_id, pd_str purpose,
                                  pd_str request, struct pd_error *err) {
    struct store_value values[] = {
        STORE_STR(key_id), STORE_STR(purpose), STORE_STR(govern_id_text(act->id, act->arena)),
        request.len ? STORE_STR(request) : STORE_NONE, STORE_I64(act->at)};
    enum pd_status st = store_run(g->store, INSERT_DESTROYED, values, 5, NULL, err);
    if (st == PD_CONFLICT)
        return pd_fail(err, PD_CONFLICT, "the key %.*s was destroyed meanwhile", pd_arg(key_id));
    return st == PD_OK ? act_wrote(g, act, "key_destroyed", key_id, err) : st;
}

static const struct sql INSERT_REMOVAL = {
    .both = "INSERT INTO removal (path, act_id) VALUES ($1, $2) ON CONFLICT (path) DO NOTHING"};

enum pd_status key_queue_removal(struct govern *g, const struct act *act, pd_str path,
                                 struct pd_error *err) {
    struct store_value values[] = {STORE_STR(path), STORE_STR(govern_id_text(act->id, act->arena))};
    return store_run(g->store, INSERT_REMOVAL, values, 2, NULL, err);
}

static const struct sql FIND_DESTROYED = {
    .both = "SELECT act_id, destroyed_at FROM key_destroyed WHERE id = $1"};

enum pd_status key_destroyed_words(struct govern *g, pd_str key_id, struct pd_arena *arena,
                                   pd_str *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(key_id)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, FIND_DESTROYED, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    *out = PD_STR("");
    st = store_next(rows, &has, err);
    if (st == PD_OK && has) {
        char day[PD_TIME_TEXT_SIZE];
        pd_time_write(store_i64(rows, 1), PD_TIME_SECONDS, day);
        *out = pd_arena_printf(arena, "destroyed by the act %.*s on %.10s",
                               pd_arg(store_str(rows, 0)), day);
        if (!out->data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

/* ---- Asking ---- */

static enum pd_status write_request(const struct govern_loss *loss, pd_str reason,
                                    struct pd_arena *arena, pd_str *json, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 1 << 16);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_i64(&w, "request", 1);
    pd_json_member_str(&w, "key", govern_id_text(loss->key, arena));
    pd_json_member_str(&w, "reason", reason);
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, json, err);
}

enum { REASON_MAX = 2000, REQUEST_BYTES_MAX = 1 << 16, DUTIES = 7 };

enum pd_status govern_key_ask(struct govern *g, const struct govern_destruction *asked,
                              struct pd_arena *arena, pd_id *request,
                              const struct govern_outcome **out, struct pd_error *err) {
    struct key_actor actor = {
        .party = asked->party, .member = asked->member, .private_key = asked->private_key};
    const struct govern_loss *loss;
    pd_str json;
    if (asked->reason.len == 0 || asked->reason.len > REASON_MAX ||
        !pd_utf8_valid(asked->reason, NULL))
        return pd_fail(err, PD_USAGE,
                       "say why it is to be destroyed (--reason): 1 to %d bytes of UTF-8",
                       REASON_MAX);
    enum pd_status st = key_actor_find(g, &actor, DUTIES, arena, err);
    if (st == PD_OK)
        st = govern_key_loss(g, asked->id, arena, &loss, err);
    if (st == PD_OK)
        st = write_request(loss, asked->reason, arena, &json, err);
    return st == PD_OK
               ? key_request_ask(g, &actor, "destroy", json, &loss->key, arena, request, out, err)
               : st;
}

/* ---- What was asked ---- */

static enum pd_status read_request(const struct key_request *r, struct pd_arena *arena, pd_id *key,
                                   pd_str *reason, struct pd_error *err) {
    json_t *json = NULL;
    if (!r->json.data)
        return pd_fail(err, PD_NOT_FOUND, "what %.*s asks for was erased", pd_arg(r->id));
    enum pd_status st = pd_json_parse(r->json, REQUEST_BYTES_MAX, 4, &json, err);
    if (st != PD_OK)
        return st;
    const json_t *id = json_object_get(json, "key"), *why = json_object_get(json, "reason");
    pd_str text = {json_string_value(id), json_string_length(id)};
    if (!json_is_string(id) || !json_is_string(why) || !pd_id_parse(text, key))
        st = pd_fail(err, PD_INTERNAL, "the request %.*s names no key", pd_arg(r->id));
    else
        *reason = pd_arena_str(arena, (pd_str){json_string_value(why), json_string_length(why)});
    json_decref(json);
    return st == PD_OK && !reason->data ? pd_fail_memory(err) : st;
}

enum pd_status govern_key_request_find(struct govern *g, pd_id id, struct pd_arena *arena,
                                       const struct govern_key_request **out,
                                       struct pd_error *err) {
    struct govern_key_request *result = pd_arena_alloc(arena, sizeof(*result));
    struct key_request r;
    if (!result)
        return pd_fail_memory(err);
    enum pd_status st = key_request_find(g, id, arena, &r, err);
    if (st != PD_OK)
        return st;
    *result = (struct govern_key_request){.id = id,
                                          .kind = r.kind,
                                          .party = r.party,
                                          .member = r.member,
                                          .state = r.state,
                                          .reason = PD_STR(""),
                                          .asked_at = r.asked_at};
    pd_id key;
    if (pd_str_is(r.kind, "destroy") && pd_str_is(r.state, "asked")) {
        st = read_request(&r, arena, &key, &result->reason, err);
        if (st == PD_OK)
            st = govern_key_loss(g, key, arena, &result->loss, err);
    }
    if (st == PD_OK)
        *out = result;
    return st;
}

/* ---- Agreeing ---- */

struct agreeing {
    struct key_request request;
    const struct govern_loss *loss;
    pd_str key;
    pd_str reason;
};

static const struct sql RETIRE = {
    .both = "UPDATE signing_key SET destroyed_at = $2, destroyed_by = $3, to_size = (SELECT l.size "
            "FROM log l WHERE signing_key.holder = 'log/' || l.name) WHERE id = $1"};
static const struct sql LIST_ADDRESSES = {
    .both = "SELECT address FROM distribution WHERE key_id = $1 UNION SELECT original_address FROM "
            "version WHERE key_id = $1 AND original_address IS NOT NULL"
            " UNION SELECT address FROM person_index WHERE key_id = $1"};
/* What was never released can't be any more. */
static const struct sql GIVE_UP_RELEASE = {
    .both = "DELETE FROM outbox WHERE done_at IS NULL AND distribution_id IN (SELECT id FROM "
            "distribution WHERE key_id = $1)"};

enum pd_status key_queue_sealed(struct govern *g, const struct act *act, pd_str key_id,
                                struct pd_error *err) {
    struct store_value values[] = {STORE_STR(key_id)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, LIST_ADDRESSES, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        pd_str address = pd_arena_str(act->arena, store_str(rows, 0));
        st = address.data ? key_queue_removal(g, act, address, err) : pd_fail_memory(err);
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    return st == PD_OK ? store_run(g->store, GIVE_UP_RELEASE, values, 1, NULL, err) : st;
}

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    const struct agreeing *a = context;
    enum pd_status st = key_request_move(g, act, a->request.id, "asked", "done", err);
    if (st == PD_OK)
        st = key_save_destroyed(g, act, a->key, a->loss->purpose, a->request.id, err);
    if (st == PD_OK)
        st = key_queue_sealed(g, act, a->key, err);
    struct store_value retired[] = {STORE_STR(a->key), STORE_I64(act->at),
                                    STORE_STR(govern_id_text(act->id, act->arena))};
    int64_t changed = 0;
    if (st == PD_OK)
        st = store_run(g->store, RETIRE, retired, 3, &changed, err);
    return st == PD_OK && changed ? act_wrote(g, act, "signing_key", a->key, err) : st;
}

/* What the leaf speaks of: the version that is gone, or the key. */
static void name_object(const struct agreeing *a, struct act *act) {
    act->has_object = true;
    act->object_kind = LEDGER_KIND_KEY;
    act->object_id = a->loss->key;
    for (size_t i = 0; i < a->loss->lost_count; i++) {
        const struct govern_lost *l = &a->loss->lost[i];
        bool is_signing = strcmp(l->kind, "log") == 0 || strcmp(l->kind, "receipts") == 0;
        act->is_disclosed = act->is_disclosed || is_signing;
        enum ledger_kind kind =
            strcmp(l->kind, "distribution") == 0 ? LEDGER_KIND_DISTRIBUTION : LEDGER_KIND_VERSION;
        if (strcmp(l->kind, ledger_kind_name(kind)) == 0 && pd_id_parse(l->id, &act->object_id))
            act->object_kind = kind;
    }
    act->is_disclosed = act->is_disclosed || a->loss->is_disclosed;
}

/* The checkpoint that a log publishes must not need the key that goes. */
static enum pd_status republish(struct govern *g, const struct govern_loss *loss,
                                struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < loss->lost_count; i++) {
        const struct govern_lost *l = &loss->lost[i]; /* its name is the holder: log/NAME */
        if (strcmp(l->kind, "log") == 0)
            st = integrate_republish(g, pd_str_sub(l->name, 4, l->name.len), err);
        else if (strcmp(l->kind, "receipts") == 0)
            st = integrate_republish(g, PD_STR("public"), err);
    }
    return st;
}

enum pd_status govern_key_agree(struct govern *g, const struct govern_destruction *agreed,
                                struct pd_arena *arena, const struct govern_outcome **out,
                                struct pd_error *err) {
    struct agreeing a = {0};
    struct key_actor actor = {
        .party = agreed->party, .member = agreed->member, .private_key = agreed->private_key};
    struct act act = {.verb = LEDGER_DESTROY_KEY,
                      .outcome = LEDGER_OUTCOME_PERMIT,
                      .effect = save,
                      .context = &a};
    pd_id key;
    pd_str words = {0};
    enum pd_status st = key_request_find(g, agreed->id, arena, &a.request, err);
    if (st == PD_OK)
        st = key_request_check(&a.request, "destroy", agreed->party, err);
    if (st == PD_OK)
        st = key_actor_find(g, &actor, DUTIES, arena, err);
    if (st == PD_OK)
        st = read_request(&a.request, arena, &key, &a.reason, err);
    if (st == PD_OK)
        st = govern_key_loss(g, key, arena, &a.loss, err);
    if (st == PD_OK)
        st = republish(g, a.loss, err);
    if (st == PD_OK) {
        a.key = govern_id_text(key, arena);
        words = pd_arena_printf(arena, "destroy %.*s\nrequest %.*s", pd_arg(a.key),
                                pd_arg(a.request.id));
        st = words.data ? PD_OK : pd_fail_memory(err);
    }
    if (st == PD_OK) {
        name_object(&a, &act);
        st = key_act_begin(g, &actor, words, &act, arena, err);
    }
    if (st == PD_OK)
        st = record_commit_text(&act, LEDGER_FIELD_EVIDENCE, a.reason, arena, err);
    if (st == PD_OK)
        st = key_act_commit(g, &actor, "revoke", &act, arena, out, err);
    if (st != PD_OK)
        return st;
    st = key_finish(g, err);
    if (st == PD_OK)
        st = republish(g, a.loss, err); /* which names the sizes that the key signed */
    return st == PD_OK ? PD_OK : pd_wrap(err, "the act stands, and the next command finishes it");
}

/* ---- Once the act stands ---- */

static const struct sql NEXT_REMOVAL = {
    .both = "SELECT path FROM removal WHERE done_at IS NULL ORDER BY path LIMIT 1"};
static const struct sql REMOVED = {.both = "UPDATE removal SET done_at = $2 WHERE path = $1"};

struct removing {
    pd_str path;
    pd_time now;
};

static enum pd_status mark_removed(struct store *store, void *context, struct pd_error *err) {
    const struct removing *r = context;
    struct store_value values[] = {STORE_STR(r->path), STORE_I64(r->now)};
    return store_run(store, REMOVED, values, 2, NULL, err);
}

static enum pd_status remove_next(struct govern *g, struct pd_arena *arena, bool *more,
                                  struct pd_error *err) {
    struct removing r = {.now = pd_clock_now(&g->clock)};
    struct store_rows *rows;
    crypto_hash address;
    enum pd_status st = store_select(g->store, NEXT_REMOVAL, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, more, err);
    if (st == PD_OK && *more)
        r.path = pd_arena_str(arena, store_str(rows, 0));
    store_rows_close(rows);
    if (st != PD_OK || !*more)
        return st;
    if (!r.path.data)
        return pd_fail_memory(err);
    bool is_sealed = pd_hex_decode(r.path, address.bytes, sizeof(address.bytes));
    st = is_sealed ? store_vault_remove(g->store, address, err)
                   : store_file_remove(g->store, r.path.data, err);
    return st == PD_OK ? store_transact(g->store, mark_removed, &r, err) : st;
}

enum pd_status key_finish(struct govern *g, struct pd_error *err) {
    enum pd_status st = key_settle(g, true, err);
    struct pd_arena *arena = pd_arena_new(1 << 20);
    if (st == PD_OK && !arena)
        st = pd_fail_memory(err);
    for (bool more = true; st == PD_OK && more;) {
        struct pd_mark mark = pd_arena_mark(arena);
        st = remove_next(g, arena, &more, err);
        pd_arena_reset(arena, mark);
    }
    pd_arena_free(arena);
    return st;
}
