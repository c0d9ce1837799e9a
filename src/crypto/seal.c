/* AES-256-GCM (NIST SP 800-38D): ciphertext, then the tag. */
#include "crypto/crypto_impl.h"
#include <openssl/evp.h>
#include <threads.h>

/* EVP counts in int, so longer input goes in pieces; whole blocks keep GCM's counter simple. */
enum { PIECE = 1 << 30 };

static bool update(EVP_CIPHER_CTX *context, const uint8_t *in, size_t n, uint8_t *out) {
    while (n > 0) {
        int take = n < PIECE ? (int)n : PIECE;
        int written = 0;
        if (EVP_CipherUpdate(context, out, &written, in, take) != 1)
            return false;
        in += take;
        out = out ? out + take : NULL; /* associated data has no output */
        n -= (size_t)take;
    }
    return true;
}

/* EVP_aes_256_gcm() is looked up again, under a lock, each time it is used: a third of what sealing
   a small record costs. This one is looked up once, and nothing changes it afterwards. */
static EVP_CIPHER *cipher;
static once_flag cipher_once = ONCE_FLAG_INIT;
static void fetch_cipher(void) {
    cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    crypto_must(cipher != NULL);
}

static EVP_CIPHER_CTX *begin(const uint8_t *key, const uint8_t *nonce, pd_str associated,
                             bool sealing) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    crypto_must(context != NULL);
    /* The default nonce of GCM in EVP is the 12 bytes that we want. */
    call_once(&cipher_once, fetch_cipher);
    crypto_must(EVP_CipherInit_ex2(context, cipher, key, nonce, sealing, NULL) == 1);
    crypto_must(update(context, (const uint8_t *)associated.data, associated.len, NULL));
    return context;
}

void crypto_seal(const uint8_t key[CRYPTO_KEY_SIZE], const uint8_t nonce[CRYPTO_NONCE_SIZE],
                 pd_str associated, const void *plain, size_t n, void *out) {
    EVP_CIPHER_CTX *context = begin(key, nonce, associated, true);
    uint8_t *end = (uint8_t *)out + n;
    int written = 0;
    crypto_must(update(context, plain, n, out));
    crypto_must(EVP_CipherFinal_ex(context, end, &written) == 1);
    crypto_must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, CRYPTO_TAG_SIZE, end) == 1);
    EVP_CIPHER_CTX_free(context);
}

enum pd_status crypto_open(const uint8_t key[CRYPTO_KEY_SIZE],
                           const uint8_t nonce[CRYPTO_NONCE_SIZE], pd_str associated,
                           const void *sealed, size_t n, void *out, struct pd_error *err) {
    if (n < CRYPTO_TAG_SIZE)
        return pd_fail(err, PD_INTERNAL,
                       "sealed data of %zu bytes is shorter than its %d byte tag; it was cut off",
                       n, CRYPTO_TAG_SIZE);
    size_t length = n - CRYPTO_TAG_SIZE;
    uint8_t tag[CRYPTO_TAG_SIZE]; /* EVP takes it by a pointer that isn't const */
    for (size_t i = 0; i < CRYPTO_TAG_SIZE; i++)
        tag[i] = ((const uint8_t *)sealed)[length + i];
    EVP_CIPHER_CTX *context = begin(key, nonce, associated, false);
    uint8_t rest[CRYPTO_TAG_SIZE];
    int written = 0;
    bool opened = update(context, sealed, length, out) &&
                  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, CRYPTO_TAG_SIZE, tag) == 1 &&
                  EVP_CipherFinal_ex(context, rest, &written) == 1;
    EVP_CIPHER_CTX_free(context);
    if (opened)
        return PD_OK;
    crypto_wipe(out, length);
    return pd_fail(
        err, PD_INTERNAL,
        "sealed data does not open: it was changed, or the key belongs to another record");
}
