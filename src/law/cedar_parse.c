/* Expressions: recursive descent over Cedar's grammar, one function per level of binding. */
#include "law/cedar_parser.h"

typedef const struct law_expression *expression;

static struct law_expression *make_binary(struct law_parser *p, enum law_expression_kind kind,
                                          struct law_place place, expression left,
                                          expression right) {
    return left && right ? law_expression_make_of(p, kind, place, left, right) : NULL;
}

/** `base.name`, as one GET. */
static expression make_get(struct law_parser *p, struct law_place place, expression base,
                           pd_str name) {
    pd_str *names = pd_arena_alloc(p->arena, sizeof(*names));
    struct law_expression *get =
        names ? law_expression_make_of(p, LAW_EXPR_GET, place, base, NULL) : NULL;
    if (!get) {
        law_parser_is_full(p);
        return NULL;
    }
    *names = name;
    get->names.list = names;
    get->names.count = 1;
    return get;
}

static expression parse_accesses(struct law_parser *p, expression e) {
    while (e) {
        pd_str text;
        if (law_token_accept(p, ".")) {
            struct law_token name = p->token;
            if (!law_token_name(p, "an attribute name", &text))
                return NULL;
            e = law_token_accept(p, "(") ? law_parse_call(p, name, e)
                                         : make_get(p, name.place, e, text);
        } else if (law_token_accept(p, "[")) {
            struct law_place place = p->token.place;
            if (!law_token_string(p, "an attribute name in quotes", &text) ||
                !law_token_expect(p, "]"))
                return NULL;
            e = make_get(p, place, e, text);
        } else {
            break;
        }
    }
    return e;
}

enum { SIGNS_MAX = 4 };

static expression parse_unary(struct law_parser *p) {
    struct law_place places[SIGNS_MAX];
    const char *sign = law_token_is(p, "!") ? "!" : "-";
    size_t count = 0;
    for (; law_token_is(p, sign); count++) {
        if (count == SIGNS_MAX) {
            law_parser_fail(p, p->token.place, "more than %d `%s` in a row", SIGNS_MAX, sign);
            return NULL;
        }
        places[count] = p->token.place;
        law_token_next(p);
    }
    expression e;
    if (count > 0 && *sign == '-' && p->token.kind == LAW_TOKEN_INTEGER) {
        /* The least Long has no positive twin, so a literal takes its sign along, unless an access
           follows, which binds tighter (and fails: a Long has no attributes). */
        struct law_parser before = *p;
        e = law_parse_integer(p, true);
        if (law_token_is(p, ".") || law_token_is(p, "[")) {
            *p = before;
            e = parse_accesses(p, law_parse_integer(p, false));
        } else {
            count--;
        }
    } else {
        e = parse_accesses(p, law_parse_primary(p));
    }
    while (e && count > 0) {
        count--;
        e = law_expression_make_of(p, *sign == '!' ? LAW_EXPR_NOT : LAW_EXPR_NEGATE, places[count],
                                   e, NULL);
    }
    return e;
}

static expression parse_product(struct law_parser *p) {
    expression left = parse_unary(p);
    while (left) {
        struct law_place place = p->token.place;
        if (law_token_is(p, "/") || law_token_is(p, "%")) {
            law_parser_fail(p, place, "Cedar has no division and no remainder");
            return NULL;
        }
        if (!law_token_accept(p, "*"))
            break;
        left = make_binary(p, LAW_EXPR_MULTIPLY, place, left, parse_unary(p));
    }
    return left;
}

static expression parse_sum(struct law_parser *p) {
    expression left = parse_product(p);
    while (left && (law_token_is(p, "+") || law_token_is(p, "-"))) {
        struct law_place place = p->token.place;
        enum law_expression_kind kind = law_token_is(p, "+") ? LAW_EXPR_ADD : LAW_EXPR_SUBTRACT;
        law_token_next(p);
        left = make_binary(p, kind, place, left, parse_product(p));
    }
    return left;
}

/** `e has name.name...` or `e has "name"`, behind `has`. */
static expression parse_has(struct law_parser *p, struct law_place place, expression e) {
    struct law_list names = {.item_size = sizeof(pd_str)};
    struct law_list places = {.item_size = sizeof(struct law_place)};
    bool is_quoted = p->token.kind == LAW_TOKEN_STRING;
    do {
        pd_str name;
        struct law_place *at = law_list_add(p, &places);
        if (!at)
            return NULL;
        *at = p->token.place;
        if (!(is_quoted ? law_token_string(p, "an attribute name", &name)
                        : law_token_name(p, "an attribute name", &name)))
            return NULL;
        pd_str *slot = law_list_add(p, &names);
        if (!slot)
            return NULL;
        *slot = name;
    } while (!is_quoted && law_token_accept(p, "."));
    if (names.count + e->height > LAW_NESTING_MAX) {
        law_parser_fail(p, place, "this expression nests more than %d deep", LAW_NESTING_MAX);
        return NULL;
    }
    struct law_expression *has = law_expression_make_of(p, LAW_EXPR_HAS, place, e, NULL);
    if (!has)
        return NULL;
    has->height = e->height + (unsigned)names.count;
    has->names.list = names.items;
    has->names.count = names.count;
    has->names.places = places.items;
    return has;
}

