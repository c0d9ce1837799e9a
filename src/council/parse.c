/* Reading closed JSON: each member is known, and each refusal says where and what it may be. */
#include "council/council_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum pd_status council_refuse(const struct council_reading *r, const char *place,
                              const char *format, ...) {
    char sentence[512];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    return pd_fail(r->err, PD_INVALID, "%s: %s", place, sentence);
}

static bool is_named(const char *const *names, const char *key) {
    for (; *names; names++)
        if (strcmp(**names == '?' ? *names + 1 : *names, key) == 0)
            return true;
    return false;
}

enum pd_status council_check_members(const struct council_reading *r, const char *place,
                                     const json_t *object, const char *const *names) {
    if (!json_is_object(object))
        return council_refuse(r, place, "must be an object");
    for (size_t i = 0; names[i]; i++)
        if (names[i][0] != '?' && !json_object_get(object, names[i]))
            return council_refuse(r, place, "the member \"%s\" is missing", names[i]);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        if (is_named(names, key))
            continue;
        const char *plain[32], *near;
        size_t n = 0;
        for (; names[n] && n < 31; n++)
            plain[n] = names[n][0] == '?' ? names[n] + 1 : names[n];
        near = pd_nearest_name(key, plain, n);
        return council_refuse(r, place, "unknown member \"%.60s\"%s%s%s", key,
                              near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    return PD_OK;
}

static pd_str text_of(const json_t *value) {
    return (pd_str){json_string_value(value), json_string_length(value)};
}

static enum pd_status keep(const struct council_reading *r, pd_str text, pd_str *out) {
    pd_str copy = pd_arena_str(r->arena, text);
    if (!copy.data)
        return pd_fail_memory(r->err);
    *out = copy;
    return PD_OK;
}

enum pd_status council_read_id(const struct council_reading *r, const char *place,
                               const json_t *value, pd_str *out) {
    pd_str text = json_is_string(value) ? text_of(value) : (pd_str){0};
    bool is_id = text.len > 0 && text.len <= COUNCIL_ID_MAX;
    for (size_t i = 0; is_id && i < text.len; i++)
        is_id = memchr("abcdefghijklmnopqrstuvwxyz0123456789_-", text.data[i], 38) != NULL;
    if (!is_id)
        return council_refuse(r, place, "must be 1 to %d of a-z, 0-9, '_' and '-'", COUNCIL_ID_MAX);
    return keep(r, text, out);
}

enum pd_status council_read_text(const struct council_reading *r, const char *place,
                                 const json_t *value, size_t max, pd_str *out) {
    if (!json_is_string(value) || json_string_length(value) == 0 || json_string_length(value) > max)
        return council_refuse(r, place, "must be a text of 1 to %zu bytes", max);
    return keep(r, text_of(value), out);
}

enum pd_status council_read_count(const struct council_reading *r, const char *place,
                                  const json_t *value, uint32_t least, uint32_t most,
                                  uint32_t *out) {
    json_int_t n = json_is_integer(value) ? json_integer_value(value) : -1;
    if (n < (json_int_t)least || n > (json_int_t)most)
        return council_refuse(r, place, "must be a whole number from %u to %u", least, most);
    *out = (uint32_t)n;
    return PD_OK;
}

enum pd_status council_read_fraction(const struct council_reading *r, const char *place,
                                     const json_t *value, uint32_t max,
                                     struct council_fraction *out) {
    if (!json_is_string(value) || !council_fraction_parse(text_of(value), max, out))
        return council_refuse(
            r, place, "must be a text such as \"1/2\": whole numbers to %d, at most %u in all",
            COUNCIL_SHARE_MAX, max);
    return PD_OK;
}

enum pd_status council_read_hash(const struct council_reading *r, const char *place,
                                 const json_t *value, crypto_hash *out) {
    if (!json_is_string(value) || !pd_hex_decode(text_of(value), out->bytes, sizeof(out->bytes)))
        return council_refuse(r, place, "must be 64 hex digits");
    return PD_OK;
}

enum pd_status council_read_word(const struct council_reading *r, const char *place,
                                 const json_t *value, const char *const *names, int *out) {
    char list[200] = "";
    for (int i = 0; names[i]; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof(list) - used, "%s\"%s\"", i ? ", " : "", names[i]);
        if (json_is_string(value) && pd_str_is(text_of(value), names[i])) {
            *out = i;
            return PD_OK;
        }
    }
    return council_refuse(r, place, "must be one of %s", list);
}

/* ---- Pieces that a charter and a frozen vote have alike ---- */

enum pd_status council_read_quorum(const struct council_reading *r, const char *place,
                                   const json_t *value, struct council_quorum *out) {
    static const char *const names[] = {"?of_roll", "?yes_of_root", NULL};
    enum { ROOT_SHARE_MAX = 100 };
    enum pd_status st = council_check_members(r, place, value, names);
    if (st != PD_OK)
        return st;
    if (json_object_size(value) != 1)
        return council_refuse(r, place, "must have either \"of_roll\" or \"yes_of_root\"");
    const json_t *of_roll = json_object_get(value, "of_roll");
    out->kind = of_roll ? COUNCIL_OF_ROLL : COUNCIL_YES_OF_ROOT;
    return of_roll ? council_read_fraction(r, place, of_roll, 1, &out->share)
                   : council_read_fraction(r, place, json_object_get(value, "yes_of_root"),
                                           ROOT_SHARE_MAX, &out->share);
}

