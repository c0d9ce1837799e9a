/*
 * How many people would be unique in a population of which the table is a simple random sample:
 * Zayatz' estimate; that of Pitman's model as Hoshino fits it (Applying Pitman's sampling formula
 * to microdata disclosure risk assessment, 2001); and that of the slide negative binomial (Chen and
 * Keller-McNulty, Estimation of identification disclosure risk in microdata, 1998). Which one counts
 * is the rule of Dankar et al. (2012). On adult, taken for a sample of a tenth, the first two give the
 * figures of ARX's own tests.
 */
#include "protect/protect_impl.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* How many classes have how many rows, by size. */
struct sizes {
    struct size {
        uint64_t rows, classes;
    } * list;
    size_t count;
    double rows, classes, ones, twos;
};

static int by_rows(const void *a, const void *b) {
    uint64_t x = ((const struct size *)a)->rows, y = ((const struct size *)b)->rows;
    return (x > y) - (x < y);
}

static bool count_sizes(const struct protect_tuples *groups, const bool *stays, struct sizes *out) {
    size_t n = 0;
    out->list = calloc((size_t)groups->count + 1, sizeof(*out->list));
    if (!out->list)
        return false;
    for (uint32_t g = 0; g < groups->count; g++)
        if (!stays || stays[g])
            out->list[n++] = (struct size){groups->rows[g], 1};
    qsort(out->list, n, sizeof(*out->list), by_rows);
    for (size_t i = 0; i < n; i++) {
        if (out->count > 0 && out->list[out->count - 1].rows == out->list[i].rows)
            out->list[out->count - 1].classes++;
        else
            out->list[out->count++] = out->list[i];
    }
    for (size_t i = 0; i < out->count; i++) {
        double rows = (double)out->list[i].rows, classes = (double)out->list[i].classes;
        out->rows += rows * classes;
        out->classes += classes;
        out->ones += rows == 1 ? classes : 0;
        out->twos += rows == 2 ? classes : 0;
    }
    return true;
}

/* ---- Zayatz ---- */

/* That exactly one of a class of `k` is among `n` drawn of `all`. */
static double draws_one(double k, double n, double all) {
    double p = k * n / all;
    for (double i = 0; i < k - 1 && p > 0; i++)
        p *= fmax(0, all - n - i) / (all - 1 - i);
    return p;
}

/* Were the population's classes as those of the sample, so many of the sampled uniques would be
   unique there. */
static double zayatz(const struct sizes *s, double population) {
    double drawn = 0;
    for (size_t i = 0; i < s->count; i++)
        drawn += (double)s->list[i].classes / s->classes *
                 draws_one((double)s->list[i].rows, s->rows, population);
    if (s->ones == 0 || !(drawn > 0))
        return 0;
    double unique = s->ones / s->classes * (s->rows / population) / drawn;
    return s->ones * fmin(unique, 1) / s->rows;
}

/* ---- Pitman ---- */

/* psi and its derivative, by their recurrence and asymptotic series (Abramowitz and Stegun 6.3.18,
   6.4.12). */
static double digamma(double x) {
    double sum = 0;
    for (; x < 10; x++)
        sum -= 1 / x;
    double y = 1 / (x * x);
    return sum + log(x) - 0.5 / x - y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y / 240)));
}

static double trigamma(double x) {
    double sum = 0;
    for (; x < 10; x++)
        sum += 1 / (x * x);
    double y = 1 / (x * x);
    return sum + 1 / x + y / 2 + y / x * (1.0 / 6 - y * (1.0 / 30 - y * (1.0 / 42 - y / 30)));
}

struct pitman {
    double theta, alpha;
};

