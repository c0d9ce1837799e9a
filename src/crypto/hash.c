/*
 * SHA-256 and what is built on it.
 *
 * By measurement (one core with SHA instructions, nanoseconds per call):
 *
 *     bytes                              65     200    1000    4096
 *     libsodium                         394     754    2920   11751
 *     OpenSSL SHA256()                  333     404     825    2562
 *     OpenSSL EVP, fetched and reused   121     192     612    2349
 *     OpenSSL SHA256_Init family         73     143     566    2303
 *
 * libsodium has no SHA instructions; OpenSSL's one call allocates and looks its algorithm up under
 * a lock. A node of a tree is 65 bytes, an HMAC four blocks, and an act needs dozens of either, so
 * the family it is. OpenSSL 3 calls it deprecated for want of engines and providers, of which we
 * use none; should it go, EVP with one context per thread is the next best.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/crypto_impl.h"
#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

static_assert(CRYPTO_HASH_SIZE == SHA256_DIGEST_LENGTH, "SHA-256 has 32 bytes");

enum { BLOCK = SHA256_CBLOCK };

static void begin(SHA256_CTX *context) {
    crypto_must(SHA256_Init(context) == 1);
}

static void add(SHA256_CTX *context, const void *data, size_t n) {
    if (n > 0)
        crypto_must(SHA256_Update(context, data, n) == 1);
}

static crypto_hash end(SHA256_CTX *context) {
    crypto_hash hash;
    crypto_must(SHA256_Final(hash.bytes, context) == 1);
    return hash;
}

crypto_hash crypto_sha256(const void *data, size_t n) {
    SHA256_CTX context;
    begin(&context);
    add(&context, data, n);
    return end(&context);
}

struct crypto_sha256_state {
    SHA256_CTX context;
};

struct crypto_sha256_state *crypto_sha256_new(void) {
    struct crypto_sha256_state *state = calloc(1, sizeof(*state));
    if (state)
        begin(&state->context);
    return state;
}

void crypto_sha256_add(struct crypto_sha256_state *state, const void *data, size_t n) {
    add(&state->context, data, n);
}

crypto_hash crypto_sha256_end(struct crypto_sha256_state *state) {
    return end(&state->context);
}

void crypto_sha256_free(struct crypto_sha256_state *state) {
    free(state);
}

/* ---- HMAC, RFC 2104 ---- */

struct hmac {
    SHA256_CTX inner, outer;
};

static void hmac_begin(struct hmac *mac, const void *key, size_t key_len) {
    static const uint8_t inner_pad = 0x36, outer_pad = 0x5c;
    uint8_t block[BLOCK] = {0};
    if (key_len > BLOCK)
        memcpy(block, crypto_sha256(key, key_len).bytes, CRYPTO_HASH_SIZE);
    else if (key_len > 0)
        memcpy(block, key, key_len);
    for (size_t i = 0; i < BLOCK; i++)
        block[i] ^= inner_pad;
    begin(&mac->inner);
    add(&mac->inner, block, BLOCK);
    for (size_t i = 0; i < BLOCK; i++)
        block[i] ^= inner_pad ^ outer_pad;
    begin(&mac->outer);
    add(&mac->outer, block, BLOCK);
    crypto_wipe(block, sizeof(block));
}

static void hmac_add(struct hmac *mac, const void *data, size_t n) {
    add(&mac->inner, data, n);
}

static crypto_hash hmac_end(struct hmac *mac) {
    crypto_hash hash = end(&mac->inner);
    add(&mac->outer, hash.bytes, sizeof(hash.bytes));
    hash = end(&mac->outer);
    crypto_wipe(mac, sizeof(*mac));
    return hash;
}

crypto_hash crypto_hmac(const void *key, size_t key_len, const void *data, size_t n) {
    struct hmac mac;
    hmac_begin(&mac, key, key_len);
    hmac_add(&mac, data, n);
    return hmac_end(&mac);
}

struct crypto_mac {
    struct hmac begun;
};

struct crypto_mac *crypto_mac_new(const void *key, size_t key_len) {
    struct crypto_mac *mac = calloc(1, sizeof(*mac));
    if (mac)
        hmac_begin(&mac->begun, key, key_len);
    return mac;
}

crypto_hash crypto_mac_of(const struct crypto_mac *mac, const pd_str *parts, size_t count) {
    struct hmac copy = mac->begun;
    for (size_t i = 0; i < count; i++)
        hmac_add(&copy, parts[i].data, parts[i].len);
    return hmac_end(&copy);
}

void crypto_mac_free(struct crypto_mac *mac) {
    if (mac)
        crypto_wipe(mac, sizeof(*mac));
    free(mac);
}

void crypto_hkdf(const void *key, size_t key_len, pd_str salt, pd_str info, void *out,
                 size_t out_len) {
    assert(out_len <= 255 * CRYPTO_HASH_SIZE);
    /* Extract (2.2): an absent salt is HashLen zeros, which HMAC pads an empty key to anyway. */
    crypto_hash extracted = crypto_hmac(salt.data, salt.len, key, key_len);
    /* Expand (2.3): T(i) = HMAC(PRK, T(i-1) || info || i). */
    crypto_hash block = {{0}};
    size_t done = 0;
    for (uint8_t counter = 1; done < out_len; counter++) {
        struct hmac mac;
        hmac_begin(&mac, extracted.bytes, CRYPTO_HASH_SIZE);
        if (done > 0)
            hmac_add(&mac, block.bytes, CRYPTO_HASH_SIZE);
        hmac_add(&mac, info.data, info.len);
        hmac_add(&mac, &counter, 1);
        block = hmac_end(&mac);
        size_t take = out_len - done < CRYPTO_HASH_SIZE ? out_len - done : CRYPTO_HASH_SIZE;
        memcpy((uint8_t *)out + done, block.bytes, take);
        done += take;
    }
    crypto_wipe(&extracted, sizeof(extracted));
    crypto_wipe(&block, sizeof(block));
}
