/* Telephone numbers of the world: international form, the North American plan, and what only a word
   nearby can make a number of somebody. */
#include "detect/detect_impl.h"

#include <string.h>

enum { MOST_DIGITS = 15 }; /* ITU-T E.164 6.2.1 */

/* Country codes by first digits: zones 1 and 7, else two digits, or three where the two are here.
 */
static size_t country_code(const char *digits) {
    static const char *const two =
        " 20 27 28 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 "
        "53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 "
        "94 95 98 ";
    static const char *const three = " 21 22 23 24 25 26 29 35 37 38 42 50 59 67 68 69 80 85 87 88 "
                                     "96 97 99 ";
    char padded[5] = {' ', digits[0], digits[1], ' ', '\0'};
    if (digits[0] == '1' || digits[0] == '7')
        return 1;
    return strstr(two, padded) ? 2 : strstr(three, padded) ? 3 : 0;
}

struct number {
    char digits[MOST_DIGITS + 4];
    size_t count, groups;
    uint8_t sizes[MOST_DIGITS + 4]; /* of the groups */
    bool is_international, has_bracket, has_extension;
};

/* Digits with spaces, hyphens, dots, slashes and one pair of brackets; "x123" or "#12" may follow.
 */
static bool read_number(pd_str s, struct number *n) {
    *n = (struct number){0};
    bool in_bracket = false, before_is_digit = false;
    size_t i = 0;
    if (s.len > 0 && s.data[0] == '+') {
        n->is_international = true;
        i = 1;
    }
    for (; i < s.len; i++) {
        char c = s.data[i];
        if (detect_is_digit(c)) {
            if (n->count == sizeof(n->digits) - 1)
                return false;
            n->groups += !before_is_digit;
            n->sizes[n->groups - 1]++;
            n->digits[n->count++] = c;
        } else if (c == '(') {
            if (n->has_bracket)
                return false;
            n->has_bracket = in_bracket = true;
        } else if (c == ')') {
            if (!in_bracket || !before_is_digit)
                return false;
            in_bracket = false;
        } else if ((c == 'x' || c == '#') && before_is_digit && n->count >= 7) {
            pd_str extension = pd_str_sub(s, i + 1, s.len);
            n->has_extension = true;
            for (size_t k = 0; k < extension.len; k++) {
                if (!detect_is_digit(extension.data[k]))
                    return false;
            }
            return !in_bracket && extension.len >= 1 && extension.len <= 6;
        } else if (c == ' ' || c == '-' || c == '.' || c == '/') {
            bool is_doubled = i > 0 && (s.data[i - 1] == c || s.data[i - 1] == '-');
            if (n->count == 0 || is_doubled)
                return false;
        } else {
            return false;
        }
        before_is_digit = detect_is_digit(c);
    }
    return !in_bracket && before_is_digit;
}

/* 905-674-3793, (905) 674-3793, 1-905-674-3793: area and exchange start at 2, ends of 11 are
   services. */
static bool is_north_american(const struct number *n) {
    size_t first = n->groups == 4 && n->sizes[0] == 1 && n->digits[0] == '1';
    const char *d = n->digits + first;
    const uint8_t *sizes = n->sizes + first;
    if (n->groups - first != 3 || sizes[0] != 3 || sizes[1] != 3 || sizes[2] != 4)
        return false;
    return d[0] >= '2' && d[3] >= '2' && d[1] != '9' && !(d[4] == '1' && d[5] == '1');
}

/* "0.0073190", "-33.4489": a point alone is a decimal's. */
static bool is_decimal(pd_str s) {
    size_t points = 0;
    for (size_t i = 0; i < s.len; i++) {
        points += s.data[i] == '.';
        if (!detect_is_digit(s.data[i]) && s.data[i] != '.')
            return false;
    }
    return points == 1;
}

bool detect_phone_by_form(pd_str s, enum detect_match *out) {
    struct number n;
    size_t plain = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (detect_is_letter(s.data[i])) /* x is a mark */
            return false;
        plain += detect_is_digit(s.data[i]);
    }
    if (s.len == 11 || s.len == 13) /* mobile numbers have numbers of their own */
        return false;
    *out = DETECT_NO;
    if (plain == s.len) {
        *out = plain < 7 || plain > 13 ? DETECT_NO : DETECT_WEAK;
        return true;
    }
    if (!read_number(s, &n) || n.count < 7 || is_decimal(s))
        return true;
    bool is_north_american =
        n.groups == 3 || (n.groups == 4 && n.sizes[0] == 1); /* or could be: it goes by digits */
    if (n.is_international ||
        (is_north_american && n.sizes[n.groups - 1] == 4 && n.sizes[n.groups - 2] == 3))
        return false;
    *out = n.count > 13 ? DETECT_NO : DETECT_WEAK;
    return true;
}

enum detect_match detect_phone(pd_str s) {
    struct number n;
    bool shaped;
    size_t plain = 0;
    while (plain < s.len && detect_is_digit(s.data[plain]))
        plain++;
    if (plain == s.len) /* in no groups: the same as below, sooner */
        return plain < 7 || plain > 13 || detect_cn_mobile(s, &shaped) ? DETECT_NO : DETECT_WEAK;
    if (!read_number(s, &n) || n.count < 7 || is_decimal(s) || detect_cn_mobile(s, &shaped))
        return DETECT_NO;
    if (!n.is_international && n.count > 4 && memcmp(n.digits, "00", 2) == 0 && n.groups > 1 &&
        n.sizes[0] >= 2) {
        n.is_international = true;
        n.count -= 2;
        memmove(n.digits, n.digits + 2, n.count);
    }
    if (n.is_international) {
        size_t code = country_code(n.digits);
        bool has_trunk = n.has_bracket && n.digits[code] == '0'; /* +46 (0)8 ... */
        size_t count = n.count - has_trunk;
        return code > 0 && count >= code + 5 && count <= MOST_DIGITS ? DETECT_SURE : DETECT_NO;
    }
    if (n.count > 13)
        return DETECT_NO;
    return is_north_american(&n) ? DETECT_SURE : DETECT_WEAK;
}
