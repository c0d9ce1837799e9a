/*
 * Findings: each is made again from the facts that its act is bound to, at its moment, under the
 * rules that its act names, and must be the one on record.
 *
 * Deciding takes some millionths of a second; reading what was recorded takes far longer. So a
 * finding that came out as one before did (same facts, rules, voices, duties) is compared as text,
 * moments aside, with the text that was found to be right then.
 */
#include "govern/past.h"
#include "govern/verify_impl.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct verify_findings {
    struct kept {
        crypto_hash key;
        char *text; /* the finding on record, without its moments */
        size_t len;
    } kept[VERIFY_FINDINGS_KEPT];
    struct pd_buf bare, mark;
};

void verify_findings_free(struct verify_findings *findings) {
    if (!findings)
        return;
    for (size_t i = 0; i < VERIFY_FINDINGS_KEPT; i++)
        free(findings->kept[i].text);
    pd_buf_clear(&findings->bare);
    pd_buf_clear(&findings->mark);
    free(findings);
}

/* ---- Rules ---- */

static void load_rules(struct verifier *v, struct verify_rules *slot, pd_str id,
                       struct pd_error *why) {
    if (slot->is_own)
        law_rules_free(slot->rules);
    *slot = (struct verify_rules){0};
    memcpy(slot->id, id.data, id.len);
    bool is_loaded = v->g->rules && pd_str_eq(v->g->rules_id, id);
    if (is_loaded) {
        slot->rules = v->g->rules;
        return;
    }
    enum pd_status st = node_find_rules(v->g, pd_str_from(slot->id), &slot->rules, why);
    slot->is_own = st == PD_OK;
    if (st == PD_OK)
        return;
    slot->rules = NULL;
    pd_str text = pd_str_sub(pd_str_from(why->text), 0, sizeof(slot->why) - 1);
    memcpy(slot->why, text.data, text.len);
    verify_flaw(v, "rules", id, "the rules that acts name can't be used: %.*s", pd_arg(text));
}

/* NULL: they don't load, which was told once. */
static const struct law_rules *find_rules(struct verifier *v, pd_str id) {
    struct verify_rules *oldest = &v->rules[0];
    struct pd_error why = {0};
    if (id.len != GOVERN_HEX_SIZE - 1)
        return NULL;
    for (size_t i = 0; i < VERIFY_RULES_KEPT; i++) {
        struct verify_rules *r = &v->rules[i];
        if (r->id[0] && pd_str_is(id, r->id)) {
            r->used_at = ++v->uses;
            return r->rules;
        }
        if (r->used_at < oldest->used_at)
            oldest = r;
    }
    load_rules(v, oldest, id, &why);
    oldest->used_at = ++v->uses;
    return oldest->rules;
}

/* ---- Comparing ---- */

/* Of a finding's JSON all but when it was made and when its facts were. No text in it can hold
 * these members: its quotes are escaped. */
static void strip_moments(pd_str finding, struct pd_buf *out) {
    static const pd_str moments[] = {PD_STR_INIT("\"at\":\""), PD_STR_INIT("\"made_at\":\"")};
    pd_buf_reset(out);
    size_t from = 0;
    for (size_t i = 0; i < finding.len; i++) {
        if (finding.data[i] != '"')
            continue;
        for (size_t m = 0; m < sizeof(moments) / sizeof(*moments); m++) {
            pd_str found = pd_str_sub(finding, i, moments[m].len);
            if (!pd_str_eq(found, moments[m]))
                continue;
            i += moments[m].len;
            pd_buf_add(out, finding.data + from, i - from);
            const char *end = memchr(finding.data + i, '"', finding.len - i);
            i = end ? (size_t)(end - finding.data) : finding.len - 1;
            from = i;
            break;
        }
    }
    pd_buf_add(out, finding.data + from, finding.len - from);
}

static void mark_str(struct pd_buf *mark, pd_str text) {
    pd_buf_str(mark, text);
    pd_buf_char(mark, '\0');
}

/* All of a finding that can differ between two cases with the same facts under the same rules. */
static crypto_hash mark_of(struct verify_findings *f, const struct verify_act *a,
                           const struct law_finding *finding) {
    struct pd_buf *mark = &f->mark;
    pd_buf_reset(mark);
    mark_str(mark, a->rules_hash);
    mark_str(mark, a->facts_hash);
    mark_str(mark, finding->reason);
    for (size_t i = 0; i < finding->voice_count; i++) {
        const struct law_voice *voice = &finding->voices[i];
        pd_buf_char(mark, (char)('0' + voice->role));
        mark_str(mark, voice->id);
        mark_str(mark, voice->exempted_by);
        mark_str(mark, voice->message);
    }
    for (size_t i = 0; i < finding->obligation_count; i++) {
        const struct law_obligation *o = &finding->obligations[i];
        pd_buf_char(mark, o->discharged ? '+' : '-');
        mark_str(mark, o->text);
        mark_str(mark, o->policy_id);
        for (size_t j = 0; j < o->argument_count; j++)
            mark_str(mark, o->arguments[j].value);
    }
    for (size_t i = 0; i < finding->missing_count; i++) {
        mark_str(mark, finding->missing[i].fact->name);
        mark_str(mark, finding->missing[i].policy_id);
    }
    for (size_t i = 0; i < finding->fact_count; i++) {
        const struct law_used_fact *used = &finding->facts[i];
        pd_buf_char(mark, used->decisive ? '+' : '-');
        mark_str(mark, used->fact->name);
        mark_str(mark, used->ignored);
    }
    pd_buf_char(mark, (char)('0' + finding->outcome));
    return crypto_sha256(mark->data, mark->len);
}

