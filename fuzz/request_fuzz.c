/* Requests to a witness: what is read is written again as it was, and whatever the request, a
 * witness cosigns nothing that doesn't extend what it knows. */
#include "ledger/ledger.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

/* Any key may be the log's: the fuzzer can't forge, so that this decides up to the signature. */
static void fuzz_judge(const struct ledger_request *request, const struct ledger_vkey *key) {
    struct pd_error err = {0};
    struct ledger_watched watched = {key, 1, request->old_size, request->checkpoint.root};
    enum ledger_verdict verdict = ledger_witness_judge(request, &watched, &err);
    must(verdict < LEDGER_VERDICT_COUNT && ledger_answer_get(verdict)->http >= 200);
    must((verdict == LEDGER_COSIGN) == (err.text[0] == '\0'));
    if (verdict == LEDGER_COSIGN)
        must(request->checkpoint.size >= watched.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t seed[CRYPTO_SEED_SIZE];
    pd_str bytes = {(const char *)data, size};
    struct ledger_request request;
    struct ledger_skey key, witness;
    struct pd_error err;
    struct pd_buf out = {0};
    if (ledger_request_parse(bytes, &request, &err) != PD_OK)
        return 0;
    must(ledger_request_write(&request, &out, &err) == PD_OK);
    must(pd_str_eq(pd_buf_view(&out), bytes));
    pd_buf_reset(&out);
    must(ledger_skey_make(PD_STR("fuzz.example"), seed, &key, NULL) == PD_OK);
    must(ledger_cosigner_skey_make(PD_STR("fuzz.example"), seed, &witness, NULL) == PD_OK);
    struct ledger_vkey public = ledger_skey_public(&key), cosigner = ledger_skey_public(&witness);
    fuzz_judge(&request, &public);
    /* What we cosign, a client accepts; and the request's own lines are no cosignature of ours. */
    pd_str line;
    uint64_t time;
    must(ledger_cosign(request.text, &witness, 7, &out, &err) == PD_OK);
    must(ledger_cosignatures_parse(pd_buf_view(&out), request.text, &cosigner, &line, &time,
                                   &err) == PD_OK);
    must(time == 7 && pd_str_eq(line, pd_buf_view(&out)));
    pd_buf_clear(&out);
    return 0;
}
