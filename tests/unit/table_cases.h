/* What table_test.c reads and what must come of it. */
#ifndef POLDER_TABLE_CASES_H
#define POLDER_TABLE_CASES_H

#include <stddef.h>
#include <stdint.h>

static const struct good_case {
    const char *what;
    const char *text;
    const char *header;
    const char *rows;
    const char *aside;
} good_cases[] = {
    {"plain", "a,b\n1,2\n3,4\n", "[a][b]", "2 [1][2]\n3 [3][4]\n", ""},
    {"no line end at the end", "a,b\n1,2", "[a][b]", "2 [1][2]\n", ""},
    {"header only", "a,b\n", "[a][b]", "", ""},
    {"one column", "a\n1\n2\n", "[a]", "2 [1]\n3 [2]\n", ""},
    {"empty cells", "a,b,c\n,,\n\"\",,\"\"\n", "[a][b][c]", "2 [][][]\n3 [][][]\n", ""},
    {"CRLF", "a,b\r\n1,2\r\n", "[a][b]", "2 [1][2]\n", ""},
    {"lone CR", "a,b\r1,2\r3,4\r", "[a][b]", "2 [1][2]\n3 [3][4]\n", ""},
    {"mixed line ends", "a,b\r\n1,2\n3,4\r5,6\r\n", "[a][b]", "2 [1][2]\n3 [3][4]\n4 [5][6]\n", ""},
    {"blank lines", "\n\na,b\n\r\n1,2\n\n\n3,4\n\n", "[a][b]", "5 [1][2]\n8 [3][4]\n", ""},
    {"CR CR LF is a blank line", "a,b\r\r\n1,2\r\r\n", "[a][b]", "3 [1][2]\n", ""},
    {"mark",
     "\xEF\xBB\xBF"
     "a,b\n1,2\n",
     "[a][b]", "2 [1][2]\n", ""},
    {"two marks", "\xEF\xBB\xBF\xEF\xBB\xBF\"a\",b\n1,2\n", "[a][b]", "2 [1][2]\n", ""},
    {"quoted separator", "a,b\n\"1,1\",2\n", "[a][b]", "2 [1,1][2]\n", ""},
    {"quoted line ends", "a,b\n\"1\n1\r\n1\r1\",2\n3,4\n", "[a][b]",
     "2 [1\n1\r\n1\r1][2]\n6 [3][4]\n", ""},
    {"doubled quotes", "a,b\n\"say \"\"ha\"\"\",\"\"\"\"\n\"\"\"\"\"\",x\n", "[a][b]",
     "2 [say \"ha\"][\"]\n3 [\"\"][x]\n", ""},
    {"quote within a plain cell is text", "a,b\n5\" nail,x\"y\"\n", "[a][b]",
     "2 [5\" nail][x\"y\"]\n", ""},
    {"text after a closing quote stays", "a,b\n\"x\"y,\"x\" \"y\"\n\"p\"\"q\"r\"\"s,2\n", "[a][b]",
     "2 [xy][x \"y\"]\n3 [p\"qr\"\"s][2]\n", ""},
    {"space before a quote makes it text", "a,b\n \"1\",2\n", "[a][b]", "2 [ \"1\"][2]\n", ""},
    {"quoted header with line end", "\"a\nb\",c\n1,2\n", "[a\nb][c]", "3 [1][2]\n", ""},
    {"too few and too many", "a,b,c\n1,2\n1,2,3\n1,2,3,4\n\n1\n", "[a][b][c]", "3 [1][2][3]\n",
     "2 2/3 3 <1,2>\n4 4/3 7 <1,2,3,4>\n6 1/3 1 <1>\n"},
    {"empty fields beyond the header are left out", "a,b\n1,2,\n3,4,,\"\"\n5,6\n", "[a][b]",
     "2 [1][2]\n3 [3][4]\n4 [5][6]\n", ""},
    {"a field with text beyond the header is one too many", "a,b\n1,2,,x\n3,4\n", "[a][b]",
     "3 [3][4]\n", "2 4/2 6 <1,2,,x>\n"},
    {"set aside is as written", "a,b\n\"x \"\"y\"\"\"\n1,2\n", "[a][b]", "3 [1][2]\n",
     "2 1/2 9 <\"x \"\"y\"\"\">\n"},
    {"semicolon and decimal comma", "n;v\na;1,5\nb;2,5\n", "[n][v]", "2 [a][1,5]\n3 [b][2,5]\n",
     ""},
    {"tab", "n\tv\na\t1,5\n", "[n][v]", "2 [a][1,5]\n", ""},
    {"bar", "n|v\na|1;5\n", "[n][v]", "2 [a][1;5]\n", ""},
    {"Chinese", "\xE5\xA7\x93\xE5\x90\x8D,\xE5\xB9\xB4\n\xE7\x8E\x8B,1978\xE5\xB9\xB4\n",
     "[\xE5\xA7\x93\xE5\x90\x8D][\xE5\xB9\xB4]", "2 [\xE7\x8E\x8B][1978\xE5\xB9\xB4]\n", ""},
    {"four-byte characters", "a,b\n\xF0\x9F\x8C\x8A,\xF4\x8F\xBF\xBF\n", "[a][b]",
     "2 [\xF0\x9F\x8C\x8A][\xF4\x8F\xBF\xBF]\n", ""},
    {"duplicate and blank names stay", "a,a,\n1,2,3\n", "[a][a][]", "2 [1][2][3]\n", ""},
};

