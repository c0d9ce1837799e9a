/*
 * The text forms of decimal, ipaddr, datetime and duration. All are ASCII and of bounded length
 * but for leading zeros; each parser reads from the front and must use its text up.
 */
#include "law/cedar_impl.h"

#include <string.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/** Takes `c` off the front if it is there. */
static bool take(pd_str *s, char c) {
    if (s->len == 0 || s->data[0] != c)
        return false;
    *s = pd_str_sub(*s, 1, SIZE_MAX);
    return true;
}

/** Takes the run of digits off the front. */
static pd_str take_digits(pd_str *s) {
    size_t n = 0;
    while (n < s->len && is_digit(s->data[n]))
        n++;
    pd_str digits = pd_str_sub(*s, 0, n);
    *s = pd_str_sub(*s, n, SIZE_MAX);
    return digits;
}

/** value * 10^digits + digits, or minus them; false on overflow. */
static bool append_digits(int64_t *value, pd_str digits, bool is_negative) {
    for (size_t i = 0; i < digits.len; i++) {
        int64_t digit = digits.data[i] - '0';
        if (!pd_mul_i64(*value, 10, value) ||
            !pd_add_i64(*value, is_negative ? -digit : digit, value))
            return false;
    }
    return true;
}

/* ---- decimal ---- */

const char *law_decimal_parse(pd_str text, struct law_value *out) {
    bool is_negative = take(&text, '-');
    pd_str whole = take_digits(&text);
    bool has_point = take(&text, '.');
    pd_str fraction = take_digits(&text);
    if (whole.len == 0 || !has_point || fraction.len == 0 || text.len > 0)
        return "a decimal is written like 12.34 or -0.5, with digits on both sides of the point";
    if (fraction.len > 4)
        return "a decimal has at most four digits behind the point";
    int64_t value = 0;
    if (!append_digits(&value, whole, is_negative) ||
        !append_digits(&value, fraction, is_negative) ||
        !append_digits(&value, pd_str_sub(PD_STR("0000"), 0, 4 - fraction.len), is_negative))
        return "a decimal goes from -922337203685477.5808 to 922337203685477.5807";
    *out = (struct law_value){.kind = LAW_VALUE_DECIMAL, .number = value};
    return NULL;
}

/* ---- ipaddr ---- */

static const char ip_form[] =
    "an address is written like 192.0.2.1, 192.0.2.0/24, 2001:db8::1 or 2001:db8::/32";

/** Digits without leading zeros, at most `most`. */
static bool take_number(pd_str *s, unsigned most, unsigned *out) {
    pd_str digits = take_digits(s);
    if (digits.len == 0 || digits.len > 3 || (digits.len > 1 && digits.data[0] == '0'))
        return false;
    unsigned value = 0;
    for (size_t i = 0; i < digits.len; i++)
        value = value * 10 + (unsigned)(digits.data[i] - '0');
    *out = value;
    return value <= most;
}

static bool parse_v4(pd_str s, uint8_t address[16]) {
    for (int i = 0; i < 4; i++) {
        unsigned byte = 0;
        if ((i > 0 && !take(&s, '.')) || !take_number(&s, 255, &byte))
            return false;
        address[i] = (uint8_t)byte;
    }
    return s.len == 0;
}

/** One to four hexadecimal digits. */
static bool take_group(pd_str *s, uint8_t out[2]) {
    unsigned value = 0;
    size_t n = 0;
    for (; n < s->len && n < 5; n++) {
        char c = s->data[n];
        unsigned digit = is_digit(c)            ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                : 16;
        if (digit > 15)
            break;
        value = value << 4 | digit;
    }
    if (n == 0 || n > 4)
        return false;
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
    *s = pd_str_sub(*s, n, SIZE_MAX);
    return true;
}

/** Eight groups, or fewer with one `::` that stands for at least one group of zeros. */
static bool parse_v6(pd_str s, uint8_t address[16]) {
    uint8_t groups[16];
    size_t count = 0, gap = SIZE_MAX;
    if (pd_str_starts(s, PD_STR("::"))) {
        gap = 0;
        s = pd_str_sub(s, 2, SIZE_MAX);
    }
    while (s.len > 0) {
        if (count == 8 || !take_group(&s, groups + 2 * count))
            return false;
        count++;
        if (s.len == 0)
            break;
        if (pd_str_starts(s, PD_STR("::"))) {
            if (gap != SIZE_MAX)
                return false;
            gap = count;
            s = pd_str_sub(s, 2, SIZE_MAX);
        } else if (!take(&s, ':') || s.len == 0) {
            return false;
        }
    }
    if (gap == SIZE_MAX ? count != 8 : count > 7)
        return false;
    size_t head = gap == SIZE_MAX ? 8 : gap;
    memset(address, 0, 16);
    memcpy(address, groups, 2 * head);
    memcpy(address + 16 - 2 * (count - head), groups + 2 * head, 2 * (count - head));
    return true;
}

