/** Private to inspect/. */
#ifndef POLDER_INSPECT_IMPL_H
#define POLDER_INSPECT_IMPL_H

#include "inspect/inspect.h"

/* ---- cell.c: what one cell is ---- */

struct inspect_value {
    enum inspect_type type;
    bool is_partial; /* DATE: a year or a month */
    bool is_unusual; /* DATE: of another era, or in Chinese numerals */
    bool is_big;     /* TEXT: a whole number beyond 64 bits */
    int64_t integer; /* INTEGER */
    double number;   /* INTEGER, DECIMAL */
    pd_time time;    /* DATE, DATETIME */
};
/** cell: trimmed. */
struct inspect_value inspect_value_of(pd_str cell);

/* ---- pattern.c ---- */

enum { INSPECT_PATTERN_SIZE = 64 };
/** "A{2}-9{4}": A a capital, a a small letter, 9 a digit, x another letter, 文 an ideograph. */
pd_str inspect_pattern_of(pd_str cell, char out[INSPECT_PATTERN_SIZE]);

/* ---- shape.c: what cells that look alike have in common ---- */

/** How the cells of a shape are read as values. */
enum inspect_reading {
    READ_ANY,    /* one by one */
    READ_TEXT,   /* they are text */
    READ_HAN,    /* text, but for short ones and dates in Chinese */
    READ_DIGITS, /* at most 18 digits: a number, or text for its leading zero */
    READ_DATE    /* 2026-11-30 */
};

struct inspect_shape {
    uint64_t key[8];
    uint64_t pattern_hash;
    uint64_t characters;
    struct sketch_place in_patterns; /* where the pattern stands */
    struct detect_plan plan;
    uint32_t len;     /* bytes of the cells; 0: none is remembered here */
    uint32_t block;   /* number of the last block that had one */
    uint16_t ordinal; /* among the block's shapes */
    uint16_t latin;   /* letters, if all is ASCII and no running text */
    enum inspect_reading reading;
    bool is_masked, could_be_word, could_be_way, is_plain_ascii;
    uint8_t pattern_len;
    char pattern[INSPECT_PATTERN_SIZE];
};
struct inspect_shapes;
struct inspect_shapes *inspect_shapes_new(size_t columns); /* NULL when out of memory */
void inspect_shapes_free(struct inspect_shapes *table);    /* NULL is fine */
/** A number for the next block of cells: while it is the last, a shape that it had stays. */
uint32_t inspect_shapes_begin(struct inspect_shapes *table);
/** The shape of a cell, trimmed and not empty; NULL if it is not remembered. mask, seed: always the
    same. Its ordinal counts from 0 in the order of the block; *count: how many there are. */
struct inspect_shape *inspect_shape_of(struct inspect_shapes *table, pd_str cell, detect_bits mask,
                                       uint64_t seed, uint16_t *count);

/* ---- language.c ---- */

enum inspect_script {
    INSPECT_LATIN,
    INSPECT_HAN,
    INSPECT_KANA,
    INSPECT_HANGUL,
    INSPECT_CYRILLIC,
    INSPECT_GREEK,
    INSPECT_ARABIC,
    INSPECT_HEBREW,
    INSPECT_DEVANAGARI,
    INSPECT_THAI,
    INSPECT_TIBETAN,
    INSPECT_MONGOLIAN,
    INSPECT_SCRIPT_COUNT
};
enum { INSPECT_LANGUAGE_COUNT = 7 };
/** Zeroed is empty. All counts are exact. */
struct inspect_language {
    uint64_t letters[INSPECT_SCRIPT_COUNT];
    uint64_t hits[INSPECT_LANGUAGE_COUNT], words;
    uint64_t simplified, traditional;
};
/** A cell that came `times`. */
void inspect_language_add(struct inspect_language *language, pd_str cell, uint64_t times);
void inspect_language_merge(struct inspect_language *into, const struct inspect_language *from);
/** *code: BCP 47, or "" if it can't be told; *evidence: why, or empty. False when out of memory. */
PD_CHECK bool inspect_language_tell(const struct inspect_language *language, struct pd_arena *arena,
                                    const char **code, pd_str *evidence);

/* ---- measure.c, gaps.c ---- */

