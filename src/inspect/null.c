/* Words that say that there is no value. Which of them do is known when the column is. */
#include "inspect/inspect_impl.h"

#include <string.h>

enum doubt {
    SURE,     /* says so wherever it stands */
    CODE,     /* may be a code among codes: NA of Namibia */
    MARK,     /* may be a mark among marks: "-" beside "+" */
    CATEGORY, /* may be an answer among a few: none, low, high */
    FIGURE    /* says so among figures only: "***" may hide a text */
};

static const struct null_word {
    const char *text;
    enum doubt doubt;
} words[INSPECT_NULL_WORDS] = {
    {"NULL", SURE},   {"\\N", SURE},    {"N/A", SURE},    {"#N/A", SURE},     {"(null)", SURE},
    {"<null>", SURE}, {"NaN", FIGURE},  {"NA", CODE},     {"-", MARK},        {"--", SURE},
    {"---", SURE},    {"—", MARK},      {"——", SURE},     {".", MARK},        {"..", MARK},
    {"...", MARK},    {"…", MARK},      {"?", MARK},      {"None", CATEGORY}, {"nil", CATEGORY},
    {"无", CATEGORY}, {"無", CATEGORY}, {"空", CATEGORY}, {"缺失", SURE},     {"不详", SURE},
    {"n.a.", SURE},   {"k.A.", SURE},   {"***", FIGURE},  {"****", FIGURE},   {"*****", FIGURE},
};

const char *inspect_null_text(int word) {
    return words[word].text;
}

/* Upper or lower case, but not "Na" or "nA": those are words of their own. */
static bool is_word(pd_str cell, pd_str word) {
    if (pd_str_eq(cell, word))
        return true;
    if (!pd_str_eq_ascii_case(cell, word))
        return false;
    bool has_upper = false, has_lower = false;
    for (size_t i = 0; i < cell.len; i++) {
        has_upper = has_upper || (cell.data[i] >= 'A' && cell.data[i] <= 'Z');
        has_lower = has_lower || (cell.data[i] >= 'a' && cell.data[i] <= 'z');
    }
    return has_upper != has_lower || cell.len > 2;
}

int inspect_null_find(pd_str cell) {
    static const bool begins[256] = {
        ['N'] = true,  ['n'] = true,  ['\\'] = true, ['#'] = true, ['('] = true, ['<'] = true,
        ['-'] = true,  ['.'] = true,  ['?'] = true,  ['k'] = true, ['K'] = true, ['*'] = true,
        [0xE2] = true, [0xE4] = true, [0xE6] = true, [0xE7] = true};
    if (cell.len > 8 || !begins[(unsigned char)cell.data[0]])
        return -1;
    for (int w = 0; w < INSPECT_NULL_WORDS; w++)
        if (is_word(cell, pd_str_from(words[w].text)))
            return w;
    return -1;
}

/* Whether the word says that there is no value in this column. out: its other values, as text or
   as what they are. */
bool inspect_null_is(const struct inspect_state *state, int word) {
    uint64_t filled = inspect_state_filled(state);
    uint64_t text = state->kinds[INSPECT_TEXT];
    bool is_typed = filled > 0 && text * 20 <= filled;
    if (filled == 0 || is_typed || words[word].doubt == SURE)
        return true;
    switch (words[word].doubt) {
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
