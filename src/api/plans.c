/*
 * Plans: suggested for an upload by a job; read, with what they cost, as acts recorded them; and what
 * attacks on their results gained. What a plan would do at the doorway, and doing it, is in intents.c.
 */
#include "api/api_impl.h"
#include "api/bundled.h"

#include <jansson.h>
#include <stdlib.h>

/* ---- A plan that came ---- */

enum pd_status api_plan(struct serve_call *call, const json_t *body, pd_str *out, struct pd_error *err) {
    const json_t *plan = json_object_get(body, "plan");
    *out = PD_STR("");
    if (!plan)
        return PD_OK;
    char *text = json_dumps(plan, JSON_COMPACT); /* its numbers are whole, its decimals texts */
    *out = text ? pd_arena_str(call->arena, pd_str_from(text)) : PD_STR("");
    free(text);
    return out->len ? PD_OK : pd_fail_memory(err);
}

void api_get_plan_schema(struct serve_call *call) {
    http_respond(call->response, 200, "application/schema+json",
                 (pd_str){(const char *)bundled_schemas[0].data, bundled_schemas[0].len});
}

/* ---- Suggestions ---- */

static void send_suggestion(struct serve_call *call, pd_str id, int status) {
    struct api_answer a;
    struct pd_error err = {0};
    struct serve_suggested s;
    api_begin(&a, call);
    if (serve_suggestion_look(call, id, &s, &err) != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    pd_json_object(&a.w);
    pd_json_member_str(&a.w, "id", s.id);
    pd_json_member_str(&a.w, "upload", s.ask.upload);
    api_member_u64(&a.w, "k", s.ask.k);
    api_member_u64(&a.w, "max_suppressed", s.ask.most_left_out);
    api_member_u64(&a.w, "population", s.ask.population);
    pd_json_member_str(&a.w, "state", s.state);
    pd_json_member_str(&a.w, "why", s.why);
    api_member_time(&a.w, "made_at", s.made_at);
    pd_json_key(&a.w, "suggestion");
    if (s.json.len)
        pd_json_raw(&a.w, s.json);
    else
        pd_json_null(&a.w);
    pd_json_object_end(&a.w);
    api_send(&a, status);
    if (status == 202)
        http_add_header(call->response, "Location",
                        pd_arena_printf(call->arena, "/api/v1/suggestions/%.*s", pd_arg(id)));
}

static uint64_t number_at(const json_t *body, const char *name, uint64_t otherwise) {
    const json_t *v = json_object_get(body, name);
    return json_is_integer(v) ? (uint64_t)json_integer_value(v) : otherwise;
}

void api_post_suggestion(struct serve_call *call) {
    struct pd_error err = {0};
    json_t *body;
    pd_str id;
    if (!serve_body(call, &body))
        return;
    struct serve_suggest ask = {.upload = serve_text(body, "upload"),
                                .k = number_at(body, "k", 0),
                                .most_left_out = (unsigned)number_at(body, "max_suppressed", 10),
                                .population = number_at(body, "population", 0)};
    enum pd_status st = ask.k == 1 ? pd_fail_at(&err, PD_INVALID, "k", "k is at least 2; 0 asks for the knee of the curve")
                                   : serve_suggest(call, &ask, &id, &err);
    json_decref(body);
    if (st == PD_OK)
        send_suggestion(call, id, 202);
    else
        serve_fail(call, &err);
}

void api_get_suggestion(struct serve_call *call) {
    send_suggestion(call, http_param(call->request, "id"), 200);
}

/* ---- What acts recorded ---- */

/* The record of the act that the path's id leads to. */
static enum pd_status read_record(struct serve_call *call, struct catalogue_act *act, pd_str *record,
                                  struct pd_error *err) {
    struct catalogue_viewer viewer;
    struct pd_buf buf;
    struct pd_json w;
    pd_id id;
    pd_str text = PD_STR("");
    enum pd_status st = api_id(call, &id, err);
    if (st == PD_OK)
        st = api_viewer(call, &viewer, err);
    if (st == PD_OK)
        st = catalogue_act_of(call->g, &viewer, id, call->arena, act, err);
    if (st != PD_OK)
        return st;
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    st = govern_act_write(call->g, act->id, &w, err);
    if (st == PD_OK) {
        st = pd_json_finish(&w, call->arena, &text, err);
    } else {
        pd_json_clear(&w);
        pd_buf_clear(&buf);
    }
    *record = st == PD_OK ? pd_json_find(text, "record") : text;
    return st;
}

static bool is_there(pd_str json) {
    return json.len > 0 && !pd_str_is(json, "null");
}

/* Members of the record under their own names; what isn't there is null. */
static void send_members(struct serve_call *call, const char *const *names, size_t count,
                         const char *missing) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_act act;
    pd_str record;
    api_begin(&a, call);
    enum pd_status st = read_record(call, &act, &record, &err);
    if (st == PD_OK && !is_there(pd_json_find(record, names[0])))
        st = pd_fail(&err, PD_NOT_FOUND, "%s", missing);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    pd_json_object(&a.w);
    api_member_id(&a.w, "act", act.id);
    pd_json_member_str(&a.w, "verb", act.verb);
    pd_json_member_str(&a.w, "dataset", act.dataset);
    for (size_t i = 0; i < count; i++) {
        pd_str json = pd_json_find(record, names[i]);
        pd_json_key(&a.w, names[i]);
        if (is_there(json))
            pd_json_raw(&a.w, json);
        else
            pd_json_null(&a.w);
    }
    pd_json_object_end(&a.w);
    api_send(&a, 200);
}

void api_get_plan(struct serve_call *call) {
    static const char *const NAMES[] = {"plan", "risk_before", "risk_after"};
    send_members(call, NAMES, sizeof(NAMES) / sizeof(*NAMES), "no plan was recorded of it");
}
