/*
 * The doorway. Everything that changes or discloses governed data passes here:
 *
 *     intent -> facts -> finding -> duties -> fresh finding -> effect + act + leaf in ONE
 * transaction -> receipt
 *
 * Whoever understands commit_acts understands Polder. Nothing writes governed state around it.
 */
#include "govern/catalogue_impl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

pd_str govern_id_text(pd_id id, struct pd_arena *arena) {
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    return pd_arena_str(arena, pd_str_from(text));
}

pd_str govern_hash_text(const crypto_hash *hash, struct pd_arena *arena) {
    char hex[GOVERN_HEX_SIZE];
    pd_hex_encode(hash->bytes, sizeof(hash->bytes), hex);
    return pd_arena_str(arena, pd_str_from(hex));
}

/* ---- Facts, as the finding is bound to them ---- */

crypto_hash act_facts_hash(const struct law_fact *facts, size_t count) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    facts_write(facts, count, FACTS_BOUND, &w);
    pd_json_clear(&w);
    crypto_hash hash = crypto_sha256(buf.data, buf.len);
    pd_buf_clear(&buf);
    return hash;
}

bool act_evidence_is_complete(const struct law_finding *finding) {
    if (finding->outcome != LAW_PERMIT)
        return false;
    for (size_t i = 0; i < finding->obligation_count; i++) {
        const struct law_obligation *o = &finding->obligations[i];
        if (o->class_ == LAW_UNKNOWN || (o->class_ == LAW_EVIDENCED && !o->discharged))
            return false;
    }
    return true;
}

/* ---- Rows ---- */

/* The governed tables: how a row of each is read whole for its hash, how all of them are walked
 * beside what acts wrote of them, and what acts wrote that isn't there. Who adds a table, adds it
 * here. */
#define GOVERNED_TABLE(t)                                                                          \
    {                                                                                              \
        t, {.both = "SELECT * FROM " t " WHERE id = $1"},                                          \
            {.both = "SELECT x.*, r.row_hash, r.revision, r.act_id, a.id FROM " t                  \
                     " x LEFT JOIN act_row r ON r.table_name = '" t "' AND r.row_id = x.id"        \
                     " LEFT JOIN act a ON a.id = r.act_id"                                         \
                     " WHERE x.id > $1 AND x.id <= $2 ORDER BY x.id, r.revision"},                 \
        {                                                                                          \
            .both = "SELECT r.row_id FROM act_row r LEFT JOIN " t " x ON x.id = r.row_id"          \
                    " WHERE r.table_name = '" t "' AND r.row_id > $1 AND r.row_id <= $2"           \
                    " AND r.revision = 1 AND x.id IS NULL"                                         \
        }                                                                                          \
    }
static const struct act_governed GOVERNED[] = {
    GOVERNED_TABLE("node"),          GOVERNED_TABLE("party"),
    GOVERNED_TABLE("member"),        GOVERNED_TABLE("rules"),
    GOVERNED_TABLE("intent"),        GOVERNED_TABLE("fact"),
    GOVERNED_TABLE("dataset"),       GOVERNED_TABLE("version"),
    GOVERNED_TABLE("distribution"),  GOVERNED_TABLE("act"),
    GOVERNED_TABLE("clock"),         GOVERNED_TABLE("clock_met"),
    GOVERNED_TABLE("clock_overdue"), GOVERNED_TABLE("cases"),
    GOVERNED_TABLE("case_entry"),    GOVERNED_TABLE("anchor"),
    GOVERNED_TABLE("pruning"),       GOVERNED_TABLE("lineage"),
    GOVERNED_TABLE("signing_key"),   GOVERNED_TABLE("key_request"),
    GOVERNED_TABLE("key_destroyed"), GOVERNED_TABLE("witness_policy"),
    GOVERNED_TABLE("person_index"),  GOVERNED_TABLE("replacement"),
    GOVERNED_TABLE("inspection"),
    GOVERNED_TABLE("member_end"),
    GOVERNED_TABLE("privacy_budget"), GOVERNED_TABLE("privacy_spend"),
    GOVERNED_TABLE("proposal"),
    GOVERNED_TABLE("proposal_text"), GOVERNED_TABLE("proposal_step"),
    GOVERNED_TABLE("objection"),     GOVERNED_TABLE("objection_step"),
    GOVERNED_TABLE("vote"),          GOVERNED_TABLE("vote_roll"),
    GOVERNED_TABLE("ballot"),        GOVERNED_TABLE("vote_result"),
    GOVERNED_TABLE("enactment"),     GOVERNED_TABLE("enacted_policy"),
    GOVERNED_TABLE("enacted_standard"), GOVERNED_TABLE("notice"),
    GOVERNED_TABLE("demand"),        GOVERNED_TABLE("demand_backing"),
};

