/* polder law test: every row of the packs' cases is decided, with the node's own rules beside. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

/* What isn't as it should be. */
struct flaw {
    pd_str where; /* "cn/CASES.md:12", or empty */
    pd_str policy;
    pd_str what;
};

struct trial {
    struct cli *cli;
    const char *folder;
    struct flaw *flaws;
    size_t flaw_count, flaw_capacity;
    size_t packs, policies, rows, held, failed, gaps;
    bool is_node_counted;
};

static enum pd_status add_flaw(struct trial *t, struct flaw flaw, struct pd_error *err) {
    if (t->flaw_count == t->flaw_capacity) {
        size_t wider = t->flaw_capacity * 2 + 32;
        struct flaw *flaws = pd_arena_array(t->cli->arena, wider, sizeof(*flaws));
        if (!flaws)
            return pd_fail_memory(err);
        if (t->flaw_count > 0)
            memcpy(flaws, t->flaws, t->flaw_count * sizeof(*flaws));
        t->flaws = flaws;
        t->flaw_capacity = wider;
    }
    flaw.policy = pd_arena_str(t->cli->arena, flaw.policy); /* the rules go before the report */
    if (!flaw.what.data || !flaw.policy.data)
        return pd_fail_memory(err);
    t->flaws[t->flaw_count++] = flaw;
    return PD_OK;
}

/* ---- One row ---- */

/* "use by company" with "purpose=billing:declared", as of 2026-11-23 */
static pd_str tell_side(struct trial *t, const struct law_case_side *side) {
    char date[PD_TIME_TEXT_SIZE];
    pd_time_write(side->question.now, PD_TIME_DATE, date);
    return pd_arena_printf(t->cli->arena, "\"%.*s\"%s%.*s%s, as of %s", pd_arg(side->act),
                           side->facts.len ? " with \"" : " without facts", pd_arg(side->facts),
                           side->facts.len ? "\"" : "", date);
}

/* Which clause kept a policy silent that was to speak. */
static pd_str tell_why(struct trial *t, const struct law_rules *rules, pd_str policy,
                       const struct law_case *c) {
    struct law_explanation e;
    struct pd_error err = {0};
    struct pd_buf why;
    pd_buf_init(&why, 1 << 20);
    if (law_explain(rules, c, t->cli->arena, &e, &err) != PD_OK)
        e.count = e.spoke = 0;
    for (size_t i = e.spoke; i < e.count; i++) {
        const struct law_account *a = &e.accounts[i];
        if (!pd_str_eq(a->policy->id, policy))
            continue;
        const struct law_clause_account *last = &a->clauses[a->clause_count - 1];
        pd_buf_printf(&why, " Kept silent at %.*s:%u: ", pd_arg(a->policy->name),
                      last->clause->place.line);
        cli_word_source(&why, last->clause->text);
        pd_buf_char(&why, '.');
    }
    pd_str text = why.failed ? (pd_str){0} : pd_arena_str(t->cli->arena, pd_buf_view(&why));
    pd_buf_clear(&why);
    return text;
}

static enum pd_status fail_side(struct trial *t, const struct law_rules *rules, pd_str where,
                                const struct law_case_row *row, bool is_to_speak,
                                const struct law_case_side *side, const struct law_finding *found,
                                struct pd_error *err) {
    pd_str asked = tell_side(t, side);
    pd_str why = is_to_speak ? tell_why(t, rules, row->policy_id, &side->question) : (pd_str){0};
    pd_str what =
        pd_arena_printf(t->cli->arena, "was to %s at %.*s, but %s; the finding: %s. %.*s%.*s",
                        is_to_speak ? "speak" : "keep silent", pd_arg(asked),
                        is_to_speak ? "keeps silent" : "speaks", law_outcome_name(found->outcome),
                        pd_arg(found->reason), pd_arg(why));
    t->failed++;
    return add_flaw(t, (struct flaw){where, row->policy_id, what}, err);
}

static enum pd_status try_row(struct trial *t, const struct law_rules *rules, pd_str path,
                              pd_str beside, const struct law_case_row *row, struct pd_error *err) {
    struct law_case_result got;
    struct pd_mark mark = pd_arena_mark(t->cli->arena);
    enum pd_status st = law_case_row_check(rules, row, t->cli->arena, &got, err);
    if (st != PD_OK)
        return pd_wrap(err, "%.*s:%u", pd_arg(path), row->place.line);
    t->held += got.speaks && got.speaks_holds;
    t->held += got.silent && got.silent_holds;
    if (got.speaks_holds && got.silent_holds) {
        pd_arena_reset(t->cli->arena, mark);
        return PD_OK;
    }
    pd_str where =
        pd_arena_printf(t->cli->arena, "%.*s:%u%s%.*s%s", pd_arg(path), row->place.line,
                        beside.len ? " (beside " : "", pd_arg(beside), beside.len ? ")" : "");
    if (!where.data)
        return pd_fail_memory(err);
    if (!got.speaks_holds)
        st = fail_side(t, rules, where, row, true, &row->speaks, got.speaks, err);
    if (st == PD_OK && !got.silent_holds)
        st = fail_side(t, rules, where, row, false, &row->silent, got.silent, err);
    return st;
}

/* ---- One page ---- */

