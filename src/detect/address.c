/*
 * Addresses: Chinese ones as a row of parts that each end in what kind of part they are (省 市 区
 * 路 号 室), western ones as a number beside words of which one is a kind of street.
 */
#include "detect/detect_impl.h"

#include <string.h>

/* ---- Chinese ---- */

/* What is left of s behind its first n bytes; n <= s.len. */
static inline pd_str behind(pd_str s, size_t n) {
    return (pd_str){s.data + n, s.len - n};
}

enum part { NO_PART, AREA, ROAD, NUMBER, BUILDING };

static const struct ending {
    pd_str text;
    enum part part;
} endings[] = {
    /* those that begin alike together, longer ones first */
    {PD_STR_INIT("街道"), AREA},     {PD_STR_INIT("街"), ROAD},
    {PD_STR_INIT("社区"), AREA},     {PD_STR_INIT("社區"), AREA},
    {PD_STR_INIT("大道"), ROAD},     {PD_STR_INIT("大街"), ROAD},
    {PD_STR_INIT("大厦"), BUILDING}, {PD_STR_INIT("胡同"), ROAD},
    {PD_STR_INIT("公路"), ROAD},     {PD_STR_INIT("公寓"), BUILDING},
    {PD_STR_INIT("号楼"), NUMBER},   {PD_STR_INIT("号"), NUMBER},
    {PD_STR_INIT("單元"), NUMBER},   {PD_STR_INIT("单元"), NUMBER},
    {PD_STR_INIT("小区"), BUILDING}, {PD_STR_INIT("花园"), BUILDING},
    {PD_STR_INIT("广场"), BUILDING}, {PD_STR_INIT("家园"), BUILDING},
    {PD_STR_INIT("新村"), BUILDING}, {PD_STR_INIT("工业园"), BUILDING},
    {PD_STR_INIT("省"), AREA},       {PD_STR_INIT("市"), AREA},
    {PD_STR_INIT("县"), AREA},       {PD_STR_INIT("縣"), AREA},
    {PD_STR_INIT("区"), AREA},       {PD_STR_INIT("區"), AREA},
    {PD_STR_INIT("旗"), AREA},       {PD_STR_INIT("镇"), AREA},
    {PD_STR_INIT("鎮"), AREA},       {PD_STR_INIT("乡"), AREA},
    {PD_STR_INIT("鄉"), AREA},       {PD_STR_INIT("村"), AREA},
    {PD_STR_INIT("里"), AREA},       {PD_STR_INIT("组"), AREA},
    {PD_STR_INIT("路"), ROAD},       {PD_STR_INIT("巷"), ROAD},
    {PD_STR_INIT("弄"), NUMBER},     {PD_STR_INIT("段"), NUMBER},
    {PD_STR_INIT("號"), NUMBER},     {PD_STR_INIT("栋"), NUMBER},
    {PD_STR_INIT("棟"), NUMBER},     {PD_STR_INIT("幢"), NUMBER},
    {PD_STR_INIT("座"), NUMBER},     {PD_STR_INIT("楼"), NUMBER},
    {PD_STR_INIT("樓"), NUMBER},     {PD_STR_INIT("层"), NUMBER},
    {PD_STR_INIT("室"), NUMBER},     {PD_STR_INIT("户"), NUMBER},
};

/* The ending at the front, which begins with a character that has the number `first`. */
static const struct ending *ending_at(pd_str s, unsigned first) {
    enum { ENDINGS = sizeof(endings) / sizeof(endings[0]) };
    for (size_t i = first - 1; i < ENDINGS; i++) {
        pd_str text = endings[i].text;
        if (i + 1 > first && memcmp(text.data, s.data, 3) != 0)
            break;
        if (text.len == 3 || pd_str_starts(s, text))
            return &endings[i];
    }
    return NULL;
}

