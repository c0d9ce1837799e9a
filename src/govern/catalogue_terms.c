/*
 * Words by which a dataset is found. A text is folded (NFKC_Casefold: case, width and compatibility forms), then cut into runs
 * of letters and digits. A run of a script that writes words with spaces is a word, found by its beginning. Of Chinese and
 * Japanese every two characters in a row are a term, and the last one alone: so any run of characters is found without a
 * dictionary, which would cut 公交站点 otherwise in a title than in a question. Both are looked up by the beginning.
 */
#include "govern/catalogue_impl.h"

#include "match/match.h"

enum { TEXT_BYTES_MAX = 4000, WORD_CHARACTERS_MAX = 24 };

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

/* A run of one sort, from `at`; `ends[i]`: where its character i ends. At most 2,000 characters fit a title. */
static enum pd_status add_run(void *context, pd_str run, enum match_sort sort,
                              struct pd_error *err) {
    struct catalogue_terms *terms = context;
    size_t at = 0, length = pd_utf8_length(run);
    uint32_t c;
    enum pd_status st = PD_OK;
    if (sort == MATCH_WORD) {
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
    if (text.len > TEXT_BYTES_MAX) { /* cut at the beginning of a character */
        text.len = TEXT_BYTES_MAX;
        while (text.len > 0 && ((unsigned char)text.data[text.len] & 0xc0) == 0x80)
            text.len--;
    }
    return match_runs(text, add_run, terms, err);
}

enum pd_status catalogue_terms_add_title(struct catalogue_terms *terms, pd_str title,
                                         struct pd_error *err) {
    pd_str key, value;
    enum pd_status st = PD_OK;
    while (st == PD_OK && pd_json_next(&title, &key, &value))
        st = catalogue_terms_add(terms, pd_json_read_text(value, terms->arena), err);
    return st;
}
