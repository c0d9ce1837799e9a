/* polder stats: the answer, for people and for machines. */
#include "cli/stats.h"

#include <math.h>

/* ---- What is protected, in words ---- */

static void say_unit(const struct cli_report *r, const struct stats_words *w) {
    if (!w->person.len) {
        cli_say(r->out, 0, 2,
                "Protected is one row. Where somebody has several rows, that is less than a "
                "person: --person COLUMN says whose a row is.");
        return;
    }
    cli_say(r->out, 0, 2,
            "Protected is one person: all rows of one value of \"%.*s\". Of each the first "
            "%.*s row%s in each of the first %.*s group%s count.",
            pd_arg(w->person), pd_arg(cli_number(r->arena, w->rows_per_person)),
            w->rows_per_person == 1 ? "" : "s", pd_arg(cli_number(r->arena, w->groups_per_person)),
            w->groups_per_person == 1 ? "" : "s");
}

static void say_cost(const struct cli_report *r, const struct stats_told *told) {
    const struct protect_cost *c = &told->result->cost;
    if (told->words->noise == PROTECT_LAPLACE && c->delta > 0)
        cli_say(r->out, 0, 2,
                "Noise: discrete Laplace. All answers together cost epsilon %g, and delta %g for "
                "finding the groups (rho %g as zCDP).",
                (double)c->epsilon_micro / 1e6, c->delta, (double)c->rho_nano / 1e9);
    else if (told->words->noise == PROTECT_LAPLACE)
        cli_say(r->out, 0, 2,
                "Noise: discrete Laplace. All answers together cost epsilon %g (rho %g as zCDP).",
                (double)c->epsilon_micro / 1e6, (double)c->rho_nano / 1e9);
    else
        cli_say(r->out, 0, 2,
                "Noise: discrete Gaussian. All answers together cost rho %g (zCDP), that is "
                "epsilon %g at delta %g%s.",
                (double)c->rho_nano / 1e9, told->words->epsilon, told->words->delta,
                c->delta > 0 ? "; finding the groups costs as much delta again" : "");
    if (told->result->threshold > 0)
        cli_say(r->out, 0, 2,
                "Groups whose count with its noise is below %lld stay untold, since that a group "
                "is there at all would tell of somebody.",
                (long long)told->result->threshold);
}

static void say_budget(const struct cli_report *r, const struct govern_budget *b) {
    cli_say(r->out, 0, 2,
            "Budget of \"%.*s\": epsilon %g at delta %g. Spent by %.*s answer%s: %.4g.",
            pd_arg(b->consumer), b->epsilon, b->delta, pd_arg(cli_number(r->arena, b->answers)),
            b->answers == 1 ? "" : "s", b->spent);
}

/* ---- The table ---- */

static pd_str measure_title(const struct stats_measure *m, struct pd_arena *arena) {
    if (m->statistic == PROTECT_COUNT)
        return PD_STR("count");
    if (m->statistic == PROTECT_QUANTILE && m->permille == 500)
        return pd_arena_printf(arena, "median of %.*s", pd_arg(m->name));
    if (m->statistic == PROTECT_QUANTILE)
        return pd_arena_printf(arena, "quantile %g of %.*s", m->permille / 1000.0, pd_arg(m->name));
    return pd_arena_printf(arena, "%s of %.*s", protect_statistic_name(m->statistic),
                           pd_arg(m->name));
}

static pd_str answer_text(const struct protect_answer *a, struct pd_arena *arena) {
    struct pd_buf buf;
    pd_buf_init(&buf, 256);
    protect_answer_write(a, &buf);
    pd_str text = pd_arena_str(arena, pd_buf_view(&buf));
    pd_buf_clear(&buf);
    return text;
}

/* As many places as the value has; at least one digit that isn't 0. */
static pd_str margin_text(const struct protect_answer *a, struct pd_arena *arena) {
    if (!(a->margin > 0))
        return PD_STR("");
    return a->margin >= 10 ? pd_arena_printf(arena, "%.0f", ceil(a->margin))
                           : pd_arena_printf(arena, "%.2g", a->margin);
}

static void say_table(const struct cli_report *r, const struct stats_told *told) {
    const struct stats_words *w = told->words;
    size_t columns = w->group_count + 2 * w->measure_count, rows = told->result->group_count;
    struct cli_column *titles = pd_arena_array(r->arena, columns, sizeof(*titles));
    pd_str *cells = pd_arena_array(r->arena, columns * rows + 1, sizeof(*cells));
    if (!titles || !cells) {
        r->out->failed = true;
        return;
    }
    for (size_t i = 0; i < w->group_count; i++)
        titles[i] = (struct cli_column){pd_arena_str(r->arena, w->groups[i].name).data, false, 40};
    for (size_t i = 0; i < w->measure_count; i++) {
        pd_str title = measure_title(&w->measures[i], r->arena);
        titles[w->group_count + 2 * i] = (struct cli_column){title.data, true, 0};
        titles[w->group_count + 2 * i + 1] = (struct cli_column){"+/-", true, 0};
    }
    for (size_t row = 0; row < rows; row++) {
        pd_str *at = cells + row * columns;
        const struct protect_stats_group *g = &told->result->groups[row];
        for (size_t i = 0; i < w->group_count; i++)
            at[i] = g->keys[i].len ? g->keys[i] : PD_STR("(empty)");
        for (size_t i = 0; i < w->measure_count; i++) {
            at[w->group_count + 2 * i] = answer_text(&g->answers[i], r->arena);
            at[w->group_count + 2 * i + 1] = margin_text(&g->answers[i], r->arena);
        }
    }
    cli_table(r->out, 0, titles, columns, cells, rows);
}

