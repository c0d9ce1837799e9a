/**
 * Votes: casting a ballot, what is published when a vote closes, and counting it again. Part of
 * govern.h, which includes it last.
 *
 * An organisation votes by name, once; a person by a pseudonym of this vote, and of several ballots the
 * last counts. Until the close the ledger holds commitments only, and no function here tells how
 * anybody voted. The node could link a pseudonym to its member, as it holds the key: pages say so.
 */
#ifndef POLDER_GOVERN_BALLOT_H
#define POLDER_GOVERN_BALLOT_H

#include "govern/proposal.h"

struct govern_voting {
    pd_id proposal;
    pd_str party, member;
    pd_str private_key; /* of the party: signs a ballot by name; never one by pseudonym */
    bool is_vouched;    /* a session says who the member is: then no key is needed */
    enum council_choice choice;
};
struct govern_voted {
    pd_str chamber, voter; /* the party, or the pseudonym */
    uint64_t turn;         /* 1; by pseudonym how many ballots it has cast */
    const struct govern_outcome *outcome;
};
/**
 * Casts a ballot; an act in the public log, which commits to it. PD_DENIED: not on the roll, not the
 * party's key; PD_CONFLICT: no vote is open, or the organisation voted before; each names the rule.
 */
PD_CHECK enum pd_status govern_vote(struct govern *g, const struct govern_voting *given,
                                    struct pd_arena *arena, const struct govern_voted **out,
                                    struct pd_error *err);

/** What is public of a vote that closed: from these bytes and the public log anybody can count it. */
struct govern_vote_record {
    pd_str frozen;  /* canonical JSON: hash in the leaf open_vote */
    pd_str text;    /* the changes, canonical JSON */
    pd_str impact;  /* canonical JSON */
    pd_str rolls;   /* JSON: chamber -> voters */
    pd_str ballots; /* a line of JSON for each act of voting: act, salt, ballot; hash in close_vote */
    pd_str result;  /* canonical JSON; hash in close_vote */
};
/** In `arena`, which must hold it all. PD_CONFLICT: it isn't closed; PD_NOT_FOUND. */
PD_CHECK enum pd_status govern_vote_record(struct govern *g, pd_id proposal, struct pd_arena *arena,
                                           struct govern_vote_record *out, struct pd_error *err);

struct govern_recount {
    uint64_t ballots; /* acts of voting in the log */
    struct council_frozen frozen;
    struct council_count counts[COUNCIL_CHAMBERS_MAX];
    struct council_result result;
    bool agrees; /* with the result that was recorded */
    pd_str differs; /* where not; or empty */
};
/**
 * Counts a vote again: every leaf of the public log about the proposal is read, each ballot is opened
 * against its commitment, rolls, text and frozen hash are compared, and the count is made anew. It
 * believes nothing of the tables but what these leaves commit to. PD_CONFLICT: not closed.
 */
PD_CHECK enum pd_status govern_vote_recount(struct govern *g, pd_id proposal,
                                            struct pd_arena *arena,
                                            const struct govern_recount **out,
                                            struct pd_error *err);
void govern_recount_write(const struct govern_recount *recount, struct pd_json *w);

#endif
