/*
 * The vault: files sealed in chunks and named by the hash of what is stored.
 *
 *   header   "POLDERV", version 1 (one byte), salt (32 bytes)
 *   chunk n  AES-256-GCM of up to 64 KiB, then its tag; all but the last are full, and there is
 *            always a last one (an empty file has one empty chunk)
 *
 * The key of a file is HKDF(key of the version, salt), so it seals nothing else and the nonces can
 * count: last-chunk flag, three zero bytes, chunk number (big-endian, 8 bytes). Moving, cutting or
 * appending chunks therefore fails to open. The header is associated data of every chunk.
 */
#include "store/store_impl.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CHUNK = 64 * 1024,
    SEALED = CHUNK + CRYPTO_TAG_SIZE,
    MAGIC_SIZE = 7,
    SALT_SIZE = 32,
    HEADER_SIZE = MAGIC_SIZE + 1 + SALT_SIZE,
    VERSION = 1,
    PATH_SIZE = 6 + 2 + 1 + 62 + 1 /* "vault/", "ab", "/", 62 digits, NUL */
};
static const char MAGIC[] = "POLDERV";

static void path_of(crypto_hash address, char out[PATH_SIZE]) {
    char hex[2 * CRYPTO_HASH_SIZE + 1];
    pd_hex_encode(address.bytes, sizeof(address.bytes), hex);
    memcpy(out, "vault/", 6);
    memcpy(out + 6, hex, 2);
    out[8] = '/';
    memcpy(out + 9, hex + 2, sizeof(hex) - 2);
}

static void file_key(const struct store_key *key, const uint8_t header[HEADER_SIZE],
                     uint8_t out[CRYPTO_KEY_SIZE]) {
    pd_str salt = {(const char *)header + MAGIC_SIZE + 1, SALT_SIZE};
    crypto_hkdf(key->bytes, sizeof(key->bytes), salt, PD_STR("polder vault file 1"), out,
                CRYPTO_KEY_SIZE);
}

static void nonce_of(uint64_t chunk, bool last, uint8_t out[CRYPTO_NONCE_SIZE]) {
    memset(out, 0, CRYPTO_NONCE_SIZE);
    out[0] = last;
    for (int i = 0; i < 8; i++)
        out[CRYPTO_NONCE_SIZE - 1 - i] = (uint8_t)(chunk >> (8 * i));
}

/* ---- Writing ---- */

struct store_writer {
    struct store *store;
    struct store_temp temp;
    struct crypto_sha256_state *hash;
    bool broken;
    uint8_t key[CRYPTO_KEY_SIZE];
    uint8_t header[HEADER_SIZE];
    uint64_t chunks;
    struct store_stored stored;
    size_t filled;
    uint8_t plain[CHUNK];
    uint8_t sealed[SEALED];
};

static enum pd_status put(struct store_writer *w, const uint8_t *bytes, size_t n,
                          struct pd_error *err) {
    crypto_sha256_add(w->hash, bytes, n);
    w->stored.stored_bytes += n;
    enum pd_status st = store_temp_write(&w->temp, bytes, n, err);
    w->broken = st != PD_OK;
    return st;
}

enum pd_status store_vault_create(struct store *store, const struct store_key *key,
                                  struct store_writer **out, struct pd_error *err) {
    struct store_writer *w = calloc(1, sizeof(*w));
    if (w == NULL)
        return pd_fail_memory(err);
    w->store = store;
    w->temp.fd = -1;
    w->hash = crypto_sha256_new();
    enum pd_status st = w->hash ? store_temp_open(store, 0400, &w->temp, err) : pd_fail_memory(err);
    if (st == PD_OK) {
        memcpy(w->header, MAGIC, MAGIC_SIZE);
        w->header[MAGIC_SIZE] = VERSION;
        crypto_random(w->header + MAGIC_SIZE + 1, SALT_SIZE);
        file_key(key, w->header, w->key);
        st = put(w, w->header, HEADER_SIZE, err);
    }
    if (st != PD_OK) {
        store_writer_free(w);
        return st;
    }
    *out = w;
    return PD_OK;
}

