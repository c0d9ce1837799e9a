/*
 * The ladder of a quasi column: from its values as they are, by ever coarser steps, to none. Each
 * rung is a function of the one below (each width divides the next, months make quarters), so that
 * classes only ever merge on the way up.
 */
#include "protect/protect_impl.h"

#include <math.h>
#include <stdlib.h>

#define LARGEST_WITH_FRACTION 1e17 /* once scaled; protect_cell reads 18 digits */

enum { CODE_RUNGS = 8, LONGEST_EXPONENT = 14, BANDS_TO_BEGIN_WITH = 200 };

static void add(struct protect_ladder *ladder, struct protect_step step) {
    if (ladder->count < PROTECT_MAX_RUNGS - 1) /* one is left for DROP */
        ladder->rungs[ladder->count++].step = step;
}

static void add_dates(const struct protect_values *values, size_t column,
                      struct protect_ladder *ladder) {
    bool has_time = false;
    for (uint32_t v = 0; v < values->count && !has_time; v++)
        has_time = protect_date_has_time(protect_values_text(values, v));
    for (int to = has_time ? PROTECT_HOUR : PROTECT_MONTH; to <= PROTECT_DECADE; to++)
        add(ladder, (struct protect_step){.column = column,
                                          .method = PROTECT_GENERALISE_DATE,
                                          .date = (enum protect_date)to});
}

/* What the numbers of a column span; their size only chooses widths, so doubles will do. */
struct span {
    double low, high;
    bool is_whole, has_numbers;
};

static struct span span_of(const struct protect_values *values) {
    struct span span = {.is_whole = true};
    for (uint32_t v = 0; v < values->count; v++) {
        pd_str text = pd_str_trim(protect_values_text(values, v));
        if (pd_str_starts(text, PD_STR("+")))
            text = pd_str_sub(text, 1, text.len);
        double number;
        if (!pd_parse_double(text, &number) || !isfinite(number))
            continue;
        if (!span.has_numbers || number < span.low)
            span.low = number;
        if (!span.has_numbers || number > span.high)
            span.high = number;
        span.has_numbers = true;
        span.is_whole = span.is_whole && protect_number_is_whole(text);
    }
    return span;
}

static void add_width(struct protect_ladder *ladder, size_t column, const struct span *span,
                      int64_t amount, int exponent) {
    double extent = span->high - span->low;
    double width = (double)amount * pow(10, exponent);
    if (width < extent / BANDS_TO_BEGIN_WITH || width >= extent)
        return;
    /* A number too long for one rung and not for the next would break the nesting. */
    double largest = fmax(fabs(span->low), fabs(span->high));
    if (exponent < 0 && largest > LARGEST_WITH_FRACTION * pow(10, exponent))
        return;
    struct protect_step step = {.column = column,
                                .method = PROTECT_GENERALISE_NUMBER,
                                .width = {amount, exponent < 0 ? -exponent : 0},
                                .whole = span->is_whole};
    for (; exponent > 0; exponent--)
        step.width.amount *= 10;
    add(ladder, step);
}

/* 1, 2, 10, 20, 100 ... each divides the next; whole numbers begin with 5, 10, 20. */
static void add_numbers(const struct protect_values *values, size_t column,
                        struct protect_ladder *ladder) {
    struct span span = span_of(values);
    if (!span.has_numbers)
        return;
    if (span.is_whole)
        add_width(ladder, column, &span, 5, 0);
    int first = span.is_whole ? 1 : -PROTECT_MAX_DECIMALS;
    for (int exponent = first; exponent <= LONGEST_EXPONENT; exponent++) {
        add_width(ladder, column, &span, 1, exponent);
        add_width(ladder, column, &span, 2, exponent);
    }
}

static void add_prefixes(const struct protect_values *values, size_t column,
                         struct protect_ladder *ladder) {
    size_t longest = 0;
    for (uint32_t v = 0; v < values->count; v++) {
        size_t length = pd_utf8_length(protect_values_text(values, v));
        longest = length > longest ? length : longest;
    }
    size_t rungs = longest < 2 ? 0 : longest - 1 < CODE_RUNGS ? longest - 1 : CODE_RUNGS;
    for (size_t i = rungs; i >= 1; i--) {
        size_t keep = longest / (rungs + 1) * i + longest % (rungs + 1) * i / (rungs + 1);
        if (keep <= PROTECT_MAX_KEEP)
            add(ladder, (struct protect_step){.column = column,
                                              .method = PROTECT_GENERALISE_TEXT,
                                              .keep = (unsigned)keep});
    }
}

