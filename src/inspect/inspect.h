/**
 * inspect/: what is in a table. Reads every cell once (no sampling) and says for each column its
 * type, profile, detected identifiers and role, and for the table the facts that the law asks about
 * and a proposed grade. Deterministic: same table, order, options, same result. Every role comes
 * with a sentence that names what was seen; sentences never quote a cell.
 *
 * Memory is bounded by the number of columns, not rows: see inspector_new. No I/O, no clock.
 */
#ifndef POLDER_INSPECT_H
#define POLDER_INSPECT_H

#include "detect/detect.h"
#include "sketch/sketch.h"
#include "table/table.h"

/** What all non-empty cells of a column are, trimmed of spaces. A mixture is text. */
enum inspect_type {
    INSPECT_EMPTY,   /* no cell has a value */
    INSPECT_BOOLEAN, /* true false yes no (any case), 是 否 */
    INSPECT_INTEGER, /* fits 64 bits, no leading zeros: 007 is text */
    INSPECT_DECIMAL, /* with a fraction or exponent; a column may mix in integers. Both also as
                        1,234.5, 1.234,5, 12% or $5 if that explains the whole column */
    INSPECT_DATE, /* 2026-03-09, 2026/3/9, 2026年3月9日, 二〇二六年三月九日, 民國115年3月9日,
                     2026年3月, 2026年; 9/3/2026 if the column tells the order */
    INSPECT_DATETIME, /* a date and a time of day; a column may mix in dates */
    INSPECT_TIME,     /* 00:10, 23:59:59: a time of day or a duration */
    INSPECT_TEXT,
    INSPECT_TYPE_COUNT
};
const char *inspect_type_name(enum inspect_type type);

/** What a column does to the person in a row. */
enum inspect_role {
    INSPECT_OTHER,
    INSPECT_DIRECT,    /* names or reaches the person: identifiers, names, persistent pseudonyms */
    INSPECT_QUASI,     /* narrows down who it is, together with others */
    INSPECT_SENSITIVE, /* what must not be known about the person: health, income, belief, ... */
    INSPECT_ROLE_COUNT
};
const char *inspect_role_name(enum inspect_role role);

enum inspect_confidence { INSPECT_LOW, INSPECT_MEDIUM, INSPECT_HIGH };
const char *inspect_confidence_name(enum inspect_confidence confidence);

/** One type of identifier met in a column. */
struct inspect_verdict {
    enum detect_type type;
    const struct detect_info *info;
    uint64_t matched;                   /* cells that passed, weak ones included */
    uint64_t weak;                      /* of these, forms that prove less; see info->weak */
    double share;                       /* matched of the cells with a value, 0..1 */
    enum inspect_confidence confidence; /* low: chance explains it as well */
    bool is_named;                      /* the column's name speaks for it */
    pd_str evidence;
};

struct inspect_quantile {
    double share; /* 0.05 0.25 0.5 0.75 0.95 */
    double value; /* numbers: the value; dates: microseconds since 1970 */
    pd_str text;  /* dates in RFC 3339; numbers as shortest decimal */
};
enum { INSPECT_QUANTILES = 5, INSPECT_TOP = 10, INSPECT_BINS = 20, INSPECT_PATTERNS = 3 };

/** One bar of a histogram: an exact count. */
struct inspect_bin {
    pd_str from, to; /* numbers: from <= value < to; periods: the first and the last one */
    uint64_t count;
};

/** Whether a column could be a key: no cell empty, none twice. */
enum inspect_key {
    INSPECT_NO_KEY,
    INSPECT_MAYBE_KEY, /* more values than are kept, and as many distinct ones as the bound allows
                        */
    INSPECT_KEY        /* certain for these rows */
};
const char *inspect_key_name(enum inspect_key key); /* "no", "possible", "yes" */

