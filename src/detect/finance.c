/* Numbers of cards, accounts, securities and legal entities; and of handsets, which share Luhn. */
#include "detect/detect_impl.h"

#include <stdlib.h>
#include <string.h>

static enum detect_match sure_if(bool passed) {
    return passed ? DETECT_SURE : DETECT_NO;
}

/* ISO/IEC 7812: ranges of the first six digits, and how long the numbers of each issuer are. */
static bool is_issued(const char *s, size_t len) {
    static const struct {
        int from, to;
        uint32_t lengths; /* bit n: n digits */
    } ranges[] = {
        {180000, 180099, 1u << 15},                       /* JCB, old */
        {213100, 213199, 1u << 15},                       /* JCB, old */
        {222100, 272099, 1u << 16},                       /* Mastercard */
        {300000, 305999, 1u << 14 | 1u << 16},            /* Diners Club */
        {309500, 309599, 1u << 14 | 1u << 16},            /* Diners Club */
        {340000, 349999, 1u << 15},                       /* American Express */
        {352800, 358999, 0xf0000u},                       /* JCB: 16 to 19 */
        {360000, 369999, 0xfc000u},                       /* Diners Club: 14 to 19 */
        {370000, 379999, 1u << 15},                       /* American Express */
        {380000, 399999, 1u << 14 | 1u << 16},            /* Diners Club */
        {400000, 499999, 1u << 13 | 1u << 16 | 1u << 19}, /* Visa */
        {501800, 501899, 0xff000u},                       /* Maestro: 12 to 19 */
        {502000, 502099, 0xff000u},                       /* Maestro */
        {503800, 503899, 0xff000u},                       /* Maestro */
        {510000, 559999, 1u << 16},                       /* Mastercard */
        {561000, 561099, 1u << 16},                       /* Bankcard */
        {589300, 589399, 0xff000u},                       /* Maestro */
        {601100, 601199, 0xf0000u},                       /* Discover: 16 to 19 */
        {620000, 629999, 0xf0000u},                       /* UnionPay: 16 to 19 */
        {630400, 630499, 0xff000u},                       /* Maestro */
        {644000, 659999, 0xf0000u},                       /* Discover */
        {675900, 676399, 0xff000u},                       /* Maestro */
        {810000, 817199, 0xf0000u},                       /* UnionPay, later ranges */
        {220000, 220499, 0xf0000u},                       /* Mir */
    };
    int head = detect_number(s, 6);
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (head >= ranges[i].from && head <= ranges[i].to && (ranges[i].lengths >> len & 1))
            return true;
    }
    return false;
}

enum detect_match detect_bank_card(const struct detect_code *code, int today) {
    (void)today;
    if (!detect_luhn_digits(code->at, code->len) || memcmp(code->at, "000000", 6) == 0)
        return DETECT_NO;
    return is_issued(code->at, code->len) ? DETECT_SURE : DETECT_WEAK;
}

enum detect_match detect_imei(const struct detect_code *code, int today) {
    (void)today;
    return sure_if(memcmp(code->at, "00000000", 8) != 0 && detect_luhn_digits(code->at, 15));
}

/*
 * ISO 13616 registry: of each country what follows the two check digits. n digits, a capital
 * letters, c either. Sorted, for bsearch.
 */
