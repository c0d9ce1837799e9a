/*
 * Rules made together:
 *
 *     bench_together impact NODE THRESHOLDS CASES
 *         NODE        the data folder of a node with many acts
 *         THRESHOLDS, CASES   files that are to take the place of node/thresholds.json and node/CASES.md
 *     bench_together vote NODE PROPOSAL MEMBERS THREADS BALLOTS
 *         NODE        that of a node with a vote that is open for long, and members citizens/m0, m1, ...
 *
 * The preview is made as before a vote opens. Ballots are cast by many threads through the node's writer, each
 * with its receipt, a million of them if that is asked for (progress goes to the standard error); then the vote is
 * closed and counted again. Processor time is that of all threads. Prints "what<TAB>figure<TAB>remark".
 */
#include "bench.h"
#include "govern/proposal_impl.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>

#define ROOM ((size_t)4 << 30)

static double process_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct govern *open_node(const char *folder, enum store_mode mode) {
    struct pd_clock clock = pd_clock_system();
    struct pd_error err = {0};
    struct govern *g = NULL;
    bench_must(govern_open(folder, mode, "bench", &clock, &g, &err), &err);
    return g;
}

/* ---- The preview ---- */

static pd_str read_file(const char *path, struct pd_arena *arena) {
    static char text[1 << 20];
    FILE *f = fopen(path, "rb");
    if (!f)
        exit(fprintf(stderr, "bench: %s can't be opened\n", path) > 0 ? 66 : 66);
    size_t n = fread(text, 1, sizeof(text), f);
    fclose(f);
    return pd_arena_str(arena, (pd_str){text, n});
}

static void measure_impact(const char *folder, const char *thresholds, const char *cases) {
    struct pd_arena *arena = pd_arena_new(ROOM);
    struct pd_error err = {0};
    struct govern *g = open_node(folder, STORE_READ);
    const struct govern_amendment amendments[] = {
        {.path = PD_STR("node/thresholds.json"), .text = read_file(thresholds, arena)},
        {.path = PD_STR("node/CASES.md"), .text = read_file(cases, arena)}};
    struct proposal_change *changes;
    struct proposal_candidate candidate = {0};
    size_t count;
    pd_str json;
    bench_must(proposal_text_make(g, amendments, 2, arena, &changes, &count, &err), &err);
    bench_must(proposal_candidate_make(g, changes, count, arena, &candidate, &err), &err);
    for (int run = 0; run < 3; run++) {
        double start = bench_seconds(), cpu = process_seconds();
        bench_must(proposal_impact(g, &candidate, changes, count, arena, &json, &err), &err);
        pd_str found = pd_json_find(json, "cases");
        printf("impact preview over %.*s cases, %.*s otherwise, by two threads\t%.2f s\t%.2f s of processor time\n",
               pd_arg(pd_json_find(found, "cases")), pd_arg(pd_json_find(found, "changed")),
               bench_seconds() - start, process_seconds() - cpu);
    }
    proposal_candidate_clear(&candidate);
    govern_close(g);
    pd_arena_free(arena);
}

/* ---- Ballots ---- */

enum { TOLD_EVERY = 100000 };

struct crowd {
    struct govern_writer *writer;
    pd_id proposal;
    size_t members, ballots;
    atomic_size_t next;
    pthread_barrier_t ready;
};

static void cast(struct govern *g, const struct crowd *crowd, size_t i, struct pd_arena *arena) {
    struct pd_error err = {0};
    const struct govern_voted *voted;
    struct govern_voting v = {.proposal = crowd->proposal,
                              .party = PD_STR("citizens"),
                              .member = pd_arena_printf(arena, "m%zu", i % crowd->members),
                              .is_vouched = true,
                              .choice = i % 3 ? COUNCIL_YES : COUNCIL_NO};
    bench_must(govern_vote(g, &v, arena, &voted, &err), &err);
    if (!voted->outcome->receipt.len)
        exit(fprintf(stderr, "bench: a ballot without receipt\n") > 0 ? 70 : 70);
}

