/*
 * Publishing a log: tiles, each durably, and the checkpoint file last. What is published only ever
 * lags behind the database, and publishing the same tree again writes the same bytes, so that a
 * crash at any step costs nothing but doing it again.
 */
#include "govern/witnessed.h"

#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 160 };

static void path_of(pd_str folder, const char *path, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "ledger/%.*s/%s", pd_arg(folder), path);
}

enum pd_status integrate_fetch(void *context, const char *path, void *out, size_t capacity,
                               size_t *n, struct pd_error *err) {
    const struct integrate_tiles *t = context;
    char full[PATH_SIZE];
    path_of(t->folder, path, full);
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

struct publishing {
    struct govern *g;
    const struct integrate_log *log;
    struct pd_arena *arena;
    struct pd_mark mark;
    pd_str leaves[LEDGER_TILE_HASHES]; /* read together: those of one bundle at most */
    uint64_t first;
    size_t count;
};

static enum pd_status publish_entry(void *context, uint64_t index, pd_str *out,
                                    struct pd_error *err) {
    struct publishing *p = context;
    if (index < p->first || index - p->first >= p->count) {
        uint64_t left = p->log->edge.size - index;
        size_t count = LEDGER_TILE_HASHES - (size_t)(index % LEDGER_TILE_HASHES);
        count = left < count ? (size_t)left : count;
        p->count = 0;
        pd_arena_reset(p->arena, p->mark);
        enum pd_status st =
            integrate_leaves(p->g, p->log->name, index, count, p->arena, p->leaves, err);
        if (st != PD_OK)
            return st;
        p->first = index;
        p->count = count;
    }
    *out = p->leaves[index - p->first];
    return PD_OK;
}

static enum pd_status publish_file(void *context, const char *path, pd_str bytes,
                                   struct pd_error *err) {
    struct publishing *p = context;
    char full[PATH_SIZE];
    path_of(p->log->folder, path, full);
    enum pd_status st = store_file_write(p->g->store, full, bytes, err);
    if (st == PD_OK)
        integrate_tell(p->g, GOVERN_STEP_FILE, p->log->name);
    return st;
}

/* Another process may have published more meanwhile: what is recorded never goes back. */
static const struct sql SET_PUBLISHED = {
    .both = "UPDATE log SET published_size = $2 WHERE name = $1 AND published_size < $2"};

static enum pd_status mark_published(struct store *store, void *context, struct pd_error *err) {
    const struct publishing *p = context;
    struct store_value values[] = {STORE_STR(p->log->name), STORE_I64((int64_t)p->log->edge.size)};
    enum pd_status st = store_run(store, SET_PUBLISHED, values, 2, NULL, err);
    return st == PD_OK && p->log->log == LEDGER_PUBLIC ? witnessed_wake(p->g, err) : st;
}

static enum pd_status publish_tiles(struct publishing *p, struct pd_error *err) {
    struct integrate_tiles where = {p->g, p->log->folder};
    struct ledger_tiles *old = pd_arena_alloc(p->arena, sizeof(*old));
    if (!old)
        return pd_fail_memory(err);
    p->mark = pd_arena_mark(p->arena);
    *old = (struct ledger_tiles){
        .size = p->log->published, .fetch = integrate_fetch, .context = &where};
    struct ledger_growth growth = {.context = p,
                                   .entry = publish_entry,
                                   .emit = publish_file,
                                   .old = ledger_tiles_reader(old)};
    return ledger_tiles_grow(&growth, p->log->published, p->log->edge.size, err);
}

enum pd_status integrate_publish(struct govern *g, pd_str name, struct pd_arena *arena,
                                 struct pd_error *err) {
    struct integrate_log log;
    enum pd_status st = integrate_log_load(g, name, arena, &log, err);
    if (st != PD_OK || (log.is_published && log.published == log.edge.size))
        return st;
    struct publishing p = {.g = g, .log = &log, .arena = arena};
    if (log.log == LEDGER_PUBLIC)
        st = witnessed_may_sign(g, log.edge.size, err);
    if (st == PD_OK && log.edge.size > log.published)
        st = publish_tiles(&p, err);
    if (st == PD_OK)
        integrate_tell(g, GOVERN_STEP_TILES, log.name);
    if (st == PD_OK)
        st = publish_file(&p, "checkpoint", log.checkpoint, err);
    if (st == PD_OK)
        integrate_tell(g, GOVERN_STEP_CHECKPOINT, log.name);
    /* Behind the checkpoint: a new key is told once something is signed by it. */
    if (st == PD_OK)
        st = integrate_publish_keys(g, &log, arena, err);
    if (st == PD_OK)
        st = store_transact(g->store, mark_published, &p, err);
    if (st == PD_OK)
        integrate_tell(g, GOVERN_STEP_PUBLISHED, log.name);
    return st;
}