static enum pd_status seal_chunk(struct store_writer *w, bool last, struct pd_error *err) {
    uint8_t nonce[CRYPTO_NONCE_SIZE];
    nonce_of(w->chunks, last, nonce);
    crypto_seal(w->key, nonce, (pd_str){(const char *)w->header, HEADER_SIZE}, w->plain, w->filled,
                w->sealed);
    size_t n = w->filled + CRYPTO_TAG_SIZE;
    w->chunks++;
    w->filled = 0;
    return put(w, w->sealed, n, err);
}

static enum pd_status check_usable(const struct store_writer *w, struct pd_error *err) {
    if (w->broken)
        return pd_fail(err, PD_IO, "an earlier write to the vault failed, or the file has ended");
    return PD_OK;
}

enum pd_status store_vault_write(struct store_writer *w, const void *bytes, size_t n,
                                 struct pd_error *err) {
    const uint8_t *at = bytes;
    enum pd_status st = check_usable(w, err);
    while (st == PD_OK && n > 0) {
        /* A full chunk waits until more comes: only then is it known not to be the last. */
        if (w->filled == CHUNK) {
            st = seal_chunk(w, false, err);
            continue;
        }
        size_t take = CHUNK - w->filled < n ? CHUNK - w->filled : n;
        memcpy(w->plain + w->filled, at, take);
        w->filled += take;
        w->stored.plain_bytes += take;
        at += take;
        n -= take;
    }
    return st;
}

enum pd_status store_vault_keep(struct store_writer *w, struct store_stored *out,
                                struct pd_error *err) {
    enum pd_status st = check_usable(w, err);
    if (st == PD_OK)
        st = seal_chunk(w, true, err);
    w->broken = true;
    if (st != PD_OK)
        return st;
    char path[PATH_SIZE];
    int dir_fd;
    const char *name;
    w->stored.address = crypto_sha256_end(w->hash);
    path_of(w->stored.address, path);
    st = store_parent_open(w->store, path, true, &dir_fd, &name, err);
    if (st != PD_OK)
        return st;
    st = store_temp_place(w->store, &w->temp, dir_fd, name, err);
    close(dir_fd);
    if (st == PD_OK)
        *out = w->stored;
    return st;
}

void store_writer_free(struct store_writer *w) {
    if (w == NULL)
        return;
    store_temp_discard(w->store, &w->temp);
    crypto_sha256_free(w->hash);
    crypto_wipe(w, sizeof(*w));
    free(w);
}

/* ---- Reading ---- */

struct store_reader {
    int fd;
    char path[PATH_SIZE];
    uint8_t key[CRYPTO_KEY_SIZE];
    uint8_t header[HEADER_SIZE];
    uint64_t size;   /* stored bytes */
    uint64_t offset; /* of the next chunk */
    uint64_t chunks; /* opened so far */
    size_t at, have; /* within `plain` */
    uint8_t plain[CHUNK];
    uint8_t sealed[SEALED];
};

/* Hashes `size` bytes of an open vault file, through a buffer of SEALED bytes. */
static enum pd_status compare_hash(int fd, const char *path, uint64_t size, crypto_hash address,
                                   uint8_t *buffer, struct pd_error *err) {
    struct crypto_sha256_state *hash = crypto_sha256_new();
    if (hash == NULL)
        return pd_fail_memory(err);
    enum pd_status st = PD_OK;
    for (uint64_t at = 0; st == PD_OK && at < size;) {
        size_t n = size - at < SEALED ? (size_t)(size - at) : SEALED;
        st = store_read_at(fd, path, at, buffer, &n, err);
        if (st == PD_OK && n == 0)
            break; /* cut off meanwhile: the hash will differ */
        crypto_sha256_add(hash, buffer, n);
        at += n;
    }
    if (st == PD_OK) {
        crypto_hash found = crypto_sha256_end(hash);
        if (memcmp(found.bytes, address.bytes, sizeof(found.bytes)) != 0)
            st = pd_fail(err, PD_INTERNAL,
                         "%s: its %" PRIu64 " bytes are not those that its name stands for; it was "
                         "damaged or exchanged: restore it from a backup",
                         path, size);
    }
    crypto_sha256_free(hash);
    return st;
}

