/* Identity numbers of Hong Kong, Taiwan, Japan, Korea and India. */
#include "detect/detect_impl.h"

#include <string.h>

/* One letter (a blank before it counts 36) or two, six digits, and the check in brackets. */
enum detect_match detect_hk_id(const struct detect_code *code, int today) {
    (void)today;
    size_t letters = code->len - 7;
    const char *s = code->at;
    for (size_t i = 0; i < code->len - 1; i++) {
        if (detect_is_letter(s[i]) != (i < letters))
            return DETECT_NO;
    }
    static const int weights[8] = {9, 8, 7, 6, 5, 4, 3, 2};
    int sum = letters == 1 ? 36 * 9 : 0;
    sum += detect_weigh(s, weights + 2 - letters, letters + 6);
    char check = "0123456789A"[(11 - sum % 11) % 11];
    return s[code->len - 1] == check ? DETECT_SURE : DETECT_NO;
}

bool detect_hk_bracketed(pd_str s) {
    struct detect_code code = {0};
    if (s.len < 10 || s.len > 11 || s.data[s.len - 3] != '(' || s.data[s.len - 1] != ')')
        return false;
    pd_str body = pd_str_sub(s, 0, s.len - 3);
    if (!detect_code_make(body, &code) || code.group_count != 1)
        return false;
    code.at[code.len++] = detect_upper(s.data[s.len - 2]);
    code.at[code.len] = '\0';
    return detect_hk_id(&code, 0) == DETECT_SURE;
}

/* A letter for the place of first registration, then 1 2 (men, women) or 8 9 (foreigners). */
enum detect_match detect_tw_id(const struct detect_code *code, int today) {
    (void)today;
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVXYWZIO"; /* in the order of their values */
    static const int weights[9] = {8, 7, 6, 5, 4, 3, 2, 1, 1};
    const char *s = code->at;
    if (!detect_is_letter(s[0]) || code->digits != 9 || !strchr("1289", s[1]))
        return DETECT_NO;
    int letter = (int)(strchr(letters, s[0]) - letters) + 10;
    int sum = letter / 10 + letter % 10 * 9 + detect_weigh(s + 1, weights, 9);
    return sum % 10 == 0 ? DETECT_SURE : DETECT_NO;
}

enum detect_match detect_jp_my_number(const struct detect_code *code, int today) {
    (void)today;
    static const int weights[11] = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
    int rest = detect_weigh(code->at, weights, 11) % 11;
    int check = rest <= 1 ? 0 : 11 - rest;
    return code->at[11] - '0' == check ? DETECT_SURE : DETECT_NO;
}

/* yymmdd, a digit for century and sex. Numbers given since October 2020 have no check digit, so
   that a wrong one proves nothing for those born since. */
enum detect_match detect_kr_rrn(const struct detect_code *code, int today) {
    enum { WITHOUT_CHECK_SINCE = 20201001 };
    static const int century_of[10] = {1800, 1900, 1900, 2000, 2000, 1900, 1900, 2000, 2000, 1800};
    static const int weights[12] = {2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5};
    const char *s = code->at;
    int year = century_of[s[6] - '0'] + detect_number(s, 2);
    int month = detect_number(s + 2, 2), day = detect_number(s + 4, 2);
    if (!detect_is_birth_day(year, month, day, today))
        return DETECT_NO;
    if ((11 - detect_weigh(s, weights, 12) % 11) % 10 == s[12] - '0')
        return DETECT_SURE;
    return year * 10000 + month * 100 + day >= WITHOUT_CHECK_SINCE ? DETECT_WEAK : DETECT_NO;
}

enum detect_match detect_in_aadhaar(const struct detect_code *code, int today) {
    (void)today;
    const char *s = code->at;
    if (s[0] < '2')
        return DETECT_NO;
    bool is_palindrome = true;
    for (size_t i = 0; i < 6; i++)
        is_palindrome = is_palindrome && s[i] == s[11 - i];
    return !is_palindrome && detect_verhoeff(s, 12) ? DETECT_SURE : DETECT_NO;
}
