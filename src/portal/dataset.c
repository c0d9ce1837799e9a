/* One dataset: can I use it, can I trust it, what does the law say, what is in it, who uses it. */
#include "portal/pages.h"

#include <jansson.h>
#include <string.h>

/* Distributions that the viewer may have; the newest version first. */
static void put_use(struct page *page, const struct catalogue_one *one) {
    static const char *const KEYS[CATALOGUE_OPENNESS_COUNT] = {[CATALOGUE_HELD] = "is_held",
                                                               [CATALOGUE_SHARED] = "is_shared",
                                                               [CATALOGUE_OPEN] = "is_open"};
    struct template_value *use = template_put_map(&page->maker, page->values, "use");
    struct template_value *files = template_put_list(&page->maker, use, "files");
    template_put_bool(&page->maker, use, KEYS[one->dataset.openness], true);
    bool has_file = false;
    for (size_t v = 0; v < one->count && !has_file; v++)
        for (size_t d = 0; d < one->versions[v].distribution_count; d++) {
            const struct catalogue_distribution *dist = &one->versions[v].distributions[d];
            char id[PD_ID_TEXT_SIZE];
            if (dist->is_withdrawn)
                continue;
            struct template_value *file = template_push_map(&page->maker, files);
            pd_id_write(dist->id, id);
            template_put_str(&page->maker, file, "path",
                             pd_arena_printf(page->arena, "/%s/files/%s", page->language, id));
            template_put_str(&page->maker, file, "form",
                             pd_str_is(dist->form, "text/csv") ? PD_STR("CSV") : dist->form);
            template_put_str(&page->maker, file, "bytes", page_bytes(page, dist->bytes));
            has_file = true;
        }
}

static void put_distribution(struct page *page, struct template_value *list,
                             const struct catalogue_distribution *dist) {
    struct template_value *entry = template_push_map(&page->maker, list);
    page_put_tag(page, entry, "tag",
                 dist->is_withdrawn ? ""
                 : dist->is_public  ? "good"
                                    : "wait",
                 dist->is_public ? page_word(page, "openness.open") : dist->disclosed_to);
    template_put_str(&page->maker, entry, "form",
                     pd_str_is(dist->form, "text/csv") ? PD_STR("CSV") : dist->form);
    page_put_number(page, entry, "rows", dist->rows);
    template_put_str(&page->maker, entry, "bytes", page_bytes(page, dist->bytes));
    template_put_bool(&page->maker, entry, "is_withdrawn", dist->is_withdrawn);
    template_put_str(&page->maker, entry, "hash", dist->plain_hash);
}

static void put_versions(struct page *page, const struct catalogue_one *one) {
    struct template_value *list = template_put_list(&page->maker, page->values, "versions");
    for (size_t v = 0; v < one->count; v++) {
        const struct catalogue_version *version = &one->versions[v];
        struct template_value *entry = template_push_map(&page->maker, list);
        page_put_time(page, entry, "made", version->created_at);
        template_put_str(&page->maker, entry, "rows",
                         version->is_whole ? page_number(page, version->rows) : PD_STR(""));
        page_put_number(page, entry, "columns_count", version->columns);
        template_put_str(&page->maker, entry, "grade",
                         version->is_whole ? version->grade : PD_STR(""));
        template_put_str(&page->maker, entry, "act", version->act);
        if (version->lineage) {
            struct template_value *repair = template_put_map(&page->maker, entry, "repair");
            page_put_number(page, repair, "done", version->lineage->done);
            page_put_number(page, repair, "before", version->lineage->failures_before);
            page_put_number(page, repair, "after", version->lineage->failures_after);
        }
        struct template_value *dists = template_put_list(&page->maker, entry, "distributions");
        for (size_t d = 0; d < version->distribution_count; d++)
            put_distribution(page, dists, &version->distributions[d]);
    }
    page_put_number(page, page->values, "version_count", one->version_count);
}

/* ---- Lineage ---- */

enum { LINEAGE_HEIGHT = 70, SHORT = 8 };

