/* Parties, their members, the tokens of who asks. */
#include "api/api_impl.h"

#include <jansson.h>

static void write_party(struct pd_json *w, const struct catalogue_party *p) {
    pd_json_member_str(w, "id", p->id);
    api_member_map(w, "title", p->title);
    pd_json_member_str(w, "chamber", p->chamber);
    pd_json_member_str(w, "kind", p->kind);
    pd_json_member_str(w, "country", p->country);
    pd_json_member_str(w, "vkey", p->vkey);
    api_member_time(w, "registered_at", p->registered_at);
    api_member_u64(w, "members", p->members);
    api_member_u64(w, "datasets", p->datasets);
}

void api_get_parties(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_viewer viewer;
    struct catalogue_parties_query query = {.chamber = api_query(call, "chamber")};
    struct catalogue_parties found;
    api_begin(&a, call);
    enum pd_status st = api_list(call, &viewer, &query.page, &err);
    if (st == PD_OK)
        st = catalogue_parties(call->g, &viewer, &query, call->arena, &found, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < found.count; i++) {
        pd_json_object(&a.w);
        write_party(&a.w, &found.items[i]);
        pd_json_object_end(&a.w);
    }
    api_send_items(&a, found.next);
}

static enum pd_status find(struct serve_call *call, struct catalogue_party *out, struct pd_error *err) {
    struct catalogue_viewer viewer;
    enum pd_status st = api_viewer(call, &viewer, err);
    return st == PD_OK ? catalogue_party_find(call->g, &viewer, http_param(call->request, "id"), call->arena, out, err)
                       : st;
}

void api_get_party(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_party party;
    api_begin(&a, call);
    if (find(call, &party, &err) != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    pd_json_object(&a.w);
    write_party(&a.w, &party);
    pd_json_object_end(&a.w);
    api_send(&a, 200);
}

void api_get_members(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_party party;
    struct govern_resource of = {.type = "Party", .id = http_param(call->request, "id"),
                                 .holder = http_param(call->request, "id")};
    api_begin(&a, call);
    enum pd_status st = govern_must(call->g, serve_asker(call), "read_members", &of, call->arena, NULL, &err);
    if (st == PD_OK)
        st = find(call, &party, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < party.people_count; i++) {
        pd_json_object(&a.w);
        pd_json_member_str(&a.w, "id", party.people[i].id);
        pd_json_member_str(&a.w, "name", party.people[i].name);
        pd_json_key(&a.w, "duties");
        pd_json_array(&a.w);
        for (size_t k = 0; k < party.people[i].duty_count; k++)
            pd_json_str(&a.w, party.people[i].duties[k]);
        pd_json_array_end(&a.w);
        pd_json_object_end(&a.w);
    }
    pd_json_array_end(&a.w);
    pd_json_object_end(&a.w);
    api_send(&a, 200);
}

/* ---- Tokens ---- */

void api_get_tokens(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct account_token *tokens;
    size_t count;
    api_begin(&a, call);
    if (account_tokens(govern_store(call->g), call->who.party, call->who.member, call->arena, &tokens, &count, &err) !=
        PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < count; i++) {
        pd_json_object(&a.w);
        api_member_id(&a.w, "id", tokens[i].id);
        pd_json_member_str(&a.w, "title", tokens[i].title);
        pd_json_member_str(&a.w, "scopes", tokens[i].scopes);
        api_member_time(&a.w, "made_at", tokens[i].made_at);
        api_member_time(&a.w, "expires_at", tokens[i].expires_at);
        api_member_time(&a.w, "used_at", tokens[i].used_at);
        api_member_time(&a.w, "revoked_at", tokens[i].revoked_at);
        pd_json_object_end(&a.w);
    }
    pd_json_array_end(&a.w);
    pd_json_object_end(&a.w);
    api_send(&a, 200);
}

/* A token can give no more than it has itself. */
static enum pd_status check_scopes(struct serve_call *call, pd_str scopes, struct pd_error *err) {
    enum pd_status st = govern_scopes_check(scopes, err);
    pd_str rest = scopes, word;
    while (st == PD_OK && pd_str_split(&rest, ' ', &word))
        if (!account_in_scope(&call->who, word))
            st = pd_fail(err, PD_DENIED, "this token isn't for \"%.*s\", so that it can't make one that is", pd_arg(word));
    return st;
}

void api_post_token(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    json_t *body;
    pd_str secret;
    pd_id id;
    if (!serve_body(call, &body))
        return;
    const json_t *days = json_object_get(body, "days");
    pd_str scopes = serve_text(body, "scopes");
    api_begin(&a, call);
    enum pd_status st = check_scopes(call, scopes, &err);
    if (st == PD_OK)
        st = account_token_make(govern_store(call->g), call->who.party, call->who.member, serve_text(body, "title"), scopes,
                                (days ? json_integer_value(days) : 90) * PD_DAY, call->now, call->arena, &secret, &id, &err);
    json_decref(body);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    pd_json_object(&a.w);
    api_member_id(&a.w, "id", id);
    pd_json_member_str(&a.w, "token", secret);
    pd_json_object_end(&a.w);
    api_send(&a, 201);
    http_add_header(call->response, "Cache-Control", PD_STR("no-store"));
}

void api_delete_token(struct serve_call *call) {
    struct pd_error err = {0};
    pd_id id;
    enum pd_status st = api_id(call, &id, &err);
    if (st == PD_OK)
        st = account_token_revoke(govern_store(call->g), id, &call->who.account_id, call->now, &err);
    serve_forget_credentials(call->serve);
    if (st == PD_OK)
        http_respond(call->response, 204, NULL, PD_STR(""));
    else
        serve_fail(call, &err);
}
