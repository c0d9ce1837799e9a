/* Tests src/protect/ through its public header. */
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

#include "detect/detect.h"
#include "protect_cases.h"
#include "protect_fixture.h"
#include "protect_search_cases.h"

/* ---- Cells ---- */

static void assert_cell(const struct protect_step *step, const char *cell, const char *expected) {
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum protect_effect effect = protect_cell(step, PD_STR("c"), KEY, pd_str_from(cell), &out);
    const char *made = out.data ? out.data : "";
    if (strcmp(made, expected) != 0)
        fail_msg("\"%s\" became \"%s\", not \"%s\"", cell, made, expected);
    if (effect == PROTECT_UNCHANGED)
        assert_string_equal(cell, made);
    else
        assert_string_not_equal(cell, made);
    pd_buf_clear(&out);
}

static void dates_become_as_coarse_as_asked(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(DATES); i++) {
        struct protect_step step = {.method = PROTECT_GENERALISE_DATE, .date = DATES[i].to};
        assert_cell(&step, DATES[i].cell, DATES[i].expected);
    }
}

static void numbers_fall_into_exact_bands(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(NUMBERS); i++) {
        struct protect_step step = {.method = PROTECT_GENERALISE_NUMBER,
                                    .width = NUMBERS[i].width,
                                    .whole = NUMBERS[i].whole};
        assert_cell(&step, NUMBERS[i].cell, NUMBERS[i].expected);
    }
}

static void codes_keep_their_beginning(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(CODES); i++) {
        struct protect_step step = {.method = PROTECT_GENERALISE_TEXT, .keep = CODES[i].keep};
        assert_cell(&step, CODES[i].cell, CODES[i].expected);
    }
}

static void masks_follow_the_shape_of_the_cell(void **state) {
    (void)state;
    const struct protect_step step = {.method = PROTECT_MASK};
    for (size_t i = 0; i < COUNT(MASKS); i++) {
        assert_cell(&step, MASKS[i].cell, MASKS[i].expected);
        struct detect_hits hits = detect_cell(pd_str_from(MASKS[i].expected), DETECT_ALL, 20261123);
        if (hits.sure | hits.weak)
            fail_msg("\"%s\" is still an identifier", MASKS[i].expected);
    }
}

static void no_identifier_survives_a_mask_or_a_pseudonym(void **state) {
    (void)state;
    struct pd_buf file, out;
    pd_str rest = shared_file("privacy/ids/ids_synthetic.tsv", &file), line, cell;
    size_t known = 0;
    pd_buf_init(&out, 0);
    while (pd_str_split(&rest, '\n', &line)) {
        if (!pd_str_split(&line, '\t', &cell) || !pd_str_split(&line, '\t', &cell))
            continue;
        struct detect_hits before = detect_cell(cell, DETECT_ALL, 20261123);
        known += before.sure ? 1 : 0;
        for (int method = PROTECT_MASK; method <= PROTECT_PSEUDONYM; method++) {
            struct protect_step step = {.method = (enum protect_method)method};
            pd_buf_reset(&out);
            (void)protect_cell(&step, PD_STR("id"), KEY, cell, &out);
            struct detect_hits after = detect_cell(pd_buf_view(&out), DETECT_ALL, 20261123);
            if (after.sure | after.weak)
                fail_msg("%.*s became %s", pd_arg(cell), out.data);
        }
    }
    assert_true(known > 30);
    pd_buf_clear(&out);
    pd_buf_clear(&file);
}

/* Figures from a second implementation (Python's hmac). */
static void pseudonyms_are_hmacs_of_column_and_cell(void **state) {
    (void)state;
    static const struct {
        const char *column, *cell, *expected;
    } cases[] = {
        {"phone", "13812345678", "p_QXQ1FS6QHQMJQAHT"},
        {"身份证", "11010519491231002X", "p_3S8W8APFTH5ZVCN1"},
        {"phone", "", ""},
    };
    const struct protect_step step = {.method = PROTECT_PSEUDONYM};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        pd_buf_reset(&out);
        (void)protect_cell(&step, pd_str_from(cases[i].column), KEY, pd_str_from(cases[i].cell),
                           &out);
        assert_true(pd_str_is(pd_buf_view(&out), cases[i].expected));
    }
    uint8_t other_key[CRYPTO_KEY_SIZE] = {1};
    pd_buf_reset(&out);
    (void)protect_cell(&step, PD_STR("phone"), other_key, PD_STR("13812345678"), &out);
    assert_false(pd_str_is(pd_buf_view(&out), cases[0].expected));
    /* The length in front keeps ("ab", "c") and ("a", "bc") apart. */
    struct pd_buf second;
    pd_buf_init(&second, 0);
    pd_buf_reset(&out);
    (void)protect_cell(&step, PD_STR("ab"), KEY, PD_STR("c"), &out);
    (void)protect_cell(&step, PD_STR("a"), KEY, PD_STR("bc"), &second);
    assert_false(pd_str_eq(pd_buf_view(&out), pd_buf_view(&second)));
    pd_buf_clear(&second);
    pd_buf_clear(&out);
}

