/* polder fact attest: a party signs a fact for an open intent. */
#include "cli/cli.h"

static enum pd_status make_attestation(struct cli *cli, const struct pd_args *args,
                                       struct govern_attestation *out, struct pd_error *err) {
    *out = (struct govern_attestation){.name = pd_str_from(pd_args_operand(args, 1)),
                                       .value = pd_str_from(pd_args_operand(args, 2)),
                                       .party = pd_str_from(pd_args_get(args, "party")),
                                       .evidence = pd_str_from(pd_args_get(args, "evidence"))};
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &out->intent_id, err);
    const char *expires = pd_args_get(args, "expires");
    if (st == PD_OK && expires && !pd_time_parse(pd_str_from(expires), &out->expires))
        st = pd_fail(err, PD_USAGE,
                     "--expires=\"%s\" must be a date such as 2027-12-31, or a time such as "
                     "2027-12-31T18:00:00+08:00",
                     expires);
    if (st == PD_OK)
        st = cli_key_read(cli, pd_args_get(args, "key"), &out->private_key, err);
    return st;
}

static void tell(struct cli *cli, struct govern *g, const struct govern_attestation *a,
                 const struct govern_outcome *o, const char *folder, struct pd_buf *out) {
    struct cli_report r = {out, cli->arena, govern_rules(g), folder};
    char intent[PD_ID_TEXT_SIZE];
    pd_id_write(a->intent_id, intent);
    cli_say(out, 0, 2, "%.*s attested %.*s = %.*s for the intent %s.", pd_arg(a->party),
            pd_arg(a->name), pd_arg(a->value), intent);
    cli_report_placed(&r, o);
    pd_buf_printf(out, "  Next: go on with the intent\n    polder act resume --data %.*s %s\n",
                  pd_arg(cli_quote(cli->arena, pd_str_from(folder))), intent);
}

int cli_fact_attest(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const char *folder = pd_args_get(args, "data");
    struct govern_attestation attestation;
    struct govern *g = NULL;
    const struct govern_outcome *outcome = NULL;
    enum pd_status st = make_attestation(cli, args, &attestation, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "fact attest", &g, &err);
    if (st == PD_OK)
        st = govern_attest(g, &attestation, cli->arena, &outcome, &err);
    if (attestation.private_key.len) /* the arena's copy, made by cli_key_read */
        crypto_wipe((char *)(uintptr_t)attestation.private_key.data, attestation.private_key.len);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (st == PD_OK && pd_args_has(args, "json"))
        cli_json_act(outcome, &out);
    else if (st == PD_OK)
        tell(cli, g, &attestation, outcome, folder, &out);
    cli_close_writer(cli, g, st == PD_OK);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
