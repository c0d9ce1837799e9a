/* Numbers put into bands, by exact decimal arithmetic. */
#include "protect/protect_impl.h"

#include <stdint.h>

static const int64_t POWERS_OF_TEN[PROTECT_MAX_DECIMALS + 1] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

/* Below this, 18 digits, a number's band has ends that are far from overflow. */
#define SCALED_END INT64_C(1000000000000000000)

/* A decimal as it is written. */
struct decimal {
    pd_str digits; /* perhaps with one point inside, without sign and exponent */
    int64_t
        point; /* how many of the digits stand before the point, once the exponent has moved it */
    bool is_negative;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool read_exponent(pd_str s, int64_t *out) {
    if (s.len > 0 && s.data[0] == '+') {
        s = pd_str_sub(s, 1, s.len);
        if (s.len > 0 && s.data[0] == '-')
            return false;
    }
    return s.len <= 5 && pd_parse_i64(s, out);
}

static bool read_decimal(pd_str cell, struct decimal *out) {
    pd_str s = pd_str_trim(cell);
    out->is_negative = s.len > 0 && s.data[0] == '-';
    if (s.len > 0 && (s.data[0] == '-' || s.data[0] == '+'))
        s = pd_str_sub(s, 1, s.len);
    size_t n = 0, digits = 0;
    bool has_point = false;
    out->point = 0;
    for (; n < s.len; n++) {
        if (s.data[n] == '.' && !has_point)
            has_point = true;
        else if (is_digit(s.data[n]))
            digits++;
        else
            break;
        if (!has_point)
            out->point++;
    }
    if (digits == 0)
        return false;
    out->digits = pd_str_sub(s, 0, n);
    if (n == s.len)
        return true;
    int64_t exponent;
    if (s.data[n] != 'e' && s.data[n] != 'E')
        return false;
    if (!read_exponent(pd_str_sub(s, n + 1, s.len), &exponent))
        return false;
    out->point += exponent;
    return true;
}

/* floor(number * 10^decimals); false if that has more than 18 digits. */
static bool scale(const struct decimal *number, int decimals, int64_t *out, bool *is_exact) {
    int64_t take = number->point + decimals, value = 0;
    bool has_rest = false;
    for (size_t i = 0; i < number->digits.len; i++) {
        char c = number->digits.data[i];
        if (c == '.')
            continue;
        if (take <= 0) {
            has_rest = has_rest || c != '0';
            continue;
        }
        if (value >= SCALED_END / 10)
            return false;
        take--;
        value = value * 10 + (c - '0');
    }
    for (; take > 0 && value > 0; take--) {
        if (value >= SCALED_END / 10)
            return false;
        value *= 10;
    }
    if (number->is_negative)
        value = -value - (has_rest ? 1 : 0);
    *out = value;
    *is_exact = !has_rest;
    return true;
}

/* By hand: printf, which reads its format anew for each cell, took most of the time of a table. */
void protect_digits_write(uint64_t value, int least, struct pd_buf *out) {
    enum { DIGITS = 20 };
    char digits[DIGITS];
    int at = DIGITS;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || (DIGITS - at < least && at > 0));
    pd_buf_add(out, digits + at, (size_t)(DIGITS - at));
}

void protect_number_write(int64_t scaled, int decimals, struct pd_buf *out) {
    uint64_t amount = scaled < 0 ? (uint64_t)-scaled : (uint64_t)scaled;
    uint64_t unit = (uint64_t)POWERS_OF_TEN[decimals];
    if (scaled < 0)
        pd_buf_char(out, '-');
    protect_digits_write(amount / unit, 1, out);
    if (decimals > 0) {
        pd_buf_char(out, '.');
        protect_digits_write(amount % unit, decimals, out);
    }
}

bool protect_number_read(pd_str cell, int decimals, int64_t *out) {
    struct decimal number;
    bool is_exact;
    return read_decimal(cell, &number) && scale(&number, decimals, out, &is_exact);
}

