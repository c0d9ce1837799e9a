/**
 * council/: how many parties decide together. The charter says who belongs to which chamber, what
 * each may decide, by which quorum and majority, in which periods; a vote is frozen when it opens;
 * ballots are counted exactly, in any order. An engine: bytes and structs in, answers out.
 *
 * No fraction is ever rounded: shares are whole numbers over whole numbers, compared exactly, so
 * that a recount by anybody, in any language, comes to the same answer (tests/verifier/recount.py).
 */
#ifndef POLDER_COUNCIL_H
#define POLDER_COUNCIL_H

#include "base/base.h"
#include "crypto/crypto.h"

/* ---- The charter ---- */

enum {
    COUNCIL_CHAMBERS_MAX = 8,
    COUNCIL_METHODS_MAX = 8,
    COUNCIL_MATTERS_MAX = 16,
    COUNCIL_PATHS_MAX = 16,
    COUNCIL_CHARTER_BYTES_MAX = 1 << 16,
    COUNCIL_ID_MAX = 64,
    COUNCIL_ROLL_MAX = 100000000 /* voters of one chamber */
};

/** num/den, den > 0, both at most 1,000. */
struct council_fraction {
    uint32_t num, den;
};

enum council_secrecy {
    COUNCIL_ROLL_CALL, /* organisations, by name, once */
    COUNCIL_PSEUDONYM /* persons, by a pseudonym of this vote; of several ballots the last counts */
};

/** When enough have taken part: yes + no + abstain >= share * roll, rounded up; or, for large
 * rolls, yes >= share * sqrt(roll), at most all (Debian's rule with 3/2: Q = sqrt(N)/2, three of it). */
struct council_quorum {
    enum council_quorum_kind { COUNCIL_OF_ROLL, COUNCIL_YES_OF_ROOT } kind;
    struct council_fraction share;
};

struct council_chamber {
    pd_str id; /* government enterprise industry public */
    pd_str title, title_zh;
    uint32_t weight; /* 1..1,000 */
    enum council_secrecy secrecy;
    struct council_quorum quorum;
};

enum council_kind {
    COUNCIL_CHAMBERS, /* several chambers decide together */
    COUNCIL_BODY,     /* one competent body decides, after consultation */
    COUNCIL_CONSENT   /* adopted unless an objection stands; then another method decides */
};
struct council_method {
    pd_str id;
    enum council_kind kind;
    uint32_t needed;                  /* chambers that must pass; 1 for a body */
    struct council_fraction majority; /* a chamber passes with yes/(yes+no) above it */
    struct council_fraction
        weighted; /* sum of weight * yes/(yes+no) over all weights, at least it */
    struct council_fraction
        blocking; /* a chamber with no/(yes+no) above it, and a quorum, blocks */
    enum council_tie {
        COUNCIL_TIE_FAILS,
        COUNCIL_TIE_SEED
    } tie;             /* of a chamber exactly at the majority */
    pd_str chamber;    /* body, consent: whose parties decide */
    pd_str party_kind; /* body: only its parties of this kind; may be empty */
    size_t otherwise;  /* consent: index of the method if an objection stands */
};

struct council_matter {
    pd_str id;
    size_t method;
    pd_str paths[COUNCIL_PATHS_MAX]; /* of the rules: exact, or with one '*' in the last part */
    size_t path_count;
    unsigned must_pass; /* bit per chamber: to which the matter is reserved, so that it can't be
                           outvoted */
};

struct council_charter {
    pd_str preset, title, title_zh;
    struct council_chamber chambers[COUNCIL_CHAMBERS_MAX];
    size_t chamber_count;
    struct council_method methods[COUNCIL_METHODS_MAX];
    size_t method_count;
    struct council_matter
        matters[COUNCIL_MATTERS_MAX]; /* a proposal falls under the first that it touches */
    size_t matter_count;
    struct council_periods { /* microseconds; at least so long */
        pd_time consultation, final, vote, in_force, review;
    } periods;
    uint32_t open_per_party; /* proposals of one party that may be undecided at a time */
    uint32_t four_eyes;      /* bits: the releases that two members decide */
};
enum council_release { COUNCIL_OPEN = 1, COUNCIL_SHARE = 2 };

