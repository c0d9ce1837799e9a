/*
 * What Polder adds to Cedar: bench_law_finding RULES, a folder of packs such as law/.
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

int main(int argc, char **argv) {
    if (argc != 2)
        return fprintf(stderr, "usage: bench_law_finding RULES\n"), 64;
    measure_loading(argv[1], "cn");
    measure_loading(argv[1], packs);
    measure_findings(argv[1]);
    return 0;
}
