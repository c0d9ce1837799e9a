/* Tests what plans of version 2 say: methods, hierarchies, models, samples, through the public header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protect_fixture.h"

/* ---- Cells ---- */

static void assert_cell(const struct protect_step *step, const char *cell, const char *expected) {
    struct pd_buf out;
    pd_buf_init(&out, 0);
    (void)protect_cell(step, PD_STR("c"), KEY, pd_str_from(cell), &out);
    const char *made = out.data ? out.data : "";
    if (strcmp(made, expected) != 0)
        fail_msg("\"%s\" became \"%s\", not \"%s\"", cell, made, expected);
    pd_buf_clear(&out);
}

static void numbers_are_rounded_halves_away_from_zero(void **state) {
    (void)state;
    static const struct {
        struct protect_width to;
        const char *cell, *expected;
    } cases[] = {
        {{100, 0}, "149.9", "100"}, {{100, 0}, "150", "200"},    {{100, 0}, "-150", "-200"},
        {{100, 0}, "-149", "-100"}, {{5, 1}, "0.75", "1.0"},     {{5, 1}, "0.74", "0.5"},
        {{1, 0}, "2.5", "3"},       {{1, 0}, "-2.5", "-3"},      {{1, 0}, "-2.49", "-2"},
        {{1, 0}, "1e3", "1000"},    {{3, 0}, "4", "3"},          {{3, 0}, "5", "6"},
        {{1, 2}, "0.005", "0.01"},  {{1, 2}, "0.00499", "0.00"}, {{1, 0}, "x", "*"},
        {{1, 0}, "", ""},           {{1, 0}, "-0.5", "-1"},      {{1, 0}, "-0.4", "0"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct protect_step step = {.method = PROTECT_ROUND, .width = cases[i].to};
        assert_cell(&step, cases[i].cell, cases[i].expected);
    }
}

static void ends_are_coded_and_the_middle_stays(void **state) {
    (void)state;
    static const char *const cases[][2] = {{"17", "<=18"},     {"18", "<=18"},   {"18.0", "<=18"},
                                           {"18.01", "18.01"}, {"89", "89"},     {"89.99", "89.99"},
                                           {"90", ">=90"},     {"1e9", ">=90"},  {"-5", "<=18"},
                                           {"none", "*"},      {"", ""},         {"40 ", "40 "}};
    const struct protect_step step = {.method = PROTECT_TOP_BOTTOM,
                                      .has_top = true,
                                      .has_bottom = true,
                                      .top = {90, 0},
                                      .bottom = {18, 0}};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_cell(&step, cases[i][0], cases[i][1]);
    const struct protect_step frost = {
        .method = PROTECT_TOP_BOTTOM, .has_bottom = true, .bottom = {-5, 1}};
    assert_cell(&frost, "-0.5", "<=-0.5");
    assert_cell(&frost, "-0.49", "-0.49");
}

static void text_is_redacted(void **state) {
    (void)state;
    const struct protect_step step = {.method = PROTECT_REDACT};
    assert_cell(&step, "write to jan@example.nl, please", "write to [email], please");
    assert_cell(&step, "nothing here", "nothing here");
    assert_cell(&step, "id 11010519491231002X.", "id [cn_resident_id].");
}

static void what_needs_a_key_or_a_person_is_a_star_without(void **state) {
    (void)state;
    const struct protect_step shift = {.method = PROTECT_SHIFT_DATE, .days = 9};
    const struct protect_step format = {.method = PROTECT_FORMAT_PRESERVING};
    assert_cell(&shift, "2024-05-07", "*");
    assert_cell(&format, "123456789", "*");
}

/* ---- Rows ---- */

static const pd_str NAMES[] = {PD_STR_INIT("who"), PD_STR_INIT("seen"), PD_STR_INIT("code")};

static void carry_out(const struct protect_plan *plan, const char *csv, const char *expected) {
    struct pd_buf out;
    struct protect_report report;
    struct pd_error err = {0};
    enum pd_status st =
        apply_plan(plan, NAMES, 3, NULL, pd_str_from(csv), &out, &report, &err);
    const char *said = st == PD_OK ? out.data : err.text;
    if (expected && strstr(said, expected) == NULL)
        fail_msg("%s", said);
    pd_buf_clear(&out);
}

static void dates_of_one_person_move_together(void **state) {
    (void)state;
    const struct protect_step step = {
        .column = 1, .method = PROTECT_SHIFT_DATE, .person = 0, .days = 1};
    const struct protect_plan plan = {.steps = &step, .step_count = 1};
    struct pd_buf out;
    struct protect_report report;
    struct pd_error err;
    assert_int_equal(apply_plan(&plan, NAMES, 3, NULL,
                                PD_STR("who,seen,code\na,2024-02-29,1\na,20240301,2\na,2024-03-01 "
                                       "10:30,3\n,2024-03-01,4\na,2024-03,5\na,9999-12-31,6\n"),
                                &out, &report, &err),
                     PD_OK);
    static const char forth[] = "who,seen,code\na,2024-03-01,1\na,20240302,2\na,2024-03-02 "
                                "10:30,3\n,*,4\na,*,5\na,*,6\n";
    static const char back[] = "who,seen,code\na,2024-02-28,1\na,20240229,2\na,2024-02-29 "
                               "10:30,3\n,*,4\na,*,5\na,9999-12-30,6\n";
    if (strcmp(out.data, forth) != 0 && strcmp(out.data, back) != 0)
        fail_msg("%s", out.data);
    pd_buf_clear(&out);
}

static void a_domain_below_a_million_is_refused_with_its_row(void **state) {
    (void)state;
    const struct protect_step step = {
        .column = 2, .method = PROTECT_FORMAT_PRESERVING, .format = PROTECT_FORMAT_DIGITS, .keep = 1};
    const struct protect_plan plan = {.steps = &step, .step_count = 1};
    carry_out(&plan, "who,seen,code\na,b,1234567\na,b,123456\n",
              "row 2 (line 3), column \"code\": fewer than 6 digits");
    carry_out(&plan, "who,seen,code\na,b,none\n", "a,b,*");
}

/* ---- Hierarchies ---- */

static enum pd_status make_tree(const char *rows, struct pd_arena *arena,
                                const struct protect_value_tree **out, struct pd_error *err) {
    pd_str *cells = pd_arena_array(arena, 64, sizeof(*cells)), rest = pd_str_from(rows), line, cell;
    size_t widths[16], count = 0, n = 0;
    while (pd_str_split(&rest, '\n', &line)) {
        widths[count] = 0;
        while (pd_str_split(&line, ';', &cell)) {
            cells[n++] = cell;
            widths[count]++;
        }
        count++;
    }
    return protect_value_tree_make(PD_STR("t"), cells, widths, count, arena, out, err);
}

static void hierarchies_are_checked_row_by_row(void **state) {
    (void)state;
    static const struct {
        const char *rows, *says;
    } bad[] = {
        {"a;x;*\nb;*", "row 2: it has 1 levels and the first row 2"},
        {"a\nb", "row 1: a row is the value and 1 to"},
        {"a;x;*\nb;x;*\na;x;*", "\"a\" has rows 1 and 3"},
        {"a;x;p\nb;x;q", "rows 1 and 2 agree on \"x\" on level 1"},
        {"a;b;*\nb;a;*", "\"a\" becomes \"b\", and that becomes \"a\" again: a cycle"},
        {"a;b;a", "row 1: \"a\" on level 0 is \"b\" in between"},
    };
    struct pd_arena *arena = pd_arena_new(1 << 20);
    const struct protect_value_tree *tree = NULL;
    struct pd_error err;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(make_tree(bad[i].rows, arena, &tree, &err), PD_INVALID);
        if (strstr(err.text, bad[i].says) == NULL)
            fail_msg("%s: %s", bad[i].rows, err.text);
    }
    assert_int_equal(make_tree("b;x;*\na;x;*\nx;x;*\n*;*;*", arena, &tree, &err), PD_OK);
    pd_str found;
    assert_true(protect_value_tree_find(tree, PD_STR("a"), 1, &found));
    assert_true(pd_str_is(found, "x"));
    assert_false(protect_value_tree_find(tree, PD_STR("c"), 1, &found));
    pd_arena_free(arena);
}

