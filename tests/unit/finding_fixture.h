/* For finding_test.c: what a finding says, and rules made for a test. */
#ifndef POLDER_TESTS_FINDING_FIXTURE_H
#define POLDER_TESTS_FINDING_FIXTURE_H

#include "packs_fixture.h"

static pd_str file_text(const char *path) {
    for (size_t i = 0; i < file_count; i++)
        if (pd_str_is(files[i].path, path))
            return files[i].text;
    fail_msg("law/%s is missing", path);
    return (pd_str){NULL, 0};
}

/* The folders of law/ that hold statute. */
static size_t list_packs(pd_str *out) {
    size_t n = 0;
    for (size_t i = 0; i < file_count; i++) {
        pd_str pack = pack_of(&files[i]);
        if (!pd_str_ends(files[i].path, PD_STR("/manifest.json")) || pd_str_is(pack, "node"))
            continue;
        assert_true(n < PACKS_MAX);
        out[n++] = pack;
    }
    return n;
}

static const struct law_finding *find_in(const struct law_rules *by, const char *act,
                                         const char *facts, struct pd_arena *arena) {
    return decide(by, make_case(by, pd_str_from(act), pd_str_from(facts), arena), arena);
}

static const struct law_used_fact *used_of(const struct law_finding *f, const char *name) {
    for (size_t i = 0; i < f->fact_count; i++)
        if (pd_str_is(f->facts[i].fact->name, name))
            return &f->facts[i];
    fail_msg("the finding does not list %s", name);
    return NULL;
}

static bool is_missing(const struct law_finding *f, pd_str name) {
    for (size_t i = 0; i < f->missing_count; i++)
        if (pd_str_eq(f->missing[i].fact->name, name))
            return true;
    return false;
}

/* The obligations as written, in order: "record(keep=3y) notice". */
static pd_str owed(const struct law_finding *f, struct pd_arena *arena) {
    pd_str list = {"", 0};
    for (size_t i = 0; i < f->obligation_count; i++)
        list = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(list), i > 0 ? " " : "",
                               pd_arg(f->obligations[i].text));
    return list;
}

#define assert_pd_str(actual, expected)                                                            \
    do {                                                                                           \
        pd_str actual_ = (actual);                                                                 \
        if (!pd_str_is(actual_, (expected)))                                                       \
            fail_msg("\"%.*s\" is not \"%s\"", pd_arg(actual_), (expected));                       \
    } while (0)

/* ---- Rules made for a test ---- */

#define POLICY(id, more, body) "@id(\"" id "\") " more " " body "\n"
#define BASE                   POLICY("node.base", "", "permit (principal, action, resource);")
static const char STATUTE[] = "{\"manifest\":1,\"jurisdiction\":\"cn\",\"rank\":\"statute\","
                              "\"title\":{\"en\":\"t\",\"zh\":\"t\"},\"as_of\":\"2026-01-01\"}";

/* The real registry and thresholds, one statute pack and one of the node. */
static enum pd_status
take_rules(enum pd_status (*take)(const struct law_file *files, size_t count,
                                  struct law_rules **out, struct pd_error *err),
           const char *statute, const char *node, struct law_rules **out, struct pd_error *err) {
    const struct law_file some[] = {
        {PD_STR("facts.json"), file_text("facts.json")},
        {PD_STR("node/thresholds.json"), file_text("node/thresholds.json")},
        {PD_STR("node/manifest.json"), file_text("node/manifest.json")},
        {PD_STR("node/n.cedar"), pd_str_from(node)},
        {PD_STR("cn/manifest.json"), pd_str_from(STATUTE)},
        {PD_STR("cn/s.cedar"), pd_str_from(statute)},
    };
    *err = (struct pd_error){PD_OK, ""};
    return take(some, sizeof(some) / sizeof(some[0]), out, err);
}

static enum pd_status load_rules(const char *statute, const char *node, struct law_rules **out,
                                 struct pd_error *err) {
    return take_rules(law_rules_new, statute, node, out, err);
}

#endif
