/* polder law coverage: which rows of the law's reference a policy decides, and why the others none.
 */
#include "cli/cli.h"

#include <string.h>

struct covered {
    pd_str pack;
    struct law_coverage coverage;
};

/* Every pack's table, each with the rules it is compared with. A page that can't be read ends it.
 */
static enum pd_status cover(struct cli *cli, const char *folder, pd_str pack, struct covered *out,
                            struct pd_error *err) {
    struct cli_rules asked = {0};
    const struct law_coverage_row *rows = NULL;
    size_t count = 0;
    pd_str path, text;
    out->pack = pack;
    enum pd_status st = cli_rules_of_packs(cli, folder, pack, &asked, err);
    if (st == PD_OK)
        st = cli_pack_page(cli, folder, pack, "ROWS.md", &path, &text, err);
    if (st == PD_OK)
        st = law_rows_parse(path, text, cli->arena, &rows, &count, err);
    if (st == PD_OK)
        st = law_coverage_make(asked.rules, path, rows, count, cli->arena, &out->coverage, err);
    cli_rules_close(&asked);
    return st;
}

/* ---- The answer ---- */

static size_t count_problems(const struct covered *list, size_t count) {
    size_t problems = 0;
    for (size_t i = 0; i < count; i++)
        problems += list[i].coverage.problem_count;
    return problems;
}

static enum pd_status tell_counts(struct cli *cli, const struct covered *list, size_t count,
                                  struct pd_buf *out, struct pd_error *err) {
    static const struct cli_column columns[] = {{"Pack", false, 0},         {"Rows", true, 0},
                                                {"With a policy", true, 0}, {"Without", true, 0},
                                                {"From memory", true, 0},   {"Policies", true, 0}};
    enum { N = sizeof(columns) / sizeof(columns[0]) };
    pd_str *cells = pd_arena_array(cli->arena, count ? count * N : 1, sizeof(*cells));
    if (!cells)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct law_coverage *c = &list[i].coverage;
        const size_t numbers[] = {c->count, c->with_policy, c->count - c->with_policy,
                                  c->from_memory, c->policies};
        cells[i * N] = list[i].pack;
        for (size_t n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++)
            cells[i * N + n + 1] = cli_number(cli->arena, numbers[n]);
    }
    cli_table(out, 0, columns, N, cells, count);
    return PD_OK;
}

static void tell_rows_without(const struct covered *c, struct pd_buf *out) {
    bool is_begun = false;
    for (size_t i = 0; i < c->coverage.count; i++) {
        const struct law_coverage_row *row = &c->coverage.rows[i];
        if (row->policy_count > 0 || row->why_none.len == 0)
            continue;
        if (!is_begun)
            cli_say(out, 0, 0, "Rows of %.*s that no policy decides", pd_arg(c->pack));
        is_begun = true;
        cli_say(out, 2, 4, "%.*s, %.*s: %.*s", pd_arg(row->id), pd_arg(row->article),
                pd_arg(row->why_none));
    }
}

static enum pd_status tell_coverage(struct cli *cli, const struct covered *list, size_t count,
                                    struct pd_buf *out, struct pd_error *err) {
    enum pd_status st = tell_counts(cli, list, count, out, err);
    for (size_t i = 0; st == PD_OK && i < count; i++)
        tell_rows_without(&list[i], out);
    for (size_t i = 0; st == PD_OK && i < count; i++)
        for (size_t p = 0; p < list[i].coverage.problem_count; p++)
            cli_say(out, 0, 4, "%.*s", pd_arg(list[i].coverage.problems[p]));
    return st;
}

