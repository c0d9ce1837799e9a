/* Why a policy spoke or kept silent: the piece that decided, the facts, and the ways that are
   lawful. */
#include "study_fixture.h"

#define OPEN "(principal, action == Polder::Action::\"open\", resource)"

static struct law_fact fact(const char *name, enum law_class c, struct law_scalar value) {
    return (struct law_fact){
        .name = pd_str_from(name), .value = value, .class_ = c, .by = PD_STR("lin")};
}
static struct law_fact truth(const char *name, enum law_class c, bool b) {
    return fact(name, c, (struct law_scalar){.kind = LAW_BOOL, .boolean = b});
}

static struct law_explanation explain(const struct law_rules *rules, const struct law_fact *facts,
                                      size_t count, struct pd_arena *arena) {
    static const pd_time now = (pd_time)20700 * PD_DAY;
    struct law_case *c = pd_arena_alloc(arena, sizeof(*c));
    struct law_explanation e;
    struct pd_error err = {PD_OK, ""};
    *c = (struct law_case){
        .verb = PD_STR("open"),
        .party = {.id = PD_STR("p"), .kind = PD_STR("agency"), .country = PD_STR("NL")},
        .resource_type = PD_STR("Version"),
        .resource_id = PD_STR("v"),
        .facts = facts,
        .fact_count = count,
        .now = now};
    if (law_explain(rules, c, arena, &e, &err) != PD_OK)
        fail_msg("%s", err.text);
    return e;
}

static const struct law_account *account_of(const struct law_explanation *e, const char *id) {
    for (size_t i = 0; i < e->count; i++)
        if (pd_str_is(e->accounts[i].voice.id, id))
            return &e->accounts[i];
    fail_msg("no account of %s", id);
    return NULL;
}

/* ---- The piece that decided ---- */

/* Facts of the case: is_personal = true attested, k = 3 measured; nothing of consent. */
static const struct row_clause {
    const char *clause;
    bool speaks;
    const char *decisive;
    enum law_part_state state;
    unsigned line, column;
} clauses[] = {
    {"when { context.f has k }", true, "context.f has k", LAW_PART_HOLDS, 2, 8},
    {"unless { context.a has consent && context.a.consent }", true, "context.a has consent",
     LAW_PART_FAILS, 2, 10},
    {"unless { context.f has k && context.f.k >= context.t.k }", true, "context.f.k >= context.t.k",
     LAW_PART_FAILS, 2, 29},
    {"unless { context.f has k && context.f.k == 3 }", false, "context.f has k && context.f.k == 3",
     LAW_PART_HOLDS, 2, 10},
    {"when { if context.f has consent then context.a.consent else true }", true,
     "context.f has consent", LAW_PART_FAILS, 2, 11},
    {"when { if context.f has k then context.f.k < 3 else true }", false, "context.f.k < 3",
     LAW_PART_FAILS, 2, 32},
    {"when { if context.f has k then (if context.f.k > 1 then context.f.k > 9 else true) else "
     "false "
     "}",
     false, "context.f.k > 9", LAW_PART_FAILS, 2, 57},
    {"when { if (if context.f has k then true else false) then context.f.k == 3 else false }", true,
     "context.f.k == 3", LAW_PART_HOLDS, 2, 58},
    {"when { context.f has consent || (context.f has k && context.f.k == 3) || false }", true,
     "(context.f has k && context.f.k == 3)", LAW_PART_HOLDS, 2, 33},
    {"when { context.f has consent || (context.f has k && context.f.k == 4) }", false,
     "context.f has consent || (context.f has k && context.f.k == 4)", LAW_PART_FAILS, 2, 8},
    {"when { !(context.f has k && context.f.k == 4) }", true, "context.f.k == 4", LAW_PART_FAILS, 2,
     29},
    {"when { !!(context.f has k) }", true, "!!(context.f has k)", LAW_PART_HOLDS, 2, 8},
    {"when { ((context.f has k) && ((context.f.k == 4))) }", false, "((context.f.k == 4))",
     LAW_PART_FAILS, 2, 30},
    {"when { [\"&&\", \"x) || (\"].contains(\"&&\") && // a && b || (\n  context.f has consent }",
     false, "context.f has consent", LAW_PART_FAILS, 3, 3},
    {"unless\n{\n  context.f has k &&\n\tcontext.f.k > 3\n}", true, "context.f.k > 3",
     LAW_PART_FAILS, 5, 2},
    {"when { principal.country == \"荷兰\" && true || context.f has k }", true, "context.f has k",
     LAW_PART_HOLDS, 2, 45},
};

