/*
 * The closed schema of a leaf, as the program has it, for those who describe it elsewhere
 * (docs/reference/leaf.schema.json, tests/blackbox/leaf_schema.test.mjs).
 *
 *     leaf_samples          first a line with all words, each with the version that has it first;
 * then one leaf a line: every verb with every kind, outcome, digest, field and member that the
 * program writes leaf_samples --check  reads leaves from stdin, one a line, and answers "yes" or
 * why not
 */
#include "ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t seed[CRYPTO_SEED_SIZE] = {1};

/* The leaf in its canonical form; false if the schema doesn't have it. */
static bool write_leaf(const struct ledger_leaf *leaf, struct pd_buf *out) {
    pd_buf_reset(out);
    return ledger_leaf_write(leaf, out, NULL) == PD_OK && pd_buf_check(out, NULL) == PD_OK;
}

static int version_of(const struct ledger_leaf *leaf, struct pd_buf *scratch) {
    if (!write_leaf(leaf, scratch))
        return 0;
    const char *v = strstr(scratch->data, "\"v\":");
    return v ? atoi(v + 4) : 0;
}

static struct ledger_leaf small(enum ledger_verb verb) {
    struct ledger_leaf leaf = {
        .verb = verb, .party = PD_STR("transport"), .outcome = LEDGER_OUTCOME_DONE};
    if (!pd_id_parse(PD_STR("01890a5d-ac96-774b-bcce-b302099a8057"), &leaf.act) ||
        !pd_id_parse(PD_STR("01890a5d-ac96-774b-bcce-b302099a8058"), &leaf.object_id) ||
        !pd_time_parse(PD_STR("2026-11-23T19:01:00Z"), &leaf.time))
        abort();
    return leaf;
}

/* ---- The words ---- */

struct words {
    const char *name;
    unsigned count;
    const char *(*name_of)(unsigned i);
    void (*put)(struct ledger_leaf *leaf, unsigned i);
};

static const char *verb_name(unsigned i) {
    return ledger_verb_name((enum ledger_verb)i);
}
static const char *outcome_name(unsigned i) {
    return ledger_outcome_name((enum ledger_outcome)i);
}
static const char *kind_name(unsigned i) {
    return ledger_kind_name((enum ledger_kind)i);
}
static const char *digest_name(unsigned i) {
    return ledger_digest_name((enum ledger_digest)i);
}
static const char *field_name(unsigned i) {
    return ledger_field_name((enum ledger_field)i);
}
static void put_verb(struct ledger_leaf *leaf, unsigned i) {
    leaf->verb = (enum ledger_verb)i;
}
static void put_outcome(struct ledger_leaf *leaf, unsigned i) {
    leaf->outcome = (enum ledger_outcome)i;
}
static void put_kind(struct ledger_leaf *leaf, unsigned i) {
    leaf->has_object = true;
    leaf->object_kind = (enum ledger_kind)i;
}
static void put_digest(struct ledger_leaf *leaf, unsigned i) {
    leaf->hashes[i].is_set = true;
}
static void put_field(struct ledger_leaf *leaf, unsigned i) {
    leaf->commitments[i].is_set = true;
}

static const struct words WORDS[] = {
    {"verbs", LEDGER_VERB_COUNT, verb_name, put_verb},
    {"outcomes", LEDGER_OUTCOME_COUNT, outcome_name, put_outcome},
    {"kinds", LEDGER_KIND_COUNT, kind_name, put_kind},
    {"hashes", LEDGER_DIGEST_COUNT, digest_name, put_digest},
    {"commitments", LEDGER_FIELD_COUNT, field_name, put_field},
};
enum { WORDS_COUNT = sizeof(WORDS) / sizeof(WORDS[0]) };

/* Each word with the version of a leaf that has it and otherwise only what version 1 has; the verbs
 * also with the log of what isn't disclosed, and of what is. */
