/* The shape of a cell: runs of digits, capitals, small letters and ideographs; what else as it is.
 */
#include "inspect/inspect_impl.h"

#include <stdio.h>
#include <string.h>

/* The class of a character; 0 for one that stands for itself. */
static uint32_t class_of(uint32_t c) {
    if (c >= '0' && c <= '9')
        return '9';
    if (c >= 'A' && c <= 'Z')
        return 'A';
    if (c >= 'a' && c <= 'z')
        return 'a';
    if (c < 0x80)
        return 0;
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

pd_str inspect_pattern_of(pd_str cell, char out[INSPECT_PATTERN_SIZE]) {
    size_t n = 0, at = 0;
    while (at < cell.len) {
        uint32_t c;
        at += pd_utf8_decode(cell, at, &c);
        uint32_t class_ = class_of(c);
        size_t run = 1;
        while (at < cell.len) {
            uint32_t next;
            size_t width = pd_utf8_decode(cell, at, &next);
            if (class_ ? class_of(next) != class_ : next != c)
                break;
            at += width;
            run++;
        }
        char one[4 + 24];
        size_t len = class_ ? pd_utf8_encode(class_, one) : pd_utf8_encode(c, one);
        if (run > 1)
            len += (size_t)snprintf(one + len, sizeof(one) - len, "{%zu}", run);
        if (n + len > INSPECT_PATTERN_SIZE - 4) { /* room for the mark of a cut */
            memcpy(out + n, "\xe2\x80\xa6", 3);
            return (pd_str){out, n + 3};
        }
        memcpy(out + n, one, len);
        n += len;
    }
    return (pd_str){out, n};
}
