/*
 * What unlock found, kept beside the writer for the handles of its process: deciding every waiting
 * request again takes longer with each, and nothing of it changes until there is another act, other
 * rules, or a moment has passed on which the law looks.
 */
#include "govern/unlock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The law looks at the time: a deadline passes without an act. */
#define KEPT_FOR (60 * PD_SECOND)
/* What takes no longer is found while its visitor waits. */
#define IS_SHORT_US 5000
/* What nobody renews is not shown for ever. */
#define SHOWN_FOR (10 * KEPT_FOR)
/* Of a moment that several servers share, an act that began earlier may be committed later. */
#define LATEST_COMMIT (10 * PD_SECOND)

/* What the answer follows from. */
struct moment {
    char newest[PD_ID_TEXT_SIZE]; /* act; empty: none */
    int64_t lately;               /* acts in the time before it */
    uint64_t commits;             /* by the writer of this process */
    const struct law_rules *rules;
    pd_time at;
};

struct unlock_kept {
    pthread_mutex_t computing; /* who needs it as it is now waits for whoever computes it */
    pthread_mutex_t lock;      /* of all below; taken after the other */
    struct pd_arena *arena;
    const struct govern_blocks *blocks; /* NULL: none yet */
    struct moment of;
    int64_t took_us;
    uint64_t count;
};

struct unlock_kept *unlock_kept_new(void) {
    struct unlock_kept *kept = calloc(1, sizeof(*kept));
    if (kept)
        pthread_mutex_init(&kept->lock, NULL), pthread_mutex_init(&kept->computing, NULL);
    return kept;
}

void unlock_kept_free(struct unlock_kept *kept) {
    if (!kept)
        return;
    pd_arena_free(kept->arena);
    pthread_mutex_destroy(&kept->lock);
    pthread_mutex_destroy(&kept->computing);
    free(kept);
}

uint64_t unlock_kept_count(struct unlock_kept *kept) {
    pthread_mutex_lock(&kept->lock);
    uint64_t count = kept->count;
    pthread_mutex_unlock(&kept->lock);
    return count;
}

/* ---- Whether it still holds ---- */

static const struct sql NEWEST = {
    .both = "SELECT id, made_at FROM act ORDER BY id DESC LIMIT 1"};
static const struct sql LATELY = {.both = "SELECT COUNT(*) FROM act WHERE id >= $1"};

static enum pd_status count_lately(struct govern *g, pd_time newest, int64_t *out,
                                   struct pd_error *err) {
    static const uint8_t LEAST[10];
    char from[PD_ID_TEXT_SIZE];
    pd_id_write(pd_id_make(newest - LATEST_COMMIT, LEAST), from);
    struct store_value values[] = {STORE_STR(pd_str_from(from))};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, LATELY, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    *out = st == PD_OK && has ? store_i64(rows, 0) : 0;
    store_rows_close(rows);
    return st;
}

/* The commits are counted first: what is committed after that is not in the answer for sure, and
 * what was before it is. */
