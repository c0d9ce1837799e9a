/**
 * What the files of verifying share. Never leaves the folder.
 */
#ifndef POLDER_GOVERN_VERIFY_H
#define POLDER_GOVERN_VERIFY_H

#include "govern/shard.h"

enum { VERIFY_FLAWS_MAX = 1000 };

struct verify {
    struct govern *g;
    struct pd_arena *arena;
    struct govern_verified *out;
    struct govern_flaw *flaws;
};

/** One flaw more; beyond VERIFY_FLAWS_MAX they aren't kept. */
PD_PRINTF(3, 4)
void verify_flaw(struct verify *v, pd_str where, const char *format, ...);

/** All logs: leaves, trees, checkpoints, tiles, and what the public log was told of the shards. */
PD_CHECK enum pd_status verify_logs(struct verify *v, struct pd_error *err);

#endif
