/* Strict typing of expressions, after Cedar's formal model (cedar-spec, Validation/Typechecker). */
#include "law/cedar_validate_impl.h"

#include <stdio.h>
#include <stdlib.h>

typedef const struct law_expression *expression;
typedef const struct law_capability *capabilities;

static const struct law_typing failed = {NULL, NULL, NULL};

static void add_fault(struct law_checker *c, struct law_place place, bool is_level,
                      const char *format, va_list args) {
    enum { MESSAGE_MAX = 400 };
    char message[MESSAGE_MAX];
    if (c->fault_count == LAW_PROBLEMS_MAX)
        return;
    vsnprintf(message, sizeof(message), format, args);
    struct law_fault *fault = &c->faults[c->fault_count];
    *fault = (struct law_fault){place, pd_arena_str(c->arena, pd_str_from(message)), is_level};
    if (fault->message.data)
        c->fault_count++;
    else
        c->status = PD_LIMIT;
}

void law_checker_fault(struct law_checker *c, struct law_place place, bool is_level,
                       const char *format, ...) {
    va_list args;
    va_start(args, format);
    add_fault(c, place, is_level, format, args);
    va_end(args);
}

const struct law_type *law_checker_fail(struct law_checker *c, struct law_place place,
                                        const char *format, ...) {
    if (c->status != PD_OK)
        return NULL;
    va_list args;
    va_start(args, format);
    add_fault(c, place, false, format, args);
    va_end(args);
    c->status = c->status == PD_OK ? PD_INVALID : c->status;
    return NULL;
}

static struct law_typing plain(const struct law_type *type) {
    return (struct law_typing){type, NULL, NULL};
}

static struct law_typing type_of_truth(bool is_true) {
    return plain(is_true ? &law_type_true : &law_type_false);
}

/** The types of all operands must join: for `what` they do not. */
static const struct law_type *join_or_fail(struct law_checker *c, struct law_place place,
                                           const struct law_type *a, const struct law_type *b,
                                           const char *what) {
    const struct law_type *joined = a && b ? law_type_join(c, a, b) : NULL;
    if (a && b && !joined)
        law_checker_fail(c, place, "%s: %.*s and %.*s", what, pd_arg(law_type_name(c, a)),
                         pd_arg(law_type_name(c, b)));
    return joined;
}

/** Types an operand that must be of `kind`. */
static struct law_typing expect_typing(struct law_checker *c, expression e, capabilities known,
                                       enum law_type_kind kind, const char *what) {
    struct law_typing t = law_checker_type(c, e, known);
    if (t.type && t.type->kind != kind)
        return plain(law_checker_fail(c, e->place, "%s is wanted here, not %.*s", what,
                                      pd_arg(law_type_name(c, t.type))));
    return t;
}

static const struct law_type *expect(struct law_checker *c, expression e, capabilities known,
                                     enum law_type_kind kind, const char *what) {
    return expect_typing(c, e, known, kind, what).type;
}

static struct law_typing expect_bool(struct law_checker *c, expression e, capabilities known) {
    struct law_typing t = law_checker_type(c, e, known);
    if (t.type && !law_type_is_bool(t.type)) {
        law_checker_fail(c, e->place, "a Bool is wanted here, not %.*s",
                         pd_arg(law_type_name(c, t.type)));
        return failed;
    }
    return t;
}

/** What is written as a literal, the action included, for it is known. False: it is none. */
static bool literal(const struct law_checker *c, expression e, struct law_value *out) {
    if (e->kind == LAW_EXPR_VARIABLE && e->variable == LAW_ACTION) {
        *out = law_value_entity(&c->schema->actions[c->action].uid);
        return true;
    }
    *out = e->kind == LAW_EXPR_CONSTANT ? e->constant : (struct law_value){0};
    return e->kind == LAW_EXPR_CONSTANT &&
           (out->kind == LAW_VALUE_BOOL || out->kind == LAW_VALUE_LONG ||
            out->kind == LAW_VALUE_STRING || out->kind == LAW_VALUE_ENTITY);
}

/* ---- Logic ---- */

/** Whether to look for more behind an operand that is wrong: not if it may have been a guard. */
static bool goes_on(struct law_checker *c, expression wrong) {
    if (c->status != PD_INVALID || wrong->kind == LAW_EXPR_OR || wrong->kind == LAW_EXPR_IF ||
        wrong->kind == LAW_EXPR_HAS || wrong->kind == LAW_EXPR_HAS_TAG)
        return false;
    c->status = PD_OK;
    return true;
}

