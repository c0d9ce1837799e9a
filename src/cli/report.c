/* The report of a case, in four parts: what was found, what the law says, the plan, the result. */
#include "cli/protect.h"

/* ---- 3. The plan ---- */

/* What each change is because of: changes with the same reasons are told together. */
static void tell_reasons(const struct cli_report *r, const struct govern_case *c) {
    for (size_t i = 0; i < c->change_count; i++) {
        pd_str because = c->changes[i].because;
        struct pd_buf line;
        bool is_told = false;
        for (size_t j = 0; j < i; j++)
            is_told = is_told || pd_str_eq(c->changes[j].because, because);
        if (is_told)
            continue;
        pd_buf_init(&line, 1 << 20);
        pd_buf_printf(&line, "Because of %.*s: ", pd_arg(because));
        for (size_t j = i; j < c->change_count; j++) {
            const struct govern_change *other = &c->changes[j];
            if (pd_str_eq(other->because, because))
                pd_buf_printf(&line, "%s%.*s", j > i ? ", " : "",
                              pd_arg(other->column.len ? other->column : PD_STR("rows")));
        }
        cli_paragraph(r->out, 2, 4, pd_buf_view(&line));
        r->out->failed = r->out->failed || line.failed;
        pd_buf_clear(&line);
    }
}

static size_t column_of(const struct govern_case *c, pd_str name) {
    size_t i = 0;
    while (i + 1 < c->before->inspection->column_count && !pd_str_eq(c->before->names[i], name))
        i++;
    return i;
}

/* Records or counts, and why. */
static void tell_choice(const struct cli_report *r, const struct govern_choice *choice) {
    static const struct {
        const char *ahead, *between, *behind; /* of the loss; of the limit */
    } words[] = {
        [GOVERN_RECORDS_LOSE_LITTLE] = {"Records, not counts: they lose ", " of their use, and up to ",
                                        " is this node's limit for opening records."},
        [GOVERN_RECORDS_UNDER_AGREEMENT] =
            {"Records, which lose ", " of their use: they are not for all to read. For opening, counts "
                                     "would be proposed where they lose more than ",
             "."},
        [GOVERN_RECORDS_WANTED] = {"Records, as was asked (--records): they lose ",
                                   " of their use, more than this node's limit of ",
                                   ", beyond which counts are proposed."},
        [GOVERN_NO_COUNTS] = {"Records, though they lose ",
                              " of their use, more than this node's limit of ",
                              ": no column is left by which counts could be told."},
        [GOVERN_COUNTS] = {"Counts, not records: records would lose ",
                           " of their use, more than this node's limit of ",
                           " for opening them; a steward who wants records all the same says "
                           "--records."}};
    if (choice->why != GOVERN_NO_CHOICE)
        cli_say(r->out, 2, 4, "%s%.*s%s%.*s%s", words[choice->why].ahead,
                pd_arg(cli_percent(r->arena, choice->records_loss)), words[choice->why].between,
                pd_arg(cli_percent(r->arena, choice->limit)), words[choice->why].behind);
}

/* What all of it loses, and where on the curve of loss against risk it stands. */
static void tell_cost(const struct cli_report *r, const struct govern_case *c) {
    cli_say(r->out, 2, 4,
            "Of what the table tells its rows apart by, %.*s is lost, rows left out included.",
            pd_arg(cli_percent(r->arena, c->total_loss)));
    tell_choice(r, &c->choice);
    if (c->candidate_count == 0)
        return;
    protect_tell_curve(r, c->candidates, c->candidate_count,
                       c->is_given ? GOVERN_CANDIDATES_MAX : c->chosen);
    if (c->is_given)
        cli_say(r->out, 2, 4, "The plan is a steward's own; the curve is of what would be found without it.");
    else if (c->candidate_count > 1)
        cli_say(r->out, 2, 4,
                "The rules let k=%llu; proposed is the knee of the curve: before it much risk is saved for "
                "little loss, beyond it little for much, or whole columns. --plan gives another.",
                (unsigned long long)c->candidates[0].k);
    protect_tell_others(r, c->before->names, c->others, c->other_count);
}

