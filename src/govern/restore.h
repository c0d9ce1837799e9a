/* What restore.c and restore_place.c share. */
#ifndef POLDER_GOVERN_RESTORE_H
#define POLDER_GOVERN_RESTORE_H

#include "govern/govern_impl.h"

/** The folder that is to become a node's. What is restored lies in its `restoring` until it counts.
 */
struct restore_place {
    const char *path;
    int fd;
    pd_str staging; /* path/restoring */
};
/** What the node's witnesses said; witnesses and notes are parallel lists in the order of the
 * policy. */
struct restore_asked {
    const struct ledger_policy *policy; /* NULL: there is none */
    bool may_http, may_private;
    bool is_enough; /* whoever restores says what is witnessed, or that nothing is */
    struct govern_restore_witness *witnesses;
    pd_str *notes; /* as shown; empty: none */
    size_t count;
};
/** Asks them all, under the newest policy in the backups. PD_UNAVAILABLE: as restore_asked_check. */
PD_CHECK enum pd_status restore_ask(struct backup_folder *folder,
                                    const struct backup_manifest *manifest, struct pd_arena *arena,
                                    struct restore_asked *asked, struct pd_error *err);
/** PD_UNAVAILABLE: those that didn't answer are a quorum by themselves; says who, and what to do. */
PD_CHECK enum pd_status restore_asked_check(const struct restore_asked *asked,
                                            struct pd_arena *arena, struct pd_error *err);
/**
 * Makes the folder if need be, locks it, and removes what a restore that was cut off left there.
 * PD_INVALID: it holds something; PD_CONFLICT: another process restores into it.
 */
PD_CHECK enum pd_status restore_place_open(const char *path, struct pd_arena *arena,
                                           struct restore_place *out, struct pd_error *err);
/** Makes everything durable and moves it up, polder.db last: without it there is no node. */
PD_CHECK enum pd_status restore_place_keep(struct restore_place *place, struct pd_error *err);
/** Removes what was staged; the folder stays, empty. */
PD_CHECK enum pd_status restore_place_clear(struct restore_place *place, struct pd_error *err);
void restore_place_close(struct restore_place *place);

#endif