/* ---- Models: rows that stay ---- */

/* Two classes of four rows; "ill" has one value in the second. */
static const char ILLNESS[] = "who,seen,code\n"
                              "x,1,flu\nx,2,flu\nx,3,cold\nx,4,gout\n"
                              "y,5,flu\ny,6,flu\ny,7,flu\ny,8,flu\n";

static uint64_t rows_that_stay(enum protect_model_kind kind, struct protect_width threshold,
                               struct protect_width c) {
    static const size_t quasi[] = {0}, counted[] = {0, 2};
    const struct protect_plan_model model = {
        .kind = kind, .threshold = threshold, .c = c, .sensitive = 2};
    const struct protect_plan plan = {
        .quasi = quasi, .quasi_count = 1, .k = 2, .models = &model, .model_count = 1};
    struct protect_classes *classes = count_classes(pd_str_from(ILLNESS), counted, kind == PROTECT_AVERAGE_RISK ? 1 : 2);
    struct protect_report report;
    struct pd_buf out;
    struct pd_error err;
    if (apply_plan(&plan, NAMES, 3, classes, pd_str_from(ILLNESS), &out, &report, &err) != PD_OK)
        fail_msg("%s", err.text);
    pd_buf_clear(&out);
    protect_classes_free(classes);
    return report.rows_out;
}

