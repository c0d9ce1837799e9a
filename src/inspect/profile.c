/* From what was remembered to what is told: type, extremes, mean, quantiles, frequent values. */
#include "inspect/inspect_impl.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const type_names[INSPECT_TYPE_COUNT] = {
    [INSPECT_EMPTY] = "empty",     [INSPECT_BOOLEAN] = "boolean", [INSPECT_INTEGER] = "integer",
    [INSPECT_DECIMAL] = "decimal", [INSPECT_DATE] = "date",       [INSPECT_DATETIME] = "datetime",
    [INSPECT_TIME] = "time",       [INSPECT_TEXT] = "text",
};

const char *inspect_type_name(enum inspect_type type) {
    return type_names[type];
}

const char *inspect_number(uint64_t n, char out[INSPECT_NUMBER_SIZE]) {
    char digits[INSPECT_NUMBER_SIZE];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
    size_t at = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

static enum inspect_type type_of(const struct inspect_state *state, uint64_t filled) {
    const uint64_t *kinds = state->kinds;
    if (filled == 0)
        return INSPECT_EMPTY;
    if (kinds[INSPECT_INTEGER] == filled)
        return INSPECT_INTEGER;
    if (kinds[INSPECT_INTEGER] + kinds[INSPECT_DECIMAL] == filled)
        return INSPECT_DECIMAL;
    if (kinds[INSPECT_DATE] == filled)
        return INSPECT_DATE;
    if (kinds[INSPECT_DATE] + kinds[INSPECT_DATETIME] == filled)
        return INSPECT_DATETIME;
    if (kinds[INSPECT_TIME] == filled)
        return INSPECT_TIME;
    return kinds[INSPECT_BOOLEAN] == filled ? INSPECT_BOOLEAN : INSPECT_TEXT;
}

/* "3,990 integer, 10 text" */
static pd_str mixture_of(const struct inspect_state *state, struct pd_arena *arena) {
    pd_str text = PD_STR("");
    for (int t = INSPECT_EMPTY + 1; t < INSPECT_TYPE_COUNT && text.data; t++) {
        char number[INSPECT_NUMBER_SIZE];
        if (state->kinds[t] > 0)
            text = pd_arena_printf(arena, "%.*s%s%s %s", pd_arg(text), text.len > 0 ? ", " : "",
                                   inspect_number(state->kinds[t], number), type_names[t]);
    }
    return text;
}

static bool tell_extremes(const struct inspect_state *state, struct pd_arena *arena,
                          struct inspect_column *out) {
    const struct inspect_kept *min = &state->min_text, *max = &state->max_text;
    if (out->type == INSPECT_INTEGER || out->type == INSPECT_DECIMAL) {
        min = &state->min_number_text;
        max = &state->max_number_text;
        out->min_number = (double)state->min_number;
        out->max_number = (double)state->max_number;
    } else if (out->type == INSPECT_DATE || out->type == INSPECT_DATETIME ||
               out->type == INSPECT_TIME) {
        min = &state->min_time_text;
        max = &state->max_time_text;
        out->min_time = state->min_time;
        out->max_time = state->max_time;
    }
    out->min = pd_arena_str(arena, (pd_str){min->data, min->len});
    out->max = pd_arena_str(arena, (pd_str){max->data, max->len});
    return out->min.data && out->max.data;
}

/* Kept in a double, which a sketch from elsewhere may have anything in. */
static pd_time as_time(double value) {
    const double first = -62135596800e6, last = 253402300799e6; /* the years 1 to 9999 */
    return !(value > first) ? (pd_time)first : value > last ? (pd_time)last : (pd_time)value;
}

static bool tell_quantiles(const struct inspect_state *state, struct pd_arena *arena,
                           struct inspect_column *out) {
    static const double shares[INSPECT_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};
    if (state->has_no_order || state->quantiles.count == 0)
        return true;
    struct sketch_quantile found[INSPECT_QUANTILES];
    if (!sketch_quantiles_get(&state->quantiles, shares, INSPECT_QUANTILES, found))
        return false;
    bool is_moment = out->type == INSPECT_DATE || out->type == INSPECT_DATETIME;
    for (size_t i = 0; i < INSPECT_QUANTILES; i++) {
        struct inspect_quantile *q = &out->quantiles[i];
        *q = (struct inspect_quantile){.share = shares[i], .value = found[i].value};
        char text[PD_TIME_TEXT_SIZE];
        if (is_moment) {
            pd_time_write(as_time(found[i].value),
                          out->type == INSPECT_DATE ? PD_TIME_DATE : PD_TIME_SECONDS, text);
            q->text = pd_arena_str(arena, pd_str_from(text));
        } else {
            q->text = pd_arena_printf(arena, "%.15g", found[i].value);
        }
        if (!q->text.data)
            return false;
    }
    out->quantile_count = INSPECT_QUANTILES;
    out->quantiles_exact = found[0].is_exact;
    out->quantile_bound = found[0].rank_bound;
    return true;
}

static bool tell_top(const struct inspect_state *state, struct pd_arena *arena,
                     struct inspect_column *out) {
    out->top_bound = state->frequent.bound;
    out->top_count = sketch_frequent_top(&state->frequent, INSPECT_TOP, out->top);
    for (size_t i = 0; i < out->top_count; i++) {
        out->top[i].text = pd_arena_str(arena, out->top[i].text);
        if (!out->top[i].text.data)
            return false;
    }
    return true;
}

const char *inspect_key_name(enum inspect_key key) {
    static const char *const names[] = {
        [INSPECT_NO_KEY] = "no", [INSPECT_MAYBE_KEY] = "possible", [INSPECT_KEY] = "yes"};
    return names[key];
}

/* An estimate that reaches the rows but for its bound doesn't exclude a key. */
static enum inspect_key key_of(const struct inspect_state *state, const struct inspect_column *c,
                               uint64_t filled) {
    if (filled == 0 || c->nulls > 0)
        return INSPECT_NO_KEY;
    if (c->distinct.is_exact)
        return sketch_distinct_is_unique(&state->distinct) ? INSPECT_KEY : INSPECT_NO_KEY;
    bool reaches = (double)c->distinct.value * (1 + c->distinct.bound) >= (double)filled;
    return reaches ? INSPECT_MAYBE_KEY : INSPECT_NO_KEY;
}

bool inspect_profile(const struct inspect_state *state, struct pd_arena *arena,
                     struct inspect_column *out) {
    uint64_t filled = inspect_state_filled(state);
    *out = (struct inspect_column){.type = type_of(state, filled),
                                   .nulls = state->kinds[INSPECT_EMPTY],
                                   .distinct = sketch_distinct_get(&state->distinct),
                                   .min_length = state->min_length,
                                   .max_length = state->max_length,
                                   .category = ""};
    for (int t = 0; t < INSPECT_TYPE_COUNT; t++)
        out->kinds[t] = state->kinds[t];
    if (out->distinct.value > filled)
        out->distinct.value = filled;
    out->key = key_of(state, out, filled);
    out->name = pd_arena_str(arena, inspect_state_name(state));
    bool is_mixture = out->type == INSPECT_TEXT && state->kinds[INSPECT_TEXT] != filled;
    out->mixes = is_mixture ? mixture_of(state, arena) : PD_STR("");
    out->evidence = out->note = PD_STR("");
    return out->name.data && out->mixes.data && tell_extremes(state, arena, out) &&
           tell_quantiles(state, arena, out) && tell_top(state, arena, out) &&
           inspect_measure_tell(&state->measure, arena, out);
}
