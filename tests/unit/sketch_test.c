/* sketch/: exactness while small, the promised bounds when large, and merges that keep them. */
#include "sketch/sketch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t hash_of(uint64_t number, uint64_t seed) {
    return sketch_hash(&number, sizeof(number), seed);
}

static uint64_t next_random(uint64_t *state) {
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* ---- hash ---- */

static void each_bit_of_the_text_moves_half_of_the_hash(void **state) {
    (void)state;
    static const size_t lengths[] = {1, 4, 7, 8, 9, 15, 16, 40};
    for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++) {
        unsigned char text[40] = {0};
        uint64_t before = sketch_hash(text, lengths[l], 7);
        double flipped = 0;
        for (size_t bit = 0; bit < lengths[l] * 8; bit++) {
            text[bit / 8] ^= (unsigned char)(1u << bit % 8);
            flipped += __builtin_popcountll(before ^ sketch_hash(text, lengths[l], 7));
            text[bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
        double mean = flipped / (double)(lengths[l] * 8);
        assert_true(mean > 24 && mean < 40);
    }
}

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Short texts that differ in a figure or two, under every kind of seed. */
static void numbers_in_sequence_have_hashes_of_their_own(void **state) {
    (void)state;
    enum { COUNT_OF = 200000 };
    static uint64_t hashes[COUNT_OF];
    for (uint64_t seed = 0; seed < 3; seed++)
        for (int width = 1; width <= 17; width++) {
            for (int i = 0; i < COUNT_OF; i++) {
                char text[24];
                int n = snprintf(text, sizeof(text), "%0*d", width, i);
                hashes[i] = sketch_hash(text, (size_t)n, seed);
            }
            qsort(hashes, COUNT_OF, sizeof(*hashes), by_value);
            for (int i = 1; i < COUNT_OF; i++)
                assert_true(hashes[i] != hashes[i - 1]);
        }
}

static void length_and_seed_tell_hashes_apart(void **state) {
    (void)state;
    assert_true(sketch_hash("\0\0", 1, 0) != sketch_hash("\0\0", 2, 0));
    assert_true(sketch_hash("", 0, 0) != sketch_hash("\0", 1, 0));
    assert_true(sketch_hash("polder", 6, 1) != sketch_hash("polder", 6, 2));
    assert_true(sketch_hash("polder", 6, 1) == sketch_hash("polder", 6, 1));
}

static void hashes_of_many_are_those_of_each(void **state) {
    (void)state;
    char text[64];
    pd_str texts[sizeof(text)];
    uint64_t hashes[sizeof(text)];
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (char)(i * 37);
        texts[i] = (pd_str){text, i};
    }
    sketch_hash_all(texts, sizeof(text), 9, hashes);
    for (size_t i = 0; i < sizeof(text); i++)
        assert_true(hashes[i] == sketch_hash(text, i, 9));
}

/* ---- distinct ---- */

static void few_distinct_values_are_counted_exactly(void **state) {
    (void)state;
    static const uint64_t counts[] = {0, 1, 2, 100, SKETCH_DISTINCT_EXACT};
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        struct sketch_distinct sketch;
        sketch_distinct_init(&sketch, 0, 0);
        for (uint64_t i = 0; i < 3 * counts[c]; i++)
            assert_true(sketch_distinct_add(&sketch, hash_of(i % counts[c], 1)));
        struct sketch_count got = sketch_distinct_get(&sketch);
        assert_int_equal(got.value, counts[c]);
        assert_true(got.is_exact && got.bound == 0);
        sketch_distinct_clear(&sketch);
    }
}

static void the_hash_zero_is_a_value_like_any_other(void **state) {
    (void)state;
    struct sketch_distinct sketch;
    sketch_distinct_init(&sketch, 2, 0);
    assert_true(sketch_distinct_add(&sketch, 0) && sketch_distinct_add(&sketch, 0));
    assert_int_equal(sketch_distinct_get(&sketch).value, 1);
    struct sketch_distinct other;
    sketch_distinct_init(&other, 2, 0);
    assert_true(sketch_distinct_add(&other, 5) && sketch_distinct_merge(&other, &sketch));
    assert_int_equal(sketch_distinct_get(&other).value, 2);
    sketch_distinct_clear(&other);
    sketch_distinct_clear(&sketch);
}

