/* Deciding by an indexed and compiled policy set: the answers of asking every policy, sooner. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "law/cedar.h"

#include "law_same.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROOM         ((size_t)64 << 20)

/* ---- Random sets, stores and requests: a seed gives the same ones everywhere ---- */

static uint32_t below(uint64_t *seed, uint32_t n) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*seed >> 33) % n);
}

static const char *pick(uint64_t *seed, const char *const *list, size_t count) {
    return list[below(seed, (uint32_t)count)];
}
#define PICK(seed, list) pick(seed, list, COUNT(list))

enum { USERS = 8, GROUPS = 6, DOCS = 8, FOLDERS = 4, VERBS = 6, STAGES = 3 };

static void add_uid(struct pd_buf *out, uint64_t *seed, int variable) {
    static const struct {
        const char *type;
        uint32_t count;
    } names[3][2] = {{{"User", USERS}, {"Org::Group", GROUPS}},
                     {{"Action", VERBS}, {"Action", VERBS + STAGES}},
                     {{"Doc", DOCS}, {"Folder", FOLDERS}}};
    uint32_t which = below(seed, 2);
    pd_buf_printf(out, "%s::\"%u\"", names[variable][which].type,
                  below(seed, names[variable][which].count));
}

static void add_scope(struct pd_buf *out, uint64_t *seed, int variable) {
    static const char *const variables[] = {"principal", "action", "resource"};
    static const char *const types[] = {"User", "Org::Group", "Doc", "Folder"};
    pd_buf_text(out, variables[variable]);
    uint32_t form = below(seed, 6);
    if (form == 0) {
        pd_buf_text(out, " == ");
        add_uid(out, seed, variable);
    } else if (form == 1 && variable == 1) {
        pd_buf_text(out, " in [");
        for (uint32_t n = below(seed, 4); n > 0; n--) {
            add_uid(out, seed, variable);
            pd_buf_text(out, ",");
        }
        pd_buf_text(out, "]");
    } else if (form <= 2) {
        pd_buf_text(out, " in ");
        add_uid(out, seed, variable);
    } else if (form <= 4 && variable != 1) {
        pd_buf_printf(out, " is %s", PICK(seed, types));
        if (form == 4) {
            pd_buf_text(out, " in ");
            add_uid(out, seed, variable);
        }
    }
}

static const char *const leaves[] = {
    "true",
    "false",
    "1",
    "\"a\"",
    "-3",
    "principal",
    "action",
    "resource",
    "context",
    "context.n",
    "context.b",
    "context.s",
    "context.r",
    "context.r.a",
    "context.list",
    "context.who",
    "context.who.n",
    "context.who.boss",
    "context.who.boss.n",
    "context.day",
    "context.far",
    "context.u",
    "context.v.w",
    "context.missing",
    "principal.n",
    "principal.boss",
    "principal.boss.boss.n",
    "principal.list",
    "resource.owner",
    "resource.n",
    "action.n",
    "User::\"1\"",
    "User::\"2\".n",
    "Org::Group::\"0\"",
    "[1, 2, 3]",
    "[User::\"1\", User::\"3\"]",
    "[]",
    "{a: 1}",
    "{a: principal.n, b: true}",
    "decimal(\"1.5\")",
    "datetime(\"2024-10-15\")",
    "duration(\"1h\")",
    "ip(\"10.0.0.0/8\")",
    "ip(context.s)",
    "principal has n",
    "principal has boss.boss.n",
    "principal.boss has n",
    "context has r.a",
    "context has missing.a",
    "context.missing has a",
    "context has n.a",
    "context.u has a",
    "context has u",
    "context.r has u",
    "context has v.w.x",
    "resource has owner.boss",
    "context.who has n",
    "(if context.b then context.r else context).a",
    "(if context.b then principal else resource) has n",
};
/* $ stands for an operand. */
static const char *const shapes[] = {
    "$ && $",
    "$ || $",
    "$ && $ && $",
    "$ || $ || $",
    "if $ then $ else $",
    "!($)",
    "-($)",
    "($) == ($)",
    "($) != ($)",
    "($) < ($)",
    "($) <= ($)",
    "($) > ($)",
    "($) >= ($)",
    "($) + ($)",
    "($) - ($)",
    "($) * ($)",
    "($) in ($)",
    "($) is User",
    "($) is Doc in ($)",
    "($) is User in ($)",
    "($) like \"*a*\"",
    "($).contains($)",
    "($).containsAll($)",
    "($).containsAny($)",
    "($).isEmpty()",
    "($).hasTag(\"t\")",
    "($).hasTag($)",
    "($).getTag(\"t\")",
    "[$, $]",
    "[$, $, 1].contains($)",
    "($) in [$, $]",
    "($).lessThan(decimal(\"2.0\"))",
    "($).isInRange(ip(\"10.0.0.0/8\"))",
    "($).offset(duration(\"1d\"))",
    "($).toDate()",
    "($) has n",
    "($).n",
    "{a: $}.a",
};

