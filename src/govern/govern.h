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
/** Commits and integrates what waits; NULL is fine. Others must have stopped asking. */
void govern_writer_close(struct govern_writer *w);

const struct law_rules *govern_rules(const struct govern *g);
/** The packs of law that the node was founded with, comma-separated; borrowed. */
pd_str govern_jurisdiction(const struct govern *g);
struct store *govern_store(const struct govern *g);
/** How far the machine's clock was behind the newest act when the last act was made: it got that act's
 * time. 0: it wasn't. */
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
    const struct govern_attacks *attacks; /* of what is to be opened; NULL: there was nothing to learn */
    const struct inspect_relations *relations; /* how columns go together; NULL: not asked for */
};

/** Detectors of the site's own for every reading of this node's; they outlive it. */
void govern_use_detectors(struct govern *g, const struct detect_site *site);

/** Called now and then on long files: bytes done, bytes in all. */
struct govern_progress {
    void (*tell)(void *context, const char *doing, uint64_t done, uint64_t size);
    void *context;
    /** Of the search for the least loss: combinations counted, of so many (0: nobody knows). NULL is
       fine. */
    void (*tell_search)(void *context, uint64_t checked, uint64_t nodes);
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
};
/** PD_USAGE says which word is wrong and what it may be. form: NULL means that nothing is given. */
PD_CHECK enum pd_status govern_form_parse(const struct govern_form *form, struct table_dialect *out,
                                          struct pd_error *err);

/** Reads the whole source (twice if it has quasi columns, or is long JSON; once more if deep). form: may be NULL.
 * site: detectors of the site's own, NULL: none; they outlive the reading. sketch: what
 * inspector_save writes is appended there, NULL: it isn't wanted. Errors of source/ and table/ name
 * the file. */
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
    pd_str recipient; /* a party; share only, may be empty */
    pd_str title;     /* UTF-8, 1..500 bytes */
    pd_str language;  /* of the title: "en", "zh" */
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
};

/** One change that the plan makes, in words for people. */
struct govern_change {
    pd_str column;  /* empty: rows */
    pd_str what;    /* "dropped", "masked", "generalised to months", ... */
    pd_str because; /* ids of the policies whose remedy it is, comma-separated */
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
    enum govern_second second; /* of a plan */
    const struct govern_reading *after;      /* of the output; NULL without plan */
    const struct law_finding *finding_after; /* with the plan, signed */
    uint64_t rows_suppressed;
    uint64_t rows_unsampled; /* that a sample left out */
    const struct govern_origin *votes; /* behind rules that spoke (proposal.h): those that changed them last */
    size_t vote_count;
    /* what can't take effect yet, and whose it is, stands in finding(_after)->missing and
       undischarged obligations */
};

struct govern_run; /* a case in work: its arena, source, staged output */

/**
 * Inspects, asks the law, searches remedies. Changes nothing in the store.
 * intent: NULL, or the id of an open intent to go on with: its request and attested facts are used
 * (of `request`, which may be NULL, only `member` counts: who of the party goes on with it, if it
 * is not who asked; and `plan`); then the source's content must be what the intent was about. PD_NOT_FOUND: no
 * such party, member or intent; PD_INVALID; PD_LIMIT.
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

/* ---- Cases: raised by somebody, to be answered by a responsible party ---- */

struct govern_raising {
    pd_str kind; /* "access", "demand", "objection", "correction", "withdrawal", "incident" */
    pd_str party, member;
    pd_str dataset;     /* id or title of one of the node; may be empty */
    pd_str responsible; /* party; empty: the dataset's */
    pd_str subject;     /* what it is about: 1 to 4,000 bytes */
    const struct govern_declared *declared, *attested;
    size_t declared_count, attested_count;
    pd_str private_key; /* text of the party's key file; needed for attested facts, else may be
                           empty */
    pd_str evidence;    /* of the attested facts: 1 to 2,000 bytes */
};
/**
 * Raises a case: an act of the raising party, in the restricted log, whose duties (to answer within
 * a period) the responsible party owes. What the law refuses is recorded as a denial
 * (GOVERN_DENIED, and
 * `*id` is not set).
 * PD_OPEN says which facts are missing, and records nothing; PD_NOT_FOUND; PD_USAGE; PD_INVALID;
 * PD_DENIED: not the party's key, or no right to attest; PD_CONFLICT: several datasets of that
 * title.
 */
PD_CHECK enum pd_status govern_case_raise(struct govern *g, const struct govern_raising *raising,
                                          struct pd_arena *arena, pd_id *id,
                                          const struct govern_outcome **out, struct pd_error *err);

/** What the law says of raising it, without acting: what is missing, what it rests on. Errors as
 * above, but PD_OPEN. */
PD_CHECK enum pd_status govern_case_ask(struct govern *g, const struct govern_raising *raising,
                                        struct pd_arena *arena, const struct law_finding **out,
                                        struct pd_error *err);