/* Changes to columns as a table; those to rows, which take a sentence, below it. */
static void tell_changes(const struct cli_report *r, const struct govern_case *c) {
    enum { N = 5 };
    static const struct cli_column columns[N] = {{"Column", false, 32},
                                                 {"Change", false, 60},
                                                 {"Loss", true, 0},
                                                 {"Values before", true, 0},
                                                 {"after", true, 0}};
    if (c->change_count == 0) {
        cli_say(r->out, 2, 4, "Nothing in the data needs to be changed.");
        return;
    }
    pd_str *cells = pd_arena_array(r->arena, c->change_count * N, sizeof(*cells));
    if (!cells) {
        r->out->failed = true;
        return;
    }
    size_t rows = 0;
    for (size_t i = 0; i < c->change_count; i++) {
        if (!c->changes[i].column.len)
            continue;
        pd_str *at = cells + N * rows++;
        const struct govern_cost *cost = &c->costs[column_of(c, c->changes[i].column)];
        at[0] = c->changes[i].column;
        at[1] = c->changes[i].what;
        at[2] = cli_percent(r->arena, cost->loss);
        at[3] = cli_number(r->arena, cost->distinct_before);
        at[4] = cost->distinct_after ? cli_number(r->arena, cost->distinct_after) : (pd_str){0};
    }
    cli_table(r->out, 2, columns, N, cells, rows);
    cli_say(r->out, 2, 4, "%s columns stay as they are.", rows ? "The other" : "The");
    for (size_t i = 0; i < c->change_count; i++)
        if (!c->changes[i].column.len)
            cli_say(r->out, 2, 4, "Rows: %.*s.", pd_arg(c->changes[i].what));
    tell_reasons(r, c);
}

/* Signing attests facts as false; what that means, said so that a steward knows what is signed. */
static const struct {
    const char *fact, *means;
} attested[] = {
    {"is_personal",
     "the result is not personal data: nobody can be identified from it, alone or together with "
     "other information that can reasonably be had (is_personal = false)"},
};

static void tell_attests(const struct cli_report *r, const struct govern_case *c) {
    for (size_t i = 0; i < c->attest_count; i++) {
        const char *means = NULL;
        for (size_t j = 0; j < sizeof(attested) / sizeof(attested[0]); j++)
            if (pd_str_is(c->attests[i], attested[j].fact))
                means = attested[j].means;
        const struct law_fact_kind *kind =
            r->rules ? law_rules_fact(r->rules, c->attests[i]) : NULL;
        if (means)
            cli_say(r->out, 2, 4, "By signing, %.*s attests for %.*s: %s.",
                    pd_arg(c->request->member), pd_arg(c->request->party), means);
        else
            cli_say(r->out, 2, 4, "By signing, %.*s attests for %.*s that this is not so: %.*s.",
                    pd_arg(c->request->member), pd_arg(c->request->party),
                    pd_arg(kind ? kind->title : c->attests[i]));
    }
    if (c->attest_count)
        cli_say(r->out, 2, 4, "The machine cannot know this%s; a person answers for the judgement.",
                c->after->has_risk ? " (it measured the figures below)" : "");
}

static void risk_cells(const struct cli_report *r, const struct govern_reading *g, pd_str *cells,
                       size_t step) {
    if (!g || !g->has_risk) {
        for (size_t i = 0; i < 5; i++)
            cells[i * step] = PD_STR("-");
        return;
    }
    cells[0] = cli_number(r->arena, g->risk.rows);
    cells[step] = cli_number(r->arena, g->risk.smallest);
    cells[2 * step] = cli_percent(r->arena, g->risk.highest);
    cells[3 * step] = cli_percent(r->arena, g->risk.mean);
    cells[4 * step] = cli_percent(r->arena, g->risk.unique_share);
}

/* Of attacks on a sensitive column, or by other open tables, the one that gains most; NULL: none was tried. */
static const struct govern_attacked *worst_attack(const struct govern_reading *g, bool is_linkage) {
    const struct govern_attacked *worst = NULL;
    for (size_t i = 0; g && g->attacks && i < g->attacks->count; i++) {
        const struct govern_attacked *a = &g->attacks->items[i];
        bool is_one = is_linkage ? a->attack.kind == PROTECT_ATTACK_LINKAGE : a->column.len > 0;
        if (is_one && (!worst || a->attack.risk > worst->attack.risk))
            worst = a;
    }
    return worst;
}

static pd_str attack_cell(const struct cli_report *r, const struct govern_attacked *a) {
    return a ? cli_percent(r->arena, a->attack.risk) : PD_STR("-");
}

/* What was tried of the table that would be released; of the one as it came, where there is no plan. */
static void tell_attacks(const struct cli_report *r, const struct govern_reading *g) {
    const struct govern_attacked *match = worst_attack(g, true);
    if (match && match->by_count) {
        pd_str by = PD_STR("");
        for (size_t i = 0; i < match->by_count; i++)
            by = pd_arena_printf(r->arena, "%.*s%s%.*s", pd_arg(by), i ? ", " : "", pd_arg(match->by[i]));
        pd_str rate = cli_percent(r->arena, match->attack.rate);
        cli_say(r->out, 2, 4,
                "Matched with the open table \"%.*s\" (%.*s) by %.*s, %.*s of the rows find their "
                "counterpart, %llu without doubt.",
                pd_arg(match->other), pd_arg(match->table), pd_arg(by), pd_arg(rate),
                (unsigned long long)match->attack.certain);
    }
    for (size_t i = 0; g && g->attacks && i < g->attacks->note_count; i++)
        cli_say(r->out, 2, 4, "Of the attacks: %.*s.", pd_arg(g->attacks->notes[i]));
}