struct inspect_column {
    pd_str name; /* as in the header */
    enum inspect_type type;
    pd_str mixes;      /* text by mixture: "3,990 integer, 10 text"; else empty */
    pd_str note;       /* how cells were read, where one could doubt it; else empty */
    bool is_formatted; /* numbers or dates that are not written plainly: see the note */
    uint64_t kinds[INSPECT_TYPE_COUNT]; /* cells by what each is alone */
    uint64_t nulls;                     /* empty or blank cells, and words that say so (the note) */
    struct sketch_count distinct;       /* of the non-empty, never more than there are */
    pd_str min, max;                    /* as written; numbers and dates by value, text by bytes;
                                           at most SKETCH_TEXT_BYTES; empty if the column is */
    double min_number, max_number;      /* integer and decimal columns */
    pd_time min_time, max_time;         /* date and datetime columns, taken as UTC if no zone */
    bool has_mean;                      /* integer and decimal columns */
    double mean;                        /* of the sum */
    pd_str sum;                         /* integer and decimal columns, else empty */
    bool sum_is_exact;                  /* every digit; else some cells have too many of them */
    const struct inspect_bin *bins;     /* numbers, dates: how they lie, at most INSPECT_BINS */
    size_t bin_count;
    const char *bin_unit; /* dates: hour day month year, of which `to` is the last; else "" */
    uint64_t unbinned;    /* numbers with too many digits to be in a bin */
    const char *rhythm;   /* dates: daily weekly monthly quarterly yearly, "" if there is none */
    uint64_t missing_periods, longest_gap; /* days, weeks, months ... in which nothing lies */
    pd_str gap_from, gap_to;               /* the longest gap lies between these two days */
    struct sketch_frequency patterns[INSPECT_PATTERNS]; /* the shapes of most cells: A{2}-9{4} */
    size_t pattern_count;
    uint64_t pattern_bound;   /* true counts lie in count .. count + pattern_bound */
    const char *language;     /* text: BCP 47, "" if it can't be told */
    pd_str language_evidence; /* why, or empty */
    enum inspect_key key;
    struct inspect_quantile quantiles[INSPECT_QUANTILES];
    size_t quantile_count; /* 0 or 5: numbers and dates only */
    bool quantiles_exact;
    double quantile_bound; /* share of the rows by which a rank may be off */
    struct sketch_frequency top[INSPECT_TOP];
    size_t top_count;
    uint64_t top_bound;              /* true counts lie in count .. count + top_bound */
    uint64_t min_length, max_length; /* characters, of the non-empty cells */
    const struct inspect_verdict *verdicts;
    size_t verdict_count;
    enum inspect_role role;
    const char *category; /* of the role: identity contact network device vehicle secret pseudonym
                             name birth age sex ethnicity nationality education occupation marital
                             postcode address place event health finance belief biometric track
                             crime organisation; "" if nothing is known */
    enum inspect_confidence confidence; /* in the role */
    pd_str evidence;                    /* why this role; for other: a note, or empty */
};

/** GB/T 43697-2024: general data in four sub-levels (annex H); the machine proposes only these. */
enum inspect_level {
    INSPECT_GENERAL_1 = 1, /* no harm to persons or organisations seen */
    INSPECT_GENERAL_2,
    INSPECT_GENERAL_3,
    INSPECT_GENERAL_4,
    INSPECT_IMPORTANT, /* by decision of a competent authority, never proposed here */
    INSPECT_CORE
};
const char *inspect_level_name(enum inspect_level level); /* "general-3" */

struct inspect_grade {
    enum inspect_level level;
    const char *standard; /* "GB/T 43697-2024" */
    pd_str reason;        /* one sentence; a proposal, a person decides */
};

/** The measured facts, by which the law's questions are answered. */
struct inspect_facts {
    bool holds_identifiers; /* a column with role direct */
    bool has_personal;      /* the rows are about natural persons, or identifiers of some occur */
    bool has_sensitive;
    bool has_organisations;
    size_t direct_columns, quasi_columns, sensitive_columns;
    size_t validated_columns; /* of the direct ones, by an identifier's form or check digit */
    size_t pseudonym_columns; /* of the direct ones, card, account and case numbers by name */
};

struct inspection {
    uint64_t rows;
    uint64_t set_aside; /* records that had the wrong number of fields, as told by the caller */
    struct sketch_count distinct_rows; /* rows are equal if all cells are, but for outer spaces */
    const struct inspect_column *columns;
    size_t column_count;
    struct inspect_facts facts;
    struct inspect_grade grade;
};

