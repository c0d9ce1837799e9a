/* Policies in Cedar's JSON policy format (docs.cedarpolicy.com, "JSON policy format"): reading. */
#include "law/cedar_est.h"
#include "law/cedar_parser.h"

#include <stdlib.h>
#include <string.h>

typedef const struct law_expression *expression;

enum { STRIDE = 256 }; /* bytes of the document between two marks */

struct reader {
    struct law_parser *p;
    struct law_document document;
    const struct law_place *marks; /* of every STRIDE-th byte, so that a place is found quickly */
};

static const struct law_est_operator operators[] = {
    {"==", LAW_EXPR_EQUAL, LAW_EST_BINARY},
    {"!=", LAW_EXPR_NOT_EQUAL, LAW_EST_BINARY},
    {"<", LAW_EXPR_LESS, LAW_EST_BINARY},
    {"<=", LAW_EXPR_LESS_EQUAL, LAW_EST_BINARY},
    {">", LAW_EXPR_GREATER, LAW_EST_BINARY},
    {">=", LAW_EXPR_GREATER_EQUAL, LAW_EST_BINARY},
    {"+", LAW_EXPR_ADD, LAW_EST_BINARY},
    {"-", LAW_EXPR_SUBTRACT, LAW_EST_BINARY},
    {"*", LAW_EXPR_MULTIPLY, LAW_EST_BINARY},
    {"in", LAW_EXPR_IN, LAW_EST_BINARY},
    {"contains", LAW_EXPR_CONTAINS, LAW_EST_BINARY},
    {"containsAll", LAW_EXPR_CONTAINS_ALL, LAW_EST_BINARY},
    {"containsAny", LAW_EXPR_CONTAINS_ANY, LAW_EST_BINARY},
    {"hasTag", LAW_EXPR_HAS_TAG, LAW_EST_BINARY},
    {"getTag", LAW_EXPR_GET_TAG, LAW_EST_BINARY},
    {"&&", LAW_EXPR_AND, LAW_EST_CHAIN},
    {"||", LAW_EXPR_OR, LAW_EST_CHAIN},
    {"!", LAW_EXPR_NOT, LAW_EST_UNARY},
    {"neg", LAW_EXPR_NEGATE, LAW_EST_UNARY},
    {"isEmpty", LAW_EXPR_IS_EMPTY, LAW_EST_UNARY},
};
enum { OPERATOR_COUNT = sizeof(operators) / sizeof(operators[0]) };

const struct law_est_operator *law_est_find(pd_str key) {
    for (size_t i = 0; i < OPERATOR_COUNT; i++)
        if (pd_str_is(key, operators[i].key))
            return &operators[i];
    return NULL;
}

const struct law_est_operator *law_est_get(enum law_expression_kind kind) {
    for (size_t i = 0; i < OPERATOR_COUNT; i++)
        if (operators[i].kind == kind)
            return &operators[i];
    return NULL;
}

/* ---- Places, refusals, members ---- */

static bool mark_places(struct reader *r) {
    pd_str text = r->p->text;
    struct law_place *marks = pd_arena_array(r->p->arena, text.len / STRIDE + 1, sizeof(*marks));
    if (!marks)
        return law_parser_is_full(r->p);
    marks[0] = LAW_PLACE_START;
    for (size_t i = 1; i <= text.len / STRIDE; i++)
        marks[i] = law_place_advance(text, marks[i - 1], i * STRIDE);
    r->marks = marks;
    return true;
}

static struct law_place place_of(const struct reader *r, const struct law_json *json) {
    return law_place_advance(r->p->text, r->marks[json->offset / STRIDE], json->offset);
}

static pd_str text_of(const struct reader *r, const struct law_json *json) {
    return pd_str_sub(r->p->text, json->offset, json->end - json->offset);
}

PD_PRINTF(3, 4)
static bool refuse(struct reader *r, const struct law_json *at, const char *format, ...) {
    if (r->p->status != PD_OK)
        return false;
    va_list args;
    va_start(args, format);
    r->p->status = law_text_fail(r->p->err, r->p->name, r->p->text, place_of(r, at), format, args);
    va_end(args);
    return false;
}

enum { MEMBERS_MAX = 6 };
/** Which members an object may have. The first `required` must be there. */
struct shape {
    size_t required, count;
    const char *names[MEMBERS_MAX];
};

