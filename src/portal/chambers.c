/* How chambers voted: bars with the quorum and the threshold, from the result as it is recorded. */
#include "council/council.h"
#include "portal/pages.h"

#include <jansson.h>
#include <string.h>

enum { BAR_LEFT = 8, BAR_WIDTH = 560, ROW_HEIGHT = 62 };

static double number_of(const json_t *json, const char *name) {
    return (double)json_integer_value(json_object_get(json, name));
}

static pd_str word_of(const json_t *json, const char *name) {
    const json_t *v = json_object_get(json, name);
    return json_is_string(v) ? (pd_str){json_string_value(v), json_string_length(v)} : PD_STR("");
}

static void put_at(struct page *page, struct template_value *map, const char *key, double x) {
    template_put_str(&page->maker, map, key, pd_arena_printf(page->arena, "%.1f", x));
}

static void put_bar(struct page *page, struct template_value *bars, const char *class_, double *x,
                    double votes, double roll) {
    double width = roll > 0 ? votes / roll * BAR_WIDTH : 0;
    if (width > 0) {
        struct template_value *bar = template_push_map(&page->maker, bars);
        template_put_text(&page->maker, bar, "class", class_);
        put_at(page, bar, "x", BAR_LEFT + *x);
        put_at(page, bar, "width", width > 3 ? width - 1 : width);
    }
    *x += width;
}

/* The share that a chamber's yes has to exceed, and where that is in its bar: of those who said yes or no. */
static void put_threshold(struct page *page, struct template_value *row, pd_str majority, double yes,
                          double no, double roll) {
    struct council_fraction f;
    if (!council_fraction_parse(majority, 1, &f))
        return;
    template_put_str(&page->maker, row, "majority", majority);
    put_at(page, row, "threshold_x",
           BAR_LEFT + (roll > 0 ? (yes + no) * f.num / f.den / roll * BAR_WIDTH : 0));
}

static void put_chamber(struct page *page, struct template_value *list, const json_t *c,
                        pd_str majority, size_t nth) {
    struct template_value *row = template_push_map(&page->maker, list);
    double yes = number_of(c, "yes"), no = number_of(c, "no"), abstain = number_of(c, "abstain"),
           roll = number_of(c, "roll"), x = 0, y = (double)nth * ROW_HEIGHT;
    pd_str stand = word_of(c, "stand");
    bool passes = pd_str_is(stand, "passes"), blocks = json_is_true(json_object_get(c, "blocks"));
    static const char *const numbers[] = {"yes", "no", "abstain", "roll", "quorum"};
    page_put_code(page, row, "name", "chamber", word_of(c, "id"));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        page_put_number(page, row, numbers[i], (uint64_t)number_of(c, numbers[i]));
    template_put_bool(&page->maker, row, "has_quorum", json_is_true(json_object_get(c, "has_quorum")));
    template_put_bool(&page->maker, row, "blocks", blocks);
    page_put_tag(page, row, "stand", passes ? "good" : pd_str_is(stand, "tied") ? "wait" : "bad",
                 page_code(page, "stand", stand));
    put_at(page, row, "text_y", y + 14);
    put_at(page, row, "bar_y", y + 22);
    put_at(page, row, "tick_y", y + 18);
    put_at(page, row, "tick_end", y + 46);
    struct template_value *bars = template_put_list(&page->maker, row, "bars");
    put_bar(page, bars, "b", &x, yes, roll);
    put_bar(page, bars, "b2", &x, no, roll);
    put_bar(page, bars, "g", &x, abstain, roll);
    put_at(page, row, "quorum_x", BAR_LEFT + (roll > 0 ? number_of(c, "quorum") / roll * BAR_WIDTH : 0));
    put_threshold(page, row, majority, yes, no, roll);
}

void pages_put_chambers(struct page *page, struct template_value *map, const json_t *count,
                        const json_t *frozen) {
    const json_t *chambers = json_object_get(count, "chambers"), *c;
    struct template_value *list = template_put_list(&page->maker, map, "chambers");
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)chambers, i, c)
        put_chamber(page, list, c, word_of(json_object_get(frozen, "method"), "majority"), i);
    page_put_number(page, map, "chamber_count", json_array_size(chambers));
    page_put_number(page, map, "passing", (uint64_t)number_of(count, "passing"));
    page_put_number(page, map, "needed", (uint64_t)number_of(count, "needed"));
    template_put_str(&page->maker, map, "weighted",
                     pd_arena_printf(page->arena, "%.1f", number_of(count, "weighted_permille") / 10));
    template_put_bool(&page->maker, map, "is_weighty", json_is_true(json_object_get(count, "weighty")));
    template_put_bool(&page->maker, map, "is_blocked", json_is_true(json_object_get(count, "blocked")));
    template_put_bool(&page->maker, map, "is_reserved_failed",
                      json_is_true(json_object_get(count, "reserved_failed")));
    put_at(page, map, "height", (double)(json_array_size(chambers) * ROW_HEIGHT));
}
