/* What a log asks of a witness, and what a witness decides: C2SP tlog-witness, add-checkpoint. */
#include "ledger/ledger_impl.h"
#include <inttypes.h>

static const pd_str OLD = PD_STR_INIT("old ");

enum pd_status ledger_request_write(const struct ledger_request *request, struct pd_buf *out,
                                    struct pd_error *err) {
    if (request->proof.count > LEDGER_PROOF_MAX || request->old_size > LEDGER_SIZE_MAX)
        return pd_fail(err, PD_LIMIT, "a request has at most %d hashes and an old size up to 2^62",
                       LEDGER_PROOF_MAX);
    pd_buf_str(out, OLD);
    pd_buf_printf(out, "%" PRIu64 "\n", request->old_size);
    for (size_t i = 0; i < request->proof.count; i++)
        ledger_write_hash(&request->proof.hashes[i], out);
    pd_buf_char(out, '\n');
    pd_buf_str(out, request->note);
    return pd_buf_check(out, err);
}

static enum pd_status parse_hashes(pd_str *rest, struct ledger_proof *proof, struct pd_error *err) {
    pd_str line;
    for (;;) {
        if (!ledger_take_line(rest, &line))
            return pd_fail(err, PD_INVALID, "no empty line follows the hashes of the request");
        if (line.len == 0)
            return PD_OK;
        if (proof->count == LEDGER_PROOF_MAX)
            return pd_fail(err, PD_LIMIT, "the request has more than %d hashes", LEDGER_PROOF_MAX);
        if (!ledger_parse_hash(line, &proof->hashes[proof->count]))
            return pd_fail(err, PD_INVALID,
                           "hash %zu of the request is not the padded base64 of 32 bytes",
                           proof->count + 1);
        proof->count++;
    }
}

enum pd_status ledger_request_parse(pd_str bytes, struct ledger_request *out,
                                    struct pd_error *err) {
    if (bytes.len > LEDGER_REQUEST_MAX)
        return pd_fail(err, PD_LIMIT, "the request has %zu bytes; %d are the limit", bytes.len,
                       LEDGER_REQUEST_MAX);
    struct ledger_request request = {0};
    pd_str line = {0}, rest = bytes;
    if (!ledger_take_line(&rest, &line) || !pd_str_starts(line, OLD))
        return pd_fail(err, PD_INVALID, "a request's first line is \"old SIZE\"");
    enum pd_status st = ledger_parse_count(pd_str_sub(line, OLD.len, line.len), "the old size",
                                           &request.old_size, err);
    if (st == PD_OK)
        st = parse_hashes(&rest, &request.proof, err);
    struct ledger_note note;
    request.note = rest;
    if (st == PD_OK)
        st = ledger_note_parse(rest, &note, err);
    if (st == PD_OK)
        st = ledger_checkpoint_parse(note.text, &request.checkpoint, err);
    if (st != PD_OK)
        return st;
    request.text = note.text;
    *out = request;
    return PD_OK;
}

/* ---- The witness's decision ---- */

static const struct ledger_answer ANSWERS[LEDGER_VERDICT_COUNT] = {
    [LEDGER_COSIGN] = {200, "cosigned"},
    [LEDGER_MALFORMED] = {400, "malformed"},
    [LEDGER_UNKNOWN_LOG] = {404, "unknown-log"},
    [LEDGER_UNTRUSTED] = {403, "untrusted"},
    [LEDGER_OLD_IS_LARGER] = {400, "old-is-larger"},
    [LEDGER_STALE] = {409, "stale"},
    [LEDGER_UNPROVEN] = {422, "unproven"},
    [LEDGER_FORK] = {422, "fork"},
};

const struct ledger_answer *ledger_answer_get(enum ledger_verdict verdict) {
    return &ANSWERS[(unsigned)verdict < LEDGER_VERDICT_COUNT ? verdict : LEDGER_MALFORMED];
}

/* The signature comes first: of an unsigned request nothing may be learnt, not even the size. */
static enum pd_status check_signature(const struct ledger_request *request,
                                      const struct ledger_watched *watched, struct pd_error *err) {
    struct ledger_note note;
    enum pd_status st = ledger_note_parse(request->note, &note, err);
    return st == PD_OK ? ledger_note_verify(&note, watched->keys, watched->key_count, err) : st;
}

static bool is_equal(const crypto_hash *a, const crypto_hash *b) {
    return crypto_equal(a->bytes, b->bytes, CRYPTO_HASH_SIZE);
}

static pd_str view(const crypto_hash *hash) {
    return (pd_str){(const char *)hash->bytes, CRYPTO_HASH_SIZE};
}

static enum ledger_verdict check_growth(const struct ledger_request *request,
                                        const struct ledger_watched *watched,
                                        struct pd_error *err) {
    const struct ledger_checkpoint *c = &request->checkpoint;
    crypto_hash empty = crypto_sha256(NULL, 0);
    enum pd_status st = PD_OK;
    if (c->size == 0 && !is_equal(&c->root, &empty))
        st = pd_fail(err, PD_INTERNAL, "the root of an empty log is the hash of nothing");
    else if (watched->size == 0 && request->proof.count > 0)
        st = pd_fail(err, PD_INTERNAL, "nothing is proved from size 0: the proof must be empty");
    else if (watched->size > 0)
        st = ledger_verify_consistency(watched->size, c->size, view(&watched->root), view(&c->root),
                                       request->proof.hashes, request->proof.count, err);
    return st == PD_OK ? LEDGER_COSIGN : LEDGER_UNPROVEN;
}

bool ledger_request_is_fork(const struct ledger_request *request,
                            const struct ledger_watched *watched) {
    return watched->size > 0 && request->checkpoint.size == watched->size &&
           !is_equal(&request->checkpoint.root, &watched->root);
}

enum ledger_verdict ledger_witness_judge(const struct ledger_request *request,
                                         const struct ledger_watched *watched,
                                         struct pd_error *err) {
    const struct ledger_checkpoint *c = &request->checkpoint;
    if (check_signature(request, watched, err) != PD_OK)
        return LEDGER_UNTRUSTED;
    if (request->old_size > c->size) {
        (void)pd_fail(err, PD_INVALID,
                      "the old size %" PRIu64 " is above the checkpoint's, %" PRIu64,
                      request->old_size, c->size);
        return LEDGER_OLD_IS_LARGER;
    }
    if (request->old_size != watched->size) {
        (void)pd_fail(err, PD_CONFLICT, "the size last cosigned is %" PRIu64 ", not %" PRIu64,
                      watched->size, request->old_size);
        return LEDGER_STALE;
    }
    if (ledger_request_is_fork(request, watched)) {
        (void)pd_fail(err, PD_INTERNAL,
                      "the log has signed two trees of %" PRIu64 " leaves with different roots",
                      c->size);
        return LEDGER_FORK;
    }
    return check_growth(request, watched, err);
}
