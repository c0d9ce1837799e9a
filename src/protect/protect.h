/**
 * protect/: changes a table so that it says less about each person, and measures what it still
 * says.
 *
 * The course: count the classes of the quasi columns (protect_classes), ask how exposed the rows
 * are (protect_risk), search the change that loses least (protect_search), join it with what must
 * happen to the direct identifiers into a plan, and run the table through the plan (protect_apply).
 * The room knows nothing of inspection or law: columns come as 0-based indexes, their roles are the
 * caller's.
 *
 * Conventions, the same in every figure and in the output:
 * - An empty cell stays empty under every method; empty is a value of its own in a class.
 * - A cell that cannot be generalised, because it is not of the column's type, becomes `*` and is
 *   counted; `*` is a value of its own (it does not match everything).
 * - A class is the set of rows that are equal in all quasi columns that the plan does not drop.
 * With k, rows of classes smaller than k leave the output, and figures about the output do not
 * count them.
 * - Data stays data: a cell that a spreadsheet would run as a formula is written as it is.
 *
 * No I/O, no clock, no globals. An object belongs to one thread at a time. Results are the same for
 * the same input; the kernel's randomness only seeds hash tables, against tables made to collide.
 */
#ifndef POLDER_PROTECT_H
#define POLDER_PROTECT_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "protect/attack.h"
#include "protect/ff1.h"
#include "protect/lattice.h"
#include "protect/noise.h"
#include "protect/stats.h"
#include "table/table.h"

/* ---- What can be done to a column ---- */

enum protect_method {
    PROTECT_KEEP, /* the same as no step */
    PROTECT_DROP, /* the column leaves the table, header and all */
    /**
     * Letters and digits become stars, by the shape of the cell (spaces at its ends left out):
     *   e-mail address  "zhang.san@example.cn"  "*** @example.cn"  (the space keeps it from being
     *                                            an address: a star is a legal character in one)
     *   telephone       "138 1234 5678"         "138 **** ****"    its first three digits stay
     *   a person's name "张三丰", "Jane Roe"     "张**", "J*** ***" its first character stays
     *   anything else   "11010519491231002X"    "****************" only the punctuation stays
     * Runs of 1 to 4 keep their length, 5 to 8 become 8 stars, longer ones 16; text of more than 32
     * characters becomes 16 stars. No identifier that detect/ knows survives. A domain, a surname
     * or an area code may still point at a person in a small table: then drop the column or use a
     * pseudonym.
     */
    PROTECT_MASK, /* `mask` says of which type the cells are, if it isn't left to their shape */
    /**
     * "p_" and 16 characters of Crockford's base32: the first 80 bits of HMAC-SHA-256 (RFC 2104)
     * under the caller's key, of the column's name's length (8 bytes, big-endian), the name and the
     * cell. Equal cells of equally named columns are equal under one key, and unlinkable under
     * another. It stays personal data for whoever holds the key. In classes it counts as the cell
     * itself.
     */
    PROTECT_PSEUDONYM,
    PROTECT_GENERALISE_DATE,   /* see enum protect_date */
    PROTECT_GENERALISE_NUMBER, /* see struct protect_width */
    /** The first `keep` characters stay, each later one becomes `*`: "518057" with 3 is "518***".
       With 0 any cell is one `*`. For codes whose beginning means the larger thing (postcode,
       division). */
    PROTECT_GENERALISE_TEXT,
    /**
     * An identifier becomes another one of the same form, by FF1 (ff1.h) under a key derived from
     * the caller's and the step's scope; what has a check digit gets a wrong one, so that nobody
     * takes the result for somebody's. Whoever holds the key can go back. In classes it counts as
     * the cell itself.
     */
    PROTECT_FORMAT_PRESERVING,
    /**
     * All dates of a person move by the same number of days, from 1 to `days`, back or forth, drawn
     * by the caller's key from the person's cell. What lies between a person's dates stays true. A
     * date without a day, or of nobody, becomes `*`. Not for quasi columns.
     */
    PROTECT_SHIFT_DATE,
    PROTECT_GENERALISE_HIERARCHY, /* what the plan's hierarchy says of the cell on `level` */
    PROTECT_TOP_BOTTOM,           /* numbers from `top` on ">=90", up to `bottom` "<=18" */
    PROTECT_ROUND,                /* to the nearest multiple of `width`, halves away from zero */
    PROTECT_REDACT, /* what detect/ finds in the text, medium confidence up: "[email]" */
    PROTECT_METHOD_COUNT
};

