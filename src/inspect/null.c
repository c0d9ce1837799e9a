/* Words that say that there is no value. Which of them do is known when the column is. */
#include "inspect/inspect_impl.h"

#include <assert.h>
#include <string.h>

enum doubt {
    SURE,     /* says so wherever it stands */
    CODE,     /* may be a code among codes: NA of Namibia */
    MARK,     /* may be a mark among marks: "-" beside "+" */
    CATEGORY, /* may be an answer among a few: none, low, high */
    FIGURE    /* says so among figures only: "***" may hide a text */
};

static const struct null_word {
    pd_str text;
    enum doubt doubt;
} words[] = {
    {PD_STR_INIT("NULL"), SURE},     {PD_STR_INIT("\\N"), SURE},     {PD_STR_INIT("N/A"), SURE},
    {PD_STR_INIT("#N/A"), SURE},     {PD_STR_INIT("(null)"), SURE},  {PD_STR_INIT("<null>"), SURE},
    {PD_STR_INIT("NaN"), FIGURE},    {PD_STR_INIT("NA"), CODE},      {PD_STR_INIT("-"), MARK},
    {PD_STR_INIT("--"), SURE},       {PD_STR_INIT("---"), SURE},     {PD_STR_INIT("—"), MARK},
    {PD_STR_INIT("——"), SURE},       {PD_STR_INIT("."), MARK},       {PD_STR_INIT(".."), MARK},
    {PD_STR_INIT("..."), MARK},      {PD_STR_INIT("…"), MARK},       {PD_STR_INIT("?"), MARK},
    {PD_STR_INIT("None"), CATEGORY}, {PD_STR_INIT("nil"), CATEGORY}, {PD_STR_INIT("无"), CATEGORY},
    {PD_STR_INIT("無"), CATEGORY},   {PD_STR_INIT("空"), CATEGORY},  {PD_STR_INIT("缺失"), SURE},
    {PD_STR_INIT("不详"), SURE},     {PD_STR_INIT("n.a."), SURE},    {PD_STR_INIT("k.A."), SURE},
    {PD_STR_INIT("***"), FIGURE},    {PD_STR_INIT("****"), FIGURE},  {PD_STR_INIT("*****"), FIGURE},
};

enum { WORDS = sizeof(words) / sizeof(words[0]) };
static_assert(WORDS * INSPECT_NULL_SPELLINGS == INSPECT_NULL_FORMS, "each word in each spelling");

enum spelling { LISTED, UPPER, LOWER, CAPITAL };

static char spell(char c, enum spelling how, size_t at) {
    bool is_upper = c >= 'A' && c <= 'Z', is_lower = c >= 'a' && c <= 'z';
    bool wants_upper = how == UPPER || (how == CAPITAL && at == 0);
    if (how == LISTED || (!is_upper && !is_lower) || is_upper == wants_upper)
        return c;
    return (char)(c ^ 0x20);
}

pd_str inspect_null_text(int form, char out[INSPECT_NULL_SIZE]) {
    pd_str word = words[form / INSPECT_NULL_SPELLINGS].text;
    for (size_t i = 0; i < word.len; i++)
        out[i] = spell(word.data[i], (enum spelling)(form % INSPECT_NULL_SPELLINGS), i);
    return (pd_str){out, word.len};
}

/* The spelling in which the cell is this word, or -1. "Na" and "nA" are words of their own. */
static int spelling_of(pd_str cell, pd_str word) {
    if (!pd_str_eq_ascii_case(cell, word))
        return -1;
    for (int how = LISTED; how < INSPECT_NULL_SPELLINGS; how++) {
        size_t i = 0;
        while (i < cell.len && cell.data[i] == spell(word.data[i], (enum spelling)how, i))
            i++;
        if (i == cell.len)
            return how == CAPITAL && cell.len < 3 ? -1 : how;
    }
    return -1;
}

int inspect_null_find(pd_str cell) {
    static const bool begins[256] = {
        ['N'] = true,  ['n'] = true,  ['\\'] = true, ['#'] = true, ['('] = true, ['<'] = true,
        ['-'] = true,  ['.'] = true,  ['?'] = true,  ['k'] = true, ['K'] = true, ['*'] = true,
        [0xE2] = true, [0xE4] = true, [0xE6] = true, [0xE7] = true};
    if (cell.len > 8 || !begins[(unsigned char)cell.data[0]])
        return -1;
    for (int w = 0; w < WORDS; w++) {
        if (words[w].text.len != cell.len || ((words[w].text.data[0] ^ cell.data[0]) & ~0x20) != 0)
            continue;
        int how = spelling_of(cell, words[w].text);
        if (how >= 0)
            return w * INSPECT_NULL_SPELLINGS + how;
    }
    return -1;
}

static bool is_alike(char a, char b) {
    bool is_letter = (a | 0x20) >= 'a' && (a | 0x20) <= 'z';
    if (is_letter)
        return (b | 0x20) >= 'a' && (b | 0x20) <= 'z';
    return a == b || ((unsigned char)a >= 0x80 && (unsigned char)b >= 0x80);
}

bool inspect_null_could_be(pd_str cell) {
    for (int w = 0; w < WORDS; w++) {
        size_t i = 0;
        while (i < cell.len && i < words[w].text.len &&
               is_alike(words[w].text.data[i], cell.data[i]))
            i++;
        if (i == cell.len && i == words[w].text.len)
            return true;
    }
    return false;
}

/* Whether the word says that there is no value in this column. out: its other values, as text or
   as what they are. */
bool inspect_null_is(const struct inspect_state *state, int form) {
    enum doubt doubt = words[form / INSPECT_NULL_SPELLINGS].doubt;
    uint64_t filled = inspect_state_filled(state);
    uint64_t text = state->kinds[INSPECT_TEXT];
    bool is_typed = filled > 0 && text * 20 <= filled;
    if (filled == 0 || is_typed || doubt == SURE)
        return true;
    switch (doubt) {
    case CODE: /* most others are two capitals as well */
        return state->codes * 2 < text;
    case MARK:
        return state->max_length > 2;
    case CATEGORY:
        return sketch_distinct_get(&state->distinct).value > 20;
    default:
        return false;
    }
}