static expression parse_is(struct law_parser *p, struct law_place place, expression e) {
    struct law_token start = p->token;
    struct law_uid path;
    if (!law_parse_path(p, (struct law_token){0}, &path))
        return NULL;
    if (path.id.data) {
        law_parser_fail(p, start.place,
                        "`is` asks for a type: write `is %.*s`, or `==` for the "
                        "entity itself",
                        pd_arg(path.type));
        return NULL;
    }
    struct law_expression *is;
    if (law_token_accept(p, "in"))
        is = make_binary(p, LAW_EXPR_IS, place, e, parse_sum(p));
    else
        is = law_expression_make_of(p, LAW_EXPR_IS, place, e, NULL);
    if (is)
        is->type = path.type;
    return is;
}

static expression parse_like(struct law_parser *p, struct law_place place, expression e) {
    const pd_str *pieces = NULL;
    size_t count = 0;
    if (!law_token_pattern(p, &pieces, &count))
        return NULL;
    struct law_expression *like = law_expression_make_of(p, LAW_EXPR_LIKE, place, e, NULL);
    if (!like)
        return NULL;
    like->names.list = pieces;
    like->names.count = count;
    return like;
}

static const struct relation {
    const char *text;
    enum law_expression_kind kind;
} relations[] = {
    {"==", LAW_EXPR_EQUAL},      {"!=", LAW_EXPR_NOT_EQUAL}, {"<", LAW_EXPR_LESS},
    {"<=", LAW_EXPR_LESS_EQUAL}, {">", LAW_EXPR_GREATER},    {">=", LAW_EXPR_GREATER_EQUAL},
    {"in", LAW_EXPR_IN},         {"has", LAW_EXPR_HAS},      {"is", LAW_EXPR_IS},
    {"like", LAW_EXPR_LIKE},
};

static const struct relation *relation_next(const struct law_parser *p) {
    for (size_t i = 0; i < sizeof(relations) / sizeof(relations[0]); i++)
        if (law_token_is(p, relations[i].text))
            return &relations[i];
    return NULL;
}

static expression parse_relation(struct law_parser *p) {
    expression left = parse_sum(p);
    const struct relation *relation = left ? relation_next(p) : NULL;
    if (left && law_token_is(p, "=")) {
        law_parser_fail(p, p->token.place, "`=` is no operator: to compare, write `==`");
        return NULL;
    }
    if (!relation)
        return left;
    struct law_place place = p->token.place;
    law_token_next(p);
    expression e;
    switch (relation->kind) {
    case LAW_EXPR_HAS:
        e = parse_has(p, place, left);
        break;
    case LAW_EXPR_IS:
        e = parse_is(p, place, left);
        break;
    case LAW_EXPR_LIKE:
        e = parse_like(p, place, left);
        break;
    default:
        e = make_binary(p, relation->kind, place, left, parse_sum(p));
    }
    if (e && relation_next(p)) {
        law_parser_fail(p, p->token.place, "comparisons do not chain: put the first in brackets");
        return NULL;
    }
    return e;
}

/** `a && b && c` is one node, however long. */
static expression parse_chain(struct law_parser *p, const char *operator,
                              enum law_expression_kind kind,
                              expression (*parse_operand)(struct law_parser *)) {
    struct law_list list = {.item_size = sizeof(expression)};
    struct law_place place = p->token.place;
    expression first = NULL;
    do {
        expression operand = parse_operand(p);
        if (!first)
            first = operand;
        expression *slot = operand ? law_list_add(p, &list) : NULL;
        if (!slot)
            return NULL;
        *slot = operand;
    } while (law_token_accept(p, operator));
    return list.count == 1 ? first : law_expression_make(p, kind, place, list.items, list.count);
}

static expression parse_and(struct law_parser *p) {
    return parse_chain(p, "&&", LAW_EXPR_AND, parse_relation);
}

static expression parse_or(struct law_parser *p) {
    return parse_chain(p, "||", LAW_EXPR_OR, parse_and);
}

static expression parse_if(struct law_parser *p, struct law_place place) {
    static const char *const words[] = {"then", "else"};
    expression *operands = pd_arena_array(p->arena, 3, sizeof(*operands));
    if (!operands) {
        law_parser_is_full(p);
        return NULL;
    }
    for (size_t i = 0; i < 3; i++) {
        if (i > 0 && !law_token_expect(p, words[i - 1]))
            return NULL;
        operands[i] = law_parse_expression(p);
        if (!operands[i])
            return NULL;
    }
    return law_expression_make(p, LAW_EXPR_IF, place, operands, 3);
}

const struct law_expression *law_parse_expression(struct law_parser *p) {
    if (p->depth == LAW_NESTING_MAX) {
        law_parser_fail(p, p->token.place, "this expression nests more than %d deep",
                        LAW_NESTING_MAX);
        return NULL;
    }
    p->depth++;
    struct law_place place = p->token.place;
    expression e = law_token_accept(p, "if") ? parse_if(p, place) : parse_or(p);
    p->depth--;
    return e;
}
