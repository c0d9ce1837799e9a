/* polder upgrade: an older node, for this program. */
#include "cli/cli.h"

static void tell(const struct govern_upgraded *u, bool is_rehearsal, const char *folder,
                 struct pd_buf *out) {
    const struct govern_verified *v = u->verified;
    if (!v) {
        cli_say(out, 0, 2,
                "%s has version %lld of the schema, which is this program's: nothing to do.",
                folder, (long long)u->from);
        return;
    }
    cli_say(out, 0, 2,
            "%s: version %lld of the schema to %lld, %llu acts. Migrating took %.1f s, verifying "
            "%.1f s.",
            is_rehearsal ? "Rehearsal" : "Upgrade", (long long)u->from, (long long)u->to,
            (unsigned long long)u->acts, (double)u->took_migrating / 1e6,
            (double)u->took_verifying / 1e6);
    for (size_t i = 0; i < v->flaw_count && i < CLI_NAMED_MAX; i++)
        cli_say(out, 2, 4, "%.*s: %.*s", pd_arg(v->flaws[i].where), pd_arg(v->flaws[i].what));
    cli_say_more(out, 2, v->flaw_count < CLI_NAMED_MAX ? v->flaw_count : CLI_NAMED_MAX,
                 v->flaw_count);
    if (u->is_undone)
        cli_say(out, 2, 4,
                "%zu flaw%s: the database is as it was before. If the node had them before, "
                "--despite-flaws upgrades it all the same.",
                v->flaw_count, v->flaw_count == 1 ? "" : "s");
    else if (v->flaw_count)
        cli_say(out, 2, 4, "%zu flaw%s.", v->flaw_count, v->flaw_count == 1 ? "" : "s");
    else
        cli_say(out, 2, 4, "Everything agrees afterwards.");
    if (is_rehearsal)
        cli_say(out, 2, 4, "It was done with a copy, which is gone: the node is as it was.");
    else if (!u->is_undone)
        cli_say(out, 2, 4,
                "The database from before is in %s/upgrade/before.db; until the first act, polder "
                "upgrade --back --data %s puts it back.",
                folder, folder);
}

static void write(const struct govern_upgraded *u, bool is_rehearsal, struct pd_buf *out) {
    struct pd_json w;
    const struct govern_verified *v = u->verified;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_i64(&w, "from", u->from);
    pd_json_member_i64(&w, "to", u->to);
    pd_json_member_bool(&w, "is_rehearsal", is_rehearsal);
    pd_json_member_bool(&w, "is_upgraded", v && !is_rehearsal && !u->is_undone);
    pd_json_member_i64(&w, "acts", (int64_t)u->acts);
    pd_json_member_i64(&w, "migrating_us", u->took_migrating);
    pd_json_member_i64(&w, "verifying_us", u->took_verifying);
    pd_json_key(&w, "flaws");
    pd_json_array(&w);
    for (size_t i = 0; v && i < v->flaw_count; i++) {
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

static int back(struct cli *cli, const struct pd_args *args) {
    struct pd_error err = {0};
    int64_t from = 0, to = 0;
    const char *folder = pd_args_get(args, "data");
    if (govern_upgrade_back(folder, pd_args_get(args, "database"),
                            cli_holder(cli, "upgrade --back"), &cli->clock, &from, &to,
                            &err) != PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (pd_args_has(args, "json"))
        pd_buf_printf(&out, "{\"polder\": 1, \"from\": %lld, \"to\": %lld}\n", (long long)from,
                      (long long)to);
    else
        cli_say(&out, 0, 2,
                "Back from version %lld of the schema to %lld: %s is as it was before the upgrade, "
                "for the program of that time.",
                (long long)from, (long long)to, folder);
    return cli_print(&out);
}

int cli_upgrade(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    bool is_rehearsal = pd_args_has(args, "rehearse");
    const struct govern_upgraded *u = NULL;
    const char *folder = pd_args_get(args, "data");
    if (is_rehearsal && pd_args_has(args, "back")) {
        (void)pd_fail(&err, PD_USAGE, "either --rehearse or --back");
        return cli_fail(&err);
    }
    if (pd_args_has(args, "back"))
        return back(cli, args);
    if (govern_upgrade(folder, pd_args_get(args, "database"), is_rehearsal,
                       pd_args_has(args, "despite-flaws"), cli_holder(cli, "upgrade"), &cli->clock,
                       cli->arena, &u, &err) != PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (pd_args_has(args, "json"))
        write(u, is_rehearsal, &out);
    else
        tell(u, is_rehearsal, folder, &out);
    int code = cli_print(&out);
    bool is_bad = u->is_undone || (is_rehearsal && u->verified && u->verified->flaw_count);
    return code || !is_bad ? code : pd_outcome_get(PD_INTERNAL)->exit_code;
}
