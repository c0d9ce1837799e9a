/**
 * What the files of the catalogue share. Never leaves the folder.
 */
#ifndef POLDER_GOVERN_CATALOGUE_IMPL_H
#define POLDER_GOVERN_CATALOGUE_IMPL_H

#include "govern/govern_impl.h"

/* Viewers that are no party (no party's id has a '/'), as in the table catalogue_seen. */
#define CATALOGUE_PUBLIC "/public"
#define CATALOGUE_ALL    "/all"

/* ---- catalogue_terms.c ---- */

enum { CATALOGUE_TERMS_MAX = 2000, CATALOGUE_TERM_SIZE = 100 };
struct catalogue_terms {
    struct pd_arena *arena;
    bool is_search; /* what is looked for: of Chinese the pairs alone */
    pd_str list[CATALOGUE_TERMS_MAX];
    size_t count;
};
/** Adds the terms of a text: invalid UTF-8 and what doesn't fit is left out. PD_LIMIT: memory. */
PD_CHECK enum pd_status catalogue_terms_add(struct catalogue_terms *terms, pd_str text,
                                            struct pd_error *err);
/** The same for each text of a language map. */
PD_CHECK enum pd_status catalogue_terms_add_title(struct catalogue_terms *terms, pd_str title,
                                                  struct pd_error *err);

/* ---- catalogue_follow.c ---- */

#define JOBS_CATALOGUE "catalogue" /* the kind of job that enters a dataset from before the catalogue */

/** Keeps what the catalogue needs of an act that was just written, inside its transaction. */
PD_CHECK enum pd_status catalogue_follow(struct govern *g, const struct act *act, pd_str id,
                                         struct pd_error *err);
/** The kind of job JOBS_CATALOGUE. */
enum pd_status catalogue_run(void *context, pd_str subject, pd_time now, pd_time *again,
                             struct pd_error *err);

/* ---- catalogue_read.c: what the readers have in common ---- */

/** The viewer as catalogue_seen names it. */
pd_str catalogue_viewer_name(const struct catalogue_viewer *viewer);
/** Checks the cursor of a list by ids, and bounds the limit. PD_USAGE. `*after`: above all ids if there is none. */
PD_CHECK enum pd_status catalogue_page_begin(const struct catalogue_page *page, pd_str *after,
                                             size_t *limit, struct pd_error *err);
/** Texts of a row, copied; remembers a full arena. */
struct catalogue_row {
    const struct store_rows *rows;
    struct pd_arena *arena;
    bool failed;
};
pd_str catalogue_text(struct catalogue_row *row, size_t column);
/** An id that this program wrote; `failed` if it is none. */
pd_id catalogue_id(struct catalogue_row *row, size_t column);

/**
 * Runs a query and gives each row to `take`, until that says `*done`. A row that can't be copied is PD_LIMIT.
 */
PD_CHECK enum pd_status catalogue_each(struct govern *g, struct sql sql,
                                       const struct store_value *values, size_t count,
                                       struct pd_arena *arena,
                                       enum pd_status (*take)(void *context,
                                                              struct catalogue_row *row, bool *done,
                                                              struct pd_error *err),
                                       void *context, struct pd_error *err);
/** Opens what a row seals; `*is_there` false: its key was destroyed. */
PD_CHECK enum pd_status catalogue_unseal(struct govern *g, pd_str key_id, const char *label,
                                         pd_str sealed, struct pd_arena *arena, pd_str *plain,
                                         bool *is_there, struct pd_error *err);

#endif