/* ---- Classes and risk ---- */

static void risk_of_adult_is_the_published_one(void **state) {
    (void)state;
    static const size_t all[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    struct pd_buf file;
    struct pd_error err;
    struct protect_risk risk;
    struct protect_classes *classes =
        count_classes(shared_file("privacy/arx/adult.csv", &file), all, COUNT(all));
    assert_int_equal(protect_risk(classes, NULL, 5, &risk, &err), PD_OK);
    assert_int_equal(risk.rows, 30162);
    assert_int_equal(risk.classes, 19502);
    assert_int_equal(risk.smallest, 1);
    assert_int_equal(risk.unique_rows, 15512);
    assert_true(fabs(risk.mean - 0.6465751607983555) < 1e-15);
    assert_true(fabs(risk.unique_share - 0.5142895033485844) < 1e-15);
    assert_true(risk.highest == 1.0);
    assert_int_equal(risk.suppressed, 0);
    assert_true(risk.below_k > risk.unique_rows && risk.below_k < risk.rows);
    protect_classes_free(classes);
    pd_buf_clear(&file);
}

static void a_star_and_an_empty_cell_are_values_of_their_own(void **state) {
    (void)state;
    static const size_t column[] = {0};
    static const struct protect_step year = {.method = PROTECT_GENERALISE_DATE,
                                             .date = PROTECT_YEAR};
    const struct protect_plan plan = {&year, 1, column, 1, 0};
    struct protect_classes *classes = count_classes(
        PD_STR("born,x\n1985-01-01,1\nunknown,1\n,1\n1985-02-02,1\nnone,1\n"), column, 1);
    struct protect_risk risk;
    struct pd_error err;
    assert_int_equal(protect_risk(classes, &plan, 2, &risk, &err), PD_OK);
    assert_int_equal(risk.classes, 3); /* 1985, *, empty */
    assert_int_equal(risk.unique_rows, 1);
    assert_int_equal(risk.below_k, 1);
    protect_classes_free(classes);
}

static void suppressed_rows_are_not_counted_after(void **state) {
    (void)state;
    struct protect_classes *classes = count_classes(people(), PEOPLE_QUASI, 3);
    struct protect_risk risk;
    struct pd_error err;
    assert_int_equal(protect_risk(classes, &PEOPLE_PLAN, 2, &risk, &err), PD_OK);
    assert_int_equal(risk.rows, 4);
    assert_int_equal(risk.classes, 1);
    assert_int_equal(risk.smallest, 4);
    assert_int_equal(risk.suppressed, 2);
    assert_int_equal(risk.below_k, 0);
    assert_true(risk.mean == 0.25 && risk.highest == 0.25);
    assert_true(fabs(risk.suppressed_share - 2.0 / 6.0) < 1e-15);

    struct protect_plan strict = PEOPLE_PLAN;
    strict.k = 100;
    assert_int_equal(protect_risk(classes, &strict, 2, &risk, &err), PD_OK);
    assert_int_equal(risk.rows, 0);
    assert_true(risk.mean == 0 && risk.highest == 0 && risk.suppressed_share == 1);

    struct protect_plan foreign = PEOPLE_PLAN;
    foreign.quasi_count = 2;
    assert_int_equal(protect_risk(classes, &foreign, 2, &risk, &err), PD_USAGE);
    protect_classes_free(classes);
}

static void merged_classes_are_those_of_the_whole(void **state) {
    (void)state;
    static const size_t columns[] = {0, 2}, other[] = {1, 2};
    struct protect_classes *whole =
        count_classes(PD_STR("a,b,c\n1,x,1\n2,x,1\n1,y,1\n3,x,2\n"), columns, 2);
    struct protect_classes *one = count_classes(PD_STR("a,b,c\n1,x,1\n2,x,1\n"), columns, 2);
    struct protect_classes *two = count_classes(PD_STR("a,b,c\n1,y,1\n3,x,2\n"), columns, 2);
    struct protect_classes *foreign = count_classes(PD_STR("a,b,c\n1,y,1\n"), other, 2);
    struct protect_risk expected, merged;
    struct pd_error err;
    assert_int_equal(protect_classes_merge(one, two, &err), PD_OK);
    assert_int_equal(protect_risk(whole, NULL, 2, &expected, &err), PD_OK);
    assert_int_equal(protect_risk(one, NULL, 2, &merged, &err), PD_OK);
    assert_memory_equal(&expected, &merged, sizeof(merged));
    assert_int_equal(expected.classes, 3);
    assert_int_equal(protect_classes_merge(one, foreign, &err), PD_USAGE);
    protect_classes_free(whole);
    protect_classes_free(one);
    protect_classes_free(two);
    protect_classes_free(foreign);
}

/* Each combination is in one share, so that many may be counted a share at a time. */
static void shares_add_up_to_the_risk_of_the_whole(void **state) {
    (void)state;
    static const size_t columns[] = {0, 2};
    struct pd_buf csv;
    pd_buf_init(&csv, 0);
    pd_buf_text(&csv, "a,b,c\n");
    for (int i = 0; i < 5000; i++)
        pd_buf_printf(&csv, "%d,x,y\n", i % 3001);
    struct protect_classes *whole = count_classes(pd_buf_view(&csv), columns, 2);
    struct protect_risk expected, sum = {0};
    struct pd_error err;
    assert_int_equal(protect_risk(whole, NULL, 3, &expected, &err), PD_OK);
    assert_int_equal(expected.classes, 3001);
    assert_int_equal(expected.unique_rows, 1002);
    struct protect_share share = {.count = 7, .key = {1, 2}};
    for (; share.n < share.count; share.n++) {
        struct taker taker = {0};
        struct protect_risk risk;
        assert_int_equal(protect_classes_new(columns, 2, 0, &taker.classes, &err), PD_OK);
        protect_classes_share(taker.classes, &share);
        assert_int_equal(read_table(pd_buf_view(&csv), &taker), PD_OK);
        assert_int_equal(protect_risk(taker.classes, NULL, 3, &risk, &err), PD_OK);
        assert_true(risk.classes > expected.classes / 14 && risk.classes < expected.classes / 3);
        protect_risk_add(&sum, &risk);
        protect_classes_free(taker.classes);
    }
    assert_memory_equal(&expected, &sum, sizeof(sum));
    protect_classes_free(whole);
    pd_buf_clear(&csv);
}

static void classes_stop_at_their_memory_limit(void **state) {
    (void)state;
    static const size_t column[] = {0};
    struct pd_buf csv;
    pd_buf_init(&csv, 0);
    pd_buf_text(&csv, "a,b\n");
    for (int i = 0; i < 20000; i++)
        pd_buf_printf(&csv, "value %d,1\n", i);
    struct taker taker = {0};
    assert_int_equal(protect_classes_new(column, 1, 100000, &taker.classes, &taker.err), PD_OK);
    assert_int_equal(read_table(pd_buf_view(&csv), &taker), PD_LIMIT);
    assert_non_null(strstr(taker.err.text, "100000 bytes"));
    assert_non_null(strstr(taker.err.text, "fewer quasi columns"));
    protect_classes_free(taker.classes);
    pd_buf_clear(&csv);
}

static void classes_refuse_wrong_columns(void **state) {
    (void)state;
    static const size_t descending[] = {2, 1}, twice[] = {1, 1}, beyond[] = {1, 9};
    struct taker taker = {0};
    assert_int_equal(protect_classes_new(descending, 2, 0, &taker.classes, &taker.err), PD_USAGE);
    assert_int_equal(protect_classes_new(twice, 2, 0, &taker.classes, &taker.err), PD_USAGE);
    assert_int_equal(protect_classes_new(twice, 0, 0, &taker.classes, &taker.err), PD_USAGE);
    assert_int_equal(protect_classes_new(beyond, 2, 0, &taker.classes, &taker.err), PD_OK);
    assert_int_equal(read_table(people(), &taker), PD_USAGE);
    protect_classes_free(taker.classes);
}

/* ---- Apply ---- */

static void a_plan_changes_exactly_what_it_says(void **state) {
    (void)state;
    struct protect_classes *classes = count_classes(people(), PEOPLE_QUASI, 3);
    struct pd_buf out, again;
    struct protect_report report;
    struct pd_error err;
    assert_int_equal(
        apply_plan(&PEOPLE_PLAN, PEOPLE_NAMES, 5, classes, people(), &out, &report, &err), PD_OK);
    struct pd_buf ids;
    pd_buf_init(&ids, 0);
    const struct protect_step pseudonym = {.method = PROTECT_PSEUDONYM};
    pd_buf_text(&ids, "id,born,age,postcode,note\n");
    static const struct {
        pd_str id, rest;
    } rows[] = {{PD_STR_INIT("a1"), PD_STR_INIT(",1985,30-39,518***,=1+1\n")},
                {PD_STR_INIT("a2"), PD_STR_INIT(",1985,30-39,518***,\"x,y\"\n")},
                {PD_STR_INIT("a3"), PD_STR_INIT(",1985,30-39,518***,\n")},
                {PD_STR_INIT("a4"), PD_STR_INIT(",1985,30-39,518***,z\n")}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        (void)protect_cell(&pseudonym, PD_STR("id"), KEY, rows[i].id, &ids);
        pd_buf_str(&ids, rows[i].rest);
    }
    assert_string_equal(out.data, ids.data);
    assert_int_equal(report.rows_in, 6);
    assert_int_equal(report.rows_out, 4);
    assert_int_equal(report.suppressed, 2);
    assert_int_equal(report.pseudonyms, 4);
    assert_int_equal(report.generalised, 12);
    assert_int_equal(report.masked, 0);
    assert_int_equal(report.not_of_type, 0);
    assert_int_equal(
        apply_plan(&PEOPLE_PLAN, PEOPLE_NAMES, 5, classes, people(), &again, &report, &err), PD_OK);
    assert_string_equal(out.data, again.data);
    pd_buf_clear(&ids);
    pd_buf_clear(&out);
    pd_buf_clear(&again);
    protect_classes_free(classes);
}

struct watched {
    uint64_t from[8], to[8];
    size_t count;
};

static enum pd_status note_row(void *context, const struct table_batch *batch, size_t row,
                               uint64_t place, struct pd_error *err) {
    (void)err;
    struct watched *w = context;
    w->from[w->count] = batch->first_row + row;
    w->to[w->count++] = place;
    return PD_OK;
}

/* So that somebody can be found again in what a plan left of a table. */
static void who_watches_learns_where_each_row_went(void **state) {
    (void)state;
    struct protect_classes *classes = count_classes(people(), PEOPLE_QUASI, 3);
    const struct protect_plan plan = {
        .steps = PEOPLE_STEPS, .step_count = 4, .quasi = PEOPLE_QUASI, .quasi_count = 3, .k = 4};
    struct taker taker = {0};
    struct table_writer *writer;
    struct pd_buf out;
    struct pd_error err;
    struct protect_report report;
    struct watched watched = {0};
    pd_buf_init(&out, 0);
    struct table_sink sink = table_sink_buf(&out);
    assert_int_equal(table_writer_new(NULL, &sink, &writer, &err), PD_OK);
    assert_int_equal(
        protect_apply_new(&plan, PEOPLE_NAMES, 5, classes, KEY, writer, &taker.apply, &err), PD_OK);
    protect_apply_watch(taker.apply, note_row, &watched);
    assert_int_equal(read_table(people(), &taker), PD_OK);
    assert_int_equal(protect_apply_finish(taker.apply, &report, &err), PD_OK);
    assert_int_equal(watched.count, report.rows_out);
    for (size_t i = 0; i < watched.count; i++) {
        assert_int_equal(watched.from[i], i); /* the two that go are the last ones */
        assert_int_equal(watched.to[i], i);
    }
    protect_apply_free(taker.apply);
    table_writer_free(writer);
    protect_classes_free(classes);
    pd_buf_clear(&out);
}

static void without_k_every_row_stays_and_bad_cells_are_counted(void **state) {
    (void)state;
    static const struct protect_step steps[] = {
        {.column = 0, .method = PROTECT_DROP},
        {.column = 1, .method = PROTECT_GENERALISE_DATE, .date = PROTECT_DECADE},
        {.column = 2, .method = PROTECT_KEEP},
        {.column = 3, .method = PROTECT_MASK},
        {.column = 4, .method = PROTECT_DROP}};
    const struct protect_plan plan = {.steps = steps, .step_count = COUNT(steps)};
    struct pd_buf out;
    struct protect_report report;
    struct pd_error err;
    assert_int_equal(apply_plan(&plan, PEOPLE_NAMES, 5, NULL, people(), &out, &report, &err),
                     PD_OK);
    assert_string_equal(out.data, "born,age,postcode\n"
                                  "1980-1989,38,********\n1980-1989,39,********\n"
                                  "1980-1989,31,********\n1980-1989,35,********\n"
                                  "1990-1999,20,********\n*,21,********\n");
    assert_int_equal(report.columns_dropped, 2);
    assert_int_equal(report.not_of_type, 1);
    assert_int_equal(report.masked, 6);
    assert_int_equal(report.generalised, 5);
    pd_buf_clear(&out);
}

static void a_table_that_changed_between_the_passes_is_refused(void **state) {
    (void)state;
    static const size_t columns[] = {0};
    static const pd_str names[] = {PD_STR_INIT("a"), PD_STR_INIT("b")};
    static const struct {
        const char *second, *says;
    } cases[] = {
        {"a,b\n1,1\n1,2\n2,1\n2,1\n9,1\n", "row 5 (line 6)"}, /* unknown */
        {"a,b\n1,1\n1,2\n1,1\n2,1\n2,1\n", "row 3 (line 4)"}, /* too often */
        {"a,b\n1,1\n1,2\n2,1\n", "3 rows came, but 4 were counted"},
    };
    const struct protect_plan plan = {.quasi = columns, .quasi_count = 1, .k = 2};
    struct protect_classes *classes =
        count_classes(PD_STR("a,b\n1,1\n1,2\n2,1\n2,1\n"), columns, 1);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pd_buf out;
        struct protect_report report;
        struct pd_error err;
        assert_int_equal(
            apply_plan(&plan, names, 2, classes, pd_str_from(cases[i].second), &out, &report, &err),
            PD_CONFLICT);
        assert_non_null(strstr(err.text, cases[i].says));
        pd_buf_clear(&out);
    }
    protect_classes_free(classes);
}

