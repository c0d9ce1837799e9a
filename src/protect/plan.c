/* What a plan may say. */
#include "protect/protect_impl.h"

#include <inttypes.h>
#include <stdlib.h>

static enum pd_status check_width(const struct protect_width *w, const char *what, pd_str name,
                                  struct pd_error *err) {
    if (w->decimals >= 0 && w->decimals <= PROTECT_MAX_DECIMALS && w->amount >= 1 &&
        w->amount <= PROTECT_MAX_AMOUNT && (w->decimals == 0 || w->amount % 10 != 0))
        return PD_OK;
    return pd_fail(err, PD_INVALID,
                   "column \"%.*s\": %s lies between 0 and %" PRId64
                   ", with at most %d decimals and no zero as the last one",
                   pd_arg(name), what, PROTECT_MAX_AMOUNT, PROTECT_MAX_DECIMALS);
}

static bool is_end(const struct protect_width *w) {
    return w->decimals >= 0 && w->decimals <= PROTECT_MAX_DECIMALS &&
           w->amount >= -PROTECT_MAX_AMOUNT && w->amount <= PROTECT_MAX_AMOUNT &&
           (w->decimals == 0 || w->amount % 10 != 0);
}

static enum pd_status check_ends(const struct protect_step *step, pd_str name,
                                 struct pd_error *err) {
    if (!step->has_top && !step->has_bottom)
        return pd_fail(err, PD_INVALID, "column \"%.*s\": give a top, a bottom or both",
                       pd_arg(name));
    if ((step->has_top && !is_end(&step->top)) || (step->has_bottom && !is_end(&step->bottom)))
        return pd_fail(err, PD_INVALID,
                       "column \"%.*s\": top and bottom lie between -%" PRId64 " and %" PRId64
                       ", with at most %d decimals and no zero as the last one",
                       pd_arg(name), PROTECT_MAX_AMOUNT, PROTECT_MAX_AMOUNT, PROTECT_MAX_DECIMALS);
    if (step->has_top && step->has_bottom &&
        !(protect_width_value(step->bottom) < protect_width_value(step->top)))
        return pd_fail(err, PD_INVALID, "column \"%.*s\": the bottom must be below the top",
                       pd_arg(name));
    return PD_OK;
}

static bool has_tree(const struct protect_plan *plan, const struct protect_value_tree *tree) {
    for (size_t i = 0; i < plan->tree_count; i++)
        if (plan->trees[i] == tree)
            return true;
    return false;
}

static enum pd_status check_shift(const struct protect_step *step, size_t columns, pd_str name,
                                  struct pd_error *err) {
    if (step->days < 1 || step->days > PROTECT_MAX_SHIFT)
        return pd_fail(err, PD_INVALID, "column \"%.*s\": dates shift by 1 to %d days",
                       pd_arg(name), PROTECT_MAX_SHIFT);
    if (step->person >= columns || step->person == step->column)
        return pd_fail(err, PD_INVALID,
                       "column \"%.*s\": column %zu can't say whose the date is; name another one "
                       "of the table's %zu",
                       pd_arg(name), step->person, columns);
    return PD_OK;
}

static enum pd_status check_text(const struct protect_step *step, pd_str name,
                                 struct pd_error *err) {
    if (step->keep <= PROTECT_MAX_KEEP)
        return PD_OK;
    return pd_fail(err, PD_INVALID, "column \"%.*s\": at most %d characters can be kept",
                   pd_arg(name), PROTECT_MAX_KEEP);
}

static enum pd_status check_format(const struct protect_step *step, pd_str name,
                                   struct pd_error *err) {
    if (step->format >= PROTECT_FORMAT_COUNT)
        return pd_fail(err, PD_INVALID, "column \"%.*s\": there is no format %d", pd_arg(name),
                       (int)step->format);
    if (step->keep > 0 && step->format != PROTECT_FORMAT_DIGITS)
        return pd_fail(err, PD_INVALID,
                       "column \"%.*s\": the format \"%s\" says itself what stays; keep is 0 there",
                       pd_arg(name), protect_format_name(step->format));
    return check_text(step, name, err);
}

