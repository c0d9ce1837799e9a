/*
 * SHA-256 and what is built on it.
 *
 * Two libraries, by measurement (one core with SHA instructions, nanoseconds per call):
 *
 *     bytes            64     200    4096    1 MiB
 *     libsodium       335     602    9391    2313957
 *     OpenSSL SHA256  305     372    2358     533645
 *
 * OpenSSL's one call allocates and takes a lock to look its algorithm up, which is most of the 305;
 * libsodium's does neither. So short inputs (tree nodes are 65 bytes) take libsodium and long ones
 * OpenSSL. OpenSSL's SHA256_Init family would need 69 for 64 bytes, but is deprecated.
 *
 * sodium.h itself declares another crypto_hash, hence its parts are included one by one.
 */
#include "crypto/crypto_impl.h"
#include <assert.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sodium/crypto_auth_hmacsha256.h>
#include <sodium/crypto_hash_sha256.h>
#include <string.h>

static_assert(CRYPTO_HASH_SIZE == crypto_hash_sha256_BYTES, "SHA-256 has 32 bytes");

enum { SHORT_INPUT = 128 };

crypto_hash crypto_sha256(const void *data, size_t n) {
    crypto_hash hash;
    if (n <= SHORT_INPUT)
        crypto_hash_sha256(hash.bytes, data, n);
    else
        crypto_must(SHA256(data, n, hash.bytes) != NULL);
    return hash;
}

struct crypto_sha256_state {
    EVP_MD_CTX *context;
};

struct crypto_sha256_state *crypto_sha256_new(void) {
    struct crypto_sha256_state *state = calloc(1, sizeof(*state));
    if (!state)
        return NULL;
    state->context = EVP_MD_CTX_new();
    if (!state->context || EVP_DigestInit_ex(state->context, EVP_sha256(), NULL) != 1) {
        crypto_sha256_free(state);
        return NULL;
    }
    return state;
}

void crypto_sha256_add(struct crypto_sha256_state *state, const void *data, size_t n) {
    crypto_must(EVP_DigestUpdate(state->context, data, n) == 1);
}

crypto_hash crypto_sha256_end(struct crypto_sha256_state *state) {
    crypto_hash hash;
    crypto_must(EVP_DigestFinal_ex(state->context, hash.bytes, NULL) == 1);
    return hash;
}

void crypto_sha256_free(struct crypto_sha256_state *state) {
    if (!state)
        return;
    EVP_MD_CTX_free(state->context);
    free(state);
}

crypto_hash crypto_hmac(const void *key, size_t key_len, const void *data, size_t n) {
    crypto_hash mac;
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, key_len);
    crypto_auth_hmacsha256_update(&state, data, n);
    crypto_auth_hmacsha256_final(&state, mac.bytes);
    crypto_wipe(&state, sizeof(state));
    return mac;
}

void crypto_hkdf(const void *key, size_t key_len, pd_str salt, pd_str info, void *out,
                 size_t out_len) {
    assert(out_len <= 255 * CRYPTO_HASH_SIZE);
    /* Extract (2.2): an absent salt is HashLen zeros, which HMAC pads an empty key to anyway. */
    crypto_hash extracted = crypto_hmac(salt.data ? salt.data : "", salt.len, key, key_len);
    /* Expand (2.3): T(i) = HMAC(PRK, T(i-1) || info || i). */
    crypto_hash block = {{0}};
    size_t done = 0;
    for (uint8_t counter = 1; done < out_len; counter++) {
        crypto_auth_hmacsha256_state state;
        crypto_auth_hmacsha256_init(&state, extracted.bytes, CRYPTO_HASH_SIZE);
        if (done > 0)
            crypto_auth_hmacsha256_update(&state, block.bytes, CRYPTO_HASH_SIZE);
        crypto_auth_hmacsha256_update(&state, (const uint8_t *)info.data, info.len);
        crypto_auth_hmacsha256_update(&state, &counter, 1);
        crypto_auth_hmacsha256_final(&state, block.bytes);
        crypto_wipe(&state, sizeof(state));
        size_t take = out_len - done < CRYPTO_HASH_SIZE ? out_len - done : CRYPTO_HASH_SIZE;
        memcpy((uint8_t *)out + done, block.bytes, take);
        done += take;
    }
    crypto_wipe(&extracted, sizeof(extracted));
    crypto_wipe(&block, sizeof(block));
}
