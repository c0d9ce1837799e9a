/* One cell against all types: a cheap look at length and characters decides which rules run. */
#include "detect/detect_impl.h"

#include <string.h>

enum { MAX_CELL = 254 }; /* the longest e-mail address; all other types are shorter */

/* Classes of bytes, counted eight bits each in one word; MAX_CELL fits in a byte. */
enum byte_class { OTHER, DIGIT, LETTER, DOT, GAP, AT, PLUS, HIGH };

static enum byte_class class_of(unsigned char c) {
    if (c >= '0' && c <= '9')
        return DIGIT;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return LETTER;
    if (c >= 0x80)
        return HIGH;
    switch (c) {
    case '.':
        return DOT;
    case ' ':
    case '-':
        return GAP;
    case '@':
        return AT;
    case '+':
        return PLUS;
    default:
        return OTHER;
    }
}

static uint64_t count_classes(pd_str s) {
    uint64_t counts = 0;
    for (size_t i = 0; i < s.len; i++)
        counts += (uint64_t)1 << (8 * class_of((unsigned char)s.data[i]));
    return counts;
}

static size_t count_of(uint64_t counts, enum byte_class c) {
    return (size_t)(counts >> (8 * c)) & 0xff;
}

/* U+FF01..FF5E are EF BC 81..BF and EF BD 80..9E; U+3000, the wide space, is E3 80 80. */
static pd_str narrow(pd_str s, char out[MAX_CELL]) {
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char *u = (const unsigned char *)s.data + i;
        if (i + 2 < s.len && u[0] == 0xef && u[1] == 0xbc && u[2] >= 0x81 && u[2] <= 0xbf) {
            out[n++] = (char)(u[2] - 0x81 + '!');
            i += 2;
        } else if (i + 2 < s.len && u[0] == 0xef && u[1] == 0xbd && u[2] >= 0x80 && u[2] <= 0x9e) {
            out[n++] = (char)(u[2] - 0x80 + '`');
            i += 2;
        } else if (i + 2 < s.len && u[0] == 0xe3 && u[1] == 0x80 && u[2] == 0x80) {
            out[n++] = ' ';
            i += 2;
        } else {
            out[n++] = s.data[i];
        }
    }
    return pd_str_trim((pd_str){out, n});
}

static void mark(struct detect_hits *hits, enum detect_type type, enum detect_match match) {
    hits->shaped |= DETECT_BIT(type);
    if (match == DETECT_SURE)
        hits->sure |= DETECT_BIT(type);
    if (match == DETECT_WEAK)
        hits->weak |= DETECT_BIT(type);
}

static enum detect_match sure_if(bool passed) {
    return passed ? DETECT_SURE : DETECT_NO;
}

/* 15 or 18 digits and letters: resident id or credit code. */
static void look_at_code(pd_str s, size_t digits, uint32_t mask, int today,
                         struct detect_hits *hits) {
    char last = detect_upper(s.data[s.len - 1]);
    bool is_id_shape = digits == s.len || (s.len == 18 && digits == 17 && last == 'X');
    if (s.len == 18 && (mask & DETECT_BIT(DETECT_CN_USCC)))
        mark(hits, DETECT_CN_USCC, sure_if(detect_cn_uscc(s)));
    if (!is_id_shape || !(mask & DETECT_BIT(DETECT_CN_RESIDENT_ID)))
        return;
    /* A code that starts with 9 could be a foreigner's card; two checks outweigh one. */
    if (s.data[0] == '9' && s.len == 18 && detect_cn_uscc(s))
        return;
    mark(hits, DETECT_CN_RESIDENT_ID, detect_cn_resident_id(s, today));
}

struct detect_hits detect_cell(pd_str cell, uint32_t mask, int today) {
    struct detect_hits hits = {0};
    pd_str s = pd_str_trim(cell);
    if (s.len < 4 || s.len > MAX_CELL)
        return hits;
    uint64_t counts = count_classes(s);
    char narrowed[MAX_CELL];
    if (count_of(counts, HIGH) > 0) {
        s = narrow(s, narrowed);
        if (s.len < 4)
            return hits;
        counts = count_classes(s);
    }
    size_t digits = count_of(counts, DIGIT), dots = count_of(counts, DOT);

    if (count_of(counts, AT) > 0) {
        if (mask & DETECT_BIT(DETECT_EMAIL))
            mark(&hits, DETECT_EMAIL, sure_if(detect_email(s)));
        return hits;
    }
    if (digits == 0)
        return hits;
    if ((s.len == 18 || s.len == 15) && digits + count_of(counts, LETTER) == s.len)
        look_at_code(s, digits, mask, today, &hits);
    if ((mask & DETECT_BIT(DETECT_IPV4)) && dots == 3 && digits + dots == s.len)
        mark(&hits, DETECT_IPV4, sure_if(detect_ipv4(s)));
    if ((mask & DETECT_BIT(DETECT_CN_MOBILE)) && digits >= 11 && digits <= 15 &&
        digits + count_of(counts, GAP) + count_of(counts, PLUS) == s.len) {
        bool shaped;
        bool passed = detect_cn_mobile(s, &shaped);
        if (shaped)
            mark(&hits, DETECT_CN_MOBILE, sure_if(passed));
    }
    if ((mask & DETECT_BIT(DETECT_DATE_OF_BIRTH)) && s.len <= 32 && digits >= 5)
        mark(&hits, DETECT_DATE_OF_BIRTH, sure_if(detect_date_of_birth(s, today)));
    return hits;
}

enum detect_match detect_value(enum detect_type type, pd_str cell, int today) {
    struct detect_hits hits = detect_cell(cell, DETECT_BIT(type), today);
    return hits.sure ? DETECT_SURE : hits.weak ? DETECT_WEAK : DETECT_NO;
}
