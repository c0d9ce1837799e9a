/* Exchanges over HTTP: libcurl's errors and habits stop in this file. */
#include "net/net_impl.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { URL_MAX = 2048, POLL_MS = 50, TYPE_MAX = 256 };

struct net {
    struct net_rules rules;
    CURLM *multi;
};

struct net_rules net_rules_default(void) {
    return (struct net_rules){.timeout_ms = 10000, .answer_max = 1 << 20, .redirects_max = 3};
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void init_curl(void) {
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum pd_status net_open(const struct net_rules *rules, struct net **out, struct pd_error *err) {
    pthread_once(&once, init_curl); /* curl_global_init may not run twice at once */
    struct net *net = calloc(1, sizeof(*net));
    if (!net)
        return pd_fail_memory(err);
    net->rules = *rules;
    net->multi = curl_multi_init();
    if (!net->multi) {
        free(net);
        return pd_fail_memory(err);
    }
    *out = net;
    return PD_OK;
}

void net_close(struct net *net) {
    if (net)
        curl_multi_cleanup(net->multi);
    free(net);
}

/* ---- One exchange on its way ---- */

struct exchange {
    const struct net_rules *rules;
    struct net_call *call;
    CURL *easy;
    struct curl_slist *headers;
    struct pd_buf answer;
    char text[CURL_ERROR_SIZE];
    bool is_refused; /* the address, by us */
    bool is_done;
};

static size_t take_bytes(char *bytes, size_t size, size_t n, void *context) {
    struct exchange *x = context;
    pd_buf_add(&x->answer, bytes, size * n);
    return x->answer.failed ? 0 : size * n;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *address) {
    struct exchange *x = context;
    if (purpose != CURLSOCKTYPE_IPCXN)
        return CURL_SOCKET_BAD;
    if (!x->rules->may_private && !net_sockaddr_is_public(&address->addr)) {
        x->is_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static enum pd_status check_part(CURLU *url, CURLUPart part, const char *what,
                                 struct pd_error *err) {
    char *text = NULL;
    CURLUcode code = curl_url_get(url, part, &text, 0);
    curl_free(text);
    return code == CURLUE_OK ? pd_fail(err, PD_INVALID, "a URL with a %s isn't fetched", what)
                             : PD_OK;
}

/* Before curl sees it: the scheme, and no passwords that would end in somebody's log. */
static enum pd_status check_url(const struct net_rules *rules, const char *text,
                                struct pd_error *err) {
    CURLU *url = curl_url();
    char *scheme = NULL;
    if (!url)
        return pd_fail_memory(err);
    enum pd_status st = PD_OK;
    if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
        st = pd_fail(err, PD_INVALID, "\"%s\" is no absolute URL", text);
    else if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
        st = pd_fail(err, PD_DENIED, "\"%s\": only https is fetched, not %s", text, scheme);
    else if (strcmp(scheme, "http") == 0 && !rules->may_http)
        st = pd_fail(err, PD_DENIED, "\"%s\" isn't https, and unencrypted fetching isn't allowed",
                     text);
    if (st == PD_OK)
        st = check_part(url, CURLUPART_USER, "user name", err);
    if (st == PD_OK)
        st = check_part(url, CURLUPART_PASSWORD, "password", err);
    curl_free(scheme);
    curl_url_cleanup(url);
    return st;
}

static bool set_options(struct exchange *x, const char *url) {
    const struct net_rules *r = x->rules;
    const struct net_call *call = x->call;
    CURL *e = x->easy;
    const char *schemes = r->may_http ? "https,http" : "https";
    bool ok = curl_easy_setopt(e, CURLOPT_URL, url) == CURLE_OK;
#define SET(option, value) ok = ok && curl_easy_setopt(e, (option), (value)) == CURLE_OK
    SET(CURLOPT_PROTOCOLS_STR, schemes);
    SET(CURLOPT_REDIR_PROTOCOLS_STR, schemes);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)r->timeout_ms);
    SET(CURLOPT_FOLLOWLOCATION,
        (long)(!call->is_post && !call->authorization.len && r->redirects_max > 0));
    SET(CURLOPT_MAXREDIRS, (long)r->redirects_max);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_USERAGENT, "polder");
    SET(CURLOPT_ERRORBUFFER, x->text);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, x);
    SET(CURLOPT_WRITEFUNCTION, take_bytes);
    SET(CURLOPT_WRITEDATA, x);
    SET(CURLOPT_PRIVATE, x);
    SET(CURLOPT_HTTPHEADER, x->headers);
    if (call->is_post) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
        SET(CURLOPT_POSTFIELDS, call->body.len ? call->body.data : "");
    }
