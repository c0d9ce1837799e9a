/**
 * The catalogue: what a node holds, has done and waits for, as its faces show it. Only reads, over any
 * open `struct govern`; every list comes in pages, the newest first, and every answer holds only what its
 * viewer may see. It reads governed tables, and beside them what the catalogue keeps of each act for quick
 * reading (tables catalogue_*, written in the act's transaction by catalogue_follow.c).
 *
 * Everything in an answer lives in the arena given. Errors, besides those named: those of the store,
 * and PD_LIMIT when the arena is full.
 */
#ifndef POLDER_GOVERN_CATALOGUE_H
#define POLDER_GOVERN_CATALOGUE_H

#include "govern/govern.h"

/**
 * For whom. Everybody sees what is disclosed to the public: datasets with a public distribution, acts of the public
 * log with their duties, the parties. A party sees also what is its own, and what was shared with it. Whether somebody
 * may see all is the caller's to decide (govern_may): an auditor.
 */
struct catalogue_viewer {
    pd_str party; /* empty: nobody in particular */
    bool sees_all;
};

enum {
    CATALOGUE_PAGE = 20,      /* items of a page whose limit is 0 */
    CATALOGUE_PAGE_MAX = 100, /* a larger limit counts as this */
    CATALOGUE_SEARCH_MAX = 200, /* bytes of a search; the rest is not looked at */
    CATALOGUE_WORDS_MAX = 6     /* of a search; further ones are not looked at */
};
/** Which part of a list. PD_USAGE: the cursor is none. */
struct catalogue_page {
    pd_str after; /* the `next` of the page before; empty: from the newest */
    size_t limit;
};

/* ---- Datasets ---- */

/** How far a dataset has gone, as the viewer sees it. */
enum catalogue_openness {
    CATALOGUE_HELD,   /* stored; disclosed to nobody whom the viewer may know of */
    CATALOGUE_SHARED, /* with a party */
    CATALOGUE_OPEN,   /* everybody may have it */
    CATALOGUE_OPENNESS_COUNT
};
const char *catalogue_openness_name(enum catalogue_openness openness); /* "held", "shared", "open" */
bool catalogue_openness_parse(pd_str name, enum catalogue_openness *out);

struct catalogue_dataset {
    pd_id id;
    pd_str party;
    pd_str title; /* a language map: {"zh":"..."} */
    pd_time created_at;
    pd_time changed_at; /* when the newest version came that the viewer may see */
    enum catalogue_openness openness;
    pd_str grade; /* of what the newest of these discloses (to its own party: of the version itself), "general-2"; empty:
                     not known */
    uint64_t rows, columns; /* of the same */
};

/** What to look for; whatever is empty doesn't matter. */
struct catalogue_datasets_query {
    /**
     * Words that all occur in the title or in the name of a public column: the beginning of a word suffices; of Chinese any
     * run of characters. Case, width and compatibility forms don't matter (NFKC_Casefold).
     */
    pd_str search;
    pd_str party;
    pd_str grade;    /* "general-3" */
    pd_str openness; /* "held", "shared", "open"; PD_USAGE names them */
    struct catalogue_page page;
};
struct catalogue_datasets {
    const struct catalogue_dataset *items;
    size_t count;
    pd_str next; /* cursor of the next page; empty: there is none */
};
PD_CHECK enum pd_status catalogue_datasets(struct govern *g, const struct catalogue_viewer *viewer,
                                           const struct catalogue_datasets_query *query,
                                           struct pd_arena *arena, struct catalogue_datasets *out,
                                           struct pd_error *err);

/** A version made available in a form. */
struct catalogue_distribution {
    pd_id id;
    pd_str form; /* "text/csv" */
    uint64_t rows, bytes;
    pd_str disclosed_to; /* "public", or a party */
    bool is_public;
    pd_str plain_hash;  /* hex SHA-256 of the bytes, of public ones; else empty */
    pd_str released_as; /* where the file is, below the data folder ("open/ID.csv"), of public ones that are still there */
    pd_str grade;       /* of what it gives out; empty: not kept */
    bool has_inspection; /* catalogue_inspection has one */
    pd_time created_at;
    bool is_withdrawn;  /* something took its place, or nothing did: what follows */
    pd_str successor;   /* id of a distribution, or empty */
    uint64_t rows_removed;
};

