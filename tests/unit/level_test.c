/* Levels (Cedar RFC 76): how many entities a policy reads from, one after the other. What each
 * expression needs follows the formal model (cedar-spec, Validation/Levels). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "law/law.h"

enum { ROOM = 64 << 20 };
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char model[] =
    "entity Team in [Team] {lead: Person};\n"
    "entity Person in [Team] {boss: Person, deputy?: Person, name: String, active: Bool,\n"
    "                         home: {street: String, owner: Person}} tags Person;\n"
    "entity Paper {author: Person};\n"
    "action any; action other;\n"
    "action read in any appliesTo {principal: Person, resource: Paper,\n"
    "  context: {by: Person, via?: {whom: Person}, n: Long}};";

struct fixture {
    struct pd_arena *arena;
    const struct law_schema *schema;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    struct pd_error err = {0};
    f->arena = pd_arena_new(ROOM);
    if (law_schema_parse(PD_STR("s"), PD_STR(model), LAW_SCHEMA_CEDAR, f->arena, &f->schema,
                         &err) != PD_OK)
        fail_msg("%s", err.text);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    pd_arena_free(f->arena);
    free(f);
    return 0;
}

static size_t validate(const struct fixture *f, const char *text, unsigned level,
                       const struct law_problem **out) {
    struct law_policies *policies = law_policies_new(ROOM);
    struct pd_error err = {0};
    size_t count = 0;
    if (law_policies_parse(policies, PD_STR("p"), pd_str_from(text), LAW_IDS_NUMBERED, &err) !=
            PD_OK ||
        law_validate(policies, f->schema, level, f->arena, out, &count, &err) != PD_OK)
        fail_msg("%s: %s", text, err.text);
    law_policies_free(policies);
    return count;
}

/** The least level at which a policy is valid; fails the test if there is none. */
static unsigned level_of(const struct fixture *f, const char *text) {
    const struct law_problem *problems = NULL;
    for (unsigned level = 0; level < 8; level++)
        if (validate(f, text, level, &problems) == 0)
            return level;
    fail_msg("%s: %s", text, problems[0].message.data);
    return 0;
}

