/*
 * Losses. Most are sums over the columns of what each loses on its level, known before anything is
 * counted; suppressed rows add to them. Those of class sizes are known only once a node's classes
 * are.
 */
#include "protect/lattice_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const NAMES[PROTECT_LOSS_COUNT] = {
    [PROTECT_LOSS_ENTROPY] = "entropy",
    [PROTECT_LOSS_ENTROPY_SUPPRESSED] = "entropy_with_suppression",
    [PROTECT_LOSS_DISCERNIBILITY] = "discernibility",
    [PROTECT_LOSS_DISCERNIBILITY_MONOTONIC] = "monotonic_discernibility",
    [PROTECT_LOSS_CLASS_SIZE] = "average_class_size",
    [PROTECT_LOSS_GRANULARITY] = "granularity",
    [PROTECT_LOSS_HEIGHT] = "height",
    [PROTECT_LOSS_GIVEN] = "given",
};

const char *protect_loss_name(enum protect_loss loss) {
    return loss < PROTECT_LOSS_COUNT ? NAMES[loss] : "";
}

struct lattice_losses {
    double floors[PROTECT_QUASI_MAX][PROTECT_LEVELS_MAX]; /* what a column loses on a level */
    double *shares[PROTECT_QUASI_MAX]; /* granularity: [level * values + g], the share of leaves */
    uint64_t *frequencies;             /* entropy of suppressed rows: room for one column */
};

/* ---- What a column loses on a level ---- */

/* Rows of each value of a column. */
static void count_values(const struct lattice *l, size_t column, uint64_t *rows) {
    memset(rows, 0, l->task->data.hierarchies[column]->values * sizeof(*rows));
    for (uint32_t i = 0; i < l->base.count; i++)
        rows[lattice_code(&l->layout, l->base.keys + (size_t)i * l->layout.words, column)] +=
            l->base.rows[i];
}

static double entropy_floor(const struct protect_hierarchy *h, uint32_t level, const uint64_t *rows,
                            uint64_t *made) {
    double sum = 0;
    memset(made, 0, h->sizes[level] * sizeof(*made));
    for (uint32_t v = 0; v < h->values; v++)
        made[h->maps[level][v]] += rows[v];
    for (uint32_t v = 0; v < h->values; v++)
        if (rows[v])
            sum -= (double)rows[v] * log2((double)rows[v] / (double)made[h->maps[level][v]]);
    return sum;
}

static double granularity_floor(const struct lattice *l, size_t column, uint32_t level,
                                const uint64_t *rows, double *shares) {
    const struct protect_hierarchy *h = l->task->data.hierarchies[column];
    double sum = 0;
    for (uint32_t v = 0; v < h->values; v++)
        shares[h->maps[level][v]]++;
    for (uint32_t g = 0; g < h->sizes[level]; g++)
        shares[g] = h->values > 1 ? (shares[g] - 1) / (h->values - 1) : 0;
    for (uint32_t v = 0; v < h->values; v++)
        sum += (double)rows[v] * shares[h->maps[level][v]];
    return sum / (double)l->total / (double)l->layout.quasi;
}

static double height_of(const struct protect_hierarchy *h, uint32_t level) {
    return h->levels > 1 ? (double)level / (h->levels - 1) : 0;
}

static bool make_floors(struct lattice *l, size_t column, uint64_t *rows, uint64_t *made) {
    const struct protect_hierarchy *h = l->task->data.hierarchies[column];
    double *floors = l->losses->floors[column], *shares = NULL;
    count_values(l, column, rows);
    if (l->task->loss == PROTECT_LOSS_GRANULARITY) {
        size_t bytes = (size_t)h->levels * h->values * sizeof(*shares);
        shares = l->losses->shares[column] = lattice_resize(&l->room, NULL, 0, bytes);
        if (!shares)
            return false;
        memset(shares, 0, bytes);
    }
    for (uint32_t level = 0; level < h->levels; level++)
        switch (l->task->loss) {
        case PROTECT_LOSS_ENTROPY:
        case PROTECT_LOSS_ENTROPY_SUPPRESSED:
            floors[level] = entropy_floor(h, level, rows, made);
            break;
        case PROTECT_LOSS_GRANULARITY:
            floors[level] =
                granularity_floor(l, column, level, rows, shares + (size_t)level * h->values);
            break;
        case PROTECT_LOSS_HEIGHT:
            floors[level] = height_of(h, level) / (double)l->layout.quasi;
            break;
        case PROTECT_LOSS_GIVEN:
            floors[level] = l->task->losses[column][level];
            break;
        default: /* of class sizes */
            break;
        }
    return true;
}

