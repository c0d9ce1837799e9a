/*
 * Signing in by a provider: begun with an address to send the browser to, finished with the code
 * that it brings back. What a flow needs (state, nonce, PKCE's verifier) derives from one secret in
 * the browser's cookie, so that a code stolen on the way is of no use to another browser, and
 * nothing of it rests here but a hash.
 */
#include "account/account_impl.h"

#include "net/net.h"

#include <jansson.h>

#define FLOW_FOR (600 * PD_SECOND)
enum { ANSWER_MAX = 256 << 10, CODE_MAX = 4096 };

struct flow {
    pd_str state, nonce, verifier, challenge;
    char state_hash[SECRET_HASH_SIZE];
};

static enum pd_status make_flow(pd_str secret, struct pd_arena *arena, struct flow *f,
                                struct pd_error *err) {
    crypto_hash state = secret_derive(secret, "polder oidc state"),
                nonce = secret_derive(secret, "polder oidc nonce"),
                verifier = secret_derive(secret, "polder oidc pkce");
    f->state = secret_encode(state.bytes, sizeof(state.bytes), arena);
    f->nonce = secret_encode(nonce.bytes, sizeof(nonce.bytes), arena);
    f->verifier = secret_encode(verifier.bytes, sizeof(verifier.bytes), arena);
    if (!f->state.data || !f->nonce.data || !f->verifier.data)
        return pd_fail_memory(err);
    crypto_hash challenge = crypto_sha256(f->verifier.data, f->verifier.len);
    f->challenge = secret_encode(challenge.bytes, sizeof(challenge.bytes), arena);
    secret_hash(f->state, f->state_hash);
    return f->challenge.data ? PD_OK : pd_fail_memory(err);
}

/* application/x-www-form-urlencoded, and queries of addresses. */
static void add_encoded(struct pd_buf *out, pd_str text) {
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || (c && strchr("-._~", c));
        if (is_plain)
            pd_buf_char(out, (char)c);
        else
            pd_buf_printf(out, "%%%02X", c);
    }
}

static void add_pair(struct pd_buf *out, const char *name, pd_str value) {
    if (out->len && out->data[out->len - 1] != '?' && out->data[out->len - 1] != '&')
        pd_buf_char(out, '&');
    pd_buf_printf(out, "%s=", name);
    add_encoded(out, value);
}

/* ---- Asking the provider ---- */

static enum pd_status open_net(const struct account_provider *p, struct net **out,
                               struct pd_error *err) {
    struct net_rules rules = net_rules_default();
    rules.may_http = rules.may_private = p->may_private;
    rules.answer_max = ANSWER_MAX;
    rules.redirects_max = 0; /* an address that was given is the address */
    return net_open(&rules, out, err);
}

static enum pd_status fetch(struct net *net, struct net_call *call, struct pd_arena *arena,
                            struct pd_error *err) {
    enum pd_status st = net_call(net, call, arena, err);
    if (st != PD_OK)
        return pd_wrap(err, "the provider");
    if (call->http == 200)
        return PD_OK;
    return pd_fail(err, call->http >= 500 ? PD_UNAVAILABLE : PD_DENIED,
                   "the provider answers with status %d", call->http);
}

static enum pd_status discover(struct net *net, const struct account_provider *p,
                               struct pd_arena *arena, struct account_discovery *out,
                               struct pd_error *err) {
    bool has_slash = pd_str_ends(p->issuer, PD_STR("/"));
    struct net_call call = {.url = pd_arena_printf(arena, "%.*s%s.well-known/openid-configuration",
                                                   pd_arg(p->issuer), has_slash ? "" : "/")};
    if (!call.url.data)
        return pd_fail_memory(err);
    enum pd_status st = fetch(net, &call, arena, err);
    return st == PD_OK ? account_discovery_parse(call.answer, p->issuer, p->may_private, arena, out,
                                                 err)
                       : st;
}

