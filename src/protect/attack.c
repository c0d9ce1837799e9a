/* Attacks on one table: singling out, homogeneity, linkage, differencing. */
#include "protect/attack_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const NAMES[PROTECT_ATTACK_KIND_COUNT] = {
    [PROTECT_ATTACK_SINGLING_OUT] = "singling_out", [PROTECT_ATTACK_HOMOGENEITY] = "homogeneity",
    [PROTECT_ATTACK_MINIMALITY] = "minimality",     [PROTECT_ATTACK_LINKAGE] = "linkage",
    [PROTECT_ATTACK_DIFFERENCING] = "differencing",
};

const char *protect_attack_name(enum protect_attack_kind kind) {
    return kind < PROTECT_ATTACK_KIND_COUNT ? NAMES[kind] : "";
}

/* Wilson (1927): of a share p of n attempts, without the failures of p +- z s at the ends. */
void protect_attack_rate(struct protect_attack *a) {
    static const double Z = 1.959963984540054; /* 97.5 % of the normal distribution */
    a->rate = a->low = a->risk = 0;
    a->high = 1;
    if (a->attempts == 0)
        return;
    double n = (double)a->attempts, p = fmin(a->hits / n, 1);
    double middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
    double half = Z / (1 + Z * Z / n) * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
    a->rate = p;
    a->low = fmax(0, middle - half);
    a->high = fmin(1, middle + half);
    if (p > a->baseline && a->baseline < 1)
        a->risk = (p - a->baseline) / (1 - a->baseline);
}

/* ---- Looking at some of the columns ---- */

enum pd_status attack_check(const struct protect_classes *table, struct protect_known known,
                            size_t sensitive, struct pd_error *err) {
    if (known.count == 0)
        return pd_fail(err, PD_USAGE, "an attacker knows at least one column");
    for (size_t i = 0; i < known.count; i++)
        if (known.columns[i] >= table->column_count ||
            (i > 0 && known.columns[i] <= known.columns[i - 1]) || known.columns[i] == sensitive)
            return pd_fail(err, PD_USAGE, "what the attacker knows are other columns of the table");
    if (sensitive != ATTACK_NO_COLUMN && sensitive >= table->column_count)
        return pd_fail(err, PD_USAGE, "the sensitive column isn't one of the table");
    if (table->rows == 0)
        return pd_fail(err, PD_INVALID, "a table without rows can't be attacked");
    return PD_OK;
}

enum pd_status attack_fail_memory(struct pd_error *err) {
    return pd_fail(err, PD_LIMIT, "the classes of an attack need more memory than is allowed");
}

bool attack_group(const struct protect_classes *table, struct protect_known known,
                  struct protect_budget *budget, struct protect_tuples *out, uint32_t *group_of) {
    uint32_t *row = calloc(known.count, sizeof(*row)), id;
    bool fits = row != NULL;
    out->width = known.count;
    for (uint32_t t = 0; fits && t < table->tuples.count; t++) {
        const uint32_t *ids = table->tuples.ids + (size_t)t * table->column_count;
        for (size_t i = 0; i < known.count; i++)
            row[i] = ids[known.columns[i]];
        fits = protect_tuples_add(out, budget, table->seed, row, table->tuples.rows[t], &id);
        if (fits && group_of != NULL)
            group_of[t] = id;
    }
    free(row);
    return fits;
}

uint64_t attack_most_frequent(const struct protect_values *values) {
    uint64_t most = 0;
    for (uint32_t v = 0; v < values->count; v++)
        most = values->entries[v].rows > most ? values->entries[v].rows : most;
    return most;
}

/* ---- Singling out ---- */

enum pd_status protect_attack_single_out(const struct protect_classes *table,
                                         struct protect_known known, struct protect_attack *out,
                                         struct pd_error *err) {
    enum pd_status st = attack_check(table, known, ATTACK_NO_COLUMN, err);
    if (st != PD_OK)
        return st;
    struct protect_tuples classes = {0};
    struct protect_budget budget = {.limit = table->budget.limit};
    struct protect_attack a = {.kind = PROTECT_ATTACK_SINGLING_OUT,
                               .attempts = table->rows,
                               .baseline = 1 / (double)table->rows};
    bool fits = attack_group(table, known, &budget, &classes, NULL);
    for (uint32_t i = 0; i < classes.count; i++) {
        a.hits += 1; /* of n rows each is the person's with chance 1/n */
        a.certain += classes.rows[i] == 1;
    }
    protect_tuples_clear(&classes);
    if (!fits)
        return attack_fail_memory(err);
    protect_attack_rate(&a);
    *out = a;
    return PD_OK;
}

