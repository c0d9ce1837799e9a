/**
 * job/: what is to be done later, durably. A job is a row: of a kind, about a subject, due at a
 * moment. It is added in the transaction of what makes it necessary, claimed with a lease by
 * whoever holds the node for writing, run, and done; what fails is tried again, each time later.
 *
 * Running must be repeatable. A process that dies between doing a job and saying so leaves it to be
 * run again when its lease ends: it finds then that there is nothing left to do.
 */
#ifndef POLDER_JOB_H
#define POLDER_JOB_H

#include "store/store.h"

enum {
    JOB_ATTEMPTS_MAX = 12,  /* then it is given up, as failed: a person must look */
    JOB_LEASE_SECONDS = 300 /* longer than any job takes */
};

enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED };
const char *job_state_name(enum job_state state); /* "waiting", ... */

struct job {
    pd_id id;
    pd_str kind, subject;
    pd_time due;
    enum job_state state;
    uint64_t attempts; /* that failed or were cut off */
    pd_str last_error; /* or empty */
};

/**
 * Adds a job, once for ever: if there is or was one of that kind and subject, nothing happens.
 * Inside the transaction of what makes it necessary. kind, subject: 1 to 128 bytes.
 */
PD_CHECK enum pd_status job_add(struct store *store, const char *kind, pd_str subject, pd_time due,
                                pd_time now, struct pd_error *err);

/**
 * The same for what is to be done again and again: a job that waits, is done or was given up is due
 * at that moment; one that runs stays as it is, and looks for itself whether there is more to do.
 */
PD_CHECK enum pd_status job_wake(struct store *store, const char *kind, pd_str subject, pd_time due,
                                 pd_time now, struct pd_error *err);

/** What can be run. */
struct job_kind {
    const char *name;
    /**
     * Does it, or finds that it is done. `*again` (0 before the call): a moment at which it is to
     * be run again, which is no failure. Anything but PD_OK is one, and its sentence is kept.
     */
    enum pd_status (*run)(void *context, pd_str subject, pd_time now, pd_time *again,
                          struct pd_error *err);
};

struct job_tally {
    uint64_t done, postponed, failed; /* failed ones will be tried again, unless given up */
    uint64_t given_up;
};
/**
 * Runs what is due, the oldest first, at most `limit` jobs. A job that fails costs the others
 * nothing. One of a kind that isn't in the list is put off for a day: a newer program may know it.
 * Errors are those of the store; those of jobs stand in their rows.
 */
PD_CHECK enum pd_status job_run_due(struct store *store, const struct job_kind *kinds, size_t count,
                                    void *context, const struct pd_clock *clock, uint64_t limit,
                                    struct job_tally *tally, struct pd_error *err);

/** The same for one kind, whose name holds a dot ("upload.inspect"): job_run_due leaves such kinds
 * alone, for what takes long has a thread of its own. */
PD_CHECK enum pd_status job_run_kind(struct store *store, const struct job_kind *kind,
                                     void *context, const struct pd_clock *clock, uint64_t limit,
                                     struct job_tally *tally, struct pd_error *err);

/** All jobs, or those that aren't done, by when they are due; in `arena`. */
PD_CHECK enum pd_status job_list(struct store *store, bool with_done, struct pd_arena *arena,
                                 const struct job **out, size_t *count, struct pd_error *err);

#endif
