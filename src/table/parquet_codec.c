/* Pages, packed and unpacked by Debian's libraries: snappy, zlib, zstd, lz4. */
#include "table/parquet_impl.h"

#include <limits.h>
#include <lz4.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

struct parquet_codecs {
    ZSTD_DCtx *zstd;
    z_stream gzip;
    bool has_gzip;
};

struct parquet_codecs *parquet_codecs_new(void) {
    return calloc(1, sizeof(struct parquet_codecs));
}

void parquet_codecs_free(struct parquet_codecs *codecs) {
    if (codecs == NULL)
        return;
    ZSTD_freeDCtx(codecs->zstd);
    if (codecs->has_gzip)
        inflateEnd(&codecs->gzip);
    free(codecs);
}

typedef bool decompress(struct parquet_codecs *codecs, pd_str in, char *out, size_t n);

static bool copy(struct parquet_codecs *codecs, pd_str in, char *out, size_t n) {
    (void)codecs;
    if (in.len != n)
        return false;
    memcpy(out, in.data, n);
    return true;
}

static bool from_snappy(struct parquet_codecs *codecs, pd_str in, char *out, size_t n) {
    (void)codecs;
    size_t promised = 0;
    return snappy_uncompressed_length(in.data, in.len, &promised) == SNAPPY_OK && promised == n &&
           snappy_uncompress(in.data, in.len, out, &promised) == SNAPPY_OK && promised == n;
}

/* RFC 1952; several members may follow one another, and zlib's own form is met, too. */
static bool from_gzip(struct parquet_codecs *codecs, pd_str in, char *out, size_t n) {
    enum { GZIP_OR_ZLIB = 15 + 32 };
    z_stream *z = &codecs->gzip;
    if (in.len > UINT_MAX || n > UINT_MAX)
        return false;
    if (!codecs->has_gzip && inflateInit2(z, GZIP_OR_ZLIB) != Z_OK)
        return false;
    codecs->has_gzip = true;
    z->next_in = (Bytef *)(uintptr_t)in.data; /* zlib only reads it */
    z->avail_in = (uInt)in.len;
    z->next_out = (Bytef *)out;
    z->avail_out = (uInt)n;
    int code = Z_STREAM_END;
    while (code == Z_STREAM_END && z->avail_in > 0 && inflateReset(z) == Z_OK)
        code = inflate(z, Z_FINISH);
    return code == Z_STREAM_END && z->avail_out == 0;
}

static bool from_zstd(struct parquet_codecs *codecs, pd_str in, char *out, size_t n) {
    if (codecs->zstd == NULL)
        codecs->zstd = ZSTD_createDCtx();
    return codecs->zstd != NULL && ZSTD_decompressDCtx(codecs->zstd, out, n, in.data, in.len) == n;
}

static bool from_lz4(struct parquet_codecs *codecs, pd_str in, char *out, size_t n) {
    (void)codecs;
    return in.len <= INT_MAX && n <= INT_MAX &&
           LZ4_decompress_safe(in.data, out, (int)in.len, (int)n) == (int)n;
}

