/* inspect/: profiles, verdicts, roles, facts and grades, through its public header. */
#include "inspect/inspect.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "inspect_fixture.h"

static void expect_text(pd_str got, const char *expected) {
    if (!pd_str_is(got, expected))
        fail_msg("got \"%.*s\", expected \"%s\"", pd_arg(got), expected);
}

/* ---- profile ---- */

static void a_column_has_the_type_that_every_cell_has(void **state) {
    (void)state;
    static const struct {
        const char *cells[4];
        enum inspect_type type;
        const char *mixes;
    } cases[] = {
        {{"1", "-20", "0", ""}, INSPECT_INTEGER, ""},
        {{"9223372036854775807", "-9223372036854775808"}, INSPECT_INTEGER, ""},
        {{"9223372036854775808"}, INSPECT_TEXT, ""},
        {{"007"}, INSPECT_TEXT, ""},
        {{"007", "8"}, INSPECT_TEXT, "1 integer, 1 text"},
        {{"-"}, INSPECT_EMPTY, ""},
        {{"+5"}, INSPECT_TEXT, ""},
        {{"1.50", "2"}, INSPECT_DECIMAL, ""},
        {{"1e3", "-0.5E-7"}, INSPECT_DECIMAL, ""},
        {{"1."}, INSPECT_TEXT, ""},
        {{"00.5"}, INSPECT_TEXT, ""},
        {{"true", "FALSE", "No", "是"}, INSPECT_BOOLEAN, ""},
        {{"true", "1"}, INSPECT_TEXT, "1 boolean, 1 integer"},
        {{"2026-03-09", "2026/3/9", "2026年3月9日", "2026.03.09"}, INSPECT_DATE, ""},
        {{"2026-02-30"}, INSPECT_TEXT, ""},
        {{"2026-03-09 7:05", "2026-03-09"}, INSPECT_DATETIME, ""},
        {{"2026-03-09T07:05:59.123456789Z", "2026-03-09 07:05:59+0800"}, INSPECT_DATETIME, ""},
        {{"2026-03-09T25:00"}, INSPECT_TEXT, ""},
        {{"2026-03-09T07:05:59+"}, INSPECT_TEXT, ""},
        {{"2026-03-09 07:05 pm"}, INSPECT_TEXT, ""},
        {{"20260309"}, INSPECT_INTEGER, ""},
        {{"1", "2026-03-09"}, INSPECT_TEXT, "1 integer, 1 date"},
        {{"", "  "}, INSPECT_EMPTY, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char csv[400] = "c,other\n";
        for (int k = 0; k < 4 && cases[i].cells[k]; k++) {
            strcat(csv, cases[i].cells[k]);
            strcat(csv, ",x\n");
        }
        struct result r = inspect_csv(csv);
        const struct inspect_column *c = &r.inspection->columns[0];
        if (c->type != cases[i].type)
            fail_msg("\"%s\" is %s, expected %s", cases[i].cells[0], inspect_type_name(c->type),
                     inspect_type_name(cases[i].type));
        expect_text(c->mixes, cases[i].mixes);
        bool has_order = c->type >= INSPECT_INTEGER && c->type <= INSPECT_DATETIME;
        assert_int_equal(c->quantile_count, has_order ? INSPECT_QUANTILES : 0);
        pd_arena_free(r.arena);
    }
}

static void a_number_column_is_profiled_exactly(void **state) {
    (void)state;
    struct result r = inspect_csv("n;t\n3;x\n10;x\n;y\n-2.5;\n1.5;x\n");
    const struct inspect_column *c = column_of(r.inspection, "n");
    assert_int_equal(r.inspection->rows, 5);
    assert_int_equal(c->type, INSPECT_DECIMAL);
    assert_int_equal(c->nulls, 1);
    assert_true(c->distinct.is_exact && c->distinct.value == 4);
    expect_text(c->min, "-2.5");
    expect_text(c->max, "10");
    assert_true(c->min_number == -2.5 && c->max_number == 10);
    assert_true(c->has_mean && c->mean == 3.0);
    assert_true(c->quantiles_exact && c->quantile_count == INSPECT_QUANTILES);
    assert_true(c->quantiles[2].value == 1.5);
    expect_text(c->quantiles[2].text, "1.5");
    assert_true(c->min_length == 1 && c->max_length == 4);
    const struct inspect_column *t = column_of(r.inspection, "t");
    assert_int_equal(t->top_count, 2);
    expect_text(t->top[0].text, "x");
    assert_true(t->top[0].count == 3 && t->top_bound == 0);
    assert_int_equal(t->quantile_count, 0);
    pd_arena_free(r.arena);
}

static void the_mean_of_large_integers_does_not_overflow(void **state) {
    (void)state;
    struct result r = inspect_csv("n,x\n9223372036854775807,\n9223372036854775807,\n"
                                  "9223372036854775806,\n");
    const struct inspect_column *c = column_of(r.inspection, "n");
    assert_true(fabs(c->mean - 9223372036854775807.0) < 1025);
    expect_text(c->min, "9223372036854775806");
    expect_text(c->max, "9223372036854775807");
    pd_arena_free(r.arena);
}

static void dates_order_by_time_and_lengths_count_characters(void **state) {
    (void)state;
    struct result r = inspect_csv("d,t\n2026/10/1,深圳\n2026/9/30,ab界\n2026-09-30 ,x\n");
    const struct inspect_column *d = column_of(r.inspection, "d");
    assert_int_equal(d->type, INSPECT_DATE);
    expect_text(d->min, "2026/9/30");
    expect_text(d->max, "2026/10/1");
    assert_true(d->max_time - d->min_time == PD_DAY);
    expect_text(d->quantiles[2].text, "2026-09-30");
    const struct inspect_column *t = column_of(r.inspection, "t");
    assert_true(t->min_length == 1 && t->max_length == 3);
    expect_text(t->min, "ab界");
    expect_text(t->max, "深圳");
    pd_arena_free(r.arena);
}

static void zones_are_taken_into_account(void **state) {
    (void)state;
    struct result r = inspect_csv("d,x\n2026-01-01T00:30:00+08:00,\n2025-12-31T17:00:00Z,\n");
    const struct inspect_column *d = column_of(r.inspection, "d");
    expect_text(d->min, "2026-01-01T00:30:00+08:00");
    assert_true(d->max_time - d->min_time == 30 * 60 * PD_SECOND);
    pd_arena_free(r.arena);
}

static void a_header_without_rows_is_an_empty_profile(void **state) {
    (void)state;
    struct result r = inspect_csv("card_no,age\n");
    assert_int_equal(r.inspection->rows, 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(r.inspection->columns[i].type, INSPECT_EMPTY);
        assert_int_equal(r.inspection->columns[i].role, INSPECT_OTHER);
    }
    assert_int_equal(r.inspection->grade.level, INSPECT_GENERAL_1);
    pd_arena_free(r.arena);
}

static void distinct_values_are_never_more_than_cells(void **state) {
    (void)state;
    enum { ROWS = 6000 };
    pd_str name = PD_STR("n");
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct inspect_options options = {.now = NOW, .seed = seed};
        struct inspector *inspector = NULL;
        struct pd_error err = {0};
        assert_int_equal(inspector_new(&name, 1, &options, &inspector, &err), PD_OK);
        for (uint32_t i = 0; i < ROWS; i++) {
            char text[16];
            int n = snprintf(text, sizeof(text), "%u", i > 0 ? i : 1); /* no key */
            struct table_cell cell = {0, (uint32_t)n};
            struct table_batch batch = {.rows = 1,
                                        .columns = 1,
                                        .bytes = text,
                                        .cells = &cell,
                                        .row_step = 1,
                                        .column_step = 1};
            assert_int_equal(inspector_feed(inspector, &batch, &err), PD_OK);
        }
        struct result r = finish(inspector);
        const struct inspect_column *c = &r.inspection->columns[0];
        assert_false(c->distinct.is_exact);
        assert_true(c->distinct.value <= ROWS);
        assert_true((double)c->distinct.value >= ROWS * (1 - c->distinct.bound));
        pd_arena_free(r.arena);
        inspector_free(inspector);
    }
}

