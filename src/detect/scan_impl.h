/** Private to detect/: how running text is searched, window by window. */
#ifndef POLDER_DETECT_SCAN_IMPL_H
#define POLDER_DETECT_SCAN_IMPL_H

#include "detect/detect_impl.h"
#include "detect/scan_bits.h"

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
    size_t visit_from, visit_to; /* the places that finders look at: some find what lies beside */
    bool is_first, is_last;      /* nothing lies before, behind the text of the window */
    const struct detect_scan_options *options;
    detect_bits types;
    const struct scan_bits *bits;
    const struct scan_block *blocks; /* one before the text's and two behind can be read */
    size_t host_at;                  /* the last place that was looked at for a host name */
    struct scan_candidate *list;
    size_t count, capacity;
    bool failed; /* out of memory */
};

/** Whether a finder may pass over what a quick look rules out. */
static inline bool scan_is_quick(const struct scan_window *w) {
    return w->options->way != DETECT_EVERYWHERE;
}

/** Sends finders to the places where something can begin. */
void scan_look(struct scan_window *w);
/** Sends every finder to every place: what scan_look is held against. */
void scan_look_everywhere(struct scan_window *w);

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
/** The word nearby that speaks for one of `types`, and which of them words before speak against;
    NULL. Within 60 bytes before and 30 behind, and
    not across an empty line. */
const char *scan_context(const struct scan_window *w, size_t start, size_t end, detect_bits types,
                         detect_bits *against);
/** The types that words within so many bytes from a place on can speak for or against, by how words
    begin. */
detect_bits scan_types_near(const struct scan_window *w, size_t from, size_t len);
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

/* scan_code.c */
void scan_codes(struct scan_window *w, size_t at);  /* a word of letters and digits */
void scan_phones(struct scan_window *w, size_t at); /* a digit, + or ( */
void scan_births(struct scan_window *w, size_t at); /* a digit */
void scan_points(struct scan_window *w, size_t at); /* a digit, -, g, P, p, N or S */
/* scan_link.c */
void scan_link(struct scan_window *w, size_t at);    /* a letter */
void scan_host(struct scan_window *w, size_t at);    /* a letter or digit */
void scan_colons(struct scan_window *w, size_t at);  /* a hex digit: MAC and IPv6 */
void scan_email(struct scan_window *w, size_t at);   /* an @ */
void scan_secrets(struct scan_window *w, size_t at); /* a letter, digit or - */
/* scan_name.c */
void scan_street(struct scan_window *w, size_t at);      /* a capital or digit */
void scan_introduced(struct scan_window *w, size_t at);  /* what stands behind "lives at" */
void scan_name(struct scan_window *w, size_t at);        /* a letter */
void scan_western(struct scan_window *w, size_t at);     /* the three above, of the types wanted */
void scan_han_name(struct scan_window *w, size_t at);    /* a Chinese character */
void scan_han_address(struct scan_window *w, size_t at); /* likewise */
void scan_plate(struct scan_window *w, size_t at);       /* likewise, before a letter */
/** Whether words before the place may introduce a name or an address: `ends`, DETECT_ENDS_NAME or
    DETECT_ENDS_ADDRESS. */
bool scan_may_be_introduced(const struct scan_window *w, size_t at, unsigned ends);
bool scan_is_title(pd_str word); /* "Dr", "Herr" */
/* site.c: the whole window */
void scan_site(struct scan_window *w);

#endif
