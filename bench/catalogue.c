/* How much processor time a page of the catalogue costs: bench_catalogue DIR. See catalogue.sh. */
#include "bench.h"
#include "govern/govern.h"

#include <string.h>

enum { TIMES = 100 };

static const struct catalogue_viewer ANYBODY = {.sees_all = false}, PARTY = {.party = PD_STR_INIT("transport")}, ALL = {.sees_all = true};
static const struct catalogue_viewer *const VIEWERS[] = {&ANYBODY, &PARTY, &ALL};
static const char *const NAMES[] = {"anybody", "a party", "all"};

struct asked {
    struct govern *g;
    const struct catalogue_viewer *viewer;
    struct pd_arena *arena;
    pd_id dataset;
};

static enum pd_status newest(struct asked *a, struct pd_error *err) {
    const struct catalogue_datasets_query query = {.page = {.limit = 20}};
    struct catalogue_datasets out;
    return catalogue_datasets(a->g, a->viewer, &query, a->arena, &out, err);
}
static enum pd_status search(struct asked *a, struct pd_error *err, const char *words) {
    const struct catalogue_datasets_query query = {.search = pd_str_from(words)};
    struct catalogue_datasets out;
    return catalogue_datasets(a->g, a->viewer, &query, a->arena, &out, err);
}
static enum pd_status search_common(struct asked *a, struct pd_error *err) {
    return search(a, err, "district");
}
static enum pd_status search_chinese(struct asked *a, struct pd_error *err) {
    return search(a, err, "轨道交通车站");
}
static enum pd_status search_nothing(struct asked *a, struct pd_error *err) {
    return search(a, err, "nowhere to be found");
}
static enum pd_status by_grade(struct asked *a, struct pd_error *err) {
    const struct catalogue_datasets_query query = {.grade = PD_STR("general-4"), .party = PD_STR("health")};
    struct catalogue_datasets out;
    return catalogue_datasets(a->g, a->viewer, &query, a->arena, &out, err);
}
static enum pd_status one(struct asked *a, struct pd_error *err) {
    const struct catalogue_page page = {.limit = 20};
    struct catalogue_one out;
    return catalogue_dataset_find(a->g, a->viewer, a->dataset, &page, a->arena, &out, err);
}
static enum pd_status acts(struct asked *a, struct pd_error *err) {
    const struct catalogue_acts_query query = {.page = {.limit = 20}};
    struct catalogue_acts out;
    return catalogue_acts(a->g, a->viewer, &query, a->arena, &out, err);
}
static enum pd_status acts_rare(struct asked *a, struct pd_error *err) {
    const struct catalogue_acts_query query = {.verb = PD_STR("rotate_key")};
    struct catalogue_acts out;
    return catalogue_acts(a->g, a->viewer, &query, a->arena, &out, err);
}
static enum pd_status acts_about(struct asked *a, struct pd_error *err) {
    const struct catalogue_acts_query query = {.has_dataset = true, .dataset = a->dataset};
    struct catalogue_acts out;
    return catalogue_acts(a->g, a->viewer, &query, a->arena, &out, err);
}
static enum pd_status duties(struct asked *a, struct pd_error *err) {
    const struct catalogue_clocks_query query = {.state = PD_STR("overdue")};
    struct catalogue_clocks out;
    return catalogue_clocks(a->g, a->viewer, &query, a->arena, &out, err);
}
static enum pd_status intents(struct asked *a, struct pd_error *err) {
    const struct catalogue_intents_query query = {.state = PD_STR("open")};
    struct catalogue_intents out;
    return catalogue_intents(a->g, a->viewer, &query, a->arena, &out, err);
}
static enum pd_status parties(struct asked *a, struct pd_error *err) {
    const struct catalogue_parties_query query = {.page = {.limit = 20}};
    struct catalogue_parties out;
    return catalogue_parties(a->g, a->viewer, &query, a->arena, &out, err);
}
static enum pd_status summary(struct asked *a, struct pd_error *err) {
    struct catalogue_summary out;
    return catalogue_summary(a->g, a->arena, &out, err);
}

static const struct {
    const char *name;
    enum pd_status (*ask)(struct asked *a, struct pd_error *err);
} QUESTIONS[] = {
    {"datasets", newest},          {"a common word", search_common}, {"Chinese", search_chinese}, {"no such words", search_nothing},
    {"party and grade", by_grade}, {"one dataset", one},             {"acts", acts},              {"acts of a rare verb", acts_rare},
    {"acts about it", acts_about}, {"overdue duties", duties},       {"open intents", intents},   {"parties", parties},
    {"summary", summary},
};

static pd_time now(void *context) {
    (void)context;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (pd_time)t.tv_sec * PD_SECOND + t.tv_nsec / 1000;
}

int main(int argc, char **argv) {
    const struct pd_clock clock = {now, NULL};
    struct pd_error err = {0};
    struct asked a = {.arena = pd_arena_new((size_t)256 << 20)};
    if (argc != 2 || !a.arena)
        return 64;
    bench_must(govern_open(argv[1], STORE_READ, "bench", &clock, &a.g, &err), &err);
    const struct catalogue_datasets_query query = {.search = PD_STR("空气质量")};
    struct catalogue_datasets found;
    bench_must(catalogue_datasets(a.g, &ANYBODY, &query, a.arena, &found, &err), &err);
    a.dataset = found.items[0].id;
    printf("processor time of a page, microseconds (mean of %d)\n%-22s%10s%10s%10s\n", TIMES, "", NAMES[0], NAMES[1], NAMES[2]);
    for (size_t q = 0; q < sizeof(QUESTIONS) / sizeof(*QUESTIONS); q++) {
        printf("%-22s", QUESTIONS[q].name);
        for (size_t v = 0; v < 3; v++) {
            struct pd_mark mark = pd_arena_mark(a.arena);
            a.viewer = VIEWERS[v];
            double began = bench_cpu_seconds();
            for (int i = 0; i < TIMES; i++) {
                bench_must(QUESTIONS[q].ask(&a, &err), &err);
                pd_arena_reset(a.arena, mark);
            }
            printf("%10.0f", (bench_cpu_seconds() - began) * 1e6 / TIMES);
        }
        printf("\n");
    }
    govern_close(a.g);
    pd_arena_free(a.arena);
    return 0;
}
