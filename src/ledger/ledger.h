/**
 * ledger/: the Merkle transparency log. Hashes, proofs, signed notes, checkpoints, tiles, offline
 * proof files, and the closed schema of a leaf.
 *
 * Engines only: bytes in, answers out. Nothing here reads a file, a clock or a database; whoever
 * stores tiles passes callbacks. Standards: RFC 6962 and RFC 9162 section 2.1 (trees and proofs),
 * C2SP signed-note, tlog-checkpoint, tlog-tiles and tlog-proof. Statuses, unless a function says
 * otherwise: PD_INVALID for what isn't of the documented form, PD_LIMIT for what is larger than a
 * stated limit, PD_INTERNAL for what is well-formed but fails its own proof. On failure outputs are
 * untouched, but buffers (struct pd_buf) may have been added to.
 */
#ifndef POLDER_LEDGER_H
#define POLDER_LEDGER_H

#include "base/base.h"
#include "crypto/crypto.h"

/** Leaves a log may have; so a proof never has more than 63 hashes, as the formats demand. */
#define LEDGER_SIZE_MAX ((uint64_t)1 << 62)

enum {
    LEDGER_ENTRY_MAX = 65535, /* bytes; an entry bundle counts them in 16 bits */
    LEDGER_PROOF_MAX = 63,    /* hashes */
    LEDGER_NOTE_MAX = 65536,  /* bytes of a signed note */
    LEDGER_SIGNATURES_MAX = 64,
    LEDGER_BASE64_MAX = 8192, /* characters of one base64 field in a note or proof file */
    LEDGER_NAME_MAX = 255,    /* bytes of a key name or an origin */
    LEDGER_OFFLINE_MAX = 131072,
    LEDGER_KEY_ID_SIZE = 4,
    LEDGER_TILE_HASHES = 256,
    LEDGER_PATH_SIZE = 64
};

/* ---- The tree (tree.c) ---- */

/** SHA-256(0x00 || entry). PD_LIMIT above LEDGER_ENTRY_MAX. */
PD_CHECK enum pd_status ledger_hash_leaf(pd_str entry, crypto_hash *out, struct pd_error *err);
/** SHA-256(0x01 || left || right). */
crypto_hash ledger_hash_node(const crypto_hash *left, const crypto_hash *right);

/**
 * The right edge of a tree: what is needed to append and to know the root. One hash for each set
 * bit of `size`, from the largest subtree (left) to the smallest. Zeroed, it is the empty tree.
 */
struct ledger_edge {
    uint64_t size;
    crypto_hash hashes[64];
};
PD_CHECK enum pd_status ledger_edge_append(struct ledger_edge *edge, const crypto_hash *leaf,
                                           struct pd_error *err);
/** The root; of the empty tree SHA-256(""). */
crypto_hash ledger_edge_root(const struct ledger_edge *edge);
/** The bytes to store beside the size: 32 for each set bit of it. A view into `edge`. */
pd_str ledger_edge_view(const struct ledger_edge *edge);
/** What ledger_edge_view gave. The caller compares the root with the last checkpoint's. */
PD_CHECK enum pd_status ledger_edge_parse(uint64_t size, pd_str bytes, struct ledger_edge *out,
                                          struct pd_error *err);

/* ---- Proofs (proof.c) ---- */

/**
 * Gives the hash of the complete subtree over leaves [index << level, (index + 1) << level). Asked
 * only for subtrees that lie in the tree. Its failures are passed on unchanged.
 */
struct ledger_reader {
    enum pd_status (*hash)(void *context, unsigned level, uint64_t index, crypto_hash *out,
                           struct pd_error *err);
    void *context;
};

/** From the leaf's side upwards, as on the wire. */
struct ledger_proof {
    size_t count;
    crypto_hash hashes[LEDGER_PROOF_MAX];
};

/** RFC 6962 2.1.1, PATH(index, D[size]). index < size <= LEDGER_SIZE_MAX. */
PD_CHECK enum pd_status ledger_prove_inclusion(const struct ledger_reader *reader, uint64_t index,
                                               uint64_t size, struct ledger_proof *out,
                                               struct pd_error *err);
