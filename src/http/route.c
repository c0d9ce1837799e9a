/* Which handler a path belongs to. */
#include "http/http_impl.h"

#include <string.h>

static int hex_of(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_clean(pd_str text) {
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
            return false;
    return pd_utf8_valid(text, NULL);
}

bool http_decode(pd_str text, bool is_query, struct pd_arena *arena, pd_str *out) {
    char *bytes = pd_arena_alloc(arena, text.len + 1);
    size_t n = 0;
    if (!bytes)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '%') {
            int high = i + 2 < text.len ? hex_of(text.data[i + 1]) : -1;
            int low = i + 2 < text.len ? hex_of(text.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && is_query) {
            c = ' ';
        }
        bytes[n++] = c;
    }
    *out = (pd_str){bytes, n};
    return true;
}

/* Segments that a client could climb or smuggle with are refused before any route sees them. */
static bool is_bad_segment(pd_str decoded) {
    return !is_clean(decoded) || pd_str_find_char(decoded, '/') != PD_NPOS ||
           pd_str_is(decoded, ".") || pd_str_is(decoded, "..");
}

static bool check_segments(pd_str path, struct pd_arena *arena) {
    pd_str rest = path, segment, decoded;
    while (pd_str_split(&rest, '/', &segment))
        if (!http_decode(segment, false, arena, &decoded) || is_bad_segment(decoded))
            return false;
    return true;
}

static bool is_param(pd_str pattern) {
    return pattern.len > 2 && pattern.data[0] == '{' && pattern.data[pattern.len - 1] == '}';
}

static bool does_match(const struct http_route *route, pd_str path, struct pd_arena *arena,
                       struct http_match *match) {
    pd_str want = pd_str_from(route->path), have = path, pattern, segment;
    *match = (struct http_match){0};
    for (;;) {
        bool more = pd_str_split(&want, '/', &pattern),
             is_there = pd_str_split(&have, '/', &segment);
        if (more != is_there)
            return false;
        if (!more)
            return true;
        if (!is_param(pattern)) {
            if (!pd_str_eq(pattern, segment))
                return false;
            continue;
        }
        if (segment.len == 0 || match->count == HTTP_PARAMS_MAX)
            return false;
        match->params[match->count].name = pd_str_sub(pattern, 1, pattern.len - 2);
        if (!http_decode(segment, false, arena, &match->params[match->count].value))
            return false;
        match->count++;
    }
}

const struct http_route *http_route_find(const struct http_route *routes, size_t count,
                                         const char *method, pd_str path, struct pd_arena *arena,
                                         struct http_match *match, pd_str *allow, bool *is_bad) {
    *allow = PD_STR("");
    *is_bad = path.len == 0 || path.data[0] != '/' || !check_segments(path, arena);
    for (size_t i = 0; i < count && !*is_bad; i++) {
        struct http_match found;
        if (!does_match(&routes[i], path, arena, &found))
            continue;
        if (strcmp(routes[i].method, method) == 0) {
            *match = found;
            return &routes[i];
        }
        *allow = pd_arena_printf(arena, "%.*s%s%s", pd_arg(*allow), allow->len ? ", " : "",
                                 routes[i].method);
    }
    return NULL;
}
