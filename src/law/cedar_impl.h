/**
 * The inside of the Cedar engine: text with positions, expressions, functions, JSON documents.
 */
#ifndef POLDER_LAW_CEDAR_IMPL_H
#define POLDER_LAW_CEDAR_IMPL_H

#include "law/cedar.h"

/* ---- Text with positions (cedar_text.c) ---- */

#define LAW_PLACE_START ((struct law_place){0, 1, 1})
/** The place of the byte at `offset`, which is not before `from`. */
struct law_place law_place_advance(pd_str text, struct law_place from, size_t offset);
/** "NAME:LINE:COLUMN: message", the source line, a caret; returns PD_INVALID. */
enum pd_status law_text_fail(struct pd_error *err, pd_str name, pd_str text, struct law_place place,
                             const char *format, va_list args);

/** A name that was meant instead of one that is unknown (hint.c): ": did you mean `x`?", or "". */
struct law_hint {
    char text[96];
};
struct law_hint law_hint(pd_str given, const pd_str *names, size_t count);
/** Of words between spaces, at most 64. */
struct law_hint law_hint_word(pd_str given, const char *words);
/** Whether words between single spaces have this one among them. */
bool law_words_have(const char *words, pd_str word);

/** Cedar's reserved words, which are no identifiers (cedar_lex.c). */
bool law_name_is_reserved(pd_str name);

/* ---- Functions (cedar_call.c, cedar_extension.c) ---- */

/** decimal, ip, datetime, duration and their methods. */
struct law_function {
    const char *name;
    bool is_method;
    unsigned arity;                  /* the receiver counts */
    enum law_value_kind operands[2]; /* what each must be */
    /** NULL, or a sentence that says what is wrong with the operands. */
    const char *(*call)(const struct law_value *operands, struct law_value *out);
};
enum { LAW_ARITY_MAX = 2 };
const struct law_function *law_function_find(pd_str name);
const struct law_function *law_function_nth(size_t n); /* NULL behind the last */
/** "a decimal", "a set", ... */
const char *law_kind_name(enum law_value_kind kind);

const char *law_decimal_parse(pd_str text, struct law_value *out);
const char *law_ip_parse(pd_str text, struct law_value *out);
const char *law_datetime_parse(pd_str text, struct law_value *out);
const char *law_duration_parse(pd_str text, struct law_value *out);

/* ---- Expressions (cedar_parse.c makes them, cedar_eval.c evaluates) ---- */

enum law_expression_kind {
    LAW_EXPR_CONSTANT,
    LAW_EXPR_VARIABLE,
    LAW_EXPR_AND, /* of two or more operands, so that a long chain does not nest */
    LAW_EXPR_OR,
    LAW_EXPR_IF,
    LAW_EXPR_NOT,
    LAW_EXPR_NEGATE,
    LAW_EXPR_EQUAL,
    LAW_EXPR_NOT_EQUAL,
    LAW_EXPR_LESS,
    LAW_EXPR_LESS_EQUAL,
    LAW_EXPR_GREATER,
    LAW_EXPR_GREATER_EQUAL,
    LAW_EXPR_ADD,
    LAW_EXPR_SUBTRACT,
    LAW_EXPR_MULTIPLY,
    LAW_EXPR_IN,
    LAW_EXPR_IS, /* with a second operand: is T in ... */
    LAW_EXPR_LIKE,
    LAW_EXPR_HAS, /* a chain of names */
    LAW_EXPR_GET,
    LAW_EXPR_CONTAINS,
    LAW_EXPR_CONTAINS_ALL,
    LAW_EXPR_CONTAINS_ANY,
    LAW_EXPR_IS_EMPTY,
    LAW_EXPR_HAS_TAG,
    LAW_EXPR_GET_TAG,
    LAW_EXPR_SET,
    LAW_EXPR_RECORD,
    LAW_EXPR_CALL
};

enum law_variable { LAW_PRINCIPAL, LAW_ACTION, LAW_RESOURCE, LAW_CONTEXT, LAW_VARIABLE_COUNT };
extern const pd_str law_variable_names[LAW_VARIABLE_COUNT];

