/** A plan as a steward chooses it on a page: a candidate of the curve, and what is to be tightened. Never leaves the
 * folder. */
#ifndef POLDER_PORTAL_PLAN_H
#define POLDER_PORTAL_PLAN_H

#include "portal/pages.h"

enum { PLAN_FORM_MAX = 1 << 20 }; /* bytes of a form that holds a plan */

/** What a step does, in the page's language. */
pd_str plan_step_words(struct page *page, const struct protect_step *step);
/** "choice": the candidates of `found` and what can be tightened of each column, with what the form chose. */
void plan_put_choice(struct page *page, const struct govern_case *found);
/** The plan that the form asks for, as JSON: `found` is the case without one. PD_INVALID: a field is wrong. */
PD_CHECK enum pd_status plan_compose(struct page *page, const struct govern_case *found, pd_str *out,
                                     struct pd_error *err);
/** "figures" of what the case's plan costs and protects from, and "distributions" of the columns that it changes. */
PD_CHECK enum pd_status plan_put_figures(struct page *page, const struct govern_case *c, struct pd_error *err);

#endif
