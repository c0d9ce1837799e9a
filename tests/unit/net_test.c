/*
 * net/: the client against servers that misbehave. Each server is a thread with one socket of this
 * machine, which is why the rules here allow private addresses.
 */
#include "net/net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- A server that says what it is told to ---- */

struct server {
    int fd, port;
    const char *answer; /* sent to each connection, then closed */
    int drip_ms;        /* between bytes; 0: at once */
    int hold_ms;        /* before the answer */
    size_t flood;       /* bytes of body behind the answer */
    char seen[2048];    /* the last request */
    size_t requests;
    pthread_t thread;
};

static void serve_one(struct server *s, int fd) {
    ssize_t n = recv(fd, s->seen, sizeof(s->seen) - 1, 0);
    s->seen[n > 0 ? n : 0] = '\0';
    s->requests++;
    usleep((useconds_t)s->hold_ms * 1000);
    for (size_t i = 0, len = strlen(s->answer); i < len;) {
        size_t piece = s->drip_ms ? 1 : len;
        if (send(fd, s->answer + i, piece, MSG_NOSIGNAL) < 0)
            return;
        i += piece;
        usleep((useconds_t)s->drip_ms * 1000);
    }
    char block[4096] = {0};
    for (size_t sent = 0; sent < s->flood; sent += sizeof(block))
        if (send(fd, block, sizeof(block), MSG_NOSIGNAL) < 0)
            return;
}

static void *serve(void *context) {
    struct server *s = context;
    for (int fd; (fd = accept(s->fd, NULL, NULL)) >= 0; close(fd))
        serve_one(s, fd);
    return NULL;
}

static void start(struct server *s) {
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(where);
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&where, sizeof(where)), 0);
    assert_int_equal(listen(s->fd, 8), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&where, &n), 0);
    s->port = ntohs(where.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void stop(struct server *s) {
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
}

/* ---- Asking ---- */

static struct net_rules local_rules(void) {
    struct net_rules rules = net_rules_default();
    rules.may_http = rules.may_private = true;
    rules.timeout_ms = 1500;
    return rules;
}

static struct net_call ask(const struct net_rules *rules, const char *url, const char *post) {
    static char answer[8192];
    struct pd_error err = {0};
    struct pd_arena *arena = pd_arena_new(8 << 20);
    struct net *net = NULL;
    assert_int_equal(net_open(rules, &net, &err), PD_OK);
    struct net_call call = {.url = pd_str_from(url)};
    if (post) {
        call.is_post = true;
        call.body = pd_str_from(post);
    }
    enum pd_status st = net_call(net, &call, arena, &err);
    assert_int_equal(st, call.status);
    snprintf(answer, sizeof(answer), "%.*s", pd_arg(call.answer));
    call.answer = pd_str_from(answer); /* outlives the arena */
    net_close(net);
    pd_arena_free(arena);
    return call;
}

static struct net_call ask_server(const struct net_rules *rules, const struct server *s,
                                  const char *post) {
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", s->port);
    struct net_call call = ask(rules, url, post);
    call.url = PD_STR("");
    return call;
}

static void a_get_and_a_post_bring_status_and_body(void **unused) {
    (void)unused;
    struct net_rules rules = local_rules();
    struct server s = {.answer = "HTTP/1.1 409 Conflict\r\nContent-Type: text/x.tlog.size\r\n"
                                 "Content-Length: 2\r\n\r\n7\n"};
    start(&s);
    struct net_call call = ask_server(&rules, &s, NULL);
    assert_int_equal(call.status, PD_OK);
    assert_int_equal(call.http, 409);
    assert_true(pd_str_is(call.answer, "7\n"));
    assert_non_null(strstr(s.seen, "GET /x HTTP/1.1\r\n"));
    call = ask_server(&rules, &s, "old 0\n");
    assert_int_equal(call.http, 409);
    assert_non_null(strstr(s.seen, "POST /x HTTP/1.1\r\n"));
    assert_non_null(strstr(s.seen, "Content-Length: 6\r\n"));
    assert_null(strstr(s.seen, "Expect"));
    stop(&s);
}

static void what_the_rules_refuse_is_never_connected_to(void **unused) {
    (void)unused;
    struct net_rules strict = net_rules_default(), http = strict;
    http.may_http = true;
    struct server s = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
    start(&s);
    struct net_call call = ask_server(&strict, &s, NULL);
    assert_int_equal(call.status, PD_DENIED);
    assert_non_null(strstr(call.err.text, "isn't https"));
    call = ask_server(&http, &s, NULL);
    assert_int_equal(call.status, PD_DENIED);
    assert_non_null(strstr(call.err.text, "isn't a public one"));
    char named[64];
    snprintf(named, sizeof(named), "http://localhost:%d/", s.port);
    assert_int_equal(ask(&http, named, NULL).status, PD_DENIED);
    assert_int_equal(s.requests, 0);
    stop(&s);
}

static void urls_of_another_form_are_refused(void **unused) {
    (void)unused;
    static const struct {
        const char *url;
        enum pd_status status;
    } wrong[] = {{"", PD_INVALID},
                 {"example", PD_INVALID},
                 {"/path", PD_INVALID},
                 {"file:///etc/passwd", PD_DENIED},
                 {"gopher://127.0.0.1/", PD_DENIED},
                 {"http://user@127.0.0.1/", PD_INVALID},
                 {"http://user:secret@127.0.0.1/", PD_INVALID},
                 {"http://127.0.0.1:99999/", PD_INVALID},
                 {"http://exa mple/", PD_INVALID}};
    struct net_rules rules = local_rules();
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct net_call call = ask(&rules, wrong[i].url, NULL);
        if (call.status != wrong[i].status)
            fail_msg("%s: %d %s", wrong[i].url, (int)call.status, call.err.text);
        assert_null(strstr(call.err.text, "secret"));
    }
}

