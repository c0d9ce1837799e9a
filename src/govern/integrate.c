/*
 * The integrator: gives leaves their indices (over PostgreSQL; else leaf.c did), signs checkpoints, has tiles published (publish.c)
 * and the outbox emptied (outbox.c).
 *
 * Order (DESIGN, "The ledger and privacy"): indices, edge and the signed checkpoint are swapped in
 * the database first; then tiles are written, each durably, and the checkpoint file last. After a
 * crash the same work is done again with the same result: what is published only ever lags behind
 * the database.
 *
 * One process integrates at a time, elected by the store: the others leave it to that one. The swap
 * names the size that it replaces, so that even two of them could not sign two trees of one size.
 */
#include "govern/shard.h"
#include "govern/witnessed.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- Keys and signatures ---- */

enum pd_status integrate_make_keys(struct govern *g, struct pd_error *err) {
    pd_time now = pd_clock_now(&g->clock);
    enum pd_status st = store_key_new(g->store, "log", now, &g->public_key, err);
    if (st == PD_OK)
        st = store_key_new(g->store, "receipts", now, &g->receipt_key, err);
    return st;
}

enum pd_status integrate_vkey(pd_str name, const struct store_key *key, struct pd_arena *arena,
                              pd_str *vkey, struct pd_error *err) {
    struct ledger_skey signer;
    enum pd_status st = ledger_skey_make(name, key->bytes, &signer, err);
    if (st != PD_OK)
        return st;
    struct ledger_vkey verifier = ledger_skey_public(&signer);
    crypto_wipe(&signer, sizeof(signer));
    struct pd_buf text;
    pd_buf_init(&text, 4096);
    ledger_vkey_write(&verifier, &text);
    *vkey = pd_arena_str(arena, pd_buf_view(&text));
    pd_buf_clear(&text);
    return vkey->data ? PD_OK : pd_fail_memory(err);
}

enum pd_status integrate_public_key(struct govern *g, struct pd_arena *arena, pd_str *vkey,
                                    struct pd_error *err) {
    pd_str origin =
        pd_arena_printf(arena, "%.*s/%s", pd_arg(g->origin), integrate_log_name(LEDGER_PUBLIC));
    return origin.data ? integrate_vkey(origin, &g->public_key, arena, vkey, err)
                       : pd_fail_memory(err);
}

enum pd_status integrate_receipt_key(struct govern *g, struct pd_arena *arena, pd_str *key_id,
                                     pd_str *vkey, struct pd_error *err) {
    pd_str name = pd_arena_printf(arena, "%.*s/receipts", pd_arg(g->origin));
    if (!name.data)
        return pd_fail_memory(err);
    *key_id = govern_id_text(g->receipt_key.id, arena);
    return key_id->data ? integrate_vkey(name, &g->receipt_key, arena, vkey, err)
                        : pd_fail_memory(err);
}

enum pd_status integrate_found(struct govern *g, const struct act_shard *first,
                               struct pd_error *err) {
    pd_time now = pd_clock_now(&g->clock);
    enum pd_status st = logs_add(g, PD_STR("public"), &g->public_key, now, 0, g->arena, err);
    return st == PD_OK ? shard_open(g, first, g->arena, err) : st;
}

/* ---- Sequencing ---- */

enum { INTEGRATE_BATCH = 4096 };

/* What got its index with its act (leaf.c) comes first, then what waits for one. */
static const struct sql LIST_PLACED = {
    .both = "SELECT act_id, bytes, leaf_index FROM leaf WHERE log = $1 AND leaf_index >= $2"
            " ORDER BY leaf_index LIMIT $3"};
/* SQLite's planner would take the index of all leaves, and sort whatever waits for each batch. */
static const struct sql LIST_NEW = {
    .sqlite = "SELECT act_id, bytes, leaf_index FROM leaf INDEXED BY leaf_pending WHERE log = $1 AND"
              " leaf_index IS NULL ORDER BY act_id LIMIT $2",
    .pg = "SELECT act_id, bytes, leaf_index FROM leaf WHERE log = $1 AND leaf_index IS NULL"
          " ORDER BY act_id LIMIT $2"};
static const struct sql SET_INDEX = {.both = "UPDATE leaf SET leaf_index = $2 WHERE act_id = $1"};
static const struct sql SWAP = {
    .both = "UPDATE log SET size = $3, edge = $4, checkpoint = $5 WHERE name = $1 AND size = $2"};

struct sequencing {
    struct govern *g;
    pd_str log;
    struct pd_arena *arena;
    size_t done, placed; /* leaves of this batch; the first of them that have their index already */
};

