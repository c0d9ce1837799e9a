/* Rules, which Table Schema lacks: between fields, against a list, about time. */
#include "standard/standard_impl.h"

#include <stdlib.h>
#include <string.h>

const char *const rule_names[RULE_KINDS] = {"compare", "sum", "reference", "timely", "derived"};
const char *const operation_names[OPERATIONS] = {"<", "<=", "=", "!=", ">=", ">"};

static const char *const common[] = {"name", "title", "titles", "description", "rule", "indicator"};
static const char *const own[RULE_KINDS][8] = {
    [RULE_COMPARE] = {"left", "operator", "right"},
    [RULE_SUM] = {"fields", "total", "tolerance"},
    [RULE_REFERENCE] = {"field", "values", "source"},
    [RULE_TIMELY] = {"field", "within_days", "from", "to"},
    [RULE_DERIVED] = {"field", "from", "how"},
};
static const char *const usual[RULE_KINDS] = {"0402", "0402", "0105", "0501", "0402"};

static bool is_number(enum standard_type type) {
    return type == STANDARD_NUMBER || type == STANDARD_INTEGER;
}

static bool is_day(enum standard_type type) {
    return type == STANDARD_DATE || type == STANDARD_DATETIME;
}

static const struct field *field_of(const struct reading *r, const struct rule *rule, size_t n) {
    return &r->standard->fields[rule->fields[n]];
}

static enum pd_status read_one(struct reading *r, const json_t *object, const char *member,
                               size_t *out) {
    const json_t *value = json_object_get(object, member);
    if (!value)
        return reading_refuse(r, PD_INVALID, NULL, "lacks \"%s\"", member);
    return reading_field_name(r, value, member, out);
}

static enum pd_status read_compare(struct reading *r, const json_t *object, struct rule *rule) {
    int operation = OP_LESS_EQUAL;
    size_t *fields = pd_arena_array(r->arena, 2, sizeof(*fields));
    if (!fields)
        return pd_fail_memory(r->err);
    rule->fields = fields;
    rule->count = 2;
    enum pd_status st = read_one(r, object, "left", &fields[0]);
    if (st == PD_OK)
        st = read_one(r, object, "right", &fields[1]);
    if (st == PD_OK && !json_object_get(object, "operator"))
        st = reading_refuse(r, PD_INVALID, NULL, "lacks \"operator\"");
    if (st == PD_OK)
        st = reading_choice(r, object, "operator", operation_names, OPERATIONS, &operation);
    rule->operation = (enum operation)operation;
    if (st != PD_OK)
        return st;
    enum standard_type a = field_of(r, rule, 0)->type, b = field_of(r, rule, 1)->type;
    if (fields[0] == fields[1])
        return reading_refuse(r, PD_INVALID, "right", "is the same field as \"left\"");
    if (!(a == b || (is_number(a) && is_number(b)) || (is_day(a) && is_day(b))))
        return reading_refuse(r, PD_INVALID, "right", "type %s can't be compared with type %s",
                              standard_type_name(b), standard_type_name(a));
    bool is_equality = rule->operation == OP_EQUAL || rule->operation == OP_UNEQUAL;
    if (!is_equality && !value_has_order(a))
        return reading_refuse(r, PD_INVALID, "operator",
                              "values of type %s have no order; = and != are possible",
                              standard_type_name(a));
    if (!is_equality &&
        (is_day(a) || a == STANDARD_TIME || a == STANDARD_YEAR || a == STANDARD_YEARMONTH))
        rule->indicator = indicator_get("0503");
    return PD_OK;
}

static enum pd_status read_tolerance(struct reading *r, const json_t *object, struct rule *rule) {
    const json_t *value = json_object_get(object, "tolerance");
    rule->tolerance_text = PD_STR("0");
    if (!value)
        return PD_OK;
    enum pd_status st = reading_scalar(r, value, "tolerance", &rule->tolerance_text);
    if (st == PD_OK &&
        (decimal_parse(rule->tolerance_text, &rule->tolerance) || rule->tolerance.sign < 0))
        st = reading_refuse(r, PD_INVALID, "tolerance", "must be a number from 0");
    return st;
}

