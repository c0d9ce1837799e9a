/* ID tokens and what providers tell: signed here by OpenSSL, as a provider would, and verified by account/. */
#include "account_fixture.h"
#include "account/account_impl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

enum kind { RS256, ES256, EDDSA, KINDS };
static const char *const NAMES[KINDS] = {"RS256", "ES256", "EdDSA"};
static EVP_PKEY *keys[KINDS];
static struct pd_arena *arena;
static struct pd_error err;

#define NOW (1800000000 * PD_SECOND)
static const struct account_expected EXPECTED = {PD_STR_INIT("https://p.example"),
                                                 PD_STR_INIT("polder"), PD_STR_INIT("n-1"), NOW};

static int make_keys(void **state) {
    (void)state;
    keys[RS256] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    keys[ES256] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    keys[EDDSA] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    arena = pd_arena_new((size_t)64 << 20);
    return keys[RS256] && keys[ES256] && keys[EDDSA] && arena ? 0 : -1;
}

static int free_keys(void **state) {
    (void)state;
    for (int i = 0; i < KINDS; i++)
        EVP_PKEY_free(keys[i]);
    pd_arena_free(arena);
    return 0;
}

static pd_str number(enum kind kind, const char *name, size_t len) {
    BIGNUM *n = NULL;
    uint8_t bytes[1024];
    assert_int_equal(EVP_PKEY_get_bn_param(keys[kind], name, &n), 1);
    if (len == 0)
        len = (size_t)BN_num_bytes(n);
    assert_int_equal(BN_bn2binpad(n, bytes, (int)len), (int)len);
    BN_free(n);
    return secret_encode(bytes, len, arena);
}

static pd_str jwk(enum kind kind, const char *more) {
    uint8_t x[32];
    size_t n = sizeof(x);
    switch (kind) {
    case RS256:
        return pd_arena_printf(arena, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"%s}",
                               number(kind, OSSL_PKEY_PARAM_RSA_N, 0).data,
                               number(kind, OSSL_PKEY_PARAM_RSA_E, 0).data, more);
    case ES256:
        return pd_arena_printf(arena,
                               "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"%s}",
                               number(kind, OSSL_PKEY_PARAM_EC_PUB_X, 32).data,
                               number(kind, OSSL_PKEY_PARAM_EC_PUB_Y, 32).data, more);
    default:
        assert_int_equal(EVP_PKEY_get_raw_public_key(keys[kind], x, &n), 1);
        return pd_arena_printf(arena, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"%s}",
                               secret_encode(x, n, arena).data, more);
    }
}

static pd_str jwks(enum kind kind, const char *more) {
    return pd_arena_printf(arena, "{\"keys\":[%s]}", jwk(kind, more).data);
}

static pd_str encode(const char *text) {
    return secret_encode(text, strlen(text), arena);
}

static pd_str sign(enum kind kind, const char *header, const char *claims) {
    pd_str text = pd_arena_printf(arena, "%s.%s", encode(header).data, encode(claims).data);
    uint8_t signature[1024], pair[64];
    size_t n = sizeof(signature);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, kind == EDDSA ? NULL : EVP_sha256(), NULL,
                                        keys[kind]),
                     1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &n, (const uint8_t *)text.data, text.len), 1);
    EVP_MD_CTX_free(ctx);
    const uint8_t *at = signature;
    if (kind == ES256) {
        ECDSA_SIG *both = d2i_ECDSA_SIG(NULL, &at, (long)n);
        assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(both), pair, 32), 32);
        assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(both), pair + 32, 32), 32);
        ECDSA_SIG_free(both);
        at = pair;
        n = 64;
    } else {
        at = signature;
    }
    return pd_arena_printf(arena, "%s.%s", text.data, secret_encode(at, n, arena).data);
}

#define CLAIMS                                                                                     \
    "{\"iss\":\"https://p.example\",\"sub\":\"u-1\",\"aud\":\"polder\",\"nonce\":\"n-1\","         \
    "\"iat\":1799999990,\"exp\":1800000300}"

static pd_str token_of(enum kind kind, const char *claims) {
    return sign(kind, pd_arena_printf(arena, "{\"alg\":\"%s\"}", NAMES[kind]).data, claims);
}

static enum pd_status verify(pd_str token, pd_str set) {
    struct account_claims claims = {0};
    err = (struct pd_error){0};
    enum pd_status st = account_id_token_verify(token, set, &EXPECTED, arena, &claims, &err);
    if (st == PD_OK)
        assert_true(pd_str_is(claims.subject, "u-1") && claims.expires_at > claims.issued_at);
    return st;
}