enum pd_status lattice_losses_new(struct lattice *l, struct pd_error *err) {
    if (l->task->loss >= PROTECT_LOSS_COUNT)
        return pd_fail(err, PD_USAGE, "there is no loss %d", (int)l->task->loss);
    uint32_t most = 0;
    for (size_t c = 0; c < l->layout.quasi; c++)
        most = l->task->data.hierarchies[c]->values > most ? l->task->data.hierarchies[c]->values
                                                           : most;
    l->losses = calloc(1, sizeof(*l->losses));
    uint64_t *rows = calloc(most, sizeof(*rows));
    bool fits = l->losses && rows;
    if (fits)
        l->losses->frequencies = lattice_resize(&l->room, NULL, 0, most * sizeof(*rows));
    fits = fits && l->losses->frequencies;
    for (size_t c = 0; fits && c < l->layout.quasi; c++)
        fits = make_floors(l, c, rows, l->losses->frequencies);
    free(rows);
    return fits ? PD_OK : pd_fail_memory(err);
}

void lattice_losses_free(struct lattice *l) {
    if (!l->losses)
        return;
    for (size_t c = 0; c < l->layout.quasi; c++)
        free(l->losses->shares[c]);
    free(l->losses->frequencies);
    free(l->losses);
    l->losses = NULL;
}

/* ---- Floors ---- */

bool lattice_loss_is_of_classes(enum protect_loss loss) {
    return loss == PROTECT_LOSS_DISCERNIBILITY || loss == PROTECT_LOSS_DISCERNIBILITY_MONOTONIC ||
           loss == PROTECT_LOSS_CLASS_SIZE;
}

double lattice_loss_floor(const struct lattice *l, const uint8_t *levels) {
    double sum = 0;
    for (size_t c = 0; c < l->layout.quasi; c++)
        sum += l->losses->floors[c][levels[c]];
    return sum;
}

double lattice_loss_floor_counted(const struct lattice *l, const struct lattice_count *count) {
    switch (l->task->loss) {
    case PROTECT_LOSS_DISCERNIBILITY:
    case PROTECT_LOSS_DISCERNIBILITY_MONOTONIC:
        return count->kept_squares + count->failed_squares;
    case PROTECT_LOSS_CLASS_SIZE: /* coarser nodes have no more classes than this one */
        return (double)l->total / (double)(count->kept_classes + count->failed_classes);
    default:
        return 0;
    }
}

/* ---- The loss of a node ---- */

/* How often each of a column's values occurs among the suppressed rows. */
static void count_suppressed(const struct lattice *l, size_t column, uint32_t size,
                             uint64_t *frequencies) {
    memset(frequencies, 0, size * sizeof(*frequencies));
    for (uint32_t i = 0; i < l->now.count; i++)
        if (lattice_has_failed(l, i))
            frequencies[lattice_code(&l->layout, l->now.keys + (size_t)i * l->layout.words,
                                     column)] += l->now.rows[i];
}

static double suppressed_entropy(const struct lattice *l, const uint8_t *levels,
                                 double suppressed) {
    double sum = 0;
    for (size_t c = 0; c < l->layout.quasi; c++) {
        uint32_t size = lattice_size(l, levels, c);
        count_suppressed(l, c, size, l->losses->frequencies);
        for (uint32_t g = 0; g < size; g++) {
            double n = (double)l->losses->frequencies[g];
            if (n > 0)
                sum -= n * log2(n / suppressed);
        }
    }
    return sum;
}

/* What the cells of suppressed rows lose beyond what their values' shares say. */
static double suppressed_shares(const struct lattice *l, const uint8_t *levels) {
    double sum = 0;
    for (size_t c = 0; c < l->layout.quasi; c++) {
        uint32_t size = lattice_size(l, levels, c);
        const double *shares =
            l->losses->shares[c] + (size_t)levels[c] * l->task->data.hierarchies[c]->values;
        count_suppressed(l, c, size, l->losses->frequencies);
        for (uint32_t g = 0; g < size; g++)
            sum += (double)l->losses->frequencies[g] * (1 - shares[g]);
    }
    return sum / (double)l->total / (double)l->layout.quasi;
}

bool lattice_loss_needs_entries(const struct lattice *l, const struct lattice_count *count) {
    return count->failed_rows > 0 && (l->task->loss == PROTECT_LOSS_ENTROPY_SUPPRESSED ||
                                      l->task->loss == PROTECT_LOSS_GRANULARITY);
}

double lattice_loss(const struct lattice *l, const uint8_t *levels,
                    const struct lattice_count *count) {
    double floor = lattice_loss_floor(l, levels), suppressed = (double)count->failed_rows;
    switch (l->task->loss) {
    case PROTECT_LOSS_ENTROPY_SUPPRESSED:
        return suppressed > 0 ? floor + suppressed_entropy(l, levels, suppressed) : floor;
    case PROTECT_LOSS_DISCERNIBILITY:
        return count->kept_squares + suppressed * (double)l->total;
    case PROTECT_LOSS_DISCERNIBILITY_MONOTONIC:
        return count->kept_squares + count->failed_squares;
    case PROTECT_LOSS_CLASS_SIZE:
        return (double)l->total / (double)(count->kept_classes + (count->failed_rows > 0));
    case PROTECT_LOSS_GRANULARITY:
        return suppressed > 0 ? floor + suppressed_shares(l, levels) : floor;
    case PROTECT_LOSS_HEIGHT: {
        double share = suppressed / (double)l->total;
        return floor * (1 - share) + share;
    }
    default:
        return floor;
    }
}
