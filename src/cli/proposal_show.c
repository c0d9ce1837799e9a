/* polder proposal list, show, run, record, notices; ledger recount. */
#include "cli/cli.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* A text of a language map, English first. */
static pd_str words(pd_str map, struct pd_arena *arena) {
    pd_str text = pd_json_read_text(pd_json_find(map, "en"), arena);
    return text.data ? text : pd_json_read_text(pd_json_find(map, "zh"), arena);
}

static void tell_head(const struct govern_proposal *p, struct pd_arena *arena, struct pd_buf *out) {
    char id[PD_ID_TEXT_SIZE], until[PD_TIME_TEXT_SIZE];
    pd_id_write(p->id, id);
    cli_say(out, 0, 2, "%s  %.*s", id, pd_arg(words(p->title, arena)));
    if (p->has_until) {
        pd_time_write(p->until, PD_TIME_SECONDS, until);
        cli_say(out, 2, 4, "%.*s, by %.*s; %.*s (%.*s); the next step is due on %s",
                pd_arg(p->stage), pd_arg(p->party), pd_arg(p->matter), pd_arg(p->method), until);
    } else {
        cli_say(out, 2, 4, "%.*s, by %.*s; %.*s (%.*s)", pd_arg(p->stage), pd_arg(p->party),
                pd_arg(p->matter), pd_arg(p->method));
    }
    if (p->why.len)
        cli_say(out, 2, 4, "%.*s", pd_arg(p->why));
}

static void tell_changes(const struct govern_proposal *p, struct pd_buf *out) {
    pd_str rest = p->text, path, value;
    while (pd_json_next(&rest, &path, &value)) {
        bool is_new = pd_str_is(pd_json_find(value, "base"), "null");
        bool is_removed = pd_str_is(pd_json_find(value, "text"), "null");
        cli_say(out, 4, 6, "%s %.*s",
                is_removed ? "removes"
                : is_new   ? "adds"
                           : "changes",
                pd_arg(path));
    }
}

static void tell_impact(const struct govern_proposal *p, struct pd_arena *arena,
                        struct pd_buf *out) {
    pd_str cases = pd_json_find(p->impact, "cases"), rest, key, item;
    if (cases.len)
        cli_say(out, 2, 4, "Impact: of %.*s recorded cases %.*s would be decided otherwise",
                pd_arg(pd_json_find(cases, "cases")), pd_arg(pd_json_find(cases, "changed")));
    rest = pd_json_find(cases, "shifts");
    while (rest.len && pd_json_next(&rest, &key, &item))
        cli_say(out, 4, 6, "%.*s from %.*s to %.*s", pd_arg(pd_json_find(item, "cases")),
                pd_arg(pd_json_read_text(pd_json_find(item, "from"), arena)),
                pd_arg(pd_json_read_text(pd_json_find(item, "to"), arena)));
    rest = pd_json_find(p->impact, "standards");
    while (rest.len && pd_json_next(&rest, &key, &item)) {
        pd_str tables = pd_json_find(item, "tables"), table;
        while (tables.len && pd_json_next(&tables, &key, &table))
            cli_say(out, 2, 4, "Impact: \"%.*s\" has %.*s rows; %.*s fail the standard \"%.*s\" "
                               "today, %.*s would",
                    pd_arg(words(pd_json_find(table, "title"), arena)),
                    pd_arg(pd_json_find(table, "rows")),
                    pd_arg(pd_json_find(table, "failing_before")),
                    pd_arg(pd_json_read_text(pd_json_find(item, "standard"), arena)),
                    pd_arg(pd_json_find(table, "failing_after")));
    }
}

static void tell_objections(const struct govern_proposal *p, struct pd_buf *out) {
    char id[PD_ID_TEXT_SIZE];
    for (size_t i = 0; i < p->objection_count; i++) {
        const struct govern_objection *o = &p->objections[i];
        pd_id_write(o->id, id);
        cli_say(out, 2, 4, "Objection %s by %.*s (%.*s): %.*s", id, pd_arg(o->party),
                pd_arg(o->category), pd_arg(o->state));
        cli_say(out, 4, 6, "harm: %.*s", pd_arg(o->harm));
        cli_say(out, 4, 6, "instead: %.*s", pd_arg(o->change));
        for (size_t r = 0; r < o->reply_count; r++)
            cli_say(out, 4, 6, "%.*s, %.*s: %.*s", pd_arg(o->replies[r].party),
                    pd_arg(o->replies[r].state), pd_arg(o->replies[r].text));
    }
}

