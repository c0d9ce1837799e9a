/*
 * The report for machines, of a stable shape. A member is never left out: what isn't there is null,
 * an empty list or an empty text.
 */
#include "cli/cli.h"

static void member_u64(struct pd_json *w, const char *key, uint64_t value) {
    pd_json_key(w, key);
    pd_json_u64(w, value);
}

static void member_id(struct pd_json *w, const char *key, pd_id id) {
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    pd_json_member_text(w, key, text);
}

/* ---- A reading ---- */

static void write_dialect(struct pd_json *w, const struct table_dialect *d) {
    char separator[2] = {d->separator == TABLE_NONE ? '\0' : d->separator, '\0'};
    char quote[2] = {d->quote == TABLE_NONE ? '\0' : d->quote, '\0'};
    pd_json_key(w, "dialect");
    pd_json_object(w);
    pd_json_member_text(w, "form", table_form_name(d->form));
    pd_json_member_text(w, "encoding", table_encoding_name(d->encoding));
    pd_json_member_text(w, "separator", separator);
    pd_json_member_text(w, "quote", quote);
    pd_json_member_bool(w, "byte_order_mark", d->has_bom);
    pd_json_member_bool(w, "header", d->header != TABLE_HEADER_NONE);
    member_u64(w, "first_line", d->first_line);
    member_u64(w, "header_records", d->header_records > 1 ? d->header_records : 1);
    pd_json_member_text(w, "records", d->records);
    pd_json_member_text(w, "evidence", d->evidence);
    pd_json_member_text(w, "encoding_evidence", d->encoding_evidence);
    pd_json_member_text(w, "header_evidence", d->header_evidence);
    pd_json_object_end(w);
}

static void write_set_aside(struct pd_json *w, const struct govern_reading *g) {
    pd_json_key(w, "set_aside");
    pd_json_object(w);
    member_u64(w, "rows", g->counts.set_aside);
    pd_json_key(w, "first");
    pd_json_array(w);
    for (size_t i = 0; i < g->set_aside_shown; i++) {
        pd_json_object(w);
        pd_json_member_text(w, "why",
                            g->set_aside[i].why == TABLE_NOTE ? "note below the table"
                                                              : "number of fields");
        member_u64(w, "line", g->set_aside[i].line);
        member_u64(w, "fields", g->set_aside[i].fields);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
}

static void write_risk(struct pd_json *w, const char *key, const struct govern_reading *g) {
    pd_json_key(w, key);
    govern_risk_write(g, w);
}

/* What was read; sketches that were merged are no such thing. */
static void write_bytes(struct pd_json *w, const struct govern_reading *g) {
    if (g->merged) {
        static const char *const absent[] = {"bytes", "sha256", "dialect"};
        for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
            pd_json_key(w, absent[i]);
            pd_json_null(w);
        }
    } else {
        member_u64(w, "bytes", g->counts.bytes);
        pd_json_key(w, "sha256");
        pd_json_hex(w, g->content.bytes, sizeof(g->content.bytes));
        write_dialect(w, &g->dialect);
    }
    member_u64(w, "merged", g->merged);
}

void cli_json_reading(struct pd_json *w, const struct govern_reading *g, bool with_values) {
    pd_json_object(w);
    write_bytes(w, g);
    member_u64(w, "blank_lines", g->counts.blank_lines);
    member_u64(w, "titles", g->counts.titles);
    member_u64(w, "notes", g->counts.notes);
    member_u64(w, "trimmed", g->counts.trimmed);
    write_set_aside(w, g);
    pd_json_key(w, "names");
    pd_json_array(w);
    for (size_t i = 0; i < g->inspection->column_count; i++)
        pd_json_str(w, g->names[i]);
    pd_json_array_end(w);
    pd_json_key(w, "inspection");
    inspection_write_json(g->inspection, with_values, w);
    write_risk(w, "risk", g);
    if (g->relations) {
        pd_json_key(w, "deep");
        inspect_relations_write_json(g->relations, g->names, w);
    }
    pd_json_object_end(w);
}

/* ---- A case ---- */

static const char *const results[] = {
    [GOVERN_DONE] = "done", [GOVERN_DENIED] = "denied", [GOVERN_LEFT_OPEN] = "open"};

static void write_request(struct pd_json *w, const struct govern_request *q) {
    pd_json_key(w, "request");
    pd_json_object(w);
    pd_json_member_str(w, "verb", q->verb);
    pd_json_member_str(w, "party", q->party);
    pd_json_member_str(w, "member", q->member);
    pd_json_member_str(w, "recipient", q->recipient);
    pd_json_member_str(w, "title", q->title);
    pd_json_member_str(w, "language", q->language);
    pd_json_member_str(w, "purpose", q->purpose);
    pd_json_member_str(w, "basis", q->basis);
    pd_json_object_end(w);
}

