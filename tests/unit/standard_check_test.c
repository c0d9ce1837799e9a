/* Tables against standards: which rows fail, why, how many, and what the scores are. */
#include "standard_fixture.h"

static const struct standard_options PLAIN = {.with_values = false};

struct row_case {
    const char *standard; /* behind {"fields":[ */
    const char *csv;
    const char *field, *check;
    int examined, failed;
    int line;        /* of the first failure; -1: none is told */
    const char *why; /* a part of it, or of the note */
};

#define ID_AB "{\"name\":\"a\",\"type\":\"integer\"},{\"name\":\"b\",\"type\":\"integer\"}]"
#define DATES "{\"name\":\"a\",\"type\":\"date\"},{\"name\":\"b\",\"type\":\"date\"}]"
#define SUM                                                                                        \
    "{\"name\":\"a\",\"type\":\"number\"},{\"name\":\"b\",\"type\":\"number\"},{\"name\":\"t\","   \
    "\"type\":\"number\"}],\"rules\":[{\"name\":\"s\",\"rule\":\"sum\",\"fields\":[\"a\",\"b\"],"  \
    "\"total\":\"t\"}]}"
#define TIMELY(more)                                                                               \
    "{\"name\":\"a\",\"type\":\"date\"}],\"rules\":[{\"name\":\"t\",\"rule\":\"timely\","          \
    "\"field\":"                                                                                   \
    "\"a\"," more "}]}"
#define COMPARE(operator)                                                                          \
    DATES ",\"rules\":[{\"name\":\"c\",\"rule\":\"compare\",\"left\":\"a\",\"operator\":\""        \
    operator"\",\"right\":\"b\"}]}"

