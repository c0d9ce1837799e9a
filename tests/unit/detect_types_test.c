/* detect/: what the types' table states, areas, names and addresses, words in several languages. */
#include "detect/detect.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { TODAY = 20260701 };

static uint64_t draw(uint64_t *state, uint64_t below) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (*state * 0x2545f4914f6cdd1du >> 33) % below;
}

/* "9" is a digit, "A" a letter, "*" either. */
static void the_stated_chances_are_what_random_values_show(void **state) {
    (void)state;
    enum { DRAWS = 60000 };
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const struct {
        enum detect_type type;
        const char *form;
    } cases[] = {
        {DETECT_CN_MOBILE, "99999999999"},      {DETECT_CN_PASSPORT, "A99999999"},
        {DETECT_CN_PASSPORT_MRZ, "A999999999"}, {DETECT_HK_ID, "A9999999"},
        {DETECT_TW_ID, "A999999999"},           {DETECT_JP_MY_NUMBER, "999999999999"},
        {DETECT_IN_AADHAAR, "999999999999"},    {DETECT_AU_TFN, "999999999"},
        {DETECT_AU_ABN, "99999999999"},         {DETECT_AU_MEDICARE, "9999999999"},
        {DETECT_DE_STEUER_ID, "99999999999"},   {DETECT_GB_NINO, "AA999999A"},
        {DETECT_GB_NHS, "9999999999"},          {DETECT_PL_PESEL, "99999999999"},
        {DETECT_KR_RRN, "9999999999999"},       {DETECT_BANK_CARD, "9999999999999999"},
        {DETECT_ISIN, "AA**********"},          {DETECT_LEI, "******************99"},
        {DETECT_IMEI, "999999999999999"},       {DETECT_US_SSN, "999999999"},
        {DETECT_US_ITIN, "999999999"},
    };
    uint64_t random = 88172645463325252u;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct detect_info *info = detect_info_get(cases[i].type);
        double sure = 0, any = 0;
        for (int n = 0; n < DRAWS; n++) {
            char text[32];
            size_t len = strlen(cases[i].form);
            for (size_t k = 0; k < len; k++) {
                char c = cases[i].form[k];
                text[k] = c == '9'   ? (char)('0' + draw(&random, 10))
                          : c == 'A' ? letters[10 + draw(&random, 26)]
                                     : letters[draw(&random, 36)];
            }
            enum detect_match match = detect_value(cases[i].type, (pd_str){text, len}, TODAY);
            sure += match == DETECT_SURE;
            any += match != DETECT_NO;
        }
        /* A tenth of the figure, and four standard deviations of the draw. */
        double slack = 0.1 * info->chance + 4 * sqrt(info->chance / DRAWS) + 1e-9;
        if (fabs(sure / DRAWS - info->chance) > slack)
            fail_msg("%s: %g, stated %g", info->name, sure / DRAWS, info->chance);
        slack = 0.1 * info->weak_chance + 4 * sqrt(info->weak_chance / DRAWS);
        if (info->weak_chance > 0 && fabs(any / DRAWS - info->weak_chance) > slack)
            fail_msg("%s, weak: %g, stated %g", info->name, any / DRAWS, info->weak_chance);
    }
}

/* The check digit for a body of 17. */
static pd_str with_check(const char *body, char out[19]) {
    int sum = 0, weight = 1;
    memcpy(out, body, 17);
    for (int i = 16; i >= 0; i--) {
        weight = weight * 2 % 11;
        sum += weight * (body[i] - '0');
    }
    out[17] = "10X98765432"[sum % 11];
    out[18] = '\0';
    return (pd_str){out, 18};
}

static void an_area_that_today_lacks_makes_a_resident_number_weak(void **state) {
    (void)state;
    static const struct {
        const char *body;
        enum detect_match match;
    } cases[] = {
        {"44030519120101900", DETECT_SURE}, /* Nanshan, in force */
        {"11010319120101900", DETECT_SURE}, /* Chongwen, withdrawn in 2010: its city stands */
        {"11990119120101900", DETECT_WEAK}, /* no such city */
        {"16010119120101900", DETECT_NO},   /* no such province */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char id[19];
        assert_int_equal(detect_value(DETECT_CN_RESIDENT_ID, with_check(cases[i].body, id), TODAY),
                         cases[i].match);
    }
}

static void numbers_are_written_in_the_usual_groups_only(void **state) {
    (void)state;
    static const struct {
        enum detect_type type;
        const char *cell;
        enum detect_match match;
    } cases[] = {
        {DETECT_US_SSN, "884-27-3324", DETECT_SURE},
        {DETECT_US_SSN, "884273324", DETECT_WEAK},
        {DETECT_US_SSN, "88-427-3324", DETECT_NO},
        {DETECT_US_SSN, "884-27.3324", DETECT_NO},
        {DETECT_BANK_CARD, "6217-1008-9897-2322", DETECT_SURE},
        {DETECT_BANK_CARD, "62171-0089-8972-322", DETECT_NO},
        {DETECT_BANK_CARD, "3502111111111116", DETECT_NO},
        {DETECT_IBAN, "DE89 3704 0044 0532 0130 00", DETECT_SURE},
        {DETECT_IBAN, "DE 8937 0400 4405 3201 3000", DETECT_NO},
        {DETECT_KR_RRN, "210114-1960192", DETECT_SURE},
        {DETECT_KR_RRN, "201115-3123456", DETECT_WEAK}, /* born after October 2020 */
        {DETECT_KR_RRN, "191115-3123456", DETECT_NO},
        {DETECT_EU_VAT, "DE - 113866163", DETECT_SURE},
        {DETECT_EU_VAT, "FR40303265045", DETECT_SURE},
        {DETECT_EU_VAT, "XX113866163", DETECT_NO},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum detect_match got = detect_value(cases[i].type, pd_str_from(cases[i].cell), TODAY);
        if (got != cases[i].match)
            fail_msg("%s: got %d", cases[i].cell, (int)got);
    }
}

