/**
 * detect/: finds personal and secret data in single cells and in running text, by rule and check
 * digit, and reads what a column's name or the words nearby say about it. No I/O, no clock: text
 * in, answer out. Every function accepts any bytes.
 *
 * The types are a closed list; type.c says of each what it accepts and the standard behind it. A
 * site adds its own in a file: see detect_site.
 */
#ifndef POLDER_DETECT_H
#define POLDER_DETECT_H

#include "base/base.h"

enum detect_type {
    DETECT_CN_RESIDENT_ID,
    DETECT_CN_USCC,
    DETECT_CN_MOBILE,
    DETECT_CN_PASSPORT,
    DETECT_CN_PASSPORT_MRZ,
    DETECT_CN_PERMIT,
    DETECT_CN_PLATE,
    DETECT_HK_ID,
    DETECT_TW_ID,
    DETECT_JP_MY_NUMBER,
    DETECT_KR_RRN,
    DETECT_IN_AADHAAR,
    DETECT_AU_TFN,
    DETECT_AU_ABN,
    DETECT_AU_MEDICARE,
    DETECT_DE_STEUER_ID,
    DETECT_GB_NINO,
    DETECT_GB_NHS,
    DETECT_PL_PESEL,
    DETECT_US_SSN,
    DETECT_US_ITIN,
    DETECT_EU_VAT,
    DETECT_BANK_CARD,
    DETECT_IBAN,
    DETECT_ISIN,
    DETECT_LEI,
    DETECT_IMEI,
    DETECT_MAC,
    DETECT_EMAIL,
    DETECT_PHONE,
    DETECT_IPV4,
    DETECT_IPV6,
    DETECT_URL,
    DETECT_URL_CREDENTIALS,
    DETECT_SECRET,
    DETECT_COORDINATES,
    DETECT_DATE_OF_BIRTH,
    DETECT_PERSON_NAME,
    DETECT_ADDRESS,
    DETECT_TYPE_COUNT,
    DETECT_SITE = DETECT_TYPE_COUNT /* one of a site's own */
};
/** A set of types. */
typedef uint64_t detect_bits;
#define DETECT_BIT(type) ((detect_bits)1 << (type))
#define DETECT_ALL       (DETECT_BIT(DETECT_TYPE_COUNT) - 1)

enum detect_category {
    DETECT_IDENTITY,
    DETECT_ORGANISATION,
    DETECT_CONTACT,
    DETECT_NETWORK,
    DETECT_BIRTH,
    DETECT_FINANCE,
    DETECT_DEVICE,
    DETECT_VEHICLE,
    DETECT_PLACE,
    DETECT_ADDRESS_OF,
    DETECT_NAME_OF,
    DETECT_SECRETS,
    DETECT_PSEUDONYM,
    DETECT_CATEGORY_COUNT
};
const char *detect_category_name(enum detect_category category);
bool detect_category_find(pd_str name, enum detect_category *out);

/** What a value of the type does to a row: names its person, helps to find them, or neither. */
enum detect_hint { DETECT_NONE, DETECT_DIRECT, DETECT_QUASI, DETECT_HINT_COUNT };

/** What it takes, beside the value, to believe it. */
enum detect_need {
    DETECT_ALONE,    /* nothing */
    DETECT_MAJORITY, /* words that speak for it, or a column made of it beyond chance */
    DETECT_COMPANY,  /* words that speak for it, or other columns about persons */
    DETECT_NAMED     /* words that speak for it; it is not even looked for without */
};

struct detect_info {
    const char *name;     /* stable, e.g. "cn_resident_id" */
    const char *title;    /* for sentences: "a Chinese resident identity number" */
    const char *standard; /* where the rule stands */
    const char *rule;     /* what passes, in a phrase */
    enum detect_category category;
    enum detect_hint hint;
    bool is_personal;     /* of a natural person */
    bool has_check_digit; /* arithmetic proof, beyond the form */
    enum detect_need need;
    double chance;      /* share of random values of the right shape that are sure */
    double weak_chance; /* ... that are at least weak; 0 if the type knows no weak match */
    const char *weak;   /* what a weak match is: "in the old form without a check digit" */
};
const struct detect_info *detect_info_get(enum detect_type type);
bool detect_info_find(pd_str name, enum detect_type *out);
/** Whether one value by itself, without a word or a column that speaks for it, is worth reporting.
 */
bool detect_stands_alone(const struct detect_info *info, bool is_weak);

/** A civil day as the number yyyymmdd, so that "not after today" costs one comparison. */
int detect_day(pd_time t);

/** Sets by type. `sure` and `weak` exclude each other and both lie within `shaped`. */
struct detect_hits {
    detect_bits sure; /* passed every rule of the type */
    detect_bits weak; /* a form that proves less; see detect_info.weak */
    detect_bits
        shaped; /* has the length and characters; with `chance`, the base rate of accidents */
};

/**
 * Which of the types in `mask` the whole cell is, after trimming and after full-width characters
 * (U+FF01..FF5E) became ASCII. Cells of more than 254 bytes match nothing, but for URLs and secrets
 * (2,048). today: see detect_day.
 */
struct detect_hits detect_cell(pd_str cell, detect_bits mask, int today);

/**
 * What is tried with a cell goes by its characters' classes alone. A plan holds for all cells that
 * are equal once each digit, capital, small letter and ideograph from U+4000 to U+9FFF stands for
 * any other of its kind, and that have neither spaces around them nor U+00A0, U+3000 or full-width
 * characters.
 */
