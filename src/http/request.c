/*
 * From libmicrohttpd's callbacks to a handler and back. It calls http_on_request several times for
 * one request: once with the head, then with pieces of the body, then with nothing more to come,
 * and again after a suspended connection was resumed.
 *
 * An answer that is queued in the first of these calls closes the connection. So there only what
 * must close it is answered: what can't be told from an attack on the framing, and bodies that
 * nobody wants to receive.
 */
#include "http/http_impl.h"

#include <stdlib.h>
#include <string.h>

enum {
    ARENA_BESIDE_BODY = 4 << 20,
    FORM_FRAME = 64 << 10, /* bytes of a form between its fields */
    DRAINED_MAX = 64 << 10 /* bytes above the limit that are still read, for a polite answer */
};

/* ---- Connections ---- */

void http_on_connection(void *context, struct MHD_Connection *connection, void **state,
                        enum MHD_ConnectionNotificationCode code) {
    struct http_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        http_watch_remove(&server->watch, *state);
        *state = NULL;
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *state = info ? http_watch_add(&server->watch, info->connect_fd, server->config.head_ms) : NULL;
}

static struct http_connection *watched(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* ---- The head ---- */

struct framing {
    size_t lengths, encodings, hosts;
    const char *length, *encoding;
};

static enum MHD_Result look_at(void *context, enum MHD_ValueKind kind, const char *name,
                               const char *value) {
    struct framing *f = context;
    (void)kind;
    if (strcasecmp(name, "Content-Length") == 0) {
        f->lengths++;
        f->length = value;
    } else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        f->encodings++;
        f->encoding = value;
    } else if (strcasecmp(name, "Host") == 0) {
        f->hosts++;
    }
    return MHD_YES;
}

/* Where two readers could see two different requests, there is none. */
static const char *check_framing(const struct framing *f) {
    if (f->lengths && f->encodings)
        return "a request has either Content-Length or Transfer-Encoding, not both";
    if (f->lengths > 1 || f->encodings > 1 || f->hosts > 1)
        return "Content-Length, Transfer-Encoding and Host stand once";
    if (f->encoding && strcasecmp(f->encoding, "chunked") != 0)
        return "the one Transfer-Encoding is \"chunked\"";
    if (f->length && strspn(f->length, "0123456789") != strlen(f->length))
        return "Content-Length is a number";
    return NULL;
}

static size_t size_of_head(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info ? info->header_size : 0;
}

static bool is_larger(const struct framing *f, uint64_t limit) {
    uint64_t n;
    return f->length && (!pd_parse_u64(pd_str_from(f->length), &n) || n > limit);
}

/* Bytes of the body. */
static uint64_t limit_of(const struct http_exchange *x) {
    const struct http_route *r = x->route;
    if (!r)
        return 0;
    return r->sink ? r->sink_max + (r->is_form ? r->body_max + FORM_FRAME : 0) : r->body_max;
}

static struct http_work *lane_of(const struct http_exchange *x) {
    enum http_lane lane = x->server->config.workers[x->route->lane] ? x->route->lane : HTTP_READING;
    return &x->server->work[lane];
}

static void refuse_full(struct http_exchange *x) {
    http_problem(&x->request, &x->response, 503,
                 x->server->is_ending ? "the server is being stopped; try again later"
                                      : "too many requests wait already; try again later");
    http_add_header(&x->response, "Retry-After", PD_STR("1"));
}

/* "/en/" is how some write "/en", and how some programs complete it: where only the latter is there, its
 * address is told. A path that begins with two slashes would name another server. */
static bool redirect_slash(struct http_exchange *x) {
    const struct http_config *c = &x->server->config;
    pd_str path = x->request.path, allow, query = x->request.query;
    struct http_match match;
    bool is_bad;
    while (path.len > 1 && path.data[path.len - 1] == '/')
        path.len--;
    if (path.len == x->request.path.len || path.len < 2 || path.data[1] == '/' ||
        strcmp(x->request.method, "GET") != 0 ||
        !http_route_find(c->routes, c->route_count, "GET", path, x->request.arena, &match, &allow,
                         &is_bad))
        return false;
    http_respond(&x->response, 308, NULL, PD_STR(""));
    http_add_header(&x->response, "Location",
                    pd_arena_printf(x->request.arena, "%.*s%s%.*s", pd_arg(path),
                                    query.len ? "?" : "", pd_arg(query)));
    return true;
}