static const struct row_case cases[] = {
    {"{\"name\":\"a\",\"constraints\":{\"required\":true}},{\"name\":\"b\"}]}", "a,b\nx,1\n,2\n",
     "a", "required", 2, 1, 3, "required"},
    {"{\"name\":\"a\",\"missingValues\":[\"-\"],\"constraints\":{\"required\":true}}]}",
     "a\n-\nx\n", "a", "required", 2, 1, 2, "required"},
    {"{\"name\":\"a\",\"type\":\"number\",\"constraints\":{\"unique\":true}}]}", "a\n1\n2\n1.0\n",
     "a", "unique", 3, 1, 4, "line 2 again"},
    {"{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"minimum\":5}}]}", "a\n5\n4\nx\n", "a",
     "minimum", 2, 1, 3, "below"},
    {"{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"exclusiveMinimum\":5}}]}",
     "a\n5\n6\n", "a", "exclusiveMinimum", 2, 1, 2, "not above"},
    {"{\"name\":\"a\",\"type\":\"number\",\"constraints\":{\"exclusiveMaximum\":0.3}}]}",
     "a\n0.29999999999999999999\n0.30\n", "a", "exclusiveMaximum", 2, 1, 3, "not below"},
    {"{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"maximum\":\"99999999999999999999\"}}]"
     "}",
     "a\n99999999999999999999\n100000000000000000000\n", "a", "maximum", 2, 1, 3, "above"},
    {"{\"name\":\"a\",\"type\":\"string\",\"constraints\":{\"maxLength\":2}}]}",
     "a\n真真\n真真真\n", "a", "maxLength", 2, 1, 3, "long"},
    {"{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"enum\":[1,2]}}]}", "a\n01\n3\n", "a",
     "enum", 2, 1, 3, "listed"},
    {"{\"name\":\"a\",\"type\":\"string\",\"categories\":[{\"value\":\"x\",\"label\":\"X\"}]}]}",
     "a\nx\nX\n", "a", "categories", 2, 1, 3, "categories"},
    {"{\"name\":\"a\",\"type\":\"duration\",\"constraints\":{\"minimum\":\"P1M\"}}]}",
     "a\nP32D\nP30D\nP1Y\nP27D\n", "a", "minimum", 4, 2, 3, "months differ"},
    {"{\"name\":\"a\",\"type\":\"number\",\"decimalChar\":\",\",\"groupChar\":\".\","
     "\"constraints\":{\"minimum\":1.5}}]}",
     "a\n\"1,5\"\n\"1,4\"\n1.500\n", "a", "minimum", 3, 1, 3, "below"},
    {"{\"name\":\"a\",\"type\":\"boolean\",\"trueValues\":[\"是\"],\"falseValues\":[\"否\"],"
     "\"constraints\":{\"enum\":[true]}}]}",
     "a\n是\n否\n", "a", "enum", 2, 1, 3, "listed"},
    {"{\"name\":\"a\",\"type\":\"date\",\"format\":\"%d/%m/"
     "%Y\",\"constraints\":{\"minimum\":\"2026-01-02\",\"maximum\":\"03/02/2026\"}}]}",
     "a\n02/01/2026\n01/01/2026\n", "a", "minimum", 2, 1, 3, "below"},
    {"{\"name\":\"a\",\"type\":\"duration\",\"constraints\":{\"enum\":[\"P1M\",\"P30D\"]}}]}",
     "a\nP1M\nPT720H\nP31D\n", "a", "enum", 3, 1, 4, "listed"},
    {ID_AB ",\"primaryKey\":[\"a\",\"b\"]}", "a,b\n1,2\n2,1\n01,2\n1,\n", "", "primaryKey", 4, 2, 4,
     "line 2 again"},
    {ID_AB ",\"uniqueKeys\":[[\"a\",\"b\"]]}", "a,b\n1,\n1,\n1,2\n1,2\n", "", "uniqueKeys", 2, 1, 5,
     "line 4 again"},
    {"{\"name\":\"a\"},{\"name\":\"b\"}],\"uniqueKeys\":[[\"a\",\"b\"]]}", "a,b\nx,yz\nxy,z\n", "",
     "uniqueKeys", 2, 0, -1, ""},
    {COMPARE("<="), "a,b\n2026-01-01,2026-01-01\n2026-01-02,2026-01-01\n2026-01-02,\n", "", "c", 2,
     1, 3, "is above \"b\""},
    {COMPARE("!="), "a,b\n2026-01-01,2026-01-01\n", "", "c", 1, 1, 2, "equals"},
    {SUM, "a,b,t\n0.1,0.2,0.3\n1,1,3\n1,,1\n", "", "s", 2, 1, 3, "not the sum"},
    {SUM, "a,b,t\n1e40,1,1e40\n", "", "s", 0, 0, -1, "too many digits"},
    {"{\"name\":\"a\"}],\"rules\":[{\"name\":\"l\",\"rule\":\"reference\",\"field\":\"a\","
     "\"values\":[\"b\",\"a\",1]}]}",
     "a\na\n1\nc\n", "", "l", 3, 1, 4, "reference list"},
    {TIMELY("\"within_days\":365"), "a\n2026-06-15\n2025-06-14\n2026-06-18\n", "", "t", 3, 2, 3,
     "older than 365"},
    {TIMELY("\"from\":\"2026-01-01\",\"to\":\"2026-01-31\""),
     "a\n2026-01-31\n2026-02-01\n2025-12-31\n", "", "t", 3, 2, 3, "after the period"},
    {ID_AB "}", "a,b\n1,2\n1\n1,2,3\n", "", "shape", 3, 2, 3, "1 fields, the header 2"},
    {ID_AB "}", "b,a\n1,2\n", "", "fields", 2, 2, 0, "the standard has it"},
    {ID_AB "}", "a,c\n1,2\n", "", "fields", 3, 2, 0, "not in the standard"},
    {ID_AB ",\"fieldsMatch\":\"equal\"}", "b,a\n1,2\n", "", "fields", 2, 0, -1, ""},
    {ID_AB ",\"fieldsMatch\":\"subset\"}", "x,b,a\n1,2,3\n", "", "fields", 2, 0, -1, ""},
    {ID_AB ",\"fieldsMatch\":\"superset\"}", "a\n1\n", "", "fields", 1, 0, -1, ""},
    {ID_AB ",\"fieldsMatch\":\"partial\"}", "x,y\n1,2\n", "", "fields", 1, 1, 0, "no column"},
    {ID_AB ",\"fieldsMatch\":\"partial\",\"primaryKey\":\"b\"}", "a\n1\n", "", "primaryKey", 0, 0,
     -1, "lacks a column"},
    {"{\"name\":\"a\"}]}", "a,a\n1,2\n", "", "fields", 2, 1, 0, "again"},
};

