/*
 * What Polder adds to Cedar: bench_law_finding RULES NODE INTENT...
 *
 *     RULES   a folder of packs, such as law/
 *     NODE    the data folder of a node under the pack cn; INTENT  an open intent of it, for
 * opening
 *
 * Prints "what<TAB>microseconds<TAB>what came out".
 */
#include "bench.h"
#include "govern/govern_impl.h"

#include <string.h>

enum { ROOM = 256 << 20, ROUNDS = 200 };
static const double SECONDS = 2;
static const char packs[] = "cn,eu,us,uk,de,jp,kr,au";

/* ---- Loading ---- */

static void measure_loading(const char *folder, const char *names) {
    struct pd_error err;
    struct pd_arena *arena = pd_arena_new(ROOM);
    const struct law_file *files;
    size_t count, rounds = 0, policies = 0;
    double reading = 0, start, passed, most = 0;
    for (double from = bench_cpu_seconds(); bench_cpu_seconds() - from < SECONDS; rounds++) {
        struct pd_mark mark = pd_arena_mark(arena);
        struct law_rules *rules;
        start = bench_cpu_seconds();
        bench_must(govern_folder_rules(folder, pd_str_from(names), arena, &files, &count, &err),
                   &err);
        bench_must(law_rules_new(files, count, &rules, &err), &err);
        passed = bench_cpu_seconds() - start;
        reading += passed;
        most = passed > most ? passed : most;
        policies = law_rules_count(rules);
        law_rules_free(rules);
        pd_arena_reset(arena, mark);
    }
    printf("load %s and node from their folder\t%.0f\t%zu policies, %zu files; at most %.0f\n",
           names, reading / (double)rounds * 1e6, policies, count, most * 1e6);
    pd_arena_free(arena);
}

/* ---- Findings ---- */

static void measure_finding(const struct law_rules *rules, const char *outcome,
                            const struct law_fact *facts, size_t count) {
    struct pd_error err;
    struct pd_arena *arena = pd_arena_new(ROOM);
    const struct law_case c = {
        .verb = PD_STR_INIT("open"),
        .party = {PD_STR("transport"), PD_STR("state_organ"), PD_STR("government"), PD_STR("CN")},
        .resource_type = PD_STR_INIT("Distribution"),
        .resource_id = PD_STR_INIT("d1"),
        .facts = facts,
        .fact_count = count,
        .now = 1790000000 * PD_SECOND};
    struct pd_mark mark = pd_arena_mark(arena);
    const struct law_finding *finding = NULL;
    size_t rounds = 0;
    double start = bench_cpu_seconds(), passed;
    for (; (passed = bench_cpu_seconds() - start) < SECONDS; rounds += ROUNDS)
        for (int i = 0; i < ROUNDS; i++) {
            pd_arena_reset(arena, mark);
            bench_must(law_find(rules, &c, arena, &finding, &err), &err);
        }
    if (strcmp(law_outcome_name(finding->outcome), outcome))
        exit(fprintf(stderr, "bench: the finding is %s, not %s\n",
                     law_outcome_name(finding->outcome), outcome));
    printf("a finding that ends in %s\t%.2f\t%zu facts, %zu policies\n", outcome,
           passed / (double)rounds * 1e6, count, law_rules_count(rules));
    pd_arena_free(arena);
}

static void measure_findings(const char *folder) {
    const struct law_fact facts[] = {
        {.name = PD_STR_INIT("is_personal"), .value = {.kind = LAW_BOOL}, .class_ = LAW_ATTESTED},
        {.name = PD_STR_INIT("holds_identifiers"),
         .value = {.kind = LAW_BOOL},
         .class_ = LAW_MEASURED},
        {.name = PD_STR_INIT("quasi_columns"),
         .value = {.kind = LAW_LONG, .number = 2},
         .class_ = LAW_MEASURED},
        {.name = PD_STR_INIT("k"),
         .value = {.kind = LAW_LONG, .number = 7},
         .class_ = LAW_MEASURED},
        {.name = PD_STR_INIT("purpose"),
         .value = {.kind = LAW_STRING, .text = PD_STR_INIT("statistics")},
         .class_ = LAW_DECLARED},
    };
    struct pd_error err;
    struct pd_arena *arena = pd_arena_new(ROOM);
    const struct law_file *files;
    size_t count;
    struct law_rules *rules;
    bench_must(govern_folder_rules(folder, PD_STR("cn"), arena, &files, &count, &err), &err);
    bench_must(law_rules_new(files, count, &rules, &err), &err);
    measure_finding(rules, "permit", facts, 5);
    measure_finding(rules, "open", facts + 1, 4);
    law_rules_free(rules);
    pd_arena_free(arena);
}

