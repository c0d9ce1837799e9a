/* The checker from inside: check.c feeds and reports, check_row.c judges one row. */
#ifndef POLDER_CHECK_IMPL_H
#define POLDER_CHECK_IMPL_H

#include "standard/standard_impl.h"

enum check_kind {
    CHECK_HEADER,
    CHECK_SHAPE,
    CHECK_TYPE, /* from here on: of one field */
    CHECK_REQUIRED,
    CHECK_UNIQUE,
    CHECK_ENUM,
    CHECK_CATEGORIES,
    CHECK_MIN_LENGTH,
    CHECK_MAX_LENGTH,
    CHECK_MINIMUM,
    CHECK_MAXIMUM,
    CHECK_ABOVE,
    CHECK_BELOW,
    CHECK_PATTERN,
    CHECK_JSON,
    CHECK_KEY, /* of several */
    CHECK_REFERENCE,
    CHECK_RULE
};

struct check {
    enum check_kind kind;
    size_t n; /* the field, key or rule */
    struct key_set *seen;
    size_t *theirs; /* of a reference: the columns of the other table; NULL: it wasn't given */
    bool is_full;   /* the other table has more keys than memory holds */
    struct standard_failure *failures;
};

enum cell_state { CELL_ABSENT, CELL_MISSING, CELL_WRONG, CELL_FINE };

struct standard_checker {
    const struct standard *standard;
    struct standard_options options;
    size_t key_bytes_left;
    struct pd_arena *arena, *told;
    struct check *checks;
    struct standard_outcome *outcomes; /* one for each check */
    size_t count;
    size_t *column;       /* of each field, PD_NPOS: the table lacks it */
    struct value *values; /* of the row, by field */
    enum cell_state *states;
    struct pd_buf key;
    uint64_t line;
    bool row_fails;
    /** Told of every failure, before the next check is made; NULL: nobody. */
    void (*on_fail)(void *context, size_t check);
    void *context;
    struct standard_report report;
};

/** Counts a failure, and keeps it if it is among the first. column: a name; cell: quoted if that is
 * wanted, NULL: there is none. */
PD_PRINTF(6, 7)
void check_fail(struct standard_checker *checker, size_t check, uint64_t line, pd_str column,
                const pd_str *cell, const char *format, ...);
/** Whether the cell alone would do as a value of the field: its type, constraints and reference
 * lists, not keys and rules between fields. NULL: it would; else why not. */
const char *check_cell(const struct standard_checker *checker, size_t field, pd_str cell);
/** What a rule of the kind "derived" asks of the row at hand; false: nothing follows. */
bool check_derived(const struct standard_checker *checker, const struct rule *rule,
                   struct value *out, char room[DERIVED_SIZE]);
/** A part of a key, so that no two keys of other parts are equal. */
void check_add_part(struct pd_buf *key, const struct value *value);
void check_reference_key(struct standard_checker *checker, size_t check);
void check_set_partial(struct standard_checker *checker, size_t check, const char *note);
void check_row(struct standard_checker *checker, const struct table_batch *batch, size_t row);

#endif
