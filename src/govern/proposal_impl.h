/**
 * What the files of proposals share: stages as a table, texts, gates, acts. Never leaves the folder.
 */
#ifndef POLDER_GOVERN_PROPOSAL_IMPL_H
#define POLDER_GOVERN_PROPOSAL_IMPL_H

#include "govern/govern_impl.h"

#define JOBS_PROPOSAL "proposal" /* the kind of job that takes a proposal to its next stage */
#define JOBS_REFIND   "refind"   /* ... that asks the law again of an intent that is open */

enum proposal_stage {
    PROPOSAL_DRAFT,
    PROPOSAL_CONSULTATION,
    PROPOSAL_FINAL,
    PROPOSAL_VOTE,
    PROPOSAL_TIED,
    PROPOSAL_ADOPTED,
    PROPOSAL_REJECTED,
    PROPOSAL_IN_FORCE,
    PROPOSAL_REVIEW,
    PROPOSAL_WITHDRAWN,
    PROPOSAL_STOPPED,
    PROPOSAL_STAGE_COUNT
};
const char *proposal_stage_name(enum proposal_stage stage);
#define PROPOSAL_BIT(stage) (1u << (stage))
/** Undecided: they count against the charter's open_per_party. */
#define PROPOSAL_OPEN                                                                              \
    (PROPOSAL_BIT(PROPOSAL_DRAFT) | PROPOSAL_BIT(PROPOSAL_CONSULTATION) |                          \
     PROPOSAL_BIT(PROPOSAL_FINAL) | PROPOSAL_BIT(PROPOSAL_VOTE) | PROPOSAL_BIT(PROPOSAL_TIED))

/* ---- proposal_text.c: what is changed ---- */

struct proposal_change {
    pd_str path;
    pd_str base; /* hex SHA-256 of what is in force there; empty: nothing is */
    bool is_removed;
    pd_str text; /* as it is to be */
};
/** Canonical JSON {path: {base, text}}; its hash is that of the proposal. */
PD_CHECK enum pd_status proposal_text_write(const struct proposal_change *changes, size_t count,
                                            struct pd_arena *arena, pd_str *json, crypto_hash *hash,
                                            struct pd_error *err);
PD_CHECK enum pd_status proposal_text_parse(pd_str json, struct pd_arena *arena,
                                            struct proposal_change **out, size_t *count,
                                            struct pd_error *err);
/** Binds amendments to what they change; those that change nothing are left out. PD_INVALID: all of
 * them are, or a path is there twice. */
PD_CHECK enum pd_status proposal_text_make(struct govern *g,
                                           const struct govern_amendment *amendments, size_t count,
                                           struct pd_arena *arena, struct proposal_change **out,
                                           size_t *changed, struct pd_error *err);
/** The amendments that undo what a proposal brought into force. PD_CONFLICT: it isn't in force. */
PD_CHECK enum pd_status proposal_text_undo(struct govern *g, pd_id proposal, struct pd_arena *arena,
                                           struct govern_amendment **out, size_t *count,
                                           struct pd_error *err);
/** "standards/trips.json" -> "trips"; empty if the path is no standard's. */
pd_str proposal_standard_name(pd_str path);

/* ---- proposal_check.c: what it would be, and whether that may come to a vote ---- */

struct proposal_candidate {
    struct law_file *files; /* the rules as they would be, by path */
    size_t file_count;
    pd_str json; /* of them, as the table of rules keeps it */
    char id[GOVERN_HEX_SIZE];
    struct law_rules *rules; /* NULL: they stay as they are */
    bool has_standards;
};
/**
 * Applies changes to what is in force now, and tries it: it must load (law_rules_new: nothing may
 * exempt from a higher rank), ranks must stay, the charter must be one, the packs' own tests must
 * pass, standards must be readable. PD_CONFLICT: what it changes isn't what it was made for, with
 * both; PD_INVALID says why. The rules are freed with proposal_candidate_clear.
 */
PD_CHECK enum pd_status proposal_candidate_make(struct govern *g,
                                                const struct proposal_change *changes, size_t count,
                                                struct pd_arena *arena,
                                                struct proposal_candidate *out,
                                                struct pd_error *err);
void proposal_candidate_clear(struct proposal_candidate *c);
/** What it would decide otherwise in the cases on record, and which public tables would fail the
 * standards that it changes: canonical JSON. */
PD_CHECK enum pd_status proposal_impact(struct govern *g, const struct proposal_candidate *c,
                                        const struct proposal_change *changes, size_t count,
                                        struct pd_arena *arena, pd_str *json,
                                        struct pd_error *err);

/* ---- proposal_act.c: where it stands, and the acts that move it ---- */

struct proposal_now {
    pd_id id;
    pd_str id_text, party, member;
    int64_t step; /* the newest */
    enum proposal_stage stage;
    bool has_until;
    pd_time until;
    int64_t revision;
    pd_str matter, text, text_hash, impact, why;
};
/** In `arena`. PD_NOT_FOUND. */
PD_CHECK enum pd_status proposal_find_now(struct govern *g, pd_id id, struct pd_arena *arena,
                                      struct proposal_now *out, struct pd_error *err);

/** A step on its way; its row is written by proposal_step_save, in the act's transaction. */
struct proposal_step {
    const struct proposal_now *from;
    enum proposal_stage to;
    bool has_until;
    pd_time until;
    pd_str why, impact; /* empty: none */
};
/** PD_CONFLICT: another step was taken meanwhile. Leaves the job for the next one. */
PD_CHECK enum pd_status proposal_step_save(const struct proposal_step *step, struct govern *g,
                                           struct act *act, struct pd_error *err);
