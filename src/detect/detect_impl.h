/** Private to detect/: the validators. Each takes text that is trimmed and narrowed already. */
#ifndef POLDER_DETECT_IMPL_H
#define POLDER_DETECT_IMPL_H

#include "detect/detect.h"

enum detect_match detect_cn_resident_id(pd_str s, int today);
bool detect_cn_uscc(pd_str s);
/** `*shaped`: it is 11 digits behind the known prefixes, whatever the numbering plan says. */
bool detect_cn_mobile(pd_str s, bool *shaped);
bool detect_email(pd_str s);
bool detect_ipv4(pd_str s);
bool detect_date_of_birth(pd_str s, int today);

static inline bool detect_is_digit(char c) {
    return c >= '0' && c <= '9';
}
static inline char detect_upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

#endif
