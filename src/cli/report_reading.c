/* What was found in a table: the file, what was set aside, its columns, the proposed grade. */
#include "cli/cli.h"

/* What a person who knows the file would want to contradict. */
static void tell_form(const struct cli_report *r, const struct govern_reading *g) {
    const struct table_dialect *d = &g->dialect;
    bool is_usual = d->encoding == TABLE_UTF_8 && d->form == TABLE_CSV &&
                    d->header == TABLE_HEADER_FIRST && d->header_records < 2 && !g->counts.titles;
    cli_say(r->out, 2, 4, "Form: %s%s", d->evidence,
            d->has_bom ? "; it begins with a byte order mark" : "");
    if (d->encoding != TABLE_UTF_8)
        cli_say(r->out, 2, 4, "Encoding: %s", d->encoding_evidence);
    if (!is_usual && d->header_evidence[0])
        cli_say(r->out, 2, 4, "Columns: %s", d->header_evidence);
    if (g->counts.trimmed)
        cli_say(r->out, 2, 4,
                "Rows with empty fields beyond the header's, read without these: %.*s",
                pd_arg(cli_number(r->arena, g->counts.trimmed)));
    if (!is_usual)
        cli_say(r->out, 2, 4,
                "If that is wrong, say what is right: --form, --encoding, --separator, --quote, "
                "--header, --records.");
}

static void tell_file(const struct cli_report *r, const struct govern_reading *g, pd_str name) {
    char hex[2 * CRYPTO_HASH_SIZE + 1];
    pd_hex_encode(g->content.bytes, sizeof(g->content.bytes), hex);
    const struct inspection *i = g->inspection;
    if (g->merged) {
        cli_say(r->out, 2, 4, "%.*s: %.*s rows, %zu columns", pd_arg(name),
                pd_arg(cli_number(r->arena, i->rows)), i->column_count);
        cli_say(r->out, 2, 4, "Form: %s", g->dialect.evidence);
        return;
    }
    cli_say(r->out, 2, 4, "%.*s: %.*s rows, %zu columns, %.*s bytes", pd_arg(name),
            pd_arg(cli_number(r->arena, i->rows)), i->column_count,
            pd_arg(cli_number(r->arena, g->counts.bytes)));
    cli_say(r->out, 2, 4, "SHA-256 %s", hex);
    tell_form(r, g);
    if (g->counts.blank_lines)
        cli_say(r->out, 2, 4, "Blank lines skipped: %.*s",
                pd_arg(cli_number(r->arena, g->counts.blank_lines)));
}

/* "17 (3 fields), 20 (5 fields), and 4 more" */
static void list_aside(const struct cli_report *r, const struct govern_reading *g,
                       enum table_aside why, uint64_t count, struct pd_buf *list) {
    uint64_t shown = 0;
    for (size_t i = 0; i < g->set_aside_shown; i++) {
        if (g->set_aside[i].why != why)
            continue;
        pd_buf_printf(list, "%s%llu", shown++ ? ", " : "",
                      (unsigned long long)g->set_aside[i].line);
        if (why == TABLE_RAGGED)
            pd_buf_printf(list, " (%zu fields)", g->set_aside[i].fields);
    }
    if (count > shown)
        pd_buf_printf(list, "%s%.*s%s", shown ? ", and " : "",
                      pd_arg(cli_number(r->arena, count - shown)), shown ? " more" : " lines");
}

static void tell_set_aside(const struct cli_report *r, const struct govern_reading *g) {
    struct pd_buf list;
    pd_buf_init(&list, 1 << 16);
    if (g->merged && g->counts.set_aside) {
        cli_say(r->out, 2, 4,
                "Set aside in the parts, because they do not have the header's %zu fields: %.*s "
                "rows. They are not part of what follows.",
                g->inspection->column_count, pd_arg(cli_number(r->arena, g->counts.set_aside)));
    } else if (g->counts.set_aside) {
        list_aside(r, g, TABLE_RAGGED, g->counts.set_aside, &list);
        cli_say(r->out, 2, 4,
                "Set aside, because the header has %zu fields and they do not: %.*s rows, at line "
                "%.*s. They are not part of what follows.",
                g->inspection->column_count, pd_arg(cli_number(r->arena, g->counts.set_aside)),
                pd_arg(pd_buf_view(&list)));
    }
    if (g->counts.notes) {
        pd_buf_reset(&list);
        list_aside(r, g, TABLE_NOTE, g->counts.notes, &list);
        cli_say(r->out, 2, 4,
                "Set aside as notes below the table, having text in their first field only: line "
                "%.*s.",
                pd_arg(pd_buf_view(&list)));
    }
    pd_buf_clear(&list);
}

