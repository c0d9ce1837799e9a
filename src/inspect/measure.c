/* What is measured of a column beyond extremes and quantiles, exactly: sums, how its numbers lie,
   when its moments are, the shapes of its cells, the language of its text. */
#include "inspect/inspect_impl.h"

enum { PATTERNS_KEPT = 64 };

void inspect_measure_init(struct inspect_measure *m) {
    *m = (struct inspect_measure){0};
    sketch_bins_init(&m->bins);
    sketch_periods_init(&m->periods);
    sketch_frequent_init(&m->patterns, PATTERNS_KEPT);
}

void inspect_measure_clear(struct inspect_measure *m) {
    sketch_bins_clear(&m->bins);
    sketch_periods_clear(&m->periods);
    sketch_frequent_clear(&m->patterns);
}

/* False if it needs more digits than are kept. */
static bool exact_of(const struct inspect_value *value, pd_str plain, struct sketch_decimal *out) {
    *out = (struct sketch_decimal){value->integer, 0};
    return value->type == INSPECT_INTEGER || sketch_decimal_parse(plain, out);
}

bool inspect_measure_rounds(const struct inspect_value *value, pd_str plain) {
    struct sketch_decimal exact;
    return value->type == INSPECT_DECIMAL && !exact_of(value, plain, &exact);
}

static bool add_number(struct inspect_measure *m, const struct inspect_value *value, pd_str plain,
                       uint64_t times) {
    struct sketch_decimal exact;
    if (!exact_of(value, plain, &exact)) {
        sketch_sum_add_rounded(&m->sum, value->number);
        return true;
    }
    sketch_sum_add_times(&m->sum, exact, times);
    return sketch_bins_add_times(&m->bins, exact, times);
}

/* A zone may move a moment of the first or the last day out of the years that a calendar has. */
static bool is_in_years(pd_time t) {
    return t >= INT64_C(-719162) * PD_DAY && t < INT64_C(2932897) * PD_DAY;
}

static bool add_moment(struct inspect_measure *m, pd_time t, uint64_t times) {
    return !is_in_years(t) || sketch_periods_add_times(&m->periods, t, times);
}

bool inspect_measure_add_pattern(struct inspect_measure *m, pd_str cell, uint64_t seed,
                                 struct sketch_place *place) {
    char shape[INSPECT_PATTERN_SIZE];
    pd_str pattern = inspect_pattern_of(cell, shape);
    return sketch_frequent_place(&m->patterns, sketch_hash(pattern.data, pattern.len, seed),
                                 pattern, place);
}

bool inspect_measure_add_shape(struct inspect_measure *m, struct inspect_shape *shape,
                               uint64_t times) {
    pd_str pattern = {shape->pattern, shape->pattern_len};
    for (; times > 0; times--) {
        if (sketch_frequent_again(&m->patterns, shape->in_patterns, times))
            return true;
        if (!sketch_frequent_place(&m->patterns, shape->pattern_hash, pattern, &shape->in_patterns))
            return false;
    }
    return true;
}

static bool add_value(struct inspect_measure *m, const struct inspect_value *value, pd_str plain,
                      uint64_t times) {
    switch (value->type) {
    case INSPECT_INTEGER:
    case INSPECT_DECIMAL:
        return add_number(m, value, plain, times);
    case INSPECT_DATE:
    case INSPECT_DATETIME:
        return add_moment(m, value->time, times);
    default:
        return true;
    }
}

bool inspect_measure_add_value(struct inspect_measure *m, const struct inspect_value *value,
                               pd_str plain) {
    return add_value(m, value, plain, 1);
}

bool inspect_measure_add_integers(struct inspect_measure *m, const int64_t *values, size_t count) {
    sketch_sum_add_integers(&m->sum, values, count);
    return sketch_bins_add_integers(&m->bins, values, count);
}