/** RFC 6962 2.1.2, PROOF(old_size, D[new_size]). 0 < old_size <= new_size <= LEDGER_SIZE_MAX. */
PD_CHECK enum pd_status ledger_prove_consistency(const struct ledger_reader *reader,
                                                 uint64_t old_size, uint64_t new_size,
                                                 struct ledger_proof *out, struct pd_error *err);

/** RFC 9162 2.1.3.2. Allocates nothing. */
PD_CHECK enum pd_status ledger_verify_inclusion(uint64_t index, uint64_t size,
                                                const crypto_hash *leaf, const crypto_hash *proof,
                                                size_t count, const crypto_hash *root,
                                                struct pd_error *err);
/**
 * RFC 9162 2.1.4.2. old_size 0 is PD_INVALID (anything extends nothing; callers handle it before).
 * Equal sizes need equal roots and no proof. Roots are byte strings, of 32 bytes in any real log.
 * Allocates nothing.
 */
PD_CHECK enum pd_status ledger_verify_consistency(uint64_t old_size, uint64_t new_size,
                                                  pd_str old_root, pd_str new_root,
                                                  const crypto_hash *proof, size_t count,
                                                  struct pd_error *err);

/** The root of the first `size` leaves; of none SHA-256(""). */
PD_CHECK enum pd_status ledger_tree_root(const struct ledger_reader *reader, uint64_t size,
                                         crypto_hash *out, struct pd_error *err);

/* ---- Subtrees (subtree.c): the leaves [start, end) of a tree, with a root of their own ---- */

/** start < end, and start is a multiple of the smallest power of two >= end - start. */
bool ledger_subtree_is_valid(uint64_t start, uint64_t end);
/** That [start, end) is that part of the tree of `size` leaves. */
PD_CHECK enum pd_status ledger_prove_subtree(const struct ledger_reader *reader, uint64_t start,
                                             uint64_t end, uint64_t size, struct ledger_proof *out,
                                             struct pd_error *err);
/** Roots are byte strings, as in ledger_verify_consistency. An empty subtree, start = end, is part
 * of every tree if its root is SHA-256(""). */
PD_CHECK enum pd_status ledger_verify_subtree(uint64_t start, uint64_t end, uint64_t size,
                                              pd_str subtree_root, pd_str root,
                                              const crypto_hash *proof, size_t count,
                                              struct pd_error *err);
/** That the leaf `index` of the log is in the subtree whose root this is. */
PD_CHECK enum pd_status ledger_verify_subtree_inclusion(uint64_t index, uint64_t start,
                                                        uint64_t end, const crypto_hash *leaf,
                                                        const crypto_hash *proof, size_t count,
                                                        const crypto_hash *root,
                                                        struct pd_error *err);

/* ---- Keys (key.c) and signed notes (note.c): C2SP signed-note, tlog-cosignature ---- */

/** Both are Ed25519; the number is the one in the key's text and under its id. */
enum ledger_key_type {
    LEDGER_KEY_NOTE = 0x01,    /* signs notes: a log's, or any other */
    LEDGER_KEY_COSIGNER = 0x04 /* a witness's: signs "cosignature/v1" statements, nothing else */
};

/** A key that verifies signature lines. `name` is a view of the caller's text. */
struct ledger_vkey {
    enum ledger_key_type type;
    pd_str name;
    uint8_t id[LEDGER_KEY_ID_SIZE];
    uint8_t public_key[CRYPTO_PUBLIC_SIZE];
};
/** The key that signs. Wipe it (crypto_wipe) after use. */
struct ledger_skey {
    enum ledger_key_type type;
    pd_str name;
    uint8_t id[LEDGER_KEY_ID_SIZE];
    uint8_t seed[CRYPTO_SEED_SIZE];
};

/**
 * Computes the key id SHA-256(name || LF || type || public key)[0..4). A name is 1..255 bytes of
 * UTF-8 without '+', white space or control characters; recommended: a URL without scheme.
 */
PD_CHECK enum pd_status ledger_vkey_make(pd_str name, const uint8_t public_key[CRYPTO_PUBLIC_SIZE],
                                         struct ledger_vkey *out, struct pd_error *err);
