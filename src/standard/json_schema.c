/*
 * What JSON within a cell must be: the keywords of JSON Schema (2020-12 validation vocabulary) that
 * need neither another document nor another language of patterns. Any other keyword that would ask
 * something is refused by name, so that nothing seems checked that isn't.
 */
#include "standard/standard_impl.h"

#include <math.h>
#include <string.h>

enum { DEPTH_MOST = 16 };

enum type_bit {
    IS_NULL = 1,
    IS_BOOLEAN = 2,
    IS_OBJECT = 4,
    IS_ARRAY = 8,
    IS_NUMBER = 16,
    IS_STRING = 32,
    IS_INTEGER = 64
};
static const struct {
    const char *name;
    unsigned bit;
} types[] = {{"null", IS_NULL},      {"boolean", IS_BOOLEAN}, {"object", IS_OBJECT},
             {"array", IS_ARRAY},    {"number", IS_NUMBER},   {"string", IS_STRING},
             {"integer", IS_INTEGER}};

/* Of lengths of text, numbers of items, numbers of members. */
enum counted { LENGTH, ITEMS, MEMBERS, COUNTED };
/* Of numbers: as enum bound has it. */
static const char *const bound_names[BOUNDS] = {"minimum", "maximum", "exclusiveMinimum",
                                                "exclusiveMaximum"};
static const char *const count_names[COUNTED][2] = {
    {"minLength", "maxLength"}, {"minItems", "maxItems"}, {"minProperties", "maxProperties"}};
enum joined { ALL_OF, ANY_OF, ONE_OF, JOINED };
static const char *const joined_names[JOINED] = {"allOf", "anyOf", "oneOf"};

struct property {
    pd_str name;
    const struct json_schema *schema;
};
struct schemas {
    const struct json_schema **list;
    size_t count;
};

struct json_schema {
    bool is_never;       /* the schema false */
    unsigned types;      /* 0: any */
    struct texts values; /* canonical: of enum and const */
    bool has_values, is_unique;
    bool has_count[COUNTED][2], has_bound[BOUNDS];
    uint64_t count[COUNTED][2];
    double bound[BOUNDS], multiple; /* multiple 0: not asked */
    struct texts required;
    const struct property *properties;
    size_t property_count;
    const struct json_schema *others, *items, *contains, *never; /* NULL: anything */
    struct schemas joined[JOINED];
};

static pd_str canonical(const json_t *json, struct pd_arena *arena, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_str out = {0};
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_value(&w, json);
    return pd_json_finish(&w, arena, &out, err) == PD_OK ? out : (pd_str){0};
}

/* ---- Reading ---- */

static enum pd_status check_keywords(struct reading *r, const json_t *json) {
    static const char *const known[] = {
        "type", "enum", "const", "properties", "required", "additionalProperties", "items",
        "contains", "uniqueItems", "minLength", "maxLength", "minItems", "maxItems",
        "minProperties", "maxProperties", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "multipleOf", "allOf", "anyOf", "oneOf", "not",
        /* what asks nothing */
        "$schema", "$id", "$comment", "title", "description", "default", "examples", "readOnly",
        "writeOnly", "deprecated"};
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, key, value) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            is_known |= strcmp(key, known[i]) == 0;
        if (!is_known)
            return reading_refuse(r, PD_UNSUPPORTED, key,
                                  "is a keyword of JSON Schema that this program doesn't check; "
                                  "leave it out, and check it elsewhere");
    }
    return PD_OK;
}

static enum pd_status read_types(struct reading *r, const json_t *json, struct json_schema *s) {
    const json_t *type = json_object_get(json, "type");
    size_t count = json_is_string(type) ? 1 : json_array_size(type);
    if (!type)
        return PD_OK;
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_is_string(type) ? type : json_array_get(type, i));
        unsigned bit = 0;
        for (size_t t = 0; name && t < sizeof(types) / sizeof(types[0]); t++)
            bit |= strcmp(name, types[t].name) == 0 ? types[t].bit : 0;
        if (!bit)
            return reading_refuse(r, PD_INVALID, "type", "names no type of JSON");
        s->types |= bit;
    }
    return count ? PD_OK : reading_refuse(r, PD_INVALID, "type", "must be a name or several");
}

static enum pd_status read_values(struct reading *r, const json_t *json, struct json_schema *s) {
    const json_t *list = json_object_get(json, "enum"), *one = json_object_get(json, "const");
    if (!list && !one)
        return PD_OK;
    if ((list && !json_is_array(list)) || (list && one))
        return reading_refuse(r, PD_INVALID, list ? "enum" : "const",
                              "must be a list, and not stand beside \"const\"");
    size_t count = one ? 1 : json_array_size(list);
    pd_str *values = pd_arena_array(r->arena, count + 1, sizeof(*values));
    if (!values)
        return pd_fail_memory(r->err);
    for (size_t i = 0; i < count; i++) {
        values[i] = canonical(one ? one : json_array_get(list, i), r->arena, r->err);
        if (!values[i].data)
            return pd_fail_memory(r->err);
    }
    s->values = (struct texts){values, count};
    s->has_values = true;
    return PD_OK;
}

