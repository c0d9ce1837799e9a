/* Tests the noise and the accounting of src/protect/ through their public header. Seeds are fixed,
 * so that each run draws the same; the confidence of each test of fit is 1 - 1e-6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "protect/protect.h"

/* splitmix64 (Steele, Lea, Flood 2014) */
static void fill(void *context, void *out, size_t n) {
    uint64_t *state = context;
    for (size_t i = 0; i + 8 <= n; i += 8) {
        uint64_t z = *state += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        z ^= z >> 31;
        memcpy((char *)out + i, &z, 8);
    }
}

static struct protect_random seeded(uint64_t *state) {
    return (struct protect_random){.fill = fill, .context = state};
}

/* The quantile 1 - 1e-6 of chi squared (Wilson and Hilferty 1931), a little on the large side. */
static double chi_limit(size_t freedom) {
    double k = (double)freedom, z = 4.7534;
    return k * pow(1 - 2 / (9 * k) + z * sqrt(2 / (9 * k)), 3) * 1.01;
}

enum { CELLS = 4001, MIDDLE = 2000, DRAWS = 200000 };

/* weight[i] ~ P(i - MIDDLE), not normalised. Cells with less than 10 expected are joined. */
static void assert_fits(const double *weight, const uint64_t *seen, const char *what) {
    double all = 0, expected = 0, statistic = 0;
    uint64_t count = 0;
    size_t cells = 0;
    for (size_t i = 0; i < CELLS; i++)
        all += weight[i];
    for (size_t i = 0; i < CELLS; i++) {
        expected += weight[i] / all * DRAWS;
        count += seen[i];
        if (expected < 10 && i + 1 < CELLS)
            continue;
        double d = (double)count - expected;
        statistic += expected > 0 ? d * d / expected : 0;
        cells++;
        expected = 0;
        count = 0;
    }
    assert_true(cells > 2);
    if (statistic > chi_limit(cells - 1))
        fail_msg("%s: chi squared %.1f with %zu cells, more than %.1f", what, statistic, cells,
                 chi_limit(cells - 1));
}

static void count_draw(uint64_t *seen, int64_t drawn) {
    if (drawn < -MIDDLE)
        drawn = -MIDDLE;
    if (drawn > MIDDLE)
        drawn = MIDDLE;
    seen[drawn + MIDDLE]++;
}

static void uniform_numbers_are_uniform(void **state) {
    (void)state;
    static const uint64_t bounds[] = {1, 2, 3, 7, 10, 1000};
    for (size_t b = 0; b < sizeof(bounds) / sizeof(*bounds); b++) {
        static double weight[CELLS];
        static uint64_t seen[CELLS];
        memset(weight, 0, sizeof(weight));
        memset(seen, 0, sizeof(seen));
        uint64_t seed = 11 + b;
        struct protect_random random = seeded(&seed);
        for (size_t i = 0; i < DRAWS; i++) {
            uint64_t drawn = protect_random_below(&random, bounds[b]);
            assert_true(drawn < bounds[b]);
            count_draw(seen, (int64_t)drawn);
        }
        for (size_t i = 0; i < bounds[b]; i++)
            weight[MIDDLE + i] = 1;
        if (bounds[b] > 2)
            assert_fits(weight, seen, "uniform");
    }
    /* A bound that isn't a power of two, where a biased method would show: 3/4 of the range. */
    uint64_t seed = 5, low = 0, bound = (uint64_t)3 << 62;
    struct protect_random random = seeded(&seed);
    for (size_t i = 0; i < DRAWS; i++)
        low += protect_random_below(&random, bound) < (uint64_t)1 << 62;
    assert_true(fabs((double)low - DRAWS / 3.0) < 5 * sqrt(DRAWS * 2.0 / 9));
}

