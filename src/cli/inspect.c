/* polder inspect: what is in a table, without a node and without asking the law. */
#include "cli/cli.h"

#include <stdlib.h>
#include <unistd.h>

static void tell(struct cli *cli, const struct govern_reading *reading, pd_str name,
                 bool with_values, struct pd_buf *out) {
    struct cli_report r = {out, cli->arena, NULL, NULL};
    cli_report_reading(&r, reading, name, with_values ? CLI_VALUES : CLI_STATISTICS);
    if (reading->has_risk)
        cli_say(out, 2, 4,
                "As it is: the smallest group of rows that are equal in all quasi columns has %.*s "
                "rows, and %.*s of the rows are unique.",
                pd_arg(cli_number(cli->arena, reading->risk.smallest)),
                pd_arg(cli_percent(cli->arena, reading->risk.unique_share)));
}

static void write_json(const struct govern_reading *reading, pd_str name, bool with_values,
                       struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_str(&w, "name", name);
    pd_json_key(&w, "reading");
    cli_json_reading(&w, reading, with_values);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_inspect(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct source *source = NULL;
    const struct govern_reading *reading = NULL;
    struct detect_site *site = NULL;
    const char *spool = getenv("TMPDIR");
    enum pd_status st = cli_detectors_read(cli, pd_args_get(args, "detectors"), &site, &err);
    if (st == PD_OK)
        st = source_open(pd_args_operand(args, 0), STDIN_FILENO, spool && *spool ? spool : "/tmp",
                         0, &source, &err);
    if (st == PD_OK)
        st = govern_read(source, pd_clock_now(&cli->clock), site, cli_progress(cli), cli->arena,
                         &reading, &err);
    cli_progress_end(cli);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    bool with_values = pd_args_has(args, "values");
    if (st == PD_OK && pd_args_has(args, "json"))
        write_json(reading, source_name(source), with_values, &out);
    else if (st == PD_OK)
        tell(cli, reading, source_name(source), with_values, &out);
    source_close(source);
    detect_site_free(site);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
