/*
 * One cell against all types. What the cell is made of decides which rules are tried: codes of
 * letters and digits by their length, everything else by a character that it cannot do without.
 */
#include "detect/detect_impl.h"

#include <string.h>

enum {
    MAX_CELL = 254,  /* the longest e-mail address; all but URLs and secrets are shorter */
    MAX_LONG = 2048, /* URLs and secrets */
    LEAST_CELL = 4
};

/* ---- classes of bytes, counted eight bits each in one word; MAX_CELL fits in a byte ---- */

enum byte_class { OTHER, DIGIT, LETTER, DOT, SPACE, JOINT, MARK, HIGH };

/* JOINT: - and /; MARK: @ and :. One is added to the class's eight bits for each byte. */
#define ONE(class_) ((uint64_t)1 << (8 * (class_)))
#define D           ONE(DIGIT)
#define L           ONE(LETTER)
#define O           ONE(OTHER)
#define H           ONE(HIGH)
#define H16         H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H
static const uint64_t ones[256] = {
    O, O, O,         O,          O,          O,          O,   O,   O,         O,  O, O, O, O,
    O, O, O,         O,          O,          O,          O,   O,   O,         O,  O, O, O, O,
    O, O, O,         O,          ONE(SPACE), O,          O,   O,   O,         O,  O, O, O, O,
    O, O, O,         ONE(JOINT), ONE(DOT),   ONE(JOINT), D,   D,   D,         D,  D, D, D, D,
    D, D, ONE(MARK), O,          O,          O,          O,   O,   ONE(MARK), L,  L, L, L, L,
    L, L, L,         L,          L,          L,          L,   L,   L,         L,  L, L, L, L,
    L, L, L,         L,          L,          L,          L,   O,   O,         O,  O, O, O, L,
    L, L, L,         L,          L,          L,          L,   L,   L,         L,  L, L, L, L,
    L, L, L,         L,          L,          L,          L,   L,   L,         L,  L, O, O, O,
    O, O, H16,       H16,        H16,        H16,        H16, H16, H16,       H16};
#undef ONE
#undef D
#undef L
#undef O
#undef H
#undef H16

static uint64_t count_classes(pd_str s) {
    uint64_t counts = 0;
    for (size_t i = 0; i < s.len; i++)
        counts += ones[(unsigned char)s.data[i]];
    return counts;
}

static size_t count_of(uint64_t counts, enum byte_class c) {
    return (size_t)(counts >> (8 * c)) & 0xff;
}

/* U+FF01..FF5E are EF BC 81..BF and EF BD 80..9E; U+3000, the wide space, is E3 80 80; U+00A0, the
   one that does not break, C2 A0. */
pd_str detect_narrow(pd_str s, char *out) {
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
        } else if (i + 1 < s.len && u[0] == 0xc2 && u[1] == 0xa0) {
            out[n++] = ' ';
            i++;
        } else {
            out[n++] = s.data[i];
        }
    }
    return pd_str_trim((pd_str){out, n});
}

/* Whether a byte is there that begins what detect_narrow narrows. */
static bool could_be_narrowed(pd_str s) {
    unsigned found = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        found |= (c == 0xef) | (c == 0xe3) | (c == 0xc2);
    }
    return found != 0;
}

/* ---- codes ---- */

bool detect_code_make(pd_str written, struct detect_code *out) {
    out->written = written;
    out->len = out->digits = out->group_count = 0;
    out->separator = 0;
    memset(out->at, 0, sizeof(out->at));
    memset(out->groups, 0, sizeof(out->groups));
    size_t in_group = 0;
    for (size_t i = 0; i < written.len; i++) {
        char c = written.data[i];
        if (detect_is_digit(c) || detect_is_letter(c)) {
            if (out->len == DETECT_CODE_MAX)
                return false;
            out->at[out->len++] = detect_upper(c);
            out->digits += detect_is_digit(c);
            in_group++;
            continue;
        }
        bool is_gap = c == ' ' || c == '-' || c == '.' || c == '/';
        if (!is_gap || in_group == 0 || out->group_count + 1 == DETECT_GROUPS_MAX)
            return false;
        out->separator = out->group_count == 0 || out->separator == c ? c : '?';
        out->groups[out->group_count++] = (uint8_t)in_group;
        in_group = 0;
    }
    if (in_group == 0)
        return false;
    out->groups[out->group_count++] = (uint8_t)in_group;
    return true;
}

