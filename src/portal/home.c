/* The first page: what is open to me, and is the promise kept. */
#include "portal/pages.h"

enum { BAR_WIDTH = 640 };

/* Duties by how they stand, in the order in which they are drawn. */
static const struct {
    const char *key, *class_;
} STATES[] = {{"met", "b"}, {"late", "g"}, {"running", "w"}, {"overdue", "b2"}};
enum { STATE_COUNT = sizeof(STATES) / sizeof(STATES[0]) };

static void count_duties(const struct catalogue_summary *s, uint64_t counts[STATE_COUNT]) {
    counts[0] = s->duties_met;
    counts[1] = s->duties_late;
    counts[2] = s->duties_running;
    counts[3] = s->duties_overdue;
}

static void put_promise(struct page *page, const struct catalogue_summary *s) {
    uint64_t counts[STATE_COUNT], all = 0;
    count_duties(s, counts);
    for (size_t i = 0; i < STATE_COUNT; i++)
        all += counts[i];
    struct template_value *map = template_put_map(&page->maker, page->values, "promise");
    template_put_text(&page->maker, map, "kind", s->duties_overdue ? "bad" : all ? "good" : "");
    template_put_bool(&page->maker, map, "has_any", all > 0);
    page_put_number(page, map, "all", all);
    if (s->duties_met)
        page_put_number(page, map, "met", s->duties_met);
    if (s->duties_running)
        page_put_number(page, map, "running", s->duties_running);
    if (s->duties_overdue)
        page_put_number(page, map, "overdue", s->duties_overdue);
    template_put_bool(&page->maker, map, "is_one_overdue", s->duties_overdue == 1);
    if (s->duties_late)
        page_put_number(page, map, "late", s->duties_late);
    struct template_value *bars = template_put_list(&page->maker, map, "bars");
    double x = 0;
    for (size_t i = 0; i < STATE_COUNT && all; i++) {
        struct template_value *bar = template_push_map(&page->maker, bars);
        double width = (double)counts[i] / (double)all * BAR_WIDTH;
        template_put_text(&page->maker, bar, "class", STATES[i].class_);
        template_put_str(&page->maker, bar, "x", pd_arena_printf(page->arena, "%.1f", x));
        template_put_str(&page->maker, bar, "width",
                         pd_arena_printf(page->arena, "%.1f", width > 2 ? width - 2 : width));
        template_put_str(&page->maker, bar, "label",
                         page_code(page, "duty_state", pd_str_from(STATES[i].key)));
        page_put_number(page, bar, "count", counts[i]);
        x += width;
    }
}

static void put_summary(struct page *page, const struct catalogue_summary *s) {
    struct template_value *map = template_put_map(&page->maker, page->values, "summary");
    page_put_number(page, map, "datasets", s->datasets);
    page_put_number(page, map, "open", s->open_datasets);
    page_put_number(page, map, "acts", s->acts);
    page_put_number(page, map, "public", s->public_leaves);
}

/* What waits for the party of whoever is signed in. */
static enum pd_status put_mine(struct page *page, struct pd_error *err) {
    enum { SHOWN = 5 };
    struct catalogue_intents found;
    struct catalogue_viewer viewer = pages_viewer(page);
    struct catalogue_intents_query query = {
        .state = PD_STR("open"), .only_waiting_for_viewer = true, .page = {.limit = SHOWN}};
    if (!viewer.party.len)
        return PD_OK;
    enum pd_status st = catalogue_intents(page->call->g, &viewer, &query, page->arena, &found, err);
    if (st != PD_OK)
        return st;
    struct template_value *mine = template_put_map(&page->maker, page->values, "mine");
    struct template_value *list = template_put_list(&page->maker, mine, "items");
    for (size_t i = 0; i < found.count; i++)
        pages_put_intent(page, template_push_map(&page->maker, list), &found.items[i]);
    size_t cases;
    st = pages_put_waiting_cases(page, mine, &cases, err);
    size_t all = found.count + cases;
    template_put_bool(&page->maker, mine, "is_one", all == 1 && !found.next.len);
    if (all)
        template_put_str(&page->maker, mine, "count",
                         pd_arena_printf(page->arena, "%zu%s", all, found.next.len ? "+" : ""));
    return st;
}

void portal_get_home(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct catalogue_summary summary;
    if (!page_begin(&page, call, "home"))
        return;
    struct catalogue_datasets_query newest = {.openness = PD_STR("open"), .page = {.limit = 5}};
    enum pd_status st = catalogue_summary(call->g, page.arena, &summary, &err);
    if (st == PD_OK)
        st = put_mine(&page, &err);
    if (st == PD_OK)
        st = pages_put_datasets(&page, &newest, "newest", "has_newest", NULL, &err);
    if (st != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    put_promise(&page, &summary);
    put_summary(&page, &summary);
    page_title(&page, page_word(&page, "home.title"));
    page_send(&page, 200, "home");
}

void portal_get_promise(struct serve_call *call) {
    static const char *const NAMES[] = {"state", "duties"};
    struct page page;
    struct pd_error err = {0};
    struct catalogue_summary summary;
    uint64_t counts[STATE_COUNT];
    pd_str cells[2 * STATE_COUNT];
    if (!page_begin(&page, call, ""))
        return;
    if (catalogue_summary(call->g, page.arena, &summary, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    count_duties(&summary, counts);
    for (size_t i = 0; i < STATE_COUNT; i++) {
        cells[2 * i] = pd_str_from(STATES[i].key);
        cells[2 * i + 1] = pd_arena_printf(page.arena, "%llu", (unsigned long long)counts[i]);
    }
    pages_send_table(&page, &(struct pages_table){NAMES, 2, STATE_COUNT, cells});
}
