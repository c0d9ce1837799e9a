/* sketch/: what is saved and loaded is the same sketch; what was not saved so is refused. */
#include "sketch/sketch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One of each, to be treated alike. */
struct all {
    struct sketch_distinct distinct;
    struct sketch_frequent frequent;
    struct sketch_quantiles quantiles;
    struct sketch_sum sum;
    struct sketch_bins bins;
    struct sketch_periods periods;
};

static void all_init(struct all *a) {
    sketch_distinct_init(&a->distinct, 50, 400);
    sketch_frequent_init(&a->frequent, 20);
    sketch_quantiles_init(&a->quantiles, 1);
    a->sum = (struct sketch_sum){0};
    sketch_bins_init(&a->bins);
    sketch_periods_init(&a->periods);
}
static void all_clear(struct all *a) {
    sketch_distinct_clear(&a->distinct);
    sketch_frequent_clear(&a->frequent);
    sketch_quantiles_clear(&a->quantiles);
    sketch_bins_clear(&a->bins);
    sketch_periods_clear(&a->periods);
}
static void all_fill(struct all *a, int from, int to) {
    for (int i = from; i < to; i++) {
        char text[32];
        pd_str view = {text, (size_t)snprintf(text, sizeof(text), "值 %d", i % 60)};
        uint64_t hash = sketch_hash(text, view.len, 0);
        assert_true(sketch_distinct_add(&a->distinct, hash) &&
                    sketch_frequent_add(&a->frequent, hash, view) &&
                    sketch_quantiles_add(&a->quantiles, i * 0.5) &&
                    sketch_bins_add(&a->bins, (struct sketch_decimal){i * 25, 2}) &&
                    sketch_periods_add(&a->periods, i * 7 * PD_DAY));
        sketch_sum_add(&a->sum, (struct sketch_decimal){-i * 25, 2});
        if (i % 100 == 99)
            sketch_sum_add_rounded(&a->sum, 1e40);
    }
}
static bool all_save(const struct all *a, struct pd_buf *out) {
    return sketch_distinct_save(&a->distinct, out) && sketch_frequent_save(&a->frequent, out) &&
           sketch_quantiles_save(&a->quantiles, out) && sketch_sum_save(&a->sum, out) &&
           sketch_bins_save(&a->bins, out) && sketch_periods_save(&a->periods, out);
}
static bool all_load(struct sketch_input *in, struct all *a) {
    return sketch_distinct_load(in, &a->distinct) && sketch_frequent_load(in, &a->frequent) &&
           sketch_quantiles_load(in, &a->quantiles) && sketch_sum_load(in, &a->sum) &&
           sketch_bins_load(in, &a->bins) && sketch_periods_load(in, &a->periods);
}
static bool all_merge(struct all *into, const struct all *from) {
    sketch_sum_merge(&into->sum, &from->sum);
    return sketch_distinct_merge(&into->distinct, &from->distinct) &&
           sketch_frequent_merge(&into->frequent, &from->frequent) &&
           sketch_quantiles_merge(&into->quantiles, &from->quantiles) &&
           sketch_bins_merge(&into->bins, &from->bins) &&
           sketch_periods_merge(&into->periods, &from->periods);
}

static const int SIZES[] = {0, 1, 40, 300, 5000};
enum { SIZE_COUNT = sizeof(SIZES) / sizeof(SIZES[0]) };

