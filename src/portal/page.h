/** A page in the making: its values, its language, and how they become HTML. Never leaves the
 * folder. */
#ifndef POLDER_PORTAL_PAGE_H
#define POLDER_PORTAL_PAGE_H

#include "portal/portal.h"
#include "template/template.h"

struct json_t;

/** One page of one call; everything lives in the call's arena. */
struct page {
    struct serve_call *call;
    const char *language; /* "en", "zh" */
    struct pd_arena *arena;
    struct template_maker maker;
    struct template_value *values; /* the outermost map */
    struct page_part *parts;       /* templates that were parsed for this page */
    struct page_party *parties;    /* whose titles were looked up for it */
};

/**
 * Begins a page: language from the path, who is signed in, what every page shows. `section` names
 * the entry of the navigation that the page belongs to; may be "". False: the path names no
 * language, and a refusal was given.
 */
bool page_begin(struct page *page, struct serve_call *call, const char *section);
/** The same for a refusal, whose path may be anything. */
void page_begin_anywhere(struct page *page, struct serve_call *call);
/** Renders `name`.mustache and answers with it. */
void page_send(struct page *page, int status, const char *name);
/** The title, of which the browser's window and the heading of the page are made. */
void page_title(struct page *page, pd_str title);
/** Answers with the refusal of an error. */
void page_fail(struct page *page, const struct pd_error *err);
/** Goes to a path within this language: "/acts/ID". */
void page_go(struct page *page, pd_str path);

/* ---- Words ---- */

/** A text without values, as plain text (not escaped). A key that there isn't gives its last part.
 */
pd_str page_word(struct page *page, const char *key);
/** The word of a closed set: "verb" + "open" looks for "verb.open"; else the code itself. */
pd_str page_code(struct page *page, const char *set, pd_str code);
/** 12345 -> "12,345". */
pd_str page_number(struct page *page, uint64_t n);
pd_str page_bytes(struct page *page, uint64_t n); /* "1.4 MB" */
pd_str page_date(struct page *page, pd_time t);   /* "30 November 2026", "2026年11月30日" */

/** Whether it is written in Chinese: of a title somebody types, its language. */
bool page_has_han(pd_str text);

/* Forms. */
/** A field of the form that was sent, without the blanks around it; empty if it isn't there. */
pd_str page_field(const struct page *page, const char *name);
/** A list of choices {value, text, is_chosen} of a closed set; the first is chosen where `given` is empty. */
void page_put_choices(struct page *page, const char *key, const char *set,
                      const char *const *values, size_t count, pd_str given);

/* Into maps; `key` is static. */
void page_put_number(struct page *page, struct template_value *map, const char *key, uint64_t n);
/** {iso, date, time}: a moment, in UTC. */
void page_put_time(struct page *page, struct template_value *map, const char *key, pd_time t);
/** {text, lang}: of a language map what suits the page; lang only if it is another language. */
void page_put_title(struct page *page, struct template_value *map, const char *key, pd_str title);
/** {text, lang, path}: a party by its title, or where there is none by its name. */
void page_put_party(struct page *page, struct template_value *map, const char *key, pd_str party);
void page_put_id(struct page *page, struct template_value *map, const char *key, pd_id id);
void page_put_code(struct page *page, struct template_value *map, const char *key, const char *set,
                   pd_str code);
/** A tag: {text, kind}, kind one of "good", "bad", "wait", "". */
void page_put_tag(struct page *page, struct template_value *map, const char *key, const char *kind,
                  pd_str text);
/** What there is in a JSON document, as values: numbers by their digits. NULL: nothing. */
struct template_value *page_json(struct page *page, const struct json_t *json);
/** `%`-encoded for a path or query. */
pd_str page_encode(struct page *page, pd_str text);
/** A decoded query parameter; empty if it isn't there. */
pd_str page_query(const struct page *page, const char *name);
/** The parameter of the path as an id. False: it is none, and the refusal was given. */
bool page_id(struct page *page, const char *name, pd_id *out);
/** A key for adding to the address of the next part of a list: {next:
 * "/en/datasets?..&after=CURSOR"}. */
void page_put_next(struct page *page, const char *path, const char *query, pd_str next);

#endif
