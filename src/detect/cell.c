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

enum byte_class { OTHER, DIGIT, LETTER, DOT, GAP, AT, COLON, HIGH };

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
    case '/':
        return GAP;
    case '@':
        return AT;
    case ':':
        return COLON;
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

/* ---- codes ---- */

bool detect_code_make(pd_str written, struct detect_code *out) {
    *out = (struct detect_code){.written = written};
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

static const struct code_row {
    enum detect_type type;
    enum made_of made_of;
    uint64_t lengths;      /* bit n: n letters and digits */
    const char *groupings; /* how they may be written apart; see is_written_so */
    detect_rule *rule;
} code_rows[] = {
    {DETECT_CN_RESIDENT_ID, EITHER, LENGTH(15) | LENGTH(18), "6 8 4|6 8 3 1|6 6 3",
     detect_cn_resident_id},
    {DETECT_CN_USCC, EITHER, LENGTH(18), "2 6 9 1|8 9 1|8 10", detect_cn_uscc},
    {DETECT_CN_PASSPORT, MIXED, LENGTH(8) | LENGTH(9), "", detect_cn_passport},
    {DETECT_CN_PASSPORT_MRZ, MIXED, LENGTH(10), "9 1", detect_cn_passport_mrz},
    {DETECT_CN_PERMIT, EITHER, LENGTH(8) | LENGTH(9) | LENGTH(11), "", detect_cn_permit},
    {DETECT_HK_ID, MIXED, LENGTH(8) | LENGTH(9), "", detect_hk_id},
    {DETECT_TW_ID, MIXED, LENGTH(10), "", detect_tw_id},
    {DETECT_JP_MY_NUMBER, DIGITS, LENGTH(12), "4 4 4", detect_jp_my_number},
    {DETECT_KR_RRN, DIGITS, LENGTH(13), "6 7", detect_kr_rrn},
    {DETECT_IN_AADHAAR, DIGITS, LENGTH(12), "4 4 4", detect_in_aadhaar},
    {DETECT_AU_TFN, DIGITS, LENGTH(9), "3 3 3", detect_au_tfn},
    {DETECT_AU_ABN, DIGITS, LENGTH(11), "2 3 3 3", detect_au_abn},
    {DETECT_AU_MEDICARE, DIGITS, LENGTH(10), "4 5 1", detect_au_medicare},
    {DETECT_DE_STEUER_ID, DIGITS, LENGTH(11), "2 3 3 3", detect_de_steuer_id},
    {DETECT_GB_NINO, MIXED, LENGTH(9), "2 2 2 2 1|2 6 1", detect_gb_nino},
    {DETECT_GB_NHS, DIGITS, LENGTH(10), "3 3 4", detect_gb_nhs},
    {DETECT_PL_PESEL, DIGITS, LENGTH(11), "", detect_pl_pesel},
    {DETECT_US_SSN, DIGITS, LENGTH(9), "3 2 4", detect_us_ssn},
    {DETECT_US_ITIN, DIGITS, LENGTH(9), "3 2 4", detect_us_itin},
    {DETECT_EU_VAT, MIXED, LENGTHS(4, 14), "?", detect_eu_vat},
    {DETECT_BANK_CARD, DIGITS, LENGTHS(12, 19), "*|4 6 5|4 6 4|6 13|4 4 5", detect_bank_card},
    {DETECT_IBAN, MIXED, LENGTHS(15, 34), "*", detect_iban},
    {DETECT_ISIN, MIXED, LENGTH(12), "", detect_isin},
    {DETECT_LEI, MIXED, LENGTH(20), "*", detect_lei},
    {DETECT_IMEI, DIGITS, LENGTH(15), "2 6 6 1|6 2 6 1|8 6 1", detect_imei},
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

static void look_at_code(pd_str s, size_t alnums, detect_bits mask, int today,
                         struct detect_hits *hits) {
    struct detect_code code = {0};
    uint64_t length = LENGTH(alnums);
    for (size_t i = 0; i < sizeof(code_rows) / sizeof(code_rows[0]); i++) {
        const struct code_row *row = &code_rows[i];
        if (!(row->lengths & length) || !(mask & DETECT_BIT(row->type)))
            continue;
        if (code.len == 0 && !detect_code_make(s, &code))
            return;
        bool is_digits = code.digits == code.len;
        if ((row->made_of == EITHER || (row->made_of == DIGITS) == is_digits) &&
            is_written_so(&code, row->groupings))
            mark(hits, row->type, row->rule(&code, today));
    }
}

/* ---- everything else ---- */

static void look_at_numbers(pd_str s, uint64_t counts, detect_bits mask, int today,
                            struct detect_hits *hits) {
    size_t digits = count_of(counts, DIGIT), dots = count_of(counts, DOT);
    if ((mask & DETECT_BIT(DETECT_IPV4)) && dots == 3 && digits + dots == s.len)
        mark(hits, DETECT_IPV4, sure_if(detect_ipv4(s)));
    bool is_number = count_of(counts, LETTER) + count_of(counts, AT) + count_of(counts, HIGH) == 0;
    if ((mask & DETECT_BIT(DETECT_CN_MOBILE)) && is_number && digits >= 11 && digits <= 15) {
        bool shaped;
        bool passed = detect_cn_mobile(s, &shaped);
        if (shaped)
            mark(hits, DETECT_CN_MOBILE, sure_if(passed));
    }
    if ((mask & DETECT_BIT(DETECT_PHONE)) && digits >= 7 && digits <= 19 && s.len <= 40) {
        enum detect_match match = detect_phone(s);
        if (match != DETECT_NO)
            mark(hits, DETECT_PHONE, match);
    }
    if ((mask & DETECT_BIT(DETECT_DATE_OF_BIRTH)) && s.len <= 32 && digits >= 5)
        mark(hits, DETECT_DATE_OF_BIRTH, sure_if(detect_date_of_birth(s, today)));
    if ((mask & DETECT_BIT(DETECT_COORDINATES)) && digits >= 4 && s.len <= 80 &&
        count_of(counts, DOT) + count_of(counts, HIGH) + count_of(counts, OTHER) > 0 &&
        detect_coordinates(s))
        mark(hits, DETECT_COORDINATES, DETECT_SURE);
}

static void look_at_network(pd_str s, uint64_t counts, detect_bits mask, struct detect_hits *hits) {
    size_t colons = count_of(counts, COLON), gaps = count_of(counts, GAP);
    bool could_be_mac = colons == 5 || gaps == 5 || count_of(counts, DOT) == 2;
    if ((mask & DETECT_BIT(DETECT_MAC)) && could_be_mac && (s.len == 17 || s.len == 14))
        mark(hits, DETECT_MAC, sure_if(detect_mac(s)));
    if ((mask & DETECT_BIT(DETECT_IPV6)) && colons >= 2 && s.len <= 64 && detect_ipv6(s))
        mark(hits, DETECT_IPV6, DETECT_SURE);
}

static void look_at_links(pd_str s, detect_bits mask, struct detect_hits *hits) {
    if (mask & (DETECT_BIT(DETECT_URL) | DETECT_BIT(DETECT_URL_CREDENTIALS))) {
        enum detect_url url = detect_url(s);
        if ((mask & DETECT_BIT(DETECT_URL_CREDENTIALS)) && url == DETECT_URL_WITH_SECRET)
            mark(hits, DETECT_URL_CREDENTIALS, DETECT_SURE);
        if ((mask & DETECT_BIT(DETECT_URL)) && (url == DETECT_URL_PLAIN || detect_domain(s)))
            mark(hits, DETECT_URL, DETECT_SURE);
    }
    if ((mask & DETECT_BIT(DETECT_SECRET)) && detect_secret(s))
        mark(hits, DETECT_SECRET, DETECT_SURE);
}

/* "DE - 113866163", "DK: 21599336": a VAT number with more than one mark behind its prefix. */
static void look_at_vat(pd_str s, struct detect_hits *hits) {
    char joined[DETECT_CODE_MAX];
    size_t at = 2;
    if (s.len < 8 || s.len > DETECT_CODE_MAX || !detect_is_letter(s.data[0]) ||
        !detect_is_letter(s.data[1]))
        return;
    while (at < s.len && strchr(" :-", s.data[at]) && s.data[at] != '\0')
        at++;
    if (at == 2 || (at == 3 && s.data[2] != ':'))
        return;
    memcpy(joined, s.data, 2);
    memcpy(joined + 2, s.data + at, s.len - at);
    pd_str whole = {joined, s.len - at + 2};
    uint64_t counts = count_classes(whole);
    look_at_code(whole, count_of(counts, DIGIT) + count_of(counts, LETTER),
                 DETECT_BIT(DETECT_EU_VAT), 0, hits);
}

static void look_at_words(pd_str s, uint64_t counts, detect_bits mask, struct detect_hits *hits) {
    size_t digits = count_of(counts, DIGIT), high = count_of(counts, HIGH);
    if ((mask & DETECT_BIT(DETECT_CN_PLATE)) && high >= 3 && high <= 8 && s.len <= 16 &&
        digits >= 1 && detect_cn_plate(s))
        mark(hits, DETECT_CN_PLATE, DETECT_SURE);
    if ((mask & DETECT_BIT(DETECT_PERSON_NAME)) && digits == 0 && s.len <= 60 &&
        count_of(counts, AT) == 0 && (detect_is_chinese_name(s) || detect_is_western_name(s, true)))
        mark(hits, DETECT_PERSON_NAME, DETECT_SURE);
    if ((mask & DETECT_BIT(DETECT_ADDRESS)) && s.len >= 8 && (digits > 0 || high >= 9)) {
        enum detect_match match = detect_address(s);
        if (match != DETECT_NO)
            mark(hits, DETECT_ADDRESS, match);
    }
    if ((mask & DETECT_BIT(DETECT_HK_ID)) && s.len <= 11 && digits >= 6 &&
        s.data[s.len - 1] == ')' && detect_hk_bracketed(s))
        mark(hits, DETECT_HK_ID, DETECT_SURE);
}

static bool has_letters(uint64_t counts) {
    return count_of(counts, LETTER) + count_of(counts, HIGH) > 0;
}

struct detect_hits detect_cell(pd_str cell, detect_bits mask, int today) {
    struct detect_hits hits = {0};
    pd_str s = pd_str_trim(cell);
    if (s.len < LEAST_CELL || s.len > MAX_LONG)
        return hits;
    if (s.len > MAX_CELL) {
        look_at_links(s, mask, &hits);
        return hits;
    }
    uint64_t counts = count_classes(s);
    char narrowed[MAX_CELL];
    if (count_of(counts, HIGH) > 0) {
        s = detect_narrow(s, narrowed);
        if (s.len < LEAST_CELL)
            return hits;
        counts = count_classes(s);
    }
    size_t digits = count_of(counts, DIGIT), letters = count_of(counts, LETTER);
    size_t parts = digits + letters + count_of(counts, DOT) + count_of(counts, GAP);

    if (count_of(counts, AT) > 0 && (mask & DETECT_BIT(DETECT_EMAIL)))
        mark(&hits, DETECT_EMAIL, sure_if(detect_email(s)));
    if (digits >= 2 && digits + letters >= 8 && digits + letters <= DETECT_CODE_MAX &&
        parts == s.len)
        look_at_code(s, digits + letters, mask, today, &hits);
    if (digits >= 4)
        look_at_numbers(s, counts, mask, today, &hits);
    if (count_of(counts, COLON) + count_of(counts, DOT) + count_of(counts, GAP) > 0)
        look_at_network(s, counts, mask, &hits);
    if (has_letters(counts)) {
        look_at_words(s, counts, mask, &hits);
        if (mask & DETECT_BIT(DETECT_EU_VAT))
            look_at_vat(s, &hits);
        if (count_of(counts, GAP) < s.len / 2 && s.len >= 6)
            look_at_links(s, mask, &hits);
    }
    return hits;
}

enum detect_match detect_value(enum detect_type type, pd_str cell, int today) {
    struct detect_hits hits = detect_cell(cell, DETECT_BIT(type), today);
    return hits.sure ? DETECT_SURE : hits.weak ? DETECT_WEAK : DETECT_NO;
}