bool inspect_measure_add_moments(struct inspect_measure *m, const pd_time *times, size_t count) {
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end < count && is_in_years(times[end]))
            end++;
        if (!sketch_periods_add_all(&m->periods, times + i, end - i))
            return false;
        i = end + 1;
    }
    return true;
}

bool inspect_measure_again(struct inspect_measure *m, const struct inspect_seen *seen, pd_str text,
                           uint64_t times) {
    if (seen->value.type == INSPECT_TEXT)
        inspect_language_add(&m->language, text, times);
    return seen->is_in_ways || seen->is_rounded || add_value(m, &seen->value, text, times);
}

bool inspect_measure_merge(struct inspect_measure *into, const struct inspect_measure *from) {
    sketch_sum_merge(&into->sum, &from->sum);
    inspect_language_merge(&into->language, &from->language);
    return sketch_bins_merge(&into->bins, &from->bins) &&
           sketch_periods_merge(&into->periods, &from->periods) &&
           sketch_frequent_merge(&into->patterns, &from->patterns);
}

/* ---- What it tells ---- */

static bool tell_sum(const struct inspect_measure *m, struct pd_arena *arena,
                     struct inspect_column *out) {
    char text[SKETCH_SUM_TEXT_SIZE];
    out->has_mean = true;
    out->sum_is_exact = m->sum.rounded == 0;
    long double sum = sketch_sum_value(&m->sum);
    out->mean = (double)(sum / (long double)(m->sum.count + m->sum.rounded));
    if (out->sum_is_exact)
        out->sum = pd_arena_str(arena, (pd_str){text, sketch_sum_write(&m->sum, text)});
    else
        out->sum = pd_arena_printf(arena, "%.17Lg", sum);
    return out->sum.data != NULL;
}

static bool tell_bins(const struct inspect_measure *m, struct pd_arena *arena,
                      struct inspect_column *out) {
    struct sketch_bin bins[INSPECT_BINS];
    size_t n = sketch_bins_get(&m->bins, INSPECT_BINS, out->type == INSPECT_INTEGER, bins);
    struct inspect_bin *shown = pd_arena_array(arena, n, sizeof(*shown));
    if (!shown)
        return false;
    for (size_t i = 0; i < n; i++) {
        char from[SKETCH_EDGE_TEXT_SIZE], to[SKETCH_EDGE_TEXT_SIZE];
        sketch_edge_write(bins[i].from, from);
        sketch_edge_write(bins[i].to, to);
        shown[i] = (struct inspect_bin){pd_arena_str(arena, pd_str_from(from)),
                                        pd_arena_str(arena, pd_str_from(to)), bins[i].count};
        if (!shown[i].from.data || !shown[i].to.data)
            return false;
    }
    out->bins = shown;
    out->bin_count = n;
    out->unbinned = m->sum.rounded;
    return true;
}

static const char *const unit_names[] = {[SKETCH_HOURS] = "hour",
                                         [SKETCH_DAYS] = "day",
                                         [SKETCH_MONTHS] = "month",
                                         [SKETCH_YEARS] = "year"};

static pd_str period_text(enum sketch_unit unit, int64_t index, struct pd_arena *arena) {
    static const size_t lengths[] = {
        [SKETCH_HOURS] = 13, [SKETCH_DAYS] = 10, [SKETCH_MONTHS] = 7, [SKETCH_YEARS] = 4};
    char text[PD_TIME_TEXT_SIZE];
    pd_time_write(sketch_period_start(unit, index), PD_TIME_SECONDS, text);
    return pd_arena_str(arena, (pd_str){text, lengths[unit]});
}

/* Periods in groups of 1, 2, 3, ... so that there are at most INSPECT_BINS; the last may be short.
 */
