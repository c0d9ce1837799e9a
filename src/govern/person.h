/**
 * The index of persons: which identifiers stand in which rows of a stored file, as keyed hashes
 * that nobody can guess without the key store. It is a file of its own in the vault, sealed under
 * the key of the version; so it goes with it. Never leaves the folder.
 */
#ifndef POLDER_GOVERN_PERSON_H
#define POLDER_GOVERN_PERSON_H

#include "govern/govern_impl.h"

enum { PERSON_HASH_SIZE = 16, PERSON_IDENTIFIER_MAX = 256, PERSON_ENTRY_SIZE = 24 };

/**
 * An identifier as it is compared: without spaces and punctuation, in capitals; an address of
 * e-mail in small letters; a Chinese mobile number without its country. False: nothing is left of
 * it, or it is longer than PERSON_IDENTIFIER_MAX.
 */
bool person_normal(pd_str text, char out[PERSON_IDENTIFIER_MAX], size_t *len);

/** Whether a column's values identify one person each: identity, contact, device, ... */
bool person_is_indexed(const struct inspect_column *column);

/** Columns of a reading that are indexed, ascending; in `arena`. */
PD_CHECK enum pd_status person_columns(const struct govern_reading *reading, struct pd_arena *arena,
                                       size_t **columns, size_t *count, struct pd_error *err);

/* ---- Building ---- */

/** Memory: one buffer, however many rows. Zeroed, then begun. */
struct person_index {
    struct govern *g;
    struct store_key hash_key; /* of the hashes */
    struct store_writer *writer;
    const size_t *columns;
    size_t column_count;
    uint64_t entries;
    struct store_stored file;
    size_t filled;
    uint8_t buffer[PERSON_ENTRY_SIZE * 2048];
};
/** key: of the version. hash_key: NULL makes a new one. */
PD_CHECK enum pd_status person_index_begin(struct person_index *index, struct govern *g,
                                           const struct store_key *key,
                                           const struct store_key *hash_key, const size_t *columns,
                                           size_t column_count, struct pd_error *err);
/** The row `row` of the batch stands at `place` of the file. */
PD_CHECK enum pd_status person_index_row(struct person_index *index,
                                         const struct table_batch *batch, size_t row,
                                         uint64_t place, struct pd_error *err);
PD_CHECK enum pd_status person_index_add(struct person_index *index,
                                         const uint8_t hash[PERSON_HASH_SIZE], uint64_t place,
                                         struct pd_error *err);
/** Keeps the file. */
PD_CHECK enum pd_status person_index_end(struct person_index *index, struct pd_error *err);
void person_index_clear(struct person_index *index);
/** id: of the distribution or version; columns: their names; form: how the file is written. */
PD_CHECK enum pd_status person_index_save(const struct person_index *index, struct govern *g,
                                          struct act *act, pd_str id, pd_str version,
                                          const struct store_key *key, pd_str columns_json,
                                          struct pd_error *err);
/** {"columns":[...],"form":{...}}; dialect: of the file that is stored. */
PD_CHECK enum pd_status person_columns_json(const struct govern_reading *reading,
                                            const struct table_dialect *dialect,
                                            const size_t *columns, size_t count,
                                            struct pd_arena *arena, pd_str *json,
                                            struct pd_error *err);

/* ---- Reading ---- */

void person_hash(const struct store_key *hash_key, pd_str normal, uint8_t out[PERSON_HASH_SIZE]);
/** Calls `visit` for each entry of a vault file. PD_INTERNAL: it is no index. */
PD_CHECK enum pd_status
person_index_each(struct govern *g, const struct store_key *key, crypto_hash address,
                  enum pd_status (*visit)(void *context, const uint8_t *hash, uint64_t place,
                                          struct pd_error *err),
                  void *context, struct pd_error *err);

#endif