static bool matches_grouping(const struct detect_code *code, pd_str grouping) {
    size_t i = 0;
    pd_str size;
    while (pd_str_split(&grouping, ' ', &size)) {
        if (i == code->group_count || detect_number(size.data, size.len) != code->groups[i++])
            return false;
    }
    return i == code->group_count;
}

/* Groups of four, the last of which may be shorter. */
static bool is_in_fours(const struct detect_code *code) {
    for (size_t i = 0; i + 1 < code->group_count; i++) {
        if (code->groups[i] != 4)
            return false;
    }
    return code->groups[code->group_count - 1] <= 4;
}

/* One group always; else one kind of separator and "3 2 4|2 6 1" (sizes), "*" (fours); "?" is any.
 */
static bool is_written_so(const struct detect_code *code, const char *groupings) {
    if (code->group_count == 1 || groupings[0] == '?')
        return true;
    if (code->separator == '?')
        return false;
    pd_str rest = pd_str_from(groupings), one;
    while (pd_str_split(&rest, '|', &one)) {
        if (pd_str_is(one, "*") ? is_in_fours(code) : matches_grouping(code, one))
            return true;
    }
    return false;
}

/* ---- which rules a code is tried with ---- */

#define LENGTH(n)         ((uint64_t)1 << (n))
#define LENGTHS(from, to) (LENGTH((to) + 1) - LENGTH(from))
enum made_of { DIGITS, MIXED, EITHER };

/* X(n, type, made of, lengths: bit n for n letters and digits, how they may be written apart (see
   is_written_so), rule) */
#define CODE_ROWS(X, n)                                                                            \
    X(n, DETECT_CN_RESIDENT_ID, EITHER, LENGTH(15) | LENGTH(18), "6 8 4|6 8 3 1|6 6 3",            \
      detect_cn_resident_id)                                                                       \
    X(n, DETECT_CN_USCC, EITHER, LENGTH(18), "2 6 9 1|8 9 1|8 10", detect_cn_uscc)                 \
    X(n, DETECT_CN_PASSPORT, MIXED, LENGTH(8) | LENGTH(9), "", detect_cn_passport)                 \
    X(n, DETECT_CN_PASSPORT_MRZ, MIXED, LENGTH(10), "9 1", detect_cn_passport_mrz)                 \
    X(n, DETECT_CN_PERMIT, EITHER, LENGTH(8) | LENGTH(9) | LENGTH(11), "", detect_cn_permit)       \
    X(n, DETECT_HK_ID, MIXED, LENGTH(8) | LENGTH(9), "", detect_hk_id)                             \
    X(n, DETECT_TW_ID, MIXED, LENGTH(10), "", detect_tw_id)                                        \
    X(n, DETECT_JP_MY_NUMBER, DIGITS, LENGTH(12), "4 4 4", detect_jp_my_number)                    \
    X(n, DETECT_KR_RRN, DIGITS, LENGTH(13), "6 7", detect_kr_rrn)                                  \
    X(n, DETECT_IN_AADHAAR, DIGITS, LENGTH(12), "4 4 4", detect_in_aadhaar)                        \
    X(n, DETECT_AU_TFN, DIGITS, LENGTH(9), "3 3 3", detect_au_tfn)                                 \
    X(n, DETECT_AU_ABN, DIGITS, LENGTH(11), "2 3 3 3", detect_au_abn)                              \
    X(n, DETECT_AU_MEDICARE, DIGITS, LENGTH(10), "4 5 1", detect_au_medicare)                      \
    X(n, DETECT_DE_STEUER_ID, DIGITS, LENGTH(11), "2 3 3 3", detect_de_steuer_id)                  \
    X(n, DETECT_GB_NINO, MIXED, LENGTH(9), "2 2 2 2 1|2 6 1", detect_gb_nino)                      \
    X(n, DETECT_GB_NHS, DIGITS, LENGTH(10), "3 3 4", detect_gb_nhs)                                \
    X(n, DETECT_PL_PESEL, DIGITS, LENGTH(11), "", detect_pl_pesel)                                 \
    X(n, DETECT_US_SSN, DIGITS, LENGTH(9), "3 2 4", detect_us_ssn)                                 \
    X(n, DETECT_US_ITIN, DIGITS, LENGTH(9), "3 2 4", detect_us_itin)                               \
    X(n, DETECT_EU_VAT, MIXED, LENGTHS(4, 14), "?", detect_eu_vat)                                 \
    X(n, DETECT_BANK_CARD, DIGITS, LENGTHS(12, 19), "*|4 6 5|4 6 4|6 13|4 4 5", detect_bank_card)  \
    X(n, DETECT_IBAN, MIXED, LENGTHS(15, 34), "*", detect_iban)                                    \
    X(n, DETECT_ISIN, MIXED, LENGTH(12), "", detect_isin)                                          \
    X(n, DETECT_LEI, MIXED, LENGTH(20), "*", detect_lei)                                           \
    X(n, DETECT_IMEI, DIGITS, LENGTH(15), "2 6 6 1|6 2 6 1|8 6 1", detect_imei)

