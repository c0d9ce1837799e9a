/* Mondrian: parts are spans of one array of tuples, cut in place until none can be. */
#include "protect/mondrian.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LIMIT ((size_t)1 << 30)

enum { BINS = 256, SPANS_MAX = 64 }; /* the larger side waits: each waiting one halves the rest */

struct span {
    uint32_t first, count;
};

struct work {
    const struct protect_mondrian_task *task;
    size_t width;             /* numbers of a tuple */
    uint32_t *tuples, *aside; /* those that stand for rows; room for a right side */
    uint64_t *seen, stamp;    /* per sensitive value, when it was seen last */
    uint64_t finished, total; /* rows */
    struct protect_mondrian made;
};

static uint32_t code_of(const struct work *w, uint32_t tuple, size_t column) {
    return w->task->data.codes[(size_t)tuple * w->width + column];
}

static uint64_t rows_of(const struct work *w, uint32_t tuple) {
    return w->task->data.rows ? w->task->data.rows[tuple] : 1;
}

/* ---- What is asked of a part ---- */

static uint64_t count_rows(const struct work *w, const uint32_t *tuples, size_t count) {
    uint64_t rows = 0;
    for (size_t i = 0; i < count; i++)
        rows += rows_of(w, tuples[i]);
    return rows;
}

static uint64_t count_distinct(struct work *w, const uint32_t *tuples, size_t count) {
    uint64_t distinct = 0;
    w->stamp++;
    for (size_t i = 0; i < count; i++) {
        uint32_t value = code_of(w, tuples[i], w->task->data.quasi_count + w->task->sensitive);
        distinct += w->seen[value] != w->stamp;
        w->seen[value] = w->stamp;
    }
    return distinct;
}

static bool holds(struct work *w, const uint32_t *tuples, size_t count) {
    return count > 0 && count_rows(w, tuples, count) >= w->task->k &&
           (w->task->distinct_l < 2 || count_distinct(w, tuples, count) >= w->task->distinct_l);
}

/* ---- Where to cut ---- */

static void find_range(const struct work *w, struct span s, size_t column, uint32_t *lowest,
                       uint32_t *highest) {
    *lowest = UINT32_MAX;
    *highest = 0;
    for (uint32_t i = 0; i < s.count; i++) {
        uint32_t v = code_of(w, w->tuples[s.first + i], column);
        *lowest = v < *lowest ? v : *lowest;
        *highest = v > *highest ? v : *highest;
    }
}

/* The least value by which half of the rows are reached, byte by byte from the highest: a sort
   would take longer, and no table can make this slow. */
static uint32_t find_median(const struct work *w, struct span s, size_t column, uint32_t lowest,
                            uint32_t highest) {
    uint64_t rows = count_rows(w, w->tuples + s.first, s.count), below = 0, bins[BINS];
    uint32_t found = 0;
    int shift = 0;
    while (shift < 24 && (highest - lowest) >> shift >= BINS)
        shift += 8;
    for (int top = shift + 8; shift >= 0; top = shift, shift -= 8) {
        memset(bins, 0, sizeof(bins));
        for (uint32_t i = 0; i < s.count; i++) {
            uint32_t t = w->tuples[s.first + i], v = code_of(w, t, column) - lowest;
            if ((uint64_t)v >> top == (uint64_t)found >> top)
                bins[v >> shift & (BINS - 1)] += rows_of(w, t);
        }
        uint32_t bin = 0;
        while (2 * (below + bins[bin]) < rows)
            below += bins[bin++];
        found |= bin << shift;
    }
    return lowest + found;
}

/*
 * Puts the tuples up to `last` to the left, of equal ones as many as `ties` rows need; order is
 * kept on both sides. Returns how many are left.
 */
static uint32_t divide(struct work *w, struct span s, size_t column, uint32_t last, uint64_t ties) {
    uint32_t left = 0, right = 0, *tuples = w->tuples + s.first;
    uint64_t taken = 0;
    for (uint32_t i = 0; i < s.count; i++) {
        uint32_t t = tuples[i], v = code_of(w, t, column);
        if (v < last || (v == last && taken < ties)) {
            taken += v == last ? rows_of(w, t) : 0;
            tuples[left++] = t;
        } else {
            w->aside[right++] = t;
        }
    }
    memcpy(tuples + left, w->aside, right * sizeof(*tuples));
    return left;
}

static bool cut_holds(struct work *w, struct span s, uint32_t left) {
    return holds(w, w->tuples + s.first, left) &&
           holds(w, w->tuples + s.first + left, s.count - left);
}

