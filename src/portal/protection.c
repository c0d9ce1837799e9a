/*
 * What a plan costs, what risk it leaves, and what attacks on its result gained: drawn from the JSON that
 * the record of an act has of it (govern_cost_write, govern_attacked_write), also before it is recorded.
 */
#include "portal/protection.h"

#include "portal/figure.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { COLUMNS_DRAWN = 40, LEFT = 56, RIGHT = 468 };

static double number_at(const json_t *object, const char *key) {
    return json_number_value(json_object_get(object, key));
}

static uint64_t count_at(const json_t *object, const char *key) {
    json_int_t n = json_integer_value(json_object_get(object, key));
    return n > 0 ? (uint64_t)n : 0;
}

static pd_str text_at(struct page *page, const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? pd_arena_str(page->arena, pd_str_from(text)) : PD_STR("");
}

/* As files have it: figure_table tells people of hundredths. */
static pd_str share(struct page *page, double x) {
    return pd_arena_printf(page->arena, "%.6f", x);
}

static pd_str plain(struct page *page, uint64_t n) {
    return pd_arena_printf(page->arena, "%llu", (unsigned long long)n);
}

/* ---- The tables ---- */

struct shown {
    const char *name; /* of its files */
    size_t columns;
    const char *kinds; /* as figure_table */
    const char *names[8], *heads[8];
    bool (*fill)(struct page *page, const json_t *given, struct pages_table *out);
};

static pd_str *cells_for(struct page *page, struct pages_table *out, size_t rows) {
    pd_str *cells = pd_arena_array(page->arena, rows * out->columns + 1, sizeof(*cells));
    out->rows = rows;
    out->cells = cells;
    return cells;
}

static bool fill_curve(struct page *page, const json_t *given, struct pages_table *out) {
    const json_t *list = json_object_get(given, "candidates"), *c;
    size_t i, n = json_array_size(list);
    pd_str *at = cells_for(page, out, n);
    if (!at || n == 0)
        return false;
    json_array_foreach(list, i, c) {
        *at++ = plain(page, count_at(c, "k"));
        *at++ = share(page, number_at(c, "loss"));
        *at++ = share(page, number_at(c, "suppressed"));
        *at++ = share(page, number_at(c, "highest"));
        *at++ = share(page, number_at(c, "mean"));
        *at++ = page_word(page, json_is_true(json_object_get(c, "proven")) ? "protection.proven" : "protection.best_found");
        *at++ = json_is_true(json_object_get(c, "chosen")) ? page_word(page, "protection.knee") : PD_STR("");
    }
    return true;
}

static bool fill_losses(struct page *page, const json_t *given, struct pages_table *out) {
    const json_t *list = json_object_get(given, "losses"), *c;
    size_t i, n = json_array_size(list);
    pd_str *at = cells_for(page, out, n);
    if (!at || n == 0)
        return false;
    json_array_foreach(list, i, c) {
        *at++ = text_at(page, c, "column");
        *at++ = share(page, number_at(c, "loss"));
        *at++ = plain(page, count_at(c, "distinct_before"));
        *at++ = plain(page, count_at(c, "distinct_after"));
    }
    return true;
}

static const char *const RISKS[] = {"k", "highest", "mean", "unique_share", "classes", "rows"};
static const char *const RISK_WORDS[] = {"protection.smallest", "protection.highest", "protection.mean",
                                         "protection.unique",   "protection.classes", "protection.rows"};

static bool fill_risks(struct page *page, const json_t *given, struct pages_table *out) {
    const json_t *before = json_object_get(given, "risk_before"), *after = json_object_get(given, "risk_after");
    size_t n = sizeof(RISKS) / sizeof(*RISKS);
    pd_str *at = cells_for(page, out, n);
    if (!at || !json_is_object(before) || !json_is_object(after))
        return false;
    for (size_t i = 0; i < n; i++) {
        bool is_share = json_is_real(json_object_get(after, RISKS[i])) || (i >= 1 && i <= 3);
        *at++ = page_word(page, RISK_WORDS[i]);
        for (int side = 0; side < 2; side++) {
            const json_t *risk = side ? after : before;
            *at++ = is_share ? share(page, number_at(risk, RISKS[i])) : plain(page, count_at(risk, RISKS[i]));
        }
    }
    return true;
}

