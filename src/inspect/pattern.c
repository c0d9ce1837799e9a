/* The shape of a cell: runs of digits, capitals, small letters and ideographs; what else as it is.
 */
#include "inspect/inspect_impl.h"

#include <string.h>

/* One test for most: a letter or a digit? */
static uint32_t class_of_ascii(uint32_t c) {
    if (c - '0' <= 9)
        return '9';
    if ((c | 0x20) - 'a' < 26)
        return c < 'a' ? 'A' : 'a';
    return 0;
}

/* The class of a character; 0 for one that stands for itself. */
static uint32_t class_of(uint32_t c) {
    if (c < 0x80)
        return class_of_ascii(c);
    bool is_ideograph = (c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
                        (c >= 0x20000 && c <= 0x3ffff);
    if (is_ideograph)
        return 0x6587; /* 文 */
    if (c >= 0xff10 && c <= 0xff19)
        return 0xff19; /* full-width 9 */
    bool is_mark = (c >= 0x2000 && c <= 0x206f) || (c >= 0x3000 && c <= 0x303f) ||
                   (c >= 0xff01 && c <= 0xff0f) || (c >= 0xff1a && c <= 0xff20) || c < 0xc0;
    return is_mark ? 0 : 'x';
}

/* "{12}" */
static size_t write_run(size_t run, char *out) {
    char digits[20];
    size_t count = 0, n = 0;
    for (; run > 0; run /= 10)
        digits[count++] = (char)('0' + run % 10);
    out[n++] = '{';
    while (count > 0)
        out[n++] = digits[--count];
    out[n++] = '}';
    return n;
}

/* The length in characters of the run of one class (or one character) that begins at *at. */
static size_t take_run(pd_str cell, size_t *at, uint32_t *shown) {
    uint32_t c, next;
    *at += pd_utf8_decode(cell, *at, &c);
    const uint32_t class_ = class_of(c);
    *shown = class_ ? class_ : c;
    size_t run = 1;
    for (; *at < cell.len; run++) {
        size_t width = 1;
        next = (unsigned char)cell.data[*at];
        if (next >= 0x80)
            width = pd_utf8_decode(cell, *at, &next);
        if (next != c && (class_ == 0 || class_of(next) != class_))
            break;
        *at += width;
    }
    return run;
}

pd_str inspect_pattern_of(pd_str cell, char out[INSPECT_PATTERN_SIZE]) {
    size_t n = 0, at = 0;
    while (at < cell.len) {
        uint32_t shown;
        size_t run = take_run(cell, &at, &shown);
        char one[4 + 24];
        size_t len = pd_utf8_encode(shown, one);
        if (run > 1)
            len += write_run(run, one + len);
        if (n + len > INSPECT_PATTERN_SIZE - 4) { /* room for the mark of a cut */
            memcpy(out + n, "\xe2\x80\xa6", 3);
            return (pd_str){out, n + 3};
        }
        memcpy(out + n, one, len);
        n += len;
    }
    return (pd_str){out, n};
}
