/* sketch/: sums, bins and periods are exact, whatever the order and however the values are parted.
 */
#include "sketch/sketch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t next_random(uint64_t *state) {
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* ---- Decimals ---- */

static void decimals_are_read_without_rounding_or_not_at_all(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t digits;
        int scale;
    } rows[] = {
        {"0", true, 0, 0},
        {"-7", true, -7, 0},
        {"1.10", true, 110, 2},
        {"-0.001", true, -1, 3},
        {"12e3", true, 12000, 0},
        {"1.5E-3", true, 15, 4},
        {"2.50e+1", true, 250, 1},
        {"0e99", true, 0, 0},
        {"999999999999999999", true, 999999999999999999, 0},
        {"0.000000000000000001", true, 1, 18},
        {"1000000000000000000", false, 0, 0},
        {"0.0000000000000000001", false, 0, 0},
        {"1e18", false, 0, 0},
        {"1e-19", false, 0, 0},
        {"", false, 0, 0},
        {"-", false, 0, 0},
        {".5", false, 0, 0},
        {"5.", false, 0, 0},
        {"1.2.3", false, 0, 0},
        {"1e", false, 0, 0},
        {"1e+-2", false, 0, 0},
        {"1e1000000000000", false, 0, 0},
        {"0x10", false, 0, 0},
        {"1 ", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sketch_decimal got = {0};
        bool ok = sketch_decimal_parse(pd_str_from(rows[i].text), &got);
        if (ok != rows[i].ok ||
            (ok && (got.digits != rows[i].digits || got.scale != rows[i].scale)))
            fail_msg("\"%s\": %d %lld/10^%d", rows[i].text, ok, (long long)got.digits, got.scale);
    }
}

static struct sketch_decimal decimal(const char *text) {
    struct sketch_decimal d = {0};
    assert_true(sketch_decimal_parse(pd_str_from(text), &d));
    return d;
}

