/** The handlers, by page, and what several pages show. Never leaves the folder. */
#ifndef POLDER_PORTAL_PAGES_H
#define POLDER_PORTAL_PAGES_H

#include "portal/page.h"

/* ---- Handlers ---- */

void portal_get_start(struct serve_call *call);
void portal_get_styles(struct serve_call *call);
void portal_get_icon(struct serve_call *call);
void portal_get_verify(struct serve_call *call);
void portal_get_verify_hash(struct serve_call *call);

void portal_get_home(struct serve_call *call);
void portal_get_promise(struct serve_call *call);
void portal_get_datasets(struct serve_call *call);
void portal_get_dataset(struct serve_call *call);
void portal_get_column(struct serve_call *call);
void portal_get_lineage(struct serve_call *call);
void portal_get_protection(struct serve_call *call);
void portal_get_file(struct serve_call *call);
void portal_get_acts(struct serve_call *call);
void portal_get_act(struct serve_call *call);
void portal_get_receipt(struct serve_call *call);
void portal_get_proof(struct serve_call *call);
void portal_get_path(struct serve_call *call);
void portal_get_dossier(struct serve_call *call); /* of an act or dataset */
void portal_get_intents(struct serve_call *call);
void portal_get_intent(struct serve_call *call);
void portal_get_cases(struct serve_call *call);
void portal_get_case(struct serve_call *call);
void portal_get_case_new(struct serve_call *call);
void portal_post_case(struct serve_call *call);
void portal_post_move(struct serve_call *call);
void portal_get_parties(struct serve_call *call);
void portal_get_party(struct serve_call *call);
void portal_get_rules(struct serve_call *call);
void portal_get_law(struct serve_call *call);
void portal_get_rule(struct serve_call *call);
void portal_get_ask(struct serve_call *call);
void portal_get_unlock(struct serve_call *call);
void portal_get_ledger(struct serve_call *call);

void portal_get_sign_in(struct serve_call *call);
void portal_post_sign_in(struct serve_call *call);
void portal_get_oidc(struct serve_call *call);
void portal_get_oidc_callback(struct serve_call *call);
void portal_post_sign_out(struct serve_call *call);
void portal_get_invitation(struct serve_call *call);
void portal_post_invitation(struct serve_call *call);
void portal_get_account(struct serve_call *call);
void portal_post_everywhere(struct serve_call *call);
void portal_post_password(struct serve_call *call);

void portal_get_publish(struct serve_call *call);
void portal_post_publish(struct serve_call *call);
void portal_post_sign(struct serve_call *call);
void portal_get_done(struct serve_call *call);

void portal_get_proposals(struct serve_call *call);
void portal_get_proposal(struct serve_call *call);
void portal_post_proposal(struct serve_call *call);
void portal_post_ballot(struct serve_call *call);
void portal_get_propose(struct serve_call *call);
void portal_post_propose(struct serve_call *call);
void portal_get_demands(struct serve_call *call);
void portal_get_demand(struct serve_call *call);
void portal_post_backing(struct serve_call *call);
void portal_get_demand_form(struct serve_call *call);
void portal_post_demand(struct serve_call *call);

/* ---- Parts of pages ---- */

/** Whether somebody is signed in. If not, the answer sends them to do so, and back here. */
bool pages_is_signed_in(struct page *page);
/** A problem for error_summary.mustache: the text of `key`, which field it is about ("": none), and
 * what is known more of it (NULL: nothing). */
void pages_put_error(struct page *page, const char *key, const char *field_id, const char *detail);
/** Where to go after signing in: `wanted` if it is a page of this language, else the first one. */
pd_str pages_way_back(struct page *page, pd_str wanted);
/** "providers" and "has_providers": who may vouch for members. */
PD_CHECK enum pd_status pages_put_providers(struct page *page, struct pd_error *err);
/** Answers with the form; to: where to go afterwards. */
void pages_show_sign_in(struct page *page, int status, pd_str to);
void pages_show_invitation(struct page *page, int status);
/** Answers with the way to a provider, whose word then uses the invitation. */
void pages_begin_invited(struct page *page, pd_str provider, pd_str code);
/** For whom this page is made. */
struct catalogue_viewer pages_viewer(const struct page *page);
/**
 * A finding, as law_finding_write writes it, as values for finding.mustache: what it says first,
 * then the articles by what they did, what is missing, and the facts.
 */
void pages_put_finding(struct page *page, struct template_value *map, const struct json_t *finding);
/** A fact of the registry in the page's language; else its name. */
pd_str pages_fact_title(struct page *page, pd_str name);
/** A dataset, for dataset_item.mustache. */
void pages_put_dataset(struct page *page, struct template_value *map,
                       const struct catalogue_dataset *dataset);