static enum pd_status check_tree(const struct protect_plan *plan, const struct protect_step *step,
                                 pd_str name, struct pd_error *err) {
    if (!step->tree || !has_tree(plan, step->tree))
        return pd_fail(err, PD_INVALID, "column \"%.*s\": the plan doesn't hold its hierarchy",
                       pd_arg(name));
    if (step->level < 1 || step->level >= step->tree->width)
        return pd_fail(err, PD_INVALID, "column \"%.*s\": the hierarchy \"%.*s\" has levels 1 to %zu",
                       pd_arg(name), pd_arg(step->tree->name), step->tree->width - 1);
    return PD_OK;
}

static enum pd_status check_number(const struct protect_step *step, pd_str name,
                                   struct pd_error *err) {
    enum pd_status st = check_width(&step->width, "a band's width", name, err);
    if (st == PD_OK && step->whole && step->width.decimals > 0)
        st = pd_fail(err, PD_INVALID,
                     "column \"%.*s\": bands of whole numbers need a whole width", pd_arg(name));
    return st;
}

static enum pd_status check_step(const struct protect_plan *plan, const struct protect_step *step,
                                 size_t columns, pd_str name, struct pd_error *err) {
    if (step->scope.len > PROTECT_SCOPE_MAX)
        return pd_fail(err, PD_INVALID, "column \"%.*s\": \"as\" has at most %d bytes",
                       pd_arg(name), PROTECT_SCOPE_MAX);
    if (step->mask >= PROTECT_MASK_TYPE_COUNT)
        return pd_fail(err, PD_INVALID, "column \"%.*s\": there is no type %d of masks", pd_arg(name),
                       (int)step->mask);
    switch (step->method) {
    case PROTECT_KEEP:
    case PROTECT_DROP:
    case PROTECT_MASK:
    case PROTECT_PSEUDONYM:
    case PROTECT_REDACT:
        return PD_OK;
    case PROTECT_GENERALISE_DATE:
        if (step->date < PROTECT_HOUR || step->date > PROTECT_SUPPRESSED)
            return pd_fail(err, PD_INVALID, "column \"%.*s\": there is no date level %d",
                           pd_arg(name), (int)step->date);
        return PD_OK;
    case PROTECT_GENERALISE_NUMBER:
        return check_number(step, name, err);
    case PROTECT_GENERALISE_TEXT:
        return check_text(step, name, err);
    case PROTECT_FORMAT_PRESERVING:
        return check_format(step, name, err);
    case PROTECT_SHIFT_DATE:
        return check_shift(step, columns, name, err);
    case PROTECT_GENERALISE_HIERARCHY:
        return check_tree(plan, step, name, err);
    case PROTECT_TOP_BOTTOM:
        return check_ends(step, name, err);
    case PROTECT_ROUND:
        return check_width(&step->width, "what is rounded to", name, err);
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
        enum pd_status status = check_step(plan, step, columns, name, err);
        if (status != PD_OK)
            return status;
        step_of[step->column] = step;
        dropped += step->method == PROTECT_DROP ? 1 : 0;
    }
    if (dropped == columns)
        return pd_fail(err, PD_INVALID, "the plan drops every column; nothing would be left");
    return PD_OK;
}

static bool is_quasi(const struct protect_plan *plan, size_t column) {
    for (size_t i = 0; i < plan->quasi_count; i++)
        if (plan->quasi[i] == column)
            return true;
    return false;
}

