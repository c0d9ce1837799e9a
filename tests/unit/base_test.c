#include <errno.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base_json_cases.h"
#include "base_options_cases.h"
#include "base_test_impl.h"

/* Errors */

static void each_status_has_an_outcome(void **state) {
    (void)state;
    static const struct {
        enum pd_status status;
        int http, exit_code;
        const char *slug;
    } cases[] = {
        {PD_OK, 200, 0, "ok"},
        {PD_USAGE, 400, 64, "usage"},
        {PD_INVALID, 400, 65, "invalid"},
        {PD_NOT_FOUND, 404, 66, "not-found"},
        {PD_DENIED, 403, 77, "denied"},
        {PD_OPEN, 409, 75, "open"},
        {PD_CONFLICT, 409, 75, "conflict"},
        {PD_LIMIT, 413, 65, "limit"},
        {PD_IO, 507, 74, "io"},
        {PD_UNAVAILABLE, 503, 69, "unavailable"},
        {PD_UNSUPPORTED, 501, 78, "unsupported"},
        {PD_INTERNAL, 500, 70, "internal"},
    };
    assert_int_equal(COUNT(cases), PD_STATUS_COUNT);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct pd_outcome *outcome = pd_outcome_get(cases[i].status);
        assert_int_equal(outcome->http, cases[i].http);
        assert_int_equal(outcome->exit_code, cases[i].exit_code);
        assert_string_equal(outcome->slug, cases[i].slug);
        assert_non_null(outcome->means);
    }
    assert_ptr_equal(pd_outcome_get((enum pd_status)99), pd_outcome_get(PD_INTERNAL));
}

static void an_error_gathers_what_each_level_knows(void **state) {
    (void)state;
    struct pd_error err = {0};
    errno = ENOENT;
    assert_int_equal(pd_fail_errno(&err, PD_IO, "open \"%s\"", "a.csv"), PD_IO);
    assert_int_equal(errno, ENOENT);
    assert_string_equal(err.text, "open \"a.csv\": No such file or directory");
    assert_int_equal(pd_wrap(&err, "source %d", 7), PD_IO);
    assert_string_equal(err.text, "source 7: open \"a.csv\": No such file or directory");
    assert_int_equal(pd_fail(&err, PD_INVALID, "again (%s)", err.text), PD_INVALID);
    assert_string_equal(err.text, "again (source 7: open \"a.csv\": No such file or directory)");
    assert_int_equal(err.status, PD_INVALID);
    assert_int_equal(pd_fail(NULL, PD_LIMIT, "unheard"), PD_LIMIT);
    assert_int_equal(pd_fail_memory(&err), PD_LIMIT);
}

static void wrapping_no_error_is_no_success(void **state) {
    (void)state;
    struct pd_error err = {0};
    assert_int_equal(pd_wrap(&err, "nothing happened"), PD_INTERNAL);
    assert_int_equal(pd_wrap(NULL, "nobody asks"), PD_INTERNAL);
}

static void a_long_error_is_cut_between_characters(void **state) {
    (void)state;
    char text[2 * PD_ERROR_TEXT_SIZE] = {0};
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof(text); i += 3)
            memcpy(text + i, "\xe2\x82\xac", 3); /* a euro sign */
        struct pd_error err = {0};
        pd_fail(&err, PD_INVALID, "%s", text);
        size_t len = strlen(err.text);
        assert_in_range(len, PD_ERROR_TEXT_SIZE - 3, PD_ERROR_TEXT_SIZE - 1);
        assert_true(pd_utf8_valid(pd_str_from(err.text), NULL));
        assert_int_equal((len - shift) % 3, 0);
        assert_int_equal(pd_wrap(&err, "in %s", "x"), PD_INVALID);
        assert_true(pd_utf8_valid(pd_str_from(err.text), NULL));
        assert_null(strchr(err.text, '?'));
    }
}

static void an_error_quotes_hostile_bytes_harmlessly(void **state) {
    (void)state;
    struct pd_error err = {0};
    pd_fail(&err, PD_INVALID, "field \"%s\"\n\tnext", "a\x1b[2J\x7f\xff\xc2\x9b\xe2\x82");
    assert_string_equal(err.text, "field \"a?[2J?????\?\"\n\tnext");
}

/* Text */

