/* A field of a standard: its type, how its values are written, and what they must be. */
#include "standard/standard_impl.h"

#include <stdlib.h>
#include <string.h>

#define TYPE(type) (1u << (STANDARD_##type))
enum { ALL_TYPES = (1 << STANDARD_TYPE_COUNT) - 1 };

static const char *const type_names[STANDARD_TYPE_COUNT] = {
    "string", "number", "integer", "boolean",   "object",   "array",    "list",    "datetime",
    "date",   "time",   "year",    "yearmonth", "duration", "geopoint", "geojson", "any"};

const char *standard_type_name(enum standard_type type) {
    return type_names[type];
}

static const unsigned ORDERED = TYPE(INTEGER) | TYPE(NUMBER) | TYPE(DATE) | TYPE(TIME) |
                                TYPE(DATETIME) | TYPE(DURATION) | TYPE(YEAR) | TYPE(YEARMONTH);
static const unsigned MEASURED = TYPE(STRING) | TYPE(ARRAY) | TYPE(OBJECT) | TYPE(LIST);

static const struct {
    const char *name;
    unsigned types; /* that may have it; 0: named elsewhere */
} members[] =
    {
        {"decimalChar", TYPE(NUMBER)},
        {"groupChar", TYPE(NUMBER) | TYPE(INTEGER)},
        {"bareNumber", TYPE(NUMBER) | TYPE(INTEGER)},
        {"trueValues", TYPE(BOOLEAN)},
        {"falseValues", TYPE(BOOLEAN)},
        {"delimiter", TYPE(LIST)},
        {"itemType", TYPE(LIST)},
        {"categories", TYPE(STRING) | TYPE(INTEGER)},
        {"categoriesOrdered", TYPE(STRING) | TYPE(INTEGER)},
        {"unit", TYPE(NUMBER) | TYPE(INTEGER)},
},
  constraints[] = {
      {"minLength", MEASURED},       {"maxLength", MEASURED},
      {"minimum", ORDERED},          {"maximum", ORDERED},
      {"exclusiveMinimum", ORDERED}, {"exclusiveMaximum", ORDERED},
      {"pattern", TYPE(STRING)},     {"jsonSchema", TYPE(ARRAY) | TYPE(OBJECT)},
};

static const char *const field_members[] = {
    "name",        "title",     "titles",      "description",   "example",     "type",
    "format",      "rdfType",   "constraints", "missingValues", "categories",  "categoriesOrdered",
    "decimalChar", "groupChar", "bareNumber",  "trueValues",    "falseValues", "delimiter",
    "itemType",    "unit",      NULL};
static const char *const constraint_members[] = {
    "required",         "unique",  "enum",       "minLength",
    "maxLength",        "minimum", "maximum",    "exclusiveMinimum",
    "exclusiveMaximum", "pattern", "jsonSchema", NULL};

static const struct {
    enum standard_type type;
    enum value_format format;
    const char *name;
} formats[] = {
    {STANDARD_STRING, FORMAT_EMAIL, "email"},     {STANDARD_STRING, FORMAT_URI, "uri"},
    {STANDARD_STRING, FORMAT_BINARY, "binary"},   {STANDARD_STRING, FORMAT_UUID, "uuid"},
    {STANDARD_DATE, FORMAT_ANY, "any"},           {STANDARD_TIME, FORMAT_ANY, "any"},
    {STANDARD_DATETIME, FORMAT_ANY, "any"},       {STANDARD_GEOPOINT, FORMAT_ARRAY, "array"},
    {STANDARD_GEOPOINT, FORMAT_OBJECT, "object"}, {STANDARD_GEOJSON, FORMAT_TOPOJSON, "topojson"},
};