static void each_algorithm_verifies_its_own_and_no_other_key(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        pd_str token = token_of((enum kind)kind, CLAIMS);
        for (int of = 0; of < KINDS; of++)
            assert_int_equal(verify(token, jwks((enum kind)of, "")),
                             of == kind ? PD_OK : PD_DENIED);
        /* A header that names another algorithm than the key's. */
        for (int as = 0; as < KINDS; as++)
            if (as != kind)
                assert_int_equal(
                    verify(sign((enum kind)kind,
                                pd_arena_printf(arena, "{\"alg\":\"%s\"}", NAMES[as]).data, CLAIMS),
                           jwks((enum kind)kind, "")),
                    PD_DENIED);
    }
}

static void what_was_altered_does_not_verify(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        pd_str token = token_of((enum kind)kind, CLAIMS), set = jwks((enum kind)kind, "");
        for (size_t i = 0; i < token.len; i += 7) {
            pd_str bent = pd_arena_str(arena, token);
            char *at = (char *)(uintptr_t)bent.data + i;
            *at = *at == 'A' ? 'B' : 'A';
            if (*at != token.data[i])
                assert_int_equal(verify(bent, set), PD_DENIED);
        }
        for (size_t len = 0; len < token.len; len += 11)
            assert_int_equal(verify(pd_str_sub(token, 0, len), set), PD_DENIED);
    }
}

static void headers_that_ask_for_less_are_refused(void **state) {
    (void)state;
    static const char *const headers[] = {
        "{\"alg\":\"none\"}", "{\"alg\":\"HS256\"}", "{}", "{\"alg\":null}", "[]",
        "{\"alg\":\"EdDSA\",\"crit\":[\"b64\"]}", "{\"alg\":\"EdDSA\",\"kid\":\"other\"}",
        "{\"alg\":\"EdDSA\",\"alg\":\"EdDSA\"}", "{\"alg\":\"EdDSA\"",
    };
    pd_str set = jwks(EDDSA, ",\"kid\":\"mine\"");
    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
        if (verify(sign(EDDSA, headers[i], CLAIMS), set) != PD_DENIED)
            fail_msg("%s: %s", headers[i], err.text);
    assert_int_equal(verify(sign(EDDSA, "{\"alg\":\"EdDSA\",\"kid\":\"mine\"}", CLAIMS), set), PD_OK);
    /* Without a signature at all. */
    pd_str bare = pd_arena_printf(arena, "%s.%s.", encode("{\"alg\":\"none\"}").data,
                                  encode(CLAIMS).data);
    assert_int_equal(verify(bare, set), PD_DENIED);
    /* A key that isn't for signing, or for another algorithm. */
    assert_int_equal(verify(token_of(EDDSA, CLAIMS), jwks(EDDSA, ",\"use\":\"enc\"")), PD_DENIED);
    assert_int_equal(verify(token_of(RS256, CLAIMS), jwks(RS256, ",\"alg\":\"RS512\"")), PD_DENIED);
    assert_int_equal(verify(token_of(EDDSA, CLAIMS), PD_STR("{\"keys\":[]}")), PD_DENIED);
    assert_int_equal(verify(token_of(EDDSA, CLAIMS), PD_STR("{}")), PD_INVALID);
    assert_int_equal(verify(token_of(EDDSA, CLAIMS), PD_STR("nonsense")), PD_INVALID);
}

