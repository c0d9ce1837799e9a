/*
 * How fast the law answers: bench_law CASES, the folder that bench/law/cases.py writes.
 *
 * Prints "case<TAB>engine<TAB>decisions/s<TAB>median ns<TAB>p99 ns" as the peers do, and writes
 * what it answered to CASES/<case>/answers.polder. What Cedar alone does not do (findings, loading
 * packs, facts from a store) is in law_finding.c.
 */
#include "bench.h"
#include "law/cedar.h"

#include <dirent.h>
#include <jansson.h>
#include <string.h>

enum { REQUESTS_MAX = 1000, TIMED = 200000, TEXT_MAX = 16 << 20, ROOM = 256 << 20 };
static const double SECONDS = 2;

struct cases {
    char folder[512];
    struct pd_arena *arena;
    struct law_policies *policies;
    const struct law_entities *entities;
    struct law_request requests[REQUESTS_MAX];
    pd_str contexts[REQUESTS_MAX], entities_json;
    size_t request_count;
};

static pd_str slurp(const struct cases *c, const char *name) {
    char path[640];
    snprintf(path, sizeof(path), "%s/%s", c->folder, name);
    FILE *file = fopen(path, "rb");
    size_t size = 0, n;
    char *text = pd_arena_alloc(c->arena, TEXT_MAX);
    if (!file || !text)
        exit(fprintf(stderr, "bench: open %s\n", path) > 0 ? 66 : 70);
    while ((n = fread(text + size, 1, TEXT_MAX - size, file)) > 0)
        size += n;
    fclose(file);
    return (pd_str){text, size};
}

static pd_str text_of(struct cases *c, const json_t *object, const char *name) {
    pd_str text =
        pd_arena_str(c->arena, pd_str_from(json_string_value(json_object_get(object, name))));
    if (!text.data)
        exit(fprintf(stderr, "bench: a request without %s\n", name) > 0 ? 65 : 70);
    return text;
}

static struct law_uid uid_of(struct cases *c, const json_t *request, const char *name) {
    const json_t *uid = json_object_get(request, name);
    return (struct law_uid){text_of(c, uid, "type"), text_of(c, uid, "id")};
}

static void read_requests(struct cases *c) {
    struct pd_error err;
    json_t *list;
    bench_must(pd_json_parse(slurp(c, "requests.json"), TEXT_MAX, 64, &list, &err), &err);
    c->request_count = json_array_size(list);
    if (c->request_count == 0 || c->request_count > REQUESTS_MAX)
        exit(fprintf(stderr, "bench: a case has 1 to %d requests\n", REQUESTS_MAX) > 0 ? 65 : 70);
    for (size_t i = 0; i < c->request_count; i++) {
        const json_t *from = json_array_get(list, i);
        struct law_request *request = &c->requests[i];
        char *context = json_dumps(json_object_get(from, "context"), JSON_COMPACT);
        c->contexts[i] = pd_arena_str(c->arena, pd_str_from(context));
        free(context);
        request->principal = uid_of(c, from, "principal");
        request->action = uid_of(c, from, "action");
        request->resource = uid_of(c, from, "resource");
        bench_must(law_value_parse_json(PD_STR("context"), c->contexts[i], c->arena,
                                        &request->context, &err),
                   &err);
    }
    json_decref(list);
}

static void open_case(struct cases *c, const char *folder) {
    struct pd_error err;
    snprintf(c->folder, sizeof(c->folder), "%s", folder);
    c->arena = pd_arena_new(ROOM);
    c->policies = law_policies_new(ROOM);
    bench_must(law_policies_parse(c->policies, PD_STR("policies.cedar"), slurp(c, "policies.cedar"),
                                  LAW_IDS_NUMBERED, &err),
               &err);
    c->entities_json = slurp(c, "entities.json");
    bench_must(
        law_entities_parse(PD_STR("entities.json"), c->entities_json, c->arena, &c->entities, &err),
        &err);
    read_requests(c);
}

/* ---- Three ways to ask ---- */

struct engine {
    struct cases *c;
    struct law_scratch *scratch;
    struct pd_arena *arena; /* for the answer; emptied before each question */
    struct pd_mark mark;
    struct law_answer answer;
};

static void decide(struct engine *e, size_t i) {
    struct pd_error err;
    bench_must(
        law_decide(e->scratch, e->c->entities, &e->c->requests[i], e->arena, &e->answer, &err),
        &err);
}

