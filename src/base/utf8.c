#include "base/str.h"

#include <assert.h>
#include <string.h>

static bool is_continuation(unsigned char c) {
    return (c & 0xc0) == 0x80;
}

/**
 * Length of the well-formed sequence at s, of which `left` >= 1 bytes exist; 0 if it is ill-formed.
 * Unicode 15 table 3-7: the second byte's range excludes overlong forms, surrogates and what lies
 * above U+10FFFF.
 */
static size_t sequence_length(const unsigned char *s, size_t left) {
    unsigned char lead = s[0];
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (left < length)
        return 0;
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (!is_continuation(s[i]))
            return 0;
    return length;
}

bool pd_utf8_valid(pd_str s, size_t *bad_at) {
    const unsigned char *bytes = (const unsigned char *)s.data;
    size_t at = 0;
    while (at < s.len) {
        /* Most text is ASCII: eight bytes at a time while no high bit is set. */
        uint64_t eight;
        while (s.len - at >= sizeof(eight)) {
            memcpy(&eight, bytes + at, sizeof(eight));
            if (eight & UINT64_C(0x8080808080808080))
                break;
            at += sizeof(eight);
        }
        if (at == s.len)
            break;
        size_t length = sequence_length(bytes + at, s.len - at);
        if (length == 0) {
            if (bad_at)
                *bad_at = at;
            return false;
        }
        at += length;
    }
    return true;
}

size_t pd_utf8_decode(pd_str s, size_t at, uint32_t *code_point) {
    assert(at < s.len);
    const unsigned char *c = (const unsigned char *)s.data + at;
    size_t length = sequence_length(c, s.len - at);
    if (length == 0) {
        *code_point = 0xfffd;
        return 1;
    }
    static const unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t value = c[0] & lead_bits[length];
    for (size_t i = 1; i < length; i++)
        value = value << 6 | (c[i] & 0x3fU);
    *code_point = value;
    return length;
}

size_t pd_utf8_encode(uint32_t code_point, char out[4]) {
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff))
        return 0;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code_point & 0x3f));
        code_point >>= 6;
    }
    out[0] = (char)(leads[length] | code_point);
    return length;
}

size_t pd_utf8_length(pd_str s) {
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += !is_continuation((unsigned char)s.data[i]);
    return count;
}
