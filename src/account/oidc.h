/**
 * OpenID Connect (Core 1.0, code flow): a provider vouches for who signs in. PKCE (RFC 7636, S256),
 * state and nonce; discovery and keys are fetched through net/, which refuses addresses that aren't
 * public unless the provider was set up so. A subject is a member only by an explicit link.
 *
 * Part of account/account.h, which others include.
 */
#ifndef POLDER_ACCOUNT_OIDC_H
#define POLDER_ACCOUNT_OIDC_H

#include "account/account.h"

struct account_provider {
    pd_str id;     /* a short name: letters, digits, '-' */
    pd_str issuer; /* https://..., as the provider's tokens say it; http only with may_private */
    pd_str title;  /* for the button */
    pd_str client_id;
    pd_str client_secret; /* only when it is set; empty: a public client */
    bool may_private;     /* its addresses need not be public, nor encrypted */
};
/** Sets up a provider, or changes the one of this id. PD_INVALID says what is wrong. */
PD_CHECK enum pd_status account_provider_save(struct store *store,
                                              const struct account_provider *provider, pd_time now,
                                              struct pd_arena *arena, struct pd_error *err);
/** By id, without their secrets; in `arena`. Reading is enough. */
PD_CHECK enum pd_status account_providers(struct store *store, struct pd_arena *arena,
                                          const struct account_provider **out, size_t *count,
                                          struct pd_error *err);
/** Its links stay, and are useless. PD_NOT_FOUND. */
PD_CHECK enum pd_status account_provider_remove(struct store *store, pd_str id,
                                                struct pd_error *err);

/** Makes the provider's subject this member's. By an administrator. PD_NOT_FOUND: no such provider
 * or member; PD_CONFLICT: the subject is another account's. */
PD_CHECK enum pd_status account_link(struct store *store, pd_str provider, pd_str subject,
                                     pd_str party, pd_str member, pd_time now,
                                     struct pd_error *err);
PD_CHECK enum pd_status account_unlink(struct store *store, pd_str provider, pd_str subject,
                                       struct pd_error *err);

/** A sign-in that has begun: where the browser goes, and the cookie that binds it to the browser. */
struct account_flow {
    pd_str url;
    pd_str secret; /* for account_flow_cookie */
};
/**
 * Begins. Slow: asks the provider for its discovery document.
 *
 * redirect_uri: where the provider sends the browser back to: this node's /sign-in/oidc/callback,
 *               absolute, as it is registered there.
 * invitation:   the code of an invitation that this sign-in is to link; or empty.
 * PD_NOT_FOUND: no such provider; PD_DENIED: no such invitation, or the provider's address isn't
 * allowed; PD_UNAVAILABLE, PD_INVALID: the provider doesn't answer, or not as it should.
 */
PD_CHECK enum pd_status account_oidc_begin(struct store *store, pd_str provider,
                                           pd_str redirect_uri, pd_str invitation, pd_time now,
                                           struct pd_arena *arena, struct account_flow *out,
                                           struct pd_error *err);
/**
 * Finishes, once: exchanges the code, verifies the ID token, finds the member by the link (or makes
 * it, by the invitation), signs in. Slow.
 *
 * code, state: of the query of the callback. iss: likewise (RFC 9207); empty: none.
 * flow_secret: of the flow's cookie. cookie: of a session that the browser had; it ends.
 * PD_DENIED: unknown or expired state, another browser's, a token that doesn't verify, a subject
 * that nobody linked; PD_UNAVAILABLE: the provider doesn't answer.
 */
PD_CHECK enum pd_status account_oidc_finish(struct store *store, pd_str code, pd_str state,
                                            pd_str iss, pd_str flow_secret, pd_str cookie,
                                            pd_time now, struct pd_arena *arena,
                                            struct account_session *out, struct pd_error *err);
/** The flow's cookie, "__Host-polder-flow", for ten minutes; as account_cookie_find and _write. */
pd_str account_flow_cookie_find(pd_str header, bool is_plain);
pd_str account_flow_cookie_write(pd_str secret, bool is_plain, struct pd_arena *arena);

/* ---- What providers send: parsed and checked, for tests and fuzzing too ---- */

/** What of a discovery document is used (OpenID Connect Discovery 1.0). Views in the arena. */
struct account_discovery {
    pd_str issuer, authorization_endpoint, token_endpoint, jwks_uri;
    bool may_basic;  /* token_endpoint_auth_methods_supported: client_secret_basic, the default */
    bool sends_iss;  /* RFC 9207 */
};
/** issuer: who was asked, which the document must repeat. PD_INVALID. */
PD_CHECK enum pd_status account_discovery_parse(pd_str json, pd_str issuer, bool may_http,
                                                struct pd_arena *arena,
                                                struct account_discovery *out,
                                                struct pd_error *err);

/** What an ID token says. */
struct account_claims {
    pd_str subject;
    pd_time issued_at, expires_at;
};
struct account_expected {
    pd_str issuer, client_id, nonce;
    pd_time now;
};
/**
 * Verifies an ID token: a JWS in compact form (RFC 7515), signed with RS256, ES256 or EdDSA by a key
 * of the set (RFC 7517), whose issuer, audience, authorized party, nonce and times are as expected
 * (OpenID Connect Core 1.0, section 3.1.3.7), with two minutes for clocks that differ. Never "none",
 * never a key of another type than the algorithm's. PD_DENIED says what is wrong; PD_INVALID: the
 * key set; PD_LIMIT: larger than 64 KiB.
 */
PD_CHECK enum pd_status account_id_token_verify(pd_str token, pd_str jwks,
                                                const struct account_expected *expected,
                                                struct pd_arena *arena, struct account_claims *out,
                                                struct pd_error *err);

#endif
