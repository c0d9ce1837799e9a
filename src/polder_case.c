/* A case of the law from JSON: every member is known, and of its type, or the case is refused. */
#include "polder_case.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

enum { CASE_BYTES_MAX = 1 << 20, CASE_DEPTH_MAX = 8 };

/** A member of an object; text, unless `out` is NULL: then somebody else reads it. */
struct member {
    const char *name;
    bool is_required;
    pd_str *out; /* untouched if the member is not there */
};

static bool is_known(const char *name, const struct member *members, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (pd_str_is(pd_str_from(name), members[i].name))
            return true;
    return false;
}

static enum pd_status read_members(json_t *object, const char *where, const struct member *members,
                                   size_t count, struct pd_error *err) {
    if (!json_is_object(object))
        return pd_fail(err, PD_INVALID, "%s must be an object", where);
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) if (!is_known(name, members, count)) return pd_fail(
        err, PD_INVALID, "%s has an unknown member \"%.100s\"", where, name);
    for (size_t i = 0; i < count; i++) {
        value = json_object_get(object, members[i].name);
        if (!value && members[i].is_required)
            return pd_fail(err, PD_INVALID, "%s lacks \"%s\"", where, members[i].name);
        if (!value || !members[i].out)
            continue;
        if (!json_is_string(value))
            return pd_fail(err, PD_INVALID, "%s: \"%s\" must be text", where, members[i].name);
        *members[i].out = (pd_str){json_string_value(value), json_string_length(value)};
    }
    return PD_OK;
}
#define READ(object, where, members, err)                                                          \
    read_members(object, where, members, sizeof(members) / sizeof((members)[0]), err)

static enum pd_status read_party(json_t *object, const char *where, struct law_party *out,
                                 struct pd_error *err) {
    const struct member members[] = {{"id", true, &out->id},
                                     {"kind", true, &out->kind},
                                     {"chamber", false, &out->chamber},
                                     {"country", false, &out->country}};
    return READ(object, where, members, err);
}

/** A text that is not there leaves `*out` as it is. */
static enum pd_status read_time(pd_str text, const char *where, const char *name, pd_time *out,
                                struct pd_error *err) {
    if (text.data && !pd_time_parse(text, out))
        return pd_fail(err, PD_INVALID,
                       "%s: \"%s\" must be a date or a time as in RFC 3339; not \"%.*s\"", where,
                       name, pd_arg(pd_str_sub(text, 0, 40)));
    return PD_OK;
}

/** The registry decides what a fact's value may be; JSON's type must be the registry's. */
static enum pd_status read_value(const json_t *value, pd_str name, const struct law_rules *rules,
                                 struct pd_arena *arena, struct law_scalar *out,
                                 struct pd_error *err) {
    char digits[24];
    pd_str text;
    enum law_scalar_kind kind;
    if (json_is_boolean(value)) {
        kind = LAW_BOOL;
        text = pd_str_from(json_is_true(value) ? "true" : "false");
    } else if (json_is_integer(value)) {
        kind = LAW_LONG;
        snprintf(digits, sizeof(digits), "%" PRId64, (int64_t)json_integer_value(value));
        text = pd_str_from(digits);
    } else if (json_is_string(value)) {
        kind = LAW_STRING;
        text = (pd_str){json_string_value(value), json_string_length(value)};
    } else {
        return pd_fail(err, PD_INVALID, "\"value\" must be true, false, a whole number or text");
    }
    struct law_scalar scalar;
    enum pd_status st = law_fact_parse(rules, name, text, arena, &scalar, err);
    if (st != PD_OK)
        return st;
    if (scalar.kind != kind)
        return pd_fail(err, PD_INVALID, "\"value\" of %.*s must not stand in quotes", pd_arg(name));
    *out = scalar;
    return PD_OK;
}

