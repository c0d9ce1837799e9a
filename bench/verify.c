/*
 * A node of many acts, and how long it takes to verify: bench_verify FOLDER ACTS
 *
 * The acts are real: each asks the law of the cn pack, writes five rows or six (intent, dataset,
 * version, the act, its clocks), has its sealed record, receipt and leaf, and is integrated. One in
 * ten is a denial. There are 60 kinds of cases, as an office's days resemble each other. FOLDER is
 * filled unless it has a node; what is timed is govern_verify alone, with one thread and with two.
 */
#include "bench.h"
#include "govern/govern_impl.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* For the databases of this process: a million acts would otherwise wait a million times for the
 * disk. */
__attribute__((visibility("default"))) int fsync(int fd);
__attribute__((visibility("default"))) int fdatasync(int fd);
int fsync(int fd) {
    return fd < 0;
}
int fdatasync(int fd) {
    return fd < 0;
}

enum { GROUP = 1000, FACTS = 12 };

static pd_time the_time;

/* A thousandth of a second from look to look: ids sort. */
static pd_time told(void *context) {
    (void)context;
    return the_time += 1000;
}
static const struct pd_clock CLOCK = {told, NULL};

static void found(const char *folder, struct pd_arena *arena) {
    struct pd_error err = {0};
    const struct law_file *rules;
    size_t count;
    pd_str receipt;
    static const pd_str steward[] = {PD_STR_INIT("steward")};
    const struct govern_party party = {PD_STR("transport"), PD_STR("government"),
                                       PD_STR("state_organ"), PD_STR("CN")};
    const struct govern_member member = {PD_STR("transport"), PD_STR("lin"), steward, 1};
    bench_must(govern_bundled_rules(PD_STR("cn"), arena, &rules, &count, &err), &err);
    struct govern_founding founding = {.origin = PD_STR("bench.polder.example"),
                                       .jurisdiction = PD_STR("cn"),
                                       .parties = &party,
                                       .party_count = 1,
                                       .members = &member,
                                       .member_count = 1,
                                       .rules = rules,
                                       .rule_count = count};
    bench_must(govern_init(folder, &founding, &CLOCK, arena, &receipt, &err), &err);
}

/* ---- One act ---- */

struct making {
    struct act act;
    struct law_case law;
    struct law_fact facts[FACTS];
    pd_id intent;
    pd_str member, title, dataset, version;
    bool is_denied;
};

static void add(struct making *m, const char *name, enum law_class class_,
                struct law_scalar value) {
    m->facts[m->law.fact_count++] = (struct law_fact){.name = pd_str_from(name),
                                                      .value = value,
                                                      .class_ = class_,
                                                      .by = m->law.party.id,
                                                      .at = m->act.at};
}

static void add_facts(struct making *m, uint64_t nth) {
    static const char *const purposes[] = {"statistics", "transparency", "research"};
    struct law_scalar yes = {.kind = LAW_BOOL, .boolean = true}, no = {.kind = LAW_BOOL};
    add(m, "holds_identifiers", LAW_MEASURED, no);
    add(m, "quasi_columns", LAW_MEASURED, (struct law_scalar){.kind = LAW_LONG});
    add(m, "rows", LAW_MEASURED,
        (struct law_scalar){.kind = LAW_LONG, .number = (int64_t)(100 + nth % 20)});
    add(m, "is_personal", LAW_ATTESTED, no);
    m->facts[m->law.fact_count - 1].evidence = PD_STR("signature of the plan");
    add(m, "legal_basis", LAW_DECLARED,
        (struct law_scalar){.kind = LAW_STRING, .text = PD_STR("public_task")});
    add(m, "purpose", LAW_DECLARED,
        (struct law_scalar){.kind = LAW_STRING, .text = pd_str_from(purposes[nth % 3])});
    if (m->is_denied)
        add(m, "is_secret", LAW_DECLARED, yes);
}

static const struct sql INSERT_INTENT = {
    .both =
        "INSERT INTO intent (id, verb, party_id, member_id, state, idempotency_key, request_hash,"
        " key_id, sealed_request, created_at) VALUES ($1, 'open', 'transport', $2, $3, NULL, '',"
        " $4, $5, $6)"};
