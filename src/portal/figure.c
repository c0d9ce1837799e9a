/* Drawings: the sentence, the table, the picture. */
#include "portal/figure.h"

#include <math.h>

struct figure figure_begin(struct page *page, struct template_value *list, const char *id, pd_str title,
                           pd_str finding, int height) {
    struct figure f = {.page = page, .map = template_push_map(&page->maker, list)};
    template_put_text(&page->maker, f.map, "figure", id);
    template_put_str(&page->maker, f.map, "title", title);
    template_put_str(&page->maker, f.map, "finding", finding);
    template_put_number(&page->maker, f.map, "height", height);
    f.parts = template_put_list(&page->maker, f.map, "parts");
    return f;
}

/* ---- The table ---- */

/* RFC 2397: whoever looks at what nobody recorded yet can keep its numbers all the same. */
static pd_str as_data(struct page *page, const struct pages_table *table, bool is_csv) {
    return pd_arena_printf(page->arena, "data:%s;charset=utf-8,%.*s", is_csv ? "text/csv" : "application/json",
                           pd_arg(page_encode(page, pages_table_text(page, table, is_csv))));
}

static pd_str told(struct page *page, pd_str cell, char kind) {
    uint64_t n;
    double x;
    if (kind == 't')
        return cell;
    if (pd_parse_u64(cell, &n))
        return page_number(page, n);
    return pd_parse_double(cell, &x) ? figure_percent(page, x) : cell;
}

void figure_table(struct figure *f, const struct pages_table *table, const char *const *heads,
                  const char *kinds, pd_str at) {
    struct page *page = f->page;
    struct template_value *head = template_put_list(&page->maker, f->map, "heads");
    struct template_value *rows = template_put_list(&page->maker, f->map, "rows");
    for (size_t c = 0; c < table->columns; c++) {
        struct template_value *entry = template_push_map(&page->maker, head);
        template_put_str(&page->maker, entry, "text", page_word(page, heads[c]));
        template_put_bool(&page->maker, entry, "is_number", kinds[c] == 'v');
    }
    for (size_t r = 0; table->cells && r < table->rows; r++) {
        struct template_value *cells =
            template_put_list(&page->maker, template_push_map(&page->maker, rows), "cells");
        for (size_t c = 0; c < table->columns; c++) {
            struct template_value *entry = template_push_map(&page->maker, cells);
            template_put_str(&page->maker, entry, "text",
                             told(page, table->cells[r * table->columns + c], kinds[c]));
            template_put_bool(&page->maker, entry, "is_number", kinds[c] == 'v');
        }
    }
    template_put_str(&page->maker, f->map, "csv",
                     at.len ? pd_arena_printf(page->arena, "%.*s.csv", pd_arg(at)) : as_data(page, table, true));
    template_put_str(&page->maker, f->map, "json",
                     at.len ? pd_arena_printf(page->arena, "%.*s.json", pd_arg(at)) : as_data(page, table, false));
    template_put_bool(&page->maker, f->map, "is_data", at.len == 0);
}

/* ---- The picture ---- */

static void put_at(struct figure *f, struct template_value *part, const char *key, double x) {
    template_put_str(&f->page->maker, part, key, pd_arena_printf(f->page->arena, "%.1f", x));
}

static struct template_value *add(struct figure *f, const char *kind, const char *class) {
    struct template_value *part = template_put_map(&f->page->maker, template_push_map(&f->page->maker, f->parts), kind);
    template_put_text(&f->page->maker, part, "class", class);
    return part;
}

void figure_bar(struct figure *f, const char *class, double x, double y, double width, double height) {
    struct template_value *part = add(f, "bar", class);
    put_at(f, part, "x", x);
    put_at(f, part, "y", y);
    put_at(f, part, "width", width);
    put_at(f, part, "height", height);
}

void figure_dot(struct figure *f, const char *class, double x, double y, double radius) {
    struct template_value *part = add(f, "dot", class);
    put_at(f, part, "x", x);
    put_at(f, part, "y", y);
    put_at(f, part, "r", radius);
}

void figure_line(struct figure *f, const char *class, double x, double y, double to_x, double to_y) {
    struct template_value *part = add(f, "line", class);
    put_at(f, part, "x", x);
    put_at(f, part, "y", y);
    put_at(f, part, "to_x", to_x);
    put_at(f, part, "to_y", to_y);
}

void figure_text(struct figure *f, const char *class, const char *anchor, double x, double y, pd_str text) {
    struct template_value *part = add(f, "label", class);
    template_put_text(&f->page->maker, part, "anchor", anchor);
    put_at(f, part, "x", x);
    put_at(f, part, "y", y);
    template_put_str(&f->page->maker, part, "text", text);
}

/* ---- Numbers ---- */

pd_str figure_percent(struct page *page, double share) {
    double percent = 100 * share;
    return pd_arena_printf(page->arena, percent > 0 && percent < 1 ? "%.2f\xc2\xa0%%" : "%.1f\xc2\xa0%%", percent);
}

pd_str figure_number(struct page *page, double x) {
    return pd_arena_printf(page->arena, fabs(x) >= 1 ? "%.4g" : "%.3g", x);
}

pd_str figure_brief(struct page *page, pd_str name, size_t most) {
    size_t at = 0, n = 0;
    uint32_t c;
    while (at < name.len && n < most) {
        size_t step = pd_utf8_decode(name, at, &c);
        at += step ? step : 1;
        n += c >= 0x2e80 ? 2 : 1;
    }
    return at >= name.len ? name : pd_arena_printf(page->arena, "%.*s\xe2\x80\xa6", pd_arg(pd_str_sub(name, 0, at)));
}
