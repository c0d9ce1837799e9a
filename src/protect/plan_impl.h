/* What the files that read plans share; never included from outside the folder. */
#ifndef POLDER_PROTECT_PLAN_IMPL_H
#define POLDER_PROTECT_PLAN_IMPL_H

#include "protect/protect_impl.h"

#include <jansson.h>

struct plan_parser {
    const pd_str *names;
    size_t columns;
    struct pd_arena *arena;
    struct pd_error *err;
    int version;
    const struct protect_value_tree *const *trees; /* of the plan, read first */
    size_t tree_count;
};

/** `value` is an object with the members `allowed`, which ends in NULL; those with a question mark
 * before them may be missing. */
PD_CHECK enum pd_status plan_members(const struct plan_parser *p, json_t *value,
                                     const char *const *allowed);
PD_CHECK enum pd_status plan_count(const struct plan_parser *p, const json_t *object,
                                   const char *key, int64_t most, int64_t *out);
/** A view of the JSON. */
PD_CHECK enum pd_status plan_text(const struct plan_parser *p, const json_t *object,
                                  const char *key, pd_str *out);
/** Not empty, and copied. */
PD_CHECK enum pd_status plan_word(const struct plan_parser *p, const json_t *object,
                                  const char *key, size_t most, pd_str *out);
/** A decimal in its one spelling; `such_as` for the error. */
PD_CHECK enum pd_status plan_decimal(const struct plan_parser *p, const json_t *object,
                                     const char *key, const char *such_as,
                                     struct protect_width *out);
/** Reads "column" and "name" together: the plan must be for the table at hand. */
PD_CHECK enum pd_status plan_column(const struct plan_parser *p, const json_t *object, size_t *out);
/** "person": {"column", "name"} */
PD_CHECK enum pd_status plan_person(const struct plan_parser *p, const json_t *object,
                                    size_t *out);
/** One of the plan's hierarchies, by name. */
PD_CHECK enum pd_status plan_tree(const struct plan_parser *p, const json_t *object,
                                  const struct protect_value_tree **out);

/** Reads "steps" (plan_step.c). */
PD_CHECK enum pd_status plan_steps(const struct plan_parser *p, const json_t *array,
                                   struct protect_plan *plan);

#endif