static const struct sql INSERT_DATASET = {
    .both =
        "INSERT INTO dataset (id, party_id, title, created_at) VALUES ($1, 'transport', $2, $3)"};
static const struct sql INSERT_VERSION = {
    .both =
        "INSERT INTO version (id, dataset_id, row_count, column_count, byte_count, grade, key_id,"
        " sealed_inspection, original_address, created_at)"
        " VALUES ($1, $2, 100, 3, 1500, 'general', $3, $4, NULL, $5)"};

static enum pd_status write_rows(void *context, struct govern *g, struct act *act,
                                 struct pd_error *err) {
    struct making *m = context;
    pd_str intent = govern_id_text(m->intent, act->arena),
           key = govern_id_text(act->key.id, act->arena);
    pd_str request, inspection;
    enum pd_status st =
        store_seal(&act->key, PD_STR("intent.request"),
                   PD_STR("{\"request\":1,\"title\":\"Kilometres of road by district\"}"),
                   act->arena, &request, err);
    if (st == PD_OK)
        st = store_seal(&act->key, PD_STR("version.inspection"), PD_STR("{\"inspection\":1}"),
                        act->arena, &inspection, err);
    struct store_value first[] = {STORE_STR(intent),
                                  STORE_STR(m->member),
                                  STORE_STR(m->is_denied ? PD_STR("denied") : PD_STR("done")),
                                  STORE_STR(key),
                                  STORE_BYTES(request),
                                  STORE_I64(act->at)};
    if (st == PD_OK)
        st = store_run(g->store, INSERT_INTENT, first, 6, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "intent", intent, err);
    if (st != PD_OK || m->is_denied)
        return st;
    struct store_value dataset[] = {STORE_STR(m->dataset), STORE_STR(m->title), STORE_I64(act->at)};
    struct store_value version[] = {STORE_STR(m->version), STORE_STR(m->dataset), STORE_STR(key),
                                    STORE_BYTES(inspection), STORE_I64(act->at)};
    st = store_run(g->store, INSERT_DATASET, dataset, 3, NULL, err);
    if (st == PD_OK)
        st = act_wrote(g, act, "dataset", m->dataset, err);
    if (st == PD_OK)
        st = store_run(g->store, INSERT_VERSION, version, 5, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "version", m->version, err) : st;
}

static void begin(struct govern *g, struct making *m, pd_str member, uint64_t nth,
                  struct pd_arena *arena) {
    struct pd_error err = {0};
    *m = (struct making){
        .member = member, .title = PD_STR("{\"en\":\"Roads\"}"), .is_denied = nth % 10 == 9};
    m->law = (struct law_case){
        .verb = PD_STR("open"),
        .party = {PD_STR("transport"), PD_STR("state_organ"), PD_STR("government"), PD_STR("CN")},
        .member = member,
        .resource_type = PD_STR("Distribution"),
        .facts = m->facts};
    m->act =
        (struct act){.verb = m->is_denied ? LEDGER_DENY : LEDGER_OPEN,
                     .outcome = m->is_denied ? LEDGER_OUTCOME_DENY : LEDGER_OUTCOME_PERMIT,
                     .is_disclosed = true,
                     .party = PD_STR("transport"),
                     .member = member,
                     .intent = &m->intent,
                     .has_object = true,
                     .object_kind = m->is_denied ? LEDGER_KIND_INTENT : LEDGER_KIND_DISTRIBUTION,
                     .effect = write_rows,
                     .context = m,
                     .arena = arena};
    bench_must(act_begin(g, &m->act, &err), &err);
    m->intent = m->act.object_id = crypto_id(m->act.at);
    m->dataset = govern_id_text(crypto_id(m->act.at), arena);
    m->version = govern_id_text(crypto_id(m->act.at), arena);
    m->law.resource_id = govern_id_text(m->act.object_id, arena);
    m->law.now = m->act.at;
    add_facts(m, nth);
    bench_must(law_find(g->rules, &m->law, arena, &m->act.finding, &err), &err);
    m->act.facts_hash = act_facts_hash(m->facts, m->law.fact_count);
    if (m->is_denied)
        m->act.asked = &m->law;
    else
        m->act.law = &m->law;
    bench_must(record_commit_text(&m->act, LEDGER_FIELD_MEMBER, member, arena, &err), &err);
}

