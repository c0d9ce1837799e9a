/* The dossier as JSON: docs/reference/dossier.md and its schema beside it. Nothing stands in it
 * that a reader can't check against the leaf, the rules or the charter. */
#include "govern/dossier_impl.h"
#include "govern/statement.h"

#include <jansson.h>
#include <string.h>

/* ---- Leaves, logs, keys ---- */

static bool is_first(const struct dossier_leaf *const *leaves, size_t i, bool by_log) {
    for (size_t j = 0; j < i; j++)
        if (by_log ? pd_str_eq(leaves[j]->log.origin, leaves[i]->log.origin)
                   : pd_str_eq(leaves[j]->id, leaves[i]->id))
            return false;
    return true;
}

static void write_leaf(const struct dossier_leaf *leaf, struct pd_json *w) {
    pd_json_object(w);
    pd_json_member_str(w, "act", leaf->id);
    pd_json_member_str(w, "log", leaf->log.origin);
    pd_json_key(w, "index");
    pd_json_u64(w, leaf->offline->index);
    pd_json_key(w, "proof");
    pd_json_array(w);
    for (size_t i = 0; i < leaf->offline->proof.count; i++)
        pd_json_base64(w, leaf->offline->proof.hashes[i].bytes, CRYPTO_HASH_SIZE);
    pd_json_array_end(w);
    pd_json_key(w, "leaf");
    pd_json_raw(w, leaf->bytes);
    pd_json_object_end(w);
}

static enum pd_status write_leaves(const struct dossier *d, struct pd_json *w,
                                   struct pd_error *err) {
    size_t count = 3 + d->rotated_count;
    const struct dossier_leaf **leaves =
        pd_arena_alloc(d->arena, count * sizeof(const struct dossier_leaf *));
    if (!leaves)
        return pd_fail_memory(err);
    leaves[0] = &d->leaf, leaves[1] = &d->founding, leaves[2] = &d->enacted;
    for (size_t i = 0; i < d->rotated_count; i++)
        leaves[3 + i] = &d->rotated[i];
    pd_json_key(w, "leaves");
    pd_json_array(w);
    for (size_t i = 0; i < count; i++)
        if (is_first(leaves, i, false))
            write_leaf(leaves[i], w);
    pd_json_array_end(w);
    pd_json_key(w, "logs");
    pd_json_object(w);
    for (size_t i = 0; i < count; i++) {
        if (!is_first(leaves, i, true))
            continue;
        pd_json_key_str(w, leaves[i]->log.origin);
        pd_json_object(w);
        pd_json_member_str(w, "vkey", leaves[i]->log.vkey_text);
        pd_json_member_str(w, "checkpoint", leaves[i]->log.checkpoint);
        pd_json_object_end(w);
    }
    pd_json_object_end(w);
    pd_json_key(w, "keys_by");
    pd_json_array(w);
    for (size_t i = 0; i < d->rotated_count; i++)
        pd_json_str(w, d->rotated[i].id);
    pd_json_array_end(w);
    return PD_OK;
}

/* ---- What the leaf commits to ---- */

static enum pd_status salt_of(const struct dossier *d, enum ledger_field field, uint8_t salt[32],
                              struct pd_error *err) {
    pd_str info = pd_arena_printf(d->arena, "commitment %s", ledger_field_name(field));
    if (!info.data)
        return pd_fail_memory(err);
    crypto_hkdf(d->key.bytes, sizeof(d->key.bytes), PD_STR("polder"), info, salt, 32);
    return PD_OK;
}

/* Writes {"salt", "value"}, if the leaf commits to exactly that. */
static enum pd_status write_opened(const struct dossier *d, enum ledger_field field, pd_str json,
                                   struct pd_json *w, struct pd_error *err) {
    uint8_t salt[32];
    crypto_hash hash;
    const struct ledger_optional_hash *committed = &d->parsed->commitments[field];
    enum pd_status st = salt_of(d, field, salt, err);
    if (st == PD_OK)
        st = ledger_commit(salt, d->act, field, json, &hash, err);
    if (st == PD_OK && memcmp(hash.bytes, committed->value.bytes, sizeof(hash.bytes)) != 0)
        st =
            pd_fail(err, PD_INTERNAL,
                    "what is recorded as the %s of the act is not what its leaf commits to (polder "
                    "verify says more)",
                    ledger_field_name(field));
    if (st == PD_OK) {
        pd_json_key(w, ledger_field_name(field));
        pd_json_object(w);
        pd_json_key(w, "salt");
        pd_json_hex(w, salt, sizeof(salt));
        pd_json_key(w, "value");
        pd_json_raw(w, json);
        pd_json_object_end(w);
    }
    crypto_wipe(salt, sizeof(salt));
    return st;
}

