/*
 * NIST SP 800-38G, FF1: ten rounds of a Feistel network over two halves of the digits. Half a
 * number that fits 64 bits takes 128-bit arithmetic; longer ones limbs of 32 bits.
 */
#include "protect/ff1.h"
#include "crypto/crypto.h"

#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

enum {
    ROUNDS = 10,
    BLOCK = CRYPTO_BLOCK_SIZE,
    HALF_MAX = (PROTECT_FF1_DIGITS_MAX + 1) / 2,
    HALF_BYTES = HALF_MAX * 2 + 4, /* a digit is at most 16 bits */
    LIMBS = (HALF_BYTES + BLOCK) / 4 + 4,
    Q_MAX = PROTECT_FF1_TWEAK_MAX + HALF_BYTES + 2 * BLOCK
};

struct protect_ff1 {
    struct crypto_aes *aes;
    uint32_t radix;
    /* What follows from the numbers of digits and of the tweak's bytes, kept from one call to the
     * next: columns have cells of one length. */
    size_t n, tweak_size, b;
    uint8_t begun[BLOCK]; /* CBC-MAC of P */
};

enum pd_status protect_ff1_new(const uint8_t *key, size_t key_size, uint32_t radix,
                               struct protect_ff1 **out, struct pd_error *err) {
    if (key_size != 16 && key_size != 24 && key_size != 32)
        return pd_fail(err, PD_USAGE, "a key of FF1 has 16, 24 or 32 bytes, not %zu", key_size);
    if (radix < 2 || radix > 65536)
        return pd_fail(err, PD_USAGE, "the radix of FF1 is 2 to 65536, not %u", (unsigned)radix);
    struct protect_ff1 *ff1 = calloc(1, sizeof(*ff1));
    if (!ff1)
        return pd_fail_memory(err);
    ff1->radix = radix;
    ff1->aes = crypto_aes_new(key, key_size);
    *out = ff1;
    return PD_OK;
}

void protect_ff1_free(struct protect_ff1 *ff1) {
    if (ff1)
        crypto_aes_free(ff1->aes);
    free(ff1);
}

/* ---- Numbers of any length: little-endian limbs ---- */

struct number {
    uint32_t limb[LIMBS];
    size_t count; /* without leading zeros */
};

static void trim(struct number *n) {
    while (n->count > 0 && n->limb[n->count - 1] == 0)
        n->count--;
}

/* n = n * by + plus */
static void multiply_add(struct number *n, uint32_t by, uint32_t plus) {
    uint64_t carry = plus;
    for (size_t i = 0; i < n->count; i++) {
        carry += (uint64_t)n->limb[i] * by;
        n->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry)
        n->limb[n->count++] = (uint32_t)carry;
}

/* n = n / by; the rest */
static uint32_t divide(struct number *n, uint32_t by) {
    uint64_t rest = 0;
    for (size_t i = n->count; i-- > 0;) {
        rest = rest << 32 | n->limb[i];
        n->limb[i] = (uint32_t)(rest / by);
        rest %= by;
    }
    trim(n);
    return (uint32_t)rest;
}

static void from_digits(struct number *n, const uint16_t *digits, size_t count, uint32_t radix) {
    n->count = 0;
    for (size_t i = 0; i < count; i++)
        multiply_add(n, radix, digits[i]);
}

static void from_bytes(struct number *n, const uint8_t *bytes, size_t count) {
    n->count = (count + 3) / 4;
    memset(n->limb, 0, n->count * sizeof(*n->limb));
    for (size_t i = 0; i < count; i++)
        n->limb[(count - 1 - i) / 4] |= (uint32_t)bytes[i] << 8 * ((count - 1 - i) % 4);
    trim(n);
}

static void to_bytes(const struct number *n, uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t limb = i / 4;
        bytes[count - 1 - i] =
            (uint8_t)(limb < n->count ? n->limb[limb] >> 8 * (i % 4) : UINT32_C(0));
    }
}

/* ---- The round function ---- */

/* How many bytes a number of v digits takes: the length of radix^v - 1, found without logarithms.
 */