/** What is wrong in one operand is told of each; `shown` holds then too. */
static struct law_typing type_and(struct law_checker *c, expression e, capabilities known) {
    struct law_typing all = {&law_type_true, NULL, NULL};
    for (size_t i = 0; i < e->operand_count; i++) {
        struct law_typing t = expect_bool(c, e->operands[i], known);
        if (!t.type && !goes_on(c, e->operands[i]))
            return failed;
        if (!t.type)
            all.type = NULL;
        else if (t.type->kind == LAW_TYPE_FALSE && all.type)
            return plain(t.type); /* what follows is never evaluated */
        else if (t.type->kind == LAW_TYPE_FALSE)
            break;
        else if (t.type->kind == LAW_TYPE_BOOL && all.type)
            all.type = t.type;
        known = law_capability_add(c, known, t.shown);
        all.shown = law_capability_add(c, all.shown, t.shown);
    }
    if (!all.type && c->status == PD_OK)
        c->status = PD_INVALID;
    return all;
}

static struct law_typing type_or(struct law_checker *c, expression e, capabilities known) {
    struct law_typing any = {&law_type_false, NULL, NULL};
    for (size_t i = 0; i < e->operand_count && any.type->kind != LAW_TYPE_TRUE; i++) {
        struct law_typing t = expect_bool(c, e->operands[i], known);
        if (!t.type)
            return failed;
        if (t.type->kind == LAW_TYPE_TRUE)
            any = plain(t.type);
        else if (any.type->kind == LAW_TYPE_FALSE)
            any = t;
        else if (t.type->kind == LAW_TYPE_BOOL)
            any.shown = law_capability_common(c, any.shown, t.shown);
    }
    return any;
}

static struct law_typing type_if(struct law_checker *c, expression e, capabilities known) {
    struct law_typing test = expect_bool(c, e->operands[0], known);
    if (!test.type)
        return failed;
    if (test.type->kind == LAW_TYPE_FALSE)
        return law_checker_type(c, e->operands[2], known);
    struct law_typing yes =
        law_checker_type(c, e->operands[1], law_capability_add(c, known, test.shown));
    yes.shown = law_capability_add(c, yes.shown, test.shown);
    if (!yes.type || test.type->kind == LAW_TYPE_TRUE)
        return yes;
    struct law_typing no = law_checker_type(c, e->operands[2], known);
    yes.type = join_or_fail(c, e->place, yes.type, no.type, "`then` and `else` are of two types");
    yes.reach = yes.type ? law_reach_join(c, yes.type, yes.reach, no.reach) : NULL;
    yes.shown = law_capability_common(c, yes.shown, no.shown);
    return yes;
}

static struct law_typing type_not(struct law_checker *c, expression e, capabilities known) {
    const struct law_type *type = expect_bool(c, e->operands[0], known).type;
    if (!type || type->kind == LAW_TYPE_BOOL)
        return plain(type);
    return type_of_truth(type->kind == LAW_TYPE_FALSE);
}

/* ---- Comparing ---- */

static struct law_typing type_equal(struct law_checker *c, expression e, capabilities known) {
    struct law_value x, y;
    bool negated = e->kind == LAW_EXPR_NOT_EQUAL;
    const struct law_type *a = law_checker_type(c, e->operands[0], known).type;
    const struct law_type *b = a ? law_checker_type(c, e->operands[1], known).type : NULL;
    if (!a || !b)
        return failed;
    if (literal(c, e->operands[0], &x) && literal(c, e->operands[1], &y))
        return type_of_truth((law_value_compare(&x, &y) == 0) != negated);
    if (a->kind == LAW_TYPE_ENTITY && b->kind == LAW_TYPE_ENTITY &&
        !pd_str_eq(a->entity, b->entity))
        return type_of_truth(negated);
    return plain(join_or_fail(c, e->place, a, b, "these can never be equal, of two types")
                     ? &law_type_bool
                     : NULL);
}

static struct law_typing type_order(struct law_checker *c, expression e, capabilities known) {
    const struct law_type *a = law_checker_type(c, e->operands[0], known).type;
    if (!a)
        return failed;
    if (a->kind != LAW_TYPE_LONG && a->kind != LAW_TYPE_DATETIME && a->kind != LAW_TYPE_DURATION)
        return plain(law_checker_fail(c, e->operands[0]->place,
                                      "only Long, datetime and duration have an order, not %.*s",
                                      pd_arg(law_type_name(c, a))));
    pd_str name = law_type_name(c, a);
    return plain(expect(c, e->operands[1], known, a->kind, name.data) ? &law_type_bool : NULL);
}

