/*
 * An act against a whole pack, its facts loaded from the store: bench_law_stored NODE INTENT...
 *
 *     NODE     the data folder of a node under the pack cn
 *     INTENT   one of its intents that is left open; facts may be attested for it
 *
 * Each is measured as a whole, in processor time: RUNS times, the best and the worst of them shown.
 * Prints "what<TAB>microseconds<TAB>what came out".
 */
#include "bench.h"
#include "govern/govern_impl.h"

#include <string.h>

enum { ROOM = 64 << 20, ROUNDS = 200, RUNS = 5 };
static const double SECONDS = 1; /* a run */

struct stored {
    struct govern *g;
    pd_id intent;
    pd_str content;       /* hex of the bytes that the facts are about */
    pd_time now;          /* after the newest attestation */
    struct facts at_hand; /* what the doorway has in memory: measured just now, or declared */
    bool is_signed;   /* the steward signs the plan, and so says that no person is in the data */
    bool is_recorded; /* what was measured isn't at hand */
    struct pd_arena *arena;
    struct facts facts;
    const struct law_finding *finding;
    enum law_outcome outcome;
};

/* As the doorway does it in its transaction (govern/act.c): are the rules still those in force; the
 * facts, of which the attested ones come from the store, each unsealed with its own key; their
 * hash, which the finding is bound to; the finding. For a recorded case the measured facts come
 * from the sealed record of its act as well. */
static enum pd_status decide(struct stored *s, struct pd_error *err) {
    bool changed;
    enum pd_status st = node_load_rules(s->g, &changed, err);
    s->facts = s->at_hand;
    if (st == PD_OK && s->is_recorded)
        st = intent_measured(s->g, s->intent, s->arena, &s->facts, err);
    if (st == PD_OK)
        st = facts_add_attested(s->g, s->intent, s->content, s->now, s->arena, &s->facts, err);
    static const pd_str says[] = {PD_STR_INIT("is_personal")};
    if (st == PD_OK && s->is_signed)
        st = facts_add_signed(says, 1, PD_STR("transport"), s->now, &s->facts, err);
    if (st != PD_OK)
        return st;
    act_facts_hash(s->facts.list, s->facts.count);
    const struct law_case c = {
        .verb = PD_STR_INIT("open"),
        .party = {PD_STR("transport"), PD_STR("state_organ"), PD_STR("government"), PD_STR("CN")},
        .resource_type = PD_STR_INIT("Distribution"),
        .resource_id = PD_STR_INIT("d1"),
        .facts = s->facts.list,
        .fact_count = s->facts.count,
        .now = s->now};
    return law_find(s->g->rules, &c, s->arena, &s->finding, err);
}

static enum pd_status decide_all(struct store *store, void *context, struct pd_error *err) {
    struct stored *s = context;
    struct pd_mark mark = pd_arena_mark(s->arena);
    enum pd_status st = PD_OK;
    (void)store;
    for (int i = 0; st == PD_OK && i < ROUNDS; i++) {
        st = decide(s, err);
        s->outcome = st == PD_OK ? s->finding->outcome : s->outcome;
        pd_arena_reset(s->arena, mark);
    }
    return st;
}

static double run(struct stored *s) {
    struct pd_error err;
    size_t rounds = 0;
    double start = bench_cpu_seconds(), passed;
    for (; (passed = bench_cpu_seconds() - start) < SECONDS; rounds += ROUNDS)
        bench_must(store_transact(s->g->store, decide_all, s, &err), &err);
    return passed / (double)rounds * 1e6;
}

static void measure(struct stored *s, size_t stored) {
    double best = 0, worst = 0;
    for (int i = 0; i < RUNS; i++) {
        double took = run(s);
        best = i == 0 || took < best ? took : best;
        worst = took > worst ? took : worst;
    }
    printf("%s, %zu stored facts\t%.1f\t%s, of %zu facts; at most %.1f\n",
           s->is_recorded ? "a recorded act asked again" : "an act at the doorway", stored, best,
           law_outcome_name(s->outcome), s->facts.count, worst);
}

static void measure_intent(struct govern *g, const char *id) {
    struct pd_error err;
    struct stored s = {.g = g, .arena = pd_arena_new(ROOM)};
    struct govern_run asked = {.g = g, .arena = s.arena};
    struct pd_clock clock = pd_clock_system();
    pd_str repair;
    s.now = pd_clock_now(&clock);
    if (!pd_id_parse(pd_str_from(id), &s.intent))
        exit(fprintf(stderr, "bench: \"%s\" is no intent\n", id) > 0 ? 64 : 70);
    bench_must(intent_load(&asked, s.intent, &s.content, &repair, &err), &err);
    bench_must(intent_measured(g, s.intent, s.arena, &s.at_hand, &err), &err);
    bench_must(facts_add_declared(g, &asked.request, false, s.now, s.arena, &s.at_hand, &err),
               &err);
    struct facts stored = {.count = 0};
    bench_must(facts_add_attested(g, s.intent, s.content, s.now, s.arena, &stored, &err), &err);
    for (int way = 0; way < 4; way++) {
        s.is_recorded = way / 2;
        s.is_signed = way % 2;
        measure(&s, stored.count);
    }
    pd_arena_free(s.arena);
}

int main(int argc, char **argv) {
    struct pd_error err;
    struct govern *g;
    if (argc < 3)
        return fprintf(stderr, "usage: bench_law_stored NODE INTENT...\n"), 64;
    struct pd_clock clock = pd_clock_system();
    bench_must(govern_open(argv[1], STORE_READ, "bench", &clock, &g, &err), &err);
    for (int i = 2; i < argc; i++)
        measure_intent(g, argv[i]);
    govern_close(g);
    return 0;
}
