/* What is remembered of a column while its cells pass by. */
#include "inspect/inspect_impl.h"

#include <stdlib.h>
#include <string.h>

/* Shares of memory that wide tables divide among their columns; see inspector_new. */
enum {
    DISTINCT_BUDGET = 2000000,
    DISTINCT_LEAST = 256,
    FREQUENT_BUDGET = 500000,
    FREQUENT_LEAST = 50,
    UNIQUE_BUDGET = SKETCH_DISTINCT_MOST
};

static uint32_t part_of(uint32_t budget, size_t columns, uint32_t least, uint32_t most) {
    size_t part = budget / columns;
    return part < least ? least : part > most ? most : (uint32_t)part;
}

bool inspect_state_init(struct inspect_state *state, pd_str name, size_t columns, uint64_t seed,
                        const struct detect_site *site) {
    *state = (struct inspect_state){0};
    state->name = malloc(name.len + 1);
    if (!state->name)
        return false;
    if (name.len > 0)
        memcpy(state->name, name.data, name.len);
    state->name_len = name.len;
    struct detect_name words = detect_name_make(name);
    state->mask = detect_mask(&words);
    if (detect_site_count(site) > 0) {
        state->site = site;
        state->site_mask = detect_site_context(site, &words);
        state->site_hits = calloc(detect_site_count(site), sizeof(*state->site_hits));
        if (!state->site_hits) {
            inspect_state_clear(state);
            return false;
        }
    }
    sketch_distinct_init(&state->distinct,
                         part_of(DISTINCT_BUDGET, columns, DISTINCT_LEAST, SKETCH_DISTINCT_EXACT),
                         part_of(UNIQUE_BUDGET, columns, DISTINCT_LEAST, SKETCH_DISTINCT_MOST));
    sketch_frequent_init(&state->frequent, part_of(FREQUENT_BUDGET, columns, FREQUENT_LEAST,
                                                   SKETCH_FREQUENT_ENTRIES));
    sketch_quantiles_init(&state->quantiles, seed);
    inspect_measure_init(&state->measure);
    return true;
}

void inspect_state_clear(struct inspect_state *state) {
    struct inspect_kept *kept[] = {&state->min_text,        &state->max_text,
                                   &state->min_number_text, &state->max_number_text,
                                   &state->min_time_text,   &state->max_time_text};
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        free(kept[i]->data);
    free(state->name);
    free(state->site_hits);
    inspect_seen_free(state->seen);
    inspect_shapes_free(state->shapes);
    sketch_distinct_clear(&state->distinct);
    sketch_frequent_clear(&state->frequent);
    sketch_quantiles_clear(&state->quantiles);
    inspect_measure_clear(&state->measure);
    inspect_ways_clear(state->ways);
    *state = (struct inspect_state){0};
}

pd_str inspect_state_name(const struct inspect_state *state) {
    return (pd_str){state->name, state->name_len};
}

uint64_t inspect_state_filled(const struct inspect_state *state) {
    uint64_t filled = state->ways ? state->ways->cells : 0;
    for (int t = INSPECT_EMPTY + 1; t < INSPECT_TYPE_COUNT; t++)
        filled += state->kinds[t];
    return filled;
}

static pd_str kept_view(const struct inspect_kept *kept) {
    return (pd_str){kept->data, kept->len};
}

static pd_str cut(pd_str text) {
    if (text.len <= SKETCH_TEXT_BYTES)
        return text;
    size_t n = SKETCH_TEXT_BYTES;
    while (n > 0 && ((unsigned char)text.data[n] & 0xc0) == 0x80)
        n--;
    return pd_str_sub(text, 0, n);
}

static bool keep(struct inspect_kept *kept, pd_str text) {
    text = cut(text);
    if (!kept->data && !(kept->data = malloc(SKETCH_TEXT_BYTES)))
        return false;
    memcpy(kept->data, text.data, text.len);
    kept->len = (uint16_t)text.len;
    return true;
}

static unsigned char first_byte(const char *text) {
    return (unsigned char)text[0];
}

