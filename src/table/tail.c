/* Notes below a table: the last rows, if they have text in their first field and nothing else. */
#include "table/table_impl.h"

#include <string.h>

/* In two columns such a row is one with a gap. */
enum { COLUMNS_LEAST = 3 };

/* "Source: ...", "* provisional", "(1) without ...", or a sentence: what no key of a row is. */
static bool is_note(pd_str text) {
    static const char *const signs[] = {"*", "(", "#", "†", "※", "（", "["};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (pd_str_starts(text, pd_str_from(signs[i])))
            return true;
    if (pd_str_find(text, PD_STR(": ")) != PD_NPOS || pd_str_find(text, PD_STR("：")) != PD_NPOS)
        return true;
    size_t spaces = 0;
    for (size_t i = 0; i < text.len; i++)
        spaces += text.data[i] == ' ';
    return spaces >= 4;
}

static pd_str cell_text(const struct table_reader *r, size_t column, size_t row) {
    struct table_cell cell = r->cells[row * r->columns + column];
    return (pd_str){r->text + r->batch_start + cell.at, cell.len};
}

void table_tail_add(struct table_reader *r, size_t start, size_t end) {
    struct table_tail *t = &r->tail;
    if (t->is_off || r->columns < COLUMNS_LEAST)
        return;
    size_t filled = r->columns, row = r->rows - 1;
    while (filled > 0 && cell_text(r, filled - 1, row).len == 0)
        filled--;
    bool has_text = filled == 1;
    if (filled > 1 || t->count == TABLE_TAIL_ROWS || (has_text && !is_note(cell_text(r, 0, row)))) {
        /* What looks like a note amid the table, or like a key alone, makes all of them rows. */
        t->is_off = t->notes > 0 || has_text || t->count == TABLE_TAIL_ROWS;
        t->count = t->notes = 0;
        return;
    }
    t->start[t->count] = start;
    t->end[t->count++] = end;
    t->notes += has_text;
}

enum pd_status table_tail_finish(struct table_reader *r, struct pd_error *err) {
    struct table_tail *t = &r->tail;
    /* A table of nothing but notes is one whose rows look like them. */
    if (t->notes == 0 || r->counts.rows <= t->count) {
        t->count = 0;
        return PD_OK;
    }
    size_t first = r->rows - t->count;
    r->rows = first;
    r->counts.rows -= t->count;
    r->counts.notes += t->count;
    for (size_t i = 0; i < t->count && r->handler.set_aside != NULL; i++) {
        struct table_set_aside record = {
            .why = TABLE_NOTE,
            .line = r->row_line[first + i],
            .fields = r->columns,
            .columns = r->columns,
            .excerpt = pd_str_sub(cell_text(r, 0, first + i), 0, TABLE_EXCERPT_BYTES),
            .raw_bytes = t->end[i] - t->start[i]};
        bool bad;
        record.excerpt.len =
            table_text_check(r->wide, record.excerpt.data, record.excerpt.len, &bad);
        enum pd_status status = r->handler.set_aside(r->handler.context, &record, err);
        if (status != PD_OK)
            return status;
    }
    t->count = t->notes = 0;
    return PD_OK;
}
