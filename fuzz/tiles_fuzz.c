/* Entry bundles and tiles that somebody else wrote, and growing by entries of any length. */
#include "ledger/ledger.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void fuzz_bundle(const uint8_t *data, size_t size) {
    pd_str entries[LEDGER_TILE_HASHES];
    struct pd_error err;
    size_t count = (size_t)data[0] + 1, total = 0;
    pd_str bundle = {(const char *)data + 1, size - 1};
    if (ledger_bundle_parse(bundle, count, entries, &err) != PD_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        must(entries[i].data == bundle.data + total + 2);
        total += 2 + entries[i].len;
    }
    must(total == bundle.len);
}

struct input {
    const uint8_t *data;
    size_t size;
};

/* Gives what is there for every path, whatever was asked. */
static enum pd_status fetch(void *context, const char *path, void *out, size_t capacity, size_t *n,
                            struct pd_error *err) {
    const struct input *input = context;
    must(strlen(path) < LEDGER_PATH_SIZE && strncmp(path, "tile/", 5) == 0);
    if (input->size % 3 == 0 && strstr(path, ".p/"))
        return pd_fail(err, PD_NOT_FOUND, "gone");
    *n = input->size < capacity ? input->size : capacity;
    if (*n > 0)
        memcpy(out, input->data, *n);
    return PD_OK;
}

static void fuzz_tiles(const uint8_t *data, size_t size) {
    uint64_t numbers[3];
    crypto_hash hash;
    struct ledger_proof proof;
    struct pd_error err;
    if (size < sizeof(numbers))
        return;
    memcpy(numbers, data, sizeof(numbers));
    struct input input = {data + sizeof(numbers), size - sizeof(numbers)};
    struct ledger_tiles tiles = {.size = numbers[0], .fetch = fetch, .context = &input};
    struct ledger_reader reader = ledger_tiles_reader(&tiles);
    (void)!ledger_tiles_hash(&tiles, (unsigned)numbers[2] % 80, numbers[1], &hash, &err);
    (void)!ledger_prove_inclusion(&reader, numbers[1], numbers[0], &proof, &err);
    (void)!ledger_prove_consistency(&reader, numbers[1], numbers[0], &proof, &err);
}

static enum pd_status give_entry(void *context, uint64_t index, pd_str *out, struct pd_error *err) {
    const struct input *input = context;
    (void)err;
    size_t length = input->size > 0 ? input->data[index % input->size] : 0;
    *out = (pd_str){(const char *)input->data, length < input->size ? length : input->size};
    return PD_OK;
}

static enum pd_status check_file(void *context, const char *path, pd_str bytes,
                                 struct pd_error *err) {
    (void)context, (void)err;
    must(strlen(path) < LEDGER_PATH_SIZE && bytes.len > 0);
    return PD_OK;
}

static void fuzz_growth(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    struct pd_error err;
    struct ledger_growth growth = {.context = &input, .entry = give_entry, .emit = check_file};
    must(ledger_tiles_grow(&growth, data[0], (uint64_t)data[0] + data[size - 1], &err) == PD_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    fuzz_bundle(data, size);
    fuzz_tiles(data, size);
    fuzz_growth(data, size);
    return 0;
}
