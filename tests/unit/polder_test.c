/* libpolder through polder.h alone, as another program uses it. */
#include <polder.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const int64_t NOW = 1795435200; /* 2026-11-23T12:00:00Z */

static void assert_ok(int status, const struct polder_error *err) {
    if (status != POLDER_OK)
        fail_msg("%s: %s", polder_status_name(status), err->text);
}

static void assert_says(const struct polder_error *err, int status, const char *piece) {
    if (err->status != status || !strstr(err->text, piece))
        fail_msg("%s: \"%s\" does not say \"%s\"", polder_status_name(err->status), err->text,
                 piece);
}

static void assert_has(const struct polder_text *text, const char *piece) {
    assert_non_null(text->data);
    assert_int_equal(strlen(text->data), text->size);
    if (!strstr(text->data, piece))
        fail_msg("\"%s\" does not hold \"%s\"", text->data, piece);
}

/* ---- Errors and texts ---- */

static void statuses_have_names_and_unknown_ones_too(void **state) {
    (void)state;
    static const struct {
        int status;
        const char *name;
    } cases[] = {{POLDER_OK, "ok"},
                 {POLDER_USAGE, "usage"},
                 {POLDER_INVALID, "invalid"},
                 {POLDER_NOT_FOUND, "not-found"},
                 {POLDER_LIMIT, "limit"},
                 {POLDER_UNSUPPORTED, "unsupported"},
                 {POLDER_UNPROVEN, "internal"},
                 {12, "unknown"},
                 {-1, "unknown"}};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(polder_status_name(cases[i].status), cases[i].name);
    int major, minor, patch;
    assert_int_equal(sscanf(polder_version(), "%d.%d.%d", &major, &minor, &patch), 3);
}

static void texts_are_cleared_twice_without_harm(void **state) {
    (void)state;
    struct polder_text text = {NULL, 0};
    polder_text_clear(NULL);
    polder_text_clear(&text);
    assert_int_equal(polder_protect_mask("x", 1, &text, NULL), POLDER_OK);
    polder_text_clear(&text);
    assert_null(text.data);
    assert_int_equal(text.size, 0);
    polder_text_clear(&text);
}

/* ---- Inspection ---- */

static const char TABLE[] = "full_name,resident_id,sex,birth_date\n"
                            "\"Wang, Jing\",510104192202229779,Female,1962-02-22\n"
                            "Li Wei,65010219170329947X,Male,1987-03-29\n"
                            "too,few\n"
                            "Zhao Min,610102192305239321,Female,1993-05-23\n";

static int inspect(const char *bytes, size_t size, size_t piece, struct polder_text *out,
                   struct polder_error *err) {
    struct polder_inspector *inspector = NULL;
    assert_ok(polder_inspector_new(NOW, 1, &inspector, err), err);
    int status = POLDER_OK;
    for (size_t at = 0; at < size && status == POLDER_OK; at += piece)
        status = polder_inspector_feed(inspector, bytes + at, size - at < piece ? size - at : piece,
                                       err);
    if (status == POLDER_OK)
        status = polder_inspector_finish(inspector, 0, out, err);
    polder_inspector_free(inspector);
    return status;
}

static void a_table_is_inspected_the_same_however_it_is_cut(void **state) {
    (void)state;
    struct polder_error err;
    struct polder_text whole = {NULL, 0};
    assert_ok(inspect(TABLE, sizeof(TABLE) - 1, sizeof(TABLE), &whole, &err), &err);
    assert_has(&whole, "{\"inspection\":1,\"rows\":3,\"set_aside\":1,");
    assert_has(&whole, "\"type\":\"cn_resident_id\",\"matched\":3");
    assert_has(&whole, "\"holds_identifiers\":true");
    assert_null(strstr(whole.data, "510104192202229779"));
    for (size_t piece = 1; piece < 40; piece++) {
        struct polder_text cut = {NULL, 0};
        assert_ok(inspect(TABLE, sizeof(TABLE) - 1, piece, &cut, &err), &err);
        assert_string_equal(cut.data, whole.data);
        polder_text_clear(&cut);
    }
    polder_text_clear(&whole);
}

