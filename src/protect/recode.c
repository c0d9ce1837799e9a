/*
 * Recoding: how tuples are packed, and what a packed tuple becomes on other levels. Columns go
 * through small tables, several at once where they have few values; the tables give either their
 * places in another packed tuple or their share of an index into an array of counts.
 */
#include "protect/lattice_impl.h"

#include <string.h>

enum { CHUNK_BITS = 11, LANE_BITS = 16, LANES = 64 / LANE_BITS };

/* ---- Layout ---- */

static uint8_t bits_for(uint32_t size) {
    uint8_t bits = 1;
    while (bits < 32 && (uint64_t)1 << bits < size)
        bits++;
    return bits;
}

static bool place(struct lattice_layout *layout, size_t column, uint32_t size,
                  unsigned *free_from) {
    uint8_t bits = bits_for(size);
    if (*free_from + bits > 64) {
        if (++layout->words > LATTICE_WORDS_MAX)
            return false;
        *free_from = 0;
    }
    layout->places[column] =
        (struct lattice_place){(uint8_t)(layout->words - 1), (uint8_t)*free_from, bits};
    *free_from += bits;
    return true;
}

/* Neighbouring columns share a chunk while a table over their bits stays small. */
static void make_chunks(struct lattice_layout *layout) {
    struct lattice_chunk *last = NULL;
    for (size_t c = 0; c < layout->quasi; c++) {
        struct lattice_place p = layout->places[c];
        unsigned bits = last ? (unsigned)(p.shift - last->shift) + p.bits : 0;
        if (last && last->word == p.word && bits <= CHUNK_BITS) {
            last->mask = ((uint64_t)1 << bits) - 1;
            last->columns++;
            continue;
        }
        last = &layout->chunks[layout->chunk_count++];
        *last = (struct lattice_chunk){.word = p.word,
                                       .shift = p.shift,
                                       .columns = 1,
                                       .first = c,
                                       .mask = ((uint64_t)1 << p.bits) - 1};
    }
}

/*
 * Where all columns fit one word even if each chunk has a lane of 16 bits to itself, it gets one:
 * the shifts are known then when the program is compiled.
 */
static void spread_lanes(struct lattice_layout *layout) {
    if (layout->words > 1 || layout->sensitive > 0 || layout->chunk_count > LANES)
        return;
    for (size_t j = 0; j < layout->chunk_count; j++)
        if (layout->chunks[j].mask >> LANE_BITS)
            return;
    layout->has_lanes = true;
    layout->quasi_mask[0] = 0;
    for (size_t j = 0; j < layout->chunk_count; j++) {
        struct lattice_chunk *chunk = &layout->chunks[j];
        uint8_t shift = (uint8_t)(j * LANE_BITS);
        for (size_t c = chunk->first; c < chunk->first + chunk->columns; c++)
            layout->places[c].shift = (uint8_t)(layout->places[c].shift - chunk->shift + shift);
        chunk->shift = shift;
        layout->quasi_mask[0] |= chunk->mask << shift;
    }
}

enum pd_status lattice_layout_make(const struct protect_microdata *data, struct lattice_layout *out,
                                   struct pd_error *err) {
    struct lattice_layout layout = {
        .words = 1, .quasi = data->quasi_count, .sensitive = data->sensitive_count};
    unsigned free_from = 0;
    bool fits = true;
    for (size_t c = 0; fits && c < layout.quasi; c++) {
        fits = place(&layout, c, data->hierarchies[c]->sizes[0], &free_from);
        struct lattice_place p = layout.places[c];
        if (fits)
            layout.quasi_mask[p.word] |= (((uint64_t)1 << p.bits) - 1) << p.shift;
    }
    for (size_t s = 0; fits && s < layout.sensitive; s++)
        fits = place(&layout, layout.quasi + s, data->sensitive_sizes[s], &free_from);
    if (!fits)
        return pd_fail(err, PD_LIMIT,
                       "the distinct values of %zu quasi columns do not fit in %d bits: name fewer",
                       data->quasi_count, LATTICE_WORDS_MAX * 64);
    make_chunks(&layout);
    spread_lanes(&layout);
    *out = layout;
    return PD_OK;
}

