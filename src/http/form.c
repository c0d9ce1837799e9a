/*
 * Forms of several parts (RFC 7578), as their bytes come: fields are kept, the file goes to the
 * route's sink. libmicrohttpd finds the parts.
 */
#include "http/http_impl.h"

#include <stdlib.h>
#include <string.h>

enum { READER_BUFFER = 4096, FIELDS_MAX = 200, NAME_MAX_BYTES = 200 };

struct http_form_reader {
    struct http_exchange *exchange;
    struct MHD_PostProcessor *parts;
    size_t field_count;
    bool has_file, is_refused;
};

static enum MHD_Result refuse(struct http_form_reader *r, int status, const char *detail) {
    if (!r->is_refused)
        http_problem(&r->exchange->request, &r->exchange->response, status, detail);
    r->is_refused = true;
    return MHD_NO;
}

/* A field comes in pieces, one after the other. */
static enum MHD_Result add_field(struct http_form_reader *r, const char *name, const char *bytes,
                                 uint64_t at, size_t n) {
    struct http_exchange *x = r->exchange;
    struct http_form_field *f = x->fields;
    x->field_bytes += n + (at == 0 ? strlen(name) : 0);
    if (x->field_bytes > x->route->body_max)
        return refuse(r, 413, "the fields of the form are larger than this takes");
    bool goes_on = at > 0 && f && pd_str_is(f->name, name);
    if (!goes_on && (++r->field_count > FIELDS_MAX || strlen(name) > NAME_MAX_BYTES))
        return refuse(r, 413, "the form has more fields, or longer names, than this takes");
    pd_str old = goes_on ? f->value : PD_STR("");
    char *value = pd_arena_alloc(x->request.arena, old.len + n + 1);
    if (!goes_on) {
        f = pd_arena_alloc(x->request.arena, sizeof(*f));
        pd_str copy = pd_arena_str(x->request.arena, pd_str_from(name));
        if (!f || !copy.data)
            return refuse(r, 413, "the form is larger than this takes");
        *f = (struct http_form_field){.name = copy, .next = x->fields};
        x->fields = f;
    }
    if (!value)
        return refuse(r, 413, "the form is larger than this takes");
    if (old.len)
        memcpy(value, old.data, old.len);
    if (n)
        memcpy(value + old.len, bytes, n);
    f->value = (pd_str){value, old.len + n};
    return MHD_YES;
}

static enum MHD_Result add_file(struct http_form_reader *r, const char *file, const char *bytes,
                                uint64_t at, size_t n) {
    if (!*file && n == 0)
        return MHD_YES; /* none was chosen */
    if (!r->exchange->route->sink)
        return refuse(r, 415, "this form takes no file");
    if (at == 0 && r->has_file)
        return refuse(r, 400, "this form takes one file");
    r->has_file = true;
    if (!http_sink_feed(r->exchange, (pd_str){bytes, n}, pd_str_from(file)))
        r->is_refused = true;
    return r->is_refused ? MHD_NO : MHD_YES;
}

static enum MHD_Result on_part(void *context, enum MHD_ValueKind kind, const char *name,
                               const char *file, const char *type, const char *encoding,
                               const char *bytes, uint64_t at, size_t n) {
    struct http_form_reader *r = context;
    (void)kind, (void)type, (void)encoding;
    if (r->is_refused || !name)
        return MHD_NO;
    return file ? add_file(r, file, bytes, at, n) : add_field(r, name, bytes, at, n);
}

bool http_form_reader_new(struct http_exchange *x, struct http_form_reader **out) {
    pd_str type = http_header(&x->request, "Content-Type");
    if (!pd_str_eq_ascii_case(pd_str_sub(type, 0, 19), PD_STR("multipart/form-data")))
        return true;
    struct http_form_reader *r = calloc(1, sizeof(*r));
    if (!r) {
        http_problem(&x->request, &x->response, 503, "there is no memory for this form");
        return false;
    }
    r->exchange = x;
    r->parts = MHD_create_post_processor(x->connection, READER_BUFFER, on_part, r);
    if (r->parts) {
        *out = r;
        return true;
    }
    free(r);
    http_problem(&x->request, &x->response, 400,
                 "a form of several parts names their boundary, of 2 to 70 characters");
    return false;
}

bool http_form_reader_feed(struct http_form_reader *r, pd_str bytes) {
    if (r->is_refused)
        return false;
    if (MHD_post_process(r->parts, bytes.data, bytes.len) == MHD_YES)
        return true;
    refuse(r, 400, "the body is no form of several parts");
    return false;
}

bool http_form_reader_end(struct http_form_reader *r) {
    bool is_whole = MHD_destroy_post_processor(r->parts) == MHD_YES;
    r->parts = NULL;
    if (!is_whole)
        refuse(r, 400, "the form has no end");
    return is_whole && !r->is_refused;
}

void http_form_reader_free(struct http_form_reader *r) {
    if (!r)
        return;
    if (r->parts)
        MHD_destroy_post_processor(r->parts);
    free(r);
}