/**
 * Reads a charter (docs/reference/charter.md, charter.schema.json). Closed: an unknown member is
 * refused, and with it whatever would let one chamber alone adopt what the charter gives to
 * several.
 * `*out` lives in `arena` and borrows nothing of `json`.
 * PD_INVALID names the member and what it may be; PD_UNSUPPORTED: a later version; PD_LIMIT.
 */
PD_CHECK enum pd_status council_charter_parse(pd_str json, struct pd_arena *arena,
                                              const struct council_charter **out,
                                              struct pd_error *err);
/** "90s", "30min", "24h", "14d": a number from 0 and its unit; at most ten years. */
bool council_period_parse(pd_str text, pd_time *out);
/** "1/2", "1": at most 1 unless `max` says more. */
bool council_fraction_parse(pd_str text, uint32_t max, struct council_fraction *out);

/** The chamber of that id; PD_NPOS. */
size_t council_find_chamber(const struct council_charter *charter, pd_str id);
/**
 * The matter under which a change of these paths falls: of those that they touch the first in the
 * charter. PD_DENIED: a path that no chamber may change, named; PD_USAGE: no paths.
 */
PD_CHECK enum pd_status council_find_matter(const struct council_charter *charter,
                                            const pd_str *paths, size_t count,
                                            const struct council_matter **out,
                                            struct pd_error *err);

/* ---- The count ---- */

struct council_count {
    uint32_t roll, yes, no, abstain;
};
enum council_stand {
    COUNCIL_FAILS,
    COUNCIL_PASSES,
    COUNCIL_TIED /* exactly at the majority, and the method lets the seed decide */
};
struct council_verdict { /* of one chamber */
    bool has_quorum;
    uint32_t quorum; /* votes needed: taking part, or yes */
    enum council_stand stand;
    bool is_blocking;
};
enum council_outcome {
    COUNCIL_REJECTED,
    COUNCIL_ADOPTED,
    COUNCIL_UNDECIDED /* the seed decides */
};
const char *council_outcome_name(enum council_outcome outcome); /* "rejected", ... */
struct council_result {
    struct council_verdict chambers[COUNCIL_CHAMBERS_MAX];
    size_t count;
    uint32_t passing, tied;
    bool is_weighty;            /* the weighted share suffices */
    uint32_t weighted_permille; /* of that share, rounded down; for people only */
    bool is_blocked;
    bool is_reserved_failed; /* a chamber that must pass doesn't */
    enum council_outcome outcome;
};

/** What decides: the method, and each chamber that votes by it. */
struct council_frame {
    struct council_method method;
    struct council_chamber chambers[COUNCIL_CHAMBERS_MAX];
    size_t chamber_count;
    unsigned must_pass; /* bit per chamber of these */
};
/** The frame of a matter: all chambers, or the body's alone. `otherwise`: consent, and an objection
 * stands. */
void council_frame_make(const struct council_charter *charter, const struct council_matter *matter,
                        bool otherwise, struct council_frame *out);
/**
 * Counts out. counts: one per chamber of the frame. PD_INVALID: more votes than the roll has.
 */
PD_CHECK enum pd_status council_decide(const struct council_frame *frame,
                                       const struct council_count *counts,
                                       struct council_result *out, struct pd_error *err);
/** The seed of ties: SHA-256(root || frozen): of the first witnessed checkpoint after the close. */
crypto_hash council_seed(const crypto_hash *root, const crypto_hash *frozen);
/** Decides the tied chambers: one passes if the first byte of SHA-256(seed || id) is odd. */
PD_CHECK enum pd_status council_settle(const struct council_frame *frame,
                                       const struct council_count *counts, const crypto_hash *seed,
                                       struct council_result *out, struct pd_error *err);

