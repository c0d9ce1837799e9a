/* Tests what src/table/ finds out about a file: encoding, where the table is, JSON and its columns.
 */
#include "table_fixture.h"

static pd_str as_str(const struct pd_buf *buf) {
    return pd_buf_view(buf);
}

static void assert_reads(struct reading *reading, const char *header, const char *rows) {
    if (reading->status != PD_OK)
        fail_msg("%s", reading->err.text);
    assert_string_equal(text_of(&reading->header), header);
    assert_string_equal(text_of(&reading->rows), rows);
}

/* Read whole, byte by byte, and again with what the first reading found: all the same. */
static struct reading read_every_way(pd_str text, const struct table_limits *limits,
                                     const struct table_dialect *given) {
    struct reading whole = read_pieces(text, SIZE_MAX / 2, limits, given);
    static const size_t pieces[] = {1, 3, 64};
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct reading cut = read_pieces(text, pieces[i], limits, given);
        assert_same(&whole, &cut);
        assert_string_equal(whole.dialect.encoding_evidence, cut.dialect.encoding_evidence);
        assert_string_equal(whole.dialect.header_evidence, cut.dialect.header_evidence);
        reading_clear(&cut);
    }
    if (whole.status != PD_OK)
        return whole;
    struct table_dialect found = whole.dialect;
    found.names = NULL; /* were the reader's */
    struct reading again = read_pieces(text, 7, limits, &found);
    assert_same(&whole, &again);
    reading_clear(&again);
    return whole;
}

/* ---- Encodings ---- */

#define ZH "\xE5\xA7\x93\xE5\x90\x8D" /* a name of a column */

