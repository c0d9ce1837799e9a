/* inspect/: how cells are read that only their column explains, and what the note says of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect_fixture.h"

/* A table of one column that matters; each cell is quoted, so that it may hold commas. */
static struct pd_buf column_csv(const char *name, const char *const *cells, size_t count) {
    struct pd_buf csv = {0};
    pd_buf_printf(&csv, "\"%s\",other\n", name);
    for (size_t i = 0; i < count && cells[i]; i++)
        pd_buf_printf(&csv, "\"%s\",x%zu\n", cells[i], i);
    return csv;
}

enum { CELLS = 8 };

static void a_column_is_read_in_the_way_that_explains_it_and_says_so(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const char *cells[CELLS];
        enum inspect_type type;
        double min, max;
        const char *note; /* a part of it; NULL: there is none */
    } cases[] = {
        {"n",
         {"1,234", "22,927", "498"},
         INSPECT_INTEGER,
         498,
         22927,
         "between thousands: no number below"},
        {"n", {"1,234,567", "2,000"}, INSPECT_INTEGER, 2000, 1234567, "1,234.5"},
        {"n", {"1,234", "5,678"}, INSPECT_INTEGER, 1234, 5678, "it may be a decimal comma"},
        {"n", {"1,234.50", "-7.25"}, INSPECT_DECIMAL, -7.25, 1234.5, "1,234.5"},
        {"n", {"0,61", "81,204", "3"}, INSPECT_DECIMAL, 0.61, 81.204, "decimal comma"},
        {"n", {"1.234,5", "-1.000.000,25"}, INSPECT_DECIMAL, -1000000.25, 1234.5, "decimal comma"},
        {"n", {"1 234,5", "12"}, INSPECT_DECIMAL, 12, 1234.5, "decimal comma"},
        {"n",
         {"1 234",
          "1\xC2\xA0"
          "234 567",
          "1\xE2\x80\xAF"
          "000"},
         INSPECT_INTEGER,
         1000,
         1234567,
         NULL},
        {"n", {"1'234.5", "2'000'000"}, INSPECT_DECIMAL, 1234.5, 2000000, "1,234.5"},
        {"n", {"0,123", "5"}, INSPECT_DECIMAL, 0.123, 5, "decimal comma"},
        {"n",
         {"1.234", "23.824", "17.518"},
         INSPECT_DECIMAL,
         1.234,
         23.824,
         "may stand between thousands"},
        {"n", {"12%", "3.5 %", "0%"}, INSPECT_DECIMAL, 0, 12, "per cent"},
        {"n",
         {"$5,000.00", "$7", "12"},
         INSPECT_DECIMAL,
         7,
         5000,
         "2 of 3 numbers have a sign of currency"},
        {"n", {"1.234,50 €", "-5 €"}, INSPECT_DECIMAL, -5, 1234.5, "decimal comma"},
        {"n", {"5,00元", "3,50元"}, INSPECT_DECIMAL, 3.5, 5, "decimal comma"},
        {"n", {"12%", "5"}, INSPECT_TEXT, 0, 0, "1 of 2 numbers are per cent"},
        {"n", {"$5", "€5"}, INSPECT_TEXT, 0, 0, "several currencies"},
        {"n", {"1,234.5", "1.234,5"}, INSPECT_TEXT, 0, 0, "two notations"},
        {"n", {"1,5", "1.5"}, INSPECT_TEXT, 0, 0, "two notations"},
        {"n", {"1,234", "some"}, INSPECT_TEXT, 0, 0, NULL},
        {"code", {"007", "012", "1,2"}, INSPECT_TEXT, 0, 0, NULL},
        {"code", {"0,001,234"}, INSPECT_TEXT, 0, 0, NULL},
        {"n",
         {"9223372036854775808", "5"},
         INSPECT_TEXT,
         0,
         0,
         "1 whole numbers are beyond 64 bits"},
        {"n", {"123456789012345678901234567890"}, INSPECT_TEXT, 0, 0, "beyond 64 bits"},
        {"n", {"12,34"}, INSPECT_DECIMAL, 12.34, 12.34, "decimal comma"},
        {"n", {"1,23,456"}, INSPECT_TEXT, 0, 0, NULL},
        {"v", {"1.2.3", "1.10.2"}, INSPECT_TEXT, 0, 0, NULL},
        {"ip", {"192.168.1.1"}, INSPECT_TEXT, 0, 0, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_buf csv = column_csv(cases[i].name, cases[i].cells, CELLS);
        struct result r = inspect_csv(csv.data);
        const struct inspect_column *c = &r.inspection->columns[0];
        if (c->type != cases[i].type)
            fail_msg("\"%s\" is %s: %.*s", cases[i].cells[0], inspect_type_name(c->type),
                     pd_arg(c->note));
        if (cases[i].note ? pd_str_find(c->note, pd_str_from(cases[i].note)) == PD_NPOS
                          : c->note.len > 0)
            fail_msg("\"%s\": the note is \"%.*s\"", cases[i].cells[0], pd_arg(c->note));
        if (c->type != INSPECT_TEXT) {
            assert_true(c->min_number == cases[i].min && c->max_number == cases[i].max);
            assert_true(c->has_mean);
            assert_int_equal(c->quantile_count, INSPECT_QUANTILES);
        }
        pd_arena_free(r.arena);
        pd_buf_clear(&csv);
    }
}

