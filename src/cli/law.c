/* polder law decide: ask the law about an act without acting. */
#include "cli/cli.h"

#include <string.h>

/* The chamber in which a kind of party usually sits; a kind that isn't here law_find refuses. */
static const struct {
    const char *kind, *chamber;
} usual_chambers[] = {
    {"state_organ", "government"}, {"agency", "government"},    {"authority", "government"},
    {"company", "enterprise"},     {"association", "industry"}, {"group", "public"},
    {"researcher", "public"},
};

static pd_str usual_chamber(pd_str kind) {
    for (size_t i = 0; i < sizeof(usual_chambers) / sizeof(usual_chambers[0]); i++)
        if (pd_str_is(kind, usual_chambers[i].kind))
            return pd_str_from(usual_chambers[i].chamber);
    return (pd_str){0};
}

/* ---- Rules ---- */

/* The rules that are asked: of a node, of a folder, or of the program. */
struct asked {
    struct govern *node;
    struct law_rules *own;
    const struct law_rules *rules;
};

static enum pd_status open_rules(struct cli *cli, const struct pd_args *args, struct asked *out,
                                 struct pd_error *err) {
    const char *data = pd_args_get(args, "data"), *folder = pd_args_get(args, "law-dir");
    const char *packs = pd_args_get(args, "law");
    if (data && (folder || packs))
        return pd_fail(err, PD_USAGE,
                       "--data asks the rules in force at a node; leave out --law and --law-dir");
    if (data) {
        enum pd_status st = govern_open(data, STORE_READ, cli_holder(cli, "law decide"),
                                        &cli->clock, &out->node, err);
        out->rules = st == PD_OK ? govern_rules(out->node) : NULL;
        return st;
    }
    pd_str wanted = pd_str_from(packs ? packs : "cn");
    const struct law_file *files;
    size_t count;
    enum pd_status st = folder
                            ? govern_folder_rules(folder, wanted, cli->arena, &files, &count, err)
                            : govern_bundled_rules(wanted, cli->arena, &files, &count, err);
    if (st == PD_OK)
        st = law_rules_new(files, count, &out->own, err);
    out->rules = out->own;
    return st;
}

static void close_rules(struct asked *asked) {
    law_rules_free(asked->own);
    govern_close(asked->node);
}

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

/* ---- The case ---- */

/* NAME=VALUE[@CLASS] */
static enum pd_status parse_fact(struct cli *cli, const struct law_rules *rules, const char *text,
                                 struct law_fact *out, struct pd_error *err) {
    pd_str value;
    enum pd_status st = cli_parse_fact(text, &out->name, &value, err);
    if (st != PD_OK)
        return st;
    out->class_ = LAW_DECLARED;
    for (size_t at = value.len; at-- > 0;) {
        if (value.data[at] != '@')
            continue;
        pd_str name = pd_str_sub(value, at + 1, value.len);
        if (!law_class_parse(name, &out->class_))
            return pd_fail(err, PD_USAGE,
                           "--fact=\"%s\": \"%.*s\" is no class of a fact; there are declared, "
                           "attested, derived, measured",
                           text, pd_arg(name));
        value = pd_str_sub(value, 0, at);
        break;
    }
    out->by = PD_STR("whoever asks");
    out->at = pd_clock_now(&cli->clock);
    return law_fact_parse(rules, out->name, value, cli->arena, &out->value, err);
}

static pd_str option_or(const struct pd_args *args, const char *name, const char *otherwise) {
    const char *given = pd_args_get(args, name);
    return pd_str_from(given ? given : otherwise);
}

static enum pd_status decide(struct cli *cli, const struct pd_args *args,
                             const struct law_rules *rules, const struct law_finding **out,
                             struct pd_error *err) {
    size_t n = pd_args_count(args, "fact");
    struct law_fact *facts = pd_arena_array(cli->arena, n ? n : 1, sizeof(*facts));
    struct law_party *recipient = pd_arena_alloc(cli->arena, sizeof(*recipient));
    struct law_case *c = pd_arena_alloc(cli->arena, sizeof(*c));
    if (!facts || !recipient || !c)
        return pd_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        enum pd_status st = parse_fact(cli, rules, pd_args_nth(args, "fact", i), &facts[i], err);
        if (st != PD_OK)
            return st;
    }
    pd_str kind = option_or(args, "party-kind", "state_organ");
    bool has_recipient =
        pd_args_has(args, "recipient-kind") || pd_args_has(args, "recipient-country");
    pd_str other = option_or(args, "recipient-kind", "state_organ");
    /* Of a node's own law it isn't known here where its parties are. */
    pd_str country = pd_args_has(args, "data")
                         ? (pd_str){0}
                         : cli_usual_country(option_or(args, "law", "cn"), cli->arena);
    *recipient = (struct law_party){PD_STR("recipient"), other, usual_chamber(other),
                                    pd_args_has(args, "recipient-country")
                                        ? pd_str_from(pd_args_get(args, "recipient-country"))
                                        : country};
    pd_str verb = pd_str_from(pd_args_get(args, "for"));
    bool discloses =
        pd_str_is(verb, "share") || pd_str_is(verb, "open") || pd_str_is(verb, "transfer");
    *c = (struct law_case){.verb = verb,
                           .party = {PD_STR("asker"), kind, usual_chamber(kind), country},
                           .recipient = has_recipient ? recipient : NULL,
                           .resource_type = discloses ? PD_STR("Distribution") : PD_STR("Version"),
                           .resource_id = PD_STR("asked-about"),
                           .facts = facts,
                           .fact_count = n,
                           .now = pd_clock_now(&cli->clock)};
    return law_find(rules, c, cli->arena, out, err);
}

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

int cli_law_decide(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct asked asked = {0};
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
        st = open_rules(cli, args, &asked, &err);
    if (st == PD_OK && lists && is_json)
        write_registry(asked.rules, &out);
    else if (st == PD_OK && lists)
        st = tell_registry(cli, asked.rules, &out, &err);
    else if (st == PD_OK)
        st = decide(cli, args, asked.rules, &finding, &err);
    if (st == PD_OK && finding && is_json) {
        write_finding(finding, &out);
    } else if (st == PD_OK && finding) {
        struct cli_report r = {&out, cli->arena, asked.rules, NULL};
        cli_report_finding(&r, finding);
    }
    close_rules(&asked);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    int code = cli_print(&out);
    return code ? code
                : pd_outcome_get(statuses[finding ? finding->outcome : LAW_PERMIT])->exit_code;
}