struct inspect_measure {
    struct sketch_sum sum;
    struct sketch_bins bins;
    struct sketch_periods periods;
    struct sketch_frequent patterns;
    struct inspect_language language;
};
void inspect_measure_init(struct inspect_measure *m);
void inspect_measure_clear(struct inspect_measure *m);
struct inspect_seen;
/** Counts a shape `times`; it then knows where it stands among the patterns. */
PD_CHECK bool inspect_measure_add_shape(struct inspect_measure *m, struct inspect_shape *shape,
                                        uint64_t times);
/** The pattern of a cell. */
PD_CHECK bool inspect_measure_add_pattern(struct inspect_measure *m, pd_str cell, uint64_t seed,
                                          struct sketch_place *place);
/** A value that has been added came `times` more: all but its shape and rounded numbers. */
PD_CHECK bool inspect_measure_again(struct inspect_measure *m, const struct inspect_seen *seen,
                                    pd_str text, uint64_t times);
/** The value of a number or moment, written plainly. */
PD_CHECK bool inspect_measure_add_value(struct inspect_measure *m,
                                        const struct inspect_value *value, pd_str plain);
/** As if each were added as a value. */
PD_CHECK bool inspect_measure_add_integers(struct inspect_measure *m, const int64_t *values,
                                           size_t count);
PD_CHECK bool inspect_measure_add_moments(struct inspect_measure *m, const pd_time *times,
                                          size_t count);
/** Whether it is a number of more digits than are kept exactly. */
bool inspect_measure_rounds(const struct inspect_value *value, pd_str plain);
PD_CHECK bool inspect_measure_merge(struct inspect_measure *into,
                                    const struct inspect_measure *from);
/** out: its type is settled. */
PD_CHECK bool inspect_measure_tell(const struct inspect_measure *m, struct pd_arena *arena,
                                   struct inspect_column *out);
PD_CHECK bool inspect_gaps_tell(const struct sketch_periods *periods, struct pd_arena *arena,
                                struct inspect_column *out);
PD_CHECK bool inspect_measure_save(const struct inspect_measure *m, struct pd_buf *out);
/** m: initialised. */
PD_CHECK bool inspect_measure_load(struct sketch_input *in, struct inspect_measure *m);

/* ---- way.c: cells that are a number or a date in one way of reading or another ---- */

enum inspect_way {
    WAY_POINT,       /* 1,234.5 */
    WAY_COMMA,       /* 1.234,5 */
    WAY_DAY_FIRST,   /* 31/12/2013 */
    WAY_MONTH_FIRST, /* 12/31/2013 */
    WAY_YEAR_FIRST,  /* 13-12-31 */
    WAY_COUNT
};
enum { INSPECT_READ_BYTES = 64 };

/** One cell in all the ways in which it makes sense, each as it is written plainly. */
struct inspect_read {
    unsigned ways; /* bits */
    char text[WAY_COUNT][INSPECT_READ_BYTES];
    size_t len[WAY_COUNT];
    bool is_number, is_percent;
    unsigned currency; /* a bit, or 0 */
};
/** cell: trimmed, and text by inspect_value_of. False: in none. */
bool inspect_ways_read(pd_str cell, struct inspect_read *out);

struct inspect_state;
struct inspect_ways {
    uint64_t cells, numbers, percent, money;
    uint64_t fits[WAY_COUNT]; /* cells that the way explains */
    uint64_t only[WAY_COUNT]; /* and no other does */
    unsigned currencies;
    struct inspect_state *as[WAY_COUNT]; /* the cells as values; NULL: there are none */
};
PD_CHECK bool inspect_ways_add(struct inspect_state *state, const struct inspect_read *read,
                               pd_str cell);
PD_CHECK bool inspect_ways_merge(struct inspect_state *into, const struct inspect_ways *from);
void inspect_ways_clear(struct inspect_ways *ways); /* and frees; NULL is fine */
/** The state that follows one way, made if it isn't there; NULL when out of memory. */
struct inspect_state *inspect_ways_follow(struct inspect_state *parent, enum inspect_way way);

/* ---- null.c: words for "no value" ---- */

