/* The table of the API's routes. */
#include "api/api_impl.h"

static const struct serve_route ROUTES[] = {
    {"GET", "/api/v1", 0, 0, NULL, api_get_index, NULL},
};

const struct serve_route *api_routes(size_t *count) {
    *count = sizeof(ROUTES) / sizeof(ROUTES[0]);
    return ROUTES;
}