static void a_redirect_is_judged_like_the_first_address(void **unused) {
    (void)unused;
    struct net_rules rules = local_rules();
    static const struct {
        const char *answer;
        enum pd_status status;
        const char *words;
    } cases[] = {
        {"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
         PD_DENIED, "redirects to what isn't fetched"},
        {"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
         PD_LIMIT, "redirects too often"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct server s = {.answer = cases[i].answer};
        start(&s);
        struct net_call call = ask_server(&rules, &s, NULL);
        assert_int_equal(call.status, cases[i].status);
        assert_non_null(strstr(call.err.text, cases[i].words));
        assert_true(s.requests <= 4);
        /* A POST is never repeated elsewhere. */
        s.requests = 0;
        call = ask_server(&rules, &s, "x");
        assert_int_equal(call.http, 302);
        assert_int_equal(s.requests, 1);
        stop(&s);
    }
}

static void size_and_time_are_limited(void **unused) {
    (void)unused;
    struct net_rules rules = local_rules();
    rules.answer_max = 10000;
    rules.timeout_ms = 400;
    struct server large = {.answer = "HTTP/1.1 200 OK\r\n\r\n", .flood = 1 << 20};
    struct server lying = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
                           .flood = 1 << 20};
    struct server slow = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789",
                          .drip_ms = 30};
    struct server silent = {.answer = "", .hold_ms = 600};
    struct server rubbish = {.answer = "\x01\x02 not HTTP at all\r\n\r\n"};
    struct server cut = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"};
    static const enum pd_status wanted[] = {PD_LIMIT,       PD_LIMIT,       PD_UNAVAILABLE,
                                            PD_UNAVAILABLE, PD_UNAVAILABLE, PD_UNAVAILABLE};
    struct server *servers[] = {&large, &lying, &slow, &silent, &rubbish, &cut};
    for (size_t i = 0; i < COUNT(servers); i++) {
        start(servers[i]);
        struct net_call call = ask_server(&rules, servers[i], NULL);
        if (call.status != wanted[i])
            fail_msg("server %zu: %d %s", i, (int)call.status, call.err.text);
        stop(servers[i]);
    }
    struct net_call nobody = ask(&rules, "http://127.0.0.1:1/", NULL);
    assert_int_equal(nobody.status, PD_UNAVAILABLE);
}

