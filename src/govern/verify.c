/* Verifying a whole node: what it stores is what its acts wrote, and what its acts wrote is in its
 * logs. */
#include "govern/verify.h"

#include <stdio.h>
#include <string.h>

void verify_flaw(struct verify *v, pd_str where, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (v->out->flaw_count < VERIFY_FLAWS_MAX)
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
    UNWRITTEN_IN("anchor"),        UNWRITTEN_IN("pruning"),
    UNWRITTEN_IN("lineage"),
    UNWRITTEN_IN("signing_key"),   UNWRITTEN_IN("key_request"), UNWRITTEN_IN("key_destroyed"),
    UNWRITTEN_IN("person_index"),  UNWRITTEN_IN("replacement"),
    UNWRITTEN_IN("witness_policy"),
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
        verify_flaw(v, store_str(rows, 0), "%s%s", what, table);
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
            verify_flaw(v, id, "%s", why.text);
        else if (!pd_hex_decode(store_str(rows, 2), expected.bytes, sizeof(expected.bytes)) ||
                 memcmp(hash.bytes, expected.bytes, sizeof(hash.bytes)) != 0)
            verify_flaw(v, id, "the row in %.*s is not what its act wrote", pd_arg(table));
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

/* ---- Keys ---- */

static const struct sql LIST_DESTROYED = {
    .both = "SELECT id, act_id FROM key_destroyed ORDER BY destroyed_at, id"};

/* What was destroyed is gone from the key store as well. */
static enum pd_status check_destroyed(struct verify *v, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(v->g->store, LIST_DESTROYED, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct store_key key;
        pd_id id;
        if (!pd_id_parse(store_str(rows, 0), &id) ||
            store_key_find(v->g->store, id, &key, NULL) != PD_NOT_FOUND)
            verify_flaw(v, store_str(rows, 0),
                        "the act %.*s destroyed this key, and the key store still has it",
                        pd_arg(store_str(rows, 1)));
        crypto_wipe(&key, sizeof(key));
    }
    store_rows_close(rows);
    return st;
}

/* ---- Files ---- */

static const struct sql LIST_FILES = {
    .both = "SELECT d.id, CASE WHEN k.id IS NULL THEN d.address END, d.plain_hash, CASE WHEN r.id "
            "IS NULL THEN d.released_as END, o.done_at FROM distribution d"
            " LEFT JOIN outbox o ON o.distribution_id = d.id LEFT JOIN key_destroyed k ON k.id = "
            "d.key_id LEFT JOIN replacement r ON r.id = d.id"
            " UNION ALL SELECT id, original_address, NULL, NULL, NULL FROM version WHERE "
            "original_address IS NOT NULL AND key_id NOT IN (SELECT id FROM key_destroyed)"
            " UNION ALL SELECT id, address, NULL, NULL, NULL FROM person_index WHERE key_id NOT IN "
            "(SELECT id FROM key_destroyed)"};

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
        verify_flaw(v, path, "the published file can't be read: %s", why.text);
    else if (!pd_hex_decode(store_str(rows, 2), expected.bytes, sizeof(expected.bytes)) ||
             memcmp(hash.bytes, expected.bytes, sizeof(hash.bytes)) != 0)
        verify_flaw(v, path, "the published file is not what its act published");
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
        if (store_is_null(rows, 1))
            v->out->files--; /* its key was destroyed, and so was the file */
        else if (!pd_hex_decode(store_str(rows, 1), address.bytes, sizeof(address.bytes)))
            verify_flaw(v, store_str(rows, 0), "its address in the vault is no hash");
        else if (store_vault_check(v->g->store, address, &size, &why) != PD_OK)
            verify_flaw(v, store_str(rows, 0), "%s", why.text);
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
    v.flaws = pd_arena_array(arena, VERIFY_FLAWS_MAX, sizeof(*v.flaws));
    if (!v.out || !v.flaws)
        return pd_fail_memory(err);
    v.out->flaws = v.flaws;
    enum pd_status st = check_acts(&v, err);
    if (st == PD_OK)
        st = verify_logs(&v, err);
    if (st == PD_OK)
        st = check_destroyed(&v, err);
    if (st == PD_OK)
        st = check_files(&v, err);
    if (st == PD_OK)
        *out = v.out;
    return st;
}
