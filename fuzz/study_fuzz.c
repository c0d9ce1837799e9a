/* Policies that load, explained and compared: each piece that decided stands in its clause, where
   it is said to stand; and the same policies formatted are no difference. */
#include "law/law.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char REGISTRY[] =
    "{\"registry\":1,\"facts\":["
    "{\"name\":\"k\",\"type\":\"long\",\"accepts\":[\"measured\"],\"attesters\":[],\"bound\":"
    "\"bytes\","
    "\"title\":{\"en\":\"k\",\"zh\":\"k\"},\"supplier\":{\"en\":\"i\",\"zh\":\"i\"}},"
    "{\"name\":\"c\",\"type\":\"bool\",\"accepts\":[\"declared\",\"attested\"],\"attesters\":"
    "[\"holder\"],\"bound\":\"bytes\",\"title\":{\"en\":\"c\",\"zh\":\"c\"},\"supplier\":{\"en\":"
    "\"h\","
    "\"zh\":\"h\"}}]}";
static const char MANIFEST[] =
    "{\"manifest\":1,\"jurisdiction\":\"nl\",\"rank\":\"statute\",\"title\":{\"en\":\"t\","
    "\"zh\":\"t\"},\"as_of\":\"2026-06-01\"}";

static void check(bool holds) {
    if (!holds)
        abort();
}

static enum pd_status load(pd_str text, struct law_rules **out) {
    const struct law_file files[] = {{PD_STR("facts.json"), PD_STR(REGISTRY)},
                                     {PD_STR("nl/manifest.json"), PD_STR(MANIFEST)},
                                     {PD_STR("nl/a.cedar"), text}};
    return law_rules_new(files, 3, out, NULL);
}

/* The piece is a part of the clause, and its place says where it begins in the file. */
static void check_part(pd_str file, const struct law_clause *clause, const struct law_part *part) {
    check(part->text.len > 0 && part->text.data >= clause->text.data);
    check(part->text.data + part->text.len <= clause->text.data + clause->text.len);
    check(part->place.offset + part->text.len <= file.len);
    check(pd_str_eq(pd_str_sub(file, part->place.offset, part->text.len), part->text));
    unsigned line = 1, column = 1;
    for (size_t i = 0; i < part->place.offset; i++) {
        if (file.data[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)file.data[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    check(part->place.line == line && part->place.column == column);
}

static void explain(const struct law_rules *rules, pd_str file, struct pd_arena *arena) {
    const struct law_fact facts[] = {{.name = PD_STR("k"),
                                      .value = {.kind = LAW_LONG, .number = 3},
                                      .class_ = LAW_MEASURED,
                                      .by = PD_STR("x")},
                                     {.name = PD_STR("c"),
                                      .value = {.kind = LAW_BOOL, .boolean = true},
                                      .class_ = LAW_DECLARED,
                                      .by = PD_STR("x")}};
    const struct law_case c = {.verb = PD_STR("open"),
                               .party = {.id = PD_STR("p"), .kind = PD_STR("agency")},
                               .resource_type = PD_STR("Version"),
                               .resource_id = PD_STR("v"),
                               .facts = facts,
                               .fact_count = 2,
                               .now = (pd_time)20000 * PD_DAY};
    struct law_explanation e;
    struct pd_error err = {PD_OK, ""};
    if (law_explain(rules, &c, arena, &e, &err) != PD_OK) {
        check(err.status == PD_LIMIT);
        return;
    }
    check(e.spoke == e.finding->voice_count && e.count >= e.spoke);
    for (size_t i = 0; i < e.count; i++)
        for (size_t j = 0; j < e.accounts[i].clause_count; j++) {
            const struct law_clause_account *a = &e.accounts[i].clauses[j];
            check_part(file, a->clause, &a->body);
            check_part(file, a->clause, &a->decisive);
            for (size_t k = 0; k < a->conjunct_count; k++)
                check_part(file, a->clause, &a->conjuncts[k]);
            check(a->keeps_silent ==
                  (!e.accounts[i].speaks && j + 1 == e.accounts[i].clause_count));
        }
}

static void compare(const struct law_rules *rules, pd_str file, struct pd_arena *arena) {
    struct pd_buf formatted;
    struct law_rules *other = NULL;
    const struct law_change *changes = NULL;
    size_t count = 0;
    pd_buf_init(&formatted, 1 << 22);
    if (law_policies_format(PD_STR("nl/a.cedar"), file, &formatted, NULL) == PD_OK &&
        load(pd_buf_view(&formatted), &other) == PD_OK &&
        law_rules_compare(rules, other, arena, &changes, &count, NULL) == PD_OK)
        check(count == 0);
    law_rules_free(other);
    pd_buf_clear(&formatted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct law_rules *rules = NULL;
    pd_str file = {(const char *)data, size};
    if (load(file, &rules) != PD_OK)
        return 0;
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    if (arena) {
        explain(rules, file, arena);
        compare(rules, file, arena);
    }
    pd_arena_free(arena);
    law_rules_free(rules);
    return 0;
}
