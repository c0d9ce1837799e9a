/* Schemas in both syntaxes, and policies under them. What is refused says why, in text that can be
 * shown. Policies follow the schema behind a line `----`, entities behind another. */
#include <stdio.h>
#include <stdlib.h>

#include "law/cedar_schema.h"

enum { ROOM = 32 << 20 };

#define REQUIRE(truth)                                                                             \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            fprintf(stderr, "broken promise, line %d: %s\n", __LINE__, #truth);                    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void validate(const struct law_schema *schema, pd_str text, pd_str json,
                     struct pd_arena *arena) {
    const struct law_entities *entities;
    struct law_policies *policies = law_policies_new(ROOM);
    const struct law_problem *problems = NULL;
    size_t count = 0;
    struct pd_error err = {0};
    REQUIRE(policies);
    if (law_policies_parse(policies, PD_STR("p"), text, LAW_IDS_NUMBERED, &err) == PD_OK &&
        law_validate(policies, schema, 1, arena, &problems, &count, &err) == PD_OK)
        for (size_t i = 0; i < count; i++)
            REQUIRE(pd_utf8_valid(problems[i].message, NULL));
    law_policies_free(policies);
    if (law_schema_parse_entities(schema, PD_STR("e"), json, arena, &entities, &err) != PD_OK)
        REQUIRE(err.text[0] && pd_utf8_valid(pd_str_from(err.text), NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum law_schema_form forms[] = {LAW_SCHEMA_CEDAR, LAW_SCHEMA_JSON};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ROOM);
        const struct law_schema *schema = NULL;
        struct pd_error err = {0};
        pd_str text = {(const char *)data, size};
        size_t line = pd_str_find(text, PD_STR("----"));
        pd_str entities = {NULL, 0};
        pd_str policies = line == PD_NPOS ? (pd_str){NULL, 0} : pd_str_sub(text, line + 4, size);
        text = pd_str_sub(text, 0, line);
        line = pd_str_find(policies, PD_STR("----"));
        if (line != PD_NPOS) {
            entities = pd_str_sub(policies, line + 4, size);
            policies = pd_str_sub(policies, 0, line);
        }
        REQUIRE(arena);
        if (law_schema_parse(PD_STR("s"), text, forms[i], arena, &schema, &err) == PD_OK)
            validate(schema, policies, entities, arena);
        else
            REQUIRE(!schema && err.text[0] && pd_utf8_valid(pd_str_from(err.text), NULL));
        pd_arena_free(arena);
    }
    return 0;
}
