/* Which script and language a column's text is in, by counting letters and little words. */
#include "inspect/inspect_impl.h"

#include <stdlib.h>
#include <string.h>

/* ---- Scripts ---- */

static const struct range {
    uint32_t first, last;
    enum inspect_script script;
} ranges[] = {
    {0x00c0, 0x024f, INSPECT_LATIN},    {0x0370, 0x03ff, INSPECT_GREEK},
    {0x0400, 0x052f, INSPECT_CYRILLIC}, {0x0590, 0x05ff, INSPECT_HEBREW},
    {0x0600, 0x06ff, INSPECT_ARABIC},   {0x0900, 0x097f, INSPECT_DEVANAGARI},
    {0x0e00, 0x0e7f, INSPECT_THAI},     {0x0f00, 0x0fff, INSPECT_TIBETAN},
    {0x1100, 0x11ff, INSPECT_HANGUL},   {0x1800, 0x18af, INSPECT_MONGOLIAN},
    {0x1e00, 0x1eff, INSPECT_LATIN},    {0x3040, 0x30ff, INSPECT_KANA},
    {0x3400, 0x4dbf, INSPECT_HAN},      {0x4e00, 0x9fff, INSPECT_HAN},
    {0xac00, 0xd7a3, INSPECT_HANGUL},   {0xf900, 0xfaff, INSPECT_HAN},
    {0x20000, 0x3ffff, INSPECT_HAN},
};
enum { RANGES = sizeof(ranges) / sizeof(ranges[0]) };

static const struct script {
    const char *name, *language; /* of the script where it has one; else NULL */
} scripts[INSPECT_SCRIPT_COUNT] = {
    [INSPECT_LATIN] = {"Latin", NULL},
    [INSPECT_HAN] = {"Chinese", NULL},
    [INSPECT_KANA] = {"kana", "ja"},
    [INSPECT_HANGUL] = {"Hangul", "ko"},
    [INSPECT_CYRILLIC] = {"Cyrillic", NULL},
    [INSPECT_GREEK] = {"Greek", "el"},
    [INSPECT_ARABIC] = {"Arabic", NULL},
    [INSPECT_HEBREW] = {"Hebrew", "he"},
    [INSPECT_DEVANAGARI] = {"Devanagari", NULL},
    [INSPECT_THAI] = {"Thai", "th"},
    [INSPECT_TIBETAN] = {"Tibetan", "bo"},
    [INSPECT_MONGOLIAN] = {"Mongolian", "mn"},
};

static int script_of(uint32_t c) {
    if (c >= 0x4e00 && c <= 0x9fff) /* most of them */
        return INSPECT_HAN;
    size_t low = 0, high = RANGES;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < RANGES && c >= ranges[low].first ? (int)ranges[low].script : -1;
}

/* Frequent characters whose simplified and traditional forms differ. Japanese shares some
   simplified forms, but then kana gives it away. */
