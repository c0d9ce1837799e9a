/*
 * The integrator: gives leaves their indices, signs checkpoints, publishes tiles, empties the
 * outbox.
 *
 * Order (DESIGN, "The ledger and privacy"): indices, edge and the signed checkpoint are swapped in
 * the database first; then tiles are written, each durably, and the checkpoint file last. After a
 * crash the same work is done again with the same result: what is published only ever lags behind
 * the database.
 */
#include "govern/govern_impl.h"

#include <stdio.h>
#include <string.h>

static const char *const LOG_NAMES[] = {
    [LEDGER_PUBLIC] = "public", [LEDGER_RESTRICTED] = "restricted"};

const char *integrate_log_name(enum ledger_log log) {
    return LOG_NAMES[log];
}

/* ---- Founding ---- */

enum pd_status integrate_make_keys(struct govern *g, struct pd_error *err) {
    pd_time now = pd_clock_now(&g->clock);
    enum pd_status st = store_key_new(g->store, "log", now, &g->log_keys[LEDGER_PUBLIC], err);
    if (st == PD_OK)
        st = store_key_new(g->store, "log", now, &g->log_keys[LEDGER_RESTRICTED], err);
    if (st == PD_OK)
        st = store_key_new(g->store, "receipts", now, &g->receipt_key, err);
    return st;
}

