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
 * one that was perhaps meant. PD_UNSUPPORTED: a keyword of jsonSchema that is not read. PD_LIMIT.
 */
PD_CHECK enum pd_status standard_parse(pd_str json, struct pd_arena *arena,
                                       const struct standard **out, struct pd_error *err);

pd_str standard_name(const struct standard *standard); /* may be empty */
pd_str standard_title(const struct standard *standard,
                      const char *language); /* "en"; may be empty */
size_t standard_fields(const struct standard *standard);
pd_str standard_field_name(const struct standard *standard, size_t field);
enum standard_type standard_field_type(const struct standard *standard, size_t field);

/** The tables that foreign keys refer to, by their names; an empty one is the table itself. */
size_t standard_resources(const struct standard *standard);
pd_str standard_resource(const struct standard *standard, size_t resource);

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
/**
 * A table that foreign keys refer to: its header, then its rows, all before the table itself. Keys
 * that refer to a table that wasn't fed are told as such (is_partial). PD_NOT_FOUND: it lacks a
 * column that a key refers to.
 */
PD_CHECK enum pd_status standard_checker_refer_header(struct standard_checker *checker,
                                                      size_t resource, const pd_str *names,
                                                      size_t count, struct pd_error *err);
PD_CHECK enum pd_status standard_checker_refer_feed(struct standard_checker *checker,
                                                    size_t resource,
                                                    const struct table_batch *batch,
                                                    struct pd_error *err);
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

/* ---- Repairing ---- */

enum standard_confidence {
    STANDARD_CERTAIN, /* the cell says the same in another form, or a source says it */
    STANDARD_LIKELY,  /* what it says is guessed by a rule that may err */
    STANDARD_OPEN,    /* several readings, or none: a person chooses; never applied as it is */
    STANDARD_CONFIDENCE_COUNT
};
enum standard_method {
    STANDARD_TRIM,
    STANDARD_WIDTH,
    STANDARD_CASE,
    STANDARD_MARKS,
    STANDARD_ZEROS,
    STANDARD_SPREADSHEET,
    STANDARD_MISSING,
    STANDARD_BOOLEAN_WORD,
    STANDARD_MOMENT,
    STANDARD_GROUPS,
    STANDARD_UNIT,
    STANDARD_LABEL,
    STANDARD_SPELLING,
    STANDARD_DERIVED_VALUE,
    STANDARD_FILL,
    STANDARD_RENAME,
    STANDARD_DROP,
    STANDARD_CHOSEN, /* by the person who edited the repairs */
    STANDARD_METHOD_COUNT
};
const char *standard_confidence_name(enum standard_confidence confidence); /* "certain", ... */
const char *standard_method_name(enum standard_method method);             /* "trim", ... */

/** What could be done about one failing cell, column name or row. */
struct standard_repair {
    uint64_t row;  /* from 1; 0: the header */
    uint64_t line; /* where the record starts, for people */
    pd_str column; /* as the table names it; empty: the whole row */
    pd_str check;  /* that failed first */
    enum standard_method method;
    enum standard_confidence confidence;
    pd_str before, after; /* open: `after` has no data, until a person sets it */
    pd_str why;
    const pd_str *choices; /* open: what it could be, the methods' readings; perhaps none */
    size_t choice_count;
    bool is_agreed;
};

enum { STANDARD_REPAIRS_MOST = 200000 };

struct standard_repairs {
    const struct standard_repair *list; /* by row, then in the order of the standard */
    size_t count;
    uint64_t unmended; /* failures of cells for which nothing is known */
    uint64_t left_out; /* repairs beyond STANDARD_REPAIRS_MOST: apply these, then look again */
};

/** A second table that is believed more than the first, by a key. */
struct standard_authority;
/** names: its columns; copied. key: the name that the key has there; as: its name in the table that
 * is repaired. PD_NOT_FOUND: no such column. */
PD_CHECK enum pd_status standard_authority_new(const pd_str *names, size_t count, pd_str key,
                                               pd_str as, const uint64_t seed[2],
                                               struct standard_authority **out,
                                               struct pd_error *err);
/** PD_LIMIT: it takes more than a GiB. */
PD_CHECK enum pd_status standard_authority_feed(struct standard_authority *authority,
                                                const struct table_batch *batch,
                                                struct pd_error *err);
void standard_authority_free(struct standard_authority *authority); /* NULL is fine */

struct standard_repairer;
/** Looks for repairs while a table is fed, as a checker is. standard, authority (may be NULL):
 * outlive it. PD_LIMIT. */
PD_CHECK enum pd_status standard_repairer_new(const struct standard *standard,
                                              const struct standard_options *options,
                                              const struct standard_authority *authority,
                                              struct standard_repairer **out, struct pd_error *err);
PD_CHECK enum pd_status standard_repairer_header(struct standard_repairer *repairer,
                                                 const pd_str *names, size_t count,
                                                 struct pd_error *err);
PD_CHECK enum pd_status standard_repairer_feed(struct standard_repairer *repairer,
                                               const struct table_batch *batch,
                                               struct pd_error *err);
/** The result; it lives as long as the repairer. */
PD_CHECK enum pd_status standard_repairer_finish(struct standard_repairer *repairer,
                                                 struct standard_repairs *out,
                                                 struct pd_error *err);
void standard_repairer_free(struct standard_repairer *repairer); /* NULL is fine */

/** A file of repairs: what is proposed, for people to read, change and agree to
 * (docs/reference/repairs.schema.json). */
struct standard_repair_file {
    pd_str standard_name, standard_hash; /* lower-case hexadecimal SHA-256 of the standard's text */
    pd_str source_name, source_hash;     /* of the table's bytes */
    pd_str agreed_by;                    /* the member; empty: nobody has agreed yet */
    struct standard_repairs repairs;
};
enum { STANDARD_REPAIR_BYTES_MOST = 128 << 20 };
void standard_repair_write(const struct standard_repair_file *file, struct pd_json *w);
/** In `arena`. PD_INVALID says which group and entry. PD_LIMIT. */
PD_CHECK enum pd_status standard_repair_parse(pd_str json, struct pd_arena *arena,
                                              struct standard_repair_file *out,
                                              struct pd_error *err);

/** Carries repairs out. */
struct standard_mender;
/**
 * repairs: the agreed ones are carried out. Each must still be right: the cell as it was when it
 * was proposed, and failing; the new value one that would do; a row that goes equal to one before
 * it. row: called for the header and each row that stays; cells are valid during the call.
 */
PD_CHECK enum pd_status standard_mender_new(
    const struct standard *standard, const struct standard_options *options,
    const struct standard_repairs *repairs,
    enum pd_status (*row)(void *context, const pd_str *cells, size_t count, struct pd_error *err),
    void *context, struct standard_mender **out, struct pd_error *err);
PD_CHECK enum pd_status standard_mender_header(struct standard_mender *mender, const pd_str *names,
                                               size_t count, struct pd_error *err);
/** PD_CONFLICT, PD_INVALID: a repair isn't right; says row, line, column and why. */
PD_CHECK enum pd_status standard_mender_feed(struct standard_mender *mender,
                                             const struct table_batch *batch, struct pd_error *err);
/** PD_CONFLICT: repairs are left whose row or column the table hasn't. `*done`: carried out. */
PD_CHECK enum pd_status standard_mender_finish(struct standard_mender *mender, uint64_t *done,
                                               struct pd_error *err);
void standard_mender_free(struct standard_mender *mender); /* NULL is fine */

#endif
