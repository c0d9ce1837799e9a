/* Dates and times that are written otherwise than the field wants; and how it wants them. */
#include "standard/repair_impl.h"

#include <string.h>

/* ---- Writing ---- */

static void write_directive(char directive, const struct pd_civil *c, struct pd_buf *out,
                            bool *can) {
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    int hour12 = c->hour % 12 ? c->hour % 12 : 12;
    switch (directive) {
    case 'Y':
        pd_buf_printf(out, "%04d", c->year);
        break;
    case 'y':
        *can &= c->year >= 1969 && c->year <= 2068;
        pd_buf_printf(out, "%02d", c->year % 100);
        break;
    case 'm':
        pd_buf_printf(out, "%02d", c->month);
        break;
    case 'd':
        pd_buf_printf(out, "%02d", c->day);
        break;
    case 'H':
        pd_buf_printf(out, "%02d", c->hour);
        break;
    case 'I':
        pd_buf_printf(out, "%02d", hour12);
        break;
    case 'M':
        pd_buf_printf(out, "%02d", c->minute);
        break;
    case 'S':
        pd_buf_printf(out, "%02d", c->second);
        break;
    case 'f':
        pd_buf_printf(out, "%06d", c->microsecond);
        break;
    case 'p':
        pd_buf_text(out, c->hour < 12 ? "AM" : "PM");
        break;
    case 'b':
        pd_buf_printf(out, "%.3s", months[c->month - 1]);
        break;
    case 'B':
        pd_buf_text(out, months[c->month - 1]);
        break;
    case '%':
        pd_buf_char(out, '%');
        break;
    default: /* weekdays, days of the year, zones: a person must say them */
        *can = false;
    }
}

static pd_str default_format(const struct field *f, const struct pd_civil *c) {
    bool has_fraction = c->microsecond != 0;
    switch (f->type) {
    case STANDARD_DATE:
        return PD_STR("%Y-%m-%d");
    case STANDARD_TIME:
        return has_fraction ? PD_STR("%H:%M:%S.%f") : PD_STR("%H:%M:%S");
    case STANDARD_YEAR:
        return PD_STR("%Y");
    case STANDARD_YEARMONTH:
        return PD_STR("%Y-%m");
    default:
        return has_fraction ? PD_STR("%Y-%m-%dT%H:%M:%S.%f") : PD_STR("%Y-%m-%dT%H:%M:%S");
    }
}

static bool write_civil(const struct field *f, const struct pd_civil *c, struct pd_buf *out) {
    pd_str format = f->format == FORMAT_GIVEN ? f->format_text : default_format(f, c);
    bool can = true;
    for (size_t i = 0; i < format.len; i++) {
        if (format.data[i] == '%' && i + 1 < format.len)
            write_directive(format.data[++i], c, out, &can);
        else
            pd_buf_char(out, format.data[i]);
    }
    return can;
}

bool moment_write(const struct field *field, int64_t order, struct pd_buf *out) {
    if (field->type == STANDARD_YEAR || field->type == STANDARD_YEARMONTH)
        return false; /* their order isn't a moment */
    struct pd_civil c = pd_time_civil(order);
    return write_civil(field, &c, out);
}

/* ---- Reading ---- */

static const struct form {
    const char *format;
    enum standard_type type;
    bool has_day, has_month;
} forms[] = {
    {"%Y-%m-%d", STANDARD_DATE, true, true},     {"%Y/%m/%d", STANDARD_DATE, true, true},
    {"%Y.%m.%d", STANDARD_DATE, true, true},     {"%Y %m %d", STANDARD_DATE, true, true},
    {"%Y年%m月%d日", STANDARD_DATE, true, true}, {"%Y年%m月%d号", STANDARD_DATE, true, true},
    {"%Y%m%d", STANDARD_DATE, true, true},       {"%d/%m/%Y", STANDARD_DATE, true, true},
    {"%m/%d/%Y", STANDARD_DATE, true, true},     {"%d-%m-%Y", STANDARD_DATE, true, true},
    {"%m-%d-%Y", STANDARD_DATE, true, true},     {"%d.%m.%Y", STANDARD_DATE, true, true},
    {"%d %b %Y", STANDARD_DATE, true, true},     {"%d %B %Y", STANDARD_DATE, true, true},
    {"%d-%b-%Y", STANDARD_DATE, true, true},     {"%b %d, %Y", STANDARD_DATE, true, true},
    {"%B %d, %Y", STANDARD_DATE, true, true},    {"%Y年%m月", STANDARD_DATE, false, true},
    {"%Y-%m", STANDARD_DATE, false, true},       {"%Y/%m", STANDARD_DATE, false, true},
    {"%Y.%m", STANDARD_DATE, false, true},       {"%m/%Y", STANDARD_DATE, false, true},
    {"%Y年", STANDARD_DATE, false, false},       {"%Y", STANDARD_DATE, false, false},
};
static const char *const clocks[] = {
    "",         "%H:%M:%S",     "%H:%M",    "%H:%M:%S.%f", "%I:%M:%S %p",
    "%I:%M %p", "%H时%M分%S秒", "%H时%M分", "%H点%M分"};
enum { FORMS = sizeof(forms) / sizeof(forms[0]), CLOCKS = sizeof(clocks) / sizeof(clocks[0]) };

