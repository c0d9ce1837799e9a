/* What the files of standard/ share. */
#ifndef POLDER_STANDARD_IMPL_H
#define POLDER_STANDARD_IMPL_H

#include "standard/standard.h"

#include <jansson.h>

/* ---- pattern.c: XML Schema regular expressions, of whole values ---- */

struct pattern;
/** In `arena`. PD_INVALID says where in the pattern; PD_LIMIT. */
PD_CHECK enum pd_status pattern_parse(pd_str text, struct pd_arena *arena,
                                      const struct pattern **out, struct pd_error *err);
/** Takes time in proportion to text times pattern. text: valid UTF-8. */
bool pattern_is(const struct pattern *pattern, pd_str text);

/* ---- value.c, number.c, moment.c: cells as what they mean ---- */

enum { DECIMAL_DIGITS = 80 };
/** sign * 0.digits * 10^exponent, without zeros at either end. */
struct decimal {
    int sign;         /* -1, 0, 1 */
    char kind;        /* 0: a number; 'N': NaN; 'I': infinite */
    uint8_t count;    /* of digits */
    int64_t exponent; /* 0 if it is zero */
    char digits[DECIMAL_DIGITS];
};
/** Digits with an optional sign, point and exponent. NULL: fine; else why not. */
const char *decimal_parse(pd_str text, struct decimal *out);
/** NaN equals itself and is above all. */
int decimal_compare(const struct decimal *a, const struct decimal *b);
/** As units of 10^-scale; false if it has finer digits or is beyond 38 of them. */
bool decimal_units(const struct decimal *d, int scale, __int128 *out);
/** Digits behind the point. */
int64_t decimal_scale(const struct decimal *d);

struct value {
    enum standard_type type;
    pd_str text; /* of the cell */
    struct decimal number;
    int64_t order;  /* moments: microseconds; years, months: their number; booleans: 0, 1 */
    int64_t months; /* durations, besides microseconds in `order` */
    size_t length;  /* characters, items or members */
};

enum value_format {
    FORMAT_DEFAULT,
    FORMAT_EMAIL,
    FORMAT_URI,
    FORMAT_BINARY,
    FORMAT_UUID,
    FORMAT_ANY,
    FORMAT_ARRAY,
    FORMAT_OBJECT,
    FORMAT_TOPOJSON,
    FORMAT_GIVEN /* as strptime has it */
};

struct texts {
    const pd_str *list;
    size_t count;
};

enum bound { MINIMUM, MAXIMUM, ABOVE, BELOW, BOUNDS };
enum length { MIN_LENGTH, MAX_LENGTH, LENGTHS };

struct field {
    pd_str name, title;
    enum standard_type type, item_type;
    enum value_format format;
    pd_str format_text;
    struct texts missing, true_values, false_values, categories;
    pd_str decimal_char, group_char, delimiter;
    bool is_bare; /* nothing but the number */
    bool is_required, is_unique;
    bool has_bound[BOUNDS], has_length[LENGTHS], has_enum;
    struct value bound[BOUNDS];
    size_t length[LENGTHS];
    struct texts enumeration;   /* as written */
    const struct value *values; /* what they mean, sorted */
    size_t value_count;
    const struct value *category_values;
    const struct pattern *pattern;
    pd_str pattern_text;
};

/** NULL: fine; else a phrase why it isn't of the field's type: "it is no whole number". */
const char *value_read(const struct field *field, pd_str cell, struct value *out);
bool value_is_missing(const struct field *field, pd_str cell);
enum order { LESS = -1, EQUAL = 0, MORE = 1, UNORDERED = 2 };
/** Of the same kind; UNORDERED: durations such as a month and 30 days. */
enum order value_compare(const struct value *a, const struct value *b);
/** Bytes that are equal where the values are. */
void value_key(const struct value *value, struct pd_buf *out);
bool value_has_order(enum standard_type type);

const char *moment_read(enum standard_type type, enum value_format format, pd_str format_text,
                        pd_str cell, struct value *out);
/** NULL: a format that can be read; else why not. */
const char *moment_check_format(enum standard_type type, pd_str format);
enum order moment_compare_durations(const struct value *a, const struct value *b);

/* ---- parse.c, parse_field.c, parse_rule.c ---- */

enum match { MATCH_EXACT, MATCH_EQUAL, MATCH_SUBSET, MATCH_SUPERSET, MATCH_PARTIAL, MATCHES };
extern const char *const match_names[MATCHES];

