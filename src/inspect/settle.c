/* When a column is told: which way its cells are read, which words are no values, and the note. */
#include "inspect/inspect_impl.h"

#include <stdarg.h>
#include <stdio.h>

struct settling {
    struct inspect_state *state;
    struct pd_arena *arena;
    uint64_t seed;
    pd_str note;
    bool failed;
};

PD_PRINTF(2, 3) static void say(struct settling *s, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    s->note =
        pd_arena_printf(s->arena, "%.*s%s%s", pd_arg(s->note), s->note.len > 0 ? "; " : "", text);
    s->failed = s->failed || !s->note.data;
}

static const char *number(uint64_t n, char out[INSPECT_NUMBER_SIZE]) {
    return inspect_number(n, out);
}

/* ---- Ways ---- */

/* The way becomes what the column is; without one, its cells are text. */
static bool take_way(struct inspect_state *state, int way) {
    struct inspect_ways *ways = state->ways;
    state->ways = NULL;
    bool ok = true;
    if (way >= 0)
        ok = inspect_state_merge(state, ways->as[way]);
    else
        inspect_state_count_text(state, ways->cells);
    inspect_ways_clear(ways);
    return ok;
}

static bool is_same(const struct inspect_ways *ways) {
    const struct inspect_state *a = ways->as[WAY_POINT], *b = ways->as[WAY_COMMA];
    return a->min_number == b->min_number && a->max_number == b->max_number &&
           a->kinds[INSPECT_INTEGER] == b->kinds[INSPECT_INTEGER];
}

static int settle_numbers(struct settling *s) {
    const struct inspect_state *state = s->state;
    const struct inspect_ways *ways = state->ways;
    char n[INSPECT_NUMBER_SIZE], m[INSPECT_NUMBER_SIZE];
    uint64_t plain = state->kinds[INSPECT_INTEGER] + state->kinds[INSPECT_DECIMAL];
    if (ways->percent > 0 && ways->percent != ways->cells + plain) {
        say(s, "%s of %s numbers are per cent: kept as text", number(ways->percent, n),
            number(ways->cells + plain, m));
        return -1;
    }
    if ((ways->currencies & (ways->currencies - 1)) != 0) {
        say(s, "amounts in several currencies: kept as text");
        return -1;
    }
    bool point = ways->fits[WAY_POINT] == ways->cells;
    bool comma = ways->fits[WAY_COMMA] == ways->cells && state->kinds[INSPECT_DECIMAL] == 0;
    if (ways->percent > 0)
        say(s, "numbers are per cent");
    if (ways->money > 0)
        say(s, "%s of %s numbers have a sign of currency", number(ways->money, n),
            number(ways->cells + plain, m));
    if (point && comma && is_same(ways))
        return WAY_POINT;
    if (point && comma) {
        bool below = state->kinds[INSPECT_INTEGER] > 0 && state->min_number > -1000 &&
                     state->max_number < 1000;
        if (below)
            say(s, "the comma stands between thousands: no number below 1,000 has one, every other "
                   "does");
        else
            say(s, "the comma is read as one between thousands, since three digits follow it in "
                   "every number; it may be a decimal comma");
        return WAY_POINT;
    }
    if (point) {
        if (ways->only[WAY_POINT] > 0)
            say(s, "marks stand between thousands (1,234.5)");
        return WAY_POINT;
    }
    if (comma) {
        say(s, "numbers have a decimal comma (1.234,5)");
        return WAY_COMMA;
    }
    say(s, "numbers in two notations, 1,234.5 and 1.234,5: kept as text");
    return -1;
}