enum govern_case_move { GOVERN_CASE_ANSWER, GOVERN_CASE_REFUSE, GOVERN_CASE_WITHDRAW };
struct govern_moving {
    enum govern_case_move move;
    pd_id case_id;
    pd_str party, member;
    pd_str private_key; /* text of the party's key file; answer and refuse need it */
    pd_str text;        /* the answer, the reasons: 1 to 4,000 bytes; to withdraw it may be empty */
    pd_str ground,
        appeal; /* refuse only: the statutory ground, and the way to appeal; 1 to 1,000 bytes */
};
/**
 * Answers, refuses or withdraws a case. An answer and a refusal are decisions: of the responsible
 * party, by a member who is its owner or steward, signed with its key; they meet the duty to
 * answer. A withdrawal, by who raised it, ends all duties of the case. PD_NOT_FOUND; PD_DENIED: not
 * theirs to do, or not the key; PD_CONFLICT: it is decided; PD_USAGE.
 */
PD_CHECK enum pd_status govern_case_move(struct govern *g, const struct govern_moving *moving,
                                         struct pd_arena *arena, const struct govern_outcome **out,
                                         struct pd_error *err);

struct govern_raised {
    pd_id id, act_id;   /* the act that raised it */
    pd_str kind, state; /* "raised", "answered", "refused", "withdrawn", "escalated" */
    pd_str party, responsible;
    const pd_str *answerable; /* members of the responsible party: its owners, else its stewards */
    size_t answerable_count;
    pd_str dataset, dataset_title; /* empty: of none; the title is a language map */
    pd_time raised_at;
    const struct govern_clock *clocks; /* duties of the case */
    size_t clock_count;
    bool is_overdue; /* one of them is, and the case is undecided */
    const struct govern_entry {
        pd_id act_id;
        pd_str step, state, party, member;
        pd_time at;
        bool is_erased; /* the key of its text was destroyed */
        pd_str text, ground, appeal;
    } * entries; /* the thread, in its order */
    size_t entry_count;
};
/** All cases of the node, or the one of that id (PD_NOT_FOUND), in the order they were raised. */
PD_CHECK enum pd_status govern_cases(struct govern *g, const pd_id *id, struct pd_arena *arena,
                                     const struct govern_raised **out, size_t *count,
                                     struct pd_error *err);
/** One JSON object. */
void govern_case_write(const struct govern_raised *raised, struct pd_json *w);

/* ---- Keys ---- */

/**
 * A key under which signatures of this node or of a party are verified, or the node key. holder:
 * "log/NAME", "receipts", "party/ID", "node".
 */
struct govern_key {
    pd_str id; /* of the key store; of a party's or the node's key of its row; may be empty */
    pd_str holder;
    pd_str vkey; /* of the node key its fingerprint */
    pd_time since;
    bool is_current;
    pd_time replaced_at;          /* 0: it wasn't */
    bool has_sizes;               /* a log's: */
    uint64_t from_size, to_size;  /* the first and the last checkpoint that it signed */
    bool signs;                   /* it still does */
    pd_time destroyed_at;         /* 0: it wasn't */
    pd_str destroyed_by, made_by; /* acts; empty: none, and act 0 */
};
/** A key that opens what is sealed: of a version, of a record. */
struct govern_sealing {
    pd_id id;
    pd_str purpose;
    pd_time made_at;
    bool is_destroyed;
    pd_time destroyed_at;
    pd_str destroyed_by;
};
struct govern_keys {
    const struct govern_key *keys; /* by holder, then in time */
    size_t key_count;
    const struct govern_sealing *sealing; /* with those that were destroyed */
    size_t sealing_count;
};
PD_CHECK enum pd_status govern_keys_list(struct govern *g, struct pd_arena *arena,
                                         const struct govern_keys **out, struct pd_error *err);
/** The verifier key with which a party signed at a moment: whatever it signed then stays
 * verifiable. PD_NOT_FOUND: no such party, or it had none. */
PD_CHECK enum pd_status govern_party_vkey(struct govern *g, pd_str party, pd_time at,
                                          struct pd_arena *arena, pd_str *vkey,
                                          struct pd_error *err);

struct govern_rotation {
    pd_str holder;
    pd_str party, member; /* who does it: of a party's key that party */
    pd_str private_key;   /* text of the party's key file */
};
struct govern_rotated {
    pd_str holder, old_id, old_vkey, vkey;
    pd_str file; /* a party's: where its new key was written, below the folder; else empty */
    const struct govern_outcome *outcome;
    pd_str unfinished; /* what will be done at the next opening, and why not now; else empty */
};
/**
 * Puts another key in the place of one: an act in the public log whose leaf holds the new verifier
 * key. A log's old key signs along until it is destroyed. PD_USAGE: no such holder; PD_NOT_FOUND;
 * PD_DENIED: no right, or not the party's key; PD_CONFLICT.
 */
PD_CHECK enum pd_status govern_key_rotate(struct govern *g, const struct govern_rotation *rotation,
                                          struct pd_arena *arena, const struct govern_rotated **out,
                                          struct pd_error *err);

/** What can't be read any more without a key. */
struct govern_loss {
    pd_id key;
    pd_str purpose;
    const struct govern_lost {
        const char *kind; /* "version", "distribution", "act", "intent", "fact", "duty", "case",
                             "request", "repairs", "log", "receipts"; of a key of pseudonyms
                             "pseudonyms" (it), "pseudonymised" (distributions, which stay) */
        pd_str id, name;
        uint64_t rows;
    } * lost;
    size_t lost_count;
    size_t files;      /* in the vault */
    bool is_disclosed; /* one of the distributions is public: its released file stays */
};
/** id: of the key, or of the version, distribution, act, intent or case entry that it seals.
 * PD_NOT_FOUND: there is no such thing; PD_CONFLICT: destroyed already (says by which act and
 * when), or in use as a signing key. */
