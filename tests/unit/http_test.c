/*
 * http/: a server with a few routes, and clients that speak to it in raw bytes, since the point is
 * what those do wrong.
 */
#include "http/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- The routes of these tests ---- */

struct seen {
    atomic_size_t handled, events, sinks, streams;
    struct http_ready *ready;
    atomic_int last_status;
    atomic_int hold_ms;
};

static void echo(void *context, const struct http_request *request,
                 struct http_response *response) {
    struct seen *seen = context;
    seen->handled++;
    usleep((useconds_t)seen->hold_ms * 1000);
    pd_str query = PD_STR("-");
    (void)http_query(request, "q", &query);
    http_respond(response, 200, "text/plain",
                 pd_arena_printf(request->arena, "%s [%.*s] [%.*s] [%.*s] %zu:%.*s",
                                 request->method, pd_arg(http_param(request, "name")),
                                 pd_arg(query), pd_arg(http_header(request, "x-test")),
                                 request->body.len, pd_arg(pd_str_sub(request->body, 0, 100))));
    http_add_header(response, "X-Good", PD_STR("yes"));
    http_add_header(response, "X-Bad", PD_STR("a\r\nSet-Cookie: b"));
}

static void refuse(void *context, const struct http_request *request,
                   struct http_response *response) {
    struct pd_error err = {0};
    (void)context;
    (void)pd_fail(&err, PD_DENIED, "not \"you\"");
    http_fail(request, response, &err);
}

static void large(void *context, const struct http_request *request,
                  struct http_response *response) {
    static const char bytes[32 << 20];
    (void)context, (void)request;
    http_respond(response, 200, "text/plain", (pd_str){bytes, sizeof(bytes)});
}

/* A stream of so many bytes; more than are announced are never asked for, fewer break off. */
struct streaming {
    struct seen *seen;
    uint64_t left;
};

static int64_t stream_read(void *context, void *out, size_t n) {
    struct streaming *s = context;
    size_t take = n < s->left ? n : (size_t)s->left;
    memset(out, 'x', take);
    s->left -= take;
    return take ? (int64_t)take : -1;
}

static void stream_close(void *context) {
    struct streaming *s = context;
    s->seen->streams--;
    free(s);
}

enum { STREAM_BYTES = 40 << 20 };

static void stream(void *context, const struct http_request *request,
                   struct http_response *response) {
    struct streaming *s = calloc(1, sizeof(*s));
    pd_str less = PD_STR("");
    s->seen = context;
    s->left = http_query(request, "less", &less) ? STREAM_BYTES / 2 : STREAM_BYTES;
    s->seen->streams++;
    http_respond(response, 200, "text/plain", PD_STR(""));
    response->stream = (struct http_stream){stream_read, stream_close, s, STREAM_BYTES};
}

/* A sink that only remembers how much it got, and what the file was called. */
struct sunk {
    struct seen *seen;
    size_t bytes;
    char file[64], last;
};

static void *sink_begin(void *context, const struct http_request *request,
                        struct http_response *response) {
    struct sunk *sunk = calloc(1, sizeof(*sunk));
    sunk->seen = context;
    if (pd_str_is(http_header(request, "Authorization"), "no")) {
        http_problem(request, response, 401, "not you");
        free(sunk);
        return NULL;
    }
    sunk->seen->sinks++;
    return sunk;
}

static bool sink_feed(void *sink, pd_str bytes, pd_str file, struct http_response *response) {
    struct sunk *sunk = sink;
    (void)response;
    sunk->bytes += bytes.len;
    sunk->last = bytes.len ? bytes.data[bytes.len - 1] : sunk->last;
    snprintf(sunk->file, sizeof(sunk->file), "%.*s", pd_arg(file));
    return true;
}

static void sink_end(void *sink) {
    struct sunk *sunk = sink;
    sunk->seen->sinks--;
    free(sunk);
}

static const struct http_sink SINK = {sink_begin, sink_feed, sink_end};