/**
 * How coarse a date becomes. Read are year-month-day with - / or . between (month and day may have
 * one digit), 年月日, and YYYYMMDD; also without day (2024-05, 2024年5月, 202405) or month (2024,
 * 2024年); after T or a space a time hh:mm, hh:mm:ss, with a fraction, Z or an offset, or
 * YYYYMMDDhhmmss. A date that is coarser than asked stays as coarse as it is. Times stay in the
 * zone they were written in.
 */
enum protect_date {
    PROTECT_HOUR = -1,      /* 2024-05-07T13 */
    PROTECT_DAY = 0,        /* 2024-05-07 */
    PROTECT_MONTH = 1,      /* 2024-05 */
    PROTECT_QUARTER = 2,    /* 2024-Q2 */
    PROTECT_YEAR = 3,       /* 2024 */
    PROTECT_FIVE_YEARS = 4, /* 2020-2024 */
    PROTECT_DECADE = 5,     /* 2020-2029 */
    PROTECT_SUPPRESSED = 6  /* * */
};

/**
 * The width of a number band: amount / 10^decimals, so {5, 1} is 0.5. Bands are aligned at 0.
 * amount: 1 to PROTECT_MAX_AMOUNT, not a multiple of 10 when decimals > 0. decimals: 0 to 9.
 * Numbers are read exactly, as decimals (optional sign, fraction, exponent), up to 18 digits once
 * scaled; others are not of the type.
 */
struct protect_width {
    int64_t amount;
    int decimals;
};
#define PROTECT_MAX_AMOUNT ((int64_t)1000000000000000)
enum { PROTECT_MAX_DECIMALS = 9, PROTECT_MAX_KEEP = 1000 };

/**
 * A hierarchy as a plan holds it: one row per value, the value first, then what it becomes, level
 * by level (cells[row * width + level]); `order` are the rows sorted by their value.
 */
struct protect_value_tree {
    pd_str name;
    const pd_str *cells;
    size_t rows, width;
    const uint32_t *order;
};
/**
 * Checks rows as they were read from a file or a plan, and sorts them. row_width: per row, how many
 * cells it has; cells: row by row, without gaps.
 * out: lives in `arena`; its texts are borrowed.
 * PD_INVALID names the row (1-based): another depth than the first row's, a value twice, a cycle
 * (what a value becomes is, further up, that value again), levels that don't nest. PD_LIMIT.
 */
PD_CHECK enum pd_status protect_value_tree_make(pd_str name, const pd_str *cells,
                                                const size_t *row_width, size_t rows,
                                                struct pd_arena *arena,
                                                const struct protect_value_tree **out,
                                                struct pd_error *err);
/** What the value becomes; false: it has no row. */
bool protect_value_tree_find(const struct protect_value_tree *tree, pd_str value, size_t level,
                             pd_str *out);

/** What a masked column holds. A cell that isn't of the type said keeps its punctuation only. */
enum protect_mask_type {
    PROTECT_MASK_BY_SHAPE,
    PROTECT_MASK_EMAIL,
    PROTECT_MASK_TELEPHONE,
    PROTECT_MASK_NAME,
    PROTECT_MASK_IDENTIFIER,
    PROTECT_MASK_TYPE_COUNT
};
const char *protect_mask_type_name(enum protect_mask_type type); /* "shape", "email" */

