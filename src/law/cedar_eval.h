/**
 * What the two files of the evaluator share. All answer false on an error, with the evaluator's
 * message and place set.
 */
#ifndef POLDER_LAW_CEDAR_EVAL_H
#define POLDER_LAW_CEDAR_EVAL_H

#include "law/cedar_impl.h"

/** Fails at an expression; returns false. */
PD_PRINTF(3, 4)
bool law_eval_fail(struct law_evaluator *ev, const struct law_expression *at, const char *format,
                   ...);
/** For an operand that is not what is needed: fails, unless it is unknown, as is then the result.
 */
bool law_eval_unfit(struct law_evaluator *ev, const struct law_expression *operand,
                    const struct law_value *v, const char *needed, struct law_value *out);
/** The same for both operands of `e`, the first or the second of which is not of its kind. */
bool law_eval_unfit_pair(struct law_evaluator *ev, const struct law_expression *e,
                         const struct law_value v[2], enum law_value_kind first,
                         enum law_value_kind second, struct law_value *out);
/** Evaluates both operands. */
bool law_eval_pair(struct law_evaluator *ev, const struct law_expression *e, struct law_value v[2]);

/* What the machine (cedar_machine.c) does in the same way. */
static inline bool law_kind_is_ordered(enum law_value_kind kind) {
    return kind == LAW_VALUE_LONG || kind == LAW_VALUE_DATETIME || kind == LAW_VALUE_DURATION;
}
/** Pieces between stars: the first starts the text, the last ends it, the others lie in order. */
bool law_text_is_like(pd_str text, const pd_str *pieces, size_t count);
bool law_set_contains(const struct law_value *set, const struct law_value *item);
/** How many items two sets have in common: one walk through both. */
size_t law_set_shared(const struct law_value *a, const struct law_value *b);

/* cedar_eval_entity.c: one for each kind of expression that looks into the store. */
bool law_eval_in(struct law_evaluator *ev, const struct law_expression *e, struct law_value *out);
bool law_eval_is(struct law_evaluator *ev, const struct law_expression *e, struct law_value *out);
bool law_eval_has(struct law_evaluator *ev, const struct law_expression *e, struct law_value *out);
bool law_eval_get(struct law_evaluator *ev, const struct law_expression *e, struct law_value *out);
bool law_eval_tag(struct law_evaluator *ev, const struct law_expression *e, struct law_value *out);

#endif