static void apply_refuses_to_start_without_what_it_needs(void **state) {
    (void)state;
    static const struct protect_step pseudonym = {.column = 0, .method = PROTECT_PSEUDONYM};
    static const size_t first[] = {0};
    const struct protect_plan keyed = {.steps = &pseudonym, .step_count = 1};
    struct protect_classes *foreign = count_classes(people(), first, 1);
    struct protect_apply *apply = NULL;
    struct table_writer *writer;
    struct pd_buf out;
    struct pd_error err;
    pd_buf_init(&out, 0);
    struct table_sink sink = table_sink_buf(&out);
    assert_int_equal(table_writer_new(NULL, &sink, &writer, &err), PD_OK);
    assert_int_equal(protect_apply_new(&keyed, PEOPLE_NAMES, 5, NULL, NULL, writer, &apply, &err),
                     PD_USAGE);
    assert_non_null(strstr(err.text, "\"id\""));
    assert_int_equal(
        protect_apply_new(&PEOPLE_PLAN, PEOPLE_NAMES, 5, NULL, KEY, writer, &apply, &err),
        PD_USAGE);
    assert_int_equal(
        protect_apply_new(&PEOPLE_PLAN, PEOPLE_NAMES, 5, foreign, KEY, writer, &apply, &err),
        PD_USAGE);
    assert_null(apply);
    table_writer_free(writer);
    pd_buf_clear(&out);
    protect_classes_free(foreign);
}

