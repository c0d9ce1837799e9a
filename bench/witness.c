/*
 * From an act to its quorum of witnesses: bench_witness FOLDER N THREADS VKEY=URL...
 *
 * Makes a node below FOLDER, prints its log's origin and key, waits for a line on stdin (so that
 * bench/witness.sh can tell the witnesses), enacts a policy of two in three, and measures N acts
 * twice: one at a time, each waited for; and by THREADS threads through the one writer that commits
 * in groups, while another thread asks the witnesses, as a server does. Every act is durable
 * (SQLite, synchronous=FULL), with a finding, a signature, a receipt, a leaf, a checkpoint and its
 * tiles.
 */
#include "bench.h"

#include "govern/govern.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { ACTS_MAX = 100000, WITNESSES_MAX = 8, THREADS_MAX = 64 };

struct bench {
    const char *folder;
    struct pd_clock clock;
    struct govern *g; /* of one at a time */
    struct govern_writer *writer;
    pd_str policy, key;
    size_t count, threads;
    atomic_size_t next, ended_threads;
    double *began, *ended; /* by act */
    pd_id *ids;
    struct round { /* how much was witnessed at a moment */
        double at;
        uint64_t size;
    } * rounds;
    size_t round_count;
};

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
    bench_must(govern_open(b->folder, STORE_WRITE, "bench", &b->clock, &b->g, &err), &err);
    bench_must(
        store_file_read(govern_store(b->g), "keys/transport.key", 4096, arena, &b->key, &err),
        &err);
}

static void write_policy(struct bench *b, struct pd_arena *arena, char **witnesses, int count) {
    struct pd_error err = {0};
    const struct govern_log *log;
    bench_must(govern_log_find(b->g, PD_STR("public"), arena, &log, &err), &err);
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

/* An act in the public log: enacts the policy again. */
static pd_id act(const struct bench *b, struct govern *g) {
    struct pd_error err = {0};
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    const struct govern_outcome *outcome;
    struct govern_policy_setting given = {.party = PD_STR("transport"),
                                          .private_key = b->key,
                                          .text = b->policy,
                                          .may_http = true,
                                          .may_private = true};
    bench_must(govern_policy_set(g, &given, arena, &outcome, &err), &err);
    pd_id id = outcome->act_id;
    pd_arena_free(arena);
    return id;
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
        (void)act(b, b->g);
        bench_must(govern_witness(b->g, true, &err), &err);
        b->ended[i] = bench_seconds();
    }
    tell("one at a time", b, bench_seconds() - start);
}

static void *make_acts(void *context) {
    struct bench *b = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    bench_must(govern_writer_join(b->writer, &g, &err), &err);
    for (size_t i; (i = b->next++) < b->count;) {
        b->began[i] = bench_seconds();
        b->ids[i] = act(b, g);
    }
    govern_close(g);
    b->ended_threads++;
    return NULL;
}

/* Until all that was made is witnessed. */
static void *ask_all(void *context) {
    struct bench *b = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    bench_must(govern_writer_join(b->writer, &g, &err), &err);
    for (bool is_over = false; !is_over && b->round_count < ACTS_MAX;) {
        struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
        struct govern_witnessing w;
        struct govern_placed last = {0};
        bool all_made = b->ended_threads == b->threads;
        enum pd_status st = govern_witness(g, true, &err);
        if (st != PD_OPEN)
            bench_must(st, &err);
        bench_must(govern_witnessing(g, arena, &w, &err), &err);
        b->rounds[b->round_count++] = (struct round){bench_seconds(), w.witnessed};
        is_over = all_made;
        for (size_t i = 0; is_over && i < b->count; i++) {
            bench_must(govern_place(g, b->ids[i], arena, &last, &err), &err);
            is_over = last.size > 0 && last.index < w.witnessed;
        }
        pd_arena_free(arena);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    govern_close(g);
    return NULL;
}

/* An act was witnessed when the first round had more leaves than its own. */
static void find_ends(struct bench *b) {
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    bench_must(govern_writer_join(b->writer, &g, &err), &err);
    for (size_t i = 0; i < b->count; i++) {
        struct govern_placed placed;
        size_t r = 0;
        bench_must(govern_place(g, b->ids[i], arena, &placed, &err), &err);
        while (r + 1 < b->round_count && b->rounds[r].size <= placed.index)
            r++;
        b->ended[i] = b->rounds[r].at;
    }
    govern_close(g);
    pd_arena_free(arena);
}

static void in_groups(struct bench *b) {
    struct pd_error err = {0};
    pthread_t asking, making[THREADS_MAX];
    govern_close(b->g);
    bench_must(govern_writer_open(b->folder, NULL, "bench", &b->clock, &b->writer, &err), &err);
    double start = bench_seconds();
    if (pthread_create(&asking, NULL, ask_all, b) != 0)
        exit(70);
    for (size_t i = 0; i < b->threads; i++)
        if (pthread_create(&making[i], NULL, make_acts, b) != 0)
            exit(70);
    for (size_t i = 0; i < b->threads; i++)
        pthread_join(making[i], NULL);
    double made = bench_seconds();
    pthread_join(asking, NULL);
    find_ends(b);
    govern_writer_close(b->writer);
    tell("in groups, witnessed meanwhile", b, made - start);
    printf("  by %zu threads, in %zu rounds of requests\n", b->threads, b->round_count);
}

int main(int argc, char **argv) {
    struct bench b = {.clock = pd_clock_system()};
    if (argc < 7 || argc > 4 + WITNESSES_MAX) {
        fprintf(stderr, "usage: bench_witness FOLDER N THREADS VKEY=URL VKEY=URL VKEY=URL\n");
        return 64;
    }
    b.folder = argv[1];
    b.count = (size_t)strtoul(argv[2], NULL, 10);
    b.threads = (size_t)strtoul(argv[3], NULL, 10);
    if (b.count == 0 || b.count > ACTS_MAX || b.threads == 0 || b.threads > THREADS_MAX)
        return 64;
    struct pd_arena *arena = pd_arena_new((size_t)256 << 20);
    b.began = calloc(b.count, sizeof(*b.began));
    b.ended = calloc(b.count, sizeof(*b.ended));
    b.ids = calloc(b.count, sizeof(*b.ids));
    b.rounds = calloc(ACTS_MAX, sizeof(*b.rounds));
    if (!arena || !b.began || !b.ended || !b.ids || !b.rounds)
        return 70;
    found(&b, arena);
    write_policy(&b, arena, argv + 4, argc - 4);
    (void)act(&b, b.g);
    one_at_a_time(&b);
    in_groups(&b);
    pd_arena_free(arena);
    free(b.began);
    free(b.ended);
    free(b.ids);
    free(b.rounds);
    return 0;
}
