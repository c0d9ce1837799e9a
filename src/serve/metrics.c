/* Counts for /metrics (Prometheus text format 0.0.4), and the access log: a line for each request,
 * without address, query or name. */
#include "serve/serve_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 6, LIMITS = 8, LOG_BYTES = 1 << 16 };
static const int64_t LIMITS_US[LIMITS] = {1000, 5000, 10000, 20000, 50000, 100000, 1000000, 10000000};

struct serve_count {
    const char *method, *route;
    atomic_uint_least64_t classes[CLASSES]; /* 0: cut off; 1 to 5: hundreds of the status */
    atomic_uint_least64_t within[LIMITS];
    atomic_uint_least64_t sum_us, all;
};

enum pd_status serve_metrics_open(struct serve_metrics *m, const struct http_route *routes,
                                  size_t count, bool is_quiet, struct pd_error *err) {
    m->is_quiet = is_quiet;
    m->count = count + 1;
    m->counts = calloc(m->count, sizeof(*m->counts));
    if (!m->counts || pthread_mutex_init(&m->lock, NULL) != 0)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        m->counts[i].method = routes[i].method;
        m->counts[i].route = routes[i].path;
    }
    m->counts[count].method = m->counts[count].route = "-";
    pd_buf_init(&m->log, 2 * LOG_BYTES);
    m->is_ready = true;
    return PD_OK;
}

void serve_metrics_close(struct serve_metrics *m) {
    if (m->is_ready) {
        serve_metrics_flush(m);
        pthread_mutex_destroy(&m->lock);
        pd_buf_clear(&m->log);
    }
    free(m->counts);
    m->counts = NULL;
    m->is_ready = false;
}

/* Routes are told by the very texts of the table. */
static struct serve_count *count_of(struct serve_metrics *m, const struct http_event *event) {
    bool is_get = strcmp(event->method, "GET") == 0 || strcmp(event->method, "HEAD") == 0;
    for (size_t i = 0; i + 1 < m->count; i++)
        if (m->counts[i].route == event->route &&
            strcmp(m->counts[i].method, is_get ? "GET" : event->method) == 0)
            return &m->counts[i];
    return &m->counts[m->count - 1];
}

/* A method that no route has is the client's word: not for a log. */
static const char *method_of(const struct http_event *event) {
    static const char *const KNOWN[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof(KNOWN) / sizeof(*KNOWN); i++)
        if (strcmp(event->method, KNOWN[i]) == 0)
            return KNOWN[i];
    return "-";
}

void serve_metrics_note(struct serve_metrics *m, const struct http_event *event) {
    struct serve_count *c = count_of(m, event);
    int hundreds = event->status / 100;
    c->classes[hundreds >= 1 && hundreds < CLASSES ? hundreds : 0]++;
    c->sum_us += (uint64_t)event->duration_us;
    c->all++;
    for (int i = 0; i < LIMITS; i++)
        if (event->duration_us <= LIMITS_US[i]) {
            c->within[i]++;
            break;
        }
    if (m->is_quiet)
        return;
    pthread_mutex_lock(&m->lock);
    pd_buf_printf(&m->log, "request method=%s route=%s status=%d ms=%.1f\n", method_of(event),
                  event->route, event->status, (double)event->duration_us / 1000);
    bool is_full = m->log.len > LOG_BYTES;
    pthread_mutex_unlock(&m->lock);
    if (is_full)
        serve_metrics_flush(m);
}

void serve_metrics_flush(struct serve_metrics *m) {
    pthread_mutex_lock(&m->lock);
    if (m->log.len) {
        fwrite(m->log.data, 1, m->log.len, stderr);
        fflush(stderr);
    }
    pd_buf_reset(&m->log);
    pthread_mutex_unlock(&m->lock);
}

/* ---- /metrics ---- */

static void write_routes(struct serve_metrics *m, struct pd_buf *out) {
    static const char *const CLASS[CLASSES] = {"cut", "1xx", "2xx", "3xx", "4xx", "5xx"};
    pd_buf_text(out, "# HELP polder_http_requests_total Requests, by route and class of status.\n"
                     "# TYPE polder_http_requests_total counter\n");
    for (size_t i = 0; i < m->count; i++)
        for (int k = 0; k < CLASSES; k++)
            if (m->counts[i].classes[k])
                pd_buf_printf(out, "polder_http_requests_total{method=\"%s\",route=\"%s\",status=\"%s\"} %llu\n",
                              m->counts[i].method, m->counts[i].route, CLASS[k],
                              (unsigned long long)m->counts[i].classes[k]);
}

static void write_durations(struct serve_metrics *m, struct pd_buf *out) {
    uint64_t within[LIMITS] = {0}, sum = 0, all = 0, up_to = 0;
    for (size_t i = 0; i < m->count; i++) {
        for (int k = 0; k < LIMITS; k++)
            within[k] += m->counts[i].within[k];
        sum += m->counts[i].sum_us;
        all += m->counts[i].all;
    }
    pd_buf_text(out, "# HELP polder_http_request_seconds From the head of a request to the end of its answer.\n"
                     "# TYPE polder_http_request_seconds histogram\n");
    for (int k = 0; k < LIMITS; k++)
        pd_buf_printf(out, "polder_http_request_seconds_bucket{le=\"%g\"} %llu\n", (double)LIMITS_US[k] / 1e6,
                      (unsigned long long)(up_to += within[k]));
    pd_buf_printf(out, "polder_http_request_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)all);
    pd_buf_printf(out, "polder_http_request_seconds_sum %g\n", (double)sum / 1e6);
    pd_buf_printf(out, "polder_http_request_seconds_count %llu\n", (unsigned long long)all);
}

static void write_one(struct pd_buf *out, const char *name, const char *kind, const char *help, uint64_t value) {
    pd_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", name, help, name, kind, name,
                  (unsigned long long)value);
}

void serve_get_metrics(struct serve_call *call) {
    struct serve *s = call->serve;
    struct pd_buf out;
    pd_buf_init(&out, 1 << 20);
    write_routes(&s->metrics, &out);
    write_durations(&s->metrics, &out);
    write_one(&out, "polder_cache_hits_total", "counter", "Answers that were kept.", s->cache.hits);
    write_one(&out, "polder_cache_misses_total", "counter", "Answers that weren't.", s->cache.misses);
    write_one(&out, "polder_jobs_done_total", "counter", "Jobs done by this process.", s->cycle.jobs_done);
    write_one(&out, "polder_jobs_failed_total", "counter", "Jobs that failed, to be tried again.",
              s->cycle.jobs_failed);
    write_one(&out, "polder_database_up", "gauge", "Whether the database answered last.",
              s->cycle.is_reachable);
    pd_str text = pd_arena_str(call->arena, pd_buf_view(&out));
    pd_buf_clear(&out);
    http_respond(call->response, text.data ? 200 : 503, "text/plain; version=0.0.4; charset=utf-8", text);
    http_add_header(call->response, "Cache-Control", PD_STR("no-store"));
}