/* ---- An act, with its facts from the store ---- */

struct stored {
    struct govern *g;
    pd_id intent;
    struct pd_arena *arena;
    struct facts facts;
    const struct law_finding *finding;
    double gathering, finding_out;
};

/* As the doorway does it (govern/act.c): are the rules still those in force; the facts that the
 * intent's act recorded, unsealed, and those attested since, each unsealed with its own key; their
 * hash; the finding. */
static void decide(struct stored *s) {
    struct pd_error err;
    bool changed;
    pd_time now = 1795435200 * PD_SECOND; /* 2026-11-23 */
    s->facts.count = 0;
    double start = bench_cpu_seconds();
    bench_must(node_load_rules(s->g, &changed, &err), &err);
    bench_must(intent_measured(s->g, s->intent, s->arena, &s->facts, &err), &err);
    bench_must(facts_add_attested(s->g, s->intent, PD_STR(""), now, s->arena, &s->facts, &err),
               &err);
    crypto_hash hash = act_facts_hash(s->facts.list, s->facts.count);
    s->gathering += bench_cpu_seconds() - start;
    const struct law_case c = {
        .verb = PD_STR_INIT("open"),
        .party = {PD_STR("transport"), PD_STR("state_organ"), PD_STR("government"), PD_STR("CN")},
        .resource_type = PD_STR_INIT("Distribution"),
        .resource_id = PD_STR_INIT("d1"),
        .facts = s->facts.list,
        .fact_count = s->facts.count,
        .now = now};
    start = bench_cpu_seconds();
    bench_must(law_find(s->g->rules, &c, s->arena, &s->finding, &err), &err);
    s->finding_out += bench_cpu_seconds() - start + hash.bytes[0] * 0.0;
}

static enum pd_status decide_all(struct store *store, void *context, struct pd_error *err) {
    struct stored *s = context;
    struct pd_mark mark = pd_arena_mark(s->arena);
    (void)store, (void)err;
    for (int i = 0; i < ROUNDS; i++) {
        pd_arena_reset(s->arena, mark);
        decide(s);
    }
    return PD_OK;
}

static void measure_stored(const char *folder, const char *intent) {
    static struct stored s;
    struct pd_error err;
    size_t rounds = 0, attested = 0;
    memset(&s, 0, sizeof(s));
    if (!pd_id_parse(pd_str_from(intent), &s.intent))
        exit(fprintf(stderr, "bench: \"%s\" is no intent\n", intent) > 0 ? 64 : 70);
    s.arena = pd_arena_new(ROOM);
    struct pd_clock clock = pd_clock_system();
    bench_must(govern_open(folder, STORE_READ, "bench", &clock, &s.g, &err), &err);
    double start = bench_cpu_seconds(), passed;
    for (; (passed = bench_cpu_seconds() - start) < SECONDS; rounds += ROUNDS)
        bench_must(store_transact(s.g->store, decide_all, &s, &err), &err);
    for (size_t i = 0; i < s.facts.count; i++)
        attested += s.facts.list[i].class_ == LAW_ATTESTED;
    printf(
        "an act's finding, facts from the store\t%.2f\t%s; %zu facts, %zu attested: %.2f to load, "
        "%.2f to find\n",
        passed / (double)rounds * 1e6, law_outcome_name(s.finding->outcome), s.facts.count,
        attested, s.gathering / (double)rounds * 1e6, s.finding_out / (double)rounds * 1e6);
    govern_close(s.g);
    pd_arena_free(s.arena);
}

int main(int argc, char **argv) {
    if (argc < 4)
        return fprintf(stderr, "usage: bench_law_finding RULES NODE INTENT...\n"), 64;
    measure_loading(argv[1], "cn");
    measure_loading(argv[1], packs);
    measure_findings(argv[1]);
    for (int i = 3; i < argc; i++)
        measure_stored(argv[2], argv[i]);
    return 0;
}