#undef SET
    return ok;
}

/* On one line: what holds a line break would be two headers. */
static enum pd_status add_authorization(struct exchange *x, struct pd_arena *arena,
                                        struct pd_error *err) {
    pd_str given = x->call->authorization;
    for (size_t i = 0; i < given.len; i++)
        if ((unsigned char)given.data[i] < 0x20 || given.data[i] == 0x7f)
            return pd_fail(err, PD_INVALID, "an authorization is one line");
    pd_str line = pd_arena_printf(arena, "Authorization: %.*s", pd_arg(given));
    struct curl_slist *more = line.data ? curl_slist_append(x->headers, line.data) : NULL;
    if (!more)
        return pd_fail_memory(err);
    x->headers = more;
    return PD_OK;
}

static enum pd_status begin(struct net *net, struct net_call *call, struct pd_arena *arena,
                            struct exchange *x) {
    struct pd_error *err = &call->err;
    *x = (struct exchange){.rules = &net->rules, .call = call};
    pd_buf_init(&x->answer, net->rules.answer_max ? net->rules.answer_max : 1);
    *err = (struct pd_error){0};
    call->http = 0;
    call->answer = call->answer_type = PD_STR("");
    if (call->url.len > URL_MAX)
        return pd_fail(err, PD_LIMIT, "a URL has at most %d bytes, not %zu", URL_MAX,
                       call->url.len);
    pd_str url = pd_arena_str(arena, call->url);
    if (!url.data)
        return pd_fail_memory(err);
    enum pd_status st = check_url(&net->rules, url.data, err);
    if (st != PD_OK)
        return st;
    if (call->is_post) {
        pd_str type = pd_arena_printf(arena, "Content-Type: %s",
                                      call->content_type ? call->content_type : "text/plain");
        /* "Expect: 100-continue" would cost a round trip, or a second with servers that ignore it.
         */
        struct curl_slist *more = type.data ? curl_slist_append(NULL, "Expect:") : NULL;
        x->headers = more;
        more = more ? curl_slist_append(x->headers, type.data) : NULL;
        if (!more)
            return pd_fail_memory(err);
    }
    if (call->authorization.len) {
        enum pd_status added = add_authorization(x, arena, err);
        if (added != PD_OK)
            return added;
    }
    x->easy = curl_easy_init();
    if (!x->easy || !set_options(x, url.data))
        return pd_fail_memory(err);
    if (curl_multi_add_handle(net->multi, x->easy) != CURLM_OK)
        return pd_fail(err, PD_INTERNAL, "curl took no further exchange");
    return PD_OK;
}

/* What curl's codes mean to a caller. What isn't here was no answer. */
static enum pd_status fail(const struct exchange *x, CURLcode code) {
    static const struct {
        CURLcode code;
        enum pd_status status;
        const char *words;
    } meanings[] = {
        {CURLE_TOO_MANY_REDIRECTS, PD_LIMIT, "it redirects too often"},
        {CURLE_UNSUPPORTED_PROTOCOL, PD_DENIED, "it redirects to what isn't fetched"},
        {CURLE_URL_MALFORMAT, PD_INVALID, "it redirects to what is no URL"},
        {CURLE_PEER_FAILED_VERIFICATION, PD_DENIED, "its certificate isn't trusted"},
        {CURLE_OPERATION_TIMEDOUT, PD_UNAVAILABLE, "it took too long"},
        {CURLE_COULDNT_RESOLVE_HOST, PD_UNAVAILABLE, "its name has no address"},
        {CURLE_COULDNT_CONNECT, PD_UNAVAILABLE, "nobody answers there"},
        {CURLE_OUT_OF_MEMORY, PD_LIMIT, "out of memory"},
    };
    struct pd_error *err = &x->call->err;
    pd_str url = x->call->url;
    if (x->is_refused)
        return pd_fail(err, PD_DENIED,
                       "%.*s: its address isn't a public one, and others aren't allowed",
                       pd_arg(url));
    if (x->answer.failed)
        return pd_fail(err, PD_LIMIT, "%.*s: the answer has more than %zu bytes", pd_arg(url),
                       x->rules->answer_max);
    /* curl says the same of a server that doesn't speak HTTP at all. */
    long redirects = 0;
    curl_easy_getinfo(x->easy, CURLINFO_REDIRECT_COUNT, &redirects);
    bool is_rubbish = code == CURLE_UNSUPPORTED_PROTOCOL && redirects == 0;
    for (size_t i = 0; !is_rubbish && i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].code == code)
            return pd_fail(err, meanings[i].status, "%.*s: %s (%s)", pd_arg(url), meanings[i].words,
                           x->text[0] ? x->text : curl_easy_strerror(code));
    return pd_fail(err, PD_UNAVAILABLE, "%.*s: %s", pd_arg(url),
                   x->text[0] ? x->text : curl_easy_strerror(code));
}

