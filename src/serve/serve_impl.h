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
/** A handle that nobody else has, opened if none is idle, with the rules in force now. */
PD_CHECK enum pd_status serve_pool_take(struct serve_pool *pool, struct govern **out,
                                        struct pd_error *err);
/** NULL is fine. */
void serve_pool_give(struct serve_pool *pool, struct govern *g);
void serve_pool_close(struct serve_pool *pool);

/* ---- cache.c: answers to whoever isn't signed in ---- */

enum { SERVE_CACHE_SECONDS = 30 }; /* what says "overdue" becomes so without an act */
struct serve_entry;
struct serve_cache {
    pthread_mutex_t lock;
    struct serve_entry **buckets;
    size_t bytes, most_bytes;
    atomic_uint_least64_t version; /* of the node: answers of another are stale */
    atomic_uint_least64_t hits, misses;
    bool is_ready;
};
/** What an answer depends on beside the node. */
struct serve_key {
    pd_str path, query, language;
};
/** Which of its forms the client takes. */
struct serve_taken {
    bool gzip;
    pd_str if_none_match;
};
PD_CHECK enum pd_status serve_cache_open(struct serve_cache *cache, size_t most_bytes,
                                         struct pd_error *err);
void serve_cache_close(struct serve_cache *cache);
/** Everything kept is stale from now on. */
void serve_cache_turn(struct serve_cache *cache);
/** Held for the caller; NULL: there is none. label: the route's path. */
struct http_ready *serve_cache_find(struct serve_cache *cache, const struct serve_key *key,
                                    const struct serve_taken *taken, pd_time now,
                                    const char **label);
/** Keeps a whole response that was made while the node was at `version`. label: static. */
void serve_cache_keep(struct serve_cache *cache, const struct serve_key *key, uint64_t version,
                      pd_time now, const struct http_response *response, const char *label);

/* ---- finish.c: the last touches of an answer ---- */

/** gzip, or {NULL, 0}: no memory, or it would be no smaller. In `arena`. */
pd_str serve_gzip(pd_str text, struct pd_arena *arena);
bool serve_takes_gzip(pd_str accept_encoding);
/** Whether an entity tag stands in If-None-Match or If-Match; is_weak: compares weakly. */
bool serve_tag_stands(pd_str header, pd_str tag, bool is_weak);
/** Tag, 304, gzip, Vary, Cache-Control of an answer that isn't kept. */
void serve_finish(struct serve_call *call);

/* ---- limit.c: how often one address, one token may ask ---- */

struct serve_limit {
    pthread_mutex_t lock;
    struct serve_bucket *buckets;
    uint64_t seed;
    double rate, burst; /* 0: no limit */
    bool is_ready;
};
PD_CHECK enum pd_status serve_limit_open(struct serve_limit *limit, unsigned rate,
                                         struct pd_error *err);
void serve_limit_close(struct serve_limit *limit);
/** Whether one more may pass at `now_us` (monotonic). */
bool serve_limit_admit(struct serve_limit *limit, const void *who, size_t n, int64_t now_us);

/* ---- known.c: tokens that asked a moment ago ---- */

struct serve_known {
    pthread_mutex_t lock;
    struct serve_known_token *tokens;
    atomic_uint_least64_t credentials; /* grows when what is kept of them may be wrong */
    bool is_ready;
};
PD_CHECK enum pd_status serve_known_open(struct serve_known *known, struct pd_error *err);
void serve_known_close(struct serve_known *known);
/** Sets `who` by the token of Authorization. As account_by_token. */
PD_CHECK enum pd_status serve_known_who(struct serve_call *call, struct pd_error *err);
/** Whether who asks may do what the route needs. As govern_must. */
PD_CHECK enum pd_status serve_known_must(struct serve_call *call, struct pd_error *err);
/** The token of "Authorization: Bearer ...". */
pd_str serve_bearer(const struct serve_call *call);

/* ---- metrics.c: counts, and the access log ---- */

struct serve_metrics {
    struct serve_count *counts; /* of each route, and of none */
    size_t count;
    pthread_mutex_t lock; /* of the log */
    struct pd_buf log;
    bool is_ready, is_quiet;
};
PD_CHECK enum pd_status serve_metrics_open(struct serve_metrics *m, const struct http_route *routes,
                                           size_t count, bool is_quiet, struct pd_error *err);
void serve_metrics_close(struct serve_metrics *m);
void serve_metrics_note(struct serve_metrics *m, const struct http_event *event);
void serve_metrics_flush(struct serve_metrics *m);
void serve_get_metrics(struct serve_call *call);

/* ---- cycle.c: what the node does by itself ---- */

