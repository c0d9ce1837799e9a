/* What law explain found, for machines. */
#include "cli/cli.h"

static const char *const roles[] = {[LAW_PERMITS] = "permits",
                                    [LAW_FORBIDS] = "forbids",
                                    [LAW_DUTY] = "duty",
                                    [LAW_EXEMPTS] = "exempts",
                                    [LAW_ERRS] = "errs"};

static void write_part(struct pd_json *w, const struct law_part *part) {
    static const char *const names[] = {[LAW_PART_HOLDS] = "holds",
                                        [LAW_PART_FAILS] = "fails",
                                        [LAW_PART_ERRS] = "errs",
                                        [LAW_PART_UNREACHED] = "unreached"};
    pd_json_object(w);
    pd_json_member_str(w, "text", part->text);
    pd_json_member_i64(w, "line", part->place.line);
    pd_json_member_i64(w, "column", part->place.column);
    pd_json_member_text(w, "state", names[part->state]);
    pd_json_object_end(w);
}

static void write_clause(struct pd_json *w, const struct law_clause_account *c) {
    pd_json_object(w);
    pd_json_member_text(w, "kind", c->clause->is_unless ? "unless" : "when");
    pd_json_key(w, "body");
    write_part(w, &c->body);
    pd_json_key(w, "decisive");
    write_part(w, &c->decisive);
    pd_json_key(w, "conjuncts");
    pd_json_array(w);
    for (size_t i = 0; i < c->conjunct_count; i++)
        write_part(w, &c->conjuncts[i]);
    pd_json_array_end(w);
    pd_json_member_bool(w, "keeps_silent", c->keeps_silent);
    pd_json_object_end(w);
}

void cli_json_fact_asked(struct pd_json *w, const struct law_fact_account *f) {
    pd_json_object(w);
    pd_json_member_str(w, "fact", f->kind->name);
    pd_json_member_str(w, "title", f->kind->title);
    pd_json_member_str(w, "supplier", f->kind->supplier);
    pd_json_key(w, "accepts");
    pd_json_array(w);
    for (unsigned c = 0; c < LAW_CLASS_COUNT; c++)
        if (f->kind->accepts >> c & 1)
            pd_json_text(w, law_class_name((enum law_class)c));
    pd_json_array_end(w);
    pd_json_member_bool(w, "needs_vouching", f->needs_vouching);
    if (f->used) {
        struct pd_buf value;
        pd_buf_init(&value, 1 << 16);
        cli_word_value(&value, &f->used->fact->value);
        pd_json_member_str(w, "value", pd_buf_view(&value));
        pd_buf_clear(&value);
        pd_json_member_text(w, "class", law_class_name(f->used->fact->class_));
        pd_json_member_str(w, "by", f->used->fact->by);
        if (f->used->ignored.len)
            pd_json_member_str(w, "ignored", f->used->ignored);
    }
    pd_json_object_end(w);
}

static void write_account(struct pd_json *w, const struct law_account *a) {
    pd_json_object(w);
    pd_json_member_str(w, "policy", a->voice.id);
    pd_json_member_text(w, "role", roles[a->voice.role]);
    pd_json_member_str(w, "law", a->voice.law);
    pd_json_member_str(w, "article", a->voice.article);
    pd_json_member_str(w, "title", a->voice.title);
    pd_json_member_str(w, "verified", a->voice.verified);
    pd_json_member_bool(w, "speaks", a->speaks);
    pd_json_member_str(w, "file", a->policy->name);
    pd_json_member_i64(w, "line", a->policy->place.line);
    if (a->voice.exempted_by.len)
        pd_json_member_str(w, "exempted_by", a->voice.exempted_by);
    pd_json_key(w, "clauses");
    pd_json_array(w);
    for (size_t i = 0; i < a->clause_count; i++)
        write_clause(w, &a->clauses[i]);
    pd_json_array_end(w);
    pd_json_key(w, "facts");
    pd_json_array(w);
    for (size_t i = 0; i < a->fact_count; i++)
        cli_json_fact_asked(w, &a->facts[i]);
    pd_json_array_end(w);
    pd_json_key(w, "tipping");
    pd_json_array(w);
    for (size_t i = 0; i < a->tipping_count; i++)
        pd_json_str(w, a->tipping[i]->name);
    pd_json_array_end(w);
    pd_json_object_end(w);
}

static void write_way(struct pd_json *w, const char *name, const struct law_way *way) {
    pd_json_key(w, name);
    if (!way->exists) {
        pd_json_null(w);
        return;
    }
    pd_json_object(w);
    pd_json_member_i64(w, "loss", way->loss);
    pd_json_key(w, "obligations");
    pd_json_array(w);
    for (size_t i = 0; i < way->count; i++)
        law_obligation_write(&way->obligations[i], w);
    pd_json_array_end(w);
    pd_json_object_end(w);
}

void cli_json_ways(struct pd_json *w, const struct law_ways *ways) {
    pd_json_key(w, "ways");
    pd_json_object(w);
    write_way(w, "change", &ways->change);
    write_way(w, "evidence", &ways->evidence);
    write_way(w, "least", &ways->least);
    pd_json_key(w, "beyond");
    pd_json_array(w);
    for (size_t i = 0; i < ways->beyond_count; i++)
        pd_json_str(w, ways->beyond[i]);
    pd_json_array_end(w);
    pd_json_object_end(w);
}

void cli_json_explanation(const struct law_explanation *e, bool is_all, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "finding");
    law_finding_write(e->finding, &w);
    pd_json_key(&w, "policies");
    pd_json_array(&w);
    for (size_t i = 0; i < (is_all ? e->count : e->spoke); i++)
        write_account(&w, &e->accounts[i]);
    pd_json_array_end(&w);
    cli_json_ways(&w, &e->ways);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}