static enum pd_status check_model(const struct protect_plan *plan,
                                  const struct protect_plan_model *m, const pd_str *names,
                                  size_t columns, const struct protect_step *const *step_of,
                                  struct pd_error *err) {
    double threshold = protect_width_value(m->threshold);
    bool is_share = m->kind == PROTECT_T_EQUAL || m->kind == PROTECT_T_ORDERED ||
                    m->kind == PROTECT_T_HIERARCHICAL || m->kind == PROTECT_AVERAGE_RISK;
    bool is_l = m->kind >= PROTECT_DISTINCT_L && m->kind <= PROTECT_RECURSIVE_L;
    if (m->kind == PROTECT_K_ANONYMITY || m->kind >= PROTECT_MODEL_KIND_COUNT)
        return pd_fail(err, PD_INVALID, "k stands in \"k\"; it is no model beside it");
    const char *name = protect_model_name(m->kind);
    if (plan->k == 0)
        return pd_fail(err, PD_INVALID, "%s needs a k of at least 2: classes are what it is about",
                       name);
    if (m->threshold.amount < 0 || m->threshold.amount > PROTECT_MAX_AMOUNT ||
        (is_share && !(threshold > 0 && threshold <= 1)) || (is_l && !(threshold >= 1)))
        return pd_fail(err, PD_INVALID, "%s has a threshold %s, not %g", name,
                       is_share ? "above 0 and up to 1" : is_l ? "of at least 1" : "of at least 0",
                       threshold);
    if (m->kind == PROTECT_RECURSIVE_L && m->c.amount < 1)
        return pd_fail(err, PD_INVALID, "%s needs a c above 0", name);
    if (m->kind == PROTECT_AVERAGE_RISK)
        return PD_OK;
    if (m->sensitive >= columns)
        return pd_fail(err, PD_INVALID, "%s: column %zu is not among the table's %zu", name,
                       m->sensitive, columns);
    pd_str column = names[m->sensitive];
    if (is_quasi(plan, m->sensitive))
        return pd_fail(err, PD_INVALID,
                       "%s: column \"%.*s\" is a quasi column; a column is one or the other", name,
                       pd_arg(column));
    const struct protect_step *step = step_of[m->sensitive];
    if (step != NULL && step->method == PROTECT_DROP)
        return pd_fail(err, PD_INVALID,
                       "%s: column \"%.*s\" is dropped, so that nothing is told of it; leave the "
                       "model out",
                       name, pd_arg(column));
    if (m->kind == PROTECT_T_HIERARCHICAL && (!m->tree || !has_tree(plan, m->tree)))
        return pd_fail(err, PD_INVALID, "%s: the plan doesn't hold its hierarchy", name);
    if (m->kind == PROTECT_T_HIERARCHICAL && step != NULL && step->method != PROTECT_KEEP)
        return pd_fail(err, PD_INVALID,
                       "%s: the hierarchy is of the values as they are, so \"%.*s\" must stay", name,
                       pd_arg(column));
    return PD_OK;
}

/* One row for each class: nothing but what classes are told apart by is left, and how large they are. */
static enum pd_status check_aggregate(const struct protect_plan *plan, const pd_str *names,
                                      size_t columns, struct pd_error *err) {
    if (plan->aggregate.len == 0)
        return PD_OK;
    if (plan->k == 0)
        return pd_fail(err, PD_INVALID, "an aggregate needs a k of at least 2: smaller counts are "
                                        "left out");
    for (size_t m = 0; m < plan->model_count; m++)
        if (plan->models[m].kind != PROTECT_AVERAGE_RISK)
            return pd_fail(err, PD_INVALID, "%s: an aggregate tells nothing of sensitive columns; "
                                            "leave the model out",
                           protect_model_name(plan->models[m].kind));
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].method != PROTECT_KEEP && !is_quasi(plan, plan->steps[i].column))
            return pd_fail(err, PD_INVALID,
                           "column \"%.*s\" leaves, as an aggregate has the quasi columns only; it "
                           "needs no step",
                           pd_arg(names[plan->steps[i].column]));
    for (size_t i = 0; i < plan->step_count; i++)
        if (protect_step_needs_key(&plan->steps[i]))
            return pd_fail(err, PD_INVALID, "column \"%.*s\": an aggregate has no pseudonyms of "
                                            "anybody",
                           pd_arg(names[plan->steps[i].column]));
    for (size_t c = 0; c < columns; c++)
        if (protect_plan_keeps(plan, c) && pd_str_eq(names[c], plan->aggregate))
            return pd_fail(err, PD_INVALID, "there is a column \"%.*s\" already; call the counts "
                                            "otherwise",
                           pd_arg(plan->aggregate));
    return PD_OK;
}

