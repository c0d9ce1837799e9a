/* How the values of a column lie before a plan and after it, side by side. */
#include "portal/figure.h"
#include "portal/plan.h"
#include "portal/protection.h"

#include <jansson.h>
#include <string.h>

enum { DRAWN_MAX = 16, PANEL = 220, BOTTOM = 116, TOP = 20 };

/* The values of one side: bins where they have an order, else the most frequent ones. */
struct side {
    pd_str labels[INSPECT_BINS], least, greatest; /* of bins: where they begin and end */
    uint64_t counts[INSPECT_BINS], most, distinct;
    size_t count;
    bool is_whole; /* all values are among them */
};

static struct side side_of(struct page *page, const struct inspect_column *c) {
    struct side s = {.distinct = c->distinct.value};
    for (size_t i = 0; i < c->bin_count && s.count < INSPECT_BINS; i++, s.count++) {
        const struct inspect_bin *bin = &c->bins[i];
        s.counts[s.count] = bin->count;
        s.labels[s.count] = pd_str_eq(bin->from, bin->to)
                                ? bin->from
                                : pd_arena_printf(page->arena, "%.*s \xe2\x80\x93 %.*s", pd_arg(bin->from), pd_arg(bin->to));
    }
    for (size_t i = 0; !c->bin_count && i < c->top_count && s.count < INSPECT_BINS; i++, s.count++) {
        s.counts[s.count] = c->top[i].count;
        s.labels[s.count] = c->top[i].text;
    }
    for (size_t i = 0; i < s.count; i++)
        s.most = s.counts[i] > s.most ? s.counts[i] : s.most;
    s.is_whole = c->bin_count > 0 || s.distinct <= s.count;
    s.least = c->bin_count ? c->bins[0].from : s.count ? s.labels[0] : PD_STR("");
    s.greatest = c->bin_count ? c->bins[s.count - 1].to : s.count ? s.labels[s.count - 1] : PD_STR("");
    return s;
}

static void draw_side(struct figure *f, const struct side *s, double left, const char *key) {
    const char *const names[] = {"count", "all"};
    const pd_str values[] = {page_number(f->page, s->count), page_number(f->page, s->distinct)};
    pd_str title = page_word(f->page, key);
    if (!s->is_whole)
        title = pd_arena_printf(f->page->arena, "%.*s, %.*s", pd_arg(title),
                                pd_arg(pages_say(f->page, "protection.most_frequent", names, values, 2)));
    double step = s->count ? (double)PANEL / (double)s->count : PANEL;
    figure_text(f, "", "start", left, 12, title);
    figure_line(f, "l", left, BOTTOM, left + PANEL, BOTTOM);
    for (size_t i = 0; i < s->count; i++) {
        double height = s->most ? (double)s->counts[i] / (double)s->most * (BOTTOM - TOP) : 0;
        if (s->counts[i] && height < 1.5)
            height = 1.5;
        if (height > 0)
            figure_bar(f, "b", left + step * (double)i + 1, BOTTOM - height, step > 4 ? step - 2 : step / 2, height);
    }
    if (!s->count)
        return;
    figure_text(f, "s", "start", left, BOTTOM + 16, figure_brief(f->page, s->least, s->count > 1 ? 14 : 30));
    if (s->count > 1)
        figure_text(f, "s", "end", left + PANEL, BOTTOM + 16, figure_brief(f->page, s->greatest, 14));
}

static pd_str count_text(struct page *page, uint64_t n) {
    return pd_arena_printf(page->arena, "%llu", (unsigned long long)n);
}

