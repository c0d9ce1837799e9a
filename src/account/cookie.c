/* Cookies: found in a request's header, written for an answer's; and the tokens of forms. */
#include "account/account_impl.h"

/* The name by itself holds a cookie to this host, its root, and https (RFC 6265bis, 4.1.3.2). */
static const struct cookie_name {
    const char *secure, *plain;
} SESSION = {"__Host-polder", "polder"}, FLOW = {"__Host-polder-flow", "polder-flow"};

enum { CSRF_NONCE = 16, FLOW_SECONDS = 600 };

pd_str cookie_find(pd_str header, const char *name) {
    pd_str piece;
    while (pd_str_split(&header, ';', &piece)) {
        piece = pd_str_trim(piece);
        size_t at = pd_str_find_char(piece, '=');
        if (at != PD_NPOS && pd_str_is(pd_str_sub(piece, 0, at), name))
            return pd_str_sub(piece, at + 1, piece.len);
    }
    return (pd_str){"", 0};
}

/* max_age_s < 0: until the browser closes. */
pd_str cookie_write(const char *name, pd_str secret, bool is_plain, int64_t max_age_s,
                    struct pd_arena *arena) {
    char age[40] = "";
    if (secret.len == 0)
        max_age_s = 0;
    if (max_age_s >= 0)
        snprintf(age, sizeof(age), "; Max-Age=%lld", (long long)max_age_s);
    return pd_arena_printf(arena, "%s=%.*s; Path=/; HttpOnly%s; SameSite=Lax%s", name,
                           pd_arg(secret), is_plain ? "" : "; Secure", age);
}

pd_str account_cookie_find(pd_str header, bool is_plain) {
    return cookie_find(header, is_plain ? SESSION.plain : SESSION.secure);
}

pd_str account_cookie_write(pd_str secret, bool is_plain, struct pd_arena *arena) {
    return cookie_write(is_plain ? SESSION.plain : SESSION.secure, secret, is_plain, -1, arena);
}

pd_str account_flow_cookie_find(pd_str header, bool is_plain) {
    return cookie_find(header, is_plain ? FLOW.plain : FLOW.secure);
}

pd_str account_flow_cookie_write(pd_str secret, bool is_plain, struct pd_arena *arena) {
    return cookie_write(is_plain ? FLOW.plain : FLOW.secure, secret, is_plain, FLOW_SECONDS, arena);
}

/* ---- Forms ---- */

/* HMAC of a nonce under the session's secret. The nonce is another for each page, so that pages that
 * are compressed don't give the token away letter by letter (BREACH). */
static crypto_hash csrf_of(pd_str secret, const uint8_t nonce[CSRF_NONCE]) {
    crypto_hash key = secret_derive(secret, "polder csrf");
    crypto_hash mac = crypto_hmac(key.bytes, sizeof(key.bytes), nonce, CSRF_NONCE);
    crypto_wipe(&key, sizeof(key));
    return mac;
}

pd_str account_csrf_make(pd_str secret, struct pd_arena *arena) {
    uint8_t bytes[CSRF_NONCE + CRYPTO_HASH_SIZE];
    crypto_random(bytes, CSRF_NONCE);
    crypto_hash mac = csrf_of(secret, bytes);
    memcpy(bytes + CSRF_NONCE, mac.bytes, sizeof(mac.bytes));
    return secret_encode(bytes, sizeof(bytes), arena);
}

bool account_csrf_is(pd_str secret, pd_str given) {
    uint8_t bytes[CSRF_NONCE + CRYPTO_HASH_SIZE];
    size_t n;
    if (secret.len == 0 || !secret_decode(given, bytes, sizeof(bytes), &n) || n != sizeof(bytes))
        return false;
    crypto_hash mac = csrf_of(secret, bytes);
    return crypto_equal(mac.bytes, bytes + CSRF_NONCE, sizeof(mac.bytes));
}