/* ---- Beginning ---- */

static const struct sql ADD_FLOW = {
    .both = "INSERT INTO account_flow (state_hash, provider_id, invite_hash, redirect_uri, "
            "expires_at) VALUES ($1, $2, $3, $4, $5)"};

static enum pd_status write_url(const struct account_discovery *d, const struct account_provider *p,
                                const struct flow *f, pd_str redirect_uri, struct pd_arena *arena,
                                pd_str *out, struct pd_error *err) {
    struct pd_buf url;
    pd_buf_init(&url, 1 << 14);
    pd_buf_str(&url, d->authorization_endpoint);
    if (pd_str_find_char(d->authorization_endpoint, '?') == PD_NPOS)
        pd_buf_char(&url, '?');
    add_pair(&url, "response_type", PD_STR("code"));
    add_pair(&url, "client_id", p->client_id);
    add_pair(&url, "redirect_uri", redirect_uri);
    add_pair(&url, "scope", PD_STR("openid"));
    add_pair(&url, "state", f->state);
    add_pair(&url, "nonce", f->nonce);
    add_pair(&url, "code_challenge", f->challenge);
    add_pair(&url, "code_challenge_method", PD_STR("S256"));
    enum pd_status st = pd_buf_check(&url, err);
    if (st == PD_OK) {
        *out = pd_arena_str(arena, pd_buf_view(&url));
        st = out->data ? PD_OK : pd_fail_memory(err);
    }
    pd_buf_clear(&url);
    return st;
}

enum pd_status account_oidc_begin(struct store *store, pd_str provider, pd_str redirect_uri,
                                  pd_str invitation, pd_time now, struct pd_arena *arena,
                                  struct account_flow *out, struct pd_error *err) {
    char invite[SECRET_HASH_SIZE] = "";
    struct account_provider p;
    struct account_discovery d;
    struct account_row row;
    struct account_flow made = {.secret = secret_make("", arena)};
    struct flow f;
    struct net *net = NULL;
    enum pd_status st = made.secret.data ? provider_find(store, provider, arena, &p, err)
                                         : pd_fail_memory(err);
    if (st == PD_OK && invitation.len &&
        (!secret_code_hash(invitation, invite) ||
         account_row_find(store, ACCOUNT_OF_INVITE, pd_str_from(invite), now, arena, &row, NULL) !=
             PD_OK))
        return pd_fail(err, PD_DENIED, "this code is not one that waits: it was mistyped, used, or "
                                       "has expired; ask for another");
    if (st == PD_OK)
        st = make_flow(made.secret, arena, &f, err);
    if (st == PD_OK)
        st = open_net(&p, &net, err);
    if (st == PD_OK)
        st = discover(net, &p, arena, &d, err);
    net_close(net);
    if (st == PD_OK)
        st = write_url(&d, &p, &f, redirect_uri, arena, &made.url, err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(pd_str_from(f.state_hash)), STORE_STR(p.id),
                                   STORE_STR(pd_str_from(invite)), STORE_STR(redirect_uri),
                                   STORE_I64(now + FLOW_FOR)};
    st = store_run(store, ADD_FLOW, values, 5, NULL, err);
    if (st == PD_OK)
        *out = made;
    return st;
}

/* ---- Finishing ---- */

struct finishing {
    pd_str provider, invite, redirect_uri, issuer, subject, cookie;
    const char *state_hash;
    pd_time now;
    struct pd_arena *arena;
    struct account_session *out;
};

static const struct sql FIND_FLOW = {
    .both = "SELECT provider_id, invite_hash, redirect_uri FROM account_flow"
            " WHERE state_hash = $1 AND expires_at > $2"};
static const struct sql TAKE_FLOW = {.both = "DELETE FROM account_flow WHERE state_hash = $1"};

static enum pd_status unknown_flow(struct pd_error *err) {
    return pd_fail(err, PD_DENIED,
                   "this sign-in was not begun in this browser, or longer ago than ten minutes; "
                   "begin again");
}

