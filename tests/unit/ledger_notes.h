/**
 * Keys, signed notes, checkpoints and offline proof files of the demo log, for ledger_test.c.
 */
#ifndef POLDER_TESTS_LEDGER_NOTES_H
#define POLDER_TESTS_LEDGER_NOTES_H

#include "ledger_example.h"
#include "ledger_fixture.h"

static void assert_text(struct pd_buf *buf, const char *wanted) {
    assert_false(buf->failed);
    assert_int_equal(buf->len, strlen(wanted));
    assert_memory_equal(buf->data, wanted, buf->len);
    pd_buf_reset(buf);
}

static struct ledger_vkey log_vkey(void) {
    struct ledger_vkey key;
    assert_int_equal(ledger_vkey_parse(PD_STR(LOG_VKEY), &key, NULL), PD_OK);
    return key;
}

static struct ledger_skey log_skey(void) {
    struct ledger_skey key;
    crypto_hash seed = crypto_sha256("polder demo log key", 19);
    assert_int_equal(ledger_skey_make(PD_STR(ORIGIN), seed.bytes, &key, NULL), PD_OK);
    return key;
}

/* ---- Keys ---- */

static void keys_are_written_and_read_as_in_the_example(void **unused) {
    (void)unused;
    struct pd_error err = {0};
    struct pd_buf buf = {0};
    struct ledger_skey key = log_skey(), key_again;
    struct ledger_vkey public = ledger_skey_public(&key), public_again;
    ledger_vkey_write(&public, &buf);
    assert_text(&buf, LOG_VKEY);
    public_again = log_vkey();
    assert_memory_equal(public_again.public_key, public.public_key, CRYPTO_PUBLIC_SIZE);
    ledger_skey_write(&key, &buf);
    assert_ok(ledger_skey_parse(pd_buf_view(&buf), &key_again, &err), &err);
    assert_memory_equal(key_again.seed, key.seed, CRYPTO_SEED_SIZE);
    assert_fails(ledger_vkey_parse(pd_buf_view(&buf), &public_again, &err), PD_INVALID, &err,
                 "private key");
    pd_buf_clear(&buf);
}