static struct law_typing type_arithmetic(struct law_checker *c, expression e, capabilities known) {
    for (size_t i = 0; i < e->operand_count; i++)
        if (!expect(c, e->operands[i], known, LAW_TYPE_LONG, "a Long"))
            return failed;
    return plain(&law_type_long);
}

/** Whether the action is, or is in, a literal entity. */
static bool is_action_in(const struct law_checker *c, size_t action, const struct law_uid *uid) {
    size_t group = law_schema_find_action(c->schema, uid);
    return group != PD_NPOS &&
           (group == action || law_indices_has(&c->schema->actions[action].ancestors, group));
}

/** Of an action in literal entities the answer is known; false: these are not such. */
static bool decide_action_in(const struct law_checker *c, expression e, bool *is_in) {
    struct law_value left, right;
    expression list = e->operands[1];
    *is_in = false;
    if (!literal(c, e->operands[0], &left) || left.kind != LAW_VALUE_ENTITY)
        return false;
    size_t action = law_schema_find_action(c->schema, left.entity);
    if (action == PD_NPOS)
        return false;
    if (literal(c, list, &right)) {
        *is_in = is_action_in(c, action, right.entity);
        return true;
    }
    if (list->kind == LAW_EXPR_CONSTANT) { /* a set, as its type was checked */
        for (size_t i = 0; i < list->constant.set.count; i++)
            *is_in |= is_action_in(c, action, list->constant.set.items[i].entity);
        return true;
    }
    for (size_t i = 0; i < list->operand_count; i++) {
        if (list->kind != LAW_EXPR_SET || !literal(c, list->operands[i], &right))
            return false;
        *is_in |= is_action_in(c, action, right.entity);
    }
    return list->kind == LAW_EXPR_SET;
}

/** The second operand of `in` or `is T in` is e->operands[1]. */
static struct law_typing type_in(struct law_checker *c, expression e, capabilities known) {
    bool is_in = false;
    struct law_typing left = expect_typing(c, e->operands[0], known, LAW_TYPE_ENTITY, "an entity");
    const struct law_type *a = left.type;
    const struct law_type *b = a ? law_checker_type(c, e->operands[1], known).type : NULL;
    if (!b)
        return failed;
    law_level_read(c, e->place, e->operands[0], left.reach);
    const struct law_type *target = b->kind == LAW_TYPE_SET ? b->element : b;
    if (target->kind != LAW_TYPE_ENTITY)
        return plain(law_checker_fail(c, e->operands[1]->place,
                                      "an entity or a set of them is wanted here, not %.*s",
                                      pd_arg(law_type_name(c, b))));
    if (decide_action_in(c, e, &is_in))
        return type_of_truth(is_in);
    return plain(law_schema_may_be_in(c->schema, a->entity, target->entity) ? &law_type_bool
                                                                            : &law_type_false);
}

static struct law_typing type_is(struct law_checker *c, expression e, capabilities known) {
    const struct law_type *a = expect(c, e->operands[0], known, LAW_TYPE_ENTITY, "an entity");
    if (!a)
        return failed;
    bool is_it = pd_str_eq(a->entity, e->type);
    return is_it && e->operand_count > 1 ? type_in(c, e, known) : type_of_truth(is_it);
}

/* ---- Attributes and tags ---- */

/** The record of an entity's or a record's attributes; NULL on failure. */
static const struct law_type *attributes_of(struct law_checker *c, expression e,
                                            const struct law_type *type) {
    static const struct law_type none = {.kind = LAW_TYPE_RECORD, .size = 1};
    if (type->kind == LAW_TYPE_RECORD)
        return type;
    if (type->kind != LAW_TYPE_ENTITY)
        return law_checker_fail(c, e->place, "%.*s has no attributes",
                                pd_arg(law_type_name(c, type)));
    size_t kind = law_schema_find_kind(c->schema, type->entity);
    return kind == PD_NPOS ? &none : c->schema->kinds[kind].shape; /* actions have none */
}

/** `on has name`, where `on` is of `type`. */
static struct law_typing type_has_one(struct law_checker *c, expression on, pd_str name,
                                      const struct law_type *type, capabilities known) {
    struct law_capability wanted = {.on = on, .attribute = name};
    const struct law_type *record = attributes_of(c, on, type);
    const struct law_attribute *attribute = record ? law_type_attribute(record, name) : NULL;
    if (!record)
        return failed;
    if (!attribute)
        return type_of_truth(false);
    /* An entity may be missing from the store, so that even a required attribute may. */
    if ((type->kind == LAW_TYPE_RECORD && !attribute->is_optional) ||
        law_capability_is_known(c, known, &wanted))
        return type_of_truth(true);
    return (struct law_typing){&law_type_bool, law_capability_add(c, NULL, &wanted), NULL};
}

