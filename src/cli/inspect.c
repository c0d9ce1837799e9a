/* polder inspect: what is in a table, or in each of several, without a node and without the law. */
#include "cli/cli.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TABLE_ARENA_LIMIT ((size_t)1 << 30)

struct inspecting {
    struct cli *cli;
    bool is_json, with_values;
    const char *html;   /* write the report there, as a page */
    const char *sketch; /* write there too what --merge takes */
    struct detect_site *site;
    struct govern_form form;
    struct pd_buf *out;
    struct pd_json json;
    size_t done, failed;
    int exit_code; /* of the first table that couldn't be read */
};

/* ---- Telling ---- */

static void tell(const struct inspecting *in, struct pd_arena *arena,
                 const struct govern_reading *reading, const struct source *source) {
    struct cli_report r = {in->out, arena, NULL, NULL};
    cli_report_source(&r, source);
    cli_report_reading(&r, reading, source_name(source),
                       in->with_values ? CLI_VALUES : CLI_STATISTICS);
    if (reading->has_risk)
        cli_say(in->out, 2, 4,
                "As it is: the smallest group of rows that are equal in all quasi columns has %.*s "
                "rows, and %.*s of the rows are unique.",
                pd_arg(cli_number(arena, reading->risk.smallest)),
                pd_arg(cli_percent(arena, reading->risk.unique_share)));
}

static void tell_sketch(const struct inspecting *in) {
    if (in->sketch)
        cli_say(in->out, 2, 4,
                "Sketch for --merge: %s. It holds some cells as they are, so it is as confidential "
                "as the table.",
                in->sketch);
}

static enum pd_status write_html(const struct inspecting *in, struct pd_arena *arena,
                                 const struct govern_reading *reading, pd_str name,
                                 struct pd_error *err) {
    struct pd_buf out;
    pd_buf_init(&out, 0);
    struct cli_report r = {&out, arena, NULL, NULL};
    cli_html_reading(&r, reading, name, in->with_values);
    enum pd_status st = pd_buf_check(&out, err);
    if (st == PD_OK)
        st = cli_file_write(in->html, pd_buf_view(&out), err);
    pd_buf_clear(&out);
    return st;
}

static void write_members(struct pd_json *w, const struct inspecting *in,
                          const struct govern_reading *reading, const struct source *source) {
    pd_json_member_str(w, "name", source_name(source));
    pd_json_key(w, "source");
    cli_json_source(w, source);
    pd_json_key(w, "reading");
    cli_json_reading(w, reading, in->with_values);
}

/* ---- What is written besides ---- */

/* A sketch in the place of the table that it is of would be the end of the table. */
static enum pd_status check_target(const struct inspecting *in, const char *location,
                                   struct pd_error *err) {
    struct stat from, to;
    if (!in->sketch || stat(location, &from) != 0 || stat(in->sketch, &to) != 0 ||
        from.st_dev != to.st_dev || from.st_ino != to.st_ino || !S_ISREG(from.st_mode))
        return PD_OK;
    return pd_fail(err, PD_USAGE, "--sketch=\"%s\" is the table itself; name another file",
                   in->sketch);
}

/* ---- One table ---- */

static enum pd_status inspect_one(struct inspecting *in, const char *location,
                                  struct pd_arena *arena, bool is_one_of_many,
                                  struct pd_error *err) {
    struct cli *cli = in->cli;
    struct source *source = NULL;
    const struct govern_reading *reading = NULL;
    const char *spool = getenv("TMPDIR");
    struct pd_buf sketch;
    pd_buf_init(&sketch, 0);
    enum pd_status st = check_target(in, location, err);
    if (st == PD_OK)
        st = source_open(location, STDIN_FILENO, spool && *spool ? spool : "/tmp", 0, &source, err);
    if (st == PD_OK)
        st = govern_read(source, &in->form, in->site, pd_clock_now(&cli->clock), cli_progress(cli),
                         arena, in->sketch ? &sketch : NULL, &reading, err);
    cli_progress_end(cli);
    if (st == PD_OK && in->sketch)
        st = cli_file_write_private(in->sketch, pd_buf_view(&sketch), err);
    pd_buf_clear(&sketch);
    if (st == PD_OK && in->html)
        st = write_html(in, arena, reading, source_name(source), err);
    if (st == PD_OK && in->is_json) {
        if (is_one_of_many)
            pd_json_object(&in->json);
        write_members(&in->json, in, reading, source);
        if (is_one_of_many)
            pd_json_object_end(&in->json);
    } else if (st == PD_OK && !in->html) {
        tell(in, arena, reading, source);
        tell_sketch(in);
    }
    source_close(source);
    return st;
}

