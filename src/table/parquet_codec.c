/* Pages, unpacked by Debian's libraries: snappy, zlib, zstd, lz4. */
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
