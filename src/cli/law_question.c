/* The question that law decide, explain and compare ask: which rules, and which act with which
   facts. */
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

enum pd_status cli_rules_of_packs(struct cli *cli, const char *folder, pd_str packs,
                                  struct cli_rules *out, struct pd_error *err) {
    const struct law_file *files;
    size_t count;
    enum pd_status st = folder ? govern_folder_rules(folder, packs, cli->arena, &files, &count, err)
                               : govern_bundled_rules(packs, cli->arena, &files, &count, err);
    if (st == PD_OK)
        st = law_rules_new(files, count, &out->own, err);
    out->rules = out->own;
    /* An act under a pack is by parties of the country that it is named after. */
    out->country = cli_usual_country(packs, cli->arena);
    return st;
}

enum pd_status cli_rules_of_node(struct cli *cli, const struct pd_args *args, const char *command,
                                 struct cli_rules *out, struct pd_error *err) {
    enum pd_status st = cli_open(cli, args, STORE_READ, command, &out->node, err);
    out->rules = st == PD_OK ? govern_rules(out->node) : NULL;
    return st; /* where the parties of a node are isn't known here */
}

enum pd_status cli_rules_open(struct cli *cli, const struct pd_args *args, const char *command,
                              struct cli_rules *out, struct pd_error *err) {
    const char *data = pd_args_get(args, "data"), *folder = pd_args_get(args, "law-dir");
    const char *packs = pd_args_get(args, "law");
    if (data && (folder || packs))
        return pd_fail(err, PD_USAGE,
                       "--data asks the rules in force at a node; leave out --law and --law-dir");
    return data ? cli_rules_of_node(cli, args, command, out, err)
                : cli_rules_of_packs(cli, folder, pd_str_from(packs ? packs : "cn"), out, err);
}

void cli_rules_close(struct cli_rules *rules) {
    law_rules_free(rules->own);
    govern_close(rules->node);
    *rules = (struct cli_rules){0};
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

static enum pd_status read_facts(struct cli *cli, const struct pd_args *args,
                                 const struct law_rules *rules, const struct law_fact **out,
                                 struct pd_error *err) {
    size_t n = pd_args_count(args, "fact");
    struct law_fact *facts = pd_arena_array(cli->arena, n ? n : 1, sizeof(*facts));
    if (!facts)
        return pd_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        enum pd_status st = parse_fact(cli, rules, pd_args_nth(args, "fact", i), &facts[i], err);
        if (st != PD_OK)
            return st;
    }
    *out = facts;
    return PD_OK;
}

static enum pd_status read_moment(struct cli *cli, const struct pd_args *args, pd_time *out,
                                  struct pd_error *err) {
    const char *text = pd_args_get(args, "as-of");
    *out = pd_clock_now(&cli->clock);
    if (!text || pd_time_parse(pd_str_from(text), out))
        return PD_OK;
    return pd_fail(err, PD_USAGE,
                   "--as-of=\"%s\" is no date or time (RFC 3339), such as 2025-08-01", text);
}

enum pd_status cli_question(struct cli *cli, const struct pd_args *args,
                            const struct cli_rules *rules, const struct law_case **out,
                            struct pd_error *err) {
    struct law_party *recipient = pd_arena_alloc(cli->arena, sizeof(*recipient));
    struct law_case *c = pd_arena_alloc(cli->arena, sizeof(*c));
    if (!recipient || !c)
        return pd_fail_memory(err);
    if (!pd_args_has(args, "for"))
        return pd_fail(err, PD_USAGE, "--for is missing: --for=VERB");
    pd_str kind = option_or(args, "party-kind", "state_organ");
    bool has_recipient =
        pd_args_has(args, "recipient-kind") || pd_args_has(args, "recipient-country");
    pd_str other = option_or(args, "recipient-kind", "state_organ");
    pd_str country = pd_args_has(args, "party-country")
                         ? pd_str_from(pd_args_get(args, "party-country"))
                         : rules->country;
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
                           .fact_count = pd_args_count(args, "fact")};
    enum pd_status st = read_facts(cli, args, rules->rules, &c->facts, err);
    if (st == PD_OK)
        st = read_moment(cli, args, &c->now, err);
    *out = c;
    return st;
}
