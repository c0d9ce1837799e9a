/* crypto/: the vectors of the standards, and what must be refused. */
#include "crypto/crypto.h"
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Decodes a hex literal into a buffer of `capacity`; returns the length. */
static size_t unhex(const char *hex, uint8_t *out, size_t capacity) {
    size_t n = strlen(hex) / 2;
    assert_true(n <= capacity);
    assert_true(pd_hex_decode(pd_str_from(hex), out, n));
    return n;
}

static void assert_hex(const void *bytes, size_t n, const char *hex) {
    char text[513];
    assert_true(2 * n < sizeof(text));
    pd_hex_encode(bytes, n, text);
    assert_string_equal(text, hex);
}

static crypto_hash sha256_streamed(const uint8_t *data, size_t n, size_t piece) {
    struct crypto_sha256_state *state = crypto_sha256_new();
    assert_non_null(state);
    for (size_t at = 0; at < n; at += piece)
        crypto_sha256_add(state, data + at, n - at < piece ? n - at : piece);
    crypto_hash hash = crypto_sha256_end(state);
    crypto_sha256_free(state);
    return hash;
}

static void sha256_gives_the_values_of_fips_180(void **unused) {
    (void)unused;
    static const struct {
        const char *text, *hash;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t n = strlen(cases[i].text);
        crypto_hash once = crypto_sha256(cases[i].text, n);
        assert_hex(once.bytes, 32, cases[i].hash);
        crypto_hash streamed = sha256_streamed((const uint8_t *)cases[i].text, n, 3);
        assert_hex(streamed.bytes, 32, cases[i].hash);
    }
    size_t million = 1000000;
    uint8_t *a = malloc(million);
    assert_non_null(a);
    memset(a, 'a', million);
    crypto_hash hash = crypto_sha256(a, million);
    assert_hex(hash.bytes, 32, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(a);
}

/* At every length around a block, and in pieces that end inside one. */
static void sha256_is_the_same_at_once_and_in_pieces(void **unused) {
    (void)unused;
    uint8_t data[300];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 7);
    for (size_t n = 0; n <= sizeof(data); n++) {
        crypto_hash once = crypto_sha256(data, n);
        crypto_hash streamed = sha256_streamed(data, n, 17);
        assert_memory_equal(once.bytes, streamed.bytes, 32);
    }
    crypto_sha256_free(NULL);
}

static void hmac_gives_the_values_of_rfc_4231(void **unused) {
    (void)unused;
    static const char LONG_KEY[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static const struct {
        const char *key, *data, *mac;
    } cases[] = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"4a656665", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {LONG_KEY, "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {LONG_KEY,
         "This is a test using a larger than block-size key and a larger than block-size data. The "
         "key "
         "needs to be hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t key[131];
        size_t n = unhex(cases[i].key, key, sizeof(key));
        crypto_hash mac = crypto_hmac(key, n, cases[i].data, strlen(cases[i].data));
        assert_hex(mac.bytes, 32, cases[i].mac);
        /* The same with the key made ready, in two parts, twice. */
        struct crypto_mac *ready = crypto_mac_new(key, n);
        assert_non_null(ready);
        pd_str all = pd_str_from(cases[i].data);
        pd_str parts[] = {pd_str_sub(all, 0, 3), pd_str_sub(all, 3, all.len), {0}};
        for (int again = 0; again < 2; again++) {
            mac = crypto_mac_of(ready, parts, COUNT(parts));
            assert_hex(mac.bytes, 32, cases[i].mac);
        }
        crypto_mac_free(ready);
    }
    crypto_mac_free(NULL);
}

static void hkdf_gives_the_values_of_rfc_5869(void **unused) {
    (void)unused;
    static const struct {
        const char *key, *salt, *info, *out;
    } cases[] = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
         "f0f1f2f3f4f5f6f7f8f9",
         "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
        {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2"
         "c2d"
         "2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
         "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8"
         "c8d"
         "8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
         "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbd"
         "cdd"
         "dedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
         "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65"
         "e59"
         "0e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t key[80], salt[80], info[80], out[82];
        size_t key_len = unhex(cases[i].key, key, sizeof(key));
        size_t salt_len = unhex(cases[i].salt, salt, sizeof(salt));
        size_t info_len = unhex(cases[i].info, info, sizeof(info));
        size_t n = strlen(cases[i].out) / 2;
        crypto_hkdf(key, key_len, (pd_str){(const char *)salt, salt_len},
                    (pd_str){(const char *)info, info_len}, out, n);
        assert_hex(out, n, cases[i].out);
    }
}

static const struct {
    const char *seed, *public_key, *message, *signature;
} ed25519_cases[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46b"
     "d25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "659"
     "4a7c15e9716ed28dc027beceea1ec40a"},
};

