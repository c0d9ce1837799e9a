/*
 * Logs: leaves, tree, checkpoint and tiles agree, and the tree passes through what this machine saw
 * of it before.
 *
 * One walk over the leaves makes the tree and the tiles anew. That it passes through an older
 * checkpoint needs no consistency proof then: the root of so many leaves is known on the way.
 */
#include "govern/verify_impl.h"
#include "govern/witnessed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEN_MAX = 16 };

struct log_check {
    struct verifier *v;
    struct integrate_log log;
    struct govern_verified_log *out;
    const struct shard_anchor *anchors; /* by size */
    size_t anchor_count, next_anchor;
    struct ledger_edge edge;
    struct store_rows *rows; /* leaves in their order */
    bool has;
    bool is_broken; /* a leaf is missing: what follows has no place any more */
    uint64_t flaws; /* when it began */
    pd_time newest;
    struct seen {
        pd_str note;
        uint64_t size;
        crypto_hash root;
        bool is_passed, is_published; /* the file that others are shown */
    } seen[SEEN_MAX];
    size_t seen_count;
};

static pd_str name_of(const struct log_check *c) {
    return c->log.name;
}

/* ---- What was seen before ---- */

static void take_seen(struct log_check *c, pd_str note) {
    struct ledger_checkpoint checkpoint;
    struct pd_error why = {0};
    pd_str rest = note, origin;
    if (c->seen_count == SEEN_MAX || !pd_str_split(&rest, '\n', &origin) ||
        !pd_str_eq(origin, c->log.origin))
        return;
    if (integrate_verify_note(c->v->g, &c->log, note, c->v->scratch, &checkpoint, &why) != PD_OK) {
        verify_flaw(c->v, "seen", name_of(c),
                    "the checkpoint that was seen before isn't signed by this log's key: %s",
                    why.text);
        return;
    }
    c->seen[c->seen_count++] = (struct seen){note, checkpoint.size, checkpoint.root, false, false};
}

static void pass_seen(struct log_check *c) {
    crypto_hash root = ledger_edge_root(&c->edge);
    for (size_t i = 0; i < c->seen_count; i++) {
        struct seen *s = &c->seen[i];
        if (s->is_passed || s->size != c->edge.size)
            continue;
        s->is_passed = true;
        if (memcmp(root.bytes, s->root.bytes, sizeof(root.bytes)) == 0)
            continue;
        if (s->is_published) {
            verify_flaw(c->v, "log", name_of(c),
                        "the published checkpoint of %llu leaves has another root than they have",
                        (unsigned long long)s->size);
            continue;
        }
        verify_flaw(c->v, "seen", name_of(c),
                    "a fork: of the first %llu leaves another root was signed and seen before than "
                    "they have now",
                    (unsigned long long)s->size);
        c->out->fork = pd_arena_str(c->v->arena, s->note);
    }
}

static void end_seen(struct log_check *c) {
    for (size_t i = 0; i < c->seen_count && !c->is_broken; i++) {
        if (c->seen[i].is_passed || c->seen[i].is_published)
            continue;
        verify_flaw(c->v, "seen", name_of(c),
                    "rolled back: a checkpoint of %llu leaves was seen before, and there are %llu",
                    (unsigned long long)c->seen[i].size, (unsigned long long)c->edge.size);
        c->out->fork = pd_arena_str(c->v->arena, c->seen[i].note);
    }
}

/* The tree had the root that the public log was told when it had that many leaves. */
static void pass_anchors(struct log_check *c) {
    while (c->next_anchor < c->anchor_count && c->anchors[c->next_anchor].size <= c->edge.size) {
        const struct shard_anchor *a = &c->anchors[c->next_anchor++];
        crypto_hash root = ledger_edge_root(&c->edge);
        if (a->size != c->edge.size || memcmp(root.bytes, a->root.bytes, sizeof(root.bytes)) != 0)
            verify_flaw(
                c->v, "log", name_of(c),
                "the first %llu leaves are not those that the public log was told of (anchor "
                "%.*s): leaves were changed, dropped or put in",
                (unsigned long long)a->size, pd_arg(a->act));
    }
}

static void end_anchors(struct log_check *c) {
    if (c->next_anchor < c->anchor_count)
        verify_flaw(
            c->v, "log", name_of(c),
            "the public log was told of %llu leaves, and there are %llu: leaves are missing",
            (unsigned long long)c->anchors[c->anchor_count - 1].size,
            (unsigned long long)c->edge.size);
}

