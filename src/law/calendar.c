/* Deadlines: a jurisdiction's calendar of working days, and the moment at which a term ends. */
#include "law/finding_impl.h"

#include <stdio.h>
#include <string.h>

enum {
    JSON_BYTES_MAX = 1 << 20,
    DAYS_MAX = 150 * 366, /* that a calendar may cover */
    YEARLY_MAX = 64,
    TERM_MAX = 100000
};

#define YEAR_1     (-719162 * PD_DAY)
#define YEAR_10000 (2932897 * PD_DAY)

/* Days are counted from 1970-01-01, in the calendar's zone. */
struct law_calendar {
    pd_str jurisdiction;
    int64_t offset; /* microseconds to add to UTC */
    int64_t first, last;
    unsigned char *works; /* of each day from first to last */
};

/* ---- Reading ---- */

struct reader {
    struct pd_arena *arena;
    struct law_document document;
    struct law_calendar *calendar;
    unsigned char *is_set; /* by "off" or "work", each day at most once */
    struct pd_error *err;
};

PD_PRINTF(3, 4)
static enum pd_status refuse(const struct reader *r, const struct law_json *at, const char *format,
                             ...) {
    char what[512];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    return law_json_fail(&r->document, at, r->err, "%s", what);
}

static pd_str text_of(const struct law_json *value) {
    return value && value->kind == LAW_JSON_STRING ? value->text : (pd_str){NULL, 0};
}

/** The member, or where it is missing: the object. */
static const struct law_json *member_or(const struct law_json *object, const char *key) {
    const struct law_json *member = law_json_find(object, key);
    return member ? member : object;
}

/* "2024-02-10" to the number of its day. */
static bool read_day(pd_str text, int64_t *out) {
    pd_time t;
    if (text.len != 10 || !pd_time_parse(text, &t))
        return false;
    *out = t / PD_DAY;
    return true;
}

static enum pd_status check_members(const struct reader *r) {
    static const char known[] = "calendar jurisdiction title source licence made_by utc_offset "
                                "first last yearly off work";
    static const char *const texts[] = {"jurisdiction", "source", "licence", "made_by"};
    const struct law_json *root = r->document.root;
    for (size_t i = 0; i < root->list.count; i++) {
        const struct law_json *item = &root->list.items[i];
        if (!law_words_have(known, item->name))
            return refuse(r, item, "unknown member \"%.*s\"%s", pd_arg(item->name),
                          law_hint_word(item->name, known).text);
    }
    const struct law_json *version = member_or(root, "calendar");
    if (version->kind != LAW_JSON_INTEGER || version->integer != 1)
        return refuse(r, version, "\"calendar\" must be 1");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (text_of(law_json_find(root, texts[i])).len == 0)
            return refuse(r, member_or(root, texts[i]), "\"%s\" must be a string that is not empty",
                          texts[i]);
    const struct law_json *title = member_or(root, "title");
    bool is_map = title->kind == LAW_JSON_OBJECT;
    if (!is_map || !text_of(law_json_find(title, "en")).len ||
        !text_of(law_json_find(title, "zh")).len)
        return refuse(r, title, "\"title\" must be an object with \"en\" and \"zh\"");
    return PD_OK;
}

/* "+08:00" */
static enum pd_status read_offset(const struct reader *r) {
    const struct law_json *at = member_or(r->document.root, "utc_offset");
    int64_t hours, minutes;
    pd_str text = text_of(at);
    bool is_form = text.len == 6 && (text.data[0] == '+' || text.data[0] == '-') &&
                   text.data[1] != '-' && text.data[3] == ':' && text.data[4] != '-' &&
                   pd_parse_i64(pd_str_sub(text, 1, 2), &hours) &&
                   pd_parse_i64(pd_str_sub(text, 4, 2), &minutes);
    if (!is_form || hours > 14 || minutes > 59)
        return refuse(r, at, "\"utc_offset\" must be an offset such as +08:00");
    int64_t seconds = (hours * 60 + minutes) * 60;
    r->calendar->offset = (text.data[0] == '-' ? -seconds : seconds) * PD_SECOND;
    return PD_OK;
}

static enum pd_status read_span(const struct reader *r) {
    struct law_calendar *c = r->calendar;
    const struct law_json *first = member_or(r->document.root, "first");
    const struct law_json *last = member_or(r->document.root, "last");
    bool is_first = read_day(text_of(first), &c->first);
    if (!is_first || !read_day(text_of(last), &c->last))
        return refuse(r, is_first ? last : first,
                      "\"first\" and \"last\" must be dates such as 2026-12-31");
    if (c->last < c->first || c->last - c->first >= DAYS_MAX)
        return refuse(r, last, "\"last\" must lie 0 to %d days after \"first\"", DAYS_MAX - 1);
    return PD_OK;
}

