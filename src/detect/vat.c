/* Value added tax numbers of the European Union and of the United Kingdom, behind their prefix. */
#include "detect/detect_impl.h"

#include <stdlib.h>
#include <string.h>

/* Each check gets what stands behind the prefix: `len` characters, of the length in its row. */
typedef bool vat_check(const char *s, size_t len);

static bool all_digits(const char *s, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (!detect_is_digit(s[i]))
            return false;
    }
    return true;
}

static int weigh(const char *s, const char *weights) {
    int sum = 0;
    for (size_t i = 0; weights[i]; i++) /* 'A' stands for ten */
        sum += (weights[i] == 'A' ? 10 : weights[i] - '0') * (s[i] - '0');
    return sum;
}

static bool is_at(const char *s, size_t len) {
    if (s[0] != 'U' || !all_digits(s + 1, len - 1))
        return false;
    int sum = 4;
    for (int i = 1; i <= 7; i++) {
        int d = (s[i] - '0') * (i % 2 ? 1 : 2);
        sum += d / 10 + d % 10;
    }
    return (10 - sum % 10) % 10 == s[8] - '0';
}

static bool is_be(const char *s, size_t len) {
    if (!all_digits(s, len) || (len == 10 && s[0] > '1'))
        return false;
    return 97 - detect_number(s, len - 2) % 97 == detect_number(s + len - 2, 2);
}

/* Legal persons; the ten digits of natural persons carry their own number: EGN, foreigner, other.
 */
static bool is_bg(const char *s, size_t len) {
    if (!all_digits(s, len))
        return false;
    if (len == 9) {
        int rest = weigh(s, "12345678") % 11;
        if (rest == 10)
            rest = weigh(s, "3456789A") % 11 % 10;
        return rest == s[8] - '0';
    }
    static const int egn[9] = {2, 4, 8, 5, 10, 9, 7, 3, 6};
    static const int foreigner[9] = {21, 19, 17, 13, 11, 9, 7, 3, 1};
    static const int other[9] = {4, 3, 2, 7, 6, 5, 4, 3, 2};
    int last = s[9] - '0', rest = 11 - detect_weigh(s, other, 9) % 11;
    return detect_weigh(s, egn, 9) % 11 % 10 == last ||
           detect_weigh(s, foreigner, 9) % 10 == last || (rest != 10 && rest % 11 == last);
}

static bool is_cy(const char *s, size_t len) {
    static const int odd[10] = {1, 0, 5, 7, 9, 13, 15, 17, 19, 21};
    if (!all_digits(s, len - 1) || memcmp(s, "12", 2) == 0)
        return false;
    int sum = 0;
    for (int i = 0; i < 8; i++)
        sum += i % 2 ? s[i] - '0' : odd[s[i] - '0'];
    return s[8] == 'A' + sum % 26;
}

/* Eight digits for firms; natural persons have their birth number of nine or ten. */
static bool is_cz(const char *s, size_t len) {
    if (!all_digits(s, len))
        return false;
    if (len == 8) {
        int check = 11 - weigh(s, "8765432") % 11;
        return s[0] != '9' && (check == 11 ? 1 : check == 10 ? 0 : check) == s[7] - '0';
    }
    int month = detect_number(s + 2, 2) % 50, day = detect_number(s + 4, 2);
    bool is_day = month % 20 >= 1 && month % 20 <= 12 && day >= 1 && day <= 31;
    return is_day && len == 10 && detect_number(s, 9) % 11 % 10 == s[9] - '0';
}

static bool is_mod_11_10(const char *s, size_t len) {
    return all_digits(s, len) && detect_mod_11_10(s, len);
}

static bool is_de(const char *s, size_t len) {
    return s[0] != '0' && is_mod_11_10(s, len);
}

static bool is_dk(const char *s, size_t len) {
    return all_digits(s, len) && s[0] != '0' && weigh(s, "27654321") % 11 == 0;
}

static bool is_ee(const char *s, size_t len) {
    return all_digits(s, len) && weigh(s, "371371371") % 10 == 0;
}

static bool is_el(const char *s, size_t len) {
    static const int powers[8] = {256, 128, 64, 32, 16, 8, 4, 2};
    return all_digits(s, len) && detect_weigh(s, powers, 8) % 11 % 10 == s[8] - '0';
}