struct protect_step {
    size_t column;
    enum protect_mask_type mask; /* MASK */
    enum protect_method method;
    enum protect_date date;     /* GENERALISE_DATE */
    struct protect_width width; /* GENERALISE_NUMBER */
    /** GENERALISE_NUMBER: the column holds whole numbers, and bands are written closed, "20-29"
       ("-10 to -1" below zero; width 1 gives the number); else half open, "[0.5,1.0)". */
    bool whole;
    unsigned keep; /* GENERALISE_TEXT: characters, 0 to PROTECT_MAX_KEEP; FORMAT_PRESERVING digits */
    /** PSEUDONYM, FORMAT_PRESERVING, SHIFT_DATE: what the cells are, so that columns of other names
       in other tables get the same under one key; empty: the column's name. */
    pd_str scope;
    enum protect_format format;            /* FORMAT_PRESERVING */
    size_t person;                         /* SHIFT_DATE: the column that says whose the date is */
    unsigned days;                         /* SHIFT_DATE: 1 to PROTECT_MAX_SHIFT */
    const struct protect_value_tree *tree; /* GENERALISE_HIERARCHY: one of the plan's */
    unsigned level;                        /* GENERALISE_HIERARCHY: 1 and up */
    bool has_top, has_bottom;              /* TOP_BOTTOM: at least one; bottom < top */
    struct protect_width top, bottom;      /* amounts of either sign */
};
enum { PROTECT_MAX_SHIFT = 3650, PROTECT_SCOPE_MAX = 200 };

const char *protect_method_name(enum protect_method method); /* "generalise_date", as in the JSON */
const char *protect_date_name(enum protect_date date);       /* "five_years" */

enum protect_effect {
    PROTECT_UNCHANGED,
    PROTECT_CHANGED,
    PROTECT_NOT_ITS_TYPE,
    PROTECT_TOO_FEW_DIGITS, /* FORMAT_PRESERVING: less than a million values; nothing is appended */
    PROTECT_NO_ROW          /* GENERALISE_HIERARCHY: of this value; nothing is appended */
};

/**
 * Appends to `out` what `step` makes of one cell (for DROP: nothing), and says what happened.
 * column_name and key (CRYPTO_KEY_SIZE bytes) matter to PSEUDONYM only. A full `out` remembers it.
 * FORMAT_PRESERVING and SHIFT_DATE need more than a cell, and protect_apply: here it becomes `*`.
 */
enum protect_effect protect_cell(const struct protect_step *step, pd_str column_name,
                                 const uint8_t *key, pd_str cell, struct pd_buf *out);

/* ---- The plan ---- */

/** What a class of the output must satisfy beside its size; lattice.h says what each model is. */
struct protect_plan_model {
    enum protect_model_kind kind;         /* not K_ANONYMITY */
    struct protect_width threshold;       /* as a decimal; at least 0 */
    struct protect_width c;               /* RECURSIVE_L */
    size_t sensitive;                     /* the column; not for AVERAGE_RISK */
    const struct protect_value_tree *tree; /* T_HIERARCHICAL: of the sensitive values */
};

/** A random share of the rows, or of the persons with all their rows, drawn by the key. */
struct protect_sample {
    uint32_t millionths; /* 0: all rows; else below 1,000,000 */
    bool by_person;
    size_t person; /* the column */
};

/** Built by hand, found by protect_search or parsed; borrowed wherever it is passed. */
struct protect_plan {
    const struct protect_step *steps; /* at most one per column, in any order */
    size_t step_count;
    const size_t *quasi; /* ascending, without repetition */
    size_t quasi_count;
    uint64_t k; /* 0: no rows are suppressed; else at least 2, and needs quasi columns */
    /* Rows of classes that fail a model leave the output too; the average risk, which is the
       table's, must hold of what stays. They need k. */
    const struct protect_plan_model *models;
    size_t model_count;
    struct protect_sample sample;
    /* Not empty: instead of rows the output has one row for each class that stays, with its values and, under
       this name, how many rows it has; every column that isn't quasi leaves. It needs k. */
    pd_str aggregate;
    const struct protect_value_tree *const *trees; /* names differ */
    size_t tree_count;
    pd_str key; /* the name of the key for pseudonyms, formats and shifts; empty: of this run only */
    /* The version of the table that the plan is for; NULL and empty where it isn't said. */
    const pd_str *columns;
    size_t column_count;
    pd_str content; /* SHA-256 of its bytes, hex */
};

/** Whether carrying it out needs a key. */
bool protect_plan_needs_key(const struct protect_plan *plan);
/** Whether the column stands in the output. */
bool protect_plan_keeps(const struct protect_plan *plan, size_t column);
/** Whether any row may be left out for its class. */
bool protect_plan_needs_classes(const struct protect_plan *plan);
/**
 * The columns over which its classes are counted: quasi and, for models, sensitive ones, ascending.
 * PD_LIMIT.
 */
