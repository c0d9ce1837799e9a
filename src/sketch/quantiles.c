/* KLL: levels of samples, each standing for twice as many values as the one below; of many values a
   sampler takes one of each few. */
#include "sketch/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_CAPACITY = 8, SORT_BLOCK = 8, SORT_FEW = 512 };

void sketch_quantiles_init(struct sketch_quantiles *sketch, uint64_t seed) {
    *sketch = (struct sketch_quantiles){.random = seed ^ UINT64_C(0x9e3779b97f4a7c15)};
}

void sketch_quantiles_clear(struct sketch_quantiles *sketch) {
    for (uint32_t h = 0; h < sketch->level_count; h++)
        free(sketch->levels[h].items);
    free(sketch->levels);
    *sketch = (struct sketch_quantiles){.random = sketch->random};
}

/* The top level holds k; each below two thirds of the one above, rounded up, down to eight. */
static uint32_t capacity_of(const struct sketch_quantiles *sketch, uint32_t level) {
    static const uint16_t capacities[] = {SKETCH_KLL_K, 171, 114, 76, 51, 34, 23, 15, 10};
    uint32_t below = sketch->level_count - 1 - level;
    return below < sizeof(capacities) / sizeof(capacities[0]) ? capacities[below] : LEAST_CAPACITY;
}

static bool reserve(struct sketch_level *level, uint32_t more) {
    uint32_t needed = level->used + more;
    if (needed <= level->capacity)
        return true;
    uint32_t capacity = level->capacity ? level->capacity : LEAST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    double *items = realloc(level->items, capacity * sizeof(*items));
    if (!items)
        return false;
    level->items = items;
    level->capacity = capacity;
    return true;
}

bool sketch_quantiles_widen(struct sketch_quantiles *sketch) {
    if (sketch->level_count == SKETCH_KLL_LEVELS)
        return false;
    struct sketch_level *levels =
        realloc(sketch->levels, (sketch->level_count + 1) * sizeof(*levels));
    if (!levels)
        return false;
    sketch->levels = levels;
    levels[sketch->level_count++] = (struct sketch_level){0};
    sketch->capacity = 0;
    for (uint32_t h = 0; h < sketch->level_count; h++)
        sketch->capacity += capacity_of(sketch, h);
    return true;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Where each of n <= SORT_BLOCK values goes: no branch that could be foreseen wrongly. Equal ones
   (0 and -0) keep their order. */
static void sort_block(const double *from, uint32_t n, double *to) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t rank = 0;
        for (uint32_t k = 0; k < i; k++)
            rank += from[k] <= from[i];
        for (uint32_t k = i + 1; k < n; k++)
            rank += from[k] < from[i];
        to[rank] = from[i];
    }
}

static void merge_runs(const double *a, const double *a_end, const double *b, const double *b_end,
                       double *to) {
    while (a < a_end && b < b_end)
        *to++ = *b < *a ? *b++ : *a++;
    while (a < a_end)
        *to++ = *a++;
    while (b < b_end)
        *to++ = *b++;
}

/* Sorts stably; `room` has space for n more. Returns which of the two has the result. */
static double *sort_values(double *values, uint32_t n, double *room) {
    double *from = room, *to = values;
    for (uint32_t at = 0; at < n; at += SORT_BLOCK)
        sort_block(values + at, n - at < SORT_BLOCK ? n - at : SORT_BLOCK, room + at);
    for (uint32_t run = SORT_BLOCK; run < n; run *= 2) {
        for (uint32_t at = 0; at < n; at += 2 * run) {
            uint32_t middle = n - at < run ? n : at + run;
            uint32_t end = n - at < 2 * run ? n : at + 2 * run;
            merge_runs(from + at, from + middle, from + middle, from + end, to + at);
        }
        double *other = from;
        from = to;
        to = other;
    }
    return from;
}

/* xorshift64* */
static uint64_t draw(struct sketch_quantiles *sketch) {
    uint64_t x = sketch->random ? sketch->random : 1;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    sketch->random = x;
    return x * UINT64_C(2685821657736338717);
}

/* Sorts a full level and lifts every other item, beginning with a coin's choice; an odd one stays.
 */
static bool compact(struct sketch_quantiles *sketch, uint32_t h) {
    if (h + 1 == sketch->level_count && !sketch_quantiles_widen(sketch))
        return false;
    struct sketch_level *low = &sketch->levels[h], *high = &sketch->levels[h + 1];
    uint32_t pairs = low->used / 2, odd = low->used % 2;
    double few[SORT_FEW], *room = few;
    if (!reserve(high, pairs))
        return false;
    if (low->used > SORT_FEW && !(room = malloc(low->used * sizeof(*room))))
        return false;
    uint32_t coin = (uint32_t)(draw(sketch) >> 63);
    const double *sorted = sort_values(low->items + odd, low->used - odd, room);
    for (uint32_t i = 0; i < pairs; i++)
        high->items[high->used++] = sorted[2 * i + coin];
    if (room != few)
        free(room);
    low->used = odd;
    sketch->used -= pairs;
    return true;
}