struct detect_plan {
    detect_bits mask, codes;
    uint32_t steps;
    uint8_t digits;
    uint8_t phone; /* enum detect_match; what all are but for those that begin with 00 */
    bool is_plain, has_phone, is_birth_never;
};
struct detect_plan detect_plan_make(pd_str cell, detect_bits mask);
/** As detect_cell with the plan's mask, for cells for which the plan holds. */
void detect_planned_all(const struct detect_plan *plan, const pd_str *cells, size_t count,
                        int today, struct detect_hits *out);

enum detect_match { DETECT_NO, DETECT_WEAK, DETECT_SURE };
enum detect_match detect_value(enum detect_type type, pd_str cell, int today);

/* ---- names of columns, and words nearby ---- */

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

/** Sets of the types that words make likely, or rule out (a version is no address). */
struct detect_context {
    detect_bits speaks_for;
    detect_bits speaks_against;
};
struct detect_context detect_context(const struct detect_name *name);
/** The first of the words that speak for one of `types`; NULL if none does. */
const char *detect_context_word(const struct detect_name *name, detect_bits types);

/** The mask to give to detect_cell for a column of this name. */
detect_bits detect_mask(const struct detect_name *name);

/* ---- names and places, as values ---- */

/** 王小明, 欧阳娜娜: a common family name, then one or two characters (three cells long at most two
    behind a family name of two), and no ending of a place or an office. */
bool detect_is_chinese_name(pd_str text);
/** "Bobby Jones", "Jones, Bobby", "Sir Alan Langlands": two to four words that have the form; with
    `is_known`, one of them must be a common given name in English. */
bool detect_is_western_name(pd_str text, bool is_known);

/* ---- a site's own detectors ---- */

/**
 * Detectors from a file, docs/reference/detectors-file.md: patterns that are matched in linear
 * time, named checks, words of context. Immutable; at most 64.
 */
struct detect_site;
enum { DETECT_SITE_MOST = 64 };

/** PD_INVALID with line and column, or the detector and its member; PD_LIMIT. */
PD_CHECK enum pd_status detect_site_new(pd_str json, struct detect_site **out,
                                        struct pd_error *err);
void detect_site_free(struct detect_site *site);          /* NULL is fine */
size_t detect_site_count(const struct detect_site *site); /* NULL: 0 */
const struct detect_info *detect_site_info(const struct detect_site *site, size_t n);
/** Bits by number: which of the detectors the whole cell is, trimmed and narrowed as detect_cell
    does. Those with need DETECT_NAMED only where `mask` has their bit. */
uint64_t detect_site_cell(const struct detect_site *site, pd_str cell, uint64_t mask);
/** Bits by number: for which of the detectors a column's name speaks. */
uint64_t detect_site_context(const struct detect_site *site, const struct detect_name *name);

/* ---- running text ---- */

enum detect_confidence { DETECT_LOW, DETECT_MEDIUM, DETECT_HIGH };
const char *detect_confidence_name(enum detect_confidence confidence);

struct detect_finding {
    enum detect_type type;
    const struct detect_info *info;
    uint64_t offset; /* of the first byte, from 0 */
    uint64_t line;   /* from 1; ends with LF, CR LF or CR */
    uint64_t column; /* in characters, from 1 */
    pd_str text;     /* as it stands there; lives during the call */
    bool is_weak;    /* see detect_info.weak */
    enum detect_confidence confidence;
    const char *proof; /* what speaks for it: "a right check digit", "its form", ... */
    const char *word;  /* the word nearby that speaks for it; NULL if none does */
};

/** Both are called in the order of the text, which they cover together without gap or overlap. */
struct detect_scan_handler {
    void *context;
    enum pd_status (*text)(void *context, pd_str text, struct pd_error *err); /* NULL: not wanted */
    enum pd_status (*finding)(void *context, const struct detect_finding *finding,
                              struct pd_error *err);
};

/** How text is searched: the first is the fast one, the others are what it is held against. */
enum detect_scan_way {
    DETECT_WHERE_LIKELY, /* at places where something can begin, many bytes at once */
    DETECT_PLAIN,        /* likewise, with the instructions of every processor */
    DETECT_EVERYWHERE    /* every finder at every place */
};

struct detect_scan_options {
    int today;                      /* see detect_day */
    const struct detect_site *site; /* NULL: none; outlives the scanner */
    detect_bits types;              /* which to look for; with `site_types` 0: all */
    uint64_t site_types;            /* bits by number, as in detect_site_cell */
    enum detect_confidence least;
    enum detect_scan_way way; /* no finding depends on it */
};

struct detect_scanner;

/**
 * Finds what is in text that comes in pieces, UTF-8 as far as it is well-formed. The result depends
 * on the bytes only, not on how they are cut. Memory: about 350 KiB, whatever the text's length.
 * Findings are at most 8,192 bytes long (private keys; others 2,048 and mostly far less).
 *
 * Where findings overlap the more confident one stands, then the longer, then the one that proves
 * more, then the one whose type comes first.
 */
PD_CHECK enum pd_status detect_scanner_new(const struct detect_scan_options *options,
                                           const struct detect_scan_handler *handler,
                                           struct detect_scanner **out, struct pd_error *err);
/** After a failure (PD_LIMIT out of memory, or what a handler returned) only free. */
PD_CHECK enum pd_status detect_scanner_feed(struct detect_scanner *scanner, const char *bytes,
                                            size_t n, struct pd_error *err);
PD_CHECK enum pd_status detect_scanner_finish(struct detect_scanner *scanner, struct pd_error *err);
void detect_scanner_free(struct detect_scanner *scanner); /* NULL is fine */

#endif
