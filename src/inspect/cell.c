/* What one cell is, told by its characters alone and in one pass over them. */
#include "inspect/inspect_impl.h"

/* A reading position in a cell. */
struct cursor {
    const char *at, *end;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static size_t count_digits(struct cursor c) {
    size_t n = 0;
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

/* yyyy-m-d, yyyy/m/d, yyyy.m.d, yyyy年m月d日 */
static bool take_date(struct cursor *c, struct pd_civil *civil) {
    if (!take_number(c, 4, 4, &civil->year) || c->at == c->end)
        return false;
    if (take_text(c, PD_STR("年"))) {
        return take_number(c, 1, 2, &civil->month) && take_text(c, PD_STR("月")) &&
               take_number(c, 1, 2, &civil->day) && take_text(c, PD_STR("日"));
    }
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

static bool read_moment(pd_str cell, struct inspect_value *value) {
    struct cursor c = {cell.data, cell.data + cell.len};
    struct pd_civil civil = {0};
    pd_time offset = 0;
    if (!take_date(&c, &civil))
        return false;
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

/* Leading zeros and signs of plus make it text: they would be lost in a number. */
static bool read_number(pd_str cell, struct inspect_value *value) {
    struct cursor c = {cell.data, cell.data + cell.len};
    take_char(&c, '-');
    size_t digits = count_digits(c);
    if (digits == 0 || (digits > 1 && *c.at == '0'))
        return false;
    c.at += digits;
    if (c.at == c.end) {
        if (!pd_parse_i64(cell, &value->integer))
            return false;
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

struct inspect_value inspect_value_of(pd_str cell) {
    struct inspect_value value = {.type = INSPECT_EMPTY};
    if (cell.len == 0)
        return value;
    char first = cell.data[0];
    if (is_digit(first) || first == '-') {
        if (read_number(cell, &value))
            return value;
        value = (struct inspect_value){0};
        if (cell.len >= 8 && is_digit(first) && read_moment(cell, &value))
            return value;
    } else if (is_truth(cell)) {
        value.type = INSPECT_BOOLEAN;
        return value;
    }
    return (struct inspect_value){.type = INSPECT_TEXT};
}