/* ---- verdicts ---- */

static const struct inspect_verdict *verdict_of(const struct inspect_column *c,
                                                enum detect_type type) {
    for (size_t i = 0; i < c->verdict_count; i++) {
        if (c->verdicts[i].type == type)
            return &c->verdicts[i];
    }
    return NULL;
}

/* `rows` rows of `filler` with a printed number, the first `hits` of them `hit` instead. */
static struct result inspect_filled(const char *name, const char *hit, int hits, const char *filler,
                                    int rows) {
    struct pd_buf csv;
    pd_buf_init(&csv, 0);
    pd_buf_printf(&csv, "%s,x\n", name);
    for (int i = 0; i < rows; i++) {
        if (i < hits)
            pd_buf_printf(&csv, "%s,\n", hit);
        else
            pd_buf_printf(&csv, "%s%03d,\n", filler, i % 1000);
    }
    struct result r = inspect_csv(csv.data);
    pd_buf_clear(&csv);
    return r;
}

static void one_leaked_identity_number_makes_a_column_direct(void **state) {
    (void)state;
    struct result r = inspect_filled("notes", "510104192202229779", 12, "all is well ", 4000);
    const struct inspect_column *c = &r.inspection->columns[0];
    const struct inspect_verdict *v = verdict_of(c, DETECT_CN_RESIDENT_ID);
    assert_non_null(v);
    assert_int_equal(v->matched, 12);
    assert_int_equal(v->confidence, INSPECT_HIGH);
    assert_true(fabs(v->share - 0.003) < 1e-9);
    expect_text(v->evidence,
                "12 of 4,000 cells hold a Chinese resident identity number with a right check "
                "digit");
    assert_int_equal(c->role, INSPECT_DIRECT);
    assert_string_equal(c->category, "identity");
    assert_true(r.inspection->facts.holds_identifiers);
    assert_int_equal(r.inspection->facts.validated_columns, 1);
    assert_int_equal(r.inspection->grade.level, INSPECT_GENERAL_4);
    pd_arena_free(r.arena);
}