static void keep(struct kept *slot, const crypto_hash *key, const struct pd_buf *text) {
    char *copy = malloc(text->len ? text->len : 1);
    if (!copy)
        return;
    memcpy(copy, text->data, text->len);
    free(slot->text);
    *slot = (struct kept){*key, copy, text->len};
}

/* As `polder law replay` compares: a finding may have been written by another Polder. */
static enum pd_status compare_whole(struct verifier *v, const struct verify_act *a, pd_str recorded,
                                    const struct law_finding *finding, bool *is_same,
                                    struct pd_error *err) {
    struct verdict then = {0}, again = {0};
    struct govern_difference difference;
    json_t *json = NULL;
    struct pd_error why = {0};
    enum pd_status st = pd_json_parse(recorded, (size_t)16 << 20, 32, &json, &why);
    if (st == PD_OK)
        st = verdict_read(json, v->scratch, &then, &why);
    *is_same = false;
    if (st != PD_OK) {
        json_decref(json);
        verify_flaw(v, "finding", a->id, "what its record holds is no finding: %s", why.text);
        return PD_OK;
    }
    st = verdict_of(finding, v->scratch, &again, err);
    if (st == PD_OK)
        st = verdict_compare(&then, &again, v->scratch, &difference, err);
    json_decref(json);
    if (st != PD_OK)
        return st;
    *is_same = verdict_is_same(&difference);
    if (*is_same)
        return PD_OK;
    if (!pd_str_eq(difference.from, difference.to))
        verify_flaw(v, "finding", a->id, "made again it is %.*s, and %.*s is on record",
                    pd_arg(difference.to), pd_arg(difference.from));
    else if (difference.said_count)
        verify_flaw(v, "finding", a->id, "made again, %.*s %s; polder law replay says more",
                    pd_arg(difference.said[0].policy),
                    difference.said[0].is_gained ? "speaks as well" : "doesn't speak so");
    else
        verify_flaw(v, "finding", a->id,
                    "made again, the duty \"%.*s\" %s; polder law replay says more",
                    pd_arg(difference.owed[0].obligation),
                    difference.owed[0].is_gained ? "comes up as well" : "doesn't come up so");
    return PD_OK;
}

static enum pd_status compare(struct verifier *v, const struct verify_act *a, pd_str recorded,
                              const struct law_finding *finding, struct pd_error *err) {
    struct verify_findings *f = v->findings;
    crypto_hash key = mark_of(f, a, finding);
    strip_moments(recorded, &f->bare);
    enum pd_status st = pd_buf_check(&f->mark, err);
    if (st == PD_OK)
        st = pd_buf_check(&f->bare, err);
    if (st != PD_OK)
        return st;
    struct kept *slot = &f->kept[(key.bytes[0] << 8 | key.bytes[1]) % VERIFY_FINDINGS_KEPT];
    if (slot->text && memcmp(slot->key.bytes, key.bytes, sizeof(key.bytes)) == 0 &&
        slot->len == f->bare.len && memcmp(slot->text, f->bare.data, f->bare.len) == 0)
        return PD_OK;
    bool is_same;
    st = compare_whole(v, a, recorded, finding, &is_same, err);
    if (st == PD_OK && is_same)
        keep(slot, &key, &f->bare);
    return st;
}

/* ---- One finding ---- */

/* The case in the record is that of the act. */
static bool is_of_act(const struct verify_act *a, const struct law_case *c) {
    return pd_str_eq(c->party.id, a->party) && c->now <= a->at;
}

enum pd_status verify_finding(struct verifier *v, const struct verify_act *a, const json_t *parts,
                              const struct law_finding **finding, const struct law_rules **rules,
                              struct pd_error *err) {
    struct pd_error why = {0};
    struct law_case c;
    pd_str recorded = a->parts.finding;
    if (!v->findings) {
        v->findings = calloc(1, sizeof(*v->findings));
        if (!v->findings)
            return pd_fail_memory(err);
        pd_buf_init(&v->findings->bare, 0);
        pd_buf_init(&v->findings->mark, 0);
    }
    enum pd_status st = past_case(parts, v->scratch, &c);
    if (st == PD_LIMIT)
        return pd_fail_memory(err);
    if (st != PD_OK || !recorded.data) {
        verify_flaw(v, "record", a->id, "its record holds no case with a finding");
        return PD_OK;
    }
    crypto_hash hash = act_facts_hash(c.facts, c.fact_count);
    char hex[GOVERN_HEX_SIZE];
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), hex);
    if (!pd_str_is(a->facts_hash, hex))
        verify_flaw(v, "record", a->id, "its facts are not those that it is bound to");
    if (!is_of_act(a, &c))
        verify_flaw(v, "record", a->id, "the case in its record is not that of the act");
    *rules = find_rules(v, a->rules_hash);
    if (!*rules)
        return PD_OK;
    v->found.findings++;
    const struct law_finding *again;
    st = law_find(*rules, &c, v->scratch, &again, &why);
    if (st == PD_INVALID) {
        verify_flaw(v, "finding", a->id, "its case can't be decided again: %s", why.text);
        return PD_OK;
    }
    if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    *finding = again;
    return compare(v, a, recorded, again, err);
}