static enum pd_status look(struct govern *g, struct moment *out, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    memset(out, 0, sizeof(*out));
    out->commits = writer_commits(g->writer);
    enum pd_status st = node_load_rules(g, NULL, err);
    if (st == PD_OK)
        st = store_select(g->store, NEWEST, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    out->rules = g->rules;
    out->at = pd_clock_now(&g->clock);
    st = store_next(rows, &has, err);
    pd_time newest = 0;
    has = st == PD_OK && has;
    if (has) {
        pd_str id = store_str(rows, 0);
        memcpy(out->newest, id.data, id.len < PD_ID_TEXT_SIZE ? id.len : PD_ID_TEXT_SIZE - 1);
        newest = store_i64(rows, 1);
    }
    store_rows_close(rows);
    return has ? count_lately(g, newest, &out->lately, err) : st;
}

static bool holds(const struct unlock_kept *kept, const struct moment *now) {
    return kept->blocks && strcmp(kept->of.newest, now->newest) == 0 &&
           kept->of.lately == now->lately && kept->of.commits == now->commits &&
           kept->of.rules == now->rules && now->at >= kept->of.at &&
           now->at < kept->of.at + KEPT_FOR;
}

/* ---- Copying ---- */

static const void *copy_array(const void *from, size_t count, size_t size, struct pd_arena *arena,
                              bool *is_whole) {
    void *to = pd_arena_array(arena, count ? count : 1, size);
    *is_whole = *is_whole && to;
    if (to && count)
        memcpy(to, from, count * size);
    return to;
}

static pd_str copy_text(pd_str text, struct pd_arena *arena, bool *is_whole) {
    pd_str copy = pd_arena_str(arena, text);
    *is_whole = *is_whole && copy.data;
    return copy;
}

/* The names of policies, facts and articles are the rules', which the shelf keeps. */
static void copy_block(struct govern_block *b, struct pd_arena *arena, bool *is_whole) {
    b->name = copy_text(b->name, arena, is_whole);
    b->value = copy_text(b->value, arena, is_whole);
    b->policies = copy_array(b->policies, b->policy_count, sizeof(*b->policies), arena, is_whole);
    b->acts = copy_array(b->acts, b->blocked.cases, sizeof(*b->acts), arena, is_whole);
    b->is_unlocked =
        copy_array(b->is_unlocked, b->blocked.cases, sizeof(*b->is_unlocked), arena, is_whole);
    if (b->article)
        b->article = copy_array(b->article, 1, sizeof(*b->article), arena, is_whole);
}

static const struct govern_blocks *copy(const struct govern_blocks *from, struct pd_arena *arena) {
    bool is_whole = true;
    struct govern_blocks *to = pd_arena_alloc(arena, sizeof(*to));
    struct govern_block *blocks =
        pd_arena_array(arena, from->block_count ? from->block_count : 1, sizeof(*blocks));
    struct govern_unread_act *unread =
        pd_arena_array(arena, from->unread_count ? from->unread_count : 1, sizeof(*unread));
    if (!to || !blocks || !unread)
        return NULL;
    *to = *from;
    for (size_t i = 0; i < from->block_count; i++) {
        blocks[i] = from->blocks[i];
        copy_block(&blocks[i], arena, &is_whole);
    }
    for (size_t i = 0; i < from->unread_count; i++) {
        unread[i] = from->unread[i];
        unread[i].verb = copy_text(unread[i].verb, arena, &is_whole);
        unread[i].why = copy_text(unread[i].why, arena, &is_whole);
    }
    to->blocks = blocks;
    to->unread = unread;
    return is_whole ? to : NULL;
}

/* ---- Asking ---- */

static int64_t monotonic_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Where there is no memory to keep it, it is computed again. */
static void keep(struct unlock_kept *kept, const struct govern_blocks *blocks,
                 const struct moment *of, int64_t took_us) {
    struct pd_arena *arena = pd_arena_new(GOVERN_ARENA_LIMIT);
    const struct govern_blocks *own = arena ? copy(blocks, arena) : NULL;
    pthread_mutex_lock(&kept->lock);
    struct pd_arena *old = kept->arena;
    kept->arena = own ? arena : NULL;
    kept->blocks = own;
    kept->of = *of;
    kept->took_us = took_us;
    kept->count++;
    pthread_mutex_unlock(&kept->lock);
    pd_arena_free(own ? old : arena);
    if (!own)
        pd_arena_free(old);
}

/* True: it was kept, and is in `out`, or there was no memory for it (NULL). */
static bool is_kept(struct unlock_kept *kept, const struct moment *now, bool may_be_older,
                    struct pd_arena *arena, const struct govern_blocks **out) {
    pthread_mutex_lock(&kept->lock);
    bool does = holds(kept, now) ||
                (may_be_older && kept->blocks && kept->took_us > IS_SHORT_US &&
                 now->at >= kept->of.at && now->at < kept->of.at + SHOWN_FOR);
    if (does)
        *out = copy(kept->blocks, arena);
    pthread_mutex_unlock(&kept->lock);
    return does;
}

/* The moment is looked at again by whoever had to wait: it may be there by now. */
static enum pd_status compute(struct unlock_kept *kept, struct govern *g, struct pd_arena *arena,
                              const struct govern_blocks **out, int64_t *took_us,
                              struct pd_error *err) {
    struct moment now;
    pthread_mutex_lock(&kept->computing);
    int64_t began = monotonic_us();
    *took_us = 0;
    enum pd_status st = look(g, &now, err);
    if (st == PD_OK && !is_kept(kept, &now, false, arena, out)) {
        st = unlock_find(g, arena, out, err);
        *took_us = monotonic_us() - began;
        *took_us += *took_us == 0;
        if (st == PD_OK)
            keep(kept, *out, &now, *took_us);
    }
    pthread_mutex_unlock(&kept->computing);
    return st;
}

enum pd_status unlock_kept_find(struct unlock_kept *kept, struct govern *g, bool may_be_older,
                                struct pd_arena *arena, const struct govern_blocks **out,
                                struct pd_error *err) {
    struct moment now;
    int64_t took_us;
    const struct govern_blocks *found = NULL;
    enum pd_status st = look(g, &now, err);
    if (st == PD_OK && !is_kept(kept, &now, may_be_older, arena, &found))
        st = compute(kept, g, arena, &found, &took_us, err);
    if (st != PD_OK)
        return st;
    if (!found)
        return pd_fail_memory(err);
    *out = found;
    return PD_OK;
}

enum pd_status unlock_kept_renew(struct unlock_kept *kept, struct govern *g, int64_t *took_us,
                                 struct pd_error *err) {
    struct moment now;
    const struct govern_blocks *found;
    *took_us = 0;
    enum pd_status st = look(g, &now, err);
    pthread_mutex_lock(&kept->lock);
    bool still_holds = holds(kept, &now);
    pthread_mutex_unlock(&kept->lock);
    if (st != PD_OK || still_holds)
        return st;
    struct pd_arena *arena = pd_arena_new(GOVERN_ARENA_LIMIT);
    if (!arena)
        return pd_fail_memory(err);
    st = compute(kept, g, arena, &found, took_us, err);
    pd_arena_free(arena);
    return st;
}
