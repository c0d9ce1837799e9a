/*
 * detect/: running text is searched only at places where something can begin, many bytes at once.
 * The findings are those of every finder sent to every place, and of plain instructions.
 */
#include "detect/detect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TODAY = 20260701, BLOCK = 64 * 1024 };

static uint64_t state;

static size_t draw(size_t below) { /* xorshift64 (Marsaglia 2003) */
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % below);
}

/* What findings begin with, end in, stand behind, and are mistaken for. */
static const char *const pieces[] = {"Mary",
                                     "JOHN",
                                     "james O'Neil",
                                     "Anne-Marie",
                                     "Frank's",
                                     "Élodie",
                                     "Ottová",
                                     "Mr",
                                     "Dr.",
                                     "Ms",
                                     "señor",
                                     "SEÑOR García",
                                     "professor",
                                     "My name is",
                                     "named",
                                     "called",
                                     "call me",
                                     "I am",
                                     "I'm",
                                     "dear",
                                     "hi",
                                     "hello",
                                     "signed",
                                     "last name",
                                     "contact person",
                                     "speak to",
                                     "says",
                                     "directed by",
                                     "known as",
                                     "named him",
                                     "Name:",
                                     "Via Roma",
                                     "Rue",
                                     "Allée",
                                     "Apt 5",
                                     "Suite. 12",
                                     "unit 7",
                                     "Main Street 14",
                                     "Hauptstraße 5",
                                     "an-der-Hauptstraße 9",
                                     "14 Crown Street",
                                     "12a Baker St, Flat 3",
                                     "30 South",
                                     "address is",
                                     "lives at",
                                     "LivesAt",
                                     "located at",
                                     "is at",
                                     "sent to",
                                     "return to",
                                     "lived in",
                                     "lives on",
                                     "adresse",
                                     "Anschrift",
                                     "street",
                                     "http://h.example/a",
                                     "https://a.example/?token=abcdef12",
                                     "ftp://a:b@h/",
                                     "www.example.org",
                                     "a.b.com",
                                     "README.md",
                                     "foo_bar.com",
                                     "-x.org",
                                     "e.g.",
                                     "end.The",
                                     "user@example.org",
                                     "张三@例子.中国",
                                     "a@b",
                                     "@",
                                     "::",
                                     "std::b",
                                     "2001:db8::1:5",
                                     "fe80::1%eth0",
                                     "1:2:3:4:5:6:7:8",
                                     "00:1a:2b:3c:4d:5e",
                                     "00-1A-2B-3C-4D-5E",
                                     "001a.2b3c.4d5e",
                                     "12:30:45",
                                     "192.0.2.1",
                                     "1.2.3.4-b",
                                     "version 1.2.3.4",
                                     "geo:52.1,4.3",
                                     "POINT (30.123 10.456)",
                                     "point(1 2)",
                                     "N39°54′ E116°23′",
                                     "39°54'15.2\"N 116°23'29\"E",
                                     "-33.4489, -70.6693",
                                     "39.9042,116.4074",
                                     "key AKIAQ2W3E4R5T6Y7U2I3",
                                     "password=",
                                     "token: '",
                                     "密码：",
                                     "Xk29dkQpz1",
                                     "Xk29_dkQ-pz1",
                                     "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijk",
                                     "-----BEGIN PRIVATE KEY-----\nab\n-----END PRIVATE KEY-----",
                                     "DE89 3704 0044 0532 0130 00",
                                     "IBAN",
                                     "VAT",
                                     "DE 113866163",
                                     "AB 12 34 56 C",
                                     "QQ123456C",
                                     "D879363(9)",
                                     "A123456789",
                                     "6217 1008 9897 2322",
                                     "510104192202229779",
                                     "SSN",
                                     "884-27-3324",
                                     "884273324",
                                     "NHS 9995015684",
                                     "card",
                                     "5493 00KJ TXGH BPIP 0J 47",
                                     "１２３４",
                                     "ＡＢ１２",
                                     "Ｄ",
                                     "ｓent to",
                                     "＠",
                                     "：",
                                     "（",
                                     "－",
                                     "　",
                                     "\xc2\xa0",
                                     "–",
                                     "—",
                                     "“",
                                     "。",
                                     "，",
                                     "京A12345",
                                     "粤B·12345D",
                                     "王小明",
                                     "欧阳娜娜",
                                     "李四先生",
                                     "马上",
                                     "姓名",
                                     "联系人：",
                                     "负责人是",
                                     "住址：",
                                     "地址",
                                     "北京市海淀区中关村大街27号",
                                     "广东省深圳市",
                                     "上海",
                                     "中山路12号",
                                     "是",
                                     "为",
                                     "叫",
                                     "于",
                                     "和平",
                                     "生于1985年3月9日",
                                     "born 1985-03-09",
                                     "09/03/1985",
                                     "19850309",
                                     "198503",
                                     "年",
                                     "call +46 (0)8 928 571 38",
                                     "(905) 674-3793",
                                     "010-62345678",
                                     "电话13812345678",
                                     "+86 138 1234 5678",
                                     "1-905-674-3793x12",
                                     "1,234,567",
                                     "5.5",
                                     "0.1234",
                                     "2026",
                                     "27",
                                     "at",
                                     "in",
                                     "on",
                                     "to",
                                     "of",
                                     "the",
                                     "committee",
                                     "AT 12",
                                     "ab_12",
                                     "_x",
                                     "x",
                                     "\xff",
                                     "\xe5",
                                     "\xc3",
                                     "\xef\xbc",
                                     "성명",
                                     "氏名",
                                     "マイナンバー"};
