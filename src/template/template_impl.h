/** How a parsed template is kept: its tags and texts in order; a section knows where it ends. */
#ifndef POLDER_TEMPLATE_IMPL_H
#define POLDER_TEMPLATE_IMPL_H

#include "template/template.h"

enum template_node_kind {
    NODE_TEXT,
    NODE_VALUE,
    NODE_RAW,
    NODE_SECTION,
    NODE_INVERTED,
    NODE_PARTIAL
};
struct template_node {
    enum template_node_kind kind;
    bool starts_line;   /* a text whose first byte is the first of a line; it may be empty */
    pd_str text;        /* the text, or the name */
    pd_str indentation; /* of a partial that stands alone on its line */
    size_t end;         /* of a section: the first node after it */
};
struct template {
    const struct template_node *nodes;
    size_t count;
};

#endif
