/* Receipts of both forms: nothing that the key didn't sign is taken for one. */
#include "ledger/ledger.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

/* What was signed: three promises by a key that only this program has. */
static pd_str signed_lines[3], receipts[3];
static struct ledger_vkey verifier;

static void sign_once(void) {
    static const uint8_t seed[CRYPTO_SEED_SIZE] = {1};
    static struct pd_arena *arena;
    struct ledger_skey key;
    if (arena)
        return;
    arena = pd_arena_new(1 << 20);
    must(ledger_skey_make(PD_STR("fuzz.example/receipts"), seed, &key, NULL) == PD_OK);
    verifier = ledger_skey_public(&key);
    for (size_t i = 0; i < 3; i++)
        signed_lines[i] = pd_arena_printf(arena, "act %zu\n", i);
    must(ledger_promises_sign(signed_lines, 3, &key, arena, receipts, NULL) == PD_OK);
}

/* The input is a receipt, or what stands before the note of one that is signed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pd_error err = {0};
    pd_str lines, text = {(const char *)data, size};
    sign_once();
    struct ledger_promises_seen seen = {0};
    must(ledger_receipt_verify(receipts[1], &verifier, &seen, &lines, &err) == PD_OK);
    if (ledger_receipt_verify(text, &verifier, &seen, &lines, &err) != PD_OK)
        must(err.text[0] != '\0');
    pd_str note = pd_str_sub(receipts[0], pd_str_find(receipts[0], PD_STR("\n\n")), SIZE_MAX);
    struct pd_buf buf = {0};
    pd_buf_str(&buf, text);
    pd_buf_str(&buf, note);
    if (ledger_receipt_verify(pd_buf_view(&buf), &verifier, &seen, &lines, &err) == PD_OK) {
        bool is_signed = false;
        for (size_t i = 0; i < 3; i++)
            is_signed = is_signed || pd_str_eq(lines, signed_lines[i]);
        must(is_signed);
    }
    pd_buf_clear(&buf);
    return 0;
}
