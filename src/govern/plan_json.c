/* What plans do and cost, for machines: one shape for the command line, the API and the record. */
#include "govern/attack.h"
#include "govern/plan.h"

void govern_risk_write(const struct govern_reading *r, struct pd_json *w) {
    if (!r || !r->has_risk) {
        pd_json_null(w);
        return;
    }
    pd_json_object(w);
    pd_json_member_i64(w, "rows", (int64_t)r->risk.rows);
    pd_json_member_i64(w, "classes", (int64_t)r->risk.classes);
    pd_json_member_i64(w, "k", (int64_t)r->risk.smallest);
    pd_json_member_double(w, "highest", r->risk.highest);
    pd_json_member_double(w, "mean", r->risk.mean);
    pd_json_member_i64(w, "unique_rows", (int64_t)r->risk.unique_rows);
    pd_json_member_double(w, "unique_share", r->risk.unique_share);
    pd_json_object_end(w);
}

static void write_risk(struct pd_json *w, const char *name, const struct protect_risk *risk) {
    pd_json_key(w, name);
    pd_json_object(w);
    pd_json_member_i64(w, "rows", (int64_t)risk->rows);
    pd_json_member_i64(w, "classes", (int64_t)risk->classes);
    pd_json_member_i64(w, "smallest", (int64_t)risk->smallest);
    pd_json_member_double(w, "unique_share", risk->unique_share);
    pd_json_member_double(w, "highest", risk->highest);
    pd_json_member_double(w, "mean", risk->mean);
    pd_json_object_end(w);
}

static void write_unique(struct pd_json *w, const char *name, const struct protect_uniqueness *u) {
    if (!(u->sampled > 0))
        return;
    pd_json_key(w, name);
    pd_json_object(w);
    pd_json_member_double(w, "estimate", u->estimate);
    pd_json_member_double(w, "zayatz", u->zayatz);
    pd_json_key(w, "pitman");
    if (u->has_pitman)
        pd_json_double(w, u->pitman);
    else
        pd_json_null(w);
    pd_json_key(w, "snb");
    if (u->has_slide)
        pd_json_double(w, u->slide);
    else
        pd_json_null(w);
    pd_json_member_double(w, "journalist", u->journalist);
    pd_json_member_double(w, "marketer", u->marketer);
    pd_json_member_double(w, "sampled", u->sampled);
    pd_json_object_end(w);
}

static enum pd_status write_plan(struct pd_json *w, const struct protect_plan *plan,
                                 const struct govern_reading *before, const pd_str *told,
                                 struct pd_error *err) {
    pd_json_key(w, "plan");
    enum pd_status st =
        protect_plan_write(plan, before->names, before->inspection->column_count, w, err);
    pd_json_key(w, "told");
    pd_json_array(w);
    for (size_t i = 0; i < plan->step_count; i++)
        pd_json_str(w, told[i]);
    pd_json_array_end(w);
    return st;
}

enum pd_status govern_planned_write(const struct govern_planned *p, struct pd_json *w,
                                    struct pd_error *err) {
    enum pd_status st = write_plan(w, p->plan, p->before, p->told, err);
    pd_json_member_i64(w, "rows_in", (int64_t)p->report.rows_in);
    pd_json_member_i64(w, "rows_out", (int64_t)p->report.rows_out);
    pd_json_member_i64(w, "unsampled", (int64_t)p->report.unsampled);
    pd_json_member_i64(w, "suppressed", (int64_t)p->report.suppressed);
    pd_json_member_i64(w, "not_of_type", (int64_t)p->report.not_of_type);
    if (p->has_risk) {
        write_risk(w, "risk_before", &p->risk_before);
        write_risk(w, "risk_after", &p->risk_after);
        write_unique(w, "unique_before", &p->unique_before);
        write_unique(w, "unique_after", &p->unique_after);
    }
    return st;
}

enum pd_status govern_suggestion_write(const struct govern_suggestion *s, struct pd_json *w,
                                       struct pd_error *err) {
    enum pd_status st = write_plan(w, s->plan, s->before, s->told, err);
    govern_curve_write(s->candidates, s->candidate_count, s->chosen, w);
    pd_json_key(w, "local_recoding");
    pd_json_array(w);
    for (int i = 0; i < 2; i++) {
        if (s->local[i].groups == 0)
            continue;
        pd_json_object(w);
        pd_json_member_text(w, "kind", i ? "relaxed" : "strict");
        pd_json_member_i64(w, "groups", (int64_t)s->local[i].groups);
        pd_json_member_i64(w, "smallest", (int64_t)s->local[i].smallest);
        pd_json_member_double(w, "loss", s->local[i].loss);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_key(w, "losses");
    pd_json_array(w);
    for (size_t c = 0; c < s->before->inspection->column_count; c++)
        pd_json_double(w, s->losses[c]);
    pd_json_array_end(w);
    if (s->has_risk) {
        write_risk(w, "risk_before", &s->risk_before);
        write_risk(w, "risk_after", &s->risk_after);
        write_unique(w, "unique_before", &s->unique_before);
        write_unique(w, "unique_after", &s->unique_after);
    }
    govern_others_write(s->before->names, s->others, s->other_count, w);
    return st;
}