static struct law_typing type_attribute(struct law_checker *c, expression e, expression on,
                                        struct law_typing base, capabilities known) {
    struct law_capability wanted = {.on = on, .attribute = e->names.list[0]};
    const struct law_type *type = base.type;
    const struct law_type *record = attributes_of(c, on, type);
    const struct law_attribute *attribute =
        record ? law_type_attribute(record, wanted.attribute) : NULL;
    if (!record)
        return failed;
    if (attribute && (!attribute->is_optional || law_capability_is_known(c, known, &wanted)))
        return (struct law_typing){
            attribute->type, NULL,
            type->kind == LAW_TYPE_ENTITY
                ? law_level_read(c, e->place, on, base.reach)
                : law_reach_member(base.reach, (size_t)(attribute - record->attributes.list))};
    if (attribute)
        return plain(law_checker_fail(c, e->place,
                                      "`%.*s` may be missing: guard it with `has %.*s &&` before",
                                      pd_arg(wanted.attribute), pd_arg(wanted.attribute)));
    size_t count = record->attributes.count;
    pd_str *names = pd_arena_array(c->arena, count, sizeof(*names));
    for (size_t i = 0; names && i < count; i++)
        names[i] = record->attributes.list[i].name;
    return plain(law_checker_fail(c, e->place, "%.*s has no attribute `%.*s`%s",
                                  pd_arg(law_type_name(c, type)), pd_arg(wanted.attribute),
                                  law_hint(wanted.attribute, names, names ? count : 0).text));
}

static struct law_typing type_get(struct law_checker *c, expression e, capabilities known) {
    struct law_typing base = law_checker_type(c, e->operands[0], known);
    return base.type ? type_attribute(c, e, e->operands[0], base, known) : failed;
}

/** `on.name` as an expression, to be known by; NULL on failure. */
static expression make_get(struct law_checker *c, expression on, const pd_str *name) {
    struct law_expression *get = pd_arena_alloc(c->arena, sizeof(*get));
    expression *operands = pd_arena_alloc(c->arena, sizeof(*operands));
    if (!get || !operands) {
        c->status = c->status == PD_OK ? PD_LIMIT : c->status;
        return NULL;
    }
    *operands = on;
    *get = (struct law_expression){.kind = LAW_EXPR_GET,
                                   .height = on->height + 1,
                                   .place = on->place,
                                   .operands = operands,
                                   .operand_count = 1,
                                   .names = {name, 1}};
    return get;
}

/** `e has a.b` is `e has a && e.a has b`. */
static struct law_typing type_has(struct law_checker *c, expression e, capabilities known) {
    expression on = e->operands[0];
    struct law_typing base = law_checker_type(c, on, known);
    struct law_typing all = {&law_type_true, NULL, NULL};
    for (size_t i = 0; base.type && i < e->names.count; i++) {
        struct law_typing t = type_has_one(c, on, e->names.list[i], base.type, known);
        if (t.type && base.type->kind == LAW_TYPE_ENTITY)
            law_level_read(c, e->place, on, base.reach);
        if (!t.type || t.type->kind == LAW_TYPE_FALSE)
            return plain(t.type);
        if (t.type->kind == LAW_TYPE_BOOL)
            all.type = t.type;
        known = law_capability_add(c, known, t.shown);
        all.shown = law_capability_add(c, all.shown, t.shown);
        if (i + 1 == e->names.count)
            return all;
        expression get = make_get(c, on, &e->names.list[i]);
        base = get ? type_attribute(c, get, on, base, known) : failed;
        on = get;
    }
    return failed;
}

