/* Which script and language a column's text is in, by counting letters and little words. */
#include "inspect/inspect_impl.h"

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

/* Characters whose simplified and traditional forms differ, in the same order. Japanese shares some
   simplified forms, but then kana gives it away. */
static const char SIMPLIFIED[] =
    "国区会们这时说对发学车业东门马长经员电开关县单号乡镇处实总办产证进过"
    "数书图场机湾广兰龙华为无税医药岁";
static const char TRADITIONAL[] =
    "國區會們這時說對發學車業東門馬長經員電開關縣單號鄉鎮處實總辦產證進過"
    "數書圖場機灣廣蘭龍華為無稅醫藥歲";

static bool is_one_of(const char *list, pd_str character) {
    return pd_str_find(pd_str_from(list), character) != PD_NPOS;
}

/* ---- Words ---- */

static const char *const languages[INSPECT_LANGUAGE_COUNT] = {"en", "de", "fr", "es",
                                                              "it", "nl", "pt"};
/* Articles, prepositions and conjunctions that few other of these languages have. */
static const char *const words[INSPECT_LANGUAGE_COUNT] = {
    " the and of to in is for with that are was this not from by ",
    " der die das und ist nicht mit von den dem ein eine auf f\xc3\xbcr im zu ",
    " le la les et est des du une dans pour pas sur avec qui aux ",
    " el la los las y es de del una en para con por que no ",
    " il lo gli e \xc3\xa8 di del della una per con che non sono nel ",
    " de het een en van is dat niet met voor op te zijn aan door ",
    " o a os as e \xc3\xa9 do da dos das uma para com n\xc3\xa3o em ",
};
enum { WORD_MOST = 8 };

static void count_word(struct inspect_language *language, const char *text, size_t len) {
    char word[WORD_MOST + 3];
    word[0] = ' ';
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        word[1 + i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    word[1 + len] = ' ';
    language->words++;
    for (int l = 0; l < INSPECT_LANGUAGE_COUNT; l++)
        language->hits[l] += is_one_of(words[l], (pd_str){word, len + 2});
}

static bool is_letter_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0xc3;
}

/* Only of running text: a word alone says little. */
static void count_words(struct inspect_language *language, pd_str cell) {
    size_t at = 0;
    while (at < cell.len) {
        size_t from = at;
        while (at < cell.len && (is_letter_byte(cell.data[at]) ||
                                 (at > from && (unsigned char)cell.data[at] >= 0x80)))
            at++;
        if (at > from && at - from <= WORD_MOST)
            count_word(language, cell.data + from, at - from);
        else if (at > from)
            language->words++;
        else
            at++;
    }
}

void inspect_language_add(struct inspect_language *language, pd_str cell) {
    bool has_space = memchr(cell.data, ' ', cell.len) != NULL;
    uint64_t latin = 0;
    for (size_t at = 0; at < cell.len;) {
        unsigned char first = (unsigned char)cell.data[at];
        if (first < 0x80) {
            latin += (first | 0x20) >= 'a' && (first | 0x20) <= 'z';
            at++;
            continue;
        }
        uint32_t c;
        size_t from = at;
        at += pd_utf8_decode(cell, at, &c);
        int script = script_of(c);
        if (script >= 0)
            language->letters[script]++;
        if (script == INSPECT_HAN) {
            pd_str one = pd_str_sub(cell, from, at - from);
            bool is_old = is_one_of(TRADITIONAL, one), is_new = is_one_of(SIMPLIFIED, one);
            language->traditional += is_old && !is_new;
            language->simplified += is_new && !is_old;
        }
    }
    language->letters[INSPECT_LATIN] += latin;
    if (has_space && latin > 0)
        count_words(language, cell);
}

void inspect_language_merge(struct inspect_language *into, const struct inspect_language *from) {
    for (int s = 0; s < INSPECT_SCRIPT_COUNT; s++)
        into->letters[s] += from->letters[s];
    for (int l = 0; l < INSPECT_LANGUAGE_COUNT; l++)
        into->hits[l] += from->hits[l];
    into->words += from->words;
    into->simplified += from->simplified;
    into->traditional += from->traditional;
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