static bool fill_sizes(struct page *page, const json_t *given, struct pages_table *out) {
    const json_t *before = json_object_get(given, "sizes_before"), *after = json_object_get(given, "sizes_after"), *band;
    size_t i, n = json_array_size(before);
    pd_str *at = cells_for(page, out, n);
    if (!at || n == 0 || json_array_size(after) != n)
        return false;
    json_array_foreach(before, i, band) {
        uint64_t from = count_at(band, "from"), to = count_at(band, "to");
        *at++ = to == from ? plain(page, from)
                : to       ? pd_arena_printf(page->arena, "%llu\xe2\x80\x93%llu", (unsigned long long)from, (unsigned long long)to)
                           : pd_arena_printf(page->arena, "%llu+", (unsigned long long)from);
        *at++ = plain(page, count_at(band, "rows"));
        *at++ = plain(page, count_at(json_array_get(after, i), "rows"));
    }
    return true;
}

static const json_t *list_of(const json_t *given, const char *key) {
    const json_t *found = json_object_get(given, key);
    return json_is_object(found) ? json_object_get(found, "attacks") : found;
}

/* On the result; where nothing is left to be learnt from it, on the table as it came. */
static const json_t *attacks_of(const json_t *given, bool *is_before) {
    const json_t *after = list_of(given, "attacks_after");
    *is_before = json_array_size(after) == 0;
    return *is_before ? list_of(given, "attacks_before") : after;
}

static bool fill_attacks(struct page *page, const json_t *given, struct pages_table *out) {
    bool is_before;
    const json_t *list = attacks_of(given, &is_before), *a;
    size_t i, n = json_array_size(list);
    pd_str *at = cells_for(page, out, n);
    if (!at || n == 0)
        return false;
    json_array_foreach(list, i, a) {
        *at++ = page_code(page, "attack", text_at(page, a, "attack"));
        *at++ = text_at(page, a, "of");
        *at++ = text_at(page, a, "with");
        *at++ = plain(page, count_at(a, "attempts"));
        *at++ = share(page, number_at(a, "rate"));
        *at++ = share(page, number_at(a, "baseline"));
        *at++ = share(page, number_at(a, "risk"));
    }
    return true;
}

static bool fill_others(struct page *page, const json_t *given, struct pages_table *out) {
    const json_t *list = json_object_get(given, "others"), *o;
    size_t i, n = json_array_size(list);
    pd_str *at = cells_for(page, out, n);
    if (!at || n == 0)
        return false;
    json_array_foreach(list, i, o) {
        *at++ = text_at(page, o, "column");
        *at++ = plain(page, count_at(o, "smallest"));
        *at++ = share(page, number_at(o, "unique_share"));
        *at++ = share(page, number_at(o, "mean"));
    }
    return true;
}

