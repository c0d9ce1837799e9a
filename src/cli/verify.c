/* polder verify: a whole node, or one proof offline. */
#include "cli/seen.h"

#include <string.h>

/* ---- A whole node ---- */

static void tell_counts(struct cli *cli, const struct govern_verified *v, struct pd_buf *out) {
    const struct {
        uint64_t count;
        const char *what;
    } counts[] = {{v->acts, "acts"},         {v->rows, "rows"},     {v->receipts, "receipts"},
                  {v->findings, "findings"}, {v->clocks, "clocks"}, {v->keys, "keys"},
                  {v->files, "files"}};
    pd_buf_text(out, "Checked:");
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
        pd_buf_printf(out, "%s %.*s %s", i ? "," : "",
                      pd_arg(cli_number(cli->arena, counts[i].count)), counts[i].what);
    pd_buf_char(out, '\n');
    if (v->unread)
        pd_buf_printf(out, "Not made again, since an act destroyed their keys: %.*s findings\n",
                      pd_arg(cli_number(cli->arena, v->unread)));
}

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

static void tell_verified(struct cli *cli, const struct govern_verified *v,
                          const struct cli_seen *seen, struct pd_buf *out) {
    for (size_t i = 0; i < v->log_count; i++)
        tell_log(cli, &v->logs[i], out);
    tell_counts(cli, v, out);
    for (size_t i = 0; i < v->remark_count; i++)
        cli_say(out, 0, 2, "Note %.*s: %.*s", pd_arg(v->remarks[i].where),
                pd_arg(v->remarks[i].what));
    for (size_t i = 0; i < v->flaw_count; i++)
        cli_say(out, 0, 2, "FLAW %s %.*s: %.*s", v->flaws[i].check, pd_arg(v->flaws[i].where),
                pd_arg(v->flaws[i].what));
    uint64_t flaws = v->flaw_count + v->further_flaws;
    if (v->further_flaws)
        pd_buf_printf(out, "... and %.*s more\n", pd_arg(cli_number(cli->arena, v->further_flaws)));
    if (flaws)
        pd_buf_printf(out, "%.*s flaw%s: what the node holds is not what its acts wrote.\n",
                      pd_arg(cli_number(cli->arena, flaws)), flaws == 1 ? "" : "s");
    else
        pd_buf_text(out, "Everything agrees: each act has its leaf, each row is as its act wrote "
                         "it, findings follow again from facts and law, files are whole.\n");
    cli_seen_tell(seen, out);
}

static void write_flaws(const char *name, const struct govern_flaw *flaws, size_t count,
                        struct pd_json *w) {
    pd_json_key(w, name);
    pd_json_array(w);
    for (size_t i = 0; i < count; i++) {
        pd_json_object(w);
        pd_json_member_text(w, "check", flaws[i].check);
        pd_json_member_str(w, "where", flaws[i].where);
        pd_json_member_str(w, "what", flaws[i].what);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

static void write_logs(const struct govern_verified *v, const struct cli_seen *seen,
                       struct pd_json *w) {
    pd_json_key(w, "logs");
    pd_json_object(w);
    for (size_t i = 0; i < v->log_count; i++) {
        const struct govern_verified_log *l = &v->logs[i];
        pd_json_key_str(w, l->name);
        pd_json_object(w);
        pd_json_member_i64(w, "leaves", (int64_t)l->leaves);
        pd_json_member_i64(w, "pending", (int64_t)l->pending);
        pd_json_key(w, "root");
        pd_json_hex(w, l->root.bytes, sizeof(l->root.bytes));
        pd_json_member_i64(w, "anchors", (int64_t)l->anchors);
        pd_json_member_i64(w, "anchored", (int64_t)l->anchored);
        pd_json_member_bool(w, "pruned", l->is_pruned);
        if (l->is_pruned)
            pd_json_member_i64(w, "held", (int64_t)l->held);
        cli_seen_write(seen, i, w);
        pd_json_object_end(w);
    }
    pd_json_object_end(w);
}

static void write_verified(const struct govern_verified *v, const struct cli_seen *seen,
                           struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_bool(&w, "is_whole", v->flaw_count + v->further_flaws == 0);
    write_logs(v, seen, &w);
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {
        {"acts", v->acts},         {"rows", v->rows},         {"files", v->files},
        {"receipts", v->receipts}, {"findings", v->findings}, {"clocks", v->clocks},
        {"keys", v->keys},         {"unread", v->unread},     {"further_flaws", v->further_flaws}};
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
        pd_json_member_i64(&w, counts[i].name, (int64_t)counts[i].count);
    write_flaws("flaws", v->flaws, v->flaw_count, &w);
    write_flaws("remarks", v->remarks, v->remark_count, &w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static int verify_node(struct cli *cli, const struct pd_args *args) {
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_verified *v = NULL;
    struct cli_seen seen = {0};
    uint64_t threads = 0;
    enum pd_status st = cli_parse_count(args, "threads", 2, &threads, &err);
    if (st == PD_OK && (threads == 0 || threads > 16))
        st = pd_fail(&err, PD_USAGE, "--threads takes 1 to 16");
    if (st == PD_OK)
        st = govern_open_to_verify(pd_args_get(args, "data"), pd_args_get(args, "database"),
                                   &cli->clock, &g, &err);
    if (st == PD_OK)
        st = cli_seen_load(cli, g, pd_args_get(args, "seen"), &seen, &err);
    struct govern_verify_options options = {.threads = (unsigned)threads,
                                            .database = pd_args_get(args, "database"),
                                            .without_keys = pd_args_has(args, "without-keys"),
                                            .seen = seen.notes,
                                            .seen_count = seen.count,
                                            .progress = cli_progress(cli)};
    if (st == PD_OK)
        st = govern_verify(g, &options, cli->arena, &v, &err);
    cli_progress_end(cli);
    govern_close(g);
    if (st != PD_OK)
        return cli_fail(&err);
    cli_seen_save(cli, v, &seen);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (pd_args_has(args, "json"))
        write_verified(v, &seen, &out);
    else
        tell_verified(cli, v, &seen, &out);
    int code = cli_print(&out);
    return code ? code : v->flaw_count ? pd_outcome_get(PD_INTERNAL)->exit_code : 0;
}

int cli_verify(const struct pd_command *command, const struct pd_args *args, void *context) {
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
