/**
 * What the two files of unlock share. Never leaves the folder.
 */
#ifndef POLDER_GOVERN_UNLOCK_H
#define POLDER_GOVERN_UNLOCK_H

#include "govern/growing.h"
#include "govern/past.h"

/** What may be supplied for one fact, and which waiting cases that would free. */
struct unlock_supply {
    struct law_scalar value;
    struct growing_list cases; /* indices of waiting cases */
};

/** A thing in the way: its place in the answer is known when all cases were heard. */
struct unlock_block {
    enum govern_block_kind kind;
    pd_str name;
    const struct law_fact_kind *fact;
    const struct law_voice *article;
    struct growing_list policies; /* pd_str */
    struct growing_list cases;    /* indices of waiting cases */
    struct growing_list supplies; /* struct unlock_supply; one without value for what isn't a fact */
};

/** Where the blocks of all cases gather. */
struct unlock_blocks {
    struct govern *g;
    struct pd_arena *arena; /* of the answer */
    pd_time now;
    struct growing_list list; /* struct unlock_block */
};

/** Appends an index unless it is the last one already; false when the arena is full. */
bool unlock_add(struct growing_list *list, size_t index, struct pd_arena *arena);

/**
 * Decides the case anew, and notes each thing in its way with what supplying it would bring. index:
 * of the waiting case; content: of the source, to which attestations of an open intent may be
 * bound.
 * `*is_free`: nothing is in its way but asking again.
 */
PD_CHECK enum pd_status unlock_hear(struct unlock_blocks *u, const struct past *past, bool is_open,
                                    pd_str content, size_t index, struct pd_arena *scratch,
                                    bool *is_free, struct pd_error *err);

/** As govern_unlock, every time anew. */
PD_CHECK enum pd_status unlock_find(struct govern *g, struct pd_arena *arena,
                                    const struct govern_blocks **out, struct pd_error *err);

/* ---- unlock_kept.c ---- */

/** As govern_unlock, for a handle of a writer: computed once for all of them, until there is another
 * act, other rules, or a minute is over. may_be_older: if that takes long, as it was found last. */
PD_CHECK enum pd_status unlock_kept_find(struct unlock_kept *kept, struct govern *g,
                                         bool may_be_older, struct pd_arena *arena,
                                         const struct govern_blocks **out, struct pd_error *err);
/** As govern_unlock_renew. */
PD_CHECK enum pd_status unlock_kept_renew(struct unlock_kept *kept, struct govern *g,
                                          int64_t *took_us, struct pd_error *err);

#endif