/* A line for each chamber; `count` is JSON as council_result_write has it. */
static void tell_count(pd_str count, struct pd_arena *arena, struct pd_buf *out) {
    pd_str rest = pd_json_find(count, "chambers"), key, c;
    while (rest.len && pd_json_next(&rest, &key, &c))
        cli_say(out, 4, 6, "%-11.*s %.*s yes, %.*s no, %.*s abstain of %.*s; quorum %.*s: %.*s%s",
                pd_arg(pd_json_read_text(pd_json_find(c, "id"), arena)),
                pd_arg(pd_json_find(c, "yes")), pd_arg(pd_json_find(c, "no")),
                pd_arg(pd_json_find(c, "abstain")), pd_arg(pd_json_find(c, "roll")),
                pd_arg(pd_json_find(c, "quorum")),
                pd_arg(pd_json_read_text(pd_json_find(c, "stand"), arena)),
                pd_str_is(pd_json_find(c, "blocks"), "true") ? ", and blocks" : "");
    cli_say(out, 4, 6, "%.*s of %.*s chambers needed pass; weighted share %.*s per thousand: %.*s",
            pd_arg(pd_json_find(count, "passing")), pd_arg(pd_json_find(count, "needed")),
            pd_arg(pd_json_find(count, "weighted_permille")),
            pd_arg(pd_json_read_text(pd_json_find(count, "outcome"), arena)));
}

static void tell_vote(const struct govern_proposal *p, struct pd_arena *arena,
                      struct pd_buf *out) {
    char opens[PD_TIME_TEXT_SIZE], closes[PD_TIME_TEXT_SIZE];
    if (!p->has_vote)
        return;
    pd_time_write(p->opens, PD_TIME_SECONDS, opens);
    pd_time_write(p->closes, PD_TIME_SECONDS, closes);
    cli_say(out, 2, 4, "Vote from %s to %s, frozen as %.12s; %llu ballots", opens, closes,
            p->frozen_hash.data, (unsigned long long)p->ballots);
    if (p->result.len)
        tell_count(pd_json_find(p->result, "count"), arena, out);
    else
        cli_say(out, 4, 6, "Nobody is told how it stands before it closes.");
}

static void tell_whole(const struct govern_proposal *p, struct pd_arena *arena,
                       struct pd_buf *out) {
    pd_str rest = p->effects, key, value;
    tell_head(p, arena, out);
    tell_changes(p, out);
    while (pd_json_next(&rest, &key, &value))
        cli_say(out, 2, 4, "Effects on %.*s: %.*s", pd_arg(key),
                pd_arg(pd_json_read_text(value, arena)));
    tell_impact(p, arena, out);
    tell_objections(p, out);
    tell_vote(p, arena, out);
    cli_say(out, 2, 4, "Stages:");
    for (size_t i = 0; i < p->step_count; i++) {
        char at[PD_TIME_TEXT_SIZE], act[PD_ID_TEXT_SIZE];
        pd_time_write(p->steps[i].at, PD_TIME_SECONDS, at);
        pd_id_write(p->steps[i].act, act);
        cli_say(out, 4, 6, "%s  %-12.*s act %s", at, pd_arg(p->steps[i].stage), act);
    }
}

static int show(struct cli *cli, const struct pd_args *args, bool is_one) {
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_proposal *list = NULL;
    size_t count = 0;
    pd_id id;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = is_one ? cli_parse_id(pd_args_operand(args, 0), &id, &err) : PD_OK;
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_READ, "proposal", &g, &err);
    if (st == PD_OK)
        st = govern_proposals(g, is_one ? &id : NULL, cli->arena, &list, &count, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        pd_json_object(&w);
        pd_json_member_i64(&w, "polder", 1);
        pd_json_key(&w, "proposals");
        pd_json_array(&w);
        for (size_t i = 0; i < count; i++)
            govern_proposal_write(&list[i], &w);
        pd_json_array_end(&w);
        pd_json_object_end(&w);
        pd_buf_char(&out, '\n');
        pd_json_clear(&w);
    } else if (st == PD_OK) {
        for (size_t i = 0; i < count; i++)
            if (is_one)
                tell_whole(&list[i], cli->arena, &out);
            else
                tell_head(&list[i], cli->arena, &out);
        if (!count)
            cli_say(&out, 0, 2, "There are no proposals.");
    }
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

int cli_proposal_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    return show(context, args, false);
}

int cli_proposal_show(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    return show(context, args, true);
}

int cli_proposal_run(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    size_t did = 0;
    pd_id id;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &id, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, "proposal run", &g, &err);
    if (st == PD_OK)
        st = govern_proposal_run(g, id, &did, &err);
    if (st == PD_OK && pd_args_has(args, "json"))
        pd_buf_printf(&out, "{\"polder\": 1, \"steps\": %zu}\n", did);
    else if (st == PD_OK)
        cli_say(&out, 0, 2, did ? "%zu steps were due, and are taken." : "Nothing is due.", did);
    cli_close_writer(cli, g, st == PD_OK);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

/* ---- proposal record ---- */

