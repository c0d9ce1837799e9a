/* What guards have shown: `e has a` makes `e.a` safe, wherever the same e is written again. */
#include "law/cedar_validate_impl.h"

static bool is_same(struct law_checker *c, const struct law_expression *a,
                    const struct law_expression *b);

static bool has_same_names(const struct law_expression *a, const struct law_expression *b) {
    if (a->names.count != b->names.count)
        return false;
    for (size_t i = 0; i < a->names.count; i++)
        if (!pd_str_eq(a->names.list[i], b->names.list[i]))
            return false;
    return true;
}

static bool has_same_content(const struct law_expression *a, const struct law_expression *b) {
    switch (a->kind) {
    case LAW_EXPR_CONSTANT:
        return law_value_compare(&a->constant, &b->constant) == 0;
    case LAW_EXPR_VARIABLE:
        return a->variable == b->variable;
    case LAW_EXPR_IS:
        return pd_str_eq(a->type, b->type);
    case LAW_EXPR_CALL:
        return a->function == b->function;
    case LAW_EXPR_GET:
    case LAW_EXPR_HAS:
    case LAW_EXPR_LIKE:
    case LAW_EXPR_RECORD:
        return has_same_names(a, b);
    default:
        return true;
    }
}

/** Whether two expressions are written alike, and so mean the same. */
static bool is_same(struct law_checker *c, const struct law_expression *a,
                    const struct law_expression *b) {
    if (a == b)
        return true;
    if (c->steps_left == 0) /* law_checker_type then fails for lack of steps */
        return false;
    c->steps_left--;
    if (a->kind != b->kind || a->operand_count != b->operand_count || a->height != b->height ||
        !has_same_content(a, b))
        return false;
    for (size_t i = 0; i < a->operand_count; i++)
        if (!is_same(c, a->operands[i], b->operands[i]))
            return false;
    return true;
}

bool law_capability_is_known(struct law_checker *c, const struct law_capability *known,
                             const struct law_capability *wanted) {
    for (; known && c->steps_left > 0; known = known->next) {
        c->steps_left--;
        if (!known->key == !wanted->key && pd_str_eq(known->attribute, wanted->attribute) &&
            is_same(c, known->on, wanted->on) &&
            (!known->key || is_same(c, known->key, wanted->key)))
            return true;
    }
    return false;
}

static const struct law_capability *prepend(struct law_checker *c,
                                            const struct law_capability *list,
                                            const struct law_capability *item) {
    struct law_capability *copy = pd_arena_alloc(c->arena, sizeof(*copy));
    if (!copy) {
        c->status = c->status == PD_OK ? PD_LIMIT : c->status;
        return list;
    }
    *copy = *item;
    copy->next = list;
    return copy;
}

const struct law_capability *law_capability_add(struct law_checker *c,
                                                const struct law_capability *list,
                                                const struct law_capability *more) {
    for (; more; more = more->next)
        list = prepend(c, list, more);
    return list;
}

const struct law_capability *law_capability_common(struct law_checker *c,
                                                   const struct law_capability *a,
                                                   const struct law_capability *b) {
    const struct law_capability *common = NULL;
    for (; a; a = a->next)
        if (law_capability_is_known(c, b, a))
            common = prepend(c, common, a);
    return common;
}
