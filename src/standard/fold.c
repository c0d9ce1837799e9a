/* Texts that people take for equal: blanks, widths, case, a letter beside another. */
#include "standard/repair_impl.h"

#include <string.h>

static bool is_blank(uint32_t c) {
    return c == ' ' || (c >= 0x09 && c <= 0x0d) || c == 0xa0 || c == 0x1680 || c == 0x180e ||
           (c >= 0x2000 && c <= 0x200d) || c == 0x202f || c == 0x205f || c == 0x2060 ||
           c == 0x3000 || c == 0xfeff;
}

static size_t last_char(pd_str s) {
    size_t at = s.len;
    do
        at--;
    while (at > 0 && ((unsigned char)s.data[at] & 0xc0) == 0x80);
    return at;
}

pd_str fold_trim(pd_str s) {
    uint32_t c;
    size_t at = 0;
    while (at < s.len) {
        size_t n = pd_utf8_decode(s, at, &c);
        if (!is_blank(c))
            break;
        at += n;
    }
    s = pd_str_sub(s, at, s.len);
    while (s.len > 0) {
        size_t last = last_char(s);
        pd_utf8_decode(s, last, &c);
        if (!is_blank(c))
            break;
        s.len = last;
    }
    return s;
}

static uint32_t narrow(uint32_t c) {
    if (c >= 0xff01 && c <= 0xff5e)
        return c - 0xfee0;
    switch (c) {
    case 0x3000:
    case 0xa0:
        return ' ';
    case 0xffe5:
        return 0xa5; /* the yen and yuan sign */
    default:
        return c;
    }
}

static void add_char(struct pd_buf *out, uint32_t c) {
    char bytes[4];
    pd_buf_add(out, bytes, pd_utf8_encode(c, bytes));
}

void fold_narrow(pd_str s, struct pd_buf *out) {
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        at += pd_utf8_decode(s, at, &c);
        add_char(out, narrow(c));
    }
}

void fold_all(pd_str s, struct pd_buf *out) {
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        at += pd_utf8_decode(s, at, &c);
        c = narrow(c);
        if (!is_blank(c))
            add_char(out, c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
}

enum { FOLD_CHARS = 64 };

static size_t decode(pd_str s, uint32_t out[FOLD_CHARS]) {
    size_t count = 0;
    for (size_t at = 0; at < s.len; count++) {
        if (count == FOLD_CHARS)
            return FOLD_CHARS + 1;
        at += pd_utf8_decode(s, at, &out[count]);
    }
    return count;
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

unsigned fold_distance(pd_str a, pd_str b, unsigned most) {
    uint32_t x[FOLD_CHARS], y[FOLD_CHARS];
    unsigned rows[3][FOLD_CHARS + 1];
    size_t m = decode(a, x), n = decode(b, y);
    if (m > FOLD_CHARS || n > FOLD_CHARS || m > n + most || n > m + most)
        return most + 1;
    for (size_t j = 0; j <= n; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= m; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= n; j++) {
            row[j] = least(least(row[j - 1], above[j]) + 1, above[j - 1] + (x[i - 1] != y[j - 1]));
            if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return least(rows[m % 3][n], most + 1);
}
