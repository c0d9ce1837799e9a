/*
 * The models: which classes of a node fail. Each looks at one class, by its rows and the histogram
 * of one sensitive column, but for the average risk, which is the table's.
 */
#include "protect/lattice_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const NAMES[PROTECT_MODEL_KIND_COUNT] = {
    [PROTECT_K_ANONYMITY] = "k_anonymity",
    [PROTECT_DISTINCT_L] = "distinct_l_diversity",
    [PROTECT_ENTROPY_L] = "entropy_l_diversity",
    [PROTECT_ENTROPY_L_GRASSBERGER] = "grassberger_entropy_l_diversity",
    [PROTECT_RECURSIVE_L] = "recursive_l_diversity",
    [PROTECT_T_EQUAL] = "equal_distance_t_closeness",
    [PROTECT_T_ORDERED] = "ordered_distance_t_closeness",
    [PROTECT_T_HIERARCHICAL] = "hierarchical_distance_t_closeness",
    [PROTECT_BETA_BASIC] = "basic_beta_likeness",
    [PROTECT_BETA_ENHANCED] = "enhanced_beta_likeness",
    [PROTECT_AVERAGE_RISK] = "average_risk",
};

const char *protect_model_name(enum protect_model_kind kind) {
    return kind < PROTECT_MODEL_KIND_COUNT ? NAMES[kind] : "";
}

bool protect_model_parse(pd_str name, enum protect_model_kind *out) {
    for (int kind = 0; kind < PROTECT_MODEL_KIND_COUNT; kind++)
        if (pd_str_is(name, NAMES[kind])) {
            *out = (enum protect_model_kind)kind;
            return true;
        }
    return false;
}

/* A sensitive column over the whole table, and its histogram in one class. */
struct sensitive {
    uint32_t size;
    double *share;     /* over the table */
    uint32_t *rows;    /* in the class: of `size`, zero but for those seen */
    uint32_t *seen;    /* values in the class */
    uint32_t *ordered; /* their rows, when a model sorts them */
    uint32_t seen_count;
};

struct lattice_models {
    struct sensitive *columns;
    size_t column_count;
    uint32_t *
        *parents;  /* per model with a hierarchy: of each number its parent's, level by level */
    double *extra; /* room for the largest of these hierarchies */
    size_t extra_count;
    uint8_t *has_failed; /* per class, when there are sensitive columns */
    size_t failed_capacity;
    bool is_monotonic;
};

/* ---- Each model ---- */

/* What a model sees of a class. */
struct class_view {
    const struct protect_model *model;
    const struct sensitive *column; /* NULL for models of rows alone */
    double rows;
    const uint32_t *parents;
    double *extra;
};

static bool has_k(const struct class_view *v) {
    return v->rows >= v->model->threshold;
}

static bool has_distinct(const struct class_view *v) {
    return v->column->seen_count >= v->model->threshold;
}

static bool has_entropy(const struct class_view *v) {
    double sum = 0;
    if (!has_distinct(v))
        return false;
    for (uint32_t i = 0; i < v->column->seen_count; i++) {
        double n = v->column->rows[v->column->seen[i]];
        sum += n * log2(n);
    }
    return log2(v->rows) - sum / v->rows >= log2(v->model->threshold);
}

/*
 * What stands for ln n in Grassberger's estimate (physics/0307138, eq. 30 and 31): G(n) of an odd n
 * is that of the even one below, G(2m) = -gamma - ln 2 + the sum over k <= m of 2 / (2k - 1), which
 * is digamma(m + 1/2) + ln 2; and G(1) = -gamma - ln 2.
 */
static double grassberger(uint32_t n) {
    static const double EULER = 0.57721566490153286061, LN2 = 0.69314718055994530942;
    uint32_t m = n / 2;
    if (m > 50) {
        double square = 1 / ((double)m * m);
        return log(2.0 * m) + square * (1.0 / 24 - square * (7.0 / 960 - square * 31 / 8064));
    }
    double sum = -EULER - LN2;
    for (uint32_t k = 1; k <= m; k++)
        sum += 2.0 / (2 * k - 1);
    return sum;
}

static bool has_estimated_entropy(const struct class_view *v) {
    double sum = 0;
    if (!has_distinct(v))
        return false;
    for (uint32_t i = 0; i < v->column->seen_count; i++) {
        uint32_t n = v->column->rows[v->column->seen[i]];
        sum += n * grassberger(n);
    }
    return grassberger((uint32_t)v->rows) - sum / v->rows >= log(v->model->threshold);
}