/* One day of every year, "05-01", is no working day; 02-29 only where there is one. */
static void set_yearly(struct law_calendar *c, pd_str month_and_day) {
    int last = pd_time_civil(c->last * PD_DAY).year;
    for (int year = pd_time_civil(c->first * PD_DAY).year; year <= last; year++) {
        char date[16];
        int64_t d;
        snprintf(date, sizeof(date), "%04d-%.5s", year, month_and_day.data);
        if (read_day(pd_str_from(date), &d) && d >= c->first && d <= c->last)
            c->works[d - c->first] = 0;
    }
}

/* Saturdays, Sundays and the days of "yearly" are no working days, whatever the year. */
static enum pd_status read_yearly(const struct reader *r) {
    const struct law_json *list = member_or(r->document.root, "yearly");
    struct law_calendar *c = r->calendar;
    size_t n = list->list.count;
    if (list->kind != LAW_JSON_ARRAY || n > YEARLY_MAX)
        return refuse(r, list, "\"yearly\" must be a list of at most %d dates", YEARLY_MAX);
    for (int64_t d = c->first; d <= c->last; d++)
        c->works[d - c->first] = pd_time_weekday(d * PD_DAY) < 5;
    for (size_t i = 0; i < n; i++) {
        char full[16];
        int64_t day;
        pd_str text = text_of(&list->list.items[i]);
        snprintf(full, sizeof(full), "2000-%.*s", text.len == 5 ? 5 : 0,
                 text.data ? text.data : "");
        if (!read_day(pd_str_from(full), &day))
            return refuse(r, &list->list.items[i],
                          "\"yearly\"[%zu] must be a month and day such as 05-01", i);
        set_yearly(c, text);
    }
    return PD_OK;
}

/* Dates, or intervals of two dates, both included. */
static enum pd_status read_days(const struct reader *r, const char *key, bool works) {
    const struct law_json *list = member_or(r->document.root, key);
    struct law_calendar *c = r->calendar;
    if (list->kind != LAW_JSON_ARRAY)
        return refuse(r, list, "\"%s\" must be a list of dates and intervals", key);
    for (size_t i = 0; i < list->list.count; i++) {
        const struct law_json *at = &list->list.items[i];
        pd_str rest = text_of(at), from, until;
        int64_t begin, end;
        if (!pd_str_split(&rest, '/', &from) || !read_day(from, &begin))
            return refuse(r, at, "\"%s\"[%zu] must be a date, or two such as 2024-02-10/2024-02-17",
                          key, i);
        end = begin;
        if (pd_str_split(&rest, '/', &until) && (!read_day(until, &end) || rest.data))
            return refuse(r, at, "\"%s\"[%zu] must end in a date such as /2024-02-17", key, i);
        if (begin < c->first || end > c->last || end < begin)
            return refuse(r, at, "\"%s\"[%zu] must lie between \"first\" and \"last\"", key, i);
        for (int64_t d = begin; d <= end; d++) {
            if (r->is_set[d - c->first])
                return refuse(r, at, "\"%s\"[%zu] holds a day that was given before", key, i);
            r->is_set[d - c->first] = 1;
            c->works[d - c->first] = works;
        }
    }
    return PD_OK;
}

static enum pd_status read_calendar(struct reader *r) {
    struct law_calendar *c = r->calendar;
    if (r->document.root->kind != LAW_JSON_OBJECT)
        return refuse(r, r->document.root, "a calendar is an object");
    enum pd_status st = check_members(r);
    if (st == PD_OK)
        st = read_offset(r);
    if (st == PD_OK)
        st = read_span(r);
    if (st != PD_OK)
        return st;
    size_t days = (size_t)(c->last - c->first + 1);
    c->jurisdiction =
        pd_arena_str(r->arena, text_of(law_json_find(r->document.root, "jurisdiction")));
    c->works = pd_arena_array(r->arena, days, 1);
    r->is_set = pd_arena_array(r->arena, days, 1);
    if (!c->jurisdiction.data || !c->works || !r->is_set)
        return pd_fail_memory(r->err);
    memset(r->is_set, 0, days);
    st = read_yearly(r);
    if (st == PD_OK)
        st = read_days(r, "off", false);
    if (st == PD_OK)
        st = read_days(r, "work", true);
    return st;
}

enum pd_status law_calendar_parse(pd_str path, pd_str text, struct pd_arena *arena,
                                  const struct law_calendar **out, struct pd_error *err) {
    struct law_calendar *calendar = pd_arena_alloc(arena, sizeof(*calendar));
    if (!calendar)
        return pd_fail_memory(err);
    if (text.len > JSON_BYTES_MAX)
        return pd_fail(err, PD_LIMIT, "%.*s: %zu bytes; a calendar has at most %d", pd_arg(path),
                       text.len, (int)JSON_BYTES_MAX);
    *calendar = (struct law_calendar){0};
    struct reader r = {.arena = arena, .calendar = calendar, .err = err};
    enum pd_status st = law_json_parse(path, text, arena, &r.document, err);
    if (st == PD_OK)
        st = read_calendar(&r);
    if (st == PD_OK)
        *out = calendar;
    return st;
}