static void trials_succeed_as_often_as_exp_of_minus_x(void **state) {
    (void)state;
    static const struct {
        uint64_t over, under;
    } cases[] = {{0, 1}, {1, 3}, {1, 1}, {5, 2}, {123456789, 1000000000}, {7, 2}};
    for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
        uint64_t seed = 100 + c, hits = 0;
        struct protect_random random = seeded(&seed);
        for (size_t i = 0; i < DRAWS; i++)
            hits += protect_bernoulli_exp(&random, cases[c].over, cases[c].under);
        double p = exp(-(double)cases[c].over / (double)cases[c].under);
        assert_true(fabs((double)hits - p * DRAWS) <= 5 * sqrt(DRAWS * p * (1 - p)));
    }
}

static void laplace_noise_fits_its_distribution(void **state) {
    (void)state;
    static const struct protect_ratio scales[] = {{1, 3},  {1, 1},  {7, 2}, {1000000, 100000},
                                                  {20, 1}, {100, 1}};
    for (size_t s = 0; s < sizeof(scales) / sizeof(*scales); s++) {
        static double weight[CELLS];
        static uint64_t seen[CELLS];
        memset(seen, 0, sizeof(seen));
        uint64_t seed = 7 + s;
        struct protect_random random = seeded(&seed);
        double scale = (double)scales[s].over / (double)scales[s].under;
        for (size_t i = 0; i < CELLS; i++)
            weight[i] = exp(-fabs((double)i - MIDDLE) / scale);
        for (size_t i = 0; i < DRAWS; i++)
            count_draw(seen, protect_noise_laplace(&random, scales[s]));
        assert_fits(weight, seen, "Laplace");
    }
}

static void gaussian_noise_fits_its_distribution(void **state) {
    (void)state;
    static const struct protect_ratio variances[] = {
        {1, 4}, {1, 1}, {5, 2}, {100, 1}, {12345, 10}, {(uint64_t)10000 << 24, (uint64_t)1 << 24}};
    for (size_t s = 0; s < sizeof(variances) / sizeof(*variances); s++) {
        static double weight[CELLS];
        static uint64_t seen[CELLS];
        memset(seen, 0, sizeof(seen));
        uint64_t seed = 70 + s;
        struct protect_random random = seeded(&seed);
        double variance = (double)variances[s].over / (double)variances[s].under;
        for (size_t i = 0; i < CELLS; i++)
            weight[i] = exp(-((double)i - MIDDLE) * ((double)i - MIDDLE) / (2 * variance));
        for (size_t i = 0; i < DRAWS; i++)
            count_draw(seen, protect_noise_gaussian(&random, variances[s]));
        assert_fits(weight, seen, "Gaussian");
    }
}

/* The test of fit itself must be able to fail: the continuous Laplace, rounded, is another one. */
static void a_rounded_laplace_would_be_found_out(void **state) {
    (void)state;
    static double weight[CELLS];
    static uint64_t seen[CELLS];
    uint64_t seed = 3;
    struct protect_random random = seeded(&seed);
    double statistic = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        double u =
            ((double)protect_random_below(&random, (uint64_t)1 << 53) + 0.5) / 9007199254740992.0 -
            0.5;
        double x = (u < 0 ? 1 : -1) * log(1 - 2 * fabs(u));
        count_draw(seen, (int64_t)llround(x));
    }
    for (size_t i = 0; i < CELLS; i++)
        weight[i] = exp(-fabs((double)i - MIDDLE));
    double all = (1 + exp(-1.0)) / (1 - exp(-1.0));
    for (size_t i = MIDDLE - 5; i <= MIDDLE + 5; i++) {
        double expected = weight[i] / all * DRAWS;
        statistic += ((double)seen[i] - expected) * ((double)seen[i] - expected) / expected;
    }
    assert_true(statistic > chi_limit(10));
}

