/* polder ledger verify: a whole node, for those who doubt. */
#include "cli/cli.h"

/* ---- A whole node ---- */

static void tell_log(struct cli *cli, const struct govern_verified_log *l, struct pd_buf *out) {
    char root[2 * CRYPTO_HASH_SIZE + 1];
    pd_hex_encode(l->root.bytes, sizeof(l->root.bytes), root);
    if (l->is_pruned)
        pd_buf_printf(out, "%.*s log: pruned; of %.*s leaves %.*s stayed, root %s as anchored\n",
                      pd_arg(l->name), pd_arg(cli_number(cli->arena, l->leaves)),
                      pd_arg(cli_number(cli->arena, l->held)), root);
    else
        pd_buf_printf(out, "%.*s log: %.*s leaves, %.*s pending, root %s\n", pd_arg(l->name),
                      pd_arg(cli_number(cli->arena, l->leaves)),
                      pd_arg(cli_number(cli->arena, l->pending)), root);
    if (l->anchors && !l->is_pruned)
        cli_say(out, 2, 4, "%.*s of them are anchored in the public log",
                pd_arg(cli_number(cli->arena, l->anchored)));
}

static void tell_verified(struct cli *cli, const struct govern_verified *v, struct pd_buf *out) {
    for (size_t i = 0; i < v->log_count; i++)
        tell_log(cli, &v->logs[i], out);
    pd_buf_printf(out, "Checked: %.*s acts, %.*s rows, %.*s files\n",
                  pd_arg(cli_number(cli->arena, v->acts)), pd_arg(cli_number(cli->arena, v->rows)),
                  pd_arg(cli_number(cli->arena, v->files)));
    for (size_t i = 0; i < v->flaw_count; i++)
        cli_say(out, 0, 2, "FLAW %.*s: %.*s", pd_arg(v->flaws[i].where), pd_arg(v->flaws[i].what));
    if (v->flaw_count)
        pd_buf_printf(out, "%zu flaw%s: what the node holds is not what its acts wrote.\n",
                      v->flaw_count, v->flaw_count == 1 ? "" : "s");
    else
        pd_buf_text(out, "Everything agrees: each act has its leaf, each row is as its act wrote "
                         "it, files are whole.\n");
}

static void write_verified(const struct govern_verified *v, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_bool(&w, "is_whole", v->flaw_count == 0);
    pd_json_key(&w, "logs");
    pd_json_object(&w);
    for (size_t i = 0; i < v->log_count; i++) {
        const struct govern_verified_log *l = &v->logs[i];
        pd_json_key_str(&w, l->name);
        pd_json_object(&w);
        pd_json_member_i64(&w, "leaves", (int64_t)l->leaves);
        pd_json_member_i64(&w, "pending", (int64_t)l->pending);
        pd_json_key(&w, "root");
        pd_json_hex(&w, l->root.bytes, sizeof(l->root.bytes));
        pd_json_member_i64(&w, "anchors", (int64_t)l->anchors);
        pd_json_member_i64(&w, "anchored", (int64_t)l->anchored);
        pd_json_member_bool(&w, "pruned", l->is_pruned);
        if (l->is_pruned)
            pd_json_member_i64(&w, "held", (int64_t)l->held);
        pd_json_object_end(&w);
    }
    pd_json_object_end(&w);
    pd_json_member_i64(&w, "acts", (int64_t)v->acts);
    pd_json_member_i64(&w, "rows", (int64_t)v->rows);
    pd_json_member_i64(&w, "files", (int64_t)v->files);
    pd_json_key(&w, "flaws");
    pd_json_array(&w);
    for (size_t i = 0; i < v->flaw_count; i++) {
        pd_json_object(&w);
        pd_json_member_str(&w, "where", v->flaws[i].where);
        pd_json_member_str(&w, "what", v->flaws[i].what);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static int verify_node(struct cli *cli, const struct pd_args *args) {
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_verified *v = NULL;
    enum pd_status st = cli_open(cli, args, STORE_READ, "ledger", &g, &err);
    if (st == PD_OK)
        st = govern_verify(g, cli->arena, &v, &err);
    govern_close(g);
    if (st != PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (pd_args_has(args, "json"))
        write_verified(v, &out);
    else
        tell_verified(cli, v, &out);
    int code = cli_print(&out);
    return code ? code : v->flaw_count ? pd_outcome_get(PD_INTERNAL)->exit_code : 0;
}

int cli_ledger_verify(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    bool is_node = pd_args_has(args, "data"), is_proof = pd_args_has(args, "proof");
    if (is_node == is_proof) {
        (void)pd_fail(
            &err, PD_USAGE,
            "either --data=DIR, to verify a node, or --proof, --leaf and --key, to verify "
            "one proof");
        return cli_fail(&err);
    }
    return is_node ? verify_node(cli, args) : cli_verify_proof(cli, args);
}
