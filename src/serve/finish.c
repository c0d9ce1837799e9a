/* The last touches of an answer: entity tags, compression, what caches may do with it. */
#include "serve/serve_impl.h"

#include <string.h>
#include <zlib.h>

enum { GZIP_FROM = 1024, GZIP_LEVEL = 6, GZIP_MOST = 32 << 20 };

pd_str serve_gzip(pd_str text, struct pd_arena *arena) {
    z_stream z = {0};
    pd_str packed = {0};
    if (text.len > GZIP_MOST ||
        deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return packed;
    char *out = pd_arena_alloc(arena, text.len);
    if (out) {
        z.next_in = (Bytef *)(uintptr_t)text.data;
        z.avail_in = (uInt)text.len;
        z.next_out = (Bytef *)out;
        z.avail_out = (uInt)text.len;
        if (deflate(&z, Z_FINISH) == Z_STREAM_END)
            packed = (pd_str){out, z.total_out};
    }
    deflateEnd(&z);
    return packed;
}

/* RFC 9110 12.5.3: "gzip" or "*" among them, and not with q=0. */
bool serve_takes_gzip(pd_str header) {
    pd_str piece;
    while (pd_str_split(&header, ',', &piece)) {
        size_t end = pd_str_find_char(piece, ';');
        pd_str name = pd_str_trim(pd_str_sub(piece, 0, end == PD_NPOS ? piece.len : end));
        pd_str rest = end == PD_NPOS ? PD_STR("") : pd_str_trim(pd_str_sub(piece, end + 1, piece.len));
        double q = 1;
        if (pd_str_starts(rest, PD_STR("q=")))
            q = pd_parse_double(pd_str_sub(rest, 2, rest.len), &q) ? q : 0;
        if (pd_str_eq_ascii_case(name, PD_STR("gzip")) || pd_str_is(name, "*"))
            return q > 0;
    }
    return false;
}

/* RFC 9110 13.1: a list of tags, or "*". */
bool serve_tag_stands(pd_str header, pd_str tag, bool is_weak) {
    pd_str piece;
    while (pd_str_split(&header, ',', &piece)) {
        piece = pd_str_trim(piece);
        if (is_weak && pd_str_starts(piece, PD_STR("W/")))
            piece = pd_str_sub(piece, 2, piece.len);
        if (pd_str_is(piece, "*") || pd_str_eq(piece, tag))
            return true;
    }
    return false;
}

pd_str serve_tag(pd_str body, struct pd_arena *arena) {
    crypto_hash hash = crypto_sha256(body.data, body.len);
    char hex[33];
    pd_hex_encode(hash.bytes, 16, hex);
    return pd_arena_printf(arena, "\"%s\"", hex);
}

static bool has_header(const struct http_response *r, const char *name) {
    for (size_t i = 0; i < r->header_count; i++)
        if (strcasecmp(r->headers[i].name, name) == 0)
            return true;
    return false;
}

/* Pictures and archives are small already. */
static bool is_text(const char *type) {
    return type && (strncmp(type, "text/", 5) == 0 || strstr(type, "json") || strstr(type, "xml"));
}

bool serve_matches(struct serve_call *call, pd_str tag) {
    pd_str header = http_header(call->request, "If-Match");
    if (!header.len || serve_tag_stands(header, tag, false))
        return true;
    serve_problem(call, 412, "this was changed since you read it: read it again, then decide");
    return false;
}

void serve_finish(struct serve_call *call) {
    struct http_response *r = call->response;
    bool is_get = strcmp(call->request->method, "GET") == 0;
    if (r->ready || r->stream.read)
        return;
    if (!has_header(r, "Cache-Control"))
        http_add_header(r, "Cache-Control",
                        call->is_known ? PD_STR("private, no-cache") : PD_STR("no-cache"));
    if (is_get && r->status == 200 && !has_header(r, "ETag")) {
        pd_str tag = serve_tag(r->body, call->arena);
        http_add_header(r, "ETag", tag);
        if (serve_tag_stands(http_header(call->request, "If-None-Match"), tag, true)) {
            r->status = 304;
            r->type = NULL;
            r->body = PD_STR("");
            return;
        }
    }
    if (r->body.len < GZIP_FROM || !is_text(r->type) || has_header(r, "Content-Encoding") ||
        !serve_takes_gzip(http_header(call->request, "Accept-Encoding")))
        return;
    pd_str packed = serve_gzip(r->body, call->arena);
    if (!packed.data)
        return;
    r->body = packed;
    http_add_header(r, "Content-Encoding", PD_STR("gzip"));
    http_add_header(r, "Vary", PD_STR("Accept-Encoding"));
}
