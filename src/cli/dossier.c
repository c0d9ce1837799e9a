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

int cli_dossier(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    enum govern_audience audience;
    pd_id object;
    pd_str dossier;
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &object, &err);
    if (st == PD_OK)
        st = parse_audience(pd_args_get(args, "for"), &audience, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_READ, "dossier", &g, &err);
    if (st == PD_OK)
        st = govern_dossier(g, object, audience, cli->arena, &dossier, &err);
    govern_close(g);
    return st == PD_OK ? give(pd_args_get(args, "output"), audience, dossier) : cli_fail(&err);
}
