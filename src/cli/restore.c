/* polder restore: a node from its backup, verified before it counts. */
#include "cli/cli.h"

static pd_str quoted_str(struct cli *cli, pd_str text) {
    return cli_quote(cli->arena, text);
}

static pd_str quoted(struct cli *cli, const char *text) {
    return quoted_str(cli, pd_str_from(text));
}

/* ---- What the options say ---- */

static enum pd_status read_witnessed(struct cli *cli, const struct pd_args *args,
                                     struct govern_restore_order *order, struct pd_error *err) {
    size_t n = pd_args_count(args, "witnessed");
    pd_str *notes = pd_arena_array(cli->arena, n + 1, sizeof(*notes));
    if (!notes)
        return pd_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        enum pd_status st =
            cli_file_read(cli, pd_args_nth(args, "witnessed", i), LEDGER_NOTE_MAX, &notes[i], err);
        if (st != PD_OK)
            return st;
    }
    order->witnessed = notes;
    order->witnessed_count = n;
    return PD_OK;
}

static enum pd_status read_order(struct cli *cli, const struct pd_args *args,
                                 struct govern_restore_order *order, struct pd_error *err) {
    order->from = pd_args_get(args, "from");
    order->to = pd_args_get(args, "data");
    order->database = pd_args_get(args, "database");
    order->at = pd_str_from(pd_args_get(args, "at"));
    order->keys = pd_args_get(args, "keys");
    order->node_key = pd_args_get(args, "node-key");
    order->accepts_flaws = pd_args_has(args, "despite-flaws");
    order->asks_no_witness = pd_args_has(args, "without-witnesses");
    bool without = pd_args_has(args, "without-keys");
    if (without && (order->keys || order->node_key))
        return pd_fail(err, PD_USAGE, "either --without-keys, or --keys and --node-key");
    if (!without && (!order->keys || !order->node_key))
        return pd_fail(err, PD_USAGE,
                       "--keys=DIR (the backup of the keys) and --node-key=FILE (the node key that "
                       "wraps them) are both needed. Without keys nothing sealed can ever be read, "
                       "and nothing signed, by the restored node: its public record alone is "
                       "restored with --without-keys");
    return read_witnessed(cli, args, order, err);
}

/* ---- What is told ---- */

static void tell_gaps(struct cli *cli, const struct govern_restored *r, const char *folder,
                      struct pd_buf *out) {
    for (size_t i = 0; i < r->gap_count; i++) {
        const struct govern_gap *gap = &r->gaps[i];
        if (gap->have == gap->known)
            cli_say(out, 2, 4,
                    "The %.*s log is not the one whose checkpoint of %.*s leaves is known.",
                    pd_arg(gap->log), pd_arg(cli_number(cli->arena, gap->known)));
        else
            cli_say(out, 2, 4,
                    "The %.*s log has %.*s leaves here, and a checkpoint of %.*s was signed: the "
                    "%.*s acts from leaf %.*s to leaf %.*s are missing.",
                    pd_arg(gap->log), pd_arg(cli_number(cli->arena, gap->have)),
                    pd_arg(cli_number(cli->arena, gap->known)),
                    pd_arg(cli_number(cli->arena, gap->known - gap->have)),
                    pd_arg(cli_number(cli->arena, gap->have)),
                    pd_arg(cli_number(cli->arena, gap->known - 1)));
    }
    if (r->gap_count)
        cli_say(
            out, 2, 4,
            "So the node can be read and verified, but it records no act and signs nothing: "
            "that could contradict what it signed before. Look for a newer backup or the old "
            "disk, and restore from there into another folder. If there is none, leave %.*s as "
            "a record to be read, tell those who hold the later checkpoint, and found a node of "
            "another origin (docs/how-to/restore.md).",
            pd_arg(quoted(cli, folder)));
}

static void tell_witnesses(struct cli *cli, const struct govern_restored *r, struct pd_buf *out) {
    for (size_t i = 0; i < r->witness_count; i++) {
        const struct govern_restore_witness *w = &r->witnesses[i];
        if (!w->has_answered)
            cli_say(out, 2, 4,
                    "The witness %.*s could not be asked (%.*s). The others are enough to know "
                    "what a quorum cosigned; ask it when it is back: polder ledger witness",
                    pd_arg(quoted_str(cli, w->name)), pd_arg(w->why));
        else if (w->size)
            cli_say(out, 2, 4, "The witness %.*s cosigned %.*s leaves of the public log last.",
                    pd_arg(quoted_str(cli, w->name)), pd_arg(cli_number(cli->arena, w->size)));
        else
            cli_say(out, 2, 4, "The witness %.*s has cosigned nothing of this node.",
                    pd_arg(quoted_str(cli, w->name)));
    }
}

static void tell_flaws(const struct govern_verified *v, struct pd_buf *out) {
    enum { TOLD = 20 };
    for (size_t i = 0; i < v->flaw_count && i < TOLD; i++)
        cli_say(out, 2, 4, "%.*s: %.*s", pd_arg(v->flaws[i].where), pd_arg(v->flaws[i].what));
    cli_say_more(out, 2, TOLD < v->flaw_count ? TOLD : v->flaw_count, v->flaw_count);
}

