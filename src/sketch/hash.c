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

/* n <= 8 bytes, little-endian whatever the machine. */
static uint64_t word_at(const unsigned char *p, size_t n) {
    uint64_t word = 0;
    for (size_t i = 0; i < n; i++)
        word |= (uint64_t)p[i] << (8 * i);
    return word;
}

uint64_t sketch_hash(const void *bytes, size_t n, uint64_t seed) {
    const unsigned char *p = bytes;
    uint64_t h = fold(seed ^ K1, (uint64_t)n ^ K2);
    size_t rest = n;
    for (; rest >= 8; rest -= 8, p += 8)
        h = fold(h ^ word_at(p, 8), K1) + K2;
    h = fold(h ^ word_at(p, rest), K1);
    /* The finaliser of MurmurHash3's kind: every bit of h reaches every bit of the result. */
    h ^= h >> 32;
    h *= K2;
    h ^= h >> 29;
    h *= K1;
    return h ^ h >> 32;
}
