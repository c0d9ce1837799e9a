/**
 * Registering parties and members, giving and taking duties, ending members: acts like any other (the verb
 * `register`), which the node's rules decide (law/node/members.cedar). A member is a person: what is told of one goes to the
 * restricted log, as a commitment. That there is a party, and the key that it signs with, is public.
 */
#ifndef POLDER_GOVERN_REGISTER_H
#define POLDER_GOVERN_REGISTER_H

#include "govern/govern.h"

/** Who registers: a member, by the session or at the command line. */
struct govern_registrar {
    pd_str party, member;
};

struct govern_registering_party {
    pd_str id, chamber, kind, country; /* as of a founding party */
    pd_str title;                      /* a map of languages to texts, JSON; or empty */
    pd_str vkey; /* its verifier key, named ORIGIN/party/ID; empty: a key is made, in keys/ID.key of the data folder */
};
/**
 * Registers a party. PD_INVALID: what of it is wrong; PD_CONFLICT: there is such a party; PD_DENIED: the rules refuse;
 * PD_NOT_FOUND: no such registrar. `*vkey` lives in `arena`; NULL: not needed.
 */
PD_CHECK enum pd_status govern_register_party(struct govern *g, const struct govern_registrar *by,
                                              const struct govern_registering_party *given,
                                              struct pd_arena *arena, pd_str *vkey,
                                              const struct govern_outcome **out,
                                              struct pd_error *err);
/** Registers a member with duties (codes: steward, owner, supervisor, system, security, audit). Statuses as above. */
PD_CHECK enum pd_status govern_register_member(struct govern *g, const struct govern_registrar *by,
                                               const struct govern_member *given,
                                               struct pd_arena *arena,
                                               const struct govern_outcome **out,
                                               struct pd_error *err);
/** Gives a member these duties and no others. PD_NOT_FOUND: no such member, or one who ended. */
PD_CHECK enum pd_status govern_member_duties(struct govern *g, const struct govern_registrar *by,
                                             const struct govern_member *given,
                                             struct pd_arena *arena,
                                             const struct govern_outcome **out,
                                             struct pd_error *err);
/** Ends a member: no duties any more, nobody signs in so, and no act is made in the name. The row stays for what was done.
 * Of `given` the duties don't matter. */
PD_CHECK enum pd_status govern_member_end(struct govern *g, const struct govern_registrar *by,
                                          const struct govern_member *given,
                                          struct pd_arena *arena,
                                          const struct govern_outcome **out, struct pd_error *err);

/** A party, and a member, as lists tell of them; in `arena`. */
struct govern_party_row {
    pd_str id, title, chamber, kind, country, vkey;
    pd_time registered_at;
    uint64_t members; /* that have not ended */
};
PD_CHECK enum pd_status govern_party_list(struct govern *g, struct pd_arena *arena,
                                          const struct govern_party_row **out, size_t *count,
                                          struct pd_error *err);
struct govern_member_row {
    pd_str id, party, name, duties; /* duties: JSON list of codes */
    pd_time ended_at;               /* 0: has not */
};
/** party without data: of all. */
PD_CHECK enum pd_status govern_member_list(struct govern *g, pd_str party, struct pd_arena *arena,
                                           const struct govern_member_row **out, size_t *count,
                                           struct pd_error *err);

#endif