bool inspect_state_add_text_extremes(struct inspect_state *state, pd_str text) {
    /* Mostly the first byte tells that it lies between. */
    if (text.len > 0 && state->min_text.len > 0 && state->max_text.len > 0 &&
        first_byte(text.data) > first_byte(state->min_text.data) &&
        first_byte(text.data) < first_byte(state->max_text.data))
        return true;
    text = cut(text);
    if ((!state->min_text.data || pd_str_cmp(text, kept_view(&state->min_text)) < 0) &&
        !keep(&state->min_text, text))
        return false;
    return !((!state->max_text.data || pd_str_cmp(text, kept_view(&state->max_text)) > 0) &&
             !keep(&state->max_text, text));
}

static bool add_number_extremes(struct inspect_state *state, long double least, pd_str least_text,
                                long double most, pd_str most_text) {
    if (!state->min_number_text.data || least < state->min_number) {
        state->min_number = least;
        if (!keep(&state->min_number_text, least_text))
            return false;
    }
    if (!state->max_number_text.data || most > state->max_number) {
        state->max_number = most;
        if (!keep(&state->max_number_text, most_text))
            return false;
    }
    return true;
}

static bool add_time_extremes(struct inspect_state *state, pd_time least, pd_str least_text,
                              pd_time most, pd_str most_text) {
    if (!state->min_time_text.data || least < state->min_time) {
        state->min_time = least;
        if (!keep(&state->min_time_text, least_text))
            return false;
    }
    if (!state->max_time_text.data || most > state->max_time) {
        state->max_time = most;
        if (!keep(&state->max_time_text, most_text))
            return false;
    }
    return true;
}

static void add_length(struct inspect_state *state, uint64_t least, uint64_t most) {
    if (least < state->min_length || state->max_length == 0)
        state->min_length = least;
    if (most > state->max_length)
        state->max_length = most;
}

void inspect_state_add_length(struct inspect_state *state, uint64_t characters) {
    add_length(state, characters, characters);
}

static uint64_t characters(pd_str text, bool *has_asterisk) {
    uint64_t n = 0;
    unsigned asterisks = 0;
    for (size_t i = 0; i < text.len; i++) {
        n += ((unsigned char)text.data[i] & 0xc0) != 0x80;
        asterisks |= text.data[i] == '*';
    }
    *has_asterisk = asterisks != 0;
    return n;
}

/* Quantiles make sense among numbers or among moments; a column that mixes gives them up. */
void inspect_state_settle_order(struct inspect_state *state) {
    bool numbers = state->kinds[INSPECT_INTEGER] + state->kinds[INSPECT_DECIMAL] > 0;
    bool moments = state->kinds[INSPECT_DATE] + state->kinds[INSPECT_DATETIME] > 0;
    bool others =
        state->kinds[INSPECT_TEXT] + state->kinds[INSPECT_BOOLEAN] + state->kinds[INSPECT_TIME] > 0;
    if (state->has_no_order || (!others && !(numbers && moments)))
        return;
    state->has_no_order = true;
    sketch_quantiles_clear(&state->quantiles);
    sketch_quantiles_init(&state->quantiles, 0); /* whatever it drew before */
}

bool inspect_is_number(enum inspect_type type) {
    return type == INSPECT_INTEGER || type == INSPECT_DECIMAL;
}

bool inspect_is_moment(enum inspect_type type) {
    return type == INSPECT_DATE || type == INSPECT_DATETIME;
}

double inspect_order_of(const struct inspect_value *value) {
    return inspect_is_number(value->type) ? value->number : (double)value->time;
}

bool inspect_state_add_place(struct inspect_state *state, const struct inspect_value *value,
                             pd_str cell) {
    if (inspect_is_number(value->type)) {
        bool is_integer = value->type == INSPECT_INTEGER;
        long double number = is_integer ? (long double)value->integer : value->number;
        return add_number_extremes(state, number, cell, number, cell);
    }
    if (inspect_is_moment(value->type) || value->type == INSPECT_TIME)
        return add_time_extremes(state, value->time, cell, value->time, cell);
    return true;
}