static void add_expression(struct pd_buf *out, uint64_t *seed, uint32_t depth) {
    if (depth == 0 || below(seed, 4) == 0) {
        pd_buf_text(out, PICK(seed, leaves));
        return;
    }
    for (const char *at = PICK(seed, shapes); *at; at++) {
        if (*at != '$') {
            pd_buf_char(out, *at);
            continue;
        }
        pd_buf_char(out, '(');
        add_expression(out, seed, depth - 1);
        pd_buf_char(out, ')');
    }
}

/* Most conditions are such as people write; others are anything, and mostly err. */
static void add_condition(struct pd_buf *out, uint64_t *seed) {
    static const char *const guards[] = {"context has n && context.n < 2",
                                         "principal has n && principal.n >= 1",
                                         "context has b && context.b",
                                         "context has u && context.u",
                                         "principal in Org::Group::\"1\"",
                                         "resource is Doc && resource has owner",
                                         "principal has boss && principal.boss in context.list",
                                         "true"};
    pd_buf_text(out, PICK(seed, guards));
    if (below(seed, 3) == 0) {
        pd_buf_text(out, below(seed, 2) ? " && (" : " || (");
        add_expression(out, seed, 3);
        pd_buf_char(out, ')');
    }
}

static void add_policy(struct pd_buf *out, uint64_t *seed) {
    pd_buf_text(out, below(seed, 3) == 0 ? "forbid(" : "permit(");
    for (int variable = 0; variable < 3; variable++) {
        pd_buf_text(out, variable > 0 ? ", " : "");
        add_scope(out, seed, variable);
    }
    pd_buf_char(out, ')');
    for (uint32_t n = below(seed, 3); n > 0; n--) {
        pd_buf_text(out, below(seed, 3) == 0 ? " unless { " : " when { ");
        add_condition(out, seed);
        pd_buf_text(out, " }");
    }
    pd_buf_text(out, ";\n");
}

static void add_parents(struct pd_buf *out, uint64_t *seed, const char *type, uint32_t from,
                        uint32_t end) {
    bool is_first = true;
    for (uint32_t i = from; i < end; i++)
        if (below(seed, 3) == 0) {
            pd_buf_printf(out, "%s{\"type\":\"%s\",\"id\":\"%u\"}", is_first ? "" : ",", type, i);
            is_first = false;
        }
}

