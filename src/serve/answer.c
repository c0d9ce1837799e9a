/* What handlers answer with: JSON, refusals, redirections, cookies. */
#include "serve/serve_impl.h"

#include <stdio.h>
#include <string.h>

/* A page's refusal is a page, in the words of its own face (serve_refuse). */
static bool refuse_as_page(struct serve_call *call, int status, const char *detail) {
    const struct serve_config *config = &call->serve->config;
    if (!config->refuse || !call->route || !(call->route->flags & SERVE_PAGE))
        return false;
    config->refuse(call, status, detail);
    return true;
}

void serve_problem(struct serve_call *call, int status, const char *detail) {
    if (!refuse_as_page(call, status, detail))
        http_problem(call->request, call->response, status, detail);
}

void serve_fail(struct serve_call *call, const struct pd_error *err) {
    if (!refuse_as_page(call, pd_outcome_get(err->status)->http, err->text))
        http_fail(call->request, call->response, err);
}

void serve_redirect(struct serve_call *call, pd_str to) {
    http_respond(call->response, 303, NULL, PD_STR(""));
    http_add_header(call->response, "Location", to);
    http_add_header(call->response, "Cache-Control", PD_STR("no-store"));
}

void serve_json(struct serve_call *call, int status, struct pd_json *w) {
    struct pd_error err = {0};
    pd_str text;
    if (pd_json_finish(w, call->arena, &text, &err) != PD_OK)
        serve_fail(call, &err);
    else
        http_respond(call->response, status, "application/json", text);
}

/* RFC 6265 5.4: "a=1; b=2". */
pd_str serve_cookie(const struct serve_call *call, const char *name) {
    pd_str rest = http_header(call->request, "Cookie"), piece;
    while (pd_str_split(&rest, ';', &piece)) {
        piece = pd_str_trim(piece);
        size_t at = pd_str_find_char(piece, '=');
        if (at != PD_NPOS && pd_str_is(pd_str_sub(piece, 0, at), name))
            return pd_str_sub(piece, at + 1, piece.len);
    }
    return PD_STR("");
}

void serve_set_cookie(struct serve_call *call, const char *name, pd_str value, int64_t max_age_s) {
    pd_str text = pd_arena_printf(
        call->arena, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s", name, pd_arg(value),
        (long long)max_age_s, call->serve->is_plain ? "" : "; Secure");
    http_add_header(call->response, "Set-Cookie", text);
}

/* ---- Files ---- */

/* What was altered on the disk is found at its piece: then the connection is cut, and who counts the
 * bytes knows. */
static int64_t read_file(void *context, void *out, size_t n) {
    struct pd_error err = {0};
    size_t got = n;
    if (store_vault_read(context, out, &got, &err) == PD_OK)
        return (int64_t)got;
    fprintf(stderr, "error: a file broke off while it was sent why=\"%s\"\n", err.text);
    return -1;
}

static void close_file(void *context) {
    store_reader_free(context);
}

void serve_file(struct serve_call *call, struct store_reader *reader, uint64_t bytes, const char *type,
                pd_str name) {
    struct http_response *r = call->response;
    http_respond(r, 200, type, PD_STR(""));
    http_add_header(r, "Cache-Control", call->is_known ? PD_STR("private, no-cache") : PD_STR("no-cache"));
    http_add_header(r, "Content-Disposition",
                    pd_arena_printf(call->arena, "attachment; filename=\"%.*s\"", pd_arg(name)));
    if (bytes) {
        r->stream = (struct http_stream){read_file, close_file, reader, bytes};
        return;
    }
    store_reader_free(reader);
}

bool serve_form(const struct serve_call *call, const char *name, pd_str *out) {
    return http_form(call->request, name, out);
}
