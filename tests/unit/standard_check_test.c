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

/* ---- Foreign keys ---- */

struct other {
    struct checking *checking;
    size_t resource;
};

static enum pd_status other_header(void *context, const pd_str *names, size_t count,
                                   struct pd_error *err) {
    struct other *o = context;
    return standard_checker_refer_header(o->checking->checker, o->resource, names, count, err);
}

static enum pd_status other_batch(void *context, const struct table_batch *batch,
                                  struct pd_error *err) {
    struct other *o = context;
    return standard_checker_refer_feed(o->checking->checker, o->resource, batch, err);
}

static enum pd_status refer(struct checking *c, size_t resource, const char *csv,
                            struct pd_error *err) {
    struct other other = {c, resource};
    struct table_handler handler = {&other, other_header, other_batch, NULL};
    struct table_reader *reader = NULL;
    assert_int_equal(table_reader_new(NULL, &table_dialect_written, &handler, &reader, err), PD_OK);
    enum pd_status st = table_feed(reader, csv, strlen(csv), err);
    if (st == PD_OK)
        st = table_finish(reader, err);
    table_reader_free(reader);
    return st;
}

static const char STAFF[] =
    "{\"fields\":[{\"name\":\"id\",\"type\":\"integer\"},{\"name\":\"boss\",\"type\":\"integer\"},"
    "{\"name\":\"town\",\"type\":\"string\"},{\"name\":\"road\",\"type\":\"string\"}],"
    "\"foreignKeys\":[{\"fields\":\"boss\",\"reference\":{\"fields\":\"id\"}},"
    "{\"fields\":[\"town\",\"road\"],\"reference\":{\"resource\":\"roads\",\"fields\":[\"place\","
    "\"name\"]}}]}";

static void a_foreign_key_must_be_in_its_table_and_a_missing_part_refers_to_nothing(void **state) {
    (void)state;
    static const char TABLE[] = "id,boss,town,road\n1,,A,x\n02,01,A,y\n3,9,B,x\n4,2,,x\n";
    struct checking c = begin(STAFF, (struct standard_options){0});
    struct pd_error err = {0};
    assert_int_equal(standard_resources(c.standard), 2);
    assert_true(standard_resource(c.standard, 0).len == 0);
    assert_int_equal(refer(&c, 0, TABLE, &err), PD_OK);
    assert_int_equal(refer(&c, 1, "name,place,more\nx,A,1\nx,C,2\n", &err), PD_OK);
    run_table(&c, TABLE);
    const struct standard_outcome *self = NULL, *roads = NULL;
    for (size_t i = 0; i < c.report->outcome_count; i++)
        if (pd_str_is(c.report->outcomes[i].check, "foreignKeys")) {
            roads = &c.report->outcomes[i];
            self = self ? self : roads;
        }
    assert_int_equal(self->examined, 3); /* 01 is found as 1 */
    assert_int_equal(self->failed, 1);
    assert_int_equal(self->failures[0].line, 4);
    assert_string_equal(self->indicator->code, "0102");
    assert_int_equal(roads->examined, 3);
    assert_int_equal(roads->failed, 2);
    end(&c);
}

static void a_table_that_was_not_given_is_told_and_one_without_the_column_refused(void **state) {
    (void)state;
    struct checking c = begin(STAFF, (struct standard_options){0});
    struct pd_error err = {0};
    assert_int_equal(refer(&c, 1, "name,plaza\nx,A\n", &err), PD_NOT_FOUND);
    assert_non_null(strstr(err.text, "the table roads has no column \"place\""));
    run_table(&c, "id,boss,town,road\n1,1,A,x\n");
    assert_true(c.report->is_partial);
    assert_int_equal(c.report->failures, 0);
    const struct standard_outcome *o = outcome_of(&c, "", "foreignKeys");
    assert_non_null(strstr(o->note.data, "--reference NAME=FILE"));
    end(&c);
}

/* ---- JSON within cells ---- */

