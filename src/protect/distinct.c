/*
 * Distinct texts and distinct tuples: open addressing with linear probing, entries numbered in the
 * order in which they came, so that no result depends on the seed.
 */
#include "protect/protect_impl.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64, FIRST_ENTRIES = 32, FIRST_BYTES = 1024 };

void *protect_budget_resize(struct protect_budget *budget, void *p, size_t old_bytes,
                            size_t new_bytes) {
    if (new_bytes > old_bytes && new_bytes - old_bytes > budget->limit - budget->used)
        return NULL;
    void *moved = realloc(p, new_bytes);
    if (moved != NULL)
        budget->used = budget->used - old_bytes + new_bytes;
    return moved;
}

static uint64_t rotate(uint64_t x, int by) {
    return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4]) {
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

/* SipHash-1-3 (Aumasson and Bernstein 2012), the variant that hash tables use; in machine order. */
uint64_t protect_hash(struct protect_seed seed, const void *data, size_t n) {
    uint64_t v[4] = {seed.a ^ 0x736f6d6570736575u, seed.b ^ 0x646f72616e646f6du,
                     seed.a ^ 0x6c7967656e657261u, seed.b ^ 0x7465646279746573u};
    const unsigned char *bytes = data;
    uint64_t word;
    size_t at = 0;
    for (; n - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, bytes + at, sizeof(word));
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = (uint64_t)n << 56;
    for (int shift = 0; at < n; at++, shift += 8)
        word |= (uint64_t)bytes[at] << shift;
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Twice as much as before, or `first`. */
static size_t grown(size_t now, size_t first) {
    return now == 0 ? first : now * 2;
}

/* ---- Texts ---- */

pd_str protect_values_text(const struct protect_values *values, uint32_t id) {
    const struct protect_value *v = &values->entries[id];
    return (pd_str){values->bytes + v->at, v->len};
}

/* The slot of `text`, or the free one where it belongs; there are slots. */
static size_t value_slot(const struct protect_values *values, struct protect_seed seed,
                         pd_str text) {
    size_t slot = (size_t)protect_hash(seed, text.data, text.len) & (values->slot_count - 1);
    while (values->slots[slot] != 0 &&
           !pd_str_eq(protect_values_text(values, values->slots[slot] - 1), text))
        slot = (slot + 1) & (values->slot_count - 1);
    return slot;
}

static bool grow_value_slots(struct protect_values *values, struct protect_budget *budget,
                             struct protect_seed seed) {
    size_t count = grown(values->slot_count, FIRST_SLOTS);
    uint32_t *slots =
        protect_budget_resize(budget, values->slots, values->slot_count * sizeof(*values->slots),
                              count * sizeof(*values->slots));
    if (slots == NULL)
        return false;
    values->slots = slots;
    values->slot_count = count;
    memset(values->slots, 0, count * sizeof(*values->slots));
    for (uint32_t i = 0; i < values->count; i++)
        values->slots[value_slot(values, seed, protect_values_text(values, i))] = i + 1;
    return true;
}

static bool reserve_value(struct protect_values *values, struct protect_budget *budget,
                          struct protect_seed seed, size_t len) {
    if ((size_t)values->count * 2 >= values->slot_count && !grow_value_slots(values, budget, seed))
        return false;
    if (values->count == values->capacity) {
        if (values->capacity >= UINT32_MAX / 2)
            return false;
        size_t capacity = grown(values->capacity, FIRST_ENTRIES);
        struct protect_value *entries = protect_budget_resize(
            budget, values->entries, values->capacity * sizeof(*values->entries),
            capacity * sizeof(*values->entries));
        if (entries == NULL)
            return false;
        values->entries = entries;
        values->capacity = (uint32_t)capacity;
    }
    size_t need;
    if (!pd_add(values->bytes_len, len, &need))
        return false;
    if (need > values->bytes_capacity) {
        size_t capacity = grown(values->bytes_capacity, FIRST_BYTES);
        if (capacity < need)
            capacity = need;
        char *bytes =
            protect_budget_resize(budget, values->bytes, values->bytes_capacity, capacity);
        if (bytes == NULL)
            return false;
        values->bytes = bytes;
        values->bytes_capacity = capacity;
    }
    return true;
}

bool protect_values_find(const struct protect_values *values, struct protect_seed seed, pd_str text,
                         uint32_t *id) {
    if (values->slot_count == 0)
        return false;
    uint32_t found = values->slots[value_slot(values, seed, text)];
    *id = found - 1;
    return found != 0;
}

bool protect_values_add(struct protect_values *values, struct protect_budget *budget,
                        struct protect_seed seed, pd_str text, uint64_t rows, uint32_t *id) {
    if (protect_values_find(values, seed, text, id)) {
        values->entries[*id].rows += rows;
        return true;
    }
    if (!reserve_value(values, budget, seed, text.len))
        return false;
    size_t slot = value_slot(values, seed, text);
    values->entries[values->count] = (struct protect_value){values->bytes_len, text.len, rows};
    if (text.len > 0)
        memcpy(values->bytes + values->bytes_len, text.data, text.len);
    values->bytes_len += text.len;
    *id = values->count++;
    values->slots[slot] = *id + 1;
    return true;
}

void protect_values_clear(struct protect_values *values) {
    free(values->entries);
    free(values->slots);
    free(values->bytes);
    *values = (struct protect_values){0};
}

/* ---- Tuples ---- */

static const uint32_t *tuple_ids(const struct protect_tuples *tuples, uint32_t id) {
    return tuples->ids + (size_t)id * tuples->width;
}

static size_t tuple_slot(const struct protect_tuples *tuples, struct protect_seed seed,
                         const uint32_t *ids) {
    size_t bytes = tuples->width * sizeof(*ids);
    size_t slot = (size_t)protect_hash(seed, ids, bytes) & (tuples->slot_count - 1);
    while (tuples->slots[slot] != 0 &&
           memcmp(tuple_ids(tuples, tuples->slots[slot] - 1), ids, bytes) != 0)
        slot = (slot + 1) & (tuples->slot_count - 1);
    return slot;
}

static bool grow_tuple_slots(struct protect_tuples *tuples, struct protect_budget *budget,
                             struct protect_seed seed) {
    size_t count = grown(tuples->slot_count, FIRST_SLOTS);
    uint32_t *slots =
        protect_budget_resize(budget, tuples->slots, tuples->slot_count * sizeof(*tuples->slots),
                              count * sizeof(*tuples->slots));
    if (slots == NULL)
        return false;
    tuples->slots = slots;
    tuples->slot_count = count;
    memset(tuples->slots, 0, count * sizeof(*tuples->slots));
    for (uint32_t i = 0; i < tuples->count; i++)
        tuples->slots[tuple_slot(tuples, seed, tuple_ids(tuples, i))] = i + 1;
    return true;
}

static bool reserve_tuple(struct protect_tuples *tuples, struct protect_budget *budget,
                          struct protect_seed seed) {
    if ((size_t)tuples->count * 2 >= tuples->slot_count && !grow_tuple_slots(tuples, budget, seed))
        return false;
    if (tuples->count < tuples->capacity)
        return true;
    if (tuples->capacity >= UINT32_MAX / 2)
        return false;
    size_t capacity = grown(tuples->capacity, FIRST_ENTRIES), row;
    if (!pd_mul(tuples->width, sizeof(*tuples->ids), &row) || capacity > SIZE_MAX / row)
        return false;
    uint32_t *ids =
        protect_budget_resize(budget, tuples->ids, tuples->capacity * row, capacity * row);
    if (ids == NULL)
        return false;
    tuples->ids = ids;
    /* If the second one fails, the first array is longer than `capacity` says: the caller stops. */
    uint64_t *rows =
        protect_budget_resize(budget, tuples->rows, tuples->capacity * sizeof(*tuples->rows),
                              capacity * sizeof(*tuples->rows));
    if (rows == NULL)
        return false;
    tuples->rows = rows;
    tuples->capacity = (uint32_t)capacity;
    return true;
}

bool protect_tuples_find(const struct protect_tuples *tuples, struct protect_seed seed,
                         const uint32_t *ids, uint32_t *id) {
    if (tuples->slot_count == 0)
        return false;
    uint32_t found = tuples->slots[tuple_slot(tuples, seed, ids)];
    *id = found - 1;
    return found != 0;
}

bool protect_tuples_add(struct protect_tuples *tuples, struct protect_budget *budget,
                        struct protect_seed seed, const uint32_t *ids, uint64_t rows,
                        uint32_t *id) {
    if (protect_tuples_find(tuples, seed, ids, id)) {
        tuples->rows[*id] += rows;
        return true;
    }
    if (!reserve_tuple(tuples, budget, seed))
        return false;
    size_t slot = tuple_slot(tuples, seed, ids);
    *id = tuples->count++;
    memcpy(tuples->ids + (size_t)*id * tuples->width, ids, tuples->width * sizeof(*ids));
    tuples->rows[*id] = rows;
    tuples->slots[slot] = *id + 1;
    return true;
}

uint64_t protect_tuples_below(const struct protect_tuples *tuples, uint64_t k) {
    uint64_t below = 0;
    for (uint32_t i = 0; i < tuples->count; i++)
        below += tuples->rows[i] < k ? tuples->rows[i] : 0;
    return below;
}

void protect_tuples_reset(struct protect_tuples *tuples) {
    tuples->count = 0;
    if (tuples->slots != NULL)
        memset(tuples->slots, 0, tuples->slot_count * sizeof(*tuples->slots));
}

void protect_tuples_clear(struct protect_tuples *tuples) {
    size_t width = tuples->width;
    free(tuples->ids);
    free(tuples->rows);
    free(tuples->slots);
    *tuples = (struct protect_tuples){.width = width};
}