static uint32_t big_endian(const char *at) {
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Hadoop's frames: what comes out of one and what it takes, 4 bytes each, big end first. Some
   writers made no frames under the same name. */
static bool from_hadoop_lz4(struct parquet_codecs *codecs, pd_str in, char *out, size_t n) {
    size_t at = 0, done = 0;
    while (in.len - at >= 8) {
        size_t out_n = big_endian(in.data + at), in_n = big_endian(in.data + at + 4);
        at += 8;
        if (in_n > in.len - at || out_n > n - done ||
            !from_lz4(codecs, (pd_str){in.data + at, in_n}, out + done, out_n))
            return from_lz4(codecs, in, out, n);
        at += in_n;
        done += out_n;
    }
    return (at == in.len && done == n) || from_lz4(codecs, in, out, n);
}

static const struct {
    decompress *run;
    const char *name;
} CODECS[PARQUET_CODEC_COUNT] = {
    [PARQUET_UNCOMPRESSED] = {copy, "none"}, [PARQUET_SNAPPY] = {from_snappy, "Snappy"},
    [PARQUET_GZIP] = {from_gzip, "GZIP"},    [PARQUET_LZO] = {NULL, "LZO"},
    [PARQUET_BROTLI] = {NULL, "Brotli"},     [PARQUET_LZ4_HADOOP] = {from_hadoop_lz4, "LZ4"},
    [PARQUET_ZSTD] = {from_zstd, "ZSTD"},    [PARQUET_LZ4_RAW] = {from_lz4, "LZ4_RAW"},
};

enum pd_status parquet_decompress(struct parquet_codecs *codecs, int64_t codec, pd_str in,
                                  char *out, size_t out_n, struct pd_error *err) {
    if (codec < 0 || codec >= PARQUET_CODEC_COUNT)
        return pd_fail(err, PD_UNSUPPORTED, "its pages are compressed in a way that is not known");
    if (CODECS[codec].run == NULL)
        return pd_fail(err, PD_UNSUPPORTED,
                       "its pages are compressed with %s, which is not read: write it with ZSTD, "
                       "Snappy, GZIP or LZ4",
                       CODECS[codec].name);
    if (out_n == 0 && in.len == 0)
        return PD_OK;
    return CODECS[codec].run(codecs, in, out, out_n)
               ? PD_OK
               : pd_fail(err, PD_INVALID, "a page can't be unpacked (%s); the file is damaged",
                         CODECS[codec].name);
}

/* ---- Packing ---- */

typedef size_t compress_function(pd_str in, char *out, size_t room);

static size_t to_none(pd_str in, char *out, size_t room) {
    (void)room;
    if (in.len > 0)
        memcpy(out, in.data, in.len);
    return in.len;
}

static size_t to_snappy(pd_str in, char *out, size_t room) {
    return snappy_compress(in.data, in.len, out, &room) == SNAPPY_OK ? room : 0;
}

static size_t to_gzip(pd_str in, char *out, size_t room) {
    enum { GZIP = 15 + 16, LEVEL = 6, MEMORY = 8 };
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in.data, /* zlib only reads it */
                  .avail_in = (uInt)in.len,
                  .next_out = (Bytef *)out,
                  .avail_out = (uInt)room};
    if (deflateInit2(&z, LEVEL, Z_DEFLATED, GZIP, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return 0;
    int code = deflate(&z, Z_FINISH);
    deflateEnd(&z);
    return code == Z_STREAM_END ? room - z.avail_out : 0;
}

static size_t to_zstd(pd_str in, char *out, size_t room) {
    size_t n = ZSTD_compress(out, room, in.data, in.len, ZSTD_CLEVEL_DEFAULT);
    return ZSTD_isError(n) ? 0 : n;
}

static size_t to_lz4(pd_str in, char *out, size_t room) {
    return (size_t)LZ4_compress_default(in.data, out, (int)in.len, (int)room);
}

static const struct packer {
    const char *name;
    enum parquet_codec codec;
    compress_function *run;
} PACKERS[] = {{"none", PARQUET_UNCOMPRESSED, to_none},
               {"snappy", PARQUET_SNAPPY, to_snappy},
               {"gzip", PARQUET_GZIP, to_gzip},
               {"zstd", PARQUET_ZSTD, to_zstd},
               {"lz4", PARQUET_LZ4_RAW, to_lz4}};
enum { PACKERS_COUNT = sizeof(PACKERS) / sizeof(PACKERS[0]) };

bool parquet_codec_parse(pd_str name, enum parquet_codec *out) {
    for (size_t i = 0; i < PACKERS_COUNT; i++)
        if (pd_str_is(name, PACKERS[i].name)) {
            *out = PACKERS[i].codec;
            return true;
        }
    return false;
}

enum pd_status parquet_compress(enum parquet_codec codec, pd_str in, struct pd_buf *out,
                                struct pd_error *err) {
    const struct packer *packer = NULL;
    for (size_t i = 0; i < PACKERS_COUNT; i++)
        packer = PACKERS[i].codec == codec ? &PACKERS[i] : packer;
    if (packer == NULL || in.len > INT32_MAX)
        return pd_fail(err, PD_LIMIT, "a page is too large");
    size_t room = in.len + in.len / 2 + 1024; /* more than any of them may take */
    char *to = pd_buf_reserve(out, room);
    if (to == NULL)
        return pd_buf_check(out, err);
    size_t n = packer->run(in, to, room);
    if (n == 0 && in.len > 0)
        return pd_fail(err, PD_INTERNAL, "compressing a page with %s failed", packer->name);
    out->len += n;
    return PD_OK;
}
