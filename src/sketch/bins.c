/* How values lie on a line: exact counts in bins whose width grows by tens with the range. */
#include "sketch/sketch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sketch_bins_init(struct sketch_bins *bins) {
    *bins = (struct sketch_bins){.exponent = SKETCH_BINS_FINEST};
}

void sketch_bins_clear(struct sketch_bins *bins) {
    free(bins->counts);
    sketch_bins_init(bins);
}

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

/* floor(value / 10^exponent); false if that is beyond SKETCH_BINS_INDEX_MOST, so that the finest
   width depends on the largest value alone. */
static bool index_of(struct sketch_decimal value, int exponent, int64_t *out) {
    int down = exponent + value.scale;
    if (down >= 0) {
        int64_t divisor = sketch_power_of_ten(down);
        *out = divisor == 0 ? (value.digits < 0 ? -1 : 0) : floor_div(value.digits, divisor);
    } else {
        int64_t factor = sketch_power_of_ten(-down);
        if (value.digits != 0 && (factor == 0 || !pd_mul_i64(value.digits, factor, out)))
            return false;
        if (value.digits == 0)
            *out = 0;
    }
    return *out<SKETCH_BINS_INDEX_MOST && * out> - SKETCH_BINS_INDEX_MOST;
}

/* Ten times as wide. */
static void coarsen(struct sketch_bins *bins) {
    bins->exponent++;
    if (bins->used == 0)
        return;
    int64_t first = floor_div(bins->first, 10);
    uint32_t used = 0;
    for (uint32_t i = 0; i < bins->used; i++) {
        uint32_t to = (uint32_t)(floor_div(bins->first + i, 10) - first);
        uint64_t count = bins->counts[i];
        bins->counts[i] = 0;
        bins->counts[to] += count;
        used = to + 1;
    }
    bins->first = first;
    bins->used = used;
}

static bool fits(const struct sketch_bins *bins, int64_t index) {
    if (bins->used == 0)
        return true;
    int64_t last = bins->first + bins->used - 1;
    int64_t low = index < bins->first ? index : bins->first;
    int64_t high = index > last ? index : last;
    return high - low < SKETCH_BINS;
}

static bool count_at(struct sketch_bins *bins, int64_t index, uint64_t count) {
    if (!bins->counts && !(bins->counts = calloc(SKETCH_BINS, sizeof(*bins->counts))))
        return false;
    if (bins->used == 0) {
        bins->first = index;
        bins->used = 1;
    }
    if (index < bins->first) {
        uint32_t by = (uint32_t)(bins->first - index);
        memmove(bins->counts + by, bins->counts, bins->used * sizeof(*bins->counts));
        memset(bins->counts, 0, by * sizeof(*bins->counts));
        bins->first = index;
        bins->used += by;
    }
    uint32_t at = (uint32_t)(index - bins->first);
    if (at >= bins->used)
        bins->used = at + 1;
    bins->counts[at] += count;
    return true;
}

bool sketch_bins_add_times(struct sketch_bins *bins, struct sketch_decimal value, uint64_t times) {
    int64_t index;
    while (!index_of(value, bins->exponent, &index) || !fits(bins, index))
        coarsen(bins);
    return count_at(bins, index, times);
}

bool sketch_bins_add(struct sketch_bins *bins, struct sketch_decimal value) {
    return sketch_bins_add_times(bins, value, 1);
}

/* Those that lie within the bins at hand, where these are at least 1 wide: how many widths above
   the first, by a product that may be one off. Returns the first that doesn't. */
static size_t count_within(struct sketch_bins *bins, const int64_t *values, size_t count) {
    int64_t width = sketch_power_of_ten(bins->exponent), from;
    if (bins->used == 0 || width == 0 || __builtin_mul_overflow(bins->first, width, &from))
        return 0;
    const uint64_t span =
        (uint64_t)width * bins->used; /* < 2^63: 200 widths of numbers there are */
    const double share = 1 / (double)width;
    if (bins->exponent > 16)
        return 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t above = (uint64_t)values[i] - (uint64_t)from;
        if (above >= span)
            return i;
        uint64_t at = (uint64_t)(int64_t)((double)(int64_t)above * share);
        at -= at * (uint64_t)width > above;
        at += above - at * (uint64_t)width >= (uint64_t)width;
        bins->counts[at]++;
    }
    return count;
}

