/* What is asked of statistics, checked, and the grid and noise that follow from it. */
#include "protect/stats_impl.h"

#include <inttypes.h>
#include <math.h>

#define MICRO UINT64_C(1000000)
#define NANO  UINT64_C(1000000000)

/* The most that is taken for privacy at all: at epsilon 20 an answer is half a thousand million
 * times likelier of one table than of its neighbour. */
#define EPSILON_MICRO_MAX (20 * MICRO)
/* The same for rho: (epsilon 20, delta 1e-9) or so. */
#define RHO_NANO_MAX (4 * NANO)

static const char *const STATISTICS[] = {"count", "sum", "mean", "quantile"};
static const char *const NOISES[] = {"laplace", "gaussian"};

const char *protect_statistic_name(enum protect_statistic statistic) {
    return STATISTICS[statistic];
}

const char *protect_noise_name(enum protect_noise noise) {
    return NOISES[noise];
}

/* ---- Reach and noise ---- */

struct stats_reach stats_reach_of(const struct protect_stats *stats, uint64_t bound) {
    uint64_t groups = stats->ask.groups_per_person, rows = stats->ask.rows_per_group;
    uint64_t each = rows * bound;
    return (struct stats_reach){groups * each, groups * each * each};
}

static bool gaussian_scale(uint64_t squared, uint64_t rho_nano, struct protect_ratio *out) {
    __extension__ typedef unsigned __int128 u128;
    /* sigma^2 = l2^2 / (2 rho), as a multiple of 2^-shift, rounded up. */
    u128 over = (u128)squared * NANO, under = (u128)2 * rho_nano;
    for (int shift = 24; shift >= 0; shift--) {
        u128 n = ((over << shift) + under - 1) / under;
        if (n <= PROTECT_VARIANCE_MAX) {
            *out = (struct protect_ratio){(uint64_t)n, (uint64_t)1 << shift};
            return true;
        }
    }
    return false;
}

bool stats_noise_scale(const struct protect_stats *stats, uint64_t bound,
                       struct protect_ratio *out) {
    struct stats_reach reach = stats_reach_of(stats, bound);
    if (stats->ask.noise == PROTECT_GAUSSIAN) {
        uint64_t rho = stats->ask.rho_nano / stats->shares;
        return rho > 0 && gaussian_scale(reach.l2_squared, rho, out);
    }
    uint64_t epsilon = stats->ask.epsilon_micro / stats->shares;
    *out = (struct protect_ratio){reach.l1 * MICRO, epsilon};
    return epsilon > 0 && out->over <= PROTECT_SCALE_MAX;
}

uint64_t stats_quantile_epsilon(const struct protect_stats *stats) {
    uint64_t groups = stats->ask.groups_per_person;
    if (stats->ask.noise == PROTECT_LAPLACE)
        return stats->ask.epsilon_micro / stats->shares / groups;
    /* epsilon-DP is epsilon^2/2-zCDP; rounded down, and a double holds that many digits. */
    double rho = (double)(stats->ask.rho_nano / stats->shares) / 1e9 / (double)groups;
    return (uint64_t)(sqrt(2 * rho) * (1 - 1e-9) * 1e6);
}

/* ---- Measures ---- */

enum { GRID = 1 << 20 };

/* The largest contribution that noise can still be drawn for, at most GRID steps: what one person
 * reaches must stay within the samplers' range. */
static uint64_t grid_limit(const struct protect_stats_ask *ask) {
    uint64_t groups = ask->groups_per_person, rows = ask->rows_per_group;
    uint64_t limit = ask->noise == PROTECT_LAPLACE
                         ? ((uint64_t)1 << 29) / (groups * rows)
                         : (uint64_t)((double)(1 << 25) / ((double)rows * sqrt((double)groups)));
    return limit < 1 ? 1 : limit > GRID ? GRID : limit;
}

static void set_grid(const struct protect_stats_ask *ask, struct stats_part *part) {
    const struct protect_measure *m = &part->measure;
    uint64_t reach = 1;
    part->step = 1;
    part->shares = 1;
    part->bound = 1;
    if (m->statistic == PROTECT_COUNT || m->statistic == PROTECT_QUANTILE)
        return;
    if (m->statistic == PROTECT_SUM) {
        uint64_t below = (uint64_t)(m->low < 0 ? -m->low : m->low);
        uint64_t above = (uint64_t)(m->high < 0 ? -m->high : m->high);
        reach = below > above ? below : above;
    } else {
        part->shares = 2;
        part->middle = m->low + (m->high - m->low) / 2;
        reach = (uint64_t)(m->high - part->middle); /* the larger half */
    }
    uint64_t limit = grid_limit(ask);
    part->step = (int64_t)((reach + limit - 1) / limit);
    part->bound = (reach + (uint64_t)part->step - 1) / (uint64_t)part->step;
}

