/*
 * A finding asks only the rules in whose scopes the case is. What a scope says can be said by a
 * condition too, and then every rule is asked: the packs of law/ rewritten so must find the same.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "govern/govern.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROOM         ((size_t)128 << 20)

static const char packs[] = "cn,eu,us,uk,de,jp,kr,au";

static void must(enum pd_status st, const struct pd_error *err) {
    if (st != PD_OK)
        fail_msg("%s", err->text);
}

/* ---- Scopes as conditions ---- */

static void add_condition(struct pd_buf *out, const char *variable, const struct law_scope *scope) {
    if (scope->form == LAW_SCOPE_ANY)
        return;
    pd_buf_printf(out, "when { %s", variable);
    if (scope->form == LAW_SCOPE_IS || scope->form == LAW_SCOPE_IS_IN)
        pd_buf_printf(out, " is %.*s", pd_arg(scope->type));
    if (scope->form != LAW_SCOPE_IS) {
        pd_buf_text(out, scope->form == LAW_SCOPE_EQUAL ? " == " : " in ");
        pd_buf_text(out, scope->is_single ? "" : "[");
        for (size_t i = 0; i < scope->entity_count; i++)
            pd_buf_printf(out, "%s%.*s::\"%.*s\"", i > 0 ? ", " : "",
                          pd_arg(scope->entities[i].type), pd_arg(scope->entities[i].id));
        pd_buf_text(out, scope->is_single ? "" : "]");
    }
    pd_buf_text(out, " }\n");
}

static pd_str rewrite(pd_str path, pd_str text, struct pd_arena *arena) {
    struct law_policies *set = law_policies_new(ROOM);
    struct pd_error err;
    struct pd_buf out = {0};
    must(law_policies_parse(set, path, text, LAW_IDS_ANNOTATED, &err), &err);
    for (size_t i = 0; i < law_policies_count(set); i++) {
        const struct law_policy *p = law_policies_get(set, i);
        size_t head = p->principal.place.offset - p->place.offset;
        pd_buf_str(&out, pd_str_sub(p->text, 0, head));
        pd_buf_text(&out, "principal, action, resource)\n");
        add_condition(&out, "action", &p->action);
        add_condition(&out, "resource", &p->resource);
        add_condition(&out, "principal", &p->principal);
        for (size_t j = 0; j < p->clause_count; j++)
            pd_buf_printf(&out, "%.*s\n", pd_arg(p->clauses[j].text));
        pd_buf_text(&out, ";\n");
    }
    pd_str copy = pd_arena_str(arena, pd_buf_view(&out));
    assert_non_null(copy.data);
    pd_buf_clear(&out);
    law_policies_free(set);
    return copy;
}

/* ---- Cases ---- */

struct cases {
    struct pd_arena *arena;
    struct law_rules *rules, *unscoped;
};

static int setup(void **state) {
    static struct cases c;
    struct pd_error err;
    const struct law_file *files;
    size_t count;
    c.arena = pd_arena_new(ROOM);
    must(govern_folder_rules("law", pd_str_from(packs), c.arena, &files, &count, &err), &err);
    must(law_rules_new(files, count, &c.rules, &err), &err);
    struct law_file *other = pd_arena_array(c.arena, count, sizeof(*other));
    assert_non_null(other);
    for (size_t i = 0; i < count; i++) {
        other[i] = files[i];
        if (pd_str_ends(files[i].path, PD_STR(".cedar")))
            other[i].text = rewrite(files[i].path, files[i].text, c.arena);
    }
    must(law_rules_new(other, count, &c.unscoped, &err), &err);
    *state = &c;
    return 0;
}

static int teardown(void **state) {
    struct cases *c = *state;
    law_rules_free(c->rules);
    law_rules_free(c->unscoped);
    pd_arena_free(c->arena);
    return 0;
}

static uint32_t below(uint64_t *seed, uint32_t n) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*seed >> 33) % n);
}

#define PICK(list) pd_str_from((list)[below(seed, COUNT(list))])

static void random_party(uint64_t *seed, const char *id, struct law_party *out) {
    static const char *const kinds[] = {"state_organ", "agency",     "company",
                                        "group",       "researcher", "foreign_authority"};
    static const char *const chambers[] = {"government", "enterprise", "public", ""};
    static const char *const countries[] = {"CN", "DE", "US", ""};
    *out = (struct law_party){pd_str_from(id), PICK(kinds), PICK(chambers), PICK(countries)};
}