/* What only version 2 says. */
static enum pd_status check_rest(const struct protect_plan *plan, const pd_str *names,
                                 size_t columns, const struct protect_step *const *step_of,
                                 struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < plan->model_count; i++) {
        st = check_model(plan, &plan->models[i], names, columns, step_of, err);
        if (st != PD_OK)
            return pd_wrap(err, "models[%zu]", i);
    }
    for (size_t i = 0; i < plan->quasi_count; i++) {
        const struct protect_step *step = step_of[plan->quasi[i]];
        if (step != NULL && step->method == PROTECT_SHIFT_DATE)
            return pd_fail(err, PD_INVALID,
                           "column \"%.*s\" is a quasi column, and classes of shifted dates hide "
                           "nobody; generalise it",
                           pd_arg(names[plan->quasi[i]]));
    }
    st = check_aggregate(plan, names, columns, err);
    if (st != PD_OK)
        return st;
    if (plan->sample.millionths >= 1000000)
        return pd_fail(err, PD_INVALID, "a sample is a share of the rows between 0 and 1");
    if (plan->sample.millionths > 0 && plan->sample.by_person && plan->sample.person >= columns)
        return pd_fail(err, PD_INVALID, "sample: column %zu is not among the table's %zu",
                       plan->sample.person, columns);
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
    if (status == PD_OK)
        status = check_rest(plan, names, columns, step_of, err);
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

/* ---- What it takes ---- */

bool protect_plan_keeps(const struct protect_plan *plan, size_t column) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].column == column)
            return plan->steps[i].method != PROTECT_DROP &&
                   (plan->aggregate.len == 0 || is_quasi(plan, column));
    return plan->aggregate.len == 0 || is_quasi(plan, column);
}

bool protect_plan_needs_key(const struct protect_plan *plan) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (protect_step_needs_key(&plan->steps[i]))
            return true;
    return plan->sample.millionths > 0;
}

bool protect_plan_needs_classes(const struct protect_plan *plan) {
    return plan->k > 0;
}

enum pd_status protect_plan_counted(const struct protect_plan *plan, struct pd_arena *arena,
                                    size_t **columns, size_t *count, struct pd_error *err) {
    size_t *list = pd_arena_array(arena, plan->quasi_count + plan->model_count + 1, sizeof(*list));
    if (list == NULL)
        return pd_fail_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < plan->quasi_count; i++)
        list[n++] = plan->quasi[i];
    for (size_t m = 0; m < plan->model_count; m++) {
        size_t at = 0, column = plan->models[m].sensitive;
        if (plan->models[m].kind == PROTECT_AVERAGE_RISK)
            continue;
        while (at < n && list[at] < column)
            at++;
        if (at < n && list[at] == column)
            continue;
        for (size_t i = n++; i > at; i--)
            list[i] = list[i - 1];
        list[at] = column;
    }
    *columns = list;
    *count = n;
    return PD_OK;
}

int protect_plan_version(const struct protect_plan *plan) {
    bool is_second = plan->model_count > 0 || plan->sample.millionths > 0 || plan->tree_count > 0 ||
                     plan->aggregate.len > 0 || plan->key.len > 0 || plan->columns != NULL || plan->content.len > 0;
    for (size_t i = 0; i < plan->step_count; i++)
        is_second = is_second || plan->steps[i].method >= PROTECT_FORMAT_PRESERVING ||
                    plan->steps[i].scope.len > 0 || plan->steps[i].mask != PROTECT_MASK_BY_SHAPE;
    return is_second ? 2 : 1;
}