static enum pd_status check_bounds(pd_str name, int64_t low, int64_t high, int decimals,
                                   struct pd_error *err) {
    if (decimals < 0 || decimals > PROTECT_MAX_DECIMALS)
        return pd_fail(err, PD_USAGE, "the bounds of \"%.*s\" have %d decimals; 0 to %d can be",
                       pd_arg(name), decimals, PROTECT_MAX_DECIMALS);
    if (low >= high)
        return pd_fail(err, PD_USAGE,
                       "the bounds of \"%.*s\" are upside down: the lower one must be less",
                       pd_arg(name));
    if (low < -PROTECT_MAX_AMOUNT || high > PROTECT_MAX_AMOUNT)
        return pd_fail(err, PD_USAGE, "the bounds of \"%.*s\" have more than 15 digits",
                       pd_arg(name));
    return PD_OK;
}

static enum pd_status check_measure(struct protect_stats *stats, const struct protect_measure *m,
                                    const pd_str *names, struct pd_error *err) {
    struct stats_part *part = &stats->parts[stats->part_count++];
    *part = (struct stats_part){.measure = *m};
    if (m->statistic != PROTECT_COUNT) {
        if (m->column >= stats->columns)
            return pd_fail(err, PD_USAGE, "a measure names a column that isn't there");
        enum pd_status st = check_bounds(names[m->column], m->low, m->high, m->decimals, err);
        if (st != PD_OK)
            return st;
    }
    if (m->statistic == PROTECT_QUANTILE) {
        if (m->permille < 1 || m->permille > 999 || m->steps > PROTECT_QUANTILE_STEPS_MAX)
            return pd_fail(err, PD_USAGE,
                           "a quantile lies strictly between 0 and 1, in at most %d steps",
                           PROTECT_QUANTILE_STEPS_MAX);
        if (m->steps == 0)
            part->measure.steps = 1000;
    }
    set_grid(&stats->ask, part);
    stats->shares += part->shares;
    return PD_OK;
}

static enum pd_status check_measures(struct protect_stats *stats, const pd_str *names,
                                     struct pd_error *err) {
    const struct protect_stats_ask *ask = &stats->ask;
    if (ask->measure_count == 0 || ask->measure_count > PROTECT_MEASURES_MAX)
        return pd_fail(err, PD_USAGE, "between 1 and %d statistics can be asked for at a time",
                       PROTECT_MEASURES_MAX);
    stats->parts = pd_arena_array(stats->arena, ask->measure_count + 1, sizeof(*stats->parts));
    if (!stats->parts)
        return pd_fail_memory(err);
    stats->count_part = SIZE_MAX;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < ask->measure_count; i++) {
        st = check_measure(stats, &ask->measures[i], names, err);
        if (ask->measures[i].statistic == PROTECT_COUNT && stats->count_part == SIZE_MAX)
            stats->count_part = i;
    }
    bool finds = ask->group_count > 0 && ask->stated_count == 0;
    if (st == PD_OK && finds && stats->count_part == SIZE_MAX) {
        stats->count_part = stats->part_count;
        st =
            check_measure(stats, &(struct protect_measure){.statistic = PROTECT_COUNT}, names, err);
    }
    return st;
}

/* ---- Groups ---- */

static enum pd_status check_groups(struct protect_stats *stats, const pd_str *names,
                                   struct pd_error *err) {
    const struct protect_stats_ask *ask = &stats->ask;
    if (ask->group_count > PROTECT_GROUP_COLUMNS_MAX)
        return pd_fail(err, PD_USAGE, "at most %d columns can be grouped by",
                       PROTECT_GROUP_COLUMNS_MAX);
    if (ask->stated_count > PROTECT_STATED_GROUPS_MAX)
        return pd_fail(err, PD_USAGE, "at most %d groups can be stated", PROTECT_STATED_GROUPS_MAX);
    stats->bands = pd_arena_array(stats->arena, ask->group_count + 1, sizeof(*stats->bands));
    if (!stats->bands)
        return pd_fail_memory(err);
    for (size_t i = 0; i < ask->group_count; i++) {
        const struct protect_group_column *g = &ask->groups[i];
        if (g->column >= stats->columns)
            return pd_fail(err, PD_USAGE, "a column to group by isn't there");
        if (!g->is_banded)
            continue;
        enum pd_status st = check_bounds(names[g->column], g->low, g->high, g->decimals, err);
        if (st != PD_OK)
            return st;
        if (g->width < 1)
            return pd_fail(err, PD_USAGE, "the bands of \"%.*s\" have no width",
                           pd_arg(names[g->column]));
        stats->bands[i] =
            (uint64_t)((g->high - g->low) / g->width) + ((g->high - g->low) % g->width ? 1 : 0);
        if (stats->bands[i] > PROTECT_STATED_GROUPS_MAX)
            return pd_fail(err, PD_USAGE,
                           "\"%.*s\" would have %" PRIu64 " bands; at most %d can be",
                           pd_arg(names[g->column]), stats->bands[i], PROTECT_STATED_GROUPS_MAX);
    }
    return PD_OK;
}