static void authorize(struct engine *e, size_t i) {
    struct pd_error err;
    pd_arena_reset(e->arena, e->mark);
    bench_must(law_authorize(e->c->policies, e->c->entities, &e->c->requests[i], e->arena,
                             &e->answer, &err),
               &err);
}

static void from_json(struct engine *e, size_t i) {
    struct pd_error err;
    struct law_request request = e->c->requests[i];
    const struct law_entities *entities;
    pd_arena_reset(e->arena, e->mark);
    bench_must(law_value_parse_json(PD_STR("context"), e->c->contexts[i], e->arena,
                                    &request.context, &err),
               &err);
    bench_must(
        law_entities_parse(PD_STR("entities"), e->c->entities_json, e->arena, &entities, &err),
        &err);
    bench_must(law_decide(e->scratch, entities, &request, e->arena, &e->answer, &err), &err);
}

static const struct {
    const char *name;
    void (*ask)(struct engine *e, size_t request);
} ways[] = {
    {"polder", decide},
    {"polder, policies asked one by one", authorize},
    {"polder, entities and context from JSON each time", from_json},
};

static int compare_times(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void measure(struct engine *e, const char *case_name, size_t way) {
    static double times[TIMED];
    size_t n = e->c->request_count, timed;
    size_t rounds = 0;
    double start = bench_cpu_seconds(), passed;
    for (; (passed = bench_cpu_seconds() - start) < SECONDS; rounds += n)
        for (size_t i = 0; i < n; i++)
            ways[way].ask(e, i);
    double per_second = (double)rounds / passed;
    timed = per_second * SECONDS > TIMED ? TIMED : (size_t)(per_second * SECONDS);
    for (size_t i = 0; i < timed; i++) {
        double before = bench_seconds();
        ways[way].ask(e, i % n);
        times[i] = bench_seconds() - before;
    }
    qsort(times, timed, sizeof(*times), compare_times);
    printf("%s\t%s\t%.0f\t%.0f\t%.0f\n", case_name, ways[way].name, per_second,
           times[timed / 2] * 1e9, times[timed * 99 / 100] * 1e9);
}

static void write_answers(struct engine *e) {
    char path[640];
    snprintf(path, sizeof(path), "%s/answers.polder", e->c->folder);
    FILE *file = fopen(path, "w");
    for (size_t i = 0; file && i < e->c->request_count; i++) {
        decide(e, i);
        if (e->answer.error_count > 0)
            exit(fprintf(stderr, "bench: a policy errs\n") > 0 ? 65 : 70);
        fprintf(file, e->answer.is_allowed ? "allow" : "deny");
        for (size_t j = 0; j < e->answer.reason_count; j++)
            fprintf(file, " %zu", e->answer.reasons[j]);
        fprintf(file, "\n");
    }
    if (!file || fclose(file) != 0)
        exit(fprintf(stderr, "bench: write %s\n", path) > 0 ? 74 : 70);
}

static void run(const char *folder, const char *case_name) {
    static struct cases c;
    struct pd_error err;
    const struct law_program *program;
    open_case(&c, folder);
    struct engine e = {.c = &c, .arena = pd_arena_new(ROOM)};
    bench_must(law_program_make(c.policies, c.arena, &program, &err), &err);
    bench_must(law_scratch_make(program, c.arena, &e.scratch, &err), &err);
    e.mark = pd_arena_mark(e.arena);
    write_answers(&e);
    for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++)
        measure(&e, case_name, way);
    pd_arena_free(e.arena);
    pd_arena_free(c.arena);
    law_policies_free(c.policies);
}

/* What reading the clock adds to each time that is measured singly. */
static void measure_clock(void) {
    static double times[TIMED];
    for (size_t i = 0; i < TIMED; i++) {
        double before = bench_seconds();
        times[i] = bench_seconds() - before;
    }
    qsort(times, TIMED, sizeof(*times), compare_times);
    printf("clock\tthe clock alone\t0\t%.0f\t%.0f\n", times[TIMED / 2] * 1e9,
           times[TIMED * 99 / 100] * 1e9);
}

int main(int argc, char **argv) {
    if (argc != 2)
        return fprintf(stderr, "usage: bench_law CASES\n"), 64;
    struct dirent **entries;
    int count = scandir(argv[1], &entries, NULL, alphasort);
    if (count < 0)
        return fprintf(stderr, "bench: open %s\n", argv[1]), 66;
    measure_clock();
    for (int i = 0; i < count; i++) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", argv[1], entries[i]->d_name);
        if (entries[i]->d_type == DT_DIR && entries[i]->d_name[0] != '.')
            run(path, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return 0;
}