static int by_rows_down(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x < y) - (x > y);
}

static bool is_recursive(const struct class_view *v) {
    const struct sensitive *s = v->column;
    if (!has_distinct(v))
        return false;
    for (uint32_t i = 0; i < s->seen_count; i++)
        s->ordered[i] = s->rows[s->seen[i]];
    qsort(s->ordered, s->seen_count, sizeof(*s->ordered), by_rows_down);
    double rest = 0;
    for (uint32_t i = (uint32_t)v->model->threshold - 1; i < s->seen_count; i++)
        rest += s->ordered[i];
    return s->ordered[0] < v->model->c * rest;
}

/* 1/2 sum |p - q|: a value that isn't in the class adds its q. */
static bool is_close_equal(const struct class_view *v) {
    double sum = 1; /* of q over all values */
    for (uint32_t i = 0; i < v->column->seen_count; i++) {
        uint32_t value = v->column->seen[i];
        double q = v->column->share[value];
        sum += fabs(v->column->rows[value] / v->rows - q) - q;
    }
    return sum / 2 <= v->model->threshold;
}

static bool is_close_ordered(const struct class_view *v) {
    double sum = 0, along = 0;
    for (uint32_t value = 0; value < v->column->size; value++) {
        along += v->column->rows[value] / v->rows - v->column->share[value];
        sum += fabs(along);
    }
    return v->column->size < 2 || sum / (v->column->size - 1) <= v->model->threshold;
}

/*
 * Li et al. 2007, 4.2: what children of one parent have too much and too little is moved among
 * them, at the cost of the parent's height; what is left over moves up. `extra` holds, for each
 * number of a level, what its children had too much, what they had too little, and the two
 * together.
 */
static bool is_close_hierarchical(const struct class_view *v) {
    const struct protect_hierarchy *h = v->model->hierarchy;
    const uint32_t *parents = v->parents;
    double cost = 0, *lower = v->extra;
    for (uint32_t value = 0; value < h->values; value++)
        lower[value] = v->column->rows[value] / v->rows - v->column->share[value];
    for (uint32_t l = 1; l < h->levels; l++) {
        uint32_t size = h->sizes[l];
        double *above = lower + h->sizes[l - 1], *below = above + size, *both = below + size;
        memset(above, 0, 3 * (size_t)size * sizeof(*above));
        for (uint32_t g = 0; g < h->sizes[l - 1]; g++) {
            double extra = lower[g];
            both[parents[g]] += extra;
            *(extra > 0 ? &above[parents[g]] : &below[parents[g]]) += fabs(extra);
        }
        for (uint32_t g = 0; g < size; g++)
            cost += (double)l / (h->levels - 1) * fmin(above[g], below[g]);
        parents += h->sizes[l - 1];
        lower = both;
    }
    return cost <= v->model->threshold;
}

static bool is_like(const struct class_view *v) {
    bool is_enhanced = v->model->kind == PROTECT_BETA_ENHANCED, is_like = true;
    for (uint32_t i = 0; is_like && i < v->column->seen_count; i++) {
        uint32_t value = v->column->seen[i];
        double q = v->column->share[value], p = v->column->rows[value] / v->rows;
        double most = is_enhanced ? fmin(v->model->threshold, -log(q)) : v->model->threshold;
        is_like = (p - q) / q <= most;
    }
    return is_like;
}

static const struct {
    bool (*holds)(const struct class_view *view);
    bool has_sensitive;
    bool is_upward;     /* a class that holds still does when others join it */
    bool is_convex;     /* two classes that hold still do when they join */
    bool needs_values;  /* at least as many as the threshold */
    double least, most; /* the threshold */
} KINDS[PROTECT_MODEL_KIND_COUNT] = {
    [PROTECT_K_ANONYMITY] = {has_k, false, true, true, false, 1, UINT32_MAX},
    [PROTECT_DISTINCT_L] = {has_distinct, true, true, true, true, 1, UINT32_MAX},
    [PROTECT_ENTROPY_L] = {has_entropy, true, false, true, true, 1, UINT32_MAX},
    [PROTECT_ENTROPY_L_GRASSBERGER] = {has_estimated_entropy, true, false, false, true, 1,
                                       UINT32_MAX},
    [PROTECT_RECURSIVE_L] = {is_recursive, true, false, true, true, 1, UINT32_MAX},
    [PROTECT_T_EQUAL] = {is_close_equal, true, false, true, false, 0, 1},
    [PROTECT_T_ORDERED] = {is_close_ordered, true, false, true, false, 0, 1},
    [PROTECT_T_HIERARCHICAL] = {is_close_hierarchical, true, false, true, false, 0, 1},
    [PROTECT_BETA_BASIC] = {is_like, true, false, true, false, 0, 1e300},
    [PROTECT_BETA_ENHANCED] = {is_like, true, false, true, false, 0, 1e300},
    [PROTECT_AVERAGE_RISK] = {NULL, false, false, true, false, 0, 1},
};

