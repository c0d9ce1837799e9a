/* Cases: what was asked of whom, until when; those that are overdue for everybody to see. */
#include "portal/pages.h"

#include <string.h>

static const char *state_kind(pd_str state) {
    static const struct {
        const char *state, *kind;
    } KINDS[] = {{"raised", "wait"}, {"escalated", "bad"}, {"answered", "good"}, {"refused", "bad"}};
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
        if (pd_str_is(state, KINDS[i].state))
            return KINDS[i].kind;
    return "";
}

static void put_state(struct page *page, struct template_value *map, pd_str state) {
    page_put_tag(page, map, "state", state_kind(state), page_code(page, "case_state", state));
}

/* ---- Lists ---- */

static void put_case(struct page *page, struct template_value *map,
                     const struct catalogue_case *c) {
    page_put_code(page, map, "kind", "case_kind", c->kind);
    put_state(page, map, c->state);
    page_put_party(page, map, "responsible", c->responsible);
    page_put_time(page, map, "raised", c->raised_at);
    if (c->has_due)
        page_put_time(page, map, "due", c->due_at);
    if (c->is_overdue)
        page_put_number(page, map, "days_over",
                        (uint64_t)((page->call->now - c->due_at) / PD_DAY));
    template_put_bool(&page->maker, map, "is_overdue", c->is_overdue);
    template_put_bool(&page->maker, map, "is_to_answer", c->is_to_answer);
    if (!c->is_viewers)
        return;
    page_put_id(page, map, "id", c->id);
    page_put_party(page, map, "party", c->party);
    if (c->dataset.len)
        page_put_title(page, map, "about", c->dataset_title);
}

static enum pd_status put_cases(struct page *page, const struct catalogue_cases_query *query,
                                const char *key, const char *has_key,
                                struct catalogue_cases *found, struct pd_error *err) {
    struct catalogue_viewer viewer = pages_viewer(page);
    enum pd_status st = catalogue_cases(page->call->g, &viewer, query, page->arena, found, err);
    if (st != PD_OK)
        return st;
    struct template_value *list = template_put_list(&page->maker, page->values, key);
    for (size_t i = 0; i < found->count; i++)
        put_case(page, template_push_map(&page->maker, list), &found->items[i]);
    template_put_bool(&page->maker, page->values, has_key, found->count > 0);
    return PD_OK;
}

enum pd_status pages_put_waiting_cases(struct page *page, struct template_value *map,
                                       size_t *count, struct pd_error *err) {
    struct catalogue_cases found;
    struct catalogue_viewer viewer = pages_viewer(page);
    struct catalogue_cases_query query = {.only_waiting = true};
    enum pd_status st = catalogue_cases(page->call->g, &viewer, &query, page->arena, &found, err);
    struct template_value *list = template_put_list(&page->maker, map, "cases");
    *count = 0;
    for (size_t i = 0; st == PD_OK && i < found.count; i++)
        if (found.items[i].is_to_answer && ++*count <= 5)
            put_case(page, template_push_map(&page->maker, list), &found.items[i]);
    return st;
}