enum { CURVE, LOSSES, RISKS_SHOWN, SIZES, ATTACKS, OTHERS, SHOWN_COUNT };
static const struct shown SHOWN[SHOWN_COUNT] = {
    [CURVE] = {"curve", 7, "vvvvvtt", {"k", "loss", "rows_left_out", "highest_risk", "mean_risk", "optimum", "knee"},
               {"protection.k", "protection.loss", "protection.left_out", "protection.highest", "protection.mean",
                "protection.optimum", "protection.knee_head"}, fill_curve},
    [LOSSES] = {"losses", 4, "tvvv", {"column", "loss", "values_before", "values_after"},
                {"dataset.column", "protection.loss", "protection.values_before", "protection.values_after"}, fill_losses},
    [RISKS_SHOWN] = {"risks", 3, "tvv", {"risk", "before", "after"},
                     {"protection.risk", "protection.before", "protection.after"}, fill_risks},
    [SIZES] = {"sizes", 3, "tvv", {"group_of", "rows_before", "rows_after"},
               {"protection.group_of", "protection.rows_before", "protection.rows_after"}, fill_sizes},
    [ATTACKS] = {"attacks", 7, "tttvvvv", {"attack", "of", "with", "attempts", "right", "by_chance", "gain"},
                 {"protection.attack", "protection.of", "protection.with", "protection.attempts", "protection.right",
                  "protection.by_chance", "protection.gain"}, fill_attacks},
    [OTHERS] = {"others", 4, "tvvv", {"column", "smallest_group", "unique_rows", "mean_risk"},
                {"protection.if_known", "protection.smallest", "protection.unique", "protection.mean"}, fill_others},
};

static bool fill(struct page *page, const json_t *given, size_t which, struct pages_table *out) {
    const struct shown *s = &SHOWN[which];
    *out = (struct pages_table){.names = s->names, .columns = s->columns};
    return s->fill(page, given, out);
}

bool protection_table(struct page *page, const json_t *given, pd_str file, struct pages_table *out) {
    pd_str name = pd_str_sub(file, 0, pd_str_find_char(file, '.'));
    for (size_t i = 0; i < SHOWN_COUNT; i++)
        if (pd_str_is(name, SHOWN[i].name))
            return fill(page, given, i, out);
    return false;
}

/* ---- The pictures ---- */

static struct figure begin(struct page *page, struct template_value *list, size_t which,
                           const struct pages_table *table, const char *title, pd_str finding, int height,
                           pd_str base) {
    struct figure f = figure_begin(page, list, SHOWN[which].name, page_word(page, title), finding, height);
    figure_table(&f, table, SHOWN[which].heads, SHOWN[which].kinds,
                 base.len ? pd_arena_printf(page->arena, "%.*s/%s", pd_arg(base), SHOWN[which].name) : PD_STR(""));
    return f;
}

/* Risk goes by its logarithm: half of it is half of it wherever one stands. */
struct scale {
    double least_x, most_x, least_y, most_y;
};

static double place(double value, double least, double most, double from, double to) {
    return most > least ? from + (value - least) / (most - least) * (to - from) : (from + to) / 2;
}

static double total_of(const json_t *c) {
    return 1 - (1 - number_at(c, "loss")) * (1 - number_at(c, "suppressed"));
}

static void draw_axes(struct figure *f, const struct scale *s, double top, double bottom) {
    struct page *page = f->page;
    figure_line(f, "l", LEFT, bottom, RIGHT, bottom);
    figure_line(f, "l", LEFT, top, LEFT, bottom);
    figure_text(f, "s", "start", LEFT, bottom + 18, figure_percent(page, s->least_x));
    figure_text(f, "s", "end", RIGHT, bottom + 18, figure_percent(page, s->most_x));
    figure_text(f, "s", "middle", (LEFT + RIGHT) / 2.0, bottom + 18, page_word(page, "protection.axis_loss"));
    figure_text(f, "s", "end", LEFT - 6, top + 12, figure_percent(page, exp(s->most_y)));
    figure_text(f, "s", "end", LEFT - 6, bottom, figure_percent(page, exp(s->least_y)));
    figure_text(f, "s", "start", LEFT + 6, top + 2, page_word(page, "protection.axis_risk"));
}

/* "k=5, 10, 15 the knee": points at one place share a label, which stands at the last of them. */
static void draw_label(struct figure *f, const json_t *points, size_t first, size_t last, const json_t *knee, double x, double y) {
    struct page *page = f->page;
    pd_str text = PD_STR("k=");
    bool is_end = last > 0 && last + 1 == json_array_size(points);
    for (size_t i = first; i <= last; i++) {
        const json_t *c = json_array_get(points, i);
        text = pd_arena_printf(page->arena, "%.*s%s%llu%s%.*s", pd_arg(text), i > first ? ", " : "",
                               (unsigned long long)count_at(c, "k"), c == knee ? " " : "",
                               pd_arg(c == knee ? page_word(page, "protection.knee") : PD_STR("")));
    }
    figure_text(f, "", is_end ? "end" : "start", is_end ? x : x + 12, is_end ? y + 20 : y - 6, text);
}