struct key {
    bool is_primary;
    const size_t *fields;
    size_t count;
    pd_str title; /* "a, b" */
};

enum rule_kind { RULE_COMPARE, RULE_SUM, RULE_REFERENCE, RULE_TIMELY, RULE_KINDS };
enum operation { OP_LESS, OP_LESS_EQUAL, OP_EQUAL, OP_UNEQUAL, OP_MORE_EQUAL, OP_MORE, OPERATIONS };
extern const char *const operation_names[OPERATIONS];
extern const char *const rule_names[RULE_KINDS];

struct rule {
    pd_str name, title;
    enum rule_kind kind;
    const struct standard_indicator *indicator;
    const size_t *fields; /* compare: left, right; sum: the parts, the total; else one */
    size_t count;
    enum operation operation;
    struct decimal tolerance;
    pd_str tolerance_text;
    struct texts listed; /* reference: sorted */
    pd_str source;       /* where the list comes from */
    bool has_days, has_from, has_to;
    int64_t days; /* timely: at most so old */
    struct value from, to;
};

struct standard {
    pd_str name, version, title_en, title_zh;
    struct field *fields;
    size_t field_count;
    const size_t *by_name; /* fields in the order of their names */
    enum match match;
    const struct key *keys;
    size_t key_count;
    const struct rule *rules;
    size_t rule_count;
};
/** PD_NPOS: there is none. */
size_t standard_find(const struct standard *standard, pd_str name);

/** A step into JSON: a member, or an item. */
struct step {
    const char *key; /* NULL: an item */
    size_t index;
};
enum { STEPS_MOST = 8 };
struct reading {
    pd_str json;
    struct pd_arena *arena;
    struct standard *standard;
    struct texts missing; /* of the whole table */
    struct step steps[STEPS_MOST];
    size_t depth;
    struct pd_error *err;
};
void reading_enter(struct reading *r, const char *key);
void reading_item(struct reading *r, size_t index);
void reading_leave(struct reading *r);
/** The place of the step where the reading stands, and of `member` in it (NULL: itself). */
PD_PRINTF(4, 5)
enum pd_status reading_refuse(struct reading *r, enum pd_status status, const char *member,
                              const char *format, ...);
/** Every member of `object` must be among the names, which end in NULL. */
PD_CHECK enum pd_status reading_members(struct reading *r, const json_t *object,
                                        const char *const *names);
/** Absent: `*out` stays as it is. */
PD_CHECK enum pd_status reading_text(struct reading *r, const json_t *object, const char *member,
                                     pd_str *out);
PD_CHECK enum pd_status reading_bool(struct reading *r, const json_t *object, const char *member,
                                     bool *out);
PD_CHECK enum pd_status reading_texts(struct reading *r, const json_t *object, const char *member,
                                      struct texts *out);
/** One of the names; absent: `*out` stays. */
PD_CHECK enum pd_status reading_choice(struct reading *r, const json_t *object, const char *member,
                                       const char *const *names, size_t count, int *out);
/** The member's text if it is text or a number. */
PD_CHECK enum pd_status reading_scalar(struct reading *r, const json_t *value, const char *member,
                                       pd_str *out);
PD_CHECK enum pd_status reading_field_name(struct reading *r, const json_t *value,
                                           const char *member, size_t *out);

PD_CHECK enum pd_status parse_field(struct reading *r, const json_t *object, struct field *out);
PD_CHECK enum pd_status parse_rule(struct reading *r, const json_t *object, struct rule *out);
size_t where_is(pd_str json, const struct step *steps, size_t depth, const char *member);

/* ---- indicator.c ---- */

const struct standard_indicator *indicator_find(pd_str code);
const struct standard_indicator *indicator_get(const char *code);
extern const struct standard_indicator indicators[];
extern const size_t indicator_count;

/* ---- keys.c: values that were seen, exactly ---- */

struct key_set;
struct key_set *key_set_new(const uint64_t seed[2], size_t *left_bytes);
void key_set_free(struct key_set *set);
enum key_answer { KEY_NEW, KEY_SEEN, KEY_FULL };
/** KEY_SEEN: `*line` is that of the first one. Memory is taken from *left_bytes. */
enum key_answer key_set_add(struct key_set *set, pd_str key, uint64_t line, uint64_t *first);

#endif