void stats_band_write(const struct protect_group_column *column, uint64_t bands, uint64_t band,
                      struct pd_buf *out) {
    int64_t low = column->low + (int64_t)band * column->width;
    int64_t high = band + 1 == bands ? column->high : low + column->width;
    if (column->decimals == 0) {
        int64_t last = band + 1 == bands ? high : high - 1;
        protect_number_write(low, 0, out);
        if (last > low) {
            pd_buf_text(out, low < 0 ? " to " : "-");
            protect_number_write(last, 0, out);
        }
        return;
    }
    pd_buf_char(out, '[');
    protect_number_write(low, column->decimals, out);
    pd_buf_char(out, ',');
    protect_number_write(high, column->decimals, out);
    pd_buf_char(out, band + 1 == bands ? ']' : ')');
}

/* ---- Budget ---- */

static enum pd_status check_budget(const struct protect_stats *stats, struct pd_error *err) {
    const struct protect_stats_ask *ask = &stats->ask;
    bool is_pure = ask->noise == PROTECT_LAPLACE;
    uint64_t given = is_pure ? ask->epsilon_micro : ask->rho_nano;
    if (given == 0)
        return pd_fail(err, PD_USAGE,
                       "a budget of 0 allows no answer: an epsilon between 0.01 and 1 is usual");
    if (given > (is_pure ? EPSILON_MICRO_MAX : RHO_NANO_MAX))
        return pd_fail(err, PD_USAGE,
                       "%s is no privacy: at %s an answer tells nearly everything about a person; "
                       "between 0.01 and 1 is usual",
                       is_pure ? "an epsilon over 20" : "a rho over 4",
                       is_pure ? "epsilon 20" : "rho 4");
    bool finds = ask->group_count > 0 && ask->stated_count == 0;
    if (finds && !(ask->delta > 0 && ask->delta < 1e-2))
        return pd_fail(err, PD_USAGE,
                       "which groups there are would tell of persons: state the groups, or give a "
                       "delta well below 1 / persons (above 0, below 0.01), such as 1e-8");
    for (size_t i = 0; i < stats->part_count; i++) {
        struct protect_ratio scale;
        bool is_quantile = stats->parts[i].measure.statistic == PROTECT_QUANTILE;
        if (is_quantile ? stats_quantile_epsilon(stats) == 0
                        : !stats_noise_scale(stats, stats->parts[i].bound, &scale))
            return pd_fail(err, PD_USAGE,
                           "so small a budget for %zu statistics drowns any answer in noise: ask "
                           "for fewer, or lower the rows and groups per person",
                           stats->part_count);
    }
    return PD_OK;
}

enum pd_status stats_check(struct protect_stats *stats, const pd_str *names, struct pd_error *err) {
    struct protect_stats_ask *ask = &stats->ask;
    if (ask->groups_per_person == 0)
        ask->groups_per_person = 1;
    if (ask->rows_per_group == 0)
        ask->rows_per_group = 1;
    if (ask->groups_per_person > PROTECT_CONTRIBUTION_MAX ||
        ask->rows_per_group > PROTECT_CONTRIBUTION_MAX / ask->groups_per_person)
        return pd_fail(err, PD_USAGE, "one person can contribute at most %d rows",
                       PROTECT_CONTRIBUTION_MAX);
    if (!ask->has_person && (ask->groups_per_person > 1 || ask->rows_per_group > 1))
        return pd_fail(err, PD_USAGE,
                       "rows and groups per person are bounded only if a column says whose a row "
                       "is (--person COLUMN)");
    if (ask->has_person && ask->person >= stats->columns)
        return pd_fail(err, PD_USAGE, "the column of persons isn't there");
    enum pd_status st = check_groups(stats, names, err);
    if (st == PD_OK)
        st = check_measures(stats, names, err);
    return st == PD_OK ? check_budget(stats, err) : st;
}