/* The value of a field as the leaf commits to it; no data: it stays closed. */
static enum pd_status value_of(const struct dossier *d, enum ledger_field field, pd_str *json,
                               struct pd_error *err) {
    static const struct {
        const char *member; /* of the request */
        bool is_public;
    } fields[LEDGER_FIELD_COUNT] = {[LEDGER_FIELD_PURPOSE] = {"purpose", true},
                                    [LEDGER_FIELD_BASIS] = {"basis", true},
                                    [LEDGER_FIELD_TITLE] = {"title", true},
                                    [LEDGER_FIELD_RECIPIENT] = {"recipient", false}};
    *json = (pd_str){0};
    bool is_public = d->audience == GOVERN_FOR_PUBLIC;
    if (field == LEDGER_FIELD_FACTS)
        *json = d->statement;
    if (field == LEDGER_FIELD_PLAN)
        *json = pd_json_find(d->record, "plan");
    const json_t *text = fields[field].member && (fields[field].is_public || !is_public)
                             ? json_object_get(d->request, fields[field].member)
                             : NULL;
    pd_str value = json_is_string(text)
                       ? (pd_str){json_string_value(text), json_string_length(text)}
                       : PD_STR("");
    if (field == LEDGER_FIELD_MEMBER && !is_public)
        value = d->member;
    if (json->data || !value.len)
        return PD_OK;
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 1 << 20);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_str(&w, value);
    return pd_json_finish(&w, d->arena, json, err);
}

/* ---- Evidence and attestations ---- */

static enum pd_status write_evidence(const struct dossier *d, struct pd_json *w,
                                     struct pd_error *err) {
    pd_json_key(w, "evidence");
    pd_json_array(w);
    for (size_t i = 0; d->audience == GOVERN_FOR_AUDIT && i < d->c.fact_count; i++) {
        const struct law_fact *f = &d->c.facts[i];
        uint8_t salt[32];
        if (!f->evidence.len)
            continue;
        enum pd_status st = statement_evidence_salt(&d->key, f->name, f->by, d->arena, salt, err);
        if (st != PD_OK)
            return st;
        pd_json_object(w);
        pd_json_member_str(w, "fact", f->name);
        pd_json_member_str(w, "by", f->by);
        pd_json_key(w, "salt");
        pd_json_hex(w, salt, sizeof(salt));
        pd_json_member_str(w, "value", f->evidence);
        pd_json_object_end(w);
        crypto_wipe(salt, sizeof(salt));
    }
    pd_json_array_end(w);
    return PD_OK;
}

