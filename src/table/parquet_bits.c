/* Numbers in few bits: runs and bit-packed groups, and differences in blocks
 * (parquet-format, Encodings.md). */
#include "table/parquet_impl.h"

#include <string.h>

/* ---- What both are made of ---- */

static bool take_varint(const uint8_t **at, const uint8_t *end, uint64_t *out) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && *at < end; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *out = value;
            return true;
        }
    }
    return false;
}

/* 8 bytes at `at`, of which those behind `end` are zero. */
static uint64_t load64(const uint8_t *at, const uint8_t *end) {
    uint64_t word = 0;
    size_t n = at < end ? (size_t)(end - at) : 0;
    memcpy(&word, at, n < 8 ? n : 8);
    return word;
}

/* The value of `width` bits (at most 56) at a bit's place. */
static uint64_t bits_at(const uint8_t *base, const uint8_t *end, uint64_t bit, unsigned width) {
    uint64_t word = load64(base + (bit >> 3), end) >> (bit & 7);
    return word & ((UINT64_C(1) << width) - 1);
}

/* ---- Runs ---- */

struct parquet_runs parquet_runs_of(pd_str bytes, unsigned width) {
    const uint8_t *at = (const uint8_t *)bytes.data;
    return (struct parquet_runs){
        .at = at, .end = bytes.len > 0 ? at + bytes.len : at, .width = width, .failed = width > 32};
}

/* Reads the head of the next run or groups. */
static bool next_run(struct parquet_runs *r) {
    uint64_t head;
    if (r->failed || !take_varint(&r->at, r->end, &head)) {
        r->failed = true;
        return false;
    }
    size_t left = (size_t)(r->end - r->at), value_bytes = (r->width + 7) / 8;
    if ((head & 1) == 0) {
        r->run = head >> 1;
        r->failed = value_bytes > left;
        if (r->failed)
            return false;
        r->value = 0;
        memcpy(&r->value, r->at, value_bytes);
        r->at += value_bytes;
        if (r->width < 32)
            r->value &= (UINT32_C(1) << r->width) - 1;
        return true;
    }
    /* Groups of 8 values; the last one may be cut off where its values end. */
    uint64_t groups = head >> 1, most = r->width == 0 ? UINT32_MAX : left * 8 / r->width;
    r->failed = groups > UINT32_MAX || (groups > 0 && most == 0);
    r->packed = r->failed ? 0 : groups * 8 > most ? most : groups * 8;
    r->bit = 0;
    return !r->failed;
}

/* Behind the bit-packed groups at hand, which are whole bytes unless cut off. */
static void leave_packed(struct parquet_runs *r) {
    if (r->packed == 0 && r->bit > 0) {
        r->at += r->at < r->end;
        r->bit = 0;
    }
}

static void advance(struct parquet_runs *r, size_t n) {
    uint64_t bit = r->bit + (uint64_t)n * r->width;
    r->at += bit >> 3;
    r->bit = (unsigned)(bit & 7);
    r->packed -= n;
    leave_packed(r);
}

/* n values of one width, where 8 bytes can be read at each. Inlined for each width, so that the
   compiler knows shifts and mask. */
static inline __attribute__((always_inline)) void
unpack_wide(const uint8_t *at, unsigned bit, unsigned width, uint32_t *out, size_t n) {
    const uint32_t mask = width == 32 ? UINT32_MAX : (UINT32_C(1) << width) - 1;
    uint64_t place = bit;
    for (size_t i = 0; i < n; i++, place += width) {
        uint64_t word;
        memcpy(&word, at + (place >> 3), 8);
        out[i] = (uint32_t)(word >> (place & 7)) & mask;
    }
}

/* Groups of 8 that begin at a whole byte: `width` bytes each. */
static inline __attribute__((always_inline)) void unpack_groups(const uint8_t *at, unsigned width,
                                                                uint32_t *out, size_t groups) {
    const uint32_t mask = (UINT32_C(1) << width) - 1;
    for (size_t g = 0; g < groups; g++, at += width, out += 8) {
        for (unsigned i = 0; i < 8; i++) {
            uint64_t word;
            memcpy(&word, at + (i * width >> 3), 8);
            out[i] = (uint32_t)(word >> (i * width & 7)) & mask;
        }
    }
}

