/* Acts: each has its leaf, which speaks of it; its receipt is signed and promises that leaf; its
 * record opens and is what it is bound to and what the leaf commits to. */
#include "govern/past.h"
#include "govern/verify_impl.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const struct sql LIST_ACTS = {
    .both = "SELECT a.id, a.verb, a.party_id, a.member_id, a.outcome, a.facts_hash, a.rules_hash,"
            " a.plan_hash, a.version_hash, a.key_id, a.sealed_record, a.receipt, a.made_at,"
            " l.log, l.bytes, g.origin FROM act a LEFT JOIN leaf l ON l.act_id = a.id"
            " LEFT JOIN log g ON g.name = l.log"
            " WHERE a.id > $1 AND a.id <= $2 ORDER BY a.id"};
enum {
    ID,
    VERB,
    PARTY,
    MEMBER,
    OUTCOME,
    FACTS_HASH,
    RULES_HASH,
    PLAN_HASH,
    VERSION_HASH,
    KEY,
    RECORD,
    RECEIPT,
    MADE_AT,
    LOG,
    LEAF,
    ORIGIN
};

/* ---- The leaf ---- */

static bool is_hash(const struct ledger_optional_hash *hash, pd_str hex) {
    char text[GOVERN_HEX_SIZE] = "";
    if (hash->is_set)
        pd_hex_encode(hash->value.bytes, sizeof(hash->value.bytes), text);
    return pd_str_is(hex, text);
}

