/* What the files of protect/stats share; never included from outside the folder. */
#ifndef POLDER_PROTECT_STATS_IMPL_H
#define POLDER_PROTECT_STATS_IMPL_H

#include "protect/protect_impl.h"

__extension__ typedef __int128 stats_wide;

/** A measure, and the grid that its values are put on. */
struct stats_part {
    struct protect_measure measure;
    int64_t step;    /* of the grid, in units of 10^-decimals */
    int64_t middle;  /* MEAN: what values are taken relative to */
    uint64_t bound;  /* the largest contribution of one row, in steps */
    unsigned shares; /* of the budget: a mean is a sum and a count */
};

/** What one group has added up for one measure. */
struct stats_tally {
    int64_t sum;     /* COUNT: rows; SUM, MEAN: steps */
    int64_t count;   /* MEAN: rows that hold a number */
    uint64_t *below; /* QUANTILE: rows per division of the bounds */
};

struct protect_stats {
    struct protect_stats_ask ask; /* its arrays are copies in `arena` */
    struct pd_arena *arena;
    size_t columns;
    struct stats_part *parts; /* one per measure, and a count if groups are found without one */
    size_t part_count;
    size_t count_part; /* by which found groups are told */
    unsigned shares;
    uint64_t *bands; /* per group column: how many; 0: it isn't banded */

    struct protect_budget budget;
    struct protect_seed seed;
    struct protect_values persons, *keys; /* keys: per group column */
    struct protect_tuples groups;         /* of numbers in `keys` */
    struct protect_tuples pairs;          /* (person, group), with rows */
    struct protect_tuples members;        /* (person), rows = groups so far */
    struct stats_tally *tallies;          /* part_count per group */
    size_t tally_capacity;                /* groups */
    uint32_t *row;
    struct pd_buf text;
    bool is_released;
};

/** What one person can change, as the noise must cover it. */
struct stats_reach {
    uint64_t l1;         /* sum of the changes of all groups */
    uint64_t l2_squared; /* of their squares */
};
struct stats_reach stats_reach_of(const struct protect_stats *stats, uint64_t bound);

/** Fills parts and bands. PD_USAGE says what can't be. */
PD_CHECK enum pd_status stats_check(struct protect_stats *stats, const pd_str *names,
                                    struct pd_error *err);

/** The noise of a part's numbers: a scale, or a variance that is rounded up. False: too much of it
 * for its range, that is, too little budget. shares: of the part's, 1 for each number drawn. */
bool stats_noise_scale(const struct protect_stats *stats, uint64_t bound,
                       struct protect_ratio *out);
/** The epsilon in millionths that a group's quantile has. */
uint64_t stats_quantile_epsilon(const struct protect_stats *stats);

/** The text of a band of a group column. */
void stats_band_write(const struct protect_group_column *column, uint64_t bands, uint64_t band,
                      struct pd_buf *out);

/** Makes room for the tallies of all groups so far. */
PD_CHECK enum pd_status stats_reserve(struct protect_stats *stats, struct pd_error *err);
enum pd_status stats_fail_limit(const struct protect_stats *stats, struct pd_error *err);

#endif