/* ---- Leaves ---- */

static const struct sql LIST_LEAVES = {
    .both = "SELECT act_id, leaf_index, bytes, proof FROM leaf"
            " WHERE log = $1 AND leaf_index IS NOT NULL ORDER BY leaf_index"};
static const struct sql COUNT_PENDING = {
    .both = "SELECT " LEAF_PENDING("l.name", "l.size") " FROM log l WHERE l.name = $1"};

/* Clocks may be set back; the acts' own times don't follow (act.c). Nodes of before had no such
 * care. */
enum { TOLERATED_MINUTES = 10 };

static void check_time(struct log_check *c, pd_str leaf) {
    pd_time at;
    pd_str text = pd_json_find(leaf, "time");
    if (text.len < 2 || !pd_time_parse(pd_str_sub(text, 1, text.len - 2), &at))
        return; /* told with its act */
    if (at + TOLERATED_MINUTES * 60 * PD_SECOND < c->newest)
        verify_remark(c->v, "log", store_str(c->rows, 0),
                      "leaf %lld of the %.*s log is %lld minutes older than one before it: a clock "
                      "was set back",
                      (long long)store_i64(c->rows, 1), pd_arg(c->log.name),
                      (long long)((c->newest - at) / (60 * PD_SECOND)));
    c->newest = at > c->newest ? at : c->newest;
}

/* The next leaf, which must be that of the index. */
static enum pd_status next_leaf(struct log_check *c, uint64_t index, pd_str *out,
                                struct pd_error *err) {
    enum pd_status st = store_next(c->rows, &c->has, err);
    if (st != PD_OK)
        return st;
    if (!c->has || store_i64(c->rows, 1) != (int64_t)index) {
        verify_flaw(
            c->v, "leaf", name_of(c),
            "leaf %llu of the %.*s log is missing; its tree and what lies behind can't be checked",
            (unsigned long long)index, pd_arg(c->log.name));
        c->is_broken = true;
        return pd_fail(err, PD_NOT_FOUND, "a leaf is missing");
    }
    *out = store_str(c->rows, 2);
    crypto_hash hash;
    check_time(c, *out);
    st = ledger_hash_leaf(*out, &hash, err);
    if (st == PD_OK)
        st = ledger_edge_append(&c->edge, &hash, err);
    if (st == PD_OK) {
        pass_seen(c);
        pass_anchors(c);
    }
    return st;
}

/* ---- Tiles ---- */

static enum pd_status tile_entry(void *context, uint64_t index, pd_str *out, struct pd_error *err) {
    return next_leaf(context, index, out, err);
}

/* Which entry of a bundle is another than in the database. */
static void tell_bundle(struct log_check *c, const char *path, pd_str found, pd_str expected) {
    size_t at = 0;
    while (at < found.len && at < expected.len && found.data[at] == expected.data[at])
        at++;
    size_t entry = 0;
    for (size_t i = 0; i + 2 <= expected.len; entry++) {
        i += 2 + ((size_t)(unsigned char)expected.data[i] << 8) +
             (unsigned char)expected.data[i + 1];
        if (i > at)
            break;
    }
    verify_flaw(c->v, "log", pd_str_from(path),
                "the file is not what the log's leaves make: entry %zu of it differs", entry);
}

/* Where so many entries of a tile or bundle end. */
static size_t end_of_entries(pd_str bytes, bool is_bundle, unsigned count) {
    size_t at = 0;
    if (!is_bundle)
        return (size_t)count * CRYPTO_HASH_SIZE;
    for (unsigned i = 0; i < count && at + 2 <= bytes.len; i++)
        at += 2 + ((size_t)(unsigned char)bytes.data[at] << 8) + (unsigned char)bytes.data[at + 1];
    return at;
}

/* Partial tiles of smaller trees lie there still, for who has an older checkpoint: each is the
 * beginning of the present one. */
