/* How rows and columns go together, for people: the same sentences as text and as a page. */
#include "cli/cli.h"

#include <inttypes.h>
#include <math.h>

enum { SHOWN = 12, SETS_SHOWN = 3 /* of each size */ };
#define WORTH_TELLING 0.3 /* of a correlation */

struct telling {
    const struct cli_deep_output *to;
    struct pd_arena *arena;
    const pd_str *names;
    const struct inspect_relations *f;
    struct pd_buf line;
};

static void end_line(struct telling *t) {
    t->to->line(t->to->context, pd_buf_view(&t->line));
    pd_buf_reset(&t->line);
}

static void add_names(struct telling *t, const size_t *columns, size_t count) {
    for (size_t i = 0; i < count; i++)
        pd_buf_printf(&t->line, "%s%.*s", i ? ", " : "", pd_arg(t->names[columns[i]]));
}

static void add_number(struct telling *t, const char *before, uint64_t n, const char *after) {
    pd_buf_printf(&t->line, "%s%.*s%s", before, pd_arg(cli_number(t->arena, n)), after);
}

static void tell_more(struct telling *t, size_t count, bool is_cut) {
    if (count <= SHOWN && !is_cut)
        return;
    pd_buf_printf(&t->line, "and %zu more%s; --json lists them", count - SHOWN,
                  is_cut ? " at least" : "");
    end_line(t);
}

static void tell_repeats(struct telling *t) {
    const struct inspect_relations *f = t->f;
    t->to->section(t->to->context, "Equal rows");
    if (f->repeated_rows == 0) {
        pd_buf_text(&t->line, f->repeats_are_exact
                                  ? "No row is equal to another."
                                  : "Among the rows that were counted none is equal to another.");
        end_line(t);
        return;
    }
    add_number(t, f->repeats_are_exact ? "" : "~", f->repeated_rows,
               " rows are equal to an earlier one");
    add_number(t, f->repeats_are_exact ? ": " : ": ~", f->repeat_groups,
               " different rows come more than once.");
    end_line(t);
    for (size_t i = 0; i < f->repeat_count && f->repeats[i].row > 0; i++) {
        add_number(t, i ? ", row " : "Most often: row ", f->repeats[i].row, "");
        add_number(t, " (", f->repeats[i].times, " times)");
    }
    if (t->line.len > 0)
        end_line(t);
}

static void tell_keys(struct telling *t) {
    t->to->section(t->to->context, "Keys: no cell empty, no two rows equal in them");
    for (size_t i = 0; i < t->f->key_count && i < SHOWN; i++) {
        add_names(t, t->f->keys[i].columns, t->f->keys[i].count);
        end_line(t);
    }
    if (t->f->key_count == 0) {
        pd_buf_text(&t->line, "No column, and no two or three together, are a key.");
        end_line(t);
    }
    tell_more(t, t->f->key_count, t->f->keys_are_cut);
}

static void tell_dependencies(struct telling *t) {
    t->to->section(t->to->context, "What decides what: rows equal on the left are so on the right");
    for (size_t i = 0; i < t->f->dependency_count && i < SHOWN; i++) {
        const struct inspect_dependency *d = &t->f->dependencies[i];
        add_names(t, d->left, d->left_count);
        pd_buf_printf(&t->line, " → %.*s", pd_arg(t->names[d->right]));
        add_number(t, " (", d->tested, " rows could have spoken against it)");
        end_line(t);
    }
    if (t->f->dependency_count == 0) {
        pd_buf_text(&t->line, "No column, and no two together, decide another one.");
        end_line(t);
    }
    tell_more(t, t->f->dependency_count, t->f->dependencies_are_cut);
}

static void tell_pairs(struct telling *t) {
    static const char *const names[] = {
        [INSPECT_PEARSON] = "Pearson's r", [INSPECT_CRAMERS_V] = "Cramér's V"};
    size_t shown = 0;
    t->to->section(t->to->context, "Correlations of 0.3 and more");
    for (size_t i = 0; i < t->f->pair_count && shown < SHOWN; i++) {
        const struct inspect_pair *p = &t->f->pairs[i];
        if (fabs(p->value) < WORTH_TELLING)
            break;
        pd_buf_printf(&t->line, "%.*s and %.*s: %s %.3f", pd_arg(t->names[p->a]),
                      pd_arg(t->names[p->b]), names[p->measure], p->value);
        add_number(t, " (", p->rows, " rows)");
        end_line(t);
        shown++;
    }
    if (shown == 0) {
        pd_buf_text(&t->line, "None.");
        end_line(t);
    }
}

static void tell_uniqueness(struct telling *t) {
    if (t->f->uniqueness_count == 0)
        return;
    t->to->section(t->to->context, "How far columns together single out rows");
    size_t size = 0, shown = 0;
    for (size_t i = 0; i < t->f->uniqueness_count; i++) {
        const struct inspect_uniqueness *u = &t->f->uniqueness[i];
        shown = u->count == size ? shown + 1 : 1;
        size = u->count;
        if (shown > SETS_SHOWN)
            continue;
        double share = (double)u->unique_rows / (double)t->f->rows_compared;
        add_names(t, u->columns, u->count);
        pd_buf_printf(&t->line, ": %.*s of the rows are unique (",
                      pd_arg(cli_percent(t->arena, share)));
        add_number(t, "", u->unique_rows, "), the smallest class has ");
        add_number(t, "", u->smallest, u->smallest == 1 ? " row" : " rows");
        end_line(t);
    }
}

void cli_deep_tell(const struct govern_reading *reading, struct pd_arena *arena,
                   const struct cli_deep_output *to) {
    const struct inspect_relations *f = reading->relations;
    struct telling t = {.to = to, .arena = arena, .names = reading->names, .f = f};
    pd_buf_init(&t.line, 1 << 16);
    add_number(&t, "Compared were ", f->rows_compared, "");
    add_number(&t, " of ", f->rows, " rows");
    pd_buf_printf(&t.line, " in %zu of %zu columns", f->columns_compared,
                  reading->inspection->column_count);
    if (f->rows_compared < f->rows)
        pd_buf_text(&t.line, ", drawn by their number: keys, what decides what, and unique rows "
                             "are told of these rows, and need not hold of all");
    pd_buf_char(&t.line, '.');
    end_line(&t);
    tell_repeats(&t);
    tell_keys(&t);
    tell_dependencies(&t);
    tell_pairs(&t);
    tell_uniqueness(&t);
    pd_buf_clear(&t.line);
}

/* ---- As text ---- */

static void text_section(void *context, const char *title) {
    const struct cli_report *r = context;
    pd_buf_printf(r->out, "\n    %s\n", title);
}

static void text_line(void *context, pd_str line) {
    const struct cli_report *r = context;
    cli_paragraph(r->out, 6, 8, line);
}

void cli_report_deep(const struct cli_report *r, const struct govern_reading *reading) {
    struct cli_report copy = *r;
    struct cli_deep_output to = {&copy, text_section, text_line};
    pd_buf_text(r->out, "\n  Rows and columns together\n");
    cli_deep_tell(reading, r->arena, &to);
}
