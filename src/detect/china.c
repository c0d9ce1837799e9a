/* Identifiers of the People's Republic of China. */
#include "detect/detect_impl.h"

#include <string.h>

/* GB/T 2260: the first two digits of an area code; bit n stands for the code n. */
static bool is_province(const char *s) {
#define B(n) ((uint64_t)1 << (n) % 64)
    static const uint64_t codes[2] = {
        B(11) | B(12) | B(13) | B(14) | B(15) | B(21) | B(22) | B(23) | B(31) | B(32) | B(33) |
            B(34) | B(35) | B(36) | B(37) | B(41) | B(42) | B(43) | B(44) | B(45) | B(46) | B(50) |
            B(51) | B(52) | B(53) | B(54) | B(61) | B(62) | B(63),
        B(64) | B(65) | B(71) | B(81) | B(82) | B(83)};
#undef B
    if (!detect_is_digit(s[0]) || !detect_is_digit(s[1]))
        return false;
    int code = (s[0] - '0') * 10 + (s[1] - '0');
    return codes[code / 64] >> code % 64 & 1;
}

/* The area code: a province, and more than zeros after it. */
static bool is_resident_area(const char *s) {
    if (s[0] == '9') /* foreigner's permanent residence, 2023 form: 9, province, nation */
        return is_province(s + 1) && memcmp(s + 3, "000", 3) != 0;
    bool has_no_county = memcmp(s + 2, "0000", 4) == 0;
    bool is_permit = s[0] == '8'; /* Hong Kong, Macau, Taiwan: always 0000 */
    return is_province(s) && has_no_county == is_permit;
}

/* A number keeps the code that its area had when it was given. Codes of counties are withdrawn
   every year, those of cities seldom: so one whose city is of today's table is sure. */
static bool is_area_of_today(const char *s) {
    return s[0] == '8' || s[0] == '9' ||
           detect_area_find(detect_number(s, 6)) != DETECT_AREA_UNKNOWN;
}

/* ISO 7064 MOD 11-2 of 17 digits and a digit or X. */
static bool has_resident_check(const char *s) {
    static const uint8_t weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int last = s[17] == 'X' ? 10 : s[17] - '0';
    return (last + detect_weigh_digits(s, weights, 17)) % 11 == 1;
}

enum detect_match detect_cn_resident_id(const struct detect_code *code, int today) {
    const char *s = code->at, *birth = s + 6;
    size_t digits = code->len == 18 ? 17 : 15;
    if (code->digits < digits || (code->digits < code->len && s[code->len - 1] != 'X') ||
        !is_resident_area(s))
        return DETECT_NO;
    if (code->len == 15) {
        bool is_old = s[0] != '9' && detect_is_birth_day(1900 + detect_number(birth, 2),
                                                         detect_number(birth + 2, 2),
                                                         detect_number(birth + 4, 2), today);
        return is_old ? DETECT_WEAK : DETECT_NO;
    }
    if (!detect_is_birth_day(detect_number(birth, 4), detect_number(birth + 4, 2),
                             detect_number(birth + 6, 2), today) ||
        !has_resident_check(s))
        return DETECT_NO;
    /* A code that starts with 9 could be a foreigner's card; two checks outweigh one. */
    if (s[0] == '9' && detect_cn_uscc(code, today) == DETECT_SURE)
        return DETECT_NO;
    return is_area_of_today(s) ? DETECT_SURE : DETECT_WEAK;
}

/* Position in the alphabet of GB 32100, which leaves out I O S V Z; -1 if it is not in it. */
static int uscc_value(char c) {
    static const int8_t letters[26] = {10, 11, 12, 13, 14, 15, 16, 17, -1, 18, 19, 20, 21,
                                       22, -1, 23, 24, 25, -1, 26, 27, -1, 28, 29, 30, -1};
    return detect_is_digit(c) ? c - '0' : c >= 'A' && c <= 'Z' ? letters[c - 'A'] : -1;
}

