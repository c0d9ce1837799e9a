/* The values of a key, whole, so that "seen before" is certain; as long as memory lasts. */
#include "standard/standard_impl.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    uint64_t hash, line;
    size_t at; /* of the length and bytes, plus one; 0: free */
};

struct key_set {
    uint64_t seed[2];
    size_t *left;
    struct entry *entries;
    size_t count, capacity; /* a power of two */
    char *bytes;
    size_t len, room;
    bool is_full;
};

static uint64_t turn(uint64_t x, int by) {
    return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4]) {
    v[0] += v[1], v[1] = turn(v[1], 13) ^ v[0], v[0] = turn(v[0], 32);
    v[2] += v[3], v[3] = turn(v[3], 16) ^ v[2];
    v[0] += v[3], v[3] = turn(v[3], 21) ^ v[0];
    v[2] += v[1], v[1] = turn(v[1], 17) ^ v[2], v[2] = turn(v[2], 32);
}

/* SipHash-1-3 (Aumasson, Bernstein 2012): keyed, so that nobody can choose keys that collide. */
static uint64_t hash(const uint64_t seed[2], pd_str s) {
    uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575u, seed[1] ^ 0x646f72616e646f6du,
                     seed[0] ^ 0x6c7967656e657261u, seed[1] ^ 0x7465646279746573u};
    for (size_t at = 0;; at += 8) {
        bool is_last = s.len - at < 8;
        uint64_t word = is_last ? (uint64_t)s.len << 56 : 0;
        size_t n = is_last ? s.len - at : 8;
        for (size_t i = 0; i < n; i++)
            word |= (uint64_t)(unsigned char)s.data[at + i] << (8 * i);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
        if (is_last)
            break;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct key_set *key_set_new(const uint64_t seed[2], size_t *left_bytes) {
    struct key_set *set = calloc(1, sizeof(*set));
    if (set) {
        memcpy(set->seed, seed, sizeof(set->seed));
        set->left = left_bytes;
    }
    return set;
}

void key_set_free(struct key_set *set) {
    if (!set)
        return;
    free(set->entries);
    free(set->bytes);
    free(set);
}

static pd_str text_of(const struct key_set *set, const struct entry *e) {
    size_t len;
    memcpy(&len, set->bytes + e->at - 1, sizeof(len));
    return (pd_str){set->bytes + e->at - 1 + sizeof(len), len};
}

static struct entry *place(const struct key_set *set, struct entry *entries, size_t capacity,
                           uint64_t h, const pd_str *key) {
    for (size_t i = h & (capacity - 1);; i = (i + 1) & (capacity - 1)) {
        struct entry *e = &entries[i];
        if (e->at == 0 || (key && e->hash == h && pd_str_eq(text_of(set, e), *key)))
            return e;
    }
}

static bool take(struct key_set *set, size_t bytes) {
    if (bytes > *set->left)
        return false;
    *set->left -= bytes;
    return true;
}

static bool grow_entries(struct key_set *set) {
    size_t capacity = set->capacity ? 2 * set->capacity : 256, size;
    if (!pd_mul(capacity, sizeof(struct entry), &size) ||
        !take(set, size - set->capacity * sizeof(struct entry)))
        return false;
    struct entry *entries = calloc(1, size);
    if (!entries)
        return false;
    for (size_t i = 0; i < set->capacity; i++)
        if (set->entries[i].at)
            *place(set, entries, capacity, set->entries[i].hash, NULL) = set->entries[i];
    free(set->entries);
    set->entries = entries;
    set->capacity = capacity;
    return true;
}

static bool grow_bytes(struct key_set *set, size_t more) {
    size_t room = set->room ? set->room : 1024;
    while (room - set->len < more)
        if (!pd_mul(room, 2, &room))
            return false;
    if (room == set->room)
        return true;
    char *bytes = take(set, room - set->room) ? realloc(set->bytes, room) : NULL;
    if (!bytes)
        return false;
    set->bytes = bytes;
    set->room = room;
    return true;
}

enum key_answer key_set_add(struct key_set *set, pd_str key, uint64_t line, uint64_t *first) {
    size_t more;
    if (set->is_full)
        return KEY_FULL;
    set->is_full = (set->count + 1) * 2 > set->capacity && !grow_entries(set);
    if (set->is_full)
        return KEY_FULL;
    uint64_t h = hash(set->seed, key);
    struct entry *e = place(set, set->entries, set->capacity, h, &key);
    if (e->at) {
        *first = e->line;
        return KEY_SEEN;
    }
    set->is_full = !pd_add(key.len, sizeof(key.len), &more) || !grow_bytes(set, more);
    if (set->is_full)
        return KEY_FULL;
    *e = (struct entry){h, line, set->len + 1};
    memcpy(set->bytes + set->len, &key.len, sizeof(key.len));
    if (key.len > 0)
        memcpy(set->bytes + set->len + sizeof(key.len), key.data, key.len);
    set->len += more;
    set->count++;
    return KEY_NEW;
}

bool key_set_find(const struct key_set *set, pd_str key, uint64_t *first) {
    if (set->capacity == 0)
        return false;
    const struct entry *e = place(set, set->entries, set->capacity, hash(set->seed, key), &key);
    *first = e->line;
    return e->at != 0;
}
