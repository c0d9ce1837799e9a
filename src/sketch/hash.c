#include "sketch/sketch.h"

#include <string.h>

/* Odd, with about half of the bits set in no regular pattern: digits of pi and of e in hex. */
#define K1 UINT64_C(0x243f6a8885a308d3)
#define K2 UINT64_C(0xb7e151628aed2a6b)

static uint64_t fold(uint64_t a, uint64_t b) {
    __extension__ typedef unsigned __int128 u128;
    u128 product = (u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static inline uint64_t word_of_8(const unsigned char *p) {
    uint64_t word;
    memcpy(&word, p, 8);
    return word;
}

/* n < 8 bytes as the low ones of a word, in loads that overlap and never reach beyond them. */
static inline uint64_t word_of(const unsigned char *p, size_t n) {
    if (n >= 4) {
        uint32_t low, high;
        memcpy(&low, p, 4);
        memcpy(&high, p + n - 4, 4);
        return low | (uint64_t)high << (8 * (n - 4));
    }
    if (n == 0)
        return 0;
    return p[0] | (uint64_t)p[n / 2] << (8 * (n / 2)) | (uint64_t)p[n - 1] << (8 * (n - 1));
}
#else
static inline uint64_t word_of(const unsigned char *p, size_t n) {
    uint64_t word = 0;
    for (size_t i = 0; i < n; i++)
        word |= (uint64_t)p[i] << (8 * i);
    return word;
}

static inline uint64_t word_of_8(const unsigned char *p) {
    return word_of(p, 8);
}
#endif

uint64_t sketch_hash(const void *bytes, size_t n, uint64_t seed) {
    const unsigned char *p = bytes;
    uint64_t h = fold(seed ^ K1, (uint64_t)n ^ K2);
    size_t rest = n;
    for (; rest >= 8; rest -= 8, p += 8)
        h = fold(h ^ word_of_8(p), K1) + K2;
    h = fold(h ^ word_of(p, rest), K1);
    /* The finaliser of MurmurHash3's kind: every bit of h reaches every bit of the result. */
    h ^= h >> 32;
    h *= K2;
    h ^= h >> 29;
    h *= K1;
    return h ^ h >> 32;
}