static enum pd_status read_fact(json_t *object, const char *where, const struct law_rules *rules,
                                struct pd_arena *arena, struct law_fact *out,
                                struct pd_error *err) {
    pd_str class_name = PD_STR("declared"), at = {0}, expires = {0};
    const struct member members[] = {{"name", true, &out->name},
                                     {"value", true, NULL},
                                     {"class", false, &class_name},
                                     {"by", false, &out->by},
                                     {"at", false, &at},
                                     {"expires", false, &expires},
                                     {"evidence", false, &out->evidence}};
    enum pd_status st = READ(object, where, members, err);
    if (st == PD_OK && !law_class_parse(class_name, &out->class_))
        st = pd_fail(err, PD_INVALID,
                     "%s: \"class\" must be declared, attested, derived or measured", where);
    if (st == PD_OK)
        st = read_time(at, where, "at", &out->at, err);
    if (st == PD_OK)
        st = read_time(expires, where, "expires", &out->expires, err);
    if (st != PD_OK)
        return st;
    st = read_value(json_object_get(object, "value"), out->name, rules, arena, &out->value, err);
    return st == PD_OK ? PD_OK : pd_wrap(err, "%s", where);
}

static enum pd_status read_facts(const json_t *list, const struct law_rules *rules,
                                 struct pd_arena *arena, struct law_case *out,
                                 struct pd_error *err) {
    if (!json_is_array(list))
        return pd_fail(err, PD_INVALID, "\"facts\" must be an array");
    size_t count = json_array_size(list);
    struct law_fact *facts = pd_arena_array(arena, count, sizeof(*facts));
    if (!facts)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        char where[32];
        snprintf(where, sizeof(where), "facts[%zu]", i);
        enum pd_status st = read_fact(json_array_get(list, i), where, rules, arena, &facts[i], err);
        if (st != PD_OK)
            return st;
    }
    out->facts = facts;
    out->fact_count = count;
    return PD_OK;
}

static enum pd_status read_recipient(json_t *object, struct pd_arena *arena, struct law_case *out,
                                     struct pd_error *err) {
    struct law_party *recipient = pd_arena_alloc(arena, sizeof(*recipient));
    if (!recipient)
        return pd_fail_memory(err);
    out->recipient = recipient;
    return read_party(object, "\"recipient\"", recipient, err);
}

static enum pd_status read_case(json_t *object, const struct law_rules *rules,
                                struct pd_arena *arena, struct law_case *out,
                                struct pd_error *err) {
    pd_str now = {0};
    const struct member members[] = {
        {"verb", true, &out->verb}, {"party", true, NULL},    {"member", false, &out->member},
        {"recipient", false, NULL}, {"resource", true, NULL}, {"facts", true, NULL},
        {"now", true, &now}};
    const struct member resource[] = {{"type", true, &out->resource_type},
                                      {"id", true, &out->resource_id}};
    enum pd_status st = READ(object, "the case", members, err);
    if (st == PD_OK)
        st = read_party(json_object_get(object, "party"), "\"party\"", &out->party, err);
    json_t *recipient = json_object_get(object, "recipient");
    if (st == PD_OK && recipient)
        st = read_recipient(recipient, arena, out, err);
    if (st == PD_OK)
        st = READ(json_object_get(object, "resource"), "\"resource\"", resource, err);
    if (st == PD_OK)
        st = read_time(now, "the case", "now", &out->now, err);
    if (st == PD_OK)
        st = read_facts(json_object_get(object, "facts"), rules, arena, out, err);
    return st;
}

enum pd_status polder_case_parse(pd_str text, const struct law_rules *rules, struct pd_arena *arena,
                                 struct json_t **json, struct law_case *out, struct pd_error *err) {
    *json = NULL;
    enum pd_status st = pd_json_parse(text, CASE_BYTES_MAX, CASE_DEPTH_MAX, json, err);
    if (st != PD_OK)
        return pd_wrap(err, "the case");
    struct law_case read = {0};
    st = read_case(*json, rules, arena, &read, err);
    if (st == PD_OK)
        *out = read;
    return st;
}
