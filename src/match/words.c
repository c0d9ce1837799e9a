/* A text as terms. */
#include "match/match.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

/* ---- Folding ---- */

enum {
    PIECE = 512,       /* bytes folded at a time */
    WIDEST = 18,       /* characters that one becomes, at most (U+FDFA) */
    FOLDED = PIECE * WIDEST
};

/* How much of a text is folded next: up to 512 bytes, behind the last space among them, or between
 * two characters. */
static size_t piece_of(pd_str text) {
    if (text.len <= PIECE)
        return text.len;
    for (size_t n = PIECE; n > 0; n--)
        if (text.data[n - 1] == ' ' || text.data[n - 1] == '\n')
            return n;
    size_t n = PIECE;
    while (((unsigned char)text.data[n] & 0xc0) == 0x80)
        n--;
    return n;
}

/* NFKC_Casefold, as UTF-8 again. */
static pd_str fold(pd_str piece, char *out, size_t room) {
    UErrorCode code = U_ZERO_ERROR;
    const UNormalizer2 *folding = unorm2_getNFKCCasefoldInstance(&code);
    UChar from[PIECE + 1], to[FOLDED + 1];
    int32_t n = 0, folded = 0, bytes = 0;
    u_strFromUTF8(from, PIECE + 1, &n, piece.data, (int32_t)piece.len, &code);
    if (U_SUCCESS(code))
        folded = unorm2_normalize(folding, from, n, to, FOLDED + 1, &code);
    if (U_SUCCESS(code))
        u_strToUTF8(out, (int32_t)room, &bytes, to, folded, &code);
    return U_SUCCESS(code) ? (pd_str){out, (size_t)bytes} : PD_STR("");
}

/* ---- Runs ---- */

enum sort { SORT_WORD = MATCH_WORD, SORT_CHARACTERS = MATCH_CHARACTERS, SORT_BREAK };

static enum sort sort_of(uint32_t c) {
    UErrorCode code = U_ZERO_ERROR;
    if (!u_isalnum((UChar32)c) && u_charType((UChar32)c) != U_NON_SPACING_MARK)
        return SORT_BREAK;
    if (c < 0x80)
        return SORT_WORD;
    switch (uscript_getScript((UChar32)c, &code)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
        return SORT_CHARACTERS;
    default:
        return SORT_WORD;
    }
}

enum pd_status match_runs(pd_str text,
                          enum pd_status (*take)(void *context, pd_str run, enum match_sort sort,
                                                 struct pd_error *err),
                          void *context, struct pd_error *err) {
    char folded[3 * FOLDED + 1];
    enum pd_status st = PD_OK;
    if (!pd_utf8_valid(text, NULL))
        return PD_OK;
    for (size_t used = 0; st == PD_OK && used < text.len;) {
        size_t n = piece_of(pd_str_sub(text, used, text.len - used));
        pd_str piece = fold(pd_str_sub(text, used, n), folded, sizeof(folded));
        used += n;
        enum sort sort = SORT_BREAK;
        size_t start = 0;
        uint32_t c;
        for (size_t at = 0; st == PD_OK && at < piece.len;) {
            size_t one = pd_utf8_decode(piece, at, &c);
            enum sort now = sort_of(c);
            if (now != sort) {
                if (sort != SORT_BREAK)
                    st = take(context, pd_str_sub(piece, start, at - start), (enum match_sort)sort,
                              err);
                start = at;
                sort = now;
            }
            at += one;
        }
        if (st == PD_OK && sort != SORT_BREAK)
            st = take(context, pd_str_sub(piece, start, piece.len - start), (enum match_sort)sort,
                      err);
    }
    return st;
}

/* ---- Terms ---- */

/* Ascending. What is asked for here is always data, so the word for it tells nothing apart. */
static const char *const STOP_WORDS[] = {
    "a",    "about", "all",  "an",    "and",  "any",  "are",   "as",          "at",   "be",
    "by",   "data",  "dataset", "each",  "every", "for", "from", "have",      "in",   "information",
    "is",   "it",    "its",  "need",  "of",   "on",   "or",    "our",         "per",  "table",
    "that", "the",   "their", "them", "there", "this", "to",   "want",        "we",   "what",
    "where", "which", "who", "whose", "with", "within", "you"};

/* Characters that join what is meant, in a need and in a title alike. */
static const char *const STOP_CHARACTERS[] = {"的", "了", "和", "与", "及", "或", "在",
                                              "各", "每", "等", "之", "是", "有"};
static const char *const STOP_PAIRS[] = {"数据", "信息", "资料", "需要"};

static bool is_stop_word(pd_str word) {
    for (size_t i = 0; i < sizeof(STOP_WORDS) / sizeof(*STOP_WORDS); i++)
        if (pd_str_is(word, STOP_WORDS[i]))
            return true;
    return false;
}

