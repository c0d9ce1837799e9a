/* KLL: levels of samples, each standing for twice as many values as the one below. */
#include "sketch/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_CAPACITY = 8 };

void sketch_quantiles_init(struct sketch_quantiles *sketch, uint64_t seed) {
    *sketch = (struct sketch_quantiles){.random = seed ^ UINT64_C(0x9e3779b97f4a7c15)};
}

void sketch_quantiles_clear(struct sketch_quantiles *sketch) {
    for (uint32_t h = 0; h < sketch->level_count; h++)
        free(sketch->levels[h].items);
    free(sketch->levels);
    *sketch = (struct sketch_quantiles){.random = sketch->random};
}

/* The top level holds k; each below two thirds of the one above, down to eight. */
static uint32_t capacity_of(const struct sketch_quantiles *sketch, uint32_t level) {
    double capacity = SKETCH_KLL_K;
    for (uint32_t h = sketch->level_count - 1; h > level && capacity > LEAST_CAPACITY; h--)
        capacity *= 2.0 / 3.0;
    return capacity > LEAST_CAPACITY ? (uint32_t)ceil(capacity) : LEAST_CAPACITY;
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

/* xorshift64*: a fair coin is all that is needed. */
static uint32_t flip(struct sketch_quantiles *sketch) {
    uint64_t x = sketch->random ? sketch->random : 1;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    sketch->random = x;
    return (uint32_t)(x * UINT64_C(2685821657736338717) >> 63);
}

/* Sorts a full level and lifts every other item, beginning with a coin's choice; an odd one stays.
 */
static bool compact(struct sketch_quantiles *sketch, uint32_t h) {
    if (h + 1 == sketch->level_count && !sketch_quantiles_widen(sketch))
        return false;
    struct sketch_level *low = &sketch->levels[h], *high = &sketch->levels[h + 1];
    uint32_t pairs = low->used / 2;
    if (!reserve(high, pairs))
        return false;
    uint32_t odd = low->used % 2, coin = flip(sketch);
    qsort(low->items + odd, low->used - odd, sizeof(double), by_value);
    for (uint32_t i = 0; i < pairs; i++)
        high->items[high->used++] = low->items[odd + 2 * i + coin];
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

bool sketch_quantiles_add(struct sketch_quantiles *sketch, double value) {
    if (isnan(value))
        return true;
    if (sketch->level_count == 0 && !sketch_quantiles_widen(sketch))
        return false;
    if (!reserve(&sketch->levels[0], 1))
        return false;
    struct sketch_level *low = &sketch->levels[0];
    low->items[low->used++] = value;
    sketch->used++;
    sketch->count++;
    return shrink(sketch);
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
    return shrink(into);
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
    if (sketch->used == 0)
        return false;
    struct weighted *all = malloc(sketch->used * sizeof(*all));
    if (!all)
        return false;
    size_t n = 0;
    for (uint32_t h = 0; h < sketch->level_count; h++) {
        for (uint32_t i = 0; i < sketch->levels[h].used; i++)
            all[n++] = (struct weighted){sketch->levels[h].items[i], (uint64_t)1 << h};
    }
    qsort(all, n, sizeof(*all), by_weighted_value);
    bool is_exact = sketch->count == sketch->used;
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
