#include "base/str.h"

static const char hex_digits[] = "0123456789abcdef";

void pd_hex_encode(const void *bytes, size_t n, char *out) {
    const unsigned char *in = bytes;
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = hex_digits[in[i] >> 4];
        out[2 * i + 1] = hex_digits[in[i] & 15];
    }
    out[2 * n] = '\0';
}

/* One more than the value of a digit; 0: it is none. */
static const unsigned char hex_values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16};

bool pd_hex_decode(pd_str text, void *out, size_t n) {
    if (text.len % 2 != 0 || text.len / 2 != n)
        return false;
    const unsigned char *digits = (const unsigned char *)text.data;
    for (size_t i = 0; i < text.len; i++)
        if (!hex_values[digits[i]])
            return false;
    unsigned char *bytes = out;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)((hex_values[digits[2 * i]] - 1) << 4 |
                                   (hex_values[digits[2 * i + 1]] - 1));
    return true;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t pd_base64_encode(const void *bytes, size_t n, char *out) {
    const unsigned char *in = bytes;
    size_t at = 0, i = 0;
    for (; i + 3 <= n; i += 3, at += 4) {
        uint32_t group = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];
        out[at] = base64_digits[group >> 18];
        out[at + 1] = base64_digits[group >> 12 & 63];
        out[at + 2] = base64_digits[group >> 6 & 63];
        out[at + 3] = base64_digits[group & 63];
    }
    if (i < n) {
        bool has_two = n - i == 2;
        uint32_t group = (uint32_t)in[i] << 16 | (has_two ? (uint32_t)in[i + 1] << 8 : 0);
        out[at++] = base64_digits[group >> 18];
        out[at++] = base64_digits[group >> 12 & 63];
        out[at++] = has_two ? base64_digits[group >> 6 & 63] : '=';
        out[at++] = '=';
    }
    out[at] = '\0';
    return at;
}

static int base64_value(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool pd_base64_decode(pd_str text, void *out, size_t *n) {
    if (text.len % 4 != 0)
        return false;
    size_t digits = text.len;
    while (digits > 0 && text.len - digits < 2 && text.data[digits - 1] == '=')
        digits--;
    for (size_t i = 0; i < digits; i++)
        if (base64_value(text.data[i]) < 0)
            return false;
    /* RFC 4648 section 3.5: bits beyond the last byte must be zero, or two texts mean one value. */
    size_t padding = text.len - digits;
    int unused = padding == 2 ? 15 : padding == 1 ? 3 : 0;
    if (unused && (base64_value(text.data[digits - 1]) & unused))
        return false;

    unsigned char *bytes = out;
    size_t count = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < digits; i++) {
        bits = bits << 6 | (uint32_t)base64_value(text.data[i]);
        if (i % 4 != 0)
            bytes[count++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
    }
    *n = count;
    return true;
}
