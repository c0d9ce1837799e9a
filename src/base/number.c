#include "base/number_impl.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool pd_parse_u64(pd_str s, uint64_t *out) {
    uint64_t value = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!is_digit(s.data[i]) || __builtin_mul_overflow(value, UINT64_C(10), &value) ||
            __builtin_add_overflow(value, (uint64_t)(s.data[i] - '0'), &value))
            return false;
    }
    if (s.len == 0)
        return false;
    *out = value;
    return true;
}

bool pd_parse_i64(pd_str s, int64_t *out) {
    bool negative = s.len > 0 && s.data[0] == '-';
    uint64_t magnitude;
    if (!pd_parse_u64(pd_str_sub(s, negative ? 1 : 0, s.len), &magnitude))
        return false;
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    *out = (int64_t)(negative ? 0 - magnitude : magnitude);
    return true;
}

/**
 * A decimal number read exactly: 0 or digits x 10^exponent. A double is decided by at most 767
 * significant digits and by whether anything but zeros comes after them.
 */
struct decimal {
    char digits[800];
    size_t count;
    int64_t exponent;
    bool is_negative;
    bool has_more; /* a digit other than zero was left out */
};

static void decimal_digit(struct decimal *d, char c, bool in_fraction) {
    if (d->count == 0 && c == '0') {
        d->exponent -= in_fraction;
    } else if (d->count < sizeof(d->digits)) {
        d->digits[d->count++] = c;
        d->exponent -= in_fraction;
    } else {
        d->has_more |= c != '0';
        d->exponent += !in_fraction;
    }
}

/** Reads digits from s[*at] on; false if there are none. */
static bool decimal_digits(struct decimal *d, pd_str s, size_t *at, bool in_fraction) {
    size_t from = *at;
    for (; *at < s.len && is_digit(s.data[*at]); ++*at)
        decimal_digit(d, s.data[*at], in_fraction);
    return *at > from;
}

static bool decimal_parse(pd_str s, struct decimal *d) {
    d->count = 0;
    d->exponent = 0;
    d->has_more = false;
    size_t at = 0;
    d->is_negative = s.len > 0 && s.data[0] == '-';
    at += d->is_negative;
    if (!decimal_digits(d, s, &at, false))
        return false;
    if (at < s.len && s.data[at] == '.') {
        at++;
        if (!decimal_digits(d, s, &at, true))
            return false;
    }
    if (at == s.len)
        return true;
    if (s.data[at] != 'e' && s.data[at] != 'E')
        return false;
    at++;
    bool down = at < s.len && s.data[at] == '-';
    at += at < s.len && (s.data[at] == '-' || s.data[at] == '+');
    if (at == s.len)
        return false;
    int64_t exponent = 0;
    for (; at < s.len; at++) {
        if (!is_digit(s.data[at]))
            return false;
        if (exponent < INT64_C(100000000000000000))
            exponent = exponent * 10 + (s.data[at] - '0');
    }
    d->exponent += down ? -exponent : exponent;
    return true;
}

/** Of d != 0 without its sign; infinity if it is too large for a double. */
static double decimal_value(const struct decimal *d) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->count <= 15 && d->exponent >= -22 && d->exponent <= 22) {
        /* Both operands are exact doubles, so one operation rounds once, as it should. */
        int64_t digits = 0;
        for (size_t i = 0; i < d->count; i++)
            digits = digits * 10 + (d->digits[i] - '0');
        return d->exponent < 0 ? (double)digits / powers[-d->exponent]
                               : (double)digits * powers[d->exponent];
    }
    int64_t magnitude = d->exponent + (int64_t)d->count;
    if (magnitude > 310)
        return HUGE_VAL;
    if (magnitude < -330)
        return 0;
    /* Without a decimal point, strtod means the same in every locale. */
    char text[sizeof(d->digits) + 32];
    memcpy(text, d->digits, d->count);
    snprintf(text + d->count, sizeof(text) - d->count, "%se%lld", d->has_more ? "1" : "",
             (long long)d->exponent - d->has_more);
    return strtod(text, NULL);
}