static const char *const kinds[] = {
    [COUNCIL_CHAMBERS] = "chambers", [COUNCIL_BODY] = "body", [COUNCIL_CONSENT] = "consent", NULL};
static const char *const ties[] = {
    [COUNCIL_TIE_FAILS] = "fails", [COUNCIL_TIE_SEED] = "seed", NULL};

enum pd_status council_read_method(const struct council_reading *r, const char *place,
                                   const json_t *value, bool is_frozen,
                                   struct council_method *out) {
    static const char *const names[] = {"id",          "kind",       "needed", "majority",
                                        "weighted",    "blocking",   "tie",    "?chamber",
                                        "?party_kind", "?otherwise", NULL};
    char at[COUNCIL_PLACE_MAX];
    int kind, tie;
    enum pd_status st = council_check_members(r, place, value, names);
    if (st != PD_OK)
        return st;
#define MEMBER(name) (snprintf(at, sizeof(at), "%s.%s", place, name), json_object_get(value, name))
    const json_t *m = MEMBER("id");
    st = council_read_id(r, at, m, &out->id);
    m = MEMBER("kind");
    if (st == PD_OK)
        st = council_read_word(r, at, m, kinds, &kind);
    m = MEMBER("needed");
    if (st == PD_OK)
        st = council_read_count(r, at, m, 1, COUNCIL_CHAMBERS_MAX, &out->needed);
    m = MEMBER("majority");
    if (st == PD_OK)
        st = council_read_fraction(r, at, m, 1, &out->majority);
    m = MEMBER("weighted");
    if (st == PD_OK)
        st = council_read_fraction(r, at, m, 1, &out->weighted);
    m = MEMBER("blocking");
    if (st == PD_OK)
        st = council_read_fraction(r, at, m, 1, &out->blocking);
    m = MEMBER("tie");
    if (st == PD_OK)
        st = council_read_word(r, at, m, ties, &tie);
    m = MEMBER("chamber");
    if (st == PD_OK && m)
        st = council_read_id(r, at, m, &out->chamber);
    m = MEMBER("party_kind");
    if (st == PD_OK && m)
        st = council_read_id(r, at, m, &out->party_kind);
#undef MEMBER
    if (st != PD_OK)
        return st;
    out->kind = (enum council_kind)kind;
    out->tie = (enum council_tie)tie;
    if ((out->kind == COUNCIL_CHAMBERS) == (out->chamber.len > 0))
        return council_refuse(r, place,
                              "\"chamber\" goes with the kinds \"body\" and \"consent\", and they "
                              "need it");
    if (out->kind != COUNCIL_BODY && out->party_kind.len)
        return council_refuse(r, place, "\"party_kind\" goes with the kind \"body\" only");
    if (!is_frozen &&
        (out->kind == COUNCIL_CONSENT) != (json_object_get(value, "otherwise") != NULL))
        return council_refuse(r, place,
                              "\"otherwise\" goes with the kind \"consent\", which needs it: the "
                              "method if an objection stands");
    return PD_OK;
}

/* At least half of those who vote must want it, whatever decides: with less, a "no" could lose to
 * fewer "yes". */
enum pd_status council_check_method(const struct council_reading *r, const char *place,
                                    const struct council_method *m, size_t chambers) {
    if (2 * m->majority.num < m->majority.den || m->majority.num == m->majority.den)
        return council_refuse(r, place, "\"majority\" must be from 1/2 to below 1");
    if (m->blocking.num == 0)
        return council_refuse(r, place, "\"blocking\" 0 would let a single \"no\" block");
    if (m->kind == COUNCIL_CHAMBERS && m->needed < 2)
        return council_refuse(r, place,
                              "\"needed\" 1 would let one chamber adopt for all; that is the kind "
                              "\"body\"");
    if (m->kind != COUNCIL_CHAMBERS && m->needed != 1)
        return council_refuse(r, place, "\"needed\" must be 1: one body decides");
    if (m->needed > chambers)
        return council_refuse(r, place, "\"needed\" %u is more than the %zu chambers", m->needed,
                              chambers);
    return PD_OK;
}

static void write_fraction(struct pd_json *w, const char *key, struct council_fraction f) {
    char text[24];
    snprintf(text, sizeof(text), f.den == 1 ? "%u" : "%u/%u", f.num, f.den);
    pd_json_member_text(w, key, text);
}

void council_write_quorum(const struct council_quorum *q, struct pd_json *w) {
    pd_json_object(w);
    write_fraction(w, q->kind == COUNCIL_OF_ROLL ? "of_roll" : "yes_of_root", q->share);
    pd_json_object_end(w);
}

void council_write_method(const struct council_method *m, struct pd_json *w) {
    pd_json_object(w);
    pd_json_member_str(w, "id", m->id);
    pd_json_member_text(w, "kind", kinds[m->kind]);
    pd_json_member_i64(w, "needed", m->needed);
    write_fraction(w, "majority", m->majority);
    write_fraction(w, "weighted", m->weighted);
    write_fraction(w, "blocking", m->blocking);
    pd_json_member_text(w, "tie", ties[m->tie]);
    if (m->chamber.len)
        pd_json_member_str(w, "chamber", m->chamber);
    if (m->party_kind.len)
        pd_json_member_str(w, "party_kind", m->party_kind);
    pd_json_object_end(w);
}
