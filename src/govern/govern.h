/**
 * govern/: the shell in which people do things to data by acts. One file per noun; act.c is the
 * doorway that everything passes (DESIGN, "The one idea").
 *
 * A `struct govern` is an open node: its store, its rules in force, its logs. Functions here do no
 * printing and ask nobody; faces (cli/, later http/) do.
 */
#ifndef POLDER_GOVERN_H
#define POLDER_GOVERN_H

#include "backup/backup.h"
#include "base/base.h"
#include "govern/budget.h"
#include "inspect/inspect.h"
#include "job/job.h"
#include "law/law.h"
#include "ledger/ledger.h"
#include "protect/protect.h"
#include "source/source.h"
#include "standard/standard.h"
#include "store/store.h"

/* ---- The node ---- */

struct govern;

/** A party and the members who act for it, as given when a node is made. */
struct govern_party {
    pd_str id;      /* 1..128 bytes, no control characters, '/' or ':' */
    pd_str chamber; /* government enterprise industry public */
    pd_str kind;    /* as struct law_party */
    pd_str country; /* ISO 3166-1 alpha-2 */
    pd_str title;   /* a language map: {"zh":"..."}; empty: the id will do */
};
struct govern_member {
    pd_str party;
    pd_str name;
    const pd_str *duties; /* steward, owner, supervisor */
    size_t duty_count;
};

struct govern_founding {
    pd_str origin;       /* "data.example.gov": a name without scheme, spaces or '+' */
    pd_str jurisdiction; /* packs of law, comma-separated; kept for the record */
    const struct govern_party *parties; /* at least one */
    size_t party_count;
    const struct govern_member *members;
    size_t member_count;
    const struct law_file *rules; /* the law in force from the first moment */
    size_t rule_count;
    const char *database; /* postgresql://...: where the tables go; NULL: into the folder */
};

/**
 * Makes a node in `folder` by act 0: charter, rules, parties, keys (DESIGN, "The ledger and
 * privacy"). The parties' signing keys are written to keys/<party>.key below the folder (0600), for
 * handing over. PD_INVALID: names or rules that don't hold; PD_CONFLICT: there is a node.
 */
PD_CHECK enum pd_status govern_init(const char *folder, const struct govern_founding *founding,
                                    const struct pd_clock *clock, struct pd_arena *arena,
                                    pd_str *receipt, struct pd_error *err);

/** Opens a node and loads the law in force. As store_open, and PD_INTERNAL if its rules don't load.
 */
PD_CHECK enum pd_status govern_open(const char *folder, enum store_mode mode, const char *holder,
                                    const struct pd_clock *clock, struct govern **out,
                                    struct pd_error *err);
/** The same for a node whose database has moved: store_open_at. database: NULL if it has not. */
PD_CHECK enum pd_status govern_open_at(const char *folder, const char *database,
                                       enum store_mode mode, const char *holder,
                                       const struct pd_clock *clock, struct govern **out,
                                       struct pd_error *err);
void govern_close(struct govern *g);

/**
 * The writer of a node that many threads act on: one thread commits their acts in groups
 * (writer.c), another integrates. Opens the node for writing, as govern_open_at.
 */
struct govern_writer;
enum {
    GOVERN_WAITING_MAX = 2048,     /* acts of all parties that may wait at a time */
    GOVERN_WAITING_PARTY_MAX = 256 /* of one party: it waits for receipts before it asks more */
};
PD_CHECK enum pd_status govern_writer_open(const char *folder, const char *database,
                                           const char *holder, const struct pd_clock *clock,
                                           struct govern_writer **out, struct pd_error *err);
/**
 * A handle for one thread at a time: it reads by itself, and its acts go to the writer; whatever
 * makes an act returns once it is committed, with its receipt, and before it is integrated. Closed
 * (govern_close) before the writer. An act that finds too many waiting is PD_UNAVAILABLE.
 */
PD_CHECK enum pd_status govern_writer_join(struct govern_writer *w, struct govern **out,
                                           struct pd_error *err);
/**
 * To be called before a handle that was idle is used again: others may have brought rules into
 * force since, or their day has come. What earlier findings borrow from stays until the handle is
 * closed. Over SQLite it asks the database once a second, and after each such act.
 */