/* Its kind has been counted. */
static bool add_order(struct inspect_state *state, const struct inspect_value *value) {
    inspect_state_settle_order(state);
    return state->has_no_order || sketch_quantiles_add(&state->quantiles, inspect_order_of(value));
}

void inspect_state_count_hits(struct inspect_state *state, const struct inspect_seen *seen,
                              uint64_t times) {
    for (detect_bits bits = seen->hits.shaped; bits != 0; bits &= bits - 1) {
        int type = __builtin_ctzll(bits);
        state->shaped[type] += times;
        state->sure[type] += (seen->hits.sure >> type & 1) * times;
        state->weak[type] += (seen->hits.weak >> type & 1) * times;
    }
    for (uint64_t bits = seen->site_hits; bits != 0; bits &= bits - 1)
        state->site_hits[__builtin_ctzll(bits)] += times;
    const struct inspect_value *value = &seen->value;
    state->masked += seen->is_masked * times;
    state->partial += value->is_partial * times;
    state->unusual += value->is_unusual * times;
    state->big += value->is_big * times;
    state->threes += seen->is_three * times;
    state->codes += seen->is_code * times;
    if (!seen->is_in_ways)
        state->kinds[value->type] += times;
}

bool inspect_state_add_value(struct inspect_state *state, pd_str plain, pd_str shown) {
    struct inspect_value value = inspect_value_of(plain);
    state->kinds[value.type]++;
    return inspect_state_add_place(state, &value, shown) && add_order(state, &value) &&
           inspect_measure_add_value(&state->measure, &value, plain);
}

void inspect_state_count_text(struct inspect_state *state, uint64_t n) {
    state->kinds[INSPECT_TEXT] += n;
    inspect_state_settle_order(state);
}

/* As if it had been added n times: a count doubles by merging with itself. */
static bool add_frequent(struct sketch_frequent *frequent, uint64_t hash, pd_str text, uint64_t n) {
    struct sketch_frequent power, next;
    sketch_frequent_init(&power, frequent->limit);
    bool ok = sketch_frequent_add(&power, hash, text);
    for (; ok && n > 0; n >>= 1) {
        if (n & 1)
            ok = sketch_frequent_merge(frequent, &power);
        sketch_frequent_init(&next, frequent->limit);
        ok = ok && sketch_frequent_merge(&next, &power) && sketch_frequent_merge(&next, &power);
        sketch_frequent_clear(&power);
        power = next;
    }
    sketch_frequent_clear(&power);
    return ok;
}

bool inspect_state_add_text(struct inspect_state *state, pd_str text, uint64_t n, uint64_t seed) {
    char shape[INSPECT_PATTERN_SIZE];
    pd_str pattern = inspect_pattern_of(text, shape);
    bool has_asterisk;
    uint64_t hash = sketch_hash(text.data, text.len, seed);
    uint64_t length = characters(text, &has_asterisk);
    inspect_state_count_text(state, n);
    add_length(state, length, length);
    return inspect_state_add_text_extremes(state, text) &&
           sketch_distinct_add(&state->distinct, hash) &&
           add_frequent(&state->frequent, hash, text, n) &&
           add_frequent(&state->measure.patterns, sketch_hash(pattern.data, pattern.len, seed),
                        pattern, n);
}

bool inspect_is_code(pd_str cell) {
    return cell.len == 2 && cell.data[0] >= 'A' && cell.data[0] <= 'Z' && cell.data[1] >= 'A' &&
           cell.data[1] <= 'Z';
}

bool inspect_is_three(pd_str cell) {
    size_t whole = cell.len - 4 - (cell.data[0] == '-');
    return cell.len >= 5 && cell.data[cell.len - 4] == '.' && whole >= 1 && whole <= 3 &&
           cell.data[cell.len - 4 - whole] != '0';
}

bool inspect_state_add_turn(struct inspect_state *state, const struct inspect_seen *seen,
                            pd_str cell) {
    struct inspect_read read;
    if (seen->is_in_ways)
        return !inspect_ways_read(cell, &read) || inspect_ways_add(state, &read, cell);
    return !seen->is_rounded || inspect_measure_add_value(&state->measure, &seen->value, cell);
}

