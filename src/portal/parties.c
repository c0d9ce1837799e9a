/* Who governs here. */
#include "portal/pages.h"

struct page_party {
    pd_str id, title;
    struct page_party *next;
};

/* A page names few parties, some of them often. */
static pd_str title_of(struct page *page, pd_str id) {
    struct pd_error err;
    pd_str title = PD_STR("");
    for (const struct page_party *p = page->parties; p; p = p->next)
        if (pd_str_eq(p->id, id))
            return p->title;
    if (!page->call->g ||
        catalogue_party_title(page->call->g, id, page->arena, &title, &err) != PD_OK)
        title = PD_STR(""); /* the name does */
    struct page_party *p = pd_arena_alloc(page->arena, sizeof(*p));
    if (p) {
        *p = (struct page_party){id, title, page->parties};
        page->parties = p;
    }
    return title;
}

void page_put_party(struct page *page, struct template_value *map, const char *key, pd_str party) {
    pd_str title = title_of(page, party);
    if (!party.len)
        return;
    page_put_title(page, map, key, title.len ? title : party);
    struct template_value *entry =
        (struct template_value *)(uintptr_t)template_get(map, pd_str_from(key));
    if (entry)
        template_put_str(&page->maker, entry, "path", page_encode(page, party));
}

static void put_party(struct page *page, struct template_value *map,
                      const struct catalogue_party *party) {
    template_put_str(&page->maker, map, "path", page_encode(page, party->id));
    page_put_title(page, map, "name", party->title);
    page_put_code(page, map, "chamber", "chamber", party->chamber);
    page_put_code(page, map, "kind", "kind", party->kind);
    template_put_str(&page->maker, map, "country", party->country);
    page_put_number(page, map, "members", party->members);
    page_put_number(page, map, "datasets_count", party->datasets);
}

enum pd_status pages_put_parties(struct page *page, const char *key, const char *nobody,
                                 pd_str chosen, struct pd_error *err) {
    struct catalogue_parties found;
    struct catalogue_viewer viewer = pages_viewer(page);
    struct catalogue_parties_query query = {.page = {.limit = CATALOGUE_PAGE_MAX}};
    enum pd_status st = catalogue_parties(page->call->g, &viewer, &query, page->arena, &found, err);
    if (st != PD_OK)
        return st;
    struct template_value *list = template_put_list(&page->maker, page->values, key);
    struct template_value *none = template_push_map(&page->maker, list);
    template_put_text(&page->maker, none, "value", "");
    template_put_str(&page->maker, none, "text", page_word(page, nobody));
    for (size_t i = 0; i < found.count; i++) {
        if (pd_str_eq(found.items[i].id, viewer.party))
            continue;
        struct template_value *choice = template_push_map(&page->maker, list);
        page_put_title(page, choice, "name", found.items[i].title);
        const struct template_value *name =
            template_get(template_get(choice, PD_STR("name")), PD_STR("text"));
        template_put_str(&page->maker, choice, "value", found.items[i].id);
        template_put_str(&page->maker, choice, "text", name ? name->text : found.items[i].id);
        template_put_bool(&page->maker, choice, "is_chosen",
                          pd_str_eq(found.items[i].id, chosen));
    }
    return PD_OK;
}

void portal_get_parties(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct catalogue_parties found;
    if (!page_begin(&page, call, "parties"))
        return;
    struct catalogue_viewer viewer = pages_viewer(&page);
    struct catalogue_parties_query query = {
        .chamber = page_query(&page, "chamber"),
        .page = {.after = page_query(&page, "after"), .limit = 50}};
    if (catalogue_parties(call->g, &viewer, &query, page.arena, &found, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    struct template_value *list = template_put_list(&page.maker, page.values, "parties");
    for (size_t i = 0; i < found.count; i++)
        put_party(&page, template_push_map(&page.maker, list), &found.items[i]);
    page_put_next(&page, "/parties",
                  query.chamber.len ? pd_arena_printf(page.arena, "chamber=%.*s",
                                                      pd_arg(page_encode(&page, query.chamber)))
                                          .data
                                    : "",
                  found.next);
    page_title(&page, page_word(&page, "parties.title"));
    page_send(&page, 200, "parties");
}

static void put_people(struct page *page, const struct catalogue_party *party) {
    struct template_value *people = template_put_list(&page->maker, page->values, "people");
    for (size_t i = 0; i < party->people_count; i++) {
        struct template_value *person = template_push_map(&page->maker, people);
        struct template_value *duties = template_put_list(&page->maker, person, "duties");
        template_put_str(&page->maker, person, "name", party->people[i].name);
        for (size_t d = 0; d < party->people[i].duty_count; d++)
            page_put_code(page, template_push_map(&page->maker, duties), "text", "duty",
                          party->people[i].duties[d]);
    }
    template_put_bool(&page->maker, page->values, "has_people", party->people_count > 0);
}

void portal_get_party(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct catalogue_party party;
    if (!page_begin(&page, call, "parties"))
        return;
    struct catalogue_viewer viewer = pages_viewer(&page);
    pd_str id = http_param(call->request, "id");
    struct catalogue_datasets_query query = {.party = id, .page = {.limit = 5}};
    enum pd_status st = catalogue_party_find(call->g, &viewer, id, page.arena, &party, &err);
    if (st == PD_OK)
        st = pages_put_datasets(&page, &query, "items", "has_items", NULL, &err);
    if (st != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    put_party(&page, page.values, &party);
    page_put_time(&page, page.values, "since", party.registered_at);
    template_put_str(&page.maker, page.values, "vkey", party.vkey);
    struct template_value *duties = template_put_list(&page.maker, page.values, "duties");
    for (int d = 0; d < CATALOGUE_DUTY_COUNT; d++) {
        if (d >= CATALOGUE_SYSTEM && !party.with_duty[d])
            continue; /* few parties have administrators */
        struct template_value *duty = template_push_map(&page.maker, duties);
        page_put_code(&page, duty, "text", "duty",
                      pd_str_from(catalogue_duty_name((enum catalogue_duty)d)));
        page_put_number(&page, duty, "count", party.with_duty[d]);
    }
    put_people(&page, &party);
    const struct template_value *name = template_get(page.values, PD_STR("name"));
    const struct template_value *text = template_get(name, PD_STR("text"));
    page_title(&page, text ? text->text : party.id);
    page_send(&page, 200, "party");
}