static void views_compare_and_cut_within_their_bounds(void **state) {
    (void)state;
    pd_str none = {NULL, 0};
    assert_true(pd_str_eq(none, PD_STR("")));
    assert_true(pd_str_eq(none, pd_str_from(NULL)));
    assert_true(pd_str_starts(PD_STR("polder"), PD_STR("pol")));
    assert_false(pd_str_starts(PD_STR("po"), PD_STR("pol")));
    assert_true(pd_str_starts(none, none));
    assert_true(pd_str_ends(PD_STR("polder"), PD_STR("der")));
    assert_false(pd_str_ends(PD_STR("er"), PD_STR("der")));
    assert_true(pd_str_ends(none, none));
    assert_true(pd_str_eq_ascii_case(PD_STR("Content-TYPE"), PD_STR("content-type")));
    assert_false(pd_str_eq_ascii_case(PD_STR("\xc3\x89"), PD_STR("\xc3\xa9")));
    assert_true(pd_str_cmp(PD_STR("a"), PD_STR("b")) < 0);
    assert_true(pd_str_cmp(PD_STR("\xff"), PD_STR("a")) > 0);
    assert_true(pd_str_cmp(PD_STR("ab"), PD_STR("a")) > 0);
    assert_int_equal(pd_str_cmp(none, none), 0);
    assert_str(pd_str_sub(PD_STR("polder"), 3, 99), "der");
    assert_str(pd_str_sub(PD_STR("polder"), 99, 1), "");
    assert_str(pd_str_trim(PD_STR(" \t a b\r\n")), "a b");
    assert_str(pd_str_trim(PD_STR(" \n")), "");
}

static void find_gives_the_first_place_or_none(void **state) {
    (void)state;
    assert_int_equal(pd_str_find(PD_STR("a,bc,bc"), PD_STR("bc")), 2);
    assert_true(pd_str_find(PD_STR("abc"), PD_STR("abcd")) == PD_NPOS);
    assert_int_equal(pd_str_find((pd_str){NULL, 0}, PD_STR("")), 0);
    assert_int_equal(pd_str_find_char(PD_STR("a,b"), ','), 1);
    assert_true(pd_str_find_char((pd_str){NULL, 0}, ',') == PD_NPOS);
}

static void split_gives_every_piece(void **state) {
    (void)state;
    static const struct {
        const char *text, *pieces;
    } cases[] = {{"a,,b", "[a][][b]"}, {"", "[]"}, {",", "[][]"}, {"a,", "[a][]"}, {NULL, ""}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        pd_str rest = pd_str_from(cases[i].text), piece;
        struct pd_buf buf = {0};
        pd_buf_text(&buf, "");
        while (pd_str_split(&rest, ',', &piece))
            pd_buf_printf(&buf, "[%.*s]", pd_arg(piece));
        assert_str(pd_buf_view(&buf), cases[i].pieces);
        pd_buf_clear(&buf);
    }
}

