/**
 * The closed schema of a leaf, which log it goes to, and commitments, for ledger_test.c.
 */
#ifndef POLDER_TESTS_LEDGER_LEAVES_H
#define POLDER_TESTS_LEDGER_LEAVES_H

#include "ledger_fixture.h"

#define ACT "01890a5d-ac96-774b-bcce-b302099a8057"
#define ID  "01890a5d-ac96-774b-bcce-b302099a8058"
#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SIGNATURE                                                                                  \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="

/* The smallest leaf, in two halves so that a member can be put between or changed. */
#define SMALL_ACT "{\"act\":\"" ACT "\","
#define SMALL_REST                                                                                 \
    "\"outcome\":\"done\",\"party\":\"health\",\"time\":\"2026-11-23T19:01Z\",\"v\":1,\"verb\":"   \
    "\"share\"}"

#define FULL                                                                                       \
    "{\"act\":\"" ACT "\",\"articles\":[\"cn.pipl.38\",\"node_1\"],"                               \
    "\"commitments\":{\"member\":\"" HEX "\",\"source\":\"" HEX "\"},"                             \
    "\"hashes\":{\"charter\":\"" HEX "\",\"facts\":\"" HEX "\"},"                                  \
    "\"key\":{\"id\":\"542fdb0f\",\"signature\":\"" SIGNATURE "\"},"                               \
    "\"log\":{\"origin\":\"a.example/log\",\"root\":\"" HEX                                        \
    "\",\"size\":\"4611686018427387904\"},"                                                        \
    "\"object\":{\"id\":\"" ID "\",\"kind\":\"checkpoint\"},"                                      \
    "\"outcome\":\"permit\",\"party\":\"\xe5\x8d\xab\xe7\x94\x9f\",\"time\":\"0001-01-01T00:"      \
    "00Z\","                                                                                       \
    "\"v\":1,\"verb\":\"anchor\"}"

static pd_id id_of(const char *text) {
    pd_id id;
    assert_true(pd_id_parse(pd_str_from(text), &id));
    return id;
}

static struct ledger_leaf small_leaf(void) {
    struct ledger_leaf leaf = {.act = id_of(ACT),
                               .verb = LEDGER_SHARE,
                               .party = PD_STR("health"),
                               .outcome = LEDGER_OUTCOME_DONE};
    assert_true(pd_time_parse(PD_STR("2026-11-23T19:01:00Z"), &leaf.time));
    return leaf;
}

