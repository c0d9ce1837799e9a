/* The columns of the demonstration tables, and how a cell of each is written. */
#include "cli/demo_impl.h"

#include <assert.h>
#include <string.h>

/* ---- pieces of cells ---- */

static void put(struct demo_row *row, const char *text, size_t n) {
    assert(n <= DEMO_ROW_BYTES - row->used); /* as long as the words of demo_words.c are words */
    memcpy(row->bytes + row->used, text, n);
    row->used += n;
}

static void put_text(struct demo_row *row, const char *text) {
    put(row, text, strlen(text));
}

/** At least `width` digits. */
static void put_number(struct demo_row *row, uint64_t number, int width) {
    char digits[20];
    size_t at = sizeof(digits);
    for (int n = 0; n < width || number > 0; n++) {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    }
    put(row, digits + at, sizeof(digits) - at);
}

static void put_capital(struct demo_row *row, const char *text) {
    size_t at = row->used;
    put_text(row, text);
    char c = row->bytes[at];
    if (c >= 'a' && c <= 'z')
        row->bytes[at] = (char)(c - 'a' + 'A');
}

static void put_date(struct demo_row *row, int day, const char *separator) {
    struct pd_civil civil = pd_time_civil(day * PD_DAY);
    put_number(row, (uint64_t)civil.year, 4);
    put_text(row, separator);
    put_number(row, (uint64_t)civil.month, 2);
    put_text(row, separator);
    put_number(row, (uint64_t)civil.day, 2);
}

static const struct demo_word *word_of(const struct demo_row *row, int list) {
    return &cli_demo_lists[list].words[row->picked[list]];
}

/* ---- cells of any table; `what` is a list ---- */

static void put_word(struct demo_row *row, int list) {
    put_text(row, word_of(row, list)->text[row->language]);
}

static void put_code(struct demo_row *row, int list) {
    put_text(row, word_of(row, list)->code);
}

static void put_other(struct demo_row *row, int list) {
    put_text(row, word_of(row, list)->other[row->language]);
}

static void put_yuan(struct demo_row *row, int what) {
    (void)what;
    if (row->is_open_trip)
        return;
    put_number(row, (uint64_t)row->fen / 100, 1);
    put_text(row, ".");
    put_number(row, (uint64_t)row->fen % 100, 2);
}

enum { DAY_BIRTH, DAY_FROM, DAY_UNTIL };

static void put_day(struct demo_row *row, int what) {
    const int days[] = {[DAY_BIRTH] = row->birth, [DAY_FROM] = row->from, [DAY_UNTIL] = row->until};
    put_date(row, days[what], "-");
}

/* A mark in front, so that nobody takes it for a number of a real system, and 48 bits. */
static void put_pseudonym(struct demo_row *row, int letter) {
    const char mark[] = {(char)letter, '-'};
    put(row, mark, sizeof(mark));
    struct demo_random random = cli_demo_stream(row->seed, (uint64_t)letter, row->entity);
    uint64_t bits = cli_demo_next(&random);
    char hex[13];
    pd_hex_encode(&(const uint8_t[6]){(uint8_t)(bits >> 40), (uint8_t)(bits >> 32),
                                      (uint8_t)(bits >> 24), (uint8_t)(bits >> 16),
                                      (uint8_t)(bits >> 8), (uint8_t)bits},
                  6, hex);
    put(row, hex, 12);
}

/* ---- persons ---- */

static void put_person(struct demo_row *row, int what) {
    (void)what;
    enum demo_list_id given = row->picked[DEMO_SEX] == 0 ? DEMO_GIVEN_FEMALE : DEMO_GIVEN_MALE;
    put_word(row, DEMO_SURNAME);
    if (row->language == DEMO_EN)
        put_text(row, " ");
    put_capital(row, word_of(row, (int)given)->text[row->language]);
    if (row->has_second_given)
        put_text(row, cli_demo_lists[given].words[row->second_given].text[row->language]);
}

/**
 * GB 11643-1999 with a right check character, and yet nobody's: the birth date inside lies in
 * 1912-1929, never that of the birth date column (1931 on), and the sequence number is 900-999 (odd
 * for men), which registers hardly ever reach. The date and the sequence number run through all
 * their combinations, so that the first 328,750 rows have different ones.
 */
