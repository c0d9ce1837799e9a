/* Tables on a terminal: columns as wide as their cells, two spaces between. */
#include "cli/cli.h"

#include <assert.h>

enum { COLUMNS_MAX = 16 };

static size_t measure(const struct cli_column *column, size_t nth, size_t count,
                      const pd_str *cells, size_t rows) {
    size_t widest = 0;
    for (size_t r = 0; r < rows; r++) {
        size_t width = cli_width(cells[r * count + nth]);
        widest = width > widest ? width : widest;
    }
    if (widest == 0)
        return 0; /* nothing to show */
    size_t title = cli_width(pd_str_from(column->title));
    widest = widest < title ? title : widest;
    return column->widest && widest > column->widest ? column->widest : widest;
}

static void pad(struct pd_buf *out, size_t n) {
    while (n-- > 0)
        pd_buf_char(out, ' ');
}

/* Spaces at the end of a line are never written: they are owed until something follows. */
static void write_cell(struct pd_buf *out, pd_str cell, size_t width, bool is_right, size_t *owed) {
    if (cell.len == 0) {
        *owed += width;
        return;
    }
    size_t columns = cli_width(cell);
    size_t gap = columns < width ? width - columns : 0;
    pad(out, *owed + (is_right ? gap : 0));
    size_t used = cli_text_cut(out, cell, width);
    *owed = is_right ? 0 : width - used;
}

void cli_table(struct pd_buf *out, size_t indent, const struct cli_column *columns, size_t count,
               const pd_str *cells, size_t rows) {
    size_t width[COLUMNS_MAX];
    assert(count <= COLUMNS_MAX);
    if (rows == 0)
        return;
    for (size_t c = 0; c < count; c++)
        width[c] = measure(&columns[c], c, count, cells, rows);
    for (size_t line = 0; line < rows + 1; line++) {
        size_t owed = indent;
        for (size_t c = 0; c < count; c++) {
            if (width[c] == 0)
                continue;
            pd_str cell = line == 0 ? pd_str_from(columns[c].title) : cells[(line - 1) * count + c];
            write_cell(out, cell, width[c], columns[c].is_number, &owed);
            owed += 2;
        }
        pd_buf_char(out, '\n');
    }
}