static const struct {
    const char *schema, *good, *bad; /* cells divided by ~ */
} schemas[] = {
    {"{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"integer\","
     "\"minimum\":"
     "1}},\"additionalProperties\":false}",
     "{\"a\":1}~{\"a\":2.0}", "{}~{\"a\":0}~{\"a\":\"1\"}~{\"a\":1.5}~{\"a\":1,\"b\":2}"},
    {"{\"properties\":{\"k\":{\"enum\":[\"x\",1,null]}}}",
     "{\"k\":\"x\"}~{\"k\":1}~{\"k\":null}~{}", "{\"k\":\"y\"}~{\"k\":true}"},
    {"{\"properties\":{\"t\":{\"minLength\":2,\"maxLength\":3}}}", "{\"t\":\"中文\"}~{\"t\":5}",
     "{\"t\":\"中\"}~{\"t\":\"abcd\"}"},
    {"{\"minProperties\":1,\"maxProperties\":2}", "{\"a\":1}", "{}~{\"a\":1,\"b\":2,\"c\":3}"},
    {"{\"properties\":{\"l\":{\"type\":\"array\",\"items\":{\"type\":\"number\"},\"uniqueItems\":"
     "true,"
     "\"contains\":{\"const\":7},\"maxItems\":3}}}",
     "{\"l\":[7]}~{\"l\":[1,7,2]}",
     "{\"l\":[1]}~{\"l\":[7,7]}~{\"l\":[7,\"x\"]}~{\"l\":[7,1,2,3]}"},
    {"{\"properties\":{\"n\":{\"multipleOf\":0.1,\"exclusiveMaximum\":1}}}",
     "{\"n\":0.3}~{\"n\":0.7}", "{\"n\":0.35}~{\"n\":1}"},
    {"{\"anyOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}],\"not\":{\"required\":[\"z\"]}}",
     "{\"a\":1}~{\"b\":1}~{\"a\":1,\"b\":1}", "{\"c\":1}~{\"a\":1,\"z\":1}"},
    {"{\"oneOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}", "{\"a\":1}",
     "{}~{\"a\":1,\"b\":1}"},
    {"{\"allOf\":[{\"required\":[\"a\"]},true]}", "{\"a\":1}", "{}"},
    {"{\"properties\":{\"a\":false}}", "{}", "{\"a\":1}"},
};

static void json_in_a_cell_is_as_its_schema_says(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
        for (int is_good = 0; is_good < 2; is_good++) {
            char json[1000], csv[1000] = "a\n";
            pd_str rest = pd_str_from(is_good ? schemas[i].good : schemas[i].bad), cell;
            size_t used = 2, count = 0;
            snprintf(json, sizeof(json),
                     "{\"fields\":[{\"name\":\"a\",\"type\":\"object\",\"constraints\":{"
                     "\"jsonSchema\":%s}}]}",
                     schemas[i].schema);
            while (pd_str_split(&rest, '~', &cell)) {
                csv[used++] = '"';
                for (size_t c = 0; c < cell.len; c++) {
                    if (cell.data[c] == '"')
                        csv[used++] = '"';
                    csv[used++] = cell.data[c];
                }
                csv[used++] = '"';
                csv[used++] = '\n';
                count++;
            }
            csv[used] = '\0';
            struct checking c = begin(json, (struct standard_options){0});
            run_table(&c, csv);
            const struct standard_outcome *o = outcome_of(&c, "a", "jsonSchema");
            assert_int_equal(o->examined, count);
            if (o->failed != (is_good ? 0 : count))
                fail_msg("%s: %s: %d of %d fail", schemas[i].schema, csv, (int)o->failed,
                         (int)count);
            end(&c);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_fail_where_the_standard_says),
        cmocka_unit_test(a_hundred_rows_are_named_and_all_are_counted),
        cmocka_unit_test(values_are_quoted_only_when_asked),
        cmocka_unit_test(beyond_the_limit_of_memory_uniqueness_is_left_open),
        cmocka_unit_test(scores_are_a_of_b_over_all_checks_of_an_indicator),
        cmocka_unit_test(a_foreign_key_must_be_in_its_table_and_a_missing_part_refers_to_nothing),
        cmocka_unit_test(a_table_that_was_not_given_is_told_and_one_without_the_column_refused),
        cmocka_unit_test(json_in_a_cell_is_as_its_schema_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
