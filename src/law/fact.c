/* One fact's value: read from text by the registry, and checked against it. */
#include "law/finding_impl.h"

enum { TEXT_MAX = 2000 };

bool law_scalar_is_of(const struct law_scalar *value, const struct law_fact_kind *kind) {
    if (value->kind != kind->type)
        return false;
    if (kind->type != LAW_STRING || kind->codes == NULL)
        return true;
    for (size_t i = 0; i < kind->code_count; i++)
        if (pd_str_eq(kind->codes[i], value->text))
            return true;
    return false;
}

static enum pd_status fail_name(const struct law_rules *rules, pd_str name, struct pd_error *err) {
    char given[64] = "";
    if (name.len < sizeof(given))
        for (size_t i = 0; i < name.len; i++)
            given[i] = name.data[i];
    const char *near = pd_nearest_name(given, rules->fact_names, rules->fact_count);
    return pd_fail(err, PD_INVALID, "the registry knows no fact \"%.*s\"%s%s%s", pd_arg(name),
                   near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
                   near != NULL ? "\"?" : "");
}

static enum pd_status fail_code(const struct law_fact_kind *kind, pd_str value,
                                struct pd_arena *arena, struct pd_error *err) {
    pd_str list = kind->codes[0];
    for (size_t i = 1; i < kind->code_count && list.data != NULL; i++)
        list = pd_arena_printf(arena, "%.*s, %.*s", pd_arg(list), pd_arg(kind->codes[i]));
    return pd_fail(err, PD_INVALID, "%.*s is one of %.*s; not \"%.*s\"", pd_arg(kind->name),
                   pd_arg(list), pd_arg(value));
}

enum pd_status law_fact_parse(const struct law_rules *rules, pd_str name, pd_str value,
                              struct pd_arena *arena, struct law_scalar *out,
                              struct pd_error *err) {
    const struct law_fact_kind *kind = law_rules_fact(rules, name);
    if (kind == NULL)
        return fail_name(rules, name, err);
    struct law_scalar scalar = {.kind = kind->type};
    size_t bad_at;
    switch (kind->type) {
    case LAW_BOOL:
        scalar.boolean = pd_str_is(value, "true");
        if (!scalar.boolean && !pd_str_is(value, "false"))
            return pd_fail(err, PD_INVALID, "%.*s is true or false; not \"%.*s\"", pd_arg(name),
                           pd_arg(value));
        break;
    case LAW_LONG:
        if (!pd_parse_i64(value, &scalar.number))
            return pd_fail(err, PD_INVALID, "%.*s is a whole number; not \"%.*s\"", pd_arg(name),
                           pd_arg(value));
        break;
    case LAW_STRING:
        if (value.len == 0 || value.len > TEXT_MAX)
            return pd_fail(err, PD_INVALID, "%.*s is a text of 1 to %d bytes; this has %zu",
                           pd_arg(name), TEXT_MAX, value.len);
        if (!pd_utf8_valid(value, &bad_at))
            return pd_fail(err, PD_INVALID, "%.*s: byte %zu is not UTF-8", pd_arg(name),
                           bad_at + 1);
        scalar.text = pd_arena_str(arena, value);
        if (scalar.text.data == NULL)
            return pd_fail_memory(err);
        if (!law_scalar_is_of(&scalar, kind))
            return fail_code(kind, value, arena, err);
        break;
    }
    *out = scalar;
    return PD_OK;
}
