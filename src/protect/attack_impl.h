/* What the files of the attacks share; never included from outside the folder. */
#ifndef POLDER_PROTECT_ATTACK_IMPL_H
#define POLDER_PROTECT_ATTACK_IMPL_H

#include "protect/attack.h"
#include "protect/protect_impl.h"

#define ATTACK_NO_COLUMN SIZE_MAX

/** What the attacker knows, and the sensitive column if there is one, are columns of a table with
 * rows. */
PD_CHECK enum pd_status attack_check(const struct protect_classes *table,
                                     struct protect_known known, size_t sensitive,
                                     struct pd_error *err);
enum pd_status attack_fail_memory(struct pd_error *err);

/** The table's classes over the known columns; group_of, if not NULL, has room for one number per
 * tuple. */
bool attack_group(const struct protect_classes *table, struct protect_known known,
                  struct protect_budget *budget, struct protect_tuples *out, uint32_t *group_of);

uint64_t attack_most_frequent(const struct protect_values *values); /* its rows */

#endif