static size_t bytes_of(uint32_t radix, size_t v) {
    struct number most = {.count = 0};
    for (size_t i = 0; i < v; i++)
        multiply_add(&most, radix, radix - 1);
    size_t bits = most.count * 32;
    for (uint32_t top = most.limb[most.count - 1]; !(top >> 31); top <<= 1)
        bits--;
    return (bits + 7) / 8;
}

struct rounds {
    struct protect_ff1 *ff1;
    pd_str tweak;
    size_t n, u, v, b, d;
};

static void begin(struct rounds *r) {
    struct protect_ff1 *ff1 = r->ff1;
    if (ff1->n != r->n || ff1->tweak_size != r->tweak.len) {
        uint8_t p[BLOCK] = {1,
                            2,
                            1,
                            (uint8_t)(ff1->radix >> 16),
                            (uint8_t)(ff1->radix >> 8),
                            (uint8_t)ff1->radix,
                            ROUNDS,
                            (uint8_t)(r->u % 256)};
        for (int i = 0; i < 4; i++) {
            p[8 + i] = (uint8_t)(r->n >> (24 - 8 * i));
            p[12 + i] = (uint8_t)(r->tweak.len >> (24 - 8 * i));
        }
        crypto_aes_block(ff1->aes, p, ff1->begun);
        ff1->n = r->n;
        ff1->tweak_size = r->tweak.len;
        ff1->b = bytes_of(ff1->radix, r->v);
    }
    r->b = ff1->b;
    r->d = 4 * ((r->b + 3) / 4) + 4;
}

/* Steps 6.i to 6.iv: d bytes from the round's number and the half that stays, which has b. */
static void mix(const struct rounds *r, int round, const uint8_t *half, uint8_t *out) {
    uint8_t q[Q_MAX], mac[BLOCK];
    size_t len = r->tweak.len + r->b + 1, pad = (BLOCK - len % BLOCK) % BLOCK;
    if (r->tweak.len)
        memcpy(q, r->tweak.data, r->tweak.len);
    memset(q + r->tweak.len, 0, pad);
    q[r->tweak.len + pad] = (uint8_t)round;
    memcpy(q + r->tweak.len + pad + 1, half, r->b);
    memcpy(mac, r->ff1->begun, BLOCK);
    for (size_t at = 0; at < len + pad; at += BLOCK) {
        for (size_t i = 0; i < BLOCK; i++)
            mac[i] ^= q[at + i];
        crypto_aes_block(r->ff1->aes, mac, mac);
    }
    for (size_t at = 0; at < r->d; at += BLOCK) {
        uint8_t block[BLOCK];
        size_t take = r->d - at < BLOCK ? r->d - at : BLOCK, nth = at / BLOCK;
        memcpy(block, mac, BLOCK);
        if (nth > 0) {
            for (int i = 0; i < 8; i++)
                block[BLOCK - 1 - i] ^= (uint8_t)((uint64_t)nth >> 8 * i);
            crypto_aes_block(r->ff1->aes, block, block);
        }
        memcpy(out + at, block, take);
    }
}

/* ---- The network ---- */

/* digits = (digits + or - y) mod radix^count, digit by digit from the last: y is divided as it
 * goes.
 */
static void add_digits(uint16_t *digits, size_t count, uint32_t radix, struct number *y,
                       bool subtract) {
    uint32_t carry = 0;
    for (size_t i = count; i-- > 0;) {
        uint32_t by = divide(y, radix) + carry;
        if (subtract) {
            carry = digits[i] < by ? 1 : 0;
            digits[i] = (uint16_t)(digits[i] + carry * radix - by);
        } else {
            carry = digits[i] + by >= radix ? 1 : 0;
            digits[i] = (uint16_t)(digits[i] + by - carry * radix);
        }
    }
}

/* Both halves stay where they are: in even rounds the first is changed by the second, in odd ones
 * the second by the first, which is what swapping A and B amounts to after ten rounds. */
