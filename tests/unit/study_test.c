/* The law studied: cases and coverage read from pages. */
#include "study_fixture.h"

static const char STATUTE[] =
    "@id(\"nl.a.1\") @effective(\"2025-01-01\") forbid (principal, action == "
    "Polder::Action::\"open\", resource)\n"
    "unless { context.a has consent && context.a.consent };\n"
    "@id(\"nl.a.2\") forbid (principal, action in Polder::Action::\"disclose\", resource)\n"
    "when { context has recipient && context.recipient has country && context.recipient.country "
    "!= principal.country };\n";

#define CASES_HEADER                                                                               \
    "| policy | speaks at | with the facts | silent at | with the facts |\n"                       \
    "| --- | --- | --- | --- | --- |\n"
#define ROWS_HEADER                                                                                \
    "| row | law, article | stage | status | policies | why none |\n"                              \
    "| --- | --- | --- | --- | --- | --- |\n"

/* ---- Cases ---- */

static void a_row_is_an_act_on_a_day_with_facts(void **state) {
    (void)state;
    static const char PAGE[] =
        "# Cases\nprose | with a bar\n\n| other | table |\n| --- | --- |\n| x | y |\n\n" //
        CASES_HEADER "| nl.a.1 | open by agency | | as of 2024-12-31 | consent=false:attested |\r\n"
        "| nl.a.2 | share by company in DE to researcher in US as of 2020-02-29 "
        "| purpose=a b: c=d:declared, k=3:measured | - | |\n"
        "\nmore prose\n\n" CASES_HEADER "| nl.a.1 | open by group | | use by group | |\n";
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    struct law_rules *rules = rules_of(STATUTE);
    struct pd_error err = {PD_OK, ""};
    const struct law_case_row *rows = NULL;
    size_t count = 0;
    if (law_cases_parse(rules, PD_STR("nl/CASES.md"), PD_STR(PAGE), arena, &rows, &count, &err) !=
        PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(count, 3);
    assert_int_equal(rows[0].place.line, 10);
    assert_int_equal(rows[0].place.column, 3);
    assert_pd_str(rows[0].speaks.question.verb, "open");
    assert_pd_str(rows[0].speaks.question.party.country, "NL");
    assert_null(rows[0].speaks.question.recipient);
    assert_int_equal(rows[0].speaks.question.now, (pd_time)20605 * PD_DAY); /* 2026-06-01 */
    assert_pd_str(rows[0].silent.question.verb, "open");
    assert_int_equal(rows[0].silent.question.now, (pd_time)20088 * PD_DAY);
    assert_int_equal(rows[0].silent.question.fact_count, 1);
    const struct law_case *far = &rows[1].speaks.question;
    assert_pd_str(far->party.country, "DE");
    assert_pd_str(far->recipient->kind, "researcher");
    assert_pd_str(far->recipient->country, "US");
    assert_int_equal(far->now, (pd_time)18321 * PD_DAY);
    assert_int_equal(far->fact_count, 2);
    assert_pd_str(far->facts[0].value.text, "a b: c=d");
    assert_int_equal(far->facts[1].class_, LAW_MEASURED);
    assert_true(rows[1].silent.is_left_out);
    for (size_t i = 0; i < count; i++) {
        struct law_case_result got;
        assert_int_equal(law_case_row_check(rules, &rows[i], arena, &got, &err), PD_OK);
        assert_true(got.speaks_holds && got.silent_holds);
        assert_true((got.silent == NULL) == rows[i].silent.is_left_out);
    }
    law_rules_free(rules);
    pd_arena_free(arena);
}

static void the_page_says_where_the_parties_are(void **state) {
    (void)state;
    static const char PAGE[] = "Here the parties are in BE unless it says otherwise.\n" CASES_HEADER
                               "| nl.a.1 | open by agency | | use by agency | |\n";
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    struct law_rules *rules = rules_of(STATUTE);
    const struct law_case_row *rows = NULL;
    size_t count = 0;
    assert_int_equal(
        law_cases_parse(rules, PD_STR("nl/CASES.md"), PD_STR(PAGE), arena, &rows, &count, NULL),
        PD_OK);
    assert_pd_str(rows[0].silent.question.party.country, "BE");
    law_rules_free(rules);
    pd_arena_free(arena);
}

static void a_row_that_comes_out_otherwise_is_told_on_its_side(void **state) {
    (void)state;
    static const struct {
        const char *row;
        bool speaks, silent;
    } cases[] = {
        {"| nl.a.1 | open by agency | consent=true:attested | use by agency | |", false, true},
        {"| nl.a.1 | open by agency | | | consent=true:declared |", true, false},
        {"| nl.a.1 | open by agency as of 2024-12-31 | | as of 2025-01-01 | |", false, false},
        {"| nl.a.1 | - | | open by agency | consent=true:attested |", true, true},
    };
    struct law_rules *rules = rules_of(STATUTE);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        struct pd_error err = {PD_OK, ""};
        const struct law_case_row *rows = NULL;
        size_t count = 0;
        struct law_case_result got;
        pd_str page = pd_arena_printf(arena, "%s%s\n", CASES_HEADER, cases[i].row);
        if (law_cases_parse(rules, PD_STR("nl/CASES.md"), page, arena, &rows, &count, &err) !=
            PD_OK)
            fail_msg("%s", err.text);
        assert_int_equal(law_case_row_check(rules, &rows[0], arena, &got, &err), PD_OK);
        if (got.speaks_holds != cases[i].speaks || got.silent_holds != cases[i].silent)
            fail_msg("%s: %d %d", cases[i].row, got.speaks_holds, got.silent_holds);
        pd_arena_free(arena);
    }
    law_rules_free(rules);
}