static void *vote(void *context) {
    struct crowd *crowd = context;
    struct pd_error err = {0};
    struct govern *g;
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    struct pd_mark mark = pd_arena_mark(arena);
    bench_must(govern_writer_join(crowd->writer, &g, &err), &err);
    pthread_barrier_wait(&crowd->ready);
    for (size_t i; (i = atomic_fetch_add(&crowd->next, 1)) < crowd->ballots;) {
        cast(g, crowd, i, arena);
        if ((i + 1) % TOLD_EVERY == 0)
            fprintf(stderr, "%zu ballots of %zu\n", i + 1, crowd->ballots);
        pd_arena_reset(arena, mark);
    }
    govern_close(g);
    pd_arena_free(arena);
    return NULL;
}

static void measure_ballots(const char *folder, struct crowd *crowd, size_t threads) {
    struct pd_clock clock = pd_clock_system();
    struct pd_error err = {0};
    pthread_t *all = calloc(threads, sizeof(*all));
    bench_must(govern_writer_open(folder, NULL, "bench", &clock, &crowd->writer, &err), &err);
    pthread_barrier_init(&crowd->ready, NULL, (unsigned)threads + 1);
    for (size_t i = 0; i < threads; i++)
        pthread_create(&all[i], NULL, vote, crowd);
    pthread_barrier_wait(&crowd->ready);
    double start = bench_seconds(), cpu = process_seconds();
    for (size_t i = 0; i < threads; i++)
        pthread_join(all[i], NULL);
    printf("%zu ballots cast, %zu threads, each with its receipt\t%.0f/s\t%.0f us of processor time each\n",
           crowd->ballots, threads, (double)crowd->ballots / (bench_seconds() - start),
           (process_seconds() - cpu) / (double)crowd->ballots * 1e6);
    govern_writer_close(crowd->writer);
    free(all);
}

/* The close is what happens when its date comes; here it is made to. */
static void measure_count(const char *folder, pd_id proposal) {
    struct pd_arena *arena = pd_arena_new(ROOM);
    struct pd_error err = {0};
    struct proposal_now now;
    const struct govern_recount *recount;
    struct govern *g = open_node(folder, STORE_WRITE);
    bench_must(proposal_find_now(g, proposal, arena, &now, &err), &err);
    double start = bench_seconds(), cpu = process_seconds();
    bench_must(vote_close(g, &now, arena, &err), &err);
    printf("closed and counted\t%.2f s\t%.2f s of processor time\n", bench_seconds() - start,
           process_seconds() - cpu);
    start = bench_seconds();
    cpu = process_seconds();
    bench_must(govern_vote_recount(g, proposal, arena, &recount, &err), &err);
    cpu = process_seconds() - cpu;
    printf("%llu ballots counted again from the log, %s\t%.2f s\t%.2f s of processor time, %.2f for a million\n",
           (unsigned long long)recount->ballots, recount->agrees ? "agreeing" : "NOT AGREEING",
           bench_seconds() - start, cpu, cpu / (double)recount->ballots * 1e6);
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) == 0)
        printf("memory at most, of voting, close and recount together\t%ld MiB\t\n", used.ru_maxrss / 1024);
    govern_close(g);
    pd_arena_free(arena);
}

int main(int argc, char **argv) {
    if (argc == 5 && !strcmp(argv[1], "impact")) {
        measure_impact(argv[2], argv[3], argv[4]);
        return 0;
    }
    struct crowd crowd = {.next = 0};
    if (argc != 7 || strcmp(argv[1], "vote") != 0 ||
        !pd_id_parse(pd_str_from(argv[3]), &crowd.proposal)) {
        fprintf(stderr, "usage: bench_together impact NODE THRESHOLDS CASES\n"
                        "       bench_together vote NODE PROPOSAL MEMBERS THREADS BALLOTS\n");
        return 64;
    }
    crowd.members = strtoul(argv[4], NULL, 10);
    crowd.ballots = strtoul(argv[6], NULL, 10);
    measure_ballots(argv[2], &crowd, strtoul(argv[5], NULL, 10));
    measure_count(argv[2], crowd.proposal);
    return 0;
}
