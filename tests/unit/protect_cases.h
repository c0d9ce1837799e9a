/* Tables of cases for protect_test.c: a cell or a plan, and what must become of it. */
#ifndef POLDER_PROTECT_CASES_H
#define POLDER_PROTECT_CASES_H

#include "protect/protect.h"

static const struct {
    const char *cell;
    enum protect_date to;
    const char *expected;
} DATES[] = {
    {"1985-03-09", PROTECT_DAY, "1985-03-09"},
    {"1985-03-09", PROTECT_MONTH, "1985-03"},
    {"1985-03-09", PROTECT_QUARTER, "1985-Q1"},
    {"1985-12-31", PROTECT_QUARTER, "1985-Q4"},
    {"1985-03-09", PROTECT_YEAR, "1985"},
    {"1985-03-09", PROTECT_FIVE_YEARS, "1985-1989"},
    {"1984-03-09", PROTECT_FIVE_YEARS, "1980-1984"},
    {"1985-03-09", PROTECT_DECADE, "1980-1989"},
    {"1985-03-09", PROTECT_SUPPRESSED, "*"},
    {"1985/3/9", PROTECT_DAY, "1985-03-09"},
    {"1985.03.09", PROTECT_MONTH, "1985-03"},
    {"19850309", PROTECT_MONTH, "1985-03"},
    {"198503", PROTECT_QUARTER, "1985-Q1"},
    {"1985年3月9日", PROTECT_DAY, "1985-03-09"},
    {"1985年3月", PROTECT_MONTH, "1985-03"},
    {"1985年", PROTECT_YEAR, "1985"},
    {" 1985-03-09 ", PROTECT_MONTH, "1985-03"},
    {"2018-09-01 05:24:22", PROTECT_HOUR, "2018-09-01T05"},
    {"2018-09-01T05:24", PROTECT_HOUR, "2018-09-01T05"},
    {"20180901052422", PROTECT_HOUR, "2018-09-01T05"},
    {"2018-09-01T05:24:22.123+08:00", PROTECT_HOUR, "2018-09-01T05"},
    {"2018-09-01T05:24:22Z", PROTECT_DAY, "2018-09-01"},
    {"2018年9月1日 5:24", PROTECT_HOUR, "2018-09-01T05"},
    {"2018-09-01", PROTECT_HOUR, "2018-09-01"}, /* coarser than asked stays so */
    {"2018-09", PROTECT_DAY, "2018-09"},
    {"2018", PROTECT_MONTH, "2018"},
    {"2024-02-29", PROTECT_MONTH, "2024-02"},
    {"", PROTECT_YEAR, ""},
    /* not dates */
    {"2023-02-29", PROTECT_YEAR, "*"},
    {"1985-00-09", PROTECT_YEAR, "*"},
    {"1985-13-09", PROTECT_YEAR, "*"},
    {"0000-01-01", PROTECT_YEAR, "*"},
    {"09/03/1985", PROTECT_YEAR, "*"}, /* day or month first: not said which */
    {"1985-03/09", PROTECT_YEAR, "*"},
    {"1985-03-09 25:00", PROTECT_YEAR, "*"},
    {"1985-03-09 10:61", PROTECT_YEAR, "*"},
    {"1985-03-09x", PROTECT_YEAR, "*"},
    {"1985-003-09", PROTECT_YEAR, "*"},
    {"198503091", PROTECT_YEAR, "*"},
    {"1985年3", PROTECT_YEAR, "*"},
    {"2018-09-01T05:24:22+8", PROTECT_HOUR, "*"},
    {"unknown", PROTECT_YEAR, "*"},
    {" ", PROTECT_YEAR, "*"},
};