static enum pd_status read_format(struct reading *r, const json_t *object, struct field *f) {
    pd_str text = {0};
    const char *names[8] = {"default"};
    size_t count = 1;
    enum pd_status st = reading_text(r, object, "format", &text);
    if (st != PD_OK || !text.data || pd_str_is(text, "default"))
        return st;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (formats[i].type != f->type)
            continue;
        names[count++] = formats[i].name;
        if (pd_str_is(text, formats[i].name)) {
            f->format = formats[i].format;
            return PD_OK;
        }
    }
    bool is_moment =
        f->type == STANDARD_DATE || f->type == STANDARD_TIME || f->type == STANDARD_DATETIME;
    if (is_moment && pd_str_find_char(text, '%') != PD_NPOS) {
        const char *why = moment_check_format(f->type, text);
        if (why)
            return reading_refuse(r, PD_INVALID, "format", "%s", why);
        f->format = FORMAT_GIVEN;
        f->format_text = text;
        return PD_OK;
    }
    const char *near = pd_nearest_name(text.data, names, count);
    return reading_refuse(r, PD_INVALID, "format", "\"%.*s\" is no format of type %s%s%s%s%s",
                          pd_arg(text), type_names[f->type], near ? "; do you mean \"" : "",
                          near ? near : "", near ? "\"?" : "",
                          is_moment && !near ? "; it is default, any, or like %Y-%m-%d" : "");
}

static enum pd_status check_members(struct reading *r, const json_t *object,
                                    const struct field *f) {
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (json_object_get(object, members[i].name) && !(members[i].types >> f->type & 1))
            return reading_refuse(r, PD_INVALID, members[i].name,
                                  "a field of type %s has no such member", type_names[f->type]);
    return PD_OK;
}

static struct texts words(const pd_str *list, size_t count) {
    return (struct texts){list, count};
}

/* How values are written where nothing is said. */
static void set_plain(struct field *f) {
    static const pd_str truths[] = {PD_STR_INIT("true"), PD_STR_INIT("True"), PD_STR_INIT("TRUE"),
                                    PD_STR_INIT("1")};
    static const pd_str lies[] = {PD_STR_INIT("false"), PD_STR_INIT("False"), PD_STR_INIT("FALSE"),
                                  PD_STR_INIT("0")};
    f->true_values = words(truths, 4);
    f->false_values = words(lies, 4);
    f->decimal_char = f->type == STANDARD_INTEGER ? (pd_str){0} : PD_STR(".");
    f->group_char = (pd_str){0};
    f->delimiter = PD_STR(",");
    f->is_bare = true;
}

/* How values are written. */
static enum pd_status read_forms(struct reading *r, const json_t *object, struct field *f) {
    static const char *const items[] = {"string",   "number", "integer", "boolean",
                                        "datetime", "date",   "time"};
    static const enum standard_type item_types[] = {
        STANDARD_STRING,   STANDARD_NUMBER, STANDARD_INTEGER, STANDARD_BOOLEAN,
        STANDARD_DATETIME, STANDARD_DATE,   STANDARD_TIME};
    int item = 0;
    f->missing = r->missing;
    set_plain(f);
    enum pd_status st = reading_texts(r, object, "missingValues", &f->missing);
    if (st == PD_OK)
        st = reading_texts(r, object, "trueValues", &f->true_values);
    if (st == PD_OK)
        st = reading_texts(r, object, "falseValues", &f->false_values);
    if (st == PD_OK)
        st = reading_text(r, object, "decimalChar", &f->decimal_char);
    if (st == PD_OK)
        st = reading_text(r, object, "groupChar", &f->group_char);
    if (st == PD_OK)
        st = reading_bool(r, object, "bareNumber", &f->is_bare);
    if (st == PD_OK)
        st = reading_text(r, object, "delimiter", &f->delimiter);
    if (st == PD_OK)
        st = reading_choice(r, object, "itemType", items, 7, &item);
    f->item_type = item_types[item];
    bool lacks_point = f->decimal_char.len == 0 && f->type != STANDARD_INTEGER;
    if (st == PD_OK && (lacks_point || f->delimiter.len == 0))
        st = reading_refuse(r, PD_INVALID, f->delimiter.len ? "decimalChar" : "delimiter",
                            "must not be empty");
    if (st == PD_OK && f->group_char.len > 0 && pd_str_eq(f->group_char, f->decimal_char))
        st = reading_refuse(r, PD_INVALID, "groupChar", "must not be that of the decimals, too");
    return st;
}

/* ---- constraints ---- */

static int compare_values(const void *a, const void *b) {
    enum order order = value_compare(a, b);
    if (order != UNORDERED && order != EQUAL)
        return order == LESS ? -1 : 1;
    const struct value *x = a, *y = b;
    return order == EQUAL ? 0 : pd_str_cmp(x->text, y->text);
}

/* Values of the standard itself: as JSON and Table Schema write them, or else as the field's cells.
 */