const struct act_governed *act_governed(size_t nth) {
    return nth < sizeof(GOVERNED) / sizeof(*GOVERNED) ? &GOVERNED[nth] : NULL;
}

void act_row_write(const struct store_rows *rows, size_t columns, struct pd_json *w) {
    pd_json_object(w);
    for (size_t c = 0; c < columns; c++) {
        struct store_value v = store_column(rows, c);
        pd_json_key(w, store_column_name(rows, c));
        switch (v.type) {
        case STORE_NULL:
            pd_json_null(w);
            break;
        case STORE_INT:
            pd_json_i64(w, v.number);
            break;
        case STORE_TEXT:
            pd_json_str(w, v.bytes);
            break;
        case STORE_BLOB:
            pd_json_base64(w, v.bytes.data, v.bytes.len);
            break;
        }
    }
    pd_json_object_end(w);
}

enum pd_status act_row_hash(struct govern *g, pd_str table, pd_str id, crypto_hash *out,
                            struct pd_error *err) {
    const struct act_governed *of = NULL;
    for (size_t i = 0; i < sizeof(GOVERNED) / sizeof(*GOVERNED); i++)
        if (pd_str_is(table, GOVERNED[i].table))
            of = &GOVERNED[i];
    if (!of)
        return pd_fail(err, PD_INTERNAL, "\"%.*s\" is no governed table", pd_arg(table));
    struct store_value values[] = {STORE_STR(id)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, of->row, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no row %.*s in %.*s", pd_arg(id), pd_arg(table));
    if (st == PD_OK) {
        struct pd_buf buf;
        struct pd_json w;
        pd_buf_init(&buf, 0);
        pd_json_init(&w, &buf, PD_JSON_CANONICAL);
        act_row_write(rows, store_columns(rows), &w);
        pd_json_clear(&w);
        st = pd_buf_check(&buf, err);
        *out = crypto_sha256(buf.data, buf.len);
        pd_buf_clear(&buf);
    }
    store_rows_close(rows);
    return st;
}

enum pd_status act_wrote(struct govern *g, struct act *act, const char *table, pd_str id,
                         struct pd_error *err) {
    struct act_written *w = pd_arena_alloc(act->arena, sizeof(*w));
    if (!w)
        return pd_fail_memory(err);
    w->table = table;
    w->id = pd_arena_str(act->arena, id);
    w->next = act->rows;
    act->rows = w;
    if (!w->id.data)
        return pd_fail_memory(err);
    return act_row_hash(g, pd_str_from(table), id, &w->hash, err);
}

/* ---- The steps of the transaction ---- */

/*
 * The finding is bound to facts and rules: if either differs from what it was made from, it is made
 * again, here, where nothing can change any more.
 */
static enum pd_status find_afresh(struct govern *g, struct act *act, struct pd_error *err) {
    bool rules_changed = false;
    enum pd_status st = node_load_rules(g, &rules_changed, err);
    if (st != PD_OK)
        return st;
    const struct law_fact *facts = act->law->facts;
    size_t count = act->law->fact_count;
    if (act->gather)
        st = act->gather(act->context, g, act->arena, &facts, &count, err);
    if (st != PD_OK)
        return st;
    crypto_hash facts_hash = act_facts_hash(facts, count), rules_hash;
    if (!pd_hex_decode(g->rules_id, rules_hash.bytes, sizeof(rules_hash.bytes)))
        return pd_fail(err, PD_INTERNAL, "the id of the rules is no hash");
    bool facts_changed =
        memcmp(facts_hash.bytes, act->facts_hash.bytes, sizeof(facts_hash.bytes)) != 0;
    rules_changed = rules_changed ||
                    memcmp(rules_hash.bytes, act->rules_hash.bytes, sizeof(rules_hash.bytes)) != 0;
    if (facts_changed || rules_changed) {
        struct law_case *fresh = pd_arena_alloc(act->arena, sizeof(*fresh));
        if (!fresh)
            return pd_fail_memory(err);
        *fresh = *act->law;
        fresh->facts = facts;
        fresh->fact_count = count;
        fresh->now = act->at;
        st = law_find(g->rules, fresh, act->arena, &act->finding, err);
        if (st != PD_OK)
            return st;
        act->law = fresh;
        act->is_settled = false;
        act->facts_hash = facts_hash;
        act->rules_hash = rules_hash;
    }
    bool may = act_evidence_is_complete(act->finding) &&
               (!act->is_discharged || act->is_discharged(act->context, act->finding));
    if (may)
        return PD_OK;
    if (facts_changed || rules_changed)
        return pd_fail(err, PD_CONFLICT,
                       "%s changed since the finding, and the fresh finding is: %s (%.*s)",
                       rules_changed ? "the rules" : "the facts",
                       law_outcome_name(act->finding->outcome), pd_arg(act->finding->reason));
    return pd_fail(err, act->finding->outcome == LAW_DENY ? PD_DENIED : PD_OPEN, "%.*s",
                   pd_arg(act->finding->reason));
}

static const struct sql FIND_KEY = {
    .both = "SELECT id FROM intent WHERE party_id = $1 AND idempotency_key = $2"};

/* Two callers with one idempotency key: the second finds the first here, whatever it saw before. */
static enum pd_status check_key_is_new(struct govern *g, const struct act *act,
                                       struct pd_error *err) {
    if (!act->idempotency_key.len)
        return PD_OK;
    struct store_value values[] = {STORE_STR(act->idempotency_party),
                                   STORE_STR(act->idempotency_key)};
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, FIND_KEY, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    st = store_next(rows, &has, err);
    store_rows_close(rows);
    if (st == PD_OK && has)
        return pd_fail(err, PD_CONFLICT,
                       "the idempotency key \"%.*s\" was used meanwhile; ask again for its receipt",
                       pd_arg(act->idempotency_key));
    return st;
}

static const struct sql INSERT_ACT = {
    .both = "INSERT INTO act (id, intent_id, verb, party_id, member_id, outcome, facts_hash, "
            "rules_hash, plan_hash,"
            " version_hash, key_id, sealed_record, receipt, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"};

static enum pd_status insert_act(struct govern *g, struct act *act, pd_str id,
                                 struct pd_error *err) {
    pd_str key = govern_id_text(act->key.id, act->arena), none = PD_STR("");
    struct store_value values[] = {
        STORE_STR(id),
        act->intent ? STORE_STR(govern_id_text(*act->intent, act->arena)) : STORE_NONE,
        STORE_STR(pd_str_from(ledger_verb_name(act->verb))),
        STORE_STR(act->party),
        act->member.len ? STORE_STR(act->member) : STORE_NONE,
        STORE_STR(pd_str_from(ledger_outcome_name(act->outcome))),
        STORE_STR(act->law || act->asked ? govern_hash_text(&act->facts_hash, act->arena) : none),
        STORE_STR(govern_hash_text(&act->rules_hash, act->arena)),
        STORE_STR(act->has_plan_hash ? govern_hash_text(&act->plan_hash, act->arena) : none),
        STORE_STR(act->has_version_hash ? govern_hash_text(&act->version_hash, act->arena) : none),
        STORE_STR(key),
        STORE_BYTES(act->sealed_record),
        STORE_STR(act->receipt),
        STORE_I64(act->at),
    };
    enum pd_status st = store_run(g->store, INSERT_ACT, values, 14, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "act", id, err) : st;
}

static const struct sql INSERT_ROW = {.both = "INSERT INTO act_row (act_id, table_name, row_id, "
                                              "row_hash, revision) VALUES ($1, $2, $3, $4,"
                                              " (SELECT COALESCE(MAX(revision), 0) + 1 FROM "
                                              "act_row WHERE table_name = $2 AND row_id = $3))"};

static enum pd_status insert_rows(struct govern *g, const struct act *act, pd_str id,
                                  struct pd_error *err) {
    for (const struct act_written *w = act->rows; w; w = w->next) {
        struct store_value values[] = {STORE_STR(id), STORE_STR(pd_str_from(w->table)),
                                       STORE_STR(w->id),
                                       STORE_STR(govern_hash_text(&w->hash, act->arena))};
        enum pd_status st = store_run(g->store, INSERT_ROW, values, 4, NULL, err);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

/* ---- The doorway ---- */

static const struct sql NEWEST_ACT = {.both = "SELECT made_at FROM act ORDER BY id DESC LIMIT 1"};

/* A clock that was set back doesn't set the record back: an act is never older than the one before
 * it. What the machine's clock said is recorded with it, and told by whoever closes the node. */
static enum pd_status find_time(struct govern *g, struct act *act, struct pd_error *err) {
    struct store_rows *rows;
    enum pd_status st = store_select(g->store, NEWEST_ACT, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    bool has;
    act->at = act->told = pd_clock_now(&g->clock);
    st = store_next(rows, &has, err);
    if (st == PD_OK && has && store_i64(rows, 0) > act->told) {
        act->at = store_i64(rows, 0);
        g->clock_behind = act->at - act->told;
    }
    store_rows_close(rows);
    return st;
}

enum pd_status act_begin(struct govern *g, struct act *act, struct pd_error *err) {
    enum pd_status st = floor_allows_acts(g, err);
    if (st == PD_OK)
        st = find_time(g, act, err);
    if (st != PD_OK)
        return st;
    act->id = crypto_id(act->at);
    if (!pd_hex_decode(g->rules_id, act->rules_hash.bytes, sizeof(act->rules_hash.bytes)))
        return pd_fail(err, PD_INTERNAL, "the id of the rules is no hash");
    st = shard_prepare(g, act->at, &act->shard, err);
    if (st != PD_OK || !g->writer)
        return st == PD_OK ? store_key_new(g->store, "record", act->at, &act->key, err) : st;
    /* The writer makes it durable, with those of the others, before the transaction. */
    act->key = store_key_make(act->at);
    return PD_OK;
}

struct commit {
    struct govern *g;
    struct act_ask *asks;
    size_t count;
    struct pd_arena *arena; /* for what all have together */
};

/* What is kept of it: the sealed record, and the leaf. */
static enum pd_status settle(struct govern *g, struct act *act, struct pd_error *err) {
    pd_str record;
    if (act->is_settled)
        return PD_OK;
    enum pd_status st = record_make(act, &record, err);
    if (st == PD_OK)
        st = store_seal(&act->key, PD_STR("act.record"), record, act->arena, &act->sealed_record,
                        err);
    if (st == PD_OK)
        st = leaf_make(g, act, &act->leaf, err);
    act->is_settled = st == PD_OK && act->is_fixed;
    return st;
}

/* Whether it may be, and what comes of it. */
static enum pd_status enter(struct govern *g, struct act *act, struct pd_error *err) {
    act->rows = NULL; /* the database may ask us to run again */
    enum pd_status st = check_key_is_new(g, act, err);
    if (st == PD_OK && act->law)
        st = find_afresh(g, act, err);
    if (st == PD_OK && act->effect)
        st = act->effect(act->context, g, act, err);
    return st == PD_OK ? settle(g, act, err) : st;
}

/* One bad act sinks only itself. */
static enum pd_status enter_alone(struct commit *c, struct act_ask *ask, struct pd_error *err) {
    enum pd_status st = store_savepoint(c->g->store, err);
    if (st != PD_OK)
        return st;
    ask->status = enter(c->g, ask->act, ask->err);
    return ask->status == PD_OK ? store_savepoint_release(c->g->store, err)
                                : store_savepoint_undo(c->g->store, err);
}

/* The act itself, once its receipt is there. */
static enum pd_status leave(struct govern *g, struct act *act, struct pd_error *err) {
    pd_str id = govern_id_text(act->id, act->arena);
    enum pd_status st = id.data ? insert_act(g, act, id, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = clock_start(g, act, id, err);
    if (st == PD_OK)
        st = insert_rows(g, act, id, err);
    if (st == PD_OK)
        st = leaf_insert(g, act, act->leaf, err);
    return st == PD_OK ? catalogue_follow(g, act, id, err) : st;
}

static enum pd_status commit_acts(struct store *store, void *context, struct pd_error *err) {
    (void)store;
    struct commit *c = context;
    enum pd_status st = PD_OK;
    struct act **entered = pd_arena_array(c->arena, c->count, sizeof(*entered));
    size_t n = 0;
    if (!entered)
        return pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < c->count; i++) {
        struct act_ask *ask = &c->asks[i];
        if (c->count > 1)
            st = enter_alone(c, ask, err);
        else
            st = ask->status = enter(c->g, ask->act, err);
        if (st == PD_OK && ask->status == PD_OK)
            entered[n++] = ask->act;
    }
    if (st == PD_OK && n > 0)
        st = receipts_make(c->g, entered, n, c->arena, err);
    for (size_t i = 0; st == PD_OK && i < n; i++)
        st = leave(c->g, entered[i], err);
    return st;
}

static void commit_one(struct commit c, struct act_ask *ask) {
    c.asks = ask;
    c.count = 1;
    ask->status = store_transact(c.g->store, commit_acts, &c, ask->err);
}

void act_commit_all(struct govern *g, struct act_ask *asks, size_t count) {
    struct pd_error err = {0};
    struct commit c = {
        .g = g, .asks = asks, .count = count, .arena = pd_arena_new((size_t)64 << 20)};
    for (size_t i = 0; i < count; i++) {
        assert(asks[i].act->at && asks[i].act->party.len && asks[i].act->arena);
        asks[i].status = c.arena ? PD_OK : pd_fail_memory(asks[i].err);
    }
    if (!c.arena)
        return;
    /* What fails of all together may be the fault of one: each for itself, then. */
    bool is_group = count > 1 && store_transact(g->store, commit_acts, &c, &err) == PD_OK;
    for (size_t i = 0; i < count && !is_group; i++)
        commit_one(c, &asks[i]);
    pd_arena_free(c.arena);
}

enum pd_status act_commit(struct govern *g, struct act *act, struct pd_arena *arena,
                          pd_str *pending, struct pd_error *err) {
    struct act_ask ask = {.act = act, .err = err};
    act->arena = arena;
    *pending = PD_STR("");
    if (g->writer) {
        /* As much as can be is done here, beside the one thread that commits. */
        enum pd_status st = act->is_fixed ? settle(g, act, err) : PD_OK;
        return st == PD_OK ? writer_commit(g->writer, &ask) : st;
    }
    act_commit_all(g, &ask, 1);
    if (ask.status != PD_OK)
        return ask.status;
    /* The act stands from here on; what follows only makes its proof public, and can be done again.
     */
    struct pd_error later = {0};
    if (integrate_after(g, act->id, arena, &later) != PD_OK)
        *pending = pd_arena_str(arena, pd_str_from(later.text));
    return PD_OK;
}

enum pd_status act_placed(struct govern *g, pd_id act, struct pd_arena *arena,
                          struct govern_placed *out, struct pd_error *err) {
    *out = (struct govern_placed){0};
    return g->writer ? PD_OK : integrate_placed(g, act, arena, out, err);
}

enum pd_status act_govern(struct govern *g, struct act *act, const struct law_case *law,
                          struct pd_arena *arena, const struct govern_outcome **out,
                          struct pd_error *err) {
    struct govern_outcome *outcome = pd_arena_alloc(arena, sizeof(*outcome));
    if (!outcome)
        return pd_fail_memory(err);
    /* Taking part in governing is an act as well, and asks the law like any other. */
    act->law = law;
    act->facts_hash = act_facts_hash(law->facts, law->fact_count);
    enum pd_status st = law_find(g->rules, law, arena, &act->finding, err);
    pd_str pending = {0};
    if (st == PD_OK)
        st = act_commit(g, act, arena, &pending, err);
    act->law = NULL; /* it is the caller's */
    if (st != PD_OK)
        return st;
    *outcome = (struct govern_outcome){.result = GOVERN_DONE,
                                       .act_id = act->id,
                                       .receipt = act->receipt,
                                       .finding = act->finding,
                                       .clocks = act->clocks,
                                       .clock_count = act->clock_count,
                                       .pending = pending};
    if (act->intent)
        outcome->intent_id = *act->intent;
    *out = outcome;
    return act_placed(g, act->id, arena, &outcome->placed, err);
}