static void many_distinct_values_are_within_the_promised_bound(void **state) {
    (void)state;
    static const uint64_t counts[] = {4097, 10000, 40000, 200000, 1000000};
    for (uint64_t seed = 1; seed <= 8; seed++) {
        for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
            if (counts[c] > 200000 && seed > 2)
                continue;
            struct sketch_distinct sketch;
            sketch_distinct_init(&sketch, 0, 0);
            for (uint64_t i = 0; i < counts[c]; i++)
                assert_true(sketch_distinct_add(&sketch, hash_of(i, seed)));
            struct sketch_count got = sketch_distinct_get(&sketch);
            assert_false(got.is_exact);
            double error = fabs((double)got.value / (double)counts[c] - 1);
            if (error > got.bound)
                fail_msg("%llu distinct: %.2f %% off", (unsigned long long)counts[c], 100 * error);
            sketch_distinct_clear(&sketch);
        }
    }
}

/* Parts of overlapping ranges: small with small, small with large, large with large. */
static void merged_distinct_equals_the_sketch_of_everything(void **state) {
    (void)state;
    static const struct {
        uint64_t a_end, b_start, b_end;
    } cases[] = {{100, 50, 150},        {4000, 2000, 6000}, {10, 5, 50000}, {50000, 49990, 50010},
                 {60000, 30000, 90000}, {0, 0, 10},         {10, 0, 0}};
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        struct sketch_distinct a, b, all;
        sketch_distinct_init(&a, 0, 0);
        sketch_distinct_init(&b, 0, 0);
        sketch_distinct_init(&all, 0, 0);
        for (uint64_t i = 0; i < cases[c].a_end; i++)
            assert_true(sketch_distinct_add(&a, hash_of(i, 3)) &&
                        sketch_distinct_add(&all, hash_of(i, 3)));
        for (uint64_t i = cases[c].b_start; i < cases[c].b_end; i++)
            assert_true(sketch_distinct_add(&b, hash_of(i, 3)) &&
                        sketch_distinct_add(&all, hash_of(i, 3)));
        assert_true(sketch_distinct_merge(&a, &b));
        struct sketch_count merged = sketch_distinct_get(&a), whole = sketch_distinct_get(&all);
        assert_int_equal(merged.value, whole.value);
        assert_int_equal(merged.is_exact, whole.is_exact);
        sketch_distinct_clear(&a);
        sketch_distinct_clear(&b);
        sketch_distinct_clear(&all);
    }
}

/* ---- quantiles ---- */

static const double shares[] = {0.05, 0.25, 0.5, 0.75, 0.95};
enum { SHARES = sizeof(shares) / sizeof(shares[0]) };

static void few_values_have_exact_quantiles(void **state) {
    (void)state;
    struct sketch_quantiles sketch;
    sketch_quantiles_init(&sketch, 1);
    struct sketch_quantile got[SHARES];
    assert_false(sketch_quantiles_get(&sketch, shares, SHARES, got));
    for (int i = 100; i >= 1; i--)
        assert_true(sketch_quantiles_add(&sketch, i));
    assert_true(sketch_quantiles_add(&sketch, NAN));
    assert_true(sketch_quantiles_get(&sketch, shares, SHARES, got));
    static const double expected[SHARES] = {5, 25, 50, 75, 95};
    for (int s = 0; s < SHARES; s++) {
        assert_true(got[s].value == expected[s]);
        assert_true(got[s].is_exact && got[s].rank_bound == 0);
    }
    static const double ends[] = {0, 1};
    assert_true(sketch_quantiles_get(&sketch, ends, 2, got));
    assert_true(got[0].value == 1 && got[1].value == 100);
    sketch_quantiles_clear(&sketch);
}

/* A permutation of 0..n-1, so that a value is its own rank. */
static uint64_t permuted(uint64_t i, uint64_t n, uint64_t seed) {
    return (i * UINT64_C(48271) + seed * 7919) % n;
}

/* Answers whose rank is off by more than the bound, which may be 1 % of them. */
static int count_misses(const struct sketch_quantiles *sketch, uint64_t n) {
    struct sketch_quantile got[SHARES];
    assert_true(sketch_quantiles_get(sketch, shares, SHARES, got));
    int misses = 0;
    for (int s = 0; s < SHARES; s++) {
        assert_false(got[s].is_exact);
        double rank = (got[s].value + 1) / (double)n;
        double error = fabs(rank - shares[s]);
        assert_true(error < 2 * got[s].rank_bound);
        misses += error > got[s].rank_bound;
    }
    return misses;
}