/* ---- Filling ---- */

static void commit_group(struct govern *g, struct making *list, size_t count) {
    struct act_ask *asks = calloc(count, sizeof(*asks));
    struct pd_error *errors = calloc(count, sizeof(*errors));
    for (size_t i = 0; i < count; i++)
        asks[i] = (struct act_ask){.act = &list[i].act, .err = &errors[i]};
    act_commit_all(g, asks, count, NULL);
    for (size_t i = 0; i < count; i++)
        bench_must(asks[i].status, &errors[i]);
    free(asks);
    free(errors);
}

static void fill(const char *folder, uint64_t acts) {
    struct pd_error err = {0};
    struct govern *g;
    struct pd_arena *arena = pd_arena_new((size_t)512 << 20);
    pd_str member;
    bench_must(pd_time_parse(PD_STR("2026-11-02T08:00:00Z"), &the_time) ? PD_OK : PD_INVALID, &err);
    found(folder, arena);
    bench_must(govern_open(folder, STORE_WRITE, "bench", &CLOCK, &g, &err), &err);
    bench_must(
        node_find_member(g, PD_STR("transport"), PD_STR("lin"), g->arena, &member, NULL, &err),
        &err);
    struct making *list = calloc(GROUP, sizeof(*list));
    double began = bench_seconds();
    for (uint64_t done = 0; done < acts;) {
        struct pd_mark mark = pd_arena_mark(arena);
        size_t count = acts - done < GROUP ? (size_t)(acts - done) : GROUP;
        for (size_t i = 0; i < count; i++)
            begin(g, &list[i], member, done + i, arena);
        commit_group(g, list, count);
        done += count;
        pd_arena_reset(arena, mark);
        if (done % 100000 == 0)
            fprintf(stderr, "%llu acts, %.0f s\n", (unsigned long long)done,
                    bench_seconds() - began);
    }
    bench_must(govern_integrate(g, &err), &err);
    free(list);
    govern_close(g);
    pd_arena_free(arena);
    printf("filled with %llu acts in %.0f s\n", (unsigned long long)acts, bench_seconds() - began);
}

/* ---- Verifying ---- */

static double cpu_seconds(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static void verify(const char *folder, unsigned threads) {
    struct pd_error err = {0};
    struct pd_clock clock = pd_clock_system();
    struct govern *g;
    const struct govern_verified *v;
    struct pd_arena *arena = pd_arena_new((size_t)256 << 20);
    struct govern_verify_options options = {.threads = threads};
    struct rusage use;
    bench_must(govern_open_to_verify(folder, NULL, &clock, &g, &err), &err);
    double began = bench_seconds(), cpu = cpu_seconds();
    bench_must(govern_verify(g, &options, arena, &v, &err), &err);
    getrusage(RUSAGE_SELF, &use);
    printf("%u thread%s: %.1f s (%.1f s of processor), %llu acts, %llu rows, %llu receipts, %llu "
           "findings, "
           "%llu clocks, %llu keys, %zu flaws, %ld MB at most\n",
           threads, threads == 1 ? "" : "s", bench_seconds() - began, cpu_seconds() - cpu,
           (unsigned long long)v->acts, (unsigned long long)v->rows,
           (unsigned long long)v->receipts, (unsigned long long)v->findings,
           (unsigned long long)v->clocks, (unsigned long long)v->keys, v->flaw_count,
           use.ru_maxrss / 1024);
    for (size_t i = 0; i < v->flaw_count && i < 5; i++)
        printf("  FLAW %s %.*s: %.*s\n", v->flaws[i].check, pd_arg(v->flaws[i].where),
               pd_arg(v->flaws[i].what));
    fflush(stdout);
    govern_close(g);
    pd_arena_free(arena);
}

int main(int argc, char **argv) {
    struct stat about;
    if (argc != 3) {
        fprintf(stderr, "usage: bench_verify FOLDER ACTS\n");
        return 64;
    }
    if (stat(argv[1], &about) != 0)
        fill(argv[1], strtoull(argv[2], NULL, 10));
    verify(argv[1], 2);
    verify(argv[1], 1);
    return 0;
}