/* One leaf more in the tree. On a gap stop: what is signed once can't be taken back. */
static enum pd_status append_row(struct sequencing *s, const struct store_rows *rows,
                                 struct ledger_edge *edge, pd_str *ids, struct pd_error *err) {
    crypto_hash hash;
    if (!store_is_null(rows, 2) && store_i64(rows, 2) != (int64_t)edge->size)
        return pd_fail(err, PD_INTERNAL,
                       "leaf %llu of the %.*s log is missing, and leaf %lld is there; nothing more "
                       "is signed",
                       (unsigned long long)edge->size, pd_arg(s->log),
                       (long long)store_i64(rows, 2));
    ids[s->done] = pd_arena_str(s->arena, store_str(rows, 0));
    enum pd_status st = ids[s->done].data ? ledger_hash_leaf(store_str(rows, 1), &hash, err)
                                          : pd_fail_memory(err);
    if (st == PD_OK)
        st = ledger_edge_append(edge, &hash, err);
    if (st == PD_OK)
        s->done++;
    return st;
}

static enum pd_status append(struct sequencing *s, struct sql list, const struct store_value *values,
                             size_t count, struct ledger_edge *edge, pd_str *ids,
                             struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(s->g->store, list, values, count, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has)
        if ((st = append_row(s, rows, edge, ids, err)) != PD_OK)
            break;
    store_rows_close(rows);
    return st;
}

static enum pd_status append_new(struct sequencing *s, struct ledger_edge *edge, pd_str *ids,
                                 struct pd_error *err) {
    struct store_value placed[] = {STORE_STR(s->log), STORE_I64((int64_t)edge->size),
                                   STORE_I64(INTEGRATE_BATCH)};
    enum pd_status st = append(s, LIST_PLACED, placed, 3, edge, ids, err);
    s->placed = s->done;
    struct store_value waiting[] = {STORE_STR(s->log), STORE_I64((int64_t)(INTEGRATE_BATCH - s->done))};
    if (st == PD_OK && s->done < INTEGRATE_BATCH)
        st = append(s, LIST_NEW, waiting, 2, edge, ids, err);
    return st;
}

/* One signature, however many leaves. */
static enum pd_status swap(struct sequencing *s, const struct integrate_log *log, uint64_t first,
                           struct pd_error *err) {
    pd_str note;
    enum pd_status st = integrate_sign_all(s->g, log, s->arena, &note, err);
    if (st != PD_OK)
        return st;
    int64_t changed;
    struct store_value values[] = {STORE_STR(s->log), STORE_I64((int64_t)first),
                                   STORE_I64((int64_t)log->edge.size),
                                   STORE_BYTES(ledger_edge_view(&log->edge)), STORE_STR(note)};
    st = store_run(s->g->store, SWAP, values, 5, &changed, err);
    if (st == PD_OK && changed != 1)
        st = pd_fail(err, PD_CONFLICT, "another integrator works on the %.*s log", pd_arg(s->log));
    return st;
}

static enum pd_status sequence(struct store *store, void *context, struct pd_error *err) {
    struct sequencing *s = context;
    s->done = s->placed = 0;
    struct integrate_log log;
    enum pd_status st = integrate_log_load(s->g, s->log, s->arena, &log, err);
    pd_str *ids = pd_arena_array(s->arena, INTEGRATE_BATCH, sizeof(*ids));
    if (st == PD_OK && !ids)
        st = pd_fail_memory(err);
    uint64_t first = st == PD_OK ? log.edge.size : 0;
    if (st == PD_OK && log.log == LEDGER_PUBLIC)
        st = witnessed_may_sign(s->g, log.edge.size, err);
    if (st == PD_OK)
        st = append_new(s, &log.edge, ids, err);
    if (st != PD_OK || s->done == 0)
        return st;
    for (size_t i = s->placed; st == PD_OK && i < s->done; i++) {
        struct store_value values[] = {STORE_STR(ids[i]), STORE_I64((int64_t)(first + i))};
        st = store_run(store, SET_INDEX, values, 2, NULL, err);
    }
    return st == PD_OK ? swap(s, &log, first, err) : st;
}

/* ---- What there is to do ---- */

/* Shards of the past have nothing new and are published; they cost one row of this list each. */
static const struct sql LIST_BUSY = {
    .both = "SELECT l.name FROM log l WHERE l.published_size < l.size OR l.published_size < 0 OR"
            " EXISTS (SELECT 1 FROM leaf f WHERE f.log = l.name AND f.leaf_index IS NULL) OR"
            " EXISTS (SELECT 1 FROM leaf f WHERE f.log = l.name AND f.leaf_index >= l.size)"
            " ORDER BY l.name"};