/* ---- Making them ready ---- */

static enum pd_status check_model(const struct protect_task *task, const struct protect_model *m,
                                  struct pd_error *err) {
    if (m->kind >= PROTECT_MODEL_KIND_COUNT)
        return pd_fail(err, PD_USAGE, "there is no model %d", (int)m->kind);
    const char *name = NAMES[m->kind];
    if (!(m->threshold >= KINDS[m->kind].least && m->threshold <= KINDS[m->kind].most))
        return pd_fail(err, PD_USAGE, "%s has a threshold from %g to %g, not %g", name,
                       KINDS[m->kind].least, KINDS[m->kind].most, m->threshold);
    if (KINDS[m->kind].has_sensitive && m->sensitive >= task->data.sensitive_count)
        return pd_fail(err, PD_USAGE, "%s needs sensitive column %zu, of %zu", name, m->sensitive,
                       task->data.sensitive_count);
    if (m->kind == PROTECT_RECURSIVE_L && !(m->c > 0 && m->c <= UINT32_MAX))
        return pd_fail(err, PD_USAGE, "%s needs a c above 0, not %g", name, m->c);
    if (m->kind != PROTECT_T_HIERARCHICAL)
        return PD_OK;
    if (!m->hierarchy || m->hierarchy->levels < 2 ||
        m->hierarchy->values != task->data.sensitive_sizes[m->sensitive])
        return pd_fail(err, PD_USAGE, "%s needs a hierarchy of the sensitive column", name);
    enum pd_status st = protect_hierarchy_check(m->hierarchy, err);
    return st == PD_OK ? st : pd_wrap(err, "%s", name);
}

/* Shares over the whole table. */
static bool make_column(struct lattice *l, size_t s, struct sensitive *out) {
    struct lattice_room *room = &l->room;
    uint32_t size = l->task->data.sensitive_sizes[s];
    *out = (struct sensitive){.size = size};
    out->share = lattice_resize(room, NULL, 0, size * sizeof(*out->share));
    out->rows = lattice_resize(room, NULL, 0, size * sizeof(*out->rows));
    out->seen = lattice_resize(room, NULL, 0, size * sizeof(*out->seen));
    out->ordered = lattice_resize(room, NULL, 0, size * sizeof(*out->ordered));
    if (!out->share || !out->rows || !out->seen || !out->ordered)
        return false;
    memset(out->share, 0, size * sizeof(*out->share));
    memset(out->rows, 0, size * sizeof(*out->rows));
    for (uint32_t i = 0; i < l->base.count; i++)
        out->share[lattice_code(&l->layout, l->base.keys + (size_t)i * l->layout.words,
                                l->layout.quasi + s)] += l->base.rows[i];
    for (uint32_t v = 0; v < size; v++)
        out->share[v] /= (double)l->total;
    return true;
}

static bool make_parents(struct lattice *l, const struct protect_hierarchy *h, uint32_t **out) {
    size_t numbers = 0, room_for = h->values;
    for (uint32_t level = 1; level < h->levels; level++) {
        numbers += h->sizes[level - 1];
        room_for += 3 * (size_t)h->sizes[level];
    }
    uint32_t *parents = *out = lattice_resize(&l->room, NULL, 0, numbers * sizeof(*parents));
    if (room_for > l->models->extra_count) {
        double *extra =
            lattice_resize(&l->room, l->models->extra, l->models->extra_count * sizeof(*extra),
                           room_for * sizeof(*extra));
        if (!extra)
            return false;
        l->models->extra = extra;
        l->models->extra_count = room_for;
    }
    if (!parents)
        return false;
    for (uint32_t level = 1; level < h->levels; level++) {
        for (uint32_t v = 0; v < h->values; v++)
            parents[h->maps[level - 1][v]] = h->maps[level][v];
        parents += h->sizes[level - 1];
    }
    return true;
}

