/* Responses as libmicrohttpd has them; those that are made once and sent many times. */
#include "http/http_impl.h"

#include <stdlib.h>
#include <string.h>

enum { STREAM_BLOCK = 64 << 10 };

static void add_header(struct MHD_Response *response, const char *name, pd_str value) {
    char small[512], *text = value.len < sizeof(small) ? small : malloc(value.len + 1);
    if (!text)
        return;
    if (value.len)
        memcpy(text, value.data, value.len);
    text[value.len] = '\0';
    MHD_add_response_header(response, name, text);
    if (text != small)
        free(text);
}

static ssize_t read_stream(void *context, uint64_t position, char *out, size_t n) {
    const struct http_stream *stream = context;
    (void)position; /* one after the other */
    int64_t got = stream->read(stream->context, out, n);
    return got > 0 ? (ssize_t)got : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void close_stream(void *context) {
    struct http_stream *stream = context;
    stream->close(stream->context);
    free(stream);
}

static struct MHD_Response *make_streamed(const struct http_stream *stream) {
    struct http_stream *own = malloc(sizeof(*own));
    if (!own)
        return NULL;
    *own = *stream;
    struct MHD_Response *response = MHD_create_response_from_callback(
        own->bytes, STREAM_BLOCK, read_stream, own, close_stream);
    if (!response)
        free(own);
    return response;
}

struct MHD_Response *http_make_response(const struct http_response *r, bool is_copied) {
    enum MHD_ResponseMemoryMode mode = is_copied ? MHD_RESPMEM_MUST_COPY : MHD_RESPMEM_PERSISTENT;
    struct MHD_Response *response =
        r->stream.read ? make_streamed(&r->stream)
                       : MHD_create_response_from_buffer(
                             r->body.len, (void *)(uintptr_t)r->body.data, mode);
    if (!response)
        return NULL;
    if (r->type)
        MHD_add_response_header(response, "Content-Type", r->type);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    for (size_t i = 0; i < r->header_count; i++)
        add_header(response, r->headers[i].name, r->headers[i].value);
    return response;
}

struct http_ready *http_ready_new(const struct http_response *response) {
    struct http_ready *ready = calloc(1, sizeof(*ready));
    if (!ready)
        return NULL;
    ready->status = (unsigned)response->status;
    ready->held = 1;
    ready->response = http_make_response(response, true);
    if (ready->response)
        return ready;
    free(ready);
    return NULL;
}

struct http_ready *http_ready_hold(struct http_ready *ready) {
    atomic_fetch_add_explicit(&ready->held, 1, memory_order_relaxed);
    return ready;
}

void http_ready_let_go(struct http_ready *ready) {
    if (!ready || atomic_fetch_sub(&ready->held, 1) > 1)
        return;
    MHD_destroy_response(ready->response);
    free(ready);
}
