/* Standards as they are read: what values a type takes, what a standard may say, and what changes.
 */
#include "standard_fixture.h"

/* ---- values ---- */

struct value_case {
    const char *field; /* members of it behind its name */
    const char *good;  /* cells divided by | */
    const char *bad;
};

static const struct value_case values[] = {
    {"\"type\":\"string\"", "x| |真", NULL},
    {"\"type\":\"string\",\"format\":\"email\"", "a@b.cd|a.b+c@x-y.org",
     "a|a@b|@b.cd|a..b@c.de|a@-b.cd|a b@c.de"},
    {"\"type\":\"string\",\"format\":\"uri\"", "http://a.b/c?d=%20|urn:x:y|mailto:a@b.c",
     "a|//x|http:|http://a b|x:%zz"},
    {"\"type\":\"string\",\"format\":\"binary\"", "YQ==|YWJj", "YQ=|Y Q=|YW!j"},
    {"\"type\":\"string\",\"format\":\"uuid\"", "0190163d-8694-739b-aea5-966c26f8ad91",
     "0190163d|x"},
    {"\"type\":\"integer\"", "0|-7|+7|007|123456789012345678901234567890", "1.0|1e3|x|-| 1|1 "},
    {"\"type\":\"integer\",\"groupChar\":\",\",\"bareNumber\":false", "1,234 km|$5", "x|1.5"},
    {"\"type\":\"integer\",\"groupChar\":\".\"", "1.234|12", "1,5|x"},
    {"\"type\":\"number\"", "0|-7.5|.5|1e3|1E-3|NaN|INF|-INF", "1,5|x|1.2.3|--1|1e|0x1|nan|e5|."},
    {"\"type\":\"number\",\"decimalChar\":\",\",\"groupChar\":\".\"", "1.234,5|-1,5", "1,2,3|x"},
    {"\"type\":\"number\",\"bareNumber\":false", "95%|€ 3.5|-2 °C", "%"},
    {"\"type\":\"boolean\"", "true|FALSE|1|0", "yes|tRUE|2"},
    {"\"type\":\"boolean\",\"trueValues\":[\"是\"],\"falseValues\":[\"否\"]", "是|否", "true|1"},
    {"\"type\":\"object\"", "{}", "[]|x|1"},
    {"\"type\":\"array\"", "[]|[1]", "{}|x"},
    {"\"type\":\"list\",\"delimiter\":\";\",\"itemType\":\"integer\"", "1;2;3|5", "1;x|1;;2"},
    {"\"type\":\"datetime\"",
     "2026-03-09T10:30:00|2026-03-09T10:30:00.5Z|2026-03-09T10:30:00+08:00",
     "2026-03-09|2026-03-09 10:30:00|2026-13-09T10:30:00|2026-03-09T25:00:00|2026-03-09T10:30"},
    {"\"type\":\"date\"", "2026-03-09|2024-02-29",
     "2026-02-29|2026-3-9|20260309|09/03/2026|2026-03-09T00:00:00"},
    {"\"type\":\"date\",\"format\":\"%d/%m/%Y\"", "09/03/2026|9/3/2026",
     "2026-03-09|31/02/2026|09/03/26"},
    {"\"type\":\"date\",\"format\":\"%d %b %y\"", "09 Mar 26", "09 March 26|9 Xyz 26"},
    {"\"type\":\"date\",\"format\":\"any\"", "2026-03-09|2026/3/9|2026年3月9日", "9/3/2026|x"},
    {"\"type\":\"datetime\",\"format\":\"%Y-%m-%d %I:%M %p\"", "2026-03-09 10:30 PM",
     "2026-03-09 13:30 PM"},
    {"\"type\":\"date\",\"format\":\"%Y%j\"", "2024366", "2023366|2024000"},
    {"\"type\":\"time\"", "10:30:00|10:30:00.25|10:30:00Z", "10:30|24:00:00|x"},
    {"\"type\":\"time\",\"format\":\"%H:%M\"", "10:30", "10:30:00|25:00"},
    {"\"type\":\"year\"", "2026|-0044|12026", "26|x|02026|2026-01"},
    {"\"type\":\"yearmonth\"", "2026-03", "2026-13|2026|2026-3|2026-03-01"},
    {"\"type\":\"duration\"", "P1Y2M3DT4H5M6.7S|-P1D|PT1H|P2W",
     "P|P1|PT|P1H|1D|P1.5D|P1D1Y|P1DT|P999999999W"},
    {"\"type\":\"geopoint\"", "\"6.5, 53.2\"|\"-180,90\"", "6.5|\"53.2,96.5\"|\"x,y\"|\"181,0\""},
    {"\"type\":\"geopoint\",\"format\":\"array\"", "\"[6.5, 53.2]\"",
     "\"[1]\"|\"[1,2,3]\"|\"1,2\""},
    {"\"type\":\"geopoint\",\"format\":\"object\"", "\"{\"\"lon\"\":1,\"\"lat\"\":2}\"",
     "\"{\"\"lon\"\":1}\"|{}"},
    {"\"type\":\"geojson\"", "\"{\"\"type\"\":\"\"Point\"\",\"\"coordinates\"\":[1,2]}\"",
     "{}|\"{\"\"type\"\":\"\"Point\"\",\"\"coordinates\"\":[1]}\"|\"{\"\"type\"\":\"\"Blob\"\"}\""},
    {"\"type\":\"geojson\",\"format\":\"topojson\"",
     "\"{\"\"type\"\":\"\"Topology\"\",\"\"objects\"\":{},\"\"arcs\"\":[]}\"", "{}"},
    {"\"type\":\"any\"", "x|1", NULL},
    {"\"constraints\":{\"pattern\":\"a+\"},\"type\":\"string\"", "a|aa", "b|ab|\"a\nb\""},
};

