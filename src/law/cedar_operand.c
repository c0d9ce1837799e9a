/* What operators stand between: literals, names, sets, records, calls; and how nodes are made. */
#include "law/cedar_parser.h"

#include <stdlib.h>
#include <string.h>

typedef const struct law_expression *expression;

const pd_str law_variable_names[LAW_VARIABLE_COUNT] = {
    PD_STR_INIT("principal"), PD_STR_INIT("action"), PD_STR_INIT("resource"),
    PD_STR_INIT("context")};

/* ---- Making nodes ---- */

struct law_expression *law_expression_make(struct law_parser *p, enum law_expression_kind kind,
                                           struct law_place place, const expression *operands,
                                           size_t count) {
    unsigned height = 1;
    for (size_t i = 0; i < count; i++) {
        if (!operands[i])
            return NULL;
        if (operands[i]->height >= height)
            height = operands[i]->height + 1;
    }
    if (height > LAW_NESTING_MAX) {
        law_parser_fail(p, place, "this expression nests more than %d deep", LAW_NESTING_MAX);
        return NULL;
    }
    struct law_expression *e = p->status == PD_OK ? pd_arena_alloc(p->arena, sizeof(*e)) : NULL;
    if (!e) {
        law_parser_is_full(p);
        return NULL;
    }
    e->kind = kind;
    e->place = place;
    e->height = height;
    e->operands = operands;
    e->operand_count = count;
    return e;
}

struct law_expression *law_expression_make_of(struct law_parser *p, enum law_expression_kind kind,
                                              struct law_place place, expression first,
                                              expression second) {
    size_t count = second ? 2 : 1;
    expression *operands = pd_arena_array(p->arena, count, sizeof(expression));
    if (!operands) {
        law_parser_is_full(p);
        return NULL;
    }
    operands[0] = first;
    if (second)
        operands[1] = second;
    return law_expression_make(p, kind, place, operands, count);
}

struct law_expression *law_expression_constant(struct law_parser *p, struct law_place place,
                                               struct law_value value) {
    struct law_expression *e = law_expression_make(p, LAW_EXPR_CONSTANT, place, NULL, 0);
    if (e)
        e->constant = value;
    return e;
}

/** The operands' values if all are constants; NULL otherwise or when the arena is full. */
static struct law_value *constants(struct law_parser *p, const expression *operands, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!operands[i] || operands[i]->kind != LAW_EXPR_CONSTANT)
            return NULL;
    struct law_value *values = pd_arena_array(p->arena, count, sizeof(*values));
    for (size_t i = 0; values && i < count; i++)
        values[i] = operands[i]->constant;
    return values;
}

/* ---- Names, lists, records ---- */

bool law_parse_path(struct law_parser *p, struct law_token first, struct law_uid *out) {
    *out = (struct law_uid){0};
    if (!first.text.data) {
        first = p->token;
        pd_str name;
        if (!law_token_name(p, "an entity type", &name))
            return false;
    } else if (law_name_is_reserved(first.text)) {
        return law_parser_fail(p, first.place, "`%.*s` is a reserved word and names no entity type",
                               pd_arg(first.text));
    }
    size_t names_bytes = first.text.len;
    pd_str type = first.text;
    while (law_token_accept(p, "::")) {
        if (p->token.kind == LAW_TOKEN_STRING) {
            out->type = type;
            return law_token_string(p, "an entity id", &out->id);
        }
        size_t end = p->token.place.offset + p->token.text.len;
        pd_str name;
        if (!law_token_name(p, "an entity type or an id in quotes", &name))
            return false;
        names_bytes += 2 + name.len;
        if (end - first.place.offset == names_bytes)
            type = pd_str_sub(p->text, first.place.offset, names_bytes);
        else /* space or a comment stands between the names */
            type = pd_arena_printf(p->arena, "%.*s::%.*s", pd_arg(type), pd_arg(name));
        if (!type.data)
            return law_parser_is_full(p);
    }
    out->type = type;
    return true;
}

