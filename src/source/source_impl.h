/* What the files of source/ share and nobody else sees. */
#ifndef POLDER_SOURCE_IMPL_H
#define POLDER_SOURCE_IMPL_H

#include "source/source.h"

/* Standard input, sealed in an unlinked file: read it as often as needed, find nothing afterwards.
 */
struct source_spool;

/* Reads input_fd to its end. PD_LIMIT over limit_bytes (0: none); PD_IO. */
PD_CHECK enum pd_status source_spool_fill(int input_fd, const char *folder, uint64_t limit_bytes,
                                          struct source_spool **out, struct pd_error *err);
uint64_t source_spool_size(const struct source_spool *spool);
/* *n in: room; out: bytes read from `offset`, 0 at the end. PD_INTERNAL if the file was altered. */
PD_CHECK enum pd_status source_spool_read(struct source_spool *spool, uint64_t offset, void *out,
                                          size_t *n, struct pd_error *err);
void source_spool_free(struct source_spool *spool); /* NULL is fine */

#endif