/* ---- Plans ---- */

static const char PEOPLE_JSON[] =
    "{\"k\":2,\"plan\":1,"
    "\"quasi\":[{\"column\":1,\"name\":\"born\"},{\"column\":2,\"name\":\"age\"},"
    "{\"column\":3,\"name\":\"postcode\"}],"
    "\"steps\":[{\"column\":0,\"method\":\"pseudonym\",\"name\":\"id\"},"
    "{\"column\":1,\"date\":\"year\",\"method\":\"generalise_date\",\"name\":\"born\"},"
    "{\"column\":2,\"method\":\"generalise_number\",\"name\":\"age\",\"whole\":true,\"width\":"
    "\"10\"},"
    "{\"column\":3,\"keep\":3,\"method\":\"generalise_text\",\"name\":\"postcode\"}]}";

static void assert_plan_text(const struct protect_plan *plan, const char *expected) {
    struct pd_buf out;
    struct pd_json w;
    struct pd_error err;
    pd_buf_init(&out, 0);
    pd_json_init(&w, &out, PD_JSON_CANONICAL);
    assert_int_equal(protect_plan_write(plan, PEOPLE_NAMES, 5, &w, &err), PD_OK);
    assert_string_equal(out.data, expected);
    pd_json_clear(&w);
    pd_buf_clear(&out);
}

