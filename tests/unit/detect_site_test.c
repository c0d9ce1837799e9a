/* detect/: a site's own detectors, from their file to cells, columns and text. */
#include "detect/detect.h"
#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One detector with a pattern; further members may follow, each behind a comma. */
static enum pd_status site_of(const char *pattern, const char *more, struct detect_site **out,
                              struct pd_error *err) {
    struct pd_buf json;
    struct pd_json w;
    pd_buf_init(&json, 0);
    pd_buf_text(&json,
                "{\"polder_detectors\": 1, \"detectors\": [{\"name\": \"own\", \"category\": "
                "\"pseudonym\", \"role\": \"direct\", \"pattern\": ");
    pd_json_init(&w, &json, PD_JSON_COMPACT);
    pd_json_text(&w, pattern);
    pd_json_clear(&w);
    pd_buf_printf(&json, "%s}]}", more);
    enum pd_status st = detect_site_new(pd_buf_view(&json), out, err);
    pd_buf_clear(&json);
    return st;
}

static void patterns_mean_what_they_usually_mean(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *cell;
        bool is_match;
    } cases[] = {
        {"abc", "abc", true},
        {"abc", "abcd", false},
        {"abc", "ab", false},
        {"a|bc|d", "bc", true},
        {"(a|b)+c", "ababc", true},
        {"(a|b)+c", "c", false},
        {"a*b?c", "aac", true},
        {"CC\\d{8}", "CC12345678", true},
        {"CC\\d{8}", "CC1234567", false},
        {"\\d{2,4}", "123", true},
        {"\\d{2,4}", "12345", false},
        {"\\d{2,}", "12345", true},
        {"[A-F0-9]{4}", "BE0F", true},
        {"[^0-9]x", "ax", true},
        {"[^0-9]x", "1x", false},
        {"[]-]x", "]x", true},
        {"[a\\]b]", "]", true},
        {"沪[0-9]+号", "沪12号", true},
        {"[一-龥]{2}", "市民", true},
        {"a.c", "a市c", true},
        {"a\\.c", "abc", false},
        {"(?:ab){2}", "abab", true},
        {"\\w\\s\\w", "a b", true},
        {"CC\\d{4}", "ＣＣ１２３４", true}, /* full width */
        {"CC\\d{4}", "  CC1234\t", true},
        {"(a?){20}b", "aaaab", true},
        {"(a*)*b", "aaab", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct detect_site *site = NULL;
        struct pd_error err = {0};
        if (site_of(cases[i].pattern, "", &site, &err) != PD_OK)
            fail_msg("%s: %s", cases[i].pattern, err.text);
        bool got = detect_site_cell(site, pd_str_from(cases[i].cell), 0) != 0;
        if (got != cases[i].is_match)
            fail_msg("%s on \"%s\"", cases[i].pattern, cases[i].cell);
        detect_site_free(site);
    }
}

static void wrong_patterns_are_refused_with_their_place(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *says;
    } cases[] = {
        {"a(b", "at its character 4: a bracket ( isn't closed"},
        {"ab)", "at its character 3: a bracket ) was never opened"},
        {"[ab", "at its character 4: a bracket [ isn't closed"},
        {"市[z-a]", "at its character 6: the range in brackets runs backwards"},
        {"*a", "at its character 1: there is nothing to repeat"},
        {"a{3,1}", "it asks for more than it allows"},
        {"a{x}", "a number belongs here"},
        {"a{300}", "more than 255 times"},
        {"(a{200}){200}", "more than 1,024 steps"},
        {"((((((|){255}){255}){255}){255}){255})x", "repeat less"},
        {"^abc$", "aren't needed"},
        {"a\\q", "are known"},
        {"a\\", "stands for nothing"},
        {"a*", "matches nothing at all"},
        {"", "a text belongs here"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct detect_site *site = NULL;
        struct pd_error err = {0};
        assert_int_not_equal(site_of(cases[i].pattern, "", &site, &err), PD_OK);
        if (!strstr(err.text, cases[i].says) || !strstr(err.text, "line 1, column "))
            fail_msg("%s: %s", cases[i].pattern, err.text);
        assert_null(site);
    }
}