static size_t put_lineage(struct page *page, const struct catalogue_one *one) {
    size_t count = 0;
    for (size_t v = 0; v < one->count; v++)
        count += one->versions[v].lineage != NULL;
    if (!count)
        return 0;
    struct template_value *map = template_put_map(&page->maker, page->values, "lineage");
    struct template_value *steps = template_put_list(&page->maker, map, "steps");
    int64_t top = 22;
    for (size_t v = 0; v < one->count; v++) {
        const struct catalogue_lineage *l = one->versions[v].lineage;
        char from[PD_ID_TEXT_SIZE], to[PD_ID_TEXT_SIZE];
        if (!l)
            continue;
        struct template_value *step = template_push_map(&page->maker, steps);
        pd_id_write(l->from, from);
        pd_id_write(one->versions[v].id, to);
        pd_str from_text = pd_arena_str(page->arena, pd_str_from(from));
        pd_str to_text = pd_arena_str(page->arena, pd_str_from(to));
        template_put_str(&page->maker, step, "from", from_text);
        template_put_str(&page->maker, step, "to", to_text);
        /* The end of an id tells two of one moment apart. */
        template_put_str(&page->maker, step, "from_short",
                         pd_str_sub(from_text, 36 - SHORT, SHORT));
        template_put_str(&page->maker, step, "to_short", pd_str_sub(to_text, 36 - SHORT, SHORT));
        page_put_number(page, step, "done", l->done);
        page_put_number(page, step, "before", l->failures_before);
        page_put_number(page, step, "after", l->failures_after);
        template_put_str(&page->maker, step, "label",
                         pd_arena_printf(page->arena, "%.*s: %.*s",
                                         pd_arg(page_word(page, "dataset.lineage_done")),
                                         pd_arg(page_number(page, l->done))));
        template_put_number(&page->maker, step, "top", top);
        template_put_number(&page->maker, step, "y", top + 20);
        template_put_number(&page->maker, step, "base", top + 25);
        template_put_number(&page->maker, step, "above", top + 12);
        top += LINEAGE_HEIGHT;
    }
    template_put_number(&page->maker, map, "height", top);
    template_put_number(&page->maker, map, "count", (int64_t)count);
    return count;
}

/* ---- The law, and trust ---- */

static enum pd_status put_law(struct page *page, pd_str act, struct pd_error *err) {
    json_t *record = NULL;
    pd_id id;
    if (!pd_id_parse(act, &id))
        return PD_OK;
    enum pd_status st = pages_read_act(page, id, &record, err);
    if (st == PD_OK) {
        const json_t *finding = json_object_get(json_object_get(record, "record"), "finding");
        if (json_is_object(finding))
            pages_put_finding(page, template_put_map(&page->maker, page->values, "law"), finding);
        template_put_str(&page->maker, page->values, "act", act);
        json_decref(record);
    }
    return st;
}

static void put_trust(struct page *page, const struct catalogue_one *one, bool has_act,
                      bool is_lined) {
    json_t *inspection = NULL;
    struct pd_error ignored;
    char id[PD_ID_TEXT_SIZE];
    double empty = 0;
    pd_id_write(one->dataset.id, id);
    struct template_value *trust = template_put_map(&page->maker, page->values, "trust");
    template_put_bool(&page->maker, trust, "has_act", has_act);
    template_put_bool(&page->maker, trust, "is_lined", is_lined);
    if (pages_inspection(page, one, &inspection, &ignored) != PD_OK)
        return; /* the page says that nothing was kept */
    pages_put_columns(page, inspection, pd_arena_str(page->arena, pd_str_from(id)), &empty);
    pd_str share = pd_arena_printf(page->arena, empty > 0 && empty < 0.01 ? "%.2f %%" : "%.1f %%",
                                   100 * empty);
    template_put_bool(&page->maker, trust, "has_empty", empty > 0);
    template_put_str(&page->maker, trust, "empty", share);
    template_put_str(&page->maker, page->values, "empty_share", share);
    json_int_t rows = json_integer_value(json_object_get(inspection, "rows"));
    json_int_t distinct =
        json_integer_value(json_object_get(json_object_get(inspection, "distinct_rows"), "value"));
    if (rows >= distinct &&
        json_is_true(json_object_get(json_object_get(inspection, "distinct_rows"), "exact")))
        page_put_number(page, page->values, "repeated_rows", (uint64_t)(rows - distinct));
    json_decref(inspection);
}