PD_CHECK enum pd_status protect_plan_counted(const struct protect_plan *plan,
                                             struct pd_arena *arena, size_t **columns,
                                             size_t *count, struct pd_error *err);

/**
 * Checks a plan against the table's columns. PD_INVALID: a column that is not there, two steps for
 * one column, a parameter out of range, a k of 1 or without quasi columns, every column dropped.
 * PD_LIMIT: out of memory.
 */
PD_CHECK enum pd_status protect_plan_check(const struct protect_plan *plan, const pd_str *names,
                                           size_t columns, struct pd_error *err);

/**
 * Writes the plan as one JSON object (canonical if `w` is), steps in the order of the columns,
 * keeps left out, columns by index and by name:
 *   {"k":5, "plan":1, "quasi":[{"column":1,"name":"born"}],
 *    "steps":[{"column":1,"date":"year","method":"generalise_date","name":"born"}]}
 * Other parameters: "keep":3; "whole":true and "width":"0.5". What version 1 can't say is written as
 * version 2, all of it in docs/reference/plan.schema.json. Statuses as protect_plan_check.
 */
PD_CHECK enum pd_status protect_plan_write(const struct protect_plan *plan, const pd_str *names,
                                           size_t columns, struct pd_json *w, struct pd_error *err);

/** "10", "0.5", "-3": without superfluous zeros, so that a number has one spelling. */
bool protect_decimal_parse(pd_str text, struct protect_width *out);

enum { PROTECT_PLAN_MAX_BYTES = 4 << 20 };

/**
 * Reads what protect_plan_write wrote, for a table with these columns: a plan made for other
 * columns is refused, with what differs, and so are unknown, missing and superfluous members, and
 * steps out of column order.
 *
 * out: lives in `arena`; untouched on failure.
 * Returns PD_OK; PD_INVALID with the place ("steps[2]: ..."); PD_UNSUPPORTED for a later "plan"
 * version; PD_LIMIT over PROTECT_PLAN_MAX_BYTES or when the arena is full.
 */
PD_CHECK enum pd_status protect_plan_parse(pd_str text, const pd_str *names, size_t columns,
                                           struct pd_arena *arena, const struct protect_plan **out,
                                           struct pd_error *err);

/* ---- Classes and risk ---- */

/** The distinct rows of some columns, with how often each occurs. Mergeable. */
struct protect_classes;

/**
 * columns:     the table's quasi columns, ascending, at least one; copied.
 * limit_bytes: bound on the memory of the counts; what works on them (risk, search, apply) may need
 * as much again. 0 means 1 GiB. Returns PD_OK; PD_USAGE for no columns or a wrong order; PD_LIMIT.
 */
PD_CHECK enum pd_status protect_classes_new(const size_t *columns, size_t count, size_t limit_bytes,
                                            struct protect_classes **out, struct pd_error *err);
/** A plan needn't ask for this column: then it tells no classes apart. For sensitive ones. */
void protect_classes_spare(struct protect_classes *classes, size_t column);
/**
 * Of what is fed from now on only the sampled rows count, as protect_apply will take them. key:
 * CRYPTO_KEY_SIZE bytes, copied.
 */
void protect_classes_sample(struct protect_classes *classes, const struct protect_sample *sample,
                            const uint8_t *key);
/** Share `n` of `count` into which combinations fall by a hash under the key, which is random. */
struct protect_share {
    uint32_t n, count;
    uint64_t key[2];
};
/** Of what is fed from now on only combinations of this share count. */
void protect_classes_share(struct protect_classes *classes, const struct protect_share *share);
/** What is fed from now on are rows that stand for as many as this column says, as a plan's aggregate
 * writes it. */
void protect_classes_weigh(struct protect_classes *classes, size_t column);
/** PD_USAGE if the batch lacks a column; PD_INVALID: a weight that is no count; PD_LIMIT, which names the
 * bound. Then only free remains. */
PD_CHECK enum pd_status protect_classes_feed(struct protect_classes *classes,
                                             const struct table_batch *batch, struct pd_error *err);
/** Adds the counts of `from`, which stays as it is. PD_USAGE for other columns; PD_LIMIT: as feed.
 */
