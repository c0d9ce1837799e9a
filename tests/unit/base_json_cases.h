/**
 * Part of base_test.c: JSON out, by RFC 8785 and for people, and JSON in.
 */
#ifndef POLDER_TESTS_BASE_JSON_CASES_H
#define POLDER_TESTS_BASE_JSON_CASES_H

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base_test_impl.h"
#include <inttypes.h>

/** Parses `text` and writes it again; the caller clears the buffer. */
static struct pd_buf rewritten(const char *text, enum pd_json_mode mode) {
    json_t *value = NULL;
    struct pd_error err = {0};
    if (pd_json_parse(pd_str_from(text), 1 << 20, 64, &value, &err) != PD_OK)
        fail_msg("%s: %s", text, err.text);
    struct pd_buf buf = {0};
    struct pd_json w;
    pd_json_init(&w, &buf, mode);
    pd_json_value(&w, value);
    pd_json_clear(&w);
    json_decref(value);
    return buf;
}

/* Strings are looked at eight bytes at a time: what must be escaped stands at any of the places. */
static void each_ascii_character_is_written_wherever_it_stands(void **state) {
    (void)state;
    for (unsigned c = 0; c < 0x80; c++)
        for (size_t at = 0; at < 20; at++) {
            char text[21] = "abcdefghijklmnopqrst", want[64];
            static const char letters[0x20] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
            text[at] = (char)c;
            char written[8] = {(char)c};
            if (c == '"' || c == '\\' || (c < 0x20 && letters[c]))
                snprintf(written, sizeof(written), "\\%c", c < 0x20 ? letters[c] : (char)c);
            else if (c < 0x20)
                snprintf(written, sizeof(written), "\\u%04x", c);
            snprintf(want, sizeof(want), "\"%.*s%s%s\"", (int)at, text, written, text + at + 1);
            struct pd_buf buf = {0};
            struct pd_json w;
            pd_json_init(&w, &buf, PD_JSON_COMPACT);
            pd_json_str(&w, (pd_str){text, 20});
            pd_json_clear(&w);
            assert_string_equal(buf.data, want);
            pd_buf_clear(&buf);
        }
}

static void canonical_json_is_as_rfc_8785_has_it(void **state) {
    (void)state;
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        /* section 3.2.2 */
        {"{\n \"numbers\": [333333333.33333329, 1E30, 4.50,\n 2e-3, "
         "0.000000000000000000000000001],\n"
         " \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n"
         " \"literals\": [null, true, false]\n}",
         "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
         "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"},
        /* section 3.2.3 */
        {"{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Dalet\","
         "\"1\":\"One\",\"\\ud83d\\ude00\":\"Grinning Face\",\"\\u0080\":\"Control\","
         "\"\\u00f6\":\"O With Diaeresis\"}",
         "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
         "\"\xc3\xb6\":\"O With Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\","
         "\"\xf0\x9f\x98\x80\":\"Grinning Face\",\"\xef\xac\xb3\":\"Dalet\"}"},
        /* keys compare as they are meant, not as they are escaped */
        {"{\"a\":1,\"\\\"\":2,\"\\\\\":3,\"]\":4,\"!\":5,\"\\u001f\":6,\"\\b\":7,\"\\t\":8,"
         "\"\\f\":9,\"\\n\":10,\"\":11,\"aa\":12,\"[\":13}",
         "{\"\":11,\"\\b\":7,\"\\t\":8,\"\\n\":10,\"\\f\":9,\"\\u001f\":6,\"!\":5,\"\\\"\":2,"
         "\"[\":13,\"\\\\\":3,\"]\":4,\"a\":1,\"aa\":12}"},
        {"{\"b\":{\"d\":[{\"z\":1,\"y\":2}],\"c\":{}},\"a\":[]}",
         "{\"a\":[],\"b\":{\"c\":{},\"d\":[{\"y\":2,\"z\":1}]}}"},
        {"\"\\u0000\x7f\"", "\"\\u0000\x7f\""},
        {"[9007199254740991,9007199254740992,-9007199254740992,-9223372036854775808]",
         "[9007199254740991,\"9007199254740992\",\"-9007199254740992\",\"-9223372036854775808\"]"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pd_buf buf = rewritten(cases[i].text, PD_JSON_CANONICAL);
        assert_int_equal(pd_buf_check(&buf, NULL), PD_OK);
        assert_str(pd_buf_view(&buf), cases[i].canonical);
        pd_buf_clear(&buf);
    }
}

