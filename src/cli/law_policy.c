/* polder law explain POLICY: one policy, what it says, asks for, and is set aside by. */
#include "cli/cli.h"

struct shown {
    const struct law_rules *rules;
    const struct law_policy *policy;
    const struct law_fact_account *facts;
    size_t fact_count;
    const size_t *exempts, *exempted_by;
    size_t exempt_count, exempted_by_count;
    const struct law_alternative *duties, *remedies;
    size_t duty_count, remedy_count;
};

/* The rules that a policy stands in: those of --law and so on, else the pack that its id begins
   with. */
static enum pd_status open_rules(struct cli *cli, const struct pd_args *args, pd_str id,
                                 struct cli_rules *out, struct pd_error *err) {
    pd_str pack = pd_str_sub(id, 0, pd_str_find_char(id, '.'));
    bool is_told = pd_args_has(args, "law") || pd_args_has(args, "data");
    if (is_told || pd_str_is(pack, "node") || pack.len == 0)
        return cli_rules_open(cli, args, "law explain", out, err);
    return cli_rules_of_packs(cli, pd_args_get(args, "law-dir"), pack, out, err);
}

static enum pd_status look_up(struct cli *cli, pd_str id, struct shown *s, struct pd_error *err) {
    pd_str text;
    enum pd_status st = law_rules_find_policy(s->rules, id, cli->arena, &s->policy, err);
    if (st == PD_OK)
        st = law_policy_facts(s->rules, s->policy, cli->arena, &s->facts, &s->fact_count, err);
    if (st == PD_OK && law_policy_annotation(s->policy, "obligation", &text))
        st = law_obligations_parse(text, false, cli->arena, &s->duties, &s->duty_count, err);
    if (st == PD_OK && law_policy_annotation(s->policy, "remedy", &text))
        st = law_obligations_parse(text, true, cli->arena, &s->remedies, &s->remedy_count, err);
    if (st != PD_OK)
        return st;
    s->exempts = law_policy_exemptions(s->rules, s->policy, false, &s->exempt_count);
    s->exempted_by = law_policy_exemptions(s->rules, s->policy, true, &s->exempted_by_count);
    return PD_OK;
}

/* ---- For people ---- */

static void tell_annotations(const struct cli_report *r, const struct law_policy *policy) {
    for (size_t i = 0; i < policy->annotation_count; i++) {
        const struct law_annotation *a = &policy->annotations[i];
        cli_say(r->out, 4, 6, "@%.*s: %.*s", pd_arg(a->key), pd_arg(a->value));
        if (pd_str_is(a->key, "v") && cli_is_from_memory(a->value))
            cli_say(r->out, 6, 6, "(check the text of the law)");
    }
}

static void tell_obligations(const struct cli_report *r, const char *title,
                             const struct law_alternative *list, size_t count) {
    if (count)
        cli_say(r->out, 2, 4, "%s", title);
    for (size_t i = 0; i < count; i++) {
        struct pd_buf line;
        pd_buf_init(&line, 1 << 20);
        pd_buf_text(&line, i ? "or " : "");
        for (size_t j = 0; j < list[i].count; j++) {
            pd_buf_text(&line, j ? ", and " : "");
            cli_word_obligation(&line, &list[i].obligations[j], r->rules);
        }
        cli_paragraph_end(r, &line, 4, 6);
    }
}

static void tell_exemptions(const struct cli_report *r, const char *title, const size_t *list,
                            size_t count) {
    if (count)
        cli_say(r->out, 2, 4, "%s", title);
    for (size_t i = 0; i < count; i++) {
        const struct law_policy *other = law_policies_get(law_rules_policies(r->rules), list[i]);
        pd_str words = PD_STR("");
        (void)law_policy_annotation(other, "title", &words);
        cli_say(r->out, 4, 6, "%.*s: %.*s", pd_arg(other->id), pd_arg(words));
    }
}

static void tell_facts(const struct cli_report *r, const struct shown *s) {
    if (s->fact_count)
        cli_say(r->out, 2, 4, "Facts that it asks for");
    for (size_t i = 0; i < s->fact_count; i++) {
        const struct law_fact_account *f = &s->facts[i];
        cli_say(r->out, 4, 6, "%.*s: %.*s. Who can say: %.*s%s", pd_arg(f->kind->name),
                pd_arg(f->kind->title), pd_arg(f->kind->supplier),
                f->needs_vouching ? "; it must be attested or derived" : "");
    }
}