static void a_policy_needs_as_many_levels_as_it_reads_entities_in_a_row(void **state) {
    static const struct {
        unsigned level;
        const char *condition;
    } cases[] = {
        {0, "true"},
        {0, "principal == Person::\"a\" && Person::\"a\" is Person"},
        {0, "context.n > 3 && context.by == principal"},
        {0, "context has via && context.via.whom is Person"},
        {0, "{a: principal, b: 1} has a && {a: principal}.a is Person"},
        {0, "[principal, Person::\"b\"].contains(context.by)"},
        {1, "principal.active"},
        {1, "principal has deputy"},
        {1, "principal.home.street like \"A*\""},
        {1, "principal.home.owner == principal"},
        {1, "context.by.active"},
        {1, "context has via && context.via.whom.active"},
        {1, "principal.hasTag(\"t\") && principal.getTag(\"t\") == principal"},
        {1, "principal in Team::\"t\""},
        {1, "principal in [Team::\"t\", Team::\"u\"]"},
        {1, "principal is Person in Team::\"t\""},
        {1, "action in Action::\"any\""},
        {1, "Action::\"read\" in Action::\"any\""},
        {1, "action in [Action::\"any\"]"},
        {1, "(if context.n > 1 then principal else context.by).active"},
        {1, "{a: principal, b: 1}.a.active"},
        {1, "{a: {b: principal}}.a.b.active"},
        {2, "principal.boss.active"},
        {2, "principal.boss has deputy"},
        {2, "principal has deputy && principal.deputy.active"},
        {2, "principal has boss.deputy"},
        {2, "principal.home.owner.active"},
        {2, "resource.author.active"},
        {2, "context.by.boss in Team::\"t\""},
        {2, "principal.hasTag(\"t\") && principal.getTag(\"t\").active"},
        {2, "principal.hasTag(resource.author.name)"},
        {2, "principal in principal.boss.boss"},
        {2, "(if principal.active then principal.boss else principal).active"},
        {2, "(if principal.boss.active then principal else context.by).active"},
        {2, "{a: principal, b: principal.boss}.b.active"},
        {2, "{a: principal, b: principal.boss.name}.a.active"},
        {2, "(if context.n > 1 then {a: principal} else {a: context.by.boss}).a.active"},
        {2, "[principal.boss.name].contains(\"x\")"},
        {2, "ip(\"1.1.1.1\").isIpv4() && principal.boss.name like \"x\""},
        {3, "principal.boss.boss.active"},
        {3, "principal.home.owner.home.owner.active"},
        {3, "principal has boss.boss.deputy"},
        {3, "principal.boss.hasTag(\"t\") && principal.boss.getTag(\"t\").active"},
        {3, "(if context.n > 1 then resource.author.boss else principal).active"},
        {4, "principal.home.owner.home.owner.boss.name == \"x\""},
        /* What is never evaluated reads from nothing. */
        {0, "principal is Team && principal.lead.boss.active"},
        {0, "true || principal.boss.active"},
        {1, "if action == Action::\"read\" then principal.active else principal.boss.active"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture *f = *state;
        const char *const kinds[] = {"when", "unless"};
        for (size_t k = 0; k < 2; k++) {
            pd_str text =
                pd_arena_printf(f->arena, "permit(principal, action, resource) %s { %s };",
                                kinds[k], cases[i].condition);
            unsigned level = level_of(f, text.data);
            if (level != cases[i].level)
                fail_msg("%s: level %u, not %u", text.data, level, cases[i].level);
        }
    }
}

static void a_scope_that_asks_for_membership_reads_from_the_entity(void **state) {
    static const struct {
        unsigned level;
        const char *scope;
    } cases[] = {
        {0, "principal, action, resource"},
        {0, "principal == Person::\"a\", action == Action::\"read\", resource is Paper"},
        {0, "principal == ?principal, action, resource == ?resource"},
        {1, "principal in Team::\"t\", action, resource"},
        {1, "principal in ?principal, action, resource"},
        {1, "principal is Person in Team::\"t\", action, resource"},
        {1, "principal, action in Action::\"any\", resource"},
        {1, "principal, action in [Action::\"read\"], resource"},
        {1, "principal, action, resource in Paper::\"p\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture *f = *state;
        unsigned level = level_of(f, pd_arena_printf(f->arena, "permit(%s);", cases[i].scope).data);
        if (level != cases[i].level)
            fail_msg("%s: level %u, not %u", cases[i].scope, level, cases[i].level);
    }
}

static void nothing_is_read_from_what_is_written_out_at_any_level(void **state) {
    static const char *const conditions[] = {
        "Person::\"a\".active",
        "Person::\"a\" has deputy",
        "Person::\"a\".hasTag(\"t\")",
        "Person::\"a\" in Team::\"t\"",
        "Person::\"a\".boss.active",
        "(if principal.active then principal else Person::\"a\").active",
        "(if principal.active then Person::\"a\" else principal.boss).active",
        "{a: Person::\"a\"}.a.active",
        "{a: {b: Person::\"a\"}, c: principal}.a.b.active",
        "Action::\"other\" in action",
    };
    for (size_t i = 0; i < COUNT(conditions); i++) {
        struct fixture *f = *state;
        const struct law_problem *problems = NULL;
        pd_str text = pd_arena_printf(f->arena, "permit(principal, action, resource) when { %s };",
                                      conditions[i]);
        if (validate(f, text.data, LAW_LEVEL_ANY, &problems) != 0)
            fail_msg("%s: %s", text.data, problems[0].message.data);
        if (validate(f, text.data, 100, &problems) != 1 ||
            !strstr(problems[0].message.data, "is written out: only entities that"))
            fail_msg("%s is valid", text.data);
    }
    /* Beside it others may be read. */
    assert_int_equal(level_of(*state, "permit(principal, action, resource) when { {a: "
                                      "Person::\"a\", b: principal}.b.active };"),
                     1);
}

static void the_refusal_names_each_entity_that_is_read_from(void **state) {
    const struct law_problem *problems = NULL;
    assert_int_equal(validate(*state,
                              "permit(principal, action, resource)\n"
                              "when { principal.boss.home.owner.active };",
                              1, &problems),
                     1);
    assert_string_equal(
        problems[0].message.data,
        "p:2:23: this reads from more entities in a row than level 1 allows: from `principal`, "
        "then from `principal.boss` (for Person, \"read\", Paper)\n"
        "    when { principal.boss.home.owner.active };\n"
        "                          ^");
    assert_int_equal(validate(*state,
                              "permit(principal, action, resource)\n"
                              "when { principal.boss.home.owner.active };",
                              2, &problems),
                     1);
    assert_non_null(strstr(problems[0].message.data,
                           "p:2:34: this reads from more entities in a row than level 2 allows: "
                           "from `principal`, then from `principal.boss`, then from "
                           "`principal.boss.home.owner`"));
    assert_int_equal(validate(*state,
                              "permit(principal, action, resource)\n"
                              "when { Person::\"a\" in Team::\"t\" };",
                              1, &problems),
                     1);
    assert_string_equal(
        problems[0].message.data,
        "p:2:20: nothing may be read from Person::\"a\", for it is written out: only entities "
        "that the request reaches are sure to be loaded (levels) (for Person, \"read\", Paper)\n"
        "    when { Person::\"a\" in Team::\"t\" };\n"
        "                       ^");
}

static void levels_are_asked_of_valid_policies_only(void **state) {
    const struct law_problem *problems = NULL;
    size_t count = validate(*state,
                            "permit(principal, action, resource) when { principal.boss.active "
                            "&& principal.boss.nme == \"x\" };\n"
                            "permit(principal, action, resource) when { principal.boss.active };",
                            1, &problems);
    assert_int_equal(count, 2);
    assert_non_null(strstr(problems[0].message.data, "Person has no attribute `nme`: did you "
                                                     "mean `name`?"));
    assert_int_equal(problems[1].policy, 1);
}

/** A long chain of reads in a policy is told of in a message of bounded length. */
static void long_chains_are_told_in_short(void **state) {
    struct pd_buf text = {0};
    const struct law_problem *problems = NULL;
    pd_buf_text(&text, "permit(principal, action, resource) when { principal");
    for (int i = 0; i < 400; i++)
        pd_buf_text(&text, ".boss");
    pd_buf_text(&text, ".active };");
    for (unsigned level = 0; level < 401; level += 50) {
        assert_int_equal(validate(*state, text.data, level, &problems), 1);
        assert_true(problems[0].message.len < 1200);
    }
    pd_buf_clear(&text);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_policy_needs_as_many_levels_as_it_reads_entities_in_a_row),
        TEST(a_scope_that_asks_for_membership_reads_from_the_entity),
        TEST(nothing_is_read_from_what_is_written_out_at_any_level),
        TEST(the_refusal_names_each_entity_that_is_read_from),
        TEST(levels_are_asked_of_valid_policies_only),
        TEST(long_chains_are_told_in_short),
    };
    return cmocka_run_group_tests_name("level", tests, NULL, NULL);
}
