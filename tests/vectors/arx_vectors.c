/*
 * arx_vectors DIR [EXPECTED.tsv]: the optima that ARX's own tests assert, found again by protect/.
 * DIR holds adult.csv and its hierarchies; EXPECTED.tsv (DIR/arx_expected.tsv by default) one row
 * per test. Rows whose practical_monotonicity is false must come out with the same loss, to the
 * digits printed, and the same levels; in the others, where ARX may miss the optimum, the loss may
 * be less. So it may where Grassberger's estimate is asked: ARX stops adding its terms, of which
 * some are negative, as soon as their sum is too large, so that its answer depends on the order of
 * a hash table. The last line is "N passed, N failed"; the exit code is 1 if any failed.
 */
#include "protect/lattice.h"
#include "protect/protect_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COLUMNS_MAX = 16, LINE_MAX_BYTES = 1 << 16 };

struct column {
    char name[64];
    struct protect_values values;
    const struct protect_hierarchy *hierarchy;
    const struct protect_hierarchy *ordered; /* the same, of the values in order */
};

struct dataset {
    const char *dir;
    struct pd_arena *arena;
    struct column columns[COLUMNS_MAX];
    size_t column_count, rows;
    uint32_t *codes; /* row-major, column_count wide */
};

static void die(const char *what, const char *name) {
    fprintf(stderr, "arx_vectors: %s: %s\n", what, name);
    exit(2);
}

static size_t split(char *line, char separator, char **cells, size_t most) {
    size_t n = 0;
    line[strcspn(line, "\r\n")] = 0;
    for (char *at = line; at && n < most; n++) {
        cells[n] = at;
        at = strchr(at, separator);
        if (at)
            *at++ = 0;
    }
    return n;
}

static struct protect_budget budget = {.limit = SIZE_MAX};
static const struct protect_seed seed = {1, 2};

static FILE *open_file(const char *dir, const char *name) {
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "r");
    if (!f)
        die("cannot open", path);
    return f;
}

static void read_table(struct dataset *d) {
    char line[LINE_MAX_BYTES], *cells[COLUMNS_MAX];
    size_t capacity = 0;
    FILE *f = open_file(d->dir, "adult.csv");
    if (!fgets(line, sizeof(line), f))
        die("empty", "adult.csv");
    d->column_count = split(line, ';', cells, COLUMNS_MAX);
    for (size_t c = 0; c < d->column_count; c++)
        snprintf(d->columns[c].name, sizeof(d->columns[c].name), "%s", cells[c]);
    while (fgets(line, sizeof(line), f)) {
        if (split(line, ';', cells, COLUMNS_MAX) != d->column_count)
            continue;
        if (d->rows == capacity) {
            capacity = capacity ? capacity * 2 : 1024;
            d->codes = realloc(d->codes, capacity * d->column_count * sizeof(*d->codes));
        }
        for (size_t c = 0; c < d->column_count; c++)
            if (!protect_values_add(&d->columns[c].values, &budget, seed, pd_str_from(cells[c]), 1,
                                    &d->codes[d->rows * d->column_count + c]))
                die("out of memory", "values");
        d->rows++;
    }
    fclose(f);
}

static int by_text(const void *a, const void *b) {
    return pd_str_cmp(*(const pd_str *)a, *(const pd_str *)b);
}

static void make_hierarchies(struct dataset *d, struct column *column, const char *name,
                             const pd_str *cells, size_t rows, size_t width) {
    size_t count = column->values.count;
    struct pd_error err = {0};
    pd_str *values = calloc(count, sizeof(*values));
    for (uint32_t v = 0; v < count; v++)
        values[v] = protect_values_text(&column->values, v);
    if (protect_hierarchy_make(cells, rows, width, values, count, d->arena, &column->hierarchy,
                               &err))
        die(err.text, name);
    qsort(values, count, sizeof(*values), by_text);
    if (protect_hierarchy_make(cells, rows, width, values, count, d->arena, &column->ordered, &err))
        die(err.text, name);
    free(values);
}

static void read_hierarchy(struct dataset *d, struct column *column) {
    char name[128], line[LINE_MAX_BYTES], *cells[COLUMNS_MAX];
    snprintf(name, sizeof(name), "adult_hierarchy_%s.csv", column->name);
    FILE *f = open_file(d->dir, name);
    pd_str *all = NULL;
    size_t rows = 0, width = 0;
    while (fgets(line, sizeof(line), f)) {
        width = split(line, ';', cells, COLUMNS_MAX);
        all = realloc(all, (rows + 1) * width * sizeof(*all));
        for (size_t i = 0; i < width; i++)
            all[rows * width + i] = pd_arena_str(d->arena, pd_str_from(cells[i]));
        rows++;
    }
    fclose(f);
    make_hierarchies(d, column, name, all, rows, width);
    free(all);
}

/* ---- One row of the expectations ---- */

struct expectation {
    char *test, *metric, *criteria, *sensitive, *levels;
    double suppressed, loss;
    bool is_exact; /* ARX searched without assuming that the models are monotonic */
};

