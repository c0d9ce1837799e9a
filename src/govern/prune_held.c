/*
 * Which acts of a shard may go. An act stays if something that stays was written by it, if a duty
 * of it runs, or if it belongs to a matter that stays: all acts of one intent, of one case, of one
 * duty go together, or not yet. So what public things depend on stays, however old it is.
 *
 * The table `prunable` holds the acts that may go, inside the transaction of the pruning.
 */
#include "govern/prune.h"

#include <string.h>

/* ---- Candidates ---- */

static const struct sql CLEAR = {.both = "DELETE FROM prunable"};
/* Those that stayed when earlier shards were pruned are looked at again: what held them may be
 * gone.
 */
static const struct sql ADD_CANDIDATES = {
    .both = "INSERT INTO prunable (act_id) SELECT f.act_id FROM leaf f JOIN log l ON l.name = f.log"
            " WHERE l.name = $1 OR l.pruned_at IS NOT NULL"};

/* The rows that go with their act. Whatever else an act wrote is there to stay, tables that this
 * program doesn't know yet included. */
#define PASSING                                                                                    \
    "('act', 'intent', 'fact', 'clock', 'clock_met', 'clock_overdue', 'cases', 'case_entry')"
static const struct sql HOLD_AUTHORS = {
    .both = "DELETE FROM prunable WHERE act_id IN (SELECT act_id FROM act_row WHERE table_name NOT"
            " IN " PASSING ")"};
static const struct sql HOLD_OPEN_INTENTS = {
    .both = "DELETE FROM prunable WHERE act_id IN (SELECT a.id FROM act a JOIN intent i"
            " ON i.id = a.intent_id WHERE i.state = 'open')"};
static const struct sql HOLD_OPEN_CASES = {
    .both = "DELETE FROM prunable WHERE act_id IN (SELECT c.act_id FROM cases c JOIN case_entry e"
            " ON e.case_id = c.id WHERE e.state IN ('raised', 'escalated') AND e.id ="
            " (SELECT MAX(n.id) FROM case_entry n WHERE n.case_id = c.id))"};

/* ---- Duties that run ---- */

static const struct sql NEXT_CLOCK = {
    .both = "SELECT c.id FROM clock c JOIN prunable p ON p.act_id = c.act_id LEFT JOIN clock_met m"
            " ON m.id = c.id WHERE m.id IS NULL AND c.id > $1 ORDER BY c.id LIMIT 1"};
static const struct sql HOLD_CLOCK = {
    .both = "DELETE FROM prunable WHERE act_id IN (SELECT act_id FROM clock WHERE id = $1)"};

/* Met, or a time of keeping that has passed, or a duty that never had a date. */
static bool is_over(const struct govern_clock *clock) {
    return clock->state == GOVERN_CLOCK_MET ||
           (clock->state == GOVERN_CLOCK_DUE && !clock->has_due && !clock->why.len);
}

static enum pd_status hold_running(struct govern *g, struct pd_arena *arena, struct pd_error *err) {
    char last[PD_ID_TEXT_SIZE] = "";
    for (;;) {
        struct pd_mark mark = pd_arena_mark(arena);
        struct store_value after[] = {STORE_STR(pd_str_from(last))};
        struct store_rows *rows;
        bool has;
        enum pd_status st = store_select(g->store, NEXT_CLOCK, after, 1, &rows, err);
        if (st != PD_OK)
            return st;
        st = store_next(rows, &has, err);
        if (st == PD_OK && has && store_str(rows, 0).len < sizeof(last))
            memcpy(last, store_str(rows, 0).data, store_str(rows, 0).len);
        store_rows_close(rows);
        if (st != PD_OK || !has)
            return st;
        const struct govern_clock *clock;
        size_t count;
        st = clock_list(g, pd_str_from(last), arena, &clock, &count, err);
        struct store_value id[] = {STORE_STR(pd_str_from(last))};
        if (st == PD_OK && (count != 1 || !is_over(clock)))
            st = store_run(g->store, HOLD_CLOCK, id, 1, NULL, err);
        pd_arena_reset(arena, mark);
        if (st != PD_OK)
            return st;
    }
}

/* ---- Matters ---- */

/* Which acts belong together; a matter is the id of an intent, a case or a duty. An attestation
 * names its intent in the fact that it wrote. */
