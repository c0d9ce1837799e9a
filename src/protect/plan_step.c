/* The steps of a plan, by the method that each names. */
#include "protect/plan_impl.h"

#include <inttypes.h>

static enum pd_status parse_date(const struct plan_parser *p, const json_t *object,
                                 struct protect_step *step) {
    pd_str name;
    enum pd_status status = plan_text(p, object, "date", &name);
    if (status != PD_OK)
        return status;
    for (int date = PROTECT_HOUR; date <= PROTECT_SUPPRESSED; date++) {
        if (pd_str_is(name, protect_date_name((enum protect_date)date))) {
            step->date = (enum protect_date)date;
            return PD_OK;
        }
    }
    return pd_fail(p->err, PD_INVALID,
                   "\"date\" is hour, day, month, quarter, year, five_years, decade or suppressed, "
                   "not \"%.*s\"",
                   pd_arg(name));
}

static enum pd_status parse_number(const struct plan_parser *p, const json_t *object,
                                   struct protect_step *step) {
    const json_t *whole = json_object_get(object, "whole");
    if (!json_is_boolean(whole))
        return pd_fail(p->err, PD_INVALID, "\"whole\" must be true or false");
    step->whole = json_is_true(whole);
    return plan_decimal(p, object, "width", "\"10\" or \"0.5\"", &step->width);
}

static enum pd_status parse_prefix(const struct plan_parser *p, const json_t *object,
                                   struct protect_step *step) {
    int64_t keep = 0;
    enum pd_status status = plan_count(p, object, "keep", PROTECT_MAX_KEEP, &keep);
    if (status == PD_OK)
        step->keep = (unsigned)keep;
    return status;
}

static enum pd_status parse_scope(const struct plan_parser *p, const json_t *object,
                                  struct protect_step *step) {
    return json_object_get(object, "as")
               ? plan_word(p, object, "as", PROTECT_SCOPE_MAX, &step->scope)
               : PD_OK;
}

static enum pd_status parse_format(const struct plan_parser *p, const json_t *object,
                                   struct protect_step *step) {
    pd_str name;
    enum pd_status st = parse_scope(p, object, step);
    if (st == PD_OK)
        st = parse_prefix(p, object, step);
    if (st == PD_OK)
        st = plan_text(p, object, "format", &name);
    if (st == PD_OK && !protect_format_parse(name, &step->format))
        st = pd_fail(p->err, PD_INVALID,
                     "\"format\" is digits, cn_id, cn_mobile or card, not \"%.*s\"", pd_arg(name));
    return st;
}

static enum pd_status parse_mask(const struct plan_parser *p, const json_t *object,
                                 struct protect_step *step) {
    pd_str type;
    if (json_object_get(object, "type") == NULL)
        return PD_OK;
    enum pd_status st = plan_text(p, object, "type", &type);
    for (int t = PROTECT_MASK_EMAIL; st == PD_OK && t < PROTECT_MASK_TYPE_COUNT; t++)
        if (pd_str_is(type, protect_mask_type_name((enum protect_mask_type)t)))
            step->mask = (enum protect_mask_type)t;
    if (st == PD_OK && step->mask == PROTECT_MASK_BY_SHAPE)
        st = pd_fail(p->err, PD_INVALID,
                     "\"type\" is email, telephone, name or identifier, not \"%.*s\"; without it each "
                     "cell is masked by its shape",
                     pd_arg(type));
    return st;
}

static enum pd_status parse_shift(const struct plan_parser *p, const json_t *object,
                                  struct protect_step *step) {
    int64_t days = 0;
    enum pd_status st = parse_scope(p, object, step);
    if (st == PD_OK)
        st = plan_count(p, object, "days", PROTECT_MAX_SHIFT, &days);
    if (st == PD_OK)
        st = plan_person(p, object, &step->person);
    step->days = (unsigned)days;
    return st;
}

static enum pd_status parse_tree(const struct plan_parser *p, const json_t *object,
                                 struct protect_step *step) {
    int64_t level = 0;
    enum pd_status st = plan_tree(p, object, &step->tree);
    if (st == PD_OK)
        st = plan_count(p, object, "level", PROTECT_LEVELS_MAX, &level);
    step->level = (unsigned)level;
    return st;
}

static enum pd_status parse_ends(const struct plan_parser *p, const json_t *object,
                                 struct protect_step *step) {
    enum pd_status st = PD_OK;
    step->has_top = json_object_get(object, "top") != NULL;
    step->has_bottom = json_object_get(object, "bottom") != NULL;
    if (step->has_top)
        st = plan_decimal(p, object, "top", "\"90\"", &step->top);
    if (st == PD_OK && step->has_bottom)
        st = plan_decimal(p, object, "bottom", "\"18\"", &step->bottom);
    return st;
}

