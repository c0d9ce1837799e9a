/* detect/ through its public header. The identifiers' own vectors are in tests/vectors. */
#include "detect/detect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { TODAY = 20260701 };

struct value_case {
    enum detect_type type;
    const char *cell;
    enum detect_match match;
};

static void check(const struct value_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        enum detect_match got = detect_value(cases[i].type, pd_str_from(cases[i].cell), TODAY);
        if (got != cases[i].match)
            fail_msg("%s \"%s\": got %d, expected %d", detect_info_get(cases[i].type)->name,
                     cases[i].cell, (int)got, (int)cases[i].match);
    }
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof((cases)[0]))

static void resident_ids_pass_in_every_written_form(void **state) {
    (void)state;
    static const struct value_case cases[] = {
        {DETECT_CN_RESIDENT_ID, "510104192202229779", DETECT_SURE},
        {DETECT_CN_RESIDENT_ID, "65010219170329947X", DETECT_SURE},
        {DETECT_CN_RESIDENT_ID, "65010219170329947x", DETECT_SURE},
        {DETECT_CN_RESIDENT_ID, "  510104192202229779\t", DETECT_SURE},
        {DETECT_CN_RESIDENT_ID, "５１０１０４１９２２０２２２９７７９", DETECT_SURE},
        {DETECT_CN_RESIDENT_ID, "6501021917032994７Ｘ", DETECT_SURE},
        {DETECT_CN_RESIDENT_ID, "　65010219170329947ｘ　", DETECT_SURE},
        {DETECT_CN_RESIDENT_ID, "810000199408230021", DETECT_SURE}, /* residence permit */
        {DETECT_CN_RESIDENT_ID, "911124198108030024", DETECT_SURE}, /* foreigner, 2023 form */
        {DETECT_CN_RESIDENT_ID, "110101850309123", DETECT_WEAK},    /* before 1999 */
    };
    CHECK(cases);
}

static void resident_ids_fail_on_each_rule_alone(void **state) {
    (void)state;
    static const struct value_case cases[] = {
        {DETECT_CN_RESIDENT_ID, "510104192202229778", DETECT_NO}, /* check digit */
        {DETECT_CN_RESIDENT_ID, "610102192304319215", DETECT_NO}, /* 31 April, check right */
        {DETECT_CN_RESIDENT_ID, "16010119850309", DETECT_NO},     /* length */
        {DETECT_CN_RESIDENT_ID, "160101198503091236", DETECT_NO}, /* no province 16 */
        {DETECT_CN_RESIDENT_ID, "110101850231123", DETECT_NO},    /* old form, 31 February */
        {DETECT_CN_RESIDENT_ID, "11010185030912X", DETECT_NO},    /* old form has no X */
        {DETECT_CN_RESIDENT_ID, "5101041922022297791", DETECT_NO},
        {DETECT_CN_RESIDENT_ID, "X10104192202229779", DETECT_NO},
        {DETECT_CN_RESIDENT_ID, "", DETECT_NO},
    };
    CHECK(cases);
}

/* Writes the check digit that a body of 17 digits needs, so that only the rule at hand can fail. */
static void with_check(const char *body, char out[19]) {
    memcpy(out, body, 17);
    out[18] = '\0';
    int sum = 0, weight = 1;
    for (int i = 16; i >= 0; i--) {
        weight = weight * 2 % 11;
        sum += weight * (body[i] - '0');
    }
    out[17] = "10X98765432"[sum % 11];
}

