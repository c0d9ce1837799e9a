/* Members of a plan, read one by one; each error says which. */
#include "protect/plan_impl.h"

#include <inttypes.h>
#include <string.h>

static bool is_in(const char *key, const char *const *allowed) {
    for (; *allowed != NULL; allowed++) {
        if (strcmp(key, **allowed == '?' ? *allowed + 1 : *allowed) == 0)
            return true;
    }
    return false;
}

enum pd_status plan_members(const struct plan_parser *p, json_t *value,
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
        if (**allowed != '?' && json_object_get(value, *allowed) == NULL)
            return pd_fail(p->err, PD_INVALID, "the member \"%s\" is missing", *allowed);
    }
    return PD_OK;
}

enum pd_status plan_count(const struct plan_parser *p, const json_t *object, const char *key,
                                int64_t most, int64_t *out) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > most)
        return pd_fail(p->err, PD_INVALID, "\"%s\" must be a whole number from 0 to %" PRId64, key,
                       most);
    *out = json_integer_value(value);
    return PD_OK;
}

enum pd_status plan_text(const struct plan_parser *p, const json_t *object, const char *key,
                               pd_str *out) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return pd_fail(p->err, PD_INVALID, "\"%s\" must be text", key);
    *out = (pd_str){json_string_value(value), json_string_length(value)};
    return PD_OK;
}

enum pd_status plan_column(const struct plan_parser *p, const json_t *object, size_t *out) {
    int64_t column = 0;
    pd_str name;
    enum pd_status status = plan_count(p, object, "column", INT64_MAX, &column);
    if (status == PD_OK)
        status = plan_text(p, object, "name", &name);
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

enum pd_status plan_word(const struct plan_parser *p, const json_t *object, const char *key,
                         size_t most, pd_str *out) {
    pd_str text;
    enum pd_status st = plan_text(p, object, key, &text);
    if (st == PD_OK && (text.len == 0 || text.len > most))
        st = pd_fail(p->err, PD_INVALID, "\"%s\" must be text of 1 to %zu bytes", key, most);
    if (st != PD_OK)
        return st;
    *out = pd_arena_str(p->arena, text);
    return out->data ? PD_OK : pd_fail_memory(p->err);
}

bool protect_decimal_parse(pd_str text, struct protect_width *out) {
    bool is_negative = pd_str_starts(text, PD_STR("-"));
    text = is_negative ? pd_str_sub(text, 1, text.len) : text;
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
    if (is_negative && amount == 0)
        return false;
    *out = (struct protect_width){is_negative ? -amount : amount, (int)fraction.len};
    return true;
}

enum pd_status plan_decimal(const struct plan_parser *p, const json_t *object, const char *key,
                            const char *such_as, struct protect_width *out) {
    pd_str text;
    enum pd_status st = plan_text(p, object, key, &text);
    if (st == PD_OK && !protect_decimal_parse(text, out))
        st = pd_fail(p->err, PD_INVALID,
                     "\"%s\" must be a plain decimal number such as %s, not \"%.*s\"", key, such_as,
                     pd_arg(text));
    return st;
}

enum pd_status plan_person(const struct plan_parser *p, const json_t *object, size_t *out) {
    static const char *const members[] = {"column", "name", NULL};
    json_t *value = json_object_get(object, "person");
    enum pd_status st = plan_members(p, value, members);
    if (st == PD_OK)
        st = plan_column(p, value, out);
    return st == PD_OK ? PD_OK : pd_wrap(p->err, "\"person\"");
}

enum pd_status plan_tree(const struct plan_parser *p, const json_t *object,
                         const struct protect_value_tree **out) {
    pd_str name;
    enum pd_status st = plan_text(p, object, "hierarchy", &name);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < p->tree_count; i++)
        if (pd_str_eq(p->trees[i]->name, name)) {
            *out = p->trees[i];
            return PD_OK;
        }
    return pd_fail(p->err, PD_INVALID, "\"hierarchies\" holds none of the name \"%.*s\"",
                   pd_arg(name));
}
