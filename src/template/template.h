/**
 * template/: logic-less templates (Mustache; its specification's core: interpolation, sections,
 * inverted sections, partials, comments, delimiters). A template is parsed once and rendered many
 * times, with values that live in an arena. What is interpolated is escaped for HTML unless the
 * template says otherwise ({{{name}}}, {{&name}}). There are no lambdas and no inheritance.
 *
 * Nothing here reads files: who renders says where partials come from.
 */
#ifndef POLDER_TEMPLATE_H
#define POLDER_TEMPLATE_H

#include "base/base.h"

/* ---- Templates ---- */

enum {
    TEMPLATE_BYTES_MAX = 1 << 20, /* of a template */
    TEMPLATE_DEPTH_MAX = 64,      /* sections and partials within each other */
    TEMPLATE_STEPS_MAX = 4000000  /* tags and texts that one rendering may pass */
};

struct template;

/**
 * Parses a template. `text` is UTF-8 and has to live as long as `arena`, in which `*out` lives.
 * PD_INVALID with the line: a tag or section that isn't closed, closes another one, or has no name;
 * delimiters with spaces or '='; sections deeper than TEMPLATE_DEPTH_MAX. PD_LIMIT: too long, or
 * the arena is full.
 */
PD_CHECK enum pd_status template_parse(pd_str text, struct pd_arena *arena,
                                       const struct template **out, struct pd_error *err);

/** What a tag names. */
enum template_use {
    TEMPLATE_USES_VALUE,
    TEMPLATE_USES_RAW,
    TEMPLATE_USES_SECTION,
    TEMPLATE_USES_PARTIAL
};
/** Tells each name that the template uses, in its order: for checks before anything is rendered. */
void template_uses(const struct template *template,
                   void (*each)(void *context, enum template_use use, pd_str name), void *context);
/** The text if the template is nothing but text; {NULL, 0} if it has tags. */
pd_str template_plain(const struct template *template);

/* ---- Values ---- */

enum template_kind {
    TEMPLATE_NULL,
    TEMPLATE_FALSE,
    TEMPLATE_TRUE,
    TEMPLATE_TEXT, /* numbers too, by their digits. The empty text counts as false, "0" doesn't. */
    TEMPLATE_LIST, /* false if empty */
    TEMPLATE_MAP
};
struct template_value {
    enum template_kind kind;
    pd_str key;  /* within a map */
    pd_str text; /* of TEMPLATE_TEXT */
    struct template_value *first, *last, *next;
};

/**
 * Makes values; remembers when the arena was full, and then makes nothing more, so that a page
 * needs one check (template_render does it). Every function accepts NULL for a map or list, and
 * does nothing.
 */
struct template_maker {
    struct pd_arena *arena;
    bool failed;
};
struct template_value *template_new(struct template_maker *maker, enum template_kind kind);
/** Keys and texts are borrowed: they live as long as the arena. A key that is there already is
 * hidden by the new one. `value` belongs to one map or list. */
void template_put(struct template_maker *maker, struct template_value *map, pd_str key,
                  struct template_value *value);
void template_push(struct template_maker *maker, struct template_value *list,
                   struct template_value *value);

/* The same in one line. */
void template_put_str(struct template_maker *maker, struct template_value *map, const char *key,
                      pd_str text);
void template_put_text(struct template_maker *maker, struct template_value *map, const char *key,
                       const char *zero_terminated);
void template_put_number(struct template_maker *maker, struct template_value *map, const char *key,
                         int64_t number);
void template_put_bool(struct template_maker *maker, struct template_value *map, const char *key,
                       bool value);
struct template_value *template_put_map(struct template_maker *maker, struct template_value *map,
                                        const char *key);
struct template_value *template_put_list(struct template_maker *maker, struct template_value *map,
                                         const char *key);
struct template_value *template_push_map(struct template_maker *maker, struct template_value *list);
void template_push_str(struct template_maker *maker, struct template_value *list, pd_str text);
/** A member of a map, the last put of that name; NULL: there is none, or it is no map. */
const struct template_value *template_get(const struct template_value *map, pd_str key);

/* ---- Rendering ---- */

/** The partial of that name, or NULL: then it is empty. */
typedef const struct template *template_finder(void *context, pd_str name);

/**
 * Appends the rendered template to `out`. `values` may be NULL (nothing is known). A partial may
 * include itself, where a section decides whether. PD_LIMIT: deeper than that, more than
 * TEMPLATE_STEPS_MAX steps, `out` over its limit, or `maker` (may be NULL) had failed. What was
 * appended by then stays in `out`.
 */
PD_CHECK enum pd_status template_render(const struct template *template,
                                        const struct template_value *values,
                                        const struct template_maker *maker, template_finder *find,
                                        void *find_context, struct pd_buf *out,
                                        struct pd_error *err);

/** Appends text with & < > " ' as character references. */
void template_escape(struct pd_buf *out, pd_str text);

#endif
