/**
 * Witnesses of the public log: the policy that says which count (witnessed_policy.c), what they
 * said (witnessed_state.c), asking them (witnessed_ask.c). Never leaves the folder.
 *
 * Two hooks in the integrator: witnessed_may_sign before anything is signed or published, and
 * witnessed_wake after a checkpoint was, which leaves a job. Work never stops for a witness.
 */
#ifndef POLDER_GOVERN_WITNESSED_H
#define POLDER_GOVERN_WITNESSED_H

#include "govern/govern_impl.h"

/* ---- The integrator's hooks ---- */

/**
 * Whether the public log, of `size` leaves now, may be signed and published. PD_INTERNAL: a fork
 * was shown. PD_CONFLICT: a larger tree of this log was witnessed, so that this is an older copy of
 * the node. Both say what to do.
 */
PD_CHECK enum pd_status witnessed_may_sign(struct govern *g, uint64_t size, struct pd_error *err);
/** Leaves a job to send the checkpoint just published, if there is a policy. In a transaction. */
PD_CHECK enum pd_status witnessed_wake(struct govern *g, struct pd_error *err);
/** The kind of job JOBS_WITNESS. */
enum pd_status witnessed_run(void *context, pd_str subject, pd_time now, pd_time *again,
                             struct pd_error *err);

/* ---- witnessed_state.c ---- */

/** A row of witness_state; zeroed for a witness that was never asked. */
struct witnessed_row {
    uint64_t size;
    pd_str line;
    uint64_t time;
    pd_time asked_at, failed_at;
    pd_str last_error;
};
PD_CHECK enum pd_status witnessed_row_find(struct govern *g, pd_str vkey, struct pd_arena *arena,
                                           struct witnessed_row *out, struct pd_error *err);
PD_CHECK enum pd_status witnessed_row_save(struct govern *g, pd_str vkey,
                                           const struct witnessed_row *row, struct pd_error *err);

enum witnessed_kind { WITNESSED_QUORUM, WITNESSED_SHOWN };
/** The largest of its kind. size 0: none. */
PD_CHECK enum pd_status witnessed_largest(struct govern *g, enum witnessed_kind kind,
                                          struct pd_arena *arena, uint64_t *size,
                                          pd_str *checkpoint, struct pd_error *err);
/** Replaces a smaller one. */
PD_CHECK enum pd_status witnessed_note(struct govern *g, enum witnessed_kind kind, uint64_t size,
                                       pd_str checkpoint, struct pd_error *err);
/** The quorum's checkpoint as the file ledger/public/witnessed has it; both may be ahead of each
 * other after a restore. Size 0: no file. PD_INTERNAL: damaged, or of another log. */
PD_CHECK enum pd_status witnessed_file_read(struct govern *g, struct pd_arena *arena, pd_str *out,
                                            struct pd_error *err);
PD_CHECK enum pd_status witnessed_file_size(struct govern *g, uint64_t *size, struct pd_error *err);
PD_CHECK enum pd_status witnessed_file_write(struct govern *g, pd_str checkpoint,
                                             struct pd_error *err);

/**
 * For verifying a node: what is wrong with the witnessed checkpoint, in the database or in its
 * file: a signature that doesn't hold, or another tree than the log's. Empty: nothing, or there is
 * none.
 */
PD_CHECK enum pd_status witnessed_check(struct govern *g, struct pd_arena *arena, pd_str *what,
                                        struct pd_error *err);

/** Both statements, once. */
PD_CHECK enum pd_status witnessed_fork_save(struct govern *g, pd_str witness, pd_str ours,
                                            pd_str theirs, struct pd_error *err);

#endif