/* Each of 30 words as it is listed, in capitals, in small letters, and with a capital. */
enum { INSPECT_NULL_SPELLINGS = 4, INSPECT_NULL_FORMS = 30 * INSPECT_NULL_SPELLINGS };
enum { INSPECT_NULL_SIZE = 16 };
/** Number of the word that the cell (trimmed, not empty) is, or -1. */
int inspect_null_find(pd_str cell);
/** Whether a cell that looks like this one could be one. */
bool inspect_null_could_be(pd_str cell);
/** As it stands in the cells. */
pd_str inspect_null_text(int form, char out[INSPECT_NULL_SIZE]);
/** Whether it says so in this column, going by the column's other cells. */
bool inspect_null_is(const struct inspect_state *state, int form);

/* ---- column.c: what is remembered of a column ---- */

/** The first SKETCH_TEXT_BYTES of a value, owned; NULL until there is one. */
struct inspect_kept {
    char *data;
    uint16_t len;
};

struct inspect_seen_table;

struct inspect_state {
    char *name; /* owned */
    size_t name_len;
    detect_bits mask;
    uint64_t kinds[INSPECT_TYPE_COUNT];
    uint64_t masked; /* cells with an asterisk */
    uint64_t sure[DETECT_TYPE_COUNT], weak[DETECT_TYPE_COUNT], shaped[DETECT_TYPE_COUNT];
    const struct detect_site *site;  /* NULL: none */
    uint64_t site_mask;              /* those of its detectors for which the name speaks */
    uint64_t *site_hits;             /* owned; one for each of its detectors */
    struct inspect_seen_table *seen; /* owned; NULL until a batch comes. See seen.c */
    struct inspect_shapes *shapes;   /* owned; likewise. See shape.c */
    uint64_t min_length, max_length;
    long double min_number, max_number; /* hold every int64 exactly where 64 bits of mantissa do */
    pd_time min_time, max_time;
    struct inspect_kept min_text, max_text;               /* of all cells, by bytes */
    struct inspect_kept min_number_text, max_number_text; /* numbers, as written */
    struct inspect_kept min_time_text, max_time_text;
    struct sketch_distinct distinct;
    struct sketch_frequent frequent;
    struct sketch_quantiles quantiles;
    bool has_no_order; /* neither numbers only nor dates only: no quantiles */
    struct inspect_measure measure;
    /* What is decided when the column is told, see settle.c. */
    uint64_t words[INSPECT_NULL_FORMS]; /* cells that are these, in no other count */
    uint64_t codes;                     /* text of two capital letters */
    uint64_t big;                       /* text that is a whole number beyond 64 bits */
    uint64_t partial;                   /* dates that are a year or a month */
    uint64_t unusual;                   /* dates of another era, or in Chinese numerals */
    uint64_t threes;                    /* decimals like 1.234 */
    struct inspect_ways *ways;          /* cells that are in no other kind; NULL: none */
};
PD_CHECK bool inspect_state_init(struct inspect_state *state, pd_str name, size_t columns,
                                 uint64_t seed, const struct detect_site *site);
void inspect_state_clear(struct inspect_state *state);
/** A cell, trimmed and not empty, by itself: whatever is done for many at once must come to the
   same. False when out of memory; so below. */
PD_CHECK bool inspect_state_add(struct inspect_state *state, pd_str cell, uint64_t hash, int today,
                                uint64_t seed);
/** Counts what a value is, `times`. */
void inspect_state_count_hits(struct inspect_state *state, const struct inspect_seen *seen,
                              uint64_t times);
/** A value that is told of each time: it has no place in the order, but is read in other ways or
    rounded. */
PD_CHECK bool inspect_state_add_turn(struct inspect_state *state, const struct inspect_seen *seen,
                                     pd_str cell);
/** Its place among the extremes of numbers or moments. */
PD_CHECK bool inspect_state_add_place(struct inspect_state *state,
                                      const struct inspect_value *value, pd_str cell);
