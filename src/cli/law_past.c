/* polder law replay; and what it tells of recorded findings as law impact and unlock do. */
#include "cli/cli.h"

/* ---- Shared: differences, and what could not be read ---- */

void cli_json_difference(struct pd_json *w, const struct govern_difference *d) {
    pd_json_member_str(w, "from", d->from);
    pd_json_member_str(w, "to", d->to);
    pd_json_key(w, "policies");
    pd_json_array(w);
    for (size_t i = 0; i < d->said_count; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "policy", d->said[i].policy);
        pd_json_member_str(w, "role", d->said[i].role);
        if (d->said[i].exempted_by.len)
            pd_json_member_str(w, "exempted_by", d->said[i].exempted_by);
        pd_json_member_text(w, "change", d->said[i].is_gained ? "gained" : "lost");
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_key(w, "obligations");
    pd_json_array(w);
    for (size_t i = 0; i < d->owed_count; i++) {
        pd_json_object(w);
        cli_json_owed(w, &d->owed[i]);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

void cli_json_owed(struct pd_json *w, const struct govern_owed *o) {
    pd_json_member_str(w, "obligation", o->obligation);
    pd_json_member_str(w, "policy", o->policy);
    pd_json_member_bool(w, "discharged", o->is_discharged);
    pd_json_member_text(w, "change", o->is_gained ? "gained" : "lost");
}

void cli_json_id(struct pd_json *w, pd_id id) {
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    pd_json_text(w, text);
}

void cli_json_unread(struct pd_json *w, const struct govern_unread_act *unread, size_t count) {
    pd_json_key(w, "unread");
    pd_json_array(w);
    for (size_t i = 0; i < count; i++) {
        pd_json_object(w);
        pd_json_key(w, "act");
        cli_json_id(w, unread[i].act);
        pd_json_member_str(w, "verb", unread[i].verb);
        pd_json_member_text(w, "because", govern_unread_name(unread[i].unread));
        pd_json_member_str(w, "why", unread[i].why);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

void cli_say_difference(struct pd_buf *out, size_t indent, const struct govern_difference *d) {
    for (size_t i = 0; i < d->said_count; i++) {
        const struct govern_said *s = &d->said[i];
        cli_say(out, indent, indent + 2, "%s %.*s (%.*s%s%.*s)",
                s->is_gained ? "now speaks:" : "speaks no more:", pd_arg(s->policy),
                pd_arg(s->role), s->exempted_by.len ? ", exempted by " : "",
                pd_arg(s->exempted_by));
    }
    for (size_t i = 0; i < d->owed_count; i++)
        cli_say_owed(out, indent, &d->owed[i]);
}

void cli_say_owed(struct pd_buf *out, size_t indent, const struct govern_owed *o) {
    cli_say(out, indent, indent + 2, "%s %.*s, by %.*s%s",
            o->is_gained ? "now owed:" : "owed no more:", pd_arg(o->obligation), pd_arg(o->policy),
            o->is_discharged ? " (shown)" : "");
}

void cli_say_more(struct pd_buf *out, size_t indent, size_t shown, size_t count) {
    if (count > shown)
        cli_say(out, indent, indent + 2, "... and %zu more; --json names all", count - shown);
}

void cli_say_unread(struct pd_buf *out, const struct govern_unread_act *unread, size_t count,
                    const char *what) {
    if (count)
        cli_say(out, 0, 2, "%zu %s:", count, what);
    for (size_t i = 0; i < count && i < CLI_NAMED_MAX; i++) {
        char act[PD_ID_TEXT_SIZE];
        pd_id_write(unread[i].act, act);
        cli_say(out, 2, 4, "%s (%.*s): %.*s", act, pd_arg(unread[i].verb), pd_arg(unread[i].why));
    }
    cli_say_more(out, 2, CLI_NAMED_MAX, count);
}

/* ---- law replay ---- */

static void tell_replay(const struct govern_replayed *r, struct pd_buf *out) {
    cli_say(out, 0, 2,
            "%llu recorded findings: %llu came out the same, %zu differ, %zu can't be made again "
            "(%llu sets of rules)",
            (unsigned long long)r->findings, (unsigned long long)r->equal, r->differing_count,
            r->unread_count, (unsigned long long)r->rules);
    for (size_t i = 0; i < r->differing_count && i < CLI_NAMED_MAX; i++) {
        const struct govern_differing *d = &r->differing[i];
        char act[PD_ID_TEXT_SIZE];
        pd_id_write(d->act, act);
        cli_say(out, 2, 4, "%s (%.*s), rules %.*s: recorded %.*s, again %.*s", act, pd_arg(d->verb),
                pd_arg(pd_str_sub(d->rules, 0, 12)), pd_arg(d->difference.from),
                pd_arg(d->difference.to));
        cli_say_difference(out, 4, &d->difference);
    }
    cli_say_more(out, 2, CLI_NAMED_MAX, r->differing_count);
    cli_say_unread(out, r->unread, r->unread_count, "can't be made again");
}

static void write_replay(const struct govern_replayed *r, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_i64(&w, "findings", (int64_t)r->findings);
    pd_json_member_i64(&w, "equal", (int64_t)r->equal);
    pd_json_member_i64(&w, "rules", (int64_t)r->rules);
    pd_json_key(&w, "differing");
    pd_json_array(&w);
    for (size_t i = 0; i < r->differing_count; i++) {
        const struct govern_differing *d = &r->differing[i];
        pd_json_object(&w);
        pd_json_key(&w, "act");
        cli_json_id(&w, d->act);
        pd_json_member_str(&w, "verb", d->verb);
        pd_json_member_str(&w, "rules", d->rules);
        cli_json_difference(&w, &d->difference);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    cli_json_unread(&w, r->unread, r->unread_count);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_law_replay(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_replayed *replayed = NULL;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_READ, "law replay", &g, &err);
    if (st == PD_OK)
        st = govern_replay(g, cli->arena, &replayed, &err);
    if (st == PD_OK && pd_args_has(args, "json"))
        write_replay(replayed, &out);
    else if (st == PD_OK)
        tell_replay(replayed, &out);
    govern_close(g);
    if (st != PD_OK)
        return cli_fail(&err);
    int code = cli_print(&out);
    bool is_wrong = replayed->differing_count > 0 || replayed->damaged_count > 0;
    return code || !is_wrong ? code : pd_outcome_get(PD_INTERNAL)->exit_code;
}
