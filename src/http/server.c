/* Listening, starting and ending. */
#include "http/http_impl.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HOST_MAX = 256, BACKLOG = 511, STOP_TICK_US = 10000 };

struct http_config http_config_default(void) {
    return (struct http_config){.threads = 2,
                                .workers = {4},
                                .connections_max = 10000,
                                .queue_max = 1024,
                                .head_max = 16 << 10,
                                .idle_s = 30,
                                .head_ms = 45000,
                                .body_ms = 30000,
                                .answer_ms = 60000,
                                .body_bytes_per_s = 64 << 10,
                                .answer_bytes_per_s = 64 << 10};
}

/* ---- "ADDRESS:PORT" ---- */

static enum pd_status split(const char *listen, char host[HOST_MAX], const char **port,
                            struct pd_error *err) {
    const char *colon = strrchr(listen, ':');
    bool has_brackets = listen[0] == '[' && colon && colon > listen && colon[-1] == ']';
    size_t n = colon ? (size_t)(colon - listen) : 0;
    if (!colon || n == 0 || n >= HOST_MAX || colon[1] == '\0' ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
        (!has_brackets && memchr(listen, ':', n)))
        return pd_fail(err, PD_USAGE,
                       "\"%s\" is not an address to listen at: 127.0.0.1:8080, or [::1]:8080",
                       listen);
    memcpy(host, listen + has_brackets, n - 2 * has_brackets);
    host[n - 2 * has_brackets] = '\0';
    *port = colon + 1;
    return PD_OK;
}

static int port_of(int fd) {
    struct sockaddr_storage where;
    socklen_t n = sizeof(where);
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (getsockname(fd, (struct sockaddr *)&where, &n) != 0)
        return 0;
    if (where.ss_family == AF_INET) {
        memcpy(&v4, &where, sizeof(v4));
        return ntohs(v4.sin_port);
    }
    memcpy(&v6, &where, sizeof(v6));
    return ntohs(v6.sin6_port);
}

static enum pd_status listen_at(const char *listen_text, int *out, struct pd_error *err) {
    char host[HOST_MAX];
    const char *port = NULL;
    enum pd_status st = split(listen_text, host, &port, err);
    if (st != PD_OK)
        return st;
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
    int code = getaddrinfo(host, port, &wanted, &found);
    if (code != 0)
        return pd_fail(err, PD_USAGE, "\"%s\" is no address of this machine: %s", listen_text,
                       gai_strerror(code));
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        st = pd_fail_errno(err, PD_UNAVAILABLE, "listen at %s", listen_text);
        if (fd >= 0)
            close(fd);
    } else {
        *out = fd;
    }
    freeaddrinfo(found);
    return st;
}

/* ---- The daemon ---- */

/* Paths and queries are decoded by us, segment by segment: see route.c. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context, (void)connection;
    return strlen(text);
}

static void ignore_message(void *context, const char *format, va_list args) {
    (void)context, (void)format, (void)args; /* about clients' mistakes; the event log has them */
}

/* libmicrohttpd keeps the head of a request in a connection's memory, and what is left must do for the head
 * of the answer, or the connection ends without a word: so on_head refuses long ones while there is room. */
static struct MHD_Daemon *start_daemon(struct http_server *s) {
    const struct http_config *c = &s->config;
    bool has_tls = c->tls_cert && c->tls_key;
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)ignore_message, NULL},
        {MHD_OPTION_LISTEN_SOCKET, s->listen_fd, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)(c->head_max * 5 / 2), NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)c->connections_max, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)c->connections_per_address_max, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)c->idle_s, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)keep_escapes, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)http_on_uri, s},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)http_on_completed, s},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)http_on_connection, s},
        {c->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)c->threads, NULL},
        {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)c->tls_cert},
                                   {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)c->tls_key},
                                   {MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                                MHD_USE_ERROR_LOG | (has_tls ? MHD_USE_TLS : 0),
                            0, NULL, NULL, http_on_request, s, MHD_OPTION_ARRAY,
                            has_tls ? tls : tls + 2, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

enum pd_status http_start(const struct http_config *config, struct http_server **out,
                          struct pd_error *err) {
    struct http_server *s = calloc(1, sizeof(*s));
    if (!s)
        return pd_fail_memory(err);
    s->config = *config;
    s->listen_fd = -1;
    enum pd_status st = listen_at(config->listen, &s->listen_fd, err);
    if (st == PD_OK) {
        s->port = port_of(s->listen_fd);
        st = http_watch_start(&s->watch, err);
    }
    for (int i = 0; st == PD_OK && i < HTTP_LANE_COUNT; i++)
        if (config->workers[i] || i == 0)
            st = http_work_start(&s->work[i], config->workers[i], config->queue_max,
                                 i == HTTP_HEAVY, err);
    if (st == PD_OK) {
        s->daemon = start_daemon(s);
        if (!s->daemon)
            st = pd_fail(err, PD_UNAVAILABLE, "the server at %s couldn't be started",
                         config->listen);
    }
    if (st != PD_OK)
        http_stop(s, 0);
    else
        *out = s;
    return st;
}

int http_port(const struct http_server *server) {
    return server->port;
}

void http_stop(struct http_server *s, unsigned wait_ms) {
    if (!s)
        return;
    s->is_ending = true;
    if (s->daemon)
        MHD_quiesce_daemon(s->daemon); /* the socket is ours again */
    if (s->listen_fd >= 0)
        close(s->listen_fd);
    int64_t until = http_now_us() + (int64_t)wait_ms * 1000;
    while (s->daemon && s->active > 0 && http_now_us() < until)
        usleep(STOP_TICK_US);
    for (int i = 0; i < HTTP_LANE_COUNT; i++)
        http_work_stop(&s->work[i]);
    if (s->daemon)
        MHD_stop_daemon(s->daemon);
    for (int i = 0; i < HTTP_LANE_COUNT; i++)
        http_work_clear(&s->work[i]);
    http_watch_stop(&s->watch);
    free(s);
}
