/*
 * Evaluation: one function per kind of expression. Errors leave through law_eval_fail. Unknown
 * operands are looked for only where an operand is not what it should be, so that they cost nothing
 * else.
 */
#include "law/cedar_eval.h"

#include <stdio.h>
#include <string.h>

bool law_eval_fail(struct law_evaluator *ev, const struct law_expression *at, const char *format,
                   ...) {
    char sentence[400];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    ev->failed_at = at;
    ev->message = pd_arena_printf(ev->arena, "%.*s:%u:%u: %s", pd_arg(ev->policy->name),
                                  at->place.line, at->place.column, sentence);
    if (!ev->message.data)
        ev->is_full = true;
    return false;
}

static bool is_full(struct law_evaluator *ev) {
    ev->is_full = true;
    return false;
}

/** The result hangs on `v` (and `w`, may be NULL), one of which is unknown. */
static bool give_unknown(struct law_evaluator *ev, const struct law_value *v,
                         const struct law_value *w, struct law_value *out) {
    struct law_value unknown = {.kind = LAW_VALUE_BOOL};
    if (!law_unknown_join(ev->arena, &unknown, v) ||
        (w && !law_unknown_join(ev->arena, &unknown, w)))
        return is_full(ev);
    *out = unknown;
    return true;
}

bool law_eval_unfit(struct law_evaluator *ev, const struct law_expression *operand,
                    const struct law_value *v, const char *needed, struct law_value *out) {
    if (v->kind == LAW_VALUE_UNKNOWN)
        return give_unknown(ev, v, NULL, out);
    return law_eval_fail(ev, operand, "this must be %s, but is %s", needed, law_kind_name(v->kind));
}

bool law_eval_unfit_pair(struct law_evaluator *ev, const struct law_expression *e,
                         const struct law_value v[2], enum law_value_kind first,
                         enum law_value_kind second, struct law_value *out) {
    if (v[0].kind == LAW_VALUE_UNKNOWN || v[1].kind == LAW_VALUE_UNKNOWN)
        return give_unknown(ev, &v[0], v[1].kind == LAW_VALUE_UNKNOWN ? &v[1] : NULL, out);
    if (v[0].kind != first)
        return law_eval_unfit(ev, e->operands[0], &v[0], law_kind_name(first), out);
    return law_eval_unfit(ev, e->operands[1], &v[1], law_kind_name(second), out);
}

bool law_eval_pair(struct law_evaluator *ev, const struct law_expression *e,
                   struct law_value v[2]) {
    return law_expression_evaluate(ev, e->operands[0], &v[0]) &&
           law_expression_evaluate(ev, e->operands[1], &v[1]);
}

/* ---- Logic ---- */

/** A Bool or an unknown. */
static bool evaluate_condition(struct law_evaluator *ev, const struct law_expression *e,
                               struct law_value *out) {
    if (!law_expression_evaluate(ev, e, out))
        return false;
    return out->kind == LAW_VALUE_BOOL || law_eval_unfit(ev, e, out, "a Bool", out);
}

static bool evaluate_chain(struct law_evaluator *ev, const struct law_expression *e,
                           struct law_value *out) {
    bool deciding = e->kind == LAW_EXPR_OR;
    struct law_value result = law_value_bool(!deciding);
    for (size_t i = 0; i < e->operand_count; i++) {
        struct law_value v;
        if (!evaluate_condition(ev, e->operands[i], &v)) {
            /* Behind an unknown, an error is not certain to be reached. */
            if (ev->is_full || result.kind != LAW_VALUE_UNKNOWN)
                return false;
        } else if (v.kind == LAW_VALUE_UNKNOWN) {
            if (!law_unknown_join(ev->arena, &result, &v))
                return is_full(ev);
        } else if (v.boolean == deciding) {
            *out = v;
            return true;
        }
    }
    *out = result;
    return true;
}