static pd_str distinct(const struct cli_report *r, struct sketch_count c) {
    pd_str n = cli_number(r->arena, c.value);
    if (c.is_exact)
        return n;
    return pd_arena_printf(r->arena, "~%.*s ±%.1f%%", pd_arg(n), c.bound * 100);
}

/* A wide table's harmless columns would bury the others: a report of a case leaves them out. */
enum { COLUMNS_SHOWN = 120 };

static void tell_columns(const struct cli_report *r, const struct govern_reading *g,
                         enum cli_detail detail) {
    static const struct cli_column columns[] = {
        {"Column", false, 32}, {"Type", false, 0}, {"Empty", true, 0},      {"Distinct", true, 0},
        {"Role", false, 0},    {"What", false, 0}, {"Confidence", false, 0}};
    enum { N = sizeof(columns) / sizeof(columns[0]) };
    const struct inspection *in = g->inspection;
    pd_str *cells = pd_arena_array(r->arena, in->column_count * N, sizeof(*cells));
    if (!cells) {
        r->out->failed = true;
        return;
    }
    size_t rows = 0;
    for (size_t i = 0; i < in->column_count; i++) {
        const struct inspect_column *c = &in->columns[i];
        if (detail == CLI_SHAPE && i >= COLUMNS_SHOWN && c->role == INSPECT_OTHER)
            continue;
        pd_str *row = &cells[rows++ * N];
        row[0] = g->names[i];
        row[1] = pd_str_from(inspect_type_name(c->type));
        row[2] = cli_number(r->arena, c->nulls);
        row[3] = distinct(r, c->distinct);
        row[4] = pd_str_from(inspect_role_name(c->role));
        row[5] = pd_str_from(c->category);
        if (c->role != INSPECT_OTHER)
            row[6] = pd_str_from(inspect_confidence_name(c->confidence));
    }
    pd_buf_char(r->out, '\n');
    cli_table(r->out, 2, columns, N, cells, rows);
    if (rows < in->column_count)
        cli_say(r->out, 2, 4,
                "and %zu more columns with the role other (polder inspect lists them)",
                in->column_count - rows);
}

/* Why each role, and each identifier that was recognised, even where it did not decide the role. */
static void tell_evidence(const struct cli_report *r, const struct govern_reading *g) {
    bool is_begun = false;
    for (size_t i = 0; i < g->inspection->column_count; i++) {
        const struct inspect_column *c = &g->inspection->columns[i];
        bool has_verdict = false;
        for (size_t v = 0; v < c->verdict_count; v++)
            has_verdict = has_verdict || c->verdicts[v].confidence != INSPECT_LOW;
        if (!c->evidence.len && !has_verdict && !c->mixes.len && !c->note.len)
            continue;
        if (!is_begun)
            pd_buf_text(r->out, "\n  Evidence\n");
        is_begun = true;
        struct pd_buf line;
        pd_buf_init(&line, 1 << 16);
        pd_buf_printf(&line, "%.*s: %.*s", pd_arg(g->names[i]), pd_arg(c->evidence));
        for (size_t v = 0; v < c->verdict_count; v++) {
            const struct inspect_verdict *verdict = &c->verdicts[v];
            bool is_told = pd_str_find(c->evidence, verdict->evidence) != PD_NPOS;
            if (verdict->confidence != INSPECT_LOW && !is_told)
                pd_buf_printf(&line, "%s%.*s", c->evidence.len ? "; " : "",
                              pd_arg(verdict->evidence));
        }
        if (c->mixes.len)
            pd_buf_printf(&line, "%smixed types: %.*s", line.len > g->names[i].len + 2 ? "; " : "",
                          pd_arg(c->mixes));
        if (c->note.len)
            pd_buf_printf(&line, "%s%.*s", line.len > g->names[i].len + 2 ? "; " : "",
                          pd_arg(c->note));
        cli_paragraph(r->out, 4, 6, pd_buf_view(&line));
        pd_buf_clear(&line);
    }
}

