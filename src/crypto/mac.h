/**
 * crypto/mac.h: HMAC-SHA-256 (RFC 2104) under one key, many times: what the key alone makes of the
 * two hashes is worked out once, which is half of the work for a short message.
 */
#ifndef POLDER_CRYPTO_MAC_H
#define POLDER_CRYPTO_MAC_H

#include "crypto/crypto.h"

struct crypto_mac;

struct crypto_mac *crypto_mac_new(const void *key, size_t key_len); /* NULL when out of memory */
/** Of the parts, one after the other; as crypto_hmac of all in one. For several threads at a time. */
crypto_hash crypto_mac_of(const struct crypto_mac *mac, const pd_str *parts, size_t count);
void crypto_mac_free(struct crypto_mac *mac); /* wipes what the key made; NULL is fine */

#endif
