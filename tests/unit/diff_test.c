/* What two sets of rules have apart, by meaning. */
#include "study_fixture.h"

/* The differences of the one change, as "what: before > after; ..."; "none" if nothing changed. */
static pd_str tell(const struct law_rules *before, const struct law_rules *after,
                   struct pd_arena *arena) {
    const struct law_change *changes = NULL;
    size_t count = 0;
    pd_str text = PD_STR("");
    struct pd_error err = {PD_OK, ""};
    if (law_rules_compare(before, after, arena, &changes, &count, &err) != PD_OK)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < count; i++) {
        static const char *const signs[] = {
            [LAW_ADDED] = "+", [LAW_REMOVED] = "-", [LAW_CHANGED] = ""};
        text = pd_arena_printf(arena, "%.*s%s%s%.*s", pd_arg(text), i ? " | " : "",
                               signs[changes[i].kind], pd_arg(changes[i].id));
        for (size_t d = 0; d < changes[i].count; d++) {
            const struct law_difference *x = &changes[i].differences[d];
            text = pd_arena_printf(arena, "%.*s; %.*s: %.*s > %.*s", pd_arg(text), pd_arg(x->what),
                                   pd_arg(x->before), pd_arg(x->after));
        }
    }
    return count > 0 ? text : PD_STR("none");
}

#define A(annotations, rest) "@id(\"nl.a\") " annotations " " rest "\n"
#define ANY                  "(principal, action, resource)"

static const struct row_pair {
    const char *before, *after, *told;
} pairs[] = {
    /* Layout, comments, order and other ways to write the same are none. */
    {A("@title(\"t\") @v(\"x\")", "forbid " ANY " when { context.f has k } unless { true };"),
     "// new comment\n@v(\"x\")\n@id(\"nl.a\")\n@title(\"t\")\nforbid(principal,action,resource)\n"
     "unless { (true) // why\n }\nwhen{context[\"f\"] has k};\n",
     "none"},
    {A("", "forbid " ANY " when { context.f has k && context.f.k > 1 };"),
     "@id(\"nl.a\") forbid (principal, action, resource)\nwhen\n{\n  context.f has k // given\n  "
     "&& "
     "(context[\"f\"].k > 1)\n};\n",
     "none"},
    {A("", "forbid " ANY " when { true } unless { false } unless { context.f has k };"),
     A("", "forbid " ANY " unless { context.f has k } unless { false } when { true };"), "none"},
    {A("", "forbid (principal, action in [Polder::Action::\"open\", Polder::Action::\"share\"], "
           "resource);"),
     A("", "forbid (principal, action in [Polder::Action::\"share\", Polder::Action::\"open\", "
           "Polder::Action::\"open\"], resource);"),
     "none"},
    /* What differs. */
    {A("", "forbid " ANY ";"), A("", "permit " ANY ";"), "nl.a; effect: forbid > permit"},
    {A("", "forbid (principal, action in Polder::Action::\"disclose\", resource);"),
     A("", "forbid (principal, action == Polder::Action::\"open\", resource is Polder::Version);"),
     "nl.a; action: in Polder::Action::\"disclose\" > == Polder::Action::\"open\"; resource: any > "
     "is "
     "Polder::Version"},
    {A("", "forbid " ANY " unless { context.f has k };"),
     A("", "forbid " ANY " unless { context.f has k && context.f.k > 1 };"),
     "nl.a; unless: unless { context.f has k } > unless { context.f has k && context.f.k > 1 }"},
    {A("", "forbid " ANY " when { true } when { true };"), A("", "forbid " ANY " when { true };"),
     "nl.a; when: when { true } > "},
    {A("", "forbid " ANY " when { context.f has k };"),
     A("", "forbid " ANY " unless { context.f has k };"),
     "nl.a; when: when { context.f has k } > ; unless:  > unless { context.f has k }"},
    {A("@effective(\"2025-01-01\") @title(\"old\")", "forbid " ANY ";"),
     A("@expires(\"2027-01-01\") @title(\"new\") @remedy(\"consent\")", "forbid " ANY ";"),
     "nl.a; @effective: 2025-01-01 > ; @title: old > new; @expires:  > 2027-01-01; @remedy:  > "
     "consent"},
    {A("", "forbid " ANY ";"), A("", "forbid " ANY ";") "@id(\"nl.b\") forbid " ANY ";\n", "+nl.b"},
    {"@id(\"nl.c\") forbid " ANY ";\n" A("", "forbid " ANY ";"),
     "@id(\"nl.b\") forbid " ANY ";\n" A("", "forbid " ANY ";"), "+nl.b | -nl.c"},
    {A("", "forbid " ANY ";") "@id(\"nl.e\") @exempts(\"nl.a nl.b\") permit " ANY
                              ";\n@id(\"nl.b\") "
                              "forbid " ANY ";\n",
     A("", "forbid " ANY ";") "@id(\"nl.e\") @exempts(\"nl.b  nl.a\") permit " ANY
                              ";\n@id(\"nl.b\") "
                              "forbid " ANY ";\n",
     "none"},
    {A("", "forbid " ANY ";") "@id(\"nl.e\") @exempts(\"nl.a nl.b\") permit " ANY
                              ";\n@id(\"nl.b\") "
                              "forbid " ANY ";\n",
     A("", "forbid " ANY ";") "@id(\"nl.e\") @exempts(\"nl.a\") permit " ANY ";\n@id(\"nl.b\") "
                              "forbid " ANY ";\n",
     "nl.e; @exempts: nl.a nl.b > nl.a"},
};