static void uploaded(void *context, const struct http_request *request,
                     struct http_response *response) {
    struct seen *seen = context;
    const struct sunk *sunk = http_sunk(request);
    pd_str title = PD_STR("-"), note = PD_STR("-");
    seen->handled++;
    (void)http_form(request, "title", &title);
    (void)http_form(request, "note", &note);
    http_respond(response, 200, "text/plain",
                 pd_arena_printf(request->arena, "[%.*s] [%.*s] [%s] %zu %c", pd_arg(title),
                                 pd_arg(note), sunk ? sunk->file : "", sunk ? sunk->bytes : 0,
                                 sunk && sunk->last ? sunk->last : '-'));
}

static bool early(void *context, const struct http_request *request,
                  struct http_response *response) {
    struct seen *seen = context;
    if (!pd_str_is(request->path, "/ready") || strcmp(request->method, "GET") != 0 || !seen->ready)
        return false;
    response->ready = http_ready_hold(seen->ready);
    response->label = "/ready";
    return true;
}

enum { SINK_MAX = 3 << 20 };
static const struct http_route ROUTES[] = {
    {"POST", "/sink", 0, true, uploaded, .sink = &SINK, .sink_max = SINK_MAX},
    {"POST", "/form", 1000, true, uploaded, .is_form = true},
    {"POST", "/file", 1000, true, uploaded, .is_form = true, .sink = &SINK, .sink_max = SINK_MAX},
    {"GET", "/quick", 0, false, echo},       {"POST", "/quick", 100, false, echo},
    {"POST", "/slow", 100, true, echo},      {"GET", "/slow", 0, true, echo},
    {"GET", "/of/{name}/x", 0, false, echo}, {"GET", "/refused", 0, false, refuse},
    {"GET", "/large", 0, false, large},
    {"GET", "/stream", 0, true, stream},
    {"GET", "/heavy", 0, true, echo, .lane = HTTP_HEAVY},
};

static void note(void *context, const struct http_event *event) {
    struct seen *seen = context;
    seen->last_status = event->status;
    seen->events++;
}

struct fixture {
    struct seen seen;
    struct http_server *server;
};

static void start(struct fixture *f, unsigned body_ms, unsigned queue_max) {
    struct pd_error err = {0};
    struct http_config config = http_config_default();
    memset(&f->seen, 0, sizeof(f->seen));
    config.listen = "127.0.0.1:0";
    config.routes = ROUTES;
    config.route_count = COUNT(ROUTES);
    config.context = &f->seen;
    config.log = note;
    config.early = early;
    config.workers[HTTP_HEAVY] = 1;
    if (body_ms) {
        config.head_ms = config.body_ms = config.answer_ms = body_ms;
        config.answer_bytes_per_s = (size_t)1 << 30;
    }
    if (queue_max) {
        config.queue_max = queue_max;
        config.workers[HTTP_READING] = 1;
    }
    if (http_start(&config, &f->server, &err) != PD_OK)
        fail_msg("%s", err.text);
}

/* ---- A client in raw bytes ---- */

static int dial(const struct fixture *f) {
    struct sockaddr_in where = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)http_port(f->server)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 20};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&where, sizeof(where)), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
    return fd;
}

