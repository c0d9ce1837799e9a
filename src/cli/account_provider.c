/* polder account provider, link: who vouches for members by OpenID Connect. */
#include "cli/cli.h"

/* The secret stands in a file that only its owner may read, as keys do. */
static enum pd_status read_provider(struct cli *cli, const struct pd_args *args,
                                    struct account_provider *out, struct pd_error *err) {
    const char *path = pd_args_get(args, "secret-file");
    *out = (struct account_provider){.id = pd_str_from(pd_args_operand(args, 0)),
                                     .issuer = pd_str_from(pd_args_get(args, "issuer")),
                                     .title = pd_str_from(pd_args_get(args, "title")),
                                     .client_id = pd_str_from(pd_args_get(args, "client")),
                                     .client_secret = PD_STR(""),
                                     .may_private = pd_args_has(args, "private")};
    enum pd_status st = path ? cli_key_read(cli, path, &out->client_secret, err) : PD_OK;
    if (st == PD_OK)
        out->client_secret = pd_str_trim(out->client_secret);
    return st;
}

int cli_account_provider(const struct pd_command *command, const struct pd_args *args,
                         void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    struct account_provider p;
    struct govern *g = NULL;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = read_provider(cli, args, &p, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, command->name, &g, &err);
    if (st == PD_OK && pd_args_has(args, "remove"))
        st = account_provider_remove(govern_store(g), p.id, &err);
    else if (st == PD_OK)
        st = account_provider_save(govern_store(g), &p, pd_clock_now(&cli->clock), cli->arena,
                                   &err);
    if (p.client_secret.len)
        crypto_wipe((char *)(uintptr_t)p.client_secret.data, p.client_secret.len);
    if (st == PD_OK)
        cli_say(&out, 0, 2,
                pd_args_has(args, "remove") ? "The provider %.*s is removed."
                                            : "The provider %.*s may vouch for whoever is linked.",
                pd_arg(p.id));
    cli_close_writer(cli, g, false);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

int cli_account_link(const struct pd_command *command, const struct pd_args *args, void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct pd_buf out;
    pd_str provider = pd_str_from(pd_args_operand(args, 0)),
           subject = pd_str_from(pd_args_operand(args, 1)),
           name = pd_str_from(pd_args_operand(args, 2));
    size_t slash = pd_str_find_char(name, '/');
    bool is_removing = pd_args_has(args, "remove");
    pd_buf_init(&out, 0);
    enum pd_status st = PD_OK;
    if (!is_removing && slash == PD_NPOS)
        st = pd_fail(&err, PD_USAGE, "whose it is must be said as PARTY/NAME");
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, command->name, &g, &err);
    if (st == PD_OK && is_removing)
        st = account_unlink(govern_store(g), provider, subject, &err);
    else if (st == PD_OK)
        st = account_link(govern_store(g), provider, subject, pd_str_sub(name, 0, slash),
                          pd_str_sub(name, slash + 1, name.len), pd_clock_now(&cli->clock), &err);
    if (st == PD_OK)
        cli_say(&out, 0, 2, "That subject of %.*s is %.*s now.", pd_arg(provider),
                pd_arg(is_removing ? PD_STR("nobody's") : name));
    cli_close_writer(cli, g, false);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