const char *field_read_value(const struct field *f, pd_str text, struct value *out) {
    struct field plain = {.type = f->type, .item_type = f->item_type};
    bool is_moment =
        f->type == STANDARD_DATE || f->type == STANDARD_TIME || f->type == STANDARD_DATETIME;
    plain.format = is_moment ? FORMAT_DEFAULT : f->format;
    set_plain(&plain);
    return value_read(&plain, text, out) == NULL ? NULL : value_read(f, text, out);
}

static enum pd_status read_values(struct reading *r, const char *member, const struct field *f,
                                  const struct texts *texts, struct value *out) {
    for (size_t i = 0; i < texts->count; i++) {
        const char *why = field_read_value(f, texts->list[i], &out[i]);
        if (why)
            return reading_refuse(r, PD_INVALID, member, "value %zu is not of the type %s: %s",
                                  i + 1, type_names[f->type], why);
    }
    return PD_OK;
}

static enum pd_status read_list(struct reading *r, const json_t *object, const char *member,
                                const struct field *f, struct texts *texts, struct labels *labels,
                                const struct value **out) {
    enum pd_status st = reading_codes(r, object, member, false, texts, labels);
    if (st != PD_OK || !texts->list)
        return st;
    if (texts->count == 0)
        return reading_refuse(r, PD_INVALID, member, "is empty, so that no value would do");
    struct value *values = pd_arena_array(r->arena, texts->count, sizeof(*values));
    if (!values)
        return pd_fail_memory(r->err);
    st = read_values(r, member, f, texts, values);
    if (st == PD_OK)
        qsort(values, texts->count, sizeof(*values), compare_values);
    *out = values;
    return st;
}

static enum pd_status read_bounds(struct reading *r, const json_t *object, struct field *f) {
    static const char *const names[BOUNDS] = {"minimum", "maximum", "exclusiveMinimum",
                                              "exclusiveMaximum"};
    for (int b = 0; b < BOUNDS; b++) {
        const json_t *value = json_object_get(object, names[b]);
        pd_str text;
        if (!value)
            continue;
        enum pd_status st = reading_scalar(r, value, names[b], &text);
        if (st != PD_OK)
            return st;
        const char *why = field_read_value(f, text, &f->bound[b]);
        if (why)
            return reading_refuse(r, PD_INVALID, names[b], "must be of the type %s: %s",
                                  type_names[f->type], why);
        f->has_bound[b] = true;
    }
    for (int low = MINIMUM; low <= ABOVE; low += ABOVE - MINIMUM)
        for (int high = MAXIMUM; high <= BELOW; high += BELOW - MAXIMUM)
            if (f->has_bound[low] && f->has_bound[high] &&
                value_compare(&f->bound[low], &f->bound[high]) == MORE)
                return reading_refuse(r, PD_INVALID, names[low],
                                      "lies above \"%s\", so that no value would do", names[high]);
    return PD_OK;
}

static enum pd_status read_lengths(struct reading *r, const json_t *object, struct field *f) {
    static const char *const names[LENGTHS] = {"minLength", "maxLength"};
    for (int l = 0; l < LENGTHS; l++) {
        const json_t *value = json_object_get(object, names[l]);
        if (!value)
            continue;
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return reading_refuse(r, PD_INVALID, names[l], "must be a whole number from 0");
        f->length[l] = (size_t)json_integer_value(value);
        f->has_length[l] = true;
    }
    if (f->has_length[MIN_LENGTH] && f->has_length[MAX_LENGTH] &&
        f->length[MIN_LENGTH] > f->length[MAX_LENGTH])
        return reading_refuse(r, PD_INVALID, "minLength",
                              "is more than \"maxLength\", so that no value would do");
    return PD_OK;
}

static enum pd_status read_pattern(struct reading *r, const json_t *object, struct field *f) {
    struct pd_error why;
    enum pd_status st = reading_text(r, object, "pattern", &f->pattern_text);
    if (st != PD_OK || !f->pattern_text.data)
        return st;
    st = pattern_parse(f->pattern_text, r->arena, &f->pattern, &why);
    return st == PD_OK ? PD_OK : reading_refuse(r, st, "pattern", "%s", why.text);
}

