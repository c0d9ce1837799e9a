/* What noise costs: zero-concentrated differential privacy, and back to (epsilon, delta). */
#include "protect/noise.h"

#include <math.h>

/* How far results are moved to the safe side for what doubles can't say. */
static const double SAFE = 1e-9;

/* The logarithm of the bound of proposition 12, for one alpha > 1. Convex in alpha. */
static double log_delta(double rho, double epsilon, double alpha) {
    return (alpha - 1) * (alpha * rho - epsilon) - log(alpha - 1) + alpha * log1p(-1 / alpha);
}

/* Its slope: positive from the best alpha on. */
static double slope(double rho, double epsilon, double alpha) {
    return (2 * alpha - 1) * rho - epsilon + log1p(-1 / alpha);
}

double protect_zcdp_delta(double rho, double epsilon) {
    if (rho <= 0)
        return 0;
    double low = 1.0 + 1e-9, high = (epsilon + 1) / (2 * rho) + 2;
    for (int i = 0; i < 200 && high - low > 1e-12 * low; i++) {
        double middle = low + (high - low) / 2;
        if (slope(rho, epsilon, middle) < 0)
            low = middle;
        else
            high = middle;
    }
    /* Any alpha gives a valid bound, so the search needs no proof. */
    double delta = exp(log_delta(rho, epsilon, high)) * (1 + SAFE);
    return delta < 1 ? delta : 1;
}

double protect_zcdp_epsilon(double rho, double delta) {
    if (rho <= 0)
        return 0;
    double low = 0, high = rho + 2 * sqrt(rho * -log(delta)) + SAFE; /* Bun and Steinke: enough */
    if (protect_zcdp_delta(rho, 0) <= delta)
        return 0;
    for (int i = 0; i < 200 && high - low > SAFE * high; i++) {
        double middle = low + (high - low) / 2;
        if (protect_zcdp_delta(rho, middle) <= delta)
            high = middle;
        else
            low = middle;
    }
    return high;
}

double protect_zcdp_of_epsilon(double epsilon) {
    return epsilon * epsilon / 2 * (1 + SAFE);
}

double protect_zcdp_rho(double epsilon, double delta) {
    /* epsilon-DP is a bound from above for pure noise; for Gaussian noise rho can't exceed what
     * delta = 1 would give, rho <= epsilon + ln(1/delta). */
    double low = 0, high = epsilon - log(delta) + 1;
    for (int i = 0; i < 200; i++) {
        double middle = low + (high - low) / 2;
        if (protect_zcdp_delta(middle, epsilon) <= delta)
            low = middle;
        else
            high = middle;
    }
    return low * (1 - SAFE);
}
