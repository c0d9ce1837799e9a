/* Names of persons, told by what they are made of: a family name in front of one or two characters,
   or a given name among capitalised words. */
#include "detect/detect_impl.h"

#include <string.h>

/* Common family names of two characters, in both scripts; those of one are in character_table.c.
   Beyond them a name is only known by what the column says. */
static const char doubles[] = "欧阳司马上官诸葛司徒东方夏侯慕容皇甫尉迟公孙长孙令狐宇文端木南宫轩辕"
                              "闻人赫连澹台淳于单于申屠钟离独孤百里呼延歐陽司馬諸葛東方長孫軒轅";

/* Whether `c`, of `size` bytes, is one of the entries of a list of entries of that size. */
static bool is_entry(const char *list, size_t len, const char *c, size_t size) {
    for (size_t i = 0; i + size <= len; i += size) {
        if (memcmp(list + i, c, size) == 0)
            return true;
    }
    return false;
}

size_t detect_family_name(pd_str s) {
    unsigned character = detect_character_at(s.data, s.len);
    if ((character & DETECT_FAMILY_PAIR) && s.len >= 6 &&
        is_entry(doubles, sizeof(doubles) - 1, s.data, 6))
        return 6;
    return character & DETECT_FAMILY ? 3 : 0;
}

bool detect_is_chinese_name(pd_str s) {
    size_t family = detect_family_name(s);
    size_t given = s.len - family;
    if (family == 0 || s.len % 3 != 0 || given < 3 || given > 6)
        return false;
    for (size_t i = family; i < s.len; i += 3) { /* U+4E00..U+9FFF */
        unsigned char lead = (unsigned char)s.data[i];
        if (lead < 0xe4 || lead > 0xe9 || ((unsigned char)s.data[i + 1] & 0xc0) != 0x80 ||
            ((unsigned char)s.data[i + 2] & 0xc0) != 0x80)
            return false;
    }
    return (detect_character_at(s.data + s.len - 3, 3) & DETECT_THING) == 0;
}

bool detect_is_given_name(pd_str word) {
    char lower[16];
    if (word.len < 2 || word.len >= sizeof(lower))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        if (!detect_is_letter(word.data[i]))
            return false;
        lower[i] = (char)(word.data[i] | 0x20);
    }
    return detect_words_has(&detect_given_names, (pd_str){lower, word.len});
}

bool detect_may_be_given_name(const char *word, size_t len) {
    enum { LEAST = 2, LONGEST = 15, INDEX = 14 };
    uint64_t front = 0;
    if (len < LEAST || len > LONGEST)
        return false;
    for (size_t i = 0; i < 8; i++)
        front |= (uint64_t)(unsigned char)word[i] << 8 * i;
    front |= 0x2020202020202020;
    if (len < 8)
        front &= (UINT64_C(1) << 8 * len) - 1;
    uint64_t hash = front * UINT64_C(0x9e3779b97f4a7c15) + len * UINT64_C(0xd6e8feb86659fd93);
    size_t bit = (size_t)(hash >> (64 - INDEX));
    return (detect_given_marks[bit / 64] >> bit % 64 & 1) != 0;
}

static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

/* "Jones", "O'Neil", "B.", "García": a capital, then letters. */
bool detect_is_name_word(pd_str word) {
    static const char *const things[] = {
        "department", "office",  "bureau",  "agency", "university", "station",   "center",
        "centre",     "service", "council", "school", "hospital",   "bank",      "group",
        "inc",        "inc.",    "ltd",     "llc",    "corp",       "committee", "association",
        "services",   "the",     "city",    "county", "street",     "road",      "national",
        "park",       "bridge",  "airport", "square", "avenue",     "market",    "hotel"};
    if (word.len == 0 || (!is_upper(word.data[0]) && (unsigned char)word.data[0] < 0xc3))
        return false;
    for (size_t i = 1; i < word.len; i++) {
        unsigned char c = (unsigned char)word.data[i];
        bool is_letter = is_upper((char)c) || (c >= 'a' && c <= 'z') || c >= 0x80;
        if (!is_letter && c != '\'' && c != '.' && c != '-')
            return false;
    }
    for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
        bool could_be = things[i][0] == (word.data[0] | 0x20);
        if (could_be && pd_str_eq_ascii_case(word, pd_str_from(things[i])))
            return false;
    }
    return true;
}

bool detect_is_western_name(pd_str text, bool is_known) {
    size_t words = 0, commas = 0, known = 0;
    pd_str word;
    if (text.len == 0 || (unsigned char)text.data[0] >= 0xe4 ||
        (!is_upper(text.data[0]) && (unsigned char)text.data[0] < 0xc3))
        return false;
    while (pd_str_split(&text, ' ', &word)) {
        if (word.len > 1 && word.data[word.len - 1] == ',') {
            word.len--;
            commas++;
        }
        /* The given name stands first, behind a title, or behind the comma of "Jones, Bobby". */
        if (is_known && words >= commas && words <= commas + 1)
            known += detect_is_given_name(word);
        if (is_known && known == 0 && words > commas)
            return false;
        if (!detect_is_name_word(word))
            return false;
        words++;
    }
    return words >= 2 && words <= 4 && commas <= 1 && (!is_known || known > 0);
}