#define WIDTH(w)                                                                                   \
    case w:                                                                                        \
        unpack_groups(at, w, out, groups);                                                         \
        break;

static void unpack_known(const uint8_t *at, unsigned width, uint32_t *out, size_t groups) {
    switch (width) {
        WIDTH(1)
        WIDTH(2)
        WIDTH(3)
        WIDTH(4)
        WIDTH(5)
        WIDTH(6)
        WIDTH(7)
        WIDTH(8)
        WIDTH(9)
        WIDTH(10)
        WIDTH(11)
        WIDTH(12)
        WIDTH(13)
        WIDTH(14)
        WIDTH(15)
        WIDTH(16)
        WIDTH(17)
        WIDTH(18)
        WIDTH(19)
        WIDTH(20)
    default:
        unpack_wide(at, 0, width, out, groups * 8);
    }
}

/* Unpacks n of the values at hand. */
static void unpack(struct parquet_runs *r, uint32_t *out, size_t n) {
    size_t done = 0, safe = (size_t)(r->end - r->at);
    if (r->width == 0) {
        memset(out, 0, n * sizeof(*out));
        r->packed -= n;
        return;
    }
    /* As long as 8 bytes can be read at each value. */
    size_t wide = safe > 16 ? (safe - 16) * 8 / r->width : 0;
    wide = wide < n ? wide : n;
    if (r->bit == 0) {
        done = wide & ~(size_t)7;
        unpack_known(r->at, r->width, out, done / 8);
        advance(r, done);
    }
    if (done < wide && r->packed > 0) {
        unpack_wide(r->at, r->bit, r->width, out + done, wide - done);
        advance(r, wide - done);
        done = wide;
    }
    for (; done < n; done++) {
        out[done] = (uint32_t)bits_at(r->at, r->end, r->bit, r->width);
        advance(r, 1);
    }
}

bool parquet_runs_read(struct parquet_runs *runs, uint32_t *out, size_t n) {
    while (n > 0) {
        if (runs->run == 0 && runs->packed == 0 && !next_run(runs))
            return false;
        bool is_run = runs->run > 0;
        uint64_t there = is_run ? runs->run : runs->packed;
        size_t now = there < n ? (size_t)there : n;
        if (is_run) {
            for (size_t i = 0; i < now; i++)
                out[i] = runs->value;
            runs->run -= now;
        } else {
            unpack(runs, out, now);
        }
        out += now;
        n -= now;
    }
    return true;
}

/* The 8 bits of a byte as 8 bytes, 0 or 1, the lowest first. */
static void spread(uint8_t byte, uint8_t *out) {
    uint64_t bits = byte * UINT64_C(0x0101010101010101) & UINT64_C(0x8040201008040201);
    bits = (bits + UINT64_C(0x7f7f7f7f7f7f7f7f)) >> 7 & UINT64_C(0x0101010101010101);
    memcpy(out, &bits, 8);
}

static void unpack_flags(struct parquet_runs *r, uint8_t *out, size_t n) {
    size_t done = 0;
    for (; done < n && r->bit != 0; done++) {
        out[done] = *r->at >> r->bit & 1;
        advance(r, 1);
    }
    size_t whole = (n - done) / 8;
    for (size_t i = 0; i < whole; i++, done += 8)
        spread(r->at[i], out + done);
    if (whole > 0)
        advance(r, whole * 8);
    for (; done < n; done++) {
        out[done] = *r->at >> r->bit & 1;
        advance(r, 1);
    }
}

bool parquet_runs_flags(struct parquet_runs *runs, uint8_t *out, size_t n) {
    while (n > 0) {
        if (runs->run == 0 && runs->packed == 0 && !next_run(runs))
            return false;
        bool is_run = runs->run > 0;
        uint64_t there = is_run ? runs->run : runs->packed;
        size_t now = there < n ? (size_t)there : n;
        if (is_run) {
            memset(out, (int)(runs->value & 1), now);
            runs->run -= now;
        } else {
            unpack_flags(runs, out, now);
        }
        out += now;
        n -= now;
    }
    return true;
}

/* ---- Differences ---- */