static const struct {
    const char *cell;
    struct protect_width width;
    bool whole;
    const char *expected;
} NUMBERS[] = {
    {"0", {10, 0}, true, "0-9"},
    {"29", {10, 0}, true, "20-29"},
    {"30", {10, 0}, true, "30-39"},
    {"+7", {5, 0}, true, "5-9"},
    {"007", {5, 0}, true, "5-9"},
    {"20.0", {10, 0}, true, "20-29"},
    {"2e1", {10, 0}, true, "20-29"},
    {"-1", {10, 0}, true, "-10 to -1"},
    {"-10", {10, 0}, true, "-10 to -1"},
    {"-11", {10, 0}, true, "-20 to -11"},
    {"-0", {10, 0}, true, "0-9"},
    {"020", {1, 0}, true, "20"},
    {"999999999999999999", {10, 0}, true, "999999999999999990-999999999999999999"},
    {"-999999999999999999", {1000, 0}, true, "-1000000000000000000 to -999999999999999001"},
    {"0.7", {5, 1}, false, "[0.5,1.0)"},
    {"0.5", {5, 1}, false, "[0.5,1.0)"},
    {"0.49999999999999999999999", {5, 1}, false, "[0.0,0.5)"},
    {"-0.0000000001", {5, 1}, false, "[-0.5,0.0)"},
    {"-0.5", {5, 1}, false, "[-0.5,0.0)"},
    {".3", {1, 1}, false, "[0.3,0.4)"}, /* 0.3 / 0.1 is below 3 in binary */
    {"0.3", {1, 1}, false, "[0.3,0.4)"},
    {"3e-1", {1, 1}, false, "[0.3,0.4)"},
    {"29.5", {10, 0}, false, "[20,30)"},
    {"1234.5678", {25, 2}, false, "[1234.50,1234.75)"},
    {"0e9999", {5, 1}, false, "[0.0,0.5)"},
    {"", {10, 0}, true, ""},
    /* not numbers, or not of the column's kind */
    {"29.5", {10, 0}, true, "*"},
    {"1,234", {10, 0}, true, "*"},
    {"20-29", {10, 0}, true, "*"},
    {"1e18", {10, 0}, true, "*"},
    {"1000000000000000000", {10, 0}, true, "*"},
    {"99999999999999999999999", {10, 0}, true, "*"},
    {"1000000000", {1, 9}, false, "*"},
    {"1e99999", {10, 0}, true, "*"},
    {"1e999999", {10, 0}, true, "*"},
    {"1e", {10, 0}, true, "*"},
    {"1e+-5", {10, 0}, true, "*"},
    {".", {10, 0}, true, "*"},
    {"-", {10, 0}, true, "*"},
    {"1.2.3", {5, 1}, false, "*"},
    {"0x10", {10, 0}, true, "*"},
    {"nan", {10, 0}, true, "*"},
    {"12a", {10, 0}, true, "*"},
};

static const struct {
    const char *cell;
    unsigned keep;
    const char *expected;
} CODES[] = {
    {"518057", 3, "518***"}, {"518057", 6, "518057"},     {"51", 3, "51"},
    {"518057", 0, "*"},      {"粤B12345", 1, "粤******"}, {"", 0, ""},
    {"é1", 1, "é*"},
};

static const struct {
    const char *cell, *expected;
} MASKS[] = {
    /* e-mail: the domain stays, and the result is no address */
    {"zhang.san@example.cn", "*** @example.cn"},
    {"13812345678@163.com", "*** @163.com"},
    {"a@110105194912310021.cn", "*@****************.**"}, /* a number in the domain */
    {"a@192.0.2.1", "*@***.*.*.*"},
    {"Li <li@example.cn>", "** <**@********.**>"},
    {"https://u:p@h.example/", "********://*:*@*.********/"},
    /* telephones: three digits stay */
    {"13812345678", "138********"},
    {"138 1234 5678", "138 **** ****"},
    {"+86 138-1234-5678", "+86 1**-****-****"},
    {"010-62781234", "010-********"},
    {"(021) 62781234", "(021) ********"},
    /* names: the first character stays */
    {"张三", "张*"},
    {"张三丰", "张**"},
    {"欧阳娜娜", "欧***"},
    {"买买提·艾合买提", "买**·****"},
    {"Jane Roe", "J*** ***"},
    {"O'Neill", "O'********"},
    {"Müller", "M********"},
    {"홍길동", "홍**"},
    /* all else: only punctuation stays */
    {"11010519491231002X", "****************"},
    {"884-27-3324", "***-**-****"},
    {"1985-03-09", "****-**-**"},
    {"192.0.2.1", "***.*.*.*"},
    {"6217 1008 9897 2322", "**** **** **** ****"},
    {"１３８１２３４５６７８", "****************"},
    {"٠١٢٣٤٥٦٧", "********"},
    {"京A12345", "********"},
    {"北京市朝阳区建国路", "****************"},
    {"A", "*"},
    {"39.9042,116.4074", "**.****,***.****"},
    {" 13812345678 ", "138********"},
    {"The patient came in on Monday, 3 May.", "****************"},
    {"-", "-"},
    {"", ""},
};

