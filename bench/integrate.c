/*
 * What a round of the integrator costs as a log grows, and what opening a node costs:
 * bench_integrate FOLDER LEAVES. Acts and leaves are put into the tables directly (how fast acts go
 * through the doorway is another question); indices, signatures, tiles and files are the
 * integrator's.
 */
#include "bench.h"
#include "govern/govern.h"

#include <string.h>

enum { FILL = 65536, LEAF_SIZE = 400 };

static const struct sql INSERT_ACT = {
    .both = "INSERT INTO act (id, verb, party_id, outcome, facts_hash, rules_hash, plan_hash,"
            " version_hash, key_id, sealed_record, receipt, made_at)"
            " VALUES ($1, 'use', 'bench', 'permit', '', '', '', '', '', $2, '', 0)"};
static const struct sql INSERT_LEAF = {
    .both = "INSERT INTO leaf (act_id, log, bytes) VALUES ($1, 'public', $2)"};

struct filling {
    uint64_t next, count;
};

static enum pd_status fill(struct store *store, void *context, struct pd_error *err) {
    const struct filling *f = context;
    char id[PD_ID_TEXT_SIZE], leaf[LEAF_SIZE];
    enum pd_status st = PD_OK;
    memset(leaf, 'x', sizeof(leaf));
    for (uint64_t i = f->next; st == PD_OK && i < f->next + f->count; i++) {
        snprintf(id, sizeof(id), "%08x-0000-7000-8000-000000000000", (unsigned)i);
        memcpy(leaf, id, sizeof(id) - 1);
        struct store_value act[] = {STORE_STR(pd_str_from(id)), STORE_BYTES(PD_STR(""))};
        struct store_value row[] = {STORE_STR(pd_str_from(id)),
                                    STORE_BYTES(((pd_str){leaf, sizeof(leaf)}))};
        st = store_run(store, INSERT_ACT, act, 2, NULL, err);
        if (st == PD_OK)
            st = store_run(store, INSERT_LEAF, row, 2, NULL, err);
    }
    return st;
}

/* Puts so many leaves in and integrates them; seconds that the integrator took. */
static double round_of(struct govern *g, uint64_t *next, uint64_t count) {
    struct pd_error err = {0};
    struct filling f = {*next, count};
    bench_must(store_transact(govern_store(g), fill, &f, &err), &err);
    *next += count;
    double start = bench_seconds();
    bench_must(govern_integrate(g, &err), &err);
    return bench_seconds() - start;
}

static void found(const char *folder, const struct pd_clock *clock) {
    struct pd_error err = {0};
    struct pd_arena *arena = pd_arena_new((size_t)256 << 20);
    const struct govern_party party = {PD_STR("bench"), PD_STR("government"), PD_STR("state_organ"),
                                       PD_STR("CN")};
    struct govern_founding f = {.origin = PD_STR("bench.example"),
                                .jurisdiction = PD_STR("cn"),
                                .parties = &party,
                                .party_count = 1};
    pd_str receipt;
    bench_must(govern_bundled_rules(f.jurisdiction, arena, &f.rules, &f.rule_count, &err), &err);
    bench_must(govern_init(folder, &f, clock, arena, &receipt, &err), &err);
    pd_arena_free(arena);
}

static struct govern *open_node(const char *folder, const struct pd_clock *clock) {
    struct pd_error err = {0};
    struct govern *g;
    bench_must(govern_open(folder, STORE_WRITE, "bench", clock, &g, &err), &err);
    return g;
}

static void measure(struct govern *g, uint64_t *next, uint64_t size) {
    double one = round_of(g, next, 1), group = round_of(g, next, 1000);
    printf("%10llu leaves: a round of 1 leaf %6.1f ms, of 1,000 leaves %6.1f ms\n",
           (unsigned long long)size, 1e3 * one, 1e3 * group);
    fflush(stdout);
}

int main(int argc, char **argv) {
    struct pd_clock clock = pd_clock_system();
    uint64_t leaves, next = 1, report = 1000;
    if (argc != 3 || !pd_parse_u64(pd_str_from(argv[2]), &leaves))
        return 64;
    found(argv[1], &clock);
    struct govern *g = open_node(argv[1], &clock);
    double integrating = 0;
    for (uint64_t size = 0; size < leaves;) {
        uint64_t want = report - size < FILL ? report - size : FILL;
        integrating += round_of(g, &next, want);
        size = next;
        if (size >= report) {
            measure(g, &next, size);
            report = 10 * report < leaves ? 10 * report : report < leaves ? leaves : UINT64_MAX;
        }
    }
    printf("in bulk: %.0f leaves a second\n", (double)leaves / integrating);
    struct filling waiting = {next, 1000};
    struct pd_error err = {0};
    bench_must(store_transact(govern_store(g), fill, &waiting, &err), &err);
    govern_close(g);
    double start = bench_seconds();
    g = open_node(argv[1], &clock);
    double opened = bench_seconds();
    bench_must(govern_integrate(g, &err), &err);
    printf("restart: opened in %.0f ms, 1,000 leaves that were left integrated in %.0f ms\n",
           1e3 * (opened - start), 1e3 * (bench_seconds() - opened));
    govern_close(g);
    return 0;
}