static void tell_risk(const struct cli_report *r, const struct govern_case *c) {
    static const struct cli_column columns[] = {
        {"Risk of being singled out", false, 0}, {"Before", true, 0}, {"After", true, 0}};
    if (!c->before->has_risk && !(c->after && c->after->has_risk))
        return;
    pd_str cells[7 * 3] = {
        [0] = PD_STR_INIT("Rows"),
        [3] = PD_STR_INIT("Smallest group of equal rows (k)"),
        [6] = PD_STR_INIT("Highest risk of a person"),
        [9] = PD_STR_INIT("Mean risk of a person"),
        [12] = PD_STR_INIT("Share of rows that are unique"),
    };
    static const char *const titles[] = {"What an attack learns beyond guessing",
                                         "Rows matched with another open table, beyond chance"};
    size_t rows = 5;
    risk_cells(r, c->before, &cells[1], 3);
    risk_cells(r, c->after, &cells[2], 3);
    for (int is_linkage = 0; is_linkage < 2; is_linkage++) {
        const struct govern_attacked *before = worst_attack(c->before, is_linkage),
                                     *after = worst_attack(c->after, is_linkage);
        if (!before && !after)
            continue;
        cells[3 * rows] = pd_str_from(titles[is_linkage]);
        cells[3 * rows + 1] = attack_cell(r, before);
        cells[3 * rows + 2] = attack_cell(r, after);
        rows++;
    }
    pd_buf_char(r->out, '\n');
    cli_table(r->out, 2, columns, 3, cells, rows);
    tell_attacks(r, c->after ? c->after : c->before);
}

/* Whether a column that leaves the house has a role, or had it before it was made coarser. */
static bool has_role(const struct govern_case *c, const struct govern_reading *g, size_t column,
                     enum inspect_role role) {
    if (g->inspection->columns[column].role == role)
        return true;
    for (size_t i = 0; role != INSPECT_DIRECT && i < c->before->inspection->column_count; i++)
        if (pd_str_eq(c->before->names[i], g->names[column]))
            return c->before->inspection->columns[i].role == role;
    return false;
}

/* The names of the columns with a role; returns how many. */
static size_t list_columns(struct pd_buf *out, const struct govern_case *c,
                           const struct govern_reading *g, enum inspect_role role) {
    size_t n = 0;
    for (size_t i = 0; i < g->inspection->column_count; i++)
        if (has_role(c, g, i, role))
            pd_buf_printf(out, "%s%.*s", n++ ? ", " : "", pd_arg(g->names[i]));
    return n;
}

/* One sentence on what the figures leave open; the data as it would leave the house. */
static void tell_remaining(const struct cli_report *r, const struct govern_case *c) {
    const struct govern_reading *g = c->after ? c->after : c->before;
    struct pd_buf line, names;
    pd_buf_init(&line, 1 << 20);
    pd_buf_init(&names, 1 << 20);
    pd_buf_text(&line, "What remains at risk: ");
    if (g->has_risk && g->risk.rows) {
        (void)list_columns(&names, c, g, INSPECT_QUASI);
        pd_buf_printf(&line,
                      "whoever knows that somebody is in the table, and knows that person's %.*s, "
                      "picks the right row with a chance of %.*s at most",
                      pd_arg(pd_buf_view(&names)), pd_arg(cli_percent(r->arena, g->risk.highest)));
    } else {
        pd_buf_printf(&line, "no column that narrows down a person %s",
                      c->before->has_risk && c->after ? "is left, as far as the inspection knows"
                                                      : "was recognised, so that nothing was "
                                                        "measured");
    }
    pd_buf_reset(&names);
    if (list_columns(&names, c, g, INSPECT_SENSITIVE))
        pd_buf_printf(&line,
                      "; and where a whole group has one value in %.*s, picking the group is "
                      "enough to learn it",
                      pd_arg(pd_buf_view(&names)));
    pd_buf_reset(&names);
    if (list_columns(&names, c, g, INSPECT_DIRECT))
        pd_buf_printf(&line, "; and persons are identified directly by %.*s",
                      pd_arg(pd_buf_view(&names)));
    pd_buf_text(&line, "; what the inspection does not recognise, only a reader of the data can.");
    cli_paragraph(r->out, 2, 4, pd_buf_view(&line));
    r->out->failed = r->out->failed || line.failed || names.failed;
    pd_buf_clear(&names);
    pd_buf_clear(&line);
}