enum { INSPECT_COLUMNS_MOST = 1 << 20 };
struct inspect_limits {
    size_t columns; /* default 20,000, at most INSPECT_COLUMNS_MOST */
};
enum { INSPECT_THREADS_MOST = 64 };
struct inspect_options {
    unsigned threads; /* that share the columns of a batch, the caller's among them; 0 or 1: that
                         alone, at most INSPECT_THREADS_MOST. What comes out is the same. */
    bool forgets;     /* look at each cell as if the column never had it: slower, the same answer */
    pd_time now;      /* no date of birth is after it */
    uint64_t seed;    /* of the hashes; secret where those who fill the table may be hostile */
    struct inspect_limits limits;   /* a zero means the default */
    const struct detect_site *site; /* the site's own detectors, NULL: none; outlives the inspector,
                                       and what it finds */
};

struct inspector;

/**
 * names: the header, at least one; copied. A blank name is fine.
 * Counts are exact up to 4,096 distinct values per column, most frequent ones up to 1,000; beyond
 * 488 and 500 columns these shrink in proportion (5,000 columns: 400 and 100), so that memory stays
 * below about 60 KiB per column for wide tables and 250 KiB for narrow ones. Besides, up to 65,536
 * values that columns had before are remembered with what is known of them (15 MiB, shared; at
 * least 16 and at most 1,024 of a column), up to 16,384 shapes of cells (4 MiB, shared), and up to
 * 1,048,576 distinct rows are counted exactly (16 MiB), and as many values of columns without a
 * repetition, shared among them.
 *
 * Returns PD_OK; PD_USAGE without columns; PD_LIMIT for too many, or out of memory.
 */
PD_CHECK enum pd_status inspector_new(const pd_str *names, size_t count,
                                      const struct inspect_options *options, struct inspector **out,
                                      struct pd_error *err);

/** batch: has as many columns as names were given (else PD_USAGE). After a failure, only free. */
PD_CHECK enum pd_status inspector_feed(struct inspector *inspector, const struct table_batch *batch,
                                       struct pd_error *err);

/** Adds to the count of records that were set aside. */
void inspector_set_aside(struct inspector *inspector, uint64_t records);

/**
 * Adds what `from` saw of another part of the same table: same names, same seed (else PD_USAGE).
 * Counts, types, extremes and bounds are as if one had read all; only which of equally good
 * estimates comes out may differ.
 */
PD_CHECK enum pd_status inspector_merge(struct inspector *into, const struct inspector *from,
                                        struct pd_error *err);

/**
 * Appends what the inspector saw so far, the same bytes for the same table and parts: to be merged
 * elsewhere. They hold some cells in clear (extremes, frequent values), and hashes of all.
 * PD_LIMIT.
 */
PD_CHECK enum pd_status inspector_save(const struct inspector *inspector, struct pd_buf *out,
                                       struct pd_error *err);
/** bytes: may be hostile. PD_INVALID: not what inspector_save wrote; PD_LIMIT. */
PD_CHECK enum pd_status inspector_load(pd_str bytes, struct inspector **out, struct pd_error *err);
/** Borrowed; column < inspector_columns. */
pd_str inspector_name(const struct inspector *inspector, size_t column);
size_t inspector_columns(const struct inspector *inspector);

/**
 * The result so far. It lives in `arena` entirely, so that the inspector may be freed or fed on.
 * PD_LIMIT when out of memory.
 */
PD_CHECK enum pd_status inspector_finish(const struct inspector *inspector, struct pd_arena *arena,
                                         const struct inspection **out, struct pd_error *err);

void inspector_free(struct inspector *inspector); /* NULL is fine */

/* ---- The second reading: how rows and columns go together ---- */

/**
 * Cells are compared as their text is without outer spaces; an empty cell is a value like any
 * other, but where something else is said. All is exact as long as the rows fit in
 * INSPECT_DEEP_BYTES; of more rows those are compared that a draw chooses by their number, and of
 * the rows that come again every 2nd, 4th, ... distinct one is counted. What is refuted by some of
 * the rows is refuted; what holds among some need not hold among all.
 */
