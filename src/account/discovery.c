/* What a provider tells of itself (OpenID Connect Discovery 1.0, section 3). */
#include "account/account_impl.h"

#include <jansson.h>

enum { DOCUMENT_MAX = 256 << 10, ADDRESS_MAX = 2000 };

static enum pd_status address_of(const json_t *document, const char *name, bool may_http,
                                 struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    const json_t *v = json_object_get(document, name);
    pd_str text = json_is_string(v) ? (pd_str){json_string_value(v), json_string_length(v)}
                                    : (pd_str){0};
    bool is_plain = true;
    for (size_t i = 0; i < text.len; i++)
        is_plain = is_plain && text.data[i] > 0x20 && text.data[i] < 0x7f &&
                   !strchr("\"<>\\^`{|}#", text.data[i]);
    if (text.len == 0 || text.len > ADDRESS_MAX || !is_plain ||
        !(pd_str_starts(text, PD_STR("https://")) ||
          (may_http && pd_str_starts(text, PD_STR("http://")))))
        return pd_fail(err, PD_INVALID, "the provider's \"%s\" is no address (https)", name);
    *out = pd_arena_str(arena, text);
    return out->data ? PD_OK : pd_fail_memory(err);
}

/* Whether a list of words has one. */
static bool has_word(const json_t *list, const char *word) {
    for (size_t i = 0; json_is_array(list) && i < json_array_size(list); i++) {
        const char *one = json_string_value(json_array_get(list, i));
        if (one && strcmp(one, word) == 0)
            return true;
    }
    return false;
}

static enum pd_status read_document(const json_t *document, pd_str issuer, bool may_http,
                                    struct pd_arena *arena, struct account_discovery *out,
                                    struct pd_error *err) {
    struct account_discovery d = {0};
    const json_t *methods = json_object_get(document, "token_endpoint_auth_methods_supported");
    const struct {
        const char *name;
        pd_str *to;
    } members[] = {{"issuer", &d.issuer},
                   {"authorization_endpoint", &d.authorization_endpoint},
                   {"token_endpoint", &d.token_endpoint},
                   {"jwks_uri", &d.jwks_uri}};
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < 4; i++)
        st = address_of(document, members[i].name, may_http, arena, members[i].to, err);
    if (st != PD_OK)
        return st;
    if (!pd_str_eq(d.issuer, issuer))
        return pd_fail(err, PD_INVALID, "the provider says that it is \"%.*s\", not \"%.*s\"",
                       pd_arg(d.issuer), pd_arg(issuer));
    d.may_basic = !methods || has_word(methods, "client_secret_basic");
    d.sends_iss =
        json_is_true(json_object_get(document, "authorization_response_iss_parameter_supported"));
    *out = d;
    return PD_OK;
}

enum pd_status account_discovery_parse(pd_str json, pd_str issuer, bool may_http,
                                       struct pd_arena *arena, struct account_discovery *out,
                                       struct pd_error *err) {
    json_t *document = NULL;
    enum pd_status st = pd_json_parse(json, DOCUMENT_MAX, 16, &document, err);
    if (st != PD_OK)
        return pd_wrap(err, "what the provider tells of itself"), PD_INVALID;
    st = read_document(document, issuer, may_http, arena, out, err);
    json_decref(document);
    return st;
}
