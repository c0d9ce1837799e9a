/*
 * Values that a column has not had before, a block of them at once: each question is asked of all
 * cells that look alike before the next one is, in loops that do nothing else. What comes out is
 * what inspect_state_add says of each cell by itself.
 */
#include "inspect/inspect_impl.h"

#include <string.h>

/* ---- Cells that look alike, one behind the other ---- */

struct run {
    struct inspect_shape *shape; /* NULL: they don't */
    size_t count;
    const uint8_t *which; /* in the block, ascending */
};

struct runs {
    struct run runs[INSPECT_BLOCK + 1];
    size_t count;
    uint8_t which[INSPECT_BLOCK];
};

static void find_runs(const struct inspect_fresh *fresh, struct runs *out) {
    uint8_t ends[INSPECT_BLOCK + 1];
    const size_t odd = fresh->shape_count;
    for (size_t s = 0; s <= odd; s++)
        out->runs[s] = (struct run){0};
    for (size_t i = 0; i < fresh->count; i++) {
        struct inspect_shape *shape = fresh->shapes[i];
        struct run *run = &out->runs[shape ? shape->ordinal : odd];
        run->shape = shape;
        run->count++;
    }
    uint8_t start = 0;
    for (size_t s = 0; s <= odd; s++) {
        out->runs[s].which = out->which + start;
        ends[s] = start;
        start = (uint8_t)(start + out->runs[s].count);
    }
    for (size_t i = 0; i < fresh->count; i++) {
        const struct inspect_shape *shape = fresh->shapes[i];
        out->which[ends[shape ? shape->ordinal : odd]++] = (uint8_t)i;
    }
    out->count = odd + 1;
}

void inspect_fresh_begin(struct inspect_fresh *fresh, struct inspect_state *state, uint64_t seed,
                         void (*word)(void *context, uint8_t at, int word), void *context) {
    size_t kept = 0;
    fresh->shape_count = 0;
    if (state->shapes)
        inspect_shapes_begin(state->shapes);
    for (size_t i = 0; i < fresh->count; i++) {
        pd_str cell = fresh->cells[i];
        uint16_t count = fresh->shape_count;
        struct inspect_shape *shape =
            state->shapes ? inspect_shape_of(state->shapes, cell, state->mask, seed, &count) : NULL;
        fresh->shape_count = count;
        int found = shape && !shape->could_be_word ? -1 : inspect_null_find(cell);
        if (found >= 0) {
            state->words[found]++;
            word(context, fresh->at[i], found);
            continue;
        }
        fresh->cells[kept] = cell;
        fresh->hashes[kept] = fresh->hashes[i];
        fresh->at[kept] = fresh->at[i];
        fresh->shapes[kept++] = shape;
    }
    fresh->count = kept;
}

/* ---- Values ---- */