static enum pd_status read_limits(struct reading *r, const json_t *json, struct json_schema *s) {
    for (int c = 0; c < COUNTED; c++)
        for (int end = 0; end < 2; end++) {
            const json_t *n = json_object_get(json, count_names[c][end]);
            if (n && (!json_is_integer(n) || json_integer_value(n) < 0))
                return reading_refuse(r, PD_INVALID, count_names[c][end],
                                      "must be a whole number from 0");
            s->has_count[c][end] = n != NULL;
            s->count[c][end] = n ? (uint64_t)json_integer_value(n) : 0;
        }
    for (int b = 0; b < BOUNDS; b++) {
        const json_t *n = json_object_get(json, bound_names[b]);
        if (n && !json_is_number(n))
            return reading_refuse(r, PD_INVALID, bound_names[b], "must be a number");
        s->has_bound[b] = n != NULL;
        s->bound[b] = n ? json_number_value(n) : 0;
    }
    const json_t *multiple = json_object_get(json, "multipleOf");
    if (multiple && !(json_number_value(multiple) > 0))
        return reading_refuse(r, PD_INVALID, "multipleOf", "must be a number above 0");
    s->multiple = multiple ? json_number_value(multiple) : 0;
    return reading_bool(r, json, "uniqueItems", &s->is_unique);
}

static enum pd_status read_within(struct reading *r, const json_t *json, const char *member,
                                  int depth, const struct json_schema **out) {
    const json_t *within = json_object_get(json, member);
    if (!within)
        return PD_OK;
    return json_schema_parse(r, within, depth + 1, out);
}

static enum pd_status read_properties(struct reading *r, const json_t *json, int depth,
                                      struct json_schema *s) {
    json_t *all = json_object_get(json, "properties");
    const char *key;
    json_t *value;
    if (all && !json_is_object(all))
        return reading_refuse(r, PD_INVALID, "properties", "must be an object in braces");
    struct property *list = pd_arena_array(r->arena, json_object_size(all) + 1, sizeof(*list));
    enum pd_status st = list ? PD_OK : pd_fail_memory(r->err);
    if (st == PD_OK && all) {
        json_object_foreach(all, key, value) {
            struct property *p = &list[s->property_count];
            p->name = pd_arena_str(r->arena, pd_str_from(key));
            st = p->name.data ? json_schema_parse(r, value, depth + 1, &p->schema)
                              : pd_fail_memory(r->err);
            if (st != PD_OK)
                break;
            s->property_count++;
        }
    }
    s->properties = list;
    if (st == PD_OK)
        st = reading_texts(r, json, "required", &s->required);
    return st;
}

static enum pd_status read_joined(struct reading *r, const json_t *json, int depth,
                                  struct json_schema *s) {
    enum pd_status st = PD_OK;
    for (int j = 0; st == PD_OK && j < JOINED; j++) {
        const json_t *list = json_object_get(json, joined_names[j]);
        size_t count = json_array_size(list);
        if (list && count == 0)
            return reading_refuse(r, PD_INVALID, joined_names[j], "must be a list of schemas");
        const struct json_schema **all = pd_arena_array(r->arena, count + 1, sizeof(*all));
        st = all ? PD_OK : pd_fail_memory(r->err);
        for (size_t i = 0; st == PD_OK && i < count; i++)
            st = json_schema_parse(r, json_array_get(list, i), depth + 1, &all[i]);
        s->joined[j] = (struct schemas){all, count};
    }
    return st;
}

enum pd_status json_schema_parse(struct reading *r, const json_t *json, int depth,
                                 const struct json_schema **out) {
    struct json_schema *s = pd_arena_alloc(r->arena, sizeof(*s));
    if (!s)
        return pd_fail_memory(r->err);
    *out = s;
    s->is_never = json_is_false(json);
    if (json_is_boolean(json))
        return PD_OK;
    if (!json_is_object(json))
        return reading_refuse(r, PD_INVALID, NULL, "a JSON schema is an object, true or false");
    if (depth > DEPTH_MOST)
        return reading_refuse(r, PD_LIMIT, NULL, "is nested more than %d deep", DEPTH_MOST);
    enum pd_status st = check_keywords(r, json);
    if (st == PD_OK)
        st = read_types(r, json, s);
    if (st == PD_OK)
        st = read_values(r, json, s);
    if (st == PD_OK)
        st = read_limits(r, json, s);
    if (st == PD_OK)
        st = read_properties(r, json, depth, s);
    if (st == PD_OK)
        st = read_within(r, json, "additionalProperties", depth, &s->others);
    if (st == PD_OK)
        st = read_within(r, json, "items", depth, &s->items);
    if (st == PD_OK)
        st = read_within(r, json, "contains", depth, &s->contains);
    if (st == PD_OK)
        st = read_within(r, json, "not", depth, &s->never);
    return st == PD_OK ? read_joined(r, json, depth, s) : st;
}

