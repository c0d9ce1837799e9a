/* Checking rules before they are loaded: what is wrong is told of with its place and what was
 * perhaps meant, up to 20 in a file, and nothing twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "law/law.h"

enum { ROOM = 64 << 20 };
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- Policies one by one ---- */

struct heard {
    struct pd_buf text;
    size_t count, most;
};

static bool hear(void *context, const struct pd_error *why) {
    struct heard *heard = context;
    const char *end = strchr(why->text, '\n');
    pd_buf_printf(&heard->text, "%.*s|", (int)(end ? end - why->text : 0), why->text);
    return ++heard->count < heard->most;
}

static void each_policy_that_is_wrong_ends_only_itself(void **state) {
    (void)state;
    static const struct {
        const char *text, *heard;
        size_t policies;
    } cases[] = {
        {"permit(principal, action, resource);", "", 1},
        {"", "", 0},
        {"permit(principal, action);\npermit(principal, action, resource);",
         "p:1:25: expected `,`, found `)`|", 1},
        {"permit(principal, action, resource)\nforbid(principal, action, resource);",
         "p:2:1: expected `when`, `unless` or `;`, found `forbid`|", 1},
        {"permit(principal, action, resource) when { 1 / 2 };permit(principal, action, resource);",
         "p:1:46: Cedar has no division and no remainder|", 1},
        {"@a(\"x)\npermit(principal, action, resource);\npermit(principal, action, resource) when "
         "{",
         "p:1:4: this string has no closing quote|p:3:43: expected an expression, but the text "
         "ends here|",
         1},
        {"permit(principal, action, resource) when { # };\n@a permit(principal, action, resource);",
         "p:1:44: `#` (U+0023) has no meaning in Cedar|", 1},
        {"permit(principal, action, resource) when { ((((( 1 };\n"
         "permit(principal, action, resource) when { ((((( 2 };\n"
         "permit(principal, action, resource) when { 3 };",
         "p:1:52: expected `)`, found `}`|p:2:52: expected `)`, found `}`|", 1},
        {"@id(\"a\") permit(principal, action, resource);\n@id(\"a\") permit(principal, action, "
         "resource);\n@id(\"b\") permit(principal, action, resource);",
         "p:2:1: there is a policy of id \"a\" already, at p:1|", 2},
        {"prmit(principal, action, resource);\npermit(principle, action, resource);\n"
         "permit(principal, action, resource) wen { true };",
         "p:1:1: expected `permit` or `forbid`, found `prmit`: did you mean `permit`?|"
         "p:2:8: expected the variable `principal`, found `principle`: did you mean `principal`?|"
         "p:3:37: expected `when`, `unless` or `;`, found `wen`: did you mean `when`?|",
         0},
        {"permit(principal, action, resource) when { \xff };",
         "p:1:44: the text is not UTF-8 "
         "here|",
         0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct law_policies *set = law_policies_new(ROOM);
        struct heard heard = {.most = 100};
        struct pd_error err = {0};
        pd_buf_text(&heard.text, "");
        enum pd_status st = law_policies_parse_each(set, PD_STR("p"), pd_str_from(cases[i].text),
                                                    LAW_IDS_ANNOTATED, hear, &heard, &err);
        assert_int_equal(st, heard.count ? PD_INVALID : PD_OK);
        assert_int_equal(law_policies_count(set), cases[i].policies);
        assert_true(pd_str_eq(pd_buf_view(&heard.text), pd_str_from(cases[i].heard)) ||
                    (print_error("%s\n", heard.text.data), false));
        law_policies_free(set);
        pd_buf_clear(&heard.text);
    }
}

static void who_has_heard_enough_hears_no_more(void **state) {
    (void)state;
    struct law_policies *set = law_policies_new(ROOM);
    struct heard heard = {.most = 3};
    struct pd_error err = {0};
    struct pd_buf text = {0};
    for (int i = 0; i < 10; i++)
        pd_buf_text(&text, "permit(;\n");
    assert_int_equal(law_policies_parse_each(set, PD_STR("p"), pd_buf_view(&text), LAW_IDS_NUMBERED,
                                             hear, &heard, &err),
                     PD_INVALID);
    assert_int_equal(heard.count, 3);
    law_policies_free(set);
    pd_buf_clear(&text);
    pd_buf_clear(&heard.text);
}

/* ---- Rules ---- */

struct fixture {
    struct pd_arena *arena;
    pd_str facts, schema, thresholds, node;
    struct law_check check;
};

static pd_str read_file(struct pd_arena *arena, const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s: run from the project's folder", path);
    char *text = pd_arena_alloc(arena, 1 << 20);
    size_t n = fread(text, 1, 1 << 20, f);
    fclose(f);
    return (pd_str){text, n};
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    f->arena = pd_arena_new(ROOM);
    f->facts = read_file(f->arena, "law/facts.json");
    f->schema = read_file(f->arena, "law/polder.cedarschema");
    f->thresholds = read_file(f->arena, "law/node/thresholds.json");
    f->node = read_file(f->arena, "law/node/manifest.json");
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    pd_arena_free(f->arena);
    free(f);
    return 0;
}

/** Checks these policies of the node, in node/a.cedar and node/b.cedar. */
static void check(struct fixture *f, const char *a, const char *b, unsigned level) {
    struct pd_error err = {0};
    const struct law_file files[] = {
        {PD_STR("facts.json"), f->facts},
        {PD_STR("polder.cedarschema"), f->schema},
        {PD_STR("node/thresholds.json"), f->thresholds},
        {PD_STR("node/manifest.json"), f->node},
        {PD_STR("node/a.cedar"), pd_str_from(a)},
        {PD_STR("node/b.cedar"), pd_str_from(b)},
    };
    if (law_rules_check(files, COUNT(files), level, f->arena, &f->check, &err) != PD_OK)
        fail_msg("%s", err.text);
    struct law_rules *rules = NULL;
    enum pd_status st = law_rules_new(files, COUNT(files), &rules, &err);
    law_rules_free(rules);
    if (level == LAW_RULES_LEVEL && (st == PD_OK) != (f->check.problem_count == 0))
        fail_msg("loading says otherwise: %s", err.text);
    for (size_t i = 0; i < f->check.problem_count && st != PD_OK; i++)
        if (pd_str_is(f->check.problems[i], err.text))
            return;
    if (level == LAW_RULES_LEVEL && st != PD_OK)
        fail_msg("loading says something else: %s", err.text);
}

#define ID(id) "@id(\"node." id "\")\n"
#define BASE   ID("base") "permit(principal, action, resource);\n"

static void rules_without_fault_have_no_problems(void **state) {
    struct fixture *f = *state;
    check(f, BASE, ID("x") "forbid(principal, action, resource) unless { context.f has k };", 1);
    assert_int_equal(f->check.problem_count, 0);
    assert_int_equal(f->check.files, 2);
    assert_int_equal(f->check.policies, 2);
}

/** The first line of every problem. */
static void assert_problems(struct fixture *f, const char *expected) {
    struct pd_buf buf = {0};
    pd_buf_text(&buf, "");
    for (size_t i = 0; i < f->check.problem_count; i++) {
        pd_str rest = f->check.problems[i], line;
        assert_true(pd_str_split(&rest, '\n', &line));
        if (pd_str_starts(line, PD_STR("node/")))
            assert_true(rest.len > 0 && rest.data[rest.len - 1] == '^');
        pd_buf_printf(&buf, "%.*s\n", pd_arg(line));
    }
    if (!pd_str_eq(pd_buf_view(&buf), pd_str_from(expected)))
        fputs(buf.data, stderr);
    assert_true(pd_str_eq(pd_buf_view(&buf), pd_str_from(expected)));
    pd_buf_clear(&buf);
}

static void every_fault_of_every_policy_is_told_of(void **state) {
    struct fixture *f = *state;
    check(f,
          ID("a") "@titel(\"x\") @effective(\"2026-13-01\") @remedy(\"mask(x)+fly\")\n"
                  "forbid(principal, action == Polder::Action::\"opne\", resource)\n"
                  "when { context.f has is_secert && context.t.kk > 1 && principal has cuntry "
                  "};\n" ID("b") "permit(principal, action, resource) when { 1 +  };\n" ID(
                      "c") "forbid(principal, action, resource) when { context.f.k > 1 };\n",
          ID("d") "permit(principal, action, resource) when { context.f == context.f && "
                  "principal.kind == 1 };\n" ID(
                      "e.duty") "permit(principal, action, resource);\n"
                                "permit(principal, action, resource is Polder::Versoin);\n",
          1);
    assert_problems(
        f, "node/a.cedar:2:1: unknown annotation @titel: did you mean `title`?\n"
           "node/a.cedar:2:13: @effective must be a date such as 2025-08-01; not \"2026-13-01\"\n"
           "node/a.cedar:2:38: @remedy: there is no obligation `fly`\n"
           "node/a.cedar:3:29: the schema has no action Polder::Action::\"opne\": did you mean "
           "`open`?\n"
           "node/a.cedar:4:22: the registry knows no fact `is_secert`: did you mean `is_secret`?\n"
           "node/a.cedar:4:45: the node has no threshold `kk`\n"
           "node/a.cedar:4:69: a principal has kind, chamber and country, and no `cuntry`: did "
           "you mean `country`?\n"
           "node/a.cedar:6:49: expected an expression, found `}`\n"
           "node/a.cedar:8:54: `k` may be missing: guard it with `has k &&` before (for "
           "Polder::Party, \"administer_accounts\", Polder::Member)\n"
           "node/b.cedar:2:52: facts and thresholds are read one by one, as context.f.NAME\n"
           "node/b.cedar:2:65: facts and thresholds are read one by one, as context.f.NAME\n"
           "node/b.cedar:2:85: these can never be equal, of two types: Polder::PartyKind and Long "
           "(for Polder::Party, \"administer_accounts\", Polder::Member)\n"
           "node/b.cedar:3:1: a duty is a permit with an @obligation\n"
           "node/b.cedar:5:1: a policy needs an @id\n"
           "node/b.cedar:5:39: a resource is one of the schema's nouns, such as Polder::Version, "
           "and no Polder::Versoin: did you mean `Version`?\n");
}

static void exemptions_are_told_of_if_all_policies_can_be_read(void **state) {
    struct fixture *f = *state;
    check(f,
          BASE ID("x") "@exempts(\"node.basee  node.y node.z\") permit(principal, action, "
                       "resource);\n",
          ID("y") "@exempts(\"node.x\") permit(principal, action, resource);\n", 1);
    assert_problems(f, "node/a.cedar:4:1: @exempts: there is no policy `node.basee`: did you mean "
                       "`node.base`?\n");
    check(f, BASE ID("x") "@exempts(\"node.y\") permit(principal, action, resource);\n",
          ID("y") "@exempts(\"node.x\") permit(principal, action, resource);\n", 1);
    assert_problems(f, "node/a.cedar:4:1: @exempts: the exemptions go in a circle\n");
    check(f, BASE, ID("y") "@exempts(\"node.x\") permit(principal, action, resource);\nforbid(", 1);
    assert_problems(f, "node/b.cedar:3:8: expected the variable `principal`, but the text ends "
                       "here\n");
}

static void at_most_twenty_are_told_of_each_file(void **state) {
    struct fixture *f = *state;
    struct pd_buf text = {0};
    for (int i = 0; i < 30; i++)
        pd_buf_printf(&text,
                      "@id(\"node.p%d\") forbid(principal, action, resource) when { context.f has "
                      "nonesuch%d };\n",
                      i, i);
    check(f, text.data, "permit(;\npermit(;\n", 1);
    assert_int_equal(f->check.problem_count, 22);
    pd_buf_reset(&text);
    for (int i = 0; i < 30; i++)
        pd_buf_text(&text, "permit(;\n");
    check(f, text.data, text.data, 1);
    assert_int_equal(f->check.problem_count, 40);
    pd_buf_clear(&text);
}

static void the_level_may_be_chosen(void **state) {
    struct fixture *f = *state;
    static const char text[] = BASE ID(
        "x") "forbid(principal, action == Polder::Action::\"open\", resource is Polder::Version) "
             "when { context.recipient.kind == principal.kind };\n";
    static const char guarded[] = BASE ID(
        "x") "forbid(principal, action == Polder::Action::\"open\", resource is Polder::Version) "
             "when { context has recipient && context.recipient.kind == principal.kind };\n";
    check(f, text, "", 1);
    assert_problems(f, "node/a.cedar:4:97: `recipient` may be missing: guard it with `has "
                       "recipient &&` before (for Polder::Party, \"open\", Polder::Version)\n");
    check(f, guarded, "", 1);
    assert_problems(f, "");
    check(f, guarded, "", 0);
    assert_problems(f, "node/a.cedar:4:132: this reads from more entities in a row than level 0 "
                       "allows: from `context.recipient` (for Polder::Party, \"open\", "
                       "Polder::Version)\n"
                       "node/a.cedar:4:150: this reads from more entities in a row than level 0 "
                       "allows: from `principal` (for Polder::Party, \"open\", Polder::Version)\n");
    check(f, guarded,
          ID("y") "forbid(principal, action, resource) when { Polder::Party::\"a\" == "
                  "principal && Polder::Party::\"a\".kind == principal.kind };",
          1);
    assert_problems(f, "node/b.cedar:2:98: nothing may be read from Polder::Party::\"a\", for it "
                       "is written out: only entities that the request reaches are sure to be "
                       "loaded (levels) (for Polder::Party, \"administer_accounts\", Polder::Member)\n");
}

static void files_that_others_are_judged_by_come_first(void **state) {
    struct fixture *f = *state;
    f->facts = PD_STR("{");
    check(f, "permit(;",
          "@id(\"node.x\") permit(principal, action, resource) when { context.f has "
          "nonesuch };",
          1);
    assert_true(f->check.problem_count == 2 &&
                pd_str_starts(f->check.problems[0], PD_STR("facts.json:")) &&
                pd_str_starts(f->check.problems[1], PD_STR("node/a.cedar:1:8: ")));
    f->facts = read_file(f->arena, "law/facts.json");
    f->schema = PD_STR("entity A = {b: Bol};");
    check(f, BASE, "", 1);
    assert_problems(f, "polder.cedarschema:1:16: there is no type `Bol`: did you mean `Bool`?\n");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_policy_that_is_wrong_ends_only_itself),
        cmocka_unit_test(who_has_heard_enough_hears_no_more),
        TEST(rules_without_fault_have_no_problems),
        TEST(every_fault_of_every_policy_is_told_of),
        TEST(exemptions_are_told_of_if_all_policies_can_be_read),
        TEST(at_most_twenty_are_told_of_each_file),
        TEST(the_level_may_be_chosen),
        TEST(files_that_others_are_judged_by_come_first),
    };
    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
