/* What polder protect tells: steps, loss and risk, for people and for machines. */
#include "cli/protect.h"

#include <string.h>

/* ---- For people ---- */

static pd_str figure(const struct cli_report *r, double x) {
    return pd_arena_printf(r->arena, "%.3g", x);
}

static double loss_of(const double *losses, const struct protect_step *step) {
    return losses ? losses[step->column] : 0;
}

static size_t place_after(const struct protect_plan *plan, size_t column) {
    size_t dropped = 0;
    for (size_t i = 0; i < plan->step_count; i++)
        dropped += plan->steps[i].method == PROTECT_DROP && plan->steps[i].column < column;
    return column - dropped;
}

/* Each changed column: what is done, what it loses, and its values before and after. */
static void tell_steps(const struct cli_report *r, const struct protect_plan *plan,
                       const pd_str *told, const struct govern_reading *before,
                       const struct govern_reading *after, const double *losses) {
    enum { N = 5 };
    static const struct cli_column columns[N] = {{"Column", false, 32},
                                                 {"Change", false, 60},
                                                 {"Loss", true, 0},
                                                 {"Values before", true, 0},
                                                 {"after", true, 0}};
    pd_str *cells = pd_arena_array(r->arena, N * plan->step_count + 1, sizeof(*cells));
    if (!cells) {
        r->out->failed = true;
        return;
    }
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct protect_step *step = &plan->steps[i];
        pd_str *at = cells + N * i;
        at[0] = before->names[step->column];
        at[1] = told[i];
        at[2] = losses && losses[step->column] > 0 ? cli_percent(r->arena, loss_of(losses, step))
                                                   : (pd_str){0};
        at[3] = cli_number(r->arena, before->inspection->columns[step->column].distinct.value);
        if (step->method != PROTECT_DROP)
            at[4] = cli_number(
                r->arena,
                after->inspection->columns[place_after(plan, step->column)].distinct.value);
    }
    if (plan->step_count == 0)
        cli_say(r->out, 2, 4, "No column is changed.");
    else
        cli_table(r->out, 2, columns, N, cells, plan->step_count);
}

static void tell_risk(const struct cli_report *r, const struct protect_risk *before,
                      const struct protect_risk *after) {
    enum { N = 3, ROWS = 5 };
    static const struct cli_column columns[N] = {
        {"Risk", false, 0}, {"Before", true, 0}, {"After", true, 0}};
    pd_str cells[N * ROWS] = {
        PD_STR("smallest group"),
        cli_number(r->arena, before->smallest),
        cli_number(r->arena, after->smallest),
        PD_STR("of a person, at most (prosecutor)"),
        figure(r, before->highest),
        figure(r, after->highest),
        PD_STR("of a person, on average"),
        figure(r, before->mean),
        figure(r, after->mean),
        PD_STR("unique rows"),
        cli_percent(r->arena, before->unique_share),
        cli_percent(r->arena, after->unique_share),
        PD_STR("rows"),
        cli_number(r->arena, before->rows),
        cli_number(r->arena, after->rows),
    };
    pd_buf_char(r->out, '\n');
    cli_table(r->out, 2, columns, N, cells, ROWS);
}

/* Which of the estimates the rule takes. */
static const char *estimated_by(const struct protect_uniqueness *u) {
    if (u->has_pitman && u->estimate == u->pitman && u->sampled <= 0.1)
        return "Pitman";
    return u->has_slide && u->estimate == u->slide && u->sampled > 0.1 ? "SNB" : "Zayatz";
}

