/* polder ledger prune: a shard of the restricted log goes when its time of keeping is over. */
#include "cli/cli.h"

static void write_pruned(const struct govern_pruned *p, bool is_rehearsal, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_bool(&w, "is_done", !is_rehearsal);
    pd_json_member_str(&w, "log", p->log);
    pd_json_member_i64(&w, "size", (int64_t)p->size);
    pd_json_key(&w, "root");
    pd_json_hex(&w, p->root.bytes, sizeof(p->root.bytes));
    pd_json_member_i64(&w, "removed", (int64_t)p->removed);
    pd_json_member_i64(&w, "held", (int64_t)p->held);
    pd_json_member_i64(&w, "released", (int64_t)p->released);
    pd_json_key(&w, "kept_until");
    pd_json_time(&w, p->kept_until);
    if (!is_rehearsal) {
        pd_json_key(&w, "act");
        cli_json_id(&w, p->act);
        pd_json_member_str(&w, "receipt", p->receipt);
        pd_json_member_str(&w, "pending", p->pending);
    }
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static void tell_pruned(struct cli *cli, const struct govern_pruned *p, bool is_rehearsal,
                        struct pd_buf *out) {
    char date[PD_TIME_TEXT_SIZE], act[PD_ID_TEXT_SIZE];
    const char *go = is_rehearsal ? "would go" : "are gone",
               *stay = is_rehearsal ? "would stay" : "stay";
    pd_time_write(p->kept_until, PD_TIME_DATE, date);
    cli_say(out, 0, 2,
            "%.*s had to be kept until %s. Of its %.*s acts, %.*s %s, with their leaves, "
            "sealed records and keys; %.*s %s: something that stays was made by them or depends on "
            "them, or a duty runs.",
            pd_arg(p->log), date, pd_arg(cli_number(cli->arena, p->size)),
            pd_arg(cli_number(cli->arena, p->removed)), go, pd_arg(cli_number(cli->arena, p->held)),
            stay);
    if (p->released)
        cli_say(out, 0, 2,
                "Of shards that were pruned before, %.*s acts %s: nothing holds them any "
                "more.",
                pd_arg(cli_number(cli->arena, p->released)), go);
    if (is_rehearsal) {
        pd_buf_text(out, "Nothing was changed. Pruning can't be undone; it is done with --yes.\n");
        return;
    }
    pd_id_write(p->act, act);
    cli_say(out, 0, 2, "The public log says so (act %s), and verifies what is left.", act);
    if (p->pending.len)
        cli_say(out, 2, 4, "The act stands; its proof is pending: %.*s", pd_arg(p->pending));
}

int cli_ledger_prune(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_pruned *pruned = NULL;
    bool is_rehearsal = pd_args_has(args, "dry-run");
    enum pd_status st = PD_OK;
    if (!is_rehearsal && !pd_args_has(args, "yes"))
        st = pd_fail(&err, PD_USAGE,
                     "pruning can't be undone: see with --dry-run what would go, then say --yes");
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "ledger prune", &g, &err);
    if (st == PD_OK)
        st = govern_prune(g, pd_str_from(pd_args_operand(args, 0)), is_rehearsal, cli->arena,
                          &pruned, &err);
    cli_close_writer(cli, g, st == PD_OK && !is_rehearsal);
    if (st != PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (pd_args_has(args, "json"))
        write_pruned(pruned, is_rehearsal, &out);
    else
        tell_pruned(cli, pruned, is_rehearsal, &out);
    return cli_print(&out);
}
