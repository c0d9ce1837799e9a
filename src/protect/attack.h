/**
 * protect/attack.h: what somebody could do with a table that is to be released.
 *
 * Each attack is carried out as its attacker would, over classes that were counted of the output
 * (protect_classes over the columns that matter), and its success is compared with that of guessing
 * without the table: what counts is what the release adds (Giomi et al., "A Unified Framework for
 * Quantifying Privacy Risk in Synthetic Data", 2023, section 3; Article 29 Working Party, Opinion
 * 05/2014: singling out, linkability, inference). Rates are exact for the table at hand; the
 * interval is what they would say of a population that the rows were drawn from.
 *
 * Engines only: no I/O, no clock, no globals. Results depend on the input alone.
 */
#ifndef POLDER_PROTECT_ATTACK_H
#define POLDER_PROTECT_ATTACK_H

#include "base/base.h"

struct protect_classes;
struct protect_step;

enum protect_attack_kind {
    PROTECT_ATTACK_SINGLING_OUT,
    PROTECT_ATTACK_HOMOGENEITY,
    PROTECT_ATTACK_MINIMALITY,
    PROTECT_ATTACK_LINKAGE,
    PROTECT_ATTACK_DIFFERENCING,
    PROTECT_ATTACK_KIND_COUNT
};
const char *protect_attack_name(enum protect_attack_kind kind); /* "singling_out" */

struct protect_attack {
    enum protect_attack_kind kind;
    uint64_t attempts; /* guesses, one for each row that is attacked */
    double hits;       /* of them expected to be right */
    uint64_t certain;  /* of them right without doubt */
    double rate;       /* hits / attempts; 0 without attempts */
    double low, high;  /* Wilson's interval of the rate, at 95 % */
    double baseline;   /* the rate of somebody who guesses without the table's classes */
    double risk;       /* (rate - baseline) / (1 - baseline), at least 0: what the release adds */
};

/** The share of attempts that are hits, its interval, and the risk, from the fields above them. */
void protect_attack_rate(struct protect_attack *attack);

/**
 * Positions among the columns of a protect_classes, ascending: what the attacker knows of a person.
 */
struct protect_known {
    const size_t *columns;
    size_t count; /* at least 1 */
};

/**
 * Singling out: the attacker knows a person's values, and takes one of the rows that have them. A
 * row that is alone in its class is a certain hit. Baseline: any row of the table. Returns PD_OK;
 * PD_USAGE for columns that aren't there; PD_INVALID for a table without rows; PD_LIMIT.
 */
PD_CHECK enum pd_status protect_attack_single_out(const struct protect_classes *table,
                                                  struct protect_known known,
                                                  struct protect_attack *out, struct pd_error *err);

/**
 * Homogeneity: the attacker finds the person's class and guesses the most frequent value that its
 * rows have in the column `sensitive`. Certain where all rows of a class have one value. Baseline:
 * the most frequent value of the table. Statuses as protect_attack_single_out.
 */
PD_CHECK enum pd_status protect_attack_infer(const struct protect_classes *table,
                                             struct protect_known known, size_t sensitive,
                                             struct protect_attack *out, struct pd_error *err);

/**
 * Minimality (Wong, Fu, Wang and Pei, VLDB 2007): the attacker knows everybody's values, and that
 * the release would have been finer if that had been diverse. `original` is the table before its
 * plan; the steps make the classes of the release (`coarse`) and those that the search refused
 * (`fine`, a refinement), one per column of `known`, NULL keeps. A class is diverse if no value of
 * the column `sensitive` has more than 1/l of its rows.
 *
 * For each class of the release, and each of its values, the attacker computes over all ways to
 * deal the values out to the persons of the class, of which those remain in which some finer class
 * isn't diverse, how likely a person of each finer class has the value. (That the refusal was due
 * to this class is in the attacker's favour.) Attempts: the persons for whom a value is likelier
 * than 1/l, which the release promised that none is; the attacker guesses the likeliest, any of
 * those that are equally likely. Certain: where one alone is sure. Baseline: 1/l. Classes of more
 * than PROTECT_MINIMALITY_ROWS rows or PROTECT_MINIMALITY_PARTS finer classes are left out: in them
 * hardly anything can be concluded. A search that looked at rows only (k) tells nothing this way;
 * there is no need to ask. l: at least 2. Statuses as protect_attack_single_out.
 */
enum { PROTECT_MINIMALITY_ROWS = 2000, PROTECT_MINIMALITY_PARTS = 64 };
PD_CHECK enum pd_status protect_attack_minimal(const struct protect_classes *original,
                                               struct protect_known known, size_t sensitive,
                                               const struct protect_step *const *coarse,
                                               const struct protect_step *const *fine, uint64_t l,
                                               struct protect_attack *out, struct pd_error *err);

/**
 * Linkage: the attacker matches the rows of another table with rows that have the same values in
 * the columns that both have. `with` are the positions in `other`, in the order of `known`, at most
 * PROTECT_LINK_COLUMNS; `steps` (one each; NULL, or NULL in it, keeps) are what the release made of
 * these columns, done to values of the other table that the release doesn't have as they stand. A
 * column in which the tables have no value in common matches nothing, and whoever attacks leaves it
 * out; `is_used` (one each; NULL is fine) says which were not. Where m rows meet n, the best that
 * can be done is to pair them by chance, of which min(m, n) / max(m, n) pairs are expected to be
 * right. Certain is one row that meets one. Attempts: the rows of `table`. Baseline: pairing
 * without looking. Statuses as protect_attack_single_out.
 */
enum { PROTECT_LINK_COLUMNS = 64 };
PD_CHECK enum pd_status protect_attack_link(const struct protect_classes *table,
                                            struct protect_known known,
                                            const struct protect_classes *other,
                                            struct protect_known with,
                                            const struct protect_step *const *steps, bool *is_used,
                                            struct protect_attack *out, struct pd_error *err);

/**
 * Differencing: the attacker has an earlier version (`before`) too, and looks at classes that
 * gained or lost fewer than k rows. Of whoever came or left, the values in the column `sensitive`
 * are the difference of the two histograms; the attacker guesses the most frequent of them.
 * Attempts: all rows that came or left. Certain: where they have one value. Baseline: the most
 * frequent value of the table. Without a sensitive column (SIZE_MAX) nothing is guessed: certain
 * and hits are the rows that came or left alone, and the baseline is one row of the table. `then`
 * and `sensitive_then` are the positions in `before`; `steps` as of protect_attack_link. k: at least 2. Statuses as above.
 */
PD_CHECK enum pd_status protect_attack_compare(const struct protect_classes *table,
                                               struct protect_known known, size_t sensitive,
                                               const struct protect_classes *before,
                                               struct protect_known then, size_t sensitive_then,
                                               const struct protect_step *const *steps, uint64_t k,
                                               struct protect_attack *out,
                                               struct pd_error *err);

#endif