/** Finds the members of an object, those that are absent as NULL; none else may be there. */
static bool take(struct reader *r, const struct law_json *object, const struct shape *shape,
                 const struct law_json *out[MEMBERS_MAX]) {
    size_t found = 0;
    if (object->kind != LAW_JSON_OBJECT)
        return refuse(r, object, "expected an object with the member \"%s\"", shape->names[0]);
    for (size_t i = 0; i < shape->count; i++) {
        out[i] = law_json_find(object, shape->names[i]);
        found += out[i] != NULL;
        if (!out[i] && i < shape->required)
            return refuse(r, object, "the member \"%s\" is missing here", shape->names[i]);
    }
    for (size_t i = 0; found < object->list.count && i < object->list.count; i++) {
        const struct law_json *member = &object->list.items[i];
        bool is_known = false;
        for (size_t j = 0; j < shape->count; j++)
            is_known = is_known || pd_str_is(member->name, shape->names[j]);
        if (!is_known)
            return refuse(r, member, "the member \"%.*s\" has no meaning here",
                          pd_arg(member->name));
    }
    return true;
}

static bool take_string(struct reader *r, const struct law_json *json, const char *what,
                        pd_str *out) {
    if (json->kind != LAW_JSON_STRING)
        return refuse(r, json, "%s is a string", what);
    *out = json->text;
    return true;
}

static bool take_type(struct reader *r, const struct law_json *json, pd_str *out) {
    if (!take_string(r, json, "an entity type", out))
        return false;
    return law_type_is_valid(*out) ||
           refuse(r, json, "\"%.*s\" is no entity type: names joined by `::`, none reserved",
                  pd_arg(*out));
}

static bool take_uid(struct reader *r, const struct law_json *json, struct law_uid *out) {
    enum pd_status st = law_json_uid(&r->document, json, out, r->p->err);
    if (st != PD_OK)
        r->p->status = st;
    return st == PD_OK;
}

static int compare_offsets(const void *a, const void *b) {
    const struct law_json *const *x = a, *const *y = b;
    return (*x)->offset < (*y)->offset ? -1 : (*x)->offset > (*y)->offset;
}

