/* Threads that share the columns of a batch. Which of them takes a column changes nothing: a column
   is always taken whole, and its cells in order. */
#include "inspect/inspect_impl.h"

#include <pthread.h>
#include <stdlib.h>

struct inspect_pool {
    pthread_mutex_t lock;
    pthread_cond_t begun, ended;
    pthread_t *threads;
    unsigned count;
    /* The work at hand. */
    bool (*work)(void *context, size_t n);
    void *context;
    size_t next, total;
    unsigned busy;  /* threads that have not ended their part of it */
    uint64_t round; /* counts the works */
    bool has_failed, is_closing;
};

/* Takes pieces while there are any; the lock is held on entry and on return. */
static void take_pieces(struct inspect_pool *pool) {
    while (pool->next < pool->total && !pool->has_failed) {
        size_t n = pool->next++;
        pthread_mutex_unlock(&pool->lock);
        bool ok = pool->work(pool->context, n);
        pthread_mutex_lock(&pool->lock);
        pool->has_failed = pool->has_failed || !ok;
    }
}

static void *run_thread(void *context) {
    struct inspect_pool *pool = context;
    uint64_t round = 0;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->round == round && !pool->is_closing)
            pthread_cond_wait(&pool->begun, &pool->lock);
        if (pool->is_closing)
            break;
        round = pool->round;
        take_pieces(pool);
        if (--pool->busy == 0)
            pthread_cond_signal(&pool->ended);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

struct inspect_pool *inspect_pool_new(unsigned threads) {
    struct inspect_pool *pool = calloc(1, sizeof(*pool));
    if (!pool)
        return NULL;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->begun, NULL);
    pthread_cond_init(&pool->ended, NULL);
    pool->threads = calloc(threads, sizeof(*pool->threads));
    /* The caller's own is the first; what the system doesn't give is done without. */
    while (pool->threads && pool->count + 1 < threads &&
           pthread_create(&pool->threads[pool->count], NULL, run_thread, pool) == 0)
        pool->count++;
    return pool;
}

bool inspect_pool_run(struct inspect_pool *pool, size_t total,
                      bool (*work)(void *context, size_t n), void *context) {
    if (!pool || pool->count == 0) {
        for (size_t n = 0; n < total; n++)
            if (!work(context, n))
                return false;
        return true;
    }
    pthread_mutex_lock(&pool->lock);
    pool->work = work;
    pool->context = context;
    pool->next = 0;
    pool->total = total;
    pool->has_failed = false;
    pool->busy = pool->count;
    pool->round++;
    pthread_cond_broadcast(&pool->begun);
    take_pieces(pool);
    while (pool->busy > 0)
        pthread_cond_wait(&pool->ended, &pool->lock);
    bool ok = !pool->has_failed;
    pthread_mutex_unlock(&pool->lock);
    return ok;
}

void inspect_pool_free(struct inspect_pool *pool) {
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->is_closing = true;
    pthread_cond_broadcast(&pool->begun);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->count; i++)
        pthread_join(pool->threads[i], NULL);
    free(pool->threads);
    pthread_cond_destroy(&pool->begun);
    pthread_cond_destroy(&pool->ended);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