PD_CHECK enum pd_status govern_key_loss(struct govern *g, pd_id id, struct pd_arena *arena,
                                        const struct govern_loss **out, struct pd_error *err);

struct govern_destruction {
    pd_id id; /* ask: what govern_key_loss takes; agree, withdraw: the request */
    pd_str party, member;
    pd_str private_key;
    pd_str reason; /* ask: 1 to 2,000 bytes */
};
/** Asks for a key to be destroyed, by a member with a duty: nothing is lost yet. */
PD_CHECK enum pd_status govern_key_ask(struct govern *g, const struct govern_destruction *asked,
                                       struct pd_arena *arena, pd_id *request,
                                       const struct govern_outcome **out, struct pd_error *err);
/** What a request is about; and how it stands ("asked", "done", "withdrawn"). */
struct govern_key_request {
    pd_id id;
    pd_str kind, party, member, state, reason;
    pd_time asked_at;
    const struct govern_loss *loss; /* NULL: it ended, or is about a person */
};
PD_CHECK enum pd_status govern_key_request_find(struct govern *g, pd_id id, struct pd_arena *arena,
                                                const struct govern_key_request **out,
                                                struct pd_error *err);
/**
 * Another party agrees, and the key is destroyed: an act, after which every proof stands and what
 * the key sealed is gone, backups included. PD_DENIED: the same party, no right, not its key;
 * PD_CONFLICT: it ended, or the key is in use by now.
 */
PD_CHECK enum pd_status govern_key_agree(struct govern *g, const struct govern_destruction *agreed,
                                         struct pd_arena *arena, const struct govern_outcome **out,
                                         struct pd_error *err);

/* ---- Erasing a person ---- */

struct govern_erasing {
    const pd_str *identifiers; /* of the person: numbers, telephones, addresses of e-mail */
    size_t identifier_count;
    pd_str dataset; /* id or title; empty: all */
    pd_str party, member, private_key;
    pd_str reason;                       /* ask: 1 to 2,000 bytes */
    const struct govern_declared *facts; /* ask: the ground, as "consent_withdrawn", and others */
    size_t fact_count;
};
/** A stored file that holds the person. */
struct govern_held {
    pd_str id; /* of the distribution; or of the version, if it is the original */
    pd_str version, dataset, party, title;
    bool is_original;
    pd_str disclosed_to; /* "public", or a party; empty: an original */
    pd_str released_as;
    uint64_t rows_in_all;
    const uint64_t *rows; /* of the person: 0-based, ascending */
    size_t row_count;
    const pd_str *columns; /* in which identifiers were found when it was stored */
    size_t column_count;
};
/**
 * Where a person is: every stored file, in whose source identifiers were recognised, that has a row
 * with one of these. Reads each index of persons once. PD_USAGE: what was given are no identifiers
 * (errors never repeat them).
 */
PD_CHECK enum pd_status govern_erase_find(struct govern *g, const struct govern_erasing *erasing,
                                          struct pd_arena *arena, const struct govern_held **out,
                                          size_t *count, struct pd_error *err);
/**
 * Asks for a person to be erased from what the party holds: an act, whose record seals the
 * identifiers. PD_NOT_FOUND: nobody holds them, or only others do; PD_DENIED: no right, not the
 * key, or the law forbids it; PD_OPEN: the law misses facts.
 */
PD_CHECK enum pd_status govern_erase_ask(struct govern *g, const struct govern_erasing *erasing,
                                         struct pd_arena *arena, pd_id *request,
                                         const struct govern_outcome **out, struct pd_error *err);

/** What became of one file. */
struct govern_erased {
    pd_str old_id, new_id; /* new_id empty: nothing took its place, see why */
    pd_str title, released_as, why;
    uint64_t rows_removed, for_k, rows_left; /* for_k: of the removed, those of small classes */
    const struct govern_outcome *outcome;
};
/**
 * Another party agrees. For each file an act "delete": a new version without the rows, under a key
 * of its own, takes the place of the old one, whose key is destroyed. A release that the law
 * wouldn't permit any more is withdrawn. The last act destroys the request, too. If it is cut off,
 * agreeing again goes on. Statuses as govern_key_agree.
 */
PD_CHECK enum pd_status govern_erase_agree(struct govern *g,
                                           const struct govern_destruction *agreed,
                                           struct pd_arena *arena, const struct govern_erased **out,
                                           size_t *count, struct pd_error *err);
/** Where the person of a request is, for whoever is to agree. */
PD_CHECK enum pd_status govern_erase_request(struct govern *g, pd_id request,
                                             struct pd_arena *arena, pd_str *party, pd_str *reason,
                                             const struct govern_held **out, size_t *count,
                                             struct pd_error *err);

/* ---- Acts and the ledger ---- */

/** What is recorded of an act or an intent, as JSON for people and machines. PD_NOT_FOUND. */
PD_CHECK enum pd_status govern_act_write(struct govern *g, pd_id id, struct pd_json *w,
                                         struct pd_error *err);
/** The source and request of an open intent, so that a face can open the source again. */
PD_CHECK enum pd_status govern_intent_source(struct govern *g, pd_id intent, struct pd_arena *arena,
                                             pd_str *path, struct pd_error *err);