static void a_sum_keeps_every_digit(void **state) {
    (void)state;
    static const struct {
        const char *values[5];
        const char *sum;
    } rows[] = {
        {{NULL}, "0"},
        {{"0.1", "0.2", NULL}, "0.3"},
        {{"-0.1", "-0.25", NULL}, "-0.35"},
        {{"1", "-0.000000000000000001", NULL}, "0.999999999999999999"},
        {{"-1", "0.5", NULL}, "-0.5"},
        {{"0.25", "-0.5", "0.25", NULL}, "0"},
        {{"999999999999999999", "999999999999999999", "0.5", "0.5", NULL}, "1999999999999999999"},
        {{"-999999999999999999", "-999999999999999999", "-0.75", NULL}, "-1999999999999999998.75"},
        {{"12.50", "7.50", NULL}, "20"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sketch_sum sum = {0};
        for (size_t v = 0; rows[i].values[v]; v++)
            sketch_sum_add(&sum, decimal(rows[i].values[v]));
        char text[SKETCH_SUM_TEXT_SIZE];
        assert_int_equal(sketch_sum_write(&sum, text), strlen(rows[i].sum));
        assert_string_equal(text, rows[i].sum);
    }
}

static void what_is_rounded_is_counted(void **state) {
    (void)state;
    struct sketch_sum sum = {0}, other = {0};
    sketch_sum_add(&sum, decimal("1.5"));
    sketch_sum_add_rounded(&other, 1e30);
    sketch_sum_merge(&sum, &other);
    assert_int_equal(sum.count, 1);
    assert_int_equal(sum.rounded, 1);
    assert_true(sketch_sum_value(&sum) >= 1e30L);
}

/* ---- Bins ---- */

static struct sketch_decimal random_decimal(uint64_t *random, int spread) {
    int64_t digits = (int64_t)(next_random(random) % 2000001) - 1000000;
    return (struct sketch_decimal){digits, (int)(next_random(random) % (uint64_t)spread)};
}

static bool same_bins(const struct sketch_bins *a, const struct sketch_bins *b) {
    return a->exponent == b->exponent && a->first == b->first && a->used == b->used &&
           (a->used == 0 || memcmp(a->counts, b->counts, a->used * sizeof(*a->counts)) == 0);
}

static void bins_do_not_depend_on_order_or_parts(void **state) {
    (void)state;
    uint64_t random = 11;
    for (int round = 0; round < 300; round++) {
        enum { N = 60 };
        struct sketch_decimal values[N];
        size_t n = 1 + next_random(&random) % N;
        int spread = 1 + (int)(next_random(&random) % 19);
        for (size_t i = 0; i < n; i++)
            values[i] = random_decimal(&random, spread);
        struct sketch_bins all, backwards, parts[3];
        sketch_bins_init(&all);
        sketch_bins_init(&backwards);
        for (int p = 0; p < 3; p++)
            sketch_bins_init(&parts[p]);
        for (size_t i = 0; i < n; i++) {
            assert_true(sketch_bins_add(&all, values[i]));
            assert_true(sketch_bins_add(&backwards, values[n - 1 - i]));
            assert_true(sketch_bins_add(&parts[next_random(&random) % 3], values[i]));
        }
        assert_true(sketch_bins_merge(&parts[2], &parts[0]) &&
                    sketch_bins_merge(&parts[2], &parts[1]));
        assert_true(same_bins(&all, &backwards));
        assert_true(same_bins(&all, &parts[2]));
        uint64_t total = 0;
        for (uint32_t i = 0; i < all.used; i++)
            total += all.counts[i];
        assert_int_equal(total, n);
        sketch_bins_clear(&all);
        sketch_bins_clear(&backwards);
        for (int p = 0; p < 3; p++)
            sketch_bins_clear(&parts[p]);
    }
}

static void a_value_lies_in_the_bin_that_says_so(void **state) {
    (void)state;
    uint64_t random = 5;
    for (int round = 0; round < 200; round++) {
        struct sketch_bins bins;
        sketch_bins_init(&bins);
        struct sketch_decimal values[40];
        for (size_t i = 0; i < 40; i++) {
            values[i] = random_decimal(&random, 4);
            assert_true(sketch_bins_add(&bins, values[i]));
        }
        struct sketch_bin shown[20];
        size_t n = sketch_bins_get(&bins, 20, 0, shown);
        assert_true(n >= 1 && n <= 20);
        for (size_t b = 0; b < n; b++) {
            char from_text[SKETCH_EDGE_TEXT_SIZE], to_text[SKETCH_EDGE_TEXT_SIZE];
            sketch_edge_write(shown[b].from, from_text);
            sketch_edge_write(shown[b].to, to_text);
            double from = strtod(from_text, NULL), to = strtod(to_text, NULL);
            uint64_t count = 0;
            for (size_t i = 0; i < 40; i++) {
                double v = sketch_decimal_value(values[i]);
                count += v >= from && v < to;
            }
            assert_int_equal(count, shown[b].count);
        }
        sketch_bins_clear(&bins);
    }
}

static void bins_of_whole_numbers_are_not_narrower_than_one(void **state) {
    (void)state;
    struct sketch_bins bins;
    sketch_bins_init(&bins);
    struct sketch_bin shown[20];
    char text[SKETCH_EDGE_TEXT_SIZE];
    assert_int_equal(sketch_bins_get(&bins, 20, 1, shown), 0);
    for (int i = 0; i < 3; i++)
        assert_true(sketch_bins_add(&bins, decimal("5")));
    assert_int_equal(sketch_bins_get(&bins, 20, 1, shown), 1);
    sketch_edge_write(shown[0].from, text);
    assert_string_equal(text, "5");
    sketch_edge_write(shown[0].to, text);
    assert_string_equal(text, "6");
    assert_int_equal(shown[0].count, 3);
    assert_true(sketch_bins_add(&bins, decimal("-999999999999999999")) &&
                sketch_bins_add(&bins, decimal("999999999999999999")));
    size_t n = sketch_bins_get(&bins, 20, 1, shown);
    sketch_edge_write(shown[0].from, text);
    assert_string_equal(text, "-1000000000000000000");
    sketch_edge_write(shown[n - 1].to, text);
    assert_string_equal(text, "1000000000000000000");
    sketch_bins_clear(&bins);
}

/* ---- Periods ---- */

static bool same_periods(const struct sketch_periods *a, const struct sketch_periods *b) {
    if (a->unit != b->unit || a->first != b->first || a->used != b->used || a->total != b->total ||
        a->days_overflow != b->days_overflow || a->first_seen != b->first_seen ||
        a->last_seen != b->last_seen ||
        memcmp(a->counts, b->counts, a->used * sizeof(*a->counts)) != 0)
        return false;
    for (int64_t day = a->first_seen; !a->days_overflow && day <= a->last_seen; day++)
        if (sketch_periods_has_day(a, day) != sketch_periods_has_day(b, day))
            return false;
    return true;
}

static void periods_do_not_depend_on_order_or_parts(void **state) {
    (void)state;
    static const int64_t spans[] = {1, 24, 24 * 30, 24 * 800, 24 * 365 * 60, 24 * 365 * 900};
    uint64_t random = 3;
    for (int round = 0; round < 120; round++) {
        int64_t hours = spans[round % 6];
        struct sketch_periods all, backwards, parts[2];
        sketch_periods_init(&all);
        sketch_periods_init(&backwards);
        sketch_periods_init(&parts[0]);
        sketch_periods_init(&parts[1]);
        enum { N = 50 };
        pd_time times[N];
        for (size_t i = 0; i < N; i++)
            times[i] =
                ((int64_t)(next_random(&random) % (uint64_t)hours) - hours / 2) * 3600 * PD_SECOND;
        for (size_t i = 0; i < N; i++) {
            assert_true(sketch_periods_add(&all, times[i]));
            assert_true(sketch_periods_add(&backwards, times[N - 1 - i]));
            assert_true(sketch_periods_add(&parts[next_random(&random) % 2], times[i]));
        }
        assert_true(sketch_periods_merge(&parts[0], &parts[1]));
        assert_true(same_periods(&all, &backwards));
        assert_true(same_periods(&all, &parts[0]));
        sketch_periods_clear(&all);
        sketch_periods_clear(&backwards);
        sketch_periods_clear(&parts[0]);
        sketch_periods_clear(&parts[1]);
    }
}

static pd_time time_of(const char *text) {
    pd_time t = 0;
    assert_true(pd_time_parse(pd_str_from(text), &t));
    return t;
}

static void the_unit_of_periods_follows_the_range(void **state) {
    (void)state;
    static const struct {
        const char *last;
        enum sketch_unit unit;
        uint32_t used;
    } rows[] = {
        {"2024-02-28T05:00:00Z", SKETCH_HOURS, 6}, {"2024-03-01", SKETCH_HOURS, 49},
        {"2024-12-31", SKETCH_DAYS, 308},          {"2026-02-28", SKETCH_MONTHS, 25},
        {"2124-02-28", SKETCH_YEARS, 101},         {"9999-12-31", SKETCH_YEARS, 7976},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sketch_periods p;
        sketch_periods_init(&p);
        assert_true(sketch_periods_add(&p, time_of("2024-02-28")) &&
                    sketch_periods_add(&p, time_of(rows[i].last)));
        assert_int_equal(p.unit, rows[i].unit);
        assert_int_equal(p.used, rows[i].used);
        assert_int_equal(p.counts[0] + (p.used > 1 ? p.counts[p.used - 1] : 0), 2);
        sketch_periods_clear(&p);
    }
}

static void days_far_apart_are_given_up_and_said_so(void **state) {
    (void)state;
    struct sketch_periods p;
    sketch_periods_init(&p);
    assert_true(sketch_periods_add(&p, time_of("1900-01-01")) &&
                sketch_periods_add(&p, time_of("1900-01-03")));
    assert_true(!p.days_overflow && sketch_periods_has_day(&p, p.first_seen) &&
                !sketch_periods_has_day(&p, p.first_seen + 1) &&
                sketch_periods_has_day(&p, p.last_seen));
    assert_true(sketch_periods_add(&p, time_of("2900-01-01")));
    assert_true(p.days_overflow);
    assert_int_equal(p.total, 3);
    sketch_periods_clear(&p);
}

/* ---- Many at once ---- */

static void many_at_once_are_as_each_by_itself(void **state) {
    (void)state;
    uint64_t random = 4;
    for (int round = 0; round < 40; round++) {
        enum { COUNT = 500 };
        int64_t integers[COUNT];
        pd_time times[COUNT];
        int digits = (int)(next_random(&random) % 19);
        struct sketch_bins bins[2];
        struct sketch_periods periods[2];
        struct sketch_sum sums[2] = {{{0}}, {{0}}};
        struct pd_buf saved[2];
        for (int s = 0; s < 2; s++) {
            sketch_bins_init(&bins[s]);
            sketch_periods_init(&periods[s]);
            pd_buf_init(&saved[s], 0);
        }
        const int64_t span = round % 4 == 0   ? PD_DAY
                             : round % 4 == 1 ? 300 * PD_DAY
                             : round % 4 == 2 ? 9000 * PD_DAY
                                              : 700000 * PD_DAY;
        for (int i = 0; i < COUNT; i++) {
            integers[i] = (int64_t)(next_random(&random) >> 1) % (sketch_power_of_ten(digits) + 1);
            integers[i] = next_random(&random) % 2 ? integers[i] : -integers[i];
            times[i] = (int64_t)(next_random(&random) % (uint64_t)span) - span / 3;
            struct sketch_decimal number = {integers[i], 0};
            assert_true(sketch_bins_add(&bins[0], number) &&
                        sketch_periods_add(&periods[0], times[i]));
            sketch_sum_add(&sums[0], number);
        }
        assert_true(sketch_bins_add_integers(&bins[1], integers, COUNT) &&
                    sketch_periods_add_all(&periods[1], times, COUNT));
        sketch_sum_add_integers(&sums[1], integers, COUNT);
        for (int s = 0; s < 2; s++)
            assert_true(sketch_bins_save(&bins[s], &saved[s]) &&
                        sketch_periods_save(&periods[s], &saved[s]) &&
                        sketch_sum_save(&sums[s], &saved[s]));
        assert_true(pd_str_eq(pd_buf_view(&saved[0]), pd_buf_view(&saved[1])));
        for (int s = 0; s < 2; s++) {
            sketch_bins_clear(&bins[s]);
            sketch_periods_clear(&periods[s]);
            pd_buf_clear(&saved[s]);
        }
    }
}

/* ---- Distinct values of a key ---- */

static void a_key_is_counted_exactly_beyond_the_usual_limit(void **state) {
    (void)state;
    struct sketch_distinct key, nearly;
    sketch_distinct_init(&key, 100, 5000);
    sketch_distinct_init(&nearly, 100, 5000);
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t hash = sketch_hash(&i, sizeof(i), 1);
        assert_true(sketch_distinct_add(&key, hash) && sketch_distinct_add(&nearly, hash));
    }
    assert_true(sketch_distinct_is_unique(&key));
    assert_int_equal(sketch_distinct_get(&key).value, 5000);
    uint64_t again = 7;
    assert_true(sketch_distinct_add(&nearly, sketch_hash(&again, sizeof(again), 1)));
    assert_false(sketch_distinct_is_unique(&nearly));
    assert_false(sketch_distinct_get(&nearly).is_exact);
    uint64_t more = 5000;
    assert_true(sketch_distinct_add(&key, sketch_hash(&more, sizeof(more), 1)));
    assert_false(sketch_distinct_get(&key).is_exact);
    sketch_distinct_clear(&key);
    sketch_distinct_clear(&nearly);
}

