/* What people need: the list, one demand, and the form that first looks for it in the catalogue. */
#include "portal/pages.h"

#include <jansson.h>

static void put_demand(struct page *page, struct template_value *map, const struct govern_demand *d) {
    const struct govern_raised *c = d->raised;
    page_put_id(page, map, "id", c->id);
    page_put_tag(page, map, "state",
                 c->is_overdue                     ? "bad"
                 : pd_str_is(c->state, "answered") ? "good"
                                                   : "wait",
                 c->is_overdue ? page_word(page, "state.overdue")
                               : page_code(page, "case_state", c->state));
    template_put_str(&page->maker, map, "party", c->party);
    template_put_str(&page->maker, map, "responsible", c->responsible);
    page_put_code(page, map, "how_often", "how_often", d->how_often);
    template_put_bool(&page->maker, map, "is_sealed", d->is_sealed);
    template_put_bool(&page->maker, map, "is_erased", d->is_erased);
    template_put_bool(&page->maker, map, "is_overdue", c->is_overdue);
    template_put_str(&page->maker, map, "need", d->need);
    template_put_str(&page->maker, map, "purpose", d->purpose);
    page_put_time(page, map, "raised", c->raised_at);
    page_put_number(page, map, "backer_count", d->backer_count);
    for (size_t i = 0; i < c->clock_count; i++)
        if (c->clocks[i].has_due) {
            page_put_time(page, map, "due", c->clocks[i].due);
            break;
        }
}