PD_CHECK enum pd_status protect_classes_merge(struct protect_classes *into,
                                              const struct protect_classes *from,
                                              struct pd_error *err);
/** The table's columns that are counted, ascending; they live as long as `classes`. */
const size_t *protect_classes_columns(const struct protect_classes *classes, size_t *count);
size_t protect_classes_bytes(const struct protect_classes *classes); /* memory of the counts; NULL: 0 */
void protect_classes_free(struct protect_classes *classes);          /* NULL is fine */

/**
 * Prosecutor risk: of somebody who knows that a person is in the table, and that person's quasi
 * values. All about the rows that stay; everything but `suppressed` is 0 if none do.
 */
/** Sizes of classes in bands: alone, 2-4, 5-9, 10-19, 20-49, 50-99, 100-499, larger. */
enum { PROTECT_SIZE_BANDS = 8 };
extern const uint64_t protect_size_from[PROTECT_SIZE_BANDS];

struct protect_risk {
    uint64_t sizes[PROTECT_SIZE_BANDS]; /* of the rows that stay, how many are in classes of each band */
    uint64_t rows;           /* that stay in the output */
    uint64_t classes;        /* among them */
    uint64_t smallest;       /* rows in the smallest class: the k that the table reaches */
    uint64_t unique_rows;    /* in classes of one row */
    uint64_t below_k;        /* rows in classes smaller than the `k` asked for */
    uint64_t suppressed;     /* rows left out by the plan's own k */
    double unique_share;     /* unique_rows / rows */
    double highest;          /* 1 / smallest */
    double mean;             /* classes / rows: the mean over the rows of 1 / class size */
    double suppressed_share; /* suppressed / (rows + suppressed) */
};

/**
 * plan: NULL for the table as it is; else its quasi columns are those of `classes`.
 * k:    for below_k only; 0 for none.
 * Returns PD_OK; PD_USAGE if the plan is for other quasi columns; PD_DENIED if what stays has a higher
 * average risk than it allows; PD_LIMIT.
 */
PD_CHECK enum pd_status protect_risk(const struct protect_classes *classes,
                                     const struct protect_plan *plan, uint64_t k,
                                     struct protect_risk *out, struct pd_error *err);
/** Adds the risk of rows none of whose classes is in both: those of another share. */
void protect_risk_add(struct protect_risk *into, const struct protect_risk *more);

/**
 * What share of a population of which the rows that stay are a simple random sample would be unique
 * in it by the quasi columns: three estimates of what nobody can count.
 */
struct protect_uniqueness {
    double zayatz;
    bool has_pitman; /* the model could be fitted */
    double pitman;
    bool has_slide;
    double slide;    /* negative binomial, SNB */
    double sampled;  /* rows that stay / population */
    double estimate; /* pitman up to a sample of a tenth, where it could be fitted; beyond, the smaller
                        of slide and zayatz */
    /* Of somebody who doesn't know whether a person is in the table (journalist), and of one who matches all
       rows (marketer: the expected share of right ones), where a class has its share of the population:
       sampled / smallest class, and sampled * classes / rows. */
    double journalist, marketer;
};
/** plan: NULL for the table as it is. PD_USAGE: the population is smaller; statuses of
 * protect_risk. */
PD_CHECK enum pd_status protect_uniqueness(const struct protect_classes *classes,
                                           const struct protect_plan *plan, uint64_t population,
                                           struct protect_uniqueness *out, struct pd_error *err);

/* ---- The search for the least loss ---- */

/** What a quasi column holds, hence by which ladder it is generalised. */
enum protect_kind {
    PROTECT_KIND_TEXT,   /* no ladder: stays or goes */
    PROTECT_KIND_DATE,   /* hour and day if it has times; month to decade */
    PROTECT_KIND_NUMBER, /* widths 1 and 2 times powers of ten, 5 as the first; by the span of its
                            values */
    PROTECT_KIND_CODE,   /* ever shorter prefixes, at most 8 rungs */
    PROTECT_KIND_TREE    /* the levels of a hierarchy of the caller's */
};

struct protect_found_step {
    struct protect_step step; /* KEEP, a generalisation or DROP */
    /** Share of the column's information that is lost, 0 to 1: non-uniform entropy (ARX's metric),
       the mean of -log2(f(value) / f(generalised value)) over the rows, divided by its largest
       value. */
    double loss;
};