/* Cells in their own column's rows: counts and lines of those that fail. */
static void expect_cells(const struct value_case *v, const char *cells, bool is_good) {
    char json[600], csv[2000] = "a,b\n";
    pd_str rest = pd_str_from(cells), cell;
    size_t count = 0;
    snprintf(json, sizeof(json), "{\"fields\":[{\"name\":\"a\",%s},{\"name\":\"b\"}]}", v->field);
    while (cells && pd_str_split(&rest, '|', &cell)) {
        size_t used = strlen(csv);
        snprintf(csv + used, sizeof(csv) - used, "%s%.*s%s,\n",
                 memchr(cell.data, ',', cell.len) && cell.data[0] != '"' ? "\"" : "", pd_arg(cell),
                 memchr(cell.data, ',', cell.len) && cell.data[0] != '"' ? "\"" : "");
        count++;
    }
    struct checking c = begin(json, (struct standard_options){.with_values = true});
    run_table(&c, csv);
    assert_int_equal(c.report->rows, count);
    if (c.report->failed_rows != (is_good ? 0 : count))
        fail_msg("%s: %s: %d of %d rows fail", v->field, cells, (int)c.report->failed_rows,
                 (int)count);
    end(&c);
}

static void types_take_what_table_schema_says_and_nothing_else(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        expect_cells(&values[i], values[i].good, true);
        if (values[i].bad)
            expect_cells(&values[i], values[i].bad, false);
    }
}

/* ---- patterns ---- */

static const struct {
    const char *pattern, *good, *bad;
} patterns[] = {
    {"[0-9]{3}", "123", "12|1234|x123"},
    {"a|bc", "a|bc", "b|abc|ac"},
    {"(ab)*c?", "ab|abab|c|ababc", "a|abcc"},
    {"a{2,}", "aa|aaa", "a"},
    {"a{0,2}b", "b|ab|aab", "aaab"},
    {"[^a-c]", "d|真", "a|de"},
    {"[a-z-[aeiou]]+", "xyz", "xaz"},
    {"\\\\d+\\\\.\\\\d", "12.3|٣.4", "12x3"},
    {"\\\\p{Lu}\\\\p{Ll}+", "Abc|Éa", "abc|A1"},
    {"\\\\p{IsCJKUnifiedIdeographs}{2,4}", "王小明", "王|Wang"},
    {"\\\\P{L}", "1", "a"},
    {"\\\\i\\\\c*", "_a1|a-b", "1a"},
    {"\\\\w+", "aB1真", "a b|a-b"},
    {"\\\\S\\\\s\\\\S", "a b", "a  b"},
    {".", "x|真", "xy"},
    {"[\\\\-\\\\]]", "-|]", "a"},
    {"(a*)*b", "aaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"},
};

static void patterns_match_the_whole_value_as_xml_schema_has_it(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        char field[200];
        snprintf(field, sizeof(field), "\"type\":\"string\",\"constraints\":{\"pattern\":\"%s\"}",
                 patterns[i].pattern);
        struct value_case v = {field, NULL, NULL};
        expect_cells(&v, patterns[i].good, true);
        expect_cells(&v, patterns[i].bad, false);
    }
}

