/* Whether two ways of deciding gave the same answer: for tests, vectors and fuzzing. */
#ifndef POLDER_LAW_SAME_H
#define POLDER_LAW_SAME_H

#include "law/cedar.h"

static inline bool same_numbers(const size_t *a, size_t a_count, const size_t *b, size_t b_count) {
    bool same = a_count == b_count;
    for (size_t i = 0; same && i < a_count; i++)
        same = a[i] == b[i];
    return same;
}

/** NULL, or in what they differ. */
static inline const char *law_answers_differ(const struct law_answer *a,
                                             const struct law_answer *b) {
    if (a->is_allowed != b->is_allowed)
        return "decision";
    if (!same_numbers(a->reasons, a->reason_count, b->reasons, b->reason_count))
        return "reasons";
    if (!same_numbers(a->satisfied, a->satisfied_count, b->satisfied, b->satisfied_count))
        return "satisfied policies";
    if (!same_numbers(a->unknown, a->unknown_count, b->unknown, b->unknown_count))
        return "unknown policies";
    if (a->error_count != b->error_count)
        return "number of errors";
    for (size_t i = 0; i < a->error_count; i++)
        if (a->errors[i].policy != b->errors[i].policy ||
            !pd_str_eq(a->errors[i].message, b->errors[i].message))
            return "errors";
    return NULL;
}

#endif
