/* Decimal numbers with their own digits: compared and added without rounding. */
#include "standard/standard_impl.h"

#include <string.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static const char *read_exponent(pd_str text, size_t at, int64_t *out) {
    bool is_negative = at < text.len && text.data[at] == '-';
    int64_t n = 0;
    at += at < text.len && (text.data[at] == '-' || text.data[at] == '+');
    if (at == text.len)
        return "its exponent has no digits";
    for (; at < text.len; at++) {
        if (!is_digit(text.data[at]))
            return "it is no number";
        n = n * 10 + (text.data[at] - '0');
        if (n > 1000000)
            return "its exponent is beyond a million";
    }
    *out = is_negative ? -n : n;
    return NULL;
}

const char *decimal_parse(pd_str text, struct decimal *out) {
    struct decimal d = {.sign = 1};
    size_t at = 0, zeros = 0;
    int64_t whole = 0, exponent = 0;
    bool has_digit = false, has_point = false;
    if (at < text.len && (text.data[at] == '-' || text.data[at] == '+'))
        d.sign = text.data[at++] == '-' ? -1 : 1;
    for (; at < text.len && (is_digit(text.data[at]) || text.data[at] == '.'); at++) {
        char c = text.data[at];
        if (c == '.') {
            if (has_point)
                return "it has two decimal points";
            has_point = true;
            continue;
        }
        has_digit = true;
        if (c == '0' && d.count == 0) {
            whole -= has_point; /* a zero before the first digit that counts */
            continue;
        }
        whole += !has_point;
        if (c == '0') {
            zeros++;
            continue;
        }
        if (d.count + zeros + 1 > DECIMAL_DIGITS)
            return "it has more than 80 significant digits";
        for (; zeros > 0; zeros--)
            d.digits[d.count++] = '0';
        d.digits[d.count++] = c;
    }
    if (!has_digit)
        return "it is no number";
    if (at < text.len) {
        if (text.data[at] != 'e' && text.data[at] != 'E')
            return "it is no number";
        const char *why = read_exponent(text, at + 1, &exponent);
        if (why)
            return why;
    }
    if (d.count == 0)
        d.sign = 0;
    d.exponent = d.count ? whole + exponent : 0;
    *out = d;
    return NULL;
}

static int compare_sizes(const struct decimal *a, const struct decimal *b) {
    if (a->kind || b->kind)
        return (a->kind != 0) - (b->kind != 0);
    if (a->exponent != b->exponent)
        return a->exponent < b->exponent ? -1 : 1;
    size_t least = a->count < b->count ? a->count : b->count;
    int by_digits = memcmp(a->digits, b->digits, least);
    return by_digits ? (by_digits < 0 ? -1 : 1) : (a->count > b->count) - (a->count < b->count);
}

int decimal_compare(const struct decimal *a, const struct decimal *b) {
    if (a->kind == 'N' || b->kind == 'N')
        return (a->kind == 'N') - (b->kind == 'N');
    if (a->sign != b->sign)
        return a->sign < b->sign ? -1 : 1;
    return a->sign * compare_sizes(a, b);
}

int64_t decimal_scale(const struct decimal *d) {
    int64_t scale = d->count - d->exponent;
    return scale > 0 ? scale : 0;
}

bool decimal_units(const struct decimal *d, int scale, __int128 *out) {
    __int128 n = 0;
    if (d->kind || d->exponent + scale > 38 || decimal_scale(d) > scale)
        return false;
    int64_t places = d->sign ? d->exponent + scale : 0;
    for (int64_t i = 0; i < places; i++) {
        int digit = i < d->count ? d->digits[i] - '0' : 0;
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, digit, &n))
            return false;
    }
    *out = d->sign < 0 ? -n : n;
    return true;
}
