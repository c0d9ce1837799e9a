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
    GOVERNED_TABLE("node"),           GOVERNED_TABLE("party"),
    GOVERNED_TABLE("member"),         GOVERNED_TABLE("rules"),
    GOVERNED_TABLE("intent"),         GOVERNED_TABLE("fact"),
    GOVERNED_TABLE("dataset"),        GOVERNED_TABLE("version"),
    GOVERNED_TABLE("distribution"),   GOVERNED_TABLE("act"),
    GOVERNED_TABLE("clock"),          GOVERNED_TABLE("clock_met"),
    GOVERNED_TABLE("clock_overdue"),  GOVERNED_TABLE("cases"),
    GOVERNED_TABLE("case_entry"),     GOVERNED_TABLE("anchor"),
    GOVERNED_TABLE("pruning"),        GOVERNED_TABLE("lineage"),
    GOVERNED_TABLE("signing_key"),    GOVERNED_TABLE("key_request"),
    GOVERNED_TABLE("key_destroyed"),  GOVERNED_TABLE("witness_policy"),
    GOVERNED_TABLE("person_index"),   GOVERNED_TABLE("replacement"),
    GOVERNED_TABLE("inspection"),     GOVERNED_TABLE("member_end"),
    GOVERNED_TABLE("privacy_budget"), GOVERNED_TABLE("privacy_spend"),
    GOVERNED_TABLE("pseudonym_key"),  GOVERNED_TABLE("pseudonym_use"),
    GOVERNED_TABLE("proposal"),       GOVERNED_TABLE("proposal_text"),
    GOVERNED_TABLE("proposal_step"),  GOVERNED_TABLE("objection"),
    GOVERNED_TABLE("objection_step"), GOVERNED_TABLE("vote"),
    GOVERNED_TABLE("vote_roll"),      GOVERNED_TABLE("ballot"),
    GOVERNED_TABLE("vote_result"),    GOVERNED_TABLE("enactment"),
    GOVERNED_TABLE("enacted_policy"), GOVERNED_TABLE("enacted_standard"),
    GOVERNED_TABLE("notice"),         GOVERNED_TABLE("demand"),
    GOVERNED_TABLE("demand_backing"),
};

const struct act_governed *act_governed(size_t nth) {
    return nth < sizeof(GOVERNED) / sizeof(*GOVERNED) ? &GOVERNED[nth] : NULL;
}

