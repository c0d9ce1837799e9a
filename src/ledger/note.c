/* Signed notes: C2SP signed-note v1.0.0. */
#include "ledger/ledger_impl.h"
#include <string.h>

static const pd_str DASH = PD_STR_INIT("\xe2\x80\x94 "); /* em dash, space */

enum { ED25519_FIELD_SIZE = LEDGER_KEY_ID_SIZE + CRYPTO_SIGNATURE_SIZE, ED25519_FIELD_BASE64 = 92 };

/* The offset just after the last empty line, or PD_NPOS: the text may have empty lines of its own.
 */
static size_t find_signatures(pd_str bytes) {
    for (size_t i = bytes.len; i >= 2; i--)
        if (bytes.data[i - 1] == '\n' && bytes.data[i - 2] == '\n')
            return i;
    return PD_NPOS;
}

static enum pd_status parse_signature(pd_str line, size_t number, struct ledger_signature *out,
                                      struct pd_error *err) {
    pd_str rest = pd_str_sub(line, DASH.len, line.len);
    size_t space = pd_str_find_char(rest, ' ');
    if (!pd_str_starts(line, DASH) || space == PD_NPOS)
        return pd_fail(err, PD_INVALID,
                       "signature line %zu is not of the form \"\xe2\x80\x94 NAME BASE64\"",
                       number);
    *out = (struct ledger_signature){.line = line,
                                     .name = pd_str_sub(rest, 0, space),
                                     .base64 = pd_str_sub(rest, space + 1, rest.len)};
    enum pd_status st = ledger_check_name(out->name, err);
    if (st != PD_OK)
        return pd_wrap(err, "signature line %zu", number);
    if (out->base64.len > LEDGER_BASE64_MAX)
        return pd_fail(err, PD_LIMIT,
                       "signature line %zu has %zu base64 characters; %d are the limit", number,
                       out->base64.len, LEDGER_BASE64_MAX);
    uint8_t field[3 * (LEDGER_BASE64_MAX / 4)];
    size_t n;
    if (!pd_base64_decode(out->base64, field, &n) || n <= LEDGER_KEY_ID_SIZE)
        return pd_fail(
            err, PD_INVALID,
            "signature line %zu doesn't end in padded base64 of a key id and a signature", number);
    memcpy(out->id, field, LEDGER_KEY_ID_SIZE);
    return PD_OK;
}

static bool has_line(const struct ledger_note *note, pd_str line) {
    for (size_t i = 0; i < note->count; i++)
        if (pd_str_eq(note->signatures[i].line, line))
            return true;
    return false;
}

static enum pd_status parse_signatures(pd_str lines, struct ledger_note *note,
                                       struct pd_error *err) {
    pd_str line;
    for (size_t number = 1; ledger_take_line(&lines, &line); number++) {
        if (number > LEDGER_SIGNATURES_MAX)
            return pd_fail(err, PD_LIMIT, "the note has more than %d signature lines",
                           LEDGER_SIGNATURES_MAX);
        struct ledger_signature signature;
        enum pd_status st = parse_signature(line, number, &signature, err);
        if (st != PD_OK)
            return st;
        if (!has_line(note, line))
            note->signatures[note->count++] = signature;
    }
    return PD_OK;
}

enum pd_status ledger_note_parse(pd_str bytes, struct ledger_note *out, struct pd_error *err) {
    if (bytes.len > LEDGER_NOTE_MAX)
        return pd_fail(err, PD_LIMIT, "the note has %zu bytes; %d are the limit", bytes.len,
                       LEDGER_NOTE_MAX);
    enum pd_status st = ledger_check_lines(bytes, "the note", err);
    if (st != PD_OK)
        return st;
    size_t at = find_signatures(bytes);
    if (at == PD_NPOS || at == bytes.len)
        return pd_fail(
            err, PD_INVALID,
            "the note has no signatures: an empty line and lines that start with an em dash "
            "are to follow its text");
    if (bytes.data[bytes.len - 1] != '\n')
        return pd_fail(err, PD_INVALID, "the note's last line doesn't end in a line feed");
    struct ledger_note note = {.text = pd_str_sub(bytes, 0, at - 1)};
    st = parse_signatures(pd_str_sub(bytes, at, bytes.len), &note, err);
    if (st == PD_OK)
        *out = note;
    return st;
}

static bool is_key_of(const struct ledger_vkey *key, const struct ledger_signature *signature) {
    return pd_str_eq(key->name, signature->name) &&
           memcmp(key->id, signature->id, LEDGER_KEY_ID_SIZE) == 0;
}

