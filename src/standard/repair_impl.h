/* Repairs from inside: which values could stand in a cell's place, and how sure that is. */
#ifndef POLDER_REPAIR_IMPL_H
#define POLDER_REPAIR_IMPL_H

#include "standard/check_impl.h"

enum { CHOICES_MOST = 6 };

struct choice {
    pd_str text;
    enum standard_method method;
    enum standard_confidence confidence;
    pd_str why;
};

/** One failing cell, and what could stand in its place. */
struct proposal {
    const struct standard_checker *checker;
    struct pd_arena *arena;
    size_t field;
    pd_str cell;
    pd_str base; /* the cell without blanks around it, in narrow characters */
    struct choice choices[CHOICES_MOST];
    size_t count;
    bool has_more, has_failed; /* more choices than are kept; out of memory */
};

/** Adds what could stand there, if it would pass, is something else, and isn't among them. */
void proposal_offer(struct proposal *p, pd_str text, enum standard_method method,
                    enum standard_confidence confidence, const char *why);
/** Looks for what could stand in the cell's place without asking another table or field. */
void proposal_find(struct proposal *p);
/** The field that the proposal is for. */
const struct field *proposal_field(const struct proposal *p);

/* ---- Ways of repair, each offering what it knows ---- */

void repair_moment(struct proposal *p);
void repair_number(struct proposal *p);
void repair_code(struct proposal *p);     /* case, labels, zeros */
void repair_spelling(struct proposal *p); /* near misspellings of codes and labels */

/** A moment as the field writes it; false: its format can't say it. `order` as in struct value. */
bool moment_write(const struct field *field, int64_t order, struct pd_buf *out);
/** "1.5" times 10^power, exactly; `decimal` has digits, a point at most, perhaps a sign. */
void decimal_shift(pd_str decimal, int power, struct pd_buf *out);

/* ---- fold.c: texts that people take for equal ---- */

/** Without blanks of any script at its ends. */
pd_str fold_trim(pd_str s);
/** Full-width letters, digits and signs become narrow. */
void fold_narrow(pd_str s, struct pd_buf *out);
/** Trimmed, narrow, in lower case of ASCII, without blanks within. */
void fold_all(pd_str s, struct pd_buf *out);
/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours; at most
 * `most` + 1. Characters, not bytes; texts beyond 64 characters are `most` + 1 apart. */
unsigned fold_distance(pd_str a, pd_str b, unsigned most);

/* ---- watch.c ---- */

/** A checker, and what it says of the row at hand. */
struct watch {
    struct standard_checker *checker;
    size_t *failing; /* the checks that the row fails, in their order */
    size_t failing_count;
    struct key_set *rows; /* whole; NULL: the standard has no key, so that rows may repeat */
    size_t rows_left;
    struct pd_buf whole;
    bool is_again, has_failed;
    uint64_t first_line; /* is_again: of the row that this one repeats */
};
PD_CHECK enum pd_status watch_init(struct watch *w, const struct standard *standard,
                                   const struct standard_options *options, struct pd_error *err);
void watch_clear(struct watch *w); /* a zeroed one is fine */
void watch_row(struct watch *w, const struct table_batch *batch, size_t row);
/** The key that the row repeats, being equal in all cells to one before it; PD_NPOS: it doesn't. */
size_t watch_repeats(const struct watch *w);
/** Whether the field fails, by itself or as part of a rule or key. */
bool watch_fails(const struct watch *w, size_t field);

/* ---- authority.c ---- */

/** What the authoritative table says of a column for a key. */
enum authority_answer { AUTHORITY_SILENT, AUTHORITY_SAYS, AUTHORITY_CONTRADICTS_ITSELF };
enum authority_answer authority_ask(const struct standard_authority *authority, pd_str key,
                                    pd_str column, pd_str *out);
/** The name of the key in the table that is repaired. */
pd_str authority_key(const struct standard_authority *authority);

#endif