void inspect_state_add_length(struct inspect_state *state, uint64_t characters);
PD_CHECK bool inspect_state_add_text_extremes(struct inspect_state *state, pd_str text);
/** Kinds have been counted: gives quantiles up in a column that mixes. */
void inspect_state_settle_order(struct inspect_state *state);
bool inspect_is_number(enum inspect_type type);
bool inspect_is_moment(enum inspect_type type);
/** Where it stands among the others. */
double inspect_order_of(const struct inspect_value *value);
/** 1.234, 23.824: what could be thousands as well. */
bool inspect_is_three(pd_str cell);
/** NZ: two capitals. */
bool inspect_is_code(pd_str cell);
PD_CHECK bool inspect_state_merge(struct inspect_state *into, const struct inspect_state *from);
/** Adds to types, extremes, order and measures only. plain: what the cell means; shown: as written.
 */
PD_CHECK bool inspect_state_add_value(struct inspect_state *state, pd_str plain, pd_str shown);
/** Adds a text that `n` cells have; the seed is that of all hashes. */
PD_CHECK bool inspect_state_add_text(struct inspect_state *state, pd_str text, uint64_t n,
                                     uint64_t seed);
/** `n` cells, whose values have been added, are text. */
void inspect_state_count_text(struct inspect_state *state, uint64_t n);
/** As in the header. */
pd_str inspect_state_name(const struct inspect_state *state);
/** Cells with a value. */
uint64_t inspect_state_filled(const struct inspect_state *state);

/* ---- seen.c: values that a column has had before ---- */

struct inspect_seen {
    struct detect_hits hits;
    uint64_t site_hits;
    struct inspect_value value;
    int16_t word; /* see inspect_null_find; else -1 */
    bool is_in_ways, is_rounded, is_masked, is_code, is_three;
};
void inspect_seen_free(struct inspect_seen_table *table); /* NULL is fine */
struct inspector;
/** Adds the cells of a column of the batch; hashes: of the trimmed cells, 0 for empty ones; room
    for all rows; *cost: about how much work it was. False when out of memory. */
PD_CHECK bool inspect_state_feed(struct inspect_state *state, const struct table_batch *batch,
                                 size_t column, const struct inspector *inspector, uint64_t *hashes,
                                 uint64_t *cost);

/* ---- fresh.c: values that a column has not had before, many at once ---- */

enum { INSPECT_BLOCK = 128 };
/** Cells of one column, trimmed and not empty, in their order; and what is found out of them. */
struct inspect_fresh {
    size_t count;
    pd_str cells[INSPECT_BLOCK];
    uint64_t hashes[INSPECT_BLOCK];
    uint8_t at[INSPECT_BLOCK];                   /* for the caller */
    struct inspect_shape *shapes[INSPECT_BLOCK]; /* NULL: it is looked at by itself */
    uint16_t shape_count;
    struct inspect_value values[INSPECT_BLOCK];
    struct detect_hits hits[INSPECT_BLOCK];
    uint64_t site_hits[INSPECT_BLOCK];
    uint8_t flags[INSPECT_BLOCK];
};
enum { FRESH_IN_WAYS = 1, FRESH_ROUNDED = 2, FRESH_MASKED = 4, FRESH_CODE = 8, FRESH_THREE = 16 };
/** Finds the shapes; words for no value are counted and leave the block: word(context, cell's `at`,
    word) is told of them. */
void inspect_fresh_begin(struct inspect_fresh *fresh, struct inspect_state *state, uint64_t seed,
                         void (*word)(void *context, uint8_t at, int word), void *context);
/** What the cells are; adds all that doesn't depend on the order of cells, nor on what else the
    block has: not the most frequent values and patterns, quantiles, other ways to read, rounded
    sums. */
PD_CHECK bool inspect_fresh_add(struct inspect_fresh *fresh, struct inspect_state *state,
                                const struct inspector *inspector);
/** What inspect_state_count_hits counts by. */
struct inspect_seen inspect_fresh_seen(const struct inspect_fresh *fresh, size_t i);

/* ---- pool.c: threads that share the columns of a batch ---- */

struct inspect_pool;
/** threads: with the caller's own; NULL when out of memory. */
struct inspect_pool *inspect_pool_new(unsigned threads);
/** Does work(context, 0 .. total - 1) in any order, each once, and waits for all; pool: NULL does
   it one by one. False if any returned false: then some may not have been done. */
PD_CHECK bool inspect_pool_run(struct inspect_pool *pool, size_t total,
                               bool (*work)(void *context, size_t n), void *context);
void inspect_pool_free(struct inspect_pool *pool); /* NULL is fine */

