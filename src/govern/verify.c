/* Verifying a whole node: what it stores is what its acts wrote, and what its acts wrote is in its
 * logs. */
#include "govern/govern_impl.h"

#include <stdio.h>
#include <string.h>

enum { FLAWS_MAX = 1000 };

struct verify {
    struct govern *g;
    struct pd_arena *arena;
    struct govern_verified *out;
    struct govern_flaw *flaws;
};

PD_PRINTF(3, 4)
static void flaw(struct verify *v, pd_str where, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (v->out->flaw_count < FLAWS_MAX)
        v->flaws[v->out->flaw_count++] = (struct govern_flaw){
            pd_arena_str(v->arena, where), pd_arena_str(v->arena, pd_str_from(text))};
}

/* ---- Rows ---- */

static const struct sql ACTS_WITHOUT_LEAF = {
    .both = "SELECT a.id FROM act a LEFT JOIN leaf l ON l.act_id = a.id WHERE l.act_id IS NULL "
            "ORDER BY a.id"};
static const struct sql LEAVES_WITHOUT_ACT = {
    .both = "SELECT l.act_id FROM leaf l LEFT JOIN act a ON a.id = l.act_id WHERE a.id IS NULL "
            "ORDER BY l.act_id"};
static const struct sql COUNT_ACTS = {.both = "SELECT COUNT(*) FROM act"};
/* A row that several acts wrote must be as the last one left it. */
static const struct sql LIST_ROWS = {
    .both = "SELECT r.table_name, r.row_id, r.row_hash FROM act_row r WHERE r.revision ="
            " (SELECT MAX(x.revision) FROM act_row x WHERE x.table_name = r.table_name AND "
            "x.row_id = r.row_id)"
            " ORDER BY r.table_name, r.row_id"};
/* Governed rows that no act wrote. */
#define UNWRITTEN_IN(table)                                                                        \
    {                                                                                              \
        table, {                                                                                   \
            .both = "SELECT id FROM " table " WHERE id NOT IN (SELECT row_id FROM act_row WHERE "  \
                    "table_name = '" table "')"                                                    \
        }                                                                                          \
    }
static const struct {
    const char *table;
    struct sql rows;
} UNWRITTEN[] = {
    UNWRITTEN_IN("node"),          UNWRITTEN_IN("party"),   UNWRITTEN_IN("member"),
    UNWRITTEN_IN("rules"),         UNWRITTEN_IN("intent"),  UNWRITTEN_IN("fact"),
    UNWRITTEN_IN("dataset"),       UNWRITTEN_IN("version"), UNWRITTEN_IN("distribution"),
    UNWRITTEN_IN("act"),           UNWRITTEN_IN("clock"),   UNWRITTEN_IN("clock_met"),
    UNWRITTEN_IN("clock_overdue"), UNWRITTEN_IN("cases"),   UNWRITTEN_IN("case_entry"),
    UNWRITTEN_IN("lineage"),
};

/* Each row that the query gives is a flaw of the same kind. */
static enum pd_status none_of(struct verify *v, struct sql sql, const char *what, const char *table,
                              struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(v->g->store, sql, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has)
        flaw(v, store_str(rows, 0), "%s%s", what, table);
    store_rows_close(rows);
    return st;
}

static enum pd_status check_rows(struct verify *v, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(v->g->store, LIST_ROWS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        pd_str table = store_str(rows, 0), id = store_str(rows, 1);
        crypto_hash hash, expected;
        struct pd_error why = {0};
        v->out->rows++;
        if (act_row_hash(v->g, table, id, &hash, &why) != PD_OK)
            flaw(v, id, "%s", why.text);
        else if (!pd_hex_decode(store_str(rows, 2), expected.bytes, sizeof(expected.bytes)) ||
                 memcmp(hash.bytes, expected.bytes, sizeof(hash.bytes)) != 0)
            flaw(v, id, "the row in %.*s is not what its act wrote", pd_arg(table));
    }
    store_rows_close(rows);
    return st;
}

