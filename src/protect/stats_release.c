/* Statistics with differential privacy: noise is drawn, and what may be told is told. */
#include "protect/stats_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- What it costs ---- */

struct protect_cost protect_stats_cost(const struct protect_stats *stats) {
    const struct protect_stats_ask *ask = &stats->ask;
    struct protect_cost cost = {.rho_nano = ask->rho_nano};
    if (ask->noise == PROTECT_LAPLACE) {
        cost.epsilon_micro = ask->epsilon_micro;
        double epsilon = (double)ask->epsilon_micro / 1e6;
        cost.rho_nano = (uint64_t)ceil(protect_zcdp_of_epsilon(epsilon) * 1e9);
    }
    if (ask->group_count > 0 && ask->stated_count == 0)
        cost.delta = ask->delta;
    return cost;
}

/* ---- Noise ---- */

static double of_ratio(struct protect_ratio ratio) {
    return (double)ratio.over / (double)ratio.under;
}

static int64_t draw(const struct protect_stats *stats, struct protect_random *random,
                    uint64_t bound) {
    struct protect_ratio scale;
    if (!stats_noise_scale(stats, bound, &scale))
        return 0; /* stats_check saw to it that this can't be */
    return stats->ask.noise == PROTECT_GAUSSIAN ? protect_noise_gaussian(random, scale)
                                                : protect_noise_laplace(random, scale);
}

/* With probability 95 % the noise is within it, in steps: ln(20) scales, 1.96 deviations. */
static double margin_of(const struct protect_stats *stats, uint64_t bound) {
    struct protect_ratio scale;
    if (!stats_noise_scale(stats, bound, &scale))
        return 0;
    return stats->ask.noise == PROTECT_GAUSSIAN ? 1.96 * sqrt(of_ratio(scale))
                                                : 2.9957322735539909 * of_ratio(scale);
}

/*
 * A group that one person alone makes has at most rows_per_group rows: it is told with probability
 * at most delta / groups_per_person, whatever the noise. P(noise >= m) <= exp(-m / scale) for the
 * Laplace, and P(noise >= m) <= exp(-(m-1)^2 / 2 variance) for the Gaussian (CKS 2020,
 * proposition 25).
 */
static int64_t threshold_of(const struct protect_stats *stats) {
    const struct protect_stats_ask *ask = &stats->ask;
    struct protect_ratio scale;
    if (ask->group_count == 0 || ask->stated_count > 0 || !stats_noise_scale(stats, 1, &scale))
        return 0;
    double odds = log((double)ask->groups_per_person / ask->delta) * (1 + 1e-9);
    double m = ask->noise == PROTECT_GAUSSIAN ? 1 + sqrt(2 * of_ratio(scale) * odds)
                                              : of_ratio(scale) * odds;
    return (int64_t)ask->rows_per_group + (int64_t)ceil(m * (1 + 1e-9));
}

/* ---- Quantiles: permute and flip ---- */

/*
 * McKenna and Sheldon 2020: candidates in random order, each taken with probability
 * exp(epsilon (its score - the best score) / (2 sensitivity)): epsilon-DP, never worse than the
 * exponential mechanism, and in need of nothing but Bernoulli trials. A candidate is a division of
 * the bounds; the score is minus |below (1000 - p) - above p|.
 */
static uint64_t distance_from(uint64_t below, uint64_t all, unsigned permille) {
    stats_wide difference =
        (stats_wide)below * (1000 - permille) - (stats_wide)(all - below) * permille;
    return (uint64_t)(difference < 0 ? -difference : difference);
}