/* Once: whoever comes second with the same state finds none. */
static enum pd_status take_flow(struct store *store, void *context, struct pd_error *err) {
    struct finishing *f = context;
    struct store_value values[] = {STORE_STR(pd_str_from(f->state_hash)), STORE_I64(f->now)};
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(store, FIND_FLOW, values, 2, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && !has)
        st = unknown_flow(err);
    pd_str *texts[] = {&f->provider, &f->invite, &f->redirect_uri};
    for (size_t i = 0; st == PD_OK && i < 3; i++) {
        *texts[i] = pd_arena_str(f->arena, store_str(rows, i));
        if (!texts[i]->data)
            st = pd_fail_memory(err);
    }
    store_rows_close(rows);
    return st == PD_OK ? store_run(store, TAKE_FLOW, values, 1, NULL, err) : st;
}

static pd_str basic(const struct account_provider *p, struct pd_arena *arena) {
    struct pd_buf pair;
    pd_buf_init(&pair, 1 << 15);
    add_encoded(&pair, p->client_id);
    pd_buf_char(&pair, ':');
    add_encoded(&pair, p->client_secret);
    char *text = pd_arena_alloc(arena, 4 * (pair.len / 3 + 1) + 1);
    pd_str out = {0};
    if (text && pair.data && !pair.failed) {
        pd_base64_encode(pair.data, pair.len, text);
        out = pd_arena_printf(arena, "Basic %s", text);
    }
    if (pair.data)
        crypto_wipe(pair.data, pair.capacity);
    pd_buf_clear(&pair);
    return out;
}

/* The code for an ID token (RFC 6749, section 4.1.3; RFC 7636, section 4.5). */
static enum pd_status exchange(struct net *net, const struct account_provider *p,
                               const struct account_discovery *d, const struct flow *flow,
                               pd_str redirect_uri, pd_str code, struct pd_arena *arena,
                               pd_str *token, struct pd_error *err) {
    struct pd_buf body;
    json_t *answer = NULL;
    bool is_basic = d->may_basic && p->client_secret.len;
    pd_buf_init(&body, 1 << 15);
    add_pair(&body, "grant_type", PD_STR("authorization_code"));
    add_pair(&body, "code", code);
    add_pair(&body, "redirect_uri", redirect_uri);
    add_pair(&body, "code_verifier", flow->verifier);
    add_pair(&body, "client_id", p->client_id);
    if (p->client_secret.len && !is_basic)
        add_pair(&body, "client_secret", p->client_secret);
    struct net_call call = {.url = d->token_endpoint,
                            .is_post = true,
                            .body = pd_buf_view(&body),
                            .content_type = "application/x-www-form-urlencoded",
                            .authorization = is_basic ? basic(p, arena) : PD_STR("")};
    enum pd_status st = is_basic && !call.authorization.data ? pd_fail_memory(err)
                                                             : pd_buf_check(&body, err);
    if (st == PD_OK)
        st = fetch(net, &call, arena, err);
    if (body.data)
        crypto_wipe(body.data, body.capacity);
    pd_buf_clear(&body);
    if (st == PD_OK && pd_json_parse(call.answer, ANSWER_MAX, 8, &answer, NULL) != PD_OK)
        st = pd_fail(err, PD_INVALID, "the provider answers with no JSON");
    const json_t *value = json_object_get(answer, "id_token");
    if (st == PD_OK && !json_is_string(value))
        st = pd_fail(err, PD_INVALID, "the provider gives no ID token");
    if (st == PD_OK) {
        *token = pd_arena_str(arena, (pd_str){json_string_value(value), json_string_length(value)});
        st = token->data ? PD_OK : pd_fail_memory(err);
    }
    json_decref(answer);
    return st;
}