bool pd_parse_double(pd_str s, double *out) {
    struct decimal decimal;
    if (!decimal_parse(s, &decimal))
        return false;
    double value = decimal.count == 0 ? 0 : decimal_value(&decimal);
    if (isinf(value))
        return false;
    *out = decimal.is_negative ? -value : value;
    return true;
}

enum { MAX_DIGITS = 17 }; /* always enough to read a double back */

/** Correctly rounded digits of d > 0; the value is 0.DIGITS x 10^*point. */
static void digits_round(double d, int count, char digits[MAX_DIGITS + 1], int *point) {
    char text[MAX_DIGITS + 24];
    snprintf(text, sizeof(text), "%.*e", count - 1, d);
    const char *in = text;
    char *out = digits;
    for (; *in != 'e'; in++)
        if (is_digit(*in)) /* passes over the locale's decimal point */
            *out++ = *in;
    *out = '\0';
    *point = (int)strtol(in + 1, NULL, 10) + 1;
}

static bool digits_read_back(const char *digits, int point, double d) {
    char text[MAX_DIGITS + 24];
    snprintf(text, sizeof(text), "%se%d", digits, point - (int)strlen(digits));
    return strtod(text, NULL) == d;
}

/** Adds one in the last place. */
static void digits_increment(char *digits, int *point) {
    size_t i = strlen(digits);
    while (i > 0 && digits[i - 1] == '9')
        digits[--i] = '0';
    if (i > 0) {
        digits[i - 1]++;
        return;
    }
    digits[0] = '1';
    ++*point;
}

/** The fewest digits that read back as d > 0, and of those the nearest to it. */
static void digits_shortest(double d, char digits[MAX_DIGITS + 1], int *point) {
    int unused;
    bool is_power_of_two = frexp(d, &unused) == 0.5;
    /* A decimal of up to 15 digits survives the way through a normal double: if there is a short
       form, rounding to 15 digits finds it, followed by zeros. Subnormals carry fewer digits. */
    int count = d < DBL_MIN ? 1 : DBL_DIG;
    for (; count < MAX_DIGITS; count++) {
        digits_round(d, count, digits, point);
        if (digits_read_back(digits, *point, d))
            break;
        /* Above a power of two doubles lie twice as far apart as below it: the next decimal up may
           read back where the nearest, being below, does not (2^-44 = 5.684341886080802e-14). */
        if (is_power_of_two) {
            digits_increment(digits, point);
            if (digits_read_back(digits, *point, d))
                break;
        }
    }
    if (count == MAX_DIGITS)
        digits_round(d, MAX_DIGITS, digits, point);
    size_t len = strlen(digits);
    while (len > 1 && digits[len - 1] == '0')
        len--;
    digits[len] = '\0';
}

size_t pd_number_write(double d, char out[PD_NUMBER_TEXT_SIZE]) {
    size_t at = 0;
    if (d < 0)
        out[at++] = '-';
    if (d == 0) /* minus zero too */
        return (size_t)snprintf(out, PD_NUMBER_TEXT_SIZE, "0");
    char digits[MAX_DIGITS + 1];
    int point;
    digits_shortest(fabs(d), digits, &point);
    int count = (int)strlen(digits);

    static const char zeros[] = "000000000000000000000";
    char *text = out + at;
    size_t size = PD_NUMBER_TEXT_SIZE - at;
    int n;
    if (point > 21 || point <= -6)
        n = snprintf(text, size, "%c%s%se%+d", digits[0], count > 1 ? "." : "", digits + 1,
                     point - 1);
    else if (point <= 0)
        n = snprintf(text, size, "0.%.*s%s", -point, zeros, digits);
    else if (point < count)
        n = snprintf(text, size, "%.*s.%s", point, digits, digits + point);
    else
        n = snprintf(text, size, "%s%.*s", digits, point - count, zeros);
    return at + (size_t)n;
}
