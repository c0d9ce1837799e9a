/* Receipts: one signature for many promises, each of which holds by itself. */
#include "ledger/ledger.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COUNT_MAX = 70 };

struct signing {
    struct pd_arena *arena;
    struct ledger_skey key;
    struct ledger_vkey verifier;
    pd_str lines[COUNT_MAX], receipts[COUNT_MAX];
};

static void sign(struct signing *s, size_t count) {
    static const uint8_t seed[CRYPTO_SEED_SIZE] = {7};
    struct pd_error err = {0};
    s->arena = pd_arena_new((size_t)16 << 20);
    assert_int_equal(ledger_skey_make(PD_STR("node.example/receipts"), seed, &s->key, &err), PD_OK);
    s->verifier = ledger_skey_public(&s->key);
    for (size_t i = 0; i < count; i++)
        s->lines[i] = pd_arena_printf(s->arena, "act %zu\nopen permit\n", i);
    if (ledger_promises_sign(s->lines, count, &s->key, s->arena, s->receipts, &err) != PD_OK)
        fail_msg("%s", err.text);
}

static void each_receipt_of_a_group_holds_by_itself(void **state) {
    static const size_t counts[] = {1, 2, 3, 5, 8, 63, 64, 65, COUNT_MAX};
    static struct signing s;
    (void)state;
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        sign(&s, counts[c]);
        for (size_t i = 0; i < counts[c]; i++) {
            struct pd_error err = {0};
            pd_str lines;
            if (ledger_receipt_verify(s.receipts[i], &s.verifier, NULL, &lines, &err) != PD_OK)
                fail_msg("%zu of %zu: %s", i, counts[c], err.text);
            assert_true(pd_str_eq(lines, s.lines[i]));
        }
        pd_arena_free(s.arena);
    }
}

static void one_alone_is_a_note_that_can_be_read(void **state) {
    static struct signing s;
    struct ledger_note note;
    struct pd_error err = {0};
    (void)state;
    sign(&s, 1);
    assert_int_equal(ledger_note_parse(s.receipts[0], &note, &err), PD_OK);
    assert_true(pd_str_eq(note.text, PD_STR("polder-receipt/v1\nact 0\nopen permit\n")));
    pd_arena_free(s.arena);
}

/* Every byte counts: of the promise, the path, the root, and the signature. */
static void no_byte_of_a_receipt_can_be_another(void **state) {
    static struct signing s;
    (void)state;
    sign(&s, 5);
    char *copy = malloc(s.receipts[3].len);
    for (size_t at = 0; at < s.receipts[3].len; at++) {
        pd_str lines, changed = {copy, s.receipts[3].len};
        memcpy(copy, s.receipts[3].data, changed.len);
        copy[at] ^= 1;
        if (ledger_receipt_verify(changed, &s.verifier, NULL, &lines, NULL) == PD_OK)
            fail_msg("byte %zu can be changed: %.*s", at, pd_arg(changed));
    }
    free(copy);
    pd_arena_free(s.arena);
}

/* Whoever remembers the root that verified last overlooks nothing. */
static void no_byte_can_be_another_behind_a_receipt_of_the_same_group(void **state) {
    static struct signing s;
    static struct ledger_promises_seen seen;
    pd_str lines;
    (void)state;
    sign(&s, 5);
    seen = (struct ledger_promises_seen){0};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(ledger_receipt_verify(s.receipts[i], &s.verifier, &seen, &lines, NULL),
                         PD_OK);
        assert_true(pd_str_eq(lines, s.lines[i]));
    }
    char *copy = malloc(s.receipts[3].len);
    for (size_t at = 0; at < s.receipts[3].len; at++)
        for (int bit = 0; bit < 8; bit++) {
            pd_str changed = {copy, s.receipts[3].len};
            memcpy(copy, s.receipts[3].data, changed.len);
            copy[at] ^= (char)(1 << bit);
            if (ledger_receipt_verify(changed, &s.verifier, &seen, &lines, NULL) == PD_OK)
                fail_msg("byte %zu can be changed: %.*s", at, pd_arg(changed));
        }
    assert_true(seen.note_len > 0);
    free(copy);
    pd_arena_free(s.arena);
}

/* What one key signed is nothing that another one did, whatever was seen before. */
static void what_was_seen_is_of_the_key_that_signed(void **state) {
    static struct signing s;
    static struct ledger_promises_seen seen;
    static const uint8_t seed[CRYPTO_SEED_SIZE] = {8};
    struct ledger_skey skey;
    pd_str lines;
    (void)state;
    sign(&s, 2);
    seen = (struct ledger_promises_seen){0};
    struct ledger_vkey others[3] = {s.verifier, s.verifier, s.verifier};
    assert_int_equal(ledger_skey_make(PD_STR("node.example/receipts"), seed, &skey, NULL), PD_OK);
    others[0] = ledger_skey_public(&skey);
    others[1].name = PD_STR("node.example/receipt");
    others[2].public_key[31] ^= 1;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(ledger_receipt_verify(s.receipts[0], &s.verifier, &seen, &lines, NULL),
                         PD_OK);
        assert_int_not_equal(ledger_receipt_verify(s.receipts[1], &others[i], &seen, &lines, NULL),
                             PD_OK);
    }
    pd_arena_free(s.arena);
}

static void a_receipt_cut_off_anywhere_is_refused(void **state) {
    static struct signing s;
    (void)state;
    sign(&s, 5);
    for (size_t n = 0; n < s.receipts[2].len; n++) {
        char *copy = malloc(n ? n : 1);
        memcpy(copy, s.receipts[2].data, n);
        pd_str lines;
        assert_int_not_equal(
            ledger_receipt_verify((pd_str){copy, n}, &s.verifier, NULL, &lines, NULL), PD_OK);
        free(copy);
    }
    pd_arena_free(s.arena);
}

static void another_notes_signature_makes_no_receipt(void **state) {
    static struct signing s;
    struct pd_error err = {0};
    struct pd_buf note = {0};
    pd_str lines;
    (void)state;
    sign(&s, 1);
    const pd_str texts[] = {PD_STR("polder-promises/v1\n1\nAAAA\n"), PD_STR("anything\n"),
                            PD_STR("node.example/receipts\n1\n"
                                   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        pd_buf_reset(&note);
        assert_int_equal(ledger_note_sign(texts[i], &s.key, 1, &note, &err), PD_OK);
        assert_int_equal(ledger_receipt_verify(pd_buf_view(&note), &s.verifier, NULL, &lines, &err),
                         PD_INVALID);
    }
    pd_buf_clear(&note);
    pd_arena_free(s.arena);
}

static void more_than_a_group_holds_are_refused(void **state) {
    static struct signing s;
    static pd_str many[(1 << LEDGER_PROMISES_LEVELS) + 1];
    struct pd_error err = {0};
    (void)state;
    sign(&s, 1);
    assert_int_equal(
        ledger_promises_sign(many, sizeof(many) / sizeof(many[0]), &s.key, s.arena, many, &err),
        PD_LIMIT);
    pd_arena_free(s.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_receipt_of_a_group_holds_by_itself),
        cmocka_unit_test(one_alone_is_a_note_that_can_be_read),
        cmocka_unit_test(no_byte_of_a_receipt_can_be_another),
        cmocka_unit_test(no_byte_can_be_another_behind_a_receipt_of_the_same_group),
        cmocka_unit_test(what_was_seen_is_of_the_key_that_signed),
        cmocka_unit_test(a_receipt_cut_off_anywhere_is_refused),
        cmocka_unit_test(another_notes_signature_makes_no_receipt),
        cmocka_unit_test(more_than_a_group_holds_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
