/*
 * Subtrees: proofs about the leaves [start, end) of a log, as mirrors and pruned shards need them
 * (C2SP tlog-cosignature v1.1, "subtree"; RFC 9162's algorithms with a third counter).
 */
#include "ledger/ledger_impl.h"
#include <inttypes.h>

bool ledger_subtree_is_valid(uint64_t start, uint64_t end) {
    if (start >= end || end > LEDGER_SIZE_MAX)
        return false;
    uint64_t width = 1;
    while (width < end - start)
        width <<= 1;
    return start % width == 0;
}

static enum pd_status check_range(uint64_t start, uint64_t end, uint64_t size,
                                  struct pd_error *err) {
    if (size > LEDGER_SIZE_MAX || end > size)
        return pd_fail(err, PD_INVALID,
                       "the subtree [%" PRIu64 ", %" PRIu64 ") doesn't lie in a tree of %" PRIu64
                       " leaves",
                       start, end, size);
    if (!ledger_subtree_is_valid(start, end))
        return pd_fail(err, PD_INVALID,
                       "[%" PRIu64 ", %" PRIu64
                       ") is no subtree: it must start at a multiple of the smallest power of two "
                       "that holds it",
                       start, end);
    return PD_OK;
}

enum pd_status ledger_prove_subtree(const struct ledger_reader *reader, uint64_t start,
                                    uint64_t end, uint64_t size, struct ledger_proof *out,
                                    struct pd_error *err) {
    enum pd_status st = check_range(start, end, size, err);
    struct ledger_proof proof = {0};
    bool is_whole = true; /* what is left is all of the subtree, whose hash the verifier knows */
    uint64_t low = 0, high = size;
    while (st == PD_OK && (low != start || high != end)) {
        uint64_t middle = low + ledger_split(high - low);
        if (end <= middle) {
            st = ledger_proof_add(&proof, reader, middle, high, err);
            high = middle;
            continue;
        }
        if (start < middle) { /* only of a subtree that starts at `low` and is cut here */
            is_whole = false;
            start = middle;
        }
        st = ledger_proof_add(&proof, reader, low, middle, err);
        low = middle;
    }
    if (st == PD_OK && !is_whole)
        st = ledger_proof_add(&proof, reader, low, high, err);
    if (st == PD_OK)
        ledger_proof_reverse(&proof, out);
    return st;
}

enum pd_status ledger_verify_subtree_inclusion(uint64_t index, uint64_t start, uint64_t end,
                                               const crypto_hash *leaf, const crypto_hash *proof,
                                               size_t count, const crypto_hash *root,
                                               struct pd_error *err) {
    enum pd_status st = check_range(start, end, end, err);
    if (st == PD_OK && (index < start || index >= end))
        st = pd_fail(err, PD_INVALID,
                     "leaf %" PRIu64 " isn't in the subtree [%" PRIu64 ", %" PRIu64 ")", index,
                     start, end);
    /* A valid subtree is a tree of its own: its shape depends on its width alone. */
    return st == PD_OK
               ? ledger_verify_inclusion(index - start, end - start, leaf, proof, count, root, err)
               : st;
}

/* From a node (fn), the subtree's last node (sn) and the tree's (tn) of a level towards the root.
 */
struct ascent {
    uint64_t fn, sn, tn;
};

static void rise(struct ascent *at) {
    at->fn >>= 1;
    at->sn >>= 1;
    at->tn >>= 1;
}

static bool is_hash(pd_str text, crypto_hash *out) {
    if (text.len != CRYPTO_HASH_SIZE)
        return false;
    for (size_t i = 0; i < CRYPTO_HASH_SIZE; i++)
        out->bytes[i] = (uint8_t)text.data[i];
    return true;
}

static bool is_same(const crypto_hash *hash, pd_str text) {
    return pd_str_eq((pd_str){(const char *)hash->bytes, CRYPTO_HASH_SIZE}, text);
}

/* Nothing is part of everything, if it is nothing. */
static enum pd_status verify_empty(pd_str subtree_root, size_t count, struct pd_error *err) {
    crypto_hash empty = crypto_sha256(NULL, 0);
    if (count > 0)
        return pd_fail(err, PD_INVALID, "an empty subtree has no proof, not one of %zu hashes",
                       count);
    if (!is_same(&empty, subtree_root))
        return pd_fail(err, PD_INTERNAL, "the root of an empty subtree is the hash of nothing");
    return PD_OK;
}

/* The two roots that the proof leads to; false: its length isn't that of these sizes. */
static bool climb(struct ascent at, crypto_hash *subtree, crypto_hash *tree,
                  const crypto_hash *proof, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (at.tn == 0)
            return false;
        if ((at.sn & 1) || at.sn == at.tn) {
            if (at.fn < at.sn)
                *subtree = ledger_hash_node(&proof[i], subtree);
            *tree = ledger_hash_node(&proof[i], tree);
            while (at.sn != 0 && !(at.sn & 1))
                rise(&at);
        } else {
            *tree = ledger_hash_node(tree, &proof[i]);
        }
        rise(&at);
    }
    return at.tn == 0;
}

enum pd_status ledger_verify_subtree(uint64_t start, uint64_t end, uint64_t size,
                                     pd_str subtree_root, pd_str root, const crypto_hash *proof,
                                     size_t count, struct pd_error *err) {
    if (start == end && end <= size)
        return verify_empty(subtree_root, count, err);
    enum pd_status st = check_range(start, end, size, err);
    if (st != PD_OK)
        return st;
    if (start == 0 && end == size)
        return ledger_verify_consistency(size, size, subtree_root, root, proof, count, err);
    struct ascent at = {start, end - 1, size - 1};
    bool is_ragged = at.sn == at.tn;
    while (at.fn != at.sn && (is_ragged || (at.sn & 1)))
        rise(&at);
    crypto_hash given, subtree;
    if (!is_hash(subtree_root, &given))
        return pd_fail(err, PD_INVALID, "the subtree's root has %zu bytes, not 32",
                       subtree_root.len);
    subtree = given;
    if (at.fn != at.sn) {
        if (count == 0)
            return pd_fail(err, PD_INVALID, "the subtree's proof has no hashes");
        subtree = *proof++;
        count--;
    }
    crypto_hash tree = subtree;
    if (!climb(at, &subtree, &tree, proof, count))
        return pd_fail(err, PD_INVALID,
                       "the subtree's proof of %zu hashes is not of the length of these sizes",
                       count);
    if (!is_same(&subtree, subtree_root) || !is_same(&tree, root))
        return pd_fail(err, PD_INTERNAL,
                       "[%" PRIu64 ", %" PRIu64 ") isn't that part of the tree of %" PRIu64
                       " leaves: the proof leads to other roots",
                       start, end, size);
    return PD_OK;
}
