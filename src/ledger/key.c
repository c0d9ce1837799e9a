/* Keys of signed notes, and how they are written down (C2SP signed-note, "Verifier keys"). */
#include "ledger/ledger_impl.h"
#include <string.h>

enum {
    TYPED_KEY_SIZE = 33,  /* the type, then 32 bytes */
    TYPED_KEY_BASE64 = 44 /* characters */
};
static const pd_str PRIVATE_PREFIX = PD_STR_INIT("PRIVATE+KEY+");

/* H(name || LF || type || public key)[0..4), in pieces: names have at most 255 bytes. */
static void compute_id(enum ledger_key_type type, pd_str name, const uint8_t *public_key,
                       uint8_t id[LEDGER_KEY_ID_SIZE]) {
    uint8_t input[LEDGER_NAME_MAX + 2 + CRYPTO_PUBLIC_SIZE];
    memcpy(input, name.data, name.len);
    input[name.len] = '\n';
    input[name.len + 1] = (uint8_t)type;
    memcpy(input + name.len + 2, public_key, CRYPTO_PUBLIC_SIZE);
    crypto_hash hash = crypto_sha256(input, name.len + 2 + CRYPTO_PUBLIC_SIZE);
    memcpy(id, hash.bytes, LEDGER_KEY_ID_SIZE);
}

static enum pd_status make_public(enum ledger_key_type type, pd_str name,
                                  const uint8_t public_key[CRYPTO_PUBLIC_SIZE],
                                  struct ledger_vkey *out, struct pd_error *err) {
    enum pd_status st = ledger_check_name(name, err);
    if (st != PD_OK)
        return st;
    out->type = type;
    out->name = name;
    memcpy(out->public_key, public_key, CRYPTO_PUBLIC_SIZE);
    compute_id(type, name, public_key, out->id);
    return PD_OK;
}

static enum pd_status make_secret(enum ledger_key_type type, pd_str name,
                                  const uint8_t seed[CRYPTO_SEED_SIZE], struct ledger_skey *out,
                                  struct pd_error *err) {
    enum pd_status st = ledger_check_name(name, err);
    if (st != PD_OK)
        return st;
    uint8_t public_key[CRYPTO_PUBLIC_SIZE];
    crypto_ed25519_public(seed, public_key);
    out->type = type;
    out->name = name;
    memcpy(out->seed, seed, CRYPTO_SEED_SIZE);
    compute_id(type, name, public_key, out->id);
    return PD_OK;
}

enum pd_status ledger_vkey_make(pd_str name, const uint8_t public_key[CRYPTO_PUBLIC_SIZE],
                                struct ledger_vkey *out, struct pd_error *err) {
    return make_public(LEDGER_KEY_NOTE, name, public_key, out, err);
}

enum pd_status ledger_skey_make(pd_str name, const uint8_t seed[CRYPTO_SEED_SIZE],
                                struct ledger_skey *out, struct pd_error *err) {
    return make_secret(LEDGER_KEY_NOTE, name, seed, out, err);
}

enum pd_status ledger_cosigner_skey_make(pd_str name, const uint8_t seed[CRYPTO_SEED_SIZE],
                                         struct ledger_skey *out, struct pd_error *err) {
    return make_secret(LEDGER_KEY_COSIGNER, name, seed, out, err);
}

struct ledger_vkey ledger_skey_public(const struct ledger_skey *key) {
    struct ledger_vkey public = {.type = key->type, .name = key->name};
    memcpy(public.id, key->id, LEDGER_KEY_ID_SIZE);
    crypto_ed25519_public(key->seed, public.public_key);
    return public;
}

static void write_key(enum ledger_key_type type, pd_str name, const uint8_t id[LEDGER_KEY_ID_SIZE],
                      const uint8_t key[32], struct pd_buf *out) {
    char id_text[2 * LEDGER_KEY_ID_SIZE + 1];
    char key_text[TYPED_KEY_BASE64 + 1];
    uint8_t typed[TYPED_KEY_SIZE] = {(uint8_t)type};
    memcpy(typed + 1, key, 32);
    pd_hex_encode(id, LEDGER_KEY_ID_SIZE, id_text);
    pd_base64_encode(typed, sizeof(typed), key_text);
    pd_buf_str(out, name);
    pd_buf_printf(out, "+%s+%s", id_text, key_text);
    crypto_wipe(typed, sizeof(typed));
    crypto_wipe(key_text, sizeof(key_text));
}

void ledger_vkey_write(const struct ledger_vkey *key, struct pd_buf *out) {
    write_key(key->type, key->name, key->id, key->public_key, out);
}

void ledger_skey_write(const struct ledger_skey *key, struct pd_buf *out) {
    pd_buf_str(out, PRIVATE_PREFIX);
    write_key(key->type, key->name, key->id, key->seed, out);
}

static bool is_lower_hex(pd_str text) {
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("0123456789abcdef", text.data[i]) || text.data[i] == '\0')
            return false;
    return true;
}

/* What stands for what: the number in the text, and the words for whoever gave the other one. */
static const char *type_name(unsigned type) {
    return type == LEDGER_KEY_NOTE       ? "of a log (type 0x01, Ed25519)"
           : type == LEDGER_KEY_COSIGNER ? "of a witness (type 0x04, cosignature/v1)"
                                         : NULL;
}

