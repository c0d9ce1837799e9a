/**
 * Part of demo_seed*.c: the synthetic province. Who lives in it and what they hold are data
 * (demo_seed_words.c), tables are made by descriptions of columns (demo_seed_tables.c), and everything is done through
 * govern/ as members would do it, by a clock that runs through the year (demo_seed_acts.c, demo_seed_year.c).
 */
#ifndef POLDER_CLI_DEMO_SEED_H
#define POLDER_CLI_DEMO_SEED_H

#include "cli/cli.h"
#include "cli/demo_impl.h"

/* ---- demo_seed_tables.c ---- */

struct seed_pair {
    const char *text[DEMO_LANGUAGE_COUNT];
};

/** What the cells of a column are. */
enum seed_cell {
    SEED_END,
    SEED_WORD,   /* of a demo list `a`, in its order: one for each `b` rows */
    SEED_DRAWN,  /* of a demo list `a`, by its weights */
    SEED_CODE,   /* the code that goes with the SEED_WORD or SEED_DRAWN before */
    SEED_PICK,   /* of `pairs`, `a` of them, drawn */
    SEED_ROW,    /* of `pairs`, `a` of them: one for each `b` rows, in turn */
    SEED_SERIAL, /* `pairs->text[0]`, year, number of the row */
    SEED_MONTH,  /* of the period: 2026-03 */
    SEED_DAY,    /* a day of the month, drawn */
    SEED_HOUR,   /* 2026-03-01T05:00+08:00, one for each row from the period's beginning */
    SEED_YEAR,
    SEED_WHOLE,   /* drawn from a to b */
    SEED_TENTHS,  /* the same, in tenths */
    SEED_DIRTY,   /* the same as SEED_TENTHS, some written as people write: "1,2", "12 " */
    SEED_COMPANY, /* a sample company of the district */
};
struct seed_column {
    const char *header[DEMO_LANGUAGE_COUNT];
    enum seed_cell cell;
    int a, b;
    const struct seed_pair *pairs;
};

/** A table for a month. */
struct seed_table {
    const struct seed_column *columns; /* NULL: of `kind` */
    const struct demo_kind *kind;
    uint64_t rows, seed;
    enum demo_language language;
    int year, month;
};
/** Writes it to a file of its own owner's. */
PD_CHECK enum pd_status seed_table_write(const struct seed_table *table, const char *path,
                                         struct pd_error *err);

/* ---- demo_seed_words.c ---- */

/** How a dataset comes into the catalogue. */
enum seed_way {
    SEED_OPENED,      /* published; its steward signs */
    SEED_AGGREGATE,   /* published once its steward has attested that the rows are of groups */
    SEED_STORED,      /* kept as it came */
    SEED_GIVEN,       /* shared with another department, once the law's conditions are attested */
    SEED_REPAIRED,    /* published; some months come with flaws and are repaired against a standard */
};
struct seed_dataset {
    const char *party;
    struct seed_pair title;
    const struct seed_column *columns;
    enum demo_kind_name { SEED_OWN_COLUMNS = -1, SEED_PERMITS, SEED_RESIDENTS, SEED_VISITS, SEED_TRIPS } kind;
    enum seed_way way;
    const char *recipient;
    int every;    /* months between two versions */
    int first;    /* month of the first one, from 0 */
    int rows;
    enum demo_language language;
};
extern const struct seed_dataset seed_datasets[];
extern const size_t seed_dataset_count;

struct seed_party {
    const char *id, *chamber, *kind;
    struct seed_pair title;
};
extern const struct seed_party seed_parties[];
extern const size_t seed_party_count;
enum { SEED_RESIDENTS_PER_GROUP = 50 }; /* members of each party of the public chamber */

/** A case that somebody raises. */
struct seed_case {
    int permille; /* of the year */
    const char *kind, *party, *dataset /* English title, or NULL */, *responsible;
    struct seed_pair subject; /* English for the record, Chinese beside it */
    const char *facts[2];    /* NAME=VALUE that is declared */
    const char *attests;     /* NAME=VALUE, or NULL */
    enum { SEED_ANSWERED, SEED_REFUSED, SEED_WITHDRAWN, SEED_UNANSWERED } end;
    int after; /* days */
    const char *text; /* the answer, the reasons */
};
extern const struct seed_case seed_cases[];
extern const size_t seed_case_count;

