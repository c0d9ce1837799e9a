/* polder source: tables that members of a party may name instead of sending a file. */
#include "cli/cli.h"

#include "serve/serve.h"

int cli_source_add(const struct pd_command *command, const struct pd_args *args, void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct pd_buf out;
    const char *file = pd_args_get(args, "password-file");
    struct serve_source s = {.name = pd_str_from(pd_args_operand(args, 0)),
                             .party = pd_str_from(pd_args_get(args, "party")),
                             .location = pd_str_from(pd_args_get(args, "location")),
                             .password_file = pd_str_from(file),
                             .made_at = pd_clock_now(&cli->clock)};
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_WRITE, command->name, &g, &err);
    if (st == PD_OK) {
        pd_str spool = pd_arena_printf(cli->arena, "%s/staging", store_folder(govern_store(g)));
        st = spool.data ? serve_source_add(govern_store(g), &s, spool.data, cli->arena, &err)
                        : pd_fail_memory(&err);
    }
    if (st == PD_OK)
        cli_say(&out, 0, 2, "Members of %.*s may name the source %.*s.", pd_arg(s.party), pd_arg(s.name));
    cli_close_writer(cli, g, false);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

static void write_sources(const struct serve_source *list, size_t count, struct pd_buf *out) {
    struct pd_json w;
    char made[PD_TIME_TEXT_SIZE];
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "sources");
    pd_json_array(&w);
    for (size_t i = 0; i < count; i++) {
        pd_time_write(list[i].made_at, PD_TIME_SECONDS, made);
        pd_json_object(&w);
        pd_json_member_str(&w, "name", list[i].name);
        pd_json_member_str(&w, "party", list[i].party);
        pd_json_member_str(&w, "location", list[i].location);
        pd_json_member_str(&w, "password_file", list[i].password_file);
        pd_json_member_text(&w, "made_at", made);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_source_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    const struct serve_source *list = NULL;
    size_t count = 0;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_READ, command->name, &g, &err);
    if (st == PD_OK)
        st = serve_sources(govern_store(g), pd_str_from(pd_args_get(args, "party")), cli->arena, &list,
                           &count, &err);
    if (st == PD_OK && pd_args_has(args, "json"))
        write_sources(list, count, &out);
    for (size_t i = 0; st == PD_OK && !pd_args_has(args, "json") && i < count; i++)
        cli_say(&out, 0, 2, "%.*s, of %.*s: %.*s%s%.*s", pd_arg(list[i].name), pd_arg(list[i].party),
                pd_arg(list[i].location), list[i].password_file.len ? ", password in " : "",
                pd_arg(list[i].password_file));
    govern_close(g);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

int cli_source_remove(const struct pd_command *command, const struct pd_args *args, void *context) {
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    struct pd_buf out;
    pd_str name = pd_str_from(pd_args_operand(args, 0));
    pd_buf_init(&out, 0);
    enum pd_status st = cli_open(cli, args, STORE_WRITE, command->name, &g, &err);
    if (st == PD_OK)
        st = serve_source_remove(govern_store(g), name, &err);
    if (st == PD_OK)
        cli_say(&out, 0, 2, "The source %.*s is removed.", pd_arg(name));
    cli_close_writer(cli, g, false);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}
