/* Anchors: the public log is told where the shards of the restricted one stand, so that nobody can
 * drop or change their leaves unseen. */
#include "govern/growing.h"
#include "govern/shard.h"

#include "job/job.h"

#include <string.h>

/* ---- What was anchored ---- */

static const struct sql LIST_ANCHORS = {
    .both = "SELECT id, size, root, checkpoint, made_at FROM anchor WHERE log = $1 ORDER BY size"};

static enum pd_status read_anchor(const struct store_rows *rows, struct pd_arena *arena,
                                  struct shard_anchor *out, struct pd_error *err) {
    *out = (struct shard_anchor){.act = pd_arena_str(arena, store_str(rows, 0)),
                                 .size = (uint64_t)store_i64(rows, 1),
                                 .checkpoint = pd_arena_str(arena, store_str(rows, 3)),
                                 .at = store_i64(rows, 4)};
    if (!out->act.data || !out->checkpoint.data)
        return pd_fail_memory(err);
    if (store_i64(rows, 1) < 0 ||
        !pd_hex_decode(store_str(rows, 2), out->root.bytes, sizeof(out->root.bytes)))
        return pd_fail(err, PD_INTERNAL, "the row of the anchor %.*s is damaged", pd_arg(out->act));
    return PD_OK;
}

enum pd_status shard_anchors(struct govern *g, pd_str log, struct pd_arena *arena,
                             const struct shard_anchor **out, size_t *count, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(log)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, LIST_ANCHORS, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    struct growing_list list = {0};
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct shard_anchor *anchor = growing_add(&list, sizeof(*anchor), arena);
        st = anchor ? read_anchor(rows, arena, anchor, err) : pd_fail_memory(err);
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    *out = list.items;
    *count = list.count;
    return PD_OK;
}

static bool is_leaf_of(const struct ledger_leaf *leaf, const struct integrate_log *log,
                       const struct shard_anchor *anchor) {
    return leaf->verb == LEDGER_ANCHOR && leaf->has_log &&
           pd_str_eq(leaf->log_origin, log->origin) && leaf->log_size == anchor->size &&
           memcmp(leaf->log_root.bytes, anchor->root.bytes, sizeof(anchor->root.bytes)) == 0;
}

enum pd_status shard_anchor_check(struct govern *g, const struct integrate_log *log,
                                  const struct shard_anchor *anchor, struct pd_arena *arena,
                                  struct pd_error *err) {
    pd_id act;
    struct integrate_leaf stored;
    struct ledger_leaf *leaf = pd_arena_alloc(arena, sizeof(*leaf));
    if (!leaf)
        return pd_fail_memory(err);
    if (!pd_id_parse(anchor->act, &act))
        return pd_fail(err, PD_INTERNAL, "the anchor's row has no id");
    enum pd_status st = integrate_leaf_of(g, act, arena, &stored, err);
    if (st == PD_OK)
        st = ledger_leaf_parse(stored.bytes, arena, leaf, err);
    if (st == PD_OK && (stored.kind != LEDGER_PUBLIC || !is_leaf_of(leaf, log, anchor)))
        st = pd_fail(err, PD_INTERNAL,
                     "the anchor's row says another thing of %.*s than its leaf in the public log",
                     pd_arg(log->name));
    struct ledger_checkpoint checkpoint = {0};
    if (st == PD_OK)
        st = integrate_verify_note(g, log, anchor->checkpoint, arena, &checkpoint, err);
    if (st == PD_OK && (checkpoint.size != anchor->size ||
                        memcmp(checkpoint.root.bytes, anchor->root.bytes, CRYPTO_HASH_SIZE) != 0))
        st = pd_fail(err, PD_INTERNAL, "the checkpoint kept with the anchor is of another tree");
    return st;
}

/* ---- Anchoring ---- */

static const struct sql FIND_KEEPER = {
    .both = "SELECT party_id FROM act WHERE verb = 'init' ORDER BY id LIMIT 1"};

/* Nobody acts but the node itself: its record names the party that founded it. */
enum pd_status shard_find_keeper(struct govern *g, struct pd_arena *arena, pd_str *out,
                                 struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_KEEPER, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_INTERNAL, "the node has no act 0");
    *out = st == PD_OK ? pd_arena_str(arena, store_str(rows, 0)) : PD_STR("");
    store_rows_close(rows);
    return st == PD_OK && !out->data ? pd_fail_memory(err) : st;
}

