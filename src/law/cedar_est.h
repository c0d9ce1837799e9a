/**
 * What the files share that read Cedar's JSON policy format (cedar_est*.c) and write it
 * (cedar_est_write.c).
 */
#ifndef POLDER_LAW_CEDAR_EST_H
#define POLDER_LAW_CEDAR_EST_H

#include "law/cedar_parser.h"

/** How the operands of an operator are named in JSON. */
enum law_est_shape {
    LAW_EST_BINARY, /* {"left", "right"} */
    LAW_EST_CHAIN,  /* the same; more operands nest to the left */
    LAW_EST_UNARY   /* {"arg"} */
};
struct law_est_operator {
    const char *key;
    enum law_expression_kind kind;
    enum law_est_shape shape;
};
/** By key, or NULL. */
const struct law_est_operator *law_est_find(pd_str key);
/** By kind, or NULL. */
const struct law_est_operator *law_est_get(enum law_expression_kind kind);

/** Its failures are those of the parser, which has no tokens here. */
struct law_est_reader {
    struct law_parser *p;
    struct law_document document;
    const struct law_place *marks; /* at even distances, so that a place is found quickly */
};
/** Reads the document that the parser's text is. */
PD_CHECK bool law_est_start(struct law_est_reader *r, struct law_parser *p);
struct law_place law_est_place(const struct law_est_reader *r, const struct law_json *json);
/** Fails at `at`, unless failed already. Returns false, so that a caller can return it. */
PD_PRINTF(3, 4)
bool law_est_refuse(struct law_est_reader *r, const struct law_json *at, const char *format, ...);

enum { LAW_EST_MEMBERS_MAX = 6 };
/** Which members an object may have. The first `required` must be there. */
struct law_est_members {
    size_t required, count;
    const char *names[LAW_EST_MEMBERS_MAX];
};
/** Finds the members of an object, those that are absent as NULL; none else may be there. */
PD_CHECK bool law_est_take(struct law_est_reader *r, const struct law_json *object,
                           const struct law_est_members *shape,
                           const struct law_json *out[LAW_EST_MEMBERS_MAX]);
/** what: for the message, "an attribute's name". */
PD_CHECK bool law_est_string(struct law_est_reader *r, const struct law_json *json,
                             const char *what, pd_str *out);
PD_CHECK bool law_est_type(struct law_est_reader *r, const struct law_json *json, pd_str *out);
PD_CHECK bool law_est_uid(struct law_est_reader *r, const struct law_json *json,
                          struct law_uid *out);
/** Reads an expression (cedar_est_expression.c); NULL on failure. */
const struct law_expression *law_est_expression(struct law_est_reader *r,
                                                const struct law_json *json);

#endif
