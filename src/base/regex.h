/**
 * Regular expressions once they are read, in whatever dialect: written out as steps and run with all
 * threads at once (Thompson 1968, as Pike did it). There is nothing to go back to, so no text and
 * no expression takes more than their product in time. Who reads a dialect makes the tree, and says
 * which characters a set holds.
 */
#ifndef POLDER_BASE_REGEX_H
#define POLDER_BASE_REGEX_H

#include "base/memory.h"

enum pd_regex_kind {
    PD_REGEX_EMPTY,
    PD_REGEX_SET,    /* one character of set `a` */
    PD_REGEX_JOIN,   /* `a`, then `b` */
    PD_REGEX_EITHER, /* `a` or `b` */
    PD_REGEX_REPEAT  /* `a` from `least` to `most` times; most < 0: any number */
};
struct pd_regex_node {
    uint8_t kind;
    uint16_t a, b; /* children, or the set */
    int least, most;
};

struct pd_regex_step {
    uint16_t operation, a, b;
};

enum { PD_REGEX_STEPS_MOST = 4096 };
/**
 * Writes the tree out into at most `most` steps (up to PD_REGEX_STEPS_MOST). has_edges: a match
 * neither begins nor ends within a word of ASCII. `*count` steps; false: they are too many.
 */
bool pd_regex_write(const struct pd_regex_node *nodes, uint16_t root, bool has_edges,
                    struct pd_regex_step *steps, size_t most, size_t *count);

struct pd_regex {
    const struct pd_regex_step *steps;
    size_t count;
    bool (*is_in)(const void *context, uint16_t set, uint32_t c);
    const void *context;
    size_t longest; /* bytes of a match; 0: any number */
};
/** Whether the whole text matches. Bytes that are no UTF-8 count as U+FFFD. */
bool pd_regex_is(const struct pd_regex *regex, pd_str text);
/** The leftmost match that starts in [from, to), and of those the longest that it prefers. */
bool pd_regex_find(const struct pd_regex *regex, pd_str text, size_t from, size_t to, size_t *start,
                   size_t *end);

#endif
