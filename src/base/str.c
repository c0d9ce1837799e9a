#include "base/str.h"

#include <string.h>

pd_str pd_str_from(const char *zero_terminated) {
    if (!zero_terminated)
        return (pd_str){NULL, 0};
    return (pd_str){zero_terminated, strlen(zero_terminated)};
}

/* memcmp and friends may not be given NULL, not even for no bytes. */
static bool same_bytes(const char *a, const char *b, size_t n) {
    return n == 0 || memcmp(a, b, n) == 0;
}

bool pd_str_eq(pd_str a, pd_str b) {
    return a.len == b.len && same_bytes(a.data, b.data, a.len);
}

bool pd_str_is(pd_str a, const char *zero_terminated) {
    return pd_str_eq(a, pd_str_from(zero_terminated));
}

static char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool pd_str_eq_ascii_case(pd_str a, pd_str b) {
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
            return false;
    return true;
}

int pd_str_cmp(pd_str a, pd_str b) {
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 ? 0 : memcmp(a.data, b.data, shorter);
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool pd_str_starts(pd_str s, pd_str prefix) {
    return s.len >= prefix.len && same_bytes(s.data, prefix.data, prefix.len);
}

bool pd_str_ends(pd_str s, pd_str suffix) {
    if (suffix.len == 0)
        return true;
    return s.len >= suffix.len &&
           same_bytes(s.data + (s.len - suffix.len), suffix.data, suffix.len);
}

pd_str pd_str_sub(pd_str s, size_t at, size_t len) {
    if (!s.data)
        return s;
    if (at > s.len)
        at = s.len;
    if (len > s.len - at)
        len = s.len - at;
    return (pd_str){s.data + at, len};
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

pd_str pd_str_trim(pd_str s) {
    while (s.len > 0 && is_blank(s.data[s.len - 1]))
        s.len--;
    while (s.len > 0 && is_blank(s.data[0])) {
        s.data++;
        s.len--;
    }
    return s;
}

size_t pd_str_find(pd_str s, pd_str needle) {
    if (needle.len == 0)
        return 0;
    if (s.len < needle.len)
        return PD_NPOS;
    const char *hit = memmem(s.data, s.len, needle.data, needle.len);
    return hit ? (size_t)(hit - s.data) : PD_NPOS;
}

size_t pd_str_find_char(pd_str s, char c) {
    const char *hit = s.len == 0 ? NULL : memchr(s.data, c, s.len);
    return hit ? (size_t)(hit - s.data) : PD_NPOS;
}

bool pd_str_split(pd_str *rest, char separator, pd_str *piece) {
    if (!rest->data)
        return false;
    size_t at = pd_str_find_char(*rest, separator);
    if (at == PD_NPOS) {
        *piece = *rest;
        *rest = (pd_str){NULL, 0};
        return true;
    }
    *piece = (pd_str){rest->data, at};
    *rest = (pd_str){rest->data + at + 1, rest->len - at - 1};
    return true;
}