PD_CHECK enum pd_status ledger_skey_make(pd_str name, const uint8_t seed[CRYPTO_SEED_SIZE],
                                         struct ledger_skey *out, struct pd_error *err);
/** One key never serves two cosigner names, and never signs notes as well. */
PD_CHECK enum pd_status ledger_cosigner_skey_make(pd_str name, const uint8_t seed[CRYPTO_SEED_SIZE],
                                                  struct ledger_skey *out, struct pd_error *err);
/** The public half of a signing key. */
struct ledger_vkey ledger_skey_public(const struct ledger_skey *key);

/** "name+hex id+base64(0x01 || public key)". Another type of key is PD_UNSUPPORTED. */
PD_CHECK enum pd_status ledger_vkey_parse(pd_str text, struct ledger_vkey *out,
                                          struct pd_error *err);
void ledger_vkey_write(const struct ledger_vkey *key, struct pd_buf *out);
/** "PRIVATE+KEY+name+hex id+base64(0x01 || seed)". Errors never repeat the text. */
PD_CHECK enum pd_status ledger_skey_parse(pd_str text, struct ledger_skey *out,
                                          struct pd_error *err);
/** The same texts with 0x04: keys of witnesses. */
PD_CHECK enum pd_status ledger_cosigner_vkey_parse(pd_str text, struct ledger_vkey *out,
                                                   struct pd_error *err);
PD_CHECK enum pd_status ledger_cosigner_skey_parse(pd_str text, struct ledger_skey *out,
                                                   struct pd_error *err);
void ledger_skey_write(const struct ledger_skey *key, struct pd_buf *out);

/** One signature line. Views into the note. */
struct ledger_signature {
    pd_str line; /* without its LF */
    pd_str name;
    pd_str base64; /* key id || signature, known to decode to more than 4 bytes */
    uint8_t id[LEDGER_KEY_ID_SIZE];
    bool is_verified; /* set by ledger_note_verify, as are the others */
    size_t key;       /* of a verified line: the number of its key among those given */
    uint64_t time;    /* of a verified cosignature: POSIX seconds, else 0 */
};
struct ledger_note {
    pd_str text; /* what is signed, with its final LF */
    size_t count;
    struct ledger_signature signatures[LEDGER_SIGNATURES_MAX];
};

/** Checks the form only: use nothing of the text before ledger_note_verify. Equal lines count once.
 */
PD_CHECK enum pd_status ledger_note_parse(pd_str bytes, struct ledger_note *out,
                                          struct pd_error *err);
/**
 * Lines whose (name, id) is among `keys` must verify, all of them (else PD_INTERNAL), and at least
 * one must be there (else PD_NOT_FOUND). Other lines are ignored, whatever their type. Keys may be
 * of both types: a cosigner's line verifies over its own time and the note's text.
 */
PD_CHECK enum pd_status ledger_note_verify(struct ledger_note *note, const struct ledger_vkey *keys,
                                           size_t key_count, struct pd_error *err);
/**
 * Adds to `out` the text, an empty line and one signature line per key. The text is UTF-8 lines,
 * each ending in LF. A text that reads as the message of a cosignature is PD_DENIED: signing it
 * would vouch for a tree that this key's owner never saw.
 */
PD_CHECK enum pd_status ledger_note_sign(pd_str text, const struct ledger_skey *keys,
                                         size_t key_count, struct pd_buf *out,
                                         struct pd_error *err);

/* ---- Checkpoints (checkpoint.c): C2SP tlog-checkpoint ---- */

struct ledger_checkpoint {
    pd_str origin;
    uint64_t size;
    crypto_hash root;
    pd_str extensions; /* further lines, each with its LF; empty in our own */
};
/** Adds the three lines, and the extension lines if there are any. */
PD_CHECK enum pd_status ledger_checkpoint_write(const struct ledger_checkpoint *checkpoint,
                                                struct pd_buf *out, struct pd_error *err);
/** The text of a note, not the note. Views into `text`. */
PD_CHECK enum pd_status ledger_checkpoint_parse(pd_str text, struct ledger_checkpoint *out,
                                                struct pd_error *err);