static void assert_written(const struct ledger_leaf *leaf, const char *wanted) {
    struct pd_buf buf = {0};
    struct pd_error err = {0};
    if (ledger_leaf_write(leaf, &buf, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_string_equal(buf.data, wanted);
    pd_buf_clear(&buf);
}

static void a_leaf_is_written_as_canonical_json(void **unused) {
    (void)unused;
    struct ledger_leaf leaf = small_leaf();
    assert_written(&leaf, SMALL_ACT SMALL_REST);
    leaf.has_object = true;
    leaf.object_kind = LEDGER_KIND_DATASET;
    leaf.object_id = id_of(ID);
    leaf.hashes[LEDGER_DIGEST_RULES].is_set = true;
    assert_true(
        pd_hex_decode(PD_STR(HEX), leaf.hashes[LEDGER_DIGEST_RULES].value.bytes, CRYPTO_HASH_SIZE));
    assert_written(&leaf, SMALL_ACT "\"hashes\":{\"rules\":\"" HEX "\"},\"object\":{\"id\":\"" ID
                                    "\",\"kind\":\"dataset\"}," SMALL_REST);
}

static void a_leaf_is_read_and_written_again_byte_for_byte(void **unused) {
    (void)unused;
    static const char *const leaves[] = {SMALL_ACT SMALL_REST, FULL};
    for (size_t i = 0; i < COUNT(leaves); i++) {
        struct pd_arena *arena = pd_arena_new(1 << 16);
        struct ledger_leaf leaf;
        struct pd_error err = {0};
        if (ledger_leaf_parse(pd_str_from(leaves[i]), arena, &leaf, &err) != PD_OK)
            fail_msg("%s", err.text);
        assert_written(&leaf, leaves[i]);
        pd_arena_free(arena);
    }
}

static void every_member_of_a_full_leaf_is_read(void **unused) {
    (void)unused;
    struct pd_arena *arena = pd_arena_new(1 << 16);
    struct ledger_leaf leaf;
    assert_int_equal(ledger_leaf_parse(PD_STR(FULL), arena, &leaf, NULL), PD_OK);
    assert_true(pd_id_eq(leaf.act, id_of(ACT)));
    assert_int_equal(leaf.verb, LEDGER_ANCHOR);
    assert_int_equal(leaf.outcome, LEDGER_OUTCOME_PERMIT);
    assert_int_equal(leaf.object_kind, LEDGER_KIND_CHECKPOINT);
    assert_true(leaf.hashes[LEDGER_DIGEST_CHARTER].is_set &&
                leaf.hashes[LEDGER_DIGEST_FACTS].is_set);
    assert_false(leaf.hashes[LEDGER_DIGEST_PLAN].is_set);
    assert_true(leaf.commitments[LEDGER_FIELD_SOURCE].is_set);
    assert_int_equal(leaf.article_count, 2);
    assert_true(pd_str_is(leaf.articles[1], "node_1"));
    assert_true(leaf.has_log && leaf.log_size == LEDGER_SIZE_MAX);
    assert_true(leaf.has_key && leaf.key_id[0] == 0x54);
    pd_arena_free(arena);
}

static const struct refusal {
    const char *leaf;
    enum pd_status status;
    const char *words;
} refusals[] = {
    {"", PD_INVALID, "line 1"},
    {"[]", PD_INVALID, "JSON object"},
    {"{\"v\":1", PD_INVALID, "line 1"},
    {"{\"v\":5}", PD_UNSUPPORTED, "schema version 5"},
    {"{\"v\":0}", PD_UNSUPPORTED, "schema version 0"},
    {"{\"v\":\"1\"}", PD_INVALID, "\"v\" is not an integer"},
    {"{\"v\":1,\"v\":1}", PD_INVALID, "line 1"},
    {"{\"v\":1}", PD_INVALID, "\"act\" is missing"},
    /* What the schema doesn't know */
    {SMALL_ACT "\"note\":\"free text\"," SMALL_REST, PD_INVALID, "\"note\" is not in the schema"},
    {SMALL_ACT "\"hashes\":{\"title\":\"" HEX "\"}," SMALL_REST, PD_INVALID,
     "\"hashes\" has a name"},
    {SMALL_ACT "\"commitments\":{\"name\":\"" HEX "\"}," SMALL_REST, PD_INVALID,
     "\"commitments\" has a name"},
    {SMALL_ACT "\"object\":{\"id\":\"" ID "\",\"kind\":\"person\"}," SMALL_REST, PD_INVALID,
     "\"object\""},
    {SMALL_ACT "\"object\":{\"id\":\"" ID "\",\"kind\":\"fact\",\"name\":\"x\"}," SMALL_REST,
     PD_INVALID, "\"object\""},
    {SMALL_ACT "\"key\":{\"id\":\"542fdb0f\"}," SMALL_REST, PD_INVALID, "\"key\""},
    {SMALL_ACT "\"outcome\":\"maybe\",\"party\":\"h\",\"time\":\"2026-11-23T19:01Z\",\"v\":1,"
               "\"verb\":\"share\"}",
     PD_INVALID, "\"outcome\""},
    {SMALL_ACT "\"outcome\":\"done\",\"party\":\"h\",\"time\":\"2026-11-23T19:01Z\",\"v\":1,"
               "\"verb\":\"peek\"}",
     PD_INVALID, "\"verb\""},
    /* A word of version 2 in a leaf of version 1, and the reverse */
    {SMALL_ACT "\"outcome\":\"done\",\"party\":\"h\",\"time\":\"2026-11-23T19:01Z\",\"v\":1,"
               "\"verb\":\"request_access\"}",
     PD_INVALID, "is of schema version 2"},
    {SMALL_ACT "\"object\":{\"id\":\"" ID "\",\"kind\":\"case\"}," SMALL_REST, PD_INVALID,
     "is of schema version 2"},
    {SMALL_ACT "\"outcome\":\"done\",\"party\":\"h\",\"time\":\"2026-11-23T19:01Z\",\"v\":2,"
               "\"verb\":\"share\"}",
     PD_INVALID, "is of schema version 1"},
    /* Wrong forms */
    {"{\"act\":7," SMALL_REST, PD_INVALID, "\"act\" is not a UUID"},
    {SMALL_ACT "\"object\":\"" ID "\"," SMALL_REST, PD_INVALID, "\"object\""},
    {SMALL_ACT "\"hashes\":{\"rules\":\"00\"}," SMALL_REST, PD_INVALID, "\"hashes.rules\""},
    {SMALL_ACT "\"hashes\":[]," SMALL_REST, PD_INVALID, "\"hashes\" is not an object"},
    {SMALL_ACT "\"articles\":\"a\"," SMALL_REST, PD_INVALID, "\"articles\""},
    {SMALL_ACT "\"articles\":[1]," SMALL_REST, PD_INVALID, "\"articles\" is not a string"},
    {SMALL_ACT "\"articles\":[\"Cn.pipl\"]," SMALL_REST, PD_INVALID, "\"articles\": id 1"},
    {SMALL_ACT "\"articles\":[\"a\",\"\"]," SMALL_REST, PD_INVALID, "\"articles\": id 2"},
    {SMALL_ACT "\"key\":{\"id\":\"542fdb0f\",\"signature\":\"AAAA\"}," SMALL_REST, PD_INVALID,
     "\"key\""},
    {SMALL_ACT "\"log\":{\"origin\":\"a\",\"root\":\"" HEX "\",\"size\":7}," SMALL_REST, PD_INVALID,
     "\"log\""},
    {SMALL_ACT "\"log\":{\"origin\":\"a\",\"root\":\"" HEX "\",\"size\":\"07\"}," SMALL_REST,
     PD_INVALID, "leading zeros"},
    {SMALL_ACT "\"outcome\":\"done\",\"party\":\"\",\"time\":\"2026-11-23T19:01Z\",\"v\":1,"
               "\"verb\":\"share\"}",
     PD_INVALID, "\"party\" has 1 to 128 bytes"},
    {SMALL_ACT "\"outcome\":\"done\",\"party\":\"a\\u0007\",\"time\":\"2026-11-23T19:01Z\",\"v\":1,"
               "\"verb\":\"share\"}",
     PD_INVALID, "control characters"},
    {SMALL_ACT "\"outcome\":\"done\",\"party\":\"h\",\"time\":\"2026-11-23T19:01:07Z\",\"v\":1,"
               "\"verb\":\"share\"}",
     PD_INVALID, "\"time\""},
    {SMALL_ACT "\"outcome\":\"done\",\"party\":\"h\",\"time\":\"2026-02-30T19:01Z\",\"v\":1,"
               "\"verb\":\"share\"}",
     PD_INVALID, "\"time\""},
    /* Well-formed, but against the rules of the verb */
    {SMALL_ACT "\"log\":{\"origin\":\"a\",\"root\":\"" HEX "\",\"size\":\"7\"}," SMALL_REST,
     PD_INVALID, "verbs \"anchor\" and \"prune\" only"},
    {SMALL_ACT "\"object\":{\"id\":\"" ID
               "\",\"kind\":\"dataset\"},\"outcome\":\"done\",\"party\":\"h\","
               "\"time\":\"2026-11-23T19:01Z\",\"v\":1,\"verb\":\"vote\"}",
     PD_INVALID, "may not name a dataset"},
    /* The same content in other bytes */
    {SMALL_ACT " " SMALL_REST, PD_INVALID, "canonical form"},
    {SMALL_ACT SMALL_REST "\n", PD_INVALID, "canonical form"},
    {SMALL_ACT "\"hashes\":{}," SMALL_REST, PD_INVALID, "canonical form"},
    {SMALL_ACT "\"articles\":[]," SMALL_REST, PD_INVALID, "canonical form"},
    {"{\"act\":\"01890A5D-ac96-774b-bcce-b302099a8057\"," SMALL_REST, PD_INVALID, "canonical form"},
    {SMALL_ACT "\"outcome\":\"done\",\"party\":\"h\\u0065\",\"time\":\"2026-11-23T19:01Z\",\"v\":1,"
               "\"verb\":\"share\"}",
     PD_INVALID, "canonical form"},
    {SMALL_ACT "\"outcome\":\"done\",\"party\":\"h\",\"time\":\"2026-11-23T19:01Z\",\"verb\":"
               "\"share\",\"v\":1}",
     PD_INVALID, "canonical form"},
};

static void leaves_of_another_form_are_refused(void **unused) {
    (void)unused;
    struct pd_arena *arena = pd_arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct ledger_leaf leaf;
        struct pd_error err = {0};
        assert_fails(ledger_leaf_parse(pd_str_from(refusals[i].leaf), arena, &leaf, &err),
                     refusals[i].status, &err, refusals[i].words);
    }
    pd_arena_free(arena);
}

static void a_leaf_that_no_bundle_can_hold_is_refused(void **unused) {
    (void)unused;
    struct pd_error err = {0};
    struct ledger_leaf leaf;
    struct pd_arena *arena = pd_arena_new(1 << 16);
    char *bytes = malloc(LEDGER_ENTRY_MAX + 1);
    assert_non_null(bytes);
    memset(bytes, ' ', LEDGER_ENTRY_MAX + 1);
    assert_fails(ledger_leaf_parse((pd_str){bytes, LEDGER_ENTRY_MAX + 1}, arena, &leaf, &err),
                 PD_LIMIT, &err, "65535 are the limit");
    free(bytes);
    pd_arena_free(arena);
}

static void a_full_arena_is_a_limit_and_no_crash(void **unused) {
    (void)unused;
    struct pd_error err = {0};
    struct ledger_leaf leaf;
    struct pd_arena *arena = pd_arena_new(16);
    assert_non_null(arena);
    assert_int_equal(ledger_leaf_parse(PD_STR(FULL), arena, &leaf, &err), PD_LIMIT);
    pd_arena_free(arena);
}

static void what_breaks_the_schema_is_not_written(void **unused) {
    (void)unused;
    struct pd_buf buf = {0};
    struct pd_error err = {0};
    static char long_party[LEDGER_PARTY_MAX + 1];
    memset(long_party, 'p', sizeof(long_party));
    struct ledger_leaf leaf = small_leaf();
    leaf.party = (pd_str){long_party, sizeof(long_party)};
    assert_fails(ledger_leaf_write(&leaf, &buf, &err), PD_INVALID, &err, "not 129");
    leaf = small_leaf();
    leaf.party = PD_STR("a\xc2\x85z"); /* NEL, a C1 control */
    assert_fails(ledger_leaf_write(&leaf, &buf, &err), PD_INVALID, &err, "control characters");
    leaf = small_leaf();
    leaf.time += PD_SECOND;
    assert_fails(ledger_leaf_write(&leaf, &buf, &err), PD_INVALID, &err, "whole minute");
    leaf = small_leaf();
    leaf.verb = LEDGER_VERB_COUNT;
    assert_fails(ledger_leaf_write(&leaf, &buf, &err), PD_INVALID, &err, "\"verb\"");
    leaf = small_leaf();
    leaf.article_count = LEDGER_ARTICLES_MAX + 1;
    assert_fails(ledger_leaf_write(&leaf, &buf, &err), PD_LIMIT, &err, "at most 64 ids");
    leaf = small_leaf();
    leaf.verb = LEDGER_ANCHOR;
    leaf.has_log = true;
    assert_fails(ledger_leaf_write(&leaf, &buf, &err), PD_INVALID, &err, "1 to 255 bytes");
    assert_int_equal(buf.len, 0);
}

static const struct {
    const char *name;
    enum ledger_log undisclosed, disclosed;
} logs[] = {
    {"init", LEDGER_PUBLIC, LEDGER_PUBLIC},
    {"register", LEDGER_RESTRICTED, LEDGER_PUBLIC},
    {"intend", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"attest", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"decide", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"collect", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"store", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"use", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"share", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"open", LEDGER_RESTRICTED, LEDGER_PUBLIC},
    {"transfer", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"delete", LEDGER_RESTRICTED, LEDGER_PUBLIC},
    {"deny", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"propose", LEDGER_PUBLIC, LEDGER_PUBLIC},
    {"vote", LEDGER_PUBLIC, LEDGER_PUBLIC},
    {"enact", LEDGER_PUBLIC, LEDGER_PUBLIC},
    {"answer", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"agree", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"revoke", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"anchor", LEDGER_PUBLIC, LEDGER_PUBLIC},
    {"request_access", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"create_key", LEDGER_PUBLIC, LEDGER_PUBLIC},
    {"rotate_key", LEDGER_PUBLIC, LEDGER_PUBLIC},
    {"destroy_key", LEDGER_RESTRICTED, LEDGER_PUBLIC},
    {"prune", LEDGER_PUBLIC, LEDGER_PUBLIC},
    {"spend", LEDGER_RESTRICTED, LEDGER_RESTRICTED},
    {"advance", LEDGER_PUBLIC, LEDGER_PUBLIC},
    {"object", LEDGER_PUBLIC, LEDGER_PUBLIC},
    {"reply", LEDGER_PUBLIC, LEDGER_PUBLIC},
    {"open_vote", LEDGER_PUBLIC, LEDGER_PUBLIC},
    {"close_vote", LEDGER_PUBLIC, LEDGER_PUBLIC},
};

static void every_verb_has_its_log(void **unused) {
    (void)unused;
    assert_int_equal(COUNT(logs), LEDGER_VERB_COUNT);
    for (size_t i = 0; i < COUNT(logs); i++) {
        enum ledger_verb verb;
        assert_true(ledger_verb_parse(pd_str_from(logs[i].name), &verb));
        assert_string_equal(ledger_verb_name(verb), logs[i].name);
        assert_int_equal(ledger_log_of(verb, false), logs[i].undisclosed);
        assert_int_equal(ledger_log_of(verb, true), logs[i].disclosed);
    }
    enum ledger_verb verb;
    assert_false(ledger_verb_parse(PD_STR("INIT"), &verb));
    assert_int_equal(ledger_log_of(LEDGER_VERB_COUNT, true), LEDGER_RESTRICTED);
}

static void a_leaf_about_an_undisclosed_dataset_never_fits_the_public_log(void **unused) {
    (void)unused;
    for (unsigned verb = 0; verb < LEDGER_VERB_COUNT; verb++) {
        for (unsigned kind = 0; kind < LEDGER_KIND_COUNT; kind++) {
            struct ledger_leaf leaf = small_leaf();
            struct pd_buf buf = {0};
            leaf.verb = (enum ledger_verb)verb;
            leaf.has_object = true;
            leaf.object_kind = (enum ledger_kind)kind;
            bool is_written = ledger_leaf_write(&leaf, &buf, NULL) == PD_OK;
            bool is_of_dataset = kind <= LEDGER_KIND_FACT || kind == LEDGER_KIND_CASE;
            bool is_public = ledger_log_of(leaf.verb, false) == LEDGER_PUBLIC;
            assert_int_equal(is_written, !(is_public && is_of_dataset));
            pd_buf_clear(&buf);
        }
    }
}

static void a_leaf_is_of_the_lowest_version_that_can_say_it(void **unused) {
    (void)unused;
    struct pd_arena *arena = pd_arena_new(1 << 20);
    static const struct {
        enum ledger_verb verb;
        enum ledger_kind kind;
        const char *version;
    } cases[] = {
        {LEDGER_ANSWER, LEDGER_KIND_INTENT, "\"v\":1"},
        {LEDGER_REQUEST_ACCESS, LEDGER_KIND_CASE, "\"v\":2"},
        {LEDGER_ANSWER, LEDGER_KIND_CASE, "\"v\":2"},
        {LEDGER_INTEND, LEDGER_KIND_KEY, "\"v\":3"},
        {LEDGER_DESTROY_KEY, LEDGER_KIND_VERSION, "\"v\":3"},
        {LEDGER_SPEND, LEDGER_KIND_DATASET, "\"v\":4"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ledger_leaf leaf = small_leaf(), again;
        struct pd_buf buf = {0};
        struct pd_error err = {0};
        leaf.verb = cases[i].verb;
        leaf.has_object = true;
        leaf.object_kind = cases[i].kind;
        assert_int_equal(ledger_leaf_write(&leaf, &buf, &err), PD_OK);
        assert_int_not_equal(pd_str_find(pd_buf_view(&buf), pd_str_from(cases[i].version)),
                             PD_NPOS);
        assert_int_equal(ledger_leaf_parse(pd_buf_view(&buf), arena, &again, &err), PD_OK);
        assert_int_equal(again.verb, leaf.verb);
        assert_int_equal(again.object_kind, leaf.object_kind);
        pd_buf_clear(&buf);
    }
    struct ledger_leaf enacted = small_leaf();
    struct pd_buf buf = {0};
    struct pd_error err = {0};
    enacted.verb = LEDGER_ENACT;
    enacted.has_object = false;
    enacted.hashes[LEDGER_DIGEST_POLICY].is_set = true;
    assert_int_equal(ledger_leaf_write(&enacted, &buf, &err), PD_OK);
    assert_int_not_equal(pd_str_find(pd_buf_view(&buf), PD_STR("\"v\":3")), PD_NPOS);
    assert_int_equal(ledger_leaf_parse(pd_buf_view(&buf), arena, &enacted, &err), PD_OK);
    assert_true(enacted.hashes[LEDGER_DIGEST_POLICY].is_set);
    pd_buf_clear(&buf);
    pd_arena_free(arena);
}

#define VKEY "a.example/log+52a0cc31+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

/* A new key is announced by the leaf itself, so that whoever reads the log learns it there. */
static void a_new_verifier_key_goes_with_the_acts_that_make_one(void **unused) {
    (void)unused;
    struct pd_arena *arena = pd_arena_new(1 << 20);
    uint8_t public_key[CRYPTO_PUBLIC_SIZE] = {7};
    struct ledger_vkey key;
    struct pd_buf text = {0}, buf = {0};
    struct pd_error err = {0};
    struct ledger_leaf leaf = small_leaf(), again;
    assert_int_equal(ledger_vkey_make(PD_STR("a.example/log"), public_key, &key, &err), PD_OK);
    ledger_vkey_write(&key, &text);
    leaf.verb = LEDGER_ROTATE_KEY;
    leaf.vkey = pd_buf_view(&text);
    assert_int_equal(ledger_leaf_write(&leaf, &buf, &err), PD_OK);
    assert_int_equal(ledger_leaf_parse(pd_buf_view(&buf), arena, &again, &err), PD_OK);
    assert_true(pd_str_eq(again.vkey, leaf.vkey));
    pd_buf_clear(&buf);

    leaf.verb = LEDGER_DESTROY_KEY;
    assert_fails(ledger_leaf_write(&leaf, &buf, &err), PD_INVALID, &err, "goes with the verbs");
    leaf.verb = LEDGER_CREATE_KEY;
    static const char *const wrong[] = {"", "a.example/log", VKEY, "a.example/log+x+AQ=="};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        leaf.vkey = pd_str_from(wrong[i]);
        assert_fails(ledger_leaf_write(&leaf, &buf, &err), PD_INVALID, &err, "\"vkey\"");
        pd_buf_reset(&buf);
    }
    pd_buf_clear(&buf);
    pd_buf_clear(&text);
    pd_arena_free(arena);
}

static void every_code_has_a_name_of_its_own(void **unused) {
    (void)unused;
    for (unsigned i = 0; i < LEDGER_FIELD_COUNT; i++) {
        assert_string_not_equal(ledger_field_name((enum ledger_field)i), "");
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(ledger_field_name((enum ledger_field)i),
                                    ledger_field_name((enum ledger_field)j));
    }
    assert_string_equal(ledger_field_name(LEDGER_FIELD_COUNT), "");
    assert_string_equal(ledger_digest_name(LEDGER_DIGEST_COUNT), "");
    assert_string_equal(ledger_kind_name(LEDGER_KIND_COUNT), "");
    assert_string_equal(ledger_outcome_name(LEDGER_OUTCOME_COUNT), "");
    assert_string_equal(ledger_verb_name(LEDGER_VERB_COUNT), "");
}

static void a_commitment_binds_salt_act_field_and_value(void **unused) {
    (void)unused;
    uint8_t salt[32];
    for (size_t i = 0; i < sizeof(salt); i++)
        salt[i] = (uint8_t)i;
    crypto_hash hash, other;
    char text[65];
    pd_str value = PD_STR("\"research\"");
    assert_int_equal(ledger_commit(salt, id_of(ACT), LEDGER_FIELD_PURPOSE, value, &hash, NULL),
                     PD_OK);
    pd_hex_encode(hash.bytes, 32, text);
    assert_string_equal(text, "2bfcabe42cbb6f02aba287bc888da7f9453ffb0d6d574b3b705da6fab2000057");
    assert_int_equal(ledger_commit(salt, id_of(ID), LEDGER_FIELD_PURPOSE, value, &other, NULL),
                     PD_OK);
    assert_memory_not_equal(hash.bytes, other.bytes, 32);
    assert_int_equal(ledger_commit(salt, id_of(ACT), LEDGER_FIELD_BASIS, value, &other, NULL),
                     PD_OK);
    assert_memory_not_equal(hash.bytes, other.bytes, 32);
    salt[31] ^= 1;
    assert_int_equal(ledger_commit(salt, id_of(ACT), LEDGER_FIELD_PURPOSE, value, &other, NULL),
                     PD_OK);
    assert_memory_not_equal(hash.bytes, other.bytes, 32);
    assert_int_equal(ledger_commit(salt, id_of(ACT), LEDGER_FIELD_COUNT, value, &other, NULL),
                     PD_INVALID);
}

#endif
