/*
 * Policy text. What is accepted must be accepted again as its policies' own texts, and what
 * evaluation says of unknown values must hold whatever the values turn out to be. A program made of
 * the set must answer as the set does.
 */
#include <stdio.h>
#include <stdlib.h>

#include "law/cedar.h"

#include "../tests/unit/law_same.h"

enum { ROOM = 32 << 20, POLICIES_MAX = 64 };

#define REQUIRE(truth)                                                                             \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            fprintf(stderr, "broken promise, line %d: %s\n", __LINE__, #truth);                    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static const char entities_json[] =
    "[{\"uid\":{\"type\":\"User\",\"id\":\"a\"},\"attrs\":{\"x\":1,\"s\":\"ab\",\"set\":[1,2]},"
    "\"parents\":[{\"type\":\"Group\",\"id\":\"g\"}],\"tags\":{\"t\":1}}]";

/** context = {n: 1, f: {k: 5, p: supply, q: supply}}; supply NULL leaves p and q out. */
static struct law_value make_context(struct pd_arena *arena, const struct law_value *supply) {
    struct law_value facts = {0}, context = {0};
    const struct law_member members[] = {
        {PD_STR("k"), law_value_long(5)},
        {PD_STR("p"), supply ? *supply : law_value_bool(true)},
        {PD_STR("q"), supply ? *supply : law_value_bool(true)},
    };
    REQUIRE(law_value_record(arena, members, supply ? 3 : 1, &facts, NULL) == PD_OK);
    const struct law_member outer[] = {{PD_STR("n"), law_value_long(1)}, {PD_STR("f"), facts}};
    REQUIRE(law_value_record(arena, outer, 2, &context, NULL) == PD_OK);
    return context;
}

/** Whether a verdict over unknown values leaves room for what came out with known ones. */
static bool is_compatible(enum law_verdict unknown, enum law_verdict known) {
    return unknown == LAW_VERDICT_UNKNOWN || unknown == known ||
           (known == LAW_VERDICT_ERROR && unknown != LAW_VERDICT_ERROR);
}

static void evaluate(const struct law_policy *policy, const struct law_entities *entities,
                     struct pd_arena *arena) {
    static const pd_str name = PD_STR_INIT("p");
    struct law_request request = {.principal = {PD_STR("User"), PD_STR("a")},
                                  .action = {PD_STR("Action"), PD_STR("v")},
                                  .resource = {PD_STR("Doc"), PD_STR("d")}};
    const struct law_value unknown = law_value_unknown(&name);
    const struct law_value supplies[] = {law_value_bool(true), law_value_bool(false),
                                         law_value_long(5), law_value_string(PD_STR("ab"))};
    struct law_evaluation over, with;
    request.context = make_context(arena, &unknown);
    if (law_policy_evaluate(policy, entities, &request, arena, &over, NULL) != PD_OK)
        return;
    for (size_t i = 0; i <= sizeof(supplies) / sizeof(supplies[0]); i++) {
        bool is_absent = i == sizeof(supplies) / sizeof(supplies[0]);
        request.context = make_context(arena, is_absent ? NULL : &supplies[i]);
        if (law_policy_evaluate(policy, entities, &request, arena, &with, NULL) != PD_OK)
            return;
        REQUIRE(with.verdict != LAW_VERDICT_UNKNOWN);
        REQUIRE(is_compatible(over.verdict, with.verdict));
    }
}

static void decide(const struct law_policies *set, const struct law_entities *entities,
                   struct pd_arena *arena) {
    static const pd_str name = PD_STR_INIT("p");
    const struct law_value unknown = law_value_unknown(&name), known = law_value_long(5);
    struct law_request request = {.principal = {PD_STR("User"), PD_STR("a")},
                                  .action = {PD_STR("Action"), PD_STR("v")},
                                  .resource = {PD_STR("Doc"), PD_STR("d")}};
    const struct law_program *program;
    struct law_scratch *scratch;
    struct law_answer asked, decided;
    if (law_program_make(set, arena, &program, NULL) != PD_OK ||
        law_scratch_make(program, arena, &scratch, NULL) != PD_OK)
        return;
    for (int i = 0; i < 3; i++) {
        request.context = make_context(arena, i == 0 ? NULL : i == 1 ? &known : &unknown);
        if (law_authorize(set, entities, &request, arena, &asked, NULL) == PD_OK &&
            law_decide(scratch, entities, &request, arena, &decided, NULL) == PD_OK)
            REQUIRE(law_answers_differ(&asked, &decided) == NULL);
    }
}

static bool visit(void *context, const struct law_path *path) {
    size_t *names = context;
    for (size_t i = 0; i < path->count; i++)
        *names += path->names[i].len;
    return true;
}

static void read_again(const struct law_policy *policy) {
    struct law_policies *again = law_policies_new(ROOM);
    struct pd_error err = {0};
    REQUIRE(again);
    enum pd_status st =
        law_policies_parse(again, PD_STR("again"), policy->text, LAW_IDS_NUMBERED, &err);
    REQUIRE(st == PD_LIMIT || (st == PD_OK && law_policies_count(again) == 1));
    law_policies_free(again);
}

static bool hear(void *context, const struct pd_error *why) {
    size_t *count = context;
    REQUIRE(why->text[0] != '\0' && pd_utf8_valid(pd_str_from(why->text), NULL));
    return ++*count < 20;
}

/** Going on behind what is wrong finds something wrong if and only if there is. */
static void read_each(pd_str text, enum pd_status whole) {
    struct law_policies *set = law_policies_new(ROOM);
    struct pd_error err = {0};
    size_t heard = 0;
    REQUIRE(set);
    enum pd_status st =
        law_policies_parse_each(set, PD_STR("each"), text, LAW_IDS_ANNOTATED, hear, &heard, &err);
    REQUIRE(st == PD_LIMIT || whole == PD_LIMIT || st == whole);
    REQUIRE(st == PD_LIMIT || (st == PD_OK) == (heard == 0));
    law_policies_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct law_policies *set = law_policies_new(ROOM);
    struct pd_arena *arena = pd_arena_new(ROOM);
    const struct law_entities *entities = NULL;
    struct pd_error err = {0};
    REQUIRE(set && arena);
    REQUIRE(law_entities_parse(PD_STR("e"), pd_str_from(entities_json), arena, &entities, &err) ==
            PD_OK);
    pd_str text = {(const char *)data, size};
    enum pd_status st = law_policies_parse(set, PD_STR("fuzz"), text, LAW_IDS_ANNOTATED, &err);
    read_each(text, st);
    if (st != PD_OK) {
        REQUIRE(err.text[0] != '\0' && law_policies_count(set) == 0);
        REQUIRE(pd_utf8_valid(pd_str_from(err.text), NULL));
    }
    for (size_t i = 0; i < law_policies_count(set) && i < POLICIES_MAX; i++) {
        const struct law_policy *policy = law_policies_get(set, i);
        size_t names = 0;
        law_policy_visit_paths(policy, visit, &names);
        read_again(policy);
        evaluate(policy, entities, arena);
    }
    decide(set, entities, arena);
    pd_arena_free(arena);
    law_policies_free(set);
    return 0;
}
