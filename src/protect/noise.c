/* Noise drawn exactly: Canonne, Kamath, Steinke 2020, algorithms 1 to 3, in integers. */
#include "protect/noise.h"
#include "crypto/crypto.h"

#include <assert.h>

__extension__ typedef unsigned __int128 u128;

/* ---- Randomness ---- */

static void fill_from_kernel(void *context, void *out, size_t n) {
    (void)context;
    crypto_random(out, n);
}

struct protect_random protect_random_kernel(void) {
    return (struct protect_random){.fill = fill_from_kernel};
}

static uint64_t word(struct protect_random *random) {
    size_t count = sizeof(random->words) / sizeof(*random->words);
    if (random->left == 0) {
        random->fill(random->context, random->words, sizeof(random->words));
        random->left = count;
    }
    uint64_t w = random->words[count - random->left];
    random->words[count - random->left] = 0; /* what was drawn is nowhere any more */
    random->left--;
    return w;
}

/* Lemire 2019: the high half of a product is uniform once the few low halves that occur once too
 * often are passed over. */
uint64_t protect_random_below(struct protect_random *random, uint64_t bound) {
    assert(bound > 0);
    u128 product = (u128)word(random) * bound;
    if ((uint64_t)product < bound) {
        uint64_t least = (0 - bound) % bound;
        while ((uint64_t)product < least)
            product = (u128)word(random) * bound;
    }
    return (uint64_t)(product >> 64);
}

/* ---- Algorithm 1: Bernoulli(exp(-x)) ---- */

static bool bernoulli(struct protect_random *random, uint64_t over, uint64_t under) {
    return protect_random_below(random, under) < over;
}

/* x = over / under <= 1. Bernoulli(x / k) is both Bernoulli(x) and Bernoulli(1 / k). */
static bool bernoulli_exp_fraction(struct protect_random *random, uint64_t over, uint64_t under) {
    uint64_t k = 1;
    while (bernoulli(random, over, under) && bernoulli(random, 1, k))
        k++;
    return k % 2 == 1;
}

bool protect_bernoulli_exp(struct protect_random *random, uint64_t over, uint64_t under) {
    assert(under > 0);
    for (uint64_t whole = over / under; whole > 0; whole--)
        if (!bernoulli_exp_fraction(random, 1, 1))
            return false;
    return bernoulli_exp_fraction(random, over % under, under);
}

/* ---- Algorithm 2: the discrete Laplace ---- */

int64_t protect_noise_laplace(struct protect_random *random, struct protect_ratio scale) {
    assert(scale.over >= 1 && scale.over <= PROTECT_SCALE_MAX);
    assert(scale.under >= 1 && scale.under <= PROTECT_SCALE_MAX);
    for (;;) {
        uint64_t low = protect_random_below(random, scale.over);
        if (!protect_bernoulli_exp(random, low, scale.over))
            continue;
        uint64_t high = 0;
        while (bernoulli_exp_fraction(random, 1, 1))
            high++;
        u128 magnitude = ((u128)high * scale.over + low) / scale.under;
        bool is_negative = bernoulli(random, 1, 2);
        if ((is_negative && magnitude == 0) || magnitude >> 62)
            continue;
        return is_negative ? -(int64_t)magnitude : (int64_t)magnitude;
    }
}

/* ---- Algorithm 3: the discrete Gaussian ---- */

static uint64_t root(uint64_t n) {
    uint64_t low = 0, high = (uint64_t)1 << 32;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (middle * middle <= n)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Uniform below a bound that may not fit 64 bits. */
static u128 wide_below(struct protect_random *random, u128 bound) {
    if (bound >> 64 == 0)
        return protect_random_below(random, (uint64_t)bound);
    u128 mask = ~(u128)0;
    while (mask >> 1 >= bound)
        mask >>= 1;
    for (;;) {
        u128 high = word(random);
        u128 drawn = (high << 64 | word(random)) & mask;
        if (drawn < bound)
            return drawn;
    }
}

/* protect_bernoulli_exp for terms that don't fit 64 bits. */
static bool wide_bernoulli_exp(struct protect_random *random, u128 over, u128 under) {
    for (u128 whole = over / under; whole > 0; whole--)
        if (!bernoulli_exp_fraction(random, 1, 1))
            return false;
    uint64_t k = 1;
    while (wide_below(random, under) < over % under && bernoulli(random, 1, k))
        k++;
    return k % 2 == 1;
}

/*
 * Y is accepted with exp(-(|Y| - v/t)^2 / 2v), v = n/d: that is (|Y| d t - n)^2 / (2 n d t^2).
 * d t^2 <= (sqrt n + sqrt d)^2 <= 2^58, so below 30 t the distance is below 2^63 and its square
 * fits; 2 n d t^2 is at most 2^115.
 */
int64_t protect_noise_gaussian(struct protect_random *random, struct protect_ratio variance) {
    uint64_t n = variance.over, d = variance.under;
    assert(n >= 1 && n <= PROTECT_VARIANCE_MAX && d >= 1 && d <= PROTECT_VARIANCE_MAX);
    uint64_t t = root(n / d) + 1;
    for (;;) {
        int64_t y = protect_noise_laplace(random, (struct protect_ratio){t, 1});
        uint64_t size = (uint64_t)(y < 0 ? -y : y);
        if (size / t >= 30)
            continue;
        u128 at = (u128)size * d * t, from = n;
        u128 distance = at > from ? at - from : from - at;
        if (wide_bernoulli_exp(random, distance * distance, (u128)2 * n * d * t * t))
            return y;
    }
}
