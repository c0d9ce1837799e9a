/* polder law format, law check: the texts of law themselves, before they are in force. */
#include "cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

enum { ERRORS_MAX = 20 }; /* of one file */

struct check {
    struct cli *cli;
    pd_str *errors;
    size_t error_count, error_capacity;
    size_t policies, files;
};

static enum pd_status add_error(struct check *c, const struct pd_error *found,
                                struct pd_error *err) {
    if (c->error_count == c->error_capacity) {
        size_t wider = c->error_capacity ? c->error_capacity * 2 : ERRORS_MAX;
        pd_str *errors = pd_arena_array(c->cli->arena, wider, sizeof(*errors));
        if (!errors)
            return pd_fail_memory(err);
        if (c->error_count > 0)
            memcpy(errors, c->errors, c->error_count * sizeof(*errors));
        c->errors = errors;
        c->error_capacity = wider;
    }
    pd_str text = pd_arena_str(c->cli->arena, pd_str_from(found->text));
    if (!text.data)
        return pd_fail_memory(err);
    c->errors[c->error_count++] = text;
    return PD_OK;
}

/* The line in "NAME:LINE:COLUMN: ..."; 0 if the message has none. */
static uint64_t line_of(const char *message, pd_str name) {
    uint64_t line = 0;
    size_t length = strlen(message);
    if (length <= name.len + 1)
        return 0;
    pd_str rest = {message + name.len + 1, length - name.len - 1};
    size_t colon = pd_str_find_char(rest, ':');
    return colon != PD_NPOS && pd_parse_u64(pd_str_sub(rest, 0, colon), &line) ? line : 0;
}

/*
 * Blanks the text up to the end of the first line, at or behind `line`, that ends with `;`: there
 * the next policy may begin. False if nothing is left.
 */
static bool skip_policy(char *text, size_t length, uint64_t line) {
    uint64_t at_line = 1;
    char last = '\0';
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n') {
            if (at_line >= line && last == ';')
                return true;
            at_line++;
            last = '\0';
        } else {
            last = text[i] == ' ' || text[i] == '\r' ? last : text[i];
            text[i] = ' ';
        }
    }
    return false;
}

/* Each policy that does not parse is an error of its own. */
static enum pd_status check_policies(struct check *c, const struct law_file *file,
                                     struct pd_error *err) {
    char *rest = pd_arena_alloc(c->cli->arena, file->text.len + 1);
    if (!rest)
        return pd_fail_memory(err);
    memcpy(rest, file->text.data ? file->text.data : "", file->text.len);
    const pd_str text = {rest, file->text.len};
    c->files++;
    for (int errors = 0; errors < ERRORS_MAX; errors++) {
        struct pd_error found = {0};
        struct law_policies *set = law_policies_new((size_t)1 << 30);
        if (!set)
            return pd_fail_memory(err);
        enum pd_status st = law_policies_parse(set, file->path, text, LAW_IDS_NUMBERED, &found);
        c->policies += law_policies_count(set);
        law_policies_free(set);
        if (st == PD_OK)
            return PD_OK;
        st = add_error(c, &found, err);
        if (st != PD_OK)
            return st;
        uint64_t line = line_of(found.text, file->path);
        if (line == 0 || !skip_policy(rest, text.len, line))
            return PD_OK;
    }
    return PD_OK;
}

/* The packs in a folder of rules, "cn,eu": its folders with a manifest but for the node's own. */
static enum pd_status list_packs(struct cli *cli, const char *folder, pd_str *out,
                                 struct pd_error *err) {
    DIR *dir = opendir(folder);
    if (!dir)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO,
                             "open the folder of rules \"%s\"", folder);
    pd_str packs = PD_STR("");
    for (struct dirent *entry; packs.data && (entry = readdir(dir));) {
        struct stat info;
        pd_str path = pd_arena_printf(cli->arena, "%s/%s/manifest.json", folder, entry->d_name);
        bool is_pack = path.data && entry->d_name[0] != '.' && strcmp(entry->d_name, "node") != 0 &&
                       stat(path.data, &info) == 0;
        if (is_pack)
            packs = pd_arena_printf(cli->arena, "%.*s%s%s", pd_arg(packs), packs.len ? "," : "",
                                    entry->d_name);
    }
    closedir(dir);
    if (!packs.data)
        return pd_fail_memory(err);
    *out = packs.len > 0 ? packs : (pd_str){NULL, 0}; /* no name, rather than one empty name */
    return PD_OK;
}