static void add_levels(const struct protect_value_tree *tree, size_t column,
                       struct protect_ladder *ladder) {
    for (unsigned level = 1; level < tree->width; level++)
        add(ladder, (struct protect_step){.column = column,
                                          .method = PROTECT_GENERALISE_HIERARCHY,
                                          .tree = tree,
                                          .level = level});
}

/* Non-uniform entropy of a map as a share of its largest value, which dropping the column has. */
static bool measure_loss(const struct protect_values *values, struct protect_budget *budget,
                         const uint32_t *map, double *loss) {
    size_t bytes = ((size_t)values->count + 1) * sizeof(uint64_t);
    uint64_t *rows = protect_budget_resize(budget, NULL, 0, bytes), all = 0;
    if (rows == NULL)
        return false;
    for (uint32_t v = 0; v < values->count; v++)
        rows[v] = 0;
    for (uint32_t v = 0; v < values->count; v++) {
        rows[map[v]] += values->entries[v].rows;
        all += values->entries[v].rows;
    }
    double lost = 0, most = 0;
    for (uint32_t v = 0; v < values->count; v++) {
        double own = (double)values->entries[v].rows;
        lost += own * log2((double)rows[map[v]] / own);
        most += own * log2((double)all / own);
    }
    *loss = most > 0 ? lost / most : 0;
    budget->used -= bytes;
    free(rows);
    return true;
}

bool protect_ladder_build(const struct protect_classes *classes, size_t column,
                          enum protect_kind kind, const struct protect_value_tree *tree,
                          struct protect_budget *budget, struct protect_ladder *ladder) {
    const struct protect_values *values = &classes->values[column];
    size_t at = classes->columns[column];
    ladder->count = 1;
    ladder->rungs[0].step = (struct protect_step){.column = at, .method = PROTECT_KEEP};
    if (kind == PROTECT_KIND_DATE)
        add_dates(values, at, ladder);
    else if (kind == PROTECT_KIND_NUMBER)
        add_numbers(values, at, ladder);
    else if (kind == PROTECT_KIND_CODE)
        add_prefixes(values, at, ladder);
    else if (kind == PROTECT_KIND_TREE)
        add_levels(tree, at, ladder);
    ladder->rungs[ladder->count++].step =
        (struct protect_step){.column = at, .method = PROTECT_DROP};
    for (size_t i = 1; i < ladder->count; i++) {
        struct protect_rung *rung = &ladder->rungs[i];
        if (!protect_classes_map(classes, column, &rung->step, budget, &rung->map) ||
            !measure_loss(values, budget, rung->map, &rung->loss))
            return false;
    }
    return true;
}

enum pd_status protect_step_loss(const struct protect_classes *classes,
                                 const struct protect_step *step, double *out,
                                 struct pd_error *err) {
    struct protect_budget budget = {.limit = classes->budget.limit};
    size_t c = 0;
    while (c < classes->column_count && classes->columns[c] != step->column)
        c++;
    if (c == classes->column_count)
        return pd_fail(err, PD_NOT_FOUND, "column %zu isn't among those counted", step->column);
    if (step->method == PROTECT_KEEP || protect_step_needs_key(step)) {
        *out = 0;
        return PD_OK;
    }
    uint32_t *map = NULL;
    bool fits = protect_classes_map(classes, c, step, &budget, &map) &&
                measure_loss(&classes->values[c], &budget, map, out);
    free(map);
    return fits ? PD_OK
                : pd_fail(err, PD_LIMIT, "what a column loses can't be measured within %zu bytes",
                          classes->budget.limit);
}

void protect_ladder_clear(struct protect_ladder *ladder) {
    for (size_t i = 0; i < ladder->count; i++)
        free(ladder->rungs[i].map);
    ladder->count = 0;
}
