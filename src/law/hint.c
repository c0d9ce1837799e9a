/* Names out of closed lists: whether one is among them, and which was perhaps meant instead. */
#include "law/cedar_impl.h"

#include <stdio.h>

static struct law_hint hint(pd_str nearest) {
    struct law_hint hint = {""};
    snprintf(hint.text, sizeof(hint.text), ": did you mean `%.*s`?", pd_arg(nearest));
    return hint;
}

struct law_hint law_hint(pd_str given, const pd_str *names, size_t count) {
    size_t nearest = pd_nearest(given, names, count);
    return nearest == PD_NPOS ? (struct law_hint){""} : hint(names[nearest]);
}

struct law_hint law_hint_word(pd_str given, const char *words) {
    enum { WORDS_MAX = 64 };
    pd_str names[WORDS_MAX];
    pd_str rest = pd_str_from(words);
    size_t count = 0;
    while (rest.len > 0 && count < WORDS_MAX && pd_str_split(&rest, ' ', &names[count]))
        count++;
    return law_hint(given, names, count);
}

bool law_words_have(const char *words, pd_str word) {
    pd_str rest = pd_str_from(words);
    pd_str piece;
    while (rest.len > 0 && pd_str_split(&rest, ' ', &piece))
        if (pd_str_eq(piece, word))
            return true;
    return false;
}
