/**
 * http/: the HTTP server under every face that speaks it (libmicrohttpd).
 *
 * A face is a table of routes. A handler gets a whole request and gives a whole response; it reads:
 * parse, authorise, act, render. What is slow (writes, files, other machines) is marked so in the
 * table and runs on worker threads, while the threads that serve sockets never wait.
 *
 * What clients do wrong never reaches a handler: requests with both Content-Length and
 * Transfer-Encoding, bodies above the route's limit, heads above head_max, paths that don't decode.
 * A path that would be there without the '/' at its end is redirected there (308).
 * Whoever is slow is cut off when the whole phase (head, body, answer) has taken too long, however
 * steadily bytes come. Refusals are problem documents (RFC 9457).
 */
#ifndef POLDER_HTTP_H
#define POLDER_HTTP_H

#include "base/base.h"

/* ---- Requests and responses ---- */

/** Lives until the response was sent, as does everything in its arena. */
struct http_request {
    const char *method; /* "GET", "POST", ...; HEAD comes as GET */
    pd_str path;        /* as sent, without the query */
    pd_str query;       /* as sent, without the '?' */
    pd_str body;        /* empty for a route with a sink or a form of several parts */
    struct pd_arena *arena; /* its limit: the route's body_max and 4 MiB */
};
/** The decoded segment that stood where the route's path has "{name}"; empty if there is none. */
pd_str http_param(const struct http_request *request, const char *name);
/** A header's value, its name in any case; empty if it isn't there. */
pd_str http_header(const struct http_request *request, const char *name);
/** The decoded value of the first query parameter of that name. False: there is none. */
bool http_query(const struct http_request *request, const char *name, pd_str *out);
/** The decoded value of the first field of that name of a form in the body (urlencoded, or a part of
 * a multipart one of a route with `is_form`). False: there is none, or it isn't UTF-8. */
bool http_form(const struct http_request *request, const char *name, pd_str *out);
/** The route's `own`. */
const void *http_route_own(const struct http_request *request);
/** The client's address as text. It is personal data: not for logs. */
pd_str http_peer(const struct http_request *request);

/** A body that is read while it is sent, on the sockets' threads: it may wait for a disk, for nothing else. */
struct http_stream {
    /** Bytes read, at most n; 0 or less: it broke off, and the connection is cut. NULL: no stream. */
    int64_t (*read)(void *context, void *out, size_t n);
    void (*close)(void *context); /* once, whatever happens */
    void *context;
    uint64_t bytes; /* in all */
};

enum { HTTP_HEADERS_MAX = 12 };
struct http_response {
    int status; /* 200 unless set */
    const char *type;
    pd_str body; /* lives as long as the request's arena, or for ever */
    size_t header_count;
    struct {
        const char *name;
        pd_str value;
    } headers[HTTP_HEADERS_MAX];
    struct http_ready *ready; /* set: sent instead of all above, and let go afterwards */
    struct http_stream stream; /* its `read` set: the body comes from there */
    const char *label;        /* told as the route in the event; NULL: the route's path */
};
void http_respond(struct http_response *response, int status, const char *type, pd_str body);
/** A value with a line break or a control character is left out: no header can be injected. */
void http_add_header(struct http_response *response, const char *name, pd_str value);
/** A problem document; status code and type by pd_outcome_get. */
void http_fail(const struct http_request *request, struct http_response *response,
               const struct pd_error *err);
/** The same with a status code of HTTP alone; its type is about:blank. */
void http_problem(const struct http_request *request, struct http_response *response, int status,
                  const char *detail);

/** A response made once for many requests: its bytes are copied. Held by count, from any thread. */
struct http_ready;
struct http_ready *http_ready_new(const struct http_response *response); /* NULL: no memory */
struct http_ready *http_ready_hold(struct http_ready *ready);
void http_ready_let_go(struct http_ready *ready); /* NULL is fine */

/* ---- The table of routes ---- */

