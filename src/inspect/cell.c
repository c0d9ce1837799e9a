/* What one cell is, told by its characters alone and in one pass over them. */
#include "inspect/inspect_impl.h"

#include <string.h>

/* A reading position in a cell. */
struct cursor {
    const char *at, *end;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Eight digits as they stand in memory, the first lowest; false if one is none. */
static bool read_eight(const char *p, uint64_t *out) {
    uint64_t v;
    memcpy(&v, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    v -= UINT64_C(0x3030303030303030);
    /* A byte above 9 has a bit in its upper half, or gets one. */
    if (((v | (v + UINT64_C(0x0606060606060606))) & UINT64_C(0xf0f0f0f0f0f0f0f0)) != 0)
        return false;
    v = v * 10 + (v >> 8); /* pairs in every other byte */
    v = ((v & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
         (v >> 16 & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >>
        32;
    *out = v;
    return true;
}

static size_t count_digits(struct cursor c) {
    size_t n = 0;
    uint64_t ignored;
    while (c.end - (c.at + n) >= 8 && read_eight(c.at + n, &ignored))
        n += 8;
    while (c.at + n < c.end && is_digit(c.at[n]))
        n++;
    return n;
}

static bool take_char(struct cursor *c, char wanted) {
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

/* A number of least..most digits. */
static bool take_number(struct cursor *c, size_t least, size_t most, int *out) {
    size_t n = count_digits(*c);
    if (n < least || n > most)
        return false;
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out = *out * 10 + (*c->at++ - '0');
    return true;
}

static bool take_text(struct cursor *c, pd_str wanted) {
    pd_str rest = {c->at, (size_t)(c->end - c->at)};
    if (!pd_str_starts(rest, wanted))
        return false;
    c->at += wanted.len;
    return true;
}

static bool take_chinese_digit(struct cursor *c, int *out) {
    static const pd_str digits[] = {PD_STR_INIT("〇"), PD_STR_INIT("一"), PD_STR_INIT("二"),
                                    PD_STR_INIT("三"), PD_STR_INIT("四"), PD_STR_INIT("五"),
                                    PD_STR_INIT("六"), PD_STR_INIT("七"), PD_STR_INIT("八"),
                                    PD_STR_INIT("九"), PD_STR_INIT("零"), PD_STR_INIT("○")};
    for (int i = 0; i < (int)(sizeof(digits) / sizeof(digits[0])); i++) {
        if (!take_text(c, digits[i]))
            continue;
        *out = i < 10 ? i : 0;
        return true;
    }
    return false;
}

/* 三, 十二, 二十三: a number up to 99 as Chinese writes it. */
static bool take_chinese_number(struct cursor *c, int *out) {
    int ten = 0, one = 0;
    bool has_one = take_chinese_digit(c, &one);
    if (take_text(c, PD_STR("十"))) {
        ten = has_one ? one : 1;
        one = 0;
        has_one = true;
        take_chinese_digit(c, &one);
    }
    *out = 10 * ten + one;
    return has_one && *out > 0;
}

/* In digits of either kind. */
static bool take_part(struct cursor *c, int *out) {
    return count_digits(*c) > 0 ? take_number(c, 1, 2, out) : take_chinese_number(c, out);
}

/* 二〇二六: a year digit by digit */
static bool take_chinese_year(struct cursor *c, int *out) {
    *out = 0;
    for (int i = 0; i < 4; i++) {
        int digit;
        if (!take_chinese_digit(c, &digit))
            return false;
        *out = *out * 10 + digit;
    }
    return true;
}

/*
 * yyyy年m月d日; without the day, or month and day, it is partial: the first day of what it names.
 * 民國107年 is 1911 years more; without the word only a whole date of three-digit year is one.
 */
static bool take_chinese_date(struct cursor *c, struct pd_civil *civil,
                              struct inspect_value *value) {
    bool is_republic = take_text(c, PD_STR("民國")) || take_text(c, PD_STR("民国"));
    size_t digits = count_digits(*c);
    bool is_short = digits == 3;
    if (digits > 0 ? !take_number(c, is_republic ? 1 : 3, 4, &civil->year)
                   : !take_chinese_year(c, &civil->year))
        return false;
    if (is_republic || is_short)
        civil->year += 1911;
    value->is_unusual = is_republic || is_short || digits == 0;
    civil->month = civil->day = 1;
    if (!take_text(c, PD_STR("年")))
        return false;
    value->is_partial = true;
    if (c->at == c->end)
        return is_republic || !is_short;
    if (!take_part(c, &civil->month) || !take_text(c, PD_STR("月")))
        return false;
    if (c->at == c->end)
        return is_republic || !is_short;
    value->is_partial = false;
    return take_part(c, &civil->day) &&
           (take_text(c, PD_STR("日")) || take_text(c, PD_STR("号")) || take_text(c, PD_STR("號")));
}

/* yyyy-m-d, yyyy/m/d, yyyy.m.d */
static bool take_date(struct cursor *c, struct pd_civil *civil) {
    if (!take_number(c, 4, 4, &civil->year) || c->at == c->end)
        return false;
    char separator = *c->at;
    if (separator != '-' && separator != '/' && separator != '.')
        return false;
    return take_char(c, separator) && take_number(c, 1, 2, &civil->month) &&
           take_char(c, separator) && take_number(c, 1, 2, &civil->day);
}

/* hh:mm, hh:mm:ss, fraction; microseconds, further digits are dropped */
static bool take_clock(struct cursor *c, struct pd_civil *civil) {
    if (!take_number(c, 1, 2, &civil->hour) || !take_char(c, ':') ||
        !take_number(c, 2, 2, &civil->minute))
        return false;
    if (!take_char(c, ':'))
        return true;
    if (!take_number(c, 2, 2, &civil->second))
        return false;
    if (!take_char(c, '.'))
        return true;
    size_t n = count_digits(*c);
    for (size_t i = 0; i < 6; i++)
        civil->microsecond = civil->microsecond * 10 + (i < n ? c->at[i] - '0' : 0);
    c->at += n;
    return n > 0;
}

/* Z, +hh:mm, +hhmm, +hh, or nothing */
static bool take_zone(struct cursor *c, pd_time *offset) {
    *offset = 0;
    if (c->at == c->end || take_char(c, 'Z') || take_char(c, 'z'))
        return true;
    pd_time sign = *c->at == '-' ? -1 : 1;
    int hours, minutes = 0;
    if ((!take_char(c, '+') && !take_char(c, '-')) || count_digits(*c) < 2)
        return false;
    hours = (c->at[0] - '0') * 10 + (c->at[1] - '0');
    c->at += 2;
    take_char(c, ':');
    if (c->at < c->end && !take_number(c, 2, 2, &minutes))
        return false;
    *offset = sign * (hours * 60 + minutes) * 60 * PD_SECOND;
    return hours < 24 && minutes < 60;
}

/* 2026-11-30, as most dates are. */
static bool read_plain_date(pd_str cell, struct inspect_value *value) {
    char digits[8];
    uint64_t day;
    if (cell.len != 10 || cell.data[4] != '-' || cell.data[7] != '-')
        return false;
    memcpy(digits, cell.data, 4);
    memcpy(digits + 4, cell.data + 5, 2);
    memcpy(digits + 6, cell.data + 8, 2);
    if (!read_eight(digits, &day))
        return false;
    struct pd_civil civil = {
        .year = (int)(day / 10000), .month = (int)(day / 100 % 100), .day = (int)(day % 100)};
    value->type = INSPECT_DATE;
    return pd_civil_time(civil, &value->time);
}

static bool read_moment(pd_str cell, struct inspect_value *value) {
    struct cursor c = {cell.data, cell.data + cell.len}, start = c;
    struct pd_civil civil = {0};
    pd_time offset = 0;
    if (!take_date(&c, &civil)) {
        c = start;
        civil = (struct pd_civil){0};
        if (!take_chinese_date(&c, &civil, value))
            return false;
    }
    value->type = INSPECT_DATE;
    if (c.at < c.end) {
        value->type = INSPECT_DATETIME;
        if ((!take_char(&c, ' ') && !take_char(&c, 'T')) || !take_clock(&c, &civil) ||
            !take_zone(&c, &offset))
            return false;
    }
    return c.at == c.end && pd_civil_time(civil, &value->time) &&
           pd_sub_i64(value->time, offset, &value->time);
}

/* 0:10, 00:10:30, 127:05: a time of day or a duration, in any case no date */
static bool read_time(pd_str cell, struct inspect_value *value) {
    struct cursor c = {cell.data, cell.data + cell.len};
    struct pd_civil clock = {0};
    int hours = 0;
    size_t digits = count_digits(c);
    if (digits == 3) { /* more than a clock shows */
        if (!take_number(&c, 3, 3, &hours))
            return false;
        c.at--; /* one digit for the clock to read */
    }
    if (!take_clock(&c, &clock) || c.at != c.end || clock.minute > 59 || clock.second > 59)
        return false;
    if (digits < 3)
        hours = clock.hour;
    value->type = INSPECT_TIME;
    value->time =
        ((pd_time)hours * 3600 + clock.minute * 60 + clock.second) * PD_SECOND + clock.microsecond;
    return true;
}

static bool ends_in_chinese_date(pd_str cell) {
    static const char ends[][4] = {"日", "年", "月", "号", "號"};
    bool does = false;
    for (size_t i = 0; cell.len >= 7 && i < sizeof(ends) / sizeof(ends[0]); i++)
        does |= memcmp(cell.data + cell.len - 3, ends[i], 3) == 0;
    return does;
}

/* Leading zeros and signs of plus make it text: they would be lost in a number. */
static bool read_number(pd_str cell, struct inspect_value *value) {
    struct cursor c = {cell.data, cell.data + cell.len};
    take_char(&c, '-');
    size_t digits = count_digits(c);
    if (digits == 0 || (digits > 1 && *c.at == '0'))
        return false;
    c.at += digits;
    if (c.at == c.end) {
        if (digits <= 18) {
            int64_t n = 0;
            uint64_t eight;
            const char *d = c.end - digits;
            for (; c.end - d >= 8 && read_eight(d, &eight); d += 8)
                n = n * 100000000 + (int64_t)eight;
            for (; d < c.end; d++)
                n = n * 10 + (*d - '0');
            value->integer = cell.data[0] == '-' ? -n : n;
        } else if (!pd_parse_i64(cell, &value->integer)) {
            return false;
        }
        value->type = INSPECT_INTEGER;
        value->number = (double)value->integer;
        return true;
    }
    if (*c.at != '.' && *c.at != 'e' && *c.at != 'E')
        return false;
    value->type = INSPECT_DECIMAL;
    return pd_parse_double(cell, &value->number);
}

static bool is_truth(pd_str cell) {
    static const pd_str words[] = {PD_STR_INIT("true"), PD_STR_INIT("false"), PD_STR_INIT("yes"),
                                   PD_STR_INIT("no"),   PD_STR_INIT("是"),    PD_STR_INIT("否")};
    if (cell.len < 2 || cell.len > 5)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (pd_str_eq_ascii_case(cell, words[i]))
            return true;
    }
    return false;
}

/* Digits only, and more than 64 bits hold. */
static bool is_big(pd_str cell) {
    struct cursor c = {cell.data, cell.data + cell.len};
    take_char(&c, '-');
    size_t digits = count_digits(c);
    return digits >= 19 && *c.at != '0' && c.at + digits == c.end;
}

struct inspect_value inspect_value_of(pd_str cell) {
    struct inspect_value value = {.type = INSPECT_EMPTY};
    if (cell.len == 0)
        return value;
    char first = cell.data[0];
    if (is_digit(first) || first == '-') {
        if (read_plain_date(cell, &value))
            return value;
        value = (struct inspect_value){0};
        if (read_number(cell, &value))
            return value;
        value = (struct inspect_value){0};
        if (cell.len >= 7 && is_digit(first) && read_moment(cell, &value))
            return value;
        value = (struct inspect_value){0};
        if (cell.len >= 4 && is_digit(first) && read_time(cell, &value))
            return value;
        value = (struct inspect_value){.type = INSPECT_TEXT, .is_big = is_big(cell)};
        return value;
    }
    if ((unsigned char)first >= 0xE3 && ends_in_chinese_date(cell) && read_moment(cell, &value))
        return value;
    if (is_truth(cell))
        return (struct inspect_value){.type = INSPECT_BOOLEAN};
    return (struct inspect_value){.type = INSPECT_TEXT};
}