/** Tells every party of the node of a stage, in the act's transaction. */
PD_CHECK enum pd_status proposal_notify(struct govern *g, struct act *act, pd_str proposal,
                                        const char *what, struct pd_error *err);
/** PD_CONFLICT says which stages let it. */
PD_CHECK enum pd_status proposal_check_stage(const struct proposal_now *now, unsigned stages,
                                             const char *what, struct pd_error *err);

/** Who acts: a party by a member of it. */
struct proposal_actor {
    struct law_party party;
    pd_str vkey, member_id;
};
PD_CHECK enum pd_status proposal_find_actor(struct govern *g, pd_str party, pd_str member,
                                            struct pd_arena *arena, struct proposal_actor *out,
                                            struct pd_error *err);
/**
 * Signs an act about a proposal, if there is a key: "polder-proposal/v1", "act", what is done,
 * "proposal", `bound` (the hash of what the act brings), "member", "time", each line with its LF.
 */
PD_CHECK enum pd_status proposal_sign(const struct proposal_actor *actor, pd_str private_key,
                                      pd_str proposal, const crypto_hash *bound, struct act *act,
                                      struct pd_arena *arena, struct pd_error *err);
/** Asks the law under a verb of the group "govern", about the proposal, and commits. */
PD_CHECK enum pd_status proposal_commit(struct govern *g, struct act *act, const char *verb,
                                        const struct proposal_actor *actor, pd_str proposal,
                                        struct pd_arena *arena, const struct govern_outcome **out,
                                        struct pd_error *err);
/** 1 to `max` bytes of UTF-8. PD_USAGE. */
PD_CHECK enum pd_status proposal_check_text(pd_str text, const char *what, size_t max,
                                            struct pd_error *err);

/* ---- objection.c ---- */

/** How many objections wait for an answer, and how many stand. */
PD_CHECK enum pd_status objection_count(struct govern *g, pd_str proposal, int64_t *open,
                                        int64_t *sustained, struct pd_error *err);
PD_CHECK enum pd_status objection_list(struct govern *g, pd_str proposal, struct pd_arena *arena,
                                       const struct govern_objection **out, size_t *count,
                                       struct pd_error *err);

/* ---- proposal_stage.c: what happens when a date comes ---- */

/** The kinds of job JOBS_PROPOSAL and JOBS_REFIND. */
enum pd_status proposal_run_job(void *context, pd_str subject, pd_time now, pd_time *again,
                                struct pd_error *err);
enum pd_status proposal_run_refind(void *context, pd_str subject, pd_time now, pd_time *again,
                                   struct pd_error *err);

/* ---- vote_open.c, vote_close.c ---- */

struct vote_row {
    pd_str frozen, hash;
    pd_id key_id;
    pd_time opens, closes;
};
/** `*found` false: no vote opened. */
PD_CHECK enum pd_status vote_find(struct govern *g, pd_str proposal, struct pd_arena *arena,
                                  struct vote_row *out, bool *found, struct pd_error *err);
PD_CHECK enum pd_status vote_open(struct govern *g, const struct proposal_now *now, pd_str impact,
                                  struct pd_arena *arena, struct pd_error *err);
PD_CHECK enum pd_status vote_close(struct govern *g, const struct proposal_now *now,
                                   struct pd_arena *arena, struct pd_error *err);
/** Settles a tie, once there is a checkpoint to take the seed from; `*done` false: not yet. */
PD_CHECK enum pd_status vote_settle(struct govern *g, const struct proposal_now *now,
                                    struct pd_arena *arena, bool *done, struct pd_error *err);
/**
 * The first witnessed checkpoint behind a close decides its tie, so none replaces it before: whoever is about to
 * record a larger one settles the ties that the one on record covers, and, in the transaction that replaces it, sees
 * that none waits.
 */
PD_CHECK enum pd_status vote_settle_ties(struct govern *g, struct pd_error *err);
PD_CHECK enum pd_status vote_ties_wait(struct govern *g, bool *wait, struct pd_error *err);
/** The pseudonym of a member in a vote: "p-" and 32 hex digits. */
pd_str vote_pseudonym(const struct store_key *key, pd_str member, struct pd_arena *arena);
/** The voters of a chamber as frozen, ascending; checked against the hash of its row. */
PD_CHECK enum pd_status vote_roll(struct govern *g, pd_str proposal, pd_str chamber,
                                  struct pd_arena *arena, pd_str **out, size_t *count,
                                  struct pd_error *err);
/** A ballot as it was opened, in the order of their acts: views that live until the visit ends. */
struct vote_opened {
    size_t nth;
    pd_id act;
    const uint8_t *salt; /* GOVERN_SALT_SIZE bytes, with which the leaf commits to it */
    pd_str json;
    const struct council_ballot *ballot;
};
/** All ballots, opened: a line each, in the order of their acts, and the hash of all lines; and counted. visit:
 * called for each before it is counted, whose status ends the opening unless PD_OK; may be NULL. lines: NULL where
 * their hash is enough, which then takes little memory however many there are. */
PD_CHECK enum pd_status vote_open_ballots(struct govern *g, pd_str proposal,
                                          const struct council_frozen *frozen,
                                          struct pd_arena *arena,
                                          enum pd_status (*visit)(void *context,
                                                                  const struct vote_opened *opened,
                                                                  struct pd_error *err),
                                          void *context, pd_str *lines, crypto_hash *hash,
                                          struct council_count *counts, size_t *ballots,
                                          struct pd_error *err);

/* ---- enact.c ---- */

/** Brings into force what was adopted. PD_CONFLICT, PD_INVALID: it can't any more, and why. */
PD_CHECK enum pd_status proposal_enact(struct govern *g, const struct proposal_now *now,
                                       struct pd_arena *arena, struct pd_error *err);

#endif
