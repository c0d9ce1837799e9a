/* polder case raise, answer, refuse, withdraw: each an act. */
#include "cli/cli.h"

/* ---- case raise ---- */

static enum pd_status do_raise(struct govern *g, void *context, struct pd_arena *arena, pd_id *id,
                               const struct govern_outcome **out, struct pd_error *err) {
    return govern_case_raise(g, context, arena, id, out, err);
}

static void tell_raised(const struct cli_report *r, const void *context, pd_id id,
                        const struct govern_outcome *o) {
    const struct govern_raising *given = context;
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    cli_say(r->out, 0, 2, "%.*s raised the case %s (%.*s).", pd_arg(given->party), text,
            pd_arg(given->kind));
    cli_report_owed(r, o);
}

int cli_case_raise(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern_raising r = {.kind = pd_str_from(pd_args_operand(args, 0)),
                               .party = cli_option(args, "party"),
                               .member = cli_option(args, "member"),
                               .dataset = cli_option(args, "dataset"),
                               .responsible = cli_option(args, "to"),
                               .subject = cli_option(args, "subject"),
                               .evidence = cli_option(args, "evidence")};
    struct cli_deed deed = {"case raise", "case", &r.private_key, do_raise, tell_raised, NULL, &r};
    enum pd_status st = cli_facts_read(cli, args, "fact", &r.declared, &r.declared_count, &err);
    if (st == PD_OK)
        st = cli_facts_read(cli, args, "attest", &r.attested, &r.attested_count, &err);
    return cli_deed_do(cli, args, &deed, (pd_id){{0}}, st, &err);
}

/* ---- case answer, refuse, withdraw ---- */

static enum pd_status do_move(struct govern *g, void *context, struct pd_arena *arena, pd_id *id,
                              const struct govern_outcome **out, struct pd_error *err) {
    (void)id;
    return govern_case_move(g, context, arena, out, err);
}

static void tell_moved(const struct cli_report *r, const void *context, pd_id id,
                       const struct govern_outcome *o) {
    static const char *const done[] = {[GOVERN_CASE_ANSWER] = "answered",
                                       [GOVERN_CASE_REFUSE] = "refused",
                                       [GOVERN_CASE_WITHDRAW] = "withdrew"};
    const struct govern_moving *m = context;
    char text[PD_ID_TEXT_SIZE];
    (void)o;
    pd_id_write(id, text);
    cli_say(r->out, 0, 2, "%.*s %s the case %s.", pd_arg(m->party), done[m->move], text);
}

static int carry_out(const struct pd_args *args, struct cli *cli, enum govern_case_move which) {
    struct pd_error err = {0};
    bool is_refusal = which == GOVERN_CASE_REFUSE;
    struct govern_moving m = {.move = which,
                              .party = cli_option(args, "party"),
                              .member = cli_option(args, "member"),
                              .text = cli_option(args, "text"),
                              .ground = is_refusal ? cli_option(args, "ground") : PD_STR(""),
                              .appeal = is_refusal ? cli_option(args, "appeal") : PD_STR("")};
    struct cli_deed deed = {"case", "case", &m.private_key, do_move, tell_moved, NULL, &m};
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &m.case_id, &err);
    return cli_deed_do(cli, args, &deed, m.case_id, st, &err);
}

int cli_case_answer(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    return carry_out(args, context, GOVERN_CASE_ANSWER);
}

int cli_case_refuse(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    return carry_out(args, context, GOVERN_CASE_REFUSE);
}

int cli_case_withdraw(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    return carry_out(args, context, GOVERN_CASE_WITHDRAW);
}