static void compare_older(struct log_check *c, const char *path, pd_str bytes, bool is_bundle) {
    char folder[200], full[220];
    const char *cut = strstr(path, ".p/");
    unsigned width = cut ? (unsigned)strtoul(cut + 3, NULL, 10) : LEDGER_TILE_HASHES;
    pd_str found;
    struct pd_error why = {0};
    snprintf(folder, sizeof(folder), "ledger/%.*s/%.*s.p", pd_arg(c->log.folder),
             (int)(cut ? (size_t)(cut - path) : strlen(path)), path);
    if (store_file_read(c->v->g->store, folder, 1, c->v->scratch, &found, &why) == PD_NOT_FOUND)
        return; /* there is no such folder */
    for (unsigned w = 1; w < width; w++) {
        snprintf(full, sizeof(full), "%s/%u", folder, w);
        struct pd_mark mark = pd_arena_mark(c->v->scratch);
        enum pd_status st =
            store_file_read(c->v->g->store, full, (size_t)32 << 20, c->v->scratch, &found, &why);
        if (st != PD_NOT_FOUND) {
            c->v->found.files++;
            pd_str expected = pd_str_sub(bytes, 0, end_of_entries(bytes, is_bundle, w));
            if (st != PD_OK || !pd_str_eq(found, expected))
                verify_flaw(c->v, "log", pd_str_from(full),
                            "the file is not the beginning of what the log's leaves make");
        }
        pd_arena_reset(c->v->scratch, mark);
    }
}

static enum pd_status tile_compare(void *context, const char *path, pd_str bytes,
                                   struct pd_error *err) {
    (void)err;
    struct log_check *c = context;
    struct pd_error why = {0};
    char full[160];
    snprintf(full, sizeof(full), "ledger/%.*s/%s", pd_arg(c->log.folder), path);
    pd_str found;
    struct pd_mark mark = pd_arena_mark(c->v->scratch);
    enum pd_status st =
        store_file_read(c->v->g->store, full, (size_t)32 << 20, c->v->scratch, &found, &why);
    c->v->found.files++;
    if (st != PD_OK)
        verify_flaw(c->v, "log", pd_str_from(full), "%s", why.text);
    else if (!pd_str_eq(found, bytes) && strncmp(path, "tile/entries/", 13) == 0)
        tell_bundle(c, full, found, bytes);
    else if (!pd_str_eq(found, bytes))
        verify_flaw(c->v, "log", pd_str_from(full), "the file is not what the log's leaves make");
    compare_older(c, path, bytes, strncmp(path, "tile/entries/", 13) == 0);
    pd_arena_reset(c->v->scratch, mark);
    return PD_OK;
}

/* ---- The checkpoint ---- */

static enum pd_status check_keys(struct log_check *c, struct pd_error *err) {
    pd_str holder = pd_arena_printf(c->v->scratch, "log/%.*s", pd_arg(c->log.name)),
           path = pd_arena_printf(c->v->scratch, "%.*s/vkey", pd_arg(c->log.folder));
    if (!holder.data || !path.data)
        return pd_fail_memory(err);
    const struct verify_vkeys keys = {.check = "log",
                                      .log = c->log.name,
                                      .holder = holder,
                                      .current = c->log.vkey_text,
                                      .path = path,
                                      .is_required = true};
    return verify_vkeys(c->v, &keys, err);
}

/* What is published lags behind the database at most, and the tree must pass through it. */
static void take_published(struct log_check *c) {
    char full[96];
    pd_str note;
    struct pd_error why = {0};
    struct ledger_checkpoint checkpoint;
    snprintf(full, sizeof(full), "ledger/%.*s/checkpoint", pd_arg(c->log.folder));
    c->v->found.files++;
    if (store_file_read(c->v->g->store, full, LEDGER_NOTE_MAX, c->v->scratch, &note, &why) !=
            PD_OK ||
        integrate_verify_note(c->v->g, &c->log, note, c->v->scratch, &checkpoint, &why) != PD_OK)
        verify_flaw(c->v, "log", pd_str_from(full), "%s", why.text);
    else if (checkpoint.size > c->log.edge.size)
        verify_flaw(c->v, "log", pd_str_from(full),
                    "the published checkpoint is larger than the log in the database");
    else if (checkpoint.size < c->log.published)
        verify_flaw(c->v, "log", pd_str_from(full),
                    "the published checkpoint is of %llu leaves, and %llu were published",
                    (unsigned long long)checkpoint.size, (unsigned long long)c->log.published);
    else if (c->seen_count < SEEN_MAX)
        c->seen[c->seen_count++] =
            (struct seen){note, checkpoint.size, checkpoint.root, false, true};
}

static void compare_root(struct log_check *c) {
    crypto_hash root = ledger_edge_root(&c->edge), is_signed = ledger_edge_root(&c->log.edge);
    if (c->is_broken || (c->edge.size == c->log.edge.size &&
                         memcmp(root.bytes, is_signed.bytes, sizeof(root.bytes)) == 0))
        return;
    verify_flaw(c->v, "log", name_of(c),
                "the leaves make a tree of %llu with another root than the checkpoint of %llu",
                (unsigned long long)c->edge.size, (unsigned long long)c->log.edge.size);
}