static void plans_are_written_canonically_and_read_back(void **state) {
    (void)state;
    static const char *const others[] = {
        "{\"k\":0,\"plan\":1,\"quasi\":[],\"steps\":[]}",
        "{\"k\":0,\"plan\":1,\"quasi\":[],\"steps\":[{\"column\":2,\"method\":\"generalise_"
        "number\","
        "\"name\":\"age\",\"whole\":false,\"width\":\"0.05\"},{\"column\":4,\"method\":\"drop\","
        "\"name\":\"note\"}]}",
        "{\"k\":0,\"plan\":1,\"quasi\":[{\"column\":0,\"name\":\"id\"}],\"steps\":[{\"column\":1,"
        "\"date\":\"hour\",\"method\":\"generalise_date\",\"name\":\"born\"},{\"column\":2,"
        "\"date\":\"suppressed\",\"method\":\"generalise_date\",\"name\":\"age\"},{\"column\":4,"
        "\"method\":\"mask\",\"name\":\"note\"}]}",
    };
    struct pd_arena *arena = pd_arena_new(1 << 16);
    const struct protect_plan *plan;
    struct pd_error err;
    assert_plan_text(&PEOPLE_PLAN, PEOPLE_JSON);
    assert_int_equal(
        protect_plan_parse(pd_str_from(PEOPLE_JSON), PEOPLE_NAMES, 5, arena, &plan, &err), PD_OK);
    assert_plan_text(plan, PEOPLE_JSON);
    for (size_t i = 0; i < COUNT(others); i++) {
        if (protect_plan_parse(pd_str_from(others[i]), PEOPLE_NAMES, 5, arena, &plan, &err) !=
            PD_OK)
            fail_msg("%s", err.text);
        assert_plan_text(plan, others[i]);
    }
    /* A keep is the same as no step. */
    const struct protect_step keep = {.column = 1, .method = PROTECT_KEEP};
    const struct protect_plan kept = {.steps = &keep, .step_count = 1};
    assert_plan_text(&kept, others[0]);
    pd_arena_free(arena);
}

