/* The dossier: gathering what stands behind an act. What is opened of it depends on for whom it is
 * made (dossier_write.c). */
#include "govern/dossier_impl.h"
#include "govern/growing.h"
#include "govern/past.h"
#include "govern/statement.h"

#include <jansson.h>
#include <string.h>

enum { RECORD_BYTES_MAX = 16 << 20, RECORD_DEPTH_MAX = 32, VALUE_BYTES_MAX = 1 << 20 };

/* ---- Which act ---- */

/* The act itself; else that which made the newest version of what was named. */
static const struct sql FIND_ACT = {
    .both = "SELECT id, 1 FROM act WHERE id = $1"
            " UNION ALL SELECT r.act_id, 2 FROM act_row r JOIN version v ON v.id = r.row_id"
            " WHERE r.table_name = 'version' AND r.revision = 1"
            " AND (v.id = $1 OR v.dataset_id = $1)"
            " UNION ALL SELECT act_id, 2 FROM act_row WHERE table_name = 'distribution'"
            " AND revision = 1 AND row_id = $1 ORDER BY 2, 1 DESC"};

static enum pd_status find_act(struct dossier *d, pd_id object, struct pd_error *err) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(object, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id))};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(d->g->store, FIND_ACT, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND,
                     "there is no act, dataset, version or distribution %s on this node", id);
    if (st == PD_OK && !pd_id_parse(store_str(rows, 0), &d->act))
        st = pd_fail(err, PD_INTERNAL, "the act of %s has no id", id);
    store_rows_close(rows);
    d->id = govern_id_text(d->act, d->arena);
    return st == PD_OK && !d->id.data ? pd_fail_memory(err) : st;
}

/* ---- Leaves ---- */

static enum pd_status find_leaf(struct dossier *d, pd_id act, struct dossier_leaf *out,
                                struct pd_error *err) {
    struct integrate_leaf placed;
    pd_str proof;
    out->id = govern_id_text(act, d->arena);
    out->offline = pd_arena_alloc(d->arena, sizeof(*out->offline));
    if (!out->id.data || !out->offline)
        return pd_fail_memory(err);
    enum pd_status st = govern_prove(d->g, act, d->arena, &proof, &out->bytes, err);
    if (st == PD_OK)
        st = ledger_offline_parse(proof, out->offline, err);
    if (st == PD_OK)
        st = integrate_leaf_of(d->g, act, d->arena, &placed, err);
    return st == PD_OK ? integrate_log_load(d->g, placed.log, d->arena, &out->log, err) : st;
}

static const struct sql FIND_NODE = {.both = "SELECT id, charter FROM node"};
static const struct sql FIND_RULES = {
    .both = "SELECT r.act_id, x.files FROM rules x JOIN act_row r ON r.table_name = 'rules'"
            " AND r.row_id = x.id AND r.revision = 1 WHERE x.id = $1"};