#define MATTERS                                                                                    \
    "WITH m (act_id, matter) AS (SELECT id, intent_id FROM act WHERE intent_id IS NOT NULL"        \
    " UNION ALL SELECT r.act_id, f.intent_id FROM act_row r JOIN fact f ON f.id = r.row_id"        \
    " WHERE r.table_name = 'fact'"                                                                 \
    " UNION ALL SELECT act_id, id FROM cases UNION ALL SELECT act_id, case_id FROM case_entry"     \
    " UNION ALL SELECT act_id, id FROM clock UNION ALL SELECT act_id, id FROM clock_met"           \
    " UNION ALL SELECT act_id, id FROM clock_overdue)"
static const struct sql HOLD_MATTERS = {
    .both = MATTERS " DELETE FROM prunable WHERE act_id IN (SELECT act_id FROM m WHERE matter IN"
                    " (SELECT matter FROM m WHERE act_id NOT IN (SELECT act_id FROM prunable)))"};

/* Until nothing more is held: an act may belong to several matters. */
static enum pd_status hold_matters(struct govern *g, struct pd_error *err) {
    int64_t changed = 1;
    enum pd_status st = PD_OK;
    while (st == PD_OK && changed > 0)
        st = store_run(g->store, HOLD_MATTERS, NULL, 0, &changed, err);
    return st;
}

enum pd_status prune_find(struct govern *g, pd_str log, struct pd_arena *arena,
                          struct pd_error *err) {
    static const struct sql *const holds[] = {&HOLD_AUTHORS, &HOLD_OPEN_INTENTS, &HOLD_OPEN_CASES};
    struct store_value name[] = {STORE_STR(log)};
    enum pd_status st = store_run(g->store, CLEAR, NULL, 0, NULL, err);
    if (st == PD_OK)
        st = store_run(g->store, ADD_CANDIDATES, name, 1, NULL, err);
    for (size_t i = 0; st == PD_OK && i < sizeof(holds) / sizeof(*holds); i++)
        st = store_run(g->store, *holds[i], NULL, 0, NULL, err);
    if (st == PD_OK)
        st = hold_running(g, arena, err);
    return st == PD_OK ? hold_matters(g, err) : st;
}

/* ---- Removing ---- */

/* Keys of sealed records, once each; those that something else still uses are taken out again. */
#define OF_PRUNABLE "IN (SELECT act_id FROM prunable)"
static const struct sql DOOM_KEYS = {
    .both = "INSERT INTO doomed_key (key_id, act_id) SELECT k.key_id, $1 FROM"
            " (SELECT key_id FROM act WHERE id " OF_PRUNABLE
            " UNION SELECT i.key_id FROM intent i JOIN act a ON a.intent_id = i.id"
            " WHERE a.id " OF_PRUNABLE
            " UNION SELECT f.key_id FROM fact f JOIN act_row r ON r.table_name = 'fact' AND"
            " r.row_id = f.id WHERE r.act_id " OF_PRUNABLE
            " UNION SELECT key_id FROM clock_met WHERE act_id " OF_PRUNABLE
            " UNION SELECT key_id FROM case_entry WHERE act_id " OF_PRUNABLE
            ") k WHERE k.key_id NOT IN (SELECT key_id FROM doomed_key)"};
static const struct sql SPARE_KEYS = {
    .both =
        "DELETE FROM doomed_key WHERE key_id IN (SELECT key_id FROM act UNION SELECT key_id FROM"
        " intent UNION SELECT key_id FROM fact UNION SELECT key_id FROM clock_met UNION"
        " SELECT key_id FROM case_entry UNION SELECT key_id FROM version UNION"
        " SELECT key_id FROM distribution UNION SELECT key_id FROM log UNION SELECT key_id FROM"
            " lineage UNION SELECT key_id FROM key_request UNION SELECT key_id FROM person_index"
            " UNION SELECT hash_key_id FROM person_index)"};

/* In the order that references demand; an intent goes when its last act has gone. */
static const struct sql REMOVALS[] = {
    {.both = "DELETE FROM job WHERE kind = '" JOBS_CLOCK "' AND subject IN (SELECT id FROM clock"
             " WHERE act_id " OF_PRUNABLE ")"},
    {.both = "DELETE FROM clock_met WHERE act_id " OF_PRUNABLE},
    {.both = "DELETE FROM clock_overdue WHERE act_id " OF_PRUNABLE},
    {.both = "DELETE FROM clock WHERE act_id " OF_PRUNABLE},
    {.both = "DELETE FROM catalogue_clock WHERE act_id " OF_PRUNABLE},
    {.both = "DELETE FROM case_entry WHERE act_id " OF_PRUNABLE},
    {.both = "DELETE FROM cases WHERE act_id " OF_PRUNABLE},
    {.both = "DELETE FROM fact WHERE id IN (SELECT row_id FROM act_row WHERE table_name = 'fact'"
             " AND act_id " OF_PRUNABLE ")"},
    {.both = "DELETE FROM act_row WHERE act_id " OF_PRUNABLE},
    {.both = "DELETE FROM leaf WHERE act_id " OF_PRUNABLE},
    {.both = "DELETE FROM catalogue_act WHERE act_id " OF_PRUNABLE},
    {.both = "DELETE FROM act WHERE id " OF_PRUNABLE},
    {.both = "DELETE FROM intent WHERE id NOT IN (SELECT intent_id FROM act WHERE intent_id IS NOT"
             " NULL)"},
};

