/* source/: the text of a document is all that its readers see, wherever in the file it stands. */
#include "source_fixture.h"

static void check(pd_str bytes, const char *expected, const char *told) {
    struct result r = extract(bytes, true, NULL);
    assert_gives(&r, expected);
    if (told != NULL)
        assert_tells(&r, told);
    assert_true(pd_utf8_valid(pd_buf_view(&r.data), NULL));
    result_clear(&r);
}

/* ---- Plain text ---- */

static void text_is_utf8_whatever_it_was(void **state) {
    static const struct {
        pd_str bytes;
        const char *expected, *told;
    } cases[] = {
        {PD_STR_INIT("a\r\nb\rc\n"), "a\nb\nc\n", NULL},
        {PD_STR_INIT("\xef\xbb\xbf"
                     "Stra\xc3\x9f"
                     "e"),
         "Straße", NULL},
        {PD_STR_INIT("\xff\xfe"
                     "a\0\xe4\0\n\0"),
         "aä\n", "read as UTF-16"},
        {PD_STR_INIT("\xfe\xff"
                     "\0a\x6d\x59"),
         "a浙", "read as UTF-16"},
        {PD_STR_INIT("p\0l\0a\0i\0n\0 \0t\0e\0x\0t\0"), "plain text", "read as UTF-16LE"},
        {PD_STR_INIT("\xd0\xd5\xc3\xfb\xa3\xba\xd5\xc5\xc8\xfd\xa3\xac\xb5\xe7\xbb\xb0\xba\xc5\xc2"
                     "\xeb\xce\xaa"
                     "\xa3\xba\xca\xd6\xbb\xfa\xba\xc5\xa1\xa3"),
         "姓名：张三，电话号码为：手机号。", "read as GB18030"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(cases[i].bytes, cases[i].expected, cases[i].told);
}

static void what_holds_zeros_is_no_text(void **state) {
    (void)state;
    struct result r = extract(PD_STR("nul\0here, and no UTF-16"), true, NULL);
    assert_refused(&r, PD_INVALID, "it is not text: a zero byte stands at offset 3");
    result_clear(&r);
}

/* ---- HTML ---- */

static void html_gives_what_a_browser_shows(void **state) {
    static const struct {
        const char *page, *expected;
    } cases[] = {
        {"<html><body><p>One   two\n three</p><p>Four</p></body></html>", "One two three\nFour\n"},
        {"<!DOCTYPE html><title>T</title><script>var a = '<p>no</p>';</script><style>p{}</style>"
         "<p>yes",
         "T\nyes\n"},
        {"<html>a<b>b</b>c <i>d</i>", "abc d\n"},
        {"<html><table><tr><th>Name<th>Id</tr><tr><td>Li</td><td>44</td></tr></table>",
         "Name\tId\nLi\t44\n"},
        {"<html>1 &lt; 2 &amp;&amp; 3 &gt; 2 &nbsp; &#20013;&#x6587;&eacute; &unknown; &",
         "1 < 2 && 3 > 2 中文é &unknown; &\n"},
        {"<html>a<!-- <p>comment</p> -->b<br>c<br/>d", "ab\nc\nd\n"},
        {"<html><pre>x  y\n  z</pre>after", "x  y\n  z\nafter\n"},
        {"<html>3 < 4 and <b title=\"a > b\">bold</b", "3 < 4 and bold</b\n"},
        {"<html><SCRIPT>no</SCRIPT >yes<script>never ends", "yes\n"},
        {"<html>&#150;&#0;&#xD800;&#1114112;", "–&#0;&#xD800;&#1114112;\n"},
        {"<html>", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(pd_str_from(cases[i].page), cases[i].expected[0] ? cases[i].expected : "", NULL);
}

static void html_names_its_character_set(void **state) {
    (void)state;
    check(PD_STR("<html><meta charset=\"gb2312\"><p>\xd6\xd0\xb9\xfa"), "中国\n",
          "The page is not UTF-8; it was read as gb2312.");
    check(PD_STR("<html><meta charset=nonsense><p>caf\xe9 d\xe9j\xe0 vu, \xe0 la fran\xe7"
                 "aise"),
          "café déjà vu, à la française\n", NULL);
    check(PD_STR("<html><meta charset=\"gb2312\"><p>\xe4\xb8\xad"), "中\n", NULL);
}

/* ---- E-mail ---- */

#define HEADERS "From: Li <li@example.org>\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n"

static void an_email_gives_headers_and_text_parts(void **state) {
    static const struct {
        const char *mail, *expected;
    } cases[] = {
        {HEADERS "\r\nBody\r\n", "From: Li <li@example.org>\nSubject: Hello\n\nBody\n"},
        {"From: a@b.c\r\nSubject: =?UTF-8?B?5Lit?= =?utf-8?q?=E6=96=87_x?= y\r\n\r\n.",
         "From: a@b.c\nSubject: 中文 x y\n\n.\n"},
        {"Subject: =?gb2312?B?1tC5+g==?=\r\n folded\r\nDate: today\r\n\r\nx",
         "Subject: 中国 folded\nDate: today\n\nx\n"},
        {"Subject: =?nonsense\r\nDate: today\r\n\r\nx", "Subject: =?nonsense\nDate: today\n\nx\n"},
        {HEADERS "Content-Type: text/plain; charset=\"iso-8859-1\"\r\n"
                 "Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9 is=\r\n one=2",
         "From: Li <li@example.org>\nSubject: Hello\n\ncafé is one=2\n"},
        {HEADERS "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                 "PHA+5Lit\r\n5paHPC9wPg==\r\n",
         "From: Li <li@example.org>\nSubject: Hello\n\n中文\n"},
        {HEADERS "Content-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\npreamble\r\n--=_b\r\n\r\n"
                 "one\r\n--=_b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n"
                 "Content-Type: text/plain\r\n\r\ntwo\r\n--c--\r\n--=_b\r\nContent-Type: "
                 "message/rfc822\r\n\r\nFrom: x@y.z\r\n\r\ninner\r\n--=_b--\r\nepilogue\r\n",
         "From: Li <li@example.org>\nSubject: Hello\n\none\ntwo\nFrom: x@y.z\n\ninner\n"},
        {HEADERS "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ncut off",
         "From: Li <li@example.org>\nSubject: Hello\n\ncut off\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(pd_str_from(cases[i].mail), cases[i].expected, "form: email");
}

static void attachments_are_named_not_opened(void **state) {
    (void)state;
    check(PD_STR(HEADERS
                 "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n"
                 "Content-Type: application/pdf; name=\"list.pdf\"\r\n"
                 "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\n"),
          "From: Li <li@example.org>\nSubject: Hello\n\ntext\nlist.pdf\n",
          "note: An attachment was not read: list.pdf (application/pdf");
}

static void mail_nested_without_end_is_refused(void **state) {
    struct pd_buf mail = {0};
    (void)state;
    pd_buf_text(&mail, HEADERS);
    for (int i = 0; i < 30; i++)
        pd_buf_text(&mail, "Content-Type: message/rfc822\r\n\r\n");
    struct result r = extract(pd_buf_view(&mail), true, NULL);
    assert_refused(&r, PD_LIMIT, "nested deeper than 10");
    result_clear(&r);
    pd_buf_clear(&mail);
}

/* ---- DOCX and ODT ---- */

#define W(body) "<w:document xmlns:w=\"w\"><w:body>" body "</w:body></w:document>"
#define P(text) "<w:p><w:r><w:t>" text "</w:t></w:r></w:p>"

static void a_docx_gives_paragraphs_tables_and_margins(void **state) {
    (void)state;
    pd_str body = PD_STR(
        W("<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>One </w:t></w:r>"
          "<w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink><w:r><w:tab/>"
          "<w:t>x</w:t><w:br/><w:noBreakHyphen/></w:r></w:p>"
          "<w:tbl><w:tr><w:tc>" P("a") P("b") "</w:tc><w:tc>" P(
              "c") "</w:tc></w:tr>"
                   "<w:tr><w:tc><w:tbl><w:tr><w:tc>" P("n1") "</w:tc><w:tc>" P(
                       "n2") "</w:tc></w:tr></w:tbl></w:tc><w:tc/></w:tr></w:tbl>"
                             "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
                             "<w:p><w:r><mc:AlternateContent "
                             "xmlns:mc=\"m\"><mc:Choice><w:p><w:r><w:t>box"
                             "</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r><w:t>box</w:t></"
                             "w:r>"
                             "</w:p></mc:Fallback></mc:AlternateContent></w:r></w:p>"));
    pd_str side = PD_STR("<w:ftr xmlns:w=\"w\">" P("foot") "</w:ftr>");
    struct entry entries[] = {{"word/document.xml", body}, {"word/footer1.xml", side}};
    pd_str bytes = make_zip(entries, 2, NULL);
    check(bytes, "One link\tx\n-\na b\tc\nn1 n2\t\ngone\nbox\n\nfoot\n",
          "1 tracked deletions are still in the file");
    free_bytes(bytes);
}

static void an_odt_gives_the_same(void **state) {
    (void)state;
    pd_str content = PD_STR(
        "<o:document-content xmlns:o=\"o\" xmlns:t=\"t\" xmlns:b=\"b\"><o:body><o:text>"
        "<t:h>Head</t:h>\n <t:p>One<t:s t:c=\"2\"/>two <t:span> three</t:span><t:tab/>x"
        "<t:line-break/>y<t:note><t:note-citation>1</t:note-citation><t:note-body><t:p>foot</t:p>"
        "</t:note-body></t:note></t:p><b:table><b:table-row><b:table-cell><t:p>a</t:p><t:p>b</t:p>"
        "</b:table-cell><b:table-cell><t:p>c</t:p></b:table-cell></b:table-row></b:table>"
        "</o:text></o:body></o:document-content>");
    struct entry entries[] = {{"mimetype", PD_STR("application/vnd.oasis.opendocument.text")},
                              {"content.xml", content},
                              {"styles.xml", PD_STR("<s xmlns:t=\"t\"><t:p>margin</t:p></s>")}};
    pd_str bytes = make_zip(entries, 3, NULL);
    check(bytes, "Head\nOne  two three\tx\ny\nfoot\n\na b\tc\nmargin\n", "form: odt");
    free_bytes(bytes);
}

static void documents_are_no_tables(void **state) {
    (void)state;
    struct entry entry = {"word/document.xml", PD_STR(W(P("x")))};
    pd_str bytes = make_zip(&entry, 1, NULL);
    struct result r = extract(bytes, false, NULL);
    assert_refused(&r, PD_UNSUPPORTED, "a Word document (DOCX), not a table: polder detect");
    result_clear(&r);
    free_bytes(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_utf8_whatever_it_was),
        cmocka_unit_test(what_holds_zeros_is_no_text),
        cmocka_unit_test(html_gives_what_a_browser_shows),
        cmocka_unit_test(html_names_its_character_set),
        cmocka_unit_test(an_email_gives_headers_and_text_parts),
        cmocka_unit_test(attachments_are_named_not_opened),
        cmocka_unit_test(mail_nested_without_end_is_refused),
        cmocka_unit_test(a_docx_gives_paragraphs_tables_and_margins),
        cmocka_unit_test(an_odt_gives_the_same),
        cmocka_unit_test(documents_are_no_tables),
    };
    return cmocka_run_group_tests_name("source: documents", tests, NULL, NULL);
}