/* Registering department and kind of organisation, the first two characters. */
static bool is_uscc_head(const char *s) {
#define K(n) (1u << (n))
    static const uint16_t kinds[128] = {/* by department, a bit for each kind */
                                        ['1'] = K(1) | K(2) | K(3) | K(9),
                                        ['2'] = K(1) | K(9),
                                        ['3'] = K(1) | K(2) | K(3) | K(4) | K(5) | K(9),
                                        ['4'] = K(1) | K(9),
                                        ['5'] = K(1) | K(2) | K(3) | K(9),
                                        ['6'] = K(1) | K(2) | K(9),
                                        ['7'] = K(1) | K(2) | K(9),
                                        ['8'] = K(1) | K(9),
                                        ['9'] = K(1) | K(2) | K(3),
                                        ['A'] = K(1) | K(9),
                                        ['N'] = K(1) | K(2) | K(3) | K(9),
                                        ['Y'] = K(1)};
#undef K
    return detect_is_digit(s[1]) && (kinds[(unsigned char)s[0] & 127] >> (s[1] - '0') & 1) != 0;
}

/* GB 11714, the nine characters of the organisation code: digits and letters A=10 .. Z=35. */
static bool has_organisation_check(const char *s) {
    static const int weights[8] = {3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 8; i++)
        sum += weights[i] * (detect_is_digit(s[i]) ? s[i] - '0' : s[i] - 'A' + 10);
    return s[8] == "0123456789X"[(11 - sum % 11) % 11];
}

enum detect_match detect_cn_uscc(const struct detect_code *code, int today) {
    (void)today;
    static const int weights[17] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    const char *s = code->at;
    /* 100000 is the area of what the central offices register. */
    if (!is_uscc_head(s) || !(is_province(s + 2) || memcmp(s + 2, "100000", 6) == 0))
        return DETECT_NO;
    int sum = 0;
    for (int i = 0; i < 18; i++) {
        int value = uscc_value(s[i]);
        if (value < 0 || (i >= 2 && i < 8 && value > 9))
            return DETECT_NO;
        if (i < 17)
            sum += weights[i] * value;
    }
    bool passed = uscc_value(s[17]) == (31 - sum % 31) % 31 && has_organisation_check(s + 8);
    return passed ? DETECT_SURE : DETECT_NO;
}

/* ---- passports and permits ---- */

/* Heads of passport numbers and how many digits follow: Exit and Entry Administration's series,
   ordinary, service and diplomatic, Hong Kong's and Macau's. */
static bool is_passport_form(const char *s, size_t len) {
    static const struct {
        const char *head;
        size_t digits;
    } series[] = {{"E", 8},  {"G", 8}, {"D", 8},  {"S", 8},  {"P", 8},  {"D", 7},
                  {"S", 7},  {"P", 7}, {"DE", 7}, {"SE", 7}, {"PE", 7}, {"K", 8},
                  {"KJ", 7}, {"H", 8}, {"MA", 7}, {"MB", 7}};
    size_t letters = 0;
    while (letters < len && detect_is_letter(s[letters]))
        letters++;
    for (size_t i = letters; i < len; i++) {
        if (!detect_is_digit(s[i]))
            return false;
    }
    if (letters == 2 && s[0] == 'E' && len == 9)
        return s[1] != 'I' && s[1] != 'O';
    for (size_t i = 0; i < sizeof(series) / sizeof(series[0]); i++) {
        if (strlen(series[i].head) == letters && memcmp(series[i].head, s, letters) == 0 &&
            series[i].digits == len - letters)
            return true;
    }
    return false;
}

enum detect_match detect_cn_passport(const struct detect_code *code, int today) {
    (void)today;
    bool passed = is_passport_form(code->at, code->len);
    return passed ? DETECT_SURE : DETECT_NO;
}

/* ICAO 9303-3 4.9: the nine characters of the machine readable zone and their check digit. */
enum detect_match detect_cn_passport_mrz(const struct detect_code *code, int today) {
    (void)today;
    static const int weights[9] = {7, 3, 1, 7, 3, 1, 7, 3, 1};
    const char *s = code->at;
    bool passed = is_passport_form(s, 9) && detect_weigh(s, weights, 9) % 10 == s[9] - '0';
    return passed ? DETECT_SURE : DETECT_NO;
}

