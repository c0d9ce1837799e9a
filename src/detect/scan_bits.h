/** Private to detect/: what the bytes of running text are, a bit each, 64 at a time. */
#ifndef POLDER_DETECT_SCAN_BITS_H
#define POLDER_DETECT_SCAN_BITS_H

#include "detect/detect.h"

/** Kept for the whole window: finders ask what stands around a place. */
struct scan_block {
    uint64_t digit, letter;
    uint64_t word;  /* a letter, a digit or _ */
    uint64_t token; /* a letter, a digit or what tokens hold (scan_goes_on_as_token) */
    uint64_t joint; /* what joins the groups of a code: space - . / */
    uint64_t dial;  /* what telephone numbers hold: digits are not in it; + ( ) x and joints */
    uint64_t high;  /* beyond ASCII */
    uint64_t full;  /* EF, which begins full-width characters */
};

/** Made for a few blocks and forgotten: bytes at which, or near which, something may begin. */
struct scan_marks {
    uint64_t upper;
    uint64_t at, colon, dot;
    uint64_t open;   /* + and ( */
    uint64_t dash;   /* before a digit, or the first of "-----B" */
    uint64_t equals; /* = and :, behind which a secret may stand */
    uint64_t phrase; /* the second of two letters in which words for names and addresses end */
    uint64_t han;    /* E4 to E9, which begin Chinese characters */
    uint64_t accent; /* C3 to E1 behind a space: a name may begin */
};

/** Text is read from one byte before its start to SCAN_MARGIN bytes behind the last block. */
enum { SCAN_BLOCK = 64, SCAN_MARGIN = 16 };

struct scan_bits {
    const char *name;
    void (*blocks)(const char *text, size_t count, struct scan_block *out);
    void (*marks)(const char *text, size_t count, struct scan_marks *out);
    /** Bytes that don't continue a character: the number of characters of well-formed UTF-8. */
    uint64_t (*characters)(const char *text, size_t n);
};
/** With instructions that every processor has if `is_plain`. */
const struct scan_bits *scan_bits_get(bool is_plain);

#endif
