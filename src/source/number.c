/*
 * What a number in a sheet means. A spreadsheet has numbers only: the format of the cell says that
 * one is a date, which is then a count of days from 1899-12-30 or 1904-01-01 (ECMA-376 part
 * 1, 18.17.4).
 */
#include "source/source_impl.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Formats ---- */

/* The code of a format without what is literal in it: quoted and escaped text, colours, conditions;
   lower case. Elapsed time keeps its bracket: [h]. Only the first section counts. */
static size_t strip(pd_str code, char *out, size_t room) {
    size_t n = 0;
    for (size_t i = 0; i < code.len && n + 4 < room; i++) {
        char c = code.data[i];
        if (c == ';')
            break;
        if (c == '"') {
            while (++i < code.len && code.data[i] != '"')
                continue;
        } else if (c == '\\' || c == '_' || c == '*') {
            i++;
        } else if (c == '[') {
            size_t from = i;
            while (i < code.len && code.data[i] != ']')
                i++;
            char inside = from + 1 < code.len ? (char)(code.data[from + 1] | 0x20) : 0;
            bool is_elapsed = (inside == 'h' || inside == 'm' || inside == 's') && i - from <= 3 &&
                              (code.data[i - 1] | 0x20) == inside;
            if (is_elapsed) {
                out[n++] = '[';
                out[n++] = inside;
                out[n++] = ']';
            }
        } else {
            out[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
        }
    }
    return n;
}

enum source_number source_number_format(pd_str code) {
    char text[256];
    pd_str plain = {text, strip(code, text, sizeof(text))};
    bool has_year = false, has_day = false, has_time = false, has_m = false, has_percent = false;
    if (pd_str_find(plain, PD_STR("general")) != PD_NPOS)
        return SOURCE_PLAIN;
    for (size_t i = 0; i < plain.len; i++) {
        char c = plain.data[i];
        if (c == '[')
            return SOURCE_ELAPSED;
        bool is_exponent =
            c == 'e' && i + 1 < plain.len && (plain.data[i + 1] == '+' || plain.data[i + 1] == '-');
        has_year = has_year || c == 'y' || (c == 'e' && !is_exponent) || c == 'g';
        has_day = has_day || c == 'd';
        has_time = has_time || c == 'h' || c == 's';
        has_m = has_m || c == 'm';
        has_percent = has_percent || c == '%';
    }
    bool is_am = pd_str_find(plain, PD_STR("am/pm")) != PD_NPOS ||
                 pd_str_find(plain, PD_STR("a/p")) != PD_NPOS;
    has_time = has_time || is_am;
    /* An m is minutes beside hours or seconds, and months otherwise. */
    bool has_date = has_year || has_day || (has_m && !has_time);
    if (has_date)
        return has_time ? SOURCE_DATETIME : SOURCE_DATE;
    if (has_time)
        return SOURCE_TIME;
    return has_percent ? SOURCE_PERCENT : SOURCE_PLAIN;
}

enum source_number source_number_builtin(unsigned format) {
    static const struct {
        unsigned from, to;
        enum source_number is;
    } ranges[] = {{9, 10, SOURCE_PERCENT},     {14, 17, SOURCE_DATE},
                  {18, 21, SOURCE_TIME},       {22, 22, SOURCE_DATETIME},
                  {27, 36, SOURCE_MAYBE_DATE}, {45, 45, SOURCE_TIME},
                  {46, 46, SOURCE_ELAPSED},    {47, 47, SOURCE_TIME},
                  {50, 58, SOURCE_MAYBE_DATE}, {71, 81, SOURCE_MAYBE_DATE}};
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (format >= ranges[i].from && format <= ranges[i].to)
            return ranges[i].is;
    return SOURCE_PLAIN;
}

/* ---- Plain numbers ---- */

/* 1.5e-05 as 0.000015: digits moved, none lost. */
static size_t without_exponent(const char *digits, char out[SOURCE_NUMBER_SIZE]) {
    const char *e = strchr(digits, 'e');
    int power = atoi(e + 1), written = 0;
    char plain[SOURCE_NUMBER_SIZE];
    size_t n = 0;
    int point = 0; /* digits before the point */
    bool is_negative = digits[0] == '-', is_after = false;
    for (const char *c = digits + is_negative; c < e; c++) {
        if (*c == '.')
            is_after = true;
        else
            plain[n++] = *c;
        if (!is_after)
            point++;
    }
    point += power;
    if (is_negative)
        out[written++] = '-';
    if (point <= 0) {
        out[written++] = '0';
        out[written++] = '.';
        for (int i = point; i < 0; i++)
            out[written++] = '0';
    }
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (int)i == point)
            out[written++] = '.';
        out[written++] = plain[i];
    }
    for (int i = (int)n; i < point; i++)
        out[written++] = '0';
    out[written] = '\0';
    return (size_t)written;
}

