/* polder standard check, polder standard diff: a table against its standard, a standard against
 * another. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Reading ---- */

/* The names of the standards in the program, and which is nearest to a name that is none. */
static const char *nearest_bundled(struct cli *cli, const char *name) {
    const char *names[64];
    size_t count = 0;
    pd_str one, text;
    while (count < 64 && govern_standard_bundled(count, &one, &text))
        names[count++] = pd_arena_str(cli->arena, one).data;
    return pd_nearest_name(name, names, count);
}

enum pd_status cli_standard_text(struct cli *cli, const char *name, pd_str *out,
                                 struct pd_error *err) {
    pd_str one;
    enum pd_status st = cli_file_read(cli, name, STANDARD_BYTES_MOST, out, err);
    if (st != PD_NOT_FOUND || strchr(name, '/'))
        return st;
    for (size_t i = 0; govern_standard_bundled(i, &one, out); i++)
        if (pd_str_is(one, name))
            return PD_OK;
    const char *near = nearest_bundled(cli, name);
    return pd_fail(err, PD_NOT_FOUND,
                   "there is no file \"%s\", and no standard of this name comes with the program%s"
                   "%s%s (polder standard list)",
                   name, near ? "; do you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

enum pd_status cli_standard_read(struct cli *cli, const char *name, const struct standard **out,
                                 struct pd_error *err) {
    pd_str text;
    enum pd_status st = cli_standard_text(cli, name, &text, err);
    if (st == PD_OK && standard_parse(text, cli->arena, out, err) != PD_OK)
        return pd_wrap(err, "%s", name);
    return st;
}

/* ---- The tables that a standard refers to ---- */

/* DIR: the one file in it that is called like the table, whatever its extension. */
static enum pd_status find_in(struct cli *cli, const char *folder, pd_str name, const char **out,
                              struct pd_error *err) {
    struct source_list list;
    bool has_many = false;
    enum pd_status st = source_list(folder, cli->arena, &has_many, &list, err);
    if (st == PD_OK && !has_many)
        return pd_fail(err, PD_USAGE,
                       "--reference=\"%s\" must be NAME=FILE, or a folder with the tables", folder);
    *out = NULL;
    for (size_t i = 0; st == PD_OK && i < list.count; i++) {
        pd_str file = list.locations[i];
        for (size_t at = file.len; at > 0; at--)
            if (file.data[at - 1] == '/') {
                file = pd_str_sub(file, at, file.len);
                break;
            }
        size_t dot = pd_str_find_char(file, '.');
        if (pd_str_eq(pd_str_sub(file, 0, dot == PD_NPOS ? file.len : dot), name))
            *out = list.locations[i].data;
    }
    return st;
}

static enum pd_status find_reference(struct cli *cli, const struct pd_args *args, pd_str name,
                                     const char **out, struct pd_error *err) {
    enum pd_status st = PD_OK;
    *out = NULL;
    for (size_t i = 0; st == PD_OK && !*out && i < pd_args_count(args, "reference"); i++) {
        pd_str given = pd_str_from(pd_args_nth(args, "reference", i));
        size_t equals = pd_str_find_char(given, '=');
        if (equals == PD_NPOS)
            st = find_in(cli, given.data, name, out, err);
        else if (pd_str_eq(pd_str_sub(given, 0, equals), name))
            *out = given.data + equals + 1;
    }
    return st;
}

/* A name that no key of the standard refers to is a slip of the keyboard. */
static enum pd_status check_references(const struct pd_args *args, const struct standard *standard,
                                       struct pd_error *err) {
    for (size_t i = 0; i < pd_args_count(args, "reference"); i++) {
        pd_str given = pd_str_from(pd_args_nth(args, "reference", i));
        size_t equals = pd_str_find_char(given, '=');
        bool is_known = equals == PD_NPOS;
        for (size_t n = 0; !is_known && n < standard_resources(standard); n++)
            is_known = pd_str_eq(standard_resource(standard, n), pd_str_sub(given, 0, equals));
        if (!is_known)
            return pd_fail(err, PD_USAGE,
                           "--reference=\"%.*s\": no foreign key of the standard refers to a table "
                           "of this name",
                           pd_arg(given));
    }
    return PD_OK;
}

enum pd_status cli_standard_references(struct cli *cli, const struct pd_args *args,
                                       const struct standard *standard, struct govern_check *check,
                                       struct pd_error *err) {
    size_t count = standard_resources(standard);
    struct govern_reference *list = pd_arena_array(cli->arena, count + 1, sizeof(*list));
    const char *spool = getenv("TMPDIR"), *location;
    enum pd_status st = list ? check_references(args, standard, err) : pd_fail_memory(err);
    check->references = list;
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        pd_str name = standard_resource(standard, i);
        if (name.len == 0)
            continue;
        st = find_reference(cli, args, name, &location, err);
        if (st != PD_OK || !location)
            continue;
        struct govern_reference *r = &list[check->reference_count];
        r->name = name;
        st = source_open(location, STDIN_FILENO, spool && *spool ? spool : "/tmp", 0, &r->source,
                         err);
        check->reference_count += st == PD_OK;
    }
    return st;
}

void cli_standard_close(struct govern_check *check) {
    for (size_t i = 0; i < check->reference_count; i++)
        source_close(check->references[i].source);
    check->reference_count = 0;
}

struct govern_check cli_standard_how(struct cli *cli, const struct standard *standard,
                                     const struct govern_form *form) {
    return (struct govern_check){.standard = standard,
                                 .form = form,
                                 .now = pd_clock_now(&cli->clock),
                                 .progress = cli_progress(cli),
                                 .arena = cli->arena};
}

/* ---- Telling a check ---- */

/* "name: required", or the rule. */
static pd_str check_name(struct pd_arena *arena, const struct standard_outcome *o) {
    if (o->field.len == 0)
        return o->check;
    return pd_arena_printf(arena, "%.*s: %.*s", pd_arg(o->field), pd_arg(o->check));
}

static void tell_failures(const struct cli_report *r, const struct standard_outcome *o,
                          uint64_t most) {
    size_t shown = o->shown < most ? o->shown : (size_t)most;
    struct pd_buf line;
    pd_buf_init(&line, 0);
    for (size_t i = 0; i < shown; i++) {
        const struct standard_failure *f = &o->failures[i];
        pd_buf_reset(&line);
        if (f->line)
            pd_buf_printf(&line, "line %" PRIu64, f->line);
        else
            pd_buf_text(&line, "header");
        if (f->column.len > 0)
            pd_buf_printf(&line, ", %.*s", pd_arg(f->column));
        pd_buf_printf(&line, ": %.*s", pd_arg(f->why));
        cli_paragraph(r->out, 4, 8, pd_buf_view(&line));
    }
    if (o->failed > shown)
        cli_say(r->out, 4, 8, "... and %.*s more%s",
                pd_arg(cli_number(r->arena, o->failed - shown)),
                shown < STANDARD_SHOWN ? "; --rows=100 shows more of them" : "");
    pd_buf_clear(&line);
}

static void tell_outcomes(const struct cli_report *r, const struct standard_report *report,
                          uint64_t most) {
    size_t held = 0;
    for (size_t i = 0; i < report->outcome_count; i++) {
        const struct standard_outcome *o = &report->outcomes[i];
        bool is_told = o->failed > 0 || o->note.len > 0;
        held += !is_told;
        if (!is_told)
            continue;
        pd_str name = check_name(r->arena, o);
        pd_buf_char(r->out, '\n');
        cli_say(r->out, 2, 4, "%.*s%s%.*s%s: %.*s of %.*s fail", pd_arg(name),
                o->title.len ? " (" : "", pd_arg(o->title), o->title.len ? ")" : "",
                pd_arg(cli_number(r->arena, o->failed)), pd_arg(cli_number(r->arena, o->examined)));
        if (o->note.len > 0)
            cli_say(r->out, 4, 8, "%.*s", pd_arg(o->note));
        tell_failures(r, o, most);
    }
    pd_buf_char(r->out, '\n');
    cli_say(r->out, 2, 4, "%zu of %zu checks hold.", held, report->outcome_count);
}

static void tell_scores(const struct cli_report *r, const struct standard_report *report) {
    static const struct cli_column columns[] = {{"GB/T 36344", false, 0},
                                                {"indicator", false, 0},
                                                {"ISO/IEC 25012", false, 0},
                                                {"A (met)", true, 0},
                                                {"B (examined)", true, 0},
                                                {"A/B", true, 0},
                                                {"", false, 0}};
    enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };
    pd_str *cells = pd_arena_array(r->arena, report->score_count * COLUMNS + 1, sizeof(*cells));
    if (!cells)
        return;
    for (size_t i = 0; i < report->score_count; i++) {
        const struct standard_score *s = &report->scores[i];
        pd_str *row = &cells[i * COLUMNS];
        row[0] = pd_str_from(s->indicator->code);
        row[1] = pd_str_from(s->indicator->name);
        row[2] = pd_str_from(s->indicator->characteristic);
        row[3] = cli_number(r->arena, s->met);
        row[4] = cli_number(r->arena, s->examined);
        row[5] = cli_percent(r->arena, (double)s->met / (double)s->examined);
        row[6] = s->is_partial ? PD_STR("as far as it can be told") : (pd_str){0};
    }
    pd_buf_char(r->out, '\n');
    cli_table(r->out, 2, columns, COLUMNS, cells, report->score_count);
}