/** Consumes expressions up to `closing`, which is consumed too; a trailing comma is allowed. */
static bool parse_list(struct law_parser *p, const char *closing, struct law_list *list) {
    list->item_size = sizeof(expression);
    while (!law_token_is(p, closing)) {
        expression item = law_parse_expression(p);
        expression *slot = item ? law_list_add(p, list) : NULL;
        if (!slot)
            return false;
        *slot = item;
        if (!law_token_accept(p, ","))
            break;
    }
    return law_token_expect(p, closing);
}

expression law_expression_set(struct law_parser *p, struct law_place place, const expression *items,
                              size_t count) {
    struct law_expression *set = law_expression_make(p, LAW_EXPR_SET, place, items, count);
    struct law_value *values = set ? constants(p, items, count) : NULL;
    if (!values)
        return set;
    struct law_value value;
    if (law_value_set(p->arena, values, count, &value, p->err) != PD_OK) {
        law_parser_is_full(p);
        return NULL;
    }
    set->kind = LAW_EXPR_CONSTANT;
    set->constant = value;
    return set;
}

static expression parse_set(struct law_parser *p, struct law_place place) {
    struct law_list list = {0};
    return parse_list(p, "]", &list) ? law_expression_set(p, place, list.items, list.count) : NULL;
}

struct entry {
    pd_str key;
    struct law_place place;
    expression value;
};

static int compare_entries(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    int order = pd_str_cmp(x->key, y->key);
    if (order == 0)
        order = x->place.offset < y->place.offset ? -1 : x->place.offset > y->place.offset;
    return order;
}

static bool parse_entries(struct law_parser *p, struct law_list *entries) {
    entries->item_size = sizeof(struct entry);
    while (!law_token_is(p, "}")) {
        struct entry entry = {.place = p->token.place};
        bool is_named = p->token.kind == LAW_TOKEN_STRING
                            ? law_token_string(p, "a name", &entry.key)
                            : law_token_name(p, "an attribute name", &entry.key);
        if (!is_named || !law_token_expect(p, ":"))
            return false;
        entry.value = law_parse_expression(p);
        struct entry *slot = entry.value ? law_list_add(p, entries) : NULL;
        if (!slot)
            return false;
        *slot = entry;
        if (!law_token_accept(p, ","))
            break;
    }
    return law_token_expect(p, "}");
}

expression law_expression_record(struct law_parser *p, struct law_place place, const pd_str *names,
                                 const expression *operands, size_t count) {
    struct law_expression *record = law_expression_make(p, LAW_EXPR_RECORD, place, operands, count);
    if (!record)
        return NULL;
    struct law_value *values = constants(p, operands, count);
    struct law_member *members = values ? pd_arena_array(p->arena, count, sizeof(*members)) : NULL;
    if (!members) {
        record->names.list = names;
        record->names.count = count;
        return record;
    }
    for (size_t i = 0; i < count; i++)
        members[i] = (struct law_member){names[i], values[i]};
    record->kind = LAW_EXPR_CONSTANT;
    record->constant = (struct law_value){.kind = LAW_VALUE_RECORD, .record = {members, count}};
    return record;
}

static expression parse_record(struct law_parser *p, struct law_place place) {
    struct law_list list = {0};
    if (!parse_entries(p, &list))
        return NULL;
    struct entry *entries = list.items;
    if (list.count > 1)
        qsort(entries, list.count, sizeof(*entries), compare_entries);
    expression *operands = pd_arena_array(p->arena, list.count, sizeof(*operands));
    pd_str *names = pd_arena_array(p->arena, list.count, sizeof(*names));
    if (!operands || !names) {
        law_parser_is_full(p);
        return NULL;
    }
    for (size_t i = 0; i < list.count; i++) {
        if (i > 0 && pd_str_eq(entries[i].key, entries[i - 1].key)) {
            law_parser_fail(p, entries[i].place, "the record has `%.*s` already",
                            pd_arg(entries[i].key));
            return NULL;
        }
        operands[i] = entries[i].value;
        names[i] = entries[i].key;
    }
    return law_expression_record(p, place, names, operands, list.count);
}

