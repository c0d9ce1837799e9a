/* Policies in other forms: as JSON, linked from templates, formatted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "law/cedar.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROOM         ((size_t)64 << 20)

static const struct law_uid alice = {PD_STR_INIT("User"), PD_STR_INIT("alice")};
static const struct law_uid bob = {PD_STR_INIT("User"), PD_STR_INIT("bob")};
static const struct law_uid read_it = {PD_STR_INIT("Action"), PD_STR_INIT("read")};
static const struct law_uid file = {PD_STR_INIT("File"), PD_STR_INIT("f")};

static struct law_policies *parse(const char *text) {
    struct pd_error err = {0};
    struct law_policies *set = law_policies_new(ROOM);
    assert_non_null(set);
    if (law_policies_parse(set, PD_STR("t"), pd_str_from(text), LAW_IDS_ANNOTATED, &err) != PD_OK)
        fail_msg("%s", err.text);
    return set;
}

static bool allows(const struct law_policies *set, struct law_uid principal) {
    struct pd_arena *arena = pd_arena_new(ROOM);
    struct law_answer answer;
    const struct law_request request = {principal, read_it, file, {.kind = LAW_VALUE_BOOL}};
    assert_int_equal(law_authorize(set, NULL, &request, arena, &answer, NULL), PD_OK);
    pd_arena_free(arena);
    return answer.is_allowed;
}

static void assert_text(const struct pd_buf *buf, const char *expected) {
    assert_int_equal(buf->len, strlen(expected));
    assert_memory_equal(buf->data, expected, buf->len);
}

/* ---- JSON ---- */

#define ANY                                                                                        \
    "\"effect\":\"permit\",\"principal\":{\"op\":\"All\"},\"action\":{\"op\":\"All\"},"            \
    "\"resource\":{\"op\":\"All\"}"

/** What docs.cedarpolicy.com gives for these, checked against the reference implementation. */
static const struct {
    const char *text, *body;
} expressions[] = {
    {"-9223372036854775808", "{\"Value\":-9223372036854775808}"},
    {"--1", "{\"neg\":{\"arg\":{\"Value\":-1}}}"},
    {"[2, 1, 1]", "{\"Set\":[{\"Value\":2},{\"Value\":1},{\"Value\":1}]}"},
    {"{b: 1, \"a c\": {}}", "{\"Record\":{\"a c\":{\"Record\":{}},\"b\":{\"Value\":1}}}"},
    {"{b: context}", "{\"Record\":{\"b\":{\"Var\":\"context\"}}}"},
    {"decimal(\"1.50\")", "{\"decimal\":[{\"Value\":\"1.50\"}]}"},
    {"ip(\"::1\").isInRange(ip(\"::/8\"))",
     "{\"isInRange\":[{\"ip\":[{\"Value\":\"::1\"}]},{\"ip\":[{\"Value\":\"::/8\"}]}]}"},
    {"principal has a.b", "{\"has\":{\"left\":{\"Var\":\"principal\"},\"attr\":[\"a\",\"b\"]}}"},
    {"principal has \"a b\"", "{\"has\":{\"left\":{\"Var\":\"principal\"},\"attr\":\"a b\"}}"},
    {"principal[\"x\"]", "{\".\":{\"left\":{\"Var\":\"principal\"},\"attr\":\"x\"}}"},
    {"action is A::B in N::\"x\"",
     "{\"is\":{\"left\":{\"Var\":\"action\"},\"entity_type\":\"A::B\",\"in\":{\"Value\":{"
     "\"__entity\":{\"type\":\"N\",\"id\":\"x\"}}}}}"},
    {"\"a\" like \"**x\\*y*\"",
     "{\"like\":{\"left\":{\"Value\":\"a\"},\"pattern\":[\"Wildcard\",\"Wildcard\",{\"Literal\":"
     "\"x*y\"},\"Wildcard\"]}}"},
    {"true && false && (true && true)",
     "{\"&&\":{\"left\":{\"&&\":{\"left\":{\"Value\":true},\"right\":{\"Value\":false}}},"
     "\"right\":{\"&&\":{\"left\":{\"Value\":true},\"right\":{\"Value\":true}}}}}"},
    {"if true then 1 else 2",
     "{\"if-then-else\":{\"if\":{\"Value\":true},\"then\":{\"Value\":1},\"else\":{\"Value\":2}}}"},
    {"[].isEmpty()", "{\"isEmpty\":{\"arg\":{\"Set\":[]}}}"},
};