static void add_entity(struct pd_buf *out, uint64_t *seed, const char *type, uint32_t id,
                       const char *parent_type, uint32_t from, uint32_t end) {
    pd_buf_printf(out, "%s{\"uid\":{\"type\":\"%s\",\"id\":\"%u\"},\"attrs\":{",
                  out->len > 1 ? "," : "", type, id);
    if (below(seed, 4) > 0)
        pd_buf_printf(out, "\"n\":%u,\"list\":[1,{\"__entity\":{\"type\":\"User\",\"id\":\"1\"}}],",
                      below(seed, 4));
    pd_buf_printf(out, "\"%s\":{\"__entity\":{\"type\":\"User\",\"id\":\"%u\"}}},\"parents\":[",
                  below(seed, 2) ? "boss" : "owner", below(seed, USERS + 2));
    add_parents(out, seed, parent_type, from, end);
    pd_buf_printf(out, "],\"tags\":{%s}}", below(seed, 2) ? "\"t\":1,\"a\":true" : "");
}

static void add_store(struct pd_buf *out, uint64_t *seed) {
    pd_buf_char(out, '[');
    for (uint32_t i = 0; i < USERS; i++)
        if (below(seed, 5) > 0)
            add_entity(out, seed, "User", i, "Org::Group", 0, GROUPS);
    for (uint32_t i = 0; i < GROUPS; i++)
        add_entity(out, seed, "Org::Group", i, "Org::Group", i + 1, GROUPS);
    for (uint32_t i = 0; i < DOCS; i++)
        if (below(seed, 5) > 0)
            add_entity(out, seed, "Doc", i, "Folder", 0, FOLDERS);
    for (uint32_t i = 0; i < VERBS + STAGES; i++)
        add_entity(out, seed, "Action", i, "Action", i < VERBS ? VERBS : i + 1, VERBS + STAGES);
    pd_buf_char(out, ']');
}

/* ---- A world of them ---- */

struct world {
    struct law_policies *policies;
    struct pd_arena *arena;
    const struct law_entities *entities;
    const struct law_program *program;
    struct law_scratch *scratch;
};

static void must(enum pd_status st, const struct pd_error *err) {
    if (st != PD_OK)
        fail_msg("%s", err->text);
}

static void open_world(struct world *w, uint64_t *seed, uint32_t policy_count) {
    struct pd_buf text = {0};
    struct pd_error err = {0};
    *w = (struct world){.policies = law_policies_new(ROOM), .arena = pd_arena_new(ROOM)};
    for (uint32_t i = 0; i < policy_count; i++)
        add_policy(&text, seed);
    pd_buf_text(&text, "permit(principal == ?principal, action, resource in ?resource);");
    must(law_policies_parse(w->policies, PD_STR("random"), pd_buf_view(&text), LAW_IDS_NUMBERED,
                            &err),
         &err);
    const struct law_uid user = {PD_STR("User"), PD_STR("1")};
    const struct law_uid folder = {PD_STR("Folder"), PD_STR("2")};
    pd_str template = pd_arena_printf(w->arena, "policy%u", policy_count);
    must(law_policies_link(w->policies, template, PD_STR("link"), &user, &folder, &err), &err);
    pd_buf_reset(&text);
    add_store(&text, seed);
    pd_str json = pd_arena_str(w->arena, pd_buf_view(&text));
    must(law_entities_parse(PD_STR("store"), json, w->arena, &w->entities, &err), &err);
    must(law_program_make(w->policies, w->arena, &w->program, &err), &err);
    must(law_scratch_make(w->program, w->arena, &w->scratch, &err), &err);
    pd_buf_clear(&text);
}

static void close_world(struct world *w) {
    law_policies_free(w->policies);
    pd_arena_free(w->arena);
}

static const struct law_uid nobody = {PD_STR_INIT("User"), PD_STR_INIT("1")};