static void claims_must_be_for_us_and_of_now(void **state) {
    (void)state;
    static const struct {
        const char *claims, *words; /* NULL: fine */
    } cases[] = {
        {CLAIMS, NULL},
#define WITH(iss, sub, aud, nonce, iat, exp)                                                       \
    "{\"iss\":" iss ",\"sub\":" sub ",\"aud\":" aud ",\"nonce\":" nonce ",\"iat\":" iat            \
    ",\"exp\":" exp "}"
#define ISS "\"https://p.example\""
        {WITH("\"https://q.example\"", "\"u-1\"", "\"polder\"", "\"n-1\"", "1799999990", "1800000300"), "issuer"},
        {WITH("\"https://p.example/\"", "\"u-1\"", "\"polder\"", "\"n-1\"", "1799999990", "1800000300"), "issuer"},
        {WITH(ISS, "\"u-1\"", "\"other\"", "\"n-1\"", "1799999990", "1800000300"), "somebody else"},
        {WITH(ISS, "\"u-1\"", "[\"polder\"]", "\"n-1\"", "1799999990", "1800000300"), NULL},
        {WITH(ISS, "\"u-1\"", "[\"polder\",\"other\"]", "\"n-1\"", "1799999990", "1800000300"), "somebody else"},
        {WITH(ISS, "\"u-1\"", "[\"polder\",\"other\"],\"azp\":\"polder\"", "\"n-1\"", "1799999990", "1800000300"), NULL},
        {WITH(ISS, "\"u-1\"", "\"polder\",\"azp\":\"other\"", "\"n-1\"", "1799999990", "1800000300"), "somebody else"},
        {WITH(ISS, "\"u-1\"", "\"polder\"", "\"n-2\"", "1799999990", "1800000300"), "another question"},
        {WITH(ISS, "\"u-1\"", "\"polder\"", "null", "1799999990", "1800000300"), "another question"},
        {WITH(ISS, "\"u-1\"", "\"polder\"", "\"n-1\"", "1799999990", "1799999879"), "expired"},
        {WITH(ISS, "\"u-1\"", "\"polder\"", "\"n-1\"", "1799999000", "1799999881"), NULL},
        {WITH(ISS, "\"u-1\"", "\"polder\"", "\"n-1\"", "1800000121", "1800000300"), "future"},
        {WITH(ISS, "\"u-1\"", "\"polder\"", "\"n-1\"", "\"1\"", "1800000300"), "times"},
        {WITH(ISS, "\"u-1\"", "\"polder\"", "\"n-1\"", "1", "99999999999999"), "times"},
        {WITH(ISS, "\"u-1\"", "\"polder\"", "\"n-1\"", "-5", "1800000300"), "times"},
        {WITH(ISS, "\"u-1\"", "\"polder\"", "\"n-1\"", "1", "1800000300,\"nbf\":1800000200"), "hold yet"},
        {WITH(ISS, "\"\"", "\"polder\"", "\"n-1\"", "1799999990", "1800000300"), "nobody"},
        {WITH(ISS, "7", "\"polder\"", "\"n-1\"", "1799999990", "1800000300"), "nobody"},
        {"[]", "no object"},
        {"{", "no JSON"},
        {"{}", "issuer"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        enum pd_status st = verify(token_of(EDDSA, cases[i].claims), jwks(EDDSA, ""));
        if (st != (cases[i].words ? PD_DENIED : PD_OK) ||
            (cases[i].words && !strstr(err.text, cases[i].words)))
            fail_msg("case %zu: %d \"%s\"", i, (int)st, err.text);
    }
}

static void short_and_odd_keys_verify_nothing(void **state) {
    (void)state;
    EVP_PKEY *kept = keys[RS256];
    keys[RS256] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    assert_int_equal(verify(token_of(RS256, CLAIMS), jwks(RS256, "")), PD_DENIED);
    EVP_PKEY_free(keys[RS256]);
    keys[RS256] = kept;
    static const char *const sets[] = {
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\"},7,null,[],{\"kty\":\"RSA\",\"n\":\"*\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"AAAA\"}]}",
        ("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
         "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}"),
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}"};
    for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
        for (int kind = 0; kind < KINDS; kind++)
            assert_int_equal(verify(token_of((enum kind)kind, CLAIMS), pd_str_from(sets[i])),
                             PD_DENIED);
}

static void a_provider_tells_who_it_is(void **state) {
    (void)state;
    static const struct {
        const char *json;
        bool may_http;
        const char *words; /* NULL: fine */
    } cases[] = {
#define TOLD(issuer, token)                                                                        \
    "{\"issuer\":\"" issuer "\",\"authorization_endpoint\":\"https://p.example/a?x=1\","           \
    "\"token_endpoint\":\"" token "\",\"jwks_uri\":\"https://p.example/k\"}"
        {TOLD("https://p.example", "https://p.example/t"), false, NULL},
        {TOLD("https://q.example", "https://p.example/t"), false, "not \"https://p.example\""},
        {TOLD("https://p.example", "http://p.example/t"), false, "token_endpoint"},
        {TOLD("https://p.example", "http://p.example/t"), true, NULL},
        {TOLD("https://p.example", "file:///etc/passwd"), true, "token_endpoint"},
        {TOLD("https://p.example", "https://p.example/ t"), false, "token_endpoint"},
        {TOLD("https://p.example", "https://p.example/\\nX"), false, "token_endpoint"},
        {"{}", false, "issuer"},
        {"[]", false, "issuer"},
        {"", false, "tells of itself"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct account_discovery d;
        err = (struct pd_error){0};
        enum pd_status st =
            account_discovery_parse(pd_str_from(cases[i].json), PD_STR("https://p.example"),
                                    cases[i].may_http, arena, &d, &err);
        if (st != (cases[i].words ? PD_INVALID : PD_OK) ||
            (cases[i].words && !strstr(err.text, cases[i].words)))
            fail_msg("case %zu: %d \"%s\"", i, (int)st, err.text);
    }
}

/* ---- Providers, links, flows: in a store ---- */

static void providers_and_links_are_explicit(void **state) {
    struct world *w = *state;
    struct fixture *f = &w->f;
    struct account_provider p = {PD_STR("gate"), PD_STR("https://p.example"), PD_STR("Gate"),
                                 PD_STR("polder"), PD_STR("hidden words"), false};
    const struct account_provider *list;
    size_t count;
    assert_ok(f, account_provider_save(f->store, &p, w->now, f->arena, &f->err));
    assert_ok(f, account_providers(f->store, f->arena, &list, &count, &f->err));
    assert_true(count == 1 && pd_str_is(list[0].title, "Gate") && list[0].client_secret.len == 0);
    p.issuer = PD_STR("http://p.example");
    assert_fails(f, PD_INVALID, "https", account_provider_save(f->store, &p, w->now, f->arena, &f->err));
    p.issuer = PD_STR("https://p.example");
    p.id = PD_STR("a/b");
    assert_fails(f, PD_INVALID, "name", account_provider_save(f->store, &p, w->now, f->arena, &f->err));
    assert_ok(f, account_link(f->store, PD_STR("gate"), PD_STR("u-1"), PD_STR("stats"), PD_STR("li"), w->now, &f->err));
    assert_ok(f, account_link(f->store, PD_STR("gate"), PD_STR("u-1"), PD_STR("stats"), PD_STR("li"), w->now, &f->err));
    assert_fails(f, PD_CONFLICT, "another member", account_link(f->store, PD_STR("gate"), PD_STR("u-1"), PD_STR("stats"), PD_STR("wang"), w->now, &f->err));
    assert_fails(f, PD_NOT_FOUND, "no provider", account_link(f->store, PD_STR("gat"), PD_STR("u-1"), PD_STR("stats"), PD_STR("wang"), w->now, &f->err));
    assert_fails(f, PD_NOT_FOUND, "no member", account_link(f->store, PD_STR("gate"), PD_STR("u-2"), PD_STR("stats"), PD_STR("zhao"), w->now, &f->err));
    assert_ok(f, account_unlink(f->store, PD_STR("gate"), PD_STR("u-1"), &f->err));
    assert_fails(f, PD_NOT_FOUND, "nobody", account_unlink(f->store, PD_STR("gate"), PD_STR("u-1"), &f->err));
    assert_ok(f, account_provider_remove(f->store, PD_STR("gate"), &f->err));
    assert_fails(f, PD_NOT_FOUND, "no provider", account_provider_remove(f->store, PD_STR("gate"), &f->err));
}

static void a_provider_within_the_network_is_not_asked_unless_set_up_so(void **state) {
    struct world *w = *state;
    struct fixture *f = &w->f;
    struct account_flow flow;
    struct account_session s;
    struct account_provider p = {PD_STR("gate"), PD_STR("https://127.0.0.1:1"), PD_STR("Gate"),
                                 PD_STR("polder"), PD_STR(""), false};
    pd_str back = PD_STR("https://node.example/sign-in/oidc/callback");
    assert_ok(f, account_provider_save(f->store, &p, w->now, f->arena, &f->err));
    assert_fails(f, PD_DENIED, "provider",
                 account_oidc_begin(f->store, PD_STR("gate"), back, PD_STR(""), w->now, f->arena,
                                    &flow, &f->err));
    p.may_private = true;
    assert_ok(f, account_provider_save(f->store, &p, w->now, f->arena, &f->err));
    assert_fails(f, PD_UNAVAILABLE, "provider",
                 account_oidc_begin(f->store, PD_STR("gate"), back, PD_STR(""), w->now, f->arena,
                                    &flow, &f->err));
    assert_fails(f, PD_DENIED, "mistyped",
                 account_oidc_begin(f->store, PD_STR("gate"), back, PD_STR("AAAAA"), w->now,
                                    f->arena, &flow, &f->err));
    /* What nobody began can't be finished, whatever the state says. */
    const pd_str secrets[] = {PD_STR(""), PD_STR("x"),
                              PD_STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")};
    for (size_t i = 0; i < 3; i++)
        assert_fails(f, PD_DENIED, "not begun in this browser",
                     account_oidc_finish(f->store, PD_STR("code"), PD_STR("state"), PD_STR(""),
                                         secrets[i], PD_STR(""), w->now, f->arena, &s, &f->err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_algorithm_verifies_its_own_and_no_other_key),
        cmocka_unit_test(what_was_altered_does_not_verify),
        cmocka_unit_test(headers_that_ask_for_less_are_refused),
        cmocka_unit_test(claims_must_be_for_us_and_of_now),
        cmocka_unit_test(short_and_odd_keys_verify_nothing),
        cmocka_unit_test(a_provider_tells_who_it_is),
        cmocka_unit_test_setup_teardown(providers_and_links_are_explicit, make_people, remove_people),
        cmocka_unit_test_setup_teardown(a_provider_within_the_network_is_not_asked_unless_set_up_so, make_people,
                                        remove_people),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
