/*
 * ledger/: trees, proofs and tiles of two worked examples (eight entries, and 70,000), and the
 * mistakes that others made. Expected values were computed by a script that shares no code with
 * this project.
 */
#include "ledger_fixture.h"
#include "ledger_leaves.h"
#include "ledger_notes.h"

static void assert_hash(const crypto_hash *hash, const char *hex) {
    char text[65];
    pd_hex_encode(hash->bytes, 32, text);
    assert_string_equal(text, hex);
}

static pd_str bytes_of(const crypto_hash *hash) {
    return (pd_str){(const char *)hash->bytes, CRYPTO_HASH_SIZE};
}

/* ---- A log in memory: entries "<prefix><i>", their tiles, and a naive tree ---- */

struct file {
    char path[LEDGER_PATH_SIZE];
    size_t n;
    uint8_t *bytes;
};
struct log {
    const char *prefix;
    char entry[40];
    struct file *files;
    size_t count, capacity;
    uint64_t entries_read;
    struct ledger_tiles old; /* the tree before growing */
};

static pd_str log_entry(struct log *log, uint64_t index) {
    int n = snprintf(log->entry, sizeof(log->entry), "%s%" PRIu64, log->prefix, index);
    return (pd_str){log->entry, (size_t)n};
}

static enum pd_status read_entry(void *context, uint64_t index, pd_str *out, struct pd_error *err) {
    (void)err;
    struct log *log = context;
    log->entries_read++;
    *out = log_entry(log, index);
    return PD_OK;
}

static struct file *find_file(const struct log *log, const char *path) {
    for (size_t i = log->count; i-- > 0;)
        if (strcmp(log->files[i].path, path) == 0)
            return &log->files[i];
    return NULL;
}

static enum pd_status keep_file(void *context, const char *path, pd_str bytes,
                                struct pd_error *err) {
    (void)err;
    struct log *log = context;
    assert_null(find_file(log, path)); /* a tile never changes, so nothing is emitted twice */
    if (log->count == log->capacity) {
        log->capacity = log->capacity ? 2 * log->capacity : 64;
        log->files = realloc(log->files, log->capacity * sizeof(*log->files));
        assert_non_null(log->files);
    }
    struct file *file = &log->files[log->count++];
    snprintf(file->path, sizeof(file->path), "%s", path);
    file->n = bytes.len;
    file->bytes = malloc(bytes.len);
    assert_non_null(file->bytes);
    memcpy(file->bytes, bytes.data, bytes.len);
    return PD_OK;
}

static enum pd_status fetch_file(void *context, const char *path, void *out, size_t capacity,
                                 size_t *n, struct pd_error *err) {
    const struct file *file = find_file(context, path);
    if (!file)
        return pd_fail(err, PD_NOT_FOUND, "no %s", path);
    assert_true(file->n <= capacity);
    memcpy(out, file->bytes, file->n);
    *n = file->n;
    return PD_OK;
}

static void log_grow(struct log *log, uint64_t old_size, uint64_t new_size) {
    struct pd_error err = {0};
    log->old = (struct ledger_tiles){.size = old_size, .fetch = fetch_file, .context = log};
    struct ledger_growth growth = {log, read_entry, keep_file, ledger_tiles_reader(&log->old)};
    assert_ok(ledger_tiles_grow(&growth, old_size, new_size, &err), &err);
}

static void log_clear(struct log *log) {
    for (size_t i = 0; i < log->count; i++)
        free(log->files[i].bytes);
    free(log->files);
    *log = (struct log){.prefix = log->prefix};
}

/* MTH straight from its definition, for comparison. */
static crypto_hash naive_root(struct log *log, uint64_t start, uint64_t end) {
    crypto_hash hash;
    if (end - start == 1) {
        assert_int_equal(ledger_hash_leaf(log_entry(log, start), &hash, NULL), PD_OK);
        return hash;
    }
    uint64_t k = 1;
    while (2 * k < end - start)
        k *= 2;
    crypto_hash left = naive_root(log, start, start + k);
    crypto_hash right = naive_root(log, start + k, end);
    return ledger_hash_node(&left, &right);
}