static void keys_of_another_form_are_refused(void **unused) {
    (void)unused;
    static const struct {
        const char *text;
        enum pd_status status;
        const char *words;
    } cases[] = {
        {"", PD_INVALID, "NAME+ID+KEY"},
        {"name", PD_INVALID, "NAME+ID+KEY"},
        {"name+542fdb0f", PD_INVALID, "NAME+ID+KEY"},
        {"name+542FDB0F+AR94", PD_INVALID, "8 lower-case hex digits"},
        {"name+542fdb0+AR94B7/pEFETN8PbxjAm9Q/lxxn4JZ0KHq9x/zFdkpPg", PD_INVALID, "NAME+ID+KEY"},
        {"+542fdb0f+AR94B7/pEFETN8PbxjAm9Q/lxxn4JZ0KHq9x/zFdkpPg", PD_INVALID, "1 to 255 bytes"},
        {"a b+542fdb0f+AR94B7/pEFETN8PbxjAm9Q/lxxn4JZ0KHq9x/zFdkpPg", PD_INVALID, "white space"},
        {"a\xe3\x80\x80+542fdb0f+AR94B7/pEFETN8PbxjAm9Q/lxxn4JZ0KHq9x/zFdkpPg", PD_INVALID,
         "white space"},
        {"a\xff+542fdb0f+AR94B7/pEFETN8PbxjAm9Q/lxxn4JZ0KHq9x/zFdkpPg", PD_INVALID, "not UTF-8"},
        {ORIGIN "+542fdb0e+AR94B7/pEFETN8PbxjAm9Q/lxxn4JZ0KHq9x/zFdkpPg", PD_INVALID,
         "whose id is 542fdb0f"},
        {ORIGIN "+542fdb0f+AR94B7/pEFETN8PbxjAm9Q/lxxn4JZ0KHq9x/zFdkp", PD_INVALID,
         "padded base64"},
        {ORIGIN "+542fdb0f+AR94B7/pEFETN8PbxjAm9Q/lxxn4JZ0KHq9x/zFdkg==", PD_INVALID,
         "30 bytes after its type"},
        {ORIGIN "+542fdb0f+", PD_INVALID, "padded base64"},
        {NORTH_VKEY, PD_UNSUPPORTED, "type 0x04"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ledger_vkey key;
        struct pd_error err = {0};
        assert_fails(ledger_vkey_parse(pd_str_from(cases[i].text), &key, &err), cases[i].status,
                     &err, cases[i].words);
    }
}

static void errors_about_private_keys_never_repeat_them(void **unused) {
    (void)unused;
    static const char *const cases[] = {
        "PRIVATE+KEY+PeterNeumann+c74f20a4+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDF",
        "PRIVATE+KEY+PeterNeumann+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
        "PRIVATE+KEY+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
        "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ledger_skey key;
        struct pd_error err = {0};
        assert_fails(ledger_skey_parse(pd_str_from(cases[i]), &key, &err), PD_INVALID, &err, "key");
        assert_null(strstr(err.text, "AYEKFALV"));
    }
}

/* ---- Notes ---- */

static void signing_checkpoints_gives_the_notes_of_the_example(void **unused) {
    (void)unused;
    static const struct {
        uint64_t size;
        const char *root, *note;
    } cases[] = {
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", TEXT_0 "\n" LINE_0},
        {3, "dfe49f1e1f9231e84c0132e66c2a2259d719e02f4f3385bfdf1b8dc5e1446a31", TEXT_3 "\n" LINE_3},
        {7, "9540147459247e7842ddb9a597015aad76491a8c72060127259473d3a2a1c171", TEXT_7 "\n" LINE_7},
    };
    struct ledger_skey key = log_skey();
    struct pd_error err = {0};
    struct pd_buf text = {0}, note = {0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ledger_checkpoint checkpoint = {.origin = PD_STR(ORIGIN), .size = cases[i].size};
        assert_true(pd_hex_decode(pd_str_from(cases[i].root), checkpoint.root.bytes, 32));
        assert_ok(ledger_checkpoint_write(&checkpoint, &text, &err), &err);
        assert_ok(ledger_note_sign(pd_buf_view(&text), &key, 1, &note, &err), &err);
        assert_text(&note, cases[i].note);
        pd_buf_reset(&text);
    }
    pd_buf_clear(&text);
    pd_buf_clear(&note);
}

static void lines_of_unknown_keys_are_kept_but_vouch_for_nothing(void **unused) {
    (void)unused;
    struct ledger_vkey key = log_vkey();
    struct ledger_note note;
    struct pd_error err = {0};
    assert_ok(ledger_note_parse(PD_STR(TEXT_7 "\n" NORTH_LINE LINE_7 SOUTH_LINE), &note, &err),
              &err);
    assert_true(pd_str_is(note.text, TEXT_7));
    assert_int_equal(note.count, 3);
    assert_ok(ledger_note_verify(&note, &key, 1, &err), &err);
    assert_false(note.signatures[0].is_verified);
    assert_true(note.signatures[1].is_verified);
    assert_true(pd_str_is(note.signatures[2].name, "south.example/witness"));
    assert_ok(ledger_note_parse(PD_STR(TEXT_7 "\n" NORTH_LINE), &note, &err), &err);
    assert_fails(ledger_note_verify(&note, &key, 1, &err), PD_NOT_FOUND, &err,
                 "none of the 1 given keys");
    assert_fails(ledger_note_verify(&note, NULL, 0, &err), PD_NOT_FOUND, &err, "none of the 0");
}

static void equal_lines_count_once(void **unused) {
    (void)unused;
    struct ledger_note note;
    struct pd_error err = {0};
    assert_ok(ledger_note_parse(PD_STR(TEXT_7 "\n" LINE_7 NORTH_LINE LINE_7), &note, &err), &err);
    assert_int_equal(note.count, 2);
}

static void a_bad_line_of_a_known_key_spoils_the_note(void **unused) {
    (void)unused;
    struct ledger_vkey key = log_vkey();
    struct ledger_note note;
    struct pd_error err = {0};
    /* The signature of another checkpoint, beside the right one. */
    assert_ok(ledger_note_parse(PD_STR(TEXT_7 "\n" LINE_7 LINE_3), &note, &err), &err);
    assert_fails(ledger_note_verify(&note, &key, 1, &err), PD_INTERNAL, &err, "doesn't verify");
    assert_false(note.signatures[0].is_verified);
    /* A signature of another length under the known id. */
    assert_ok(ledger_note_parse(PD_STR(TEXT_7 "\n" DASH ORIGIN " VC/bDwAA\n"), &note, &err), &err);
    assert_fails(ledger_note_verify(&note, &key, 1, &err), PD_INTERNAL, &err, "doesn't verify");
}

static void two_keys_of_one_name_and_id_are_ambiguous(void **unused) {
    (void)unused;
    struct ledger_vkey keys[2] = {log_vkey(), log_vkey()};
    struct ledger_note note;
    struct pd_error err = {0};
    assert_ok(ledger_note_parse(PD_STR(TEXT_7 "\n" LINE_7), &note, &err), &err);
    assert_ok(ledger_note_verify(&note, keys, 2, &err), &err);
    keys[1].public_key[0] ^= 1;
    assert_fails(ledger_note_verify(&note, keys, 2, &err), PD_INVALID, &err,
                 "two of the given keys");
}

static void the_text_ends_at_the_last_empty_line(void **unused) {
    (void)unused;
    struct ledger_skey key = log_skey();
    struct ledger_vkey public = ledger_skey_public(&key);
    struct ledger_note note;
    struct pd_error err = {0};
    struct pd_buf buf = {0};
    assert_ok(
        ledger_note_sign(PD_STR("first\n\n" DASH "not a signature\n\nlast\n"), &key, 1, &buf, &err),
        &err);
    assert_ok(ledger_note_parse(pd_buf_view(&buf), &note, &err), &err);
    assert_true(pd_str_is(note.text, "first\n\n" DASH "not a signature\n\nlast\n"));
    assert_ok(ledger_note_verify(&note, &public, 1, &err), &err);
    pd_buf_clear(&buf);
}

static void notes_of_another_form_are_refused(void **unused) {
    (void)unused;
    static const struct {
        const char *note, *words;
    } cases[] = {
        {"", "no signatures"},
        {TEXT_3, "no signatures"},
        {TEXT_3 "\n", "no signatures"},
        {TEXT_3 LINE_3, "no signatures"},
        {TEXT_3 "\n" DASH ORIGIN " VC/bDwAA", "line feed"},
        {TEXT_3 "\n" LINE_3 "more\n", "signature line 2"},
        {"a\r\n\n" LINE_3, "control character 0x0d in line 1"},
        {"a\n\tb\n\n" LINE_3, "control character 0x09 in line 2 (byte 3)"},
        {"\xff\n\n" LINE_3, "not UTF-8: see byte 1"},
        {"a\n\n- " ORIGIN " VC/bDwAA\n", "signature line 1"},
        {"a\n\n" DASH ORIGIN "\n", "signature line 1"},
        {"a\n\n" DASH "a+b VC/bDwAA\n", "'+' or white space"},
        {"a\n\n" DASH " VC/bDwAA\n", "1 to 255 bytes"},
        {"a\n\n" DASH "n  VC/bDwAA\n", "padded base64"},
        {"a\n\n" DASH "n VC/bDwA\n", "padded base64"},   /* no padding */
        {"a\n\n" DASH "n VC/bDwB=\n", "padded base64"},  /* bits behind the last byte */
        {"a\n\n" DASH "n VC/bDwAA \n", "padded base64"}, /* white space */
        {"a\n\n" DASH "n VC/bDw==\n", "padded base64"},  /* an id without a signature */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ledger_note note;
        struct pd_error err = {0};
        assert_fails(ledger_note_parse(pd_str_from(cases[i].note), &note, &err), PD_INVALID, &err,
                     cases[i].words);
    }
}

static void notes_have_limits_that_errors_name(void **unused) {
    (void)unused;
    struct ledger_note note;
    struct pd_error err = {0};
    struct pd_buf buf = {0};
    pd_buf_text(&buf, "a\n\n");
    for (int i = 0; i < LEDGER_SIGNATURES_MAX; i++)
        pd_buf_printf(&buf, DASH "n%d VC/bDwAA\n", i);
    assert_ok(ledger_note_parse(pd_buf_view(&buf), &note, &err), &err);
    pd_buf_text(&buf, DASH "n64 VC/bDwAA\n");
    assert_fails(ledger_note_parse(pd_buf_view(&buf), &note, &err), PD_LIMIT, &err,
                 "64 signature lines");
    pd_buf_reset(&buf);
    pd_buf_text(&buf, "a\n\n" DASH "n ");
    for (int i = 0; i <= LEDGER_BASE64_MAX / 4; i++)
        pd_buf_text(&buf, "AAAA");
    pd_buf_char(&buf, '\n');
    assert_fails(ledger_note_parse(pd_buf_view(&buf), &note, &err), PD_LIMIT, &err,
                 "8192 are the limit");
    pd_buf_reset(&buf);
    while (buf.len <= LEDGER_NOTE_MAX)
        pd_buf_text(&buf, TEXT_7);
    assert_fails(ledger_note_parse(pd_buf_view(&buf), &note, &err), PD_LIMIT, &err,
                 "65536 are the limit");
    struct ledger_skey key = log_skey();
    struct pd_buf out = {0};
    assert_fails(ledger_note_sign(pd_buf_view(&buf), &key, 1, &out, &err), PD_LIMIT, &err,
                 "65536 are the limit");
    pd_buf_clear(&buf);
    pd_buf_clear(&out);
}

static void some_texts_are_never_signed(void **unused) {
    (void)unused;
    static const struct {
        const char *text;
        enum pd_status status;
        const char *words;
    } cases[] = {
        {"", PD_INVALID, "line feed"},
        {"abc", PD_INVALID, "line feed"},
        {"a\rb\n", PD_INVALID, "control character"},
        {"\xc3\n", PD_INVALID, "not UTF-8"},
        {"cosignature/v1\ntime 1767225600\n" TEXT_3, PD_DENIED, "cosignature"},
    };
    struct ledger_skey key = log_skey();
    struct pd_buf out = {0};
    struct pd_error err = {0};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_fails(ledger_note_sign(pd_str_from(cases[i].text), &key, 1, &out, &err),
                     cases[i].status, &err, cases[i].words);
    assert_fails(ledger_note_sign(PD_STR(TEXT_3), &key, 0, &out, &err), PD_INVALID, &err,
                 "1 to 64 keys");
    assert_int_equal(out.len, 0);
}

/* ---- Checkpoints ---- */

static void checkpoints_of_another_form_are_refused(void **unused) {
    (void)unused;
    static const char ROOT[] = "3+SfHh+SMehMATLmbCoiWdcZ4C9PM4W/3xuNxeFEajE=";
    static const struct {
        const char *before, *after;
        enum pd_status status;
        const char *words;
    } cases[] = {
        {"o\n3\n", "", PD_INVALID, "three lines"},
        {"o\n03\n", "\n", PD_INVALID, "leading zeros"},
        {"o\n+3\n", "\n", PD_INVALID, "leading zeros"},
        {"o\n-3\n", "\n", PD_INVALID, "leading zeros"},
        {"o\n\n", "\n", PD_INVALID, "decimal number"},
        {"o\n3 \n", "\n", PD_INVALID, "decimal number"},
        {"o\n0x3\n", "\n", PD_INVALID, "decimal number"},
        {"o\n4611686018427387905\n", "\n", PD_LIMIT, "above 2^62"},
        {"o\n99999999999999999999999\n", "\n", PD_LIMIT, "above 2^62"},
        {"\n3\n", "\n", PD_INVALID, "1 to 255 bytes"},
        {"o\n3\nA", "\n", PD_INVALID, "line 3"},
        {"o\n3\n", "=\n", PD_INVALID, "line 3"},
        {"o\n3\n", "\r\n", PD_INVALID, "control character"},
        {"o\n3\n", "\n\n", PD_INVALID, "extension line"},
        {"o\n3\n", "\nextension", PD_INVALID, "line feed"},
        {"o\n3\n", "\nextension\n\nmore\n", PD_INVALID, "extension line"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ledger_checkpoint checkpoint;
        struct pd_error err = {0};
        struct pd_buf text = {0};
        pd_buf_printf(&text, "%s%s%s", cases[i].before, ROOT, cases[i].after);
        assert_fails(ledger_checkpoint_parse(pd_buf_view(&text), &checkpoint, &err),
                     cases[i].status, &err, cases[i].words);
        pd_buf_clear(&text);
    }
    struct ledger_checkpoint checkpoint;
    struct pd_error err = {0};
    /* 32 bytes whose last character has bits that decode to nothing; no padding; 31 bytes. */
    static const char *const roots[] = {"o\n3\n3+SfHh+SMehMATLmbCoiWdcZ4C9PM4W/3xuNxeFEajF=\n",
                                        "o\n3\n3+SfHh+SMehMATLmbCoiWdcZ4C9PM4W/3xuNxeFEajE\n",
                                        "o\n3\n3+SfHh+SMehMATLmbCoiWdcZ4C9PM4W/3xuNxeFEag==\n"};
    for (size_t i = 0; i < COUNT(roots); i++)
        assert_fails(ledger_checkpoint_parse(pd_str_from(roots[i]), &checkpoint, &err), PD_INVALID,
                     &err, "32 bytes");
}

static void extension_lines_of_others_are_preserved(void **unused) {
    (void)unused;
    struct ledger_checkpoint checkpoint;
    struct pd_error err = {0};
    struct pd_buf buf = {0};
    assert_ok(ledger_checkpoint_parse(PD_STR(TEXT_3 "one\ntwo\n"), &checkpoint, &err), &err);
    assert_true(pd_str_is(checkpoint.extensions, "one\ntwo\n"));
    assert_ok(ledger_checkpoint_write(&checkpoint, &buf, &err), &err);
    assert_text(&buf, TEXT_3 "one\ntwo\n");
    checkpoint.extensions = PD_STR("one\n\ntwo\n");
    assert_fails(ledger_checkpoint_write(&checkpoint, &buf, &err), PD_INVALID, &err, "empty");
    checkpoint.extensions = (pd_str){0};
    checkpoint.origin = PD_STR("two\nlines");
    assert_fails(ledger_checkpoint_write(&checkpoint, &buf, &err), PD_INVALID, &err, "single line");
    pd_buf_clear(&buf);
}

static void a_checkpoint_counts_only_for_its_own_log_and_key(void **unused) {
    (void)unused;
    struct ledger_vkey key = log_vkey(), other = log_vkey();
    struct ledger_checkpoint checkpoint = {0};
    struct pd_error err = {0};
    pd_str note = PD_STR(TEXT_7 "\n" LINE_7 NORTH_LINE);
    assert_ok(ledger_checkpoint_verify(note, PD_STR(ORIGIN), &key, &checkpoint, &err), &err);
    assert_int_equal(checkpoint.size, 7);
    assert_fails(ledger_checkpoint_verify(note, PD_STR("other.example"), &key, &checkpoint, &err),
                 PD_INVALID, &err, "not of \"other.example\"");
    other.public_key[5] ^= 1;
    assert_fails(ledger_checkpoint_verify(note, PD_STR(ORIGIN), &other, &checkpoint, &err),
                 PD_INTERNAL, &err, "doesn't verify");
    assert_fails(ledger_checkpoint_verify(PD_STR(TEXT_3 "\n" LINE_7), PD_STR(ORIGIN), &key,
                                          &checkpoint, &err),
                 PD_INTERNAL, &err, "doesn't verify");
}

/* ---- Offline proof files ---- */

static crypto_hash demo_leaf(const char *entry) {
    crypto_hash leaf;
    assert_int_equal(ledger_hash_leaf(pd_str_from(entry), &leaf, NULL), PD_OK);
    return leaf;
}

static void the_proof_file_of_the_example_verifies_and_is_written_again_as_it_was(void **unused) {
    (void)unused;
    struct ledger_offline offline;
    struct ledger_vkey key = log_vkey();
    struct ledger_checkpoint checkpoint = {0};
    struct pd_error err = {0};
    struct pd_buf buf = {0};
    crypto_hash leaf = demo_leaf("polder entry 2");
    assert_ok(ledger_offline_parse(PD_STR(PROOF_FILE), &offline, &err), &err);
    assert_ok(ledger_offline_verify(&offline, &leaf, PD_STR(ORIGIN), &key, &checkpoint, &err),
              &err);
    assert_int_equal(checkpoint.size, 7);
    assert_ok(ledger_offline_write(&offline, &buf, &err), &err);
    assert_text(&buf, PROOF_FILE);
    offline.extra = PD_STR("aGVsbG8=");
    assert_ok(ledger_offline_write(&offline, &buf, &err), &err);
    assert_ok(ledger_offline_parse(pd_buf_view(&buf), &offline, &err), &err);
    assert_true(pd_str_is(offline.extra, "aGVsbG8="));
    assert_ok(ledger_offline_verify(&offline, &leaf, PD_STR(ORIGIN), &key, NULL, &err), &err);
    pd_buf_clear(&buf);
}

static void a_proof_file_proves_nothing_else(void **unused) {
    (void)unused;
    struct ledger_offline offline, changed;
    struct ledger_vkey key = log_vkey();
    struct pd_error err = {0};
    crypto_hash leaf = demo_leaf("polder entry 2"), other = demo_leaf("polder entry 3");
    assert_ok(ledger_offline_parse(PD_STR(PROOF_FILE), &offline, &err), &err);
    assert_fails(ledger_offline_verify(&offline, &other, PD_STR(ORIGIN), &key, NULL, &err),
                 PD_INTERNAL, &err, "another root");
    assert_fails(ledger_offline_verify(&offline, &leaf, PD_STR("else"), &key, NULL, &err),
                 PD_INVALID, &err, "not of \"else\"");
    changed = offline;
    changed.index = 3;
    assert_fails(ledger_offline_verify(&changed, &leaf, PD_STR(ORIGIN), &key, NULL, &err),
                 PD_INTERNAL, &err, "another root");
    changed = offline;
    changed.proof.count--;
    assert_fails(ledger_offline_verify(&changed, &leaf, PD_STR(ORIGIN), &key, NULL, &err),
                 PD_INVALID, &err, "too short");
    changed = offline;
    changed.checkpoint = PD_STR(TEXT_3 "\n" LINE_3);
    assert_fails(ledger_offline_verify(&changed, &leaf, PD_STR(ORIGIN), &key, NULL, &err),
                 PD_INVALID, &err, "too long");
}

static void proof_files_of_another_form_are_refused(void **unused) {
    (void)unused;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "first line"},
        {"c2sp.org/tlog-proof@v2\nindex 0\n\nc\n", "first line"},
        {PROOF_HEAD, "index NUMBER"},
        {PROOF_HEAD "\nc\n", "index NUMBER"},
        {PROOF_HEAD "index 00\n\nc\n", "leading zeros"},
        {PROOF_HEAD "index -1\n\nc\n", "leading zeros"},
        {PROOF_HEAD "index 0\nextra aGVsbG8=\n\nc\n", "hash 1"},
        {PROOF_HEAD "extra aGVsbG8\nindex 0\n\nc\n", "padded base64"},
        {PROOF_HEAD "extra aGVsbG8=\nextra aGVsbG8=\nindex 0\n\nc\n", "index NUMBER"},
        {PROOF_HEAD "index 0\n" HASH_A "AAAA\n\nc\n", "hash 2"},
        {PROOF_HEAD "index 0\n" HASH_A, "no empty line"},
        {PROOF_HEAD "index 0\n\n", "before its checkpoint"},
    };
    struct ledger_offline offline;
    struct pd_error err = {0};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_fails(ledger_offline_parse(pd_str_from(cases[i].text), &offline, &err), PD_INVALID,
                     &err, cases[i].words);
    struct pd_buf buf = {0};
    pd_buf_text(&buf, PROOF_HEAD "index 0\n");
    for (int i = 0; i < LEDGER_PROOF_MAX + 1; i++)
        pd_buf_text(&buf, HASH_A);
    pd_buf_text(&buf, "\nc\n");
    assert_fails(ledger_offline_parse(pd_buf_view(&buf), &offline, &err), PD_LIMIT, &err,
                 "63 hashes");
    while (buf.len <= LEDGER_OFFLINE_MAX)
        pd_buf_text(&buf, HASH_A);
    assert_fails(ledger_offline_parse(pd_buf_view(&buf), &offline, &err), PD_LIMIT, &err, "131072");
    pd_buf_clear(&buf);
    offline.index = LEDGER_SIZE_MAX;
    assert_fails(ledger_offline_write(&offline, &buf, &err), PD_LIMIT, &err, "below 2^62");
}

#endif
