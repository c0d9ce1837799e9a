/* Sketches from bytes that may be hostile: every count is checked before memory is taken for it. */
#include "sketch/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Pieces ---- */

static bool fail(struct sketch_input *in) {
    in->failed = true;
    in->at = in->end;
    return false;
}

static size_t left(const struct sketch_input *in) {
    return (size_t)(in->end - in->at);
}

const char *sketch_load_bytes(struct sketch_input *in, size_t n) {
    if (left(in) < n) {
        fail(in);
        return NULL;
    }
    const char *bytes = in->at;
    in->at += n;
    return bytes;
}

uint64_t sketch_load_u64(struct sketch_input *in) {
    uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (in->at == in->end)
            break;
        uint64_t byte = (unsigned char)*in->at++;
        if (shift == 63 && byte > 1)
            break;
        n |= (byte & 0x7f) << shift;
        if (byte < 0x80)
            return n;
    }
    fail(in);
    return 0;
}

int64_t sketch_load_i64(struct sketch_input *in) {
    uint64_t n = sketch_load_u64(in);
    return (int64_t)(n >> 1 ^ (0 - (n & 1)));
}

uint64_t sketch_load_fixed(struct sketch_input *in) {
    const char *bytes = sketch_load_bytes(in, 8);
    uint64_t n = 0;
    for (int i = 0; bytes && i < 8; i++)
        n |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    return n;
}

double sketch_load_double(struct sketch_input *in) {
    uint64_t bits = sketch_load_fixed(in);
    double d;
    memcpy(&d, &bits, sizeof(d));
    return d;
}

bool sketch_load_bool(struct sketch_input *in) {
    const char *byte = sketch_load_bytes(in, 1);
    if (byte && *byte != 0 && *byte != 1)
        fail(in);
    return byte && *byte == 1;
}

pd_str sketch_load_text(struct sketch_input *in, size_t most) {
    uint64_t len = sketch_load_u64(in);
    const char *bytes = len <= most ? sketch_load_bytes(in, (size_t)len) : NULL;
    pd_str text = {bytes ? bytes : "", bytes ? (size_t)len : 0};
    if (!bytes || !pd_utf8_valid(text, NULL)) {
        fail(in);
        return PD_STR("");
    }
    return text;
}

/* A count of things of at least `each` bytes: more than the rest can hold is a lie. */
static size_t load_count(struct sketch_input *in, size_t each, size_t most) {
    uint64_t n = sketch_load_u64(in);
    if (n > most || n > left(in) / each) {
        fail(in);
        return 0;
    }
    return (size_t)n;
}

/* ---- Sketches ---- */

static bool load_registers(struct sketch_input *in, struct sketch_distinct *out) {
    const size_t count = (size_t)1 << SKETCH_HLL_BITS;
    const char *bytes = sketch_load_bytes(in, count);
    if (!bytes)
        return false;
    for (size_t i = 0; i < count; i++)
        if ((unsigned char)bytes[i] > 64 - SKETCH_HLL_BITS + 1)
            return fail(in);
    out->registers = malloc(count);
    if (!out->registers)
        return fail(in);
    memcpy(out->registers, bytes, count);
    return true;
}

bool sketch_distinct_load(struct sketch_input *in, struct sketch_distinct *out) {
    uint64_t exact = sketch_load_u64(in), unique = sketch_load_u64(in), added = sketch_load_u64(in);
    if (in->failed || exact == 0 || exact > SKETCH_DISTINCT_MOST || unique < exact ||
        unique > SKETCH_DISTINCT_MOST)
        return fail(in);
    struct sketch_distinct s;
    sketch_distinct_init(&s, (uint32_t)exact, (uint32_t)unique);
    bool is_estimate = sketch_load_bool(in);
    if (is_estimate && !load_registers(in, &s))
        return false;
    size_t n = is_estimate ? 0 : load_count(in, 8, (size_t)unique);
    uint64_t before = 0;
    for (size_t i = 0; i < n && !in->failed; i++) {
        uint64_t hash = sketch_load_fixed(in);
        if ((i > 0 && hash <= before) || !sketch_distinct_add(&s, hash))
            fail(in);
        before = hash;
    }
    s.added = added;
    bool holds = !in->failed && (is_estimate || (n <= added && (n == added || n <= exact)));
    if (!holds) {
        sketch_distinct_clear(&s);
        return fail(in);
    }
    *out = s;
    return true;
}

