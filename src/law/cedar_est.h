/**
 * The words of Cedar's JSON policy format, which reading (cedar_est.c) and writing
 * (cedar_est_write.c) share.
 */
#ifndef POLDER_LAW_CEDAR_EST_H
#define POLDER_LAW_CEDAR_EST_H

#include "law/cedar_impl.h"

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

#endif