/* clang-format off */
enum form { SIMPLIFIED = 1, TRADITIONAL = 2 };
static const uint8_t forms[0x5200] = {
#define S(c) [0x##c - 0x4e00] = SIMPLIFIED
#define T(c) [0x##c - 0x4e00] = TRADITIONAL
    S(4e1a), S(4e1c), S(4e3a), S(4e61), S(4e66), S(4ea7), S(4eec), S(4f1a), /* 业东为乡书产们会 */
    S(5170), S(5173), S(529e), S(533a), S(533b), S(534e), S(5355), S(53bf), /* 兰关办区医华单县 */
    S(53d1), S(53f7), S(5458), S(56fd), S(56fe), S(573a), S(5904), S(5b66), /* 发号员国图场处学 */
    S(5b9e), S(5bf9), S(5c81), S(5e7f), S(5f00), S(603b), S(6570), S(65e0), /* 实对岁广开总数无 */
    S(65f6), S(673a), S(6e7e), S(7535), S(7a0e), S(7ecf), S(836f), S(8bc1), /* 时机湾电税经药证 */
    S(8bf4), S(8f66), S(8fc7), S(8fd9), S(8fdb), S(9547), S(957f), S(95e8), /* 说车过这进镇长门 */
    S(9a6c), S(9f99), /* 马龙 */
    T(5011), T(5340), T(54e1), T(55ae), T(570b), T(5716), T(5834), T(5b78), /* 們區員單國圖場學 */
    T(5be6), T(5c0d), T(5ee3), T(6578), T(6642), T(66f8), T(6703), T(6771), /* 實對廣數時書會東 */
    T(696d), T(6a5f), T(6b72), T(7063), T(70ba), T(7121), T(7522), T(767c), /* 業機歲灣為無產發 */
    T(7a05), T(7d93), T(7e23), T(7e3d), T(83ef), T(85e5), T(862d), T(8655), /* 稅經縣總華藥蘭處 */
    T(865f), T(8aaa), T(8b49), T(8eca), T(8fa6), T(9019), T(9032), T(904e), /* 號說證車辦這進過 */
    T(9109), T(91ab), T(93ae), T(9577), T(9580), T(958b), T(95dc), T(96fb), /* 鄉醫鎮長門開關電 */
    T(99ac), T(9f8d), /* 馬龍 */
#undef S
#undef T
};
/* clang-format on */

/* ---- Words ---- */

static const char *const languages[INSPECT_LANGUAGE_COUNT] = {"en", "de", "fr", "es",
                                                              "it", "nl", "pt"};
enum { EN = 1, DE = 2, FR = 4, ES = 8, IT = 16, NL = 32, PT = 64 }; /* as `languages` */
/* Articles, prepositions and conjunctions, sorted by bytes. */
static const struct little_word {
    const char *text;
    unsigned languages;
} little_words[] = {
    {"a", PT},
    {"aan", NL},
    {"and", EN},
    {"are", EN},
    {"as", PT},
    {"auf", DE},
    {"aux", FR},
    {"avec", FR},
    {"by", EN},
    {"che", IT},
    {"com", PT},
    {"con", ES | IT},
    {"da", PT},
    {"dans", FR},
    {"das", DE | PT},
    {"dat", NL},
    {"de", ES | FR | NL | PT},
    {"del", ES | IT},
    {"della", IT},
    {"dem", DE},
    {"den", DE},
    {"der", DE},
    {"des", FR},
    {"di", IT},
    {"die", DE},
    {"do", PT},
    {"door", NL},
    {"dos", PT},
    {"du", FR},
    {"e", IT | PT},
    {"een", NL},
    {"ein", DE},
    {"eine", DE},
    {"el", ES},
    {"em", PT},
    {"en", ES | NL},
    {"es", ES},
    {"est", FR},
    {"et", FR},
    {"for", EN},
    {"from", EN},
    {"f\xc3\xbcr", DE},
    {"gli", IT},
    {"het", NL},
    {"il", IT},
    {"im", DE},
    {"in", EN},
    {"is", EN | NL},
    {"ist", DE},
    {"la", FR | ES},
    {"las", ES},
    {"le", FR},
    {"les", FR},
    {"lo", IT},
    {"los", ES},
    {"met", NL},
    {"mit", DE},
    {"nel", IT},
    {"nicht", DE},
    {"niet", NL},
    {"no", ES},
    {"non", IT},
    {"not", EN},
    {"n\xc3\xa3o", PT},
    {"o", PT},
    {"of", EN},
    {"op", NL},
    {"os", PT},
    {"para", ES | PT},
    {"pas", FR},
    {"per", IT},
    {"por", ES},
    {"pour", FR},
    {"que", ES},
    {"qui", FR},
    {"sono", IT},
    {"sur", FR},
    {"te", NL},
    {"that", EN},
    {"the", EN},
    {"this", EN},
    {"to", EN},
    {"uma", PT},
    {"una", ES | IT},
    {"und", DE},
    {"une", FR},
    {"van", NL},
    {"von", DE},
    {"voor", NL},
    {"was", EN},
    {"with", EN},
    {"y", ES},
    {"zijn", NL},
    {"zu", DE},
    {"\xc3\xa8", IT},
    {"\xc3\xa9", PT},
};
enum { LITTLE_WORDS = sizeof(little_words) / sizeof(little_words[0]), WORD_MOST = 5 };