static void ed25519_gives_the_values_of_rfc_8032(void **unused) {
    (void)unused;
    for (size_t i = 0; i < COUNT(ed25519_cases); i++) {
        uint8_t seed[32], key[32], message[2], signature[64];
        unhex(ed25519_cases[i].seed, seed, sizeof(seed));
        size_t n = unhex(ed25519_cases[i].message, message, sizeof(message));
        crypto_ed25519_public(seed, key);
        assert_hex(key, 32, ed25519_cases[i].public_key);
        crypto_ed25519_sign(seed, message, n, signature);
        assert_hex(signature, 64, ed25519_cases[i].signature);
        assert_true(crypto_ed25519_verify(key, message, n, signature));
    }
}

static void ed25519_refuses_whatever_was_changed(void **unused) {
    (void)unused;
    uint8_t seed[32], key[32], signature[64];
    unhex(ed25519_cases[2].seed, seed, sizeof(seed));
    crypto_ed25519_public(seed, key);
    crypto_ed25519_sign(seed, "message", 7, signature);
    assert_false(crypto_ed25519_verify(key, "massage", 7, signature));
    for (size_t i = 0; i < sizeof(signature); i++) {
        signature[i] ^= 1;
        assert_false(crypto_ed25519_verify(key, "message", 7, signature));
        signature[i] ^= 1;
    }
    key[0] ^= 1;
    assert_false(crypto_ed25519_verify(key, "message", 7, signature));
}

/* S + L is the same number modulo L: a second signature of the same message, if it were accepted.
 */
static void ed25519_refuses_a_second_form_of_a_signature(void **unused) {
    (void)unused;
    static const uint8_t ORDER[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                      0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                      0,    0,    0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0x10};
    uint8_t seed[32] = {1}, key[32], signature[64];
    crypto_ed25519_public(seed, key);
    crypto_ed25519_sign(seed, "message", 7, signature);
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)signature[32 + i] + ORDER[i];
        signature[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_false(crypto_ed25519_verify(key, "message", 7, signature));
}

static void ed25519_refuses_keys_of_small_order(void **unused) {
    (void)unused;
    /* With the neutral element as key and as R, S = 0 "signs" everything. */
    uint8_t key[32] = {1}, signature[64] = {1};
    assert_false(crypto_ed25519_verify(key, "message", 7, signature));
}

static const struct {
    const char *key, *nonce, *associated, *plain, *sealed;
} gcm_cases[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b"
     "525"
     "b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828"
     "838"
     "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
};

static void seal_gives_the_values_of_the_gcm_specification_and_open_undoes_it(void **unused) {
    (void)unused;
    for (size_t i = 0; i < COUNT(gcm_cases); i++) {
        uint8_t key[32], nonce[12], associated[32], plain[64], sealed[96], opened[64];
        unhex(gcm_cases[i].key, key, sizeof(key));
        unhex(gcm_cases[i].nonce, nonce, sizeof(nonce));
        pd_str aad = {(const char *)associated,
                      unhex(gcm_cases[i].associated, associated, sizeof(associated))};
        size_t n = unhex(gcm_cases[i].plain, plain, sizeof(plain));
        crypto_seal(key, nonce, aad, plain, n, sealed);
        assert_hex(sealed, n + CRYPTO_TAG_SIZE, gcm_cases[i].sealed);
        assert_int_equal(crypto_open(key, nonce, aad, sealed, n + CRYPTO_TAG_SIZE, opened, NULL),
                         PD_OK);
        assert_memory_equal(opened, plain, n);
    }
}