static void write_value(struct pd_json *w, struct store_value v) {
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

void act_row_write(const struct store_rows *rows, size_t columns, struct pd_json *w) {
    pd_json_object(w);
    for (size_t c = 0; c < columns; c++) {
        pd_json_key(w, store_column_name(rows, c));
        write_value(w, store_column(rows, c));
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

static struct act_written *add_written(struct act *act, const char *table, pd_str id,
                                       struct pd_error *err) {
    struct act_written *w = pd_arena_alloc(act->arena, sizeof(*w));
    pd_str own = pd_arena_str(act->arena, id);
    if (!w || !own.data) {
        (void)pd_fail_memory(err);
        return NULL;
    }
    *w = (struct act_written){.table = table, .id = own, .next = act->rows};
    act->rows = w;
    return w;
}

enum pd_status act_wrote(struct govern *g, struct act *act, const char *table, pd_str id,
                         struct pd_error *err) {
    struct act_written *w = add_written(act, table, id, err);
    return w ? act_row_hash(g, pd_str_from(table), id, &w->hash, err) : PD_LIMIT;
}

/* To read a row back for its hash takes as long as to write it. */
enum pd_status act_insert(struct govern *g, struct act *act, const struct act_insertion *row,
                          pd_str id, const struct store_value *values, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    size_t count = 0;
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    for (; count < ACT_COLUMNS_MAX && row->columns[count]; count++) {
        pd_json_key(&w, row->columns[count]);
        write_value(&w, values[count]);
    }
    pd_json_object_end(&w);
    pd_json_clear(&w);
    enum pd_status st = pd_buf_check(&buf, err);
    if (st == PD_OK)
        st = store_run(g->store, row->insert, values, count, NULL, err);
    struct act_written *written = st == PD_OK ? add_written(act, row->table, id, err) : NULL;
    if (written) {
        written->hash = crypto_sha256(buf.data, buf.len);
        written->is_new = true;
    }
    pd_buf_clear(&buf);
    return st == PD_OK && !written ? PD_LIMIT : st;
}

/* ---- The steps of the transaction ---- */

/* What acts are committed together with, and what they have in common. */
struct commit {
    struct govern *g;
    struct act_ask *asks;
    size_t count;
    struct pd_arena *arena; /* for what all have together */
    const struct act_keys *keys;
    bool has_savepoints; /* an act that fails is undone, and the others go on */
    bool knows_rules;    /* that are in force in this transaction */
    struct leaf_places places;
};

/* Only an act can change the rules within the transaction; time is that of its beginning. */
static enum pd_status load_rules(struct commit *c, bool *changed, struct pd_error *err) {
    if (c->knows_rules)
        return PD_OK;
    enum pd_status st = node_load_rules(c->g, changed, err);
    c->knows_rules = st == PD_OK;
    return st;
}

static bool writes_one_of(const struct act *act, const char *const *tables) {
    for (const struct act_written *w = act->rows; w; w = w->next)
        for (size_t i = 0; tables[i]; i++)
            if (strcmp(w->table, tables[i]) == 0)
                return true;
    return false;
}

bool act_writes_rules(const struct act *act) {
    return writes_one_of(act, (const char *const[]){"rules", "enactment", NULL});
}

bool act_writes_people(const struct act *act) {
    return writes_one_of(act, (const char *const[]){"party", "member", "member_end", NULL});
}

static enum pd_status refuse_afresh(const struct law_finding *finding, const char *changed,
                                    struct pd_error *err) {
    if (changed)
        return pd_fail(err, PD_CONFLICT,
                       "%s changed since the finding, and the fresh finding is: %s (%.*s)", changed,
                       law_outcome_name(finding->outcome), pd_arg(finding->reason));
    return pd_fail(err, finding->outcome == LAW_DENY ? PD_DENIED : PD_OPEN, "%.*s",
                   pd_arg(finding->reason));
}

/*
 * The finding is bound to facts and rules: if either differs from what it was made from, it is made
 * again, here, where nothing can change any more. An act that is refused stays as it was, since it
 * may be asked for once more, alone.
 */
static enum pd_status find_afresh(struct commit *c, struct act *act, struct pd_error *err) {
    struct govern *g = c->g;
    bool rules_changed = false;
    enum pd_status st = load_rules(c, &rules_changed, err);
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
    const struct law_case *law = act->law;
    const struct law_finding *finding = act->finding;
    if (facts_changed || rules_changed) {
        struct law_case *fresh = pd_arena_alloc(act->arena, sizeof(*fresh));
        if (!fresh)
            return pd_fail_memory(err);
        *fresh = *act->law;
        fresh->facts = facts;
        fresh->fact_count = count;
        fresh->now = act->at;
        st = law_find(g->rules, fresh, act->arena, &finding, err);
        if (st != PD_OK)
            return st;
        law = fresh;
    }
    bool may = act_evidence_is_complete(finding) &&
               (!act->is_discharged || act->is_discharged(act->context, finding));
    if (!may)
        return refuse_afresh(finding,
                             rules_changed   ? "the rules"
                             : facts_changed ? "the facts"
                                             : NULL,
                             err);
    act->is_settled = act->is_settled && finding == act->finding;
    act->law = law;
    act->finding = finding;
    act->facts_hash = facts_hash;
    act->rules_hash = rules_hash;
    return PD_OK;
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

static const struct act_insertion ACT = {
    "act",
    {.both = "INSERT INTO act (facts_hash, id, intent_id, key_id, made_at, member_id, outcome, "
             "party_id, plan_hash, receipt, rules_hash, sealed_record, verb, version_hash)"
             " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"},
    {"facts_hash", "id", "intent_id", "key_id", "made_at", "member_id", "outcome", "party_id",
     "plan_hash", "receipt", "rules_hash", "sealed_record", "verb", "version_hash"}};

static enum pd_status insert_act(struct govern *g, struct act *act, pd_str id,
                                 struct pd_error *err) {
    struct pd_arena *arena = act->arena;
    pd_str none = PD_STR("");
    const struct store_value values[] = {
        STORE_STR(act->law || act->asked ? govern_hash_text(&act->facts_hash, arena) : none),
        STORE_STR(id),
        act->intent ? STORE_STR(govern_id_text(*act->intent, arena)) : STORE_NONE,
        STORE_STR(govern_id_text(act->key.id, arena)),
        STORE_I64(act->at),
        act->member.len ? STORE_STR(act->member) : STORE_NONE,
        STORE_STR(pd_str_from(ledger_outcome_name(act->outcome))),
        STORE_STR(act->party),
        STORE_STR(act->has_plan_hash ? govern_hash_text(&act->plan_hash, arena) : none),
        STORE_STR(act->receipt),
        STORE_STR(govern_hash_text(&act->rules_hash, arena)),
        STORE_BYTES(act->sealed_record),
        STORE_STR(pd_str_from(ledger_verb_name(act->verb))),
        STORE_STR(act->has_version_hash ? govern_hash_text(&act->version_hash, arena) : none),
    };
    return act_insert(g, act, &ACT, id, values, err);
}

#define INSERT_ROW(revision)                                                                       \
    "INSERT INTO act_row (act_id, table_name, row_id, row_hash, revision) VALUES ($1, $2, $3, "    \
    "$4, " revision ")"
static const struct sql INSERT_FIRST_ROW = {.both = INSERT_ROW("1")};
static const struct sql INSERT_NEXT_ROW = {
    .both = INSERT_ROW("(SELECT COALESCE(MAX(revision), 0) + 1 FROM act_row WHERE table_name = $2"
                       " AND row_id = $3)")};

static enum pd_status insert_rows(struct govern *g, const struct act *act, pd_str id,
                                  struct pd_error *err) {
    for (const struct act_written *w = act->rows; w; w = w->next) {
        struct store_value values[] = {STORE_STR(id), STORE_STR(pd_str_from(w->table)),
                                       STORE_STR(w->id),
                                       STORE_STR(govern_hash_text(&w->hash, act->arena))};
        enum pd_status st = store_run(g->store, w->is_new ? INSERT_FIRST_ROW : INSERT_NEXT_ROW,
                                      values, 4, NULL, err);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

/* ---- The doorway ---- */

#define YEAR_10000 (INT64_C(253402300800) * PD_SECOND)

static const struct sql NEWEST_ACT = {.both = "SELECT made_at FROM act ORDER BY id DESC LIMIT 1"};

enum pd_status act_newest(struct govern *g, pd_time *out, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(g->store, NEWEST_ACT, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK)
        *out = has ? store_i64(rows, 0) : 0;
    store_rows_close(rows);
    if (st == PD_OK && (*out < 0 || *out >= YEAR_10000))
        return pd_fail(err, PD_INTERNAL,
                       "the newest act is of no year from 1970 to 9999: the database is damaged; "
                       "polder verify says where");
    return st;
}

/* A clock that was set back doesn't set the record back: an act is never older than the one before
 * it. What the machine's clock said is recorded with it, and told by whoever closes the node. */
static enum pd_status find_time(struct govern *g, struct act *act, struct pd_error *err) {
    pd_time newest;
    enum pd_status st =
        g->writer ? writer_newest(g->writer, g, &newest, err) : act_newest(g, &newest, err);
    if (st != PD_OK)
        return st;
    act->at = act->told = pd_clock_now(&g->clock);
    if (newest > act->told) {
        act->at = newest;
        g->clock_behind = act->at - act->told;
    }
    return PD_OK;
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

/* What is kept of it: the sealed record, and the leaf; and what its receipt says. */
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
    if (st == PD_OK)
        st = receipt_promise(g, act, err);
    act->is_settled = st == PD_OK && act->is_fixed;
    return st;
}

/* Whether it may be, and what comes of it. */
static enum pd_status enter(struct commit *c, struct act *act, struct pd_error *err) {
    act->rows = NULL; /* the database may ask us to run again */
    enum pd_status st = check_key_is_new(c->g, act, err);
    if (st == PD_OK && act->law)
        st = find_afresh(c, act, err);
    if (st == PD_OK && act->effect)
        st = act->effect(act->context, c->g, act, err);
    c->knows_rules = c->knows_rules && !act_writes_rules(act);
    return st == PD_OK ? settle(c->g, act, err) : st;
}

/* One bad act sinks only itself. */
static enum pd_status enter_alone(struct commit *c, struct act_ask *ask, struct pd_error *err) {
    enum pd_status st = store_savepoint(c->g->store, err);
    if (st != PD_OK)
        return st;
    ask->status = enter(c, ask->act, ask->err);
    if (ask->status == PD_OK)
        return store_savepoint_release(c->g->store, err);
    c->knows_rules = false;
    return store_savepoint_undo(c->g->store, err);
}

/* The act itself, once its receipt is there. */
static enum pd_status leave(struct commit *c, struct act *act, struct pd_error *err) {
    struct govern *g = c->g;
    pd_str id = govern_id_text(act->id, act->arena);
    enum pd_status st = id.data ? insert_act(g, act, id, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = clock_start(g, act, id, err);
    if (st == PD_OK)
        st = insert_rows(g, act, id, err);
    if (st == PD_OK)
        st = leaf_insert(g, act, &c->places, err);
    return st == PD_OK ? catalogue_follow(g, act, id, err) : st;
}

static enum pd_status commit_acts(struct store *store, void *context, struct pd_error *err) {
    (void)store;
    struct commit *c = context;
    enum pd_status st = PD_OK;
    struct act **entered = pd_arena_array(c->arena, c->count, sizeof(*entered));
    size_t n = 0;
    c->knows_rules = false;
    c->places = (struct leaf_places){0};
    if (!entered)
        return pd_fail_memory(err);
    for (size_t i = 0; i < c->count; i++)
        c->asks[i].status = PD_OK;
    for (size_t i = 0; st == PD_OK && i < c->count; i++) {
        struct act_ask *ask = &c->asks[i];
        if (c->has_savepoints)
            st = enter_alone(c, ask, err);
        else
            st = ask->status = enter(c, ask->act, err);
        if (st == PD_OK && ask->status == PD_OK)
            entered[n++] = ask->act;
    }
    if (st == PD_OK && n > 0)
        st = receipts_make(c->g, entered, n, c->arena, err);
    for (size_t i = 0; st == PD_OK && i < n; i++)
        st = leave(c, entered[i], err);
    return st == PD_OK && c->keys ? c->keys->await(c->keys->context, err) : st;
}

static bool has_refused(const struct commit *c) {
    for (size_t i = 0; i < c->count; i++)
        if (c->asks[i].status != PD_OK)
            return true;
    return false;
}

/* A savepoint for each act costs as much as some of its rows, and hardly ever is one refused here
 * that was not refused before: so all are tried without, and with them once one was. */
static bool commit_together(struct commit *c) {
    struct pd_error err = {0};
    if (c->count < 2)
        return false;
    if (store_transact(c->g->store, commit_acts, c, &err) == PD_OK)
        return true;
    c->has_savepoints = has_refused(c);
    return c->has_savepoints && store_transact(c->g->store, commit_acts, c, &err) == PD_OK;
}

static void commit_one(struct commit c, struct act_ask *ask) {
    c.asks = ask;
    c.count = 1;
    c.has_savepoints = false;
    ask->status = store_transact(c.g->store, commit_acts, &c, ask->err);
}

void act_commit_all(struct govern *g, struct act_ask *asks, size_t count,
                    const struct act_keys *keys) {
    struct commit c = {.g = g,
                       .asks = asks,
                       .count = count,
                       .arena = pd_arena_new((size_t)64 << 20),
                       .keys = keys};
    for (size_t i = 0; i < count; i++) {
        assert(asks[i].act->at && asks[i].act->party.len && asks[i].act->arena);
        asks[i].status = c.arena ? PD_OK : pd_fail_memory(asks[i].err);
    }
    if (!c.arena)
        return;
    /* What fails of all together may be the fault of one: each for itself, then. */
    bool is_done = commit_together(&c);
    for (size_t i = 0; i < count && !is_done; i++)
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
    act_commit_all(g, &ask, 1, NULL);
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
