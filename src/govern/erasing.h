/** Erasing a person from what the node holds. */
#ifndef POLDER_GOVERN_ERASING_H
#define POLDER_GOVERN_ERASING_H

#include "govern/govern.h"

struct govern_destruction; /* govern/keys.h */

struct govern_erasing {
    const pd_str *identifiers; /* of the person: numbers, telephones, addresses of e-mail */
    size_t identifier_count;
    pd_str dataset; /* id or title; empty: all */
    pd_str party, member, private_key;
    pd_str reason;                       /* ask: 1 to 2,000 bytes */
    const struct govern_declared *facts; /* ask: the ground, as "consent_withdrawn", and others */
    size_t fact_count;
};
/** A stored file that holds the person. */
struct govern_held {
    pd_str id; /* of the distribution; or of the version, if it is the original */
    pd_str version, dataset, party, title;
    bool is_original;
    pd_str disclosed_to; /* "public", or a party; empty: an original */
    pd_str released_as;
    uint64_t rows_in_all;
    const uint64_t *rows; /* of the person: 0-based, ascending */
    size_t row_count;
    const pd_str *columns; /* in which identifiers were found when it was stored */
    size_t column_count;
};
/**
 * Where a person is: every stored file, in whose source identifiers were recognised, that has a row
 * with one of these. Reads each index of persons once. PD_USAGE: what was given are no identifiers
 * (errors never repeat them).
 */
PD_CHECK enum pd_status govern_erase_find(struct govern *g, const struct govern_erasing *erasing,
                                          struct pd_arena *arena, const struct govern_held **out,
                                          size_t *count, struct pd_error *err);
/**
 * Asks for a person to be erased from what the party holds: an act, whose record seals the
 * identifiers. PD_NOT_FOUND: nobody holds them, or only others do; PD_DENIED: no right, not the
 * key, or the law forbids it; PD_OPEN: the law misses facts.
 */
PD_CHECK enum pd_status govern_erase_ask(struct govern *g, const struct govern_erasing *erasing,
                                         struct pd_arena *arena, pd_id *request,
                                         const struct govern_outcome **out, struct pd_error *err);

/** What became of one file. */
struct govern_erased {
    pd_str old_id, new_id; /* new_id empty: nothing took its place, see why */
    pd_str title, released_as, why;
    uint64_t rows_removed, for_k, rows_left; /* for_k: of the removed, those of small classes */
    const struct govern_outcome *outcome;
};
/**
 * Another party agrees. For each file an act "delete": a new version without the rows, under a key
 * of its own, takes the place of the old one, whose key is destroyed. A release that the law
 * wouldn't permit any more is withdrawn. The last act destroys the request, too. If it is cut off,
 * agreeing again goes on. Statuses as govern_key_agree.
 */
PD_CHECK enum pd_status govern_erase_agree(struct govern *g,
                                           const struct govern_destruction *agreed,
                                           struct pd_arena *arena, const struct govern_erased **out,
                                           size_t *count, struct pd_error *err);
/** Where the person of a request is, for whoever is to agree. */
PD_CHECK enum pd_status govern_erase_request(struct govern *g, pd_id request,
                                             struct pd_arena *arena, pd_str *party, pd_str *reason,
                                             const struct govern_held **out, size_t *count,
                                             struct pd_error *err);

#endif
