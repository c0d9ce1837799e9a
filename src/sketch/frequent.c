/* The most frequent values: exact counts while few, then Misra-Gries with its bound, behind a
   nursery. */
#include "sketch/sketch.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 8, LEAST_LIMIT = 8 };

void sketch_frequent_init(struct sketch_frequent *sketch, uint32_t limit) {
    if (limit == 0 || limit > SKETCH_FREQUENT_ENTRIES)
        limit = SKETCH_FREQUENT_ENTRIES;
    *sketch = (struct sketch_frequent){.limit = limit < LEAST_LIMIT ? LEAST_LIMIT : limit};
}

void sketch_frequent_clear(struct sketch_frequent *sketch) {
    free(sketch->values);
    free(sketch->slots);
    free(sketch->texts);
    free(sketch->nursery);
    *sketch = (struct sketch_frequent){.limit = sketch->limit};
}

/* The slot of this hash, or the empty one where it belongs. */
static uint32_t *find_slot(const struct sketch_frequent *sketch, uint64_t hash) {
    uint32_t mask = sketch->slot_count - 1;
    uint32_t i = (uint32_t)(hash >> 16) & mask;
    while (sketch->slots[i] != 0 && sketch->values[sketch->slots[i] - 1].hash != hash)
        i = (i + 1) & mask;
    return &sketch->slots[i];
}

static void refill_slots(struct sketch_frequent *sketch) {
    memset(sketch->slots, 0, sketch->slot_count * sizeof(*sketch->slots));
    for (uint32_t i = 0; i < sketch->used; i++)
        *find_slot(sketch, sketch->values[i].hash) = i + 1;
}

static bool grow(struct sketch_frequent *sketch) {
    uint32_t capacity = sketch->capacity ? sketch->capacity * 2 : FIRST_CAPACITY;
    struct sketch_value *values = realloc(sketch->values, capacity * sizeof(*values));
    if (!values)
        return false;
    sketch->values = values;
    uint32_t *slots = malloc((size_t)capacity * 2 * sizeof(*slots));
    if (!slots)
        return false;
    free(sketch->slots);
    sketch->slots = slots;
    sketch->slot_count = capacity * 2;
    sketch->capacity = capacity;
    refill_slots(sketch);
    return true;
}

static bool reserve_text(struct sketch_frequent *sketch, size_t more) {
    size_t needed = sketch->texts_used + more;
    if (needed <= sketch->texts_capacity)
        return true;
    size_t capacity = sketch->texts_capacity ? sketch->texts_capacity : 64;
    while (capacity < needed)
        capacity *= 2;
    char *texts = realloc(sketch->texts, capacity);
    if (!texts)
        return false;
    sketch->texts = texts;
    sketch->texts_capacity = capacity;
    return true;
}

/* The value that stands at `at` once they are sorted (Hoare 1961). */
static uint64_t select_at(uint64_t *values, uint32_t n, uint32_t at) {
    uint32_t low = 0, high = n - 1;
    while (low < high) {
        uint64_t pivot = values[low + (high - low) / 2];
        uint32_t i = low, k = high;
        while (i <= k) {
            while (values[i] < pivot)
                i++;
            while (values[k] > pivot)
                k--;
            if (i > k)
                break;
            uint64_t other = values[i];
            values[i++] = values[k];
            values[k] = other;
            if (k == 0)
                break;
            k--;
        }
        if (at <= k)
            high = k;
        else if (at >= i)
            low = i;
        else
            return values[at];
    }
    return values[low];
}

/* Mostly more than half have come once. */
static uint64_t median_count(const struct sketch_frequent *sketch) {
    uint64_t counts[SKETCH_FREQUENT_ENTRIES];
    uint32_t ones = 0, zeros = 0;
    for (uint32_t i = 0; i < sketch->used; i++) {
        counts[i] = sketch->values[i].count;
        ones += counts[i] == 1;
        zeros += counts[i] == 0;
    }
    uint32_t at = sketch->used / 2;
    return zeros == 0 && ones > at ? 1 : select_at(counts, sketch->used, at);
}

/* Takes the median count from every value, and forgets those that have nothing left but for some
   examples: each prune removes at least limit / 2 times its amount from the rows. */
static void prune(struct sketch_frequent *sketch) {
    uint64_t amount = median_count(sketch);
    uint32_t kept = 0, examples = sketch->limit / 16;
    size_t texts_used = 0;
    /* Texts lie in the order of values, so moving them down in that order never overlaps ahead. */
    for (uint32_t i = 0; i < sketch->used; i++) {
        struct sketch_value value = sketch->values[i];
        if (value.count > amount) {
            value.count -= amount;
        } else {
            if (examples == 0 || value.count == 0)
                continue;
            examples--;
            value.count = 1;
        }
        if (value.len > 0)
            memmove(sketch->texts + texts_used, sketch->texts + value.at, value.len);
        value.at = (uint32_t)texts_used;
        texts_used += value.len;
        sketch->values[kept++] = value;
    }
    sketch->used = kept;
    sketch->texts_used = texts_used;
    sketch->bound += amount;
    sketch->turn++;
    refill_slots(sketch);
}

/* ---- The nursery ---- */

static bool make_nursery(struct sketch_frequent *sketch) {
    uint32_t slots = 8;
    while (slots < sketch->limit)
        slots *= 2;
    sketch->nursery = calloc(slots, sizeof(*sketch->nursery));
    sketch->nursery_slots = slots;
    return sketch->nursery != NULL;
}