/* ---- Calls ---- */

/** The methods that Cedar's core has; those of decimal, ip and so on are law_functions. */
static const struct core_method {
    const char *name;
    enum law_expression_kind kind;
    size_t arguments;
} core_methods[] = {
    {"contains", LAW_EXPR_CONTAINS, 1},        {"containsAll", LAW_EXPR_CONTAINS_ALL, 1},
    {"containsAny", LAW_EXPR_CONTAINS_ANY, 1}, {"isEmpty", LAW_EXPR_IS_EMPTY, 0},
    {"hasTag", LAW_EXPR_HAS_TAG, 1},           {"getTag", LAW_EXPR_GET_TAG, 1},
};

static const struct core_method *core_method_find(pd_str name) {
    for (size_t i = 0; i < sizeof(core_methods) / sizeof(core_methods[0]); i++)
        if (pd_str_is(name, core_methods[i].name))
            return &core_methods[i];
    return NULL;
}

expression law_expression_call(struct law_parser *p, struct law_place place,
                               const struct law_function *function, const expression *operands,
                               size_t count) {
    struct law_expression *call = law_expression_make(p, LAW_EXPR_CALL, place, operands, count);
    if (!call)
        return NULL;
    call->function = function;
    /* `decimal("1.50")` is read once, here; a bad one stays a call, whose evaluation is an error.
     */
    const struct law_value *values =
        count == function->arity ? constants(p, operands, count) : NULL;
    struct law_value value;
    if (values && !function->is_method && values[0].kind == function->operands[0] &&
        !function->call(values, &value)) {
        call->kind = LAW_EXPR_CONSTANT;
        call->constant = value;
    }
    return call;
}

static struct law_hint hint_call(pd_str given, bool is_method) {
    enum { NAMES_MAX = 64 };
    pd_str names[NAMES_MAX];
    size_t count = 0;
    const struct law_function *function;
    for (size_t i = 0; is_method && i < sizeof(core_methods) / sizeof(core_methods[0]); i++)
        names[count++] = pd_str_from(core_methods[i].name);
    for (size_t i = 0; (function = law_function_nth(i)) && count < NAMES_MAX; i++)
        if (function->is_method == is_method)
            names[count++] = pd_str_from(function->name);
    return law_hint(given, names, count);
}

/** `receiver.name(...)` or `name(...)`, behind the opening bracket; receiver NULL for a function.
 */
const struct law_expression *law_parse_call(struct law_parser *p, struct law_token name,
                                            expression receiver) {
    const struct core_method *core = core_method_find(name.text);
    const struct law_function *function = law_function_find(name.text);
    bool is_method = core || (function && function->is_method);
    if (!core && !function) {
        law_parser_fail(p, name.place, "Cedar has no %s `%.*s`%s", receiver ? "method" : "function",
                        pd_arg(name.text), hint_call(name.text, receiver != NULL).text);
        return NULL;
    }
    if (is_method != (receiver != NULL)) {
        law_parser_fail(p, name.place, "`%.*s` is a %s: write %.*s", pd_arg(name.text),
                        is_method ? "method" : "function", pd_arg(name.text));
        return NULL;
    }
    struct law_list list = {.item_size = sizeof(expression)};
    if (receiver) {
        expression *slot = law_list_add(p, &list);
        if (!slot)
            return NULL;
        *slot = receiver;
    }
    if (!parse_list(p, ")", &list))
        return NULL;
    if (core && list.count - 1 != core->arguments) {
        law_parser_fail(p, name.place, "`%s` takes %zu argument%s, not %zu", core->name,
                        core->arguments, core->arguments == 1 ? "" : "s", list.count - 1);
        return NULL;
    }
    return core ? law_expression_make(p, core->kind, name.place, list.items, list.count)
                : law_expression_call(p, name.place, function, list.items, list.count);
}

/* ---- Literals and names ---- */