/* How many tuples come to lie left of a cut in this column; 0 if there is none that holds. */
static uint32_t cut_column(struct work *w, struct span s, size_t column, uint32_t lowest,
                           uint32_t highest) {
    uint32_t median = find_median(w, s, column, lowest, highest), left;
    if (w->task->kind == PROTECT_MONDRIAN_RELAXED) {
        uint64_t rows = 0, below = 0;
        for (uint32_t i = 0; i < s.count; i++) {
            uint32_t t = w->tuples[s.first + i];
            rows += rows_of(w, t);
            below += code_of(w, t, column) < median ? rows_of(w, t) : 0;
        }
        left = divide(w, s, column, median, (rows + 1) / 2 - below);
        return cut_holds(w, s, left) ? left : 0;
    }
    left = divide(w, s, column, median, UINT64_MAX);
    if (cut_holds(w, s, left))
        return left;
    left = divide(w, s, column, median, 0);
    return cut_holds(w, s, left) ? left : 0;
}

/* Columns by how wide the part is in them; 0 if the part stays whole. */
static uint32_t cut(struct work *w, struct span s) {
    uint32_t lowest[PROTECT_QUASI_MAX], highest[PROTECT_QUASI_MAX], left = 0;
    double wide[PROTECT_QUASI_MAX];
    size_t columns = w->task->data.quasi_count;
    for (size_t c = 0; c < columns; c++) {
        uint32_t values = w->task->data.hierarchies[c]->values;
        find_range(w, s, c, &lowest[c], &highest[c]);
        wide[c] = values > 1 ? (double)(highest[c] - lowest[c]) / (values - 1) : 0;
    }
    for (size_t tried = 0; tried < columns && left == 0; tried++) {
        size_t widest = 0;
        for (size_t c = 1; c < columns; c++)
            widest = wide[c] > wide[widest] ? c : widest;
        if (wide[widest] <= 0)
            break;
        left = cut_column(w, s, widest, lowest[widest], highest[widest]);
        wide[widest] = 0;
    }
    return left;
}

/* ---- Parts ---- */

static void finish_part(struct work *w, struct span s) {
    struct protect_mondrian *m = &w->made;
    size_t columns = w->task->data.quasi_count;
    uint32_t part = m->count++;
    m->rows[part] = count_rows(w, w->tuples + s.first, s.count);
    m->smallest = part == 0 || m->rows[part] < m->smallest ? m->rows[part] : m->smallest;
    m->discernibility += (double)m->rows[part] * (double)m->rows[part];
    for (uint32_t i = 0; i < s.count; i++)
        m->part_of[w->tuples[s.first + i]] = part;
    for (size_t c = 0; c < columns; c++) {
        uint32_t values = w->task->data.hierarchies[c]->values;
        uint32_t *low = &m->lowest[part * columns + c], *high = &m->highest[part * columns + c];
        find_range(w, s, c, low, high);
        if (values > 1)
            m->granularity += (double)m->rows[part] * (*high - *low) / (values - 1);
    }
    w->finished += m->rows[part];
}

static enum pd_status cut_all(struct work *w, uint32_t count, struct pd_error *err) {
    struct span waiting[SPANS_MAX] = {{0, count}};
    size_t top = 1;
    while (top > 0) {
        struct span s = waiting[--top];
        uint32_t left = cut(w, s);
        if (left == 0) {
            finish_part(w, s);
        } else {
            struct span a = {s.first, left}, b = {s.first + left, s.count - left};
            waiting[top++] = a.count > b.count ? a : b;
            waiting[top++] = a.count > b.count ? b : a;
        }
        if (w->task->is_cancelled && w->task->is_cancelled(w->task->context, w->finished, w->total))
            return pd_fail(err, PD_UNAVAILABLE,
                           "the cutting was stopped with %" PRIu64 " of %" PRIu64 " rows in parts",
                           w->finished, w->total);
    }
    w->made.granularity /= (double)w->total * (double)w->task->data.quasi_count;
    return PD_OK;
}

/* ---- Beginning and ending ---- */

size_t protect_mondrian_bytes(const struct protect_microdata *d) {
    size_t each = 3 * sizeof(uint32_t) + sizeof(uint64_t) +
                  2 * d->quasi_count * sizeof(uint32_t), /* as many parts as tuples */
        bytes, seen = 0;
    for (size_t s = 0; s < d->sensitive_count; s++)
        seen = d->sensitive_sizes[s] > seen ? d->sensitive_sizes[s] : seen;
    if (!pd_mul(d->count + 1, each, &bytes) || !pd_add(bytes, seen * sizeof(uint64_t), &bytes))
        return SIZE_MAX;
    return bytes;
}