static enum pd_status read_schema(struct reading *r, const json_t *object, struct field *f) {
    const json_t *schema = json_object_get(object, "jsonSchema");
    struct pd_buf buf;
    struct pd_json w;
    if (!schema)
        return PD_OK;
    reading_enter(r, "jsonSchema");
    enum pd_status st = json_schema_parse(r, schema, 0, &f->json_schema);
    reading_leave(r);
    if (st != PD_OK)
        return st;
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_value(&w, schema);
    return pd_json_finish(&w, r->arena, &f->json_schema_text, r->err);
}

static enum pd_status check_constraints(struct reading *r, const json_t *object,
                                        const struct field *f) {
    enum pd_status st = reading_members(r, object, constraint_members);
    for (size_t i = 0; st == PD_OK && i < sizeof(constraints) / sizeof(constraints[0]); i++)
        if (json_object_get(object, constraints[i].name) && !(constraints[i].types >> f->type & 1))
            st = reading_refuse(r, PD_INVALID, constraints[i].name,
                                "a field of type %s can't have this constraint",
                                type_names[f->type]);
    return st;
}

static enum pd_status read_constraints(struct reading *r, const json_t *object, struct field *f) {
    const json_t *all = json_object_get(object, "constraints");
    if (!all)
        return PD_OK;
    if (!json_is_object(all))
        return reading_refuse(r, PD_INVALID, "constraints", "must be an object in braces");
    struct labels unused;
    reading_enter(r, "constraints");
    enum pd_status st = check_constraints(r, all, f);
    if (st == PD_OK)
        st = reading_bool(r, all, "required", &f->is_required);
    if (st == PD_OK)
        st = reading_bool(r, all, "unique", &f->is_unique);
    if (st == PD_OK)
        st = read_list(r, all, "enum", f, &f->enumeration, &unused, &f->values);
    f->has_enum = f->values != NULL;
    f->value_count = f->enumeration.count;
    if (st == PD_OK)
        st = read_lengths(r, all, f);
    if (st == PD_OK)
        st = read_bounds(r, all, f);
    if (st == PD_OK)
        st = read_pattern(r, all, f);
    if (st == PD_OK)
        st = read_schema(r, all, f);
    reading_leave(r);
    return st;
}

static enum pd_status read_name(struct reading *r, const json_t *object, struct field *f) {
    enum pd_status st = reading_text(r, object, "name", &f->name);
    if (st == PD_OK && f->name.len == 0)
        st = reading_refuse(r, PD_INVALID, "name", "a field must have a name");
    return st;
}

/* Titles by language: by them a column is known that has not the field's name. */
static enum pd_status read_titles(struct reading *r, const json_t *object, struct field *f) {
    const json_t *titles = json_object_get(object, "titles");
    if (!json_is_object(titles))
        return PD_OK;
    reading_enter(r, "titles");
    enum pd_status st = reading_text(r, titles, "en", &f->title_en);
    if (st == PD_OK)
        st = reading_text(r, titles, "zh", &f->title_zh);
    reading_leave(r);
    return st;
}

enum pd_status parse_field(struct reading *r, const json_t *object, struct field *out) {
    if (!json_is_object(object))
        return reading_refuse(r, PD_INVALID, NULL, "must be an object in braces");
    int type = STANDARD_ANY; /* what Table Schema says where it is silent */
    pd_str ignored = {0};
    bool is_ordered = false;
    enum pd_status st = read_name(r, object, out);
    if (st == PD_OK)
        st = reading_members(r, object, field_members);
    if (st == PD_OK)
        st = reading_choice(r, object, "type", type_names, STANDARD_TYPE_COUNT, &type);
    out->type = (enum standard_type)type;
    if (st == PD_OK)
        st = check_members(r, object, out);
    if (st == PD_OK)
        st = read_format(r, object, out);
    if (st == PD_OK)
        st = read_forms(r, object, out);
    if (st == PD_OK)
        st = read_list(r, object, "categories", out, &out->categories, &out->labels,
                       &out->category_values);
    if (st == PD_OK)
        st = reading_bool(r, object, "categoriesOrdered", &is_ordered);
    if (st == PD_OK)
        st = reading_text(r, object, "title", &out->title);
    if (st == PD_OK)
        st = read_titles(r, object, out);
    if (st == PD_OK)
        st = reading_text(r, object, "unit", &out->unit);
    if (st == PD_OK)
        st = reading_text(r, object, "description", &ignored);
    return st == PD_OK ? read_constraints(r, object, out) : st;
}
