/**
 * govern/budget.h: what statistics of a dataset may tell a consumer about any one person in all. A
 * budget is agreed to by an act of the party whose dataset it is; each answer spends of it by an
 * act; an answer that would exceed it is denied, which is an act too. Budgets are per consumer:
 * consumers who put together what they were told know as much as their budgets together, so the
 * list tells them all.
 */
#ifndef POLDER_GOVERN_BUDGET_H
#define POLDER_GOVERN_BUDGET_H

#include "ledger/ledger.h"
#include "protect/protect.h"

struct govern;
struct govern_form;
struct govern_outcome;
struct govern_progress;
struct source;

/** A budget, and what was spent of it. */
struct govern_budget {
    pd_str dataset, title; /* title: a language map */
    pd_str consumer;       /* a party, or "public" */
    double epsilon, delta; /* the limit */
    uint64_t answers;      /* told so far */
    uint64_t rho_nano;     /* their zCDP */
    double spent;          /* their epsilon at the limit's delta, by the better of both accounts */
};

/** Who acts, for which dataset and consumer; signed with the party's key. */
struct govern_budget_actor {
    pd_str party, member; /* a member with the duty owner or steward */
    pd_str private_key;
    pd_id dataset;
    pd_str consumer;
};

/**
 * Agrees to a budget, which counts from now on in the place of an earlier one; what was spent stays
 * spent. epsilon_micro: at most 20 million. 0 <= delta < 0.01; 0 allows Laplace noise alone.
 * PD_NOT_FOUND; PD_DENIED: not this party's dataset, or no right; PD_USAGE.
 */
PD_CHECK enum pd_status
govern_budget_agree(struct govern *g, const struct govern_budget_actor *actor,
                    uint64_t epsilon_micro, double delta, struct pd_arena *arena,
                    const struct govern_outcome **out, struct pd_error *err);
/** All budgets, or those of a dataset. */
PD_CHECK enum pd_status govern_budget_list(struct govern *g, const pd_id *dataset,
                                           struct pd_arena *arena, const struct govern_budget **out,
                                           size_t *count, struct pd_error *err);
/** As govern_read_table, with the SHA-256 of the source's bytes for govern_budget_check. */
PD_CHECK enum pd_status govern_budget_read(struct source *source, const struct govern_form *form,
                                           const struct table_handler *handler,
                                           const struct govern_progress *progress,
                                           struct pd_arena *arena, crypto_hash *content,
                                           struct pd_error *err);
/** Whether the bytes are what a version of the dataset was made from. PD_CONFLICT: they aren't. */
PD_CHECK enum pd_status govern_budget_check(struct govern *g, pd_id dataset,
                                            const crypto_hash *content, struct pd_arena *arena,
                                            struct pd_error *err);
/**
 * Spends: answers may be told only once this returned PD_OK.
 *
 * detail: canonical JSON of what was asked and answered, sealed into the act's record.
 * after: the budget as it is then. PD_DENIED: it would be exceeded, or there is none; `*out` is the
 * recorded denial then (else untouched).
 */
PD_CHECK enum pd_status govern_budget_spend(struct govern *g,
                                            const struct govern_budget_actor *actor,
                                            const struct protect_cost *cost, pd_str detail,
                                            struct pd_arena *arena,
                                            const struct govern_outcome **out,
                                            struct govern_budget *after, struct pd_error *err);

#endif
