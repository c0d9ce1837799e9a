/*
 * A steward's own plan at the doorway: it may tighten what the rules demand, never loosen it. What
 * the rules demand is the plan that was found, at their least k: that k and its models, which columns narrow down who somebody
 * is, and what happens to every other column. How the quasi columns are generalised is free, since k and
 * the models are counted in whatever comes out, and the law is asked about that again.
 */
#include "govern/plan_impl.h"

#include <inttypes.h>

static const struct protect_step *step_of(const struct protect_plan *plan, size_t column) {
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].column == column)
            return &plan->steps[i];
    return NULL;
}

static bool is_quasi(const struct protect_plan *plan, size_t column) {
    for (size_t i = 0; i < plan->quasi_count; i++)
        if (plan->quasi[i] == column)
            return true;
    return false;
}

static bool is_dropped(const struct protect_plan *plan, size_t column) {
    return !protect_plan_keeps(plan, column);
}

static double value_of(struct protect_width w) {
    double value = (double)w.amount;
    for (int i = 0; i < w.decimals; i++)
        value /= 10;
    return value;
}

/* As strict in kind and number; l counts up, closeness and risk count down. */
static bool has_model(const struct protect_plan *plan, const struct protect_plan_model *wanted) {
    bool is_l = wanted->kind == PROTECT_DISTINCT_L;
    for (size_t i = 0; i < plan->model_count; i++) {
        const struct protect_plan_model *m = &plan->models[i];
        if (m->kind != wanted->kind || m->sensitive != wanted->sensitive)
            continue;
        double is = value_of(m->threshold), least = value_of(wanted->threshold);
        if (is_l ? is >= least : is <= least)
            return true;
    }
    return false;
}

/* Whatever the cell, nothing of it is left. */
static bool is_suppressed(const struct protect_step *step) {
    return (step->method == PROTECT_GENERALISE_TEXT && step->keep == 0) ||
           (step->method == PROTECT_GENERALISE_DATE && step->date == PROTECT_SUPPRESSED);
}

/* A band of the given width is made of whole bands of the wanted one. */
static bool is_wider(const struct protect_step *wanted, const struct protect_step *given) {
    double times = value_of(given->width) / value_of(wanted->width);
    return times >= 1 && times == (double)(int64_t)times;
}

/* As little comes through as of what is wanted, by whatever cell. A mask by a type lets no more through than
   one by shape does. */
static bool is_tighter(const struct protect_step *wanted, const struct protect_step *given) {
    if (given->method == PROTECT_DROP || (wanted->method != PROTECT_DROP && is_suppressed(given)))
        return true;
    if (wanted->method == PROTECT_PSEUDONYM && given->method == PROTECT_MASK)
        return true;
    if (wanted->method != given->method)
        return false;
    switch (wanted->method) {
    case PROTECT_MASK:
        return wanted->mask == PROTECT_MASK_BY_SHAPE || wanted->mask == given->mask ||
               given->mask == PROTECT_MASK_IDENTIFIER;
    case PROTECT_GENERALISE_DATE:
        return given->date >= wanted->date;
    case PROTECT_GENERALISE_NUMBER:
        return is_wider(wanted, given);
    case PROTECT_GENERALISE_TEXT:
        return given->keep <= wanted->keep;
    default:
        return true;
    }
}

/* What must happen to a column; NULL: nothing. Of quasi columns that stay so, what a remedy names by
   itself: how else they are generalised is free. */
static const struct protect_step *demanded_step(const struct protect_plan *found,
                                                const struct protect_step *base,
                                                const struct protect_plan *given, size_t column) {
    if (!is_quasi(found, column) || !is_quasi(given, column))
        return step_of(found, column);
    return base[column].method == PROTECT_KEEP ? NULL : &base[column];
}

/* Says the first thing in which `given` falls behind. base: per column, what remedies do to it by
   themselves, groups apart. */