/** A list of them under `key`; whether there are any under `has_key`; next: may be NULL. */
PD_CHECK enum pd_status pages_put_datasets(struct page *page,
                                           const struct catalogue_datasets_query *query,
                                           const char *key, const char *has_key, pd_str *next,
                                           struct pd_error *err);
/** An open intent, for lists of them. */
void pages_put_intent(struct page *page, struct template_value *map,
                      const struct catalogue_intent *intent);
/** "cases" of `map`: up to five that wait for an answer of the viewer's party; count: of a page of
 * the newest. */
PD_CHECK enum pd_status pages_put_waiting_cases(struct page *page, struct template_value *map,
                                                size_t *count, struct pd_error *err);
/** A case, if who asks may read it; else PD_NOT_FOUND. */
PD_CHECK enum pd_status pages_find_case(struct page *page, pd_id id,
                                        struct govern_resource *resource,
                                        const struct govern_raised **out, struct pd_error *err);
/** Answers with the page of a case. */
void pages_show_case(struct page *page, int status, const struct govern_raised *found,
                     const struct govern_resource *resource);
/** An obligation, as a rule writes it, in words: "answer(within=20wd)". */
pd_str pages_obligation(struct page *page, pd_str text);
/** A duty, for clock_item.mustache. */
void pages_put_clock(struct page *page, struct template_value *map, pd_str obligation, pd_str party,
                     pd_str policy, pd_str state, pd_time due);
/** A field that asks for a fact, for fact_field.mustache; name: of the field. */
void pages_put_fact(struct page *page, struct template_value *list,
                    const struct law_fact_kind *kind, pd_str name, pd_str given);
/** The other parties as choices of a list; nobody: the key of the text of the first, which is none. */
PD_CHECK enum pd_status pages_put_parties(struct page *page, const char *key, const char *nobody,
                                          pd_str chosen, struct pd_error *err);
/** The newest inspection of a dataset that the viewer may see; `*out` is to be released.
 * PD_NOT_FOUND. */
PD_CHECK enum pd_status pages_inspection(struct page *page, const struct catalogue_one *one,
                                         struct json_t **out, struct pd_error *err);
/** "acts" and "has_acts", for act_table.mustache; next: may be NULL. */
PD_CHECK enum pd_status pages_put_acts(struct page *page, const struct catalogue_acts_query *query,
                                       pd_str *next, struct pd_error *err);
/** What is recorded of an act or intent that the viewer may see; `*out` is to be released. */
PD_CHECK enum pd_status pages_read_act(struct page *page, pd_id id, struct json_t **out,
                                       struct pd_error *err);
/** "path": the drawing of an act's Merkle path; nothing if there is none. */
void pages_put_path(struct page *page, pd_id act);
/**
 * The columns of an inspection (JSON as inspection_write_json) as "columns" and "has_columns".
 * dataset: for the addresses of .csv and .json, empty: no drawings. Gives the share of empty cells
 * in
 * `*empty_share`, from 0 to 1.
 */
void pages_put_columns(struct page *page, const struct json_t *inspection, pd_str dataset,
                       double *empty_share);

/** A text with values as plain text: `{{name}}` in the text of `key` becomes the value; what is put in is escaped
 * where it stands. */
pd_str pages_say(struct page *page, const char *key, const char *const names[], const pd_str values[],
                 size_t count);

/** "protection": how what was released of the dataset was protected; nothing if no plan of it is on record. */
PD_CHECK enum pd_status pages_put_released(struct page *page, pd_id dataset, struct pd_error *err);

/** A proposal, for lists of them and the head of its page. */
void pages_put_proposal(struct page *page, struct template_value *map,
                        const struct govern_proposal *proposal);
/** What a text changes in another: "lines" {text, is_added, is_removed, is_gap}, how many were "added" and
 * "removed"; or "is_too_long". */
void pages_put_diff(struct page *page, struct template_value *map, pd_str old_text, pd_str new_text);
/** How chambers voted (council_result_write) by what was frozen: "chambers", each a row of numbers and a bar. */
void pages_put_chambers(struct page *page, struct template_value *map, const struct json_t *count,
                        const struct json_t *frozen);

/** Numbers behind a drawing, as a file. */
struct pages_table {
    const char *const *names; /* of the columns */
    size_t columns, rows;
    const pd_str *cells; /* row by row; NULL: out of memory */
};
/** As pages_send_table, to be put somewhere; {NULL, 0}: no memory. */
pd_str pages_table_text(struct page *page, const struct pages_table *table, bool is_csv);
/** As CSV (RFC 4180; what a spreadsheet would take for a formula gets an apostrophe) or JSON (an
 * array of objects), by the ending of the path; 404 for another one. */
void pages_send_table(struct page *page, const struct pages_table *table);

#endif
