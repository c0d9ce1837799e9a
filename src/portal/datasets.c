/* The catalogue: a search, and what it finds. */
#include "portal/pages.h"

#include <string.h>

static const char *tag_kind(enum catalogue_openness openness) {
    static const char *const KINDS[CATALOGUE_OPENNESS_COUNT] = {
        [CATALOGUE_HELD] = "", [CATALOGUE_SHARED] = "wait", [CATALOGUE_OPEN] = "good"};
    return KINDS[openness];
}

void pages_put_dataset(struct page *page, struct template_value *map,
                       const struct catalogue_dataset *dataset) {
    page_put_id(page, map, "id", dataset->id);
    page_put_title(page, map, "name", dataset->title);
    page_put_party(page, map, "party", dataset->party);
    page_put_tag(
        page, map, "openness", tag_kind(dataset->openness),
        page_code(page, "openness", pd_str_from(catalogue_openness_name(dataset->openness))));
    page_put_time(page, map, "changed", dataset->changed_at);
    page_put_code(page, map, "grade", "grade", dataset->grade);
    template_put_bool(&page->maker, map, "has_size", dataset->rows > 0);
    page_put_number(page, map, "rows", dataset->rows);
    page_put_number(page, map, "columns_count", dataset->columns);
}

struct catalogue_viewer pages_viewer(const struct page *page) {
    struct catalogue_viewer viewer = {.party = PD_STR("")};
    struct govern_permission permission = {0};
    struct pd_error err;
    if (!page->call->is_known)
        return viewer;
    viewer.party = page->call->who.party;
    viewer.sees_all = govern_may(page->call->g, &page->call->who, "read_audit", NULL, page->arena,
                                 &permission, &err) == PD_OK &&
                      permission.may;
    return viewer;
}

enum pd_status pages_put_datasets(struct page *page, const struct catalogue_datasets_query *query,
                                  const char *key, const char *has_key, pd_str *next,
                                  struct pd_error *err) {
    struct catalogue_datasets found;
    struct catalogue_viewer viewer = pages_viewer(page);
    enum pd_status st = catalogue_datasets(page->call->g, &viewer, query, page->arena, &found, err);
    if (st != PD_OK)
        return st;
    struct template_value *list = template_put_list(&page->maker, page->values, key);
    for (size_t i = 0; i < found.count; i++)
        pages_put_dataset(page, template_push_map(&page->maker, list), &found.items[i]);
    template_put_bool(&page->maker, page->values, has_key, found.count > 0);
    page_put_number(page, page->values, "shown", found.count);
    if (next)
        *next = found.next;
    return PD_OK;
}

static void put_choices(struct page *page, pd_str chosen) {
    static const char *const CHOICES[] = {"", "open", "shared", "held"};
    struct template_value *list = template_put_list(&page->maker, page->values, "openness_choices");
    for (size_t i = 0; i < sizeof(CHOICES) / sizeof(CHOICES[0]); i++) {
        struct template_value *choice = template_push_map(&page->maker, list);
        pd_str value = pd_str_from(CHOICES[i]);
        template_put_str(&page->maker, choice, "value", value);
        template_put_str(&page->maker, choice, "text",
                         value.len ? page_code(page, "openness", value)
                                   : page_word(page, "datasets.any"));
        template_put_bool(&page->maker, choice, "is_chosen", pd_str_eq(value, chosen));
    }
}

void portal_get_datasets(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    if (!page_begin(&page, call, "datasets"))
        return;
    struct catalogue_datasets_query query = {.search = pd_str_trim(page_query(&page, "q")),
                                             .party = page_query(&page, "party"),
                                             .grade = page_query(&page, "grade"),
                                             .openness = page_query(&page, "openness"),
                                             .page = {.after = page_query(&page, "after")}};
    pd_str next = PD_STR("");
    if (pages_put_datasets(&page, &query, "items", "has_items", &next, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    template_put_str(&page.maker, page.values, "q", query.search);
    template_put_str(&page.maker, page.values, "party", query.party);
    const struct template_value *has = template_get(page.values, PD_STR("has_items"));
    template_put_bool(&page.maker, page.values, "is_empty",
                      query.search.len && has && has->kind == TEMPLATE_FALSE);
    put_choices(&page, query.openness);
    pd_str address = pd_arena_printf(
        page.arena, "q=%.*s&party=%.*s&openness=%.*s", pd_arg(page_encode(&page, query.search)),
        pd_arg(page_encode(&page, query.party)), pd_arg(page_encode(&page, query.openness)));
    page_put_next(&page, "/datasets", address.data, next);
    page_title(&page, query.search.len ? pd_arena_printf(page.arena, "%.*s \xe2\x80\x93 %.*s",
                                                         pd_arg(query.search),
                                                         pd_arg(page_word(&page, "datasets.title")))
                                       : page_word(&page, "datasets.title"));
    page_send(&page, 200, "datasets");
}