static void classes_that_fail_a_model_leave_the_output(void **state) {
    (void)state;
    struct protect_width none = {0};
    assert_int_equal(rows_that_stay(PROTECT_DISTINCT_L, (struct protect_width){3, 0}, none), 4);
    assert_int_equal(rows_that_stay(PROTECT_DISTINCT_L, (struct protect_width){4, 0}, none), 0);
    /* e to the entropy of (2,1,1)/4 is 2.828 */
    assert_int_equal(rows_that_stay(PROTECT_ENTROPY_L, (struct protect_width){28, 1}, none), 4);
    assert_int_equal(rows_that_stay(PROTECT_ENTROPY_L, (struct protect_width){283, 2}, none), 0);
    /* 2 < c (1 + 1) */
    assert_int_equal(rows_that_stay(PROTECT_RECURSIVE_L, (struct protect_width){2, 0},
                                    (struct protect_width){11, 1}),
                     4);
    assert_int_equal(rows_that_stay(PROTECT_RECURSIVE_L, (struct protect_width){2, 0},
                                    (struct protect_width){1, 0}),
                     0);
    /* The table is (6,1,1)/8, so both classes are 1/4 away from it. */
    assert_int_equal(rows_that_stay(PROTECT_T_EQUAL, (struct protect_width){25, 2}, none), 8);
    assert_int_equal(rows_that_stay(PROTECT_T_EQUAL, (struct protect_width){24, 2}, none), 0);
    assert_int_equal(rows_that_stay(PROTECT_AVERAGE_RISK, (struct protect_width){25, 2}, none), 8);
}