static void the_encoding_is_found_by_evidence(void **state) {
    (void)state;
    static const struct {
        const char *what;
        const char *text;
        size_t len;
        enum table_encoding encoding;
        const char *header, *rows;
    } cases[] = {
        {"Belgian, which is GB18030 without an error",
         "Ann\xE9"
         "e;Quartier\n2013;Europ\xE9"
         "en\n",
         0, TABLE_WINDOWS_1252,
         "[Ann\xC3\xA9"
         "e][Quartier]",
         "2 [2013][Europ\xC3\xA9"
         "en]\n"},
        {"one letter at the end", "a,b\n1,caf\xE9", 0, TABLE_WINDOWS_1252, "[a][b]",
         "2 [1][caf\xC3\xA9]\n"},
        {"euro and quotes",
         "price,who\n\x80 5,\x93"
         "me\x94\n",
         0, TABLE_WINDOWS_1252, "[price][who]", "2 [\xE2\x82\xAC 5][\xE2\x80\x9Cme\xE2\x80\x9D]\n"},
        {"GBK", "\xD0\xD5\xC3\xFB,\xC4\xEA\xC1\xE4\n\xCD\xF5\xCE\xB0,34\n", 0, TABLE_GB18030,
         "[" ZH "][\xE5\xB9\xB4\xE9\xBE\x84]", "2 [\xE7\x8E\x8B\xE4\xBC\x9F][34]\n"},
        {"GB18030 with a character of four bytes",
         "\xD0\xD5\xC3\xFB,\xB3\xC7\xCA\xD0\n\xCD\xF5\x81\x39\xEF\x31,\xB1\xB1\xBE\xA9\n", 0,
         TABLE_GB18030, "[" ZH "][\xE5\x9F\x8E\xE5\xB8\x82]",
         "2 [\xE7\x8E\x8B\xE3\x90\x82][\xE5\x8C\x97\xE4\xBA\xAC]\n"},
        {"Big5", "\xA9m\xA6W,\xA6~\xC4\xD6\n\xA4\xFD\xA4j\xA9\xFA,34\n", 0, TABLE_BIG5,
         "[" ZH "][\xE5\xB9\xB4\xE9\xBD\xA1]", "2 [\xE7\x8E\x8B\xE5\xA4\xA7\xE6\x98\x8E][34]\n"},
        {"UTF-16LE with mark",
         "\xFF\xFE"
         "a\0,\0b\0\n\0001\0,\0\x16\x4E\n\0",
         18, TABLE_UTF_16LE, "[a][b]", "2 [1][\xE4\xB8\x96]\n"},
        {"UTF-16BE with mark", "\xFE\xFF\0a\0,\0b\0\n\0001\0,\x4E\x16\0\n", 18, TABLE_UTF_16BE,
         "[a][b]", "2 [1][\xE4\xB8\x96]\n"},
        {"UTF-16LE without mark", "a\0,\0b\0\n\0001\0,\0\x16\x4E\n\0", 16, TABLE_UTF_16LE, "[a][b]",
         "2 [1][\xE4\xB8\x96]\n"},
        {"UTF-16BE without mark, a pair of surrogates", "\0a\0,\0b\0\n\0001\0,\xD8\x3C\xDF\x0A\0\n",
         18, TABLE_UTF_16BE, "[a][b]", "2 [1][\xF0\x9F\x8C\x8A]\n"},
        {"UTF-32LE with mark", "\xFF\xFE\0\0a\0\0\0\n\0\0\0x\0\0\0", 16, TABLE_UTF_32LE, "[a]",
         "2 [x]\n"},
        {"UTF-8", ZH ",b\n1,2\n", 0, TABLE_UTF_8, "[" ZH "][b]", "2 [1][2]\n"},
        {"UTF-8 of two bytes",
         "Ann\xC3\xA9"
         "e,b\n1,2\n",
         0, TABLE_UTF_8,
         "[Ann\xC3\xA9"
         "e][b]",
         "2 [1][2]\n"},
        /* These pairs of GB18030 are UTF-8 as well, of letters that nobody writes side by side. */
        {"UTF-8 by accident", "\xCF\xC2\xCE\xE7,b\n\xC9\xCF\xCE\xE7,2\n\xCF\xC2,3\n", 0,
         TABLE_GB18030, "[\xE4\xB8\x8B\xE5\x8D\x88][b]",
         "2 [\xE4\xB8\x8A\xE5\x8D\x88][2]\n3 [\xE4\xB8\x8B][3]\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pd_str text = {cases[i].text, cases[i].len != 0 ? cases[i].len : strlen(cases[i].text)};
        struct reading reading = read_every_way(text, NULL, NULL);
        if (reading.dialect.encoding != cases[i].encoding)
            fail_msg("%s: %s (%s)", cases[i].what, reading.dialect.encoding_evidence,
                     reading.err.text);
        assert_reads(&reading, cases[i].header, cases[i].rows);
        const char *name = table_encoding_name(cases[i].encoding);
        if (reading.dialect.encoding_evidence[0] != 'A') /* "ASCII, ..." */
            assert_non_null(strstr(reading.dialect.encoding_evidence, name));
        reading_clear(&reading);
    }
}

static void a_given_encoding_is_used(void **state) {
    (void)state;
    static const struct {
        const char *name, *text, *rows;
    } cases[] = {
        {"windows-1251", "a\n\xCF\xF0\xE8\xE2\xE5\xF2\n",
         "2 [\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82]\n"},
        {"Shift_JIS", "a\n\x93\xFA\x96{\n", "2 [\xE6\x97\xA5\xE6\x9C\xAC]\n"},
        {"LATIN1", "a\n\xE9\n", "2 [\xC3\xA9]\n"},
        {"gbk",
         "a\n\xE9"
         "e\n",
         "2 [\xE9\x96\x91]\n"},
        {"cp850", "a\n\x82\n", "2 [\xC3\xA9]\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct table_dialect given = {0};
        assert_true(table_encoding_parse(pd_str_from(cases[i].name), &given.encoding));
        struct reading reading = read_every_way(pd_str_from(cases[i].text), NULL, &given);
        assert_reads(&reading, "[a]", cases[i].rows);
        assert_non_null(strstr(reading.dialect.encoding_evidence, "as was given"));
        reading_clear(&reading);
    }
    enum table_encoding none;
    assert_false(table_encoding_parse(PD_STR("utf-7"), &none));
    assert_false(table_encoding_parse(PD_STR(""), &none));
}

static void a_wrong_or_mixed_encoding_is_refused_with_its_lines(void **state) {
    (void)state;
    static const struct {
        const char *what, *text;
        const char *says[3];
    } cases[] = {
        {"UTF-8 lines and Western ones",
         "a,b\n1,caf\xC3\xA9\n2,caf\xE9\n3,x\n4,\xC3\xA9t\xC3\xA9\n5,\xE9t\xE9\n",
         {"mixes encodings", "line 3, 6 are not UTF-8", "line 2, 5 are"}},
        {"Cyrillic",
         "a\n\xCF\xF0\xE8\xE2\xE5\xF2\n\xEC\xE8\xF0\n",
         {"line 2, column 1", "0xCF", "--encoding="}},
        {"the mark of UTF-8 lies",
         "\xEF\xBB\xBF"
         "a\ncaf\xE9\n",
         {"line 2, column 4", "0xE9", "byte order mark"}},
        {"bytes of no sense", "a\n\xFF\xFF\xFF\n", {"line 2, column 1", "0xFF"}},
        {"GB18030 is cut off",
         "\xD0\xD5\xC3\xFB,b\n\xCD\xF5\xCE\xB0\xBA\xC5\xC2\xEB,\xB1",
         {"line 2"}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct reading reading = read_every_way(pd_str_from(cases[i].text), NULL, NULL);
        assert_int_equal(reading.status, PD_INVALID);
        for (size_t k = 0; k < 3 && cases[i].says[k] != NULL; k++)
            if (strstr(reading.err.text, cases[i].says[k]) == NULL)
                fail_msg("%s: \"%s\" lacks \"%s\"", cases[i].what, reading.err.text,
                         cases[i].says[k]);
        reading_clear(&reading);
    }
}

/* Many rows of ASCII, then `late`. */
static struct pd_buf ascii_then(const char *late, size_t late_lines) {
    struct pd_buf text = {0};
    pd_buf_text(&text, "id,name\n");
    for (int i = 0; i < 300; i++)
        pd_buf_printf(&text, "%d,plain\n", i);
    for (size_t i = 0; i < late_lines; i++)
        pd_buf_printf(&text, "%zu,%s\n", 1000 + i, late);
    return text;
}

static void a_late_letter_still_decides_the_encoding(void **state) {
    (void)state;
    static const struct {
        const char *late, *read;
        enum table_encoding encoding;
    } cases[] = {
        {"caf\xE9", "[caf\xC3\xA9]", TABLE_WINDOWS_1252},
        {"\xCD\xF5\xCE\xB0", "[\xE7\x8E\x8B\xE4\xBC\x9F]", TABLE_GB18030},
        {"caf\xC3\xA9", "[caf\xC3\xA9]", TABLE_UTF_8},
    };
    const struct table_limits small = {.sample_bytes = 64, .batch_bytes = 100};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t lines = 1; lines < 200; lines += 198) {
            struct pd_buf text = ascii_then(cases[i].late, lines);
            struct reading reading = read_every_way(as_str(&text), &small, NULL);
            assert_int_equal(reading.status, PD_OK);
            assert_int_equal(reading.dialect.encoding, cases[i].encoding);
            assert_int_equal(reading.counts.rows, 300 + lines);
            assert_non_null(strstr(text_of(&reading.rows), cases[i].read));
            assert_non_null(strstr(reading.dialect.encoding_evidence, "ASCII until line 302"));
            reading_clear(&reading);
            pd_buf_clear(&text);
        }
    }
}

static void what_contradicts_the_finding_later_is_refused_with_its_place(void **state) {
    (void)state;
    const struct table_limits small = {.sample_bytes = 64, .batch_bytes = 100};
    struct pd_buf text = {0};
    pd_buf_text(&text, "id,name\n");
    for (int i = 0; i < 200; i++)
        pd_buf_printf(&text, "%d,\xCD\xF5\xCE\xB0\n", i);
    pd_buf_text(&text, "201,caf\xE9\n");
    struct reading reading = read_every_way(as_str(&text), &small, NULL);
    assert_int_equal(reading.status, PD_INVALID);
    assert_non_null(strstr(reading.err.text, "line 202, column 8: bytes E9"));
    assert_non_null(strstr(reading.err.text, "GB18030"));
    assert_non_null(strstr(reading.err.text, "--encoding="));
    assert_true(reading.batches > 5); /* what stands before was read */
    reading_clear(&reading);
    pd_buf_clear(&text);
}

static void utf_8_late_in_a_western_file_is_refused_unless_the_encoding_was_given(void **state) {
    (void)state;
    const struct table_limits small = {.sample_bytes = 64, .batch_bytes = 100};
    struct pd_buf text = {0};
    pd_buf_text(&text, "id,name\n");
    for (int i = 0; i < 200; i++)
        pd_buf_printf(&text, "%d,caf\xE9\n", i);
    pd_buf_text(&text, "200,caf\xC3\xA9\n");
    struct reading reading = read_every_way(as_str(&text), &small, NULL);
    assert_int_equal(reading.status, PD_INVALID);
    assert_non_null(strstr(reading.err.text, "line 202, column 8: bytes C3 A9"));
    assert_non_null(strstr(reading.err.text, "mixes encodings"));
    reading_clear(&reading);
    const struct table_dialect given = {.encoding = TABLE_WINDOWS_1252};
    reading = read_every_way(as_str(&text), &small, &given);
    assert_int_equal(reading.status, PD_OK);
    assert_non_null(strstr(text_of(&reading.rows), "[caf\xC3\x83\xC2\xA9]"));
    reading_clear(&reading);
    pd_buf_clear(&text);
}

static void a_long_file_of_another_encoding_reads_as_its_copy_in_utf_8(void **state) {
    (void)state;
    struct pd_buf gbk = {0}, utf8 = {0};
    pd_buf_text(&gbk, "\xD0\xD5\xC3\xFB,n\n");
    pd_buf_text(&utf8, ZH ",n\n");
    for (int i = 0; i < 60000; i++) { /* longer than the sample */
        pd_buf_printf(&gbk, "\"\xCD\xF5\n\xCE\xB0\",%d\n", i);
        pd_buf_printf(&utf8, "\"\xE7\x8E\x8B\n\xE4\xBC\x9F\",%d\n", i);
    }
    struct reading a = read_pieces(as_str(&gbk), 4093, NULL, NULL);
    struct reading b = read_pieces(as_str(&utf8), 65536, NULL, NULL);
    assert_int_equal(a.status, PD_OK);
    assert_int_equal(a.counts.rows, 60000);
    assert_int_equal(a.counts.bytes, gbk.len);
    assert_int_equal(a.rows.len, b.rows.len);
    assert_memory_equal(a.rows.data, b.rows.data, a.rows.len);
    reading_clear(&a);
    reading_clear(&b);
    pd_buf_clear(&gbk);
    pd_buf_clear(&utf8);
}

/* ---- Where the table is ---- */

static void titles_headers_and_notes_are_told_apart(void **state) {
    (void)state;
    static const struct {
        const char *what, *text, *header, *rows, *aside;
    } cases[] = {
        {"titles as a sheet pads them",
         "Report 2020,,\nin tonnes,,\n,,\nYear,Jan,Feb\n2001,1,2\n2002,3,4\n", "[Year][Jan][Feb]",
         "5 [2001][1][2]\n6 [2002][3][4]\n", ""},
        {"titles of one field", "Report 2020\n\nid;name\n1;x\n2;y\n", "[id][name]",
         "4 [1][x]\n5 [2][y]\n", ""},
        {"a remark", "# checked\nid,name\n1,x\n2,y\n", "[id][name]", "3 [1][x]\n4 [2][y]\n", ""},
        {"a title over two columns", "Report,\nid,count\na,1\nb,2\n", "[id][count]",
         "3 [a][1]\n4 [b][2]\n", ""},
        {"a blank name is no title", "id,,age\n1,a,30\n2,b,26\n", "[id][][age]",
         "2 [1][a][30]\n3 [2][b][26]\n", ""},
        {"a gap in the first row is no title", "id,count\na,\nb,2\n", "[id][count]",
         "2 [a][]\n3 [b][2]\n", ""},
        {"no header: figures above figures", "1,english\n2,german\n3,dutch\n", "[][]",
         "1 [1][english]\n2 [2][german]\n3 [3][dutch]\n", ""},
        {"no header: texts that come again",
         "Bachelors;Higher;*\nMasters;Higher;*\n11th;Secondary;*\n", "[][][]",
         "1 [Bachelors][Higher][*]\n2 [Masters][Higher][*]\n3 [11th][Secondary][*]\n", ""},
        {"one row of figures", "1,2,3\n", "[][][]", "1 [1][2][3]\n", ""},
        {"years are names", "Region,2000,2001,2002\nN,1500,1600,1700\nS,1200,1900,2001\n",
         "[Region][2000][2001][2002]", "2 [N][1500][1600][1700]\n3 [S][1200][1900][2001]\n", ""},
        {"codes are names", "id,100022,100025\nid1,5,6\nid2,7,8\n", "[id][100022][100025]",
         "2 [id1][5][6]\n3 [id2][7][8]\n", ""},
        {"numbered columns", ",0,1,2\na,0,5,3\nb,4,1,2\n", "[][0][1][2]",
         "2 [a][0][5][3]\n3 [b][4][1][2]\n", ""},
        {"a header that comes again", "name,kind\nx,y\nname,kind\nz,w\n", "[name][kind]",
         "2 [x][y]\n3 [name][kind]\n4 [z][w]\n", ""},
        {"a header of two records",
         ",,North,South,West\nNo,Item,tons,tons,tons\n1,coal,5,6,7\n2,steel,8,9,10\n",
         "[No][Item][North tons][South tons][West tons]",
         "3 [1][coal][5][6][7]\n4 [2][steel][8][9][10]\n", ""},
        {"a first row without its figure is a row",
         "name,age\njohn,unclear\nmary,30\nbob,31\nann,5\nx,7\n", "[name][age]",
         "2 [john][unclear]\n3 [mary][30]\n4 [bob][31]\n5 [ann][5]\n6 [x][7]\n", ""},
        {"notes below, as a sheet pads them",
         "a,b,c\n1,2,3\n4,5,6\n,,\nSource: the office,,\n\"* all of it, provisional\",,\n",
         "[a][b][c]", "2 [1][2][3]\n3 [4][5][6]\n",
         "4 3/3 2 <>\n5 3/3 20 <Source: the office>\n6 3/3 28 <* all of it, provisional>\n"},
        {"a last row with a key alone is a row", "a,b,c\n1,2,3\nK77,,\n", "[a][b][c]",
         "2 [1][2][3]\n3 [K77][][]\n", ""},
        {"remarks amid the table are rows", "a,b,c\n1,2,3\nPart: two,,\n4,5,6\nPart: three,,\n",
         "[a][b][c]", "2 [1][2][3]\n3 [Part: two][][]\n4 [4][5][6]\n5 [Part: three][][]\n", ""},
        {"a line that says the separator", "sep=;\na;b\n1;2,5\n", "[a][b]", "3 [1][2,5]\n", ""},
        {"apostrophes as quotes", "'a','b'\n'1,5','x'\n'2,5','y'\n", "[a][b]",
         "2 [1,5][x]\n3 [2,5][y]\n", ""},
        {"apostrophes in text", "a,b\nit's,x\nJohn's,y\n", "[a][b]", "2 [it's][x]\n3 [John's][y]\n",
         ""},
        {"a quoted line end in the header", "\"a\nb\",c\n1,2\n3,4\n", "[a\nb][c]",
         "3 [1][2]\n4 [3][4]\n", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct reading reading = read_every_way(pd_str_from(cases[i].text), NULL, NULL);
        if (reading.status != PD_OK || strcmp(text_of(&reading.rows), cases[i].rows) != 0)
            print_message("case: %s: %s %s\n", cases[i].what, reading.err.text,
                          reading.dialect.header_evidence);
        assert_reads(&reading, cases[i].header, cases[i].rows);
        assert_string_equal(text_of(&reading.aside), cases[i].aside);
        assert_int_not_equal(reading.dialect.header_evidence[0], '\0');
        reading_clear(&reading);
    }
}

static void notes_are_told_apart_however_the_batches_fall(void **state) {
    (void)state;
    const char *text = "a,b,c\n1,2,3\n4,5,6\n7,8,9\n,,\nSource: the office,,\n* so far,,\n";
    for (size_t batch = 1; batch < 80; batch++) {
        const struct table_limits limits = {.batch_bytes = batch};
        struct reading reading = read_every_way(pd_str_from(text), &limits, NULL);
        assert_int_equal(reading.status, PD_OK);
        /* A batch with room for few rows can't hold the notes back: then they are rows. */
        assert_int_equal(reading.counts.rows + reading.counts.notes, 6);
        assert_true(reading.counts.notes == 3 || (batch < 60 && reading.counts.notes == 0));
        reading_clear(&reading);
    }
}

static void where_the_table_begins_can_be_given(void **state) {
    (void)state;
    const char *text = "x\n\na,b\n1,2\n3,4\n";
    struct table_dialect given = {.first_line = 4};
    struct reading reading = read_every_way(pd_str_from(text), NULL, &given);
    assert_reads(&reading, "[1][2]", "5 [3][4]\n");
    assert_int_equal(reading.counts.titles, 2);
    assert_non_null(strstr(reading.dialect.header_evidence, "line 4, as was given"));
    reading_clear(&reading);
    given = (struct table_dialect){.header = TABLE_HEADER_NONE, .first_line = 3};
    reading = read_every_way(pd_str_from(text), NULL, &given);
    assert_reads(&reading, "[][]", "3 [a][b]\n4 [1][2]\n5 [3][4]\n");
    reading_clear(&reading);
    given = (struct table_dialect){.header = TABLE_HEADER_NONE};
    reading = read_every_way(PD_STR("a,b\n1,2\n"), NULL, &given);
    assert_reads(&reading, "[][]", "1 [a][b]\n2 [1][2]\n");
    reading_clear(&reading);
    given = (struct table_dialect){.first_line = 2};
    reading = read_every_way(pd_str_from(text), NULL, &given);
    assert_int_equal(reading.status, PD_INVALID);
    assert_non_null(strstr(reading.err.text, "no record begins at line 2"));
    assert_non_null(strstr(reading.err.text, "line 3"));
    reading_clear(&reading);
    given = (struct table_dialect){.first_line = 9};
    reading = read_every_way(pd_str_from(text), NULL, &given);
    assert_int_equal(reading.status, PD_INVALID);
    assert_non_null(strstr(reading.err.text, "before line 9"));
    reading_clear(&reading);
}

static void twenty_thousand_columns_are_read(void **state) {
    (void)state;
    struct pd_buf text = {0};
    for (int c = 0; c < 20000; c++)
        pd_buf_printf(&text, "%sa rather long name %d", c > 0 ? ";" : "", c);
    for (int r = 0; r < 30; r++)
        for (int c = 0; c < 20000; c++)
            pd_buf_printf(&text, "%c%d", c > 0 ? ';' : '\n', c * r);
    pd_buf_char(&text, '\n');
    struct reading reading = read_pieces(as_str(&text), 65536, NULL, NULL);
    assert_int_equal(reading.status, PD_OK);
    assert_int_equal(reading.columns, 20000);
    assert_int_equal(reading.counts.rows, 30);
    assert_int_equal(reading.dialect.separator, ';');
    reading_clear(&reading);
    pd_buf_clear(&text);
}

/* ---- JSON ---- */

static void json_reads_as_a_table(void **state) {
    (void)state;
    static const struct {
        const char *what, *text;
        enum table_form form;
        const char *header, *rows;
    } cases[] = {
        {"lines", "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n", TABLE_JSON_LINES, "[a][b]",
         "1 [1][x]\n2 [2][y]\n"},
        {"a list", "[ {\"a\": 1} ,\n {\"a\": 2} ]\n", TABLE_JSON, "[a]", "1 [1]\n2 [2]\n"},
        {"a list within an object",
         "{\"type\":\"X\",\"list\":[1,2],\"rows\":[{\"a\":1},{\"a\":2}],\"more\":{\"x\":[]}}",
         TABLE_JSON, "[a]", "1 [1]\n1 [2]\n"},
        {"a list within an object within an object", "{\"result\":{\"records\":[{\"a\":1}]}}",
         TABLE_JSON, "[a]", "1 [1]\n"},
        {"one record alone", "{\"a\":1,\"b\":[1,2]}", TABLE_JSON_LINES, "[a][b]", "1 [1][[1,2]]\n"},
        {"keys that differ", "{\"a\":1}\n{\"b\":2}\n{\"c\":3,\"a\":4}\n", TABLE_JSON_LINES,
         "[a][b][c]", "1 [1][][]\n2 [][2][]\n3 [4][][3]\n"},
        {"digits stay", "{\"n\":1.10}\n{\"n\":123456789012345678901234567890}\n{\"n\":-0.5e-3}\n",
         TABLE_JSON_LINES, "[n]", "1 [1.10]\n2 [123456789012345678901234567890]\n3 [-0.5e-3]\n"},
        {"null is empty, false is not", "{\"a\":null,\"b\":false}\n{\"a\":true,\"b\":\"\"}\n",
         TABLE_JSON_LINES, "[a][b]", "1 [][false]\n2 [true][]\n"},
        {"objects are opened, lists stay",
         "{\"p\":{\"q\":{\"r\":1}, \"s\":[ 1, {\"t\" : \"a b\"} ]}}\n{\"p\":null}\n{\"p\":{}}\n",
         TABLE_JSON_LINES, "[p][p.q.r][p.s]",
         "1 [][1][[1,{\"t\":\"a b\"}]]\n2 [][][]\n3 [{}][][]\n"},
        {"an object that is null elsewhere has no column",
         "{\"p\":null,\"a\":1}\n{\"p\":{\"q\":2},\"a\":3}\n", TABLE_JSON_LINES, "[a][p.q]",
         "1 [1][]\n2 [3][2]\n"},
        {"escapes", "{\"a\\u00e9\":\"\\\"\\\\\\/\\n\\t\\u4e16\\ud83c\\udf0a\"}\n", TABLE_JSON_LINES,
         "[a\xC3\xA9]", "1 [\"\\/\n\t\xE4\xB8\x96\xF0\x9F\x8C\x8A]\n"},
        {"an escape in a list stays", "[{\"a\":[\"x\\\" ]\", 1]}]", TABLE_JSON, "[a]",
         "1 [[\"x\\\" ]\",1]]\n"},
        {"a mark before it", "\xEF\xBB\xBF[{\"a\":1}]", TABLE_JSON, "[a]", "1 [1]\n"},
        {"records over several lines", "{\n \"a\": 1\n}\r\n{\n \"a\": 2\n}\n", TABLE_JSON_LINES,
         "[a]", "1 [1]\n4 [2]\n"},
        {"an empty record", "{}\n{\"a\":1}\n", TABLE_JSON_LINES, "[a]", "1 []\n2 [1]\n"},
        {"CSV that begins like it", "[x],{y}\n1,2\n", TABLE_CSV, "[[x]][{y}]", "2 [1][2]\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct reading reading = read_every_way(pd_str_from(cases[i].text), NULL, NULL);
        if (reading.status != PD_OK || strcmp(text_of(&reading.rows), cases[i].rows) != 0)
            print_message("case: %s: %s\n", cases[i].what, reading.err.text);
        assert_int_equal(reading.dialect.form, cases[i].form);
        assert_reads(&reading, cases[i].header, cases[i].rows);
        reading_clear(&reading);
    }
}

static void wrong_json_is_refused_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *says[2];
    } cases[] = {
        {"{\"a\":1}\n{\"a\":1,\"b\":2,\"a\":3}\n", {"line 2, column 14", "key \"a\" twice"}},
        {"{\"a\":{\"b\":1},\n\"a.b\":2}\n{\"a\":1}", {"line 2, column 1", "\"a.b\" twice"}},
        {"[{\"a\":1},\n{\"a\":01}]", {"line 2, column 7", "number"}},
        {"[{\"a\":1},\n{\"a\":1.}]", {"line 2, column 8", "number"}},
        {"[{\"a\":1},\n2]", {"line 2, column 1", "a single value stands where a record"}},
        {"[{\"a\":1},[2]]", {"line 1, column 10", "a list stands where a record"}},
        {"{\"a\":1}\n[2]\n", {"line 2, column 1", "a list stands where a record"}},
        {"[{\"a\":1}", {"line 1, column 9", "ends within"}},
        {"[{\"a\":\"x\ny\"}]", {"line 1, column 9", "control character"}},
        {"[{\"a\":tru}]", {"line 1, column 10", "true, false or null"}},
        {"[{\"a\":\"\\x\"}]", {"line 1, column 9", "unknown escape"}},
        {"[{\"a\":\"\\u0000\"}]", {"line 1, column 8", "\\u0000"}},
        {"[{\"a\":\"\\ud800x\"}]", {"line 1, column 8", "half of a pair"}},
        {"[{\"a\" 1}]", {"line 1, column 7", "colon"}},
        {"[{\"a\":1}{", {"line 1, column 9", "comma"}},
        {"[{\"a\":1]]", {"line 1, column 8", "closing bracket"}},
        {"[{\"a\":1}]\n{}", {"line 2, column 1", ""}},
        {"{\"x\":[{\"a\":1}],\"y\":[{\"b\":1}]}", {"\"x\" and \"y\"", "--records=y"}},
        {"[]", {"no list of records", ""}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct reading reading = read_every_way(pd_str_from(cases[i].text), NULL, NULL);
        if (reading.status != PD_INVALID)
            print_message("case: %s\n", cases[i].text);
        assert_int_equal(reading.status, PD_INVALID);
        for (size_t k = 0; k < 2; k++)
            if (strstr(reading.err.text, cases[i].says[k]) == NULL)
                fail_msg("%s: \"%s\" lacks \"%s\"", cases[i].text, reading.err.text,
                         cases[i].says[k]);
        reading_clear(&reading);
    }
}

static void which_list_of_records_can_be_given(void **state) {
    (void)state;
    struct table_dialect given = {.records = "y"};
    pd_str text = PD_STR("{\"x\":[{\"a\":1}],\"y\":[{\"b\":1}]}");
    struct reading reading = read_every_way(text, NULL, &given);
    assert_reads(&reading, "[b]", "1 [1]\n");
    reading_clear(&reading);
    given = (struct table_dialect){.records = "z"};
    reading = read_every_way(text, NULL, &given);
    assert_int_equal(reading.status, PD_INVALID);
    assert_non_null(strstr(reading.err.text, "no list of records \"z\""));
    reading_clear(&reading);
}

static void nesting_and_keys_of_json_are_bounded(void **state) {
    (void)state;
    struct pd_buf text = {0};
    pd_buf_text(&text, "{\"a\":");
    for (int i = 0; i < 100000; i++)
        pd_buf_char(&text, '[');
    struct reading reading = read_pieces(as_str(&text), 4096, NULL, NULL);
    assert_int_equal(reading.status, PD_INVALID);
    assert_non_null(strstr(reading.err.text, "nested deeper than 64"));
    reading_clear(&reading);
    pd_buf_reset(&text);
    for (int i = 0; i < 40; i++)
        pd_buf_printf(&text, "{\"k%d\":1}\n", i);
    const struct table_limits few = {.columns = 30};
    reading = read_pieces(as_str(&text), 7, &few, NULL);
    assert_int_equal(reading.status, PD_LIMIT);
    assert_non_null(strstr(reading.err.text, "line 31"));
    reading_clear(&reading);
    pd_buf_clear(&text);
}

/* A reader that isn't read_pieces': the second one is given what the first found, names included.
 */
static void json_beyond_what_is_held_is_read_twice(void **state) {
    (void)state;
    struct pd_buf text = {0};
    for (int i = 0; i < 500; i++)
        pd_buf_printf(&text, "{\"a\":%d,\"b\":\"x\"}\n", i);
    pd_buf_text(&text, "{\"late\":{\"key\":1}}\n");
    struct reading held = read_pieces(as_str(&text), 100, NULL, NULL);
    assert_int_equal(held.status, PD_OK);
    const struct table_limits small = {.held_bytes = 1000, .sample_bytes = 64, .batch_bytes = 500};
    struct reading first = {0}, second = {0};
    struct table_handler handler = {&first, note_header, note_batch, note_set_aside};
    struct table_reader *a, *b;
    assert_int_equal(table_reader_new(&small, NULL, &handler, &a, &first.err), PD_OK);
    for (size_t at = 0; at < text.len; at += 100)
        assert_int_equal(
            table_feed(a, text.data + at, text.len - at < 100 ? text.len - at : 100, &first.err),
            PD_OK);
    assert_int_equal(table_finish(a, &first.err), PD_OK);
    assert_true(table_reader_needs_again(a));
    assert_int_equal(first.columns, 0);
    handler.context = &second;
    assert_int_equal(table_reader_new(&small, table_reader_dialect(a), &handler, &b, &second.err),
                     PD_OK);
    table_reader_free(a);
    assert_int_equal(table_feed(b, text.data, text.len, &second.err), PD_OK);
    assert_int_equal(table_finish(b, &second.err), PD_OK);
    assert_false(table_reader_needs_again(b));
    assert_int_equal(table_reader_counts(b).rows, 501);
    assert_string_equal(text_of(&second.header), "[a][b][late.key]");
    assert_string_equal(text_of(&second.rows), text_of(&held.rows));
    assert_true(second.batches > 3);
    table_reader_free(b);
    reading_clear(&held);
    reading_clear(&first);
    reading_clear(&second);
    pd_buf_clear(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_encoding_is_found_by_evidence),
        cmocka_unit_test(a_given_encoding_is_used),
        cmocka_unit_test(a_wrong_or_mixed_encoding_is_refused_with_its_lines),
        cmocka_unit_test(a_late_letter_still_decides_the_encoding),
        cmocka_unit_test(what_contradicts_the_finding_later_is_refused_with_its_place),
        cmocka_unit_test(utf_8_late_in_a_western_file_is_refused_unless_the_encoding_was_given),
        cmocka_unit_test(a_long_file_of_another_encoding_reads_as_its_copy_in_utf_8),
        cmocka_unit_test(titles_headers_and_notes_are_told_apart),
        cmocka_unit_test(notes_are_told_apart_however_the_batches_fall),
        cmocka_unit_test(where_the_table_begins_can_be_given),
        cmocka_unit_test(twenty_thousand_columns_are_read),
        cmocka_unit_test(json_reads_as_a_table),
        cmocka_unit_test(wrong_json_is_refused_with_its_place),
        cmocka_unit_test(which_list_of_records_can_be_given),
        cmocka_unit_test(nesting_and_keys_of_json_are_bounded),
        cmocka_unit_test(json_beyond_what_is_held_is_read_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
