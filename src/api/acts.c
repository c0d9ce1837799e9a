/* Acts with their receipts and proofs; duties; jobs. */
#include "api/api_impl.h"

static void write_act(struct pd_json *w, const struct catalogue_act *act) {
    api_member_id(w, "id", act->id);
    pd_json_member_str(w, "verb", act->verb);
    pd_json_member_str(w, "party", act->party);
    pd_json_member_str(w, "outcome", act->outcome);
    api_member_time(w, "made_at", act->made_at);
    pd_json_member_str(w, "log", act->log);
    pd_json_member_bool(w, "is_pending", act->is_pending);
    pd_json_key(w, "index");
    if (act->is_pending)
        pd_json_null(w);
    else
        pd_json_u64(w, act->index);
    pd_json_member_str(w, "intent", act->intent);
    pd_json_member_str(w, "dataset", act->dataset);
    api_member_map(w, "dataset_title", act->dataset_title);
}

void api_get_acts(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_viewer viewer;
    struct catalogue_acts_query query = {.party = api_query(call, "party"), .verb = api_query(call, "verb")};
    struct catalogue_acts found;
    pd_str dataset = api_query(call, "dataset");
    api_begin(&a, call);
    enum pd_status st = api_list(call, &viewer, &query.page, &err);
    query.has_dataset = dataset.len > 0;
    if (st == PD_OK && query.has_dataset && !pd_id_parse(dataset, &query.dataset))
        st = pd_fail(&err, PD_USAGE, "dataset is an id");
    if (st == PD_OK)
        st = catalogue_acts(call->g, &viewer, &query, call->arena, &found, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < found.count; i++) {
        pd_json_object(&a.w);
        write_act(&a.w, &found.items[i]);
        pd_json_object_end(&a.w);
    }
    api_send_items(&a, found.next);
}

static enum pd_status find_act(struct serve_call *call, struct catalogue_act *out, struct pd_error *err) {
    struct catalogue_viewer viewer;
    pd_id id;
    enum pd_status st = api_id(call, &id, err);
    if (st == PD_OK)
        st = api_viewer(call, &viewer, err);
    return st == PD_OK ? catalogue_act_find(call->g, &viewer, id, call->arena, out, err) : st;
}

void api_get_act(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_act act;
    api_begin(&a, call);
    if (find_act(call, &act, &err) != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    pd_json_object(&a.w);
    write_act(&a.w, &act);
    pd_json_object_end(&a.w);
    api_send(&a, 200);
}

void api_get_receipt(struct serve_call *call) {
    struct pd_error err = {0};
    struct catalogue_act act;
    struct pd_buf buf;
    struct pd_json w;
    pd_str text, receipt = PD_STR("");
    enum pd_status st = find_act(call, &act, &err);
    if (st == PD_OK) {
        pd_buf_init(&buf, 0);
        pd_json_init(&w, &buf, PD_JSON_COMPACT);
        st = govern_act_write(call->g, act.id, &w, &err);
        if (st == PD_OK) {
            st = pd_json_finish(&w, call->arena, &text, &err);
        } else {
            pd_json_clear(&w);
            pd_buf_clear(&buf);
        }
    }
    if (st == PD_OK)
        receipt = pd_json_read_text(pd_json_find(text, "receipt"), call->arena);
    if (st == PD_OK && !receipt.len)
        st = pd_fail(&err, PD_NOT_FOUND, "this act has no receipt");
    if (st == PD_OK)
        http_respond(call->response, 200, "text/plain; charset=utf-8", receipt);
    else
        serve_fail(call, &err);
}

void api_get_proof(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_act act;
    pd_str proof, leaf;
    api_begin(&a, call);
    enum pd_status st = find_act(call, &act, &err);
    if (st == PD_OK)
        st = govern_prove_unwitnessed(call->g, act.id, call->arena, &proof, &leaf, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    pd_json_object(&a.w);
    pd_json_member_str(&a.w, "proof", proof);
    pd_json_member_str(&a.w, "leaf", leaf);
    pd_json_object_end(&a.w);
    api_send(&a, 200);
}

/* ---- Duties ---- */

void api_get_clocks(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_viewer viewer;
    struct catalogue_clocks_query query = {.party = api_query(call, "party"), .state = api_query(call, "state")};
    struct catalogue_clocks found;
    api_begin(&a, call);
    enum pd_status st = api_list(call, &viewer, &query.page, &err);
    if (st == PD_OK)
        st = catalogue_clocks(call->g, &viewer, &query, call->arena, &found, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < found.count; i++)
        govern_clock_write(&found.items[i], &a.w);
    api_send_items(&a, found.next);
}

/* ---- Jobs ---- */

void api_get_jobs(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct job *jobs;
    size_t count;
    api_begin(&a, call);
    if (job_list(govern_store(call->g), false, call->arena, &jobs, &count, &err) != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < count && i < 1000; i++) {
        pd_json_object(&a.w);
        api_member_id(&a.w, "id", jobs[i].id);
        pd_json_member_str(&a.w, "kind", jobs[i].kind);
        pd_json_member_str(&a.w, "subject", jobs[i].subject);
        api_member_time(&a.w, "due", jobs[i].due);
        pd_json_member_text(&a.w, "state", job_state_name(jobs[i].state));
        api_member_u64(&a.w, "attempts", jobs[i].attempts);
        pd_json_object_end(&a.w);
    }
    pd_json_array_end(&a.w);
    pd_json_object_end(&a.w);
    api_send(&a, 200);
}
