/* What the law says: the outcome, each article that spoke, facts, obligations, what is open. */
#include "cli/cli.h"

static struct pd_buf line_new(void) {
    struct pd_buf line;
    pd_buf_init(&line, 1 << 20);
    return line;
}

void cli_paragraph_end(const struct cli_report *r, struct pd_buf *line, size_t indent,
                       size_t hang) {
    r->out->failed = r->out->failed || line->failed;
    cli_paragraph(r->out, indent, hang, pd_buf_view(line));
    pd_buf_clear(line);
}

/* ---- Articles ---- */

static void tell_remedies(const struct cli_report *r, const struct law_voice *v) {
    if (v->remedy_count == 0) {
        pd_buf_text(r->out, "        No change to the data or further evidence remedies it.\n");
        return;
    }
    struct pd_buf line = line_new();
    pd_buf_text(&line, "Remedy: ");
    for (size_t i = 0; i < v->remedy_count; i++) {
        const struct law_alternative *a = &v->remedies[i];
        pd_buf_text(&line, i ? "; or " : "");
        for (size_t j = 0; j < a->count; j++) {
            pd_buf_text(&line, j ? ", and " : "");
            cli_word_obligation(&line, &a->obligations[j], r->rules);
        }
    }
    pd_buf_char(&line, '.');
    cli_paragraph_end(r, &line, 8, 10);
}

static void tell_voice(const struct cli_report *r, const struct law_voice *v) {
    struct pd_buf line = line_new();
    cli_word_voice(&line, v);
    cli_paragraph_end(r, &line, 6, 8);
    if (v->title.len)
        cli_paragraph(r->out, 8, 8, v->title);
    if (v->title_zh.len)
        cli_paragraph(r->out, 8, 8, v->title_zh);
    if (v->role == LAW_ERRS)
        cli_paragraph(r->out, 8, 8, v->message);
    if (v->role == LAW_FORBIDS && v->exempted_by.len)
        cli_say(r->out, 8, 10, "Does not count here: exempted by %.*s.", pd_arg(v->exempted_by));
    else if (v->role == LAW_FORBIDS)
        tell_remedies(r, v);
}

static const struct part {
    enum law_voice_role role;
    bool is_exempted;
    const char *title;
} parts[] = {
    {LAW_FORBIDS, false, "Refuses"},
    {LAW_FORBIDS, true, "Would refuse, but another article exempts"},
    {LAW_EXEMPTS, false, "Exempts"},
    {LAW_PERMITS, false, "Permits"},
    {LAW_DUTY, false, "Obliges"},
    {LAW_ERRS, false, "Could not be evaluated, which counts as a refusal"},
};

static void tell_voices(const struct cli_report *r, const struct law_finding *f) {
    for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
        bool is_begun = false;
        for (size_t i = 0; i < f->voice_count; i++) {
            const struct law_voice *v = &f->voices[i];
            if (v->role != parts[p].role || (v->exempted_by.len > 0) != parts[p].is_exempted)
                continue;
            if (!is_begun)
                pd_buf_printf(r->out, "    %s\n", parts[p].title);
            is_begun = true;
            tell_voice(r, v);
        }
    }
}

/* ---- Facts ---- */

static void tell_fact(const struct cli_report *r, const struct law_used_fact *u) {
    struct pd_buf line = line_new();
    const struct law_fact_kind *kind = r->rules ? law_rules_fact(r->rules, u->fact->name) : NULL;
    pd_buf_printf(&line, "%.*s = ", pd_arg(u->fact->name));
    cli_word_value(&line, &u->fact->value);
    if (u->fact->by.len)
        pd_buf_printf(&line, ", %s by %.*s", law_class_name(u->fact->class_), pd_arg(u->fact->by));
    if (u->ignored.len)
        pd_buf_printf(&line, ": %.*s", pd_arg(u->ignored));
    else if (kind)
        pd_buf_printf(&line, ": %.*s", pd_arg(kind->title));
    cli_paragraph_end(r, &line, 6, 8);
}