/** A whole signed checkpoint: the note is signed by `key` and its origin is `origin`. */
PD_CHECK enum pd_status ledger_checkpoint_verify(pd_str note, pd_str origin,
                                                 const struct ledger_vkey *key,
                                                 struct ledger_checkpoint *out,
                                                 struct pd_error *err);

/* ---- Offline proof files (offline.c): C2SP tlog-proof ---- */

struct ledger_offline {
    pd_str extra; /* base64 as in the file; nobody vouches for it; {NULL, 0} if absent */
    uint64_t index;
    struct ledger_proof proof;
    pd_str checkpoint; /* the signed note, verbatim */
};
PD_CHECK enum pd_status ledger_offline_write(const struct ledger_offline *offline,
                                             struct pd_buf *out, struct pd_error *err);
/** Views into `bytes`. Looks at the form only, and not into the checkpoint. */
PD_CHECK enum pd_status ledger_offline_parse(pd_str bytes, struct ledger_offline *out,
                                             struct pd_error *err);
/** The entry with this leaf hash is in the log `origin`, whose key is `key`. `out` may be NULL. */
PD_CHECK enum pd_status ledger_offline_verify(const struct ledger_offline *offline,
                                              const crypto_hash *leaf, pd_str origin,
                                              const struct ledger_vkey *key,
                                              struct ledger_checkpoint *out, struct pd_error *err);

/* ---- Receipts (receipt.c) ---- */

enum { LEDGER_PROMISES_LEVELS = 10 }; /* at most 1,024 promises are signed together */
/**
 * Makes receipts of promises, each of some lines ("act ID\n..."), by one signature. One alone
 * becomes a note of "polder-receipt/v1" and its lines. Of several, each becomes
 * "polder-receipt/v2", its lines, "index NUMBER", its path (one hash a line, from the leaf's side),
 * an empty line, and a note of "polder-promises/v1", their number, and the root of the tree (RFC
 * 6962) whose entries are the promises, first line included. receipts: room for `count`; texts in
 * `arena`.
 */
PD_CHECK enum pd_status ledger_promises_sign(const pd_str *lines, size_t count,
                                             const struct ledger_skey *key, struct pd_arena *arena,
                                             pd_str *receipts, struct pd_error *err);
/**
 * The signed root of promises that verified last, byte for byte, and whose signature it was.
 * Receipts that were signed together end in the same one, so that who reads many of them in a row
 * verifies its signature once. Zeroed: none yet.
 */
struct ledger_promises_seen {
    uint8_t public_key[CRYPTO_PUBLIC_SIZE];
    size_t name_len, note_len, text_len;
    char name[256], note[1024];
};
/**
 * A receipt of either form, signed by `key`. `*lines`: those of the promise, a view. seen: kept by
 * the caller from receipt to receipt, or NULL. PD_INVALID: not a receipt; PD_NOT_FOUND: not the
 * key's; PD_INTERNAL: altered.
 */
PD_CHECK enum pd_status ledger_receipt_verify(pd_str receipt, const struct ledger_vkey *key,
                                              struct ledger_promises_seen *seen, pd_str *lines,
                                              struct pd_error *err);

/* ---- Cosignatures (cosign.c): C2SP tlog-cosignature, Ed25519 ---- */

/**
 * Adds one signature line to `out`: at `time` (POSIX seconds) the checkpoint whose whole text this
 * is was the largest of its log that the witness had seen, and consistent with all before.
 * PD_DENIED if the key isn't a cosigner's.
 */
PD_CHECK enum pd_status ledger_cosign(pd_str text, const struct ledger_skey *key, uint64_t time,
                                      struct pd_buf *out, struct pd_error *err);
/**
 * What a witness answered: signature lines, one of which must be the key's over `text`. `*line`: a
 * view of that one with its LF. PD_NOT_FOUND if none is the key's.
 */
PD_CHECK enum pd_status ledger_cosignatures_parse(pd_str lines, pd_str text,
                                                  const struct ledger_vkey *key, pd_str *line,
                                                  uint64_t *time, struct pd_error *err);

/* ---- Witness requests and decisions (request.c): C2SP tlog-witness ---- */

