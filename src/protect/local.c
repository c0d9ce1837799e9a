/* What local recoding would lose, by the measure of the search. */
#include "protect/mondrian.h"
#include "protect/protect_impl.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* A column's values in order, and how many rows of the table have one of the first so many. */
struct ordered {
    uint32_t *place;    /* of each value, by its number */
    uint64_t *up_to;    /* rows with the values before the nth; one more than values */
    uint32_t count;
};

struct sorted {
    pd_str text;
    double number;
    bool is_number;
    uint32_t value;
};

static int by_value(const void *a, const void *b) {
    const struct sorted *x = a, *y = b;
    if (x->is_number != y->is_number)
        return x->is_number ? -1 : 1;
    if (x->is_number && x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return pd_str_cmp(x->text, y->text);
}

static bool order_values(const struct protect_values *values, struct ordered *out) {
    struct sorted *list = calloc((size_t)values->count + 1, sizeof(*list));
    out->count = values->count;
    out->place = calloc((size_t)values->count + 1, sizeof(*out->place));
    out->up_to = calloc((size_t)values->count + 1, sizeof(*out->up_to));
    bool fits = list && out->place && out->up_to;
    for (uint32_t v = 0; fits && v < values->count; v++) {
        pd_str text = protect_values_text(values, v);
        double number = 0;
        bool is_number = pd_parse_double(pd_str_trim(text), &number) && isfinite(number);
        list[v] = (struct sorted){text, number, is_number, v};
    }
    if (fits)
        qsort(list, values->count, sizeof(*list), by_value);
    for (uint32_t i = 0; fits && i < values->count; i++) {
        out->place[list[i].value] = i;
        out->up_to[i + 1] = out->up_to[i] + values->entries[list[i].value].rows;
    }
    free(list);
    return fits;
}

/* The tuples of the quasi columns, by the places of their values. */
static uint32_t *write_places(const struct protect_classes *classes, const size_t *at, size_t count,
                              const struct ordered *columns) {
    const struct protect_tuples *tuples = &classes->tuples;
    uint32_t *codes = calloc((size_t)tuples->count * count + 1, sizeof(*codes));
    for (uint32_t t = 0; codes && t < tuples->count; t++)
        for (size_t c = 0; c < count; c++)
            codes[(size_t)t * count + c] =
                columns[c].place[tuples->ids[(size_t)t * tuples->width + at[c]]];
    return codes;
}

/* Of a cell: -log2 of the share that its value has among the rows of its range. */
static double loss_of(const struct protect_classes *classes, const uint32_t *codes, size_t count,
                      const struct ordered *columns, const struct protect_mondrian *cut) {
    double sum = 0, all = (double)classes->rows;
    for (size_t c = 0; c < count; c++) {
        const struct ordered *o = &columns[c];
        double lost = 0, most = 0;
        for (uint32_t t = 0; t < classes->tuples.count; t++) {
            uint32_t part = cut->part_of[t], place = codes[(size_t)t * count + c];
            if (part == UINT32_MAX)
                continue;
            double rows = (double)classes->tuples.rows[t];
            double own = (double)(o->up_to[place + 1] - o->up_to[place]);
            size_t i = (size_t)part * count + c;
            double range = (double)(o->up_to[cut->highest[i] + 1] - o->up_to[cut->lowest[i]]);
            lost += rows * log2(range / own);
            most += rows * log2(all / own);
        }
        sum += most > 0 ? lost / most : 0;
    }
    return sum / (double)count;
}

static enum pd_status cut(const struct protect_classes *classes, const struct protect_plan *plan,
                          bool relaxed, const struct ordered *columns, const uint32_t *codes,
                          struct protect_local *out, struct pd_error *err) {
    struct protect_hierarchy hierarchies[PROTECT_QUASI_MAX];
    const struct protect_hierarchy *list[PROTECT_QUASI_MAX];
    struct protect_mondrian made;
    for (size_t c = 0; c < plan->quasi_count; c++) {
        hierarchies[c] = (struct protect_hierarchy){.values = columns[c].count};
        list[c] = &hierarchies[c];
    }
    const struct protect_mondrian_task task = {
        .data = {.quasi_count = plan->quasi_count,
                 .hierarchies = list,
                 .codes = codes,
                 .rows = classes->tuples.rows,
                 .count = classes->tuples.count},
        .kind = relaxed ? PROTECT_MONDRIAN_RELAXED : PROTECT_MONDRIAN_STRICT,
        .k = plan->k,
        .limit_bytes = classes->budget.limit};
    enum pd_status st = protect_mondrian(&task, &made, err);
    if (st != PD_OK)
        return st;
    *out = (struct protect_local){
        .groups = made.count,
        .smallest = made.smallest,
        .loss = loss_of(classes, codes, plan->quasi_count, columns, &made)};
    protect_mondrian_clear(&made);
    return PD_OK;
}

enum pd_status protect_local(const struct protect_classes *classes, const struct protect_plan *plan,
                             bool relaxed, struct protect_local *out, struct pd_error *err) {
    size_t at[PROTECT_QUASI_MAX], n = 0;
    struct ordered columns[PROTECT_QUASI_MAX] = {{0}};
    if (plan->quasi_count < 1 || plan->quasi_count > PROTECT_QUASI_MAX)
        return pd_fail(err, PD_USAGE, "local recoding is of 1 to %d columns", PROTECT_QUASI_MAX);
    for (size_t c = 0; c < classes->column_count && n < plan->quasi_count; c++)
        if (classes->columns[c] == plan->quasi[n])
            at[n++] = c;
    if (n < plan->quasi_count)
        return pd_fail(err, PD_USAGE, "a quasi column of the plan isn't among those counted");
    bool fits = true;
    for (size_t c = 0; fits && c < n; c++)
        fits = order_values(&classes->values[at[c]], &columns[c]);
    uint32_t *codes = fits ? write_places(classes, at, n, columns) : NULL;
    enum pd_status st =
        codes ? cut(classes, plan, relaxed, columns, codes, out, err) : pd_fail_memory(err);
    for (size_t c = 0; c < n; c++) {
        free(columns[c].place);
        free(columns[c].up_to);
    }
    free(codes);
    return st;
}