/**
 * Gives indices to all new leaves, signs a checkpoint of each log that grew (one signature for up
 * to 4,096 leaves), publishes tiles, releases the outbox. Time and memory are those of what is new,
 * however large the logs are.
 *
 * One process at a time holds the office of the integrator (govern_stand). Where another one holds
 * it, this does nothing and is PD_OK. May be called by any thread or process with a `struct govern`
 * of its own, never inside a transaction. Whatever fails is done by the next call.
 */
PD_CHECK enum pd_status govern_integrate(struct govern *g, struct pd_error *err);

/**
 * Stands for the office of the integrator, and keeps it until govern_stand_down, govern_close or
 * the end of the process, however that comes; somebody who stands again and again has it at most
 * seconds later. `*is_elected`: held now (asking again renews the certainty). With SQLite whoever
 * holds the folder for writing has it. PD_UNAVAILABLE: the database can't be asked.
 */
PD_CHECK enum pd_status govern_stand(struct govern *g, bool *is_elected, struct pd_error *err);
void govern_stand_down(struct govern *g);

/** What integrating has made durable, in this order. */
enum govern_step {
    GOVERN_STEP_SWAPPED,    /* indices and the signed checkpoint are in the database */
    GOVERN_STEP_FILE,       /* a tile, a bundle or a key is on the disk */
    GOVERN_STEP_TILES,      /* all of them are */
    GOVERN_STEP_CHECKPOINT, /* the checkpoint file is */
    GOVERN_STEP_PUBLISHED   /* the database knows that it is */
};
/** Has a function told of each step, for measuring and for tests; NULL: no more. */
void govern_watch_integration(struct govern *g,
                              void (*watch)(void *context, enum govern_step step, pd_str log),
                              void *context);

/** A log of the node: the public one, or a shard of the restricted one. */
struct govern_log {
    enum ledger_log log;
    pd_str name;   /* "public", "restricted/2026-11" */
    pd_str folder; /* below ledger/ */
    pd_str origin, vkey;
    uint64_t size;
    bool is_newest;             /* of its kind */
    pd_time starts_at, ends_at; /* of a shard's acts; ends_at 0: no end */
    bool is_anchored;           /* the public log says where it stood */
    uint64_t anchored;          /* with how many leaves, the last time */
    pd_time anchored_at;
    pd_time pruned_at; /* 0: its leaves are here */
};
/** "restricted/2026-11" -> "2026-11"; of the public log empty. */
pd_str govern_shard_of(pd_str log);
/** The public log first, then the shards in the order in which they end; in `arena`. */
PD_CHECK enum pd_status govern_logs(struct govern *g, struct pd_arena *arena,
                                    const struct govern_log **out, size_t *count,
                                    struct pd_error *err);
/** One of them by its name; "restricted" is the newest shard. PD_NOT_FOUND names those that there
 * are. */
PD_CHECK enum pd_status govern_log_find(struct govern *g, pd_str name, struct pd_arena *arena,
                                        const struct govern_log **out, struct pd_error *err);

/** A shard as the public log was told of it. */
struct govern_anchored {
    pd_id act;
    pd_str log;
    uint64_t size, before; /* leaves now; leaves that were anchored before */
    crypto_hash root;
};
/**
 * Tells the public log where each shard with new leaves stands: an act "anchor" each, whose leaf
 * has the shard's origin, size and root. From then on nobody can drop or change those leaves
 * unseen. The job of each day does the same. In `arena`; none if there is nothing new.
 */
PD_CHECK enum pd_status govern_anchor(struct govern *g, struct pd_arena *arena,
                                      const struct govern_anchored **out, size_t *count,
                                      struct pd_error *err);

/** What a pruning removed, or would remove. */
struct govern_pruned {
    pd_str log;
    uint64_t size; /* of the shard, as the public log was told */
    crypto_hash root;
    uint64_t removed;   /* acts that went, with their leaves and sealed records */
    uint64_t held;      /* that stay: others depend on them, or a duty runs */
    uint64_t released;  /* acts of shards that were pruned before, which nothing holds any more */
    pd_time kept_until; /* when the retention ended */
    pd_id act;
    pd_str receipt; /* signed note */
    pd_str pending; /* why the proof isn't public yet, or empty */
};
/**
 * Prunes a shard of the restricted log by an act `prune` in the public one: removes its acts but
 * for those that something lasting, a running duty or an undecided matter depends on, with their
 * leaves, sealed records, keys, and the shard's tiles. Its checkpoint stays, and each leaf that
 * stays keeps its proof. `name`: as govern_log_find. is_rehearsal: nothing is changed, and act and
 * receipt aren't set. PD_NOT_FOUND; PD_USAGE: the public log; PD_CONFLICT, with the reason: the
 * retention isn't over, it is the newest shard, it was pruned, no anchor covers it, leaves are
 * pending.
 */
PD_CHECK enum pd_status govern_prune(struct govern *g, pd_str name, bool is_rehearsal,
                                     struct pd_arena *arena, const struct govern_pruned **out,
                                     struct pd_error *err);

/* ---- Witnesses of the public log ---- */

/** Which witnesses count, and how they may be asked. */
struct govern_policy {
    pd_id act; /* that enacted it */
    pd_str text;
    crypto_hash hash; /* of the text; stands in the act's leaf */
    bool may_http, may_private;
    pd_time set_at;
    const struct ledger_policy *policy;
};
PD_CHECK enum pd_status govern_policy_find(struct govern *g, struct pd_arena *arena,
                                           struct govern_policy *out, bool *found,
                                           struct pd_error *err);

