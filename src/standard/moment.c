/* Dates, times, years and durations, as XML Schema and ISO 8601 write them or as a format of
 * strptime says. Without a zone, a moment counts as UTC. */
#include "standard/standard_impl.h"

#include <string.h>

/* ---- pieces ---- */

struct cursor {
    pd_str text;
    size_t at;
};

static char front(const struct cursor *c) {
    return c->at < c->text.len ? c->text.data[c->at] : '\0';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool take(struct cursor *c, char wanted) {
    bool is = c->at < c->text.len && c->text.data[c->at] == wanted;
    c->at += is;
    return is;
}

/* From `least` to `most` digits. */
static bool take_digits(struct cursor *c, int least, int most, int *out) {
    int n = 0, count = 0;
    for (; count < most && is_digit(front(c)); count++)
        n = n * 10 + (c->text.data[c->at++] - '0');
    *out = n;
    return count >= least;
}

/* A fraction in microseconds: digits beyond the sixth are passed over. */
static bool take_fraction(struct cursor *c, int *out) {
    int n = 0, count = 0;
    for (; is_digit(front(c)); c->at++)
        if (count++ < 6)
            n = n * 10 + (front(c) - '0');
    for (int i = count; i < 6; i++)
        n *= 10;
    *out = n;
    return count > 0;
}

/* What was read so far; an offset is to be taken off. */
struct parts {
    struct pd_civil civil;
    int64_t offset_us;
    int is_afternoon; /* -1: not said */
    int day_of_year;
};

static bool take_zone(struct cursor *c, bool needs_colon, int64_t *offset_us) {
    int hours, minutes = 0;
    if (take(c, 'Z'))
        return true;
    bool is_west = front(c) == '-';
    if (!take(c, '+') && !take(c, '-'))
        return false;
    if (!take_digits(c, 2, 2, &hours) || (!take(c, ':') && needs_colon) ||
        !take_digits(c, 2, 2, &minutes) || hours > 14 || minutes > 59)
        return false;
    *offset_us = (hours * 60 + minutes) * 60 * PD_SECOND * (is_west ? -1 : 1);
    return true;
}

static bool take_date(struct cursor *c, char separator, struct parts *p) {
    return take_digits(c, 4, 4, &p->civil.year) && take(c, separator) &&
           take_digits(c, 2, 2, &p->civil.month) && take(c, separator) &&
           take_digits(c, 2, 2, &p->civil.day);
}

static bool take_time(struct cursor *c, struct parts *p) {
    if (!take_digits(c, 2, 2, &p->civil.hour) || !take(c, ':') ||
        !take_digits(c, 2, 2, &p->civil.minute) || !take(c, ':') ||
        !take_digits(c, 2, 2, &p->civil.second))
        return false;
    return !take(c, '.') || take_fraction(c, &p->civil.microsecond);
}

static bool is_end(const struct cursor *c) {
    return c->at == c->text.len;
}

/* ---- formats ---- */

static const char *const MONTHS[] = {"january",   "february", "march",    "april",
                                     "may",       "june",     "july",     "august",
                                     "september", "october",  "november", "december"};
static const char *const DAYS[] = {"monday", "tuesday",  "wednesday", "thursday",
                                   "friday", "saturday", "sunday"};

static bool take_word(struct cursor *c, const char *const *words, size_t count, bool is_short,
                      int *out) {
    for (size_t i = 0; i < count; i++) {
        pd_str word = {words[i], is_short ? 3 : strlen(words[i])};
        if (pd_str_eq_ascii_case(pd_str_sub(c->text, c->at, word.len), word)) {
            c->at += word.len;
            *out = (int)i + 1;
            return true;
        }
    }
    return false;
}

static bool take_directive(struct cursor *c, char directive, struct parts *p) {
    struct pd_civil *v = &p->civil;
    int n = 0;
    switch (directive) {
    case 'Y':
        return take_digits(c, 4, 4, &v->year);
    case 'y':
        if (!take_digits(c, 2, 2, &n))
            return false;
        v->year = n + (n < 69 ? 2000 : 1900); /* POSIX strptime */
        return true;
    case 'm':
        return take_digits(c, 1, 2, &v->month);
    case 'd':
        return take_digits(c, 1, 2, &v->day);
    case 'j':
        return take_digits(c, 1, 3, &p->day_of_year) && p->day_of_year >= 1;
    case 'H':
        return take_digits(c, 1, 2, &v->hour);
    case 'I':
        return take_digits(c, 1, 2, &v->hour) && v->hour >= 1 && v->hour <= 12;
    case 'M':
        return take_digits(c, 1, 2, &v->minute);
    case 'S':
        return take_digits(c, 1, 2, &v->second);
    case 'f':
        return take_fraction(c, &v->microsecond);
    case 'p':
        n = pd_str_eq_ascii_case(pd_str_sub(c->text, c->at, 2), PD_STR("pm"));
        if (!n && !pd_str_eq_ascii_case(pd_str_sub(c->text, c->at, 2), PD_STR("am")))
            return false;
        p->is_afternoon = n;
        c->at += 2;
        return true;
    case 'b':
    case 'B':
        return take_word(c, MONTHS, 12, directive == 'b', &v->month);
    case 'a':
    case 'A':
        return take_word(c, DAYS, 7, directive == 'a', &n);
    case 'z':
        return take_zone(c, false, &p->offset_us);
    default:
        return take(c, '%');
    }
}

/* The part of a cell that a format, or a part of one, describes. */
static bool take_pieces(struct cursor *c, pd_str format, struct parts *p) {
    for (size_t i = 0; i < format.len; i++) {
        bool is_directive = format.data[i] == '%' && i + 1 < format.len;
        if (is_directive ? !take_directive(c, format.data[++i], p) : !take(c, format.data[i]))
            return false;
    }
    return true;
}

static bool take_format(struct cursor *c, pd_str format, struct parts *p) {
    if (!take_pieces(c, format, p))
        return false;
    if (p->is_afternoon >= 0)
        p->civil.hour = p->civil.hour % 12 + 12 * p->is_afternoon;
    return is_end(c);
}

static const struct {
    enum standard_type type;
    const char *directives, *needed; /* groups of alternatives, divided by spaces */
} formats[] = {
    {STANDARD_DATE, "YymdjbBaA", "Yy mjbB dj"},
    {STANDARD_DATETIME, "YymdjbBaAHIMSfpz", "Yy mjbB dj HI"},
    {STANDARD_TIME, "HIMSfp", "HI"},
};

const char *moment_check_format(enum standard_type type, pd_str format) {
    for (size_t f = 0; f < sizeof(formats) / sizeof(formats[0]); f++) {
        if (formats[f].type != type)
            continue;
        for (size_t i = 0; i < format.len; i++) {
            if (format.data[i] != '%')
                continue;
            if (++i == format.len || format.data[i] == '\0' ||
                !(format.data[i] == '%' || strchr(formats[f].directives, format.data[i])))
                return "of strptime, %Y %y %m %d %j %b %B %a %A are known for dates, and %H %I %M "
                       "%S %f %p for times, and %z for both together";
        }
        pd_str rest = pd_str_from(formats[f].needed), group;
        while (pd_str_split(&rest, ' ', &group)) {
            bool has_one = false;
            for (size_t i = 0; i + 1 < format.len; i++)
                if (format.data[i] == '%') {
                    i++;
                    has_one |= pd_str_find_char(group, format.data[i]) != PD_NPOS;
                }
            if (!has_one)
                return "it leaves out what the type needs: a year, month and day, or the hour";
        }
        return NULL;
    }
    return "this type has no such format";
}

/* ---- whole moments ---- */

static int64_t time_of_day(const struct pd_civil *v) {
    return ((v->hour * 60 + v->minute) * 60 + v->second) * PD_SECOND + v->microsecond;
}

static const char *settle(enum standard_type type, struct parts *p, struct value *out) {
    struct pd_civil *v = &p->civil;
    pd_time moment;
    if (v->hour > 23 || v->minute > 59 || v->second > 59)
        return "there is no such time of day";
    if (type == STANDARD_TIME) {
        out->order = time_of_day(v) - p->offset_us;
        return NULL;
    }
    if (p->day_of_year > 0)
        v->month = v->day = 1;
    if (!pd_civil_time(*v, &moment))
        return "there is no such day";
    if (p->day_of_year > 0) {
        moment += (p->day_of_year - 1) * PD_DAY;
        if (pd_time_civil(moment).year != v->year)
            return "there is no such day";
    }
    out->order = moment - p->offset_us;
    return NULL;
}

static bool take_any_time(struct cursor *c, bool may_have_zone, struct parts *p) {
    static const pd_str TIMES[] = {PD_STR_INIT("%H:%M:%S.%f"), PD_STR_INIT("%H:%M:%S"),
                                   PD_STR_INIT("%H:%M")};
    const struct cursor start = *c;
    const struct parts before = *p;
    for (size_t t = 0; t < sizeof(TIMES) / sizeof(TIMES[0]); t++) {
        *c = start;
        *p = before;
        if (!take_pieces(c, TIMES[t], p))
            continue;
        if (is_end(c) || (may_have_zone && take_zone(c, false, &p->offset_us) && is_end(c)))
            return true;
    }
    return false;
}

/* The forms that "any" takes: year first, so that none can be taken for another. */
static bool take_any(enum standard_type type, struct cursor *c, struct parts *p) {
    static const pd_str DATES[] = {PD_STR_INIT("%Y-%m-%d"), PD_STR_INIT("%Y/%m/%d"),
                                   PD_STR_INIT("%Y.%m.%d"), PD_STR_INIT("%Y年%m月%d日")};
    *p = (struct parts){.is_afternoon = -1};
    c->at = 0;
    if (type == STANDARD_TIME)
        return take_any_time(c, false, p);
    for (size_t d = 0; d < sizeof(DATES) / sizeof(DATES[0]); d++) {
        *p = (struct parts){.is_afternoon = -1};
        c->at = 0;
        if (!take_pieces(c, DATES[d], p))
            continue;
        if (type == STANDARD_DATE)
            return is_end(c);
        return (take(c, ' ') || take(c, 'T')) && take_any_time(c, true, p);
    }
    return false;
}

static const struct {
    enum standard_type type;
    const char *otherwise;
} wanted[] = {
    {STANDARD_DATE, "it is no date like 2026-03-09"},
    {STANDARD_DATETIME, "it is no date and time like 2026-03-09T10:30:00"},
    {STANDARD_TIME, "it is no time like 10:30:00"},
};

static const char *read_moment(enum standard_type type, enum value_format format,
                               pd_str format_text, pd_str cell, struct value *out) {
    struct cursor c = {cell, 0};
    struct parts p = {.is_afternoon = -1};
    bool is = true;
    if (format == FORMAT_GIVEN) {
        if (!take_format(&c, format_text, &p))
            return "it is not written as the format says";
        return settle(type, &p, out);
    }
    if (format == FORMAT_ANY) {
        is = take_any(type, &c, &p);
    } else {
        if (type != STANDARD_TIME)
            is = take_date(&c, '-', &p);
        if (type == STANDARD_DATETIME)
            is = is && take(&c, 'T');
        if (type != STANDARD_DATE)
            is = is && take_time(&c, &p) && (is_end(&c) || take_zone(&c, true, &p.offset_us));
        is = is && is_end(&c);
    }
    if (is)
        return settle(type, &p, out);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (wanted[i].type == type)
            return wanted[i].otherwise;
    return "it is no moment";
}

/* XML Schema gYear and gYearMonth: at least four digits, perhaps before year 0, perhaps a zone. */
static const char *read_year(enum standard_type type, pd_str cell, struct value *out) {
    struct cursor c = {cell, 0};
    bool is_before = take(&c, '-');
    size_t start = c.at;
    int year, month = 1;
    int64_t offset;
    bool is = take_digits(&c, 4, 9, &year) && (c.at - start == 4 || cell.data[start] != '0');
    if (type == STANDARD_YEARMONTH)
        is = is && take(&c, '-') && take_digits(&c, 2, 2, &month) && month >= 1 && month <= 12;
    if (!is || !(is_end(&c) || (take_zone(&c, true, &offset) && is_end(&c))))
        return type == STANDARD_YEAR ? "it is no year like 2026" : "it is no month like 2026-03";
    int64_t signed_year = is_before ? -(int64_t)year : year;
    out->order = type == STANDARD_YEAR ? signed_year : signed_year * 12 + month - 1;
    return NULL;
}

/* XML Schema duration: P1Y2M3DT4H5M6.7S; weeks of ISO 8601 besides. */
static const char *read_duration(pd_str cell, struct value *out) {
    static const struct {
        char letter;
        bool is_time;
        int64_t months, seconds;
    } units[] = {{'Y', false, 12, 0},    {'M', false, 1, 0},   {'W', false, 0, 604800},
                 {'D', false, 0, 86400}, {'H', true, 0, 3600}, {'M', true, 0, 60},
                 {'S', true, 0, 1}};
    enum { UNITS = sizeof(units) / sizeof(units[0]) };
    static const char OTHERWISE[] = "it is no duration like P1DT12H";
    struct cursor c = {cell, 0};
    int64_t months = 0, micros = 0;
    bool is_negative = take(&c, '-'), is_time = false, has_part = false;
    if (!take(&c, 'P'))
        return OTHERWISE;
    for (size_t next = 0; !is_end(&c);) {
        int n, fraction = 0;
        if (!is_time && take(&c, 'T')) {
            is_time = true;
            has_part = false;
            continue;
        }
        if (!take_digits(&c, 1, 9, &n))
            return OTHERWISE;
        bool has_fraction = take(&c, '.');
        if (has_fraction && !take_fraction(&c, &fraction))
            return OTHERWISE;
        while (next < UNITS && (units[next].letter != front(&c) || units[next].is_time != is_time))
            next++;
        if (next == UNITS || (has_fraction && units[next].letter != 'S'))
            return OTHERWISE;
        c.at++;
        months += n * units[next].months;
        int64_t more;
        if (!pd_mul_i64(n * units[next].seconds, PD_SECOND, &more) ||
            !pd_add_i64(more, fraction, &more) || !pd_add_i64(micros, more, &micros))
            return "it is longer than 290,000 years";
        next++;
        has_part = true;
    }
    if (!has_part)
        return OTHERWISE;
    out->months = is_negative ? -months : months;
    out->order = is_negative ? -micros : micros;
    return NULL;
}

/* Days since 1970-01-01 of the first of a month, for any year. */
static int64_t days_of_month(int64_t months_since_0) {
    int64_t y = months_since_0 >= 0 ? months_since_0 / 12 : -((11 - months_since_0) / 12);
    int64_t m = months_since_0 - y * 12 + 1;
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

/* XML Schema part 2, 3.2.6.2: in order if they are, added to each of four moments. */
enum order moment_compare_durations(const struct value *a, const struct value *b) {
    static const int64_t starts[] = {1696 * 12 + 8, 1697 * 12 + 1, 1903 * 12 + 2, 1903 * 12 + 6};
    enum order order = UNORDERED;
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        __int128 x = (__int128)days_of_month(starts[i] + a->months) * PD_DAY + a->order;
        __int128 y = (__int128)days_of_month(starts[i] + b->months) * PD_DAY + b->order;
        enum order here = x < y ? LESS : x > y ? MORE : EQUAL;
        if (i > 0 && here != order)
            return UNORDERED;
        order = here;
    }
    return order;
}

const char *moment_read(enum standard_type type, enum value_format format, pd_str format_text,
                        pd_str cell, struct value *out) {
    if (type == STANDARD_YEAR || type == STANDARD_YEARMONTH)
        return read_year(type, cell, out);
    if (type == STANDARD_DURATION)
        return read_duration(cell, out);
    return read_moment(type, format, format_text, cell, out);
}