/** Under an unknown guard, what both branches agree on is known. */
static bool evaluate_both(struct law_evaluator *ev, const struct law_expression *e,
                          const struct law_value *guard, struct law_value *out) {
    struct law_value v[2];
    bool is_valid[2];
    for (size_t i = 0; i < 2; i++) {
        is_valid[i] = law_expression_evaluate(ev, e->operands[1 + i], &v[i]);
        if (ev->is_full)
            return false;
    }
    if (!is_valid[0] && !is_valid[1])
        return false;
    if (is_valid[0] && is_valid[1] && !law_value_has_unknown(&v[0]) &&
        !law_value_has_unknown(&v[1]) && law_value_compare(&v[0], &v[1]) == 0) {
        *out = v[0];
        return true;
    }
    struct law_value unknown = *guard;
    for (size_t i = 0; i < 2; i++)
        if (is_valid[i] && !law_unknown_join(ev->arena, &unknown, &v[i]))
            return is_full(ev);
    *out = unknown;
    return true;
}

static bool evaluate_if(struct law_evaluator *ev, const struct law_expression *e,
                        struct law_value *out) {
    struct law_value guard;
    if (!evaluate_condition(ev, e->operands[0], &guard))
        return false;
    if (guard.kind == LAW_VALUE_UNKNOWN)
        return evaluate_both(ev, e, &guard, out);
    return law_expression_evaluate(ev, e->operands[guard.boolean ? 1 : 2], out);
}

static bool evaluate_not(struct law_evaluator *ev, const struct law_expression *e,
                         struct law_value *out) {
    if (!evaluate_condition(ev, e->operands[0], out))
        return false;
    if (out->kind == LAW_VALUE_BOOL)
        out->boolean = !out->boolean;
    return true;
}

/* ---- Comparison and arithmetic ---- */

static bool evaluate_equality(struct law_evaluator *ev, const struct law_expression *e,
                              struct law_value *out) {
    struct law_value v[2];
    if (!law_eval_pair(ev, e, v))
        return false;
    bool is_unknown = v[0].kind == LAW_VALUE_UNKNOWN || v[1].kind == LAW_VALUE_UNKNOWN;
    if (v[0].kind == LAW_VALUE_RECORD && v[1].kind == LAW_VALUE_RECORD)
        is_unknown = law_value_has_unknown(&v[0]) || law_value_has_unknown(&v[1]);
    if (is_unknown)
        return give_unknown(ev, &v[0], &v[1], out);
    bool is_equal = law_value_compare(&v[0], &v[1]) == 0;
    *out = law_value_bool(is_equal == (e->kind == LAW_EXPR_EQUAL));
    return true;
}

static bool evaluate_order(struct law_evaluator *ev, const struct law_expression *e,
                           struct law_value *out) {
    struct law_value v[2];
    if (!law_eval_pair(ev, e, v))
        return false;
    if (v[0].kind != v[1].kind && law_kind_is_ordered(v[0].kind))
        return law_eval_unfit_pair(ev, e, v, v[0].kind, v[0].kind, out);
    if (!law_kind_is_ordered(v[0].kind)) {
        if (v[1].kind == LAW_VALUE_UNKNOWN)
            return give_unknown(ev, &v[0], &v[1], out);
        return law_eval_unfit(ev, e->operands[0], &v[0], "a Long, a datetime or a duration", out);
    }
    int64_t a = v[0].number, b = v[1].number;
    *out = law_value_bool(e->kind == LAW_EXPR_LESS         ? a < b
                          : e->kind == LAW_EXPR_LESS_EQUAL ? a <= b
                          : e->kind == LAW_EXPR_GREATER    ? a > b
                                                           : a >= b);
    return true;
}

static bool evaluate_arithmetic(struct law_evaluator *ev, const struct law_expression *e,
                                struct law_value *out) {
    struct law_value v[2];
    if (!law_eval_pair(ev, e, v))
        return false;
    if (v[0].kind != LAW_VALUE_LONG || v[1].kind != LAW_VALUE_LONG)
        return law_eval_unfit_pair(ev, e, v, LAW_VALUE_LONG, LAW_VALUE_LONG, out);
    int64_t a = v[0].number, b = v[1].number, n = 0;
    bool fits = e->kind == LAW_EXPR_ADD        ? pd_add_i64(a, b, &n)
                : e->kind == LAW_EXPR_SUBTRACT ? pd_sub_i64(a, b, &n)
                                               : pd_mul_i64(a, b, &n);
    if (!fits)
        return law_eval_fail(ev, e, "the result does not fit into a Long");
    *out = law_value_long(n);
    return true;
}