static const struct bad_case {
    const char *what;
    const char *text;
    size_t len; /* 0: up to the NUL */
    const char *says[3];
} bad_cases[] = {
    {"nothing", "", 0, {"the file is empty"}},
    {"a mark only", "\xEF\xBB\xBF", 0, {"the file is empty"}},
    {"blank lines only", "\n\r\n\n", 0, {"blank lines only"}},
    {"overlong", "a\n\xC0\xAF\n", 0, {"line 2, column 1", "0xC0"}},
    {"overlong of three", "a\n\xE0\x80\x80\n", 0, {"line 2, column 1", "0xE0"}},
    {"surrogate", "a\nx\xED\xA0\x80\n", 0, {"line 2, column 2", "0xED"}},
    {"beyond Unicode", "a\n\xF4\x90\x80\x80\n", 0, {"line 2, column 1", "0xF4"}},
    {"lone continuation", "a\n\"\n\n\x80\"\n", 0, {"line 4, column 1", "0x80"}},
    {"cut off", "a\nx\r\ny\xF0\x9F\x8C", 0, {"line 3, column 2", "ends within a character"}},
    {"NUL",
     "a,b\r\n1,\0"
     "2\n",
     10,
     {"line 2, column 3", "NUL"}},
    {"a zero beside each character but one", "a,b\r\n\0001,2\n", 9, {"line 2, column 1", "NUL"}},
    {"mark does not count as text", "\xEF\xBB\xBFx\xFF\n", 0, {"line 1, column 2", "0xFF"}},
    {"open quote", "a,b\n1,2\n3,\"x\n\n", 0, {"line 3, column 3", "never closed"}},
    {"open quote in the header",
     "\xEF\xBB\xBF\"a,b\n1,2\n",
     0,
     {"line 1, column 1", "never closed"}},
};

/* Counts by an independent reader (Python 3 csv, blank lines dropped), the separator being known,
   without titles above the header and notes below the table; tests/vectors/tables.py compares
   cells. */