static bool draw_quantile(const struct protect_stats *stats, const struct stats_part *part,
                          const struct stats_tally *tally, struct protect_random *random,
                          int64_t *out) {
    const struct protect_measure *m = &part->measure;
    uint64_t all = 0, least = UINT64_MAX, below = 0;
    uint64_t epsilon = stats_quantile_epsilon(stats);
    unsigned larger = m->permille > 500 ? m->permille : 1000 - m->permille;
    uint64_t reach = (uint64_t)stats->ask.rows_per_group * larger;
    size_t count = (size_t)m->steps + 1;
    uint64_t *far = calloc(count, sizeof(*far));
    uint32_t *order = calloc(count, sizeof(*order));
    if (!far || !order) {
        free(far);
        free(order);
        return false;
    }
    for (size_t i = 0; tally->below && i < m->steps; i++)
        all += tally->below[i];
    for (size_t i = 0; i < count; i++) {
        far[i] = distance_from(below, all, m->permille);
        least = far[i] < least ? far[i] : least;
        order[i] = (uint32_t)i;
        below += tally->below && i < m->steps ? tally->below[i] : 0;
    }
    size_t chosen = 0;
    for (size_t left = count; left > 0; left--) {
        size_t at = (size_t)protect_random_below(random, left);
        chosen = order[at];
        order[at] = order[left - 1];
        /* epsilon (far - least) / (2 reach), epsilon in millionths. Where that doesn't fit it is
         * over 2^18, and the probability below e^-200000. */
        stats_wide over = (stats_wide)(far[chosen] - least) * (int64_t)epsilon;
        if (over >> 62 == 0 &&
            protect_bernoulli_exp(random, (uint64_t)over, 2 * reach * UINT64_C(1000000)))
            break;
    }
    *out = m->low + (int64_t)((stats_wide)(m->high - m->low) * (int64_t)chosen / m->steps);
    free(far);
    free(order);
    return true;
}

/* ---- One answer ---- */

static double in_units(double steps, int64_t step, int decimals) {
    return steps * (double)step / pow(10, decimals);
}

static int64_t within(stats_wide value, int64_t low, int64_t high) {
    return value < low ? low : value > high ? high : (int64_t)value;
}

static void answer_mean(const struct protect_stats *stats, const struct stats_part *part,
                        const struct stats_tally *tally, struct protect_random *random,
                        struct protect_answer *out) {
    const struct protect_measure *m = &part->measure;
    int64_t sum = tally->sum + draw(stats, random, part->bound);
    int64_t count = tally->count + draw(stats, random, 1);
    int64_t more = 1;
    count = count < 1 ? 1 : count;
    out->decimals = m->decimals;
    for (int i = 0; i < 3 && out->decimals < PROTECT_MAX_DECIMALS; i++, out->decimals++)
        more *= 10;
    stats_wide mean = (stats_wide)part->middle * more + (stats_wide)sum * part->step * more / count;
    out->value = within(mean, m->low * more, m->high * more);
    out->margin = in_units(margin_of(stats, part->bound) / (double)count, part->step, m->decimals);
}

static bool answer(const struct protect_stats *stats, size_t nth, const struct stats_tally *tally,
                   struct protect_random *random, struct protect_answer *out) {
    const struct stats_part *part = &stats->parts[nth];
    const struct protect_measure *m = &part->measure;
    *out = (struct protect_answer){.step = 1, .decimals = m->decimals};
    switch (m->statistic) {
    case PROTECT_COUNT:
    case PROTECT_SUM:
        out->value = tally->sum + draw(stats, random, part->bound);
        out->step = part->step;
        out->margin = in_units(margin_of(stats, part->bound), part->step, m->decimals);
        break;
    case PROTECT_MEAN:
        answer_mean(stats, part, tally, random, out);
        break;
    case PROTECT_QUANTILE:
        return draw_quantile(stats, part, tally, random, &out->value);
    }
    return true;
}

void protect_answer_write(const struct protect_answer *a, struct pd_buf *out) {
    stats_wide value = (stats_wide)a->value * a->step;
    char digits[48];
    int n = 0;
    if (value < 0)
        pd_buf_char(out, '-');
    for (value = value < 0 ? -value : value; value > 0 || n <= a->decimals; value /= 10)
        digits[n++] = (char)('0' + (int)(value % 10));
    while (n > 0) {
        if (n == a->decimals)
            pd_buf_char(out, '.');
        pd_buf_char(out, digits[--n]);
    }
}