void portal_get_dataset(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct catalogue_one one;
    pd_id id;
    if (!page_begin(&page, call, "datasets") || !page_id(&page, "id", &id))
        return;
    struct catalogue_viewer viewer = pages_viewer(&page);
    struct catalogue_page versions = {.after = page_query(&page, "after")};
    struct catalogue_acts_query acts = {.has_dataset = true, .dataset = id, .page = {.limit = 10}};
    enum pd_status st =
        catalogue_dataset_find(call->g, &viewer, id, &versions, page.arena, &one, &err);
    pd_str act = st == PD_OK && one.count ? one.versions[0].act : PD_STR("");
    if (st == PD_OK)
        st = put_law(&page, act, &err);
    if (st == PD_OK)
        st = pages_put_acts(&page, &acts, NULL, &err);
    if (st == PD_OK)
        st = pages_put_released(&page, id, &err);
    if (st != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    pages_put_dataset(&page, page.values, &one.dataset);
    put_use(&page, &one);
    put_versions(&page, &one);
    bool is_lined = put_lineage(&page, &one) > 0;
    put_trust(&page, &one, act.len > 0, is_lined);
    char text[PD_ID_TEXT_SIZE];
    pd_id_write(id, text);
    page_put_next(&page, pd_arena_printf(page.arena, "/datasets/%s", text).data, "", one.next);
    const struct template_value *name =
        template_get(template_get(page.values, PD_STR("name")), PD_STR("text"));
    page_title(&page, name ? name->text : PD_STR(""));
    page_send(&page, 200, "dataset");
}

void portal_get_lineage(struct serve_call *call) {
    static const char *const NAMES[] = {"from", "to", "repairs", "failures_before",
                                        "failures_after"};
    struct page page;
    struct pd_error err = {0};
    struct catalogue_one one;
    pd_id id;
    if (!page_begin(&page, call, "") || !page_id(&page, "id", &id))
        return;
    struct catalogue_viewer viewer = pages_viewer(&page);
    struct catalogue_page versions = {.limit = CATALOGUE_PAGE_MAX};
    if (catalogue_dataset_find(call->g, &viewer, id, &versions, page.arena, &one, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    pd_str *cells = pd_arena_array(page.arena, 5 * (one.count + 1), sizeof(*cells));
    size_t rows = 0;
    for (size_t v = 0; cells && v < one.count; v++) {
        const struct catalogue_lineage *l = one.versions[v].lineage;
        char from[PD_ID_TEXT_SIZE], to[PD_ID_TEXT_SIZE];
        if (!l)
            continue;
        pd_id_write(l->from, from);
        pd_id_write(one.versions[v].id, to);
        pd_str *row = cells + 5 * rows++;
        row[0] = pd_arena_str(page.arena, pd_str_from(from));
        row[1] = pd_arena_str(page.arena, pd_str_from(to));
        row[2] = pd_arena_printf(page.arena, "%llu", (unsigned long long)l->done);
        row[3] = pd_arena_printf(page.arena, "%llu", (unsigned long long)l->failures_before);
        row[4] = pd_arena_printf(page.arena, "%llu", (unsigned long long)l->failures_after);
    }
    pages_send_table(&page, &(struct pages_table){NAMES, 5, rows, cells});
}

/* ---- Downloading ---- */

void portal_get_file(struct serve_call *call) {
    struct page page;
    struct pd_error err = {0};
    struct store_reader *reader = NULL;
    uint64_t bytes = 0;
    pd_id id;
    if (!page_begin(&page, call, "") || !page_id(&page, "id", &id))
        return;
    struct catalogue_viewer viewer = pages_viewer(&page);
    if (catalogue_file_open(call->g, &viewer, id, &reader, &bytes, &err) == PD_OK)
        serve_file(call, reader, bytes, "text/csv; charset=utf-8", PD_STR("data.csv"));
    else
        page_fail(&page, &err);
}