static const struct code_row {
    enum made_of made_of;
    const char *groupings;
    detect_rule *rule;
} code_rows[DETECT_TYPE_COUNT] = {
#define ROW(n, type, made_of, lengths, groupings, rule) [type] = {made_of, groupings, rule},
    CODE_ROWS(ROW, 0)
#undef ROW
};

/* The types that can be of so many letters and digits. */
static const detect_bits code_types[DETECT_CODE_MAX + 1] = {
#define BIT(n, type, made_of, lengths, groupings, rule) | (((lengths) >> (n)&1) << (type))
#define AT(n)                                           [n] = 0 CODE_ROWS(BIT, n)
    AT(0),  AT(1),  AT(2),  AT(3),  AT(4),  AT(5),  AT(6),  AT(7),  AT(8),  AT(9),  AT(10),
    AT(11), AT(12), AT(13), AT(14), AT(15), AT(16), AT(17), AT(18), AT(19), AT(20), AT(21),
    AT(22), AT(23), AT(24), AT(25), AT(26), AT(27), AT(28), AT(29), AT(30), AT(31), AT(32),
    AT(33), AT(34), AT(35), AT(36), AT(37), AT(38), AT(39), AT(40),
#undef AT
#undef BIT
};

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

static void look_at_code(pd_str s, size_t alnums, bool is_digits, detect_bits mask, int today,
                         struct detect_hits *hits) {
    struct detect_code code;
    bool is_made = false;
    for (detect_bits types = code_types[alnums] & mask; types != 0; types &= types - 1) {
        enum detect_type type = (enum detect_type)__builtin_ctzll(types);
        const struct code_row *row = &code_rows[type];
        if (row->made_of != EITHER && (row->made_of == DIGITS) != is_digits)
            continue;
        if (!is_made && !detect_code_make(s, &code))
            return;
        is_made = true;
        if (is_written_so(&code, row->groupings))
            mark(hits, type, row->rule(&code, today));
    }
}

/* ---- everything else; each looks first whether the characters that it needs are there ---- */

struct look {
    pd_str s;
    size_t digits, letters, dots, spaces, joints, marks, others, high;
    detect_bits mask;
    int today;
    struct detect_hits *hits;
};

static bool is_wanted(const struct look *l, enum detect_type type) {
    return (l->mask & DETECT_BIT(type)) != 0;
}

