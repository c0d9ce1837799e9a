/*
 * From an act to its quorum of witnesses: bench_witness FOLDER N VKEY=URL...
 *
 * Makes a node below FOLDER, prints its log's origin and key, waits for a line on stdin (so that
 * bench/witness.sh can tell the witnesses), enacts a policy of two in three, and measures N acts
 * twice: one at a time, and with a writer that makes acts one after the other while another thread
 * asks the witnesses, as a server does. Each act is durable on its own (SQLite, synchronous=FULL),
 * with a receipt, a leaf, a checkpoint and its tiles.
 */
#include "bench.h"

#include "govern/govern.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { ACTS_MAX = 100000, WITNESSES_MAX = 8 };

struct bench {
    struct govern *writer;
    struct turns {
        pthread_mutex_t mutex;
        pthread_cond_t next;
        size_t served, given; /* first come, first served, as a writer's queue is */
    } turns;
    pd_str policy, key;
    const char *folder;
    struct pd_clock clock;
    double *began;    /* by act */
    double *ended;    /* 0: not witnessed yet */
    uint64_t *leaves; /* where each stands; set when `made` has counted it */
    atomic_size_t made;
    atomic_size_t rounds;
    size_t count;
};

static void begin_turn(struct turns *t) {
    pthread_mutex_lock(&t->mutex);
    size_t mine = t->given++;
    while (t->served != mine)
        pthread_cond_wait(&t->next, &t->mutex);
    pthread_mutex_unlock(&t->mutex);
}

static void end_turn(struct turns *t) {
    pthread_mutex_lock(&t->mutex);
    t->served++;
    pthread_cond_broadcast(&t->next);
    pthread_mutex_unlock(&t->mutex);
}

/* ---- Making ---- */

static void found(struct bench *b, struct pd_arena *arena) {
    struct pd_error err = {0};
    static const pd_str duties[] = {PD_STR_INIT("steward"), PD_STR_INIT("owner")};
    const struct govern_party parties[] = {
        {PD_STR("transport"), PD_STR("government"), PD_STR("state_organ"), PD_STR("CN")}};
    const struct govern_member members[] = {{PD_STR("transport"), PD_STR("lin"), duties, 2}};
    struct govern_founding founding = {.origin = PD_STR("bench.polder.example"),
                                       .jurisdiction = PD_STR("cn"),
                                       .parties = parties,
                                       .party_count = 1,
                                       .members = members,
                                       .member_count = 1};
    pd_str receipt;
    bench_must(govern_bundled_rules(founding.jurisdiction, arena, &founding.rules,
                                    &founding.rule_count, &err),
               &err);
    bench_must(govern_init(b->folder, &founding, &b->clock, arena, &receipt, &err), &err);
    bench_must(govern_open(b->folder, STORE_WRITE, "bench", &b->clock, &b->writer, &err), &err);
    bench_must(
        store_file_read(govern_store(b->writer), "keys/transport.key", 4096, arena, &b->key, &err),
        &err);
}

static void write_policy(struct bench *b, struct pd_arena *arena, char **witnesses, int count) {
    struct pd_error err = {0};
    const struct govern_log *log;
    bench_must(govern_log_find(b->writer, PD_STR("public"), arena, &log, &err), &err);
    printf("%.*s %.*s\n", pd_arg(log->origin), pd_arg(log->vkey));
    fflush(stdout);
    (void)getchar();
    pd_str text = pd_arena_printf(arena, "log %.*s\n", pd_arg(log->vkey)), names = PD_STR("");
    for (int i = 0; i < count; i++) {
        const char *url = strstr(witnesses[i], "=http");
        if (!url)
            exit(64);
        text = pd_arena_printf(arena, "%.*switness w%d %.*s %s\n", pd_arg(text), i,
                               (int)(url - witnesses[i]), witnesses[i], url + 1);
        names = pd_arena_printf(arena, "%.*s w%d", pd_arg(names), i);
    }
    b->policy =
        pd_arena_printf(arena, "%.*sgroup g 2%.*s\nquorum g\n", pd_arg(text), pd_arg(names));
}

/* An act in the public log: enacts the policy again. Law, signature, rows, leaf, checkpoint, tiles.
 */
static uint64_t act(struct bench *b) {
    struct pd_error err = {0};
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    const struct govern_outcome *outcome;
    struct govern_policy_setting given = {.party = PD_STR("transport"),
                                          .private_key = b->key,
                                          .text = b->policy,
                                          .may_http = true,
                                          .may_private = true};
    bench_must(govern_policy_set(b->writer, &given, arena, &outcome, &err), &err);
    if (outcome->pending.len) {
        fprintf(stderr, "bench: %.*s\n", pd_arg(outcome->pending));
        exit(70);
    }
    uint64_t leaf = outcome->placed.index;
    pd_arena_free(arena);
    return leaf;
}