static void values_are_shown_only_when_asked_for(void **state) {
    (void)state;
    struct polder_error err;
    struct polder_inspector *inspector;
    struct polder_text json = {NULL, 0};
    assert_ok(polder_inspector_new(NOW, 1, &inspector, &err), &err);
    assert_ok(polder_inspector_feed(inspector, NULL, 0, &err), &err);
    assert_ok(polder_inspector_feed(inspector, TABLE, sizeof(TABLE) - 1, &err), &err);
    assert_ok(polder_inspector_finish(inspector, 1, &json, &err), &err);
    assert_has(&json, "510104192202229779");
    polder_text_clear(&json);
    polder_inspector_free(inspector);
}

static void what_is_no_table_is_refused_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } cases[] = {{"", 0, "empty"},
                 {"a,b\n1,\0\n", 8, "line 2"},
                 {"a,b\n1,2\n3,\xff\n", 12, "line 3"},
                 {"a,b\n\"1,2\n", 9, "line 2"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct polder_error err = {0, ""};
        struct polder_text json = {NULL, 0};
        int status = inspect(cases[i].bytes, cases[i].size, 3, &json, &err);
        assert_int_equal(status, POLDER_INVALID);
        assert_says(&err, POLDER_INVALID, cases[i].says);
        assert_null(json.data);
    }
}

static void after_a_failure_and_after_the_end_nothing_more_is_taken(void **state) {
    (void)state;
    for (int fails = 0; fails < 2; fails++) {
        struct polder_error err;
        struct polder_inspector *inspector;
        struct polder_text json = {NULL, 0};
        assert_ok(polder_inspector_new(NOW, 1, &inspector, &err), &err);
        if (fails) {
            /* What is at the start is held back until the encoding can be told. */
            static const char zeros[512 << 10] = "a\n";
            assert_int_equal(polder_inspector_feed(inspector, zeros, sizeof(zeros), NULL),
                             POLDER_INVALID);
        } else {
            assert_ok(polder_inspector_feed(inspector, "a\n1\n", 4, &err), &err);
            assert_ok(polder_inspector_finish(inspector, 0, &json, &err), &err);
        }
        assert_int_equal(polder_inspector_feed(inspector, "2\n", 2, &err), POLDER_USAGE);
        assert_says(&err, POLDER_USAGE, "start a new one");
        struct polder_text second = {NULL, 0};
        assert_int_equal(polder_inspector_finish(inspector, 0, &second, &err), POLDER_USAGE);
        assert_null(second.data);
        polder_inspector_free(inspector);
        polder_text_clear(&json);
    }
    polder_inspector_free(NULL);
}

static void moments_out_of_range_are_refused(void **state) {
    (void)state;
    static const int64_t moments[] = {INT64_MIN, -62135596801, 253402300800, INT64_MAX};
    for (size_t i = 0; i < COUNT(moments); i++) {
        struct polder_error err;
        struct polder_inspector *inspector = NULL;
        struct polder_match match;
        assert_int_equal(polder_inspector_new(moments[i], 0, &inspector, &err), POLDER_USAGE);
        assert_says(&err, POLDER_USAGE, "years 1 to 9999");
        assert_null(inspector);
        assert_int_equal(polder_detect("192.0.2.1", 9, NULL, 0, moments[i], &match, 1), 0);
    }
}