static enum pd_status ask_provider(const struct account_provider *p, const struct flow *flow,
                                   pd_str code, pd_str iss, struct finishing *f,
                                   struct pd_error *err) {
    struct account_discovery d;
    struct account_claims claims;
    struct net *net = NULL;
    pd_str token;
    enum pd_status st = open_net(p, &net, err);
    if (st == PD_OK)
        st = discover(net, p, f->arena, &d, err);
    if (st == PD_OK && (d.sends_iss || iss.len) && !pd_str_eq(iss, p->issuer))
        st = pd_fail(err, PD_DENIED, "the answer comes from another provider"); /* RFC 9207 */
    if (st == PD_OK)
        st = exchange(net, p, &d, flow, f->redirect_uri, code, f->arena, &token, err);
    struct net_call keys = {.url = d.jwks_uri};
    if (st == PD_OK)
        st = fetch(net, &keys, f->arena, err);
    net_close(net);
    const struct account_expected expected = {p->issuer, p->client_id, flow->nonce, f->now};
    if (st == PD_OK)
        st = account_id_token_verify(token, keys.answer, &expected, f->arena, &claims, err);
    if (st != PD_OK)
        return st;
    f->issuer = p->issuer;
    f->subject = claims.subject;
    return PD_OK;
}

static const struct sql CLOSE_INVITE = {
    .both = "UPDATE account SET invite_hash = '', invite_until = 0 WHERE id = $1"};

/* Whom the subject is linked to; with an invitation, it is linked to its account first. */
static enum pd_status sign_in(struct store *store, void *context, struct pd_error *err) {
    const struct finishing *f = context;
    struct account_row row;
    pd_str id;
    enum pd_status st = PD_OK;
    if (f->invite.len) {
        st = account_row_find(store, ACCOUNT_OF_INVITE, f->invite, f->now, f->arena, &row, err);
        struct store_value values[] = {STORE_STR(row.id_text)};
        if (st == PD_OK)
            st = link_add(store, row.id_text, f->issuer, f->subject, f->now, f->arena, err);
        if (st == PD_OK)
            st = store_run(store, CLOSE_INVITE, values, 1, NULL, err);
    }
    if (st == PD_OK)
        st = link_find(store, f->issuer, f->subject, f->arena, &id, err);
    if (st == PD_OK)
        st = account_row_find(store, ACCOUNT_OF_ID, id, f->now, f->arena, &row, err);
    if (st == PD_NOT_FOUND || (st == PD_OK && (row.is_locked || row.has_ended)))
        return pd_fail(err, PD_DENIED,
                       "the provider knows you, but no member of this node is linked to that; ask "
                       "for an invitation");
    return st == PD_OK ? session_begin(store, &row, "oidc", f->cookie, f->now, f->arena, f->out,
                                       err)
                       : st;
}

enum pd_status account_oidc_finish(struct store *store, pd_str code, pd_str state, pd_str iss,
                                   pd_str flow_secret, pd_str cookie, pd_time now,
                                   struct pd_arena *arena, struct account_session *out,
                                   struct pd_error *err) {
    struct flow flow;
    struct account_provider p;
    struct finishing f = {.cookie = cookie, .now = now, .arena = arena, .out = out};
    if (!secret_is(flow_secret, "") || code.len == 0 || code.len > CODE_MAX ||
        !pd_utf8_valid(code, NULL))
        return unknown_flow(err);
    enum pd_status st = make_flow(flow_secret, arena, &flow, err);
    if (st != PD_OK)
        return st;
    if (state.len != flow.state.len || !crypto_equal(state.data, flow.state.data, state.len))
        return unknown_flow(err);
    f.state_hash = flow.state_hash;
    st = store_transact(store, take_flow, &f, err);
    if (st == PD_OK)
        st = provider_find(store, f.provider, arena, &p, err);
    if (st == PD_OK)
        st = ask_provider(&p, &flow, code, iss, &f, err);
    return st == PD_OK ? store_transact(store, sign_in, &f, err) : st;
}
