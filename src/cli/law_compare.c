/* polder law compare: one act under several laws, side by side. */
#include "cli/cli.h"

#include <string.h>

struct compared {
    pd_str pack;
    struct cli_rules asked;
    const struct law_finding *finding;
    struct law_ways ways;
};

/* ---- Asking ---- */

/* --home eu=NL: where the parties are under a pack. */
static enum pd_status find_home(const struct pd_args *args, pd_str pack, pd_str *country,
                                struct pd_error *err) {
    for (size_t i = 0; i < pd_args_count(args, "home"); i++) {
        pd_str given = pd_str_from(pd_args_nth(args, "home", i)), name;
        if (!pd_str_split(&given, '=', &name) || given.len != 2)
            return pd_fail(err, PD_USAGE, "--home=\"%s\": it is PACK=CODE, such as eu=NL",
                           pd_args_nth(args, "home", i));
        if (pd_str_eq(name, pack))
            *country = given;
    }
    return PD_OK;
}

static enum pd_status ask(struct cli *cli, const struct pd_args *args, struct compared *c,
                          struct pd_error *err) {
    const struct law_case *question;
    enum pd_status st =
        cli_rules_of_packs(cli, pd_args_get(args, "law-dir"), c->pack, &c->asked, err);
    if (st == PD_OK)
        st = find_home(args, c->pack, &c->asked.country, err);
    if (st == PD_OK)
        st = cli_question(cli, args, &c->asked, &question, err);
    if (st == PD_OK)
        st = law_find(c->asked.rules, question, cli->arena, &c->finding, err);
    return st == PD_OK ? law_ways_find(c->finding, cli->arena, &c->ways, err) : st;
}

/* ---- Cells: each line of one names the article that it rests on ---- */

/* "cn.pipl.25 (article 25)" with the mark of what stands from memory. */
static void word_article(struct pd_buf *out, const struct compared *c, pd_str id) {
    const struct law_policy *policy =
        law_policies_find(law_rules_policies(c->asked.rules), id, NULL);
    pd_str article = PD_STR(""), verified = PD_STR("");
    if (policy) {
        (void)law_policy_annotation(policy, "article", &article);
        (void)law_policy_annotation(policy, "v", &verified);
    }
    pd_buf_printf(out, "%.*s", pd_arg(id));
    if (article.len)
        pd_buf_printf(out, " (article%s %.*s)",
                      pd_str_find_char(article, ',') != PD_NPOS ? "s" : "", pd_arg(article));
    cli_word_memory(out, verified);
}

/* "cn.pipl.25, cn.pipl.13" */
static void word_articles(struct pd_buf *out, const struct compared *c, pd_str ids) {
    pd_str id;
    const char *between = "";
    while (pd_str_split(&ids, ',', &id)) {
        pd_buf_text(out, between);
        word_article(out, c, pd_str_trim(id));
        between = ", ";
    }
}

static void put_outcome(struct pd_buf *out, const struct compared *c) {
    static const char *const outcomes[] = {
        [LAW_PERMIT] = "PERMIT", [LAW_DENY] = "DENY", [LAW_OPEN] = "OPEN"};
    pd_buf_printf(out, "%s. %.*s\n", outcomes[c->finding->outcome], pd_arg(c->finding->reason));
    for (size_t i = 0; i < c->finding->voice_count; i++) {
        if (c->finding->voices[i].role != LAW_ERRS)
            continue;
        pd_buf_printf(out, "%.*s\n", pd_arg(c->finding->voices[i].message));
    }
}

static void put_voices(struct pd_buf *out, const struct compared *c, enum law_voice_role role,
                       bool is_exempted) {
    for (size_t i = 0; i < c->finding->voice_count; i++) {
        const struct law_voice *v = &c->finding->voices[i];
        if (v->role != role || (v->exempted_by.len > 0) != is_exempted)
            continue;
        cli_word_voice(out, v);
        if (is_exempted) {
            pd_buf_text(out, ", exempted by ");
            word_article(out, c, v->exempted_by);
        }
        pd_buf_char(out, '\n');
    }
}