static void a_right_check_digit_does_not_save_a_wrong_area_or_a_future_birth(void **state) {
    (void)state;
    static const struct {
        const char *body;
        enum detect_match match;
    } cases[] = {
        {"11010119850309123", DETECT_SURE},
        {"11000019850309123", DETECT_NO}, /* a province without a county */
        {"81000019850309123", DETECT_SURE},
        {"81010119850309123", DETECT_NO}, /* residence permits have 0000 */
        {"16010119850309123", DETECT_NO},
        {"91100019850309123", DETECT_NO},   /* no nation 000 */
        {"11010120260701123", DETECT_SURE}, /* born today */
        {"11010120260702123", DETECT_NO},
        {"11010118991231123", DETECT_NO},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char id[19];
        with_check(cases[i].body, id);
        struct value_case one = {DETECT_CN_RESIDENT_ID, id, cases[i].match};
        check(&one, 1);
    }
}

static void credit_codes_need_both_checks(void **state) {
    (void)state;
    static const struct value_case cases[] = {
        {DETECT_CN_USCC, "N2510104F2P9A42253", DETECT_SURE},
        {DETECT_CN_USCC, "n2510104f2p9a42253", DETECT_SURE},
        {DETECT_CN_USCC, "91152201078377449P", DETECT_SURE},
        {DETECT_CN_USCC, "93320102WX66Q6W32P", DETECT_NO}, /* inner check wrong */
        {DETECT_CN_USCC, "Y1510104N1578QBH0Q", DETECT_NO}, /* outer check wrong */
        {DETECT_CN_USCC, "N2510104F2P9A4225I", DETECT_NO}, /* no I in the alphabet */
        {DETECT_CN_USCC, "N25101O4F2P9A42253", DETECT_NO},
        {DETECT_CN_USCC, "N2510104F2P9A4225", DETECT_NO},
    };
    CHECK(cases);
}

static void dates_of_birth_are_real_and_past_in_the_usual_orders(void **state) {
    (void)state;
    static const struct value_case cases[] = {
        {DETECT_DATE_OF_BIRTH, "1985-03-09", DETECT_SURE},
        {DETECT_DATE_OF_BIRTH, "1985/3/9", DETECT_SURE},
        {DETECT_DATE_OF_BIRTH, "1985.03.09", DETECT_SURE},
        {DETECT_DATE_OF_BIRTH, "19850309", DETECT_SURE},
        {DETECT_DATE_OF_BIRTH, "1985年3月9日", DETECT_SURE},
        {DETECT_DATE_OF_BIRTH, "1985年3月", DETECT_SURE},
        {DETECT_DATE_OF_BIRTH, "1985-03", DETECT_SURE},
        {DETECT_DATE_OF_BIRTH, "198503", DETECT_SURE},
        {DETECT_DATE_OF_BIRTH, "09/03/1985", DETECT_SURE},
        {DETECT_DATE_OF_BIRTH, "03/31/1985", DETECT_SURE},
        {DETECT_DATE_OF_BIRTH, "1985-03-09 00:00:00", DETECT_SURE},
        {DETECT_DATE_OF_BIRTH, "1985-02-30", DETECT_NO},
        {DETECT_DATE_OF_BIRTH, "2999-01-01", DETECT_NO},
        {DETECT_DATE_OF_BIRTH, "1850-01-01", DETECT_NO},
        {DETECT_DATE_OF_BIRTH, "2026-07-01", DETECT_SURE},
        {DETECT_DATE_OF_BIRTH, "2026-07-02", DETECT_NO},
        {DETECT_DATE_OF_BIRTH, "1900-12-31", DETECT_NO},
        {DETECT_DATE_OF_BIRTH, "1985-03-09 12:30:00", DETECT_NO},
        {DETECT_DATE_OF_BIRTH, "1985-03/09", DETECT_NO},
        {DETECT_DATE_OF_BIRTH, "1985", DETECT_NO},
        {DETECT_DATE_OF_BIRTH, "1985年3", DETECT_NO},
        {DETECT_DATE_OF_BIRTH, "1985--09", DETECT_NO},
        {DETECT_DATE_OF_BIRTH, "31/31/1985", DETECT_NO},
    };
    CHECK(cases);
}

