/* The Cedar language of src/law, through its public header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "law/cedar.h"

#include "law_cases.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROOM         ((size_t)64 << 20)

/** What most tests need: a set, an arena, a request by User::"a" and its entities. */
struct fixture {
    struct law_policies *policies;
    struct pd_arena *arena;
    const struct law_entities *entities;
    struct law_request request;
    struct pd_error err;
};

static const char entities_json[] =
    "[{\"uid\":{\"type\":\"User\",\"id\":\"a\"},"
    "  \"attrs\":{\"x\":1,\"r\":{\"a\":{\"b\":2}},\"has\":3,\"principal\":4,\"list\":[1,2],"
    "            \"friend\":{\"__entity\":{\"type\":\"User\",\"id\":\"b\"}}},"
    "  \"parents\":[{\"type\":\"Group\",\"id\":\"staff\"}],\"tags\":{\"t\":1}},"
    " {\"uid\":{\"__entity\":{\"type\":\"Group\",\"id\":\"staff\"}},\"attrs\":{},"
    "  \"parents\":[{\"__entity\":{\"type\":\"Group\",\"id\":\"all\"}}]},"
    " {\"uid\":{\"type\":\"User\",\"id\":\"c\"},\"attrs\":{},"
    "  \"parents\":[{\"type\":\"Group\",\"id\":\"all\"}]}]";
static const char context_json[] =
    "{\"s\":{\"a\":{\"b\":1}},\"n\":1,\"if\":true,"
    " \"u\":{\"__entity\":{\"type\":\"User\",\"id\":\"a\"}},"
    " \"when\":{\"__extn\":{\"fn\":\"datetime\",\"arg\":\"2024-02-29T12:00:00Z\"}}}";

static struct law_uid uid(const char *type, const char *id) {
    return (struct law_uid){pd_str_from(type), pd_str_from(id)};
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    f->policies = law_policies_new(ROOM);
    f->arena = pd_arena_new(ROOM);
    assert_int_equal(law_entities_parse(PD_STR("entities"), pd_str_from(entities_json), f->arena,
                                        &f->entities, &f->err),
                     PD_OK);
    f->request = (struct law_request){
        .principal = uid("User", "a"), .action = uid("Action", "v"), .resource = uid("Doc", "d")};
    assert_int_equal(law_value_parse_json(PD_STR("context"), pd_str_from(context_json), f->arena,
                                          &f->request.context, &f->err),
                     PD_OK);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    law_policies_free(f->policies);
    pd_arena_free(f->arena);
    free(f);
    return 0;
}

static enum pd_status parse(struct fixture *f, const char *text) {
    return law_policies_parse(f->policies, PD_STR("test.cedar"), pd_str_from(text),
                              LAW_IDS_NUMBERED, &f->err);
}

static void parse_all(struct fixture *f, const char *text) {
    if (parse(f, text) != PD_OK)
        fail_msg("%s", f->err.text);
}

/** Evaluates the last policy of the set. */
static struct law_evaluation evaluate(struct fixture *f) {
    struct law_evaluation e;
    size_t last = law_policies_count(f->policies) - 1;
    assert_int_equal(law_policy_evaluate(law_policies_get(f->policies, last), f->entities,
                                         &f->request, f->arena, &e, &f->err),
                     PD_OK);
    return e;
}

static struct law_answer authorize(struct fixture *f) {
    struct law_answer answer;
    assert_int_equal(
        law_authorize(f->policies, f->entities, &f->request, f->arena, &answer, &f->err), PD_OK);
    return answer;
}

/** A policy around an expression, in the fixture's arena. */
static const char *around(struct fixture *f, const char *expression) {
    return pd_arena_printf(f->arena, "permit(principal, action, resource) when { %s };", expression)
        .data;
}

static const char *repeat(struct fixture *f, const char *before, size_t count, const char *middle,
                          const char *after) {
    struct pd_buf buf = {0};
    for (size_t i = 0; i < count; i++)
        pd_buf_text(&buf, before);
    pd_buf_text(&buf, middle);
    for (size_t i = 0; i < count; i++)
        pd_buf_text(&buf, after);
    const char *text = pd_arena_str(f->arena, pd_buf_view(&buf)).data;
    pd_buf_clear(&buf);
    assert_non_null(text);
    return text;
}

/* ---- The language */

static void expressions_come_to_what_the_reference_says(void **state) {
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT(expression_cases); i++) {
        const struct expression_case *c = &expression_cases[i];
        enum outcome outcome = REFUSED;
        if (parse(f, around(f, c->text)) == PD_OK) {
            struct law_evaluation e = evaluate(f);
            outcome = e.verdict == LAW_VERDICT_SATISFIED ? TRUE
                      : e.verdict == LAW_VERDICT_NOT     ? FALSE
                                                         : ERROR;
        }
        if (outcome != c->outcome)
            fail_msg("%s: outcome %d instead of %d", c->text, (int)outcome, (int)c->outcome);
    }
}