static void make_context(uint64_t *seed, bool has_unknowns, struct pd_arena *arena,
                         struct law_value *out) {
    static const pd_str u = PD_STR_INIT("u"), w = PD_STR_INIT("w");
    struct law_value list, record, inner, far = law_value_bool(false);
    const struct law_value items[] = {law_value_entity(&nobody), law_value_long(1)};
    assert_int_equal(law_value_set(arena, items, 1 + below(seed, 2), &list, NULL), PD_OK);
    const struct law_member in_record[] = {{PD_STR("a"), law_value_long(below(seed, 3))},
                                           {u, law_value_unknown(&u)}};
    assert_int_equal(law_value_record(arena, in_record, has_unknowns ? 2 : 1, &record, NULL),
                     PD_OK);
    const struct law_member in_inner[] = {{w, has_unknowns ? law_value_unknown(&w) : record}};
    assert_int_equal(law_value_record(arena, in_inner, 1, &inner, NULL), PD_OK);
    assert_int_equal(law_value_extension("ip", PD_STR("10.1.2.3"), &far, NULL), PD_OK);
    const struct law_member members[] = {
        {PD_STR("r"), record},
        {PD_STR("list"), list},
        {PD_STR("who"), law_value_entity(&nobody)},
        {PD_STR("v"), inner},
        {PD_STR("far"), far},
        {PD_STR("day"), law_value_datetime(86400000)},
        {PD_STR("s"), law_value_string(below(seed, 2) ? PD_STR("banana") : PD_STR("10.0.0.1"))},
        {PD_STR("n"), law_value_long(below(seed, 4))},
        {PD_STR("b"), law_value_bool(below(seed, 2))},
        {u, has_unknowns ? law_value_unknown(&u) : law_value_bool(below(seed, 2))},
    };
    size_t count = COUNT(members) - below(seed, 4);
    assert_int_equal(law_value_record(arena, members, count, out, NULL), PD_OK);
}

static struct law_request make_request(uint64_t *seed, bool has_unknowns, struct pd_arena *arena) {
    static const pd_str ids[] = {PD_STR_INIT("0"), PD_STR_INIT("1"), PD_STR_INIT("2"),
                                 PD_STR_INIT("3"), PD_STR_INIT("4"), PD_STR_INIT("5"),
                                 PD_STR_INIT("6"), PD_STR_INIT("7"), PD_STR_INIT("x")};
    struct law_request request = {
        .principal = {below(seed, 5) ? PD_STR("User") : PD_STR("Org::Group"),
                      ids[below(seed, COUNT(ids))]},
        .action = {PD_STR("Action"), ids[below(seed, VERBS)]},
        .resource = {below(seed, 5) ? PD_STR("Doc") : PD_STR("Folder"),
                     ids[below(seed, COUNT(ids))]}};
    make_context(seed, has_unknowns, arena, &request.context);
    return request;
}

/* Asks both ways; returns whether the decision was plain: no error, nothing unknown. */
static bool compare(struct world *w, uint64_t seed, const struct law_request *request) {
    struct law_answer asked, decided;
    struct pd_error err = {0};
    must(law_authorize(w->policies, w->entities, request, w->arena, &asked, &err), &err);
    must(law_decide(w->scratch, w->entities, request, w->arena, &decided, &err), &err);
    const char *difference = law_answers_differ(&asked, &decided);
    if (difference)
        fail_msg("seed %llu: another %s", (unsigned long long)seed, difference);
    return asked.error_count == 0 && asked.unknown_count == 0;
}

static void an_index_and_code_change_no_answer(void **state) {
    (void)state;
    static const uint32_t sizes[] = {0, 1, 3, 20, 150, 700};
    size_t plain = 0, others = 0;
    for (uint64_t round = 0; round < 60; round++) {
        uint64_t seed = round * 7919 + 1;
        struct world w;
        open_world(&w, &seed, sizes[round % COUNT(sizes)]);
        for (int i = 0; i < 40; i++) {
            uint64_t before = seed;
            struct pd_mark mark = pd_arena_mark(w.arena);
            struct law_request request = make_request(&seed, i % 3 == 0, w.arena);
            if (compare(&w, before, &request))
                plain++;
            else
                others++;
            pd_arena_reset(w.arena, mark);
        }
        close_world(&w);
    }
    assert_true(plain > 200 && others > 200); /* both roads were walked */
}

