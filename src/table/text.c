/* Looks at raw bytes: whether they are text at all, and what to say where they are not. */
#include "table/table_impl.h"

#include <inttypes.h>
#include <string.h>

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

size_t table_text_check(const struct table_wide *wide, const char *text, size_t n, bool *bad) {
    size_t i = 0;
    *bad = false;
    while (i < n) {
        i += wide->utf8(text + i, n - i);
        /* A block at least before the fast way is tried again. */
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

size_t table_text_ascii(const struct table_wide *wide, const char *text, size_t n) {
    size_t i = wide->ascii(text, n);
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
