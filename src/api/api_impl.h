/** Shared by the files of api/ only. */
#ifndef POLDER_API_IMPL_H
#define POLDER_API_IMPL_H

#include "api/api.h"

/* ---- answer.c: what all resources share ---- */

struct api_answer {
    struct serve_call *call;
    struct pd_buf buf;
    struct pd_json w;
};
/** Begins an answer in JSON; ended by api_send or api_fail. */
void api_begin(struct api_answer *a, struct serve_call *call);
void api_send(struct api_answer *a, int status);
void api_fail(struct api_answer *a, const struct pd_error *err);
/** Begins `{"items": [`; and ends the list that is open, says where its next page begins, and sends it. */
void api_items(struct api_answer *a);
void api_send_items(struct api_answer *a, pd_str next);
void api_member_id(struct pd_json *w, const char *key, pd_id id);
void api_member_time(struct pd_json *w, const char *key, pd_time time);
void api_member_u64(struct pd_json *w, const char *key, uint64_t n);
/** A language map, or null. */
void api_member_map(struct pd_json *w, const char *key, pd_str map);

/** Who looks: its party; who may read the whole record sees all. */
PD_CHECK enum pd_status api_viewer(struct serve_call *call, struct catalogue_viewer *out,
                                   struct pd_error *err);
/** ?limit= and ?after=. */
PD_CHECK enum pd_status api_page(struct serve_call *call, struct catalogue_page *out,
                                 struct pd_error *err);
/** Who looks at a list, and which page of it they ask for. */
PD_CHECK enum pd_status api_list(struct serve_call *call, struct catalogue_viewer *viewer,
                                 struct catalogue_page *page, struct pd_error *err);
pd_str api_query(struct serve_call *call, const char *name);
/** A path's "{id}"; PD_NOT_FOUND if it is none. */
PD_CHECK enum pd_status api_id(struct serve_call *call, pd_id *out, struct pd_error *err);
/** The member "facts" of a body, as declared; lives as long as the body. */
PD_CHECK enum pd_status api_facts(struct serve_call *call, const struct json_t *body,
                                  const struct govern_declared **out, size_t *count,
                                  struct pd_error *err);
/** The plan of a body, as text; empty: there is none. In the call's arena. */
PD_CHECK enum pd_status api_plan(struct serve_call *call, const struct json_t *body, pd_str *out,
                                 struct pd_error *err);
/** 403 for what the law refused, with its finding. */
void api_refuse(struct serve_call *call, int status, const char *detail,
                const struct law_finding *finding);
/** The answer to an act: the id of what it made or moved under `noun`, and its receipt; or what the law
 * refused. */
void api_done(struct api_answer *a, const char *noun, pd_id id,
              const struct govern_outcome *outcome, int status);

/* ---- Handlers, by resource ---- */

void api_get_index(struct serve_call *call);
void api_get_parties(struct serve_call *call);
void api_get_party(struct serve_call *call);
void api_get_members(struct serve_call *call);
void api_get_tokens(struct serve_call *call);
void api_post_token(struct serve_call *call);
void api_delete_token(struct serve_call *call);
void api_get_datasets(struct serve_call *call);
void api_get_dataset(struct serve_call *call);
void api_get_inspection(struct serve_call *call);
void api_get_data(struct serve_call *call);
void api_get_acts(struct serve_call *call);
void api_get_act(struct serve_call *call);
void api_get_receipt(struct serve_call *call);
void api_get_proof(struct serve_call *call);
void api_get_dossier(struct serve_call *call);
void api_post_dossier(struct serve_call *call);
void api_get_intents(struct serve_call *call);
void api_get_intent(struct serve_call *call);
void api_post_upload(struct serve_call *call);
void api_get_sources(struct serve_call *call);
void api_post_source(struct serve_call *call);
void api_get_upload(struct serve_call *call);
void api_delete_upload(struct serve_call *call);
void api_post_plan(struct serve_call *call);
void api_get_plan(struct serve_call *call);
void api_get_plan_schema(struct serve_call *call);
void api_post_suggestion(struct serve_call *call);
void api_get_suggestion(struct serve_call *call);
void api_post_version_read(struct serve_call *call);
void api_post_intent(struct serve_call *call);
void api_post_resume(struct serve_call *call);
void api_post_finding(struct serve_call *call);
void api_get_cases(struct serve_call *call);
void api_get_case(struct serve_call *call);
void api_post_case(struct serve_call *call);
void api_get_proposals(struct serve_call *call);
void api_get_proposal(struct serve_call *call);
void api_get_record(struct serve_call *call);
void api_get_recount(struct serve_call *call);
void api_get_proposable(struct serve_call *call);
void api_get_notices(struct serve_call *call);
void api_post_proposal(struct serve_call *call);
void api_post_move(struct serve_call *call);
void api_post_objection(struct serve_call *call);
void api_post_reply(struct serve_call *call);
void api_post_ballot(struct serve_call *call);
void api_get_demands(struct serve_call *call);
void api_get_demand(struct serve_call *call);
void api_get_matches(struct serve_call *call);
void api_post_demand(struct serve_call *call);
void api_post_backing(struct serve_call *call);
void api_get_jobs(struct serve_call *call);
void api_get_clocks(struct serve_call *call);
void api_get_logs(struct serve_call *call);
void api_get_leaves(struct serve_call *call);
void api_get_checkpoint(struct serve_call *call);
void api_get_tile(struct serve_call *call);
void api_get_entries(struct serve_call *call);

#endif
