/* What is in a table, column by column: a sentence each, and a drawing where there are figures. */
#include "portal/pages.h"

#include <jansson.h>
#include <string.h>

enum { WIDTH = 640, HEIGHT = 104, BASE = 107, BINS_MAX = 200 };

static pd_str text_at(struct page *page, const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? pd_arena_str(page->arena, pd_str_from(text)) : PD_STR("");
}

static uint64_t count_at(const json_t *object, const char *key) {
    json_int_t n = json_integer_value(json_object_get(object, key));
    return n > 0 ? (uint64_t)n : 0;
}

/* ---- The sentence ---- */

pd_str pages_say(struct page *page, const char *key, const char *const names[],
                 const pd_str values[], size_t count) {
    pd_str text = page_word(page, key);
    struct pd_buf out;
    pd_buf_init(&out, 1 << 16);
    for (size_t at = 0; at < text.len;) {
        size_t open = pd_str_find(pd_str_sub(text, at, text.len), PD_STR("{{"));
        if (open == PD_NPOS) {
            pd_buf_str(&out, pd_str_sub(text, at, text.len));
            break;
        }
        pd_buf_str(&out, pd_str_sub(text, at, open));
        at += open + 2;
        size_t close = pd_str_find(pd_str_sub(text, at, text.len), PD_STR("}}"));
        pd_str name = pd_str_sub(text, at, close);
        for (size_t i = 0; i < count; i++)
            if (pd_str_is(name, names[i]))
                pd_buf_str(&out, values[i]);
        at += name.len + 2;
    }
    pd_str said = pd_arena_str(page->arena, pd_buf_view(&out));
    pd_buf_clear(&out);
    return said;
}

struct figure {
    const json_t *bins;
    uint64_t rows, most;
    size_t first, last; /* the fewest bins in a row that hold half of the rows */
    uint64_t within;
};

/* The shortest run of bins that holds more than half of the rows is what the eye would pick out. */
static void find_middle(struct figure *f) {
    size_t n = json_array_size(f->bins), from = 0;
    uint64_t sum = 0, all = 0;
    f->last = n - 1;
    for (size_t i = 0; i < n; i++) {
        uint64_t count = count_at(json_array_get(f->bins, i), "count");
        all += count;
        f->most = count > f->most ? count : f->most;
    }
    f->within = all;
    for (size_t to = 0; to < n; to++) {
        sum += count_at(json_array_get(f->bins, to), "count");
        while (from < to && 2 * (sum - count_at(json_array_get(f->bins, from), "count")) > all)
            sum -= count_at(json_array_get(f->bins, from++), "count");
        if (2 * sum > all && to - from < f->last - f->first) {
            f->first = from;
            f->last = to;
            f->within = sum;
        }
    }
}

static pd_str bins_sentence(struct page *page, const struct figure *f) {
    static const char *const NAMES[] = {"from", "to", "count", "rows"};
    pd_str values[] = {text_at(page, json_array_get(f->bins, f->first), "from"),
                       text_at(page, json_array_get(f->bins, f->last), "to"),
                       page_number(page, f->within), page_number(page, f->rows)};
    return pages_say(page, "dataset.find_bins", NAMES, values, 4);
}

/* ---- The drawing ---- */

static void put_bins(struct page *page, struct template_value *map, const struct figure *f) {
    struct template_value *list = template_put_list(&page->maker, map, "bins");
    size_t n = json_array_size(f->bins), i;
    double step = (double)WIDTH / (double)n;
    json_t *bin;
    json_array_foreach(f->bins, i, bin) {
        uint64_t count = count_at(bin, "count");
        double height = f->most ? (double)count / (double)f->most * HEIGHT : 0;
        if (count && height < 1.5)
            height = 1.5;
        struct template_value *entry = template_push_map(&page->maker, list);
        template_put_str(&page->maker, entry, "from", text_at(page, bin, "from"));
        template_put_str(&page->maker, entry, "to", text_at(page, bin, "to"));
        page_put_number(page, entry, "count", count);
        template_put_str(&page->maker, entry, "x",
                         pd_arena_printf(page->arena, "%.1f", (double)i * step + 1));
        template_put_str(&page->maker, entry, "y",
                         pd_arena_printf(page->arena, "%.1f", BASE - height));
        template_put_str(&page->maker, entry, "width",
                         pd_arena_printf(page->arena, "%.1f", step - 2));
        template_put_str(&page->maker, entry, "height",
                         pd_arena_printf(page->arena, "%.1f", height));
    }
    template_put_str(&page->maker, map, "least", text_at(page, json_array_get(f->bins, 0), "from"));
    template_put_str(&page->maker, map, "greatest",
                     text_at(page, json_array_get(f->bins, n - 1), "to"));
}

/* Bars that are all alike show nothing: codes and running numbers. */
static bool has_drawing(const json_t *bins) {
    bool differ = false;
    for (size_t i = 1; i < json_array_size(bins); i++)
        differ = differ || count_at(json_array_get(bins, i), "count") !=
                               count_at(json_array_get(bins, 0), "count");
    return differ && json_array_size(bins) <= BINS_MAX;
}