static struct law_typing type_tag(struct law_checker *c, expression e, capabilities known) {
    struct law_capability wanted = {.on = e->operands[0], .key = e->operands[1]};
    struct law_typing base = expect_typing(c, wanted.on, known, LAW_TYPE_ENTITY, "an entity");
    const struct law_type *on = base.type;
    if (!on || !expect(c, wanted.key, known, LAW_TYPE_STRING, "a String"))
        return failed;
    const struct law_reach *reach = law_level_read(c, e->place, wanted.on, base.reach);
    size_t kind = law_schema_find_kind(c->schema, on->entity);
    const struct law_type *tags = kind == PD_NPOS ? NULL : c->schema->kinds[kind].tags;
    bool is_known = law_capability_is_known(c, known, &wanted);
    if (e->kind == LAW_EXPR_GET_TAG && !tags)
        return plain(law_checker_fail(c, e->place, "%.*s has no tags", pd_arg(on->entity)));
    if (e->kind == LAW_EXPR_GET_TAG && is_known)
        return (struct law_typing){tags, NULL, reach};
    if (e->kind == LAW_EXPR_GET_TAG)
        return plain(law_checker_fail(c, e->place,
                                      "the tag may be missing: guard it with `hasTag(...) &&` "
                                      "before"));
    if (!tags || is_known)
        return type_of_truth(is_known);
    return (struct law_typing){&law_type_bool, law_capability_add(c, NULL, &wanted), NULL};
}

/* ---- Sets and records ---- */

static struct law_typing type_set(struct law_checker *c, expression e, capabilities known) {
    const struct law_type *element = NULL;
    for (size_t i = 0; i < e->operand_count; i++) {
        const struct law_type *t = law_checker_type(c, e->operands[i], known).type;
        element = i == 0 ? t
                         : join_or_fail(c, e->operands[i]->place, element, t,
                                        "a set holds one type, not two");
        if (!element)
            return failed;
    }
    if (!element)
        return plain(law_checker_fail(c, e->place, "the type of an empty set cannot be told"));
    struct law_type *set = pd_arena_alloc(c->arena, sizeof(*set));
    if (set)
        *set = (struct law_type){.kind = LAW_TYPE_SET, .size = 1, .element = element};
    return plain(set);
}

static struct law_typing type_record(struct law_checker *c, expression e, capabilities known) {
    struct law_type *record = pd_arena_alloc(c->arena, sizeof(*record));
    struct law_attribute *list = pd_arena_array(c->arena, e->operand_count, sizeof(*list));
    const struct law_reach **reaches =
        pd_arena_array(c->arena, e->operand_count, sizeof(const struct law_reach *));
    bool is_plain = true;
    if (!record || !list || !reaches)
        return failed;
    for (size_t i = 0; i < e->operand_count; i++) {
        struct law_typing member = law_checker_type(c, e->operands[i], known);
        if (!member.type)
            return failed;
        list[i].name = e->names.list[i];
        list[i].type = member.type;
        reaches[i] = member.reach;
        is_plain = is_plain && !member.reach;
    }
    *record = (struct law_type){
        .kind = LAW_TYPE_RECORD, .size = 1, .attributes = {list, e->operand_count}};
    return (struct law_typing){record, NULL, is_plain ? NULL : law_reach_of_record(c, reaches)};
}

static struct law_typing type_contains(struct law_checker *c, expression e, capabilities known) {
    const struct law_type *set = expect(c, e->operands[0], known, LAW_TYPE_SET, "a set");
    if (!set || e->kind == LAW_EXPR_IS_EMPTY)
        return plain(set ? &law_type_bool : NULL);
    const struct law_type *other = e->kind == LAW_EXPR_CONTAINS
                                       ? law_checker_type(c, e->operands[1], known).type
                                       : expect(c, e->operands[1], known, LAW_TYPE_SET, "a set");
    const struct law_type *mine = e->kind == LAW_EXPR_CONTAINS ? set->element : set;
    return plain(join_or_fail(c, e->place, mine, other, "it can never hold these, of two types")
                     ? &law_type_bool
                     : NULL);
}

/* ---- Calls ---- */

static const struct law_type *type_of_kind(enum law_value_kind kind) {
    switch (kind) {
    case LAW_VALUE_DECIMAL:
        return &law_type_decimal;
    case LAW_VALUE_IP:
        return &law_type_ip;
    case LAW_VALUE_DATETIME:
        return &law_type_datetime;
    case LAW_VALUE_DURATION:
        return &law_type_duration;
    default:
        return &law_type_string;
    }
}

/** What methods give that is no Bool. */
static const struct law_type *result_of(const struct law_function *function) {
    static const struct {
        const char *name;
        const struct law_type *type;
    } results[] = {
        {"offset", &law_type_datetime},     {"durationSince", &law_type_duration},
        {"toDate", &law_type_datetime},     {"toTime", &law_type_duration},
        {"toMilliseconds", &law_type_long}, {"toSeconds", &law_type_long},
        {"toMinutes", &law_type_long},      {"toHours", &law_type_long},
        {"toDays", &law_type_long},
    };
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
        if (pd_str_is(pd_str_from(function->name), results[i].name))
            return results[i].type;
    return &law_type_bool;
}