/* What the leaf says of the act otherwise than its row does; NULL: nothing. */
static const char *differs(const struct ledger_leaf *leaf, const struct store_rows *rows) {
    char act[PD_ID_TEXT_SIZE];
    pd_id_write(leaf->act, act);
    pd_time at = store_i64(rows, MADE_AT);
    const struct {
        const char *what;
        bool is_same;
    } parts[] = {
        {"act", pd_str_is(store_str(rows, ID), act)},
        {"verb", pd_str_is(store_str(rows, VERB), ledger_verb_name(leaf->verb))},
        {"party", pd_str_eq(store_str(rows, PARTY), leaf->party)},
        {"outcome", pd_str_is(store_str(rows, OUTCOME), ledger_outcome_name(leaf->outcome))},
        {"time", leaf->time == at - at % (60 * PD_SECOND)},
        {"rules", is_hash(&leaf->hashes[LEDGER_DIGEST_RULES], store_str(rows, RULES_HASH))},
        {"version", is_hash(&leaf->hashes[LEDGER_DIGEST_VERSION], store_str(rows, VERSION_HASH))},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        if (!parts[i].is_same)
            return parts[i].what;
    return NULL;
}

/* Into the scratch arena; NULL: it can't be read, which was told. */
static const struct ledger_leaf *check_leaf(struct verifier *v, const struct store_rows *rows) {
    struct pd_error why = {0};
    pd_str id = store_str(rows, ID), log = store_str(rows, LOG);
    if (store_is_null(rows, LOG)) {
        verify_flaw(v, "leaf", id, "the act has no leaf");
        return NULL;
    }
    struct ledger_leaf *leaf = pd_arena_alloc(v->scratch, sizeof(*leaf));
    if (!leaf || ledger_leaf_parse(store_str(rows, LEAF), v->scratch, leaf, &why) != PD_OK) {
        verify_flaw(v, "leaf", id, "its leaf is none of the schema: %s", why.text);
        return NULL;
    }
    if (store_column(rows, LEAF).type != STORE_BLOB)
        verify_flaw(v, "leaf", id, "its leaf is stored as a text, and was written as bytes");
    const char *what = differs(leaf, rows);
    if (what)
        verify_flaw(v, "leaf", id, "its leaf speaks of another %s than its row", what);
    bool is_public = pd_str_is(log, integrate_log_name(LEDGER_PUBLIC));
    if ((is_public && ledger_log_of(leaf->verb, true) != LEDGER_PUBLIC) ||
        (!is_public && ledger_log_of(leaf->verb, false) == LEDGER_PUBLIC))
        verify_flaw(v, "leaf", id, "its leaf is in the %.*s log, where an act \"%s\" never belongs",
                    pd_arg(log), ledger_verb_name(leaf->verb));
    return leaf;
}

/* ---- The receipt ---- */

static const struct sql LIST_RECEIPT_KEYS = {
    .both = "SELECT receipt_vkey FROM node UNION SELECT vkey FROM signing_key WHERE holder = "
            "'receipts'"};

static enum pd_status load_receipt_keys(struct verifier *v, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    if (v->has_receipt_vkeys)
        return PD_OK;
    enum pd_status st = store_select(v->g->store, LIST_RECEIPT_KEYS, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has &&
           v->receipt_vkey_count < VERIFY_RECEIPT_KEYS_MAX) {
        struct pd_error why = {0};
        pd_str text = pd_arena_str(v->arena, store_str(rows, 0));
        if (text.data &&
            ledger_vkey_parse(text, &v->receipt_vkeys[v->receipt_vkey_count], &why) == PD_OK)
            v->receipt_vkey_count++;
        else
            verify_flaw(v, "key", PD_STR("node"), "a verifier key of receipts: %s", why.text);
    }
    store_rows_close(rows);
    v->has_receipt_vkeys = st == PD_OK;
    return st;
}

static enum pd_status check_receipt(struct verifier *v, const struct store_rows *rows,
                                    struct pd_error *err) {
    struct pd_error why = {0};
    pd_str id = store_str(rows, ID), receipt = store_str(rows, RECEIPT);
    enum pd_status st = load_receipt_keys(v, err);
    crypto_hash leaf;
    if (st != PD_OK || v->receipt_vkey_count == 0 || store_is_null(rows, LOG) ||
        ledger_hash_leaf(store_str(rows, LEAF), &leaf, &why) != PD_OK)
        return st;
    char base64[48], time[PD_TIME_TEXT_SIZE];
    pd_base64_encode(leaf.bytes, sizeof(leaf.bytes), base64);
    pd_time_write(store_i64(rows, MADE_AT), PD_TIME_SECONDS, time);
    pd_str text =
        pd_arena_printf(v->scratch, "act %.*s\n%.*s %.*s\nlog %.*s\nleaf %s\ntime %s\n", pd_arg(id),
                        pd_arg(store_str(rows, VERB)), pd_arg(store_str(rows, OUTCOME)),
                        pd_arg(store_str(rows, ORIGIN)), base64, time);
    if (!text.data)
        return pd_fail_memory(err);
    v->found.receipts++;
    pd_str lines = {0};
    st = PD_NOT_FOUND;
    for (size_t i = 0; st == PD_NOT_FOUND && i < v->receipt_vkey_count; i++)
        st = ledger_receipt_verify(receipt, &v->receipt_vkeys[i], &v->promises, &lines, &why);
    if (st != PD_OK)
        verify_flaw(v, "receipt", id, "its receipt doesn't hold: %s", why.text);
    else if (!pd_str_eq(lines, text))
        verify_flaw(v, "receipt", id, "its receipt promises something else than the act and leaf");
    return PD_OK;
}

/* ---- The record ---- */

/* The commitment in the leaf is that of the value. */
static bool opens(const struct verify_act *a, enum ledger_field field, pd_str value,
                  struct verifier *v) {
    uint8_t salt[32];
    struct pd_error why = {0};
    crypto_hash hash;
    pd_str info = pd_arena_printf(v->scratch, "commitment %s", ledger_field_name(field));
    if (!info.data || !value.data)
        return false;
    crypto_hkdf(a->key->bytes, sizeof(a->key->bytes), PD_STR("polder"), info, salt, sizeof(salt));
    enum pd_status st = ledger_commit(salt, a->act, field, value, &hash, &why);
    crypto_wipe(salt, sizeof(salt));
    return st == PD_OK &&
           memcmp(hash.bytes, a->leaf->commitments[field].value.bytes, sizeof(hash.bytes)) == 0;
}

static void check_plan(struct verifier *v, const struct verify_act *a, pd_str plan_hash) {
    pd_str plan = a->parts.plan;
    bool has_plan = plan.data && !pd_str_is(plan, "null");
    if (!has_plan && !plan_hash.len)
        return;
    char hex[GOVERN_HEX_SIZE];
    crypto_hash hash = crypto_sha256(plan.data, plan.len);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), hex);
    if (!has_plan || !pd_str_is(plan_hash, hex))
        verify_flaw(v, "record", a->id,
                    "the plan in its record is not the one that it is bound to");
    if (a->leaf && a->leaf->commitments[LEDGER_FIELD_PLAN].is_set &&
        !opens(a, LEDGER_FIELD_PLAN, plan, v))
        verify_flaw(v, "leaf", a->id, "its leaf commits to another plan than its record holds");
}