/* Parses every file, and if all do, loads them as a node would. */
enum { SCHEMA_MAX = 1 << 22 };

/* Strict validation, where the folder has the schema that its packs are written for. */
static enum pd_status check_schema(struct check *c, const char *folder,
                                   const struct law_file *files, size_t count,
                                   struct pd_error *err) {
    pd_str path = pd_arena_printf(c->cli->arena, "%s/polder.cedarschema", folder), text;
    struct pd_error found = {0};
    if (!path.data)
        return pd_fail_memory(err);
    enum pd_status st = cli_file_read(c->cli, path.data, SCHEMA_MAX, &text, &found);
    if (st == PD_NOT_FOUND)
        return PD_OK;
    const struct law_schema *schema;
    if (st == PD_OK)
        st = law_schema_parse(path, text, LAW_SCHEMA_CEDAR, c->cli->arena, &schema, &found);
    if (st != PD_OK)
        return add_error(c, &found, err);
    struct law_policies *set = law_policies_new((size_t)1 << 30);
    if (!set)
        return pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < count; i++)
        if (pd_str_ends(files[i].path, PD_STR(".cedar")))
            st = law_policies_parse(set, files[i].path, files[i].text, LAW_IDS_NUMBERED, err);
    const struct law_problem *problems = NULL;
    size_t n = 0;
    if (st == PD_OK)
        st = law_validate(set, schema, 1, c->cli->arena, &problems, &n, err);
    for (size_t i = 0; st == PD_OK && i < n; i++) {
        (void)pd_fail(&found, PD_INVALID, "%.*s", pd_arg(problems[i].message));
        st = add_error(c, &found, err);
    }
    law_policies_free(set);
    return st;
}

static enum pd_status check_folder(struct check *c, const char *folder, const char *packs,
                                   struct pd_error *err) {
    const struct law_file *files;
    size_t count;
    pd_str wanted = packs ? pd_str_from(packs) : PD_STR("");
    enum pd_status st = packs ? PD_OK : list_packs(c->cli, folder, &wanted, err);
    if (st == PD_OK)
        st = govern_folder_rules(folder, wanted, c->cli->arena, &files, &count, err);
    for (size_t i = 0; st == PD_OK && i < count; i++)
        if (pd_str_ends(files[i].path, PD_STR(".cedar")))
            st = check_policies(c, &files[i], err);
    if (st != PD_OK || c->error_count > 0)
        return st;
    struct pd_error found = {0};
    struct law_rules *rules = NULL;
    if (law_rules_new(files, count, &rules, &found) != PD_OK)
        st = add_error(c, &found, err);
    law_rules_free(rules);
    return st == PD_OK ? check_schema(c, folder, files, count, err) : st;
}

static void write_check(const struct check *c, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_i64(&w, "files", (int64_t)c->files);
    pd_json_member_i64(&w, "policies", (int64_t)c->policies);
    pd_json_key(&w, "errors");
    pd_json_array(&w);
    for (size_t i = 0; i < c->error_count; i++)
        pd_json_str(&w, c->errors[i]);
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_law_check(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct check c = {.cli = context};
    struct pd_error err = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    bool is_json = pd_args_has(args, "json");
    if (check_folder(&c, pd_args_operand(args, 0), pd_args_get(args, "law"), &err) != PD_OK)
        return cli_fail(&err);
    if (is_json)
        write_check(&c, &out);
    else if (c.error_count == 0)
        cli_say(&out, 0, 0, "%zu policies in %zu files: no errors", c.policies, c.files);
    for (size_t i = 0; !is_json && i < c.error_count; i++) {
        pd_fail(&err, PD_INVALID, "%.*s", pd_arg(c.errors[i]));
        cli_fail(&err);
    }
    int printed = cli_print(&out);
    return c.error_count > 0 ? pd_outcome_get(PD_INVALID)->exit_code : printed;
}
