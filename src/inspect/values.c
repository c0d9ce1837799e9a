/* What a column's most frequent values look like, where a name alone proves too little. */
#include "inspect/inspect_impl.h"

enum { LOOKED_AT = 50 };

static bool is_one_of(pd_str text, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (pd_str_eq_ascii_case(text, pd_str_from(words[i])))
            return true;
    }
    return false;
}

/* Words, and the codes 0 1 2 9 of GB/T 2261.1 (ISO/IEC 5218). */
static bool is_sex(pd_str text) {
    static const char *const words[] = {
        "m",    "f",       "male",   "female", "man", "woman", "男", "女", "男性", "女性",
        "未知", "unknown", "未说明", "other",  "x",   "0",     "1",  "2",  "9"};
    return is_one_of(text, words, sizeof(words) / sizeof(words[0]));
}

/* "(089)325301", "+86 21 1234 5678", "02-12345678#12" */
static bool is_phone(pd_str text) {
    size_t digits = 0, others = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c >= '0' && c <= '9')
            digits++;
        else if (c != ' ' && c != '-' && c != '(' && c != ')' && c != '+' && c != '/' && c != '#')
            others++;
    }
    return digits >= 7 && others * 2 <= digits;
}

/* The hundred most frequent family names, both scripts; they cover five in six people. */
static bool is_family_name(uint32_t c) {
    static const char names[] =
        "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
        "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史"
        "顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許呂蘇"
        "盧蔣賈葉閻鍾範譚鄒陸顧龍萬錢湯喬賀賴龔";
    char bytes[4];
    size_t n = pd_utf8_encode(c, bytes);
    return n == 3 && pd_str_find(PD_STR(names), (pd_str){bytes, n}) != PD_NPOS;
}

/* 王小明: two to four characters of which the first is a family name. */
static bool is_chinese_name(pd_str text) {
    static const char *const places[] = {"市", "县", "縣", "区", "區", "省", "镇", "鎮",
                                         "乡", "鄉", "村", "站", "局", "路", "族", "州"};
    size_t count = 0;
    for (size_t at = 0; at < text.len; count++) {
        uint32_t c;
        at += pd_utf8_decode(text, at, &c);
        if (c < 0x4e00 || c > 0x9fff || (count == 0 && !is_family_name(c)))
            return false;
    }
    if (count < 2 || count > 4)
        return false;
    return !is_one_of(pd_str_sub(text, text.len - 3, 3), places,
                      sizeof(places) / sizeof(places[0]));
}

static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

/* "Jones", "O'Neil", "B.", "García": a capital, then letters. */
static bool is_name_word(pd_str word) {
    static const char *const things[] = {
        "department", "office",  "bureau",  "agency", "university", "station",   "center",
        "centre",     "service", "council", "school", "hospital",   "bank",      "group",
        "inc",        "inc.",    "ltd",     "llc",    "corp",       "committee", "association",
        "services",   "the",     "city",    "county", "street",     "road",      "national"};
    if (word.len == 0 || (!is_upper(word.data[0]) && (unsigned char)word.data[0] < 0xc3))
        return false;
    for (size_t i = 1; i < word.len; i++) {
        unsigned char c = (unsigned char)word.data[i];
        bool is_letter = is_upper((char)c) || (c >= 'a' && c <= 'z') || c >= 0x80;
        if (!is_letter && c != '\'' && c != '.' && c != '-')
            return false;
    }
    return !is_one_of(word, things, sizeof(things) / sizeof(things[0]));
}

/* "Bobby Jones", "Jones, Bobby", "Sir Alan Langlands": two to four such words. */
static bool is_western_name(pd_str text) {
    size_t words = 0, commas = 0;
    pd_str word;
    while (pd_str_split(&text, ' ', &word)) {
        if (word.len > 1 && word.data[word.len - 1] == ',') {
            word.len--;
            commas++;
        }
        if (!is_name_word(word))
            return false;
        words++;
    }
    return words >= 2 && words <= 4 && commas <= 1;
}

struct inspect_looks inspect_looks_of(const struct sketch_frequent *frequent) {
    struct sketch_frequency top[LOOKED_AT];
    size_t n = sketch_frequent_top(frequent, LOOKED_AT, top);
    struct inspect_looks looks = {.values = n};
    for (size_t i = 0; i < n; i++) {
        pd_str text = top[i].text;
        looks.sex += is_sex(text);
        looks.phone += is_phone(text);
        bool is_wide = text.len > 0 && (unsigned char)text.data[0] >= 0xe4;
        looks.person += is_wide ? is_chinese_name(text) : is_western_name(text);
    }
    if (n > 0) {
        looks.sex /= (double)n;
        looks.phone /= (double)n;
        looks.person /= (double)n;
    }
    return looks;
}
