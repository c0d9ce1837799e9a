/* Starting and ending. */
#include "serve/serve_impl.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    READERS = 8,  /* threads: no more than can compute at once, or memory is spent on waiting */
    WRITERS = 64, /* these wait for the disk together: an act each, committed in a group */
    HEAVIES = 16,
    PEM_MAX = 1 << 20,
    HEAD_MAX = 3200, /* 8,000 bytes of each connection; browsers send about 1,000 */
    CACHE_BYTES = 16 << 20, /* of kept answers: a page takes about 15 KB, plain and compressed */
    SPARE_FILES = 512, /* descriptors that aren't connections */
    CONNECTIONS = 20000,
    QUEUE = 4096
};
#define UPLOAD_MAX ((uint64_t)16 << 30)

/* ---- Certificate and key ---- */

static enum pd_status read_all(int fd, const char *path, char *text, size_t size,
                               struct pd_error *err) {
    size_t n = 0;
    while (n < size) {
        ssize_t got = read(fd, text + n, size - n);
        if (got < 0)
            return pd_fail_errno(err, PD_IO, "read %s", path);
        if (got == 0)
            return pd_fail(err, PD_CONFLICT, "%s changed while it was read", path);
        n += (size_t)got;
    }
    text[n] = '\0';
    return PD_OK;
}

/* A private key that others on the machine can read is none. */
static enum pd_status read_pem(const char *path, bool is_secret, char **out, struct pd_error *err) {
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0) {
        enum pd_status st = pd_fail_errno(err, PD_NOT_FOUND, "open %s", path);
        if (fd >= 0)
            close(fd);
        return st;
    }
    enum pd_status st = PD_OK;
    if (!S_ISREG(about.st_mode) || about.st_size > PEM_MAX)
        st = pd_fail(err, PD_INVALID, "%s is no file of PEM", path);
    else if (is_secret && (about.st_mode & (S_IRWXO | S_IWGRP)))
        st = pd_fail(err, PD_DENIED, "%s can be read by other users: chmod 0600 %s", path, path);
    char *text = st == PD_OK ? malloc((size_t)about.st_size + 1) : NULL;
    if (st == PD_OK)
        st = text ? read_all(fd, path, text, (size_t)about.st_size, err) : pd_fail_memory(err);
    if (st == PD_OK && !strstr(text, "-----BEGIN "))
        st = pd_fail(err, PD_INVALID, "%s holds nothing in PEM", path);
    close(fd);
    if (st == PD_OK)
        *out = text;
    else
        free(text);
    return st;
}

static enum pd_status read_tls(struct serve *s, struct pd_error *err) {
    if (!s->config.tls_cert || !s->config.tls_key)
        return PD_OK;
    enum pd_status st = read_pem(s->config.tls_cert, false, &s->cert, err);
    return st == PD_OK ? read_pem(s->config.tls_key, true, &s->key, err) : st;
}

/* ---- The table of all routes ---- */

/* What is sent by a form of a page is for one person: passwords, plans, files. */
static enum http_lane lane_of(const struct serve_route *r) {
    bool is_safe = strcmp(r->method, "GET") == 0;
    if (r->flags & (SERVE_HEAVY | SERVE_UPLOAD) || (!is_safe && (r->flags & SERVE_PAGE)))
        return HTTP_HEAVY;
    return is_safe ? HTTP_READING : HTTP_WRITING;
}

static void add_routes(struct serve *s, const struct serve_table *table) {
    for (size_t i = 0; i < table->count; i++) {
        const struct serve_route *r = &table->routes[i];
        s->routes[s->route_count++] = (struct http_route){.method = r->method,
                                                          .path = r->path,
                                                          .body_max = r->body_max,
                                                          .is_slow = !(r->flags & SERVE_QUICK),
                                                          .is_form = r->flags & SERVE_FORM,
                                                          .sink = r->flags & SERVE_UPLOAD ? serve_upload_sink() : NULL,
                                                          .sink_max = s->config.upload_max,
                                                          .lane = lane_of(r),
                                                          .handle = serve_dispatch,
                                                          .own = r};
    }
}

