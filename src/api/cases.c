/* Cases: what one party asks of another, and the thread that answers it. */
#include "api/api_impl.h"

#include <jansson.h>

static void write_line(struct pd_json *w, const struct govern_raised *c) {
    api_member_id(w, "id", c->id);
    pd_json_member_str(w, "kind", c->kind);
    pd_json_member_str(w, "state", c->state);
    pd_json_member_bool(w, "overdue", c->is_overdue);
    pd_json_member_str(w, "party", c->party);
    pd_json_member_str(w, "responsible", c->responsible);
    pd_json_member_str(w, "dataset", c->dataset);
    api_member_map(w, "dataset_title", c->dataset_title);
    api_member_time(w, "raised_at", c->raised_at);
    api_member_id(w, "act", c->act_id);
}

void api_get_cases(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_viewer viewer;
    struct catalogue_cases_query query = {.state = api_query(call, "state")};
    struct catalogue_cases found = {0};
    api_begin(&a, call);
    enum pd_status st = api_list(call, &viewer, &query.page, &err);
    if (st == PD_OK)
        st = catalogue_cases(call->g, &viewer, &query, call->arena, &found, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < found.count; i++) {
        pd_json_object(&a.w);
        const struct catalogue_case *c = &found.items[i];
        write_line(&a.w, &(struct govern_raised){.id = c->id,
                                                 .act_id = c->act_id,
                                                 .kind = c->kind,
                                                 .state = c->state,
                                                 .party = c->party,
                                                 .responsible = c->responsible,
                                                 .dataset = c->dataset,
                                                 .dataset_title = c->dataset_title,
                                                 .raised_at = c->raised_at,
                                                 .is_overdue = c->is_overdue});
        pd_json_object_end(&a.w);
    }
    api_send_items(&a, found.next);
}

/* Who takes no part in it is answered as if it weren't there. */
static enum pd_status find_case(struct serve_call *call, const struct govern_raised **out,
                                struct pd_error *err) {
    struct govern_resource resource;
    struct govern_permission permission = {0};
    pd_id id;
    size_t count;
    enum pd_status st = api_id(call, &id, err);
    if (st == PD_OK)
        st = govern_resource_find(call->g, "Case", http_param(call->request, "id"), call->arena,
                                  &resource, err);
    if (st == PD_OK)
        st = govern_may(call->g, serve_asker(call), "read_case", &resource, call->arena,
                        &permission, err);
    if (st == PD_NOT_FOUND || (st == PD_OK && !permission.may))
        return pd_fail(err, PD_NOT_FOUND, "there is nothing of this id");
    return st == PD_OK ? govern_cases(call->g, &id, call->arena, out, &count, err) : st;
}

void api_get_case(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_raised *found;
    api_begin(&a, call);
    if (find_case(call, &found, &err) != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    govern_case_write(found, &a.w);
    api_send(&a, 200);
}

void api_post_case(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    json_t *body;
    pd_id id;
    const struct govern_outcome *outcome = NULL;
    if (!serve_body(call, &body))
        return;
    struct govern_raising raising = {.kind = serve_text(body, "kind"),
                                     .party = call->who.party,
                                     .member = call->who.member,
                                     .dataset = serve_text(body, "dataset"),
                                     .responsible = serve_text(body, "responsible"),
                                     .subject = serve_text(body, "subject")};
    api_begin(&a, call);
    enum pd_status st = api_facts(call, body, &raising.declared, &raising.declared_count, &err);
    if (st == PD_OK)
        st = govern_case_raise(call->g, &raising, call->arena, &id, &outcome, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
    } else if (outcome->result != GOVERN_DONE) {
        pd_json_clear(&a.w);
        pd_buf_clear(&a.buf);
        api_refuse(call, 403, "the law refuses this case; the refusal is on record", outcome->finding);
    } else {
        pd_json_object(&a.w);
        api_member_id(&a.w, "id", id);
        api_member_id(&a.w, "act", outcome->act_id);
        pd_json_member_str(&a.w, "receipt", outcome->receipt);
        pd_json_object_end(&a.w);
        api_send(&a, 201);
    }
    json_decref(body);
}
