/* polder case raise, answer, refuse, withdraw: each an act. */
#include "cli/cli.h"

static pd_str option(const struct pd_args *args, const char *name) {
    return pd_str_from(pd_args_get(args, name));
}

/* The key stays in the arena until it is wiped. */
static enum pd_status read_key(struct cli *cli, const struct pd_args *args, pd_str *out,
                               struct pd_error *err) {
    const char *path = pd_args_get(args, "key");
    return path ? cli_key_read(cli, path, out, err) : PD_OK;
}

static void wipe_key(pd_str key) {
    if (key.len) /* the arena's copy, made by cli_key_read */
        crypto_wipe((char *)(uintptr_t)key.data, key.len);
}

static void write(const pd_id *id, const struct govern_outcome *o, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "case");
    if (id)
        cli_json_id(&w, *id);
    else
        pd_json_null(&w);
    pd_json_key(&w, "outcome");
    cli_json_outcome(&w, o);
    if (o->result == GOVERN_DENIED) {
        pd_json_key(&w, "finding");
        law_finding_write(o->finding, &w);
    }
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

/* ---- case raise ---- */

static enum pd_status read_facts(struct cli *cli, const struct pd_args *args, const char *name,
                                 const struct govern_declared **out, size_t *count,
                                 struct pd_error *err) {
    size_t n = pd_args_count(args, name);
    struct govern_declared *list = pd_arena_array(cli->arena, n ? n : 1, sizeof(*list));
    if (!list)
        return pd_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        enum pd_status st =
            cli_parse_fact(pd_args_nth(args, name, i), &list[i].name, &list[i].value, err);
        if (st != PD_OK)
            return st;
    }
    *out = list;
    *count = n;
    return PD_OK;
}

static void tell_raised(const struct cli_report *r, const struct govern_raising *given, pd_id id,
                        const struct govern_outcome *o) {
    char text[PD_ID_TEXT_SIZE];
    if (o->result == GOVERN_DENIED) {
        cli_say(r->out, 0, 2, "The law refuses the case; the refusal is recorded.");
        cli_report_finding(r, o->finding);
        cli_report_placed(r, o);
        return;
    }
    pd_id_write(id, text);
    cli_say(r->out, 0, 2, "%.*s raised the case %s (%.*s).", pd_arg(given->party), text,
            pd_arg(given->kind));
    if (o->clock_count == 0)
        cli_say(r->out, 2, 4, "No rule states until when it must be answered.");
    for (size_t i = 0; i < o->clock_count; i++) {
        cli_say(r->out, 2, 4, "owed by %.*s:", pd_arg(o->clocks[i].party));
        cli_report_clock(r, &o->clocks[i]);
    }
    cli_report_placed(r, o);
}

int cli_case_raise(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const char *folder = pd_args_get(args, "data");
    struct govern_raising r = {.kind = pd_str_from(pd_args_operand(args, 0)),
                               .party = option(args, "party"),
                               .member = option(args, "member"),
                               .dataset = option(args, "dataset"),
                               .responsible = option(args, "to"),
                               .subject = option(args, "subject"),
                               .evidence = option(args, "evidence")};
    struct govern *g = NULL;
    const struct govern_outcome *outcome = NULL;
    pd_id id = {{0}};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = read_facts(cli, args, "fact", &r.declared, &r.declared_count, &err);
    if (st == PD_OK)
        st = read_facts(cli, args, "attest", &r.attested, &r.attested_count, &err);
    if (st == PD_OK)
        st = read_key(cli, args, &r.private_key, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "case raise", &g, &err);
    if (st == PD_OK)
        st = govern_case_raise(g, &r, cli->arena, &id, &outcome, &err);
    wipe_key(r.private_key);
    bool is_denied = st == PD_OK && outcome->result == GOVERN_DENIED;
    if (st == PD_OK && pd_args_has(args, "json")) {
        write(is_denied ? NULL : &id, outcome, &out);
    } else if (st == PD_OK) {
        struct cli_report report = {&out, cli->arena, govern_rules(g), folder};
        tell_raised(&report, &r, id, outcome);
    }
    cli_close_writer(cli, g, st == PD_OK);
    if (st != PD_OK)
        return cli_fail(&err);
    int code = cli_print(&out);
    return code || !is_denied ? code : pd_outcome_get(PD_DENIED)->exit_code;
}

/* ---- case answer, refuse, withdraw ---- */

static int carry_out(const struct pd_args *args, struct cli *cli, enum govern_case_move which,
                     const char *done) {
    struct pd_error err = {0};
    const char *folder = pd_args_get(args, "data");
    bool is_refusal = which == GOVERN_CASE_REFUSE;
    struct govern_moving m = {.move = which,
                              .party = option(args, "party"),
                              .member = option(args, "member"),
                              .text = option(args, "text"),
                              .ground = is_refusal ? option(args, "ground") : PD_STR(""),
                              .appeal = is_refusal ? option(args, "appeal") : PD_STR("")};
    struct govern *g = NULL;
    const struct govern_outcome *outcome = NULL;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &m.case_id, &err);
    if (st == PD_OK)
        st = read_key(cli, args, &m.private_key, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "case", &g, &err);
    if (st == PD_OK)
        st = govern_case_move(g, &m, cli->arena, &outcome, &err);
    wipe_key(m.private_key);
    if (st == PD_OK && pd_args_has(args, "json")) {
        write(&m.case_id, outcome, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), folder};
        cli_say(&out, 0, 2, "%.*s %s the case %s.", pd_arg(m.party), done,
                pd_args_operand(args, 0));
        cli_report_placed(&r, outcome);
    }
    cli_close_writer(cli, g, st == PD_OK);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

int cli_case_answer(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    return carry_out(args, context, GOVERN_CASE_ANSWER, "answered");
}

int cli_case_refuse(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    return carry_out(args, context, GOVERN_CASE_REFUSE, "refused");
}

int cli_case_withdraw(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    return carry_out(args, context, GOVERN_CASE_WITHDRAW, "withdrew");
}