static bool is_stop_character(pd_str c) {
    for (size_t i = 0; i < sizeof(STOP_CHARACTERS) / sizeof(*STOP_CHARACTERS); i++)
        if (pd_str_is(c, STOP_CHARACTERS[i]))
            return true;
    return false;
}

static size_t stop_pair_at(pd_str run, size_t at) {
    for (size_t i = 0; i < sizeof(STOP_PAIRS) / sizeof(*STOP_PAIRS); i++)
        if (pd_str_starts(pd_str_sub(run, at, run.len - at), pd_str_from(STOP_PAIRS[i])))
            return strlen(STOP_PAIRS[i]);
    return 0;
}

/* Out of the plural: Harman's S stemmer (1991), the mildest there is. */
static pd_str stem(pd_str w, char *room) {
    static const struct {
        const char *ends, *unless[3];
        size_t cut;
        const char *put;
    } rules[] = {{"ies", {"eies", "aies", NULL}, 3, "y"},
                 {"es", {"aes", "ees", "oes"}, 1, ""},
                 {"s", {"us", "ss", NULL}, 1, ""}};
    for (size_t i = 0; w.len > 3 && i < sizeof(rules) / sizeof(*rules); i++) {
        if (!pd_str_ends(w, pd_str_from(rules[i].ends)))
            continue;
        for (size_t u = 0; u < 3 && rules[i].unless[u]; u++)
            if (pd_str_ends(w, pd_str_from(rules[i].unless[u])))
                return w;
        size_t n = w.len - rules[i].cut, more = strlen(rules[i].put);
        memcpy(room, w.data, n);
        memcpy(room + n, rules[i].put, more);
        return (pd_str){room, n + more};
    }
    return w;
}

struct terms {
    struct pd_arena *arena;
    pd_str *list;
    size_t count, room;
};

static enum pd_status add(struct terms *t, pd_str term, struct pd_error *err) {
    if (t->count == MATCH_TERMS_MAX)
        return PD_OK;
    if (t->count == t->room) {
        size_t room = t->room ? 2 * t->room : 32;
        pd_str *list = pd_arena_array(t->arena, room, sizeof(*list));
        if (!list)
            return pd_fail_memory(err);
        if (t->count)
            memcpy(list, t->list, t->count * sizeof(*list));
        t->list = list;
        t->room = room;
    }
    pd_str copy = pd_arena_str(t->arena, term);
    if (!copy.data)
        return pd_fail_memory(err);
    t->list[t->count++] = copy;
    return PD_OK;
}

/* Characters between two that join: their pairs, or the one that stands alone. */
static enum pd_status add_pairs(struct terms *t, pd_str part, struct pd_error *err) {
    uint32_t c;
    size_t one = part.len ? pd_utf8_decode(part, 0, &c) : 0;
    enum pd_status st = one && one == part.len ? add(t, part, err) : PD_OK;
    for (size_t at = 0; st == PD_OK && at + one < part.len;) {
        size_t two = pd_utf8_decode(part, at + one, &c);
        st = add(t, pd_str_sub(part, at, one + two), err);
        at += one;
        one = two;
    }
    return st;
}

static enum pd_status add_characters(struct terms *t, pd_str run, struct pd_error *err) {
    size_t start = 0, at = 0;
    enum pd_status st = PD_OK;
    while (st == PD_OK && at < run.len) {
        uint32_t c;
        size_t one = pd_utf8_decode(run, at, &c), skip = stop_pair_at(run, at);
        if (!skip && is_stop_character(pd_str_sub(run, at, one)))
            skip = one;
        if (skip) {
            st = add_pairs(t, pd_str_sub(run, start, at - start), err);
            start = at + skip;
        }
        at += skip ? skip : one;
    }
    return st == PD_OK ? add_pairs(t, pd_str_sub(run, start, run.len - start), err) : st;
}

enum { WORD_MAX = 100 };

static enum pd_status take(void *context, pd_str run, enum match_sort sort, struct pd_error *err) {
    char room[WORD_MAX + 1];
    if (sort == MATCH_CHARACTERS)
        return add_characters(context, run, err);
    if (run.len > WORD_MAX || is_stop_word(run))
        return PD_OK;
    return add(context, stem(run, room), err);
}

enum pd_status match_terms(pd_str text, struct pd_arena *arena, pd_str **out, size_t *count,
                           struct pd_error *err) {
    struct terms t = {.arena = arena};
    enum pd_status st = match_runs(text, take, &t, err);
    if (st != PD_OK)
        return st;
    *out = t.list;
    *count = t.count;
    return PD_OK;
}
