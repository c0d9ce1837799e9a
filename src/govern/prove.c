/* Proofs for people who were not there: inclusion of an act, growth of a log, and what a log holds.
 */
#include "govern/shard.h"
#include "govern/witnessed.h"

#include <stdio.h>
#include <string.h>

static struct ledger_tiles *tiles_of(struct integrate_tiles *where, uint64_t size,
                                     struct pd_arena *arena) {
    struct ledger_tiles *tiles = pd_arena_alloc(arena, sizeof(*tiles));
    if (tiles)
        *tiles = (struct ledger_tiles){.size = size, .fetch = integrate_fetch, .context = where};
    return tiles;
}

/* ---- Inclusion ---- */

/* A leaf in a tree of its log, to be proven. */
struct inclusion {
    struct integrate_log log;
    struct integrate_leaf leaf;
    uint64_t size;
    pd_str checkpoint; /* of that size */
};

/* From the tiles; of a leaf that stayed in a pruned shard, as it was kept with it. */
static enum pd_status make_path(struct govern *g, const struct inclusion *in,
                                struct pd_arena *arena, struct ledger_proof *out,
                                struct pd_error *err) {
    if (in->leaf.proof.data) {
        out->count = in->leaf.proof.len / CRYPTO_HASH_SIZE;
        if (out->count > LEDGER_PROOF_MAX || in->leaf.proof.len % CRYPTO_HASH_SIZE)
            return pd_fail(err, PD_INTERNAL, "the proof kept with the leaf is damaged");
        memcpy(out->hashes, in->leaf.proof.data, in->leaf.proof.len);
        return PD_OK;
    }
    struct integrate_tiles where = {g, in->log.folder};
    struct ledger_tiles *tiles = tiles_of(&where, in->log.published, arena);
    if (!tiles)
        return pd_fail_memory(err);
    struct ledger_reader reader = ledger_tiles_reader(tiles);
    return ledger_prove_inclusion(&reader, in->leaf.index, in->size, out, err);
}