static void what_chance_explains_is_reported_and_not_believed(void **state) {
    (void)state;
    static const struct {
        const char *name, *hit;
        int hits;
        const char *filler;
        enum inspect_role role;
        enum inspect_confidence confidence;
    } cases[] = {
        /* 11-digit serial numbers, of which one in twenty is formed like a mobile number */
        {"serial", "13800000000", 200, "20250000", INSPECT_OTHER, INSPECT_LOW},
        {"serial", "13800000000", 2500, "20250000", INSPECT_DIRECT, INSPECT_HIGH},
        /* among texts the same 200 stand out */
        {"remark", "13800000000", 200, "called ", INSPECT_DIRECT, INSPECT_MEDIUM},
        {"old_code", "110101850309123", 200, "99999999999999", INSPECT_OTHER, INSPECT_LOW},
        {"code", "110101850309123", 2500, "99999999999999", INSPECT_DIRECT, INSPECT_MEDIUM},
        {"birthday", "1985-03-09", 200, "unknown ", INSPECT_OTHER, INSPECT_LOW},
        {"birthday", "1985-03-09", 2500, "unknown ", INSPECT_QUASI, INSPECT_HIGH},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct result r =
            inspect_filled(cases[i].name, cases[i].hit, cases[i].hits, cases[i].filler, 4000);
        const struct inspect_column *c = &r.inspection->columns[0];
        assert_int_equal(c->verdict_count, 1);
        if (c->role != cases[i].role || c->verdicts[0].confidence != cases[i].confidence)
            fail_msg("case %zu: %s, %s: %.*s", i, inspect_role_name(c->role),
                     inspect_confidence_name(c->verdicts[0].confidence),
                     pd_arg(c->verdicts[0].evidence));
        pd_arena_free(r.arena);
    }
}

static void organisations_are_no_persons(void **state) {
    (void)state;
    struct result r = inspect_csv("统一社会信用代码,企业名称\n91152201078377449P,甲公司\n"
                                  "91152201078382010M,乙公司\n");
    const struct inspect_column *c = &r.inspection->columns[0];
    assert_int_equal(c->role, INSPECT_OTHER);
    assert_string_equal(c->category, "organisation");
    assert_non_null(verdict_of(c, DETECT_CN_USCC));
    assert_false(r.inspection->facts.holds_identifiers);
    assert_true(r.inspection->facts.has_organisations);
    assert_int_equal(r.inspection->grade.level, INSPECT_GENERAL_2);
    pd_arena_free(r.arena);
    /* One company's code in a column of remarks doesn't make the table one about companies. */
    r = inspect_filled("remark", "91152201078377449P", 1, "all is well ", 100);
    assert_int_equal(r.inspection->columns[0].verdict_count, 1);
    assert_false(r.inspection->facts.has_organisations);
    pd_arena_free(r.arena);
}