PD_CHECK enum pd_status govern_refresh(struct govern *g, struct pd_error *err);
/**
 * A number that grows with each act of this process after which other rules may be in force, or
 * parties and members may be others: what was read of these after asking for it holds as long as it
 * is the same. False: other processes may write too, and nothing can be kept.
 */
bool govern_turn(const struct govern *g, uint64_t *out);
/** Commits and integrates what waits; NULL is fine. Others must have stopped asking. */
void govern_writer_close(struct govern_writer *w);

const struct law_rules *govern_rules(const struct govern *g);
/** The packs of law that the node was founded with, comma-separated; borrowed. */
pd_str govern_jurisdiction(const struct govern *g);
struct store *govern_store(const struct govern *g);
/** How far the machine's clock was behind the newest act when the last act was made: it got that
 * act's time. 0: it wasn't. */
pd_time govern_clock_behind(const struct govern *g);

/** The packs that come with the program: "cn" gives facts.json, node/, cn/ and calendars/cn.json;
 * an array in `arena`. */
PD_CHECK enum pd_status govern_bundled_rules(pd_str jurisdictions, struct pd_arena *arena,
                                             const struct law_file **out, size_t *count,
                                             struct pd_error *err);
/** The same from a folder of that layout; a calendar that it lacks is the program's. */
PD_CHECK enum pd_status govern_folder_rules(const char *folder, pd_str jurisdictions,
                                            struct pd_arena *arena, const struct law_file **out,
                                            size_t *count, struct pd_error *err);

/* ---- Inspecting a source ---- */

enum { GOVERN_SET_ASIDE_SHOWN = 20 };

/** What one reading of a source found. Lives in the arena it was made in. */
struct govern_reading {
    const struct detect_site *site; /* whose detectors looked too; NULL: none */
    const struct inspection *inspection;
    const pd_str *names; /* unique names, as many as the inspection has columns */
    struct table_dialect dialect;
    struct table_counts counts;
    struct govern_set_aside {
        enum table_aside why;
        uint64_t line;
        size_t fields;
    } set_aside[GOVERN_SET_ASIDE_SHOWN]; /* the first ones */
    size_t set_aside_shown;
    crypto_hash content; /* SHA-256 of the bytes as read */
    size_t merged; /* 0: a table was read; else so many sketches: there are no bytes, no dialect */
    size_t quasi_columns;     /* the inspection's; of an output also those that were quasi before */
    bool has_risk;            /* there are quasi columns and rows */
    struct protect_risk risk; /* over the quasi columns, nothing protected */
    const struct govern_attacks
        *attacks; /* of what is to be opened; NULL: there was nothing to learn */
    const struct inspect_relations *relations; /* how columns go together; NULL: not asked for */
};

/** Detectors of the site's own for every reading of this node's; they outlive it. */
void govern_use_detectors(struct govern *g, const struct detect_site *site);

/** Called now and then on long files: bytes done, bytes in all. */
struct govern_progress {
    void (*tell)(void *context, const char *doing, uint64_t done, uint64_t size);
    void *context;
    /** Of the search for the least loss: combinations counted, of so many (0: nobody knows). NULL
       is fine. */
    void (*tell_search)(void *context, uint64_t checked, uint64_t nodes);
    /** Before it: how much memory it takes at least. NULL is fine. */
    void (*tell_memory)(void *context, size_t bytes);
};

/** How a file is written, where somebody says it; what is empty is found. */
struct govern_form {
    pd_str form;      /* "csv", "json", "jsonl" */
    pd_str encoding;  /* a name that table_encoding_parse knows */
    pd_str separator; /* one ASCII character, or "tab", "comma", "semicolon", "bar", "none", ... */
    pd_str quote;     /* the same; also "double", "single" */
    pd_str header;    /* the number of its line, from 1, or "none" */
    pd_str records;   /* JSON: the member that holds the records */
    unsigned threads; /* that inspect it; 0: one. The report is the same. */
    bool is_deep;     /* look too, in one reading more, how its rows and columns go together */
    /* For counting the combinations of its quasi columns; 0: 96 MiB. Where they need more it is
       read several times, each time counting some of them. The report is the same. */
    size_t risk_bytes;
};
/** PD_USAGE says which word is wrong and what it may be. form: NULL means that nothing is given. */
PD_CHECK enum pd_status govern_form_parse(const struct govern_form *form, struct table_dialect *out,
                                          struct pd_error *err);

