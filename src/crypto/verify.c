/* Signatures by keys of others (RFC 7518): RSA with PKCS #1 v1.5 and ECDSA on P-256, both over
 * SHA-256. Only verified; Polder signs nothing so. */
#include "crypto/crypto_impl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

/* A public key from its numbers; NULL: they are none. `params` is used up. */
static EVP_PKEY *make_key(const char *type, OSSL_PARAM_BLD *build) {
    OSSL_PARAM *params = build ? OSSL_PARAM_BLD_to_param(build) : NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;
    if (params && ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return key;
}

static bool is_signed(EVP_PKEY *key, const void *message, size_t n, const void *signature,
                      size_t signature_len) {
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool is = ctx && key && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestVerify(ctx, signature, signature_len, message, n) == 1;
    EVP_MD_CTX_free(ctx);
    return is;
}

bool crypto_rsa_verify(const struct crypto_rsa *public_key, const void *message, size_t n,
                       const void *signature, size_t signature_len) {
    const struct crypto_rsa *k = public_key;
    if (k->modulus_len < CRYPTO_RSA_MIN / 8 || k->modulus_len > CRYPTO_RSA_MAX / 8 ||
        k->exponent_len == 0 || k->exponent_len > 8 || signature_len > k->modulus_len)
        return false;
    BIGNUM *modulus = BN_bin2bn(k->modulus, (int)k->modulus_len, NULL);
    BIGNUM *exponent = BN_bin2bn(k->exponent, (int)k->exponent_len, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    /* An even exponent, or 1, is no key; short moduli with zeros in front aren't long ones. */
    bool is_key = modulus && exponent && build && BN_num_bits(modulus) >= CRYPTO_RSA_MIN &&
                  BN_is_odd(exponent) && !BN_is_one(exponent) &&
                  OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
                  OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) == 1;
    EVP_PKEY *key = is_key ? make_key("RSA", build) : NULL;
    bool is = is_signed(key, message, n, signature, signature_len);
    EVP_PKEY_free(key);
    OSSL_PARAM_BLD_free(build);
    BN_free(exponent);
    BN_free(modulus);
    return is;
}

/* The signature as two numbers side by side, in the form that OpenSSL reads. */
static int p256_signature(const uint8_t signature[CRYPTO_P256_SIGNATURE_SIZE],
                          unsigned char **der) {
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, 32, NULL), *s = BN_bin2bn(signature + 32, 32, NULL);
    int len = -1;
    *der = NULL;
    if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL; /* the pair's now */
        len = i2d_ECDSA_SIG(pair, der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return len;
}

bool crypto_p256_verify(const uint8_t x[32], const uint8_t y[32], const void *message, size_t n,
                        const uint8_t signature[CRYPTO_P256_SIGNATURE_SIZE]) {
    uint8_t point[65] = {4};
    unsigned char *der;
    for (size_t i = 0; i < 32; i++) {
        point[1 + i] = x[i];
        point[33 + i] = y[i];
    }
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    bool is_made = build &&
                   OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) ==
                       1 &&
                   OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                    sizeof(point)) == 1;
    EVP_PKEY *key = is_made ? make_key("EC", build) : NULL; /* a point off the curve is no key */
    int len = p256_signature(signature, &der);
    bool is = len > 0 && is_signed(key, message, n, der, (size_t)len);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    OSSL_PARAM_BLD_free(build);
    return is;
}