const struct law_expression *law_parse_integer(struct law_parser *p, bool is_negated) {
    struct law_token token = p->token;
    uint64_t magnitude = 0;
    uint64_t most = (uint64_t)INT64_MAX + (is_negated ? 1 : 0);
    for (size_t i = 0; i < token.text.len; i++) {
        uint64_t digit = (uint64_t)(token.text.data[i] - '0');
        if (magnitude > (most - digit) / 10) {
            law_parser_fail(p, token.place,
                            "%.*s does not fit: a Long goes from -9223372036854775808 to "
                            "9223372036854775807",
                            pd_arg(token.text));
            return NULL;
        }
        magnitude = magnitude * 10 + digit;
    }
    law_token_next(p);
    /* Unsigned negation wraps, which makes 2^63 the least Long. */
    int64_t value = (int64_t)(is_negated ? 0 - magnitude : magnitude);
    return law_expression_constant(p, token.place, law_value_long(value));
}

static expression parse_entity_literal(struct law_parser *p, struct law_token first) {
    struct law_uid *uid = pd_arena_alloc(p->arena, sizeof(*uid));
    if (!uid) {
        law_parser_is_full(p);
        return NULL;
    }
    if (!law_parse_path(p, first, uid))
        return NULL;
    if (uid->id.data)
        return law_expression_constant(p, first.place, law_value_entity(uid));
    struct law_hint hint = law_hint(first.text, law_variable_names, LAW_VARIABLE_COUNT);
    if (law_token_is(p, "("))
        law_parser_fail(p, first.place, "Cedar has no function `%.*s`%s", pd_arg(uid->type),
                        hint_call(uid->type, false).text);
    else if (hint.text[0] && uid->type.len == first.text.len)
        law_parser_fail(p, first.place, "`%.*s` is no variable%s", pd_arg(uid->type), hint.text);
    else
        law_parser_fail(p, first.place,
                        "`%.*s` is no variable: there are principal, action, resource, context; "
                        "an entity is written %.*s::\"id\"",
                        pd_arg(uid->type), pd_arg(uid->type));
    return NULL;
}

static expression parse_name(struct law_parser *p) {
    struct law_token name = p->token;
    for (int i = 0; i < 2; i++) {
        if (law_token_is(p, i ? "true" : "false")) {
            law_token_next(p);
            return law_expression_constant(p, name.place, law_value_bool(i == 1));
        }
    }
    if (law_name_is_reserved(name.text)) {
        law_parser_expected(p, "an expression");
        return NULL;
    }
    law_token_next(p);
    if (law_token_is(p, "::"))
        return parse_entity_literal(p, name);
    if (law_token_accept(p, "("))
        return law_parse_call(p, name, NULL);
    for (int v = 0; v < LAW_VARIABLE_COUNT; v++) {
        if (pd_str_eq(name.text, law_variable_names[v])) {
            struct law_expression *e =
                law_expression_make(p, LAW_EXPR_VARIABLE, name.place, NULL, 0);
            if (e)
                e->variable = (enum law_variable)v;
            return e;
        }
    }
    return parse_entity_literal(p, name);
}

const struct law_expression *law_parse_primary(struct law_parser *p) {
    struct law_token token = p->token;
    switch (token.kind) {
    case LAW_TOKEN_NAME:
        return parse_name(p);
    case LAW_TOKEN_INTEGER:
        return law_parse_integer(p, false);
    case LAW_TOKEN_STRING: {
        pd_str text;
        return law_token_string(p, "a string", &text)
                   ? law_expression_constant(p, token.place, law_value_string(text))
                   : NULL;
    }
    case LAW_TOKEN_SLOT:
        law_parser_fail(p, token.place, "a slot may stand in the scope only, not in a condition");
        return NULL;
    default:
        break;
    }
    if (law_token_accept(p, "(")) {
        expression inner = law_parse_expression(p);
        return inner && law_token_expect(p, ")") ? inner : NULL;
    }
    if (law_token_accept(p, "["))
        return parse_set(p, token.place);
    if (law_token_accept(p, "{"))
        return parse_record(p, token.place);
    law_parser_expected(p, "an expression");
    return NULL;
}
