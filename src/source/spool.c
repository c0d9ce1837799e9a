/*
 * Standard input, and what a reader made of a file, can be read only once, so they are kept while
 * the program runs: in chunks sealed with AES-256-GCM under a key that only this process holds, in
 * a file that has no name. After a crash, or kill -9, the kernel frees the file, and its blocks
 * can't be read without the key.
 */
#include "source/source_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, SEALED = CHUNK + CRYPTO_TAG_SIZE };
#define NO_CHUNK UINT64_MAX

struct source_spool {
    int fd;
    uint8_t key[CRYPTO_KEY_SIZE];
    uint64_t size;
    uint64_t held; /* number of the chunk that `plain` holds */
    size_t filled; /* bytes of `plain` that are not sealed yet, while the spool is filled */
    uint8_t plain[CHUNK];
    uint8_t sealed[SEALED];
};

static void nonce_of(uint64_t chunk, uint8_t out[CRYPTO_NONCE_SIZE]) {
    memset(out, 0, CRYPTO_NONCE_SIZE);
    memcpy(out, &chunk, sizeof(chunk)); /* read by this process only: byte order doesn't matter */
}

static enum pd_status open_nameless(const char *folder, int *fd, struct pd_error *err) {
    *fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (*fd >= 0)
        return PD_OK;
    /* Some file systems only know files with names. */
    char path[4096];
    int n = snprintf(path, sizeof(path), "%s/polder-XXXXXX", folder);
    if (n < 0 || (size_t)n >= sizeof(path))
        return pd_fail(err, PD_INVALID, "the path of the spool folder is too long");
    *fd = mkostemp(path, O_CLOEXEC);
    if (*fd < 0)
        return pd_fail_errno(err, PD_IO, "make a spool file in %s", folder);
    if (unlink(path) != 0) {
        enum pd_status st = pd_fail_errno(err, PD_IO, "unlink the spool file %s", path);
        close(*fd);
        return st;
    }
    return PD_OK;
}

/* Reads until the chunk is full or the input ends; *n bytes. */
static enum pd_status read_input(int fd, uint8_t *out, size_t *n, struct pd_error *err) {
    size_t done = 0;
    while (done < CHUNK) {
        ssize_t got = read(fd, out + done, CHUNK - done);
        if (got < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLIN};
            poll(&wait, 1, -1); /* whatever it says, read will say it better */
            continue;
        }
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return pd_fail_errno(err, PD_IO, "read standard input");
        if (got == 0)
            break;
        done += (size_t)got;
    }
    *n = done;
    return PD_OK;
}