static bool is_integer(pd_str text) {
    size_t from = text.len > 1 && text.data[0] == '-';
    for (size_t i = from; i < text.len; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.len > from;
}

/* "12.5", and nothing that would be written otherwise: most numbers, at a tenth of the cost. */
static bool is_plain_decimal(pd_str text) {
    size_t point = pd_str_find_char(text, '.'), from = text.len > 0 && text.data[0] == '-';
    bool is_trimmed = text.len > 0 && text.data[text.len - 1] != '0';
    return point != PD_NPOS && point > from && point + 1 < text.len && text.len <= 16 &&
           is_trimmed && (text.data[from] != '0' || point == from + 1) &&
           is_integer(pd_str_sub(text, 0, point)) && text.data[point + 1] != '-' &&
           is_integer(pd_str_sub(text, point + 1, SIZE_MAX));
}

size_t source_number_write(pd_str stored, char out[SOURCE_NUMBER_SIZE]) {
    double value;
    if (is_integer(stored) || is_plain_decimal(stored) || !pd_parse_double(stored, &value))
        return 0;
    /* 15 digits are what spreadsheets show and keep; the 16th and 17th are of the binary form. */
    char digits[SOURCE_NUMBER_SIZE];
    int n = snprintf(digits, sizeof(digits), "%.15g", value);
    const char *e = strchr(digits, 'e');
    int power = e ? atoi(e + 1) : 0;
    if (e != NULL && power > -15 && power < 21)
        return without_exponent(digits, out);
    memcpy(out, digits, (size_t)n + 1);
    return (size_t)n;
}

/* ---- Dates ---- */

enum { DAY_MS = 86400000 };

static size_t write_clock(uint64_t ms, char *out, size_t room) {
    unsigned fraction = (unsigned)(ms % 1000);
    uint64_t s = ms / 1000;
    int n = snprintf(out, room, "%02u:%02u:%02u", (unsigned)(s / 3600), (unsigned)(s / 60 % 60),
                     (unsigned)(s % 60));
    if (fraction != 0)
        n += snprintf(out + n, room - (size_t)n, ".%03u", fraction);
    return (size_t)n;
}

size_t source_serial_write(double serial, enum source_number kind, bool is_1904,
                           char out[SOURCE_NUMBER_SIZE]) {
    if (!(serial >= 0) || serial >= 2958466) /* 9999-12-31 is 2958465 */
        return 0;
    double day_part = floor(serial);
    uint64_t ms = (uint64_t)llround((serial - day_part) * DAY_MS);
    int64_t day = (int64_t)day_part;
    if (kind == SOURCE_ELAPSED)
        return write_clock((uint64_t)day * DAY_MS + ms, out, SOURCE_NUMBER_SIZE);
    if (ms == DAY_MS) { /* 23:59:59.9999 */
        ms = 0;
        day++;
    }
    if (day == 0 && !(is_1904 && kind == SOURCE_DATE)) {
        bool is_clock = kind == SOURCE_TIME || ms != 0;
        return is_clock ? write_clock(ms, out, SOURCE_NUMBER_SIZE) : 0;
    }
    /* Excel counts a 29 February 1900 that never was as day 60. */
    if (!is_1904 && day == 60)
        return 0;
    int64_t base = is_1904 ? -24107 : day < 60 ? -25568 : -25569; /* days from 1970-01-01 */
    struct pd_civil date = pd_time_civil((day + base) * PD_DAY);
    int n = snprintf(out, SOURCE_NUMBER_SIZE, "%04d-%02d-%02d", date.year, date.month, date.day);
    if (kind == SOURCE_DATETIME || ms != 0) {
        out[n++] = 'T';
        n += (int)write_clock(ms, out + n, SOURCE_NUMBER_SIZE - (size_t)n);
    }
    return (size_t)n;
}
