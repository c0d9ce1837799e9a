/**
 * The statement: what a leaf commits to (field "facts") of the finding that an act rests on.
 * Canonical JSON:
 * {"case": as in the record without its member, "facts": as there but with a commitment in place of
 * each evidence, "attacks_before", "attacks_after", "risk_before", "risk_after": if the record has them}. Never leaves the
 * folder.
 */
#ifndef POLDER_GOVERN_STATEMENT_H
#define POLDER_GOVERN_STATEMENT_H

#include "govern/govern_impl.h"

/** All that the law was told but the facts, which stand beside it. */
void statement_write_case(const struct law_case *c, pd_time now, bool with_member,
                          struct pd_json *w);
/** Of an act in the making, whose finding is of the case `c`; in the act's arena. */
PD_CHECK enum pd_status statement_make(const struct act *act, const struct law_case *c, pd_str *out,
                                       struct pd_error *err);
/** Members of an act's record, as text; {NULL, 0}: it has no such member. Views. */
struct record_parts {
    pd_str law_case, facts, finding, plan, risk_after, risk_before, attacks_after, attacks_before;
};
struct record_parts record_parts_of(pd_str record);
/** The same bytes again, of the act's record. PD_NOT_FOUND: it holds no case. */
PD_CHECK enum pd_status statement_of_record(const struct record_parts *record,
                                            const struct store_key *key, pd_id act,
                                            struct pd_arena *arena, pd_str *out,
                                            struct pd_error *err);
/** The salt of one fact's evidence derives from the record's key; what is committed to is the
 * evidence as JSON, by ledger_commit under the field "evidence". fact, by: as the record writes
 * them. */
PD_CHECK enum pd_status statement_evidence_salt(const struct store_key *key, pd_str fact, pd_str by,
                                                struct pd_arena *arena, uint8_t salt[32],
                                                struct pd_error *err);

#endif
