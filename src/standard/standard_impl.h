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

/* ---- json_schema.c: what JSON within a cell must be ---- */

struct json_schema;
struct reading;
/** The keywords of JSON Schema that docs/reference/standards.md lists. PD_UNSUPPORTED: another one.
 */
PD_CHECK enum pd_status json_schema_parse(struct reading *r, const json_t *json, int depth,
                                          const struct json_schema **out);
bool json_schema_is_met(const struct json_schema *schema, const json_t *json);

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

/** What people call a code: "男" is "1". A code may have several. */
struct label {
    pd_str text, code;
};
struct labels {
    const struct label *list;
    size_t count;
};

enum bound { MINIMUM, MAXIMUM, ABOVE, BELOW, BOUNDS };
enum length { MIN_LENGTH, MAX_LENGTH, LENGTHS };

struct field {
    pd_str name, title, title_en, title_zh;
    pd_str unit; /* that values are in, for people and for repairs; empty: not said */
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
    struct labels labels; /* of the categories */
    const struct pattern *pattern;
    pd_str pattern_text;
    const struct json_schema *json_schema; /* NULL: none */
    pd_str json_schema_text;               /* canonical */
};

/** NULL: fine; else a phrase why it isn't of the field's type: "it is no whole number". */
const char *value_read(const struct field *field, pd_str cell, struct value *out);
bool value_is_missing(const struct field *field, pd_str cell);
enum order { LESS = -1, EQUAL = 0, MORE = 1, UNORDERED = 2 };
/** Of the same kind; UNORDERED: durations such as a month and 30 days. */
enum order value_compare(const struct value *a, const struct value *b);
/** Bytes that are equal where the values are. */
void value_key(const struct value *value, struct pd_buf *out);
/** value: of a cell with JSON, of a field that has a schema for it. */
bool value_meets_schema(const struct field *field, const struct value *value);
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

/** A reference to another table, or to the table itself. */
struct foreign {
    const size_t *fields;
    const pd_str *theirs; /* names of the columns there */
    size_t count;
    size_t resource; /* among those of the standard */
    pd_str title;    /* "a, b" */
};

enum rule_kind { RULE_COMPARE, RULE_SUM, RULE_REFERENCE, RULE_TIMELY, RULE_DERIVED, RULE_KINDS };
enum operation { OP_LESS, OP_LESS_EQUAL, OP_EQUAL, OP_UNEQUAL, OP_MORE_EQUAL, OP_MORE, OPERATIONS };
extern const char *const operation_names[OPERATIONS];
extern const char *const rule_names[RULE_KINDS];

struct rule {
    pd_str name, title;
    enum rule_kind kind;
    const struct standard_indicator *indicator;
    const size_t *fields; /* compare: left, right; sum: the parts, the total; derived: what it is
                             taken from, and what it must be; else one */
    size_t count;
    enum operation operation;
    struct decimal tolerance;
    pd_str tolerance_text;
    struct texts listed; /* reference: sorted */
    struct labels labels;
    pd_str source; /* where the list comes from */
    int how;       /* derived: as derived_names has it */
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
    const struct foreign *foreign;
    size_t foreign_count;
    const pd_str *resources; /* that are referred to; empty: the table itself */
    size_t resource_count;
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
/** The same, with what people call each of them where an item says so. several: an item may say
 * more than one, in "labels", which Table Schema doesn't know. */
PD_CHECK enum pd_status reading_codes(struct reading *r, const json_t *object, const char *member,
                                      bool several, struct texts *out, struct labels *labels);
/** One of the names; absent: `*out` stays. */
PD_CHECK enum pd_status reading_choice(struct reading *r, const json_t *object, const char *member,
                                       const char *const *names, size_t count, int *out);
/** The member's text if it is text or a number. */
PD_CHECK enum pd_status reading_scalar(struct reading *r, const json_t *value, const char *member,
                                       pd_str *out);
PD_CHECK enum pd_status reading_field_name(struct reading *r, const json_t *value,
                                           const char *member, size_t *out);

PD_CHECK enum pd_status parse_field(struct reading *r, const json_t *object, struct field *out);
/** A value as the standard itself writes it; NULL: fine. */
const char *field_read_value(const struct field *f, pd_str text, struct value *out);
PD_CHECK enum pd_status parse_rule(struct reading *r, const json_t *object, struct rule *out);
size_t where_is(pd_str json, const struct step *steps, size_t depth, const char *member);

/* ---- derived.c: what an identifier says of whoever has it ---- */

enum { DERIVED_KINDS = 5 };
extern const char *const derived_names[DERIVED_KINDS];
enum { DERIVED_SIZE = 16 };
/** What `from` determines, as Table Schema writes it; empty: it is no such identifier. */
pd_str derived_read(int how, pd_str from, char out[DERIVED_SIZE]);

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
/** false: it was never added. */
bool key_set_find(const struct key_set *set, pd_str key, uint64_t *first);

#endif
