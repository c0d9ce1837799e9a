/* Acts: lists of them, and one with its place in the ledger. */
#include "portal/pages.h"

#include <jansson.h>
#include <string.h>

static const char *outcome_kind(pd_str outcome) {
    static const struct {
        const char *outcome, *kind;
    } KINDS[] = {{"permit", "good"}, {"done", "good"}, {"deny", "bad"}, {"open", "wait"}};
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
        if (pd_str_is(outcome, KINDS[i].outcome))
            return KINDS[i].kind;
    return "";
}

static void put_act(struct page *page, struct template_value *map,
                    const struct catalogue_act *act) {
    page_put_id(page, map, "id", act->id);
    page_put_code(page, map, "verb", "verb", act->verb);
    page_put_party(page, map, "party", act->party);
    page_put_tag(page, map, "outcome", outcome_kind(act->outcome),
                 page_code(page, "outcome", act->outcome));
    page_put_time(page, map, "made", act->made_at);
    if (act->dataset.len) {
        template_put_str(&page->maker, map, "dataset", act->dataset);
        page_put_title(page, map, "about", act->dataset_title);
    }
    template_put_str(&page->maker, map, "place",
                     act->is_pending ? page_word(page, "acts.pending")
                                     : pd_arena_printf(page->arena, "%.*s %llu", pd_arg(act->log),
                                                       (unsigned long long)act->index));
}

enum pd_status pages_put_acts(struct page *page, const struct catalogue_acts_query *query,
                              pd_str *next, struct pd_error *err) {
    struct catalogue_acts found;
    struct catalogue_viewer viewer = pages_viewer(page);
    enum pd_status st = catalogue_acts(page->call->g, &viewer, query, page->arena, &found, err);
    if (st != PD_OK)
        return st;
    struct template_value *list = template_put_list(&page->maker, page->values, "acts");
    for (size_t i = 0; i < found.count; i++)
        put_act(page, template_push_map(&page->maker, list), &found.items[i]);
    template_put_bool(&page->maker, page->values, "has_acts", found.count > 0);
    if (next)
        *next = found.next;
    return PD_OK;
}