const char *law_ip_parse(pd_str text, struct law_value *out) {
    enum { LONGEST = 43 }; /* eight full groups and /128 */
    if (text.len > LONGEST)
        return ip_form;
    struct law_value ip = {.kind = LAW_VALUE_IP};
    size_t slash = pd_str_find_char(text, '/');
    pd_str address = pd_str_sub(text, 0, slash == PD_NPOS ? text.len : slash);
    ip.ip_is_v6 = pd_str_find_char(address, ':') != PD_NPOS;
    unsigned prefix = ip.ip_is_v6 ? 128 : 32;
    if (ip.ip_is_v6 ? !parse_v6(address, ip.ip_address) : !parse_v4(address, ip.ip_address))
        return ip_form;
    if (slash != PD_NPOS) {
        pd_str rest = pd_str_sub(text, slash + 1, SIZE_MAX);
        if (!take_number(&rest, prefix, &prefix) || rest.len > 0)
            return "behind the slash stands a number of bits without leading zeros, at most 32 "
                   "or, for IPv6, 128";
    }
    ip.ip_prefix = (uint8_t)prefix;
    *out = ip;
    return NULL;
}

/* ---- datetime ---- */

static const char datetime_form[] =
    "a datetime is written 2026-11-23, 2026-11-23T19:01:34Z, 2026-11-23T19:01:34.123Z, "
    "or with +0100 in place of Z";

/** Exactly `count` digits. */
static bool take_field(pd_str *s, size_t count, int *out) {
    if (s->len < count)
        return false;
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(s->data[i]))
            return false;
        value = value * 10 + (s->data[i] - '0');
    }
    *s = pd_str_sub(*s, count, SIZE_MAX);
    *out = value;
    return true;
}

/** `Thh:mm:ss[.SSS](Z|+hhmm|-hhmm)` as milliseconds since midnight UTC of the date before it. */
static const char *parse_clock(pd_str s, int64_t *out_ms) {
    int hour, minute, second, ms = 0, offset_hour = 0, offset_minute = 0;
    if (!take(&s, 'T') || !take_field(&s, 2, &hour) || !take(&s, ':') ||
        !take_field(&s, 2, &minute) || !take(&s, ':') || !take_field(&s, 2, &second))
        return datetime_form;
    if (take(&s, '.') && !take_field(&s, 3, &ms))
        return datetime_form;
    int sign = take(&s, 'Z') ? 0 : take(&s, '+') ? 1 : take(&s, '-') ? -1 : 2;
    if (sign == 2)
        return datetime_form;
    if (sign != 0 && (!take_field(&s, 2, &offset_hour) || !take_field(&s, 2, &offset_minute)))
        return datetime_form;
    if (s.len > 0)
        return datetime_form;
    if (hour > 23 || minute > 59 || second > 59)
        return "a time of day goes from 00:00:00 to 23:59:59";
    if (offset_hour > 23 || offset_minute > 59)
        return "an offset goes from -2359 to +2359";
    int64_t minutes = hour * 60 + minute - sign * (offset_hour * 60 + offset_minute);
    *out_ms = (minutes * 60 + second) * 1000 + ms;
    return NULL;
}

const char *law_datetime_parse(pd_str text, struct law_value *out) {
    struct pd_civil civil = {0};
    if (!take_field(&text, 4, &civil.year) || !take(&text, '-') ||
        !take_field(&text, 2, &civil.month) || !take(&text, '-') ||
        !take_field(&text, 2, &civil.day))
        return datetime_form;
    /* Cedar has a year 0, which our civil time has not: the calendar repeats every 400 years. */
    enum { CYCLE_YEARS = 400, CYCLE_DAYS = 146097 };
    pd_time midnight, shift = 0;
    if (civil.year == 0) {
        civil.year += CYCLE_YEARS;
        shift = CYCLE_DAYS * PD_DAY;
    }
    if (!pd_civil_time(civil, &midnight))
        return "there is no such date";
    midnight -= shift;
    int64_t clock_ms = 0;
    const char *wrong = text.len > 0 ? parse_clock(text, &clock_ms) : NULL;
    if (wrong)
        return wrong;
    *out = law_value_datetime(midnight / 1000 + clock_ms);
    return NULL;
}

/* ---- duration ---- */

const char *law_duration_parse(pd_str text, struct law_value *out) {
    static const char form[] = "a duration is written like 1d2h30m, 90s, 500ms or -1h: whole "
                               "numbers with d, h, m, s, ms in this order";
    static const struct {
        pd_str suffix;
        int64_t ms;
    } units[] = {{PD_STR_INIT("d"), 86400000},
                 {PD_STR_INIT("h"), 3600000},
                 {PD_STR_INIT("m"), 60000},
                 {PD_STR_INIT("s"), 1000},
                 {PD_STR_INIT("ms"), 1}};
    enum { UNITS = sizeof(units) / sizeof(units[0]) };
    bool is_negative = take(&text, '-');
    if (text.len == 0)
        return form;
    int64_t total = 0;
    for (size_t next = 0; text.len > 0;) {
        pd_str digits = take_digits(&text);
        size_t letters = 0;
        while (letters < text.len && !is_digit(text.data[letters]))
            letters++;
        pd_str suffix = pd_str_sub(text, 0, letters);
        while (next < UNITS && !pd_str_eq(suffix, units[next].suffix))
            next++;
        if (digits.len == 0 || next == UNITS)
            return form;
        int64_t part = 0;
        if (!append_digits(&part, digits, is_negative) ||
            !pd_mul_i64(part, units[next].ms, &part) || !pd_add_i64(total, part, &total))
            return "a duration goes from -9223372036854775808ms to 9223372036854775807ms";
        text = pd_str_sub(text, letters, SIZE_MAX);
        next++;
    }
    *out = law_value_duration(total);
    return NULL;
}
