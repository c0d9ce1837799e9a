/* Commands that are one act: who acts, with which key, what is told of it. */
#include "cli/cli.h"

pd_str cli_option(const struct pd_args *args, const char *name) {
    return pd_str_from(pd_args_get(args, name));
}

enum pd_status cli_facts_read(struct cli *cli, const struct pd_args *args, const char *name,
                              const struct govern_declared **out, size_t *count,
                              struct pd_error *err) {
    size_t n = pd_args_count(args, name);
    struct govern_declared *list = pd_arena_array(cli->arena, n ? n : 1, sizeof(*list));
    if (!list)
        return pd_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        enum pd_status st =
            cli_parse_fact(pd_args_nth(args, name, i), &list[i].name, &list[i].value, err);
        if (st != PD_OK)
            return st;
    }
    *out = list;
    *count = n;
    return PD_OK;
}

void cli_report_owed(const struct cli_report *r, const struct govern_outcome *o) {
    if (o->clock_count == 0)
        cli_say(r->out, 2, 4, "No rule states until when it must be answered.");
    for (size_t i = 0; i < o->clock_count; i++) {
        cli_say(r->out, 2, 4, "owed by %.*s:", pd_arg(o->clocks[i].party));
        cli_report_clock(r, &o->clocks[i]);
    }
}

static void write(const struct cli_deed *deed, bool is_denied, pd_id id,
                  const struct govern_outcome *o, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, deed->noun);
    if (is_denied)
        pd_json_null(&w);
    else
        cli_json_id(&w, id);
    if (deed->write && !is_denied)
        deed->write(&w, deed->context);
    pd_json_key(&w, "outcome");
    cli_json_outcome(&w, o);
    if (is_denied) {
        pd_json_key(&w, "finding");
        law_finding_write(o->finding, &w);
    }
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static void tell(const struct cli_deed *deed, bool is_denied, pd_id id,
                 const struct govern_outcome *o, const struct cli_report *r) {
    if (is_denied) {
        cli_say(r->out, 0, 2, "The law refuses the %s; the refusal is recorded.", deed->noun);
        cli_report_finding(r, o->finding);
    } else {
        deed->tell(r, deed->context, id, o);
    }
    cli_report_placed(r, o);
}

int cli_deed_do(struct cli *cli, const struct pd_args *args, const struct cli_deed *deed, pd_id id,
                enum pd_status st, struct pd_error *err) {
    struct govern *g = NULL;
    const struct govern_outcome *outcome = NULL;
    const char *key = pd_args_get(args, "key");
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (st == PD_OK && key)
        st = cli_key_read(cli, key, deed->private_key, err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, deed->command, &g, err);
    if (st == PD_OK)
        st = deed->act(g, deed->context, cli->arena, &id, &outcome, err);
    if (deed->private_key->len) /* the arena's copy, made by cli_key_read */
        crypto_wipe((char *)(uintptr_t)deed->private_key->data, deed->private_key->len);
    bool is_denied = st == PD_OK && outcome->result == GOVERN_DENIED;
    if (st == PD_OK && pd_args_has(args, "json")) {
        write(deed, is_denied, id, outcome, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), pd_args_get(args, "data")};
        tell(deed, is_denied, id, outcome, &r);
    }
    cli_close_writer(cli, g, st == PD_OK);
    if (st != PD_OK)
        return cli_fail(err);
    int code = cli_print(&out);
    return code || !is_denied ? code : pd_outcome_get(PD_DENIED)->exit_code;
}