enum { LEDGER_REQUEST_MAX = LEDGER_NOTE_MAX + 4096 }; /* bytes of a request */

/** POST <submission prefix>/add-checkpoint. */
struct ledger_request {
    uint64_t old_size; /* that the witness is thought to have cosigned last */
    struct ledger_proof proof;
    pd_str note; /* the whole signed checkpoint */
    pd_str text; /* of the note, and what it says: set by parse, not used by write */
    struct ledger_checkpoint checkpoint;
};
PD_CHECK enum pd_status ledger_request_write(const struct ledger_request *request,
                                             struct pd_buf *out, struct pd_error *err);
/** Views into `bytes`. Checks the form of the request and of the checkpoint, and no signature. */
PD_CHECK enum pd_status ledger_request_parse(pd_str bytes, struct ledger_request *out,
                                             struct pd_error *err);

/** What a witness knows of a log: its keys, and the checkpoint that it cosigned last. */
struct ledger_watched {
    const struct ledger_vkey *keys;
    size_t key_count;
    uint64_t size; /* 0: none, or the empty one */
    crypto_hash root;
};

enum ledger_verdict {
    LEDGER_COSIGN,
    LEDGER_MALFORMED,   /* the caller's, when parsing fails */
    LEDGER_UNKNOWN_LOG, /* the caller's, who looks the origin up */
    LEDGER_UNTRUSTED,
    LEDGER_OLD_IS_LARGER,
    LEDGER_STALE, /* answered with the size last cosigned */
    LEDGER_UNPROVEN,
    LEDGER_FORK, /* as LEDGER_UNPROVEN, and the log has signed two trees of one size */
    LEDGER_VERDICT_COUNT
};
struct ledger_answer {
    int http;
    const char *word; /* for logs and metrics */
};
const struct ledger_answer *ledger_answer_get(enum ledger_verdict verdict);

/**
 * Decides on a request about a log that is known, in the order of the standard. It changes nothing:
 * before a cosignature is given out the caller has made the new size and root durable, in one step
 * with this comparison. Unless LEDGER_COSIGN, `err` says why.
 */
enum ledger_verdict ledger_witness_judge(const struct ledger_request *request,
                                         const struct ledger_watched *watched,
                                         struct pd_error *err);
/** Of a request whose signature holds (whatever else is wrong with it): the log signed two trees of
 * one size. Both statements are worth keeping. */
bool ledger_request_is_fork(const struct ledger_request *request,
                            const struct ledger_watched *watched);

/* ---- Policies (policy.c): C2SP tlog-policy ---- */

enum {
    LEDGER_POLICY_MAX = 64, /* logs, and witnesses */
    LEDGER_NODES_MAX = 128, /* witnesses and groups */
    LEDGER_POLICY_BYTES_MAX = 65536
};
#define LEDGER_NO_NODE SIZE_MAX

struct ledger_policy_key {
    pd_str name; /* the policy's own name of a witness; of logs empty */
    struct ledger_vkey key;
    pd_str url; /* as given; may be empty */
};
struct ledger_policy {
    size_t log_count, witness_count, node_count;
    struct ledger_policy_key logs[LEDGER_POLICY_MAX];
    struct ledger_policy_key witnesses[LEDGER_POLICY_MAX];
    struct ledger_node { /* a witness or a group; members stand before their group */
        pd_str name;
        bool is_witness;
        size_t witness;            /* its number */
        size_t members, threshold; /* of a group */
        size_t parent;             /* the group it is in, or LEDGER_NO_NODE */
    } nodes[LEDGER_NODES_MAX];
    size_t quorum; /* a node, or LEDGER_NO_NODE: none is demanded */
};
/** In `arena`, with copies of its texts. PD_INVALID and PD_LIMIT name the line. */
PD_CHECK enum pd_status ledger_policy_parse(pd_str text, struct pd_arena *arena,
                                            const struct ledger_policy **out, struct pd_error *err);
/** Whether these witnesses, by number, are a quorum. */
bool ledger_policy_is_met(const struct ledger_policy *policy,
                          const bool signed_by[LEDGER_POLICY_MAX]);

