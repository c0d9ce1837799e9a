/*
 * Columns two by two, over all rows: Pearson's correlation of numbers, Cramer's V of categories.
 * Rows in which either cell is empty don't count. Sums are taken of differences from the mean that
 * the first reading found, so that nothing cancels out.
 */
#include "inspect/deep_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST = 24,       /* numeric columns, and as many of categories */
    VALUES = 64,     /* of a category, empty included */
    SLOTS = 256,     /* where they are looked up */
    NUMBERS_FEW = 10 /* a whole number of at most so many values is a category, too */
};

struct moments {
    uint64_t rows;
    double x, y, xx, yy, xy;
};

struct category {
    uint64_t hashes[SLOTS];
    uint8_t ids[SLOTS]; /* 0: the slot is free */
    unsigned used;
    bool is_over; /* more values than VALUES: the file has changed */
};

struct deep_pairs {
    size_t number_at[MOST], category_at[MOST]; /* columns of the table */
    size_t numbers, categories;
    double mean[MOST];
    struct moments *moments; /* numbers x numbers, a < b */
    struct category *category;
    uint64_t *counts; /* categories x categories x VALUES x VALUES, a < b */
    double *number;   /* of the batch at hand, column by column */
    uint8_t *id;
    size_t room; /* rows */
};

static bool is_number(const struct inspect_column *c) {
    return (c->type == INSPECT_INTEGER || c->type == INSPECT_DECIMAL) && !c->is_formatted &&
           c->has_mean && c->role != INSPECT_DIRECT && c->distinct.value > 1;
}

static bool is_category(const struct inspect_column *c) {
    bool is_few = c->distinct.is_exact && c->distinct.value > 1;
    if (c->type == INSPECT_INTEGER)
        return is_few && c->distinct.value <= NUMBERS_FEW;
    return is_few && c->distinct.value <= INSPECT_CATEGORIES &&
           (c->type == INSPECT_TEXT || c->type == INSPECT_BOOLEAN);
}

struct deep_pairs *deep_pairs_new(const struct inspection *first) {
    struct deep_pairs *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    for (size_t c = 0; c < first->column_count; c++) {
        const struct inspect_column *column = &first->columns[c];
        if (p->numbers < MOST && is_number(column)) {
            p->mean[p->numbers] = column->mean;
            p->number_at[p->numbers++] = c;
        }
        if (p->categories < MOST && is_category(column))
            p->category_at[p->categories++] = c;
    }
    p->moments = calloc(p->numbers * p->numbers + 1, sizeof(*p->moments));
    p->category = calloc(p->categories + 1, sizeof(*p->category));
    p->counts = calloc(p->categories * p->categories * VALUES * VALUES + 1, sizeof(*p->counts));
    if (!p->moments || !p->category || !p->counts) {
        deep_pairs_free(p);
        return NULL;
    }
    return p;
}

void deep_pairs_free(struct deep_pairs *p) {
    if (!p)
        return;
    free(p->moments);
    free(p->category);
    free(p->counts);
    free(p->number);
    free(p->id);
    free(p);
}

static bool make_room(struct deep_pairs *p, size_t rows) {
    if (rows <= p->room)
        return true;
    double *number = realloc(p->number, (p->numbers * rows + 1) * sizeof(*number));
    if (!number)
        return false;
    p->number = number;
    uint8_t *id = realloc(p->id, p->categories * rows + 1);
    if (!id)
        return false;
    p->id = id;
    p->room = rows;
    return true;
}

/* Less the mean; NaN for what is no number. */
static void read_numbers(struct deep_pairs *p, const struct table_batch *batch, size_t n) {
    for (size_t r = 0; r < batch->rows; r++) {
        pd_str cell = pd_str_trim(table_cell_text(batch, p->number_at[n], r));
        struct inspect_value value = inspect_value_of(cell);
        bool is_one = value.type == INSPECT_INTEGER || value.type == INSPECT_DECIMAL;
        p->number[n * p->room + r] = is_one ? value.number - p->mean[n] : NAN;
    }
}

/* The number of the category, from 1; 0 for an empty cell, or one too many. */
static uint8_t id_of(struct category *category, pd_str cell, uint64_t seed) {
    if (cell.len == 0)
        return 0;
    uint64_t hash = sketch_hash(cell.data, cell.len, seed);
    size_t i = (size_t)hash & (SLOTS - 1);
    while (category->ids[i] != 0 && category->hashes[i] != hash)
        i = (i + 1) & (SLOTS - 1);
    if (category->ids[i] != 0)
        return category->ids[i];
    if (category->used == VALUES - 1) {
        category->is_over = true;
        return 0;
    }
    category->hashes[i] = hash;
    return category->ids[i] = (uint8_t)++category->used;
}

static void add_moments(struct moments *m, const double *x, const double *y, size_t rows) {
    for (size_t r = 0; r < rows; r++) {
        if (isnan(x[r]) || isnan(y[r]))
            continue;
        m->rows++;
        m->x += x[r];
        m->y += y[r];
        m->xx += x[r] * x[r];
        m->yy += y[r] * y[r];
        m->xy += x[r] * y[r];
    }
}