static void check_member(struct verifier *v, const struct verify_act *a, pd_str member) {
    if (!a->leaf || !a->leaf->commitments[LEDGER_FIELD_MEMBER].is_set)
        return;
    pd_str json = pd_arena_printf(v->scratch, "\"%.*s\"", pd_arg(member)); /* an id: no escapes */
    if (!opens(a, LEDGER_FIELD_MEMBER, json, v))
        verify_flaw(v, "leaf", a->id, "its leaf commits to another member than its row names");
}

/* Of acts from before leaves committed to the case as well (statement.h). */
static bool opens_facts_alone(struct verifier *v, const struct verify_act *a,
                              const json_t *record) {
    const struct law_fact *facts;
    size_t count;
    pd_str json = {0};
    struct pd_error why = {0};
    if (past_facts(json_object_get(record, "facts"), v->scratch, &facts, &count) != PD_OK)
        return false;
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    facts_write(facts, count, FACTS_BOUND, &w);
    return pd_json_finish(&w, v->scratch, &json, &why) == PD_OK &&
           opens(a, LEDGER_FIELD_FACTS, json, v);
}

enum { PARTS_BYTES_MAX = 16 << 20, PARTS_DEPTH_MAX = 32 };

/* The few members of a record that are needed as values: the finding, which is the most of it,
 * stays text. */
static json_t *read_parts(struct verifier *v, const struct record_parts *parts) {
    struct pd_error why = {0};
    json_t *out = NULL;
    pd_buf_reset(&v->buf);
    pd_buf_text(&v->buf, "{\"case\":");
    pd_buf_str(&v->buf, parts->law_case);
    if (parts->facts.data) {
        pd_buf_text(&v->buf, ",\"facts\":");
        pd_buf_str(&v->buf, parts->facts);
    }
    pd_buf_char(&v->buf, '}');
    if (pd_json_parse(pd_buf_view(&v->buf), PARTS_BYTES_MAX, PARTS_DEPTH_MAX, &out, &why) != PD_OK)
        return NULL;
    return out;
}

static enum pd_status check_statement(struct verifier *v, const struct verify_act *a,
                                      const json_t *parts, struct pd_error *err) {
    pd_str statement;
    struct pd_error why = {0};
    if (!a->leaf || !a->leaf->commitments[LEDGER_FIELD_FACTS].is_set)
        return PD_OK;
    enum pd_status st =
        statement_of_record(&a->parts, a->key, a->act, v->scratch, &statement, &why);
    if (st == PD_LIMIT)
        return pd_fail(err, st, "%s", why.text);
    if ((st != PD_OK || !opens(a, LEDGER_FIELD_FACTS, statement, v)) &&
        !opens_facts_alone(v, a, parts))
        verify_flaw(v, "leaf", a->id, "its leaf commits to another case than its record holds");
    return PD_OK;
}

/* The record as text. No data: it is gone, or flaws were told. */
static enum pd_status open_record(struct verifier *v, const struct store_rows *rows,
                                  struct store_key *key, pd_str *record, struct pd_error *err) {
    enum verify_key state;
    struct pd_error why = {0};
    pd_str id = store_str(rows, ID);
    enum pd_status st = verify_key(v, store_str(rows, KEY), id, key, &state, err);
    v->found.unread += st == PD_OK && state == VERIFY_KEY_DESTROYED;
    if (st != PD_OK || state != VERIFY_KEY_OPENS)
        return st;
    st = store_unseal(key, PD_STR("act.record"), store_str(rows, RECORD), v->scratch, record, &why);
    if (st == PD_INTERNAL) {
        verify_flaw(v, "record", id, "its record is not what was sealed");
        return PD_OK;
    }
    return st == PD_OK ? PD_OK : pd_fail(err, st, "%s", why.text);
}

