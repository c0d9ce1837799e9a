/** What a plan costs and what it protects from, drawn. Never leaves the folder. */
#ifndef POLDER_PORTAL_PROTECTION_H
#define POLDER_PORTAL_PROTECTION_H

#include "portal/pages.h"

/**
 * "figures" of `map`: loss against risk, losses by column, risks, sizes of groups, attacks, and how the risk moves if
 * one more column were known; those of which there is something to tell. given: an object with the members of
 * govern_cost_write, "risk_before", "risk_after", "attacks_before", "attacks_after". base: the address of the tables, to which "/curve.csv" is
 * added; empty: they have none.
 */
void pages_put_protection(struct page *page, struct template_value *map, const struct json_t *given, pd_str base);
/** The table of that file: "curve.csv". False: there is none. */
bool protection_table(struct page *page, const struct json_t *given, pd_str file, struct pages_table *out);
/** What the record of an act has of it, as one such object, to be released; NULL: nothing. */
struct json_t *protection_of(const struct json_t *record);

#endif