static void draw_points(struct figure *f, const struct scale *s, const json_t *points, const json_t *knee) {
    double top = 16, bottom = 216, last_x = -1, last_y = -1;
    size_t i, first = 0;
    const json_t *c;
    draw_axes(f, s, top, bottom);
    for (int pass = 0; pass < 2; pass++) /* the line lies below the points */
        json_array_foreach(points, i, c) {
            double x = place(total_of(c), s->least_x, s->most_x, LEFT + 16, RIGHT - 16);
            double y = place(log(number_at(c, "highest")), s->least_y, s->most_y, bottom - 30, top + 24);
            if (pass == 0 && i > 0)
                figure_line(f, "p", last_x, last_y, x, y);
            if (pass == 1 && c == knee)
                figure_dot(f, "o3", x, y, 10);
            if (pass == 1)
                figure_dot(f, "o2", x, y, 5);
            if (pass == 1 && i > first && fabs(x - last_x) + fabs(y - last_y) > 1) {
                draw_label(f, points, first, i - 1, knee, last_x, last_y);
                first = i;
            }
            last_x = x;
            last_y = y;
        }
    draw_label(f, points, first, json_array_size(points) - 1, knee, last_x, last_y);
}

static void put_curve(struct page *page, struct template_value *list, const json_t *given, pd_str base) {
    const json_t *points = json_object_get(given, "candidates"), *c, *knee = NULL;
    struct pages_table table;
    struct scale s = {.least_x = 1, .least_y = 0, .most_x = 0, .most_y = -INFINITY};
    size_t i;
    if (!fill(page, given, CURVE, &table) || table.rows < 2)
        return;
    json_array_foreach(points, i, c) {
        s.least_x = fmin(s.least_x, total_of(c));
        s.most_x = fmax(s.most_x, total_of(c));
        s.least_y = fmin(s.least_y, log(number_at(c, "highest")));
        s.most_y = fmax(s.most_y, log(number_at(c, "highest")));
        if (json_is_true(json_object_get(c, "chosen")))
            knee = c;
    }
    const json_t *told = knee ? knee : json_array_get(points, 0);
    const char *const names[] = {"k", "loss", "risk", "count"};
    const pd_str values[] = {page_number(page, count_at(told, "k")), figure_percent(page, total_of(told)),
                             figure_percent(page, number_at(told, "highest")), plain(page, table.rows)};
    pd_str finding = pages_say(page, knee ? "protection.find_curve" : "protection.find_curve_given", names, values, 4);
    struct figure f = begin(page, list, CURVE, &table, "protection.curve", finding, 250, base);
    draw_points(&f, &s, points, knee);
}

/* One bar for each row, its name before it: shares from 0 to 1, and of some a mark. */
static void draw_bar(struct figure *f, size_t nth, pd_str name, double share, double mark) {
    double y = 8 + 26.0 * (double)nth, from = 168, width = (double)RIGHT - from - 52;
    figure_text(f, "", "end", from - 8, y + 14, figure_brief(f->page, name, 20));
    figure_bar(f, "t", from, y, width, 18);
    if (share > 0)
        figure_bar(f, "b", from, y, fmax(1, fmin(share, 1) * width), 18);
    if (mark >= 0)
        figure_line(f, "m", from + mark * width, y - 3, from + mark * width, y + 21);
    figure_text(f, "s", "start", from + width + 6, y + 14, figure_percent(f->page, share));
}

