/* Carries out what was agreed to, if it is still right. */
#include "standard/repair_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct standard_mender {
    struct watch watch;
    const struct standard_repairs *repairs;
    enum pd_status (*row)(void *context, const pd_str *cells, size_t count, struct pd_error *err);
    void *context;
    struct pd_arena *arena;
    pd_str *names, *cells;
    size_t *field_of; /* a column's field; PD_NPOS: the standard has none of its name */
    size_t columns, next;
    uint64_t done;
};

enum pd_status standard_mender_new(
    const struct standard *standard, const struct standard_options *options,
    const struct standard_repairs *repairs,
    enum pd_status (*row)(void *context, const pd_str *cells, size_t count, struct pd_error *err),
    void *context, struct standard_mender **out, struct pd_error *err) {
    struct standard_mender *m = calloc(1, sizeof(*m));
    if (!m)
        return pd_fail_memory(err);
    *m = (struct standard_mender){.repairs = repairs, .row = row, .context = context};
    m->arena = pd_arena_new((size_t)64 << 20);
    enum pd_status st =
        m->arena ? watch_init(&m->watch, standard, options, err) : pd_fail_memory(err);
    if (st != PD_OK) {
        standard_mender_free(m);
        return st;
    }
    *out = m;
    return PD_OK;
}

void standard_mender_free(struct standard_mender *mender) {
    if (!mender)
        return;
    watch_clear(&mender->watch);
    pd_arena_free(mender->arena);
    free(mender);
}

/* The next repair that was agreed to; NULL: there is none. */
static const struct standard_repair *next_agreed(struct standard_mender *m) {
    while (m->next < m->repairs->count && !m->repairs->list[m->next].is_agreed)
        m->next++;
    return m->next < m->repairs->count ? &m->repairs->list[m->next] : NULL;
}

static size_t find_column(const struct standard_mender *m, pd_str name) {
    for (size_t i = 0; i < m->columns; i++)
        if (pd_str_eq(m->names[i], name))
            return i;
    return PD_NPOS;
}

PD_PRINTF(4, 5)
static enum pd_status refuse(const struct standard_repair *r, enum pd_status status,
                             struct pd_error *err, const char *format, ...) {
    char why[400];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    if (r->row == 0)
        return pd_fail(err, status, "the repair of the column name \"%.*s\": %s", pd_arg(r->column),
                       why);
    return pd_fail(err, status, "the repair of row %" PRIu64 " (line %" PRIu64 ")%s%.*s: %s",
                   r->row, r->line, r->column.len ? ", " : "", pd_arg(r->column), why);
}

/* ---- The header ---- */

static enum pd_status rename_column(struct standard_mender *m, const struct standard_repair *r,
                                    struct pd_error *err) {
    size_t column = find_column(m, r->column);
    if (column == PD_NPOS)
        return refuse(r, PD_CONFLICT, err, "the table has no such column");
    if (!pd_str_eq(r->before, m->names[column]))
        return refuse(r, PD_CONFLICT, err, "\"before\" isn't the column's name");
    if (standard_find(m->watch.checker->standard, m->names[column]) != PD_NPOS)
        return refuse(r, PD_INVALID, err,
                      "it is the name of a field of the standard, so there is nothing to repair");
    if (standard_find(m->watch.checker->standard, r->after) == PD_NPOS)
        return refuse(r, PD_INVALID, err, "the standard has no field \"%.*s\"", pd_arg(r->after));
    for (size_t i = 0; i < m->columns; i++)
        if (pd_str_eq(m->cells[i], r->after))
            return refuse(r, PD_INVALID, err, "column %zu has the name \"%.*s\" already", i + 1,
                          pd_arg(r->after));
    m->cells[column] = r->after;
    m->done++;
    m->next++;
    return PD_OK;
}

