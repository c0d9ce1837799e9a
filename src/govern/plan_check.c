/*
 * A plan is held against its own output: what was written is read back, its classes are counted
 * anew, and its inspection is asked whether what the plan took away is really gone.
 */
#include "govern/plan_impl.h"

#define CLASSES_LIMIT ((size_t)4 << 30)

/* ---- Classes ---- */

static enum pd_status feed_classes(void *context, const struct table_batch *batch,
                                   struct pd_error *err) {
    return protect_classes_feed(context, batch, err);
}

enum pd_status plan_classes(struct source *source, const struct govern_reading *before,
                            const struct protect_plan *plan, const uint8_t *key,
                            const struct govern_progress *progress, struct pd_arena *arena,
                            struct protect_classes **out, struct pd_error *err) {
    size_t *columns = NULL, count = 0;
    struct protect_classes *classes = NULL;
    if (plan->sample.millionths > 0 && key == NULL)
        return pd_fail(err, PD_USAGE, "a sample needs a key to be drawn by");
    enum pd_status st = protect_plan_counted(plan, arena, &columns, &count, err);
    if (st == PD_OK)
        st = protect_classes_new(columns, count, CLASSES_LIMIT, &classes, err);
    if (st == PD_OK && plan->sample.millionths > 0)
        protect_classes_sample(classes, &plan->sample, key);
    for (size_t m = 0; st == PD_OK && m < plan->model_count; m++)
        if (plan->models[m].kind != PROTECT_AVERAGE_RISK)
            protect_classes_spare(classes, plan->models[m].sensitive);
    struct table_handler handler = {.context = classes, .batch = feed_classes};
    if (st == PD_OK)
        st = reading_again(source, before, &handler, "counting classes", progress, arena, err);
    if (st != PD_OK) {
        protect_classes_free(classes);
        return st;
    }
    *out = classes;
    return PD_OK;
}

/* ---- The plan as its output shows it ---- */

/* Quasi columns that stay, k and the models that can be told from the output alone; columns by
   their number there. Distances from the whole table (t, beta) can't: it isn't there any more. */
static enum pd_status shown_plan(const struct protect_plan *plan, size_t columns,
                                 struct pd_arena *arena, struct protect_plan *out,
                                 struct pd_error *err) {
    size_t *place = pd_arena_array(arena, columns + 1, sizeof(*place)), at = 0;
    size_t *quasi = pd_arena_array(arena, plan->quasi_count + 1, sizeof(*quasi));
    struct protect_plan_model *models =
        pd_arena_array(arena, plan->model_count + 1, sizeof(*models));
    if (!place || !quasi || !models)
        return pd_fail_memory(err);
    for (size_t c = 0; c < columns; c++) {
        place[c] = at;
        at += protect_plan_keeps(plan, c);
    }
    *out = (struct protect_plan){.quasi = quasi, .k = plan->k, .models = models};
    for (size_t i = 0; i < plan->quasi_count; i++)
        if (protect_plan_keeps(plan, plan->quasi[i]))
            quasi[out->quasi_count++] = place[plan->quasi[i]];
    for (size_t m = 0; m < plan->model_count; m++) {
        enum protect_model_kind kind = plan->models[m].kind;
        if (kind != PROTECT_AVERAGE_RISK &&
            !(kind >= PROTECT_DISTINCT_L && kind <= PROTECT_RECURSIVE_L))
            continue;
        struct protect_plan_model *model = &models[out->model_count++];
        *model = plan->models[m];
        if (kind != PROTECT_AVERAGE_RISK)
            model->sensitive = place[plan->models[m].sensitive];
    }
    return PD_OK;
}

/* ---- Counting the output ---- */

struct recount {
    struct table_reader *reader;
    struct protect_classes *classes;
};

static enum pd_status take_bytes(void *context, const void *bytes, size_t n, struct pd_error *err) {
    struct recount *r = context;
    return table_feed(r->reader, bytes, n, err);
}

static enum pd_status take_batch(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    struct recount *r = context;
    return protect_classes_feed(r->classes, batch, err);
}

static enum pd_status recount(const struct reading_plan *plan, struct source *source,
                              const struct protect_plan *shown,
                              const struct govern_progress *progress, struct pd_arena *arena,
                              struct recount *r, struct pd_error *err) {
    struct table_handler handler = {.context = r, .batch = take_batch};
    struct table_sink sink = {.context = r, .write = take_bytes};
    struct protect_report report;
    crypto_hash content;
    size_t *columns = NULL, count = 0;
    enum pd_status st = protect_plan_counted(shown, arena, &columns, &count, err);
    if (st == PD_OK)
        st = protect_classes_new(columns, count, CLASSES_LIMIT, &r->classes, err);
    if (st == PD_OK && plan->plan->aggregate.len > 0)
        protect_classes_weigh(r->classes, shown->quasi_count);
    if (st == PD_OK)
        st = table_reader_new(NULL, &table_dialect_written, &handler, &r->reader, err);
    if (st == PD_OK)
        st = reading_apply(source, plan, &sink, 0, progress, arena, NULL, &report, &content, err);
    if (st == PD_OK)
        st = table_finish(r->reader, err);
    return st;
}

