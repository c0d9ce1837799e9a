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
