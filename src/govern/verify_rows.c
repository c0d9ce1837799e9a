/* Rows: each is as the last act that wrote it left it, all that acts wrote is there, and nothing
 * else. */
#include "govern/verify_impl.h"

#include <string.h>

/* What the walk adds behind the columns of the table (act.c). */
enum { HASH, REVISION, BY_ACT, ACT_FOUND, WALK_COLUMNS };

struct walk {
    struct verifier *v;
    const char *table;
    size_t columns;                /* of the table */
    size_t act_column, key_column; /* PD_NPOS: it has none */
    char id[260];                  /* of the row before, as far as it fits */
    size_t id_len;
    crypto_hash hash; /* of that row as it is */
    bool is_same;     /* as its last revision says */
    int64_t revision;
};

static size_t find_column(const struct store_rows *rows, size_t columns, const char *name) {
    for (size_t i = 0; i < columns; i++)
        if (strcmp(store_column_name(rows, i), name) == 0)
            return i;
    return PD_NPOS;
}

static bool is_same_row(const struct walk *w, pd_str id) {
    return w->id_len == id.len && id.len <= sizeof(w->id) && w->revision > 0 &&
           memcmp(w->id, id.data, id.len) == 0;
}

/* The row before is done with when another one follows, or none. */
static void end_row(struct walk *w) {
    if (w->revision > 0 && !w->is_same)
        verify_flaw(w->v, "row", (pd_str){w->id, w->id_len},
                    "the row in %s is not what its act wrote", w->table);
    w->revision = 0;
}

static enum pd_status begin_row(struct walk *w, const struct store_rows *rows, pd_str id,
                                struct pd_error *err) {
    struct verifier *v = w->v;
    struct pd_json json;
    w->id_len = id.len < sizeof(w->id) ? id.len : sizeof(w->id);
    memcpy(w->id, id.data, w->id_len);
    v->found.rows++;
    pd_buf_reset(&v->buf);
    pd_json_init(&json, &v->buf, PD_JSON_CANONICAL);
    act_row_write(rows, w->columns, &json);
    pd_json_clear(&json);
    enum pd_status st = pd_buf_check(&v->buf, err);
    if (st != PD_OK)
        return st;
    w->hash = crypto_sha256(v->buf.data, v->buf.len);
    if (store_is_null(rows, w->columns + HASH)) {
        verify_flaw(v, "row", id, "no act wrote this row in %s", w->table);
        return PD_OK;
    }
    if (w->act_column != PD_NPOS &&
        !pd_str_eq(store_str(rows, w->act_column), store_str(rows, w->columns + BY_ACT)))
        verify_flaw(v, "row", id, "the row in %s names another act than the one that wrote it",
                    w->table);
    enum verify_key state;
    return w->key_column == PD_NPOS
               ? PD_OK
               : verify_key(v, store_str(rows, w->key_column), id, NULL, &state, err);
}

/* What a row was before it was written again is gone; that there is a hash of it is all that can be
 * asked. */
static bool is_hash(const struct store_rows *rows, size_t column) {
    struct store_value v = store_column(rows, column);
    crypto_hash hash;
    return v.type == STORE_TEXT && pd_hex_decode(v.bytes, hash.bytes, sizeof(hash.bytes));
}

static enum pd_status visit(struct walk *w, const struct store_rows *rows, pd_str id,
                            struct pd_error *err) {
    if (!is_same_row(w, id)) {
        end_row(w);
        enum pd_status st = begin_row(w, rows, id, err);
        if (st != PD_OK || store_is_null(rows, w->columns + HASH))
            return st;
    }
    char hex[GOVERN_HEX_SIZE];
    if (store_i64(rows, w->columns + REVISION) != w->revision + 1)
        verify_flaw(w->v, "row", id, "the row in %s has a revision %lld where %lld should follow",
                    w->table, (long long)store_i64(rows, w->columns + REVISION),
                    (long long)w->revision + 1);
    if (store_is_null(rows, w->columns + ACT_FOUND))
        verify_flaw(w->v, "row", id, "the row in %s was written by the act %.*s, which is missing",
                    w->table, pd_arg(store_str(rows, w->columns + BY_ACT)));
    w->revision++;
    if (!is_hash(rows, w->columns + HASH))
        verify_flaw(w->v, "row", id, "what its act kept of the row in %s is no hash", w->table);
    pd_hex_encode(w->hash.bytes, sizeof(w->hash.bytes), hex);
    w->is_same = pd_str_is(store_str(rows, w->columns + HASH), hex);
    return PD_OK;
}