static void many_values_have_quantiles_within_the_promised_rank(void **state) {
    (void)state;
    enum { RUNS = 40 };
    const uint64_t n = 20011;
    int misses = 0;
    for (uint64_t run = 0; run < RUNS; run++) {
        struct sketch_quantiles sketch;
        sketch_quantiles_init(&sketch, run);
        for (uint64_t i = 0; i < n; i++)
            assert_true(sketch_quantiles_add(&sketch, (double)permuted(i, n, run)));
        assert_true(sketch.used < 4 * SKETCH_KLL_K);
        misses += count_misses(&sketch, n);
        sketch_quantiles_clear(&sketch);
    }
    assert_true(misses <= RUNS * SHARES / 50);
}

static void merged_quantiles_keep_the_bound(void **state) {
    (void)state;
    enum { RUNS = 20, PARTS = 7 };
    const uint64_t n = 20011;
    int misses = 0;
    for (uint64_t run = 0; run < RUNS; run++) {
        struct sketch_quantiles whole;
        sketch_quantiles_init(&whole, run);
        /* Parts of very different size, each a sorted run: the worst order of arrival. */
        for (uint64_t part = 0; part < PARTS; part++) {
            struct sketch_quantiles sketch;
            sketch_quantiles_init(&sketch, run * 100 + part);
            uint64_t start = n * part * part / (PARTS * PARTS);
            uint64_t end = n * (part + 1) * (part + 1) / (PARTS * PARTS);
            for (uint64_t i = start; i < end; i++)
                assert_true(sketch_quantiles_add(&sketch, (double)i));
            assert_true(sketch_quantiles_merge(&whole, &sketch));
            sketch_quantiles_clear(&sketch);
        }
        assert_int_equal(whole.count, n);
        misses += count_misses(&whole, n);
        sketch_quantiles_clear(&whole);
    }
    assert_true(misses <= RUNS * SHARES / 25);
}

static void the_same_seed_and_data_give_the_same_quantiles(void **state) {
    (void)state;
    struct sketch_quantile got[2][SHARES];
    for (int run = 0; run < 2; run++) {
        struct sketch_quantiles sketch;
        sketch_quantiles_init(&sketch, 42);
        for (uint64_t i = 0; i < 5003; i++)
            assert_true(sketch_quantiles_add(&sketch, (double)permuted(i, 5003, 1)));
        assert_true(sketch_quantiles_get(&sketch, shares, SHARES, got[run]));
        sketch_quantiles_clear(&sketch);
    }
    for (int s = 0; s < SHARES; s++)
        assert_true(got[0][s].value == got[1][s].value);
}

/* Of so many only some are looked at; one by one or in pieces is the same. */
static void a_sampled_sketch_keeps_the_bound_and_its_count(void **state) {
    (void)state;
    enum { RUNS = 4, PIECE = 1000 };
    const uint64_t n = 700001;
    double *values = malloc(n * sizeof(*values));
    assert_non_null(values);
    int misses = 0;
    for (uint64_t run = 0; run < RUNS; run++) {
        struct sketch_quantiles one, many, whole;
        struct pd_buf saved, again;
        pd_buf_init(&saved, 0);
        pd_buf_init(&again, 0);
        sketch_quantiles_init(&one, run);
        sketch_quantiles_init(&many, run);
        sketch_quantiles_init(&whole, run + 100);
        for (uint64_t i = 0; i < n; i++) {
            values[i] = (double)permuted(i, n, run);
            assert_true(sketch_quantiles_add(&one, values[i]));
        }
        for (uint64_t i = 0; i < n; i += PIECE)
            assert_true(sketch_quantiles_add_all(&many, values + i, n - i < PIECE ? n - i : PIECE));
        assert_true(one.sampled > 0 && one.passed > 0 && one.used < 4 * SKETCH_KLL_K);
        assert_true(sketch_quantiles_save(&one, &saved) && sketch_quantiles_save(&many, &again));
        assert_true(pd_str_eq(pd_buf_view(&saved), pd_buf_view(&again)));
        misses += count_misses(&one, n);
        /* Merged with what is between two samples, and saved so, it counts every value. */
        assert_true(sketch_quantiles_merge(&whole, &one));
        misses += count_misses(&whole, n);
        pd_buf_reset(&saved);
        assert_true(sketch_quantiles_save(&whole, &saved));
        struct sketch_quantiles loaded;
        struct sketch_input in = {saved.data, saved.data + saved.len, false};
        assert_true(sketch_quantiles_load(&in, &loaded) && loaded.count == n);
        sketch_quantiles_clear(&loaded);
        pd_buf_clear(&saved);
        pd_buf_clear(&again);
        sketch_quantiles_clear(&one);
        sketch_quantiles_clear(&many);
        sketch_quantiles_clear(&whole);
    }
    assert_true(misses <= 2 * RUNS * SHARES / 20);
    free(values);
}

