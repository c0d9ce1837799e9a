/* What the files of protect/ share; never included from outside the folder. */
#ifndef POLDER_PROTECT_IMPL_H
#define POLDER_PROTECT_IMPL_H

#include "protect/protect.h"

/* ---- Cells: each appends to `out` and answers whether the cell is of the type ---- */

bool protect_date_generalise(pd_str cell, enum protect_date to, struct pd_buf *out);
bool protect_date_has_time(pd_str cell);
bool protect_number_generalise(pd_str cell, struct protect_width width, bool whole,
                               struct pd_buf *out);
bool protect_number_is_whole(pd_str cell);
/** floor(number * 10^decimals); false if the cell is no number, or has more than 18 digits then. */
bool protect_number_read(pd_str cell, int decimals, int64_t *out);
/** At least `least` digits, at most 20. */
void protect_digits_write(uint64_t value, int least, struct pd_buf *out);
void protect_number_write(int64_t scaled, int decimals, struct pd_buf *out);
bool protect_number_top_bottom(pd_str cell, const struct protect_step *step, struct pd_buf *out);
bool protect_number_round(pd_str cell, struct protect_width to, struct pd_buf *out);
/** Of a date with a day only; a time of day behind it stays. */
bool protect_date_shift(pd_str cell, int days, struct pd_buf *out);
/** False: out of memory. */
bool protect_redact(pd_str cell, struct pd_buf *out);
void protect_mask(pd_str cell, enum protect_mask_type type, struct pd_buf *out);
void protect_pseudonym(const struct crypto_mac *mac, pd_str scope, pd_str cell, struct pd_buf *out);

/* ---- One step with what it needs beyond a cell (hand.c) ---- */

struct protect_hand {
    const struct protect_step *step; /* NULL keeps */
    pd_str scope;                    /* the step's, or the column's name */
    const uint8_t *key;
    struct protect_ff1 *ff1; /* FORMAT_PRESERVING */
    struct crypto_mac *mac;  /* PSEUDONYM */
    bool undoes;             /* FORMAT_PRESERVING and SHIFT_DATE go back */
};
/** key: borrowed; NULL if the step needs none. */
PD_CHECK enum pd_status protect_hand_open(struct protect_hand *hand,
                                          const struct protect_step *step, pd_str column_name,
                                          const uint8_t *key, struct pd_error *err);
void protect_hand_close(struct protect_hand *hand);
/** As protect_cell; person: the cell of the step's person column. */
enum protect_effect protect_hand_cell(const struct protect_hand *hand, pd_str person, pd_str cell,
                                      struct pd_buf *out);
bool protect_step_needs_key(const struct protect_step *step);
/** Whether a row stays: by its number in the table, or the person's cell. */
bool protect_sample_takes(const struct protect_sample *sample, const uint8_t *key,
                          const struct table_batch *batch, size_t row);

/* ---- Hash tables within a bound ---- */

struct protect_budget {
    size_t used, limit;
};
/** As realloc, within the limit: NULL, and nothing is changed, when that or memory is used up. */
void *protect_budget_resize(struct protect_budget *budget, void *p, size_t old_bytes,
                            size_t new_bytes);

/** SipHash's key: drawn per table of classes, so that a file cannot be made to collide. */
struct protect_seed {
    uint64_t a, b;
};

uint64_t protect_hash(struct protect_seed seed, const void *data, size_t n);

/** Distinct texts, numbered from 0 in the order in which they were first seen. */
struct protect_values {
    struct protect_value {
        size_t at, len;
        uint64_t rows;
    } * entries;
    uint32_t count, capacity;
    uint32_t *slots; /* number + 1, or 0; a power of two of them */
    size_t slot_count;
    char *bytes;
    size_t bytes_len, bytes_capacity;
};
/** `*id` is the text's number, new or old; false when the budget is used up. */
bool protect_values_add(struct protect_values *values, struct protect_budget *budget,
                        struct protect_seed seed, pd_str text, uint64_t rows, uint32_t *id);
bool protect_values_find(const struct protect_values *values, struct protect_seed seed, pd_str text,
                         uint32_t *id);
pd_str protect_values_text(const struct protect_values *values, uint32_t id);
void protect_values_clear(struct protect_values *values);

/** Distinct rows of numbers, numbered likewise: tuple t is ids[t * width ...]. */
struct protect_tuples {
    size_t width;
    uint32_t *ids;
    uint64_t *rows;
    uint32_t count, capacity;
    uint32_t *slots;
    size_t slot_count;
};
bool protect_tuples_add(struct protect_tuples *tuples, struct protect_budget *budget,
                        struct protect_seed seed, const uint32_t *ids, uint64_t rows, uint32_t *id);
bool protect_tuples_find(const struct protect_tuples *tuples, struct protect_seed seed,
                         const uint32_t *ids, uint32_t *id);
void protect_tuples_reset(struct protect_tuples *tuples); /* empty; keeps the memory */
void protect_tuples_clear(struct protect_tuples *tuples);
/** Rows in tuples that occur fewer than k times. */
uint64_t protect_tuples_below(const struct protect_tuples *tuples, uint64_t k);

/* ---- Classes ---- */