static struct law_typing type_call(struct law_checker *c, expression e, capabilities known) {
    const struct law_function *f = e->function;
    if (e->operand_count != f->arity)
        return plain(law_checker_fail(c, e->place, "`%s` takes %u operand%s, not %zu", f->name,
                                      f->arity, f->arity == 1 ? "" : "s", e->operand_count));
    for (size_t i = 0; i < f->arity; i++) {
        const struct law_type *type = type_of_kind(f->operands[i]);
        if (!expect(c, e->operands[i], known, type->kind, law_type_name(c, type).data))
            return failed;
    }
    if (f->is_method)
        return plain(result_of(f));
    /* A good literal has become a constant already. */
    struct law_value value;
    const char *wrong = e->operands[0]->kind == LAW_EXPR_CONSTANT
                            ? f->call(&e->operands[0]->constant, &value)
                            : "only a literal can be checked beforehand";
    return plain(law_checker_fail(c, e->place, "`%s`: %s", f->name, wrong ? wrong : ""));
}

static const struct law_type *type_variable(struct law_checker *c, expression e) {
    switch (e->variable) {
    case LAW_PRINCIPAL:
        return &c->principal;
    case LAW_ACTION:
        return &c->action_type;
    case LAW_RESOURCE:
        return &c->resource;
    default:
        return c->schema->actions[c->action].context;
    }
}

static struct law_typing type_any(struct law_checker *c, expression e, capabilities known) {
    switch (e->kind) {
    case LAW_EXPR_CONSTANT:
        return (struct law_typing){law_type_of_value(c, e->place, &e->constant), NULL,
                                   law_reach_of_value(c, &e->constant)};
    case LAW_EXPR_VARIABLE:
        return plain(type_variable(c, e));
    case LAW_EXPR_AND:
        return type_and(c, e, known);
    case LAW_EXPR_OR:
        return type_or(c, e, known);
    case LAW_EXPR_IF:
        return type_if(c, e, known);
    case LAW_EXPR_NOT:
        return type_not(c, e, known);
    case LAW_EXPR_EQUAL:
    case LAW_EXPR_NOT_EQUAL:
        return type_equal(c, e, known);
    case LAW_EXPR_LESS:
    case LAW_EXPR_LESS_EQUAL:
    case LAW_EXPR_GREATER:
    case LAW_EXPR_GREATER_EQUAL:
        return type_order(c, e, known);
    case LAW_EXPR_NEGATE:
    case LAW_EXPR_ADD:
    case LAW_EXPR_SUBTRACT:
    case LAW_EXPR_MULTIPLY:
        return type_arithmetic(c, e, known);
    case LAW_EXPR_IN:
        return type_in(c, e, known);
    case LAW_EXPR_IS:
        return type_is(c, e, known);
    case LAW_EXPR_LIKE:
        return plain(expect(c, e->operands[0], known, LAW_TYPE_STRING, "a String") ? &law_type_bool
                                                                                   : NULL);
    case LAW_EXPR_HAS:
        return type_has(c, e, known);
    case LAW_EXPR_GET:
        return type_get(c, e, known);
    case LAW_EXPR_HAS_TAG:
    case LAW_EXPR_GET_TAG:
        return type_tag(c, e, known);
    case LAW_EXPR_CONTAINS:
    case LAW_EXPR_CONTAINS_ALL:
    case LAW_EXPR_CONTAINS_ANY:
    case LAW_EXPR_IS_EMPTY:
        return type_contains(c, e, known);
    case LAW_EXPR_SET:
        return type_set(c, e, known);
    case LAW_EXPR_RECORD:
        return type_record(c, e, known);
    case LAW_EXPR_CALL:
        return type_call(c, e, known);
    }
    return failed;
}

struct law_typing law_checker_type(struct law_checker *c, const struct law_expression *e,
                                   const struct law_capability *known) {
    struct law_typing typing = failed;
    if (c->steps_left == 0 && c->status == PD_OK)
        c->status = PD_LIMIT;
    if (c->status != PD_OK)
        return failed;
    c->steps_left--;
    typing = type_any(c, e, known);
    if (!typing.type && c->status == PD_OK)
        c->status = PD_LIMIT; /* nothing was refused, so there was no room */
    if (c->status != PD_OK)
        typing.type = NULL;
    return typing;
}