static enum pd_status read_sum(struct reading *r, const json_t *object, struct rule *rule) {
    const json_t *parts = json_object_get(object, "fields");
    size_t count = json_array_size(parts);
    if (!json_is_array(parts) || count == 0)
        return reading_refuse(r, PD_INVALID, parts ? "fields" : NULL,
                              "\"fields\" must be a list of the fields to be added");
    size_t *fields = pd_arena_array(r->arena, count + 1, sizeof(*fields));
    if (!fields)
        return pd_fail_memory(r->err);
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < count; i++)
        st = reading_field_name(r, json_array_get(parts, i), "fields", &fields[i]);
    if (st == PD_OK)
        st = read_one(r, object, "total", &fields[count]);
    rule->fields = fields;
    rule->count = count + 1;
    for (size_t i = 0; st == PD_OK && i <= count; i++)
        if (!is_number(field_of(r, rule, i)->type))
            st = reading_refuse(r, PD_INVALID, i < count ? "fields" : "total",
                                "\"%.*s\" is no number and can't be added",
                                pd_arg(field_of(r, rule, i)->name));
    return st == PD_OK ? read_tolerance(r, object, rule) : st;
}

static enum pd_status read_field(struct reading *r, const json_t *object, struct rule *rule) {
    size_t *fields = pd_arena_array(r->arena, 1, sizeof(*fields));
    if (!fields)
        return pd_fail_memory(r->err);
    rule->fields = fields;
    rule->count = 1;
    return read_one(r, object, "field", fields);
}

static int compare_texts(const void *a, const void *b) {
    return pd_str_cmp(*(const pd_str *)a, *(const pd_str *)b);
}

static enum pd_status read_reference(struct reading *r, const json_t *object, struct rule *rule) {
    enum pd_status st = read_field(r, object, rule);
    if (st == PD_OK)
        st = reading_codes(r, object, "values", true, &rule->listed, &rule->labels);
    if (st == PD_OK)
        st = reading_text(r, object, "source", &rule->source);
    if (st == PD_OK && rule->listed.count == 0)
        st = reading_refuse(r, PD_INVALID, NULL, "lacks \"values\", the list of what may be");
    if (st == PD_OK)
        qsort((pd_str *)rule->listed.list, rule->listed.count, sizeof(pd_str), compare_texts);
    return st;
}

static enum pd_status read_end(struct reading *r, const json_t *object, const char *member,
                               const struct field *field, bool *has, struct value *out) {
    pd_str text = {0};
    struct field plain = {.type = STANDARD_DATE};
    enum pd_status st = reading_text(r, object, member, &text);
    if (st != PD_OK || !text.data)
        return st;
    *has = true;
    if (value_read(&plain, text, out) == NULL)
        return PD_OK;
    plain.type = field->type;
    const char *why = field->type == STANDARD_DATETIME ? value_read(&plain, text, out)
                                                       : "it is no date like 2026-03-09";
    return why ? reading_refuse(r, PD_INVALID, member, "%s", why) : PD_OK;
}

static enum pd_status read_timely(struct reading *r, const json_t *object, struct rule *rule) {
    const json_t *days = json_object_get(object, "within_days");
    enum pd_status st = read_field(r, object, rule);
    if (st != PD_OK)
        return st;
    const struct field *field = field_of(r, rule, 0);
    if (!is_day(field->type))
        return reading_refuse(r, PD_INVALID, "field",
                              "\"%.*s\" has type %s; dates and datetimes "
                              "can be timely",
                              pd_arg(field->name), standard_type_name(field->type));
    if (days && (!json_is_integer(days) || json_integer_value(days) < 0 ||
                 json_integer_value(days) > 3650000))
        return reading_refuse(r, PD_INVALID, "within_days",
                              "must be a whole number of days, 0 to 3,650,000");
    rule->has_days = days != NULL;
    rule->days = json_integer_value(days);
    st = read_end(r, object, "from", field, &rule->has_from, &rule->from);
    if (st == PD_OK)
        st = read_end(r, object, "to", field, &rule->has_to, &rule->to);
    if (st == PD_OK && !rule->has_days && !rule->has_from && !rule->has_to)
        st = reading_refuse(r, PD_INVALID, NULL,
                            "asks nothing: say \"within_days\", \"from\" or \"to\"");
    if (st == PD_OK && rule->has_from && rule->has_to && rule->from.order > rule->to.order)
        st = reading_refuse(r, PD_INVALID, "from", "is later than \"to\"");
    return st;
}

