/* A plan that somebody gives, carried out on a table. */
#include "govern/plan_impl.h"

/* A plan may be for one version alone; which columns it has, the parser has compared. */
enum pd_status plan_check_content(const struct protect_plan *plan,
                                  const struct govern_reading *before, struct pd_error *err) {
    char hex[GOVERN_HEX_SIZE];
    pd_hex_encode(before->content.bytes, sizeof(before->content.bytes), hex);
    if (plan->content.len == 0 || pd_str_is(plan->content, hex))
        return PD_OK;
    return pd_fail_at(err, PD_INVALID, "plan.content",
                   "the plan is for another version of the table: for content sha256:%.*s, and this is "
                   "sha256:%s, with %llu rows and the same columns; take \"content\" out of the plan if "
                   "it fits this version too, or make a new one (polder protect --suggest)",
                   pd_arg(plan->content), hex, (unsigned long long)before->inspection->rows);
}

enum pd_status govern_plan_carry_out(const struct govern_plan_table *table, pd_str text,
                                     const uint8_t *key, const struct table_sink *sink,
                                     struct pd_arena *arena, struct govern_planned *out,
                                     struct pd_error *err) {
    struct protect_classes *classes = NULL;
    struct govern_reading *after = NULL;
    crypto_hash content;
    enum pd_status st = govern_read(table->source, table->form, table->site, table->now,
                                    table->progress, arena, NULL, &out->before, err);
    if (st != PD_OK)
        return st;
    const struct govern_reading *before = out->before;
    st = protect_plan_parse(text, before->names, before->inspection->column_count, arena, &out->plan,
                            err);
    if (st == PD_OK)
        st = plan_check_content(out->plan, before, err);
    if (st != PD_OK)
        return pd_wrap(err, "the plan for %.*s", pd_arg(source_name(table->source)));
    out->has_risk = out->plan->quasi_count > 0 && before->inspection->rows > 0;
    if (out->has_risk)
        st = plan_classes(table->source, before, out->plan, key, table->progress, arena, &classes,
                          err);
    /* Without k no row is judged: the models only say which columns were counted. */
    const struct protect_plan as_it_was = {.quasi = out->plan->quasi,
                                           .quasi_count = out->plan->quasi_count,
                                           .models = out->plan->models,
                                           .model_count = out->plan->model_count};
    if (st == PD_OK && out->has_risk)
        st = protect_risk(classes, &as_it_was, out->plan->k, &out->risk_before, err);
    if (st == PD_OK && out->has_risk && table->population)
        st = protect_uniqueness(classes, &as_it_was, table->population, &out->unique_before, err);
    if (st == PD_OK && out->has_risk && table->population)
        st = protect_uniqueness(classes, out->plan, table->population, &out->unique_after, err);
    if (st == PD_OK && out->plan->k > before->inspection->rows)
        st = pd_fail(err, PD_INVALID,
                     "the plan asks for k=%llu and the table has %llu rows: nothing would be left; "
                     "lower k, or join it with more rows",
                     (unsigned long long)out->plan->k,
                     (unsigned long long)before->inspection->rows);
    struct reading_plan plan = {out->plan, before, classes, key, NULL};
    if (st == PD_OK)
        st = reading_apply(table->source, &plan, sink, table->now, table->progress, arena, &after,
                           &out->report, &content, err);
    if (st == PD_OK)
        st = plan_contradiction(&plan, table->source, after, table->progress, arena,
                                &out->risk_after, &out->contradiction, err);
    if (st == PD_OK)
        st = plan_told(out->plan, arena, &out->told, err);
    out->after = after;
    protect_classes_free(classes);
    return st;
}
