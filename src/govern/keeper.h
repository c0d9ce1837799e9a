/**
 * The keys of a group of acts, made durable by a thread of its own while the writer fills the
 * transaction that will name them: two waits for the disk beside each other instead of one after
 * the other (writer.c).
 */
#ifndef POLDER_GOVERN_KEEPER_H
#define POLDER_GOVERN_KEEPER_H

#include "govern/govern_impl.h"

struct keeper;

/** folder, database, holder: as govern_open_at, of a node that this process holds already. */
PD_CHECK enum pd_status keeper_open(const char *folder, const char *database, const char *holder,
                                    struct keeper **out, struct pd_error *err);
/** Begins to keep keys of records. `keys` is borrowed until keeper_end. */
void keeper_begin(struct keeper *k, pd_time now, const struct store_key *keys, size_t count);
/** Waits until they are durable; says so again whenever asked. `context` is the keeper. */
PD_CHECK enum pd_status keeper_await(void *context, struct pd_error *err);
/** To be called after each keeper_begin, whatever came of the acts. */
void keeper_end(struct keeper *k);
void keeper_close(struct keeper *k); /* NULL is fine */

#endif