/* ---- One log ---- */

static enum pd_status walk(struct log_check *c, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(name_of(c))};
    struct ledger_growth growth = {.context = c, .entry = tile_entry, .emit = tile_compare};
    enum pd_status st = store_select(c->v->g->store, LIST_LEAVES, values, 1, &c->rows, err);
    if (st != PD_OK)
        return st;
    pass_seen(c); /* the empty tree */
    pass_anchors(c);
    if (c->log.published)
        st = ledger_tiles_grow(&growth, 0, c->log.published, err);
    /* Behind what is published there are no tiles yet. */
    pd_str leaf;
    while (st == PD_OK && c->edge.size < c->log.edge.size)
        st = next_leaf(c, c->edge.size, &leaf, err);
    /* Behind the checkpoint waits what the next one will cover, without a gap. */
    for (int64_t next = (int64_t)c->edge.size;
         st == PD_OK && (st = store_next(c->rows, &c->has, err)) == PD_OK && c->has; next++)
        if (store_i64(c->rows, 1) != next) {
            verify_flaw(c->v, "leaf", store_str(c->rows, 0),
                        "leaf %lld of the %.*s log waits for its checkpoint, and leaf %lld before it is missing",
                        (long long)store_i64(c->rows, 1), pd_arg(c->log.name), (long long)next);
            break;
        }
    store_rows_close(c->rows);
    return c->is_broken ? PD_OK : st;
}

static enum pd_status count_pending(struct log_check *c, uint64_t *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(name_of(c))};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(c->v->g->store, COUNT_PENDING, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    *out = has ? (uint64_t)store_i64(rows, 0) : 0;
    store_rows_close(rows);
    return st;
}

/* ---- A pruned shard: what stayed is proven, the rest is what the anchor says ---- */

static bool is_held_proven(const struct log_check *c, const struct store_rows *rows,
                           const struct shard_anchor *anchor) {
    pd_str proof = store_str(rows, 3);
    crypto_hash hash, path[LEDGER_PROOF_MAX];
    struct pd_error why = {0};
    if (store_is_null(rows, 3) || proof.len % CRYPTO_HASH_SIZE != 0 || proof.len > sizeof(path) ||
        store_i64(rows, 1) < 0)
        return false;
    if (proof.len > 0)
        memcpy(path, proof.data, proof.len);
    return ledger_hash_leaf(store_str(rows, 2), &hash, &why) == PD_OK &&
           ledger_verify_inclusion((uint64_t)store_i64(rows, 1), anchor->size, &hash, path,
                                   proof.len / CRYPTO_HASH_SIZE, &anchor->root, &why) == PD_OK &&
           c->log.edge.size == anchor->size;
}

static enum pd_status check_held(struct log_check *c, const struct shard_anchor *anchor,
                                 struct pd_error *err) {
    struct store_value values[] = {STORE_STR(name_of(c))};
    enum pd_status st = store_select(c->v->g->store, LIST_LEAVES, values, 1, &c->rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(c->rows, &c->has, err)) == PD_OK && c->has) {
        if (!is_held_proven(c, c->rows, anchor))
            verify_flaw(c->v, "leaf", store_str(c->rows, 0),
                        "leaf %lld of the pruned log %.*s is not proven to be in it",
                        (long long)store_i64(c->rows, 1), pd_arg(c->log.name));
        c->out->held++;
    }
    store_rows_close(c->rows);
    return st;
}

static enum pd_status check_pruned(struct log_check *c, struct pd_error *err) {
    static const struct shard_anchor none; /* that has nothing needs none */
    const struct shard_anchor *last = c->anchor_count ? &c->anchors[c->anchor_count - 1] : &none;
    crypto_hash root = ledger_edge_root(&c->log.edge);
    c->out->is_pruned = true;
    c->edge = c->log.edge;
    if (last->size != c->log.edge.size ||
        (last->size && memcmp(last->root.bytes, root.bytes, sizeof(root.bytes)) != 0)) {
        verify_flaw(c->v, "log", name_of(c),
                    "the log was pruned, and no anchor in the public log covers it");
        return PD_OK;
    }
    enum pd_status st = check_held(c, last, err);
    uint64_t held = 0;
    bool found = false;
    if (st == PD_OK)
        st = shard_pruning_find(c->v->g, &c->log, &held, &found, c->v->scratch, err);
    if (st == PD_OK && !found)
        verify_flaw(c->v, "log", name_of(c), "the log was pruned, and no act says so");
    else if (st == PD_OK && held != c->out->held)
        verify_flaw(c->v, "log", name_of(c),
                    "%llu of its leaves were to stay when it was pruned, and %llu are here",
                    (unsigned long long)held, (unsigned long long)c->out->held);
    return st;
}