static void a_search_with_models_reaches_them(void **state) {
    (void)state;
    static const size_t quasi[] = {0, 1}, counted[] = {0, 1, 2};
    static const enum protect_kind kinds[] = {PROTECT_KIND_TEXT, PROTECT_KIND_NUMBER};
    struct protect_plan_model model = {
        .kind = PROTECT_DISTINCT_L, .threshold = {3, 0}, .sensitive = 2};
    const struct protect_plan plan = {
        .quasi = quasi, .quasi_count = 2, .k = 2, .models = &model, .model_count = 1};
    const struct protect_target target = {.plan = &plan, .kinds = kinds};
    struct protect_classes *classes = count_classes(pd_str_from(ILLNESS), counted, 3);
    struct pd_arena *arena = pd_arena_new(1 << 20);
    const struct protect_found *found;
    struct pd_error err = {0};
    if (protect_search_for(classes, &target, arena, &found, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_true(found->is_proven);
    assert_int_equal(found->suppressed, 0);
    assert_int_equal(found->columns[0].step.method, PROTECT_DROP); /* y alone has one illness */
    model.threshold.amount = 4;
    assert_int_equal(protect_search_for(classes, &target, arena, &found, &err), PD_INVALID);
    assert_non_null(strstr(err.text, "can't be reached"));
    protect_classes_free(classes);
    pd_arena_free(arena);
}

/* ---- Local recoding ---- */

/* By the same measure as the search: on adult cutting rows loses much less than making columns coarser. */
static void local_recoding_is_measured_as_the_search_is(void **state) {
    (void)state;
    static const size_t columns[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    struct pd_buf file;
    struct pd_error err = {0};
    struct protect_local local;
    struct protect_classes *classes =
        count_classes(shared_file("privacy/arx/adult.csv", &file), columns, 9);
    struct protect_plan plan = {.quasi = columns, .quasi_count = 9, .k = 5};
    for (int relaxed = 0; relaxed < 2; relaxed++) {
        assert_int_equal(protect_local(classes, &plan, relaxed == 1, &local, &err), PD_OK);
        print_message("%s: %llu groups, the smallest of %llu, loss %.4f\n",
                      relaxed ? "relaxed" : "strict", (unsigned long long)local.groups,
                      (unsigned long long)local.smallest, local.loss);
        assert_true(local.groups > 3000 && local.smallest >= 5);
        assert_true(local.loss > 0 && local.loss < 0.5);
    }
    /* One group of all rows loses all there is. */
    plan.k = 30162;
    assert_int_equal(protect_local(classes, &plan, false, &local, &err), PD_OK);
    assert_true(local.groups == 1 && fabs(local.loss - 1) < 1e-9);
    plan.k = 30163;
    assert_int_equal(protect_local(classes, &plan, false, &local, &err), PD_INVALID);
    protect_classes_free(classes);
    pd_buf_clear(&file);
}

/* ---- Population uniqueness ---- */

static void uniqueness_of_adult_is_the_published_one(void **state) {
    (void)state;
    static const size_t columns[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    struct pd_buf file;
    struct protect_uniqueness u;
    struct pd_error err;
    struct protect_classes *classes =
        count_classes(shared_file("privacy/arx/adult.csv", &file), columns, 9);
    assert_int_equal(protect_uniqueness(classes, NULL, 301620, &u, &err), PD_OK);
    print_message("zayatz %.10f, pitman %.10f\n", u.zayatz, u.pitman);
    assert_true(fabs(u.zayatz - 0.32074) < 5e-6);
    assert_true(u.has_pitman && fabs(u.pitman - 0.27685) < 5e-6); /* ARX: 0.2768, 0.3207 */
    assert_true(u.estimate == u.pitman);
    assert_int_equal(protect_uniqueness(classes, NULL, 30162, &u, &err), PD_OK);
    assert_true(fabs(u.zayatz - 0.5142895) < 1e-6); /* the whole population: those that are unique */
    assert_int_equal(protect_uniqueness(classes, NULL, 30161, &u, &err), PD_USAGE);
    protect_classes_free(classes);
    pd_buf_clear(&file);
}

/* 1 + X rows, X negative binomial, by a number drawn between 0 and 1. */
static unsigned slide_draw(double u, double alpha, double beta) {
    double p = pow(beta, alpha), sum = p;
    unsigned x = 0;
    for (; u > sum && x < 1000; x++) {
        p *= (x + alpha) / (x + 1.0) * (1 - beta);
        sum += p;
    }
    return 1 + x;
}

static double uniform(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* A population as the model has it, and a sample of it: what the sample tells of the population is what was
   put into it. */
static void a_population_of_slide_negative_binomial_classes_is_estimated_from_a_sample(void **state) {
    (void)state;
    static const struct {
        double alpha, beta, f;
    } cases[] = {{0.8, 0.3, 0.6}, {2.0, 0.5, 0.4}, {0.5, 0.15, 0.5}};
    enum { CLASSES = 40000 };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static const size_t columns[] = {0};
        uint64_t seed = 11 + i, population = 0, unique = 0;
        struct pd_buf csv;
        struct protect_uniqueness u;
        struct pd_error err = {0};
        pd_buf_init(&csv, 1 << 26);
        pd_buf_text(&csv, "class\n");
        for (unsigned c = 0; c < CLASSES; c++) {
            unsigned rows = slide_draw(uniform(&seed), cases[i].alpha, cases[i].beta);
            population += rows;
            unique += rows == 1;
            for (unsigned r = 0; r < rows; r++)
                if (uniform(&seed) < cases[i].f)
                    pd_buf_printf(&csv, "%u\n", c);
        }
        struct protect_classes *classes = count_classes(pd_buf_view(&csv), columns, 1);
        assert_int_equal(protect_uniqueness(classes, NULL, population, &u, &err), PD_OK);
        double truth = (double)unique / (double)population;
        print_message("f %.1f: %.4f are unique; SNB %.4f, Zayatz %.4f\n", cases[i].f, truth, u.slide,
                      u.zayatz);
        assert_true(u.has_slide && fabs(u.slide - truth) < 0.2 * truth);
        assert_true(u.estimate == fmin(u.slide, u.zayatz));
        protect_classes_free(classes);
        pd_buf_clear(&csv);
    }
}

static void where_nobody_is_unique_nobody_is_estimated_to_be(void **state) {
    (void)state;
    static const size_t columns[] = {0};
    struct protect_uniqueness u;
    struct pd_error err;
    struct protect_classes *classes = count_classes(pd_str_from(ILLNESS), columns, 1);
    assert_int_equal(protect_uniqueness(classes, NULL, 1000000, &u, &err), PD_OK);
    assert_true(u.zayatz == 0 && u.has_pitman && u.pitman == 0 && u.estimate == 0);
    protect_classes_free(classes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_rounded_halves_away_from_zero),
        cmocka_unit_test(ends_are_coded_and_the_middle_stays),
        cmocka_unit_test(text_is_redacted),
        cmocka_unit_test(what_needs_a_key_or_a_person_is_a_star_without),
        cmocka_unit_test(dates_of_one_person_move_together),
        cmocka_unit_test(a_domain_below_a_million_is_refused_with_its_row),
        cmocka_unit_test(hierarchies_are_checked_row_by_row),
        cmocka_unit_test(classes_that_fail_a_model_leave_the_output),
        cmocka_unit_test(a_search_with_models_reaches_them),
        cmocka_unit_test(local_recoding_is_measured_as_the_search_is),
        cmocka_unit_test(uniqueness_of_adult_is_the_published_one),
        cmocka_unit_test(a_population_of_slide_negative_binomial_classes_is_estimated_from_a_sample),
        cmocka_unit_test(where_nobody_is_unique_nobody_is_estimated_to_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
