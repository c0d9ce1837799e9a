/**
 * protect/stats.h: statistics of a table with differential privacy: counts, sums, means and
 * quantiles, of all rows or group by group; a histogram is a count per band.
 *
 * Two tables are neighbours if one has, beside what both have, all rows of one person (or, where no
 * column says whose a row is, one row). What is published of one is hardly more likely of the
 * other. For that the rows of a person are bounded before anything is added up: the first
 * rows_per_group rows in each of the person's first groups_per_person groups count, which depends
 * on nothing but that person's own rows. Values are held within bounds that the caller states and
 * put on a grid of whole numbers; noise is drawn on the grid (noise.h), so that no digit tells more
 * than the noise lets it.
 *
 * Which groups there are tells of persons too. So either the caller states the groups, and each of
 * them is answered, empty or not; or groups are found, and those whose noisy count is below a
 * threshold stay untold, which costs delta.
 */
#ifndef POLDER_PROTECT_STATS_H
#define POLDER_PROTECT_STATS_H

#include "protect/noise.h"
#include "table/table.h"

enum protect_statistic { PROTECT_COUNT, PROTECT_SUM, PROTECT_MEAN, PROTECT_QUANTILE };
const char *protect_statistic_name(enum protect_statistic statistic); /* "count" */

enum protect_noise { PROTECT_LAPLACE, PROTECT_GAUSSIAN };
const char *protect_noise_name(enum protect_noise noise); /* "laplace" */

enum {
    PROTECT_MEASURES_MAX = 32,
    PROTECT_GROUP_COLUMNS_MAX = 8,
    PROTECT_CONTRIBUTION_MAX = 10000,
    PROTECT_QUANTILE_STEPS_MAX = 100000,
    PROTECT_STATED_GROUPS_MAX = 1000000
};

struct protect_measure {
    enum protect_statistic statistic;
    size_t column; /* not for COUNT */
    /** Values below are read as `low`, values above as `high`: low < high, both times 10^decimals,
        at most 18 digits. decimals: 0 to 9. Cells that hold no number don't count. */
    int64_t low, high;
    int decimals;
    unsigned permille; /* QUANTILE: 1 to 999; 500 is the median */
    unsigned steps;    /* QUANTILE: into how many the bounds are divided; 0 means 1000 */
};

/** What a group column's cells are before they are compared. */
struct protect_group_column {
    size_t column;
    bool is_banded; /* numbers within [low, high], put into bands of `width` from `low` on */
    int64_t low, high, width; /* times 10^decimals */
    int decimals;
};

struct protect_stats_ask {
    const struct protect_group_column *groups; /* NULL: of all rows */
    size_t group_count;
    /** Stated groups: `stated_count` times `group_count` texts. If all group columns are banded
       they are stated by their bands. NULL and 0: found, and `delta` is needed. */
    const pd_str *stated;
    size_t stated_count;
    bool has_person; /* else the unit of privacy is a row */
    size_t person;
    unsigned groups_per_person, rows_per_group; /* 0 means 1 */
    const struct protect_measure *measures;
    size_t measure_count;
    enum protect_noise noise;
    /** Of all measures together, which get equal parts. LAPLACE: epsilon in millionths. GAUSSIAN:
       rho in thousand-millionths (zCDP). */
    uint64_t epsilon_micro, rho_nano;
    double delta;       /* for found groups; 0 < delta < 1 */
    size_t limit_bytes; /* 0 means 1 GiB */
};

/** What the answer costs, as an accountant adds it up. */
struct protect_cost {
    uint64_t epsilon_micro; /* pure; 0 if the noise is Gaussian */
    uint64_t rho_nano;      /* zCDP, rounded up */
    double delta;           /* for finding groups; comes on top */
};

/** One number with noise, on the grid: value * step / 10^decimals. */
struct protect_answer {
    int64_t value;
    int64_t step;
    int decimals;
    /** With probability 95 % the noise is at most this, in the units of the column. For MEAN as if
        the count were exact; not for QUANTILE (0), whose error is one of rank. */
    double margin;
};

struct protect_stats_group {
    const pd_str *keys;                   /* one per group column */
    const struct protect_answer *answers; /* one per measure */
};

struct protect_stats_result {
    const struct protect_stats_group *groups; /* as stated, or sorted by their keys */
    size_t group_count;
    struct protect_cost cost;
    int64_t threshold; /* of the noisy count of a found group; 0: groups were stated */
};

struct protect_stats;

/**
 * Checks what is asked, and takes the rows from then on. `ask` and `names` are copied.
 *
 * PD_USAGE: a column, bound or number that can't be; an epsilon that gives no privacy (over 20) or
 * no answer; says which and what to do. PD_LIMIT.
 */
PD_CHECK enum pd_status protect_stats_new(const struct protect_stats_ask *ask, const pd_str *names,
                                          size_t columns, struct protect_stats **out,
                                          struct pd_error *err);
PD_CHECK enum pd_status protect_stats_feed(struct protect_stats *stats,
                                           const struct table_batch *batch, struct pd_error *err);
/** What a release costs, known before any row is. */
struct protect_cost protect_stats_cost(const struct protect_stats *stats);
/**
 * Draws the noise: once, since a second drawing would cost as much again (PD_USAGE).
 * out: lives in `arena`.
 */
PD_CHECK enum pd_status protect_stats_release(struct protect_stats *stats,
                                              struct protect_random *random, struct pd_arena *arena,
                                              const struct protect_stats_result **out,
                                              struct pd_error *err);
void protect_stats_free(struct protect_stats *stats); /* NULL is fine */

/** Appends a number of the grid as a decimal: "-12.50". */
void protect_answer_write(const struct protect_answer *answer, struct pd_buf *out);

#endif