enum pd_status verify_rows(struct verifier *v, const struct verify_task *task,
                           struct pd_error *err) {
    const struct act_governed *of = act_governed(task->which);
    struct store_value range[] = {STORE_STR(task->after), STORE_STR(task->until)};
    struct store_rows *rows;
    enum pd_status st = store_select(v->g->store, of->walk, range, 2, &rows, err);
    if (st != PD_OK)
        return st;
    struct walk w = {.v = v, .table = of->table, .columns = store_columns(rows) - WALK_COLUMNS};
    size_t id_column = find_column(rows, w.columns, "id");
    w.act_column = find_column(rows, w.columns, strcmp(of->table, "act") == 0 ? "id" : "act_id");
    /* The key of an act is tried where its record is opened. */
    w.key_column = strcmp(of->table, "act") == 0 ? PD_NPOS : find_column(rows, w.columns, "key_id");
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has)
        if ((st = visit(&w, rows, store_str(rows, id_column), err)) != PD_OK)
            break;
    end_row(&w);
    store_rows_close(rows);
    pd_str what =
        pd_arena_printf(v->scratch, "an act wrote this row in %s, and it is missing", of->table);
    if (st == PD_OK && !what.data)
        return pd_fail_memory(err);
    return st == PD_OK ? verify_none_of(v, of->missing, range, 2, "row", what.data, err) : st;
}

/* ---- The database itself ---- */

static const struct sql WRITTEN_TABLES = {.both = "SELECT DISTINCT table_name FROM act_row"};
/* Indices say the same as the tables that they are of; PostgreSQL has pages with checksums for
 * that. */
static const struct sql INTEGRITY = {.sqlite = "PRAGMA integrity_check(20)", .pg = "SELECT 'ok'"};

/* The row of a log is no governed one: its texts are compared as bytes, so a value of another type
 * that has the same bytes is looked for here. (PostgreSQL's columns have types.) */
static const struct sql MISTYPED_LOGS = {
    .sqlite = "SELECT name FROM log WHERE typeof(name) <> 'text' OR typeof(origin) <> 'text' OR"
              " typeof(vkey) <> 'text' OR typeof(key_id) <> 'text' OR typeof(checkpoint) <> 'text'"
              " OR typeof(edge) <> 'blob' OR typeof(size) <> 'integer'",
    .pg = "SELECT name FROM log WHERE 1 = 0"};

static enum pd_status check_written_tables(struct verifier *v, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(v->g->store, WRITTEN_TABLES, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        bool is_known = false;
        for (size_t i = 0; act_governed(i) && !is_known; i++)
            is_known = pd_str_is(store_str(rows, 0), act_governed(i)->table);
        if (!is_known)
            verify_flaw(v, "row", store_str(rows, 0),
                        "an act wrote rows in this table, which is none of the governed ones");
    }
    store_rows_close(rows);
    return st;
}

enum pd_status verify_database(struct verifier *v, const struct verify_task *task,
                               struct pd_error *err) {
    (void)task;
    enum pd_status st = check_written_tables(v, err);
    if (st == PD_OK)
        st = verify_none_of(v, MISTYPED_LOGS, NULL, 0, "log",
                            "a value of its row is of another type than was written", err);
    if (st != PD_OK)
        return st;
    struct store_rows *rows;
    st = store_select(v->g->store, INTEGRITY, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    while ((st = store_next(rows, &has, err)) == PD_OK && has)
        if (!pd_str_is(store_str(rows, 0), "ok"))
            verify_flaw(v, "database", PD_STR("polder.db"), "%.*s", pd_arg(store_str(rows, 0)));
    store_rows_close(rows);
    return st;
}
