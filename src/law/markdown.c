/* Tables in a page of Markdown (GitHub's pipe tables): a header, a line of dashes, rows. */
#include "law/markdown.h"

#include <stdio.h>

enum {
    PAGE_MAX = 8 << 20, /* bytes */
    HEADER_MAX = 256
};

/* The next line, without its end; false behind the last. */
static bool next_line(struct law_page *page, pd_str *line, struct law_place *place) {
    if (page->at.offset >= page->text.len)
        return false;
    pd_str rest = pd_str_sub(page->text, page->at.offset, page->text.len);
    size_t end = pd_str_find_char(rest, '\n');
    *line = pd_str_sub(rest, 0, end);
    *place = page->at;
    page->at.offset += end == PD_NPOS ? rest.len : end + 1;
    page->at.line++;
    return true;
}

/* Where the cell that begins at `from` ends: at a bar that no backslash stands before. */
static size_t cell_end(pd_str line, size_t from) {
    size_t at = from;
    while (at < line.len && line.data[at] != '|')
        at += line.data[at] == '\\' && at + 1 < line.len ? 2 : 1;
    return at;
}

/* Cuts "| a | b |" into trimmed cells; returns how many there are, of which `max` are kept. */
static size_t cut(pd_str line, struct law_place place, struct law_cell *cells, size_t max) {
    size_t n = 0;
    for (size_t from = 1, end; (end = cell_end(line, from)) < line.len; from = end + 1, n++) {
        if (n >= max)
            continue;
        pd_str raw = pd_str_sub(line, from, end - from);
        pd_str text = pd_str_trim(raw);
        if (text.len == 0) /* an empty cell stands where its bar ends */
            text = pd_str_sub(line, from, 0);
        struct law_place at = {0, place.line, place.column};
        at = law_place_advance(line, at, (size_t)(text.data - line.data));
        at.offset += place.offset;
        cells[n] = (struct law_cell){text, at};
    }
    return n;
}

static bool is_header(const struct law_page *page, const struct law_cell *cells, size_t count) {
    bool same = count == page->columns;
    for (size_t i = 0; i < page->columns && same; i++)
        same = pd_str_is(cells[i].text, page->header[i]);
    return same;
}

/* The line of dashes under a header. */
static bool is_rule(pd_str line) {
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] != '|' && line.data[i] != '-' && line.data[i] != ':' &&
            line.data[i] != ' ')
            return false;
    return line.len > 0;
}

static const char *name_columns(const struct law_page *page, char out[HEADER_MAX]) {
    size_t used = 0;
    for (size_t i = 0; i < page->columns && used + 1 < HEADER_MAX; i++) {
        int n = snprintf(out + used, HEADER_MAX - used, "%s%s", i ? " | " : "", page->header[i]);
        used += n > 0 ? (size_t)n : 0;
    }
    return out;
}

enum pd_status law_page_open(struct law_page *page, pd_str path, pd_str text,
                             const char *const *header, size_t columns, struct pd_error *err) {
    size_t bad_at = 0;
    *page = (struct law_page){.path = path,
                              .text = text,
                              .header = header,
                              .columns = columns,
                              .err = err,
                              .at = LAW_PLACE_START};
    if (text.len > PAGE_MAX)
        return pd_fail(err, PD_LIMIT, "%.*s: %zu bytes; a page has at most %d", pd_arg(path),
                       text.len, PAGE_MAX);
    if (!pd_utf8_valid(text, &bad_at))
        return pd_fail(err, PD_INVALID, "%.*s:%u: the text is not UTF-8 here", pd_arg(path),
                       law_place_advance(text, LAW_PLACE_START, bad_at).line);
    return PD_OK;
}

enum pd_status law_page_next(struct law_page *page, struct law_cell *cells, bool *found) {
    char columns[HEADER_MAX];
    pd_str line;
    struct law_place place;
    *found = false;
    while (next_line(page, &line, &place)) {
        line = pd_str_trim(line); /* Markdown may indent; places count from the first bar */
        if (line.len > 0)
            place = law_place_advance(page->text, place, (size_t)(line.data - page->text.data));
        if (line.len == 0 || line.data[0] != '|') {
            page->is_inside = false;
            continue;
        }
        struct law_cell cut_cells[LAW_CELLS_MAX];
        size_t n = cut(line, place, cut_cells, LAW_CELLS_MAX);
        if (!page->is_inside) {
            struct law_place under_header;
            page->is_inside = is_header(page, cut_cells, n) &&
                              next_line(page, &line, &under_header) && is_rule(pd_str_trim(line));
            page->tables += page->is_inside;
            continue;
        }
        if (n != page->columns || line.data[line.len - 1] != '|') {
            struct law_cell whole = {line, place};
            return law_page_fail(page, &whole, line, "a row has %zu cells, | %s |; not %zu",
                                 page->columns, name_columns(page, columns), n);
        }
        for (size_t i = 0; i < n; i++)
            cells[i] = cut_cells[i];
        *found = true;
        return PD_OK;
    }
    if (page->tables == 0)
        return pd_fail(page->err, PD_INVALID, "%.*s: there is no table with the columns | %s |",
                       pd_arg(page->path), name_columns(page, columns));
    return PD_OK;
}

enum pd_status law_page_fail(const struct law_page *page, const struct law_cell *cell, pd_str part,
                             const char *format, ...) {
    struct law_place place = cell->place;
    /* `part` is a view into the cell: how far behind its start? */
    if (part.data != NULL && cell->text.data != NULL && part.data >= cell->text.data &&
        part.data <= cell->text.data + cell->text.len) {
        struct law_place start = {0, place.line, place.column};
        start = law_place_advance(cell->text, start, (size_t)(part.data - cell->text.data));
        start.offset += place.offset;
        place = start;
    }
    va_list args;
    va_start(args, format);
    enum pd_status st = law_text_fail(page->err, page->path, page->text, place, format, args);
    va_end(args);
    return st;
}

pd_str law_cell_word(pd_str *rest) {
    pd_str word = {"", 0};
    while (rest->data != NULL && word.len == 0)
        if (!pd_str_split(rest, ' ', &word))
            break;
    return word;
}
