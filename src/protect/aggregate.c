/* Counts instead of rows: one row for each class that stays. */
#include "protect/protect_impl.h"

#include <stdio.h>
#include <stdlib.h>

/* The classes as they are written: cells of all, one after the other, in one buffer. */
struct aggregate {
    const struct protect_plan *plan;
    const struct protect_classes *classes;
    struct pd_buf text;
    struct line {
        size_t at;    /* of its first cell in `cells` */
        uint64_t rows;
    } * lines;
    struct cell {
        size_t at, len;
    } * cells;
    size_t line_count, cell_count, width; /* width: columns that stay */
};

static const struct protect_step *step_of(const struct protect_plan *plan, size_t column) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].column == column)
            return &plan->steps[i];
    return NULL;
}

static pd_str cell_text(const struct aggregate *a, size_t cell) {
    return (pd_str){a->text.data + a->cells[cell].at, a->cells[cell].len};
}

/* What the plan makes of the values of a tuple, which are those of its whole class. */
static enum pd_status add_line(struct aggregate *a, uint32_t tuple, uint64_t rows,
                               struct pd_error *err) {
    a->lines[a->line_count++] = (struct line){a->cell_count, rows};
    for (size_t c = 0; c < a->classes->column_count; c++) {
        size_t column = a->classes->columns[c];
        if (!protect_plan_keeps(a->plan, column))
            continue;
        uint32_t value = a->classes->tuples.ids[(size_t)tuple * a->classes->column_count + c];
        pd_str text = protect_values_text(&a->classes->values[c], value);
        const struct protect_step *step = step_of(a->plan, column);
        size_t before = a->text.len;
        if (step == NULL || step->method == PROTECT_KEEP)
            pd_buf_str(&a->text, text);
        else if (protect_cell(step, (pd_str){0}, NULL, text, &a->text) == PROTECT_NO_ROW)
            return pd_fail(err, PD_INVALID,
                           "column %zu: the hierarchy \"%.*s\" has no row for the value \"%.*s\"; add "
                           "one, or mend the value",
                           column, pd_arg(step->tree->name), pd_arg(text));
        a->cells[a->cell_count++] = (struct cell){before, a->text.len - before};
    }
    return PD_OK;
}

static int by_text(const void *x, const void *y, void *context) {
    const struct aggregate *a = context;
    const struct line *p = x, *q = y;
    int order = 0;
    for (size_t i = 0; order == 0 && i < a->width; i++)
        order = pd_str_cmp(cell_text(a, p->at + i), cell_text(a, q->at + i));
    return order;
}

/* The classes that stay, each by the first tuple that belongs to it. */
static enum pd_status collect(struct aggregate *a, struct pd_error *err) {
    size_t n = a->classes->tuples.count;
    struct protect_tuples groups = {0};
    uint32_t *group_of = calloc(n + 1, sizeof(*group_of));
    bool *stays = NULL;
    enum pd_status st = group_of == NULL ? pd_fail_memory(err)
                                         : protect_classes_group_by_plan(a->classes, a->plan,
                                                                         &groups, group_of, err);
    if (st == PD_OK) {
        stays = calloc((size_t)groups.count + 1, sizeof(*stays));
        a->lines = calloc((size_t)groups.count + 1, sizeof(*a->lines));
        a->cells = calloc((size_t)groups.count * a->width + 1, sizeof(*a->cells));
        st = stays != NULL && a->lines != NULL && a->cells != NULL
                 ? protect_plan_judge(a->classes, a->plan, &groups, group_of, stays, err)
                 : pd_fail_memory(err);
    }
    for (uint32_t t = 0; st == PD_OK && t < n; t++) {
        if (!stays[group_of[t]])
            continue;
        stays[group_of[t]] = false; /* written */
        st = add_line(a, t, groups.rows[group_of[t]], err);
    }
    protect_tuples_clear(&groups);
    free(group_of);
    free(stays);
    return st == PD_OK ? pd_buf_check(&a->text, err) : st;
}

static enum pd_status write_lines(const struct aggregate *a, struct table_writer *writer,
                                  struct pd_error *err) {
    pd_str *row = calloc(a->width + 1, sizeof(*row));
    enum pd_status st = row == NULL ? pd_fail_memory(err) : PD_OK;
    for (size_t i = 0; st == PD_OK && i < a->line_count; i++) {
        char count[24];
        int len = snprintf(count, sizeof(count), "%llu", (unsigned long long)a->lines[i].rows);
        for (size_t c = 0; c < a->width; c++)
            row[c] = cell_text(a, a->lines[i].at + c);
        row[a->width] = (pd_str){count, (size_t)len};
        st = table_write_row(writer, row, a->width + 1, err);
    }
    free(row);
    return st;
}

enum pd_status protect_aggregate_write(const struct protect_plan *plan,
                                       const struct protect_classes *classes,
                                       struct table_writer *writer, uint64_t *rows,
                                       struct pd_error *err) {
    struct aggregate a = {.plan = plan, .classes = classes};
    for (size_t i = 0; i < plan->quasi_count; i++)
        a.width += protect_plan_keeps(plan, plan->quasi[i]);
    pd_buf_init(&a.text, classes->budget.limit);
    enum pd_status st = collect(&a, err);
    if (st == PD_OK) {
        qsort_r(a.lines, a.line_count, sizeof(*a.lines), by_text, &a);
        st = write_lines(&a, writer, err);
    }
    if (st == PD_OK)
        *rows = a.line_count;
    pd_buf_clear(&a.text);
    free(a.lines);
    free(a.cells);
    return st;
}