static enum pd_status write_all(int fd, const uint8_t *bytes, size_t n, struct pd_error *err) {
    while (n > 0) {
        ssize_t written = write(fd, bytes, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return pd_fail_errno(err, PD_IO, "write the spool file");
        bytes += written;
        n -= (size_t)written;
    }
    return PD_OK;
}

/* Seals what `plain` holds and appends it. */
static enum pd_status seal_chunk(struct source_spool *s, struct pd_error *err) {
    uint8_t nonce[CRYPTO_NONCE_SIZE];
    nonce_of(s->size / CHUNK, nonce);
    crypto_seal(s->key, nonce, (pd_str){NULL, 0}, s->plain, s->filled, s->sealed);
    enum pd_status st = write_all(s->fd, s->sealed, s->filled + CRYPTO_TAG_SIZE, err);
    s->size += s->filled;
    s->filled = 0;
    return st;
}

enum pd_status source_spool_new(const char *folder, struct source_spool **out,
                                struct pd_error *err) {
    struct source_spool *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return pd_fail_memory(err);
    s->held = NO_CHUNK;
    crypto_random(s->key, sizeof(s->key));
    enum pd_status st = open_nameless(folder, &s->fd, err);
    if (st != PD_OK) {
        s->fd = -1;
        source_spool_free(s);
        return st;
    }
    *out = s;
    return PD_OK;
}

enum pd_status source_spool_add(struct source_spool *spool, const void *bytes, size_t n,
                                struct pd_error *err) {
    const uint8_t *from = bytes;
    while (n > 0) {
        size_t take = CHUNK - spool->filled < n ? CHUNK - spool->filled : n;
        memcpy(spool->plain + spool->filled, from, take);
        spool->filled += take;
        from += take;
        n -= take;
        enum pd_status st = spool->filled == CHUNK ? seal_chunk(spool, err) : PD_OK;
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

enum pd_status source_spool_end(struct source_spool *spool, struct pd_error *err) {
    return spool->filled > 0 ? seal_chunk(spool, err) : PD_OK;
}

static enum pd_status fill(struct source_spool *s, int input_fd, uint64_t limit_bytes,
                           struct pd_error *err) {
    for (;;) {
        enum pd_status st = read_input(input_fd, s->plain, &s->filled, err);
        if (st != PD_OK || s->filled == 0)
            return st;
        if (limit_bytes != 0 && s->filled > limit_bytes - s->size)
            return pd_fail(err, PD_LIMIT, "standard input has more than %" PRIu64 " bytes",
                           limit_bytes);
        bool is_last = s->filled < CHUNK;
        st = seal_chunk(s, err);
        if (st != PD_OK || is_last)
            return st;
    }
}

enum pd_status source_spool_fill(int input_fd, const char *folder, uint64_t limit_bytes,
                                 struct source_spool **out, struct pd_error *err) {
    struct source_spool *s = NULL;
    enum pd_status st = source_spool_new(folder, &s, err);
    if (st != PD_OK)
        return st;
    st = fill(s, input_fd, limit_bytes, err);
    if (st != PD_OK) {
        source_spool_free(s);
        return st;
    }
    *out = s;
    return PD_OK;
}

uint64_t source_spool_size(const struct source_spool *spool) {
    return spool->size;
}

static enum pd_status open_chunk(struct source_spool *s, uint64_t chunk, size_t length,
                                 struct pd_error *err) {
    uint8_t nonce[CRYPTO_NONCE_SIZE];
    size_t want = length + CRYPTO_TAG_SIZE, have = 0;
    s->held = NO_CHUNK;
    while (have < want) {
        ssize_t got = pread(s->fd, s->sealed + have, want - have, (off_t)(chunk * SEALED + have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return pd_fail_errno(err, PD_IO, "read the spool file");
        if (got == 0)
            return pd_fail(err, PD_INTERNAL, "the spool file was cut off");
        have += (size_t)got;
    }
    nonce_of(chunk, nonce);
    enum pd_status st =
        crypto_open(s->key, nonce, (pd_str){NULL, 0}, s->sealed, want, s->plain, err);
    if (st == PD_OK)
        s->held = chunk;
    else
        pd_wrap(err, "the spool file");
    return st;
}

enum pd_status source_spool_read(struct source_spool *spool, uint64_t offset, void *out, size_t *n,
                                 struct pd_error *err) {
    if (offset >= spool->size) {
        *n = 0;
        return PD_OK;
    }
    uint64_t chunk = offset / CHUNK, left = spool->size - chunk * CHUNK;
    size_t length = left < CHUNK ? (size_t)left : CHUNK;
    if (spool->held != chunk) {
        enum pd_status st = open_chunk(spool, chunk, length, err);
        if (st != PD_OK)
            return st;
    }
    size_t at = (size_t)(offset % CHUNK), take = length - at < *n ? length - at : *n;
    memcpy(out, spool->plain + at, take);
    *n = take;
    return PD_OK;
}

void source_spool_free(struct source_spool *spool) {
    if (spool == NULL)
        return;
    if (spool->fd >= 0)
        close(spool->fd);
    crypto_wipe(spool, sizeof(*spool));
    free(spool);
}
