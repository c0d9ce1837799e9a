/* Cosignatures: C2SP tlog-cosignature v1.0, Ed25519 (type 0x04). */
#include "ledger/ledger_impl.h"
#include <assert.h>
#include <inttypes.h>
#include <string.h>

const pd_str LEDGER_COSIGNATURE_HEAD = PD_STR_INIT("cosignature/v1\ntime ");

enum {
    TIME_SIZE = 8,
    FIELD_SIZE = LEDGER_KEY_ID_SIZE + TIME_SIZE + CRYPTO_SIGNATURE_SIZE,
    FIELD_BASE64 = 104
};
static_assert((int)FIELD_BASE64 == (int)LEDGER_FIELD_BASE64_MAX, "the longest signature line");

/* What is signed doesn't name the signer: one key serves one name (ledger.h). */
static void write_message(uint64_t time, pd_str text, struct pd_buf *out) {
    pd_buf_str(out, LEDGER_COSIGNATURE_HEAD);
    pd_buf_printf(out, "%" PRIu64 "\n", time);
    pd_buf_str(out, text);
}

bool ledger_cosignature_verify(pd_str base64, pd_str text, const struct ledger_vkey *key,
                               uint64_t *time) {
    uint8_t field[3 * (FIELD_BASE64 / 4)];
    size_t n;
    uint64_t at = 0;
    if (base64.len != FIELD_BASE64 || !pd_base64_decode(base64, field, &n) || n != FIELD_SIZE)
        return false;
    for (size_t i = 0; i < TIME_SIZE; i++)
        at = at << 8 | field[LEDGER_KEY_ID_SIZE + i];
    struct pd_buf message;
    pd_buf_init(&message, LEDGER_NOTE_MAX + 64);
    write_message(at, text, &message);
    bool holds = !message.failed && at <= INT64_MAX &&
                 crypto_ed25519_verify(key->public_key, message.data, message.len,
                                       field + LEDGER_KEY_ID_SIZE + TIME_SIZE);
    pd_buf_clear(&message);
    if (holds)
        *time = at;
    return holds;
}

enum pd_status ledger_cosign(pd_str text, const struct ledger_skey *key, uint64_t time,
                             struct pd_buf *out, struct pd_error *err) {
    struct ledger_checkpoint checkpoint;
    if (key->type != LEDGER_KEY_COSIGNER)
        return pd_fail(err, PD_DENIED, "\"%.*s\" is no witness's key: it cosigns nothing",
                       pd_arg(key->name));
    if (time > INT64_MAX)
        return pd_fail(err, PD_LIMIT, "a cosignature's time is at most 2^63 - 1 seconds");
    enum pd_status st = ledger_checkpoint_parse(text, &checkpoint, err);
    if (st != PD_OK)
        return st;
    struct pd_buf message;
    pd_buf_init(&message, LEDGER_NOTE_MAX + 64);
    write_message(time, text, &message);
    st = pd_buf_check(&message, err);
    uint8_t field[FIELD_SIZE];
    memcpy(field, key->id, LEDGER_KEY_ID_SIZE);
    for (size_t i = 0; i < TIME_SIZE; i++)
        field[LEDGER_KEY_ID_SIZE + i] = (uint8_t)(time >> (8 * (TIME_SIZE - 1 - i)));
    if (st == PD_OK) {
        crypto_ed25519_sign(key->seed, message.data, message.len,
                            field + LEDGER_KEY_ID_SIZE + TIME_SIZE);
        ledger_write_signature(key->name, field, sizeof(field), out);
        st = pd_buf_check(out, err);
    }
    pd_buf_clear(&message);
    return st;
}

enum pd_status ledger_cosignatures_parse(pd_str lines, pd_str text, const struct ledger_vkey *key,
                                         pd_str *line, uint64_t *time, struct pd_error *err) {
    struct pd_buf whole;
    pd_buf_init(&whole, LEDGER_NOTE_MAX);
    pd_buf_str(&whole, text);
    pd_buf_char(&whole, '\n');
    size_t head = whole.len;
    pd_buf_str(&whole, lines);
    struct ledger_note note;
    enum pd_status st = pd_buf_check(&whole, err);
    if (st == PD_OK)
        st = ledger_note_parse(pd_buf_view(&whole), &note, err);
    if (st == PD_OK)
        st = ledger_note_verify(&note, key, 1, err);
    for (size_t i = 0; st == PD_OK && i < note.count; i++) {
        const struct ledger_signature *s = &note.signatures[i];
        if (!s->is_verified)
            continue;
        /* The same line in the caller's text, with its LF. */
        *line = pd_str_sub(lines, (size_t)(s->line.data - whole.data) - head, s->line.len + 1);
        *time = s->time;
        break;
    }
    pd_buf_clear(&whole);
    return st;
}
