/** Private to detect/: how running text is searched, window by window. */
#ifndef POLDER_DETECT_SCAN_IMPL_H
#define POLDER_DETECT_SCAN_IMPL_H

#include "detect/detect_impl.h"

/** Something that may be a finding; places are offsets in the window. */
struct scan_candidate {
    size_t start, end;
    const struct detect_info *info;
    enum detect_type type;
    bool is_weak;
    enum detect_confidence confidence;
    const char *proof, *word;
};

/** A stretch of the text. Candidates start in from .. to; what lies around them is context. */
struct scan_window {
    pd_str text;
    size_t from, to;
    bool is_first, is_last; /* nothing lies before, behind the text of the window */
    const struct detect_scan_options *options;
    detect_bits types;
    const uint64_t *digits; /* a bit for each byte: a digit, or what may begin a full-width one */
    size_t widest;          /* bytes that one character of a code may take: 1 or 3 */
    const struct scan_ends *ends;
    struct scan_candidate *list;
    size_t count, capacity;
    bool failed; /* out of memory */
};

/** The last characters, each of three bytes, of words that introduce a name or an address. */
struct scan_ends {
    char name[16][3], address[16][3];
    size_t names, addresses;
};
struct scan_ends scan_ends_make(void);

/** Whether there could be so many digits within so many bytes from `at` on. */
bool scan_has_digits(const struct scan_window *w, size_t at, size_t within, unsigned least);

/* ---- scan_word.c: characters and words ---- */

/** One character: its length in bytes, and its ASCII form if it has one (full width too), else 0.
 */
struct scan_char {
    size_t len;
    char ascii;
};
struct scan_char scan_char_at(pd_str text, size_t at);
/** Where the character before `at` begins; `at` must be above 0. */
size_t scan_before(pd_str text, size_t at);
bool scan_is_word_before(const struct scan_window *w, size_t at); /* a letter, a digit or _ */
bool scan_is_word_at(const struct scan_window *w, size_t at);
/** The word nearby that speaks for one of `types`; NULL. Within 60 bytes before and 30 behind, and
    not across an empty line. */
const char *scan_context(const struct scan_window *w, size_t start, size_t end, detect_bits types,
                         detect_bits *against);
/** The words within `most` bytes before and behind a place, for words that have to stand close. */
struct detect_name scan_words_before(const struct scan_window *w, size_t at, size_t most);
struct detect_name scan_words_behind(const struct scan_window *w, size_t at, size_t most);

/** Adds one if options want its type and confidence. word: NULL if none was looked for. */
void scan_add(struct scan_window *w, size_t start, size_t end, enum detect_type type, bool is_weak,
              enum detect_confidence confidence, const char *proof, const char *word);
/** As scan_add, one of the site's own. */
void scan_add_info(struct scan_window *w, size_t start, size_t end, const struct detect_info *info,
                   enum detect_confidence confidence, const char *proof, const char *word);
/** Adds one whose value passed, judged by its type and by the words nearby. */
void scan_judge(struct scan_window *w, size_t start, size_t end, enum detect_type type,
                bool is_weak);

/* ---- the finders; each looks at one place ---- */

void scan_codes(struct scan_window *w, size_t at);  /* scan_code.c: a word of letters and digits */
void scan_phones(struct scan_window *w, size_t at); /* scan_code.c: a digit, + or ( */
void scan_births(struct scan_window *w, size_t at); /* scan_code.c: a digit */
void scan_points(struct scan_window *w, size_t at); /* scan_code.c: a digit, -, g or P */
void scan_links(struct scan_window *w, size_t at);  /* scan_link.c: a letter or digit */
void scan_email(struct scan_window *w, size_t at);  /* scan_link.c: an @ */
bool scan_goes_on_as_token(char c); /* scan_link.c: a mark that stands inside of tokens */
void scan_secrets(struct scan_window *w, size_t at); /* scan_link.c: a letter, digit or - */
void scan_western(struct scan_window *w, size_t at); /* scan_name.c: a letter or digit */
void scan_chinese(struct scan_window *w, size_t at); /* scan_name.c: a character beyond ASCII */
void scan_site(struct scan_window *w);               /* site.c: the whole window */

#endif
