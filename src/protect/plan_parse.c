/* Reads a stored plan. Plans are signed, so one meaning has one text: anything else is refused. */
#include "protect/protect_impl.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

enum { MAX_DEPTH = 4 };

struct parser {
    const pd_str *names;
    size_t columns;
    struct pd_arena *arena;
    struct pd_error *err;
};

/* ---- Members ---- */

static bool is_in(const char *key, const char *const *allowed) {
    for (; *allowed != NULL; allowed++) {
        if (strcmp(key, *allowed) == 0)
            return true;
    }
    return false;
}

/* `value` is an object with exactly the members `allowed`, which ends in NULL. */
static enum pd_status check_members(const struct parser *p, json_t *value,
                                    const char *const *allowed) {
    if (!json_is_object(value))
        return pd_fail(p->err, PD_INVALID, "expected an object");
    const char *key;
    json_t *member;
    json_object_foreach(value, key, member) {
        if (!is_in(key, allowed))
            return pd_fail(p->err, PD_INVALID, "there is no member \"%s\" here; take it out", key);
    }
    for (; *allowed != NULL; allowed++) {
        if (json_object_get(value, *allowed) == NULL)
            return pd_fail(p->err, PD_INVALID, "the member \"%s\" is missing", *allowed);
    }
    return PD_OK;
}

static enum pd_status get_count(const struct parser *p, const json_t *object, const char *key,
                                int64_t most, int64_t *out) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > most)
        return pd_fail(p->err, PD_INVALID, "\"%s\" must be a whole number from 0 to %" PRId64, key,
                       most);
    *out = json_integer_value(value);
    return PD_OK;
}

static enum pd_status get_text(const struct parser *p, const json_t *object, const char *key,
                               pd_str *out) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return pd_fail(p->err, PD_INVALID, "\"%s\" must be text", key);
    *out = (pd_str){json_string_value(value), json_string_length(value)};
    return PD_OK;
}

/* Reads "column" and "name" together: the plan must be for the table at hand. */
static enum pd_status get_column(const struct parser *p, const json_t *object, size_t *out) {
    int64_t column = 0;
    pd_str name;
    enum pd_status status = get_count(p, object, "column", INT64_MAX, &column);
    if (status == PD_OK)
        status = get_text(p, object, "name", &name);
    if (status != PD_OK)
        return status;
    if ((uint64_t)column >= p->columns)
        return pd_fail(p->err, PD_INVALID,
                       "the plan names column %" PRId64 " \"%.*s\", but the table has %zu columns; "
                       "make a new plan for it",
                       column, pd_arg(name), p->columns);
    pd_str actual = p->names[column];
    if (!pd_str_eq(name, actual))
        return pd_fail(p->err, PD_INVALID,
                       "the plan calls column %" PRId64 " \"%.*s\", but the table calls it "
                       "\"%.*s\"; make a new plan for it",
                       column, pd_arg(name), pd_arg(actual));
    *out = (size_t)column;
    return PD_OK;
}

/* ---- Steps ---- */