bool sketch_bins_add_integers(struct sketch_bins *bins, const int64_t *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        i += count_within(bins, values + i, count - i);
        if (i < count && !sketch_bins_add(bins, (struct sketch_decimal){values[i], 0}))
            return false;
    }
    return true;
}

bool sketch_bins_merge(struct sketch_bins *into, const struct sketch_bins *from) {
    if (from->used == 0)
        return true;
    struct sketch_bins copy = *from;
    copy.counts = calloc(SKETCH_BINS, sizeof(*copy.counts));
    if (!copy.counts)
        return false;
    memcpy(copy.counts, from->counts, from->used * sizeof(*copy.counts));
    while (into->exponent < copy.exponent)
        coarsen(into);
    while (copy.exponent < into->exponent)
        coarsen(&copy);
    while (!fits(into, copy.first) || !fits(into, copy.first + copy.used - 1)) {
        coarsen(into);
        coarsen(&copy);
    }
    bool is_done = true;
    for (uint32_t i = 0; is_done && i < copy.used; i++)
        if (copy.counts[i] > 0)
            is_done = count_at(into, copy.first + i, copy.counts[i]);
    free(copy.counts);
    return is_done;
}

/* Widths 1, 2, 5, 10, 20, ... times 10^exponent, the finest that needs at most `most` bins and is
   at least `least` wide. */
size_t sketch_bins_get(const struct sketch_bins *bins, size_t most, double least,
                       struct sketch_bin *out) {
    if (bins->used == 0 || most == 0)
        return 0;
    static const int64_t steps[] = {1, 2, 5};
    const int64_t last = bins->first + bins->used - 1;
    int64_t wide = 1;
    for (int decade = 0; decade <= 18; decade++) {
        bool is_found = false;
        for (size_t s = 0; s < 3 && !is_found; s++) {
            wide = steps[s] * sketch_power_of_ten(decade);
            double width = (double)wide * pow(10, bins->exponent);
            size_t needed = (size_t)(floor_div(last, wide) - floor_div(bins->first, wide)) + 1;
            is_found = needed <= most && width >= least * (1 - 1e-9);
        }
        if (is_found)
            break;
    }
    const int64_t from = floor_div(bins->first, wide);
    size_t n = 0;
    for (uint32_t i = 0; i < bins->used; i++) {
        size_t at = (size_t)(floor_div(bins->first + i, wide) - from);
        for (; n <= at; n++)
            out[n] = (struct sketch_bin){.from = {(from + (int64_t)n) * wide, bins->exponent},
                                         .to = {(from + (int64_t)n + 1) * wide, bins->exponent}};
        out[at].count += bins->counts[i];
    }
    return n;
}

static const char ZEROS[] = "000000000000000000000000000000000000000000";

size_t sketch_edge_write(struct sketch_edge edge, char out[SKETCH_EDGE_TEXT_SIZE]) {
    struct pd_buf buf;
    pd_buf_init(&buf, SKETCH_EDGE_TEXT_SIZE);
    int64_t whole = edge.index;
    int exponent = edge.exponent;
    while (exponent < 0 && whole % 10 == 0) {
        whole /= 10;
        exponent++;
    }
    uint64_t magnitude = whole < 0 ? 0 - (uint64_t)whole : (uint64_t)whole;
    if (whole < 0)
        pd_buf_char(&buf, '-');
    if (exponent >= 0) {
        pd_buf_printf(&buf, "%llu%.*s", (unsigned long long)magnitude,
                      magnitude == 0 ? 0 : exponent, ZEROS);
    } else {
        int places = -exponent;
        char digits[64];
        int n =
            snprintf(digits, sizeof(digits), "%0*llu", places + 1, (unsigned long long)magnitude);
        pd_buf_printf(&buf, "%.*s.%s", n - places, digits, digits + n - places);
    }
    size_t len = buf.len;
    memcpy(out, buf.data, len + 1);
    pd_buf_clear(&buf);
    return len;
}
