/* Handles of the node. Opening one reads the law, so they are kept; there are never more than
 * threads that use them. */
#include "serve/serve_impl.h"

#include <assert.h>
#include <stdlib.h>

enum pd_status serve_pool_open(struct serve_pool *pool, struct govern_writer *writer, size_t most,
                               struct pd_error *err) {
    *pool = (struct serve_pool){.writer = writer, .most = most};
    pool->idle = calloc(most, sizeof(struct govern *));
    if (!pool->idle || pthread_mutex_init(&pool->lock, NULL) != 0)
        return pd_fail_memory(err);
    pool->is_ready = true;
    return PD_OK;
}

enum pd_status serve_pool_take(struct serve_pool *pool, struct govern **out, struct pd_error *err) {
    *out = NULL;
    pthread_mutex_lock(&pool->lock);
    if (pool->idle_count)
        *out = pool->idle[--pool->idle_count];
    bool may_open = !*out && pool->count < pool->most;
    pool->count += may_open;
    pthread_mutex_unlock(&pool->lock);
    if (*out) {
        enum pd_status fresh = govern_refresh(*out, err);
        if (fresh != PD_OK) {
            serve_pool_give(pool, *out);
            *out = NULL;
        }
        return fresh;
    }
    if (!may_open)
        return pd_fail(err, PD_UNAVAILABLE, "all %zu handles of the node are in use", pool->most);
    enum pd_status st = govern_writer_join(pool->writer, out, err);
    if (st != PD_OK) {
        pthread_mutex_lock(&pool->lock);
        pool->count--;
        pthread_mutex_unlock(&pool->lock);
    }
    return st;
}

void serve_pool_give(struct serve_pool *pool, struct govern *g) {
    if (!g)
        return;
    pthread_mutex_lock(&pool->lock);
    assert(pool->idle_count < pool->count);
    pool->idle[pool->idle_count++] = g;
    pthread_mutex_unlock(&pool->lock);
}

void serve_pool_close(struct serve_pool *pool) {
    for (size_t i = 0; i < pool->idle_count; i++)
        govern_close(pool->idle[i]);
    free(pool->idle);
    if (pool->is_ready)
        pthread_mutex_destroy(&pool->lock);
    *pool = (struct serve_pool){0};
}
