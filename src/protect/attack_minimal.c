/* The attacker who knows that loss was minimised. */
#include "protect/attack_impl.h"

#include <math.h>
#include <stdlib.h>

static const double EQUAL = 1e-9; /* chances closer than this are the same */

/* The rows of one finer class that have one value. */
struct count {
    uint32_t coarse, fine, value;
    uint64_t rows;
};

/* ---- Classes under steps ---- */

static void free_maps(uint32_t **maps, size_t count) {
    for (size_t i = 0; maps && i < count; i++)
        free(maps[i]);
    free(maps);
}

static uint32_t **make_maps(const struct protect_classes *table, struct protect_known known,
                            const struct protect_step *const *steps,
                            struct protect_budget *budget) {
    uint32_t **maps = calloc(known.count, sizeof(*maps));
    for (size_t i = 0; maps && i < known.count; i++) {
        bool is_kept =
            !steps[i] || steps[i]->method == PROTECT_KEEP || steps[i]->method == PROTECT_PSEUDONYM;
        if (!is_kept && !protect_classes_map(table, known.columns[i], steps[i], budget, &maps[i])) {
            free_maps(maps, known.count);
            return NULL;
        }
    }
    return maps;
}

/* Each tuple's class under the steps. */
static bool group(const struct protect_classes *table, struct protect_known known,
                  const struct protect_step *const *steps, struct protect_budget *budget,
                  uint32_t *class_of) {
    struct protect_tuples classes = {.width = known.count};
    uint32_t **maps = make_maps(table, known, steps, budget), id;
    uint32_t *row = calloc(known.count, sizeof(*row));
    bool fits = maps && row;
    for (uint32_t t = 0; fits && t < table->tuples.count; t++) {
        const uint32_t *ids = table->tuples.ids + (size_t)t * table->column_count;
        for (size_t i = 0; i < known.count; i++)
            row[i] = maps[i] ? maps[i][ids[known.columns[i]]] : ids[known.columns[i]];
        fits = protect_tuples_add(&classes, budget, table->seed, row, table->tuples.rows[t], &id);
        class_of[t] = id;
    }
    free(row);
    free_maps(maps, known.count);
    protect_tuples_clear(&classes);
    return fits;
}

/* ---- One class of the release ---- */

struct deal {
    size_t parts;
    uint64_t rows, size[PROTECT_MINIMALITY_PARTS];
    uint64_t cap[PROTECT_MINIMALITY_PARTS]; /* rows of one value that a diverse part has at most */
    struct likeliest {
        double chance;
        uint64_t rows, ties; /* that have it in truth, of all values that are as likely */
    } best[PROTECT_MINIMALITY_PARTS];
    double *before, *after; /* room for (parts + 1) x (rows + 1) each */
};

/* The binomial distribution's share of x among n at p, both ends included. */
static double binomial(uint64_t n, double p, uint64_t x) {
    double rest = (double)(n - x), taken = (double)x;
    double log_share = lgamma((double)n + 1) - lgamma(taken + 1) - lgamma(rest + 1);
    log_share += x ? taken * log(p) : 0;
    log_share += n - x ? rest * log1p(-p) : 0;
    return exp(log_share);
}

/* out = in, with the x of one part more, at most its cap, all sums up to `total`. */
static void add_part(const struct deal *d, size_t part, double p, uint64_t total, const double *in,
                     double *out) {
    for (uint64_t s = 0; s <= total; s++)
        out[s] = 0;
    for (uint64_t x = 0; x <= d->cap[part] && x <= total; x++) {
        double share = binomial(d->size[part], p, x);
        for (uint64_t s = x; s <= total; s++)
            out[s] += share * in[s - x];
    }
}

/*
 * How likely a person of each part has a value of `total` rows in all, if some part is not diverse.
 * All ways to deal the rows out are equally likely: the binomial distributions of the parts, given
 * their sum. *is_possible is false if every way leaves all parts diverse.
 */
static void find_chances(struct deal *d, uint64_t total, double chance[], bool *is_possible) {
    double p = (double)total / (double)d->rows, all = binomial(d->rows, p, total);
    uint64_t width = total + 1;
    double *before = d->before, *after = d->after;
    for (uint64_t s = 0; s <= total; s++)
        before[s] = after[d->parts * width + s] = s == 0;
    for (size_t i = 0; i < d->parts; i++)
        add_part(d, i, p, total, before + i * width, before + (i + 1) * width);
    for (size_t i = d->parts; i-- > 0;)
        add_part(d, i, p, total, after + (i + 1) * width, after + i * width);
    double diverse = before[d->parts * width + total] / all;
    *is_possible = diverse < 1 - 1e-12;
    for (size_t i = 0; *is_possible && i < d->parts; i++) {
        double expected = 0; /* rows of the part that have the value, where all parts are diverse */
        for (uint64_t x = 1; x <= d->cap[i] && x <= total; x++) {
            double others = 0;
            for (uint64_t s = 0; s <= total - x; s++)
                others += before[i * width + s] * after[(i + 1) * width + total - x - s];
            expected += (double)x * binomial(d->size[i], p, x) * others / all;
        }
        double rows = (double)d->size[i];
        chance[i] = fmin(1, fmax(0, (rows * p - expected) / (1 - diverse) / rows));
    }
}

