/* polder law format, law check: the texts of law themselves, before they are in force. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

/* ---- law format ---- */

/* Formats one file; `*differs` says whether it was formatted otherwise. */
static enum pd_status format_file(struct cli *cli, const char *path, bool is_check, bool *differs,
                                  struct pd_error *err) {
    pd_str text;
    enum pd_status st = cli_file_read(cli, path, LAW_TEXT_MAX, &text, err);
    if (st != PD_OK)
        return st;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    st = law_policies_format(pd_str_from(path), text, &out, err);
    *differs = st == PD_OK && !pd_str_eq(text, pd_buf_view(&out));
    if (*differs && !is_check)
        st = cli_file_write(path, pd_buf_view(&out), err);
    pd_buf_clear(&out);
    return st;
}

int cli_law_format(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    bool is_check = pd_args_has(args, "check");
    struct pd_error err = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    int code = 0;
    size_t different = 0;
    for (size_t i = 0; i < pd_args_operands(args); i++) {
        const char *path = pd_args_operand(args, i);
        bool differs = false;
        struct pd_mark mark = pd_arena_mark(cli->arena);
        if (format_file(cli, path, is_check, &differs, &err) != PD_OK)
            code = cli_fail(&err);
        else if (differs)
            cli_say(&out, 0, 0, is_check ? "%s: not formatted" : "%s: formatted", path);
        different += differs;
        pd_arena_reset(cli->arena, mark);
    }
    int printed = cli_print(&out);
    if (is_check && different > 0 && code == 0)
        code = pd_outcome_get(PD_INVALID)->exit_code;
    return code ? code : printed;
}

/* ---- law check ---- */

static enum pd_status check_folder(struct cli *cli, const struct pd_args *args,
                                   struct law_check *out, struct pd_error *err) {
    const char *folder = pd_args_operand(args, 0);
    const char *packs = pd_args_get(args, "law"), *level = pd_args_get(args, "level");
    const struct law_file *files;
    size_t count;
    uint64_t level_max = LAW_RULES_LEVEL;
    if (level && (!pd_parse_u64(pd_str_from(level), &level_max) || level_max >= LAW_LEVEL_ANY))
        return pd_fail(err, PD_USAGE, "--level is a whole number from 0, such as 1; not \"%s\"",
                       level);
    pd_str wanted = packs ? pd_str_from(packs) : PD_STR("");
    enum pd_status st = packs ? PD_OK : cli_packs_list(cli, folder, &wanted, err);
    if (st == PD_OK)
        st = govern_folder_rules(folder, wanted, cli->arena, &files, &count, err);
    if (st == PD_OK)
        st = law_rules_check(files, count, (unsigned)level_max, cli->arena, out, err);
    return st;
}

static void write_check(const struct law_check *c, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_i64(&w, "files", (int64_t)c->files);
    pd_json_member_i64(&w, "policies", (int64_t)c->policies);
    pd_json_key(&w, "errors");
    pd_json_array(&w);
    for (size_t i = 0; i < c->problem_count; i++)
        pd_json_str(&w, c->problems[i]);
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_law_check(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct law_check check;
    struct pd_error err = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    bool is_json = pd_args_has(args, "json");
    if (check_folder(cli, args, &check, &err) != PD_OK)
        return cli_fail(&err);
    if (is_json)
        write_check(&check, &out);
    else if (check.problem_count == 0)
        cli_say(&out, 0, 0, "%zu policies in %zu files: no errors", check.policies, check.files);
    for (size_t i = 0; !is_json && i < check.problem_count; i++) {
        (void)pd_fail(&err, PD_INVALID, "%.*s", pd_arg(check.problems[i]));
        cli_fail(&err);
    }
    int printed = cli_print(&out);
    return check.problem_count > 0 ? pd_outcome_get(PD_INVALID)->exit_code : printed;
}
