/* E-mail and network addresses. */
#include "detect/detect_impl.h"

#include <string.h>

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 5322 3.2.3 atext, with any UTF-8 beyond ASCII (RFC 6531 3.3). */
static bool is_atext(char c) {
    if (is_letter(c) || detect_is_digit(c) || (unsigned char)c >= 0x80)
        return true;
    return c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL;
}

static bool is_dot_atom(pd_str s) {
    char before = '.';
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '.' ? before == '.' : !is_atext(s.data[i]))
            return false;
        before = s.data[i];
    }
    return before != '.';
}

static bool is_label(pd_str label) {
    if (label.len < 1 || label.len > 63 || label.data[0] == '-' || label.data[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        char c = label.data[i];
        if (!is_letter(c) && !detect_is_digit(c) && c != '-' && (unsigned char)c < 0x80)
            return false;
    }
    return true;
}

/* The last label: letters only, or an internationalised name in either of its forms. */
static bool is_top_label(pd_str label) {
    if (pd_str_eq_ascii_case(pd_str_sub(label, 0, 4), PD_STR("xn--")))
        return label.len > 4;
    for (size_t i = 0; i < label.len; i++) {
        if (!is_letter(label.data[i]) && (unsigned char)label.data[i] < 0x80)
            return false;
    }
    return label.len >= 2;
}

bool detect_email(pd_str s) {
    size_t at = pd_str_find_char(s, '@');
    if (s.len > 254 || at == PD_NPOS || at < 1 || at > 64 || !is_dot_atom(pd_str_sub(s, 0, at)))
        return false;
    if (!pd_utf8_valid(s, NULL))
        return false;
    pd_str rest = pd_str_sub(s, at + 1, s.len);
    if (rest.len == 0)
        return false;
    pd_str label = {0};
    size_t labels = 0;
    while (pd_str_split(&rest, '.', &label)) {
        if (!is_label(label))
            return false;
        labels++;
    }
    return labels >= 2 && is_top_label(label);
}

bool detect_ipv4(pd_str s) {
    if (s.len < 7 || s.len > 15)
        return false;
    size_t i = 0;
    for (int group = 0; group < 4; group++) {
        size_t start = i;
        int value = 0;
        for (; i < s.len && i - start < 3 && detect_is_digit(s.data[i]); i++)
            value = value * 10 + (s.data[i] - '0');
        size_t count = i - start;
        if (count == 0 || value > 255 || (count > 1 && s.data[start] == '0'))
            return false;
        if (group < 3 && (i >= s.len || s.data[i++] != '.'))
            return false;
    }
    return i == s.len;
}