static enum pd_status make_routes(struct serve *s, struct pd_error *err) {
    const struct serve_table *own = serve_own_table();
    size_t count = own->count;
    for (size_t i = 0; i < s->config.table_count; i++)
        count += s->config.tables[i].count;
    s->routes = calloc(count, sizeof(*s->routes));
    if (!s->routes)
        return pd_fail_memory(err);
    add_routes(s, own);
    for (size_t i = 0; i < s->config.table_count; i++)
        add_routes(s, &s->config.tables[i]);
    return PD_OK;
}

/* ---- Starting and ending ---- */

/* As many connections as the system lets a process have files, and some to spare. */
static unsigned connections_max(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return 256;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur <= 2 * SPARE_FILES)
        return (unsigned)(files.rlim_cur / 2);
    rlim_t may = files.rlim_cur - SPARE_FILES;
    return may < CONNECTIONS ? (unsigned)may : CONNECTIONS;
}

static void note(void *context, const struct http_event *event) {
    struct serve *s = context;
    serve_metrics_note(&s->metrics, event);
}

static enum pd_status start_http(struct serve *s, struct pd_error *err) {
    struct http_config http = http_config_default();
    http.listen = s->config.listen;
    http.routes = s->routes;
    http.route_count = s->route_count;
    http.context = s;
    http.workers[HTTP_READING] = READERS;
    http.workers[HTTP_WRITING] = WRITERS;
    http.workers[HTTP_HEAVY] = HEAVIES;
    http.tls_cert = s->cert;
    http.tls_key = s->key;
    http.head_max = HEAD_MAX;
    http.queue_max = QUEUE;
    http.connections_max = connections_max();
    http.connections_per_address_max = s->config.address_connections;
    http.early = serve_early;
    http.refuse = serve_refuse;
    http.log = note;
    return http_start(&http, &s->http, err);
}

static bool is_loopback(const char *listen) {
    return strncmp(listen, "127.", 4) == 0 || strncmp(listen, "[::1]:", 6) == 0 ||
           strncmp(listen, "localhost:", 10) == 0;
}

static struct serve *make(const struct serve_config *config) {
    struct serve *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->config = *config;
    if (!s->config.upload_max)
        s->config.upload_max = UPLOAD_MAX;
    s->is_plain = !config->tls_cert && !config->is_behind_proxy && is_loopback(config->listen);
    return s;
}

enum pd_status serve_start(const struct serve_config *config, struct serve **out,
                           struct pd_error *err) {
    struct serve *s = make(config);
    if (!s)
        return pd_fail_memory(err);
    enum pd_status st = make_routes(s, err);
    if (st == PD_OK)
        st = read_tls(s, err);
    if (st == PD_OK)
        st = serve_metrics_open(&s->metrics, s->routes, s->route_count, config->is_quiet, err);
    if (st == PD_OK)
        st = serve_limit_open(&s->limit, config->rate, err);
    if (st == PD_OK)
        st = serve_known_open(&s->known, err);
    if (st == PD_OK)
        st = serve_cache_open(&s->cache, CACHE_BYTES, err);
    if (st == PD_OK)
        st = govern_writer_open(config->folder, config->database, config->holder, &config->clock,
                                &s->writer, err);
    if (st == PD_OK)
        st = serve_pool_open(&s->pool, s->writer, READERS + WRITERS + HEAVIES + SERVE_CYCLERS, err);
    if (st == PD_OK)
        st = start_http(s, err);
    if (st == PD_OK)
        st = serve_cycle_start(s, err);
    if (st == PD_OK)
        *out = s;
    else
        serve_stop(s, 0);
    return st;
}

int serve_port(const struct serve *serve) {
    return http_port(serve->http);
}

void serve_stop(struct serve *s, unsigned wait_ms) {
    if (!s)
        return;
    http_stop(s->http, wait_ms);
    serve_cycle_stop(s);
    serve_pool_close(&s->pool);
    govern_writer_close(s->writer);
    serve_cache_close(&s->cache);
    serve_limit_close(&s->limit);
    serve_known_close(&s->known);
    serve_metrics_close(&s->metrics);
    free(s->routes);
    free(s->cert);
    if (s->key)
        crypto_wipe(s->key, strlen(s->key));
    free(s->key);
    free(s);
}