/** Reads the whole source (twice if it has quasi columns, or is long JSON; once more if deep; more
 * often if very many combinations of quasi columns are to be counted).
 * form: may be NULL. site: detectors of the site's own, NULL: none; they outlive the reading.
 * sketch: what inspector_save writes is appended there, NULL: it isn't wanted. Errors of source/
 * and table/ name the file. */
PD_CHECK enum pd_status govern_read(struct source *source, const struct govern_form *form,
                                    const struct detect_site *site, pd_time now,
                                    const struct govern_progress *progress, struct pd_arena *arena,
                                    struct pd_buf *sketch, const struct govern_reading **out,
                                    struct pd_error *err);
/** What the inspector knows, merged from sketches of so many parts of one table, as a reading: no
 * bytes were seen, so it has no hash, dialect, lines or risk. PD_LIMIT. */
PD_CHECK enum pd_status govern_read_merged(const struct inspector *inspector, size_t parts,
                                           struct pd_arena *arena,
                                           const struct govern_reading **out, struct pd_error *err);

/** Reads the whole source as one table for a handler of one's own, otherwise as govern_read.
 * counts: may be NULL. */
PD_CHECK enum pd_status govern_read_table(struct source *source, const struct govern_form *form,
                                          const struct table_handler *handler,
                                          const struct govern_progress *progress,
                                          struct pd_arena *arena, struct table_counts *counts,
                                          struct pd_error *err);

/* ---- Standards ---- */

/** The standards that come with the program, by number from 0: their names and texts; false: there
 * are no more. */
bool govern_standard_bundled(size_t n, pd_str *name, pd_str *text);

/** How a table is held against a standard. */
struct govern_check {
    const struct standard *standard;
    const struct govern_form *form; /* may be NULL */
    pd_time now;
    bool with_values;
    const struct govern_reference { /* tables that its foreign keys refer to */
        pd_str name;
        struct source *source;
    } * references;
    size_t reference_count;
    const struct govern_progress *progress;
    struct pd_arena *arena;
};
/** The report lives as long as the checker, which the caller frees. Statuses as govern_read. */
PD_CHECK enum pd_status govern_check_run(const struct govern_check *check, struct source *source,
                                         struct standard_checker **out,
                                         const struct standard_report **report,
                                         struct pd_error *err);

/** A table that is believed: rows are found in it by `key`, which the other table calls `as`. */
struct govern_authority {
    struct source *source;
    pd_str key, as;
};
struct govern_repairs {
    struct standard_repairs repairs;
    crypto_hash content; /* of the source */
    struct standard_repairer *repairer;
    struct standard_authority *authority;
};
/** What could be done about what fails. believed: may be NULL. `out` is to be cleared. */
PD_CHECK enum pd_status govern_repairs_find(const struct govern_check *check, struct source *source,
                                            const struct govern_authority *believed,
                                            struct govern_repairs *out, struct pd_error *err);
void govern_repairs_clear(struct govern_repairs *repairs);
/** Carries out what is agreed, into a table of its own; the source stays as it is. `*content`: hash
 * of the source. PD_CONFLICT, PD_INVALID: a repair isn't right. */
PD_CHECK enum pd_status govern_repairs_apply(const struct govern_check *check,
                                             struct source *source,
                                             const struct standard_repairs *repairs,
                                             const char *spool_folder, struct source **mended,
                                             uint64_t *done, crypto_hash *content,
                                             struct pd_error *err);

/* ---- Governing a file ---- */

struct govern_declared {
    pd_str name, value; /* text, read by the registry */
};

/** Repairs that somebody agreed to: the table is governed as they make it, as a version that comes
 * from another one. */
struct govern_repair {
    pd_str standard; /* text of the standard */
    pd_str file;     /* text of the file of repairs */
    bool has_from;
    pd_id from; /* the version that was repaired; else the newest of the dataset with these bytes */
};

