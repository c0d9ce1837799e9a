/* The logs as the database has them: the public one and the shards of the restricted one, and where
 * the leaf of an act stands. */
#include "govern/growing.h"
#include "govern/shard.h"

#include <string.h>

static const char *const KINDS[] = {[LEDGER_PUBLIC] = "public", [LEDGER_RESTRICTED] = "restricted"};

const char *integrate_log_name(enum ledger_log log) {
    return KINDS[log];
}

pd_str govern_shard_of(pd_str log) {
    size_t slash = pd_str_find_char(log, '/');
    return slash == PD_NPOS ? PD_STR("") : pd_str_sub(log, slash + 1, log.len - slash - 1);
}

static bool parse_kind(pd_str text, enum ledger_log *out) {
    *out = pd_str_is(text, KINDS[LEDGER_PUBLIC]) ? LEDGER_PUBLIC : LEDGER_RESTRICTED;
    return pd_str_is(text, KINDS[*out]);
}

/* ---- Making ---- */

static const struct sql INSERT_LOG = {
    .both = "INSERT INTO log (name, kind, folder, origin, vkey, key_id, size, edge, checkpoint,"
            " published_size, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, -1,"
            " $9, $10) ON CONFLICT (name) DO NOTHING"};

/* "restricted/2026-11" -> "restricted-2026-11": a log's files never lie below another log's. */
static pd_str folder_of(pd_str name, struct pd_arena *arena) {
    size_t slash = pd_str_find_char(name, '/');
    if (slash == PD_NPOS)
        return name;
    return pd_arena_printf(arena, "%.*s-%.*s", (int)slash, name.data, (int)(name.len - slash - 1),
                           name.data + slash + 1);
}

enum pd_status logs_add(struct govern *g, pd_str name, const struct store_key *key, pd_time starts,
                        pd_time ends, struct pd_arena *arena, struct pd_error *err) {
    static const struct ledger_edge empty;
    pd_str origin = pd_arena_printf(arena, "%.*s/%.*s", pd_arg(g->origin), pd_arg(name)),
           folder = folder_of(name, arena), id = govern_id_text(key->id, arena), vkey, note;
    size_t slash = pd_str_find_char(name, '/');
    pd_str kind = pd_str_sub(name, 0, slash == PD_NPOS ? name.len : slash);
    if (!origin.data || !folder.data || !id.data)
        return pd_fail_memory(err);
    enum pd_status st = integrate_vkey(origin, key, arena, &vkey, err);
    if (st == PD_OK)
        st = integrate_sign(origin, key, 1, &empty, arena, &note, err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(name),         STORE_STR(kind),
                                   STORE_STR(folder),       STORE_STR(origin),
                                   STORE_STR(vkey),         STORE_STR(id),
                                   STORE_BYTES(PD_STR("")), STORE_STR(note),
                                   STORE_I64(starts),       ends ? STORE_I64(ends) : STORE_NONE};
    return store_run(g->store, INSERT_LOG, values, 10, NULL, err);
}

/* ---- Reading ---- */

#define LOG_COLUMNS                                                                                \
    "name, kind, folder, origin, vkey, key_id, size, edge, checkpoint, published_size, starts_at," \
    " ends_at, pruned_at"
static const struct sql FIND_LOG = {.both = "SELECT " LOG_COLUMNS " FROM log WHERE name = $1"};

/* The columns as they are; that they belong together is check_row's to say. */
static enum pd_status read_row(const struct store_rows *rows, struct pd_arena *arena,
                               struct integrate_log *l, struct pd_error *err) {
    l->name = pd_arena_str(arena, store_str(rows, 0));
    l->folder = pd_arena_str(arena, store_str(rows, 2));
    l->origin = pd_arena_str(arena, store_str(rows, 3));
    l->vkey_text = pd_arena_str(arena, store_str(rows, 4));
    l->checkpoint = pd_arena_str(arena, store_str(rows, 8));
    int64_t size = store_i64(rows, 6), published = store_i64(rows, 9);
    l->is_published = published >= 0;
    l->published = published > 0 ? (uint64_t)published : 0;
    l->starts_at = store_i64(rows, 10);
    l->ends_at = store_i64(rows, 11);
    l->pruned_at = store_i64(rows, 12);
    if (!l->name.data || !l->folder.data || !l->origin.data || !l->vkey_text.data ||
        !l->checkpoint.data)
        return pd_fail_memory(err);
    if (size < 0 || published > size || !parse_kind(store_str(rows, 1), &l->log) ||
        !pd_id_parse(store_str(rows, 5), &l->key_id))
        return pd_fail(err, PD_INTERNAL, "the row of the %.*s log is damaged", pd_arg(l->name));
    return ledger_edge_parse((uint64_t)size, store_str(rows, 7), &l->edge, err);
}

