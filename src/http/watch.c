/*
 * Deadlines in all. libmicrohttpd's own timeout starts anew with each byte, so that a client which
 * sends one now and then holds its connection for ever. A thread shuts such sockets; the server's
 * threads then find them ended.
 */
#include "http/http_impl.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { TICK_MS = 100 };

int64_t http_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void cut_late(struct http_watch *watch, int64_t now) {
    for (struct http_connection *c = watch->first; c; c = c->next)
        if (c->until_us && now >= c->until_us) {
            shutdown(c->fd, SHUT_RDWR); /* the fd is open: removal waits for our mutex */
            c->until_us = 0;
        }
}

static void *run(void *context) {
    struct http_watch *watch = context;
    pthread_mutex_lock(&watch->mutex);
    while (!watch->is_ending) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += TICK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&watch->wake, &watch->mutex, &until);
        cut_late(watch, http_now_us());
    }
    pthread_mutex_unlock(&watch->mutex);
    return NULL;
}

enum pd_status http_watch_start(struct http_watch *watch, struct pd_error *err) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&watch->mutex, NULL);
    pthread_cond_init(&watch->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&watch->thread, NULL, run, watch) != 0)
        return pd_fail(err, PD_UNAVAILABLE, "no thread could be started");
    watch->is_running = true;
    return PD_OK;
}

void http_watch_stop(struct http_watch *watch) {
    if (!watch->is_running)
        return;
    pthread_mutex_lock(&watch->mutex);
    watch->is_ending = true;
    pthread_cond_signal(&watch->wake);
    pthread_mutex_unlock(&watch->mutex);
    pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->wake);
    pthread_mutex_destroy(&watch->mutex);
}

static int64_t deadline(int64_t ms) {
    return ms ? http_now_us() + ms * 1000 : 0;
}

struct http_connection *http_watch_add(struct http_watch *watch, int fd, int64_t ms) {
    struct http_connection *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    *c = (struct http_connection){.fd = fd, .until_us = deadline(ms)};
    pthread_mutex_lock(&watch->mutex);
    c->next = watch->first;
    if (c->next)
        c->next->previous = c;
    watch->first = c;
    pthread_mutex_unlock(&watch->mutex);
    return c;
}

void http_watch_remove(struct http_watch *watch, struct http_connection *c) {
    if (!c)
        return;
    pthread_mutex_lock(&watch->mutex);
    if (c->previous)
        c->previous->next = c->next;
    else
        watch->first = c->next;
    if (c->next)
        c->next->previous = c->previous;
    pthread_mutex_unlock(&watch->mutex);
    free(c);
}

void http_watch_set(struct http_watch *watch, struct http_connection *c, enum http_phase phase,
                    int64_t ms) {
    if (!c)
        return;
    pthread_mutex_lock(&watch->mutex);
    c->phase = phase;
    c->until_us = deadline(ms);
    pthread_mutex_unlock(&watch->mutex);
}