/* ---- Homogeneity ---- */

/* Classes of the known columns, then of these and the sensitive one. */
struct histogram {
    struct protect_tuples classes; /* of the known columns */
    struct protect_tuples pairs;   /* (class, sensitive value) */
};

static void clear_histogram(struct histogram *h) {
    protect_tuples_clear(&h->classes);
    protect_tuples_clear(&h->pairs);
}

static bool count_histogram(const struct protect_classes *table, struct protect_known known,
                            size_t sensitive, struct protect_budget *budget, struct histogram *h) {
    uint32_t *class_of = calloc(table->tuples.count + 1, sizeof(*class_of)), id;
    bool fits = class_of && attack_group(table, known, budget, &h->classes, class_of);
    h->pairs.width = 2;
    for (uint32_t t = 0; fits && t < table->tuples.count; t++) {
        uint32_t pair[2] = {class_of[t],
                            table->tuples.ids[(size_t)t * table->column_count + sensitive]};
        fits = protect_tuples_add(&h->pairs, budget, table->seed, pair, table->tuples.rows[t], &id);
    }
    free(class_of);
    return fits;
}

enum pd_status protect_attack_infer(const struct protect_classes *table, struct protect_known known,
                                    size_t sensitive, struct protect_attack *out,
                                    struct pd_error *err) {
    enum pd_status st = attack_check(table, known, sensitive, err);
    if (st == PD_OK && sensitive == ATTACK_NO_COLUMN)
        st = pd_fail(err, PD_USAGE, "what is to be inferred is a column of the table");
    if (st != PD_OK)
        return st;
    struct histogram h = {0};
    struct protect_budget budget = {.limit = table->budget.limit};
    bool fits = count_histogram(table, known, sensitive, &budget, &h);
    uint64_t *most = calloc(h.classes.count + 1, sizeof(*most));
    for (uint32_t p = 0; fits && most && p < h.pairs.count; p++) {
        uint32_t class = h.pairs.ids[(size_t)p * 2];
        most[class] = h.pairs.rows[p] > most[class] ? h.pairs.rows[p] : most[class];
    }
    struct protect_attack a = {.kind = PROTECT_ATTACK_HOMOGENEITY,
                               .attempts = table->rows,
                               .baseline = (double)attack_most_frequent(&table->values[sensitive]) /
                                           (double)table->rows};
    for (uint32_t c = 0; fits && most && c < h.classes.count; c++) {
        a.hits += (double)most[c];
        a.certain += most[c] == h.classes.rows[c] ? most[c] : 0;
    }
    bool is_done = fits && most;
    free(most);
    clear_histogram(&h);
    if (!is_done)
        return attack_fail_memory(err);
    protect_attack_rate(&a);
    *out = a;
    return PD_OK;
}

/* ---- Two tables ---- */

/*
 * What each value of `other`'s column is in `table`'s numbers; UINT32_MAX: it isn't there. A value is looked for as it
 * stands, since the other table may have been made coarser by the same step, and then as the step makes it.
 */
static bool translate(const struct protect_classes *table, size_t column,
                      const struct protect_classes *other, size_t other_column,
                      const struct protect_step *step, uint32_t **out) {
    const struct protect_values *values = &other->values[other_column];
    uint32_t *map = calloc(values->count + (size_t)1, sizeof(*map));
    struct pd_buf made;
    pd_buf_init(&made, 0);
    for (uint32_t v = 0; map && v < values->count && !made.failed; v++) {
        pd_str text = protect_values_text(values, v);
        bool is_there = protect_values_find(&table->values[column], table->seed, text, &map[v]);
        if (!is_there && step) {
            pd_buf_reset(&made);
            (void)protect_cell(step, (pd_str){0}, NULL, text, &made);
            is_there = protect_values_find(&table->values[column], table->seed, pd_buf_view(&made), &map[v]);
        }
        if (!is_there)
            map[v] = UINT32_MAX;
    }
    bool fits = map && !made.failed;
    pd_buf_clear(&made);
    if (fits)
        *out = map;
    else
        free(map);
    return fits;
}