/* What follows in the row of taken slots moves up, so that it is still found. */
static void leave_nursery(struct sketch_frequent *sketch, uint32_t at) {
    const uint32_t mask = sketch->nursery_slots - 1;
    uint64_t *slots = sketch->nursery;
    for (uint32_t i = (at + 1) & mask; slots[i] != 0; i = (i + 1) & mask) {
        uint32_t home = (uint32_t)(slots[i] >> 40) & mask;
        if (((i - home) & mask) >= ((i - at) & mask)) {
            slots[at] = slots[i];
            at = i;
        }
    }
    slots[at] = 0;
    sketch->nursery_used--;
}

/* Whether the value came before since the nursery was empty: then it leaves it, else it is there
   now. hash: not 0. */
static bool came_before(struct sketch_frequent *sketch, uint64_t hash) {
    const uint32_t mask = sketch->nursery_slots - 1;
    uint32_t i = (uint32_t)(hash >> 40) & mask;
    while (sketch->nursery[i] != 0 && sketch->nursery[i] != hash)
        i = (i + 1) & mask;
    if (sketch->nursery[i] == hash) {
        leave_nursery(sketch, i);
        return true;
    }
    if (sketch->nursery_used == sketch->limit / 2) {
        memset(sketch->nursery, 0, sketch->nursery_slots * sizeof(*sketch->nursery));
        sketch->nursery_used = 0;
        i = (uint32_t)(hash >> 40) & mask;
    }
    if (sketch->nursery_used == 0)
        sketch->bound++; /* of all that will be in it */
    sketch->nursery[i] = hash;
    sketch->nursery_used++;
    return false;
}

static size_t kept_length(pd_str text) {
    if (text.len <= SKETCH_TEXT_BYTES)
        return text.len;
    size_t n = SKETCH_TEXT_BYTES;
    while (n > 0 && ((unsigned char)text.data[n] & 0xc0) == 0x80)
        n--;
    return n;
}

/* The entry of the value, if it has one. */
static inline struct sketch_value *find_value(const struct sketch_frequent *sketch, uint64_t hash) {
    if (sketch->slot_count == 0)
        return NULL;
    uint32_t slot = *find_slot(sketch, hash);
    return slot == 0 ? NULL : &sketch->values[slot - 1];
}

/* An entry for a value that has none. */
static bool enter(struct sketch_frequent *sketch, uint64_t hash, pd_str text, bool is_cut,
                  uint64_t count) {
    size_t len = kept_length(text);
    if (!reserve_text(sketch, len) ||
        (sketch->used == sketch->capacity && sketch->used < sketch->limit && !grow(sketch)))
        return false;
    if (sketch->used == sketch->limit)
        prune(sketch);
    if (len > 0)
        memcpy(sketch->texts + sketch->texts_used, text.data, len);
    sketch->values[sketch->used] = (struct sketch_value){
        .hash = hash,
        .count = count,
        .at = (uint32_t)sketch->texts_used,
        .len = (uint16_t)len,
        .is_cut = is_cut || len < text.len,
    };
    sketch->texts_used += len;
    *find_slot(sketch, hash) = ++sketch->used;
    return true;
}

bool sketch_frequent_place(struct sketch_frequent *sketch, uint64_t hash, pd_str text,
                           struct sketch_place *place) {
    struct sketch_value *value = find_value(sketch, hash);
    if (value) {
        value->count++;
        *place = (struct sketch_place){(uint32_t)(value - sketch->values), sketch->turn};
        return true;
    }
    uint64_t count = 1;
    if (sketch->turn > 0 && hash != 0) {
        *place = SKETCH_NOWHERE;
        if (!sketch->nursery && !make_nursery(sketch))
            return false;
        if (!came_before(sketch, hash))
            return true;
        count = 2;
    }
    if (!enter(sketch, hash, text, false, count))
        return false;
    *place = (struct sketch_place){sketch->used - 1, sketch->turn};
    return true;
}

bool sketch_frequent_add(struct sketch_frequent *sketch, uint64_t hash, pd_str text) {
    struct sketch_place place;
    return sketch_frequent_place(sketch, hash, text, &place);
}

bool sketch_frequent_merge(struct sketch_frequent *into, const struct sketch_frequent *from) {
    for (uint32_t i = 0; i < from->used; i++) {
        const struct sketch_value *v = &from->values[i];
        pd_str text = {from->texts ? from->texts + v->at : "", v->len};
        struct sketch_value *known = find_value(into, v->hash);
        if (known)
            known->count += v->count;
        else if (!enter(into, v->hash, text, v->is_cut, v->count))
            return false;
    }
    into->bound += from->bound;
    return true;
}

static bool comes_before(const struct sketch_frequency *a, const struct sketch_frequency *b) {
    return a->count != b->count ? a->count > b->count : pd_str_cmp(a->text, b->text) < 0;
}

size_t sketch_frequent_top(const struct sketch_frequent *sketch, size_t limit,
                           struct sketch_frequency *out) {
    size_t n = 0;
    for (uint32_t i = 0; i < sketch->used; i++) {
        const struct sketch_value *v = &sketch->values[i];
        struct sketch_frequency one = {
            {sketch->texts ? sketch->texts + v->at : "", v->len}, v->count, v->is_cut};
        if (n == limit && (limit == 0 || !comes_before(&one, &out[n - 1])))
            continue;
        size_t at = n < limit ? n++ : n - 1;
        for (; at > 0 && comes_before(&one, &out[at - 1]); at--)
            out[at] = out[at - 1];
        out[at] = one;
    }
    return n;
}