static enum pd_status vkey_text(pd_str name, const struct store_key *key, struct pd_arena *arena,
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

enum pd_status integrate_receipt_key(struct govern *g, struct pd_arena *arena, pd_str *key_id,
                                     pd_str *vkey, struct pd_error *err) {
    pd_str name = pd_arena_printf(arena, "%.*s/receipts", pd_arg(g->origin));
    if (!name.data)
        return pd_fail_memory(err);
    *key_id = govern_id_text(g->receipt_key.id, arena);
    return key_id->data ? vkey_text(name, &g->receipt_key, arena, vkey, err) : pd_fail_memory(err);
}

static enum pd_status sign_checkpoint(pd_str origin, const struct store_key *key,
                                      const struct ledger_edge *edge, struct pd_arena *arena,
                                      pd_str *note, struct pd_error *err) {
    struct ledger_checkpoint checkpoint = {
        .origin = origin, .size = edge->size, .root = ledger_edge_root(edge)};
    struct ledger_skey signer;
    struct pd_buf text, signed_text;
    pd_buf_init(&text, LEDGER_NOTE_MAX);
    pd_buf_init(&signed_text, LEDGER_NOTE_MAX);
    enum pd_status st = ledger_checkpoint_write(&checkpoint, &text, err);
    if (st == PD_OK)
        st = ledger_skey_make(origin, key->bytes, &signer, err);
    if (st == PD_OK) {
        st = ledger_note_sign(pd_buf_view(&text), &signer, 1, &signed_text, err);
        crypto_wipe(&signer, sizeof(signer));
    }
    if (st == PD_OK)
        st = pd_buf_check(&signed_text, err);
    if (st == PD_OK) {
        *note = pd_arena_str(arena, pd_buf_view(&signed_text));
        if (!note->data)
            st = pd_fail_memory(err);
    }
    pd_buf_clear(&text);
    pd_buf_clear(&signed_text);
    return st;
}

static const struct sql INSERT_LOG = {
    .both = "INSERT INTO log (name, origin, vkey, key_id, size, edge, checkpoint, published_size)"
            " VALUES ($1, $2, $3, $4, 0, $5, $6, -1)"};

enum pd_status integrate_found(struct govern *g, struct pd_error *err) {
    static const struct ledger_edge empty;
    for (int log = LEDGER_PUBLIC; log <= LEDGER_RESTRICTED; log++) {
        const struct store_key *key = &g->log_keys[log];
        pd_str origin = pd_arena_printf(g->arena, "%.*s/%s", pd_arg(g->origin), LOG_NAMES[log]),
               vkey, id, note;
        if (!origin.data)
            return pd_fail_memory(err);
        enum pd_status st = vkey_text(origin, key, g->arena, &vkey, err);
        id = govern_id_text(key->id, g->arena);
        if (st == PD_OK && !id.data)
            st = pd_fail_memory(err);
        if (st == PD_OK)
            st = sign_checkpoint(origin, key, &empty, g->arena, &note, err);
        if (st != PD_OK)
            return st;
        struct store_value values[] = {STORE_STR(pd_str_from(LOG_NAMES[log])),
                                       STORE_STR(origin),
                                       STORE_STR(vkey),
                                       STORE_STR(id),
                                       STORE_BYTES(PD_STR("")),
                                       STORE_STR(note)};
        st = store_run(g->store, INSERT_LOG, values, 6, NULL, err);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

/* ---- Reading a log ---- */

static const struct sql FIND_LOG = {.both = "SELECT origin, vkey, key_id, size, edge, checkpoint, "
                                            "published_size FROM log WHERE name = $1"};

enum pd_status integrate_log_load(struct govern *g, enum ledger_log log, struct pd_arena *arena,
                                  struct integrate_log *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(pd_str_from(LOG_NAMES[log]))};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_LOG, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    struct integrate_log l = {.log = log};
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_INTERNAL, "the node has no %s log", LOG_NAMES[log]);
    if (st == PD_OK) {
        l.origin = pd_arena_str(arena, store_str(rows, 0));
        l.vkey_text = pd_arena_str(arena, store_str(rows, 1));
        l.checkpoint = pd_arena_str(arena, store_str(rows, 5));
        int64_t size = store_i64(rows, 3), published = store_i64(rows, 6);
        l.is_published = published >= 0;
        l.published = published > 0 ? (uint64_t)published : 0;
        if (!l.origin.data || !l.vkey_text.data || !l.checkpoint.data)
            st = pd_fail_memory(err);
        else if (size < 0 || !pd_id_parse(store_str(rows, 2), &l.key_id) || published > size)
            st = pd_fail(err, PD_INTERNAL, "the row of the %s log is damaged", LOG_NAMES[log]);
        else
            st = ledger_edge_parse((uint64_t)size, store_str(rows, 4), &l.edge, err);
    }
    store_rows_close(rows);
    if (st == PD_OK)
        st = ledger_vkey_parse(l.vkey_text, &l.vkey, err);
    if (st != PD_OK)
        return st;
    /* On a difference stop, never "repair" by signing (transparency log reference, section 7). */
    struct ledger_checkpoint checkpoint;
    st = ledger_checkpoint_verify(l.checkpoint, l.origin, &l.vkey, &checkpoint, err);
    if (st != PD_OK)
        return pd_wrap(err, "checkpoint of the %s log", LOG_NAMES[log]);
    crypto_hash root = ledger_edge_root(&l.edge);
    if (checkpoint.size != l.edge.size ||
        memcmp(root.bytes, checkpoint.root.bytes, sizeof(root.bytes)) != 0)
        return pd_fail(err, PD_INTERNAL,
                       "the %s log's tree is not the one of its checkpoint; nothing more is signed",
                       LOG_NAMES[log]);
    *out = l;
    return PD_OK;
}

static const struct sql FIND_LEAF = {
    .both = "SELECT bytes FROM leaf WHERE log = $1 AND leaf_index = $2"};

enum pd_status integrate_leaf(struct govern *g, enum ledger_log log, uint64_t index,
                              struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(pd_str_from(LOG_NAMES[log])),
                                   STORE_I64((int64_t)index)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_LEAF, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "leaf %llu of the %s log is missing from the database",
                     (unsigned long long)index, LOG_NAMES[log]);
    if (st == PD_OK) {
        *out = pd_arena_str(arena, store_str(rows, 0));
        if (!out->data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

static const struct sql FIND_LEAF_OF = {
    .both = "SELECT bytes, log, leaf_index FROM leaf WHERE act_id = $1"};

static enum pd_status leaf_of(struct govern *g, pd_id act, struct pd_arena *arena,
                              enum ledger_log *log, pd_str *bytes, int64_t *index,
                              struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(act, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id))};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_LEAF_OF, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no act %s on this node", id);
    if (st == PD_OK) {
        *log = pd_str_is(store_str(rows, 1), LOG_NAMES[LEDGER_PUBLIC]) ? LEDGER_PUBLIC
                                                                       : LEDGER_RESTRICTED;
        *index = store_is_null(rows, 2) ? -1 : store_i64(rows, 2);
        if (bytes) {
            *bytes = pd_arena_str(arena, store_str(rows, 0));
            if (!bytes->data)
                st = pd_fail_memory(err);
        }
    }
    store_rows_close(rows);
    return st;
}

enum pd_status integrate_leaf_of(struct govern *g, pd_id act, struct pd_arena *arena,
                                 enum ledger_log *log, pd_str *out, struct pd_error *err) {
    int64_t index;
    return leaf_of(g, act, arena, log, out, &index, err);
}

static const struct sql FIND_SIZE = {.both = "SELECT size FROM log WHERE name = $1"};

enum pd_status integrate_placed(struct govern *g, pd_id act, struct govern_placed *out,
                                struct pd_error *err) {
    struct govern_placed placed = {0};
    int64_t index;
    enum pd_status st = leaf_of(g, act, NULL, &placed.log, NULL, &index, err);
    if (st == PD_OK && index >= 0) {
        struct store_value values[] = {STORE_STR(pd_str_from(LOG_NAMES[placed.log]))};
        struct store_rows *rows;
        bool has = false;
        st = store_select(g->store, FIND_SIZE, values, 1, &rows, err);
        if (st != PD_OK)
            return st;
        st = store_next(rows, &has, err);
        placed.index = (uint64_t)index;
        placed.size = has ? (uint64_t)store_i64(rows, 0) : 0;
        store_rows_close(rows);
    }
    if (st == PD_OK)
        *out = placed;
    return st;
}

/* ---- Sequencing ---- */

enum { INTEGRATE_BATCH = 1024 };

static const struct sql LIST_NEW = {.both = "SELECT act_id, bytes FROM leaf WHERE log = $1 AND "
                                            "leaf_index IS NULL ORDER BY act_id LIMIT 1024"};
static const struct sql SET_INDEX = {.both = "UPDATE leaf SET leaf_index = $2 WHERE act_id = $1"};
static const struct sql SWAP = {
    .both = "UPDATE log SET size = $3, edge = $4, checkpoint = $5 WHERE name = $1 AND size = $2"};

struct sequencing {
    struct govern *g;
    enum ledger_log log;
    struct pd_arena *arena;
    size_t done;
};

static enum pd_status append_new(struct sequencing *s, struct ledger_edge *edge, pd_str *ids,
                                 uint64_t *first, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(pd_str_from(LOG_NAMES[s->log]))};
    struct store_rows *rows;
    *first = edge->size;
    enum pd_status st = store_select(s->g->store, LIST_NEW, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        crypto_hash hash;
        ids[s->done] = pd_arena_str(s->arena, store_str(rows, 0));
        st = ids[s->done].data ? ledger_hash_leaf(store_str(rows, 1), &hash, err)
                               : pd_fail_memory(err);
        if (st == PD_OK)
            st = ledger_edge_append(edge, &hash, err);
        if (st != PD_OK)
            break;
        s->done++;
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status sequence(struct store *store, void *context, struct pd_error *err) {
    struct sequencing *s = context;
    s->done = 0;
    struct integrate_log log;
    enum pd_status st = integrate_log_load(s->g, s->log, s->arena, &log, err);
    pd_str *ids = pd_arena_array(s->arena, INTEGRATE_BATCH, sizeof(*ids));
    if (st == PD_OK && !ids)
        st = pd_fail_memory(err);
    uint64_t first = 0;
    if (st == PD_OK)
        st = append_new(s, &log.edge, ids, &first, err);
    if (st != PD_OK || s->done == 0)
        return st;
    for (size_t i = 0; st == PD_OK && i < s->done; i++) {
        struct store_value values[] = {STORE_STR(ids[i]), STORE_I64((int64_t)(first + i))};
        st = store_run(store, SET_INDEX, values, 2, NULL, err);
    }
    struct store_key key;
    pd_str note;
    if (st == PD_OK)
        st = store_key_find(store, log.key_id, &key, err);
    if (st == PD_OK) {
        st = sign_checkpoint(log.origin, &key, &log.edge, s->arena, &note, err);
        crypto_wipe(&key, sizeof(key));
    }
    if (st != PD_OK)
        return st;
    int64_t changed;
    struct store_value values[] = {STORE_STR(pd_str_from(LOG_NAMES[s->log])),
                                   STORE_I64((int64_t)first), STORE_I64((int64_t)log.edge.size),
                                   STORE_BYTES(ledger_edge_view(&log.edge)), STORE_STR(note)};
    st = store_run(store, SWAP, values, 5, &changed, err);
    if (st == PD_OK && changed != 1)
        st = pd_fail(err, PD_CONFLICT, "another integrator works on the %s log", LOG_NAMES[s->log]);
    return st;
}

/* ---- Publishing ---- */

struct publishing {
    struct govern *g;
    enum ledger_log log;
    struct pd_arena *arena;
    struct pd_mark mark;
};

enum pd_status integrate_fetch(void *context, const char *path, void *out, size_t capacity,
                               size_t *n, struct pd_error *err) {
    const struct integrate_tiles *t = context;
    char full[128];
    snprintf(full, sizeof(full), "ledger/%s/%s", LOG_NAMES[t->log], path);
    struct pd_arena *arena = pd_arena_new(capacity + (1 << 16));
    if (!arena)
        return pd_fail_memory(err);
    pd_str bytes;
    enum pd_status st = store_file_read(t->g->store, full, capacity, arena, &bytes, err);
    if (st == PD_OK) {
        memcpy(out, bytes.data, bytes.len);
        *n = bytes.len;
    }
    pd_arena_free(arena);
    return st;
}

static enum pd_status publish_entry(void *context, uint64_t index, pd_str *out,
                                    struct pd_error *err) {
    struct publishing *p = context;
    pd_arena_reset(p->arena, p->mark);
    return integrate_leaf(p->g, p->log, index, p->arena, out, err);
}

static enum pd_status publish_file(void *context, const char *path, pd_str bytes,
                                   struct pd_error *err) {
    struct publishing *p = context;
    char full[128];
    snprintf(full, sizeof(full), "ledger/%s/%s", LOG_NAMES[p->log], path);
    return store_file_write(p->g->store, full, bytes, err);
}

static const struct sql SET_PUBLISHED = {.both =
                                             "UPDATE log SET published_size = $2 WHERE name = $1"};

static enum pd_status mark_published(struct store *store, void *context, struct pd_error *err) {
    const struct integrate_log *log = context;
    struct store_value values[] = {STORE_STR(pd_str_from(LOG_NAMES[log->log])),
                                   STORE_I64((int64_t)log->edge.size)};
    return store_run(store, SET_PUBLISHED, values, 2, NULL, err);
}

static const struct sql FIND_RECEIPT_VKEY = {.both = "SELECT receipt_vkey FROM node"};

/* The verifier keys, beside the logs, once: whoever trusts them took them from there or from paper.
 */
static enum pd_status publish_keys(struct publishing *p, const struct integrate_log *log,
                                   struct pd_error *err) {
    enum pd_status st = publish_file(p, "vkey", log->vkey_text, err);
    if (st != PD_OK || p->log != LEDGER_PUBLIC)
        return st;
    struct store_rows *rows = NULL;
    bool has;
    st = store_select(p->g->store, FIND_RECEIPT_VKEY, NULL, 0, &rows, err);
    if (st == PD_OK)
        st = store_next(rows, &has, err);
    if (st == PD_OK && has)
        st = store_file_write(p->g->store, "ledger/receipts.vkey", store_str(rows, 0), err);
    store_rows_close(rows);
    return st;
}

static enum pd_status publish(struct govern *g, enum ledger_log which, struct pd_arena *arena,
                              struct pd_error *err) {
    struct integrate_log log;
    enum pd_status st = integrate_log_load(g, which, arena, &log, err);
    if (st != PD_OK || (log.is_published && log.published == log.edge.size))
        return st;
    struct publishing p = {.g = g, .log = which, .arena = arena, .mark = pd_arena_mark(arena)};
    struct integrate_tiles where = {g, which};
    struct ledger_tiles *old = pd_arena_alloc(arena, sizeof(*old));
    if (!old)
        return pd_fail_memory(err);
    p.mark = pd_arena_mark(arena);
    *old =
        (struct ledger_tiles){.size = log.published, .fetch = integrate_fetch, .context = &where};
    struct ledger_growth growth = {.context = &p,
                                   .entry = publish_entry,
                                   .emit = publish_file,
                                   .old = ledger_tiles_reader(old)};
    if (log.edge.size > log.published)
        st = ledger_tiles_grow(&growth, log.published, log.edge.size, err);
    if (st == PD_OK && !log.is_published)
        st = publish_keys(&p, &log, err);
    if (st == PD_OK)
        st = publish_file(&p, "checkpoint", log.checkpoint, err);
    return st == PD_OK ? store_transact(g->store, mark_published, &log, err) : st;
}

/* ---- The outbox: what is released after the act stands ---- */

static const struct sql QUEUE = {.both = "INSERT INTO outbox (distribution_id) VALUES ($1)"};

enum pd_status integrate_queue(struct govern *g, pd_str distribution, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(distribution)};
    return store_run(g->store, QUEUE, values, 1, NULL, err);
}

static const struct sql NEXT_RELEASE = {
    .both = "SELECT d.id, d.address, d.key_id, d.released_as FROM outbox o JOIN distribution d"
            " ON d.id = o.distribution_id WHERE o.done_at IS NULL ORDER BY d.id LIMIT 1"};
static const struct sql RELEASED = {
    .both = "UPDATE outbox SET done_at = $2 WHERE distribution_id = $1"};

struct release {
    pd_str id, path;
    pd_time now;
};

static enum pd_status mark_released(struct store *store, void *context, struct pd_error *err) {
    const struct release *r = context;
    struct store_value values[] = {STORE_STR(r->id), STORE_I64(r->now)};
    return store_run(store, RELEASED, values, 2, NULL, err);
}

static enum pd_status release_next(struct govern *g, struct pd_arena *arena, bool *more,
                                   struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, NEXT_RELEASE, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    struct release r = {.now = pd_clock_now(&g->clock)};
    crypto_hash address;
    pd_id key_id;
    st = store_next(rows, more, err);
    if (st == PD_OK && *more) {
        r.id = pd_arena_str(arena, store_str(rows, 0));
        r.path = pd_arena_str(arena, store_str(rows, 3));
        if (!r.id.data || !r.path.data)
            st = pd_fail_memory(err);
        else if (!pd_hex_decode(store_str(rows, 1), address.bytes, sizeof(address.bytes)) ||
                 !pd_id_parse(store_str(rows, 2), &key_id))
            st = pd_fail(err, PD_INTERNAL, "the row of distribution %.*s is damaged", pd_arg(r.id));
    }
    store_rows_close(rows);
    if (st != PD_OK || !*more)
        return st;
    struct store_key key;
    st = store_key_find(g->store, key_id, &key, err);
    if (st == PD_OK)
        st = store_file_release(g->store, &key, address, r.path.data, err);
    crypto_wipe(&key, sizeof(key));
    return st == PD_OK ? store_transact(g->store, mark_released, &r, err) : st;
}

enum pd_status govern_integrate(struct govern *g, struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new((size_t)256 << 20);
    if (!arena)
        return pd_fail_memory(err);
    struct pd_mark mark = pd_arena_mark(arena);
    enum pd_status st = PD_OK;
    for (int log = LEDGER_PUBLIC; st == PD_OK && log <= LEDGER_RESTRICTED; log++) {
        struct sequencing s = {.g = g, .log = (enum ledger_log)log, .arena = arena};
        do {
            st = store_transact(g->store, sequence, &s, err);
            pd_arena_reset(arena, mark);
        } while (st == PD_OK && s.done > 0);
        if (st == PD_OK)
            st = publish(g, (enum ledger_log)log, arena, err);
        pd_arena_reset(arena, mark);
    }
    for (bool more = true; st == PD_OK && more; pd_arena_reset(arena, mark))
        st = release_next(g, arena, &more, err);
    pd_arena_free(arena);
    return st;
}
