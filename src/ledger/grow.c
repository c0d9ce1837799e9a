/*
 * Which files change when a log grows, and their bytes (C2SP tlog-tiles).
 *
 * One pass over the new entries. Each level keeps the tile that it is filling; a full one is
 * emitted, and its root becomes the next hash of the level above. What is not full at the end goes
 * out as partial tiles, which are never hashed upwards.
 */
#include "ledger/ledger_impl.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEVELS = 8, /* 256^8 > LEDGER_SIZE_MAX */
    BUNDLE_MAX = LEDGER_TILE_HASHES * (2 + LEDGER_ENTRY_MAX)
};

struct level {
    uint64_t index; /* of the tile being filled */
    unsigned count; /* hashes in it */
    crypto_hash hashes[LEDGER_TILE_HASHES];
};

struct grower {
    const struct ledger_growth *growth;
    struct pd_buf bundle;
    struct level levels[LEVELS];
};

static enum pd_status emit(const struct grower *grower, int level, uint64_t index, unsigned width,
                           pd_str bytes, struct pd_error *err) {
    char path[LEDGER_PATH_SIZE];
    ledger_tile_path(level, index, width, path);
    return grower->growth->emit(grower->growth->context, path, bytes, err);
}

static enum pd_status emit_tile(const struct grower *grower, int level, struct pd_error *err) {
    const struct level *at = &grower->levels[level];
    pd_str bytes = {(const char *)at->hashes, (size_t)at->count * CRYPTO_HASH_SIZE};
    return emit(grower, level, at->index, at->count, bytes, err);
}

/* Leaves the root of a full tile in its first place. */
static crypto_hash fold(struct level *at) {
    for (size_t count = LEDGER_TILE_HASHES; count > 1; count /= 2)
        for (size_t i = 0; i < count / 2; i++)
            at->hashes[i] = ledger_hash_node(&at->hashes[2 * i], &at->hashes[2 * i + 1]);
    return at->hashes[0];
}

static enum pd_status add_hash(struct grower *grower, crypto_hash hash, struct pd_error *err) {
    for (int level = 0; level < LEVELS; level++) {
        struct level *at = &grower->levels[level];
        at->hashes[at->count++] = hash;
        if (at->count < LEDGER_TILE_HASHES)
            break;
        enum pd_status st = emit_tile(grower, level, err);
        if (st != PD_OK)
            return st;
        hash = fold(at);
        at->index++;
        at->count = 0;
    }
    return PD_OK;
}

/* A bundle goes out before the tile that vouches for it. */
static enum pd_status add_entry(struct grower *grower, uint64_t index, struct pd_error *err) {
    pd_str entry = {0};
    crypto_hash hash;
    enum pd_status st = grower->growth->entry(grower->growth->context, index, &entry, err);
    if (st == PD_OK)
        st = ledger_hash_leaf(entry, &hash, err);
    if (st != PD_OK)
        return pd_wrap(err, "entry %" PRIu64, index);
    pd_buf_char(&grower->bundle, (char)(entry.len >> 8));
    pd_buf_char(&grower->bundle, (char)(entry.len & 0xff));
    pd_buf_str(&grower->bundle, entry);
    st = pd_buf_check(&grower->bundle, err);
    if (st == PD_OK && (index + 1) % LEDGER_TILE_HASHES == 0) {
        st = emit(grower, LEDGER_ENTRIES, index / LEDGER_TILE_HASHES, LEDGER_TILE_HASHES,
                  pd_buf_view(&grower->bundle), err);
        pd_buf_reset(&grower->bundle);
    }
    return st == PD_OK ? add_hash(grower, hash, err) : st;
}

/* Fills the levels above the leaves with what the old tree had in its partial tiles. */
static enum pd_status load_old(struct grower *grower, uint64_t old_size, struct pd_error *err) {
    const struct ledger_reader *old = &grower->growth->old;
    for (unsigned level = 1; level < LEVELS; level++) {
        struct level *at = &grower->levels[level];
        uint64_t hashes = old_size >> (8 * level);
        at->index = hashes / LEDGER_TILE_HASHES;
        for (uint64_t i = hashes - hashes % LEDGER_TILE_HASHES; i < hashes; i++) {
            enum pd_status st = old->hash(old->context, 8 * level, i, &at->hashes[at->count], err);
            if (st != PD_OK)
                return st;
            at->count++;
        }
    }
    grower->levels[0].index = old_size / LEDGER_TILE_HASHES;
    return PD_OK;
}

static enum pd_status emit_partial(const struct grower *grower, uint64_t old_size,
                                   uint64_t new_size, struct pd_error *err) {
    enum pd_status st = PD_OK;
    if (grower->levels[0].count > 0)
        st = emit(grower, LEDGER_ENTRIES, grower->levels[0].index, grower->levels[0].count,
                  pd_buf_view(&grower->bundle), err);
    for (int level = 0; level < LEVELS && st == PD_OK; level++)
        if (grower->levels[level].count > 0 && old_size >> (8 * level) != new_size >> (8 * level))
            st = emit_tile(grower, level, err);
    return st;
}

enum pd_status ledger_tiles_grow(const struct ledger_growth *growth, uint64_t old_size,
                                 uint64_t new_size, struct pd_error *err) {
    if (new_size > LEDGER_SIZE_MAX)
        return pd_fail(err, PD_LIMIT, "a log has at most 2^62 leaves, not %" PRIu64, new_size);
    if (old_size > new_size)
        return pd_fail(err, PD_INVALID,
                       "a log doesn't shrink from %" PRIu64 " to %" PRIu64 " leaves", old_size,
                       new_size);
    if (old_size == new_size)
        return PD_OK;
    struct grower *grower = calloc(1, sizeof(*grower));
    if (!grower)
        return pd_fail_memory(err);
    grower->growth = growth;
    pd_buf_init(&grower->bundle, BUNDLE_MAX);
    enum pd_status st = load_old(grower, old_size, err);
    /* A partial bundle and tile of leaves are made anew from their first entry. */
    for (uint64_t i = old_size - old_size % LEDGER_TILE_HASHES; i < new_size && st == PD_OK; i++)
        st = add_entry(grower, i, err);
    if (st == PD_OK)
        st = emit_partial(grower, old_size, new_size, err);
    pd_buf_clear(&grower->bundle);
    free(grower);
    return st;
}
