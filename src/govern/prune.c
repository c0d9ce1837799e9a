/*
 * Pruning a shard of the restricted log whose retention is over, by an act whose leaf in the public
 * log says what went: origin, size and root. The acts that may go are removed with their leaves and
 * sealed records in the act's transaction; then keys are destroyed and tiles removed, which can be
 * done again. What remains of the shard is its last checkpoint, and the anchor that bears it out.
 */
#include "govern/prune.h"

#include "job/job.h"

#include <stdio.h>
#include <string.h>

/* ---- Whether it may be pruned ---- */

static const struct sql COUNT_PENDING = {
    .both = "SELECT " LEAF_PENDING("l.name", "l.size") " FROM log l WHERE l.name = $1"};
static const struct sql COUNT_LEAVES = {.both = "SELECT COUNT(*) FROM leaf WHERE log = $1"};

static enum pd_status count(struct govern *g, struct sql sql, pd_str log, uint64_t *out,
                            struct pd_error *err) {
    struct store_value values[] = {STORE_STR(log)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, sql, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    *out = st == PD_OK && has ? (uint64_t)store_i64(rows, 0) : 0;
    store_rows_close(rows);
    return st;
}

static enum pd_status check_kind(const struct govern_log *log, pd_time now, struct pd_error *err) {
    char date[PD_TIME_TEXT_SIZE];
    if (log->log == LEDGER_PUBLIC)
        return pd_fail(err, PD_USAGE,
                       "the public log is kept for ever; only shards of the "
                       "restricted one can be pruned");
    if (log->pruned_at) {
        pd_time_write(log->pruned_at, PD_TIME_DATE, date);
        return pd_fail(err, PD_CONFLICT, "%.*s was pruned on %s", pd_arg(log->name), date);
    }
    if (log->is_newest || now < log->ends_at)
        return pd_fail(err, PD_CONFLICT, "%.*s is the newest shard: acts still go there",
                       pd_arg(log->name));
    return PD_OK;
}

/* The end of the retention, by the rules in force: a longer one holds for the shards that are here.
 */
static enum pd_status check_date(const struct govern *g, const struct govern_log *log, pd_time now,
                                 pd_time *kept_until, struct pd_error *err) {
    char date[PD_TIME_TEXT_SIZE];
    int64_t months = shard_keep_months(g);
    *kept_until = shard_add_months(log->ends_at, months);
    if (now >= *kept_until)
        return PD_OK;
    pd_time_write(*kept_until, PD_TIME_DATE, date);
    return pd_fail(err, PD_CONFLICT,
                   "%.*s must be kept until %s: %lld months after its end, by the node's rules "
                   "(restricted_keep_months)",
                   pd_arg(log->name), date, (long long)months);
}

/* What the public log says of the shard is all that will be left to verify it by. */
static enum pd_status check_anchor(struct govern *g, const struct integrate_log *log,
                                   struct pd_arena *arena, struct pd_error *err) {
    const struct shard_anchor *anchors;
    size_t n;
    uint64_t pending = 0;
    enum pd_status st = count(g, COUNT_PENDING, log->name, &pending, err);
    if (st == PD_OK && pending)
        return pd_fail(err, PD_CONFLICT,
                       "%llu leaves of %.*s are not in its tree yet; run: polder job run",
                       (unsigned long long)pending, pd_arg(log->name));
    if (st == PD_OK)
        st = shard_anchors(g, log->name, arena, &anchors, &n, err);
    if (st != PD_OK)
        return st;
    uint64_t anchored = n ? anchors[n - 1].size : 0;
    if (anchored != log->edge.size)
        return pd_fail(err, PD_CONFLICT,
                       "the public log was told of %llu of the %llu leaves of %.*s: without an "
                       "anchor of all of them nobody could verify what was pruned; run: polder "
                       "ledger anchor",
                       (unsigned long long)anchored, (unsigned long long)log->edge.size,
                       pd_arg(log->name));
    if (!n)
        return PD_OK; /* an empty shard */
    st = shard_anchor_check(g, log, &anchors[n - 1], arena, err);
    struct integrate_leaf leaf;
    pd_id act;
    if (st == PD_OK && !pd_id_parse(anchors[n - 1].act, &act))
        st = pd_fail(err, PD_INTERNAL, "the anchor's row has no id");
    if (st == PD_OK)
        st = integrate_leaf_of(g, act, arena, &leaf, err);
    if (st == PD_OK && !leaf.has_index)
        st = pd_fail(err, PD_CONFLICT,
                     "the anchor of %.*s is not in the public log's tree yet; run: polder job run",
                     pd_arg(log->name));
    return st;
}

/* ---- The act ---- */

struct pruning {
    struct govern *g;
    pd_str name;
    bool is_rehearsal;
    struct integrate_log log;
    struct govern_pruned *out;
};

static const struct sql COUNT_GOING = {
    .both = "SELECT f.log, COUNT(*) FROM prunable p JOIN leaf f ON f.act_id = p.act_id"
            " GROUP BY f.log ORDER BY f.log"};
static const struct sql INSERT_PRUNING = {
    .both = "INSERT INTO pruning (id, act_id, log, size, root, removed, held, kept_until, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
static const struct sql SET_PRUNED = {.both = "UPDATE log SET pruned_at = $2 WHERE name = $1"};

/* One shard that something is taken from. */
struct taken {
    pd_str log;
    uint64_t removed;
    struct taken *next;
};

static enum pd_status list_taken(struct pruning *p, struct pd_arena *arena, struct taken **out,
                                 struct pd_error *err) {
    struct store_rows *rows;
    struct taken *list = NULL, *own = NULL;
    bool has;
    enum pd_status st = store_select(p->g->store, COUNT_GOING, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct taken *t = pd_arena_alloc(arena, sizeof(*t));
        if (t)
            *t = (struct taken){pd_arena_str(arena, store_str(rows, 0)),
                                (uint64_t)store_i64(rows, 1), list};
        if (!t || !t->log.data) {
            st = pd_fail_memory(err);
            break;
        }
        list = t;
        if (pd_str_eq(t->log, p->name))
            own = t;
    }
    store_rows_close(rows);
    if (st == PD_OK && !own) { /* nothing of it may go; its tiles do */
        own = pd_arena_alloc(arena, sizeof(*own));
        if (!own)
            return pd_fail_memory(err);
        *own = (struct taken){p->name, 0, list};
        list = own;
    }
    if (st == PD_OK)
        *out = list;
    return st;
}

static enum pd_status save_taken(struct pruning *p, struct act *act, const struct taken *t,
                                 struct pd_error *err) {
    struct integrate_log log;
    uint64_t leaves = 0;
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(crypto_id(act->at), id);
    enum pd_status st = integrate_log_load(p->g, t->log, act->arena, &log, err);
    if (st == PD_OK)
        st = count(p->g, COUNT_LEAVES, t->log, &leaves, err);
    if (st != PD_OK)
        return st;
    bool is_own = pd_str_eq(t->log, p->name);
    if (is_own) {
        p->out->removed = t->removed;
        p->out->held = leaves - t->removed;
    } else {
        p->out->released += t->removed;
    }
    crypto_hash root = ledger_edge_root(&log.edge);
    struct store_value values[] = {STORE_STR(pd_str_from(id)),
                                   STORE_STR(govern_id_text(act->id, act->arena)),
                                   STORE_STR(t->log),
                                   STORE_I64((int64_t)log.edge.size),
                                   STORE_STR(govern_hash_text(&root, act->arena)),
                                   STORE_I64((int64_t)t->removed),
                                   STORE_I64((int64_t)(leaves - t->removed)),
                                   STORE_I64(p->out->kept_until),
                                   STORE_I64(act->at)};
    st = store_run(p->g->store, INSERT_PRUNING, values, 9, NULL, err);
    return st == PD_OK ? act_wrote(p->g, act, "pruning", pd_str_from(id), err) : st;
}

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    struct pruning *p = context;
    struct taken *taken = NULL;
    p->out->released = 0;
    enum pd_status st = integrate_log_load(g, p->name, act->arena, &p->log, err);
    if (st == PD_OK)
        st = check_anchor(g, &p->log, act->arena, err);
    if (st == PD_OK)
        st = prune_find(g, p->name, act->arena, err);
    if (st == PD_OK)
        st = list_taken(p, act->arena, &taken, err);
    for (const struct taken *t = taken; st == PD_OK && t; t = t->next)
        st = save_taken(p, act, t, err);
    if (st == PD_OK)
        st = prune_keep_proofs(g, &p->log, act->arena, err);
    if (st == PD_OK)
        st = prune_remove(g, govern_id_text(act->id, act->arena), err);
    struct store_value marked[] = {STORE_STR(p->name), STORE_I64(act->at)};
    if (st == PD_OK)
        st = store_run(g->store, SET_PRUNED, marked, 2, NULL, err);
    if (st == PD_OK)
        st = job_add(g->store, JOBS_PRUNE, p->name, act->at, act->at, err);
    act->has_log = true;
    act->log_origin = p->log.origin;
    act->log_size = p->out->size = p->log.edge.size;
    act->log_root = p->out->root = ledger_edge_root(&p->log.edge);
    if (st == PD_OK && p->is_rehearsal)
        return pd_fail(err, PD_OPEN, "this was a rehearsal"); /* rolls everything back */
    return st;
}

/* No law is asked: that the retention is over is what the rules in force say, and the act names the
 * rule. */
static enum pd_status commit(struct pruning *p, struct pd_arena *arena, struct pd_error *err) {
    struct act act = {.verb = LEDGER_PRUNE,
                      .outcome = LEDGER_OUTCOME_DONE,
                      .is_disclosed = true,
                      .article = PD_STR("node.restricted_keep_months"),
                      .effect = save,
                      .context = p};
    enum pd_status st = shard_find_keeper(p->g, arena, &act.party, err);
    if (st == PD_OK)
        st = act_begin(p->g, &act, err);
    if (st == PD_OK)
        st = act_commit(p->g, &act, arena, &p->out->pending, err);
    if (st == PD_OK) {
        p->out->act = act.id;
        p->out->receipt = act.receipt;
    }
    return st;
}

enum pd_status govern_prune(struct govern *g, pd_str name, bool is_rehearsal,
                            struct pd_arena *arena, const struct govern_pruned **out,
                            struct pd_error *err) {
    const struct govern_log *log;
    struct govern_pruned *pruned = pd_arena_alloc(arena, sizeof(*pruned));
    pd_time now = pd_clock_now(&g->clock);
    if (!pruned)
        return pd_fail_memory(err);
    *pruned = (struct govern_pruned){.pending = PD_STR("")};
    enum pd_status st = govern_log_find(g, name, arena, &log, err);
    if (st == PD_OK)
        st = check_kind(log, now, err);
    if (st == PD_OK)
        st = check_date(g, log, now, &pruned->kept_until, err);
    if (st != PD_OK)
        return st;
    struct pruning p = {.g = g, .name = log->name, .is_rehearsal = is_rehearsal, .out = pruned};
    pruned->log = log->name;
    st = commit(&p, arena, err);
    if (is_rehearsal && st == PD_OPEN)
        st = PD_OK;
    else if (st == PD_OK)
        st = shard_clear_pruned(g, log->name, arena, err);
    if (st == PD_OK)
        *out = pruned;
    return st;
}

/* ---- Afterwards, and again after a crash ---- */

enum { DOOMED_AT_ONCE = 256 };

static const struct sql NEXT_DOOMED = {
    .both = "SELECT key_id, act_id FROM doomed_key WHERE act_id = (SELECT MIN(act_id) FROM"
            " doomed_key) ORDER BY key_id LIMIT 256"};
static const struct sql FORGET_DOOMED = {
    .both = "DELETE FROM doomed_key WHERE act_id = $1 AND key_id <= $2"};

/* Keys of one act. */
struct doomed {
    pd_id keys[DOOMED_AT_ONCE], act;
    size_t count;
    pd_str act_text, last;
};

static enum pd_status forget_doomed(struct store *store, void *context, struct pd_error *err) {
    const struct doomed *d = context;
    struct store_value values[] = {STORE_STR(d->act_text), STORE_STR(d->last)};
    return store_run(store, FORGET_DOOMED, values, 2, NULL, err);
}

static enum pd_status list_doomed(struct govern *g, struct pd_arena *arena, struct doomed *d,
                                  struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, NEXT_DOOMED, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && d->count < DOOMED_AT_ONCE) {
        d->last = pd_arena_str(arena, store_str(rows, 0));
        d->act_text = pd_arena_str(arena, store_str(rows, 1));
        if (!d->last.data || !d->act_text.data)
            st = pd_fail_memory(err);
        else if (!pd_id_parse(d->last, &d->keys[d->count++]) || !pd_id_parse(d->act_text, &d->act))
            st = pd_fail(err, PD_INTERNAL, "the list of keys to be destroyed is damaged");
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    return st;
}

/* A key that is destroyed twice is destroyed. */
static enum pd_status destroy_some(struct govern *g, struct pd_arena *arena, bool *more,
                                   struct pd_error *err) {
    struct doomed *d = pd_arena_alloc(arena, sizeof(*d));
    if (!d)
        return pd_fail_memory(err);
    *d = (struct doomed){.count = 0};
    enum pd_status st = list_doomed(g, arena, d, err);
    *more = st == PD_OK && d->count > 0;
    if (*more)
        st = store_key_destroy(g->store, d->keys, d->count, d->act, pd_clock_now(&g->clock), err);
    return st == PD_OK && *more ? store_transact(g->store, forget_doomed, d, err) : st;
}

enum pd_status shard_clear_pruned(struct govern *g, pd_str name, struct pd_arena *arena,
                                  struct pd_error *err) {
    struct integrate_log log;
    enum pd_status st = integrate_log_load(g, name, arena, &log, err);
    if (st != PD_OK || !log.pruned_at)
        return st;
    struct pd_mark mark = pd_arena_mark(arena);
    for (bool more = true; st == PD_OK && more; pd_arena_reset(arena, mark))
        st = destroy_some(g, arena, &more, err);
    char path[96];
    snprintf(path, sizeof(path), "ledger/%.*s/tile", pd_arg(log.folder));
    return st == PD_OK ? store_files_remove(g->store, path, err) : st;
}

enum pd_status shard_run_prune(void *context, pd_str subject, pd_time now, pd_time *again,
                               struct pd_error *err) {
    (void)now, (void)again;
    struct pd_arena *arena = pd_arena_new(GOVERN_ARENA_LIMIT);
    if (!arena)
        return pd_fail_memory(err);
    enum pd_status st = shard_clear_pruned(context, subject, arena, err);
    pd_arena_free(arena);
    return st;
}

/* ---- What was pruned ---- */

static const struct sql FIND_PRUNING = {
    .both = "SELECT size, root, held FROM pruning WHERE log = $1 ORDER BY made_at DESC, id DESC"
            " LIMIT 1"};

enum pd_status shard_pruning_find(struct govern *g, const struct integrate_log *log, uint64_t *held,
                                  bool *found, struct pd_arena *arena, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(log->name)};
    struct store_rows *rows;
    crypto_hash root = ledger_edge_root(&log->edge);
    enum pd_status st = store_select(g->store, FIND_PRUNING, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, found, err);
    if (st == PD_OK && *found) {
        *held = (uint64_t)store_i64(rows, 2);
        if (store_i64(rows, 0) != (int64_t)log->edge.size ||
            !pd_str_eq(store_str(rows, 1), govern_hash_text(&root, arena)))
            st = pd_fail(err, PD_INTERNAL, "what was pruned had another size or root than %.*s",
                         pd_arg(log->name));
    }
    store_rows_close(rows);
    return st;
}