/** What repairs did, and where the table comes from. */
struct govern_mended {
    pd_str standard;                        /* its name */
    crypto_hash standard_hash, repair_hash; /* of both texts */
    pd_str from_version;                    /* id */
    pd_str agreed_by;                       /* member */
    uint64_t done;                          /* repairs carried out */
    const struct standard_report *was, *is; /* the same check before and after */
};

struct govern_request {
    pd_str verb; /* "open", "share", "store" */
    pd_str party, member;
    pd_str recipient;                   /* a party; share only, may be empty */
    pd_str title;                       /* UTF-8, 1..500 bytes */
    pd_str language;                    /* of the title: "en", "zh" */
    pd_str other_title, other_language; /* the same title in another language; both may be empty */
    pd_str purpose;
    pd_str basis;
    pd_str idempotency_key; /* may be empty */
    struct govern_form form;
    const struct govern_declared *declared;
    size_t declared_count;
    const struct govern_repair *repair; /* NULL: the table is governed as it is */
    /** A steward's own plan (JSON) instead of the one that is found: it may tighten, never loosen.
       Empty: the one that is found. */
    pd_str plan;
    bool records; /* records even where counts would be proposed */
};

/** One change that the plan makes, in words for people. */
struct govern_change {
    pd_str column;  /* empty: rows */
    pd_str what;    /* "dropped", "masked", "generalised to months", ... */
    pd_str because; /* ids of the policies whose remedy it is, comma-separated */
};

/* ---- What a plan costs ---- */

enum { GOVERN_CANDIDATES_MAX = 8, GOVERN_OTHERS_MAX = 16 };

/** One point of the curve of loss against risk. */
struct govern_candidate {
    uint64_t k;
    double loss;       /* mean over the quasi columns, 0 to 1 */
    double bound;      /* no plan loses less; `loss` if it is proven */
    double suppressed; /* share of the rows */
    double total;      /* 1 - (1 - loss)(1 - suppressed): what the curve is drawn of */
    double highest, mean; /* risk of a person, the average over all */
    bool is_proven;
    pd_str plan; /* at a node: the whole of it as JSON, to be given (govern_request.plan) */
};

/** Whether the release is of records or of counts, and why. */
struct govern_choice {
    enum govern_choice_why {
        GOVERN_NO_CHOICE, /* no groups are made, or the plan is somebody's own */
        GOVERN_RECORDS_LOSE_LITTLE,
        GOVERN_RECORDS_UNDER_AGREEMENT, /* they aren't for all to read */
        GOVERN_RECORDS_WANTED,          /* though they lose more than the limit: who asks says so */
        GOVERN_NO_COUNTS,               /* likewise: no counts would do */
        GOVERN_COUNTS                   /* records would lose more than the limit */
    } why;
    double records_loss, limit; /* shares */
};
const char *govern_choice_name(enum govern_choice_why why); /* "counts"; NULL: no choice */

/**
 * What a plan costs in use, column by column: the share of the information that told rows apart by it
 * which is lost, 0 to 1. By the entropy of the values where they were counted (quasi columns), else by
 * how many distinct values there are before and after; a column that leaves loses all.
 */
struct govern_cost {
    double loss;
    uint64_t distinct_before, distinct_after; /* as inspection estimates them */
    bool is_counted;                          /* by entropy */
};

/** How the risk of the output would be if one more column were known to whoever looks for a person. */
struct govern_other {
    size_t column; /* of the table as it came */
    uint64_t smallest;
    double unique_share, mean;
};

/** Everything between the question and the answer; what `--dry-run` shows. Lives in its arena. */
/** Whether the charter lets two members decide a release: who asks, and another who signs. */
enum govern_second { GOVERN_ONE_DECIDES, GOVERN_SECOND_MISSING, GOVERN_SECOND_IS_HERE };