static void find_route(struct http_exchange *x) {
    const struct http_config *c = &x->server->config;
    pd_str allow;
    bool is_bad;
    x->route = http_route_find(c->routes, c->route_count, x->request.method, x->request.path,
                               x->request.arena, &x->match, &allow, &is_bad);
    if (x->route || (!is_bad && redirect_slash(x)))
        return;
    if (is_bad) {
        http_problem(&x->request, &x->response, 400, "the path isn't one that could be served");
    } else if (!allow.len) {
        http_problem(&x->request, &x->response, 404, "there is nothing at this address");
    } else {
        http_problem(&x->request, &x->response, 405, "this address has other methods");
        http_add_header(&x->response, "Allow", allow);
    }
}

/* ---- Answering ---- */

static enum MHD_Result answer(struct http_exchange *x) {
    struct http_response *r = &x->response;
    struct MHD_Response *response =
        r->ready ? r->ready->response : http_make_response(r, false);
    if (!response)
        return MHD_NO;
    unsigned status = r->ready ? r->ready->status : (unsigned)r->status;
    if (x->server->is_ending && !r->ready)
        MHD_add_response_header(response, "Connection", "close");
    x->stage = HTTP_ANSWERED;
    r->status = (int)status;
    const struct http_config *c = &x->server->config;
    uint64_t size = r->stream.read ? r->stream.bytes : r->body.len;
    http_watch_set(&x->server->watch, x->watched, HTTP_ANSWER,
                   c->answer_ms + (int64_t)(size / c->answer_bytes_per_s) * 1000);
    enum MHD_Result result = MHD_queue_response(x->connection, status, response);
    if (!r->ready)
        MHD_destroy_response(response);
    r->stream.read = NULL; /* the response's by now */
    return result;
}

/* ---- One exchange ---- */

void *http_on_uri(void *context, const char *uri, struct MHD_Connection *connection) {
    struct http_exchange *x = calloc(1, sizeof(*x));
    struct pd_arena *arena = pd_arena_new(ARENA_BESIDE_BODY);
    pd_str whole = arena ? pd_arena_str(arena, pd_str_from(uri)) : (pd_str){0};
    if (!x || !whole.data) {
        pd_arena_free(arena);
        free(x);
        return NULL;
    }
    size_t cut = pd_str_find_char(whole, '?');
    x->server = context;
    x->connection = connection;
    x->request.path = pd_str_sub(whole, 0, cut);
    x->request.query = cut == PD_NPOS ? PD_STR("") : pd_str_sub(whole, cut + 1, whole.len);
    x->request.arena = arena;
    return x;
}

static enum MHD_Result on_head(struct http_exchange *x, const char *method) {
    const struct http_config *c = &x->server->config;
    struct framing f = {0};
    x->watched = watched(x->connection);
    x->is_head = strcmp(method, "HEAD") == 0;
    x->request.method = x->is_head ? "GET" : method;
    x->began_us = http_now_us();
    x->stage = HTTP_RECEIVING;
    x->server->active++;
    MHD_get_connection_values(x->connection, MHD_HEADER_KIND, look_at, &f);
    if (size_of_head(x->connection) > c->head_max) {
        http_problem(&x->request, &x->response, 431, "the head of a request, with its cookies, is shorter here");
        return answer(x); /* closes the connection */
    }
    const char *wrong = check_framing(&f);
    if (wrong) {
        http_problem(&x->request, &x->response, 400, wrong);
        return answer(x); /* closes the connection */
    }
    bool has_body = f.encodings || (f.lengths && strspn(f.length, "0") != strlen(f.length));
    if (c->early && c->early(c->context, &x->request, &x->response))
        return has_body ? answer(x) : MHD_YES; /* closing; or on the next call */
    find_route(x);
    uint64_t limit = limit_of(x);
    if (is_larger(&f, limit + (x->route ? 0 : DRAINED_MAX))) {
        x->route = NULL;
        if (!x->response.status)
            http_problem(&x->request, &x->response, 413, "the body is larger than this takes");
        return answer(x); /* likewise, before the body comes */
    }
    bool has_sink = x->route && x->route->sink;
    pd_buf_init(&x->body, has_sink ? 2 * HTTP_PIECE : limit ? (size_t)limit : 1);
    x->body_began_us = x->began_us;
    http_watch_set(&x->server->watch, x->watched, HTTP_BODY, c->body_ms);
    if (!has_sink)
        return MHD_YES;
    x->stage = HTTP_OPENING;
    http_watch_set(&x->server->watch, x->watched, HTTP_WORK, 0);
    MHD_suspend_connection(x->connection);
    if (http_work_add(lane_of(x), x, false))
        return MHD_YES;
    MHD_resume_connection(x->connection);
    refuse_full(x);
    x->is_refused = true;
    return MHD_YES;
}