static void put_losses(struct page *page, struct template_value *list, const json_t *given, pd_str base) {
    const json_t *columns = json_object_get(given, "losses"), *c;
    struct pages_table table;
    size_t i, drawn = 0, changed = 0;
    const json_t *most = NULL;
    if (!fill(page, given, LOSSES, &table))
        return;
    json_array_foreach(columns, i, c) {
        changed += number_at(c, "loss") > 0;
        if (!most || number_at(c, "loss") > number_at(most, "loss"))
            most = c;
    }
    const char *const names[] = {"total", "count", "columns", "most", "loss"};
    const pd_str values[] = {figure_percent(page, number_at(given, "total_loss")), plain(page, changed),
                             plain(page, table.rows), text_at(page, most, "column"),
                             figure_percent(page, number_at(most, "loss"))};
    pd_str finding = pages_say(page, changed ? "protection.find_losses" : "protection.find_no_loss", names, values, 5);
    size_t shown = changed < COLUMNS_DRAWN ? changed : COLUMNS_DRAWN;
    struct figure f = begin(page, list, LOSSES, &table, "protection.losses", finding, 12 + 26 * (int)(shown ? shown : 1), base);
    json_array_foreach(columns, i, c)
        if (number_at(c, "loss") > 0 && drawn < COLUMNS_DRAWN)
            draw_bar(&f, drawn++, text_at(page, c, "column"), number_at(c, "loss"), -1);
    if (!drawn)
        figure_text(&f, "s", "start", 8, 20, page_word(page, "protection.nothing_lost"));
}

static void put_risks(struct page *page, struct template_value *list, const json_t *given, pd_str base) {
    const json_t *before = json_object_get(given, "risk_before"), *after = json_object_get(given, "risk_after");
    struct pages_table table;
    if (!fill(page, given, RISKS_SHOWN, &table))
        return;
    const char *const names[] = {"before", "after", "smallest"};
    const pd_str values[] = {figure_percent(page, number_at(before, "highest")),
                             figure_percent(page, number_at(after, "highest")), page_number(page, count_at(after, "k"))};
    pd_str finding = pages_say(page, "protection.find_risks", names, values, 3);
    struct figure f = begin(page, list, RISKS_SHOWN, &table, "protection.risks", finding, 12 + 26 * 4, base);
    static const char *const drawn[] = {"highest", "mean"};
    for (size_t i = 0; i < 4; i++) {
        pd_str word = page_word(page, i / 2 ? "protection.mean_short" : "protection.highest_short");
        pd_str side = page_word(page, i % 2 ? "protection.after" : "protection.before");
        draw_bar(&f, i, pd_arena_printf(page->arena, "%.*s, %.*s", pd_arg(word), pd_arg(side)),
                 number_at(i % 2 ? after : before, drawn[i / 2]), -1);
    }
}

static void put_sizes(struct page *page, struct template_value *list, const json_t *given, pd_str base) {
    const json_t *sides[] = {json_object_get(given, "sizes_before"), json_object_get(given, "sizes_after")}, *band;
    struct pages_table table;
    uint64_t rows[2] = {0, 0}, small[2] = {0, 0}, most = 1;
    size_t i;
    if (!fill(page, given, SIZES, &table))
        return;
    for (int side = 0; side < 2; side++)
        json_array_foreach(sides[side], i, band) {
            uint64_t n = count_at(band, "rows");
            rows[side] += n;
            small[side] += i < 2 ? n : 0;
            most = n > most ? n : most;
        }
    const char *const names[] = {"before", "after", "rows_before", "rows_after"};
    const pd_str values[] = {page_number(page, small[0]), page_number(page, small[1]), page_number(page, rows[0]),
                             page_number(page, rows[1])};
    pd_str finding = pages_say(page, "protection.find_sizes", names, values, 4);
    struct figure f = begin(page, list, SIZES, &table, "protection.sizes", finding, 190, base);
    double step = (RIGHT - 8.0) / (double)table.rows, bottom = 140;
    figure_line(&f, "l", 8, bottom, RIGHT, bottom);
    for (i = 0; i < table.rows; i++) {
        for (int side = 0; side < 2; side++) {
            double height = (double)count_at(json_array_get(sides[side], i), "rows") / (double)most * 124;
            if (height > 0)
                figure_bar(&f, side ? "b" : "u", 8 + step * ((double)i + 0.08 + 0.42 * side), bottom - fmax(height, 1.5),
                           step * 0.4, fmax(height, 1.5));
        }
        figure_text(&f, "s", "middle", 8 + step * ((double)i + 0.5), bottom + 18, table.cells[3 * i]);
    }
    figure_bar(&f, "u", 8, 172, 12, 12);
    figure_text(&f, "s", "start", 26, 183, page_word(page, "protection.before"));
    figure_bar(&f, "b", 128, 172, 12, 12);
    figure_text(&f, "s", "start", 146, 183, page_word(page, "protection.after"));
}

