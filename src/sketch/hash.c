/* A hash of what a cell says: sixteen bytes for each product of 128 bits. */
#include "sketch/sketch.h"

#include <string.h>

/* Odd, with about half of the bits set in no regular pattern: digits of pi, of e and of the root of
 * 2 in hex. */
#define K1 UINT64_C(0x243f6a8885a308d3)
#define K2 UINT64_C(0xb7e151628aed2a6b)
#define K3 UINT64_C(0x6a09e667f3bcc909)

static inline uint64_t fold(uint64_t a, uint64_t b) {
    __extension__ typedef unsigned __int128 u128;
    u128 product = (u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t load_8(const unsigned char *p) {
    uint64_t word;
    memcpy(&word, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline uint64_t load_4(const unsigned char *p) {
    uint32_t word;
    memcpy(&word, p, 4);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

/* Both factors of each product have a part of the seed in them: without it nobody can make texts
   that turn one into zero. The parts have nothing in common, or texts whose factors are each
   other's would have one hash. */
struct secrets {
    uint64_t a, b;
};

static inline struct secrets secrets_of(uint64_t seed) {
    return (struct secrets){fold(seed ^ K1, K2), fold(seed ^ K2, K3) | 1};
}

static inline uint64_t hash(const unsigned char *p, size_t n, struct secrets s) {
    uint64_t h = s.b ^ n, first, last;
    size_t rest = n;
    for (; rest > 16; rest -= 16, p += 16)
        h = fold(load_8(p) ^ s.a, load_8(p + 8) ^ h) + K2;
    /* The last sixteen bytes; loads may overlap, and with the length they say which bytes. */
    if (n > 16) {
        first = load_8(p + rest - 16);
        last = load_8(p + rest - 8);
    } else if (n >= 8) {
        first = load_8(p);
        last = load_8(p + n - 8);
    } else if (n >= 4) {
        first = load_4(p);
        last = load_4(p + n - 4);
    } else {
        first = n == 0 ? 0 : p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16;
        last = 0;
    }
    h = fold(first ^ s.a, last ^ h);
    return fold(h ^ K1, s.b ^ n * K2);
}

uint64_t sketch_hash(const void *bytes, size_t n, uint64_t seed) {
    return hash(bytes, n, secrets_of(seed));
}

void sketch_hash_all(const pd_str *texts, size_t count, uint64_t seed, uint64_t *out) {
    const struct secrets s = secrets_of(seed);
    for (size_t i = 0; i < count; i++)
        out[i] = hash((const unsigned char *)texts[i].data, texts[i].len, s);
}