/* To Hong Kong and Macau C or W and 8; from there H or M and 8 or 10; from Taiwan 8 digits. */
enum detect_match detect_cn_permit(const struct detect_code *code, int today) {
    (void)today;
    const char *s = code->at;
    if (code->digits == code->len)
        return code->len == 8 ? DETECT_WEAK : DETECT_NO;
    if (code->digits != code->len - 1)
        return DETECT_NO;
    bool passed = code->len == 9 ? strchr("CWHM", s[0]) != NULL
                                 : code->len == 11 && strchr("HM", s[0]) != NULL;
    return passed ? DETECT_SURE : DETECT_NO;
}

/* ---- number plates ---- */

/* One of the characters of a list of three bytes each. */
static bool is_listed(pd_str list, const char *c) {
    for (size_t i = 0; i + 3 <= list.len; i += 3) {
        if (memcmp(list.data + i, c, 3) == 0)
            return true;
    }
    return false;
}

static bool is_plate_char(char c) {
    return detect_is_digit(c) || (c >= 'A' && c <= 'Z' && c != 'I' && c != 'O');
}

/* New energy: "D12345", "DF1234" (small) or "12345D" (large). */
static bool is_new_energy(const char *s) {
    size_t digits = 0;
    for (size_t i = 0; i < 6; i++)
        digits += detect_is_digit(s[i]);
    if (digits == 5 && strchr("DABCEFGHJK", s[5]))
        return true;
    for (size_t i = 2; i < 6; i++) {
        if (!detect_is_digit(s[i]))
            return false;
    }
    return strchr("DABCEFGHJK", s[0]) && is_plate_char(s[1]);
}

/* GA 36-2018: province, office, five characters (the last may name a use), or six for new energy;
   a dot, a space or a hyphen may stand behind the office. */
bool detect_cn_plate(pd_str s) {
    static const pd_str provinces =
        PD_STR_INIT("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领");
    static const pd_str uses = PD_STR_INIT("挂学警港澳使领");
    static const pd_str dots[] = {PD_STR_INIT("·"), PD_STR_INIT("•"), PD_STR_INIT(" "),
                                  PD_STR_INIT("-")};
    if (s.len < 9 || !is_listed(provinces, s.data))
        return false;
    pd_str rest = pd_str_sub(s, 3, s.len);
    if (!is_plate_char(rest.data[0]) || detect_is_digit(rest.data[0]))
        return false;
    rest = pd_str_sub(rest, 1, rest.len);
    for (size_t i = 0; i < sizeof(dots) / sizeof(dots[0]); i++) {
        if (pd_str_starts(rest, dots[i])) {
            rest = pd_str_sub(rest, dots[i].len, rest.len);
            break;
        }
    }
    bool has_use = rest.len == 7 && is_listed(uses, rest.data + 4);
    size_t plain = has_use ? 4 : rest.len, digits = 0;
    if (plain != (has_use ? 4u : 5u) && plain != 6)
        return false;
    for (size_t i = 0; i < plain; i++) {
        if (!is_plate_char(rest.data[i]))
            return false;
        digits += detect_is_digit(rest.data[i]);
    }
    return digits >= 1 && (plain != 6 || is_new_energy(rest.data));
}

/* ---- mobile numbers ---- */

/* Numbering plan as libphonenumber had it in October 2024: the two digits after the 1. */
static bool is_mobile_head(const char *s) {
#define D(n) (1u << (n))
    static const uint16_t third[10] = {
        [3] = 0x3ff,
        [4] = D(5) | D(7),
        [5] = 0x3ff & ~D(4),
        [6] = D(2) | D(5) | D(6) | D(7),
        [7] = 0x3ff & ~(D(4) | D(9)),
        [8] = 0x3ff,
        [9] = 0x3ff & ~D(4),
    };
#undef D
    if (s[0] != '1')
        return false;
    if (memcmp(s, "1740", 4) == 0)
        return s[4] <= '5';
    return third[s[1] - '0'] >> (s[2] - '0') & 1;
}

bool detect_cn_mobile(pd_str s, bool *shaped) {
    *shaped = false;
    if (s.len == 11 && s.data[0] == '1') { /* as most are */
        bool is_digits = true;
        for (int i = 0; i < 11; i++)
            is_digits &= detect_is_digit(s.data[i]);
        *shaped = is_digits;
        return is_digits && is_mobile_head(s.data);
    }
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
