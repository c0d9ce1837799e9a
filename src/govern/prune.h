/**
 * What the two files of pruning share (prune.c, prune_held.c). Never leaves the folder.
 */
#ifndef POLDER_GOVERN_PRUNE_H
#define POLDER_GOVERN_PRUNE_H

#include "govern/shard.h"

/* ---- prune_held.c: inside the transaction of the pruning ---- */

/** Fills `prunable` with the acts of the shard that may go, and with those that earlier prunings
 * left and that may go now. */
PD_CHECK enum pd_status prune_find(struct govern *g, pd_str log, struct pd_arena *arena,
                                   struct pd_error *err);
/** Keeps with each leaf of the shard that stays its proof of inclusion. PD_INTERNAL: a tile is
 * damaged, or a leaf. */
PD_CHECK enum pd_status prune_keep_proofs(struct govern *g, const struct integrate_log *log,
                                          struct pd_arena *arena, struct pd_error *err);
/** Removes the acts in `prunable` with all that goes with them; their keys are put on the list of
 * those to be destroyed, with the act that says so. */
PD_CHECK enum pd_status prune_remove(struct govern *g, pd_str act, struct pd_error *err);

#endif