void portal_get_cases(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct catalogue_cases found = {0}, overdue;
    if (!page_begin(&page, call, "cases"))
        return;
    bool only_waiting = !pd_str_is(page_query(&page, "show"), "all");
    struct catalogue_cases_query query = {.only_waiting = only_waiting,
                                          .page = {.after = page_query(&page, "after")}};
    struct catalogue_cases_query late = {.which = CATALOGUE_CASES_OVERDUE, .page = {.limit = 50}};
    enum pd_status st =
        call->is_known ? put_cases(&page, &query, "cases", "has_cases", &found, &err) : PD_OK;
    if (st == PD_OK)
        st = put_cases(&page, &late, "overdue", "has_overdue", &overdue, &err);
    if (st != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    page_put_number(&page, page.values, "overdue_count", overdue.count);
    template_put_bool(&page.maker, page.values, "is_one_overdue", overdue.count == 1);
    template_put_bool(&page.maker, page.values, "has_more_overdue", overdue.has_more);
    template_put_bool(&page.maker, page.values, "only_waiting", only_waiting);
    page_put_next(&page, "/cases", only_waiting ? "" : "show=all", found.next);
    page_title(&page, page_word(&page, "cases.title"));
    page_send(&page, 200, "cases");
}

/* ---- One ---- */

static void put_clocks(struct page *page, const struct govern_raised *c) {
    struct template_value *list = template_put_list(&page->maker, page->values, "clocks");
    for (size_t i = 0; i < c->clock_count; i++)
        pages_put_clock(page, template_push_map(&page->maker, list), c->clocks[i].obligation,
                        c->clocks[i].party, c->clocks[i].policy_id,
                        pd_str_from(govern_clock_state_name(c->clocks[i].state)),
                        c->clocks[i].has_due ? c->clocks[i].due : 0);
    template_put_bool(&page->maker, page->values, "has_clocks", c->clock_count > 0);
}

/* Names of persons are for their own party; others read whose step it was. */
static void put_thread(struct page *page, const struct govern_raised *c, bool sees_all) {
    struct template_value *list = template_put_list(&page->maker, page->values, "entries");
    for (size_t i = 0; i < c->entry_count; i++) {
        const struct govern_entry *e = &c->entries[i];
        struct template_value *map = template_push_map(&page->maker, list);
        page_put_code(page, map, "step", "case_step", e->step);
        page_put_party(page, map, "party", e->party);
        if (sees_all || pd_str_eq(e->party, page->call->who.party))
            template_put_str(&page->maker, map, "member", e->member);
        page_put_time(page, map, "at", e->at);
        page_put_id(page, map, "act", e->act_id);
        template_put_bool(&page->maker, map, "is_erased", e->is_erased);
        template_put_str(&page->maker, map, "text", e->text);
        template_put_str(&page->maker, map, "ground", e->ground);
        template_put_str(&page->maker, map, "appeal", e->appeal);
    }
}

/* Whose turn it is, and what whoever looks may do about it. */
static void put_turn(struct page *page, const struct govern_raised *c,
                     const struct govern_resource *resource, bool sees_all) {
    struct govern_permission answers = {0};
    struct pd_error err;
    struct template_value *map = page->values;
    pd_str mine = page->call->who.party;
    bool is_undecided = pd_str_is(c->state, "raised") || pd_str_is(c->state, "escalated");
    bool is_ours = pd_str_eq(mine, c->responsible), has_form = page->call->who.csrf.len > 0;
    bool may_answer = is_ours &&
                      govern_may(page->call->g, &page->call->who, "answer_case", resource,
                                 page->arena, &answers, &err) == PD_OK &&
                      answers.may;
    template_put_bool(&page->maker, map, "is_undecided", is_undecided);
    template_put_bool(&page->maker, map, "is_ours", is_ours);
    template_put_bool(&page->maker, map, "may_decide", is_undecided && may_answer && has_form);
    template_put_bool(&page->maker, map, "may_withdraw",
                      is_undecided && pd_str_eq(mine, c->party) && has_form);
    template_put_bool(&page->maker, map, "may_object",
                      !is_undecided && pd_str_eq(mine, c->party) && has_form);
    struct template_value *names = template_put_list(&page->maker, map, "deciders");
    for (size_t i = 0; i < c->answerable_count && (is_ours || sees_all); i++) {
        struct template_value *entry = template_push_map(&page->maker, names);
        template_put_str(&page->maker, entry, "name", c->answerable[i]);
        template_put_bool(&page->maker, entry, "is_last", i + 1 == c->answerable_count);
    }
    template_put_bool(&page->maker, map, "has_deciders", c->answerable_count > 0);
    template_put_bool(&page->maker, map, "names_deciders", is_ours || sees_all);
}

enum pd_status pages_find_case(struct page *page, pd_id id, struct govern_resource *resource,
                               const struct govern_raised **out, struct pd_error *err) {
    struct govern_permission permission;
    char text[PD_ID_TEXT_SIZE];
    size_t count;
    pd_id_write(id, text);
    enum pd_status st = govern_resource_find(page->call->g, "Case", pd_str_from(text), page->arena,
                                             resource, err);
    if (st == PD_OK)
        st = govern_may(page->call->g, serve_asker(page->call), "read_case", resource, page->arena,
                        &permission, err);
    if (st == PD_OK && !permission.may)
        st = pd_fail(err, PD_NOT_FOUND, "there is no such case");
    return st == PD_OK ? govern_cases(page->call->g, &id, page->arena, out, &count, err) : st;
}

void pages_show_case(struct page *page, int status, const struct govern_raised *c,
                     const struct govern_resource *resource) {
    struct template_value *map = page->values;
    bool sees_all = pages_viewer(page).sees_all;
    page_put_id(page, map, "id", c->id);
    page_put_code(page, map, "kind", "case_kind", c->kind);
    put_state(page, map, c->state);
    page_put_party(page, map, "party", c->party);
    page_put_party(page, map, "responsible", c->responsible);
    page_put_time(page, map, "raised", c->raised_at);
    template_put_bool(&page->maker, map, "is_overdue", c->is_overdue);
    if (c->dataset.len) {
        template_put_str(&page->maker, map, "dataset", c->dataset);
        page_put_title(page, map, "about", c->dataset_title);
    }
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(c->id, id);
    template_put_str(&page->maker, map, "object_subject",
                     page_encode(page, pd_arena_printf(page->arena, "%.*s %s: ",
                                                       pd_arg(page_word(page, "cases.about_case")),
                                                       id)));
    put_turn(page, c, resource, sees_all);
    put_clocks(page, c);
    put_thread(page, c, sees_all);
    page_title(page, page_code(page, "case_kind", c->kind));
    page_send(page, status, "case");
}

void portal_get_case(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct govern_resource resource;
    const struct govern_raised *found;
    pd_id id, act;
    if (!page_begin(&page, call, "cases") || !pages_is_signed_in(&page) ||
        !page_id(&page, "id", &id))
        return;
    if (pages_find_case(&page, id, &resource, &found, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    if (pd_id_parse(page_query(&page, "done"), &act))
        page_put_id(&page, page.values, "done", act);
    pages_show_case(&page, 200, found, &resource);
}
