/** Tables in a page of Markdown, found by their header: how cases and coverage are written. */
#ifndef POLDER_LAW_MARKDOWN_H
#define POLDER_LAW_MARKDOWN_H

#include "law/cedar_impl.h"

enum { LAW_CELLS_MAX = 8 };

struct law_cell {
    pd_str text; /* trimmed, as written */
    struct law_place place;
};
struct law_page {
    pd_str path, text;
    const char *const *header; /* what the columns are called, in order */
    size_t columns;
    struct pd_error *err;
    struct law_place at; /* the start of the next line */
    bool is_inside;      /* of a table with this header */
    size_t tables;
};

/** Starts at the top. PD_INVALID if the text is not UTF-8; PD_LIMIT. */
PD_CHECK enum pd_status law_page_open(struct law_page *page, pd_str path, pd_str text,
                                      const char *const *header, size_t columns,
                                      struct pd_error *err);
/**
 * Reads the next row of the tables with that header into cells[columns]; `*found` is false behind
 * the last. PD_INVALID for a row with other cells than the header, and at the end of a page
 * without any such table.
 */
PD_CHECK enum pd_status law_page_next(struct law_page *page, struct law_cell *cells, bool *found);
/** "PATH:LINE:COLUMN: ...", the source line and a caret under `part` of a cell; PD_INVALID. */
PD_PRINTF(4, 5)
enum pd_status law_page_fail(const struct law_page *page, const struct law_cell *cell, pd_str part,
                             const char *format, ...);
/** The next word of a cell's text, separated by spaces; empty behind the last. */
pd_str law_cell_word(pd_str *rest);

#endif
