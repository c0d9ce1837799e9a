/* How many distinct values: an exact set while small, then HyperLogLog. */
#include "sketch/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    REGISTERS = 1 << SKETCH_HLL_BITS,
    RANK_LIMIT = 64 - SKETCH_HLL_BITS + 1, /* the highest a register can hold */
    FIRST_CAPACITY = 16
};

void sketch_distinct_init(struct sketch_distinct *sketch, uint32_t exact_limit,
                          uint32_t unique_limit) {
    if (exact_limit == 0)
        exact_limit = SKETCH_DISTINCT_EXACT;
    if (exact_limit > SKETCH_DISTINCT_MOST)
        exact_limit = SKETCH_DISTINCT_MOST;
    if (unique_limit > SKETCH_DISTINCT_MOST)
        unique_limit = SKETCH_DISTINCT_MOST;
    *sketch = (struct sketch_distinct){.exact_limit = exact_limit,
                                       .unique_limit =
                                           unique_limit > exact_limit ? unique_limit : exact_limit};
}

void sketch_distinct_clear(struct sketch_distinct *sketch) {
    free(sketch->slots);
    free(sketch->registers);
    sketch_distinct_init(sketch, sketch->exact_limit, sketch->unique_limit);
}

static uint64_t *find_slot(uint64_t *slots, uint32_t capacity, uint64_t hash) {
    uint32_t mask = capacity - 1;
    uint32_t i = (uint32_t)hash & mask;
    while (slots[i] != 0 && slots[i] != hash)
        i = (i + 1) & mask;
    return &slots[i];
}

static bool grow(struct sketch_distinct *sketch) {
    uint32_t capacity = sketch->capacity ? sketch->capacity * 2 : FIRST_CAPACITY;
    uint64_t *slots = calloc(capacity, sizeof(*slots));
    if (!slots)
        return false;
    for (uint32_t i = 0; i < sketch->capacity; i++) {
        if (sketch->slots[i] != 0)
            *find_slot(slots, capacity, sketch->slots[i]) = sketch->slots[i];
    }
    free(sketch->slots);
    sketch->slots = slots;
    sketch->capacity = capacity;
    return true;
}

/* The top bits choose the register; it keeps the longest run of zeros seen after them, plus one. */
static void raise_register(uint8_t *registers, uint64_t hash) {
    uint64_t rest = hash << SKETCH_HLL_BITS;
    int rank = rest == 0 ? RANK_LIMIT : __builtin_clzll(rest) + 1;
    uint8_t *r = &registers[hash >> (64 - SKETCH_HLL_BITS)];
    if (rank > *r)
        *r = (uint8_t)rank;
}

static bool become_estimate(struct sketch_distinct *sketch) {
    uint8_t *registers = calloc(REGISTERS, 1);
    if (!registers)
        return false;
    for (uint32_t i = 0; i < sketch->capacity; i++) {
        if (sketch->slots[i] != 0)
            raise_register(registers, sketch->slots[i]);
    }
    if (sketch->has_zero)
        raise_register(registers, 0);
    free(sketch->slots);
    sketch->slots = NULL;
    sketch->used = sketch->capacity = 0;
    sketch->has_zero = false;
    sketch->registers = registers;
    return true;
}

static uint32_t known(const struct sketch_distinct *sketch) {
    return sketch->used + (sketch->has_zero ? 1u : 0u);
}

/* Whatever the order: more than exact_limit values are counted only while none came twice. */
static bool settle(struct sketch_distinct *sketch) {
    if (sketch->registers)
        return true;
    bool is_unique = known(sketch) == sketch->added;
    uint32_t limit = is_unique ? sketch->unique_limit : sketch->exact_limit;
    return known(sketch) <= limit || become_estimate(sketch);
}

static bool insert(struct sketch_distinct *sketch, uint64_t hash) {
    if (sketch->registers) {
        raise_register(sketch->registers, hash);
        return true;
    }
    if (hash == 0) {
        sketch->has_zero = true;
        return true;
    }
    if ((sketch->used + 1) * 4 > sketch->capacity * 3 && !grow(sketch))
        return false;
    uint64_t *slot = find_slot(sketch->slots, sketch->capacity, hash);
    sketch->used += *slot == 0;
    *slot = hash;
    return true;
}

bool sketch_distinct_add(struct sketch_distinct *sketch, uint64_t hash) {
    sketch->added++;
    return insert(sketch, hash) && settle(sketch);
}

/* Where the set is larger than the processor's cache, memory is asked for some values ahead. */
bool sketch_distinct_add_all(struct sketch_distinct *sketch, const uint64_t *hashes, size_t count) {
    enum { AHEAD = 16 };
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count && sketch->slots)
            __builtin_prefetch(&sketch->slots[hashes[i + AHEAD] & (sketch->capacity - 1)], 1);
        if (!sketch_distinct_add(sketch, hashes[i]))
            return false;
    }
    return true;
}

bool sketch_distinct_again(struct sketch_distinct *sketch, uint64_t times) {
    sketch->added += times;
    return settle(sketch);
}

bool sketch_distinct_merge(struct sketch_distinct *into, const struct sketch_distinct *from) {
    into->added += from->added;
    if (from->registers) {
        if (!into->registers && !become_estimate(into))
            return false;
        for (int i = 0; i < REGISTERS; i++) {
            if (from->registers[i] > into->registers[i])
                into->registers[i] = from->registers[i];
        }
        return true;
    }
    if (from->has_zero && !insert(into, 0))
        return false;
    for (uint32_t i = 0; i < from->capacity; i++) {
        if (from->slots[i] != 0 && !insert(into, from->slots[i]))
            return false;
    }
    return settle(into);
}

bool sketch_distinct_is_unique(const struct sketch_distinct *sketch) {
    return !sketch->registers && known(sketch) == sketch->added;
}

/* Ertl 2017, "New cardinality estimation algorithms for HyperLogLog sketches", algorithm 6: no
   correction tables, good from 1 to 2^64. */
static double sigma(double x) {
    if (x == 1)
        return INFINITY;
    double y = 1, z = x, before;
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z != before);
    return z;
}

static double tau(double x) {
    if (x == 0 || x == 1)
        return 0;
    double y = 1, z = 1 - x, before;
    do {
        x = sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z != before);
    return z / 3;
}

static uint64_t estimate(const uint8_t *registers) {
    int histogram[RANK_LIMIT + 1] = {0};
    for (int i = 0; i < REGISTERS; i++)
        histogram[registers[i]]++;
    const double m = REGISTERS;
    double z = m * tau(1 - histogram[RANK_LIMIT] / m);
    for (int rank = RANK_LIMIT - 1; rank >= 1; rank--)
        z = 0.5 * (z + histogram[rank]);
    z += m * sigma(histogram[0] / m);
    double value = m * m / (2 * log(2) * z);
    return value < 1.8e19 ? (uint64_t)(value + 0.5) : UINT64_MAX;
}

struct sketch_count sketch_distinct_get(const struct sketch_distinct *sketch) {
    if (sketch->registers)
        return (struct sketch_count){estimate(sketch->registers), false, SKETCH_DISTINCT_BOUND};
    return (struct sketch_count){known(sketch), true, 0};
}