/* ---- Telling ---- */

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void tell(const char *what, const struct bench *b, double seconds) {
    double *times = calloc(b->count, sizeof(*times));
    if (!times)
        exit(70);
    for (size_t i = 0; i < b->count; i++)
        times[i] = (b->ended[i] - b->began[i]) * 1000;
    qsort(times, b->count, sizeof(*times), compare);
    printf("%s: %zu acts, %.0f/s, to a quorum of 2 of 3: p50 %.0f ms, p99 %.0f ms, most %.0f ms\n",
           what, b->count, (double)b->count / seconds, times[b->count / 2],
           times[b->count * 99 / 100], times[b->count - 1]);
    free(times);
}

/* ---- The two ways ---- */

static void one_at_a_time(struct bench *b) {
    struct pd_error err = {0};
    double start = bench_seconds();
    for (size_t i = 0; i < b->count; i++) {
        b->began[i] = bench_seconds();
        (void)act(b);
        bench_must(govern_witness(b->writer, true, &err), &err);
        b->ended[i] = bench_seconds();
    }
    tell("one at a time", b, bench_seconds() - start);
}

static void note_witnessed(struct bench *b, uint64_t size, size_t *next) {
    double now = bench_seconds();
    for (; *next < b->made && b->leaves[*next] < size; ++*next)
        b->ended[*next] = now;
}

/* Reads and asks with a handle of its own; only what came of it needs the writer. */
static void *ask_all(void *context) {
    struct bench *b = context;
    struct pd_error err = {0};
    struct govern *reader = NULL;
    size_t next = 0;
    bench_must(govern_open(b->folder, STORE_READ, "bench", &b->clock, &reader, &err), &err);
    while (next < b->count) {
        struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
        struct govern_round *round = NULL;
        struct govern_witnessing before, after;
        bench_must(govern_witnessing(reader, arena, &before, &err), &err);
        if (before.published > before.witnessed && before.published == before.size)
            bench_must(govern_witness_ask(reader, true, arena, &round, &err), &err);
        if (round) {
            begin_turn(&b->turns);
            enum pd_status st = govern_witness_save(b->writer, round, &err);
            end_turn(&b->turns);
            if (st != PD_OPEN)
                bench_must(st, &err);
            b->rounds++;
            bench_must(govern_witnessing(reader, arena, &after, &err), &err);
            note_witnessed(b, after.witnessed, &next);
        } else {
            nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
        }
        pd_arena_free(arena);
    }
    govern_close(reader);
    return NULL;
}

static void one_after_the_other(struct bench *b) {
    pthread_t asking;
    b->made = 0;
    memset(b->ended, 0, b->count * sizeof(*b->ended));
    if (pthread_create(&asking, NULL, ask_all, b) != 0)
        exit(70);
    double start = bench_seconds(), made = start;
    for (size_t i = 0; i < b->count; i++) {
        b->began[i] = bench_seconds();
        begin_turn(&b->turns);
        b->leaves[i] = act(b);
        end_turn(&b->turns);
        b->made++;
        made = bench_seconds();
    }
    pthread_join(asking, NULL);
    tell("one after the other, witnessed meanwhile", b, made - start);
    printf("  in %zu rounds of requests\n", (size_t)b->rounds);
}

int main(int argc, char **argv) {
    struct bench b = {.turns = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0},
                      .clock = pd_clock_system()};
    if (argc < 6 || argc > 3 + WITNESSES_MAX) {
        fprintf(stderr, "usage: bench_witness FOLDER N VKEY=URL VKEY=URL VKEY=URL\n");
        return 64;
    }
    b.folder = argv[1];
    b.count = (size_t)strtoul(argv[2], NULL, 10);
    if (b.count == 0 || b.count > ACTS_MAX)
        return 64;
    struct pd_arena *arena = pd_arena_new((size_t)256 << 20);
    b.began = calloc(b.count, sizeof(*b.began));
    b.ended = calloc(b.count, sizeof(*b.ended));
    b.leaves = calloc(b.count, sizeof(*b.leaves));
    if (!arena || !b.began || !b.ended || !b.leaves)
        return 70;
    found(&b, arena);
    write_policy(&b, arena, argv + 3, argc - 3);
    (void)act(&b);
    one_at_a_time(&b);
    one_after_the_other(&b);
    govern_close(b.writer);
    pd_arena_free(arena);
    free(b.began);
    free(b.ended);
    free(b.leaves);
    return 0;
}
