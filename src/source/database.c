/* What databases have in common: their rows as records, their tables by name, the course of reading
 * one of a server. */
#include "source/source_impl.h"

/* ---- Rows ---- */

static enum pd_status write_data(void *context, const void *bytes, size_t n, struct pd_error *err) {
    const struct source_sink *sink = context;
    return sink->data(sink->context, bytes, n, err);
}

enum pd_status source_records_new(const struct source_sink *sink, struct table_writer **out,
                                  struct pd_error *err) {
    struct table_sink to = {(void *)(uintptr_t)sink, write_data};
    enum pd_status st = sink->tell(sink->context, SOURCE_TELLS_CANONICAL, (pd_str){NULL, 0}, err);
    return st == PD_OK ? table_writer_new(NULL, &to, out, err) : st;
}

enum pd_status source_only_table(const pd_str *names, size_t count, pd_str *only,
                                 struct pd_error *err) {
    if (count == 0)
        return pd_fail(err, PD_INVALID, "the database has no table that can be seen");
    if (count == 1) {
        *only = names[0];
        return PD_OK;
    }
    struct pd_buf text;
    pd_buf_init(&text, 1 << 16);
    size_t told = 0;
    for (; told < count && text.len < 800; told++)
        pd_buf_printf(&text, "%s%.*s", told ? ", " : "", pd_arg(names[told]));
    enum pd_status st =
        pd_fail(err, PD_USAGE, "the database has %zu tables: name one after '#' (%.*s%s)", count,
                pd_arg(pd_buf_view(&text)), told < count ? ", ..." : "");
    pd_buf_clear(&text);
    return st;
}

void source_write_binary(struct pd_buf *out, const void *bytes, size_t n) {
    pd_buf_text(out, "\\x");
    char *hex = pd_buf_reserve(out, 2 * n + 1);
    if (hex == NULL)
        return;
    pd_hex_encode(bytes, n, hex);
    out->len += 2 * n;
}

/* ---- A server's ---- */

enum pd_status source_database_read(const struct source_database *database,
                                    const struct source_address *address, bool list_only,
                                    const struct source_sink *sink, struct pd_error *err) {
    pd_str table = address->part, sql = table, *names = NULL;
    size_t count = 0;
    void *context = database->context;
    enum pd_status st = PD_OK;
    if (address->is_query)
        return database->run(context, sql, err);
    if (list_only || table.len == 0)
        st = database->list(context, &names, &count, err);
    for (size_t i = 0; st == PD_OK && list_only && i < count; i++)
        st = sink->tell(sink->context, SOURCE_TELLS_OTHER, names[i], err);
    if (st != PD_OK || list_only)
        return st;
    if (table.len == 0)
        st = source_only_table(names, count, &table, err);
    if (st == PD_OK)
        st = database->select(context, table, &sql, err);
    if (st == PD_OK)
        st = sink->tell(sink->context, SOURCE_TELLS_PART, table, err);
    return st == PD_OK ? database->run(context, sql, err) : st;
}
