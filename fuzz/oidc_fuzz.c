/* What a provider sends: discovery document, key set, ID token. The input is tried as each of them. Of a token nothing may
 * be believed: no key here signed one. */
#include "account/account.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static const char KEYS[] =
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
    "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}]}";
static const char TOKEN[] = "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJodHRwczovL3AuZXhhbXBsZSJ9.AAAA";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pd_str text = {(const char *)data, size};
    struct pd_arena *arena = pd_arena_new(4 << 20);
    const struct account_expected expected = {PD_STR("https://p.example"), PD_STR("c"), PD_STR("n"),
                                              1800000000 * PD_SECOND};
    struct account_discovery d;
    struct account_claims claims;
    must(arena != NULL);
    if (account_discovery_parse(text, PD_STR("https://p.example"), false, arena, &d, NULL) == PD_OK)
        must(pd_str_starts(d.token_endpoint, PD_STR("https://")) &&
             pd_str_starts(d.jwks_uri, PD_STR("https://")));
    must(account_id_token_verify(text, pd_str_from(KEYS), &expected, arena, &claims, NULL) != PD_OK);
    must(account_id_token_verify(pd_str_from(TOKEN), text, &expected, arena, &claims, NULL) != PD_OK);
    (void)account_cookie_find(text, false);
    (void)account_csrf_is(pd_str_from(TOKEN), text);
    pd_arena_free(arena);
    return 0;
}
