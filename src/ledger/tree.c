/* Hashing and appending: RFC 6962 section 2.1 without ever holding the tree. */
#include "ledger/ledger_impl.h"
#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* The prefixes differ so that a node can't be passed off as an entry. */
enum { LEAF_PREFIX = 0, NODE_PREFIX = 1 };

enum pd_status ledger_hash_leaf(pd_str entry, crypto_hash *out, struct pd_error *err) {
    if (entry.len > LEDGER_ENTRY_MAX)
        return pd_fail(err, PD_LIMIT,
                       "an entry has %zu bytes, but at most %d fit in an entry bundle", entry.len,
                       LEDGER_ENTRY_MAX);
    uint8_t prefixed[1 + LEDGER_ENTRY_MAX];
    prefixed[0] = LEAF_PREFIX;
    if (entry.len > 0)
        memcpy(prefixed + 1, entry.data, entry.len);
    *out = crypto_sha256(prefixed, entry.len + 1);
    return PD_OK;
}

crypto_hash ledger_hash_node(const crypto_hash *left, const crypto_hash *right) {
    uint8_t prefixed[1 + 2 * CRYPTO_HASH_SIZE];
    prefixed[0] = NODE_PREFIX;
    memcpy(prefixed + 1, left->bytes, CRYPTO_HASH_SIZE);
    memcpy(prefixed + 1 + CRYPTO_HASH_SIZE, right->bytes, CRYPTO_HASH_SIZE);
    return crypto_sha256(prefixed, sizeof(prefixed));
}

static size_t edge_count(uint64_t size) {
    return (size_t)__builtin_popcountll(size);
}

enum pd_status ledger_edge_append(struct ledger_edge *edge, const crypto_hash *leaf,
                                  struct pd_error *err) {
    if (edge->size >= LEDGER_SIZE_MAX)
        return pd_fail(err, PD_LIMIT, "the log is full: it has %" PRIu64 " leaves", edge->size);
    crypto_hash hash = *leaf;
    size_t count = edge_count(edge->size);
    /* Each trailing 1 bit is a complete subtree that the new leaf makes a pair with. */
    for (uint64_t bits = edge->size; bits & 1; bits >>= 1)
        hash = ledger_hash_node(&edge->hashes[--count], &hash);
    edge->hashes[count] = hash;
    edge->size++;
    return PD_OK;
}

crypto_hash ledger_edge_root(const struct ledger_edge *edge) {
    size_t count = edge_count(edge->size);
    if (count == 0)
        return crypto_sha256(NULL, 0);
    crypto_hash root = edge->hashes[--count];
    while (count > 0)
        root = ledger_hash_node(&edge->hashes[--count], &root);
    return root;
}

pd_str ledger_edge_view(const struct ledger_edge *edge) {
    static_assert(sizeof(crypto_hash) == CRYPTO_HASH_SIZE, "hashes lie end to end");
    return (pd_str){(const char *)edge->hashes, edge_count(edge->size) * CRYPTO_HASH_SIZE};
}

enum pd_status ledger_edge_parse(uint64_t size, pd_str bytes, struct ledger_edge *out,
                                 struct pd_error *err) {
    if (size > LEDGER_SIZE_MAX)
        return pd_fail(err, PD_LIMIT, "a log has at most 2^62 leaves, not %" PRIu64, size);
    size_t expected = edge_count(size) * CRYPTO_HASH_SIZE;
    if (bytes.len != expected)
        return pd_fail(err, PD_INVALID,
                       "the right edge of a tree of %" PRIu64 " leaves has %zu bytes, not %zu",
                       size, expected, bytes.len);
    memset(out, 0, sizeof(*out));
    out->size = size;
    if (expected > 0)
        memcpy(out->hashes, bytes.data, expected);
    return PD_OK;
}
