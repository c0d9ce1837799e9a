/*
 * Words by which a dataset is found. A text is folded (NFKC_Casefold: case, width and compatibility forms), then cut into runs
 * of letters and digits. A run of a script that writes words with spaces is a word, found by its beginning. Of Chinese and
 * Japanese every two characters in a row are a term, and the last one alone: so any run of characters is found without a
 * dictionary, which would cut 公交站点 otherwise in a title than in a question. Both are looked up by the beginning.
 */
#include "govern/catalogue_impl.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

enum { FOLD_BYTES_MAX = 4000, WORD_CHARACTERS_MAX = 24 };

/* Sorted by nothing: a dataset has some dozens. */
static bool has(const struct catalogue_terms *terms, pd_str term) {
    for (size_t i = 0; i < terms->count; i++)
        if (pd_str_eq(terms->list[i], term))
            return true;
    return false;
}

static enum pd_status add(struct catalogue_terms *terms, pd_str term, struct pd_error *err) {
    size_t room = terms->is_search ? CATALOGUE_WORDS_MAX : CATALOGUE_TERMS_MAX;
    if (term.len == 0 || terms->count == room || has(terms, term))
        return PD_OK;
    pd_str copy = pd_arena_str(terms->arena, term);
    if (!copy.data)
        return pd_fail_memory(err);
    terms->list[terms->count++] = copy;
    return PD_OK;
}

/* NFKC_Casefold, as UTF-8 again; PD_OK with an empty text where it doesn't fit. */
static enum pd_status fold(pd_str text, struct pd_arena *arena, pd_str *out, struct pd_error *err) {
    UErrorCode code = U_ZERO_ERROR;
    const UNormalizer2 *folding = unorm2_getNFKCCasefoldInstance(&code);
    if (text.len > FOLD_BYTES_MAX) { /* cut at the beginning of a character */
        text.len = FOLD_BYTES_MAX;
        while (text.len > 0 && ((unsigned char)text.data[text.len] & 0xc0) == 0x80)
            text.len--;
    }
    int32_t room = FOLD_BYTES_MAX + 1, wide = 4 * FOLD_BYTES_MAX, n = 0, folded = 0, bytes = 0;
    UChar *from = pd_arena_array(arena, (size_t)room, sizeof(UChar)),
          *to = pd_arena_array(arena, (size_t)wide, sizeof(UChar));
    char *utf8 = pd_arena_alloc(arena, 3 * (size_t)wide);
    *out = PD_STR("");
    if (!from || !to || !utf8)
        return pd_fail_memory(err);
    u_strFromUTF8(from, room, &n, text.data, (int32_t)text.len, &code);
    if (U_SUCCESS(code))
        folded = unorm2_normalize(folding, from, n, to, wide, &code);
    if (U_SUCCESS(code))
        u_strToUTF8(utf8, 3 * wide, &bytes, to, folded, &code);
    if (U_SUCCESS(code))
        *out = (pd_str){utf8, (size_t)bytes};
    return PD_OK;
}

enum sort { SORT_BREAK, SORT_WORD, SORT_CHARACTER };

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
        return SORT_CHARACTER;
    default:
        return SORT_WORD;
    }
}

/* A run of one sort, from `at`; `ends[i]`: where its character i ends. At most 2,000 characters fit a title. */
static enum pd_status add_run(struct catalogue_terms *terms, pd_str run, enum sort sort,
                              struct pd_error *err) {
    size_t at = 0, length = pd_utf8_length(run);
    uint32_t c;
    enum pd_status st = PD_OK;
    if (sort == SORT_WORD) {
        for (size_t i = 0; i < WORD_CHARACTERS_MAX && at < run.len; i++)
            at += pd_utf8_decode(run, at, &c);
        return add(terms, pd_str_sub(run, 0, at), err);
    }
    for (size_t i = 0; st == PD_OK && at < run.len; i++) {
        size_t one = pd_utf8_decode(run, at, &c), two = 0;
        if (at + one < run.len)
            two = pd_utf8_decode(run, at + one, &c);
        /* Of what is looked for, the last character stands in the pair before it already. */
        if (two || !terms->is_search || length == 1)
            st = add(terms, pd_str_sub(run, at, one + two), err);
        at += one;
    }
    return st;
}

enum pd_status catalogue_terms_add(struct catalogue_terms *terms, pd_str text,
                                   struct pd_error *err) {
    pd_str folded;
    uint32_t c;
    if (!pd_utf8_valid(text, NULL))
        return PD_OK;
    enum pd_status st = fold(text, terms->arena, &folded, err);
    size_t start = 0;
    enum sort sort = SORT_BREAK;
    for (size_t at = 0; st == PD_OK && at < folded.len;) {
        size_t n = pd_utf8_decode(folded, at, &c);
        enum sort now = sort_of(c);
        if (now != sort) {
            if (sort != SORT_BREAK)
                st = add_run(terms, pd_str_sub(folded, start, at - start), sort, err);
            start = at;
            sort = now;
        }
        at += n;
    }
    return st == PD_OK && sort != SORT_BREAK
               ? add_run(terms, pd_str_sub(folded, start, folded.len - start), sort, err)
               : st;
}

enum pd_status catalogue_terms_add_title(struct catalogue_terms *terms, pd_str title,
                                         struct pd_error *err) {
    pd_str key, value;
    enum pd_status st = PD_OK;
    while (st == PD_OK && pd_json_next(&title, &key, &value))
        st = catalogue_terms_add(terms, pd_json_read_text(value, terms->arena), err);
    return st;
}
