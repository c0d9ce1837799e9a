/**
 * portal/: the node for people. Pages made on the server from templates and texts in English and
 * Chinese (portal/), which need no script. Beside them verify.html, with which anybody checks
 * receipts and dossiers without this node.
 *
 * A page's address begins with its language ("/en/datasets", "/zh/datasets"); "/" goes to the one
 * that the reader's browser asks for.
 */
#ifndef POLDER_PORTAL_H
#define POLDER_PORTAL_H

#include "serve/serve.h"

/** The table of routes; static. */
const struct serve_route *portal_routes(size_t *count);

/** A refusal as a page: for struct serve_config. */
void portal_refuse(struct serve_call *call, int status, const char *detail);

/**
 * Whether every text and template that is built in can be read, includes only what there is, and
 * escapes what it shows; for tests. PD_INVALID says which one.
 */
PD_CHECK enum pd_status portal_check(struct pd_arena *arena, struct pd_error *err);

#endif
