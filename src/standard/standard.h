/**
 * standard/: what a table should be, and whether it is. A standard is JSON: Frictionless Table
 * Schema v2 (https://datapackage.org/standard/table-schema/) with rules between fields besides, see
 * docs/reference/standards.md. A checker is fed the table in batches and says of every constraint
 * and rule how many rows fail it, which ones first, and the score A/B of each indicator of GB/T
 * 36344. No I/O, no clock, no globals. Sentences quote no cell, unless that is asked for.
 */
#ifndef POLDER_STANDARD_H
#define POLDER_STANDARD_H

#include "table/table.h"

enum standard_type {
    STANDARD_STRING,
    STANDARD_NUMBER,
    STANDARD_INTEGER,
    STANDARD_BOOLEAN,
    STANDARD_OBJECT,
    STANDARD_ARRAY,
    STANDARD_LIST,
    STANDARD_DATETIME,
    STANDARD_DATE,
    STANDARD_TIME,
    STANDARD_YEAR,
    STANDARD_YEARMONTH,
    STANDARD_DURATION,
    STANDARD_GEOPOINT,
    STANDARD_GEOJSON,
    STANDARD_ANY,
    STANDARD_TYPE_COUNT
};
const char *standard_type_name(enum standard_type type);

/** What a check measures. */
struct standard_indicator {
    const char *code;           /* of GB/T 36344-2018: "0302" */
    const char *name;           /* "format compliant" */
    const char *name_zh;        /* 格式合规性 */
    const char *characteristic; /* of ISO/IEC 25012, as this project maps it: "accuracy" */
};

enum { STANDARD_BYTES_MOST = 16 << 20, STANDARD_FIELDS_MOST = 20000, STANDARD_SHOWN = 100 };

struct standard;

/**
 * json: at most STANDARD_BYTES_MOST; `*out` lives in `arena`, and holds no view of `json`.
 * PD_INVALID: not such a standard: says line, column, field and member, and for a misspelt name the
 * one that was perhaps meant. PD_UNSUPPORTED: foreignKeys, jsonSchema. PD_LIMIT.
 */
PD_CHECK enum pd_status standard_parse(pd_str json, struct pd_arena *arena,
                                       const struct standard **out, struct pd_error *err);

pd_str standard_name(const struct standard *standard); /* may be empty */
pd_str standard_title(const struct standard *standard,
                      const char *language); /* "en"; may be empty */
size_t standard_fields(const struct standard *standard);
pd_str standard_field_name(const struct standard *standard, size_t field);
enum standard_type standard_field_type(const struct standard *standard, size_t field);

/* ---- Checking ---- */

struct standard_options {
    pd_time now;       /* what rules of timeliness count from */
    bool with_values;  /* failures may quote the cell */
    uint64_t seed[2];  /* of the hashes; secret where those who fill the table may be hostile */
    size_t key_bytes;  /* memory for the values of all keys together; 0: 256 MiB */
    size_t told_bytes; /* memory for failures that are named; 0: 64 MiB */
};

/** A row that fails. */
struct standard_failure {
    uint64_t line; /* physical, from 1; where the record starts. 0: the header */
    pd_str column; /* its name; of a rule over several fields: the first; may be empty */
    pd_str why;
};

/** One constraint of a field, key or rule. */
struct standard_outcome {
    pd_str field; /* empty: a key, a rule, or of the whole table */
    pd_str check; /* "type", "required", "minimum", "primaryKey", the name of a rule ... */
    pd_str title; /* what must hold, for people */
    const struct standard_indicator *indicator;
    uint64_t examined, failed;
    bool is_partial; /* past some row it can't be told: the limit of memory; see `note` */
    pd_str note;     /* why rows weren't examined, or empty */
    const struct standard_failure
        *failures; /* the first STANDARD_SHOWN, in the order of the rows */
    size_t shown;
};

/** A / B of all checks that measure one indicator. */
struct standard_score {
    const struct standard_indicator *indicator;
    uint64_t met, examined; /* A, B: B > 0 */
    bool is_partial;
};

struct standard_report {
    uint64_t rows, failed_rows; /* rows with any failure; records that were set aside included */
    const struct standard_outcome *outcomes;
    size_t outcome_count;
    const struct standard_score *scores; /* in the order of their codes */
    size_t score_count;
    uint64_t failures; /* of all checks together; 0: the table meets the standard as far as told */
    bool is_partial;
};

struct standard_checker;

/** standard: outlives the checker. PD_OK; PD_LIMIT. */
PD_CHECK enum pd_status standard_checker_new(const struct standard *standard,
                                             const struct standard_options *options,
                                             struct standard_checker **out, struct pd_error *err);
/** The header, once and first. What is wrong with it is counted as a failure. PD_INVALID: no UTF-8.
 */
PD_CHECK enum pd_status standard_checker_header(struct standard_checker *checker,
                                                const pd_str *names, size_t count,
                                                struct pd_error *err);
PD_CHECK enum pd_status standard_checker_feed(struct standard_checker *checker,
                                              const struct table_batch *batch,
                                              struct pd_error *err);
/** A record that is no row, since it has another number of fields than the header. */
void standard_checker_set_aside(struct standard_checker *checker, uint64_t line, size_t fields,
                                size_t columns);
/** The result; it lives as long as the checker. */
PD_CHECK enum pd_status standard_checker_finish(struct standard_checker *checker,
                                                const struct standard_report **out,
                                                struct pd_error *err);
void standard_checker_free(struct standard_checker *checker); /* NULL is fine */

/* ---- Comparing ---- */

enum standard_change_kind {
    STANDARD_ADDED,
    STANDARD_REMOVED,
    STANDARD_CHANGED, /* neither stricter nor looser: a type, a pattern */
    STANDARD_STRICTER,
    STANDARD_LOOSER,
    STANDARD_CHANGE_COUNT
};
const char *standard_change_name(enum standard_change_kind kind);

struct standard_change {
    enum standard_change_kind kind;
    pd_str field; /* empty: the whole table */
    pd_str what;  /* "minimum", "type", a rule's name ... */
    pd_str from, to;
};
/** What `fresh` changes in `old`; in `arena`. PD_LIMIT. */
PD_CHECK enum pd_status standard_diff(const struct standard *old, const struct standard *fresh,
                                      struct pd_arena *arena, const struct standard_change **out,
                                      size_t *count, struct pd_error *err);

#endif
