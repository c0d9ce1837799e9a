/**
 * What one party alone may not do, beside destroying a key and erasing a person: a new key for a
 * party that lost its own. And requests that wait: listing them, withdrawing one.
 */
#ifndef POLDER_GOVERN_REQUEST_H
#define POLDER_GOVERN_REQUEST_H

#include "govern/govern.h"

struct govern_destruction; /* govern/keys.h */
struct govern_rotated;

/** A party that lost its key asks for another one. It asks itself, without a signature, since it
 * has none; another party, which has made sure who asks, agrees and signs. */
struct govern_renewal {
    pd_str party, member;
    pd_str vkey;   /* of a key that it made itself, named ORIGIN/party/ID; empty: the node makes one
                      when another party agrees */
    pd_str reason; /* ask: 1 to 2,000 bytes */
};
/** What a new key changes. In the caller's arena. */
struct govern_renewing {
    pd_str party, old_vkey, vkey; /* vkey: that it brings; empty: none */
    pd_time since;                /* from when on the old one is used */
    uint64_t attested;            /* facts that it attested since then */
    pd_time attested_at;          /* the last of them; 0: none */
    uint64_t others;              /* parties that may agree */
};
/** PD_NOT_FOUND: no such party; PD_INVALID: no such key; PD_CONFLICT: nobody could agree. */
PD_CHECK enum pd_status govern_renewing_find(struct govern *g, pd_str party, pd_str vkey,
                                             struct pd_arena *arena,
                                             const struct govern_renewing **out,
                                             struct pd_error *err);
/** Asks: an act; nothing is changed yet. PD_DENIED: the member has no duty; and as above. */
PD_CHECK enum pd_status govern_renewal_ask(struct govern *g, const struct govern_renewal *renewal,
                                           struct pd_arena *arena, pd_id *request,
                                           const struct govern_outcome **out, struct pd_error *err);
/** What a request for a new key is about. PD_USAGE: it is another request; PD_CONFLICT: it ended.
 */
PD_CHECK enum pd_status govern_renewal_request(struct govern *g, pd_id request,
                                               struct pd_arena *arena,
                                               const struct govern_renewing **out, pd_str *reason,
                                               struct pd_error *err);
/**
 * Another party agrees: an act in the public log whose leaf holds the new verifier key. What the
 * old key signed stays valid as of its time; it signs nothing more. PD_DENIED: the same party, no
 * right, not its key; PD_CONFLICT: the request ended, or the key was replaced meanwhile.
 */
PD_CHECK enum pd_status govern_renewal_agree(struct govern *g,
                                             const struct govern_destruction *agreed,
                                             struct pd_arena *arena,
                                             const struct govern_rotated **out,
                                             struct pd_error *err);

/** A request that another party hasn't agreed to, or whose carrying out was cut off. */
struct govern_waiting {
    pd_id id;
    pd_str kind;  /* "destroy", "create", "erase" */
    pd_str state; /* "asked", "agreed" */
    pd_str party;
    pd_time asked_at;
};
PD_CHECK enum pd_status govern_requests_list(struct govern *g, struct pd_arena *arena,
                                             const struct govern_waiting **out, size_t *count,
                                             struct pd_error *err);
/**
 * Withdraws a request, as the party that asked and before another one agreed: an act. Of an erasure
 * the key of the request is destroyed, since it names the person. of_person: it must be one of
 * erase, else one about keys (PD_USAGE). PD_DENIED: another party asked, no right, not its key;
 * PD_CONFLICT: it ended or was agreed to.
 */
PD_CHECK enum pd_status govern_request_withdraw(struct govern *g,
                                                const struct govern_destruction *withdrawn,
                                                bool of_person, struct pd_arena *arena,
                                                const struct govern_outcome **out,
                                                struct pd_error *err);

#endif