/* ---- The whole log ---- */

static enum pd_status check_whole(struct log_check *c, struct pd_error *err) {
    enum pd_status st = walk(c, err);
    if (st != PD_OK)
        return st;
    compare_root(c);
    end_anchors(c);
    end_seen(c);
    return PD_OK;
}

static enum pd_status load_anchors(struct log_check *c, struct pd_error *err) {
    struct pd_error why = {0};
    enum pd_status st =
        shard_anchors(c->v->g, c->log.name, c->v->scratch, &c->anchors, &c->anchor_count, err);
    for (size_t i = 0; st == PD_OK && i < c->anchor_count; i++)
        if (shard_anchor_check(c->v->g, &c->log, &c->anchors[i], c->v->scratch, &why) != PD_OK)
            verify_flaw(c->v, "log", c->anchors[i].act, "%s", why.text);
    c->out->anchors = c->anchor_count;
    c->out->anchored = c->anchor_count ? c->anchors[c->anchor_count - 1].size : 0;
    return st;
}

static void tell_log(struct log_check *c) {
    struct govern_verified_log *out = c->out;
    out->origin = pd_arena_str(c->v->arena, c->log.origin);
    out->vkey = pd_arena_str(c->v->arena, c->log.vkey_text);
    out->checkpoint = pd_arena_str(c->v->arena, c->log.checkpoint);
    out->leaves = c->edge.size;
    out->root = ledger_edge_root(&c->edge);
    out->is_whole = c->flaws == c->v->found.flaw_count + c->v->found.further_flaws;
}

enum pd_status verify_log(struct verifier *v, const struct verify_task *task,
                          struct pd_error *err) {
    struct log_check *c = pd_arena_alloc(v->scratch, sizeof(*c));
    struct pd_error why = {0};
    if (!c)
        return pd_fail_memory(err);
    c->v = v;
    c->flaws = v->found.flaw_count + v->found.further_flaws;
    c->out = &v->logs[task->which];
    c->out->name = v->log_names[task->which].name;
    enum pd_status st = integrate_log_load(v->g, c->out->name, v->scratch, &c->log, &why);
    if (st == PD_INTERNAL || st == PD_INVALID) {
        verify_flaw(v, "log", c->out->name, "%s", why.text);
        return PD_OK;
    }
    if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    st = load_anchors(c, err);
    for (size_t i = 0; i < v->options->seen_count; i++)
        take_seen(c, v->options->seen[i]);
    if (c->log.is_published) {
        take_published(c);
        if (st == PD_OK)
            st = check_keys(c, err);
    }
    if (st == PD_OK)
        st = c->log.pruned_at ? check_pruned(c, err) : check_whole(c, err);
    if (st == PD_OK)
        st = count_pending(c, &c->out->pending, err);
    if (st == PD_OK)
        tell_log(c);
    return st;
}

/* The reverse of shard_anchor_check: an anchor can't be made to be forgotten. */
static const struct sql ANCHORS_WITHOUT_ROW = {
    .both = "SELECT a.id FROM act a LEFT JOIN anchor r ON r.id = a.id WHERE a.verb = 'anchor' AND"
            " r.id IS NULL ORDER BY a.id"};

enum pd_status verify_anchors(struct verifier *v, const struct verify_task *task,
                              struct pd_error *err) {
    (void)task;
    return verify_none_of(v, ANCHORS_WITHOUT_ROW, NULL, 0, "row",
                          "the row of this anchor is missing", err);
}

/* What witnesses vouched for is this log's tree. */
enum pd_status verify_witnessed(struct verifier *v, const struct verify_task *task,
                                struct pd_error *err) {
    (void)task;
    pd_str what = {0};
    enum pd_status st = witnessed_check(v->g, v->scratch, &what, err);
    if (st == PD_OK && what.len)
        verify_flaw(v, "log", PD_STR("ledger/public/witnessed"), "%.*s", pd_arg(what));
    return st;
}