static void put_attacks(struct page *page, struct template_value *list, const json_t *given, pd_str base) {
    bool is_before;
    const json_t *attacks = attacks_of(given, &is_before), *a, *worst = NULL;
    struct pages_table table;
    size_t i, drawn = 0;
    if (!fill(page, given, ATTACKS, &table))
        return;
    json_array_foreach(attacks, i, a)
        if (!worst || number_at(a, "risk") > number_at(worst, "risk"))
            worst = a;
    const char *const names[] = {"attack", "gain", "right", "chance", "count"};
    const pd_str values[] = {page_code(page, "attack", text_at(page, worst, "attack")),
                             figure_percent(page, number_at(worst, "risk")), figure_percent(page, number_at(worst, "rate")),
                             figure_percent(page, number_at(worst, "baseline")), plain(page, table.rows)};
    pd_str finding = pages_say(page, is_before ? "protection.find_attacks_before" : "protection.find_attacks", names, values, 5);
    size_t shown = table.rows < COLUMNS_DRAWN ? table.rows : COLUMNS_DRAWN;
    struct figure f = begin(page, list, ATTACKS, &table, is_before ? "protection.attacks_before" : "protection.attacks", finding, 12 + 26 * (int)shown, base);
    json_array_foreach(attacks, i, a)
        if (drawn < COLUMNS_DRAWN) {
            pd_str of = text_at(page, a, "of"), word = page_code(page, "attack", text_at(page, a, "attack"));
            draw_bar(&f, drawn++, of.len ? pd_arena_printf(page->arena, "%.*s: %.*s", pd_arg(word), pd_arg(of)) : word,
                     number_at(a, "rate"), number_at(a, "baseline"));
        }
}

static void put_others(struct page *page, struct template_value *list, const json_t *given, pd_str base) {
    const json_t *others = json_object_get(given, "others"), *o, *worst = NULL;
    struct pages_table table;
    size_t i;
    if (!fill(page, given, OTHERS, &table))
        return;
    json_array_foreach(others, i, o)
        if (!worst || number_at(o, "mean") > number_at(worst, "mean"))
            worst = o;
    const char *const names[] = {"column", "mean", "smallest"};
    const pd_str values[] = {text_at(page, worst, "column"), figure_percent(page, number_at(worst, "mean")),
                             page_number(page, count_at(worst, "smallest"))};
    pd_str finding = pages_say(page, "protection.find_others", names, values, 3);
    struct figure f = begin(page, list, OTHERS, &table, "protection.others", finding, 12 + 26 * (int)table.rows, base);
    json_array_foreach(others, i, o)
        draw_bar(&f, i, text_at(page, o, "column"), number_at(o, "mean"), -1);
}

void pages_put_protection(struct page *page, struct template_value *map, const json_t *given, pd_str base) {
    struct template_value *list = template_put_list(&page->maker, map, "figures");
    put_curve(page, list, given, base);
    put_losses(page, list, given, base);
    put_risks(page, list, given, base);
    put_sizes(page, list, given, base);
    put_attacks(page, list, given, base);
    put_others(page, list, given, base);
}
