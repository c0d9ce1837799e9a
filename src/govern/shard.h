/**
 * The restricted log's shards: which one an act's leaf goes to (shard.c), what the public log is
 * told of them (anchor.c), and how they are pruned (prune.c, prune_held.c). Never leaves the
 * folder.
 */
#ifndef POLDER_GOVERN_SHARD_H
#define POLDER_GOVERN_SHARD_H

#include "govern/govern_impl.h"

enum { SHARD_NAME_SIZE = 24 }; /* "restricted/2026-11" and its end */

/** A period of the restricted log: [starts, ends), UTC. */
struct shard_period {
    char name[SHARD_NAME_SIZE];
    pd_time starts, ends;
};
/** months: 1, 3, 6 or 12; another number counts as the next smaller one of these. */
struct shard_period shard_period_of(pd_time at, int64_t months);
/** `months` later, the same day and time; of a day that the month lacks, its last one. */
pd_time shard_add_months(pd_time at, int64_t months);

/** How long a shard is kept after its end, by the rules in force. */
int64_t shard_keep_months(const struct govern *g);

/* ---- anchor.c ---- */

/** What the public log was told of a shard. */
struct shard_anchor {
    pd_str act;
    uint64_t size;
    crypto_hash root;
    pd_str checkpoint; /* signed note of that size */
    pd_time at;
};
/** All of a log, the smallest first; in `arena`. */
PD_CHECK enum pd_status shard_anchors(struct govern *g, pd_str log, struct pd_arena *arena,
                                      const struct shard_anchor **out, size_t *count,
                                      struct pd_error *err);
/** The anchor's row is what its leaf in the public log says, and the checkpoint with it is of that
 * tree. PD_INTERNAL says what isn't so. */
PD_CHECK enum pd_status shard_anchor_check(struct govern *g, const struct integrate_log *log,
                                           const struct shard_anchor *anchor,
                                           struct pd_arena *arena, struct pd_error *err);
/** The kind of job JOBS_ANCHOR. */
enum pd_status shard_run_anchor(void *context, pd_str subject, pd_time now, pd_time *again,
                                struct pd_error *err);
/** The party that founded the node: whose the acts are that the node does by itself. */
PD_CHECK enum pd_status shard_find_keeper(struct govern *g, struct pd_arena *arena, pd_str *out,
                                          struct pd_error *err);

/* ---- prune.c ---- */

/** Destroys the keys of what was pruned, and removes the shard's tiles; again after a crash. */
PD_CHECK enum pd_status shard_clear_pruned(struct govern *g, pd_str name, struct pd_arena *arena,
                                           struct pd_error *err);
/** The kind of job JOBS_PRUNE, which does that. */
enum pd_status shard_run_prune(void *context, pd_str subject, pd_time now, pd_time *again,
                               struct pd_error *err);

/** The newest act that took something from the log: how many of its acts stayed. PD_INTERNAL: what
 * it says of the log's size and root isn't so. */
PD_CHECK enum pd_status shard_pruning_find(struct govern *g, const struct integrate_log *log,
                                           uint64_t *held, bool *found, struct pd_arena *arena,
                                           struct pd_error *err);

#endif
