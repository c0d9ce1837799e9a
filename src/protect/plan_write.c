/* How a plan is written down: members in their order, what a version doesn't know left out. */
#include "protect/protect_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void write_decimal(struct pd_json *w, const char *name, struct protect_width width) {
    char text[48];
    int64_t unit = 1, amount = width.amount < 0 ? -width.amount : width.amount;
    const char *sign = width.amount < 0 ? "-" : "";
    for (int i = 0; i < width.decimals; i++)
        unit *= 10;
    if (width.decimals == 0)
        snprintf(text, sizeof(text), "%s%" PRId64, sign, amount);
    else
        snprintf(text, sizeof(text), "%s%" PRId64 ".%0*" PRId64, sign, amount / unit,
                 width.decimals, amount % unit);
    pd_json_member_text(w, name, text);
}

static void write_column(struct pd_json *w, size_t column, pd_str name) {
    pd_json_object(w);
    pd_json_member_i64(w, "column", (int64_t)column);
    pd_json_member_str(w, "name", name);
    pd_json_object_end(w);
}

static void write_step(struct pd_json *w, const struct protect_step *step, const pd_str *names) {
    enum protect_method method = step->method;
    pd_json_object(w);
    if (step->scope.len > 0)
        pd_json_member_str(w, "as", step->scope);
    if (method == PROTECT_TOP_BOTTOM && step->has_bottom)
        write_decimal(w, "bottom", step->bottom);
    pd_json_member_i64(w, "column", (int64_t)step->column);
    if (method == PROTECT_GENERALISE_DATE)
        pd_json_member_text(w, "date", protect_date_name(step->date));
    if (method == PROTECT_SHIFT_DATE)
        pd_json_member_i64(w, "days", step->days);
    if (method == PROTECT_FORMAT_PRESERVING)
        pd_json_member_text(w, "format", protect_format_name(step->format));
    if (method == PROTECT_GENERALISE_HIERARCHY)
        pd_json_member_str(w, "hierarchy", step->tree->name);
    if (method == PROTECT_GENERALISE_TEXT || method == PROTECT_FORMAT_PRESERVING)
        pd_json_member_i64(w, "keep", (int64_t)step->keep);
    if (method == PROTECT_GENERALISE_HIERARCHY)
        pd_json_member_i64(w, "level", step->level);
    pd_json_member_text(w, "method", protect_method_name(method));
    pd_json_member_str(w, "name", names[step->column]);
    if (method == PROTECT_SHIFT_DATE) {
        pd_json_key(w, "person");
        write_column(w, step->person, names[step->person]);
    }
    if (method == PROTECT_ROUND)
        write_decimal(w, "to", step->width);
    if (method == PROTECT_TOP_BOTTOM && step->has_top)
        write_decimal(w, "top", step->top);
    if (method == PROTECT_MASK && step->mask != PROTECT_MASK_BY_SHAPE)
        pd_json_member_text(w, "type", protect_mask_type_name(step->mask));
    if (method == PROTECT_GENERALISE_NUMBER) {
        pd_json_member_bool(w, "whole", step->whole);
        write_decimal(w, "width", step->width);
    }
    pd_json_object_end(w);
}

static void write_model(struct pd_json *w, const struct protect_plan_model *m,
                        const pd_str *names) {
    pd_json_object(w);
    if (m->kind == PROTECT_RECURSIVE_L)
        write_decimal(w, "c", m->c);
    if (m->kind != PROTECT_AVERAGE_RISK)
        pd_json_member_i64(w, "column", (int64_t)m->sensitive);
    if (m->kind == PROTECT_T_HIERARCHICAL)
        pd_json_member_str(w, "hierarchy", m->tree->name);
    pd_json_member_text(w, "model", protect_model_name(m->kind));
    if (m->kind != PROTECT_AVERAGE_RISK)
        pd_json_member_str(w, "name", names[m->sensitive]);
    write_decimal(w, "threshold", m->threshold);
    pd_json_object_end(w);
}

static void write_tree(struct pd_json *w, const struct protect_value_tree *tree) {
    pd_json_object(w);
    pd_json_member_str(w, "name", tree->name);
    pd_json_key(w, "rows");
    pd_json_array(w);
    for (size_t r = 0; r < tree->rows; r++) {
        pd_json_array(w);
        for (size_t l = 0; l < tree->width; l++)
            pd_json_str(w, tree->cells[r * tree->width + l]);
        pd_json_array_end(w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
}

static void write_sample(struct pd_json *w, const struct protect_sample *sample,
                         const pd_str *names) {
    struct protect_width share = {sample->millionths, 6};
    for (; share.amount % 10 == 0; share.amount /= 10)
        share.decimals--;
    pd_json_key(w, "sample");
    pd_json_object(w);
    if (sample->by_person) {
        pd_json_key(w, "person");
        write_column(w, sample->person, names[sample->person]);
    }
    write_decimal(w, "share", share);
    pd_json_object_end(w);
}

/* What stands before "k", and only in version 2. */
static void write_table(struct pd_json *w, const struct protect_plan *plan) {
    if (plan->columns != NULL) {
        pd_json_key(w, "columns");
        pd_json_array(w);
        for (size_t c = 0; c < plan->column_count; c++)
            pd_json_str(w, plan->columns[c]);
        pd_json_array_end(w);
    }
    if (plan->content.len > 0)
        pd_json_member_str(w, "content", plan->content);
    if (plan->tree_count > 0) {
        pd_json_key(w, "hierarchies");
        pd_json_array(w);
        for (size_t i = 0; i < plan->tree_count; i++)
            write_tree(w, plan->trees[i]);
        pd_json_array_end(w);
    }
}

enum pd_status protect_plan_write(const struct protect_plan *plan, const pd_str *names,
                                  size_t columns, struct pd_json *w, struct pd_error *err) {
    const struct protect_step **step_of;
    enum pd_status status = protect_plan_resolve(plan, names, columns, &step_of, err);
    if (status != PD_OK)
        return status;
    pd_json_object(w);
    if (plan->aggregate.len > 0)
        pd_json_member_str(w, "aggregate", plan->aggregate);
    write_table(w, plan);
    pd_json_key(w, "k");
    pd_json_u64(w, plan->k);
    if (plan->key.len > 0)
        pd_json_member_str(w, "key", plan->key);
    if (plan->model_count > 0) {
        pd_json_key(w, "models");
        pd_json_array(w);
        for (size_t i = 0; i < plan->model_count; i++)
            write_model(w, &plan->models[i], names);
        pd_json_array_end(w);
    }
    pd_json_member_i64(w, "plan", protect_plan_version(plan));
    pd_json_key(w, "quasi");
    pd_json_array(w);
    for (size_t i = 0; i < plan->quasi_count; i++)
        write_column(w, plan->quasi[i], names[plan->quasi[i]]);
    pd_json_array_end(w);
    if (plan->sample.millionths > 0)
        write_sample(w, &plan->sample, names);
    pd_json_key(w, "steps");
    pd_json_array(w);
    for (size_t c = 0; c < columns; c++) {
        if (step_of[c] != NULL && step_of[c]->method != PROTECT_KEEP)
            write_step(w, step_of[c], names);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
    free(step_of);
    return pd_buf_check(w->buf, err);
}