static void a_cell_is_detected_with_its_columns_name(void **state) {
    (void)state;
    static const struct {
        const char *cell, *column, *type;
        int is_sure;
    } cases[] = {{"510104192202229779", "", "cn_resident_id", 1},
                 {"510104192202229778", "", NULL, 0},
                 {"110101850309123", "", "cn_resident_id", 0},
                 {"a.b@example.org", "", "email", 1},
                 {"1985-03-09", "", NULL, 0},
                 {"1985-03-09", "birth_date", "date_of_birth", 1},
                 {"\xff\xfe", "\xff", NULL, 0},
                 {"", "", NULL, 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct polder_match matches[8];
        size_t n = polder_detect(cases[i].cell, strlen(cases[i].cell), cases[i].column,
                                 strlen(cases[i].column), NOW, matches, COUNT(matches));
        assert_int_equal(n, cases[i].type ? 1 : 0);
        if (n == 0)
            continue;
        assert_string_equal(matches[0].type, cases[i].type);
        assert_int_equal(matches[0].is_sure, cases[i].is_sure);
        assert_int_equal(polder_detect(cases[i].cell, strlen(cases[i].cell), cases[i].column,
                                       strlen(cases[i].column), NOW, NULL, 0),
                         0);
    }
}

/* ---- Law ---- */

#define FACT(name, type)                                                                           \
    "{\"name\":\"" name "\"," type ",\"accepts\":[\"declared\",\"attested\"],"                     \
    "\"attesters\":[\"steward\"],\"bound\":\"bytes\",\"title\":{\"en\":\"" name                    \
    "\",\"zh\":\"事实\"},\"supplier\":{\"en\":\"the steward\",\"zh\":\"管理员\"}}"

static const char REGISTRY[] =
    "{\"registry\":1,\"facts\":[" FACT("is_personal", "\"type\":\"bool\"") "," FACT(
        "k", "\"type\":\"long\"") "," FACT("purpose", "\"type\":\"string\"") "]}";
static const char MANIFEST[] = "{\"manifest\":1,\"jurisdiction\":\"node\",\"rank\":\"node\","
                               "\"title\":{\"en\":\"Rules\",\"zh\":\"规则\"},"
                               "\"as_of\":\"2026-11-01\"}";
static const char POLICIES[] =
    "@id(\"node.base\") permit (principal, action, resource);\n"
    "@id(\"node.personal\") @law(\"Rules\") @article(\"1\") @remedy(\"drop(direct)\")\n"
    "forbid (principal, action == Polder::Action::\"open\", resource)\n"
    "unless { context.f has is_personal && !context.f.is_personal };\n";

static struct polder_rules *make_rules(void) {
    const char *const texts[] = {POLICIES, REGISTRY, MANIFEST};
    struct polder_file files[] = {
        {"node/base.cedar", NULL, 0}, {"facts.json", NULL, 0}, {"node/manifest.json", NULL, 0}};
    char *copies[COUNT(texts)];
    for (size_t i = 0; i < COUNT(texts); i++) {
        copies[i] = strdup(texts[i]);
        assert_non_null(copies[i]);
        files[i].text = copies[i];
        files[i].size = strlen(texts[i]);
    }
    struct polder_rules *rules = NULL;
    struct polder_error err;
    assert_ok(polder_rules_new(files, COUNT(files), &rules, &err), &err);
    for (size_t i = 0; i < COUNT(texts); i++)
        free(copies[i]); /* what comes in is copied: the sanitizer would tell */
    return rules;
}

#define PARTY "\"party\":{\"id\":\"p\",\"kind\":\"state_organ\"}"
#define THING "\"resource\":{\"type\":\"Distribution\",\"id\":\"d1\"}"
#define MORE  THING ",\"now\":\"2026-11-23T12:00:00Z\""

static void the_law_decides_a_case(void **state) {
    (void)state;
    static const struct {
        const char *json, *outcome;
    } cases[] = {
        {"{\"verb\":\"open\"," PARTY "," MORE ",\"facts\":[]}", "\"outcome\":\"open\""},
        {"{\"verb\":\"open\"," PARTY "," MORE
         ",\"facts\":[{\"name\":\"is_personal\",\"value\":true}]}",
         "\"outcome\":\"deny\""},
        {"{\"verb\":\"open\"," PARTY "," MORE
         ",\"facts\":[{\"name\":\"is_personal\",\"value\":false,\"class\":\"attested\","
         "\"by\":\"lin\",\"at\":\"2026-11-22\",\"expires\":\"2026-12-24\",\"evidence\":\"e\"},"
         "{\"name\":\"k\",\"value\":5},{\"name\":\"purpose\",\"value\":\"statistics\"}]}",
         "\"outcome\":\"permit\""},
        {"{\"verb\":\"open\"," PARTY "," MORE
         ",\"facts\":[{\"name\":\"is_personal\",\"value\":false,\"expires\":\"2026-11-22\"}]}",
         "\"outcome\":\"open\""},
        {"{\"verb\":\"share\",\"member\":\"lin\",\"recipient\":{\"id\":\"r\",\"kind\":\"agency\","
         "\"chamber\":\"government\",\"country\":\"CN\"}," PARTY "," MORE ",\"facts\":[]}",
         "\"outcome\":\"permit\""},
    };
    struct polder_rules *rules = make_rules();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct polder_error err;
        struct polder_text finding = {NULL, 0};
        assert_ok(polder_rules_decide(rules, cases[i].json, strlen(cases[i].json), &finding, &err),
                  &err);
        assert_has(&finding, "{\"finding\":1,");
        assert_has(&finding, cases[i].outcome);
        polder_text_clear(&finding);
    }
    polder_rules_free(rules);
    polder_rules_free(NULL);
}

