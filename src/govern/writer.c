/*
 * The one writer: commits the acts of many threads in groups, so that durability costs one wait for
 * the disk for many of them (DESIGN, "Store and scale"). It decides nothing: what an act must pass
 * stands in act.c, and is the same for one act and for a hundred.
 *
 * Who asks has a handle of its own for reading, makes the act, and waits. The writer's thread takes
 * what waits and has the acts committed together; then each is told. The keys of their records are
 * made durable beside it, by a thread of its own (keeper.c), and awaited before the
 * commit. A third thread integrates.
 */
#include "govern/keeper.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    GROUP_MAX = 256,        /* acts in a transaction */
    /* What comes meanwhile goes into one checkpoint, and each costs files that the next replaces: so
       one that took long is followed by a longer pause. The first act after it doesn't wait. */
    INTEGRATE_EVERY_MIN_MS = 20,
    INTEGRATE_EVERY_MAX_MS = 100,
    INTEGRATE_PART = 10 /* between the two: a tenth of the time is spent on it */
};

/* An act that somebody waits for; it lies on their stack. */
struct waiting {
    struct act_ask *ask;
    sem_t done;
    struct waiting *next;
    struct waiting *then[2]; /* of the same group: to be told by whoever waits here */
};

struct govern_writer {
    struct govern *g, *integrator;
    struct rules_shelf *shelf; /* of all handles but the first */
    struct keeper *keeper;
    struct unlock_kept *unlock;
    char *folder, *database;
    pthread_t thread, integrating;
    bool is_running, is_integrating;
    _Atomic pd_time newest; /* of the acts that are committed */
    _Atomic uint64_t commits, rules_turn, people_turn;
    pthread_mutex_t lock; /* of all below, and of what hangs on them */
    pthread_cond_t work, leaves;
    struct waiting *first, **end;
    size_t count;
    bool has_leaves;             /* that are not integrated yet */
    bool is_closing, is_written; /* no act comes any more; all are committed */
};

/* ---- Asking ---- */

static size_t waiting_of(const struct govern_writer *w, pd_str party) {
    size_t count = 0;
    for (const struct waiting *at = w->first; at; at = at->next)
        count += pd_str_eq(at->ask->act->party, party);
    return count;
}

/* Whether one more may wait. A party that asks without end fills its own queue, not the others'. */
static enum pd_status admit(const struct govern_writer *w, const struct waiting *one,
                            struct pd_error *err) {
    if (w->is_closing)
        return pd_fail(err, PD_UNAVAILABLE, "the node is being closed; ask again later");
    if (w->count >= GOVERN_WAITING_MAX)
        return pd_fail(err, PD_UNAVAILABLE, "%d acts are waiting already; ask again in a moment",
                       GOVERN_WAITING_MAX);
    if (waiting_of(w, one->ask->act->party) >= GOVERN_WAITING_PARTY_MAX)
        return pd_fail(err, PD_UNAVAILABLE,
                       "%.*s has %d acts waiting already; wait for their receipts, then ask again",
                       pd_arg(one->ask->act->party), GOVERN_WAITING_PARTY_MAX);
    return PD_OK;
}

