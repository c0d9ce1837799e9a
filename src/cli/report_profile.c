/* What was measured of each column, for people: how its values lie, sums, gaps, shapes, keys. */
#include "cli/cli.h"

/* A bar of eight heights for each bin; an empty bin is a dot, so that it isn't taken for a low one.
 */
static pd_str bars(const struct cli_report *r, const struct inspect_column *c) {
    static const char *const heights[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    uint64_t most = 0;
    for (size_t i = 0; i < c->bin_count; i++)
        most = c->bins[i].count > most ? c->bins[i].count : most;
    pd_str text = PD_STR("");
    for (size_t i = 0; i < c->bin_count && text.data; i++) {
        uint64_t n = c->bins[i].count;
        size_t height = most > 0 ? (size_t)((double)n / (double)most * 7.999) : 0;
        text = pd_arena_printf(r->arena, "%.*s%s", pd_arg(text), n == 0 ? "·" : heights[height]);
    }
    return text;
}

static pd_str range(const struct cli_report *r, const struct inspect_column *c) {
    const struct inspect_bin *first = &c->bins[0], *last = &c->bins[c->bin_count - 1];
    if (c->distinct.is_exact && c->distinct.value == 1)
        return pd_arena_printf(r->arena, "always %.*s", pd_arg(c->min));
    return pd_arena_printf(r->arena, "%.*s to %.*s", pd_arg(first->from), pd_arg(last->to));
}

static pd_str sum(const struct cli_report *r, const struct inspect_column *c) {
    return c->sum_is_exact ? c->sum : pd_arena_printf(r->arena, "~%.*s", pd_arg(c->sum));
}

/* "daily; 3 missing, the longest gap of 3 between 2020-01-04 and 2020-01-08" */
static void tell_rhythm(const struct cli_report *r, const struct inspect_column *c) {
    if (!c->rhythm[0])
        return;
    if (c->missing_periods == 0)
        cli_say(r->out, 4, 6, "%.*s: %s, without a gap", pd_arg(c->name), c->rhythm);
    else
        cli_say(
            r->out, 4, 6, "%.*s: %s; %.*s missing, the longest gap (%.*s) between %.*s and %.*s",
            pd_arg(c->name), c->rhythm, pd_arg(cli_number(r->arena, c->missing_periods)),
            pd_arg(cli_number(r->arena, c->longest_gap)), pd_arg(c->gap_from), pd_arg(c->gap_to));
}

static bool is_harmless(const struct inspect_column *c) {
    return c->role == INSPECT_OTHER && c->type != INSPECT_TEXT && c->type != INSPECT_EMPTY;
}

static void tell_distributions(const struct cli_report *r, const struct inspection *in,
                               bool with_values) {
    static const struct cli_column columns[] = {{"Column", false, 32},
                                                {"How the values lie", false, 0},
                                                {"From the first bar to the last", false, 36},
                                                {"Sum", true, 28}};
    enum { N = sizeof(columns) / sizeof(columns[0]) };
    pd_str *cells = pd_arena_array(r->arena, in->column_count * N, sizeof(*cells));
    size_t rows = 0;
    for (size_t i = 0; cells && i < in->column_count; i++) {
        const struct inspect_column *c = &in->columns[i];
        if (c->bin_count == 0 || !(with_values || is_harmless(c)))
            continue;
        pd_str *row = &cells[rows++ * N];
        row[0] = c->name;
        row[1] = bars(r, c);
        row[2] = range(r, c);
        row[3] = c->has_mean ? sum(r, c) : PD_STR("");
    }
    if (!cells)
        r->out->failed = true;
    if (rows == 0)
        return;
    pd_buf_text(r->out, "\n  Distributions (exact counts; each bar is as wide as the others)\n");
    cli_table(r->out, 4, columns, N, cells, rows);
    for (size_t i = 0; i < in->column_count; i++)
        if (with_values || is_harmless(&in->columns[i]))
            tell_rhythm(r, &in->columns[i]);
}

/* "A{2}-9{4} 93%, 9{6} 7%" */
static pd_str shapes(const struct cli_report *r, const struct inspection *in,
                     const struct inspect_column *c) {
    pd_str text = PD_STR("");
    uint64_t filled = in->rows - c->nulls;
    for (size_t i = 0; i < c->pattern_count && text.data; i++) {
        double share = filled > 0 ? (double)c->patterns[i].count / (double)filled : 0;
        if (share < 0.01)
            break;
        text = pd_arena_printf(r->arena, "%.*s%s%.*s %s%.*s", pd_arg(text), i ? ", " : "",
                               pd_arg(c->patterns[i].text), c->pattern_bound ? "~" : "",
                               pd_arg(cli_percent(r->arena, share)));
    }
    return text;
}

static void tell_shapes(const struct cli_report *r, const struct inspection *in) {
    static const struct cli_column columns[] = {
        {"Column", false, 32}, {"Most frequent shapes", false, 60}, {"Language", false, 0}};
    enum { N = sizeof(columns) / sizeof(columns[0]) };
    pd_str *cells = pd_arena_array(r->arena, in->column_count * N, sizeof(*cells));
    size_t rows = 0;
    for (size_t i = 0; cells && i < in->column_count; i++) {
        const struct inspect_column *c = &in->columns[i];
        pd_str text = c->type == INSPECT_TEXT ? shapes(r, in, c) : PD_STR("");
        if (text.len == 0 && !c->language[0])
            continue;
        pd_str *row = &cells[rows++ * N];
        row[0] = c->name;
        row[1] = text;
        row[2] = pd_str_from(c->language);
    }
    if (!cells)
        r->out->failed = true;
    if (rows == 0)
        return;
    pd_buf_text(r->out,
                "\n  Shapes of text (A a capital, a a small letter, 9 a digit, 文 a Chinese "
                "character, x another letter)\n");
    cli_table(r->out, 4, columns, N, cells, rows);
}

static void tell_keys(const struct cli_report *r, const struct inspection *in) {
    for (int certain = 1; certain >= 0; certain--) {
        struct pd_buf list;
        pd_buf_init(&list, 1 << 16);
        enum inspect_key wanted = certain ? INSPECT_KEY : INSPECT_MAYBE_KEY;
        for (size_t i = 0; i < in->column_count; i++)
            if (in->columns[i].key == wanted)
                pd_buf_printf(&list, "%s%.*s", list.len ? ", " : "", pd_arg(in->columns[i].name));
        if (list.len > 0)
            cli_say(r->out, 2, 4, "%s: %.*s",
                    certain ? "Keys (no empty cell, no value twice)"
                            : "Perhaps keys (as far as the estimate of distinct values reaches)",
                    pd_arg(pd_buf_view(&list)));
        pd_buf_clear(&list);
    }
}

static void tell_equal_rows(const struct cli_report *r, const struct inspection *in) {
    const struct sketch_count *d = &in->distinct_rows;
    if (in->rows == 0)
        return;
    if (!d->is_exact)
        cli_say(r->out, 2, 4, "Distinct rows: ~%.*s ±%.1f%% (too many to be counted exactly)",
                pd_arg(cli_number(r->arena, d->value)), d->bound * 100);
    else if (d->value < in->rows)
        cli_say(r->out, 2, 4, "Rows that are equal to an earlier one: %.*s",
                pd_arg(cli_number(r->arena, in->rows - d->value)));
    else
        cli_say(r->out, 2, 4, "No row is equal to another.");
}

void cli_report_profile(const struct cli_report *r, const struct inspection *in, bool with_values) {
    tell_distributions(r, in, with_values);
    tell_shapes(r, in);
    pd_buf_char(r->out, '\n');
    tell_equal_rows(r, in);
    tell_keys(r, in);
}