/* ---- Single facts ---- */

static void decide_text(const char *text, const struct law_request *request,
                        struct law_policies **policies, struct pd_arena *arena,
                        struct law_answer *out) {
    const struct law_program *program;
    struct law_scratch *scratch;
    struct pd_error err = {0};
    *policies = law_policies_new(ROOM);
    must(law_policies_parse(*policies, PD_STR("t"), pd_str_from(text), LAW_IDS_NUMBERED, &err),
         &err);
    must(law_program_make(*policies, arena, &program, &err), &err);
    must(law_scratch_make(program, arena, &scratch, &err), &err);
    must(law_decide(scratch, NULL, request, arena, out, &err), &err);
}

static void a_missing_name_is_false_for_has_and_an_error_to_read(void **state) {
    (void)state;
    static const struct {
        const char *condition;
        enum { ALLOWED, DENIED, ERRS } expected;
    } cases[] = {
        {"context has a", ALLOWED},
        {"context has a.b", ALLOWED},
        {"context has a.c", DENIED},
        {"context has x.y.z", DENIED},
        {"context.a has b", ALLOWED},
        {"context.a has c", DENIED},
        {"context.x has b", ERRS},
        {"context has n.b", ERRS},
        {"context.n has b", ERRS},
        {"context.a.c == 1", ERRS},
        {"principal has a", DENIED},
        {"principal has a.b", DENIED},
        {"principal.a has b", ERRS},
        {"context.p has a", DENIED},
        {"context.p.a has b", ERRS},
        {"context.a.b == 1 && context.a.b == 1", ALLOWED},
        {"context has x || context.a.b == 1", ALLOWED},
        {"if context has x then context.x else context.a.b == 1", ALLOWED},
        {"[context.a.b, 2, 1, context.n].contains(1)", ALLOWED},
        {"[context.a.b, 1] == [1]", ALLOWED},
        {"[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, context.n].contains(5)", ALLOWED},
        {"{a: context.n}.a == 5", ALLOWED},
        {"[context.n, 1].containsAny([2, context.a.b + 2])", DENIED},
        {"[context.n, context.n, 1] == [1, context.n]", ALLOWED},
        {"context.n", ERRS},
        {"!context.n", ERRS},
        {"-context.n == -5", ALLOWED},
        {"context.n - 9223372036854775807 - 100 < 0", ERRS},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pd_arena *arena = pd_arena_new(ROOM);
        struct law_policies *policies;
        struct law_answer answer;
        struct law_request request = {.principal = {PD_STR("User"), PD_STR("a")},
                                      .action = {PD_STR("Action"), PD_STR("v")},
                                      .resource = {PD_STR("Doc"), PD_STR("d")}};
        static const char context[] = "{\"a\":{\"b\":1},\"n\":5,"
                                      "\"p\":{\"__entity\":{\"type\":\"User\",\"id\":\"z\"}}}";
        assert_int_equal(
            law_value_parse_json(PD_STR("c"), pd_str_from(context), arena, &request.context, NULL),
            PD_OK);
        pd_str text = pd_arena_printf(arena, "permit(principal, action, resource) when { %s };",
                                      cases[i].condition);
        decide_text(text.data, &request, &policies, arena, &answer);
        int said = answer.error_count ? ERRS : answer.is_allowed ? ALLOWED : DENIED;
        if (said != (int)cases[i].expected)
            fail_msg("%s: %d", cases[i].condition, said);
        law_policies_free(policies);
        pd_arena_free(arena);
    }
}