static void free_maps(uint32_t **maps, size_t count) {
    for (size_t i = 0; maps && i < count; i++)
        free(maps[i]);
    free(maps);
}

static uint32_t **translate_all(const struct protect_classes *table, struct protect_known known,
                                const struct protect_classes *other, struct protect_known with,
                                const struct protect_step *const *steps) {
    uint32_t **maps = calloc(known.count, sizeof(*maps));
    for (size_t i = 0; maps && i < known.count; i++)
        if (!translate(table, known.columns[i], other, with.columns[i], steps ? steps[i] : NULL,
                       &maps[i])) {
            free_maps(maps, known.count);
            return NULL;
        }
    return maps;
}

/* The columns in which the two tables have some value in common, in the place of all of them. */
struct meeting {
    size_t mine[PROTECT_LINK_COLUMNS], theirs[PROTECT_LINK_COLUMNS], count;
    uint32_t *maps[PROTECT_LINK_COLUMNS];
};

static void find_meeting(struct meeting *m, struct protect_known known,
                         const struct protect_classes *other, struct protect_known with,
                         uint32_t *const *maps, bool *is_used) {
    for (size_t i = 0; i < known.count; i++) {
        const struct protect_values *values = &other->values[with.columns[i]];
        bool is_common = false;
        for (uint32_t v = 0; v < values->count && !is_common; v++)
            is_common = maps[i][v] != UINT32_MAX;
        if (is_used)
            is_used[i] = is_common;
        if (!is_common)
            continue;
        m->mine[m->count] = known.columns[i];
        m->theirs[m->count] = with.columns[i];
        m->maps[m->count++] = maps[i];
    }
}

static enum pd_status check_with(const struct protect_classes *other, struct protect_known known,
                                 struct protect_known with, struct pd_error *err) {
    bool is_there = with.count == known.count && with.count <= PROTECT_LINK_COLUMNS;
    for (size_t i = 0; is_there && i < with.count; i++)
        is_there = with.columns[i] < other->column_count;
    return is_there
               ? PD_OK
               : pd_fail(err, PD_USAGE, "the two tables don't have the same columns to meet in");
}

/* Rows of `other` in each class of `table`'s; classes that only `other` has are passed over. */
static bool count_others(const struct protect_classes *table, const struct protect_tuples *classes,
                         const struct protect_classes *other, struct protect_known with,
                         uint32_t *const *maps, uint64_t *rows) {
    uint32_t *row = calloc(with.count, sizeof(*row)), id;
    for (uint32_t t = 0; row && t < other->tuples.count; t++) {
        const uint32_t *ids = other->tuples.ids + (size_t)t * other->column_count;
        bool is_known = true;
        for (size_t i = 0; i < with.count; i++) {
            row[i] = maps[i][ids[with.columns[i]]];
            is_known = is_known && row[i] != UINT32_MAX;
        }
        if (is_known && protect_tuples_find(classes, table->seed, row, &id))
            rows[id] += other->tuples.rows[t];
    }
    bool fits = row != NULL;
    free(row);
    return fits;
}

static struct protect_attack count_matches(const struct protect_classes *table,
                                           const struct protect_tuples *classes,
                                           const struct protect_classes *other,
                                           const uint64_t *theirs) {
    double mine_all = (double)table->rows, their_all = (double)other->rows;
    struct protect_attack a = {.kind = PROTECT_ATTACK_LINKAGE, .attempts = table->rows};
    if (other->rows)
        a.baseline = fmin(mine_all, their_all) / fmax(mine_all, their_all) / mine_all;
    for (uint32_t c = 0; c < classes->count; c++) {
        double m = (double)classes->rows[c], n = (double)theirs[c];
        a.hits += n > 0 ? fmin(m, n) / fmax(m, n) : 0;
        a.certain += classes->rows[c] == 1 && theirs[c] == 1;
    }
    return a;
}

