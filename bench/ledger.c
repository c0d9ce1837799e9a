/*
 * What the ledger costs in processor time: appending, proving, verifying. bench_ledger FILE also
 * writes proofs, one a line, for the peer (ledger.py): index size leaf root hash...
 */
#include "ledger/ledger.h"
#include "bench.h"

#include <inttypes.h>
#include <string.h>

enum { LEAVES = 10000000, LEVELS = 24, PROOFS = 20000 };

/* All complete subtrees by level. */
struct levels {
    crypto_hash *hash[LEVELS];
};

static enum pd_status get_hash(void *context, unsigned level, uint64_t index, crypto_hash *out,
                               struct pd_error *err) {
    (void)err;
    *out = ((struct levels *)context)->hash[level][index];
    return PD_OK;
}

static void print_hash(FILE *file, const crypto_hash *hash) {
    char hex[2 * CRYPTO_HASH_SIZE + 1];
    pd_hex_encode(hash->bytes, CRYPTO_HASH_SIZE, hex);
    fprintf(file, " %s", hex);
}

static struct levels build(crypto_hash *root) {
    struct levels levels;
    struct ledger_edge edge = {0};
    struct pd_error err;
    char leaf[900]; /* about as long as a real one */
    memset(leaf, 'x', sizeof(leaf));
    for (unsigned l = 0; l < LEVELS; l++)
        if (!(levels.hash[l] = malloc(((size_t)LEAVES >> l) * sizeof(crypto_hash))))
            exit(70);
    double start = bench_cpu_seconds();
    for (size_t i = 0; i < LEAVES; i++) {
        memcpy(leaf, &i, sizeof(i));
        bench_must(ledger_hash_leaf((pd_str){leaf, sizeof(leaf)}, &levels.hash[0][i], &err), &err);
        bench_must(ledger_edge_append(&edge, &levels.hash[0][i], &err), &err);
    }
    printf("append: %.0f leaves of %zu bytes/s\n", LEAVES / (bench_cpu_seconds() - start),
           sizeof(leaf));
    for (unsigned l = 1; l < LEVELS; l++)
        for (size_t i = 0; i < (size_t)LEAVES >> l; i++)
            levels.hash[l][i] =
                ledger_hash_node(&levels.hash[l - 1][2 * i], &levels.hash[l - 1][2 * i + 1]);
    *root = ledger_edge_root(&edge);
    return levels;
}

static void offline(const struct ledger_proof *proof, uint64_t index, const crypto_hash *leaf,
                    const crypto_hash *root) {
    struct pd_error err;
    uint8_t seed[CRYPTO_SEED_SIZE] = {1};
    struct ledger_skey key;
    struct pd_buf text, note, file;
    pd_buf_init(&text, 0);
    pd_buf_init(&note, 0);
    pd_buf_init(&file, 0);
    pd_str origin = PD_STR("bench.example/public");
    struct ledger_checkpoint checkpoint = {.origin = origin, .size = LEAVES, .root = *root};
    bench_must(ledger_skey_make(origin, seed, &key, &err), &err);
    bench_must(ledger_checkpoint_write(&checkpoint, &text, &err), &err);
    bench_must(ledger_note_sign(pd_buf_view(&text), &key, 1, &note, &err), &err);
    struct ledger_offline made = {.index = index,
                                  .proof = *proof,
                                  .checkpoint = pd_buf_view(&note)},
                          read;
    bench_must(ledger_offline_write(&made, &file, &err), &err);
    struct ledger_vkey vkey = ledger_skey_public(&key);
    size_t rounds = 0;
    double start = bench_cpu_seconds(), passed;
    for (; (passed = bench_cpu_seconds() - start) < 2; rounds++) {
        bench_must(ledger_offline_parse(pd_buf_view(&file), &read, &err), &err);
        bench_must(ledger_offline_verify(&read, leaf, origin, &vkey, NULL, &err), &err);
    }
    printf("verify offline, parsing and signature included: %.0f files/s\n",
           (double)rounds / passed);
    pd_buf_clear(&text);
    pd_buf_clear(&note);
    pd_buf_clear(&file);
}

int main(int argc, char **argv) {
    struct pd_error err;
    crypto_hash root;
    struct levels levels = build(&root);
    struct ledger_reader reader = {get_hash, &levels};
    struct ledger_proof *proofs = calloc(PROOFS, sizeof(*proofs));
    FILE *file = argc == 2 ? fopen(argv[1], "w") : NULL;
    if (!proofs || !file)
        return fprintf(stderr, "usage: bench_ledger FILE\n"), 64;
    double start = bench_cpu_seconds();
    for (uint64_t i = 0; i < PROOFS; i++)
        bench_must(ledger_prove_inclusion(&reader, i * 7919 % LEAVES, LEAVES, &proofs[i], &err),
                   &err);
    printf("prove inclusion among %d leaves, hashes in memory: %.0f/s\n", LEAVES,
           PROOFS / (bench_cpu_seconds() - start));
    size_t rounds = 0;
    double passed;
    start = bench_cpu_seconds();
    while ((passed = bench_cpu_seconds() - start) < 2)
        for (uint64_t i = 0; i < PROOFS; i += 100, rounds++) {
            uint64_t index = i * 7919 % LEAVES;
            bench_must(ledger_verify_inclusion(index, LEAVES, &levels.hash[0][index],
                                               proofs[i].hashes, proofs[i].count, &root, &err),
                       &err);
        }
    printf("verify inclusion (%zu hashes each): %.0f/s\n", proofs[0].count,
           (double)rounds / passed);
    offline(&proofs[1], 7919, &levels.hash[0][7919], &root);
    for (uint64_t i = 0; i < PROOFS; i++) {
        uint64_t index = i * 7919 % LEAVES;
        fprintf(file, "%" PRIu64 " %d", index, LEAVES);
        print_hash(file, &levels.hash[0][index]);
        print_hash(file, &root);
        for (size_t h = 0; h < proofs[i].count; h++)
            print_hash(file, &proofs[i].hashes[h]);
        fputc('\n', file);
    }
    for (unsigned l = 0; l < LEVELS; l++)
        free(levels.hash[l]);
    free(proofs);
    return fclose(file) == 0 ? 0 : 74;
}
