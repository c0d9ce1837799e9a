/* Pages beside the packs, CASES.md and ROWS.md: whatever the bytes, a refusal with its place, or
   rows that can be decided and compared with the rules. */
#include "law/law.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char REGISTRY[] =
    "{\"registry\":1,\"facts\":[{\"name\":\"k\",\"type\":\"long\",\"accepts\":[\"measured\"],"
    "\"attesters\":[],\"bound\":\"bytes\",\"title\":{\"en\":\"k\",\"zh\":\"k\"},\"supplier\":"
    "{\"en\":\"i\",\"zh\":\"i\"}}]}";
static const char MANIFEST[] =
    "{\"manifest\":1,\"jurisdiction\":\"nl\",\"rank\":\"statute\",\"title\":{\"en\":\"t\","
    "\"zh\":\"t\"},\"as_of\":\"2026-06-01\"}";
static const char POLICY[] = "@id(\"nl.a\") forbid (principal, action, resource)\n"
                             "unless { context.f has k && context.f.k > 4 };\n"
                             "@id(\"nl.b\") permit (principal, action, resource);\n";

static void check(bool holds) {
    if (!holds)
        abort();
}

static struct law_rules *rules_of(void) {
    static struct law_rules *rules; /* made once; a fuzz target lives as long as its process */
    const struct law_file files[] = {{PD_STR("facts.json"), PD_STR(REGISTRY)},
                                     {PD_STR("nl/manifest.json"), PD_STR(MANIFEST)},
                                     {PD_STR("nl/a.cedar"), PD_STR(POLICY)}};
    if (!rules)
        check(law_rules_new(files, 3, &rules, NULL) == PD_OK);
    return rules;
}

static void check_error(enum pd_status st, const struct pd_error *err) {
    check(err->status == st && strncmp(err->text, "nl/", 3) == 0);
}

static void try_cases(pd_str text, struct pd_arena *arena) {
    const struct law_case_row *rows = NULL;
    struct pd_error err = {PD_OK, ""};
    size_t count = 0;
    enum pd_status st =
        law_cases_parse(rules_of(), PD_STR("nl/CASES.md"), text, arena, &rows, &count, &err);
    if (st == PD_INVALID)
        check_error(st, &err);
    for (size_t i = 0; st == PD_OK && i < count && i < 16; i++) {
        struct law_case_result got;
        st = law_case_row_check(rules_of(), &rows[i], arena, &got, &err);
        check(st == PD_OK || st == PD_LIMIT); /* a row that was read is a case of the schema */
    }
}

static void try_rows(pd_str text, struct pd_arena *arena) {
    const struct law_coverage_row *rows = NULL;
    struct pd_error err = {PD_OK, ""};
    struct law_coverage c;
    size_t count = 0;
    enum pd_status st = law_rows_parse(PD_STR("nl/ROWS.md"), text, arena, &rows, &count, &err);
    if (st == PD_INVALID)
        check_error(st, &err);
    if (st != PD_OK)
        return;
    st = law_coverage_make(rules_of(), PD_STR("nl/ROWS.md"), rows, count, arena, &c, &err);
    check(st == PD_LIMIT || (st == PD_OK && c.count == count && c.with_policy <= count));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pd_arena *arena = size > 0 ? pd_arena_new((size_t)16 << 20) : NULL;
    if (arena == NULL)
        return 0;
    pd_str text = {(const char *)data + 1, size - 1};
    if (data[0] & 1)
        try_cases(text, arena);
    else
        try_rows(text, arena);
    pd_arena_free(arena);
    return 0;
}