/* ---- Tables ---- */

/*
 * Fills the table of a chunk: the sum over its columns of `of(value on the new level)`. The part of
 * the columns so far is repeated once for each value of the next.
 */
static bool fill_table(struct lattice *l, size_t chunk_number, const uint8_t *from,
                       const uint8_t *to, const uint64_t *factors) {
    const struct lattice_chunk *chunk = &l->layout.chunks[chunk_number];
    uint64_t **table = &l->room.tables[chunk_number];
    if (!*table)
        *table = lattice_resize(&l->room, NULL, 0, ((size_t)chunk->mask + 1) * sizeof(**table));
    if (!*table)
        return false;
    (*table)[0] = 0;
    size_t filled = 1;
    for (size_t c = chunk->first; c < chunk->first + chunk->columns; c++) {
        const struct protect_hierarchy *h = l->task->data.hierarchies[c];
        const uint32_t *leaf = l->leaves[c] + (size_t)from[c] * h->values;
        size_t block = (size_t)1 << (l->layout.places[c].shift - chunk->shift);
        for (uint32_t g = h->sizes[from[c]]; g-- > 0;) { /* down, for block 0 is read from */
            uint64_t add = h->maps[to[c]][leaf[g]] * factors[c];
            for (size_t i = 0; i < filled; i++)
                (*table)[g * block + i] = (*table)[i] + add;
        }
        filled = (h->sizes[from[c]] - 1) * block + filled;
    }
    return true;
}

bool lattice_recode_to_keys(struct lattice *l, const uint8_t *from, const uint8_t *to) {
    uint64_t factors[PROTECT_QUASI_MAX];
    bool fits = true;
    for (size_t c = 0; c < l->layout.quasi; c++)
        factors[c] = (uint64_t)1 << l->layout.places[c].shift;
    for (size_t j = 0; fits && j < l->layout.chunk_count; j++)
        fits = fill_table(l, j, from, to, factors);
    return fits;
}

/* ---- Counting without keys ---- */

static inline __attribute__((always_inline)) void count_cells(const struct lattice *l,
                                                              const struct lattice_grouping *from,
                                                              uint32_t *cells, size_t chunks,
                                                              bool has_lanes) {
    const struct lattice_chunk *chunk = l->layout.chunks;
    uint64_t *const *tables = l->room.tables;
    const uint64_t *keys = from->keys;
    const uint32_t *rows = from->rows;
    for (uint32_t i = 0, count = from->count; i < count; i++) {
        uint64_t key = keys[i], cell = 0;
        for (size_t j = 0; j < chunks; j++)
            cell += has_lanes ? tables[j][(uint16_t)(key >> j * LANE_BITS)]
                              : tables[j][key >> chunk[j].shift & chunk[j].mask];
        cells[cell] += rows[i];
    }
}

uint32_t *lattice_count_cells(struct lattice *l, const struct lattice_grouping *from,
                              const uint8_t *to, size_t *count) {
    uint64_t factors[PROTECT_QUASI_MAX];
    size_t cells = 1, most = (size_t)from->count * 8;
    if (l->layout.words > 1 || l->layout.sensitive > 0)
        return NULL;
    for (size_t c = l->layout.quasi; c-- > 0;) {
        factors[c] = cells;
        cells *= lattice_size(l, to, c);
        if (cells > (most < 4096 ? 4096 : most))
            return NULL;
    }
    uint32_t *room = lattice_cells(l, cells);
    for (size_t j = 0; room && j < l->layout.chunk_count; j++)
        if (!fill_table(l, j, from->levels, to, factors))
            return NULL;
    if (!room)
        return NULL;
    memset(room, 0, cells * sizeof(*room));
    switch (l->layout.has_lanes ? l->layout.chunk_count : 0) { /* of lanes the loops unrolled */
    case 1:
        count_cells(l, from, room, 1, true);
        break;
    case 2:
        count_cells(l, from, room, 2, true);
        break;
    case 3:
        count_cells(l, from, room, 3, true);
        break;
    case 4:
        count_cells(l, from, room, 4, true);
        break;
    default:
        count_cells(l, from, room, l->layout.chunk_count, false);
    }
    *count = cells;
    return room;
}
