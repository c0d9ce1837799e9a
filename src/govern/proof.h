/** What is recorded of acts, and its proof: the ledger, its witnesses, verifying the whole node. */
#ifndef POLDER_GOVERN_PROOF_H
#define POLDER_GOVERN_PROOF_H

#include "govern/govern.h"

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
    const char *check; /* "row" "act" "leaf" "receipt" "record" "finding" "clock" "log" "seen"
                          "file" "key" "rules" "database" */
    pd_str where, what;
};

struct govern_verify_options {
    unsigned threads;     /* 0: two; each reads the node with a handle of its own */
    const char *database; /* where it has moved to, as govern_open_at; else NULL */
    bool without_keys; /* a restored record without its keys: what is sealed can't be looked at */
    /** Signed checkpoints of the node's logs that were seen before, on this machine or elsewhere.
     */
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
        pd_str fork; /* a seen checkpoint that the log has left behind or never had; else no data */
    } * logs;        /* as govern_logs */
    size_t log_count;
    uint64_t acts, rows, files, keys, receipts, findings, clocks;
    uint64_t unread; /* findings whose record's key was destroyed by an act, or that older programs
                        did not keep whole */
    const struct govern_flaw *flaws; /* the first thousand */
    size_t flaw_count;
    uint64_t further_flaws;
    const struct govern_flaw *remarks; /* that are no flaws */
    size_t remark_count;
};
/**
 * Checks the whole node, part by part, and goes on behind what is wrong: rows are what acts wrote,
 * acts have their leaves and the reverse, receipts are signed, records open and are what leaves
 * commit to, findings follow again from facts and rules, clocks from findings; trees, checkpoints,
 * tiles and what was seen before agree; vault, released files and keys are whole. options: may be
 * NULL. `g` is only read, also when it was opened for writing. PD_OK also with flaws.
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

#endif