/* On a difference stop, never "repair" by signing (transparency log reference, section 7). */
static enum pd_status check_row(const struct integrate_log *l, struct pd_error *err) {
    struct ledger_checkpoint checkpoint;
    if (ledger_checkpoint_verify(l->checkpoint, l->origin, &l->vkey, &checkpoint, err) != PD_OK)
        return pd_wrap(err, "checkpoint of the %.*s log", pd_arg(l->name));
    crypto_hash root = ledger_edge_root(&l->edge);
    if (checkpoint.size != l->edge.size ||
        memcmp(root.bytes, checkpoint.root.bytes, sizeof(root.bytes)) != 0)
        return pd_fail(err, PD_INTERNAL,
                       "the %.*s log's tree is not the one of its checkpoint; nothing more is "
                       "signed",
                       pd_arg(l->name));
    return PD_OK;
}

enum pd_status integrate_log_load(struct govern *g, pd_str name, struct pd_arena *arena,
                                  struct integrate_log *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(name)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_LOG, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    struct integrate_log l = {0};
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND,
                     "the node has no log \"%.*s\"; polder ledger logs lists them", pd_arg(name));
    if (st == PD_OK)
        st = read_row(rows, arena, &l, err);
    store_rows_close(rows);
    if (st == PD_OK)
        st = ledger_vkey_parse(l.vkey_text, &l.vkey, err);
    if (st == PD_OK)
        st = check_row(&l, err);
    if (st == PD_OK)
        *out = l;
    return st;
}

static const struct sql LIST_LOGS = {
    .both = "SELECT l.name, l.kind, l.folder, l.origin, l.vkey, l.size, l.starts_at, l.ends_at,"
            " l.pruned_at, COALESCE(a.size, -1), COALESCE(a.made_at, 0) FROM log l LEFT JOIN"
            " (SELECT log, MAX(size) AS size, MAX(made_at) AS made_at FROM anchor GROUP BY log) a"
            " ON a.log = l.name ORDER BY l.kind, COALESCE(l.ends_at, 0), l.name"};

static enum pd_status list_row(const struct store_rows *rows, struct pd_arena *arena,
                               struct govern_log *l, struct pd_error *err) {
    *l = (struct govern_log){.name = pd_arena_str(arena, store_str(rows, 0)),
                             .folder = pd_arena_str(arena, store_str(rows, 2)),
                             .origin = pd_arena_str(arena, store_str(rows, 3)),
                             .vkey = pd_arena_str(arena, store_str(rows, 4)),
                             .size = (uint64_t)store_i64(rows, 5),
                             .starts_at = store_i64(rows, 6),
                             .ends_at = store_i64(rows, 7),
                             .pruned_at = store_i64(rows, 8),
                             .is_anchored = store_i64(rows, 9) >= 0,
                             .anchored_at = store_i64(rows, 10)};
    l->anchored = l->is_anchored ? (uint64_t)store_i64(rows, 9) : 0;
    if (!l->name.data || !l->folder.data || !l->origin.data || !l->vkey.data)
        return pd_fail_memory(err);
    if (!parse_kind(store_str(rows, 1), &l->log) || store_i64(rows, 5) < 0)
        return pd_fail(err, PD_INTERNAL, "the row of the %.*s log is damaged", pd_arg(l->name));
    return PD_OK;
}

enum pd_status govern_logs(struct govern *g, struct pd_arena *arena, const struct govern_log **out,
                           size_t *count, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, LIST_LOGS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    struct growing_list list = {0};
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct govern_log *log = growing_add(&list, sizeof(*log), arena);
        st = log ? list_row(rows, arena, log, err) : pd_fail_memory(err);
        if (st != PD_OK)
            break;
        log->is_newest = true;
        if (list.count > 1 && log[-1].log == log->log)
            log[-1].is_newest = false;
    }
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    *out = list.items;
    *count = list.count;
    return PD_OK;
}