#define CASE(facts) "{\"verb\":\"open\"," PARTY "," MORE ",\"facts\":" facts "}"

static void a_case_that_is_not_of_the_form_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *json, *says;
    } cases[] = {
        {"", "the case"},
        {"{", "line 1"},
        {"[]", "the case must be an object"},
        {"{}", "the case lacks \"verb\""},
        {"{\"verb\":1," PARTY "," MORE ",\"facts\":[]}", "\"verb\" must be text"},
        {"{\"verb\":\"opn\"," PARTY "," MORE ",\"facts\":[]}", "did you mean \"open\""},
        {"{\"verb\":\"open\"," PARTY "," MORE ",\"facts\":[],\"fact\":[]}",
         "unknown member \"fact\""},
        {"{\"verb\":\"open\",\"party\":\"p\"," MORE ",\"facts\":[]}",
         "\"party\" must be an object"},
        {"{\"verb\":\"open\",\"party\":{\"id\":\"p\"}," MORE ",\"facts\":[]}",
         "\"party\" lacks \"kind\""},
        {"{\"verb\":\"open\"," PARTY ",\"recipient\":null," MORE ",\"facts\":[]}",
         "\"recipient\" must be an object"},
        {"{\"verb\":\"open\"," PARTY ",\"resource\":{\"id\":\"d\"},\"now\":\"2026-11-23\","
         "\"facts\":[]}",
         "\"resource\" lacks \"type\""},
        {"{\"verb\":\"open\"," PARTY "," THING ",\"now\":\"today\",\"facts\":[]}",
         "\"now\" must be a date or a time"},
        {CASE("{}"), "\"facts\" must be an array"},
        {CASE("[7]"), "facts[0] must be an object"},
        {CASE("[{\"name\":\"is_personal\"}]"), "facts[0] lacks \"value\""},
        {CASE("[{\"name\":\"is_personl\",\"value\":true}]"), "facts[0]: "},
        {CASE("[{\"name\":\"is_personal\",\"value\":\"true\"}]"), "must not stand in quotes"},
        {CASE("[{\"name\":\"is_personal\",\"value\":1}]"), "facts[0]: is_personal is true or"},
        {CASE("[{\"name\":\"k\",\"value\":1.5}]"), "whole number or text"},
        {CASE("[{\"name\":\"k\",\"value\":5,\"class\":\"heard\"}]"), "\"class\" must be declared"},
        {CASE("[{\"name\":\"k\",\"value\":5},{\"name\":\"k\",\"value\":5,\"at\":\"x\"}]"),
         "facts[1]: \"at\" must be"},
        {CASE("[{\"name\":\"k\",\"value\":5,\"value\":6}]"), "value"},
    };
    struct polder_rules *rules = make_rules();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct polder_error err = {0, ""};
        struct polder_text finding = {NULL, 0};
        int status =
            polder_rules_decide(rules, cases[i].json, strlen(cases[i].json), &finding, &err);
        assert_int_equal(status, POLDER_INVALID);
        assert_says(&err, POLDER_INVALID, cases[i].says);
        assert_null(finding.data);
    }
    polder_rules_free(rules);
}