/* An act that the row names first, and the text that stands behind it. */
static enum pd_status find_origin(struct dossier *d, struct sql sql,
                                  const struct store_value *values, size_t count, const char *what,
                                  struct dossier_leaf *leaf, pd_str *text, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    pd_id act;
    enum pd_status st = store_select(d->g->store, sql, values, count, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && (!has || !pd_id_parse(store_str(rows, 0), &act)))
        st = pd_fail(err, PD_INTERNAL, "no act brought %s", what);
    if (st == PD_OK) {
        *text = pd_arena_str(d->arena, store_str(rows, 1));
        if (!text->data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st == PD_OK ? find_leaf(d, act, leaf, err) : st;
}

/* Those of parties: of who attested something of the act. */
static const struct sql LIST_ROTATED = {
    .both =
        "SELECT made_by FROM signing_key WHERE made_by IS NOT NULL"
        " AND (holder IN ('receipts', 'log/public') OR holder IN (SELECT 'party/' || f.party_id"
        " FROM fact f JOIN act a ON a.intent_id = f.intent_id WHERE a.id = $1)) ORDER BY since, id"};

static enum pd_status list_rotated(struct dossier *d, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(d->id)};
    struct store_rows *rows;
    struct growing_list list = {0};
    bool has;
    enum pd_status st = store_select(d->g->store, LIST_ROTATED, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        pd_id *act = growing_add(&list, sizeof(*act), d->arena);
        if (!act)
            st = pd_fail_memory(err);
        else if (!pd_id_parse(store_str(rows, 0), act))
            st = pd_fail(err, PD_INTERNAL, "the row of a key names no act that made it");
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    const pd_id *acts = list.items;
    d->rotated = pd_arena_array(d->arena, list.count + 1, sizeof(*d->rotated));
    if (!d->rotated)
        return pd_fail_memory(err);
    for (; st == PD_OK && d->rotated_count < list.count; d->rotated_count++)
        st = find_leaf(d, acts[d->rotated_count], &d->rotated[d->rotated_count], err);
    return st;
}

/* ---- The act and its record ---- */

static const struct sql FIND_RECORD = {
    .both =
        "SELECT member_id, rules_hash, receipt, key_id, sealed_record, intent_id FROM act WHERE "
        "id = $1"};

static enum pd_status open_record(struct dossier *d, const struct store_rows *rows,
                                  struct pd_error *err) {
    pd_id key_id;
    struct pd_error why = {0};
    if (!pd_id_parse(store_str(rows, 3), &key_id))
        return pd_fail(err, PD_INTERNAL, "the row of the act names no key");
    enum pd_status st = store_key_find(d->g->store, key_id, &d->key, &why);
    if (st == PD_NOT_FOUND)
        return pd_fail(err, PD_NOT_FOUND,
                       "the key of the act's record was destroyed: nothing of it can be opened any "
                       "more");
    if (st == PD_OK)
        st = store_unseal(&d->key, PD_STR("act.record"), store_str(rows, 4), d->arena, &d->record,
                          &why);
    return st == PD_OK ? PD_OK : pd_fail(err, st, "%s", why.text);
}

static enum pd_status read_act(struct dossier *d, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(d->id)};
    struct store_rows *rows;
    bool has;
    pd_id intent;
    enum pd_status st = store_select(d->g->store, FIND_RECORD, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = pd_fail(err, PD_NOT_FOUND, "there is no act %.*s on this node", pd_arg(d->id));
    if (st == PD_OK) {
        d->member = pd_arena_str(d->arena, store_str(rows, 0));
        d->rules_id = pd_arena_str(d->arena, store_str(rows, 1));
        d->receipt = pd_arena_str(d->arena, store_str(rows, 2));
        st = d->member.data && d->rules_id.data && d->receipt.data ? open_record(d, rows, err)
                                                                   : pd_fail_memory(err);
    }
    bool has_intent = st == PD_OK && pd_id_parse(store_str(rows, 5), &intent);
    store_rows_close(rows);
    if (has_intent)
        st = intent_open(d->g, intent, d->arena, &d->request, NULL, err);
    return st == PD_OK ? pd_json_parse(d->record, RECORD_BYTES_MAX, RECORD_DEPTH_MAX, &d->json, err)
                       : st;
}

static enum pd_status read_leaf(struct dossier *d, struct pd_error *err) {
    struct ledger_leaf *leaf = pd_arena_alloc(d->arena, sizeof(*leaf));
    if (!leaf)
        return pd_fail_memory(err);
    enum pd_status st = ledger_leaf_parse(d->leaf.bytes, d->arena, leaf, err);
    d->parsed = leaf;
    if (st == PD_OK && d->audience == GOVERN_FOR_PUBLIC && d->leaf.log.log != LEDGER_PUBLIC)
        return pd_fail(err, PD_DENIED,
                       "the act stands in the restricted log and isn't known to the public; a "
                       "dossier for who may know it is made with --for audit");
    return st;
}

/* ---- The finding, made again of what is disclosed ---- */

static enum pd_status find_again(struct dossier *d, struct pd_error *err) {
    struct verdict then = {0}, again = {0};
    struct govern_difference difference;
    struct pd_error why = {0};
    if (!json_object_get(d->json, "case"))
        return pd_fail(err, PD_INVALID,
                       "the act %.*s asked no law, so that no finding stands behind it",
                       pd_arg(d->id));
    enum pd_status st = past_case(d->json, d->arena, &d->c);
    if (st == PD_INVALID)
        return pd_fail(err, PD_INTERNAL, "the record of the act holds no whole case");
    if (st == PD_OK)
        st = node_find_rules(d->g, d->rules_id, &d->law, err);
    if (st != PD_OK)
        return st;
    bool is_public = d->audience == GOVERN_FOR_PUBLIC;
    if (is_public)
        d->c.member = PD_STR(""); /* a stable id of a person */
    st = law_find(d->law, &d->c, d->arena, &d->finding, err);
    if (st == PD_OK)
        st = verdict_of(d->finding, d->arena, &again, err);
    if (st == PD_OK &&
        verdict_read(json_object_get(d->json, "finding"), d->arena, &then, &why) != PD_OK)
        st = pd_fail(err, PD_INTERNAL, "%s", why.text);
    if (st == PD_OK)
        st = verdict_compare(&then, &again, d->arena, &difference, err);
    if (st != PD_OK || verdict_is_same(&difference))
        return st;
    return is_public
               ? pd_fail(err, PD_DENIED,
                         "without the member, who must stay closed to the public, the rules "
                         "find otherwise; a dossier for who may know is made with --for audit")
               : pd_fail(err, PD_INTERNAL,
                         "the finding on record does not follow from its facts and rules any "
                         "more; polder verify says more");
}

/* ---- Attestations ---- */

static const struct sql LIST_ATTESTED = {
    .both =
        "SELECT f.name, f.party_id, f.intent_id, f.made_at, f.expires_at, f.key_id, f.sealed_value"
        " FROM fact f JOIN act a ON a.intent_id = f.intent_id WHERE a.id = $1 AND f.made_at <= "
        "a.made_at"
        " ORDER BY f.id"};

static pd_str copy(struct dossier *d, const json_t *json, const char *name) {
    const json_t *v = json_object_get(json, name);
    if (json_is_boolean(v))
        return json_is_true(v) ? PD_STR("true") : PD_STR("false");
    if (json_is_integer(v))
        return pd_arena_printf(d->arena, "%lld", (long long)json_integer_value(v));
    return pd_arena_str(d->arena, json_is_string(v)
                                      ? (pd_str){json_string_value(v), json_string_length(v)}
                                      : PD_STR(""));
}

static enum pd_status read_attestation(struct dossier *d, const struct store_rows *rows,
                                       struct dossier_attestation *out, bool *is_open,
                                       struct pd_error *err) {
    pd_id key_id;
    struct store_key key;
    pd_str plain;
    json_t *json = NULL;
    *is_open = false;
    if (!pd_id_parse(store_str(rows, 5), &key_id))
        return pd_fail(err, PD_INTERNAL, "an attested fact names no key");
    struct pd_error why = {0};
    enum pd_status st = store_key_find(d->g->store, key_id, &key, &why);
    if (st == PD_NOT_FOUND)
        return PD_OK; /* erased */
    if (st == PD_OK)
        st = store_unseal(&key, PD_STR("fact.value"), store_str(rows, 6), d->arena, &plain, &why);
    crypto_wipe(&key, sizeof(key));
    if (st == PD_OK)
        st = pd_json_parse(plain, VALUE_BYTES_MAX, 8, &json, &why);
    if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    *out = (struct dossier_attestation){.fact = pd_arena_str(d->arena, store_str(rows, 0)),
                                        .party = pd_arena_str(d->arena, store_str(rows, 1)),
                                        .intent = pd_arena_str(d->arena, store_str(rows, 2)),
                                        .value = copy(d, json, "value"),
                                        .evidence = copy(d, json, "evidence"),
                                        .signature = copy(d, json, "signature"),
                                        .at = store_i64(rows, 3),
                                        .expires = store_i64(rows, 4)};
    json_decref(json);
    *is_open = true;
    return out->fact.data && out->party.data && out->intent.data && out->value.data &&
                   out->evidence.data && out->signature.data
               ? PD_OK
               : pd_fail_memory(err);
}

/* Those that the finding was made from: the same fact, by the same party, at the same moment. */
static bool is_used(const struct dossier *d, const struct dossier_attestation *a) {
    for (size_t i = 0; i < d->c.fact_count; i++) {
        const struct law_fact *f = &d->c.facts[i];
        if (f->class_ == LAW_ATTESTED && f->at == a->at && pd_str_eq(f->name, a->fact) &&
            pd_str_eq(f->by, a->party))
            return true;
    }
    return false;
}

static enum pd_status list_attestations(struct dossier *d, struct pd_error *err) {
    struct store_value values[] = {STORE_STR(d->id)};
    struct store_rows *rows;
    bool has, is_open;
    struct growing_list list = {0};
    enum pd_status st = store_select(d->g->store, LIST_ATTESTED, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        struct dossier_attestation a = {0};
        st = read_attestation(d, rows, &a, &is_open, err);
        struct dossier_attestation *to = st == PD_OK && is_open && is_used(d, &a)
                                             ? growing_add(&list, sizeof(*to), d->arena)
                                             : NULL;
        if (to)
            *to = a;
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    d->attestations = list.items;
    d->attestation_count = list.count;
    return st;
}

/* ---- The whole ---- */

/* What the leaf commits to must be what is opened: a reader would find it otherwise. */
static enum pd_status check_statement(struct dossier *d, struct pd_error *err) {
    uint8_t salt[32];
    crypto_hash hash;
    const struct ledger_optional_hash *committed = &d->parsed->commitments[LEDGER_FIELD_FACTS];
    const struct record_parts parts = record_parts_of(d->record);
    enum pd_status st = statement_of_record(&parts, &d->key, d->act, d->arena, &d->statement, err);
    if (st != PD_OK)
        return st;
    crypto_hkdf(d->key.bytes, sizeof(d->key.bytes), PD_STR("polder"), PD_STR("commitment facts"),
                salt, sizeof(salt));
    st = ledger_commit(salt, d->act, LEDGER_FIELD_FACTS, d->statement, &hash, err);
    crypto_wipe(salt, sizeof(salt));
    if (st != PD_OK)
        return st;
    if (!committed->is_set || memcmp(hash.bytes, committed->value.bytes, sizeof(hash.bytes)) != 0)
        return pd_fail(err, PD_UNSUPPORTED,
                       "the leaf of the act doesn't commit to its whole case: it is of an older "
                       "Polder, or damaged (polder verify says which)");
    return PD_OK;
}

static enum pd_status gather(struct dossier *d, pd_id object, struct pd_error *err) {
    enum pd_status st = find_act(d, object, err);
    if (st == PD_OK)
        st = find_leaf(d, d->act, &d->leaf, err);
    if (st == PD_OK)
        st = read_leaf(d, err);
    if (st == PD_OK)
        st = read_act(d, err);
    if (st == PD_OK)
        st = find_origin(d, FIND_NODE, NULL, 0, "this node into being", &d->founding, &d->charter,
                         err);
    struct store_value rules[] = {STORE_STR(d->rules_id)};
    if (st == PD_OK)
        st = find_origin(d, FIND_RULES, rules, 1, "the rules into force", &d->enacted, &d->rules,
                         err);
    if (st == PD_OK)
        st = list_rotated(d, err);
    if (st == PD_OK)
        st = find_again(d, err);
    if (st == PD_OK)
        st = check_statement(d, err);
    return st == PD_OK && d->audience == GOVERN_FOR_AUDIT ? list_attestations(d, err) : st;
}

struct making {
    struct dossier *d;
    pd_id object;
};

static enum pd_status gather_at_once(struct store *store, void *context, struct pd_error *err) {
    (void)store;
    struct making *m = context;
    return gather(m->d, m->object, err);
}

/* The node answers for the whole, whatever a leaf says of each part. */
static enum pd_status sign(struct dossier *d, pd_str body, pd_time now, pd_str *out,
                           struct pd_error *err) {
    char hex[GOVERN_HEX_SIZE], time[PD_TIME_TEXT_SIZE];
    crypto_hash hash = crypto_sha256(body.data, body.len);
    pd_str note;
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), hex);
    pd_time_write(now, PD_TIME_SECONDS, time);
    pd_str text = pd_arena_printf(d->arena, "polder-dossier/v1\nact %.*s\nsha256 %s\ntime %s\n",
                                  pd_arg(d->id), hex, time);
    enum pd_status st =
        text.data ? receipt_sign(d->g, text, d->arena, &note, err) : pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, (size_t)64 << 20);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_key(&w, "dossier");
    pd_json_raw(&w, body);
    pd_json_member_str(&w, "signature", note);
    pd_json_object_end(&w);
    return pd_json_finish(&w, d->arena, out, err);
}

enum pd_status govern_dossier(struct govern *g, pd_id object, enum govern_audience audience,
                              struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    struct dossier d = {.g = g, .arena = arena, .audience = audience};
    struct making m = {&d, object};
    pd_time now = pd_clock_now(&g->clock);
    pd_str body;
    enum pd_status st = store_transact(g->store, gather_at_once, &m, err);
    if (st == PD_OK)
        st = dossier_write(&d, now, &body, err);
    if (st == PD_OK)
        st = sign(&d, body, now, out, err);
    json_decref(d.json);
    json_decref(d.request);
    law_rules_free(d.law);
    crypto_wipe(&d.key, sizeof(d.key));
    return st;
}
