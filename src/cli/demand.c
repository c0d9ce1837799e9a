/* polder demand, demand match, back, list, show. */
#include "cli/cli.h"

static pd_str words(pd_str map, struct pd_arena *arena) {
    pd_str text = pd_json_read_text(pd_json_find(map, "en"), arena);
    return text.data ? text : pd_json_read_text(pd_json_find(map, "zh"), arena);
}

/* ---- demand match ---- */

static pd_str list_words(const struct govern_match *m, bool is_there, struct pd_arena *arena) {
    pd_str list = PD_STR("");
    for (size_t i = 0; i < m->word_count; i++)
        if (m->words[i].is_there == is_there)
            list = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(list), list.len ? ", " : "",
                                   pd_arg(m->words[i].term));
    return list;
}

static void tell_match(const struct cli_report *r, const struct govern_match *m) {
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(m->dataset, id);
    pd_str missing = list_words(m, false, r->arena);
    cli_say(r->out, 0, 2, "%s  %.*s", id, pd_arg(words(m->title, r->arena)));
    cli_say(r->out, 2, 4, "%s; of %.*s, %s; %u%% of what is asked for: %.*s%s%.*s",
            m->fits ? "may fit" : "comes near", pd_arg(m->party),
            m->is_own ? "your own" : catalogue_openness_name(m->openness), m->covered_permille / 10,
            pd_arg(list_words(m, true, r->arena)), missing.len ? "; missing: " : "",
            pd_arg(missing));
    if (m->finding)
        cli_say(r->out, 2, 4, "Sharing it with you: %s. %.*s", law_outcome_name(m->finding->outcome),
                pd_arg(m->finding->reason));
}

int cli_demand_match(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct govern_match *matches = NULL;
    struct catalogue_viewer viewer = {.party = cli_option(args, "party")};
    size_t n = 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_READ, "demand match", &g, &err);
    if (st == PD_OK)
        st = govern_demand_match(g, &viewer, cli_option(args, "need"), cli->arena, &matches, &n,
                                 &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        pd_json_object(&w);
        pd_json_member_i64(&w, "polder", 1);
        pd_json_key(&w, "matches");
        pd_json_array(&w);
        for (size_t i = 0; i < n; i++)
            govern_match_write(&matches[i], &w);
        pd_json_array_end(&w);
        pd_json_object_end(&w);
        pd_buf_char(&out, '\n');
        pd_json_clear(&w);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), pd_args_get(args, "data")};
        if (n == 0)
            cli_say(&out, 0, 2, "Nothing in the catalogue has any of these words.");
        for (size_t i = 0; i < n; i++)
            tell_match(&r, &matches[i]);
    }
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

/* ---- demand ---- */

static enum pd_status do_demand(struct govern *g, void *context, struct pd_arena *arena, pd_id *id,
                                const struct govern_outcome **out, struct pd_error *err) {
    return govern_demand(g, context, arena, id, out, err);
}

static void tell_demanded(const struct cli_report *r, const void *context, pd_id id,
                          const struct govern_outcome *o) {
    const struct govern_demanding *d = context;
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    cli_say(r->out, 0, 2, "Demanded, %s: the demand %s.",
            d->is_sealed ? "sealed until it is answered" : "for everybody to read", text);
    cli_report_owed(r, o);
}

int cli_demand(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern_demanding d = {.party = cli_option(args, "party"),
                                 .member = cli_option(args, "member"),
                                 .need = cli_option(args, "need"),
                                 .purpose = cli_option(args, "for"),
                                 .how_often = cli_option(args, "how-often"),
                                 .is_sealed = pd_args_has(args, "sealed"),
                                 .is_none_right = pd_args_has(args, "none-fits"),
                                 .dataset = cli_option(args, "dataset"),
                                 .responsible = cli_option(args, "to"),
                                 .evidence = cli_option(args, "evidence")};
    struct cli_deed deed = {"demand", "demand", &d.private_key, do_demand, tell_demanded, NULL, &d};
    enum pd_status st = cli_facts_read(cli, args, "fact", &d.declared, &d.declared_count, &err);
    if (st == PD_OK)
        st = cli_facts_read(cli, args, "attest", &d.attested, &d.attested_count, &err);
    return cli_deed_do(cli, args, &deed, (pd_id){{0}}, st, &err);
}

/* ---- demand back ---- */

