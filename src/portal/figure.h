/**
 * Drawings as the house wants them: one sentence that says the finding, then the numbers as a table
 * with .csv and .json of the same, then the picture, made of few primitives (figure.mustache). Never
 * leaves the folder.
 */
#ifndef POLDER_PORTAL_FIGURE_H
#define POLDER_PORTAL_FIGURE_H

#include "portal/pages.h"

enum { FIGURE_WIDTH = 480 };

struct figure {
    struct page *page;
    struct template_value *map, *parts;
};

/** One more in a list of them. id: of its elements, static; title: of the picture; finding: the sentence. */
struct figure figure_begin(struct page *page, struct template_value *list, const char *id, pd_str title,
                           pd_str finding, int height);
/**
 * Its numbers. heads: keys of the words above the columns. kinds: a letter for each, 't' for texts, 'v' for values:
 * counts, and with a point shares of one, which people are told in hundredths. at: the address without its ending; empty:
 * there is none, since it isn't recorded, and the links hold the numbers themselves.
 */
void figure_table(struct figure *f, const struct pages_table *table, const char *const *heads,
                  const char *kinds, pd_str at);
void figure_bar(struct figure *f, const char *class, double x, double y, double width, double height);
void figure_dot(struct figure *f, const char *class, double x, double y, double radius);
void figure_line(struct figure *f, const char *class, double x, double y, double to_x, double to_y);
/** anchor: "start", "middle", "end". */
void figure_text(struct figure *f, const char *class, const char *anchor, double x, double y, pd_str text);

/* Numbers in words. */
pd_str figure_percent(struct page *page, double share); /* "3.2 %" */
pd_str figure_number(struct page *page, double x);      /* "0.00321" */
/** At most so many columns of a terminal of it: in a drawing, whose table has all. */
pd_str figure_brief(struct page *page, pd_str name, size_t most);

#endif