static enum pd_status list_busy(struct govern *g, struct pd_arena *arena, pd_str **out,
                                size_t *count, struct pd_error *err) {
    enum { BUSY_MAX = 64 }; /* more at a time wait for the next round */
    pd_str *names = pd_arena_array(arena, BUSY_MAX, sizeof(*names));
    struct store_rows *rows;
    if (!names)
        return pd_fail_memory(err);
    enum pd_status st = store_select(g->store, LIST_BUSY, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    size_t n = 0;
    while (n < BUSY_MAX && (st = store_next(rows, &has, err)) == PD_OK && has) {
        names[n] = pd_arena_str(arena, store_str(rows, 0));
        if (!names[n++].data) {
            st = pd_fail_memory(err);
            break;
        }
    }
    store_rows_close(rows);
    if (st == PD_OK) {
        *out = names;
        *count = n;
    }
    return st;
}

static enum pd_status integrate_log(struct govern *g, pd_str name, struct pd_arena *arena,
                                    struct pd_error *err) {
    struct pd_mark mark = pd_arena_mark(arena);
    struct sequencing s = {.g = g, .log = name, .arena = arena};
    enum pd_status st;
    do {
        st = store_transact(g->store, sequence, &s, err);
        pd_arena_reset(arena, mark);
        if (st == PD_OK && s.done > 0)
            integrate_tell(g, GOVERN_STEP_SWAPPED, name);
    } while (st == PD_OK && s.done == INTEGRATE_BATCH);
    if (st == PD_OK)
        st = integrate_publish(g, name, arena, err);
    pd_arena_reset(arena, mark);
    return st;
}

static enum pd_status integrate_all(struct govern *g, struct pd_error *err) {
    enum pd_status st = floor_allows_signing(g, err);
    if (st != PD_OK)
        return st;
    struct pd_arena *arena = pd_arena_new((size_t)256 << 20);
    if (!arena)
        return pd_fail_memory(err);
    pd_str *names = NULL;
    size_t count = 0;
    st = list_busy(g, arena, &names, &count, err);
    for (size_t i = 0; st == PD_OK && i < count; i++)
        st = integrate_log(g, names[i], arena, err);
    struct pd_mark mark = pd_arena_mark(arena);
    for (bool more = true; st == PD_OK && more; pd_arena_reset(arena, mark))
        st = outbox_release_next(g, arena, &more, err);
    pd_arena_free(arena);
    return st;
}

/* ---- The office ---- */

#define OFFICE "integrate"

void integrate_tell(const struct govern *g, enum govern_step step, pd_str log) {
    if (g->watch)
        g->watch(g->watcher, step, log);
}

void govern_watch_integration(struct govern *g,
                              void (*watch)(void *context, enum govern_step step, pd_str log),
                              void *context) {
    g->watch = watch;
    g->watcher = context;
}

enum pd_status govern_stand(struct govern *g, bool *is_elected, struct pd_error *err) {
    bool got = false;
    enum pd_status st = store_lock(g->store, OFFICE, 0, &got, err);
    g->is_integrator = st == PD_OK && got;
    if (st == PD_OK)
        *is_elected = got;
    return st;
}

void govern_stand_down(struct govern *g) {
    store_unlock(g->store, OFFICE);
    g->is_integrator = false;
}

enum pd_status govern_integrate(struct govern *g, struct pd_error *err) {
    bool held_before = g->is_integrator, is_elected = false;
    enum pd_status st = govern_stand(g, &is_elected, err);
    if (st != PD_OK || !is_elected)
        return st; /* whoever holds the office does it */
    st = integrate_all(g, err);
    if (!held_before)
        govern_stand_down(g);
    return st;
}

enum { WAIT_STEP_MS = 10, WAIT_MS = 2000 };

/* If another process holds the office, it needs a moment; if it ended meanwhile, this one does it.
 */
enum pd_status integrate_after(struct govern *g, pd_id act, struct pd_arena *arena,
                               struct pd_error *err) {
    for (int waited = 0;; waited += WAIT_STEP_MS) {
        struct govern_placed placed = {0};
        struct pd_mark mark = pd_arena_mark(arena);
        enum pd_status st = govern_integrate(g, err);
        if (st == PD_OK)
            st = integrate_placed(g, act, arena, &placed, err);
        pd_arena_reset(arena, mark);
        if (st != PD_OK || placed.size)
            return st;
        if (waited >= WAIT_MS)
            return pd_fail(err, PD_UNAVAILABLE,
                           "another process integrates the leaves of this node, and has not come "
                           "to this one yet");
        struct timespec pause = {.tv_nsec = WAIT_STEP_MS * 1000000L};
        nanosleep(&pause, NULL);
    }
}
