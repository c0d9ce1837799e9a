/* What came of a case: the place, the clocks, the receipt, and what to do next. */
#include "cli/cli.h"

#include <stdarg.h>

/* ---- Clocks ---- */

void cli_report_clock(const struct cli_report *r, const struct govern_clock *clock) {
    const struct law_alternative *parsed = NULL;
    size_t count = 0;
    struct pd_error why = {0};
    struct pd_buf line;
    char date[PD_TIME_TEXT_SIZE];
    pd_buf_init(&line, 1 << 16);
    if (law_obligations_parse(clock->obligation, false, r->arena, &parsed, &count, &why) == PD_OK)
        cli_word_obligation(&line, &parsed[0].obligations[0], r->rules);
    else
        pd_buf_str(&line, clock->obligation);
    pd_buf_printf(&line, " (%.*s): ", pd_arg(clock->policy_id));
    if (clock->has_due) {
        pd_time_write(clock->due, PD_TIME_MINUTES, date);
        pd_buf_printf(&line, "%s %s", clock->is_keep ? "until" : "due", date);
    } else if (clock->why.len) {
        pd_buf_printf(&line, "no date: %.*s", pd_arg(clock->why));
    } else {
        pd_buf_text(&line, "no fixed date");
    }
    if (clock->state == GOVERN_CLOCK_OVERDUE)
        pd_buf_text(&line, ", overdue");
    if (clock->is_met) {
        pd_time_write(clock->met_at, PD_TIME_MINUTES, date);
        pd_buf_printf(&line, ", met %s", date);
    }
    cli_paragraph(r->out, 4, 6, pd_buf_view(&line));
    pd_buf_clear(&line);
}

static void tell_clocks(const struct cli_report *r, const struct govern_outcome *o) {
    if (o->clock_count)
        pd_buf_text(r->out, "  Duties that follow\n");
    for (size_t i = 0; i < o->clock_count; i++)
        cli_report_clock(r, &o->clocks[i]);
}

/* ---- The place in the log ---- */

void cli_report_placed(const struct cli_report *r, const struct govern_outcome *o) {
    char act[PD_ID_TEXT_SIZE], intent[PD_ID_TEXT_SIZE];
    pd_id_write(o->act_id, act);
    pd_id_write(o->intent_id, intent);
    if (pd_id_eq(o->intent_id, (pd_id){{0}}))
        cli_say(r->out, 2, 4, "Act %s", act);
    else
        cli_say(r->out, 2, 4, "Act %s, of the intent %s", act, intent);
    if (o->placed.size)
        cli_say(r->out, 2, 4, "Leaf %llu of the %.*s log, whose size is %llu now",
                (unsigned long long)o->placed.index, pd_arg(o->placed.name),
                (unsigned long long)o->placed.size);
    if (o->pending.len)
        cli_say(r->out, 2, 4, "The act stands; its proof is pending: %.*s", pd_arg(o->pending));
    else if (!o->placed.size)
        cli_say(r->out, 2, 4, "The act stands; its proof is pending: no checkpoint has it yet");
    pd_buf_text(r->out, "  Receipt\n");
    pd_str rest = o->receipt, line;
    while (rest.len && pd_str_split(&rest, '\n', &line)) {
        if (line.len) {
            pd_buf_text(r->out, "    ");
            cli_text(r->out, line); /* as it is: a wrapped signature could not be copied */
        }
        pd_buf_char(r->out, '\n');
    }
}

/* ---- What to do next ---- */

/* Commands stand alone on their lines, unwrapped, so that they can be copied. */
PD_PRINTF(2, 3)
static void command(const struct cli_report *r, const char *format, ...) {
    char text[4096];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof(text))
        return;
    pd_buf_text(r->out, "    ");
    cli_text(r->out, pd_str_from(text));
    pd_buf_char(r->out, '\n');
}

static pd_str folder(const struct cli_report *r) {
    return cli_quote(r->arena, pd_str_from(r->folder));
}

/* Who may attest a fact here, as a party's name for the command line. */
static pd_str attester(const struct law_fact_kind *kind, const struct govern_request *q) {
    for (size_t i = 0; i < kind->attester_count; i++)
        if (pd_str_is(kind->attesters[i], "steward") || pd_str_is(kind->attesters[i], "holder"))
            return q->party;
    for (size_t i = 0; i < kind->attester_count; i++)
        if (pd_str_is(kind->attesters[i], "recipient") && q->recipient.len)
            return q->recipient;
    return PD_STR("AUTHORITY");
}

