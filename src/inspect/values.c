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

struct inspect_looks inspect_looks_of(const struct sketch_frequent *frequent) {
    struct sketch_frequency top[LOOKED_AT];
    size_t n = sketch_frequent_top(frequent, LOOKED_AT, top);
    struct inspect_looks looks = {.values = n};
    for (size_t i = 0; i < n; i++) {
        pd_str text = top[i].text;
        looks.sex += is_sex(text);
        looks.phone += is_phone(text);
        looks.person += detect_is_chinese_name(text) || detect_is_western_name(text, false);
    }
    if (n > 0) {
        looks.sex /= (double)n;
        looks.phone /= (double)n;
        looks.person /= (double)n;
    }
    return looks;
}
