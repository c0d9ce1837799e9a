/*
 * Signing in by a provider of OpenID Connect: begun by a link, or with an invitation by a form;
 * finished at the one address that the provider sends the browser back to. Where the reader wanted
 * to go waits in a cookie of its own, and is looked at again when it comes back.
 */
#include "portal/pages.h"

#define TO_COOKIE "polder-to"
enum { TO_SECONDS = 600 };

static struct store *store_of(const struct page *page) {
    return govern_store(page->call->g);
}

/* ---- The buttons ---- */

enum pd_status pages_put_providers(struct page *page, struct pd_error *err) {
    const struct account_provider *providers;
    size_t count;
    enum pd_status st = account_providers(store_of(page), page->arena, &providers, &count, err);
    if (st != PD_OK)
        return st;
    struct template_value *list = template_put_list(&page->maker, page->values, "providers");
    for (size_t i = 0; i < count; i++) {
        struct template_value *entry = template_push_map(&page->maker, list);
        template_put_str(&page->maker, entry, "id", providers[i].id);
        template_put_str(&page->maker, entry, "name", providers[i].title);
    }
    template_put_bool(&page->maker, page->values, "has_providers", count > 0);
    return PD_OK;
}

/* ---- Beginning ---- */

/* This node's address as its visitor wrote it; a provider takes only one that is registered there,
 * so that another site's name leads nowhere. False: the request names no host. */
static bool redirect_uri(const struct page *page, pd_str *out) {
    pd_str host = http_header(page->call->request, "Host");
    bool is_name = host.len > 0 && host.len < 300;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.data[i];
        is_name = is_name && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' ||
                              c == '[' || c == ']');
    }
    *out = pd_arena_printf(page->arena, "http%s://%.*s/sign-in/oidc/callback",
                           serve_is_plain(page->call->serve) ? "" : "s", pd_arg(host));
    return is_name && out->data;
}

/* What went wrong, on the page from which it began. */
static void show_refusal(struct page *page, enum pd_status status, const char *detail) {
    bool is_away = status == PD_UNAVAILABLE || status == PD_IO;
    pages_put_error(page, is_away ? "oidc.away" : "oidc.refused", "", detail);
    pages_show_sign_in(page, is_away ? 503 : 401, PD_STR(""));
}

static bool begin(struct page *page, pd_str provider, pd_str invitation, struct account_flow *flow,
                  struct pd_error *err) {
    pd_str uri;
    if (!redirect_uri(page, &uri)) {
        portal_refuse(page->call, 400, "the request doesn't say whom it asks (Host)");
        return false;
    }
    return account_oidc_begin(store_of(page), provider, uri, invitation, page->call->now,
                              page->arena, flow, err) == PD_OK;
}

static void set_cookies(struct page *page, const struct account_flow *flow, pd_str to) {
    struct serve_call *call = page->call;
    http_add_header(
        call->response, "Set-Cookie",
        account_flow_cookie_write(flow->secret, serve_is_plain(call->serve), page->arena));
    serve_set_cookie(call, TO_COOKIE, to, TO_SECONDS);
}

void portal_get_oidc(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct account_flow flow;
    if (!page_begin(&page, call, ""))
        return;
    pd_str provider = http_param(call->request, "provider");
    if (begin(&page, provider, PD_STR(""), &flow, &err)) {
        serve_redirect(call, flow.url);
        set_cookies(&page, &flow, pages_way_back(&page, page_query(&page, "to")));
    } else if (err.status == PD_NOT_FOUND) {
        portal_refuse(call, 404, "");
    } else if (err.status != PD_OK) {
        show_refusal(&page, err.status, err.text);
    }
}

/* With an invitation the next step is a link, not a redirection: a form of this page may lead
 * nowhere else (form-action). */
void pages_begin_invited(struct page *page, pd_str provider, pd_str code) {
    struct pd_error err = {0};
    struct account_flow flow;
    if (begin(page, provider, code, &flow, &err)) {
        template_put_str(&page->maker, page->values, "onward", flow.url);
        page_title(page, page_word(page, "invitation.title"));
        page_send(page, 200, "oidc_onward");
        set_cookies(page, &flow, pages_way_back(page, PD_STR("")));
    } else if (err.status == PD_DENIED) {
        pages_put_error(page, "invitation.wrong", "code", NULL);
        pages_show_invitation(page, 403);
    } else if (err.status == PD_NOT_FOUND) {
        portal_refuse(page->call, 404, "");
    } else if (err.status != PD_OK) {
        show_refusal(page, err.status, err.text);
    }
}

/* ---- Coming back ---- */

/* The error that a provider names (RFC 6749 4.1.2.1): "access_denied", shown as what it is. */
static pd_str provider_error(struct page *page) {
    pd_str error = page_query(page, "error");
    return error.len > 0 && error.len < 200
               ? pd_arena_printf(page->arena, "the provider says: %.*s", pd_arg(error))
               : error;
}

void portal_get_oidc_callback(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct account_session session;
    bool is_plain = serve_is_plain(call->serve);
    pd_str header = http_header(call->request, "Cookie"), to = serve_cookie(call, TO_COOKIE);
    pd_str secret = account_flow_cookie_find(header, is_plain);
    if (pd_str_starts(to, PD_STR("/zh")) || pd_str_starts(to, PD_STR("/en")))
        call->language = to.data[1] == 'z' ? "zh" : "en";
    page_begin_anywhere(&page, call);
    pd_str said = provider_error(&page);
    enum pd_status st =
        said.len ? pd_fail(&err, PD_DENIED, "%.*s", pd_arg(said))
                 : account_oidc_finish(store_of(&page), page_query(&page, "code"),
                                       page_query(&page, "state"), page_query(&page, "iss"), secret,
                                       account_cookie_find(header, is_plain), call->now, page.arena,
                                       &session, &err);
    if (st == PD_OK) {
        serve_redirect(call, pages_way_back(&page, to));
        http_add_header(call->response, "Set-Cookie",
                        account_cookie_write(session.secret, is_plain, page.arena));
    } else {
        show_refusal(&page, st, err.text);
    }
    http_add_header(call->response, "Set-Cookie",
                    account_flow_cookie_write(PD_STR(""), is_plain, page.arena));
    serve_set_cookie(call, TO_COOKIE, PD_STR(""), 0);
}
