/* Columns of prose side by side, each cell wrapped to its column. */
#include "cli/cli.h"

#include <string.h>

enum { COLUMN_MIN = 26, GAP = 2, COLUMNS_MAX = 16 };

struct grid {
    struct pd_buf *out;
    struct pd_arena *arena;
    size_t label_width, width; /* of the labels, of each column */
};

/* The longest beginning of a line that fits; at least one character. */
static size_t fit(pd_str line, size_t width) {
    size_t end = 0;
    while (end < line.len) {
        size_t next = end + 1;
        while (next < line.len && ((unsigned char)line.data[next] & 0xC0) == 0x80)
            next++;
        if (end > 0 && cli_width(pd_str_sub(line, 0, next)) > width)
            break;
        end = next;
    }
    return end;
}

/* A cell as lines of at most `width` columns, separated by line feeds. */
static enum pd_status wrap(const struct grid *g, pd_str cell, pd_str *out, struct pd_error *err) {
    struct pd_buf wrapped, lines;
    pd_str paragraph, line;
    pd_buf_init(&wrapped, 1 << 20);
    pd_buf_init(&lines, 1 << 20);
    while (cell.len > 0 && pd_str_split(&cell, '\n', &paragraph))
        if (paragraph.len > 0)
            cli_paragraph_within(&wrapped, 0, 2, g->width, paragraph);
    pd_str rest = pd_buf_view(&wrapped);
    while (rest.len > 0 && pd_str_split(&rest, '\n', &line))
        for (size_t n; line.len > 0; line = pd_str_sub(line, n, line.len)) {
            n = fit(line, g->width);
            pd_buf_str(&lines, pd_str_sub(line, 0, n));
            pd_buf_char(&lines, '\n');
        }
    lines.failed = lines.failed || wrapped.failed;
    enum pd_status st = pd_buf_check(&lines, err);
    *out = pd_arena_str(g->arena, pd_buf_view(&lines));
    if (st == PD_OK && !out->data)
        st = pd_fail_memory(err);
    pd_buf_clear(&wrapped);
    pd_buf_clear(&lines);
    return st;
}

static void pad(struct pd_buf *out, size_t n) {
    while (n-- > 0)
        pd_buf_char(out, ' ');
}

/* One row: as many lines as its longest cell has. Spaces at the end of a line are never written. */
static void write_row(const struct grid *g, const char *label, pd_str *cells, size_t count) {
    bool is_first = true;
    for (bool more = true; more; is_first = false) {
        size_t owed = g->label_width + GAP;
        more = false;
        if (is_first) {
            pd_buf_text(g->out, label);
            owed -= strlen(label);
        }
        for (size_t c = 0; c < count; c++) {
            pd_str line = {"", 0};
            if (cells[c].len > 0)
                (void)pd_str_split(&cells[c], '\n', &line);
            more = more || cells[c].len > 0;
            size_t used = cli_width(line);
            if (used > 0) {
                pad(g->out, owed);
                pd_buf_str(g->out, line);
                owed = 0;
            }
            owed += g->width + GAP - used;
        }
        pd_buf_char(g->out, '\n');
    }
}

/* The columns from `from` on, `count` of `columns`. */
static enum pd_status write_block(const struct grid *g, const pd_str *titles, size_t columns,
                                  size_t from, size_t count, const char *const *labels,
                                  const pd_str *cells, size_t rows, struct pd_error *err) {
    pd_str some[COLUMNS_MAX];
    for (size_t c = 0; c < count; c++)
        some[c] = titles[from + c];
    write_row(g, "", some, count);
    for (size_t r = 0; r < rows; r++) {
        bool is_empty = true;
        for (size_t c = 0; c < count; c++) {
            enum pd_status st = wrap(g, cells[r * columns + from + c], &some[c], err);
            if (st != PD_OK)
                return st;
            is_empty = is_empty && some[c].len == 0;
        }
        if (!is_empty)
            write_row(g, labels[r], some, count);
    }
    return PD_OK;
}

enum pd_status cli_grid(struct pd_buf *out, struct pd_arena *arena, const pd_str *titles,
                        size_t columns, const char *const *labels, const pd_str *cells, size_t rows,
                        struct pd_error *err) {
    struct grid g = {.out = out, .arena = arena};
    for (size_t r = 0; r < rows; r++)
        g.label_width = strlen(labels[r]) > g.label_width ? strlen(labels[r]) : g.label_width;
    size_t room = CLI_WIDTH - g.label_width;
    size_t most = room / (COLUMN_MIN + GAP);
    most = most == 0 ? 1 : most > COLUMNS_MAX ? COLUMNS_MAX : most;
    enum pd_status st = PD_OK;
    for (size_t from = 0; st == PD_OK && from < columns; from += most) {
        size_t count = columns - from < most ? columns - from : most;
        g.width = room / count - GAP;
        if (from > 0)
            pd_buf_char(out, '\n');
        st = write_block(&g, titles, columns, from, count, labels, cells, rows, err);
    }
    return st;
}