static void bad_plans_are_refused_with_a_sentence(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(BAD_PLANS); i++) {
        const struct protect_plan *plan = NULL;
        struct pd_error err = {0};
        enum pd_status status =
            protect_plan_parse(pd_str_from(BAD_PLANS[i].text), PEOPLE_NAMES, 5, arena, &plan, &err);
        if (status != BAD_PLANS[i].status || strstr(err.text, BAD_PLANS[i].says) == NULL)
            fail_msg("%s: %s", BAD_PLANS[i].text, err.text);
        assert_null(plan);
        assert_int_equal(
            protect_plan_parse(pd_str_from(BAD_PLANS[i].text), PEOPLE_NAMES, 5, arena, &plan, NULL),
            BAD_PLANS[i].status);
    }
    pd_arena_free(arena);
}

static void widths_have_one_spelling(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "0",
                                      "-1",
                                      "1.",
                                      ".5",
                                      "0.50",
                                      "01",
                                      "1e3",
                                      " 1",
                                      "1 000",
                                      "0.0000000001",
                                      "0.0",
                                      "1000000000000001",
                                      "99999999999999999999",
                                      "1.5"};
    struct pd_arena *arena = pd_arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(bad); i++) {
        char text[256];
        const struct protect_plan *plan = NULL;
        struct pd_error err;
        snprintf(text, sizeof(text),
                 STEP("{\"column\":2,\"method\":\"generalise_number\",\"name\":\"age\","
                      "\"whole\":true,\"width\":\"%s\"}"),
                 bad[i]);
        if (protect_plan_parse(pd_str_from(text), PEOPLE_NAMES, 5, arena, &plan, &err) !=
            PD_INVALID)
            fail_msg("width \"%s\" was accepted", bad[i]);
    }
    pd_arena_free(arena);
}

