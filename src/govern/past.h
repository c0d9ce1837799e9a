/**
 * Recorded cases: what the law was asked at each act, read again from the acts' sealed records, and
 * what makes two findings the same. One engine for replay, impact and unlock. Never leaves the
 * folder.
 */
#ifndef POLDER_GOVERN_PAST_H
#define POLDER_GOVERN_PAST_H

#include "govern/govern_impl.h"

/* ---- past.c ---- */

/** One act with its finding, or why that can't be read. */
struct past {
    pd_id act;
    bool has_intent;
    pd_id intent;
    pd_str verb, party, rules; /* of the act; id of the rules that it was decided by */
    pd_time at;
    enum govern_unread unread; /* GOVERN_READ: what follows is filled */
    pd_str why;
    struct law_case law;
    const struct json_t *record;    /* all of it */
    const struct json_t *finding;   /* as recorded */
    const struct json_t *is_signed; /* the case after a plan that awaits its signature, or NULL */
};

/** In the order of the acts; requests alone (denials, intents, and what took effect for an intent), the newest
 * first; or rules by rules, so that each is loaded once. */
enum past_order { PAST_BY_ACT, PAST_REQUESTS, PAST_BY_RULES };
/**
 * Calls `visit` for every act of these that recorded a finding. `past` and what it makes in `scratch` live
 * until it returns; its status ends the walk unless PD_OK.
 */
PD_CHECK enum pd_status past_each(struct govern *g, enum past_order order,
                                  enum pd_status (*visit)(void *context, const struct past *past,
                                                          struct pd_arena *scratch,
                                                          struct pd_error *err),
                                  void *context, struct pd_error *err);
/**
 * The cases alone, in the order of the acts, several times as fast: `record`, `finding` and `is_signed` are NULL.
 * Calls `visit` for groups of them; a group lives until the visit after its own has returned, so that another thread
 * may look at it meanwhile. At the end, whatever happened, it is called once more with none.
 */
PD_CHECK enum pd_status past_cases(struct govern *g,
                                   enum pd_status (*visit)(void *context, const struct past *cases,
                                                           size_t count, struct pd_error *err),
                                   void *context, struct pd_error *err);
/** As past_each, for one act. PD_NOT_FOUND. */
PD_CHECK enum pd_status past_find(struct govern *g, pd_str act,
                                  enum pd_status (*visit)(void *context, const struct past *past,
                                                          struct pd_arena *scratch,
                                                          struct pd_error *err),
                                  void *context, struct pd_error *err);
/** The case in a record, with its facts; of the record only "case" and "facts" are read.
 * PD_INVALID. */
PD_CHECK enum pd_status past_case(const struct json_t *record, struct pd_arena *arena,
                                  struct law_case *out);
/** The same of the record's text, which this program wrote, without a tree of it. */
PD_CHECK enum pd_status past_case_text(pd_str record, struct pd_arena *arena, struct law_case *out);
/** Facts as facts_write wrote them whole. PD_INVALID. */
PD_CHECK enum pd_status past_facts(const struct json_t *list, struct pd_arena *arena,
                                   const struct law_fact **out, size_t *count);

/* ---- verdict.c ---- */

/** What of a finding must be the same for it to be the same finding; sorted. */
struct verdict {
    pd_str outcome;
    struct govern_said *said;
    size_t said_count;
    struct govern_owed *owed;
    size_t owed_count;
};
PD_CHECK enum pd_status verdict_of(const struct law_finding *finding, struct pd_arena *arena,
                                   struct verdict *out, struct pd_error *err);
/** Of a finding as law_finding_write wrote it. PD_INTERNAL: it is none. */
PD_CHECK enum pd_status verdict_read(const struct json_t *finding, struct pd_arena *arena,
                                     struct verdict *out, struct pd_error *err);
/** From `a` to `b`; lists and texts in `arena`. */
PD_CHECK enum pd_status verdict_compare(const struct verdict *a, const struct verdict *b,
                                        struct pd_arena *arena, struct govern_difference *out,
                                        struct pd_error *err);
bool verdict_is_same(const struct govern_difference *d);
/** Whether two voices, or two duties, are one; the order that the lists of a verdict have. */
int verdict_compare_said(const struct govern_said *a, const struct govern_said *b);
int verdict_compare_owed(const struct govern_owed *a, const struct govern_owed *b);

#endif