/* Newton's step towards the greatest likelihood; false where it leads nowhere. */
static bool improve(const struct sizes *s, struct pitman *p, double *moved) {
    double t = p->theta, a = p->alpha, n = s->rows, u = s->classes;
    /* Sums over i = 1 .. u - 1 of 1 / (t + i a) and of its square, and what follows from them. */
    double one = (digamma(t / a + u) - digamma(t / a + 1)) / a;
    double two = (trigamma(t / a + 1) - trigamma(t / a + u)) / (a * a);
    double d_theta = one - (digamma(t + n) - digamma(t + 1));
    double d_alpha = ((u - 1) - t * one) / a;
    double h_theta = -two + (trigamma(t + 1) - trigamma(t + n));
    double h_both = -(one - t * two) / a;
    double h_alpha = -((u - 1) - 2 * t * one + t * t * two) / (a * a);
    for (size_t i = 0; i < s->count; i++) {
        double k = (double)s->list[i].rows, classes = (double)s->list[i].classes;
        d_alpha -= classes * (digamma(k - a) - digamma(1 - a));
        h_alpha -= classes * (trigamma(1 - a) - trigamma(k - a));
    }
    double det = h_theta * h_alpha - h_both * h_both;
    if (!isfinite(det) || det == 0)
        return false;
    double by_theta = (d_theta * h_alpha - d_alpha * h_both) / det;
    double by_alpha = (h_theta * d_alpha - h_both * d_theta) / det;
    p->theta -= by_theta;
    p->alpha -= by_alpha;
    *moved = fmax(fabs(by_theta) / fmax(1, fabs(p->theta)), fabs(by_alpha));
    return p->alpha > 0 && p->alpha < 1 && p->theta > -p->alpha && isfinite(*moved);
}

static bool fit_pitman(const struct sizes *s, double population, double *out) {
    enum { STEPS_MAX = 200 };
    double n = s->rows, u = s->classes, f = s->ones, moved = 1;
    if (s->ones == 0) {
        *out = 0;
        return true;
    }
    if (s->twos == 0 || u < 2)
        return false;
    double c = f * (f - 1) / s->twos;
    struct pitman p;
    p.theta = (n * u * c - f * (n - 1) * (2 * u + c)) / (2 * f * u + f * c - n * c);
    p.alpha = (p.theta * (f - n) + (n - 1) * f) / (n * u);
    if (!(p.alpha > 0 && p.alpha < 1 && p.theta > -p.alpha))
        return false;
    for (int i = 0; i < STEPS_MAX && moved > 1e-10; i++)
        if (!improve(s, &p, &moved))
            return false;
    *out = exp(lgamma(p.theta + 1) - lgamma(p.theta + p.alpha) + (p.alpha - 1) * log(population));
    return moved <= 1e-10 && *out >= 0 && *out <= 1;
}

/* ---- Slide negative binomial ---- */

/* How many classes the population has: the sample's, and those that it missed, by Shlosser's estimator as
   Haas and Stokes modify it (Estimating the number of classes in a finite population, 1998). */
static double shlosser(const struct sizes *s, double f) {
    double squared = 0, seen_twice = 0, missed = 0, once = 0;
    for (size_t i = 0; i < s->count; i++) {
        double rows = (double)s->list[i].rows, classes = (double)s->list[i].classes;
        double none = pow(1 - f, rows) * classes;
        squared += rows * f * f * pow(1 - f * f, rows - 1) * classes;
        seen_twice += none * (pow(1 + f, rows) - 1);
        missed += none;
        once += rows * f * pow(1 - f, rows - 1) * classes;
    }
    if (!(seen_twice > 0) || !(once > 0))
        return s->classes;
    double share = missed / once;
    return s->classes + s->ones * (squared / seen_twice) * share * share;
}

/*
 * A class of the population has 1 + X rows, X negative binomial with alpha and beta: beta^alpha of the
 * classes have one row. Of such classes a sample of the share f has so many with one row, and with two;
 * alpha and beta are those by which both are as counted.
 */
struct slide {
    double classes, f, beta;
};

static double with_one(const struct slide *m, double alpha) {
    double missed = (1 - m->f) * (1 - m->beta);
    return m->classes * m->f * pow(m->beta / (1 - missed), alpha) *
           (1 + alpha * missed / (1 - missed));
}

static double with_two(const struct slide *m, double alpha) {
    double missed = (1 - m->f) * (1 - m->beta);
    return m->classes * m->f * m->f * (1 - m->beta) * alpha * pow(m->beta, alpha) *
           (2 - (1 - alpha) * missed) / (2 * pow(1 - missed, alpha + 2));
}

/* The alpha that gives so many with one row: beyond its peak it only falls. false: none does. */
static bool find_alpha(const struct slide *m, double ones, double *out) {
    enum { HALVINGS = 80 };
    double missed = (1 - m->f) * (1 - m->beta), odds = missed / (1 - missed);
    double low = fmax(-1 / log(m->beta / (1 - missed)) - 1 / odds, 0), high = fmax(2 * low, 1);
    if (with_one(m, low) < ones)
        return false;
    while (with_one(m, high) > ones && high < 1e12)
        high *= 2;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (with_one(m, middle) > ones)
            low = middle;
        else
            high = middle;
    }
    *out = (low + high) / 2;
    return *out > 0 && high < 1e12;
}

