/* The arithmetic of check digits. */
#include "detect/detect_impl.h"

#include <string.h>

static int value_of(char c) {
    return detect_is_digit(c) ? c - '0' : detect_upper(c) - 'A' + 10;
}

int detect_weigh(const char *s, const int *weights, size_t count) {
    int sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += weights[i] * value_of(s[i]);
    return sum;
}

static int luhn_digit(int digit, bool is_doubled) {
    if (!is_doubled)
        return digit;
    return digit > 4 ? digit * 2 - 9 : digit * 2;
}

bool detect_luhn_digits(const char *s, size_t len) {
    static const uint8_t doubled[10] = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
    int sum = 0;
    size_t i = len;
    for (; i > 1; i -= 2)
        sum += s[i - 1] - '0' + doubled[s[i - 2] - '0'];
    return (sum + (i == 1 ? s[0] - '0' : 0)) % 10 == 0;
}

bool detect_luhn(const char *s, size_t len) {
    int sum = 0;
    bool is_doubled = false;
    for (size_t i = len; i-- > 0;) {
        if (detect_is_digit(s[i])) {
            sum += luhn_digit(s[i] - '0', is_doubled);
            is_doubled = !is_doubled;
            continue;
        }
        int value = value_of(s[i]);
        sum += luhn_digit(value % 10, is_doubled);
        is_doubled = !is_doubled;
        if (value >= 10) {
            sum += luhn_digit(value / 10, is_doubled);
            is_doubled = !is_doubled;
        }
    }
    return sum % 10 == 0;
}

bool detect_mod_97(const char *s, size_t len) {
    int rest = 0;
    for (size_t i = 0; i < len; i++) {
        int value = value_of(s[i]);
        rest = (rest * (value >= 10 ? 100 : 10) + value) % 97;
    }
    return rest == 1;
}

bool detect_mod_11_10(const char *s, size_t len) {
    int product = 10;
    for (size_t i = 0; i + 1 < len; i++) {
        int sum = (product + (s[i] - '0')) % 10;
        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return (product + (s[len - 1] - '0')) % 10 == 1;
}

bool detect_mod_11_2(const char *s, size_t len) {
    int rest = 0;
    for (size_t i = 0; i + 1 < len; i++)
        rest = (rest + (s[i] - '0')) * 2 % 11;
    char last = detect_upper(s[len - 1]);
    return (rest + (last == 'X' ? 10 : last - '0')) % 11 == 1;
}

bool detect_mod_37_36(const char *s, size_t len) {
    int product = 36;
    for (size_t i = 0; i + 1 < len; i++) {
        int sum = (product + value_of(s[i])) % 36;
        product = (sum == 0 ? 36 : sum) * 2 % 37;
    }
    return (product + value_of(s[len - 1])) % 36 == 1;
}

bool detect_verhoeff(const char *s, size_t len) {
    static const char product[10][11] = {"0123456789", "1234067895", "2340178956", "3401289567",
                                         "4012395678", "5987604321", "6598710432", "7659821043",
                                         "8765932104", "9876543210"};
    static const char permutation[8][11] = {"0123456789", "1576283094", "5803796142", "8916043527",
                                            "9453126870", "4286573901", "2793806415", "7046913258"};
    int check = 0;
    for (size_t i = 0; i < len; i++) {
        int digit = permutation[i % 8][s[len - 1 - i] - '0'] - '0';
        check = product[check][digit] - '0';
    }
    return check == 0;
}

bool detect_damm(const char *s, size_t len) {
    static const char table[10][11] = {"0317598642", "7092154863", "4206871359", "1750983426",
                                       "6123045978", "3674209581", "5869720134", "8945362017",
                                       "9438617205", "2581436790"};
    int check = 0;
    for (size_t i = 0; i < len; i++)
        check = table[check][s[i] - '0'] - '0';
    return check == 0;
}

bool detect_ean(const char *s, size_t len) {
    int sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += (s[len - 1 - i] - '0') * (i % 2 ? 3 : 1);
    return sum % 10 == 0;
}

bool detect_is_birth_day(int year, int month, int day, int today) {
    bool is_in_any = month >= 1 && month <= 12 && day >= 1 && day <= 28;
    return year > 1900 && year < 10000 && (is_in_any || pd_civil_is_date(year, month, day)) &&
           year * 10000 + month * 100 + day <= today;
}
