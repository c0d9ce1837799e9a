/* Tiles and bundles as they lie in files: names, splitting, and reading hashes for proofs. */
#include "ledger/ledger_impl.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TILE_BITS = 8, GROUP = 1000 };

void ledger_tile_path(int level, uint64_t index, unsigned width, char out[LEDGER_PATH_SIZE]) {
    assert(level >= LEDGER_ENTRIES && level < 64 && width >= 1 && width <= LEDGER_TILE_HASHES);
    /* Groups of three digits from the last to the first; 2^64 has seven. */
    unsigned groups[7];
    size_t count = 0;
    do {
        groups[count++] = (unsigned)(index % GROUP);
        index /= GROUP;
    } while (index > 0);
    size_t room = LEDGER_PATH_SIZE;
    int n = level == LEDGER_ENTRIES ? snprintf(out, room, "tile/entries/")
                                    : snprintf(out, room, "tile/%d/", level);
    while (count-- > 0)
        n += snprintf(out + n, room - (size_t)n, count > 0 ? "x%03u/" : "%03u", groups[count]);
    if (width < LEDGER_TILE_HASHES)
        snprintf(out + n, room - (size_t)n, ".p/%u", width);
}

enum pd_status ledger_bundle_parse(pd_str bytes, size_t count, pd_str entries[LEDGER_TILE_HASHES],
                                   struct pd_error *err) {
    pd_str found[LEDGER_TILE_HASHES];
    if (count == 0 || count > LEDGER_TILE_HASHES)
        return pd_fail(err, PD_INVALID, "an entry bundle has 1 to %d entries, not %zu",
                       LEDGER_TILE_HASHES, count);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (bytes.len - at < 2)
            return pd_fail(err, PD_INVALID, "the bundle ends at byte %zu, before entry %zu of %zu",
                           at, i + 1, count);
        size_t length = (size_t)(uint8_t)bytes.data[at] << 8 | (size_t)(uint8_t)bytes.data[at + 1];
        at += 2;
        if (bytes.len - at < length)
            return pd_fail(err, PD_INVALID,
                           "entry %zu of the bundle is said to have %zu bytes, but %zu are left",
                           i + 1, length, bytes.len - at);
        found[i] = (pd_str){bytes.data + at, length};
        at += length;
    }
    if (at != bytes.len)
        return pd_fail(err, PD_INVALID, "%zu bytes follow the last of the bundle's %zu entries",
                       bytes.len - at, count);
    memcpy(entries, found, count * sizeof(found[0]));
    return PD_OK;
}

/* The file must have exactly `width` hashes. */
static enum pd_status fetch(struct ledger_tiles *tiles, const char *path, unsigned width,
                            struct pd_error *err) {
    size_t n = 0;
    tiles->last_path[0] = '\0';
    enum pd_status st =
        tiles->fetch(tiles->context, path, tiles->last, sizeof(tiles->last), &n, err);
    if (st != PD_OK)
        return st;
    if (n != (size_t)width * CRYPTO_HASH_SIZE)
        return pd_fail(err, PD_INVALID, "%s has %zu bytes, not %u", path, n,
                       width * CRYPTO_HASH_SIZE);
    memcpy(tiles->last_path, path, strlen(path) + 1);
    return PD_OK;
}

/* Brings the tile of `width` hashes, or the full one that has replaced it, into tiles->last. */
static enum pd_status load(struct ledger_tiles *tiles, int level, uint64_t index, unsigned width,
                           struct pd_error *err) {
    char partial[LEDGER_PATH_SIZE], full[LEDGER_PATH_SIZE];
    ledger_tile_path(level, index, width, partial);
    ledger_tile_path(level, index, LEDGER_TILE_HASHES, full);
    if (strcmp(tiles->last_path, partial) == 0 || strcmp(tiles->last_path, full) == 0)
        return PD_OK;
    enum pd_status st = fetch(tiles, partial, width, err);
    if (st == PD_NOT_FOUND && width < LEDGER_TILE_HASHES)
        st = fetch(tiles, full, LEDGER_TILE_HASHES, err);
    return st;
}

enum pd_status ledger_tiles_hash(struct ledger_tiles *tiles, unsigned level, uint64_t index,
                                 crypto_hash *out, struct pd_error *err) {
    if (level >= 64 || index >= tiles->size >> level)
        return pd_fail(err, PD_INVALID,
                       "the tree of %" PRIu64 " leaves has no complete subtree %" PRIu64
                       " at level %u",
                       tiles->size, index, level);
    unsigned up = level % TILE_BITS; /* levels to fold above the tile's own hashes */
    unsigned tile_level = level / TILE_BITS;
    uint64_t tile_index = index >> (TILE_BITS - up);
    uint64_t hashes = (tiles->size >> (TILE_BITS * tile_level)) - tile_index * LEDGER_TILE_HASHES;
    unsigned width = hashes < LEDGER_TILE_HASHES ? (unsigned)hashes : LEDGER_TILE_HASHES;
    enum pd_status st = load(tiles, (int)tile_level, tile_index, width, err);
    if (st != PD_OK)
        return st;
    crypto_hash row[LEDGER_TILE_HASHES / 2];
    size_t count = (size_t)1 << up;
    const crypto_hash *first = &tiles->last[(index << up) % LEDGER_TILE_HASHES];
    memcpy(row, first, count * sizeof(row[0]));
    for (; count > 1; count /= 2)
        for (size_t i = 0; i < count / 2; i++)
            row[i] = ledger_hash_node(&row[2 * i], &row[2 * i + 1]);
    *out = row[0];
    return PD_OK;
}

static enum pd_status read_tiles(void *context, unsigned level, uint64_t index, crypto_hash *out,
                                 struct pd_error *err) {
    return ledger_tiles_hash(context, level, index, out, err);
}

struct ledger_reader ledger_tiles_reader(struct ledger_tiles *tiles) {
    return (struct ledger_reader){read_tiles, tiles};
}