static void tell_unique(const struct cli_report *r, const struct protect_uniqueness *before,
                        const struct protect_uniqueness *after) {
    enum { N = 3, ROWS = 6 };
    static const struct cli_column columns[N] = {
        {"In the population, estimated", false, 0}, {"Before", true, 0}, {"After", true, 0}};
    const struct protect_uniqueness *both[] = {before, after};
    pd_str cells[N * ROWS] = {[0] = PD_STR("risk of a person, at most (journalist)"),
                              [3] = PD_STR("rows matched rightly (marketer)"),
                              [6] = PD_STR("unique people, by Zayatz"),
                              [9] = PD_STR("by Pitman"),
                              [12] = PD_STR("by the slide negative binomial (SNB)"),
                              [15] = PD_STR("by the rule of Dankar et al.")};
    if (!(after->sampled > 0))
        return;
    for (size_t i = 0; i < 2; i++) {
        const struct protect_uniqueness *u = both[i];
        pd_str *at = cells + 1 + i;
        at[0] = figure(r, u->journalist);
        at[3] = figure(r, u->marketer);
        at[6] = cli_percent(r->arena, u->zayatz);
        at[9] = u->has_pitman ? cli_percent(r->arena, u->pitman) : PD_STR("-");
        at[12] = u->has_slide ? cli_percent(r->arena, u->slide) : PD_STR("-");
        at[15] = pd_arena_printf(r->arena, "%.*s (%s)",
                                 pd_arg(cli_percent(r->arena, u->estimate)), estimated_by(u));
    }
    pd_buf_char(r->out, '\n');
    cli_table(r->out, 2, columns, N, cells, ROWS);
}

void protect_tell_planned(const struct cli_report *r, const struct govern_planned *p,
                          const char *target, bool has_key) {
    const struct protect_report *report = &p->report;
    cli_say(r->out, 0, 2, "Protected: %s, %.*s of %.*s rows, %zu of %zu columns.", target,
            pd_arg(cli_number(r->arena, report->rows_out)),
            pd_arg(cli_number(r->arena, report->rows_in)), p->after->inspection->column_count,
            p->before->inspection->column_count);
    if (report->unsampled)
        cli_say(r->out, 2, 4, "%.*s rows are not in the sample.",
                pd_arg(cli_number(r->arena, report->unsampled)));
    if (report->suppressed)
        cli_say(r->out, 2, 4, "%.*s rows are left out: their groups fail k=%llu%s.",
                pd_arg(cli_number(r->arena, report->suppressed)), (unsigned long long)p->plan->k,
                p->plan->model_count ? " or a model" : "");
    if (report->not_of_type)
        cli_say(r->out, 2, 4, "%.*s cells are not of their column's type and became *.",
                pd_arg(cli_number(r->arena, report->not_of_type)));
    pd_buf_char(r->out, '\n');
    tell_steps(r, p->plan, p->told, p->before, p->after, NULL);
    if (p->has_risk)
        tell_risk(r, &p->risk_before, &p->risk_after);
    tell_unique(r, &p->unique_before, &p->unique_after);
    if (protect_plan_needs_key(p->plan) && !has_key)
        cli_say(r->out, 2, 4,
                "The key was of this run and is gone: nobody can go back, or join this table with "
                "another by its pseudonyms.");
    else if (protect_plan_needs_key(p->plan))
        cli_say(r->out, 2, 4,
                "Whoever holds the key can go back, so this is still personal data for them; tables "
                "under the same key can be joined, tables under another can't.");
    cli_say(r->out, 2, 4,
            "The output was read back, counted and inspected: it is what the plan says.");
}

