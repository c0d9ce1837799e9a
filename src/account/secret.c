/* Secrets: made of randomness, written as text, kept as hashes. */
#include "account/account_impl.h"

static const char URL_ALPHABET[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/* Crockford's: no I, L, O, U. */
static const char CODE_ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

pd_str secret_encode(const void *bytes, size_t n, struct pd_arena *arena) {
    const uint8_t *in = bytes;
    size_t len = n / 3 * 4 + (n % 3 ? n % 3 + 1 : 0), at = 0;
    char *out = pd_arena_alloc(arena, len + 1);
    if (!out)
        return (pd_str){0};
    for (size_t i = 0; i < n; i += 3) {
        size_t have = n - i < 3 ? n - i : 3;
        uint32_t v = (uint32_t)in[i] << 16 | (have > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                     (have > 2 ? in[i + 2] : 0);
        for (size_t j = 0; j <= have; j++)
            out[at++] = URL_ALPHABET[v >> (18 - 6 * j) & 63];
    }
    return (pd_str){out, len};
}

static int url_digit(char c) {
    const char *at = c ? strchr(URL_ALPHABET, c) : NULL;
    return at ? (int)(at - URL_ALPHABET) : -1;
}

bool secret_decode(pd_str text, void *out, size_t room, size_t *n) {
    uint8_t *to = out;
    size_t len = text.len / 4 * 3 + (text.len % 4 ? text.len % 4 - 1 : 0), at = 0;
    if (text.len % 4 == 1 || len > room)
        return false;
    for (size_t i = 0; i < text.len; i += 4) {
        size_t have = text.len - i < 4 ? text.len - i : 4;
        uint32_t v = 0;
        for (size_t j = 0; j < 4; j++) {
            int digit = j < have ? url_digit(text.data[i + j]) : 0;
            if (digit < 0)
                return false;
            v = v << 6 | (uint32_t)digit;
        }
        for (size_t j = 0; j + 1 < have; j++)
            to[at++] = (uint8_t)(v >> (16 - 8 * j));
        if (have < 4 && (v & (0xffffffu >> (8 * (have - 1)))) != 0)
            return false; /* bits that say nothing must be zero: one text for each value */
    }
    *n = at;
    return true;
}

pd_str secret_make(const char *prefix, struct pd_arena *arena) {
    uint8_t bytes[SECRET_BYTES];
    crypto_random(bytes, sizeof(bytes));
    pd_str text = secret_encode(bytes, sizeof(bytes), arena);
    crypto_wipe(bytes, sizeof(bytes));
    return text.data ? pd_arena_printf(arena, "%s%.*s", prefix, pd_arg(text)) : text;
}

bool secret_is(pd_str text, const char *prefix) {
    uint8_t bytes[SECRET_BYTES];
    size_t n = strlen(prefix), len = 0;
    if (text.len != n + SECRET_TEXT_LEN || !pd_str_starts(text, pd_str_from(prefix)))
        return false;
    bool is = secret_decode(pd_str_sub(text, n, SECRET_TEXT_LEN), bytes, sizeof(bytes), &len);
    crypto_wipe(bytes, sizeof(bytes));
    return is && len == SECRET_BYTES;
}

void secret_hash(pd_str text, char out[SECRET_HASH_SIZE]) {
    crypto_hash hash = crypto_sha256(text.data, text.len);
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), out);
}

crypto_hash secret_derive(pd_str secret, const char *use) {
    return crypto_hmac(secret.data, secret.len, use, strlen(use));
}

pd_str secret_code_make(struct pd_arena *arena) {
    uint8_t random[CODE_LETTERS];
    char out[CODE_LETTERS + CODE_LETTERS / 5];
    size_t at = 0;
    crypto_random(random, sizeof(random));
    for (size_t i = 0; i < CODE_LETTERS; i++) {
        if (i > 0 && i % 5 == 0)
            out[at++] = '-';
        out[at++] = CODE_ALPHABET[random[i] & 31];
    }
    pd_str code = pd_arena_str(arena, (pd_str){out, at});
    crypto_wipe(random, sizeof(random));
    crypto_wipe(out, sizeof(out));
    return code;
}

bool secret_code_hash(pd_str typed, char out[SECRET_HASH_SIZE]) {
    char code[CODE_LETTERS];
    size_t n = 0;
    for (size_t i = 0; i < typed.len && typed.len <= 64; i++) {
        char c = typed.data[i];
        if (c == '-' || c == ' ')
            continue;
        c = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        c = (char)(c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c);
        if (c == '\0' || !strchr(CODE_ALPHABET, c) || n == CODE_LETTERS)
            return false;
        code[n++] = c;
    }
    if (n != CODE_LETTERS)
        return false;
    secret_hash((pd_str){code, n}, out);
    crypto_wipe(code, sizeof(code));
    return true;
}