struct govern_policy_setting {
    pd_str party, private_key; /* text of ledger_skey_write */
    pd_str text;               /* C2SP tlog-policy; must name this node's public log */
    bool may_http, may_private;
};
/** Enacts a policy, in the place of the one before. PD_INVALID: it isn't one, or nobody could be
 * asked by it; as govern_clock_meet. */
PD_CHECK enum pd_status govern_policy_set(struct govern *g,
                                          const struct govern_policy_setting *given,
                                          struct pd_arena *arena, const struct govern_outcome **out,
                                          struct pd_error *err);

/**
 * Asks the witnesses of the policy to cosign the newest published checkpoint of the public log: all
 * at once, at most some seconds. is_hurried: those that cosigned it already, or failed a moment
 * ago, are left alone.
 *
 * In three parts for a server, so that nobody waits for a witness: govern_witness_ask reads with a
 * handle of its own and asks (`*out` NULL: there is no policy, or nothing to ask about), and
 * govern_witness_save writes what came of it. Both statuses: PD_OPEN: the quorum isn't there yet;
 * PD_INTERNAL: a fork was shown, PD_CONFLICT: a larger tree than ours was; both stop signing.
 */
struct govern_round;
PD_CHECK enum pd_status govern_witness_ask(struct govern *reader, bool is_hurried,
                                           struct pd_arena *arena, struct govern_round **out,
                                           struct pd_error *err);
PD_CHECK enum pd_status govern_witness_save(struct govern *writer, const struct govern_round *round,
                                            struct pd_error *err);
/** Both. */
PD_CHECK enum pd_status govern_witness(struct govern *g, bool is_hurried, struct pd_error *err);
/** Asks each witness to show the last checkpoint that it cosigned, without sending one: what
 * contradicts this copy of the log is kept. For a copy that was just restored. */
PD_CHECK enum pd_status govern_witness_look(struct govern *g, struct pd_arena *arena,
                                            struct pd_error *err);

/**
 * The largest size of the public log that is known to have been witnessed: below it nothing is
 * signed. ask: look at the witnesses before (govern_witness_look); those that don't answer count
 * for nothing. After a restore: what is missing is that minus the log's size.
 */
PD_CHECK enum pd_status govern_witnessed_size(struct govern *g, bool ask, struct pd_arena *arena,
                                              uint64_t *size, struct pd_error *err);

/** How it stands. */
struct govern_witnessing {
    bool has_policy;
    struct govern_policy policy;
    uint64_t size, published; /* of the public log */
    uint64_t witnessed;       /* the largest with a quorum; 0: none */
    pd_str checkpoint;        /* that one, with its cosignatures; or empty */
    bool holds;               /* under the policy in force */
    pd_str why_stopped;       /* nothing is signed any more; or empty */
    size_t count;             /* of the policy's witnesses, in its order */
    struct govern_witness_state {
        pd_str name, url;
        uint64_t size;    /* the last one that it cosigned, as far as we know; 0: none */
        uint64_t time;    /* of that cosignature, POSIX seconds; 0: we don't have it */
        pd_time asked_at; /* 0: never */
        pd_str last_error;
    } * witnesses;
    size_t fork_count;
    const struct govern_fork {
        pd_str witness;
        pd_str ours, theirs; /* signed notes that contradict each other */
        pd_time noted_at;
    } * forks;
};
PD_CHECK enum pd_status govern_witnessing(struct govern *g, struct pd_arena *arena,
                                          struct govern_witnessing *out, struct pd_error *err);
PD_CHECK enum pd_status govern_forks(struct govern *g, struct pd_arena *arena,
                                     const struct govern_fork **out, size_t *count,
                                     struct pd_error *err);

/** One thing that is not as it should be. */
struct govern_flaw {
    const char *check; /* "row" "act" "leaf" "receipt" "record" "finding" "clock" "log" "seen" "file" "key" "rules"
                          "database" */
    pd_str where, what;
};

struct govern_verify_options {
    unsigned threads; /* 0: two; each reads the node with a handle of its own */
    const char *database; /* where it has moved to, as govern_open_at; else NULL */
    bool without_keys;    /* a restored record without its keys: what is sealed can't be looked at */
    /** Signed checkpoints of the node's logs that were seen before, on this machine or elsewhere. */
    const pd_str *seen;
    size_t seen_count;
    const struct govern_progress *progress; /* may be NULL */
};

struct govern_verified {
    const struct govern_verified_log {
        pd_str name, origin, vkey;
        pd_str checkpoint; /* newest, signed; no data: it doesn't hold */
        uint64_t leaves;   /* in its tree */
        uint64_t pending;
        crypto_hash root;
        uint64_t anchors;  /* in the public log, all of which its tree bears out */
        uint64_t anchored; /* leaves that the newest of them covers */
        bool is_pruned;
        uint64_t held; /* leaves of a pruned shard that are still here, each proven */
        bool is_whole; /* nothing in it is flawed: the checkpoint may be kept as seen */
        pd_str fork;   /* a seen checkpoint that the log has left behind or never had; else no data */
    } * logs;          /* as govern_logs */
    size_t log_count;
    uint64_t acts, rows, files, keys, receipts, findings, clocks;
    uint64_t unread; /* findings whose record's key was destroyed by an act, or that older programs did not keep whole */
    const struct govern_flaw *flaws; /* the first thousand */
    size_t flaw_count;
    uint64_t further_flaws;
    const struct govern_flaw *remarks; /* that are no flaws */
    size_t remark_count;
};
/**
 * Checks the whole node, part by part, and goes on behind what is wrong: rows are what acts wrote, acts have their leaves and
 * the reverse, receipts are signed, records open and are what leaves commit to, findings follow again from facts and rules,
 * clocks from findings; trees, checkpoints, tiles and what was seen before agree; vault, released files and keys are whole.
 * options: may be NULL. `g` is only read, also when it was opened for writing. PD_OK also with flaws.
 */
