/* The record of an act: what a dossier will need of it, sealed with it, and what its leaf commits
 * to. */
#include "govern/govern_impl.h"

static void write_risk(struct pd_json *w, const char *key, const struct govern_reading *r) {
    pd_json_key(w, key);
    if (!r || !r->has_risk) {
        pd_json_null(w);
        return;
    }
    pd_json_object(w);
    pd_json_member_i64(w, "rows", (int64_t)r->risk.rows);
    pd_json_member_i64(w, "classes", (int64_t)r->risk.classes);
    pd_json_member_i64(w, "k", (int64_t)r->risk.smallest);
    pd_json_member_double(w, "highest", r->risk.highest);
    pd_json_member_double(w, "mean", r->risk.mean);
    pd_json_member_double(w, "unique_share", r->risk.unique_share);
    pd_json_object_end(w);
}

/* Canonical JSON into an arena: init, one call that writes, finish. */
struct canonical {
    struct pd_buf buf;
    struct pd_json w;
};

static struct pd_json *begin(struct canonical *c) {
    pd_buf_init(&c->buf, (size_t)15 << 20);
    pd_json_init(&c->w, &c->buf, PD_JSON_CANONICAL);
    return &c->w;
}

static enum pd_status write_plan(const struct govern_run *run, pd_str *plan, struct pd_error *err) {
    const struct govern_case *c = &run->result;
    struct canonical json;
    struct pd_json *w = begin(&json);
    struct pd_error why = {0};
    enum pd_status st =
        protect_plan_write(c->plan, c->before->names, c->before->inspection->column_count, w, &why);
    enum pd_status written = pd_json_finish(w, run->arena, plan, err);
    return st == PD_OK ? written : pd_fail(err, st, "%s", why.text);
}

static enum pd_status write_record(const struct govern_run *run, const struct act *act,
                                   const struct facts *facts, pd_str plan, pd_str *record,
                                   struct pd_error *err) {
    struct canonical json;
    struct pd_json *w = begin(&json);
    pd_json_object(w);
    pd_json_member_i64(w, "record", 1);
    pd_json_key(w, "finding");
    law_finding_write(act->finding, w);
    pd_json_key(w, "facts");
    facts_write(facts->list, facts->count, w);
    pd_json_key(w, "plan");
    if (plan.data)
        pd_json_raw(w, plan);
    else
        pd_json_null(w);
    write_risk(w, "risk_before", run->result.before);
    write_risk(w, "risk_after", run->result.after);
    pd_json_object_end(w);
    return pd_json_finish(w, run->arena, record, err);
}

static enum pd_status commit_text(struct act *act, enum ledger_field field, pd_str text,
                                  struct pd_arena *arena, struct pd_error *err) {
    struct canonical json;
    struct pd_json *w = begin(&json);
    pd_json_str(w, text);
    return pd_json_finish(w, arena, &act->commitments[field], err);
}

static enum pd_status commit_facts(struct act *act, const struct facts *facts,
                                   struct pd_arena *arena, struct pd_error *err) {
    struct canonical json;
    struct pd_json *w = begin(&json);
    facts_write(facts->list, facts->count, w);
    return pd_json_finish(w, arena, &act->commitments[LEDGER_FIELD_FACTS], err);
}

enum pd_status record_fill(struct govern_run *run, struct act *act, const struct facts *facts,
                           struct pd_error *err) {
    const struct govern_request *r = &run->request;
    act->party = r->party;
    act->member = run->member_id;
    act->intent = &run->intent_id;
    act->facts_hash = act_facts_hash(facts->list, facts->count);
    act->idempotency_party = r->party;
    act->idempotency_key = run->is_resumed ? PD_STR("") : r->idempotency_key;
    pd_str plan = {0};
    enum pd_status st = run->result.has_plan ? write_plan(run, &plan, err) : PD_OK;
    if (st == PD_OK)
        st = write_record(run, act, facts, plan, &act->record, err);
    if (st != PD_OK)
        return st;
    if (plan.data) {
        act->has_plan_hash = true;
        act->plan_hash = crypto_sha256(plan.data, plan.len);
        act->commitments[LEDGER_FIELD_PLAN] = plan;
    }
    const struct {
        enum ledger_field field;
        pd_str text;
    } texts[] = {{LEDGER_FIELD_MEMBER, run->member_id},
                 {LEDGER_FIELD_PURPOSE, r->purpose},
                 {LEDGER_FIELD_BASIS, r->basis},
                 {LEDGER_FIELD_TITLE, r->title},
                 {LEDGER_FIELD_RECIPIENT, r->recipient}};
    st = commit_facts(act, facts, run->arena, err);
    for (size_t i = 0; st == PD_OK && i < sizeof(texts) / sizeof(*texts); i++)
        if (texts[i].text.len)
            st = commit_text(act, texts[i].field, texts[i].text, run->arena, err);
    return st;
}