static void policies_are_accepted_or_rejected_as_by_the_reference(void **state) {
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT(policy_cases); i++) {
        size_t before = law_policies_count(f->policies);
        bool is_accepted = parse(f, policy_cases[i].text) == PD_OK;
        bool is_template =
            law_policies_count(f->policies) > before &&
            law_policies_get(f->policies, law_policies_count(f->policies) - 1)->is_template;
        int outcome = is_template ? TEMPLATE : is_accepted ? ACCEPTED : REJECTED;
        if (outcome != (int)policy_cases[i].outcome)
            fail_msg("%s: %s", policy_cases[i].text, is_accepted ? "accepted" : f->err.text);
    }
}

static void extension_values_have_the_documented_forms_only(void **state) {
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT(form_cases); i++) {
        const struct form_case *c = &form_cases[i];
        struct law_value value, same;
        enum pd_status st = law_value_extension(c->function, pd_str_from(c->text), &value, &f->err);
        if (st != (c->same_as ? PD_OK : PD_INVALID))
            fail_msg("%s(\"%s\"): %s", c->function, c->text, st == PD_OK ? "valid" : f->err.text);
        if (!c->same_as)
            continue;
        assert_int_equal(law_value_extension(c->function, pd_str_from(c->same_as), &same, &f->err),
                         PD_OK);
        if (law_value_compare(&value, &same) != 0)
            fail_msg("%s: \"%s\" is not \"%s\"", c->function, c->text, c->same_as);
    }
    struct law_value value;
    assert_int_equal(law_value_extension("toTime", PD_STR("x"), &value, &f->err), PD_INVALID);
}

static void parse_errors_show_the_place(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"permit(principal,\n\taction, é);",
         "test.cedar:2:10: `é` (U+00E9) has no meaning in Cedar\n    \taction, é);\n"
         "    \t        ^"},
        {"permit(principal, action, resource)\nwhen { context.é };",
         "test.cedar:2:16: `é` (U+00E9) has no meaning in Cedar\n    when { context.é };\n"
         "                   ^"},
        {"@note(\"数据\") permit(principal, action, resources);",
         "test.cedar:1:39: expected the variable `resource`, found `resources`: did you mean `resource`?\n"
         "    @note(\"数据\") permit(principal, action, resources);\n"
         "           \u3000\u3000                             ^"},
        {"permit(principal, action, resource) when { \"a\\q\" == \"\" };",
         "test.cedar:1:46: no such escape: there are \\n \\r \\t \\\\ \\0 \\' \\\" \\xHH (to 7F), "
         "\\u{1 to 6 hex digits}\n"
         "    permit(principal, action, resource) when { \"a\\q\" == \"\" };\n"
         "                                                 ^"},
        {"permit(principal, action, resource)",
         "test.cedar:1:36: expected `when`, `unless` or `;`, but the text ends here\n"
         "    permit(principal, action, resource)\n"
         "                                       ^"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(parse(f, cases[i].text), PD_INVALID);
        assert_string_equal(f->err.text, cases[i].message);
    }
    static const char not_utf8[] = "permit(principal,\n action, \xff\x01);";
    assert_int_equal(parse(f, not_utf8), PD_INVALID);
    assert_string_equal(f->err.text,
                        "test.cedar:2:10: the text is not UTF-8 here\n     action, ? );\n"
                        "             ^");
}

/* ---- Policy sets */

static void a_failed_parse_leaves_the_set_as_it_was(void **state) {
    struct fixture *f = *state;
    parse_all(f, "permit(principal, action, resource);");
    assert_int_equal(parse(f, "forbid(principal, action, resource); nonsense"), PD_INVALID);
    assert_int_equal(law_policies_count(f->policies), 1);
    assert_true(authorize(f).is_allowed);
    parse_all(f, "forbid(principal, action, resource);");
    assert_non_null(law_policies_find(f->policies, PD_STR("policy1"), NULL));
    assert_null(law_policies_find(f->policies, PD_STR("policy2"), NULL));
}