/* ---- One act ---- */

static enum pd_status check_record(struct verifier *v, const struct store_rows *rows,
                                   const struct verify_act *a, const struct law_finding **finding,
                                   const struct law_rules **rules, bool *is_decided,
                                   struct pd_error *err) {
    check_plan(v, a, store_str(rows, PLAN_HASH));
    check_member(v, a, store_str(rows, MEMBER));
    *is_decided = !a->parts.law_case.data; /* nobody asked the law, and nothing is owed */
    if (*is_decided)
        return PD_OK;
    json_t *parts = read_parts(v, &a->parts);
    if (!parts) {
        verify_flaw(v, "record", a->id, "its record is no JSON");
        return PD_OK;
    }
    enum pd_status st = check_statement(v, a, parts, err);
    if (st == PD_OK)
        st = verify_finding(v, a, parts, finding, rules, err);
    json_decref(parts);
    *is_decided = *finding != NULL;
    return st;
}

static enum pd_status check_act(struct verifier *v, const struct store_rows *rows,
                                struct verify_clocks *clocks, struct pd_error *err) {
    struct store_key key = {0};
    struct verify_act a = {.id = store_str(rows, ID),
                           .verb = store_str(rows, VERB),
                           .party = store_str(rows, PARTY),
                           .outcome = store_str(rows, OUTCOME),
                           .facts_hash = store_str(rows, FACTS_HASH),
                           .rules_hash = store_str(rows, RULES_HASH),
                           .at = store_i64(rows, MADE_AT),
                           .key = &key};
    if (!pd_id_parse(a.id, &a.act)) {
        verify_flaw(v, "row", a.id, "the id of the act is none");
        return PD_OK;
    }
    const struct law_finding *finding = NULL;
    const struct law_rules *rules = NULL;
    bool is_decided = false;
    a.leaf = check_leaf(v, rows);
    enum pd_status st = check_receipt(v, rows, err);
    if (st == PD_OK)
        st = open_record(v, rows, &key, &a.record, err);
    a.parts = record_parts_of(a.record);
    if (st == PD_OK && a.record.data)
        st = check_record(v, rows, &a, &finding, &rules, &is_decided, err);
    crypto_wipe(&key, sizeof(key));
    return st == PD_OK ? verify_clocks_next(v, clocks, &a, is_decided, finding, rules, err) : st;
}

static const struct sql LEAVES_WITHOUT_ACT = {
    .both = "SELECT l.act_id FROM leaf l LEFT JOIN act a ON a.id = l.act_id"
            " WHERE l.act_id > $1 AND l.act_id <= $2 AND a.id IS NULL"};

enum pd_status verify_acts(struct verifier *v, const struct verify_task *task,
                           struct pd_error *err) {
    struct store_value range[] = {STORE_STR(task->after), STORE_STR(task->until)};
    struct store_rows *rows = NULL;
    struct verify_clocks clocks = {0};
    enum pd_status st = verify_clocks_open(v, task, &clocks, err);
    if (st == PD_OK)
        st = store_select(v->g->store, LIST_ACTS, range, 2, &rows, err);
    bool has;
    while (st == PD_OK && (st = store_next(rows, &has, err)) == PD_OK && has) {
        struct pd_mark mark = pd_arena_mark(v->scratch);
        st = check_act(v, rows, &clocks, err);
        pd_arena_reset(v->scratch, mark);
    }
    store_rows_close(rows);
    store_rows_close(clocks.rows);
    return st == PD_OK
               ? verify_none_of(v, LEAVES_WITHOUT_ACT, range, 2, "leaf", "the leaf has no act", err)
               : st;
}