static void doubles_are_written_as_rfc_8785_has_them(void **state) {
    (void)state;
    static const struct {
        uint64_t bits;
        const char *text;
    } cases[] = {
        /* appendix B */
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x7fffffffffffffff, "null"},
        {0x7ff0000000000000, "null"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
        /* powers of two, whose nearest 16 digits do not read back but the next ones do */
        {0x3d30000000000000, "5.684341886080802e-14"},
        {0x0010000000000000, "2.2250738585072014e-308"},
        {0x3ff0000000000000, "1"},
        {0x4059000000000000, "100"},
        {0x3fb999999999999a, "0.1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        double d, back;
        memcpy(&d, &cases[i].bits, sizeof(d));
        struct pd_buf buf = {0};
        struct pd_json w;
        pd_json_init(&w, &buf, PD_JSON_CANONICAL);
        pd_json_double(&w, d);
        assert_str(pd_buf_view(&buf), cases[i].text);
        if (isfinite(d)) {
            assert_true(pd_parse_double(pd_buf_view(&buf), &back));
            assert_true(back == d);
        }
        pd_json_clear(&w);
        pd_buf_clear(&buf);
    }
}

static void json_is_written_for_people_and_for_machines(void **state) {
    (void)state;
    static const char *const expected[] = {
        [PD_JSON_COMPACT] =
            "{\"z\":[1,{}],\"n\":18446744073709551615,\"bad\":\"\xef\xbf\xbd(\",\"hex\":\"00ff\","
            "\"b64\":\"AP8=\",\"at\":\"1970-01-01T00:00:00Z\",\"raw\":[2],\"no\":null,\"t\":true,"
            "\"d\":0.5,\"i\":-7,\"s\":\"v\",\"e\":\"\"}",
        [PD_JSON_PRETTY] = "{\n  \"z\": [\n    1,\n    {}\n  ],\n  \"n\": 18446744073709551615,\n"
                           "  \"bad\": \"\xef\xbf\xbd(\",\n  \"hex\": \"00ff\",\n"
                           "  \"b64\": \"AP8=\",\n  \"at\": \"1970-01-01T00:00:00Z\",\n"
                           "  \"raw\": [2],\n  \"no\": null,\n  \"t\": true,\n  \"d\": 0.5,\n"
                           "  \"i\": -7,\n  \"s\": \"v\",\n  \"e\": \"\"\n}",
        [PD_JSON_CANONICAL] =
            "{\"at\":\"1970-01-01T00:00:00Z\",\"b64\":\"AP8=\",\"bad\":\"\xef\xbf\xbd(\",\"d\":0.5,"
            "\"e\":\"\",\"hex\":\"00ff\",\"i\":-7,\"n\":\"18446744073709551615\",\"no\":null,"
            "\"raw\":[2],\"s\":\"v\",\"t\":true,\"z\":[1,{}]}",
    };
    for (size_t mode = 0; mode < COUNT(expected); mode++) {
        struct pd_buf buf = {0};
        struct pd_json w;
        pd_json_init(&w, &buf, (enum pd_json_mode)mode);
        pd_json_object(&w);
        pd_json_key(&w, "z");
        pd_json_array(&w);
        pd_json_i64(&w, 1);
        pd_json_object(&w);
        pd_json_object_end(&w);
        pd_json_array_end(&w);
        pd_json_key(&w, "n");
        pd_json_u64(&w, UINT64_MAX);
        pd_json_member_str(&w, "bad", PD_STR("\xc3("));
        pd_json_key(&w, "hex");
        pd_json_hex(&w, "\x00\xff", 2);
        pd_json_key(&w, "b64");
        pd_json_base64(&w, "\x00\xff", 2);
        pd_json_key_str(&w, PD_STR("at"));
        pd_json_time(&w, PD_SECOND / 2);
        pd_json_key(&w, "raw");
        pd_json_raw(&w, PD_STR("[2]"));
        pd_json_key(&w, "no");
        pd_json_null(&w);
        pd_json_member_bool(&w, "t", true);
        pd_json_member_double(&w, "d", 0.5);
        pd_json_member_i64(&w, "i", -7);
        pd_json_member_text(&w, "s", "v");
        pd_json_member_text(&w, "e", NULL);
        pd_json_object_end(&w);
        pd_json_clear(&w);
        assert_int_equal(pd_buf_check(&buf, NULL), PD_OK);
        assert_str(pd_buf_view(&buf), expected[mode]);
        pd_buf_clear(&buf);
    }
}

/* Eight bytes are looked at together: whatever stands before and behind it, each is found. */
static void what_must_be_escaped_is_found_at_every_place(void **state) {
    (void)state;
    static const struct {
        char c;
        const char *escaped;
    } cases[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\x1f', "\\u001f"}, {'\0', "\\u0000"},
                 {' ', " "},    {'!', "!"},      {'#', "#"},     {'[', "["},          {'\x7f', "\x7f"}};
    static const char *const around[] = {"aaaaaaaaaaaaaaaaaaaaaaa", "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc",
                                         "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""};
    for (size_t a = 0; a < COUNT(around); a++)
        for (size_t i = 0; i < COUNT(cases); i++)
            for (size_t at = 0; at <= strlen(around[a]); at += 2) {
                struct pd_buf plain = {0}, found = {0}, expected = {0};
                struct pd_json w;
                pd_buf_add(&plain, around[a], at);
                pd_buf_char(&plain, cases[i].c);
                pd_buf_text(&plain, around[a] + at);
                pd_buf_char(&expected, '"');
                for (size_t b = 0; b < plain.len; b++)
                    if (plain.data[b] == '"')
                        pd_buf_text(&expected, "\\\"");
                    else if (b == at)
                        pd_buf_text(&expected, cases[i].escaped);
                    else
                        pd_buf_char(&expected, plain.data[b]);
                pd_buf_char(&expected, '"');
                pd_json_init(&w, &found, PD_JSON_COMPACT);
                pd_json_str(&w, pd_buf_view(&plain));
                pd_json_clear(&w);
                assert_str(pd_buf_view(&found), expected.data);
                pd_buf_clear(&plain);
                pd_buf_clear(&found);
                pd_buf_clear(&expected);
            }
}

static void a_misused_writer_fails(void **state) {
    (void)state;
    /* { } [ ]: containers; k: key "k"; v: value; r: empty raw piece */
    static const char *const misuses[] = {"{v", "[k", "k",   "vv",  "{}v", "{k}", "{]",  "[}",
                                          "}",  "]",  "{kk", "{k]", "r",   "[]]", "{kvv"};
    static const char *const uses[] = {"v", "{}", "[]", "[vv]", "{kv}", "{k{kv}}", "[{k[]}v]"};
    for (size_t i = 0; i < COUNT(misuses) + COUNT(uses); i++) {
        bool is_misuse = i < COUNT(misuses);
        const char *calls = is_misuse ? misuses[i] : uses[i - COUNT(misuses)];
        for (int mode = PD_JSON_COMPACT; mode <= PD_JSON_CANONICAL; mode++) {
            struct pd_buf buf = {0};
            struct pd_json w;
            pd_json_init(&w, &buf, (enum pd_json_mode)mode);
            for (const char *c = calls; *c; c++)
                switch (*c) {
                case '{':
                    pd_json_object(&w);
                    break;
                case '}':
                    pd_json_object_end(&w);
                    break;
                case '[':
                    pd_json_array(&w);
                    break;
                case ']':
                    pd_json_array_end(&w);
                    break;
                case 'k':
                    pd_json_key(&w, "k");
                    break;
                case 'v':
                    pd_json_bool(&w, true);
                    break;
                case 'r':
                    pd_json_raw(&w, PD_STR(""));
                    break;
                }
            if (buf.failed != is_misuse)
                fail_msg("%s: failed=%d", calls, buf.failed);
            pd_json_clear(&w);
            pd_buf_clear(&buf);
        }
    }
}

static void canonical_json_refuses_a_key_given_twice(void **state) {
    (void)state;
    struct pd_buf buf = {0};
    struct pd_json w;
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_i64(&w, "a", 1);
    pd_json_member_i64(&w, "b", 2);
    pd_json_member_i64(&w, "a", 3);
    assert_false(buf.failed);
    pd_json_object_end(&w);
    assert_true(buf.failed);
    pd_json_clear(&w);
    pd_buf_clear(&buf);
}

static void json_out_has_limits(void **state) {
    (void)state;
    struct pd_buf buf = {0};
    struct pd_json w;
    for (int depth = PD_JSON_MAX_DEPTH; depth <= PD_JSON_MAX_DEPTH + 1; depth++) {
        pd_json_init(&w, &buf, PD_JSON_CANONICAL);
        for (int i = 0; i < depth; i++)
            pd_json_array(&w);
        assert_int_equal(buf.failed, depth > PD_JSON_MAX_DEPTH);
        pd_json_clear(&w);
        pd_buf_reset(&buf);
    }
    pd_buf_clear(&buf);
    pd_buf_init(&buf, 10);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_member_text(&w, "key", "a long value");
    pd_json_object_end(&w);
    assert_true(buf.failed);
    pd_json_clear(&w);
    pd_buf_clear(&buf);
}

static void json_in_is_strict_and_says_where(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum pd_status status;
        const char *where; /* how the error starts */
    } cases[] = {
        {"{\"a\":\n 01}", PD_INVALID, "line 2, column "},
        {"{\"a\":1,\"a\":2}", PD_INVALID, "line 1, column "},
        {"[1,\n9223372036854775808]", PD_INVALID, "line 2, column "},
        {"[-9223372036854775809]", PD_INVALID, "line 1, column "},
        {"1e999", PD_INVALID, "line 1, column "},
        {"", PD_INVALID, "line 1, column 1: "},
        {" \n", PD_INVALID, "line 1, column 1: "},
        {"[1] x", PD_INVALID, "line 1, column "},
        {"[1,]", PD_INVALID, "line 1, column "},
        {"\"\xff\"", PD_INVALID, "line 1, column "},
        {"\"\\ud800\"", PD_INVALID, "line 1, column "},
        {"\"open", PD_INVALID, "line 1, column "},
        {"NaN", PD_INVALID, "line 1, column "},
        {"\n [[[[[\"[[[\"]]]]]", PD_LIMIT, "line 2, column 6: JSON is nested deeper than 4"},
        {"[0123456789012345678901234567890123456789]", PD_LIMIT, "JSON of 42 bytes"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *value = NULL;
        struct pd_error err = {0};
        enum pd_status st = pd_json_parse(pd_str_from(cases[i].text), 40, 4, &value, &err);
        if (st != cases[i].status || strncmp(err.text, cases[i].where, strlen(cases[i].where)))
            fail_msg("%s: %d %s", cases[i].text, (int)st, err.text);
        assert_null(value);
    }
    struct pd_buf deep = {0};
    for (int i = 0; i < 513; i++)
        pd_buf_char(&deep, '[');
    json_t *value = NULL;
    assert_int_equal(pd_json_parse(pd_buf_view(&deep), SIZE_MAX, 100000, &value, NULL), PD_LIMIT);
    pd_buf_clear(&deep);
    struct pd_error err = {0};
    assert_int_equal(pd_json_parse(PD_STR("[1]\n\0[2]"), 40, 4, &value, &err), PD_INVALID);
    assert_string_equal(err.text, "line 2, column 1: a zero byte is no JSON");
    struct pd_buf kept =
        rewritten("[\"[[[[[[\\\"[[[\",9223372036854775807,\"a\\u0000b\"]", PD_JSON_COMPACT);
    assert_str(pd_buf_view(&kept), "[\"[[[[[[\\\"[[[\",9223372036854775807,\"a\\u0000b\"]");
    pd_buf_clear(&kept);
}

static void a_member_is_found_without_reading_the_others(void **state) {
    (void)state;
    static const struct {
        const char *object, *name, *value; /* NULL: none */
    } cases[] = {
        {"{\"a\":1,\"b\":[1,{\"c\":\"]}\"}],\"d\":\"x\"}", "a", "1"},
        {"{\"a\":1,\"b\":[1,{\"c\":\"]}\"}],\"d\":\"x\"}", "b", "[1,{\"c\":\"]}\"}]"},
        {"{\"a\":1,\"b\":[1,{\"c\":\"]}\"}],\"d\":\"x\"}", "d", "\"x\""},
        {"{\"a\":1,\"b\":[1,{\"c\":\"]}\"}],\"d\":\"x\"}", "c", NULL},
        {" { \"a\" : true , \"b\" : {} } ", "b", "{}"},
        {" { \"a\" : true , \"b\" : {} } ", "a", "true"},
        {"{\"q\\\"a\":\"\\\\\",\"a\":\"\\\"}\"}", "a", "\"\\\"}\""},
        {"{}", "a", NULL},
        {"[\"a\",1]", "a", NULL},
        {"{\"a\"", "a", NULL},
        {"{\"a\":", "a", ""},
        {"{\"a\":[1,", "a", "[1,"},
        {"{\"a\\", "a", NULL},
        {"{\"", "", NULL},
        {"{", "a", NULL},
        {"", "a", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        /* A copy of exactly its size: reading beyond it would be seen. */
        size_t length = strlen(cases[i].object);
        char *copy = malloc(length ? length : 1);
        memcpy(copy, cases[i].object, length);
        pd_str found = pd_json_find((pd_str){copy, length}, cases[i].name);
        if (cases[i].value == NULL ? found.data != NULL
                                   : found.data == NULL || !pd_str_is(found, cases[i].value))
            fail_msg("%s: %s is \"%.*s\"", cases[i].object, cases[i].name, pd_arg(found));
        free(copy);
    }
}

static void members_are_found_together_as_each_alone(void **state) {
    (void)state;
    static const char *const names[] = {"a", "d", "none", "b", "a"};
    enum { COUNT = sizeof(names) / sizeof(*names) };
    static const char *const objects[] = {
        "{\"a\":1,\"b\":[1,{\"c\":\"]}\"}],\"d\":\"x\"}",
        "{\"a\":1,\"a\":2}",
        "{\"x\\\\\":\"\\\\\\\"\",\"d\":{\"a\":\"\\\\\"},\"a\":\"\\\"\"}",
        "{\"d\":",
        "[]",
        "",
    };
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        pd_str found[COUNT], object = pd_str_from(objects[i]);
        pd_json_find_all(object, names, COUNT, found);
        for (size_t n = 0; n < COUNT; n++) {
            pd_str alone = pd_json_find(object, names[n]);
            if (found[n].data != alone.data || found[n].len != alone.len)
                fail_msg("%s: %s is \"%.*s\"", objects[i], names[n], pd_arg(found[n]));
        }
    }
    assert_true(pd_str_is(pd_json_find(pd_str_from(objects[2]), "d"), "{\"a\":\"\\\\\"}"));
}

/* Members and items as "key=value;", so that a walk is one text. */
static void a_walk_gives_members_and_items_in_their_order(void **state) {
    (void)state;
    static const struct {
        const char *text, *walk;
    } cases[] = {
        {"{\"a\":1,\"b\":[1,{\"c\":\"]}\"}],\"d\":\"x\"}", "a=1;b=[1,{\"c\":\"]}\"}];d=\"x\";"},
        {" [ 1 , \"a\" , {\"b\":2} , [3] ] ", "=1;=\"a\";={\"b\":2};=[3];"},
        {"[\"a:b\",\"c\\\"\"]", "=\"a:b\";=\"c\\\"\";"},
        {"{}", ""},
        {"[]", ""},
        {"\"a\"", ""},
        {"1", ""},
        {"", ""},
        {"[1,", "=1;"},
        {"[1", "=1;"},
        {"{\"a\":", "a=;"},
        {"{\"", "=\";"},
        {"[,1]", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t length = strlen(cases[i].text);
        char *copy = malloc(length ? length : 1);
        memcpy(copy, cases[i].text, length);
        struct pd_buf walk = {0};
        pd_str rest = {copy, length}, key, value;
        while (pd_json_next(&rest, &key, &value))
            pd_buf_printf(&walk, "%.*s=%.*s;", pd_arg(key), pd_arg(value));
        assert_str(pd_buf_view(&walk), cases[i].walk);
        pd_buf_clear(&walk);
        free(copy);
    }
}

/* In words: "null", "true", "7", "'text'", or "-" for what is refused. */
static void a_value_that_holds_no_others_is_read_strictly(void **state) {
    (void)state;
    static const struct {
        const char *text, *value;
    } cases[] = {
        {"null", "null"},
        {"true", "true"},
        {" false\n", "false"},
        {"True", "-"},
        {"0", "0"},
        {"-0", "0"},
        {"-17", "-17"},
        {"007", "-"},
        {"-01", "-"},
        {"+1", "-"},
        {"1.0", "-"},
        {"1e3", "-"},
        {"9223372036854775807", "9223372036854775807"},
        {"9223372036854775808", "-"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"\"\"", "''"},
        {"\"a letter\"", "'a letter'"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "'\"\\/\b\f\n\r\t'"},
        {"\"\\u4e2d\\u6587 \\ud83d\\ude00\"", "'\u4e2d\u6587 \U0001f600'"},
        {"\"\\u00e9\\u0041\"", "'\u00e9A'"},
        {"\"\\ud83d\"", "-"},
        {"\"\\ude00\"", "-"},
        {"\"\\ud83d\\u0041\"", "-"},
        {"\"\\u12\"", "-"},
        {"\"\\u12g4\"", "-"},
        {"\"\\x41\"", "-"},
        {"\"\\\"", "-"},
        {"\"a\"b\"", "-"},
        {"\"a\nb\"", "-"},
        {"\"\xff\"", "-"},
        {"\"\xc3\"", "-"},
        {"\"", "-"},
        {"", "-"},
        {"[]", "-"},
        {"{}", "-"},
        {"1 2", "-"},
    };
    struct pd_arena *arena = pd_arena_new(1 << 16);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t length = strlen(cases[i].text);
        char *copy = malloc(length ? length : 1);
        memcpy(copy, cases[i].text, length);
        struct pd_json_scalar v;
        struct pd_buf said = {0};
        if (pd_json_read((pd_str){copy, length}, arena, &v) != PD_OK)
            pd_buf_text(&said, "-");
        else if (v.kind == PD_JSON_NULL || v.kind == PD_JSON_BOOL)
            pd_buf_text(&said, v.kind == PD_JSON_NULL ? "null" : v.boolean ? "true" : "false");
        else if (v.kind == PD_JSON_INTEGER)
            pd_buf_printf(&said, "%" PRId64, v.number);
        else
            pd_buf_printf(&said, "'%.*s'", pd_arg(v.text));
        if (!pd_str_is(pd_buf_view(&said), cases[i].value))
            fail_msg("%s is read as %s, not %s", cases[i].text, said.data, cases[i].value);
        pd_buf_clear(&said);
        free(copy);
    }
    pd_arena_free(arena);
}

#endif
