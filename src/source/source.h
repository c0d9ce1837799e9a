/**
 * source/: where data lives. Now: a file, or standard input spooled to a sealed staging file.
 *
 * A source can be read several times (inspect, try a remedy, write the result) and says so if it
 * changed in between.
 */
#ifndef POLDER_SOURCE_H
#define POLDER_SOURCE_H

#include "base/base.h"
#include "crypto/crypto.h"

struct source;

/**
 * path: a file, or "-" for standard input (`input_fd`, spooled to an unlinked temporary file in
 * `spool_folder`, sealed under a random key that only this process holds).
 * PD_NOT_FOUND; PD_DENIED (no permission, says whose); PD_INVALID: a directory, a device, an empty
 * file; PD_LIMIT over limit_bytes (0: none); PD_IO.
 */
PD_CHECK enum pd_status source_open(const char *path, int input_fd, const char *spool_folder,
                                    uint64_t limit_bytes, struct source **out,
                                    struct pd_error *err);
void source_close(struct source *source);
/** The last segment of the path, or "standard input". */
pd_str source_name(const struct source *source);
/** The path as it can be found again (absolute), or empty for standard input. */
pd_str source_path(const struct source *source);
uint64_t source_size(const struct source *source);

/** Starts reading from the first byte again. */
PD_CHECK enum pd_status source_rewind(struct source *source, struct pd_error *err);
/** *n in: room; out: bytes read, 0 at the end (never past the size at open). PD_IO. */
PD_CHECK enum pd_status source_read(struct source *source, void *out, size_t *n,
                                    struct pd_error *err);
/**
 * Feeds the whole source to `feed` in pieces from the start; `progress` (may be NULL) is called
 * about every 8 MiB and at the end. Returns what `feed` returned if that is not PD_OK. At the end
 * PD_CONFLICT "changed while it was read" if size, time or content hash differ from an earlier
 * whole reading. `*content` (may be NULL): SHA-256 of all bytes.
 */
PD_CHECK enum pd_status source_each(struct source *source,
                                    enum pd_status (*feed)(void *context, const char *bytes,
                                                           size_t n, struct pd_error *err),
                                    void (*progress)(void *context, uint64_t done, uint64_t size),
                                    void *context, crypto_hash *content, struct pd_error *err);

#endif