static void a_case_of_more_than_a_mebibyte_is_refused(void **state) {
    (void)state;
    struct polder_rules *rules = make_rules();
    size_t size = (1 << 20) + 1;
    char *spaces = malloc(size);
    assert_non_null(spaces);
    memset(spaces, ' ', size);
    struct polder_text finding;
    assert_int_equal(polder_rules_decide(rules, spaces, size, &finding, NULL), POLDER_LIMIT);
    free(spaces);
    polder_rules_free(rules);
}

static void rules_that_do_not_load_are_refused_with_their_place(void **state) {
    (void)state;
    const struct polder_file bad[] = {{"facts.json", REGISTRY, strlen(REGISTRY)},
                                      {"node/manifest.json", MANIFEST, strlen(MANIFEST)},
                                      {"node/base.cedar", "permit (", 8}};
    struct polder_error err;
    struct polder_rules *rules = NULL;
    assert_int_equal(polder_rules_new(bad, COUNT(bad), &rules, &err), POLDER_INVALID);
    assert_says(&err, POLDER_INVALID, "node/base.cedar:1:");
    assert_int_equal(polder_rules_new(NULL, 0, &rules, &err), POLDER_INVALID);
    assert_says(&err, POLDER_INVALID, "facts.json");
    assert_null(rules);
}

/* ---- Ledger: the tree of eight leaves that Certificate Transparency's tests use ---- */

static struct polder_hash hex(const char *digits) {
    struct polder_hash hash;
    for (size_t i = 0; i < sizeof(hash.bytes); i++) {
        unsigned byte;
        assert_int_equal(sscanf(digits + 2 * i, "%2x", &byte), 1);
        hash.bytes[i] = (unsigned char)byte;
    }
    return hash;
}

static const char ROOT_8[] = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
static const char ROOT_6[] = "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef";
static const char LEAF_0[] = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
static const char LEAF_1[] = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
static const char *const INCLUSION_1_8[] = {
    LEAF_0, "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"};
static const char *const CONSISTENCY_6_8[] = {
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"};

static void leaves_hash_as_rfc_9162_has_it(void **state) {
    (void)state;
    struct polder_error err;
    struct polder_hash hash, expected = hex(LEAF_0);
    assert_ok(polder_ledger_hash_leaf(NULL, 0, &hash, &err), &err);
    assert_memory_equal(&hash, &expected, sizeof(hash));
    expected = hex(LEAF_1);
    assert_ok(polder_ledger_hash_leaf("\0", 1, &hash, &err), &err);
    assert_memory_equal(&hash, &expected, sizeof(hash));
    char *large = calloc(1, 65536);
    assert_non_null(large);
    assert_ok(polder_ledger_hash_leaf(large, 65535, &hash, &err), &err);
    assert_int_equal(polder_ledger_hash_leaf(large, 65536, &hash, &err), POLDER_LIMIT);
    free(large);
}

static void a_leaf_is_in_the_tree_or_it_is_not(void **state) {
    (void)state;
    static const struct {
        uint64_t index, size;
        size_t count;
        const char *leaf, *root;
        int status;
    } cases[] = {{1, 8, 3, LEAF_1, ROOT_8, POLDER_OK},
                 {1, 8, 3, LEAF_0, ROOT_8, POLDER_UNPROVEN},
                 {1, 8, 3, LEAF_1, ROOT_6, POLDER_UNPROVEN},
                 {2, 8, 3, LEAF_1, ROOT_8, POLDER_UNPROVEN},
                 {8, 8, 3, LEAF_1, ROOT_8, POLDER_INVALID},
                 {1, 8, 2, LEAF_1, ROOT_8, POLDER_INVALID},
                 {1, 4, 3, LEAF_1, ROOT_8, POLDER_INVALID},
                 {0, 0, 0, LEAF_1, ROOT_8, POLDER_INVALID},
                 {1, UINT64_MAX, 3, LEAF_1, ROOT_8, POLDER_INVALID}};
    struct polder_hash proof[3];
    for (size_t i = 0; i < COUNT(proof); i++)
        proof[i] = hex(INCLUSION_1_8[i]);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct polder_hash leaf = hex(cases[i].leaf), root = hex(cases[i].root);
        assert_int_equal(polder_ledger_verify_inclusion(cases[i].index, cases[i].size, &leaf, proof,
                                                        cases[i].count, &root, NULL),
                         cases[i].status);
    }
}

