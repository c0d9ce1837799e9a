/* polder party list, register; polder member list, register, duties, end: who takes part. */
#include "cli/cli.h"

#include <string.h>

/* ---- Registering ---- */

static struct govern_registrar registrar(const struct pd_args *args) {
    const char *member = pd_args_get(args, "member");
    return (struct govern_registrar){pd_str_from(pd_args_get(args, "party")),
                                     pd_str_from(member ? member : "steward")};
}

/* PARTY/NAME */
static enum pd_status parse_name(const char *text, struct govern_member *out,
                                 struct pd_error *err) {
    pd_str all = pd_str_from(text);
    size_t slash = pd_str_find_char(all, '/');
    if (slash == PD_NPOS || slash == 0 || slash + 1 == all.len)
        return pd_fail(err, PD_USAGE, "\"%s\" must be a member as PARTY/NAME", text);
    *out = (struct govern_member){.party = pd_str_sub(all, 0, slash),
                                  .name = pd_str_sub(all, slash + 1, all.len)};
    return PD_OK;
}

static enum pd_status parse_duties(struct cli *cli, const struct pd_args *args,
                                   struct govern_member *out, struct pd_error *err) {
    size_t count = pd_args_count(args, "duty");
    pd_str *duties = pd_arena_array(cli->arena, count ? count : 1, sizeof(*duties));
    if (!duties)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        duties[i] = pd_str_from(pd_args_nth(args, "duty", i));
    out->duties = duties;
    out->duty_count = count;
    return PD_OK;
}

typedef enum pd_status change_member(struct govern *, const struct govern_registrar *,
                                     const struct govern_member *, struct pd_arena *,
                                     const struct govern_outcome **, struct pd_error *);

/* What the commands on a member have together. */
static int change(struct cli *cli, const struct pd_args *args, const char *command,
                  change_member *act, const char *done) {
    struct pd_error err = {0};
    struct govern_member member = {0};
    const struct govern_registrar by = registrar(args);
    const struct govern_outcome *outcome = NULL;
    struct govern *g = NULL;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = parse_name(pd_args_operand(args, 0), &member, &err);
    if (st == PD_OK)
        st = parse_duties(cli, args, &member, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_WRITE, command, &g, &err);
    if (st == PD_OK)
        st = act(g, &by, &member, cli->arena, &outcome, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        cli_json_act(outcome, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), pd_args_get(args, "data")};
        cli_say(&out, 0, 2, "%.*s/%.*s %s.", pd_arg(member.party), pd_arg(member.name), done);
        cli_report_placed(&r, outcome);
    }
    cli_close_writer(cli, g, st == PD_OK);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

int cli_member_register(const struct pd_command *command, const struct pd_args *args,
                        void *context) {
    return change(context, args, command->name, govern_register_member, "is registered");
}

int cli_member_duties(const struct pd_command *command, const struct pd_args *args, void *context) {
    return change(context, args, command->name, govern_member_duties, "has these duties now");
}

int cli_member_end(const struct pd_command *command, const struct pd_args *args, void *context) {
    return change(context, args, command->name, govern_member_end,
                  "has ended; what was done in the name stands");
}

/* ID:CHAMBER:KIND[:COUNTRY], as polder init has it. */
static enum pd_status parse_party(const char *text, pd_str country,
                                  struct govern_registering_party *out, struct pd_error *err) {
    pd_str all = pd_str_from(text), part;
    size_t colon = pd_str_find_char(all, ':');
    pd_str rest = pd_str_sub(all, colon == PD_NPOS ? all.len : colon + 1, all.len);
    pd_str *parts[] = {&out->chamber, &out->kind, &out->country};
    size_t n = 0;
    out->id = pd_str_sub(all, 0, colon);
    out->country = country;
    while (rest.len && n < 3 && pd_str_split(&rest, ':', &part))
        *parts[n++] = part;
    return n >= 2 && !rest.len
               ? PD_OK
               : pd_fail(err, PD_USAGE,
                         "\"%s\" must be a party as ID:CHAMBER:KIND or ID:CHAMBER:KIND:COUNTRY",
                         text);
}

/* --title=LANGUAGE=TEXT, each language once. */
static enum pd_status parse_titles(struct cli *cli, const struct pd_args *args, pd_str *out,
                                   struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_str language, title;
    enum pd_status st = PD_OK;
    *out = PD_STR("");
    if (pd_args_count(args, "title") == 0)
        return PD_OK;
    pd_buf_init(&buf, 1 << 16);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    for (size_t i = 0; st == PD_OK && i < pd_args_count(args, "title"); i++) {
        st = cli_parse_fact(pd_args_nth(args, "title", i), &language, &title, err);
        pd_json_key_str(&w, language);
        pd_json_str(&w, title);
    }
    pd_json_object_end(&w);
    enum pd_status written = pd_json_finish(&w, cli->arena, out, st == PD_OK ? err : NULL);
    return st == PD_OK ? written : st;
}

