/* Offline proof files, and proofs of any length for any sizes. */
#include "ledger/ledger.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void fuzz_file(pd_str text) {
    static const uint8_t seed[CRYPTO_SEED_SIZE];
    struct ledger_skey key;
    struct ledger_offline offline;
    struct pd_error err;
    struct pd_buf buf = {0};
    if (ledger_offline_parse(text, &offline, &err) != PD_OK)
        return;
    /* An "index" of 2^62 reads as a number, but is no index. */
    if (ledger_offline_write(&offline, &buf, &err) == PD_OK)
        must(pd_str_eq(pd_buf_view(&buf), text));
    pd_buf_clear(&buf);
    must(ledger_skey_make(PD_STR("fuzz.example"), seed, &key, NULL) == PD_OK);
    struct ledger_vkey public = ledger_skey_public(&key);
    crypto_hash leaf = crypto_sha256("", 0);
    must(ledger_offline_verify(&offline, &leaf, PD_STR("fuzz.example"), &public, NULL, &err) !=
         PD_OK);
}

/* Sizes and hashes from the input; no proof may lead to a root that nobody computed from it. */
static void fuzz_verifiers(const uint8_t *data, size_t size) {
    uint64_t numbers[2];
    crypto_hash hashes[LEDGER_PROOF_MAX + 2];
    struct pd_error err;
    if (size < sizeof(numbers))
        return;
    memcpy(numbers, data, sizeof(numbers));
    size -= sizeof(numbers);
    size_t count = size / CRYPTO_HASH_SIZE;
    if (count > LEDGER_PROOF_MAX + 2)
        count = LEDGER_PROOF_MAX + 2;
    if (count > 0)
        memcpy(hashes, data + sizeof(numbers), count * CRYPTO_HASH_SIZE);
    crypto_hash leaf = crypto_sha256("leaf", 4), root = crypto_sha256("root", 4);
    pd_str old_root = {(const char *)leaf.bytes, CRYPTO_HASH_SIZE};
    pd_str new_root = {(const char *)root.bytes, CRYPTO_HASH_SIZE};
    must(ledger_verify_inclusion(numbers[0], numbers[1], &leaf, hashes, count, &root, &err) !=
         PD_OK);
    must(ledger_verify_consistency(numbers[0], numbers[1], old_root, new_root, hashes, count,
                                   &err) != PD_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_file((pd_str){(const char *)data, size});
    fuzz_verifiers(data, size);
    return 0;
}