/** Repairs that made a version of another one. */
struct catalogue_lineage {
    pd_id from; /* version */
    pd_str how; /* "repair" */
    pd_str standard_hash, repair_hash;
    pd_str agreed_by; /* name of a member; only for its own party, else empty */
    uint64_t done, failures_before, failures_after;
};

struct catalogue_version {
    pd_id id;
    pd_time created_at;
    bool is_whole; /* the viewer may know what the source was: the next four, and its inspection */
    uint64_t rows, columns, bytes;
    pd_str grade;
    bool has_original; /* stored as it came */
    pd_str act;        /* that made it: id; empty if the viewer may not see that act */
    const struct catalogue_lineage *lineage; /* NULL: it comes from no other version */
    const struct catalogue_distribution *distributions; /* that the viewer may see */
    size_t distribution_count;
};

struct catalogue_one {
    struct catalogue_dataset dataset;
    uint64_t version_count; /* that the viewer may see */
    const struct catalogue_version *versions; /* a page of them */
    size_t count;
    pd_str next;
};
/** One dataset, with a page of its versions. PD_NOT_FOUND: there is none that the viewer may see. */
PD_CHECK enum pd_status catalogue_dataset_find(struct govern *g, const struct catalogue_viewer *viewer,
                                               pd_id id, const struct catalogue_page *versions,
                                               struct pd_arena *arena, struct catalogue_one *out,
                                               struct pd_error *err);

/**
 * What was found in a distribution (of what it gives out, with values), or in a version (of the source; for its own party):
 * JSON as inspection_write_json. PD_NOT_FOUND: none that the viewer may see, or it was made by a Polder that kept none, or its
 * key was destroyed.
 */
PD_CHECK enum pd_status catalogue_inspection(struct govern *g, const struct catalogue_viewer *viewer,
                                             pd_id id, struct pd_arena *arena, pd_str *json,
                                             struct pd_error *err);

/** Which dataset a version or distribution belongs to. PD_NOT_FOUND: to none that the viewer may see. */
PD_CHECK enum pd_status catalogue_dataset_of(struct govern *g, const struct catalogue_viewer *viewer,
                                             pd_id id, pd_id *dataset, struct pd_error *err);

/** Opens the bytes of a distribution that the viewer may see: read with store_vault_read, each verified, and freed by the
 * caller, also after the handle was given back. `*bytes`: how many. PD_NOT_FOUND: none that the viewer may see, or it was
 * withdrawn. */
PD_CHECK enum pd_status catalogue_file_open(struct govern *g, const struct catalogue_viewer *viewer,
                                            pd_id distribution, struct store_reader **out,
                                            uint64_t *bytes, struct pd_error *err);

/** The same of a version that was stored as it came, for members of its own party to govern again: nothing is disclosed by it.
 * PD_NOT_FOUND: none of that party, its original wasn't stored, or its key was destroyed. */
PD_CHECK enum pd_status catalogue_original_open(struct govern *g, pd_str party, pd_id version,
                                                struct store_reader **out, uint64_t *bytes,
                                                struct pd_error *err);

/* ---- Acts ---- */

struct catalogue_act {
    pd_id id;
    pd_str verb, party, outcome; /* as in the ledger: "open", "permit" */
    pd_time made_at;
    bool is_public; /* its leaf is in the public log */
    pd_str log;     /* "public", "restricted/2026-11" */
    bool is_pending; /* not integrated yet */
    uint64_t index;  /* of its leaf, if it isn't */
    pd_str intent;   /* id or empty; only for its own party */
    pd_str dataset, dataset_title; /* that it is about: id and language map; empty: none that the viewer may see */
};
struct catalogue_acts_query {
    pd_str party, verb;
    bool has_dataset;
    pd_id dataset;
    bool only_public; /* of the public log */
    struct catalogue_page page;
};
struct catalogue_acts {
    const struct catalogue_act *items;
    size_t count;
    pd_str next;
};
/** Acts that the viewer may see: those of the public log, and its own. */
PD_CHECK enum pd_status catalogue_acts(struct govern *g, const struct catalogue_viewer *viewer,
                                       const struct catalogue_acts_query *query,
                                       struct pd_arena *arena, struct catalogue_acts *out,
                                       struct pd_error *err);