static bool make_ready(struct lattice *l) {
    const struct protect_task *task = l->task;
    struct lattice_models *models = l->models;
    models->columns = calloc(task->data.sensitive_count + 1, sizeof(*models->columns));
    models->parents = calloc(task->model_count, sizeof(*models->parents));
    bool fits = models->columns && models->parents;
    for (size_t s = 0; fits && s < task->data.sensitive_count; s++) {
        models->column_count = s + 1;
        fits = make_column(l, s, &models->columns[s]);
    }
    for (size_t m = 0; fits && m < task->model_count; m++)
        if (task->models[m].kind == PROTECT_T_HIERARCHICAL)
            fits = make_parents(l, task->models[m].hierarchy, &models->parents[m]);
    return fits;
}

enum pd_status lattice_models_new(struct lattice *l, struct pd_error *err) {
    const struct protect_task *task = l->task;
    if (task->model_count == 0)
        return pd_fail(err, PD_USAGE, "the search needs a model to hold");
    bool is_upward = true, is_convex = true;
    for (size_t m = 0; m < task->model_count; m++) {
        enum pd_status st = check_model(task, &task->models[m], err);
        if (st != PD_OK)
            return st;
        is_upward = is_upward && KINDS[task->models[m].kind].is_upward;
        is_convex = is_convex && KINDS[task->models[m].kind].is_convex;
    }
    l->models = calloc(1, sizeof(*l->models));
    if (!l->models || !make_ready(l))
        return pd_fail_memory(err);
    l->models->is_monotonic = is_upward || (is_convex && l->allowed == 0);
    return PD_OK;
}

void lattice_models_free(struct lattice *l) {
    struct lattice_models *models = l->models;
    if (!models)
        return;
    for (size_t s = 0; s < models->column_count; s++) {
        free(models->columns[s].share);
        free(models->columns[s].rows);
        free(models->columns[s].seen);
        free(models->columns[s].ordered);
    }
    for (size_t m = 0; models->parents && m < l->task->model_count; m++)
        free(models->parents[m]);
    free(models->columns);
    free(models->parents);
    free(models->extra);
    free(models->has_failed);
    free(models);
    l->models = NULL;
}

bool lattice_is_monotonic(const struct lattice *l) {
    return l->models->is_monotonic;
}

/* ---- Judging a node ---- */

static void count_class(struct lattice_count *count, uint64_t rows, bool has_failed) {
    double square = (double)rows * (double)rows;
    if (has_failed) {
        count->failed_rows += rows;
        count->failed_classes++;
        count->failed_squares += square;
        return;
    }
    count->kept_rows += rows;
    count->kept_classes++;
    count->kept_squares += square;
    if (count->smallest == 0 || rows < count->smallest)
        count->smallest = rows;
}

/* The most that a k-anonymity asks of a class. */
static uint32_t least_rows(const struct protect_task *task) {
    double k = 0;
    for (size_t m = 0; m < task->model_count; m++)
        if (task->models[m].kind == PROTECT_K_ANONYMITY)
            k = fmax(k, task->models[m].threshold);
    return k > 1 ? (uint32_t)ceil(k) : 1;
}

static void judge_table(const struct lattice *l, struct lattice_count *count) {
    count->is_feasible = count->failed_rows <= l->allowed;
    for (size_t m = 0; m < l->task->model_count; m++)
        if (l->task->models[m].kind == PROTECT_AVERAGE_RISK)
            count->is_feasible =
                count->is_feasible && (double)count->kept_classes <=
                                          l->task->models[m].threshold * (double)count->kept_rows;
}

/* Without branches, for most of the time of a search goes by here. */
static void count_failed(const uint32_t *rows, size_t classes, uint32_t least,
                         struct lattice_count *count) {
    uint32_t failed = 0; /* no more than all rows, which 32 bits hold */
    uint32_t kept_classes = 0, failed_classes = 0, smallest = UINT32_MAX;
    for (size_t i = 0; i < classes; i++) {
        bool has_failed = rows[i] < least;
        failed += has_failed ? rows[i] : 0;
        kept_classes += !has_failed;
        failed_classes += has_failed && rows[i] > 0;
        uint32_t kept = has_failed ? UINT32_MAX : rows[i];
        smallest = kept < smallest ? kept : smallest;
    }
    count->failed_rows = count->surely_failed_rows = failed;
    count->failed_classes = failed_classes;
    count->kept_classes = kept_classes;
    count->smallest = kept_classes ? smallest : 0;
}