static void run_long(const struct rounds *r, uint16_t *digits, bool decrypt) {
    uint32_t radix = r->ff1->radix;
    uint8_t half[HALF_BYTES], y[HALF_BYTES + 2 * BLOCK];
    struct number n;
    for (int i = 0; i < ROUNDS; i++) {
        int round = decrypt ? ROUNDS - 1 - i : i;
        bool first = round % 2 == 0;
        uint16_t *changed = first ? digits : digits + r->u, *other = first ? digits + r->u : digits;
        from_digits(&n, other, first ? r->v : r->u, radix);
        to_bytes(&n, half, r->b);
        mix(r, round, half, y);
        from_bytes(&n, y, r->d);
        add_digits(changed, first ? r->u : r->v, radix, &n, decrypt);
    }
}

/* Halves of at most SHORT bytes: sums fit 64 bits, and y has at most 12 bytes. */
enum { SHORT = 7 };

static void run_short(const struct rounds *r, uint16_t *digits, bool decrypt) {
    uint32_t radix = r->ff1->radix;
    uint64_t value[2] = {0, 0}, modulus[2] = {1, 1};
    for (size_t i = 0; i < r->n; i++) {
        size_t at = i < r->u ? 0 : 1;
        value[at] = value[at] * radix + digits[i];
        modulus[at] *= radix;
    }
    for (int i = 0; i < ROUNDS; i++) {
        int round = decrypt ? ROUNDS - 1 - i : i, at = round % 2;
        uint8_t half[SHORT], y[BLOCK];
        u128 of = 0;
        for (size_t k = 0; k < r->b; k++)
            half[k] = (uint8_t)(value[1 - at] >> 8 * (r->b - 1 - k));
        mix(r, round, half, y);
        for (size_t k = 0; k < r->d; k++)
            of = of << 8 | y[k];
        uint64_t by = (uint64_t)(of % modulus[at]);
        value[at] = (value[at] + (decrypt ? modulus[at] - by : by)) % modulus[at];
    }
    for (size_t i = r->n; i-- > 0;) {
        size_t at = i < r->u ? 0 : 1;
        digits[i] = (uint16_t)(value[at] % radix);
        value[at] /= radix;
    }
}

static enum pd_status check(const struct protect_ff1 *ff1, pd_str tweak, const uint16_t *digits,
                            size_t count, struct pd_error *err) {
    uint64_t domain = 1;
    if (count > PROTECT_FF1_DIGITS_MAX || tweak.len > PROTECT_FF1_TWEAK_MAX)
        return pd_fail(err, PD_INVALID, "FF1 takes at most %d digits and %d bytes of tweak here",
                       PROTECT_FF1_DIGITS_MAX, PROTECT_FF1_TWEAK_MAX);
    for (size_t i = 0; i < count && domain < PROTECT_FF1_DOMAIN_MIN; i++)
        domain *= ff1->radix;
    if (count < 2 || domain < PROTECT_FF1_DOMAIN_MIN)
        return pd_fail(err, PD_INVALID,
                       "%zu digits of radix %u have fewer than %d values, which FF1 doesn't hide: "
                       "use a keyed pseudonym, or generalise",
                       count, (unsigned)ff1->radix, PROTECT_FF1_DOMAIN_MIN);
    for (size_t i = 0; i < count; i++)
        if (digits[i] >= ff1->radix)
            return pd_fail(err, PD_INVALID, "digit %zu is not below the radix %u", i + 1,
                           (unsigned)ff1->radix);
    return PD_OK;
}

static enum pd_status crypt(struct protect_ff1 *ff1, pd_str tweak, uint16_t *digits, size_t count,
                            bool decrypt, struct pd_error *err) {
    enum pd_status st = check(ff1, tweak, digits, count, err);
    if (st != PD_OK)
        return st;
    struct rounds r = {
        .ff1 = ff1, .tweak = tweak, .n = count, .u = count / 2, .v = count - count / 2};
    begin(&r);
    if (r.b <= SHORT)
        run_short(&r, digits, decrypt);
    else
        run_long(&r, digits, decrypt);
    return PD_OK;
}

enum pd_status protect_ff1_encrypt(struct protect_ff1 *ff1, pd_str tweak, uint16_t *digits,
                                   size_t count, struct pd_error *err) {
    return crypt(ff1, tweak, digits, count, false, err);
}

enum pd_status protect_ff1_decrypt(struct protect_ff1 *ff1, pd_str tweak, uint16_t *digits,
                                   size_t count, struct pd_error *err) {
    return crypt(ff1, tweak, digits, count, true, err);
}