static enum pd_status read_naive(void *context, unsigned level, uint64_t index, crypto_hash *out,
                                 struct pd_error *err) {
    (void)err;
    *out = naive_root(context, index << level, (index + 1) << level);
    return PD_OK;
}

/* ---- The tree ---- */

static const struct {
    const char *leaf, *root;
} demo_tree[] = {
    {"d547459be45f5e2e7c219cfa760e990b7922a9e990387bae7ffdb852689fe2dc",
     "d547459be45f5e2e7c219cfa760e990b7922a9e990387bae7ffdb852689fe2dc"},
    {"3f361878e3c6bb6cb47fc0cafda276b164af6e91ed2a89723ff915fa0edfd6de",
     "e123a285d582b4576986ca64a0d9c850b4d9e42ac86225313967bc14e92fdd2b"},
    {"49b0ea960db6ae2e688599b228dda8dec527f78179d479a7b0aa4da6c61bbd91",
     "dfe49f1e1f9231e84c0132e66c2a2259d719e02f4f3385bfdf1b8dc5e1446a31"},
    {"c6c826c088fb29ec15d38a85576551b1e9f4e97248c586b9f03743bb0d4cfb2d",
     "edef3830875cd2e6332e761a18633beafac1e9a30a97302bd62d338e20003475"},
    {"36e01338251eac1dfea79db154260b98b9569d37aa4819db700e459a6d02d7a4",
     "38406df745a5d89c0c3709cf67a29de56fd27d0c009541e0bf9f52131d486e1a"},
    {"d3cae5b4d7101c6dd1cabe4fb17c733467a65378b6bf0081701b90ec4916d90d",
     "6e0d573ec3500f52fd3bf5265166073a5a67f72187e584f9cebc4f22fc31895e"},
    {"565ce3770087d2dc408e570ffdedabd8c9f7c8f6464e33ce1c90208ab80d45c8",
     "9540147459247e7842ddb9a597015aad76491a8c72060127259473d3a2a1c171"},
    {"93aa533a009156084e739b437a6894334510e6b544c98a48a9b1cf7ef9cb5fd6",
     "180eb542b73ed334362b06dd651dad456133861862536375ac81e4d423c71080"},
};

static void appending_gives_the_leaf_hashes_and_roots_of_the_demo_log(void **unused) {
    (void)unused;
    struct log log = {.prefix = "polder entry "};
    struct ledger_edge edge = {0};
    for (uint64_t i = 0; i < COUNT(demo_tree); i++) {
        crypto_hash leaf;
        assert_int_equal(ledger_hash_leaf(log_entry(&log, i), &leaf, NULL), PD_OK);
        assert_hash(&leaf, demo_tree[i].leaf);
        assert_int_equal(ledger_edge_append(&edge, &leaf, NULL), PD_OK);
        crypto_hash root = ledger_edge_root(&edge);
        assert_hash(&root, demo_tree[i].root);
    }
}

static void appending_gives_the_roots_of_the_larger_tree(void **unused) {
    (void)unused;
    static const struct {
        uint64_t size;
        const char *root;
    } roots[] = {
        {1, "1bb97dcc21635d47e2663efdfd0a174686d98dd701352dd2cd06e8b43fd3d305"},
        {2, "fc5f6b88ff8554f75bb2f9e6f39c31b1936d44b69276edf7b1205a955b9761e3"},
        {255, "d71592a219d4067663eede247f9b54c3f9e0290682d55de09b495b07f1de41c9"},
        {256, "cf5effdb11d0927a2edf53b0e73c7837f659414e00537da5d90eb5c4c49ff274"},
        {257, "855b936aa00cb98b5114484249ad39d78a6be93623e26c01e8e487dc02184a5a"},
        {511, "ca6b4f3db2b4e8d03a833ca7381f1a667728338c6d1641f0e6d0b2da4ec4a934"},
        {512, "d9579873166aa59bc8d37da864923bf63dacf0fff19ea2caba63b20cab82cd30"},
        {513, "4ba70f09ee79d5b5bb445f3500eae18b2713986edd43650b5cec2decc763b43f"},
        {65535, "b592480df20f0dd456e39db9cdb0a1fa85f3617ec2d30cffc52760c38776f393"},
        {65536, "e100ba54d69a91012fc13b7890feac78d6996a097268b6f735d17311c7402a60"},
        {65537, "689b22742cab2adeb36ba622ff2736336464858f5de4a2c02f33bf163e7dca5f"},
        {70000, "da0532ff7b2ee56f4067110fc964e9f27b5959f9527bfff3fa501aa7584deaf3"},
    };
    struct log log = {.prefix = "leaf "};
    struct ledger_edge edge = {0};
    for (size_t i = 0; i < COUNT(roots); i++) {
        while (edge.size < roots[i].size) {
            crypto_hash leaf;
            assert_int_equal(ledger_hash_leaf(log_entry(&log, edge.size), &leaf, NULL), PD_OK);
            assert_int_equal(ledger_edge_append(&edge, &leaf, NULL), PD_OK);
        }
        crypto_hash root = ledger_edge_root(&edge);
        assert_hash(&root, roots[i].root);
    }
}

