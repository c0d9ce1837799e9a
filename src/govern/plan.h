/**
 * govern/plan.h: plans of protection that people give or ask for, on a table, without a node. What
 * comes out is inspected again as a stranger would read it, and held against the plan.
 */
#ifndef POLDER_GOVERN_PLAN_H
#define POLDER_GOVERN_PLAN_H

#include "govern/govern.h"

/** A table, and how it is read. */
struct govern_plan_table {
    struct source *source;
    const struct govern_form *form;  /* may be NULL */
    const struct detect_site *site;  /* may be NULL */
    const struct govern_progress *progress;
    pd_time now;
    uint64_t population; /* of which the table is a sample; 0: nobody says */
};

/** What carrying out a plan gave; lives in the arena. */
struct govern_planned {
    const struct govern_reading *before, *after; /* after: with its risk over its quasi columns */
    const struct protect_plan *plan;
    const pd_str *told; /* per step of the plan, in words */
    struct protect_report report;
    bool has_risk; /* over the plan's quasi columns: as they were, and in what was written */
    struct protect_risk risk_before, risk_after;
    struct protect_uniqueness unique_before, unique_after; /* with a population */
    pd_str contradiction; /* what the inspection of the output says against the plan; or empty */
};

/**
 * plan: JSON, docs/reference/plan.schema.json. key: CRYPTO_KEY_SIZE bytes for pseudonyms, formats,
 * shifts and samples. sink: takes the written table, which may be used only if this returns PD_OK
 * and there is no contradiction.
 * PD_INVALID: the plan, its table (what differs), a cell that it can't be carried out on.
 * PD_USAGE: a key is missing. PD_CONFLICT; PD_LIMIT; the sink's status.
 */
PD_CHECK enum pd_status govern_plan_carry_out(const struct govern_plan_table *table, pd_str plan,
                                              const uint8_t *key, const struct table_sink *sink,
                                              struct pd_arena *arena, struct govern_planned *out,
                                              struct pd_error *err);

/** What came back of a table that a plan made. */
struct govern_undone {
    const struct protect_plan *plan;
    struct protect_undone report;
};
/**
 * table: what the plan made (its form, progress and source count). key: CRYPTO_KEY_SIZE bytes. sink: takes
 * the written table, which may be used only if this returns PD_OK. Statuses of protect_undo_new and
 * protect_undo_feed; PD_INVALID: the table isn't one that the plan makes.
 */
PD_CHECK enum pd_status govern_plan_undo(const struct govern_plan_table *table, pd_str plan,
                                         const uint8_t *key, const struct table_sink *sink,
                                         struct pd_arena *arena, struct govern_undone *out,
                                         struct pd_error *err);

/* ---- Keys of pseudonyms ---- */

struct govern_pseudonym_key {
    pd_str name, purpose; /* words; the name is never given twice */
    pd_str party, member;
    pd_str private_key; /* text of the party's key file */
};
/**
 * Makes a key that plans of this party for this purpose may name: an act. Whoever destroys it
 * (govern_key_ask) ends for ever that anything made by it is undone or joined.
 * PD_USAGE; PD_NOT_FOUND; PD_DENIED: no right; PD_CONFLICT: the name was given before.
 */
PD_CHECK enum pd_status govern_pseudonym_key_make(struct govern *g,
                                                  const struct govern_pseudonym_key *given,
                                                  struct pd_arena *arena, pd_id *id,
                                                  const struct govern_outcome **out,
                                                  struct pd_error *err);

/* ---- Suggesting ---- */

struct govern_suggest_ask {
    uint64_t k;      /* 0: at least the node's usual 5, at the knee of the curve; else this one */
    double max_suppressed;
    struct protect_plan_model *models; /* `sensitive` is found by name; `tree` by the same name */
    const pd_str *sensitive;           /* the columns' names; empty: of the table */
    size_t model_count;
    /* Hierarchies from files: of the columns of these names. */
    const struct protect_value_tree *const *trees;
    size_t tree_count;
};

struct govern_suggestion {
    const struct govern_reading *before, *after; /* after: of the proposal, tried */
    const struct protect_plan *plan;             /* for this version of the table */
    pd_str json;                                 /* the same, to be edited */
    const pd_str *told;                          /* per step */
    const double *losses;                        /* per column of the table; 0 if it isn't quasi */
    struct govern_candidate candidates[GOVERN_CANDIDATES_MAX];
    size_t candidate_count, chosen;
    bool has_risk;
    struct protect_risk risk_before, risk_after;
    struct protect_uniqueness unique_before, unique_after; /* with a population */
    struct protect_local local[2]; /* strict, relaxed; `groups` 0: not to be had */
    const struct govern_other *others;
    size_t other_count;
};

/** PD_INVALID: k above the table, models that can't be reached, a hierarchy that lacks a value. */
PD_CHECK enum pd_status govern_plan_suggest(const struct govern_plan_table *table,
                                            const struct govern_suggest_ask *ask,
                                            struct pd_arena *arena, struct govern_suggestion *out,
                                            struct pd_error *err);

/** A hierarchy from the bytes of a CSV file of the form `value;level1;level2` (separator found,
 * no header). Errors name the row. */
PD_CHECK enum pd_status govern_plan_tree(pd_str name, pd_str bytes, struct pd_arena *arena,
                                         const struct protect_value_tree **out,
                                         struct pd_error *err);

/* ---- For machines (plan_json.c) ---- */

/** An object of the risk of a reading over its quasi columns; null: it has none, or is NULL. */
void govern_risk_write(const struct govern_reading *reading, struct pd_json *w);

/** Members of an open object: the plan with its steps in words, what it costs and what risk it leaves.
 * PD_INTERNAL; PD_LIMIT. */
PD_CHECK enum pd_status govern_planned_write(const struct govern_planned *p, struct pd_json *w,
                                             struct pd_error *err);
/** The same, with the candidates and how the risk moves with other columns. */
PD_CHECK enum pd_status govern_suggestion_write(const struct govern_suggestion *s,
                                                struct pd_json *w, struct pd_error *err);

#endif