static bool read_expectation(char *line, struct expectation *e) {
    char *cells[8];
    if (split(line, '\t', cells, 8) != 8)
        return false;
    *e = (struct expectation){.test = cells[0],
                              .metric = cells[2],
                              .criteria = cells[3],
                              .sensitive = cells[4],
                              .levels = cells[6],
                              .suppressed = atof(cells[1]),
                              .loss = atof(cells[5]),
                              .is_exact = strcmp(cells[7], "false") == 0 &&
                                          !strstr(cells[3], "GRASSBERGER")};
    return true;
}

static bool read_metric(const char *text, enum protect_loss *out) {
    static const struct {
        const char *text;
        enum protect_loss loss;
    } METRICS[] = {
        {"createPrecomputedEntropyMetric(0.1d, true)", PROTECT_LOSS_ENTROPY},
        {"createPrecomputedEntropyMetric(0.1d, false)", PROTECT_LOSS_ENTROPY_SUPPRESSED},
        {"createEntropyMetric(true)", PROTECT_LOSS_ENTROPY},
        {"createEntropyMetric(false)", PROTECT_LOSS_ENTROPY_SUPPRESSED},
        {"createDiscernabilityMetric(true)", PROTECT_LOSS_DISCERNIBILITY_MONOTONIC},
        {"createDiscernabilityMetric(false)", PROTECT_LOSS_DISCERNIBILITY},
        {"createDiscernabilityMetric()", PROTECT_LOSS_DISCERNIBILITY},
        {"createAECSMetric()", PROTECT_LOSS_CLASS_SIZE},
    };
    for (size_t i = 0; i < sizeof(METRICS) / sizeof(*METRICS); i++)
        if (strstr(text, METRICS[i].text)) {
            *out = METRICS[i].loss;
            return true;
        }
    return false;
}

/* "Name(...)" and the numbers among its arguments, in order. */
static bool read_model(const char *text, const struct column *sensitive,
                       struct protect_model *out) {
    static const struct {
        const char *name;
        enum protect_model_kind kind;
    } NAMES[] = {
        {"KAnonymity", PROTECT_K_ANONYMITY},
        {"DistinctLDiversity", PROTECT_DISTINCT_L},
        {"EntropyLDiversity", PROTECT_ENTROPY_L},
        {"RecursiveCLDiversity", PROTECT_RECURSIVE_L},
        {"EqualDistanceTCloseness", PROTECT_T_EQUAL},
        {"OrderedDistanceTCloseness", PROTECT_T_ORDERED},
        {"HierarchicalDistanceTCloseness", PROTECT_T_HIERARCHICAL},
        {"BasicBLikeness", PROTECT_BETA_BASIC},
        {"EnhancedBLikeness", PROTECT_BETA_ENHANCED},
        {"AverageReidentificationRisk", PROTECT_AVERAGE_RISK},
    };
    size_t length = strcspn(text, "("), found = 0;
    const size_t known = sizeof(NAMES) / sizeof(*NAMES);
    while (found < known &&
           (strlen(NAMES[found].name) != length || memcmp(NAMES[found].name, text, length) != 0))
        found++;
    if (found == known)
        return false;
    double numbers[2] = {0};
    size_t count = 0;
    for (const char *at = text + length; *at && *at != ')' && count < 2; at++)
        if ((*at >= '0' && *at <= '9') && (at[-1] == ' ' || at[-1] == '(' || at[-1] == ',')) {
            char *end;
            numbers[count++] = strtod(at, &end);
            at = end - 1;
        }
    *out = (struct protect_model){.kind = NAMES[found].kind, .threshold = numbers[0]};
    if (out->kind == PROTECT_RECURSIVE_L) {
        out->c = numbers[0];
        out->threshold = numbers[1];
    }
    if (out->kind == PROTECT_T_HIERARCHICAL)
        out->hierarchy = sensitive->ordered;
    if (out->kind == PROTECT_ENTROPY_L && strstr(text, "GRASSBERGER"))
        out->kind = PROTECT_ENTROPY_L_GRASSBERGER;
    return true;
}

/* The task of an expectation; `codes` are the tuples with the sensitive column last. */
struct problem {
    struct protect_task task;
    struct protect_model models[8];
    const struct protect_hierarchy *hierarchies[COLUMNS_MAX];
    uint32_t *codes, sensitive_size;
};

/* Values of the sensitive column are numbered in the order of their texts: "ordered" means that. */
static uint32_t *order_of(const struct protect_values *values) {
    uint32_t *order = calloc(values->count, sizeof(*order));
    for (uint32_t a = 0; a < values->count; a++)
        for (uint32_t b = 0; b < values->count; b++)
            order[a] +=
                pd_str_cmp(protect_values_text(values, b), protect_values_text(values, a)) < 0;
    return order;
}