/* What the cell is by itself, or in one way or another. */
static bool add_kind(struct inspect_state *state, pd_str cell, struct inspect_seen *seen) {
    struct inspect_read read;
    const struct inspect_value *value = &seen->value;
    seen->is_rounded = inspect_measure_rounds(value, cell);
    seen->is_three = value->type == INSPECT_DECIMAL && inspect_is_three(cell);
    seen->is_in_ways = value->type == INSPECT_TEXT && inspect_ways_read(cell, &read);
    seen->is_code = value->type == INSPECT_TEXT && !seen->is_in_ways && inspect_is_code(cell);
    inspect_state_count_hits(state, seen, 1);
    if (seen->is_in_ways)
        return inspect_ways_add(state, &read, cell);
    return inspect_state_add_place(state, value, cell) && add_order(state, value) &&
           inspect_measure_add_value(&state->measure, value, cell);
}

bool inspect_state_add(struct inspect_state *state, pd_str cell, uint64_t hash, int today,
                       uint64_t seed) {
    int word = inspect_null_find(cell);
    if (word >= 0) {
        state->words[word]++;
        return true;
    }
    struct sketch_place ignored;
    struct inspect_seen seen = {.value = inspect_value_of(cell),
                                .hits = detect_cell(cell, state->mask, today)};
    if (state->site)
        seen.site_hits = detect_site_cell(state->site, cell, state->site_mask);
    uint64_t length = characters(cell, &seen.is_masked);
    add_length(state, length, length);
    if (seen.value.type == INSPECT_TEXT)
        inspect_language_add(&state->measure.language, cell, 1);
    return add_kind(state, cell, &seen) && inspect_state_add_text_extremes(state, cell) &&
           inspect_measure_add_pattern(&state->measure, cell, seed, &ignored) &&
           sketch_distinct_add(&state->distinct, hash) &&
           sketch_frequent_add(&state->frequent, hash, cell);
}

static bool merge_extremes(struct inspect_state *into, const struct inspect_state *from) {
    if (from->min_text.data &&
        !(inspect_state_add_text_extremes(into, kept_view(&from->min_text)) &&
          inspect_state_add_text_extremes(into, kept_view(&from->max_text))))
        return false;
    if (from->min_number_text.data &&
        !add_number_extremes(into, from->min_number, kept_view(&from->min_number_text),
                             from->max_number, kept_view(&from->max_number_text)))
        return false;
    return !from->min_time_text.data ||
           add_time_extremes(into, from->min_time, kept_view(&from->min_time_text), from->max_time,
                             kept_view(&from->max_time_text));
}

bool inspect_state_merge(struct inspect_state *into, const struct inspect_state *from) {
    if (from->max_length > 0)
        add_length(into, from->min_length, from->max_length);
    for (int t = 0; t < INSPECT_TYPE_COUNT; t++)
        into->kinds[t] += from->kinds[t];
    for (int t = 0; t < DETECT_TYPE_COUNT; t++) {
        into->sure[t] += from->sure[t];
        into->weak[t] += from->weak[t];
        into->shaped[t] += from->shaped[t];
    }
    for (size_t i = 0; i < detect_site_count(into->site); i++)
        into->site_hits[i] += from->site_hits[i];
    into->masked += from->masked;
    for (int w = 0; w < INSPECT_NULL_FORMS; w++)
        into->words[w] += from->words[w];
    into->codes += from->codes;
    into->big += from->big;
    into->partial += from->partial;
    into->unusual += from->unusual;
    into->threes += from->threes;
    inspect_state_settle_order(into);
    return (into->has_no_order || sketch_quantiles_merge(&into->quantiles, &from->quantiles)) &&
           merge_extremes(into, from) && inspect_measure_merge(&into->measure, &from->measure) &&
           inspect_ways_merge(into, from->ways) &&
           sketch_distinct_merge(&into->distinct, &from->distinct) &&
           sketch_frequent_merge(&into->frequent, &from->frequent);
}
