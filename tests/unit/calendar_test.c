/* Deadlines, by the calendars that stand in standards/calendars (read from the project's root). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "law/law.h"

enum { FILE_BYTES = 1 << 16 };

static struct pd_arena *arena;
static const struct law_calendar *cn, *eu;

static pd_str read_text(const char *path) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = pd_arena_alloc(arena, FILE_BYTES);
    assert_non_null(text);
    size_t n = fread(text, 1, FILE_BYTES - 1, f);
    assert_true(feof(f));
    fclose(f);
    return (pd_str){text, n};
}

static const struct law_calendar *load(const char *path) {
    const struct law_calendar *calendar = NULL;
    struct pd_error err = {0};
    if (law_calendar_parse(pd_str_from(path), read_text(path), arena, &calendar, &err) != PD_OK)
        fail_msg("%s", err.text);
    return calendar;
}

static int set_up(void **state) {
    (void)state;
    arena = pd_arena_new((size_t)8 << 20);
    cn = load("standards/calendars/cn.json");
    eu = load("standards/calendars/eu.json");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    pd_arena_free(arena);
    return 0;
}

static pd_time moment(const char *text) {
    pd_time t;
    if (!pd_time_parse(pd_str_from(text), &t))
        fail_msg("no time: %s", text);
    return t;
}

static void calendars_say_whose_they_are(void **state) {
    (void)state;
    assert_true(pd_str_is(law_calendar_jurisdiction(cn), "cn"));
    assert_true(pd_str_is(law_calendar_jurisdiction(eu), "eu"));
}

static void holidays_are_off_and_make_up_days_are_worked(void **state) {
    (void)state;
    static const struct {
        const char *at;
        enum law_day expected;
    } days[] = {
        {"2024-02-04T12:00+08:00", LAW_DAY_WORKING}, /* a Sunday made up for */
        {"2024-02-09T12:00+08:00", LAW_DAY_WORKING}, /* a Friday; not in the notice */
        {"2024-02-10T00:00+08:00", LAW_DAY_OFF},     /* Spring Festival */
        {"2024-02-14T12:00+08:00", LAW_DAY_OFF},     /* on a Wednesday */
        {"2024-02-18T12:00+08:00", LAW_DAY_WORKING}, /* a Sunday made up for */
        {"2024-02-29T12:00+08:00", LAW_DAY_WORKING},
        {"2024-05-11T12:00+08:00", LAW_DAY_WORKING}, /* a Saturday made up for */
        {"2024-05-12T12:00+08:00", LAW_DAY_OFF},     /* a Sunday like others */
        {"2025-02-08T12:00+08:00", LAW_DAY_WORKING},
        {"2025-10-08T23:59+08:00", LAW_DAY_OFF},
        {"2025-10-09T00:00+08:00", LAW_DAY_WORKING},
        {"2026-02-14T12:00+08:00", LAW_DAY_WORKING},
        {"2026-10-10T12:00+08:00", LAW_DAY_WORKING},
        {"2022-12-31T23:59+08:00", LAW_DAY_UNKNOWN},
        {"2022-12-31T16:00Z", LAW_DAY_OFF}, /* 1 January there */
        {"2026-12-24T15:59Z", LAW_DAY_WORKING},
        {"2026-12-24T16:00Z", LAW_DAY_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++)
        if (law_calendar_day(cn, moment(days[i].at)) != days[i].expected)
            fail_msg("%s", days[i].at);
}