static void what_depends_on_an_unknown_is_listed_as_such(void **state) {
    (void)state;
    static const char *const conditions[] = {
        "context.u",
        "context.u == 1",
        "context has u",
        "context.r has u",
        "context has v.w.x",
        "context.v.w.x",
        "context.r == {a: 1}",
        "context.r == context.r",
        "[context.r, 1].contains(2)",
        "[context.r].contains(context.r)",
        "[1, 2].contains(context.r)",
        "[{a: context.u}].isEmpty()",
        "context.n < 9 && context.u",
        "(if context.n < 9 then context.r else context).u",
        "(if context.n < 9 then context.r else context) has u",
    };
    uint64_t seed = 1;
    struct world w;
    open_world(&w, &seed, 0);
    struct law_request request = make_request(&seed, true, w.arena);
    while (!law_value_find(&request.context, PD_STR("u")))
        request = make_request(&seed, true, w.arena);
    for (size_t i = 0; i < COUNT(conditions); i++) {
        struct law_policies *policies;
        struct law_answer answer, asked;
        pd_str text = pd_arena_printf(w.arena, "permit(principal, action, resource) when { %s };",
                                      conditions[i]);
        decide_text(text.data, &request, &policies, w.arena, &answer);
        assert_int_equal(law_authorize(policies, NULL, &request, w.arena, &asked, NULL), PD_OK);
        if (answer.unknown_count != 1 || law_answers_differ(&asked, &answer))
            fail_msg("%s", conditions[i]);
        law_policies_free(policies);
    }
    close_world(&w);
}

static void a_context_that_is_no_record_is_refused_and_the_next_request_is_answered(void **state) {
    (void)state;
    struct world w;
    struct law_answer answer;
    struct pd_error err;
    uint64_t seed = 5;
    open_world(&w, &seed, 50);
    struct law_request request = make_request(&seed, false, w.arena), wrong = request;
    wrong.context = law_value_long(1);
    assert_int_equal(law_decide(w.scratch, w.entities, &wrong, w.arena, &answer, &err), PD_INVALID);
    compare(&w, 5, &request);
    close_world(&w);
}

static void a_full_arena_is_a_limit_and_the_next_request_is_answered(void **state) {
    (void)state;
    struct world w;
    struct law_answer answer;
    struct pd_error err;
    size_t limits = 0;
    uint64_t seed = 11;
    open_world(&w, &seed, 300);
    struct pd_arena *none = pd_arena_new(0);
    for (int i = 0; i < 50; i++) {
        struct law_request request = make_request(&seed, i % 2 == 0, w.arena);
        limits += law_decide(w.scratch, w.entities, &request, none, &answer, &err) == PD_LIMIT;
        compare(&w, seed, &request);
    }
    assert_true(limits > 0);
    for (size_t limit = 0; limit < 4096;
         limit += 512) { /* no room for the program or the scratch */
        struct pd_arena *tiny = pd_arena_new(limit);
        const struct law_program *program;
        struct law_scratch *scratch;
        assert_int_equal(law_program_make(w.policies, tiny, &program, &err), PD_LIMIT);
        assert_int_equal(law_scratch_make(w.program, tiny, &scratch, &err), PD_LIMIT);
        pd_arena_free(tiny);
    }
    pd_arena_free(none);
    close_world(&w);
}