static const char *const joints[] = {" ",  " ",  " ",  " ",  "",   "\n", "\n\n", "\r\n", "\t",
                                     ", ", ". ", ": ", ":",  "-",  "/",  "=",    "_",    ".",
                                     "(",  ")",  "　", "，", "：", "\"", "'"};

static void add_piece(struct pd_buf *text) {
    const char *piece = pieces[draw(sizeof(pieces) / sizeof(pieces[0]))];
    size_t start = text->len;
    if (draw(10) == 0)
        pd_buf_printf(text, "%zu", draw((size_t)1 << (1 + draw(50))));
    else
        pd_buf_str(text, pd_str_from(piece));
    if (draw(40) == 0) { /* in full width */
        for (const char *c = piece; *c; c++) {
            char wide[3] = {(char)0xef, (char)(0xbc + (*c > 0x5f)),
                            (char)(0x80 + (*c - 0x20) % 64)};
            if (*c > ' ' && *c < 0x7f)
                pd_buf_add(text, wide, 3);
        }
    }
    for (size_t i = start; draw(30) == 0 && i < text->len; i++) /* other letters, capitals */
        text->data[i] = (char)(text->data[i] ^ (draw(20) == 0 ? 1 << draw(8) : 0));
    for (size_t n = draw(60) == 0 ? draw(90) : 0; n > 0; n--)
        pd_buf_str(text, PD_STR("x"));
    pd_buf_str(text, pd_str_from(joints[draw(sizeof(joints) / sizeof(joints[0]))]));
}

static enum pd_status on_finding(void *context, const struct detect_finding *f,
                                 struct pd_error *err) {
    (void)err;
    pd_buf_printf(context, "%d:%d:%d %s %d %s \"%s\" \"%s\" %.*s\n", (int)f->offset, (int)f->line,
                  (int)f->column, f->info->name, f->is_weak, detect_confidence_name(f->confidence),
                  f->proof, f->word ? f->word : "", pd_arg(f->text));
    return PD_OK;
}