bool protect_number_is_whole(pd_str cell) {
    struct decimal number;
    int64_t value;
    bool is_exact;
    return read_decimal(cell, &number) && scale(&number, 0, &value, &is_exact) && is_exact;
}

/* Digits of a number, towards the front of `end`; where they begin. */
static char *put_digits(uint64_t value, char *end) {
    do {
        *--end = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return end;
}

/* What most columns of whole numbers hold: digits alone. False: it's something else. */
static bool write_plain_band(pd_str cell, uint64_t width, struct pd_buf *out) {
    enum { PLAIN_DIGITS = 15, ROOM = 48 };
    char made[ROOM], *at = made + ROOM;
    uint64_t value = 0;
    if (cell.len == 0 || cell.len > PLAIN_DIGITS)
        return false;
    for (size_t i = 0; i < cell.len; i++) {
        if (!is_digit(cell.data[i]))
            return false;
        value = 10 * value + (uint64_t)(cell.data[i] - '0');
    }
    uint64_t low = value - value % width;
    if (width > 1) {
        at = put_digits(low + width - 1, at);
        *--at = '-';
    }
    at = put_digits(low, at);
    pd_buf_add(out, at, (size_t)(made + ROOM - at));
    return true;
}

bool protect_number_generalise(pd_str cell, struct protect_width width, bool whole,
                               struct pd_buf *out) {
    if (whole && width.decimals == 0 && write_plain_band(cell, (uint64_t)width.amount, out))
        return true;
    struct decimal number;
    int64_t value;
    bool is_exact;
    if (!read_decimal(cell, &number) || !scale(&number, width.decimals, &value, &is_exact))
        return false;
    if (whole && !is_exact)
        return false;
    int64_t over = value % width.amount;
    int64_t low = value - over - (over < 0 ? width.amount : 0);
    int64_t high = low + width.amount;
    if (!whole) {
        pd_buf_char(out, '[');
        protect_number_write(low, width.decimals, out);
        pd_buf_char(out, ',');
        protect_number_write(high, width.decimals, out);
        pd_buf_char(out, ')');
    } else if (width.amount == 1) {
        protect_number_write(low, 0, out);
    } else {
        protect_number_write(low, 0, out);
        pd_buf_text(out, low < 0 ? " to " : "-");
        protect_number_write(high - 1, 0, out);
    }
    return true;
}

bool protect_number_top_bottom(pd_str cell, const struct protect_step *step, struct pd_buf *out) {
    struct decimal number;
    int64_t value;
    bool is_exact;
    if (!read_decimal(cell, &number))
        return false;
    if (step->has_top) {
        if (!scale(&number, step->top.decimals, &value, &is_exact))
            return false;
        if (value >= step->top.amount) {
            pd_buf_text(out, ">=");
            protect_number_write(step->top.amount, step->top.decimals, out);
            return true;
        }
    }
    if (step->has_bottom) {
        if (!scale(&number, step->bottom.decimals, &value, &is_exact))
            return false;
        if (value < step->bottom.amount || (value == step->bottom.amount && is_exact)) {
            pd_buf_text(out, "<=");
            protect_number_write(step->bottom.amount, step->bottom.decimals, out);
            return true;
        }
    }
    pd_buf_str(out, cell);
    return true;
}

/* Read with one digit more than is asked, so that a half is known for one. */
bool protect_number_round(pd_str cell, struct protect_width to, struct pd_buf *out) {
    struct decimal number;
    int64_t value, amount = to.amount * 10;
    bool is_exact;
    if (!read_decimal(cell, &number) || !scale(&number, to.decimals + 1, &value, &is_exact))
        return false;
    int64_t over = value % amount;
    over += over < 0 ? amount : 0;
    int64_t low = value - over;
    bool is_half = over == amount / 2 && is_exact;
    bool goes_up = is_half ? !number.is_negative : over >= amount / 2;
    protect_number_write((low + (goes_up ? amount : 0)) / 10, to.decimals, out);
    return true;
}
