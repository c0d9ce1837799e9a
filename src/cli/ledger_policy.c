/* polder ledger policy, ledger witness: which witnesses count for a node's log, and what they said.
 */
#include "cli/cli.h"

#include <string.h>

enum { KEY_FILE_MAX = 4096 };

/* ---- A policy in a file, for whoever checks a proof ---- */

enum pd_status cli_policy_read(struct cli *cli, const char *path, const struct ledger_policy **out,
                               struct pd_error *err) {
    pd_str text;
    enum pd_status st = cli_file_read(cli, path, LEDGER_POLICY_BYTES_MAX, &text, err);
    if (st == PD_OK && ledger_policy_parse(text, cli->arena, out, err) != PD_OK)
        return pd_wrap(err, "%s", path);
    return st;
}

/* ---- How it stands ---- */

static void tell_witness(struct cli *cli, const struct govern_witness_state *s, uint64_t size,
                         struct pd_buf *out) {
    char time[PD_TIME_TEXT_SIZE] = "";
    pd_time_write((pd_time)s->time * PD_SECOND, PD_TIME_SECONDS, time);
    if (s->time && s->size == size)
        cli_say(out, 2, 4, "%.*s cosigned the newest checkpoint, at %s", pd_arg(s->name), time);
    else if (s->time)
        cli_say(out, 2, 4, "%.*s cosigned one of %.*s leaves, at %s", pd_arg(s->name),
                pd_arg(cli_number(cli->arena, s->size)), time);
    else
        cli_say(out, 2, 4, "%.*s cosigned nothing yet", pd_arg(s->name));
    if (s->last_error.len)
        cli_say(out, 4, 6, "last asked without success: %.*s", pd_arg(s->last_error));
}

static void tell_forks(const struct govern_witnessing *w, struct pd_buf *out) {
    for (size_t i = 0; i < w->fork_count; i++) {
        char time[PD_TIME_TEXT_SIZE];
        pd_time_write(w->forks[i].noted_at, PD_TIME_SECONDS, time);
        cli_say(out, 0, 2,
                "On %s %.*s showed a checkpoint that contradicts this log. Both statements:", time,
                pd_arg(w->forks[i].witness));
        pd_buf_printf(out, "\n%.*s\n%.*s\n", pd_arg(w->forks[i].ours), pd_arg(w->forks[i].theirs));
    }
}

static void tell(struct cli *cli, const struct govern_witnessing *w, struct pd_buf *out) {
    if (w->why_stopped.len)
        cli_say(out, 0, 2, "STOPPED: %.*s", pd_arg(w->why_stopped));
    tell_forks(w, out);
    if (!w->has_policy) {
        cli_say(out, 0, 2,
                "The node has no policy of witnesses: whoever relies on its log takes "
                "the node's own word for it (polder ledger policy FILE sets one).");
        return;
    }
    char time[PD_TIME_TEXT_SIZE];
    pd_time_write(w->policy.set_at, PD_TIME_SECONDS, time);
    cli_say(out, 0, 2,
            "The public log has %.*s leaves; a quorum of witnesses cosigned %.*s of them%s.",
            pd_arg(cli_number(cli->arena, w->size)), pd_arg(cli_number(cli->arena, w->witnessed)),
            w->witnessed && !w->holds ? ", under an earlier policy" : "");
    cli_say(out, 0, 2, "Policy of %s%s%s:", time, w->policy.may_http ? ", http allowed" : "",
            w->policy.may_private ? ", private addresses allowed" : "");
    for (size_t i = 0; i < w->count; i++)
        tell_witness(cli, &w->witnesses[i], w->size, out);
}

static void write_witness(const struct govern_witness_state *s, struct pd_json *j) {
    pd_json_object(j);
    pd_json_member_str(j, "name", s->name);
    pd_json_member_str(j, "url", s->url);
    pd_json_member_i64(j, "size", (int64_t)s->size);
    if (s->time) {
        pd_json_key(j, "time");
        pd_json_time(j, (pd_time)s->time * PD_SECOND);
    }
    if (s->asked_at) {
        pd_json_key(j, "asked");
        pd_json_time(j, s->asked_at);
    }
    if (s->last_error.len)
        pd_json_member_str(j, "last_error", s->last_error);
    pd_json_object_end(j);
}

static void write_policy(const struct govern_policy *p, struct pd_json *j) {
    pd_json_key(j, "policy");
    pd_json_object(j);
    pd_json_key(j, "act");
    cli_json_id(j, p->act);
    pd_json_member_str(j, "text", p->text);
    pd_json_key(j, "hash");
    pd_json_hex(j, p->hash.bytes, sizeof(p->hash.bytes));
    pd_json_member_bool(j, "allow_http", p->may_http);
    pd_json_member_bool(j, "allow_private", p->may_private);
    pd_json_key(j, "set");
    pd_json_time(j, p->set_at);
    pd_json_object_end(j);
}