static void put_column(struct page *page, struct template_value *list, const json_t *column,
                       size_t number, uint64_t rows, pd_str dataset) {
    struct template_value *entry = template_push_map(&page->maker, list);
    const json_t *distinct = json_object_get(column, "distinct");
    struct figure f = {.bins = json_object_get(json_object_get(column, "histogram"), "bins"),
                       .rows = rows};
    pd_str different = pd_arena_printf(page->arena, "%s%.*s",
                                       json_is_false(json_object_get(distinct, "exact")) ? "~" : "",
                                       pd_arg(page_number(page, count_at(distinct, "value"))));
    template_put_number(&page->maker, entry, "number", (int64_t)number);
    template_put_str(&page->maker, entry, "name", text_at(page, column, "name"));
    page_put_code(page, entry, "type", "type", text_at(page, column, "type"));
    page_put_code(page, entry, "role", "role", text_at(page, column, "role"));
    page_put_number(page, entry, "nulls", count_at(column, "nulls"));
    template_put_str(&page->maker, entry, "distinct", different);
    if (!has_drawing(f.bins) || !dataset.len)
        return;
    find_middle(&f);
    struct template_value *figure = template_put_map(&page->maker, entry, "figure");
    template_put_str(&page->maker, figure, "finding", bins_sentence(page, &f));
    put_bins(page, figure, &f);
    for (int i = 0; i < 2; i++)
        template_put_str(&page->maker, figure, i ? "json" : "csv",
                         pd_arena_printf(page->arena, "/%s/datasets/%.*s/columns/%zu.%s",
                                         page->language, pd_arg(dataset), number,
                                         i ? "json" : "csv"));
}

void pages_put_columns(struct page *page, const json_t *inspection, pd_str dataset,
                       double *empty_share) {
    struct template_value *list = template_put_list(&page->maker, page->values, "columns");
    const json_t *columns = json_object_get(inspection, "columns");
    uint64_t rows = count_at(inspection, "rows"), nulls = 0;
    size_t i;
    json_t *column;
    json_array_foreach(columns, i, column) {
        put_column(page, list, column, i + 1, rows, dataset);
        nulls += count_at(column, "nulls");
    }
    template_put_bool(&page->maker, page->values, "has_columns", i > 0);
    *empty_share = rows && i ? (double)nulls / ((double)rows * (double)i) : 0;
}

/* ---- The same as files: /datasets/ID/columns/3.csv ---- */

/* The newest inspection of a dataset that the viewer may see. */
enum pd_status pages_inspection(struct page *page, const struct catalogue_one *one, json_t **out,
                                struct pd_error *err) {
    struct catalogue_viewer viewer = pages_viewer(page);
    for (size_t v = 0; v < one->count; v++)
        for (size_t d = 0; d < one->versions[v].distribution_count; d++) {
            const struct catalogue_distribution *dist = &one->versions[v].distributions[d];
            pd_str json;
            if (!dist->has_inspection)
                continue;
            enum pd_status st =
                catalogue_inspection(page->call->g, &viewer, dist->id, page->arena, &json, err);
            if (st == PD_OK)
                return pd_json_parse(json, 32 << 20, 64, out, err);
            if (st != PD_NOT_FOUND)
                return st;
        }
    for (size_t v = 0; v < one->count; v++) {
        pd_str json;
        if (one->versions[v].is_whole &&
            catalogue_inspection(page->call->g, &viewer, one->versions[v].id, page->arena, &json,
                                 err) == PD_OK)
            return pd_json_parse(json, 32 << 20, 64, out, err);
    }
    return pd_fail(err, PD_NOT_FOUND, "nothing was kept of what is in the dataset");
}

void portal_get_column(struct serve_call *call) {
    static const char *const NAMES[] = {"from", "to", "rows"};
    struct page page;
    struct pd_error err = {0};
    struct catalogue_one one;
    json_t *inspection = NULL;
    pd_id id;
    if (!page_begin(&page, call, "") || !page_id(&page, "id", &id))
        return;
    struct catalogue_viewer viewer = pages_viewer(&page);
    struct catalogue_page all = {.after = PD_STR("")};
    pd_str file = http_param(call->request, "file");
    uint64_t number = 0;
    (void)pd_parse_u64(pd_str_sub(file, 0, pd_str_find_char(file, '.')), &number);
    if (catalogue_dataset_find(call->g, &viewer, id, &all, page.arena, &one, &err) != PD_OK ||
        pages_inspection(&page, &one, &inspection, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    const json_t *columns = json_object_get(inspection, "columns");
    const json_t *column = number ? json_array_get(columns, (size_t)number - 1) : NULL;
    const json_t *bins = json_object_get(json_object_get(column, "histogram"), "bins");
    if (has_drawing(bins)) {
        size_t n = json_array_size(bins);
        pd_str *cells = pd_arena_array(page.arena, 3 * n, sizeof(*cells));
        for (size_t i = 0; cells && i < n; i++) {
            const json_t *bin = json_array_get(bins, i);
            cells[3 * i] = text_at(&page, bin, "from");
            cells[3 * i + 1] = text_at(&page, bin, "to");
            cells[3 * i + 2] =
                pd_arena_printf(page.arena, "%llu", (unsigned long long)count_at(bin, "count"));
        }
        pages_send_table(&page, &(struct pages_table){NAMES, 3, n, cells});
    } else {
        portal_refuse(call, 404, "");
    }
    json_decref(inspection);
}