static void write_changes(struct pd_json *w, const struct govern_case *c) {
    pd_json_key(w, "changes");
    pd_json_array(w);
    for (size_t i = 0; i < c->change_count; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "column", c->changes[i].column);
        pd_json_member_str(w, "what", c->changes[i].what);
        pd_json_key(w, "because");
        pd_json_array(w);
        pd_str rest = c->changes[i].because, policy;
        while (rest.len && pd_str_split(&rest, ',', &policy))
            pd_json_str(w, pd_str_trim(policy));
        pd_json_array_end(w);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_key(w, "attests");
    pd_json_array(w);
    for (size_t i = 0; i < c->attest_count; i++) {
        pd_json_object(w);
        pd_json_member_str(w, "fact", c->attests[i]);
        pd_json_member_bool(w, "value", false); /* signing attests that these are not so */
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
}

static void write_finding(struct pd_json *w, const char *key, const struct law_finding *f) {
    pd_json_key(w, key);
    if (f)
        law_finding_write(f, w);
    else
        pd_json_null(w);
}

enum pd_status cli_json_case(struct pd_json *w, const struct govern_case *c, struct pd_error *err) {
    pd_json_object(w);
    member_id(w, "intent", c->intent_id);
    write_request(w, c->request);
    pd_json_member_text(w, "expected", results[govern_expect(c)]);
    pd_json_member_bool(w, "needs_signature", govern_needs_signature(c));
    if (c->mended) {
        const struct govern_mended *m = c->mended;
        pd_json_key(w, "repaired");
        pd_json_object(w);
        pd_json_member_str(w, "standard", m->standard);
        pd_json_member_str(w, "from_version", m->from_version);
        pd_json_member_str(w, "agreed_by", m->agreed_by);
        pd_json_member_i64(w, "repairs", (int64_t)m->done);
        pd_json_key(w, "repair_sha256");
        pd_json_hex(w, m->repair_hash.bytes, sizeof(m->repair_hash.bytes));
        pd_json_key(w, "checks");
        cli_json_mended(w, m->was, m->is);
        pd_json_object_end(w);
    }
    pd_json_key(w, "before");
    cli_json_reading(w, c->before, false);
    write_finding(w, "finding", c->finding);
    pd_json_key(w, "votes");
    pd_json_array(w);
    for (size_t i = 0; i < c->vote_count; i++)
        govern_origin_write(&c->votes[i], w);
    pd_json_array_end(w);
    pd_json_key(w, "plan");
    if (c->has_plan) {
        enum pd_status st = protect_plan_write(c->plan, c->before->names,
                                               c->before->inspection->column_count, w, err);
        if (st != PD_OK)
            return st;
    } else {
        pd_json_null(w);
    }
    write_changes(w, c);
    if (c->has_plan)
        govern_cost_write(c, w);
    pd_json_key(w, "after");
    if (c->after)
        cli_json_reading(w, c->after, false);
    else
        pd_json_null(w);
    write_finding(w, "finding_after", c->finding_after);
    write_risk(w, "risk_before", c->before);
    write_risk(w, "risk_after", c->after);
    pd_json_key(w, "attacks_before");
    govern_attacks_write(c->before->attacks, w);
    pd_json_key(w, "attacks_after");
    govern_attacks_write(c->after ? c->after->attacks : NULL, w);
    member_u64(w, "rows_suppressed", c->rows_suppressed);
    pd_json_object_end(w);
    return PD_OK;
}

/* ---- An outcome ---- */

static void write_clocks(struct pd_json *w, const struct govern_outcome *o) {
    pd_json_key(w, "clocks");
    pd_json_array(w);
    for (size_t i = 0; i < o->clock_count; i++)
        govern_clock_write(&o->clocks[i], w);
    pd_json_array_end(w);
}

void cli_json_outcome(struct pd_json *w, const struct govern_outcome *o) {
    pd_json_object(w);
    pd_json_member_text(w, "result", results[o->result]);
    if (o->receipt.len) {
        member_id(w, "act", o->act_id);
    } else { /* an intent that stays open is no act */
        pd_json_key(w, "act");
        pd_json_null(w);
    }
    pd_json_key(w, "intent");
    if (pd_id_eq(o->intent_id, (pd_id){{0}}))
        pd_json_null(w);
    else
        cli_json_id(w, o->intent_id);
    pd_json_member_str(w, "receipt", o->receipt);
    pd_json_member_str(w, "released_as", o->released_as);
    pd_json_key(w, "log");
    if (o->placed.size) {
        pd_json_object(w);
        pd_json_member_text(w, "name", o->placed.log == LEDGER_PUBLIC ? "public" : "restricted");
        pd_json_member_str(w, "shard", govern_shard_of(o->placed.name));
        member_u64(w, "index", o->placed.index);
        member_u64(w, "size", o->placed.size);
        pd_json_object_end(w);
    } else {
        pd_json_null(w);
    }
    write_clocks(w, o);
    pd_json_member_bool(w, "repeated", o->repeated);
    pd_json_member_str(w, "pending", o->pending);
    pd_json_object_end(w);
}

void cli_json_act(const struct govern_outcome *o, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "outcome");
    cli_json_outcome(&w, o);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}