/** Which witnesses of a policy cosigned a checkpoint, and when (the latest time of each). */
struct ledger_witnessed {
    bool signed_by[LEDGER_POLICY_MAX];
    uint64_t times[LEDGER_POLICY_MAX]; /* POSIX seconds */
};
/**
 * A signed checkpoint under a policy: signed by a log of it, every known signature holds, and the
 * quorum is there. PD_NOT_FOUND: no log of the policy signed; PD_OPEN: only the quorum is missing
 * (`*checkpoint` and `*out` are set all the same).
 */
PD_CHECK enum pd_status ledger_policy_verify(const struct ledger_policy *policy, pd_str note,
                                             struct ledger_checkpoint *checkpoint,
                                             struct ledger_witnessed *out, struct pd_error *err);

/* ---- Lists of logs (loglist.c): "logs/v0" of the witness network ---- */

enum { LEDGER_LIST_MAX = 1 << 20 };

struct ledger_listed {
    pd_str origin; /* the key's name, unless the list says otherwise */
    pd_str vkey_text;
    struct ledger_vkey key;
    uint64_t requests_per_day; /* 0: not said */
    pd_str contact;
};
struct ledger_list {
    /** Called for each log; views of the text. What it returns, unless PD_OK, ends the parsing. */
    enum pd_status (*log)(void *context, const struct ledger_listed *log, struct pd_error *err);
    void *context;
};
PD_CHECK enum pd_status ledger_list_parse(pd_str text, const struct ledger_list *list,
                                          struct pd_error *err);

/* ---- Tiles (tile.c, grow.c): C2SP tlog-tiles ---- */

enum { LEDGER_ENTRIES = -1 }; /* the "level" of entry bundles */

/**
 * "tile/<level>/<index>[.p/<width>]" or "tile/entries/...". level: LEDGER_ENTRIES or 0..63;
 * width 1..256, of which 256 is a full tile.
 */
void ledger_tile_path(int level, uint64_t index, unsigned width, char out[LEDGER_PATH_SIZE]);

/** Splits a bundle into exactly `count` (1..256) entries; views into `bytes`. */
PD_CHECK enum pd_status ledger_bundle_parse(pd_str bytes, size_t count,
                                            pd_str entries[LEDGER_TILE_HASHES],
                                            struct pd_error *err);

/**
 * Tiles of a tree of `size` leaves that somebody else keeps. `fetch` writes the whole file `path`
 * (at most `capacity` bytes) to `out`; a missing one is PD_NOT_FOUND. A partial tile that is gone
 * is looked for in the full one. What comes from tiles is unproven until a proof made of it
 * verifies. Callers set the first three members and zero the rest, which remembers the last tile.
 */
struct ledger_tiles {
    uint64_t size;
    enum pd_status (*fetch)(void *context, const char *path, void *out, size_t capacity, size_t *n,
                            struct pd_error *err);
    void *context;
    char last_path[LEDGER_PATH_SIZE];
    crypto_hash last[LEDGER_TILE_HASHES];
};
/** The hash of a complete subtree, for any level. */
PD_CHECK enum pd_status ledger_tiles_hash(struct ledger_tiles *tiles, unsigned level,
                                          uint64_t index, crypto_hash *out, struct pd_error *err);
/** A reader for proofs that lives as long as `tiles`. */
struct ledger_reader ledger_tiles_reader(struct ledger_tiles *tiles);

/** Where growing takes from and puts to. */
struct ledger_growth {
    void *context;
    /** Entry `index`; the view must last until the next call. */
    enum pd_status (*entry)(void *context, uint64_t index, pd_str *out, struct pd_error *err);
    /** A changed file. Come in the order in which they may be written; then comes the checkpoint.
     */
    enum pd_status (*emit)(void *context, const char *path, pd_str bytes, struct pd_error *err);
    /** Complete subtrees of the old tree at levels 8, 16, ..., 56; not called if old_size < 256. */
    struct ledger_reader old;
};
/**
 * Emits each bundle and tile that differs between the trees of old_size and new_size leaves. Leaf
 * hashes are computed from the entries, so that no tile can contradict a bundle. Memory: 64 KiB and
 * one bundle.
 */