static enum pd_status check_tightens(const struct protect_plan *found,
                                     const struct protect_step *base,
                                     const struct protect_plan *given,
                                     const struct govern_reading *before, struct pd_arena *arena,
                                     struct pd_error *err) {
    if (given->k < found->k)
        return pd_fail_at(err, PD_INVALID, "plan.k",
                       "loosens what the rules demand: k is %" PRIu64 ", and they demand %" PRIu64,
                       given->k, found->k);
    for (size_t i = 0; i < found->quasi_count; i++)
        if (!is_quasi(given, found->quasi[i]) && !is_dropped(given, found->quasi[i]))
            return pd_fail_at(err, PD_INVALID, "plan.quasi",
                           "loosens what the rules demand: \"%.*s\" narrows down who somebody is, and "
                           "must stand in \"quasi\" or be dropped",
                           pd_arg(before->names[found->quasi[i]]));
    for (size_t m = 0; m < found->model_count; m++)
        if (!has_model(given, &found->models[m]) &&
            (found->models[m].kind == PROTECT_AVERAGE_RISK ||
             !is_dropped(given, found->models[m].sensitive)))
            return pd_fail_at(err, PD_INVALID, "plan.models",
                           "loosens what the rules demand: %s with a threshold of %g%s%.*s",
                           protect_model_name(found->models[m].kind),
                           value_of(found->models[m].threshold),
                           found->models[m].kind == PROTECT_AVERAGE_RISK ? "" : " for ",
                           pd_arg(found->models[m].kind == PROTECT_AVERAGE_RISK
                                      ? PD_STR("")
                                      : before->names[found->models[m].sensitive]));
    for (size_t c = 0; c < before->inspection->column_count; c++) {
        const struct protect_step *step = step_of(given, c);
        const struct protect_step *wanted = demanded_step(found, base, given, c);
        if (!wanted || is_dropped(given, c) || (step && is_tighter(wanted, step)))
            continue;
        return pd_fail_at(err, PD_INVALID, "plan.steps",
                          "loosens what the rules demand: \"%.*s\" is to be %.*s, and in the plan it is "
                          "%.*s",
                          pd_arg(before->names[c]), pd_arg(remedy_describe(wanted, arena)),
                          pd_arg(step ? remedy_describe(step, arena) : PD_STR("kept")));
    }
    return PD_OK;
}

/* The reasons of the plan that was found stay those of its columns. */
static enum pd_status keep_reasons(struct govern_run *run, struct pd_error *err) {
    size_t n = run->result.before->inspection->column_count;
    if (run->result.has_plan && run->remedy.changes)
        return PD_OK;
    run->remedy.kanon_policy = PD_STR("");
    run->remedy.changes = pd_arena_array(run->arena, n, sizeof(*run->remedy.changes));
    return run->remedy.changes ? PD_OK : pd_fail_memory(err);
}

enum pd_status plan_given(struct govern_run *run, struct pd_error *err) {
    struct govern_case *c = &run->result;
    const struct protect_plan *given = NULL;
    enum pd_status st =
        protect_plan_parse(run->request.plan, c->before->names, c->before->inspection->column_count,
                           run->arena, &given, err);
    if (st == PD_OK)
        st = plan_check_content(given, c->before, err);
    if (st == PD_INVALID && err && !err->field)
        err->field = "plan";
    if (st == PD_OK && c->has_plan)
        st = check_tightens(&run->demanded, run->remedy.base, given, c->before, run->arena, err);
    if (st == PD_OK && given->key.len > 0)
        st = plan_key_find(run, given->key, err);
    if (st == PD_OK)
        st = keep_reasons(run, err);
    if (st != PD_OK)
        return st;
    protect_classes_free(run->classes);
    run->classes = NULL;
    run->remedy.plan = *given;
    return given->quasi_count == 0
               ? PD_OK
               : plan_classes(run->source, c->before, given, run->pseudonym_key, run->progress,
                              run->arena, &run->classes, err);
}
