/* polder law explain: what decided, piece by piece; and what would be lawful. */
#include "cli/cli.h"

#include <string.h>

static const char *const states[] = {[LAW_PART_HOLDS] = "holds",
                                     [LAW_PART_FAILS] = "fails",
                                     [LAW_PART_ERRS] = "can't be evaluated",
                                     [LAW_PART_UNREACHED] = "isn't reached"};

/* ---- For people: one policy ---- */

/* "unless { ... } [cn/pipl.cedar:12] fails at context.a has x (12:10)" */
static void tell_clause(const struct cli_report *r, const struct law_account *a,
                        const struct law_clause_account *c) {
    struct pd_buf line;
    pd_buf_init(&line, 1 << 20);
    pd_buf_text(&line, c->clause->is_unless ? "unless { " : "when { ");
    cli_word_source(&line, c->body.text);
    pd_buf_printf(&line, " }  [%.*s:%u]: %s", pd_arg(a->policy->name), c->clause->place.line,
                  states[c->body.state]);
    if (!pd_str_eq(c->decisive.text, c->body.text)) {
        pd_buf_printf(&line, ", since at %u:%u `", c->decisive.place.line,
                      c->decisive.place.column);
        cli_word_source(&line, c->decisive.text);
        pd_buf_printf(&line, "` %s", states[c->decisive.state]);
    }
    if (c->keeps_silent)
        pd_buf_text(&line, ", which keeps it silent");
    cli_paragraph_end(r, &line, 8, 10);
}

static void word_classes(struct pd_buf *out, const struct law_fact_kind *kind) {
    const char *between = "";
    for (unsigned c = 0; c < LAW_CLASS_COUNT; c++)
        if (kind->accepts >> c & 1) {
            pd_buf_printf(out, "%s%s", between, law_class_name((enum law_class)c));
            between = " or ";
        }
}

static void tell_fact(const struct cli_report *r, const struct law_fact_account *f) {
    struct pd_buf line;
    pd_buf_init(&line, 1 << 20);
    pd_buf_printf(&line, "%.*s", pd_arg(f->kind->name));
    bool counts = f->used && f->used->ignored.len == 0 && !f->needs_vouching;
    if (f->used) {
        pd_buf_text(&line, " = ");
        cli_word_value(&line, &f->used->fact->value);
        pd_buf_printf(&line, ", %s by %.*s", law_class_name(f->used->fact->class_),
                      pd_arg(f->used->fact->by));
        if (f->used->ignored.len)
            pd_buf_printf(&line, ", does not count: %.*s", pd_arg(f->used->ignored));
        else if (f->needs_vouching)
            pd_buf_text(&line, ", but must be attested or derived here");
    } else {
        pd_buf_text(&line, ": nothing was said");
    }
    if (!counts) {
        pd_buf_printf(&line, ". Who can say: %.*s (", pd_arg(f->kind->supplier));
        word_classes(&line, f->kind);
        pd_buf_char(&line, ')');
    }
    cli_paragraph_end(r, &line, 10, 12);
}

/* "line 30", "line 30, 31 or 37": the clauses of one kind; says how many there are. */
static size_t word_lines(struct pd_buf *out, const struct law_account *a, bool is_unless) {
    size_t total = 0, n = 0;
    for (size_t i = 0; i < a->clause_count; i++)
        total += a->clauses[i].clause->is_unless == is_unless;
    for (size_t i = 0; i < a->clause_count; i++) {
        if (a->clauses[i].clause->is_unless != is_unless)
            continue;
        pd_buf_printf(out, "%s%u",
                      n == 0           ? "line "
                      : n + 1 == total ? " or "
                                       : ", ",
                      a->clauses[i].clause->place.line);
        n++;
    }
    return total;
}

/* Of a way out of which a part holds: what is lacking still. */
static void word_lacking(struct pd_buf *out, const struct law_clause_account *c) {
    if (!c->clause->is_unless || c->conjuncts[0].state != LAW_PART_HOLDS)
        return;
    pd_buf_printf(out, " In line %u only this is lacking: `", c->clause->place.line);
    const char *between = "";
    for (size_t i = 0; i < c->conjunct_count; i++) {
        if (c->conjuncts[i].state == LAW_PART_HOLDS)
            continue;
        pd_buf_text(out, between);
        cli_word_source(out, c->conjuncts[i].text);
        between = " && ";
    }
    pd_buf_text(out, "`.");
}

