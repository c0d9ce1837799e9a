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

static bool is_larger(const struct framing *f, size_t limit) {
    uint64_t n;
    return f->length && (!pd_parse_u64(pd_str_from(f->length), &n) || n > limit);
}

static void find_route(struct http_exchange *x) {
    const struct http_config *c = &x->server->config;
    pd_str allow;
    bool is_bad;
    x->route = http_route_find(c->routes, c->route_count, x->request.method, x->request.path,
                               x->request.arena, &x->match, &allow, &is_bad);
    if (x->route)
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
    struct MHD_Response *response = MHD_create_response_from_buffer(
        r->body.len, (void *)(uintptr_t)r->body.data, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    if (r->type)
        MHD_add_response_header(response, "Content-Type", r->type);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    for (size_t i = 0; i < r->header_count; i++) {
        pd_str value = pd_arena_str(x->request.arena, r->headers[i].value);
        if (value.data)
            MHD_add_response_header(response, r->headers[i].name, value.data);
    }
    if (x->server->is_ending)
        MHD_add_response_header(response, "Connection", "close");
    x->is_answered = true;
    const struct http_config *c = &x->server->config;
    http_watch_set(&x->server->watch, x->watched, HTTP_ANSWER,
                   c->answer_ms + (int64_t)(r->body.len / c->answer_bytes_per_s) * 1000);
    enum MHD_Result result = MHD_queue_response(x->connection, (unsigned)r->status, response);
    MHD_destroy_response(response);
    return result;
}

void http_exchange_handle(struct http_exchange *x) {
    x->response = (struct http_response){.status = 200};
    x->route->handle(x->server->config.context, &x->request, &x->response);
    x->is_handled = true;
}

/* ---- One exchange ---- */

static struct http_exchange *begin(struct http_server *server, struct MHD_Connection *connection,
                                   const char *url, const char *method) {
    struct http_exchange *x = calloc(1, sizeof(*x));
    struct pd_arena *arena = pd_arena_new(ARENA_BESIDE_BODY);
    pd_str path = arena ? pd_arena_str(arena, pd_str_from(url)) : (pd_str){0};
    if (!x || !path.data) {
        pd_arena_free(arena);
        free(x);
        return NULL;
    }
    x->server = server;
    x->connection = connection;
    x->watched = watched(connection);
    x->is_head = strcmp(method, "HEAD") == 0;
    x->request =
        (struct http_request){.method = x->is_head ? "GET" : method, .path = path, .arena = arena};
    x->began_us = http_now_us();
    server->active++;
    return x;
}

static enum MHD_Result on_head(struct http_exchange *x) {
    struct framing f = {0};
    MHD_get_connection_values(x->connection, MHD_HEADER_KIND, look_at, &f);
    const char *wrong = check_framing(&f);
    if (wrong) {
        http_problem(&x->request, &x->response, 400, wrong);
        return answer(x); /* closes the connection */
    }
    find_route(x);
    size_t limit = x->route ? x->route->body_max : 0;
    if (is_larger(&f, limit + (x->route ? 0 : DRAINED_MAX))) {
        x->route = NULL;
        if (!x->response.status)
            http_problem(&x->request, &x->response, 413, "the body is larger than this takes");
        return answer(x); /* likewise, before the body comes */
    }
    pd_buf_init(&x->body, limit ? limit : 1);
    http_watch_set(&x->server->watch, x->watched, HTTP_BODY, x->server->config.body_ms);
    return MHD_YES;
}

static enum MHD_Result on_body(struct http_exchange *x, const char *bytes, size_t *n) {
    size_t limit = x->route ? x->route->body_max : 0;
    x->body_seen += *n;
    if (x->body_seen > limit + DRAINED_MAX)
        return MHD_NO; /* no end in sight: cut off */
    if (x->body_seen > limit)
        x->is_too_large = true;
    else
        pd_buf_add(&x->body, bytes, *n);
    *n = 0;
    return MHD_YES;
}

static enum MHD_Result on_whole(struct http_exchange *x) {
    if (x->route && x->is_too_large) {
        x->route = NULL;
        http_problem(&x->request, &x->response, 413, "the body is larger than this takes");
    } else if (x->route && x->body.failed) {
        x->route = NULL;
        http_problem(&x->request, &x->response, 503, "there is no memory for this body");
    }
    x->is_started = true;
    x->request.body = pd_buf_view(&x->body);
    http_watch_set(&x->server->watch, x->watched, HTTP_WORK, 0);
    if (!x->route || !x->route->is_slow) {
        if (x->route)
            http_exchange_handle(x);
        return answer(x);
    }
    MHD_suspend_connection(x->connection);
    if (http_work_add(&x->server->work, x))
        return MHD_YES;
    MHD_resume_connection(x->connection);
    http_problem(&x->request, &x->response, 503, "too many requests wait already; try again later");
    http_add_header(&x->response, "Retry-After", PD_STR("1"));
    x->is_handled = true;
    return MHD_YES;
}

enum MHD_Result http_on_request(void *context, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **state) {
    (void)version;
    struct http_exchange *x = *state;
    if (!x) {
        x = begin(context, connection, url, method);
        *state = x;
        return x ? on_head(x) : MHD_NO;
    }
    if (*upload_size > 0)
        return on_body(x, upload, upload_size);
    if (!x->is_started)
        return on_whole(x);
    return x->is_handled && !x->is_answered ? answer(x) : MHD_YES;
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
    if (server->config.log) {
        bool is_whole = x->is_answered && code == MHD_REQUEST_TERMINATED_COMPLETED_OK;
        struct http_event event = {.method = x->is_head ? "HEAD" : x->request.method,
                                   .route = x->route ? x->route->path : "-",
                                   .status = is_whole ? x->response.status : 0,
                                   .duration_us = http_now_us() - x->began_us};
        server->config.log(server->config.context, &event);
    }
    pd_buf_clear(&x->body);
    pd_arena_free(x->request.arena);
    free(x);
    server->active--;
}
