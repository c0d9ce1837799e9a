/**
 * What the files of `polder verify` share: one task each, taken by whichever thread is free. Never
 * leaves the folder.
 */
#ifndef POLDER_GOVERN_VERIFY_IMPL_H
#define POLDER_GOVERN_VERIFY_IMPL_H

#include "govern/shard.h"
#include "govern/statement.h"

struct json_t;

enum {
    VERIFY_FLAWS_MAX = 1000,
    VERIFY_RULES_KEPT = 4,
    VERIFY_FINDINGS_KEPT = 512,
    VERIFY_RECEIPT_KEYS_MAX = 32
};

/** What one thread has: a store handle of its own, and what it found. */
struct verifier {
    struct govern *g;
    const struct govern_verify_options *options;
    struct pd_arena *arena;           /* lives until the end: flaws */
    struct pd_arena *scratch;         /* of one row or act */
    struct govern_verified found;     /* its own counts; no logs */
    struct govern_verified_log *logs; /* shared: each log's task fills one */
    const struct govern_log *log_names;
    struct govern_flaw *flaws, *remarks; /* VERIFY_FLAWS_MAX of each */
    struct pd_buf buf;                   /* reused for each row */
    struct verify_rules { /* the sets used last, so that each is loaded once or nearly so */
        char id[GOVERN_HEX_SIZE];
        struct law_rules *rules;
        bool is_own;   /* to be freed */
        char why[256]; /* rules NULL: why they can't be used */
        uint64_t used_at;
    } rules[VERIFY_RULES_KEPT];
    uint64_t uses;
    struct verify_findings *findings;                          /* verify_findings.c */
    struct ledger_vkey receipt_vkeys[VERIFY_RECEIPT_KEYS_MAX]; /* all that ever signed receipts */
    size_t receipt_vkey_count;
    struct ledger_promises_seen promises;
    bool has_receipt_vkeys;
};

/** A part of the work. */
struct verify_task {
    enum pd_status (*run)(struct verifier *v, const struct verify_task *task, struct pd_error *err);
    pd_str after, until; /* ids: after < id <= until */
    size_t which;        /* governed table, or log */
};

/** One flaw more; text as printf. `check` is one of the words of struct govern_flaw. */
PD_PRINTF(4, 5)
void verify_flaw(struct verifier *v, const char *check, pd_str where, const char *format, ...);
/** What is no flaw, but should be known. */
PD_PRINTF(4, 5)
void verify_remark(struct verifier *v, const char *check, pd_str where, const char *format, ...);
/** Each row that the query gives is a flaw of the same kind; its first column says where. */
PD_CHECK enum pd_status verify_none_of(struct verifier *v, struct sql sql,
                                       const struct store_value *values, size_t count,
                                       const char *check, const char *what, struct pd_error *err);

/* ---- verify_keys.c ---- */

enum verify_key { VERIFY_KEY_OPENS, VERIFY_KEY_DESTROYED, VERIFY_KEY_FLAWED };
/** Whether the key store opens the key; flaws are told once a row, of the row `where`. `out` may be
 * NULL. */
PD_CHECK enum pd_status verify_key(struct verifier *v, pd_str id, pd_str where,
                                   struct store_key *out, enum verify_key *state,
                                   struct pd_error *err);
/** Task: keys of the logs and of the receipts are those that sign. */
enum pd_status verify_signers(struct verifier *v, const struct verify_task *task,
                              struct pd_error *err);

/** Task: what an act destroyed is gone from the key store as well. */
enum pd_status verify_destroyed(struct verifier *v, const struct verify_task *task,
                                struct pd_error *err);

/* ---- verify_rows.c ---- */

/** Task: rows of one governed table are what acts wrote, all of them, and no others. */
enum pd_status verify_rows(struct verifier *v, const struct verify_task *task,
                           struct pd_error *err);
/** Task: what acts wrote is in governed tables; the database file is sound in itself. */
enum pd_status verify_database(struct verifier *v, const struct verify_task *task,
                               struct pd_error *err);

/* ---- verify_acts.c, verify_findings.c ---- */

/** Task: leaf, receipt, record, plan, finding and clocks of each act. */
enum pd_status verify_acts(struct verifier *v, const struct verify_task *task,
                           struct pd_error *err);

/** An act as its row says, with its record read. */
struct verify_act {
    pd_str id, verb, party, outcome, facts_hash, rules_hash;
    pd_id act;
    pd_time at;
    const struct ledger_leaf *leaf; /* NULL: it can't be read */
    const struct store_key *key;
    pd_str record; /* plain */
    struct record_parts parts;
};
/** Makes the finding again, of the case and facts in `parts`; `*finding` NULL: it can't be, which
 * was told. Lives in the scratch arena. */
PD_CHECK enum pd_status verify_finding(struct verifier *v, const struct verify_act *a,
                                       const struct json_t *parts,
                                       const struct law_finding **finding,
                                       const struct law_rules **rules, struct pd_error *err);
void verify_findings_free(struct verify_findings *findings);

/* ---- verify_clocks.c ---- */

/** The clocks of a range of acts, beside them. */
struct verify_clocks {
    struct store_rows *rows;
    bool has;
};
PD_CHECK enum pd_status verify_clocks_open(struct verifier *v, const struct verify_task *task,
                                           struct verify_clocks *out, struct pd_error *err);
/** Those of the next act: each duty of the finding has its clock, and no other has one. is_decided:
 * false if the finding can't be made again, so that nothing is known of what it left; finding NULL:
 * there was none. */
PD_CHECK enum pd_status verify_clocks_next(struct verifier *v, struct verify_clocks *clocks,
                                           const struct verify_act *a, bool is_decided,
                                           const struct law_finding *finding,
                                           const struct law_rules *rules, struct pd_error *err);
/** Task: duties met and overdue are acts. */
enum pd_status verify_clock_states(struct verifier *v, const struct verify_task *task,
                                   struct pd_error *err);

/* ---- verify_vkeys.c ---- */

/** Files that say who signs: PATH with the key in use, PATHs with every one since the beginning. */
struct verify_vkeys {
    const char *check; /* the word for flaws */
    pd_str log;        /* with whose checkpoints the files are published */
    pd_str holder, current;
    pd_str path;      /* below ledger/ */
    bool is_required; /* the first of them; nodes of before lack others */
};
/** That they are what the database says; or, as long as the log has something to be published, that
 * they name keys that the holder had. */
PD_CHECK enum pd_status verify_vkeys(struct verifier *v, const struct verify_vkeys *of,
                                     struct pd_error *err);

/* ---- verify_logs.c, verify_files.c ---- */

/** Task: leaves, tree, checkpoint and tiles of one log, and what this machine saw of it before. */
enum pd_status verify_log(struct verifier *v, const struct verify_task *task, struct pd_error *err);
/** Task: no anchor was forgotten. */
enum pd_status verify_anchors(struct verifier *v, const struct verify_task *task,
                              struct pd_error *err);
/** Task: what witnesses cosigned is this log's. */
enum pd_status verify_witnessed(struct verifier *v, const struct verify_task *task,
                                struct pd_error *err);
/** Task: the vault and what was released. */
enum pd_status verify_files(struct verifier *v, const struct verify_task *task,
                            struct pd_error *err);

#endif