pd_str law_calendar_jurisdiction(const struct law_calendar *calendar) {
    return calendar->jurisdiction;
}

/* ---- Days ---- */

static int64_t day_of(const struct law_calendar *calendar, pd_time t) {
    int64_t local;
    if (!pd_add_i64(t, calendar ? calendar->offset : 0, &local))
        local = t;
    return local / PD_DAY - (local % PD_DAY < 0);
}

enum law_day law_calendar_day(const struct law_calendar *calendar, pd_time t) {
    int64_t day = day_of(calendar, t);
    if (day < calendar->first || day > calendar->last)
        return LAW_DAY_UNKNOWN;
    return calendar->works[day - calendar->first] ? LAW_DAY_WORKING : LAW_DAY_OFF;
}

struct law_calendar_span law_calendar_span(const struct law_calendar *calendar) {
    return (struct law_calendar_span){calendar->first, calendar->last, calendar->offset};
}

bool law_calendar_works(const struct law_calendar *calendar, int64_t day) {
    return calendar->works[day - calendar->first];
}

/* ---- Terms ---- */

static enum pd_status after_months(pd_time day, int64_t months, pd_time *out,
                                   struct pd_error *err) {
    struct pd_civil c = pd_time_civil(day);
    int64_t total = (int64_t)c.year * 12 + c.month - 1 + months;
    c.year = (int)(total / 12);
    c.month = (int)(total % 12) + 1;
    while (c.day > 28 && !pd_civil_is_date(c.year, c.month, c.day))
        c.day--; /* the month has no such day: its last one */
    if (!pd_civil_time(c, out))
        return pd_fail(err, PD_INVALID, "the term ends after the year 9999");
    return PD_OK;
}

static enum pd_status after_working_days(const struct law_calendar *calendar, int64_t start,
                                         int64_t n, pd_time *out, struct pd_error *err) {
    if (!calendar)
        return pd_fail(
            err, PD_NOT_FOUND,
            "working days need the calendar of the jurisdiction, and the rules have none");
    int64_t day = start;
    for (int64_t left = n; left > 0;) {
        day++;
        if (day < calendar->first || day > calendar->last) {
            char first[PD_TIME_TEXT_SIZE], last[PD_TIME_TEXT_SIZE];
            pd_time_write(calendar->first * PD_DAY, PD_TIME_DATE, first);
            pd_time_write(calendar->last * PD_DAY, PD_TIME_DATE, last);
            return pd_fail(err, PD_NOT_FOUND,
                           "the term leaves the calendar \"%.*s\", which knows the working days "
                           "from %s to %s",
                           pd_arg(calendar->jurisdiction), first, last);
        }
        left -= calendar->works[day - calendar->first];
    }
    *out = day * PD_DAY;
    return PD_OK;
}

enum pd_status law_term_due(const struct law_calendar *calendar, pd_time start, pd_str term,
                            pd_time *due, struct pd_error *err) {
    size_t digits = 0;
    while (digits < term.len && term.data[digits] >= '0' && term.data[digits] <= '9')
        digits++;
    pd_str unit = pd_str_sub(term, digits, term.len);
    int64_t n, day = day_of(calendar, start);
    bool is_long = pd_str_is(unit, "m") || pd_str_is(unit, "y");
    bool is_term = is_long || pd_str_is(unit, "h") || pd_str_is(unit, "d") || pd_str_is(unit, "wd");
    if (!is_term || !pd_parse_i64(pd_str_sub(term, 0, digits), &n) || n > TERM_MAX)
        return pd_fail(err, PD_INVALID,
                       "\"%.*s\" is no term: a number up to %d and h, d, wd, m or y", pd_arg(term),
                       TERM_MAX);
    if (start < YEAR_1 || start >= YEAR_10000)
        return pd_fail(err, PD_INVALID, "a term begins in the years 1 to 9999");
    enum pd_status st = PD_OK;
    pd_time end, offset = calendar ? calendar->offset : 0;
    if (is_long)
        st = after_months(day * PD_DAY, pd_str_is(unit, "y") ? 12 * n : n, &end, err);
    else if (pd_str_is(unit, "wd"))
        st = after_working_days(calendar, day, n, &end, err);
    else if (pd_str_is(unit, "d"))
        end = (day + n) * PD_DAY;
    else
        end = start + n * 3600 * PD_SECOND;
    if (st != PD_OK)
        return st;
    if (!pd_str_is(unit, "h"))
        end += PD_DAY - offset;
    if (end >= YEAR_10000)
        return pd_fail(err, PD_INVALID, "the term ends after the year 9999");
    *due = end;
    return PD_OK;
}
