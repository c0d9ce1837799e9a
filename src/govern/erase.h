/**
 * What the files of an erasure share: what holds a person, and a stored file written again without
 * some rows. Never leaves the folder.
 */
#ifndef POLDER_GOVERN_ERASE_H
#define POLDER_GOVERN_ERASE_H

#include "govern/key.h"
#include "govern/person.h"

enum { ERASE_IDENTIFIERS_MAX = 16 };

/** A person, as the identifiers that somebody gave. Normal forms; wiped with the arena. */
struct erase_person {
    pd_str normal[ERASE_IDENTIFIERS_MAX];
    size_t count;
};

/** Row numbers, ascending. */
struct erase_rows {
    uint64_t *list;
    size_t count, room;
};
PD_CHECK enum pd_status erase_rows_add(struct erase_rows *rows, uint64_t row, struct pd_error *err);
bool erase_rows_has(const struct erase_rows *rows, uint64_t row);
/** How many of them are below `row`. */
uint64_t erase_rows_below(const struct erase_rows *rows, uint64_t row);
void erase_rows_clear(struct erase_rows *rows);

/** A stored file that holds the person: of a distribution, or the original of a version. */
struct erase_holding {
    pd_str id, version, dataset, party, title;
    bool is_original;
    pd_str disclosed_to, released_as;
    pd_id key_id, hash_key_id;
    crypto_hash address, index_address;
    pd_str columns_json; /* as person_columns_json wrote it */
    uint64_t rows_in_all;
    struct erase_rows rows; /* of the person */
};
/** Where the person is; dataset: empty for all. In `arena`, but for the rows. */
PD_CHECK enum pd_status erase_find(struct govern *g, const struct erase_person *person,
                                   pd_str dataset, struct pd_arena *arena,
                                   struct erase_holding **out, size_t *count, struct pd_error *err);
void erase_holdings_clear(struct erase_holding *holdings, size_t count);

/* ---- erase_act.c ---- */

/** What the law says of deleting: `law` and `finding` in `arena`. erasure_due is declared. */
PD_CHECK enum pd_status erase_judge(struct govern *g, const struct law_party *party, pd_str member,
                                    pd_str version, const struct govern_declared *facts,
                                    size_t count, pd_time now, struct pd_arena *arena,
                                    struct law_case *law, const struct law_finding **finding,
                                    struct pd_error *err);
/** PD_DENIED or PD_OPEN with the finding's reason, if it is no permit. */
PD_CHECK enum pd_status erase_check(const struct law_finding *finding, struct pd_arena *arena,
                                    struct pd_error *err);

/* ---- rewrite.c ---- */

/** A file written again without rows. In: the first part; out: the rest. */
struct rewrite {
    struct govern *g;
    const struct erase_holding *holding;
    const struct erase_person *person; /* rows that quote an identifier go too; NULL: none */
    const struct store_key *old_key, *new_key;
    const pd_str *quasi; /* names of columns that narrow down, with `k` */
    size_t quasi_count;
    uint64_t k; /* rows of classes that are smaller go too; 0: none */
    /* With k: so do rows of classes that fail these; what they are about, by name. */
    const struct protect_plan_model *models;
    const pd_str *sensitive;
    size_t model_count;
    pd_time now;

    struct store_stored file;
    crypto_hash content;
    const struct govern_reading *after; /* of what was written */
    struct erase_rows removed;          /* from the old file */
    uint64_t rows_in, for_k;            /* for_k: of the removed, those of small classes */
};
/** PD_INTERNAL: the file can't be read as it was. The caller clears `removed`. */
PD_CHECK enum pd_status rewrite_file(struct rewrite *w, struct pd_arena *arena,
                                     struct pd_error *err);

#endif