PD_CHECK enum pd_status govern_verify(struct govern *g, const struct govern_verify_options *options,
                                      struct pd_arena *arena, const struct govern_verified **out,
                                      struct pd_error *err);
/** Opens a node to be verified: as govern_open for reading, also if its rules don't load. */
PD_CHECK enum pd_status govern_open_to_verify(const char *folder, const char *database,
                                              const struct pd_clock *clock, struct govern **out,
                                              struct pd_error *err);

/** Where the leaf of an act stands; in `arena`. PD_NOT_FOUND. */
PD_CHECK enum pd_status govern_place(struct govern *g, pd_id act, struct pd_arena *arena,
                                     struct govern_placed *out, struct pd_error *err);
/** A .tlog-proof (C2SP) of the act's inclusion, and the leaf's bytes. PD_NOT_FOUND; PD_UNAVAILABLE:
 * pending. */
PD_CHECK enum pd_status govern_prove(struct govern *g, pd_id act, struct pd_arena *arena,
                                     pd_str *proof, pd_str *leaf, struct pd_error *err);
/** The same by the newest checkpoint, whatever witnesses say of it. */
PD_CHECK enum pd_status govern_prove_unwitnessed(struct govern *g, pd_id act,
                                                 struct pd_arena *arena, pd_str *proof,
                                                 pd_str *leaf, struct pd_error *err);
/** From an act in a shard of the restricted log to the public one, for whoever has the public log's
 * key and nothing else: texts in the arena. */
struct govern_two_steps {
    pd_str proof, leaf;               /* that the act's leaf is in the shard, as it was anchored */
    pd_str anchor_proof, anchor_leaf; /* that the anchor is in the public log */
};
/** PD_NOT_FOUND; PD_UNAVAILABLE: pending, or not anchored yet; PD_USAGE: an act of the public log.
 */
PD_CHECK enum pd_status govern_prove_anchored(struct govern *g, pd_id act, struct pd_arena *arena,
                                              struct govern_two_steps *out, struct pd_error *err);
/** Consistency proof between two sizes of a log, one base64 hash a line. */
PD_CHECK enum pd_status govern_prove_growth(struct govern *g, pd_str log, uint64_t from,
                                            uint64_t to, struct pd_arena *arena, pd_str *proof,
                                            struct pd_error *err);
/** Leaves [from, from + count) of a log, each as {index, leaf}; and the newest checkpoint.
    from UINT64_MAX: the last ones. */
PD_CHECK enum pd_status govern_log_write(struct govern *g, pd_str log, uint64_t from,
                                         uint64_t count, struct pd_json *w, struct pd_error *err);

/* ---- Backups, restoring, upgrades ---- */

struct govern_backup_order {
    const char *to;     /* folder of the backups */
    const char *keys;   /* folder of the keys' own backup; NULL: none is made */
    uint64_t keys_days; /* for how long that may be used */
    uint64_t keep;      /* forget all but so many of the newest; 0: none */
};
enum { GOVERN_MISSING_SHOWN = 20 };
struct govern_backed_up {
    pd_str name;
    struct backup_tally tally;
    uint64_t acts;
    bool is_signed;       /* else the node lacks the key that signs receipts */
    size_t kept_count;    /* files that the vault lost, and an older backup had */
    size_t missing_count; /* files that the database names and nobody has */
    const pd_str *missing; /* the first of them: addresses */
    const struct backup_keys *keys; /* NULL: not saved */
    size_t forgotten;
    struct backup_tally freed;
};
/**
 * Backs up a node that was opened for reading, while another process may write. PD_USAGE: the
 * places lie within each other; PD_DENIED: they hold another node's; else as backup_open. On
 * failure the older backups are as they were.
 */
PD_CHECK enum pd_status govern_backup(struct govern *g, const struct govern_backup_order *order,
                                      struct pd_arena *arena, const struct govern_backed_up **out,
                                      struct pd_error *err);

/** A log that is shorter here than a checkpoint of it that was signed, or isn't that one. */
struct govern_gap {
    pd_str log;
    uint64_t have, known; /* leaves; equal if the trees differ */
};
/** Compares the logs with the checkpoints that lie in the folder. None: nothing is missing. */
PD_CHECK enum pd_status govern_find_gaps(struct govern *g, struct pd_arena *arena,
                                         const struct govern_gap **out, size_t *count,
                                         struct pd_error *err);