static bool say(int fd, const char *text) {
    return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

/* All that comes until the other side closes. */
static const char *hear(int fd) {
    static char text[16384];
    size_t at = 0;
    for (ssize_t n; at < sizeof(text) - 1; at += (size_t)n)
        if ((n = recv(fd, text + at, sizeof(text) - 1 - at, 0)) <= 0)
            break;
    text[at] = '\0';
    close(fd);
    return text;
}

static const char *ask(const struct fixture *f, const char *request) {
    int fd = dial(f);
    assert_true(say(fd, request));
    return hear(fd);
}

static int status_of(const char *answer) {
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

#define CLOSE "Host: h\r\nConnection: close\r\n"

static const char *assert_has(const char *answer, const char *words) {
    const char *at = strstr(answer, words);
    if (!at)
        print_error("\"%s\" is not in \"%s\"\n", words, answer);
    assert_non_null(at);
    return at ? at : answer;
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- Facts ---- */

static void a_request_reaches_its_handler_whole(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    static const struct {
        const char *request, *words;
    } cases[] = {
        {"GET /quick?q=a%20b+c HTTP/1.1\r\nX-Test: v\r\n" CLOSE "\r\n", "GET [] [a b c] [v] 0:"},
        {"POST /quick HTTP/1.1\r\n" CLOSE "Content-Length: 4\r\n\r\nbody", "[-] [] 4:body"},
        {"POST /slow HTTP/1.1\r\n" CLOSE "Content-Length: 4\r\n\r\nbody", "4:body"},
        {"POST /slow HTTP/1.1\r\n" CLOSE
         "Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n",
         "4:body"},
        {"GET /of/%E6%B3%95/x HTTP/1.1\r\n" CLOSE "\r\n", "GET [\xe6\xb3\x95]"},
        {"GET /slow HTTP/1.1\r\n" CLOSE "\r\n", "GET [] [-]"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *answer = ask(&f, cases[i].request);
        assert_int_equal(status_of(answer), 200);
        assert_has(answer, cases[i].words);
        assert_has(answer, "X-Good: yes\r\n");
        assert_null(strstr(answer, "Set-Cookie"));
        assert_has(answer, "X-Content-Type-Options: nosniff\r\n");
    }
    assert_int_equal(f.seen.handled, COUNT(cases));
    http_stop(f.server, 1000);
    assert_int_equal(f.seen.events, COUNT(cases));
}

static void a_connection_serves_many_requests_refused_ones_among_them(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    int fd = dial(&f);
    say(fd, "GET /quick HTTP/1.1\r\nHost: h\r\n\r\nGET /none HTTP/1.1\r\nHost: h\r\n\r\n"
            "POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nokGET /refused HTTP/1.1\r\n"
            "Host: h\r\n\r\nDELETE /quick HTTP/1.1\r\nHost: h\r\n\r\nHEAD /quick HTTP/1.1\r\n" CLOSE
            "\r\n");
    const char *answer = hear(fd);
    static const char *const lines[] = {"HTTP/1.1 200", "HTTP/1.1 404", "2:ok",
                                        "HTTP/1.1 403", "HTTP/1.1 405", "Allow: GET, POST",
                                        "HTTP/1.1 200"};
    for (size_t i = 0; i < COUNT(lines); i++)
        answer = assert_has(answer, lines[i]) + 1;
    http_stop(f.server, 1000);
}

static void refusals_are_problem_documents(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    const char *answer = ask(&f, "GET /refused HTTP/1.1\r\n" CLOSE "\r\n");
    assert_has(answer, "Content-Type: application/problem+json\r\n");
    assert_has(answer, "\"type\":\"/problems/denied\"");
    assert_has(answer, "\"status\":403,\"detail\":\"not \\\"you\\\"\"");
    answer = ask(&f, "GET /none HTTP/1.1\r\n" CLOSE "\r\n");
    assert_has(answer, "\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404");
    http_stop(f.server, 1000);
}

static void what_is_ambiguous_malformed_or_too_large_never_reaches_a_handler(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    static const struct {
        const char *request;
        int status;
    } cases[] = {
        {"POST /quick HTTP/1.1\r\n" CLOSE
         "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         400},
        {"POST /quick HTTP/1.1\r\n" CLOSE
         "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
         400},
        {"POST /quick HTTP/1.1\r\n" CLOSE "Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody1",
         400},
        {"POST /quick HTTP/1.1\r\n" CLOSE "Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
         400},
        {"POST /quick HTTP/1.1\r\n" CLOSE "Content-Length: -4\r\n\r\nbody", 400},
        {"POST /quick HTTP/1.1\r\n" CLOSE "Content-Length: +4\r\n\r\nbody", 400},
        {"POST /quick HTTP/1.1\r\n" CLOSE "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
        {"GET /quick HTTP/1.1\r\n" CLOSE "Host: other\r\n\r\n", 400},
        {"GET /quick HTTP/1.1\r\n\r\n", 400}, /* no Host */
        {"POST /quick HTTP/1.1\r\n" CLOSE "Content-Length: 101\r\n\r\n", 413},
        {"POST /quick HTTP/1.1\r\n" CLOSE "Content-Length: 99999999999999999999\r\n\r\n", 413},
        {"GET /quick HTTP/1.1\r\n" CLOSE "Content-Length: 1\r\n\r\nx", 413},
        {"POST /none HTTP/1.1\r\n" CLOSE "Content-Length: 5\r\n\r\n12345", 404},
        {"GET /of/a%2Fb/x HTTP/1.1\r\n" CLOSE "\r\n", 400},
        {"GET /of/%2e%2e/x HTTP/1.1\r\n" CLOSE "\r\n", 400},
        {"GET /of/../x HTTP/1.1\r\n" CLOSE "\r\n", 400},
        {"GET /of/%00/x HTTP/1.1\r\n" CLOSE "\r\n", 400},
        {"GET /of/%0d%0a/x HTTP/1.1\r\n" CLOSE "\r\n", 400},
        {"GET /of/%ff/x HTTP/1.1\r\n" CLOSE "\r\n", 400},
        {"GET /of/%4/x HTTP/1.1\r\n" CLOSE "\r\n", 400},
        {"GET /of//x HTTP/1.1\r\n" CLOSE "\r\n", 404},
        {"GET /quick/ HTTP/1.1\r\n" CLOSE "\r\n", 308},
        {"GET //quick/ HTTP/1.1\r\n" CLOSE "\r\n", 404},
        {"GET //evil.example/ HTTP/1.1\r\n" CLOSE "\r\n", 404},
        {"GET /none/ HTTP/1.1\r\n" CLOSE "\r\n", 404},
        {"POST /quick/ HTTP/1.1\r\n" CLOSE "Content-Length: 0\r\n\r\n", 404},
        {"GET /// HTTP/1.1\r\n" CLOSE "\r\n", 404},
        {"GET quick HTTP/1.1\r\n" CLOSE "\r\n", 400},
        {"OPTIONS * HTTP/1.1\r\n" CLOSE "\r\n", 400},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int status = status_of(ask(&f, cases[i].request));
        if (status != cases[i].status)
            fail_msg("case %zu: %d, not %d", i, status, cases[i].status);
    }
    static const char *const garbage[] = {"\r\n\r\n\r\n", "\x16\x03\x01\x02", "GET\r\n\r\n",
                                          "POST /quick HTTP/1.1\r\n" CLOSE
                                          "Transfer-Encoding: chunked\r\n\r\nzz\r\n"};
    for (size_t i = 0; i < COUNT(garbage); i++) {
        int fd = dial(&f);
        say(fd, garbage[i]);
        shutdown(fd, SHUT_WR);
        int status = status_of(hear(fd));
        assert_true(status == 0 || status == 400);
    }
    char *head = calloc(1, 60000);
    strcpy(head, "GET /quick HTTP/1.1\r\n" CLOSE "X: ");
    memset(head + strlen(head), 'a', 58000);
    int fd = dial(&f);
    say(fd, head);
    assert_true(status_of(hear(fd)) >= 400);
    free(head);
    assert_int_equal(f.seen.handled, 0);
    http_stop(f.server, 1000);
}

static void an_address_with_a_slash_too_many_is_told_without_it(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    assert_has(ask(&f, "GET /quick/ HTTP/1.1\r\n" CLOSE "\r\n"), "Location: /quick\r\n");
    assert_has(ask(&f, "GET /quick///?a=b%2F&c HTTP/1.1\r\n" CLOSE "\r\n"),
               "Location: /quick?a=b%2F&c\r\n");
    assert_has(ask(&f, "HEAD /of/%E6%B3%95/x/ HTTP/1.1\r\n" CLOSE "\r\n"),
               "Location: /of/%E6%B3%95/x\r\n");
    http_stop(f.server, 1000);
}

static void a_head_may_be_so_long_and_a_longer_one_is_told_so(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    const size_t most = http_config_default().head_max;
    for (size_t lines = 1; lines <= 51; lines += 50)
        for (size_t n = most - 300; n <= most + 900; n += 100) {
            static char request[32 << 10];
            size_t at = (size_t)snprintf(request, sizeof(request), "GET /quick HTTP/1.1\r\n" CLOSE);
            for (size_t i = 0; i < lines; i++)
                at += (size_t)snprintf(request + at, sizeof(request) - at, "X-%zu: v\r\n", i);
            at += (size_t)snprintf(request + at, sizeof(request) - at, "Cookie: a=");
            memset(request + at, 'c', n - 4 - at);
            snprintf(request + n - 4, sizeof(request) - n + 4, "\r\n\r\n");
            int status = status_of(ask(&f, request));
            if (status != (n <= most ? 200 : 431))
                fail_msg("a head of %zu bytes in %zu lines: %d", n, lines, status);
        }
    http_stop(f.server, 1000);
}

static void a_chunked_body_has_the_same_limit(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    char body[600] = "POST /slow HTTP/1.1\r\n" CLOSE "Transfer-Encoding: chunked\r\n\r\n80\r\n";
    memset(body + strlen(body), 'x', 128);
    strcat(body, "\r\n0\r\n\r\n");
    assert_int_equal(status_of(ask(&f, body)), 413);
    int fd = dial(&f);
    say(fd, "POST /slow HTTP/1.1\r\n" CLOSE "Transfer-Encoding: chunked\r\n\r\n");
    char chunk[4200] = "1000\r\n";
    memset(chunk + 6, 'x', 4096);
    strcpy(chunk + 6 + 4096, "\r\n");
    bool is_open = true;
    for (int i = 0; i < 100000 && is_open; i++) /* it would never end */
        is_open = say(fd, chunk);
    assert_false(is_open);
    close(fd);
    assert_int_equal(f.seen.handled, 0);
    http_stop(f.server, 1000);
}

static void who_is_slow_is_cut_off_however_steadily_bytes_come(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 500, 0);
    static const char *const beginnings[] = {
        "GET /quick HTTP/1.1\r\nX: ",
        "POST /quick HTTP/1.1\r\nHost: h\r\nContent-Length: 90\r\n\r\n"};
    for (size_t i = 0; i < COUNT(beginnings); i++) {
        int fd = dial(&f);
        int64_t began = now_ms();
        bool is_open = say(fd, beginnings[i]);
        char end;
        while (is_open && now_ms() - began < 15000) {
            is_open = say(fd, "a");
            usleep(20000);
            is_open = is_open && recv(fd, &end, 1, MSG_DONTWAIT) != 0;
        }
        assert_false(is_open);
        assert_true(now_ms() - began >= 450);
        close(fd);
    }
    /* One that doesn't read its answer. */
    int fd = dial(&f), small = 4096;
    size_t before = f.seen.events;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    say(fd, "GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    for (int i = 0; i < 1000 && f.seen.events == before; i++)
        usleep(10000);
    assert_int_equal(f.seen.events, before + 1);
    assert_int_equal(f.seen.last_status, 0);
    close(fd);
    assert_int_equal(f.seen.handled, 0);
    http_stop(f.server, 1000);
}

static void a_slow_handler_holds_up_nobody_else(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    f.seen.hold_ms = 1500;
    int waiting[3];
    for (size_t i = 0; i < COUNT(waiting); i++) {
        waiting[i] = dial(&f);
        say(waiting[i], "POST /slow HTTP/1.1\r\n" CLOSE "Content-Length: 1\r\n\r\nx");
    }
    usleep(300000);
    int64_t began = now_ms();
    assert_int_equal(status_of(ask(&f, "GET /refused HTTP/1.1\r\n" CLOSE "\r\n")), 403);
    assert_true(now_ms() - began < 1000);
    for (size_t i = 0; i < COUNT(waiting); i++)
        assert_int_equal(status_of(hear(waiting[i])), 200);
    http_stop(f.server, 1000);
}

static void what_is_heavy_keeps_no_short_request_waiting(void **unused) {
    (void)unused;
    enum { HEAVY = 6, HOLD_MS = 1500 };
    struct fixture f;
    int fds[HEAVY];
    start(&f, 0, 0);
    f.seen.hold_ms = HOLD_MS;
    for (int i = 0; i < HEAVY; i++) {
        fds[i] = dial(&f);
        assert_true(say(fds[i], "GET /heavy HTTP/1.1\r\n" CLOSE "\r\n"));
    }
    while (f.seen.handled == 0)
        usleep(1000);
    f.seen.hold_ms = 0;
    int64_t began = now_ms();
    assert_int_equal(status_of(ask(&f, "GET /slow HTTP/1.1\r\n" CLOSE "\r\n")), 200);
    assert_true(now_ms() - began < HOLD_MS / 2);
    for (int i = 0; i < HEAVY; i++)
        assert_int_equal(status_of(hear(fds[i])), 200);
    http_stop(f.server, 1000);
}

/* Sends a body that has no end in time. */
static void *send_on(void *context) {
    static const char bytes[300 << 10];
    const int *fd = context;
    for (int i = 0; i < 9 && send(*fd, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0; i++)
        usleep(5000);
    return NULL;
}

static void stopping_amid_an_upload_ends(void **unused) {
    (void)unused;
    for (int round = 0; round < 8; round++) {
        struct fixture f;
        pthread_t sender;
        start(&f, 0, 0);
        int fd = dial(&f);
        assert_true(say(fd, "POST /sink HTTP/1.1\r\n" CLOSE "Content-Length: 3000000\r\n\r\n"));
        assert_int_equal(pthread_create(&sender, NULL, send_on, &fd), 0);
        usleep((useconds_t)round * 3000);
        http_stop(f.server, (unsigned)round * 3);
        assert_int_equal(f.seen.sinks, 0);
        assert_int_equal(f.seen.handled, 0);
        pthread_join(sender, NULL);
        close(fd);
    }
}

static void a_full_queue_is_told_and_stopping_waits_for_what_is_under_way(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 1);
    f.seen.hold_ms = 700;
    int first = dial(&f), second = dial(&f);
    say(first, "POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
    usleep(200000);
    say(second, "POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
    usleep(200000);
    const char *answer = ask(&f, "POST /slow HTTP/1.1\r\n" CLOSE "Content-Length: 1\r\n\r\nx");
    assert_int_equal(status_of(answer), 503);
    assert_has(answer, "Retry-After: 1");
    http_stop(f.server, 10000);
    assert_int_equal(status_of(hear(first)), 200);
    assert_int_equal(status_of(hear(second)), 200);
    assert_int_equal(f.seen.handled, 2);
}

static void addresses_that_cannot_be_listened_at_are_told(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    char taken[32];
    snprintf(taken, sizeof(taken), "127.0.0.1:%d", http_port(f.server));
    const struct {
        const char *listen;
        enum pd_status status;
    } wrong[] = {
        {taken, PD_UNAVAILABLE},  {"127.0.0.1", PD_USAGE},    {"", PD_USAGE},
        {":80", PD_USAGE},        {"::1:80", PD_USAGE},       {"127.0.0.1:x", PD_USAGE},
        {"127.0.0.1:", PD_USAGE}, {"127.0.0.1:-1", PD_USAGE}, {"no.such.invalid:1", PD_USAGE}};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct http_config config = http_config_default();
        struct http_server *server = NULL;
        struct pd_error err = {0};
        config.listen = wrong[i].listen;
        enum pd_status st = http_start(&config, &server, &err);
        if (st != wrong[i].status)
            fail_msg("%s: %d %s", wrong[i].listen, (int)st, err.text);
    }
    http_stop(f.server, 0);
    http_stop(NULL, 0);
}

static char *add_chunk(char *at, char letter, size_t n) {
    at += sprintf(at, "%zx\r\n", n);
    memset(at, letter, n);
    return at + n + sprintf(at + n, "\r\n");
}

static void a_large_body_goes_to_its_sink_in_pieces(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    char *text = malloc(8 << 20);
    struct {
        size_t pieces;
        const char *words;
        int status;
    } cases[] = {{0, "[] 0 -", 200}, {1, "[] 65536 q", 200}, {47, "[] 3080192 q", 200},
                 {48, "[] 3145728 q", 200}, {49, "larger than this takes", 413}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd = dial(&f);
        char *at = text + sprintf(text, "POST /sink HTTP/1.1\r\n" CLOSE
                                        "Transfer-Encoding: chunked\r\n\r\n");
        for (size_t n = 0; n < cases[i].pieces; n++)
            at = add_chunk(at, n + 1 == cases[i].pieces ? 'q' : 'p', 65536);
        strcpy(at, "0\r\n\r\n");
        assert_true(say(fd, text));
        const char *answer = hear(fd);
        assert_int_equal(status_of(answer), cases[i].status);
        assert_has(answer, cases[i].words);
    }
    assert_int_equal(f.seen.handled, 4);
    free(text);
    http_stop(f.server, 1000);
    assert_int_equal(f.seen.sinks, 0);
}

static void a_sink_refuses_before_the_body_comes_and_ends_when_it_is_cut_off(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    const char *answer = ask(&f, "POST /sink HTTP/1.1\r\nHost: h\r\nAuthorization: no\r\n"
                                 "Content-Length: 3000000\r\n\r\n");
    assert_int_equal(status_of(answer), 401);
    assert_int_equal(status_of(ask(&f, "POST /sink HTTP/1.1\r\n" CLOSE
                                       "Content-Length: 3145729\r\n\r\n")),
                     413);
    int fd = dial(&f);
    say(fd, "POST /sink HTTP/1.1\r\n" CLOSE "Content-Length: 1000\r\n\r\nhalf");
    for (int i = 0; i < 1000 && f.seen.sinks == 0; i++)
        usleep(1000);
    assert_int_equal(f.seen.sinks, 1);
    close(fd);
    for (int i = 0; i < 10000 && f.seen.sinks == 1; i++)
        usleep(1000);
    assert_int_equal(f.seen.sinks, 0);
    assert_int_equal(f.seen.handled, 0);
    http_stop(f.server, 1000);
}

#define PART(name) "--bb\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_PART(file) \
    "--bb\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" file "\"\r\n\r\n"

static void forms_of_several_parts_are_read(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    static char large[1200];
    memset(large, 'x', sizeof(large) - 1);
    static const struct {
        const char *path, *body, *words;
        int status;
    } cases[] = {
        {"/form", PART("title") "a\r\n" PART("note") "b\r\n--bb--\r\n", "[a] [b] []", 200},
        {"/form", PART("title") "\xe6\xb3\x95 & \"x\r\n--bb--\r\n", "[\xe6\xb3\x95 & \"x]", 200},
        {"/form", PART("title") "\r\n--bb--\r\n", "[] [-]", 200},
        {"/form", PART("title") "1\r\n" PART("title") "2\r\n--bb--\r\n", "[1]", 200},
        {"/file", PART("title") "a\r\n" FILE_PART("f.csv") "x,y\r\n1,2\r\n--bb--\r\n",
         "[a] [-] [f.csv] 8 2", 200},
        {"/file", FILE_PART("") "\r\n" PART("title") "a\r\n--bb--\r\n", "[a] [-] [] 0 -", 200},
        {"/form", FILE_PART("f.csv") "x\r\n--bb--\r\n", "takes no file", 415},
        {"/file", FILE_PART("f") "x\r\n" FILE_PART("g") "y\r\n--bb--\r\n", "takes one file", 400},
        {"/form", PART("title") "cut", "no end", 400},
        {"/form", large, "", 413},
        {"/file", large, "[-] [-] [] 0 -", 200}, /* all of it before the first part */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[4096];
        sprintf(text,
                "POST %s HTTP/1.1\r\n" CLOSE
                "Content-Type: multipart/form-data; boundary=bb\r\nContent-Length: %zu\r\n\r\n%s",
                cases[i].path, strlen(cases[i].body), cases[i].body);
        const char *answer = ask(&f, text);
        if (status_of(answer) != cases[i].status)
            fail_msg("case %zu: %s", i, answer);
        if (!strstr(answer, cases[i].words))
            fail_msg("case %zu: %s", i, answer);
    }
    const char *answer =
        ask(&f, "POST /form HTTP/1.1\r\n" CLOSE
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 21\r\n\r\n"
                "note=b%26&title=a+%41");
    assert_has(answer, "[a A] [b&]");
    http_stop(f.server, 1000);
    assert_int_equal(f.seen.sinks, 0);
}

static void what_is_ready_is_sent_as_often_as_it_is_asked_for(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    struct http_response response = {0};
    char body[] = "made once";
    http_respond(&response, 200, "text/plain", pd_str_from(body));
    http_add_header(&response, "ETag", PD_STR("\"1\""));
    f.seen.ready = http_ready_new(&response);
    memset(body, 'x', sizeof(body) - 1); /* it has a copy */
    for (int i = 0; i < 3; i++) {
        const char *answer = ask(&f, "GET /ready HTTP/1.1\r\n" CLOSE "\r\n");
        assert_int_equal(status_of(answer), 200);
        assert_has(answer, "ETag: \"1\"\r\n");
        assert_has(answer, "\r\n\r\nmade once");
    }
    const char *head = ask(&f, "HEAD /ready HTTP/1.1\r\n" CLOSE "\r\n");
    assert_has(head, "Content-Length: 9\r\n");
    assert_null(strstr(head, "made once"));
    assert_int_equal(status_of(ask(&f, "POST /ready HTTP/1.1\r\n" CLOSE "\r\n")), 404);
    assert_int_equal(f.seen.handled, 0);
    http_stop(f.server, 1000);
    http_ready_let_go(f.seen.ready);
    http_ready_let_go(NULL);
}

static size_t count_bytes(int fd) {
    static char bytes[1 << 16];
    size_t all = 0;
    for (ssize_t n; (n = recv(fd, bytes, sizeof(bytes), 0)) > 0; all += (size_t)n)
        ;
    close(fd);
    return all;
}

static void a_stream_is_sent_whole_or_cut_and_always_closed(void **unused) {
    (void)unused;
    struct fixture f;
    start(&f, 0, 0);
    int fd = dial(&f);
    assert_true(say(fd, "GET /stream HTTP/1.1\r\n" CLOSE "\r\n"));
    size_t whole = count_bytes(fd);
    assert_true(whole > STREAM_BYTES && whole < STREAM_BYTES + 1000);
    fd = dial(&f);
    assert_true(say(fd, "GET /stream?less=1 HTTP/1.1\r\nHost: h\r\n\r\n"));
    size_t part = count_bytes(fd); /* the other side closes, though we would go on */
    assert_true(part > STREAM_BYTES / 2 && part < STREAM_BYTES / 2 + 1000);
    const char *head = ask(&f, "HEAD /stream HTTP/1.1\r\n" CLOSE "\r\n");
    assert_has(head, "Content-Length: 41943040\r\n");
    fd = dial(&f);
    assert_true(say(fd, "GET /stream HTTP/1.1\r\n" CLOSE "\r\n"));
    char first[100];
    assert_true(recv(fd, first, sizeof(first), 0) > 0);
    close(fd); /* who asked has left */
    for (int i = 0; i < 5000 && f.seen.streams > 0; i++)
        usleep(1000);
    assert_int_equal(f.seen.streams, 0);
    http_stop(f.server, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_reaches_its_handler_whole),
        cmocka_unit_test(a_connection_serves_many_requests_refused_ones_among_them),
        cmocka_unit_test(refusals_are_problem_documents),
        cmocka_unit_test(what_is_ambiguous_malformed_or_too_large_never_reaches_a_handler),
        cmocka_unit_test(an_address_with_a_slash_too_many_is_told_without_it),
        cmocka_unit_test(a_head_may_be_so_long_and_a_longer_one_is_told_so),
        cmocka_unit_test(a_chunked_body_has_the_same_limit),
        cmocka_unit_test(who_is_slow_is_cut_off_however_steadily_bytes_come),
        cmocka_unit_test(a_slow_handler_holds_up_nobody_else),
        cmocka_unit_test(what_is_heavy_keeps_no_short_request_waiting),
        cmocka_unit_test(stopping_amid_an_upload_ends),
        cmocka_unit_test(a_full_queue_is_told_and_stopping_waits_for_what_is_under_way),
        cmocka_unit_test(a_large_body_goes_to_its_sink_in_pieces),
        cmocka_unit_test(a_sink_refuses_before_the_body_comes_and_ends_when_it_is_cut_off),
        cmocka_unit_test(forms_of_several_parts_are_read),
        cmocka_unit_test(what_is_ready_is_sent_as_often_as_it_is_asked_for),
        cmocka_unit_test(a_stream_is_sent_whole_or_cut_and_always_closed),
        cmocka_unit_test(addresses_that_cannot_be_listened_at_are_told),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
