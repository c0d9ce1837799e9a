/**
 * protect/noise.h: noise for differential privacy, drawn exactly, and what it costs.
 *
 * The samplers are those of Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential
 * Privacy" (2020): integers and rationals only, no logarithm and no floating point, because the low
 * bits of a double give away what the noise was to hide (Mironov 2012). The accounting is zero-
 * concentrated differential privacy (Bun and Steinke 2016): rho adds up over whatever is published.
 *
 * No I/O, no globals: randomness comes in. In production it is crypto_random; a fixed seed is for
 * tests only. How long a draw takes depends on what is drawn, by some rounds of a loop: who can
 * time a single draw to the microsecond learns something of it, so answers are told together.
 */
#ifndef POLDER_PROTECT_NOISE_H
#define POLDER_PROTECT_NOISE_H

#include "base/base.h"

/* ---- Randomness (noise.c) ---- */

/** Uniform bytes, handed out in small pieces. Zeroed but for `fill`; not for several threads. */
struct protect_random {
    void (*fill)(void *context, void *out, size_t n);
    void *context;
    uint64_t words[64];
    size_t left; /* words not handed out yet: the last ones */
};

/** From the kernel. To be wiped (crypto_wipe) when no longer needed. */
struct protect_random protect_random_kernel(void);
/** Uniform below `bound` >= 1, without bias. */
uint64_t protect_random_below(struct protect_random *random, uint64_t bound);

/* ---- Exact samplers (noise.c) ---- */

/** A positive fraction. */
struct protect_ratio {
    uint64_t over, under; /* both at least 1 */
};

/** True with probability exp(-x), x = over / under >= 0; `over` may be 0. Exact. under <= 2^63. */
bool protect_bernoulli_exp(struct protect_random *random, uint64_t over, uint64_t under);

/**
 * The discrete Laplace distribution: P(x) ~ exp(-|x| / scale) over the integers. Exact.
 *
 * scale: both terms at most PROTECT_SCALE_MAX. A draw that would not fit into 62 bits, of a
 * probability below 2^-2000 in that range, is drawn again.
 */
int64_t protect_noise_laplace(struct protect_random *random, struct protect_ratio scale);
#define PROTECT_SCALE_MAX ((uint64_t)1 << 50)

/**
 * The discrete Gaussian: P(x) ~ exp(-x^2 / (2 variance)) over the integers. Exact but for this: a
 * candidate beyond 30 standard deviations is drawn again, which has a probability below 2^-600.
 *
 * variance: both terms at most PROTECT_VARIANCE_MAX.
 */
int64_t protect_noise_gaussian(struct protect_random *random, struct protect_ratio variance);
#define PROTECT_VARIANCE_MAX ((uint64_t)1 << 56)

/* ---- What it costs (privacy.c) ---- */

/**
 * The smallest delta for which rho-zCDP gives (epsilon, delta)-DP by the bound of Canonne, Kamath
 * and Steinke 2020, proposition 12: the least over alpha > 1 of
 * exp((alpha-1)(alpha rho - epsilon)) / (alpha-1) * (1 - 1/alpha)^alpha. At most 1.
 */
double protect_zcdp_delta(double rho, double epsilon);
/** The smallest epsilon, rounded up, for which protect_zcdp_delta(rho, epsilon) <= delta.
 * 0 < delta < 1. rho 0 gives 0. */
double protect_zcdp_epsilon(double rho, double delta);
/** epsilon-DP is epsilon^2/2-zCDP (Bun and Steinke 2016, proposition 1.4). */
double protect_zcdp_of_epsilon(double epsilon);
/** The largest rho, rounded down, that is (epsilon, delta)-DP by the bound above. */
double protect_zcdp_rho(double epsilon, double delta);

#endif
