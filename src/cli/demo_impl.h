/**
 * Part of demo*.c: how the synthetic tables are made. Words are data (demo_words.c), columns are
 * data (demo_tables.c), and what the columns of a row agree on is drawn first (demo_draw.c), so
 * that a table is the same in every language and every column may be left out without changing the
 * others.
 */
#ifndef POLDER_CLI_DEMO_IMPL_H
#define POLDER_CLI_DEMO_IMPL_H

#include "base/base.h"
#include "table/table.h"

enum demo_language { DEMO_EN, DEMO_ZH, DEMO_LANGUAGE_COUNT };

/** Where in life somebody is; decides school, work, marriage, income, illness. */
enum demo_stage { DEMO_INFANT, DEMO_CHILD, DEMO_TEEN, DEMO_ADULT, DEMO_OLD, DEMO_STAGE_COUNT };

enum demo_list_id {
    DEMO_SURNAME,
    DEMO_GIVEN_FEMALE,
    DEMO_GIVEN_MALE,
    DEMO_SEX,
    DEMO_AGES,
    DEMO_DISTRICT,
    DEMO_REGISTERED, /* where people who moved here were registered first */
    DEMO_STREET,
    DEMO_EDUCATION,
    DEMO_OCCUPATION,
    DEMO_MARITAL,
    DEMO_HOUSEHOLD,
    DEMO_INCOME,
    DEMO_BRAND,
    DEMO_INDUSTRY,
    DEMO_VALIDITY,
    DEMO_STATUS,
    DEMO_DIAGNOSIS,
    DEMO_INSURANCE,
    DEMO_STATION,
    DEMO_TICKET,
    DEMO_HOUR,
    DEMO_LIST_COUNT
};

enum { DEMO_ROW_BYTES = 2048, DEMO_COLUMNS_MAX = 16, DEMO_KIND_COUNT = 4, DEMO_GROUPS_MAX = 6 };

struct demo_word {
    const char *text[DEMO_LANGUAGE_COUNT];
    /* How often, in each group that the list knows; the list says which groups. */
    uint16_t weight[DEMO_GROUPS_MAX];
    const char *code; /* area or diagnosis code */
    /* Of an industry its trade, of a diagnosis its department. */
    const char *other[DEMO_LANGUAGE_COUNT];
    int amount, to; /* as the list says */
};
struct demo_list {
    const struct demo_word *words;
    size_t count;
};
extern const struct demo_list cli_demo_lists[DEMO_LIST_COUNT];

/** A stream of random numbers; see cli_demo_stream. */
struct demo_random {
    uint64_t state;
};

/** Days are counted from 1970-01-01, times in seconds. */
struct demo_row {
    enum demo_language language;
    uint64_t seed;
    uint64_t number;              /* of the row, from 0 */
    uint64_t entity;              /* the person, company or card that the row is about */
    struct demo_random row, life; /* of this row; of this entity, the same in all its rows */
    uint8_t picked[DEMO_LIST_COUNT];
    uint8_t second_given; /* index of the second character of a given name */
    bool has_second_given, has_moved, is_open_trip;
    uint8_t brand[2], station[2];
    enum demo_stage stage;
    int birth, from, until; /* days */
    int64_t in, out;        /* seconds */
    int fen;                /* a hundredth of a yuan */
    uint32_t house[3];      /* number, block, room */
    size_t used;
    char bytes[DEMO_ROW_BYTES];
};

struct demo_column {
    const char *header[DEMO_LANGUAGE_COUNT];
    void (*put)(struct demo_row *row, int what);
    int what;       /* for `put`: a list, or which of several */
    unsigned empty; /* cells left empty, of a thousand */
};

struct demo_kind {
    const char *name;
    const struct demo_column *columns;
    size_t column_count;
    void (*draw)(struct demo_row *row);
    /** Row n is about one of the first 100 + n * many / per entities, early ones oftener; many 0:
       about entity n. */
    uint32_t many, per;
};
extern const struct demo_kind cli_demo_kinds[DEMO_KIND_COUNT];

/**
 * SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014): a counter
 * in steps of the golden ratio, mixed. Integers only, so that every machine makes the same bytes.
 * `place` keeps streams apart: any row can be made without those before it.
 */
struct demo_random cli_demo_stream(uint64_t seed, uint64_t place, uint64_t number);
uint64_t cli_demo_next(struct demo_random *random);
/** 0 .. n - 1, n > 0; uneven by less than n in 2^32. */
uint32_t cli_demo_below(struct demo_random *random, uint32_t n);

/** A table of one kind. */
struct demo_order {
    const struct demo_kind *kind;
    uint64_t rows, seed;
    enum demo_language language;
};
/** Writes header and rows, and finishes the writer. */
PD_CHECK enum pd_status cli_demo_write(const struct demo_order *order, struct table_writer *writer,
                                       struct pd_error *err);
/** Draws a word of a list by its weights in a group. */
const struct demo_word *cli_demo_draw(struct demo_random *random, enum demo_list_id id, int group);

/* demo_draw.c: one per kind. */
void cli_demo_draw_permit(struct demo_row *row);
void cli_demo_draw_resident(struct demo_row *row);
void cli_demo_draw_visit(struct demo_row *row);
void cli_demo_draw_trip(struct demo_row *row);

#endif