static void large_scales_stay_within_range(void **state) {
    (void)state;
    uint64_t seed = 1;
    struct protect_random random = seeded(&seed);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < 2000; i++) {
        double l =
            (double)protect_noise_laplace(&random, (struct protect_ratio){PROTECT_SCALE_MAX, 1});
        double g = (double)protect_noise_gaussian(&random,
                                                  (struct protect_ratio){PROTECT_VARIANCE_MAX, 3});
        sum += fabs(l) / (double)PROTECT_SCALE_MAX;
        squares += g * g / ((double)PROTECT_VARIANCE_MAX / 3);
    }
    assert_true(fabs(sum / 2000 - 1) < 0.12);     /* mean 1, deviation 1/sqrt(2000) */
    assert_true(fabs(squares / 2000 - 1) < 0.16); /* deviation sqrt(2/2000) */
    for (size_t i = 0; i < 1000; i++)
        (void)protect_noise_gaussian(
            &random, (struct protect_ratio){PROTECT_VARIANCE_MAX, PROTECT_VARIANCE_MAX});
}

/*
 * What others publish: OpenDP's documentation has noise of deviation 1/2 on a sensitivity of 1 (rho
 * 2) at delta 1e-6, and a mean of 1000 values in [0, 100] with deviation 1 (rho 0.005) at 1e-8.
 */
static void accounting_agrees_with_published_values(void **state) {
    (void)state;
    assert_true(fabs(protect_zcdp_epsilon(2, 1e-6) - 11.688596249354896) < 1e-6);
    assert_true(fabs(protect_zcdp_epsilon(0.005, 1e-8) - 0.52355612) < 2e-6);
}

static void accounting_is_on_the_safe_side(void **state) {
    (void)state;
    static const double rhos[] = {1e-6, 1e-4, 0.01, 0.1, 0.5, 1, 2.56, 4};
    static const double deltas[] = {1e-12, 1e-10, 1e-6, 1e-3};
    for (size_t i = 0; i < sizeof(rhos) / sizeof(*rhos); i++) {
        double last = INFINITY;
        for (size_t d = 0; d < sizeof(deltas) / sizeof(*deltas); d++) {
            double epsilon = protect_zcdp_epsilon(rhos[i], deltas[d]);
            /* never more than Bun and Steinke 2016, proposition 1.3; less delta costs more */
            assert_true(epsilon <= rhos[i] + 2 * sqrt(rhos[i] * -log(deltas[d])) + 1e-8);
            assert_true(epsilon <= last && epsilon >= 0);
            assert_true(protect_zcdp_delta(rhos[i], epsilon) <= deltas[d]);
            /* never less than what the Gaussian of that rho truly has (Balle and Wang 2018) */
            double mu = sqrt(2 * rhos[i]);
            double truth = 0.5 * erfc(-(mu / 2 - epsilon / mu) / sqrt(2)) -
                           exp(epsilon) * 0.5 * erfc((mu / 2 + epsilon / mu) / sqrt(2));
            assert_true(truth <= deltas[d] * (1 + 1e-6));
            last = epsilon;
            if (epsilon > 0) {
                double back = protect_zcdp_rho(epsilon, deltas[d]);
                assert_true(back <= rhos[i] * (1 + 1e-6) && back >= rhos[i] * (1 - 1e-5));
            }
        }
    }
    assert_true(protect_zcdp_epsilon(0, 1e-9) == 0);
    assert_true(fabs(protect_zcdp_of_epsilon(1) - 0.5) < 1e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_numbers_are_uniform),
        cmocka_unit_test(trials_succeed_as_often_as_exp_of_minus_x),
        cmocka_unit_test(laplace_noise_fits_its_distribution),
        cmocka_unit_test(gaussian_noise_fits_its_distribution),
        cmocka_unit_test(a_rounded_laplace_would_be_found_out),
        cmocka_unit_test(large_scales_stay_within_range),
        cmocka_unit_test(accounting_agrees_with_published_values),
        cmocka_unit_test(accounting_is_on_the_safe_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
