/* Masks: what a cell looks like decides how little of it stays. */
#include "protect/protect_impl.h"

#include <string.h>

enum {
    MAX_CHARACTERS = 32, /* longer text is free text: its rhythm alone could give it away */
    MAX_EMAIL_BYTES = 254,
    MAX_NAME_LETTERS_CJK = 4, /* without a middle dot, more characters are rather an address */
    LONGEST_RUN = 16,
    KEPT_PHONE_DIGITS = 3,
    MAX_DOMAIN_DIGITS = 4 /* 163.com stays; a longer number in a domain may be somebody's */
};

enum kind { GAP, DIGIT, LETTER, IDEOGRAPH };

static bool is_between(uint32_t c, uint32_t first, uint32_t last) {
    return c >= first && c <= last;
}

/* Beyond ASCII, what is not known to be punctuation counts as a letter, so that it is masked. */
static enum kind kind_beyond_ascii(uint32_t c) {
    if (is_between(c, 0xff10, 0xff19) || is_between(c, 0x660, 0x669) ||
        is_between(c, 0x6f0, 0x6f9) || is_between(c, 0x966, 0x96f))
        return DIGIT;
    if (c == 0xb7 || c == 0x30fb || is_between(c, 0x2000, 0x206f) ||
        is_between(c, 0x3000, 0x3004) || is_between(c, 0x3008, 0x301f) ||
        is_between(c, 0xff01, 0xff0f) || is_between(c, 0xff1a, 0xff20))
        return GAP;
    if (is_between(c, 0x3400, 0x4dbf) || is_between(c, 0x4e00, 0x9fff) ||
        is_between(c, 0xf900, 0xfaff) || is_between(c, 0x20000, 0x3ffff))
        return IDEOGRAPH;
    return LETTER;
}

static inline enum kind kind_of(uint32_t c) {
    if (c >= 0x80)
        return kind_beyond_ascii(c);
    return c - '0' < 10 ? DIGIT : (c | 0x20) - 'a' < 26 ? LETTER : GAP;
}

/* As pd_utf8_decode; most characters of most cells are ASCII. */
static size_t take_character(pd_str s, size_t at, uint32_t *c) {
    *c = (unsigned char)s.data[at];
    return *c < 0x80 ? 1 : pd_utf8_decode(s, at, c);
}

static bool is_middle_dot(uint32_t c) {
    return c == 0xb7 || c == 0x30fb || c == 0x2022;
}

/* What the cell is made of. */
struct shape {
    size_t characters;
    size_t of[IDEOGRAPH + 1];
    size_t middle_dots;
    size_t other_gaps; /* what does not stand in names: no space, hyphen, full stop, apostrophe */
    bool starts_with_letter;
};

static bool is_ascii(pd_str s) {
    unsigned char all = 0;
    for (size_t i = 0; i < s.len; i++)
        all |= (unsigned char)s.data[i];
    return all < 0x80;
}

/* Without a branch for each character: most cells of most tables are ASCII. */
static struct shape shape_of_ascii(pd_str s) {
    static const uint64_t in_names = UINT64_C(1) << ' ' | UINT64_C(1) << '-' | UINT64_C(1) << '.' |
                                     UINT64_C(1) << '\'';
    size_t digits = 0, letters = 0, gaps_of_names = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned c = (unsigned char)s.data[i];
        digits += c - '0' < 10;
        letters += (c | 0x20) - 'a' < 26;
        gaps_of_names += c < 64 ? in_names >> c & 1 : 0;
    }
    size_t gaps = s.len - digits - letters;
    return (struct shape){.characters = s.len,
                          .of = {[GAP] = gaps, [DIGIT] = digits, [LETTER] = letters},
                          .other_gaps = gaps - gaps_of_names,
                          .starts_with_letter =
                              s.len > 0 && kind_of((unsigned char)s.data[0]) == LETTER};
}

static struct shape shape_of(pd_str s) {
    struct shape shape = {0};
    uint32_t c;
    for (size_t at = 0; at < s.len; shape.characters++) {
        at += take_character(s, at, &c);
        enum kind kind = kind_of(c);
        if (shape.characters == 0)
            shape.starts_with_letter = kind == LETTER || kind == IDEOGRAPH;
        shape.of[kind]++;
        if (is_middle_dot(c))
            shape.middle_dots++;
        else if (kind == GAP && c != ' ' && c != '-' && c != '.' && c != '\'' && c != 0x2019)
            shape.other_gaps++;
    }
    return shape;
}

static bool is_name(const struct shape *shape) {
    size_t letters = shape->of[LETTER] + shape->of[IDEOGRAPH];
    if (!shape->starts_with_letter || letters < 2 || shape->of[DIGIT] > 0 || shape->other_gaps > 0)
        return false;
    return shape->of[IDEOGRAPH] <= MAX_NAME_LETTERS_CJK || shape->middle_dots > 0;
}