static void tell(struct cli *cli, const struct govern_restored *r, const char *folder,
                 struct pd_buf *out) {
    char made[PD_TIME_TEXT_SIZE];
    pd_time_write(r->made_at, PD_TIME_SECONDS, made);
    if (!r->is_in_place) {
        cli_say(out, 0, 2,
                "Not restored: verifying the backup %.*s of %.*s found %zu flaw%s. Nothing is left "
                "in %s; --despite-flaws would keep it as it is.",
                pd_arg(r->name), pd_arg(r->origin), r->verified->flaw_count,
                r->verified->flaw_count == 1 ? "" : "s", folder);
        tell_flaws(r->verified, out);
        return;
    }
    cli_say(out, 0, 2,
            "Restored %.*s as it was at %s (backup %.*s) into %s: %.*s acts, %.*s files.",
            pd_arg(r->origin), made, pd_arg(r->name), folder,
            pd_arg(cli_number(cli->arena, r->acts)), pd_arg(cli_number(cli->arena, r->files)));
    if (r->schema_from < r->schema_to)
        cli_say(out, 2, 4, "Brought up to date from version %lld of the schema to %lld.",
                (long long)r->schema_from, (long long)r->schema_to);
    if (r->has_keys)
        cli_say(out, 2, 4, "%.*s keys; %.*s that were destroyed were not brought back.",
                pd_arg(cli_number(cli->arena, r->keys)),
                pd_arg(cli_number(cli->arena, r->keys_destroyed)));
    else
        cli_say(out, 2, 4,
                "No keys: what is sealed stays so for ever, and the node signs nothing. Its record "
                "can be read and verified.");
    if (!r->is_signed)
        cli_say(out, 2, 4, "The backup is not signed by the node.");
    if (r->unreleased)
        cli_say(out, 2, 4, "%zu published file%s not released again: the keys are gone.",
                r->unreleased, r->unreleased == 1 ? " was" : "s were");
    if (r->verified->flaw_count) {
        cli_say(out, 2, 4, "%zu flaws were accepted:", r->verified->flaw_count);
        tell_flaws(r->verified, out);
    } else {
        cli_say(out, 2, 4,
                "Verified: each act has its leaf, rows are as their acts wrote them, "
                "trees, checkpoints and files agree.");
    }
    tell_witnesses(cli, r, out);
    tell_gaps(cli, r, folder, out);
}

static void write_gaps(const struct govern_restored *r, struct pd_json *w) {
    pd_json_key(w, "missing");
    pd_json_array(w);
    for (size_t i = 0; i < r->gap_count; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "log", r->gaps[i].log);
        pd_json_member_i64(w, "have", (int64_t)r->gaps[i].have);
        pd_json_member_i64(w, "known", (int64_t)r->gaps[i].known);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

static void write_witnesses(const struct govern_restored *r, struct pd_json *w) {
    pd_json_key(w, "witnesses");
    pd_json_array(w);
    for (size_t i = 0; i < r->witness_count; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "name", r->witnesses[i].name);
        pd_json_member_str(w, "url", r->witnesses[i].url);
        pd_json_member_bool(w, "has_answered", r->witnesses[i].has_answered);
        pd_json_member_i64(w, "size", (int64_t)r->witnesses[i].size);
        pd_json_member_str(w, "error", r->witnesses[i].why);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

static void write(const struct govern_restored *r, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_bool(&w, "is_restored", r->is_in_place);
    pd_json_member_str(&w, "backup", r->name);
    pd_json_member_str(&w, "origin", r->origin);
    pd_json_key(&w, "made_at");
    pd_json_time(&w, r->made_at);
    pd_json_member_i64(&w, "acts", (int64_t)r->acts);
    pd_json_member_i64(&w, "files", (int64_t)r->files);
    pd_json_member_bool(&w, "has_keys", r->has_keys);
    pd_json_member_i64(&w, "keys", (int64_t)r->keys);
    pd_json_member_i64(&w, "keys_destroyed", (int64_t)r->keys_destroyed);
    pd_json_member_bool(&w, "is_signed", r->is_signed);
    pd_json_member_i64(&w, "unreleased", (int64_t)r->unreleased);
    pd_json_member_i64(&w, "schema_from", r->schema_from);
    pd_json_member_i64(&w, "schema_to", r->schema_to);
    write_gaps(r, &w);
    write_witnesses(r, &w);
    pd_json_key(&w, "flaws");
    pd_json_array(&w);
    for (size_t i = 0; i < r->verified->flaw_count; i++) {
        pd_json_object(&w);
        pd_json_member_str(&w, "where", r->verified->flaws[i].where);
        pd_json_member_str(&w, "what", r->verified->flaws[i].what);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_restore(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern_restore_order order = {0};
    const struct govern_restored *r = NULL;
    enum pd_status st = read_order(cli, args, &order, &err);
    if (st == PD_OK)
        st = govern_restore(&order, &cli->clock, cli->arena, &r, &err);
    if (st != PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (pd_args_has(args, "json"))
        write(r, &out);
    else
        tell(cli, r, order.to, &out);
    int code = cli_print(&out);
    if (code)
        return code;
    if (!r->is_in_place)
        return pd_outcome_get(PD_INTERNAL)->exit_code;
    return r->gap_count ? pd_outcome_get(PD_OPEN)->exit_code : 0;
}
