/**
 * What the files of the attacks share: one table that is attacked (attack.c), what is to be opened
 * (attack_release.c), what else is open at the node (attack_open.c). Never leaves the folder.
 */
#ifndef POLDER_GOVERN_ATTACK_IMPL_H
#define POLDER_GOVERN_ATTACK_IMPL_H

#include "govern/attack.h"
#include "govern/govern_impl.h"

enum { ATTACK_ITEMS_MAX = 256, ATTACK_NOTES_MAX = 64 };

/* ---- attack.c ---- */

/** Rows counted over those of the wanted columns that a table has. */
struct attack_count {
    struct pd_arena *arena;
    const pd_str *wanted;
    size_t wanted_count;
    bool is_strict;     /* one that isn't there is an error */
    size_t limit_bytes; /* of the classes; 0: as protect_classes_new has it */
    pd_str *names;      /* of the whole table */
    size_t name_count;
    size_t columns[GOVERN_ATTACK_COLUMNS_MAX]; /* those that are counted, ascending */
    size_t count;
    struct protect_classes *classes; /* NULL: none of them is there */
};

/** Counts a table that is read with it. A failure leaves classes that are to be freed. */
struct table_handler attack_count_handler(struct attack_count *c);
/** Where a column stands among those that are counted; SIZE_MAX: it isn't. */
size_t attack_count_place(const struct attack_count *c, pd_str name);

struct attacking {
    const struct govern_attack_ask *ask;
    struct pd_arena *arena;
    struct govern_attacks out;
    struct govern_attacked *items;
    pd_str *notes;
    const pd_str *joins; /* columns by which rows of other tables are found, beside what is known */
    size_t join_count;
    struct attack_count table; /* of the known columns, the sensitive ones, the joins */
    const struct protect_plan *plan; /* what was done to a column is done to other tables; NULL: nothing */
    const pd_str *plan_names;        /* the columns by which its steps are numbered */
};

PD_CHECK enum pd_status attack_begin(struct attacking *a, const struct govern_attack_ask *ask,
                                     struct pd_arena *arena, struct pd_error *err);
/** The columns to attack with and for, as they are named, and others to match by. PD_LIMIT. */
PD_CHECK enum pd_status attack_choose(struct attacking *a, const struct govern_attack_ask *ask,
                                      const pd_str *joins, size_t join_count, struct pd_error *err);
PD_CHECK enum pd_status attack_add(struct attacking *a, const struct govern_attacked *item,
                                   struct pd_error *err);
void attack_note(struct attacking *a, pd_str text);
/** Singling out, homogeneity. */
PD_CHECK enum pd_status attack_alone(struct attacking *a, struct pd_error *err);
struct attack_beside {
    const struct attack_count *count;
    bool is_before;    /* an earlier version; else a table of its own */
    pd_str name, table; /* as in govern_attacked */
};
/** Linkage or differencing. */
PD_CHECK enum pd_status attack_beside(struct attacking *a, const struct attack_beside *with,
                                      struct pd_error *err);
/** Minimality, of a plan by which the classes of the sensitive columns were kept diverse. */
PD_CHECK enum pd_status attack_minimal(struct attacking *a, const struct attack_count *original,
                                       size_t sensitive, uint64_t l, struct pd_error *err);
/** Moves the results to where they stay. */
void attack_end(struct attacking *a, struct govern_attacks *out);

/* ---- attack_open.c ---- */

/** Bounds of what is read of other open tables, for one asking. */
enum {
    ATTACK_TABLES_MAX = 16,      /* other tables */
    ATTACK_BEFORE_MAX = 3,       /* earlier versions */
    ATTACK_CANDIDATES_MAX = 500, /* tables whose columns are looked at */
};
#define ATTACK_READ_MAX    ((uint64_t)1 << 30) /* bytes of tables */
#define ATTACK_CLASSES_MAX ((size_t)512 << 20) /* memory of what is counted of them */

/** A table that is open at the node. */
struct attack_open {
    pd_str id, title, key_id, address;
    uint64_t bytes;
    bool is_before;
    const pd_str *shared;      /* columns of both by which a person could be found; of versions: none said */
    size_t shared_count;
    struct attack_count count; /* classes NULL: not counted yet, or it can't be */
    pd_str failed;             /* why it can't be */
};
struct attack_opens {
    struct attack_open *items;
    size_t count;
    uint64_t untried;  /* others that share a column, and are over the bounds */
    bool has_more;     /* more than were looked at have a column of such a name */
    size_t used;       /* bytes of classes */
    pd_time looked_at; /* when they were found */
    const pd_str *names; /* by which */
    size_t name_count;
};
/**
 * What is open beside what is to be: earlier versions, and of other datasets the newest tables that share columns of `names`
 * (at most GOVERN_ATTACK_COLUMNS_MAX); those that share most first, then the newest. Reads no table.
 */
PD_CHECK enum pd_status attack_open_find(struct govern_run *run, const pd_str *names, size_t count,
                                         struct attack_opens **out, struct pd_error *err);
/** Counts one of run->opens over (at least) those of the columns that it has, unless that was done already. */
PD_CHECK enum pd_status attack_open_count(struct govern_run *run, struct attack_open *open,
                                          const pd_str *names, size_t count, struct pd_error *err);

#endif