/* What the answer turns on beyond measurement: somebody's word, of which there are two weights. */
static const struct weight {
    enum law_class class_;
    const char *title;
} weights[] = {
    {LAW_DECLARED, "Turns on facts that were only declared: whoever asks answers for them"},
    {LAW_ATTESTED, "Turns on facts that were attested"},
};

static void tell_facts(const struct cli_report *r, const struct law_finding *f) {
    bool is_begun;
    for (size_t w = 0; w < sizeof(weights) / sizeof(weights[0]); w++) {
        is_begun = false;
        for (size_t i = 0; i < f->fact_count; i++) {
            const struct law_used_fact *u = &f->facts[i];
            if (!u->decisive || u->ignored.len || u->fact->class_ != weights[w].class_)
                continue;
            if (!is_begun)
                cli_say(r->out, 4, 6, "%s", weights[w].title);
            is_begun = true;
            tell_fact(r, u);
        }
    }
    is_begun = false;
    for (size_t i = 0; i < f->fact_count; i++) {
        if (!f->facts[i].ignored.len)
            continue;
        if (!is_begun)
            pd_buf_text(r->out, "    Facts that do not count\n");
        is_begun = true;
        tell_fact(r, &f->facts[i]);
    }
}

/* ---- Obligations and what is open ---- */

static void tell_obligation(const struct cli_report *r, const struct law_obligation *o) {
    static const char *const when[] = {[LAW_BEFORE] = "before",
                                       [LAW_EVIDENCED] = "to be shown",
                                       [LAW_AFTER] = "afterwards",
                                       [LAW_UNKNOWN] = "unknown to this program"};
    struct pd_buf line = line_new();
    pd_buf_printf(&line, "%s: ", when[o->class_]);
    cli_word_obligation(&line, o, r->rules);
    pd_buf_printf(&line, " (%.*s)", pd_arg(o->policy_id));
    if (o->class_ == LAW_EVIDENCED) {
        const struct law_fact_kind *kind = r->rules ? law_rules_fact(r->rules, o->fact) : NULL;
        pd_buf_text(&line, o->discharged ? ": shown" : ": not shown yet");
        if (!o->discharged && kind && kind->supplier.len)
            pd_buf_printf(&line, "; who can: %.*s", pd_arg(kind->supplier));
    }
    cli_paragraph_end(r, &line, 6, 8);
}

/* One fact may be missing to several articles: it is told once. */
static void tell_missing(const struct cli_report *r, const struct law_finding *f) {
    if (f->missing_count)
        pd_buf_text(r->out, "    Open: facts that could change the answer\n");
    for (size_t i = 0; i < f->missing_count; i++) {
        const struct law_fact_kind *kind = f->missing[i].fact;
        bool is_told = false;
        for (size_t j = 0; j < i; j++)
            is_told = is_told || f->missing[j].fact == kind;
        if (is_told)
            continue;
        struct pd_buf line = line_new();
        pd_buf_printf(&line, "%.*s: %.*s", pd_arg(kind->name), pd_arg(kind->title));
        if (kind->title_zh.len)
            pd_buf_printf(&line, " (%.*s)", pd_arg(kind->title_zh));
        if (kind->supplier.len)
            pd_buf_printf(&line, ". Who can say: %.*s", pd_arg(kind->supplier));
        pd_buf_text(&line, ". For:");
        for (size_t j = i; j < f->missing_count; j++)
            if (f->missing[j].fact == kind)
                pd_buf_printf(&line, " %.*s", pd_arg(f->missing[j].policy_id));
        cli_paragraph_end(r, &line, 6, 8);
    }
}

void cli_report_finding(const struct cli_report *r, const struct law_finding *f) {
    static const char *const outcomes[] = {
        [LAW_PERMIT] = "PERMIT", [LAW_DENY] = "DENY", [LAW_OPEN] = "OPEN"};
    cli_say(r->out, 2, 4, "%s. %.*s", outcomes[f->outcome], pd_arg(f->reason));
    tell_voices(r, f);
    tell_facts(r, f);
    if (f->obligation_count)
        pd_buf_text(r->out, "    Obligations\n");
    for (size_t i = 0; i < f->obligation_count; i++)
        tell_obligation(r, &f->obligations[i]);
    tell_missing(r, f);
}
