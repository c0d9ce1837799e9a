/* Entities and values in Cedar's JSON. What is read must be ordered, and equal to itself. */
#include <stdio.h>
#include <stdlib.h>

#include "law/cedar.h"

enum { ROOM = 32 << 20 };

#define REQUIRE(truth)                                                                             \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            fprintf(stderr, "broken promise, line %d: %s\n", __LINE__, #truth);                    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void check_value(const struct law_value *v) {
    REQUIRE(law_value_compare(v, v) == 0);
    for (size_t i = 0; v->kind == LAW_VALUE_SET && i < v->set.count; i++) {
        check_value(&v->set.items[i]);
        REQUIRE(i == 0 || law_value_compare(&v->set.items[i - 1], &v->set.items[i]) < 0);
    }
    for (size_t i = 0; v->kind == LAW_VALUE_RECORD && i < v->record.count; i++) {
        const struct law_member *member = &v->record.members[i];
        check_value(&member->value);
        REQUIRE(law_value_find(v, member->name) == &member->value);
    }
}

static void ask(const struct law_entities *entities, struct pd_arena *arena) {
    static const char text[] = "permit(principal in A::\"b\", action, resource)\n"
                               "when { principal has x && principal.x == principal.x };";
    struct law_policies *set = law_policies_new(ROOM);
    struct law_answer answer;
    const struct law_request request = {.principal = {PD_STR("A"), PD_STR("a")},
                                        .action = {PD_STR("Action"), PD_STR("v")},
                                        .resource = {PD_STR("A"), PD_STR("c")}};
    REQUIRE(set && law_policies_parse(set, PD_STR("p"), pd_str_from(text), LAW_IDS_NUMBERED,
                                      NULL) == PD_OK);
    if (law_authorize(set, entities, &request, arena, &answer, NULL) == PD_OK)
        REQUIRE(answer.error_count == 0);
    law_policies_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pd_arena *arena = pd_arena_new(ROOM);
    const struct law_entities *entities = NULL;
    struct law_value value;
    struct pd_error err = {0};
    pd_str json = {(const char *)data, size};
    REQUIRE(arena);
    if (law_value_parse_json(PD_STR("v"), json, arena, &value, &err) == PD_OK)
        check_value(&value);
    else
        REQUIRE(err.text[0] != '\0' && pd_utf8_valid(pd_str_from(err.text), NULL));
    if (law_entities_parse(PD_STR("e"), json, arena, &entities, &err) == PD_OK)
        ask(entities, arena);
    else
        REQUIRE(err.text[0] != '\0' && pd_utf8_valid(pd_str_from(err.text), NULL));
    pd_arena_free(arena);
    return 0;
}