/** An object's members in the order written; NULL when the arena is full. */
static const struct law_json **as_written(struct reader *r, const struct law_json *object) {
    size_t count = object->list.count;
    const struct law_json **members = pd_arena_array(r->p->arena, count + 1, sizeof(*members));
    if (!members) {
        law_parser_is_full(r->p);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        members[i] = &object->list.items[i];
    qsort(members, count, sizeof(*members), compare_offsets);
    return members;
}

/* ---- Expressions ---- */

static expression read_expression(struct reader *r, const struct law_json *json);
static expression read_value(struct reader *r, const struct law_json *json);

/** Reads each item; NULL on failure. */
static expression *read_items(struct reader *r, const struct law_json *list,
                              expression (*read)(struct reader *, const struct law_json *)) {
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

static expression read_set(struct reader *r, const struct law_json *json,
                           expression (*read)(struct reader *, const struct law_json *)) {
    if (json->kind != LAW_JSON_ARRAY) {
        refuse(r, json, "a set is an array");
        return NULL;
    }
    expression *items = read_items(r, json, read);
    return items ? law_expression_set(r->p, place_of(r, json), items, json->list.count) : NULL;
}

static expression read_record(struct reader *r, const struct law_json *json,
                              expression (*read)(struct reader *, const struct law_json *)) {
    if (json->kind != LAW_JSON_OBJECT) {
        refuse(r, json, "a record is an object");
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
    return law_expression_record(r->p, place_of(r, json), names, items, count);
}

static expression read_call(struct reader *r, const struct law_json *at, pd_str name,
                            const struct law_json *operands, size_t count,
                            expression (*read)(struct reader *, const struct law_json *)) {
    const struct law_function *function = law_function_find(name);
    if (!function) {
        refuse(r, at, "Cedar has no expression \"%.*s\"", pd_arg(name));
        return NULL;
    }
    if (count == 0 && function->is_method) {
        refuse(r, at, "the method %s needs its receiver as first argument", function->name);
        return NULL;
    }
    const struct law_json list = {.list = {operands, count}};
    expression *items = read_items(r, &list, read);
    return items ? law_expression_call(r->p, place_of(r, at), function, items, count) : NULL;
}

/** `{"__extn": {"fn", "arg"}}`, or "args" with several. */
static expression read_extension(struct reader *r, const struct law_json *json) {
    static const struct shape shape = {1, 3, {"fn", "arg", "args"}};
    const struct law_json *m[MEMBERS_MAX];
    pd_str name = PD_STR("");
    if (!take(r, json, &shape, m) || !take_string(r, m[0], "the function's name", &name))
        return NULL;
    if (!m[1] == !m[2] || (m[2] && m[2]->kind != LAW_JSON_ARRAY)) {
        refuse(r, json, "a call has either \"arg\" or an array \"args\"");
        return NULL;
    }
    return m[1] ? read_call(r, json, name, m[1], 1, read_value)
                : read_call(r, json, name, m[2]->list.items, m[2]->list.count, read_value);
}

/** What stands behind "Value": a literal, an entity, or a set or record of such. */
static expression read_value(struct reader *r, const struct law_json *json) {
    struct law_place place = place_of(r, json);
    const struct law_json *first =
        json->kind == LAW_JSON_OBJECT && json->list.count == 1 ? &json->list.items[0] : NULL;
    switch (json->kind) {
    case LAW_JSON_NULL:
        refuse(r, json, "Cedar has no null");
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
    return take_uid(r, first, uid) ? law_expression_constant(r->p, place, law_value_entity(uid))
                                   : NULL;
}

static expression read_variable(struct reader *r, const struct law_json *body) {
    for (int v = 0; body->kind == LAW_JSON_STRING && v < LAW_VARIABLE_COUNT; v++) {
        if (pd_str_eq(body->text, law_variable_names[v])) {
            struct law_expression *e =
                law_expression_make(r->p, LAW_EXPR_VARIABLE, place_of(r, body), NULL, 0);
            if (e)
                e->variable = (enum law_variable)v;
            return e;
        }
    }
    refuse(r, body, "a variable is \"principal\", \"action\", \"resource\" or \"context\"");
    return NULL;
}

/** `{"left", "attr"}`; of `has` the attribute may be a list, for `left has a.b`. */
static expression read_access(struct reader *r, const struct law_json *body,
                              enum law_expression_kind kind) {
    static const struct shape shape = {2, 2, {"left", "attr"}};
    const struct law_json *m[MEMBERS_MAX];
    expression left = take(r, body, &shape, m) ? read_expression(r, m[0]) : NULL;
    if (!left)
        return NULL;
    bool is_list = kind == LAW_EXPR_HAS && m[1]->kind == LAW_JSON_ARRAY;
    const struct law_json *names = is_list ? m[1]->list.items : m[1];
    size_t count = is_list ? m[1]->list.count : 1;
    pd_str *list = pd_arena_array(r->p->arena, count + 1, sizeof(*list));
    if (!list)
        law_parser_is_full(r->p);
    for (size_t i = 0; list && i < count; i++)
        if (!take_string(r, &names[i], "an attribute's name", &list[i]))
            return NULL;
    if (count == 0 || count + left->height > LAW_NESTING_MAX) {
        refuse(r, m[1], "between one name and %d, less what \"left\" nests", LAW_NESTING_MAX);
        return NULL;
    }
    struct law_expression *e =
        list ? law_expression_make_of(r->p, kind, place_of(r, body), left, NULL) : NULL;
    if (!e)
        return NULL;
    e->height = left->height + (unsigned)count;
    e->names.list = list;
    e->names.count = count;
    return e;
}

static expression read_is(struct reader *r, const struct law_json *body) {
    static const struct shape shape = {2, 3, {"left", "entity_type", "in"}};
    const struct law_json *m[MEMBERS_MAX];
    pd_str type = PD_STR("");
    if (!take(r, body, &shape, m) || !take_type(r, m[1], &type))
        return NULL;
    expression left = read_expression(r, m[0]);
    expression in = left && m[2] ? read_expression(r, m[2]) : NULL;
    if (!left || (m[2] && !in))
        return NULL;
    struct law_expression *e =
        law_expression_make_of(r->p, LAW_EXPR_IS, place_of(r, body), left, in);
    if (e)
        e->type = type;
    return e;
}

/** `["Wildcard", {"Literal": "x"}, ...]`; literals in a row are one piece. */
static bool read_pattern(struct reader *r, const struct law_json *json,
                         struct law_expression *like) {
    if (json->kind != LAW_JSON_ARRAY)
        return refuse(r, json, "a pattern is an array of \"Wildcard\" and {\"Literal\": \"...\"}");
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
            return refuse(r, element, "expected \"Wildcard\" or {\"Literal\": \"...\"}");
        }
    }
    like->names.list = pieces;
    like->names.count = count + 1;
    return true;
}

static expression read_like(struct reader *r, const struct law_json *body) {
    static const struct shape shape = {2, 2, {"left", "pattern"}};
    const struct law_json *m[MEMBERS_MAX];
    expression left = take(r, body, &shape, m) ? read_expression(r, m[0]) : NULL;
    struct law_expression *like =
        left ? law_expression_make_of(r->p, LAW_EXPR_LIKE, place_of(r, body), left, NULL) : NULL;
    return like && read_pattern(r, m[1], like) ? like : NULL;
}

static expression read_if(struct reader *r, const struct law_json *body) {
    static const struct shape shape = {3, 3, {"if", "then", "else"}};
    const struct law_json *m[MEMBERS_MAX];
    expression *operands = pd_arena_array(r->p->arena, 3, sizeof(*operands));
    if (!operands)
        law_parser_is_full(r->p);
    if (!operands || !take(r, body, &shape, m))
        return NULL;
    for (size_t i = 0; i < 3; i++) {
        operands[i] = read_expression(r, m[i]);
        if (!operands[i])
            return NULL;
    }
    return law_expression_make(r->p, LAW_EXPR_IF, place_of(r, body), operands, 3);
}

static const struct shape binary = {2, 2, {"left", "right"}};

/** `{"&&": {"left": {"&&": {"left": a, "right": b}}, "right": c}}` is one node, as in text. */
static expression read_chain(struct reader *r, const struct law_est_operator *operator,
                             const struct law_json * body) {
    const struct law_json *m[MEMBERS_MAX];
    size_t count = 2;
    const struct law_json *last = body;
    for (;;) { /* counts the operands */
        if (!take(r, last, &binary, m))
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
    if (!operands || !(operands[0] = read_expression(r, m[0])))
        return NULL;
    last = body;
    for (size_t i = count - 1; i > 0; i--) {
        if (!take(r, last, &binary, m) || !(operands[i] = read_expression(r, m[1])))
            return NULL;
        last = &m[0]->list.items[0];
    }
    return law_expression_make(r->p, operator->kind, place_of(r, body), operands, count);
}

static expression read_operator(struct reader *r, const struct law_est_operator *operator,
                                const struct law_json * body) {
    static const struct shape unary = {1, 1, {"arg"}};
    const struct law_json *m[MEMBERS_MAX];
    if (operator->shape == LAW_EST_CHAIN)
        return read_chain(r, operator, body);
    if (!take(r, body, operator->shape == LAW_EST_UNARY ? &unary : & binary, m))
        return NULL;
    expression first = read_expression(r, m[0]);
    expression second =
        first && operator->shape == LAW_EST_BINARY ? read_expression(r, m[1]) : NULL;
    if (!first || (operator->shape == LAW_EST_BINARY && !second))
        return NULL;
    return law_expression_make_of(r->p, operator->kind, place_of(r, body), first, second);
}

static expression read_expression(struct reader *r, const struct law_json *json) {
    if (json->kind != LAW_JSON_OBJECT || json->list.count != 1) {
        refuse(r, json,
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
        return read_set(r, body, read_expression);
    if (pd_str_is(body->name, "Record"))
        return read_record(r, body, read_expression);
    if (pd_str_is(body->name, "Slot")) {
        refuse(r, body, "a slot may stand in the scope only, not in a condition");
        return NULL;
    }
    if (law_function_find(body->name) && body->kind != LAW_JSON_ARRAY) {
        refuse(r, body, "the arguments of %.*s are an array", pd_arg(body->name));
        return NULL;
    }
    bool is_list = body->kind == LAW_JSON_ARRAY;
    return read_call(r, body, body->name, is_list ? body->list.items : NULL,
                     is_list ? body->list.count : 0, read_expression);
}

/* ---- Policies ---- */

/** The one of "entity", "slot" and (of an action) "entities" that is there. */
static bool read_target(struct reader *r, const struct law_json *at, enum law_variable v,
                        const struct law_json *const m[3], struct law_scope *scope) {
    const struct law_json *entity = m[0], *slot = m[1], *entities = m[2];
    if (!!entity + !!slot + !!entities != 1)
        return refuse(r, at,
                      "expected one of \"entity\" and \"slot\" (or \"entities\", of an "
                      "action behind \"in\")");
    if (slot) {
        pd_str name = PD_STR("");
        if (!take_string(r, slot, "a slot", &name))
            return false;
        if (v == LAW_ACTION || name.len == 0 || name.data[0] != '?' ||
            !pd_str_eq(pd_str_sub(name, 1, SIZE_MAX), law_variable_names[v]))
            return refuse(r, slot, "the slot \"%.*s\" cannot stand for the %.*s", pd_arg(name),
                          pd_arg(law_variable_names[v]));
        scope->has_slot = true;
        return true;
    }
    if (entities && entities->kind != LAW_JSON_ARRAY)
        return refuse(r, entities, "\"entities\" is an array");
    size_t count = entities ? entities->list.count : 1;
    struct law_uid *uids = pd_arena_array(r->p->arena, count + 1, sizeof(*uids));
    if (!uids)
        return law_parser_is_full(r->p);
    for (size_t i = 0; i < count; i++) {
        const struct law_json *item = entities ? &entities->list.items[i] : entity;
        if (!take_uid(r, item, &uids[i]))
            return false;
        if (v == LAW_ACTION && !pd_str_is(uids[i].type, "Action") &&
            !pd_str_ends(uids[i].type, PD_STR("::Action")))
            return refuse(r, item, "an action is of type Action, not %.*s", pd_arg(uids[i].type));
    }
    scope->is_single = !entities;
    scope->entities = uids;
    scope->entity_count = count;
    return true;
}

static bool read_scope_is(struct reader *r, const struct law_json *type, const struct law_json *in,
                          enum law_variable v, struct law_scope *scope) {
    static const struct shape shape = {0, 2, {"entity", "slot"}};
    const struct law_json *m[MEMBERS_MAX] = {0};
    scope->form = in ? LAW_SCOPE_IS_IN : LAW_SCOPE_IS;
    if (v == LAW_ACTION)
        return refuse(r, type, "an action has no \"is\"");
    return take_type(r, type, &scope->type) &&
           (!in || (take(r, in, &shape, m) && read_target(r, in, v, m, scope)));
}

static bool read_scope(struct reader *r, const struct law_json *json, enum law_variable v,
                       struct law_scope *scope) {
    static const struct shape shape = {
        1, 6, {"op", "entity", "slot", "entities", "entity_type", "in"}};
    const struct law_json *m[MEMBERS_MAX];
    pd_str op = PD_STR("");
    scope->place = place_of(r, json);
    if (!take(r, json, &shape, m) || !take_string(r, m[0], "\"op\"", &op))
        return false;
    bool has_target = m[1] || m[2] || m[3], is_typed = m[4] != NULL, has_in = m[5] != NULL;
    if (pd_str_is(op, "All") && !has_target && !is_typed && !has_in)
        return true;
    if (pd_str_is(op, "is") && is_typed && !has_target)
        return read_scope_is(r, m[4], m[5], v, scope);
    bool is_equal = pd_str_is(op, "==");
    if ((!is_equal && !pd_str_is(op, "in")) || is_typed || has_in ||
        (m[3] && (is_equal || v != LAW_ACTION)))
        return refuse(r, json,
                      "a scope is {\"op\": \"All\"}, {\"op\": \"==\" or \"in\", \"entity\" or "
                      "\"slot\"}, {\"op\": \"is\", \"entity_type\", \"in\"?}, and of an action "
                      "{\"op\": \"in\", \"entities\"}");
    scope->form = is_equal ? LAW_SCOPE_EQUAL : LAW_SCOPE_IN;
    return read_target(r, json, v, &m[1], scope);
}

static bool is_annotation_key(pd_str key) {
    for (size_t i = 0; i < key.len; i++) {
        char c = key.data[i];
        bool is_letter = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return key.len > 0;
}

static bool read_annotations(struct reader *r, const struct law_json *json,
                             struct law_policy *policy) {
    if (json->kind != LAW_JSON_OBJECT || json->list.count > LAW_ANNOTATIONS_MAX)
        return refuse(r, json, "annotations are an object of at most %d members",
                      LAW_ANNOTATIONS_MAX);
    const struct law_json **members = as_written(r, json);
    struct law_annotation *list = pd_arena_array(r->p->arena, json->list.count + 1, sizeof(*list));
    if (!members || !list)
        return law_parser_is_full(r->p);
    for (size_t i = 0; i < json->list.count; i++) {
        const struct law_json *member = members[i];
        bool is_bare = member->kind == LAW_JSON_NULL;
        if (!is_bare && member->kind != LAW_JSON_STRING)
            return refuse(r, member, "an annotation's value is a string or null");
        if (!is_annotation_key(member->name))
            return refuse(r, member, "\"%.*s\" is no name of an annotation: letters, digits, _",
                          pd_arg(member->name));
        list[i] = (struct law_annotation){.key = member->name,
                                          .value = is_bare ? PD_STR("") : member->text,
                                          .is_bare = is_bare,
                                          .place = place_of(r, member)};
    }
    policy->annotations = list;
    policy->annotation_count = json->list.count;
    return true;
}

static bool read_conditions(struct reader *r, const struct law_json *json,
                            struct law_policy *policy) {
    static const struct shape shape = {2, 2, {"kind", "body"}};
    if (json->kind != LAW_JSON_ARRAY)
        return refuse(r, json, "\"conditions\" is an array");
    struct law_clause *clauses =
        pd_arena_array(r->p->arena, json->list.count + 1, sizeof(*clauses));
    if (!clauses)
        return law_parser_is_full(r->p);
    for (size_t i = 0; i < json->list.count; i++) {
        const struct law_json *item = &json->list.items[i], *m[MEMBERS_MAX];
        pd_str kind = PD_STR("");
        if (!take(r, item, &shape, m) || !take_string(r, m[0], "\"kind\"", &kind))
            return false;
        bool is_unless = pd_str_is(kind, "unless");
        if (!is_unless && !pd_str_is(kind, "when"))
            return refuse(r, m[0], "\"kind\" is \"when\" or \"unless\"");
        clauses[i] = (struct law_clause){.is_unless = is_unless,
                                         .text = text_of(r, item),
                                         .place = place_of(r, item),
                                         .body = read_expression(r, m[1])};
        if (!clauses[i].body)
            return false;
    }
    policy->clauses = clauses;
    policy->clause_count = json->list.count;
    return true;
}

static struct law_policy *read_policy(struct reader *r, const struct law_json *json, pd_str id) {
    static const struct shape shape = {
        5, 6, {"effect", "principal", "action", "resource", "conditions", "annotations"}};
    const struct law_json *m[MEMBERS_MAX];
    pd_str effect = PD_STR("");
    struct law_policy *policy = pd_arena_alloc(r->p->arena, sizeof(*policy));
    if (!policy) {
        law_parser_is_full(r->p);
        return NULL;
    }
    *policy = (struct law_policy){
        .id = id, .name = r->p->name, .text = text_of(r, json), .place = place_of(r, json)};
    if (!take(r, json, &shape, m) || !take_string(r, m[0], "\"effect\"", &effect))
        return NULL;
    policy->effect = pd_str_is(effect, "forbid") ? LAW_EFFECT_FORBID : LAW_EFFECT_PERMIT;
    if (policy->effect == LAW_EFFECT_PERMIT && !pd_str_is(effect, "permit")) {
        refuse(r, m[0], "\"effect\" is \"permit\" or \"forbid\"");
        return NULL;
    }
    struct law_scope *const scopes[] = {&policy->principal, &policy->action, &policy->resource};
    for (int v = 0; v < 3; v++) {
        if (!read_scope(r, m[1 + v], (enum law_variable)v, scopes[v]))
            return NULL;
        policy->is_template |= scopes[v]->has_slot;
    }
    return read_conditions(r, m[4], policy) && (!m[5] || read_annotations(r, m[5], policy)) ? policy
                                                                                            : NULL;
}

/* ---- Sets ---- */

static bool start(struct reader *r, struct law_parser *p) {
    *r = (struct reader){.p = p};
    enum pd_status st = law_json_parse(p->name, p->text, p->arena, &r->document, p->err);
    if (st != PD_OK)
        p->status = st;
    return st == PD_OK && mark_places(r);
}

static bool add(struct law_parser *p, struct law_list *list, struct law_policy *policy) {
    struct law_policy **slot = policy ? law_list_add(p, list) : NULL;
    if (slot)
        *slot = policy;
    return slot != NULL;
}

static bool read_policies(struct reader *r, const struct law_json *json, bool are_templates,
                          struct law_list *out) {
    if (json->kind != LAW_JSON_OBJECT)
        return refuse(r, json, "expected an object: policies by their ids");
    const struct law_json **members = as_written(r, json);
    for (size_t i = 0; members && i < json->list.count; i++) {
        struct law_policy *policy = read_policy(r, members[i], members[i]->name);
        if (!add(r->p, out, policy))
            return false;
        if (policy->is_template != are_templates)
            return refuse(r, members[i],
                          are_templates ? "a template needs a slot; this is a static policy"
                                        : "a static policy has no slot; this is a template");
    }
    return members != NULL;
}

static bool read_links(struct reader *r, const struct law_json *json, struct law_list *out) {
    static const struct shape shape = {3, 3, {"templateId", "newId", "values"}};
    static const struct shape slots = {0, 2, {"?principal", "?resource"}};
    if (json->kind != LAW_JSON_ARRAY)
        return refuse(r, json, "\"templateLinks\" is an array");
    for (size_t i = 0; i < json->list.count; i++) {
        const struct law_json *item = &json->list.items[i];
        const struct law_json *m[MEMBERS_MAX], *values[MEMBERS_MAX];
        struct law_link link = {.place = place_of(r, item)};
        if (!take(r, item, &shape, m) ||
            !take_string(r, m[0], "\"templateId\"", &link.template_id) ||
            !take_string(r, m[1], "\"newId\"", &link.id) || !take(r, m[2], &slots, values))
            return false;
        struct law_uid *uids = pd_arena_array(r->p->arena, 2, sizeof(*uids));
        if (!uids)
            return law_parser_is_full(r->p);
        if ((values[0] && !take_uid(r, values[0], &uids[0])) ||
            (values[1] && !take_uid(r, values[1], &uids[1])))
            return false;
        link.principal = values[0] ? &uids[0] : NULL;
        link.resource = values[1] ? &uids[1] : NULL;
        struct law_link *slot = law_list_add(r->p, out);
        if (!slot)
            return false;
        *slot = link;
    }
    return true;
}

static bool read_document(struct law_parser *p, void *context, struct law_list *policies,
                          struct law_list *links) {
    static const struct shape shape = {0, 3, {"staticPolicies", "templates", "templateLinks"}};
    (void)context; /* the ids stand in the document */
    struct reader r;
    const struct law_json *m[MEMBERS_MAX];
    return start(&r, p) && take(&r, r.document.root, &shape, m) &&
           (!m[0] || read_policies(&r, m[0], false, policies)) &&
           (!m[1] || read_policies(&r, m[1], true, policies)) &&
           (!m[2] || read_links(&r, m[2], links));
}

static bool read_single(struct law_parser *p, void *context, struct law_list *policies,
                        struct law_list *links) {
    (void)links; /* one policy has none */
    struct reader r;
    pd_str id = pd_arena_str(p->arena, *(const pd_str *)context);
    if (!id.data)
        return law_parser_is_full(p);
    return start(&r, p) && add(p, policies, read_policy(&r, r.document.root, id));
}

enum pd_status law_policies_parse_json(struct law_policies *set, pd_str name, pd_str json,
                                       struct pd_error *err) {
    return law_policies_add(set, name, json, LAW_IDS_NUMBERED, read_document, NULL, err);
}

enum pd_status law_policy_parse_json(struct law_policies *set, pd_str id, pd_str name, pd_str json,
                                     struct pd_error *err) {
    return law_policies_add(set, name, json, LAW_IDS_NUMBERED, read_single, &id, err);
}
