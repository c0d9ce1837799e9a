/* Dates in the forms that registers really have, made coarser. */
#include "protect/protect_impl.h"

/* What a cell says; -1 where it says nothing. */
struct moment {
    int year, month, day, hour;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool take_char(pd_str *s, char c) {
    if (s->len == 0 || s->data[0] != c)
        return false;
    *s = pd_str_sub(*s, 1, s->len);
    return true;
}

static bool take_text(pd_str *s, pd_str text) {
    if (!pd_str_starts(*s, text))
        return false;
    *s = pd_str_sub(*s, text.len, s->len);
    return true;
}

static size_t digits_ahead(pd_str s) {
    size_t n = 0;
    while (n < s.len && is_digit(s.data[n]))
        n++;
    return n;
}

/* A number of exactly `width` digits, or of at most that many if `narrower`; width <= 4. */
static bool take_number(pd_str *s, size_t width, bool narrower, int *out) {
    size_t n = digits_ahead(*s);
    if (n > width && narrower)
        return false;
    if (n < (narrower ? 1 : width))
        return false;
    if (n > width)
        n = width;
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out = *out * 10 + (s->data[i] - '0');
    *s = pd_str_sub(*s, n, s->len);
    return true;
}

/* Z, +08:00, -0330 or nothing; it ends the cell. */
static bool is_zone(pd_str s) {
    int hours, minutes;
    if (s.len == 0 || pd_str_is(s, "Z"))
        return true;
    if (!take_char(&s, '+') && !take_char(&s, '-'))
        return false;
    if (!take_number(&s, 2, false, &hours))
        return false;
    (void)take_char(&s, ':');
    return take_number(&s, 2, false, &minutes) && s.len == 0 && hours < 24 && minutes < 60;
}

/* The rest of a cell after its day: nothing, or T or a space and a time of day. */
static bool take_time(pd_str s, int *hour) {
    int minute, second;
    if (s.len == 0)
        return true;
    if (!take_char(&s, 'T') && !take_char(&s, ' '))
        return false;
    if (!take_number(&s, 2, true, hour) || *hour > 23 || !take_char(&s, ':'))
        return false;
    if (!take_number(&s, 2, false, &minute) || minute > 59)
        return false;
    if (take_char(&s, ':')) {
        if (!take_number(&s, 2, false, &second) || second > 60)
            return false;
        if (take_char(&s, '.')) {
            size_t n = digits_ahead(s);
            if (n == 0)
                return false;
            s = pd_str_sub(s, n, s.len);
        }
    }
    return is_zone(s);
}

/* YYYYMMDDhhmmss, YYYYMMDD with or without a time, YYYYMM */
static bool read_joined(pd_str s, size_t digits, struct moment *m) {
    int minute, second;
    if (!take_number(&s, 4, false, &m->year) || !take_number(&s, 2, false, &m->month))
        return false;
    if (digits == 6)
        return s.len == 0;
    if (!take_number(&s, 2, false, &m->day))
        return false;
    if (digits == 8)
        return take_time(s, &m->hour);
    return take_number(&s, 2, false, &m->hour) && take_number(&s, 2, false, &minute) &&
           take_number(&s, 2, false, &second) && s.len == 0 && m->hour < 24 && minute < 60 &&
           second <= 60;
}

static bool read_chinese(pd_str s, struct moment *m) {
    if (s.len == 0)
        return true;
    if (!take_number(&s, 2, true, &m->month) || !take_text(&s, PD_STR("月")))
        return false;
    if (s.len == 0)
        return true;
    if (!take_number(&s, 2, true, &m->day) || !take_text(&s, PD_STR("日")))
        return false;
    return take_time(s, &m->hour);
}

static bool read_separated(pd_str s, struct moment *m) {
    if (s.len == 0)
        return true;
    char separator = s.data[0];
    if (separator != '-' && separator != '/' && separator != '.')
        return false;
    if (!take_char(&s, separator) || !take_number(&s, 2, true, &m->month))
        return false;
    if (s.len == 0)
        return true;
    if (!take_char(&s, separator) || !take_number(&s, 2, true, &m->day))
        return false;
    return take_time(s, &m->hour);
}

/* YYYY-MM-DD, as most dates are written: no part needs to be looked for. */
static bool read_plain(pd_str s, struct moment *m) {
    enum { LENGTH = 10 };
    const char *d = s.data;
    if (s.len != LENGTH || d[4] != '-' || d[7] != '-')
        return false;
    for (size_t i = 0; i < LENGTH; i++)
        if (i != 4 && i != 7 && !is_digit(d[i]))
            return false;
    *m = (struct moment){.year = (d[0] - '0') * 1000 + (d[1] - '0') * 100 + (d[2] - '0') * 10 +
                                 (d[3] - '0'),
                         .month = (d[5] - '0') * 10 + (d[6] - '0'),
                         .day = (d[8] - '0') * 10 + (d[9] - '0'),
                         .hour = -1};
    return true;
}

static bool read_moment(pd_str cell, struct moment *m) {
    pd_str s = pd_str_trim(cell);
    bool has_form;
    if (read_plain(s, m))
        return m->year >= 1 && pd_civil_is_date(m->year, m->month, m->day);
    *m = (struct moment){-1, -1, -1, -1};
    size_t digits = digits_ahead(s);
    if (digits == 14 || digits == 8 || digits == 6) {
        has_form = read_joined(s, digits, m);
    } else {
        if (digits != 4 || !take_number(&s, 4, false, &m->year))
            return false;
        has_form = take_text(&s, PD_STR("年")) ? read_chinese(s, m) : read_separated(s, m);
    }
    if (!has_form || m->year < 1)
        return false;
    return pd_civil_is_date(m->year, m->month == -1 ? 1 : m->month, m->day == -1 ? 1 : m->day);
}

bool protect_date_has_time(pd_str cell) {
    struct moment m;
    return read_moment(cell, &m) && m.hour != -1;
}

static void write_years(int year, int span, struct pd_buf *out) {
    int first = year - year % span;
    protect_digits_write((uint64_t)first, 4, out);
    pd_buf_char(out, '-');
    protect_digits_write((uint64_t)(first + span - 1), 4, out);
}

/* A part of a date behind what stands before it. */
static void write_part(char before, int part, struct pd_buf *out) {
    pd_buf_char(out, before);
    protect_digits_write((uint64_t)part, 2, out);
}

/* As fine as the cell is, and no finer than `to`. */
static void write_moment(const struct moment *m, enum protect_date to, struct pd_buf *out) {
    protect_digits_write((uint64_t)m->year, 4, out);
    if (to == PROTECT_YEAR || m->month == -1)
        return;
    if (to == PROTECT_QUARTER) {
        pd_buf_text(out, "-Q");
        protect_digits_write((uint64_t)(m->month + 2) / 3, 1, out);
        return;
    }
    write_part('-', m->month, out);
    if (to == PROTECT_MONTH || m->day == -1)
        return;
    write_part('-', m->day, out);
    if (to != PROTECT_DAY && m->hour != -1)
        write_part('T', m->hour, out);
}

bool protect_date_generalise(pd_str cell, enum protect_date to, struct pd_buf *out) {
    struct moment m;
    if (to == PROTECT_SUPPRESSED) {
        pd_buf_char(out, '*');
        return true;
    }
    if (!read_moment(cell, &m))
        return false;
    if (to == PROTECT_FIVE_YEARS)
        write_years(m.year, 5, out);
    else if (to == PROTECT_DECADE)
        write_years(m.year, 10, out);
    else
        write_moment(&m, to, out);
    return true;
}

/* A time of day, behind the first T or space. */
static pd_str time_of(pd_str cell) {
    for (size_t i = 0; i < cell.len; i++)
        if (cell.data[i] == 'T' || cell.data[i] == ' ')
            return pd_str_sub(cell, i, cell.len);
    return (pd_str){0};
}

bool protect_date_shift(pd_str cell, int days, struct pd_buf *out) {
    struct moment m;
    pd_time at;
    pd_str s = pd_str_trim(cell);
    if (!read_moment(cell, &m) || m.day == -1 ||
        !pd_civil_time((struct pd_civil){m.year, m.month, m.day, 0, 0, 0, 0}, &at))
        return false;
    struct pd_civil to = pd_time_civil(at + days * PD_DAY);
    if (to.year < 1 || to.year > 9999)
        return false;
    size_t digits = digits_ahead(s);
    bool is_joined = digits == 8 || digits == 14;
    pd_buf_printf(out, is_joined ? "%04d%02d%02d" : "%04d-%02d-%02d", to.year, to.month, to.day);
    pd_buf_str(out, digits == 14 ? pd_str_sub(s, 8, s.len) : time_of(s));
    return true;
}