static bool one_is_enough(void *context, const struct net_call *calls, size_t count) {
    (void)context;
    for (size_t i = 0; i < count; i++)
        if (calls[i].http == 200)
            return true;
    return false;
}

static void of_several_each_has_its_own_outcome_and_none_waits_for_the_slowest(void **unused) {
    (void)unused;
    struct net_rules rules = local_rules();
    rules.timeout_ms = 20000;
    struct server quick = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
    struct server slow = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                          .hold_ms = 1200};
    start(&quick);
    start(&slow);
    char urls[3][64];
    snprintf(urls[0], sizeof(urls[0]), "http://127.0.0.1:%d/", quick.port);
    snprintf(urls[1], sizeof(urls[1]), "http://127.0.0.1:%d/", slow.port);
    snprintf(urls[2], sizeof(urls[2]), "http://127.0.0.1:1/");
    struct net_call calls[3] = {{.url = pd_str_from(urls[0])},
                                {.url = pd_str_from(urls[1])},
                                {.url = pd_str_from(urls[2])}};
    struct pd_error err = {0};
    struct pd_arena *arena = pd_arena_new(8 << 20);
    struct net *net = NULL;
    struct net_until until = {one_is_enough, NULL, 50};
    assert_int_equal(net_open(&rules, &net, &err), PD_OK);
    assert_int_equal(net_call_all(net, calls, 3, &until, arena, &err), PD_OK);
    assert_int_equal(calls[0].status, PD_OK);
    assert_int_equal(calls[1].status, PD_UNAVAILABLE);
    assert_non_null(strstr(calls[1].err.text, "by the time the others"));
    assert_int_equal(calls[2].status, PD_UNAVAILABLE);
    assert_int_equal(net_call_all(net, calls, 3, NULL, arena, &err), PD_OK);
    assert_int_equal(calls[1].status, PD_OK); /* asked without haste, it answers */
    net_close(net);
    pd_arena_free(arena);
    stop(&quick);
    stop(&slow);
}

static void only_addresses_that_the_internet_routes_are_public(void **unused) {
    (void)unused;
    static const char *const outside[] = {"8.8.8.8",         "1.1.1.1",    "172.15.255.255",
                                          "172.32.0.0",      "100.63.1.1", "223.255.255.255",
                                          "2606:4700::1111", "2a00::1",    "::ffff:8.8.8.8"};
    static const char *const inside[] = {"0.0.0.0",
                                         "10.1.2.3",
                                         "100.64.0.1",
                                         "127.0.0.1",
                                         "127.255.255.255",
                                         "169.254.169.254",
                                         "172.16.0.1",
                                         "172.31.9.9",
                                         "192.168.0.1",
                                         "192.0.2.1",
                                         "198.18.0.1",
                                         "224.0.0.1",
                                         "240.0.0.1",
                                         "255.255.255.255",
                                         "::",
                                         "::1",
                                         "fe80::1",
                                         "fc00::1",
                                         "fd00::1",
                                         "ff02::1",
                                         "::ffff:127.0.0.1",
                                         "::ffff:10.0.0.1",
                                         "64:ff9b::7f00:1",
                                         "2002:7f00:1::",
                                         "2001::1",
                                         "2001:db8::1",
                                         "::127.0.0.1",
                                         "no address",
                                         ""};
    for (size_t i = 0; i < COUNT(outside); i++)
        if (!net_address_is_public(outside[i]))
            fail_msg("%s is public", outside[i]);
    for (size_t i = 0; i < COUNT(inside); i++)
        if (net_address_is_public(inside[i]))
            fail_msg("%s isn't public", inside[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_get_and_a_post_bring_status_and_body),
        cmocka_unit_test(what_the_rules_refuse_is_never_connected_to),
        cmocka_unit_test(urls_of_another_form_are_refused),
        cmocka_unit_test(a_redirect_is_judged_like_the_first_address),
        cmocka_unit_test(size_and_time_are_limited),
        cmocka_unit_test(of_several_each_has_its_own_outcome_and_none_waits_for_the_slowest),
        cmocka_unit_test(only_addresses_that_the_internet_routes_are_public),
    };
    return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