struct govern_restore_order {
    const char *from;
    const char *keys, *node_key; /* folder of the keys' backup, file of the node key; or NULL */
    const char *to;
    const char *database; /* of PostgreSQL, empty: where the tables are to be; NULL: in `to` */
    pd_str at;                    /* name of the backup; empty: the newest */
    const pd_str *witnessed;      /* checkpoints (texts of signed notes) that others hold */
    size_t witnessed_count;
    bool asks_no_witness; /* else those of the node's policy are asked, if there are keys */
    bool accepts_flaws;
};
struct govern_restored {
    pd_str name, origin;
    pd_time made_at;
    uint64_t acts, files;
    uint64_t keys, keys_destroyed; /* loaded; of them destroyed again */
    bool has_keys;
    bool is_signed; /* the manifest, by the node's key */
    int64_t schema_from, schema_to;
    size_t unreleased; /* published files that stay sealed: their keys are gone */
    const struct govern_gap *gaps;
    size_t gap_count;
    const struct govern_verified *verified;
    bool is_in_place;
    /* The newest checkpoint that each witness of the node's policy showed. */
    struct govern_restore_witness {
        pd_str name, url; /* url: that was asked */
        bool has_answered;
        uint64_t size; /* 0: it never cosigned one */
        pd_str why;    /* it has not */
    } * witnesses;
    size_t witness_count;
};
/**
 * Restores a backup into a folder that is empty or not there, and verifies it before it counts:
 * until then it lies in `to`/restoring. With flaws, unless they are accepted, nothing is left of it
 * (PD_OK, !is_in_place). PD_DENIED: of another node, keys that expired or of another node key, a
 * signature that doesn't hold; PD_INTERNAL: the backup is damaged; PD_INVALID: the folder holds
 * something, or a witnessed checkpoint is of no log of the node; PD_UNAVAILABLE: so many witnesses
 * don't answer that they are a quorum, and `witnessed` names nothing.
 */
PD_CHECK enum pd_status govern_restore(const struct govern_restore_order *order,
                                       const struct pd_clock *clock, struct pd_arena *arena,
                                       const struct govern_restored **out, struct pd_error *err);

struct govern_upgraded {
    int64_t from, to; /* versions of the schema */
    uint64_t acts;
    pd_time took_migrating, took_verifying; /* microseconds, by the machine's clock */
    const struct govern_verified *verified; /* NULL: there was nothing to do */
    bool is_undone;                         /* flaws were found, and the database is as before */
};
/**
 * Brings a node's database up to this program's schema, verifies it, and goes back if that finds
 * flaws (unless they are accepted). is_rehearsal: does so with a copy, which is thrown away; a
 * writer may work on meanwhile. database: as govern_open_at; PostgreSQL knows neither rehearsal nor
 * going back (PD_UNSUPPORTED says what to do), so there must be a backup.
 */
PD_CHECK enum pd_status govern_upgrade(const char *folder, const char *database, bool is_rehearsal, bool accepts_flaws,
                                       const char *holder, const struct pd_clock *clock,
                                       struct pd_arena *arena, const struct govern_upgraded **out,
                                       struct pd_error *err);
/** Puts the database from before the last upgrade back. PD_CONFLICT: acts were made since, which
 * would be lost, and how many. */
PD_CHECK enum pd_status govern_upgrade_back(const char *folder, const char *database,
                                            const char *holder,
                                            const struct pd_clock *clock, int64_t *from,
                                            int64_t *to, struct pd_error *err);
/* ---- The dossier ---- */

/** For whom: the public, or an auditor to whom the node opens all that it committed to. */
enum govern_audience { GOVERN_FOR_PUBLIC, GOVERN_FOR_AUDIT };
/**
 * All that stands behind an act, in one file that can be checked without this node (docs/reference/dossier.md): its leaf with
 * proof and checkpoint, receipt, the case with its facts, plan and risks as the leaf commits to them, the finding, the rules and
 * how they came into force, the charter with the keys; signed by the node. Canonical JSON.
 *
 * object: an act, dataset, version or distribution: of the last three the act that made the newest version. For the public the
 * member, evidence, attestations and recipient stay closed.
 * PD_NOT_FOUND; PD_DENIED: for the public, and the act isn't public, or a rule reads what must stay closed; PD_UNAVAILABLE:
 * proof pending; PD_INVALID: the act asked no law, so that nothing stands behind it; PD_INTERNAL: what is recorded doesn't hold.
 */
PD_CHECK enum pd_status govern_dossier(struct govern *g, pd_id object,
                                       enum govern_audience audience, struct pd_arena *arena,
                                       pd_str *out, struct pd_error *err);

/** An audit dossier, and who gets it. */
struct govern_dossier_given {
    pd_str party, member; /* who takes it from the node, and answers for it */
    pd_str recipient;     /* to whom they hand it, in words, at most 200 bytes; may be empty */
};
/**
 * A dossier for audit, as an act: it opens what the node keeps closed. The rules of access decide
 * (read_acts, of what the public doesn't know of the act); the act stands when this returns, and
 * only then may a byte be handed out. PD_DENIED: the rules refuse; and as govern_dossier, of which
 * nothing is recorded.
 */
PD_CHECK enum pd_status govern_dossier_give(struct govern *g, pd_id object,
                                            const struct govern_dossier_given *given,
                                            struct pd_arena *arena, pd_str *out,
                                            const struct govern_outcome **outcome,
                                            struct pd_error *err);

/* ---- Jobs ---- */

/**
 * Runs at most `limit` jobs that are due: a duty that became overdue is recorded so, once, and its
 * case escalated. For whoever holds the node for writing. Errors are those of the store; what
 * failed stands in the list of jobs and is tried again.
 */