/* By how many the classes with two rows are too many; false where there is no alpha. */
static bool too_many_twos(const struct sizes *s, struct slide *m, double odds, double *alpha,
                          double *out) {
    m->beta = 1 / (1 + exp(-odds));
    if (!find_alpha(m, s->ones, alpha))
        return false;
    *out = with_two(m, *alpha) - s->twos;
    return isfinite(*out);
}

/* Along the betas, by their log odds, to where the sign changes, and there by halving. */
static bool fit_slide(const struct sizes *s, double population, double *out) {
    enum { HALVINGS = 80 };
    const double from = -14, to = 14, step = 0.05;
    struct slide m = {.f = s->rows / population};
    double before = 0, now, alpha, low = 0;
    bool has_before = false, is_found = false;
    if (s->ones == 0 || s->twos == 0 || m.f >= 1)
        return false;
    m.classes = shlosser(s, m.f);
    for (double odds = from; odds <= to && !is_found; odds += step) {
        bool has = too_many_twos(s, &m, odds, &alpha, &now);
        is_found = has && has_before && (before > 0) != (now > 0);
        low = odds - step;
        before = has && !is_found ? now : before;
        has_before = has;
    }
    double high = low + step;
    for (int i = 0; is_found && i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        is_found = too_many_twos(s, &m, middle, &alpha, &now);
        if ((now > 0) == (before > 0))
            low = middle;
        else
            high = middle;
    }
    if (!is_found)
        return false;
    *out = m.classes * pow(m.beta, alpha) / population;
    return *out >= 0 && *out <= 1;
}

/* ---- All ---- */

static double choose(const struct protect_uniqueness *u) {
    if (u->sampled <= 0.1)
        return u->has_pitman ? u->pitman : u->zayatz;
    return u->has_slide && u->slide < u->zayatz ? u->slide : u->zayatz;
}

static enum pd_status estimate(const struct protect_tuples *groups, const bool *stays,
                               uint64_t population, struct protect_uniqueness *out,
                               struct pd_error *err) {
    struct sizes s = {0};
    if (!count_sizes(groups, stays, &s))
        return pd_fail_memory(err);
    enum pd_status st = PD_OK;
    if (s.rows > (double)population)
        st = pd_fail(err, PD_USAGE,
                     "a population of %" PRIu64 " is smaller than the table's %.0f rows", population,
                     s.rows);
    *out = (struct protect_uniqueness){0};
    if (st == PD_OK && s.rows > 0) {
        out->zayatz = zayatz(&s, (double)population);
        out->has_pitman = fit_pitman(&s, (double)population, &out->pitman);
        out->has_slide = fit_slide(&s, (double)population, &out->slide);
        out->sampled = s.rows / (double)population;
        out->estimate = choose(out);
        out->journalist = out->sampled / (double)s.list[0].rows;
        out->marketer = out->sampled * s.classes / s.rows;
    }
    free(s.list);
    return st;
}

enum pd_status protect_uniqueness(const struct protect_classes *classes,
                                  const struct protect_plan *plan, uint64_t population,
                                  struct protect_uniqueness *out, struct pd_error *err) {
    if (plan == NULL)
        return estimate(&classes->tuples, NULL, population, out, err);
    struct protect_tuples made = {0};
    uint32_t *group_of = calloc((size_t)classes->tuples.count + 1, sizeof(*group_of));
    bool *stays = NULL;
    enum pd_status st = group_of == NULL ? pd_fail_memory(err)
                                         : protect_classes_group_by_plan(classes, plan, &made,
                                                                         group_of, err);
    if (st == PD_OK && (stays = calloc((size_t)made.count + 1, sizeof(*stays))) == NULL)
        st = pd_fail_memory(err);
    if (st == PD_OK)
        st = protect_plan_judge(classes, plan, &made, group_of, stays, err);
    if (st == PD_OK)
        st = estimate(&made, stays, population, out, err);
    protect_tuples_clear(&made);
    free(group_of);
    free(stays);
    return st;
}