static void put_resident_id(struct demo_row *row, int what) {
    (void)what;
    enum { FIRST_DAY = -21185, DAYS = 6575, NUMBERS = 50, STEP = 130363, ALL = DAYS * NUMBERS };
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    size_t start = row->used;
    put_code(row, row->has_moved ? DEMO_REGISTERED : DEMO_DISTRICT);
    /* STEP and the number of combinations, 2 * 5^4 * 263, have no divisor in common. */
    uint64_t at = (row->number % ALL * STEP + row->seed % DAYS) % ALL;
    put_date(row, FIRST_DAY + (int)(at / NUMBERS), "");
    put_number(row, 900 + 2 * (at % NUMBERS) + row->picked[DEMO_SEX], 3);
    int sum = 0;
    for (size_t i = 0; i < 17; i++)
        sum += weights[i] * (row->bytes[start + i] - '0');
    put(row, &"10X98765432"[sum % 11], 1);
}

/* 138 0000: ten thousand numbers of a block that is used in examples. */
static void put_mobile(struct demo_row *row, int what) {
    (void)what;
    struct demo_random random = cli_demo_stream(row->seed, 'm', row->entity);
    put_text(row, "1380000");
    put_number(row, cli_demo_below(&random, 10000), 4);
}

static void put_address(struct demo_row *row, int what) {
    (void)what;
    const char *street = word_of(row, DEMO_STREET)->text[row->language];
    uint32_t number = row->house[0], block = row->house[1];
    uint32_t room = (row->house[2] + 3) / 4 * 100 + (row->house[2] - 1) % 4 + 1;
    if (row->language == DEMO_EN) {
        put_text(row, "Room ");
        put_number(row, room, 1);
        put_text(row, ", Block ");
        put_number(row, block, 1);
        put_text(row, ", ");
        put_number(row, number, 1);
        put_text(row, " ");
        put_text(row, street);
        return;
    }
    put_text(row, street);
    put_number(row, number, 1);
    put_text(row, "号");
    put_number(row, block, 1);
    put_text(row, "栋");
    put_number(row, room, 1);
}

/* ---- companies ---- */

/* "Sample" in the name: no such company is registered. */
static void put_company(struct demo_row *row, int what) {
    (void)what;
    const struct demo_word *brands = cli_demo_lists[DEMO_BRAND].words;
    put_capital(row, brands[row->brand[0]].text[row->language]);
    put_text(row, brands[row->brand[1]].text[row->language]);
    put_text(row, row->language == DEMO_EN ? " Sample " : "示例");
    put_other(row, DEMO_INDUSTRY);
    put_text(row, row->language == DEMO_EN ? " Co., Ltd." : "有限公司");
}

/** GB 32100-2015 with both check characters right; the organisation's code begins with P0LD. */
static void put_uscc(struct demo_row *row, int what) {
    (void)what;
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const int inner[8] = {3, 7, 9, 10, 5, 8, 4, 2};
    static const int outer[17] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    enum { CODES = 31 * 31 * 31 * 31, STEP = 700001 };
    size_t start = row->used;
    put_text(row, "91");
    put_code(row, DEMO_DISTRICT);
    put_text(row, "P0LD");
    uint64_t code = (row->entity % CODES * STEP + row->seed % CODES) % CODES;
    for (int i = 0; i < 4; i++, code /= 31)
        put(row, &alphabet[code % 31], 1);
    const char *s = row->bytes + start;
    int sum = 0;
    for (int i = 0; i < 8; i++)
        sum += inner[i] * (s[8 + i] <= '9' ? s[8 + i] - '0' : s[8 + i] - 'A' + 10);
    put(row, &"0123456789X"[(11 - sum % 11) % 11], 1);
    sum = 0;
    for (int i = 0; i < 17; i++)
        sum += outer[i] * (int)(strchr(alphabet, s[i]) - alphabet);
    put(row, &alphabet[(31 - sum % 31) % 31], 1);
}

static void put_permit_number(struct demo_row *row, int what) {
    (void)what;
    put_text(row, "DEMO-");
    put_code(row, DEMO_DISTRICT);
    put_text(row, "-");
    put_number(row, (uint64_t)pd_time_civil(row->from * PD_DAY).year, 4);
    put_text(row, "-");
    put_number(row, row->number + 1, 9);
}

/* ---- trips ---- */

enum { WAY_IN, WAY_OUT };

static void put_station(struct demo_row *row, int way) {
    if (way == WAY_IN || !row->is_open_trip)
        put_text(row, cli_demo_lists[DEMO_STATION].words[row->station[way]].text[row->language]);
}