static enum pd_status read_header(struct store_reader *r, const struct store_key *key,
                                  struct pd_error *err) {
    size_t n = HEADER_SIZE;
    enum pd_status st = store_read_at(r->fd, r->path, 0, r->header, &n, err);
    if (st != PD_OK)
        return st;
    if (n != HEADER_SIZE || memcmp(r->header, MAGIC, MAGIC_SIZE) != 0)
        return pd_fail(err, PD_INTERNAL, "%s is not a vault file: it has no header", r->path);
    if (r->header[MAGIC_SIZE] != VERSION)
        return pd_fail(err, PD_UNSUPPORTED,
                       "%s has version %d of the vault's form; this program reads version %d",
                       r->path, r->header[MAGIC_SIZE], VERSION);
    file_key(key, r->header, r->key);
    r->offset = HEADER_SIZE;
    return PD_OK;
}

enum pd_status store_vault_open(struct store *store, const struct store_key *key,
                                crypto_hash address, struct store_reader **out,
                                struct pd_error *err) {
    struct store_reader *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return pd_fail_memory(err);
    r->fd = -1;
    path_of(address, r->path);
    enum pd_status st = store_plain_open(store, r->path, &r->fd, &r->size, err);
    if (st == PD_OK)
        st = compare_hash(r->fd, r->path, r->size, address, r->sealed, err);
    if (st == PD_OK)
        st = read_header(r, key, err);
    if (st != PD_OK) {
        store_reader_free(r);
        return st;
    }
    *out = r;
    return PD_OK;
}

static enum pd_status open_chunk(struct store_reader *r, struct pd_error *err) {
    uint64_t left = r->size - r->offset;
    bool last = left <= SEALED;
    size_t n = last ? (size_t)left : SEALED, asked = n;
    enum pd_status st = store_read_at(r->fd, r->path, r->offset, r->sealed, &n, err);
    if (st == PD_OK && n != asked)
        st = pd_fail(err, PD_INTERNAL, "the file was cut off while it was read");
    if (st == PD_OK) {
        uint8_t nonce[CRYPTO_NONCE_SIZE];
        nonce_of(r->chunks, last, nonce);
        st = crypto_open(r->key, nonce, (pd_str){(const char *)r->header, HEADER_SIZE}, r->sealed,
                         n, r->plain, err);
    }
    if (st != PD_OK) {
        pd_wrap(err, "%s, chunk at byte %" PRIu64, r->path, r->offset);
        return st;
    }
    r->at = 0;
    r->have = n - CRYPTO_TAG_SIZE;
    r->offset += n;
    r->chunks++;
    return PD_OK;
}

enum pd_status store_vault_read(struct store_reader *r, void *out, size_t *n,
                                struct pd_error *err) {
    /* A file that ends with its header lacks the last chunk, which even an empty one has. */
    bool more = r->offset < r->size || r->chunks == 0;
    if (r->at == r->have && more) {
        enum pd_status st = open_chunk(r, err);
        if (st != PD_OK)
            return st;
    }
    size_t take = r->have - r->at < *n ? r->have - r->at : *n;
    memcpy(out, r->plain + r->at, take);
    r->at += take;
    *n = take;
    return PD_OK;
}

void store_reader_free(struct store_reader *r) {
    if (r == NULL)
        return;
    if (r->fd >= 0)
        close(r->fd);
    crypto_wipe(r, sizeof(*r));
    free(r);
}

enum pd_status store_vault_check(struct store *store, crypto_hash address, uint64_t *stored_bytes,
                                 struct pd_error *err) {
    char path[PATH_SIZE];
    int fd;
    uint64_t size;
    path_of(address, path);
    enum pd_status st = store_plain_open(store, path, &fd, &size, err);
    if (st != PD_OK)
        return st;
    uint8_t *buffer = malloc(SEALED);
    st = buffer ? compare_hash(fd, path, size, address, buffer, err) : pd_fail_memory(err);
    free(buffer);
    close(fd);
    if (st == PD_OK && stored_bytes != NULL)
        *stored_bytes = size;
    return st;
}

enum pd_status store_vault_remove(struct store *store, crypto_hash address, struct pd_error *err) {
    char path[PATH_SIZE];
    path_of(address, path);
    return store_plain_remove(store, path, err);
}