static void seal_and_open_work_in_place(void **unused) {
    (void)unused;
    uint8_t key[32] = {7}, nonce[12] = {9}, buffer[100 + CRYPTO_TAG_SIZE], expected[100];
    memset(buffer, 'x', 100);
    memset(expected, 'x', 100);
    crypto_seal(key, nonce, (pd_str){0}, buffer, 100, buffer);
    assert_memory_not_equal(buffer, expected, 100);
    assert_int_equal(crypto_open(key, nonce, (pd_str){0}, buffer, sizeof(buffer), buffer, NULL),
                     PD_OK);
    assert_memory_equal(buffer, expected, 100);
}

static void open_refuses_and_wipes_what_was_changed(void **unused) {
    (void)unused;
    uint8_t key[32] = {7}, nonce[12] = {9}, sealed[20 + CRYPTO_TAG_SIZE], out[20];
    static const uint8_t zeros[20];
    struct pd_error err = {0};
    crypto_seal(key, nonce, PD_STR("row 1"), "twenty bytes of text", 20, sealed);
    for (size_t i = 0; i < sizeof(sealed); i++) {
        sealed[i] ^= 0x80;
        memset(out, 0xff, sizeof(out));
        assert_int_equal(
            crypto_open(key, nonce, PD_STR("row 1"), sealed, sizeof(sealed), out, &err),
            PD_INTERNAL);
        assert_memory_equal(out, zeros, sizeof(out));
        sealed[i] ^= 0x80;
    }
    assert_int_equal(crypto_open(key, nonce, PD_STR("row 2"), sealed, sizeof(sealed), out, &err),
                     PD_INTERNAL);
    assert_int_equal(
        crypto_open(key, nonce, PD_STR("row 1"), sealed, sizeof(sealed) - 1, out, &err),
        PD_INTERNAL);
    assert_int_equal(
        crypto_open(key, nonce, PD_STR("row 1"), sealed, CRYPTO_TAG_SIZE - 1, out, &err),
        PD_INTERNAL);
    assert_non_null(strstr(err.text, "shorter than its 16 byte tag"));
}

static void random_bytes_differ_from_call_to_call(void **unused) {
    (void)unused;
    uint8_t a[32] = {0}, b[32] = {0};
    crypto_random(a, sizeof(a));
    crypto_random(b, sizeof(b));
    assert_false(crypto_equal(a, b, sizeof(a)));
    crypto_random(NULL, 0);
}

static void equal_looks_at_every_byte_and_wipe_leaves_none(void **unused) {
    (void)unused;
    uint8_t a[3] = {1, 2, 3}, b[3] = {1, 2, 4}, zeros[3] = {0};
    assert_true(crypto_equal(a, b, 2));
    assert_false(crypto_equal(a, b, 3));
    crypto_wipe(a, sizeof(a));
    assert_memory_equal(a, zeros, 3);
}

static void ids_sort_by_time_and_differ(void **unused) {
    (void)unused;
    pd_id first = crypto_id(1767225600 * PD_SECOND);
    pd_id twin = crypto_id(1767225600 * PD_SECOND);
    pd_id later = crypto_id(1767225601 * PD_SECOND);
    assert_false(pd_id_eq(first, twin));
    assert_true(memcmp(first.bytes, later.bytes, 16) < 0);
    assert_int_equal(first.bytes[6] >> 4, 7);
    assert_int_equal(first.bytes[8] >> 6, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_values_of_fips_180),
        cmocka_unit_test(sha256_is_the_same_at_once_and_in_pieces),
        cmocka_unit_test(hmac_gives_the_values_of_rfc_4231),
        cmocka_unit_test(hkdf_gives_the_values_of_rfc_5869),
        cmocka_unit_test(ed25519_gives_the_values_of_rfc_8032),
        cmocka_unit_test(ed25519_refuses_whatever_was_changed),
        cmocka_unit_test(ed25519_refuses_a_second_form_of_a_signature),
        cmocka_unit_test(ed25519_refuses_keys_of_small_order),
        cmocka_unit_test(seal_gives_the_values_of_the_gcm_specification_and_open_undoes_it),
        cmocka_unit_test(seal_and_open_work_in_place),
        cmocka_unit_test(open_refuses_and_wipes_what_was_changed),
        cmocka_unit_test(random_bytes_differ_from_call_to_call),
        cmocka_unit_test(equal_looks_at_every_byte_and_wipe_leaves_none),
        cmocka_unit_test(ids_sort_by_time_and_differ),
    };
    return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
