/**
 * govern/: the shell in which people do things to data by acts. One file per noun; act.c is the
 * doorway that everything passes (DESIGN, "The one idea").
 *
 * A `struct govern` is an open node: its store, its rules in force, its logs. Functions here do no
 * printing and ask nobody; faces (cli/, later http/) do.
 */
#ifndef POLDER_GOVERN_H
#define POLDER_GOVERN_H

#include "base/base.h"
#include "inspect/inspect.h"
#include "law/law.h"
#include "ledger/ledger.h"
#include "protect/protect.h"
#include "source/source.h"
#include "store/store.h"

/* ---- The node ---- */

struct govern;

/** A party and the members who act for it, as given when a node is made. */
struct govern_party {
    pd_str id;      /* 1..128 bytes, no control characters, '/' or ':' */
    pd_str chamber; /* government enterprise industry public */
    pd_str kind;    /* as struct law_party */
    pd_str country; /* ISO 3166-1 alpha-2 */
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
void govern_close(struct govern *g);
const struct law_rules *govern_rules(const struct govern *g);
struct store *govern_store(const struct govern *g);

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
        uint64_t line;
        size_t fields;
    } set_aside[GOVERN_SET_ASIDE_SHOWN]; /* the first ones */
    size_t set_aside_shown;
    crypto_hash content;      /* SHA-256 of the bytes as read */
    size_t quasi_columns;     /* the inspection's; of an output also those that were quasi before */
    bool has_risk;            /* there are quasi columns and rows */
    struct protect_risk risk; /* over the quasi columns, nothing protected */
};

/** Detectors of the site's own for every reading of this node's; they outlive it. */
void govern_use_detectors(struct govern *g, const struct detect_site *site);

/** Called now and then on long files: bytes done, bytes in all. */
struct govern_progress {
    void (*tell)(void *context, const char *doing, uint64_t done, uint64_t size);
    void *context;
};

/** Reads the whole source (twice if it has quasi columns). site: detectors of the site's own, NULL:
 * none; they outlive the reading. Errors of source/ and table/ name the file. */
PD_CHECK enum pd_status govern_read(struct source *source, pd_time now,
                                    const struct detect_site *site,
                                    const struct govern_progress *progress, struct pd_arena *arena,
                                    const struct govern_reading **out, struct pd_error *err);

/* ---- Governing a file ---- */

struct govern_declared {
    pd_str name, value; /* text, read by the registry */
};

struct govern_request {
    pd_str verb; /* "open", "share", "store" */
    pd_str party, member;
    pd_str recipient; /* a party; share only, may be empty */
    pd_str title;     /* UTF-8, 1..500 bytes */
    pd_str language;  /* of the title: "en", "zh" */
    pd_str purpose;
    pd_str basis;
    pd_str idempotency_key; /* may be empty */
    const struct govern_declared *declared;
    size_t declared_count;
};

/** One change that the plan makes, in words for people. */
struct govern_change {
    pd_str column;  /* empty: rows */
    pd_str what;    /* "dropped", "masked", "generalised to months", ... */
    pd_str because; /* ids of the policies whose remedy it is, comma-separated */
};

/** Everything between the question and the answer; what `--dry-run` shows. Lives in its arena. */
struct govern_case {
    pd_id intent_id;
    const struct govern_request *request;
    const struct govern_reading *before;
    const struct law_finding *finding; /* on the source as it is */
    bool has_plan;                     /* some plan lets the act take effect once it is signed */
    const struct protect_plan *plan;   /* perhaps without steps */
    const struct govern_change *changes;
    size_t change_count;
    const pd_str *attests; /* facts that the signing steward attests by signing ("is_personal") */
    size_t attest_count;
    const struct govern_reading *after;      /* of the output; NULL without plan */
    const struct law_finding *finding_after; /* with the plan, signed */
    uint64_t rows_suppressed;
    /* what can't take effect yet, and whose it is, stands in finding(_after)->missing and
       undischarged obligations */
};

struct govern_run; /* a case in work: its arena, source, staged output */

/**
 * Inspects, asks the law, searches remedies. Changes nothing in the store.
 * intent: NULL, or the id of an open intent to go on with: its request and attested facts are used
 * (of `request`, which may be NULL, only `member` counts: who of the party goes on with it, if it
 * is not who asked); then the source's content must be what the intent was about. PD_NOT_FOUND: no
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
    pd_str party;     /* whose act it was: it owes the duty */
    pd_str policy_id, obligation;
    pd_time starts_at;
    bool has_due;
    pd_time due;  /* from then on it is overdue */
    pd_str why;   /* there is a period but no date: why; else empty */
    bool is_keep; /* something is to be kept until `due`: then it is met by itself */
    bool is_met;
    pd_time met_at;
    pd_id met_by; /* the act "answer" */
    enum govern_clock_state state;
};

struct govern_outcome {
    enum govern_result result;
    pd_id act_id, intent_id;
    pd_str receipt;        /* signed note */
    pd_str released_as;    /* open: path below the folder; else empty */
    struct govern_placed { /* where the leaf came to stand; size 0: proof pending */
        enum ledger_log log;
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

/* ---- Acts and the ledger ---- */

/** What is recorded of an act or an intent, as JSON for people and machines. PD_NOT_FOUND. */
PD_CHECK enum pd_status govern_act_write(struct govern *g, pd_id id, struct pd_json *w,
                                         struct pd_error *err);
/** The source and request of an open intent, so that a face can open the source again. */
PD_CHECK enum pd_status govern_intent_source(struct govern *g, pd_id intent, struct pd_arena *arena,
                                             pd_str *path, struct pd_error *err);

/** Gives indices to new leaves, signs the checkpoint, publishes tiles, releases the outbox. */
PD_CHECK enum pd_status govern_integrate(struct govern *g, struct pd_error *err);

/** One thing that is not as it should be. */
struct govern_flaw {
    pd_str where, what;
};
struct govern_verified {
    struct {
        uint64_t leaves;
        uint64_t pending;
        crypto_hash root;
    } logs[2]; /* by enum ledger_log */
    uint64_t acts, rows, files;
    const struct govern_flaw *flaws;
    size_t flaw_count;
};
/**
 * Checks the whole node: every act has its leaf and the reverse, rows are what their acts wrote,
 * trees, checkpoints and tiles agree, vault files and released files are whole. PD_OK also with
 * flaws.
 */
PD_CHECK enum pd_status govern_verify(struct govern *g, struct pd_arena *arena,
                                      const struct govern_verified **out, struct pd_error *err);

/** A .tlog-proof (C2SP) of the act's inclusion, and the leaf's bytes. PD_NOT_FOUND; PD_UNAVAILABLE:
 * pending. */
PD_CHECK enum pd_status govern_prove(struct govern *g, pd_id act, struct pd_arena *arena,
                                     pd_str *proof, pd_str *leaf, struct pd_error *err);
/** Consistency proof between two sizes of a log, one base64 hash a line. */
PD_CHECK enum pd_status govern_prove_growth(struct govern *g, enum ledger_log log, uint64_t from,
                                            uint64_t to, struct pd_arena *arena, pd_str *proof,
                                            struct pd_error *err);
/** Leaves [from, from + count) of a log, each as {index, leaf}; and the newest checkpoint.
    from UINT64_MAX: the last ones. */
PD_CHECK enum pd_status govern_log_write(struct govern *g, enum ledger_log log, uint64_t from,
                                         uint64_t count, struct pd_json *w, struct pd_error *err);

#endif