static void draw(struct page *page, struct template_value *list, size_t nth, pd_str name, pd_str what,
                 const struct inspect_column *before, const struct inspect_column *after) {
    static const char *const NAMES[] = {"value_before", "rows_before", "value_after", "rows_after"};
    static const char *const HEADS[] = {"protection.value_before", "protection.rows", "protection.value_after",
                                        "protection.rows"};
    const struct side a = side_of(page, before), b = side_of(page, after);
    size_t rows = a.count > b.count ? a.count : b.count;
    pd_str *cells = pd_arena_array(page->arena, 4 * rows + 1, sizeof(*cells));
    const char *const names[] = {"column", "what", "before", "after"};
    const pd_str values[] = {name, what, page_number(page, before->distinct.value), page_number(page, after->distinct.value)};
    pd_str id = pd_arena_printf(page->arena, "d-%zu", nth);
    if (!cells || !id.data)
        return;
    for (size_t i = 0; i < rows; i++) {
        cells[4 * i] = i < a.count ? a.labels[i] : PD_STR("");
        cells[4 * i + 1] = i < a.count ? count_text(page, a.counts[i]) : PD_STR("");
        cells[4 * i + 2] = i < b.count ? b.labels[i] : PD_STR("");
        cells[4 * i + 3] = i < b.count ? count_text(page, b.counts[i]) : PD_STR("");
    }
    struct figure f = figure_begin(page, list, id.data, name, pages_say(page, "protection.find_column", names, values, 4), 140);
    figure_table(&f, &(struct pages_table){NAMES, 4, rows, cells}, HEADS, "tvtv", PD_STR(""));
    draw_side(&f, &a, 0, "protection.before");
    draw_side(&f, &b, FIGURE_WIDTH - PANEL, "protection.after");
}

/* Columns that change and stay; nothing is shown of what names persons. */
static void put_distributions(struct page *page, const struct govern_case *c) {
    const struct inspection *before = c->before->inspection, *after = c->after->inspection;
    struct template_value *list = template_put_list(&page->maker, page->values, "distributions");
    size_t at = 0, drawn = 0;
    for (size_t column = 0, s = 0; column < before->column_count && at < after->column_count; column++) {
        bool has_step = s < c->plan->step_count && c->plan->steps[s].column == column;
        const struct protect_step *step = has_step ? &c->plan->steps[s++] : NULL;
        if (step && step->method == PROTECT_DROP)
            continue;
        if (step && before->columns[column].role != INSPECT_DIRECT && drawn < DRAWN_MAX) {
            draw(page, list, drawn, c->before->names[column], plan_step_words(page, step), &before->columns[column],
                 &after->columns[at]);
            drawn++;
        }
        at++;
    }
    template_put_bool(&page->maker, page->values, "has_distributions", drawn > 0);
}

/* ---- The same JSON as the record will have ---- */

static enum pd_status case_json(struct page *page, const struct govern_case *c, json_t **out, struct pd_error *err) {
    struct pd_buf buf;
    struct pd_json w;
    pd_str text;
    pd_buf_init(&buf, 8 << 20);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    pd_json_object(&w);
    govern_cost_write(c, &w);
    pd_json_key(&w, "risk_before");
    govern_risk_write(c->before, &w);
    pd_json_key(&w, "risk_after");
    govern_risk_write(c->after, &w);
    pd_json_key(&w, "attacks_before");
    govern_attacks_write(c->before->attacks, &w);
    pd_json_key(&w, "attacks_after");
    govern_attacks_write(c->after->attacks, &w);
    pd_json_object_end(&w);
    enum pd_status st = pd_json_finish(&w, page->arena, &text, err);
    return st == PD_OK ? pd_json_parse(text, 8 << 20, 16, out, err) : st;
}

enum pd_status plan_put_figures(struct page *page, const struct govern_case *c, struct pd_error *err) {
    json_t *json = NULL;
    if (!c->has_plan || !c->after)
        return PD_OK;
    enum pd_status st = case_json(page, c, &json, err);
    if (st != PD_OK)
        return st;
    pages_put_protection(page, page->values, json, PD_STR(""));
    put_distributions(page, c);
    json_decref(json);
    return PD_OK;
}

json_t *protection_of(const json_t *record) {
    static const char *const MEMBERS[] = {"risk_before", "risk_after", "attacks_before", "attacks_after"};
    const json_t *cost = json_object_get(record, "cost");
    json_t *all = json_object();
    if (json_is_object(cost))
        (void)json_object_update(all, (json_t *)(uintptr_t)cost);
    for (size_t i = 0; all && i < sizeof(MEMBERS) / sizeof(*MEMBERS); i++) {
        json_t *member = json_object_get(record, MEMBERS[i]);
        if (member && !json_is_null(member))
            (void)json_object_set(all, MEMBERS[i], member);
    }
    return all;
}