static void tell_policy(const struct cli_report *r, const struct shown *s) {
    const struct law_policy *p = s->policy;
    cli_say(r->out, 0, 2, "%.*s  [%.*s:%u]", pd_arg(p->id), pd_arg(p->name), p->place.line);
    cli_say(r->out, 2, 4, "Annotations");
    tell_annotations(r, p);
    cli_say(r->out, 2, 4, "Conditions");
    /* As written, line by line, from the effect on; what could steer a terminal is made safe. */
    size_t start = p->annotation_count
                       ? p->annotations[p->annotation_count - 1].place.offset - p->place.offset
                       : 0;
    pd_str rest = pd_str_sub(p->text, start, p->text.len), line;
    bool is_begun = p->annotation_count == 0;
    while (pd_str_split(&rest, '\n', &line)) {
        if (!is_begun && !pd_str_starts(line, PD_STR("@"))) {
            is_begun = true;
        } else if (!is_begun) {
            continue;
        }
        pd_buf_text(r->out, "    ");
        cli_text(r->out, line);
        pd_buf_char(r->out, '\n');
    }
    tell_obligations(r, "Duties", s->duties, s->duty_count);
    tell_obligations(r, "Remedies", s->remedies, s->remedy_count);
    tell_exemptions(r, "Takes out of a finding", s->exempts, s->exempt_count);
    tell_exemptions(r, "Is taken out of a finding by", s->exempted_by, s->exempted_by_count);
    tell_facts(r, s);
}

/* ---- For machines ---- */

static void write_obligations(struct pd_json *w, const char *key,
                              const struct law_alternative *list, size_t count) {
    pd_json_key(w, key);
    pd_json_array(w);
    for (size_t i = 0; i < count; i++) {
        pd_json_array(w);
        for (size_t j = 0; j < list[i].count; j++)
            law_obligation_write(&list[i].obligations[j], w);
        pd_json_array_end(w);
    }
    pd_json_array_end(w);
}

static void write_ids(struct pd_json *w, const char *key, const struct shown *s, const size_t *list,
                      size_t count) {
    pd_json_key(w, key);
    pd_json_array(w);
    for (size_t i = 0; i < count; i++)
        pd_json_str(w, law_policies_get(law_rules_policies(s->rules), list[i])->id);
    pd_json_array_end(w);
}

static void write_policy(const struct shown *s, struct pd_buf *out) {
    const struct law_policy *p = s->policy;
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_str(&w, "policy", p->id);
    pd_json_member_str(&w, "file", p->name);
    pd_json_member_i64(&w, "line", p->place.line);
    pd_json_member_str(&w, "text", p->text);
    pd_json_key(&w, "annotations");
    pd_json_object(&w);
    for (size_t i = 0; i < p->annotation_count; i++) {
        pd_json_key_str(&w, p->annotations[i].key);
        pd_json_str(&w, p->annotations[i].value);
    }
    pd_json_object_end(&w);
    write_obligations(&w, "duties", s->duties, s->duty_count);
    write_obligations(&w, "remedies", s->remedies, s->remedy_count);
    write_ids(&w, "exempts", s, s->exempts, s->exempt_count);
    write_ids(&w, "exempted_by", s, s->exempted_by, s->exempted_by_count);
    pd_json_key(&w, "facts");
    pd_json_array(&w);
    for (size_t i = 0; i < s->fact_count; i++)
        cli_json_fact_asked(&w, &s->facts[i]);
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_explain_policy(struct cli *cli, const struct pd_args *args) {
    struct pd_error err = {0};
    struct cli_rules asked = {0};
    struct shown s = {0};
    struct pd_buf out;
    pd_buf_init(&out, 0);
    pd_str id = pd_str_from(pd_args_operand(args, 0));
    enum pd_status st = PD_OK;
    if (pd_args_has(args, "for"))
        st = pd_fail(&err, PD_USAGE, "an act (--for) or a policy, not both");
    if (st == PD_OK)
        st = open_rules(cli, args, id, &asked, &err);
    s.rules = asked.rules;
    if (st == PD_OK)
        st = look_up(cli, id, &s, &err);
    if (st == PD_OK && pd_args_has(args, "json")) {
        write_policy(&s, &out);
    } else if (st == PD_OK) {
        struct cli_report r = {&out, cli->arena, asked.rules, NULL};
        tell_policy(&r, &s);
    }
    cli_rules_close(&asked);
    if (st != PD_OK) {
        pd_buf_clear(&out);
        return cli_fail(&err);
    }
    return cli_print(&out);
}