static void an_expression_in_json_is_as_cedar_documents_it_and_reads_back(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(expressions); i++) {
        char text[512], expected[1024];
        struct pd_error err = {0};
        struct pd_buf out;
        pd_buf_init(&out, 0);
        snprintf(text, sizeof(text), "permit(principal, action, resource) when { %s };",
                 expressions[i].text);
        snprintf(expected, sizeof(expected),
                 "{" ANY ",\"conditions\":[{\"kind\":\"when\",\"body\":%s}]}", expressions[i].body);
        struct law_policies *set = parse(text);
        law_policy_write_json(law_policies_get(set, 0), &out);
        assert_text(&out, expected);
        if (law_policy_parse_json(set, PD_STR("again"), PD_STR("j"), pd_buf_view(&out), &err) !=
            PD_OK)
            fail_msg("%s", err.text);
        pd_buf_reset(&out);
        law_policy_write_json(law_policies_find(set, PD_STR("again"), NULL), &out);
        assert_text(&out, expected);
        law_policies_free(set);
        pd_buf_clear(&out);
    }
}

static void a_set_in_json_reads_back_with_templates_links_and_annotations(void **state) {
    (void)state;
    struct pd_error err = {0};
    struct pd_buf first, second;
    pd_buf_init(&first, 0);
    pd_buf_init(&second, 0);
    struct law_policies *set =
        parse("@id(\"z\") @bare @empty(\"\") forbid(principal is A in A::\"a\", action in "
              "[Action::\"b\"], resource in R::\"c\");\n"
              "@id(\"t\") permit(principal == ?principal, action in Action::\"read\", resource is "
              "File in ?resource) unless { false };\n@id(\"a\") permit(principal, action in [], "
              "resource == R::\"\\0\");");
    assert_int_equal(law_policies_link(set, PD_STR("t"), PD_STR("l"), &alice, &file, &err), PD_OK);
    law_policies_write_json(set, &first);
    struct law_policies *again = law_policies_new(ROOM);
    assert_int_equal(law_policies_parse_json(again, PD_STR("j"), pd_buf_view(&first), &err), PD_OK);
    law_policies_write_json(again, &second);
    assert_true(pd_str_eq(pd_buf_view(&first), pd_buf_view(&second)));
    assert_int_equal(law_policies_count(again), 4);
    assert_true(allows(again, alice));
    assert_false(allows(again, bob));
    law_policies_free(set);
    law_policies_free(again);
    pd_buf_clear(&first);
    pd_buf_clear(&second);
}

static void a_value_may_hold_sets_records_and_extensions(void **state) {
    (void)state;
    static const char json[] =
        "{" ANY ",\"conditions\":[{\"kind\":\"when\",\"body\":{\"==\":{\"left\":{\"Value\":{\"a\":"
        "[1,{\"__extn\":{\"fn\":\"decimal\",\"arg\":\"1.0\"}}]}},\"right\":{\"Record\":{\"a\":{"
        "\"Set\":[{\"decimal\":[{\"Value\":\"1.00\"}]},{\"Value\":1}]}}}}}}]}";
    struct law_policies *set = law_policies_new(ROOM);
    struct pd_error err = {0};
    assert_int_equal(law_policy_parse_json(set, PD_STR("p"), PD_STR("j"), pd_str_from(json), &err),
                     PD_OK);
    assert_true(allows(set, alice));
    law_policies_free(set);
}

static const struct {
    const char *json, *message;
} refused[] = {
    {"[]", "expected an object"},
    {"{\"policies\":{}}", "\"policies\" has no meaning here"},
    {"{\"staticPolicies\":{\"p\":{\"effect\":\"permit\"}}}", "\"principal\" is missing"},
    {"{\"staticPolicies\":{\"p\":{" ANY ",\"conditions\":[],\"x\":1}}}", "\"x\" has no meaning"},
    {"{\"staticPolicies\":{\"p\":{" ANY ",\"conditions\":[{\"kind\":\"if\",\"body\":{}}]}}}",
     "\"when\" or \"unless\""},
    {"{\"staticPolicies\":{\"p\":{" ANY
     ",\"conditions\":[{\"kind\":\"when\",\"body\":{\"Var\":\"who\"}}]}}}",
     "a variable is"},
    {"{\"staticPolicies\":{\"p\":{" ANY
     ",\"conditions\":[{\"kind\":\"when\",\"body\":{\"Slot\":\"?principal\"}}]}}}",
     "in the scope only"},
    {"{\"staticPolicies\":{\"p\":{" ANY
     ",\"conditions\":[{\"kind\":\"when\",\"body\":{\"sqrt\":[{\"Value\":1}]}}]}}}",
     "no expression \"sqrt\""},
    {"{\"staticPolicies\":{\"p\":{" ANY
     ",\"conditions\":[{\"kind\":\"when\",\"body\":{\"==\":{\"left\":{\"Value\":1}}}}]}}}",
     "\"right\" is missing"},
    {"{\"staticPolicies\":{\"p\":{" ANY ",\"conditions\":[],\"annotations\":{\"a b\":\"\"}}}}",
     "no name of an annotation"},
    {"{\"templates\":{\"p\":{" ANY ",\"conditions\":[]}}}", "a template needs a slot"},
    {"{\"templateLinks\":[{\"templateId\":\"t\",\"newId\":\"n\",\"values\":{}}]}",
     "no template of id \"t\""},
};

