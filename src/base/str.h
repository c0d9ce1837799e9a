/**
 * Text: length-carrying views, UTF-8, numbers in text, hex and base64.
 */
#ifndef POLDER_BASE_STR_H
#define POLDER_BASE_STR_H

#include "base/error.h"

/** A view of bytes, usually UTF-8; owns nothing and need not end in zero. {NULL, 0} is empty. */
typedef struct pd_str {
    const char *data;
    size_t len;
} pd_str;

#define PD_STR(literal) ((pd_str){(literal), sizeof(literal) - 1})
/** For static initialisers, where a compound literal is not a constant. */
#define PD_STR_INIT(literal) {(literal), sizeof(literal) - 1}
/** Prints a pd_str with "%.*s". */
#define pd_arg(s) ((int)((s).len > 0x7fffffff ? 0x7fffffff : (s).len)), ((s).data ? (s).data : "")

pd_str pd_str_from(const char *zero_terminated); /* NULL gives the empty view */
bool pd_str_eq(pd_str a, pd_str b);
bool pd_str_is(pd_str a, const char *zero_terminated);
bool pd_str_eq_ascii_case(pd_str a, pd_str b); /* ASCII letters fold; other bytes compare as they are */
int pd_str_cmp(pd_str a, pd_str b);            /* unsigned bytes, then length: <0, 0, >0 */
bool pd_str_starts(pd_str s, pd_str prefix);
bool pd_str_ends(pd_str s, pd_str suffix);
pd_str pd_str_sub(pd_str s, size_t at, size_t len); /* clamped to s */
pd_str pd_str_trim(pd_str s);                       /* ASCII space, tab, CR, LF at both ends */

#define PD_NPOS SIZE_MAX
size_t pd_str_find(pd_str s, pd_str needle); /* byte offset or PD_NPOS */
size_t pd_str_find_char(pd_str s, char c);   /* byte offset or PD_NPOS */

/**
 * Cuts the piece before the first `separator` off the front of `*rest`; false when `*rest` is used
 * up (data == NULL). "a,,b" gives "a", "", "b"; the empty view with data gives one empty piece.
 */
bool pd_str_split(pd_str *rest, char separator, pd_str *piece);

/** Well-formed UTF-8 per Unicode 15 table 3-7; on false `*bad_at` (may be NULL) is the byte offset. */
bool pd_utf8_valid(pd_str s, size_t *bad_at);
/** Decodes one code point of valid UTF-8 at s[at]; returns its length in bytes (1..4). */
size_t pd_utf8_decode(pd_str s, size_t at, uint32_t *code_point);
/** Writes 1..4 bytes, returns how many; 0 for a surrogate or above U+10FFFF. */
size_t pd_utf8_encode(uint32_t code_point, char out[4]);
/** Number of code points in valid UTF-8. */
size_t pd_utf8_length(pd_str s);

/** Whole view as a decimal integer: optional '-', digits, no leading '+' or spaces. */
bool pd_parse_i64(pd_str s, int64_t *out);
bool pd_parse_u64(pd_str s, uint64_t *out);
/** Whole view as a decimal number with optional fraction and exponent; no inf, nan, hex, locale. */
bool pd_parse_double(pd_str s, double *out);

/** out needs 2 * n + 1 bytes; lower case; NUL-terminated. */
void pd_hex_encode(const void *bytes, size_t n, char *out);
/** Exactly 2 * n hex digits, either case. */
bool pd_hex_decode(pd_str text, void *out, size_t n);

/** RFC 4648 section 4 with padding. Encoded length without NUL is 4 * ceil(n / 3). */
size_t pd_base64_encode(const void *bytes, size_t n, char *out); /* writes a NUL; returns length */
/**
 * Strict: padding required, no white space, unused bits zero. `out` needs 3 * (text.len / 4) bytes;
 * `*n` is the decoded length. False for anything else.
 */
bool pd_base64_decode(pd_str text, void *out, size_t *n);

#endif