static const struct {
    char calendar; /* c: China, e: European Union, -: none */
    const char *start, *term, *due;
} TERMS[] = {
    /* working days, around the holidays */
    {'c', "2024-02-09T10:00+08:00", "1wd", "2024-02-19T00:00+08:00"}, /* the make-up Sunday */
    {'c', "2024-02-09T10:00+08:00", "2wd", "2024-02-20T00:00+08:00"},
    {'c', "2024-02-03T10:00+08:00", "1wd", "2024-02-05T00:00+08:00"},
    {'c', "2024-04-30T10:00+08:00", "5wd", "2024-05-11T00:00+08:00"},
    {'c', "2024-09-30T10:00+08:00", "5wd", "2024-10-13T00:00+08:00"},
    {'c', "2025-01-24T10:00+08:00", "1wd", "2025-01-27T00:00+08:00"},
    {'c', "2025-01-27T10:00+08:00", "3wd", "2025-02-08T00:00+08:00"},
    {'c', "2025-09-26T10:00+08:00", "10wd", "2025-10-17T00:00+08:00"},
    {'c', "2025-12-31T10:00+08:00", "1wd", "2026-01-05T00:00+08:00"},
    {'c', "2026-02-13T10:00+08:00", "5wd", "2026-02-28T00:00+08:00"},
    {'c', "2026-09-30T10:00+08:00", "3wd", "2026-10-11T00:00+08:00"},
    {'c', "2026-11-23T10:00+08:00", "20wd", "2026-12-22T00:00+08:00"},
    {'c', "2026-12-01T10:00+08:00", "17wd", "2026-12-25T00:00+08:00"}, /* the last day known */
    {'e', "2026-04-30T10:00+02:00", "1wd", "2026-05-05T00:00+02:00"},
    {'e', "2026-12-24T10:00+02:00", "1wd", "2026-12-29T00:00+02:00"},
    {'e', "2027-12-31T10:00+02:00", "1wd", "2028-01-04T00:00+02:00"},
    /* the day of the event is that of the zone, whatever the hour */
    {'c', "2024-05-12T16:00Z", "1wd", "2024-05-14T16:00Z"},
    {'c', "2024-05-12T15:59Z", "1wd", "2024-05-13T16:00Z"},
    {'c', "2024-05-12T15:59Z", "0d", "2024-05-12T16:00Z"},
    /* calendar days, which nothing carries on */
    {'c', "2024-02-09T10:00+08:00", "1d", "2024-02-11T00:00+08:00"},
    {'c', "2024-02-28T10:00+08:00", "1d", "2024-03-01T00:00+08:00"},
    {'c', "2023-02-28T10:00+08:00", "1d", "2023-03-02T00:00+08:00"},
    {'-', "2024-02-28T10:00Z", "15d", "2024-03-15T00:00Z"},
    /* hours, exact to the microsecond */
    {'c', "2024-02-28T10:11:12.000013Z", "24h", "2024-02-29T10:11:12.000013Z"},
    {'-', "2024-02-28T23:00Z", "72h", "2024-03-02T23:00Z"},
    /* months and years: month ends and leap years; the table need not know them */
    {'c', "2024-01-31T10:00+08:00", "1m", "2024-03-01T00:00+08:00"},
    {'c', "2023-01-31T10:00+08:00", "1m", "2023-03-01T00:00+08:00"},
    {'c', "2024-03-31T10:00+08:00", "6m", "2024-10-01T00:00+08:00"},
    {'c', "2024-10-31T10:00+08:00", "14m", "2026-01-01T00:00+08:00"},
    {'c', "2024-02-29T10:00+08:00", "1y", "2025-03-01T00:00+08:00"},
    {'c', "2024-02-29T10:00+08:00", "4y", "2028-03-01T00:00+08:00"},
    {'c', "2026-11-23T20:00Z", "3y", "2029-11-25T00:00+08:00"}, /* the 24th in China */
    {'-', "2026-11-23T20:00Z", "3y", "2029-11-24T00:00Z"},
    {'-', "1969-12-31T23:00Z", "1d", "1970-01-02T00:00Z"},
};

static const struct law_calendar *calendar_of(char c) {
    return c == 'c' ? cn : c == 'e' ? eu : NULL;
}

static void a_term_ends_with_the_last_day_of_its_zone(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(TERMS) / sizeof(*TERMS); i++) {
        struct pd_error err = {0};
        pd_time due;
        char got[PD_TIME_TEXT_SIZE];
        if (law_term_due(calendar_of(TERMS[i].calendar), moment(TERMS[i].start),
                         pd_str_from(TERMS[i].term), &due, &err) != PD_OK)
            fail_msg("%s + %s: %s", TERMS[i].start, TERMS[i].term, err.text);
        pd_time_write(due, PD_TIME_MICROS, got);
        if (due != moment(TERMS[i].due))
            fail_msg("%s + %s: %s", TERMS[i].start, TERMS[i].term, got);
    }
}