static void validators_check_what_the_pattern_lets_through(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *more, *good, *bad;
    } cases[] = {
        {"\\d{16}", ",\"validator\":\"luhn\"", "6217100898972322", "6217100898972323"},
        {"[0-9 ]{19}", ",\"validator\":\"luhn\"", "6217 1008 9897 2322", "6217 1008 9897 2323"},
        {"\\d{17}[0-9X]", ",\"validator\":\"mod11-2\"", "65010219170329947X", "650102191703299479"},
        {"\\d{11}", ",\"validator\":\"mod11-10\"", "73524018092", "73524018093"},
        {"\\d{12}", ",\"validator\":\"verhoeff\"", "698443438529", "698443438528"},
        {"\\d{4}", ",\"validator\":\"damm\"", "5724", "5727"},
        {"\\d{13}", ",\"validator\":\"ean\"", "4006381333931", "4006381333932"},
        {"[A-Z0-9]{20}", ",\"validator\":\"mod97\"", "213800KUD8LAJWSQ9D15",
         "213800KUD8LAJWSQ9D16"},
        {"\\d{9}",
         ",\"validator\":{\"weights\":[1,4,3,7,5,8,6,9],\"modulus\":11,\"check\":\"01234567890\"}",
         "302754257", "302754258"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct detect_site *site = NULL;
        struct pd_error err = {0};
        if (site_of(cases[i].pattern, cases[i].more, &site, &err) != PD_OK)
            fail_msg("%s", err.text);
        if (!detect_site_cell(site, pd_str_from(cases[i].good), 0) ||
            detect_site_cell(site, pd_str_from(cases[i].bad), 0))
            fail_msg("%s: %s and %s", cases[i].more, cases[i].good, cases[i].bad);
        assert_true(detect_site_info(site, 0)->has_check_digit);
        detect_site_free(site);
    }
}

static void wrong_files_are_refused_with_line_and_column(void **state) {
    (void)state;
    static const struct {
        const char *json, *says;
    } cases[] = {
        {"", "JSON"},
        {"[]", "line 1, column 1: the file is"},
        {"{\"polder_detectors\": 2, \"detectors\": []}", "the file is"},
        {"{\"polder_detectors\": 1, \"detectors\": []}", "0 detectors"},
        {"{\"polder_detectors\": 1, \"detectors\": [\n  {\"name\": \"x1\",\n   \"patern\": "
         "\"a\"}]}",
         "line 3, column 4: detector 1, \"patern\": it is not known; do you mean \"pattern\"?"},
        {"{\"polder_detectors\": 1, \"detectors\": [\n  {\"name\": \"email\"}]}",
         "line 2, column 4: detector 1, \"name\": a detector of the program is called so"},
        {"{\"polder_detectors\": 1, \"detectors\": [{\"name\": \"X\"}]}", "a name is 2 to 40"},
        {"{\"polder_detectors\": 1, \"detectors\": [{\"name\": \"ab\", \"pattern\": \"a\"}]}",
         "\"category\": known are"},
        {"{\"polder_detectors\": 1, \"detectors\": [{\"name\": \"ab\", \"pattern\": \"a\", "
         "\"category\": \"name\"}]}",
         "\"role\": known are direct, quasi, none"},
        {"{\"polder_detectors\": 1, \"detectors\": [{\"name\": \"ab\", \"pattern\": \"a\", "
         "\"category\": \"name\", \"role\": \"direct\", \"needs\": \"context\"}]}",
         "has no words of context"},
        {"{\"polder_detectors\": 1, \"detectors\": [{\"name\": \"ab\", \"pattern\": \"a\", "
         "\"category\": \"name\", \"role\": \"direct\", \"validator\": \"crc\"}]}",
         "known are none, luhn"},
        {"{\"polder_detectors\": 1, \"detectors\": [{\"name\": \"ab\", \"pattern\": \"a\", "
         "\"category\": \"name\", \"role\": \"direct\", \"validator\": "
         "{\"weights\":[1],\"modulus\":5,\"check\":\"01\"}}]}",
         "one character for each remainder"},
        {"{\"polder_detectors\": 1, \"detectors\": [{\"name\": \"ab\"", "line 1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct detect_site *site = NULL;
        struct pd_error err = {0};
        assert_int_not_equal(detect_site_new(pd_str_from(cases[i].json), &site, &err), PD_OK);
        if (!strstr(err.text, cases[i].says))
            fail_msg("%s\n  says %s", cases[i].json, err.text);
    }
}

struct tally {
    int count;
    char last[64];
};

static enum pd_status on_finding(void *context, const struct detect_finding *f,
                                 struct pd_error *err) {
    struct tally *tally = context;
    (void)err;
    tally->count++;
    snprintf(tally->last, sizeof(tally->last), "%s %s %.*s", f->info->name,
             detect_confidence_name(f->confidence), pd_arg(f->text));
    return PD_OK;
}

static struct tally scan(const struct detect_site *site, pd_str text) {
    struct tally tally = {0};
    struct detect_scan_options options = {.site = site, .site_types = UINT64_MAX};
    struct detect_scan_handler handler = {&tally, NULL, on_finding};
    struct detect_scanner *scanner = NULL;
    struct pd_error err = {0};
    assert_int_equal(detect_scanner_new(&options, &handler, &scanner, &err), PD_OK);
    assert_int_equal(detect_scanner_feed(scanner, text.data, text.len, &err), PD_OK);
    assert_int_equal(detect_scanner_finish(scanner, &err), PD_OK);
    detect_scanner_free(scanner);
    return tally;
}

static void text_is_searched_too_at_the_edges_of_words(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *more, *text, *last;
        int count;
    } cases[] = {
        {"CC\\d{4,8}", "", "a CC1234, CC12345678; xCC1234 CC123456789 CC12",
         "own medium CC12345678", 2},
        {"\\d{6}", ",\"needs\":\"context\",\"context\":[\"staff no\",\"工号\"]",
         "123456 and then, much later on in the text and far away, staff no 654321",
         "own high 654321", 1},
        {"\\d{6}", ",\"needs\":\"context\",\"context\":[\"工号\"]", "工号：123456",
         "own high 123456", 1},
        {"a|ab", "", "ab a", "own medium a", 2},
        {"x{3}", ",\"ignore_case\":true", "xXx", "own medium xXx", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct detect_site *site = NULL;
        struct pd_error err = {0};
        if (site_of(cases[i].pattern, cases[i].more, &site, &err) != PD_OK)
            fail_msg("%s", err.text);
        struct tally tally = scan(site, pd_str_from(cases[i].text));
        if (tally.count != cases[i].count || strcmp(tally.last, cases[i].last) != 0)
            fail_msg("%s: %d, %s", cases[i].pattern, tally.count, tally.last);
        detect_site_free(site);
    }
}

/* What makes a backtracking matcher take for ever: here it is text times pattern. */
static void no_pattern_runs_away(void **state) {
    (void)state;
    struct pd_buf text;
    pd_buf_init(&text, 0);
    for (int i = 0; i < 200000; i++)
        pd_buf_char(&text, 'a');
    static const char *const patterns[] = {"(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*)(.*)(.*)b"};
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        struct detect_site *site = NULL;
        struct pd_error err = {0};
        assert_int_equal(site_of(patterns[i], "", &site, &err), PD_OK);
        assert_int_equal(scan(site, pd_buf_view(&text)).count, 0);
        detect_site_free(site);
    }
    pd_buf_clear(&text);
}

