/**
 * match/: which of many things answer what somebody needs. Without a model that was trained: words,
 * how rare each is, and where it stands; so that anybody can follow why something comes first. An
 * engine: bytes in, ranked answers out.
 *
 * English and other languages with spaces are cut into words, folded (NFKC_Casefold) and taken out of
 * the plural; of Chinese and Japanese every two characters in a row are a term, since no dictionary
 * cuts 不动产登记 twice the same. The rank is BM25 over weighted fields (Robertson, Zaragoza and
 * Taylor 2004: the fields' frequencies are added up before they saturate).
 */
#ifndef POLDER_MATCH_H
#define POLDER_MATCH_H

#include "base/base.h"

/* ---- Words ---- */

enum match_sort {
    MATCH_WORD,      /* of a script that writes words with spaces */
    MATCH_CHARACTERS /* Han, Hiragana, Katakana */
};
/**
 * Folds a text and gives its runs of letters and digits of one sort to `take`, in order; a run lives
 * until `take` returns, and what that returns ends the walk unless PD_OK. A text that isn't UTF-8 has
 * none; one beyond 512 bytes is folded in pieces, cut behind a space where there is one.
 */
PD_CHECK enum pd_status match_runs(pd_str text,
                                   enum pd_status (*take)(void *context, pd_str run,
                                                          enum match_sort sort,
                                                          struct pd_error *err),
                                   void *context, struct pd_error *err);

enum { MATCH_TERMS_MAX = 4096 }; /* of one text; further ones are not looked at */
/**
 * The terms of a text, in their order, with repetitions: words in the singular, pairs of characters,
 * a character that stands alone. Words that say nothing of what is meant ("the", "data", 的, 数据) are
 * left out. List and texts in `arena`.
 */
PD_CHECK enum pd_status match_terms(pd_str text, struct pd_arena *arena, pd_str **out, size_t *count,
                                    struct pd_error *err);

/* ---- Ranking ---- */

enum match_field {
    MATCH_TITLE,   /* counts four times */
    MATCH_COLUMNS, /* names of columns: three times */
    MATCH_TAGS,    /* what standards call these columns: twice */
    MATCH_TEXT,    /* once */
    MATCH_FIELD_COUNT
};
const char *match_field_name(enum match_field field); /* "title", "columns", "terms", "text" */

struct match_document {
    pd_str fields[MATCH_FIELD_COUNT];
};

enum { MATCH_FITS_PERMILLE = 500 }; /* so much of what is asked for must be found to call it an answer */

struct match_hit {
    size_t document; /* its index */
    double score;
    unsigned covered_permille; /* of the weight of all terms of the query those that it has */
    const struct match_word {  /* the query's terms, each once, in their order */
        pd_str term;
        bool is_there;
        enum match_field field; /* the weightiest that has it */
    } * words;
    size_t word_count;
};
/**
 * Ranks documents by a query: the best first, of equals the earlier one; those that share no term with
 * it are left out.
 *
 * total: documents there are in all, of which these are all that share a term with the query (at least
 * `count`): how rare a term is hangs on it. limit: hits wanted.
 * All in `arena`. PD_LIMIT: the arena is full.
 */
PD_CHECK enum pd_status match_rank(const struct match_document *documents, size_t count,
                                   size_t total, pd_str query, size_t limit,
                                   struct pd_arena *arena, const struct match_hit **out,
                                   size_t *found, struct pd_error *err);

#endif
