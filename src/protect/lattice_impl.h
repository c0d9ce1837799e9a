/* What the files of the lattice search share; never included from outside the folder. */
#ifndef POLDER_PROTECT_LATTICE_IMPL_H
#define POLDER_PROTECT_LATTICE_IMPL_H

#include "protect/lattice.h"

/* ---- Groupings (group.c): the table's distinct tuples on some levels ---- */

enum { LATTICE_WORDS_MAX = 16, LATTICE_PREFIX_MAX = 64, LATTICE_DEPTH_MAX = 9 };

/**
 * A tuple packed into `words` numbers of 64 bits: each column has its place for good, as wide as
 * its finest level needs, and no column straddles two words. Sensitive columns come last.
 */
struct lattice_layout {
    size_t words, quasi, sensitive;
    struct lattice_place {
        uint8_t word, shift, bits;
    } places[PROTECT_QUASI_MAX * 2];
    uint64_t quasi_mask[LATTICE_WORDS_MAX]; /* the bits of the quasi columns */
    /* Neighbouring quasi columns that are recoded together. */
    struct lattice_chunk {
        uint8_t word, shift;
        size_t first, columns;
        uint64_t mask;
    } chunks[PROTECT_QUASI_MAX];
    size_t chunk_count;
    bool has_lanes; /* chunk j has the bits from 16 j on to itself */
};

struct lattice_grouping {
    uint8_t levels[PROTECT_QUASI_MAX];
    uint32_t count;
    uint64_t *keys; /* count * words */
    uint32_t *rows;
};

/** Room to work in, kept from one grouping to the next. */
struct lattice_room {
    size_t limit, used;
    uint64_t seed, multiplier; /* of the hash; nothing else depends on them */
    uint32_t *slots;
    size_t slot_capacity;
    uint64_t *keys; /* of the grouping being made */
    uint32_t *rows;
    size_t entry_capacity;
    uint32_t *class_of; /* per entry, when there are sensitive columns */
    uint32_t *order, *starts, *class_rows;
    size_t class_capacity;
    uint64_t *tables[PROTECT_QUASI_MAX]; /* per chunk, of the grouping being made */
};

struct lattice {
    const struct protect_task *task;
    struct lattice_layout layout;
    uint64_t total;   /* rows of the table */
    uint64_t allowed; /* rows that may be suppressed */
    uint32_t least;   /* rows of a class, where that is all that is asked */
    struct lattice_room room;
    struct lattice_grouping base, now;
    uint32_t *leaves[PROTECT_QUASI_MAX]; /* [level * values + g]: a value that becomes g on level */
    /* Groupings on the levels of a node's first columns and level 0 of the others, kept: a node's
       classes are made from the deepest of them. Columns go by their number of values. */
    size_t depth, prefix_columns[LATTICE_DEPTH_MAX], prefix_count[LATTICE_DEPTH_MAX];
    struct lattice_grouping *prefixes[LATTICE_DEPTH_MAX];
    uint8_t *wanted[LATTICE_DEPTH_MAX]; /* how often each was, up to when it was made */
    struct lattice_models *models;
    struct lattice_losses *losses;
};

/** realloc within room->limit; NULL and nothing changed when it is used up. */
void *lattice_resize(struct lattice_room *room, void *p, size_t old_bytes, size_t new_bytes);

/** Room for that many counts or slots; what it held is lost at the next call. NULL: no room. */
uint32_t *lattice_cells(struct lattice *lattice, size_t count);
/** The distinct tuples as they come, on level 0; checks each number. Fills lattice->base, total. */
PD_CHECK enum pd_status lattice_base(struct lattice *lattice, struct pd_error *err);
/** A copy of lattice->now, to be cleared; false: out of memory. */
bool lattice_keep_now(struct lattice *lattice, struct lattice_grouping *out);
void lattice_grouping_clear(struct lattice *lattice, struct lattice_grouping *grouping);
/** lattice->now becomes the grouping on `levels`, a view of the room; false: out of memory. */
bool lattice_group(struct lattice *lattice, const struct lattice_grouping *from,
                   const uint8_t *levels);
/**
 * The classes of lattice->now: class_of, class_rows, and the entries in the order of their classes
 * (order, starts), all in the room. Returns how many; UINT32_MAX: out of memory.
 */
