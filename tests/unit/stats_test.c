/* Tests the statistics of src/protect/ through their public header. At epsilon 20 the noise of a
 * count of one is 0 but for one draw in 5e8: there the bounds show as they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protect/protect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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

/* ---- A table in, an answer out ---- */

static const pd_str NAMES[] = {PD_STR_INIT("person"), PD_STR_INIT("town"), PD_STR_INIT("age"),
                               PD_STR_INIT("pay")};
enum { PERSON, TOWN, AGE, PAY, COLUMNS };

static enum pd_status feed(void *context, const struct table_batch *batch, struct pd_error *err) {
    return protect_stats_feed(context, batch, err);
}

static const struct protect_stats_result *answer(const struct protect_stats_ask *ask,
                                                 const char *rows, uint64_t seed,
                                                 struct pd_arena *arena) {
    struct protect_stats *stats = NULL;
    struct pd_error err = {0};
    if (protect_stats_new(ask, NAMES, COLUMNS, &stats, &err) != PD_OK)
        fail_msg("%s", err.text);
    const struct table_handler handler = {.context = stats, .batch = feed};
    const struct table_dialect given = {.form = TABLE_CSV,
                                        .separator = ',',
                                        .quote = '"',
                                        .encoding = TABLE_UTF_8,
                                        .header = TABLE_HEADER_FIRST,
                                        .first_line = 1,
                                        .is_exact = true};
    struct table_reader *reader;
    const struct table_limits small = {.batch_bytes = 4096, .sample_bytes = 4096};
    assert_int_equal(table_reader_new(&small, &given, &handler, &reader, &err), PD_OK);
    static const char header[] = "person,town,age,pay\n";
    assert_int_equal(table_feed(reader, header, sizeof(header) - 1, &err), PD_OK);
    assert_int_equal(table_feed(reader, rows, strlen(rows), &err), PD_OK);
    assert_int_equal(table_finish(reader, &err), PD_OK);
    table_reader_free(reader);
    struct protect_random random = {.fill = fill, .context = &seed};
    const struct protect_stats_result *result;
    if (protect_stats_release(stats, &random, arena, &result, &err) != PD_OK)
        fail_msg("%s", err.text);
    const struct protect_stats_result *again;
    assert_int_equal(protect_stats_release(stats, &random, arena, &again, &err), PD_USAGE);
    protect_stats_free(stats);
    return result;
}

static const struct protect_measure COUNT_ONLY[] = {{.statistic = PROTECT_COUNT}};
static const pd_str TOWNS[] = {PD_STR_INIT("Delft"), PD_STR_INIT("Gouda"), PD_STR_INIT("Hoorn")};
static const struct protect_group_column BY_TOWN[] = {{.column = TOWN}};

static struct protect_stats_ask counting(void) {
    return (struct protect_stats_ask){.groups = BY_TOWN,
                                      .group_count = 1,
                                      .stated = TOWNS,
                                      .stated_count = COUNT(TOWNS),
                                      .measures = COUNT_ONLY,
                                      .measure_count = 1,
                                      .epsilon_micro = 20000000};
}

static const char ROWS[] = "a,Delft,30,100\n"
                           "a,Delft,30,100\n"
                           "a,Delft,30,100\n"
                           "a,Gouda,30,100\n"
                           "a,Hoorn,30,100\n"
                           "b,Gouda,40,200\n"
                           "c,Gouda,50,-7\n"
                           "d,Elsewhere,60,9\n";