static void plans_built_by_hand_are_checked_too(void **state) {
    (void)state;
    static const size_t far[] = {5};
    static const struct protect_step twice[] = {{.column = 1, .method = PROTECT_DROP},
                                                {.column = 1, .method = PROTECT_MASK}};
    static const struct protect_step wrong[] = {
        {.column = 9, .method = PROTECT_DROP},
        {.column = 1, .method = PROTECT_METHOD_COUNT},
        {.column = 1, .method = PROTECT_GENERALISE_DATE, .date = (enum protect_date)7},
        {.column = 1, .method = PROTECT_GENERALISE_NUMBER},
        {.column = 1, .method = PROTECT_GENERALISE_NUMBER, .width = {10, 1}},
        {.column = 1, .method = PROTECT_GENERALISE_NUMBER, .width = {5, 1}, .whole = true},
        {.column = 1, .method = PROTECT_GENERALISE_TEXT, .keep = PROTECT_MAX_KEEP + 1},
    };
    struct pd_error err;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        const struct protect_plan plan = {.steps = &wrong[i], .step_count = 1};
        assert_int_equal(protect_plan_check(&plan, PEOPLE_NAMES, 5, &err), PD_INVALID);
    }
    const struct protect_plan doubled = {.steps = twice, .step_count = 2};
    assert_int_equal(protect_plan_check(&doubled, PEOPLE_NAMES, 5, &err), PD_INVALID);
    assert_non_null(strstr(err.text, "\"born\" has two steps"));
    const struct protect_plan beyond = {.quasi = far, .quasi_count = 1, .k = 2};
    assert_int_equal(protect_plan_check(&beyond, PEOPLE_NAMES, 5, &err), PD_INVALID);
    assert_int_equal(protect_plan_check(&PEOPLE_PLAN, PEOPLE_NAMES, 5, &err), PD_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_become_as_coarse_as_asked),
        cmocka_unit_test(numbers_fall_into_exact_bands),
        cmocka_unit_test(codes_keep_their_beginning),
        cmocka_unit_test(masks_follow_the_shape_of_the_cell),
        cmocka_unit_test(no_identifier_survives_a_mask_or_a_pseudonym),
        cmocka_unit_test(pseudonyms_are_hmacs_of_column_and_cell),
        cmocka_unit_test(risk_of_adult_is_the_published_one),
        cmocka_unit_test(a_star_and_an_empty_cell_are_values_of_their_own),
        cmocka_unit_test(suppressed_rows_are_not_counted_after),
        cmocka_unit_test(who_watches_learns_where_each_row_went),
        cmocka_unit_test(merged_classes_are_those_of_the_whole),
        cmocka_unit_test(shares_add_up_to_the_risk_of_the_whole),
        cmocka_unit_test(classes_stop_at_their_memory_limit),
        cmocka_unit_test(classes_refuse_wrong_columns),
        cmocka_unit_test(search_reaches_k_on_adult_and_nothing_is_coarser_than_needed),
        cmocka_unit_test(every_ladder_ends_in_k_anonymous_output),
        cmocka_unit_test(search_keeps_what_is_safe_already),
        cmocka_unit_test(search_stops_at_the_memory_limit),
        cmocka_unit_test(a_lattice_too_large_for_memory_gets_the_best_effort),
        cmocka_unit_test(search_refuses_what_cannot_be),
        cmocka_unit_test(a_plan_changes_exactly_what_it_says),
        cmocka_unit_test(without_k_every_row_stays_and_bad_cells_are_counted),
        cmocka_unit_test(a_table_that_changed_between_the_passes_is_refused),
        cmocka_unit_test(apply_refuses_to_start_without_what_it_needs),
        cmocka_unit_test(plans_are_written_canonically_and_read_back),
        cmocka_unit_test(bad_plans_are_refused_with_a_sentence),
        cmocka_unit_test(widths_have_one_spelling),
        cmocka_unit_test(plans_built_by_hand_are_checked_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
