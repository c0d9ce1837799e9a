/*
 * Inclusion and consistency proofs: made from hashes of complete subtrees (RFC 6962 2.1), verified
 * by the iterative algorithms of RFC 9162 2.1.3.2 and 2.1.4.2.
 */
#include "ledger/ledger_impl.h"
#include <inttypes.h>

uint64_t ledger_split(uint64_t n) {
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

/* The complete subtrees of the range, folded from the right. */
enum pd_status ledger_hash_range(const struct ledger_reader *reader, uint64_t start, uint64_t end,
                                 crypto_hash *out, struct pd_error *err) {
    crypto_hash folded = {{0}};
    bool is_first = true;
    uint64_t at = end;
    for (uint64_t left = end - start; left > 0; left &= left - 1) {
        unsigned level = (unsigned)__builtin_ctzll(left);
        crypto_hash hash;
        at -= (uint64_t)1 << level;
        enum pd_status st = reader->hash(reader->context, level, at >> level, &hash, err);
        if (st != PD_OK)
            return st;
        folded = is_first ? hash : ledger_hash_node(&hash, &folded);
        is_first = false;
    }
    *out = folded;
    return PD_OK;
}

enum pd_status ledger_proof_add(struct ledger_proof *proof, const struct ledger_reader *reader,
                                uint64_t start, uint64_t end, struct pd_error *err) {
    enum pd_status st = ledger_hash_range(reader, start, end, &proof->hashes[proof->count], err);
    if (st == PD_OK)
        proof->count++;
    return st;
}

void ledger_proof_reverse(const struct ledger_proof *proof, struct ledger_proof *out) {
    out->count = proof->count;
    for (size_t i = 0; i < proof->count; i++)
        out->hashes[i] = proof->hashes[proof->count - 1 - i];
}

enum pd_status ledger_prove_inclusion(const struct ledger_reader *reader, uint64_t index,
                                      uint64_t size, struct ledger_proof *out,
                                      struct pd_error *err) {
    if (size > LEDGER_SIZE_MAX)
        return pd_fail(err, PD_LIMIT, "a log has at most 2^62 leaves, not %" PRIu64, size);
    if (index >= size)
        return pd_fail(err, PD_INVALID,
                       "there is no leaf %" PRIu64 " in a tree of %" PRIu64 " (they count from 0)",
                       index, size);
    struct ledger_proof proof = {0};
    enum pd_status st = PD_OK;
    for (uint64_t start = 0, end = size; end - start > 1 && st == PD_OK;) {
        uint64_t middle = start + ledger_split(end - start);
        if (index < middle) {
            st = ledger_proof_add(&proof, reader, middle, end, err);
            end = middle;
        } else {
            st = ledger_proof_add(&proof, reader, start, middle, err);
            start = middle;
        }
    }
    if (st == PD_OK)
        ledger_proof_reverse(&proof, out);
    return st;
}

enum pd_status ledger_prove_consistency(const struct ledger_reader *reader, uint64_t old_size,
                                        uint64_t new_size, struct ledger_proof *out,
                                        struct pd_error *err) {
    if (new_size > LEDGER_SIZE_MAX)
        return pd_fail(err, PD_LIMIT, "a log has at most 2^62 leaves, not %" PRIu64, new_size);
    if (old_size == 0 || old_size > new_size)
        return pd_fail(
            err, PD_INVALID,
            "consistency is proved from a size of at least 1 to one that isn't smaller, not "
            "from %" PRIu64 " to %" PRIu64,
            old_size, new_size);
    struct ledger_proof proof = {0};
    enum pd_status st = PD_OK;
    uint64_t start = 0, end = new_size;
    while (end != old_size && st == PD_OK) {
        uint64_t middle = start + ledger_split(end - start);
        if (old_size <= middle) {
            st = ledger_proof_add(&proof, reader, middle, end, err);
            end = middle;
        } else {
            st = ledger_proof_add(&proof, reader, start, middle, err);
            start = middle;
        }
    }
    /* The verifier knows the old root: the subtree needs naming only if it isn't the whole old
     * tree. */
    if (st == PD_OK && start > 0)
        st = ledger_proof_add(&proof, reader, start, end, err);
    if (st == PD_OK)
        ledger_proof_reverse(&proof, out);
    return st;
}

enum pd_status ledger_tree_root(const struct ledger_reader *reader, uint64_t size, crypto_hash *out,
                                struct pd_error *err) {
    if (size == 0) {
        *out = crypto_sha256(NULL, 0);
        return PD_OK;
    }
    return ledger_hash_range(reader, 0, size, out, err);
}

/* Both verifiers climb from a node (fn) and the last node of its level (sn) to the root. */
struct climb {
    uint64_t fn, sn;
};

/* Whether the next hash of the proof lies left of the path. */
static bool is_left(const struct climb *at) {
    return (at->fn & 1) || at->fn == at->sn;
}

static void ascend(struct climb *at, bool was_left) {
    if (was_left && !(at->fn & 1)) {
        /* The last node of a ragged level has no sibling until a level where it is a right child.
         */
        while (at->fn != 0 && !(at->fn & 1)) {
            at->fn >>= 1;
            at->sn >>= 1;
        }
    }
    at->fn >>= 1;
    at->sn >>= 1;
}

static enum pd_status fail_length(const char *kind, size_t count, bool too_long,
                                  struct pd_error *err) {
    return pd_fail(err, PD_INVALID, "the %s proof of %zu hashes is too %s for these sizes", kind,
                   count, too_long ? "long" : "short");
}

enum pd_status ledger_verify_inclusion(uint64_t index, uint64_t size, const crypto_hash *leaf,
                                       const crypto_hash *proof, size_t count,
                                       const crypto_hash *root, struct pd_error *err) {
    if (index >= size)
        return pd_fail(err, PD_INVALID,
                       "there is no leaf %" PRIu64 " in a tree of %" PRIu64 " (they count from 0)",
                       index, size);
    struct climb at = {index, size - 1};
    crypto_hash hash = *leaf;
    for (size_t i = 0; i < count; i++) {
        if (at.sn == 0)
            return fail_length("inclusion", count, true, err);
        bool left = is_left(&at);
        hash = left ? ledger_hash_node(&proof[i], &hash) : ledger_hash_node(&hash, &proof[i]);
        ascend(&at, left);
    }
    if (at.sn != 0)
        return fail_length("inclusion", count, false, err);
    if (!crypto_equal(hash.bytes, root->bytes, CRYPTO_HASH_SIZE))
        return pd_fail(err, PD_INTERNAL,
                       "the inclusion proof of leaf %" PRIu64
                       " leads to another root than that of the "
                       "tree of %" PRIu64 " leaves",
                       index, size);
    return PD_OK;
}

static bool is_root(const crypto_hash *hash, pd_str root) {
    return pd_str_eq((pd_str){(const char *)hash->bytes, CRYPTO_HASH_SIZE}, root);
}

static enum pd_status verify_equal_sizes(uint64_t size, pd_str old_root, pd_str new_root,
                                         size_t count, struct pd_error *err) {
    if (count > 0)
        return fail_length("consistency", count, true, err);
    if (!pd_str_eq(old_root, new_root))
        return pd_fail(err, PD_INTERNAL, "two trees of %" PRIu64 " leaves have different roots",
                       size);
    return PD_OK;
}

enum pd_status ledger_verify_consistency(uint64_t old_size, uint64_t new_size, pd_str old_root,
                                         pd_str new_root, const crypto_hash *proof, size_t count,
                                         struct pd_error *err) {
    if (old_size == 0 || old_size > new_size)
        return pd_fail(
            err, PD_INVALID,
            "consistency is proved from a size of at least 1 to one that isn't smaller, not "
            "from %" PRIu64 " to %" PRIu64,
            old_size, new_size);
    if (old_size == new_size)
        return verify_equal_sizes(old_size, old_root, new_root, count, err);
    if (count == 0)
        return fail_length("consistency", count, false, err);
    size_t next = 0;
    crypto_hash old_hash;
    if ((old_size & (old_size - 1)) != 0) {
        old_hash = proof[next++];
    } else if (old_root.len == CRYPTO_HASH_SIZE) {
        /* The old tree is one complete subtree: the proof starts at its root, and doesn't repeat
         * it. */
        for (size_t i = 0; i < CRYPTO_HASH_SIZE; i++)
            old_hash.bytes[i] = (uint8_t)old_root.data[i];
    } else {
        return pd_fail(err, PD_INVALID, "the old root has %zu bytes, not 32", old_root.len);
    }
    struct climb at = {old_size - 1, new_size - 1};
    while (at.fn & 1) {
        at.fn >>= 1;
        at.sn >>= 1;
    }
    crypto_hash new_hash = old_hash;
    for (; next < count; next++) {
        if (at.sn == 0)
            return fail_length("consistency", count, true, err);
        bool left = is_left(&at);
        if (left) {
            old_hash = ledger_hash_node(&proof[next], &old_hash);
            new_hash = ledger_hash_node(&proof[next], &new_hash);
        } else {
            new_hash = ledger_hash_node(&new_hash, &proof[next]);
        }
        ascend(&at, left);
    }
    if (at.sn != 0)
        return fail_length("consistency", count, false, err);
    if (!is_root(&old_hash, old_root) || !is_root(&new_hash, new_root))
        return pd_fail(err, PD_INTERNAL,
                       "the tree of %" PRIu64 " leaves isn't the beginning of that of %" PRIu64
                       ": the log was forked or rewritten, or the proof is of other trees",
                       old_size, new_size);
    return PD_OK;
}