static struct law_fact random_fact(const struct cases *c, uint64_t *seed) {
    uint32_t count = (uint32_t)law_rules_fact_count(c->rules);
    const struct law_fact_kind *kind = law_rules_fact_nth(c->rules, below(seed, count));
    struct law_fact fact = {.name = kind->name,
                            .class_ = (enum law_class)below(seed, LAW_CLASS_COUNT),
                            .at = (pd_time)below(seed, 5)};
    fact.value = (struct law_scalar){.kind = kind->type,
                                     .boolean = below(seed, 2),
                                     .number = below(seed, 12),
                                     .text = PD_STR("statistics")};
    if (kind->code_count > 0)
        fact.value.text = kind->codes[below(seed, (uint32_t)kind->code_count)];
    return fact;
}

enum { FACTS_MAX = 60 };
struct random_case {
    struct law_case asked;
    struct law_party recipient;
    struct law_fact facts[FACTS_MAX];
};

static void make_case(const struct cases *c, uint64_t *seed, struct random_case *out) {
    static const char *const verbs[] = {
        "collect",  "store",          "use",  "delete",   "share",          "open",
        "transfer", "request_access", "vote", "register", "request_access", "share"};
    static const char *const nouns[] = {"Distribution", "Version", "Dataset", "Intent"};
    size_t count = below(seed, FACTS_MAX);
    for (size_t i = 0; i < count; i++)
        out->facts[i] = random_fact(c, seed);
    random_party(seed, "other", &out->recipient);
    out->asked = (struct law_case){.verb = PICK(verbs),
                                   .member = below(seed, 2) ? PD_STR("m") : PD_STR(""),
                                   .recipient = below(seed, 2) ? &out->recipient : NULL,
                                   .resource_type = PICK(nouns),
                                   .resource_id = PD_STR("r"),
                                   .facts = out->facts,
                                   .fact_count = count};
    random_party(seed, "one", &out->asked.party);
    out->asked.now = (pd_time)(1000000000 + (int64_t)below(seed, 800000000)) * PD_SECOND;
}

/* The finding as JSON, in the arena. */
static pd_str find(const struct law_rules *rules, const struct law_case *asked,
                   struct pd_arena *arena, enum law_outcome *outcome) {
    struct pd_error err;
    const struct law_finding *finding;
    struct pd_buf buf;
    struct pd_json w;
    pd_str text;
    must(law_find(rules, asked, arena, &finding, &err), &err);
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    law_finding_write(finding, &w);
    must(pd_json_finish(&w, arena, &text, &err), &err);
    *outcome = finding->outcome;
    return text;
}

static void
a_finding_is_the_same_whether_scopes_or_conditions_say_whom_rules_are_about(void **state) {
    const struct cases *c = *state;
    size_t outcomes[3] = {0};
    for (uint64_t round = 0; round < 600; round++) {
        uint64_t seed = round * 104729 + 3;
        struct pd_mark mark = pd_arena_mark(c->arena);
        struct random_case given;
        enum law_outcome outcome, other;
        make_case(c, &seed, &given);
        pd_str one = find(c->rules, &given.asked, c->arena, &outcome);
        pd_str two = find(c->unscoped, &given.asked, c->arena, &other);
        outcomes[outcome]++;
        if (!pd_str_eq(one, two))
            fail_msg("round %llu:\n%.*s\n%.*s", (unsigned long long)round, pd_arg(one),
                     pd_arg(two));
        pd_arena_reset(c->arena, mark);
    }
    assert_true(outcomes[LAW_PERMIT] > 20 && outcomes[LAW_DENY] > 20 && outcomes[LAW_OPEN] > 20);
}

/* ---- Threads ---- */

enum { CASES = 60, THREADS = 4 };
struct share {
    const struct cases *c;
    const struct random_case *given;
    const pd_str *expected;
    int differences;
};

static void *find_all(void *context) {
    struct share *share = context;
    struct pd_arena *arena = pd_arena_new(ROOM);
    for (int i = 0; i < CASES; i++) {
        enum law_outcome outcome;
        pd_str text = find(share->c->rules, &share->given[i].asked, arena, &outcome);
        share->differences += !pd_str_eq(text, share->expected[i]);
    }
    pd_arena_free(arena);
    return NULL;
}

static void threads_that_share_rules_find_the_same(void **state) {
    const struct cases *c = *state;
    static struct random_case given[CASES];
    pd_str expected[CASES];
    struct share shares[THREADS];
    pthread_t threads[THREADS];
    uint64_t seed = 99;
    for (int i = 0; i < CASES; i++) {
        enum law_outcome outcome;
        make_case(c, &seed, &given[i]);
        expected[i] = find(c->rules, &given[i].asked, c->arena, &outcome);
    }
    for (int i = 0; i < THREADS; i++) {
        shares[i] = (struct share){c, given, expected, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, find_all, &shares[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(shares[i].differences, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_finding_is_the_same_whether_scopes_or_conditions_say_whom_rules_are_about),
        cmocka_unit_test(threads_that_share_rules_find_the_same),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
