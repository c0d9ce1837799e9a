/**
 * The inside of the Cedar engine: text with positions, expressions, functions, JSON documents.
 */
#ifndef POLDER_LAW_CEDAR_IMPL_H
#define POLDER_LAW_CEDAR_IMPL_H

#include "law/cedar.h"

#include <string.h>

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

/* ---- Names found by hash (cedar_symbol.c) ---- */

static inline uint64_t law_load(const char *at, size_t bytes) {
    uint64_t word = 0;
    memcpy(&word, at, bytes);
    return word;
}

/** pd_str_eq, without calls: names are short, and comparing them is most of what deciding costs. */
static inline bool law_text_is_equal(pd_str a, pd_str b) {
    size_t n = a.len;
    if (n != b.len)
        return false;
    if (n >= 8) {
        size_t at = 0;
        for (; at + 8 < n; at += 8)
            if (law_load(a.data + at, 8) != law_load(b.data + at, 8))
                return false;
        return law_load(a.data + n - 8, 8) == law_load(b.data + n - 8, 8);
    }
    if (n >= 4)
        return law_load(a.data, 4) == law_load(b.data, 4) &&
               law_load(a.data + n - 4, 4) == law_load(b.data + n - 4, 4);
    for (size_t i = 0; i < n; i++)
        if (a.data[i] != b.data[i])
            return false;
    return true;
}

static inline uint64_t law_hash_mix(uint64_t a, uint64_t b) {
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/** Spreads names over a table. Not keyed: nothing may depend on its being hard to guess. */
static inline uint64_t law_hash_text(uint64_t seed, pd_str s) {
    const uint64_t k1 = 0x9E3779B97F4A7C15u, k2 = 0xD6E8FEB86659FD93u;
    size_t n = s.len;
    uint64_t h = seed ^ (n * k2), last = 0;
    for (size_t at = 0; at + 8 < n; at += 8)
        h = law_hash_mix(h ^ law_load(s.data + at, 8), k1);
    if (n >= 8)
        last = law_load(s.data + n - 8, 8);
    else if (n >= 4)
        last = law_load(s.data, 4) << 32 | law_load(s.data + n - 4, 4);
    else
        for (size_t i = 0; i < n; i++)
            last = last << 8 | (uint8_t)s.data[i];
    return law_hash_mix(h ^ last, k2);
}
static inline uint64_t law_hash_type(pd_str type) {
    return law_hash_text(0, type);
}
/** `of_type`: law_hash_type of its type. */
static inline uint64_t law_hash_id(uint64_t of_type, pd_str id) {
    return law_hash_text(of_type, id);
}
static inline uint64_t law_hash_uid(const struct law_uid *uid) {
    return law_hash_id(law_hash_type(uid->type), uid->id);
}

/** What each item of a list begins with. A type stands there with an id without data. */
struct law_symbol {
    uint64_t hash;
    struct law_uid uid;
};
/** Items in law_symbol_compare's order, each name once. */
struct law_symbols {
    const void *items;
    size_t item_size;
    size_t count;
    const uint32_t *starts; /* per upper bits of a hash, where its items begin; or NULL */
    unsigned shift;
};
int law_symbol_compare(const void *a, const void *b); /* for qsort */
/** Once items, item_size and count are set. False when the arena is full. */
PD_CHECK bool law_symbols_index(struct law_symbols *symbols, struct pd_arena *arena);
const void *law_symbols_seek(const struct law_symbols *symbols, const struct law_uid *uid,
                             uint64_t hash);
/** The item, or NULL. */
static inline const void *law_symbols_find(const struct law_symbols *symbols,
                                           const struct law_uid *uid, uint64_t hash) {
    return symbols->count ? law_symbols_seek(symbols, uid, hash) : NULL;
}

/* ---- Entities (cedar_entities.c) ---- */

struct law_schema;
/** law_entities_parse behind the reading of JSON; with a schema (or NULL) the data must be of it.
 */
PD_CHECK enum pd_status law_entities_from_json(const struct law_document *document,
                                               const struct law_schema *schema,
                                               struct pd_arena *arena,
                                               const struct law_entities **out,
                                               struct pd_error *err);
/** An entity, or a name that is only somebody's parent. Its number is its place in the store. */
struct law_node {
    struct law_symbol symbol;
    uint32_t source; /* 1 + its index in the list that the store was made of; 0: only a parent */
    uint32_t ancestor_count;
    const uint32_t *ancestors; /* numbers, ascending */
    struct law_value attributes, tags;
};
/** NULL if the store (NULL: the empty one) lacks the entity. */
const struct law_node *law_entities_find(const struct law_entities *entities,
                                         const struct law_uid *uid);
const struct law_node *law_entities_find_hashed(const struct law_entities *entities,
                                                const struct law_uid *uid, uint64_t hash);
/** One of a node's ancestors, by its number. */
const struct law_node *law_entities_nth(const struct law_entities *entities, uint32_t number);
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
    uint64_t type_hashes[LAW_CONTEXT]; /* law_hash_type of principal, action, resource */
    uint64_t hashes[LAW_CONTEXT];      /* law_hash_uid */
    const struct law_node *nodes[LAW_CONTEXT];
    struct pd_arena *arena;
    const struct law_policy *policy;
    bool is_full;   /* the arena is: no answer can be given */
    pd_str message; /* of the failure */
    const struct law_expression *failed_at;
};
/** Readies the evaluator for a request; the policy is set for each evaluation. PD_INVALID: the
    context is no record. */
PD_CHECK enum pd_status law_evaluator_init(struct law_evaluator *ev,
                                           const struct law_entities *entities,
                                           const struct law_request *request,
                                           struct pd_arena *arena, struct pd_error *err);
/** Whether the request is in the policy's scope; in a template's it never is. */
bool law_evaluator_is_in_scope(const struct law_evaluator *ev, const struct law_policy *policy);
/** What ev->policy says whose scope the request is in. False when the arena is full. */
PD_CHECK bool law_evaluator_hear(struct law_evaluator *ev, struct law_evaluation *out);

/** What has been heard so far. The lists grow in an arena when their capacity is used up. */
struct law_tally {
    struct law_tally_list {
        void *items;
        size_t count, capacity;
    } satisfied, forbids, errors, unknown;
};
/** False when the arena is full. */
PD_CHECK bool law_tally_add(struct law_tally *tally, struct pd_arena *arena, size_t index,
                            bool is_forbid, const struct law_evaluation *e);
struct law_answer law_tally_answer(const struct law_tally *tally);

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