/** Each expression is the operand of one other at most: a tree, so that evaluation is linear. */
struct law_expression {
    enum law_expression_kind kind;
    unsigned height; /* 1 + the operands' greatest, at most LAW_NESTING_MAX */
    struct law_place place;
    const struct law_expression *const *operands;
    size_t operand_count;
    union {
        struct law_value constant;
        enum law_variable variable;
        pd_str type;                         /* IS */
        const struct law_function *function; /* CALL */
        struct {
            const pd_str *list; /* GET: one; HAS: one or more; RECORD: sorted, one per operand;
                                   LIKE: the pattern's pieces between its stars */
            size_t count;
            const struct law_place *places; /* HAS: one per name; NULL: not from text */
        } names;
    };
};

/* ---- JSON (cedar_json.c) ---- */

enum law_json_kind {
    LAW_JSON_NULL,
    LAW_JSON_BOOL,
    LAW_JSON_INTEGER,
    LAW_JSON_STRING,
    LAW_JSON_ARRAY,
    LAW_JSON_OBJECT
};
/**
 * A JSON document in an arena. Not jansson: names may hold U+0000 in Cedar, and a refusal should
 * say where in the document it arose.
 */
struct law_json {
    enum law_json_kind kind;
    size_t offset; /* of its first byte */
    size_t end;    /* behind its last byte */
    pd_str name;   /* as a member */
    union {
        bool boolean;
        int64_t integer;
        pd_str text;
        struct {
            const struct law_json *items; /* an object's in byte order of their names */
            size_t count;
        } list;
    };
};
struct law_document {
    pd_str name; /* for messages */
    pd_str text;
    const struct law_json *root;
};
/** `out` borrows `name` and `text`. PD_INVALID as law_value_parse_json; PD_LIMIT. */
PD_CHECK enum pd_status law_json_parse(pd_str name, pd_str text, struct pd_arena *arena,
                                       struct law_document *out, struct pd_error *err);
const struct law_json *law_json_find(const struct law_json *object, const char *name);
/** Refuses the document because of what stands at `at`; returns PD_INVALID. */
PD_PRINTF(4, 5)
enum pd_status law_json_fail(const struct law_document *document, const struct law_json *at,
                             struct pd_error *err, const char *format, ...);
/** Cedar's reading of a JSON value. */
PD_CHECK enum pd_status law_json_value(const struct law_document *document,
                                       const struct law_json *json, struct pd_arena *arena,
                                       struct law_value *out, struct pd_error *err);
/** `{"type","id"}` or `{"__entity":{"type","id"}}`. */
PD_CHECK enum pd_status law_json_uid(const struct law_document *document,
                                     const struct law_json *json, struct law_uid *out,
                                     struct pd_error *err);

/* ---- Entities (cedar_entities.c) ---- */

struct law_schema;
/** law_entities_parse behind the reading of JSON; with a schema (or NULL) the data must be of it.
 */
PD_CHECK enum pd_status law_entities_from_json(const struct law_document *document,
                                               const struct law_schema *schema,
                                               struct pd_arena *arena,
                                               const struct law_entities **out,
                                               struct pd_error *err);
struct law_node; /* an entity in a store, or one that is only named as a parent */
const struct law_node *law_entities_find(const struct law_entities *entities,
                                         const struct law_uid *uid);
/** Records; NULL if the entity is not in the store. */
const struct law_value *law_node_attributes(const struct law_node *node);
const struct law_value *law_node_tags(const struct law_node *node);
/** Whether `ancestor` is a true ancestor of the node (NULL: of an entity that the store lacks). */
bool law_node_is_in(const struct law_entities *entities, const struct law_node *node,
                    const struct law_uid *ancestor);

/* ---- Evaluation (cedar_eval.c) ---- */

struct law_evaluator {
    const struct law_entities *entities;
    struct law_value variables[LAW_VARIABLE_COUNT];
    const struct law_node *nodes[LAW_CONTEXT]; /* of principal, action, resource */
    struct pd_arena *arena;
    const struct law_policy *policy;
    bool is_full;   /* the arena is: no answer can be given */
    pd_str message; /* of the failure */
    const struct law_expression *failed_at;
};
/** False on an evaluation error, with `message` and `failed_at` set. */
PD_CHECK bool law_expression_evaluate(struct law_evaluator *ev, const struct law_expression *e,
                                      struct law_value *out);
/** Whether a value is an unknown or a record that holds one; sets never do. */
bool law_value_has_unknown(const struct law_value *v);
/**
 * If `b` is or holds unknowns, `a` becomes an unknown that depends on their names, and on its own
 * if it was one before. False when the arena is full.
 */
PD_CHECK bool law_unknown_join(struct pd_arena *arena, struct law_value *a,
                               const struct law_value *b);

#endif