/* ---- Sketches of its parts ---- */

static void tell_merged(struct inspecting *in, const struct govern_reading *reading, pd_str name,
                        const pd_str *notes, size_t note_count) {
    struct cli_report r = {in->out, in->cli->arena, NULL, NULL};
    if (!in->is_json) {
        for (size_t i = 0; i < note_count; i++)
            cli_say(in->out, 2, 4, "Note: %.*s", pd_arg(notes[i]));
        if (in->html)
            return;
        cli_report_reading(&r, reading, name, in->with_values ? CLI_VALUES : CLI_STATISTICS);
        tell_sketch(in);
        return;
    }
    pd_json_member_str(&in->json, "name", name);
    pd_json_key(&in->json, "source");
    pd_json_object(&in->json);
    pd_json_member_text(&in->json, "form", "sketch");
    pd_json_member_text(&in->json, "part", "");
    pd_json_key(&in->json, "others");
    pd_json_array(&in->json);
    pd_json_array_end(&in->json);
    pd_json_key(&in->json, "notes");
    pd_json_array(&in->json);
    for (size_t i = 0; i < note_count; i++)
        pd_json_str(&in->json, notes[i]);
    pd_json_array_end(&in->json);
    pd_json_object_end(&in->json);
    pd_json_key(&in->json, "reading");
    cli_json_reading(&in->json, reading, in->with_values);
}

static enum pd_status save_merged(const struct inspecting *in, const struct inspector *whole,
                                  struct pd_error *err) {
    struct pd_buf bytes;
    pd_buf_init(&bytes, 0);
    enum pd_status st = inspector_save(whole, &bytes, err);
    if (st == PD_OK)
        st = cli_file_write_private(in->sketch, pd_buf_view(&bytes), err);
    pd_buf_clear(&bytes);
    return st;
}

static enum pd_status inspect_merged(struct inspecting *in, const struct pd_args *args,
                                     struct pd_error *err) {
    struct pd_arena *arena = in->cli->arena;
    struct inspector *whole = NULL;
    const struct govern_reading *reading = NULL;
    pd_str *notes = NULL;
    size_t note_count = 0, count = pd_args_operands(args);
    pd_str name = pd_str_from(pd_args_operand(args, 0));
    if (count > 1)
        name = pd_arena_printf(arena, "%.*s and %zu more", pd_arg(name), count - 1);
    enum pd_status st = cli_sketch_merge(in->cli, args, &whole, &notes, &note_count, err);
    if (st == PD_OK)
        st = govern_read_merged(whole, count, arena, &reading, err);
    if (st == PD_OK && in->sketch)
        st = save_merged(in, whole, err);
    if (st == PD_OK && in->html)
        st = write_html(in, arena, reading, name, err);
    if (st == PD_OK)
        tell_merged(in, reading, name, notes, note_count);
    inspector_free(whole);
    return st;
}

static enum pd_status count_threads(const struct pd_args *args, unsigned *out,
                                    struct pd_error *err) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t n, otherwise = processors < 1 ? 1 : processors > 8 ? 8 : (uint64_t)processors;
    enum pd_status st = cli_parse_count(args, "threads", otherwise, &n, err);
    if (st == PD_OK && (n < 1 || n > INSPECT_THREADS_MOST))
        return pd_fail(err, PD_USAGE, "--threads must be from 1 to %d", INSPECT_THREADS_MOST);
    if (st == PD_OK)
        *out = (unsigned)n;
    return st;
}

/* What is said of a table can't be said of sketches, and the other way round. */
static enum pd_status check_options(const struct pd_args *args, bool is_merge,
                                    struct pd_error *err) {
    static const char *const of_tables[] = {"sheet",  "table",    "query",     "detectors",
                                            "form",   "encoding", "separator", "quote",
                                            "header", "records",  "threads",   "deep"};
    if (!is_merge && pd_args_operands(args) > 1)
        return pd_fail(err, PD_USAGE,
                       "\"%s\" is one operand too many: name one table, or a folder; sketches of "
                       "the parts of a table take --merge",
                       pd_args_operand(args, 1));
    if (!is_merge && pd_args_has(args, "sketch") && pd_args_has(args, "detectors"))
        return pd_fail(err, PD_USAGE,
                       "--sketch and --detectors exclude each other: a sketch holds nothing of a "
                       "site's own detectors");
    for (size_t i = 0; is_merge && i < sizeof(of_tables) / sizeof(of_tables[0]); i++)
        if (pd_args_has(args, of_tables[i]))
            return pd_fail(err, PD_USAGE,
                           "--%s says how a table is read, and --merge reads sketches: say it "
                           "where they are written",
                           of_tables[i]);
    return PD_OK;
}

