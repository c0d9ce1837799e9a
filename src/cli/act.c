/* polder act show, act resume: what is recorded of an act or an intent, and going on with one. */
#include "cli/cli.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

/* ---- act show ---- */

enum { OUTLINE_DEPTH_MAX = 40 };

static bool is_flat(const json_t *v) {
    return !json_is_object(v) && !json_is_array(v);
}

static void write_scalar(struct pd_buf *out, const json_t *v) {
    if (json_is_string(v) && json_string_length(v))
        cli_text(out, (pd_str){json_string_value(v), json_string_length(v)});
    else if (json_is_boolean(v))
        pd_buf_text(out, json_is_true(v) ? "yes" : "no");
    else if (json_is_integer(v))
        pd_buf_printf(out, "%lld", (long long)json_integer_value(v));
    else if (json_is_real(v))
        pd_buf_printf(out, "%.6g", json_real_value(v));
    else
        pd_buf_text(out, "none");
}

static void outline(struct pd_buf *out, const json_t *v, size_t depth);

/* A named value: on one line if it is flat; texts of several lines, such as receipts, stand below.
 */
static void outline_member(struct pd_buf *out, pd_str name, const json_t *v, size_t depth) {
    for (size_t i = 0; i < depth; i++)
        pd_buf_text(out, "  ");
    cli_text(out, name);
    pd_str text =
        json_is_string(v) ? (pd_str){json_string_value(v), json_string_length(v)} : (pd_str){0};
    pd_str line;
    if (pd_str_find_char(text, '\n') != PD_NPOS) {
        pd_buf_text(out, ":\n");
        while (text.len && pd_str_split(&text, '\n', &line)) {
            for (size_t i = 0; line.len && i < depth + 1; i++)
                pd_buf_text(out, "  ");
            cli_text(out, line);
            pd_buf_char(out, '\n');
        }
    } else if (is_flat(v)) {
        pd_buf_text(out, ": ");
        write_scalar(out, v);
        pd_buf_char(out, '\n');
    } else if (json_object_size(v) + json_array_size(v) == 0) {
        pd_buf_text(out, ": none\n");
    } else {
        pd_buf_text(out, ":\n");
        outline(out, v, depth + 1);
    }
}

/* Names with their values below each other; the things of a list are numbered. */
static void outline(struct pd_buf *out, const json_t *v, size_t depth) {
    const char *name;
    json_t *member;
    size_t i;
    if (depth > OUTLINE_DEPTH_MAX)
        return; /* pd_json_parse lets nothing through that is as deep */
    json_object_foreach((json_t *)(uintptr_t)v, name, member) {
        outline_member(out, pd_str_from(name), member, depth);
    }
    json_array_foreach(v, i, member) {
        char number[24];
        snprintf(number, sizeof(number), "%zu", i + 1);
        outline_member(out, pd_str_from(number), member, depth);
    }
}

int cli_act_show(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct govern *g = NULL;
    pd_id id;
    struct pd_buf text, out;
    struct pd_json w;
    json_t *json = NULL;
    pd_buf_init(&text, 0);
    pd_buf_init(&out, 0);
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &id, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, STORE_READ, "act show", &g, &err);
    pd_json_init(&w, &text, PD_JSON_COMPACT);
    if (st == PD_OK)
        st = govern_act_write(g, id, &w, &err);
    pd_json_clear(&w);
    govern_close(g);
    if (st == PD_OK)
        st = pd_buf_check(&text, &err);
    if (st == PD_OK)
        st = pd_json_parse(pd_buf_view(&text), 256 << 20, OUTLINE_DEPTH_MAX, &json, &err);
    pd_buf_clear(&text);
    if (st == PD_OK && pd_args_has(args, "json")) {
        pd_json_init(&w, &out, PD_JSON_PRETTY); /* the record was pasted in compact */
        pd_json_value(&w, json);
        pd_json_clear(&w);
        pd_buf_char(&out, '\n');
    } else if (st == PD_OK) {
        outline(&out, json, 0);
    }
    json_decref(json);
    return st == PD_OK ? cli_print(&out) : cli_fail(&err);
}

/* ---- act resume ---- */

/* The file is where the intent says, unless the operand says otherwise. */
static enum pd_status open_source(struct cli *cli, struct govern *g, pd_id intent,
                                  const char *operand, const char *folder, struct source **out,
                                  struct pd_error *err) {
    pd_str path = pd_str_from(operand);
    enum pd_status st = operand ? PD_OK : govern_intent_source(g, intent, cli->arena, &path, err);
    if (st != PD_OK)
        return st;
    if (!path.len)
        return pd_fail(err, PD_USAGE,
                       "this intent was about standard input: name the file (act resume ACT FILE), "
                       "or - to read it again");
    pd_str spool = pd_arena_printf(cli->arena, "%s/staging", folder);
    if (!spool.data)
        return pd_fail_memory(err);
    st = source_open(path.data, STDIN_FILENO, spool.data, 0, out, err);
    if (st == PD_NOT_FOUND && !operand)
        return pd_wrap(err, "the file of this intent; if it moved, name it (act resume ACT FILE)");
    return st;
}

int cli_act_resume(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const char *operand = pd_args_operand(args, 1);
    bool is_stdin = operand && cli_source_is_input(operand);
    struct cli_session s = {.is_dry_run = pd_args_has(args, "dry-run"),
                            .is_json = pd_args_has(args, "json"),
                            .is_yes = pd_args_has(args, "yes"),
                            .may_ask = !is_stdin && isatty(STDIN_FILENO) && isatty(STDERR_FILENO),
                            .folder = pd_args_get(args, "data")};
    struct govern *g = NULL;
    struct source *source = NULL;
    struct detect_site *site = NULL;
    struct govern_request who = {.member = pd_str_from(pd_args_get(args, "member"))};
    pd_id intent;
    enum pd_status st = cli_parse_id(pd_args_operand(args, 0), &intent, &err);
    if (st == PD_OK)
        st = cli_repair_read(cli, args, &who.repair, &err);
    who.records = pd_args_has(args, "records");
    if (st == PD_OK && pd_args_get(args, "plan"))
        st = cli_file_read(cli, pd_args_get(args, "plan"), PROTECT_PLAN_MAX_BYTES, &who.plan, &err);
    if (st == PD_OK)
        st = cli_detectors_read(cli, pd_args_get(args, "detectors"), &site, &err);
    if (st == PD_OK)
        st = cli_open(cli, args, s.is_dry_run ? STORE_READ : STORE_WRITE, "act resume", &g, &err);
    if (st == PD_OK)
        govern_use_detectors(g, site);
    if (st == PD_OK)
        st = open_source(cli, g, intent, operand, s.folder, &source, &err);
    int code = st == PD_OK ? cli_carry_out(cli, g, source, &who, &intent, &s) : cli_fail(&err);
    source_close(source);
    cli_close_writer(cli, g, st == PD_OK && !s.is_dry_run);
    detect_site_free(site);
    return code;
}
