/**
 * Memory has an owner and a moment: arenas with a limit, growable buffers, checked arithmetic.
 */
#ifndef POLDER_BASE_MEMORY_H
#define POLDER_BASE_MEMORY_H

#include "base/str.h"

/* Checked arithmetic on numbers from outside: false on overflow, `*out` then unspecified. */
static inline bool pd_add(size_t a, size_t b, size_t *out) {
    return !__builtin_add_overflow(a, b, out);
}
static inline bool pd_mul(size_t a, size_t b, size_t *out) {
    return !__builtin_mul_overflow(a, b, out);
}
static inline bool pd_add_i64(int64_t a, int64_t b, int64_t *out) {
    return !__builtin_add_overflow(a, b, out);
}
static inline bool pd_sub_i64(int64_t a, int64_t b, int64_t *out) {
    return !__builtin_sub_overflow(a, b, out);
}
static inline bool pd_mul_i64(int64_t a, int64_t b, int64_t *out) {
    return !__builtin_mul_overflow(a, b, out);
}

/** One per request, job or command; everything in it dies with it. Not for several threads. */
struct pd_arena;

/** limit_bytes: what may be allocated in all; reaching it is an error for this one client. */
struct pd_arena *pd_arena_new(size_t limit_bytes); /* NULL when out of memory */
void pd_arena_free(struct pd_arena *arena);        /* NULL is fine */

/** Zeroed, aligned for any type; NULL at the limit or out of memory. size 0 gives a unique pointer. */
void *pd_arena_alloc(struct pd_arena *arena, size_t size);
/** count * size, checked. */
void *pd_arena_array(struct pd_arena *arena, size_t count, size_t size);
/** Copies, adding a NUL after the last byte; {NULL, 0} on failure (data != NULL on success). */
pd_str pd_arena_str(struct pd_arena *arena, pd_str s);
PD_PRINTF(2, 3) pd_str pd_arena_printf(struct pd_arena *arena, const char *format, ...);
size_t pd_arena_used(const struct pd_arena *arena); /* bytes handed out, with alignment */

/** What was allocated after a mark can be given back together. Marks nest. */
struct pd_mark {
    void *block;
    size_t used;
    size_t total;
};
struct pd_mark pd_arena_mark(const struct pd_arena *arena);
void pd_arena_reset(struct pd_arena *arena, struct pd_mark mark);

/**
 * A growable byte buffer. Remembers its first failure and then does nothing, so that a page of
 * output needs one check at the end. Zeroed except `limit` is valid; clear with pd_buf_clear.
 */
struct pd_buf {
    char *data; /* NUL after the last byte whenever data != NULL */
    size_t len;
    size_t capacity;
    size_t limit; /* bytes; 0 means PD_BUF_DEFAULT_LIMIT */
    bool failed;  /* out of memory or over the limit */
};
#define PD_BUF_DEFAULT_LIMIT ((size_t)256 << 20)

void pd_buf_init(struct pd_buf *buf, size_t limit);
void pd_buf_clear(struct pd_buf *buf); /* frees; the struct may be used again */
void pd_buf_reset(struct pd_buf *buf); /* len = 0, failed = false; keeps the memory */
void pd_buf_add(struct pd_buf *buf, const void *bytes, size_t n);
void pd_buf_str(struct pd_buf *buf, pd_str s);
void pd_buf_text(struct pd_buf *buf, const char *zero_terminated);
void pd_buf_char(struct pd_buf *buf, char c);
PD_PRINTF(2, 3) void pd_buf_printf(struct pd_buf *buf, const char *format, ...);
/** Makes room for n more bytes and returns where to write; NULL on failure. Then add to len. */
char *pd_buf_reserve(struct pd_buf *buf, size_t n);
pd_str pd_buf_view(const struct pd_buf *buf);
PD_CHECK enum pd_status pd_buf_check(const struct pd_buf *buf, struct pd_error *err); /* PD_LIMIT */

#endif