static uint64_t *counts_of(const struct deep_pairs *p, size_t a, size_t b) {
    return p->counts + (a * p->categories + b) * VALUES * VALUES;
}

bool deep_pairs_feed(struct deep_pairs *p, const struct table_batch *batch, uint64_t seed) {
    if (!make_room(p, batch->rows))
        return false;
    for (size_t n = 0; n < p->numbers; n++)
        read_numbers(p, batch, n);
    for (size_t c = 0; c < p->categories; c++)
        for (size_t r = 0; r < batch->rows; r++)
            p->id[c * p->room + r] = id_of(
                &p->category[c], pd_str_trim(table_cell_text(batch, p->category_at[c], r)), seed);
    for (size_t a = 0; a < p->numbers; a++)
        for (size_t b = a + 1; b < p->numbers; b++)
            add_moments(&p->moments[a * p->numbers + b], p->number + a * p->room,
                        p->number + b * p->room, batch->rows);
    for (size_t a = 0; a < p->categories; a++)
        for (size_t b = a + 1; b < p->categories; b++) {
            uint64_t *counts = counts_of(p, a, b);
            const uint8_t *x = p->id + a * p->room, *y = p->id + b * p->room;
            for (size_t r = 0; r < batch->rows; r++)
                counts[(size_t)x[r] * VALUES + y[r]]++;
        }
    return true;
}

/* NaN if it is not defined: fewer than two rows, or one column always the same in them. */
static double pearson(const struct moments *m) {
    double n = (double)m->rows;
    double xx = m->xx - m->x * m->x / n, yy = m->yy - m->y * m->y / n;
    if (m->rows < 2 || !(xx > 0) || !(yy > 0))
        return NAN;
    double r = (m->xy - m->x * m->y / n) / (sqrt(xx) * sqrt(yy));
    return r > 1 ? 1 : r < -1 ? -1 : r;
}

/* Cramer 1946: the square root of chi-squared over rows and the smaller side less one. */
static double cramer(const uint64_t *counts, uint64_t *rows) {
    double across[VALUES] = {0}, down[VALUES] = {0}, n = 0, sum = 0;
    for (int i = 1; i < VALUES; i++)
        for (int k = 1; k < VALUES; k++) {
            double count = (double)counts[i * VALUES + k];
            across[i] += count;
            down[k] += count;
            n += count;
        }
    int width = 0, height = 0;
    for (int i = 1; i < VALUES; i++) {
        height += across[i] > 0;
        width += down[i] > 0;
    }
    int least = width < height ? width : height;
    *rows = (uint64_t)n;
    if (least < 2)
        return NAN;
    for (int i = 1; i < VALUES; i++)
        for (int k = 1; k < VALUES; k++) {
            double count = (double)counts[i * VALUES + k];
            sum += count > 0 ? count * count / (across[i] * down[k]) : 0;
        }
    double v = sqrt((sum - 1) / (least - 1));
    return !(v > 0) ? 0 : v > 1 ? 1 : v;
}

/* The strongest first. */
static bool comes_before(const struct inspect_pair *a, const struct inspect_pair *b) {
    double x = fabs(a->value), y = fabs(b->value);
    return x != y ? x > y : a->a != b->a ? a->a < b->a : a->b < b->b;
}

static void keep(struct inspect_relations *out, struct inspect_pair *pairs,
                 struct inspect_pair pair) {
    if (isnan(pair.value))
        return;
    size_t n = out->pair_count;
    if (n == INSPECT_PAIRS && !comes_before(&pair, &pairs[n - 1]))
        return;
    size_t at = n < INSPECT_PAIRS ? out->pair_count++ : n - 1;
    for (; at > 0 && comes_before(&pair, &pairs[at - 1]); at--)
        pairs[at] = pairs[at - 1];
    pairs[at] = pair;
}

bool deep_pairs_tell(const struct deep_pairs *p, struct pd_arena *arena,
                     struct inspect_relations *out) {
    struct inspect_pair *pairs = pd_arena_array(arena, INSPECT_PAIRS, sizeof(*pairs));
    if (!pairs)
        return false;
    out->pairs = pairs;
    for (size_t a = 0; a < p->numbers; a++)
        for (size_t b = a + 1; b < p->numbers; b++) {
            const struct moments *m = &p->moments[a * p->numbers + b];
            keep(out, pairs,
                 (struct inspect_pair){p->number_at[a], p->number_at[b], INSPECT_PEARSON,
                                       pearson(m), m->rows});
        }
    for (size_t a = 0; a < p->categories; a++)
        for (size_t b = a + 1; b < p->categories; b++) {
            uint64_t rows;
            double v = cramer(counts_of(p, a, b), &rows);
            if (!p->category[a].is_over && !p->category[b].is_over)
                keep(out, pairs,
                     (struct inspect_pair){p->category_at[a], p->category_at[b], INSPECT_CRAMERS_V,
                                           v, rows});
        }
    return true;
}