uint32_t lattice_classes(struct lattice *lattice);
static inline uint32_t lattice_code(const struct lattice_layout *layout, const uint64_t *key,
                                    size_t column) {
    struct lattice_place p = layout->places[column];
    return (uint32_t)(key[p.word] >> p.shift & (((uint64_t)1 << p.bits) - 1));
}
/** Number of distinct values of a column on its level. */
static inline uint32_t lattice_size(const struct lattice *lattice, const uint8_t *levels,
                                    size_t column) {
    return lattice->task->data.hierarchies[column]->sizes[levels[column]];
}

/* ---- Recoding (recode.c) ---- */

PD_CHECK enum pd_status lattice_layout_make(const struct protect_microdata *data,
                                            struct lattice_layout *out, struct pd_error *err);
/** Sets the tables that turn tuples on the levels `from` into those on `to`. false: no room. */
bool lattice_recode_to_keys(struct lattice *lattice, const uint8_t *from, const uint8_t *to);
static inline uint64_t lattice_recode_word(const struct lattice *lattice, uint64_t key) {
    uint64_t made = 0;
    for (size_t j = 0; j < lattice->layout.chunk_count; j++)
        made |=
            lattice->room
                .tables[j][key >> lattice->layout.chunks[j].shift & lattice->layout.chunks[j].mask];
    return made;
}
/**
 * Rows of each combination of values on the levels `to`, most of them 0 perhaps: a view of the
 * room. NULL where there are too many combinations, or columns that need a grouping: then group.
 */
uint32_t *lattice_count_cells(struct lattice *lattice, const struct lattice_grouping *from,
                              const uint8_t *to, size_t *count);

/* ---- Models (model.c) ---- */

/** What the classes of a node come to. */
struct lattice_count {
    uint64_t kept_rows, kept_classes, smallest, failed_rows, failed_classes;
    double kept_squares, failed_squares; /* sums of |class|^2, exact up to 2^53 */
    uint64_t surely_failed_rows;         /* by models that no generalisation can make fail */
    bool is_feasible;
};

PD_CHECK enum pd_status lattice_models_new(struct lattice *lattice, struct pd_error *err);
void lattice_models_free(struct lattice *lattice);
/** Judges lattice->now; false: out of memory. */
bool lattice_judge(struct lattice *lattice, struct lattice_count *out);
/** Judges classes of which only the rows are known (0: no class), without sensitive columns. */
void lattice_judge_rows(struct lattice *lattice, const uint32_t *rows, size_t count,
                        struct lattice_count *out);
/** Whether entry i of the grouping judged last is in a class that failed. */
bool lattice_has_failed(const struct lattice *lattice, uint32_t entry);
/** Whether an infeasible node proves that all finer ones are. */
bool lattice_is_monotonic(const struct lattice *lattice);

/* ---- Losses (loss.c) ---- */

PD_CHECK enum pd_status lattice_losses_new(struct lattice *lattice, struct pd_error *err);
void lattice_losses_free(struct lattice *lattice);
/** Whether the loss is one of class sizes, which no floor is known of beforehand. */
bool lattice_loss_is_of_classes(enum protect_loss loss);
/** At most the loss of the node and of all coarser ones, before anything is counted. */
double lattice_loss_floor(const struct lattice *lattice, const uint8_t *levels);
/** At most the loss of the node and of all coarser ones, by what was counted. */
double lattice_loss_floor_counted(const struct lattice *lattice, const struct lattice_count *count);
/** Whether lattice_loss needs the grouping, for rows that were suppressed. */
bool lattice_loss_needs_entries(const struct lattice *lattice, const struct lattice_count *count);
/** The loss of the node judged last. */
double lattice_loss(const struct lattice *lattice, const uint8_t *levels,
                    const struct lattice_count *count);

/* ---- One node (node.c) ---- */

PD_CHECK enum pd_status lattice_open(const struct protect_task *task, struct lattice *out,
                                     struct pd_error *err);
void lattice_close(struct lattice *lattice);
/** Groups, judges and weighs one node, from the best grouping at hand. false: out of memory. */
bool lattice_check(struct lattice *lattice, const uint8_t *levels, struct protect_node *node,
                   struct lattice_count *count);

#endif