static void code_rows(const struct dataset *d, size_t sensitive, struct problem *p) {
    size_t width = d->column_count;
    uint32_t *order = sensitive < width ? order_of(&d->columns[sensitive].values) : NULL;
    p->codes = malloc(d->rows * width * sizeof(*p->codes));
    for (size_t r = 0; r < d->rows; r++) {
        uint32_t *to = p->codes + r * width;
        const uint32_t *from = d->codes + r * width;
        for (size_t c = 0; c < width; c++)
            if (c != sensitive)
                *to++ = from[c];
        if (sensitive < width)
            *to = order[from[sensitive]];
    }
    free(order);
}

static bool make_problem(const struct dataset *d, const struct expectation *e, struct problem *p) {
    size_t sensitive = 0, quasi = 0;
    while (sensitive < d->column_count && strcmp(d->columns[sensitive].name, e->sensitive) != 0)
        sensitive++;
    for (size_t c = 0; c < d->column_count; c++)
        if (c != sensitive)
            p->hierarchies[quasi++] = d->columns[c].hierarchy;
    p->task = (struct protect_task){
        .data = {.quasi_count = quasi, .hierarchies = p->hierarchies, .count = d->rows},
        .models = p->models,
        .max_suppressed = e->suppressed};
    for (const char *at = e->criteria; at && p->task.model_count < 8;) {
        if (!read_model(at, sensitive < d->column_count ? &d->columns[sensitive] : NULL,
                        &p->models[p->task.model_count++]))
            return false;
        at = strstr(at, " AND ");
        at = at ? at + 5 : NULL;
    }
    if (!read_metric(e->metric, &p->task.loss))
        return false;
    code_rows(d, sensitive, p);
    p->task.data.codes = p->codes;
    if (sensitive < d->column_count) {
        p->sensitive_size = d->columns[sensitive].values.count;
        p->task.data.sensitive_count = 1;
        p->task.data.sensitive_sizes = &p->sensitive_size;
    }
    return true;
}

/* ---- Comparing ---- */

static bool is_expected(const struct expectation *e, const struct protect_optimum *o,
                        size_t columns) {
    if (strcmp(e->levels, "none") == 0)
        return !o->is_found;
    bool same_loss = fabs(o->node.loss - e->loss) <= 1e-12 * fabs(e->loss);
    if (!o->is_found || (!e->is_exact && o->node.loss < e->loss))
        return o->is_found;
    const char *at = e->levels;
    bool same_levels = true;
    for (size_t c = 0; c < columns; c++) {
        same_levels = same_levels && atoi(at) == o->levels[c];
        at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',');
    }
    return same_loss && same_levels;
}

static void report(const struct expectation *e, const struct protect_optimum *o, size_t columns,
                   bool is_good, double ms) {
    printf("%s %s, %s, suppression %g: ", is_good ? "ok    " : "FAILED", e->criteria, e->metric,
           e->suppressed);
    if (!o->is_found)
        printf("none");
    else
        for (size_t c = 0; c < columns; c++)
            printf("%s%d", c ? "," : "", o->levels[c]);
    printf(" loss %.17g (%g of %g nodes counted, %.1f ms of processor)\n", o->node.loss,
           (double)o->checked, (double)o->nodes, ms);
    if (!is_good)
        printf("       expected %s loss %.17g\n", e->levels, e->loss);
}

static bool run(const struct dataset *d, const struct expectation *e) {
    struct problem p = {0};
    struct protect_optimum o = {0};
    struct pd_error err = {0};
    struct timespec a, b;
    if (!make_problem(d, e, &p)) {
        printf("FAILED %s, %s: not understood\n", e->criteria, e->metric);
        return false;
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    enum pd_status st = protect_optimum(&p.task, &o, &err);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    bool is_good = st == PD_OK && is_expected(e, &o, p.task.data.quasi_count);
    if (st != PD_OK)
        printf("FAILED %s: %s\n", e->criteria, err.text);
    else
        report(e, &o, p.task.data.quasi_count, is_good,
               (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6);
    free(p.codes);
    return is_good;
}

static void clear(struct dataset *d) {
    for (size_t c = 0; c < d->column_count; c++)
        protect_values_clear(&d->columns[c].values);
    free(d->codes);
    pd_arena_free(d->arena);
}

int main(int argc, char **argv) {
    char expected[4096], line[LINE_MAX_BYTES];
    struct dataset d = {.dir = argc > 1 ? argv[1] : ""};
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: arx_vectors DIR [EXPECTED.tsv]\n");
        return 2;
    }
    d.arena = pd_arena_new((size_t)1 << 28);
    read_table(&d);
    for (size_t c = 0; c < d.column_count; c++)
        read_hierarchy(&d, &d.columns[c]);
    snprintf(expected, sizeof(expected), "%s/arx_expected.tsv", argv[1]);
    FILE *f = fopen(argc > 2 ? argv[2] : expected, "r");
    if (!f || !fgets(line, sizeof(line), f)) /* the heading */
        die("cannot read", argc > 2 ? argv[2] : expected);
    int passed = 0, failed = 0;
    struct expectation e;
    while (fgets(line, sizeof(line), f))
        if (read_expectation(line, &e))
            *(run(&d, &e) ? &passed : &failed) += 1;
    fclose(f);
    clear(&d);
    printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