/* counts: of one class of the release, in the order of value and part. */
static void guess(struct deal *d, const struct count *counts, size_t n, const uint32_t *part_of) {
    double chance[PROTECT_MINIMALITY_PARTS];
    for (size_t i = 0, end; i < n; i = end) {
        uint64_t total = 0, actual[PROTECT_MINIMALITY_PARTS] = {0};
        for (end = i; end < n && counts[end].value == counts[i].value; end++) {
            total += counts[end].rows;
            actual[part_of[end]] += counts[end].rows;
        }
        bool is_possible = false;
        if (total < d->rows)
            find_chances(d, total, chance, &is_possible);
        for (size_t part = 0; part < d->parts; part++) {
            double likely = is_possible ? chance[part] : (double)total / (double)d->rows;
            struct likeliest *best = &d->best[part];
            if (likely > best->chance + EQUAL)
                *best = (struct likeliest){likely, actual[part], 1};
            else if (likely > best->chance - EQUAL)
                *best = (struct likeliest){best->chance, best->rows + actual[part], best->ties + 1};
        }
    }
}

static void score(const struct deal *d, uint64_t l, struct protect_attack *a) {
    for (size_t part = 0; part < d->parts; part++) {
        const struct likeliest *best = &d->best[part];
        if (best->chance <= 1 / (double)l + EQUAL)
            continue;
        a->attempts += d->size[part];
        a->hits += (double)best->rows / (double)best->ties;
        a->certain += best->chance > 1 - EQUAL && best->ties == 1 ? best->rows : 0;
    }
}

/* ---- All classes ---- */

static int by_class_then_value(const void *x, const void *y) {
    const struct count *a = x, *b = y;
    if (a->coarse != b->coarse)
        return a->coarse < b->coarse ? -1 : 1;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return (a->fine > b->fine) - (a->fine < b->fine);
}

/* Numbers the finer classes of one class; false: there are too many, or too many rows. */
static bool split(struct deal *d, const struct count *counts, size_t n, uint64_t l,
                  uint32_t *part_of) {
    uint32_t fine[PROTECT_MINIMALITY_PARTS];
    d->parts = 0;
    d->rows = 0;
    for (size_t i = 0; i < n; i++) {
        size_t part = 0;
        while (part < d->parts && fine[part] != counts[i].fine)
            part++;
        if (part == PROTECT_MINIMALITY_PARTS)
            return false;
        if (part == d->parts) {
            fine[d->parts] = counts[i].fine;
            d->size[d->parts++] = 0;
        }
        part_of[i] = (uint32_t)part;
        d->size[part] += counts[i].rows;
        d->rows += counts[i].rows;
    }
    for (size_t part = 0; part < d->parts; part++) {
        d->cap[part] = d->size[part] / l;
        d->best[part] = (struct likeliest){0};
    }
    return d->rows <= PROTECT_MINIMALITY_ROWS;
}

static struct count *list_counts(const struct protect_classes *table, struct protect_known known,
                                 size_t sensitive, const struct protect_step *const *coarse,
                                 const struct protect_step *const *fine) {
    struct protect_budget budget = {.limit = table->budget.limit};
    size_t n = table->tuples.count;
    uint32_t *coarse_of = calloc(n + 1, sizeof(*coarse_of)),
             *fine_of = calloc(n + 1, sizeof(*fine_of));
    struct count *counts = calloc(n + 1, sizeof(*counts));
    bool fits = coarse_of && fine_of && counts && group(table, known, coarse, &budget, coarse_of) &&
                group(table, known, fine, &budget, fine_of);
    for (size_t t = 0; fits && t < n; t++)
        counts[t] = (struct count){.coarse = coarse_of[t],
                                   .fine = fine_of[t],
                                   .value = table->tuples.ids[t * table->column_count + sensitive],
                                   .rows = table->tuples.rows[t]};
    free(coarse_of);
    free(fine_of);
    if (fits) {
        qsort(counts, n, sizeof(*counts), by_class_then_value);
        return counts;
    }
    free(counts);
    return NULL;
}

enum pd_status protect_attack_minimal(const struct protect_classes *original,
                                      struct protect_known known, size_t sensitive,
                                      const struct protect_step *const *coarse,
                                      const struct protect_step *const *fine, uint64_t l,
                                      struct protect_attack *out, struct pd_error *err) {
    enum pd_status st = attack_check(original, known, sensitive, err);
    if (st == PD_OK && (sensitive == ATTACK_NO_COLUMN || l < 2))
        st = pd_fail(err, PD_USAGE, "minimality needs a sensitive column and an l of at least 2");
    if (st != PD_OK)
        return st;
    size_t n = original->tuples.count,
           room = (PROTECT_MINIMALITY_PARTS + 1) * (PROTECT_MINIMALITY_ROWS + 1);
    struct count *counts = list_counts(original, known, sensitive, coarse, fine);
    uint32_t *part_of = calloc(n + 1, sizeof(*part_of));
    struct deal *d = calloc(1, sizeof(*d));
    struct protect_attack a = {.kind = PROTECT_ATTACK_MINIMALITY, .baseline = 1 / (double)l};
    bool fits = counts && part_of && d;
    if (fits) {
        d->before = calloc(room, sizeof(*d->before));
        d->after = calloc(room, sizeof(*d->after));
        fits = d->before && d->after;
    }
    for (size_t i = 0, end; fits && i < n; i = end) {
        for (end = i; end < n && counts[end].coarse == counts[i].coarse; end++)
            ;
        if (split(d, counts + i, end - i, l, part_of + i)) {
            guess(d, counts + i, end - i, part_of + i);
            score(d, l, &a);
        }
    }
    if (d) {
        free(d->before);
        free(d->after);
    }
    free(d);
    free(part_of);
    free(counts);
    if (!fits)
        return attack_fail_memory(err);
    protect_attack_rate(&a);
    *out = a;
    return PD_OK;
}