static void json_that_is_no_policy_is_refused_with_its_place(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct pd_error err = {0};
        struct law_policies *set = law_policies_new(ROOM);
        assert_int_equal(
            law_policies_parse_json(set, PD_STR("j"), pd_str_from(refused[i].json), &err),
            PD_INVALID);
        if (!strstr(err.text, refused[i].message) || strncmp(err.text, "j:1:", 4) != 0)
            fail_msg("%s: %s", refused[i].json, err.text);
        assert_int_equal(law_policies_count(set), 0);
        law_policies_free(set);
    }
}

static void json_nested_too_deep_is_refused(void **state) {
    (void)state;
    struct pd_buf out;
    struct pd_error err = {0};
    pd_buf_init(&out, 0);
    pd_buf_text(&out, "{" ANY ",\"conditions\":[{\"kind\":\"when\",\"body\":");
    for (int i = 0; i < 100000; i++)
        pd_buf_text(&out, "{\"!\":{\"arg\":");
    struct law_policies *set = law_policies_new(ROOM);
    assert_int_equal(law_policy_parse_json(set, PD_STR("p"), PD_STR("j"), pd_buf_view(&out), &err),
                     PD_INVALID);
    assert_non_null(strstr(err.text, "nest more than 512 deep"));
    law_policies_free(set);
    pd_buf_clear(&out);
}

/* ---- Links ---- */

static const char template[] = "@id(\"t\") permit(principal == ?principal, action, resource);\n"
                               "@id(\"s\") forbid(principal == User::\"carol\", action, resource);";

static void a_link_decides_for_its_entities_only(void **state) {
    (void)state;
    struct pd_error err = {0};
    struct law_policies *set = parse(template);
    assert_false(allows(set, alice));
    assert_int_equal(law_policies_link(set, PD_STR("t"), PD_STR("l"), &alice, NULL, &err), PD_OK);
    assert_true(allows(set, alice));
    assert_false(allows(set, bob));
    const struct law_policy *link = law_policies_find(set, PD_STR("l"), NULL);
    assert_non_null(link);
    assert_true(pd_str_is(link->template_id, "t"));
    assert_false(link->is_template);
    law_policies_free(set);
}

static void a_link_that_does_not_fit_its_template_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *template_id, *id;
        const struct law_uid *principal, *resource;
        const char *message;
    } cases[] = {
        {"u", "l", &alice, NULL, "no template of id \"u\""},
        {"s", "l", &alice, NULL, "no template of id \"s\""},
        {"t", "l", NULL, NULL, "needs an entity for its slot ?principal"},
        {"t", "l", &alice, &file, "has no slot ?resource"},
        {"t", "s", &alice, NULL, "a policy of id \"s\" already"},
    };
    struct law_policies *set = parse(template);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pd_error err = {0};
        assert_int_equal(law_policies_link(set, pd_str_from(cases[i].template_id),
                                           pd_str_from(cases[i].id), cases[i].principal,
                                           cases[i].resource, &err),
                         PD_INVALID);
        if (!strstr(err.text, cases[i].message))
            fail_msg("%s", err.text);
        assert_int_equal(law_policies_count(set), 2);
    }
    law_policies_free(set);
}

/* ---- Layout ---- */

