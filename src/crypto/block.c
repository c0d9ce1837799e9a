/* AES of single blocks (FIPS 197), for constructions that bring their own mode. */
#include "crypto/crypto_impl.h"
#include <assert.h>
#include <openssl/evp.h>

struct crypto_aes {
    EVP_CIPHER_CTX *context;
};

struct crypto_aes *crypto_aes_new(const uint8_t *key, size_t key_size) {
    assert(key_size == 16 || key_size == 24 || key_size == 32);
    const EVP_CIPHER *cipher = key_size == 16   ? EVP_aes_128_ecb()
                               : key_size == 24 ? EVP_aes_192_ecb()
                                                : EVP_aes_256_ecb();
    struct crypto_aes *aes = calloc(1, sizeof(*aes));
    crypto_must(aes != NULL);
    aes->context = EVP_CIPHER_CTX_new();
    crypto_must(aes->context != NULL);
    crypto_must(EVP_EncryptInit_ex(aes->context, cipher, NULL, key, NULL) == 1);
    crypto_must(EVP_CIPHER_CTX_set_padding(aes->context, 0) == 1);
    return aes;
}

void crypto_aes_block(struct crypto_aes *aes, const uint8_t in[CRYPTO_BLOCK_SIZE],
                      uint8_t out[CRYPTO_BLOCK_SIZE]) {
    int written = 0;
    crypto_must(EVP_EncryptUpdate(aes->context, out, &written, in, CRYPTO_BLOCK_SIZE) == 1);
}

void crypto_aes_free(struct crypto_aes *aes) {
    if (aes)
        EVP_CIPHER_CTX_free(aes->context); /* wipes the key */
    free(aes);
}