/* DNI, NIE (a letter at the end by modulo 23), CIF (Luhn, as a digit or a letter). */
static bool is_es(const char *s, size_t len) {
    static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";
    if (!all_digits(s + 1, len - 2))
        return false;
    const char *foreign = strchr("XYZ", s[0]);
    if (detect_is_digit(s[0]) || foreign) {
        int head = foreign ? s[0] - 'X' : s[0] - '0';
        return letters[(head * 10000000 + detect_number(s + 1, 7)) % 23] == s[8];
    }
    if (!strchr("ABCDEFGHJKLMNPQRSUVW", s[0]))
        return false;
    int sum = 0;
    for (int i = 1; i <= 7; i++) {
        int d = (s[i] - '0') * (i % 2 ? 2 : 1);
        sum += d / 10 + d % 10;
    }
    int check = (10 - sum % 10) % 10;
    return s[8] == '0' + check || s[8] == "JABCDEFGHI"[check];
}

static bool is_fi(const char *s, size_t len) {
    return all_digits(s, len) && weigh(s, "79A58421") % 11 == 0;
}

/* Two digits of key before the SIREN; keys with a letter have no published rule beyond it. */
static bool is_fr(const char *s, size_t len) {
    if (!all_digits(s + 2, len - 2))
        return false;
    bool is_monaco = memcmp(s + 2, "000", 3) == 0;
    if (!is_monaco && !detect_luhn(s + 2, 9))
        return false;
    if (!all_digits(s, 2))
        return strchr("IO", s[0]) == NULL && strchr("IO", s[1]) == NULL;
    return detect_number(s, 2) == (12 + 3 * (detect_number(s + 2, 9) % 97)) % 97;
}

static bool is_gb(const char *s, size_t len) {
    if (!all_digits(s, len))
        return false;
    int rest = (weigh(s, "8765432") + detect_number(s + 7, 2)) % 97;
    return rest == 0 || rest == 42 || (detect_number(s, 3) >= 100 && rest == 55);
}

static bool is_hu(const char *s, size_t len) {
    return all_digits(s, len) && weigh(s, "97319731") % 10 == 0;
}

static bool is_ie(const char *s, size_t len) {
    static const char letters[] = "WABCDEFGHIJKLMNOPQRSTUV";
    if (!all_digits(s, 7) || !detect_is_letter(s[7]) || (len == 9 && !detect_is_letter(s[8])))
        return false;
    int sum = weigh(s, "8765432");
    if (len == 9)
        sum += 9 * (s[8] == 'W' ? 0 : s[8] - 'A' + 1);
    return letters[sum % 23] == s[7];
}

static bool is_it(const char *s, size_t len) {
    if (!all_digits(s, len) || !detect_luhn(s, len) || memcmp(s, "0000000", 7) == 0)
        return false;
    int province = detect_number(s + 7, 3);
    return (province >= 1 && province <= 100) || province == 120 || province == 121 ||
           province == 888 || province == 999;
}

static bool is_lt(const char *s, size_t len) {
    if (!all_digits(s, len) || s[len - 2] != '1')
        return false;
    int sum = 0, again = 0;
    for (size_t i = 0; i < len - 1; i++) {
        sum += (int)(1 + i % 9) * (s[i] - '0');
        again += (int)(1 + (i + 2) % 9) * (s[i] - '0');
    }
    int rest = sum % 11 == 10 ? again % 11 % 10 : sum % 11;
    return rest == s[len - 1] - '0';
}

static bool is_lu(const char *s, size_t len) {
    return all_digits(s, len) && detect_number(s, 6) % 89 == detect_number(s + 6, 2);
}

static bool is_lv(const char *s, size_t len) {
    return all_digits(s, len) && s[0] > '3' && weigh(s, "91483A25761") % 11 == 3;
}

static bool is_mt(const char *s, size_t len) {
    return all_digits(s, len) && s[0] != '0' && weigh(s, "346789A1") % 37 == 0;
}

static bool is_nl(const char *s, size_t len) {
    if (!all_digits(s, 9) || s[9] != 'B' || !all_digits(s + 10, 2) || memcmp(s + 10, "00", 2) == 0)
        return false;
    if (weigh(s, "98765432") % 11 == s[8] - '0')
        return true;
    char whole[16] = "NL";
    memcpy(whole + 2, s, len);
    return detect_mod_97(whole, len + 2);
}

static bool is_pl(const char *s, size_t len) {
    return all_digits(s, len) && weigh(s, "657234567") % 11 == s[9] - '0';
}

static bool is_pt(const char *s, size_t len) {
    if (!all_digits(s, len) || s[0] == '0')
        return false;
    int check = 11 - weigh(s, "98765432") % 11;
    return (check >= 10 ? 0 : check) == s[8] - '0';
}

