/*
 * The second reading: what the rows and columns say together. Rows are compared by the hashes of
 * their cells, which are held column by column; when there are more rows than fit, those are held
 * whose number is drawn, every 2nd, 4th, 8th, ... of them, whatever the batches.
 */
#include "inspect/deep_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 12 << 20 }; /* hashes held: 96 MiB */

struct inspect_deep {
    const struct inspection *first;
    uint64_t seed, rows;
    size_t columns; /* that are compared */
    size_t at[INSPECT_DEEP_COLUMNS];
    uint64_t *held; /* column by column, `most` apart */
    size_t held_rows, most;
    uint64_t *held_row; /* their numbers, from 0 */
    unsigned skip;      /* rows are held whose draw ends in so many zeros */
    uint64_t *row_hashes, *cell_hashes;
    size_t room;
    struct deep_rows set;
    struct deep_pairs *pairs;
};

static void choose_columns(struct inspect_deep *d) {
    for (size_t c = 0; c < d->first->column_count && d->columns < INSPECT_DEEP_COLUMNS; c++)
        if (d->first->columns[c].distinct.value +
                (d->first->columns[c].nulls > 0 && d->first->columns[c].distinct.value > 0) >
            1)
            d->at[d->columns++] = c;
    d->most = INSPECT_DEEP_ROWS;
    if (d->columns > 0 && CELLS / d->columns < d->most)
        d->most = CELLS / d->columns;
}

enum pd_status inspect_deep_new(const struct inspection *first, uint64_t seed,
                                struct inspect_deep **out, struct pd_error *err) {
    struct inspect_deep *d = calloc(1, sizeof(*d));
    if (!d)
        return pd_fail_memory(err);
    d->first = first;
    d->seed = seed;
    choose_columns(d);
    d->held = malloc(((d->columns * d->most) + 1) * sizeof(*d->held));
    d->held_row = malloc(d->most * sizeof(*d->held_row));
    d->pairs = deep_pairs_new(first);
    if (!d->held || !d->held_row || !d->pairs) {
        inspect_deep_free(d);
        return pd_fail_memory(err);
    }
    *out = d;
    return PD_OK;
}

void inspect_deep_free(struct inspect_deep *d) {
    if (!d)
        return;
    free(d->held);
    free(d->held_row);
    free(d->row_hashes);
    free(d->cell_hashes);
    deep_rows_clear(&d->set);
    deep_pairs_free(d->pairs);
    free(d);
}

/* ---- Which rows are held ---- */

static bool is_drawn(uint64_t row, unsigned skip) {
    uint64_t x = (row + 1) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return ((x >> 20) & ((UINT64_C(1) << skip) - 1)) == 0;
}

static void hold_fewer(struct inspect_deep *d) {
    size_t n = 0;
    d->skip++;
    for (size_t i = 0; i < d->held_rows; i++) {
        if (!is_drawn(d->held_row[i], d->skip))
            continue;
        d->held_row[n] = d->held_row[i];
        for (size_t c = 0; c < d->columns; c++)
            d->held[c * d->most + n] = d->held[c * d->most + i];
        n++;
    }
    d->held_rows = n;
}

/* The first place for the batch's rows that are held; there is room for all of them. */
static size_t take_rows(struct inspect_deep *d, const struct table_batch *batch) {
    for (;;) {
        size_t n = 0;
        for (size_t r = 0; r < batch->rows; r++)
            n += is_drawn(d->rows + r, d->skip);
        if (d->held_rows + n <= d->most)
            break;
        hold_fewer(d);
    }
    size_t first = d->held_rows;
    for (size_t r = 0; r < batch->rows; r++)
        if (is_drawn(d->rows + r, d->skip))
            d->held_row[d->held_rows++] = d->rows + r;
    return first;
}

/* ---- Feeding ---- */

static bool make_room(struct inspect_deep *d, size_t rows) {
    if (rows <= d->room)
        return true;
    free(d->row_hashes);
    free(d->cell_hashes);
    d->row_hashes = malloc(rows * sizeof(*d->row_hashes));
    d->cell_hashes = malloc(rows * sizeof(*d->cell_hashes));
    d->room = d->row_hashes && d->cell_hashes ? rows : 0;
    return d->room > 0;
}

/* 0 for an empty cell, and for no other. */
static void hash_column(struct inspect_deep *d, const struct table_batch *batch, size_t column) {
    for (size_t r = 0; r < batch->rows; r++) {
        pd_str cell = pd_str_trim(table_cell_text(batch, column, r));
        uint64_t hash = cell.len == 0 ? 0 : sketch_hash(cell.data, cell.len, d->seed);
        d->cell_hashes[r] = cell.len > 0 && hash == 0 ? 1 : hash;
        uint64_t row = (d->row_hashes[r] ^ d->cell_hashes[r]) * UINT64_C(0x9e3779b97f4a7c15);
        d->row_hashes[r] = row ^ row >> 29;
    }
}