void portal_get_acts(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    pd_str next = PD_STR("");
    if (!page_begin(&page, call, ""))
        return;
    struct catalogue_acts_query query = {.party = page_query(&page, "party"),
                                         .verb = page_query(&page, "verb"),
                                         .page = {.after = page_query(&page, "after")}};
    if (pages_put_acts(&page, &query, &next, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    pd_str address =
        pd_arena_printf(page.arena, "party=%.*s&verb=%.*s", pd_arg(page_encode(&page, query.party)),
                        pd_arg(page_encode(&page, query.verb)));
    page_put_next(&page, "/acts", address.data, next);
    page_title(&page, page_word(&page, "acts.title"));
    page_send(&page, 200, "acts");
}

/* ---- One act ---- */

enum pd_status pages_read_act(struct page *page, pd_id id, json_t **out, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_str text;
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    enum pd_status st = govern_act_write(page->call->g, id, &w, err);
    if (st != PD_OK) {
        pd_json_clear(&w);
        pd_buf_clear(&buf);
        return st;
    }
    st = pd_json_finish(&w, page->arena, &text, err);
    return st == PD_OK ? pd_json_parse(text, 32 << 20, 64, out, err) : st;
}

static pd_str text_at(struct page *page, const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? pd_arena_str(page->arena, pd_str_from(text)) : PD_STR("");
}

void pages_put_clock(struct page *page, struct template_value *map, pd_str obligation, pd_str party,
                     pd_str policy, pd_str state, pd_time due) {
    template_put_str(&page->maker, map, "obligation", pages_obligation(page, obligation));
    page_put_party(page, map, "party", party);
    template_put_str(&page->maker, map, "policy", policy);
    page_put_tag(page, map, "state",
                 pd_str_is(state, "overdue") ? "bad"
                 : pd_str_is(state, "met")   ? "good"
                                             : "",
                 page_code(page, "state", state));
    if (due)
        page_put_time(page, map, "due", due);
}

static void put_clocks(struct page *page, const json_t *clocks) {
    struct template_value *list = template_put_list(&page->maker, page->values, "clocks");
    size_t i;
    json_t *clock;
    json_array_foreach(clocks, i, clock) {
        pd_time due = 0;
        if (!pd_time_parse(text_at(page, clock, "due"), &due))
            due = 0;
        pages_put_clock(page, template_push_map(&page->maker, list),
                        text_at(page, clock, "obligation"), text_at(page, clock, "party"),
                        text_at(page, clock, "policy"), text_at(page, clock, "state"), due);
    }
    template_put_bool(&page->maker, page->values, "has_clocks", json_array_size(clocks) > 0);
}

static void put_record(struct page *page, const json_t *act) {
    const json_t *log = json_object_get(act, "log");
    pd_str shard = text_at(page, log, "shard");
    template_put_str(&page->maker, page->values, "log",
                     shard.len ? pd_arena_printf(page->arena, "%.*s/%.*s",
                                                 pd_arg(text_at(page, log, "name")), pd_arg(shard))
                               : text_at(page, log, "name"));
    page_put_number(page, page->values, "index",
                    (uint64_t)json_integer_value(json_object_get(log, "index")));
    page_put_number(page, page->values, "size",
                    (uint64_t)json_integer_value(json_object_get(log, "size")));
    template_put_str(&page->maker, page->values, "receipt", text_at(page, act, "receipt"));
    const json_t *finding = json_object_get(json_object_get(act, "record"), "finding");
    template_put_bool(&page->maker, page->values, "has_finding", json_is_object(finding));
    if (json_is_object(finding))
        pages_put_finding(page, template_put_map(&page->maker, page->values, "finding"), finding);
    put_clocks(page, json_object_get(act, "clocks"));
}

/* Whose act it is, and whether it may be seen, before anything of it is read. */
static bool find_act(struct page *page, struct catalogue_act *act) {
    struct pd_error err = {0};
    struct catalogue_viewer viewer = pages_viewer(page);
    pd_id id;
    if (!page_id(page, "id", &id))
        return false;
    if (catalogue_act_find(page->call->g, &viewer, id, page->arena, act, &err) == PD_OK)
        return true;
    page_fail(page, &err);
    return false;
}

void portal_get_act(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct catalogue_act act;
    json_t *json = NULL;
    if (!page_begin(&page, call, "") || !find_act(&page, &act))
        return;
    if (pages_read_act(&page, act.id, &json, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    put_act(&page, page.values, &act);
    template_put_bool(&page.maker, page.values, "is_pending", act.is_pending);
    put_record(&page, json);
    json_decref(json);
    if (!act.is_pending)
        pages_put_path(&page, act.id);
    const struct template_value *about =
        template_get(template_get(page.values, PD_STR("about")), PD_STR("text"));
    pd_str verb = page_code(&page, "verb", act.verb);
    pd_str heading =
        about ? pd_arena_printf(page.arena, "%.*s: %.*s", pd_arg(verb), pd_arg(about->text)) : verb;
    template_put_str(&page.maker, page.values, "heading", heading);
    page_title(&page, heading);
    page_send(&page, 200, "act");
}

/* ---- Its files ---- */

static void send_file(struct page *page, pd_str text, const char *type, const char *name) {
    http_respond(page->call->response, 200, type, text);
    http_add_header(page->call->response, "Content-Disposition",
                    pd_arena_printf(page->arena, "attachment; filename=\"%s\"", name));
    http_add_header(page->call->response, "Cache-Control", PD_STR("private, no-cache"));
}

void portal_get_receipt(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct catalogue_act act;
    json_t *json = NULL;
    if (!page_begin(&page, call, "") || !find_act(&page, &act))
        return;
    if (pages_read_act(&page, act.id, &json, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    pd_str receipt = text_at(&page, json, "receipt");
    json_decref(json);
    send_file(&page, receipt, "text/plain; charset=utf-8", "receipt.txt");
}

void portal_get_proof(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct catalogue_act act;
    pd_str proof, leaf;
    if (!page_begin(&page, call, "") || !find_act(&page, &act))
        return;
    if (govern_prove(call->g, act.id, page.arena, &proof, &leaf, &err) != PD_OK)
        page_fail(&page, &err);
    else
        send_file(&page, proof, "text/plain; charset=utf-8", "act.tlog-proof");
}

void portal_get_dossier(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    pd_id id;
    pd_str dossier;
    if (!page_begin(&page, call, "") || !page_id(&page, "id", &id))
        return;
    enum pd_status st =
        govern_dossier(call->g, id, GOVERN_FOR_PUBLIC, page.arena, &dossier, &err);
    if (st == PD_DENIED) /* what isn't public isn't there, whoever knows its id */
        portal_refuse(call, 404, "");
    else if (st != PD_OK)
        page_fail(&page, &err);
    else
        send_file(&page, dossier, "application/json", "dossier.json");
}