static void look_at_numbers(const struct look *l) {
    pd_str s = l->s;
    if (is_wanted(l, DETECT_IPV4) && l->dots == 3 && l->digits + l->dots == s.len)
        mark(l->hits, DETECT_IPV4, sure_if(detect_ipv4(s)));
    bool is_number = l->letters + l->marks + l->high == 0;
    if (is_wanted(l, DETECT_CN_MOBILE) && is_number && l->digits >= 11 && l->digits <= 15) {
        bool shaped;
        bool passed = detect_cn_mobile(s, &shaped);
        if (shaped)
            mark(l->hits, DETECT_CN_MOBILE, sure_if(passed));
    }
    if (is_wanted(l, DETECT_PHONE) && l->digits >= 7 && l->digits <= 19 && s.len <= 40 &&
        l->marks + l->high == 0 && l->letters <= 1) {
        enum detect_match match = detect_phone(s);
        if (match != DETECT_NO)
            mark(l->hits, DETECT_PHONE, match);
    }
    if (is_wanted(l, DETECT_DATE_OF_BIRTH) && s.len <= 32 && l->digits >= 5)
        mark(l->hits, DETECT_DATE_OF_BIRTH, sure_if(detect_date_of_birth(s, l->today)));
    bool could_be_point =
        l->high > 0 || (l->dots == 2 && (l->others > 0 || l->spaces > 0)) || l->letters >= 3;
    if (is_wanted(l, DETECT_COORDINATES) && could_be_point && s.len <= 80 && detect_coordinates(s))
        mark(l->hits, DETECT_COORDINATES, DETECT_SURE);
}

static void look_at_network(const struct look *l) {
    pd_str s = l->s;
    bool could_be_mac = l->marks == 5 || l->joints == 5 || l->dots == 2;
    if (is_wanted(l, DETECT_MAC) && could_be_mac && (s.len == 17 || s.len == 14))
        mark(l->hits, DETECT_MAC, sure_if(detect_mac(s)));
    if (is_wanted(l, DETECT_IPV6) && l->marks >= 2 && s.len <= 64 && detect_ipv6(s))
        mark(l->hits, DETECT_IPV6, DETECT_SURE);
}

static void look_at_links(pd_str s, bool has_mark, bool has_dot, detect_bits mask,
                          struct detect_hits *hits) {
    if (has_mark && (mask & (DETECT_BIT(DETECT_URL) | DETECT_BIT(DETECT_URL_CREDENTIALS)))) {
        enum detect_url url = detect_url(s);
        if ((mask & DETECT_BIT(DETECT_URL_CREDENTIALS)) && url == DETECT_URL_WITH_SECRET)
            mark(hits, DETECT_URL_CREDENTIALS, DETECT_SURE);
        if ((mask & DETECT_BIT(DETECT_URL)) && url == DETECT_URL_PLAIN)
            mark(hits, DETECT_URL, DETECT_SURE);
    }
    if (has_dot && !has_mark && (mask & DETECT_BIT(DETECT_URL)) && detect_domain(s))
        mark(hits, DETECT_URL, DETECT_SURE);
    if ((mask & DETECT_BIT(DETECT_SECRET)) && s.len >= 16 && detect_secret(s))
        mark(hits, DETECT_SECRET, DETECT_SURE);
}

/* "DE - 113866163", "DK: 21599336": a VAT number with more than one mark behind its prefix. */
static void look_at_vat(const struct look *l) {
    char joined[DETECT_CODE_MAX];
    pd_str s = l->s;
    size_t at = 2;
    if (!detect_is_letter(s.data[0]) || !detect_is_letter(s.data[1]))
        return;
    while (at < s.len && strchr(" :-", s.data[at]) && s.data[at] != '\0')
        at++;
    if (at == 2 || (at == 3 && s.data[2] != ':'))
        return;
    memcpy(joined, s.data, 2);
    memcpy(joined + 2, s.data + at, s.len - at);
    pd_str whole = {joined, s.len - at + 2};
    uint64_t counts = count_classes(whole);
    look_at_code(whole, count_of(counts, DIGIT) + count_of(counts, LETTER), false,
                 DETECT_BIT(DETECT_EU_VAT), 0, l->hits);
}