static void policies_are_compared_by_what_they_mean(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        struct law_rules *before = rules_of(pairs[i].before);
        struct law_rules *after = rules_of(pairs[i].after);
        assert_pd_str(tell(before, after, arena), pairs[i].told);
        assert_pd_str(tell(before, before, arena), "none");
        law_rules_free(before);
        law_rules_free(after);
        pd_arena_free(arena);
    }
}

/* ---- What stands beside the policies ---- */

#define CALENDAR(zone, last, off)                                                                  \
    "{\"calendar\":1,\"jurisdiction\":\"nl\",\"title\":{\"en\":\"t\",\"zh\":\"t\"},\"source\":"    \
    "\"s\",\"licence\":\"l\","                                                                     \
    "\"made_by\":\"m\",\"utc_offset\":\"" zone "\",\"first\":\"2026-01-01\",\"last\":\"" last      \
    "\",\"yearly\":[],\"off\":[" off "],\"work\":[]}"

static struct law_rules *rules_with(const char *registry, const char *thresholds,
                                    const char *manifest, const char *calendar) {
    struct pd_error err = {PD_OK, ""};
    struct law_rules *rules = NULL;
    const struct law_file some[] = {
        {PD_STR("facts.json"), pd_str_from(registry)},
        {PD_STR("node/thresholds.json"), pd_str_from(thresholds)},
        {PD_STR("node/manifest.json"), pd_str_from(MANIFEST("node", "node", "2026-01-01"))},
        {PD_STR("nl/manifest.json"), pd_str_from(manifest)},
        {PD_STR("calendars/nl.json"), pd_str_from(calendar)},
    };
    if (law_rules_new(some, calendar ? 5 : 4, &rules, &err) != PD_OK)
        fail_msg("%s", err.text);
    return rules;
}

#define FACT(name, accepts, attesters, supplier)                                                   \
    "{\"name\":\"" name "\",\"type\":\"bool\",\"accepts\":[" accepts "],\"attesters\":[" attesters \
    "],\"bound\":"                                                                                 \
    "\"bytes\",\"title\":{\"en\":\"t\",\"zh\":\"t\"},\"supplier\":{\"en\":\"" supplier             \
    "\",\"zh\":\"z\"}}"
#define FACTS(list) "{\"registry\":1,\"facts\":[" list "]}"
#define THRESHOLD(name, value)                                                                     \
    "\"" name "\":{\"value\":" value                                                               \
    ",\"title\":{\"en\":\"t\",\"zh\":\"t\"},\"why\":{\"en\":\"w\",\"zh\":\"w\"}}"
#define LIMITS(list) "{\"thresholds\":1," list "}"

