/**
 * protect/mondrian.h: local recoding. Where a generalisation of the whole column (lattice.h) makes
 * all 38s into 30-39, Mondrian cuts the rows themselves into parts and says of each part from where
 * to where its values reach, so that crowded places stay fine.
 *
 * LeFevre, DeWitt, Ramakrishnan, "Mondrian Multidimensional K-Anonymity" (ICDE 2006): a part is cut
 * at the median of the column in which it is widest, as long as both sides still satisfy what is
 * asked. Greedy: the loss is told, not proven least. A part's ranges aren't steps of a plan, which
 * speaks of columns; so no plan carries this out, and it is here to be compared with and for
 * whoever embeds the engine.
 *
 * Engine only: no I/O, no clock, no globals. Results depend on the input alone.
 */
#ifndef POLDER_PROTECT_MONDRIAN_H
#define POLDER_PROTECT_MONDRIAN_H

#include "protect/lattice.h"

enum protect_mondrian_kind {
    PROTECT_MONDRIAN_STRICT, /* rows of one value in the column stay together: parts don't overlap
                              */
    PROTECT_MONDRIAN_RELAXED /* rows of the median go to either side, so that both are as large */
};

struct protect_mondrian_task {
    /** Quasi values are in the order of their numbers; of the hierarchies only `values` is used. */
    struct protect_microdata data;
    enum protect_mondrian_kind kind;
    uint64_t k;          /* at least 1 */
    uint64_t distinct_l; /* 0 or 1: not asked; else of the sensitive column below */
    size_t sensitive;
    size_t limit_bytes; /* 0 means 1 GiB */
    /** Asked after every cut, with the rows that lie in finished parts: true ends with
        PD_UNAVAILABLE. NULL is fine. */
    bool (*is_cancelled)(void *context, uint64_t finished, uint64_t rows);
    void *context;
};

/** Cleared by protect_mondrian_clear. */
struct protect_mondrian {
    uint32_t count;    /* of parts */
    uint32_t *part_of; /* of each tuple; UINT32_MAX of one that stands for no row */
    uint32_t *lowest;  /* [part * quasi_count + column]: from where ... */
    uint32_t *highest; /* ... to where its values reach */
    uint64_t *rows;    /* of each part */
    uint64_t smallest;
    /** Mean over the cells of (highest - lowest) / (values - 1): as PROTECT_LOSS_GRANULARITY. */
    double granularity;
    double discernibility; /* sum of |part|^2 */
};

/** How much memory it takes; SIZE_MAX if that can't be said in a number. */
size_t protect_mondrian_bytes(const struct protect_microdata *data);

/**
 * Cuts the table. Of the columns the widest goes first ((highest - lowest) / (values - 1); of
 * equals the first), and where it can't be cut the next. The median is the least value by which
 * half of the rows are reached; a strict cut is after it, or else before it.
 *
 * out: to be cleared; untouched on failure.
 * PD_USAGE: no k, a column that isn't there; PD_INVALID: numbers out of range, or the whole table
 * fails already, with what it has; PD_LIMIT: more memory than allowed; PD_UNAVAILABLE: cancelled.
 */
PD_CHECK enum pd_status protect_mondrian(const struct protect_mondrian_task *task,
                                         struct protect_mondrian *out, struct pd_error *err);
void protect_mondrian_clear(struct protect_mondrian *mondrian);

#endif
