/* Identity and tax numbers of the United States, Australia, the United Kingdom, Germany, Poland. */
#include "detect/detect_impl.h"

#include <string.h>

static enum detect_match sure_if(bool passed) {
    return passed ? DETECT_SURE : DETECT_NO;
}

/* Nine digits are anything; with its hyphens it has a form of its own. */
static enum detect_match by_form(const struct detect_code *code) {
    return code->group_count == 3 ? DETECT_SURE : DETECT_WEAK;
}

enum detect_match detect_us_ssn(const struct detect_code *code, int today) {
    (void)today;
    /* Printed on wallets and in a pamphlet of the administration itself. */
    static const char *const never[] = {"078051120", "219099999"};
    const char *s = code->at;
    if (memcmp(s, "000", 3) == 0 || memcmp(s, "666", 3) == 0 || s[0] == '9' ||
        memcmp(s + 3, "00", 2) == 0 || memcmp(s + 5, "0000", 4) == 0)
        return DETECT_NO;
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        if (strcmp(s, never[i]) == 0)
            return DETECT_NO;
    }
    return by_form(code);
}

enum detect_match detect_us_itin(const struct detect_code *code, int today) {
    (void)today;
    int group = detect_number(code->at + 3, 2);
    bool is_group = (group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
                    (group >= 90 && group <= 92) || (group >= 94 && group <= 99);
    if (code->at[0] != '9' || !is_group)
        return DETECT_NO;
    return by_form(code);
}

enum detect_match detect_au_tfn(const struct detect_code *code, int today) {
    (void)today;
    static const uint8_t weights[9] = {1, 4, 3, 7, 5, 8, 6, 9, 10};
    return sure_if(detect_weigh_digits(code->at, weights, 9) % 11 == 0 &&
                   memcmp(code->at, "000000000", 9) != 0);
}

enum detect_match detect_au_abn(const struct detect_code *code, int today) {
    (void)today;
    static const uint8_t weights[11] = {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19};
    int head = detect_number(code->at, 2);
    int sum =
        detect_weigh_digits(code->at, weights, 11) - weights[0]; /* the first digit less one */
    /* 10 is congruent to 99 modulo 89: without the range a slip would pass. */
    return sure_if(head >= 11 && sum % 89 == 0);
}

enum detect_match detect_au_medicare(const struct detect_code *code, int today) {
    (void)today;
    static const uint8_t weights[8] = {1, 3, 7, 9, 1, 3, 7, 9};
    const char *s = code->at;
    return sure_if(s[0] >= '2' && s[0] <= '6' &&
                   detect_weigh_digits(s, weights, 8) % 10 == s[8] - '0');
}

/* Among the first ten exactly one digit occurs twice or three times, the others at most once. */
enum detect_match detect_de_steuer_id(const struct detect_code *code, int today) {
    (void)today;
    const char *s = code->at;
    uint64_t counts = 0; /* four bits for each digit */
    for (size_t i = 0; i < 10; i++)
        counts += UINT64_C(1) << 4 * (s[i] - '0');
    uint64_t repeated = (counts >> 1 | counts >> 2 | counts >> 3) & UINT64_C(0x1111111111);
    bool is_one = repeated != 0 && (repeated & (repeated - 1)) == 0;
    bool is_too_often = (counts & UINT64_C(0xcccccccccc)) != 0;
    return sure_if(s[0] != '0' && is_one && !is_too_often && detect_mod_11_10(s, 11));
}

enum detect_match detect_gb_nino(const struct detect_code *code, int today) {
    (void)today;
    static const char *const never[] = {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"};
    const char *s = code->at;
    if (!detect_is_letter(s[0]) || !detect_is_letter(s[1]) || code->digits != 6 || s[8] < 'A' ||
        s[8] > 'D' || strchr("DFIQUV", s[0]) || strchr("DFIOQUV", s[1]))
        return DETECT_NO;
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        if (memcmp(s, never[i], 2) == 0)
            return DETECT_NO;
    }
    return DETECT_SURE;
}

enum detect_match detect_gb_nhs(const struct detect_code *code, int today) {
    (void)today;
    static const uint8_t weights[9] = {10, 9, 8, 7, 6, 5, 4, 3, 2};
    int check = 11 - detect_weigh_digits(code->at, weights, 9) % 11;
    return sure_if(check % 11 == code->at[9] - '0' && memcmp(code->at, "0000000000", 10) != 0);
}

/* yymmdd, the month plus 80, 20, 40 or 60 for the other centuries. */
enum detect_match detect_pl_pesel(const struct detect_code *code, int today) {
    static const uint8_t weights[10] = {1, 3, 7, 9, 1, 3, 7, 9, 1, 3};
    static const int centuries[5] = {1900, 2000, 2100, 2200, 1800};
    const char *s = code->at;
    int month = detect_number(s + 2, 2);
    int year = centuries[month / 20] + detect_number(s, 2);
    int check = (10 - detect_weigh_digits(s, weights, 10) % 10) % 10;
    return sure_if(detect_is_birth_day(year, month % 20, detect_number(s + 4, 2), today) &&
                   check == s[10] - '0');
}
