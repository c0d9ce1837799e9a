/** What decided inside a clause: expressions with the source text that they stand in. */
#ifndef POLDER_LAW_TRACE_H
#define POLDER_LAW_TRACE_H

#include "law/law.h"

/**
 * Evaluates one clause of a policy in a request without unknowns, and finds the piece that decided.
 * The policy's text must be Cedar's, not JSON. All but `keeps_silent` is filled. PD_LIMIT.
 */
PD_CHECK enum pd_status law_clause_trace(const struct law_policy *policy, size_t clause,
                                         const struct law_entities *entities,
                                         const struct law_request *request, struct pd_arena *arena,
                                         struct law_clause_account *out, struct pd_error *err);

#endif