static void word_exemptions(struct pd_buf *out, const struct cli_report *r,
                            const struct law_account *a, const char *between) {
    size_t count;
    const size_t *by = law_policy_exemptions(r->rules, a->policy, true, &count);
    for (size_t i = 0; i < count; i++)
        pd_buf_printf(out, "%s%.*s", i ? " or " : between,
                      pd_arg(law_policies_get(law_rules_policies(r->rules), by[i])->id));
    pd_buf_text(out, count ? " exempted it" : "");
}

/* What would make a policy that spoke silent: that a way out held, or that a condition didn't. */
static void tell_silencing(const struct cli_report *r, const struct law_account *a) {
    struct pd_buf line, lines;
    pd_buf_init(&line, 1 << 20);
    pd_buf_init(&lines, 1 << 16);
    const char *between = "Silent if ";
    if (word_lines(&lines, a, true) > 0) {
        pd_buf_printf(&line, "%sthe way out in %s held", between, lines.data);
        between = ", or ";
    }
    pd_buf_reset(&lines);
    if (word_lines(&lines, a, false) > 0) {
        pd_buf_printf(&line, "%sthe condition in %s did not hold", between, lines.data);
        between = ", or ";
    }
    pd_buf_clear(&lines);
    word_exemptions(&line, r, a, between);
    if (line.len == 0)
        pd_buf_text(&line, "It speaks at every such act: no fact makes it silent");
    pd_buf_char(&line, '.');
    for (size_t i = 0; i < a->clause_count; i++)
        word_lacking(&line, &a->clauses[i]);
    cli_paragraph_end(r, &line, 8, 10);
    if (a->voice.role != LAW_FORBIDS || a->voice.exempted_by.len)
        return;
    cli_say(r->out, 8, 10, "%s",
            a->tipping_count ? "Missing facts that could bring that about, alone or with others"
                             : "No missing fact could bring that about.");
    for (size_t i = 0; i < a->tipping_count; i++)
        cli_say(r->out, 10, 12, "%.*s: %.*s. Who can say: %.*s", pd_arg(a->tipping[i]->name),
                pd_arg(a->tipping[i]->title), pd_arg(a->tipping[i]->supplier));
}

static void tell_account(const struct cli_report *r, const struct law_account *a) {
    struct pd_buf line;
    pd_buf_init(&line, 1 << 20);
    cli_word_voice(&line, &a->voice);
    cli_paragraph_end(r, &line, 6, 8);
    if (a->voice.title.len)
        cli_paragraph(r->out, 8, 8, a->voice.title);
    if (a->voice.role == LAW_ERRS)
        cli_paragraph(r->out, 8, 8, a->voice.message);
    if (a->voice.exempted_by.len)
        cli_say(r->out, 8, 10, "Does not count here: exempted by %.*s.",
                pd_arg(a->voice.exempted_by));
    for (size_t i = 0; i < a->clause_count; i++)
        if (a->speaks || a->clauses[i].keeps_silent)
            tell_clause(r, a, &a->clauses[i]);
    if (a->fact_count)
        pd_buf_text(r->out, "        Facts that it asks for\n");
    for (size_t i = 0; i < a->fact_count; i++)
        tell_fact(r, &a->facts[i]);
    if (a->speaks && a->voice.role != LAW_ERRS)
        tell_silencing(r, a);
}

/* ---- For people: the ways ---- */

static void tell_way(const struct cli_report *r, const char *title, const struct law_way *way) {
    cli_say(r->out, 6, 8, "%s", title);
    for (size_t i = 0; i < way->count; i++) {
        const struct law_obligation *o = &way->obligations[i];
        struct pd_buf line;
        pd_buf_init(&line, 1 << 20);
        cli_word_obligation(&line, o, r->rules);
        pd_buf_printf(&line, " [%.*s], for %.*s", pd_arg(o->text), pd_arg(o->policy_id));
        cli_paragraph_end(r, &line, 8, 10);
    }
}

