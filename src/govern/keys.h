/** Keys: of versions and records, of parties, of the logs; made, rotated and destroyed by acts. */
#ifndef POLDER_GOVERN_KEYS_H
#define POLDER_GOVERN_KEYS_H

#include "govern/govern.h"

/**
 * A key under which signatures of this node or of a party are verified, or the node key. holder:
 * "log/NAME", "receipts", "party/ID", "node".
 */
struct govern_key {
    pd_str id; /* of the key store; of a party's or the node's key of its row; may be empty */
    pd_str holder;
    pd_str vkey; /* of the node key its fingerprint */
    pd_time since;
    bool is_current;
    pd_time replaced_at;          /* 0: it wasn't */
    bool has_sizes;               /* a log's: */
    uint64_t from_size, to_size;  /* the first and the last checkpoint that it signed */
    bool signs;                   /* it still does */
    pd_time destroyed_at;         /* 0: it wasn't */
    pd_str destroyed_by, made_by; /* acts; empty: none, and act 0 */
};
/** A key that opens what is sealed: of a version, of a record. */
struct govern_sealing {
    pd_id id;
    pd_str purpose;
    pd_time made_at;
    bool is_destroyed;
    pd_time destroyed_at;
    pd_str destroyed_by;
};
struct govern_keys {
    const struct govern_key *keys; /* by holder, then in time */
    size_t key_count;
    const struct govern_sealing *sealing; /* with those that were destroyed */
    size_t sealing_count;
};
PD_CHECK enum pd_status govern_keys_list(struct govern *g, struct pd_arena *arena,
                                         const struct govern_keys **out, struct pd_error *err);
/** The verifier key with which a party signed at a moment: whatever it signed then stays
 * verifiable. PD_NOT_FOUND: no such party, or it had none. */
PD_CHECK enum pd_status govern_party_vkey(struct govern *g, pd_str party, pd_time at,
                                          struct pd_arena *arena, pd_str *vkey,
                                          struct pd_error *err);

struct govern_rotation {
    pd_str holder;
    pd_str party, member; /* who does it: of a party's key that party */
    pd_str private_key;   /* text of the party's key file */
};
struct govern_rotated {
    pd_str holder, old_id, old_vkey, vkey;
    pd_str file; /* a party's: where its new key was written, below the folder; else empty */
    const struct govern_outcome *outcome;
    pd_str unfinished; /* what will be done at the next opening, and why not now; else empty */
};
/**
 * Puts another key in the place of one: an act in the public log whose leaf holds the new verifier
 * key. A log's old key signs along until it is destroyed. PD_USAGE: no such holder; PD_NOT_FOUND;
 * PD_DENIED: no right, or not the party's key; PD_CONFLICT.
 */
PD_CHECK enum pd_status govern_key_rotate(struct govern *g, const struct govern_rotation *rotation,
                                          struct pd_arena *arena, const struct govern_rotated **out,
                                          struct pd_error *err);

/** What can't be read any more without a key. */
struct govern_loss {
    pd_id key;
    pd_str purpose;
    const struct govern_lost {
        const char *kind; /* "version", "distribution", "act", "intent", "fact", "duty", "case",
                             "request", "repairs", "log", "receipts"; of a key of pseudonyms
                             "pseudonyms" (it), "pseudonymised" (distributions, which stay) */
        pd_str id, name;
        uint64_t rows;
    } * lost;
    size_t lost_count;
    size_t files;      /* in the vault */
    bool is_disclosed; /* one of the distributions is public: its released file stays */
};
/** id: of the key, or of the version, distribution, act, intent or case entry that it seals.
 * PD_NOT_FOUND: there is no such thing; PD_CONFLICT: destroyed already (says by which act and
 * when), or in use as a signing key. */
PD_CHECK enum pd_status govern_key_loss(struct govern *g, pd_id id, struct pd_arena *arena,
                                        const struct govern_loss **out, struct pd_error *err);

struct govern_destruction {
    pd_id id; /* ask: what govern_key_loss takes; agree, withdraw: the request */
    pd_str party, member;
    pd_str private_key;
    pd_str reason; /* ask: 1 to 2,000 bytes */
};
/** Asks for a key to be destroyed, by a member with a duty: nothing is lost yet. */
PD_CHECK enum pd_status govern_key_ask(struct govern *g, const struct govern_destruction *asked,
                                       struct pd_arena *arena, pd_id *request,
                                       const struct govern_outcome **out, struct pd_error *err);
/** What a request is about; and how it stands ("asked", "done", "withdrawn"). */
struct govern_key_request {
    pd_id id;
    pd_str kind, party, member, state, reason;
    pd_time asked_at;
    const struct govern_loss *loss; /* NULL: it ended, or is about a person */
};
PD_CHECK enum pd_status govern_key_request_find(struct govern *g, pd_id id, struct pd_arena *arena,
                                                const struct govern_key_request **out,
                                                struct pd_error *err);
/**
 * Another party agrees, and the key is destroyed: an act, after which every proof stands and what
 * the key sealed is gone, backups included. PD_DENIED: the same party, no right, not its key;
 * PD_CONFLICT: it ended, or the key is in use by now.
 */
PD_CHECK enum pd_status govern_key_agree(struct govern *g, const struct govern_destruction *agreed,
                                         struct pd_arena *arena, const struct govern_outcome **out,
                                         struct pd_error *err);

#endif