static void ids_come_from_numbers_or_annotations_and_are_unique(void **state) {
    struct fixture *f = *state;
    static const char text[] = "@id(\"b\") permit(principal, action, resource);\n"
                               "permit(principal, action, resource);\n"
                               "@id(\"a\") forbid(principal, action, resource);";
    size_t index = 99;
    parse_all(f, text);
    assert_non_null(law_policies_find(f->policies, PD_STR("policy2"), &index));
    assert_int_equal(index, 2);
    assert_int_equal(law_policies_parse(f->policies, PD_STR("two.cedar"), pd_str_from(text),
                                        LAW_IDS_ANNOTATED, &f->err),
                     PD_OK);
    assert_non_null(law_policies_find(f->policies, PD_STR("b"), &index));
    assert_int_equal(index, 3);
    assert_non_null(law_policies_find(f->policies, PD_STR("policy4"), &index));
    assert_int_equal(law_policies_parse(f->policies, PD_STR("three.cedar"),
                                        PD_STR("\n@id(\"a\") permit(principal,action,resource);"),
                                        LAW_IDS_ANNOTATED, &f->err),
                     PD_INVALID);
    assert_non_null(strstr(f->err.text, "three.cedar:2:1: there is a policy of id \"a\" already, "
                                        "at two.cedar:3\n"));
    assert_int_equal(law_policies_count(f->policies), 6);
}

static void a_policy_tells_what_it_says(void **state) {
    struct fixture *f = *state;
    parse_all(f, "// first\n@id(\"x\") @bare\nforbid (principal is A::B in A::\"p\",\n"
                 "  action in [Action::\"r\", Action::\"s\"], resource == ?resource)\n"
                 "when { true } unless { context has k };\npermit(principal,action,resource);");
    const struct law_policy *p = law_policies_get(f->policies, 0);
    pd_str value;
    assert_int_equal(p->effect, LAW_EFFECT_FORBID);
    assert_int_equal(p->annotation_count, 2);
    assert_true(pd_str_is(p->annotations[1].key, "bare"));
    assert_true(law_policy_annotation(p, "id", &value) && pd_str_is(value, "x"));
    assert_true(law_policy_annotation(p, "bare", &value) && value.len == 0);
    assert_false(law_policy_annotation(p, "title", &value));
    assert_int_equal(p->principal.form, LAW_SCOPE_IS_IN);
    assert_true(pd_str_is(p->principal.type, "A::B"));
    assert_true(pd_str_is(p->principal.entities[0].id, "p"));
    assert_int_equal(p->action.form, LAW_SCOPE_IN);
    assert_int_equal(p->action.entity_count, 2);
    assert_int_equal(p->resource.form, LAW_SCOPE_EQUAL);
    assert_true(p->resource.has_slot && p->is_template);
    assert_int_equal(p->clause_count, 2);
    assert_false(p->clauses[0].is_unless);
    assert_true(pd_str_is(p->clauses[0].text, "when { true }"));
    assert_true(p->clauses[1].is_unless);
    assert_true(pd_str_is(p->clauses[1].text, "unless { context has k }"));
    assert_int_equal(p->clauses[1].place.line, 5);
    assert_int_equal(p->clauses[1].place.column, 15);
    assert_int_equal(p->place.line, 2);
    assert_true(pd_str_starts(p->text, PD_STR("@id(\"x\") @bare")));
    assert_true(pd_str_ends(p->text, PD_STR("has k };")));
    assert_true(
        pd_str_is(law_policies_get(f->policies, 1)->text, "permit(principal,action,resource);"));
    assert_int_equal(
        law_policy_fail(f->policies, p, p->clauses[1].place, &f->err, "no fact `%s`", "k"),
        PD_INVALID);
    assert_string_equal(f->err.text, "test.cedar:5:15: no fact `k`\n"
                                     "    when { true } unless { context has k };\n"
                                     "                  ^");
}

static bool note_path(void *context, const struct law_path *path) {
    struct pd_buf *buf = context;
    for (size_t i = 0; i < path->count; i++) {
        if (i > 0)
            pd_buf_text(buf, path->is_has && i + 1 == path->count ? "?" : ".");
        pd_buf_str(buf, path->names[i]);
    }
    pd_buf_printf(buf, "@%u ", path->place.column);
    return buf->len < 110;
}

static void paths_are_the_longest_chains_in_the_order_written(void **state) {
    struct fixture *f = *state;
    struct pd_buf buf = {0};
    parse_all(f, "permit(principal, action, resource) when {\n"
                 "context has f.k && context.f.k > 1 && (if true then context.a else {}).z\n"
                 "};");
    law_policy_visit_paths(law_policies_get(f->policies, 0), note_path, &buf);
    assert_string_equal(buf.data, "context?f@13 context.f?k@15 context.f.k@30 context.a@61 ");
    pd_buf_reset(&buf);
    parse_all(f, "permit(principal, action, resource) when {\n"
                 "principal in [resource.owner, Group::\"x\"].contains(action)\n"
                 "} unless {\ncontext[\"s\"].t.getTag(context.n).u\n};");
    law_policy_visit_paths(law_policies_get(f->policies, 1), note_path, &buf);
    assert_string_equal(buf.data,
                        "principal@1 resource.owner@24 action@52 context.s.t@14 context.n@31 ");
    pd_buf_reset(&buf);
    parse_all(f, repeat(f, "", 40, around(f, "context.aaaa || context.bbbb"), ""));
    const char *chain = repeat(f, "context.aaaa || ", 30, "context.bbbb", "");
    parse_all(f, around(f, chain));
    law_policy_visit_paths(law_policies_get(f->policies, law_policies_count(f->policies) - 1),
                           note_path, &buf);
    assert_true(buf.len < 140); /* stopped when the visitor said so */
    pd_buf_clear(&buf);
}