int cli_party_register(const struct pd_command *command, const struct pd_args *args,
                       void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern_registering_party party = {.vkey = pd_str_from(pd_args_get(args, "vkey"))};
    const struct govern_registrar by = registrar(args);
    const struct govern_outcome *outcome = NULL;
    struct govern *g = NULL;
    struct pd_buf out;
    pd_str vkey = {0};
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_WRITE, command->name, &g, &err);
    if (st == PD_OK)
        st = parse_party(pd_args_operand(args, 0),
                         cli_usual_country(govern_jurisdiction(g), cli->arena), &party, &err);
    if (st == PD_OK)
        st = parse_titles(cli, args, &party.title, &err);
    if (st == PD_OK)
        st = govern_register_party(g, &by, &party, cli->arena, &vkey, &outcome, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        cli_json_act(outcome, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, govern_rules(g), pd_args_get(args, "data")};
        cli_say(&out, 0, 2, "The party %.*s is registered.", pd_arg(party.id));
        cli_say(&out, 2, 4, "Key  %.*s", pd_arg(vkey));
        if (!party.vkey.len)
            cli_say(&out, 2, 4, "The private key is keys/%.*s.key in the data folder: hand it over, and "
                                "remove it there.",
                    pd_arg(party.id));
        cli_report_placed(&r, outcome);
    }
    cli_close_writer(cli, g, st == PD_OK);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

/* ---- Listing ---- */

static void write_parties(const struct govern_party_row *list, size_t count, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "parties");
    pd_json_array(&w);
    for (size_t i = 0; i < count; i++) {
        const struct govern_party_row *p = &list[i];
        pd_json_object(&w);
        pd_json_member_str(&w, "id", p->id);
        pd_json_key(&w, "title");
        pd_json_raw(&w, p->title);
        pd_json_member_str(&w, "chamber", p->chamber);
        pd_json_member_str(&w, "kind", p->kind);
        pd_json_member_str(&w, "country", p->country);
        pd_json_member_str(&w, "vkey", p->vkey);
        pd_json_key(&w, "registered_at");
        pd_json_time(&w, p->registered_at);
        pd_json_member_i64(&w, "members", (int64_t)p->members);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_party_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    const struct govern_party_row *list = NULL;
    size_t count = 0;
    struct govern *g = NULL;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_READ, command->name, &g, &err);
    if (st == PD_OK)
        st = govern_party_list(g, cli->arena, &list, &count, &err);
    if (st == PD_OK && pd_args_has(args, "json"))
        write_parties(list, count, &out);
    for (size_t i = 0; st == PD_OK && !pd_args_has(args, "json") && i < count; i++)
        cli_say(&out, 0, 2, "%.*s: %.*s, %.*s%s%.*s, members: %llu", pd_arg(list[i].id),
                pd_arg(list[i].chamber), pd_arg(list[i].kind), list[i].country.len ? ", " : "",
                pd_arg(list[i].country), (unsigned long long)list[i].members);
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

static void write_members(const struct govern_member_row *list, size_t count, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "members");
    pd_json_array(&w);
    for (size_t i = 0; i < count; i++) {
        pd_json_object(&w);
        pd_json_member_str(&w, "party", list[i].party);
        pd_json_member_str(&w, "name", list[i].name);
        pd_json_key(&w, "duties");
        pd_json_raw(&w, list[i].duties);
        pd_json_key(&w, "ended_at");
        if (list[i].ended_at)
            pd_json_time(&w, list[i].ended_at);
        else
            pd_json_null(&w);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_member_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    const struct govern_member_row *list = NULL;
    size_t count = 0;
    struct govern *g = NULL;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_READ, command->name, &g, &err);
    if (st == PD_OK)
        st = govern_member_list(g, pd_str_from(pd_args_get(args, "party")), cli->arena, &list,
                                &count, &err);
    if (st == PD_OK && pd_args_has(args, "json"))
        write_members(list, count, &out);
    for (size_t i = 0; st == PD_OK && !pd_args_has(args, "json") && i < count; i++)
        cli_say(&out, 0, 2, "%.*s/%.*s %.*s%s", pd_arg(list[i].party), pd_arg(list[i].name),
                pd_arg(list[i].duties), list[i].ended_at ? ", ended" : "");
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