static void wrong_cases_are_refused_with_their_place(void **state) {
    (void)state;
    static const struct {
        const char *row, *error;
    } cases[] = {
        {"| nl.a.3 | open by agency | | | |", "3:3: there is no policy \"nl.a.3\"; did you mean"},
        {"| nl.a.1 | opne by agency | | | |", "3:12: unknown verb \"opne\"; did you mean \"open\""},
        {"| nl.a.1 | open agency | | | |", "3:17: a verb is followed by \"by\""},
        {"| nl.a.1 | open by agent | | | |", "3:20: the party is of unknown kind \"agent\""},
        {"| nl.a.1 | open by agency in Nl | | | |", "3:30: \"in\" is followed by a country"},
        {"| nl.a.1 | share by agency to | | | |", "3:12: the recipient is of unknown kind \"\""},
        {"| nl.a.1 | open by agency on Monday | | | |", "3:27: an act ends here"},
        {"| nl.a.1 | open by agency as of 2025-02-30 | | | |", "3:33: \"as of\" is followed by"},
        {"| nl.a.1 | open by agency as of 2025-02-20 x | | | |", "3:44: nothing follows the date"},
        {"| nl.a.1 | | | | |", "3:11: there is no act to be the same as"},
        {"| nl.a.1 | - | | as of 2025-01-01 | |", "3:18: there is no act to be the same as"},
        {"| nl.a.1 | - | k=1:measured | open by agency | |", "3:16: a side that is left out"},
        {"| nl.a.1 | open by agency | k=x:measured | | |", "3:29: k is a whole number"},
        {"| nl.a.1 | open by agency | k=1:measured, cconsent=true:attested | | |",
         "3:43: the registry knows no fact \"cconsent\"; did you mean \"consent\""},
        {"| nl.a.1 | open by agency | k=1:guessed | | |", "3:33: a fact is declared, attested"},
        {"| nl.a.1 | open by agency | k=1 | | |", "3:29: a fact is written NAME=VALUE:CLASS"},
        {"| nl.a.1 | open by agency | k=1:measured, | | |", "3:42: a fact is written"},
        {"| nl.a.1 | 开 by agency | | | |", "3:12: unknown verb \"开\""},
        {"| nl.a.1 | open by agency | | |", "3:1: a row has 5 cells, | policy | speaks at |"},
        {"| nl.a.1 | open by agency | | | | |", "3:1: a row has 5 cells"},
        {"| nl.a.1 | open by agency | | | ", "3:1: a row has 5 cells"},
    };
    struct law_rules *rules = rules_of(STATUTE);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        struct pd_error err = {PD_OK, ""};
        const struct law_case_row *rows = NULL;
        size_t count = 0;
        pd_str page = pd_arena_printf(arena, "%s%s\n", CASES_HEADER, cases[i].row);
        pd_str expected = pd_arena_printf(arena, "nl/CASES.md:%s", cases[i].error);
        assert_int_equal(
            law_cases_parse(rules, PD_STR("nl/CASES.md"), page, arena, &rows, &count, &err),
            PD_INVALID);
        assert_starts(err.text, expected.data);
        assert_non_null(strchr(err.text, '^'));
        assert_null(rows);
        pd_arena_free(arena);
    }
    law_rules_free(rules);
}

static void a_page_without_the_table_or_not_in_utf8_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *page, *error;
    } cases[] = {
        {"", "nl/CASES.md: there is no table with the columns | policy | speaks at |"},
        {"| policy | speaks at |\n| --- | --- |\n", "nl/CASES.md: there is no table"},
        {"| policy | speaks at | with the facts | silent at | with the facts |\nno dashes\n",
         "nl/CASES.md: there is no table"},
        {"a\n\xff", "nl/CASES.md:2: the text is not UTF-8 here"},
    };
    struct law_rules *rules = rules_of(STATUTE);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        struct pd_error err = {PD_OK, ""};
        const struct law_case_row *rows = NULL;
        size_t count = 0;
        assert_int_equal(law_cases_parse(rules, PD_STR("nl/CASES.md"), pd_str_from(cases[i].page),
                                         arena, &rows, &count, &err),
                         PD_INVALID);
        assert_starts(err.text, cases[i].error);
        pd_arena_free(arena);
    }
    law_rules_free(rules);
}

