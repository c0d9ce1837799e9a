/* Demands: what somebody needs, and who backs it. */
#include "api/api_impl.h"

#include <jansson.h>

static void send_demands(struct serve_call *call, const pd_id *id) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_viewer viewer;
    const struct govern_demand *list;
    size_t count = 0;
    api_begin(&a, call);
    enum pd_status st = api_viewer(call, &viewer, &err);
    if (st == PD_OK)
        st = govern_demands(call->g, &viewer, id, call->arena, &list, &count, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    if (id) {
        govern_demand_write(list, &a.w);
        api_send(&a, 200);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < count; i++)
        govern_demand_write(&list[i], &a.w);
    api_send_items(&a, PD_STR(""));
}

void api_get_demands(struct serve_call *call) {
    send_demands(call, NULL);
}

void api_get_demand(struct serve_call *call) {
    struct pd_error err = {0};
    pd_id id;
    if (api_id(call, &id, &err) == PD_OK)
        send_demands(call, &id);
    else
        serve_fail(call, &err);
}

void api_get_matches(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_viewer viewer;
    const struct govern_match *list;
    size_t count = 0;
    api_begin(&a, call);
    enum pd_status st = api_viewer(call, &viewer, &err);
    if (st == PD_OK)
        st = govern_demand_match(call->g, &viewer, api_query(call, "need"), call->arena, &list, &count,
                                 &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < count; i++)
        govern_match_write(&list[i], &a.w);
    api_send_items(&a, PD_STR(""));
}

void api_post_demand(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_outcome *outcome = NULL;
    json_t *body;
    pd_id id;
    if (!serve_body(call, &body))
        return;
    struct govern_demanding d = {.party = call->who.party,
                                 .member = call->who.member,
                                 .need = serve_text(body, "need"),
                                 .purpose = serve_text(body, "purpose"),
                                 .how_often = serve_text(body, "how_often"),
                                 .is_sealed = json_is_true(json_object_get(body, "sealed")),
                                 .is_none_right = json_is_true(json_object_get(body, "none_fits")),
                                 .dataset = serve_text(body, "dataset"),
                                 .responsible = serve_text(body, "responsible")};
    api_begin(&a, call);
    enum pd_status st = api_facts(call, body, &d.declared, &d.declared_count, &err);
    if (st == PD_OK)
        st = govern_demand(call->g, &d, call->arena, &id, &outcome, &err);
    if (st == PD_OK)
        api_done(&a, "id", id, outcome, 201);
    else
        api_fail(&a, &err);
    json_decref(body);
}

void api_post_backing(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_outcome *outcome = NULL;
    struct govern_backing b = {.party = call->who.party, .member = call->who.member};
    json_t *body;
    if (!serve_body(call, &body))
        return;
    api_begin(&a, call);
    enum pd_status st = api_id(call, &b.demand, &err);
    if (st == PD_OK)
        st = govern_demand_back(call->g, &b, call->arena, &outcome, &err);
    if (st == PD_OK)
        api_done(&a, "id", b.demand, outcome, 201);
    else
        api_fail(&a, &err);
    json_decref(body);
}