/* What may stand in the name of a part for a number. */
static const bool number_chars[128] = {
    ['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true,
    ['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true, ['A'] = true, ['B'] = true,
    ['C'] = true, ['D'] = true, ['E'] = true, ['F'] = true, ['G'] = true, ['H'] = true,
    ['I'] = true, ['J'] = true, ['K'] = true, ['L'] = true, ['M'] = true, ['N'] = true,
    ['O'] = true, ['P'] = true, ['Q'] = true, ['R'] = true, ['S'] = true, ['T'] = true,
    ['U'] = true, ['V'] = true, ['W'] = true, ['X'] = true, ['Y'] = true, ['Z'] = true,
    ['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true, ['e'] = true, ['f'] = true,
    ['g'] = true, ['h'] = true, ['i'] = true, ['j'] = true, ['k'] = true, ['l'] = true,
    ['m'] = true, ['n'] = true, ['o'] = true, ['p'] = true, ['q'] = true, ['r'] = true,
    ['s'] = true, ['t'] = true, ['u'] = true, ['v'] = true, ['w'] = true, ['x'] = true,
    ['y'] = true, ['z'] = true, ['-'] = true, ['#'] = true};

/* The part at the front: its length, 0 if there is none within ten characters, which are Chinese
   ones, letters, digits and hyphens. */
static size_t take_part(pd_str s, enum part *part) {
    enum { MOST_CHARACTERS = 10 };
    const unsigned char *front = (const unsigned char *)s.data, *p = front, *end = front + s.len;
    bool all_numbers = true;
    for (int n = 0; n < MOST_CHARACTERS && p < end; n++) {
        if (*p < 0x80) {
            if (!number_chars[*p])
                return 0;
            p++;
            continue;
        }
        if (*p < 0xe4 || *p > 0xe9 || end - p < 3)
            return 0;
        unsigned character = detect_character_at((const char *)p, 3);
        unsigned first = character >> DETECT_PART_SHIFT;
        if (first > 0 && p > front) {
            const struct ending *ending =
                ending_at((pd_str){(const char *)p, (size_t)(end - p)}, first);
            /* 号 without a number is a brand; 区 behind one is a block. */
            if (ending && (ending->part != NUMBER || all_numbers)) {
                *part = ending->part == AREA && all_numbers ? NUMBER : ending->part;
                return (size_t)(p - front) + ending->text.len;
            }
        }
        all_numbers = all_numbers && (character & DETECT_NUMERAL) != 0;
        p += 3;
    }
    return 0;
}

size_t detect_division(pd_str s) {
    enum { MOST = 45, LEAST = 6 }; /* bytes */
    if (s.len < LEAST || !(detect_character_at(s.data, 3) & DETECT_DIVISION_1) ||
        !(detect_character_at(s.data + 3, 3) & DETECT_DIVISION_2) ||
        !detect_division_could_be(s.data))
        return 0;
    return detect_words_longest(&detect_divisions, s, LEAST, MOST);
}

/* What the row of parts at the front of a text holds, and how long it is. */
struct row {
    size_t len;
    bool has_division, has_road, has_number, has_area, has_building;
};

static struct row read_row(pd_str s) {
    struct row row = {0};
    while (row.len < s.len) {
        pd_str rest = behind(s, row.len);
        enum part part = NO_PART;
        size_t len = row.has_road || row.has_number ? 0 : detect_division(rest);
        if (len > 0) {
            row.has_division = true;
        } else {
            len = take_part(rest, &part);
            if (len == 0)
                break;
        }
        row.has_area |= part == AREA;
        row.has_road |= part == ROAD;
        row.has_number |= part == NUMBER;
        row.has_building |= part == BUILDING;
        row.len += len;
    }
    /* A bare room number may end it: "3单元502" */
    if (row.has_number) {
        size_t digits = 0;
        while (row.len + digits < s.len && digits < 5 && detect_is_digit(s.data[row.len + digits]))
            digits++;
        if (digits >= 2 && digits < 5)
            row.len += digits;
    }
    return row;
}

size_t detect_address_row(pd_str s, enum detect_match *match) {
    struct row row = read_row(s);
    bool has_place = row.has_division || row.has_area;
    bool is_exact =
        row.has_number && (row.has_road || ((has_place || row.has_building) && row.len >= 15));
    bool is_vague = row.has_division && (row.has_road || row.has_area || row.has_building);
    *match = is_exact && (row.has_division || row.has_road) ? DETECT_SURE
             : is_vague                                     ? DETECT_WEAK
                                                            : DETECT_NO;
    return *match == DETECT_NO ? 0 : row.len;
}

/* ---- western ---- */

static bool has_word(const char *const *list, size_t count, pd_str word) {
    while (word.len > 0 && (word.data[word.len - 1] == '.' || word.data[word.len - 1] == ','))
        word.len--;
    for (size_t i = 0; i < count && word.len > 0; i++) {
        bool could_be = (list[i][0] | 0x20) == (word.data[0] | 0x20);
        if (could_be && pd_str_eq_ascii_case(word, pd_str_from(list[i])))
            return true;
    }
    return false;
}

bool detect_is_street_word(pd_str word) {
    static const char *const after[] = {
        "street", "st",      "road",    "rd",      "avenue",   "ave",     "boulevard", "blvd",
        "lane",   "ln",      "drive",   "dr",      "court",    "ct",      "place",     "square",
        "sq",     "terrace", "way",     "close",   "crescent", "highway", "hwy",       "parkway",
        "pkwy",   "alley",   "row",     "gardens", "grove",    "mews",    "quay",      "circle",
        "cir",    "trail",   "trl",     "plaza",   "walk",     "hill",    "streets",   "path",
        "loop",   "pike",    "strasse", "straat"};
    return has_word(after, sizeof(after) / sizeof(after[0]), word);
}

/* "Rue de Rivoli 12", "Via Franscini 71", "Calle Mayor 3", "ul. Długa 5" */
bool detect_is_street_head(pd_str word) {
    static const char *const before[] = {
        "rue",   "avenue",   "boulevard", "via",   "viale",  "piazza", "calle",  "avenida",
        "rua",   "ul",       "ulica",     "ulice", "place",  "chemin", "plaza",  "corso",
        "largo", "travessa", "strada",    "allée", "carrer", "paseo",  "bulevar"};
    return has_word(before, sizeof(before) / sizeof(before[0]), word);
}

/* "Puruntie 82", "Hauptstraße 5", "Kongensgate 3": the kind is the end of the word. */
bool detect_is_street_compound(pd_str word) {
    static const pd_str ends[] = {
        PD_STR_INIT("straße"), PD_STR_INIT("strasse"), PD_STR_INIT("straat"),
        PD_STR_INIT("gasse"),  PD_STR_INIT("allee"),   PD_STR_INIT("gatan"),
        PD_STR_INIT("gata"),   PD_STR_INIT("gaten"),   PD_STR_INIT("gade"),
        PD_STR_INIT("vägen"),  PD_STR_INIT("veien"),   PD_STR_INIT("vegen"),
        PD_STR_INIT("vej"),    PD_STR_INIT("weg"),     PD_STR_INIT("laan"),
        PD_STR_INIT("plein"),  PD_STR_INIT("katu"),    PD_STR_INIT("kuja"),
        PD_STR_INIT("tie"),    PD_STR_INIT("platz"),   PD_STR_INIT("gracht"),
        PD_STR_INIT("singel"), PD_STR_INIT("damm"),    PD_STR_INIT("ufer"),
        PD_STR_INIT("utca"),   PD_STR_INIT("vænget"),  PD_STR_INIT("parken"),
        PD_STR_INIT("stræde")};
    while (word.len > 0 && (word.data[word.len - 1] == ',' || word.data[word.len - 1] == '.'))
        word.len--;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (word.len > ends[i].len + 2 && pd_str_ends(word, ends[i]))
            return true;
    }
    return false;
}

bool detect_is_house_number(pd_str word) {
    while (word.len > 0 && (word.data[word.len - 1] == ',' || word.data[word.len - 1] == '.'))
        word.len--;
    size_t digits = 0;
    while (digits < word.len && detect_is_digit(word.data[digits]))
        digits++;
    if (digits == 0 || digits > 5)
        return false;
    pd_str rest = pd_str_sub(word, digits, word.len);
    return rest.len == 0 || (rest.len == 1 && detect_is_letter(rest.data[0])) ||
           ((rest.data[0] == '-' || rest.data[0] == '/') && rest.len <= 5 && rest.len > 1 &&
            detect_is_digit(rest.data[1]));
}

bool detect_is_unit_word(pd_str word) {
    static const char *const units[] = {"apt", "suite", "unit", "flat", "apartment", "room", "ste"};
    return has_word(units, sizeof(units) / sizeof(units[0]), word);
}

static bool is_capital(pd_str word) {
    unsigned char c = word.len > 0 ? (unsigned char)word.data[0] : 'a';
    return (c >= 'A' && c <= 'Z') || c >= 0xc3;
}

static bool ends_word(char c) {
    static const bool ends[256] = {
        ['\0'] = true, [' '] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true, [';'] = true,
        ['('] = true,  [')'] = true, ['<'] = true,  ['>'] = true,  ['"'] = true};
    return ends[(unsigned char)c];
}

size_t detect_street(pd_str s) {
    enum { MOST_WORDS = 7 };
    pd_str words[MOST_WORDS];
    size_t count = 0, at = 0;
    while (count < MOST_WORDS && at < s.len) {
        size_t start = at;
        while (at < s.len && !ends_word(s.data[at]))
            at++;
        if (at == start)
            break;
        words[count++] = pd_str_sub(s, start, at - start);
        char last = words[count - 1].data[words[count - 1].len - 1];
        if (last == '?' || last == '!' || last == ':')
            count--;
        if (last == '?' || last == '!' || last == ':' || at == s.len || s.data[at] != ' ')
            break;
        at++;
    }
    size_t end = 0; /* words that belong to it */
    bool has_number_first = count > 0 && detect_is_house_number(words[0]);
    if (has_number_first) {
        for (size_t i = 1; i < count && (is_capital(words[i]) || detect_is_house_number(words[i]));
             i++) {
            if (i >= 2 && detect_is_street_word(words[i]))
                end = i + 1;
        }
    } else if (count >= 2 && is_capital(words[0])) {
        bool is_head = detect_is_street_head(words[0]);
        for (size_t i = 1; i < count; i++) {
            if (detect_is_house_number(words[i])) {
                bool is_street = (is_head && i >= 2) || detect_is_street_compound(words[i - 1]) ||
                                 (i >= 2 && detect_is_street_word(words[i - 1]));
                if (is_street)
                    end = i + 1;
                break;
            }
            if (!is_capital(words[i]) && words[i].len > 3)
                break;
        }
    }
    if (end == 0)
        return 0;
    if (end + 1 < count && detect_is_unit_word(words[end]) &&
        detect_is_house_number(words[end + 1]))
        end += 2;
    pd_str last = words[end - 1];
    size_t len = (size_t)(last.data - s.data) + last.len;
    while (len > 0 && (s.data[len - 1] == ',' || s.data[len - 1] == '.'))
        len--;
    return len;
}

enum detect_match detect_address(pd_str s) {
    unsigned char first = (unsigned char)s.data[0];
    if (first < 0xe4) {
        size_t len = detect_street(s);
        if (len > 0)
            return DETECT_SURE;
        /* "518000 广东省深圳市": a postcode may stand in front. */
        size_t digits = 0;
        while (digits < s.len && detect_is_digit(s.data[digits]))
            digits++;
        if (digits != 6)
            return DETECT_NO;
        s = pd_str_trim(pd_str_sub(s, digits, s.len));
    }
    enum detect_match match;
    size_t len = detect_address_row(s, &match);
    return len * 2 >= s.len ? match : DETECT_NO;
}