void portal_get_demands(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    const struct govern_demand *list;
    size_t count, overdue = 0;
    if (!page_begin(&page, call, "demands"))
        return;
    struct catalogue_viewer viewer = pages_viewer(&page);
    if (govern_demands(call->g, &viewer, NULL, page.arena, &list, &count, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    struct template_value *items = template_put_list(&page.maker, page.values, "demands");
    for (size_t i = 0; i < count; i++) {
        put_demand(&page, template_push_map(&page.maker, items), &list[i]);
        overdue += list[i].raised->is_overdue;
    }
    template_put_bool(&page.maker, page.values, "has_demands", count > 0);
    page_put_number(&page, page.values, "count", count);
    if (overdue)
        page_put_number(&page, page.values, "overdue", overdue);
    page_title(&page, page_word(&page, "demands.title"));
    page_send(&page, 200, "demands");
}

/* ---- One ---- */

static void show(struct page *page, pd_id id, int status, const struct pd_error *why) {
    struct pd_error err = {0};
    const struct govern_demand *d;
    size_t count;
    struct catalogue_viewer viewer = pages_viewer(page);
    if (govern_demands(page->call->g, &viewer, &id, page->arena, &d, &count, &err) != PD_OK) {
        page_fail(page, &err);
        return;
    }
    if (why)
        pages_put_error(page, "demands.refused", "", why->text);
    put_demand(page, page->values, d);
    bool is_backed = false, is_open = pd_str_is(d->raised->state, "raised") ||
                                      pd_str_is(d->raised->state, "escalated");
    struct template_value *backers = template_put_list(&page->maker, page->values, "backers");
    for (size_t i = 0; i < d->backer_count; i++) {
        struct template_value *b = template_push_map(&page->maker, backers);
        template_put_str(&page->maker, b, "party", d->backers[i].party);
        page_put_time(page, b, "at", d->backers[i].at);
        is_backed = is_backed || pd_str_eq(d->backers[i].party, viewer.party);
    }
    struct template_value *answers = template_put_list(&page->maker, page->values, "answers");
    for (size_t i = 1; i < d->raised->entry_count; i++) {
        const struct govern_entry *e = &d->raised->entries[i];
        struct template_value *a = template_push_map(&page->maker, answers);
        page_put_code(page, a, "state", "case_state", e->state);
        template_put_str(&page->maker, a, "party", e->party);
        page_put_time(page, a, "at", e->at);
        template_put_str(&page->maker, a, "text", e->text);
        template_put_str(&page->maker, a, "ground", e->ground);
        template_put_str(&page->maker, a, "appeal", e->appeal);
    }
    template_put_bool(&page->maker, page->values, "has_answers", d->raised->entry_count > 1);
    template_put_bool(&page->maker, page->values, "may_back",
                      page->call->is_known && is_open && d->is_readable && !is_backed &&
                          !pd_str_eq(viewer.party, d->raised->party));
    page_title(page, page_word(page, "demands.one"));
    page_send(page, status, "demand");
}

void portal_get_demand(struct serve_call *call) {
    struct page page;
    pd_id id;
    if (page_begin(&page, call, "demands") && page_id(&page, "id", &id))
        show(&page, id, 200, NULL);
}

void portal_post_backing(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    const struct govern_outcome *outcome = NULL;
    struct govern_backing b = {.party = call->who.party, .member = call->who.member};
    if (!page_begin(&page, call, "demands") || !pages_is_signed_in(&page) ||
        !page_id(&page, "id", &b.demand))
        return;
    enum pd_status st = govern_demand_back(call->g, &b, page.arena, &outcome, &err);
    char id[PD_ID_TEXT_SIZE];
    if (st != PD_OK) {
        show(&page, b.demand, pd_outcome_get(st)->http, &err);
        return;
    }
    bool is_done = outcome->result == GOVERN_DONE;
    pd_id_write(is_done ? b.demand : outcome->act_id, id);
    page_go(&page, pd_arena_printf(page.arena, "/%s/%s", is_done ? "demands" : "acts", id));
}

/* ---- The form ---- */

static void put_match(struct page *page, struct template_value *map, const struct govern_match *m) {
    page_put_id(page, map, "dataset", m->dataset);
    page_put_title(page, map, "name", m->title);
    template_put_str(&page->maker, map, "party", m->party);
    page_put_code(page, map, "openness", "openness",
                  pd_str_from(catalogue_openness_name(m->openness)));
    template_put_number(&page->maker, map, "percent", (int64_t)(m->covered_permille / 10));
    template_put_bool(&page->maker, map, "fits", m->fits);
    struct template_value *missing = template_put_list(&page->maker, map, "missing");
    bool is_missing = false;
    for (size_t i = 0; i < m->word_count; i++)
        if (!m->words[i].is_there) {
            template_put_str(&page->maker, template_push_map(&page->maker, missing), "word",
                             m->words[i].term);
            is_missing = true;
        }
    template_put_bool(&page->maker, map, "is_missing", is_missing);
    if (m->finding)
        template_put_str(&page->maker, map, "finding",
                         page_code(page, "finding",
                                   pd_str_from(law_outcome_name(m->finding->outcome))));
}

static enum pd_status put_matches(struct page *page, pd_str need, struct pd_error *err) {
    const struct govern_match *list;
    size_t count;
    struct catalogue_viewer viewer = pages_viewer(page);
    enum pd_status st =
        govern_demand_match(page->call->g, &viewer, need, page->arena, &list, &count, err);
    if (st != PD_OK)
        return st;
    struct template_value *found = template_put_map(&page->maker, page->values, "found");
    struct template_value *matches = template_put_list(&page->maker, found, "matches");
    for (size_t i = 0; i < count; i++)
        put_match(page, template_push_map(&page->maker, matches), &list[i]);
    template_put_bool(&page->maker, found, "has_matches", count > 0);
    template_put_bool(&page->maker, found, "fits", count > 0 && list[0].fits);
    return PD_OK;
}

static pd_str given(const struct page *page, const char *name) {
    pd_str value = page_field(page, name);
    return value.len ? value : pd_str_trim(page_query(page, name));
}

static void put_parties(struct page *page) {
    struct catalogue_viewer viewer = pages_viewer(page);
    struct catalogue_parties_query query = {.page = {.limit = CATALOGUE_PAGE_MAX}};
    struct catalogue_parties found;
    struct pd_error none = {0};
    struct template_value *list = template_put_list(&page->maker, page->values, "parties");
    if (catalogue_parties(page->call->g, &viewer, &query, page->arena, &found, &none) != PD_OK)
        return;
    for (size_t i = 0; i < found.count; i++) {
        struct template_value *choice = template_push_map(&page->maker, list);
        template_put_str(&page->maker, choice, "value", found.items[i].id);
        template_put_bool(&page->maker, choice, "is_chosen",
                          pd_str_eq(found.items[i].id, given(page, "responsible")));
    }
}

static void show_form(struct page *page, int status, const struct pd_error *why) {
    const char *how[16];
    size_t n = 0;
    struct pd_error err = {0};
    pd_str need = given(page, "need");
    while (n < sizeof(how) / sizeof(*how) && govern_how_often(n)) {
        how[n] = govern_how_often(n);
        n++;
    }
    if (need.len && put_matches(page, need, &err) != PD_OK) {
        status = status == 200 ? 400 : status;
        why = why ? why : &err;
    }
    if (why)
        pages_put_error(page, "demands.refused", "need", why->text);
    page_put_choices(page, "how_often_choices", "how_often", how, n, given(page, "how_often"));
    put_parties(page);
    struct template_value *map = template_put_map(&page->maker, page->values, "given");
    template_put_str(&page->maker, map, "need", need);
    template_put_str(&page->maker, map, "purpose", given(page, "purpose"));
    page_title(page, page_word(page, "demands.make"));
    page_send(page, status, "demand_make");
}

void portal_get_demand_form(struct serve_call *call) {
    struct page page;
    if (page_begin(&page, call, "demands"))
        show_form(&page, 200, NULL);
}

void portal_post_demand(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    const struct govern_outcome *outcome = NULL;
    pd_id id;
    if (!page_begin(&page, call, "demands") || !pages_is_signed_in(&page))
        return;
    /* The form shows what was found before it lets this be sent. */
    struct govern_demanding d = {.party = call->who.party,
                                 .member = call->who.member,
                                 .need = page_field(&page, "need"),
                                 .purpose = page_field(&page, "purpose"),
                                 .how_often = page_field(&page, "how_often"),
                                 .is_sealed = page_field(&page, "sealed").len > 0,
                                 .is_none_right = page_field(&page, "none_fits").len > 0,
                                 .responsible = page_field(&page, "responsible")};
    enum pd_status st = govern_demand(call->g, &d, page.arena, &id, &outcome, &err);
    if (st != PD_OK) {
        show_form(&page, pd_outcome_get(st)->http, &err);
        return;
    }
    char text[PD_ID_TEXT_SIZE];
    bool is_done = outcome->result == GOVERN_DONE;
    pd_id_write(is_done ? id : outcome->act_id, text);
    page_go(&page, pd_arena_printf(page.arena, "/%s/%s", is_done ? "demands" : "acts", text));
}