/**
 * The same of any step on a column that the classes count, so that steps which nobody searched can be
 * weighed against those that were. What tells cells apart as before (a pseudonym, another form, a
 * shift) loses nothing by this measure. PD_NOT_FOUND: it isn't counted; PD_LIMIT.
 */
PD_CHECK enum pd_status protect_step_loss(const struct protect_classes *classes,
                                          const struct protect_step *step, double *out,
                                          struct pd_error *err);

/** What a search shall reach. */
struct protect_target {
    /** Its quasi columns, k and models; rows that fail them may be left out up to max_suppressed. */
    const struct protect_plan *plan;
    const enum protect_kind *kinds;                /* one per quasi column */
    const struct protect_value_tree *const *trees; /* one per quasi column of KIND_TREE; or NULL */
    double max_suppressed;                         /* share of the rows, 0 to 1 */
    /** Asked after every combination that was counted, of so many (0: nobody knows): true ends the
       search with PD_UNAVAILABLE. NULL is fine. */
    bool (*is_cancelled)(void *context, uint64_t checked, uint64_t nodes);
    /** Told before the lattice is searched: how much memory that takes at least. NULL is fine. */
    void (*tell_memory)(void *context, size_t bytes);
    void *context;
};

struct protect_found {
    const struct protect_found_step *columns; /* one per quasi column, in their order */
    size_t column_count;
    const struct protect_step *steps; /* the same without the keeps */
    size_t step_count;
    double loss;         /* mean over the columns */
    double bound;        /* no steps lose less than this; `loss` if is_proven */
    bool is_proven;      /* the steps are the best of all combinations of rungs */
    uint64_t suppressed; /* rows in classes smaller than k, at most the share allowed */
    size_t tried;        /* how many combinations were counted */
};

/**
 * Finds steps after which at most `max_suppressed` (0 to 1) of the rows are in classes smaller than
 * k.
 *
 * As few columns are dropped as can be, and of all combinations of rungs that drop no more, the one
 * of least loss is found (lattice.h), while there are at most a million combinations. Beyond, the
 * search climbs one rung at a time, where the most rows in small classes are saved per loss; when
 * all ladders are climbed, drops the column with the most distinct values; then goes back down,
 * from the dearest column, as far as the rows allow; so no column of the result can be a rung
 * finer, but a better combination of several may exist: it loses no less than `bound`. Rungs nest,
 * which makes finer never safer. Deterministic. Loss goes in the order generalise, drop a column,
 * drop rows.
 *
 * kinds: one per column of `classes`.
 * out:   lives in `arena`; untouched on failure.
 * Returns PD_OK; PD_USAGE for k < 2 or a share out of range; PD_INVALID if the table has fewer than
 * k rows; PD_LIMIT.
 */
PD_CHECK enum pd_status protect_search(const struct protect_classes *classes,
                                       const enum protect_kind *kinds, uint64_t k,
                                       double max_suppressed, struct pd_arena *arena,
                                       const struct protect_found **out, struct pd_error *err);

/**
 * The same with models beside k. classes: over protect_plan_counted. The optimum is exact for models
 * that aren't monotonic, too; where the lattice is too large for it, the climb is judged by all
 * models, and `bound` by k alone. PD_INVALID also: one class of all rows would still fail a model,
 * or a value has no row in its tree.
 */
PD_CHECK enum pd_status protect_search_for(const struct protect_classes *classes,
                                           const struct protect_target *target,
                                           struct pd_arena *arena, const struct protect_found **out,
                                           struct pd_error *err);

/**
 * Local recoding beside it (mondrian.h): the table is cut into groups of at least k, and each tells from
 * where to where its values reach. No plan carries it out, which speaks of whole columns; here is what it
 * would lose, to be compared with protect_found.loss.
 */
struct protect_local {
    uint64_t groups, smallest;
    double loss; /* by the same measure: a range stands for all rows of the table with values in it */
};
/** Values in the order of their numbers, else of their texts. plan: quasi columns and k; nothing else counts.
 * relaxed: groups may overlap (mondrian.h). PD_INVALID: fewer than k rows; PD_LIMIT. */