static bool is_ro(const char *s, size_t len) {
    char padded[11];
    if (!all_digits(s, len) || s[0] == '0')
        return false;
    memset(padded, '0', 10);
    memcpy(padded + 10 - len, s, len);
    return weigh(padded, "753217532") * 10 % 11 % 10 == padded[9] - '0';
}

static bool is_se(const char *s, size_t len) {
    return all_digits(s, len) && detect_luhn(s, 10) && memcmp(s + 10, "01", 2) == 0;
}

static bool is_si(const char *s, size_t len) {
    int check = all_digits(s, len) ? 11 - weigh(s, "8765432") % 11 : 11;
    return s[0] != '0' && check != 11 && check % 10 == s[7] - '0';
}

static bool is_sk(const char *s, size_t len) {
    return all_digits(s, len) && s[0] != '0' && strchr("234789", s[2]) &&
           (detect_number(s, 9) % 11 * 10 + (s[9] - '0')) % 11 == 0;
}

/* Sorted by prefix. EL is Greece; XI is Northern Ireland, which trades goods as in the Union. */
struct vat {
    char prefix[3];
    uint16_t lengths; /* bit n: n characters behind the prefix */
    vat_check *check;
};
static const struct vat vats[] = {
    {"AT", 1 << 9, is_at},           {"BE", 1 << 9 | 1 << 10, is_be},
    {"BG", 1 << 9 | 1 << 10, is_bg}, {"CY", 1 << 9, is_cy},
    {"CZ", 1 << 8 | 1 << 10, is_cz}, {"DE", 1 << 9, is_de},
    {"DK", 1 << 8, is_dk},           {"EE", 1 << 9, is_ee},
    {"EL", 1 << 9, is_el},           {"ES", 1 << 9, is_es},
    {"FI", 1 << 8, is_fi},           {"FR", 1 << 11, is_fr},
    {"GB", 1 << 9 | 1 << 12, is_gb}, {"GR", 1 << 9, is_el},
    {"HR", 1 << 11, is_mod_11_10},   {"HU", 1 << 8, is_hu},
    {"IE", 1 << 8 | 1 << 9, is_ie},  {"IT", 1 << 11, is_it},
    {"LT", 1 << 9 | 1 << 12, is_lt}, {"LU", 1 << 8, is_lu},
    {"LV", 1 << 11, is_lv},          {"MT", 1 << 8, is_mt},
    {"NL", 1 << 12, is_nl},          {"PL", 1 << 10, is_pl},
    {"PT", 1 << 9, is_pt},           {"RO", 0x7fc, is_ro},
    {"SE", 1 << 12, is_se},          {"SI", 1 << 8, is_si},
    {"SK", 1 << 10, is_sk},          {"XI", 1 << 9 | 1 << 12, is_gb},
};

bool detect_may_be_vat(char first, char second) {
#define AS(letter) ((uint32_t)1 << ((letter)&31))
    static const uint32_t seconds[32] = {
        ['A' & 31] = AS('T'),
        ['B' & 31] = AS('E') | AS('G'),
        ['C' & 31] = AS('Y') | AS('Z'),
        ['D' & 31] = AS('E') | AS('K'),
        ['E' & 31] = AS('E') | AS('L') | AS('S'),
        ['F' & 31] = AS('I') | AS('R'),
        ['G' & 31] = AS('B') | AS('R'),
        ['H' & 31] = AS('R') | AS('U'),
        ['I' & 31] = AS('E') | AS('T'),
        ['L' & 31] = AS('T') | AS('U') | AS('V'),
        ['M' & 31] = AS('T'),
        ['N' & 31] = AS('L'),
        ['P' & 31] = AS('L') | AS('T'),
        ['R' & 31] = AS('O'),
        ['S' & 31] = AS('E') | AS('I') | AS('K'),
        ['X' & 31] = AS('I'),
    };
#undef AS
    return detect_is_letter(first) && detect_is_letter(second) &&
           (seconds[first & 31] >> (second & 31) & 1) != 0;
}

static int compare_prefix(const void *key, const void *row) {
    return memcmp(key, ((const struct vat *)row)->prefix, 2);
}

enum detect_match detect_eu_vat(const struct detect_code *code, int today) {
    (void)today;
    const struct vat *row =
        bsearch(code->at, vats, sizeof(vats) / sizeof(vats[0]), sizeof(vats[0]), compare_prefix);
    size_t len = code->len - 2;
    /* Offices write them with a space behind the prefix, and dots or spaces inside. */
    if (!row || !(row->lengths >> len & 1) || code->group_count > 6)
        return DETECT_NO;
    return row->check(code->at + 2, len) ? DETECT_SURE : DETECT_NO;
}