static void thresholds_facts_calendars_and_packs_are_compared(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    static const char LAW_2026[] = MANIFEST("nl", "statute", "2026-06-01");
    struct law_rules *before =
        rules_with(FACTS(FACT("a", "\"declared\"", "", "s") "," FACT("b", "\"measured\"", "", "s")),
                   LIMITS(THRESHOLD("k", "5") "," THRESHOLD("old", "1")), LAW_2026,
                   CALENDAR("+01:00", "2026-12-31", "\"2026-05-05\""));
    struct law_rules *after =
        rules_with(FACTS(FACT("b", "\"measured\",\"attested\"", "\"steward\"",
                              "the steward") "," FACT("c", "\"declared\"", "", "s")),
                   LIMITS(THRESHOLD("k", "11") "," THRESHOLD("new", "2")),
                   MANIFEST("nl", "delegated", "2026-07-01"),
                   CALENDAR("+02:00", "2027-12-31", "\"2026-04-27/2026-04-28\",\"2027-01-01\""));
    assert_pd_str(
        tell(before, after, arena),
        "nl; rank: statute > delegated; as_of: 2026-06-01 > 2026-07-01"
        " | k; value: 5 > 11 | +new; value:  > 2 | -old; value: 1 > "
        " | -a | b; accepts: measured > attested measured; accepts_false: measured > attested "
        "measured; attesters:  > steward; supplier: s > the steward | +c"
        " | nl; zone: +01:00 > +02:00; knows: 2026-01-01 to 2026-12-31 > 2026-01-01 to "
        "2027-12-31; works:  > 2026-05-05; off:  > 2026-04-27 2026-04-28");
    assert_pd_str(tell(after, after, arena), "none");
    struct law_rules *bare = rules_with(FACTS(FACT("a", "\"declared\"", "", "s")),
                                        LIMITS(THRESHOLD("k", "5")), LAW_2026, NULL);
    struct law_rules *dated =
        rules_with(FACTS(FACT("a", "\"declared\"", "", "s")), LIMITS(THRESHOLD("k", "5")), LAW_2026,
                   CALENDAR("+01:00", "2026-12-31", ""));
    assert_pd_str(tell(bare, dated, arena), "+nl");
    law_rules_free(before);
    law_rules_free(after);
    law_rules_free(bare);
    law_rules_free(dated);
    pd_arena_free(arena);
}

static void many_days_of_a_calendar_are_counted(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    static const char LAW_2026[] = MANIFEST("nl", "statute", "2026-06-01");
    struct law_rules *before =
        rules_with(FACTS(FACT("a", "\"declared\"", "", "s")), LIMITS(THRESHOLD("k", "5")), LAW_2026,
                   CALENDAR("+01:00", "2026-12-31", ""));
    struct law_rules *after =
        rules_with(FACTS(FACT("a", "\"declared\"", "", "s")), LIMITS(THRESHOLD("k", "5")), LAW_2026,
                   CALENDAR("+01:00", "2026-12-31", "\"2026-03-01/2026-03-31\""));
    pd_str told = tell(before, after, arena);
    assert_true(pd_str_starts(told, PD_STR("nl; off:  > 2026-03-02 2026-03-03 ")));
    assert_true(pd_str_ends(told, PD_STR(" 2026-03-17 and 10 more"))); /* 22 working days in all */
    law_rules_free(before);
    law_rules_free(after);
    pd_arena_free(arena);
}

/* A node reads its rules from a document that it then lets go. */
static void rules_keep_nothing_of_the_files_that_they_came_from(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES), *lent = pd_arena_new(ARENA_BYTES);
    struct pd_error err = {PD_OK, ""};
    struct law_rules *rules = NULL;
    const struct law_file files[] = {
        {PD_STR("facts.json"), pd_arena_str(lent, pd_str_from(REGISTRY))},
        {pd_arena_str(lent, PD_STR("nl/manifest.json")),
         pd_arena_str(lent, PD_STR(MANIFEST("nl", "statute", "2026-06-01")))},
        {pd_arena_str(lent, PD_STR("nl/a.cedar")),
         pd_arena_str(lent, PD_STR(A("@title(\"t\")", "forbid " ANY " when { true };")))},
    };
    assert_int_equal(law_rules_new(files, 3, &rules, &err), PD_OK);
    pd_arena_free(lent);
    assert_pd_str(law_rules_pack_nth(rules, 0)->folder, "nl");
    assert_true(law_policy_is_of(law_policies_get(law_rules_policies(rules), 0), PD_STR("nl")));
    assert_pd_str(tell(rules, rules, arena), "none");
    law_rules_free(rules);
    pd_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies_are_compared_by_what_they_mean),
        cmocka_unit_test(thresholds_facts_calendars_and_packs_are_compared),
        cmocka_unit_test(rules_keep_nothing_of_the_files_that_they_came_from),
        cmocka_unit_test(many_days_of_a_calendar_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
