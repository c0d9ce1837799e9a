/*
 * Who asks, and whether it was they who asked. A token stands in Authorization; a session in a
 * cookie, which browsers send along with what other sites make them ask: so whatever changes
 * something comes from this site's own pages and carries the session's token.
 */
#include "serve/serve_impl.h"

#include <string.h>
#include <time.h>

pd_str serve_address(const struct serve_call *call) {
    pd_str said = PD_STR("");
    if (call->serve->config.is_behind_proxy) {
        pd_str rest = http_header(call->request, "X-Forwarded-For"), piece;
        while (pd_str_split(&rest, ',', &piece))
            said = pd_str_trim(piece); /* the last is what the proxy itself saw */
    }
    return said.len && said.len < 64 ? said : http_peer(call->request);
}

bool serve_is_plain(const struct serve *serve) {
    return serve->is_plain;
}

const struct account_who *serve_asker(const struct serve_call *call) {
    return call->is_known ? &call->who : NULL;
}

static bool is_safe(const struct serve_call *call) {
    return strcmp(call->request->method, "GET") == 0;
}

static bool refuse(struct serve_call *call, int status, const char *detail) {
    serve_problem(call, status, detail);
    return false;
}

/* ---- Tokens ---- */

#define BEARER "Bearer "

pd_str serve_bearer(const struct serve_call *call) {
    pd_str header = http_header(call->request, "Authorization");
    return pd_str_trim(pd_str_sub(header, sizeof(BEARER) - 1, header.len));
}

static bool by_token(struct serve_call *call, pd_str header) {
    struct pd_error err = {0};
    struct timespec now;
    if (!pd_str_eq_ascii_case(pd_str_sub(header, 0, sizeof(BEARER) - 1), PD_STR(BEARER)))
        return refuse(call, 401, "Authorization is \"Bearer\" and a token");
    enum pd_status st = serve_known_who(call, &err);
    if (st == PD_NOT_FOUND || st == PD_INVALID || st == PD_USAGE) {
        refuse(call, 401, "there is no such token, or it has expired or was revoked");
        http_add_header(call->response, "WWW-Authenticate",
                        PD_STR("Bearer error=\"invalid_token\""));
        return false;
    }
    if (st != PD_OK) {
        serve_fail(call, &err);
        return false;
    }
    call->is_known = true;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (serve_limit_admit(&call->serve->limit, &call->who.credential_id,
                          sizeof(call->who.credential_id),
                          (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000))
        return true;
    refuse(call, 429, "there were too many requests with this token: wait a moment");
    http_add_header(call->response, "Retry-After", PD_STR("1"));
    return false;
}

/* ---- Sessions ---- */

/* What the browser says of who made it ask (Fetch Metadata; RFC 6454 7). */
static bool is_of_this_site(const struct serve_call *call) {
    pd_str site = http_header(call->request, "Sec-Fetch-Site");
    if (site.len)
        return pd_str_is(site, "same-origin") || pd_str_is(site, "none");
    pd_str origin = http_header(call->request, "Origin"), host = http_header(call->request, "Host");
    if (!origin.len)
        return true; /* no browser of today; the token is asked for all the same */
    size_t at = pd_str_find(origin, PD_STR("://"));
    return at != PD_NPOS && pd_str_eq(pd_str_sub(origin, at + 3, origin.len), host);
}

static bool has_csrf_token(const struct serve_call *call, pd_str cookie) {
    pd_str given = http_header(call->request, "X-CSRF-Token");
    if (!given.len && (call->route->flags & SERVE_FORM))
        (void)serve_form(call, "csrf", &given);
    return given.len && account_csrf_is(cookie, given);
}

static bool by_session(struct serve_call *call, pd_str cookie) {
    struct pd_error err = {0};
    enum pd_status st = account_by_session(govern_store(call->g), cookie, call->now, call->arena,
                                           &call->who, &err);
    if (st != PD_OK && st != PD_NOT_FOUND && st != PD_INVALID && st != PD_USAGE) {
        serve_fail(call, &err);
        return false;
    }
    call->is_known = st == PD_OK;
    if (call->is_known && !is_safe(call) && !call->is_before_body && !has_csrf_token(call, cookie))
        return refuse(call, 403,
                      "this form isn't of your session: go back, load the page again and repeat it");
    if (call->is_known && call->who.cookie.len)
        http_add_header(call->response, "Set-Cookie",
                        account_cookie_write(call->who.cookie, call->serve->is_plain, call->arena));
    return true;
}

/* ---- May they ---- */

static bool may(struct serve_call *call) {
    const struct serve_route *r = call->route;
    struct pd_error err = {0};
    if (!r->action)
        return is_safe(call) || call->is_known || (r->flags & SERVE_OPEN) ||
               refuse(call, 401, "sign in, or show a token");
    enum pd_status st = serve_known_must(call, &err);
    if (st == PD_OK)
        return true;
    if (st == PD_DENIED && !call->is_known) {
        refuse(call, 401, "sign in, or show a token");
        http_add_header(call->response, "WWW-Authenticate", PD_STR("Bearer"));
        return false;
    }
    serve_fail(call, &err);
    return false;
}

bool serve_authenticate(struct serve_call *call) {
    pd_str header = http_header(call->request, "Authorization");
    pd_str cookie = account_cookie_find(http_header(call->request, "Cookie"), call->serve->is_plain);
    if (header.len)
        return by_token(call, header) && may(call);
    if (!is_safe(call) && !is_of_this_site(call))
        return refuse(call, 403, "another site made your browser ask for this: it isn't done");
    if (cookie.len && !by_session(call, cookie))
        return false;
    return may(call);
}

/* The form's token comes with the form, and is looked at before the handler. */
bool serve_may_upload(struct serve *serve, const struct http_request *request,
                      struct http_response *response) {
    struct serve_call call = {.request = request,
                              .response = response,
                              .serve = serve,
                              .route = http_route_own(request),
                              .language = "en",
                              .arena = request->arena,
                              .now = pd_clock_now(&serve->config.clock)};
    struct pd_error err = {0};
    if (serve_pool_take(&serve->pool, &call.g, &err) != PD_OK) {
        serve_fail(&call, &err);
        return false;
    }
    call.is_before_body = true;
    bool is_let_in = serve_authenticate(&call);
    bool may_send = is_let_in && (call.is_known || refuse(&call, 401, "sign in, or show a token"));
    serve_pool_give(&serve->pool, call.g);
    return may_send;
}
