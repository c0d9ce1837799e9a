/* From a request to a handler: who asks, may they, with which handle. */
#include "serve/serve_impl.h"

#include <string.h>

/* ---- Language ---- */

static const char *const LANGUAGES[] = {"en", "zh"};

static const char *language_of(pd_str tag) {
    for (size_t i = 0; i < sizeof(LANGUAGES) / sizeof(LANGUAGES[0]); i++)
        if (pd_str_eq_ascii_case(pd_str_sub(tag, 0, 2), pd_str_from(LANGUAGES[i])) &&
            (tag.len == 2 || tag.data[2] == '-'))
            return LANGUAGES[i];
    return NULL;
}

/* RFC 9110 12.5.4, in the order given; weights are rarely out of it. */
static const char *accepted_language(pd_str header) {
    pd_str piece;
    while (pd_str_split(&header, ',', &piece)) {
        size_t end = pd_str_find_char(piece, ';');
        const char *language =
            language_of(pd_str_trim(pd_str_sub(piece, 0, end == PD_NPOS ? piece.len : end)));
        if (language)
            return language;
    }
    return NULL;
}

static const char *find_language(const struct serve_call *call) {
    pd_str asked = PD_STR("");
    (void)http_query(call->request, "lang", &asked);
    const char *language = language_of(asked);
    if (!language)
        language = language_of(serve_cookie(call, "lang"));
    if (!language)
        language = accepted_language(http_header(call->request, "Accept-Language"));
    return language ? language : LANGUAGES[0];
}

/* ---- One call ---- */

void serve_dispatch(void *context, const struct http_request *request,
                    struct http_response *response) {
    struct serve *serve = context;
    struct serve_call call = {.request = request,
                              .response = response,
                              .serve = serve,
                              .route = http_route_own(request),
                              .arena = request->arena,
                              .now = pd_clock_now(&serve->config.clock)};
    struct pd_error err = {0};
    call.language = find_language(&call);
    if (!(call.route->flags & SERVE_QUICK) &&
        serve_pool_take(&serve->pool, &call.g, &err) != PD_OK) {
        err.status = PD_UNAVAILABLE; /* the node isn't there now, whatever the reason */
        serve_fail(&call, &err);
        return;
    }
    call.route->handle(&call);
    serve_pool_give(&serve->pool, call.g);
}

/* ---- Routes of its own ---- */

static void get_health(struct serve_call *call) {
    http_respond(call->response, 200, "text/plain; charset=utf-8", PD_STR("ok\n"));
    http_add_header(call->response, "Cache-Control", PD_STR("no-store"));
}

static const struct serve_route OWN[] = {
    {"GET", "/healthz", 0, 0, NULL, get_health, NULL},
};

const struct serve_table *serve_own_table(void) {
    static const struct serve_table table = {OWN, sizeof(OWN) / sizeof(OWN[0])};
    return &table;
}
