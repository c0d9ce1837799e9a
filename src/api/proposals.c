/* Rules made together: proposals, objections, ballots, and what is public of a vote. */
#include "api/api_impl.h"

#include <jansson.h>

/* ---- What is changed ---- */

/* The members "changes" and "remove" of a body: paths with their texts, and paths. They live as long as
 * the body. */
static enum pd_status read_changes(struct serve_call *call, const json_t *body,
                                   const struct govern_amendment **out, size_t *count,
                                   struct pd_error *err) {
    json_t *changes = json_object_get(body, "changes"), *remove = json_object_get(body, "remove"), *value;
    size_t n = json_object_size(changes) + json_array_size(remove), k = 0, i;
    const char *path;
    if (n > GOVERN_AMENDMENTS_MAX)
        return pd_fail(err, PD_LIMIT, "a proposal changes at most %d files", GOVERN_AMENDMENTS_MAX);
    struct govern_amendment *list = pd_arena_array(call->arena, n ? n : 1, sizeof(*list));
    if (!list)
        return pd_fail_memory(err);
    json_object_foreach(changes, path, value) {
        list[k].path = pd_str_from(path);
        list[k++].text = (pd_str){json_string_value(value), json_string_length(value)};
    }
    json_array_foreach(remove, i, value) {
        list[k].path = (pd_str){json_string_value(value), json_string_length(value)};
        list[k++].is_removed = true;
    }
    *out = list;
    *count = n;
    return PD_OK;
}

/* ---- Reading ---- */

void api_get_proposals(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_proposal *list;
    size_t count;
    api_begin(&a, call);
    if (govern_proposals(call->g, NULL, call->arena, &list, &count, &err) != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < count; i++) {
        const struct govern_proposal *p = &list[i];
        pd_json_object(&a.w);
        api_member_id(&a.w, "id", p->id);
        api_member_map(&a.w, "title", p->title);
        pd_json_member_str(&a.w, "party", p->party);
        pd_json_member_str(&a.w, "matter", p->matter);
        pd_json_member_str(&a.w, "method", p->method);
        pd_json_member_str(&a.w, "stage", p->stage);
        api_member_time(&a.w, "made_at", p->made_at);
        api_member_time(&a.w, "until", p->has_until ? p->until : 0);
        pd_json_object_end(&a.w);
    }
    api_send_items(&a, PD_STR(""));
}