static void a_cell_reports_what_it_is_and_what_it_only_looks_like(void **state) {
    (void)state;
    static const struct {
        const char *cell;
        detect_bits sure, weak, shaped;
    } cases[] = {
        {"510104192202229779", DETECT_BIT(DETECT_CN_RESIDENT_ID), 0,
         DETECT_BIT(DETECT_CN_RESIDENT_ID) | DETECT_BIT(DETECT_CN_USCC)},
        {"510104192202229770", 0, 0,
         DETECT_BIT(DETECT_CN_RESIDENT_ID) | DETECT_BIT(DETECT_CN_USCC)},
        {"13000000101", DETECT_BIT(DETECT_CN_MOBILE), 0, DETECT_BIT(DETECT_CN_MOBILE)},
        {"12000000101", 0, 0, DETECT_BIT(DETECT_CN_MOBILE)},
        {"20171024", 0, 0, 0}, /* a date is no date of birth without context */
        {"a..b@x.org", 0, 0, DETECT_BIT(DETECT_EMAIL)},
        {"192.0.2.1", DETECT_BIT(DETECT_IPV4), 0, DETECT_BIT(DETECT_IPV4)},
        {"call 13000000101 now", 0, 0, 0},
    };
    detect_bits mask = DETECT_BIT(DETECT_CN_RESIDENT_ID) | DETECT_BIT(DETECT_CN_USCC) |
                       DETECT_BIT(DETECT_CN_MOBILE) | DETECT_BIT(DETECT_EMAIL) |
                       DETECT_BIT(DETECT_IPV4);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct detect_hits hits = detect_cell(pd_str_from(cases[i].cell), mask, TODAY);
        assert_int_equal(hits.sure, cases[i].sure);
        assert_int_equal(hits.weak, cases[i].weak);
        assert_int_equal(hits.shaped, cases[i].shaped);
    }
}

static void types_outside_the_mask_are_not_looked_for(void **state) {
    (void)state;
    struct detect_hits hits =
        detect_cell(PD_STR("a@example.org"), DETECT_ALL & ~DETECT_BIT(DETECT_EMAIL), TODAY);
    assert_int_equal(hits.sure | hits.weak | hits.shaped, 0);
}

static void hostile_cells_match_nothing(void **state) {
    (void)state;
    char wide[4096];
    memset(wide, '1', sizeof(wide));
    static const char broken[] = "\xef\xbc\xef\xbc\x91\xe3\x80 123\xff";
    static const char zeros[] = "1301\0\0\0\0\0\0\0";
    const pd_str cells[] = {{wide, sizeof(wide)}, {wide, 254}, {broken, sizeof(broken) - 1},
                            {zeros, 11},          {NULL, 0},   PD_STR("　　　　")};
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        struct detect_hits hits = detect_cell(cells[i], DETECT_ALL, TODAY);
        assert_int_equal(hits.sure | hits.weak, 0);
    }
}

static void names_split_into_words_however_they_are_written(void **state) {
    (void)state;
    static const struct {
        const char *name, *text;
    } cases[] = {
        {"card_no", " card no "},
        {"cardNo", " card no "},
        {"Card No.", " card no "},
        {"IPAddress", " ip address "},
        {"出生日期(DOB)", " 出生日期 dob "},
        {"用户ID", " 用户 id "},
        {"marital-status", " marital status "},
        {"ＤＯＢ", " dob "},
        {"Prénom", " prénom "},
        {"Address2", " address 2 "},
        {"", " "},
        {"  __ ", " "},
        {"手机（号）", " 手机 号 "},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct detect_name name = detect_name_make(pd_str_from(cases[i].name));
        assert_string_equal(name.text, cases[i].text);
        assert_int_equal(name.len, strlen(name.text));
    }
}

