/* polder key pseudonym: a key for the pseudonyms of one purpose. */
#include "cli/cli.h"

static void write_made(const struct govern_pseudonym_key *k, pd_id id,
                       const struct govern_outcome *outcome, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "id");
    cli_json_id(&w, id);
    pd_json_member_str(&w, "name", k->name);
    pd_json_member_str(&w, "purpose", k->purpose);
    pd_json_key(&w, "outcome");
    cli_json_outcome(&w, outcome);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static void tell_made(const struct cli_report *r, const struct govern_pseudonym_key *k, pd_id id,
                      const struct govern_outcome *outcome) {
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    cli_say(r->out, 0, 2, "The key of pseudonyms \"%.*s\", for the purpose \"%.*s\": %s",
            pd_arg(k->name), pd_arg(k->purpose), text);
    cli_say(r->out, 2, 4,
            "A plan uses it by \"key\": \"%.*s\". Tables of that purpose can then be joined by their "
            "pseudonyms, and whoever holds the node's keys can say who is who. polder key destroy %s "
            "ends that for ever: nothing made by it can be undone or joined then.",
            pd_arg(k->name), text);
    cli_report_placed(r, outcome);
}

int cli_key_pseudonym(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern_pseudonym_key k = {.name = pd_str_from(pd_args_operand(args, 0)),
                                     .purpose = pd_str_from(pd_args_get(args, "purpose")),
                                     .party = pd_str_from(pd_args_get(args, "party")),
                                     .member = pd_str_from(pd_args_get(args, "member"))};
    struct govern *g = NULL;
    const struct govern_outcome *outcome = NULL;
    pd_id id = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_key_read(cli, pd_args_get(args, "key"), &k.private_key, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "key pseudonym", &g, &err);
    if (st == PD_OK)
        st = govern_pseudonym_key_make(g, &k, cli->arena, &id, &outcome, &err);
    if (k.private_key.len) /* the arena's copy */
        crypto_wipe((char *)(uintptr_t)k.private_key.data, k.private_key.len);
    if (st == PD_OK && pd_args_has(args, "json")) {
        write_made(&k, id, outcome, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), pd_args_get(args, "data")};
        tell_made(&r, &k, id, outcome);
    }
    cli_close_writer(cli, g, st == PD_OK);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