/* ---- roles in small tables: one line says the whole expectation ---- */

/* Writes "name=role name=role ..." for the columns that have a role. */
static void list_roles(const struct inspection *inspection, struct pd_buf *out) {
    pd_buf_reset(out);
    for (size_t i = 0; i < inspection->column_count; i++) {
        const struct inspect_column *c = &inspection->columns[i];
        if (c->role == INSPECT_OTHER)
            continue;
        assert_true(c->evidence.len > 0 && c->category[0] != '\0');
        pd_buf_printf(out, "%s%.*s=%s", out->len > 0 ? " " : "", pd_arg(c->name),
                      inspect_role_name(c->role));
    }
}

static void roles_follow_from_names_values_and_company(void **state) {
    (void)state;
    static const struct {
        const char *csv, *roles;
    } cases[] = {
        {"name,lines\nCentral Station,3\nUnion Square,2\n", ""},
        {"name,lines\nAnna Smith,3\nBob Jones,2\n", ""},
        {"name,job title\nAnna Smith,Nurse\nBob Jones,Clerk\n", "name=direct job title=quasi"},
        {"id,name,age\n1,Paul,33\n2,Alex,44\n", "name=direct age=quasi"},
        {"name,email\nAcme Ltd,a@acme.org\nBeta Inc,b@beta.org\n", "email=direct"},
        {"姓名,工资\n王小明,5000\n李娜,6000\n", "姓名=direct 工资=sensitive"},
        {"财政收入,年份\n5000,2024\n6000,2025\n", ""},
        {"性别,人口数\n男,500\n女,600\n", ""},
        {"性别,出生日期\n男,1985-03-09\n女,1990-01-01\n", "性别=quasi 出生日期=quasi"},
        {"sex,age\nmale,500\nfemale,600\n", ""},
        {"total card no,x\n5,\n6,\n", ""},
        {"公司地址,email\n文化路1号,a@b.org\n", "email=direct"},
        {"sex,age\nA,500\nB,600\n", ""},
        {"age,postcode\n34,1011AB\n45,1012CD\n", ""},
        {"age,gender,zipcode\n34,male,81667\n45,female,81675\n",
         "age=quasi gender=quasi zipcode=quasi"},
        {"average age,total income\n34,100\n45,200\n", ""},
        {"身份证号,诊断\n5101**********9779,流感\n6101**********9321,骨折\n", ""},
        {"身份证号,诊断\n510104192202229770,流感\n610102192305239320,骨折\n",
         "身份证号=direct 诊断=sensitive"},
        {"user_id,time,station,fare\n7,2026-01-01 10:00,A,3\n8,2026-01-01 11:00,B,4\n",
         "user_id=direct time=quasi station=quasi"},
        {"station,opened\nA,2026-01-01\nB,2026-01-02\n", ""},
        {"申请人数,管理人员\n5,7\n6,8\n", ""},
        {"host,version\n192.0.2.1,1.2.3.4\n192.0.2.2,1.2.3.5\n", "host=direct"},
        {"联系人,联系电话\n刘金强,(089)325301\n曾阿粉,(089)325302\n",
         "联系人=direct 联系电话=direct"},
        {"phone model,mobile coverage\nA1,80\nB2,90\n", ""},
        /* numbers of other countries, and cards: by check digit and a majority, or by name */
        {"a,b\nDE89370400440532013000,1\nCH8872477504979883273,2\n", "a=direct"},
        {"ssn,b\n884-27-3324,1\n843-22-2449,2\n", "ssn=direct"},
        {"serial,b\n884273324,1\n843222449,2\n", ""},
        {"key,b\nAKIAQ2W3E4R5T6Y7U2I3,1\n", "key=direct"},
        {"bank card,b\n6217100898972322,1\n5322419027115676,2\n", "bank card=direct"},
        /* a point and an address are somebody's where the rows are about persons */
        {"where,lines\n\"39.9042,116.4074\",3\n", ""},
        {"user id,where\n7,\"39.9042,116.4074\"\n8,\"39.9142,116.4174\"\n",
         "user id=direct where=quasi"},
        {"loc,lines\n北京市海淀区中关村大街27号,3\n", ""},
        {"手机,loc\n13000000101,北京市海淀区中关村大街27号\n", "手机=direct loc=quasi"},
        /* names that the column doesn't call so, beside something else of persons */
        {"经办,手机\n王小明,13000000101\n李娜,13000000102\n", "经办=direct 手机=direct"},
        {"经办,数目\n王小明,3\n李娜,2\n", ""},
    };
    struct pd_buf roles;
    pd_buf_init(&roles, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct result r = inspect_csv(cases[i].csv);
        list_roles(r.inspection, &roles);
        if (!pd_str_is(pd_buf_view(&roles), cases[i].roles))
            fail_msg("%s got \"%.*s\", expected \"%s\"", cases[i].csv, pd_arg(pd_buf_view(&roles)),
                     cases[i].roles);
        pd_arena_free(r.arena);
    }
    pd_buf_clear(&roles);
}