static void a_tree_extends_another_or_it_does_not(void **state) {
    (void)state;
    static const struct {
        uint64_t old_size, new_size;
        size_t count;
        const char *old_root, *new_root;
        int status;
    } cases[] = {
        {6, 8, 3, ROOT_6, ROOT_8, POLDER_OK},       {8, 8, 0, ROOT_8, ROOT_8, POLDER_OK},
        {8, 8, 0, ROOT_6, ROOT_8, POLDER_UNPROVEN}, {6, 8, 3, ROOT_8, ROOT_6, POLDER_UNPROVEN},
        {6, 8, 3, LEAF_0, ROOT_8, POLDER_UNPROVEN}, {6, 8, 2, ROOT_6, ROOT_8, POLDER_INVALID},
        {0, 8, 3, ROOT_6, ROOT_8, POLDER_INVALID},  {8, 6, 3, ROOT_6, ROOT_8, POLDER_INVALID}};
    struct polder_hash proof[3];
    for (size_t i = 0; i < COUNT(proof); i++)
        proof[i] = hex(CONSISTENCY_6_8[i]);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct polder_hash old_root = hex(cases[i].old_root), new_root = hex(cases[i].new_root);
        assert_int_equal(polder_ledger_verify_consistency(cases[i].old_size, cases[i].new_size,
                                                          &old_root, &new_root, proof,
                                                          cases[i].count, NULL),
                         cases[i].status);
    }
}

/* Signed with the key of seed 00 01 02 ... 1f. */
#define HEAD "c2sp.org/tlog-proof@v1\nindex 1\n"
#define PATH                                                                                       \
    "uYmoCZl8WNzZsvX9VThOyR13ouL04Jnwbfr/UGxgKLY=\n"                                               \
    "Fh6zaVzWR8Dzi9ivUF+TcREB8neNLUECqCoY2Ju3kDg=\n\n"
#define SIGNED "log.example/test\n3\nsCX8fe94V1syvx4XqAQAqxCOhVVGWlE9ns6EnqCpNBA=\n\n"
#define SIGNATURE                                                                                  \
    "— log.example/test "                                                                        \
    "b/3xwIc9R41+0dapINwiW4CMsb/TLGeS29kEcaDaQFcDRVKXyqSUrk2YRnp9j3dh217TPX7VMFWPQeFrLOp77sbyWAE=" \
    "\n"
#define KEY "log.example/test+6ffdf1c0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"

