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
/* ---- prepare_plan.c ---- */

/** Searches the plan, and takes it (run->remedy, run->result); none may be enough. */
PD_CHECK enum pd_status prepare_search(struct govern_run *run, struct pd_error *err);
/** Takes the plan of the request in its place. PD_INVALID, PD_DENIED: why it can't be. */
PD_CHECK enum pd_status prepare_given(struct govern_run *run, struct pd_error *err);
/** What the plan costs: costs, total_loss, others. */
PD_CHECK enum pd_status prepare_weigh(struct govern_run *run, struct pd_error *err);
/** Asks the law about an output: as it is, and as it would be once the steward has signed. attests:
 * room for PREPARE_SIGNABLE_MAX. */
PD_CHECK enum pd_status prepare_judge(struct govern_run *run, const struct govern_reading *reading,
                                      bool is_transformed, const struct law_finding **finding,
                                      pd_str *attests, size_t *attest_count, bool *is_enough,
                                      struct pd_error *err);

/* ---- plan_curve.c ---- */

/** Points of the curve of loss against risk, for one target; zeroed but for the first three. */
struct plan_curve {
    struct protect_target target; /* its plan's k is the least */
    const struct protect_classes *classes;
    const struct govern_progress *progress;
    const struct protect_found *found[GOVERN_CANDIDATES_MAX];
    struct govern_candidate candidates[GOVERN_CANDIDATES_MAX];
    size_t count, chosen;
};
/** Adds the point of this k. Statuses as protect_search_for. */
PD_CHECK enum pd_status plan_curve_point(struct plan_curve *curve, uint64_t k,
                                         struct pd_arena *arena, struct pd_error *err);
/** From the least k (which may be there already) to what can be reached; `chosen` is the knee. Only the
 * least must be reached. */
PD_CHECK enum pd_status plan_curve_draw(struct plan_curve *curve, uint64_t rows,
                                        struct pd_arena *arena, struct pd_error *err);

/* ---- plan_cost.c ---- */

/** Per column of the table as it came; mean: over them. */
PD_CHECK enum pd_status plan_cost(const struct reading_plan *plan,
                                  const struct govern_reading *after, struct pd_arena *arena,
                                  const struct govern_cost **out, double *mean,
                                  struct pd_error *err);
/** How the risk of the output would be if one more of its columns were known; what has too many
 * combinations to be counted isn't told. Reads the source once more. */
PD_CHECK enum pd_status plan_others(struct source *source, const struct reading_plan *plan,
                                    const struct govern_reading *after,
                                    const struct govern_progress *progress, struct pd_arena *arena,
                                    const struct govern_other **out, size_t *count,
                                    struct pd_error *err);

/** remedy_describe of every step. */
PD_CHECK enum pd_status plan_told(const struct protect_plan *plan, struct pd_arena *arena,
                                  const pd_str **out, struct pd_error *err);

#endif