/* ---- Depth and size */

static void nesting_is_accepted_to_the_limit_and_refused_beyond(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *before, *middle, *after;
        size_t most; /* how often `before` and `after` may stand around `middle` */
    } cases[] = {
        {"(", "true", ")", LAW_NESTING_MAX - 1},
        {"[", "1", "]", LAW_NESTING_MAX - 2},
        {"{a: ", "1", "}", LAW_NESTING_MAX - 2},
        {"if true then ", "true", " else false", LAW_NESTING_MAX - 1},
        {"if false then false else ", "true", "", LAW_NESTING_MAX - 1},
        {"!(", "true", ")", LAW_NESTING_MAX - 1},
        {"", "principal has x || 1", " + 1", LAW_NESTING_MAX - 2},
        {"", "principal has x || principal", ".x", LAW_NESTING_MAX - 2},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t most = cases[i].most;
        for (size_t extra = 0; extra < 2; extra++) {
            const char *inner =
                repeat(f, cases[i].before, most + extra, cases[i].middle, cases[i].after);
            bool is_value = *cases[i].before == '[' || *cases[i].before == '{';
            const char *text = pd_arena_printf(f->arena, is_value ? "%s == 1" : "%s", inner).data;
            enum pd_status st = parse(f, around(f, text));
            if (st != (extra ? PD_INVALID : PD_OK))
                fail_msg("%s x %zu: %s", cases[i].before, most + extra,
                         st == PD_OK ? "accepted" : f->err.text);
            if (st == PD_OK)
                assert_int_not_equal(evaluate(f).verdict, LAW_VERDICT_ERROR);
            else
                assert_non_null(strstr(f->err.text, "nests more than 512 deep"));
        }
    }
}

static void a_hundred_thousand_conditions_in_a_row_are_no_nesting(void **state) {
    struct fixture *f = *state;
    parse_all(f, around(f, repeat(f, "true && ", 100000, "true", "")));
    assert_int_equal(evaluate(f).verdict, LAW_VERDICT_SATISFIED);
    parse_all(f, around(f, repeat(f, "false || ", 100000, "true", "")));
    assert_int_equal(evaluate(f).verdict, LAW_VERDICT_SATISFIED);
}

static void nested_tests_are_evaluated_once_each(void **state) {
    struct fixture *f = *state;
    /* If `x is T in y` or `x has a.b` evaluated x twice, this would take 2^120 steps. */
    parse_all(f, around(f, repeat(f, "(if (", 120, "principal",
                                  ") is User in Group::\"all\" then principal else principal)")));
    assert_int_equal(evaluate(f).verdict, LAW_VERDICT_ERROR);
    parse_all(f, around(f, repeat(f, "(if (", 120, "principal",
                                  ") has r.a.b then principal else principal)")));
    assert_int_equal(evaluate(f).verdict, LAW_VERDICT_ERROR);
}

static void a_full_arena_is_a_limit_and_not_an_answer(void **state) {
    struct fixture *f = *state;
    struct law_policies *small = law_policies_new(2000);
    assert_int_equal(law_policies_parse(small, PD_STR("x"),
                                        pd_str_from(repeat(f, around(f, "true"), 50, "", "")),
                                        LAW_IDS_NUMBERED, &f->err),
                     PD_LIMIT);
    assert_int_equal(law_policies_count(small), 0);
    law_policies_free(small);

    struct law_answer answer;
    struct pd_arena *tiny = pd_arena_new(64);
    parse_all(f, around(f, "[principal.x, 2, 3, 4].contains(5)"));
    assert_int_equal(law_authorize(f->policies, f->entities, &f->request, tiny, &answer, &f->err),
                     PD_LIMIT);
    pd_arena_free(tiny);
}

/* ---- Values and JSON */

