#include "base/time.h"

#include <stdlib.h>
#include <time.h>

pd_time pd_clock_now(const struct pd_clock *clock) {
    return clock->now(clock->context);
}

static pd_time system_now(void *context) {
    (void)context;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (pd_time)now.tv_sec * PD_SECOND + now.tv_nsec / 1000;
}

struct pd_clock pd_clock_system(void) {
    return (struct pd_clock){.now = system_now};
}

enum {
    FIRST_YEAR = 1,
    LAST_YEAR = 9999,
    DAYS_IN_400_YEARS = 146097,
    DAYS_0000_03_TO_1970 = 719468
};

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && a % b < 0);
}

bool pd_civil_is_date(int year, int month, int day) {
    static const int days_in[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1)
        return false;
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days_in[month - 1] + (month == 2 && is_leap);
}

/* Both ways the year is taken to begin in March, so that the leap day is its last. */
static int64_t days_from_civil(int year, int month, int day) {
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_IN_400_YEARS + day_of_era - DAYS_0000_03_TO_1970;
}

static void civil_from_days(int64_t days, struct pd_civil *out) {
    int64_t shifted = days + DAYS_0000_03_TO_1970;
    int64_t era = floor_div(shifted, DAYS_IN_400_YEARS);
    int64_t day_of_era = shifted - era * DAYS_IN_400_YEARS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 = March */
    out->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    out->month = (int)(month < 10 ? month + 3 : month - 9);
    out->year = (int)(year_of_era + era * 400 + (out->month <= 2));
}

struct pd_civil pd_time_civil(pd_time t) {
    int64_t days = floor_div(t, PD_DAY);
    /* Not t - days * PD_DAY, which overflows in the first day that an int64_t reaches. */
    int64_t in_day = t % PD_DAY;
    if (in_day < 0)
        in_day += PD_DAY;
    struct pd_civil civil;
    civil_from_days(days, &civil);
    int64_t seconds = in_day / PD_SECOND;
    civil.hour = (int)(seconds / 3600);
    civil.minute = (int)(seconds / 60 % 60);
    civil.second = (int)(seconds % 60);
    civil.microsecond = (int)(in_day % PD_SECOND);
    return civil;
}

bool pd_civil_time(struct pd_civil civil, pd_time *out) {
    if (!pd_civil_is_date(civil.year, civil.month, civil.day) || civil.hour < 0 ||
        civil.hour > 23 || civil.minute < 0 || civil.minute > 59 || civil.second < 0 ||
        civil.second > 59 || civil.microsecond < 0 || civil.microsecond > 999999)
        return false;
    int64_t seconds = days_from_civil(civil.year, civil.month, civil.day) * 86400 +
                      civil.hour * 3600 + civil.minute * 60 + civil.second;
    *out = seconds * PD_SECOND + civil.microsecond;
    return true;
}

int pd_time_weekday(pd_time t) {
    int64_t days = floor_div(t, PD_DAY) + 3; /* 1970-01-01 was a Thursday */
    return (int)(days - floor_div(days, 7) * 7);
}

static char *put_digits(char *at, unsigned value, size_t count) {
    for (size_t i = count; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + count;
}

/* An act writes a dozen times; printf took 2 % of its instructions. */
void pd_time_write(pd_time t, enum pd_time_form form, char out[PD_TIME_TEXT_SIZE]) {
    const struct pd_civil c = pd_time_civil(t);
    const struct {
        char before;
        int value;
        size_t digits;
    } parts[] = {{'-', c.month, 2},  {'-', c.day, 2},    {'T', c.hour, 2},
                 {':', c.minute, 2}, {':', c.second, 2}, {'.', c.microsecond, 6}};
    static const size_t counts[] = {[PD_TIME_DATE] = 2, [PD_TIME_MINUTES] = 4, [PD_TIME_SECONDS] = 5, [PD_TIME_MICROS] = 6};
    char *at = out;
    if (c.year < 0)
        *at++ = '-';
    unsigned year = (unsigned)abs(c.year);
    size_t width = c.year < 0 ? 3 : 4; /* with the sign four, and more where it is needed */
    for (unsigned next = c.year < 0 ? 1000 : 10000; next <= year; next *= 10)
        width++;
    at = put_digits(at, year, width);
    for (size_t i = 0; i < counts[form]; i++) {
        *at++ = parts[i].before;
        at = put_digits(at, (unsigned)parts[i].value, parts[i].digits);
    }
    if (form != PD_TIME_DATE)
        *at++ = 'Z';
    *at = '\0';
}

/** Takes exactly `count` digits off the front. */
static bool take_number(pd_str *s, size_t count, int *out) {
    if (s->len < count)
        return false;
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        if (s->data[i] < '0' || s->data[i] > '9')
            return false;
        value = value * 10 + (s->data[i] - '0');
    }
    *s = pd_str_sub(*s, count, s->len);
    *out = value;
    return true;
}

static bool take_char(pd_str *s, char c) {
    if (s->len == 0 || s->data[0] != c)
        return false;
    *s = pd_str_sub(*s, 1, s->len);
    return true;
}

/** "" (no fraction) or "." and 1 to 6 digits. */
static bool take_fraction(pd_str *s, int *microsecond) {
    *microsecond = 0;
    if (!take_char(s, '.'))
        return true;
    int digit, count = 0;
    for (; take_number(s, 1, &digit); count++)
        if (count < 6)
            *microsecond = *microsecond * 10 + digit;
    if (count == 0 || count > 6)
        return false;
    for (; count < 6; count++)
        *microsecond *= 10;
    return true;
}

/** "Z", "+08:00" and the like, to the end. */
static bool take_zone(pd_str *s, int *offset_minutes) {
    *offset_minutes = 0;
    if (take_char(s, 'Z') || take_char(s, 'z'))
        return s->len == 0;
    bool is_west = s->len > 0 && s->data[0] == '-';
    int hours, minutes;
    if (!take_char(s, is_west ? '-' : '+') || !take_number(s, 2, &hours) || !take_char(s, ':') ||
        !take_number(s, 2, &minutes) || s->len > 0 || hours > 23 || minutes > 59)
        return false;
    *offset_minutes = (hours * 60 + minutes) * (is_west ? -1 : 1);
    return true;
}

bool pd_time_parse(pd_str text, pd_time *out) {
    struct pd_civil c = {0};
    if (!take_number(&text, 4, &c.year) || !take_char(&text, '-') ||
        !take_number(&text, 2, &c.month) || !take_char(&text, '-') ||
        !take_number(&text, 2, &c.day))
        return false;
    if (text.len == 0)
        return pd_civil_time(c, out);
    if ((!take_char(&text, 'T') && !take_char(&text, 't')) || !take_number(&text, 2, &c.hour) ||
        !take_char(&text, ':') || !take_number(&text, 2, &c.minute))
        return false;
    if (take_char(&text, ':') &&
        (!take_number(&text, 2, &c.second) || !take_fraction(&text, &c.microsecond)))
        return false;
    int offset_minutes;
    pd_time local;
    if (!take_zone(&text, &offset_minutes) || !pd_civil_time(c, &local))
        return false;
    /* The offset may carry a moment over the edge of the years that can be written. */
    pd_time t = local - offset_minutes * 60 * PD_SECOND;
    int year = pd_time_civil(t).year;
    if (year < FIRST_YEAR || year > LAST_YEAR)
        return false;
    *out = t;
    return true;
}
