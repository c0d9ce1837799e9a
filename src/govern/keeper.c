#include "govern/keeper.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

struct keeper {
    struct store *store;
    pthread_t thread;
    bool is_running, is_closing, is_awaited;
    sem_t asked, kept;
    pd_time now;
    const struct store_key *keys;
    size_t count;
    enum pd_status status;
    struct pd_error err;
};

static void wait_for(sem_t *sem) {
    while (sem_wait(sem) != 0) {
        /* interrupted by a signal */
    }
}

static void *run(void *context) {
    struct keeper *k = context;
    pthread_setname_np(pthread_self(), "polder-keys");
    for (;;) {
        wait_for(&k->asked);
        if (k->is_closing)
            return NULL;
        k->err = (struct pd_error){0};
        k->status = store_keys_add(k->store, "record", k->now, k->keys, k->count, &k->err);
        sem_post(&k->kept);
    }
}

enum pd_status keeper_open(const char *folder, const char *database, const char *holder,
                           struct keeper **out, struct pd_error *err) {
    struct keeper *k = calloc(1, sizeof(*k));
    if (!k)
        return pd_fail_memory(err);
    sem_init(&k->asked, 0, 0);
    sem_init(&k->kept, 0, 0);
    k->is_awaited = true;
    enum pd_status st = store_open_at(folder, database, STORE_BESIDE, holder, &k->store, err);
    int failed = st == PD_OK ? pthread_create(&k->thread, NULL, run, k) : 0;
    k->is_running = st == PD_OK && failed == 0;
    if (failed)
        st = pd_fail(err, PD_UNAVAILABLE, "start the thread of the key store: %s",
                     strerror(failed));
    if (st != PD_OK) {
        keeper_close(k);
        return st;
    }
    *out = k;
    return PD_OK;
}

void keeper_begin(struct keeper *k, pd_time now, const struct store_key *keys, size_t count) {
    k->now = now;
    k->keys = keys;
    k->count = count;
    k->is_awaited = false;
    sem_post(&k->asked);
}

void keeper_end(struct keeper *k) {
    if (!k->is_awaited)
        wait_for(&k->kept);
    k->is_awaited = true;
}

enum pd_status keeper_await(void *context, struct pd_error *err) {
    struct keeper *k = context;
    keeper_end(k);
    return k->status == PD_OK ? PD_OK : pd_fail(err, k->status, "%s", k->err.text);
}

void keeper_close(struct keeper *k) {
    if (!k)
        return;
    if (k->is_running) {
        k->is_closing = true;
        sem_post(&k->asked);
        pthread_join(k->thread, NULL);
    }
    store_close(k->store);
    sem_destroy(&k->asked);
    sem_destroy(&k->kept);
    free(k);
}