static enum pd_status write_proof(struct govern *g, const struct inclusion *in,
                                  struct pd_arena *arena, pd_str *proof, struct pd_error *err) {
    struct ledger_offline *offline = pd_arena_alloc(arena, sizeof(*offline));
    crypto_hash hash;
    if (!offline)
        return pd_fail_memory(err);
    *offline = (struct ledger_offline){.index = in->leaf.index, .checkpoint = in->checkpoint};
    enum pd_status st = make_path(g, in, arena, &offline->proof, err);
    /* What comes from tiles is unproven until it verifies: a damaged tile is told here, not at the
     * reader's. */
    if (st == PD_OK)
        st = ledger_hash_leaf(in->leaf.bytes, &hash, err);
    if (st == PD_OK)
        st = ledger_offline_verify(offline, &hash, in->log.origin, &in->log.vkey, NULL, err);
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

static enum pd_status find_inclusion(struct govern *g, pd_id act, struct pd_arena *arena,
                                     struct inclusion *out, struct pd_error *err) {
    enum pd_status st = integrate_leaf_of(g, act, arena, &out->leaf, err);
    if (st == PD_OK)
        st = integrate_log_load(g, out->leaf.log, arena, &out->log, err);
    if (st != PD_OK)
        return st;
    if (!out->leaf.has_index || out->log.published != out->log.edge.size)
        return pd_fail(err, PD_UNAVAILABLE,
                       "proof pending: the act is not yet in a published checkpoint");
    out->size = out->log.edge.size;
    out->checkpoint = out->log.checkpoint;
    return PD_OK;
}

/* Where the node has a policy, what stands in the public log is proven by a checkpoint that a
 * quorum cosigned, or not yet: the receipt's promise is completed then. */
static enum pd_status take_witnessed(struct govern *g, struct pd_arena *arena, struct inclusion *in,
                                     struct pd_error *err) {
    struct govern_policy policy;
    struct ledger_checkpoint checkpoint;
    struct ledger_witnessed witnessed;
    uint64_t size = 0;
    bool found = false;
    pd_str note;
    enum pd_status st = govern_policy_find(g, arena, &policy, &found, err);
    if (st != PD_OK || !found)
        return st;
    st = witnessed_largest(g, WITNESSED_QUORUM, arena, &size, &note, err);
    if (st != PD_OK)
        return st;
    if (size <= in->leaf.index)
        return pd_fail(
            err, PD_UNAVAILABLE,
            "proof pending: the act is in the log, but no quorum of witnesses has cosigned "
            "that yet (polder ledger witness asks them; --unwitnessed doesn't wait)");
    if (ledger_policy_verify(policy.policy, note, &checkpoint, &witnessed, err) != PD_OK)
        return pd_fail(err, PD_UNAVAILABLE,
                       "proof pending: the last witnessed checkpoint doesn't hold under the policy "
                       "in force (polder ledger witness asks for a new one)");
    in->size = size;
    in->checkpoint = note;
    return PD_OK;
}

enum pd_status govern_place(struct govern *g, pd_id act, struct pd_arena *arena,
                            struct govern_placed *out, struct pd_error *err) {
    return integrate_placed(g, act, arena, out, err);
}

static enum pd_status prove(struct govern *g, pd_id act, bool is_witnessed, struct pd_arena *arena,
                            pd_str *proof, pd_str *leaf, struct pd_error *err) {
    struct inclusion *in = pd_arena_alloc(arena, sizeof(*in));
    if (!in)
        return pd_fail_memory(err);
    enum pd_status st = find_inclusion(g, act, arena, in, err);
    if (st == PD_OK && is_witnessed && in->leaf.kind == LEDGER_PUBLIC)
        st = take_witnessed(g, arena, in, err);
    if (st == PD_OK)
        st = write_proof(g, in, arena, proof, err);
    if (st == PD_OK)
        *leaf = in->leaf.bytes;
    return st;
}

enum pd_status govern_prove(struct govern *g, pd_id act, struct pd_arena *arena, pd_str *proof,
                            pd_str *leaf, struct pd_error *err) {
    return prove(g, act, true, arena, proof, leaf, err);
}

enum pd_status govern_prove_unwitnessed(struct govern *g, pd_id act, struct pd_arena *arena,
                                        pd_str *proof, pd_str *leaf, struct pd_error *err) {
    return prove(g, act, false, arena, proof, leaf, err);
}

/* The first anchor that covers the leaf says how early it was there; of a pruned shard only the
 * last one can be led to. */
static const struct shard_anchor *choose_anchor(const struct inclusion *in,
                                                const struct shard_anchor *anchors, size_t count) {
    if (in->log.pruned_at)
        return count ? &anchors[count - 1] : NULL;
    for (size_t i = 0; i < count; i++)
        if (anchors[i].size > in->leaf.index)
            return &anchors[i];
    return NULL;
}

enum pd_status govern_prove_anchored(struct govern *g, pd_id act, struct pd_arena *arena,
                                     struct govern_two_steps *out, struct pd_error *err) {
    struct inclusion *in = pd_arena_alloc(arena, sizeof(*in));
    const struct shard_anchor *anchors = NULL;
    size_t count = 0;
    pd_id anchor_act;
    if (!in)
        return pd_fail_memory(err);
    struct govern_two_steps two = {{0}};
    enum pd_status st = find_inclusion(g, act, arena, in, err);
    if (st == PD_OK && in->leaf.kind == LEDGER_PUBLIC)
        return pd_fail(err, PD_USAGE, "the act is in the public log: one proof is enough");
    if (st == PD_OK)
        st = shard_anchors(g, in->log.name, arena, &anchors, &count, err);
    const struct shard_anchor *a = st == PD_OK ? choose_anchor(in, anchors, count) : NULL;
    if (st == PD_OK && !a)
        return pd_fail(err, PD_UNAVAILABLE,
                       "the public log has not been told of this act's shard since; that happens "
                       "once a day, or by: polder ledger anchor");
    if (st != PD_OK)
        return st;
    if (!pd_id_parse(a->act, &anchor_act))
        return pd_fail(err, PD_INTERNAL, "the row of the anchor %.*s is damaged", pd_arg(a->act));
    in->size = a->size;
    in->checkpoint = a->checkpoint;
    two.leaf = in->leaf.bytes;
    st = write_proof(g, in, arena, &two.proof, err);
    if (st == PD_OK)
        st = govern_prove(g, anchor_act, arena, &two.anchor_proof, &two.anchor_leaf, err);
    if (st == PD_OK)
        *out = two;
    return st;
}

/* ---- Growth ---- */

enum pd_status govern_prove_growth(struct govern *g, pd_str which, uint64_t from, uint64_t to,
                                   struct pd_arena *arena, pd_str *proof, struct pd_error *err) {
    struct integrate_log log;
    enum pd_status st = integrate_log_load(g, which, arena, &log, err);
    if (st != PD_OK)
        return st;
    if (log.pruned_at)
        return pd_fail(err, PD_UNAVAILABLE,
                       "the log %.*s was pruned: its tree can't be proven to have grown any more",
                       pd_arg(log.name));
    if (to == 0)
        to = log.published;
    if (from == 0 || from > to || to > log.published)
        return pd_fail(err, PD_INVALID,
                       "sizes must be 1 <= from <= to <= %llu, the published size of the log",
                       (unsigned long long)log.published);
    struct integrate_tiles where = {g, log.folder};
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

/* ---- What a log holds ---- */

static const struct sql LIST_LEAVES = {.both = "SELECT leaf_index, bytes FROM leaf WHERE log = $1 "
                                               "AND leaf_index >= $2 AND leaf_index < $4 ORDER BY leaf_index LIMIT $3"};

enum pd_status govern_log_write(struct govern *g, pd_str which, uint64_t from, uint64_t count,
                                struct pd_json *w, struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new(64 << 20);
    if (!arena)
        return pd_fail_memory(err);
    struct integrate_log log;
    enum pd_status st = integrate_log_load(g, which, arena, &log, err);
    if (st == PD_OK && from == UINT64_MAX)
        from = log.edge.size > count ? log.edge.size - count : 0;
    struct store_value values[] = {STORE_STR(log.name),
                                   STORE_I64(from > INT64_MAX ? INT64_MAX : (int64_t)from),
                                   STORE_I64(count > 10000 ? 10000 : (int64_t)count),
                                   STORE_I64((int64_t)log.edge.size)};
    struct store_rows *rows = NULL;
    if (st == PD_OK)
        st = store_select(g->store, LIST_LEAVES, values, 4, &rows, err);
    if (st == PD_OK) {
        pd_json_object(w);
        pd_json_member_str(w, "name", log.name);
        pd_json_member_str(w, "origin", log.origin);
        pd_json_member_str(w, "vkey", log.vkey_text);
        pd_json_key(w, "size");
        pd_json_u64(w, log.edge.size);
        pd_json_member_bool(w, "pruned", log.pruned_at != 0);
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