static void what_cannot_be_computed_is_said_and_not_guessed(void **state) {
    (void)state;
    static const struct {
        char calendar;
        const char *start, *term;
        enum pd_status status;
        const char *why;
    } cases[] = {
        {'c', "2026-12-01T10:00+08:00", "18wd", PD_NOT_FOUND, "from 2023-01-01 to 2026-12-24"},
        {'c', "2027-03-01T10:00+08:00", "1wd", PD_NOT_FOUND, "leaves the calendar \"cn\""},
        {'c', "2022-12-30T10:00+08:00", "1wd", PD_NOT_FOUND, "leaves the calendar \"cn\""},
        {'e', "2099-12-31T10:00Z", "1wd", PD_NOT_FOUND, "leaves the calendar \"eu\""},
        {'-', "2024-03-01T10:00Z", "10wd", PD_NOT_FOUND, "need the calendar"},
        {'c', "2024-03-01T10:00Z", "", PD_INVALID, "no term"},
        {'c', "2024-03-01T10:00Z", "10", PD_INVALID, "no term"},
        {'c', "2024-03-01T10:00Z", "wd", PD_INVALID, "no term"},
        {'c', "2024-03-01T10:00Z", "-1d", PD_INVALID, "no term"},
        {'c', "2024-03-01T10:00Z", "1 d", PD_INVALID, "no term"},
        {'c', "2024-03-01T10:00Z", "1w", PD_INVALID, "no term"},
        {'c', "2024-03-01T10:00Z", "100001h", PD_INVALID, "no term"},
        {'c', "2024-03-01T10:00Z", "99999999999999999999d", PD_INVALID, "no term"},
        {'c', "2024-03-01T10:00Z", "9000y", PD_INVALID, "after the year 9999"},
        {'c', "9999-12-31T10:00Z", "1m", PD_INVALID, "after the year 9999"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pd_error err = {0};
        pd_time due = 42;
        enum pd_status st = law_term_due(calendar_of(cases[i].calendar), moment(cases[i].start),
                                         pd_str_from(cases[i].term), &due, &err);
        if (st != cases[i].status || due != 42 || !strstr(err.text, cases[i].why))
            fail_msg("%s + %s: %d %s", cases[i].start, cases[i].term, (int)st, err.text);
    }
    pd_time due = 42;
    assert_int_equal(law_term_due(NULL, INT64_MAX, PD_STR("1h"), &due, NULL), PD_INVALID);
    assert_int_equal(law_term_due(cn, INT64_MIN, PD_STR("1d"), &due, NULL), PD_INVALID);
}

/* ---- Bad calendars ---- */

#define HEAD                                                                                       \
    "{\"calendar\":1,\"jurisdiction\":\"xx\",\"title\":{\"en\":\"t\",\"zh\":\"t\"},"               \
    "\"source\":\"s\",\"licence\":\"l\",\"made_by\":\"m\","
#define SPAN "\"utc_offset\":\"-03:30\",\"first\":\"2024-01-01\",\"last\":\"2024-12-31\","

static void a_damaged_calendar_is_refused_with_its_member(void **state) {
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "x.json:1:1: expected a JSON value"},
        {"[]", "x.json:1:1: a calendar is an object"},
        {"{\"calendar\":2}", "\"calendar\" must be 1"},
        {"{\"calendar\":1}", "\"jurisdiction\" must be a string"},
        {HEAD "\"holidays\":[]}", "unknown member \"holidays\""},
        {HEAD "\"utc_offset\":\"8\"}", "\"utc_offset\" must be an offset"},
        {HEAD "\"utc_offset\":\"+15:00\"}", "\"utc_offset\" must be an offset"},
        {HEAD "\"utc_offset\":\"+0-:00\"}", "\"utc_offset\" must be an offset"},
        {HEAD "\"utc_offset\":\"+08:-1\"}", "\"utc_offset\" must be an offset"},
        {HEAD "\"utc_offset\":\"+08:00\",\"first\":\"2024-02-30\",\"last\":\"2024-12-31\"}",
         "\"first\" and \"last\" must be dates"},
        {HEAD "\"utc_offset\":\"+08:00\",\"first\":\"2024-02-03\",\"last\":\"2024-01-01\"}",
         "\"last\" must lie"},
        {HEAD "\"utc_offset\":\"+08:00\",\"first\":\"0001-01-01\",\"last\":\"9999-01-01\"}",
         "\"last\" must lie"},
        {HEAD SPAN "\"yearly\":{}}", "\"yearly\" must be a list"},
        {HEAD SPAN "\"yearly\":[\"13-01\"],\"off\":[],\"work\":[]}", "\"yearly\"[0] must be"},
        {HEAD SPAN "\"yearly\":[\"1-1\"],\"off\":[],\"work\":[]}", "\"yearly\"[0] must be"},
        {HEAD SPAN "\"yearly\":[1],\"off\":[],\"work\":[]}", "\"yearly\"[0] must be"},
        {HEAD SPAN "\"yearly\":[],\"work\":[]}", "\"off\" must be a list"},
        {HEAD SPAN "\"yearly\":[],\"off\":[7],\"work\":[]}", "\"off\"[0] must be a date"},
        {HEAD SPAN "\"yearly\":[],\"off\":[\"2024-5-1\"],\"work\":[]}",
         "\"off\"[0] must be a date"},
        {HEAD SPAN "\"yearly\":[],\"off\":[\"2024-05-01/\"],\"work\":[]}", "\"off\"[0] must end"},
        {HEAD SPAN "\"yearly\":[],\"off\":[\"2024-05-01/2024-05-02/2024-05-03\"],\"work\":[]}",
         "\"off\"[0] must end"},
        {HEAD SPAN "\"yearly\":[],\"off\":[\"2024-05-02/2024-05-01\"],\"work\":[]}",
         "\"off\"[0] must lie"},
        {HEAD SPAN "\"yearly\":[],\"off\":[\"2025-01-01\"],\"work\":[]}", "\"off\"[0] must lie"},
        {HEAD SPAN "\"yearly\":[],\"off\":[\"2024-05-01\"],\"work\":[\"2024-05-01\"]}",
         "\"work\"[0] holds a day that was given before"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct law_calendar *calendar = NULL;
        struct pd_error err = {0};
        enum pd_status st = law_calendar_parse(PD_STR("x.json"), pd_str_from(cases[i].text), arena,
                                               &calendar, &err);
        if (st != PD_INVALID || calendar || !strstr(err.text, cases[i].why))
            fail_msg("%s: %d %s", cases[i].text, (int)st, err.text);
    }
}

