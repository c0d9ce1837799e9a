/*
 * What the node does by itself. One thread looks often whether anything was recorded or published,
 * by whichever process, so that answers that are kept are never staler than that, and writes the
 * log. Another runs the jobs that are due: clocks, anchors, witnesses, releases.
 */
#include "serve/serve_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 100, JOBS_EVERY_MS = 1000, JOBS_AT_ONCE = 100, TEXT_MAX = 512 };

/* Sleeps, unless the server ends. False: it does. */
static bool pause_ms(struct serve_cycle *c, int64_t ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&c->lock);
    while (!c->is_ending && pthread_cond_timedwait(&c->wake, &c->lock, &until) != ETIMEDOUT)
        ;
    bool goes_on = !c->is_ending;
    pthread_mutex_unlock(&c->lock);
    return goes_on;
}

/* ---- Whether the node has changed ---- */

/* The newest act, and how far each log is published. */
static const struct sql LOOK = {
    .both = "SELECT COALESCE((SELECT id FROM act ORDER BY id DESC LIMIT 1), ''),"
            " CAST(COALESCE((SELECT SUM(published_size) FROM log), 0) AS BIGINT)"};

static enum pd_status look(struct govern *g, char text[TEXT_MAX], struct pd_error *err) {
    struct store_rows *rows;
    bool has = false;
    enum pd_status st = store_select(govern_store(g), LOOK, NULL, 0, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    if (st == PD_OK && has)
        snprintf(text, TEXT_MAX, "%.*s %lld", pd_arg(store_str(rows, 0)),
                 (long long)store_i64(rows, 1));
    store_rows_close(rows);
    return st;
}

static void *watch(void *context) {
    struct serve *s = context;
    char last[TEXT_MAX] = "";
    struct govern *g = NULL;
    do {
        char now[TEXT_MAX] = "";
        struct pd_error err = {0};
        if (!g && serve_pool_take(&s->pool, &g, &err) != PD_OK)
            g = NULL;
        bool is_there = g && look(g, now, &err) == PD_OK;
        atomic_store(&s->cycle.is_reachable, is_there);
        if (is_there && strcmp(now, last) != 0) {
            memcpy(last, now, sizeof(last));
            serve_cache_turn(&s->cache);
        }
        serve_metrics_flush(&s->metrics);
    } while (pause_ms(&s->cycle, LOOK_EVERY_MS));
    serve_pool_give(&s->pool, g);
    return NULL;
}

/* ---- Jobs ---- */

static void *work(void *context) {
    struct serve *s = context;
    struct govern *g = NULL;
    bool has_begun = false;
    while (pause_ms(&s->cycle, JOBS_EVERY_MS)) {
        struct pd_error err = {0};
        struct job_tally tally = {0};
        if (!g && serve_pool_take(&s->pool, &g, &err) != PD_OK) {
            g = NULL;
            continue;
        }
        if (govern_refresh(g, &err) != PD_OK || govern_run_jobs(g, JOBS_AT_ONCE, &tally, &err) != PD_OK)
            fprintf(stderr, "warning: jobs that are due can't be run why=\"%s\"\n", err.text);
        has_begun = has_begun || serve_sweep_begin(s, g, &err) == PD_OK;
        if (serve_sweep_work(s, g, &tally, &err) != PD_OK && s->cycle.is_reachable)
            fprintf(stderr, "warning: what is over can't be removed why=\"%s\"\n", err.text);
        s->cycle.jobs_done += tally.done;
        s->cycle.jobs_failed += tally.failed;
        if (tally.done)
            serve_cache_turn(&s->cache);
    }
    serve_pool_give(&s->pool, g);
    return NULL;
}

static void keep_at(struct serve *s,
                    enum pd_status (*run)(struct serve *, struct govern *, struct job_tally *,
                                           struct pd_error *),
                    const char *what) {
    struct govern *g = NULL;
    while (pause_ms(&s->cycle, LOOK_EVERY_MS)) {
        struct pd_error err = {0};
        struct job_tally tally = {0};
        if (!g && serve_pool_take(&s->pool, &g, &err) != PD_OK) {
            g = NULL;
            continue;
        }
        if (run(s, g, &tally, &err) != PD_OK && s->cycle.is_reachable)
            fprintf(stderr, "warning: %s why=\"%s\"\n", what, err.text);
        s->cycle.jobs_done += tally.done;
        s->cycle.jobs_failed += tally.failed;
    }
    serve_pool_give(&s->pool, g);
}

/* Uploads have a thread of their own, and so have plans: a large one may take minutes. */
static void *inspect(void *context) {
    keep_at(context, serve_upload_work, "uploads can't be inspected");
    return NULL;
}
static void *suggest(void *context) {
    keep_at(context, serve_suggest_work, "plans can't be suggested");
    return NULL;
}

/* What would unlock most is found again after acts, so that its readers need not wait for it. It gives way to
 * everything else, and takes a twentieth of the time at most. */
static void *renew(void *context) {
    enum { NICE = 10, PART = 20 };
    struct serve *s = context;
    struct govern *g = NULL;
    int64_t took_us = 0;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* Linux: of this thread alone */
    while (pause_ms(&s->cycle, LOOK_EVERY_MS + took_us * PART / 1000)) {
        struct pd_error err = {0};
        took_us = 0;
        if (!g && serve_pool_take(&s->pool, &g, &err) != PD_OK)
            g = NULL;
        else if (govern_unlock_renew(g, &took_us, &err) == PD_OK && took_us)
            serve_cache_turn(&s->cache);
    }
    serve_pool_give(&s->pool, g);
    return NULL;
}

enum pd_status serve_cycle_start(struct serve *s, struct pd_error *err) {
    struct serve_cycle *c = &s->cycle;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    c->has_lock = true;
    c->is_reachable = true;
    static void *(*const runs[SERVE_CYCLERS])(void *) = {watch, work, inspect, suggest, renew};
    for (; c->count < SERVE_CYCLERS; c->count++)
        if (pthread_create(&c->threads[c->count], NULL, runs[c->count], s) != 0)
            return pd_fail(err, PD_UNAVAILABLE, "no thread could be started");
    return PD_OK;
}

void serve_cycle_stop(struct serve *s) {
    struct serve_cycle *c = &s->cycle;
    if (!c->has_lock)
        return;
    pthread_mutex_lock(&c->lock);
    c->is_ending = true;
    pthread_cond_broadcast(&c->wake);
    pthread_mutex_unlock(&c->lock);
    while (c->count)
        pthread_join(c->threads[--c->count], NULL);
    pthread_cond_destroy(&c->wake);
    pthread_mutex_destroy(&c->lock);
    c->has_lock = false;
}