/* What stands in docs/law.md between its two comments. */
static void mark_down(const struct covered *list, size_t count, struct pd_buf *out) {
    pd_buf_text(out, "| pack | rows | with a policy | without | from memory | policies |\n"
                     "| --- | ---: | ---: | ---: | ---: | ---: |\n");
    for (size_t i = 0; i < count; i++) {
        const struct law_coverage *c = &list[i].coverage;
        pd_buf_printf(out, "| %.*s | %zu | %zu | %zu | %zu | %zu |\n", pd_arg(list[i].pack),
                      c->count, c->with_policy, c->count - c->with_policy, c->from_memory,
                      c->policies);
    }
    pd_buf_text(out, "\n| row without a policy | law, article | why none |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < count; i++)
        for (size_t r = 0; r < list[i].coverage.count; r++) {
            const struct law_coverage_row *row = &list[i].coverage.rows[r];
            if (row->policy_count == 0)
                pd_buf_printf(out, "| %.*s | %.*s | %.*s |\n", pd_arg(row->id),
                              pd_arg(row->article), pd_arg(row->why_none));
        }
}

static void write_row(struct pd_json *w, const struct law_coverage_row *row) {
    pd_json_object(w);
    pd_json_member_str(w, "row", row->id);
    pd_json_member_str(w, "article", row->article);
    pd_json_member_str(w, "stage", row->stage);
    pd_json_member_str(w, "status", row->status);
    pd_json_key(w, "policies");
    pd_json_array(w);
    for (size_t i = 0; i < row->policy_count; i++)
        pd_json_str(w, row->policies[i]);
    pd_json_array_end(w);
    pd_json_member_str(w, "why_none", row->why_none);
    pd_json_object_end(w);
}

static void write_pack(struct pd_json *w, const struct covered *covered) {
    const struct law_coverage *c = &covered->coverage;
    pd_json_object(w);
    pd_json_member_str(w, "pack", covered->pack);
    pd_json_member_i64(w, "policies", (int64_t)c->policies);
    pd_json_member_i64(w, "with_policy", (int64_t)c->with_policy);
    pd_json_member_i64(w, "without", (int64_t)(c->count - c->with_policy));
    pd_json_member_i64(w, "from_memory", (int64_t)c->from_memory);
    pd_json_key(w, "rows");
    pd_json_array(w);
    for (size_t i = 0; i < c->count; i++)
        write_row(w, &c->rows[i]);
    pd_json_array_end(w);
    pd_json_key(w, "errors");
    pd_json_array(w);
    for (size_t i = 0; i < c->problem_count; i++)
        pd_json_str(w, c->problems[i]);
    pd_json_array_end(w);
    pd_json_object_end(w);
}

static void write_coverage(const struct covered *list, size_t count, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "packs");
    pd_json_array(&w);
    for (size_t i = 0; i < count; i++)
        write_pack(&w, &list[i]);
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static enum pd_status cover_all(struct cli *cli, const struct pd_args *args, struct covered **out,
                                size_t *count, struct pd_error *err) {
    const char *folder = pd_args_operand(args, 0);
    pd_str packs, pack;
    size_t most = 1;
    enum pd_status st = PD_OK;
    if (pd_args_has(args, "law"))
        packs = pd_str_from(pd_args_get(args, "law"));
    else
        st = cli_packs_list(cli, folder, &packs, err);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < packs.len; i++)
        most += packs.data[i] == ',';
    *out = pd_arena_array(cli->arena, most, sizeof(**out));
    if (!*out)
        return pd_fail_memory(err);
    while (st == PD_OK && pd_str_split(&packs, ',', &pack))
        st = cover(cli, folder, pd_str_trim(pack), &(*out)[(*count)++], err);
    return st;
}

int cli_law_coverage(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct covered *list = NULL;
    size_t count = 0;
    enum pd_status st = PD_OK;
    if (pd_args_has(args, "json") && pd_args_has(args, "markdown"))
        st = pd_fail(&err, PD_USAGE, "--json or --markdown, not both");
    if (st == PD_OK)
        st = cover_all(cli, args, &list, &count, &err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (st == PD_OK && pd_args_has(args, "json"))
        write_coverage(list, count, &out);
    else if (st == PD_OK && pd_args_has(args, "markdown"))
        mark_down(list, count, &out);
    else if (st == PD_OK)
        st = tell_coverage(cli, list, count, &out, &err);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    int printed = cli_print(&out);
    size_t problems = count_problems(list, count);
    if (problems == 0)
        return printed;
    (void)pd_fail(&err, PD_INVALID, "%zu error%s in the coverage", problems,
                  problems == 1 ? "" : "s");
    return cli_fail(&err);
}
