/**
 * Proposals: how the rules and standards of a node are changed by those whom its charter names. A
 * proposal goes through stages, each with its gate and date; a vote is frozen when it opens, and what
 * was adopted comes into force by itself. Part of govern.h, which includes it last.
 */
#ifndef POLDER_GOVERN_PROPOSAL_H
#define POLDER_GOVERN_PROPOSAL_H

#include "council/council.h"
#include "govern/govern.h"

/* ---- The charter ---- */

/** The charter in force: node/charter.json of the rules, else the program's. In `arena`. PD_INVALID. */
PD_CHECK enum pd_status govern_charter(struct govern *g, struct pd_arena *arena,
                                       const struct council_charter **out, struct pd_error *err);
/** One of the charters in the program: "co-decision", "notice-and-comment", "technical-committee".
 * PD_NOT_FOUND names them. */
PD_CHECK enum pd_status govern_charter_bundled(pd_str preset, pd_str *text, struct pd_error *err);

/* ---- Proposing ---- */

enum govern_effect_on {
    GOVERN_ON_INDIVIDUALS,
    GOVERN_ON_BUSINESS,
    GOVERN_ON_PUBLIC,
    GOVERN_EFFECT_COUNT
};
const char *govern_effect_name(enum govern_effect_on on); /* "individuals", ... */

/** A file of the rules ("node/thresholds.json") or a standard ("standards/trips.json"). */
struct govern_amendment {
    pd_str path;
    bool is_removed;
    pd_str text; /* as it is to be */
};
enum { GOVERN_AMENDMENTS_MAX = 64, GOVERN_PROPOSAL_BYTES_MAX = 4 << 20 };

/**
 * The files that the charter lets somebody change, with the texts that are in force: rules, then
 * standards. In `arena`.
 */
PD_CHECK enum pd_status govern_proposable(struct govern *g, struct pd_arena *arena,
                                          const struct govern_amendment **out, size_t *count,
                                          struct pd_error *err);
/** The text of a path whose SHA-256 is `base` (hex): what a proposal was made against. PD_NOT_FOUND. */
PD_CHECK enum pd_status govern_proposal_base(struct govern *g, pd_str path, pd_str base,
                                             struct pd_arena *arena, pd_str *out,
                                             struct pd_error *err);

struct govern_proposing {
    pd_str party, member;
    pd_str private_key; /* text of the party's key file: signs the act; may be empty */
    pd_str title, language;
    pd_str effects[GOVERN_EFFECT_COUNT]; /* 1 to 2,000 bytes each */
    const struct govern_amendment *amendments;
    size_t amendment_count;
    const pd_id *rollback_of; /* instead of amendments: what this proposal changed is to be undone */
};
/**
 * Files a proposal, as a draft. Refused with the rule named: a path that the charter lets nobody
 * change (PD_DENIED), rules that don't load or fail their tests, a standard or charter that can't be
 * read, what changes nothing (PD_INVALID), too many undecided ones of the party (PD_LIMIT).
 */
PD_CHECK enum pd_status govern_propose(struct govern *g, const struct govern_proposing *given,
                                       struct pd_arena *arena, pd_id *id,
                                       const struct govern_outcome **out, struct pd_error *err);

enum govern_proposal_move {
    GOVERN_PROPOSAL_EDIT,    /* another text: draft and consultation only */
    GOVERN_PROPOSAL_CONSULT, /* opens the consultation of a draft */
    GOVERN_PROPOSAL_WITHDRAW /* before the vote opens */
};
struct govern_proposal_moving {
    enum govern_proposal_move move;
    pd_id proposal;
    pd_str party, member, private_key; /* of who proposed; the key may be empty */
    const struct govern_amendment *amendments; /* edit */
    size_t amendment_count;
};
/** PD_NOT_FOUND; PD_DENIED: not theirs; PD_CONFLICT: the stage doesn't let it; else as govern_propose. */
PD_CHECK enum pd_status govern_proposal_move(struct govern *g,
                                             const struct govern_proposal_moving *moving,
                                             struct pd_arena *arena,
                                             const struct govern_outcome **out,
                                             struct pd_error *err);
/**
 * Does what is due of a proposal, as its job does: ends a consultation whose objections are answered,
 * opens and closes the vote, brings into force. `*did`: how many steps were taken. Gates that don't
 * open are no error: why stands in the proposal.
 */
PD_CHECK enum pd_status govern_proposal_run(struct govern *g, pd_id proposal, size_t *did,
                                            struct pd_error *err);