static int by_text(const void *a, const void *b) {
    return strcmp(((const struct little_word *)a)->text, ((const struct little_word *)b)->text);
}

static void count_word(struct inspect_language *language, const char *text, size_t len) {
    char word[WORD_MOST + 1];
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        word[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    word[len] = '\0';
    struct little_word wanted = {word, 0};
    const struct little_word *found =
        bsearch(&wanted, little_words, LITTLE_WORDS, sizeof(wanted), by_text);
    for (int l = 0; found && l < INSPECT_LANGUAGE_COUNT; l++)
        language->hits[l] += found->languages >> l & 1;
}

static bool is_letter_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0xc3;
}

/* Only of running text, three words and more: names say little. */
static void count_words(struct inspect_language *language, pd_str cell) {
    size_t at = 0;
    while (at < cell.len) {
        size_t from = at;
        while (at < cell.len && (is_letter_byte(cell.data[at]) ||
                                 (at > from && (unsigned char)cell.data[at] >= 0x80)))
            at++;
        size_t len = at - from;
        language->words += len > 0;
        if (len > 0 && len <= WORD_MOST)
            count_word(language, cell.data + from, len);
        at += len == 0;
    }
}

/* Letters and spaces of ASCII, counted in the lower and the upper half of one word. */
#define L 1
static const uint64_t ascii_kinds[128] = {[' '] = UINT64_C(1) << 32,
                                          ['A'] = L,
                                          ['B'] = L,
                                          ['C'] = L,
                                          ['D'] = L,
                                          ['E'] = L,
                                          ['F'] = L,
                                          ['G'] = L,
                                          ['H'] = L,
                                          ['I'] = L,
                                          ['J'] = L,
                                          ['K'] = L,
                                          ['L'] = L,
                                          ['M'] = L,
                                          ['N'] = L,
                                          ['O'] = L,
                                          ['P'] = L,
                                          ['Q'] = L,
                                          ['R'] = L,
                                          ['S'] = L,
                                          ['T'] = L,
                                          ['U'] = L,
                                          ['V'] = L,
                                          ['W'] = L,
                                          ['X'] = L,
                                          ['Y'] = L,
                                          ['Z'] = L,
                                          ['a'] = L,
                                          ['b'] = L,
                                          ['c'] = L,
                                          ['d'] = L,
                                          ['e'] = L,
                                          ['f'] = L,
                                          ['g'] = L,
                                          ['h'] = L,
                                          ['i'] = L,
                                          ['j'] = L,
                                          ['k'] = L,
                                          ['l'] = L,
                                          ['m'] = L,
                                          ['n'] = L,
                                          ['o'] = L,
                                          ['p'] = L,
                                          ['q'] = L,
                                          ['r'] = L,
                                          ['s'] = L,
                                          ['t'] = L,
                                          ['u'] = L,
                                          ['v'] = L,
                                          ['w'] = L,
                                          ['x'] = L,
                                          ['y'] = L,
                                          ['z'] = L};
#undef L