static void the_piece_that_decided_is_found_in_its_source(void **state) {
    (void)state;
    const struct law_fact facts[] = {
        truth("is_personal", LAW_ATTESTED, true),
        fact("k", LAW_MEASURED, (struct law_scalar){.kind = LAW_LONG, .number = 3})};
    for (size_t i = 0; i < sizeof(clauses) / sizeof(clauses[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        pd_str text =
            pd_arena_printf(arena, "@id(\"nl.x\") forbid " OPEN "\n%s;", clauses[i].clause);
        struct law_rules *rules = rules_of(text.data);
        struct law_explanation e = explain(rules, facts, 2, arena);
        const struct law_account *a = account_of(&e, "nl.x");
        const struct law_clause_account *c = &a->clauses[0];
        assert_int_equal(a->speaks, clauses[i].speaks);
        assert_int_equal(c->keeps_silent, !clauses[i].speaks);
        assert_pd_str(c->decisive.text, clauses[i].decisive);
        assert_int_equal(c->decisive.state, clauses[i].state);
        if (c->decisive.place.line != clauses[i].line ||
            c->decisive.place.column != clauses[i].column)
            fail_msg("%s: decided at %u:%u", clauses[i].clause, c->decisive.place.line,
                     c->decisive.place.column);
        law_rules_free(rules);
        pd_arena_free(arena);
    }
}

static void conjuncts_say_what_holds_and_what_is_lacking(void **state) {
    (void)state;
    const struct law_fact facts[] = {truth("consent", LAW_ATTESTED, false)};
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    struct law_rules *rules = rules_of("@id(\"nl.x\") forbid " OPEN
                                       " unless { context.a has consent && context.a.consent "
                                       "&& context.f has k };");
    struct law_explanation e = explain(rules, facts, 1, arena);
    const struct law_clause_account *c = &account_of(&e, "nl.x")->clauses[0];
    assert_int_equal(c->conjunct_count, 3);
    assert_int_equal(c->conjuncts[0].state, LAW_PART_HOLDS);
    assert_int_equal(c->conjuncts[1].state, LAW_PART_FAILS);
    assert_int_equal(c->conjuncts[2].state, LAW_PART_UNREACHED);
    assert_pd_str(c->conjuncts[2].text, "context.f has k");
    law_rules_free(rules);
    pd_arena_free(arena);
}

static void an_exemption_of_other_acts_tips_nothing(void **state) {
    (void)state;
    static const struct {
        const char *verb;
        size_t tipping;
    } cases[] = {{"open", 2}, {"share", 1}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        pd_str text =
            pd_arena_printf(arena,
                            "@id(\"nl.x\") forbid (principal, action, resource)\n"
                            "unless { context.a has consent && context.a.consent };\n"
                            "@id(\"nl.e\") @exempts(\"nl.x\")\n"
                            "permit (principal, action == Polder::Action::\"%s\", resource)\n"
                            "when { context.a has is_personal && !context.a.is_personal };",
                            cases[i].verb);
        struct law_rules *rules = rules_of(text.data);
        struct law_explanation e = explain(rules, NULL, 0, arena); /* of opening */
        const struct law_account *a = account_of(&e, "nl.x");
        assert_int_equal(a->tipping_count, cases[i].tipping);
        assert_pd_str(a->tipping[0]->name, "consent");
        law_rules_free(rules);
        pd_arena_free(arena);
    }
}

static void a_policy_that_errs_is_accounted_for_up_to_the_error(void **state) {
    (void)state;
    const struct law_fact facts[] = {
        fact("k", LAW_MEASURED, (struct law_scalar){.kind = LAW_LONG, .number = 3})};
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    struct law_rules *rules =
        rules_of("@id(\"nl.x\") forbid " OPEN " when { context.f has k } when { context.f has k && "
                 "context.f.k * 9223372036854775807 > 0 } unless { context.f has purpose };");
    struct law_explanation e = explain(rules, facts, 1, arena);
    const struct law_account *a = account_of(&e, "nl.x");
    assert_int_equal(a->voice.role, LAW_ERRS);
    assert_int_equal(a->clause_count, 2);
    assert_int_equal(a->clauses[1].body.state, LAW_PART_ERRS);
    assert_pd_str(a->clauses[1].decisive.text, "context.f.k * 9223372036854775807 > 0");
    law_rules_free(rules);
    pd_arena_free(arena);
}

/* ---- Facts ---- */

static void each_fact_that_was_asked_for_is_told_with_what_was_said(void **state) {
    (void)state;
    const struct law_fact facts[] = {
        truth("is_personal", LAW_DECLARED, false), /* does not enter */
        truth("is_personal", LAW_DECLARED, true),  /* enters, but is asked for as attested */
        truth("separate_consent", LAW_DECLARED, true)};
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    struct law_rules *rules = rules_of(
        "@id(\"nl.x\") forbid " OPEN
        " unless { context.a has is_personal && !context.a.is_personal }\n"
        " unless { context.a has separate_consent && context.a.separate_consent }"
        " unless { context.a has consent && context.a.consent };\n"
        "@id(\"nl.far\") forbid (principal, action == Polder::Action::\"use\", resource);\n"
        "@id(\"nl.kind\") forbid " OPEN " when { principal.country == \"BE\" };\n"
        "@id(\"nl.late\") @effective(\"2027-01-01\") forbid " OPEN " when { context.f has k };\n"
        "@id(\"nl.near\") forbid " OPEN
        " when { context.f has purpose } when { context.f has k };\n");
    struct law_explanation e = explain(rules, facts, 3, arena);
    const struct law_account *a = account_of(&e, "nl.x");
    assert_int_equal(a->fact_count, 3);
    assert_pd_str(a->facts[0].kind->name, "is_personal");
    assert_true(a->facts[0].needs_vouching && a->facts[0].used->fact == &facts[1]);
    assert_true(a->facts[1].used->ignored.len > 0 && !a->facts[1].needs_vouching);
    assert_int_equal(a->facts[1].clause, 1);
    assert_null(a->facts[2].used);
    assert_int_equal(a->tipping_count, 3);
    /* Silent because of a fact: nl.near alone, by its first clause. */
    assert_int_equal(e.count - e.spoke, 1);
    const struct law_account *near = account_of(&e, "nl.near");
    assert_false(near->speaks);
    assert_int_equal(near->clause_count, 1);
    assert_int_equal(near->fact_count, 1);
    assert_pd_str(near->facts[0].kind->name, "purpose");
    law_rules_free(rules);
    pd_arena_free(arena);
}

static void a_policy_alone_tells_its_facts_and_exemptions(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    struct law_rules *rules =
        rules_of("@id(\"nl.x\") forbid " OPEN
                 " unless { context.f has k && context.f.k > 3 && context.a has "
                 "consent };\n@id(\"nl.e\") @exempts(\"nl.x\") permit " OPEN ";\n");
    const struct law_fact_account *facts = NULL;
    const struct law_policy *policy = NULL;
    size_t count = 0;
    struct pd_error err = {PD_OK, ""};
    assert_int_equal(law_rules_find_policy(rules, PD_STR("nl.x"), arena, &policy, &err), PD_OK);
    assert_int_equal(law_policy_facts(rules, policy, arena, &facts, &count, &err), PD_OK);
    assert_int_equal(count, 2);
    assert_pd_str(facts[0].kind->name, "k");
    assert_true(!facts[0].needs_vouching && facts[1].needs_vouching);
    const size_t *by = law_policy_exemptions(rules, policy, true, &count);
    assert_int_equal(count, 1);
    assert_pd_str(law_policies_get(law_rules_policies(rules), by[0])->id, "nl.e");
    law_policy_exemptions(rules, policy, false, &count);
    assert_int_equal(count, 0);
    assert_int_equal(law_rules_find_policy(rules, PD_STR("nl.y"), arena, &policy, &err),
                     PD_NOT_FOUND);
    assert_starts(err.text, "there is no policy \"nl.y\"; did you mean \"nl.x\"?");
    law_rules_free(rules);
    pd_arena_free(arena);
}

/* ---- The ways ---- */

static pd_str tell_way(const struct law_way *way, struct pd_arena *arena) {
    pd_str text = way->exists ? PD_STR("") : PD_STR("none");
    for (size_t i = 0; i < way->count; i++)
        text = pd_arena_printf(arena, "%.*s%s%.*s for %.*s", pd_arg(text), i ? "; " : "",
                               pd_arg(way->obligations[i].text),
                               pd_arg(way->obligations[i].policy_id));
    return text;
}

static void the_least_loss_is_found_over_all_forbids_together(void **state) {
    (void)state;
    static const struct {
        const char *remedies[3];
        const char *change, *evidence, *least;
        size_t beyond;
    } cases[] = {
        {{"drop(direct)|mask(direct)"},
         "mask(direct) for nl.a",
         "none",
         "mask(direct) for nl.a",
         0},
        {{"mask(direct)|consent", "drop(quasi)|generalise(quasi)"},
         "mask(direct) for nl.a; generalise(quasi) for nl.b",
         "none",
         "consent for nl.a; generalise(quasi) for nl.b",
         0},
        {{"mask(direct)|drop(direct)", "drop(direct)|consent"},
         "drop(direct) for nl.a, nl.b",
         "none",
         "consent for nl.b; mask(direct) for nl.a",
         0},
        /* What is left out needs no mask. */
        {{"mask(direct)|consent", "drop(direct)+kanon(quasi;k=3)"},
         "kanon(quasi;k=3) for nl.b; drop(direct) for nl.a, nl.b",
         "none",
         "kanon(quasi;k=3) for nl.b; drop(direct) for nl.a, nl.b",
         0},
        {{"kanon(quasi;k=3)", "kanon(quasi;k=t.k)", "kanon(quasi;k=4)|drop(quasi)"},
         "kanon(quasi;k=t.k) for nl.a, nl.b, nl.c",
         "none",
         "kanon(quasi;k=t.k) for nl.a, nl.b, nl.c",
         0},
        {{"consent|consent(separate)", "consent(separate)|approve(head)",
          "consent(separate)+approve(head)|drop(direct)"},
         "none",
         "approve(head) for nl.c; consent(separate) for nl.a, nl.b, nl.c",
         "approve(head) for nl.c; consent(separate) for nl.a, nl.b, nl.c",
         0},
        {{"mask(direct)", "consent"}, "none", "none", "consent for nl.b; mask(direct) for nl.a", 0},
        {{"mask(direct)", "none"}, "none", "none", "none", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        pd_str text = PD_STR("");
        for (size_t f = 0; f < 3 && cases[i].remedies[f]; f++)
            text = pd_arena_printf(arena, "%.*s@id(\"nl.%c\") @remedy(\"%s\") forbid " OPEN ";\n",
                                   pd_arg(text), (char)('a' + f), cases[i].remedies[f]);
        struct law_rules *rules = rules_of(text.data);
        struct law_explanation e = explain(rules, NULL, 0, arena);
        assert_pd_str(tell_way(&e.ways.change, arena), cases[i].change);
        assert_pd_str(tell_way(&e.ways.evidence, arena), cases[i].evidence);
        assert_pd_str(tell_way(&e.ways.least, arena), cases[i].least);
        assert_int_equal(e.ways.beyond_count, cases[i].beyond);
        law_rules_free(rules);
        pd_arena_free(arena);
    }
}

static void what_is_exempted_needs_no_remedy(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    struct law_rules *rules =
        rules_of("@id(\"nl.a\") @remedy(\"none\") forbid " OPEN ";\n@id(\"nl.b\") "
                 "@remedy(\"mask(direct)\") forbid " OPEN
                 ";\n@id(\"nl.e\") @exempts(\"nl.a\") permit " OPEN ";\n");
    struct law_explanation e = explain(rules, NULL, 0, arena);
    assert_pd_str(tell_way(&e.ways.least, arena), "mask(direct) for nl.b");
    assert_int_equal(e.ways.beyond_count, 0);
    law_rules_free(rules);
    pd_arena_free(arena);
}

/* Many forbids with many alternatives: the search is bounded and still answers every one. */
static void a_crowd_of_alternatives_is_answered_in_bounded_time(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    pd_str text = PD_STR("");
    for (unsigned f = 0; f < 40; f++)
        text = pd_arena_printf(
            arena,
            "%.*s@id(\"nl.f%u\") @remedy(\"mask(a%u)|mask(b%u)|drop(c%u)|mask(d%u)\") forbid " OPEN
            ";\n",
            pd_arg(text), f, f % 11, f % 13, f % 3, f % 17);
    struct law_rules *rules = rules_of(text.data);
    struct law_explanation e = explain(rules, NULL, 0, arena);
    assert_true(e.ways.change.exists && e.ways.change.count > 0 && e.ways.change.count <= 40);
    pd_str told = tell_way(&e.ways.change, arena);
    for (unsigned f = 0; f < 40; f++) {
        pd_str id = pd_arena_printf(arena, "nl.f%u", f);
        assert_true(pd_str_find(told, id) != PD_NPOS);
    }
    law_rules_free(rules);
    pd_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_piece_that_decided_is_found_in_its_source),
        cmocka_unit_test(conjuncts_say_what_holds_and_what_is_lacking),
        cmocka_unit_test(an_exemption_of_other_acts_tips_nothing),
        cmocka_unit_test(a_policy_that_errs_is_accounted_for_up_to_the_error),
        cmocka_unit_test(each_fact_that_was_asked_for_is_told_with_what_was_said),
        cmocka_unit_test(a_policy_alone_tells_its_facts_and_exemptions),
        cmocka_unit_test(the_least_loss_is_found_over_all_forbids_together),
        cmocka_unit_test(what_is_exempted_needs_no_remedy),
        cmocka_unit_test(a_crowd_of_alternatives_is_answered_in_bounded_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