static enum pd_status check_acts(struct verify *v, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(v->g->store, COUNT_ACTS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    v->out->acts = has ? (uint64_t)store_i64(rows, 0) : 0;
    store_rows_close(rows);
    if (st == PD_OK)
        st = none_of(v, ACTS_WITHOUT_LEAF, "the act has no leaf", "", err);
    if (st == PD_OK)
        st = none_of(v, LEAVES_WITHOUT_ACT, "the leaf has no act", "", err);
    for (size_t i = 0; st == PD_OK && i < sizeof(UNWRITTEN) / sizeof(*UNWRITTEN); i++)
        st = none_of(v, UNWRITTEN[i].rows, "no act wrote this row in ", UNWRITTEN[i].table, err);
    return st == PD_OK ? check_rows(v, err) : st;
}

/* ---- Logs ---- */

static const struct sql LIST_LEAVES = {
    .both = "SELECT l.act_id, l.leaf_index, l.bytes, a.verb, a.party_id, a.version_hash FROM leaf "
            "l JOIN act a ON "
            "a.id = l.act_id"
            " WHERE l.log = $1 AND l.leaf_index IS NOT NULL ORDER BY l.leaf_index"};
static const struct sql COUNT_PENDING = {
    .both = "SELECT COUNT(*) FROM leaf WHERE log = $1 AND leaf_index IS NULL"};

/* The leaf is of the schema, and speaks of the act that it is stored for. */
static void check_leaf(struct verify *v, struct store_rows *rows, enum ledger_log log) {
    struct pd_error why = {0};
    struct pd_mark mark = pd_arena_mark(v->arena);
    struct ledger_leaf *leaf = pd_arena_alloc(v->arena, sizeof(*leaf));
    char act[PD_ID_TEXT_SIZE] = "";
    if (!leaf || ledger_leaf_parse(store_str(rows, 2), v->arena, leaf, &why) != PD_OK) {
        pd_arena_reset(v->arena, mark);
        flaw(v, store_str(rows, 0), "leaf %lld of the %s log: %s", (long long)store_i64(rows, 1),
             integrate_log_name(log), why.text);
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
        flaw(v, store_str(rows, 0), "leaf %lld of the %s log speaks of another act",
             (long long)store_i64(rows, 1), integrate_log_name(log));
}

static enum pd_status check_leaves(struct verify *v, enum ledger_log log, struct ledger_edge *edge,
                                   struct pd_error *err) {
    struct store_value values[] = {STORE_STR(pd_str_from(integrate_log_name(log)))};
    struct store_rows *rows;
    enum pd_status st = store_select(v->g->store, LIST_LEAVES, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        crypto_hash hash;
        if (store_i64(rows, 1) != (int64_t)edge->size)
            flaw(v, store_str(rows, 0), "leaf %lld of the %s log is missing", (long long)edge->size,
                 integrate_log_name(log));
        check_leaf(v, rows, log);
        st = ledger_hash_leaf(store_str(rows, 2), &hash, err);
        if (st == PD_OK)
            st = ledger_edge_append(edge, &hash, err);
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    return st;
}

/* Tiles are made again from the leaves, and each must be what lies on the disk. */
struct tile_check {
    struct verify *v;
    enum ledger_log log;
    struct pd_mark mark;
};

static enum pd_status tile_entry(void *context, uint64_t index, pd_str *out, struct pd_error *err) {
    struct tile_check *t = context;
    return integrate_leaf(t->v->g, t->log, index, t->v->arena, out, err);
}

static enum pd_status tile_compare(void *context, const char *path, pd_str bytes,
                                   struct pd_error *err) {
    (void)err;
    struct tile_check *t = context;
    struct pd_error why = {0};
    char full[128];
    snprintf(full, sizeof(full), "ledger/%s/%s", integrate_log_name(t->log), path);
    pd_str found;
    struct pd_mark mark = pd_arena_mark(t->v->arena);
    enum pd_status st =
        store_file_read(t->v->g->store, full, (size_t)32 << 20, t->v->arena, &found, &why);
    bool same = st == PD_OK && pd_str_eq(found, bytes);
    pd_arena_reset(t->v->arena, mark);
    t->v->out->files++;
    if (st != PD_OK)
        flaw(t->v, pd_str_from(full), "%s", why.text);
    else if (!same)
        flaw(t->v, pd_str_from(full), "the file is not what the log's leaves make");
    return PD_OK;
}

static enum pd_status check_published(struct verify *v, const struct integrate_log *log,
                                      struct pd_error *err) {
    struct tile_check t = {.v = v, .log = log->log};
    char full[64];
    snprintf(full, sizeof(full), "ledger/%s/checkpoint", integrate_log_name(log->log));
    pd_str note;
    struct pd_error why = {0};
    struct ledger_checkpoint checkpoint;
    if (!log->is_published)
        return PD_OK;
    v->out->files++;
    if (store_file_read(v->g->store, full, LEDGER_NOTE_MAX, v->arena, &note, &why) != PD_OK ||
        ledger_checkpoint_verify(note, log->origin, &log->vkey, &checkpoint, &why) != PD_OK)
        flaw(v, pd_str_from(full), "%s", why.text);
    else if (checkpoint.size > log->edge.size)
        flaw(v, pd_str_from(full),
             "the published checkpoint is larger than the log in the database");
    struct ledger_growth growth = {.context = &t, .entry = tile_entry, .emit = tile_compare};
    return log->published ? ledger_tiles_grow(&growth, 0, log->published, err) : PD_OK;
}

static enum pd_status check_log(struct verify *v, enum ledger_log which, struct pd_error *err) {
    struct integrate_log log;
    struct ledger_edge edge = {0};
    struct pd_error why = {0};
    pd_str name = pd_str_from(integrate_log_name(which));
    enum pd_status st = integrate_log_load(v->g, which, v->arena, &log, &why);
    if (st == PD_INTERNAL || st == PD_INVALID) {
        flaw(v, name, "%s", why.text);
        return PD_OK;
    }
    if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    st = check_leaves(v, which, &edge, err);
    if (st != PD_OK)
        return st;
    crypto_hash root = ledger_edge_root(&edge), signed_root = ledger_edge_root(&log.edge);
    v->out->logs[which].leaves = edge.size;
    v->out->logs[which].root = root;
    if (edge.size != log.edge.size ||
        memcmp(root.bytes, signed_root.bytes, sizeof(root.bytes)) != 0)
        flaw(v, name,
             "the leaves make a tree of %llu with another root than the checkpoint of %llu",
             (unsigned long long)edge.size, (unsigned long long)log.edge.size);
    struct store_value values[] = {STORE_STR(name)};
    struct store_rows *rows;
    bool has;
    st = store_select(v->g->store, COUNT_PENDING, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    v->out->logs[which].pending = has ? (uint64_t)store_i64(rows, 0) : 0;
    store_rows_close(rows);
    return st == PD_OK && edge.size == log.edge.size ? check_published(v, &log, err) : st;
}

/* ---- Files ---- */

static const struct sql LIST_FILES = {
    .both = "SELECT d.id, d.address, d.plain_hash, d.released_as, o.done_at FROM distribution d"
            " LEFT JOIN outbox o ON o.distribution_id = d.id"
            " UNION ALL SELECT id, original_address, NULL, NULL, NULL FROM version WHERE "
            "original_address IS NOT NULL"};

static void check_released(struct verify *v, struct store_rows *rows) {
    pd_str path = pd_arena_str(v->arena, store_str(rows, 3));
    struct pd_error why = {0};
    crypto_hash hash, expected;
    v->out->files++;
    enum pd_status st =
        path.data ? store_file_hash(v->g->store, path.data, &hash, &why) : pd_fail_memory(&why);
    bool is_released = !store_is_null(rows, 4);
    if (st == PD_NOT_FOUND && !is_released)
        return; /* the outbox still has it */
    if (st != PD_OK)
        flaw(v, path, "the published file can't be read: %s", why.text);
    else if (!pd_hex_decode(store_str(rows, 2), expected.bytes, sizeof(expected.bytes)) ||
             memcmp(hash.bytes, expected.bytes, sizeof(hash.bytes)) != 0)
        flaw(v, path, "the published file is not what its act published");
}

static enum pd_status check_files(struct verify *v, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(v->g->store, LIST_FILES, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        crypto_hash address;
        struct pd_error why = {0};
        uint64_t size;
        v->out->files++;
        if (!pd_hex_decode(store_str(rows, 1), address.bytes, sizeof(address.bytes)))
            flaw(v, store_str(rows, 0), "its address in the vault is no hash");
        else if (store_vault_check(v->g->store, address, &size, &why) != PD_OK)
            flaw(v, store_str(rows, 0), "%s", why.text);
        if (!store_is_null(rows, 3))
            check_released(v, rows);
    }
    store_rows_close(rows);
    return st;
}

enum pd_status govern_verify(struct govern *g, struct pd_arena *arena,
                             const struct govern_verified **out, struct pd_error *err) {
    struct verify v = {.g = g, .arena = arena};
    v.out = pd_arena_alloc(arena, sizeof(*v.out));
    v.flaws = pd_arena_array(arena, FLAWS_MAX, sizeof(*v.flaws));
    if (!v.out || !v.flaws)
        return pd_fail_memory(err);
    v.out->flaws = v.flaws;
    enum pd_status st = check_acts(&v, err);
    if (st == PD_OK)
        st = check_log(&v, LEDGER_PUBLIC, err);
    if (st == PD_OK)
        st = check_log(&v, LEDGER_RESTRICTED, err);
    if (st == PD_OK)
        st = check_files(&v, err);
    if (st == PD_OK)
        *out = v.out;
    return st;
}