/* ---- inspect.c ---- */

struct inspector {
    struct inspect_state *states;
    size_t count;
    uint64_t rows, set_aside;
    uint64_t seed;
    int today;
    const struct detect_site *site; /* NULL: none */
    struct sketch_distinct row_set;
    uint64_t *hashes; /* of the cells of the batch at hand, column by column */
    size_t hash_capacity;
    bool forgets;
    struct inspect_pool *pool; /* NULL: the caller's thread does all */
    uint32_t *order;           /* columns, those first that took most with the batch before */
    uint64_t *cost;            /* of each column with it: bytes that were not remembered */
};
/* ---- settle.c ---- */

/** A column with every cell in its place. */
struct inspect_settled {
    struct inspect_state state; /* a copy if is_owned, else a view */
    bool is_owned;
    bool is_formatted; /* its type is that of one way to read its cells */
    pd_str note;       /* how cells were read, for people; may be empty */
};
/** False when out of memory; clear it in any case. */
PD_CHECK bool inspect_settle(const struct inspect_state *state, struct pd_arena *arena,
                             uint64_t seed, size_t columns, struct inspect_settled *out);
void inspect_settled_clear(struct inspect_settled *settled);

/* ---- profile.c ---- */

PD_CHECK bool inspect_profile(const struct inspect_state *state, struct pd_arena *arena,
                              struct inspect_column *out);
enum { INSPECT_NUMBER_SIZE = 32 };
/** "4,000" */
const char *inspect_number(uint64_t n, char out[INSPECT_NUMBER_SIZE]);

/* ---- verdict.c ---- */

PD_CHECK bool inspect_verdicts(const struct inspect_state *state, struct pd_arena *arena,
                               struct inspect_column *out);

/* ---- words.c: what a name says ---- */

/* In the order in which they decide when a name says several things. */
enum inspect_meaning {
    MEANS_NOTHING,
    MEANS_ID_DOCUMENT,
    MEANS_PERSON_NAME,
    MEANS_EMAIL,
    MEANS_PHONE,
    MEANS_PSEUDONYM,
    MEANS_PLAIN_NAME,
    MEANS_HEALTH,
    MEANS_INCOME,
    MEANS_BELIEF,
    MEANS_BIOMETRIC,
    MEANS_TRACK,
    MEANS_CRIME,
    MEANS_NATIONALITY, /* before birth: "country of birth" */
    MEANS_BIRTH,
    MEANS_AGE,
    MEANS_SEX,
    MEANS_ETHNICITY,
    MEANS_EDUCATION,
    MEANS_OCCUPATION,
    MEANS_MARITAL,
    MEANS_POSTCODE,
    MEANS_ADDRESS,
    MEANS_PLACE,
    MEANS_EVENT,
    MEANS_ORGANISATION,
    MEANS_STATISTIC,
    MEANING_COUNT
};

struct inspect_said {
    enum inspect_meaning meaning;
    const char *term; /* the word that said it */
    bool is_statistic;
    bool is_organisation;
};
struct inspect_said inspect_name_says(pd_str name);

struct inspect_meaning_info {
    const char *category;
    const char *says; /* "an age" */
    enum inspect_role role;
    bool is_demographic; /* two of these make a table one about persons */
};
const struct inspect_meaning_info *inspect_meaning_get(enum inspect_meaning meaning);

/* ---- values.c: what a column's frequent values look like ---- */

/** Shares (0..1) of the most frequent values, at most 50 of them. */
struct inspect_looks {
    size_t values;
    double sex;    /* 男 女 M F male female ... */
    double person; /* "Jones, Bobby", 王小明 */
    double phone;  /* seven digits or more and little else */
};
struct inspect_looks inspect_looks_of(const struct sketch_frequent *frequent);

/* ---- role.c, grade.c ---- */

PD_CHECK bool inspect_roles(const struct inspect_state *states, struct inspect_column *columns,
                            size_t count, struct pd_arena *arena, struct inspect_facts *facts);
PD_CHECK bool inspect_propose_grade(const struct inspect_column *columns, size_t count,
                                    const struct inspect_facts *facts, struct pd_arena *arena,
                                    struct inspect_grade *out);

#endif
