/* The record of an act: what a dossier will need of it, sealed with it, and what its leaf commits
 * to. What is kept of a finding suffices to make it again (past.c). */
#include "govern/attack.h"
#include "govern/statement.h"

#include <string.h>

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

/* ---- Details: what a run tells beside the finding ---- */

static enum pd_status write_risk(const struct govern_reading *r, struct pd_arena *arena,
                                 pd_str *out, struct pd_error *err) {
    struct canonical json;
    struct pd_json *w = begin(&json);
    if (!r || !r->has_risk) {
        pd_json_null(w);
        return pd_json_finish(w, arena, out, err);
    }
    pd_json_object(w);
    pd_json_member_i64(w, "rows", (int64_t)r->risk.rows);
    pd_json_member_i64(w, "classes", (int64_t)r->risk.classes);
    pd_json_member_i64(w, "k", (int64_t)r->risk.smallest);
    pd_json_member_double(w, "highest", r->risk.highest);
    pd_json_member_double(w, "mean", r->risk.mean);
    pd_json_member_double(w, "unique_share", r->risk.unique_share);
    pd_json_object_end(w);
    return pd_json_finish(w, arena, out, err);
}

/* What attacks on it gained. No data: there was nothing to attack with. */
static enum pd_status write_attacks(const struct govern_reading *r, struct pd_arena *arena,
                                    pd_str *out, struct pd_error *err) {
    struct canonical json;
    if (!r || !r->attacks)
        return PD_OK;
    struct pd_json *w = begin(&json);
    pd_json_object(w);
    govern_attacked_write(r->attacks, w);
    pd_json_object_end(w);
    return pd_json_finish(w, arena, out, err);
}

/* An intent that waits for a signature keeps the case that the signed plan would be, and what the
 * plan has done by then, so that it can be told later what the signature would bring. */
static enum pd_status write_signed(const struct govern_run *run, pd_str *out,
                                   struct pd_error *err) {
    const struct law_finding *finding = run->result.finding_after;
    struct canonical json;
    struct pd_json *w = begin(&json);
    pd_json_object(w);
    pd_json_member_str(w, "content", pd_str_from(run->output_hex));
    pd_json_key(w, "facts");
    facts_write(run->facts_after->list, run->facts_after->count, FACTS_WHOLE, w);
    pd_json_key(w, "done");
    pd_json_array(w);
    for (size_t i = 0; i < finding->obligation_count; i++)
        if (finding->obligations[i].class_ == LAW_BEFORE)
            pd_json_str(w, finding->obligations[i].text);
    pd_json_array_end(w);
    pd_json_object_end(w);
    return pd_json_finish(w, run->arena, out, err);
}

static enum pd_status write_lineage(const struct govern_run *run, pd_str *out,
                                    struct pd_error *err) {
    struct canonical json;
    struct pd_json *w = begin(&json);
    repair_write(run, w);
    return pd_json_finish(w, run->arena, out, err);
}

static enum pd_status write_cost(const struct govern_run *run, pd_str *out, struct pd_error *err) {
    struct canonical json;
    struct pd_json *w = begin(&json);
    pd_json_object(w);
    govern_cost_write(&run->result, w);
    pd_json_object_end(w);
    return pd_json_finish(w, run->arena, out, err);
}

static enum pd_status write_details(const struct govern_run *run, struct act *act, pd_str plan,
                                    struct pd_error *err) {
    pd_str before, after, is_signed = {0}, lineage = {0}, cost = {0}, attacks[2] = {{0}};
    enum pd_status st = write_risk(run->result.before, run->arena, &before, err);
    if (st == PD_OK)
        st = write_risk(run->result.after, run->arena, &after, err);
    if (st == PD_OK)
        st = write_attacks(run->result.before, run->arena, &attacks[0], err);
    if (st == PD_OK)
        st = write_attacks(run->result.after, run->arena, &attacks[1], err);
    if (st == PD_OK && act->verb == LEDGER_INTEND && run->result.has_plan)
        st = write_signed(run, &is_signed, err);
    if (st == PD_OK && run->result.has_plan && run->result.change_count > 0)
        st = write_cost(run, &cost, err);
    if (st == PD_OK && run->result.mended)
        st = write_lineage(run, &lineage, err);
    if (st == PD_OK && lineage.data) /* the leaf binds where the version comes from */
        act->commitments[LEDGER_FIELD_SOURCE] = lineage;
    if (st != PD_OK)
        return st;
    const struct act_detail details[] = {{"plan", plan.data ? plan : PD_STR("null")},
                                         {"risk_before", before},
                                         {"risk_after", after},
                                         {"signed", is_signed},
                                         {"lineage", lineage},
                                         {"cost", cost},
                                         {"attacks_before", attacks[0]},
                                         {"attacks_after", attacks[1]}};
    _Static_assert(sizeof(details) <= sizeof(act->details), "a place for each detail");
    memcpy(act->details, details, sizeof(details));
    return PD_OK;
}

enum pd_status record_commit_text(struct act *act, enum ledger_field field, pd_str text,
                                  struct pd_arena *arena, struct pd_error *err) {
    struct canonical json;
    struct pd_json *w = begin(&json);
    pd_json_str(w, text);
    return pd_json_finish(w, arena, &act->commitments[field], err);
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
        st = write_details(run, act, plan, err);
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
    for (size_t i = 0; st == PD_OK && i < sizeof(texts) / sizeof(*texts); i++)
        if (texts[i].text.len)
            st = record_commit_text(act, texts[i].field, texts[i].text, run->arena, err);
    return st;
}

/* ---- The record ---- */

enum pd_status record_make(struct act *act, pd_str *record, struct pd_error *err) {
    const struct law_case *c = act->law ? act->law : act->asked;
    if (act->record.data) {
        *record = act->record;
        return PD_OK;
    }
    struct canonical json;
    struct pd_json *w = begin(&json);
    pd_json_object(w);
    pd_json_member_i64(w, "record", 2);
    if (act->told != act->at) { /* it had been set back */
        char told[PD_TIME_TEXT_SIZE];
        pd_time_write(act->told, PD_TIME_MICROS, told);
        pd_json_member_text(w, "clock", told);
    }
    if (c && act->finding) {
        pd_json_key(w, "case");
        statement_write_case(c, act->finding->made_at, true, w);
        pd_json_key(w, "finding");
        law_finding_write(act->finding, w);
        pd_json_key(w, "facts");
        facts_write(c->facts, c->fact_count, FACTS_WHOLE, w);
    }
    for (size_t i = 0; i < ACT_DETAILS_MAX; i++)
        if (act->details[i].json.data) {
            pd_json_key(w, act->details[i].name);
            pd_json_raw(w, act->details[i].json);
        }
    pd_json_object_end(w);
    enum pd_status st = pd_json_finish(w, act->arena, record, err);
    if (st == PD_OK && c && act->finding)
        st = statement_make(act, c, &act->commitments[LEDGER_FIELD_FACTS], err);
    return st;
}
