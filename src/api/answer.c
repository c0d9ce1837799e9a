/* What all resources share: answers in JSON, pages, who looks. */
#include "api/api_impl.h"

#include <jansson.h>

void api_begin(struct api_answer *a, struct serve_call *call) {
    a->call = call;
    pd_buf_init(&a->buf, (size_t)64 << 20);
    pd_json_init(&a->w, &a->buf, PD_JSON_COMPACT);
}

void api_send(struct api_answer *a, int status) {
    serve_json(a->call, status, &a->w);
}

void api_fail(struct api_answer *a, const struct pd_error *err) {
    pd_json_clear(&a->w);
    pd_buf_clear(&a->buf);
    serve_fail(a->call, err);
}

void api_items(struct api_answer *a) {
    pd_json_object(&a->w);
    pd_json_key(&a->w, "items");
    pd_json_array(&a->w);
}

void api_send_items(struct api_answer *a, pd_str next) {
    pd_json_array_end(&a->w);
    pd_json_member_str(&a->w, "next", next);
    pd_json_object_end(&a->w);
    api_send(a, 200);
}

void api_member_id(struct pd_json *w, const char *key, pd_id id) {
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    pd_json_member_text(w, key, text);
}

void api_member_time(struct pd_json *w, const char *key, pd_time time) {
    pd_json_key(w, key);
    if (time)
        pd_json_time(w, time);
    else
        pd_json_null(w);
}

void api_member_u64(struct pd_json *w, const char *key, uint64_t n) {
    pd_json_key(w, key);
    pd_json_u64(w, n);
}

void api_member_map(struct pd_json *w, const char *key, pd_str map) {
    pd_json_key(w, key);
    if (map.len && map.data[0] == '{')
        pd_json_raw(w, map);
    else if (map.len)
        pd_json_str(w, map);
    else
        pd_json_null(w);
}

enum pd_status api_viewer(struct serve_call *call, struct catalogue_viewer *out, struct pd_error *err) {
    struct govern_permission permission = {0};
    *out = (struct catalogue_viewer){.party = call->is_known ? call->who.party : PD_STR("")};
    if (!call->is_known)
        return PD_OK;
    enum pd_status st = govern_may(call->g, &call->who, "read_audit", NULL, call->arena, &permission, err);
    out->sees_all = st == PD_OK && permission.may;
    return st;
}

enum pd_status api_list(struct serve_call *call, struct catalogue_viewer *viewer,
                        struct catalogue_page *page, struct pd_error *err) {
    enum pd_status st = api_viewer(call, viewer, err);
    return st == PD_OK ? api_page(call, page, err) : st;
}

pd_str api_query(struct serve_call *call, const char *name) {
    pd_str value = PD_STR("");
    (void)http_query(call->request, name, &value);
    return value;
}

enum pd_status api_page(struct serve_call *call, struct catalogue_page *out, struct pd_error *err) {
    pd_str limit = api_query(call, "limit");
    uint64_t n = 0;
    if (limit.len && (!pd_parse_u64(limit, &n) || n < 1 || n > CATALOGUE_PAGE_MAX))
        return pd_fail(err, PD_USAGE, "limit is a number from 1 to %d", CATALOGUE_PAGE_MAX);
    *out = (struct catalogue_page){.after = api_query(call, "after"), .limit = (size_t)n};
    return PD_OK;
}

enum pd_status api_id(struct serve_call *call, pd_id *out, struct pd_error *err) {
    if (pd_id_parse(http_param(call->request, "id"), out))
        return PD_OK;
    return pd_fail(err, PD_NOT_FOUND, "there is nothing of this id");
}

void api_refuse(struct serve_call *call, int status, const char *detail, const struct law_finding *finding) {
    struct api_answer a;
    api_begin(&a, call);
    pd_json_object(&a.w);
    pd_json_member_text(&a.w, "type", status == 403 ? "/problems/denied" : "/problems/open");
    pd_json_member_text(&a.w, "title", status == 403 ? "the law refuses" : "a fact or a human judgement is missing");
    pd_json_member_i64(&a.w, "status", status);
    pd_json_member_text(&a.w, "detail", detail);
    if (finding) {
        pd_json_key(&a.w, "finding");
        law_finding_write(finding, &a.w);
    }
    pd_json_object_end(&a.w);
    api_send(&a, status);
    if (call->response->status == status)
        call->response->type = "application/problem+json";
}

enum pd_status api_facts(struct serve_call *call, const struct json_t *body,
                         const struct govern_declared **out, size_t *count, struct pd_error *err) {
    json_t *facts = json_object_get(body, "facts"), *value;
    const char *name;
    size_t n = 0;
    struct govern_declared *list =
        pd_arena_array(call->arena, facts ? json_object_size(facts) + 1 : 1, sizeof(*list));
    if (!list)
        return pd_fail_memory(err);
    json_object_foreach(facts, name, value) {
        list[n].name = pd_str_from(name);
        list[n++].value = (pd_str){json_string_value(value), json_string_length(value)};
    }
    *out = list;
    *count = n;
    return PD_OK;
}

void api_done(struct api_answer *a, const char *noun, pd_id id,
                      const struct govern_outcome *outcome, int status) {
    if (outcome->result != GOVERN_DONE) {
        pd_json_clear(&a->w);
        pd_buf_clear(&a->buf);
        api_refuse(a->call, 403, "the law refuses this; the refusal is on record", outcome->finding);
        return;
    }
    pd_json_object(&a->w);
    api_member_id(&a->w, noun, id);
    api_member_id(&a->w, "act", outcome->act_id);
    pd_json_member_str(&a->w, "receipt", outcome->receipt);
    pd_json_object_end(&a->w);
    api_send(a, status);
}