/* ---- Several ---- */

static void tell_failure(struct inspecting *in, pd_str location, const struct pd_error *err) {
    if (in->failed++ == 0)
        in->exit_code = pd_outcome_get(err->status)->exit_code;
    if (!in->is_json) {
        cli_say(in->out, 2, 4, "%.*s could not be read: %s", pd_arg(location), err->text);
        return;
    }
    pd_json_object(&in->json);
    pd_json_member_str(&in->json, "name", location);
    pd_json_member_text(&in->json, "error", err->text);
    pd_json_object_end(&in->json);
}

static enum pd_status inspect_each(struct inspecting *in, const struct source_list *list,
                                   struct pd_error *err) {
    for (size_t i = 0; i < list->count; i++) {
        struct pd_arena *arena = pd_arena_new(TABLE_ARENA_LIMIT);
        struct pd_error why = {0};
        if (!arena)
            return pd_fail_memory(err);
        if (!in->is_json && i > 0)
            pd_buf_char(in->out, '\n');
        if (inspect_one(in, list->locations[i].data, arena, true, &why) != PD_OK)
            tell_failure(in, list->locations[i], &why);
        else
            in->done++;
        pd_arena_free(arena);
    }
    return PD_OK;
}

/* What was read of how many, last, where it is seen. */
static void tell_sum(struct inspecting *in, const struct source_list *list) {
    pd_buf_char(in->out, '\n');
    cli_say(in->out, 2, 4, "%zu of %zu tables were read; %zu could not be.", in->done, list->count,
            in->failed);
    for (size_t i = 0; i < list->note_count; i++)
        cli_say(in->out, 2, 4, "%.*s", pd_arg(list->notes[i]));
}

static enum pd_status inspect_many(struct inspecting *in, const struct source_list *list,
                                   struct pd_error *err) {
    if (in->is_json) {
        pd_json_key(&in->json, "tables");
        pd_json_array(&in->json);
    }
    enum pd_status st = inspect_each(in, list, err);
    if (!in->is_json) {
        tell_sum(in, list);
        return st;
    }
    pd_json_array_end(&in->json);
    pd_json_member_i64(&in->json, "read", (int64_t)in->done);
    pd_json_member_i64(&in->json, "failed", (int64_t)in->failed);
    pd_json_key(&in->json, "notes");
    pd_json_array(&in->json);
    for (size_t i = 0; i < list->note_count; i++)
        pd_json_str(&in->json, list->notes[i]);
    pd_json_array_end(&in->json);
    return st;
}

int cli_inspect(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    struct inspecting in = {.cli = cli,
                            .is_json = pd_args_has(args, "json"),
                            .with_values = pd_args_has(args, "values"),
                            .form = cli_form(args),
                            .html = pd_args_get(args, "html"),
                            .sketch = pd_args_get(args, "sketch"),
                            .out = &out};
    const char *location = NULL;
    bool has_many = false, is_merge = pd_args_has(args, "merge");
    struct source_list list;
    pd_json_init(&in.json, &out, PD_JSON_PRETTY);
    pd_json_object(&in.json);
    pd_json_member_i64(&in.json, "polder", 1);
    enum pd_status st = check_options(args, is_merge, &err);
    if (st == PD_OK)
        st = count_threads(args, &in.form.threads, &err);
    in.form.is_deep = pd_args_has(args, "deep");
    if (st == PD_OK)
        st = cli_source_location(cli, args, &location, &err);
    if (st == PD_OK)
        st = cli_detectors_read(cli, pd_args_get(args, "detectors"), &in.site, &err);
    if (!in.is_json)
        pd_buf_reset(&out);
    if (st == PD_OK && !is_merge)
        st = source_list(location, cli->arena, &has_many, &list, &err);
    if (st == PD_OK && has_many && (in.html || in.sketch))
        st = pd_fail(&err, PD_USAGE,
                     "--%s writes what one table gives, and \"%s\" holds %zu; name one of them",
                     in.html ? "html" : "sketch", location, list.count);
    else if (st == PD_OK && is_merge)
        st = inspect_merged(&in, args, &err);
    else if (st == PD_OK && has_many)
        st = inspect_many(&in, &list, &err);
    else if (st == PD_OK)
        st = inspect_one(&in, location, cli->arena, false, &err);
    if (in.is_json) {
        pd_json_object_end(&in.json);
        pd_buf_char(&out, '\n');
    }
    pd_json_clear(&in.json);
    detect_site_free(in.site);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    int code = cli_print(&out);
    return code ? code : in.exit_code;
}
