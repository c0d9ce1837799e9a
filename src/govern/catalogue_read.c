/* What the readers of the catalogue have in common: who looks, which page, a row, what is sealed in it. */
#include "govern/catalogue_impl.h"

pd_str catalogue_viewer_name(const struct catalogue_viewer *viewer) {
    return viewer->sees_all    ? PD_STR(CATALOGUE_ALL)
           : viewer->party.len ? viewer->party
                               : PD_STR(CATALOGUE_PUBLIC);
}

enum pd_status catalogue_page_begin(const struct catalogue_page *page, pd_str *after, size_t *limit,
                                    struct pd_error *err) {
    pd_id id;
    if (page->after.len && !pd_id_parse(page->after, &id))
        return pd_fail(err, PD_USAGE,
                       "\"%.*s\" is no cursor: take the one that came with the page before",
                       pd_arg(pd_str_sub(page->after, 0, 80)));
    *after = page->after.len ? page->after : PD_STR("g"); /* ids are of the digits 0 to f */
    *limit = page->limit == 0                   ? CATALOGUE_PAGE
             : page->limit > CATALOGUE_PAGE_MAX ? CATALOGUE_PAGE_MAX
                                                : page->limit;
    return PD_OK;
}

pd_str catalogue_text(struct catalogue_row *row, size_t column) {
    pd_str s = pd_arena_str(row->arena, store_str(row->rows, column));
    row->failed = row->failed || !s.data;
    return s;
}

pd_id catalogue_id(struct catalogue_row *row, size_t column) {
    pd_id id = {{0}};
    row->failed = !pd_id_parse(store_str(row->rows, column), &id) || row->failed;
    return id;
}

enum pd_status catalogue_each(struct govern *g, struct sql sql, const struct store_value *values,
                              size_t count, struct pd_arena *arena,
                              enum pd_status (*take)(void *context, struct catalogue_row *row,
                                                     bool *done, struct pd_error *err),
                              void *context, struct pd_error *err) {
    struct store_rows *rows;
    bool has = false, done = false;
    enum pd_status st = store_select(g->store, sql, values, count, &rows, err);
    if (st != PD_OK)
        return st;
    struct catalogue_row row = {.rows = rows, .arena = arena};
    while (!done && (st = store_next(rows, &has, err)) == PD_OK && has) {
        st = take(context, &row, &done, err);
        if (st == PD_OK && row.failed)
            st = pd_fail(err, PD_LIMIT, "a page of the catalogue doesn't fit into its memory");
        if (st != PD_OK)
            break;
    }
    store_rows_close(rows);
    return st;
}

enum pd_status catalogue_unseal(struct govern *g, pd_str key_id, const char *label, pd_str sealed,
                                struct pd_arena *arena, pd_str *plain, bool *is_there,
                                struct pd_error *err) {
    pd_id id;
    struct store_key key;
    *plain = PD_STR("");
    *is_there = false;
    if (!pd_id_parse(key_id, &id))
        return pd_fail(err, PD_INTERNAL, "a row names no key");
    struct pd_error why = {0};
    enum pd_status st = store_key_find(g->store, id, &key, &why);
    if (st == PD_NOT_FOUND)
        return PD_OK;
    if (st != PD_OK)
        return pd_fail(err, st, "%s", why.text);
    st = store_unseal(&key, pd_str_from(label), sealed, arena, plain, err);
    crypto_wipe(&key, sizeof(key));
    *is_there = st == PD_OK;
    return st;
}