/* What is no date however much it looks like one. */
static bool is_no_date(pd_str name) {
    static const char *const words[] = {"lat",  "lon",  "lng",  "coord",   "坐标", "座標",  "经度",
                                        "纬度", "經度", "緯度", "version", "版本", "degree"};
    char lower[256];
    size_t n = name.len < sizeof(lower) ? name.len : sizeof(lower);
    for (size_t i = 0; i < n; i++) {
        char c = name.data[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
        size_t at = pd_str_find((pd_str){lower, n}, pd_str_from(words[w]));
        bool is_start =
            at == 0 || (at != PD_NPOS && !(lower[at - 1] >= 'a' && lower[at - 1] <= 'z'));
        if (at != PD_NPOS && is_start)
            return true;
    }
    return false;
}

static int settle_dates(struct settling *s) {
    static const char *const names[WAY_COUNT] = {[WAY_DAY_FIRST] = "day first",
                                                 [WAY_MONTH_FIRST] = "month first",
                                                 [WAY_YEAR_FIRST] = "year first, in two digits"};
    const struct inspect_ways *ways = s->state->ways;
    char a[INSPECT_NUMBER_SIZE], b[INSPECT_NUMBER_SIZE], c[INSPECT_NUMBER_SIZE],
        d[INSPECT_NUMBER_SIZE];
    if (is_no_date(inspect_state_name(s->state))) {
        say(s, "some look like dates, but the name says otherwise");
        return -1;
    }
    uint64_t whole = s->state->kinds[INSPECT_DATE] + s->state->kinds[INSPECT_DATETIME];
    int found = -1, fitting = 0;
    for (int w = WAY_DAY_FIRST; w < WAY_COUNT; w++) {
        if (ways->fits[w] != ways->cells)
            continue;
        fitting++;
        if (found < 0)
            found = w;
    }
    if (whole > 0 || fitting == 0) {
        uint64_t only_day = ways->only[WAY_DAY_FIRST], only_month = ways->only[WAY_MONTH_FIRST];
        say(s,
            "dates in several orders: %s year first, %s can only be day first, %s only month "
            "first, %s more than one; kept as text",
            number(whole, a), number(only_day, b), number(only_month, c),
            number(ways->cells - only_day - only_month - ways->only[WAY_YEAR_FIRST], d));
        return -1;
    }
    if (fitting > 1) {
        say(s, "all dates can be read %s and %s alike, and nothing tells which: kept as text",
            names[found],
            names[found == WAY_DAY_FIRST && ways->fits[WAY_MONTH_FIRST] == ways->cells
                      ? WAY_MONTH_FIRST
                      : WAY_YEAR_FIRST]);
        return -1;
    }
    say(s, "dates are %s: %s can be read in no other order", names[found],
        number(ways->only[found], a));
    return found;
}

static bool settle_ways(struct settling *s, bool *is_formatted) {
    const struct inspect_ways *ways = s->state->ways;
    if (!ways)
        return true;
    uint64_t moments = ways->cells - ways->numbers;
    uint64_t others = inspect_state_filled(s->state) - ways->cells;
    const uint64_t *kinds = s->state->kinds;
    bool is_all_numbers = moments == 0 && kinds[INSPECT_INTEGER] + kinds[INSPECT_DECIMAL] == others;
    bool is_all_dates =
        ways->numbers == 0 && kinds[INSPECT_DATE] + kinds[INSPECT_DATETIME] == others;
    int way = is_all_numbers ? settle_numbers(s) : is_all_dates ? settle_dates(s) : -1;
    *is_formatted = way >= 0;
    return take_way(s->state, way);
}

/* ---- Words ---- */

static bool settle_words(struct settling *s) {
    struct inspect_state *state = s->state;
    uint64_t empty = 0;
    pd_str list = PD_STR(""), kept = PD_STR("");
    bool is_null[INSPECT_NULL_FORMS];
    for (int w = 0; w < INSPECT_NULL_FORMS; w++) /* decided by the others, so before any is added */
        is_null[w] = state->words[w] > 0 && inspect_null_is(state, w);
    for (int w = 0; w < INSPECT_NULL_FORMS; w++) {
        uint64_t n = state->words[w];
        if (n == 0)
            continue;
        char spelled[INSPECT_NULL_SIZE];
        pd_str text = inspect_null_text(w, spelled);
        pd_str *out = is_null[w] ? &list : &kept;
        *out = pd_arena_printf(s->arena, "%.*s%s\"%.*s\"", pd_arg(*out), out->len > 0 ? ", " : "",
                               pd_arg(text));
        if (!out->data)
            return false;
        state->words[w] = 0;
        if (is_null[w]) {
            empty += n;
            state->kinds[INSPECT_EMPTY] += n;
        } else if (!inspect_state_add_text(state, text, n, s->seed)) {
            return false;
        }
    }
    char n[INSPECT_NUMBER_SIZE];
    if (empty > 0)
        say(s, "%s cells that say %.*s count as empty", number(empty, n), pd_arg(list));
    if (kept.len > 0)
        say(s, "%.*s stands among values like it, so it is one", pd_arg(kept));
    return !s->failed;
}

bool inspect_settle(const struct inspect_state *state, struct pd_arena *arena, uint64_t seed,
                    size_t columns, struct inspect_settled *out) {
    bool has_words = false;
    for (int w = 0; w < INSPECT_NULL_FORMS; w++)
        has_words = has_words || state->words[w] > 0;
    *out = (struct inspect_settled){.state = *state, .note = PD_STR("")};
    struct settling s = {.state = &out->state, .arena = arena, .seed = seed, .note = PD_STR("")};
    if (has_words || state->ways) {
        out->is_owned = true;
        out->state = (struct inspect_state){0};
        if (!inspect_state_init(&out->state, inspect_state_name(state), columns, seed,
                                state->site) ||
            !inspect_state_merge(&out->state, state) || !settle_ways(&s, &out->is_formatted) ||
            !settle_words(&s))
            return false;
    }
    char n[INSPECT_NUMBER_SIZE];
    uint64_t plain = state->kinds[INSPECT_INTEGER] + state->kinds[INSPECT_DECIMAL];
    if (state->big > 0)
        say(&s, "%s whole numbers are beyond 64 bits, so the column is text",
            number(state->big, n));
    if (state->partial > 0)
        say(&s, "%s dates give the year or the month only", number(state->partial, n));
    if (state->unusual > 0)
        say(&s, "%s dates are of the Republic's era, or in Chinese numerals",
            number(state->unusual, n));
    out->is_formatted = out->is_formatted || state->partial + state->unusual > 0;
    if (state->threes > 2 && state->threes == state->kinds[INSPECT_DECIMAL] &&
        plain == inspect_state_filled(&out->state))
        say(&s, "every number with a point has three digits behind it: it is read as a decimal "
                "point, and may stand between thousands");
    out->note = s.note;
    return !s.failed;
}

void inspect_settled_clear(struct inspect_settled *settled) {
    if (settled->is_owned)
        inspect_state_clear(&settled->state);
}