static void utf8_is_well_formed_or_told_where_not(void **state) {
    (void)state;
    static const struct {
        pd_str text;
        size_t bad_at; /* PD_NPOS: well formed */
    } cases[] = {
        {PD_STR_INIT(""), PD_NPOS},
        {PD_STR_INIT("plain ASCII, longer than eight"), PD_NPOS},
        {PD_STR_INIT("a\0b"), PD_NPOS},
        {PD_STR_INIT("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xef\xbf\xbf"), PD_NPOS},
        {PD_STR_INIT("\xed\x9f\xbf \xee\x80\x80"), PD_NPOS},
        {PD_STR_INIT("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"), PD_NPOS},
        {PD_STR_INIT("\x80"), 0},
        {PD_STR_INIT("12345678\xbf"), 8},
        {PD_STR_INIT("\xc0\x80"), 0},         /* overlong */
        {PD_STR_INIT("\xc1\xbf"), 0},         /* overlong */
        {PD_STR_INIT("\xe0\x9f\xbf"), 0},     /* overlong */
        {PD_STR_INIT("\xf0\x8f\xbf\xbf"), 0}, /* overlong */
        {PD_STR_INIT("x\xed\xa0\x80"), 1},    /* surrogate */
        {PD_STR_INIT("x\xed\xbf\xbf"), 1},    /* surrogate */
        {PD_STR_INIT("\xf4\x90\x80\x80"), 0}, /* above U+10FFFF */
        {PD_STR_INIT("\xf5\x80\x80\x80"), 0},
        {PD_STR_INIT("\xff"), 0},
        {PD_STR_INIT("ab\xc3"), 2}, /* cut short */
        {PD_STR_INIT("ab\xe2\x82"), 2},
        {PD_STR_INIT("\xf0\x9f\x98"), 0},
        {PD_STR_INIT("\xc3\x28"), 0},
        {PD_STR_INIT("\xe2\x28\xa1"), 0},
        {PD_STR_INIT("\xe2\x82\x28"), 0},
        {PD_STR_INIT("\xf0\x9f\x98\x28"), 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t bad_at = PD_NPOS;
        bool valid = pd_utf8_valid(cases[i].text, &bad_at);
        if (valid != (cases[i].bad_at == PD_NPOS) || bad_at != cases[i].bad_at)
            fail_msg("case %zu: valid=%d bad_at=%zu", i, valid, bad_at);
    }
}

static void every_code_point_survives_utf8(void **state) {
    (void)state;
    for (uint32_t c = 0; c <= 0x110000; c++) {
        char bytes[4];
        size_t n = pd_utf8_encode(c, bytes);
        bool is_scalar = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
        assert_int_equal(n > 0, is_scalar);
        if (n == 0)
            continue;
        uint32_t back;
        assert_true(pd_utf8_valid((pd_str){bytes, n}, NULL));
        assert_int_equal(pd_utf8_decode((pd_str){bytes, n}, 0, &back), n);
        assert_int_equal(back, c);
        assert_int_equal(pd_utf8_length((pd_str){bytes, n}), 1);
    }
}

/* Numbers and encodings */

static void integers_are_read_whole_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool is_i64, is_u64;
        int64_t i64;
        uint64_t u64;
    } cases[] = {
        {"0", true, true, 0, 0},
        {"-0", true, false, 0, 0},
        {"007", true, true, 7, 7},
        {"9223372036854775807", true, true, INT64_MAX, INT64_MAX},
        {"9223372036854775808", false, true, 0, UINT64_C(1) << 63},
        {"-9223372036854775808", true, false, INT64_MIN, 0},
        {"-9223372036854775809", false, false, 0, 0},
        {"18446744073709551615", false, true, 0, UINT64_MAX},
        {"18446744073709551616", false, false, 0, 0},
        {"", false, false, 0, 0},
        {"-", false, false, 0, 0},
        {"+1", false, false, 0, 0},
        {" 1", false, false, 0, 0},
        {"1 ", false, false, 0, 0},
        {"--1", false, false, 0, 0},
        {"1a", false, false, 0, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t i64 = 0;
        uint64_t u64 = 0;
        assert_int_equal(pd_parse_i64(pd_str_from(cases[i].text), &i64), cases[i].is_i64);
        assert_int_equal(pd_parse_u64(pd_str_from(cases[i].text), &u64), cases[i].is_u64);
        assert_true(i64 == cases[i].i64 && u64 == cases[i].u64);
    }
}

static void decimals_are_read_to_the_nearest_double(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = {
        {"0", 0.0},
        {"1.10", 1.1},
        {"-12.5e-1", -1.25},
        {"1E+2", 100},
        {"0.1", 0.1},
        {"00.50", 0.5},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"1.7976931348623157e308", DBL_MAX},
        {"5e-324", 5e-324},
        {"1e-400", 0.0},
        {"0e999999999999999999999", 0.0},
        {"9007199254740993", 9007199254740992.0},
        {"9007199254740993.0000000000000000000000000000000000000000000001", 9007199254740994.0},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        double value;
        assert_true(pd_parse_double(pd_str_from(good[i].text), &value));
        if (memcmp(&value, &good[i].value, sizeof(value)) != 0)
            fail_msg("%s was read as %.17g", good[i].text, value);
    }
    static const char *const bad[] = {
        "",    "-",  "+1", ".5",   "1.",    "1e",  "1e+",  "1e5x", "inf",   "nan",    "0x1",
        "1,5", " 1", "1 ", "1.5.", "1e999", "--1", "1e--", "-e1",  "1e1.5", "-1e999", "1_000"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        double value = 7;
        if (pd_parse_double(pd_str_from(bad[i]), &value) || value != 7)
            fail_msg("\"%s\" was accepted", bad[i]);
    }
}