static void rows_and_groups_of_a_person_are_bounded(void **state) {
    (void)state;
    static const struct {
        bool has_person;
        unsigned groups, rows;
        int64_t expected[3];
    } cases[] = {
        {false, 0, 0, {3, 3, 1}}, /* rows are protected: all count */
        {true, 1, 1, {1, 2, 0}},  /* a counts once, in Delft */
        {true, 2, 1, {1, 3, 0}},  {true, 3, 1, {1, 3, 1}},
        {true, 1, 2, {2, 2, 0}},  {true, 3, 10, {3, 3, 1}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pd_arena *arena = pd_arena_new(1 << 20);
        struct protect_stats_ask ask = counting();
        ask.has_person = cases[i].has_person;
        ask.person = PERSON;
        ask.groups_per_person = cases[i].groups;
        ask.rows_per_group = cases[i].rows;
        const struct protect_stats_result *r = answer(&ask, ROWS, 1, arena);
        assert_int_equal(r->group_count, 3);
        for (size_t g = 0; g < 3; g++) {
            assert_string_equal(r->groups[g].keys[0].data, TOWNS[g].data);
            /* the noise grows with the bounds: at 30 rows it is 3 or so */
            int64_t off = r->groups[g].answers[0].value - cases[i].expected[g];
            unsigned reach = cases[i].groups * cases[i].rows;
            assert_true((off < 0 ? -off : off) <= (int64_t)(reach > 1 ? reach : 0));
        }
        assert_int_equal(r->threshold, 0);
        assert_int_equal(r->cost.epsilon_micro, 20000000);
        pd_arena_free(arena);
    }
}

static void values_are_held_within_their_bounds(void **state) {
    (void)state;
    static const struct protect_measure measures[] = {
        {.statistic = PROTECT_SUM, .column = PAY, .low = 0, .high = 150},
        {.statistic = PROTECT_MEAN, .column = AGE, .low = 0, .high = 45}};
    struct protect_stats_ask ask = {
        .measures = measures, .measure_count = 2, .epsilon_micro = 20000000};
    double sum = 0, mean = 0;
    enum { TIMES = 400 };
    for (uint64_t i = 0; i < TIMES; i++) {
        struct pd_arena *arena = pd_arena_new(1 << 20);
        const struct protect_stats_result *r = answer(&ask, ROWS, i, arena);
        assert_int_equal(r->group_count, 1);
        sum += (double)r->groups[0].answers[0].value * (double)r->groups[0].answers[0].step;
        mean += (double)r->groups[0].answers[1].value / 1000;
        pd_arena_free(arena);
    }
    /* 5 * 100 + 150 (for 200) + 0 (for -7) + 9; scale 150 / (20/3) = 22.5, deviation 32 */
    assert_true(fabs(sum / TIMES - 659) < 5 * 32 / sqrt(TIMES));
    /* (5 * 30 + 40 + 45 + 45) / 8 = 35; scale of the sum 23 / (20/3) */
    assert_true(fabs(mean / TIMES - 35) < 0.5);
}

static void quantiles_are_near_in_rank(void **state) {
    (void)state;
    struct pd_buf rows;
    pd_buf_init(&rows, 1 << 20);
    for (int i = 0; i < 1000; i++)
        pd_buf_printf(&rows, "p%d,Delft,%d,%d.5\n", i, i % 100, i);
    static const struct protect_measure measures[] = {{.statistic = PROTECT_QUANTILE,
                                                       .column = PAY,
                                                       .low = 0,
                                                       .high = 10000,
                                                       .decimals = 1,
                                                       .permille = 500},
                                                      {.statistic = PROTECT_QUANTILE,
                                                       .column = PAY,
                                                       .low = 0,
                                                       .high = 10000,
                                                       .decimals = 1,
                                                       .permille = 900}};
    struct protect_stats_ask ask = {
        .measures = measures, .measure_count = 2, .epsilon_micro = 2000000};
    for (uint64_t i = 0; i < 20; i++) {
        struct pd_arena *arena = pd_arena_new(1 << 20);
        const struct protect_stats_result *r = answer(&ask, rows.data, i, arena);
        /* ranks off by more than 60 of 1000: exp(-60 * 1/2 * ...) with epsilon 1 each */
        assert_true(llabs(r->groups[0].answers[0].value - 5000) < 600);
        assert_true(llabs(r->groups[0].answers[1].value - 9000) < 600);
        pd_arena_free(arena);
    }
    pd_buf_clear(&rows);
}

static void a_histogram_answers_every_band(void **state) {
    (void)state;
    static const struct protect_group_column by_age[] = {
        {.column = AGE, .is_banded = true, .low = 0, .high = 55, .width = 10}};
    struct protect_stats_ask ask = counting();
    ask.groups = by_age;
    ask.stated = NULL;
    ask.stated_count = 0;
    static const char *const keys[] = {"0-9", "10-19", "20-29", "30-39", "40-49", "50-55"};
    static const int64_t expected[] = {0, 0, 0, 5, 1, 2};
    struct pd_arena *arena = pd_arena_new(1 << 20);
    const struct protect_stats_result *r = answer(&ask, ROWS, 3, arena);
    assert_int_equal(r->group_count, COUNT(keys));
    for (size_t i = 0; i < COUNT(keys); i++) {
        assert_string_equal(r->groups[i].keys[0].data, keys[i]);
        assert_int_equal(r->groups[i].answers[0].value, expected[i]);
    }
    assert_true(r->cost.delta == 0);
    pd_arena_free(arena);
}

static void found_groups_of_few_stay_untold(void **state) {
    (void)state;
    struct pd_buf rows;
    pd_buf_init(&rows, 1 << 20);
    for (int i = 0; i < 200; i++)
        pd_buf_printf(&rows, "p%d,%s,1,1\n", i, i % 2 ? "Zwolle" : "Arnhem");
    pd_buf_text(&rows, "lonely,Urk,1,1\n");
    struct protect_stats_ask ask = counting();
    ask.stated = NULL;
    ask.stated_count = 0;
    ask.epsilon_micro = 1000000;
    ask.delta = 1e-8;
    ask.has_person = true;
    ask.person = PERSON;
    for (uint64_t i = 0; i < 200; i++) {
        struct pd_arena *arena = pd_arena_new(1 << 20);
        const struct protect_stats_result *r = answer(&ask, rows.data, i, arena);
        assert_int_equal(r->group_count, 2); /* in the order of their names, not of the rows */
        assert_string_equal(r->groups[0].keys[0].data, "Arnhem");
        assert_string_equal(r->groups[1].keys[0].data, "Zwolle");
        /* 1 + ceil(ln(1e8)) */
        assert_int_equal(r->threshold, 20);
        pd_arena_free(arena);
    }
    pd_buf_clear(&rows);
}

/*
 * The promise itself, tried: over many drawings no answer is more than exp(epsilon) times as
 * frequent with a person as without (and the other way round), but for chance.
 */
static void no_answer_is_much_likelier_with_a_person_than_without(void **state) {
    (void)state;
    enum { TIMES = 8000, CELLS = 41 };
    static const char *const tables[2] = {
        "x,Delft,1,1\ny,Delft,1,1\n",
        "x,Delft,1,1\ny,Delft,1,1\nz,Delft,1,1\nz,Delft,1,1\nz,Delft,1,1\n"};
    for (int noise = PROTECT_LAPLACE; noise <= PROTECT_GAUSSIAN; noise++) {
        unsigned seen[2][CELLS] = {{0}};
        struct protect_stats_ask ask = {.has_person = true,
                                        .person = PERSON,
                                        .rows_per_group = 2,
                                        .measures = COUNT_ONLY,
                                        .measure_count = 1,
                                        .noise = (enum protect_noise)noise,
                                        .epsilon_micro = noise == PROTECT_LAPLACE ? 1000000 : 0,
                                        .rho_nano = noise == PROTECT_GAUSSIAN ? 50000000 : 0};
        for (uint64_t i = 0; i < TIMES; i++)
            for (int t = 0; t < 2; t++) {
                struct pd_arena *arena = pd_arena_new(1 << 20);
                int64_t v = answer(&ask, tables[t], 2 * i + (uint64_t)t, arena)
                                ->groups[0]
                                .answers[0]
                                .value +
                            20;
                seen[t][v < 0 ? 0 : v >= CELLS ? CELLS - 1 : v]++;
                pd_arena_free(arena);
            }
        double bound = noise == PROTECT_LAPLACE ? 1 : protect_zcdp_epsilon(0.05, 1e-4);
        for (size_t c = 0; c < CELLS; c++) {
            double a = seen[0][c], b = seen[1][c];
            assert_true(a <= exp(bound) * b + 5 * sqrt(a + exp(2 * bound) * b) + 10);
            assert_true(b <= exp(bound) * a + 5 * sqrt(b + exp(2 * bound) * a) + 10);
        }
        /* and it is no more private than it says: a bound of a third wouldn't hold */
        unsigned broken = 0;
        for (size_t c = 0; c < CELLS; c++) {
            double a = seen[0][c], b = seen[1][c];
            broken += a > exp(bound / 3) * b + 5 * sqrt(a + b) + 10;
        }
        assert_true(noise == PROTECT_GAUSSIAN || broken > 0);
    }
}

static void what_makes_no_sense_is_refused(void **state) {
    (void)state;
    static const struct protect_measure upside[] = {
        {.statistic = PROTECT_SUM, .column = PAY, .low = 10, .high = 10}};
    static const struct protect_measure nowhere[] = {
        {.statistic = PROTECT_SUM, .column = 9, .low = 0, .high = 10}};
    static const struct protect_measure all[] = {
        {.statistic = PROTECT_QUANTILE, .column = PAY, .low = 0, .high = 1, .permille = 1000}};
    static const pd_str twice[] = {PD_STR_INIT("Delft"), PD_STR_INIT("Delft")};
    struct protect_stats_ask asks[9];
    const char *const words[9] = {"over 20 is no privacy", "budget of 0",  "state the groups",
                                  "upside down",           "isn't there",  "strictly between",
                                  "whose a row",           "stated twice", "drowns any answer"};
    for (size_t i = 0; i < COUNT(asks); i++) {
        asks[i] = counting();
        asks[i].epsilon_micro = 1000000;
    }
    asks[0].epsilon_micro = 20000001;
    asks[1].epsilon_micro = 0;
    asks[2].stated_count = 0;
    asks[3].measures = upside;
    asks[4].measures = nowhere;
    asks[5].measures = all;
    asks[6].rows_per_group = 5;
    asks[7].stated = twice;
    asks[7].stated_count = 2;
    static const struct protect_measure both[] = {{.statistic = PROTECT_COUNT},
                                                  {.statistic = PROTECT_COUNT}};
    asks[8].measures = both;
    asks[8].measure_count = 2;
    asks[8].epsilon_micro = 1;
    for (size_t i = 0; i < COUNT(asks); i++) {
        struct protect_stats *stats = NULL;
        struct pd_error err = {0};
        assert_int_equal(protect_stats_new(&asks[i], NAMES, COLUMNS, &stats, &err), PD_USAGE);
        if (!strstr(err.text, words[i]))
            fail_msg("\"%s\" doesn't say \"%s\"", err.text, words[i]);
        assert_null(stats);
    }
}

static void answers_are_written_as_decimals(void **state) {
    (void)state;
    static const struct {
        struct protect_answer answer;
        const char *text;
    } cases[] = {{{.value = 0, .step = 1}, "0"},
                 {{.value = -5, .step = 1}, "-5"},
                 {{.value = 5, .step = 1, .decimals = 2}, "0.05"},
                 {{.value = -1250, .step = 1, .decimals = 2}, "-12.50"},
                 {{.value = INT64_MAX, .step = 1000, .decimals = 0}, "9223372036854775807000"},
                 {{.value = 7, .step = 3, .decimals = 1}, "2.1"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pd_buf out;
        pd_buf_init(&out, 100);
        protect_answer_write(&cases[i].answer, &out);
        assert_string_equal(out.data, cases[i].text);
        pd_buf_clear(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_groups_of_a_person_are_bounded),
        cmocka_unit_test(values_are_held_within_their_bounds),
        cmocka_unit_test(quantiles_are_near_in_rank),
        cmocka_unit_test(a_histogram_answers_every_band),
        cmocka_unit_test(found_groups_of_few_stay_untold),
        cmocka_unit_test(no_answer_is_much_likelier_with_a_person_than_without),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(answers_are_written_as_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
