/*
 * ID tokens: a JWS in compact form (RFC 7515), verified by a key of the provider's set (RFC 7517,
 * 7518, 8037) before anything that it says is looked at. The key decides what may be: its type must
 * be the algorithm's, so that no token chooses how it is verified.
 */
#include "account/account_impl.h"

#include <jansson.h>

enum { TOKEN_MAX = 64 << 10, KEYS_MAX = 64, JWKS_MAX = 256 << 10 };
#define LEEWAY (120 * PD_SECOND)

/* ---- Members of JSON ---- */

static pd_str text_of(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) ? (pd_str){json_string_value(v), json_string_length(v)} : (pd_str){0};
}

/* A member in base64url, decoded; at most `room` bytes. False: it isn't there, or is none. */
static bool bytes_of(const json_t *object, const char *name, uint8_t *out, size_t room, size_t *n) {
    pd_str text = text_of(object, name);
    return text.len > 0 && secret_decode(text, out, room, n) && *n > 0;
}

/* ---- Algorithms ---- */

struct signed_text {
    pd_str text; /* header.payload */
    const uint8_t *signature;
    size_t signature_len;
};

static bool verify_rs256(const json_t *key, const struct signed_text *s) {
    uint8_t modulus[CRYPTO_RSA_MAX / 8], exponent[8];
    struct crypto_rsa rsa = {.modulus = modulus, .exponent = exponent};
    return bytes_of(key, "n", modulus, sizeof(modulus), &rsa.modulus_len) &&
           bytes_of(key, "e", exponent, sizeof(exponent), &rsa.exponent_len) &&
           crypto_rsa_verify(&rsa, s->text.data, s->text.len, s->signature, s->signature_len);
}

static bool verify_es256(const json_t *key, const struct signed_text *s) {
    uint8_t x[32], y[32];
    size_t nx, ny;
    return bytes_of(key, "x", x, sizeof(x), &nx) && bytes_of(key, "y", y, sizeof(y), &ny) &&
           nx == 32 && ny == 32 && s->signature_len == CRYPTO_P256_SIGNATURE_SIZE &&
           crypto_p256_verify(x, y, s->text.data, s->text.len, s->signature);
}

static bool verify_eddsa(const json_t *key, const struct signed_text *s) {
    uint8_t x[CRYPTO_PUBLIC_SIZE];
    size_t n;
    return bytes_of(key, "x", x, sizeof(x), &n) && n == sizeof(x) &&
           s->signature_len == CRYPTO_SIGNATURE_SIZE &&
           crypto_ed25519_verify(x, s->text.data, s->text.len, s->signature);
}

static const struct algorithm {
    const char *name, *type, *curve; /* curve NULL: the type has none */
    bool (*verify)(const json_t *key, const struct signed_text *s);
} ALGORITHMS[] = {
    {"RS256", "RSA", NULL, verify_rs256},
    {"ES256", "EC", "P-256", verify_es256},
    {"EdDSA", "OKP", "Ed25519", verify_eddsa},
};

static const struct algorithm *find_algorithm(pd_str name) {
    for (size_t i = 0; i < sizeof(ALGORITHMS) / sizeof(*ALGORITHMS); i++)
        if (pd_str_is(name, ALGORITHMS[i].name))
            return &ALGORITHMS[i];
    return NULL;
}

/* Whether the key may have signed it: of the type, for signing, of the name if both have one. */
static bool is_candidate(const json_t *key, const struct algorithm *a, pd_str kid) {
    pd_str use = text_of(key, "use"), alg = text_of(key, "alg"), own = text_of(key, "kid");
    return json_is_object(key) && pd_str_is(text_of(key, "kty"), a->type) &&
           (!a->curve || pd_str_is(text_of(key, "crv"), a->curve)) &&
           (!use.data || pd_str_is(use, "sig")) && (!alg.data || pd_str_is(alg, a->name)) &&
           (!kid.data || !own.data || pd_str_eq(kid, own));
}

static enum pd_status verify_signature(const json_t *header, const json_t *jwks,
                                       const struct signed_text *s, struct pd_error *err) {
    const struct algorithm *a = find_algorithm(text_of(header, "alg"));
    const json_t *keys = json_object_get(jwks, "keys");
    if (!json_is_array(keys) || json_array_size(keys) > KEYS_MAX)
        return pd_fail(err, PD_INVALID, "the provider's keys are no list of at most %d", KEYS_MAX);
    if (!a)
        return pd_fail(err, PD_DENIED,
                       "the provider's token is signed by none of RS256, ES256, EdDSA");
    if (json_object_get(header, "crit"))
        return pd_fail(err, PD_DENIED, "the provider's token demands what isn't known here");
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const json_t *key = json_array_get(keys, i);
        if (is_candidate(key, a, text_of(header, "kid")) && a->verify(key, s))
            return PD_OK;
    }
    return pd_fail(err, PD_DENIED, "no key of the provider verifies its token");
}

/* ---- Claims: OpenID Connect Core 1.0, section 3.1.3.7 ---- */

static bool is_for_us(const json_t *claims, pd_str client) {
    const json_t *audience = json_object_get(claims, "aud");
    pd_str party = text_of(claims, "azp");
    bool found = pd_str_eq(text_of(claims, "aud"), client);
    for (size_t i = 0; json_is_array(audience) && i < json_array_size(audience); i++) {
        const json_t *one = json_array_get(audience, i);
        found = found || (json_is_string(one) &&
                          pd_str_eq((pd_str){json_string_value(one), json_string_length(one)},
                                    client));
    }
    if (party.data)
        return found && pd_str_eq(party, client);
    return found && (!json_is_array(audience) || json_array_size(audience) == 1);
}