static enum pd_status check_task(const struct protect_mondrian_task *t, struct pd_error *err) {
    const struct protect_microdata *d = &t->data;
    size_t bytes = protect_mondrian_bytes(d),
           limit = t->limit_bytes ? t->limit_bytes : DEFAULT_LIMIT;
    if (d->quasi_count == 0 || d->quasi_count > PROTECT_QUASI_MAX ||
        d->sensitive_count > PROTECT_QUASI_MAX)
        return pd_fail(err, PD_USAGE,
                       "Mondrian takes 1 to %d quasi columns and at most as many sensitive ones",
                       PROTECT_QUASI_MAX);
    if (t->k == 0)
        return pd_fail(err, PD_USAGE, "k must be at least 1");
    if (t->distinct_l > 1 && t->sensitive >= d->sensitive_count)
        return pd_fail(err, PD_USAGE, "there is no sensitive column %zu for distinct l",
                       t->sensitive);
    if (bytes > limit || d->count >= UINT32_MAX)
        return pd_fail(err, PD_LIMIT,
                       "cutting %zu tuples of %zu quasi columns needs %zu bytes; %zu are allowed: "
                       "name fewer quasi columns, or raise the limit",
                       d->count, d->quasi_count, bytes, limit);
    return PD_OK;
}

/* Tuples that stand for rows, each number checked. */
static enum pd_status take_tuples(struct work *w, uint32_t *count, struct pd_error *err) {
    const struct protect_microdata *d = &w->task->data;
    *count = 0;
    for (size_t t = 0; t < d->count; t++) {
        for (size_t c = 0; c < w->width; c++) {
            uint32_t values = c < d->quasi_count ? d->hierarchies[c]->values
                                                 : d->sensitive_sizes[c - d->quasi_count];
            if (d->codes[t * w->width + c] >= values)
                return pd_fail(err, PD_INVALID,
                               "tuple %zu has the number %" PRIu32 " in column %zu, of %" PRIu32, t,
                               d->codes[t * w->width + c], c, values);
        }
        uint64_t rows = rows_of(w, (uint32_t)t);
        if (rows > UINT32_MAX - w->total)
            return pd_fail(err, PD_LIMIT, "at most %" PRIu32 " rows can be cut", UINT32_MAX);
        w->total += rows;
        w->made.part_of[t] = UINT32_MAX;
        if (rows > 0)
            w->tuples[(*count)++] = (uint32_t)t;
    }
    if (w->total < w->task->k)
        return pd_fail(err, PD_INVALID, "the table has %" PRIu64 " rows, fewer than k=%" PRIu64,
                       w->total, w->task->k);
    if (!holds(w, w->tuples, *count))
        return pd_fail(err, PD_INVALID,
                       "the whole table has fewer than l=%" PRIu64
                       " values in the sensitive column",
                       w->task->distinct_l);
    return PD_OK;
}

static bool make_room(struct work *w) {
    const struct protect_microdata *d = &w->task->data;
    struct protect_mondrian *m = &w->made;
    size_t n = d->count + 1, seen = 1;
    for (size_t s = 0; s < d->sensitive_count; s++)
        seen = d->sensitive_sizes[s] > seen ? d->sensitive_sizes[s] : seen;
    w->tuples = malloc(n * sizeof(*w->tuples));
    w->aside = malloc(n * sizeof(*w->aside));
    w->seen = calloc(seen, sizeof(*w->seen));
    m->part_of = malloc(n * sizeof(*m->part_of));
    m->rows = malloc(n * sizeof(*m->rows));
    m->lowest = malloc(n * d->quasi_count * sizeof(*m->lowest));
    m->highest = malloc(n * d->quasi_count * sizeof(*m->highest));
    return w->tuples && w->aside && w->seen && m->part_of && m->rows && m->lowest && m->highest;
}

enum pd_status protect_mondrian(const struct protect_mondrian_task *task,
                                struct protect_mondrian *out, struct pd_error *err) {
    struct work w = {.task = task, .width = task->data.quasi_count + task->data.sensitive_count};
    uint32_t count = 0;
    enum pd_status st = check_task(task, err);
    if (st != PD_OK)
        return st;
    st = make_room(&w) ? take_tuples(&w, &count, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = cut_all(&w, count, err);
    if (st == PD_OK)
        *out = w.made;
    else
        protect_mondrian_clear(&w.made);
    free(w.tuples);
    free(w.aside);
    free(w.seen);
    return st;
}

void protect_mondrian_clear(struct protect_mondrian *m) {
    free(m->part_of);
    free(m->lowest);
    free(m->highest);
    free(m->rows);
    *m = (struct protect_mondrian){0};
}