/* +86 138 1234 5678, 13812345678, 010-62345678: not dates, nor numbers of cards and people. */
static bool is_phone(pd_str s, const struct shape *shape) {
    size_t digits = shape->of[DIGIT];
    for (size_t i = 0; i < s.len; i++) {
        if (kind_of((unsigned char)s.data[i]) != DIGIT && strchr("+-() ", s.data[i]) == NULL)
            return false;
    }
    if (s.data[0] == '+')
        return digits >= 7 && digits <= 15;
    if (s.data[0] == '0' || s.data[0] == '(')
        return digits >= 10 && digits <= 12;
    return digits == 11 && s.data[0] == '1' && s.len > 1 && s.data[1] >= '3';
}

/* Where the domain of an e-mail address starts; 0 if the cell is no plain address. */
static size_t domain_of(pd_str s) {
    size_t at = pd_str_find_char(s, '@');
    if (s.len > MAX_EMAIL_BYTES || at == PD_NPOS || at == 0)
        return 0;
    for (size_t i = 0; i < at; i++) {
        if ((unsigned char)s.data[i] <= ' ' || strchr(":/<>,;()\"", s.data[i]) != NULL)
            return 0;
    }
    size_t dot = 0, digits = 0;
    for (size_t i = at + 1; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        enum kind kind = kind_of(c);
        if (c >= 0x80 || (kind == GAP && c != '.' && c != '-'))
            return 0;
        if (kind == DIGIT && ++digits > MAX_DOMAIN_DIGITS)
            return 0;
        if (c == '.')
            dot = i;
    }
    bool ends_in_word =
        dot > at + 1 && dot + 1 < s.len && kind_of((unsigned char)s.data[dot + 1]) != DIGIT;
    return ends_in_word ? at + 1 : 0;
}

static size_t stars_of(size_t run) {
    return run <= 4 ? run : run <= 8 ? 8 : LONGEST_RUN;
}

static void write_stars(size_t run, struct pd_buf *out) {
    static const char STARS[LONGEST_RUN + 1] = "****************";
    pd_buf_add(out, STARS, stars_of(run));
}

/* The same of at most MAX_CHARACTERS characters of ASCII, written at once. */
static void write_masked_ascii(pd_str s, size_t kept, struct pd_buf *out) {
    char made[MAX_CHARACTERS * LONGEST_RUN];
    size_t n = 0;
    for (size_t at = 0; at < s.len;) {
        bool is_gap = kind_of((unsigned char)s.data[at]) == GAP;
        if (is_gap || kept > 0) {
            kept -= is_gap ? 0 : 1;
            made[n++] = s.data[at++];
            continue;
        }
        size_t run = 1;
        while (at + run < s.len && kind_of((unsigned char)s.data[at + run]) != GAP)
            run++;
        size_t stars = stars_of(run);
        memset(made + n, '*', stars);
        n += stars;
        at += run;
    }
    pd_buf_add(out, made, n);
}

/* Keeps the first `kept` letters or digits, and the punctuation. */
static void write_masked(pd_str s, size_t kept, struct pd_buf *out) {
    if (s.len <= MAX_CHARACTERS && is_ascii(s)) {
        write_masked_ascii(s, kept, out);
        return;
    }
    size_t run = 0, n;
    uint32_t c;
    for (size_t at = 0; at < s.len; at += n) {
        n = take_character(s, at, &c);
        bool is_gap = kind_of(c) == GAP;
        if (!is_gap && kept == 0) {
            run++;
            continue;
        }
        if (run > 0)
            write_stars(run, out);
        run = 0;
        kept -= is_gap ? 0 : 1;
        pd_buf_add(out, s.data + at, n);
    }
    write_stars(run, out);
}

const char *protect_mask_type_name(enum protect_mask_type type) {
    static const char *const names[PROTECT_MASK_TYPE_COUNT] = {"shape", "email", "telephone", "name",
                                                               "identifier"};
    return names[type];
}

/* Whether cells of the column may be taken for this. */
static bool may_be(enum protect_mask_type said, enum protect_mask_type type) {
    return said == PROTECT_MASK_BY_SHAPE || said == type;
}

void protect_mask(pd_str cell, enum protect_mask_type type, struct pd_buf *out) {
    pd_str s = pd_str_trim(cell);
    if (s.len == 0)
        return;
    size_t domain = may_be(type, PROTECT_MASK_EMAIL) ? domain_of(s) : 0;
    if (domain > 0) {
        pd_buf_text(out, "*** @");
        pd_buf_str(out, pd_str_sub(s, domain, s.len));
        return;
    }
    if (s.len > (size_t)MAX_CHARACTERS * 4) {
        write_stars(LONGEST_RUN, out);
        return;
    }
    bool ascii = is_ascii(s);
    struct shape shape = ascii ? shape_of_ascii(s) : shape_of(s);
    if (shape.characters > MAX_CHARACTERS)
        write_stars(LONGEST_RUN, out);
    else if (may_be(type, PROTECT_MASK_NAME) && is_name(&shape))
        write_masked(s, 1, out);
    else if (may_be(type, PROTECT_MASK_TELEPHONE) && is_phone(s, &shape))
        write_masked(s, KEPT_PHONE_DIGITS, out);
    else
        write_masked(s, 0, out);
}
