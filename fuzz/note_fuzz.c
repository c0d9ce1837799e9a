/* Signed notes, checkpoints and keys: what is read must be written again as it was. */
#include "ledger/ledger.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void must_be(struct pd_buf *buf, pd_str text) {
    must(pd_str_eq(pd_buf_view(buf), text));
    pd_buf_clear(buf);
}

static void fuzz_keys(pd_str text) {
    struct ledger_vkey public;
    struct ledger_skey secret;
    struct pd_error err;
    struct pd_buf buf = {0};
    if (ledger_vkey_parse(text, &public, &err) == PD_OK) {
        ledger_vkey_write(&public, &buf);
        must_be(&buf, text);
    }
    if (ledger_skey_parse(text, &secret, &err) == PD_OK) {
        ledger_skey_write(&secret, &buf);
        must_be(&buf, text);
    }
    if (ledger_cosigner_vkey_parse(text, &public, &err) == PD_OK) {
        must(ledger_vkey_parse(text, &public, &err) != PD_OK); /* no text is both */
        ledger_vkey_write(&public, &buf);
        must_be(&buf, text);
    }
}

static void fuzz_checkpoint(pd_str text) {
    struct ledger_checkpoint checkpoint;
    struct pd_error err;
    struct pd_buf buf = {0};
    if (ledger_checkpoint_parse(text, &checkpoint, &err) != PD_OK)
        return;
    must(ledger_checkpoint_write(&checkpoint, &buf, &err) == PD_OK);
    must_be(&buf, text);
}

/* What we sign, we read; and nobody else's line spoils it. */
static void fuzz_sign(pd_str text, const struct ledger_skey *key) {
    struct ledger_vkey public = ledger_skey_public(key);
    struct ledger_note note;
    struct pd_error err;
    struct pd_buf buf = {0};
    if (ledger_note_sign(text, key, 1, &buf, &err) == PD_OK) {
        must(ledger_note_parse(pd_buf_view(&buf), &note, &err) == PD_OK);
        must(pd_str_eq(note.text, text));
        must(ledger_note_verify(&note, &public, 1, &err) == PD_OK);
    }
    pd_buf_clear(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t seed[CRYPTO_SEED_SIZE];
    pd_str text = {(const char *)data, size};
    struct ledger_skey key;
    struct ledger_note note;
    struct pd_error err;
    must(ledger_skey_make(PD_STR("fuzz.example"), seed, &key, NULL) == PD_OK);
    struct ledger_vkey public = ledger_skey_public(&key);
    fuzz_keys(text);
    fuzz_checkpoint(text);
    fuzz_sign(text, &key);
    if (ledger_note_parse(text, &note, &err) != PD_OK)
        return 0;
    must(note.count >= 1 && note.count <= LEDGER_SIGNATURES_MAX && note.text.len < size);
    enum pd_status st = ledger_note_verify(&note, &public, 1, &err);
    must(st == PD_OK || st == PD_NOT_FOUND || st == PD_INTERNAL);
    fuzz_checkpoint(note.text);
    return 0;
}