static void look_at_words(const struct look *l) {
    pd_str s = l->s;
    if (is_wanted(l, DETECT_CN_PLATE) && l->high >= 3 && l->high <= 8 && s.len <= 16 &&
        l->digits >= 1 && detect_cn_plate(s))
        mark(l->hits, DETECT_CN_PLATE, DETECT_SURE);
    bool could_be_name = l->digits + l->marks == 0 && s.len <= 60 &&
                         (l->high >= 6 || (l->spaces >= 1 && l->spaces <= 3));
    if (is_wanted(l, DETECT_PERSON_NAME) && could_be_name &&
        (detect_is_chinese_name(s) || detect_is_western_name(s, true)))
        mark(l->hits, DETECT_PERSON_NAME, DETECT_SURE);
    bool could_be_address = (l->digits > 0 && l->spaces > 0 && l->letters > 3) || l->high >= 9;
    if (is_wanted(l, DETECT_ADDRESS) && could_be_address && s.len >= 8) {
        enum detect_match match = detect_address(s);
        if (match != DETECT_NO)
            mark(l->hits, DETECT_ADDRESS, match);
    }
    if (is_wanted(l, DETECT_HK_ID) && s.len <= 11 && l->digits >= 6 && s.data[s.len - 1] == ')' &&
        detect_hk_bracketed(s))
        mark(l->hits, DETECT_HK_ID, DETECT_SURE);
    if (is_wanted(l, DETECT_EU_VAT) && l->digits >= 2 && l->marks + l->spaces + l->joints > 0 &&
        s.len >= 8 && s.len <= DETECT_CODE_MAX)
        look_at_vat(l);
    if (l->spaces == 0 && s.len >= 6)
        look_at_links(s, l->marks > 0, l->dots > 0, l->mask, l->hits);
}

static struct look look_make(pd_str s, uint64_t counts, detect_bits mask, int today,
                             struct detect_hits *hits) {
    return (struct look){.s = s,
                         .digits = count_of(counts, DIGIT),
                         .letters = count_of(counts, LETTER),
                         .dots = count_of(counts, DOT),
                         .spaces = count_of(counts, SPACE),
                         .joints = count_of(counts, JOINT),
                         .marks = count_of(counts, MARK),
                         .others = count_of(counts, OTHER),
                         .high = count_of(counts, HIGH),
                         .mask = mask,
                         .today = today,
                         .hits = hits};
}

struct detect_hits detect_cell(pd_str cell, detect_bits mask, int today) {
    struct detect_hits hits = {0};
    pd_str s = pd_str_trim(cell);
    if (s.len < LEAST_CELL || s.len > MAX_LONG)
        return hits;
    if (s.len > MAX_CELL) {
        look_at_links(s, true, false, mask, &hits);
        return hits;
    }
    uint64_t counts = count_classes(s);
    char narrowed[MAX_CELL];
    if (count_of(counts, HIGH) > 0 && could_be_narrowed(s)) {
        s = detect_narrow(s, narrowed);
        if (s.len < LEAST_CELL)
            return hits;
        counts = count_classes(s);
    }
    struct look l = look_make(s, counts, mask, today, &hits);
    size_t alnums = l.digits + l.letters;
    if (l.marks > 0 && is_wanted(&l, DETECT_EMAIL) && memchr(s.data, '@', s.len))
        mark(&hits, DETECT_EMAIL, sure_if(detect_email(s)));
    if (l.digits >= 2 && alnums >= 8 && alnums <= DETECT_CODE_MAX &&
        alnums + l.dots + l.spaces + l.joints == s.len)
        look_at_code(s, alnums, l.letters == 0, mask, today, &hits);
    if (l.digits >= 4)
        look_at_numbers(&l);
    if (l.marks + l.dots + l.joints >= 2 && l.spaces == 0)
        look_at_network(&l);
    if (l.letters + l.high > 0)
        look_at_words(&l);
    return hits;
}

enum detect_match detect_value(enum detect_type type, pd_str cell, int today) {
    struct detect_hits hits = detect_cell(cell, DETECT_BIT(type), today);
    return hits.sure ? DETECT_SURE : hits.weak ? DETECT_WEAK : DETECT_NO;
}
