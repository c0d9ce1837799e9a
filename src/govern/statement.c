/* What a leaf commits to of a finding: the case, the facts and the risks that it was made from, so
 * that whoever is shown them later can decide again and knows that they were these. The member is
 * committed to in a field of its own, and the evidence of each fact by a commitment inside, so that
 * either can stay closed while the rest is opened. */
#include "govern/statement.h"

#include <jansson.h>

#include <string.h>

enum { STATEMENT_BYTES_MAX = 15 << 20 };

/* ---- Evidence ---- */

enum pd_status statement_evidence_salt(const struct store_key *key, pd_str fact, pd_str by,
                                       struct pd_arena *arena, uint8_t salt[32],
                                       struct pd_error *err) {
    pd_str info = pd_arena_printf(arena, "evidence %.*s of %.*s", pd_arg(fact), pd_arg(by));
    if (!info.data)
        return pd_fail_memory(err);
    crypto_hkdf(key->bytes, sizeof(key->bytes), PD_STR("polder"), info, salt, 32);
    return PD_OK;
}

/* json: the evidence as JSON, since that is what is committed to. */
static enum pd_status commit_evidence(const struct store_key *key, pd_id act, pd_str fact,
                                      pd_str by, pd_str json, struct pd_arena *arena, pd_str *hex,
                                      struct pd_error *err) {
    uint8_t salt[32];
    crypto_hash hash;
    enum pd_status st = statement_evidence_salt(key, fact, by, arena, salt, err);
    if (st == PD_OK)
        st = ledger_commit(salt, act, LEDGER_FIELD_EVIDENCE, json, &hash, err);
    crypto_wipe(salt, sizeof(salt));
    if (st != PD_OK)
        return st;
    *hex = govern_hash_text(&hash, arena);
    return hex->data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status commit_text(const struct act *act, const struct law_fact *fact, pd_str *hex,
                                  struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_str json;
    pd_buf_init(&buf, 1 << 16);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_str(&w, fact->evidence);
    enum pd_status st = pd_json_finish(&w, act->arena, &json, err);
    return st == PD_OK ? commit_evidence(&act->key, act->id, fact->name, fact->by, json, act->arena,
                                         hex, err)
                       : st;
}

/* ---- While the act is made ---- */

static void write_party(const char *key, const struct law_party *party, struct pd_json *w) {
    pd_json_key(w, key);
    if (!party) {
        pd_json_null(w);
        return;
    }
    pd_json_object(w);
    pd_json_member_str(w, "id", party->id);
    pd_json_member_str(w, "kind", party->kind);
    pd_json_member_str(w, "chamber", party->chamber);
    pd_json_member_str(w, "country", party->country);
    pd_json_object_end(w);
}

void statement_write_case(const struct law_case *c, pd_time now, bool with_member,
                          struct pd_json *w) {
    char moment[PD_TIME_TEXT_SIZE];
    pd_time_write(now, PD_TIME_MICROS, moment);
    pd_json_object(w);
    pd_json_member_str(w, "verb", c->verb);
    write_party("party", &c->party, w);
    if (with_member)
        pd_json_member_str(w, "member", c->member);
    write_party("recipient", c->recipient, w);
    pd_json_member_str(w, "resource_type", c->resource_type);
    pd_json_member_str(w, "resource", c->resource_id);
    pd_json_member_text(w, "now", moment);
    pd_json_object_end(w);
}

/* The facts with their evidence closed. */
static enum pd_status close_evidence(const struct act *act, const struct law_case *c,
                                     const struct law_fact **out, struct pd_error *err) {
    struct law_fact *facts = pd_arena_array(act->arena, c->fact_count + 1, sizeof(*facts));
    if (!facts)
        return pd_fail_memory(err);
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < c->fact_count; i++) {
        facts[i] = c->facts[i];
        if (facts[i].evidence.len)
            st = commit_text(act, &c->facts[i], &facts[i].evidence, err);
    }
    *out = facts;
    return st;
}

/* The details of the record that belong to the statement. */
static const char *const DETAILS[] = {"attacks_before", "attacks_after", "risk_before", "risk_after"};
enum { DETAIL_COUNT = sizeof(DETAILS) / sizeof(*DETAILS) };

enum pd_status statement_make(const struct act *act, const struct law_case *c, pd_str *out,
                              struct pd_error *err) {
    const struct law_fact *facts = NULL;
    enum pd_status st = close_evidence(act, c, &facts, err);
    if (st != PD_OK)
        return st;
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, STATEMENT_BYTES_MAX);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_key(&w, "case");
    statement_write_case(c, act->finding->made_at, false, &w);
    pd_json_key(&w, "facts");
    facts_write(facts, c->fact_count, FACTS_WHOLE, &w);
    for (size_t i = 0; i < ACT_DETAILS_MAX; i++)
        for (size_t d = 0; d < DETAIL_COUNT; d++)
            if (act->details[i].json.data && strcmp(act->details[i].name, DETAILS[d]) == 0) {
                pd_json_key(&w, DETAILS[d]);
                pd_json_raw(&w, act->details[i].json);
            }
    pd_json_object_end(&w);
    return pd_json_finish(&w, act->arena, out, err);
}

/* ---- Of a record ---- */

/*
 * A record is canonical JSON, so that its parts can be cut out as text, and what is left is
 * canonical again. Inside of a text every quote is escaped: `"member":"` is a member wherever it
 * stands.
 */

/* The end of the text that begins behind a quote; its length if it has no end. */
static size_t end_of_text(pd_str s, size_t at) {
    while (at < s.len && s.data[at] != '"')
        at += s.data[at] == '\\' ? 2 : 1;
    return at < s.len ? at : s.len;
}

