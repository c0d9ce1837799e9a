/** Private to detect/: the validators, and what they share. */
#ifndef POLDER_DETECT_IMPL_H
#define POLDER_DETECT_IMPL_H

#include "detect/detect.h"

static inline bool detect_is_digit(char c) {
    return c >= '0' && c <= '9';
}
static inline char detect_upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}
static inline bool detect_is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- cell.c: a cell, looked at once ---- */

enum { DETECT_CODE_MAX = 40, DETECT_GROUPS_MAX = 12 };

/** A cell as the rules of codes see it: letters and digits without what groups them. */
struct detect_code {
    char at[DETECT_CODE_MAX + 1]; /* upper case, NUL-terminated */
    size_t len;
    size_t digits;
    char separator; /* between the groups; 0: one group; '?': several kinds */
    uint8_t groups[DETECT_GROUPS_MAX];
    size_t group_count;
    pd_str written; /* as it stands in the cell, trimmed and narrowed */
};
/** Full-width characters as ASCII, trimmed; `out` has room for s.len bytes. */
pd_str detect_narrow(pd_str s, char *out);
/** False if it has other characters than letters, digits and single separators, or is too long. */
bool detect_code_make(pd_str written, struct detect_code *out);
/* ---- check.c: arithmetic of check digits; the caller has made sure of the characters ---- */

static inline int detect_number(const char *digits, size_t count) {
    int value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}
/** Sum of weight times digit, letters counting A=10 .. Z=35. */
int detect_weigh(const char *s, const int *weights, size_t count);
/** The same of digits alone; sooner where weights and count are constants. */
static inline int detect_weigh_digits(const char *s, const uint8_t *weights, size_t count) {
    int sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += weights[i] * (s[i] - '0');
    return sum;
}
bool detect_luhn_digits(const char *s, size_t len); /* of digits alone */
bool detect_luhn(const char *s, size_t len);        /* ISO/IEC 7812-1 annex B; letters as 10..35 */
bool detect_mod_97(const char *s, size_t len);      /* ISO 7064 MOD 97-10: the whole is 1 */
bool detect_mod_11_10(const char *s, size_t len);   /* ISO 7064 MOD 11,10 */
bool detect_mod_11_2(const char *s, size_t len);    /* ISO 7064 MOD 11-2, X for ten */
bool detect_mod_37_36(const char *s, size_t len);   /* ISO 7064 MOD 37,36 */
bool detect_verhoeff(const char *s, size_t len);    /* dihedral group D5 */
bool detect_damm(const char *s, size_t len);        /* quasigroup of order ten */
bool detect_ean(const char *s, size_t len);         /* GS1: weights 3 and 1 from the right */

/** A past day after 1900. */
bool detect_is_birth_day(int year, int month, int day, int today);

/* ---- the families; each rule gets a code of the length that its row in cell.c allows ---- */

typedef enum detect_match detect_rule(const struct detect_code *code, int today);
detect_rule detect_cn_resident_id, detect_cn_uscc, detect_cn_passport, detect_cn_passport_mrz,
    detect_cn_permit;
detect_rule detect_hk_id, detect_tw_id, detect_jp_my_number, detect_kr_rrn, detect_in_aadhaar;
detect_rule detect_au_tfn, detect_au_abn, detect_au_medicare, detect_us_ssn, detect_us_itin;
detect_rule detect_de_steuer_id, detect_gb_nino, detect_gb_nhs, detect_pl_pesel, detect_eu_vat;
detect_rule detect_bank_card, detect_iban, detect_isin, detect_lei, detect_imei;

bool detect_may_be_vat(char first, char second); /* a prefix of detect_eu_vat, in any case */
/** `*shaped`: it is 11 digits behind the known prefixes, whatever the numbering plan says. */
bool detect_cn_mobile(pd_str s, bool *shaped);
bool detect_cn_plate(pd_str s);
/** hk ids are written with a bracket: "D879363(9)" */
bool detect_hk_bracketed(pd_str s);
enum detect_match detect_phone(pd_str s);
/** What detect_phone says of all texts of such digits and marks, if they don't begin with "00";
    false if it goes by the digits. */
bool detect_phone_by_form(pd_str s, enum detect_match *out);
bool detect_email(pd_str s);
bool detect_ipv4(pd_str s);
bool detect_ipv6(pd_str s);
bool detect_mac(pd_str s);
enum detect_url { DETECT_URL_NOT, DETECT_URL_PLAIN, DETECT_URL_WITH_SECRET };
enum detect_url detect_url(pd_str s);
bool detect_domain(pd_str s); /* a host name by itself, under a known top-level domain */
bool detect_secret(pd_str s);
bool detect_may_begin_secret(const char *two); /* whether one can begin with these */
bool detect_coordinates(pd_str s);
bool detect_date_of_birth(pd_str s, int today);
enum detect_match detect_address(pd_str s);

/* ---- context.c ---- */

/** Which of the types words speak against. */
detect_bits detect_context_against(const struct detect_name *name, detect_bits types);

/* ---- character_table.c: what a Chinese character can be part of ---- */

enum detect_character {
    DETECT_FAMILY = 1,      /* a family name */
    DETECT_FAMILY_PAIR = 2, /* begins one of two characters */
    DETECT_THING = 4,       /* ends what begins like a name and is none */
    DETECT_NUMERAL = 8,     /* stands for a number in an address */
    DETECT_DIVISION_1 = 16, /* begins the name of a province, city or county */
    DETECT_DIVISION_2 = 32, /* is its second */
    /* Ends words behind which a name or an address stands (context.c), or stands between: 是 */
    DETECT_ENDS_NAME = 64,
    DETECT_ENDS_ADDRESS = 128,
    /* Above: 1 + the first of the endings of parts of addresses (address.c) that begin so. */
    DETECT_PART_SHIFT = 8,
    DETECT_CHARACTERS = 0x6000
};
extern const uint16_t detect_characters[DETECT_CHARACTERS];

