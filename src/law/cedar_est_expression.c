/* Expressions in Cedar's JSON policy format: reading, into the tree that text is parsed into. */
#include "law/cedar_est.h"

#include <string.h>

typedef const struct law_expression *expression;

static expression read_value(struct law_est_reader *r, const struct law_json *json);

/** Reads each item; NULL on failure. */
static expression *read_items(struct law_est_reader *r, const struct law_json *list,
                              expression (*read)(struct law_est_reader *,
                                                 const struct law_json *)) {
    expression *items = pd_arena_array(r->p->arena, list->list.count + 1, sizeof(*items));
    if (!items)
        law_parser_is_full(r->p);
    for (size_t i = 0; items && i < list->list.count; i++) {
        items[i] = read(r, &list->list.items[i]);
        if (!items[i])
            return NULL;
    }
    return items;
}

static expression read_set(struct law_est_reader *r, const struct law_json *json,
                           expression (*read)(struct law_est_reader *, const struct law_json *)) {
    if (json->kind != LAW_JSON_ARRAY) {
        law_est_refuse(r, json, "a set is an array");
        return NULL;
    }
    expression *items = read_items(r, json, read);
    return items ? law_expression_set(r->p, law_est_place(r, json), items, json->list.count) : NULL;
}

static expression read_record(struct law_est_reader *r, const struct law_json *json,
                              expression (*read)(struct law_est_reader *,
                                                 const struct law_json *)) {
    if (json->kind != LAW_JSON_OBJECT) {
        law_est_refuse(r, json, "a record is an object");
        return NULL;
    }
    size_t count = json->list.count;
    expression *items = read_items(r, json, read);
    pd_str *names = pd_arena_array(r->p->arena, count + 1, sizeof(*names));
    if (!items || !names) {
        law_parser_is_full(r->p);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) /* an object's members are in byte order */
        names[i] = json->list.items[i].name;
    return law_expression_record(r->p, law_est_place(r, json), names, items, count);
}

static expression read_call(struct law_est_reader *r, const struct law_json *at, pd_str name,
                            const struct law_json *operands, size_t count,
                            expression (*read)(struct law_est_reader *, const struct law_json *)) {
    const struct law_function *function = law_function_find(name);
    if (!function) {
        law_est_refuse(r, at, "Cedar has no expression \"%.*s\"", pd_arg(name));
        return NULL;
    }
    if (count == 0 && function->is_method) {
        law_est_refuse(r, at, "the method %s needs its receiver as first argument", function->name);
        return NULL;
    }
    const struct law_json list = {.list = {operands, count}};
    expression *items = read_items(r, &list, read);
    return items ? law_expression_call(r->p, law_est_place(r, at), function, items, count) : NULL;
}

/** `{"__extn": {"fn", "arg"}}`, or "args" with several. */
static expression read_extension(struct law_est_reader *r, const struct law_json *json) {
    static const struct law_est_members shape = {1, 3, {"fn", "arg", "args"}};
    const struct law_json *m[LAW_EST_MEMBERS_MAX];
    pd_str name = PD_STR("");
    if (!law_est_take(r, json, &shape, m) || !law_est_string(r, m[0], "the function's name", &name))
        return NULL;
    if (!m[1] == !m[2] || (m[2] && m[2]->kind != LAW_JSON_ARRAY)) {
        law_est_refuse(r, json, "a call has either \"arg\" or an array \"args\"");
        return NULL;
    }
    return m[1] ? read_call(r, json, name, m[1], 1, read_value)
                : read_call(r, json, name, m[2]->list.items, m[2]->list.count, read_value);
}

/** What stands behind "Value": a literal, an entity, or a set or record of such. */
static expression read_value(struct law_est_reader *r, const struct law_json *json) {
    struct law_place place = law_est_place(r, json);
    const struct law_json *first =
        json->kind == LAW_JSON_OBJECT && json->list.count == 1 ? &json->list.items[0] : NULL;
    switch (json->kind) {
    case LAW_JSON_NULL:
        law_est_refuse(r, json, "Cedar has no null");
        return NULL;
    case LAW_JSON_BOOL:
        return law_expression_constant(r->p, place, law_value_bool(json->boolean));
    case LAW_JSON_INTEGER:
        return law_expression_constant(r->p, place, law_value_long(json->integer));
    case LAW_JSON_STRING:
        return law_expression_constant(r->p, place, law_value_string(json->text));
    case LAW_JSON_ARRAY:
        return read_set(r, json, read_value);
    case LAW_JSON_OBJECT:
        break;
    }
    if (first && pd_str_is(first->name, "__extn"))
        return read_extension(r, first);
    if (!first || !pd_str_is(first->name, "__entity"))
        return read_record(r, json, read_value);
    struct law_uid *uid = pd_arena_alloc(r->p->arena, sizeof(*uid));
    if (!uid) {
        law_parser_is_full(r->p);
        return NULL;
    }
    return law_est_uid(r, first, uid) ? law_expression_constant(r->p, place, law_value_entity(uid))
                                      : NULL;
}