/* Seconds of POSIX as a moment; false: it isn't there, or isn't a moment of these centuries. */
static bool time_of(const json_t *claims, const char *name, pd_time *out) {
    const json_t *v = json_object_get(claims, name);
    json_int_t seconds = json_is_integer(v) ? json_integer_value(v)
                         : json_is_real(v) && json_real_value(v) > 0 && json_real_value(v) < 1e12
                             ? (json_int_t)json_real_value(v)
                             : 0;
    if (seconds <= 0 || seconds > INT64_C(253402300799))
        return false;
    *out = (pd_time)seconds * PD_SECOND;
    return true;
}

static enum pd_status check_claims(const json_t *claims, const struct account_expected *expected,
                                   struct pd_arena *arena, struct account_claims *out,
                                   struct pd_error *err) {
    struct account_claims c = {0};
    pd_str subject = text_of(claims, "sub"), nonce = text_of(claims, "nonce");
    pd_time not_before;
    const char *wrong = NULL;
    if (!pd_str_eq(text_of(claims, "iss"), expected->issuer))
        wrong = "is of another issuer";
    else if (!is_for_us(claims, expected->client_id))
        wrong = "is for somebody else";
    else if (!time_of(claims, "exp", &c.expires_at) || !time_of(claims, "iat", &c.issued_at))
        wrong = "has no times";
    else if (c.expires_at + LEEWAY <= expected->now)
        wrong = "has expired";
    else if (c.issued_at - LEEWAY > expected->now)
        wrong = "is of the future";
    else if (json_object_get(claims, "nbf") &&
             (!time_of(claims, "nbf", &not_before) || not_before - LEEWAY > expected->now))
        wrong = "doesn't hold yet";
    else if (nonce.len != expected->nonce.len || nonce.len == 0 ||
             !crypto_equal(nonce.data, expected->nonce.data, nonce.len))
        wrong = "answers another question";
    else if (subject.len == 0 || subject.len > 255)
        wrong = "names nobody";
    if (wrong)
        return pd_fail(err, PD_DENIED, "the provider's token %s", wrong);
    c.subject = pd_arena_str(arena, subject);
    if (!c.subject.data)
        return pd_fail_memory(err);
    *out = c;
    return PD_OK;
}

/* ---- The whole ---- */

static enum pd_status parse_part(pd_str part, const char *what, struct pd_arena *arena,
                                 json_t **out, struct pd_error *err) {
    size_t n;
    uint8_t *bytes = pd_arena_alloc(arena, part.len + 1);
    if (!bytes)
        return pd_fail_memory(err);
    if (!secret_decode(part, bytes, part.len, &n) ||
        pd_json_parse((pd_str){(const char *)bytes, n}, TOKEN_MAX, 16, out, NULL) != PD_OK)
        return pd_fail(err, PD_DENIED, "the %s of the provider's token is no JSON", what);
    if (json_is_object(*out))
        return PD_OK;
    json_decref(*out);
    *out = NULL;
    return pd_fail(err, PD_DENIED, "the %s of the provider's token is no object", what);
}

static enum pd_status verify(pd_str parts[3], const json_t *jwks, pd_str whole,
                             const struct account_expected *expected, struct pd_arena *arena,
                             struct account_claims *out, struct pd_error *err) {
    json_t *header = NULL, *claims = NULL;
    uint8_t signature[CRYPTO_RSA_MAX / 8];
    struct signed_text s = {.text = {whole.data, parts[0].len + 1 + parts[1].len},
                            .signature = signature};
    if (!secret_decode(parts[2], signature, sizeof(signature), &s.signature_len))
        return pd_fail(err, PD_DENIED, "the signature of the provider's token is none");
    enum pd_status st = parse_part(parts[0], "header", arena, &header, err);
    if (st == PD_OK)
        st = verify_signature(header, jwks, &s, err);
    if (st == PD_OK)
        st = parse_part(parts[1], "body", arena, &claims, err);
    if (st == PD_OK)
        st = check_claims(claims, expected, arena, out, err);
    json_decref(claims);
    json_decref(header);
    return st;
}

enum pd_status account_id_token_verify(pd_str token, pd_str jwks,
                                       const struct account_expected *expected,
                                       struct pd_arena *arena, struct account_claims *out,
                                       struct pd_error *err) {
    pd_str parts[3] = {{0}}, rest = token;
    size_t n = 0;
    json_t *keys = NULL;
    if (token.len > TOKEN_MAX)
        return pd_fail(err, PD_LIMIT, "the provider's token is longer than %d bytes", TOKEN_MAX);
    while (n < 3 && pd_str_split(&rest, '.', &parts[n]))
        n++;
    if (n != 3 || rest.data)
        return pd_fail(err, PD_DENIED, "the provider's token is not of three parts");
    enum pd_status st = pd_json_parse(jwks, JWKS_MAX, 8, &keys, err);
    if (st != PD_OK)
        return pd_wrap(err, "the provider's keys");
    st = verify(parts, keys, token, expected, arena, out, err);
    json_decref(keys);
    return st;
}
