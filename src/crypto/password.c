/* Passwords: Argon2id (RFC 9106) as libsodium writes it, parameters and salt included. */
#include "crypto/crypto_impl.h"
#include <assert.h>
#include <errno.h>
#include <sodium/crypto_pwhash_argon2id.h>
#include <string.h>

static_assert(CRYPTO_PASSWORD_SIZE >= crypto_pwhash_argon2id_STRBYTES, "written passwords");

/* RFC 9106, section 4, the second recommendation, but with the one lane that libsodium has. */
enum { PASSES = 3, MEMORY_BYTES = 64 << 20 };

enum pd_status crypto_password_hash(pd_str password, char out[CRYPTO_PASSWORD_SIZE],
                                    struct pd_error *err) {
    memset(out, 0, CRYPTO_PASSWORD_SIZE);
    if (crypto_pwhash_argon2id_str(out, password.data ? password.data : "", password.len, PASSES,
                                   MEMORY_BYTES) != 0)
        return pd_fail(err, PD_UNAVAILABLE,
                       "there isn't enough memory now to look after a password (64 MiB)");
    return PD_OK;
}

/* The same parameters, a random salt, and the hash of nothing that anybody knows: random bytes. */
static const char NOBODY[] = "$argon2id$v=19$m=65536,t=3,p=1$c29tZXJhbmRvbXNhbHQhIQ$"
                             "3q2+7wEjRWeJq83vASNFZ4mrze8BI0VniavN7wEjRWc";

enum pd_status crypto_password_is(pd_str encoded, pd_str password, bool *is, struct pd_error *err) {
    char text[CRYPTO_PASSWORD_SIZE] = {0};
    bool is_somebody = encoded.len > 0 && encoded.len < sizeof(text);
    memcpy(text, is_somebody ? encoded.data : NOBODY,
           is_somebody ? encoded.len : sizeof(NOBODY) - 1);
    errno = 0;
    int answer = crypto_pwhash_argon2id_str_verify(text, password.data ? password.data : "",
                                                   password.len);
    if (answer != 0 && errno == ENOMEM)
        return pd_fail(err, PD_UNAVAILABLE,
                       "there isn't enough memory now to look at a password (64 MiB)");
    *is = answer == 0 && is_somebody;
    return PD_OK;
}

bool crypto_password_is_current(pd_str encoded) {
    char text[CRYPTO_PASSWORD_SIZE] = {0};
    if (encoded.len == 0 || encoded.len >= sizeof(text))
        return true;
    memcpy(text, encoded.data, encoded.len);
    return crypto_pwhash_argon2id_str_needs_rehash(text, PASSES, MEMORY_BYTES) == 0;
}
