/* Proofs for people who were not there: inclusion of an act, growth of a log, and what a log holds.
 */
#include "govern/govern_impl.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static struct ledger_tiles *tiles_of(struct integrate_tiles *where, uint64_t size,
                                     struct pd_arena *arena) {
    struct ledger_tiles *tiles = pd_arena_alloc(arena, sizeof(*tiles));
    if (tiles)
        *tiles = (struct ledger_tiles){.size = size, .fetch = integrate_fetch, .context = where};
    return tiles;
}

enum pd_status govern_prove(struct govern *g, pd_id act, struct pd_arena *arena, pd_str *proof,
                            pd_str *leaf, struct pd_error *err) {
    struct govern_placed placed;
    struct integrate_log log;
    enum ledger_log which;
    enum pd_status st = integrate_leaf_of(g, act, arena, &which, leaf, err);
    if (st == PD_OK)
        st = integrate_placed(g, act, &placed, err);
    if (st == PD_OK)
        st = integrate_log_load(g, which, arena, &log, err);
    if (st != PD_OK)
        return st;
    if (placed.size == 0 || log.published != log.edge.size)
        return pd_fail(err, PD_UNAVAILABLE,
                       "proof pending: the act is not yet in a published checkpoint");
    struct integrate_tiles where = {g, which};
    struct ledger_tiles *tiles = tiles_of(&where, log.edge.size, arena);
    struct ledger_offline *offline = pd_arena_alloc(arena, sizeof(*offline));
    if (!tiles || !offline)
        return pd_fail_memory(err);
    struct ledger_reader reader = ledger_tiles_reader(tiles);
    crypto_hash hash;
    *offline = (struct ledger_offline){.index = placed.index, .checkpoint = log.checkpoint};
    st = ledger_prove_inclusion(&reader, placed.index, log.edge.size, &offline->proof, err);
    /* What comes from tiles is unproven until it verifies: a damaged tile is told here, not at the
     * reader's. */
    if (st == PD_OK)
        st = ledger_hash_leaf(*leaf, &hash, err);
    if (st == PD_OK)
        st = ledger_offline_verify(offline, &hash, log.origin, &log.vkey, NULL, err);
    struct pd_buf buf;
    pd_buf_init(&buf, LEDGER_OFFLINE_MAX);
    if (st == PD_OK)
        st = ledger_offline_write(offline, &buf, err);
    if (st == PD_OK)
        st = pd_buf_check(&buf, err);
    if (st == PD_OK) {
        *proof = pd_arena_str(arena, pd_buf_view(&buf));
        if (!proof->data)
            st = pd_fail_memory(err);
    }
    pd_buf_clear(&buf);
    return st;
}

enum pd_status govern_prove_growth(struct govern *g, enum ledger_log which, uint64_t from,
                                   uint64_t to, struct pd_arena *arena, pd_str *proof,
                                   struct pd_error *err) {
    struct integrate_log log;
    enum pd_status st = integrate_log_load(g, which, arena, &log, err);
    if (st != PD_OK)
        return st;
    if (to == 0)
        to = log.published;
    if (from == 0 || from > to || to > log.published)
        return pd_fail(err, PD_INVALID,
                       "sizes must be 1 <= from <= to <= %llu, the published size of the log",
                       (unsigned long long)log.published);
    struct integrate_tiles where = {g, which};
    struct ledger_tiles *tiles = tiles_of(&where, log.published, arena);
    struct ledger_proof *hashes = pd_arena_alloc(arena, sizeof(*hashes));
    if (!tiles || !hashes)
        return pd_fail_memory(err);
    struct ledger_reader reader = ledger_tiles_reader(tiles);
    st = ledger_prove_consistency(&reader, from, to, hashes, err);
    if (st != PD_OK)
        return st;
    pd_str text = PD_STR("");
    for (size_t i = 0; i < hashes->count; i++) {
        char base64[48];
        pd_base64_encode(hashes->hashes[i].bytes, CRYPTO_HASH_SIZE, base64);
        text = pd_arena_printf(arena, "%.*s%s\n", pd_arg(text), base64);
    }
    *proof = text;
    return text.data ? PD_OK : pd_fail_memory(err);
}

static const struct sql LIST_LEAVES = {.both = "SELECT leaf_index, bytes FROM leaf WHERE log = $1 "
                                               "AND leaf_index >= $2 ORDER BY leaf_index LIMIT $3"};

enum pd_status govern_log_write(struct govern *g, enum ledger_log which, uint64_t from,
                                uint64_t count, struct pd_json *w, struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new(64 << 20);
    if (!arena)
        return pd_fail_memory(err);
    struct integrate_log log;
    enum pd_status st = integrate_log_load(g, which, arena, &log, err);
    if (st == PD_OK && from == UINT64_MAX)
        from = log.edge.size > count ? log.edge.size - count : 0;
    struct store_value values[] = {STORE_STR(pd_str_from(integrate_log_name(which))),
                                   STORE_I64(from > INT64_MAX ? INT64_MAX : (int64_t)from),
                                   STORE_I64(count > 10000 ? 10000 : (int64_t)count)};
    struct store_rows *rows = NULL;
    if (st == PD_OK)
        st = store_select(g->store, LIST_LEAVES, values, 3, &rows, err);
    if (st == PD_OK) {
        pd_json_object(w);
        pd_json_member_str(w, "origin", log.origin);
        pd_json_member_str(w, "vkey", log.vkey_text);
        pd_json_key(w, "size");
        pd_json_u64(w, log.edge.size);
        pd_json_member_str(w, "checkpoint", log.checkpoint);
        pd_json_key(w, "leaves");
        pd_json_array(w);
        bool has;
        while ((st = store_next(rows, &has, err)) == PD_OK && has) {
            pd_json_object(w);
            pd_json_member_i64(w, "index", store_i64(rows, 0));
            pd_json_key(w, "leaf");
            pd_json_raw(w, store_str(rows, 1));
            pd_json_object_end(w);
        }
        pd_json_array_end(w);
        pd_json_object_end(w);
    }
    store_rows_close(rows);
    pd_arena_free(arena);
    return st;
}

/* ---- One act, or one intent ---- */

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

static enum pd_status write_act(struct govern *g, struct store_rows *rows, struct pd_arena *arena,
                                struct pd_json *w, struct pd_error *err) {
    pd_id key_id, act_id;
    struct store_key key;
    pd_str record = PD_STR("null");
    if (!pd_id_parse(store_str(rows, 9), &key_id) || !pd_id_parse(store_str(rows, 0), &act_id))
        return pd_fail(err, PD_INTERNAL, "the row of the act is damaged");
    enum pd_status st = store_key_find(g->store, key_id, &key, err);
    if (st == PD_OK)
        st = store_unseal(&key, PD_STR("act.record"), store_str(rows, 10), arena, &record, err);
    struct govern_placed placed = {0};
    if (st == PD_OK)
        st = integrate_placed(g, act_id, &placed, err);
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
    pd_json_member_bool(w, "pending", placed.size == 0);
    pd_json_key(w, "index");
    pd_json_u64(w, placed.index);
    pd_json_key(w, "size");
    pd_json_u64(w, placed.size);
    pd_json_object_end(w);
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