static enum pd_status check_typed(enum ledger_key_type type, pd_str name, const uint8_t *typed,
                                  size_t n, struct pd_error *err) {
    if (typed[0] != (uint8_t)type && type_name(typed[0]))
        return pd_fail(err, PD_UNSUPPORTED, "the key of \"%.*s\" is one %s; one %s is wanted",
                       pd_arg(name), type_name(typed[0]), type_name(type));
    if (typed[0] != (uint8_t)type)
        return pd_fail(err, PD_UNSUPPORTED,
                       "the key of \"%.*s\" is of type 0x%02x; only those %s are read here",
                       pd_arg(name), typed[0], type_name(type));
    if (n != TYPED_KEY_SIZE)
        return pd_fail(err, PD_INVALID, "the key of \"%.*s\" has %zu bytes after its type, not 32",
                       pd_arg(name), n - 1);
    return PD_OK;
}

/* "name+id+base64" for both kinds of key; `key` gets the 32 bytes. No error repeats the text, which
   may hold a seed. */
static enum pd_status parse_key(enum ledger_key_type type, pd_str text, pd_str *name,
                                uint8_t id[LEDGER_KEY_ID_SIZE], uint8_t key[32],
                                struct pd_error *err) {
    size_t plus = pd_str_find_char(text, '+');
    pd_str rest = plus == PD_NPOS ? (pd_str){0} : pd_str_sub(text, plus + 1, text.len);
    pd_str id_text = pd_str_sub(rest, 0, 2 * LEDGER_KEY_ID_SIZE);
    if (rest.len <= id_text.len || rest.data[id_text.len] != '+' || !is_lower_hex(id_text) ||
        !pd_hex_decode(id_text, id, LEDGER_KEY_ID_SIZE))
        return pd_fail(err, PD_INVALID,
                       "a key is written NAME+ID+KEY, where ID is 8 lower-case hex digits");
    *name = pd_str_sub(text, 0, plus);
    enum pd_status st = ledger_check_name(*name, err);
    if (st != PD_OK)
        return st;
    pd_str base64 = pd_str_sub(rest, id_text.len + 1, rest.len);
    if (base64.len > LEDGER_BASE64_MAX)
        return pd_fail(err, PD_LIMIT, "a key has at most %d base64 characters, not %zu",
                       LEDGER_BASE64_MAX, base64.len);
    uint8_t typed[3 * (LEDGER_BASE64_MAX / 4)];
    size_t n;
    if (!pd_base64_decode(base64, typed, &n) || n == 0)
        st = pd_fail(err, PD_INVALID, "the key of \"%.*s\" is not padded base64", pd_arg(*name));
    else
        st = check_typed(type, *name, typed, n, err);
    if (st == PD_OK)
        memcpy(key, typed + 1, 32);
    crypto_wipe(typed, sizeof(typed));
    return st;
}

static enum pd_status check_id(pd_str name, const uint8_t *stated, const uint8_t *computed,
                               struct pd_error *err) {
    if (memcmp(stated, computed, LEDGER_KEY_ID_SIZE) == 0)
        return PD_OK;
    char text[2 * LEDGER_KEY_ID_SIZE + 1];
    pd_hex_encode(computed, LEDGER_KEY_ID_SIZE, text);
    return pd_fail(err, PD_INVALID,
                   "the id of the key of \"%.*s\" doesn't match its content, whose id is %s",
                   pd_arg(name), text);
}

static enum pd_status parse_public(enum ledger_key_type type, pd_str text, struct ledger_vkey *out,
                                   struct pd_error *err) {
    if (pd_str_starts(text, PRIVATE_PREFIX))
        return pd_fail(err, PD_INVALID, "this is a private key; the public one is wanted");
    pd_str name;
    uint8_t id[LEDGER_KEY_ID_SIZE], public_key[CRYPTO_PUBLIC_SIZE];
    struct ledger_vkey key;
    enum pd_status st = parse_key(type, text, &name, id, public_key, err);
    if (st == PD_OK)
        st = make_public(type, name, public_key, &key, err);
    if (st == PD_OK)
        st = check_id(name, id, key.id, err);
    if (st == PD_OK)
        *out = key;
    return st;
}

enum pd_status ledger_vkey_parse(pd_str text, struct ledger_vkey *out, struct pd_error *err) {
    return parse_public(LEDGER_KEY_NOTE, text, out, err);
}

enum pd_status ledger_cosigner_vkey_parse(pd_str text, struct ledger_vkey *out,
                                          struct pd_error *err) {
    return parse_public(LEDGER_KEY_COSIGNER, text, out, err);
}

static enum pd_status parse_secret(enum ledger_key_type type, pd_str text, struct ledger_skey *out,
                                   struct pd_error *err) {
    if (!pd_str_starts(text, PRIVATE_PREFIX))
        return pd_fail(err, PD_INVALID, "a private key starts with \"%.*s\"",
                       pd_arg(PRIVATE_PREFIX));
    pd_str name;
    uint8_t id[LEDGER_KEY_ID_SIZE], seed[CRYPTO_SEED_SIZE];
    struct ledger_skey key = {0};
    pd_str rest = pd_str_sub(text, PRIVATE_PREFIX.len, text.len);
    enum pd_status st = parse_key(type, rest, &name, id, seed, err);
    if (st == PD_OK)
        st = make_secret(type, name, seed, &key, err);
    if (st == PD_OK)
        st = check_id(name, id, key.id, err);
    if (st == PD_OK)
        *out = key;
    crypto_wipe(seed, sizeof(seed));
    crypto_wipe(&key, sizeof(key));
    return st;
}

enum pd_status ledger_skey_parse(pd_str text, struct ledger_skey *out, struct pd_error *err) {
    return parse_secret(LEDGER_KEY_NOTE, text, out, err);
}

enum pd_status ledger_cosigner_skey_parse(pd_str text, struct ledger_skey *out,
                                          struct pd_error *err) {
    return parse_secret(LEDGER_KEY_COSIGNER, text, out, err);
}
