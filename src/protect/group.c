/*
 * Groupings: the distinct tuples of the table on the levels of a node. One is made from another
 * that is finer, column by column through a small table, and counted in an open-addressed table;
 * entries keep the order in which they were first met, so that nothing depends on the hash.
 */
#include "crypto/crypto.h"
#include "protect/lattice_impl.h"

#include <stdlib.h>
#include <string.h>

void *lattice_resize(struct lattice_room *room, void *p, size_t old_bytes, size_t new_bytes) {
    if (new_bytes > old_bytes && new_bytes - old_bytes > room->limit - room->used)
        return NULL;
    void *moved = realloc(p, new_bytes ? new_bytes : 1);
    if (moved)
        room->used = room->used - old_bytes + new_bytes;
    return moved;
}

/* ---- The table of slots ---- */

/* Seeded, so that no file can be made to collide; entries don't depend on it. */
static uint64_t mix(const struct lattice *l, const uint64_t *key, size_t words,
                    const uint64_t *mask) {
    uint64_t h = l->room.seed;
    for (size_t w = 0; w < words; w++) {
        h = (h ^ (mask ? key[w] & mask[w] : key[w])) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return h * l->room.multiplier >> 32;
}

uint32_t *lattice_cells(struct lattice *l, size_t count) {
    struct lattice_room *room = &l->room;
    if (count > room->slot_capacity) {
        uint32_t *moved = lattice_resize(room, room->slots, room->slot_capacity * sizeof(*moved),
                                         count * sizeof(*moved));
        if (!moved)
            return NULL;
        room->slots = moved;
        room->slot_capacity = count;
    }
    return room->slots;
}

/* Slots for `entries` entries, empty. Returns how many; 0: no room. */
static size_t prepare_slots(struct lattice *l, size_t entries) {
    size_t slots = 64;
    while (slots < entries * 2)
        slots *= 2;
    uint32_t *cells = lattice_cells(l, slots);
    if (!cells)
        return 0;
    memset(cells, 0, slots * sizeof(*cells));
    return slots;
}

static bool reserve_entries(struct lattice_room *room, size_t entries, size_t words) {
    size_t before = room->entry_capacity;
    if (entries <= before)
        return true;
    uint64_t *keys = lattice_resize(room, room->keys, before * words * sizeof(*keys),
                                    entries * words * sizeof(*keys));
    if (!keys)
        return false;
    room->keys = keys;
    uint32_t *rows =
        lattice_resize(room, room->rows, before * sizeof(*rows), entries * sizeof(*rows));
    if (!rows) { /* the keys are larger than said: take them back */
        room->used -= (entries - before) * words * sizeof(*keys);
        return false;
    }
    room->rows = rows;
    room->entry_capacity = entries;
    return true;
}

/* Adds rows to the entry of a key of one word. */
static inline void add_word(struct lattice_room *room, size_t slot_mask, uint64_t seed,
                            uint64_t key, uint32_t rows, uint32_t *count) {
    uint64_t h = (seed ^ key) * UINT64_C(0x9e3779b97f4a7c15);
    size_t slot = (size_t)((h ^ h >> 29) * room->multiplier >> 32) & slot_mask;
    for (;; slot = (slot + 1) & slot_mask) {
        uint32_t entry = room->slots[slot];
        if (entry == 0) {
            room->keys[*count] = key;
            room->rows[*count] = rows;
            room->slots[slot] = ++*count;
            return;
        }
        if (room->keys[entry - 1] == key) {
            room->rows[entry - 1] += rows;
            return;
        }
    }
}

static void add_words(struct lattice *l, size_t slot_mask, const uint64_t *key, uint32_t rows,
                      uint32_t *count) {
    struct lattice_room *room = &l->room;
    size_t words = l->layout.words, bytes = words * sizeof(*key);
    size_t slot = (size_t)mix(l, key, words, NULL) & slot_mask;
    for (;; slot = (slot + 1) & slot_mask) {
        uint32_t entry = room->slots[slot];
        if (entry == 0) {
            memcpy(room->keys + (size_t)*count * words, key, bytes);
            room->rows[*count] = rows;
            room->slots[slot] = ++*count;
            return;
        }
        if (memcmp(room->keys + (size_t)(entry - 1) * words, key, bytes) == 0) {
            room->rows[entry - 1] += rows;
            return;
        }
    }
}

/* ---- The finest grouping ---- */

static enum pd_status read_tuple(const struct lattice *l, size_t tuple, uint64_t *key,
                                 struct pd_error *err) {
    const struct protect_microdata *d = &l->task->data;
    size_t width = d->quasi_count + d->sensitive_count;
    const uint32_t *codes = d->codes + tuple * width;
    memset(key, 0, l->layout.words * sizeof(*key));
    for (size_t c = 0; c < width; c++) {
        uint32_t size = c < d->quasi_count ? d->hierarchies[c]->sizes[0]
                                           : d->sensitive_sizes[c - d->quasi_count];
        if (codes[c] >= size)
            return pd_fail(err, PD_INVALID, "tuple %zu has the number %u in column %zu, of %u",
                           tuple, codes[c], c, size);
        struct lattice_place p = l->layout.places[c];
        key[p.word] |= (uint64_t)codes[c] << p.shift;
    }
    return PD_OK;
}

static enum pd_status fail_room(const struct lattice *l, struct pd_error *err) {
    return pd_fail(err, PD_LIMIT,
                   "the search needs more than the %zu bytes allowed (%zu tuples, %zu quasi "
                   "columns): name fewer quasi columns, or raise the limit",
                   l->room.limit, l->task->data.count, l->task->data.quasi_count);
}

/* Keeps what the room holds as a grouping of its own. */
static bool keep(struct lattice *l, uint32_t count, const uint8_t *levels,
                 struct lattice_grouping *out) {
    size_t words = l->layout.words;
    uint64_t *keys = lattice_resize(&l->room, NULL, 0, count * words * sizeof(*keys));
    uint32_t *rows = keys ? lattice_resize(&l->room, NULL, 0, count * sizeof(*rows)) : NULL;
    if (!rows) {
        if (keys) {
            free(keys);
            l->room.used -= count * words * sizeof(*keys);
        }
        return false;
    }
    memcpy(keys, l->room.keys, count * words * sizeof(*keys));
    memcpy(rows, l->room.rows, count * sizeof(*rows));
    *out = (struct lattice_grouping){.count = count, .keys = keys, .rows = rows};
    memcpy(out->levels, levels, l->layout.quasi);
    return true;
}

void lattice_grouping_clear(struct lattice *l, struct lattice_grouping *g) {
    if (g->keys)
        l->room.used -= g->count * (l->layout.words * sizeof(*g->keys) + sizeof(*g->rows));
    free(g->keys);
    free(g->rows);
    *g = (struct lattice_grouping){0};
}

enum pd_status lattice_base(struct lattice *l, struct pd_error *err) {
    const struct protect_microdata *d = &l->task->data;
    const uint8_t bottom[PROTECT_QUASI_MAX] = {0};
    uint64_t key[LATTICE_WORDS_MAX];
    uint32_t count = 0;
    bool fits = d->count < UINT32_MAX / 2 && reserve_entries(&l->room, d->count, l->layout.words);
    size_t slots = fits ? prepare_slots(l, d->count) : 0;
    if (!slots)
        return fail_room(l, err);
    l->total = 0;
    for (size_t t = 0; t < d->count; t++) {
        uint64_t rows = d->rows ? d->rows[t] : 1;
        enum pd_status st = read_tuple(l, t, key, err);
        if (st != PD_OK)
            return st;
        if (rows > UINT32_MAX - l->total)
            return pd_fail(err, PD_LIMIT, "the search counts at most %u rows", UINT32_MAX);
        l->total += rows;
        if (rows && l->layout.words == 1)
            add_word(&l->room, slots - 1, l->room.seed, key[0], (uint32_t)rows, &count);
        else if (rows)
            add_words(l, slots - 1, key, (uint32_t)rows, &count);
    }
    return keep(l, count, bottom, &l->base) ? PD_OK : fail_room(l, err);
}

/* ---- One grouping from another ---- */

static uint32_t group_word(struct lattice *l, const struct lattice_grouping *from,
                           size_t slot_mask) {
    uint32_t count = 0;
    uint64_t seed = l->room.seed, stays = ~l->layout.quasi_mask[0];
    for (uint32_t i = 0; i < from->count; i++) {
        uint64_t made = (from->keys[i] & stays) | lattice_recode_word(l, from->keys[i]);
        add_word(&l->room, slot_mask, seed, made, from->rows[i], &count);
    }
    return count;
}

static uint32_t group_words(struct lattice *l, const struct lattice_grouping *from,
                            size_t slot_mask) {
    uint32_t count = 0;
    size_t words = l->layout.words;
    uint64_t made[LATTICE_WORDS_MAX];
    for (uint32_t i = 0; i < from->count; i++) {
        const uint64_t *key = from->keys + (size_t)i * words;
        for (size_t w = 0; w < words; w++)
            made[w] = key[w] & ~l->layout.quasi_mask[w];
        for (size_t j = 0; j < l->layout.chunk_count; j++) {
            const struct lattice_chunk *chunk = &l->layout.chunks[j];
            made[chunk->word] |= l->room.tables[j][key[chunk->word] >> chunk->shift & chunk->mask];
        }
        add_words(l, slot_mask, made, from->rows[i], &count);
    }
    return count;
}

/* At most how many distinct tuples there can be on these levels. */
static size_t most_entries(const struct lattice *l, const uint8_t *levels, uint32_t from) {
    size_t most = 1;
    for (size_t c = 0; c < l->layout.quasi && most < from; c++)
        most *= lattice_size(l, levels, c);
    for (size_t s = 0; s < l->layout.sensitive && most < from; s++)
        most *= l->task->data.sensitive_sizes[s];
    return most < from ? most : from;
}

/* Entries of the cells that have rows, in the order of the cells: the last column goes round first.
 */
static uint32_t gather_cells(struct lattice *l, const uint32_t *cells, size_t count,
                             const uint8_t *levels) {
    uint32_t digits[PROTECT_QUASI_MAX] = {0}, entries = 0;
    uint64_t key = 0;
    for (size_t i = 0; i < count; i++) {
        if (cells[i] > 0) {
            l->room.keys[entries] = key;
            l->room.rows[entries++] = cells[i];
        }
        for (size_t c = l->layout.quasi; c-- > 0;) {
            uint64_t one = (uint64_t)1 << l->layout.places[c].shift;
            key += one;
            if (++digits[c] < lattice_size(l, levels, c))
                break;
            key -= digits[c] * one;
            digits[c] = 0;
        }
    }
    return entries;
}

bool lattice_group(struct lattice *l, const struct lattice_grouping *from, const uint8_t *levels) {
    size_t most = most_entries(l, levels, from->count), cell_count;
    if (!reserve_entries(&l->room, most, l->layout.words))
        return false;
    const uint32_t *cells = lattice_count_cells(l, from, levels, &cell_count);
    if (cells) {
        l->now.count = gather_cells(l, cells, cell_count, levels);
    } else {
        size_t slots = prepare_slots(l, most);
        if (!slots || !lattice_recode_to_keys(l, from->levels, levels))
            return false;
        l->now.count =
            l->layout.words == 1 ? group_word(l, from, slots - 1) : group_words(l, from, slots - 1);
    }
    memcpy(l->now.levels, levels, l->layout.quasi);
    l->now.keys = l->room.keys;
    l->now.rows = l->room.rows;
    return true;
}

bool lattice_keep_now(struct lattice *l, struct lattice_grouping *out) {
    return keep(l, l->now.count, l->now.levels, out);
}

/* ---- Classes: the entries that differ in sensitive columns alone ---- */

static bool reserve_classes(struct lattice_room *room, size_t entries) {
    if (entries <= room->class_capacity)
        return true;
    uint32_t **arrays[] = {&room->class_of, &room->order, &room->starts, &room->class_rows};
    for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++) {
        uint32_t *moved = lattice_resize(
            room, *arrays[i], (room->class_capacity + 1) * sizeof(*moved) * (*arrays[i] ? 1 : 0),
            (entries + 1) * sizeof(*moved));
        if (!moved)
            return false;
        *arrays[i] = moved;
    }
    room->class_capacity = entries;
    return true;
}