/* ---- most frequent ---- */

static void add_number(struct sketch_frequent *sketch, uint64_t number) {
    char text[24];
    int n = snprintf(text, sizeof(text), "v%llu", (unsigned long long)number);
    pd_str s = {text, (size_t)n};
    assert_true(sketch_frequent_add(sketch, sketch_hash(s.data, s.len, 5), s));
}

static uint64_t number_of(pd_str text) {
    uint64_t number;
    assert_true(pd_parse_u64(pd_str_sub(text, 1, text.len), &number));
    return number;
}

static void few_values_are_ranked_exactly(void **state) {
    (void)state;
    struct sketch_frequent sketch;
    sketch_frequent_init(&sketch, 0);
    for (uint64_t v = 1; v <= SKETCH_FREQUENT_ENTRIES; v++) {
        for (uint64_t i = 0; i < 1 + v % 7; i++)
            add_number(&sketch, v);
    }
    struct sketch_frequency top[3];
    assert_int_equal(sketch_frequent_top(&sketch, 3, top), 3);
    assert_int_equal(sketch.bound, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(top[i].count, 7);
    /* Equal counts by text: v1000 comes before v104. */
    assert_true(pd_str_is(top[0].text, "v1000") && pd_str_is(top[1].text, "v104"));
    assert_int_equal(sketch_frequent_top(&sketch, 0, NULL), 0);
    sketch_frequent_clear(&sketch);
}

/* Value v of 1..20,000 occurs about 20,000 / v times: a few heavy ones and a long tail. */
enum { VALUES = 20000 };
static void feed_skewed(struct sketch_frequent *sketch, uint64_t *truth, uint64_t *rows,
                        uint64_t seed) {
    for (uint64_t i = 0; i < 100000; i++) {
        double u = (double)(next_random(&seed) >> 11) / 9007199254740992.0;
        uint64_t v = (uint64_t)pow(VALUES, u);
        truth[v]++;
        add_number(sketch, v);
        (*rows)++;
    }
}

static void check_frequent(const struct sketch_frequent *sketch, const uint64_t *truth,
                           uint64_t rows, uint32_t limit) {
    assert_true(sketch->bound > 0 && sketch->bound <= 2 * rows / limit);
    static struct sketch_frequency all[SKETCH_FREQUENT_ENTRIES];
    size_t n = sketch_frequent_top(sketch, SKETCH_FREQUENT_ENTRIES, all);
    uint64_t kept[VALUES + 1] = {0};
    for (size_t i = 0; i < n; i++) {
        uint64_t v = number_of(all[i].text);
        kept[v] = all[i].count;
        assert_true(all[i].count <= truth[v] && truth[v] <= all[i].count + sketch->bound);
        assert_true(i == 0 || all[i - 1].count >= all[i].count);
    }
    for (uint64_t v = 0; v <= VALUES; v++)
        assert_true(kept[v] > 0 || truth[v] <= sketch->bound);
}

static void many_values_are_counted_within_the_bound(void **state) {
    (void)state;
    static const uint32_t limits[] = {64, 200, 1000};
    for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++) {
        static uint64_t truth[VALUES + 1];
        memset(truth, 0, sizeof(truth));
        uint64_t rows = 0;
        struct sketch_frequent sketch;
        sketch_frequent_init(&sketch, limits[l]);
        feed_skewed(&sketch, truth, &rows, 11);
        check_frequent(&sketch, truth, rows, limits[l]);
        sketch_frequent_clear(&sketch);
    }
}

