/* Verifying the logs: leaves make the trees that were signed, tiles are what the leaves make, and
 * each shard of the restricted log is what the public log was told of it. */
#include "govern/verify.h"
#include "govern/witnessed.h"

#include <stdio.h>
#include <string.h>

/* One log in work. */
struct checking {
    struct verify *v;
    struct integrate_log log;
    struct govern_verified_log *out;
    const struct shard_anchor *anchors; /* by size */
    size_t anchor_count, next_anchor;
};

/* ---- Leaves ---- */

static const struct sql LIST_LEAVES = {
    .both = "SELECT l.act_id, l.leaf_index, l.bytes, a.verb, a.party_id, a.version_hash, l.proof"
            " FROM leaf l JOIN act a ON a.id = l.act_id"
            " WHERE l.log = $1 AND l.leaf_index IS NOT NULL ORDER BY l.leaf_index"};
static const struct sql COUNT_PENDING = {
    .both = "SELECT COUNT(*) FROM leaf WHERE log = $1 AND leaf_index IS NULL"};

/* The leaf is of the schema, and speaks of the act that it is stored for. */
static void check_leaf(struct verify *v, struct store_rows *rows, pd_str log) {
    struct pd_error why = {0};
    struct pd_mark mark = pd_arena_mark(v->arena);
    struct ledger_leaf *leaf = pd_arena_alloc(v->arena, sizeof(*leaf));
    char act[PD_ID_TEXT_SIZE] = "";
    if (!leaf || ledger_leaf_parse(store_str(rows, 2), v->arena, leaf, &why) != PD_OK) {
        pd_arena_reset(v->arena, mark);
        verify_flaw(v, store_str(rows, 0), "leaf %lld of the %.*s log: %s",
                    (long long)store_i64(rows, 1), pd_arg(log), why.text);
        return;
    }
    pd_id_write(leaf->act, act);
    bool same = pd_str_is(store_str(rows, 0), act) &&
                pd_str_is(store_str(rows, 3), ledger_verb_name(leaf->verb)) &&
                pd_str_eq(store_str(rows, 4), leaf->party);
    const struct ledger_optional_hash *version = &leaf->hashes[LEDGER_DIGEST_VERSION];
    char hex[GOVERN_HEX_SIZE] = "";
    if (version->is_set)
        pd_hex_encode(version->value.bytes, sizeof(version->value.bytes), hex);
    same = same && pd_str_is(store_str(rows, 5), hex);
    pd_arena_reset(v->arena, mark);
    if (!same)
        verify_flaw(v, store_str(rows, 0), "leaf %lld of the %.*s log speaks of another act",
                    (long long)store_i64(rows, 1), pd_arg(log));
}

/* The tree had the root that the public log was told when it had that many leaves. */
static void check_anchored(struct checking *c, const struct ledger_edge *edge) {
    while (c->next_anchor < c->anchor_count && c->anchors[c->next_anchor].size <= edge->size) {
        const struct shard_anchor *a = &c->anchors[c->next_anchor++];
        crypto_hash root = ledger_edge_root(edge);
        if (a->size == edge->size && memcmp(root.bytes, a->root.bytes, sizeof(root.bytes)) == 0)
            continue;
        verify_flaw(c->v, c->log.name,
                    "the first %llu leaves are not those that the public log was told of (anchor "
                    "%.*s): leaves were changed, dropped or put in",
                    (unsigned long long)a->size, pd_arg(a->act));
    }
}

static enum pd_status check_leaves(struct checking *c, struct ledger_edge *edge,
                                   struct pd_error *err) {
    struct verify *v = c->v;
    struct store_value values[] = {STORE_STR(c->log.name)};
    struct store_rows *rows;
    check_anchored(c, edge);
    enum pd_status st = store_select(v->g->store, LIST_LEAVES, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        crypto_hash hash;
        if (store_i64(rows, 1) != (int64_t)edge->size)
            verify_flaw(v, store_str(rows, 0), "leaf %lld of the %.*s log is missing",
                        (long long)edge->size, pd_arg(c->log.name));
        check_leaf(v, rows, c->log.name);
        st = ledger_hash_leaf(store_str(rows, 2), &hash, err);
        if (st == PD_OK)
            st = ledger_edge_append(edge, &hash, err);
        if (st != PD_OK)
            break;
        check_anchored(c, edge);
    }
    store_rows_close(rows);
    if (st == PD_OK && c->next_anchor < c->anchor_count)
        verify_flaw(
            v, c->log.name,
            "the public log was told of %llu leaves, and there are %llu: leaves are missing",
            (unsigned long long)c->anchors[c->anchor_count - 1].size,
            (unsigned long long)edge->size);
    return st;
}

