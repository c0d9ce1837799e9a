/**
 * Attacks on a table before it is released (protect/attack.h), with whatever an attacker could have
 * beside it: other tables, earlier versions, and, of a plan, the knowledge that loss was minimised.
 */
#ifndef POLDER_GOVERN_ATTACK_H
#define POLDER_GOVERN_ATTACK_H

#include "govern/govern.h"

/** A table beside the one that is attacked; borrowed. */
struct govern_attack_other {
    struct source *source;
    bool is_before; /* an earlier version of the same table; else a table of its own */
};

enum { GOVERN_ATTACK_COLUMNS_MAX = 64 };

struct govern_attack_ask {
    struct source *source; /* as it is to be released */
    const struct govern_form *form;
    /** Names of columns: what an attacker knows of a person, and what nobody is to learn. None:
     * those that inspection takes for quasi-identifiers, and for sensitive. */
    const pd_str *known, *sensitive;
    size_t known_count, sensitive_count;
    const struct govern_attack_other *others;
    size_t other_count;
    uint64_t k; /* groups of fewer rows that came or left between versions are looked at; 0: 5 */
    struct source *original; /* before its plan; needed for the plan. NULL: none */
    pd_str plan; /* JSON as protect_plan_write; empty: none. What it does to a column is done to
                    other tables too */
    uint64_t l;  /* minimality: the search had to keep classes diverse; 0: it looked at rows only */
};

struct govern_attacked {
    struct protect_attack attack;
    pd_str column; /* what was inferred; empty: nothing was */
    pd_str other;  /* the other table's name; empty: there is none */
    pd_str table;  /* the id of its distribution, if it is open at this node; else empty */
    const pd_str *by; /* linkage: the columns in which rows of both met; none: they have no value in common */
    size_t by_count;
};

struct govern_attacks {
    const pd_str *known, *sensitive; /* that were attacked with, and for */
    size_t known_count, sensitive_count;
    const struct govern_attacked *items;
    size_t count;
    const pd_str *notes; /* what couldn't be tried, and why */
    size_t note_count;
    double worst; /* the largest risk of them */
};

/**
 * Reads the table, and the others, and attacks. Without known columns nothing is attacked, and
 * `count` is 0.
 *
 * out: lives in `arena`; untouched on failure.
 * Returns PD_OK; PD_USAGE for an l, k or plan that can't be used; PD_NOT_FOUND for a column that
 * isn't there; PD_INVALID for a plan of other columns, or a table without rows; as govern_read.
 */
PD_CHECK enum pd_status govern_attack(const struct govern_attack_ask *ask, pd_time now,
                                      const struct govern_progress *progress,
                                      struct pd_arena *arena, struct govern_attacks *out,
                                      struct pd_error *err);

/** An array with one object for each attack; NULL: null. */
void govern_attacks_write(const struct govern_attacks *attacks, struct pd_json *w);
/** Members of an open object: the worst of them, with and for which columns, each attack, notes. */
void govern_attacked_write(const struct govern_attacks *attacks, struct pd_json *w);

#endif