static void a_column_of_the_sites_own_gets_verdict_and_role(void **state) {
    (void)state;
    struct detect_site *site = NULL;
    struct pd_error err = {0};
    assert_int_equal(site_of("CC\\d{4}", ",\"title\":\"a city card\"", &site, &err), PD_OK);
    struct inspect_options options = {.seed = 1, .site = site};
    struct inspector *inspectors[2] = {NULL, NULL};
    const pd_str name = PD_STR("number");
    for (int part = 0; part < 2; part++) {
        assert_int_equal(inspector_new(&name, 1, &options, &inspectors[part], &err), PD_OK);
        for (int i = 0; i < 20; i++) {
            char text[16];
            int n = snprintf(text, sizeof(text), i % 4 ? "CC%04d" : "lost", i);
            struct table_cell cell = {0, (uint32_t)n};
            struct table_batch batch = {.rows = 1,
                                        .columns = 1,
                                        .bytes = text,
                                        .cells = &cell,
                                        .row_step = 1,
                                        .column_step = 1};
            assert_int_equal(inspector_feed(inspectors[part], &batch, &err), PD_OK);
        }
    }
    assert_int_equal(inspector_merge(inspectors[0], inspectors[1], &err), PD_OK);
    struct pd_arena *arena = pd_arena_new(1 << 20);
    const struct inspection *inspection = NULL;
    assert_int_equal(inspector_finish(inspectors[0], arena, &inspection, &err), PD_OK);
    const struct inspect_column *c = &inspection->columns[0];
    assert_int_equal(c->verdict_count, 1);
    assert_string_equal(c->verdicts[0].info->name, "own");
    assert_int_equal(c->verdicts[0].matched, 30);
    assert_int_equal(c->role, INSPECT_DIRECT);
    assert_string_equal(c->category, "pseudonym");
    assert_true(pd_str_is(c->evidence, "30 of 40 cells hold a city card"));
    pd_arena_free(arena);
    inspector_free(inspectors[0]);
    inspector_free(inspectors[1]);
    detect_site_free(site);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_mean_what_they_usually_mean),
        cmocka_unit_test(wrong_patterns_are_refused_with_their_place),
        cmocka_unit_test(validators_check_what_the_pattern_lets_through),
        cmocka_unit_test(wrong_files_are_refused_with_line_and_column),
        cmocka_unit_test(text_is_searched_too_at_the_edges_of_words),
        cmocka_unit_test(no_pattern_runs_away),
        cmocka_unit_test(a_column_of_the_sites_own_gets_verdict_and_role),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
