/* Sketches as bytes: little-endian, varints (LEB128) for numbers, the same bytes for the same
 * sketch. */
#include "sketch/sketch.h"

#include <stdlib.h>
#include <string.h>

/* ---- Pieces ---- */

void sketch_save_u64(struct pd_buf *out, uint64_t n) {
    for (; n >= 0x80; n >>= 7)
        pd_buf_char(out, (char)(n | 0x80));
    pd_buf_char(out, (char)n);
}

/* Small magnitudes of either sign stay short. */
void sketch_save_i64(struct pd_buf *out, int64_t n) {
    sketch_save_u64(out, (uint64_t)n << 1 ^ (uint64_t)(n >> 63));
}

void sketch_save_fixed(struct pd_buf *out, uint64_t n) {
    char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (char)(n >> (8 * i));
    pd_buf_add(out, bytes, sizeof(bytes));
}

void sketch_save_double(struct pd_buf *out, double d) {
    uint64_t bits;
    memcpy(&bits, &d, sizeof(bits));
    sketch_save_fixed(out, bits);
}

void sketch_save_text(struct pd_buf *out, pd_str text) {
    sketch_save_u64(out, text.len);
    pd_buf_str(out, text);
}

/* ---- Sketches ---- */

static int by_hash(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

bool sketch_distinct_save(const struct sketch_distinct *s, struct pd_buf *out) {
    sketch_save_u64(out, s->exact_limit);
    sketch_save_u64(out, s->unique_limit);
    sketch_save_u64(out, s->added);
    pd_buf_char(out, s->registers ? 1 : 0);
    if (s->registers) {
        pd_buf_add(out, s->registers, (size_t)1 << SKETCH_HLL_BITS);
        return !out->failed;
    }
    uint64_t *sorted = malloc((s->used + 1) * sizeof(*sorted));
    if (!sorted)
        return false;
    size_t n = 0;
    if (s->has_zero)
        sorted[n++] = 0;
    for (uint32_t i = 0; i < s->capacity; i++)
        if (s->slots[i] != 0)
            sorted[n++] = s->slots[i];
    qsort(sorted, n, sizeof(*sorted), by_hash);
    sketch_save_u64(out, n);
    for (size_t i = 0; i < n; i++)
        sketch_save_fixed(out, sorted[i]);
    free(sorted);
    return !out->failed;
}

bool sketch_frequent_save(const struct sketch_frequent *s, struct pd_buf *out) {
    sketch_save_u64(out, s->limit);
    sketch_save_u64(out, s->bound);
    sketch_save_u64(out, s->used);
    for (uint32_t i = 0; i < s->used; i++) {
        const struct sketch_value *v = &s->values[i];
        sketch_save_fixed(out, v->hash);
        sketch_save_u64(out, v->count);
        pd_buf_char(out, v->is_cut ? 1 : 0);
        sketch_save_text(out, (pd_str){s->texts ? s->texts + v->at : "", v->len});
    }
    return !out->failed;
}

bool sketch_quantiles_save(const struct sketch_quantiles *s, struct pd_buf *out) {
    sketch_save_u64(out, s->count);
    sketch_save_fixed(out, s->random);
    sketch_save_u64(out, s->sampled);
    sketch_save_u64(out, s->passed);
    sketch_save_u64(out, s->chosen);
    sketch_save_double(out, s->taken);
    sketch_save_u64(out, s->level_count);
    for (uint32_t h = 0; h < s->level_count; h++) {
        sketch_save_u64(out, s->levels[h].used);
        for (uint32_t i = 0; i < s->levels[h].used; i++)
            sketch_save_double(out, s->levels[h].items[i]);
    }
    return !out->failed;
}

bool sketch_sum_save(const struct sketch_sum *s, struct pd_buf *out) {
    sketch_save_u64(out, s->count);
    sketch_save_u64(out, s->rounded);
    sketch_save_double(out, s->rest);
    for (int i = 0; i < SKETCH_SUM_SCALES; i++) {
        sketch_save_fixed(out, (uint64_t)s->parts[i]);
        sketch_save_i64(out, (int64_t)(s->parts[i] >> 64));
    }
    return !out->failed;
}

static void save_counts(const uint64_t *counts, uint32_t used, struct pd_buf *out) {
    sketch_save_u64(out, used);
    for (uint32_t i = 0; i < used; i++)
        sketch_save_u64(out, counts[i]);
}

bool sketch_bins_save(const struct sketch_bins *s, struct pd_buf *out) {
    sketch_save_i64(out, s->exponent);
    sketch_save_i64(out, s->first);
    save_counts(s->counts, s->used, out);
    return !out->failed;
}

bool sketch_periods_save(const struct sketch_periods *s, struct pd_buf *out) {
    sketch_save_u64(out, s->total);
    pd_buf_char(out, (char)s->unit);
    sketch_save_i64(out, s->first);
    save_counts(s->counts, s->used, out);
    sketch_save_i64(out, s->first_seen);
    sketch_save_i64(out, s->last_seen);
    pd_buf_char(out, s->days_overflow ? 1 : 0);
    if (s->total == 0 || s->days_overflow)
        return !out->failed;
    /* A bit for each day from the first to the last, so that the window's edges don't matter. */
    int64_t days = s->last_seen - s->first_seen + 1;
    for (int64_t at = 0; at < days; at += 8) {
        unsigned byte = 0;
        for (int64_t i = 0; i < 8 && at + i < days; i++)
            byte |= (unsigned)sketch_periods_has_day(s, s->first_seen + at + i) << i;
        pd_buf_char(out, (char)byte);
    }
    return !out->failed;
}
