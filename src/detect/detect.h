/**
 * detect/: finds personal data in single cells, by rule and check digit, and reads what a column's
 * name says about it. No I/O, no state: text in, answer out. Every function accepts any bytes.
 *
 * The types are a closed list. What each accepts, and the standard behind it, stands at its line.
 */
#ifndef POLDER_DETECT_H
#define POLDER_DETECT_H

#include "base/base.h"

enum detect_type {
    /* GB 11643-1999: area, birth date, sequence, ISO 7064 MOD 11-2 check; `x` for X. The area has
       a known province and more than zeros after it; 810000, 820000 and 830000 are the residence
       permit, a first digit 9 the foreigner's permanent residence card (province at digit 2). The
       15-digit form of before 1999 has no check digit and is a weak match. */
    DETECT_CN_RESIDENT_ID,
    /* GB 32100-2015 unified social credit code: MOD 31 check, and the GB 11714 check of the
       organisation code inside. */
    DETECT_CN_USCC,
    /* 11 digits by the numbering plan; +86 or 0086 before, groups of 3-4-4 by space or hyphen. */
    DETECT_CN_MOBILE,
    /* RFC 5321 lengths, RFC 5322 dot-atom, RFC 6531 UTF-8; a domain of two labels or more. */
    DETECT_EMAIL,
    /* RFC 791 dotted decimal without leading zeros. */
    DETECT_IPV4,
    /* A calendar date or month with 1900 < year and not after today. Any date looks like this, so
       it counts only where the column's name says so: see detect_context. */
    DETECT_DATE_OF_BIRTH,
    DETECT_TYPE_COUNT
};
#define DETECT_BIT(type) (1u << (type))
#define DETECT_ALL       ((1u << DETECT_TYPE_COUNT) - 1)

enum detect_category {
    DETECT_IDENTITY,
    DETECT_ORGANISATION,
    DETECT_CONTACT,
    DETECT_NETWORK,
    DETECT_BIRTH
};

/** What a value of the type does to a row: names its person, helps to find them, or neither. */
enum detect_hint { DETECT_NONE, DETECT_DIRECT, DETECT_QUASI };

struct detect_info {
    const char *name;  /* stable, e.g. "cn_resident_id" */
    const char *title; /* for sentences: "a Chinese resident identity number" */
    enum detect_category category;
    enum detect_hint hint;
    bool is_personal;     /* of a natural person */
    bool has_check_digit; /* arithmetic proof, beyond the form */
    bool needs_context;   /* counts only where the column's name speaks for it */
    double chance;        /* share of random values of the right shape that pass */
};
const struct detect_info *detect_info_get(enum detect_type type);
bool detect_info_find(pd_str name, enum detect_type *out);
const char *detect_category_name(enum detect_category category);

/** A civil day as the number yyyymmdd, so that "not after today" costs one comparison. */
int detect_day(pd_time t);

/** Bits by type. `sure` and `weak` exclude each other and both lie within `shaped`. */
struct detect_hits {
    uint32_t sure;   /* passed every rule of the type */
    uint32_t weak;   /* an old form without its check digit */
    uint32_t shaped; /* has the length and characters; with `chance`, the base rate of accidents */
};

/**
 * Which of the types in `mask` the whole cell is, after trimming and after full-width characters
 * (U+FF01..FF5E) became ASCII. Cells of more than 254 bytes match nothing. today: see detect_day.
 */
struct detect_hits detect_cell(pd_str cell, uint32_t mask, int today);

enum detect_match { DETECT_NO, DETECT_WEAK, DETECT_SURE };
enum detect_match detect_value(enum detect_type type, pd_str cell, int today);

/**
 * A column's name made comparable: words in lower case between single spaces, split at
 * punctuation, at camelCase and between ASCII and CJK text; at most 250 bytes, the rest is dropped.
 */
struct detect_name {
    char text[256]; /* begins and ends with a space; NUL-terminated */
    size_t len;
};
struct detect_name detect_name_make(pd_str column_name);

/**
 * Whether the name has a term. An ASCII term is one or more whole words ("date of birth"; a plural
 * s is allowed), a term in another script may stand anywhere. `^` in front binds it to the start,
 * `$` behind it to the end: of the whole name for an ASCII term, of a run for others.
 */
bool detect_name_has(const struct detect_name *name, const char *term);

/** Bits of the types that a column's name makes likely, or rules out (a version is no address). */
struct detect_context {
    uint32_t speaks_for;
    uint32_t speaks_against;
};
struct detect_context detect_context(const struct detect_name *name);

/** The mask to give to detect_cell for a column of this name. */
uint32_t detect_mask(const struct detect_name *name);

#endif