static void hold_column(struct inspect_deep *d, size_t n, size_t first) {
    for (size_t i = first; i < d->held_rows; i++)
        d->held[n * d->most + i] = d->cell_hashes[d->held_row[i] - d->rows];
}

enum pd_status inspect_deep_feed(struct inspect_deep *d, const struct table_batch *batch,
                                 struct pd_error *err) {
    if (batch->columns != d->first->column_count)
        return pd_fail(err, PD_USAGE, "a batch of %zu columns for an inspection of %zu",
                       batch->columns, d->first->column_count);
    if (!make_room(d, batch->rows))
        return pd_fail_memory(err);
    memset(d->row_hashes, 0, batch->rows * sizeof(*d->row_hashes));
    size_t first = take_rows(d, batch), n = 0;
    for (size_t c = 0; c < batch->columns; c++) {
        hash_column(d, batch, c);
        if (n < d->columns && d->at[n] == c)
            hold_column(d, n++, first);
    }
    bool ok = deep_pairs_feed(d->pairs, batch, d->seed);
    for (size_t r = 0; ok && r < batch->rows; r++)
        ok = deep_rows_add(&d->set, d->row_hashes[r], d->rows + r + 1);
    d->rows += batch->rows;
    return ok ? PD_OK : pd_fail_memory(err);
}

/* ---- Telling ---- */

struct number_slot {
    uint64_t hash;
    uint32_t id; /* from 1; 0: free */
};

/* The column's hashes become numbers from 0 in the order in which they come, in their own place:
   the number of row r lies where hash r / 2 was, which has been read. Returns how many. */
static uint32_t number_column(uint64_t *hashes, size_t rows, struct number_slot *slots,
                              size_t capacity, bool *has_empty) {
    uint32_t n = 0, *ids = (uint32_t *)(void *)hashes;
    memset(slots, 0, capacity * sizeof(*slots));
    *has_empty = false;
    for (size_t r = 0; r < rows; r++) {
        uint64_t hash;
        memcpy(&hash, &hashes[r], sizeof(hash));
        size_t i = (size_t)(hash >> 20) & (capacity - 1);
        while (slots[i].id != 0 && slots[i].hash != hash)
            i = (i + 1) & (capacity - 1);
        if (slots[i].id == 0)
            slots[i] = (struct number_slot){hash, ++n};
        *has_empty = *has_empty || hash == 0;
        uint32_t id = slots[i].id - 1;
        memcpy(&ids[r], &id, sizeof(id));
    }
    return n;
}

static bool tell_sets(struct inspect_deep *d, struct pd_arena *arena,
                      struct inspect_relations *out) {
    const uint32_t *ids[INSPECT_DEEP_COLUMNS];
    uint32_t distinct[INSPECT_DEEP_COLUMNS];
    bool has_empty[INSPECT_DEEP_COLUMNS], is_quasi[INSPECT_DEEP_COLUMNS];
    size_t capacity = 16;
    while (capacity < 2 * d->held_rows)
        capacity *= 2;
    struct number_slot *slots = malloc(capacity * sizeof(*slots));
    if (!slots)
        return false;
    for (size_t c = 0; c < d->columns; c++) {
        uint64_t *column = d->held + c * d->most;
        distinct[c] = number_column(column, d->held_rows, slots, capacity, &has_empty[c]);
        ids[c] = (const uint32_t *)(const void *)column;
        is_quasi[c] = d->first->columns[d->at[c]].role == INSPECT_QUASI;
    }
    free(slots);
    struct deep_matrix matrix = {d->held_rows, d->columns, ids, distinct, has_empty, d->at};
    return deep_sets_tell(&matrix, is_quasi, arena, out);
}

enum pd_status inspect_deep_finish(struct inspect_deep *d, struct pd_arena *arena,
                                   const struct inspect_relations **out, struct pd_error *err) {
    if (d->rows != d->first->rows)
        return pd_fail(err, PD_CONFLICT,
                       "the second reading has %" PRIu64 " rows and the first had %" PRIu64
                       ": the table changed in between",
                       d->rows, d->first->rows);
    struct inspect_relations *found = pd_arena_alloc(arena, sizeof(*found));
    if (!found)
        return pd_fail_memory(err);
    *found = (struct inspect_relations){
        .rows = d->rows, .rows_compared = d->held_rows, .columns_compared = d->columns};
    bool ok = deep_rows_tell(&d->set, arena, found);
    deep_rows_clear(&d->set);
    ok = ok && deep_pairs_tell(d->pairs, arena, found) && tell_sets(d, arena, found);
    if (!ok)
        return pd_fail_memory(err);
    *out = found;
    return PD_OK;
}
