/* source/: a spreadsheet is the table that its cells show, and says what was done to get there. */
#include "source_fixture.h"

/* ---- XLSX ---- */

#define ROW(n, cells)     "<row r=\"" #n "\">" cells "</row>"
#define NUM(ref, v)       "<c r=\"" ref "\"><v>" v "</v></c>"
#define STYLED(ref, s, v) "<c r=\"" ref "\" s=\"" s "\"><v>" v "</v></c>"
#define TEXT(ref, t)      "<c r=\"" ref "\" t=\"inlineStr\"><is><t>" t "</t></is></c>"
#define DATA(rows)        "<sheetData>" rows "</sheetData>"

static void check(const struct workbook *book, const char *part, const char *expected,
                  const char *told) {
    pd_str bytes = make_workbook(book);
    struct result r = extract(bytes, false, part);
    assert_gives(&r, expected);
    assert_tells(&r, "canonical:");
    if (told != NULL)
        assert_tells(&r, told);
    result_clear(&r);
    free_bytes(bytes);
}

static void refuse(const struct workbook *book, const char *part, enum pd_status status,
                   const char *words) {
    pd_str bytes = make_workbook(book);
    struct result r = extract(bytes, false, part);
    assert_refused(&r, status, words);
    result_clear(&r);
    free_bytes(bytes);
}

static void cells_keep_their_columns_and_rows_their_lines(void **state) {
    (void)state;
    struct workbook book = {.sheets = {DATA(ROW(1, TEXT("A1", "a") TEXT("C1", "c, \"quoted\"")) ROW(
                                4, NUM("B4", "5") TEXT("D4", "two&#10;lines")))}};
    check(&book, NULL, "a,,\"c, \"\"quoted\"\"\",\n\n\n,5,,\"two\nlines\"\n", "part: A");
}

static void cells_without_references_follow_each_other(void **state) {
    (void)state;
    struct workbook book = {
        .sheets = {
            DATA("<row><c><v>1</v></c><c><v>2</v></c></row><row><c/><c><v>3</v></c></row>")}};
    check(&book, NULL, "1,2\n,3\n", NULL);
}