/* ---- Objections ---- */

struct govern_objecting {
    pd_id proposal;
    pd_str party, member, private_key;
    pd_str category;     /* law, privacy, safety, equity, cost */
    pd_str harm, change; /* what it would do, and what to write instead: 1 to 4,000 bytes */
};
PD_CHECK enum pd_status govern_object(struct govern *g, const struct govern_objecting *given,
                                      struct pd_arena *arena, pd_id *id,
                                      const struct govern_outcome **out, struct pd_error *err);
enum govern_objection_move {
    GOVERN_OBJECTION_ANSWER,   /* by who proposed */
    GOVERN_OBJECTION_WITHDRAW, /* by who objected */
    GOVERN_OBJECTION_SUSTAIN   /* by who objected: the answer doesn't meet it */
};
struct govern_replying {
    enum govern_objection_move move;
    pd_id objection;
    pd_str party, member, private_key;
    pd_str text; /* 1 to 4,000 bytes; to withdraw it may be empty */
};
PD_CHECK enum pd_status govern_reply(struct govern *g, const struct govern_replying *given,
                                     struct pd_arena *arena, const struct govern_outcome **out,
                                     struct pd_error *err);

/* ---- Reading ---- */

struct govern_proposal {
    pd_id id;
    pd_str party;
    pd_str title;   /* language map */
    pd_str effects; /* JSON: individuals, business, public */
    pd_time made_at;
    bool is_rollback;
    pd_id rollback_of;
    uint64_t revision;
    pd_str matter, method;
    pd_str text, text_hash; /* canonical JSON of the changes: path -> base, text */
    pd_str stage;           /* as in migrations/0020_proposals.sql */
    bool has_until;
    pd_time until; /* when the next step is due */
    pd_str why;    /* why it was stopped or waits; or empty */
    pd_str impact; /* JSON; empty: none yet */
    const struct govern_proposal_step {
        pd_id act;
        pd_str stage, why;
        pd_time at;
    } * steps;
    size_t step_count;
    const struct govern_objection {
        pd_id id;
        pd_str party, category, state; /* "open", "answered", "withdrawn", "sustained" */
        pd_time made_at;
        bool is_erased;
        pd_str harm, change;
        const struct govern_objection_reply {
            pd_id act;
            pd_str party, state, text;
            pd_time at;
        } * replies;
        size_t reply_count;
    } * objections;
    size_t objection_count;
    bool has_vote;
    pd_str frozen, frozen_hash; /* canonical JSON */
    pd_time opens, closes;
    uint64_t ballots;  /* cast so far, all chambers together: how they voted nobody is told */
    pd_str result;     /* JSON; empty: none before the close */
    bool is_in_force;
    pd_id enacted_by;
};
/** All proposals, the newest first, or that one (PD_NOT_FOUND). In `arena`. */
PD_CHECK enum pd_status govern_proposals(struct govern *g, const pd_id *id, struct pd_arena *arena,
                                         const struct govern_proposal **out, size_t *count,
                                         struct pd_error *err);
/** One JSON object: all of that. */
void govern_proposal_write(const struct govern_proposal *proposal, struct pd_json *w);

/** What changed a policy last: the vote behind it. */
struct govern_origin {
    pd_str policy, what; /* "added", "changed", "t.k 5 -> 10" */
    pd_id proposal, act;
    pd_str title; /* language map */
    pd_time in_force_at;
};
/** Of these policies those that votes changed; in `arena`. */
PD_CHECK enum pd_status govern_origins(struct govern *g, const pd_str *policies, size_t count,
                                       struct pd_arena *arena, const struct govern_origin **out,
                                       size_t *found, struct pd_error *err);
void govern_origin_write(const struct govern_origin *origin, struct pd_json *w);

/** A standard that was voted into force, by its name; PD_NOT_FOUND. */
PD_CHECK enum pd_status govern_standard_in_force(struct govern *g, pd_str name,
                                                 struct pd_arena *arena, pd_str *text,
                                                 struct pd_error *err);

struct govern_notice {
    pd_id proposal;
    pd_str what; /* the stage that was reached */
    pd_str title;
    pd_time at;
};
/** What a party was told of, the newest first; at most 200. */
PD_CHECK enum pd_status govern_notices(struct govern *g, pd_str party, struct pd_arena *arena,
                                       const struct govern_notice **out, size_t *count,
                                       struct pd_error *err);

#endif
