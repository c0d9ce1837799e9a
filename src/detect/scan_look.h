/** Private to detect/: where finders are sent, and the bits that tell; see scan_look.c. */
#ifndef POLDER_DETECT_SCAN_LOOK_H
#define POLDER_DETECT_SCAN_LOOK_H

#include "detect/scan_impl.h"

/* Whether finders may be sent there. */
static inline bool is_wanted(const struct scan_window *w, size_t at) {
    return at >= w->visit_from && at < w->visit_to;
}

static inline bool wants(const struct scan_window *w, enum detect_type type) {
    return (w->types & DETECT_BIT(type)) != 0;
}

/* Of one class, the 64 bytes from `at` on, and those before it (the highest bit is the last). */
#define FROM(w, class_, at)                                                                        \
    ((w)->blocks[(at) / 64].class_ >> (at) % 64 | (w)->blocks[(at) / 64 + 1].class_                \
                                                      << 1 << (63 - (at) % 64))
#define UNTIL(w, class_, at)                                                                       \
    ((w)->blocks[(at) / 64].class_ << 1 << (63 - (at) % 64) |                                      \
     (w)->blocks[(ptrdiff_t)((at) / 64) - 1].class_ >> (at) % 64)

static inline size_t run_of(uint64_t bits) {
    return ~bits ? (size_t)__builtin_ctzll(~bits) : 64;
}

static inline uint64_t first_bits(size_t n) {
    return n < 64 ? (UINT64_C(1) << n) - 1 : ~UINT64_C(0);
}

/* Whether at least so many are set: for few, sooner than counting all without an instruction for
 * it.
 */
static inline bool has_bits(uint64_t bits, int least) {
    while (--least > 0)
        bits &= bits - 1;
    return bits != 0;
}

/* A byte; zero behind the end. */
static inline char byte_at(const struct scan_window *w, size_t at) {
    return at < w->text.len ? w->text.data[at] : '\0';
}

static inline bool is_beyond_ascii(char c) {
    return (unsigned char)c >= 0x80;
}

/* A letter or digit at which a word begins. */
static inline bool begins_word(const struct scan_window *w, size_t at) {
    const struct scan_block *b = &w->blocks[at / 64];
    if (((b->letter | b->digit) >> at % 64 & 1) == 0)
        return false;
    if (at > 0 && !is_beyond_ascii(w->text.data[at - 1]))
        return (UNTIL(w, word, at) >> 63) == 0;
    return !scan_is_word_before(w, at);
}

static inline bool is_name_capital(char c) {
    return (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0xc3;
}

/* By the first two letters of a word in any case: a bit for each length that it can have. */
#define PAIR(a, b) (((a)&31) << 5 | ((b)&31))

static inline bool is_of_length(const uint16_t *lengths, const char *word, size_t len) {
    return len >= 2 && len < 16 && (lengths[PAIR(word[0], word[1])] >> len & 1) != 0;
}

/* Each is sent to the place of a bit, which may lie beside what is wanted. */

/* scan_look_number.c */
void scan_look_number(struct scan_window *w, size_t at); /* a word that begins with a digit */
void scan_look_mixed(struct scan_window *w, size_t at);  /* the first digit of one that doesn't */
void scan_look_open(struct scan_window *w, size_t at);   /* + and ( */
void scan_look_dash(struct scan_window *w, size_t at);   /* - before a digit, or of -----BEGIN */
void scan_look_full(struct scan_window *w, size_t at);   /* EF, as of full-width characters */
/* scan_look_name.c */
void scan_look_capital(struct scan_window *w, size_t at); /* a word that begins with one */
void scan_look_title(struct scan_window *w, size_t at);   /* what may be a name behind a title */
void scan_look_behind(struct scan_window *w, size_t at);  /* what words for addresses end in */
void scan_look_han(struct scan_window *w, size_t at);     /* a Chinese character */

#endif
