/*
 * The floor under each log: the largest checkpoint that is known to have left the house. A node
 * whose database was restored from a backup may hold less than it has signed already; whatever it
 * would sign next could contradict that. So it signs nothing until its tree passes through that
 * checkpoint again, and while acts are missing it makes none: their proofs could never come
 * (DESIGN, "The ledger and privacy").
 */
#include "govern/govern_impl.h"

#include <inttypes.h>
#include <string.h>

/* Notes below ledger/LOG/ that may tell of a later checkpoint than the database. */
static const struct {
    const char *file;
    bool may_be_damaged; /* it is written anew with every checkpoint, and verify names the flaw */
} WITNESSES[] = {{"checkpoint", true}, {"witnessed", false}, {"floor", false}};

static const struct sql LIST_LOGS = {
    .both = "SELECT name, folder, origin, vkey FROM log ORDER BY name"};
static const struct sql FIND_TREE = {.both = "SELECT size, edge FROM log WHERE name = $1"};
static const struct sql LIST_PENDING = {
    .both = "SELECT f.bytes FROM leaf f JOIN log l ON l.name = f.log WHERE f.log = $1 AND"
            " (f.leaf_index IS NULL OR f.leaf_index >= l.size) ORDER BY f.leaf_index IS NULL, f.leaf_index, f.act_id"};

struct floor_log {
    pd_str name, folder, origin, vkey_text;
    struct ledger_vkey vkey;
    struct ledger_edge edge;
};

static enum pd_status read_log(struct store_rows *rows, struct pd_arena *arena,
                               struct floor_log *log, struct pd_error *err) {
    log->name = pd_arena_str(arena, store_str(rows, 0));
    log->folder = pd_arena_str(arena, store_str(rows, 1));
    log->origin = pd_arena_str(arena, store_str(rows, 2));
    log->vkey_text = pd_arena_str(arena, store_str(rows, 3));
    if (!log->name.data || !log->folder.data || !log->origin.data || !log->vkey_text.data)
        return pd_fail_memory(err);
    return ledger_vkey_parse(log->vkey_text, &log->vkey, err);
}

/* After the files were looked at: over PostgreSQL another process may publish meanwhile, and the
 * database is always ahead of what it publishes. */
static enum pd_status load_tree(struct govern *g, struct floor_log *log, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(log->name)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_TREE, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has)
        st = ledger_edge_parse((uint64_t)store_i64(rows, 0), store_str(rows, 1), &log->edge, err);
    store_rows_close(rows);
    return st;
}

/* The largest checkpoint of the log that lies in the folder; size 0: none. */
static enum pd_status find_largest(struct govern *g, const struct floor_log *log,
                                   struct pd_arena *arena, struct ledger_checkpoint *largest,
                                   struct pd_error *err) {
    const struct integrate_log signed_by = {
        .name = log->name, .origin = log->origin, .vkey = log->vkey};
    for (size_t i = 0; i < sizeof(WITNESSES) / sizeof(WITNESSES[0]); i++) {
        pd_str path =
                   pd_arena_printf(arena, "ledger/%.*s/%s", pd_arg(log->folder), WITNESSES[i].file),
               note;
        struct ledger_checkpoint checkpoint;
        if (!path.data)
            return pd_fail_memory(err);
        enum pd_status st =
            store_file_read(g->store, path.data, LEDGER_NOTE_MAX, arena, &note, err);
        if (st == PD_NOT_FOUND)
            continue;
        if (st == PD_OK)
            st = integrate_verify_note(g, &signed_by, note, arena, &checkpoint, err);
        if (st != PD_OK && WITNESSES[i].may_be_damaged && st != PD_IO)
            continue;
        if (st != PD_OK)
            return pd_wrap(err, "%.*s", pd_arg(path));
        if (checkpoint.size > largest->size)
            *largest = checkpoint;
    }
    return PD_OK;
}