struct govern_case {
    pd_id intent_id;
    const struct govern_request *request;
    const struct govern_mended *mended; /* NULL: the source is taken as it came */
    const struct govern_reading *before;
    const struct law_finding *finding; /* on the source as it is */
    bool has_plan;                     /* some plan lets the act take effect once it is signed */
    const struct protect_plan *plan;   /* perhaps without steps */
    const struct govern_change *changes;
    size_t change_count;
    const pd_str *attests; /* facts that the signing steward attests by signing ("is_personal") */
    size_t attest_count;
    enum govern_second second;               /* of a plan */
    const struct govern_reading *after;      /* of the output; NULL without plan */
    const struct law_finding *finding_after; /* with the plan, signed */
    uint64_t rows_suppressed;
    uint64_t rows_unsampled; /* that a sample left out */
    /* What the plan costs: per column of the table as it came; and of all of it, rows left out
       included: 1 - (1 - mean loss)(1 - share of rows left out). */
    const struct govern_cost *costs;
    double total_loss;
    struct govern_choice choice;
    /* The curve of which the plan that is found is the knee; none where it makes no groups. */
    struct govern_candidate candidates[GOVERN_CANDIDATES_MAX];
    size_t candidate_count, chosen;
    bool is_given; /* the plan is a steward's own: what was found stands in `candidates` */
    const struct govern_other *others;
    size_t other_count;
    const struct govern_origin
        *votes; /* behind rules that spoke (proposal.h): those that changed them last */
    size_t vote_count;
    /* what can't take effect yet, and whose it is, stands in finding(_after)->missing and
       undischarged obligations */
};

/** Members of an open object: "total_loss", "losses" per column, "candidates", "others", "sizes_before"
 * and "sizes_after": rows by the size of their group (to 0: or larger). Of a case with a
 * plan. */
void govern_curve_write(const struct govern_candidate *list, size_t count, size_t chosen,
                        struct pd_json *w);
void govern_others_write(const pd_str *names, const struct govern_other *others, size_t count,
                         struct pd_json *w);
void govern_cost_write(const struct govern_case *c, struct pd_json *w);

struct govern_run; /* a case in work: its arena, source, staged output */

/**
 * Inspects, asks the law, searches remedies. Changes nothing in the store.
 * intent: NULL, or the id of an open intent to go on with: its request and attested facts are used
 * (of `request`, which may be NULL, only `member` counts: who of the party goes on with it, if it
 * is not who asked; and `plan`); then the source's content must be what the intent was about.
 * PD_NOT_FOUND: no such party, member or intent; PD_INVALID; PD_LIMIT.
 */
PD_CHECK enum pd_status govern_prepare(struct govern *g, struct source *source,
                                       const struct govern_request *request, const pd_id *intent,
                                       const struct govern_progress *progress,
                                       struct govern_run **out, struct pd_error *err);
const struct govern_case *govern_run_case(const struct govern_run *run);
void govern_run_free(struct govern_run *run);

/** Whether the member may sign plans (has the duty "steward" for the party). */
PD_CHECK enum pd_status govern_may_sign(struct govern *g, pd_str party, pd_str member, bool *may,
                                        struct pd_error *err);

enum govern_result { GOVERN_DONE, GOVERN_DENIED, GOVERN_LEFT_OPEN };

/** Whether the plan changes something or attests something, which a steward must sign. */
bool govern_needs_signature(const struct govern_case *c);
/** What govern_effect does with the case, once its plan is signed. */
enum govern_result govern_expect(const struct govern_case *c);

/** A duty that is due after an act. */
enum govern_clock_state { GOVERN_CLOCK_DUE, GOVERN_CLOCK_MET, GOVERN_CLOCK_OVERDUE };
struct govern_clock {
    pd_id id, act_id; /* the act that started it */
    pd_str party; /* owes the duty: whose act it was, or who must answer the case that it raised */
    pd_str policy_id, obligation;
    pd_time starts_at;
    bool has_due;
    pd_time due;  /* from then on it is overdue */
    pd_str why;   /* there is a period but no date: why; else empty */
    bool is_keep; /* something is to be kept until `due`: then it is met by itself */
    bool is_met;
    pd_time met_at;
    pd_id met_by;  /* the act "answer" */
    bool is_noted; /* that it was overdue is on record */
    pd_time noted_at;
    enum govern_clock_state state;
};

