/* polder law impact: what another law would change in the cases on record. */
#include "cli/cli.h"

#include <string.h>

static const char IN_FORCE[] = "in-force";

/* ---- Telling ---- */

static void say_ids(struct pd_buf *out, const struct govern_impact *m, const size_t *cases,
                    size_t count) {
    enum { IDS_MAX = 5 };
    for (size_t i = 0; i < count && i < IDS_MAX; i++) {
        const struct govern_changed *c = &m->changed[cases[i]];
        char act[PD_ID_TEXT_SIZE];
        pd_id_write(c->act, act);
        cli_say(out, 6, 8, "%s (%.*s by %.*s)", act, pd_arg(c->verb), pd_arg(c->party));
    }
    cli_say_more(out, 6, IDS_MAX, count);
}

static void tell(const struct govern_impact *m, struct pd_buf *out) {
    cli_say(out, 0, 2, "%llu recorded cases: %zu would be decided otherwise, %llu as before",
            (unsigned long long)m->cases, m->changed_count, (unsigned long long)m->same);
    for (size_t i = 0; i < m->shift_count && i < CLI_NAMED_MAX; i++) {
        const struct govern_shift *s = &m->shifts[i];
        if (pd_str_eq(s->what->from, s->what->to))
            cli_say(out, 2, 4, "%zu stay %.*s", s->count, pd_arg(s->what->to));
        else
            cli_say(out, 2, 4, "%zu from %.*s to %.*s", s->count, pd_arg(s->what->from),
                    pd_arg(s->what->to));
        struct govern_difference policies = *s->what;
        policies.owed_count = 0; /* they stand below, over all cases */
        cli_say_difference(out, 4, &policies);
        say_ids(out, m, s->cases, s->count);
    }
    cli_say_more(out, 2, CLI_NAMED_MAX, m->shift_count);
    if (m->duty_count)
        cli_say(out, 0, 2, "Obligations, of cases that neither law refuses:");
    for (size_t i = 0; i < m->duty_count && i < CLI_NAMED_MAX; i++) {
        cli_say_owed(out, 2, m->duties[i].what);
        cli_say(out, 4, 6, "in %zu cases", m->duties[i].count);
    }
    cli_say_more(out, 2, CLI_NAMED_MAX, m->duty_count);
    cli_say_unread(out, m->unread, m->unread_count, "can't be read");
}

static void write_ids(struct pd_json *w, const struct govern_impact *m, const size_t *cases,
                      size_t count) {
    pd_json_member_i64(w, "count", (int64_t)count);
    pd_json_key(w, "acts");
    pd_json_array(w);
    for (size_t i = 0; i < count; i++)
        cli_json_id(w, m->changed[cases[i]].act);
    pd_json_array_end(w);
}

static void write_groups(struct pd_json *w, const struct govern_impact *m) {
    pd_json_key(w, "shifts");
    pd_json_array(w);
    for (size_t i = 0; i < m->shift_count; i++) {
        struct govern_difference policies = *m->shifts[i].what;
        policies.owed_count = 0;
        pd_json_object(w);
        cli_json_difference(w, &policies);
        write_ids(w, m, m->shifts[i].cases, m->shifts[i].count);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_key(w, "obligations");
    pd_json_array(w);
    for (size_t i = 0; i < m->duty_count; i++) {
        pd_json_object(w);
        cli_json_owed(w, m->duties[i].what);
        write_ids(w, m, m->duties[i].cases, m->duties[i].count);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

static void write(const struct govern_impact *m, const char *from, const char *to,
                  struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_text(&w, "old", from);
    pd_json_member_text(&w, "new", to);
    pd_json_member_i64(&w, "cases", (int64_t)m->cases);
    pd_json_member_i64(&w, "same", (int64_t)m->same);
    write_groups(&w, m);
    pd_json_key(&w, "changed");
    pd_json_array(&w);
    for (size_t i = 0; i < m->changed_count; i++) {
        const struct govern_changed *c = &m->changed[i];
        pd_json_object(&w);
        pd_json_key(&w, "act");
        cli_json_id(&w, c->act);
        pd_json_member_str(&w, "verb", c->verb);
        pd_json_member_str(&w, "party", c->party);
        cli_json_difference(&w, &c->difference);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    cli_json_unread(&w, m->unread, m->unread_count);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

/* ---- The command ---- */

/* Rules of a folder, or those of the node; `*own` must be freed. */
static enum pd_status load(struct cli *cli, struct govern *g, const char *name, pd_str packs,
                           struct law_rules **own, const struct law_rules **out,
                           struct pd_error *err) {
    if (!strcmp(name, IN_FORCE)) {
        *out = govern_rules(g);
        return PD_OK;
    }
    const struct law_file *files;
    size_t count;
    enum pd_status st = govern_folder_rules(name, packs, cli->arena, &files, &count, err);
    if (st == PD_OK)
        st = law_rules_new(files, count, own, err);
    *out = *own;
    return st == PD_OK ? st : pd_wrap(err, "the rules in \"%s\"", name);
}

static enum pd_status parse_moment(const struct pd_args *args, pd_time *out, struct pd_error *err) {
    const char *at = pd_args_get(args, "at");
    if (at && !pd_time_parse(pd_str_from(at), out))
        return pd_fail(err, PD_USAGE,
                       "--at=\"%s\" must be a date such as 2027-01-01, or a time such as "
                       "2027-01-01T00:00:00+08:00",
                       at);
    return PD_OK;
}

int cli_law_impact(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct law_rules *own[2] = {NULL, NULL};
    struct govern_impact_question question = {0};
    const struct govern_impact *impact = NULL;
    bool has_both = pd_args_operands(args) == 2;
    const char *from = has_both ? pd_args_operand(args, 0) : IN_FORCE,
               *to = pd_args_operand(args, has_both ? 1 : 0);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = parse_moment(args, &question.at, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_READ, "law impact", &g, &err);
    pd_str packs = pd_args_has(args, "law") ? pd_str_from(pd_args_get(args, "law"))
                   : st == PD_OK            ? govern_jurisdiction(g)
                                            : PD_STR("");
    if (st == PD_OK)
        st = load(cli, g, from, packs, &own[0], &question.from, &err);
    if (st == PD_OK)
        st = load(cli, g, to, packs, &own[1], &question.to, &err);
    if (st == PD_OK)
        st = govern_impact(g, &question, cli->arena, &impact, &err);
    if (st == PD_OK && pd_args_has(args, "json"))
        write(impact, from, to, &out);
    else if (st == PD_OK)
        tell(impact, &out);
    law_rules_free(own[0]);
    law_rules_free(own[1]);
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
