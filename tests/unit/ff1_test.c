/* Tests FF1 of src/protect/ against NIST's samples and Wycheproof's vectors, and the identifiers
 * that keep their form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protect/protect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- NIST's nine samples (FF1samples.pdf) ---- */

static const char ALPHABET[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static void nist_samples_come_out(void **state) {
    (void)state;
    static const char key[] = "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94";
    static const struct {
        size_t key_size;
        uint32_t radix;
        const char *tweak, *plain, *cipher;
    } cases[] = {
        {16, 10, "", "0123456789", "2433477484"},
        {16, 10, "39383736353433323130", "0123456789", "6124200773"},
        {16, 36, "3737373770717273373737", "0123456789abcdefghi", "a9tv40mll9kdu509eum"},
        {24, 10, "", "0123456789", "2830668132"},
        {24, 10, "39383736353433323130", "0123456789", "2496655549"},
        {24, 36, "3737373770717273373737", "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"},
        {32, 10, "", "0123456789", "6657667009"},
        {32, 10, "39383736353433323130", "0123456789", "1001623463"},
        {32, 36, "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t bytes[32], tweak[32];
        uint16_t digits[32];
        size_t n = strlen(cases[i].plain), t = strlen(cases[i].tweak) / 2;
        struct pd_error err = {0};
        struct protect_ff1 *ff1;
        assert_true(pd_hex_decode((pd_str){key, 2 * cases[i].key_size}, bytes, cases[i].key_size));
        assert_true(pd_hex_decode(pd_str_from(cases[i].tweak), tweak, t));
        for (size_t d = 0; d < n; d++)
            digits[d] = (uint16_t)(strchr(ALPHABET, cases[i].plain[d]) - ALPHABET);
        assert_int_equal(protect_ff1_new(bytes, cases[i].key_size, cases[i].radix, &ff1, &err),
                         PD_OK);
        pd_str with = {(const char *)tweak, t};
        assert_int_equal(protect_ff1_encrypt(ff1, with, digits, n, &err), PD_OK);
        for (size_t d = 0; d < n; d++)
            assert_int_equal(ALPHABET[digits[d]], cases[i].cipher[d]);
        assert_int_equal(protect_ff1_decrypt(ff1, with, digits, n, &err), PD_OK);
        for (size_t d = 0; d < n; d++)
            assert_int_equal(ALPHABET[digits[d]], cases[i].plain[d]);
        protect_ff1_free(ff1);
    }
}

/* ---- Wycheproof ---- */

enum { DIGITS = 4096 };

/* False: a character that isn't of the alphabet. */
static bool read_digits(const json_t *msg, const char *alphabet, uint16_t *out, size_t *count) {
    size_t n = json_is_string(msg) ? json_string_length(msg) : json_array_size(msg);
    assert_true(n <= DIGITS);
    *count = n;
    for (size_t i = 0; i < n; i++) {
        if (json_is_string(msg)) {
            const char *at = strchr(alphabet, json_string_value(msg)[i]);
            if (!at || !*at)
                return false;
            out[i] = (uint16_t)(at - alphabet);
        } else {
            json_int_t d = json_integer_value(json_array_get(msg, i));
            if (d < 0 || d > 65535)
                return false;
            out[i] = (uint16_t)d;
        }
    }
    return true;
}

struct tally {
    size_t agreed, refused, too_long;
};

static void try_vector(const json_t *group, const json_t *test, struct tally *tally) {
    uint32_t radix = (uint32_t)json_integer_value(json_object_get(group, "radix"));
    const char *alphabet = json_string_value(json_object_get(group, "alphabet"));
    const char *key_text = json_string_value(json_object_get(test, "key"));
    const char *tweak_text = json_string_value(json_object_get(test, "tweak"));
    const char *result = json_string_value(json_object_get(test, "result"));
    static uint16_t plain[DIGITS], cipher[DIGITS], kept[DIGITS];
    uint8_t key[64], tweak[1024];
    size_t key_size = strlen(key_text) / 2, tweak_size = strlen(tweak_text) / 2, n, m;
    struct pd_error err = {0};
    struct protect_ff1 *ff1;
    assert_true(key_size <= sizeof(key) && tweak_size <= sizeof(tweak));
    assert_true(pd_hex_decode(pd_str_from(key_text), key, key_size));
    assert_true(pd_hex_decode(pd_str_from(tweak_text), tweak, tweak_size));
    pd_str with = {(const char *)tweak, tweak_size};
    if (protect_ff1_new(key, key_size, radix, &ff1, &err) != PD_OK) {
        assert_string_equal(result, "invalid");
        tally->refused++;
        return;
    }
    bool ok = read_digits(json_object_get(test, "msg"), alphabet, plain, &n);
    memcpy(kept, plain, sizeof(kept));
    if (!ok || protect_ff1_encrypt(ff1, with, plain, n, &err) != PD_OK) {
        double domain = 1;
        for (size_t i = 0; i < n && domain < 1e6; i++)
            domain *= radix;
        /* Refused is what is wrong, what revision 1 forbids, and what is longer than we take. */
        bool is_long = n > PROTECT_FF1_DIGITS_MAX || tweak_size > PROTECT_FF1_TWEAK_MAX;
        if (strcmp(result, "valid") == 0)
            assert_true(domain < 1e6 || is_long);
        tally->too_long += is_long;
        tally->refused += !is_long;
        protect_ff1_free(ff1);
        return;
    }
    if (strcmp(result, "valid") != 0)
        fail_msg("tcId %lld is invalid and was taken",
                 (long long)json_integer_value(json_object_get(test, "tcId")));
    assert_true(read_digits(json_object_get(test, "ct"), alphabet, cipher, &m));
    assert_int_equal(n, m);
    assert_memory_equal(plain, cipher, n * sizeof(*plain));
    assert_int_equal(protect_ff1_decrypt(ff1, with, plain, n, &err), PD_OK);
    assert_memory_equal(plain, kept, n * sizeof(*plain));
    tally->agreed++;
    protect_ff1_free(ff1);
}

static void wycheproof_vectors_come_out(void **state) {
    (void)state;
    static const char *const files[] = {"base10", "base26", "radix65535"};
    const char *root = getenv("POLDER_SHARED_DATA");
    for (size_t f = 0; f < COUNT(files); f++) {
        char path[1024];
        struct tally tally = {0};
        size_t g, t;
        json_t *group, *test;
        snprintf(path, sizeof(path), "%s/privacy/wycheproof/aes_ff1_%s_test.json",
                 root ? root : "../shared/data", files[f]);
        json_t *all = json_load_file(path, 0, NULL);
        if (!all) {
            print_message("skipped: %s is not there\n", path);
            skip();
        }
        json_array_foreach(json_object_get(all, "testGroups"), g, group)
            json_array_foreach(json_object_get(group, "tests"), t, test)
                try_vector(group, test, &tally);
        print_message("%s: %zu agree, %zu refused as they must be, %zu longer than we take\n",
                      files[f], tally.agreed, tally.refused, tally.too_long);
        assert_int_equal(tally.agreed + tally.refused + tally.too_long,
                         json_integer_value(json_object_get(all, "numberOfTests")));
        assert_true(tally.agreed > 500);
        json_decref(all);
    }
}

/* ---- Small domains ---- */

static void domains_below_a_million_are_refused(void **state) {
    (void)state;
    static const uint8_t key[16] = {1};
    static const struct {
        uint32_t radix;
        size_t count;
        bool is_taken;
    } cases[] = {{10, 5, false},  {10, 6, true},    {2, 19, false},    {2, 20, true},
                 {1000, 2, true}, {999, 2, false},  {65536, 1, false}, {65536, 2, true},
                 {10, 256, true}, {10, 257, false}, {10, 0, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint16_t digits[300] = {0};
        struct pd_error err = {0};
        struct protect_ff1 *ff1;
        assert_int_equal(protect_ff1_new(key, 16, cases[i].radix, &ff1, &err), PD_OK);
        enum pd_status st = protect_ff1_encrypt(ff1, PD_STR(""), digits, cases[i].count, &err);
        assert_int_equal(st, cases[i].is_taken ? PD_OK : PD_INVALID);
        if (!cases[i].is_taken && cases[i].count < 200)
            assert_non_null(strstr(err.text, "use a keyed pseudonym, or generalise"));
        protect_ff1_free(ff1);
    }
    struct pd_error err = {0};
    struct protect_ff1 *ff1;
    assert_int_equal(protect_ff1_new(key, 15, 10, &ff1, &err), PD_USAGE);
    assert_int_equal(protect_ff1_new(key, 16, 1, &ff1, &err), PD_USAGE);
    assert_int_equal(protect_ff1_new(key, 16, 65537, &ff1, &err), PD_USAGE);
}

/* ---- Identifiers ---- */

static struct protect_ff1 *decimal(uint8_t first) {
    uint8_t key[32] = {first};
    struct pd_error err = {0};
    struct protect_ff1 *ff1;
    assert_int_equal(protect_ff1_new(key, sizeof(key), 10, &ff1, &err), PD_OK);
    return ff1;
}

/* Cells and what they share with what becomes of them: '.' for what may differ. */
static void identifiers_keep_their_form_and_come_back(void **state) {
    (void)state;
    static const struct {
        enum protect_format format;
        unsigned keep;
        const char *cell, *shape;
    } cases[] = {
        {PROTECT_FORMAT_DIGITS, 0, "AB-123 456", "AB-ddd ddd"},
        {PROTECT_FORMAT_DIGITS, 2, "12/345678", "12/dddddd"},
        {PROTECT_FORMAT_CN_MOBILE, 0, "138 0000 1234", "138 dddd dddd"},
        {PROTECT_FORMAT_CN_ID, 0, "11010519491231002X", "dddddddddddddddddx"},
        {PROTECT_FORMAT_CARD, 0, "4111 1111 1111 1111", "4111 11dd dddd dddd"},
    };
    struct protect_ff1 *ff1 = decimal(1), *other = decimal(2);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pd_buf out, back, else_;
        pd_buf_init(&out, 0);
        pd_buf_init(&back, 0);
        pd_buf_init(&else_, 0);
        pd_str cell = pd_str_from(cases[i].cell), tweak = PD_STR("t");
        assert_true(protect_format_encrypt(ff1, cases[i].format, cases[i].keep, tweak, cell, &out));
        assert_int_equal(out.len, cell.len);
        for (size_t c = 0; c < out.len; c++) {
            char want = cases[i].shape[c], is = out.data[c];
            assert_true(want == 'd'   ? is >= '0' && is <= '9'
                        : want == 'x' ? (is >= '0' && is <= '9') || is == 'X'
                                      : is == want);
        }
        assert_false(pd_str_eq(pd_buf_view(&out), cell));
        assert_true(protect_format_decrypt(ff1, cases[i].format, cases[i].keep, tweak,
                                           pd_buf_view(&out), &back));
        assert_true(pd_str_eq(pd_buf_view(&back), cell));
        assert_true(
            protect_format_encrypt(other, cases[i].format, cases[i].keep, tweak, cell, &else_));
        assert_false(pd_str_eq(pd_buf_view(&out), pd_buf_view(&else_)));
        pd_buf_clear(&out);
        pd_buf_clear(&back);
        pd_buf_clear(&else_);
    }
    protect_ff1_free(ff1);
    protect_ff1_free(other);
}

static int cn_check(const char *text) {
    int sum = 0,
        power = 1; /* ISO 7064: the sum of a_i * 2^(i-1) is 1 mod 11, written another way */
    int weights[17];
    for (int i = 16; i >= 0; i--) {
        power = power * 2 % 11;
        weights[i] = power;
    }
    for (int i = 0; i < 17; i++)
        sum += weights[i] * (text[i] - '0');
    return (12 - sum % 11) % 11;
}

static void protected_ids_are_nobodys(void **state) {
    (void)state;
    struct protect_ff1 *ff1 = decimal(3);
    for (int i = 0; i < 20000; i++) {
        char cell[32];
        struct pd_buf out, back;
        pd_buf_init(&out, 0);
        pd_buf_init(&back, 0);
        snprintf(cell, sizeof(cell), "44030%d19%02d%02d%02d9%02d", i % 10, 12 + i % 18, 1 + i % 12,
                 1 + i % 28, i % 100);
        int check = cn_check(cell);
        snprintf(cell + 17, 2, "%c", check == 10 ? 'X' : '0' + check);
        assert_true(protect_format_encrypt(ff1, PROTECT_FORMAT_CN_ID, 0, PD_STR(""),
                                           pd_str_from(cell), &out));
        int right = cn_check(out.data), is = out.data[17] == 'X' ? 10 : out.data[17] - '0';
        assert_int_not_equal(right, is);
        int month = (out.data[10] - '0') * 10 + out.data[11] - '0';
        assert_true(month >= 1 && month <= 12);
        assert_true(protect_format_decrypt(ff1, PROTECT_FORMAT_CN_ID, 0, PD_STR(""),
                                           pd_buf_view(&out), &back));
        assert_string_equal(back.data, cell);
        /* and what is protected already isn't protected again */
        assert_false(protect_format_encrypt(ff1, PROTECT_FORMAT_CN_ID, 0, PD_STR(""),
                                            pd_buf_view(&out), &back));
        pd_buf_clear(&out);
        pd_buf_clear(&back);
    }
    protect_ff1_free(ff1);
}

static void what_is_not_of_the_format_is_left_to_the_caller(void **state) {
    (void)state;
    static const struct {
        enum protect_format format;
        const char *cell;
    } cases[] = {{PROTECT_FORMAT_DIGITS, "12345"},
                 {PROTECT_FORMAT_DIGITS, ""},
                 {PROTECT_FORMAT_CN_ID, "110105194912310021"}, /* check character */
                 {PROTECT_FORMAT_CN_ID, "11010519491331002X"}, /* no such month */
                 {PROTECT_FORMAT_CN_ID, "1101051949123100"},
                 {PROTECT_FORMAT_CN_MOBILE, "2381234567"},
                 {PROTECT_FORMAT_CN_MOBILE, "+86 138 0000 1234"},
                 {PROTECT_FORMAT_CARD, "4111 1111 1111 1112"}};
    struct protect_ff1 *ff1 = decimal(1);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pd_buf out;
        pd_buf_init(&out, 0);
        assert_false(protect_format_encrypt(ff1, cases[i].format, 0, PD_STR(""),
                                            pd_str_from(cases[i].cell), &out));
        assert_int_equal(out.len, 0);
        pd_buf_clear(&out);
    }
    enum protect_format format;
    for (int i = 0; i < PROTECT_FORMAT_COUNT; i++) {
        assert_true(protect_format_parse(pd_str_from(protect_format_name((enum protect_format)i)),
                                         &format));
        assert_int_equal(format, i);
    }
    assert_false(protect_format_parse(PD_STR("ff3"), &format));
    protect_ff1_free(ff1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nist_samples_come_out),
        cmocka_unit_test(wycheproof_vectors_come_out),
        cmocka_unit_test(domains_below_a_million_are_refused),
        cmocka_unit_test(identifiers_keep_their_form_and_come_back),
        cmocka_unit_test(protected_ids_are_nobodys),
        cmocka_unit_test(what_is_not_of_the_format_is_left_to_the_caller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
