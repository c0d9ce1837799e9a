/**
 * What the files of keys share: who holds which signing key, and the rows that say so. Never leaves
 * the folder.
 */
#ifndef POLDER_GOVERN_KEY_H
#define POLDER_GOVERN_KEY_H

#include "govern/govern_impl.h"

/** Whose key it is. A holder is written "log/NAME", "receipts", "party/ID" or "node". */
enum key_holder { KEY_OF_LOG, KEY_OF_RECEIPTS, KEY_OF_PARTY, KEY_OF_NODE, KEY_HOLDER_COUNT };
/** `name`: of the log or party, else empty; a view. PD_USAGE says what there is. */
PD_CHECK enum pd_status key_holder_parse(pd_str text, enum key_holder *out, pd_str *name,
                                         struct pd_error *err);

/** A signing key as its holder uses it now, whether or not it ever changed. */
struct key_current {
    enum key_holder of;
    pd_str holder, name;
    pd_str id; /* of its row; empty: it has none yet, since it is the first */
    pd_str key_id, vkey;
    pd_time since;
    int64_t size; /* log: leaves of its newest checkpoint */
    pd_str origin;
};
/** PD_NOT_FOUND: no such log or party. */
PD_CHECK enum pd_status key_current_find(struct govern *g, pd_str holder, struct pd_arena *arena,
                                         struct key_current *out, struct pd_error *err);

/** Who acts on keys: a member with a duty, and the party's signature. */
struct key_actor {
    pd_str party, member;
    pd_str private_key;
    bool is_unsigned; /* it has no key any more: the act carries no signature */
    struct law_party law;
    pd_str vkey, member_id;
};
/** PD_NOT_FOUND; PD_DENIED: the member has none of the duties (bits of node_duty). */
PD_CHECK enum pd_status key_actor_find(struct govern *g, struct key_actor *actor, unsigned duties,
                                       struct pd_arena *arena, struct pd_error *err);
/** Begins the act, signs the statement "polder-key/v1, act ID, WORDS, time T" for it; unless the
 * actor has no key. */
PD_CHECK enum pd_status key_act_begin(struct govern *g, const struct key_actor *actor, pd_str words,
                                      struct act *act, struct pd_arena *arena,
                                      struct pd_error *err);
/** Asks the law (as one of the verbs that govern) and commits. */
PD_CHECK enum pd_status key_act_commit(struct govern *g, const struct key_actor *actor,
                                       const char *law_verb, struct act *act,
                                       struct pd_arena *arena, const struct govern_outcome **out,
                                       struct pd_error *err);

/** A verifier key that a party brings: named as its statements are. PD_INVALID. */
PD_CHECK enum pd_status key_party_vkey_check(struct govern *g, pd_str party, pd_str vkey,
                                             struct pd_arena *arena, struct pd_error *err);

/* ---- key_rotate.c: another key in the place of one ---- */

struct key_change {
    struct key_current old;
    struct store_key key;  /* log, receipts */
    pd_str old_id;         /* once it is saved */
    pd_str new_id, new_vkey;
    pd_str file; /* party: where the new key lies, below the folder; empty: it isn't here */
};
/** Makes another key for the party of `old`, in a file of its own, so that the old one is there
 * until the act stands. */
PD_CHECK enum pd_status key_change_party(struct govern *g, struct key_change *change,
                                         struct pd_arena *arena, struct pd_error *err);
/** Writes the rows of both keys, and of their holder, inside the act's transaction. */
PD_CHECK enum pd_status key_change_save(struct key_change *change, struct govern *g,
                                        struct act *act, struct pd_error *err);
/** Clears what was made for an act that doesn't stand; if one can't tell whether it does, nothing.
 */
void key_change_give_up(struct govern *g, const struct key_change *change, struct pd_arena *arena);
/** What is told of it. later: what is still to be done and why; or NULL. */
PD_CHECK enum pd_status key_change_tell(const struct key_change *change,
                                        const struct govern_outcome *outcome,
                                        const struct pd_error *later, struct pd_arena *arena,
                                        const struct govern_rotated **out, struct pd_error *err);

/* ---- key_request.c: what needs two parties ---- */

struct key_request {
    pd_str id, kind, party, member, state, asked_by; /* kind: "destroy", "create", "erase" */
    pd_time asked_at;
    pd_str json; /* as sealed; no data: its key was destroyed */
    pd_id key_id;
};
PD_CHECK enum pd_status key_request_find(struct govern *g, pd_id id, struct pd_arena *arena,
                                         struct key_request *out, struct pd_error *err);
/** Asks: an act "intend" whose record key seals `json`. `*id` is the request's. key: that is to be
 * destroyed, or NULL. */
PD_CHECK enum pd_status key_request_ask(struct govern *g, const struct key_actor *actor,
                                        const char *kind, pd_str json, const pd_id *key,
                                        struct pd_arena *arena, pd_id *id,
                                        const struct govern_outcome **out, struct pd_error *err);
/** That another party agrees: PD_DENIED if it is the one that asked, PD_CONFLICT if it ended. */
PD_CHECK enum pd_status key_request_check(const struct key_request *request, const char *kind,
                                          pd_str party, struct pd_error *err);
/** Writes, inside the act's transaction, where a request stands now. PD_CONFLICT: it moved
 * meanwhile. */
PD_CHECK enum pd_status key_request_move(struct govern *g, struct act *act, pd_str id,
                                         const char *from, const char *to, struct pd_error *err);

/* ---- key_destroy.c ---- */

/** Writes, inside the act's transaction, that a key is destroyed; and what goes with it. */
PD_CHECK enum pd_status key_save_destroyed(struct govern *g, struct act *act, pd_str key_id,
                                           pd_str purpose, pd_str request, struct pd_error *err);
/** Queues a file for removal once the act stands: a path below the folder, or a vault address. */
PD_CHECK enum pd_status key_queue_removal(struct govern *g, const struct act *act, pd_str path,
                                          struct pd_error *err);
/** Queues the vault files that a key seals, and gives up releases that never happened. */
PD_CHECK enum pd_status key_queue_sealed(struct govern *g, const struct act *act, pd_str key_id,
                                         struct pd_error *err);
/** When and by which act a key was destroyed, in words; empty if it wasn't. */
PD_CHECK enum pd_status key_destroyed_words(struct govern *g, pd_str key_id, struct pd_arena *arena,
                                            pd_str *out, struct pd_error *err);

#endif
