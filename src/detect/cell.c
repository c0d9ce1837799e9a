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

/* Of those in the mask, the types that a code so written can be. */
static detect_bits code_types_of(const struct detect_code *code, detect_bits mask) {
    detect_bits fitting = 0;
    bool is_digits = code->digits == code->len;
    for (detect_bits types = code_types[code->len] & mask; types != 0; types &= types - 1) {
        enum detect_type type = (enum detect_type)__builtin_ctzll(types);
        const struct code_row *row = &code_rows[type];
        bool is_made_so = row->made_of == EITHER || (row->made_of == DIGITS) == is_digits;
        if (is_made_so && is_written_so(code, row->groupings))
            fitting |= DETECT_BIT(type);
    }
    return fitting;
}

static void try_code(const struct detect_code *code, detect_bits types, int today,
                     struct detect_hits *hits) {
    for (; types != 0; types &= types - 1) {
        enum detect_type type = (enum detect_type)__builtin_ctzll(types);
        mark(hits, type, code_rows[type].rule(code, today));
    }
}

/* As detect_code_make for letters and digits without anything between them. */
static void make_plain_code(pd_str written, size_t digits, struct detect_code *out) {
    memset(out->at, 0, sizeof(out->at));
    out->separator = 0;
    out->written = written;
    out->len = written.len;
    out->digits = digits;
    out->group_count = 1;
    out->groups[0] = (uint8_t)written.len;
    if (digits == written.len) {
        memcpy(out->at, written.data, written.len);
        return;
    }
    for (size_t i = 0; i < written.len; i++)
        out->at[i] = detect_upper(written.data[i]);
}

/* ---- the steps: what is tried with a cell, each if the characters that it needs are there ---- */

/* A cell that is looked at by its plan. */
struct look {
    pd_str s;
    const struct detect_plan *plan;
    int today;
    struct detect_hits *hits;
};

static bool has_type(detect_bits mask, enum detect_type type) {
    return (mask & DETECT_BIT(type)) != 0;
}

static void look_at_email(const struct look *l) {
    mark(l->hits, DETECT_EMAIL, sure_if(detect_email(l->s)));
}

static void look_at_code(const struct look *l) {
    struct detect_code code;
    if (l->plan->is_plain)
        make_plain_code(l->s, l->plan->digits, &code);
    else if (!detect_code_make(l->s, &code))
        return;
    try_code(&code, l->plan->codes, l->today, l->hits);
}

static void look_at_ipv4(const struct look *l) {
    mark(l->hits, DETECT_IPV4, sure_if(detect_ipv4(l->s)));
}

static void look_at_mobile(const struct look *l) {
    bool shaped;
    bool passed = detect_cn_mobile(l->s, &shaped);
    if (shaped)
        mark(l->hits, DETECT_CN_MOBILE, sure_if(passed));
}

static void look_at_phone(const struct look *l) {
    bool is_by_form = l->plan->has_phone && (l->s.data[0] != '0' || l->s.data[1] != '0');
    enum detect_match match = is_by_form ? (enum detect_match)l->plan->phone : detect_phone(l->s);
    if (match != DETECT_NO)
        mark(l->hits, DETECT_PHONE, match);
}

static void look_at_birth(const struct look *l) {
    mark(l->hits, DETECT_DATE_OF_BIRTH,
         sure_if(!l->plan->is_birth_never && detect_date_of_birth(l->s, l->today)));
}

static void look_at_point(const struct look *l) {
    if (detect_coordinates(l->s))
        mark(l->hits, DETECT_COORDINATES, DETECT_SURE);
}

static void look_at_mac(const struct look *l) {
    mark(l->hits, DETECT_MAC, sure_if(detect_mac(l->s)));
}

static void look_at_ipv6(const struct look *l) {
    if (detect_ipv6(l->s))
        mark(l->hits, DETECT_IPV6, DETECT_SURE);
}

static void look_at_plate(const struct look *l) {
    if (detect_cn_plate(l->s))
        mark(l->hits, DETECT_CN_PLATE, DETECT_SURE);
}

static void look_at_name(const struct look *l) {
    if (detect_is_chinese_name(l->s) || detect_is_western_name(l->s, true))
        mark(l->hits, DETECT_PERSON_NAME, DETECT_SURE);
}

static void look_at_address(const struct look *l) {
    enum detect_match match = detect_address(l->s);
    if (match != DETECT_NO)
        mark(l->hits, DETECT_ADDRESS, match);
}

static void look_at_bracketed(const struct look *l) {
    if (detect_hk_bracketed(l->s))
        mark(l->hits, DETECT_HK_ID, DETECT_SURE);
}

/* "DE - 113866163", "DK: 21599336": a VAT number with more than one mark behind its prefix. */
static void look_at_vat(const struct look *l) {
    char joined[DETECT_CODE_MAX];
    pd_str s = l->s;
    struct detect_code code;
    size_t at = 2;
    if (!detect_is_letter(s.data[0]) || !detect_is_letter(s.data[1]))
        return;
    while (at < s.len && strchr(" :-", s.data[at]) && s.data[at] != '\0')
        at++;
    if (at == 2 || (at == 3 && s.data[2] != ':'))
        return;
    memcpy(joined, s.data, 2);
    memcpy(joined + 2, s.data + at, s.len - at);
    if (detect_code_make((pd_str){joined, s.len - at + 2}, &code))
        try_code(&code, code_types_of(&code, DETECT_BIT(DETECT_EU_VAT)), 0, l->hits);
}