static expression read_variable(struct law_est_reader *r, const struct law_json *body) {
    for (int v = 0; body->kind == LAW_JSON_STRING && v < LAW_VARIABLE_COUNT; v++) {
        if (pd_str_eq(body->text, law_variable_names[v])) {
            struct law_expression *e =
                law_expression_make(r->p, LAW_EXPR_VARIABLE, law_est_place(r, body), NULL, 0);
            if (e)
                e->variable = (enum law_variable)v;
            return e;
        }
    }
    law_est_refuse(r, body, "a variable is \"principal\", \"action\", \"resource\" or \"context\"");
    return NULL;
}

/** `{"left", "attr"}`; of `has` the attribute may be a list, for `left has a.b`. */
static expression read_access(struct law_est_reader *r, const struct law_json *body,
                              enum law_expression_kind kind) {
    static const struct law_est_members shape = {2, 2, {"left", "attr"}};
    const struct law_json *m[LAW_EST_MEMBERS_MAX];
    expression left = law_est_take(r, body, &shape, m) ? law_est_expression(r, m[0]) : NULL;
    if (!left)
        return NULL;
    bool is_list = kind == LAW_EXPR_HAS && m[1]->kind == LAW_JSON_ARRAY;
    const struct law_json *names = is_list ? m[1]->list.items : m[1];
    size_t count = is_list ? m[1]->list.count : 1;
    pd_str *list = pd_arena_array(r->p->arena, count + 1, sizeof(*list));
    if (!list)
        law_parser_is_full(r->p);
    for (size_t i = 0; list && i < count; i++)
        if (!law_est_string(r, &names[i], "an attribute's name", &list[i]))
            return NULL;
    if (count == 0 || count + left->height > LAW_NESTING_MAX) {
        law_est_refuse(r, m[1], "between one name and %d, less what \"left\" nests",
                       LAW_NESTING_MAX);
        return NULL;
    }
    struct law_expression *e =
        list ? law_expression_make_of(r->p, kind, law_est_place(r, body), left, NULL) : NULL;
    if (!e)
        return NULL;
    e->height = left->height + (unsigned)count;
    e->names.list = list;
    e->names.count = count;
    return e;
}

static expression read_is(struct law_est_reader *r, const struct law_json *body) {
    static const struct law_est_members shape = {2, 3, {"left", "entity_type", "in"}};
    const struct law_json *m[LAW_EST_MEMBERS_MAX];
    pd_str type = PD_STR("");
    if (!law_est_take(r, body, &shape, m) || !law_est_type(r, m[1], &type))
        return NULL;
    expression left = law_est_expression(r, m[0]);
    expression in = left && m[2] ? law_est_expression(r, m[2]) : NULL;
    if (!left || (m[2] && !in))
        return NULL;
    struct law_expression *e =
        law_expression_make_of(r->p, LAW_EXPR_IS, law_est_place(r, body), left, in);
    if (e)
        e->type = type;
    return e;
}

/** `["Wildcard", {"Literal": "x"}, ...]`; literals in a row are one piece. */
static bool read_pattern(struct law_est_reader *r, const struct law_json *json,
                         struct law_expression *like) {
    if (json->kind != LAW_JSON_ARRAY)
        return law_est_refuse(r, json,
                              "a pattern is an array of \"Wildcard\" and {\"Literal\": \"...\"}");
    pd_str *pieces = pd_arena_array(r->p->arena, json->list.count + 1, sizeof(*pieces));
    char *bytes = pd_arena_alloc(r->p->arena, json->end - json->offset);
    if (!pieces || !bytes)
        return law_parser_is_full(r->p);
    size_t count = 0, length = 0;
    pieces[0] = (pd_str){bytes, 0};
    for (size_t i = 0; i < json->list.count; i++) {
        const struct law_json *element = &json->list.items[i];
        const struct law_json *literal = law_json_find(element, "Literal");
        if (element->kind == LAW_JSON_STRING && pd_str_is(element->text, "Wildcard")) {
            pieces[++count] = (pd_str){bytes + length, 0};
        } else if (literal && literal->kind == LAW_JSON_STRING && element->list.count == 1) {
            /* what a literal decodes to is no longer than its text */
            memcpy(bytes + length, literal->text.data, literal->text.len);
            length += literal->text.len;
            pieces[count].len += literal->text.len;
        } else {
            return law_est_refuse(r, element, "expected \"Wildcard\" or {\"Literal\": \"...\"}");
        }
    }
    like->names.list = pieces;
    like->names.count = count + 1;
    return true;
}

static expression read_like(struct law_est_reader *r, const struct law_json *body) {
    static const struct law_est_members shape = {2, 2, {"left", "pattern"}};
    const struct law_json *m[LAW_EST_MEMBERS_MAX];
    expression left = law_est_take(r, body, &shape, m) ? law_est_expression(r, m[0]) : NULL;
    struct law_expression *like =
        left ? law_expression_make_of(r->p, LAW_EXPR_LIKE, law_est_place(r, body), left, NULL)
             : NULL;
    return like && read_pattern(r, m[1], like) ? like : NULL;
}

