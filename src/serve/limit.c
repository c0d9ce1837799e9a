/*
 * How often one address, one token may ask: a bucket for each, that fills with time. There is room
 * for so many; whoever was away the longest is forgotten, and finds a full bucket again.
 */
#include "serve/serve_impl.h"

#include <stdlib.h>

enum { SETS = 4096, WAYS = 4, BURST_SECONDS = 5 };

struct serve_bucket {
    uint64_t who;
    int64_t at_us;
    double left;
};

enum pd_status serve_limit_open(struct serve_limit *limit, unsigned rate, struct pd_error *err) {
    limit->rate = rate;
    limit->burst = (double)rate * BURST_SECONDS;
    crypto_random(&limit->seed, sizeof(limit->seed));
    limit->buckets = calloc(SETS * WAYS, sizeof(*limit->buckets));
    if (!limit->buckets || pthread_mutex_init(&limit->lock, NULL) != 0)
        return pd_fail_memory(err);
    limit->is_ready = true;
    return PD_OK;
}

void serve_limit_close(struct serve_limit *limit) {
    if (limit->is_ready)
        pthread_mutex_destroy(&limit->lock);
    free(limit->buckets);
    limit->buckets = NULL;
    limit->is_ready = false;
}

static uint64_t hash_of(const struct serve_limit *limit, const void *who, size_t n) {
    const unsigned char *bytes = who;
    uint64_t h = limit->seed ^ 0xcbf29ce484222325U;
    for (size_t i = 0; i < n; i++)
        h = (h ^ bytes[i]) * 0x100000001b3U;
    h = (h ^ (h >> 32)) * 0xd6e8feb86659fd93U;
    h ^= h >> 32;
    return h ? h : 1; /* 0: an empty bucket */
}

static struct serve_bucket *find(struct serve_limit *limit, uint64_t who, int64_t now_us) {
    struct serve_bucket *set = &limit->buckets[who % SETS * WAYS], *oldest = set;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].who == who)
            return &set[i];
        if (set[i].at_us < oldest->at_us)
            oldest = &set[i];
    }
    *oldest = (struct serve_bucket){.who = who, .at_us = now_us, .left = limit->burst};
    return oldest;
}

bool serve_limit_admit(struct serve_limit *limit, const void *who, size_t n, int64_t now_us) {
    if (limit->rate <= 0)
        return true;
    uint64_t hash = hash_of(limit, who, n);
    pthread_mutex_lock(&limit->lock);
    struct serve_bucket *b = find(limit, hash, now_us);
    b->left += (double)(now_us - b->at_us) * limit->rate / 1e6;
    if (b->left > limit->burst)
        b->left = limit->burst;
    b->at_us = now_us;
    bool may = b->left >= 1;
    b->left -= may;
    pthread_mutex_unlock(&limit->lock);
    return may;
}