/* ---- What is frozen when a vote opens ---- */

struct council_frozen {
    pd_str node, proposal; /* origin; id */
    crypto_hash text;      /* of the changes as proposed, canonical JSON */
    crypto_hash rules;     /* id of the rules that they change */
    crypto_hash impact;    /* of the preview, canonical JSON */
    pd_time opens, closes; /* whole seconds */
    pd_str matter;
    uint32_t standing; /* objections that stand */
    struct council_frame frame;
    struct council_roll {
        uint32_t count;
        crypto_hash hash; /* council_roll_hash */
    } rolls[COUNCIL_CHAMBERS_MAX];
};
/** Canonical JSON, whose SHA-256 stands in the public log: in `arena`. */
PD_CHECK enum pd_status council_frozen_write(const struct council_frozen *frozen,
                                             struct pd_arena *arena, pd_str *json,
                                             crypto_hash *hash, struct pd_error *err);
/** Reads it back; PD_INVALID: it isn't byte for byte what council_frozen_write writes. */
PD_CHECK enum pd_status council_frozen_parse(pd_str json, struct pd_arena *arena,
                                             struct council_frozen *out, struct pd_error *err);
/** SHA-256 over the voters, each with an LF, which must ascend (so that none is named twice).
 * PD_INVALID. */
PD_CHECK enum pd_status council_roll_hash(const pd_str *voters, size_t count, crypto_hash *out,
                                          struct pd_error *err);
/** A chamber, quorum, method as JSON of the charter's form (for faces). */
void council_frame_write(const struct council_frame *frame, struct pd_json *w);
/** Counts and verdicts of a vote, as JSON: chambers in the order of the frame. */
void council_result_write(const struct council_frame *frame, const struct council_count *counts,
                          const struct council_result *result, struct pd_json *w);

/* ---- The ballot box ---- */

enum council_choice { COUNCIL_YES, COUNCIL_NO, COUNCIL_ABSTAIN, COUNCIL_CHOICE_COUNT };
const char *council_choice_name(enum council_choice choice); /* "yes", "no", "abstain" */
bool council_choice_parse(pd_str name, enum council_choice *out);

/** What one casts; its canonical JSON is what the leaf commits to. */
struct council_ballot {
    pd_str proposal; /* id */
    crypto_hash frozen;
    pd_str chamber, voter;
    enum council_choice choice;
};
PD_CHECK enum pd_status council_ballot_write(const struct council_ballot *ballot,
                                             struct pd_arena *arena, pd_str *json,
                                             struct pd_error *err);
/** Closed; strings as the arena holds them or views of `json`. PD_INVALID. */
PD_CHECK enum pd_status council_ballot_parse(pd_str json, struct pd_arena *arena,
                                             struct council_ballot *out, struct pd_error *err);

struct council_box;
/**
 * An empty box for a frame. rolls[i]: the voters of its chamber i, ascending (council_roll_hash),
 * which outlive the box. NULL: out of memory.
 */
struct council_box *council_box_new(const struct council_frame *frame, const pd_str *const *rolls,
                                    const size_t *counts);
void council_box_free(struct council_box *box);
/**
 * Puts a ballot in; `order` is the id of its act, by which the last one is known. Ballots may come
 * in any order. PD_NOT_FOUND: no such chamber votes; PD_DENIED: not on its roll; PD_CONFLICT: an
 * organisation voted before.
 */
PD_CHECK enum pd_status council_box_add(struct council_box *box, pd_str chamber, pd_str voter,
                                        pd_id order, enum council_choice choice,
                                        struct pd_error *err);
/** The counts, one per chamber of the frame. */
void council_box_count(const struct council_box *box, struct council_count *out);

#endif