void protect_tell_curve(const struct cli_report *r, const struct govern_candidate *list,
                        size_t count, size_t chosen) {
    enum { N = 7 };
    static const struct cli_column columns[N] = {{"", false, 0},
                                                 {"k", true, 0},
                                                 {"Loss", true, 0},
                                                 {"Rows left out", true, 0},
                                                 {"Risk at most", true, 0},
                                                 {"on average", true, 0},
                                                 {"Optimum", false, 0}};
    pd_str cells[N * GOVERN_CANDIDATES_MAX];
    for (size_t i = 0; i < count; i++) {
        const struct govern_candidate *c = &list[i];
        pd_str *at = cells + N * i;
        at[0] = i == chosen ? PD_STR("->") : (pd_str){0};
        at[1] = cli_number(r->arena, c->k);
        at[2] = cli_percent(r->arena, c->loss);
        at[3] = cli_percent(r->arena, c->suppressed);
        at[4] = figure(r, c->highest);
        at[5] = figure(r, c->mean);
        at[6] = c->is_proven
                    ? PD_STR("proven")
                    : pd_arena_printf(r->arena, "at least %.3g, so at most %.3g too much", c->bound,
                                      c->loss - c->bound);
    }
    pd_buf_text(r->out, "\n");
    cli_table(r->out, 2, columns, N, cells, count);
}

void protect_tell_others(const struct cli_report *r, const pd_str *names,
                         const struct govern_other *others, size_t count) {
    enum { N = 4 };
    static const struct cli_column columns[N] = {{"If also known", false, 32},
                                                 {"smallest group", true, 0},
                                                 {"unique rows", true, 0},
                                                 {"risk on average", true, 0}};
    pd_str cells[N * GOVERN_OTHERS_MAX];
    for (size_t i = 0; i < count; i++) {
        pd_str *at = cells + N * i;
        at[0] = names[others[i].column];
        at[1] = cli_number(r->arena, others[i].smallest);
        at[2] = cli_percent(r->arena, others[i].unique_share);
        at[3] = figure(r, others[i].mean);
    }
    if (count == 0)
        return;
    pd_buf_char(r->out, '\n');
    cli_table(r->out, 2, columns, N, cells, count);
    cli_say(r->out, 2, 4,
            "So the risk would move if whoever looks for a person knew that column of theirs too: "
            "then put it among \"quasi\", or change it.");
}

/* What cutting the rows, instead of the columns, would lose. */
static void tell_local(const struct cli_report *r, const struct govern_suggestion *s) {
    const struct protect_local *strict = &s->local[0], *relaxed = &s->local[1];
    if (strict->groups == 0 || relaxed->groups == 0)
        return;
    cli_say(r->out, 2, 4,
            "For comparison: local recoding (Mondrian) of the same k would lose %.*s in %.*s groups, or %.*s "
            "in %.*s that overlap, and leave no row out. Its ranges differ from group to group, which most "
            "programs can't work with; no plan carries it out.",
            pd_arg(cli_percent(r->arena, strict->loss)),
            pd_arg(cli_number(r->arena, strict->groups)),
            pd_arg(cli_percent(r->arena, relaxed->loss)),
            pd_arg(cli_number(r->arena, relaxed->groups)));
}

void protect_tell_suggestion(const struct cli_report *r, const struct govern_suggestion *s,
                             const char *target) {
    cli_say(r->out, 0, 2, "A plan for this version of the table (%.*s rows, %zu columns):",
            pd_arg(cli_number(r->arena, s->before->inspection->rows)),
            s->before->inspection->column_count);
    tell_steps(r, s->plan, s->told, s->before, s->after, s->losses);
    if (s->candidate_count)
        protect_tell_curve(r, s->candidates, s->candidate_count, s->chosen);
    if (s->candidate_count > 1)
        cli_say(r->out, 2, 4,
                "Proposed is the knee of the curve: before it much risk is saved for little loss, "
                "beyond it little for much, or whole columns. --k=N asks for another point.");
    tell_local(r, s);
    if (s->has_risk)
        tell_risk(r, &s->risk_before, &s->risk_after);
    tell_unique(r, &s->unique_before, &s->unique_after);
    protect_tell_others(r, s->before->names, s->others, s->other_count);
    if (target)
        cli_say(r->out, 2, 4,
                "Written to %s. Read it, edit it, and carry it out: polder protect FILE --plan %s -o "
                "OUT",
                target, target);
    else
        cli_say(r->out, 2, 4, "-o FILE writes the plan, to be edited and carried out.");
}