/* ---- Holding a value against it ---- */

static unsigned type_of(const json_t *json) {
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return IS_OBJECT;
    case JSON_ARRAY:
        return IS_ARRAY;
    case JSON_STRING:
        return IS_STRING;
    case JSON_INTEGER:
        return IS_NUMBER | IS_INTEGER;
    case JSON_REAL: /* 1.0 is an integer to JSON Schema */
        return IS_NUMBER |
               (trunc(json_real_value(json)) == json_real_value(json) ? IS_INTEGER : 0u);
    case JSON_NULL:
        return IS_NULL;
    default:
        return IS_BOOLEAN;
    }
}

static bool is_among(const struct json_schema *s, const json_t *json) {
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    struct pd_error err;
    bool is = false;
    pd_str text = arena ? canonical(json, arena, &err) : (pd_str){0};
    for (size_t i = 0; text.data && !is && i < s->values.count; i++)
        is = pd_str_eq(s->values.list[i], text);
    pd_arena_free(arena);
    return is;
}

static bool is_counted(const struct json_schema *s, enum counted what, uint64_t n) {
    return !(s->has_count[what][0] && n < s->count[what][0]) &&
           !(s->has_count[what][1] && n > s->count[what][1]);
}

static bool is_number_met(const struct json_schema *s, double n) {
    if ((s->has_bound[MINIMUM] && n < s->bound[MINIMUM]) ||
        (s->has_bound[MAXIMUM] && n > s->bound[MAXIMUM]) ||
        (s->has_bound[ABOVE] && n <= s->bound[ABOVE]) ||
        (s->has_bound[BELOW] && n >= s->bound[BELOW]))
        return false;
    double times = s->multiple > 0 ? n / s->multiple : 0;
    return fabs(times - round(times)) <= 1e-9 * fmax(1, fabs(times)); /* 0.3 is thrice 0.1 */
}

static bool is_array_met(const struct json_schema *s, const json_t *json) {
    size_t count = json_array_size(json), found = 0;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(json, i);
        if (s->items && !json_schema_is_met(s->items, item))
            return false;
        found += s->contains && json_schema_is_met(s->contains, item);
        for (size_t j = 0; s->is_unique && j < i; j++)
            if (json_equal(item, json_array_get(json, j)))
                return false;
    }
    return is_counted(s, ITEMS, count) && (!s->contains || found > 0);
}

static bool is_object_met(const struct json_schema *s, const json_t *json) {
    const char *key;
    json_t *value;
    for (size_t i = 0; i < s->required.count; i++)
        if (!json_object_get(json, s->required.list[i].data))
            return false;
    json_object_foreach((json_t *)(uintptr_t)json, key, value) {
        const struct json_schema *schema = s->others;
        for (size_t i = 0; i < s->property_count; i++)
            if (pd_str_is(s->properties[i].name, key))
                schema = s->properties[i].schema;
        if (schema && !json_schema_is_met(schema, value))
            return false;
    }
    return is_counted(s, MEMBERS, json_object_size(json));
}

static bool is_joined_met(const struct json_schema *s, const json_t *json) {
    for (int j = 0; j < JOINED; j++) {
        size_t met = 0;
        for (size_t i = 0; i < s->joined[j].count; i++)
            met += json_schema_is_met(s->joined[j].list[i], json);
        bool is = j == ALL_OF ? met == s->joined[j].count : j == ANY_OF ? met > 0 : met == 1;
        if (s->joined[j].count > 0 && !is)
            return false;
    }
    return true;
}

bool json_schema_is_met(const struct json_schema *s, const json_t *json) {
    unsigned type = type_of(json);
    if (s->is_never || (s->types && !(s->types & type)) || (s->has_values && !is_among(s, json)) ||
        (s->never && json_schema_is_met(s->never, json)) || !is_joined_met(s, json))
        return false;
    if (type & IS_STRING)
        return is_counted(
            s, LENGTH, pd_utf8_length((pd_str){json_string_value(json), json_string_length(json)}));
    if (type & IS_NUMBER)
        return is_number_met(s, json_number_value(json));
    if (type & IS_ARRAY)
        return is_array_met(s, json);
    return !(type & IS_OBJECT) || is_object_met(s, json);
}