#define QUASI      "\"quasi\":[{\"column\":1,\"name\":\"born\"}]"
#define STEP(text) "{\"k\":0,\"plan\":1,\"quasi\":[],\"steps\":[" text "]}"
static const struct {
    const char *text;
    enum pd_status status;
    const char *says;
} BAD_PLANS[] = {
    {"", PD_INVALID, "expected JSON"},
    {"[]", PD_INVALID, "expected an object"},
    {"{\"k\":0,\"plan\":1,\"quasi\":[]}", PD_INVALID, "\"steps\" is missing"},
    {"{\"k\":0,\"plan\":3,\"new\":1}", PD_UNSUPPORTED, "version 3"},
    {"{\"k\":0,\"plan\":0,\"quasi\":[],\"steps\":[]}", PD_INVALID, "version 0"},
    {"{\"k\":0,\"plan\":\"1\",\"quasi\":[],\"steps\":[]}", PD_INVALID, "\"plan\" must be"},
    {"{\"k\":0,\"plan\":1,\"quasi\":[],\"steps\":[],\"x\":1}", PD_INVALID, "no member \"x\""},
    {"{\"k\":0,\"k\":0,\"plan\":1,\"quasi\":[],\"steps\":[]}", PD_INVALID, "duplicate"},
    {"{\"k\":1,\"plan\":1," QUASI ",\"steps\":[]}", PD_INVALID, "at least 2, not 1"},
    {"{\"k\":-2,\"plan\":1," QUASI ",\"steps\":[]}", PD_INVALID, "\"k\" must be"},
    {"{\"k\":2.5,\"plan\":1," QUASI ",\"steps\":[]}", PD_INVALID, "\"k\" must be"},
    {"{\"k\":9007199254740992,\"plan\":1," QUASI ",\"steps\":[]}", PD_INVALID, "\"k\" must be"},
    {"{\"k\":5,\"plan\":1,\"quasi\":[],\"steps\":[]}", PD_INVALID, "needs quasi columns"},
    {"{\"k\":0,\"plan\":1,\"quasi\":{},\"steps\":[]}", PD_INVALID, "\"quasi\" must be an array"},
    {"{\"k\":0,\"plan\":1,\"quasi\":[1],\"steps\":[]}", PD_INVALID, "quasi[0]: expected"},
    {"{\"k\":0,\"plan\":1,\"quasi\":[{\"column\":2,\"name\":\"age\"},{\"column\":1,\"name\":"
     "\"born\"}],\"steps\":[]}",
     PD_INVALID, "must ascend"},
    {"{\"k\":0,\"plan\":1,\"quasi\":[{\"column\":1,\"name\":\"age\"}],\"steps\":[]}", PD_INVALID,
     "quasi[0]: the plan calls column 1 \"age\", but the table calls it \"born\""},
    {STEP("7"), PD_INVALID, "steps[0]: expected an object"},
    {STEP("{\"column\":0,\"method\":\"drop\"}"), PD_INVALID, "steps[0]: the member \"name\""},
    {STEP("{\"column\":0,\"method\":\"keep\",\"name\":\"id\"}"), PD_INVALID, "not \"keep\""},
    {STEP("{\"column\":0,\"method\":5,\"name\":\"id\"}"), PD_INVALID, "\"method\" must be text"},
    {STEP("{\"column\":5,\"method\":\"drop\",\"name\":\"id\"}"), PD_INVALID, "has 5 columns"},
    {STEP("{\"column\":-1,\"method\":\"drop\",\"name\":\"id\"}"), PD_INVALID, "\"column\" must"},
    {STEP("{\"column\":0,\"keep\":1,\"method\":\"drop\",\"name\":\"id\"}"), PD_INVALID,
     "no member \"keep\""},
    {STEP("{\"column\":0,\"keep\":1001,\"method\":\"generalise_text\",\"name\":\"id\"}"),
     PD_INVALID, "from 0 to 1000"},
    {STEP("{\"column\":0,\"date\":\"week\",\"method\":\"generalise_date\",\"name\":\"id\"}"),
     PD_INVALID, "not \"week\""},
    {STEP("{\"column\":0,\"method\":\"drop\",\"name\":\"id\"},{\"column\":0,\"method\":\"mask\","
          "\"name\":\"id\"}"),
     PD_INVALID, "steps[1]: column 0 has a step already"},
    {STEP("{\"column\":1,\"method\":\"drop\",\"name\":\"born\"},{\"column\":0,\"method\":"
          "\"mask\",\"name\":\"id\"}"),
     PD_INVALID, "column 0 comes after column 1"},
    {STEP("{\"column\":0,\"method\":\"drop\",\"name\":\"id\"},{\"column\":1,\"method\":\"drop\","
          "\"name\":\"born\"},{\"column\":2,\"method\":\"drop\",\"name\":\"age\"},{\"column\":3,"
          "\"method\":\"drop\",\"name\":\"postcode\"},{\"column\":4,\"method\":\"drop\","
          "\"name\":\"note\"}"),
     PD_INVALID, "drops every column"},
    {"{\"k\":0,\"plan\":1,\"quasi\":[],\"steps\":[[[[[[[[[]]]]]]]]]}", PD_LIMIT, "nested deeper"},
};

#endif
