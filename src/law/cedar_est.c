/* Cedar's JSON policy format (docs.cedarpolicy.com, "JSON policy format"): what its readers share.
 */
#include "law/cedar_est.h"

enum { STRIDE = 256 }; /* bytes of the document between two marks */

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

static bool mark_places(struct law_est_reader *r) {
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

struct law_place law_est_place(const struct law_est_reader *r, const struct law_json *json) {
    return law_place_advance(r->p->text, r->marks[json->offset / STRIDE], json->offset);
}

bool law_est_refuse(struct law_est_reader *r, const struct law_json *at, const char *format, ...) {
    if (r->p->status != PD_OK)
        return false;
    va_list args;
    va_start(args, format);
    r->p->status =
        law_text_fail(r->p->err, r->p->name, r->p->text, law_est_place(r, at), format, args);
    va_end(args);
    return false;
}

static struct law_hint hint_member(const struct law_est_members *shape, pd_str given) {
    pd_str names[LAW_EST_MEMBERS_MAX];
    for (size_t i = 0; i < shape->count; i++)
        names[i] = pd_str_from(shape->names[i]);
    return law_hint(given, names, shape->count);
}

bool law_est_take(struct law_est_reader *r, const struct law_json *object,
                  const struct law_est_members *shape,
                  const struct law_json *out[LAW_EST_MEMBERS_MAX]) {
    size_t found = 0;
    if (object->kind != LAW_JSON_OBJECT)
        return law_est_refuse(r, object, "expected an object with the member \"%s\"",
                              shape->names[0]);
    for (size_t i = 0; i < shape->count; i++) {
        out[i] = law_json_find(object, shape->names[i]);
        found += out[i] != NULL;
        if (!out[i] && i < shape->required)
            return law_est_refuse(r, object, "the member \"%s\" is missing here", shape->names[i]);
    }
    for (size_t i = 0; found < object->list.count && i < object->list.count; i++) {
        const struct law_json *member = &object->list.items[i];
        bool is_known = false;
        for (size_t j = 0; j < shape->count; j++)
            is_known = is_known || pd_str_is(member->name, shape->names[j]);
        if (!is_known)
            return law_est_refuse(r, member, "the member \"%.*s\" has no meaning here%s",
                                  pd_arg(member->name), hint_member(shape, member->name).text);
    }
    return true;
}

bool law_est_string(struct law_est_reader *r, const struct law_json *json, const char *what,
                    pd_str *out) {
    if (json->kind != LAW_JSON_STRING)
        return law_est_refuse(r, json, "%s is a string", what);
    *out = json->text;
    return true;
}

bool law_est_type(struct law_est_reader *r, const struct law_json *json, pd_str *out) {
    if (!law_est_string(r, json, "an entity type", out))
        return false;
    return law_type_is_valid(*out) ||
           law_est_refuse(r, json,
                          "\"%.*s\" is no entity type: names joined by `::`, none reserved",
                          pd_arg(*out));
}

bool law_est_uid(struct law_est_reader *r, const struct law_json *json, struct law_uid *out) {
    enum pd_status st = law_json_uid(&r->document, json, out, r->p->err);
    if (st != PD_OK)
        r->p->status = st;
    return st == PD_OK;
}

bool law_est_start(struct law_est_reader *r, struct law_parser *p) {
    *r = (struct law_est_reader){.p = p};
    enum pd_status st = law_json_parse(p->name, p->text, p->arena, &r->document, p->err);
    if (st != PD_OK)
        p->status = st;
    return st == PD_OK && mark_places(r);
}