/** A wish that the law refuses, or that waits for somebody. */
struct seed_wish {
    int permille;
    const char *party, *verb, *recipient;
    struct seed_pair title;
    const struct seed_column *columns;
    int kind, rows;
    enum demo_language language;
    const char *facts[3]; /* declared */
};
extern const struct seed_wish seed_wishes[];
extern const size_t seed_wish_count;

/* ---- demo_seed_acts.c: what a member does ---- */

enum { SEED_DUTIES_MAX = 4096, SEED_SECRET_SIZE = 32, SEED_DEMANDS = 3, SEED_PROPOSALS = 2 };

struct seed {
    struct cli *cli;
    struct govern *g;
    struct pd_clock clock; /* tells `now`, which a thousandth of a second later each time */
    pd_time now, start, end;
    uint64_t number; /* --seed */
    struct demo_random random;
    const char *folder; /* of the node, while it is being made */
    const char *tables; /* where tables are written, beside the node; those of open intents stay */
    const char *database; /* NULL: in the folder */
    bool is_small;      /* one version of each dataset */
    struct pd_arena *arena; /* of one act */
    struct seed_duty {
        pd_id clock;
        const char *party;
        pd_time meet_at; /* 0: never */
    } duties[SEED_DUTIES_MAX];
    size_t duty_count;
    pd_id demands[SEED_DEMANDS], proposals[SEED_PROPOSALS];
    size_t demand_count, proposal_count;
    bool has_voted;
    const char *rotated; /* a party whose key was replaced */
    char rotated_path[200]; /* where its key is, below the folder */
    char person[24]; /* an identifier in a stored table, who will be erased */
    const char *person_party;
    struct seed_count {
        uint64_t done, denied, waiting, versions, attested, met, cases, repairs, rotations, erased, destroyed;
    } count;
};

/** The text of a party's key file, in the arena of the act. */
PD_CHECK enum pd_status seed_key(struct seed *s, const char *party, pd_str *out, struct pd_error *err);
/** Governs the table of a month as the dataset's way says. */
PD_CHECK enum pd_status seed_publish(struct seed *s, const struct seed_dataset *d, size_t n,
                                     int year, int month, struct pd_error *err);
PD_CHECK enum pd_status seed_wish_for(struct seed *s, const struct seed_wish *w, size_t n,
                                      struct pd_error *err);
PD_CHECK enum pd_status seed_meet_duties(struct seed *s, struct pd_error *err);
PD_CHECK enum pd_status seed_raise(struct seed *s, const struct seed_case *c, pd_id *id, bool *is_raised,
                                   struct pd_error *err);
PD_CHECK enum pd_status seed_end_case(struct seed *s, const struct seed_case *c, pd_id id,
                                      struct pd_error *err);
PD_CHECK enum pd_status seed_rotate(struct seed *s, const char *holder, const char *party,
                                    struct pd_error *err);
PD_CHECK enum pd_status seed_erase_person(struct seed *s, struct pd_error *err);
PD_CHECK enum pd_status seed_destroy(struct seed *s, const char *party, struct pd_error *err);

/* ---- demo_seed_together.c: each the next one of its table ---- */

PD_CHECK enum pd_status seed_demand(struct seed *s, struct pd_error *err);
PD_CHECK enum pd_status seed_answer_demand(struct seed *s, struct pd_error *err);
/** Files a proposal and opens its consultation. */
PD_CHECK enum pd_status seed_propose(struct seed *s, struct pd_error *err);
PD_CHECK enum pd_status seed_object(struct seed *s, struct pd_error *err);
/** Casts the ballots of the first proposal, once its vote is open. */
PD_CHECK enum pd_status seed_vote_due(struct seed *s, struct pd_error *err);

/* ---- demo_seed_year.c ---- */

/** Founds the node and lets a year pass. */
PD_CHECK enum pd_status seed_found(struct seed *s, struct pd_error *err);
PD_CHECK enum pd_status seed_year(struct seed *s, struct pd_error *err);

/* ---- demo_seed_place.c ---- */

/** A place in memory where many small durable writes cost nothing, if there is one with room; else beside `target`. */
PD_CHECK enum pd_status seed_place_make(const char *target, char path[256], struct pd_error *err);
/** Copies a finished node there, waits for the disk, and only then gives it its name. */
PD_CHECK enum pd_status seed_place_move(const char *from, const char *target, struct pd_error *err);
void seed_place_remove(const char *path);

#endif