static void put_time(struct demo_row *row, int way) {
    if (way == WAY_OUT && row->is_open_trip)
        return;
    int64_t seconds = way == WAY_IN ? row->in : row->out;
    put_date(row, (int)(seconds / 86400), "-");
    const int64_t parts[3] = {seconds / 3600 % 24, seconds / 60 % 60, seconds % 60};
    for (int i = 0; i < 3; i++) {
        put_text(row, i == 0 ? " " : ":");
        put_number(row, (uint64_t)parts[i], 2);
    }
}

/* ---- the tables ---- */

static const struct demo_column PERMITS[] = {
    {{"permit_no", "许可证编号"}, put_permit_number, 0, 0},
    {{"company_name", "企业名称"}, put_company, 0, 0},
    {{"uscc", "统一社会信用代码"}, put_uscc, 0, 4},
    {{"legal_representative", "法定代表人"}, put_person, 0, 6},
    {{"industry", "行业"}, put_word, DEMO_INDUSTRY, 10},
    {{"division_code", "行政区划代码"}, put_code, DEMO_DISTRICT, 0},
    {{"district", "区县"}, put_word, DEMO_DISTRICT, 0},
    {{"issued_on", "发证日期"}, put_day, DAY_FROM, 0},
    {{"expires_on", "有效期至"}, put_day, DAY_UNTIL, 5},
    {{"status", "状态"}, put_word, DEMO_STATUS, 3},
};

static const struct demo_column RESIDENTS[] = {
    {{"full_name", "姓名"}, put_person, 0, 0},
    {{"resident_id_number", "公民身份号码"}, put_resident_id, 0, 0},
    {{"sex", "性别"}, put_word, DEMO_SEX, 0},
    {{"birth_date", "出生日期"}, put_day, DAY_BIRTH, 0},
    {{"mobile", "手机号码"}, put_mobile, 0, 25},
    {{"district", "区县"}, put_word, DEMO_DISTRICT, 0},
    {{"address", "住址"}, put_address, 0, 8},
    {{"household_size", "户内人数"}, put_word, DEMO_HOUSEHOLD, 4},
    {{"education", "文化程度"}, put_word, DEMO_EDUCATION, 15},
    {{"occupation", "职业"}, put_word, DEMO_OCCUPATION, 20},
    {{"marital_status", "婚姻状况"}, put_word, DEMO_MARITAL, 5},
    {{"monthly_income", "月收入"}, put_word, DEMO_INCOME, 60},
};

static const struct demo_column VISITS[] = {
    {{"patient_id", "患者编号"}, put_pseudonym, 'P', 0},
    {{"sex", "性别"}, put_word, DEMO_SEX, 0},
    {{"birth_date", "出生日期"}, put_day, DAY_BIRTH, 4},
    {{"district", "区县"}, put_word, DEMO_DISTRICT, 6},
    {{"visit_date", "就诊日期"}, put_day, DAY_FROM, 0},
    {{"department", "就诊科室"}, put_other, DEMO_DIAGNOSIS, 0},
    {{"diagnosis_code", "诊断编码"}, put_code, DEMO_DIAGNOSIS, 8},
    {{"diagnosis", "诊断名称"}, put_word, DEMO_DIAGNOSIS, 8},
    {{"insurance", "费用类别"}, put_word, DEMO_INSURANCE, 10},
    {{"cost_yuan", "费用（元）"}, put_yuan, 0, 5},
};

static const struct demo_column TRIPS[] = {
    {{"card_no", "卡号"}, put_pseudonym, 'C', 0},
    {{"ticket", "票种"}, put_word, DEMO_TICKET, 3},
    {{"station_in", "进站车站"}, put_station, WAY_IN, 0},
    {{"time_in", "进站时间"}, put_time, WAY_IN, 0},
    {{"station_out", "出站车站"}, put_station, WAY_OUT, 0},
    {{"time_out", "出站时间"}, put_time, WAY_OUT, 0},
    {{"fare_yuan", "票价（元）"}, put_yuan, 0, 0},
};

#define COLUMNS(table) table, sizeof(table) / sizeof((table)[0])
const struct demo_kind cli_demo_kinds[DEMO_KIND_COUNT] = {
    {"permits", COLUMNS(PERMITS), cli_demo_draw_permit, 4, 3},
    {"residents", COLUMNS(RESIDENTS), cli_demo_draw_resident, 0, 1},
    {"visits", COLUMNS(VISITS), cli_demo_draw_visit, 1, 3},
    {"trips", COLUMNS(TRIPS), cli_demo_draw_trip, 1, 6},
};
