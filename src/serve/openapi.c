/* /api/openapi.json (OpenAPI 3.1), made of the table of routes: what it says of a body is what
 * body.c holds bodies against. */
#include "serve/serve_impl.h"

#include <stdio.h>
#include <string.h>

static void write_schema(struct pd_json *w, const struct serve_field *f) {
    static const char *const TYPES[] = {"string", "string", "integer", "boolean", "string", "array", "object"};
    pd_json_object(w);
    if (f->type == SERVE_JSON)
        pd_json_member_text(w, "$ref", f->values);
    else if (f->type != SERVE_ANY)
        pd_json_member_text(w, "type", TYPES[f->type]);
    if (f->type == SERVE_ID)
        pd_json_member_text(w, "format", "uuid");
    if (f->type == SERVE_TIME)
        pd_json_member_text(w, "format", "date-time");
    if (f->type == SERVE_TEXT && !f->values)
        pd_json_member_i64(w, "maxLength", (int64_t)(f->max ? f->max : 1000));
    if (f->type == SERVE_INTEGER) {
        pd_json_member_i64(w, "minimum", 0);
        if (f->max)
            pd_json_member_i64(w, "maximum", (int64_t)f->max);
    }
    const char *inner = f->type == SERVE_TEXTS ? "items" : f->type == SERVE_TEXT_MAP ? "additionalProperties" : NULL;
    if (inner) {
        pd_json_key(w, inner);
        pd_json_object(w);
        pd_json_member_text(w, "type", "string");
        pd_json_object_end(w);
    }
    if (f->values && f->type != SERVE_JSON) {
        pd_str rest = pd_str_from(f->values), word;
        pd_json_key(w, "enum");
        pd_json_array(w);
        while (pd_str_split(&rest, ' ', &word))
            pd_json_str(w, word);
        pd_json_array_end(w);
    }
    if (f->about)
        pd_json_member_text(w, "description", f->about);
    pd_json_object_end(w);
}

static void write_object(struct pd_json *w, const struct serve_field *fields, bool is_closed) {
    pd_json_object(w);
    pd_json_member_text(w, "type", "object");
    pd_json_key(w, "properties");
    pd_json_object(w);
    for (const struct serve_field *f = fields; f && f->name; f++) {
        pd_json_key(w, f->name);
        write_schema(w, f);
    }
    pd_json_object_end(w);
    pd_json_key(w, "required");
    pd_json_array(w);
    for (const struct serve_field *f = fields; f && f->name; f++)
        if (f->is_required)
            pd_json_text(w, f->name);
    pd_json_array_end(w);
    if (is_closed)
        pd_json_member_bool(w, "additionalProperties", false);
    pd_json_object_end(w);
}

static void write_parameter(struct pd_json *w, pd_str name, const char *in, bool is_required,
                            const struct serve_field *f) {
    static const struct serve_field TEXT = {"", SERVE_TEXT, true, NULL, 0, NULL};
    pd_json_object(w);
    pd_json_member_str(w, "name", name);
    pd_json_member_text(w, "in", in);
    pd_json_member_bool(w, "required", is_required);
    pd_json_key(w, "schema");
    write_schema(w, f ? f : &TEXT);
    pd_json_object_end(w);
}

static void write_parameters(struct pd_json *w, const struct serve_route *r) {
    pd_str rest = pd_str_from(r->path), piece;
    pd_json_key(w, "parameters");
    pd_json_array(w);
    while (pd_str_split(&rest, '/', &piece))
        if (piece.len > 2 && piece.data[0] == '{')
            write_parameter(w, pd_str_sub(piece, 1, piece.len - 2), "path", true, NULL);
    for (const struct serve_field *f = r->doc->query; f && f->name; f++)
        write_parameter(w, pd_str_from(f->name), "query", f->is_required, f);
    pd_json_array_end(w);
}

static void write_content(struct pd_json *w, const char *type, const struct serve_field *fields, bool is_closed) {
    pd_json_key(w, "content");
    pd_json_object(w);
    pd_json_key(w, type);
    pd_json_object(w);
    if (fields) {
        pd_json_key(w, "schema");
        write_object(w, fields, is_closed);
    }
    pd_json_object_end(w);
    pd_json_object_end(w);
}

