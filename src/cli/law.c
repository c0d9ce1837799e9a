/* polder law decide: ask the law about an act without acting. */
#include "cli/cli.h"

#include <string.h>

/* ---- The registry ---- */

static pd_str list_classes(struct pd_arena *arena, const struct law_fact_kind *kind) {
    pd_str list = PD_STR("");
    for (unsigned c = 0; c < LAW_CLASS_COUNT; c++)
        if (kind->accepts & (1u << c))
            list = pd_arena_printf(arena, "%.*s%s%s", pd_arg(list), list.len ? " " : "",
                                   law_class_name((enum law_class)c));
    if (kind->type == LAW_BOOL && kind->accepts_false != kind->accepts) {
        list = pd_arena_printf(arena, "%.*s; false:", pd_arg(list));
        for (unsigned c = 0; c < LAW_CLASS_COUNT; c++)
            if (kind->accepts_false & (1u << c))
                list = pd_arena_printf(arena, "%.*s %s", pd_arg(list),
                                       law_class_name((enum law_class)c));
    }
    return list;
}

static pd_str list_type(struct pd_arena *arena, const struct law_fact_kind *kind) {
    static const char *const types[] = {
        [LAW_BOOL] = "true/false", [LAW_LONG] = "number", [LAW_STRING] = "text"};
    if (!kind->code_count)
        return pd_str_from(types[kind->type]);
    pd_str list = PD_STR("");
    for (size_t i = 0; i < kind->code_count; i++)
        list = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(list), i ? "|" : "",
                               pd_arg(kind->codes[i]));
    return list;
}

static pd_str list_attesters(struct pd_arena *arena, const struct law_fact_kind *kind) {
    pd_str list = PD_STR("");
    for (size_t i = 0; i < kind->attester_count; i++)
        list = pd_arena_printf(arena, "%.*s%s%.*s", pd_arg(list), i ? " " : "",
                               pd_arg(kind->attesters[i]));
    return list;
}

static enum pd_status tell_registry(struct cli *cli, const struct law_rules *rules,
                                    struct pd_buf *out, struct pd_error *err) {
    static const struct cli_column columns[] = {{"Name", false, 0},
                                                {"Value", false, 32},
                                                {"Counts if", false, 0},
                                                {"Who attests", false, 0},
                                                {"What it says", false, 0}};
    enum { N = sizeof(columns) / sizeof(columns[0]) };
    size_t count = law_rules_fact_count(rules);
    pd_str *cells = pd_arena_array(cli->arena, count ? count * N : 1, sizeof(*cells));
    if (!cells)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct law_fact_kind *kind = law_rules_fact_nth(rules, i);
        pd_str row[N] = {kind->name, list_type(cli->arena, kind), list_classes(cli->arena, kind),
                         list_attesters(cli->arena, kind), kind->title};
        memcpy(&cells[i * N], row, sizeof(row));
    }
    cli_table(out, 0, columns, N, cells, count);
    return PD_OK;
}

static void write_registry(const struct law_rules *rules, struct pd_buf *out) {
    static const char *const types[] = {
        [LAW_BOOL] = "bool", [LAW_LONG] = "long", [LAW_STRING] = "string"};
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "facts");
    pd_json_array(&w);
    for (size_t i = 0; i < law_rules_fact_count(rules); i++) {
        const struct law_fact_kind *kind = law_rules_fact_nth(rules, i);
        pd_json_object(&w);
        pd_json_member_str(&w, "name", kind->name);
        pd_json_member_text(&w, "type", kind->code_count ? "code" : types[kind->type]);
        pd_json_key(&w, "codes");
        pd_json_array(&w);
        for (size_t c = 0; c < kind->code_count; c++)
            pd_json_str(&w, kind->codes[c]);
        pd_json_array_end(&w);
        pd_json_key(&w, "accepts");
        pd_json_array(&w);
        for (unsigned c = 0; c < LAW_CLASS_COUNT; c++)
            if (kind->accepts & (1u << c))
                pd_json_text(&w, law_class_name((enum law_class)c));
        pd_json_array_end(&w);
        pd_json_key(&w, "attesters");
        pd_json_array(&w);
        for (size_t a = 0; a < kind->attester_count; a++)
            pd_json_str(&w, kind->attesters[a]);
        pd_json_array_end(&w);
        pd_json_member_str(&w, "bound", kind->bound);
        pd_json_member_str(&w, "title", kind->title);
        pd_json_member_str(&w, "title_zh", kind->title_zh);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

/* ---- The answer ---- */

static void write_finding(const struct law_finding *finding, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "finding");
    law_finding_write(finding, &w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static enum pd_status decide(struct cli *cli, const struct pd_args *args,
                             const struct cli_rules *asked, const struct law_finding **out,
                             struct pd_error *err) {
    const struct law_case *c;
    enum pd_status st = cli_question(cli, args, asked, &c, err);
    return st == PD_OK ? law_find(asked->rules, c, cli->arena, out, err) : st;
}

int cli_law_decide(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct cli_rules asked = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    bool is_json = pd_args_has(args, "json"), lists = pd_args_has(args, "facts");
    static const enum pd_status statuses[] = {
        [LAW_PERMIT] = PD_OK, [LAW_DENY] = PD_DENIED, [LAW_OPEN] = PD_OPEN};
    const struct law_finding *finding = NULL;
    enum pd_status st = PD_OK;
    if (!lists && !pd_args_has(args, "for"))
        st =
            pd_fail(&err, PD_USAGE, "--for is missing: --for=VERB (or --facts, to list the facts)");
    if (st == PD_OK)
        st = cli_rules_open(cli, args, "law decide", &asked, &err);
    if (st == PD_OK && lists && is_json)
        write_registry(asked.rules, &out);
    else if (st == PD_OK && lists)
        st = tell_registry(cli, asked.rules, &out, &err);
    else if (st == PD_OK)
        st = decide(cli, args, &asked, &finding, &err);
    if (st == PD_OK && finding && is_json) {
        write_finding(finding, &out);
    } else if (st == PD_OK && finding) {
        struct cli_report r = {&out, cli->arena, asked.rules, NULL};
        cli_report_finding(&r, finding);
    }
    cli_rules_close(&asked);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    int code = cli_print(&out);
    return code ? code
                : pd_outcome_get(statuses[finding ? finding->outcome : LAW_PERMIT])->exit_code;
}