bool sketch_frequent_load(struct sketch_input *in, struct sketch_frequent *out) {
    uint64_t limit = sketch_load_u64(in), bound = sketch_load_u64(in);
    if (in->failed || limit < 8 || limit > SKETCH_FREQUENT_ENTRIES)
        return fail(in);
    struct sketch_frequent s;
    sketch_frequent_init(&s, (uint32_t)limit);
    size_t n = load_count(in, 11, (size_t)limit);
    for (size_t i = 0; i < n && !in->failed; i++) {
        uint64_t hash = sketch_load_fixed(in), count = sketch_load_u64(in);
        bool is_cut = sketch_load_bool(in);
        pd_str text = sketch_load_text(in, SKETCH_TEXT_BYTES);
        uint32_t used = s.used;
        if (in->failed || count == 0 || !sketch_frequent_add(&s, hash, text) || s.used == used) {
            fail(in); /* the same hash twice, too */
            break;
        }
        s.values[used].count = count;
        s.values[used].is_cut = is_cut;
    }
    s.bound = bound;
    if (in->failed) {
        sketch_frequent_clear(&s);
        return false;
    }
    *out = s;
    return true;
}

static bool load_level(struct sketch_input *in, struct sketch_quantiles *s, uint32_t h,
                       uint64_t *weight) {
    size_t n = load_count(in, 8, 1 << 16);
    struct sketch_level *level = &s->levels[h];
    level->items = n > 0 ? malloc(n * sizeof(*level->items)) : NULL;
    if (in->failed || (n > 0 && !level->items))
        return fail(in);
    level->capacity = (uint32_t)n;
    for (size_t i = 0; i < n; i++) {
        double item = sketch_load_double(in);
        if (isnan(item))
            return fail(in);
        level->items[level->used++] = item;
    }
    s->used += (uint32_t)n;
    uint64_t each;
    return !__builtin_mul_overflow((uint64_t)n, UINT64_C(1) << h, &each) &&
                   !__builtin_add_overflow(*weight, each, weight)
               ? true
               : fail(in);
}

bool sketch_quantiles_load(struct sketch_input *in, struct sketch_quantiles *out) {
    struct sketch_quantiles s = {0};
    uint64_t count = sketch_load_u64(in);
    s.random = sketch_load_fixed(in);
    uint64_t sampled = sketch_load_u64(in), passed = sketch_load_u64(in),
             chosen = sketch_load_u64(in), weight = passed;
    double taken = sketch_load_double(in);
    if (in->failed || sampled >= SKETCH_KLL_LEVELS || passed >> sampled != 0 ||
        chosen >> sampled != 0 || isnan(taken))
        return fail(in);
    s.sampled = (uint32_t)sampled;
    s.passed = passed;
    s.chosen = chosen;
    s.taken = taken;
    size_t levels = load_count(in, 1, SKETCH_KLL_LEVELS);
    for (uint32_t h = 0; h < levels && !in->failed; h++)
        if (!sketch_quantiles_widen(&s) || !load_level(in, &s, h, &weight))
            fail(in);
    s.count = count;
    if (in->failed || weight != count) {
        sketch_quantiles_clear(&s);
        return fail(in);
    }
    *out = s;
    return true;
}

bool sketch_sum_load(struct sketch_input *in, struct sketch_sum *out) {
    struct sketch_sum s = {.count = sketch_load_u64(in)};
    s.rounded = sketch_load_u64(in);
    s.rest = sketch_load_double(in);
    for (int i = 0; i < SKETCH_SUM_SCALES; i++) {
        uint64_t low = sketch_load_fixed(in);
        int64_t high = sketch_load_i64(in);
        s.parts[i] = (sketch_int)((unsigned __int128)(uint64_t)high << 64 | low);
        /* 2^63 values of less than 10^18 each stay below 2^123. */
        if (high > INT64_C(1) << 59 || high < -(INT64_C(1) << 59))
            return fail(in);
    }
    if (in->failed)
        return false;
    *out = s;
    return true;
}

