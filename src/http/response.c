/* What is sent back, and what is read of a request beside its body. */
#include "http/http_impl.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

pd_str http_param(const struct http_request *request, const char *name) {
    const struct http_match *match = &((const struct http_exchange *)request)->match;
    for (size_t i = 0; i < match->count; i++)
        if (pd_str_is(match->params[i].name, name))
            return match->params[i].value;
    return PD_STR("");
}

pd_str http_header(const struct http_request *request, const char *name) {
    const struct http_exchange *x = (const struct http_exchange *)request;
    return pd_str_from(MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name));
}

bool http_query(const struct http_request *request, const char *name, pd_str *out) {
    const struct http_exchange *x = (const struct http_exchange *)request;
    const char *value = NULL;
    size_t n = 0;
    return MHD_lookup_connection_value_n(x->connection, MHD_GET_ARGUMENT_KIND, name, strlen(name),
                                         &value, &n) == MHD_YES &&
           value && http_decode((pd_str){value, n}, true, request->arena, out) &&
           pd_utf8_valid(*out, NULL);
}

/* application/x-www-form-urlencoded (WHATWG URL 5.1). */
bool http_form(const struct http_request *request, const char *name, pd_str *out) {
    const struct http_exchange *x = (const struct http_exchange *)request;
    struct http_form_field first = {.value = {0}};
    for (const struct http_form_field *f = x->fields; f; f = f->next)
        if (pd_str_is(f->name, name))
            first = *f; /* the list is the wrong way round */
    if (x->form && (!first.value.data || !pd_utf8_valid(first.value, NULL)))
        return false;
    if (x->form) {
        *out = first.value;
        return true;
    }
    pd_str rest = request->body, pair, key;
    while (rest.len && pd_str_split(&rest, '&', &pair)) {
        size_t at = pd_str_find_char(pair, '=');
        size_t end = at == PD_NPOS ? pair.len : at;
        if (http_decode(pd_str_sub(pair, 0, end), true, request->arena, &key) &&
            pd_str_is(key, name))
            return http_decode(pd_str_sub(pair, end + 1, pair.len), true, request->arena, out) &&
                   pd_utf8_valid(*out, NULL);
    }
    return false;
}

const void *http_route_own(const struct http_request *request) {
    const struct http_route *route = ((const struct http_exchange *)request)->route;
    return route ? route->own : NULL;
}

void *http_sunk(const struct http_request *request) {
    return ((const struct http_exchange *)request)->sunk;
}

pd_str http_peer(const struct http_request *request) {
    const struct http_exchange *x = (const struct http_exchange *)request;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char text[64];
    if (!info || !info->client_addr)
        return PD_STR("");
    const struct sockaddr *address = info->client_addr;
    socklen_t n = address->sa_family == AF_INET6 ? 28 : 16; /* sizes of the two forms */
    if (getnameinfo(address, n, text, sizeof(text), NULL, 0, NI_NUMERICHOST) != 0)
        return PD_STR("");
    return pd_arena_str(request->arena, pd_str_from(text));
}

void http_respond(struct http_response *response, int status, const char *type, pd_str body) {
    response->status = status;
    response->type = type;
    response->body = body;
}

void http_add_header(struct http_response *response, const char *name, pd_str value) {
    if (response->header_count == HTTP_HEADERS_MAX)
        return;
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.data[i] < 0x20 || value.data[i] == 0x7f)
            return;
    response->headers[response->header_count].name = name;
    response->headers[response->header_count++].value = value;
}

static void write_problem(const struct http_request *request, struct http_response *response,
                          int status, const char *slug, const char *title, const char *detail,
                          const char *field) {
    const struct http_config *c = &((const struct http_exchange *)request)->server->config;
    if (c->refuse && c->refuse(c->context, request, response, status, detail))
        return;
    struct pd_buf buf;
    struct pd_json w;
    struct pd_error err;
    pd_str type =
        slug ? pd_arena_printf(request->arena, "/problems/%s", slug) : PD_STR("about:blank");
    pd_str body = PD_STR("");
    pd_buf_init(&buf, 1 << 16);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    pd_json_object(&w);
    pd_json_member_str(&w, "type", type);
    pd_json_member_text(&w, "title", title);
    pd_json_member_i64(&w, "status", status);
    pd_json_member_text(&w, "detail", detail);
    if (field)
        pd_json_member_text(&w, "field", field);
    pd_json_object_end(&w);
    if (pd_json_finish(&w, request->arena, &body, &err) != PD_OK)
        body = PD_STR("{}"); /* the arena is full: the status code says enough */
    http_respond(response, status, "application/problem+json", body);
    http_add_header(response, "Cache-Control", PD_STR("no-store"));
}

void http_fail(const struct http_request *request, struct http_response *response,
               const struct pd_error *err) {
    const struct pd_outcome *outcome = pd_outcome_get(err->status);
    /* RFC 9110 15.5.21: what was sent is well-formed, and a member of it can't be followed. */
    bool is_member = err->status == PD_INVALID && err->field != NULL;
    write_problem(request, response, is_member ? 422 : outcome->http, outcome->slug,
                  outcome->means, err->text, err->field);
}

void http_problem(const struct http_request *request, struct http_response *response, int status,
                  const char *detail) {
    write_problem(request, response, status, NULL, MHD_get_reason_phrase_for((unsigned)status),
                  detail, NULL);
}