static enum pd_status parse_round(const struct plan_parser *p, const json_t *object,
                                  struct protect_step *step) {
    return plan_decimal(p, object, "to", "\"100\" or \"0.5\"", &step->width);
}

/* Methods that a plan may name; members end in NULL. A kept column is one without a step. */
static const struct form {
    enum protect_method method;
    const char *members[8];
    enum pd_status (*parse)(const struct plan_parser *p, const json_t *object,
                            struct protect_step *step);
} FORMS[] = {
    {PROTECT_DROP, {"column", "method", "name"}, NULL},
    {PROTECT_MASK, {"column", "method", "name", "?type"}, parse_mask},
    {PROTECT_PSEUDONYM, {"?as", "column", "method", "name"}, parse_scope},
    {PROTECT_GENERALISE_DATE, {"column", "date", "method", "name"}, parse_date},
    {PROTECT_GENERALISE_NUMBER, {"column", "method", "name", "whole", "width"}, parse_number},
    {PROTECT_GENERALISE_TEXT, {"column", "keep", "method", "name"}, parse_prefix},
    {PROTECT_FORMAT_PRESERVING,
     {"?as", "column", "format", "keep", "method", "name"},
     parse_format},
    {PROTECT_SHIFT_DATE, {"?as", "column", "days", "method", "name", "person"}, parse_shift},
    {PROTECT_GENERALISE_HIERARCHY, {"column", "hierarchy", "level", "method", "name"}, parse_tree},
    {PROTECT_TOP_BOTTOM, {"?bottom", "column", "method", "name", "?top"}, parse_ends},
    {PROTECT_ROUND, {"column", "method", "name", "to"}, parse_round},
    {PROTECT_REDACT, {"column", "method", "name"}, NULL},
};
enum { FORM_COUNT = sizeof(FORMS) / sizeof(FORMS[0]) };

static const struct form *find_form(pd_str method) {
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (pd_str_is(method, protect_method_name(FORMS[i].method)))
            return &FORMS[i];
    }
    return NULL;
}

static enum pd_status parse_step(const struct plan_parser *p, json_t *value, struct protect_step *step) {
    pd_str method;
    if (!json_is_object(value))
        return pd_fail(p->err, PD_INVALID, "expected an object");
    enum pd_status status = plan_text(p, value, "method", &method);
    if (status != PD_OK)
        return status;
    const struct form *form = find_form(method);
    if (form == NULL)
        return pd_fail(p->err, PD_INVALID,
                       "\"method\" is drop, mask, pseudonym, format_preserving, shift_date, "
                       "generalise_date, generalise_number, generalise_text, generalise_hierarchy, "
                       "top_bottom_code, round or redact, not \"%.*s\"",
                       pd_arg(method));
    const char *later = form->method >= PROTECT_FORMAT_PRESERVING ? protect_method_name(form->method)
                        : json_object_get(value, "as")            ? "\"as\""
                        : json_object_get(value, "type")          ? "\"type\""
                                                                  : NULL;
    if (p->version < 2 && later != NULL)
        return pd_fail(p->err, PD_INVALID, "a plan of version 1 doesn't know %s; write \"plan\": 2",
                       later);
    step->method = form->method;
    status = plan_members(p, value, form->members);
    if (status == PD_OK)
        status = plan_column(p, value, &step->column);
    if (status == PD_OK && form->parse != NULL)
        status = form->parse(p, value, step);
    return status;
}

enum pd_status plan_steps(const struct plan_parser *p, const json_t *array,
                                  struct protect_plan *plan) {
    if (!json_is_array(array))
        return pd_fail(p->err, PD_INVALID, "\"steps\" must be an array");
    size_t n = json_array_size(array);
    struct protect_step *steps = pd_arena_array(p->arena, n, sizeof(*steps));
    if (steps == NULL)
        return pd_fail_memory(p->err);
    for (size_t i = 0; i < n; i++) {
        enum pd_status status = parse_step(p, json_array_get(array, i), &steps[i]);
        if (status != PD_OK) {
            pd_wrap(p->err, "steps[%zu]", i);
            return status;
        }
        if (i > 0 && steps[i].column == steps[i - 1].column)
            return pd_fail(p->err, PD_INVALID,
                           "steps[%zu]: column %zu has a step already; one column has one step", i,
                           steps[i].column);
        if (i > 0 && steps[i].column < steps[i - 1].column)
            return pd_fail(p->err, PD_INVALID,
                           "steps[%zu]: steps stand in the order of the columns, one for each; "
                           "column %zu comes after column %zu",
                           i, steps[i].column, steps[i - 1].column);
    }
    plan->steps = steps;
    plan->step_count = n;
    return PD_OK;
}