static enum pd_status finish(struct exchange *x, CURLcode code, struct pd_arena *arena) {
    struct net_call *call = x->call;
    long http = 0;
    char *type = NULL;
    x->is_done = true;
    if (code != CURLE_OK)
        return fail(x, code);
    curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &http);
    curl_easy_getinfo(x->easy, CURLINFO_CONTENT_TYPE, &type);
    call->http = (int)http;
    call->answer = pd_arena_str(arena, pd_buf_view(&x->answer));
    call->answer_type = pd_arena_str(arena, pd_str_sub(pd_str_from(type), 0, TYPE_MAX));
    return call->answer.data && call->answer_type.data ? PD_OK : pd_fail_memory(&call->err);
}

static void end(struct net *net, struct exchange *x) {
    if (x->easy) {
        curl_multi_remove_handle(net->multi, x->easy); /* one never added is fine */
        curl_easy_cleanup(x->easy);
    }
    curl_slist_free_all(x->headers);
    pd_buf_clear(&x->answer);
}

/* ---- Several ---- */

static int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Takes what has ended; how many did. */
static size_t collect(struct net *net, struct pd_arena *arena) {
    size_t ended = 0;
    int left;
    const CURLMsg *message;
    while ((message = curl_multi_info_read(net->multi, &left))) {
        struct exchange *x = NULL;
        CURLcode code = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &x);
        x->call->status = finish(x, code, arena);
        ended++;
    }
    return ended;
}

static enum pd_status drive(struct net *net, struct net_call *calls, size_t count, size_t running,
                            const struct net_until *until, struct pd_arena *arena,
                            struct pd_error *err) {
    int64_t leave_at = 0;
    while (running > 0) {
        int active;
        if (curl_multi_perform(net->multi, &active) != CURLM_OK)
            return pd_fail(err, PD_INTERNAL, "curl doesn't go on");
        size_t ended = collect(net, arena);
        running -= ended;
        if (ended && until && !leave_at && until->is_enough(until->context, calls, count))
            leave_at = monotonic_ms() + until->grace_ms;
        if (running == 0 || (leave_at && monotonic_ms() >= leave_at))
            break;
        if (curl_multi_poll(net->multi, NULL, 0, POLL_MS, NULL) != CURLM_OK)
            return pd_fail(err, PD_INTERNAL, "curl can't wait");
    }
    return PD_OK;
}

enum pd_status net_call_all(struct net *net, struct net_call *calls, size_t count,
                            const struct net_until *until, struct pd_arena *arena,
                            struct pd_error *err) {
    struct exchange *all = pd_arena_array(arena, count ? count : 1, sizeof(*all));
    size_t running = 0;
    if (!all)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        calls[i].status = begin(net, &calls[i], arena, &all[i]);
        all[i].is_done = calls[i].status != PD_OK;
        running += !all[i].is_done;
    }
    enum pd_status st = drive(net, calls, count, running, until, arena, err);
    for (size_t i = 0; i < count; i++) {
        if (!all[i].is_done)
            calls[i].status = pd_fail(&calls[i].err, PD_UNAVAILABLE,
                                      "%.*s: no answer by the time the others had given enough",
                                      pd_arg(calls[i].url));
        end(net, &all[i]);
    }
    return st;
}

enum pd_status net_call(struct net *net, struct net_call *call, struct pd_arena *arena,
                        struct pd_error *err) {
    enum pd_status st = net_call_all(net, call, 1, NULL, arena, err);
    if (st == PD_OK && call->status != PD_OK)
        st = pd_fail(err, call->status, "%s", call->err.text);
    return st;
}
