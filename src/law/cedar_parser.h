/**
 * What the files that read policy text share: tokens (cedar_lex.c), operands (cedar_operand.c),
 * expressions (cedar_parse.c), policies (cedar_policy.c), sets of them (cedar_policies.c).
 */
#ifndef POLDER_LAW_CEDAR_PARSER_H
#define POLDER_LAW_CEDAR_PARSER_H

#include "law/cedar_impl.h"

enum law_token_kind {
    LAW_TOKEN_END,
    LAW_TOKEN_NAME, /* an identifier, reserved words included */
    LAW_TOKEN_INTEGER,
    LAW_TOKEN_STRING, /* text: with the quotes, as written */
    LAW_TOKEN_SLOT,   /* ?name */
    LAW_TOKEN_PUNCTUATION
};
struct law_token {
    enum law_token_kind kind;
    pd_str text;
    struct law_place place;
};

/** Remembers its first failure; afterwards the only token is LAW_TOKEN_END. */
struct law_parser {
    pd_str name, text;
    struct law_place at;    /* behind `token` */
    struct law_token token; /* the next one, not consumed yet */
    size_t consumed_end;    /* offset behind the last consumed token */
    unsigned depth;         /* of nested expressions */
    struct pd_arena *arena;
    enum pd_status status;
    struct pd_error *err;
    struct law_refusals *refusals; /* NULL: the first failure is the last */
};

/** Who hears of each policy that is refused (law_policies_parse_each). */
struct law_refusals {
    bool (*refused)(void *context, const struct pd_error *why);
    void *context;
    bool is_any, is_over;
};

/** Starts at the first token of a text. */
void law_parser_init(struct law_parser *p, pd_str name, pd_str text, struct pd_arena *arena,
                     struct pd_error *err);
/** Fails at `place`, unless failed already. Returns false, so that a caller can return it. */
PD_PRINTF(3, 4)
bool law_parser_fail(struct law_parser *p, struct law_place place, const char *format, ...);
/** Fails at the next token: "expected WHAT, found ...". */
bool law_parser_expected(struct law_parser *p, const char *what);
/** The same, with the one of `words` (between spaces) that was perhaps meant. */
bool law_parser_expected_word(struct law_parser *p, const char *what, const char *words);
bool law_parser_is_full(struct law_parser *p); /* fails with PD_LIMIT; returns false */

void law_token_next(struct law_parser *p);
bool law_token_is(const struct law_parser *p, const char *text); /* a name or punctuation */
bool law_token_accept(struct law_parser *p, const char *text);   /* consumes it if it is there */
bool law_token_expect(struct law_parser *p, const char *text);
/** Consumes an identifier that is not reserved. `what` for the message: "an attribute name". */
bool law_token_name(struct law_parser *p, const char *what, pd_str *out);
/** Consumes a string literal; `*out` without quotes and escapes. */
bool law_token_string(struct law_parser *p, const char *what, pd_str *out);
/** Consumes a string literal as a pattern: the pieces between its stars, one more than stars. */
bool law_token_pattern(struct law_parser *p, const pd_str **pieces, size_t *count);

/**
 * Consumes `A::B` (uid.id.data NULL) or `A::B::"id"`. `first` was consumed already and is the
 * path's first name, if its data is not NULL.
 */
bool law_parse_path(struct law_parser *p, struct law_token first, struct law_uid *out);
/** Consumes a policy, which has no id yet; NULL on failure (cedar_policy.c). */
struct law_policy *law_parse_policy(struct law_parser *p);
/** Consumes an expression; NULL on failure, as for the others below. */
const struct law_expression *law_parse_expression(struct law_parser *p);
/** Consumes a literal, name, set, record, function call or bracket (cedar_operand.c). */
const struct law_expression *law_parse_primary(struct law_parser *p);
/** Consumes an integer literal; a sign in front of it was consumed. */
const struct law_expression *law_parse_integer(struct law_parser *p, bool is_negated);
/** `receiver.name(...)` or `name(...)`, behind the opening bracket; receiver NULL for a function.
 */
const struct law_expression *law_parse_call(struct law_parser *p, struct law_token name,
                                            const struct law_expression *receiver);
/** A node over `operands` (borrowed), one of which may be NULL from a failure: then NULL. */
struct law_expression *law_expression_make(struct law_parser *p, enum law_expression_kind kind,
                                           struct law_place place,
                                           const struct law_expression *const *operands,
                                           size_t count);
/** A node over one operand or two (`second` NULL: one). */
struct law_expression *law_expression_make_of(struct law_parser *p, enum law_expression_kind kind,
                                              struct law_place place,
                                              const struct law_expression *first,
                                              const struct law_expression *second);

/*
 * A set, a record (names sorted, each once) or a call of a function becomes a constant where its
 * operands are constants. It keeps them, as they were written: the JSON form needs them.
 */
struct law_expression *law_expression_constant(struct law_parser *p, struct law_place place,
                                               struct law_value value);
const struct law_expression *law_expression_set(struct law_parser *p, struct law_place place,
                                                const struct law_expression *const *items,
                                                size_t count);
const struct law_expression *law_expression_record(struct law_parser *p, struct law_place place,
                                                   const pd_str *names,
                                                   const struct law_expression *const *operands,
                                                   size_t count);
const struct law_expression *law_expression_call(struct law_parser *p, struct law_place place,
                                                 const struct law_function *function,
                                                 const struct law_expression *const *operands,
                                                 size_t count);

/** A list of unknown length that grows in the parser's arena. */
struct law_list {
    void *items;
    size_t count, capacity, item_size;
};
/** Room for one more item at the end; NULL when the arena is full (the parser has then failed). */
void *law_list_add(struct law_parser *p, struct law_list *list);

/** A template's slots filled: a policy to come, as the JSON form of a set has it. */
struct law_link {
    pd_str template_id, id;
    const struct law_uid *principal, *resource; /* NULL: not given */
    struct law_place place;
};
/**
 * Adds to a set what `read` makes of a text: policies (struct law_policy *) and links (struct
 * law_link). A policy without id gets one as `ids` says. The parser that `read` gets knows name,
 * text, arena and err, and has no token yet. On failure the set is as it was.
 */
PD_CHECK enum pd_status
law_policies_add(struct law_policies *set, pd_str name, pd_str text, enum law_ids ids,
                 bool (*read)(struct law_parser *p, void *context, struct law_list *policies,
                              struct law_list *links),
                 void *context, struct pd_error *err);

#endif
