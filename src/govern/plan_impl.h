/* What the files of plans share; never leaves the folder. */
#ifndef POLDER_GOVERN_PLAN_IMPL_H
#define POLDER_GOVERN_PLAN_IMPL_H

#include "govern/govern_impl.h"
#include "govern/plan.h"

/** Counts the classes of the plan's counted columns, of the sampled rows; the caller frees them. */
PD_CHECK enum pd_status plan_classes(struct source *source, const struct govern_reading *before,
                                     const struct protect_plan *plan, const uint8_t *key,
                                     const struct govern_progress *progress, struct pd_arena *arena,
                                     struct protect_classes **out, struct pd_error *err);
/**
 * What the output, inspected and counted anew, says against the plan; empty if nothing. classes: of
 * the output over protect_plan_counted of `shown`, which is the plan as its output shows it.
 */
PD_CHECK enum pd_status plan_contradiction(const struct reading_plan *plan, struct source *source,
                                           const struct govern_reading *after,
                                           const struct govern_progress *progress,
                                           struct pd_arena *arena, struct protect_risk *risk,
                                           pd_str *out, struct pd_error *err);
/**
 * Puts the plan of the request in the place of the one that was found (run->result.plan, NULL if
 * none was), with its classes. PD_INVALID: it isn't for this table, or loosens what the rules demand: says
 * where.
 */
PD_CHECK enum pd_status plan_given(struct govern_run *run, struct pd_error *err);
/** Puts the key of this name in the place of the run's own. PD_NOT_FOUND: there is none, or it was
 * destroyed; PD_DENIED: it is of another party or purpose. */
PD_CHECK enum pd_status plan_key_find(struct govern_run *run, pd_str name, struct pd_error *err);
/** Writes, inside the act's transaction, that the distribution was made under that key, if one was. */
PD_CHECK enum pd_status plan_key_save_use(const struct govern_run *run, struct govern *g,
                                          struct act *act, pd_str distribution,
                                          struct pd_error *err);
/** For one version alone? PD_INVALID if it isn't this one. */
PD_CHECK enum pd_status plan_check_content(const struct protect_plan *plan,
                                           const struct govern_reading *before,
                                           struct pd_error *err);
/** remedy_describe of every step. */
PD_CHECK enum pd_status plan_told(const struct protect_plan *plan, struct pd_arena *arena,
                                  const pd_str **out, struct pd_error *err);

#endif