static enum pd_status write_record(struct cli *cli, const char *folder,
                                   const struct govern_vote_record *r, struct pd_error *err) {
    const struct {
        const char *name;
        pd_str bytes;
    } files[] = {{"frozen.json", r->frozen},   {"text.json", r->text},
                 {"impact.json", r->impact},   {"rolls.json", r->rolls},
                 {"ballots.jsonl", r->ballots}, {"result.json", r->result}};
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return pd_fail_errno(err, PD_IO, "make the folder \"%s\"", folder);
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < sizeof(files) / sizeof(*files); i++) {
        pd_str path = pd_arena_printf(cli->arena, "%s/%s", folder, files[i].name);
        st = path.data ? cli_file_write(path.data, files[i].bytes, err) : pd_fail_memory(err);
    }
    return st;
}

int cli_proposal_record(const struct pd_command *command, const struct pd_args *args,
                        void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct govern_vote_record record;
    pd_id id;
    struct pd_buf out;
    struct pd_arena *arena = pd_arena_new((size_t)3 << 30); /* a million ballots are 400 MB */
    pd_buf_init(&out, 0);
    enum pd_status st =
        arena ? cli_parse_id(pd_args_operand(args, 0), &id, &err) : pd_fail_memory(&err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_READ, "proposal record", &g, &err);
    if (st == PD_OK)
        st = govern_vote_record(g, id, arena, &record, &err);
    if (st == PD_OK)
        st = write_record(cli, pd_args_get(args, "out"), &record, &err);
    if (st == PD_OK)
        cli_say(&out, 0, 2,
                "Written to %s: with the public log these files are all that it takes to count the "
                "vote again.",
                pd_args_get(args, "out"));
    govern_close(g);
    pd_arena_free(arena);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

/* ---- ledger recount ---- */

int cli_ledger_recount(const struct pd_command *command, const struct pd_args *args,
                       void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_recount *recount = NULL;
    pd_id id;
    pd_str json = PD_STR("");
    struct pd_buf out;
    struct pd_json w;
    struct pd_arena *arena = pd_arena_new((size_t)3 << 30);
    pd_buf_init(&out, 0);
    enum pd_status st =
        arena ? cli_parse_id(pd_args_operand(args, 0), &id, &err) : pd_fail_memory(&err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_READ, "ledger recount", &g, &err);
    if (st == PD_OK)
        st = govern_vote_recount(g, id, arena, &recount, &err);
    if (st == PD_OK) {
        struct pd_buf text;
        pd_buf_init(&text, 1 << 17);
        pd_json_init(&w, &text, PD_JSON_COMPACT);
        govern_recount_write(recount, &w);
        st = pd_json_finish(&w, cli->arena, &json, &err);
    }
    bool agrees = st == PD_OK && recount->agrees;
    if (st == PD_OK && pd_args_has(args, "json")) {
        pd_buf_printf(&out, "{\"polder\": 1, \"recount\": %.*s}\n", pd_arg(json));
    } else if (st == PD_OK) {
        cli_say(&out, 0, 2, "Counted again from the leaves of the public log: %llu ballots.",
                (unsigned long long)recount->ballots);
        tell_count(pd_json_find(json, "count"), cli->arena, &out);
        cli_say(&out, 0, 2, agrees ? "It agrees with what was recorded."
                                   : "It does NOT agree with what was recorded.");
    }
    govern_close(g);
    pd_arena_free(arena);
    if (st != PD_OK)
        return cli_fail(&err);
    int code = cli_print(&out);
    return code || agrees ? code : pd_outcome_get(PD_INTERNAL)->exit_code;
}

/* ---- proposal notices ---- */

int cli_proposal_notices(const struct pd_command *command, const struct pd_args *args,
                         void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_notice *list = NULL;
    size_t count = 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_READ, "proposal notices", &g, &err);
    if (st == PD_OK)
        st = govern_notices(g, pd_str_from(pd_args_get(args, "party")), cli->arena, &list, &count,
                            &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        pd_json_object(&w);
        pd_json_member_i64(&w, "polder", 1);
        pd_json_key(&w, "notices");
        pd_json_array(&w);
        for (size_t i = 0; i < count; i++) {
            pd_json_object(&w);
            pd_json_key(&w, "proposal");
            cli_json_id(&w, list[i].proposal);
            pd_json_member_str(&w, "what", list[i].what);
            pd_json_key(&w, "title");
            pd_json_raw(&w, list[i].title);
            pd_json_key(&w, "at");
            pd_json_time(&w, list[i].at);
            pd_json_object_end(&w);
        }
        pd_json_array_end(&w);
        pd_json_object_end(&w);
        pd_buf_char(&out, '\n');
        pd_json_clear(&w);
    } else if (st == PD_OK) {
        for (size_t i = 0; i < count; i++) {
            char at[PD_TIME_TEXT_SIZE], id[PD_ID_TEXT_SIZE];
            pd_time_write(list[i].at, PD_TIME_SECONDS, at);
            pd_id_write(list[i].proposal, id);
            cli_say(&out, 0, 2, "%s  %-12.*s %s  %.*s", at, pd_arg(list[i].what), id,
                    pd_arg(words(list[i].title, cli->arena)));
        }
        if (!count)
            cli_say(&out, 0, 2, "There are no notices.");
    }
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
