/* Looks at raw bytes: where a record may break, and whether they are text at all. */
#include "table/table_impl.h"

#include <inttypes.h>
#include <string.h>

/* The portable loops give the same answers; -DTABLE_PORTABLE lets the tests run on them. */
#if defined(__SSE2__) && !defined(TABLE_PORTABLE)
#include <emmintrin.h>

uint64_t table_text_marks(const char *block, char separator, char quote) {
    const __m128i is_separator = _mm_set1_epi8(separator), is_quote = _mm_set1_epi8(quote);
    const __m128i is_lf = _mm_set1_epi8('\n'), is_cr = _mm_set1_epi8('\r');
    uint64_t marks = 0;
    for (int i = 0; i < TABLE_BLOCK; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(block + i));
        __m128i hit =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, is_separator), _mm_cmpeq_epi8(v, is_quote)),
                         _mm_or_si128(_mm_cmpeq_epi8(v, is_lf), _mm_cmpeq_epi8(v, is_cr)));
        marks |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << i;
    }
    return marks;
}

/* Number of bytes, in steps of 16, that are ASCII without NUL. */
static size_t plain_prefix(const char *text, size_t n) {
    size_t i = 0;
    for (; n - i >= 16; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text + i));
        if (_mm_movemask_epi8(_mm_or_si128(v, _mm_cmpeq_epi8(v, _mm_setzero_si128()))) != 0)
            break;
    }
    return i;
}
#else
uint64_t table_text_marks(const char *block, char separator, char quote) {
    uint64_t marks = 0;
    for (int i = 0; i < TABLE_BLOCK; i++) {
        char c = block[i];
        bool is_mark = c == separator || c == quote || c == '\n' || c == '\r';
        marks |= (uint64_t)is_mark << i;
    }
    return marks;
}

static size_t plain_prefix(const char *text, size_t n) {
    const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t v;
        memcpy(&v, text + i, 8);
        /* v - ones borrows into a high bit where a byte is zero. */
        if (((v | (v - ones)) & highs) != 0)
            break;
    }
    return i;
}
#endif

/**
 * Length of the character at `p`; 0 if the `n` bytes end before it does; SIZE_MAX if it cannot be
 * one. Unicode 15 table 3-7: only the second byte has ranges of its own.
 */
static size_t character_length(const unsigned char *p, size_t n) {
    unsigned char lead = p[0];
    if (lead < 0x80)
        return lead == 0 ? SIZE_MAX : 1;
    if (lead < 0xC2 || lead > 0xF4)
        return SIZE_MAX;
    size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (n > 1 && (p[1] < low || p[1] > high))
        return SIZE_MAX;
    for (size_t i = 2; i < length && i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return SIZE_MAX;
    return length <= n ? length : 0;
}

/* The common case of Chinese text, without the special ranges: a lead byte E1..EC, EE or EF. */
static inline bool is_plain_three(const unsigned char *p) {
    return (p[0] & 0xF0) == 0xE0 && p[0] != 0xE0 && p[0] != 0xED && (p[1] & 0xC0) == 0x80 &&
           (p[2] & 0xC0) == 0x80;
}

size_t table_text_check(const char *text, size_t n, bool *bad) {
    size_t i = 0;
    *bad = false;
    while (i < n) {
        i += plain_prefix(text + i, n - i);
        /* A block at least before the fast way is tried again: Chinese text never has it. */
        size_t stop = n - i > TABLE_BLOCK ? i + TABLE_BLOCK : n;
        while (i < stop) {
            const unsigned char *p = (const unsigned char *)text + i;
            if (n - i >= 3 && is_plain_three(p)) {
                i += 3;
                continue;
            }
            size_t length = character_length(p, n - i);
            if (length == SIZE_MAX)
                *bad = true;
            if (length == SIZE_MAX || length == 0)
                return i;
            i += length;
        }
    }
    return i;
}

size_t table_text_ascii(const char *text, size_t n) {
    size_t i = plain_prefix(text, n);
    while (i < n && (unsigned char)text[i] < 0x80 && text[i] != 0)
        i++;
    return i;
}

enum pd_status table_text_fail(const char *at, size_t n, uint64_t line, uint64_t column,
                               const char *evidence, struct pd_error *err) {
    const unsigned char *p = (const unsigned char *)at;
    if (p[0] == 0)
        return pd_fail(err, PD_INVALID,
                       "line %" PRIu64 ", column %" PRIu64
                       ": a NUL byte, which text never has: this is not a text file, or it is "
                       "UTF-16 (then say so: --encoding=utf-16le)",
                       line, column);
    if (character_length(p, n) == 0)
        return pd_fail(err, PD_INVALID,
                       "line %" PRIu64 ", column %" PRIu64
                       ": the input ends within a character that byte 0x%02X begins: it was cut "
                       "off, or is not UTF-8, in which it was read (%s)",
                       line, column, p[0], evidence);
    return pd_fail(err, PD_INVALID,
                   "line %" PRIu64 ", column %" PRIu64
                   ": byte 0x%02X is not UTF-8, in which the file was read (%s); if it is in "
                   "another encoding, say which, for example --encoding=windows-1252; if it mixes "
                   "two, save it in one",
                   line, column, p[0], evidence);
}