static void digits_past_any_buffer_still_count(void **state) {
    (void)state;
    /* Halfway between two doubles, the tie broken by a digit two thousand places away. */
    char text[2100];
    memset(text, '0', sizeof(text));
    memcpy(text, "9007199254740993.", 17);
    double value;
    assert_true(pd_parse_double((pd_str){text, sizeof(text)}, &value));
    assert_true(value == 9007199254740992.0);
    text[sizeof(text) - 1] = '1';
    assert_true(pd_parse_double((pd_str){text, sizeof(text)}, &value));
    assert_true(value == 9007199254740994.0);
    memset(text, '9', sizeof(text)); /* a number of 2095 digits, brought down again */
    memcpy(text + sizeof(text) - 5, "e-209", 5);
    assert_false(pd_parse_double((pd_str){text, sizeof(text)}, &value));
    memcpy(text + sizeof(text) - 6, "e-2094", 6);
    assert_true(pd_parse_double((pd_str){text, sizeof(text)}, &value));
    assert_true(value == 1.0);
}

static void hex_and_base64_survive_and_are_strict(void **state) {
    (void)state;
    unsigned char bytes[4];
    char text[16];
    pd_hex_encode("\x00\x9f\xff", 3, text);
    assert_string_equal(text, "009fff");
    assert_true(pd_hex_decode(PD_STR("009FfF"), bytes, 3));
    assert_memory_equal(bytes, "\x00\x9f\xff", 3);
    assert_false(pd_hex_decode(PD_STR("009ff"), bytes, 2));
    assert_false(pd_hex_decode(PD_STR("009fff"), bytes, 2));
    assert_false(pd_hex_decode(PD_STR("00g0"), bytes, 2));

    static const struct {
        const char *plain, *coded;
    } vectors[] = {{"", ""},
                   {"f", "Zg=="},
                   {"fo", "Zm8="},
                   {"foo", "Zm9v"},
                   {"foob", "Zm9vYg=="},
                   {"fooba", "Zm9vYmE="},
                   {"foobar", "Zm9vYmFy"},
                   {"\xfb\xff\xfe", "+//+"}};
    for (size_t i = 0; i < COUNT(vectors); i++) {
        char coded[16], plain[16];
        size_t n = strlen(vectors[i].plain), back = 99;
        assert_int_equal(pd_base64_encode(vectors[i].plain, n, coded), strlen(vectors[i].coded));
        assert_string_equal(coded, vectors[i].coded);
        assert_true(pd_base64_decode(pd_str_from(coded), plain, &back));
        assert_int_equal(back, n);
        assert_memory_equal(plain, vectors[i].plain, n);
    }
    static const char *const bad[] = {"Zg",   "Zg=",      "Zh==",     "Zm9=", "Z===",
                                      "====", "Zg==Zg==", "Zm9v\n",   "Zm 9", "Zm-_",
                                      "=m9v", "Zg=v",     "Zm9vZg==="};
    for (size_t i = 0; i < COUNT(bad); i++) {
        char plain[16];
        size_t n = 99;
        if (pd_base64_decode(pd_str_from(bad[i]), plain, &n) || n != 99)
            fail_msg("\"%s\" was accepted", bad[i]);
    }
}

/* Memory */

static void an_arena_gives_zeroed_aligned_memory_up_to_its_limit(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(1 << 20);
    unsigned char *first = pd_arena_alloc(arena, 5);
    unsigned char *second = pd_arena_alloc(arena, 0);
    unsigned char *third = pd_arena_alloc(arena, 0);
    assert_true(second && third && second != third);
    assert_int_equal((uintptr_t)first % 16, 0);
    assert_int_equal((uintptr_t)second % 16, 0);
    assert_int_equal(pd_arena_used(arena), 48);
    unsigned char *large = pd_arena_alloc(arena, 300000); /* more than one block */
    for (size_t i = 0; i < 300000; i++)
        assert_int_equal(large[i], 0);
    assert_null(pd_arena_alloc(arena, 1 << 20));
    assert_null(pd_arena_alloc(arena, SIZE_MAX));
    assert_null(pd_arena_array(arena, SIZE_MAX / 2, 3));
    assert_non_null(pd_arena_alloc(arena, (1 << 20) - pd_arena_used(arena)));
    assert_null(pd_arena_alloc(arena, 1));
    assert_str(pd_arena_printf(arena, "%d", 7), "");
    assert_null(pd_arena_str(arena, PD_STR("x")).data);
    pd_arena_free(arena);
    pd_arena_free(NULL);
}

