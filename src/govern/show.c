/* What is recorded of one act, or of one intent, for people and machines. */
#include "govern/key.h"
#include "govern/witnessed.h"

#include <jansson.h>

static const struct sql FIND_ACT = {
    .both = "SELECT a.id, a.verb, a.party_id, a.outcome, a.made_at, a.intent_id, a.rules_hash, "
            "a.plan_hash,"
            " a.version_hash, a.key_id, a.sealed_record, a.receipt FROM act a WHERE a.id = $1"};
static const struct sql LIST_ACTS = {
    .both = "SELECT id, verb, outcome FROM act WHERE intent_id = $1 ORDER BY id"};
static const struct sql LIST_ATTESTED = {
    .both =
        "SELECT name, party_id, made_at, expires_at FROM fact WHERE intent_id = $1 ORDER BY id"};

static void optional(struct pd_json *w, const char *key, pd_str value) {
    if (value.len)
        pd_json_member_str(w, key, value);
}

static enum pd_status write_clocks(struct govern *g, pd_str act, struct pd_arena *arena,
                                   struct pd_json *w, struct pd_error *err) {
    const struct govern_clock *clocks;
    size_t count;
    enum pd_status st = clock_list(g, act, arena, &clocks, &count, err);
    if (st != PD_OK)
        return st;
    pd_json_key(w, "clocks");
    pd_json_array(w);
    for (size_t i = 0; i < count; i++)
        govern_clock_write(&clocks[i], w);
    pd_json_array_end(w);
    return PD_OK;
}

/* Where witnesses count: whether a quorum has seen the act yet. */
static enum pd_status write_witnessed(struct govern *g, const struct govern_placed *placed,
                                      struct pd_arena *arena, struct pd_json *w,
                                      struct pd_error *err) {
    struct govern_policy policy;
    uint64_t size = 0;
    bool found = false;
    if (placed->log != LEDGER_PUBLIC)
        return PD_OK;
    enum pd_status st = govern_policy_find(g, arena, &policy, &found, err);
    if (st == PD_OK && found)
        st = witnessed_largest(g, WITNESSED_QUORUM, arena, &size, NULL, err);
    if (st == PD_OK && found)
        pd_json_member_bool(w, "witnessed", placed->size > 0 && size > placed->index);
    return st;
}

static enum pd_status write_act(struct govern *g, struct store_rows *rows, struct pd_arena *arena,
                                struct pd_json *w, struct pd_error *err) {
    pd_id key_id, act_id;
    struct store_key key;
    pd_str record = PD_STR("null"), erased = PD_STR("");
    if (!pd_id_parse(store_str(rows, 9), &key_id) || !pd_id_parse(store_str(rows, 0), &act_id))
        return pd_fail(err, PD_INTERNAL, "the row of the act is damaged");
    /* Of an erased record everything else stands. */
    enum pd_status st = key_destroyed_words(g, store_str(rows, 9), arena, &erased, err);
    if (st == PD_OK && !erased.len) {
        st = store_key_find(g->store, key_id, &key, err);
        if (st == PD_OK)
            st = store_unseal(&key, PD_STR("act.record"), store_str(rows, 10), arena, &record, err);
        crypto_wipe(&key, sizeof(key));
    }
    struct govern_placed placed = {0};
    if (st == PD_OK)
        st = integrate_placed(g, act_id, arena, &placed, err);
    if (st != PD_OK)
        return st;
    pd_json_object(w);
    pd_json_member_str(w, "act", store_str(rows, 0));
    pd_json_member_str(w, "verb", store_str(rows, 1));
    pd_json_member_str(w, "party", store_str(rows, 2));
    pd_json_member_str(w, "outcome", store_str(rows, 3));
    pd_json_key(w, "time");
    pd_json_time(w, store_i64(rows, 4));
    optional(w, "intent", store_str(rows, 5));
    optional(w, "rules", store_str(rows, 6));
    optional(w, "plan", store_str(rows, 7));
    optional(w, "version", store_str(rows, 8));
    pd_json_key(w, "log");
    pd_json_object(w);
    pd_json_member_text(w, "name", integrate_log_name(placed.log));
    pd_json_member_str(w, "shard", govern_shard_of(placed.name));
    pd_json_member_bool(w, "pending", placed.size == 0);
    pd_json_key(w, "index");
    pd_json_u64(w, placed.index);
    pd_json_key(w, "size");
    pd_json_u64(w, placed.size);
    st = write_witnessed(g, &placed, arena, w, err);
    pd_json_object_end(w);
    if (st != PD_OK)
        return st;
    optional(w, "erased", erased);
    pd_json_key(w, "record");
    pd_json_raw(w, record);
    st = write_clocks(g, store_str(rows, 0), arena, w, err);
    pd_json_member_str(w, "receipt", store_str(rows, 11));
    pd_json_object_end(w);
    return st;
}

static enum pd_status write_attested(struct govern *g, const struct store_value *intent,
                                     struct pd_json *w, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, LIST_ATTESTED, intent, 1, &rows, err);
    if (st != PD_OK)
        return st;
    pd_json_key(w, "attested");
    pd_json_array(w);
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        pd_json_object(w);
        pd_json_member_str(w, "name", store_str(rows, 0));
        pd_json_member_str(w, "by", store_str(rows, 1));
        pd_json_key(w, "at");
        pd_json_time(w, store_i64(rows, 2));
        if (store_i64(rows, 3)) {
            pd_json_key(w, "expires");
            pd_json_time(w, store_i64(rows, 3));
        }
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    store_rows_close(rows);
    return st;
}

static enum pd_status write_intent(struct govern *g, pd_id id, struct pd_arena *arena,
                                   struct pd_json *w, struct pd_error *err) {
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    json_t *request = NULL;
    pd_str state;
    struct store_value values[] = {STORE_STR(pd_str_from(text))};
    enum pd_status st = intent_open(g, id, arena, &request, &state, err);
    if (st != PD_OK)
        return st;
    pd_json_object(w);
    pd_json_member_text(w, "intent", text);
    pd_json_member_str(w, "state", state);
    pd_json_key(w, "request");
    pd_json_value(w, request);
    json_decref(request);
    st = write_attested(g, values, w, err);
    struct store_rows *rows = NULL;
    if (st == PD_OK)
        st = store_select(g->store, LIST_ACTS, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    pd_json_key(w, "acts");
    pd_json_array(w);
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        pd_json_object(w);
        pd_json_member_str(w, "act", store_str(rows, 0));
        pd_json_member_str(w, "verb", store_str(rows, 1));
        pd_json_member_str(w, "outcome", store_str(rows, 2));
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
    store_rows_close(rows);
    return st;
}

enum pd_status govern_act_write(struct govern *g, pd_id id, struct pd_json *w,
                                struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new(128 << 20);
    if (!arena)
        return pd_fail_memory(err);
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    struct store_value values[] = {STORE_STR(pd_str_from(text))};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_ACT, values, 1, &rows, err);
    if (st == PD_OK) {
        bool has;
        st = store_next(rows, &has, err);
        if (st == PD_OK && has) {
            st = write_act(g, rows, arena, w, err);
        } else if (st == PD_OK) {
            st = write_intent(g, id, arena, w, err);
            if (st == PD_NOT_FOUND)
                st = pd_fail(err, PD_NOT_FOUND, "there is no act or intent %s on this node", text);
        }
        store_rows_close(rows);
    }
    pd_arena_free(arena);
    return st;
}