/* ---- refusals ---- */

static const struct {
    const char *json, *says; /* parts of the sentence, divided by | */
    enum pd_status status;
} refusals[] = {
    {"[]", "line 1, column 1|in braces", PD_INVALID},
    {"{}", "\"fields\"", PD_INVALID},
    {"{\"fields\":[]}", "at least one", PD_INVALID},
    {"{\"fields\":[{}]}", "field 1|must have a name", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\"}],\n \"primryKey\":\"a\"}",
     "line 2, column 2|do you mean \"primaryKey\"", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\n\"type\":\"integr\"}]}",
     "line 2, column 1: field 1 (\"a\"), \"type\"|do you mean \"integer\"", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"constraints\":{\"minimun\":1}}]}",
     "\"constraints\", \"minimun\"|\"minimum\"", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"string\",\"constraints\":{\"minimum\":1}}]}",
     "type string can't have", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"date\",\"constraints\":{\"minimum\":\"1/2/2026\"}}]}",
     "must be of the type date", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"minimum\":3,\"maximum\":"
     "2}}]}",
     "no value would do", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"enum\":[1,\"x\"]}}]}",
     "value 2", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"enum\":[]}}]}",
     "no value would do", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"string\",\"constraints\":{\"minLength\":-1}}]}",
     "from 0", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"string\",\"constraints\":{\"pattern\":\"^a$\"}}]}",
     "character 1|no anchors", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"string\",\"constraints\":{\"pattern\":\"a(b\"}}]}",
     "isn't closed", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"string\",\"constraints\":{\"pattern\":\"(((a{1000}){"
     "1000}){1000})\"}}]}",
     "repeat less", PD_LIMIT},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"string\",\"constraints\":{\"pattern\":\"\\\\p{Quux}"
     "\"}}]}",
     "no category", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"string\",\"constraints\":{\"required\":\"yes\"}}]}",
     "true or false", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"array\",\"constraints\":{\"jsonSchema\":{\"$ref\":\"x\"}}}]}",
     "$ref|doesn't check", PD_UNSUPPORTED},
    {"{\"fields\":[{\"name\":\"a\"}],\"foreignKeys\":[{\"fields\":\"a\"}]}",
     "foreign key|reference", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\"}],\"foreignKeys\":[{\"fields\":\"a\",\"reference\":"
     "{\"fields\":\"z\"}}]}",
     "no field of this standard", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\"},{\"name\":\"a\"}]}", "field 2|two fields", PD_INVALID},
    {"{\"fields\":[{\"name\":\"age\"}],\"primaryKey\":\"agee\"}", "do you mean \"age\"",
     PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"string\",\"format\":\"emial\"}]}",
     "do you mean \"email\"", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"date\",\"format\":\"%Q\"}]}", "strptime", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"date\",\"format\":\"%Y\"}]}", "leaves out",
     PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"string\",\"decimalChar\":\",\"}]}",
     "has no such member", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\"}],\"fieldsMatch\":\"exakt\"}", "do you mean \"exact\"",
     PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\"}],\"rules\":[{\"name\":\"r\",\"rule\":\"compar\"}]}",
     "rules 1|do you mean \"compare\"", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"date\"},{\"name\":\"b\",\"type\":\"string\"}],"
     "\"rules\":[{\"name\":\"r\",\"rule\":\"compare\",\"left\":\"a\",\"operator\":\"<\",\"right\":"
     "\"b\"}]}",
     "can't be compared", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"string\"}],\"rules\":[{\"name\":\"r\",\"rule\":"
     "\"timely\",\"field\":\"a\",\"within_days\":3}]}",
     "dates and datetimes", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\",\"type\":\"date\"}],\"rules\":[{\"name\":\"r\",\"rule\":"
     "\"timely\",\"field\":\"a\"}]}",
     "asks nothing", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\"}],\"rules\":[{\"name\":\"r\",\"rule\":\"reference\",\"field\":"
     "\"a\",\"values\":[\"x\"],\"indicator\":\"0999\"}]}",
     "0999|GB/T 36344", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\"}],\"rules\":[{\"name\":\"r\",\"rule\":\"sum\",\"fields\":[\"a\"]"
     ",\"total\":\"a\"}]}",
     "can't be added", PD_INVALID},
    {"{\"fields\":[{\"name\":\"a\"}}", "line 1", PD_INVALID},
};

