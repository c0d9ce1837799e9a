/** Shared by the files of serve/ only. */
#ifndef POLDER_SERVE_IMPL_H
#define POLDER_SERVE_IMPL_H

#include "serve/serve.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- pool.c: handles of the node, one for each thread that needs one at a time ---- */

struct serve_pool {
    struct govern_writer *writer;
    pthread_mutex_t lock;
    struct govern **idle;
    size_t idle_count, count, most;
    bool is_ready; /* the lock is made */
};
PD_CHECK enum pd_status serve_pool_open(struct serve_pool *pool, struct govern_writer *writer,
                                        size_t most, struct pd_error *err);
/** A handle that nobody else has, opened if none is idle. */
PD_CHECK enum pd_status serve_pool_take(struct serve_pool *pool, struct govern **out,
                                        struct pd_error *err);
/** NULL is fine. */
void serve_pool_give(struct serve_pool *pool, struct govern *g);
void serve_pool_close(struct serve_pool *pool);

/* ---- The service ---- */

struct serve {
    struct serve_config config;
    struct govern_writer *writer;
    struct serve_pool pool;
    char *cert, *key; /* texts */
    struct http_route *routes; /* made of all tables */
    size_t route_count;
    struct http_server *http;
};

/* ---- dispatch.c: from a request to a handler ---- */

void serve_dispatch(void *context, const struct http_request *request,
                    struct http_response *response);
/** The routes of serve/ itself: /healthz, ... */
const struct serve_table *serve_own_table(void);

#endif