static void terms_are_whole_words_and_anchors_bind(void **state) {
    (void)state;
    static const struct {
        const char *name, *term;
        bool has;
    } cases[] = {
        {"date of birth", "date of birth", true},
        {"dateOfBirth", "date of birth", true},
        {"birthplace", "birth", false},
        {"e-mails", "e mail", true},
        {"passage", "age", false},
        {"age", "age", true},
        {"客户生日", "生日$", true},
        {"学生日常", "生日$", false},
        {"姓名拼音", "^姓名", true},
        {"学生姓名", "^姓名", false},
        {"联系人电话", "联系人$", false},
        {"", "age", false},
        {"age", "", false},
        {"age", "$", false},
        {"name", "^name$", true},
        {"Names", "^name$", true},
        {"station name", "^name$", false},
        {"name of station", "^name$", false},
        {"station name", "name$", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct detect_name name = detect_name_make(pd_str_from(cases[i].name));
        if (detect_name_has(&name, cases[i].term) != cases[i].has)
            fail_msg("\"%s\" has \"%s\"?", cases[i].name, cases[i].term);
    }
}

static void an_overlong_name_is_cut_and_stays_bounded(void **state) {
    (void)state;
    char long_name[2000];
    for (size_t i = 0; i < sizeof(long_name); i++)
        long_name[i] = i % 2 ? 'B' : 'a';
    struct detect_name name = detect_name_make((pd_str){long_name, sizeof(long_name)});
    assert_true(name.len < sizeof(name.text));
    assert_int_equal(name.text[name.len - 1], ' ');
}

static void context_decides_on_births_and_versions(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum detect_type type;
        bool is_looked_for;
    } cases[] = {
        {"出生日期", DETECT_DATE_OF_BIRTH, true},
        {"dob", DETECT_DATE_OF_BIRTH, true},
        {"Birth Date", DETECT_DATE_OF_BIRTH, true},
        {"员工出生年月", DETECT_DATE_OF_BIRTH, true},
        {"deal_date", DETECT_DATE_OF_BIRTH, false},
        {"学生日常", DETECT_DATE_OF_BIRTH, false},
        {"version", DETECT_IPV4, false},
        {"软件版本", DETECT_IPV4, false},
        {"host", DETECT_IPV4, true},
        {"notes", DETECT_EMAIL, true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct detect_name name = detect_name_make(pd_str_from(cases[i].name));
        bool looked_for = (detect_mask(&name) & DETECT_BIT(cases[i].type)) != 0;
        if (looked_for != cases[i].is_looked_for)
            fail_msg("%s in \"%s\"", detect_info_get(cases[i].type)->name, cases[i].name);
    }
}

static void every_type_is_found_by_its_name(void **state) {
    (void)state;
    for (int t = 0; t < DETECT_TYPE_COUNT; t++) {
        const struct detect_info *info = detect_info_get((enum detect_type)t);
        enum detect_type found;
        assert_true(detect_info_find(pd_str_from(info->name), &found));
        assert_int_equal(found, t);
        assert_true(strlen(info->title) > 0 && strlen(detect_category_name(info->category)) > 0);
    }
    enum detect_type found;
    assert_false(detect_info_find(PD_STR("us_shoe_size"), &found));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resident_ids_pass_in_every_written_form),
        cmocka_unit_test(resident_ids_fail_on_each_rule_alone),
        cmocka_unit_test(a_right_check_digit_does_not_save_a_wrong_area_or_a_future_birth),
        cmocka_unit_test(credit_codes_need_both_checks),
        cmocka_unit_test(dates_of_birth_are_real_and_past_in_the_usual_orders),
        cmocka_unit_test(a_cell_reports_what_it_is_and_what_it_only_looks_like),
        cmocka_unit_test(types_outside_the_mask_are_not_looked_for),
        cmocka_unit_test(hostile_cells_match_nothing),
        cmocka_unit_test(names_split_into_words_however_they_are_written),
        cmocka_unit_test(terms_are_whole_words_and_anchors_bind),
        cmocka_unit_test(an_overlong_name_is_cut_and_stays_bounded),
        cmocka_unit_test(context_decides_on_births_and_versions),
        cmocka_unit_test(every_type_is_found_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
