/* From a request to a handler: who asks, may they, with which handle. */
#include "serve/serve_impl.h"

#include <string.h>
#include <time.h>

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

/* ---- Before the table of routes ---- */

static int64_t monotonic_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static struct serve_call begin(struct serve *serve, const struct http_request *request,
                               struct http_response *response) {
    struct serve_call call = {.request = request,
                              .response = response,
                              .serve = serve,
                              .arena = request->arena,
                              .now = pd_clock_now(&serve->config.clock)};
    call.language = find_language(&call);
    return call;
}

/* Whoever shows no credential sees what everybody sees. */
static bool is_anonymous(const struct serve_call *call) {
    return http_header(call->request, "Authorization").len == 0 &&
           account_cookie_find(http_header(call->request, "Cookie"), call->serve->is_plain).len == 0;
}

static struct serve_key key_of(const struct serve_call *call) {
    return (struct serve_key){call->request->path, call->request->query,
                              pd_str_from(call->language)};
}

static bool refuse_hurry(struct serve_call *call) {
    http_problem(call->request, call->response, 429,
                 "there were too many requests from this address: wait a moment");
    http_add_header(call->response, "Retry-After", PD_STR("1"));
    return true;
}

bool serve_early(void *context, const struct http_request *request,
                 struct http_response *response) {
    struct serve *serve = context;
    struct serve_call call = begin(serve, request, response);
    if (serve->limit.rate > 0) {
        pd_str address = serve_address(&call);
        if (!serve_limit_admit(&serve->limit, address.data, address.len, monotonic_us()))
            return refuse_hurry(&call);
    }
    if (strcmp(request->method, "GET") != 0 || !is_anonymous(&call))
        return false;
    struct serve_key key = key_of(&call);
    struct serve_taken taken = {serve_takes_gzip(http_header(request, "Accept-Encoding")),
                                http_header(request, "If-None-Match")};
    response->ready = serve_cache_find(&serve->cache, &key, &taken, call.now, &response->label);
    return response->ready != NULL;
}

static bool wants_page(const struct http_request *request) {
    return pd_str_find(http_header(request, "Accept"), PD_STR("text/html")) != PD_NPOS &&
           !pd_str_starts(request->path, PD_STR("/api/"));
}

bool serve_refuse(void *context, const struct http_request *request,
                  struct http_response *response, int status, const char *detail) {
    struct serve *serve = context;
    const struct serve_route *route = http_route_own(request);
    if (!serve->config.refuse || (route ? !(route->flags & SERVE_PAGE) : !wants_page(request)))
        return false;
    struct serve_call call = begin(serve, request, response);
    call.route = route;
    serve->config.refuse(&call, status, detail);
    return true;
}

/* ---- One call ---- */

static bool is_safe(const struct serve_call *call) {
    return strcmp(call->request->method, "GET") == 0;
}

static void handle(struct serve_call *call) {
    struct serve *serve = call->serve;
    uint64_t version = atomic_load(&serve->cache.version); /* before anything is read */
    if (!serve_authenticate(call))
        return;
    call->route->handle(call);
    if (!is_safe(call))
        serve_cache_turn(&serve->cache); /* whoever acted sees it at once */
    bool may_keep = (call->route->flags & SERVE_CACHED) && is_safe(call) &&
                    call->response->status == 200 && !call->response->stream.read;
    if (may_keep && is_anonymous(call)) {
        struct serve_key key = key_of(call);
        serve_cache_keep(&serve->cache, &key, version, call->now, call->response,
                         call->route->path);
    }
}

void serve_dispatch(void *context, const struct http_request *request,
                    struct http_response *response) {
    struct serve *serve = context;
    struct serve_call call = begin(serve, request, response);
    struct pd_error err = {0};
    call.route = http_route_own(request);
    if (call.route->flags & SERVE_QUICK) {
        call.route->handle(&call);
    } else if (serve_pool_take(&serve->pool, &call.g, &err) == PD_OK) {
        handle(&call);
        serve_pool_give(&serve->pool, call.g);
    } else {
        err.status = PD_UNAVAILABLE; /* the node isn't there now, whatever the reason */
        serve_fail(&call, &err);
    }
    serve_finish(&call);
}

/* ---- Routes of its own ---- */

static void get_health(struct serve_call *call) {
    bool is_well = call->serve->cycle.is_reachable;
    http_respond(call->response, is_well ? 200 : 503, "text/plain; charset=utf-8",
                 is_well ? PD_STR("ok\n") : PD_STR("the database doesn't answer\n"));
    http_add_header(call->response, "Cache-Control", PD_STR("no-store"));
}

static const struct serve_route OWN[] = {
    {"GET", "/healthz", 0, SERVE_QUICK, NULL, get_health, NULL},
    {"GET", "/api/openapi.json", 0, SERVE_CACHED, NULL, serve_get_openapi, NULL},
    {"GET", "/metrics", 0, SERVE_QUICK, NULL, serve_get_metrics, NULL},
};

const struct serve_table *serve_own_table(void) {
    static const struct serve_table table = {OWN, sizeof(OWN) / sizeof(OWN[0])};
    return &table;
}
