/* Cedar schemas, through the public header. What is accepted was asked of the reference, 4.10. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "law/law.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROOM         ((size_t)64 << 20)

struct fixture {
    struct pd_arena *arena;
    const struct law_schema *schema;
    struct pd_error err;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    f->arena = pd_arena_new(ROOM);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    pd_arena_free(f->arena);
    free(f);
    return 0;
}

static enum pd_status parse(struct fixture *f, const char *text) {
    bool is_json = text[0] == '{';
    f->schema = NULL;
    return law_schema_parse(PD_STR("test"), pd_str_from(text),
                            is_json ? LAW_SCHEMA_JSON : LAW_SCHEMA_CEDAR, f->arena, &f->schema,
                            &f->err);
}

static void accept_all(struct fixture *f, const char *const *texts, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (parse(f, texts[i]) != PD_OK)
            fail_msg("%s: %s", texts[i], f->err.text);
}

struct refusal {
    const char *text, *message; /* how the message begins */
};

static void refuse_all(struct fixture *f, const struct refusal *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        enum pd_status st = parse(f, cases[i].text);
        if (st != PD_INVALID || f->schema ||
            strncmp(f->err.text, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("%s: %s", cases[i].text, st == PD_OK ? "accepted" : f->err.text);
    }
}

static void cedar_syntax_is_accepted_as_by_the_reference(void **state) {
    static const char *const texts[] = {
        "",
        "entity A, B in [A] {a: Long, \"b c\"?: Set<B>,} tags String;",
        "entity A in [B, C] = {a: Long}; entity B in C; entity C in B;",
        "entity A; type A = Long;",
        "entity A {a: Bool, b: __cedar::Bool, c: ipaddr, d: decimal, e: datetime, f: duration};",
        "entity A {type: Long, Set: Long, appliesTo: Long, Bool: Long, \"\": Long};",
        "entity Bool; entity B {a: Bool};",
        "entity type, entity, namespace, Set, tags, enum;",
        "entity E enum [\"x\", \"x\"]; entity B in E;",
        "type T = Set<U>; type U = {a?: {b: Set<Long>}}; entity A {a: T};",
        "entity A; action a appliesTo {principal: A, resource: [A, A], context: T,}; type T = {};",
        "action a, \"b c\", d; action e in [a, \"b c\", Action::\"d\"];",
        "namespace N { action a in b; } action b;",
        "namespace N { action a in N::Action::\"b\"; action b; }",
        "namespace N { entity A; } namespace N::M { entity B in N::A; }",
        "namespace N { entity A {a: ipaddr}; type ipaddr = String; }",
        "entity A {a: Action}; action x;",
        "@x(\"1\") @if entity A { @y a: Long };",
    };
    accept_all(*state, texts, COUNT(texts));
}

static void json_syntax_is_accepted_as_by_the_reference(void **state) {
    static const char *const texts[] = {
        "{}",
        "{\"\": {\"entityTypes\": {}, \"actions\": {}}}",
        "{\"N::M\": {\"entityTypes\": {\"A\": {\"enum\": [\"x\"]}}, \"actions\": {\"\": {}}}}",
        "{\"\": {\"entityTypes\": {\"A\": {\"memberOfTypes\": [\"A\"], \"tags\": {\"type\": "
        "\"Long\"}, "
        "\"shape\": {\"type\": \"Record\", \"additionalAttributes\": false, \"attributes\": {"
        "\"a\": {\"type\": \"Boolean\", \"required\": false}, \"b\": {\"type\": \"T\"}, "
        "\"c\": {\"type\": \"EntityOrCommon\", \"name\": \"A\"}, "
        "\"d\": {\"type\": \"Entity\", \"name\": \"A\"}, "
        "\"e\": {\"type\": \"Extension\", \"name\": \"ipaddr\"}}}}}, "
        "\"commonTypes\": {\"T\": {\"type\": \"Set\", \"element\": {\"type\": \"Bool\"}}}, "
        "\"actions\": {\"a\": {\"memberOf\": [{\"id\": \"b\", \"type\": \"Action\"}], "
        "\"appliesTo\": "
        "{\"principalTypes\": [\"A\"], \"resourceTypes\": []}}, \"b\": {\"appliesTo\": null}}}}",
    };
    accept_all(*state, texts, COUNT(texts));
}

static void cedar_syntax_is_refused_with_place_and_reason(void **state) {
    static const struct refusal cases[] = {
        {"entity A;\nentity A;", "test:2:8: `A` is declared already\n    entity A;\n           ^"},
        {"entity User in Grup; entity Group;",
         "test:1:16: there is no entity type `Grup`: did you mean `Group`?"},
        {"entity A {a: Lang}; type Long2 = Long;", "test:1:14: there is no type `Lang`: did you mean `Long`?"},
        {"entity A; namespace N { type A = Long; }", "test:1:30: `A` would hide"},
        {"action a; namespace N { action a; }", "test:1:32: `a` would hide"},
        {"namespace N {} namespace N {}", "test:1:26: the namespace N is there already"},
        {"type T = {a: U}; type U = Set<T>;", "test:1:31: the type T is made of itself"},
        {"type Long = String;", "test:1:6: Long is a word of Cedar's own"},
        {"entity Action;", "test:1:8: Action is the type of actions"},
        {"entity A {if: Long};", "test:1:11: `if` is a reserved word"},
        {"entity A {a: Long, a: Long};", "test:1:20: the record has `a` already"},
        {"entity A = T; type T = {};", "test:1:12: expected `{`, found `T`"},
        {"entity A enum [];", "test:1:16: expected an entity id in quotes, found `]`"},
        {"entity A; action a appliesTo {principal: A};", "test:1:30: `appliesTo` must name"},
        {"entity A; action a appliesTo {principal: [], resource: A};", "test:1:31: an action that"},
        {"entity A; action a appliesTo {principal: A, resource: A, context: Long};",
         "test:1:67: the context must be a record"},
        {"action a in b; action b in a;", "test:1:8: the action \"a\" is in itself"},
        {"action a in b;", "test:1:13: there is no action \"b\" to be in"},
        {"action a in [];", "test:1:14: expected an entity type, found `]`"},
        {"@x @x entity A;", "test:1:4: @x stands here already"},
        {"@a", "test:1:3: expected `entity`, `action`, `type` or `namespace`, but the text ends"},
        {"namespace N { namespace M {} }", "test:1:15: expected `entity`, `action`, `type` or `}`"},
        {"entity \xC3\xA9;", "test:1:8: `\xC3\xA9` (U+00E9) has no meaning in Cedar"},
        {"entity A {a: A::\"x\"};", "test:1:14: a type is wanted here, not an entity"},
    };
    refuse_all(*state, cases, COUNT(cases));
}

static void json_syntax_is_refused_with_place_and_reason(void **state) {
#define TYPE(type) "{\"\": {\"actions\": {}, \"entityTypes\": {\"A\": {\"tags\":\n" type "}}}}"
    static const struct refusal cases[] = {
        {"{\"\": {\"actions\": {}}}", "test:1:6: a namespace needs \"entityTypes\""},
        {"{\"\": {\"actions\": {}, \"entityType\": {}}}",
         "test:1:36: no \"entityType\" belongs here: did you mean \"entityTypes\"?"},
        {TYPE("{}"), "test:2:1: a type is written {\"type\": \"...\"}"},
        {TYPE("{\"type\": \"Set\"}"), "test:2:1: a Set needs the type of its \"element\""},
        {TYPE("{\"type\": \"Record\"}"), "test:2:1: a Record needs an object of \"attributes\""},
        {TYPE("{\"type\": \"A\"}"), "test:2:10: there is no type `A`"},
        {TYPE("{\"type\": \"Entity\", \"name\": \"Long\"}"),
         "test:2:28: there is no entity type `Long`"},
        {TYPE("{\"type\": \"Extension\", \"name\": \"Long\"}"), "test:2:31: there is no"},
        {TYPE("{\"type\": \"Long\", \"required\": true}"),
         "test:2:30: no \"required\" belongs here"},
        {TYPE("{\"type\": \"Record\", \"attributes\": {}, \"additionalAttributes\": true}"),
         "test:2:62: records are closed"},
        {TYPE("null"), "test:2:1: a type is written"},
        {"{\"\": {\"entityTypes\": {\"if\": {}}, \"actions\": {}}}",
         "test:1:29: \"if\" is no name for a type"},
        {"{\"\": {\"entityTypes\": {}, \"actions\": {\"a\": {\"appliesTo\": {}}}}}",
         "test:1:57: \"appliesTo\" needs \"principalTypes\""},
        {"{\"\": {\"entityTypes\": {}, \"actions\": {\"a\": {\"attributes\": {}}}}}",
         "test:1:58: actions have no attributes"},
        {"{\"\": {\"entityTypes\": {\"A\": {\"enum\": []}}, \"actions\": {}}}",
         "test:1:37: \"enum\" must be an array of at least one id"},
        {"{\"\": 1}", "test:1:6: \"\" must be an object"},
    };
    refuse_all(*state, cases, COUNT(cases));
}

static void both_syntaxes_give_the_same_counts(void **state) {
    struct fixture *f = *state;
    static const char *const texts[] = {
        "namespace N { entity A, B; entity C enum [\"x\"]; action a, b; type T = Long; }",
        "{\"N\": {\"entityTypes\": {\"A\": {}, \"B\": {}, \"C\": {\"enum\": [\"x\"]}}, "
        "\"actions\": {\"a\": {}, \"b\": {}}, \"commonTypes\": {\"T\": {\"type\": \"Long\"}}}}"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_int_equal(parse(f, texts[i]), PD_OK);
        assert_int_equal(law_schema_type_count(f->schema), 3);
        assert_int_equal(law_schema_action_count(f->schema), 2);
    }
}

static void nesting_bombs_are_refused(void **state) {
    struct fixture *f = *state;
    struct pd_buf text = {0};
    pd_buf_text(&text, "entity A tags ");
    for (int i = 0; i < 100000; i++)
        pd_buf_text(&text, "Set<");
    assert_int_equal(parse(f, text.data), PD_INVALID);
    assert_non_null(strstr(f->err.text, "nests more than 512 deep"));
    pd_buf_reset(&text);
    for (int i = 0; i < 600; i++)
        pd_buf_printf(&text, "type T%d = Set<T%d>;", i, i + 1);
    pd_buf_text(&text, "type T600 = Long;");
    assert_int_equal(parse(f, text.data), PD_INVALID);
    assert_non_null(strstr(f->err.text, "nests more than 512 deep"));
    pd_buf_reset(&text);
    for (int i = 0; i < 40; i++)
        pd_buf_printf(&text, "type T%d = {a: T%d, b: T%d};", i, i + 1, i + 1);
    pd_buf_text(&text, "type T40 = Long;");
    assert_int_equal(parse(f, text.data), PD_INVALID);
    assert_non_null(strstr(f->err.text, "this type has more than 65536 parts"));
    pd_buf_clear(&text);
}

static void a_full_arena_is_a_limit(void **state) {
    struct fixture *f = *state;
    static const char text[] = "entity A in [A] {a: Set<A>}; action a appliesTo {principal: A, "
                               "resource: A, context: {b: Long}}; type T = {c: A};";
    for (size_t room = 0; room < 20000; room += 16) {
        struct pd_arena *arena = pd_arena_new(room);
        enum pd_status st = law_schema_parse(PD_STR("test"), pd_str_from(text), LAW_SCHEMA_CEDAR,
                                             arena, &f->schema, &f->err);
        pd_arena_free(arena);
        if (st == PD_OK)
            return;
        assert_int_equal(st, PD_LIMIT);
    }
    fail_msg("20000 bytes did not suffice");
}

/* ---- Validation ---- */

static const char model[] =
    "entity Group in [Group]; entity Level enum [\"low\", \"high\"];\n"
    "entity User in [Group] {age: Long, nick?: String, boss?: User, at?: datetime} tags Long;\n"
    "entity Doc {owner: User, level: Level, meta?: {x?: Long}};\n"
    "action all; action read in all appliesTo {principal: [User, Group], resource: Doc, "
    "context: {n: Long, f?: {p?: Bool}}};\n"
    "action write in all appliesTo {principal: User, resource: Doc, context: {n: Long}};";

/** Validates policies under `model`; the first problem's message, or NULL. */
static const char *validate(struct fixture *f, const char *text, size_t *count) {
    struct law_policies *policies = law_policies_new(ROOM);
    const struct law_problem *problems = NULL;
    if (parse(f, model) != PD_OK ||
        law_policies_parse(policies, PD_STR("p"), pd_str_from(text), LAW_IDS_NUMBERED, &f->err) !=
            PD_OK ||
        law_validate(policies, f->schema, LAW_LEVEL_ANY, f->arena, &problems, count, &f->err) !=
            PD_OK)
        fail_msg("%s: %s", text, f->err.text);
    law_policies_free(policies);
    return *count ? problems[0].message.data : NULL;
}

static const char *validate_write(struct fixture *f, const char *clauses) {
    size_t count = 0;
    pd_str text = pd_arena_printf(
        f->arena, "permit(principal, action == Action::\"write\", resource) %s;", clauses);
    return validate(f, text.data, &count);
}

static void well_typed_conditions_are_valid(void **state) {
    static const char *const clauses[] = {
        "when { principal has nick && principal.nick like \"a*\" }",
        "when { principal has nick } when { principal.nick == \"a\" }",
        "unless { !(principal has boss.nick && principal.boss.nick == \"a\") }",
        "when { if principal has nick then principal.nick == \"a\" else true }",
        "when { principal.hasTag(\"t\") && principal.getTag(\"t\") < 3 }",
        "when { resource has meta.x && resource.meta.x + 1 > context.n }",
        "when { principal == resource }",
        "when { false && 1 }",
        "when { action == Action::\"read\" && context.f.p }",
        "when { principal is Group && principal.nothing }",
        "when { resource.level == Level::\"low\" }",
        "when { [1, 2].contains(principal.age) && !([principal].isEmpty()) }",
        "when { principal has at && principal.at < datetime(\"2024-01-01\").toDate() }",
        "when { duration(\"1d\").toDays() + 1 == principal.age }",
        "when { (principal has nick && true || principal has nick) && principal.nick == \"\" }",
    };
    for (size_t i = 0; i < COUNT(clauses); i++) {
        const char *message = validate_write(*state, clauses[i]);
        if (message)
            fail_msg("%s: %s", clauses[i], message);
    }
}

static void ill_typed_conditions_are_refused_with_the_reason(void **state) {
    static const struct refusal cases[] = {
        {"when { principal.nick == \"a\" }", "`nick` may be missing: guard it with `has nick &&`"},
        {"when { principal.agee == 1 }", "User has no attribute `agee`: did you mean `age`?"},
        {"when { principal has nick || principal.nick == \"a\" }", "`nick` may be missing"},
        {"when { !(principal has nick) || principal.nick == \"a\" || principal.age }",
         "`nick` may be missing"},
        {"unless { principal has nick } when { principal.nick == \"a\" }", "`nick` may be missing"},
        {"when { principal.getTag(\"t\") == 1 }", "the tag may be missing"},
        {"when { resource.hasTag(\"t\") || resource.getTag(\"t\") }", "Doc has no tags"},
        {"when { principal.age == \"a\" }", "these can never be equal, of two types"},
        {"when { principal.age }", "a condition must be a Bool, not Long"},
        {"when { principal.age && true }", "a Bool is wanted here, not Long"},
        {"when { principal.age < \"a\" }", "Long is wanted here, not String"},
        {"when { \"a\" < \"b\" }", "only Long, datetime and duration have an order"},
        {"when { [] == [] }", "the type of an empty set cannot be told"},
        {"when { [1, \"a\"].contains(1) }", "a set holds one type, not both"},
        {"when { [1].contains(\"a\") }", "it can never hold these, of two types"},
        {"when { if context.n == 1 then 1 else \"a\" }", "`then` and `else` are of two types"},
        {"when { decimal(\"x\").lessThan(decimal(\"1.0\")) }", "`decimal`: "},
        {"when { datetime(principal.nick) < principal.at }", "`nick` may be missing"},
        {"when { false && principal in Grup::\"g\" }",
         "no entity type `Grup`: did you mean `Group`"},
        {"when { resource.level == Level::\"loww\" }", "`loww`: did you mean `low`?"},
        {"when { action == Action::\"raed\" }", "no action `raed`"},
        {"when { principal is Usr }", "no entity type `Usr`"},
        {"when { context.f.p }", "has no attribute `f`"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *message = validate_write(*state, cases[i].text);
        if (!message || !strstr(message, cases[i].message))
            fail_msg("%s: %s", cases[i].text, message ? message : "valid");
    }
}

static void scopes_are_checked_against_what_actions_apply_to(void **state) {
    static const struct {
        const char *scope;
        bool is_valid;
    } cases[] = {
        {"principal, action, resource", true},
        {"principal is Group, action, resource", true},
        {"principal is Group, action == Action::\"write\", resource", false},
        {"principal is Doc, action, resource", false},
        {"principal in Group::\"g\", action in Action::\"all\", resource is Doc", true},
        {"principal, action == Action::\"all\", resource", false},
        {"principal, action in [], resource", false},
        {"principal in User::\"u\", action, resource", true},
        {"principal, action, resource in Group::\"g\"", false},
        {"principal == ?principal, action, resource in ?resource", true},
        {"principal is Group in ?principal, action == Action::\"write\", resource", false},
        {"principal == Level::\"mid\", action, resource", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture *f = *state;
        size_t count = 0;
        const char *message =
            validate(f, pd_arena_printf(f->arena, "permit(%s);", cases[i].scope).data, &count);
        if (!message != cases[i].is_valid)
            fail_msg("%s: %s", cases[i].scope, message ? message : "valid");
    }
}

static void a_problem_shows_its_place_and_environment(void **state) {
    size_t count = 0;
    const char *message = validate(*state,
                                   "permit(principal, action, resource)\n"
                                   "when { principal.age > 3 };",
                                   &count);
    assert_int_equal(count, 1);
    assert_string_equal(message, "p:2:18: Group has no attribute `age` (for Group, \"read\", Doc)\n"
                                 "    when { principal.age > 3 };\n"
                                 "                     ^");
}

static void each_condition_that_is_wrong_is_told_of_once(void **state) {
    static const struct {
        const char *clauses;
        size_t count;
    } cases[] = {
        {"when { principal.agee == 1 && principal.age == \"a\" } unless { context.m == 1 }", 3},
        {"when { principal has nick && 1 && principal.nick == \"a\" }", 1},
        {"when { (principal has nick && 1) && principal.nick == \"a\" && 2 }", 2},
        {"when { (principal.age == \"a\" || principal has nick) && principal.nick == \"a\" }", 1},
        {"when { principal has nick && 1 } when { principal.nick == 2 }", 2},
        {"when { if 1 then true else false } when { 2 }", 1},
        {"unless { 1 } when { 2 }", 2},
        {"when { 1 && false && 2 }", 1},
        {"when { principal.nick == \"a\" && principal.nick == \"a\" }", 2},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture *f = *state;
        size_t count = 0;
        pd_str text = pd_arena_printf(
            f->arena, "permit(principal, action == Action::\"write\", resource) %s;",
            cases[i].clauses);
        const char *message = validate(f, text.data, &count);
        if (count != cases[i].count)
            fail_msg("%s: %zu: %s", cases[i].clauses, count, message ? message : "");
    }
}

static void at_most_twenty_problems_are_reported(void **state) {
    struct pd_buf text = {0};
    size_t count = 0;
    for (int i = 0; i < 30; i++)
        pd_buf_text(&text, "permit(principal, action, resource) when { 1 };\n");
    assert_non_null(validate(*state, text.data, &count));
    assert_int_equal(count, LAW_PROBLEMS_MAX);
    pd_buf_clear(&text);
}

/** The name of a type in a message takes no longer the deeper it nests. */
static void sets_in_sets_are_named_in_short(void **state) {
    struct pd_buf text = {0};
    size_t count = 0;
    pd_buf_text(&text, "permit(principal, action, resource) when { ");
    for (int i = 0; i < 200; i++)
        pd_buf_char(&text, '[');
    pd_buf_text(&text, "principal");
    for (int i = 0; i < 200; i++)
        pd_buf_char(&text, ']');
    pd_buf_text(&text, " };");
    const char *message = validate(*state, text.data, &count);
    assert_non_null(message);
    assert_non_null(strstr(message, "a condition must be a Bool, not Set<Set<"));
    pd_buf_clear(&text);
}

/** Each comparison looks through all guards before: a long policy ends in a limit, not in hours. */
static void work_on_one_policy_is_bounded(void **state) {
    struct fixture *f = *state;
    struct law_policies *policies = law_policies_new(ROOM);
    const struct law_problem *problems = NULL;
    struct pd_buf text = {0};
    size_t count = 0;
    pd_buf_text(&text, "permit(principal, action, resource is Doc) when { true");
    for (int i = 0; i < 20000; i++)
        pd_buf_printf(&text, " && principal.hasTag(\"%d\")", i);
    pd_buf_text(&text, "};");
    assert_int_equal(parse(f, "entity User tags Long; entity Doc; action a appliesTo {principal: "
                              "User, resource: Doc};"),
                     PD_OK);
    assert_int_equal(
        law_policies_parse(policies, PD_STR("p"), pd_buf_view(&text), LAW_IDS_NUMBERED, &f->err),
        PD_OK);
    assert_int_equal(
        law_validate(policies, f->schema, LAW_LEVEL_ANY, f->arena, &problems, &count, &f->err),
        PD_LIMIT);
    assert_non_null(strstr(f->err.text, "policy0 is too large to validate"));
    law_policies_free(policies);
    pd_buf_clear(&text);
}

/* ---- Data ---- */

static void entities_need_no_escapes_and_must_be_of_the_schema(void **state) {
#define USER(attrs)                                                                                \
    "[{\"uid\": {\"type\": \"User\", \"id\": \"a\"}, \"parents\": [], \"attrs\": {" attrs "}}]"
    static const struct refusal cases[] = {
        {USER("\"age\": 1, \"at\": \"2024-01-01\", \"boss\": {\"type\": \"User\", \"id\": \"b\"}"),
         NULL},
        {USER("\"age\": 1, \"at\": {\"fn\": \"datetime\", \"arg\": \"2024-01-01\"}"), NULL},
        {USER("\"age\": \"1\""), "wants a Long here, not a String"},
        {USER("\"nick\": \"x\""), "`age` is missing here"},
        {USER("\"age\": 1, \"x\": 1"), "the schema has no `x` here"},
        {USER("\"age\": 1, \"at\": \"soon\""), "datetime(\"soon\")"},
        {USER("\"age\": 1, \"boss\": {\"type\": \"Group\", \"id\": \"b\"}"),
         "wants an entity User here"},
        {"[{\"uid\": {\"type\": \"Level\", \"id\": \"mid\"}, \"parents\": [], \"attrs\": {}}]",
         "the schema has no Level::\"mid\""},
        {"[{\"uid\": {\"type\": \"Group\", \"id\": \"g\"}, \"attrs\": {}, \"parents\": "
         "[{\"type\": \"User\", \"id\": \"a\"}]}]",
         "cannot be in a User"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture *f = *state;
        const struct law_entities *entities;
        assert_int_equal(parse(f, model), PD_OK);
        f->err.text[0] = '\0';
        enum pd_status st = law_schema_parse_entities(
            f->schema, PD_STR("e"), pd_str_from(cases[i].text), f->arena, &entities, &f->err);
        if ((st == PD_OK) != !cases[i].message ||
            (cases[i].message && !strstr(f->err.text, cases[i].message)))
            fail_msg("%s: %s", cases[i].text, f->err.text);
    }
}

static void requests_must_be_of_the_schema(void **state) {
    static const struct {
        const char *principal, *action, *context, *message;
    } cases[] = {
        {"User", "write", "{\"n\": 1}", NULL},
        {"Group", "write", "{\"n\": 1}", "has no principal of type Group"},
        {"User", "wriet", "{\"n\": 1}", "no action \"wriet\""},
        {"User", "write", "{}", "`n` is missing"},
        {"User", "write", "[]", "wants a record"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture *f = *state;
        struct law_request request = {.principal = {pd_str_from(cases[i].principal), PD_STR("a")},
                                      .action = {PD_STR("Action"), pd_str_from(cases[i].action)},
                                      .resource = {PD_STR("Doc"), PD_STR("d")}};
        assert_int_equal(parse(f, model), PD_OK);
        f->err.text[0] = '\0';
        enum pd_status st = law_schema_parse_context(
            f->schema, PD_STR("c"), pd_str_from(cases[i].context), f->arena, &request, &f->err);
        if ((st == PD_OK) != !cases[i].message ||
            (cases[i].message && !strstr(f->err.text, cases[i].message)))
            fail_msg("%zu: %s", i, f->err.text);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(cedar_syntax_is_accepted_as_by_the_reference),
        TEST(json_syntax_is_accepted_as_by_the_reference),
        TEST(cedar_syntax_is_refused_with_place_and_reason),
        TEST(json_syntax_is_refused_with_place_and_reason),
        TEST(both_syntaxes_give_the_same_counts),
        TEST(nesting_bombs_are_refused),
        TEST(a_full_arena_is_a_limit),
        TEST(well_typed_conditions_are_valid),
        TEST(ill_typed_conditions_are_refused_with_the_reason),
        TEST(scopes_are_checked_against_what_actions_apply_to),
        TEST(a_problem_shows_its_place_and_environment),
        TEST(each_condition_that_is_wrong_is_told_of_once),
        TEST(at_most_twenty_problems_are_reported),
        TEST(sets_in_sets_are_named_in_short),
        TEST(work_on_one_policy_is_bounded),
        TEST(entities_need_no_escapes_and_must_be_of_the_schema),
        TEST(requests_must_be_of_the_schema),
    };
    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