static void a_note_says_why_a_suspicious_column_has_no_role(void **state) {
    (void)state;
    static const struct {
        const char *csv, *evidence;
    } cases[] = {
        {"身份证号,x\n5101**********9779,\n",
         "the name says a number of an identity document, but most cells are masked with *"},
        {"收入,x\n5,\n", "the name says an income (\"收入\"), but nothing in the table is about "
                         "persons"},
        {"name,x\nAnna Smith,\n",
         "the values have the form of persons' names, but nothing else in the table is about "
         "persons"},
        {"lines,x\n7,\n", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct result r = inspect_csv(cases[i].csv);
        expect_text(r.inspection->columns[0].evidence, cases[i].evidence);
        pd_arena_free(r.arena);
    }
}

static void the_grade_is_a_proposal_within_general_data(void **state) {
    (void)state;
    static const struct {
        const char *csv;
        enum inspect_level level;
    } cases[] = {
        {"year,total\n2024,5\n", INSPECT_GENERAL_1},
        {"agency name,budget\nParks,5\n", INSPECT_GENERAL_2},
        {"card_no,fare\nA,5\nB,6\n", INSPECT_GENERAL_3},
        {"age,sex\n34,male\n", INSPECT_GENERAL_3},
        {"age,sex,diagnosis\n34,male,flu\n", INSPECT_GENERAL_4},
        {"id,x\n510104192202229779,\n", INSPECT_GENERAL_4},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct result r = inspect_csv(cases[i].csv);
        assert_int_equal(r.inspection->grade.level, cases[i].level);
        assert_string_equal(r.inspection->grade.standard, "GB/T 43697-2024");
        assert_true(r.inspection->grade.reason.len > 0);
        pd_arena_free(r.arena);
    }
}

/* ---- merging, limits, JSON ---- */

static void two_parts_merged_tell_the_same_as_the_whole(void **state) {
    (void)state;
    static const char header[] = "id,when,mixed,身份证号\n";
    static const char first[] = "510104192202229779,2026-01-01,1,1*\n,2026-01-03,,2\n";
    static const char second[] = "110101850309123,2026-01-02,x,3*\n5,2026-01-01,2,4*\n";
    char whole[300], a[200], b[200];
    snprintf(whole, sizeof(whole), "%s%s%s", header, first, second);
    snprintf(a, sizeof(a), "%s%s", header, first);
    snprintf(b, sizeof(b), "%s%s", header, second);
    struct inspector *into = read_csv(pd_str_from(a)), *from = read_csv(pd_str_from(b));
    inspector_set_aside(from, 3);
    struct pd_error err = {0};
    assert_int_equal(inspector_merge(into, from, &err), PD_OK);
    struct inspector *all = read_csv(pd_str_from(whole));
    inspector_set_aside(all, 3);
    struct result merged = finish(into), expected = finish(all);
    struct pd_buf texts[2];
    const struct inspection *inspections[2] = {merged.inspection, expected.inspection};
    for (int i = 0; i < 2; i++) {
        struct pd_json json;
        pd_buf_init(&texts[i], 0);
        pd_json_init(&json, &texts[i], PD_JSON_PRETTY);
        inspection_write_json(inspections[i], true, &json);
        pd_json_clear(&json);
    }
    assert_string_equal(texts[0].data, texts[1].data);
    pd_buf_clear(&texts[0]);
    pd_buf_clear(&texts[1]);
    pd_arena_free(merged.arena);
    pd_arena_free(expected.arena);
    inspector_free(into);
    inspector_free(from);
    inspector_free(all);
}

static void unlike_parts_do_not_merge(void **state) {
    (void)state;
    struct inspector *a = read_csv(PD_STR("a,b\n1,2\n")), *b = read_csv(PD_STR("a,c\n1,2\n"));
    struct pd_error err = {0};
    assert_int_equal(inspector_merge(a, b, &err), PD_USAGE);
    assert_string_equal(err.text, "column 2 is \"b\" in one part and \"c\" in the other");
    inspector_free(a);
    inspector_free(b);
}

static void limits_and_misuse_are_refused_with_a_sentence(void **state) {
    (void)state;
    pd_str names[3] = {PD_STR("a"), PD_STR("b"), PD_STR("c")};
    struct inspect_options options = {.limits = {.columns = 2}};
    struct inspector *inspector = NULL;
    struct pd_error err = {0};
    assert_int_equal(inspector_new(names, 3, &options, &inspector, &err), PD_LIMIT);
    assert_string_equal(err.text, "3 columns; inspection takes at most 2 (limit: columns)");
    assert_int_equal(inspector_new(names, 0, &options, &inspector, &err), PD_USAGE);
    assert_null(inspector);
    assert_int_equal(inspector_new(names, 2, &options, &inspector, &err), PD_OK);
    struct table_batch batch = {.columns = 3};
    assert_int_equal(inspector_feed(inspector, &batch, &err), PD_USAGE);
    struct pd_arena *tiny = pd_arena_new(64);
    const struct inspection *out = NULL;
    assert_int_equal(inspector_finish(inspector, tiny, &out, &err), PD_LIMIT);
    assert_null(out);
    pd_arena_free(tiny);
    inspector_free(inspector);
    inspector_free(NULL);
}

static void five_thousand_columns_are_inspected(void **state) {
    (void)state;
    enum { COLUMNS = 5000, ROWS = 30 };
    struct pd_buf csv;
    pd_buf_init(&csv, 0);
    for (int row = -1; row < ROWS; row++) {
        for (int c = 0; c < COLUMNS; c++)
            pd_buf_printf(&csv, row < 0 ? "%sc%d" : "%s%d", c > 0 ? "," : "",
                          row < 0 ? c : c * row);
        pd_buf_char(&csv, '\n');
    }
    struct inspector *inspector = read_csv(pd_buf_view(&csv));
    struct result r = finish(inspector);
    assert_int_equal(r.inspection->column_count, COLUMNS);
    const struct inspect_column *last = &r.inspection->columns[COLUMNS - 1];
    assert_int_equal(last->type, INSPECT_INTEGER);
    assert_int_equal(last->distinct.value, ROWS);
    assert_true(last->max_number == (COLUMNS - 1) * (ROWS - 1));
    pd_arena_free(r.arena);
    inspector_free(inspector);
    pd_buf_clear(&csv);
}

static void json_without_values_shows_no_cell_of_a_person(void **state) {
    (void)state;
    struct result r = inspect_csv("name,email,salary,fare\nAnna Smith,anna@example.org,7771,1.5\n"
                                  "Bob Jones,bob@example.org,8882,2.5\n");
    static const char *const cells[] = {"Anna", "anna@", "Bob", "7771", "8882"};
    for (int with_values = 0; with_values < 2; with_values++) {
        struct pd_buf text;
        struct pd_json json;
        pd_buf_init(&text, 0);
        pd_json_init(&json, &text, PD_JSON_COMPACT);
        inspection_write_json(r.inspection, with_values, &json);
        pd_json_clear(&json);
        assert_false(text.failed);
        for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
            bool is_shown = strstr(text.data, cells[i]) != NULL;
            if (is_shown != (with_values == 1))
                fail_msg("%s in %s", cells[i], text.data);
        }
        assert_non_null(strstr(text.data, "{\"inspection\":1,\"rows\":2,\"set_aside\":0,"));
        assert_non_null(strstr(text.data, "\"min\":\"1.5\""));
        assert_non_null(strstr(text.data, "\"role\":\"sensitive\""));
        assert_non_null(strstr(text.data, "\"holds_identifiers\":true"));
        assert_non_null(strstr(text.data, "\"level\":\"general-4\""));
        pd_buf_clear(&text);
    }
    pd_arena_free(r.arena);
}

