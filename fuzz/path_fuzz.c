/* Paths and queries of HTTP requests: what reaches a handler is clean text without a way up or out.
 */
#include "http/http_impl.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void handle(void *context, const struct http_request *request,
                   struct http_response *response) {
    (void)context, (void)request, (void)response;
}

static const struct http_route ROUTES[] = {
    {"GET", "/", 0, false, handle},
    {"GET", "/{log}/checkpoint", 0, false, handle},
    {"POST", "/add-checkpoint", 10, true, handle},
    {"GET", "/a/{b}/{c}/{d}", 0, false, handle},
};

static void check_param(pd_str value) {
    must(value.len > 0 && pd_utf8_valid(value, NULL));
    must(pd_str_find_char(value, '/') == PD_NPOS && !pd_str_is(value, "..") &&
         !pd_str_is(value, "."));
    for (size_t i = 0; i < value.len; i++)
        must((unsigned char)value.data[i] >= 0x20 && value.data[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pd_arena *arena = pd_arena_new(1 << 20);
    pd_str path = {(const char *)data, size < 4096 ? size : 4096}, allow, decoded;
    struct http_match match;
    bool is_bad;
    static const char *const methods[] = {"GET", "POST", "PUT"};
    for (size_t m = 0; m < 3; m++) {
        const struct http_route *route =
            http_route_find(ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), methods[m], path, arena,
                            &match, &allow, &is_bad);
        must(!route || !is_bad);
        for (size_t i = 0; route && i < match.count; i++)
            check_param(match.params[i].value);
    }
    if (http_decode(path, true, arena, &decoded))
        must(decoded.len <= path.len);
    pd_arena_free(arena);
    return 0;
}
