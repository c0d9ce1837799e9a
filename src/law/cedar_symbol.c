/*
 * Names of entities and types, found by hash. Names come from outside and could be chosen to
 * collide, so the list is sorted by hash and, where hashes agree, by name: the worst that a chosen
 * name does is a search by halves.
 */
#include "law/cedar_impl.h"

#include <stdlib.h>
#include <string.h>

static const struct law_symbol *nth(const struct law_symbols *symbols, size_t n) {
    return (const void *)((const char *)symbols->items + n * symbols->item_size);
}

static int compare_texts(pd_str a, pd_str b) {
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len ? memcmp(a.data, b.data, a.len) : 0;
}

int law_symbol_compare(const void *a, const void *b) {
    const struct law_symbol *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    int order = compare_texts(x->uid.id, y->uid.id);
    return order ? order : compare_texts(x->uid.type, y->uid.type);
}

bool law_symbols_index(struct law_symbols *symbols, struct pd_arena *arena) {
    enum { FEW = 8, BITS_MAX = 24 }; /* looking at so few hashes costs less than a table */
    if (symbols->count <= FEW)
        return true;
    unsigned bits = 4;
    while (bits < BITS_MAX && (size_t)1 << bits < symbols->count)
        bits++;
    size_t buckets = (size_t)1 << bits;
    uint32_t *starts = pd_arena_array(arena, buckets + 1, sizeof(*starts));
    if (!starts)
        return false;
    symbols->shift = 64 - bits;
    size_t at = 0;
    for (size_t b = 0; b <= buckets; b++) {
        while (at < symbols->count && nth(symbols, at)->hash >> symbols->shift < b)
            at++;
        starts[b] = (uint32_t)at;
    }
    symbols->starts = starts;
    return true;
}

const void *law_symbols_seek(const struct law_symbols *symbols, const struct law_uid *uid,
                             uint64_t hash) {
    enum { FEW = 8 };
    size_t low = 0, high = symbols->count;
    if (symbols->starts) {
        uint64_t bucket = hash >> symbols->shift;
        low = symbols->starts[bucket];
        high = symbols->starts[bucket + 1];
    }
    const struct law_symbol wanted = {hash, *uid};
    while (high - low > FEW) {
        size_t middle = low + (high - low) / 2;
        if (law_symbol_compare(nth(symbols, middle), &wanted) <= 0)
            low = middle;
        else
            high = middle;
    }
    for (size_t i = low; i < high; i++) {
        const struct law_symbol *symbol = nth(symbols, i);
        if (symbol->hash == hash && law_text_is_equal(symbol->uid.id, uid->id) &&
            law_text_is_equal(symbol->uid.type, uid->type))
            return symbol;
    }
    return NULL;
}
