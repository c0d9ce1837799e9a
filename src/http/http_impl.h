/** Shared by the files of http/ only. */
#ifndef POLDER_HTTP_IMPL_H
#define POLDER_HTTP_IMPL_H

#include "http/http.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

int64_t http_now_us(void); /* monotonic */

/* ---- watch.c: whoever takes too long in all ---- */

enum http_phase { HTTP_HEAD, HTTP_BODY, HTTP_WORK, HTTP_ANSWER };

struct http_connection {
    int fd;
    enum http_phase phase;
    int64_t until_us; /* then it is cut off; 0: never */
    struct http_connection *previous, *next;
};
struct http_watch {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    pthread_t thread;
    bool is_running, is_ending;
    struct http_connection *first;
};
PD_CHECK enum pd_status http_watch_start(struct http_watch *watch, struct pd_error *err);
void http_watch_stop(struct http_watch *watch);
struct http_connection *http_watch_add(struct http_watch *watch, int fd, int64_t ms);
/** Takes it out and frees it; before its socket is closed. */
void http_watch_remove(struct http_watch *watch, struct http_connection *connection);
/** ms: what the phase may take; 0: as long as it likes. */
void http_watch_set(struct http_watch *watch, struct http_connection *connection,
                    enum http_phase phase, int64_t ms);

/* ---- work.c: the queue of slow requests ---- */

struct http_exchange;
struct http_work {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    pthread_t *threads;
    unsigned count;
    bool is_ending, gives_way, is_there;
    size_t waiting, waiting_max;
    struct http_exchange *first, *last;
};
/** gives_way: its threads take what processor time the others leave. */
PD_CHECK enum pd_status http_work_start(struct http_work *work, unsigned threads, size_t max,
                                        bool gives_way, struct pd_error *err);
/** False: the queue is full (not for what is under way already, `must`), or the server ends. */
bool http_work_add(struct http_work *work, struct http_exchange *exchange, bool must);
/** Finishes what waits; from then on nothing is added. */
void http_work_stop(struct http_work *work);
/** Once nobody can ask to add any more: connections that send on do until the daemon stopped. */
void http_work_clear(struct http_work *work);

/* ---- The server and one exchange ---- */

struct http_server {
    struct http_config config;
    struct MHD_Daemon *daemon;
    int listen_fd, port;
    struct http_watch watch;
    struct http_work work[HTTP_LANE_COUNT];
    atomic_size_t active; /* exchanges under way */
    atomic_bool is_ending;
};

enum { HTTP_PARAMS_MAX = 6, HTTP_PIECE = 256 << 10 /* bytes that a sink is given at a time */ };
struct http_match {
    size_t count;
    struct {
        pd_str name; /* a view of the route's path */
        pd_str value;
    } params[HTTP_PARAMS_MAX];
};

/* ---- form.c: forms of several parts ---- */

struct http_exchange;
struct http_form_reader;
/** `*out` is untouched if the body's type isn't one of them. False: the response says what is wrong. */
bool http_form_reader_new(struct http_exchange *exchange, struct http_form_reader **out);
/** Fields go to the exchange, the file to its sink. False: the response says what is wrong. */
bool http_form_reader_feed(struct http_form_reader *reader, pd_str bytes);
/** False: the form has no end. */
bool http_form_reader_end(struct http_form_reader *reader);
void http_form_reader_free(struct http_form_reader *reader);

struct http_form_field {
    pd_str name, value;
    struct http_form_field *next;
};

/** To the sink of the route. False: the response says why not. */
bool http_sink_feed(struct http_exchange *exchange, pd_str bytes, pd_str file);

/* ---- ready.c ---- */

struct http_ready {
    struct MHD_Response *response;
    unsigned status;
    atomic_size_t held;
};
/** The response as libmicrohttpd has it, which then has the stream or file, too; NULL: no memory.
 * is_copied: its bytes are. */
struct MHD_Response *http_make_response(const struct http_response *response, bool is_copied);

struct http_exchange {
    struct http_request request; /* first: what handlers hold is a view of this */
    struct http_server *server;
    struct MHD_Connection *connection;
    struct http_connection *watched;
    const struct http_route *route; /* NULL: the response is settled */
    struct http_match match;
    struct http_response response;
    struct pd_buf body;
    uint64_t body_seen; /* bytes, those thrown away too */
    struct http_form_reader *form;
    struct http_form_field *fields; /* of a form of several parts; the newest first */
    size_t field_bytes;
    void *sunk; /* what the sink's begin gave */
    uint64_t sunk_bytes;
    int64_t body_began_us;
    enum http_stage {
        HTTP_BEFORE,    /* nothing but the address is known */
        HTTP_OPENING,   /* a worker begins the sink */
        HTTP_RECEIVING, /* the body comes */
        HTTP_WORKING,   /* all of it is there */
        HTTP_HANDLED,   /* the response is settled */
        HTTP_ANSWERED
    } stage;
    bool is_head, is_too_large, is_refused; /* refused: the response is settled before the body's end */
    int64_t began_us;
    struct http_exchange *next; /* in the queue */
};
/** On a worker: begins or feeds the sink, or runs the handler. */
void http_exchange_work(struct http_exchange *exchange);
/** Runs the handler. */
void http_exchange_handle(struct http_exchange *exchange);

/* ---- route.c ---- */

/**
 * The route of a method and path. NULL: `*allow` is the methods that the path has ("GET, POST", in
 * the arena), or empty if there is no such path. `*is_bad`: a segment doesn't decode to UTF-8
 * without control characters, or decodes to one with a '/', or is "." or "..".
 */
const struct http_route *http_route_find(const struct http_route *routes, size_t count,
                                         const char *method, pd_str path, struct pd_arena *arena,
                                         struct http_match *match, pd_str *allow, bool *is_bad);
/** Percent-decoding; '+' is a space only in queries. False: not well-formed. */
bool http_decode(pd_str text, bool is_query, struct pd_arena *arena, pd_str *out);

/* ---- request.c: libmicrohttpd's callbacks ---- */

enum MHD_Result http_on_request(void *context, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **state);
void *http_on_uri(void *context, const char *uri, struct MHD_Connection *connection);
void http_on_completed(void *context, struct MHD_Connection *connection, void **state,
                       enum MHD_RequestTerminationCode code);
void http_on_connection(void *context, struct MHD_Connection *connection, void **state,
                        enum MHD_ConnectionNotificationCode code);

#endif