/* "%Y年%m月" with the first of the month added, which the reading needs. */
static bool read_as(pd_str text, const char *date, const char *clock, const struct form *form,
                    struct value *out) {
    char format[80] = "", cell[120];
    bool is_run = strcmp(date, "%Y%m%d") == 0;
    const char *join = *date && *clock ? " " : "";
    if (text.len > 80 || (is_run && text.len - 8 > (*clock ? 80 : 0)))
        return false;
    if (is_run && (text.len < 8 || pd_str_find_char(pd_str_sub(text, 0, 8), ' ') != PD_NPOS))
        return false;
    strcat(strcat(strcat(format, date), join), clock);
    snprintf(cell, sizeof(cell), "%.*s%s%s", pd_arg(text), form && !form->has_day ? " 1" : "",
             form && !form->has_month ? " 1" : "");
    if (form && !form->has_day)
        strcat(format, " %d");
    if (form && !form->has_month)
        strcat(format, " %m");
    enum standard_type type = !*date ? STANDARD_TIME : *clock ? STANDARD_DATETIME : STANDARD_DATE;
    return moment_read(type, FORMAT_GIVEN, pd_str_from(format), pd_str_from(cell), out) == NULL;
}

static void offer(struct proposal *p, int64_t order, bool has_clock, bool is_cut,
                  enum standard_confidence confidence, const char *why) {
    const struct field *f = proposal_field(p);
    struct pd_civil c = pd_time_civil(order);
    struct pd_buf buf;
    pd_buf_init(&buf, 0);
    bool has_time = c.hour || c.minute || c.second || c.microsecond;
    if (f->type != STANDARD_DATETIME && f->type != STANDARD_TIME && has_clock && has_time) {
        confidence = STANDARD_LIKELY;
        why = "the time of day is left out, which the field doesn't take";
    }
    if (is_cut) {
        confidence = STANDARD_LIKELY;
        why = "the day is left out, which the field doesn't take";
    }
    if (f->type == STANDARD_DATETIME && !has_clock) {
        confidence = STANDARD_OPEN;
        why = "it says no time of day; midnight would be a guess";
    }
    if (write_civil(f, &c, &buf))
        proposal_offer(p, pd_buf_view(&buf), STANDARD_MOMENT, confidence, why);
    p->has_failed |= buf.failed;
    pd_buf_clear(&buf);
}

/* RFC 3339's T and Z are blanks to the formats here; a zone means another moment and is left. */
static pd_str plain(struct proposal *p) {
    char *text = pd_arena_alloc(p->arena, p->base.len + 1);
    size_t n = 0;
    for (size_t i = 0; text && i < p->base.len; i++) {
        char c = p->base.data[i];
        bool is_t = c == 'T' && i > 0 && i + 1 < p->base.len && p->base.data[i - 1] >= '0' &&
                    p->base.data[i - 1] <= '9' && p->base.data[i + 1] >= '0' &&
                    p->base.data[i + 1] <= '9';
        if (is_t)
            c = ' ';
        if (c == ' ' && n > 0 && text[n - 1] == ' ')
            continue;
        text[n++] = c;
    }
    p->has_failed |= !text;
    return (pd_str){text, n};
}

static bool is_narrower(enum standard_type wanted, const struct form *form) {
    return form->has_day || wanted == STANDARD_YEAR ||
           (wanted == STANDARD_YEARMONTH && form->has_month);
}

static bool is_wider(enum standard_type wanted, const struct form *form) {
    return (wanted == STANDARD_YEARMONTH && form->has_day) ||
           (wanted == STANDARD_YEAR && form->has_month);
}

/* A whole number in a column of dates is what a spreadsheet counts days with, in one of two ways.
 */
static void repair_serial(struct proposal *p) {
    enum { FIRST = 20000, LAST = 60000, EPOCH = 25569, APART = 1462 }; /* 1954 to 2064 */
    int64_t days;
    if (p->base.len != 5 || !pd_parse_i64(p->base, &days) || days < FIRST || days > LAST)
        return;
    offer(p, (days - EPOCH) * PD_DAY, false, false, STANDARD_OPEN,
          "a spreadsheet's count of days, if it counts from 1900");
    offer(p, (days - EPOCH + APART) * PD_DAY, false, false, STANDARD_OPEN,
          "a spreadsheet's count of days, if it counts from 1904");
}

void repair_moment(struct proposal *p) {
    enum standard_type wanted = proposal_field(p)->type;
    pd_str text = plain(p);
    struct value value;
    if (!text.data)
        return;
    if (wanted == STANDARD_TIME) {
        for (size_t t = 1; t < CLOCKS; t++)
            if (read_as(text, "", clocks[t], NULL, &value))
                offer(p, value.order, true, false, STANDARD_CERTAIN,
                      "the same time as the field writes it");
        return;
    }
    for (size_t f = 0; f < FORMS; f++)
        for (size_t t = 0; t < CLOCKS; t++)
            if (is_narrower(wanted, &forms[f]) &&
                read_as(text, forms[f].format, clocks[t], t ? NULL : &forms[f], &value))
                offer(p, value.order, t > 0, is_wider(wanted, &forms[f]), STANDARD_CERTAIN,
                      "the same day as the field writes it");
    if (p->count == 0 && wanted != STANDARD_YEAR && wanted != STANDARD_YEARMONTH)
        repair_serial(p);
}