static void look_at_url(const struct look *l) {
    enum detect_url url = detect_url(l->s);
    if (url == DETECT_URL_WITH_SECRET && has_type(l->plan->mask, DETECT_URL_CREDENTIALS))
        mark(l->hits, DETECT_URL_CREDENTIALS, DETECT_SURE);
    if (url == DETECT_URL_PLAIN && has_type(l->plan->mask, DETECT_URL))
        mark(l->hits, DETECT_URL, DETECT_SURE);
}

static void look_at_domain(const struct look *l) {
    if (detect_domain(l->s))
        mark(l->hits, DETECT_URL, DETECT_SURE);
}

static void look_at_secret(const struct look *l) {
    if (detect_secret(l->s))
        mark(l->hits, DETECT_SECRET, DETECT_SURE);
}

enum step {
    STEP_EMAIL,
    STEP_CODE,
    STEP_IPV4,
    STEP_MOBILE,
    STEP_PHONE,
    STEP_BIRTH,
    STEP_POINT,
    STEP_MAC,
    STEP_IPV6,
    STEP_PLATE,
    STEP_NAME,
    STEP_ADDRESS,
    STEP_BRACKETED,
    STEP_VAT,
    STEP_URL,
    STEP_DOMAIN,
    STEP_SECRET
};

static void (*const steps[])(const struct look *l) = {
    [STEP_EMAIL] = look_at_email,
    [STEP_CODE] = look_at_code,
    [STEP_IPV4] = look_at_ipv4,
    [STEP_MOBILE] = look_at_mobile,
    [STEP_PHONE] = look_at_phone,
    [STEP_BIRTH] = look_at_birth,
    [STEP_POINT] = look_at_point,
    [STEP_MAC] = look_at_mac,
    [STEP_IPV6] = look_at_ipv6,
    [STEP_PLATE] = look_at_plate,
    [STEP_NAME] = look_at_name,
    [STEP_ADDRESS] = look_at_address,
    [STEP_BRACKETED] = look_at_bracketed,
    [STEP_VAT] = look_at_vat,
    [STEP_URL] = look_at_url,
    [STEP_DOMAIN] = look_at_domain,
    [STEP_SECRET] = look_at_secret,
};

static void add_step(struct detect_plan *plan, enum step step, bool is_fitting) {
    plan->steps |= (uint32_t)is_fitting << step;
}

/* ---- plans ---- */

/* How many characters of each class a cell has. */
struct tally {
    size_t len, digits, letters, dots, spaces, joints, marks, others, high;
};

static struct tally tally_of(pd_str s) {
    uint64_t counts = count_classes(s);
    return (struct tally){.len = s.len,
                          .digits = count_of(counts, DIGIT),
                          .letters = count_of(counts, LETTER),
                          .dots = count_of(counts, DOT),
                          .spaces = count_of(counts, SPACE),
                          .joints = count_of(counts, JOINT),
                          .marks = count_of(counts, MARK),
                          .others = count_of(counts, OTHER),
                          .high = count_of(counts, HIGH)};
}

static void plan_code(struct detect_plan *plan, pd_str s, const struct tally *t) {
    size_t alnums = t->digits + t->letters;
    struct detect_code code;
    if (t->digits < 2 || alnums < 8 || alnums > DETECT_CODE_MAX ||
        alnums + t->dots + t->spaces + t->joints != t->len ||
        (code_types[alnums] & plan->mask) == 0 || !detect_code_make(s, &code))
        return;
    plan->codes = code_types_of(&code, plan->mask);
    plan->is_plain = code.group_count == 1;
    plan->digits = (uint8_t)code.digits;
    add_step(plan, STEP_CODE, plan->codes != 0);
}

static void plan_numbers(struct detect_plan *plan, pd_str s, const struct tally *t) {
    const detect_bits mask = plan->mask;
    bool is_number = t->letters + t->marks + t->high == 0;
    /* Digits by themselves are a telephone number if there are 7 to 13. */
    bool could_be_phone = t->digits >= 7 && t->digits <= 19 && t->len <= 40 &&
                          t->marks + t->high == 0 && t->letters <= 1 &&
                          (t->digits < t->len || t->digits <= 13);
    bool could_be_point =
        t->high > 0 || (t->dots == 2 && (t->others > 0 || t->spaces > 0)) || t->letters >= 3;
    add_step(plan, STEP_IPV4,
             has_type(mask, DETECT_IPV4) && t->dots == 3 && t->digits + t->dots == t->len);
    add_step(plan, STEP_MOBILE,
             has_type(mask, DETECT_CN_MOBILE) && is_number && t->digits >= 11 && t->digits <= 15);
    add_step(plan, STEP_PHONE, has_type(mask, DETECT_PHONE) && could_be_phone);
    enum detect_match phone = DETECT_NO;
    plan->has_phone = could_be_phone && s.data[0] != '+' && detect_phone_by_form(s, &phone);
    plan->phone = (uint8_t)phone;
    plan->is_birth_never = t->digits == t->len && t->len != 6 && t->len != 8;
    add_step(plan, STEP_BIRTH,
             has_type(mask, DETECT_DATE_OF_BIRTH) && t->len <= 32 && t->digits >= 5);
    add_step(plan, STEP_POINT,
             has_type(mask, DETECT_COORDINATES) && could_be_point && t->len <= 80);
}