/* What waits is appended in the order in which the integrator will. */
static enum pd_status append_pending(struct govern *g, struct floor_log *log, uint64_t until,
                                     struct pd_error *err) {
    struct store_value values[] = {STORE_STR(log->name)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, LIST_PENDING, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while (log->edge.size < until && (st = store_next(rows, &has, err)) == PD_OK && has) {
        crypto_hash hash;
        st = ledger_hash_leaf(store_str(rows, 0), &hash, err);
        if (st == PD_OK)
            st = ledger_edge_append(&log->edge, &hash, err);
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    return st;
}

/* One log against what is known of it. */
static enum pd_status find_gap(struct govern *g, struct floor_log *log, struct pd_arena *arena,
                               struct govern_gap *gap, bool *is_gap, struct pd_error *err) {
    struct ledger_checkpoint known = {0};
    enum pd_status st = find_largest(g, log, arena, &known, err);
    *is_gap = false;
    if (st == PD_OK)
        st = load_tree(g, log, err);
    if (st != PD_OK || known.size < log->edge.size || known.size == 0)
        return st;
    st = append_pending(g, log, known.size, err);
    if (st != PD_OK)
        return st;
    crypto_hash root = ledger_edge_root(&log->edge);
    bool is_same = memcmp(root.bytes, known.root.bytes, sizeof(root.bytes)) == 0;
    *gap = (struct govern_gap){.log = log->name, .have = log->edge.size, .known = known.size};
    *is_gap = log->edge.size < known.size || !is_same;
    return PD_OK;
}

enum pd_status govern_find_gaps(struct govern *g, struct pd_arena *arena,
                                const struct govern_gap **out, size_t *count,
                                struct pd_error *err) {
    enum { LOGS_MOST = 1000 };
    struct floor_log *logs = pd_arena_array(arena, LOGS_MOST, sizeof(*logs));
    struct govern_gap *gaps = pd_arena_array(arena, LOGS_MOST, sizeof(*gaps));
    struct store_rows *rows;
    if (!logs || !gaps)
        return pd_fail_memory(err);
    enum pd_status st = store_select(g->store, LIST_LOGS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    size_t n = 0, found = 0;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has && n < LOGS_MOST)
        if ((st = read_log(rows, arena, &logs[n++], err)) != PD_OK)
            break;
    store_rows_close(rows);
    for (size_t i = 0; st == PD_OK && i < n; i++) {
        bool is_gap = false;
        st = find_gap(g, &logs[i], arena, &gaps[found], &is_gap, err);
        found += is_gap;
    }
    if (st == PD_OK) {
        *out = gaps;
        *count = found;
    }
    return st;
}

/* What is sought in takes megabytes, and a server has many handles: only what was found stays. */
static enum pd_status keep_gaps(struct govern *g, const struct govern_gap *gaps, size_t count,
                                struct pd_error *err) {
    struct govern_gap *kept = pd_arena_array(g->arena, count ? count : 1, sizeof(*kept));
    for (size_t i = 0; kept && i < count; i++) {
        kept[i] = gaps[i];
        kept[i].log = pd_arena_str(g->arena, gaps[i].log);
        if (!kept[i].log.data)
            return pd_fail_memory(err);
    }
    g->gaps = kept;
    g->gap_count = count;
    return kept ? PD_OK : pd_fail_memory(err);
}

/* A flaw of a log is told by who reads it; here it must not keep the node from opening. */
enum pd_status floor_load(struct govern *g, struct pd_error *err) {
    struct pd_error why = {0};
    struct pd_arena *scratch = pd_arena_new(GOVERN_ARENA_LIMIT);
    const struct govern_gap *gaps;
    size_t count;
    if (!scratch)
        return pd_fail_memory(err);
    enum pd_status st = govern_find_gaps(g, scratch, &gaps, &count, &why);
    if (st == PD_OK)
        st = keep_gaps(g, gaps, count, &why);
    pd_arena_free(scratch);
    if (st == PD_INTERNAL || st == PD_INVALID || st == PD_NOT_FOUND) {
        g->gap_unknown = pd_arena_str(g->arena, pd_str_from(why.text));
        return g->gap_unknown.data ? PD_OK : pd_fail_memory(err);
    }
    return st == PD_OK ? PD_OK : pd_fail(err, st, "%s", why.text);
}

enum pd_status floor_allows_acts(const struct govern *g, struct pd_error *err) {
    for (size_t i = 0; i < g->gap_count; i++) {
        const struct govern_gap *gap = &g->gaps[i];
        if (gap->have < gap->known)
            return pd_fail(err, PD_UNAVAILABLE,
                           "this node has signed a checkpoint of %" PRIu64
                           " leaves of its %.*s log, and here there are only %" PRIu64 ": %" PRIu64
                           " acts are missing, and nothing is signed or recorded until they are "
                           "back (docs/how-to/restore.md says what to do)",
                           gap->known, pd_arg(gap->log), gap->have, gap->known - gap->have);
    }
    return PD_OK;
}

enum pd_status floor_allows_signing(const struct govern *g, struct pd_error *err) {
    if (g->gap_unknown.len)
        return pd_fail(err, PD_INTERNAL, "nothing more is signed: %.*s", pd_arg(g->gap_unknown));
    enum pd_status st = floor_allows_acts(g, err);
    if (st == PD_OK && g->gap_count)
        st = pd_fail(err, PD_INTERNAL,
                     "the %.*s log here is not the one whose checkpoint of %" PRIu64
                     " leaves was signed before; nothing more is signed",
                     pd_arg(g->gaps[0].log), g->gaps[0].known);
    return st;
}