static enum pd_status read_derived(struct reading *r, const json_t *object, struct rule *rule) {
    size_t *fields = pd_arena_array(r->arena, 2, sizeof(*fields));
    if (!fields)
        return pd_fail_memory(r->err);
    rule->fields = fields;
    rule->count = 2;
    enum pd_status st = read_one(r, object, "from", &fields[0]);
    if (st == PD_OK)
        st = read_one(r, object, "field", &fields[1]);
    if (st == PD_OK && !json_object_get(object, "how"))
        st = reading_refuse(r, PD_INVALID, NULL, "lacks \"how\", such as cn-id-birth");
    if (st == PD_OK)
        st = reading_choice(r, object, "how", derived_names, DERIVED_KINDS, &rule->how);
    if (st == PD_OK && fields[0] == fields[1])
        st = reading_refuse(r, PD_INVALID, "field", "is the same field as \"from\"");
    return st;
}

static enum pd_status (*const readers[RULE_KINDS])(struct reading *, const json_t *,
                                                   struct rule *) = {
    [RULE_COMPARE] = read_compare, [RULE_SUM] = read_sum,         [RULE_REFERENCE] = read_reference,
    [RULE_TIMELY] = read_timely,   [RULE_DERIVED] = read_derived,
};

static enum pd_status check_members(struct reading *r, const json_t *object, enum rule_kind kind) {
    const char *names[16];
    size_t count = 0;
    for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
        names[count++] = common[i];
    for (size_t i = 0; own[kind][i]; i++)
        names[count++] = own[kind][i];
    names[count] = NULL;
    return reading_members(r, object, names);
}

static enum pd_status read_indicator(struct reading *r, const json_t *object, struct rule *rule) {
    pd_str code = {0};
    enum pd_status st = reading_text(r, object, "indicator", &code);
    if (st != PD_OK || !code.data)
        return st;
    const struct standard_indicator *found = indicator_find(code);
    if (!found)
        return reading_refuse(r, PD_INVALID, "indicator",
                              "\"%.*s\" is no number of GB/T 36344 that rows can be counted for, "
                              "such as 0104, 0402 or 0503",
                              pd_arg(code));
    rule->indicator = found;
    return PD_OK;
}

enum pd_status parse_rule(struct reading *r, const json_t *object, struct rule *out) {
    int kind = 0;
    if (!json_is_object(object))
        return reading_refuse(r, PD_INVALID, NULL, "must be an object in braces");
    enum pd_status st = reading_text(r, object, "name", &out->name);
    if (st == PD_OK && out->name.len == 0)
        st = reading_refuse(r, PD_INVALID, "name", "a rule must have a name");
    if (st == PD_OK)
        st = reading_text(r, object, "title", &out->title);
    if (st == PD_OK && !json_object_get(object, "rule"))
        st = reading_refuse(r, PD_INVALID, NULL,
                            "lacks \"rule\": compare, sum, reference, timely or derived");
    if (st == PD_OK)
        st = reading_choice(r, object, "rule", rule_names, RULE_KINDS, &kind);
    if (st == PD_OK)
        st = check_members(r, object, (enum rule_kind)kind);
    out->kind = (enum rule_kind)kind;
    out->indicator = indicator_get(usual[kind]);
    if (st == PD_OK)
        st = readers[kind](r, object, out);
    return st == PD_OK ? read_indicator(r, object, out) : st;
}