static void write_answers(struct pd_json *w, const struct serve_doc *doc) {
    char code[8];
    snprintf(code, sizeof(code), "%d", doc->status ? doc->status : 200);
    pd_json_key(w, "responses");
    pd_json_object(w);
    pd_json_key(w, code);
    pd_json_object(w);
    pd_json_member_text(w, "description", doc->summary);
    write_content(w, doc->type ? doc->type : "application/json", doc->gives, false);
    pd_json_object_end(w);
    pd_json_key(w, "default");
    pd_json_object(w);
    pd_json_member_text(w, "description", "A problem document (RFC 9457); where law refused, its finding is in it");
    static const struct serve_field PROBLEM[] = {{"type", SERVE_TEXT, true, NULL, 0, NULL},
                                                 {"title", SERVE_TEXT, true, NULL, 0, NULL},
                                                 {"status", SERVE_INTEGER, true, NULL, 0, NULL},
                                                 {"detail", SERVE_TEXT, true, NULL, 2000, NULL},
                                                 {"field", SERVE_TEXT, false, "The member that is at fault, where it is one", 200, NULL},
                                                 {NULL, SERVE_ANY, false, NULL, 0, NULL}};
    write_content(w, "application/problem+json", PROBLEM, false);
    pd_json_object_end(w);
    pd_json_object_end(w);
}

static void write_operation(struct pd_json *w, const struct serve_route *r) {
    char method[16] = "";
    for (size_t i = 0; r->method[i] && i < sizeof(method) - 1; i++)
        method[i] = (char)(r->method[i] | 0x20);
    pd_json_key(w, method);
    pd_json_object(w);
    pd_json_member_text(w, "operationId", r->doc->id);
    pd_json_member_text(w, "summary", r->doc->summary);
    if (r->doc->about)
        pd_json_member_text(w, "description", r->doc->about);
    pd_json_key(w, "tags");
    pd_json_array(w);
    pd_json_text(w, r->doc->tag);
    pd_json_array_end(w);
    if (r->action)
        pd_json_member_text(w, "x-polder-action", r->action);
    write_parameters(w, r);
    if (r->doc->body || (r->flags & SERVE_UPLOAD)) {
        pd_json_key(w, "requestBody");
        pd_json_object(w);
        pd_json_member_bool(w, "required", true);
        write_content(w, r->doc->body ? "application/json" : "application/octet-stream", r->doc->body, true);
        pd_json_object_end(w);
    }
    write_answers(w, r->doc);
    pd_json_object_end(w);
}

/* The methods of one path stand together, at its first route. */
static void write_path(struct pd_json *w, const struct serve *s, size_t at) {
    const struct serve_route *first = s->routes[at].own;
    for (size_t i = 0; i < at; i++) {
        const struct serve_route *r = s->routes[i].own;
        if (r->doc && strcmp(r->path, first->path) == 0)
            return;
    }
    pd_json_key(w, first->path);
    pd_json_object(w);
    for (size_t i = at; i < s->route_count; i++) {
        const struct serve_route *r = s->routes[i].own;
        if (r->doc && strcmp(r->path, first->path) == 0)
            write_operation(w, r);
    }
    pd_json_object_end(w);
}

void serve_get_openapi(struct serve_call *call) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 4 << 20);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    pd_json_object(&w);
    pd_json_member_text(&w, "openapi", "3.1.0");
    pd_json_key(&w, "info");
    pd_json_object(&w);
    pd_json_member_text(&w, "title", "Polder");
    pd_json_member_text(&w, "version", "1");
    pd_json_object_end(&w);
    pd_json_key(&w, "components");
    pd_json_object(&w);
    pd_json_key(&w, "securitySchemes");
    pd_json_object(&w);
    pd_json_key(&w, "token");
    pd_json_object(&w);
    pd_json_member_text(&w, "type", "http");
    pd_json_member_text(&w, "scheme", "bearer");
    pd_json_object_end(&w);
    pd_json_object_end(&w);
    pd_json_object_end(&w);
    pd_json_key(&w, "security");
    pd_json_raw(&w, PD_STR("[{},{\"token\":[]}]"));
    pd_json_key(&w, "paths");
    pd_json_object(&w);
    for (size_t i = 0; i < call->serve->route_count; i++)
        if (((const struct serve_route *)call->serve->routes[i].own)->doc)
            write_path(&w, call->serve, i);
    pd_json_object_end(&w);
    pd_json_object_end(&w);
    serve_json(call, 200, &w);
}