static void the_empty_tree_is_the_hash_of_nothing_and_no_empty_entry(void **unused) {
    (void)unused;
    struct ledger_edge edge = {0};
    crypto_hash root = ledger_edge_root(&edge);
    assert_hash(&root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    crypto_hash leaf;
    assert_int_equal(ledger_hash_leaf((pd_str){0}, &leaf, NULL), PD_OK);
    assert_hash(&leaf, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

static void an_entry_that_no_bundle_can_hold_is_refused(void **unused) {
    (void)unused;
    struct pd_error err = {0};
    char *entry = calloc(1, LEDGER_ENTRY_MAX + 1);
    crypto_hash leaf;
    assert_non_null(entry);
    assert_ok(ledger_hash_leaf((pd_str){entry, LEDGER_ENTRY_MAX}, &leaf, &err), &err);
    assert_fails(ledger_hash_leaf((pd_str){entry, LEDGER_ENTRY_MAX + 1}, &leaf, &err), PD_LIMIT,
                 &err, "65536 bytes");
    free(entry);
}

static void an_edge_survives_storing_and_refuses_another_length(void **unused) {
    (void)unused;
    struct log log = {.prefix = "polder entry "};
    struct ledger_edge edge = {0}, again;
    struct pd_error err = {0};
    for (uint64_t i = 0; i < 7; i++) {
        crypto_hash leaf = naive_root(&log, i, i + 1);
        assert_ok(ledger_edge_append(&edge, &leaf, &err), &err);
    }
    pd_str stored = ledger_edge_view(&edge);
    assert_int_equal(stored.len, 3 * 32);
    assert_ok(ledger_edge_parse(7, stored, &again, &err), &err);
    crypto_hash root = ledger_edge_root(&again);
    assert_hash(&root, demo_tree[6].root);
    assert_fails(ledger_edge_parse(8, stored, &again, &err), PD_INVALID, &err,
                 "has 32 bytes, not 96");
    assert_fails(ledger_edge_parse(UINT64_MAX, stored, &again, &err), PD_LIMIT, &err, "2^62");
    edge.size = LEDGER_SIZE_MAX;
    assert_fails(ledger_edge_append(&edge, &root, &err), PD_LIMIT, &err, "full");
}

/* ---- Proofs ---- */

static void assert_proof(const struct ledger_proof *proof, const char *const *base64) {
    for (size_t i = 0; i < proof->count; i++) {
        char text[45];
        pd_base64_encode(proof->hashes[i].bytes, 32, text);
        assert_non_null(base64[i]);
        assert_string_equal(text, base64[i]);
    }
    assert_null(base64[proof->count]);
}

static void proofs_of_the_demo_log_have_the_hashes_of_the_wire(void **unused) {
    (void)unused;
    static const struct {
        bool is_inclusion;
        uint64_t from, size;
        const char *hashes[4];
    } cases[] = {
        {true,
         0,
         3,
         {"PzYYeOPGu2y0f8DK/aJ2sWSvbpHtKolyP/kV+g7f1t4=",
          "SbDqlg22ri5ohZmyKN2o3sUn94F51HmnsKpNpsYbvZE="}},
        {true, 2, 3, {"4SOihdWCtFdphspkoNnIULTZ5CrIYiUxOWe8FOkv3Ss="}},
        {true,
         6,
         7,
         {"P+jzD3UBh94dw9hiDn7HoxV0gX+LiQDWX38aZTwPQX0=",
          "7e84MIdc0uYzLnYaGGM76vrB6aMKlzAr1i0zjiAANHU="}},
        {false,
         2,
         7,
         {"QSdetZoeP6ICz5PlY6K1gna0tYD9YIfFtyk5INkcWeM=",
          "IJQKREC0D5TbOiZ+q6/LyLziAiLPKO6Y/dVlzrg1H9I="}},
        {false, 4, 8, {"Rzbx05YGbwitxy4+gZc4HXshDLEejdIB7Um5mhMd8Aw="}},
        {false,
         6,
         7,
         {"P+jzD3UBh94dw9hiDn7HoxV0gX+LiQDWX38aZTwPQX0=",
          "VlzjdwCH0txAjlcP/e2r2Mn3yPZGTjPOHJAgirgNRcg=",
          "7e84MIdc0uYzLnYaGGM76vrB6aMKlzAr1i0zjiAANHU="}},
    };
    struct log log = {.prefix = "polder entry "};
    struct ledger_reader reader = {read_naive, &log};
    struct pd_error err = {0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ledger_proof proof;
        assert_ok(
            cases[i].is_inclusion
                ? ledger_prove_inclusion(&reader, cases[i].from, cases[i].size, &proof, &err)
                : ledger_prove_consistency(&reader, cases[i].from, cases[i].size, &proof, &err),
            &err);
        assert_proof(&proof, cases[i].hashes);
    }
}

enum { SMALL = 20 };

static void every_inclusion_proof_verifies_and_no_changed_one_does(void **unused) {
    (void)unused;
    struct log log = {.prefix = "e"};
    struct ledger_reader reader = {read_naive, &log};
    for (uint64_t size = 1; size <= SMALL; size++) {
        crypto_hash root = naive_root(&log, 0, size);
        for (uint64_t index = 0; index < size; index++) {
            crypto_hash leaf = naive_root(&log, index, index + 1);
            struct ledger_proof p = {0};
            assert_int_equal(ledger_prove_inclusion(&reader, index, size, &p, NULL), PD_OK);
            assert_int_equal(
                ledger_verify_inclusion(index, size, &leaf, p.hashes, p.count, &root, NULL), PD_OK);
            for (size_t i = 0; i < p.count; i++) {
                p.hashes[i].bytes[31] ^= 1;
                assert_int_equal(
                    ledger_verify_inclusion(index, size, &leaf, p.hashes, p.count, &root, NULL),
                    PD_INTERNAL);
                p.hashes[i].bytes[31] ^= 1;
            }
            /* One hash more, one less, the neighbour's index: none may pass. */
            assert_int_equal(
                ledger_verify_inclusion(index, size, &leaf, p.hashes, p.count + 1, &root, NULL),
                PD_INVALID);
            if (p.count > 0)
                assert_int_equal(
                    ledger_verify_inclusion(index, size, &leaf, p.hashes, p.count - 1, &root, NULL),
                    PD_INVALID);
            assert_int_not_equal(
                ledger_verify_inclusion(index ^ 1, size, &leaf, p.hashes, p.count, &root, NULL),
                PD_OK);
            assert_int_equal(
                ledger_verify_inclusion(index + size, size, &leaf, p.hashes, p.count, &root, NULL),
                PD_INVALID);
        }
    }
}

static enum pd_status verify_from(uint64_t old_size, uint64_t size, const crypto_hash *old_root,
                                  const crypto_hash *root, const struct ledger_proof *proof) {
    return ledger_verify_consistency(old_size, size, bytes_of(old_root), bytes_of(root),
                                     proof->hashes, proof->count, NULL);
}

static void every_consistency_proof_verifies_and_no_changed_one_does(void **unused) {
    (void)unused;
    struct log log = {.prefix = "e"};
    struct ledger_reader reader = {read_naive, &log};
    for (uint64_t size = 1; size <= SMALL; size++) {
        crypto_hash root = naive_root(&log, 0, size);
        for (uint64_t old_size = 1; old_size <= size; old_size++) {
            crypto_hash old_root = naive_root(&log, 0, old_size);
            crypto_hash other = old_root;
            struct ledger_proof p = {0};
            assert_int_equal(ledger_prove_consistency(&reader, old_size, size, &p, NULL), PD_OK);
            assert_int_equal(verify_from(old_size, size, &old_root, &root, &p), PD_OK);
            for (size_t i = 0; i < p.count; i++) {
                p.hashes[i].bytes[0] ^= 0x80;
                assert_int_equal(verify_from(old_size, size, &old_root, &root, &p), PD_INTERNAL);
                p.hashes[i].bytes[0] ^= 0x80;
            }
            other.bytes[0] ^= 1;
            assert_int_equal(verify_from(old_size, size, &other, &root, &p), PD_INTERNAL);
            assert_int_equal(verify_from(old_size, size, &old_root, &other, &p), PD_INTERNAL);
            p.count++;
            assert_int_equal(verify_from(old_size, size, &old_root, &root, &p), PD_INVALID);
            p.count -= p.count > 1 ? 2 : 1;
            if (old_size != size)
                assert_int_equal(verify_from(old_size, size, &old_root, &root, &p), PD_INVALID);
        }
    }
}

static void proofs_are_refused_outside_the_tree(void **unused) {
    (void)unused;
    struct log log = {.prefix = "e"};
    struct ledger_reader reader = {read_naive, &log};
    struct ledger_proof proof;
    struct pd_error err = {0};
    crypto_hash root = naive_root(&log, 0, 3);
    assert_fails(ledger_prove_inclusion(&reader, 3, 3, &proof, &err), PD_INVALID, &err,
                 "no leaf 3");
    assert_fails(ledger_prove_inclusion(&reader, 0, UINT64_MAX, &proof, &err), PD_LIMIT, &err,
                 "2^62");
    assert_fails(ledger_prove_consistency(&reader, 0, 3, &proof, &err), PD_INVALID, &err,
                 "at least 1");
    assert_fails(ledger_prove_consistency(&reader, 4, 3, &proof, &err), PD_INVALID, &err,
                 "from 4 to 3");
    assert_fails(ledger_verify_consistency(0, 3, bytes_of(&root), bytes_of(&root), NULL, 0, &err),
                 PD_INVALID, &err, "at least 1");
    assert_fails(ledger_verify_inclusion(0, 0, &root, NULL, 0, &root, &err), PD_INVALID, &err,
                 "no leaf");
}

/* ---- Tiles ---- */

static void tile_paths_have_groups_of_three_digits(void **unused) {
    (void)unused;
    static const struct {
        int level;
        uint64_t index;
        unsigned width;
        const char *path;
    } cases[] = {
        {0, 0, 256, "tile/0/000"},
        {0, 999, 256, "tile/0/999"},
        {1, 1000, 256, "tile/1/x001/000"},
        {0, 67891, 7, "tile/0/x067/891.p/7"},
        {LEDGER_ENTRIES, 1234067, 255, "tile/entries/x001/x234/067.p/255"},
        {63, 1000000000, 1, "tile/63/x001/x000/x000/000.p/1"},
        {LEDGER_ENTRIES, UINT64_MAX, 255, "tile/entries/x018/x446/x744/x073/x709/x551/615.p/255"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char path[LEDGER_PATH_SIZE];
        ledger_tile_path(cases[i].level, cases[i].index, cases[i].width, path);
        assert_string_equal(path, cases[i].path);
    }
}

static const struct {
    const char *path;
    size_t n;
    const char *hash;
} large_files[] = {
    {"tile/0/000", 8192, "3658d44ebeb979b996b87ac966392dffbe9a628e34cb70bbff0ba844e74c31c6"},
    {"tile/0/001", 8192, "6fce4d781a3dfcbb97ff6e41aca4808e1cb2831653aa0a711867d628b38a706d"},
    {"tile/0/272", 8192, "6e6ad197e3dcdc3de3cb289181074c47a38b03a920bb52e1eeebb620d4f45e76"},
    {"tile/0/273.p/112", 3584, "a8e4ee4e4f31c2fac9bb546b9b57c22f6c92e15c11adee487d09ebc926ab3ad7"},
    {"tile/1/000", 8192, "7b8fc3b25031a7c9b1a317c9453f6f293b414e958d0e80a765be6f00930c3984"},
    {"tile/1/001.p/17", 544, "f1b11556adcce30fcd3fca6ef542ccf6a4319ab92143fb7c8f6c8f1d2e08209e"},
    {"tile/2/000.p/1", 32, "d84406334bc5243eb04ecd6b99e64380d67aaa2b2880a838a123e1b539927708"},
    {"tile/entries/000", 2450, "a14c635e736c61c708522df30dabd9606ebc7bc14b9de94ead044c9530e2fac5"},
    {"tile/entries/272", 3072, "a497de9ebdf8ceda815fcf55d46c30a334e78c11cc9aa1d21389c99618309d54"},
    {"tile/entries/273.p/112", 1344,
     "c215abb6d6970b8c5b6f800aaa1de5eaae049fe9c81341ceba8c00b1078a649f"},
};

static void assert_large_proofs(struct log *log) {
    static const struct {
        bool is_inclusion;
        uint64_t from;
        size_t count;
        const char *hash;
    } proofs[] = {
        {true, 12345, 17, "83d2706968cf54d0c512b32bf96dafcfd3fbead0088a76b5b06efaf1940e3f39"},
        {true, 69999, 9, NULL},
        {false, 300, 16, "9a5796486b9c98895a5b894a7f705058819b89e94a66441b4cf2278db4cfbe62"},
        {false, 65536, 1, "a4e3f44ca2b0b5c13a5c418a4d24e0acb72fa6f776d7f9e5c0291eab05c6cc98"},
        {false, 65537, 15, "d7411b23266e76602e2272915734cc66a73376e72d4d2e84d60fbee2d1d8fea5"},
    };
    struct ledger_tiles tiles = {.size = 70000, .fetch = fetch_file, .context = log};
    struct ledger_reader reader = ledger_tiles_reader(&tiles);
    struct pd_error err = {0};
    for (size_t i = 0; i < COUNT(proofs); i++) {
        struct ledger_proof p;
        assert_ok(proofs[i].is_inclusion
                      ? ledger_prove_inclusion(&reader, proofs[i].from, 70000, &p, &err)
                      : ledger_prove_consistency(&reader, proofs[i].from, 70000, &p, &err),
                  &err);
        assert_int_equal(p.count, proofs[i].count);
        crypto_hash joined = crypto_sha256(p.hashes, p.count * CRYPTO_HASH_SIZE);
        if (proofs[i].hash)
            assert_hash(&joined, proofs[i].hash);
        else
            assert_hash(&p.hashes[p.count - 1],
                        "e100ba54d69a91012fc13b7890feac78d6996a097268b6f735d17311c7402a60");
    }
}

static void growing_writes_the_files_of_the_larger_tree_and_they_give_its_proofs(void **unused) {
    (void)unused;
    struct log log = {.prefix = "leaf "};
    log_grow(&log, 0, 70000);
    /* 273 full and one partial bundle and tile; two tiles at level 1, one at level 2. */
    assert_int_equal(log.count, 274 + 274 + 2 + 1);
    for (size_t i = 0; i < COUNT(large_files); i++) {
        const struct file *file = find_file(&log, large_files[i].path);
        assert_non_null(file);
        assert_int_equal(file->n, large_files[i].n);
        crypto_hash hash = crypto_sha256(file->bytes, file->n);
        assert_hash(&hash, large_files[i].hash);
    }
    assert_large_proofs(&log);
    log_clear(&log);
}

static void growing_in_steps_writes_the_same_files_as_at_once(void **unused) {
    (void)unused;
    static const uint64_t steps[] = {0, 1, 3, 255, 256, 257, 511, 513, 1030, 65600, 66048, 66100};
    struct log stepped = {.prefix = "e"}, whole = {.prefix = "e"};
    for (size_t i = 1; i < COUNT(steps); i++)
        log_grow(&stepped, steps[i - 1], steps[i]);
    uint64_t before = stepped.entries_read;
    log_grow(&stepped, 66100, 66101);
    assert_int_equal(stepped.entries_read - before, 66101 % 256); /* one bundle, not the log */
    log_grow(&whole, 0, 66101);
    for (size_t i = 0; i < whole.count; i++) {
        const struct file *file = find_file(&stepped, whole.files[i].path);
        assert_non_null(file);
        assert_int_equal(file->n, whole.files[i].n);
        assert_memory_equal(file->bytes, whole.files[i].bytes, file->n);
    }
    log_clear(&stepped);
    log_clear(&whole);
}

static void files_come_in_an_order_in_which_each_vouches_for_earlier_ones(void **unused) {
    (void)unused;
    static const char *const order[] = {
        "tile/entries/000",     "tile/0/000",     "tile/entries/001", "tile/0/001",
        "tile/entries/002.p/1", "tile/0/002.p/1", "tile/1/000.p/2"};
    struct log log = {.prefix = "e"};
    log_grow(&log, 0, 513);
    assert_int_equal(log.count, COUNT(order));
    for (size_t i = 0; i < COUNT(order); i++)
        assert_string_equal(log.files[i].path, order[i]);
    log_grow(&log, 513, 513);
    assert_int_equal(log.count, COUNT(order));
    log_clear(&log);
}

static enum pd_status fail_entry(void *context, uint64_t index, pd_str *out, struct pd_error *err) {
    (void)context, (void)index, (void)out;
    return pd_fail(err, PD_IO, "disk gone");
}

static void growing_refuses_to_shrink_and_passes_on_what_failed(void **unused) {
    (void)unused;
    struct log log = {.prefix = "e"};
    struct pd_error err = {0};
    struct ledger_growth growth = {.context = &log, .entry = fail_entry, .emit = keep_file};
    assert_fails(ledger_tiles_grow(&growth, 2, 1, &err), PD_INVALID, &err, "from 2 to 1");
    assert_fails(ledger_tiles_grow(&growth, 0, 1, &err), PD_IO, &err, "entry 0: disk gone");
    assert_fails(ledger_tiles_grow(&growth, 0, UINT64_MAX, &err), PD_LIMIT, &err, "2^62");
    assert_int_equal(log.count, 0);
}

static void a_partial_tile_that_is_gone_is_read_from_the_full_one(void **unused) {
    (void)unused;
    struct log log = {.prefix = "e"};
    struct pd_error err = {0};
    log_grow(&log, 0, 256);
    struct ledger_tiles tiles = {.size = 100, .fetch = fetch_file, .context = &log};
    crypto_hash hash, expected = naive_root(&log, 64, 96);
    assert_ok(ledger_tiles_hash(&tiles, 5, 2, &hash, &err), &err);
    assert_memory_equal(hash.bytes, expected.bytes, 32);
    assert_fails(ledger_tiles_hash(&tiles, 5, 3, &hash, &err), PD_INVALID, &err,
                 "no complete subtree 3");
    assert_fails(ledger_tiles_hash(&tiles, 64, 0, &hash, &err), PD_INVALID, &err, "level 64");
    tiles = (struct ledger_tiles){.size = 300, .fetch = fetch_file, .context = &log};
    assert_fails(ledger_tiles_hash(&tiles, 0, 299, &hash, &err), PD_NOT_FOUND, &err, "tile/0/001");
    find_file(&log, "tile/0/000")->n -= 32;
    assert_fails(ledger_tiles_hash(&tiles, 0, 0, &hash, &err), PD_INVALID, &err,
                 "8160 bytes, not 8192");
    log_clear(&log);
}

static void bundles_split_into_exactly_their_entries(void **unused) {
    (void)unused;
    static const char demo[] = "\0\x0epolder entry 0\0\x0epolder entry 1\0\x0epolder entry 2";
    struct log log = {.prefix = "polder entry "};
    pd_str entries[LEDGER_TILE_HASHES];
    struct pd_error err = {0};
    log_grow(&log, 0, 3);
    const struct file *file = find_file(&log, "tile/entries/000.p/3");
    assert_non_null(file);
    assert_int_equal(file->n, sizeof(demo) - 1);
    assert_memory_equal(file->bytes, demo, file->n);
    assert_ok(ledger_bundle_parse((pd_str){demo, sizeof(demo) - 1}, 3, entries, &err), &err);
    assert_true(pd_str_is(entries[2], "polder entry 2"));
    log_clear(&log);

    static const struct {
        size_t n, count;
        const char *words;
    } bad[] = {
        {48, 2, "16 bytes follow"},
        {48, 4, "ends at byte 48, before entry 4"},
        {47, 3, "entry 3 of the bundle"},
        {33, 3, "before entry 3"},
        {0, 1, "ends at byte 0"},
        {48, 0, "1 to 256 entries, not 0"},
        {48, 257, "not 257"},
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_fails(ledger_bundle_parse((pd_str){demo, bad[i].n}, bad[i].count, entries, &err),
                     PD_INVALID, &err, bad[i].words);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appending_gives_the_leaf_hashes_and_roots_of_the_demo_log),
        cmocka_unit_test(appending_gives_the_roots_of_the_larger_tree),
        cmocka_unit_test(the_empty_tree_is_the_hash_of_nothing_and_no_empty_entry),
        cmocka_unit_test(an_entry_that_no_bundle_can_hold_is_refused),
        cmocka_unit_test(an_edge_survives_storing_and_refuses_another_length),
        cmocka_unit_test(proofs_of_the_demo_log_have_the_hashes_of_the_wire),
        cmocka_unit_test(every_inclusion_proof_verifies_and_no_changed_one_does),
        cmocka_unit_test(every_consistency_proof_verifies_and_no_changed_one_does),
        cmocka_unit_test(proofs_are_refused_outside_the_tree),
        cmocka_unit_test(tile_paths_have_groups_of_three_digits),
        cmocka_unit_test(growing_writes_the_files_of_the_larger_tree_and_they_give_its_proofs),
        cmocka_unit_test(growing_in_steps_writes_the_same_files_as_at_once),
        cmocka_unit_test(files_come_in_an_order_in_which_each_vouches_for_earlier_ones),
        cmocka_unit_test(growing_refuses_to_shrink_and_passes_on_what_failed),
        cmocka_unit_test(a_partial_tile_that_is_gone_is_read_from_the_full_one),
        cmocka_unit_test(bundles_split_into_exactly_their_entries),
        cmocka_unit_test(keys_are_written_and_read_as_in_the_example),
        cmocka_unit_test(keys_of_another_form_are_refused),
        cmocka_unit_test(errors_about_private_keys_never_repeat_them),
        cmocka_unit_test(signing_checkpoints_gives_the_notes_of_the_example),
        cmocka_unit_test(lines_of_unknown_keys_are_kept_but_vouch_for_nothing),
        cmocka_unit_test(equal_lines_count_once),
        cmocka_unit_test(a_bad_line_of_a_known_key_spoils_the_note),
        cmocka_unit_test(two_keys_of_one_name_and_id_are_ambiguous),
        cmocka_unit_test(the_text_ends_at_the_last_empty_line),
        cmocka_unit_test(notes_of_another_form_are_refused),
        cmocka_unit_test(notes_have_limits_that_errors_name),
        cmocka_unit_test(some_texts_are_never_signed),
        cmocka_unit_test(checkpoints_of_another_form_are_refused),
        cmocka_unit_test(extension_lines_of_others_are_preserved),
        cmocka_unit_test(a_checkpoint_counts_only_for_its_own_log_and_key),
        cmocka_unit_test(the_proof_file_of_the_example_verifies_and_is_written_again_as_it_was),
        cmocka_unit_test(a_proof_file_proves_nothing_else),
        cmocka_unit_test(proof_files_of_another_form_are_refused),
        cmocka_unit_test(a_leaf_is_written_as_canonical_json),
        cmocka_unit_test(a_leaf_is_read_and_written_again_byte_for_byte),
        cmocka_unit_test(every_member_of_a_full_leaf_is_read),
        cmocka_unit_test(leaves_of_another_form_are_refused),
        cmocka_unit_test(a_leaf_that_no_bundle_can_hold_is_refused),
        cmocka_unit_test(a_full_arena_is_a_limit_and_no_crash),
        cmocka_unit_test(what_breaks_the_schema_is_not_written),
        cmocka_unit_test(every_verb_has_its_log),
        cmocka_unit_test(a_leaf_about_an_undisclosed_dataset_never_fits_the_public_log),
        cmocka_unit_test(a_leaf_is_of_the_lowest_version_that_can_say_it),
        cmocka_unit_test(a_new_verifier_key_goes_with_the_acts_that_make_one),
        cmocka_unit_test(every_code_has_a_name_of_its_own),
        cmocka_unit_test(a_commitment_binds_salt_act_field_and_value),
    };
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