static void add_squares(const uint32_t *rows, size_t classes, uint32_t least,
                        struct lattice_count *count) {
    for (size_t i = 0; i < classes; i++) {
        double square = (double)rows[i] * rows[i];
        *(rows[i] < least ? &count->failed_squares : &count->kept_squares) += square;
    }
}

void lattice_judge_rows(struct lattice *l, const uint32_t *rows, size_t classes,
                        struct lattice_count *count) {
    l->least = least_rows(l->task);
    *count = (struct lattice_count){0};
    count_failed(rows, classes, l->least, count);
    count->kept_rows = l->total - count->failed_rows;
    if (lattice_loss_is_of_classes(l->task->loss))
        add_squares(rows, classes, l->least, count);
    judge_table(l, count);
}

static void fill_histograms(struct lattice *l, uint32_t class_) {
    const struct lattice_room *room = &l->room;
    for (size_t s = 0; s < l->models->column_count; s++) {
        struct sensitive *column = &l->models->columns[s];
        for (uint32_t i = 0; i < column->seen_count; i++)
            column->rows[column->seen[i]] = 0;
        column->seen_count = 0;
        for (uint32_t i = room->starts[class_]; i < room->starts[class_ + 1]; i++) {
            uint32_t entry = room->order[i];
            uint32_t value = lattice_code(&l->layout, l->now.keys + (size_t)entry * l->layout.words,
                                          l->layout.quasi + s);
            if (column->rows[value] == 0)
                column->seen[column->seen_count++] = value;
            column->rows[value] += l->now.rows[entry];
        }
    }
}

/* Whether a class fails, and whether it does so in a way that only coarser levels could mend. */
static bool has_class_failed(const struct lattice *l, double rows, bool *surely) {
    bool has_failed = false;
    for (size_t m = 0; m < l->task->model_count && !(has_failed && *surely); m++) {
        const struct protect_model *model = &l->task->models[m];
        if (!KINDS[model->kind].holds)
            continue;
        struct class_view view = {
            .model = model,
            .column =
                KINDS[model->kind].has_sensitive ? &l->models->columns[model->sensitive] : NULL,
            .rows = rows,
            .parents = l->models->parents[m],
            .extra = l->models->extra,
        };
        if (KINDS[model->kind].holds(&view))
            continue;
        has_failed = true;
        *surely = *surely || KINDS[model->kind].is_upward ||
                  (KINDS[model->kind].needs_values && !has_distinct(&view));
    }
    return has_failed;
}

static bool judge_classes(struct lattice *l, struct lattice_count *count) {
    struct lattice_models *models = l->models;
    uint32_t classes = lattice_classes(l);
    if (classes == UINT32_MAX)
        return false;
    if (classes > models->failed_capacity) {
        uint8_t *moved =
            lattice_resize(&l->room, models->has_failed, models->failed_capacity, classes);
        if (!moved)
            return false;
        models->has_failed = moved;
        models->failed_capacity = classes;
    }
    for (uint32_t k = 0; k < classes; k++) {
        bool surely = false;
        uint32_t rows = l->room.class_rows[k];
        fill_histograms(l, k);
        models->has_failed[k] = has_class_failed(l, rows, &surely);
        count_class(count, rows, models->has_failed[k]);
        count->surely_failed_rows += surely ? rows : 0;
    }
    return true;
}

bool lattice_judge(struct lattice *l, struct lattice_count *count) {
    if (l->layout.sensitive == 0) { /* an entry is a class */
        lattice_judge_rows(l, l->now.rows, l->now.count, count);
        return true;
    }
    *count = (struct lattice_count){0};
    if (!judge_classes(l, count))
        return false;
    judge_table(l, count);
    return true;
}

bool lattice_has_failed(const struct lattice *l, uint32_t entry) {
    return l->layout.sensitive == 0 ? l->now.rows[entry] < l->least
                                    : l->models->has_failed[l->room.class_of[entry]];
}