/** One of them. PD_NOT_FOUND: none that the viewer may see. */
PD_CHECK enum pd_status catalogue_act_find(struct govern *g, const struct catalogue_viewer *viewer,
                                           pd_id id, struct pd_arena *arena,
                                           struct catalogue_act *out, struct pd_error *err);

/** The act that made what has this id: itself, a version, a distribution; of a dataset the newest that the viewer may see and that
 * had a plan. PD_NOT_FOUND: none that the viewer may see. */
PD_CHECK enum pd_status catalogue_act_of(struct govern *g, const struct catalogue_viewer *viewer, pd_id id,
                                         struct pd_arena *arena, struct catalogue_act *out,
                                         struct pd_error *err);

/* ---- Duties ---- */

/** Which duties: of a party (the debtor), of an act, in a state ("due", "met", "overdue"; PD_USAGE). */
struct catalogue_clocks_query {
    pd_str party, state;
    bool has_act;
    pd_id act;
    struct catalogue_page page;
};
struct catalogue_clocks {
    const struct govern_clock *items; /* the one that is due first comes first; those without a date last */
    size_t count;
    pd_str next;
};
/** Duties of public acts, and those that the viewer owes or that its own acts started. */
PD_CHECK enum pd_status catalogue_clocks(struct govern *g, const struct catalogue_viewer *viewer,
                                         const struct catalogue_clocks_query *query,
                                         struct pd_arena *arena, struct catalogue_clocks *out,
                                         struct pd_error *err);

/* ---- Intents ---- */

/** What an open intent waits for. */
struct catalogue_wait {
    enum catalogue_wait_kind {
        CATALOGUE_WAIT_FACT,      /* that somebody must declare or attest */
        CATALOGUE_WAIT_EVIDENCE,  /* an obligation that must be shown to be met: consent, assessment */
        CATALOGUE_WAIT_SIGNATURE, /* a steward of its party must sign the plan */
    } kind;
    pd_str fact;           /* of the first two: its name; may be empty for an obligation without one */
    pd_str obligation;     /* of the second: as the policy says it */
    pd_str policy;         /* that asks for it */
    pd_str title, title_zh;       /* what it is */
    pd_str supplier, supplier_zh; /* who can give it, in words */
    bool is_viewers; /* the viewer's party may give it: its own intent, or the registry lets it attest that fact */
};
struct catalogue_intent {
    pd_id id;
    pd_str verb, party, state; /* "open", "done", "denied" */
    pd_time created_at;
    bool is_own; /* of the viewer's party, or it sees all */
    pd_str member; /* only of an own one */
    pd_str title, language, purpose, recipient; /* empty: erased */
    pd_str dataset; /* id, of one that is done; empty otherwise */
    pd_str reason;  /* of the finding: one sentence */
    const struct catalogue_wait *waits; /* of an open one */
    size_t wait_count;
};
struct catalogue_intents_query {
    pd_str state; /* "open", "done", "denied"; empty: all. PD_USAGE */
    bool only_waiting_for_viewer; /* open ones that the viewer's party can do something for */
    struct catalogue_page page;
};
struct catalogue_intents {
    const struct catalogue_intent *items;
    size_t count;
    pd_str next; /* may be set though the page isn't full: there were more to look through */
};
/** Intents of the viewer's party, and open ones of others that wait for a fact that it may attest. */
PD_CHECK enum pd_status catalogue_intents(struct govern *g, const struct catalogue_viewer *viewer,
                                          const struct catalogue_intents_query *query,
                                          struct pd_arena *arena, struct catalogue_intents *out,
                                          struct pd_error *err);
/** One of them. PD_NOT_FOUND: none that the viewer may see. */
PD_CHECK enum pd_status catalogue_intent_find(struct govern *g, const struct catalogue_viewer *viewer,
                                              pd_id id, struct pd_arena *arena,
                                              struct catalogue_intent *out, struct pd_error *err);

/* ---- Cases ---- */