/* Values that come once pass through, a few stay as examples; one that comes again is found. */
static void among_ever_new_values_the_frequent_are_found(void **state) {
    (void)state;
    static const uint32_t limits[] = {8, 50, 1000};
    for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++) {
        const uint64_t rows = 200000, every = 3 * rows / limits[l] > 4 ? limits[l] / 3 : 2;
        struct sketch_frequent sketch;
        sketch_frequent_init(&sketch, limits[l]);
        uint64_t truth = 0;
        for (uint64_t i = 0; i < rows; i++) {
            bool is_heavy = i % every == 1;
            add_number(&sketch, is_heavy ? 0 : 1000 + i);
            truth += is_heavy;
        }
        static struct sketch_frequency all[SKETCH_FREQUENT_ENTRIES];
        size_t n = sketch_frequent_top(&sketch, SKETCH_FREQUENT_ENTRIES, all);
        assert_true(sketch.bound > 0 && sketch.bound <= 2 * rows / limits[l] + 1);
        assert_true(n >= 1 && number_of(all[0].text) == 0);
        assert_true(all[0].count <= truth && truth <= all[0].count + sketch.bound);
        assert_true(n >= limits[l] / 16);
        for (size_t i = 1; i < n; i++)
            assert_int_equal(all[i].count, 1);
        sketch_frequent_clear(&sketch);
    }
}

static void merged_counts_keep_the_bound(void **state) {
    (void)state;
    static uint64_t truth[VALUES + 1];
    memset(truth, 0, sizeof(truth));
    uint64_t rows = 0;
    struct sketch_frequent whole;
    sketch_frequent_init(&whole, 200);
    for (uint64_t part = 0; part < 4; part++) {
        struct sketch_frequent sketch;
        sketch_frequent_init(&sketch, 200);
        feed_skewed(&sketch, truth, &rows, part);
        assert_true(sketch_frequent_merge(&whole, &sketch));
        sketch_frequent_clear(&sketch);
    }
    check_frequent(&whole, truth, rows, 200);
    sketch_frequent_clear(&whole);
}

static void a_long_value_is_kept_in_part_and_says_so(void **state) {
    (void)state;
    char text[400];
    memset(text, 'x', sizeof(text));
    memcpy(text + SKETCH_TEXT_BYTES - 1, "界", 3); /* straddles the limit */
    pd_str s = {text, sizeof(text)};
    struct sketch_frequent sketch;
    sketch_frequent_init(&sketch, 0);
    assert_true(sketch_frequent_add(&sketch, 1, s) && sketch_frequent_add(&sketch, 2, (pd_str){0}));
    struct sketch_frequency top[4];
    assert_int_equal(sketch_frequent_top(&sketch, 4, top), 2);
    assert_int_equal(top[0].text.len, 0);
    assert_false(top[0].is_cut);
    assert_int_equal(top[1].text.len, SKETCH_TEXT_BYTES - 1);
    assert_true(top[1].is_cut);
    sketch_frequent_clear(&sketch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bit_of_the_text_moves_half_of_the_hash),
        cmocka_unit_test(numbers_in_sequence_have_hashes_of_their_own),
        cmocka_unit_test(length_and_seed_tell_hashes_apart),
        cmocka_unit_test(hashes_of_many_are_those_of_each),
        cmocka_unit_test(few_distinct_values_are_counted_exactly),
        cmocka_unit_test(the_hash_zero_is_a_value_like_any_other),
        cmocka_unit_test(many_distinct_values_are_within_the_promised_bound),
        cmocka_unit_test(merged_distinct_equals_the_sketch_of_everything),
        cmocka_unit_test(few_values_have_exact_quantiles),
        cmocka_unit_test(many_values_have_quantiles_within_the_promised_rank),
        cmocka_unit_test(merged_quantiles_keep_the_bound),
        cmocka_unit_test(the_same_seed_and_data_give_the_same_quantiles),
        cmocka_unit_test(a_sampled_sketch_keeps_the_bound_and_its_count),
        cmocka_unit_test(few_values_are_ranked_exactly),
        cmocka_unit_test(many_values_are_counted_within_the_bound),
        cmocka_unit_test(among_ever_new_values_the_frequent_are_found),
        cmocka_unit_test(merged_counts_keep_the_bound),
        cmocka_unit_test(a_long_value_is_kept_in_part_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