/* As inspection_write_json without values: text, and what is about a person, stays unsaid. */
static bool is_harmless(const struct inspect_column *c) {
    return c->role == INSPECT_OTHER && c->type != INSPECT_TEXT && c->type != INSPECT_EMPTY;
}

static void tell_statistics(const struct cli_report *r, const struct govern_reading *g,
                            bool with_values) {
    static const struct cli_column columns[] = {
        {"Column", false, 32}, {"Least", true, 24},    {"5%", true, 20},
        {"25%", true, 20},     {"Median", true, 20},   {"75%", true, 20},
        {"95%", true, 20},     {"Greatest", true, 24}, {"Mean", true, 20}};
    enum { N = sizeof(columns) / sizeof(columns[0]) };
    const struct inspection *in = g->inspection;
    pd_str *cells = pd_arena_array(r->arena, in->column_count * N, sizeof(*cells));
    size_t rows = 0;
    if (!cells) {
        r->out->failed = true;
        return;
    }
    for (size_t i = 0; i < in->column_count; i++) {
        const struct inspect_column *c = &in->columns[i];
        if (c->type == INSPECT_EMPTY || !(with_values || is_harmless(c)))
            continue;
        pd_str *row = &cells[rows++ * N];
        row[0] = g->names[i];
        row[1] = c->min;
        for (size_t q = 0; q < c->quantile_count; q++)
            row[2 + q] = c->quantiles[q].text;
        row[7] = c->max;
        if (c->has_mean)
            row[8] = pd_arena_printf(r->arena, "%.6g", c->mean);
    }
    if (rows == 0)
        return;
    pd_buf_text(r->out, "\n  Statistics\n");
    cli_table(r->out, 4, columns, N, cells, rows);
}

static void tell_values(const struct cli_report *r, const struct govern_reading *g) {
    pd_buf_text(r->out, "\n  Most frequent values (they may be personal data)\n");
    for (size_t i = 0; i < g->inspection->column_count; i++) {
        const struct inspect_column *c = &g->inspection->columns[i];
        if (c->top_count == 0)
            continue;
        struct pd_buf line;
        pd_buf_init(&line, 1 << 16);
        pd_buf_printf(&line, "%.*s: ", pd_arg(g->names[i]));
        for (size_t v = 0; v < c->top_count; v++)
            pd_buf_printf(&line, "%s%.*s%s (%s%.*s)", v ? ", " : "", pd_arg(c->top[v].text),
                          c->top[v].is_cut ? "…" : "", c->top_bound ? "~" : "",
                          pd_arg(cli_number(r->arena, c->top[v].count)));
        cli_paragraph(r->out, 4, 6, pd_buf_view(&line));
        pd_buf_clear(&line);
    }
}

void cli_report_reading(const struct cli_report *r, const struct govern_reading *reading,
                        pd_str name, enum cli_detail detail) {
    tell_file(r, reading, name);
    tell_set_aside(r, reading);
    tell_columns(r, reading, detail);
    tell_evidence(r, reading);
    if (detail != CLI_SHAPE)
        tell_statistics(r, reading, detail == CLI_VALUES);
    if (detail != CLI_SHAPE)
        cli_report_profile(r, reading->inspection, detail == CLI_VALUES);
    if (detail == CLI_VALUES)
        tell_values(r, reading);
    if (reading->relations && detail != CLI_SHAPE)
        cli_report_deep(r, reading);
    const struct inspect_grade *grade = &reading->inspection->grade;
    pd_buf_char(r->out, '\n');
    cli_say(r->out, 2, 4, "Proposed grade, for a person to decide: %s (%s): %.*s",
            inspect_level_name(grade->level), grade->standard, pd_arg(grade->reason));
}
