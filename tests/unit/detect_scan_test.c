/* detect/: running text through the scanner. */
#include "detect/detect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TODAY = 20260701 };

/* What a scan gave: one line for each finding, and the text with marks in place of them. */
struct seen {
    struct pd_buf lines, redacted, whole;
};

static enum pd_status on_text(void *context, pd_str text, struct pd_error *err) {
    struct seen *seen = context;
    (void)err;
    pd_buf_str(&seen->redacted, text);
    pd_buf_str(&seen->whole, text);
    return PD_OK;
}

static enum pd_status on_finding(void *context, const struct detect_finding *f,
                                 struct pd_error *err) {
    struct seen *seen = context;
    (void)err;
    assert_int_equal(f->offset, seen->whole.len);
    pd_buf_printf(&seen->lines, "%s%d:%d %s %s %.*s", seen->lines.len ? "|" : "", (int)f->line,
                  (int)f->column, f->info->name, detect_confidence_name(f->confidence),
                  pd_arg(f->text));
    pd_buf_printf(&seen->redacted, "[%s]", f->info->name);
    pd_buf_str(&seen->whole, f->text);
    return PD_OK;
}

static void seen_init(struct seen *seen) {
    pd_buf_init(&seen->lines, 0);
    pd_buf_init(&seen->redacted, 0);
    pd_buf_init(&seen->whole, 0);
}

static void seen_clear(struct seen *seen) {
    pd_buf_clear(&seen->lines);
    pd_buf_clear(&seen->redacted);
    pd_buf_clear(&seen->whole);
}

/* piece: how many bytes at a time. */
static void scan(pd_str text, const struct detect_scan_options *options, size_t piece,
                 struct seen *seen) {
    struct detect_scan_handler handler = {seen, on_text, on_finding};
    struct detect_scanner *scanner = NULL;
    struct pd_error err = {0};
    assert_int_equal(detect_scanner_new(options, &handler, &scanner, &err), PD_OK);
    for (size_t at = 0; at < text.len; at += piece) {
        pd_str part = pd_str_sub(text, at, piece);
        assert_int_equal(detect_scanner_feed(scanner, part.data, part.len, &err), PD_OK);
    }
    assert_int_equal(detect_scanner_finish(scanner, &err), PD_OK);
    detect_scanner_free(scanner);
}

static const struct detect_scan_options usual = {.today = TODAY, .least = DETECT_MEDIUM};