/* Sets made of what was read, attributes of attributes, tags, functions: all of it without room. */
static void a_plain_decision_takes_nothing_from_the_arena(void **state) {
    (void)state;
    static const char text[] =
        "permit(principal in Org::Group::\"5\", action in [Action::\"6\", Action::\"7\"], resource)"
        " when { context.n < 3 && [context.n, 2, principal].contains(2) }"
        " unless { context.s like \"z*\" || ip(context.s).isLoopback() };"
        "forbid(principal, action, resource is Doc)"
        " when { principal in [resource, context.who] && context.who has boss.n &&"
        "        context.who.boss.n > 7 };"
        "permit(principal, action, resource) when { principal.hasTag(\"t\") };";
    struct world w;
    struct law_policies *policies = law_policies_new(ROOM);
    struct law_answer answer;
    struct pd_error err = {0};
    uint64_t seed = 3;
    size_t allowed = 0;
    open_world(&w, &seed, 0);
    must(law_policies_parse(policies, PD_STR("t"), pd_str_from(text), LAW_IDS_NUMBERED, &err),
         &err);
    must(law_program_make(policies, w.arena, &w.program, &err), &err);
    must(law_scratch_make(w.program, w.arena, &w.scratch, &err), &err);
    struct pd_arena *nothing = pd_arena_new(0); /* whatever is taken fails */
    for (int i = 0; i < 1000; i++) {
        struct pd_mark mark = pd_arena_mark(w.arena);
        struct law_request request = make_request(&seed, false, w.arena);
        if (law_value_find(&request.context, PD_STR("s")) == NULL ||
            law_value_find(&request.context, PD_STR("n")) == NULL ||
            pd_str_is(law_value_find(&request.context, PD_STR("s"))->text, "banana"))
            continue;
        size_t used = pd_arena_used(w.arena);
        must(law_decide(w.scratch, w.entities, &request, nothing, &answer, &err), &err);
        assert_int_equal(pd_arena_used(w.arena), used);
        assert_int_equal(pd_arena_used(nothing), 0);
        allowed += answer.is_allowed;
        pd_arena_reset(w.arena, mark);
    }
    assert_true(allowed > 50);
    pd_arena_free(nothing);
    law_policies_free(policies);
    close_world(&w);
}

/* ---- Threads ---- */

enum { REQUESTS = 200, THREADS = 4 };
struct share {
    const struct world *w;
    const struct law_request *requests;
    const bool *allowed;
    const size_t *reasons;
    int differences;
};

static void *decide_all(void *context) {
    struct share *share = context;
    struct pd_arena *arena = pd_arena_new(ROOM);
    struct law_scratch *scratch;
    struct law_answer answer;
    share->differences = law_scratch_make(share->w->program, arena, &scratch, NULL) != PD_OK;
    for (int round = 0; round < 5 && share->differences == 0; round++)
        for (int i = 0; i < REQUESTS; i++) {
            struct pd_mark mark = pd_arena_mark(arena);
            if (law_decide(scratch, share->w->entities, &share->requests[i], arena, &answer,
                           NULL) != PD_OK ||
                answer.is_allowed != share->allowed[i] || answer.reason_count != share->reasons[i])
                share->differences++;
            pd_arena_reset(arena, mark);
        }
    pd_arena_free(arena);
    return NULL;
}

static void threads_that_share_a_program_decide_the_same(void **state) {
    (void)state;
    struct world w;
    uint64_t seed = 17;
    struct law_request requests[REQUESTS];
    bool allowed[REQUESTS];
    size_t reasons[REQUESTS];
    struct share shares[THREADS];
    pthread_t threads[THREADS];
    open_world(&w, &seed, 200);
    for (int i = 0; i < REQUESTS; i++) {
        struct law_answer answer;
        requests[i] = make_request(&seed, i % 4 == 0, w.arena);
        assert_int_equal(
            law_authorize(w.policies, w.entities, &requests[i], w.arena, &answer, NULL), PD_OK);
        allowed[i] = answer.is_allowed;
        reasons[i] = answer.reason_count;
    }
    for (int i = 0; i < THREADS; i++) {
        shares[i] = (struct share){&w, requests, allowed, reasons, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, decide_all, &shares[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(shares[i].differences, 0);
    }
    close_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_and_code_change_no_answer),
        cmocka_unit_test(a_missing_name_is_false_for_has_and_an_error_to_read),
        cmocka_unit_test(what_depends_on_an_unknown_is_listed_as_such),
        cmocka_unit_test(a_context_that_is_no_record_is_refused_and_the_next_request_is_answered),
        cmocka_unit_test(a_full_arena_is_a_limit_and_the_next_request_is_answered),
        cmocka_unit_test(a_plain_decision_takes_nothing_from_the_arena),
        cmocka_unit_test(threads_that_share_a_program_decide_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