struct protect_classes {
    size_t *columns;
    size_t column_count;
    struct protect_seed seed;
    struct protect_budget budget;
    struct protect_values *values; /* one per column */
    struct protect_tuples tuples;  /* of numbers in `values` */
    uint64_t rows;
    uint32_t *row; /* room for one tuple */
    bool *spared;  /* per column: a plan needn't ask for it */
    struct protect_share share; /* count 0: all */
    bool is_weighed;
    size_t weight; /* the column that says how many rows a row stands for */
    struct protect_sample sample;
    uint8_t sample_key[CRYPTO_KEY_SIZE];
};

/**
 * What `step` makes of a column's distinct values: map[v] is the first value that becomes the same
 * as v does, so that tuples stay in the numbers of the raw values. Of malloc, values' count long.
 */
bool protect_classes_map(const struct protect_classes *classes, size_t column,
                         const struct protect_step *step, struct protect_budget *budget,
                         uint32_t **map);

/**
 * Groups tuples under one map per column (NULL: unchanged) into `out`, which has the same width.
 * group_of, if not NULL, has room for one group's number per tuple.
 */
bool protect_classes_group(const struct protect_classes *classes,
                           const struct protect_tuples *tuples, const uint32_t *const *maps,
                           struct protect_budget *budget, struct protect_tuples *out,
                           uint32_t *group_of);

/** The same under a plan, over its quasi columns; sensitive ones count for nothing. PD_USAGE if its
 * counted columns are not those of `classes`; PD_LIMIT. */
PD_CHECK enum pd_status protect_classes_group_by_plan(const struct protect_classes *classes,
                                                      const struct protect_plan *plan,
                                                      struct protect_tuples *out,
                                                      uint32_t *group_of, struct pd_error *err);

/**
 * stays[g]: whether group g of protect_classes_group_by_plan meets the plan's k and models (judge.c).
 * PD_DENIED: what stays has a higher average risk than the plan allows. PD_LIMIT.
 */
PD_CHECK enum pd_status protect_plan_judge(const struct protect_classes *classes,
                                           const struct protect_plan *plan,
                                           const struct protect_tuples *groups,
                                           const uint32_t *group_of, bool *stays,
                                           struct pd_error *err);

/**
 * The plan's models over the sensitive columns of the classes, for a lattice whose sensitive column
 * m is that of model m: its size, and per raw value its number, in the order of the values as the
 * plan's steps make them; code NULL and size 1 for the average risk. All lives in `arena`.
 */
struct protect_shown {
    size_t column; /* in the classes */
    uint32_t *code, size;
    struct protect_model model;
};
PD_CHECK enum pd_status protect_plan_models(const struct protect_classes *classes,
                                            const struct protect_plan *plan,
                                            struct pd_arena *arena, struct protect_shown **out,
                                            struct pd_error *err);

/** Writes a row for each class that stays, in the order of their texts (aggregate.c); the header is there. */
PD_CHECK enum pd_status protect_aggregate_write(const struct protect_plan *plan,
                                                const struct protect_classes *classes,
                                                struct table_writer *writer, uint64_t *rows,
                                                struct pd_error *err);

/* ---- Plans ---- */

enum { PROTECT_PLAN_VERSION = 2 };
double protect_width_value(struct protect_width width);
/** The version that can say all of it. */
int protect_plan_version(const struct protect_plan *plan);
#define PROTECT_MAX_K ((int64_t)9007199254740991) /* 2^53 - 1: a number in any JSON */

/**
 * Checks as protect_plan_check and gives, per column, its step (which may be a keep) or NULL.
 * `*out` is of malloc; its targets are the plan's.
 */
PD_CHECK enum pd_status protect_plan_resolve(const struct protect_plan *plan, const pd_str *names,
                                             size_t columns, const struct protect_step ***out,
                                             struct pd_error *err);

/* ---- Ladders ---- */

enum { PROTECT_MAX_RUNGS = 48 };

/** The steps that a quasi column may take: rung 0 keeps it, the last one drops it. */
struct protect_ladder {
    struct protect_rung {
        struct protect_step step;
        uint32_t *map; /* NULL on rung 0 */
        double loss;
    } rungs[PROTECT_MAX_RUNGS];
    size_t count; /* at least 2 */
};
bool protect_ladder_build(const struct protect_classes *classes, size_t column,
                          enum protect_kind kind, const struct protect_value_tree *tree,
                          struct protect_budget *budget, struct protect_ladder *ladder);
void protect_ladder_clear(struct protect_ladder *ladder);

/* ---- The best rungs ---- */

struct protect_best {
    const struct protect_plan *plan; /* k and models */
    const struct protect_target *target;
    bool is_stopped; /* by target->is_cancelled */
    const size_t *at;                /* of each ladder the column of the classes */
    size_t count;                    /* of ladders */
    double max_suppressed;
    double bound; /* no rungs lose less, in columns; a dropped column counts as all of them more */
    uint64_t tried;
};
/** Fills `rung` with the optimum and says so; else only the bound is known. */
bool protect_best_find(const struct protect_classes *classes, const struct protect_ladder *ladders,
                       struct protect_best *best, size_t *rung);

#endif