static void what_came_after_a_mark_is_given_back(void **state) {
    (void)state;
    struct pd_arena *arena = pd_arena_new(1 << 20);
    struct pd_mark empty = pd_arena_mark(arena);
    pd_str kept = pd_arena_printf(arena, "%s-%d", "kept", 1);
    struct pd_mark outer = pd_arena_mark(arena);
    for (int round = 0; round < 100; round++) {
        char *bytes = pd_arena_alloc(arena, 60000);
        struct pd_mark inner = pd_arena_mark(arena);
        assert_non_null(pd_arena_alloc(arena, 200000));
        pd_arena_reset(arena, inner);
        assert_int_equal(bytes[59999], 0);
        memset(bytes, 'x', 60000); /* the next round must find zeros again */
        pd_arena_reset(arena, outer);
    }
    assert_str(kept, "kept-1");
    assert_int_equal(kept.data[kept.len], 0);
    pd_arena_reset(arena, empty);
    assert_int_equal(pd_arena_used(arena), 0);
    pd_str copy = pd_arena_str(arena, (pd_str){NULL, 0});
    assert_true(copy.data && copy.len == 0 && copy.data[0] == '\0');
    pd_arena_free(arena);
}

static void a_buffer_remembers_its_first_failure(void **state) {
    (void)state;
    struct pd_buf buf;
    struct pd_error err = {0};
    pd_buf_init(&buf, 8);
    pd_buf_text(&buf, "12345678");
    assert_int_equal(pd_buf_check(&buf, &err), PD_OK);
    pd_buf_char(&buf, '9');
    assert_true(buf.failed);
    pd_buf_add(&buf, NULL, 0);
    assert_null(pd_buf_reserve(&buf, 1));
    assert_str(pd_buf_view(&buf), "12345678");
    assert_int_equal(pd_buf_check(&buf, &err), PD_LIMIT);
    assert_non_null(strstr(err.text, "8 bytes"));
    pd_buf_reset(&buf);
    assert_int_equal(pd_buf_check(&buf, &err), PD_OK);
    pd_buf_printf(&buf, "%s", "123456789");
    assert_true(buf.failed && buf.len == 0);
    assert_null(pd_buf_reserve(&buf, SIZE_MAX));
    pd_buf_clear(&buf);
    assert_int_equal(buf.limit, 8);
    assert_null(buf.data);
}

static void a_buffer_grows_and_ends_in_nul(void **state) {
    (void)state;
    struct pd_buf buf = {0};
    for (int i = 0; i < 1000; i++)
        pd_buf_printf(&buf, "%d,", i);
    assert_int_equal(buf.len, 10 + 2 * 90 + 3 * 900 + 1000);
    assert_int_equal(buf.data[buf.len], 0);
    char *at = pd_buf_reserve(&buf, 100000);
    at[0] = 'x'; /* fewer than reserved */
    buf.len += 1;
    assert_int_equal(buf.data[buf.len], 0);
    pd_buf_clear(&buf);
}

/* Time and ids */