enum pd_status standard_mender_header(struct standard_mender *mender, const pd_str *names,
                                      size_t count, struct pd_error *err) {
    struct standard_mender *m = mender;
    const struct standard_repair *r;
    enum pd_status st = PD_OK;
    m->names = pd_arena_array(m->arena, count + 1, sizeof(*m->names));
    m->cells = pd_arena_array(m->arena, count + 1, sizeof(*m->cells));
    m->field_of = pd_arena_array(m->arena, count + 1, sizeof(*m->field_of));
    if (!m->names || !m->cells || !m->field_of)
        return pd_fail_memory(err);
    m->columns = count;
    for (size_t i = 0; i < count; i++) {
        m->cells[i] = m->names[i] = pd_arena_str(m->arena, names[i]);
        if (!m->names[i].data)
            return pd_fail_memory(err);
    }
    while (st == PD_OK && (r = next_agreed(m)) != NULL && r->row == 0)
        st = rename_column(m, r, err);
    for (size_t i = 0; i < count; i++)
        m->field_of[i] = standard_find(m->watch.checker->standard, m->cells[i]);
    if (st == PD_OK)
        st = standard_checker_header(m->watch.checker, m->cells, count, err);
    return st == PD_OK ? m->row(m->context, m->cells, count, err) : st;
}

/* ---- Rows ---- */

static enum pd_status mend_cell(struct standard_mender *m, const struct standard_repair *r,
                                struct pd_error *err) {
    size_t column = find_column(m, r->column);
    if (column == PD_NPOS)
        return refuse(r, PD_CONFLICT, err, "the table has no such column");
    size_t field = m->field_of[column];
    if (field == PD_NPOS)
        return refuse(r, PD_INVALID, err,
                      "the standard has no field of this name; agree to a new name for the column "
                      "first");
    if (!pd_str_eq(r->before, m->cells[column]))
        return refuse(r, PD_CONFLICT, err,
                      "the cell isn't what \"before\" says: the table changed, or two repairs are "
                      "of one cell");
    if (!watch_fails(&m->watch, field))
        return refuse(r, PD_INVALID, err, "the cell meets the standard, so it isn't changed");
    const char *why = check_cell(m->watch.checker, field, r->after);
    if (why)
        return refuse(r, PD_INVALID, err, "\"after\" would fail, too: %s", why);
    m->cells[column] = r->after;
    return PD_OK;
}

static enum pd_status mend_row(struct standard_mender *m, const struct table_batch *batch,
                               size_t row, struct pd_error *err) {
    const struct standard_repair *r;
    uint64_t number = batch->first_row + row + 1;
    bool is_dropped = false;
    enum pd_status st = PD_OK;
    for (size_t c = 0; c < m->columns; c++)
        m->cells[c] = table_cell_text(batch, c, row);
    while (st == PD_OK && (r = next_agreed(m)) != NULL && r->row == number) {
        if (r->method != STANDARD_DROP)
            st = mend_cell(m, r, err);
        else if (watch_repeats(&m->watch) == PD_NPOS)
            st =
                refuse(r, PD_INVALID, err,
                       "the row isn't equal in all cells to one before it whose key it repeats, so "
                       "it isn't dropped");
        else
            is_dropped = true;
        m->done += st == PD_OK;
        m->next++;
    }
    return st == PD_OK && !is_dropped ? m->row(m->context, m->cells, m->columns, err) : st;
}

enum pd_status standard_mender_feed(struct standard_mender *mender, const struct table_batch *batch,
                                    struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t row = 0; st == PD_OK && row < batch->rows; row++) {
        watch_row(&mender->watch, batch, row);
        st = mender->watch.has_failed ? pd_fail_memory(err) : mend_row(mender, batch, row, err);
    }
    return st;
}

enum pd_status standard_mender_finish(struct standard_mender *mender, uint64_t *done,
                                      struct pd_error *err) {
    const struct standard_repair *r = next_agreed(mender);
    if (r)
        return refuse(r, PD_CONFLICT, err, "the table has no such row");
    *done = mender->done;
    return PD_OK;
}
