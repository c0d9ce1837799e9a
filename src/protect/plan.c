/* What a plan may say, and how it is written down. */
#include "protect/protect_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static enum pd_status check_step(const struct protect_step *step, pd_str name,
                                 struct pd_error *err) {
    const struct protect_width *w = &step->width;
    switch (step->method) {
    case PROTECT_KEEP:
    case PROTECT_DROP:
    case PROTECT_MASK:
    case PROTECT_PSEUDONYM:
        return PD_OK;
    case PROTECT_GENERALISE_DATE:
        if (step->date < PROTECT_HOUR || step->date > PROTECT_SUPPRESSED)
            return pd_fail(err, PD_INVALID, "column \"%.*s\": there is no date level %d",
                           pd_arg(name), (int)step->date);
        return PD_OK;
    case PROTECT_GENERALISE_NUMBER:
        if (w->decimals < 0 || w->decimals > PROTECT_MAX_DECIMALS || w->amount < 1 ||
            w->amount > PROTECT_MAX_AMOUNT || (w->decimals > 0 && w->amount % 10 == 0))
            return pd_fail(err, PD_INVALID,
                           "column \"%.*s\": a band's width lies between 0 and %" PRId64
                           ", with at most %d decimals and no zero as the last one",
                           pd_arg(name), PROTECT_MAX_AMOUNT, PROTECT_MAX_DECIMALS);
        if (step->whole && w->decimals > 0)
            return pd_fail(err, PD_INVALID,
                           "column \"%.*s\": bands of whole numbers need a whole width",
                           pd_arg(name));
        return PD_OK;
    case PROTECT_GENERALISE_TEXT:
        if (step->keep > PROTECT_MAX_KEEP)
            return pd_fail(err, PD_INVALID, "column \"%.*s\": at most %d characters can be kept",
                           pd_arg(name), PROTECT_MAX_KEEP);
        return PD_OK;
    case PROTECT_METHOD_COUNT:
        break;
    }
    return pd_fail(err, PD_INVALID, "column \"%.*s\": there is no method %d", pd_arg(name),
                   (int)step->method);
}

static enum pd_status check_classes(const struct protect_plan *plan, size_t columns,
                                    struct pd_error *err) {
    for (size_t i = 0; i < plan->quasi_count; i++) {
        if (plan->quasi[i] >= columns)
            return pd_fail(err, PD_INVALID, "quasi column %zu is not among the table's %zu columns",
                           plan->quasi[i], columns);
        if (i > 0 && plan->quasi[i] <= plan->quasi[i - 1])
            return pd_fail(err, PD_INVALID,
                           "quasi columns must ascend: column %zu stands after column %zu",
                           plan->quasi[i], plan->quasi[i - 1]);
    }
    if (plan->k == 1)
        return pd_fail(err, PD_INVALID, "k is 0 (no rows are left out) or at least 2, not 1");
    if (plan->k > PROTECT_MAX_K)
        return pd_fail(err, PD_INVALID, "k=%" PRIu64 " is over the limit of %" PRId64, plan->k,
                       PROTECT_MAX_K);
    if (plan->k > 0 && plan->quasi_count == 0)
        return pd_fail(err, PD_INVALID, "k=%" PRIu64 " needs quasi columns to count classes over",
                       plan->k);
    return PD_OK;
}

/* step_of has one place per column, all NULL, and receives the step that is not a keep. */
static enum pd_status check_steps(const struct protect_plan *plan, const pd_str *names,
                                  size_t columns, const struct protect_step **step_of,
                                  struct pd_error *err) {
    size_t dropped = 0;
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct protect_step *step = &plan->steps[i];
        if (step->column >= columns)
            return pd_fail(err, PD_INVALID, "steps[%zu]: column %zu is not among the table's %zu",
                           i, step->column, columns);
        pd_str name = names[step->column];
        if (step_of[step->column] != NULL)
            return pd_fail(err, PD_INVALID, "column \"%.*s\" has two steps; give it one",
                           pd_arg(name));
        enum pd_status status = check_step(step, name, err);
        if (status != PD_OK)
            return status;
        step_of[step->column] = step;
        dropped += step->method == PROTECT_DROP ? 1 : 0;
    }
    if (dropped == columns)
        return pd_fail(err, PD_INVALID, "the plan drops every column; nothing would be left");
    return PD_OK;
}

enum pd_status protect_plan_resolve(const struct protect_plan *plan, const pd_str *names,
                                    size_t columns, const struct protect_step ***out,
                                    struct pd_error *err) {
    const struct protect_step **step_of = calloc(columns + 1, sizeof(*step_of));
    if (step_of == NULL)
        return pd_fail_memory(err);
    enum pd_status status = check_steps(plan, names, columns, step_of, err);
    if (status == PD_OK)
        status = check_classes(plan, columns, err);
    if (status != PD_OK) {
        free(step_of);
        return status;
    }
    *out = step_of;
    return PD_OK;
}

enum pd_status protect_plan_check(const struct protect_plan *plan, const pd_str *names,
                                  size_t columns, struct pd_error *err) {
    const struct protect_step **step_of;
    enum pd_status status = protect_plan_resolve(plan, names, columns, &step_of, err);
    if (status == PD_OK)
        free(step_of);
    return status;
}

static void write_width(struct pd_json *w, struct protect_width width) {
    char text[48];
    int64_t unit = 1;
    for (int i = 0; i < width.decimals; i++)
        unit *= 10;
    if (width.decimals == 0)
        snprintf(text, sizeof(text), "%" PRId64, width.amount);
    else
        snprintf(text, sizeof(text), "%" PRId64 ".%0*" PRId64, width.amount / unit, width.decimals,
                 width.amount % unit);
    pd_json_member_text(w, "width", text);
}

static void write_step(struct pd_json *w, const struct protect_step *step, pd_str name) {
    pd_json_object(w);
    pd_json_member_i64(w, "column", (int64_t)step->column);
    if (step->method == PROTECT_GENERALISE_DATE)
        pd_json_member_text(w, "date", protect_date_name(step->date));
    if (step->method == PROTECT_GENERALISE_TEXT)
        pd_json_member_i64(w, "keep", (int64_t)step->keep);
    pd_json_member_text(w, "method", protect_method_name(step->method));
    pd_json_member_str(w, "name", name);
    if (step->method == PROTECT_GENERALISE_NUMBER) {
        pd_json_member_bool(w, "whole", step->whole);
        write_width(w, step->width);
    }
    pd_json_object_end(w);
}

enum pd_status protect_plan_write(const struct protect_plan *plan, const pd_str *names,
                                  size_t columns, struct pd_json *w, struct pd_error *err) {
    const struct protect_step **step_of;
    enum pd_status status = protect_plan_resolve(plan, names, columns, &step_of, err);
    if (status != PD_OK)
        return status;
    pd_json_object(w);
    pd_json_key(w, "k");
    pd_json_u64(w, plan->k);
    pd_json_member_i64(w, "plan", PROTECT_PLAN_VERSION);
    pd_json_key(w, "quasi");
    pd_json_array(w);
    for (size_t i = 0; i < plan->quasi_count; i++) {
        pd_json_object(w);
        pd_json_member_i64(w, "column", (int64_t)plan->quasi[i]);
        pd_json_member_str(w, "name", names[plan->quasi[i]]);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_key(w, "steps");
    pd_json_array(w);
    for (size_t c = 0; c < columns; c++) {
        if (step_of[c] != NULL && step_of[c]->method != PROTECT_KEEP)
            write_step(w, step_of[c], names[c]);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
    free(step_of);
    return pd_buf_check(w->buf, err);
}
