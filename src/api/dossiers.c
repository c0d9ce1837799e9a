/* Dossiers: all that stands behind an act, in one file. For the public it tells what the public log
 * commits to anyway; for audit it opens what is closed, and to give it is an act. */
#include "api/api_impl.h"

#include <jansson.h>

/* The bytes as they are signed. */
static void send(struct serve_call *call, int status, pd_str dossier) {
    http_respond(call->response, status, "application/json", dossier);
    http_add_header(call->response, "Cache-Control", PD_STR("no-store"));
}

void api_get_dossier(struct serve_call *call) {
    struct pd_error err = {0};
    pd_id object;
    pd_str dossier;
    enum pd_status st = api_id(call, &object, &err);
    if (st == PD_OK)
        st = govern_dossier(call->g, object, GOVERN_FOR_PUBLIC, call->arena, &dossier, &err);
    if (st == PD_OK)
        send(call, 200, dossier);
    else
        serve_fail(call, &err);
}

void api_post_dossier(struct serve_call *call) {
    struct pd_error err = {0};
    json_t *body;
    pd_id object;
    pd_str dossier;
    const struct govern_outcome *outcome = NULL;
    if (!serve_body(call, &body))
        return;
    const struct govern_dossier_given given = {.party = call->who.party,
                                               .member = call->who.member,
                                               .recipient = serve_text(body, "recipient"),
                                               .who = &call->who};
    enum pd_status st = api_id(call, &object, &err);
    if (st == PD_OK)
        st = govern_dossier_give(call->g, object, &given, call->arena, &dossier, &outcome, &err);
    if (st == PD_OK) {
        char act[PD_ID_TEXT_SIZE];
        pd_id_write(outcome->act_id, act);
        send(call, 201, dossier);
        http_add_header(call->response, "Location",
                        pd_arena_printf(call->arena, "/api/v1/acts/%s", act));
    } else
        serve_fail(call, &err);
    json_decref(body);
}