enum { SERVE_CYCLERS = 5 };
struct serve_cycle {
    pthread_t threads[SERVE_CYCLERS];
    size_t count; /* that run */
    bool has_lock;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool is_ending;
    atomic_bool is_reachable; /* the database answered last time */
    atomic_uint_least64_t jobs_done, jobs_failed;
};
PD_CHECK enum pd_status serve_cycle_start(struct serve *serve, struct pd_error *err);
void serve_cycle_stop(struct serve *serve);

/* ---- The service ---- */

struct serve {
    struct serve_config config;
    struct govern_writer *writer;
    struct serve_pool pool;
    struct serve_cache cache;
    struct serve_limit limit;
    struct serve_known known;
    struct serve_metrics metrics;
    struct serve_cycle cycle;
    char *cert, *key;          /* texts */
    struct http_route *routes; /* made of all tables */
    size_t route_count;
    struct http_server *http;
    bool is_plain;
};

/* ---- dispatch.c: from a request to a handler ---- */

void serve_dispatch(void *context, const struct http_request *request,
                    struct http_response *response);
/** Before the table of routes: too many requests; answers that are kept. */
bool serve_early(void *context, const struct http_request *request, struct http_response *response);
/** Refusals for people. */
bool serve_refuse(void *context, const struct http_request *request, struct http_response *response,
                  int status, const char *detail);
/** The routes of serve/ itself: /healthz, ... */
const struct serve_table *serve_own_table(void);
/** Who asks; false: refused. */
bool serve_authenticate(struct serve_call *call);

/** Whether whoever asks may send a file at all, before it is received. */
bool serve_may_upload(struct serve *serve, const struct http_request *request,
                      struct http_response *response);

/* ---- upload.c ---- */

#define SERVE_JOB_INSPECT "upload.inspect"
/* upload_key.c: a file's key (CRYPTO_KEY_SIZE bytes) as its row has it. */
PD_CHECK enum pd_status serve_upload_key_wrap(struct store *store, pd_str upload, const uint8_t *key,
                                              pd_time now, struct pd_arena *arena, pd_str *out,
                                              struct pd_error *err);
/** PD_NOT_FOUND: its wrapping key is gone; PD_INTERNAL: it is damaged, or of another upload. */
PD_CHECK enum pd_status serve_upload_key_open(struct store *store, pd_str upload, pd_str wrapped,
                                              struct pd_arena *arena, uint8_t *key,
                                              struct pd_error *err);
const struct http_sink *serve_upload_sink(void);
/** Reads a source into a kept upload of who asks. location: the operator's. As source_open, source_each
 * and serve_upload_keep; PD_LIMIT: larger than an upload may be. */
PD_CHECK enum pd_status serve_upload_from(struct serve_call *call, const char *location, pd_str *token,
                                          struct pd_error *err);
/** The row of an upload, whosesoever; and its bytes: `fd` is to be read once and closed, then `joined`
 * joined. is_over: then no more is read. PD_NOT_FOUND; PD_INTERNAL: it was changed on the disk. */
PD_CHECK enum pd_status serve_upload_row(struct store *store, pd_str id, struct pd_arena *arena,
                                         struct serve_kept *out, struct pd_error *err);
PD_CHECK enum pd_status serve_upload_open(const struct serve *serve, struct store *store,
                                          struct pd_arena *arena, const struct serve_kept *kept,
                                          const atomic_bool *is_over, int *fd, pthread_t *joined,
                                          struct pd_error *err);
/** Inspects what waits for it; forgets what is too old. */
PD_CHECK enum pd_status serve_upload_work(struct serve *serve, struct govern *g,
                                          struct job_tally *tally, struct pd_error *err);

/* ---- suggest.c ---- */

#define SERVE_JOB_SUGGEST "plan.suggest"
/** Searches the oldest that waits. */
PD_CHECK enum pd_status serve_suggest_work(struct serve *serve, struct govern *g,
                                           struct job_tally *tally, struct pd_error *err);
PD_CHECK enum pd_status serve_suggestions_forget(struct store *store, pd_str upload,
                                                 struct pd_error *err);

/* ---- sweep.c: what is over ---- */

#define SERVE_JOB_SWEEP "serve.sweep"
/** Has it done soon after a start, and from then on each hour. */
PD_CHECK enum pd_status serve_sweep_begin(struct serve *serve, struct govern *g,
                                          struct pd_error *err);
PD_CHECK enum pd_status serve_sweep_work(struct serve *serve, struct govern *g,
                                         struct job_tally *tally, struct pd_error *err);

/* ---- openapi.c ---- */

void serve_get_openapi(struct serve_call *call);

#endif