static void tell_plan(const struct cli_report *r, const struct govern_case *c) {
    if (c->has_plan) {
        tell_changes(r, c);
        if (c->change_count > 0)
            tell_cost(r, c);
        tell_attests(r, c);
        if (!govern_needs_signature(c))
            cli_say(r->out, 2, 4, "No signature is needed.");
        if (c->second)
            cli_say(r->out, 2, 4, "By the charter two members decide this: the one who asked, and another steward who signs.");
    } else if (govern_expect(c) == GOVERN_LEFT_OPEN) {
        cli_say(r->out, 2, 4,
                "There is no plan yet: changing the data is not enough or not needed; what is "
                "missing stands under \"Open\" or \"to be shown\" above.");
    } else {
        cli_say(r->out, 2, 4,
                "There is no plan: no change to the data that this node can make turns the refusal "
                "into a permit. The remedies above say what else would.");
    }
    tell_risk(r, c);
    if (c->has_plan)
        tell_remaining(r, c);
}

/* The law on the result, where it differs from the law on the file as it is. */
static void tell_after(const struct cli_report *r, const struct govern_case *c) {
    if (!c->has_plan || !govern_needs_signature(c))
        return;
    cli_say(r->out, 2, 4, "The law on the result, once signed: %s. %.*s",
            law_outcome_name(c->finding_after->outcome), pd_arg(c->finding_after->reason));
    for (size_t i = 0; i < c->finding_after->obligation_count; i++) {
        const struct law_obligation *o = &c->finding_after->obligations[i];
        if (o->class_ != LAW_AFTER)
            continue;
        struct pd_buf line;
        pd_buf_init(&line, 1 << 16);
        pd_buf_text(&line, "Afterwards: ");
        cli_word_obligation(&line, o, r->rules);
        pd_buf_printf(&line, " (%.*s)", pd_arg(o->policy_id));
        cli_paragraph(r->out, 4, 6, pd_buf_view(&line));
        pd_buf_clear(&line);
    }
}

/* What is asked, as a heading. */
static const struct {
    const char *verb, *words;
} asked[] = {{"open", "To be opened to all"}, {"share", "To be shared"}, {"store", "To be kept"}};

/* The rules that people made: which vote, and what it changed. */
static void tell_votes(const struct cli_report *r, const struct govern_case *c) {
    if (c->vote_count)
        pd_buf_text(r->out, "    Voted by the chambers\n");
    for (size_t i = 0; i < c->vote_count; i++) {
        const struct govern_origin *o = &c->votes[i];
        char id[PD_ID_TEXT_SIZE], at[PD_TIME_TEXT_SIZE];
        pd_str title = pd_json_read_text(pd_json_find(o->title, "en"), r->arena);
        if (!title.data)
            title = pd_json_read_text(pd_json_find(o->title, "zh"), r->arena);
        pd_id_write(o->proposal, id);
        pd_time_write(o->in_force_at, PD_TIME_DATE, at);
        cli_say(r->out, 6, 8, "%.*s (%.*s): by the proposal %s, \"%.*s\", in force since %s",
                pd_arg(o->policy), pd_arg(o->what), id, pd_arg(title), at);
    }
}

void cli_report_case(const struct cli_report *r, const struct govern_case *c, pd_str name) {
    const struct govern_request *q = c->request;
    pd_str words = q->verb;
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
        if (pd_str_is(q->verb, asked[i].verb))
            words = pd_str_from(asked[i].words);
    cli_say(r->out, 0, 2, "%.*s: \"%.*s\"", pd_arg(words), pd_arg(q->title));
    cli_say(r->out, 2, 4, "Asked by %.*s for %.*s%s%.*s; purpose: %.*s; legal basis: %.*s",
            pd_arg(q->member), pd_arg(q->party), q->recipient.len ? "; received by " : "",
            pd_arg(q->recipient), pd_arg(q->purpose), pd_arg(q->basis));
    if (c->mended) {
        const struct govern_mended *m = c->mended;
        pd_buf_text(r->out, "\n0. What was repaired\n");
        cli_say(
            r->out, 2, 4,
            "%.*s repairs by the standard \"%.*s\", agreed to by %.*s; made of the version %.*s, "
            "which stays as it is.",
            pd_arg(cli_number(r->arena, m->done)), pd_arg(m->standard), pd_arg(m->agreed_by),
            pd_arg(m->from_version));
        cli_report_mended(r, m->was, m->is);
    }
    pd_buf_text(r->out, "\n1. What was found\n");
    cli_report_reading(r, c->before, name, CLI_SHAPE);
    pd_buf_text(r->out, "\n2. What the law says of the file as it is\n");
    cli_report_finding(r, c->finding);
    tell_votes(r, c);
    pd_buf_text(r->out, "\n3. The plan\n");
    tell_plan(r, c);
    tell_after(r, c);
}
