/**
 * witness/: a witness of transparency logs (C2SP tlog-witness). It needs no node: a folder with a
 * key, and for each log that it watches the checkpoint that it cosigned last.
 *
 *     DIR/witness.key    the cosigning key (0600)   DIR/witness.vkey   its public half
 *     DIR/lock           held by the one that serves
 *     DIR/logs/<hex of SHA-256 of the origin>/
 *         log            origin and keys ("logs/v0")
 *         checkpoint     the last one cosigned, with the cosignature; "none" before the first
 *         forks/         signed statements that contradict each other, both kept
 *
 * A cosignature is given out only after the checkpoint that it is about is on disk, compared and
 * replaced in one step. So no two forks are ever cosigned, whenever the machine stops. What isn't
 * there or doesn't verify is an error, never an empty log: a witness that forgot is no witness, and
 * a folder brought back from a backup must get a new key.
 */
#ifndef POLDER_WITNESS_H
#define POLDER_WITNESS_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "ledger/ledger.h"

struct witness;

/** Makes the folder and a key named `name`; `*vkey` in `arena`. PD_CONFLICT: there is a witness. */
PD_CHECK enum pd_status witness_init(const char *folder, pd_str name, struct pd_arena *arena,
                                     pd_str *vkey, struct pd_error *err);
/**
 * Opens it; with `to_serve` as the only one (holder: what a second one is told). Every log's state
 * is read and verified, so that damage is told at the start. PD_NOT_FOUND; PD_CONFLICT: another
 * serves; PD_DENIED: the key is open to other users; PD_INTERNAL: a file is damaged.
 */
PD_CHECK enum pd_status witness_open(const char *folder, bool to_serve, const char *holder,
                                     struct witness **out, struct pd_error *err);
void witness_close(struct witness *witness); /* NULL is fine */
pd_str witness_name(const struct witness *witness);
pd_str witness_vkey(const struct witness *witness);

/**
 * Watches a log from now on, or accepts another key of one that is watched. Works while another
 * process serves. PD_INVALID: origin or key; PD_CONFLICT: it has that key already.
 */
PD_CHECK enum pd_status witness_add_log(struct witness *witness, pd_str origin, pd_str vkey,
                                        struct pd_error *err);

/** A log that is watched. */
struct witness_log {
    pd_str origin;
    bool is_cosigned;
    uint64_t size;
    crypto_hash root;
    uint64_t time;   /* of the last cosignature, POSIX seconds */
    size_t forks;    /* statements kept that prove a fork */
    size_t unproven; /* that didn't follow from what was cosigned */
    pd_str folder;   /* where they are */
};
PD_CHECK enum pd_status witness_logs(struct witness *witness, struct pd_arena *arena,
                                     const struct witness_log **out, size_t *count,
                                     struct pd_error *err);

/** What is answered to a request. */
struct witness_answer {
    enum ledger_verdict verdict;
    bool is_fork; /* statements were kept */
    pd_str origin;
    pd_str body;         /* LEDGER_COSIGN: cosignature lines; LEDGER_STALE: the size */
    struct pd_error why; /* else */
};
/**
 * POST add-checkpoint. now_s: POSIX seconds; the time of a cosignature never goes backwards. From
 * any thread. What this returns, unless PD_OK, is about the witness itself (disk full): no
 * cosignature.
 */
PD_CHECK enum pd_status witness_add_checkpoint(struct witness *witness, pd_str body, uint64_t now_s,
                                               struct pd_arena *arena, struct witness_answer *out,
                                               struct pd_error *err);
/** GET <hex>/checkpoint: the last one cosigned. PD_NOT_FOUND: no such log, or none yet. */
PD_CHECK enum pd_status witness_checkpoint(struct witness *witness, pd_str hex,
                                           struct pd_arena *arena, pd_str *note,
                                           struct pd_error *err);

#endif
