/*
 * Cells that are numbers or dates only if one knows how they are written: 1.234,5 and 31/12/2013.
 * Each may be read in several ways. All are followed, and when the column is told the one that
 * explains every cell is taken; if several do, or none, the column stays text and a note says so.
 */
#include "inspect/inspect_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Numbers: marks between thousands, a decimal comma, a unit ---- */

struct scan {
    const char *at, *end;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool take(struct scan *s, const char *text) {
    size_t n = strlen(text);
    if ((size_t)(s->end - s->at) < n || memcmp(s->at, text, n) != 0)
        return false;
    s->at += n;
    return true;
}

static bool take_back(struct scan *s, const char *text) {
    size_t n = strlen(text);
    if ((size_t)(s->end - s->at) < n || memcmp(s->end - n, text, n) != 0)
        return false;
    s->end -= n;
    return true;
}

static const char *const currencies[] = {"$",   "€",   "£",   "¥",   "￥",  "元",  "USD",
                                         "EUR", "GBP", "CNY", "RMB", "CHF", "HK$", "NT$"};
enum { CURRENCIES = sizeof(currencies) / sizeof(currencies[0]) };

static void take_spaces(struct scan *s) {
    while (take(s, " ") || take(s, "\xC2\xA0"))
        ;
    while (take_back(s, " ") || take_back(s, "\xC2\xA0"))
        ;
}

/* A sign, a currency before or behind, per cent behind: each at most once. */
static bool take_units(struct scan *s, struct inspect_read *out) {
    bool is_minus = take(s, "-") || take(s, "\xE2\x88\x92");
    for (int i = 0; i < CURRENCIES && !out->currency; i++)
        if (take(s, currencies[i]) || take_back(s, currencies[i]))
            out->currency = 1u << i;
    take_spaces(s);
    out->is_percent = take_back(s, "%") || take_back(s, "％");
    take_spaces(s);
    if (!is_minus)
        is_minus = take(s, "-");
    return is_minus;
}

/* Marks between groups of three, as bits; both ways know the spaces and the apostrophe. */
enum mark { NO_MARK, COMMA, POINT, SPACE, APOSTROPHE };

static enum mark take_mark(struct scan *s) {
    static const struct {
        const char *text;
        enum mark mark;
    } marks[] = {{",", COMMA},
                 {".", POINT},
                 {" ", SPACE},
                 {"\xC2\xA0", SPACE},
                 {"\xE2\x80\xAF", SPACE},
                 {"'", APOSTROPHE},
                 {"\xE2\x80\x99", APOSTROPHE}};
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (take(s, marks[i].text))
            return marks[i].mark;
    return NO_MARK;
}

enum { RUNS = 8, DIGITS_MOST = 18 };

struct runs {
    pd_str run[RUNS];
    enum mark mark[RUNS]; /* mark[i] stands before run[i] */
    size_t count, digits;
};

static bool take_runs(struct scan *s, struct runs *out) {
    *out = (struct runs){0};
    while (out->count < RUNS) {
        enum mark mark = out->count > 0 ? take_mark(s) : NO_MARK;
        if (out->count > 0 && mark == NO_MARK)
            return false;
        const char *start = s->at;
        while (s->at < s->end && is_digit(*s->at))
            s->at++;
        pd_str run = {start, (size_t)(s->at - start)};
        if (run.len == 0)
            return false;
        out->digits += run.len;
        out->mark[out->count] = mark;
        out->run[out->count++] = run;
        if (s->at == s->end)
            return out->digits <= DIGITS_MOST;
    }
    return false;
}

/* The number with `decimal` before its fraction, and one other mark between groups of three. */
static size_t write_number(const struct runs *r, enum mark decimal, bool is_minus, char *out) {
    size_t whole = r->count, n = 0;
    if (r->count > 1 && r->mark[r->count - 1] == decimal)
        whole--;
    bool is_grouped = whole > 1;
    if (r->run[0].len > 1 && r->run[0].data[0] == '0')
        return 0; /* a code */
    if (is_grouped && (r->run[0].len > 3 || r->run[0].data[0] == '0'))
        return 0;
    for (size_t i = 1; i < whole; i++)
        if (r->mark[i] == decimal || r->mark[i] != r->mark[1] || r->run[i].len != 3)
            return 0;
    if (is_minus)
        out[n++] = '-';
    for (size_t i = 0; i < r->count; i++) {
        if (i == whole)
            out[n++] = '.';
        memcpy(out + n, r->run[i].data, r->run[i].len);
        n += r->run[i].len;
    }
    return n;
}

static void add_way(struct inspect_read *out, enum inspect_way way, size_t len) {
    if (len == 0)
        return;
    out->ways |= 1u << way;
    out->len[way] = len;
}

static bool read_number(pd_str cell, struct inspect_read *out) {
    struct scan s = {cell.data, cell.data + cell.len};
    struct runs runs;
    bool is_minus = take_units(&s, out);
    if (s.at == s.end || !is_digit(*s.at) || !take_runs(&s, &runs))
        return false;
    if (runs.count == 1 && !out->is_percent && !out->currency)
        return false; /* plain digits that are no number: a leading zero */
    add_way(out, WAY_POINT, write_number(&runs, POINT, is_minus, out->text[WAY_POINT]));
    add_way(out, WAY_COMMA, write_number(&runs, COMMA, is_minus, out->text[WAY_COMMA]));
    out->is_number = out->ways != 0;
    return out->is_number;
}

/* ---- Dates: 31/12/2013, 12/31/2013, 13-12-31 ---- */

static bool take_part(struct scan *s, size_t least, size_t most, int *out) {
    size_t n = 0;
    for (*out = 0; n < most && s->at < s->end && is_digit(*s->at); n++)
        *out = *out * 10 + (*s->at++ - '0');
    return n >= least && (s->at == s->end || !is_digit(*s->at));
}

/* POSIX: 69 to 99 are of the last century. */
static int full_year(int year, bool is_short) {
    return !is_short ? year : year < 69 ? 2000 + year : 1900 + year;
}

static size_t write_date(int year, int month, int day, pd_str rest, char *out) {
    struct pd_civil civil = {.year = year, .month = month, .day = day};
    pd_time ignored;
    if (!pd_civil_time(civil, &ignored) || rest.len > 20)
        return 0;
    int n = snprintf(out, INSPECT_READ_BYTES, "%04d-%02d-%02d%.*s", year, month, day, pd_arg(rest));
    /* What follows must be a time of day: then the whole is a moment. */
    enum inspect_type type = inspect_value_of((pd_str){out, (size_t)n}).type;
    return type == INSPECT_DATE || type == INSPECT_DATETIME ? (size_t)n : 0;
}

static bool read_date(pd_str cell, struct inspect_read *out) {
    struct scan s = {cell.data, cell.data + cell.len};
    int a, b, c;
    if (!take_part(&s, 1, 2, &a) || s.at == s.end)
        return false;
    char separator = *s.at++;
    if ((separator != '/' && separator != '-' && separator != '.') || !take_part(&s, 1, 2, &b) ||
        s.at == s.end || *s.at++ != separator)
        return false;
    const char *third = s.at;
    if (!take_part(&s, 2, 4, &c) || s.at - third == 3)
        return false;
    bool is_short = s.at - third == 2;
    pd_str rest = {s.at, (size_t)(s.end - s.at)};
    int year = full_year(c, is_short);
    add_way(out, WAY_DAY_FIRST, write_date(year, b, a, rest, out->text[WAY_DAY_FIRST]));
    add_way(out, WAY_MONTH_FIRST, write_date(year, a, b, rest, out->text[WAY_MONTH_FIRST]));
    if (is_short)
        add_way(out, WAY_YEAR_FIRST,
                write_date(full_year(a, true), b, c, rest, out->text[WAY_YEAR_FIRST]));
    return out->ways != 0;
}

/* Whether something begins here that makes sense: a digit, a sign, a currency, a wide space. */
static bool begins_well(pd_str cell) {
    static const char *const threes[] = {"\xE2\x88\x92", "€",   "￥",  "元",  "USD", "EUR",
                                         "GBP",          "CNY", "RMB", "CHF", "HK$", "NT$"};
    unsigned char first = (unsigned char)cell.data[0];
    if (is_digit(cell.data[0]) || first == '-' || first == '$' || first == ' ' || first == 0xC2)
        return true;
    for (size_t i = 0; i < sizeof(threes) / sizeof(threes[0]); i++)
        if (threes[i][0] == cell.data[0] && cell.len >= 3 && memcmp(threes[i], cell.data, 3) == 0)
            return true;
    return false;
}

/* Plain digits are a number by themselves, or no number in any way. */
static bool is_all_digits(pd_str cell) {
    size_t i = 0;
    while (i < cell.len && is_digit(cell.data[i]))
        i++;
    return i == cell.len;
}

bool inspect_ways_read(pd_str cell, struct inspect_read *out) {
    if (cell.len < 2 || cell.len > 40 || !begins_well(cell) || is_all_digits(cell))
        return false;
    out->ways = out->currency = 0;
    out->is_percent = out->is_number = false;
    if (is_digit(cell.data[0]) && read_date(cell, out))
        return true;
    out->ways = 0;
    return read_number(cell, out);
}

/* ---- Following all of them ---- */

/* What a state that follows one way takes its limits from: it counts no values, so the least. */
enum { WAY_COLUMNS = 1 << 20 };

struct inspect_state *inspect_ways_follow(struct inspect_state *parent, enum inspect_way way) {
    if (!parent->ways && !(parent->ways = calloc(1, sizeof(*parent->ways))))
        return NULL;
    if (parent->ways->as[way])
        return parent->ways->as[way];
    struct inspect_state *child = calloc(1, sizeof(*child));
    if (!child || !inspect_state_init(child, inspect_state_name(parent), WAY_COLUMNS, 0, NULL)) {
        free(child);
        return NULL;
    }
    return parent->ways->as[way] = child;
}

bool inspect_ways_add(struct inspect_state *state, const struct inspect_read *read, pd_str cell) {
    if (!state->ways && !(state->ways = calloc(1, sizeof(*state->ways))))
        return false;
    struct inspect_ways *ways = state->ways;
    ways->cells++;
    ways->numbers += read->is_number;
    ways->percent += read->is_percent;
    ways->money += read->currency != 0;
    ways->currencies |= read->currency;
    if ((read->ways & (read->ways - 1)) == 0)
        ways->only[__builtin_ctz(read->ways)]++;
    for (int w = 0; w < WAY_COUNT; w++) {
        if ((read->ways >> w & 1) == 0)
            continue;
        ways->fits[w]++;
        struct inspect_state *child = inspect_ways_follow(state, (enum inspect_way)w);
        pd_str plain = {read->text[w], read->len[w]};
        if (!child || !inspect_state_add_value(child, plain, cell))
            return false;
    }
    return true;
}

void inspect_ways_clear(struct inspect_ways *ways) {
    for (int w = 0; ways && w < WAY_COUNT; w++) {
        if (!ways->as[w])
            continue;
        inspect_state_clear(ways->as[w]);
        free(ways->as[w]);
    }
    free(ways);
}

bool inspect_ways_merge(struct inspect_state *into, const struct inspect_ways *from) {
    if (!from)
        return true;
    if (!into->ways && !(into->ways = calloc(1, sizeof(*into->ways))))
        return false;
    struct inspect_ways *ways = into->ways;
    ways->cells += from->cells;
    ways->numbers += from->numbers;
    ways->percent += from->percent;
    ways->money += from->money;
    ways->currencies |= from->currencies;
    for (int w = 0; w < WAY_COUNT; w++) {
        ways->only[w] += from->only[w];
        ways->fits[w] += from->fits[w];
        if (!from->as[w])
            continue;
        struct inspect_state *child = inspect_ways_follow(into, (enum inspect_way)w);
        if (!child || !inspect_state_merge(child, from->as[w]))
            return false;
    }
    return true;
}