static void put_refusals(struct pd_buf *out, const struct compared *c) {
    put_voices(out, c, LAW_FORBIDS, false);
}
static void put_exempted(struct pd_buf *out, const struct compared *c) {
    put_voices(out, c, LAW_FORBIDS, true);
}
static void put_permits(struct pd_buf *out, const struct compared *c) {
    put_voices(out, c, LAW_PERMITS, false);
}

static void put_missing(struct pd_buf *out, const struct compared *c) {
    const struct law_finding *f = c->finding;
    for (size_t i = 0; i < f->missing_count; i++) {
        const struct law_fact_kind *kind = f->missing[i].fact;
        bool is_told = false;
        for (size_t j = 0; j < i && !is_told; j++)
            is_told = f->missing[j].fact == kind;
        if (is_told)
            continue;
        pd_buf_printf(out, "%.*s, of %.*s, for ", pd_arg(kind->name), pd_arg(kind->supplier));
        const char *between = "";
        for (size_t j = i; j < f->missing_count; j++)
            if (f->missing[j].fact == kind) {
                pd_buf_text(out, between);
                word_article(out, c, f->missing[j].policy_id);
                between = ", ";
            }
        pd_buf_char(out, '\n');
    }
}

static void put_obligations(struct pd_buf *out, const struct compared *c,
                            const struct law_obligation *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        cli_word_obligation(out, &list[i], c->asked.rules);
        pd_buf_text(out, list[i].discharged ? " (shown), for " : ", for ");
        word_articles(out, c, list[i].policy_id);
        pd_buf_char(out, '\n');
    }
}

static void put_duties(struct pd_buf *out, const struct compared *c) {
    put_obligations(out, c, c->finding->obligations, c->finding->obligation_count);
}
static void put_change(struct pd_buf *out, const struct compared *c) {
    put_obligations(out, c, c->ways.change.obligations, c->ways.change.count);
}
static void put_evidence(struct pd_buf *out, const struct compared *c) {
    put_obligations(out, c, c->ways.evidence.obligations, c->ways.evidence.count);
}
static void put_both(struct pd_buf *out, const struct compared *c) {
    if (!c->ways.change.exists && !c->ways.evidence.exists)
        put_obligations(out, c, c->ways.least.obligations, c->ways.least.count);
    for (size_t i = 0; i < c->ways.beyond_count; i++) {
        pd_buf_text(out, "None: no remedy of ");
        word_article(out, c, c->ways.beyond[i]);
        pd_buf_char(out, '\n');
    }
}

static const struct aspect {
    const char *label;
    void (*put)(struct pd_buf *out, const struct compared *c);
} aspects[] = {
    {"Outcome", put_outcome},      {"Refuse", put_refusals}, {"Exempted", put_exempted},
    {"Permit", put_permits},       {"Missing", put_missing}, {"Duties", put_duties},
    {"By change", put_change}, /* the ways of least loss */
    {"By evidence", put_evidence}, {"By both", put_both},
};
enum { ASPECTS = sizeof(aspects) / sizeof(aspects[0]) };

static enum pd_status make_cells(struct cli *cli, const struct compared *list, size_t count,
                                 pd_str **out, struct pd_error *err) {
    pd_str *cells = pd_arena_array(cli->arena, count * ASPECTS, sizeof(*cells));
    if (!cells)
        return pd_fail_memory(err);
    for (size_t a = 0; a < ASPECTS; a++)
        for (size_t i = 0; i < count; i++) {
            struct pd_buf cell;
            pd_buf_init(&cell, 1 << 20);
            aspects[a].put(&cell, &list[i]);
            pd_str *copy = &cells[a * count + i];
            *copy = cell.failed ? (pd_str){0} : pd_arena_str(cli->arena, pd_buf_view(&cell));
            pd_buf_clear(&cell);
            if (!copy->data)
                return pd_fail_memory(err);
        }
    *out = cells;
    return PD_OK;
}

/* ---- The answer ---- */

