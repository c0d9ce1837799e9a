/* A proposal, and a policy's origin, as JSON. */
#include "govern/proposal_impl.h"

static void write_id(struct pd_json *w, const char *key, pd_id id) {
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    pd_json_member_text(w, key, text);
}

static void write_time(struct pd_json *w, const char *key, pd_time at) {
    pd_json_key(w, key);
    pd_json_time(w, at);
}

static void write_raw(struct pd_json *w, const char *key, pd_str json) {
    pd_json_key(w, key);
    if (json.len)
        pd_json_raw(w, json);
    else
        pd_json_null(w);
}

static void write_objection(const struct govern_objection *o, struct pd_json *w) {
    pd_json_object(w);
    write_id(w, "objection", o->id);
    pd_json_member_str(w, "party", o->party);
    pd_json_member_str(w, "category", o->category);
    pd_json_member_str(w, "state", o->state);
    write_time(w, "made_at", o->made_at);
    pd_json_member_bool(w, "erased", o->is_erased);
    pd_json_member_str(w, "harm", o->harm);
    pd_json_member_str(w, "change", o->change);
    pd_json_key(w, "replies");
    pd_json_array(w);
    for (size_t i = 0; i < o->reply_count; i++) {
        pd_json_object(w);
        write_id(w, "act", o->replies[i].act);
        pd_json_member_str(w, "party", o->replies[i].party);
        pd_json_member_str(w, "state", o->replies[i].state);
        pd_json_member_str(w, "text", o->replies[i].text);
        write_time(w, "at", o->replies[i].at);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_object_end(w);
}

static void write_vote(const struct govern_proposal *p, struct pd_json *w) {
    pd_json_key(w, "vote");
    if (!p->has_vote) {
        pd_json_null(w);
        return;
    }
    pd_json_object(w);
    write_raw(w, "frozen", p->frozen);
    pd_json_member_str(w, "hash", p->frozen_hash);
    write_time(w, "opens", p->opens);
    write_time(w, "closes", p->closes);
    pd_json_member_i64(w, "ballots", (int64_t)p->ballots);
    write_raw(w, "result", p->result);
    pd_json_object_end(w);
}

void govern_proposal_write(const struct govern_proposal *p, struct pd_json *w) {
    pd_json_object(w);
    write_id(w, "proposal", p->id);
    pd_json_member_str(w, "party", p->party);
    write_raw(w, "title", p->title);
    write_raw(w, "effects", p->effects);
    write_time(w, "made_at", p->made_at);
    if (p->is_rollback)
        write_id(w, "rollback_of", p->rollback_of);
    pd_json_member_i64(w, "revision", (int64_t)p->revision);
    pd_json_member_str(w, "matter", p->matter);
    pd_json_member_str(w, "method", p->method);
    write_raw(w, "changes", p->text);
    pd_json_member_str(w, "text_hash", p->text_hash);
    pd_json_member_str(w, "stage", p->stage);
    if (p->has_until)
        write_time(w, "until", p->until);
    if (p->why.len)
        pd_json_member_str(w, "why", p->why);
    write_raw(w, "impact", p->impact);
    pd_json_key(w, "steps");
    pd_json_array(w);
    for (size_t i = 0; i < p->step_count; i++) {
        pd_json_object(w);
        write_id(w, "act", p->steps[i].act);
        pd_json_member_str(w, "stage", p->steps[i].stage);
        if (p->steps[i].why.len)
            pd_json_member_str(w, "why", p->steps[i].why);
        write_time(w, "at", p->steps[i].at);
        pd_json_object_end(w);
    }
    pd_json_array_end(w);
    pd_json_key(w, "objections");
    pd_json_array(w);
    for (size_t i = 0; i < p->objection_count; i++)
        write_objection(&p->objections[i], w);
    pd_json_array_end(w);
    write_vote(p, w);
    pd_json_member_bool(w, "in_force", p->is_in_force);
    if (p->is_in_force)
        write_id(w, "enacted_by", p->enacted_by);
    pd_json_object_end(w);
}

void govern_origin_write(const struct govern_origin *o, struct pd_json *w) {
    pd_json_object(w);
    pd_json_member_str(w, "policy", o->policy);
    pd_json_member_str(w, "what", o->what);
    write_id(w, "proposal", o->proposal);
    write_id(w, "act", o->act);
    write_raw(w, "title", o->title);
    write_time(w, "in_force_at", o->in_force_at);
    pd_json_object_end(w);
}