/* Puts it in the queue and waits until it is done. */
static enum pd_status await(struct govern_writer *w, struct waiting *one, struct pd_error *err) {
    sem_init(&one->done, 0, 0);
    pthread_mutex_lock(&w->lock);
    enum pd_status st = admit(w, one, err);
    if (st == PD_OK) {
        *w->end = one;
        w->end = &one->next;
        w->count++;
        pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    while (st == PD_OK && sem_wait(&one->done) != 0) {
        /* interrupted by a signal */
    }
    for (int i = 0; i < 2; i++)
        if (one->then[i])
            sem_post(&one->then[i]->done);
    sem_destroy(&one->done);
    return st;
}

enum pd_status writer_commit(struct govern_writer *w, struct act_ask *ask) {
    struct waiting one = {.ask = ask};
    enum pd_status st = await(w, &one, ask->err);
    return st == PD_OK ? ask->status : st;
}

/* Over PostgreSQL other processes commit acts as well. */
enum pd_status writer_newest(struct govern_writer *w, struct govern *g, pd_time *out,
                             struct pd_error *err) {
    if (store_is_shared(g->store))
        return act_newest(g, out, err);
    *out = atomic_load(&w->newest);
    return PD_OK;
}

uint64_t writer_commits(const struct govern_writer *w) {
    return atomic_load(&w->commits);
}

uint64_t writer_rules_turn(const struct govern_writer *w) {
    return atomic_load(&w->rules_turn);
}

/* Rules may be voted for a later day: so the clock is looked at as well. Over PostgreSQL other
 * processes bring rules into force too. The turn is read first: what is committed meanwhile changes
 * it again. */
enum pd_status govern_refresh(struct govern *g, struct pd_error *err) {
    uint64_t turn = g->writer ? writer_rules_turn(g->writer) : 0;
    pd_time second = pd_clock_now(&g->clock) / PD_SECOND;
    if (g->writer && !store_is_shared(g->store) && turn == g->rules_turn &&
        second == g->rules_second)
        return PD_OK;
    enum pd_status st = node_load_rules(g, NULL, err);
    if (st == PD_OK) {
        g->rules_turn = turn;
        g->rules_second = second;
    }
    return st;
}

bool govern_turn(const struct govern *g, uint64_t *out) {
    if (!g->writer || store_is_shared(g->store))
        return false;
    *out = atomic_load(&g->writer->rules_turn) + atomic_load(&g->writer->people_turn);
    return true;
}

struct unlock_kept *writer_unlock(struct govern_writer *w) {
    return w->unlock;
}

/* ---- The writer's thread ---- */

static void commit_group(struct govern_writer *w, struct waiting *const *group, size_t count) {
    struct act_ask asks[GROUP_MAX];
    struct store_key keys[GROUP_MAX];
    const struct act_keys kept = {keeper_await, w->keeper};
    for (size_t i = 0; i < count; i++) {
        asks[i] = *group[i]->ask;
        keys[i] = asks[i].act->key;
    }
    keeper_begin(w->keeper, pd_clock_now(&w->g->clock), keys, count);
    act_commit_all(w->g, asks, count, &kept);
    keeper_end(w->keeper);
    crypto_wipe(keys, count * sizeof(*keys));
    pd_time newest = atomic_load(&w->newest);
    bool brings_rules = false, changes_people = false;
    for (size_t i = 0; i < count; i++) {
        group[i]->ask->status = asks[i].status;
        brings_rules = brings_rules || (asks[i].status == PD_OK && act_writes_rules(asks[i].act));
        changes_people =
            changes_people || (asks[i].status == PD_OK && act_writes_people(asks[i].act));
        if (asks[i].status == PD_OK && asks[i].act->at > newest)
            newest = asks[i].act->at;
    }
    atomic_store(&w->newest, newest);
    atomic_fetch_add(&w->commits, 1);
    if (brings_rules)
        atomic_fetch_add(&w->rules_turn, 1);
    if (changes_people)
        atomic_fetch_add(&w->people_turn, 1);
}

/* At most GROUP_MAX, in the order in which they came. The lock is held. */
static size_t take(struct govern_writer *w, struct waiting **group) {
    size_t n = 0;
    for (; w->first && n < GROUP_MAX; n++) {
        group[n] = w->first;
        w->first = w->first->next;
    }
    if (!w->first)
        w->end = &w->first;
    w->count -= n;
    return n;
}

/* To wake a thread takes as long as to write a row or two. So the writer wakes the first, and each
 * wakes two others. */
static void tell(struct waiting *const *group, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < 2; k++)
            group[i]->then[k] = 2 * i + 1 + k < count ? group[2 * i + 1 + k] : NULL;
    sem_post(&group[0]->done); /* any of them may be gone from here on */
}