static void plan_network(struct detect_plan *plan, const struct tally *t) {
    bool could_be_mac = t->marks == 5 || t->joints == 5 || t->dots == 2;
    add_step(plan, STEP_MAC,
             has_type(plan->mask, DETECT_MAC) && could_be_mac && (t->len == 17 || t->len == 14));
    add_step(plan, STEP_IPV6, has_type(plan->mask, DETECT_IPV6) && t->marks >= 2 && t->len <= 64);
}

static void plan_links(struct detect_plan *plan, bool has_mark, bool has_dot, size_t len) {
    bool wants_url = has_type(plan->mask, DETECT_URL);
    add_step(plan, STEP_URL,
             has_mark && (wants_url || has_type(plan->mask, DETECT_URL_CREDENTIALS)));
    add_step(plan, STEP_DOMAIN, has_dot && !has_mark && wants_url);
    add_step(plan, STEP_SECRET, has_type(plan->mask, DETECT_SECRET) && len >= 16);
}

static void plan_words(struct detect_plan *plan, pd_str s, const struct tally *t) {
    const detect_bits mask = plan->mask;
    bool could_be_name = t->digits + t->marks == 0 && t->len <= 60 &&
                         (t->high >= 6 || (t->spaces >= 1 && t->spaces <= 3));
    bool could_be_address = (t->digits > 0 && t->spaces > 0 && t->letters > 3) || t->high >= 9;
    add_step(plan, STEP_PLATE,
             has_type(mask, DETECT_CN_PLATE) && t->high >= 3 && t->high <= 8 && t->len <= 16 &&
                 t->digits >= 1);
    add_step(plan, STEP_NAME, has_type(mask, DETECT_PERSON_NAME) && could_be_name);
    add_step(plan, STEP_ADDRESS, has_type(mask, DETECT_ADDRESS) && could_be_address && t->len >= 8);
    add_step(plan, STEP_BRACKETED,
             has_type(mask, DETECT_HK_ID) && t->len <= 11 && t->digits >= 6 &&
                 s.data[s.len - 1] == ')');
    add_step(plan, STEP_VAT,
             has_type(mask, DETECT_EU_VAT) && t->digits >= 2 &&
                 t->marks + t->spaces + t->joints > 0 && t->len >= 8 && t->len <= DETECT_CODE_MAX);
    if (t->spaces == 0 && t->len >= 6)
        plan_links(plan, t->marks > 0, t->dots > 0, t->len);
}

struct detect_plan detect_plan_make(pd_str s, detect_bits mask) {
    struct detect_plan plan = {.mask = mask};
    if (s.len < LEAST_CELL || s.len > MAX_LONG)
        return plan;
    if (s.len > MAX_CELL) {
        plan_links(&plan, true, false, s.len);
        return plan;
    }
    struct tally t = tally_of(s);
    add_step(&plan, STEP_EMAIL,
             t.marks > 0 && has_type(mask, DETECT_EMAIL) && memchr(s.data, '@', s.len) != NULL);
    plan_code(&plan, s, &t);
    if (t.digits >= 4)
        plan_numbers(&plan, s, &t);
    if (t.marks + t.dots + t.joints >= 2 && t.spaces == 0)
        plan_network(&plan, &t);
    if (t.letters + t.high > 0)
        plan_words(&plan, s, &t);
    return plan;
}

void detect_planned_all(const struct detect_plan *plan, const pd_str *cells, size_t count,
                        int today, struct detect_hits *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = (struct detect_hits){0};
    for (uint32_t left = plan->steps; left != 0; left &= left - 1) {
        void (*step)(const struct look *) = steps[__builtin_ctz(left)];
        for (size_t i = 0; i < count; i++) {
            struct look look = {cells[i], plan, today, &out[i]};
            step(&look);
        }
    }
}

struct detect_hits detect_cell(pd_str cell, detect_bits mask, int today) {
    pd_str s = pd_str_trim(cell);
    char narrowed[MAX_CELL];
    if (s.len >= LEAST_CELL && s.len <= MAX_CELL && could_be_narrowed(s))
        s = detect_narrow(s, narrowed);
    struct detect_plan plan = detect_plan_make(s, mask);
    struct detect_hits hits;
    detect_planned_all(&plan, &s, 1, today, &hits);
    return hits;
}

enum detect_match detect_value(enum detect_type type, pd_str cell, int today) {
    struct detect_hits hits = detect_cell(cell, DETECT_BIT(type), today);
    return hits.sure ? DETECT_SURE : hits.weak ? DETECT_WEAK : DETECT_NO;
}
