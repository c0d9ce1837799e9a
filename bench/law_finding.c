/*
 * What Polder adds to Cedar: bench_law_finding RULES NODE FILE INTENT...
 *
 *     RULES    a folder of packs, such as law/
 *     NODE     the data folder of a node under the pack cn
 *     INTENT   one of its intents that is left open, to publish FILE
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
    pd_str content; /* hex of the bytes that the facts are about */
    bool is_recorded;
    struct pd_arena *arena;
    struct facts facts;
    const struct law_finding *finding;
    double to_load, to_find;
    char hash[2 * CRYPTO_HASH_SIZE + 1];
};

/* What the doorway has in memory when it asks the store: inspection just measured it, or it was
 * declared with the request. */
static const struct law_fact at_hand[] = {
    {.name = PD_STR_INIT("holds_identifiers"), .value = {.kind = LAW_BOOL}, .class_ = LAW_MEASURED},
    {.name = PD_STR_INIT("quasi_columns"), .value = {.kind = LAW_LONG}, .class_ = LAW_MEASURED},
    {.name = PD_STR_INIT("rows"),
     .value = {.kind = LAW_LONG, .number = 60},
     .class_ = LAW_MEASURED},
    {.name = PD_STR_INIT("purpose"),
     .value = {.kind = LAW_STRING, .text = PD_STR_INIT("statistics")},
     .class_ = LAW_DECLARED},
    {.name = PD_STR_INIT("legal_basis"),
     .value = {.kind = LAW_STRING, .text = PD_STR_INIT("public_task")},
     .class_ = LAW_DECLARED},
    {.name = PD_STR_INIT("is_commercial_confidential"),
     .value = {.kind = LAW_BOOL, .boolean = true},
     .class_ = LAW_DECLARED},
};

/* As the doorway does it in its transaction (govern/act.c): are the rules still those in force; the
 * facts, of which the attested ones come from the store, each unsealed with its own key; their
 * hash; the finding. For a recorded case the measured facts come from the sealed record of its act.
 */
static void decide(struct stored *s) {
    struct pd_error err;
    bool changed;
    pd_time now = 1795435200 * PD_SECOND; /* 2026-11-23 */
    double start = bench_cpu_seconds();
    bench_must(node_load_rules(s->g, &changed, &err), &err);
    if (s->is_recorded) {
        bench_must(intent_measured(s->g, s->intent, s->arena, &s->facts, &err), &err);
    } else {
        memcpy(s->facts.list, at_hand, sizeof(at_hand));
        s->facts.count = sizeof(at_hand) / sizeof(at_hand[0]);
    }
    bench_must(facts_add_attested(s->g, s->intent, s->content, now, s->arena, &s->facts, &err),
               &err);
    crypto_hash hash = act_facts_hash(s->facts.list, s->facts.count);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), s->hash);
    s->to_load += bench_cpu_seconds() - start;
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
    s->to_find += bench_cpu_seconds() - start;
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

static void measure_stored(struct govern *g, const char *intent, pd_str content, bool is_recorded) {
    static struct stored s;
    struct pd_error err;
    size_t rounds = 0, attested = 0;
    memset(&s, 0, sizeof(s));
    if (!pd_id_parse(pd_str_from(intent), &s.intent))
        exit(fprintf(stderr, "bench: \"%s\" is no intent\n", intent) > 0 ? 64 : 70);
    s.g = g;
    s.content = content;
    s.is_recorded = is_recorded;
    s.arena = pd_arena_new(ROOM);
    double start = bench_cpu_seconds(), passed;
    for (; (passed = bench_cpu_seconds() - start) < SECONDS; rounds += ROUNDS)
        bench_must(store_transact(g->store, decide_all, &s, &err), &err);
    for (size_t i = 0; i < s.facts.count; i++)
        attested += s.facts.list[i].class_ == LAW_ATTESTED;
    printf("%s\t%.2f\t%s; %zu facts, %zu attested: %.2f to load, %.2f to find\n",
           is_recorded ? "a recorded case, all facts from the store"
                       : "an act at the doorway, attested facts from the store",
           passed / (double)rounds * 1e6, law_outcome_name(s.finding->outcome), s.facts.count,
           attested, s.to_load / (double)rounds * 1e6, s.to_find / (double)rounds * 1e6);
    pd_arena_free(s.arena);
}

/* The hex of a file's hash: what facts about its bytes are bound to. */
static void hash_file(const char *path, char out[2 * CRYPTO_HASH_SIZE + 1]) {
    static char bytes[1 << 20];
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
    if (!file || !feof(file))
        exit(fprintf(stderr, "bench: read %s\n", path) > 0 ? 66 : 70);
    fclose(file);
    crypto_hash hash = crypto_sha256(bytes, n);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), out);
}

int main(int argc, char **argv) {
    char content[2 * CRYPTO_HASH_SIZE + 1];
    struct pd_error err;
    struct govern *g;
    if (argc < 5)
        return fprintf(stderr, "usage: bench_law_finding RULES NODE FILE INTENT...\n"), 64;
    measure_loading(argv[1], "cn");
    measure_loading(argv[1], packs);
    measure_findings(argv[1]);
    struct pd_clock clock = pd_clock_system();
    bench_must(govern_open(argv[2], STORE_READ, "bench", &clock, &g, &err), &err);
    hash_file(argv[3], content);
    for (int i = 4; i < argc; i++) {
        measure_stored(g, argv[i], pd_str_from(content), false);
        measure_stored(g, argv[i], pd_str_from(content), true);
    }
    govern_close(g);
    return 0;
}