static void write_attestations(const struct dossier *d, struct pd_json *w) {
    char time[PD_TIME_TEXT_SIZE];
    pd_json_key(w, "attestations");
    pd_json_array(w);
    for (size_t i = 0; i < d->attestation_count; i++) {
        const struct dossier_attestation *a = &d->attestations[i];
        pd_json_object(w);
        pd_json_member_str(w, "fact", a->fact);
        pd_json_member_str(w, "party", a->party);
        pd_json_member_str(w, "intent", a->intent);
        pd_json_member_str(w, "value", a->value);
        pd_json_member_str(w, "evidence", a->evidence);
        pd_time_write(a->at, PD_TIME_SECONDS, time);
        pd_json_member_text(w, "time", time);
        pd_time_write(a->expires, PD_TIME_SECONDS, time);
        pd_json_member_text(w, "expires", a->expires ? time : "never");
        pd_json_member_str(w, "signature", a->signature);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

/* What the leaf commits to: opened, or named as closed. */
static enum pd_status write_commitments(const struct dossier *d, struct pd_json *w,
                                        struct pd_error *err) {
    bool is_closed[LEDGER_FIELD_COUNT] = {false};
    pd_json_key(w, "opened");
    pd_json_object(w);
    for (int f = 0; f < LEDGER_FIELD_COUNT; f++) {
        pd_str json;
        if (!d->parsed->commitments[f].is_set)
            continue;
        enum pd_status st = value_of(d, (enum ledger_field)f, &json, err);
        is_closed[f] = !json.data;
        if (st == PD_OK && json.data)
            st = write_opened(d, (enum ledger_field)f, json, w, err);
        if (st != PD_OK)
            return st;
    }
    pd_json_object_end(w);
    pd_json_key(w, "closed");
    pd_json_array(w);
    for (int f = 0; f < LEDGER_FIELD_COUNT; f++)
        if (is_closed[f])
            pd_json_text(w, ledger_field_name((enum ledger_field)f));
    pd_json_array_end(w);
    enum pd_status st = write_evidence(d, w, err);
    write_attestations(d, w);
    return st;
}

/* ---- The finding ---- */

static void write_voice(const struct law_voice *v, struct pd_json *w) {
    static const char *const ranks[] = {
        [LAW_STATUTE] = "statute", [LAW_DELEGATED] = "delegated", [LAW_NODE] = "node"};
    pd_json_object(w);
    pd_json_member_str(w, "id", v->id);
    pd_json_member_text(w, "role", law_voice_role_name(v->role));
    pd_json_member_text(w, "rank", ranks[v->rank]);
    pd_json_member_str(w, "jurisdiction", v->jurisdiction);
    pd_json_member_str(w, "law", v->law);
    pd_json_member_str(w, "article", v->article);
    pd_json_key(w, "title");
    pd_json_object(w);
    pd_json_member_str(w, "en", v->title);
    pd_json_member_str(w, "zh", v->title_zh);
    pd_json_object_end(w);
    pd_json_member_str(w, "source", v->source);
    pd_json_member_str(w, "verified", v->verified);
    if (v->exempted_by.len)
        pd_json_member_str(w, "exempted_by", v->exempted_by);
    pd_json_object_end(w);
}

static void write_finding(const struct law_finding *f, struct pd_json *w) {
    pd_json_object(w);
    pd_json_member_text(w, "outcome", law_outcome_name(f->outcome));
    pd_json_key(w, "voices");
    pd_json_array(w);
    for (size_t i = 0; i < f->voice_count; i++)
        write_voice(&f->voices[i], w);
    pd_json_array_end(w);
    pd_json_key(w, "obligations");
    pd_json_array(w);
    for (size_t i = 0; i < f->obligation_count; i++) {
        const struct law_obligation *o = &f->obligations[i];
        pd_json_object(w);
        pd_json_member_str(w, "text", o->text);
        pd_json_member_str(w, "policy", o->policy_id);
        if (o->class_ == LAW_EVIDENCED)
            pd_json_member_bool(w, "discharged", o->discharged);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_key(w, "missing");
    pd_json_array(w);
    for (size_t i = 0; i < f->missing_count; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "fact", f->missing[i].fact->name);
        pd_json_member_str(w, "policy", f->missing[i].policy_id);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
}

enum pd_status dossier_write(const struct dossier *d, pd_time now, pd_str *out,
                             struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, (size_t)64 << 20);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_i64(&w, "version", 1);
    pd_json_member_str(&w, "act", d->id);
    pd_json_member_str(&w, "origin", d->g->origin);
    pd_json_member_text(&w, "for", d->audience == GOVERN_FOR_PUBLIC ? "public" : "audit");
    pd_json_key(&w, "made_at");
    pd_json_time(&w, now);
    enum pd_status st = write_leaves(d, &w, err);
    pd_json_member_str(&w, "receipt", d->receipt);
    if (st == PD_OK)
        st = write_commitments(d, &w, err);
    pd_json_key(&w, "finding");
    write_finding(d->finding, &w);
    pd_json_key(&w, "rules");
    pd_json_raw(&w, d->rules);
    pd_json_member_str(&w, "rules_by", d->enacted.id);
    pd_json_key(&w, "charter");
    pd_json_raw(&w, d->charter);
    pd_json_member_str(&w, "charter_by", d->founding.id);
    pd_json_object_end(&w);
    struct pd_error unwritten = {0};
    enum pd_status written = pd_json_finish(&w, d->arena, out, &unwritten);
    return st != PD_OK        ? st
           : written == PD_OK ? PD_OK
                              : pd_fail(err, written, "%s", unwritten.text);
}