/* ---- Groups ---- */

static int compare_groups(const void *a, const void *b, void *context) {
    const struct protect_stats_group *x = a, *y = b;
    size_t columns = *(const size_t *)context;
    int order = 0;
    for (size_t i = 0; order == 0 && i < columns; i++)
        order = pd_str_cmp(x->keys[i], y->keys[i]);
    return order;
}

static enum pd_status copy_keys(const struct protect_stats *stats, uint32_t group,
                                struct pd_arena *arena, struct protect_stats_group *out,
                                struct pd_error *err) {
    size_t columns = stats->ask.group_count;
    pd_str *keys = pd_arena_array(arena, columns + 1, sizeof(*keys));
    if (!keys)
        return pd_fail_memory(err);
    for (size_t i = 0; i < columns; i++) {
        uint32_t id = stats->groups.ids[(size_t)group * stats->groups.width + i];
        keys[i] = pd_arena_str(arena, protect_values_text(&stats->keys[i], id));
        if (!keys[i].data)
            return pd_fail_memory(err);
    }
    out->keys = keys;
    return PD_OK;
}

/* A found group whose noisy count is below the threshold stays untold, noise and all. */
static enum pd_status release_group(struct protect_stats *stats, uint32_t group, int64_t threshold,
                                    struct protect_random *random, struct pd_arena *arena,
                                    struct protect_stats_group *out, bool *is_told,
                                    struct pd_error *err) {
    const struct stats_tally *tally = &stats->tallies[(size_t)group * stats->part_count];
    /* Where no row counted since its persons had reached their bounds: as if it weren't there, or a
     * person could make groups without bound. */
    *is_told = false;
    if (threshold > 0 && tally[stats->count_part].sum == 0)
        return PD_OK;
    struct protect_answer *answers = pd_arena_array(arena, stats->part_count, sizeof(*answers));
    if (!answers)
        return pd_fail_memory(err);
    for (size_t i = 0; i < stats->part_count; i++)
        if (!answer(stats, i, &tally[i], random, &answers[i]))
            return pd_fail_memory(err);
    out->answers = answers;
    *is_told = threshold == 0 || answers[stats->count_part].value >= threshold;
    return *is_told ? copy_keys(stats, group, arena, out, err) : PD_OK;
}

enum pd_status protect_stats_release(struct protect_stats *stats, struct protect_random *random,
                                     struct pd_arena *arena,
                                     const struct protect_stats_result **out,
                                     struct pd_error *err) {
    if (stats->is_released)
        return pd_fail(err, PD_USAGE,
                       "these statistics were told already; to draw noise again is to ask again");
    stats->is_released = true;
    struct protect_stats_result *result = pd_arena_alloc(arena, sizeof(*result));
    struct protect_stats_group *groups =
        pd_arena_array(arena, (size_t)stats->groups.count + 1, sizeof(*groups));
    if (!result || !groups)
        return pd_fail_memory(err);
    result->threshold = threshold_of(stats);
    for (uint32_t i = 0; i < stats->groups.count; i++) {
        bool is_told;
        enum pd_status st = release_group(stats, i, result->threshold, random, arena,
                                          &groups[result->group_count], &is_told, err);
        if (st != PD_OK)
            return st;
        result->group_count += is_told ? 1 : 0;
    }
    /* The order in which groups were found is the order of the rows, which stays private. */
    if (result->threshold > 0)
        qsort_r(groups, result->group_count, sizeof(*groups), compare_groups,
                &stats->ask.group_count);
    result->groups = groups;
    result->cost = protect_stats_cost(stats);
    *out = result;
    return PD_OK;
}