static const struct {
    const char *text, *formatted;
} layouts[] = {
    {"", ""},
    {"//  a  \r\n\n\n\n// b", "//  a\n\n// b\n"},
    {"permit(principal,action,resource);permit(principal,action,resource);",
     "permit (principal, action, resource);\n\npermit (principal, action, resource);\n"},
    {"@ id (\"a\")@in(\"b\")@c\nforbid(principal is A in A::\"b\",action in[Action :: \"c\",],"
     "resource==?resource)unless{!principal.x&&-1-2< - context [ \"y\" ]}when{{a:[]}==ip( \"::1\")"
     "};",
     "@id(\"a\")\n@in(\"b\")\n@c\n"
     "forbid (principal is A in A::\"b\", action in [Action::\"c\",], resource == ?resource)\n"
     "unless { !principal.x && -1 - 2 < -context[\"y\"] }\nwhen { {a: []} == ip(\"::1\") };\n"},
    {"// head\n\n// one\npermit(principal, // who\naction, resource) // tail\nwhen { // why\n"
     "a::\"x\" == principal && // b\n// c\n(true || // d\nfalse) // e\n} // f\n; // g\n\n\n// end",
     "// head\n\n// one\npermit (\n    principal, // who\n    action,\n    resource\n) // tail\n"
     "when { // why\n    a::\"x\" == principal && // b\n    // c\n    (true || // d\n"
     "     false) // e\n} // f\n; // g\n\n// end\n"},
    {"permit(principal,action,resource) when { if context has a_long_name_of_an_attribute then "
     "context.a_long_name_of_an_attribute else if principal has b then principal.b else true };",
     "permit (principal, action, resource)\nwhen {\n    if context has "
     "a_long_name_of_an_attribute\n    then context.a_long_name_of_an_attribute\n    else if "
     "principal has b then principal.b else true\n};\n"},
    {"permit(principal,action,resource) when { context has aaaaaaaaaaaaaaaa && "
     "context.aaaaaaaaaaaaaaaa && context has bbbbbbbbbbbbbbbb && [A::\"cccccccccccccccccccccc\", "
     "A::\"dddddddddddddddddddddd\", A::\"eeeeeeeeeeeeeeeeeeeeee\", A::\"f\"].contains(context.b) "
     "};",
     "permit (principal, action, resource)\nwhen {\n    context has aaaaaaaaaaaaaaaa && "
     "context.aaaaaaaaaaaaaaaa &&\n    context has bbbbbbbbbbbbbbbb &&\n    "
     "[A::\"cccccccccccccccccccccc\", A::\"dddddddddddddddddddddd\", "
     "A::\"eeeeeeeeeeeeeeeeeeeeee\",\n     A::\"f\"].contains(context.b)\n};\n"},
};

static void a_text_has_one_layout_and_keeps_its_comments(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(layouts); i++) {
        struct pd_error err = {0};
        struct pd_buf once, twice;
        pd_buf_init(&once, 0);
        pd_buf_init(&twice, 0);
        if (law_policies_format(PD_STR("p"), pd_str_from(layouts[i].text), &once, &err) != PD_OK)
            fail_msg("%s", err.text);
        assert_text(&once, layouts[i].formatted);
        assert_int_equal(law_policies_format(PD_STR("p"), pd_buf_view(&once), &twice, &err), PD_OK);
        assert_text(&twice, layouts[i].formatted);
        pd_buf_clear(&once);
        pd_buf_clear(&twice);
    }
}

static void a_comment_may_hold_any_character(void **state) {
    (void)state;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    static const char bytes[] = "permit (principal, action, resource); // a\0b\tc\n";
    const pd_str text = {bytes, sizeof(bytes) - 1};
    assert_int_equal(law_policies_format(PD_STR("p"), text, &out, NULL), PD_OK);
    assert_true(pd_str_eq(pd_buf_view(&out), text));
    pd_buf_clear(&out);
}

static void text_that_is_no_policy_is_not_formatted(void **state) {
    (void)state;
    struct pd_error err = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    assert_int_equal(
        law_policies_format(PD_STR("p"), PD_STR("permit(principal, action)"), &out, &err),
        PD_INVALID);
    assert_non_null(strstr(err.text, "p:1:25:"));
    assert_int_equal(out.len, 0);
    pd_buf_clear(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_expression_in_json_is_as_cedar_documents_it_and_reads_back),
        cmocka_unit_test(a_set_in_json_reads_back_with_templates_links_and_annotations),
        cmocka_unit_test(a_value_may_hold_sets_records_and_extensions),
        cmocka_unit_test(json_that_is_no_policy_is_refused_with_its_place),
        cmocka_unit_test(json_nested_too_deep_is_refused),
        cmocka_unit_test(a_link_decides_for_its_entities_only),
        cmocka_unit_test(a_link_that_does_not_fit_its_template_is_refused),
        cmocka_unit_test(a_text_has_one_layout_and_keeps_its_comments),
        cmocka_unit_test(a_comment_may_hold_any_character),
        cmocka_unit_test(text_that_is_no_policy_is_not_formatted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
