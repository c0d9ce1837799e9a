/* Files of rules: the registry, a manifest, thresholds and policies, each behind a line `----`.
 * What is refused says why, in text that can be shown, at most 20 times a file; and checking the
 * rules says what loading them says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "law/law.h"

enum { ROOM = 64 << 20, FILES = 5 };

#define REQUIRE(truth)                                                                             \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            fprintf(stderr, "broken promise, line %d: %s\n", __LINE__, #truth);                    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void check_problems(const struct law_check *check) {
    REQUIRE(check->problem_count <= (size_t)LAW_PROBLEMS_MAX * (FILES + 1));
    for (size_t i = 0; i < check->problem_count; i++)
        REQUIRE(check->problems[i].len > 0 && pd_utf8_valid(check->problems[i], NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const paths[FILES] = {"facts.json", "node/manifest.json",
                                             "node/thresholds.json", "polder.cedarschema",
                                             "node/a.cedar"};
    struct law_file files[FILES];
    pd_str rest = {(const char *)data, size};
    size_t count = 0;
    for (; count < FILES && rest.data; count++) {
        size_t line = count + 1 < FILES ? pd_str_find(rest, PD_STR("----")) : PD_NPOS;
        files[count] = (struct law_file){pd_str_from(paths[count]), pd_str_sub(rest, 0, line)};
        rest = line == PD_NPOS ? (pd_str){NULL, 0} : pd_str_sub(rest, line + 4, size);
    }
    struct pd_arena *arena = pd_arena_new(ROOM);
    struct law_check check = {0};
    struct law_rules *fresh = NULL, *again = NULL;
    struct pd_error err = {PD_OK, ""};
    REQUIRE(arena);
    enum pd_status checked = law_rules_check(files, count, LAW_RULES_LEVEL, arena, &check, &err);
    REQUIRE(checked == PD_OK || checked == PD_LIMIT);
    enum pd_status loaded = law_rules_new(files, count, &fresh, &err);
    REQUIRE(loaded == PD_OK ||
            (!fresh && err.text[0] && pd_utf8_valid(pd_str_from(err.text), NULL)));
    if (checked == PD_OK) {
        check_problems(&check);
        REQUIRE(loaded == PD_LIMIT || (loaded == PD_OK) == (check.problem_count == 0));
    }
    /* What is good enough now was good enough before. */
    enum pd_status reopened = law_rules_reopen(files, count, &again, &err);
    REQUIRE(loaded != PD_OK || reopened == PD_OK);
    law_rules_free(fresh);
    law_rules_free(again);
    pd_arena_free(arena);
    return 0;
}