static void tell_ways(const struct cli_report *r, const struct law_explanation *e) {
    const struct law_ways *w = &e->ways;
    if (e->finding->outcome == LAW_PERMIT)
        return;
    pd_buf_text(r->out, "    The lawful alternative of least loss\n");
    for (size_t i = 0; i < w->beyond_count; i++)
        cli_say(r->out, 6, 8, "None: %.*s names no remedy; only facts could make it silent.",
                pd_arg(w->beyond[i]));
    if (w->change.exists)
        tell_way(r, "By changing the data, as little as the law allows:", &w->change);
    if (w->evidence.exists)
        tell_way(r,
                 "By evidence, the data as it is (no loss; somebody must give it):", &w->evidence);
    if (!w->change.exists && !w->evidence.exists && w->least.exists)
        tell_way(r, "By both, since neither does alone:", &w->least);
    if (!w->least.exists && w->beyond_count == 0)
        cli_say(r->out, 6, 8, "None is named by the policies that refuse.");
    if (w->change.exists || (w->least.exists && !w->evidence.exists))
        cli_say(r->out, 6, 8,
                "What was measured is measured again afterwards; what only a person can say of the "
                "result stays theirs to attest.");
}

static void tell_explanation(const struct cli_report *r, const struct law_explanation *e,
                             bool is_all) {
    static const struct part {
        enum law_voice_role role;
        const char *title;
    } parts[] = {{LAW_FORBIDS, "Refuses"},
                 {LAW_EXEMPTS, "Exempts"},
                 {LAW_PERMITS, "Permits"},
                 {LAW_DUTY, "Obliges"},
                 {LAW_ERRS, "Could not be evaluated, which counts as a refusal"}};
    static const char *const outcomes[] = {
        [LAW_PERMIT] = "PERMIT", [LAW_DENY] = "DENY", [LAW_OPEN] = "OPEN"};
    cli_say(r->out, 2, 4, "%s. %.*s", outcomes[e->finding->outcome], pd_arg(e->finding->reason));
    for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
        bool is_begun = false;
        for (size_t i = 0; i < e->spoke; i++) {
            if (e->accounts[i].voice.role != parts[p].role)
                continue;
            if (!is_begun)
                pd_buf_printf(r->out, "    %s\n", parts[p].title);
            is_begun = true;
            tell_account(r, &e->accounts[i]);
        }
    }
    tell_ways(r, e);
    if (!is_all && e->count > e->spoke)
        cli_say(r->out, 4, 6, "A fact keeps %zu more policies silent (--all shows them).",
                e->count - e->spoke);
    if (is_all && e->count > e->spoke)
        pd_buf_text(r->out, "    Silent, and kept so by a fact\n");
    for (size_t i = e->spoke; is_all && i < e->count; i++)
        tell_account(r, &e->accounts[i]);
}

/* ---- The command ---- */

static enum pd_status explain(struct cli *cli, const struct pd_args *args,
                              const struct cli_rules *asked, struct law_explanation *out,
                              struct pd_error *err) {
    const struct law_case *c;
    enum pd_status st = cli_question(cli, args, asked, &c, err);
    return st == PD_OK ? law_explain(asked->rules, c, cli->arena, out, err) : st;
}

int cli_law_explain(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    if (pd_args_operands(args) > 0)
        return cli_explain_policy(cli, args);
    static const enum pd_status statuses[] = {
        [LAW_PERMIT] = PD_OK, [LAW_DENY] = PD_DENIED, [LAW_OPEN] = PD_OPEN};
    struct pd_error err = {0};
    struct cli_rules asked = {0};
    struct law_explanation e = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = PD_OK;
    if (!pd_args_has(args, "for"))
        st = pd_fail(&err, PD_USAGE,
                     "--for is missing: --for=VERB, or the id of a policy to explain");
    if (st == PD_OK)
        st = cli_rules_open(cli, args, "law explain", &asked, &err);
    if (st == PD_OK)
        st = explain(cli, args, &asked, &e, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        cli_json_explanation(&e, pd_args_has(args, "all"), &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, asked.rules, NULL};
        tell_explanation(&r, &e, pd_args_has(args, "all"));
    }
    enum law_outcome outcome = st == PD_OK ? e.finding->outcome : LAW_DENY;
    cli_rules_close(&asked);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    int code = cli_print(&out);
    return code ? code : pd_outcome_get(statuses[outcome])->exit_code;
}