static void write_words(struct pd_buf *scratch, struct pd_buf *out) {
    static const char *const logs[] = {
        [LEDGER_PUBLIC] = "public", [LEDGER_RESTRICTED] = "restricted"};
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_COMPACT);
    pd_json_object(&w);
    for (size_t i = 0; i < WORDS_COUNT; i++) {
        pd_json_key(&w, WORDS[i].name);
        pd_json_object(&w);
        for (unsigned j = 0; j < WORDS[i].count; j++) {
            struct ledger_leaf leaf = small(LEDGER_SHARE);
            WORDS[i].put(&leaf, j);
            pd_json_key(&w, WORDS[i].name_of(j));
            pd_json_object(&w);
            pd_json_member_i64(&w, "since", version_of(&leaf, scratch));
            if (i == 0) {
                pd_json_member_text(&w, "undisclosed", logs[ledger_log_of(leaf.verb, false)]);
                pd_json_member_text(&w, "disclosed", logs[ledger_log_of(leaf.verb, true)]);
            }
            pd_json_object_end(&w);
        }
        pd_json_object_end(&w);
    }
    pd_json_object_end(&w);
    pd_json_clear(&w);
}

/* ---- The samples ---- */

static void sample(const struct ledger_leaf *leaf, struct pd_buf *scratch) {
    if (write_leaf(leaf, scratch))
        printf("%.*s\n", (int)scratch->len, scratch->data);
}

static void sample_members(enum ledger_verb verb, pd_str vkey, struct pd_buf *scratch) {
    struct ledger_leaf leaf = small(verb);
    leaf.has_log = true;
    leaf.log_origin = PD_STR("data.example.gov/restricted/2026-11");
    leaf.log_size = LEDGER_SIZE_MAX;
    sample(&leaf, scratch);
    leaf = small(verb);
    leaf.has_key = true;
    sample(&leaf, scratch);
    leaf = small(verb);
    leaf.vkey = vkey;
    sample(&leaf, scratch);
    leaf = small(verb);
    leaf.article_count = 2;
    leaf.articles[0] = PD_STR("cn.pipl.38");
    leaf.articles[1] = PD_STR("node_1");
    sample(&leaf, scratch);
}

static int write_samples(void) {
    struct pd_buf scratch, words, vkey;
    struct ledger_skey key;
    pd_buf_init(&scratch, 0);
    pd_buf_init(&words, 0);
    pd_buf_init(&vkey, 0);
    if (ledger_skey_make(PD_STR("data.example.gov/party/transport"), seed, &key, NULL) != PD_OK)
        return 1;
    struct ledger_vkey public_half = ledger_skey_public(&key);
    ledger_vkey_write(&public_half, &vkey);
    write_words(&scratch, &words);
    printf("%.*s\n", (int)words.len, words.data);
    for (unsigned verb = 0; verb < LEDGER_VERB_COUNT; verb++) {
        for (size_t i = 1; i < WORDS_COUNT; i++)
            for (unsigned j = 0; j < WORDS[i].count; j++) {
                struct ledger_leaf leaf = small((enum ledger_verb)verb);
                WORDS[i].put(&leaf, j);
                sample(&leaf, &scratch);
            }
        sample_members((enum ledger_verb)verb, pd_buf_view(&vkey), &scratch);
    }
    pd_buf_clear(&scratch);
    pd_buf_clear(&words);
    pd_buf_clear(&vkey);
    return 0;
}

static int check_lines(void) {
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    while ((n = getline(&line, &room, stdin)) > 0) {
        struct pd_error why = {0};
        struct ledger_leaf leaf;
        struct pd_arena *arena = pd_arena_new(1 << 20);
        if (!arena)
            return 1;
        pd_str text = {line, (size_t)n - (line[n - 1] == '\n')};
        puts(ledger_leaf_parse(text, arena, &leaf, &why) == PD_OK ? "yes" : why.text);
        pd_arena_free(arena);
    }
    free(line);
    return 0;
}

int main(int argc, char **argv) {
    return argc > 1 && strcmp(argv[1], "--check") == 0 ? check_lines() : write_samples();
}
