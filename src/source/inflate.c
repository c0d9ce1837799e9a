/* gzip (RFC 1952) and zstd (RFC 8878), in pieces, several members or frames one after another. */
#include "source/source_impl.h"
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum {
    PIECE = 1 << 16,
    ZSTD_WINDOW_LOG = 27 /* 128 MiB, what the zstd program takes by default */
};

struct source_inflate {
    enum source_form form;
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool is_begun, is_within; /* fed at all; within a member or frame */
    bool is_padded;           /* zeros follow the last member: tapes and some servers do that */
    struct source_ratio ratio;
    char piece[PIECE];
};

enum pd_status source_ratio_check(const struct source_ratio *ratio, struct pd_error *err) {
    const uint64_t free_bytes = (uint64_t)SOURCE_FREE_MIB * SOURCE_MIB;
    if (ratio->out <= free_bytes || ratio->out / SOURCE_RATIO_MAX <= ratio->in)
        return PD_OK;
    return pd_fail(
        err, PD_LIMIT,
        "it is made to unpack to far more than it holds (more than %d MiB and %d times its "
        "size): a bomb, or a file to unpack by hand first",
        SOURCE_FREE_MIB, SOURCE_RATIO_MAX);
}

enum pd_status source_inflate_new(enum source_form form, struct source_inflate **out,
                                  struct pd_error *err) {
    struct source_inflate *f = calloc(1, sizeof(*f));
    if (f == NULL)
        return pd_fail_memory(err);
    f->form = form;
    bool is_ready = true;
    if (form == SOURCE_GZIP) {
        is_ready = inflateInit2(&f->gzip, 15 + 16) == Z_OK; /* gzip only */
    } else {
        f->zstd = ZSTD_createDStream();
        is_ready =
            f->zstd != NULL &&
            !ZSTD_isError(ZSTD_DCtx_setParameter(f->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG));
    }
    if (!is_ready) {
        source_inflate_free(f);
        return pd_fail_memory(err);
    }
    *out = f;
    return PD_OK;
}

void source_inflate_free(struct source_inflate *inflate) {
    if (inflate == NULL)
        return;
    if (inflate->form == SOURCE_GZIP)
        inflateEnd(&inflate->gzip);
    ZSTD_freeDStream(inflate->zstd);
    free(inflate);
}

typedef enum pd_status take_function(void *context, const char *bytes, size_t n,
                                     struct pd_error *err);

static enum pd_status hand_out(struct source_inflate *f, size_t n, take_function *take,
                               void *context, struct pd_error *err) {
    f->ratio.out += n;
    enum pd_status st = source_ratio_check(&f->ratio, err);
    return st == PD_OK && n > 0 ? take(context, f->piece, n, err) : st;
}

/* ---- gzip ---- */

/* Between members: another one, or zeros to the end. */
static enum pd_status begin_member(struct source_inflate *f, pd_str *rest, struct pd_error *err) {
    while (rest->len > 0 && rest->data[0] == '\0' && f->is_begun) {
        f->is_padded = true;
        *rest = pd_str_sub(*rest, 1, SIZE_MAX);
    }
    if (rest->len == 0)
        return PD_OK;
    if (f->is_begun && (f->is_padded || (unsigned char)rest->data[0] != 0x1f))
        return pd_fail(err, PD_INVALID,
                       "something that is not gzip follows the compressed data; it is damaged");
    if (f->is_begun)
        inflateReset(&f->gzip);
    f->is_begun = f->is_within = true;
    return PD_OK;
}

static enum pd_status feed_gzip(struct source_inflate *f, pd_str bytes, take_function *take,
                                void *context, struct pd_error *err) {
    enum pd_status st = PD_OK;
    while (st == PD_OK && bytes.len > 0) {
        if (!f->is_within)
            st = begin_member(f, &bytes, err);
        if (st != PD_OK || bytes.len == 0)
            return st;
        f->gzip.next_in = (Bytef *)(uintptr_t)bytes.data; /* only read */
        f->gzip.avail_in = (uInt)bytes.len;
        int code;
        do {
            f->gzip.next_out = (Bytef *)f->piece;
            f->gzip.avail_out = PIECE;
            code = inflate(&f->gzip, Z_NO_FLUSH);
            if (code == Z_MEM_ERROR)
                return pd_fail_memory(err);
            if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
                return pd_fail(err, PD_INVALID, "its gzip data is damaged (%s)",
                               f->gzip.msg ? f->gzip.msg : "no reason given");
            st = hand_out(f, PIECE - f->gzip.avail_out, take, context, err);
        } while (st == PD_OK && code == Z_OK && (f->gzip.avail_in > 0 || f->gzip.avail_out == 0));
        f->is_within = code != Z_STREAM_END;
        bytes = pd_str_sub(bytes, bytes.len - f->gzip.avail_in, SIZE_MAX);
    }
    return st;
}

/* ---- zstd ---- */

static enum pd_status feed_zstd(struct source_inflate *f, pd_str bytes, take_function *take,
                                void *context, struct pd_error *err) {
    ZSTD_inBuffer in = {bytes.data, bytes.len, 0};
    enum pd_status st = PD_OK;
    bool is_full = false; /* what is left inside may be more than one piece */
    while (st == PD_OK && (in.pos < in.size || is_full)) {
        ZSTD_outBuffer out = {f->piece, PIECE, 0};
        size_t left = ZSTD_decompressStream(f->zstd, &out, &in);
        if (ZSTD_isError(left))
            return pd_fail(err, PD_INVALID,
                           "its zstd data is damaged or needs too much memory (%s)",
                           ZSTD_getErrorName(left));
        f->is_within = left != 0;
        is_full = out.pos == out.size;
        st = hand_out(f, out.pos, take, context, err);
    }
    return st;
}

enum pd_status source_inflate_feed(struct source_inflate *inflate, pd_str bytes,
                                   take_function *take, void *context, struct pd_error *err) {
    inflate->ratio.in += bytes.len;
    return inflate->form == SOURCE_GZIP ? feed_gzip(inflate, bytes, take, context, err)
                                        : feed_zstd(inflate, bytes, take, context, err);
}

enum pd_status source_inflate_end(struct source_inflate *inflate, struct pd_error *err) {
    return inflate->is_within ? pd_fail(err, PD_INVALID, "its compressed data was cut off") : PD_OK;
}
