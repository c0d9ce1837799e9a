/* Exact sums of decimals: one 128-bit sum for each number of fraction digits. */
#include "sketch/sketch.h"

enum { DIGITS_MAX = 18 };

static const int64_t tens[DIGITS_MAX + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

int64_t sketch_power_of_ten(int n) {
    return n >= 0 && n <= DIGITS_MAX ? tens[n] : 0;
}

/* digits / 10^scale brought to 0 <= scale <= 18 by the exponent; false if it can't be exact. */
static bool shift(int64_t *digits, int64_t scale, int *out) {
    while (scale > DIGITS_MAX && *digits % 10 == 0 && *digits != 0) {
        *digits /= 10;
        scale--;
    }
    if (*digits == 0)
        scale = 0;
    if (scale > DIGITS_MAX || scale < -DIGITS_MAX)
        return false;
    for (; scale < 0; scale++)
        if (!pd_mul_i64(*digits, 10, digits))
            return false;
    *out = (int)scale;
    return *digits < tens[DIGITS_MAX] && *digits > -tens[DIGITS_MAX];
}

static bool parse_exponent(pd_str text, int64_t *out) {
    bool has_plus = text.len > 1 && text.data[0] == '+' && text.data[1] != '-';
    return text.len <= 6 && pd_parse_i64(pd_str_sub(text, has_plus, text.len), out);
}

bool sketch_decimal_parse(pd_str text, struct sketch_decimal *out) {
    bool is_negative = text.len > 0 && text.data[0] == '-';
    int64_t digits = 0, exponent = 0, scale = 0;
    int significant = 0;
    bool in_fraction = false, has_digit = false;
    size_t i = is_negative;
    for (; i < text.len; i++) {
        char c = text.data[i];
        if (c == '.' && !in_fraction && has_digit) {
            in_fraction = true;
            has_digit = false; /* one must follow */
            continue;
        }
        if (c < '0' || c > '9')
            break;
        has_digit = true;
        significant += significant > 0 || c != '0';
        if (significant > DIGITS_MAX)
            return false;
        scale += in_fraction;
        digits = digits * 10 + (c - '0');
    }
    if (!has_digit)
        return false;
    if (i < text.len && ((text.data[i] | 0x20) != 'e' ||
                         !parse_exponent(pd_str_sub(text, i + 1, text.len), &exponent)))
        return false;
    int shifted;
    if (!shift(&digits, scale - exponent, &shifted))
        return false;
    *out = (struct sketch_decimal){is_negative ? -digits : digits, shifted};
    return true;
}

double sketch_decimal_value(struct sketch_decimal d) {
    return (double)((long double)d.digits / (long double)tens[d.scale]);
}

void sketch_sum_add_times(struct sketch_sum *sum, struct sketch_decimal value, uint64_t times) {
    sum->parts[value.scale] += (sketch_int)value.digits * (sketch_int)times;
    sum->count += times;
}

void sketch_sum_add(struct sketch_sum *sum, struct sketch_decimal value) {
    sketch_sum_add_times(sum, value, 1);
}

void sketch_sum_add_integers(struct sketch_sum *sum, const int64_t *values, size_t count) {
    sketch_int part = 0;
    for (size_t i = 0; i < count; i++)
        part += values[i];
    sum->parts[0] += part;
    sum->count += count;
}

void sketch_sum_add_rounded(struct sketch_sum *sum, double value) {
    sum->rest += value;
    sum->rounded++;
}

void sketch_sum_merge(struct sketch_sum *into, const struct sketch_sum *from) {
    for (int s = 0; s < SKETCH_SUM_SCALES; s++)
        into->parts[s] += from->parts[s];
    into->rest += from->rest;
    into->count += from->count;
    into->rounded += from->rounded;
}

/* The exact part as whole + fraction / 10^18, 0 <= fraction < 10^18. */
static sketch_int whole_and_fraction(const struct sketch_sum *sum, int64_t *fraction) {
    sketch_int whole = 0, rest = 0;
    for (int s = 0; s < SKETCH_SUM_SCALES; s++) {
        sketch_int quotient = sum->parts[s] / tens[s];
        whole += quotient;
        rest += (sum->parts[s] - quotient * tens[s]) * tens[DIGITS_MAX - s];
    }
    sketch_int carry = rest / tens[DIGITS_MAX];
    rest -= carry * tens[DIGITS_MAX];
    whole += carry;
    if (rest < 0) {
        rest += tens[DIGITS_MAX];
        whole--;
    }
    *fraction = (int64_t)rest;
    return whole;
}

static size_t write_whole(unsigned __int128 n, char *out) {
    char digits[40];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + (int)(n % 10));
        n /= 10;
    } while (n > 0);
    for (size_t i = 0; i < count; i++)
        out[i] = digits[count - 1 - i];
    return count;
}

size_t sketch_sum_write(const struct sketch_sum *sum, char out[SKETCH_SUM_TEXT_SIZE]) {
    int64_t fraction;
    sketch_int whole = whole_and_fraction(sum, &fraction);
    bool is_negative = whole < 0;
    if (is_negative && fraction > 0) {
        whole++;
        fraction = tens[DIGITS_MAX] - fraction;
    }
    size_t at = 0;
    if (is_negative)
        out[at++] = '-';
    at += write_whole(is_negative ? -(unsigned __int128)whole : (unsigned __int128)whole, out + at);
    if (fraction > 0) {
        out[at++] = '.';
        for (int s = DIGITS_MAX - 1; s >= 0; s--)
            out[at++] = (char)('0' + fraction / tens[s] % 10);
        while (out[at - 1] == '0')
            at--;
    }
    out[at] = '\0';
    return at;
}

long double sketch_sum_value(const struct sketch_sum *sum) {
    int64_t fraction;
    sketch_int whole = whole_and_fraction(sum, &fraction);
    return (long double)whole + (long double)fraction / (long double)tens[DIGITS_MAX] +
           (long double)sum->rest;
}