static struct pd_buf findings(pd_str text, struct detect_scan_options options, size_t piece) {
    struct pd_buf out;
    pd_buf_init(&out, 0);
    struct detect_scan_handler handler = {&out, NULL, on_finding};
    struct detect_scanner *scanner = NULL;
    struct pd_error err;
    assert_int_equal(detect_scanner_new(&options, &handler, &scanner, &err), PD_OK);
    for (size_t at = 0; at < text.len; at += piece) {
        pd_str part = pd_str_sub(text, at, piece);
        assert_int_equal(detect_scanner_feed(scanner, part.data, part.len, &err), PD_OK);
    }
    assert_int_equal(detect_scanner_finish(scanner, &err), PD_OK);
    detect_scanner_free(scanner);
    return out;
}

static size_t lines_of(pd_str text) {
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += text.data[i] == '\n';
    return n;
}

/* Returns how many findings there are, of low confidence too. */
static size_t must_be_same(pd_str text, detect_bits types) {
    size_t count = 0;
    for (int least = DETECT_LOW; least <= DETECT_MEDIUM; least++) {
        struct detect_scan_options options = {.today = TODAY,
                                              .types = types,
                                              .least = (enum detect_confidence)least,
                                              .way = DETECT_EVERYWHERE};
        struct pd_buf expected = findings(text, options, text.len + 1);
        for (int way = DETECT_WHERE_LIKELY; way <= DETECT_PLAIN; way++) {
            options.way = (enum detect_scan_way)way;
            struct pd_buf got = findings(text, options, 1 + draw(2 * text.len + 1));
            if (!pd_str_eq(pd_buf_view(&got), pd_buf_view(&expected)))
                fail_msg("way %d, least %d, of\n%.*s\ngives\n%.*s\ninstead of\n%.*s", way, least,
                         pd_arg(text), pd_arg(pd_buf_view(&got)), pd_arg(pd_buf_view(&expected)));
            pd_buf_clear(&got);
        }
        count += least == DETECT_LOW ? lines_of(pd_buf_view(&expected)) : 0;
        pd_buf_clear(&expected);
    }
    return count;
}

static void mixtures_give_the_findings_of_every_finder_at_every_place(void **unused) {
    (void)unused;
    size_t count = 0;
    state = 0x9e3779b97f4a7c15;
    for (int n = 0; n < 400; n++) {
        struct pd_buf text;
        pd_buf_init(&text, 0);
        while (text.len < 600)
            add_piece(&text);
        count += must_be_same(pd_buf_view(&text), 0);
        pd_buf_clear(&text);
    }
    assert_true(count > 4000); /* mixtures in which nothing is found would show nothing */
}

static void a_single_type_that_is_asked_for_is_found_alike(void **unused) {
    (void)unused;
    state = 0xd1b54a32d192ed03;
    for (int type = 0; type < DETECT_TYPE_COUNT; type++) {
        struct pd_buf text;
        pd_buf_init(&text, 0);
        while (text.len < 4000)
            add_piece(&text);
        must_be_same(pd_buf_view(&text), DETECT_BIT(type));
        pd_buf_clear(&text);
    }
}

/* What lies across the end of a block that is searched at once. */
static void findings_over_the_ends_of_blocks_are_the_same(void **unused) {
    (void)unused;
    state = 0x2545f4914f6cdd1d;
    for (int n = 0; n < 40; n++) {
        struct pd_buf text;
        pd_buf_init(&text, 0);
        while (text.len < BLOCK - 500 - draw(200))
            pd_buf_str(&text, draw(20) == 0 ? PD_STR("plain\n") : PD_STR("words "));
        while (text.len < BLOCK + 500)
            add_piece(&text);
        must_be_same(pd_buf_view(&text), 0);
        pd_buf_clear(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mixtures_give_the_findings_of_every_finder_at_every_place),
        cmocka_unit_test(a_single_type_that_is_asked_for_is_found_alike),
        cmocka_unit_test(findings_over_the_ends_of_blocks_are_the_same),
    };
    return cmocka_run_group_tests_name("detect_same", tests, NULL, NULL);
}