static void text_gives_its_findings_with_place_and_confidence(void **state) {
    (void)state;
    static const struct {
        const char *text, *lines;
    } cases[] = {
        {"姓名：王小明，身份证号码510104192202229779。",
         "1:4 person_name high 王小明|1:13 cn_resident_id high 510104192202229779"},
        {"a\r\nb\rc\n  SSN 884-27-3324.", "4:7 us_ssn high 884-27-3324"},
        {"number 884-27-3324", "1:8 us_ssn medium 884-27-3324"},
        {"number 884273324", ""}, /* nine digits are anything */
        {"his SSN: 884273324", "1:10 us_ssn medium 884273324"},
        {"pay 6217 1008 9897 2322 now", "1:5 bank_card medium 6217 1008 9897 2322"},
        {"card 6217-1008-9897-2322", "1:6 bank_card high 6217-1008-9897-2322"},
        {"6217100898972323", ""},  /* check digit */
        {"86217100898972322", ""}, /* part of a longer number */
        {"0.6217100898972322", ""},
        {"x6217100898972322", ""},
        {"DE89 3704 0044 0532 0130 00, please", "1:1 iban high DE89 3704 0044 0532 0130 00"},
        {"host 192.0.2.1:80 and 192.0.2.1/24", "1:6 ipv4 high 192.0.2.1|1:23 ipv4 high 192.0.2.1"},
        {"version 1.2.3.4 of it", ""},
        {"1.2.3.4.5", ""},
        {"at 12:30:45 std::b::c", ""},
        {"see 2001:db8::1:5.", "1:5 ipv6 high 2001:db8::1:5"},
        {"<a.b+c@example.org>", "1:2 email high a.b+c@example.org"},
        {"邮箱zhang@example.cn或", "1:3 email high zhang@example.cn"},
        {"写给 张三@例子.中国。", "1:4 email high 张三@例子.中国"},
        {"go to http://h.example/a?b=1, then", "1:7 url high http://h.example/a?b=1"},
        {"ftp://a:b@h/", "1:1 url_credentials high ftp://a:b@h/"},
        {"data.gov.cn; file.c; end.The; e.g. so", "1:1 url high data.gov.cn"},
        {"born 1985-03-09", "1:6 date_of_birth high 1985-03-09"},
        {"sent 1985-03-09", ""},
        {"生于1985年3月9日，", "1:3 date_of_birth high 1985年3月9日"},
        {"车牌京A12345", "1:3 cn_plate high 京A12345"},
        {"５１０１０４１９２２０２２２９７７９",
         "1:1 cn_resident_id high ５１０１０４１９２２０２２２９７７９"},
        {"卡D879363(9)", "1:2 hk_id high D879363(9)"},
        {"password = Xk29dkQpz1", "1:12 secret medium Xk29dkQpz1"},
        {"password policy changed2", ""},
        {"key AKIAQ2W3E4R5T6Y7U2I3.", "1:5 secret high AKIAQ2W3E4R5T6Y7U2I3"},
        {"My name is Mary Jones.", "1:12 person_name high Mary Jones"},
        {"Dr. Ottová came", "1:5 person_name high Ottová"},
        {"Central Station is closed", ""},
        {"王先生说", ""},
        {"王小明先生说", "1:1 person_name medium 王小明"},
        {"北京市海淀区中关村大街27号", "1:1 address medium 北京市海淀区中关村大街27号"},
        {"北京市很大", ""},
        {"at 14 Crown Street, London", "1:4 address medium 14 Crown Street"},
        {"14 apples", ""},
        {"call +46 (0)8 928 571 38.", "1:6 phone medium +46 (0)8 928 571 38"},
        {"电话010-62345678", "1:3 phone medium 010-62345678"},
        {"订单010-62345678", ""},
        {"at 39.9042,116.4074", "1:4 coordinates medium 39.9042,116.4074"},
        {"", ""},
        {"\xff\xfe\xed\xa0\x80 \xe4", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct seen seen;
        seen_init(&seen);
        pd_str text = pd_str_from(cases[i].text);
        scan(text, &usual, text.len + 1, &seen);
        if (!pd_str_is(pd_buf_view(&seen.lines), cases[i].lines))
            fail_msg("\"%s\"\n  got      %.*s\n  expected %s", cases[i].text,
                     pd_arg(pd_buf_view(&seen.lines)), cases[i].lines);
        assert_true(pd_str_eq(pd_buf_view(&seen.whole), text));
        seen_clear(&seen);
    }
}

static void a_word_speaks_for_what_is_near_and_only_as_a_whole(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool is_found;
    } cases[] = {
        {"NHS 9995015684", true},
        {"NHSX 9995015684", false},
        {"9995015684 (NHS)", true},
        {"NHS. The letters below, which nobody has read in years, have only 9995015684", false},
        {"NHS\n\n9995015684", false},
        {"NHS\n9995015684", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct seen seen;
        seen_init(&seen);
        scan(pd_str_from(cases[i].text), &usual, 100, &seen);
        if ((seen.lines.len > 0) != cases[i].is_found)
            fail_msg("\"%s\": %.*s", cases[i].text, pd_arg(pd_buf_view(&seen.lines)));
        seen_clear(&seen);
    }
}

static void a_private_key_is_one_finding(void **state) {
    (void)state;
    struct seen seen;
    seen_init(&seen);
    scan(PD_STR("x\n-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----\ny"), &usual, 9,
         &seen);
    assert_string_equal(seen.redacted.data, "x\n[secret]\ny");
    seen_clear(&seen);
}

static void types_and_confidence_narrow_the_search(void **state) {
    (void)state;
    static const char text[] = "a@example.org 192.0.2.1 NHS 9995015684 or 9995015684";
    struct {
        struct detect_scan_options options;
        const char *redacted;
    } cases[] = {
        {{.today = TODAY, .types = DETECT_BIT(DETECT_IPV4)},
         "a@example.org [ipv4] NHS 9995015684 or 9995015684"},
        {{.today = TODAY, .types = DETECT_BIT(DETECT_EMAIL), .least = DETECT_HIGH},
         "[email] 192.0.2.1 NHS 9995015684 or 9995015684"},
        {{.today = TODAY, .site_types = 1}, text},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct seen seen;
        seen_init(&seen);
        scan(PD_STR(text), &cases[i].options, 100, &seen);
        assert_string_equal(seen.redacted.data, cases[i].redacted);
        seen_clear(&seen);
    }
}

static void the_more_confident_and_then_the_longer_finding_stands(void **state) {
    (void)state;
    static const struct {
        const char *text, *redacted;
    } cases[] = {
        /* an address of mail holds a host name */
        {"x@mail.example.org", "[email]"},
        /* a link with a password holds an address of mail */
        {"https://me:secret1@mail.example.org/", "[url_credentials]"},
        /* a point is no telephone number, nor two numbers */
        {"geo:52.37,4.90", "[coordinates]"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct seen seen;
        seen_init(&seen);
        scan(pd_str_from(cases[i].text), &usual, 100, &seen);
        assert_string_equal(seen.redacted.data, cases[i].redacted);
        seen_clear(&seen);
    }
}

/* A text of several blocks with findings everywhere, also across the blocks' borders. */
static void fill(struct pd_buf *out, size_t size, size_t shift) {
    static const char *const parts[] = {
        "姓名：王小明，身份证号510104192202229779。",
        "card 6217 1008 9897 2322\r\n",
        "x@mail.example.org ",
        "北京市海淀区中关村大街27号 ",
        "DE89370400440532013000\r",
        "8888888888888888888888888888888888888888888888888888888888 ",
        "My name is Mary Jones\n\n",
        "http://u:p@h.example/x?y#z ",
        "１３００００００１０１ ",
        "\xff\xc3 ",
    };
    for (size_t i = 0; i < shift; i++)
        pd_buf_char(out, '.');
    for (size_t i = 0; out->len < size; i = (i * 7 + 3) % 10007)
        pd_buf_text(out, parts[i % (sizeof(parts) / sizeof(parts[0]))]);
}

static void the_cut_leaves_no_trace(void **state) {
    (void)state;
    for (size_t shift = 0; shift < 64; shift += 21) {
        struct pd_buf text;
        pd_buf_init(&text, 0);
        fill(&text, 220000, shift);
        struct seen first;
        seen_init(&first);
        scan(pd_buf_view(&text), &usual, text.len, &first);
        assert_true(first.lines.len > 1000);
        assert_true(pd_str_eq(pd_buf_view(&first.whole), pd_buf_view(&text)));
        static const size_t pieces[] = {1, 7, 4096, 65536, 65537, 100000};
        for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
            struct seen again;
            seen_init(&again);
            scan(pd_buf_view(&text), &usual, pieces[i], &again);
            assert_true(pd_str_eq(pd_buf_view(&first.lines), pd_buf_view(&again.lines)));
            assert_true(pd_str_eq(pd_buf_view(&first.redacted), pd_buf_view(&again.redacted)));
            seen_clear(&again);
        }
        seen_clear(&first);
        pd_buf_clear(&text);
    }
}

static void what_lies_on_a_border_of_blocks_is_found(void **state) {
    (void)state;
    for (size_t shift = 65536 - 20; shift <= 65536 + 2; shift++) {
        struct pd_buf text;
        pd_buf_init(&text, 0);
        for (size_t i = 0; i < shift; i++)
            pd_buf_char(&text, i % 80 == 79 ? '\n' : ' ');
        pd_buf_text(&text, "510104192202229779 and so on");
        struct seen seen;
        seen_init(&seen);
        scan(pd_buf_view(&text), &usual, 5000, &seen);
        assert_non_null(strstr(seen.lines.data ? seen.lines.data : "", "cn_resident_id"));
        assert_non_null(strstr(seen.redacted.data, "[cn_resident_id] and so on"));
        seen_clear(&seen);
        pd_buf_clear(&text);
    }
}

static enum pd_status refuse(void *context, const struct detect_finding *f, struct pd_error *err) {
    (void)context, (void)f;
    return pd_fail(err, PD_IO, "no more");
}

static void a_handler_that_fails_ends_the_scan(void **state) {
    (void)state;
    struct detect_scan_handler handler = {.finding = refuse};
    struct detect_scanner *scanner = NULL;
    struct pd_error err = {0};
    assert_int_equal(detect_scanner_new(&usual, &handler, &scanner, &err), PD_OK);
    assert_int_equal(detect_scanner_feed(scanner, "192.0.2.1", 9, &err), PD_OK);
    assert_int_equal(detect_scanner_finish(scanner, &err), PD_IO);
    detect_scanner_free(scanner);
    detect_scanner_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_gives_its_findings_with_place_and_confidence),
        cmocka_unit_test(a_word_speaks_for_what_is_near_and_only_as_a_whole),
        cmocka_unit_test(a_private_key_is_one_finding),
        cmocka_unit_test(types_and_confidence_narrow_the_search),
        cmocka_unit_test(the_more_confident_and_then_the_longer_finding_stands),
        cmocka_unit_test(the_cut_leaves_no_trace),
        cmocka_unit_test(what_lies_on_a_border_of_blocks_is_found),
        cmocka_unit_test(a_handler_that_fails_ends_the_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