/* Numbers the classes: slots now hold, of each class, the entry met first. */
static uint32_t number_classes(struct lattice *l, size_t slot_mask) {
    struct lattice_room *room = &l->room;
    const struct lattice_grouping *g = &l->now;
    size_t words = l->layout.words;
    const uint64_t *mask = l->layout.quasi_mask;
    uint32_t classes = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        const uint64_t *key = g->keys + (size_t)i * words;
        size_t slot = (size_t)mix(l, key, words, mask) & slot_mask;
        for (;; slot = (slot + 1) & slot_mask) {
            uint32_t first = room->slots[slot];
            if (first == 0) {
                room->slots[slot] = i + 1;
                room->class_of[i] = classes;
                room->class_rows[classes++] = g->rows[i];
                break;
            }
            const uint64_t *other = g->keys + (size_t)(first - 1) * words;
            bool same = true;
            for (size_t w = 0; same && w < words; w++)
                same = ((key[w] ^ other[w]) & mask[w]) == 0;
            if (same) {
                room->class_of[i] = room->class_of[first - 1];
                room->class_rows[room->class_of[i]] += g->rows[i];
                break;
            }
        }
    }
    return classes;
}

uint32_t lattice_classes(struct lattice *l) {
    struct lattice_room *room = &l->room;
    uint32_t entries = l->now.count;
    size_t slots = 64;
    while (slots < (size_t)entries * 2)
        slots *= 2;
    if (!lattice_cells(l, slots) || !reserve_classes(room, entries))
        return UINT32_MAX;
    memset(room->slots, 0, slots * sizeof(*room->slots));
    uint32_t classes = number_classes(l, slots - 1);
    memset(room->starts, 0, ((size_t)classes + 1) * sizeof(*room->starts));
    for (uint32_t i = 0; i < entries; i++)
        room->starts[room->class_of[i] + 1]++;
    for (uint32_t k = 0; k < classes; k++)
        room->starts[k + 1] += room->starts[k];
    for (uint32_t i = entries; i-- > 0;)
        room->order[--room->starts[room->class_of[i] + 1]] = i;
    for (uint32_t k = 0; k < classes; k++)
        room->starts[k] = room->starts[k + 1];
    room->starts[classes] = entries;
    return classes;
}