/* ---- real files, read in place ---- */

static bool read_shared(const char *path, struct pd_buf *out) {
    const char *folder = getenv("POLDER_SHARED_DATA");
    char full[1024];
    snprintf(full, sizeof(full), "%s/%s", folder ? folder : "../shared/data", path);
    FILE *file = fopen(full, "rb");
    if (!file)
        return false;
    pd_buf_init(out, 0);
    char piece[65536];
    size_t n;
    while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
        pd_buf_add(out, piece, n);
    fclose(file);
    return true;
}

static void real_tables_get_the_roles_a_person_would_give(void **state) {
    (void)state;
    static const struct {
        const char *path, *roles;
    } cases[] = {
        {"catalogue/csv/cn/nbs/总人口.csv", ""},
        {"catalogue/csv/cn/nbs/按受教育程度分人口数(人口抽样调查).csv", ""},
        {"catalogue/csv/cn/nbs/高等教育学校(机构)数.csv", ""},
        {"catalogue/csv/cn/codes/GB-2260.csv", ""},
        {"catalogue/csv/cn/codes/GB-3304-1991.csv", ""},
        {"catalogue/csv/cn/codes/GB-4754-2017.csv", ""},
        {"catalogue/csv/us/omb_bureau_codes.csv", ""},
        {"catalogue/csv/us/OpenDataPolicyPointsofContact.csv", "Name=direct Email=direct"},
        {"catalogue/csv/tw/taitung_shelters_utf8bom.csv",
         "地址=quasi 管理人=direct 連絡電話=direct"},
        {"catalogue/csv/cn/shenzhen_metro_card.csv",
         "deal_date=quasi close_date=quasi card_no=direct station=quasi"},
        {"privacy/arx/adult.csv",
         "sex=quasi age=quasi race=quasi marital-status=quasi education=quasi "
         "native-country=quasi workclass=quasi occupation=quasi salary-class=sensitive"},
        {"privacy/arx/adult_subset.csv",
         "sex=quasi age=quasi race=quasi marital-status=quasi education=quasi "
         "native-country=quasi workclass=quasi occupation=quasi salary-class=sensitive"},
        {"privacy/arx/test.csv", "age=quasi gender=quasi zipcode=quasi"},
        {"privacy/arx/test2.csv", "ZIPCode=quasi Age=quasi Salary=sensitive Disease=sensitive"},
    };
    struct pd_buf csv, roles;
    pd_buf_init(&roles, 0);
    size_t missing = 0, wrong = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (!read_shared(cases[i].path, &csv)) {
            missing++;
            continue;
        }
        struct inspector *inspector = read_csv(pd_buf_view(&csv));
        struct result r = finish(inspector);
        list_roles(r.inspection, &roles);
        if (!pd_str_is(pd_buf_view(&roles), cases[i].roles)) {
            wrong++;
            print_message("%s\n  got      %.*s\n  expected %s\n", cases[i].path,
                          pd_arg(pd_buf_view(&roles)), cases[i].roles);
        }
        pd_arena_free(r.arena);
        inspector_free(inspector);
        pd_buf_clear(&csv);
    }
    pd_buf_clear(&roles);
    assert_int_equal(wrong, 0);
    if (missing > 0) {
        print_message("%zu shared files are not there (POLDER_SHARED_DATA)\n", missing);
        skip();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_has_the_type_that_every_cell_has),
        cmocka_unit_test(a_number_column_is_profiled_exactly),
        cmocka_unit_test(the_mean_of_large_integers_does_not_overflow),
        cmocka_unit_test(dates_order_by_time_and_lengths_count_characters),
        cmocka_unit_test(zones_are_taken_into_account),
        cmocka_unit_test(distinct_values_are_never_more_than_cells),
        cmocka_unit_test(a_header_without_rows_is_an_empty_profile),
        cmocka_unit_test(one_leaked_identity_number_makes_a_column_direct),
        cmocka_unit_test(what_chance_explains_is_reported_and_not_believed),
        cmocka_unit_test(organisations_are_no_persons),
        cmocka_unit_test(roles_follow_from_names_values_and_company),
        cmocka_unit_test(a_note_says_why_a_suspicious_column_has_no_role),
        cmocka_unit_test(the_grade_is_a_proposal_within_general_data),
        cmocka_unit_test(two_parts_merged_tell_the_same_as_the_whole),
        cmocka_unit_test(unlike_parts_do_not_merge),
        cmocka_unit_test(limits_and_misuse_are_refused_with_a_sentence),
        cmocka_unit_test(five_thousand_columns_are_inspected),
        cmocka_unit_test(json_without_values_shows_no_cell_of_a_person),
        cmocka_unit_test(real_tables_get_the_roles_a_person_would_give),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
