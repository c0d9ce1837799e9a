/**
 * Part of polder.c: a case of the law as embedders write it, in JSON (see polder_rules_decide).
 */
#ifndef POLDER_CASE_H
#define POLDER_CASE_H

#include "law/law.h"

/**
 * out:  borrows from `*json` and `arena`.
 * json: the caller's from here on (json_decref), whatever is returned; NULL if there is none.
 * PD_INVALID names the member; PD_LIMIT.
 */
PD_CHECK enum pd_status polder_case_parse(pd_str text, const struct law_rules *rules,
                                          struct pd_arena *arena, struct json_t **json,
                                          struct law_case *out, struct pd_error *err);

#endif