static bool evaluate_negate(struct law_evaluator *ev, const struct law_expression *e,
                            struct law_value *out) {
    struct law_value v;
    if (!law_expression_evaluate(ev, e->operands[0], &v))
        return false;
    if (v.kind != LAW_VALUE_LONG)
        return law_eval_unfit(ev, e->operands[0], &v, "a Long", out);
    if (v.number == INT64_MIN)
        return law_eval_fail(ev, e, "the result does not fit into a Long");
    *out = law_value_long(-v.number);
    return true;
}

bool law_text_is_like(pd_str text, const pd_str *pieces, size_t count) {
    if (count == 1)
        return pd_str_eq(text, pieces[0]);
    if (!pd_str_starts(text, pieces[0]))
        return false;
    text = pd_str_sub(text, pieces[0].len, SIZE_MAX);
    for (size_t i = 1; i + 1 < count; i++) {
        size_t at = pd_str_find(text, pieces[i]);
        if (at == PD_NPOS)
            return false;
        text = pd_str_sub(text, at + pieces[i].len, SIZE_MAX);
    }
    return pd_str_ends(text, pieces[count - 1]);
}

static bool evaluate_like(struct law_evaluator *ev, const struct law_expression *e,
                          struct law_value *out) {
    struct law_value v;
    if (!law_expression_evaluate(ev, e->operands[0], &v))
        return false;
    if (v.kind != LAW_VALUE_STRING)
        return law_eval_unfit(ev, e->operands[0], &v, "a String", out);
    *out = law_value_bool(law_text_is_like(v.text, e->names.list, e->names.count));
    return true;
}

/* ---- Sets and records ---- */