static void write_json(const struct govern_witnessing *w, struct pd_buf *out) {
    struct pd_json j;
    pd_json_init(&j, out, PD_JSON_PRETTY);
    pd_json_object(&j);
    pd_json_member_i64(&j, "polder", 1);
    if (w->has_policy)
        write_policy(&w->policy, &j);
    pd_json_member_i64(&j, "size", (int64_t)w->size);
    pd_json_member_i64(&j, "published", (int64_t)w->published);
    pd_json_member_i64(&j, "witnessed", (int64_t)w->witnessed);
    pd_json_member_bool(&j, "holds", w->holds);
    pd_json_member_str(&j, "checkpoint", w->checkpoint);
    pd_json_member_str(&j, "stopped", w->why_stopped);
    pd_json_key(&j, "witnesses");
    pd_json_array(&j);
    for (size_t i = 0; i < w->count; i++)
        write_witness(&w->witnesses[i], &j);
    pd_json_array_end(&j);
    pd_json_key(&j, "forks");
    pd_json_array(&j);
    for (size_t i = 0; i < w->fork_count; i++) {
        pd_json_object(&j);
        pd_json_member_str(&j, "witness", w->forks[i].witness);
        pd_json_member_str(&j, "ours", w->forks[i].ours);
        pd_json_member_str(&j, "theirs", w->forks[i].theirs);
        pd_json_key(&j, "time");
        pd_json_time(&j, w->forks[i].noted_at);
        pd_json_object_end(&j);
    }
    pd_json_array_end(&j);
    pd_json_object_end(&j);
    pd_buf_char(out, '\n');
    pd_json_clear(&j);
}

static enum pd_status show(struct cli *cli, struct govern *g, const struct pd_args *args,
                           struct pd_buf *out, struct pd_error *err) {
    struct govern_witnessing w;
    enum pd_status st = govern_witnessing(g, cli->arena, &w, err);
    if (st == PD_OK && pd_args_has(args, "json"))
        write_json(&w, out);
    else if (st == PD_OK)
        tell(cli, &w, out);
    return st;
}

/* ---- ledger witness: ask now ---- */

int cli_ledger_witness(const struct pd_command *command, const struct pd_args *args,
                       void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0}, asked = {0};
    struct govern *g = NULL;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    bool is_dry = pd_args_has(args, "dry-run");
    enum pd_status st =
        cli_open(cli, args, is_dry ? STORE_READ : STORE_WRITE, "ledger witness", &g, &err);
    /* What was pending comes first: the newest checkpoint is the one to be cosigned. */
    enum pd_status came = PD_OK;
    if (st == PD_OK && !is_dry)
        came = govern_integrate(g, &asked);
    /* Where that fails they are asked all the same: of what is published. A witnessed checkpoint
     * that was damaged is made anew so. */
    struct pd_error later = {0};
    if (st == PD_OK && !is_dry && govern_witness(g, false, &later) != PD_OK && came == PD_OK) {
        asked = later;
        came = later.status;
    }
    if (st == PD_OK)
        st = show(cli, g, args, &out, &err);
    govern_close(g);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    int code = cli_print(&out);
    return code || came == PD_OK ? code : cli_fail(&asked);
}

/* ---- ledger policy ---- */

static enum pd_status set(struct cli *cli, struct govern *g, const struct pd_args *args,
                          const struct govern_outcome **out, struct pd_error *err) {
    struct govern_policy_setting given = {
        .party = pd_str_from(pd_args_get(args, "party")),
        .may_http = pd_args_has(args, "allow-http"),
        .may_private = pd_args_has(args, "allow-private"),
    };
    const char *path = pd_args_operand(args, 0);
    enum pd_status st = cli_file_read(cli, path, LEDGER_POLICY_BYTES_MAX, &given.text, err);
    if (st == PD_OK)
        st = cli_file_read(cli, pd_args_get(args, "key"), KEY_FILE_MAX, &given.private_key, err);
    if (st == PD_OK && govern_policy_set(g, &given, cli->arena, out, err) != PD_OK)
        st = pd_wrap(err, "%s", path);
    if (given.private_key.len) /* the arena's copy, made by cli_file_read */
        crypto_wipe((char *)(uintptr_t)given.private_key.data, given.private_key.len);
    return st;
}

int cli_ledger_policy(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_outcome *outcome = NULL;
    const char *folder = pd_args_get(args, "data");
    bool is_set = pd_args_operands(args) > 0;
    enum pd_status st = PD_OK;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (is_set && (!pd_args_has(args, "party") || !pd_args_has(args, "key")))
        st = pd_fail(&err, PD_USAGE,
                     "a policy is enacted by a party: --party=ID and --key=FILE say which");
    if (st == PD_OK)
        st = cli_open(cli, args, is_set ? STORE_WRITE : STORE_READ, "ledger policy", &g, &err);
    if (st == PD_OK && !is_set)
        st = show(cli, g, args, &out, &err);
    else if (st == PD_OK)
        st = set(cli, g, args, &outcome, &err);
    if (st == PD_OK && is_set && pd_args_has(args, "json")) {
        cli_json_act(outcome, &out);
    } else if (st == PD_OK && is_set) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), folder};
        cli_say(&out, 0, 2, "%s enacted which witnesses count.", pd_args_get(args, "party"));
        cli_report_placed(&r, outcome);
    }
    cli_close_writer(cli, g, st == PD_OK && is_set);
    if (st == PD_OK)
        return cli_print(&out);
    pd_buf_clear(&out);
    return cli_fail(&err);
}