static void a_moment_is_written_and_read_back(void **state) {
    (void)state;
    static const struct {
        pd_time t;
        int weekday;
        const char *micros, *seconds, *minutes, *date;
    } cases[] = {
        {0, 3, "1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00Z",
         "1970-01-01"},
        {-1, 2, "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59Z", "1969-12-31T23:59Z",
         "1969-12-31"},
        {951782400 * PD_SECOND, 1, "2000-02-29T00:00:00.000000Z", "2000-02-29T00:00:00Z",
         "2000-02-29T00:00Z", "2000-02-29"},
        {1795460494 * PD_SECOND + 1, 0, "2026-11-23T19:01:34.000001Z", "2026-11-23T19:01:34Z",
         "2026-11-23T19:01Z", "2026-11-23"},
        {-62135596800 * PD_SECOND, 0, "0001-01-01T00:00:00.000000Z", "0001-01-01T00:00:00Z",
         "0001-01-01T00:00Z", "0001-01-01"},
        {253402300800 * PD_SECOND - 1, 4, "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59Z",
         "9999-12-31T23:59Z", "9999-12-31"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *const texts[] = {cases[i].micros, cases[i].seconds, cases[i].minutes,
                                     cases[i].date};
        const pd_time units[] = {1, PD_SECOND, 60 * PD_SECOND, PD_DAY};
        for (int form = PD_TIME_MICROS; form <= PD_TIME_DATE; form++) {
            char text[PD_TIME_TEXT_SIZE];
            pd_time_write(cases[i].t, (enum pd_time_form)form, text);
            assert_string_equal(text, texts[form]);
            pd_time back;
            assert_true(pd_time_parse(pd_str_from(text), &back));
            assert_in_range(cases[i].t - back, 0, units[form] - 1);
        }
        assert_int_equal(pd_time_weekday(cases[i].t), cases[i].weekday);
    }
    char text[PD_TIME_TEXT_SIZE];
    pd_time_write(INT64_MIN, PD_TIME_MICROS, text);
    assert_string_equal(text, "-290308-12-21T19:59:05.224192Z");
    pd_time_write(INT64_MAX, PD_TIME_DATE, text);
    assert_string_equal(text, "294247-01-10");
    pd_time_write(-62198755200 * PD_SECOND, PD_TIME_DATE, text);
    assert_string_equal(text, "-001-01-01");
}

static void times_of_every_zone_are_one_moment(void **state) {
    (void)state;
    static const struct {
        const char *text;
        pd_time t;
    } good[] = {
        {"1970-01-01T08:00:00+08:00", 0},
        {"1969-12-31T18:30:00-05:30", 0},
        {"1970-01-01t00:00:00.5z", PD_SECOND / 2},
        {"1970-01-01T00:00:00.123456-00:00", 123456},
        {"1970-01-02", PD_DAY},
        {"0001-01-01T23:59:00+23:59", -62135596800 * PD_SECOND},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        pd_time t = 1;
        assert_true(pd_time_parse(pd_str_from(good[i].text), &t));
        assert_true(t == good[i].t);
    }
    static const char *const bad[] = {"",
                                      "1970",
                                      "1970-1-1",
                                      "0000-01-01",
                                      "1970-13-01",
                                      "1970-00-01",
                                      "1970-01-00",
                                      "1970-01-32",
                                      "2023-02-29",
                                      "1900-02-29",
                                      "1970-01-01T24:00:00Z",
                                      "1970-01-01T00:60:00Z",
                                      "2016-12-31T23:59:60Z",
                                      "1970-01-01T00:00:00",
                                      "1970-01-01 00:00:00Z",
                                      "1970-01-01T00:00:00.Z",
                                      "1970-01-01T00:00:00.1234567Z",
                                      "1970-01-01T00:00:00+0800",
                                      "1970-01-01T00:00:00+24:00",
                                      "1970-01-01T00:00:00+08:60",
                                      "1970-01-01T00:00:00ZZ",
                                      "1970-01-01T",
                                      "1970-01-01T00Z",
                                      "1970-01-01T00:00.5Z",
                                      "+970-01-01",
                                      "1970-01-01Z",
                                      "0001-01-01T00:00:00+00:01",
                                      "9999-12-31T23:59:59-00:01"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        pd_time t = 1;
        if (pd_time_parse(pd_str_from(bad[i]), &t) || t != 1)
            fail_msg("\"%s\" was accepted", bad[i]);
    }
}

static void every_day_of_the_calendar_follows_the_one_before(void **state) {
    (void)state;
    pd_time expected = -62135596800 * PD_SECOND;
    for (int year = 1; year <= 9999; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= 31; day++) {
                pd_time t;
                if (!pd_civil_time((struct pd_civil){year, month, day, 0, 0, 0, 0}, &t))
                    continue;
                struct pd_civil back = pd_time_civil(t + PD_DAY - 1);
                if (t != expected || back.year != year || back.month != month || back.day != day)
                    fail_msg("%d-%d-%d", year, month, day);
                expected += PD_DAY;
            }
    assert_true(expected == 253402300800 * PD_SECOND);
    assert_false(pd_civil_is_date(10000, 1, 1));
    assert_false(pd_civil_is_date(0, 1, 1));
}

static pd_time fixed_now(void *context) {
    return *(pd_time *)context;
}

static void now_is_what_the_clock_says(void **state) {
    (void)state;
    pd_time chosen = 42;
    struct pd_clock clock = {fixed_now, &chosen};
    assert_int_equal(pd_clock_now(&clock), 42);
    struct pd_clock real = pd_clock_system();
    assert_true(pd_clock_now(&real) > 1700000000 * PD_SECOND);
}

static void ids_sort_by_time(void **state) {
    (void)state;
    static const uint8_t random[10] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0c};
    /* The time of the example in RFC 9562 appendix A.6. */
    pd_id id = pd_id_make(INT64_C(0x017F22E279B0) * 1000 + 999, random);
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    assert_string_equal(text, "017f22e2-79b0-7fff-bfff-ffffffffff0c");
    pd_id back;
    assert_true(pd_id_parse(PD_STR("017F22E2-79B0-7FFF-BFFF-FFFFFFFFFF0C"), &back));
    assert_true(pd_id_eq(id, back));
    pd_id later = pd_id_make(INT64_C(0x017F22E279B1) * 1000, (const uint8_t[10]){0});
    assert_true(memcmp(id.bytes, later.bytes, 16) < 0);
    assert_false(pd_id_eq(id, later));
    pd_id_write(pd_id_make(-5, (const uint8_t[10]){0}), text);
    assert_string_equal(text, "00000000-0000-7000-8000-000000000000");
    static const char *const bad[] = {"",
                                      "017f22e2-79b0-7fff-bfff-ffffffffff0",
                                      "017f22e2-79b0-7fff-bfff-ffffffffff0c0",
                                      "017f22e279b0-7fff-bfff-ffffffffff0c00",
                                      "017f22e2-79b0-7fff-bfff-fffffffffg0c",
                                      "017f22e2-79b0-7fff-bfff-ffffffffff c"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(pd_id_parse(pd_str_from(bad[i]), &back));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_status_has_an_outcome),
        cmocka_unit_test(an_error_gathers_what_each_level_knows),
        cmocka_unit_test(wrapping_no_error_is_no_success),
        cmocka_unit_test(a_long_error_is_cut_between_characters),
        cmocka_unit_test(an_error_quotes_hostile_bytes_harmlessly),
        cmocka_unit_test(views_compare_and_cut_within_their_bounds),
        cmocka_unit_test(find_gives_the_first_place_or_none),
        cmocka_unit_test(split_gives_every_piece),
        cmocka_unit_test(utf8_is_well_formed_or_told_where_not),
        cmocka_unit_test(every_code_point_survives_utf8),
        cmocka_unit_test(integers_are_read_whole_or_refused),
        cmocka_unit_test(decimals_are_read_to_the_nearest_double),
        cmocka_unit_test(digits_past_any_buffer_still_count),
        cmocka_unit_test(hex_and_base64_survive_and_are_strict),
        cmocka_unit_test(an_arena_gives_zeroed_aligned_memory_up_to_its_limit),
        cmocka_unit_test(what_came_after_a_mark_is_given_back),
        cmocka_unit_test(a_buffer_remembers_its_first_failure),
        cmocka_unit_test(a_buffer_grows_and_ends_in_nul),
        cmocka_unit_test(a_moment_is_written_and_read_back),
        cmocka_unit_test(times_of_every_zone_are_one_moment),
        cmocka_unit_test(every_day_of_the_calendar_follows_the_one_before),
        cmocka_unit_test(now_is_what_the_clock_says),
        cmocka_unit_test(ids_sort_by_time),
        cmocka_unit_test(each_ascii_character_is_written_wherever_it_stands),
        cmocka_unit_test(canonical_json_is_as_rfc_8785_has_it),
        cmocka_unit_test(doubles_are_written_as_rfc_8785_has_them),
        cmocka_unit_test(json_is_written_for_people_and_for_machines),
        cmocka_unit_test(what_must_be_escaped_is_found_at_every_place),
        cmocka_unit_test(a_misused_writer_fails),
        cmocka_unit_test(canonical_json_refuses_a_key_given_twice),
        cmocka_unit_test(a_walk_gives_members_and_items_in_their_order),
        cmocka_unit_test(a_value_that_holds_no_others_is_read_strictly),
        cmocka_unit_test(json_out_has_limits),
        cmocka_unit_test(json_in_is_strict_and_says_where),
        cmocka_unit_test(a_member_is_found_without_reading_the_others),
        cmocka_unit_test(members_are_found_together_as_each_alone),
        cmocka_unit_test(a_command_line_is_read_in_every_documented_form),
        cmocka_unit_test(a_wrong_command_line_is_explained),
        cmocka_unit_test(the_longest_command_name_wins),
        cmocka_unit_test(the_nearest_name_is_near),
        cmocka_unit_test(help_fits_eighty_columns),
        cmocka_unit_test(the_manual_page_escapes_what_roff_would_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