/* Two different keys may share an id of four bytes; then a line can't be said to be of either. */
static enum pd_status find_key(const struct ledger_signature *signature,
                               const struct ledger_vkey *keys, size_t key_count,
                               const struct ledger_vkey **out, struct pd_error *err) {
    const struct ledger_vkey *found = NULL;
    for (size_t i = 0; i < key_count; i++) {
        if (!is_key_of(&keys[i], signature))
            continue;
        if (found && memcmp(found->public_key, keys[i].public_key, CRYPTO_PUBLIC_SIZE) != 0)
            return pd_fail(err, PD_INVALID,
                           "two of the given keys have the name and id of \"%.*s\"",
                           pd_arg(signature->name));
        found = &keys[i];
    }
    *out = found;
    return PD_OK;
}

static bool does_verify(struct ledger_signature *signature, pd_str text,
                        const struct ledger_vkey *key) {
    if (key->type == LEDGER_KEY_COSIGNER)
        return ledger_cosignature_verify(signature->base64, text, key, &signature->time);
    uint8_t field[3 * (ED25519_FIELD_BASE64 / 4)];
    size_t n;
    return signature->base64.len == ED25519_FIELD_BASE64 &&
           pd_base64_decode(signature->base64, field, &n) && n == ED25519_FIELD_SIZE &&
           crypto_ed25519_verify(key->public_key, text.data, text.len, field + LEDGER_KEY_ID_SIZE);
}

enum pd_status ledger_note_verify(struct ledger_note *note, const struct ledger_vkey *keys,
                                  size_t key_count, struct pd_error *err) {
    struct ledger_note checked = *note; /* outputs stay as they were on failure */
    bool any = false;
    for (size_t i = 0; i < note->count; i++) {
        const struct ledger_vkey *key = NULL;
        struct ledger_signature *signature = &checked.signatures[i];
        enum pd_status st = find_key(signature, keys, key_count, &key, err);
        if (st != PD_OK)
            return st;
        signature->is_verified = false;
        signature->time = 0;
        if (!key)
            continue;
        if (!does_verify(signature, note->text, key))
            return pd_fail(
                err, PD_INTERNAL,
                "the signature of \"%.*s\" doesn't verify: the note was changed after signing, "
                "or forged",
                pd_arg(key->name));
        signature->is_verified = any = true;
        signature->key = (size_t)(key - keys);
    }
    if (!any)
        return pd_fail(err, PD_NOT_FOUND, "none of the %zu given keys signed the note", key_count);
    *note = checked;
    return PD_OK;
}

void ledger_write_signature(pd_str name, const uint8_t *field, size_t n, struct pd_buf *out) {
    char base64[LEDGER_FIELD_BASE64_MAX + 1];
    pd_base64_encode(field, n, base64);
    pd_buf_str(out, DASH);
    pd_buf_str(out, name);
    pd_buf_printf(out, " %s\n", base64);
}

static enum pd_status check_signable(pd_str text, const struct ledger_skey *keys, size_t key_count,
                                     struct pd_error *err) {
    for (size_t i = 0; i < key_count; i++)
        if (keys[i].type != LEDGER_KEY_NOTE)
            return pd_fail(err, PD_DENIED, "the key of the witness \"%.*s\" signs no notes",
                           pd_arg(keys[i].name));
    if (key_count == 0 || key_count > LEDGER_SIGNATURES_MAX)
        return pd_fail(err, PD_INVALID, "a note takes 1 to %d keys, not %zu", LEDGER_SIGNATURES_MAX,
                       key_count);
    if (text.len == 0 || text.data[text.len - 1] != '\n')
        return pd_fail(err, PD_INVALID, "the text of a note ends in a line feed");
    if (pd_str_starts(text, LEDGER_COSIGNATURE_HEAD))
        return pd_fail(err, PD_DENIED,
                       "a note that reads as a cosignature's message is never signed as a note");
    return ledger_check_lines(text, "the note's text", err);
}

enum pd_status ledger_note_sign(pd_str text, const struct ledger_skey *keys, size_t key_count,
                                struct pd_buf *out, struct pd_error *err) {
    enum pd_status st = check_signable(text, keys, key_count, err);
    if (st != PD_OK)
        return st;
    size_t start = out->len;
    pd_buf_str(out, text);
    pd_buf_char(out, '\n');
    for (size_t i = 0; i < key_count; i++) {
        uint8_t field[ED25519_FIELD_SIZE];
        memcpy(field, keys[i].id, LEDGER_KEY_ID_SIZE);
        crypto_ed25519_sign(keys[i].seed, text.data, text.len, field + LEDGER_KEY_ID_SIZE);
        ledger_write_signature(keys[i].name, field, sizeof(field), out);
    }
    st = pd_buf_check(out, err);
    if (st == PD_OK && out->len - start > LEDGER_NOTE_MAX)
        return pd_fail(err, PD_LIMIT, "the note has %zu bytes; %d are the limit", out->len - start,
                       LEDGER_NOTE_MAX);
    return st;
}