enum pd_status protect_attack_link(const struct protect_classes *table, struct protect_known known,
                                   const struct protect_classes *other, struct protect_known with,
                                   const struct protect_step *const *steps, bool *is_used,
                                   struct protect_attack *out, struct pd_error *err) {
    enum pd_status st = attack_check(table, known, ATTACK_NO_COLUMN, err);
    if (st == PD_OK)
        st = check_with(other, known, with, err);
    if (st != PD_OK)
        return st;
    struct protect_tuples classes = {0};
    struct protect_budget budget = {.limit = table->budget.limit};
    struct meeting m = {.count = 0};
    uint32_t **maps = translate_all(table, known, other, with, steps);
    if (maps)
        find_meeting(&m, known, other, with, maps, is_used);
    struct protect_known mine = {m.mine, m.count}, their = {m.theirs, m.count};
    bool fits = maps && (m.count == 0 || attack_group(table, mine, &budget, &classes, NULL));
    uint64_t *theirs = calloc(classes.count + (size_t)1, sizeof(*theirs));
    fits = fits && theirs &&
           (m.count == 0 || count_others(table, &classes, other, their, m.maps, theirs));
    struct protect_attack a = {0};
    if (fits)
        a = count_matches(table, &classes, other, theirs);
    free(theirs);
    free_maps(maps, known.count);
    protect_tuples_clear(&classes);
    if (!fits)
        return attack_fail_memory(err);
    protect_attack_rate(&a);
    *out = a;
    return PD_OK;
}

/* ---- Differencing ---- */

/* Both versions in numbers of their own: (class), and (class, sensitive value), rows then and now.
 */
struct difference {
    struct protect_values *values; /* per known column, then the sensitive one */
    struct protect_tuples classes, pairs;
    uint64_t *class_rows[2], *pair_rows[2]; /* then, now */
    size_t class_capacity, pair_capacity;
};

static bool grow(uint64_t *rows[2], size_t *capacity, size_t needed) {
    if (needed <= *capacity)
        return true;
    size_t size = *capacity ? *capacity * 2 : 1024;
    for (int side = 0; side < 2; side++) {
        uint64_t *more = realloc(rows[side], size * sizeof(*more));
        if (!more)
            return false;
        memset(more + *capacity, 0, (size - *capacity) * sizeof(*more));
        rows[side] = more;
    }
    *capacity = size;
    return true;
}

/* A value of the earlier version as it stands if the table has it, and else as the step makes it. */
static pd_str value_then(const struct protect_classes *now, size_t column,
                         const struct protect_step *step, pd_str text, struct pd_buf *made) {
    uint32_t id;
    if (!step || protect_values_find(&now->values[column], now->seed, text, &id))
        return text;
    pd_buf_reset(made);
    (void)protect_cell(step, (pd_str){0}, NULL, text, made);
    return pd_buf_view(made);
}

/* now, mine, steps: of an earlier version, the table that it is compared with; else NULL. */
static bool add_version(struct difference *d, const struct protect_classes *table,
                        struct protect_known known, size_t sensitive, int side,
                        const struct protect_classes *now, const size_t *mine,
                        const struct protect_step *const *steps, struct protect_seed seed,
                        struct protect_budget *budget) {
    struct pd_buf made;
    pd_buf_init(&made, 0);
    size_t width = known.count;
    uint32_t *row = calloc(width, sizeof(*row)), class, pair;
    bool fits = row != NULL;
    for (uint32_t t = 0; fits && t < table->tuples.count; t++) {
        const uint32_t *ids = table->tuples.ids + (size_t)t * table->column_count;
        uint64_t rows = table->tuples.rows[t];
        uint32_t value = 0;
        for (size_t i = 0; fits && i < width; i++) {
            pd_str text = protect_values_text(&table->values[known.columns[i]], ids[known.columns[i]]);
            if (now && steps)
                text = value_then(now, mine[i], steps[i], text, &made);
            fits = !made.failed &&
                   protect_values_add(&d->values[i], budget, seed, text, rows, &row[i]);
        }
        if (fits && sensitive != ATTACK_NO_COLUMN)
            fits = protect_values_add(
                &d->values[width], budget, seed,
                protect_values_text(&table->values[sensitive], ids[sensitive]), rows, &value);
        fits =
            fits && protect_tuples_add(&d->classes, budget, seed, row, rows, &class) &&
            protect_tuples_add(&d->pairs, budget, seed, (uint32_t[]){class, value}, rows, &pair) &&
            grow(d->class_rows, &d->class_capacity, class + (size_t)1) &&
            grow(d->pair_rows, &d->pair_capacity, pair + (size_t)1);
        if (fits) {
            d->class_rows[side][class] += rows;
            d->pair_rows[side][pair] += rows;
        }
    }
    pd_buf_clear(&made);
    free(row);
    return fits;
}