/** A case as lists tell of it. Of whoever takes no part in it only what is not in brackets. */
struct catalogue_case {
    pd_id id, act_id; /* [only if it is the viewer's: is_viewers; the act raised it] */
    pd_str kind;  /* "access", "demand", ... */
    pd_str state; /* "raised", "answered", "refused", "withdrawn", "escalated" */
    pd_str party; /* [that raised it] */
    pd_str responsible;
    pd_str dataset, dataset_title; /* [id and language map; empty: about none] */
    pd_time raised_at;
    bool has_due;
    pd_time due_at; /* of the first duty that still runs */
    bool is_overdue;
    bool is_viewers;  /* the viewer's party raised it or must answer it, or it sees all */
    bool is_to_answer; /* the viewer's party must, and nobody has */
};
struct catalogue_cases_query {
    enum catalogue_cases_which {
        CATALOGUE_CASES_VIEWERS, /* in which the viewer's party takes part; who sees all: all; the newest first */
        CATALOGUE_CASES_OVERDUE, /* of everybody, undecided though their time is over; the longest first */
    } which;
    bool only_waiting; /* of the first: undecided ones */
    pd_str state;      /* of the first: in this state; empty: in any. PD_USAGE */
    struct catalogue_page page; /* of the second there is one page */
};
struct catalogue_cases {
    const struct catalogue_case *items;
    size_t count;
    pd_str next;
    bool has_more; /* of the second: there are more than a page holds */
};
PD_CHECK enum pd_status catalogue_cases(struct govern *g, const struct catalogue_viewer *viewer,
                                        const struct catalogue_cases_query *query,
                                        struct pd_arena *arena, struct catalogue_cases *out,
                                        struct pd_error *err);

/* ---- Parties ---- */

enum catalogue_duty {
    CATALOGUE_STEWARD,
    CATALOGUE_OWNER,
    CATALOGUE_SUPERVISOR,
    CATALOGUE_SYSTEM, /* these three are administrators */
    CATALOGUE_SECURITY,
    CATALOGUE_AUDIT,
    CATALOGUE_DUTY_COUNT
};
const char *catalogue_duty_name(enum catalogue_duty duty); /* "steward", ... */

struct catalogue_party {
    pd_str id, title; /* title: a language map, or the id where nobody gave one */
    pd_str chamber, kind, country;
    pd_str vkey; /* under which it signs */
    pd_time registered_at;
    uint64_t members, with_duty[CATALOGUE_DUTY_COUNT]; /* how many members, and how many of them have each duty */
    uint64_t datasets; /* that the viewer may see */
    const struct catalogue_member { /* only for the party itself, and who sees all: persons */
        pd_str id, name;
        const pd_str *duties;
        size_t duty_count;
    } * people;
    size_t people_count; /* at most CATALOGUE_PAGE_MAX */
};
struct catalogue_parties_query {
    pd_str chamber;
    struct catalogue_page page; /* by id, ascending */
};
struct catalogue_parties {
    const struct catalogue_party *items; /* without `people` */
    size_t count;
    pd_str next;
};
PD_CHECK enum pd_status catalogue_parties(struct govern *g, const struct catalogue_viewer *viewer,
                                          const struct catalogue_parties_query *query,
                                          struct pd_arena *arena, struct catalogue_parties *out,
                                          struct pd_error *err);
/** The title of one: a language map; empty if nobody gave one, or there is no such party. */
PD_CHECK enum pd_status catalogue_party_title(struct govern *g, pd_str id, struct pd_arena *arena,
                                              pd_str *title, struct pd_error *err);
/** One of them. PD_NOT_FOUND. */
PD_CHECK enum pd_status catalogue_party_find(struct govern *g, const struct catalogue_viewer *viewer,
                                             pd_str id, struct pd_arena *arena,
                                             struct catalogue_party *out, struct pd_error *err);

/* ---- In one look ---- */

struct catalogue_summary {
    pd_str origin, jurisdiction;
    pd_time founded_at;
    uint64_t acts;        /* that have their place in a log */
    uint64_t pending;     /* that wait for it */
    uint64_t datasets, open_datasets; /* all of the node; those that everybody may have */
    uint64_t parties, members;
    uint64_t duties_met, duties_late, duties_overdue, duties_running; /* in time; after their time; not, and it is over;
                                                                         neither */
    uint64_t open_intents;
    uint64_t public_leaves, restricted_leaves;
    bool has_checkpoint;
    pd_time newest_act_at; /* 0: there is none */
    pd_time checkpoint_at; /* of the newest act that the public log's newest checkpoint covers */
};
/** Numbers only: the same for every viewer. */
PD_CHECK enum pd_status catalogue_summary(struct govern *g, struct pd_arena *arena,
                                          struct catalogue_summary *out, struct pd_error *err);

/* Last, since it speaks of all of the above. */
#include "govern/demand.h"

#endif