static void json_values_are_read_or_refused_with_their_place(void **state) {
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT(json_cases); i++) {
        struct law_value value;
        enum pd_status st = law_value_parse_json(PD_STR("v"), pd_str_from(json_cases[i].json),
                                                 f->arena, &value, &f->err);
        const char *message = json_cases[i].message;
        if (st != (message ? PD_INVALID : PD_OK) ||
            (message && strncmp(f->err.text, message, strlen(message)) != 0))
            fail_msg("%s: %s", json_cases[i].json, st == PD_OK ? "read" : f->err.text);
    }
    struct law_value value;
    const char *deep = repeat(f, "[", LAW_NESTING_MAX, "", "]");
    assert_int_equal(
        law_value_parse_json(PD_STR("v"), pd_str_from(deep), f->arena, &value, &f->err), PD_OK);
    deep = repeat(f, "[", LAW_NESTING_MAX + 1, "", "]");
    assert_int_equal(
        law_value_parse_json(PD_STR("v"), pd_str_from(deep), f->arena, &value, &f->err),
        PD_INVALID);
}

static void names_and_strings_may_hold_nul(void **state) {
    struct fixture *f = *state;
    struct law_value value;
    assert_int_equal(law_value_parse_json(PD_STR("v"), PD_STR("{\"a\\u0000b\":\"\\u0000\"}"),
                                          f->arena, &value, &f->err),
                     PD_OK);
    const struct law_value *member = law_value_find(&value, (pd_str){"a\0b", 3});
    assert_non_null(member);
    assert_int_equal(member->text.len, 1);
    assert_null(law_value_find(&value, PD_STR("a")));
    f->request.context = value;
    parse_all(f, around(f, "context[\"a\\0b\"] == \"\\0\" && !(context has \"a\")"));
    assert_int_equal(evaluate(f).verdict, LAW_VERDICT_SATISFIED);
}

static void builders_sort_and_refuse_doubles(void **state) {
    struct fixture *f = *state;
    const struct law_value items[] = {law_value_long(3), law_value_bool(true), law_value_long(1),
                                      law_value_long(3)};
    struct law_value set, record;
    assert_int_equal(law_value_set(f->arena, items, COUNT(items), &set, &f->err), PD_OK);
    assert_int_equal(set.set.count, 3);
    const struct law_member members[] = {{PD_STR("b"), set}, {PD_STR("a"), law_value_long(1)}};
    assert_int_equal(law_value_record(f->arena, members, 2, &record, &f->err), PD_OK);
    assert_true(pd_str_is(record.record.members[0].name, "a"));
    assert_int_equal(law_value_find(&record, PD_STR("b"))->set.count, 3);
    const struct law_member twice[] = {{PD_STR("a"), set}, {PD_STR("a"), set}};
    assert_int_equal(law_value_record(f->arena, twice, 2, &record, &f->err), PD_INVALID);
    assert_string_equal(f->err.text, "the record has \"a\" twice");
}

static void records_are_searched_whatever_their_size(void **state) {
    struct fixture *f = *state;
    struct law_member members[100];
    struct law_value record;
    for (size_t i = 0; i < COUNT(members); i++)
        members[i] = (struct law_member){pd_arena_printf(f->arena, "n%zu", i * 7 % 100),
                                         law_value_long((int64_t)(i * 7 % 100))};
    for (size_t count = 0; count <= COUNT(members); count++) {
        assert_int_equal(law_value_record(f->arena, members, count, &record, &f->err), PD_OK);
        for (size_t i = 0; i < COUNT(members); i++) {
            const struct law_value *found = law_value_find(&record, members[i].name);
            assert_int_equal(found != NULL, i < count);
            if (found)
                assert_int_equal(found->number, members[i].value.number);
        }
    }
}

/* ---- Entities */

static enum pd_status parse_entities(struct fixture *f, const char *json) {
    return law_entities_parse(PD_STR("entities"), pd_str_from(json), f->arena, &f->entities,
                              &f->err);
}