static expression read_if(struct law_est_reader *r, const struct law_json *body) {
    static const struct law_est_members shape = {3, 3, {"if", "then", "else"}};
    const struct law_json *m[LAW_EST_MEMBERS_MAX];
    expression *operands = pd_arena_array(r->p->arena, 3, sizeof(*operands));
    if (!operands)
        law_parser_is_full(r->p);
    if (!operands || !law_est_take(r, body, &shape, m))
        return NULL;
    for (size_t i = 0; i < 3; i++) {
        operands[i] = law_est_expression(r, m[i]);
        if (!operands[i])
            return NULL;
    }
    return law_expression_make(r->p, LAW_EXPR_IF, law_est_place(r, body), operands, 3);
}

static const struct law_est_members binary = {2, 2, {"left", "right"}};

/** `{"&&": {"left": {"&&": {"left": a, "right": b}}, "right": c}}` is one node, as in text. */
static expression read_chain(struct law_est_reader *r, const struct law_est_operator *operator,
                             const struct law_json * body) {
    const struct law_json *m[LAW_EST_MEMBERS_MAX];
    size_t count = 2;
    const struct law_json *last = body;
    for (;;) { /* counts the operands */
        if (!law_est_take(r, last, &binary, m))
            return NULL;
        const struct law_json *deeper =
            m[0]->kind == LAW_JSON_OBJECT && m[0]->list.count == 1 ? &m[0]->list.items[0] : NULL;
        if (!deeper || !pd_str_is(deeper->name, operator->key))
            break;
        last = deeper;
        count++;
    }
    expression *operands = pd_arena_array(r->p->arena, count, sizeof(*operands));
    if (!operands)
        law_parser_is_full(r->p);
    if (!operands || !(operands[0] = law_est_expression(r, m[0])))
        return NULL;
    last = body;
    for (size_t i = count - 1; i > 0; i--) {
        if (!law_est_take(r, last, &binary, m) || !(operands[i] = law_est_expression(r, m[1])))
            return NULL;
        if (i > 1)
            last = &m[0]->list.items[0];
    }
    return law_expression_make(r->p, operator->kind, law_est_place(r, body), operands, count);
}

static expression read_operator(struct law_est_reader *r, const struct law_est_operator *operator,
                                const struct law_json * body) {
    static const struct law_est_members unary = {1, 1, {"arg"}};
    const struct law_json *m[LAW_EST_MEMBERS_MAX];
    if (operator->shape == LAW_EST_CHAIN)
        return read_chain(r, operator, body);
    if (!law_est_take(r, body, operator->shape == LAW_EST_UNARY ? &unary : & binary, m))
        return NULL;
    expression first = law_est_expression(r, m[0]);
    expression second =
        first && operator->shape == LAW_EST_BINARY ? law_est_expression(r, m[1]) : NULL;
    if (!first || (operator->shape == LAW_EST_BINARY && !second))
        return NULL;
    return law_expression_make_of(r->p, operator->kind, law_est_place(r, body), first, second);
}

const struct law_expression *law_est_expression(struct law_est_reader *r,
                                                const struct law_json *json) {
    if (json->kind != LAW_JSON_OBJECT || json->list.count != 1) {
        law_est_refuse(
            r, json,
            "an expression is an object with one member, such as {\"Var\": \"principal\"}");
        return NULL;
    }
    const struct law_json *body = &json->list.items[0];
    const struct law_est_operator *operator= law_est_find(body->name);
    if (operator)
        return read_operator(r, operator, body);
    if (pd_str_is(body->name, "Value"))
        return read_value(r, body);
    if (pd_str_is(body->name, "Var"))
        return read_variable(r, body);
    if (pd_str_is(body->name, "."))
        return read_access(r, body, LAW_EXPR_GET);
    if (pd_str_is(body->name, "has"))
        return read_access(r, body, LAW_EXPR_HAS);
    if (pd_str_is(body->name, "is"))
        return read_is(r, body);
    if (pd_str_is(body->name, "like"))
        return read_like(r, body);
    if (pd_str_is(body->name, "if-then-else"))
        return read_if(r, body);
    if (pd_str_is(body->name, "Set"))
        return read_set(r, body, law_est_expression);
    if (pd_str_is(body->name, "Record"))
        return read_record(r, body, law_est_expression);
    if (pd_str_is(body->name, "Slot")) {
        law_est_refuse(r, body, "a slot may stand in the scope only, not in a condition");
        return NULL;
    }
    if (law_function_find(body->name) && body->kind != LAW_JSON_ARRAY) {
        law_est_refuse(r, body, "the arguments of %.*s are an array", pd_arg(body->name));
        return NULL;
    }
    bool is_list = body->kind == LAW_JSON_ARRAY;
    return read_call(r, body, body->name, is_list ? body->list.items : NULL,
                     is_list ? body->list.count : 0, law_est_expression);
}