static const struct real_file {
    const char *path;
    char separator;
    size_t columns;
    uint64_t rows, set_aside;
} real_files[] = {
    {"catalogue/csv/xloader/boston_311_sample.csv", ',', 29, 3, 0},
    {"catalogue/csv/xloader/brazilian_sample.csv", ',', 95, 10, 0},
    {"catalogue/csv/xloader/date_formats.csv", ',', 3, 4, 0},
    {"catalogue/csv/xloader/german_sample.csv", ';', 10, 7, 0},
    {"catalogue/csv/xloader/mixed_numeric_string_sample.csv", ',', 4, 6, 0},
    {"catalogue/csv/xloader/sample_with_extra_blank_cells.csv", ',', 32, 1, 0},
    {"catalogue/csv/xloader/sample_with_mixed_quotes.csv", ',', 20, 2, 0},
    {"catalogue/csv/xloader/umlaut_and_extra_comma.csv", ',', 2, 2, 1},
    {"catalogue/csv/fr/MN_07_latest-2025-2026.csv", ';', 8, 100, 0},
    {"catalogue/csv/fr/irve.csv", ',', 52, 100, 0},
    {"catalogue/csv/fr/joconde.csv", '|', 68, 100, 0},
    {"catalogue/csv/us/FederalProgramInventory_FY13.csv", ',', 6, 1554, 0},
    {"catalogue/csv/us/OpenDataPolicyPointsofContact.csv", ',', 5, 165, 0},
    {"catalogue/csv/us/dotgov-current-federal.csv", ',', 7, 1321, 0},
    {"catalogue/csv/us/omb_bureau_codes.csv", ',', 6, 368, 0},
    {"catalogue/csv/cn/shenzhen_metro_card.csv", ',', 11, 4000, 0},
    {"catalogue/csv/cn/nbs/总人口.csv", ',', 6, 37, 0},
    {"catalogue/csv/cn/nbs/按受教育程度分人口数(人口抽样调查).csv", ',', 19, 37, 0},
    {"catalogue/csv/cn/nbs/高等教育学校(机构)数.csv", ',', 81, 37, 0},
    {"catalogue/csv/cn/codes/GB-2260.csv", ',', 13, 6564, 0},
    {"catalogue/csv/cn/codes/GB-3304-1991.csv", ',', 8, 56, 0},
    {"catalogue/csv/cn/codes/GB-4754-2017.csv", ',', 6, 1970, 0},
    {"catalogue/csv/tw/taitung_shelters_utf8bom.csv", ',', 13, 168, 0},
    {"catalogue/csv/frictionless/accent.csv", ';', 17, 2, 0},
    {"catalogue/csv/frictionless/doublequote.csv", ',', 17, 5, 0},
    {"catalogue/csv/frictionless/ogd10_energieforschungstatistik_ch.csv", ',', 6, 2311, 0},
    {"catalogue/csv/ch/01_04_prenom.csv", ';', 9, 5999, 0},
    {"catalogue/csv/messytables/begrotingsanalyse-2011.csv", ',', 20, 36, 0},
    {"catalogue/csv/messytables/excel_pasting.csv", ',', 9, 14, 0},
    {"catalogue/csv/messytables/mixedGLB.csv", ',', 19, 133, 0},
    {"privacy/frictionless/blank-rows-multiple.csv", ',', 3, 13, 0},
    {"privacy/frictionless/capital-invalid.csv", ',', 3, 8, 2},
    {"privacy/frictionless/delimiter.csv", ';', 2, 2, 0},
    {"privacy/frictionless/issue-1004-data1.csv", ',', 4, 3, 2},
    {"privacy/frictionless/issue-1138.csv", ';', 4, 7, 0},
    {"privacy/frictionless/issue-493.csv", ',', 126, 9, 0},
    {"privacy/frictionless/leading-zeros.csv", ',', 1, 3, 0},
    {"privacy/frictionless/table.tsv", '\t', 2, 3, 0},
    {"privacy/frictionless/vix.csv", ';', 5, 2, 0},
    {"privacy/csvw/manifest.csv", ',', 11, 208, 93},
    {"privacy/csvw/test052.csv", ',', 5, 2, 2},
    {"privacy/arx/adult.csv", ';', 9, 30162, 0},
    {"privacy/arx/arx_expected.tsv", '\t', 8, 36, 0},
    {"privacy/arx/test2_hierarchy_Age.csv", ';', 3, 9, 0},
};

#endif