static enum pd_status parse_date(const struct parser *p, const json_t *object,
                                 struct protect_step *step) {
    pd_str name;
    enum pd_status status = get_text(p, object, "date", &name);
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

/* "10" or "0.5", without superfluous zeros, so that a width has one spelling. */
static bool read_width(pd_str text, struct protect_width *out) {
    size_t point = pd_str_find_char(text, '.');
    pd_str whole = pd_str_sub(text, 0, point), fraction = {0};
    int64_t amount = 0;
    if (point != PD_NPOS) {
        fraction = pd_str_sub(text, point + 1, text.len);
        if (fraction.len == 0 || fraction.len > PROTECT_MAX_DECIMALS ||
            pd_str_ends(fraction, PD_STR("0")))
            return false;
    }
    if (whole.len == 0 || (whole.len > 1 && whole.data[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (i == point)
            continue;
        if (c < '0' || c > '9' || amount > PROTECT_MAX_AMOUNT)
            return false;
        amount = amount * 10 + (c - '0');
    }
    *out = (struct protect_width){amount, (int)fraction.len};
    return true;
}

static enum pd_status parse_number(const struct parser *p, const json_t *object,
                                   struct protect_step *step) {
    pd_str width = {0};
    const json_t *whole = json_object_get(object, "whole");
    if (!json_is_boolean(whole))
        return pd_fail(p->err, PD_INVALID, "\"whole\" must be true or false");
    enum pd_status status = get_text(p, object, "width", &width);
    if (status != PD_OK)
        return status;
    step->whole = json_is_true(whole);
    if (!read_width(width, &step->width))
        return pd_fail(p->err, PD_INVALID,
                       "\"width\" must be a plain decimal number such as \"10\" or \"0.5\", not "
                       "\"%.*s\"",
                       pd_arg(width));
    return PD_OK;
}

static enum pd_status parse_prefix(const struct parser *p, const json_t *object,
                                   struct protect_step *step) {
    int64_t keep = 0;
    enum pd_status status = get_count(p, object, "keep", PROTECT_MAX_KEEP, &keep);
    if (status == PD_OK)
        step->keep = (unsigned)keep;
    return status;
}

/* Methods that a plan may name; members end in NULL. A kept column is one without a step. */
static const struct form {
    enum protect_method method;
    const char *members[6];
    enum pd_status (*parse)(const struct parser *p, const json_t *object,
                            struct protect_step *step);
} FORMS[] = {
    {PROTECT_DROP, {"column", "method", "name"}, NULL},
    {PROTECT_MASK, {"column", "method", "name"}, NULL},
    {PROTECT_PSEUDONYM, {"column", "method", "name"}, NULL},
    {PROTECT_GENERALISE_DATE, {"column", "date", "method", "name"}, parse_date},
    {PROTECT_GENERALISE_NUMBER, {"column", "method", "name", "whole", "width"}, parse_number},
    {PROTECT_GENERALISE_TEXT, {"column", "keep", "method", "name"}, parse_prefix},
};
enum { FORM_COUNT = sizeof(FORMS) / sizeof(FORMS[0]) };

static const struct form *find_form(pd_str method) {
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (pd_str_is(method, protect_method_name(FORMS[i].method)))
            return &FORMS[i];
    }
    return NULL;
}

static enum pd_status parse_step(const struct parser *p, json_t *value, struct protect_step *step) {
    pd_str method;
    if (!json_is_object(value))
        return pd_fail(p->err, PD_INVALID, "expected an object");
    enum pd_status status = get_text(p, value, "method", &method);
    if (status != PD_OK)
        return status;
    const struct form *form = find_form(method);
    if (form == NULL)
        return pd_fail(p->err, PD_INVALID,
                       "\"method\" is drop, mask, pseudonym, generalise_date, generalise_number or "
                       "generalise_text, not \"%.*s\"",
                       pd_arg(method));
    step->method = form->method;
    status = check_members(p, value, form->members);
    if (status == PD_OK)
        status = get_column(p, value, &step->column);
    if (status == PD_OK && form->parse != NULL)
        status = form->parse(p, value, step);
    return status;
}

static enum pd_status parse_steps(const struct parser *p, const json_t *array,
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
        if (i > 0 && steps[i].column <= steps[i - 1].column)
            return pd_fail(p->err, PD_INVALID,
                           "steps[%zu]: steps stand in the order of the columns, one for each; "
                           "column %zu comes after column %zu",
                           i, steps[i].column, steps[i - 1].column);
    }
    plan->steps = steps;
    plan->step_count = n;
    return PD_OK;
}

/* ---- The whole ---- */

static enum pd_status parse_quasi(const struct parser *p, const json_t *array,
                                  struct protect_plan *plan) {
    static const char *const members[] = {"column", "name", NULL};
    if (!json_is_array(array))
        return pd_fail(p->err, PD_INVALID, "\"quasi\" must be an array");
    size_t n = json_array_size(array);
    size_t *quasi = pd_arena_array(p->arena, n, sizeof(*quasi));
    if (quasi == NULL)
        return pd_fail_memory(p->err);
    for (size_t i = 0; i < n; i++) {
        json_t *value = json_array_get(array, i);
        enum pd_status status = check_members(p, value, members);
        if (status == PD_OK)
            status = get_column(p, value, &quasi[i]);
        if (status != PD_OK) {
            pd_wrap(p->err, "quasi[%zu]", i);
            return status;
        }
    }
    plan->quasi = quasi;
    plan->quasi_count = n;
    return PD_OK;
}

static enum pd_status parse_plan(const struct parser *p, json_t *root, struct protect_plan *plan) {
    static const char *const members[] = {"k", "plan", "quasi", "steps", NULL};
    int64_t version = 0, k = 0;
    /* The version first: a later plan may have members that are unknown here. */
    if (json_is_object(root) && json_object_get(root, "plan") != NULL) {
        enum pd_status status = get_count(p, root, "plan", INT64_MAX, &version);
        if (status != PD_OK)
            return status;
        if (version != PROTECT_PLAN_VERSION)
            return pd_fail(p->err, version > PROTECT_PLAN_VERSION ? PD_UNSUPPORTED : PD_INVALID,
                           "the plan has version %" PRId64 ", this program reads version %d",
                           version, PROTECT_PLAN_VERSION);
    }
    enum pd_status status = check_members(p, root, members);
    if (status == PD_OK)
        status = get_count(p, root, "k", PROTECT_MAX_K, &k);
    if (status != PD_OK)
        return status;
    plan->k = (uint64_t)k;
    status = parse_quasi(p, json_object_get(root, "quasi"), plan);
    if (status == PD_OK)
        status = parse_steps(p, json_object_get(root, "steps"), plan);
    if (status == PD_OK)
        status = protect_plan_check(plan, p->names, p->columns, p->err);
    return status;
}

enum pd_status protect_plan_parse(pd_str text, const pd_str *names, size_t columns,
                                  struct pd_arena *arena, const struct protect_plan **out,
                                  struct pd_error *err) {
    struct parser p = {names, columns, arena, err};
    json_t *root;
    struct protect_plan *plan = pd_arena_alloc(arena, sizeof(*plan));
    if (plan == NULL)
        return pd_fail_memory(err);
    enum pd_status status = pd_json_parse(text, PROTECT_PLAN_MAX_BYTES, MAX_DEPTH, &root, err);
    if (status != PD_OK)
        return status;
    status = parse_plan(&p, root, plan);
    json_decref(root);
    if (status == PD_OK)
        *out = plan;
    return status;
}
