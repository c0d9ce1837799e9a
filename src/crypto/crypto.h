/**
 * crypto/: hashing, signing, sealing and randomness behind one header (OpenSSL 3 and libsodium).
 *
 * What only a broken library or kernel could make fail returns void and stops the process: going on
 * would mean predictable randomness, or data stored unsealed. What outside input can make fail
 * returns a status. Nothing needs initialising and everything may be called from several threads.
 */
#ifndef POLDER_CRYPTO_H
#define POLDER_CRYPTO_H

#include "base/base.h"

enum {
    CRYPTO_HASH_SIZE = 32,
    CRYPTO_KEY_SIZE = 32,
    CRYPTO_BLOCK_SIZE = 16,
    CRYPTO_NONCE_SIZE = 12,
    CRYPTO_TAG_SIZE = 16,
    CRYPTO_SEED_SIZE = 32,
    CRYPTO_PUBLIC_SIZE = 32,
    CRYPTO_SIGNATURE_SIZE = 64
};

typedef struct crypto_hash {
    uint8_t bytes[CRYPTO_HASH_SIZE];
} crypto_hash;

/* SHA-256, FIPS 180-4. */
crypto_hash crypto_sha256(const void *data, size_t n);
struct crypto_sha256_state;                          /* streaming */
struct crypto_sha256_state *crypto_sha256_new(void); /* NULL when out of memory */
void crypto_sha256_add(struct crypto_sha256_state *state, const void *data, size_t n);
crypto_hash
crypto_sha256_end(struct crypto_sha256_state *state); /* may not be added to afterwards */
void crypto_sha256_free(struct crypto_sha256_state *state);

/* HMAC-SHA-256, RFC 2104. */
crypto_hash crypto_hmac(const void *key, size_t key_len, const void *data, size_t n);
/* The same under one key, many times: what the key alone makes of the two hashes is worked out once,
   half of the work for a short message. Several threads may use one at a time. */
struct crypto_mac;
struct crypto_mac *crypto_mac_new(const void *key, size_t key_len); /* NULL when out of memory */
crypto_hash crypto_mac_of(const struct crypto_mac *mac, const pd_str *parts,
                          size_t count);    /* of the parts, one after the other */
void crypto_mac_free(struct crypto_mac *mac); /* wipes what the key made; NULL is fine */
/* HKDF-SHA-256, RFC 5869; out_len <= 255 * 32. */
void crypto_hkdf(const void *key, size_t key_len, pd_str salt, pd_str info, void *out,
                 size_t out_len);

/* Ed25519, RFC 8032. Verification refuses non-canonical points and small-order keys (libsodium). */
void crypto_ed25519_public(const uint8_t seed[CRYPTO_SEED_SIZE], uint8_t out[CRYPTO_PUBLIC_SIZE]);
void crypto_ed25519_sign(const uint8_t seed[CRYPTO_SEED_SIZE], const void *message, size_t n,
                         uint8_t out[CRYPTO_SIGNATURE_SIZE]);
bool crypto_ed25519_verify(const uint8_t public_key[CRYPTO_PUBLIC_SIZE], const void *message,
                           size_t n, const uint8_t signature[CRYPTO_SIGNATURE_SIZE]);

/* Keys of others, as tokens bring them (RFC 7518): SHA-256 with RSA PKCS #1 v1.5, and with ECDSA on
 * P-256. Numbers are big-endian. What is no key verifies nothing. */
enum { CRYPTO_RSA_MIN = 2048, CRYPTO_RSA_MAX = 8192, CRYPTO_P256_SIGNATURE_SIZE = 64 }; /* bits */
struct crypto_rsa {
    const uint8_t *modulus, *exponent;
    size_t modulus_len, exponent_len;
};
bool crypto_rsa_verify(const struct crypto_rsa *public_key, const void *message, size_t n,
                       const void *signature, size_t signature_len);
/** signature: r and s side by side (RFC 7518, section 3.4). */
bool crypto_p256_verify(const uint8_t x[32], const uint8_t y[32], const void *message, size_t n,
                        const uint8_t signature[CRYPTO_P256_SIGNATURE_SIZE]);

/**
 * AES-256-GCM, NIST SP 800-38D. The caller never uses a (key, nonce) pair twice.
 * seal writes n + CRYPTO_TAG_SIZE bytes; open writes n - CRYPTO_TAG_SIZE bytes, PD_INTERNAL if the
 * tag does not verify (out is then wiped). in and out may not overlap unless equal.
 */
void crypto_seal(const uint8_t key[CRYPTO_KEY_SIZE], const uint8_t nonce[CRYPTO_NONCE_SIZE],
                 pd_str associated, const void *plain, size_t n, void *out);
PD_CHECK enum pd_status crypto_open(const uint8_t key[CRYPTO_KEY_SIZE],
                                    const uint8_t nonce[CRYPTO_NONCE_SIZE], pd_str associated,
                                    const void *sealed, size_t n, void *out, struct pd_error *err);

/**
 * AES of one block, FIPS 197: for constructions that bring their own mode, such as FF1; never a mode by itself.
 * key_size: 16, 24 or 32. Not for several threads at a time. `in` and `out` may be the same.
 */
struct crypto_aes;
struct crypto_aes *crypto_aes_new(const uint8_t *key, size_t key_size);
void crypto_aes_block(struct crypto_aes *aes, const uint8_t in[CRYPTO_BLOCK_SIZE],
                      uint8_t out[CRYPTO_BLOCK_SIZE]);
void crypto_aes_free(struct crypto_aes *aes); /* wipes the key; NULL is fine */

void crypto_random(void *out, size_t n);                   /* from the kernel */
bool crypto_equal(const void *a, const void *b, size_t n); /* constant time */
void crypto_wipe(void *p, size_t n);

/* ---- Passwords: Argon2id, three passes over 64 MiB, one lane; a tenth of a second ---- */

enum { CRYPTO_PASSWORD_SIZE = 128 };
/** Hashes a password with a fresh salt; `out` ends in zeros. PD_UNAVAILABLE: no memory now. */
PD_CHECK enum pd_status crypto_password_hash(pd_str password, char out[CRYPTO_PASSWORD_SIZE],
                                             struct pd_error *err);
/** Whether it is the password of what crypto_password_hash wrote. encoded empty: it is nobody's, at
 * the same cost, so that the time doesn't say whether there is an account. PD_UNAVAILABLE. */
PD_CHECK enum pd_status crypto_password_is(pd_str encoded, pd_str password, bool *is,
                                           struct pd_error *err);
/** False: it was written with other parameters than now, and should be written anew. */
bool crypto_password_is_current(pd_str encoded);

/** A time-ordered id (UUIDv7) with fresh randomness. */
pd_id crypto_id(pd_time now);

#endif