static uint64_t *load_counts(struct sketch_input *in, size_t room, size_t most, uint32_t *used) {
    size_t n = load_count(in, 1, most);
    uint64_t *counts = n > 0 ? calloc(n > room ? n : room, sizeof(*counts)) : NULL;
    if (n > 0 && !counts)
        fail(in);
    for (size_t i = 0; counts && i < n; i++)
        counts[i] = sketch_load_u64(in);
    *used = (uint32_t)n;
    /* The ends are counts of something: so the bins are the finest. */
    if (!in->failed && n > 0 && (counts[0] == 0 || counts[n - 1] == 0))
        fail(in);
    if (in->failed) {
        free(counts);
        return NULL;
    }
    return counts;
}

bool sketch_bins_load(struct sketch_input *in, struct sketch_bins *out) {
    struct sketch_bins s;
    int64_t exponent = sketch_load_i64(in);
    s.first = sketch_load_i64(in);
    s.counts = load_counts(in, SKETCH_BINS, SKETCH_BINS, &s.used);
    bool holds = !in->failed && exponent >= SKETCH_BINS_FINEST && exponent <= 40 &&
                 s.first > -SKETCH_BINS_INDEX_MOST &&
                 s.first < SKETCH_BINS_INDEX_MOST - SKETCH_BINS;
    if (!holds) {
        if (!in->failed)
            free(s.counts);
        return fail(in);
    }
    s.exponent = (int)exponent;
    *out = s;
    return true;
}

static bool load_days(struct sketch_input *in, struct sketch_periods *s) {
    int64_t days = s->last_seen - s->first_seen + 1;
    const char *bytes = sketch_load_bytes(in, (size_t)(days + 7) / 8);
    for (int64_t i = 0; bytes && i < days; i++)
        if (((unsigned char)bytes[i / 8] >> (i % 8) & 1) != 0 &&
            !sketch_periods_mark_day(s, s->first_seen + i))
            return fail(in);
    return bytes != NULL;
}

/* 0001-01-01 and 9999-12-31 in each unit. */
static bool is_in_years(const struct sketch_periods *s) {
    static const struct {
        int64_t first, last;
    } bounds[] = {
        [SKETCH_HOURS] = {INT64_C(-719162) * 24, INT64_C(2932897) * 24 - 1},
        [SKETCH_DAYS] = {-719162, 2932896},
        [SKETCH_MONTHS] = {12, 9999 * 12 + 11},
        [SKETCH_YEARS] = {1, 9999},
    };
    return s->used == 0 || (s->first >= bounds[s->unit].first &&
                            s->first <= bounds[s->unit].last - (int64_t)s->used + 1);
}

bool sketch_periods_load(struct sketch_input *in, struct sketch_periods *out) {
    struct sketch_periods s;
    sketch_periods_init(&s);
    s.total = sketch_load_u64(in);
    const char *unit = sketch_load_bytes(in, 1);
    s.unit = unit ? (enum sketch_unit)(unsigned char)*unit : SKETCH_HOURS;
    if (!unit || s.unit > SKETCH_YEARS)
        return fail(in);
    s.first = sketch_load_i64(in);
    s.counts = load_counts(
        in, 0, s.unit == SKETCH_YEARS ? (size_t)SKETCH_YEARS_MOST : (size_t)SKETCH_PERIODS,
        &s.used);
    s.capacity = s.used;
    s.first_seen = sketch_load_i64(in);
    s.last_seen = sketch_load_i64(in);
    s.days_overflow = sketch_load_bool(in);
    bool holds = !in->failed && is_in_years(&s) && (s.total == 0) == (s.used == 0) &&
                 (s.total == 0 || (s.first_seen >= -719162 && s.last_seen <= 2932896 &&
                                   s.first_seen <= s.last_seen));
    bool has_days = holds && s.total > 0 && !s.days_overflow;
    if (holds && has_days)
        holds = s.last_seen - s.first_seen < SKETCH_DAYS_MOST && load_days(in, &s);
    if (!holds) {
        sketch_periods_clear(&s);
        return fail(in);
    }
    *out = s;
    return true;
}
