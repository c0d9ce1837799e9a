/* What pages need besides themselves: styles, the icon; and verify.html with its hash. */
#include "portal/pages.h"
#include "portal/portal_parts.h"

static void send_part(struct serve_call *call, const char *name, const char *type) {
    const struct portal_part *part = portal_part_find(pd_str_from(name));
    pd_str tag = pd_arena_printf(call->arena, "\"%.32s\"", part->sha256);
    if (pd_str_eq(http_header(call->request, "If-None-Match"), tag))
        http_respond(call->response, 304, NULL, PD_STR(""));
    else
        http_respond(call->response, 200, type, part->data);
    http_add_header(call->response, "ETag", tag);
}

void portal_get_styles(struct serve_call *call) {
    send_part(call, "polder.css", "text/css; charset=utf-8");
    pd_str version;
    bool is_versioned = http_query(call->request, "v", &version);
    http_add_header(call->response, "Cache-Control",
                    is_versioned ? PD_STR("public, max-age=31536000, immutable")
                                 : PD_STR("public, max-age=300"));
}

void portal_get_icon(struct serve_call *call) {
    send_part(call, "icon.svg", "image/svg+xml");
    http_add_header(call->response, "Cache-Control", PD_STR("public, max-age=86400"));
    http_add_header(call->response, "Content-Security-Policy", PD_STR("default-src 'none'"));
}

void portal_get_verify(struct serve_call *call) {
    const struct portal_part *part = portal_part_find(PD_STR("verify.html"));
    send_part(call, "verify.html", "text/html; charset=utf-8");
    /* Nothing is fetched: what is checked never leaves the reader's machine. */
    http_add_header(
        call->response, "Content-Security-Policy",
        pd_arena_printf(call->arena,
                        "default-src 'none'; script-src %s; style-src %s; base-uri 'none'; "
                        "form-action 'none'; frame-ancestors 'none'",
                        part->scripts, part->styles));
    http_add_header(call->response, "Cache-Control", PD_STR("public, max-age=300"));
    http_add_header(call->response, "Referrer-Policy", PD_STR("no-referrer"));
}

void portal_get_verify_hash(struct serve_call *call) {
    const struct portal_part *part = portal_part_find(PD_STR("verify.html"));
    http_respond(call->response, 200, "text/plain; charset=utf-8",
                 pd_arena_printf(call->arena, "%s  verify.html\n", part->sha256));
}

void portal_get_start(struct serve_call *call) {
    bool is_zh = call->language && call->language[0] == 'z';
    serve_redirect(call, is_zh ? PD_STR("/zh") : PD_STR("/en"));
    http_add_header(call->response, "Vary", PD_STR("Accept-Language, Cookie"));
}