bool law_set_contains(const struct law_value *set, const struct law_value *item) {
    size_t low = 0, high = set->set.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = law_value_compare(&set->set.items[middle], item);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool evaluate_contains(struct law_evaluator *ev, const struct law_expression *e,
                              struct law_value *out) {
    struct law_value v[2];
    if (!law_eval_pair(ev, e, v))
        return false;
    if (v[0].kind != LAW_VALUE_SET && v[0].kind != LAW_VALUE_UNKNOWN)
        return law_eval_unfit(ev, e->operands[0], &v[0], "a set", out);
    if (v[0].kind == LAW_VALUE_UNKNOWN || law_value_has_unknown(&v[1]))
        return give_unknown(ev, &v[0], &v[1], out);
    *out = law_value_bool(law_set_contains(&v[0], &v[1]));
    return true;
}

size_t law_set_shared(const struct law_value *a, const struct law_value *b) {
    size_t i = 0, j = 0, shared = 0;
    while (i < a->set.count && j < b->set.count) {
        int order = law_value_compare(&a->set.items[i], &b->set.items[j]);
        shared += order == 0;
        i += order <= 0;
        j += order >= 0;
    }
    return shared;
}

/** Whether all, or any, of the second set's items are in the first. */
static bool evaluate_contains_set(struct law_evaluator *ev, const struct law_expression *e,
                                  struct law_value *out) {
    struct law_value v[2];
    if (!law_eval_pair(ev, e, v))
        return false;
    if (v[0].kind != LAW_VALUE_SET || v[1].kind != LAW_VALUE_SET)
        return law_eval_unfit_pair(ev, e, v, LAW_VALUE_SET, LAW_VALUE_SET, out);
    size_t shared = law_set_shared(&v[0], &v[1]);
    *out = law_value_bool(e->kind == LAW_EXPR_CONTAINS_ALL ? shared == v[1].set.count : shared > 0);
    return true;
}

static bool evaluate_is_empty(struct law_evaluator *ev, const struct law_expression *e,
                              struct law_value *out) {
    struct law_value v;
    if (!law_expression_evaluate(ev, e->operands[0], &v))
        return false;
    if (v.kind != LAW_VALUE_SET)
        return law_eval_unfit(ev, e->operands[0], &v, "a set", out);
    *out = law_value_bool(v.set.count == 0);
    return true;
}

static bool evaluate_set(struct law_evaluator *ev, const struct law_expression *e,
                         struct law_value *out) {
    struct law_value *items = pd_arena_array(ev->arena, e->operand_count, sizeof(*items));
    if (!items)
        return is_full(ev);
    for (size_t i = 0; i < e->operand_count; i++)
        if (!law_expression_evaluate(ev, e->operands[i], &items[i]))
            return false;
    return law_value_set(ev->arena, items, e->operand_count, out, NULL) == PD_OK || is_full(ev);
}

static bool evaluate_record(struct law_evaluator *ev, const struct law_expression *e,
                            struct law_value *out) {
    struct law_member *members = pd_arena_array(ev->arena, e->operand_count, sizeof(*members));
    if (!members)
        return is_full(ev);
    for (size_t i = 0; i < e->operand_count; i++) {
        members[i].name = e->names.list[i];
        if (!law_expression_evaluate(ev, e->operands[i], &members[i].value))
            return false;
    }
    *out = (struct law_value){.kind = LAW_VALUE_RECORD, .record = {members, e->operand_count}};
    return true;
}

/* ---- Calls ---- */

static bool evaluate_call(struct law_evaluator *ev, const struct law_expression *e,
                          struct law_value *out) {
    const struct law_function *f = e->function;
    struct law_value v[LAW_ARITY_MAX] = {{.kind = LAW_VALUE_BOOL}};
    if (e->operand_count != f->arity)
        return law_eval_fail(ev, e, "`%s` takes %u operand%s, not %zu", f->name, f->arity,
                             f->arity == 1 ? "" : "s", e->operand_count);
    for (size_t i = 0; i < f->arity; i++)
        if (!law_expression_evaluate(ev, e->operands[i], &v[i]))
            return false;
    if (f->arity == 2 && (v[0].kind != f->operands[0] || v[1].kind != f->operands[1]))
        return law_eval_unfit_pair(ev, e, v, f->operands[0], f->operands[1], out);
    if (v[0].kind != f->operands[0])
        return law_eval_unfit(ev, e->operands[0], &v[0], law_kind_name(f->operands[0]), out);
    const char *wrong = f->call(v, out);
    return !wrong || law_eval_fail(ev, e, "%s", wrong);
}

bool law_expression_evaluate(struct law_evaluator *ev, const struct law_expression *e,
                             struct law_value *out) {
    switch (e->kind) {
    case LAW_EXPR_CONSTANT:
        *out = e->constant;
        return true;
    case LAW_EXPR_VARIABLE:
        *out = ev->variables[e->variable];
        return true;
    case LAW_EXPR_AND:
    case LAW_EXPR_OR:
        return evaluate_chain(ev, e, out);
    case LAW_EXPR_IF:
        return evaluate_if(ev, e, out);
    case LAW_EXPR_NOT:
        return evaluate_not(ev, e, out);
    case LAW_EXPR_NEGATE:
        return evaluate_negate(ev, e, out);
    case LAW_EXPR_EQUAL:
    case LAW_EXPR_NOT_EQUAL:
        return evaluate_equality(ev, e, out);
    case LAW_EXPR_LESS:
    case LAW_EXPR_LESS_EQUAL:
    case LAW_EXPR_GREATER:
    case LAW_EXPR_GREATER_EQUAL:
        return evaluate_order(ev, e, out);
    case LAW_EXPR_ADD:
    case LAW_EXPR_SUBTRACT:
    case LAW_EXPR_MULTIPLY:
        return evaluate_arithmetic(ev, e, out);
    case LAW_EXPR_IN:
        return law_eval_in(ev, e, out);
    case LAW_EXPR_IS:
        return law_eval_is(ev, e, out);
    case LAW_EXPR_LIKE:
        return evaluate_like(ev, e, out);
    case LAW_EXPR_HAS:
        return law_eval_has(ev, e, out);
    case LAW_EXPR_GET:
        return law_eval_get(ev, e, out);
    case LAW_EXPR_CONTAINS:
        return evaluate_contains(ev, e, out);
    case LAW_EXPR_CONTAINS_ALL:
    case LAW_EXPR_CONTAINS_ANY:
        return evaluate_contains_set(ev, e, out);
    case LAW_EXPR_IS_EMPTY:
        return evaluate_is_empty(ev, e, out);
    case LAW_EXPR_HAS_TAG:
    case LAW_EXPR_GET_TAG:
        return law_eval_tag(ev, e, out);
    case LAW_EXPR_SET:
        return evaluate_set(ev, e, out);
    case LAW_EXPR_RECORD:
        return evaluate_record(ev, e, out);
    case LAW_EXPR_CALL:
        return evaluate_call(ev, e, out);
    }
    return law_eval_fail(ev, e, "this expression has no meaning");
}