/* ---- A pruned shard: what stayed is proven, the rest is what the anchor says ---- */

static bool is_held_proven(const struct checking *c, struct store_rows *rows,
                           const struct shard_anchor *anchor) {
    pd_str proof = store_str(rows, 6);
    crypto_hash hash;
    return !store_is_null(rows, 6) && proof.len % CRYPTO_HASH_SIZE == 0 &&
           proof.len <= LEDGER_PROOF_MAX * CRYPTO_HASH_SIZE && store_i64(rows, 1) >= 0 &&
           ledger_hash_leaf(store_str(rows, 2), &hash, NULL) == PD_OK &&
           ledger_verify_inclusion((uint64_t)store_i64(rows, 1), anchor->size, &hash,
                                   (const crypto_hash *)(const void *)proof.data,
                                   proof.len / CRYPTO_HASH_SIZE, &anchor->root, NULL) == PD_OK &&
           c->log.edge.size == anchor->size;
}

static enum pd_status check_held(struct checking *c, const struct shard_anchor *anchor,
                                 struct pd_error *err) {
    struct store_value values[] = {STORE_STR(c->log.name)};
    struct store_rows *rows;
    enum pd_status st = store_select(c->v->g->store, LIST_LEAVES, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        check_leaf(c->v, rows, c->log.name);
        if (!is_held_proven(c, rows, anchor))
            verify_flaw(c->v, store_str(rows, 0),
                        "leaf %lld of the pruned log %.*s is not proven to be in it",
                        (long long)store_i64(rows, 1), pd_arg(c->log.name));
        c->out->held++;
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status check_pruned(struct checking *c, struct pd_error *err) {
    static const struct shard_anchor none; /* that has nothing needs none */
    const struct shard_anchor *last = c->anchor_count ? &c->anchors[c->anchor_count - 1] : &none;
    crypto_hash root = ledger_edge_root(&c->log.edge);
    c->out->is_pruned = true;
    c->out->leaves = c->log.edge.size;
    c->out->root = root;
    if (last->size != c->log.edge.size ||
        (last->size && memcmp(last->root.bytes, root.bytes, sizeof(root.bytes)) != 0)) {
        verify_flaw(c->v, c->log.name,
                    "the log was pruned, and no anchor in the public log covers it");
        return PD_OK;
    }
    enum pd_status st = check_held(c, last, err);
    uint64_t held = 0;
    bool found = false;
    if (st == PD_OK)
        st = shard_pruning_find(c->v->g, &c->log, &held, &found, c->v->arena, err);
    if (st == PD_OK && !found)
        verify_flaw(c->v, c->log.name, "the log was pruned, and no act says so");
    else if (st == PD_OK && held != c->out->held)
        verify_flaw(c->v, c->log.name,
                    "%llu of its leaves were to stay when it was pruned, and %llu are here",
                    (unsigned long long)held, (unsigned long long)c->out->held);
    return st;
}

/* ---- Tiles: made again from the leaves, each must be what lies on the disk ---- */

static enum pd_status tile_entry(void *context, uint64_t index, pd_str *out, struct pd_error *err) {
    struct checking *c = context;
    return integrate_leaf(c->v->g, c->log.name, index, c->v->arena, out, err);
}

static enum pd_status tile_compare(void *context, const char *path, pd_str bytes,
                                   struct pd_error *err) {
    (void)err;
    struct checking *c = context;
    struct pd_error why = {0};
    char full[160];
    snprintf(full, sizeof(full), "ledger/%.*s/%s", pd_arg(c->log.folder), path);
    pd_str found;
    struct pd_mark mark = pd_arena_mark(c->v->arena);
    enum pd_status st =
        store_file_read(c->v->g->store, full, (size_t)32 << 20, c->v->arena, &found, &why);
    bool same = st == PD_OK && pd_str_eq(found, bytes);
    pd_arena_reset(c->v->arena, mark);
    c->v->out->files++;
    if (st != PD_OK)
        verify_flaw(c->v, pd_str_from(full), "%s", why.text);
    else if (!same)
        verify_flaw(c->v, pd_str_from(full), "the file is not what the log's leaves make");
    return PD_OK;
}

static enum pd_status check_published(struct checking *c, struct pd_error *err) {
    struct verify *v = c->v;
    const struct integrate_log *log = &c->log;
    char full[96];
    snprintf(full, sizeof(full), "ledger/%.*s/checkpoint", pd_arg(log->folder));
    pd_str note;
    struct pd_error why = {0};
    struct ledger_checkpoint checkpoint;
    if (!log->is_published)
        return PD_OK;
    v->out->files++;
    if (store_file_read(v->g->store, full, LEDGER_NOTE_MAX, v->arena, &note, &why) != PD_OK ||
        integrate_verify_note(v->g, log, note, v->arena, &checkpoint, &why) != PD_OK)
        verify_flaw(v, pd_str_from(full), "%s", why.text);
    else if (checkpoint.size > log->edge.size)
        verify_flaw(v, pd_str_from(full),
                    "the published checkpoint is larger than the log in the database");
    struct ledger_growth growth = {.context = c, .entry = tile_entry, .emit = tile_compare};
    return log->published && !log->pruned_at ? ledger_tiles_grow(&growth, 0, log->published, err)
                                             : PD_OK;
}

/* ---- One log ---- */

static enum pd_status count_pending(struct checking *c, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(c->log.name)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(c->v->g->store, COUNT_PENDING, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    c->out->pending = has ? (uint64_t)store_i64(rows, 0) : 0;
    store_rows_close(rows);
    return st;
}

static enum pd_status check_whole(struct checking *c, struct pd_error *err) {
    struct ledger_edge edge = {0};
    enum pd_status st = check_leaves(c, &edge, err);
    if (st != PD_OK)
        return st;
    crypto_hash root = ledger_edge_root(&edge), signed_root = ledger_edge_root(&c->log.edge);
    c->out->leaves = edge.size;
    c->out->root = root;
    if (edge.size != c->log.edge.size ||
        memcmp(root.bytes, signed_root.bytes, sizeof(root.bytes)) != 0)
        verify_flaw(c->v, c->log.name,
                    "the leaves make a tree of %llu with another root than the checkpoint of %llu",
                    (unsigned long long)edge.size, (unsigned long long)c->log.edge.size);
    return edge.size == c->log.edge.size ? check_published(c, err) : PD_OK;
}

static enum pd_status check_log(struct verify *v, pd_str name, struct govern_verified_log *out,
                                struct pd_error *err) {
    struct checking c = {.v = v, .out = out};
    struct pd_error why = {0};
    out->name = name;
    enum pd_status st = integrate_log_load(v->g, name, v->arena, &c.log, &why);
    if (st == PD_INTERNAL || st == PD_INVALID) {
        verify_flaw(v, name, "%s", why.text);
        return PD_OK;
    }
    if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    st = shard_anchors(v->g, name, v->arena, &c.anchors, &c.anchor_count, err);
    for (size_t i = 0; st == PD_OK && i < c.anchor_count; i++)
        if (shard_anchor_check(v->g, &c.log, &c.anchors[i], v->arena, &why) != PD_OK)
            verify_flaw(v, c.anchors[i].act, "%s", why.text);
    if (st != PD_OK)
        return st;
    out->anchors = c.anchor_count;
    out->anchored = c.anchor_count ? c.anchors[c.anchor_count - 1].size : 0;
    if (c.log.pruned_at) {
        st = check_pruned(&c, err);
        if (st == PD_OK)
            st = check_published(&c, err);
    } else {
        st = check_whole(&c, err);
    }
    return st == PD_OK ? count_pending(&c, err) : st;
}

static const struct sql ANCHORS_WITHOUT_ROW = {
    .both = "SELECT a.id FROM act a LEFT JOIN anchor r ON r.id = a.id WHERE a.verb = 'anchor' AND"
            " r.id IS NULL ORDER BY a.id"};

/* The reverse of shard_anchor_check: an anchor can't be made to be forgotten. */
static enum pd_status check_forgotten(struct verify *v, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(v->g->store, ANCHORS_WITHOUT_ROW, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has)
        verify_flaw(v, store_str(rows, 0), "the row of this anchor is missing");
    store_rows_close(rows);
    return st;
}

/* What witnesses vouched for is this log's tree. */
static enum pd_status check_witnessed(struct verify *v, struct pd_error *err) {
    pd_str what;
    enum pd_status st = witnessed_check(v->g, v->arena, &what, err);
    if (st == PD_OK && what.len)
        verify_flaw(v, PD_STR("ledger/public/witnessed"), "%.*s", pd_arg(what));
    return st;
}

enum pd_status verify_logs(struct verify *v, struct pd_error *err) {
    const struct govern_log *logs;
    size_t count;
    enum pd_status st = govern_logs(v->g, v->arena, &logs, &count, err);
    if (st != PD_OK)
        return st;
    struct govern_verified_log *out = pd_arena_array(v->arena, count ? count : 1, sizeof(*out));
    if (!out)
        return pd_fail_memory(err);
    memset(out, 0, count * sizeof(*out));
    v->out->logs = out;
    v->out->log_count = count;
    for (size_t i = 0; st == PD_OK && i < count; i++)
        st = check_log(v, logs[i].name, &out[i], err);
    if (st == PD_OK)
        st = check_witnessed(v, err);
    return st == PD_OK ? check_forgotten(v, err) : st;
}