enum pd_status prune_remove(struct govern *g, pd_str act, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(act)};
    enum pd_status st = store_run(g->store, DOOM_KEYS, values, 1, NULL, err);
    for (size_t i = 0; st == PD_OK && i < sizeof(REMOVALS) / sizeof(*REMOVALS); i++)
        st = store_run(g->store, REMOVALS[i], NULL, 0, NULL, err);
    if (st == PD_OK)
        st = store_run(g->store, SPARE_KEYS, NULL, 0, NULL, err);
    return st == PD_OK ? store_run(g->store, CLEAR, NULL, 0, NULL, err) : st;
}

/* ---- Leaves that stay ---- */

static const struct sql NEXT_HELD = {
    .both = "SELECT act_id, leaf_index, bytes FROM leaf WHERE log = $1 AND leaf_index >= $2 AND"
            " act_id NOT IN (SELECT act_id FROM prunable) ORDER BY leaf_index LIMIT 1"};
static const struct sql KEEP_PROOF = {.both = "UPDATE leaf SET proof = $2 WHERE act_id = $1"};

/* The tiles go with the shard: a leaf that stays keeps its proof, checked before it is needed. */
static enum pd_status keep_proof(struct govern *g, struct ledger_reader *reader,
                                 const struct integrate_log *log, pd_str act, uint64_t index,
                                 pd_str bytes, struct pd_error *err) {
    crypto_hash hash, root = ledger_edge_root(&log->edge);
    struct ledger_proof proof;
    enum pd_status st = ledger_hash_leaf(bytes, &hash, err);
    if (st == PD_OK)
        st = ledger_prove_inclusion(reader, index, log->edge.size, &proof, err);
    if (st == PD_OK)
        st = ledger_verify_inclusion(index, log->edge.size, &hash, proof.hashes, proof.count, &root,
                                     err);
    if (st != PD_OK)
        return pd_wrap(err, "leaf %llu of the log %.*s, which stays, can't be proven",
                       (unsigned long long)index, pd_arg(log->name));
    struct store_value values[] = {STORE_STR(act),
                                   STORE_BYTES(((pd_str){(const char *)proof.hashes[0].bytes,
                                                         proof.count * CRYPTO_HASH_SIZE}))};
    return store_run(g->store, KEEP_PROOF, values, 2, NULL, err);
}

enum pd_status prune_keep_proofs(struct govern *g, const struct integrate_log *log,
                                 struct pd_arena *arena, struct pd_error *err) {
    struct integrate_tiles where = {g, log->folder};
    struct ledger_tiles *tiles = pd_arena_alloc(arena, sizeof(*tiles));
    if (!tiles)
        return pd_fail_memory(err);
    *tiles =
        (struct ledger_tiles){.size = log->edge.size, .fetch = integrate_fetch, .context = &where};
    struct ledger_reader reader = ledger_tiles_reader(tiles);
    uint64_t next = 0;
    for (;;) {
        struct pd_mark mark = pd_arena_mark(arena);
        struct store_value values[] = {STORE_STR(log->name), STORE_I64((int64_t)next)};
        struct store_rows *rows;
        bool has;
        enum pd_status st = store_select(g->store, NEXT_HELD, values, 2, &rows, err);
        if (st != PD_OK)
            return st;
        st = store_next(rows, &has, err);
        pd_str act = PD_STR(""), bytes = PD_STR("");
        if (st == PD_OK && has) {
            act = pd_arena_str(arena, store_str(rows, 0));
            bytes = pd_arena_str(arena, store_str(rows, 2));
            next = (uint64_t)store_i64(rows, 1);
        }
        store_rows_close(rows);
        if (st != PD_OK || !has)
            return st;
        st = act.data && bytes.data ? keep_proof(g, &reader, log, act, next, bytes, err)
                                    : pd_fail_memory(err);
        next++;
        pd_arena_reset(arena, mark);
        if (st != PD_OK)
            return st;
    }
}