struct govern_outcome {
    enum govern_result result;
    pd_id act_id, intent_id; /* intent_id zeroed: of no intent */
    pd_str receipt;          /* signed note */
    pd_str released_as;      /* open: path below the folder; else empty */
    struct govern_placed {   /* where the leaf came to stand; size 0: proof pending */
        enum ledger_log log;
        pd_str name; /* of the log: "public", "restricted/2026-11" */
        uint64_t index, size;
    } placed;
    const struct law_finding *finding; /* the fresh one, that took effect */
    const struct govern_clock *clocks; /* that this act started */
    size_t clock_count;
    pd_str pending; /* why the proof isn't public yet, or empty */
    bool repeated;  /* the idempotency key was known: this is the first receipt */
};

/**
 * The effect, or its refusal, through the doorway. `signed_by_member`: the steward has agreed to
 * the plan as shown (govern_may_sign); without it a case that needs a signature is left open. A
 * case whose finding is deny is recorded as denied. Facts or rules that changed since
 * govern_prepare are decided anew in the transaction; if that makes the plan insufficient,
 * PD_CONFLICT says what changed, and nothing has happened.
 */
PD_CHECK enum pd_status govern_effect(struct govern_run *run, bool signed_by_member,
                                      const struct govern_outcome **out, struct pd_error *err);

/* ---- Facts ---- */

struct govern_attestation {
    pd_id intent_id;
    pd_str name, value;
    pd_str party;
    pd_str private_key; /* text of the key file: PRIVATE+KEY+... */
    pd_str evidence;
    pd_time expires; /* 0: does not */
};
/**
 * Records a fact attested by a party, signed with its key; an act of its own (restricted log).
 * PD_NOT_FOUND; PD_DENIED: the key is not the party's, or the registry does not let it attest that
 * fact; PD_CONFLICT: the intent is not open.
 */
PD_CHECK enum pd_status govern_attest(struct govern *g,
                                      const struct govern_attestation *attestation,
                                      struct pd_arena *arena, const struct govern_outcome **out,
                                      struct pd_error *err);

/* ---- Clocks ---- */

/** "due", "met", "overdue". */
const char *govern_clock_state_name(enum govern_clock_state state);
/** All clocks of the node, or those overdue now, in the order in which they started; in `arena`. */
PD_CHECK enum pd_status govern_clocks(struct govern *g, bool only_overdue, struct pd_arena *arena,
                                      const struct govern_clock **out, size_t *count,
                                      struct pd_error *err);
/** One JSON object: clock, act, party, policy, obligation, due (or null and why), state, met. */
void govern_clock_write(const struct govern_clock *clock, struct pd_json *w);

struct govern_meeting {
    pd_id clock_id;
    pd_str party;
    pd_str private_key; /* text of the key file: PRIVATE+KEY+... */
    pd_str evidence;    /* 1 to 2,000 bytes: how the duty was met */
};
/**
 * Records that a duty was met, signed by the party that owes it; an act of its own (verb "answer",
 * restricted log). PD_NOT_FOUND: no such clock or party; PD_DENIED: another party's duty, or not
 * its key; PD_CONFLICT: it was met before, or is a duty to keep; PD_USAGE: no evidence.
 */
PD_CHECK enum pd_status govern_clock_meet(struct govern *g, const struct govern_meeting *meeting,
                                          struct pd_arena *arena, const struct govern_outcome **out,
                                          struct pd_error *err);

/* ---- Jobs ---- */

/**
 * Runs at most `limit` jobs that are due: a duty that became overdue is recorded so, once, and its
 * case escalated. For whoever holds the node for writing. Errors are those of the store; what
 * failed stands in the list of jobs and is tried again.
 */
PD_CHECK enum pd_status govern_run_jobs(struct govern *g, uint64_t limit, struct job_tally *tally,
                                        struct pd_error *err);

#include "govern/attack.h"
#include "govern/backups.h"
#include "govern/dossier.h"
#include "govern/erasing.h"
#include "govern/keys.h"
#include "govern/may.h"
#include "govern/proof.h"
#include "govern/raising.h"
#include "govern/register.h"
#include "govern/replay.h"
#include "govern/request.h"

/* Last, since it speaks of all of the above. */
#include "govern/ballot.h"
#include "govern/catalogue.h"
#include "govern/plan.h"
#include "govern/proposal.h"

#endif
