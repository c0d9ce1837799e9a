#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

void pd_buf_init(struct pd_buf *buf, size_t limit) {
    *buf = (struct pd_buf){.limit = limit};
}

void pd_buf_clear(struct pd_buf *buf) {
    free(buf->data);
    *buf = (struct pd_buf){.limit = buf->limit};
}

void pd_buf_reset(struct pd_buf *buf) {
    buf->len = 0;
    buf->failed = false;
    if (buf->data)
        buf->data[0] = '\0';
}

static size_t limit_of(const struct pd_buf *buf) {
    return buf->limit ? buf->limit : PD_BUF_DEFAULT_LIMIT;
}

/** Makes room for n more bytes and a NUL. */
static bool grow(struct pd_buf *buf, size_t n) {
    if (buf->failed)
        return false;
    size_t need;
    if (!pd_add(buf->len, n, &need) || need > limit_of(buf) || !pd_add(need, 1, &need)) {
        buf->failed = true;
        return false;
    }
    if (need <= buf->capacity)
        return true;
    size_t capacity;
    if (!pd_mul(buf->capacity, 2, &capacity) || capacity < need)
        capacity = need;
    if (capacity < FIRST_CAPACITY)
        capacity = FIRST_CAPACITY;
    char *data = realloc(buf->data, capacity);
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    data[buf->len] = '\0';
    return true;
}

void pd_buf_add(struct pd_buf *buf, const void *bytes, size_t n) {
    if (!grow(buf, n) || n == 0)
        return;
    memcpy(buf->data + buf->len, bytes, n);
    buf->len += n;
    buf->data[buf->len] = '\0';
}

void pd_buf_str(struct pd_buf *buf, pd_str s) {
    pd_buf_add(buf, s.data, s.len);
}

void pd_buf_text(struct pd_buf *buf, const char *zero_terminated) {
    pd_buf_str(buf, pd_str_from(zero_terminated));
}

void pd_buf_char(struct pd_buf *buf, char c) {
    pd_buf_add(buf, &c, 1);
}

void pd_buf_printf(struct pd_buf *buf, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t room = buf->failed ? 0 : buf->capacity - buf->len; /* often it fits as it is */
    int n = vsnprintf(room ? buf->data + buf->len : NULL, room, format, args);
    if (n < 0)
        buf->failed = true;
    else if (grow(buf, (size_t)n)) {
        if ((size_t)n >= room)
            vsnprintf(buf->data + buf->len, (size_t)n + 1, format, again);
        buf->len += (size_t)n;
    } else if (room)
        buf->data[buf->len] = '\0';
    va_end(again);
    va_end(args);
}

char *pd_buf_reserve(struct pd_buf *buf, size_t n) {
    if (!grow(buf, n))
        return NULL;
    /* Zeros, so that the NUL stands behind the last byte wherever the caller stops. */
    return memset(buf->data + buf->len, 0, n + 1);
}

pd_str pd_buf_view(const struct pd_buf *buf) {
    return (pd_str){buf->data, buf->len};
}

enum pd_status pd_buf_check(const struct pd_buf *buf, struct pd_error *err) {
    if (!buf->failed)
        return PD_OK;
    return pd_fail(err, PD_LIMIT, "output is over its limit of %zu bytes, or memory ran out",
                   limit_of(buf));
}