static void suggest_fact(const struct cli_report *r, const struct govern_case *c,
                         const struct law_fact_kind *kind, pd_str value, const char *intent) {
    if (!(kind->accepts & (1u << LAW_ATTESTED)) || kind->attester_count == 0) {
        cli_say(r->out, 4, 6, "(%.*s cannot be attested; it comes from: %.*s)", pd_arg(kind->name),
                pd_arg(kind->supplier));
        return;
    }
    pd_str party = attester(kind, c->request);
    pd_str key = pd_arena_printf(r->arena, "%s/keys/%.*s.key", r->folder, pd_arg(party));
    command(r,
            "polder fact attest --data %.*s %s %.*s %.*s --party %.*s --key %.*s --evidence TEXT",
            pd_arg(folder(r)), intent, pd_arg(kind->name),
            pd_arg(value.len ? cli_quote(r->arena, value) : PD_STR("VALUE")),
            pd_arg(cli_quote(r->arena, party)), pd_arg(cli_quote(r->arena, key)));
}

static void suggest_evidence(const struct cli_report *r, const struct govern_case *c,
                             const char *intent) {
    const struct law_finding *f = c->finding;
    for (size_t i = 0; i < f->missing_count; i++) {
        bool is_told = false;
        for (size_t j = 0; j < i; j++)
            is_told = is_told || f->missing[j].fact == f->missing[i].fact;
        if (!is_told)
            suggest_fact(r, c, f->missing[i].fact, PD_STR(""), intent);
    }
    for (size_t i = 0; i < f->obligation_count; i++) {
        const struct law_obligation *o = &f->obligations[i];
        const struct law_fact_kind *kind = r->rules && o->class_ == LAW_EVIDENCED && !o->discharged
                                               ? law_rules_fact(r->rules, o->fact)
                                               : NULL;
        if (kind)
            suggest_fact(r, c, kind, o->fact_value.len ? o->fact_value : PD_STR("true"), intent);
    }
}

static void suggest_prove(const struct cli_report *r, const struct govern_outcome *o) {
    char act[PD_ID_TEXT_SIZE];
    pd_id_write(o->act_id, act);
    cli_say(r->out, 2, 4, "Next: prove it to anyone, who then needs no access to this node");
    command(r, "polder ledger prove --data %.*s %s --output %s.tlog-proof", pd_arg(folder(r)), act,
            act);
}

static void suggest_resume(const struct cli_report *r, const struct govern_case *c,
                           const struct govern_outcome *o, pd_str path) {
    char intent[PD_ID_TEXT_SIZE];
    pd_id_write(o->intent_id, intent);
    if (!c->has_plan) {
        cli_say(r->out, 2, 4, "Next: have attested what is so (seldom is every line needed)");
        suggest_evidence(r, c, intent);
    }
    cli_say(r->out, 2, 4, !c->has_plan ? "and then go on with the intent"
                          : c->second  ? "Next: another steward signs the plan"
                                       : "Next: sign the plan");
    command(r, "polder act resume --data %.*s %s%s%s%s", pd_arg(folder(r)), intent,
            path.len ? "" : " FILE", c->second ? " --member NAME" : "",
            govern_needs_signature(c) ? " --yes" : "");
}

/* ---- The result ---- */

static void tell_done(const struct cli_report *r, const struct govern_case *c,
                      const struct govern_outcome *o) {
    if (pd_str_is(c->request->verb, "open"))
        cli_say(r->out, 2, 4, "Done: the data is open.");
    else if (pd_str_is(c->request->verb, "share"))
        cli_say(r->out, 2, 4, "Done: shared with %.*s; the data rests sealed in the vault.",
                pd_arg(c->request->recipient));
    else
        cli_say(r->out, 2, 4, "Done: the data rests sealed in the vault.");
    if (o->released_as.len) {
        pd_buf_text(r->out, "  File ");
        cli_text(r->out, pd_str_from(r->folder));
        pd_buf_char(r->out, '/');
        cli_text(r->out, o->released_as);
        pd_buf_char(r->out, '\n');
    }
}

void cli_report_outcome(const struct cli_report *r, const struct govern_case *c,
                        const struct govern_outcome *o, pd_str path) {
    pd_buf_text(r->out, "\n4. The result\n");
    if (o->repeated)
        cli_say(r->out, 2, 4,
                "This idempotency key was used before. Nothing happened now; this is what happened "
                "then.");
    switch (o->result) {
    case GOVERN_DONE:
        tell_done(r, c, o);
        break;
    case GOVERN_DENIED:
        cli_say(r->out, 2, 4, "Denied. Nothing was disclosed; the refusal is recorded. %.*s",
                pd_arg(c->finding->reason));
        break;
    case GOVERN_LEFT_OPEN:
        cli_say(r->out, 2, 4, "Open. Nothing was disclosed; the intent waits. %s",
                !c->has_plan  ? ""
                : c->second ? "The plan needs the signature of another steward."
                            : "The plan needs the signature of a steward.");
        break;
    }
    tell_clocks(r, o);
    if (o->receipt.len) /* an intent that stays open is no act */
        cli_report_placed(r, o);
    if (o->result == GOVERN_LEFT_OPEN)
        suggest_resume(r, c, o, path);
    else
        suggest_prove(r, o);
}