static int64_t unzigzag(uint64_t value) {
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

struct parquet_delta parquet_delta_of(pd_str bytes) {
    struct parquet_delta d = {.at = (const uint8_t *)bytes.data, .is_first = true};
    d.end = bytes.len > 0 ? d.at + bytes.len : d.at;
    uint64_t parts = 0, first = 0;
    d.failed = !take_varint(&d.at, d.end, &d.block) || !take_varint(&d.at, d.end, &parts) ||
               !take_varint(&d.at, d.end, &d.left) || !take_varint(&d.at, d.end, &first);
    /* Blocks are multiples of 128 values, parts of 32. */
    if (d.failed || d.block == 0 || d.block % 128 != 0 || d.block > UINT32_MAX || parts == 0 ||
        parts > d.block / 32 || d.block / parts % 32 != 0 || d.block % parts != 0 ||
        d.left > UINT32_MAX) {
        d.failed = true;
        d.left = 0;
        return d;
    }
    d.parts = (unsigned)parts;
    d.mini = d.block / parts;
    d.value = (uint64_t)unzigzag(first);
    return d;
}

/* The next part, and if the block is used up the next block. Bytes of parts that hold no values are
   not there. */
static bool next_part(struct parquet_delta *d) {
    if (d->in_block == 0) {
        uint64_t least;
        if (!take_varint(&d->at, d->end, &least) || (size_t)(d->end - d->at) < d->parts)
            return false;
        d->least = (uint64_t)unzigzag(least);
        d->widths = d->at;
        d->at += d->parts;
        d->in_block = d->block;
        d->part = 0;
    }
    d->width = d->widths[d->part++];
    uint64_t bytes = d->mini / 8 * d->width, there = (uint64_t)(d->end - d->at);
    if (d->width > 64)
        return false;
    /* Of the last part some writers leave out what holds no values. */
    uint64_t needed = d->left < d->mini ? (d->left * d->width + 7) / 8 : bytes;
    if (needed > there)
        return false;
    d->bits = d->at;
    d->bit = 0;
    d->at += bytes < there ? bytes : there;
    d->in_mini = d->mini;
    d->in_block -= d->mini;
    return true;
}

/* As bits_at, for more than 56 bits, too. */
static uint64_t wide_bits_at(const struct parquet_delta *d) {
    unsigned low = d->width > 32 ? 32 : d->width;
    uint64_t value = bits_at(d->bits, d->at, d->bit, low);
    if (d->width > 32)
        value |= bits_at(d->bits, d->at, d->bit + 32, d->width - 32) << 32;
    return value;
}

static void read_part(struct parquet_delta *d, int64_t *out, size_t n) {
    uint64_t value = d->value;
    const uint64_t least = d->least, mask = (UINT64_C(1) << (d->width & 63)) - 1;
    size_t i = 0;
    if (d->width == 0 && out == NULL) {
        value += least * n;
        i = n;
    } else if (d->width == 0) {
        for (; i < n; i++)
            out[i] = (int64_t)(value += least);
    } else if (d->width <= 56) {
        uint64_t bit = d->bit, there = (uint64_t)(d->at - d->bits);
        uint64_t safe = there < 8 ? 0 : (there - 8) * 8; /* where 8 bytes can be read */
        for (; i < n && bit <= safe; i++, bit += d->width) {
            uint64_t word;
            memcpy(&word, d->bits + (bit >> 3), 8);
            value += least + (word >> (bit & 7) & mask);
            if (out != NULL)
                out[i] = (int64_t)value;
        }
        d->bit = bit;
    }
    for (; i < n; i++, d->bit += d->width) {
        value += least + wide_bits_at(d);
        if (out != NULL)
            out[i] = (int64_t)value;
    }
    d->value = value;
    d->in_mini -= n;
}

bool parquet_delta_read(struct parquet_delta *delta, int64_t *out, size_t n) {
    struct parquet_delta *d = delta;
    if (d->failed || n > d->left)
        return false;
    if (n > 0 && d->is_first) {
        d->is_first = false;
        d->left--;
        n--;
        if (out != NULL)
            *out++ = (int64_t)d->value;
    }
    while (n > 0) {
        if (d->in_mini == 0 && !next_part(d)) {
            d->failed = true;
            return false;
        }
        size_t now = d->in_mini < n ? (size_t)d->in_mini : n;
        read_part(d, out, now);
        if (out != NULL)
            out += now;
        d->left -= now;
        n -= now;
    }
    return true;
}

const uint8_t *parquet_delta_end(const struct parquet_delta *delta) {
    return delta->at;
}