static void a_loaded_sketch_is_the_saved_one(void **state) {
    (void)state;
    for (int s = 0; s < SIZE_COUNT; s++) {
        struct all a, b, other;
        struct pd_buf saved, again;
        pd_buf_init(&saved, 0);
        pd_buf_init(&again, 0);
        all_init(&a);
        all_init(&b);
        all_fill(&a, 0, SIZES[s]);
        assert_true(all_save(&a, &saved));
        struct sketch_input in = {saved.data, saved.data + saved.len, false};
        assert_true(all_load(&in, &b) && in.at == in.end);
        assert_true(all_save(&b, &again));
        assert_true(pd_str_eq(pd_buf_view(&saved), pd_buf_view(&again)));

        /* And merges as the saved one does. */
        all_init(&other);
        all_fill(&other, SIZES[s] / 2, SIZES[s] + 33);
        assert_true(all_merge(&a, &other) && all_merge(&b, &other));
        pd_buf_reset(&saved);
        pd_buf_reset(&again);
        assert_true(all_save(&a, &saved) && all_save(&b, &again));
        assert_true(pd_str_eq(pd_buf_view(&saved), pd_buf_view(&again)));
        all_clear(&a);
        all_clear(&b);
        all_clear(&other);
        pd_buf_clear(&saved);
        pd_buf_clear(&again);
    }
}

static void what_is_cut_off_is_refused_everywhere(void **state) {
    (void)state;
    for (int s = 0; s < SIZE_COUNT - 1; s++) {
        struct all a;
        struct pd_buf saved;
        pd_buf_init(&saved, 0);
        all_init(&a);
        all_fill(&a, 0, SIZES[s]);
        assert_true(all_save(&a, &saved));
        all_clear(&a);
        for (size_t cut = 0; cut < saved.len; cut++) {
            all_init(&a);
            char *copy = malloc(cut + 1); /* so that the sanitizer sees a byte too many */
            assert_non_null(copy);
            memcpy(copy, saved.data, cut);
            struct sketch_input in = {copy, copy + cut, false};
            assert_false(all_load(&in, &a));
            assert_true(in.failed);
            all_clear(&a);
            free(copy);
        }
        pd_buf_clear(&saved);
    }
}

/* Whatever a changed byte makes of it: refused, or a sketch that can be used. */
static void a_changed_byte_never_makes_a_sketch_that_breaks(void **state) {
    (void)state;
    struct all a, b;
    struct pd_buf saved, scratch;
    pd_buf_init(&saved, 0);
    pd_buf_init(&scratch, 0);
    all_init(&a);
    all_fill(&a, 0, 300);
    assert_true(all_save(&a, &saved));
    for (size_t i = 0; i < saved.len; i++)
        for (int bit = 0; bit < 8; bit += 1 + (i > 200) * 6) {
            saved.data[i] = (char)(saved.data[i] ^ 1 << bit);
            all_init(&b);
            struct sketch_input in = {saved.data, saved.data + saved.len, false};
            if (all_load(&in, &b)) {
                assert_true(all_merge(&b, &a));
                pd_buf_reset(&scratch);
                assert_true(all_save(&b, &scratch));
            }
            all_clear(&b);
            saved.data[i] = (char)(saved.data[i] ^ 1 << bit);
        }
    all_clear(&a);
    pd_buf_clear(&saved);
    pd_buf_clear(&scratch);
}

static void numbers_come_back_in_every_size(void **state) {
    (void)state;
    static const int64_t numbers[] = {0,   1,   -1,       63,        64,        -64,      127,
                                      128, 300, -1000000, INT64_MAX, INT64_MIN, INT32_MAX};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        pd_buf_reset(&out);
        sketch_save_i64(&out, numbers[i]);
        sketch_save_u64(&out, (uint64_t)numbers[i]);
        struct sketch_input in = {out.data, out.data + out.len, false};
        assert_int_equal(sketch_load_i64(&in), numbers[i]);
        assert_int_equal(sketch_load_u64(&in), (uint64_t)numbers[i]);
        assert_false(in.failed);
        assert_int_equal(sketch_load_u64(&in), 0);
        assert_true(in.failed);
    }
    static const char too_long[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02";
    struct sketch_input in = {too_long, too_long + 10, false};
    assert_int_equal(sketch_load_u64(&in), 0);
    assert_true(in.failed);
    pd_buf_clear(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loaded_sketch_is_the_saved_one),
        cmocka_unit_test(what_is_cut_off_is_refused_everywhere),
        cmocka_unit_test(a_changed_byte_never_makes_a_sketch_that_breaks),
        cmocka_unit_test(numbers_come_back_in_every_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