static void clear_difference(struct difference *d, size_t columns) {
    for (size_t i = 0; d->values && i < columns; i++)
        protect_values_clear(&d->values[i]);
    free(d->values);
    protect_tuples_clear(&d->classes);
    protect_tuples_clear(&d->pairs);
    for (int side = 0; side < 2; side++) {
        free(d->class_rows[side]);
        free(d->pair_rows[side]);
    }
}

static uint64_t apart(uint64_t a, uint64_t b) {
    return a > b ? a - b : b - a;
}

/*
 * In a class that gained (or lost) d rows in all, the rows of each value that came (or left) are
 * what is seen of these d; where others left at the same time, the attacker is misled, as in truth.
 */
static bool score_difference(const struct difference *d, bool has_sensitive, uint64_t k,
                             struct protect_attack *a) {
    uint64_t *most = calloc(d->classes.count + (size_t)1, sizeof(*most));
    for (uint32_t p = 0; most && p < d->pairs.count; p++) {
        uint32_t c = d->pairs.ids[(size_t)p * 2];
        bool has_gained = d->class_rows[1][c] > d->class_rows[0][c];
        bool is_seen = has_gained ? d->pair_rows[1][p] > d->pair_rows[0][p]
                                  : d->pair_rows[1][p] < d->pair_rows[0][p];
        uint64_t moved = apart(d->pair_rows[0][p], d->pair_rows[1][p]);
        if (is_seen && moved > most[c])
            most[c] = moved;
    }
    for (uint32_t c = 0; most && c < d->classes.count; c++) {
        uint64_t moved = apart(d->class_rows[0][c], d->class_rows[1][c]);
        a->attempts += moved;
        if (moved == 0 || moved >= k)
            continue;
        if (!has_sensitive) {
            a->hits += moved == 1;
            a->certain += moved == 1;
            continue;
        }
        uint64_t hits = most[c] < moved ? most[c] : moved;
        a->hits += (double)hits;
        a->certain += hits == moved ? moved : 0;
    }
    bool fits = most != NULL;
    free(most);
    return fits;
}

enum pd_status protect_attack_compare(const struct protect_classes *table,
                                      struct protect_known known, size_t sensitive,
                                      const struct protect_classes *before,
                                      struct protect_known then, size_t sensitive_then,
                                      const struct protect_step *const *steps, uint64_t k,
                                      struct protect_attack *out, struct pd_error *err) {
    bool has_sensitive = sensitive != ATTACK_NO_COLUMN;
    enum pd_status st = attack_check(table, known, sensitive, err);
    if (st == PD_OK)
        st = check_with(before, known, then, err);
    if (st == PD_OK && (k < 2 || (has_sensitive && sensitive_then >= before->column_count)))
        st = pd_fail(
            err, PD_USAGE,
            "differencing needs a k of at least 2, and one sensitive column in both versions");
    if (st != PD_OK)
        return st;
    struct protect_budget budget = {.limit = table->budget.limit};
    struct difference d = {.values = calloc(known.count + 1, sizeof(*d.values)),
                           .classes = {.width = known.count},
                           .pairs = {.width = 2}};
    struct protect_attack a = {.kind = PROTECT_ATTACK_DIFFERENCING};
    a.baseline = (has_sensitive ? (double)attack_most_frequent(&table->values[sensitive]) : 1) /
                 (double)table->rows;
    bool fits = d.values &&
                add_version(&d, before, then, has_sensitive ? sensitive_then : ATTACK_NO_COLUMN, 0,
                            table, known.columns, steps, table->seed, &budget) &&
                add_version(&d, table, known, sensitive, 1, NULL, NULL, NULL, table->seed, &budget) &&
                score_difference(&d, has_sensitive, k, &a);
    clear_difference(&d, known.count + 1);
    if (!fits)
        return attack_fail_memory(err);
    protect_attack_rate(&a);
    *out = a;
    return PD_OK;
}