static void a_wrong_standard_is_refused_with_place_and_suggestion(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct pd_arena *arena = pd_arena_new(1 << 24);
        struct pd_error err = {0};
        const struct standard *standard = NULL;
        enum pd_status st = standard_parse(pd_str_from(refusals[i].json), arena, &standard, &err);
        pd_str rest = pd_str_from(refusals[i].says), part;
        if (st != refusals[i].status)
            fail_msg("%s: status %d: %s", refusals[i].json, st, err.text);
        assert_null(standard);
        while (pd_str_split(&rest, '|', &part))
            if (pd_str_find(pd_str_from(err.text), part) == PD_NPOS)
                fail_msg("%s: \"%s\" lacks \"%.*s\"", refusals[i].json, err.text, pd_arg(part));
        pd_arena_free(arena);
    }
}

/* ---- comparing ---- */

static const struct {
    const char *old, *fresh; /* the members of a field of type integer, or a whole standard */
    const char *says;        /* kind, field and what */
} changes[] = {
    {"\"constraints\":{\"minimum\":1}", "\"constraints\":{\"minimum\":2}", "stricter a minimum"},
    {"\"constraints\":{\"minimum\":1}", "\"constraints\":{\"minimum\":0}", "looser a minimum"},
    {"\"constraints\":{\"maximum\":1}", "\"constraints\":{\"maximum\":2}", "looser a maximum"},
    {"\"title\":\"t\"", "\"title\":\"t\",\"constraints\":{\"maximum\":2}", "stricter a maximum"},
    {"\"constraints\":{\"enum\":[1,2]}", "\"constraints\":{\"enum\":[1]}", "stricter a enum"},
    {"\"constraints\":{\"enum\":[1]}", "\"constraints\":{\"enum\":[2,1]}", "looser a enum"},
    {"\"constraints\":{\"enum\":[1]}", "\"constraints\":{\"enum\":[2]}", "changed a enum"},
    {"\"constraints\":{\"required\":true}", "\"constraints\":{}", "looser a required"},
    {"\"constraints\":{}", "\"constraints\":{\"unique\":true}", "stricter a unique"},
    {"\"title\":\"t\"", "\"title\":\"u\"", "changed a title"},
    {"\"title\":\"t\"", "\"title\":\"t\"}],\"primaryKey\":[\"a\"],\"titles\":{},\"sources\":[{",
     "stricter  primaryKey"},
    {"\"title\":\"t\"", "\"title\":\"t\"},{\"name\":\"b\"", "added b field"},
    {"\"title\":\"t\"},{\"name\":\"b\"", "\"title\":\"t\"", "removed b field"},
    {"\"title\":\"t\"}],\"rules\":[{\"name\":\"r\",\"rule\":\"reference\",\"field\":\"a\","
     "\"values\":[1,2]",
     "\"title\":\"t\"}],\"rules\":[{\"name\":\"r\",\"rule\":\"reference\",\"field\":\"a\","
     "\"values\":[1]",
     "stricter  r"},
    {"\"constraints\":{\"enum\":[1,2]}", "\"constraints\":{\"enum\":[2,1]}", NULL},
};

static void differences_say_what_gets_stricter_and_looser(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct pd_arena *arena = pd_arena_new(1 << 24);
        struct pd_error err = {0};
        const struct standard *both[2];
        const struct standard_change *list = NULL;
        size_t count = 0;
        for (int s = 0; s < 2; s++) {
            char json[600];
            snprintf(json, sizeof(json), "{\"fields\":[{\"name\":\"a\",\"type\":\"integer\",%s}]}",
                     s ? changes[i].fresh : changes[i].old);
            if (standard_parse(pd_str_from(json), arena, &both[s], &err) != PD_OK)
                fail_msg("%s: %s", json, err.text);
        }
        assert_int_equal(standard_diff(both[0], both[1], arena, &list, &count, &err), PD_OK);
        assert_int_equal(count, changes[i].says != NULL);
        if (count > 0) {
            char said[200];
            snprintf(said, sizeof(said), "%s %.*s %.*s", standard_change_name(list->kind),
                     pd_arg(list->field), pd_arg(list->what));
            assert_string_equal(said, changes[i].says);
        }
        pd_arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_take_what_table_schema_says_and_nothing_else),
        cmocka_unit_test(patterns_match_the_whole_value_as_xml_schema_has_it),
        cmocka_unit_test(a_wrong_standard_is_refused_with_place_and_suggestion),
        cmocka_unit_test(differences_say_what_gets_stricter_and_looser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
