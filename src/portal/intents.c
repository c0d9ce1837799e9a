/* What isn't done yet, and whose turn it is. */
#include "portal/pages.h"

#include <jansson.h>

static void put_waits(struct page *page, struct template_value *map,
                      const struct catalogue_intent *intent) {
    struct template_value *list = template_put_list(&page->maker, map, "waits");
    bool is_zh = page->language[0] == 'z', is_mine = false;
    for (size_t i = 0; i < intent->wait_count; i++) {
        const struct catalogue_wait *wait = &intent->waits[i];
        struct template_value *entry = template_push_map(&page->maker, list);
        pd_str what = is_zh && wait->title_zh.len ? wait->title_zh : wait->title;
        pd_str supplier = is_zh && wait->supplier_zh.len ? wait->supplier_zh : wait->supplier;
        if (wait->kind == CATALOGUE_WAIT_SIGNATURE)
            what = page_word(page, "intents.signature");
        template_put_str(&page->maker, entry, "what", what.len ? what : pages_obligation(page, wait->obligation));
        if (wait->kind != CATALOGUE_WAIT_SIGNATURE)
            template_put_str(&page->maker, entry, "supplier", supplier);
        template_put_bool(&page->maker, entry, "is_viewers", wait->is_viewers);
        template_put_bool(&page->maker, entry, "is_last", i + 1 == intent->wait_count);
        is_mine = is_mine || wait->is_viewers;
    }
    template_put_bool(&page->maker, map, "has_waits", intent->wait_count > 0);
    template_put_bool(&page->maker, map, "is_mine", is_mine);
}

void pages_put_intent(struct page *page, struct template_value *map,
                      const struct catalogue_intent *intent) {
    page_put_id(page, map, "id", intent->id);
    page_put_code(page, map, "verb", "verb", intent->verb);
    page_put_party(page, map, "party", intent->party);
    template_put_str(&page->maker, map, "title", intent->title);
    page_put_time(page, map, "made", intent->created_at);
    put_waits(page, map, intent);
}

void portal_get_intents(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct catalogue_intents found = {0};
    if (!page_begin(&page, call, "intents"))
        return;
    struct catalogue_viewer viewer = pages_viewer(&page);
    struct catalogue_intents_query query = {.state = PD_STR("open"),
                                            .page = {.after = page_query(&page, "after")}};
    if (viewer.party.len &&
        catalogue_intents(call->g, &viewer, &query, page.arena, &found, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    struct template_value *list = template_put_list(&page.maker, page.values, "intents");
    for (size_t i = 0; i < found.count; i++)
        pages_put_intent(&page, template_push_map(&page.maker, list), &found.items[i]);
    template_put_bool(&page.maker, page.values, "has_intents", found.count > 0);
    page_put_next(&page, "/intents", "", found.next);
    page_title(&page, page_word(&page, "intents.title"));
    page_send(&page, 200, "intents");
}

void portal_get_intent(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct catalogue_intent intent;
    json_t *record = NULL;
    pd_id id;
    if (!page_begin(&page, call, "intents") || !page_id(&page, "id", &id))
        return;
    struct catalogue_viewer viewer = pages_viewer(&page);
    if (catalogue_intent_find(call->g, &viewer, id, page.arena, &intent, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    struct template_value *map = page.values;
    pages_put_intent(&page, map, &intent);
    template_put_str(&page.maker, map, "name", intent.title);
    template_put_bool(&page.maker, map, "is_open", pd_str_is(intent.state, "open"));
    template_put_bool(&page.maker, map, "is_own", intent.is_own);
    template_put_bool(&page.maker, map, "may_go_on",
                      intent.is_own && pd_str_is(intent.state, "open") && page.call->who.csrf.len);
    page_put_tag(&page, map, "state",
                 pd_str_is(intent.state, "open")   ? "wait"
                 : pd_str_is(intent.state, "done") ? "good"
                                                   : "bad",
                 page_code(&page, "state", intent.state));
    template_put_str(&page.maker, map, "member", intent.member);
    page_put_code(&page, map, "purpose", "purpose", intent.purpose);
    template_put_str(&page.maker, map, "recipient", intent.recipient);
    template_put_str(&page.maker, map, "dataset", intent.dataset);
    template_put_str(&page.maker, map, "reason", intent.reason);
    if (intent.is_own && pages_read_act(&page, id, &record, &err) == PD_OK) {
        const json_t *finding = json_object_get(json_object_get(record, "record"), "finding");
        if (json_is_object(finding))
            pages_put_finding(&page, template_put_map(&page.maker, map, "finding"), finding);
        json_decref(record);
    }
    /* The window's title comes from the viewer's own words; the heading stands in the template. */
    page_title(&page, intent.title.len ? intent.title : page_word(&page, "intents.title"));
    page_send(&page, 200, "intent");
}