static void names_have_their_form_and_a_known_part(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool chinese, form, known;
    } cases[] = {
        {"王小明", true, false, false},
        {"李娜", true, false, false},
        {"歐陽修", true, false, false},
        {"欧阳娜娜", true, false, false},
        {"王", false, false, false},
        {"王小明明明", false, false, false},
        {"王府井站", false, false, false},
        {"黄山市", false, false, false},
        {"张江高", true, false, false}, /* the form alone is no proof: see the need of the type */
        {"张江高科", false, false, false},
        {"小明王", false, false, false},
        {"王 明", false, false, false},
        {"Mary Jones", false, true, true},
        {"Jones, Robert", false, true, true},
        {"Sir Alan Langlands", false, true, true},
        {"Szabina Gelencsér", false, true, false},
        {"Central Station", false, false, false},
        {"Garden City", false, false, false},
        {"mary jones", false, false, false},
        {"Mary", false, false, false},
        {"Mary 5 Jones", false, false, false},
        {"", false, false, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pd_str text = pd_str_from(cases[i].text);
        if (detect_is_chinese_name(text) != cases[i].chinese ||
            detect_is_western_name(text, false) != cases[i].form ||
            detect_is_western_name(text, true) != cases[i].known)
            fail_msg("\"%s\"", cases[i].text);
    }
}

static void addresses_have_a_number_or_are_weak(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum detect_match match;
    } cases[] = {
        {"北京市海淀区中关村大街27号", DETECT_SURE},
        {"518000 广东省深圳市南山区科技园路1号3栋502室", DETECT_SURE},
        {"文化路1号", DETECT_SURE},
        {"上海市浦东新区张江镇", DETECT_WEAK},
        {"内蒙古自治区呼和浩特市新城区", DETECT_NO}, /* a place */
        {"北京市", DETECT_NO},
        {"地铁五号线", DETECT_NO},
        {"三号楼", DETECT_NO},
        {"14 Crown Street", DETECT_SURE},
        {"1668 Glyn St", DETECT_SURE},
        {"12-14 Old Mill Rd., Apt. 3", DETECT_SURE},
        {"Rue de Rivoli 12", DETECT_SURE},
        {"Hauptstraße 5a", DETECT_SURE},
        {"Puruntie 82", DETECT_SURE},
        {"14 apples", DETECT_NO},
        {"Street", DETECT_NO},
        {"Version 12", DETECT_NO},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum detect_match got = detect_value(DETECT_ADDRESS, pd_str_from(cases[i].text), TODAY);
        if (got != cases[i].match)
            fail_msg("\"%s\": got %d", cases[i].text, (int)got);
    }
}

static void words_speak_in_several_languages(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum detect_type type;
    } cases[] = {
        {"Geburtsdatum", DETECT_DATE_OF_BIRTH},
        {"date_de_naissance", DETECT_DATE_OF_BIRTH},
        {"생년월일", DETECT_DATE_OF_BIRTH},
        {"銀行 信用卡", DETECT_BANK_CARD},
        {"護照號碼", DETECT_CN_PASSPORT},
        {"マイナンバー", DETECT_JP_MY_NUMBER},
        {"주민등록번호", DETECT_KR_RRN},
        {"Steuer-ID", DETECT_DE_STEUER_ID},
        {"téléphone", DETECT_PHONE},
        {"UST-ID", DETECT_EU_VAT},
        {"户籍地址", DETECT_ADDRESS},
        {"Prénom", DETECT_PERSON_NAME},
        {"accessKey", DETECT_SECRET},
        {"GPS坐标", DETECT_COORDINATES},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct detect_name name = detect_name_make(pd_str_from(cases[i].name));
        if (!(detect_context(&name).speaks_for & DETECT_BIT(cases[i].type)) ||
            !detect_context_word(&name, DETECT_BIT(cases[i].type)))
            fail_msg("\"%s\" for %s", cases[i].name, detect_info_get(cases[i].type)->name);
    }
}

static void every_category_is_found_by_its_name(void **state) {
    (void)state;
    for (int c = 0; c < DETECT_CATEGORY_COUNT; c++) {
        enum detect_category found;
        assert_true(detect_category_find(pd_str_from(detect_category_name((enum detect_category)c)),
                                         &found));
        assert_int_equal(found, c);
    }
    for (int t = 0; t < DETECT_TYPE_COUNT; t++) {
        const struct detect_info *info = detect_info_get((enum detect_type)t);
        assert_true(info->standard[0] != '\0' && info->rule[0] != '\0');
        assert_true((info->weak_chance <= 0) || info->weak);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stated_chances_are_what_random_values_show),
        cmocka_unit_test(an_area_that_today_lacks_makes_a_resident_number_weak),
        cmocka_unit_test(numbers_are_written_in_the_usual_groups_only),
        cmocka_unit_test(names_have_their_form_and_a_known_part),
        cmocka_unit_test(addresses_have_a_number_or_are_weak),
        cmocka_unit_test(words_speak_in_several_languages),
        cmocka_unit_test(every_category_is_found_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