PD_CHECK enum pd_status protect_local(const struct protect_classes *classes,
                                      const struct protect_plan *plan, bool relaxed,
                                      struct protect_local *out, struct pd_error *err);

/* ---- Carrying the plan out ---- */

struct protect_report {
    uint64_t rows_in, rows_out, suppressed;
    uint64_t unsampled;                       /* rows that the sample left out */
    uint64_t masked, pseudonyms, generalised; /* cells of rows_out; formats count as pseudonyms */
    uint64_t not_of_type;                     /* cells of rows_out that became `*` for it */
    size_t columns_dropped;
};

struct protect_apply;

/**
 * Starts the second pass over a table, and writes the header without the dropped columns (the names
 * of changed columns stay). Rows come out in the order in which they went in.
 *
 * plan, names, classes, writer: borrowed until free. columns: how many names. classes: counted over
 * the same rows (the sampled ones) and protect_plan_counted; needed if plan->k, else may be NULL.
 * key: CRYPTO_KEY_SIZE bytes, see protect_plan_needs_key, else may be NULL; copied, and wiped by
 * free. Returns PD_OK; as protect_plan_check; PD_USAGE for missing or foreign classes or a missing
 * key; PD_DENIED if what would stay has a higher average risk than the plan allows; PD_LIMIT; the
 * writer's status.
 */
PD_CHECK enum pd_status protect_apply_new(const struct protect_plan *plan, const pd_str *names,
                                          size_t columns, const struct protect_classes *classes,
                                          const uint8_t *key, struct table_writer *writer,
                                          struct protect_apply **out, struct pd_error *err);
/**
 * PD_CONFLICT if a row is not among the classes, or oftener than counted: the table changed between
 * the passes. PD_INVALID, with row, line and column: a value without a row in its hierarchy, or too
 * few digits for a format. PD_USAGE for another number of columns; PD_LIMIT; the writer's status. After a
 * failure only free remains, and what was written is not protected.
 */
PD_CHECK enum pd_status protect_apply_feed(struct protect_apply *apply,
                                           const struct table_batch *batch, struct pd_error *err);
/**
 * Has each row told that stays, once it is written: where it came from, and its 0-based place in the
 * output. A failure of `written` ends the feeding with its status. To be called before the first
 * row.
 */
void protect_apply_watch(struct protect_apply *apply,
                         enum pd_status (*written)(void *context, const struct table_batch *batch,
                                                   size_t row, uint64_t place,
                                                   struct pd_error *err),
                         void *context);
/**
 * The output may be released only if this returns PD_OK: PD_CONFLICT if fewer rows came than were
 * counted. The writer is the caller's to finish.
 */
PD_CHECK enum pd_status protect_apply_finish(struct protect_apply *apply,
                                             struct protect_report *out, struct pd_error *err);
void protect_apply_free(struct protect_apply *apply); /* NULL is fine */

/* ---- And back (undo.c) ---- */

struct protect_undone {
    uint64_t rows, formats, dates; /* cells that are as they were again */
    uint64_t lost;                 /* cells that became `*`, and stay so */
};
/**
 * Undoes what a key undoes: formats become what was encrypted, dates go back by what their person's were
 * shifted. Nothing else can be undone: what was dropped, masked, generalised or left out is gone, and
 * a pseudonym is joined by its key, never turned back.
 * names: of the table that the plan was for; the batches are of what it made, without the dropped columns.
 * PD_INVALID: the plan has nothing that could be undone, or whose dates were shifted isn't in the output
 * or is a pseudonym there. Statuses as protect_apply_new.
 */
struct protect_undo;
PD_CHECK enum pd_status protect_undo_new(const struct protect_plan *plan, const pd_str *names,
                                         size_t columns, const uint8_t *key,
                                         struct table_writer *writer, struct protect_undo **out,
                                         struct pd_error *err);
/** PD_INVALID, with row, line and column: a cell that this plan and key didn't make. */
PD_CHECK enum pd_status protect_undo_feed(struct protect_undo *undo,
                                          const struct table_batch *batch, struct pd_error *err);
struct protect_undone protect_undo_report(const struct protect_undo *undo);
void protect_undo_free(struct protect_undo *undo); /* NULL is fine */

#endif
