/* Decisions per second: bench_law POLICIES CONTEXT ENTITIES. The same files go to the peer
 * (law.mjs). */
#include "bench.h"
#include "govern/govern.h"
#include "law/cedar.h"

#include <string.h>

static pd_str slurp(const char *path) {
    FILE *file = fopen(path, "rb");
    size_t size = 0, n;
    char *text = malloc(1 << 20);
    if (!file || !text)
        exit(fprintf(stderr, "bench: open %s\n", path) > 0 ? 66 : 70);
    while ((n = fread(text + size, 1, (1 << 20) - size, file)) > 0)
        size += n;
    fclose(file);
    return (pd_str){text, size};
}

static const struct law_request REQUEST = {
    .principal = {PD_STR_INIT("Polder::Party"), PD_STR_INIT("transport")},
    .action = {PD_STR_INIT("Polder::Action"), PD_STR_INIT("open")},
    .resource = {PD_STR_INIT("Polder::Distribution"), PD_STR_INIT("d1")},
};

/* Cedar alone. With its request from JSON each time, as a peer gets it; or parsed already. */
static void authorize(const char *const *paths, bool from_json) {
    struct pd_error err;
    struct law_policies *policies = law_policies_new(64 << 20);
    pd_str context = slurp(paths[1]), entities = slurp(paths[2]);
    bench_must(law_policies_parse(policies, pd_str_from(paths[0]), slurp(paths[0]),
                                  LAW_IDS_ANNOTATED, &err),
               &err);
    struct pd_arena *arena = pd_arena_new(64 << 20);
    struct law_request request = REQUEST;
    const struct law_entities *store;
    bench_must(law_value_parse_json(PD_STR("context"), context, arena, &request.context, &err),
               &err);
    bench_must(law_entities_parse(PD_STR("entities"), entities, arena, &store, &err), &err);
    struct pd_mark mark = pd_arena_mark(arena);
    struct law_answer answer = {0};
    size_t rounds = 0;
    double start = bench_seconds(), passed;
    while ((passed = bench_seconds() - start) < 2) {
        for (int i = 0; i < 100; i++, rounds++) {
            pd_arena_reset(arena, mark);
            if (from_json) {
                bench_must(
                    law_value_parse_json(PD_STR("context"), context, arena, &request.context, &err),
                    &err);
                bench_must(law_entities_parse(PD_STR("entities"), entities, arena, &store, &err),
                           &err);
            }
            bench_must(law_authorize(policies, store, &request, arena, &answer, &err), &err);
        }
    }
    printf("polder, authorize%s: %.0f/s (%s, %zu reasons of %zu policies)\n",
           from_json ? ", context and entities from JSON each time" : "", (double)rounds / passed,
           answer.is_allowed ? "allow" : "deny", answer.reason_count, law_policies_count(policies));
    pd_arena_free(arena);
    law_policies_free(policies);
}

/* The whole finding: articles, obligations, remedies, missing facts, what was decisive. */
static void find(const char *outcome, const struct law_fact *facts, size_t count) {
    struct pd_error err;
    struct pd_arena *arena = pd_arena_new(64 << 20);
    const struct law_file *files;
    size_t file_count;
    struct law_rules *rules;
    bench_must(govern_bundled_rules(PD_STR("cn"), arena, &files, &file_count, &err), &err);
    bench_must(law_rules_new(files, file_count, &rules, &err), &err);
    struct law_case c = {
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
    double start = bench_seconds(), passed;
    while ((passed = bench_seconds() - start) < 2)
        for (int i = 0; i < 100; i++, rounds++) {
            pd_arena_reset(arena, mark);
            bench_must(law_find(rules, &c, arena, &finding, &err), &err);
        }
    if (strcmp(law_outcome_name(finding->outcome), outcome))
        exit(fprintf(stderr, "bench: the finding is %s, not %s\n",
                     law_outcome_name(finding->outcome), outcome));
    printf("polder, finding that ends in %s: %.0f/s\n", outcome, (double)rounds / passed);
    law_rules_free(rules);
    pd_arena_free(arena);
}

int main(int argc, char **argv) {
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
    if (argc != 4)
        return fprintf(stderr, "usage: bench_law POLICIES CONTEXT ENTITIES\n"), 64;
    const char *const *paths = (const char *const *)argv + 1;
    authorize(paths, true);
    authorize(paths, false);
    find("permit", facts, 5);
    find("open", facts + 1, 4);
    return 0;
}