static struct inspect_value value_of_digits(pd_str cell) {
    struct inspect_value value = {.type = INSPECT_TEXT};
    if (cell.len > 1 && cell.data[0] == '0')
        return value; /* it would be lost in a number */
    const char *at = cell.data, *end = cell.data + cell.len;
    uint64_t n = 0, eight;
    for (; end - at >= 8; at += 8) {
        memcpy(&eight, at, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        eight = __builtin_bswap64(eight);
#endif
        eight -= UINT64_C(0x3030303030303030);
        eight = eight * 10 + (eight >> 8); /* pairs in every other byte */
        eight = ((eight & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
                 (eight >> 16 & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >>
                32;
        n = n * 100000000 + (uint32_t)eight;
    }
    for (; at < end; at++)
        n = n * 10 + (uint64_t)(*at - '0');
    value.type = INSPECT_INTEGER;
    value.integer = (int64_t)n;
    value.number = (double)value.integer;
    return value;
}

static int two(const char *p) {
    return (p[0] - '0') * 10 + (p[1] - '0');
}

/* The day since 1970 of one that exists in any month (Hinnant, days_from_civil). */
static struct inspect_value value_of_date(pd_str cell) {
    const char *p = cell.data;
    int year = two(p) * 100 + two(p + 2), month = two(p + 5), day = two(p + 8);
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 28)
        return inspect_value_of(cell);
    unsigned y = (unsigned)(year - (month <= 2)), era = y / 400, of_era = y - era * 400;
    unsigned of_year = (153 * (unsigned)(month > 2 ? month - 3 : month + 9) + 2) / 5;
    unsigned days = of_era * 365 + of_era / 4 - of_era / 100 + of_year + (unsigned)day - 1;
    int64_t since = (int64_t)era * 146097 + (int64_t)days - 719468;
    return (struct inspect_value){.type = INSPECT_DATE, .time = since * PD_DAY};
}

static struct inspect_value value_of_han(pd_str cell) {
    static const char ends[][4] = {"日", "年", "月", "号", "號"};
    bool could_be = cell.len <= 5;
    const char *last = cell.data + cell.len - 3;
    for (size_t i = 0; cell.len >= 7 && i < sizeof(ends) / sizeof(ends[0]); i++)
        could_be |= last[0] == ends[i][0] && last[1] == ends[i][1] && last[2] == ends[i][2];
    return could_be ? inspect_value_of(cell) : (struct inspect_value){.type = INSPECT_TEXT};
}

static void find_values(struct inspect_fresh *fresh, const struct run *run) {
    struct inspect_value *values = fresh->values;
    const uint8_t *which = run->which;
    const pd_str *cells = fresh->cells;
    switch (run->shape ? run->shape->reading : READ_ANY) {
    case READ_TEXT:
        for (size_t n = 0; n < run->count; n++)
            values[which[n]] = (struct inspect_value){.type = INSPECT_TEXT};
        break;
    case READ_HAN:
        for (size_t n = 0; n < run->count; n++)
            values[which[n]] = value_of_han(cells[which[n]]);
        break;
    case READ_DIGITS:
        for (size_t n = 0; n < run->count; n++)
            values[which[n]] = value_of_digits(cells[which[n]]);
        break;
    case READ_DATE:
        for (size_t n = 0; n < run->count; n++)
            values[which[n]] = value_of_date(cells[which[n]]);
        break;
    default:
        for (size_t n = 0; n < run->count; n++)
            values[which[n]] = inspect_value_of(cells[which[n]]);
        break;
    }
}

/* What a value is beyond its type. */
static uint8_t flags_of(const struct inspect_value *value, pd_str cell, bool could_be_way) {
    struct inspect_read read;
    if (value->type == INSPECT_TEXT) {
        if (could_be_way && inspect_ways_read(cell, &read))
            return FRESH_IN_WAYS;
        return inspect_is_code(cell) ? FRESH_CODE : 0;
    }
    if (value->type != INSPECT_DECIMAL)
        return 0;
    return (uint8_t)((inspect_measure_rounds(value, cell) ? FRESH_ROUNDED : 0) |
                     (inspect_is_three(cell) ? FRESH_THREE : 0));
}

static void find_flags(struct inspect_fresh *fresh, const struct run *run) {
    bool could_be_way = !run->shape || run->shape->could_be_way;
    /* Read so, a cell is no code, and no decimal. */
    bool have_none = !could_be_way && !run->shape->is_masked && run->shape->reading != READ_ANY;
    for (size_t n = 0; have_none && n < run->count; n++)
        fresh->flags[run->which[n]] = 0;
    for (size_t n = 0; !have_none && n < run->count; n++) {
        size_t i = run->which[n];
        pd_str cell = fresh->cells[i];
        uint8_t flags = flags_of(&fresh->values[i], cell, could_be_way);
        bool is_masked =
            run->shape ? run->shape->is_masked : memchr(cell.data, '*', cell.len) != NULL;
        fresh->flags[i] = is_masked ? flags | FRESH_MASKED : flags;
    }
}

static void count_kinds(const struct inspect_fresh *fresh, struct inspect_state *state) {
    for (size_t i = 0; i < fresh->count; i++) {
        const struct inspect_value *value = &fresh->values[i];
        unsigned flags = fresh->flags[i];
        state->masked += (flags & FRESH_MASKED) != 0;
        state->codes += (flags & FRESH_CODE) != 0;
        state->threes += (flags & FRESH_THREE) != 0;
        state->partial += value->is_partial;
        state->unusual += value->is_unusual;
        state->big += value->is_big;
        state->kinds[value->type] += (flags & FRESH_IN_WAYS) == 0;
    }
}

/* ---- Detectors ---- */

static void find_hits(struct inspect_fresh *fresh, const struct inspect_state *state,
                      const struct run *run, int today) {
    pd_str cells[INSPECT_BLOCK];
    struct detect_hits hits[INSPECT_BLOCK];
    if (run->shape) {
        for (size_t n = 0; n < run->count; n++)
            cells[n] = fresh->cells[run->which[n]];
        detect_planned_all(&run->shape->plan, cells, run->count, today, hits);
        for (size_t n = 0; n < run->count; n++)
            fresh->hits[run->which[n]] = hits[n];
    } else {
        for (size_t n = 0; n < run->count; n++)
            fresh->hits[run->which[n]] =
                detect_cell(fresh->cells[run->which[n]], state->mask, today);
    }
    for (size_t n = 0; n < run->count; n++) {
        pd_str cell = fresh->cells[run->which[n]];
        fresh->site_hits[run->which[n]] =
            state->site ? detect_site_cell(state->site, cell, state->site_mask) : 0;
    }
}

static void count_hits(const struct inspect_fresh *fresh, struct inspect_state *state) {
    detect_bits any = 0;
    for (size_t i = 0; i < fresh->count; i++)
        any |= fresh->hits[i].shaped;
    for (; any != 0; any &= any - 1) {
        int type = __builtin_ctzll(any);
        uint64_t sure = 0, weak = 0, shaped = 0;
        for (size_t i = 0; i < fresh->count; i++) {
            sure += fresh->hits[i].sure >> type & 1;
            weak += fresh->hits[i].weak >> type & 1;
            shaped += fresh->hits[i].shaped >> type & 1;
        }
        state->sure[type] += sure;
        state->weak[type] += weak;
        state->shaped[type] += shaped;
    }
    for (size_t i = 0; state->site && i < fresh->count; i++)
        for (uint64_t bits = fresh->site_hits[i]; bits != 0; bits &= bits - 1)
            state->site_hits[__builtin_ctzll(bits)]++;
}

/* ---- Lengths, extremes, language ---- */

static uint64_t characters_of(pd_str cell) {
    uint64_t n = 0;
    for (size_t i = 0; i < cell.len; i++)
        n += ((unsigned char)cell.data[i] & 0xc0) != 0x80;
    return n;
}

static void add_lengths(const struct inspect_fresh *fresh, struct inspect_state *state,
                        const struct run *run) {
    if (run->shape)
        inspect_state_add_length(state, run->shape->characters);
    for (size_t n = 0; n < run->count && !run->shape; n++)
        inspect_state_add_length(state, characters_of(fresh->cells[run->which[n]]));
}

/* The first eight bytes, in the order of texts. */
static inline uint64_t front_of(pd_str text) {
    uint64_t front = 0;
    if (text.len >= 8) {
        memcpy(&front, text.data, 8);
#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_BIG_ENDIAN__
        front = __builtin_bswap64(front);
#endif
        return front;
    }
    for (size_t i = 0; i < 8; i++)
        front = front << 8 | (i < text.len ? (unsigned char)text.data[i] : 0u);
    return front;
}

static uint64_t front_of_kept(const struct inspect_kept *kept) {
    return kept->data ? front_of((pd_str){kept->data, kept->len}) : 0;
}

static bool add_text_extremes(const struct inspect_fresh *fresh, struct inspect_state *state) {
    uint64_t least = front_of_kept(&state->min_text), most = front_of_kept(&state->max_text);
    bool has_both = state->min_text.data && state->max_text.data;
    for (size_t i = 0; i < fresh->count; i++) {
        uint64_t front = front_of(fresh->cells[i]);
        if (has_both && front > least && front < most)
            continue;
        if (!inspect_state_add_text_extremes(state, fresh->cells[i]))
            return false;
        least = front_of_kept(&state->min_text);
        most = front_of_kept(&state->max_text);
        has_both = true;
    }
    return true;
}

static bool add_places(const struct inspect_fresh *fresh, struct inspect_state *state) {
    for (size_t i = 0; i < fresh->count; i++) {
        const struct inspect_value *value = &fresh->values[i];
        bool is_between = value->type == INSPECT_TEXT || value->type == INSPECT_BOOLEAN;
        if (value->type == INSPECT_INTEGER && state->min_number_text.data)
            is_between = (long double)value->integer >= state->min_number &&
                         (long double)value->integer <= state->max_number;
        else if (value->type == INSPECT_DATE && state->min_time_text.data)
            is_between = value->time >= state->min_time && value->time <= state->max_time;
        if (!is_between && !inspect_state_add_place(state, value, fresh->cells[i]))
            return false;
    }
    return true;
}

static void add_language(const struct inspect_fresh *fresh, struct inspect_state *state,
                         const struct run *run) {
    struct inspect_language *language = &state->measure.language;
    bool is_plain = run->shape && run->shape->is_plain_ascii;
    if (is_plain && run->shape->latin == 0)
        return;
    for (size_t n = 0; n < run->count; n++) {
        size_t i = run->which[n];
        if (fresh->values[i].type != INSPECT_TEXT)
            continue;
        if (is_plain)
            language->letters[INSPECT_LATIN] += run->shape->latin;
        else
            inspect_language_add(language, fresh->cells[i], 1);
    }
}

/* ---- Sums, bins, periods ---- */

static bool add_measures(const struct inspect_fresh *fresh, struct inspect_state *state) {
    int64_t integers[INSPECT_BLOCK];
    pd_time times[INSPECT_BLOCK];
    size_t integer_count = 0, time_count = 0;
    for (size_t i = 0; i < fresh->count; i++) {
        const struct inspect_value *value = &fresh->values[i];
        if (value->type == INSPECT_INTEGER)
            integers[integer_count++] = value->integer;
        else if (inspect_is_moment(value->type))
            times[time_count++] = value->time;
        else if (value->type == INSPECT_DECIMAL && !(fresh->flags[i] & FRESH_ROUNDED) &&
                 !inspect_measure_add_value(&state->measure, value, fresh->cells[i]))
            return false;
    }
    return inspect_measure_add_integers(&state->measure, integers, integer_count) &&
           inspect_measure_add_moments(&state->measure, times, time_count);
}

bool inspect_fresh_add(struct inspect_fresh *fresh, struct inspect_state *state,
                       const struct inspector *inspector) {
    struct runs runs;
    find_runs(fresh, &runs);
    for (size_t r = 0; r < runs.count; r++) {
        const struct run *run = &runs.runs[r];
        if (run->count == 0)
            continue;
        find_values(fresh, run);
        find_flags(fresh, run);
        find_hits(fresh, state, run, inspector->today);
        add_lengths(fresh, state, run);
        add_language(fresh, state, run);
    }
    count_kinds(fresh, state);
    count_hits(fresh, state);
    return add_text_extremes(fresh, state) && add_places(fresh, state) &&
           add_measures(fresh, state) &&
           sketch_distinct_add_all(&state->distinct, fresh->hashes, fresh->count);
}

struct inspect_seen inspect_fresh_seen(const struct inspect_fresh *fresh, size_t i) {
    unsigned flags = fresh->flags[i];
    return (struct inspect_seen){.hits = fresh->hits[i],
                                 .site_hits = fresh->site_hits[i],
                                 .value = fresh->values[i],
                                 .word = -1,
                                 .is_in_ways = (flags & FRESH_IN_WAYS) != 0,
                                 .is_rounded = (flags & FRESH_ROUNDED) != 0,
                                 .is_masked = (flags & FRESH_MASKED) != 0,
                                 .is_code = (flags & FRESH_CODE) != 0,
                                 .is_three = (flags & FRESH_THREE) != 0};
}