/** Where a body goes that need not fit in memory. All on worker threads, never two at a time for one
 * request; the client waits meanwhile. */
struct http_sink {
    /** Before the body is received. NULL: the response says why not, and the connection ends. */
    void *(*begin)(void *context, const struct http_request *request,
                   struct http_response *response);
    /** False: likewise. file: the name that a form gave with it, as sent; else empty. */
    bool (*feed)(void *sink, pd_str bytes, pd_str file, struct http_response *response);
    /** After the handler, or when the request was cut off. */
    void (*end)(void *sink);
};

/** Which threads a slow handler runs on. What waits in one lane keeps no other waiting. */
enum http_lane {
    HTTP_READING, /* short */
    HTTP_WRITING, /* may wait for the disk, with many others */
    HTTP_HEAVY,   /* computes long, or waits for other machines; gives way to everybody (nice) */
    HTTP_LANE_COUNT
};

typedef void http_handler(void *context, const struct http_request *request,
                          struct http_response *response);
struct http_route {
    const char *method;
    const char
        *path;       /* "/add-checkpoint", "/{log}/checkpoint": a segment in braces takes any one */
    size_t body_max; /* bytes; 0: a body is refused */
    bool is_slow;    /* runs on a worker, where it may wait */
    http_handler *handle;
    const void *own; /* of whoever made the table */
    bool is_form;    /* multipart/form-data is taken, too: fields of body_max bytes in all */
    const struct http_sink *sink; /* the body, or the one file of the form; only if is_slow */
    uint64_t sink_max;            /* bytes; body_max then is for the other fields */
    enum http_lane lane;          /* if is_slow */
};
/** What the sink's `begin` gave. */
void *http_sunk(const struct http_request *request);

/* ---- The server ---- */

/** What happened, for a log without personal data. */
struct http_event {
    const char *method;
    const char *route; /* the path of the table, not of the request; "-": none */
    int status;        /* 0: cut off before an answer */
    int64_t duration_us;
};

struct http_config {
    const char *listen; /* "127.0.0.1:8080", "[::]:8080"; port 0: any */
    const char *tls_cert, *tls_key; /* texts in PEM; NULL: without TLS */
    const struct http_route *routes;
    size_t route_count;
    void *context; /* of handlers and log */
    unsigned threads;
    unsigned workers[HTTP_LANE_COUNT]; /* threads; 0: what is of this lane runs in the first */
    unsigned connections_max, connections_per_address_max; /* 0: no limit per address */
    unsigned queue_max;                                    /* slow requests that may wait in a lane */
    size_t head_max; /* bytes of request line and headers; each connection takes 2.5 times as many */
    unsigned idle_s;                                       /* without any byte */
    unsigned head_ms, body_ms, answer_ms;                  /* in all */
    size_t body_bytes_per_s, answer_bytes_per_s;           /* a second more for each */
    /** Looks at each request first, on the socket's thread. True: answered; if a body was to come,
     * the connection ends. */
    bool (*early)(void *context, const struct http_request *request,
                  struct http_response *response);
    /** Asked before a problem document is written. True: it has answered in its own form. */
    bool (*refuse)(void *context, const struct http_request *request,
                   struct http_response *response, int status, const char *detail);
    void (*log)(void *context, const struct http_event *event); /* from any thread; may be NULL */
};
/** Everything but `listen`, routes and context, as a small machine bears it. */
struct http_config http_config_default(void);

struct http_server;
/** Serves from its own threads until http_stop. `config` is copied, its tables are borrowed.
 * PD_USAGE: `listen`; PD_UNAVAILABLE: the address can't be had. */
PD_CHECK enum pd_status http_start(const struct http_config *config, struct http_server **out,
                                   struct pd_error *err);
int http_port(const struct http_server *server);
/** Takes no more connections, waits for what is under way (at most wait_ms), ends. NULL is fine. */
void http_stop(struct http_server *server, unsigned wait_ms);

#endif