/* Compacts the lowest full levels until everything fits. */
static bool shrink(struct sketch_quantiles *sketch) {
    while (sketch->used > sketch->capacity) {
        uint32_t h = 0;
        while (sketch->levels[h].used < capacity_of(sketch, h))
            h++;
        if (!compact(sketch, h))
            return false;
    }
    return true;
}

/* An item that stands for 2^h values. */
static bool push(struct sketch_quantiles *sketch, uint32_t h, double value) {
    while (sketch->level_count <= h)
        if (!sketch_quantiles_widen(sketch))
            return false;
    struct sketch_level *level = &sketch->levels[h];
    if (level->used == level->capacity && !reserve(level, 1))
        return false;
    level->items[level->used++] = value;
    return ++sketch->used <= sketch->capacity || shrink(sketch);
}

/* So many that 2^16 at least are taken of those that came so far. */
static void begin_sample(struct sketch_quantiles *sketch) {
    uint32_t bits = 63 - (uint32_t)__builtin_clzll(sketch->count | 1);
    sketch->passed = 0;
    sketch->sampled = bits > SKETCH_KLL_SAMPLED_BITS ? bits - SKETCH_KLL_SAMPLED_BITS : 0;
    sketch->chosen = sketch->sampled > 0 ? draw(sketch) >> (64 - sketch->sampled) : 0;
}

bool sketch_quantiles_add_all(struct sketch_quantiles *sketch, const double *values, size_t count) {
    for (size_t at = 0; at < count;) {
        if (sketch->passed == 0)
            begin_sample(sketch);
        uint64_t left = (UINT64_C(1) << sketch->sampled) - sketch->passed;
        uint64_t step = count - at < left ? count - at : left;
        uint64_t ahead = sketch->chosen - sketch->passed; /* large if it has come */
        if (ahead < step)
            sketch->taken = values[at + ahead];
        else if (sketch->chosen >= sketch->passed)
            sketch->taken = values[at + step - 1];
        sketch->passed += step;
        sketch->count += step;
        at += step;
        if (step < left)
            break;
        sketch->passed = 0;
        if (!push(sketch, sketch->sampled, sketch->taken))
            return false;
    }
    return true;
}

bool sketch_quantiles_add(struct sketch_quantiles *sketch, double value) {
    return isnan(value) || sketch_quantiles_add_all(sketch, &value, 1);
}

bool sketch_quantiles_merge(struct sketch_quantiles *into, const struct sketch_quantiles *from) {
    while (into->level_count < from->level_count) {
        if (!sketch_quantiles_widen(into))
            return false;
    }
    for (uint32_t h = 0; h < from->level_count; h++) {
        if (!reserve(&into->levels[h], from->levels[h].used))
            return false;
    }
    for (uint32_t h = 0; h < from->level_count; h++) {
        struct sketch_level *level = &into->levels[h];
        if (from->levels[h].used > 0)
            memcpy(level->items + level->used, from->levels[h].items,
                   from->levels[h].used * sizeof(double));
        level->used += from->levels[h].used;
    }
    into->used += from->used;
    into->count += from->count;
    /* What was not sampled to its end, as items that stand for as many. */
    for (uint32_t h = 0; h < from->sampled; h++)
        if ((from->passed >> h & 1) != 0 && !push(into, h, from->taken))
            return false;
    return into->used <= into->capacity || shrink(into);
}

struct weighted {
    double value;
    uint64_t weight;
};

static int by_weighted_value(const void *a, const void *b) {
    return by_value(&((const struct weighted *)a)->value, &((const struct weighted *)b)->value);
}

bool sketch_quantiles_get(const struct sketch_quantiles *sketch, const double *shares, size_t count,
                          struct sketch_quantile *out) {
    if (sketch->count == 0)
        return false;
    struct weighted *all = malloc((sketch->used + 1) * sizeof(*all));
    if (!all)
        return false;
    size_t n = 0;
    for (uint32_t h = 0; h < sketch->level_count; h++) {
        for (uint32_t i = 0; i < sketch->levels[h].used; i++)
            all[n++] = (struct weighted){sketch->levels[h].items[i], (uint64_t)1 << h};
    }
    if (sketch->passed > 0)
        all[n++] = (struct weighted){sketch->taken, sketch->passed};
    qsort(all, n, sizeof(*all), by_weighted_value);
    bool is_exact = sketch->count == sketch->used && sketch->passed == 0;
    for (size_t s = 0; s < count; s++) {
        double wanted = shares[s] * (double)sketch->count;
        uint64_t below = 0;
        size_t i = 0;
        while (i + 1 < n && (double)(below += all[i].weight) < wanted)
            i++;
        out[s] = (struct sketch_quantile){all[i].value, is_exact, is_exact ? 0 : SKETCH_KLL_BOUND};
    }
    free(all);
    return true;
}