static enum pd_status do_back(struct govern *g, void *context, struct pd_arena *arena, pd_id *id,
                              const struct govern_outcome **out, struct pd_error *err) {
    (void)id;
    return govern_demand_back(g, context, arena, out, err);
}

static void tell_backed(const struct cli_report *r, const void *context, pd_id id,
                        const struct govern_outcome *o) {
    const struct govern_backing *b = context;
    char text[PD_ID_TEXT_SIZE];
    (void)o;
    pd_id_write(id, text);
    cli_say(r->out, 0, 2, "%.*s backs the demand %s.", pd_arg(b->party), text);
}

int cli_demand_back(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern_backing b = {.party = cli_option(args, "party"),
                               .member = cli_option(args, "member")};
    struct cli_deed deed = {"demand back", "demand", &b.private_key, do_back, tell_backed, NULL, &b};
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &b.demand, &err);
    return cli_deed_do(cli, args, &deed, b.demand, st, &err);
}

/* ---- demand list, show ---- */

static void tell_demand(const struct cli_report *r, const struct govern_demand *d) {
    const struct govern_raised *c = d->raised;
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(c->id, id);
    cli_say(r->out, 0, 2, "%s  %.*s", id,
            pd_arg(d->is_erased      ? PD_STR("(erased)")
                   : d->is_readable ? d->need
                                    : PD_STR("(sealed until it is answered)")));
    cli_say(r->out, 2, 4, "%.*s%s; by %.*s, to be answered by %.*s; %.*s; backed by %zu",
            pd_arg(c->state), c->is_overdue ? ", overdue" : "", pd_arg(c->party),
            pd_arg(c->responsible), pd_arg(d->how_often), d->backer_count);
    if (d->purpose.len)
        cli_say(r->out, 2, 4, "for: %.*s", pd_arg(d->purpose));
    for (size_t i = 0; i < c->clock_count; i++)
        cli_report_clock(r, &c->clocks[i]);
}

static void tell_whole(const struct cli_report *r, const struct govern_demand *d) {
    char date[PD_TIME_TEXT_SIZE];
    tell_demand(r, d);
    for (size_t i = 0; i < d->backer_count; i++) {
        pd_time_write(d->backers[i].at, PD_TIME_DATE, date);
        cli_say(r->out, 2, 4, "backed by %.*s on %s", pd_arg(d->backers[i].party), date);
    }
    for (size_t i = 1; i < d->raised->entry_count; i++) {
        const struct govern_entry *e = &d->raised->entries[i];
        pd_time_write(e->at, PD_TIME_DATE, date);
        cli_say(r->out, 2, 4, "%.*s by %.*s on %s: %.*s", pd_arg(e->step), pd_arg(e->party), date,
                pd_arg(e->text));
        if (e->ground.len)
            cli_say(r->out, 4, 6, "Ground: %.*s", pd_arg(e->ground));
        if (e->appeal.len)
            cli_say(r->out, 4, 6, "To appeal: %.*s", pd_arg(e->appeal));
    }
}

static int read_demands(const struct pd_args *args, struct cli *cli, const pd_id *id,
                        enum pd_status st, struct pd_error *err) {
    struct govern *g = NULL;
    const struct govern_demand *list = NULL;
    struct catalogue_viewer viewer = {.party = cli_option(args, "party")};
    size_t n = 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_READ, "demand", &g, err);
    if (st == PD_OK)
        st = govern_demands(g, &viewer, id, cli->arena, &list, &n, err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        struct pd_json w;
        pd_json_init(&w, &out, PD_JSON_PRETTY);
        pd_json_object(&w);
        pd_json_member_i64(&w, "polder", 1);
        pd_json_key(&w, "demands");
        pd_json_array(&w);
        for (size_t i = 0; i < n; i++)
            govern_demand_write(&list[i], &w);
        pd_json_array_end(&w);
        pd_json_object_end(&w);
        pd_buf_char(&out, '\n');
        pd_json_clear(&w);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), pd_args_get(args, "data")};
        if (!id)
            cli_say(&out, 0, 2, "%zu demand%s", n, n == 1 ? "" : "s");
        for (size_t i = 0; i < n; i++)
            (id ? tell_whole : tell_demand)(&r, &list[i]);
    }
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(err);
}

int cli_demand_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct pd_error err = {0};
    return read_demands(args, context, NULL, PD_OK, &err);
}

int cli_demand_show(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct pd_error err = {0};
    pd_id id;
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &id, &err);
    return read_demands(args, context, &id, st, &err);
}