struct anchoring {
    pd_str log;
    struct integrate_log state; /* as it is in the transaction */
};

static const struct sql INSERT_ANCHOR = {
    .both = "INSERT INTO anchor (id, log, size, root, checkpoint, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)"};

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    struct anchoring *a = context;
    enum pd_status st = integrate_log_load(g, a->log, act->arena, &a->state, err);
    if (st != PD_OK)
        return st;
    act->has_log = true;
    act->log_origin = a->state.origin;
    act->log_size = a->state.edge.size;
    act->log_root = ledger_edge_root(&a->state.edge);
    pd_str id = govern_id_text(act->id, act->arena);
    struct store_value values[] = {STORE_STR(id),
                                   STORE_STR(a->log),
                                   STORE_I64((int64_t)act->log_size),
                                   STORE_STR(govern_hash_text(&act->log_root, act->arena)),
                                   STORE_STR(a->state.checkpoint),
                                   STORE_I64(act->at)};
    st = store_run(g->store, INSERT_ANCHOR, values, 6, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "anchor", id, err) : st;
}

/* A fact about the node itself: no law is asked whether it may be told. */
static enum pd_status anchor_log(struct govern *g, const struct govern_log *log,
                                 struct pd_arena *arena, struct govern_anchored *out,
                                 struct pd_error *err) {
    struct anchoring a = {.log = log->name};
    struct act act = {.verb = LEDGER_ANCHOR,
                      .outcome = LEDGER_OUTCOME_DONE,
                      .is_disclosed = true,
                      .effect = save,
                      .context = &a};
    pd_str pending;
    enum pd_status st = shard_find_keeper(g, arena, &act.party, err);
    if (st == PD_OK)
        st = act_begin(g, &act, err);
    if (st == PD_OK)
        st = act_commit(g, &act, arena, &pending, err);
    if (st != PD_OK)
        return pd_wrap(err, "anchor the log %.*s", pd_arg(log->name));
    *out = (struct govern_anchored){.act = act.id,
                                    .log = log->name,
                                    .size = act.log_size,
                                    .before = log->anchored,
                                    .root = act.log_root};
    return PD_OK;
}

enum pd_status govern_anchor(struct govern *g, struct pd_arena *arena,
                             const struct govern_anchored **out, size_t *count,
                             struct pd_error *err) {
    const struct govern_log *logs = NULL;
    size_t log_count = 0, n = 0;
    enum pd_status st = govern_integrate(g, err);
    if (st == PD_OK)
        st = govern_logs(g, arena, &logs, &log_count, err);
    struct govern_anchored *list = pd_arena_array(arena, log_count ? log_count : 1, sizeof(*list));
    if (st == PD_OK && !list)
        st = pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < log_count; i++) {
        const struct govern_log *l = &logs[i];
        if (l->log == LEDGER_RESTRICTED && !l->pruned_at && l->size > l->anchored)
            st = anchor_log(g, l, arena, &list[n++], err);
    }
    if (st != PD_OK)
        return st;
    *out = list;
    *count = n;
    return PD_OK;
}

/* ---- The job of a day ---- */

#define LOOK_AGAIN (3600 * PD_SECOND)

static const struct sql HAS_PENDING = {
    .both = "SELECT 1 FROM log l WHERE l.kind = 'restricted' AND " LEAF_PENDING("l.name", "l.size")
            " > 0"};

enum pd_status shard_run_anchor(void *context, pd_str subject, pd_time now, pd_time *again,
                                struct pd_error *err) {
    (void)subject; /* whatever day it is of: what is new is anchored */
    struct govern *g = context;
    struct pd_arena *arena = pd_arena_new(GOVERN_ARENA_LIMIT);
    const struct govern_anchored *done;
    size_t count;
    bool has = false;
    struct store_rows *rows = NULL;
    if (!arena)
        return pd_fail_memory(err);
    enum pd_status st = govern_anchor(g, arena, &done, &count, err);
    if (st == PD_OK)
        st = store_select(g->store, HAS_PENDING, NULL, 0, &rows, err);
    if (st == PD_OK)
        st = store_next(rows, &has, err);
    store_rows_close(rows);
    if (st == PD_OK && has)
        *again = now + LOOK_AGAIN;
    pd_arena_free(arena);
    return st;
}