void api_get_proposal(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_proposal *p;
    size_t count;
    pd_id id;
    api_begin(&a, call);
    enum pd_status st = api_id(call, &id, &err);
    if (st == PD_OK)
        st = govern_proposals(call->g, &id, call->arena, &p, &count, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    govern_proposal_write(p, &a.w);
    api_send(&a, 200);
}

/* A file of the record of a vote, as `polder proposal record` writes it: the bytes that hashes are of. */
void api_get_record(struct serve_call *call) {
    static const struct {
        const char *name, *type;
        size_t at;
    } files[] = {
        {"frozen.json", "application/json", offsetof(struct govern_vote_record, frozen)},
        {"text.json", "application/json", offsetof(struct govern_vote_record, text)},
        {"impact.json", "application/json", offsetof(struct govern_vote_record, impact)},
        {"rolls.json", "application/json", offsetof(struct govern_vote_record, rolls)},
        {"ballots.jsonl", "application/jsonl", offsetof(struct govern_vote_record, ballots)},
        {"result.json", "application/json", offsetof(struct govern_vote_record, result)},
    };
    struct pd_error err = {0};
    struct govern_vote_record record;
    pd_str name = http_param(call->request, "file");
    pd_id id;
    size_t i = 0, n = sizeof(files) / sizeof(*files);
    while (i < n && !pd_str_is(name, files[i].name))
        i++;
    enum pd_status st = api_id(call, &id, &err);
    if (st == PD_OK && i == n)
        st = pd_fail(&err, PD_NOT_FOUND,
                     "there are frozen.json, text.json, impact.json, rolls.json, ballots.jsonl, "
                     "result.json");
    if (st == PD_OK)
        st = govern_vote_record(call->g, id, call->arena, &record, &err);
    if (st == PD_OK)
        http_respond(call->response, 200, files[i].type,
                     *(const pd_str *)(const void *)((const char *)&record + files[i].at));
    else
        serve_fail(call, &err);
}

void api_get_recount(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_recount *recount;
    pd_id id;
    api_begin(&a, call);
    enum pd_status st = api_id(call, &id, &err);
    if (st == PD_OK)
        st = govern_vote_recount(call->g, id, call->arena, &recount, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    govern_recount_write(recount, &a.w);
    api_send(&a, 200);
}

/* What may be changed, with the texts in force. */
void api_get_proposable(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_amendment *list;
    size_t count;
    api_begin(&a, call);
    if (govern_proposable(call->g, call->arena, &list, &count, &err) != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < count; i++) {
        pd_json_object(&a.w);
        pd_json_member_str(&a.w, "path", list[i].path);
        pd_json_member_str(&a.w, "text", list[i].text);
        pd_json_object_end(&a.w);
    }
    api_send_items(&a, PD_STR(""));
}

void api_get_notices(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_notice *list;
    size_t count;
    api_begin(&a, call);
    if (govern_notices(call->g, call->who.party, call->arena, &list, &count, &err) != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < count; i++) {
        pd_json_object(&a.w);
        api_member_id(&a.w, "proposal", list[i].proposal);
        pd_json_member_str(&a.w, "what", list[i].what);
        api_member_map(&a.w, "title", list[i].title);
        api_member_time(&a.w, "at", list[i].at);
        pd_json_object_end(&a.w);
    }
    api_send_items(&a, PD_STR(""));
}

/* ---- Proposing ---- */

void api_post_proposal(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_outcome *outcome = NULL;
    json_t *body;
    pd_id id, undone;
    if (!serve_body(call, &body))
        return;
    struct govern_proposing p = {.party = call->who.party,
                                 .member = call->who.member,
                                 .title = serve_text(body, "title"),
                                 .language = serve_text(body, "language")};
    json_t *effects = json_object_get(body, "effects");
    for (int on = 0; on < GOVERN_EFFECT_COUNT; on++)
        p.effects[on] = serve_text(effects, govern_effect_name((enum govern_effect_on)on));
    if (!p.language.len)
        p.language = PD_STR("en");
    if (pd_id_parse(serve_text(body, "rollback_of"), &undone))
        p.rollback_of = &undone;
    api_begin(&a, call);
    enum pd_status st = read_changes(call, body, &p.amendments, &p.amendment_count, &err);
    if (st == PD_OK && p.rollback_of && p.amendment_count)
        st = pd_fail(&err, PD_USAGE, "\"rollback_of\" says what is changed: give no \"changes\"");
    if (st == PD_OK)
        st = govern_propose(call->g, &p, call->arena, &id, &outcome, &err);
    if (st == PD_OK)
        api_done(&a, "id", id, outcome, 201);
    else
        api_fail(&a, &err);
    json_decref(body);
}

void api_post_move(struct serve_call *call) {
    static const char *const moves[] = {[GOVERN_PROPOSAL_EDIT] = "edit",
                                        [GOVERN_PROPOSAL_CONSULT] = "consult",
                                        [GOVERN_PROPOSAL_WITHDRAW] = "withdraw"};
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_outcome *outcome = NULL;
    struct govern_proposal_moving m = {.party = call->who.party, .member = call->who.member};
    json_t *body;
    if (!serve_body(call, &body))
        return;
    for (unsigned i = 0; i < sizeof(moves) / sizeof(*moves); i++)
        if (pd_str_is(serve_text(body, "move"), moves[i])) /* there is no other: serve_body */
            m.move = (enum govern_proposal_move)i;
    api_begin(&a, call);
    enum pd_status st = api_id(call, &m.proposal, &err);
    if (st == PD_OK)
        st = read_changes(call, body, &m.amendments, &m.amendment_count, &err);
    if (st == PD_OK)
        st = govern_proposal_move(call->g, &m, call->arena, &outcome, &err);
    if (st == PD_OK)
        api_done(&a, "id", m.proposal, outcome, 200);
    else
        api_fail(&a, &err);
    json_decref(body);
}

/* ---- Objecting ---- */

void api_post_objection(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_outcome *outcome = NULL;
    json_t *body;
    pd_id id;
    if (!serve_body(call, &body))
        return;
    struct govern_objecting o = {.party = call->who.party,
                                 .member = call->who.member,
                                 .category = serve_text(body, "category"),
                                 .harm = serve_text(body, "harm"),
                                 .change = serve_text(body, "change")};
    api_begin(&a, call);
    enum pd_status st = api_id(call, &o.proposal, &err);
    if (st == PD_OK)
        st = govern_object(call->g, &o, call->arena, &id, &outcome, &err);
    if (st == PD_OK)
        api_done(&a, "id", id, outcome, 201);
    else
        api_fail(&a, &err);
    json_decref(body);
}

void api_post_reply(struct serve_call *call) {
    static const char *const moves[] = {[GOVERN_OBJECTION_ANSWER] = "answer",
                                        [GOVERN_OBJECTION_WITHDRAW] = "withdraw",
                                        [GOVERN_OBJECTION_SUSTAIN] = "sustain"};
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_outcome *outcome = NULL;
    json_t *body;
    if (!serve_body(call, &body))
        return;
    struct govern_replying r = {.party = call->who.party,
                                .member = call->who.member,
                                .text = serve_text(body, "text")};
    for (unsigned i = 0; i < sizeof(moves) / sizeof(*moves); i++)
        if (pd_str_is(serve_text(body, "move"), moves[i]))
            r.move = (enum govern_objection_move)i;
    api_begin(&a, call);
    enum pd_status st = api_id(call, &r.objection, &err);
    if (st == PD_OK)
        st = govern_reply(call->g, &r, call->arena, &outcome, &err);
    if (st == PD_OK)
        api_done(&a, "id", r.objection, outcome, 201);
    else
        api_fail(&a, &err);
    json_decref(body);
}

/* ---- Voting ---- */

void api_post_ballot(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_voted *voted = NULL;
    struct govern_voting v = {
        .party = call->who.party, .member = call->who.member, .is_vouched = true};
    json_t *body;
    if (!serve_body(call, &body))
        return;
    api_begin(&a, call);
    enum pd_status st = api_id(call, &v.proposal, &err);
    if (st == PD_OK && !council_choice_parse(serve_text(body, "choice"), &v.choice))
        st = pd_fail(&err, PD_USAGE, "there are yes, no, abstain");
    if (st == PD_OK)
        st = govern_vote(call->g, &v, call->arena, &voted, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
    } else if (voted->outcome->result != GOVERN_DONE) {
        api_done(&a, "proposal", v.proposal, voted->outcome, 201);
    } else {
        pd_json_object(&a.w);
        api_member_id(&a.w, "proposal", v.proposal);
        pd_json_member_str(&a.w, "chamber", voted->chamber);
        pd_json_member_str(&a.w, "voter", voted->voter);
        api_member_u64(&a.w, "turn", voted->turn);
        api_member_id(&a.w, "act", voted->outcome->act_id);
        pd_json_member_str(&a.w, "receipt", voted->outcome->receipt);
        pd_json_object_end(&a.w);
        api_send(&a, 201);
    }
    json_decref(body);
}