PD_CHECK enum pd_status govern_run_jobs(struct govern *g, uint64_t limit, struct job_tally *tally,
                                        struct pd_error *err);

/* ---- Recorded findings, made again ---- */

/** Whether, and why not, the case of a recorded finding can be read. */
enum govern_unread {
    GOVERN_READ,
    GOVERN_ERASED,   /* the key of the record was destroyed */
    GOVERN_OLD,      /* recorded by a Polder that did not keep all of it */
    GOVERN_NO_RULES, /* the rules that were in force then don't load in this program */
    GOVERN_DAMAGED   /* the record, or the rules, are not what was written */
};
const char *govern_unread_name(enum govern_unread unread); /* "erased", ... */

/** How two findings of one case differ. Views live as long as the arena they were made in. */
struct govern_difference {
    pd_str from, to;                      /* outcomes */
    const struct govern_said {            /* policies that spoke in one of them only */
        pd_str policy, role, exempted_by; /* as in a finding */
        bool is_gained;                   /* in the later one */
    } * said;
    size_t said_count;
    const struct govern_owed { /* likewise obligations */
        pd_str policy, obligation;
        bool is_discharged, is_gained;
    } * owed;
    size_t owed_count;
};

/** A finding that could not be made again. */
struct govern_unread_act {
    pd_id act;
    pd_str verb, why;
    enum govern_unread unread;
};

struct govern_replayed {
    uint64_t findings, equal, rules; /* rules: how many sets were loaded */
    const struct govern_differing {
        pd_id act;
        pd_str verb, rules;
        struct govern_difference difference;
    } * differing; /* in the order of the acts */
    size_t differing_count;
    const struct govern_unread_act *unread;
    size_t unread_count;
    size_t damaged_count; /* of the unread ones */
};
/**
 * Makes every recorded finding again, from the facts that were stored with it, at its moment, under
 * the rules that its act names. Equal: the same outcome, policies and obligations. Writes nothing.
 * PD_OK also when findings differ.
 */
PD_CHECK enum pd_status govern_replay(struct govern *g, struct pd_arena *arena,
                                      const struct govern_replayed **out, struct pd_error *err);

struct govern_impact_question {
    const struct law_rules *from, *to;
    pd_time at; /* 0: each case at its own moment; else all of them then */
};
struct govern_impact {
    uint64_t cases, same;
    const struct govern_changed {
        pd_id act;
        pd_str verb, party;
        struct govern_difference difference;
    } * changed; /* in the order of the acts */
    size_t changed_count;
    /** The changes, those of one kind together: those of the outcome first, then the frequent ones.
     */
    const struct govern_shift {
        const struct govern_difference *what; /* of the first of them; its duties aside */
        const size_t *cases;                  /* indices into `changed` */
        size_t count;
    } * shifts;
    size_t shift_count;
    const struct govern_duty_shift {
        const struct govern_owed *what;
        const size_t *cases;
        size_t count;
    } * duties;
    size_t duty_count;
    const struct govern_unread_act *unread;
    size_t unread_count;
};
/** Decides every recorded case under two sets of rules. Writes nothing. */
PD_CHECK enum pd_status govern_impact(struct govern *g,
                                      const struct govern_impact_question *question,
                                      struct pd_arena *arena, const struct govern_impact **out,
                                      struct pd_error *err);

/** What stands between recorded requests and their data. */
struct govern_blocks {
    struct govern_extent {
        size_t cases, datasets;
        uint64_t rows;            /* of those datasets, each once, as measured last */
    } waiting;                    /* denials and open intents that nothing has settled since */
    struct govern_extent passing; /* of these: what the law of today lets pass already */
    size_t denials, intents;      /* of the waiting ones */
    const struct govern_block {
        enum govern_block_kind {
            GOVERN_BY_ARTICLE,   /* a policy refuses */
            GOVERN_BY_FACT,      /* a fact is missing that somebody can supply */
            GOVERN_BY_CHANGE,    /* the data must be changed before */
            GOVERN_BY_SIGNATURE, /* a plan waits for its steward */
        } kind;
        pd_str name;  /* policy, fact, obligation, party */
        pd_str value; /* of a fact: the one that unlocks most, as text */
        const struct law_fact_kind *fact;
        const struct law_voice *article;
        const pd_str *policies; /* that ask for it */
        size_t policy_count;
        struct govern_extent blocked, unlocked; /* if this one thing were supplied */
        const pd_id *acts;                      /* of the blocked cases */
        const bool *is_unlocked;                /* for each of them */
    } * blocks;                                 /* what unlocks most first, then what blocks most */
    size_t block_count;
    const struct govern_unread_act *unread;
    size_t unread_count;
};
/**
 * Decides every denial and open intent anew under the rules in force now, with what was attested
 * since, and once more for each single thing that stands in its way, as if that were supplied. The
 * data itself isn't read again: what was measured then stands. Writes nothing.
 */
PD_CHECK enum pd_status govern_unlock(struct govern *g, struct pd_arena *arena,
                                      const struct govern_blocks **out, struct pd_error *err);

#include "govern/attack.h"
#include "govern/may.h"
#include "govern/register.h"
#include "govern/request.h"

/* Last, since it speaks of all of the above. */
#include "govern/ballot.h"
#include "govern/catalogue.h"
#include "govern/plan.h"
#include "govern/proposal.h"

#endif