PD_CHECK enum pd_status ledger_tiles_grow(const struct ledger_growth *growth, uint64_t old_size,
                                          uint64_t new_size, struct pd_error *err);

/* ---- Leaves (verbs.c, leaf.c, leaf_parse.c): the public record of an act, schema versions 1 to 4
 * ---- */

enum ledger_verb {
    LEDGER_INIT,
    LEDGER_REGISTER,
    LEDGER_INTEND,
    LEDGER_ATTEST,
    LEDGER_DECIDE,
    LEDGER_COLLECT,
    LEDGER_STORE,
    LEDGER_USE,
    LEDGER_SHARE,
    LEDGER_OPEN,
    LEDGER_TRANSFER,
    LEDGER_DELETE,
    LEDGER_DENY,
    LEDGER_PROPOSE,
    LEDGER_VOTE,
    LEDGER_ENACT,
    LEDGER_ANSWER,
    LEDGER_AGREE,
    LEDGER_REVOKE,
    LEDGER_ANCHOR,
    LEDGER_REQUEST_ACCESS, /* version 2 */
    LEDGER_CREATE_KEY,     /* version 3 */
    LEDGER_ROTATE_KEY,
    LEDGER_DESTROY_KEY,
    LEDGER_PRUNE,
    LEDGER_SPEND, /* version 4: of a budget of privacy */
    LEDGER_ADVANCE, /* a proposal to another stage */
    LEDGER_OBJECT,  /* to it */
    LEDGER_REPLY,   /* to an objection */
    LEDGER_OPEN_VOTE,
    LEDGER_CLOSE_VOTE,
    LEDGER_VERB_COUNT
};
enum ledger_outcome {
    LEDGER_OUTCOME_PERMIT,
    LEDGER_OUTCOME_DENY,
    LEDGER_OUTCOME_OPEN,
    LEDGER_OUTCOME_DONE,
    LEDGER_OUTCOME_COUNT
};
enum ledger_kind {
    LEDGER_KIND_DATASET,
    LEDGER_KIND_VERSION,
    LEDGER_KIND_DISTRIBUTION,
    LEDGER_KIND_INTENT,
    LEDGER_KIND_FACT,
    LEDGER_KIND_PARTY,
    LEDGER_KIND_RULES,
    LEDGER_KIND_CHECKPOINT,
    LEDGER_KIND_CASE, /* version 2 */
    LEDGER_KIND_KEY,  /* version 3 */
    LEDGER_KIND_PROPOSAL, /* version 4 */
    LEDGER_KIND_COUNT
};
enum ledger_digest {
    LEDGER_DIGEST_FACTS,
    LEDGER_DIGEST_RULES,
    LEDGER_DIGEST_PLAN,
    LEDGER_DIGEST_VERSION,
    LEDGER_DIGEST_FINDING,
    LEDGER_DIGEST_INSPECTION,
    LEDGER_DIGEST_CHARTER,
    LEDGER_DIGEST_POLICY, /* version 3: of witnesses */
    LEDGER_DIGEST_TEXT,   /* version 4: what is proposed */
    LEDGER_DIGEST_FROZEN, /* of a vote, when it opened */
    LEDGER_DIGEST_BALLOTS, /* opened, when it closed */
    LEDGER_DIGEST_RESULT,
    LEDGER_DIGEST_COUNT
};
enum ledger_field {
    LEDGER_FIELD_MEMBER,
    LEDGER_FIELD_PURPOSE,
    LEDGER_FIELD_BASIS,
    LEDGER_FIELD_TITLE,
    LEDGER_FIELD_FACTS,
    LEDGER_FIELD_PLAN,
    LEDGER_FIELD_VALUE,
    LEDGER_FIELD_RECIPIENT,
    LEDGER_FIELD_EVIDENCE,
    LEDGER_FIELD_SOURCE,
    LEDGER_FIELD_COUNT
};
enum ledger_log { LEDGER_PUBLIC, LEDGER_RESTRICTED };
enum { LEDGER_ARTICLES_MAX = 64, LEDGER_PARTY_MAX = 128 };