static void every_kind_of_cell_has_its_text(void **state) {
    static const struct {
        const char *cell, *expected;
    } cases[] = {
        {"<c r=\"A1\" t=\"s\"><v>0</v></c>", "shared"},
        {"<c r=\"A1\" t=\"s\"><v>1</v></c>", "rich text"},
        {"<c r=\"A1\" t=\"s\"><v>2</v></c>", "\"a\nb_x\""},
        {"<c r=\"A1\" t=\"str\"><f>A2</f><v>from a formula</v></c>", "from a formula"},
        {"<c r=\"A1\" t=\"b\"><v>1</v></c>", "true"},
        {"<c r=\"A1\" t=\"b\"><v>0</v></c>", "false"},
        {"<c r=\"A1\" t=\"e\"><v>#DIV/0!</v></c>", "#DIV/0!"},
        {"<c r=\"A1\" t=\"d\"><v>2021-03-04</v></c>", "2021-03-04"},
        {"<c r=\"A1\"><v>274.65999999999997</v></c>", "274.66"},
        {"<c r=\"A1\"><v>1.0000000000000001E-5</v></c>", "0.00001"},
        {"<c r=\"A1\"><v>-1.5E+3</v></c>", "-1500"},
        {"<c r=\"A1\"><v>1.2E+30</v></c>", "1.2e+30"},
        {"<c r=\"A1\"><v>0010</v></c>", "0010"},
        {"<c r=\"A1\"><v>-0.5</v></c>", "-0.5"},
        {"<c r=\"A1\"><v>-0.50</v></c>", "-0.5"},
        {"<c r=\"A1\"><v>00.5</v></c>", "0.5"},
        {"<c r=\"A1\"><v>1.-5</v></c>", "1.-5"},
        {"<c r=\"A1\"><v>12345678901234.5</v></c>", "12345678901234.5"},
        {"<c r=\"A1\"><v>123456789012345.25</v></c>", "123456789012345"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char sheet[400], expected[100];
        snprintf(sheet, sizeof(sheet), DATA(ROW(1, "%s") ROW(2, TEXT("A2", "x"))), cases[i].cell);
        snprintf(expected, sizeof(expected), "%s\nx\n", cases[i].expected);
        struct workbook book = {
            .sheets = {sheet},
            .strings = "<si><t>shared</t></si><si><r><t>rich </t></r><r><t>text</t></r>"
                       "<rPh><t>aloud</t></rPh></si><si><t>a_x000A_b_x</t></si>"};
        check(&book, NULL, expected, NULL);
    }
}

#define STYLES                                                                                     \
    "<numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/>"                            \
    "<numFmt numFmtId=\"165\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot; "   \
    "h:mm\"/>"                                                                                     \
    "<numFmt numFmtId=\"166\" formatCode=\"[Red]0.00&quot;days&quot;;\\d0\"/>"                     \
    "<numFmt numFmtId=\"167\" formatCode=\"[h]:mm:ss\"/>"                                          \
    "<numFmt numFmtId=\"168\" formatCode=\"0.00E+00\"/>"                                           \
    "<numFmt numFmtId=\"169\" formatCode=\"General\"/></numFmts>"                                  \
    "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"                                           \
    "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf "                 \
    "numFmtId=\"165\"/><xf numFmtId=\"166\"/><xf numFmtId=\"167\"/><xf numFmtId=\"168\"/><xf "     \
    "numFmtId=\"169\"/><xf numFmtId=\"21\"/><xf numFmtId=\"9\"/><xf numFmtId=\"31\"/></cellXfs>"

static void formats_make_dates_of_numbers_and_nothing_else(void **state) {
    static const struct {
        const char *style, *value, *expected, *expected_1904;
    } cases[] = {
        {"0", "44197", "44197", "44197"},
        {"1", "44197", "2021-01-01", "2025-01-02"},
        {"1", "1", "1900-01-01", "1904-01-02"},
        {"1", "59", "1900-02-28", "1904-02-29"},
        {"1", "60", "60", "1904-03-01"}, /* a day that never was */
        {"1", "61", "1900-03-01", "1904-03-02"},
        {"1", "0", "0", "1904-01-01"},
        {"1", "-5", "-5", "-5"},
        {"1", "2958465", "9999-12-31", NULL},
        {"1", "2958466", "2958466", "2958466"},
        {"2", "44197.5", "2021-01-01T12:00:00", "2025-01-02T12:00:00"},
        {"3", "44197", "2021-01-01T00:00:00", "2025-01-02T00:00:00"},
        {"3", "44197.000011574", "2021-01-01T00:00:01", "2025-01-02T00:00:01"},
        {"3", "44197.9999999999", "2021-01-02T00:00:00", "2025-01-03T00:00:00"},
        {"4", "44197.25", "44197.25", "44197.25"},
        {"5", "1.5", "36:00:00", "36:00:00"},
        {"6", "44197", "44197", "44197"},
        {"7", "44197", "44197", "44197"},
        {"8", "0.25", "06:00:00", "06:00:00"},
        {"9", "0.125", "0.125", "0.125"},
        {"10", "44197", "2021-01-01", "2025-01-02"},
        {"10", "0.5", "12:00:00", "12:00:00"},
        {"99", "44197", "44197", "44197"}, /* a style that isn't there */
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        bool is_1904 = i % 2 == 1;
        char sheet[400], expected[100];
        const char *result = is_1904 ? cases[i / 2].expected_1904 : cases[i / 2].expected;
        if (result == NULL)
            continue;
        snprintf(sheet, sizeof(sheet),
                 DATA(ROW(1, STYLED("A1", "%s", "%s")) ROW(2, TEXT("A2", "x"))), cases[i / 2].style,
                 cases[i / 2].value);
        snprintf(expected, sizeof(expected), "%s\nx\n", result);
        struct workbook book = {
            .properties = is_1904 ? "date1904=\"1\"" : "", .sheets = {sheet}, .styles = STYLES};
        check(&book, NULL, expected, NULL);
    }
}

static void what_was_done_to_cells_is_told(void **state) {
    static const struct {
        const char *sheet, *told;
    } cases[] = {
        {DATA(ROW(1, STYLED("A1", "1", "44197")) ROW(2, NUM("A2", "1"))), "Dates and times: 1;"},
        {DATA(ROW(1, STYLED("A1", "1", "60")) ROW(2, NUM("A2", "1"))),
         "Cells formatted as dates that hold none: 1;"},
        {DATA(ROW(1, STYLED("A1", "9", "0.5")) ROW(2, NUM("A2", "1"))), "Percentages: 1;"},
        {DATA(ROW(1, "<c r=\"A1\"><f>1+1</f><v>2</v></c>") ROW(2, NUM("A2", "1"))),
         "Formulas: 1; taken by the values stored with them; none was run."},
        {DATA(ROW(1, NUM("A1", "1") "<c r=\"B1\"><f>1+1</f></c>") ROW(2, NUM("A2", "1"))),
         "Formulas without a stored value: 1;"},
        {DATA(ROW(1, NUM("A1", "1") "<c r=\"B1\"><f>1+1</f><v/></c>") ROW(2, NUM("A2", "1"))),
         "Formulas without a stored value: 1;"},
        {DATA(ROW(1, "<c r=\"A1\" t=\"e\"><v>#N/A</v></c>") ROW(2, NUM("A2", "1"))), "Errors"},
        {DATA(ROW(1, NUM("A1", "440303199001011000")) ROW(2, NUM("A2", "1"))),
         "Numbers of more than 15 digits: 1;"},
        {DATA(ROW(1, NUM("A1", "4.40303199001011E+17")) ROW(2, NUM("A2", "1"))),
         "Numbers of more than 15 digits: 1;"},
        {"<cols><col min=\"2\" max=\"3\" hidden=\"1\"/></cols>" DATA(ROW(1, NUM("A1", "1"))
                                                                         ROW(2, NUM("A2", "1"))),
         "Columns hidden in the sheet: 2;"},
        {DATA("<row r=\"1\" hidden=\"1\">" NUM("A1", "1") "</row>" ROW(2, NUM("A2", "1"))),
         "Rows hidden in the sheet: 1;"},
        {DATA(ROW(1, NUM("A1", "1")) ROW(2, NUM("A2", "1"))) "<mergeCells><mergeCell "
                                                             "ref=\"A1:B1\"/></mergeCells>",
         "Merged groups of cells: 1;"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct workbook book = {.sheets = {cases[i].sheet}, .styles = STYLES};
        pd_str bytes = make_workbook(&book);
        struct result r = extract(bytes, false, NULL);
        if (r.status != PD_OK)
            fail_msg("%s: %s", cases[i].told, r.err.text);
        assert_tells(&r, cases[i].told);
        result_clear(&r);
        free_bytes(bytes);
    }
}

static void the_first_visible_sheet_with_two_rows_is_read(void **state) {
    (void)state;
    struct workbook book = {.sheets = {DATA(ROW(1, TEXT("A1", "a cover"))),
                                       DATA(ROW(1, NUM("A1", "1")) ROW(2, NUM("A2", "2"))),
                                       DATA(ROW(1, NUM("A1", "3")) ROW(2, NUM("A2", "4")))},
                            .states = {NULL, "hidden", NULL}};
    check(&book, NULL, "3\n4\n", "part: C\nother: A\nother: B\nnote: The sheet \"B\" is hidden.");
    check(&book, "B", "1\n2\n", "part: B\n");
    check(&book, "A", "a cover\n", "part: A\n");
    refuse(&book, "D", PD_NOT_FOUND, "it has no sheet \"D\"; it has \"A\", \"B\", \"C\"");
    book.sheets[2] = DATA("");
    check(&book, NULL, "a cover\n", "part: A\n");
    refuse(&book, "C", PD_INVALID, "its sheet \"C\" is empty");
    book.sheets[0] = DATA("");
    refuse(&book, NULL, PD_INVALID, "holds a value");
}

static void as_text_every_sheet_is_read(void **state) {
    (void)state;
    struct workbook book = {
        .sheets = {DATA(ROW(1, TEXT("A1", "one"))), DATA(ROW(1, TEXT("A1", "two"))), DATA("")},
        .states = {NULL, "veryHidden", NULL}};
    pd_str bytes = make_workbook(&book);
    struct result r = extract(bytes, true, NULL);
    assert_gives(&r, "one\ntwo\n");
    assert_tells(&r, "The sheet \"B\" is hidden; it is read all the same.");
    result_clear(&r);
    free_bytes(bytes);
}

static void damaged_sheets_are_refused_with_the_cell(void **state) {
    static const struct {
        const char *sheet;
        enum pd_status status;
        const char *words;
    } cases[] = {
        {DATA(ROW(1, "<c r=\"B1\" t=\"s\"><v>7</v></c>")), PD_INVALID,
         "sheet \"A\", cell B1: it names string 7 of 1"},
        {DATA(ROW(1, NUM("B1", "1") NUM("A1", "1"))), PD_INVALID,
         "cell A1: it is out of its place"},
        {DATA(ROW(1, NUM("B2", "1"))), PD_INVALID, "out of its place"},
        {DATA(ROW(1, NUM("1B", "1"))), PD_INVALID, "no place"},
        {DATA(ROW(2, NUM("A2", "1")) ROW(2, NUM("A2", "1"))), PD_INVALID, "row 2 follows row 2"},
        {DATA(ROW(1048577, NUM("A1048577", "1"))), PD_INVALID, "row 1048577"},
        {DATA(ROW(1, NUM("XFE1", "1"))), PD_INVALID, "cell XFE1"},
        {DATA(ROW(1, NUM("A1", "1")) "<row>"), PD_INVALID,
         "xl/worksheets/sheet0.xml in it, line 1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct workbook book = {.sheets = {cases[i].sheet}, .strings = "<si><t>a</t></si>"};
        refuse(&book, NULL, cases[i].status, cases[i].words);
    }
}

/* ---- Bombs ---- */

static void entities_are_refused(void **state) {
    (void)state;
    pd_str sheet = PD_STR("<!DOCTYPE w [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>"
                          "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>"
                          "&b;</t></is></c></row></sheetData></worksheet>");
    pd_str book = PD_STR("<workbook><sheets><sheet name=\"A\" id=\"r\"/></sheets></workbook>");
    pd_str relations = PD_STR("<Relationships><Relationship Id=\"r\" Type=\"x/worksheet\" "
                              "Target=\"s.xml\"/></Relationships>");
    struct entry entries[] = {
        {"xl/workbook.xml", book}, {"xl/_rels/workbook.xml.rels", relations}, {"xl/s.xml", sheet}};
    pd_str bytes = make_zip(entries, 3, NULL);
    struct result r = extract(bytes, false, NULL);
    assert_refused(&r, PD_INVALID, "declares entities");
    result_clear(&r);
    free_bytes(bytes);
}

static void deep_elements_are_refused(void **state) {
    (void)state;
    struct pd_buf sheet = {0};
    for (int i = 0; i < 300; i++)
        pd_buf_text(&sheet, "<a>");
    struct workbook book = {.sheets = {sheet.data}};
    refuse(&book, NULL, PD_LIMIT, "nested deeper");
    pd_buf_clear(&sheet);
}

static void a_bomb_in_an_archive_is_refused(void **state) {
    (void)state;
    const size_t size = (size_t)300 << 20;
    char *zeros = calloc(1, size);
    assert_non_null(zeros);
    memset(zeros, 'a', size);
    struct entry entry = {"table.csv", {zeros, size}};
    pd_str bytes = make_zip(&entry, 1, NULL);
    free(zeros);
    assert_true(bytes.len < size / 250);
    struct result r = {0};
    pd_buf_init(&r.data, (size_t)400 << 20);
    struct source_sink sink = {&r, keep_data, keep_tale};
    struct source_wanted wanted = {false, {NULL, 0}};
    r.status = source_extract(bytes, &wanted, &sink, &r.err);
    assert_refused(&r, PD_LIMIT, "a bomb");
    result_clear(&r);
    free_bytes(bytes);
}

/* ---- ODS ---- */

#define ODS_CONTENT(sheets)                                                                        \
    "<office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\" "              \
    "xmlns:style=\"s\" xmlns:calcext=\"c\"><office:automatic-styles><style:style "                 \
    "style:name=\"ta2\"><style:table-properties table:display=\"false\"/></style:style>"           \
    "</office:automatic-styles><office:body><office:spreadsheet>" sheets                           \
    "</office:spreadsheet></office:body></office:document-content>"
#define ODS_SHEET(name, style, rows)                                                               \
    "<table:table table:name=\"" name "\" table:style-name=\"" style "\">" rows "</table:table>"
#define ODS_ROW(cells) "<table:table-row>" cells "</table:table-row>"
#define ODS_CELL(type, value, text)                                                                \
    "<table:table-cell office:value-type=\"" type "\" " value "><text:p>" text                     \
    "</text:p></table:table-cell>"
#define ODS_TEXT(text) ODS_CELL("string", "", text)

static pd_str make_ods(const char *content, const char *manifest) {
    struct entry entries[] = {
        {"mimetype", PD_STR("application/vnd.oasis.opendocument.spreadsheet")},
        {"content.xml", pd_str_from(content)},
        {"META-INF/manifest.xml", pd_str_from(manifest ? manifest : "<manifest/>")}};
    return make_zip(entries, 3, NULL);
}

static void check_ods(const char *content, const char *part, const char *expected,
                      const char *told) {
    pd_str bytes = make_ods(content, NULL);
    struct result r = extract(bytes, false, part);
    assert_gives(&r, expected);
    if (told != NULL)
        assert_tells(&r, told);
    result_clear(&r);
    free_bytes(bytes);
}

static void ods_cells_give_their_values_not_their_looks(void **state) {
    (void)state;
    check_ods(ODS_CONTENT(ODS_SHEET(
                  "A", "ta1",
                  ODS_ROW(ODS_TEXT("a") ODS_TEXT("b") ODS_TEXT("c")) ODS_ROW(
                      ODS_CELL("float", "office:value=\"1234.5\"", "1.234,50")
                          ODS_CELL("date", "office:date-value=\"2021-03-04\"", "04.03.21")
                              ODS_CELL("percentage", "office:value=\"0.5\"", "50%"))
                      ODS_ROW(ODS_CELL("boolean", "office:boolean-value=\"true\"", "WAHR")
                                  ODS_CELL("time", "office:time-value=\"PT26H03M04S\"", "26:03")
                                      ODS_CELL("string", "calcext:value-type=\"error\"", "#N/A")))),
              NULL, "a,b,c\n1234.5,2021-03-04,0.5\ntrue,26:03:04,#N/A\n", "Dates and times: 2;");
}

static void ods_repetitions_are_carried_out_within_bounds(void **state) {
    (void)state;
    check_ods(
        ODS_CONTENT(ODS_SHEET(
            "A", "ta1",
            ODS_ROW(
                "<table:table-cell table:number-columns-repeated=\"2\" "
                "office:value-type=\"float\" office:value=\"7\"/>") "<table:table-row "
                                                                    "table:number-rows-repeated="
                                                                    "\"2\"><table:table-cell/"
                                                                    ">" ODS_TEXT("x") "<table:"
                                                                                      "table-cell "
                                                                                      "table:"
                                                                                      "number-"
                                                                                      "columns-"
                                                                                      "repeated="
                                                                                      "\"16380\"/"
                                                                                      "></"
                                                                                      "table:table-"
                                                                                      "row>"
                                                                                      "<table:"
                                                                                      "table-row "
                                                                                      "table:"
                                                                                      "number-rows-"
                                                                                      "repeated="
                                                                                      "\"1048573\">"
                                                                                      "<table:"
                                                                                      "table-cell "
                                                                                      "table:"
                                                                                      "number-"
                                                                                      "columns-"
                                                                                      "repeated="
                                                                                      "\"16384\"/"
                                                                                      "></"
                                                                                      "table:table-"
                                                                                      "row>")),
        NULL, "7,7\n,x\n,x\n", NULL);
    pd_str bytes =
        make_ods(ODS_CONTENT(ODS_SHEET(
                     "A", "ta1",
                     "<table:table-row table:number-rows-repeated=\"9999999999\">" ODS_TEXT(
                         "x") "</table:table-row>")),
                 NULL);
    struct result r = extract(bytes, false, NULL);
    assert_refused(&r, PD_LIMIT, "more than 1,048,576 rows");
    result_clear(&r);
    free_bytes(bytes);
    bytes = make_ods(ODS_CONTENT(ODS_SHEET(
                         "A", "ta1",
                         ODS_ROW("<table:table-cell table:number-columns-repeated=\"99999999\" "
                                 "office:value-type=\"float\" office:value=\"7\"/>"))),
                     NULL);
    r = extract(bytes, false, NULL);
    assert_refused(&r, PD_LIMIT, "repeated 99999999 times");
    result_clear(&r);
    free_bytes(bytes);
}

static void ods_text_has_its_spaces_and_lines_and_no_comments(void **state) {
    (void)state;
    check_ods(
        ODS_CONTENT(ODS_SHEET(
            "A", "ta1",
            ODS_ROW(
                "<table:table-cell office:value-type=\"string\"><office:annotation><text:p>aside"
                "</text:p></office:annotation><text:p>a<text:s text:c=\"2\"/>b\n  c<text:tab/>d"
                "</text:p><text:p><text:span>second</text:span></text:p></table:table-cell>")
                ODS_ROW(ODS_TEXT("end")))),
        NULL, "\"a  b c\td\nsecond\"\nend\n", NULL);
}

static void ods_hidden_and_merged_are_told(void **state) {
    (void)state;
    const char *content = ODS_CONTENT(
        ODS_SHEET("H", "ta2", ODS_ROW(ODS_TEXT("1")) ODS_ROW(ODS_TEXT("2")))
            ODS_SHEET("V", "ta1",
                      ODS_ROW("<table:table-cell office:value-type=\"string\" "
                              "table:number-columns-spanned=\"2\"><text:p>wide</text:p>"
                              "</table:table-cell><table:covered-table-cell "
                              "office:value-type=\"string\"><text:p>below</text:p>"
                              "</table:covered-table-cell>" ODS_TEXT("z")) ODS_ROW(ODS_TEXT("3"))));
    check_ods(content, NULL, "wide,,z\n3,,\n", "Merged groups of cells: 1;");
    check_ods(content, NULL, "wide,,z\n3,,\n", "note: The sheet \"H\" is hidden.");
    check_ods(content, "H", "1\n2\n", "part: H\n");
}

static void an_encrypted_ods_is_refused(void **state) {
    (void)state;
    pd_str bytes = make_ods("garbage", "<manifest><file-entry><encryption-data/></file-entry>"
                                       "</manifest>");
    struct result r = extract(bytes, false, NULL);
    assert_refused(&r, PD_UNSUPPORTED, "it is encrypted: remove the password");
    result_clear(&r);
    free_bytes(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_keep_their_columns_and_rows_their_lines),
        cmocka_unit_test(cells_without_references_follow_each_other),
        cmocka_unit_test(every_kind_of_cell_has_its_text),
        cmocka_unit_test(formats_make_dates_of_numbers_and_nothing_else),
        cmocka_unit_test(what_was_done_to_cells_is_told),
        cmocka_unit_test(the_first_visible_sheet_with_two_rows_is_read),
        cmocka_unit_test(as_text_every_sheet_is_read),
        cmocka_unit_test(damaged_sheets_are_refused_with_the_cell),
        cmocka_unit_test(entities_are_refused),
        cmocka_unit_test(deep_elements_are_refused),
        cmocka_unit_test(a_bomb_in_an_archive_is_refused),
        cmocka_unit_test(ods_cells_give_their_values_not_their_looks),
        cmocka_unit_test(ods_repetitions_are_carried_out_within_bounds),
        cmocka_unit_test(ods_text_has_its_spaces_and_lines_and_no_comments),
        cmocka_unit_test(ods_hidden_and_merged_are_told),
        cmocka_unit_test(an_encrypted_ods_is_refused),
    };
    return cmocka_run_group_tests_name("source: spreadsheets", tests, NULL, NULL);
}