/* Names each policy of the pack that no row decides, or that no row keeps silent. */
static enum pd_status find_gaps(struct trial *t, const struct law_rules *rules, pd_str pack,
                                const struct law_case_row *rows, size_t count,
                                struct pd_error *err) {
    static const char *const words[] = {[1] = "no row in which it is silent",
                                        [2] = "no row in which it speaks",
                                        [3] = "no row at all"};
    const struct law_policies *policies = law_rules_policies(rules);
    size_t n = law_policies_count(policies);
    unsigned char *seen = pd_arena_array(t->cli->arena, n ? n : 1, 1);
    if (!seen)
        return pd_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        size_t at;
        if (!law_policies_find(policies, rows[i].policy_id, &at))
            continue;
        seen[at] |= rows[i].speaks.is_left_out ? 0 : 1;
        seen[at] |= rows[i].silent.is_left_out ? 0 : 2;
    }
    for (size_t i = 0; i < n; i++) {
        const struct law_policy *policy = law_policies_get(policies, i);
        if (!law_policy_is_of(policy, pack))
            continue;
        t->policies++;
        if (seen[i] == 3)
            continue;
        const char *word = words[seen[i] == 0 ? 3 : seen[i]];
        pd_str what = pd_arena_printf(t->cli->arena, "has %s", word);
        pd_str where =
            pd_arena_printf(t->cli->arena, "%.*s:%u", pd_arg(policy->name), policy->place.line);
        enum pd_status st = add_flaw(t, (struct flaw){where, policy->id, what}, err);
        if (st != PD_OK)
            return st;
        t->gaps++;
    }
    return PD_OK;
}

/* A page that can't be read is a flaw; the other pages are still tried. */
static enum pd_status try_page(struct trial *t, const struct law_rules *rules, pd_str pack,
                               pd_str beside, struct pd_error *err) {
    struct pd_error found = {0};
    const struct law_case_row *rows = NULL;
    size_t count = 0;
    pd_str path, text;
    enum pd_status st = cli_pack_page(t->cli, t->folder, pack, "CASES.md", &path, &text, &found);
    if (st == PD_OK)
        st = law_cases_parse(rules, path, text, t->cli->arena, &rows, &count, &found);
    if (st != PD_OK) {
        pd_str what = pd_arena_str(t->cli->arena, pd_str_from(found.text));
        t->failed++;
        st = add_flaw(t, (struct flaw){.what = what}, err);
    }
    t->rows += count;
    for (size_t i = 0; st == PD_OK && i < count; i++)
        st = try_row(t, rules, path, beside, &rows[i], err);
    bool is_repeated = beside.len > 0 && t->is_node_counted; /* the node's own, beside each pack */
    t->is_node_counted = t->is_node_counted || beside.len > 0;
    return st == PD_OK && !is_repeated ? find_gaps(t, rules, pack, rows, count, err) : st;
}

static enum pd_status try_pack(struct trial *t, pd_str pack, struct pd_error *err) {
    static const pd_str node = PD_STR_INIT("node");
    struct cli_rules asked = {0};
    enum pd_status st = cli_rules_of_packs(t->cli, t->folder, pack, &asked, err);
    if (st == PD_OK && pack.len > 0)
        st = try_page(t, asked.rules, pack, (pd_str){0}, err);
    if (st == PD_OK && law_rules_pack(asked.rules, node))
        st = try_page(t, asked.rules, node, pack.len ? pack : PD_STR("no pack"), err);
    t->packs += pack.len > 0;
    cli_rules_close(&asked);
    return st;
}

/* ---- The answer ---- */

static bool has_failed(const struct trial *t) {
    return t->failed > 0 || t->gaps > 0;
}

static void tell_trial(const struct trial *t, struct pd_buf *out) {
    for (size_t i = 0; i < t->flaw_count; i++) {
        const struct flaw *f = &t->flaws[i];
        if (f->policy.len)
            cli_say(out, 0, 4, "%.*s: %.*s %.*s", pd_arg(f->where), pd_arg(f->policy),
                    pd_arg(f->what));
        else /* with its source line and caret */
            pd_buf_printf(out, "%.*s\n", pd_arg(f->what));
    }
    if (t->gaps)
        cli_say(out, 0, 4, "%zu of %zu policies lack a row in which they speak or are silent.",
                t->gaps, t->policies);
    pd_buf_printf(out, "%zu packs, %zu policies, %zu rows\n%zu passed, %zu failed\n", t->packs,
                  t->policies, t->rows, t->held, t->failed + t->gaps);
}

static void write_trial(const struct trial *t, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_i64(&w, "packs", (int64_t)t->packs);
    pd_json_member_i64(&w, "policies", (int64_t)t->policies);
    pd_json_member_i64(&w, "rows", (int64_t)t->rows);
    pd_json_member_i64(&w, "passed", (int64_t)t->held);
    pd_json_member_i64(&w, "failed", (int64_t)(t->failed + t->gaps));
    pd_json_key(&w, "flaws");
    pd_json_array(&w);
    for (size_t i = 0; i < t->flaw_count; i++) {
        pd_json_object(&w);
        pd_json_member_str(&w, "where", t->flaws[i].where);
        pd_json_member_str(&w, "policy", t->flaws[i].policy);
        pd_json_member_str(&w, "what", t->flaws[i].what);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_law_test(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct trial t = {.cli = context, .folder = pd_args_operand(args, 0)};
    struct pd_error err = {0};
    pd_str packs = PD_STR(""), pack;
    enum pd_status st = PD_OK;
    if (pd_args_has(args, "law"))
        packs = pd_str_from(pd_args_get(args, "law"));
    else
        st = cli_packs_list(t.cli, t.folder, &packs, &err);
    if (st == PD_OK && !packs.data)
        st = try_pack(&t, packs, &err);
    while (st == PD_OK && pd_str_split(&packs, ',', &pack))
        st = try_pack(&t, pd_str_trim(pack), &err);
    if (st != PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (pd_args_has(args, "json"))
        write_trial(&t, &out);
    else
        tell_trial(&t, &out);
    int printed = cli_print(&out);
    return has_failed(&t) ? pd_outcome_get(PD_INVALID)->exit_code : printed;
}