/* ---- Coverage ---- */

static void coverage_counts_rows_with_and_without_a_policy(void **state) {
    (void)state;
    static const char PAGE[] = ROWS_HEADER
        "| nl.a.1 | A 1 | open | verified: X | nl.a.1 nl.a.2 | |\n"
        "| nl.a.2 | A 2 | all | from memory | | it binds the parliament, \\| not a holder |\n"
        "| nl.a.9 | A 9 | all | verified: X (half from memory) |  nl.a.2  | partly |\n";
    struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
    struct law_rules *rules = rules_of(STATUTE);
    struct pd_error err = {PD_OK, ""};
    const struct law_coverage_row *rows = NULL;
    size_t count = 0;
    struct law_coverage c;
    if (law_rows_parse(PD_STR("nl/ROWS.md"), PD_STR(PAGE), arena, &rows, &count, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(law_coverage_make(rules, PD_STR("nl/ROWS.md"), rows, count, arena, &c, &err),
                     PD_OK);
    assert_int_equal(c.count, 3);
    assert_int_equal(c.with_policy, 2);
    assert_int_equal(c.from_memory, 2);
    assert_int_equal(c.policies, 2);
    assert_int_equal(c.problem_count, 0);
    assert_pd_str(rows[0].policies[1], "nl.a.2");
    assert_int_equal(rows[2].policy_count, 1);
    law_rules_free(rules);
    pd_arena_free(arena);
}

static void what_coverage_lacks_is_named_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *rows;
        const char *problems[3];
    } cases[] = {
        {"| nl.1 | A | s | v | nl.a.1 nl.a.2 | |\n", {NULL}},
        {"| nl.1 | A | s | v | nl.a.1 | |\n",
         {"nl/ROWS.md: no row names the policy nl.a.2 (nl/s.cedar:3)"}},
        {"| nl.1 | A | s | v | nl.a.1 nl.a.2 | |\n| nl.2 | A | s | v | | |\n",
         {"nl/ROWS.md:4:3: nl.2 has neither a policy nor a reason"}},
        {"| nl.1 | A | s | v | nl.a.1 nl.a.2 nl.a.22 | |\n",
         {"nl/ROWS.md:3:3: nl.1: there is no policy \"nl.a.22\"; did you mean \"nl.a.2\""}},
        {"| nl.1 | A | s | v | nl.a.1 nl.a.2 nl.a.1 | |\n",
         {"nl/ROWS.md:3:3: nl.1 names nl.a.1 twice"}},
        {"| nl.1 | A | s | v | nl.a.1 nl.a.2 | |\n| nl.2 | B | s | v | | r |\n"
         "| nl.1 | C | s | v | | r |\n",
         {"nl/ROWS.md:5:3: nl.1 stands in line 3 already"}},
        {"| nl.1 | A | s | v | | |\n",
         {"nl/ROWS.md:3:3: nl.1 has neither", "nl/ROWS.md: no row names the policy nl.a.1",
          "nl/ROWS.md: no row names the policy nl.a.2"}},
    };
    struct law_rules *rules = rules_of(STATUTE);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pd_arena *arena = pd_arena_new(ARENA_BYTES);
        const struct law_coverage_row *rows = NULL;
        size_t count = 0, wanted = 0;
        struct law_coverage c;
        pd_str page = pd_arena_printf(arena, "%s%s", ROWS_HEADER, cases[i].rows);
        assert_int_equal(law_rows_parse(PD_STR("nl/ROWS.md"), page, arena, &rows, &count, NULL),
                         PD_OK);
        assert_int_equal(
            law_coverage_make(rules, PD_STR("nl/ROWS.md"), rows, count, arena, &c, NULL), PD_OK);
        for (; wanted < 3 && cases[i].problems[wanted] != NULL; wanted++) {
            assert_true(wanted < c.problem_count);
            assert_starts(c.problems[wanted].data, cases[i].problems[wanted]);
        }
        assert_int_equal(c.problem_count, wanted);
        pd_arena_free(arena);
    }
    law_rules_free(rules);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_an_act_on_a_day_with_facts),
        cmocka_unit_test(the_page_says_where_the_parties_are),
        cmocka_unit_test(a_row_that_comes_out_otherwise_is_told_on_its_side),
        cmocka_unit_test(wrong_cases_are_refused_with_their_place),
        cmocka_unit_test(a_page_without_the_table_or_not_in_utf8_is_refused),
        cmocka_unit_test(coverage_counts_rows_with_and_without_a_policy),
        cmocka_unit_test(what_coverage_lacks_is_named_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