/** Whether the character at the front is one of U+4000 to U+9FFF. */
static inline bool detect_is_han(const char *s, size_t len) {
    const unsigned char *c = (const unsigned char *)s;
    return len >= 3 && c[0] >= 0xe4 && c[0] <= 0xe9 && (c[1] & 0xc0) == 0x80 &&
           (c[2] & 0xc0) == 0x80;
}

/** Of the character at the front, a set of enum detect_character: 0 but for U+4000 to U+9FFF. */
static inline unsigned detect_character_at(const char *s, size_t len) {
    const unsigned char *c = (const unsigned char *)s;
    if (!detect_is_han(s, len))
        return 0;
    return detect_characters[(c[0] - 0xe4u) << 12 | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu)];
}

/* ---- person.c, address.c: pieces that text is searched for ---- */

/** Length in bytes of the family name at the front, 0 if there is none. */
size_t detect_family_name(pd_str s);
bool detect_is_name_word(pd_str word);  /* "Jones", "O'Neil", "B.", "García" */
bool detect_is_given_name(pd_str word); /* of the English-speaking world; any case */
/** False only if the letters, at least one, are no given name. Eight bytes from `word` on are read.
 */
bool detect_may_be_given_name(const char *word, size_t len);
/** Length in bytes of the name of a province, city or county at the front; 0. */
size_t detect_division(pd_str s);

/** Length in bytes of the address at the front, 0 if there is none. A row: "北京市海淀区…27号",
   sure with a number, weak without; a street: "14 Crown Street", "Via Franscini 71". */
size_t detect_address_row(pd_str s, enum detect_match *match);
size_t detect_street(pd_str s);
bool detect_is_street_word(pd_str word);     /* "Street", "Rd." */
bool detect_is_street_head(pd_str word);     /* "Rue", "Via" */
bool detect_is_street_compound(pd_str word); /* "Hauptstraße" */
bool detect_is_house_number(pd_str word);    /* "12", "12a", "12-14" */
bool detect_is_unit_word(pd_str word);       /* "Apt.", "Suite" */

/* ---- pattern.c: a site's patterns ---- */

/**
 * A regular language over characters, compiled to a machine whose states are followed all at once:
 * time grows with text times pattern, whatever they are. Letters, [a-z], [^...], . \d \w \s, \x for
 * a mark x, ( ), |, ? * + {n} {n,m}. A match never starts or ends inside a word.
 */
struct detect_pattern;
/** PD_INVALID names the column in the pattern; PD_LIMIT. */
PD_CHECK enum pd_status detect_pattern_new(pd_str text, bool ignore_case,
                                           struct detect_pattern **out, struct pd_error *err);
void detect_pattern_free(struct detect_pattern *pattern); /* NULL is fine */
bool detect_pattern_is(const struct detect_pattern *pattern, pd_str text);
/** The leftmost match that starts in from .. to, the longest there, at most 254 bytes. */
bool detect_pattern_find(const struct detect_pattern *pattern, pd_str text, size_t from, size_t to,
                         size_t *start, size_t *end);

/* ---- division_table.c, area_table.c, given_table.c: derived by script/detect_tables.py ---- */

/** Words sorted by bytes, one behind the other; `starts` has one entry more than there are words.
 */
struct detect_words {
    const char *text;
    const uint16_t *starts;
    size_t count;
};
extern const struct detect_words detect_divisions;   /* provinces, cities, counties */
extern const struct detect_words detect_given_names; /* in lower case */
extern const uint64_t detect_given_marks[256];       /* given_marks.c */
extern const detect_bits detect_context_pairs[1024], detect_context_wides[1024];
/** Bits by two characters (scan_look.c): ends of words that introduce, beginnings of divisions. */
extern const uint64_t detect_introducing_names[16], detect_introducing_addresses[16];
extern const uint64_t detect_division_pairs[512];
struct detect_area_row {
    uint16_t city;        /* first four digits */
    uint64_t counties[2]; /* a bit for each county's last two */
};
extern const struct detect_area_row detect_areas[]; /* sorted by city */
extern const size_t detect_area_count;
extern const uint16_t detect_area_starts[101];     /* row of a province's first city */
extern const uint64_t detect_division_fronts[512]; /* bits; see detect_division_could_be */

/** Whether the six bytes that s begins with, at least, may begin a division's name. */
static inline bool detect_division_could_be(const char *s) {
    uint64_t front = 0;
    for (int i = 0; i < 6; i++)
        front = front << 8 | (unsigned char)s[i];
    uint64_t at = front * UINT64_C(0x9e3779b97f4a7c15) >> 49;
    return detect_division_fronts[at / 64] >> at % 64 & 1;
}

/* ---- lookup.c ---- */

bool detect_words_has(const struct detect_words *words, pd_str word);
/** Length of the longest word at the front of s that has least .. most bytes, a multiple of three;
    0 if there is none. s.len >= least. */
size_t detect_words_longest(const struct detect_words *words, pd_str s, size_t least, size_t most);
/** GB/T 2260: whether the six digits are a county, or only their first four a city. */
enum detect_area { DETECT_AREA_UNKNOWN, DETECT_AREA_CITY, DETECT_AREA_COUNTY };
enum detect_area detect_area_find(int code);

#endif
