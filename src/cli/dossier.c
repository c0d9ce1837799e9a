/* polder dossier: all that stands behind an act, in one file for who wasn't there. */
#include "cli/cli.h"

static enum pd_status parse_audience(const char *text, enum govern_audience *out,
                                     struct pd_error *err) {
    static const char *const names[] = {
        [GOVERN_FOR_PUBLIC] = "public", [GOVERN_FOR_AUDIT] = "audit"};
    *out = GOVERN_FOR_PUBLIC;
    if (!text)
        return PD_OK;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (pd_str_is(pd_str_from(text), names[i])) {
            *out = (enum govern_audience)i;
            return PD_OK;
        }
    return pd_fail(err, PD_USAGE, "--for is \"%s\"; a dossier is for public or for audit", text);
}

static int give(const char *path, enum govern_audience audience, pd_str dossier) {
    struct pd_error err = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (!path) {
        pd_buf_str(&out, dossier);
        pd_buf_char(&out, '\n');
        return cli_print(&out);
    }
    enum pd_status st = audience == GOVERN_FOR_PUBLIC ? cli_file_write(path, dossier, &err)
                                                      : cli_file_write_private(path, dossier, &err);
    if (st != PD_OK)
        return cli_fail(&err);
    pd_buf_printf(&out, "Written: %s\n", path);
    return cli_print(&out);
}

/* An audit dossier is for somebody, who is named. */
static enum pd_status read_given(const struct pd_args *args, enum govern_audience audience,
                                 struct govern_dossier_given *given, struct pd_error *err) {
    static const char *const names[] = {"party", "member", "recipient"};
    pd_str *const texts[] = {&given->party, &given->member, &given->recipient};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const char *text = pd_args_get(args, names[i]);
        if (text && audience == GOVERN_FOR_PUBLIC)
            return pd_fail(err, PD_USAGE,
                           "--%s goes with --for audit: a dossier for the public is for anybody",
                           names[i]);
        *texts[i] = pd_str_from(text ? text : "");
    }
    if (audience == GOVERN_FOR_AUDIT && (!given->party.len || !given->member.len))
        return pd_fail(err, PD_USAGE,
                       "a dossier for audit opens what is closed to the public, and is recorded: "
                       "say who takes it (--party, --member)");
    return PD_OK;
}

static enum pd_status make(struct cli *cli, struct govern *g, pd_id object,
                           const struct govern_dossier_given *given, enum govern_audience audience,
                           pd_str *dossier, struct pd_error *err) {
    const struct govern_outcome *outcome;
    char id[PD_ID_TEXT_SIZE];
    if (audience == GOVERN_FOR_PUBLIC)
        return govern_dossier(g, object, audience, cli->arena, dossier, err);
    enum pd_status st = govern_dossier_give(g, object, given, cli->arena, dossier, &outcome, err);
    if (st != PD_OK)
        return st;
    pd_id_write(outcome->act_id, id);
    fprintf(stderr, "That it was given is the act %s\n", id);
    return PD_OK;
}

int cli_dossier(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct govern_dossier_given given = {0};
    enum govern_audience audience;
    pd_id object;
    pd_str dossier;
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &object, &err);
    if (st == PD_OK)
        st = parse_audience(pd_args_get(args, "for"), &audience, &err);
    if (st == PD_OK)
        st = read_given(args, audience, &given, &err);
    bool writes = st == PD_OK && audience == GOVERN_FOR_AUDIT;
    if (st == PD_OK)
        st = cli_open(cli, args, writes ? STORE_WRITE : STORE_READ, "dossier", &g, &err);
    if (st == PD_OK)
        st = make(cli, g, object, &given, audience, &dossier, &err);
    if (writes)
        cli_close_writer(cli, g, st == PD_OK);
    else
        govern_close(g);
    return st == PD_OK ? give(pd_args_get(args, "output"), audience, dossier) : cli_fail(&err);
}
