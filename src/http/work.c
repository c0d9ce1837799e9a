/* Slow requests wait here, their connections suspended, for a worker. */
#include "http/http_impl.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NICE = 10 };

static struct http_exchange *take(struct http_work *work) {
    pthread_mutex_lock(&work->mutex);
    while (!work->first && !work->is_ending)
        pthread_cond_wait(&work->wake, &work->mutex);
    struct http_exchange *x = work->first;
    if (x) {
        work->first = x->next;
        work->last = work->first ? work->last : NULL;
        work->waiting--;
    }
    pthread_mutex_unlock(&work->mutex);
    return x;
}

static void *run(void *context) {
    struct http_work *work = context;
    if (work->gives_way)
        setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* Linux: of this thread alone */
    for (struct http_exchange *x; (x = take(work));) {
        http_exchange_work(x);
        MHD_resume_connection(x->connection); /* x may be gone after this */
    }
    return NULL;
}

enum pd_status http_work_start(struct http_work *work, unsigned threads, size_t max, bool gives_way,
                               struct pd_error *err) {
    work->gives_way = gives_way;
    pthread_mutex_init(&work->mutex, NULL);
    pthread_cond_init(&work->wake, NULL);
    work->is_there = true;
    work->waiting_max = max;
    work->threads = calloc(threads ? threads : 1, sizeof(*work->threads));
    if (!work->threads)
        return pd_fail_memory(err);
    for (; work->count < threads; work->count++)
        if (pthread_create(&work->threads[work->count], NULL, run, work) != 0)
            return pd_fail(err, PD_UNAVAILABLE, "no thread could be started");
    return PD_OK;
}

bool http_work_add(struct http_work *work, struct http_exchange *x, bool must) {
    pthread_mutex_lock(&work->mutex);
    /* Nobody would take it after the end, and its connection would stay suspended. */
    bool fits = !work->is_ending && (must || work->waiting < work->waiting_max);
    if (fits) {
        x->next = NULL;
        if (work->last)
            work->last->next = x;
        else
            work->first = x;
        work->last = x;
        work->waiting++;
        pthread_cond_signal(&work->wake);
    }
    pthread_mutex_unlock(&work->mutex);
    return fits;
}

void http_work_stop(struct http_work *work) {
    if (!work->threads)
        return;
    pthread_mutex_lock(&work->mutex);
    work->is_ending = true;
    pthread_cond_broadcast(&work->wake);
    pthread_mutex_unlock(&work->mutex);
    for (unsigned i = 0; i < work->count; i++)
        pthread_join(work->threads[i], NULL);
    free(work->threads);
    work->threads = NULL;
}

void http_work_clear(struct http_work *work) {
    if (!work->is_there)
        return;
    pthread_cond_destroy(&work->wake);
    pthread_mutex_destroy(&work->mutex);
    work->is_there = false;
}
