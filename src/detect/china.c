/* Identifiers of the People's Republic of China. */
#include "detect/detect_impl.h"

#include <string.h>

/* GB/T 2260: the first two digits of an area code. */
static bool is_province(const char *s) {
    static const char codes[] = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 "
                                "50 51 52 53 54 61 62 63 64 65 71 81 82 83";
    for (const char *code = codes; code[0] != '\0'; code += code[2] == ' ' ? 3 : 2) {
        if (code[0] == s[0] && code[1] == s[1])
            return true;
    }
    return false;
}

static int digits_value(const char *s, int count) {
    int value = 0;
    for (int i = 0; i < count; i++)
        value = value * 10 + (s[i] - '0');
    return value;
}

static bool is_birth_day(int year, int month, int day, int today) {
    return year > 1900 && pd_civil_is_date(year, month, day) &&
           year * 10000 + month * 100 + day <= today;
}

static bool is_resident_area(const char *s) {
    if (s[0] == '9') /* foreigner's permanent residence, 2023 form: 9, province, nation */
        return is_province(s + 1) && memcmp(s + 3, "000", 3) != 0;
    bool has_no_county = memcmp(s + 2, "0000", 4) == 0;
    bool is_permit = s[0] == '8'; /* Hong Kong, Macau, Taiwan: always 0000 */
    return is_province(s) && has_no_county == is_permit;
}

static bool has_mod_11_2_check(const char *s) {
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 17; i++)
        sum += weights[i] * (s[i] - '0');
    return detect_upper(s[17]) == "10X98765432"[sum % 11];
}

enum detect_match detect_cn_resident_id(pd_str s, int today) {
    if (s.len != 18 && s.len != 15)
        return DETECT_NO;
    for (size_t i = 0; i < s.len && i < 17; i++) {
        if (!detect_is_digit(s.data[i]))
            return DETECT_NO;
    }
    if (!is_resident_area(s.data))
        return DETECT_NO;
    const char *birth = s.data + 6;
    if (s.len == 15) {
        int year = 1900 + digits_value(birth, 2);
        bool is_old = s.data[0] != '9' && is_birth_day(year, digits_value(birth + 2, 2),
                                                       digits_value(birth + 4, 2), today);
        return is_old ? DETECT_WEAK : DETECT_NO;
    }
    bool is_birth = is_birth_day(digits_value(birth, 4), digits_value(birth + 4, 2),
                                 digits_value(birth + 6, 2), today);
    return is_birth && has_mod_11_2_check(s.data) ? DETECT_SURE : DETECT_NO;
}

/* Position in the alphabet of GB 32100, which leaves out I O S V Z; -1 if it is not in it. */
static int uscc_value(char c) {
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const char *at = memchr(alphabet, c, sizeof(alphabet) - 1);
    return at ? (int)(at - alphabet) : -1;
}

/* Registering department and kind of organisation, the first two characters. */
static bool is_uscc_head(const char *s) {
    static const struct {
        char department;
        const char *kinds;
    } heads[] = {{'1', "1239"}, {'2', "19"},  {'3', "123459"}, {'4', "19"},
                 {'5', "1239"}, {'6', "129"}, {'7', "129"},    {'8', "19"},
                 {'9', "123"},  {'A', "19"},  {'N', "1239"},   {'Y', "1"}};
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        if (heads[i].department == s[0])
            return strchr(heads[i].kinds, s[1]) != NULL && s[1] != '\0';
    }
    return false;
}

/* GB 11714, the nine characters of the organisation code: digits and letters A=10 .. Z=35. */
static bool has_organisation_check(const char *s) {
    static const int weights[8] = {3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 8; i++)
        sum += weights[i] * (detect_is_digit(s[i]) ? s[i] - '0' : s[i] - 'A' + 10);
    return s[8] == "0123456789X"[(11 - sum % 11) % 11];
}

bool detect_cn_uscc(pd_str s) {
    static const int weights[17] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    if (s.len != 18)
        return false;
    char code[18];
    int sum = 0;
    for (int i = 0; i < 18; i++) {
        code[i] = detect_upper(s.data[i]);
        int value = uscc_value(code[i]);
        if (value < 0 || (i >= 2 && i < 8 && value > 9))
            return false;
        if (i < 17)
            sum += weights[i] * value;
    }
    /* 100000 is the area of what the central offices register. */
    bool is_area = is_province(code + 2) || memcmp(code + 2, "100000", 6) == 0;
    return is_uscc_head(code) && is_area && uscc_value(code[17]) == (31 - sum % 31) % 31 &&
           has_organisation_check(code + 8);
}

/* Numbering plan as libphonenumber had it in October 2024: the two digits after the 1. */
static bool is_mobile_head(const char *s) {
    static const char *const third[10] = {
        [3] = "0123456789", [4] = "57",         [5] = "012356789", [6] = "2567",
        [7] = "01235678",   [8] = "0123456789", [9] = "012356789",
    };
    if (s[0] != '1')
        return false;
    if (memcmp(s, "1740", 4) == 0)
        return s[4] <= '5';
    const char *allowed = third[s[1] - '0'];
    return allowed && strchr(allowed, s[2]) != NULL;
}

bool detect_cn_mobile(pd_str s, bool *shaped) {
    *shaped = false;
    static const pd_str prefixes[] = {PD_STR_INIT("+86"), PD_STR_INIT("0086")};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (pd_str_starts(s, prefixes[i])) {
            s = pd_str_sub(s, prefixes[i].len, s.len);
            if (s.len > 0 && (s.data[0] == ' ' || s.data[0] == '-'))
                s = pd_str_sub(s, 1, s.len);
            break;
        }
    }
    char digits[11];
    if (s.len == 13) {
        char separator = s.data[3];
        if ((separator != ' ' && separator != '-') || s.data[8] != separator)
            return false;
        memcpy(digits, s.data, 3);
        memcpy(digits + 3, s.data + 4, 4);
        memcpy(digits + 7, s.data + 9, 4);
    } else if (s.len == 11) {
        memcpy(digits, s.data, 11);
    } else {
        return false;
    }
    for (int i = 0; i < 11; i++) {
        if (!detect_is_digit(digits[i]))
            return false;
    }
    *shaped = true;
    return is_mobile_head(digits);
}
