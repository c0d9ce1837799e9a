/**
 * api/: the HTTP API under /api/v1, one file per resource (docs/reference/api.md). Its OpenAPI
 * document is made from the same table that routes are found in.
 */
#ifndef POLDER_API_H
#define POLDER_API_H

#include "serve/serve.h"

/** The table of routes; static. */
const struct serve_route *api_routes(size_t *count);

#endif