/** The words that leaves use; "" for a value outside the enum. */
const char *ledger_verb_name(enum ledger_verb verb);
const char *ledger_outcome_name(enum ledger_outcome outcome);
const char *ledger_kind_name(enum ledger_kind kind);
const char *ledger_digest_name(enum ledger_digest digest);
const char *ledger_field_name(enum ledger_field field);
/** False, and `*out` untouched, if no verb has that name. */
bool ledger_verb_parse(pd_str name, enum ledger_verb *out);

/**
 * Which log an act's leaf goes to. disclosed_to_public: whether the object acted on (a dataset with
 * its versions, distributions, intents and facts) is known to the public already or by this act. A
 * leaf about an object that isn't, never enters the public log.
 */
enum ledger_log ledger_log_of(enum ledger_verb verb, bool disclosed_to_public);

struct ledger_optional_hash {
    bool is_set;
    crypto_hash value;
};

/** No free text, no stable id of a natural person: what isn't here can't be in a leaf. */
struct ledger_leaf {
    pd_id act;
    enum ledger_verb verb;
    pd_str party; /* 1..128 bytes of UTF-8 without control characters */
    pd_time time; /* whole minutes, years 1..9999 */
    enum ledger_outcome outcome;
    bool has_object;
    enum ledger_kind object_kind;
    pd_id object_id;
    struct ledger_optional_hash hashes[LEDGER_DIGEST_COUNT];
    struct ledger_optional_hash commitments[LEDGER_FIELD_COUNT];
    size_t article_count;
    pd_str articles[LEDGER_ARTICLES_MAX]; /* policy ids, [a-z0-9_.]{1,64} */
    bool has_log; /* only with LEDGER_ANCHOR and LEDGER_PRUNE: another log's checkpoint */
    pd_str log_origin;
    uint64_t log_size;
    crypto_hash log_root;
    bool has_key; /* the party's own signature */
    uint8_t key_id[LEDGER_KEY_ID_SIZE];
    uint8_t key_signature[CRYPTO_SIGNATURE_SIZE];
    pd_str vkey; /* only with LEDGER_CREATE_KEY and LEDGER_ROTATE_KEY: the verifier key that is new
                    (signed-note); no data: none */
};

/**
 * Adds the leaf's canonical JSON (RFC 8785) to `out`, in the lowest version of the schema that has
 * its verb and kind: so every act has one leaf, and who knows version 1 reads all that it can say.
 * PD_INVALID names the member that breaks the schema. A verb whose leaf is always public can't have
 * a dataset, version, distribution, intent, fact or case as its object.
 */
PD_CHECK enum pd_status ledger_leaf_write(const struct ledger_leaf *leaf, struct pd_buf *out,
                                          struct pd_error *err);
/**
 * Accepts exactly what ledger_leaf_write writes; texts are copied to `arena`. Another schema
 * version is PD_UNSUPPORTED; more than LEDGER_ENTRY_MAX bytes, or a full arena, PD_LIMIT.
 */
PD_CHECK enum pd_status ledger_leaf_parse(pd_str bytes, struct pd_arena *arena,
                                          struct ledger_leaf *out, struct pd_error *err);

/**
 * Hides a value in a leaf so that it can be opened later, or never again once the salt is
 * destroyed: HMAC-SHA-256(salt, len||act || len||field || len||value), len being a big-endian
 * uint32, act the id's text, value canonical JSON.
 */
PD_CHECK enum pd_status ledger_commit(const uint8_t salt[32], pd_id act, enum ledger_field field,
                                      pd_str value, crypto_hash *out, struct pd_error *err);

/**
 * The second step of a proof that leads from a shard of a restricted log to the public one. The
 * entry with this leaf hash is in the log that the anchor names, at the size and root that it
 * names. The signature of the checkpoint in the proof isn't looked at: who has verified that the
 * anchor's leaf is in the public log needs no key but that one's. PD_INVALID: no anchor, or not of
 * the form; PD_INTERNAL: it doesn't hold. `out` may be NULL.
 */
PD_CHECK enum pd_status ledger_offline_verify_anchored(const struct ledger_offline *offline,
                                                       const crypto_hash *leaf,
                                                       const struct ledger_leaf *anchor,
                                                       struct ledger_checkpoint *out,
                                                       struct pd_error *err);

#endif