#define INSPECT_DEEP_BYTES ((size_t)192 << 20) /* at most, with what is found */
enum {
    INSPECT_DEEP_ROWS = 1 << 20,   /* compared, at most; fewer of tables of more than 12 columns */
    INSPECT_DEEP_COLUMNS = 64,     /* compared: the first with two values or more */
    INSPECT_DEEP_SET_COLUMNS = 32, /* of these in sets of two and three */
    INSPECT_TOGETHER = 4,          /* quasi columns whose uniqueness together is told */
    INSPECT_QUASI_MOST = 8,        /* of so many: those with most values */
    INSPECT_UNIQUENESS = 8 + 28 + 56 + 70,
    INSPECT_CATEGORIES = 50, /* values of a column that is taken as categories, at most */
    INSPECT_REPEATS = 10,
    INSPECT_KEYS = 50,
    INSPECT_DEPENDENCIES = 100,
    INSPECT_PAIRS = 100
};

/** Equal rows. */
struct inspect_repeat {
    uint64_t row; /* the first of them, from 1 */
    uint64_t times;
};
/** Columns in which no two rows are equal and no cell is empty, and no fewer of them do. */
struct inspect_key_set {
    size_t columns[3];
    size_t count;
};
/** Rows that are equal in the left columns are so in the right one; no fewer columns do, and a 20th
    of the rows or more could have spoken against it. */
struct inspect_dependency {
    size_t left[2];
    size_t left_count;
    size_t right;
    uint64_t tested; /* rows that are equal to an earlier one on the left */
};
enum inspect_measure_of { INSPECT_PEARSON, INSPECT_CRAMERS_V };
/** How two columns go together, in all rows in which neither is empty. */
struct inspect_pair {
    size_t a, b;
    enum inspect_measure_of measure; /* of two columns of numbers; of two of categories */
    double value;                    /* -1..1; 0..1 */
    uint64_t rows;
};
/** How far quasi columns single out rows together. */
struct inspect_uniqueness {
    size_t columns[INSPECT_TOGETHER];
    size_t count;
    uint64_t unique_rows, classes, smallest; /* rows alone in their class; of the smallest class */
};

struct inspect_relations {
    uint64_t rows, rows_compared;
    size_t columns_compared, quasi_compared;
    uint64_t repeated_rows; /* equal to an earlier one */
    uint64_t repeat_groups; /* distinct rows that come more than once */
    bool repeats_are_exact;
    const struct inspect_repeat *repeats; /* most frequent first */
    size_t repeat_count;
    const struct inspect_key_set *keys;
    size_t key_count;
    bool keys_are_cut;
    const struct inspect_dependency *dependencies;
    size_t dependency_count;
    bool dependencies_are_cut;
    const struct inspect_pair *pairs; /* strongest first; at most 24 columns of each kind */
    size_t pair_count;
    const struct inspect_uniqueness *uniqueness; /* fewest columns, then most unique rows first */
    size_t uniqueness_count;
};

struct inspect_deep;
/** first: of the same table; outlives it. seed: of the hashes. PD_LIMIT when out of memory. */
PD_CHECK enum pd_status inspect_deep_new(const struct inspection *first, uint64_t seed,
                                         struct inspect_deep **out, struct pd_error *err);
/** PD_USAGE for another number of columns. After a failure, only free. */
PD_CHECK enum pd_status inspect_deep_feed(struct inspect_deep *deep,
                                          const struct table_batch *batch, struct pd_error *err);
/** Once, at the end. The result lives in `arena`. PD_CONFLICT: the first reading had another number
 * of rows; PD_LIMIT. */
PD_CHECK enum pd_status inspect_deep_finish(struct inspect_deep *deep, struct pd_arena *arena,
                                            const struct inspect_relations **out,
                                            struct pd_error *err);
void inspect_deep_free(struct inspect_deep *deep); /* NULL is fine */
/** names: of the columns. Holds no value of a cell. */
void inspect_relations_write_json(const struct inspect_relations *relations, const pd_str *names,
                                  struct pd_json *json);

/**
 * {"inspection":1, ...}: a stable shape, version 1. Values from cells are data and may be personal:
 * without `with_values` the most frequent values are left out everywhere, and minimum, maximum,
 * mean and quantiles for text columns and columns with a role other than "other".
 */
void inspection_write_json(const struct inspection *inspection, bool with_values,
                           struct pd_json *json);

#endif
