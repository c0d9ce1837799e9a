/* Datasets with their versions and distributions, what was found in them, their data. */
#include "api/api_impl.h"

static void write_dataset(struct pd_json *w, const struct catalogue_dataset *d) {
    api_member_id(w, "id", d->id);
    pd_json_member_str(w, "party", d->party);
    api_member_map(w, "title", d->title);
    api_member_time(w, "created_at", d->created_at);
    api_member_time(w, "changed_at", d->changed_at);
    pd_json_member_text(w, "openness", catalogue_openness_name(d->openness));
    pd_json_member_str(w, "grade", d->grade);
    api_member_u64(w, "rows", d->rows);
    api_member_u64(w, "columns", d->columns);
}

void api_get_datasets(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_viewer viewer;
    struct catalogue_datasets_query query = {.search = api_query(call, "search"),
                                             .party = api_query(call, "party"),
                                             .grade = api_query(call, "grade"),
                                             .openness = api_query(call, "openness")};
    struct catalogue_datasets found;
    api_begin(&a, call);
    enum pd_status st = api_list(call, &viewer, &query.page, &err);
    if (st == PD_OK)
        st = catalogue_datasets(call->g, &viewer, &query, call->arena, &found, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < found.count; i++) {
        pd_json_object(&a.w);
        write_dataset(&a.w, &found.items[i]);
        pd_json_object_end(&a.w);
    }
    api_send_items(&a, found.next);
}

static void write_distribution(struct pd_json *w, const struct catalogue_distribution *d) {
    pd_json_object(w);
    api_member_id(w, "id", d->id);
    pd_json_member_str(w, "form", d->form);
    api_member_u64(w, "rows", d->rows);
    api_member_u64(w, "bytes", d->bytes);
    pd_json_member_str(w, "disclosed_to", d->disclosed_to);
    pd_json_member_str(w, "sha256", d->plain_hash);
    pd_json_member_str(w, "grade", d->grade);
    api_member_time(w, "created_at", d->created_at);
    pd_json_member_bool(w, "is_withdrawn", d->is_withdrawn);
    pd_json_member_str(w, "successor", d->successor);
    pd_json_object_end(w);
}

static void write_version(struct pd_json *w, const struct catalogue_version *v) {
    pd_json_object(w);
    api_member_id(w, "id", v->id);
    api_member_time(w, "created_at", v->created_at);
    pd_json_member_str(w, "act", v->act);
    if (v->is_whole) {
        api_member_u64(w, "rows", v->rows);
        api_member_u64(w, "columns", v->columns);
        api_member_u64(w, "bytes", v->bytes);
        pd_json_member_str(w, "grade", v->grade);
    }
    if (v->lineage)
        api_member_id(w, "from", v->lineage->from);
    pd_json_key(w, "distributions");
    pd_json_array(w);
    for (size_t i = 0; i < v->distribution_count; i++)
        write_distribution(w, &v->distributions[i]);
    pd_json_array_end(w);
    pd_json_object_end(w);
}

void api_get_dataset(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    struct catalogue_viewer viewer;
    struct catalogue_page page;
    struct catalogue_one found;
    pd_id id;
    api_begin(&a, call);
    enum pd_status st = api_id(call, &id, &err);
    if (st == PD_OK)
        st = api_viewer(call, &viewer, &err);
    if (st == PD_OK)
        st = api_page(call, &page, &err);
    if (st == PD_OK)
        st = catalogue_dataset_find(call->g, &viewer, id, &page, call->arena, &found, &err);
    if (st != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    pd_json_object(&a.w);
    write_dataset(&a.w, &found.dataset);
    api_member_u64(&a.w, "version_count", found.version_count);
    pd_json_key(&a.w, "versions");
    pd_json_array(&a.w);
    for (size_t i = 0; i < found.count; i++)
        write_version(&a.w, &found.versions[i]);
    api_send_items(&a, found.next);
}

void api_get_inspection(struct serve_call *call) {
    struct pd_error err = {0};
    struct catalogue_viewer viewer;
    pd_id id;
    pd_str json;
    enum pd_status st = api_id(call, &id, &err);
    if (st == PD_OK)
        st = api_viewer(call, &viewer, &err);
    if (st == PD_OK)
        st = catalogue_inspection(call->g, &viewer, id, call->arena, &json, &err);
    if (st == PD_OK)
        http_respond(call->response, 200, "application/json", json);
    else
        serve_fail(call, &err);
}

void api_get_data(struct serve_call *call) {
    struct pd_error err = {0};
    struct catalogue_viewer viewer;
    struct store_reader *reader = NULL;
    uint64_t bytes = 0;
    pd_id id;
    enum pd_status st = api_id(call, &id, &err);
    if (st == PD_OK)
        st = api_viewer(call, &viewer, &err);
    if (st == PD_OK)
        st = catalogue_file_open(call->g, &viewer, id, &reader, &bytes, &err);
    if (st == PD_OK)
        serve_file(call, reader, bytes, "text/csv; charset=utf-8",
                   pd_arena_printf(call->arena, "%.*s.csv", pd_arg(http_param(call->request, "id"))));
    else
        serve_fail(call, &err);
}