enum pd_status govern_log_find(struct govern *g, pd_str name, struct pd_arena *arena,
                               const struct govern_log **out, struct pd_error *err) {
    const struct govern_log *list;
    size_t count;
    enum pd_status st = govern_logs(g, arena, &list, &count, err);
    pd_str names = PD_STR("");
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        bool is_it = pd_str_eq(list[i].name, name) ||
                     (list[i].is_newest && pd_str_is(name, KINDS[list[i].log]));
        if (is_it) {
            *out = &list[i];
            return PD_OK;
        }
        names = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(names), names.len ? ", " : "",
                                pd_arg(list[i].name));
    }
    return st != PD_OK ? st
                       : pd_fail(err, PD_NOT_FOUND, "there is no log \"%.*s\"; there are: %.*s",
                                 pd_arg(name), pd_arg(names));
}

/* ---- Leaves ---- */

static const struct sql LIST_LEAVES = {
    .both = "SELECT leaf_index, bytes FROM leaf WHERE log = $1 AND leaf_index >= $2"
            " AND leaf_index < $3 ORDER BY leaf_index"};

enum pd_status integrate_leaves(struct govern *g, pd_str log, uint64_t first, size_t count,
                                struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(log), STORE_I64((int64_t)first),
                                   STORE_I64((int64_t)(first + count))};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, LIST_LEAVES, values, 3, &rows, err);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        bool has;
        st = store_next(rows, &has, err);
        if (st == PD_OK && (!has || store_i64(rows, 0) != (int64_t)(first + i)))
            st = pd_fail(err, PD_NOT_FOUND,
                         "leaf %llu of the %.*s log is missing from the database",
                         (unsigned long long)(first + i), pd_arg(log));
        if (st != PD_OK)
            break;
        out[i] = pd_arena_str(arena, store_str(rows, 1));
        st = out[i].data ? PD_OK : pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st;
}

static const struct sql FIND_LEAF_OF = {
    .both = "SELECT f.bytes, f.log, f.leaf_index, f.proof, l.kind, l.size FROM leaf f JOIN log l"
            " ON l.name = f.log WHERE f.act_id = $1"};

enum pd_status integrate_leaf_of(struct govern *g, pd_id act, struct pd_arena *arena,
                                 struct integrate_leaf *out, struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(act, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id))};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_LEAF_OF, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    struct integrate_leaf leaf = {0};
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no act %s on this node", id);
    if (st == PD_OK) {
        leaf.bytes = pd_arena_str(arena, store_str(rows, 0));
        leaf.log = pd_arena_str(arena, store_str(rows, 1));
        leaf.proof = store_is_null(rows, 3) ? (pd_str){0} : pd_arena_str(arena, store_str(rows, 3));
        leaf.log_size = (uint64_t)store_i64(rows, 5);
        leaf.has_index = !store_is_null(rows, 2) && store_i64(rows, 2) < store_i64(rows, 5);
        leaf.index = leaf.has_index ? (uint64_t)store_i64(rows, 2) : 0;
        if (!leaf.bytes.data || !leaf.log.data || (!store_is_null(rows, 3) && !leaf.proof.data))
            st = pd_fail_memory(err);
        else if (!parse_kind(store_str(rows, 4), &leaf.kind))
            st = pd_fail(err, PD_INTERNAL, "the row of the %.*s log is damaged", pd_arg(leaf.log));
    }
    store_rows_close(rows);
    if (st == PD_OK)
        *out = leaf;
    return st;
}

enum pd_status integrate_placed(struct govern *g, pd_id act, struct pd_arena *arena,
                                struct govern_placed *out, struct pd_error *err) {
    struct integrate_leaf leaf;
    enum pd_status st = integrate_leaf_of(g, act, arena, &leaf, err);
    if (st == PD_OK)
        *out = (struct govern_placed){.log = leaf.kind,
                                      .name = leaf.log,
                                      .index = leaf.index,
                                      .size = leaf.has_index ? leaf.log_size : 0};
    return st;
}