/* The case without its member, which is never the last one: "now" and others follow. */
static void write_case_of(pd_str c, struct pd_buf *out) {
    static const pd_str member = PD_STR_INIT("\"member\":\"");
    size_t at = pd_str_find(c, member);
    if (at == PD_NPOS) {
        pd_buf_str(out, c);
        return;
    }
    size_t end = end_of_text(c, at + member.len) + 1;
    pd_buf_add(out, c.data, at);
    if (end < c.len && c.data[end] == ',')
        end++;
    if (end < c.len)
        pd_buf_add(out, c.data + end, c.len - end);
}

/* A text member as it is, not as JSON writes it. */
static pd_str text_in(pd_str fact, const char *name, struct pd_arena *arena) {
    pd_str value = pd_json_find(fact, name);
    if (value.len < 2)
        return (pd_str){0};
    if (pd_str_find_char(value, '\\') == PD_NPOS)
        return pd_str_sub(value, 1, value.len - 2);
    json_t *json = NULL;
    struct pd_error why = {0};
    pd_str list = pd_arena_printf(arena, "[%.*s]", pd_arg(value)), text = {0};
    if (list.data && pd_json_parse(list, STATEMENT_BYTES_MAX, 2, &json, &why) == PD_OK)
        text = pd_arena_str(arena, (pd_str){json_string_value(json_array_get(json, 0)),
                                            json_string_length(json_array_get(json, 0))});
    json_decref(json);
    return text;
}

/* Where the object that holds `at` begins; facts hold no objects, and braces in texts are passed
 * over from the front. */
static enum pd_status close_one(pd_str fact, const struct store_key *key, pd_id act,
                                struct pd_arena *arena, struct pd_buf *out, struct pd_error *err) {
    pd_str evidence = pd_json_find(fact, "evidence"), hex;
    if (!evidence.data) {
        pd_buf_str(out, fact);
        return PD_OK;
    }
    enum pd_status st = commit_evidence(key, act, text_in(fact, "name", arena),
                                        text_in(fact, "by", arena), evidence, arena, &hex, err);
    if (st != PD_OK)
        return st;
    size_t at = (size_t)(evidence.data - fact.data);
    pd_buf_add(out, fact.data, at);
    pd_buf_printf(out, "\"%.*s\"", pd_arg(hex));
    pd_buf_add(out, evidence.data + evidence.len, fact.len - at - evidence.len);
    return PD_OK;
}

/* Facts are flat objects in an array. */
static enum pd_status write_facts_of(pd_str facts, const struct store_key *key, pd_id act,
                                     struct pd_arena *arena, struct pd_buf *out,
                                     struct pd_error *err) {
    for (size_t at = 0; at < facts.len; at++) {
        if (facts.data[at] != '{') {
            pd_buf_char(out, facts.data[at]);
            continue;
        }
        size_t end = at;
        while (end < facts.len && facts.data[end] != '}')
            end = facts.data[end] == '"' ? end_of_text(facts, end + 1) + 1 : end + 1;
        if (end >= facts.len)
            return pd_fail(err, PD_INVALID, "the facts of the record have no end");
        enum pd_status st =
            close_one(pd_str_sub(facts, at, end + 1 - at), key, act, arena, out, err);
        if (st != PD_OK)
            return st;
        at = end;
    }
    return PD_OK;
}

struct record_parts record_parts_of(pd_str record) {
    static const char *const names[] = {"case",       "facts",       "finding",       "plan",
                                        "risk_after", "risk_before", "attacks_after", "attacks_before"};
    pd_str values[sizeof(names) / sizeof(*names)];
    pd_json_find_all(record, names, sizeof(names) / sizeof(*names), values);
    return (struct record_parts){values[0], values[1], values[2], values[3],
                                 values[4], values[5], values[6], values[7]};
}

static void write_detail(const char *before, pd_str detail, const char *behind, struct pd_buf *out) {
    if (!detail.data)
        return;
    pd_buf_text(out, before);
    pd_buf_str(out, detail);
    pd_buf_text(out, behind);
}

enum pd_status statement_of_record(const struct record_parts *record, const struct store_key *key,
                                   pd_id act, struct pd_arena *arena, pd_str *out,
                                   struct pd_error *err) {
    pd_str c = record->law_case, facts = record->facts;
    if (!c.len || c.data[0] != '{' || !facts.len || facts.data[0] != '[')
        return pd_fail(err, PD_NOT_FOUND, "the record holds no case with facts");
    struct pd_buf buf;
    pd_buf_init(&buf, STATEMENT_BYTES_MAX);
    pd_buf_char(&buf, '{');
    write_detail("\"attacks_after\":", record->attacks_after, ",", &buf);
    write_detail("\"attacks_before\":", record->attacks_before, ",", &buf);
    pd_buf_text(&buf, "\"case\":");
    write_case_of(c, &buf);
    pd_buf_text(&buf, ",\"facts\":");
    enum pd_status st = write_facts_of(facts, key, act, arena, &buf, err);
    write_detail(",\"risk_after\":", record->risk_after, "", &buf);
    write_detail(",\"risk_before\":", record->risk_before, "", &buf);
    pd_buf_char(&buf, '}');
    if (st == PD_OK)
        st = pd_buf_check(&buf, err);
    if (st == PD_OK) {
        *out = pd_arena_str(arena, pd_buf_view(&buf));
        if (!out->data)
            st = pd_fail_memory(err);
    }
    pd_buf_clear(&buf);
    return st;
}