static void a_zone_may_lie_west(void **state) {
    (void)state;
    const struct law_calendar *west = NULL;
    struct pd_error err = {0};
    pd_time due;
    assert_int_equal(law_calendar_parse(PD_STR("x.json"),
                                        PD_STR(HEAD SPAN "\"yearly\":[],\"off\":[],\"work\":[]}"),
                                        arena, &west, &err),
                     PD_OK);
    assert_int_equal(law_term_due(west, moment("2024-03-01T03:00Z"), PD_STR("1d"), &due, &err),
                     PD_OK);
    assert_int_equal(due, moment("2024-03-02T00:00-03:30"));
}

/* ---- Calendars as part of the rules ---- */

static void rules_carry_the_calendars_of_their_jurisdictions(void **state) {
    (void)state;
    struct law_file files[] = {
        {PD_STR("facts.json"), read_text("law/facts.json")},
        {PD_STR("calendars/cn.json"), read_text("standards/calendars/cn.json")},
    };
    struct law_rules *rules = NULL;
    struct pd_error err = {0};
    if (law_rules_new(files, 2, &rules, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_non_null(law_rules_calendar(rules, PD_STR("cn")));
    assert_null(law_rules_calendar(rules, PD_STR("eu")));
    law_rules_free(rules);
    files[1].path = PD_STR("calendars/eu.json");
    assert_int_equal(law_rules_new(files, 2, &rules, &err), PD_INVALID);
    assert_non_null(strstr(err.text, "named after its \"jurisdiction\", here \"cn\""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendars_say_whose_they_are),
        cmocka_unit_test(holidays_are_off_and_make_up_days_are_worked),
        cmocka_unit_test(a_term_ends_with_the_last_day_of_its_zone),
        cmocka_unit_test(what_cannot_be_computed_is_said_and_not_guessed),
        cmocka_unit_test(a_damaged_calendar_is_refused_with_its_member),
        cmocka_unit_test(a_zone_may_lie_west),
        cmocka_unit_test(rules_carry_the_calendars_of_their_jurisdictions),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