static void dates_are_ordered_only_if_something_tells_how(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const char *cells[CELLS];
        enum inspect_type type;
        const char *min; /* RFC 3339 date of the least, or NULL */
        const char *note;
    } cases[] = {
        {"d", {"31/12/2013", "01/02/2013"}, INSPECT_DATE, "2013-02-01", "day first: 1 can"},
        {"d", {"12/31/2013", "01/02/2013"}, INSPECT_DATE, "2013-01-02", "month first: 1 can"},
        {"d", {"31.12.2013 08:15", "1.2.2013"}, INSPECT_DATETIME, "2013-02-01", "day first"},
        {"d", {"25-12-13", "24-12-13"}, INSPECT_TEXT, NULL, "day first and year first"},
        {"d", {"25-12-63", "24-12-63"}, INSPECT_DATE, "2063-12-24", "day first: 2"},
        {"d", {"75-12-31"}, INSPECT_DATE, "1975-12-31", "year first, in two digits"},
        {"d", {"01/02/2013", "03/04/2013"}, INSPECT_TEXT, NULL, "nothing tells which"},
        {"d",
         {"31/12/2013", "12/31/2013"},
         INSPECT_TEXT,
         NULL,
         "1 can only be day first, 1 only month first"},
        {"d", {"2011-01-02", "01-03-2011"}, INSPECT_TEXT, NULL, "1 year first"},
        {"latitude", {"31.12.20", "30.11.20"}, INSPECT_TEXT, NULL, "the name says otherwise"},
        {"坐标", {"31.12.20"}, INSPECT_TEXT, NULL, "the name says otherwise"},
        {"d", {"31.12.20", "48.30.15"}, INSPECT_TEXT, NULL, NULL},
        {"d", {"32/12/2013"}, INSPECT_TEXT, NULL, NULL},
        {"d",
         {"1978年", "1979年"},
         INSPECT_DATE,
         "1978-01-01",
         "2 dates give the year or the month only"},
        {"d", {"2026年3月", "2026年3月9日"}, INSPECT_DATE, "2026-03-01", "1 dates give"},
        {"d",
         {"民國107年3月20日", "107年3月21日"},
         INSPECT_DATE,
         "2018-03-20",
         "2 dates are of the Republic's era"},
        {"d",
         {"二〇二六年三月九日", "二零二六年十二月三十一日"},
         INSPECT_DATE,
         "2026-03-09",
         "Chinese numerals"},
        {"d", {"二〇二六年十三月一日"}, INSPECT_TEXT, NULL, NULL},
        {"age", {"12年", "100年"}, INSPECT_TEXT, NULL, NULL},
        {"t", {"00:10", "23:59:59"}, INSPECT_TIME, NULL, NULL},
        {"t", {"127:05", "0:00:00.5"}, INSPECT_TIME, NULL, NULL},
        {"t", {"00:60"}, INSPECT_TEXT, NULL, NULL},
        {"t", {"00:10", "2026-01-01"}, INSPECT_TEXT, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_buf csv = column_csv(cases[i].name, cases[i].cells, CELLS);
        struct result r = inspect_csv(csv.data);
        const struct inspect_column *c = &r.inspection->columns[0];
        if (c->type != cases[i].type)
            fail_msg("\"%s\" is %s: %.*s", cases[i].cells[0], inspect_type_name(c->type),
                     pd_arg(c->note));
        if (cases[i].note ? pd_str_find(c->note, pd_str_from(cases[i].note)) == PD_NPOS
                          : c->note.len > 0)
            fail_msg("\"%s\": the note is \"%.*s\"", cases[i].cells[0], pd_arg(c->note));
        if (cases[i].min) {
            char text[PD_TIME_TEXT_SIZE];
            pd_time_write(c->min_time, PD_TIME_DATE, text);
            assert_string_equal(text, cases[i].min);
        }
        pd_arena_free(r.arena);
        pd_buf_clear(&csv);
    }
}