static void rows_fail_where_the_standard_says(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct row_case *r = &cases[i];
        char json[1000];
        snprintf(json, sizeof(json), "{\"fields\":[%s", r->standard);
        struct checking c = begin(json, PLAIN);
        run_table(&c, r->csv);
        const struct standard_outcome *o = outcome_of(&c, r->field, r->check);
        if ((int)o->examined != r->examined || (int)o->failed != r->failed)
            fail_msg("case %zu: %d of %d fail", i, (int)o->failed, (int)o->examined);
        assert_int_equal(o->shown, r->failed);
        if (r->line >= 0)
            assert_int_equal(o->failures[0].line, r->line);
        pd_str said = r->line >= 0 ? o->failures[0].why : o->note;
        if (pd_str_find(said, pd_str_from(r->why)) == PD_NPOS)
            fail_msg("case %zu: \"%.*s\" lacks \"%s\"", i, pd_arg(said), r->why);
        end(&c);
    }
}

static void a_hundred_rows_are_named_and_all_are_counted(void **state) {
    (void)state;
    static char csv[4000] = "a\n";
    for (int i = 0; i < 250; i++)
        strcat(csv, "x\n");
    struct checking c = begin("{\"fields\":[{\"name\":\"a\",\"type\":\"integer\"}]}", PLAIN);
    run_table(&c, csv);
    const struct standard_outcome *o = outcome_of(&c, "a", "type");
    assert_int_equal(o->failed, 250);
    assert_int_equal(o->shown, STANDARD_SHOWN);
    assert_int_equal(o->failures[99].line, 101);
    assert_int_equal(c.report->failed_rows, 250);
    end(&c);
}

static void values_are_quoted_only_when_asked(void **state) {
    (void)state;
    for (int with = 0; with < 2; with++) {
        struct checking c = begin("{\"fields\":[{\"name\":\"a\",\"type\":\"integer\"}]}",
                                  (struct standard_options){.with_values = with});
        run_table(&c, "a\nsecret\n");
        pd_str why = outcome_of(&c, "a", "type")->failures[0].why;
        assert_int_equal(pd_str_find(why, PD_STR("secret")) != PD_NPOS, with);
        end(&c);
    }
}

static void beyond_the_limit_of_memory_uniqueness_is_left_open(void **state) {
    (void)state;
    static char csv[60000] = "a\n";
    size_t used = 2;
    for (int i = 0; i < 5000; i++)
        used += (size_t)snprintf(csv + used, sizeof(csv) - used, "%d\n", i);
    struct checking c = begin("{\"fields\":[{\"name\":\"a\",\"constraints\":{\"unique\":true}}]}",
                              (struct standard_options){.key_bytes = 20000});
    run_table(&c, csv);
    const struct standard_outcome *o = outcome_of(&c, "a", "unique");
    assert_true(o->is_partial && c.report->is_partial);
    assert_true(o->examined > 100 && o->examined < 5000);
    assert_int_equal(o->failed, 0);
    assert_true(pd_str_find(o->note, PD_STR("can't be told")) != PD_NPOS);
    end(&c);
}

static void scores_are_a_of_b_over_all_checks_of_an_indicator(void **state) {
    (void)state;
    struct checking c = begin("{\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"constraints\":"
                              "{\"required\":true,\"minimum\":1}},{\"name\":\"b\"}]}",
                              PLAIN);
    run_table(&c, "a,b\n1,x\n0,x\n,x\nz,x\n");
    /* 0302: type of a 3 (1 fails) and b 4, minimum 2 (1 fails); 0201: 4 (1 fails). */
    for (size_t i = 0; i < c.report->score_count; i++) {
        const struct standard_score *s = &c.report->scores[i];
        if (strcmp(s->indicator->code, "0302") == 0) {
            assert_int_equal(s->examined, 9);
            assert_int_equal(s->met, 7);
        }
        if (strcmp(s->indicator->code, "0201") == 0) {
            assert_int_equal(s->examined, 4);
            assert_int_equal(s->met, 3);
        }
        assert_true(s->examined > 0 && s->met <= s->examined);
    }
    assert_int_equal(c.report->score_count, 4);
    assert_int_equal(c.report->failed_rows, 3);
    end(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_fail_where_the_standard_says),
        cmocka_unit_test(a_hundred_rows_are_named_and_all_are_counted),
        cmocka_unit_test(values_are_quoted_only_when_asked),
        cmocka_unit_test(beyond_the_limit_of_memory_uniqueness_is_left_open),
        cmocka_unit_test(scores_are_a_of_b_over_all_checks_of_an_indicator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
