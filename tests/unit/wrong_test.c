/* Wrong input to the law, of each kind that there is: the whole diagnosis, as a person reads it. */
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

static struct pd_arena *arena;
static struct pd_error err;

static int setup(void **state) {
    (void)state;
    arena = pd_arena_new(ROOM);
    err = (struct pd_error){PD_OK, ""};
    return 0;
}

static int teardown(void **state) {
    (void)state;
    pd_arena_free(arena);
    return 0;
}

struct wrong {
    const char *text, *message;
};

static void compare(const char *input, const char *expected) {
    if (strcmp(err.text, expected) != 0) {
        fprintf(stderr, "%.300s:\n%s\nnot\n%s\n", input, err.text, expected);
        fail();
    }
}

/* ---- Policies ---- */

static void policies_that_are_no_policies(void **state) {
    (void)state;
    static const struct wrong cases[] = {
        {"permit(principal, action, resource) when { principal.age > };",
         "p:1:60: expected an expression, found `}`\n"
         "    permit(principal, action, resource) when { principal.age > };\n"
         "                                                               ^"},
        {"permit(principal, action, resource) when { 9223372036854775808 > 1 };",
         "p:1:44: 9223372036854775808 does not fit: a Long goes from -9223372036854775808 to "
         "9223372036854775807\n"
         "    permit(principal, action, resource) when { 9223372036854775808 > 1 };\n"
         "                                               ^"},
        {"permit(principal, action, resource) when { {a: 1, \"a\": 2}.a == 1 };",
         "p:1:51: the record has `a` already\n"
         "    permit(principal, action, resource) when { {a: 1, \"a\": 2}.a == 1 };\n"
         "                                                      ^"},
        {"@x @x(\"1\")\npermit(principal, action, resource);",
         "p:1:4: this policy has @x already\n    @x @x(\"1\")\n       ^"},
        {"@id(\"a\") permit(principal, action, resource);\n  @id(\"a\") forbid(principal, action, "
         "resource);",
         "p:2:3: there is a policy of id \"a\" already, at p:1\n"
         "      @id(\"a\") forbid(principal, action, resource);\n      ^"},
        {"permit(principal, action, resource) when { resourec.size > 1 };",
         "p:1:44: `resourec` is no variable: did you mean `resource`?\n"
         "    permit(principal, action, resource) when { resourec.size > 1 };\n"
         "                                               ^"},
        {"permit(principal, action, resource) when { decimel(\"1.0\") == 1 };",
         "p:1:44: Cedar has no function `decimel`: did you mean `decimal`?\n"
         "    permit(principal, action, resource) when { decimel(\"1.0\") == 1 };\n"
         "                                               ^"},
        {"permit(principal, action, resource) when { [1].contain(1) };",
         "p:1:48: Cedar has no method `contain`: did you mean `contains`?\n"
         "    permit(principal, action, resource) when { [1].contain(1) };\n"
         "                                                   ^"},
        {"permit(principal, action, resource) when { context.at.isInrange(ip(\"::1\")) };",
         "p:1:55: Cedar has no method `isInrange`: did you mean `isInRange`?\n"
         "    permit(principal, action, resource) when { context.at.isInrange(ip(\"::1\")) };\n"
         "                                                          ^"},
        {"permit(principal, action, resource) when { foo(1) };",
         "p:1:44: Cedar has no function `foo`\n"
         "    permit(principal, action, resource) when { foo(1) };\n"
         "                                               ^"},
        {"permit(principal, action, resource) when { true } unles { false };",
         "p:1:51: expected `when`, `unless` or `;`, found `unles`: did you mean `unless`?\n"
         "    permit(principal, action, resource) when { true } unles { false };\n"
         "                                                      ^"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct law_policies *set = law_policies_new(ROOM);
        assert_int_equal(law_policies_parse(set, PD_STR("p"), pd_str_from(cases[i].text),
                                            LAW_IDS_ANNOTATED, &err),
                         PD_INVALID);
        compare(cases[i].text, cases[i].message);
        law_policies_free(set);
    }
}

/** `open` and `close` a hundred thousand times around `inside`. */
static pd_str bomb(struct pd_buf *buf, const char *before, const char *open, const char *inside,
                   const char *close, const char *after) {
    pd_buf_reset(buf);
    pd_buf_text(buf, before);
    for (int i = 0; i < 100000; i++)
        pd_buf_text(buf, open);
    pd_buf_text(buf, inside);
    for (int i = 0; i < 100000; i++)
        pd_buf_text(buf, close);
    pd_buf_text(buf, after);
    return pd_buf_view(buf);
}

static void bombs_are_refused_at_the_depth_that_is_too_much(void **state) {
    (void)state;
    struct pd_buf buf = {0};
    const struct law_entities *entities;
    const struct law_schema *schema;
    struct law_policies *set = law_policies_new(ROOM);
    static const char *const forms[][3] = {{"(", "1", ")"},
                                           {"[", "1", "]"},
                                           {"{a:", "1", "}"},
                                           {"if true then ", "1", " else 1"},
                                           {"!(", "true", ")"}};
    for (size_t i = 0; i < COUNT(forms); i++) {
        assert_int_equal(law_policies_parse(set, PD_STR("p"),
                                            bomb(&buf, "permit(principal, action, resource) when {",
                                                 forms[i][0], forms[i][1], forms[i][2], "};"),
                                            LAW_IDS_NUMBERED, &err),
                         PD_INVALID);
        assert_non_null(strstr(err.text, ": this expression nests more than 512 deep\n"));
        assert_true(strlen(err.text) < 700);
    }
    assert_int_equal(
        law_policies_parse_json(set, PD_STR("j"), bomb(&buf, "", "[", "", "]", ""), &err),
        PD_INVALID);
    assert_true(strncmp(err.text, "j:1:513: brackets nest more than 512 deep\n", 42) == 0 ||
                (fputs(err.text, stderr), false));
    assert_int_equal(law_entities_parse(PD_STR("e"), bomb(&buf, "", "{\"a\":", "1", "}", ""), arena,
                                        &entities, &err),
                     PD_INVALID);
    assert_true(strncmp(err.text, "e:1:2561: brackets nest more than 512 deep\n", 43) == 0 ||
                (fputs(err.text, stderr), false));
    assert_int_equal(law_schema_parse(PD_STR("s"),
                                      bomb(&buf, "type A = ", "Set<", "Long", ">", ";"),
                                      LAW_SCHEMA_CEDAR, arena, &schema, &err),
                     PD_INVALID);
    assert_non_null(strstr(err.text, "nest"));
    law_policies_free(set);
    pd_buf_clear(&buf);
}

/** A literal of a megabyte is shown in part, and a string of that length is none the worse. */
static void huge_literals_are_shown_in_part(void **state) {
    (void)state;
    struct pd_buf buf = {0};
    struct law_policies *set = law_policies_new(ROOM);
    pd_buf_text(&buf, "permit(principal, action, resource) when { context.n == ");
    for (int i = 0; i < 1000000; i++)
        pd_buf_char(&buf, '9');
    pd_buf_text(&buf, " };");
    assert_int_equal(
        law_policies_parse(set, PD_STR("p"), pd_buf_view(&buf), LAW_IDS_NUMBERED, &err),
        PD_INVALID);
    assert_true(strncmp(err.text, "p:1:57: 99999", 13) == 0 && strlen(err.text) < 1200 &&
                err.text[strlen(err.text) - 1] == '^');
    pd_buf_reset(&buf);
    pd_buf_text(&buf, "permit(principal, action, resource) when { context.s == \"");
    for (int i = 0; i < 1000000; i++)
        pd_buf_char(&buf, 'x');
    pd_buf_text(&buf, "\" };");
    assert_int_equal(
        law_policies_parse(set, PD_STR("p"), pd_buf_view(&buf), LAW_IDS_NUMBERED, &err), PD_OK);
    law_policies_free(set);
    pd_buf_clear(&buf);
}

/* ---- Templates and links, JSON ---- */

static void links_and_json_that_do_not_fit(void **state) {
    (void)state;
    static const struct wrong cases[] = {
        {"{\"staticPolicies\": {}, \"template\": {}}",
         "j:1:36: the member \"template\" has no meaning here: did you mean `templates`?\n"
         "    {\"staticPolicies\": {}, \"template\": {}}\n"
         "                                       ^"},
        {"{\"templateLinks\": [{\"templateId\": \"t\", \"newId\": \"a\", \"values\": {}}]}",
         "j:1:20: there is no template of id \"t\"\n"
         "    {\"templateLinks\": [{\"templateId\": \"t\", \"newId\": \"a\", \"values\": {}}]}\n"
         "                       ^"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct law_policies *set = law_policies_new(ROOM);
        assert_int_equal(
            law_policies_parse_json(set, PD_STR("j"), pd_str_from(cases[i].text), &err),
            PD_INVALID);
        compare(cases[i].text, cases[i].message);
        law_policies_free(set);
    }
}

/* ---- Entities ---- */

#define E(id, parents)                                                                             \
    "{\"uid\": {\"type\": \"A\", \"id\": \"" id "\"}, \"attrs\": {}, \"parents\": [" parents "]}"
#define U(id) "{\"type\": \"A\", \"id\": \"" id "\"}"

static void entities_in_circles_and_out_of_range(void **state) {
    (void)state;
    static const struct wrong cases[] = {
        {"[" E("a", U("b")) ",\n" E("b", U("c")) ",\n" E("c", U("a")) "]",
         "e:1:10: the entity A::\"a\" is its own ancestor\n    [{\"uid\": {\"type\": \"A\", "
         "\"id\": \"a\"}, \"attrs\": {}, \"parents\": [{\"type\": \"A\", \"id\": \"b\"}]},\n       "
         "      ^"},
        {"[" E("a", U("a")) "]", "e:1:10: the entity A::\"a\" is its own ancestor\n    [{\"uid\": "
                                 "{\"type\": \"A\", \"id\": \"a\"}, \"attrs\": {}, \"parents\": "
                                 "[{\"type\": \"A\", \"id\": \"a\"}]}]\n             ^"},
        {"[" E("a", "") ",\n" E("a", "") "]",
         "e:2:9: the entity A::\"a\" is given twice\n    {\"uid\": {\"type\": \"A\", \"id\": "
         "\"a\"}, \"attrs\": {}, \"parents\": []}]\n            ^"},
        {"[{\"uid\": " U("a") ", \"attrs\": {\"n\": 9223372036854775808}, \"parents\": []}]",
         "e:1:51: 9223372036854775808 does not fit into 64 bits\n    [{\"uid\": {\"type\": \"A\", "
         "\"id\": \"a\"}, \"attrs\": {\"n\": 9223372036854775808}, \"parents\": []}]\n             "
         "                                         ^"},
        {"[{\"uid\": " U("a") ", \"attrs\": {\"n\": null}, \"parents\": []}]",
         "e:1:51: Cedar has no null: leave the attribute out\n    [{\"uid\": {\"type\": \"A\", "
         "\"id\": \"a\"}, \"attrs\": {\"n\": null}, \"parents\": []}]\n                            "
         "                          ^"},
        {"[{\"uid\": " U("a") ", \"atrs\": {}, \"parents\": []}]",
         "e:1:44: an entity has uid, attrs, parents and tags, but no \"atrs\": did you mean "
         "`attrs`?\n    [{\"uid\": {\"type\": \"A\", \"id\": \"a\"}, \"atrs\": {}, \"parents\": "
         "[]}]\n                                               ^"},
        {"[{\"uid\": " U("a") ", \"attrs\": {\"t\": {\"__extn\": {\"fn\": \"datetime\", \"arg\": "
                              "\"2024-02-30\"}}}, \"parents\": []}]",
         "e:1:62: there is no such date\n    [{\"uid\": {\"type\": \"A\", \"id\": \"a\"}, "
         "\"attrs\": {\"t\": {\"__extn\": {\"fn\": \"datetime\", \"arg\": \"2024-02-30\"}}}, "
         "\"parents\": []}]\n                                                                 ^"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct law_entities *entities;
        assert_int_equal(
            law_entities_parse(PD_STR("e"), pd_str_from(cases[i].text), arena, &entities, &err),
            PD_INVALID);
        compare(cases[i].text, cases[i].message);
    }
}

/* ---- Evaluation ---- */

static void what_cannot_be_evaluated_is_an_error_of_its_policy(void **state) {
    (void)state;
    static const struct wrong cases[] = {
        {"9223372036854775807 + context.n > 0", "p:1:64: the result does not fit into a Long"},
        {"-9223372036854775808 - context.n < 0", "p:1:65: the result does not fit into a Long"},
        {"4611686018427387904 * 2 * context.n > 0", "p:1:64: the result does not fit into a Long"},
        {"-(-9223372036854775808 + 0 * context.n) > 0",
         "p:1:44: the result does not fit into a Long"},
        {"datetime(\"2024-02-30\") < context.at", "p:1:44: there is no such date"},
        {"duration(\"106751991168d\") > duration(\"1d\")",
         "p:1:44: a duration goes from -9223372036854775808ms to 9223372036854775807ms"},
        {"context.at.offset(duration(\"9223372036854775807ms\")) > context.at",
         "p:1:55: the result does not fit into 64 bits of milliseconds"},
        {"decimal(\"1.23456\") == decimal(\"1.0\")",
         "p:1:44: a decimal has at most four digits behind the point"},
        {"context.nn > 1", "p:1:52: there is no attribute `nn`: ask with `has` first"},
        {"principal.age > 1", "p:1:44: the entity A::\"p\" is not there"},
        {"context.n && true", "p:1:52: this must be a Bool, but is a Long"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct law_policies *set = law_policies_new(ROOM);
        struct law_evaluation got;
        pd_str text = pd_arena_printf(arena, "permit(principal, action, resource) when { %s };",
                                      cases[i].text);
        struct law_value context;
        assert_int_equal(law_value_parse_json(PD_STR("context"),
                                              PD_STR("{\"n\": 1, \"at\": {\"__extn\": {\"fn\": "
                                                     "\"datetime\", \"arg\": \"2024-01-01\"}}}"),
                                              arena, &context, &err),
                         PD_OK);
        const struct law_request request = {{PD_STR("A"), PD_STR("p")},
                                            {PD_STR("Action"), PD_STR("a")},
                                            {PD_STR("A"), PD_STR("r")},
                                            context};
        assert_int_equal(law_policies_parse(set, PD_STR("p"), text, LAW_IDS_NUMBERED, &err), PD_OK);
        assert_int_equal(
            law_policy_evaluate(law_policies_get(set, 0), NULL, &request, arena, &got, &err),
            PD_OK);
        assert_int_equal(got.verdict, LAW_VERDICT_ERROR);
        (void)pd_fail(&err, PD_INVALID, "%.*s", pd_arg(got.message));
        compare(cases[i].text, cases[i].message);
        law_policies_free(set);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(policies_that_are_no_policies),
        TEST(bombs_are_refused_at_the_depth_that_is_too_much),
        TEST(huge_literals_are_shown_in_part),
        TEST(links_and_json_that_do_not_fit),
        TEST(entities_in_circles_and_out_of_range),
        TEST(what_cannot_be_evaluated_is_an_error_of_its_policy),
    };
    return cmocka_run_group_tests_name("wrong", tests, NULL, NULL);
}