static bool tell_periods(const struct inspect_measure *m, struct pd_arena *arena,
                         struct inspect_column *out) {
    const struct sketch_periods *p = &m->periods;
    if (p->used == 0)
        return true;
    uint32_t each = (p->used + INSPECT_BINS - 1) / INSPECT_BINS;
    size_t n = (p->used + each - 1) / each;
    struct inspect_bin *shown = pd_arena_array(arena, n, sizeof(*shown));
    if (!shown)
        return false;
    for (uint32_t i = 0; i < p->used; i++)
        shown[i / each].count += p->counts[i];
    for (size_t b = 0; b < n; b++) {
        int64_t from = p->first + (int64_t)b * each, to = from + each;
        if (to > p->first + p->used)
            to = p->first + p->used;
        shown[b].from = period_text(p->unit, from, arena);
        shown[b].to = period_text(p->unit, to - 1, arena); /* the last period, included */
        if (!shown[b].from.data || !shown[b].to.data)
            return false;
    }
    out->bins = shown;
    out->bin_count = n;
    out->bin_unit = unit_names[p->unit];
    return true;
}

static bool tell_patterns(const struct inspect_measure *m, struct pd_arena *arena,
                          struct inspect_column *out) {
    out->pattern_bound = m->patterns.bound;
    out->pattern_count = sketch_frequent_top(&m->patterns, INSPECT_PATTERNS, out->patterns);
    for (size_t i = 0; i < out->pattern_count; i++) {
        out->patterns[i].text = pd_arena_str(arena, out->patterns[i].text);
        if (!out->patterns[i].text.data)
            return false;
    }
    return true;
}

bool inspect_measure_tell(const struct inspect_measure *m, struct pd_arena *arena,
                          struct inspect_column *out) {
    bool is_number = out->type == INSPECT_INTEGER || out->type == INSPECT_DECIMAL;
    bool is_moment = out->type == INSPECT_DATE || out->type == INSPECT_DATETIME;
    out->bin_unit = "";
    out->language = "";
    out->rhythm = "";
    out->language_evidence = out->sum = out->gap_from = out->gap_to = PD_STR("");
    if (is_number && !(tell_sum(m, arena, out) && tell_bins(m, arena, out)))
        return false;
    if (is_moment && !(tell_periods(m, arena, out) && inspect_gaps_tell(&m->periods, arena, out)))
        return false;
    if (out->type == INSPECT_TEXT &&
        !inspect_language_tell(&m->language, arena, &out->language, &out->language_evidence))
        return false;
    return tell_patterns(m, arena, out);
}

/* ---- As bytes ---- */

bool inspect_measure_save(const struct inspect_measure *m, struct pd_buf *out) {
    const struct inspect_language *l = &m->language;
    for (int s = 0; s < INSPECT_SCRIPT_COUNT; s++)
        sketch_save_u64(out, l->letters[s]);
    for (int i = 0; i < INSPECT_LANGUAGE_COUNT; i++)
        sketch_save_u64(out, l->hits[i]);
    sketch_save_u64(out, l->words);
    sketch_save_u64(out, l->simplified);
    sketch_save_u64(out, l->traditional);
    return sketch_sum_save(&m->sum, out) && sketch_bins_save(&m->bins, out) &&
           sketch_periods_save(&m->periods, out) && sketch_frequent_save(&m->patterns, out);
}

bool inspect_measure_load(struct sketch_input *in, struct inspect_measure *m) {
    struct inspect_language *l = &m->language;
    for (int s = 0; s < INSPECT_SCRIPT_COUNT; s++)
        l->letters[s] = sketch_load_u64(in);
    for (int i = 0; i < INSPECT_LANGUAGE_COUNT; i++)
        l->hits[i] = sketch_load_u64(in);
    l->words = sketch_load_u64(in);
    l->simplified = sketch_load_u64(in);
    l->traditional = sketch_load_u64(in);
    return sketch_sum_load(in, &m->sum) && sketch_bins_load(in, &m->bins) &&
           sketch_periods_load(in, &m->periods) && sketch_frequent_load(in, &m->patterns);
}