/* ---- What inspection says ---- */

static bool has_verdict(const struct inspect_column *column, const struct detect_info *info) {
    for (size_t v = 0; v < column->verdict_count; v++)
        if (column->verdicts[v].info == info)
            return true;
    return false;
}

/*
 * What was to be changed, and still tells by form and check digit whom it is about. What was kept,
 * nobody promised anything of; shifted dates are no identifiers.
 */
static bool still_identifies(const struct protect_step *step, const struct inspect_column *before,
                             const struct inspect_column *after) {
    if (step->method == PROTECT_KEEP || step->method == PROTECT_SHIFT_DATE)
        return false;
    bool keeps_form = step->method == PROTECT_FORMAT_PRESERVING;
    bool hides = step->method == PROTECT_MASK || step->method == PROTECT_PSEUDONYM ||
                 step->method == PROTECT_REDACT || keeps_form;
    for (size_t v = 0; v < after->verdict_count; v++) {
        const struct inspect_verdict *verdict = &after->verdicts[v];
        /* A telephone number that keeps its form is one to any reader; that is what was asked. And
         * one in so many of them is by chance a number of another kind, in as many rows as it
         * stands in. */
        if (keeps_form && (!verdict->info->has_check_digit || !has_verdict(before, verdict->info)))
            continue;
        /* Coarser dates and codes may be told to be what they are; identifiers may not. */
        bool is_meant = hides || after->role == INSPECT_DIRECT;
        if (verdict->confidence == INSPECT_HIGH && verdict->info->is_personal && is_meant)
            return true;
    }
    return false;
}

static pd_str inspected(const struct protect_plan *plan, const struct govern_reading *before,
                        const struct inspection *after, struct pd_arena *arena) {
    size_t at = 0;
    for (size_t c = 0; c < before->inspection->column_count && at < after->column_count; c++) {
        if (!protect_plan_keeps(plan, c))
            continue;
        for (size_t i = 0; i < plan->step_count; i++)
            if (plan->steps[i].column == c &&
                still_identifies(&plan->steps[i], &before->inspection->columns[c],
                                 &after->columns[at]))
                return pd_arena_printf(
                    arena,
                    "the plan says that \"%.*s\" is %.*s, but inspection of the output still "
                    "recognises %s there",
                    pd_arg(before->names[c]), pd_arg(remedy_describe(&plan->steps[i], arena)),
                    after->columns[at].verdicts[0].info->title);
        at++;
    }
    return PD_STR("");
}

enum pd_status plan_contradiction(const struct reading_plan *plan, struct source *source,
                                  const struct govern_reading *after,
                                  const struct govern_progress *progress, struct pd_arena *arena,
                                  struct protect_risk *risk, pd_str *out, struct pd_error *err) {
    struct protect_plan shown = {0};
    struct recount r = {0};
    size_t promised = plan->plan->aggregate.len > 0;
    *risk = (struct protect_risk){0};
    for (size_t c = 0; c < plan->before->inspection->column_count; c++)
        promised += protect_plan_keeps(plan->plan, c);
    *out = after->inspection->column_count == promised
               ? inspected(plan->plan, plan->before, after->inspection, arena)
               : pd_arena_printf(arena, "the plan leaves %zu columns, but the output has %zu",
                                 promised, after->inspection->column_count);
    enum pd_status st =
        shown_plan(plan->plan, plan->before->inspection->column_count, arena, &shown, err);
    if (st != PD_OK || shown.quasi_count == 0 || after->inspection->rows == 0)
        return out->data ? st : pd_fail_memory(err);
    st = recount(plan, source, &shown, progress, arena, &r, err);
    struct pd_error why = {0};
    enum pd_status judged = st == PD_OK ? protect_risk(r.classes, &shown, 0, risk, &why) : PD_OK;
    if (judged != PD_OK && judged != PD_DENIED)
        st = pd_fail(err, judged, "%s", why.text);
    if (st == PD_OK && out->len == 0 && judged == PD_DENIED)
        *out = pd_arena_printf(arena, "the output, counted anew: %s", why.text);
    else if (st == PD_OK && out->len == 0 && risk->suppressed > 0)
        *out = pd_arena_printf(
            arena,
            "the plan promises k=%llu%s, but in the output, counted anew, %llu rows "
            "are in groups that fail it",
            (unsigned long long)shown.k, plan->plan->model_count ? " and its models" : "",
            (unsigned long long)risk->suppressed);
    table_reader_free(r.reader);
    protect_classes_free(r.classes);
    return st == PD_OK && !out->data ? pd_fail_memory(err) : st;
}

enum pd_status plan_told(const struct protect_plan *plan, struct pd_arena *arena,
                         const pd_str **out, struct pd_error *err) {
    pd_str *told = pd_arena_array(arena, plan->step_count + 1, sizeof(*told));
    if (!told)
        return pd_fail_memory(err);
    for (size_t i = 0; i < plan->step_count; i++)
        told[i] = remedy_describe(&plan->steps[i], arena);
    *out = told;
    return PD_OK;
}
