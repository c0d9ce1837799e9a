/* polder law diff: what two laws have apart, layout and comments aside. */
#include "cli/cli.h"

#include <string.h>

static const char IN_FORCE[] = "in-force";

static const char *const nouns[] = {[LAW_PACK] = "pack",
                                    [LAW_POLICY] = "policy",
                                    [LAW_THRESHOLD] = "threshold",
                                    [LAW_FACT] = "fact",
                                    [LAW_CALENDAR] = "calendar"};
static const char *const kinds[] = {
    [LAW_ADDED] = "added", [LAW_REMOVED] = "removed", [LAW_CHANGED] = "changed"};

struct sides {
    const char *name[2];
    struct cli_rules rules[2];
    const struct law_change *changes;
    size_t count;
};

/* ---- For people ---- */

/* A condition on one line, its comments left out; else the text as it is. */
static void put_side(const struct cli_report *r, const char *sign, const struct law_difference *d,
                     pd_str text) {
    struct pd_buf line;
    if (text.len == 0)
        return;
    pd_buf_init(&line, 1 << 22);
    pd_buf_printf(&line, "%s ", sign);
    if (pd_str_is(d->what, "when") || pd_str_is(d->what, "unless"))
        cli_word_source(&line, text);
    else
        pd_buf_printf(&line, "%.*s: %.*s", pd_arg(d->what), pd_arg(text));
    cli_paragraph_end(r, &line, 4, 8);
}

static void tell_change(const struct cli_report *r, const struct law_change *c) {
    if (c->noun == LAW_POLICY)
        cli_say(r->out, 0, 4, "%s %s: %.*s  [%.*s:%u]", nouns[c->noun], kinds[c->kind],
                pd_arg(c->id), pd_arg(c->file), c->line);
    else
        cli_say(r->out, 0, 4, "%s %s: %.*s", nouns[c->noun], kinds[c->kind], pd_arg(c->id));
    for (size_t i = 0; i < c->count; i++) {
        put_side(r, "-", &c->differences[i], c->differences[i].before);
        put_side(r, "+", &c->differences[i], c->differences[i].after);
    }
}

static void tell_changes(const struct cli_report *r, const struct sides *s) {
    size_t counts[3] = {0};
    for (size_t i = 0; i < s->count; i++) {
        tell_change(r, &s->changes[i]);
        counts[s->changes[i].kind]++;
    }
    if (s->count == 0)
        cli_say(r->out, 0, 0, "No difference: both decide alike, layout and comments aside.");
    else
        cli_say(r->out, 0, 0, "%zu added, %zu removed, %zu changed", counts[LAW_ADDED],
                counts[LAW_REMOVED], counts[LAW_CHANGED]);
}

/* ---- For machines ---- */

static void write_change(struct pd_json *w, const struct law_change *c) {
    pd_json_object(w);
    pd_json_member_text(w, "noun", nouns[c->noun]);
    pd_json_member_text(w, "change", kinds[c->kind]);
    pd_json_member_str(w, "id", c->id);
    if (c->noun == LAW_POLICY) {
        pd_json_member_str(w, "file", c->file);
        pd_json_member_i64(w, "line", c->line);
    }
    pd_json_key(w, "differences");
    pd_json_array(w);
    for (size_t i = 0; i < c->count; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "what", c->differences[i].what);
        pd_json_member_str(w, "before", c->differences[i].before);
        pd_json_member_str(w, "after", c->differences[i].after);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
}

static void write_changes(const struct sides *s, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_text(&w, "old", s->name[0]);
    pd_json_member_text(&w, "new", s->name[1]);
    pd_json_key(&w, "changes");
    pd_json_array(&w);
    for (size_t i = 0; i < s->count; i++)
        write_change(&w, &s->changes[i]);
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

/* ---- The command ---- */

static bool is_in_force(const char *name) {
    return strcmp(name, IN_FORCE) == 0;
}

static enum pd_status name_sides(const struct pd_args *args, struct sides *s,
                                 struct pd_error *err) {
    bool has_both = pd_args_operands(args) == 2;
    s->name[0] = has_both ? pd_args_operand(args, 0) : IN_FORCE;
    s->name[1] = pd_args_operand(args, has_both ? 1 : 0);
    bool asks_node = is_in_force(s->name[0]) || is_in_force(s->name[1]);
    if (asks_node && !pd_args_has(args, "data"))
        return pd_fail(err, PD_USAGE,
                       "the rules in force are those of a node: --data=DIR; or name two folders");
    if (!asks_node && pd_args_has(args, "data"))
        return pd_fail(err, PD_USAGE,
                       "--data names the node whose rules are \"%s\"; leave out a "
                       "folder, or write that for it",
                       IN_FORCE);
    return PD_OK;
}

/* The packs of a folder: those of --law, else those of the node on the other side, else all. */
static enum pd_status open_folder(struct cli *cli, const struct pd_args *args, struct sides *s,
                                  size_t side, struct pd_error *err) {
    pd_str packs = PD_STR("");
    struct govern *node = s->rules[1 - side].node;
    enum pd_status st = PD_OK;
    if (pd_args_has(args, "law"))
        packs = pd_str_from(pd_args_get(args, "law"));
    else if (node)
        packs = govern_jurisdiction(node);
    else
        st = cli_packs_list(cli, s->name[side], &packs, err);
    if (st == PD_OK)
        st = cli_rules_of_packs(cli, s->name[side], packs, &s->rules[side], err);
    return st == PD_OK ? st : pd_wrap(err, "the rules in \"%s\"", s->name[side]);
}

static enum pd_status open_sides(struct cli *cli, const struct pd_args *args, struct sides *s,
                                 struct pd_error *err) {
    enum pd_status st = name_sides(args, s, err);
    for (size_t i = 0; st == PD_OK && i < 2; i++)
        if (is_in_force(s->name[i]) && !s->rules[1 - i].node) /* both sides: one folder is open */
            st = cli_rules_of_node(cli, args, "law diff", &s->rules[i], err);
    for (size_t i = 0; st == PD_OK && i < 2; i++) {
        if (is_in_force(s->name[i]) && !s->rules[i].rules)
            s->rules[i].rules = s->rules[1 - i].rules;
        else if (!s->rules[i].rules)
            st = open_folder(cli, args, s, i, err);
    }
    return st;
}

int cli_law_diff(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct sides s = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = open_sides(cli, args, &s, &err);
    if (st == PD_OK)
        st = law_rules_compare(s.rules[0].rules, s.rules[1].rules, cli->arena, &s.changes, &s.count,
                               &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        write_changes(&s, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, NULL, NULL};
        tell_changes(&r, &s);
    }
    cli_rules_close(&s.rules[0]);
    cli_rules_close(&s.rules[1]);
    if (st == PD_OK)
        return cli_print(&out);
    pd_buf_clear(&out);
    return cli_fail(&err);
}