static void entities_are_refused_with_the_reason(void **state) {
    struct fixture *f = *state;
#define E(id, rest) "{\"uid\":{\"type\":\"A\",\"id\":\"" id "\"}," rest "}"
#define P(id)       "{\"type\":\"A\",\"id\":\"" id "\"}"
    static const struct {
        const char *json, *message;
    } cases[] = {
        {"{}", "entities:1:1: the entities must be an array"},
        {"[1]", "entities:1:2: each entity must be an object"},
        {"[{\"attrs\":{},\"parents\":[]}]", "entities:1:2: this entity has no \"uid\""},
        {"[" E("a", "\"parents\":[]") "]", "entities:1:2: this entity has no \"attrs\""},
        {"[" E("a", "\"attrs\":{}") "]", "entities:1:2: this entity has no \"parents\""},
        {"[" E("a", "\"attrs\":{},\"parents\":{}") "]", "entities:1:52: \"parents\" must be"},
        {"[" E("a", "\"attrs\":[],\"parents\":[]") "]", "entities:1:39: \"attrs\" must be"},
        {"[" E("a", "\"attrs\":{},\"parents\":[],\"parent\":[]") "]",
         "entities:1:64: an entity has uid, attrs, parents and tags, but no \"parent\""},
        {"[" E("a", "\"attrs\":{\"x\":null},\"parents\":[]") "]", "entities:1:44: Cedar has no"},
        {"[" E("a", "\"attrs\":{},\"parents\":[]") "," E("a", "\"attrs\":{},\"parents\":[]") "]",
         "entities:1:63: the entity A::\"a\" is given twice"},
        {"[" E("a", "\"attrs\":{},\"parents\":[" P("a") "]") "]",
         "entities:1:9: the entity A::\"a\" is its own ancestor"},
        {"[" E("a", "\"attrs\":{},\"parents\":[" P("b") "]") "," E(
             "b", "\"attrs\":{},\"parents\":[" P("c") "," P(
                      "z") "]") "," E("c", "\"attrs\":{},\"parents\":[" P("b") "]") "]",
         "entities:1:84: the entity A::\"b\" is its own ancestor"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum pd_status st = parse_entities(f, cases[i].json);
        if (st != PD_INVALID ||
            strncmp(f->err.text, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("%s: %s", cases[i].json, st == PD_OK ? "read" : f->err.text);
    }
#undef E
#undef P
    struct law_entity bad = {.uid = uid("A b", "c")};
    const struct law_entities *out;
    assert_int_equal(law_entities_make(&bad, 1, f->arena, &out, &f->err), PD_INVALID);
    bad = (struct law_entity){.uid = uid("A", "c"), .tags = law_value_long(1)};
    assert_int_equal(law_entities_make(&bad, 1, f->arena, &out, &f->err), PD_INVALID);
    assert_string_equal(f->err.text, "the tags of A::\"c\" are no record");
}

/** A ladder: each of 1000 entities has the two before it as parents, so all before are ancestors.
 */
static void ancestors_are_all_that_can_be_reached(void **state) {
    struct fixture *f = *state;
    enum { N = 1000 };
    struct law_entity list[N] = {0};
    for (size_t i = 0; i < N; i++)
        list[i].uid = (struct law_uid){PD_STR("A"), pd_arena_printf(f->arena, "%zu", i)};
    for (size_t i = 0; i < N; i++) {
        struct law_uid *parents = pd_arena_array(f->arena, 2, sizeof(*parents));
        size_t n = 0;
        for (size_t back = 1; back <= 2 && back <= i; back++)
            parents[n++] = list[i - back].uid;
        /* Listed from the end, so that children come before their parents. */
        list[i].parents = parents;
        list[i].parent_count = n;
    }
    for (size_t i = 0; i < N / 2; i++) {
        struct law_entity other = list[i];
        list[i] = list[N - 1 - i];
        list[N - 1 - i] = other;
    }
    assert_int_equal(law_entities_make(list, N, f->arena, &f->entities, &f->err), PD_OK);
    assert_int_equal(law_entities_count(f->entities), N);
    static const struct {
        const char *text;
        bool is_true;
    } cases[] = {
        {"A::\"999\" in A::\"0\"", true},    {"A::\"999\" in A::\"998\"", true},
        {"A::\"2\" in A::\"0\"", true},      {"A::\"0\" in A::\"2\"", false},
        {"A::\"500\" in A::\"501\"", false}, {"A::\"500\" in A::\"none\"", false},
        {"A::\"7\" in A::\"7\"", true},      {"A::\"9\" in [A::\"10\", A::\"3\"]", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        parse_all(f, around(f, cases[i].text));
        if ((evaluate(f).verdict == LAW_VERDICT_SATISFIED) != cases[i].is_true)
            fail_msg("%s", cases[i].text);
    }
}

/* ---- Authorization */

static void decisions_follow_all_policies_together(void **state) {
    struct fixture *f = *state;
#define ALL "(principal, action, resource)"
    static const struct {
        const char *text, *reasons, *satisfied, *errors; /* indices; reasons starts with + or - */
    } cases[] = {
        {"", "-", "", ""},
        {"permit" ALL ";", "+0", "0", ""},
        {"permit" ALL " when { false };", "-", "", ""},
        {"permit" ALL "; permit" ALL "; permit" ALL " unless { true };", "+01", "01", ""},
        {"permit" ALL "; forbid" ALL "; permit" ALL "; forbid" ALL ";", "-13", "0123", ""},
        {"forbid" ALL " when { context.gone };", "-", "", "0"},
        {"permit" ALL "; forbid" ALL " when { context.gone };", "+0", "0", "1"},
        {"permit" ALL " when { 1 }; permit" ALL " when { 1 < true };", "-", "", "01"},
        {"permit" ALL " when { false } when { context.gone };", "-", "", ""},
        {"permit" ALL " when { context.gone } when { false };", "-", "", "0"},
        {"permit" ALL " unless { false || context.n == 2 } when { context has n };", "+0", "0", ""},
        {"permit(principal == User::\"a\", action, resource);", "+0", "0", ""},
        {"permit(principal == User::\"c\", action, resource) when { 1 };", "-", "", ""},
        {"permit(principal in Group::\"all\", action, resource);", "+0", "0", ""},
        {"permit(principal in Group::\"none\", action, resource);", "-", "", ""},
        {"permit(principal is User in Group::\"staff\", action, resource);", "+0", "0", ""},
        {"permit(principal is Group in Group::\"staff\", action, resource);", "-", "", ""},
        {"permit(principal, action in [Action::\"w\", Action::\"v\"], resource);", "+0", "0", ""},
        {"permit(principal, action in [], resource);", "-", "", ""},
        {"permit(principal, action, resource is Doc);", "+0", "0", ""},
        {"permit(principal, action, resource is N::Doc);", "-", "", ""},
        {"permit(principal == ?principal, action, resource);", "-", "", ""},
        {"permit" ALL "; permit" ALL "; permit" ALL "; permit" ALL "; permit" ALL "; permit" ALL
         "; permit" ALL "; permit" ALL "; permit" ALL ";",
         "+012345678", "012345678", ""},
    };
#undef ALL
    for (size_t i = 0; i < COUNT(cases); i++) {
        law_policies_free(f->policies);
        f->policies = law_policies_new(ROOM);
        parse_all(f, cases[i].text);
        struct law_answer answer = authorize(f);
        char reasons[32] = "", satisfied[32] = "", errors[32] = "";
        size_t n = 0;
        reasons[n++] = answer.is_allowed ? '+' : '-';
        for (size_t j = 0; j < answer.reason_count; j++)
            reasons[n++] = (char)('0' + answer.reasons[j]);
        for (size_t j = 0; j < answer.satisfied_count; j++)
            satisfied[j] = (char)('0' + answer.satisfied[j]);
        for (size_t j = 0; j < answer.error_count; j++)
            errors[j] = (char)('0' + answer.errors[j].policy);
        if (strcmp(reasons, cases[i].reasons) != 0 || strcmp(satisfied, cases[i].satisfied) != 0 ||
            strcmp(errors, cases[i].errors) != 0)
            fail_msg("%s: %s, satisfied %s, errors %s", cases[i].text, reasons, satisfied, errors);
    }
}

static void without_entities_and_context_a_request_is_still_answered(void **state) {
    struct fixture *f = *state;
    f->entities = NULL;
    f->request.context = (struct law_value){.kind = LAW_VALUE_BOOL};
    parse_all(f, around(f, "context == {} && !(principal has x) && principal in principal"));
    assert_true(authorize(f).is_allowed);
    f->request.context = law_value_long(1);
    struct law_answer answer;
    assert_int_equal(law_authorize(f->policies, NULL, &f->request, f->arena, &answer, &f->err),
                     PD_INVALID);
    assert_string_equal(f->err.text, "the context must be a record, but is a Long");
}

static void an_evaluation_names_the_clause_and_the_place(void **state) {
    struct fixture *f = *state;
    parse_all(f, "permit(principal, action, resource)\n  when { context.n == 1 }\n"
                 "  unless { principal.x == 1 };");
    struct law_evaluation e = evaluate(f);
    assert_int_equal(e.verdict, LAW_VERDICT_NOT);
    assert_true(e.in_scope);
    assert_int_equal(e.clause, 1);
    parse_all(f, "permit(principal, action, resource)\n  when { principal.y == 1 };");
    e = evaluate(f);
    assert_int_equal(e.verdict, LAW_VERDICT_ERROR);
    assert_int_equal(e.clause, 0);
    assert_string_equal(e.message.data,
                        "test.cedar:2:20: there is no attribute `y`: ask with `has` first");
    assert_int_equal(e.place.line, 2);
    parse_all(f, "permit(principal == User::\"z\", action, resource);");
    e = evaluate(f);
    assert_int_equal(e.verdict, LAW_VERDICT_NOT);
    assert_false(e.in_scope);
}

/* ---- Unknown values */

/** context.f has k = 5, b = true, and the unknowns p, q, r; context.f.rec.u is unknown too. */
static void give_unknowns(struct fixture *f) {
    static const pd_str names[] = {PD_STR_INIT("p"), PD_STR_INIT("q"), PD_STR_INIT("r"),
                                   PD_STR_INIT("u")};
    struct law_value rec, facts;
    const struct law_member inner[] = {{PD_STR("u"), law_value_unknown(&names[3])},
                                       {PD_STR("one"), law_value_long(1)}};
    assert_int_equal(law_value_record(f->arena, inner, 2, &rec, &f->err), PD_OK);
    const struct law_member members[] = {{PD_STR("p"), law_value_unknown(&names[0])},
                                         {PD_STR("q"), law_value_unknown(&names[1])},
                                         {PD_STR("r"), law_value_unknown(&names[2])},
                                         {PD_STR("rec"), rec},
                                         {PD_STR("k"), law_value_long(5)},
                                         {PD_STR("b"), law_value_bool(true)}};
    assert_int_equal(law_value_record(f->arena, members, COUNT(members), &facts, &f->err), PD_OK);
    const struct law_member context[] = {{PD_STR("f"), facts}};
    assert_int_equal(law_value_record(f->arena, context, 1, &f->request.context, &f->err), PD_OK);
}

static void unknowns_are_handed_on_in_kleenes_manner(void **state) {
    struct fixture *f = *state;
    give_unknowns(f);
    for (size_t i = 0; i < COUNT(unknown_cases); i++) {
        parse_all(f, around(f, unknown_cases[i].text));
        struct law_evaluation e = evaluate(f);
        char outcome[64] = "";
        static const char *const letters[] = {"T", "F", "E", ""};
        strcat(outcome, letters[e.verdict]);
        for (size_t j = 0; j < e.unknown_count; j++) {
            strncat(outcome, j ? " " : "", 2);
            strncat(outcome, e.unknown[j].data, e.unknown[j].len);
        }
        if (strcmp(outcome, unknown_cases[i].outcome) != 0)
            fail_msg("%s: %s instead of %s %.*s", unknown_cases[i].text, outcome,
                     unknown_cases[i].outcome, pd_arg(e.message));
    }
}

static void clauses_with_unknowns_are_joined_like_conditions(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *clauses;
        enum law_verdict verdict;
        const char *first_name;
    } cases[] = {
        {"when { context.f.q } unless { context.f.p }", LAW_VERDICT_UNKNOWN, "p"},
        {"unless { context.f.p } when { false }", LAW_VERDICT_NOT, NULL},
        {"unless { context.f has p && context.f.p } unless { context.f.k == 4 }",
         LAW_VERDICT_UNKNOWN, "p"},
        {"unless { context.f has p && context.f.p } unless { context.f.k == 5 }", LAW_VERDICT_NOT,
         NULL},
        {"when { context.f.p } when { context.f.z }", LAW_VERDICT_UNKNOWN, "p"},
        {"when { context.f.z } when { context.f.p }", LAW_VERDICT_ERROR, NULL},
        {"when { context.f.p } when { 7 }", LAW_VERDICT_UNKNOWN, "p"},
    };
    give_unknowns(f);
    for (size_t i = 0; i < COUNT(cases); i++) {
        parse_all(f, pd_arena_printf(f->arena, "forbid(principal, action, resource) %s;",
                                     cases[i].clauses)
                         .data);
        struct law_evaluation e = evaluate(f);
        if (e.verdict != cases[i].verdict)
            fail_msg("%s: %d", cases[i].clauses, (int)e.verdict);
        if (cases[i].first_name)
            assert_true(pd_str_is(e.unknown[0], cases[i].first_name));
    }
    struct law_answer answer = authorize(f);
    assert_int_equal(answer.unknown_count, 4);
    assert_int_equal(answer.unknown[0], 0);
    assert_int_equal(answer.error_count, 1);
    assert_false(answer.is_allowed);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(expressions_come_to_what_the_reference_says),
        TEST(policies_are_accepted_or_rejected_as_by_the_reference),
        TEST(extension_values_have_the_documented_forms_only),
        TEST(parse_errors_show_the_place),
        TEST(a_failed_parse_leaves_the_set_as_it_was),
        TEST(ids_come_from_numbers_or_annotations_and_are_unique),
        TEST(a_policy_tells_what_it_says),
        TEST(paths_are_the_longest_chains_in_the_order_written),
        TEST(nesting_is_accepted_to_the_limit_and_refused_beyond),
        TEST(a_hundred_thousand_conditions_in_a_row_are_no_nesting),
        TEST(nested_tests_are_evaluated_once_each),
        TEST(a_full_arena_is_a_limit_and_not_an_answer),
        TEST(json_values_are_read_or_refused_with_their_place),
        TEST(names_and_strings_may_hold_nul),
        TEST(builders_sort_and_refuse_doubles),
        TEST(records_are_searched_whatever_their_size),
        TEST(entities_are_refused_with_the_reason),
        TEST(ancestors_are_all_that_can_be_reached),
        TEST(decisions_follow_all_policies_together),
        TEST(without_entities_and_context_a_request_is_still_answered),
        TEST(an_evaluation_names_the_clause_and_the_place),
        TEST(unknowns_are_handed_on_in_kleenes_manner),
        TEST(clauses_with_unknowns_are_joined_like_conditions),
    };
    return cmocka_run_group_tests_name("law", tests, NULL, NULL);
}