/* Of what the answers say themselves, so that saying it tells nothing more of the table. */
static void say_drowned(const struct cli_report *r, const struct stats_told *told) {
    const struct stats_words *w = told->words;
    size_t drowned = 0;
    for (size_t row = 0; row < told->result->group_count; row++)
        for (size_t i = 0; i < w->measure_count; i++) {
            const struct stats_measure *m = &w->measures[i];
            double width = ((double)m->high - (double)m->low) / pow(10, m->decimals);
            drowned += m->statistic == PROTECT_MEAN && told->result->groups[row].answers[i].margin >= width;
        }
    if (drowned)
        cli_say(r->out, 0, 2,
                "%zu mean%s with +/- as wide as the bounds: that says nothing. Too few rows have a number "
                "there, or none (is it a column of numbers?), or epsilon is too small.",
                drowned, drowned == 1 ? " stands" : "s stand");
}

void stats_tell(const struct cli_report *r, const struct stats_told *told) {
    say_unit(r, told->words);
    say_cost(r, told);
    if (told->budget)
        say_budget(r, told->budget);
    else
        cli_say(r->out, 0, 2,
                "Nobody keeps account of this answer: asked again, it costs as much again. "
                "--data, --dataset and --consumer spend from a budget.");
    if (told->result->group_count == 0)
        cli_say(r->out, 0, 2, "No group is large enough to be told.");
    pd_buf_char(r->out, '\n');
    if (told->result->group_count > 0) {
        say_table(r, told);
        cli_say(r->out, 0, 2,
                "+/-: with probability 95%% the noise is no more. A count may come out below 0.");
        say_drowned(r, told);
    }
    if (told->outcome)
        cli_report_placed(r, told->outcome);
}

/* ---- For machines ---- */

static void write_answer(struct pd_json *w, const struct stats_measure *m,
                         const struct protect_answer *a, struct pd_buf *text) {
    pd_json_object(w);
    pd_json_member_text(w, "statistic", protect_statistic_name(m->statistic));
    if (m->statistic != PROTECT_COUNT)
        pd_json_member_str(w, "column", m->name);
    if (m->statistic == PROTECT_QUANTILE)
        pd_json_member_double(w, "share", m->permille / 1000.0);
    pd_buf_reset(text);
    protect_answer_write(a, text);
    pd_json_member_str(w, "value", pd_buf_view(text));
    if (a->margin > 0)
        pd_json_member_double(w, "margin95", a->margin);
    pd_json_object_end(w);
}

static void write_groups(struct pd_json *w, const struct stats_told *told) {
    struct pd_buf text;
    pd_buf_init(&text, 256);
    pd_json_key(w, "groups");
    pd_json_array(w);
    for (size_t i = 0; i < told->result->group_count; i++) {
        const struct protect_stats_group *g = &told->result->groups[i];
        pd_json_object(w);
        pd_json_key(w, "keys");
        pd_json_array(w);
        for (size_t k = 0; k < told->words->group_count; k++)
            pd_json_str(w, g->keys[k]);
        pd_json_array_end(w);
        pd_json_key(w, "answers");
        pd_json_array(w);
        for (size_t k = 0; k < told->words->measure_count; k++)
            write_answer(w, &told->words->measures[k], &g->answers[k], &text);
        pd_json_array_end(w);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_buf_clear(&text);
}

static void write_unit(struct pd_json *w, const struct stats_words *words) {
    pd_json_key(w, "unit");
    pd_json_object(w);
    pd_json_member_text(w, "of", words->person.len ? "person" : "row");
    if (words->person.len) {
        pd_json_member_str(w, "column", words->person);
        pd_json_member_i64(w, "rows_per_group", (int64_t)words->rows_per_person);
        pd_json_member_i64(w, "groups", (int64_t)words->groups_per_person);
    }
    pd_json_member_text(w, "neighbours", "one unit more or less");
    pd_json_object_end(w);
}

static void write_cost(struct pd_json *w, const struct stats_told *told) {
    const struct protect_cost *c = &told->result->cost;
    pd_json_key(w, "cost");
    pd_json_object(w);
    pd_json_member_text(w, "noise", protect_noise_name(told->words->noise));
    pd_json_member_double(w, "epsilon", told->words->epsilon);
    pd_json_member_double(w, "delta",
                          told->words->noise == PROTECT_GAUSSIAN ? told->words->delta + c->delta
                                                                 : c->delta);
    pd_json_member_double(w, "rho", (double)c->rho_nano / 1e9);
    pd_json_object_end(w);
    pd_json_member_i64(w, "threshold", told->result->threshold);
}

void stats_write(struct pd_json *w, const struct stats_told *told) {
    const struct govern_budget *b = told->budget;
    write_unit(w, told->words);
    write_cost(w, told);
    pd_json_key(w, "group_by");
    pd_json_array(w);
    for (size_t i = 0; i < told->words->group_count; i++)
        pd_json_str(w, told->words->groups[i].name);
    pd_json_array_end(w);
    write_groups(w, told);
    if (b) {
        pd_json_key(w, "budget");
        pd_json_object(w);
        pd_json_member_str(w, "dataset", b->dataset);
        pd_json_member_str(w, "consumer", b->consumer);
        pd_json_member_double(w, "epsilon", b->epsilon);
        pd_json_member_double(w, "delta", b->delta);
        pd_json_member_double(w, "spent", b->spent);
        pd_json_member_i64(w, "answers", (int64_t)b->answers);
        pd_json_object_end(w);
    }
}
