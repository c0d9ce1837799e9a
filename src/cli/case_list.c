/* polder case list, case show: where cases stand. */
#include "cli/cli.h"

/* ---- For people ---- */

static void say_about(const struct cli_report *r, const struct govern_raised *c) {
    char id[PD_ID_TEXT_SIZE], date[PD_TIME_TEXT_SIZE];
    pd_id_write(c->id, id);
    pd_time_write(c->raised_at, PD_TIME_DATE, date);
    cli_say(r->out, 2, 4, "%.*s%s %s: %.*s, raised by %.*s on %s, to be answered by %.*s",
            pd_arg(c->state), c->is_overdue ? ", overdue" : "", id, pd_arg(c->kind),
            pd_arg(c->party), date, pd_arg(c->responsible));
    if (c->dataset.len)
        cli_say(r->out, 4, 6, "about the dataset %.*s %.*s", pd_arg(c->dataset),
                pd_arg(c->dataset_title));
    for (size_t i = 0; i < c->clock_count; i++)
        cli_report_clock(r, &c->clocks[i]);
}

static void say_entry(const struct cli_report *r, const struct govern_entry *e) {
    char date[PD_TIME_TEXT_SIZE];
    pd_time_write(e->at, PD_TIME_MINUTES, date);
    cli_say(r->out, 2, 4, "%s %.*s by %.*s%s%.*s: %.*s%s", date, pd_arg(e->step), pd_arg(e->party),
            e->member.len ? "/" : "", pd_arg(e->member), pd_arg(e->text),
            e->is_erased ? "(erased: the key of this entry was destroyed)" : "");
    if (e->ground.len)
        cli_say(r->out, 4, 6, "Ground: %.*s", pd_arg(e->ground));
    if (e->appeal.len)
        cli_say(r->out, 4, 6, "To appeal: %.*s", pd_arg(e->appeal));
}

static void say_case(const struct cli_report *r, const struct govern_raised *c) {
    say_about(r, c);
    pd_str names = PD_STR("");
    for (size_t i = 0; i < c->answerable_count; i++)
        names = pd_arena_printf(r->arena, "%.*s%s%.*s", pd_arg(names), i ? ", " : "",
                                pd_arg(c->answerable[i]));
    if (names.len)
        cli_say(r->out, 4, 6, "who decides for %.*s: %.*s", pd_arg(c->responsible), pd_arg(names));
    else
        cli_say(r->out, 4, 6, "%.*s has no member who could decide: no owner, no steward",
                pd_arg(c->responsible));
    cli_say(r->out, 0, 2, "Thread:");
    for (size_t i = 0; i < c->entry_count; i++)
        say_entry(r, &c->entries[i]);
}

/* ---- case list ---- */

static bool is_wanted(const struct pd_args *args, const struct govern_raised *c) {
    const char *state = pd_args_get(args, "state"), *who = pd_args_get(args, "responsible");
    return (!state || pd_str_is(c->state, state)) && (!who || pd_str_is(c->responsible, who)) &&
           (!pd_args_has(args, "overdue") || c->is_overdue);
}

static enum pd_status check_state(const struct pd_args *args, struct pd_error *err) {
    static const char *const states[] = {"raised", "escalated", "answered", "refused", "withdrawn"};
    const char *state = pd_args_get(args, "state");
    for (size_t i = 0; state && i < sizeof(states) / sizeof(*states); i++)
        if (pd_str_is(pd_str_from(state), states[i]))
            return PD_OK;
    return state ? pd_fail(err, PD_USAGE,
                           "--state=\"%s\" is no state of a case; there are raised, escalated, "
                           "answered, refused, withdrawn",
                           state)
                 : PD_OK;
}

static void write_list(const struct pd_args *args, const struct govern_raised *cases, size_t n,
                       struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "cases");
    pd_json_array(&w);
    for (size_t i = 0; i < n; i++)
        if (is_wanted(args, &cases[i]))
            govern_case_write(&cases[i], &w);
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_case_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const char *folder = pd_args_get(args, "data");
    struct govern *g = NULL;
    const struct govern_raised *cases = NULL;
    size_t n = 0, shown = 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = check_state(args, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_READ, "case list", &g, &err);
    if (st == PD_OK)
        st = govern_cases(g, NULL, cli->arena, &cases, &n, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        write_list(args, cases, n, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), folder};
        for (size_t i = 0; i < n; i++)
            shown += is_wanted(args, &cases[i]);
        cli_say(&out, 0, 2, "%zu case%s", shown, shown == 1 ? "" : "s");
        for (size_t i = 0; i < n; i++)
            if (is_wanted(args, &cases[i]))
                say_about(&r, &cases[i]);
    }
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

/* ---- case show ---- */

int cli_case_show(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const char *folder = pd_args_get(args, "data");
    struct govern *g = NULL;
    const struct govern_raised *c = NULL;
    size_t n = 0;
    pd_id id;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &id, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_READ, "case show", &g, &err);
    if (st == PD_OK)
        st = govern_cases(g, &id, cli->arena, &c, &n, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        govern_case_write(c, &w);
        pd_buf_char(&out, '\n');
        pd_json_clear(&w);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), folder};
        say_case(&r, c);
    }
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