/* The sink was begun, or it wasn't: then the answer comes before the body. */
static enum MHD_Result on_opened(struct http_exchange *x) {
    x->stage = HTTP_RECEIVING;
    if (x->is_refused)
        return answer(x);
    x->body_began_us = http_now_us();
    http_watch_set(&x->server->watch, x->watched, HTTP_BODY, x->server->config.body_ms);
    return MHD_YES;
}

static enum MHD_Result on_body(struct http_exchange *x, const char *bytes, size_t *n) {
    const struct http_config *c = &x->server->config;
    bool has_sink = x->route && x->route->sink;
    uint64_t limit = limit_of(x);
    x->body_seen += *n;
    if (x->body_seen > limit + DRAINED_MAX)
        return MHD_NO; /* no end in sight: cut off */
    if (x->body_seen > limit)
        x->is_too_large = true;
    else if (!x->is_refused)
        pd_buf_add(&x->body, bytes, *n);
    *n = 0;
    int64_t spent_ms = (http_now_us() - x->body_began_us) / 1000;
    int64_t may_ms = c->body_ms + (int64_t)(x->body_seen / c->body_bytes_per_s) * 1000;
    http_watch_set(&x->server->watch, x->watched, HTTP_BODY,
                   may_ms > spent_ms ? may_ms - spent_ms : 1);
    if (!has_sink || x->is_refused || x->is_too_large || x->body.len < HTTP_PIECE)
        return MHD_YES;
    MHD_suspend_connection(x->connection);
    if (http_work_add(lane_of(x), x, true))
        return MHD_YES;
    MHD_resume_connection(x->connection);
    return MHD_NO; /* the server ends, and what it was sent isn't whole */
}

static enum MHD_Result on_whole(struct http_exchange *x) {
    if (x->route && !x->is_refused && (x->is_too_large || x->body.failed)) {
        http_problem(&x->request, &x->response, x->is_too_large ? 413 : 503,
                     x->is_too_large ? "the body is larger than this takes"
                                     : "there is no memory for this body");
        x->is_refused = true;
    }
    x->stage = HTTP_WORKING;
    http_watch_set(&x->server->watch, x->watched, HTTP_WORK, 0);
    if (!x->route || x->is_refused || !x->route->is_slow) {
        if (x->route && !x->is_refused)
            http_exchange_handle(x);
        x->stage = HTTP_HANDLED;
        return answer(x);
    }
    MHD_suspend_connection(x->connection);
    if (http_work_add(lane_of(x), x, x->sunk != NULL))
        return MHD_YES;
    MHD_resume_connection(x->connection);
    refuse_full(x);
    x->stage = HTTP_HANDLED;
    return MHD_YES;
}

/* Then a worker has the exchange, and nothing here may touch it. */
static bool is_suspended(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_SUSPENDED);
    return info && info->suspended == MHD_YES;
}

enum MHD_Result http_on_request(void *context, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **state) {
    (void)context, (void)connection, (void)url, (void)version;
    struct http_exchange *x = *state;
    if (!x)
        return MHD_NO;
    if (is_suspended(connection))
        return MHD_YES; /* of a chunked body it gives what it has all the same: not yet */
    if (x->stage == HTTP_BEFORE)
        return on_head(x, method);
    if (x->stage == HTTP_OPENING)
        return on_opened(x);
    if (*upload_size > 0)
        return on_body(x, upload, upload_size);
    if (x->stage == HTTP_RECEIVING)
        return on_whole(x);
    return x->stage == HTTP_HANDLED ? answer(x) : MHD_YES;
}

static void tell(const struct http_exchange *x, bool is_whole) {
    const struct http_config *c = &x->server->config;
    struct http_event event = {.method = x->is_head ? "HEAD" : x->request.method,
                               .route = x->response.label ? x->response.label
                                        : x->route        ? x->route->path
                                                          : "-",
                               .status = is_whole ? x->response.status : 0,
                               .duration_us = http_now_us() - x->began_us};
    if (c->log)
        c->log(c->context, &event);
}

void http_on_completed(void *context, struct MHD_Connection *connection, void **state,
                       enum MHD_RequestTerminationCode code) {
    (void)connection;
    struct http_server *server = context;
    struct http_exchange *x = *state;
    if (!x)
        return;
    *state = NULL;
    http_watch_set(&server->watch, x->watched, HTTP_HEAD, server->config.head_ms);
    if (x->stage != HTTP_BEFORE)
        tell(x, x->stage == HTTP_ANSWERED && code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    if (x->sunk)
        x->route->sink->end(x->sunk);
    if (x->response.stream.read)
        x->response.stream.close(x->response.stream.context);
    http_ready_let_go(x->response.ready);
    http_form_reader_free(x->form);
    pd_buf_clear(&x->body);
    pd_arena_free(x->request.arena);
    server->active -= x->stage != HTTP_BEFORE;
    free(x);
}