static void *run(void *context) {
    struct govern_writer *w = context;
    pthread_setname_np(pthread_self(), "polder-writer");
    pthread_mutex_lock(&w->lock);
    for (;;) {
        struct waiting *group[GROUP_MAX];
        while (!w->first && !w->is_closing)
            pthread_cond_wait(&w->work, &w->lock);
        size_t n = take(w, group);
        if (n == 0)
            break;
        pthread_mutex_unlock(&w->lock);
        commit_group(w, group, n);
        tell(group, n);
        pthread_mutex_lock(&w->lock);
        w->has_leaves = true;
        pthread_cond_signal(&w->leaves);
    }
    w->is_written = true;
    pthread_cond_signal(&w->leaves);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* ---- The integrator's thread ---- */

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_after(int64_t began) {
    int64_t every = (now_ms() - began) * INTEGRATE_PART;
    every = every < INTEGRATE_EVERY_MIN_MS ? INTEGRATE_EVERY_MIN_MS : every;
    every = every > INTEGRATE_EVERY_MAX_MS ? INTEGRATE_EVERY_MAX_MS : every;
    int64_t left = began + every - now_ms();
    struct timespec pause = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
    if (left > 0)
        nanosleep(&pause, NULL);
}

/* A failure leaves proofs pending: the next act brings the next round, and so does the next
 * command.
 */
static void *integrate(void *context) {
    struct govern_writer *w = context;
    pthread_setname_np(pthread_self(), "polder-integr");
    for (bool is_last = false; !is_last;) {
        pthread_mutex_lock(&w->lock);
        while (!w->has_leaves && !w->is_written)
            pthread_cond_wait(&w->leaves, &w->lock);
        is_last = w->is_written;
        w->has_leaves = false;
        pthread_mutex_unlock(&w->lock);
        int64_t began = now_ms();
        struct pd_error ignored = {0};
        enum pd_status st = govern_integrate(w->integrator, &ignored);
        if (store_relieve(w->integrator->store, &ignored) == PD_OK && st == PD_OK && !is_last)
            pause_after(began);
    }
    return NULL;
}

/* ---- Opening ---- */

/* A further handle of the node in this process. */
static enum pd_status open_beside(struct govern_writer *w, struct govern **out,
                                  struct pd_error *err) {
    struct govern *g;
    enum pd_status st = node_open_beside(w->folder, w->database, &w->g->clock, w->shelf, &g, err);
    if (st != PD_OK)
        return st;
    st = store_take_turns(g->store, w->g->store, err);
    if (st == PD_OK)
        *out = g;
    else
        govern_close(g);
    return st;
}

static enum pd_status start(struct govern_writer *w, struct pd_error *err) {
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    pthread_cond_init(&w->leaves, NULL);
    w->end = &w->first;
    int failed = pthread_create(&w->thread, NULL, run, w);
    w->is_running = failed == 0;
    if (failed == 0)
        failed = pthread_create(&w->integrating, NULL, integrate, w);
    w->is_integrating = w->is_running && failed == 0;
    return failed == 0 ? PD_OK
                       : pd_fail(err, PD_UNAVAILABLE, "start the threads of the writer: %s",
                                 strerror(failed));
}

enum pd_status govern_writer_open(const char *folder, const char *database, const char *holder,
                                  const struct pd_clock *clock, struct govern_writer **out,
                                  struct pd_error *err) {
    struct govern_writer *w = calloc(1, sizeof(*w));
    if (!w)
        return pd_fail_memory(err);
    w->folder = strdup(folder);
    w->database = database ? strdup(database) : NULL;
    w->shelf = rules_shelf_new();
    w->unlock = unlock_kept_new();
    bool is_made = w->folder && w->shelf && w->unlock && (w->database || !database);
    enum pd_status st = is_made ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK)
        st = govern_open_at(folder, database, STORE_WRITE, holder, clock, &w->g, err);
    pd_time newest = 0;
    if (st == PD_OK)
        st = act_newest(w->g, &newest, err);
    atomic_store(&w->newest, newest);
    if (st == PD_OK)
        st = open_beside(w, &w->integrator, err);
    if (st == PD_OK)
        st = keeper_open(folder, database, holder, &w->keeper, err);
    if (st == PD_OK)
        st = start(w, err);
    if (st != PD_OK) {
        govern_writer_close(w);
        return st;
    }
    *out = w;
    return PD_OK;
}

enum pd_status govern_writer_join(struct govern_writer *w, struct govern **out,
                                  struct pd_error *err) {
    struct govern *g;
    enum pd_status st = open_beside(w, &g, err);
    if (st != PD_OK)
        return st;
    g->writer = w;
    *out = g;
    return PD_OK;
}

static void stop(struct govern_writer *w) {
    pthread_mutex_lock(&w->lock);
    w->is_closing = true;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    if (w->is_integrating)
        pthread_join(w->integrating, NULL);
    pthread_cond_destroy(&w->leaves);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
}

void govern_writer_close(struct govern_writer *w) {
    if (!w)
        return;
    if (w->is_running)
        stop(w);
    keeper_close(w->keeper);
    govern_close(w->integrator);
    govern_close(w->g);
    unlock_kept_free(w->unlock);
    rules_shelf_free(w->shelf);
    free(w->folder);
    free(w->database);
    free(w);
}