static void a_proof_file_holds_or_says_why_not(void **state) {
    (void)state;
    static const struct {
        const char *proof, *entry, *key;
        int status;
    } cases[] = {
        {HEAD PATH SIGNED SIGNATURE, "second entry", KEY, POLDER_OK},
        {HEAD PATH SIGNED SIGNATURE, "second entry", "  " KEY "\n", POLDER_OK},
        {HEAD PATH SIGNED SIGNATURE, "second entrx", KEY, POLDER_UNPROVEN},
        {"c2sp.org/tlog-proof@v1\nindex 0\n" PATH SIGNED SIGNATURE, "second entry", KEY,
         POLDER_UNPROVEN},
        {HEAD PATH
         "log.example/test\n4\nsCX8fe94V1syvx4XqAQAqxCOhVVGWlE9ns6EnqCpNBA=\n\n" SIGNATURE,
         "second entry", KEY, POLDER_UNPROVEN},
        {HEAD PATH SIGNED SIGNATURE, "second entry",
         "log.example/tesu+6ffdf1c0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", POLDER_INVALID},
        {HEAD PATH SIGNED SIGNATURE, "second entry", "", POLDER_INVALID},
        {HEAD PATH SIGNED, "second entry", KEY, POLDER_INVALID},
        {HEAD PATH, "second entry", KEY, POLDER_INVALID},
        {"", "second entry", KEY, POLDER_INVALID},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct polder_error err = {0, ""};
        struct polder_proven proven = {.index = 99};
        int status = polder_ledger_verify_proof(cases[i].proof, strlen(cases[i].proof),
                                                cases[i].entry, strlen(cases[i].entry),
                                                cases[i].key, strlen(cases[i].key), &proven, &err);
        if (status != cases[i].status)
            fail_msg("case %zu: %s: %s", i, polder_status_name(status), err.text);
        assert_int_equal(proven.index, status == POLDER_OK ? 1 : 99);
        assert_int_equal(proven.size, status == POLDER_OK ? 3 : 0);
    }
}

/* ---- Protection ---- */

static void masks_hide_and_pseudonyms_join(void **state) {
    (void)state;
    struct polder_error err;
    struct polder_text one = {NULL, 0}, other = {NULL, 0};
    assert_ok(polder_protect_mask("张三丰", strlen("张三丰"), &one, &err), &err);
    assert_string_equal(one.data, "张**");
    polder_text_clear(&one);
    assert_ok(polder_protect_mask("", 0, &one, &err), &err);
    assert_string_equal(one.data, "");
    polder_text_clear(&one);

    unsigned char key[POLDER_KEY_SIZE] = {1};
    assert_ok(polder_protect_pseudonym(key, "card", 4, "C-1", 3, &one, &err), &err);
    assert_int_equal(one.size, 18);
    assert_ok(polder_protect_pseudonym(key, "card", 4, "C-1", 3, &other, &err), &err);
    assert_string_equal(one.data, other.data);
    polder_text_clear(&other);
    key[0] = 2;
    assert_ok(polder_protect_pseudonym(key, "card", 4, "C-1", 3, &other, &err), &err);
    assert_string_not_equal(one.data, other.data);
    polder_text_clear(&other);
    polder_text_clear(&one);

    assert_int_equal(polder_protect_mask("ab\xff", 3, &one, &err), POLDER_INVALID);
    assert_says(&err, POLDER_INVALID, "byte 3");
    assert_null(one.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_have_names_and_unknown_ones_too),
        cmocka_unit_test(texts_are_cleared_twice_without_harm),
        cmocka_unit_test(a_table_is_inspected_the_same_however_it_is_cut),
        cmocka_unit_test(values_are_shown_only_when_asked_for),
        cmocka_unit_test(what_is_no_table_is_refused_with_its_place),
        cmocka_unit_test(after_a_failure_and_after_the_end_nothing_more_is_taken),
        cmocka_unit_test(moments_out_of_range_are_refused),
        cmocka_unit_test(a_cell_is_detected_with_its_columns_name),
        cmocka_unit_test(the_law_decides_a_case),
        cmocka_unit_test(a_case_that_is_not_of_the_form_is_refused),
        cmocka_unit_test(a_case_of_more_than_a_mebibyte_is_refused),
        cmocka_unit_test(rules_that_do_not_load_are_refused_with_their_place),
        cmocka_unit_test(leaves_hash_as_rfc_9162_has_it),
        cmocka_unit_test(a_leaf_is_in_the_tree_or_it_is_not),
        cmocka_unit_test(a_tree_extends_another_or_it_does_not),
        cmocka_unit_test(a_proof_file_holds_or_says_why_not),
        cmocka_unit_test(masks_hide_and_pseudonyms_join),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
