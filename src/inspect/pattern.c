/* The shape of a cell: runs of digits, capitals, small letters and ideographs; what else as it is.
 */
#include "inspect/inspect_impl.h"

#include <string.h>

static const char ascii_classes[128] = {
    ['0'] = '9', ['1'] = '9', ['2'] = '9', ['3'] = '9', ['4'] = '9', ['5'] = '9', ['6'] = '9',
    ['7'] = '9', ['8'] = '9', ['9'] = '9', ['A'] = 'A', ['B'] = 'A', ['C'] = 'A', ['D'] = 'A',
    ['E'] = 'A', ['F'] = 'A', ['G'] = 'A', ['H'] = 'A', ['I'] = 'A', ['J'] = 'A', ['K'] = 'A',
    ['L'] = 'A', ['M'] = 'A', ['N'] = 'A', ['O'] = 'A', ['P'] = 'A', ['Q'] = 'A', ['R'] = 'A',
    ['S'] = 'A', ['T'] = 'A', ['U'] = 'A', ['V'] = 'A', ['W'] = 'A', ['X'] = 'A', ['Y'] = 'A',
    ['Z'] = 'A', ['a'] = 'a', ['b'] = 'a', ['c'] = 'a', ['d'] = 'a', ['e'] = 'a', ['f'] = 'a',
    ['g'] = 'a', ['h'] = 'a', ['i'] = 'a', ['j'] = 'a', ['k'] = 'a', ['l'] = 'a', ['m'] = 'a',
    ['n'] = 'a', ['o'] = 'a', ['p'] = 'a', ['q'] = 'a', ['r'] = 'a', ['s'] = 'a', ['t'] = 'a',
    ['u'] = 'a', ['v'] = 'a', ['w'] = 'a', ['x'] = 'a', ['y'] = 'a', ['z'] = 'a'};

/* The class of a character; 0 for one that stands for itself. */
static uint32_t class_of(uint32_t c) {
    if (c < 0x80)
        return (uint32_t)ascii_classes[c];
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

/* Whether U+4000 to U+9FFF begins here, all of which are ideographs. */
static bool is_ideograph_at(const unsigned char *p, size_t left) {
    return left >= 3 && p[0] >= 0xe4 && p[0] <= 0xe9 && (p[1] & 0xc0) == 0x80 &&
           (p[2] & 0xc0) == 0x80;
}

/* The length in characters of the run of one class (or one character) that begins at *at. */
static size_t take_run(pd_str cell, size_t *at, uint32_t *shown) {
    const unsigned char *p = (const unsigned char *)cell.data;
    size_t i = *at, run = 1;
    uint32_t c = p[i];
    if (c < 0x80) {
        char class_ = ascii_classes[c];
        *shown = class_ ? (uint32_t)class_ : c;
        if (class_)
            while (++i < cell.len && p[i] < 0x80 && ascii_classes[p[i]] == class_)
                ;
        else
            while (++i < cell.len && p[i] == c)
                ;
        run = i - *at;
        *at = i;
        return run;
    }
    i += pd_utf8_decode(cell, i, &c);
    const uint32_t class_ = class_of(c);
    *shown = class_ ? class_ : c;
    for (; i < cell.len && p[i] >= 0x80; run++) {
        uint32_t next = 0x4e00; /* stands for any of them */
        size_t width = 3;
        if (class_ == 0 || !is_ideograph_at(p + i, cell.len - i))
            width = pd_utf8_decode(cell, i, &next);
        if (next != c && (class_ == 0 || class_of(next) != class_))
            break;
        i += width;
    }
    *at = i;
    return run;
}

pd_str inspect_pattern_of(pd_str cell, char out[INSPECT_PATTERN_SIZE]) {
    size_t n = 0, at = 0;
    while (at < cell.len) {
        uint32_t shown;
        size_t run = take_run(cell, &at, &shown);
        char one[4 + 24];
        size_t len = 1;
        if (shown < 0x80)
            one[0] = (char)shown;
        else
            len = pd_utf8_encode(shown, one);
        if (run > 1 && run < 10) {
            one[len] = '{';
            one[len + 1] = (char)('0' + run);
            one[len + 2] = '}';
            len += 3;
        } else if (run > 1) {
            len += write_run(run, one + len);
        }
        if (n + len > INSPECT_PATTERN_SIZE - 4) { /* room for the mark of a cut */
            memcpy(out + n, "\xe2\x80\xa6", 3);
            return (pd_str){out, n + 3};
        }
        memcpy(out + n, one, len);
        n += len;
    }
    return (pd_str){out, n};
}