static void a_distinct_count_does_not_depend_on_order_or_parts(void **state) {
    (void)state;
    uint64_t random = 9;
    for (int round = 0; round < 60; round++) {
        uint64_t values = 1 + next_random(&random) % 900, repeats = 1 + next_random(&random) % 2;
        struct sketch_distinct all, parts[3];
        sketch_distinct_init(&all, 200, 700);
        for (int p = 0; p < 3; p++)
            sketch_distinct_init(&parts[p], 200, 700);
        for (uint64_t i = 0; i < values * repeats; i++) {
            uint64_t value = i % values, hash = sketch_hash(&value, sizeof(value), 2);
            assert_true(sketch_distinct_add(&all, hash));
            assert_true(sketch_distinct_add(&parts[next_random(&random) % 3], hash));
        }
        assert_true(sketch_distinct_merge(&parts[1], &parts[0]) &&
                    sketch_distinct_merge(&parts[1], &parts[2]));
        struct sketch_count a = sketch_distinct_get(&all), b = sketch_distinct_get(&parts[1]);
        assert_int_equal(a.value, b.value);
        assert_int_equal(a.is_exact, b.is_exact);
        assert_int_equal(sketch_distinct_is_unique(&all), sketch_distinct_is_unique(&parts[1]));
        sketch_distinct_clear(&all);
        for (int p = 0; p < 3; p++)
            sketch_distinct_clear(&parts[p]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_are_read_without_rounding_or_not_at_all),
        cmocka_unit_test(a_sum_keeps_every_digit),
        cmocka_unit_test(what_is_rounded_is_counted),
        cmocka_unit_test(bins_do_not_depend_on_order_or_parts),
        cmocka_unit_test(a_value_lies_in_the_bin_that_says_so),
        cmocka_unit_test(bins_of_whole_numbers_are_not_narrower_than_one),
        cmocka_unit_test(periods_do_not_depend_on_order_or_parts),
        cmocka_unit_test(the_unit_of_periods_follows_the_range),
        cmocka_unit_test(days_far_apart_are_given_up_and_said_so),
        cmocka_unit_test(many_at_once_are_as_each_by_itself),
        cmocka_unit_test(a_key_is_counted_exactly_beyond_the_usual_limit),
        cmocka_unit_test(a_distinct_count_does_not_depend_on_order_or_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
