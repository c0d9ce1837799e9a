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
void protect_number_write(int64_t scaled, int decimals, struct pd_buf *out);
void protect_mask(pd_str cell, struct pd_buf *out);

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

/** The same under a plan. PD_USAGE if its quasi columns are not those of `classes`; PD_LIMIT. */
PD_CHECK enum pd_status protect_classes_group_by_plan(const struct protect_classes *classes,
                                                      const struct protect_plan *plan,
                                                      struct protect_tuples *out,
                                                      uint32_t *group_of, struct pd_error *err);

/* ---- Plans ---- */

enum { PROTECT_PLAN_VERSION = 1 };
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
                          enum protect_kind kind, struct protect_budget *budget,
                          struct protect_ladder *ladder);
void protect_ladder_clear(struct protect_ladder *ladder);

/* ---- The best rungs ---- */

struct protect_best {
    uint64_t k;
    double max_suppressed;
    double bound; /* no rungs lose less, in columns; a dropped column counts as all of them more */
    uint64_t tried;
};
/** Fills `rung` with the optimum and says so; else only the bound is known. */
bool protect_best_find(const struct protect_classes *classes, const struct protect_ladder *ladders,
                       struct protect_best *best, size_t *rung);

#endif