static enum pd_status tell_comparison(struct cli *cli, const struct compared *list, size_t count,
                                      struct pd_buf *out, struct pd_error *err) {
    const char *labels[ASPECTS];
    pd_str *cells = NULL;
    pd_str *titles = pd_arena_array(cli->arena, count, sizeof(*titles));
    if (!titles)
        return pd_fail_memory(err);
    for (size_t a = 0; a < ASPECTS; a++)
        labels[a] = aspects[a].label;
    for (size_t i = 0; i < count; i++)
        titles[i] = list[i].pack;
    enum pd_status st = make_cells(cli, list, count, &cells, err);
    return st == PD_OK ? cli_grid(out, cli->arena, titles, count, labels, cells, ASPECTS, err) : st;
}

/* A cell of Markdown: paragraphs by <br>, bars escaped. */
static void mark_cell(struct pd_buf *out, pd_str cell) {
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.data[i] == '\n')
            pd_buf_text(out, i + 1 < cell.len ? "<br>" : "");
        else if (cell.data[i] == '|')
            pd_buf_text(out, "\\|");
        else
            pd_buf_char(out, cell.data[i]);
    }
}

static enum pd_status mark_down(struct cli *cli, const struct compared *list, size_t count,
                                struct pd_buf *out, struct pd_error *err) {
    pd_str *cells = NULL;
    enum pd_status st = make_cells(cli, list, count, &cells, err);
    if (st != PD_OK)
        return st;
    pd_buf_text(out, "| |");
    for (size_t i = 0; i < count; i++)
        pd_buf_printf(out, " %.*s |", pd_arg(list[i].pack));
    pd_buf_text(out, "\n| --- |");
    for (size_t i = 0; i < count; i++)
        pd_buf_text(out, " --- |");
    pd_buf_char(out, '\n');
    for (size_t a = 0; a < ASPECTS; a++) {
        bool is_empty = true;
        for (size_t i = 0; i < count; i++)
            is_empty = is_empty && cells[a * count + i].len == 0;
        if (is_empty)
            continue;
        pd_buf_printf(out, "| %s |", aspects[a].label);
        for (size_t i = 0; i < count; i++) {
            pd_buf_char(out, ' ');
            mark_cell(out, cells[a * count + i]);
            pd_buf_text(out, cells[a * count + i].len ? " |" : "|");
        }
        pd_buf_char(out, '\n');
    }
    return PD_OK;
}

static void write_comparison(const struct pd_args *args, const struct compared *list, size_t count,
                             struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_text(&w, "verb", pd_args_get(args, "for"));
    pd_json_key(&w, "packs");
    pd_json_array(&w);
    for (size_t i = 0; i < count; i++) {
        pd_json_object(&w);
        pd_json_member_str(&w, "pack", list[i].pack);
        pd_json_member_str(&w, "country", list[i].asked.country);
        pd_json_key(&w, "finding");
        law_finding_write(list[i].finding, &w);
        cli_json_ways(&w, &list[i].ways);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

static enum pd_status answer(struct cli *cli, const struct pd_args *args,
                             const struct compared *list, size_t count, struct pd_buf *out,
                             struct pd_error *err) {
    if (pd_args_has(args, "json"))
        write_comparison(args, list, count, out);
    else if (pd_args_has(args, "markdown"))
        return mark_down(cli, list, count, out, err);
    else
        return tell_comparison(cli, list, count, out, err);
    return PD_OK;
}

int cli_law_compare(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    size_t count = pd_args_operands(args);
    struct compared *list = pd_arena_array(cli->arena, count, sizeof(*list));
    struct pd_buf out;
    pd_buf_init(&out, 0);
    enum pd_status st = list ? PD_OK : pd_fail_memory(&err);
    if (st == PD_OK && !pd_args_has(args, "for"))
        st = pd_fail(&err, PD_USAGE, "--for is missing: --for=VERB");
    if (st == PD_OK && pd_args_has(args, "json") && pd_args_has(args, "markdown"))
        st = pd_fail(&err, PD_USAGE, "--json or --markdown, not both");
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        list[i].pack = pd_str_from(pd_args_operand(args, i));
        st = ask(cli, args, &list[i], &err);
    }
    if (st == PD_OK)
        st = answer(cli, args, list, count, &out, &err);
    for (size_t i = 0; list && i < count; i++)
        cli_rules_close(&list[i].asked);
    if (st == PD_OK)
        return cli_print(&out);
    pd_buf_clear(&out);
    return cli_fail(&err);
}
