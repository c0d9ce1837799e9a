/** Private to inspect/deep*.c: how columns go together, found in a second reading. */
#ifndef POLDER_INSPECT_DEEP_IMPL_H
#define POLDER_INSPECT_DEEP_IMPL_H

#include "inspect/inspect_impl.h"

/* ---- deep_rows.c: which rows come again ---- */

struct deep_row {
    uint64_t hash;
    uint32_t times; /* 0: the slot is empty */
    uint32_t first; /* row, from 1; 0: beyond what is told */
};
/** Rows by their hashes: all of them, or those whose hash ends in `skip` zeros. */
struct deep_rows {
    struct deep_row *slots;
    size_t used, capacity;
    unsigned skip;
};
PD_CHECK bool deep_rows_add(struct deep_rows *rows, uint64_t hash, uint64_t row);
PD_CHECK bool deep_rows_tell(const struct deep_rows *rows, struct pd_arena *arena,
                             struct inspect_relations *out);
void deep_rows_clear(struct deep_rows *rows);

/* ---- deep_pairs.c: columns two by two ---- */

struct deep_pairs;
/** NULL when out of memory. */
struct deep_pairs *deep_pairs_new(const struct inspection *first);
PD_CHECK bool deep_pairs_feed(struct deep_pairs *pairs, const struct table_batch *batch,
                              uint64_t seed);
PD_CHECK bool deep_pairs_tell(const struct deep_pairs *pairs, struct pd_arena *arena,
                              struct inspect_relations *out);
void deep_pairs_free(struct deep_pairs *pairs); /* NULL is fine */

/* ---- deep_sets.c: sets of columns over the rows that are held ---- */

/** Values as numbers from 0, column by column. */
struct deep_matrix {
    size_t rows, columns;
    const uint32_t *const *ids;
    const uint32_t *distinct;
    const bool *has_empty;
    const size_t *at; /* which columns of the table they are */
};
/** Keys, dependencies, and how unique rows are in the columns in which `is_quasi`. */
PD_CHECK bool deep_sets_tell(const struct deep_matrix *matrix, const bool *is_quasi,
                             struct pd_arena *arena, struct inspect_relations *out);

#endif
