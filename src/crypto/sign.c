/*
 * Ed25519, and the small things that must not be done by hand: randomness, comparing, wiping.
 *
 * libsodium accepts a signature iff S < L, the key is a canonical point not of small order, R is
 * not of small order, and R equals the encoding of [S]B - [k]A (without cofactor). So each message
 * has few signatures that verify, and all verifiers with this rule agree.
 */
#include "crypto/crypto_impl.h"
#include <assert.h>
#include <errno.h>
#include <sodium/crypto_sign_ed25519.h>
#include <sodium/utils.h>
#include <sys/random.h>

static_assert(CRYPTO_SIGNATURE_SIZE == crypto_sign_ed25519_BYTES, "Ed25519 signatures");
static_assert(CRYPTO_SEED_SIZE == crypto_sign_ed25519_SEEDBYTES, "Ed25519 seeds");
static_assert(CRYPTO_PUBLIC_SIZE == crypto_sign_ed25519_PUBLICKEYBYTES, "Ed25519 keys");

void crypto_ed25519_public(const uint8_t seed[CRYPTO_SEED_SIZE], uint8_t out[CRYPTO_PUBLIC_SIZE]) {
    uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES];
    crypto_must(crypto_sign_ed25519_seed_keypair(out, secret, seed) == 0);
    crypto_wipe(secret, sizeof(secret));
}

void crypto_ed25519_sign(const uint8_t seed[CRYPTO_SEED_SIZE], const void *message, size_t n,
                         uint8_t out[CRYPTO_SIGNATURE_SIZE]) {
    uint8_t public_key[CRYPTO_PUBLIC_SIZE];
    uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES];
    crypto_must(crypto_sign_ed25519_seed_keypair(public_key, secret, seed) == 0);
    crypto_must(crypto_sign_ed25519_detached(out, NULL, message, n, secret) == 0);
    crypto_wipe(secret, sizeof(secret));
}

bool crypto_ed25519_verify(const uint8_t public_key[CRYPTO_PUBLIC_SIZE], const void *message,
                           size_t n, const uint8_t signature[CRYPTO_SIGNATURE_SIZE]) {
    return crypto_sign_ed25519_verify_detached(signature, message, n, public_key) == 0;
}

void crypto_random(void *out, size_t n) {
    uint8_t *at = out;
    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        crypto_must(got > 0);
        at += got;
        n -= (size_t)got;
    }
}

bool crypto_equal(const void *a, const void *b, size_t n) {
    return sodium_memcmp(a, b, n) == 0;
}

void crypto_wipe(void *p, size_t n) {
    sodium_memzero(p, n);
}

pd_id crypto_id(pd_time now) {
    uint8_t random[10];
    crypto_random(random, sizeof(random));
    return pd_id_make(now, random);
}