static void add_once(struct inspect_language *language, pd_str cell) {
    uint64_t ascii = 0, simplified = 0, traditional = 0, ideographs = 0;
    const unsigned char *p = (const unsigned char *)cell.data, *end = p + cell.len;
    while (p < end) {
        if (*p < 0x80) {
            ascii += ascii_kinds[*p++];
            continue;
        }
        uint32_t c = 0;
        if (*p >= 0xe4 && *p <= 0xe9 && end - p >= 3)
            c = (*p & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
        if (c >= 0x4e00) {
            p += 3;
            ideographs++;
        } else {
            p += pd_utf8_decode(cell, (size_t)(p - (const unsigned char *)cell.data), &c);
            int script = script_of(c);
            if (script >= 0)
                language->letters[script]++;
        }
        unsigned form = c - 0x4e00 < sizeof(forms) ? forms[c - 0x4e00] : 0;
        simplified += form & SIMPLIFIED;
        traditional += form / TRADITIONAL;
    }
    uint64_t latin = ascii & UINT32_MAX;
    language->simplified += simplified;
    language->traditional += traditional;
    language->letters[INSPECT_LATIN] += latin;
    language->letters[INSPECT_HAN] += ideographs;
    if (ascii >> 32 >= 2 && latin > 0)
        count_words(language, cell);
}

static void add_times(struct inspect_language *into, const struct inspect_language *from,
                      uint64_t times) {
    for (int s = 0; s < INSPECT_SCRIPT_COUNT; s++)
        into->letters[s] += from->letters[s] * times;
    for (int l = 0; l < INSPECT_LANGUAGE_COUNT; l++)
        into->hits[l] += from->hits[l] * times;
    into->words += from->words * times;
    into->simplified += from->simplified * times;
    into->traditional += from->traditional * times;
}

void inspect_language_add(struct inspect_language *language, pd_str cell, uint64_t times) {
    if (times == 1) {
        add_once(language, cell);
        return;
    }
    struct inspect_language one = {0};
    add_once(&one, cell);
    add_times(language, &one, times);
}

void inspect_language_merge(struct inspect_language *into, const struct inspect_language *from) {
    add_times(into, from, 1);
}

/* ---- What it says ---- */

static const char *chinese(const struct inspect_language *l) {
    if (l->letters[INSPECT_KANA] * 20 > l->letters[INSPECT_HAN])
        return "ja";
    if (l->simplified > 4 * l->traditional)
        return "zh-Hans";
    return l->traditional > 4 * l->simplified ? "zh-Hant" : "zh";
}

/* The language whose little words are most frequent, if they are frequent and lead clearly. */
static int by_words(const struct inspect_language *l) {
    int best = 0;
    uint64_t second = 0;
    for (int i = 1; i < INSPECT_LANGUAGE_COUNT; i++)
        if (l->hits[i] > l->hits[best])
            best = i;
    for (int i = 0; i < INSPECT_LANGUAGE_COUNT; i++)
        if (i != best && l->hits[i] > second)
            second = l->hits[i];
    bool is_clear =
        l->words >= 50 && l->hits[best] * 10 >= l->words && l->hits[best] * 2 >= second * 3;
    return is_clear ? best : -1;
}

bool inspect_language_tell(const struct inspect_language *l, struct pd_arena *arena,
                           const char **code, pd_str *evidence) {
    uint64_t total = 0;
    int most = 0;
    for (int s = 0; s < INSPECT_SCRIPT_COUNT; s++) {
        total += l->letters[s];
        if (l->letters[s] > l->letters[most])
            most = s;
    }
    *code = "";
    *evidence = PD_STR("");
    if (total < 20)
        return true;
    double share = 100 * (double)l->letters[most] / (double)total;
    int spoken = most == INSPECT_LATIN ? by_words(l) : -1;
    if (most == INSPECT_HAN) {
        *code = chinese(l);
        *evidence = pd_arena_printf(arena,
                                    "%.0f%% of the letters are Chinese characters, %llu of them in "
                                    "a simplified form only, %llu in a traditional one",
                                    share, (unsigned long long)l->simplified,
                                    (unsigned long long)l->traditional);
    } else if (spoken >= 0) {
        *code = languages[spoken];
        *evidence =
            pd_arena_printf(arena, "%llu of %llu words are little words of this language",
                            (unsigned long long)l->hits[spoken], (unsigned long long)l->words);
    } else {
        const char *own = most == INSPECT_KANA ? "ja" : scripts[most].language;
        *code = own ? own : "";
        *evidence = pd_arena_printf(arena, "%.0f%% of the letters are %s%s", share,
                                    scripts[most].name, own ? "" : "; the language can't be told");
    }
    return evidence->data != NULL;
}
