/* polder clock list, clock meet: the duties that acts left behind, and the answer to one. */
#include "cli/cli.h"

/* ---- clock list ---- */

static void count_states(const struct govern_clock *clocks, size_t n, size_t counts[3]) {
    for (size_t i = 0; i < n; i++)
        counts[clocks[i].state]++;
}

static void tell_list(const struct cli_report *r, const struct govern_clock *clocks, size_t n) {
    size_t counts[3] = {0};
    count_states(clocks, n, counts);
    cli_say(r->out, 0, 2, "%zu due, %zu overdue, %zu met", counts[GOVERN_CLOCK_DUE],
            counts[GOVERN_CLOCK_OVERDUE], counts[GOVERN_CLOCK_MET]);
    for (size_t i = 0; i < n; i++) {
        char clock[PD_ID_TEXT_SIZE], act[PD_ID_TEXT_SIZE];
        pd_id_write(clocks[i].id, clock);
        pd_id_write(clocks[i].act_id, act);
        cli_say(r->out, 2, 4, "%s %s, of %.*s", govern_clock_state_name(clocks[i].state), clock,
                pd_arg(clocks[i].party));
        cli_report_clock(r, &clocks[i]);
        cli_say(r->out, 4, 6, "by the act %s", act);
    }
}

static void write_list(const struct govern_clock *clocks, size_t n, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "clocks");
    pd_json_array(&w);
    for (size_t i = 0; i < n; i++)
        govern_clock_write(&clocks[i], &w);
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_clock_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const char *folder = pd_args_get(args, "data");
    struct govern *g = NULL;
    const struct govern_clock *clocks = NULL;
    size_t n = 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_READ, "clock list", &g, &err);
    if (st == PD_OK)
        st = govern_clocks(g, pd_args_has(args, "overdue"), cli->arena, &clocks, &n, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        write_list(clocks, n, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), folder};
        tell_list(&r, clocks, n);
    }
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

/* ---- clock meet ---- */

static void tell_met(const struct cli_report *r, const struct govern_meeting *m,
                     const struct govern_outcome *o) {
    char clock[PD_ID_TEXT_SIZE];
    pd_id_write(m->clock_id, clock);
    cli_say(r->out, 0, 2, "%.*s met the duty of the clock %s.", pd_arg(m->party), clock);
    cli_report_placed(r, o);
}

int cli_clock_meet(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const char *folder = pd_args_get(args, "data");
    struct govern_meeting m = {.party = pd_str_from(pd_args_get(args, "party")),
                               .evidence = pd_str_from(pd_args_get(args, "evidence"))};
    struct govern *g = NULL;
    const struct govern_outcome *outcome = NULL;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &m.clock_id, &err);
    if (st == PD_OK)
        st = cli_key_read(cli, pd_args_get(args, "key"), &m.private_key, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "clock meet", &g, &err);
    if (st == PD_OK)
        st = govern_clock_meet(g, &m, cli->arena, &outcome, &err);
    if (m.private_key.len) /* the arena's copy, made by cli_key_read */
        crypto_wipe((char *)(uintptr_t)m.private_key.data, m.private_key.len);
    if (st == PD_OK && pd_args_has(args, "json")) {
        cli_json_act(outcome, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), folder};
        tell_met(&r, &m, outcome);
    }
    cli_close_writer(cli, g, st == PD_OK);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