static void words_for_no_value_are_empty_where_the_column_says_so(void **state) {
    (void)state;
    static const struct {
        const char *cells[CELLS];
        enum inspect_type type;
        uint64_t nulls, distinct;
        const char *note;
    } cases[] = {
        {{"1", "NULL", "2", "n/a", ""},
         INSPECT_INTEGER,
         3,
         2,
         "2 cells that say \"NULL\", \"n/a\""},
        {{"1", "-", "2", "NA", "无"},
         INSPECT_INTEGER,
         3,
         2,
         "\"NA\", \"-\", \"无\" count as empty"},
        {{"2026-01-01", "\\N", "..."}, INSPECT_DATE, 2, 1, "count as empty"},
        {{"Berlin", "Paris", "NULL", "-"}, INSPECT_TEXT, 2, 2, "\"NULL\", \"-\" count as empty"},
        {{"DE", "FR", "NA", "IT"}, INSPECT_TEXT, 0, 4, "\"NA\" stands among values like it"},
        {{"+", "-", "+"}, INSPECT_TEXT, 0, 2, "\"-\" stands among values like it"},
        {{"有", "无", "有"}, INSPECT_TEXT, 0, 2, "\"无\" stands among values like it"},
        {{"low", "none", "high"}, INSPECT_TEXT, 0, 3, "\"none\" stands among"},
        {{"low", "none", "None", "NONE", "low"},
         INSPECT_TEXT,
         0,
         4,
         "\"None\", \"NONE\", \"none\""},
        {{"1", "null", "2", "Null", "nULL"},
         INSPECT_TEXT,
         2,
         3,
         "\"null\", \"Null\" count as empty"},
        {{"5", "****", "7"}, INSPECT_INTEGER, 1, 2, "\"****\" count as empty"},
        {{"王**", "***", "李**"}, INSPECT_TEXT, 0, 3, "\"***\" stands among"},
        {{"NULL", "N/A"}, INSPECT_EMPTY, 2, 0, "count as empty"},
        {{"Na", "nil"}, INSPECT_TEXT, 0, 2, NULL},
        {{"-5", "--5"}, INSPECT_TEXT, 0, 2, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_buf csv = column_csv("c", cases[i].cells, CELLS);
        struct result r = inspect_csv(csv.data);
        const struct inspect_column *c = &r.inspection->columns[0];
        bool is_noted =
            !cases[i].note || pd_str_find(c->note, pd_str_from(cases[i].note)) != PD_NPOS;
        if (c->type != cases[i].type || c->nulls != cases[i].nulls ||
            c->distinct.value != cases[i].distinct || !is_noted)
            fail_msg("\"%s\": %s, %d empty, %d distinct: %.*s", cases[i].cells[0],
                     inspect_type_name(c->type), (int)c->nulls, (int)c->distinct.value,
                     pd_arg(c->note));
        uint64_t told = 0;
        for (size_t t = 0; t < c->top_count; t++)
            told += c->top[t].count;
        assert_int_equal(told + c->nulls, r.inspection->rows);
        pd_arena_free(r.arena);
        pd_buf_clear(&csv);
    }
}

/* It is what it was before anybody knew that it is one: shown as written, and of a shape. */
static void a_word_that_is_a_value_is_told_as_written(void **state) {
    (void)state;
    struct result r = inspect_csv("c\nlow\nnone\nnone\nhigh\n");
    const struct inspect_column *c = &r.inspection->columns[0];
    assert_int_equal(c->top[0].count, 2);
    assert_true(pd_str_eq(c->top[0].text, PD_STR("none")));
    assert_true(pd_str_eq(c->max, PD_STR("none")));
    uint64_t shapes = 0;
    for (size_t i = 0; i < c->pattern_count; i++)
        shapes += c->patterns[i].count;
    assert_int_equal(shapes, 4);
    pd_arena_free(r.arena);
}

static void assert_same_json(const struct inspection *a, const struct inspection *b) {
    struct pd_buf texts[2] = {{0}, {0}};
    const struct inspection *both[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        struct pd_json w;
        pd_json_init(&w, &texts[i], PD_JSON_PRETTY);
        inspection_write_json(both[i], true, &w);
        pd_json_clear(&w);
        pd_buf_char(&texts[i], '\0');
    }
    assert_string_equal(texts[0].data, texts[1].data);
    pd_buf_clear(&texts[0]);
    pd_buf_clear(&texts[1]);
}

/* The way to read a column is known only when all of it is: parts know nothing of each other. */
static void parts_that_merge_are_read_like_the_whole(void **state) {
    (void)state;
    static const char head[] = "n,d,w\n";
    static const char first[] = "\"1,234\",01/02/2013,NULL\n\"2,345\",03/04/2013,NA\n";
    static const char second[] = "\"0,5\",25/12/2013,DE\n7,01/01/2013,FR\n,,IT\n";
    struct pd_buf whole = {0}, a = {0}, b = {0};
    pd_buf_printf(&whole, "%s%s%s", head, first, second);
    pd_buf_printf(&a, "%s%s", head, first);
    pd_buf_printf(&b, "%s%s", head, second);
    struct inspector *one = read_csv(pd_buf_view(&whole)), *into = read_csv(pd_buf_view(&a)),
                     *from = read_csv(pd_buf_view(&b)), *loaded = NULL;
    struct pd_error err = {0};
    struct pd_buf saved = {0};
    assert_int_equal(inspector_save(from, &saved, &err), PD_OK);
    assert_int_equal(inspector_load(pd_buf_view(&saved), &loaded, &err), PD_OK);
    assert_int_equal(inspector_merge(into, loaded, &err), PD_OK);
    struct result expected = finish(one), got = finish(into);
    assert_same_json(expected.inspection, got.inspection);
    const struct inspect_column *c = got.inspection->columns;
    assert_int_equal(c[0].type, INSPECT_DECIMAL);
    assert_true(c[0].max_number == 7 && c[0].min_number == 0.5);
    assert_int_equal(c[1].type, INSPECT_DATE);
    assert_int_equal(c[2].nulls, 1); /* NULL; NA stands among country codes */
    inspector_free(one);
    inspector_free(into);
    inspector_free(from);
    inspector_free(loaded);
    pd_arena_free(expected.arena);
    pd_arena_free(got.arena);
    pd_buf_clear(&whole);
    pd_buf_clear(&a);
    pd_buf_clear(&b);
    pd_buf_clear(&saved);
}

static void a_word_that_is_a_value_is_counted_however_often_it_comes(void **state) {
    (void)state;
    struct pd_buf csv = {0};
    pd_buf_text(&csv, "c,o\n");
    for (int i = 0; i < 3000; i++)
        pd_buf_printf(&csv, "%s,x\n", i % 3 ? "NA" : "DE");
    struct result r = inspect_csv((pd_buf_char(&csv, '\0'), csv.data));
    const struct inspect_column *c = &r.inspection->columns[0];
    assert_int_equal(c->nulls, 0);
    assert_int_equal(c->top_count, 2);
    assert_true(pd_str_is(c->top[0].text, "NA"));
    assert_int_equal(c->top[0].count, 2000);
    assert_int_equal(c->kinds[INSPECT_TEXT], 3000);
    pd_arena_free(r.arena);
    pd_buf_clear(&csv);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_is_read_in_the_way_that_explains_it_and_says_so),
        cmocka_unit_test(dates_are_ordered_only_if_something_tells_how),
        cmocka_unit_test(words_for_no_value_are_empty_where_the_column_says_so),
        cmocka_unit_test(a_word_that_is_a_value_is_told_as_written),
        cmocka_unit_test(parts_that_merge_are_read_like_the_whole),
        cmocka_unit_test(a_word_that_is_a_value_is_counted_however_often_it_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