static void tell(const struct cli_report *r, const struct standard *standard, pd_str name,
                 const struct standard_report *report, uint64_t most) {
    pd_str title = standard_title(standard, "en");
    cli_say(r->out, 0, 2, "%.*s %s%s%.*s: %.*s rows, %.*s of them fail.", pd_arg(name),
            report->failures     ? "does not meet the standard"
            : report->is_partial ? "meets the standard as far as it can be told"
                                 : "meets the standard",
            title.len ? ", " : "", pd_arg(title), pd_arg(cli_number(r->arena, report->rows)),
            pd_arg(cli_number(r->arena, report->failed_rows)));
    tell_outcomes(r, report, most);
    tell_scores(r, report);
}

static void member_u64(struct pd_json *w, const char *key, uint64_t value) {
    pd_json_key(w, key);
    pd_json_u64(w, value);
}

static void write_indicator(struct pd_json *w, const struct standard_indicator *indicator) {
    pd_json_member_text(w, "indicator", indicator->code);
    pd_json_member_text(w, "characteristic", indicator->characteristic);
}

static void write_outcome(struct pd_json *w, const struct standard_outcome *o) {
    pd_json_object(w);
    if (o->field.len > 0)
        pd_json_member_str(w, "field", o->field);
    pd_json_member_str(w, "check", o->check);
    if (o->title.len > 0)
        pd_json_member_str(w, "title", o->title);
    write_indicator(w, o->indicator);
    member_u64(w, "examined", o->examined);
    member_u64(w, "failed", o->failed);
    pd_json_member_bool(w, "partial", o->is_partial);
    if (o->note.len > 0)
        pd_json_member_str(w, "note", o->note);
    pd_json_key(w, "rows");
    pd_json_array(w);
    for (size_t i = 0; i < o->shown; i++) {
        pd_json_object(w);
        if (o->failures[i].line)
            member_u64(w, "line", o->failures[i].line);
        if (o->failures[i].column.len > 0)
            pd_json_member_str(w, "column", o->failures[i].column);
        pd_json_member_str(w, "why", o->failures[i].why);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
}

static void write_report(const struct standard *standard, pd_str name,
                         const struct standard_report *report, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_str(&w, "standard", standard_name(standard));
    pd_json_member_str(&w, "table", name);
    pd_json_member_bool(&w, "meets", report->failures == 0);
    pd_json_member_bool(&w, "partial", report->is_partial);
    member_u64(&w, "rows", report->rows);
    member_u64(&w, "failed_rows", report->failed_rows);
    pd_json_key(&w, "checks");
    pd_json_array(&w);
    for (size_t i = 0; i < report->outcome_count; i++)
        write_outcome(&w, &report->outcomes[i]);
    pd_json_array_end(&w);
    pd_json_key(&w, "scores");
    pd_json_array(&w);
    for (size_t i = 0; i < report->score_count; i++) {
        const struct standard_score *s = &report->scores[i];
        pd_json_object(&w);
        write_indicator(&w, s->indicator);
        pd_json_member_text(&w, "name", s->indicator->name);
        pd_json_member_text(&w, "name_zh", s->indicator->name_zh);
        member_u64(&w, "met", s->met);
        member_u64(&w, "examined", s->examined);
        pd_json_member_double(&w, "score", (double)s->met / (double)s->examined);
        pd_json_member_bool(&w, "partial", s->is_partial);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

/* ---- standard check ---- */

enum pd_status cli_standard_open(struct cli *cli, const struct pd_args *args, size_t operand,
                                 struct source **out, struct pd_error *err) {
    const char *location = NULL, *spool = getenv("TMPDIR");
    enum pd_status st = cli_source_operand(cli, args, operand, &location, err);
    return st == PD_OK
               ? source_open(location, STDIN_FILENO, spool && *spool ? spool : "/tmp", 0, out, err)
               : st;
}

int cli_standard_check(const struct pd_command *command, const struct pd_args *args,
                       void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct source *source = NULL;
    const struct standard *standard = NULL;
    struct standard_checker *checker = NULL;
    const struct standard_report *report = NULL;
    struct govern_form form = cli_form(args);
    struct govern_check check = {0};
    uint64_t most;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_parse_count(args, "rows", 10, &most, &err);
    if (st == PD_OK)
        st = cli_standard_read(cli, pd_args_operand(args, 0), &standard, &err);
    if (st == PD_OK)
        st = cli_standard_open(cli, args, 1, &source, &err);
    if (st == PD_OK)
        check = cli_standard_how(cli, standard, &form);
    if (st == PD_OK)
        st = cli_standard_references(cli, args, standard, &check, &err);
    check.with_values = pd_args_has(args, "values");
    if (st == PD_OK)
        st = govern_check_run(&check, source, &checker, &report, &err);
    cli_progress_end(cli);
    cli_standard_close(&check);
    bool fails = st == PD_OK && report->failures > 0;
    if (st == PD_OK && pd_args_has(args, "json")) {
        write_report(standard, source_name(source), report, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, NULL, NULL};
        tell(&r, standard, source_name(source), report, most);
    }
    standard_checker_free(checker);
    source_close(source);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    int code = cli_print(&out);
    return code || !fails ? code : pd_outcome_get(PD_INVALID)->exit_code;
}

/* ---- standard diff ---- */

static void tell_changes(struct pd_buf *out, const struct standard_change *changes, size_t count) {
    size_t counts[STANDARD_CHANGE_COUNT] = {0};
    struct pd_buf line;
    pd_buf_init(&line, 0);
    for (size_t i = 0; i < count; i++) {
        const struct standard_change *c = &changes[i];
        pd_buf_reset(&line);
        pd_buf_printf(&line, "%s: ", standard_change_name(c->kind));
        if (c->field.len > 0)
            pd_buf_printf(&line, "%.*s, ", pd_arg(c->field));
        pd_buf_str(&line, c->what);
        if (c->from.len > 0)
            pd_buf_printf(&line, ", was %.*s", pd_arg(c->from));
        if (c->to.len > 0)
            pd_buf_printf(&line, ", becomes %.*s", pd_arg(c->to));
        cli_paragraph(out, 0, 4, pd_buf_view(&line));
        counts[c->kind]++;
    }
    pd_buf_clear(&line);
    if (count == 0) {
        cli_say(out, 0, 0, "No difference: both ask the same of a table.");
        return;
    }
    cli_say(out, 0, 0, "%zu fields added, %zu removed; %zu stricter, %zu looser, %zu changed",
            counts[STANDARD_ADDED], counts[STANDARD_REMOVED], counts[STANDARD_STRICTER],
            counts[STANDARD_LOOSER], counts[STANDARD_CHANGED]);
}

static void write_changes(struct pd_buf *out, const struct standard_change *changes, size_t count) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "changes");
    pd_json_array(&w);
    for (size_t i = 0; i < count; i++) {
        const struct standard_change *c = &changes[i];
        pd_json_object(&w);
        pd_json_member_text(&w, "change", standard_change_name(c->kind));
        if (c->field.len > 0)
            pd_json_member_str(&w, "field", c->field);
        pd_json_member_str(&w, "what", c->what);
        if (c->from.data)
            pd_json_member_str(&w, "from", c->from);
        if (c->to.data)
            pd_json_member_str(&w, "to", c->to);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_standard_diff(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const struct standard *old = NULL, *fresh = NULL;
    const struct standard_change *changes = NULL;
    size_t count = 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_standard_read(cli, pd_args_operand(args, 0), &old, &err);
    if (st == PD_OK)
        st = cli_standard_read(cli, pd_args_operand(args, 1), &fresh, &err);
    if (st == PD_OK)
        st = standard_diff(old, fresh, cli->arena, &changes, &count, &err);
    if (st != PD_OK)
        return cli_fail(&err);
    if (pd_args_has(args, "json"))
        write_changes(&out, changes, count);
    else
        tell_changes(&out, changes, count);
    return cli_print(&out);
}
