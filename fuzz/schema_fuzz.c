/* Schemas in both syntaxes. What is refused says why, in text that can be shown. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum law_schema_form forms[] = {LAW_SCHEMA_CEDAR, LAW_SCHEMA_JSON};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ROOM);
        const struct law_schema *schema = NULL;
        struct pd_error err = {0};
        pd_str text = {(const char *)data, size};
        REQUIRE(arena);
        if (law_schema_parse(PD_STR("s"), text, forms[i], arena, &schema, &err) == PD_OK)
            REQUIRE(law_schema_type_count(schema) + law_schema_action_count(schema) <=
                    LAW_DECLARATIONS_MAX);
        else
            REQUIRE(!schema && err.text[0] && pd_utf8_valid(pd_str_from(err.text), NULL));
        pd_arena_free(arena);
    }
    return 0;
}