struct iban {
    char country[3];
    char form[20];
};
static const struct iban ibans[] = {
    {"AD", "8n12c"},    {"AE", "19n"},      {"AL", "8n16c"},    {"AT", "16n"},
    {"AZ", "4a20c"},    {"BA", "16n"},      {"BE", "12n"},      {"BG", "4a6n8c"},
    {"BH", "4a14c"},    {"BI", "23n"},      {"BR", "23n1a1c"},  {"BY", "4c4n16c"},
    {"CH", "5n12c"},    {"CR", "18n"},      {"CY", "8n16c"},    {"CZ", "20n"},
    {"DE", "18n"},      {"DJ", "23n"},      {"DK", "14n"},      {"DO", "4c20n"},
    {"EE", "16n"},      {"EG", "25n"},      {"ES", "20n"},      {"FI", "14n"},
    {"FK", "2a12n"},    {"FO", "14n"},      {"FR", "10n11c2n"}, {"GB", "4a14n"},
    {"GE", "2a16n"},    {"GI", "4a15c"},    {"GL", "14n"},      {"GR", "7n16c"},
    {"GT", "4c20c"},    {"HN", "4a20n"},    {"HR", "17n"},      {"HU", "24n"},
    {"IE", "4a14n"},    {"IL", "19n"},      {"IQ", "4a15n"},    {"IS", "22n"},
    {"IT", "1a10n12c"}, {"JO", "4a4n18c"},  {"KW", "4a22c"},    {"KZ", "3n13c"},
    {"LB", "4n20c"},    {"LC", "4a24c"},    {"LI", "5n12c"},    {"LT", "16n"},
    {"LU", "3n13c"},    {"LV", "4a13c"},    {"LY", "21n"},      {"MC", "10n11c2n"},
    {"MD", "2c18c"},    {"ME", "18n"},      {"MK", "3n10c2n"},  {"MN", "16n"},
    {"MR", "23n"},      {"MT", "4a5n18c"},  {"MU", "4a19n3a"},  {"NI", "4a20n"},
    {"NL", "4a10n"},    {"NO", "11n"},      {"OM", "3n16c"},    {"PK", "4a16c"},
    {"PL", "24n"},      {"PS", "4a21c"},    {"PT", "21n"},      {"QA", "4a21c"},
    {"RO", "4a16c"},    {"RS", "18n"},      {"RU", "14n15c"},   {"SA", "2n18c"},
    {"SC", "4a20n3a"},  {"SD", "14n"},      {"SE", "20n"},      {"SI", "15n"},
    {"SK", "20n"},      {"SM", "1a10n12c"}, {"SO", "19n"},      {"ST", "21n"},
    {"SV", "4a20n"},    {"TL", "19n"},      {"TN", "20n"},      {"TR", "5n1n16c"},
    {"UA", "6n19c"},    {"VA", "18n"},      {"VG", "4a16n"},    {"XK", "16n"},
    {"YE", "4a4n18c"},
};

static int compare_country(const void *key, const void *row) {
    return memcmp(key, ((const struct iban *)row)->country, 2);
}

static bool has_form(const char *s, const char *form) {
    while (*form) {
        char *kind;
        unsigned long count = strtoul(form, &kind, 10);
        for (unsigned long i = 0; i < count; i++, s++) {
            bool is_digit = detect_is_digit(*s), is_letter = detect_is_letter(*s);
            if (*kind == 'n' ? !is_digit : *kind == 'a' ? !is_letter : !is_digit && !is_letter)
                return false;
        }
        form = kind + 1;
    }
    return *s == '\0';
}

enum detect_match detect_iban(const struct detect_code *code, int today) {
    (void)today;
    const char *s = code->at;
    const struct iban *row =
        bsearch(s, ibans, sizeof(ibans) / sizeof(ibans[0]), sizeof(ibans[0]), compare_country);
    if (!row || !detect_is_digit(s[2]) || !detect_is_digit(s[3]) || !has_form(s + 4, row->form))
        return DETECT_NO;
    char turned[DETECT_CODE_MAX];
    memcpy(turned, s + 4, code->len - 4);
    memcpy(turned + code->len - 4, s, 4);
    return sure_if(detect_mod_97(turned, code->len));
}

/* ISO 6166: two letters of a country (or X.), nine characters, a check digit. */
enum detect_match detect_isin(const struct detect_code *code, int today) {
    (void)today;
    const char *s = code->at;
    return sure_if(detect_is_letter(s[0]) && detect_is_letter(s[1]) && detect_is_digit(s[11]) &&
                   code->digits >= 3 && detect_luhn(s, 12));
}

/* ISO 17442: 18 characters and two check digits. */
enum detect_match detect_lei(const struct detect_code *code, int today) {
    (void)today;
    const char *s = code->at;
    return sure_if(detect_is_digit(s[18]) && detect_is_digit(s[19]) && code->digits < 20 &&
                   detect_mod_97(s, 20));
}
