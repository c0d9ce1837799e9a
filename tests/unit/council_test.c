/* Charter, count, frozen vote and ballot box, against values worked out by hand, and what must hold
 * of any vote. */
#include "council/council.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct pd_arena *arena;

static int set_up(void **state) {
    (void)state;
    arena = pd_arena_new((size_t)256 << 20);
    return arena ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    pd_arena_free(arena);
    return 0;
}

static pd_str read_file(const char *path) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    static char text[1 << 16];
    size_t n = fread(text, 1, sizeof(text), f);
    fclose(f);
    return pd_arena_str(arena, (pd_str){text, n});
}

static const struct council_charter *charter_of(const char *path) {
    const struct council_charter *c = NULL;
    struct pd_error err = {0};
    if (council_charter_parse(read_file(path), arena, &c, &err) != PD_OK)
        fail_msg("%s: %s", path, err.text);
    return c;
}

static struct council_frame frame_of(const struct council_charter *c, const char *path,
                                     bool otherwise) {
    const struct council_matter *m = NULL;
    struct council_frame f;
    struct pd_error err = {0};
    pd_str given = pd_str_from(path);
    if (council_find_matter(c, &given, 1, &m, &err) != PD_OK)
        fail_msg("%s", err.text);
    council_frame_make(c, m, otherwise, &f);
    return f;
}

static const char CO_DECISION[] = "law/node/charter.json";

/* ---- The charter ---- */

static void the_presets_are_read(void **state) {
    (void)state;
    static const struct {
        const char *path, *preset;
        enum council_kind standards;
    } presets[] = {
        {CO_DECISION, "co-decision", COUNCIL_CHAMBERS},
        {"law/charters/notice-and-comment.json", "notice-and-comment", COUNCIL_BODY},
        {"law/charters/technical-committee.json", "technical-committee", COUNCIL_CONSENT}};
    for (size_t i = 0; i < sizeof(presets) / sizeof(*presets); i++) {
        const struct council_charter *c = charter_of(presets[i].path);
        assert_true(pd_str_is(c->preset, presets[i].preset));
        assert_int_equal(c->chamber_count, 4);
        assert_int_equal(frame_of(c, "standards/trips.json", false).method.kind,
                         presets[i].standards);
        assert_true(pd_str_is(frame_of(c, "node/charter.json", false).method.id, "constitutional"));
    }
    const struct council_charter *consent = charter_of(presets[2].path);
    struct council_frame f = frame_of(consent, "standards/trips.json", true);
    assert_true(pd_str_is(f.method.id, "ordinary"));
    assert_int_equal(f.chamber_count, 4);
    f = frame_of(charter_of(presets[1].path), "node/thresholds.json", false);
    assert_int_equal(f.chamber_count, 1);
    assert_true(pd_str_is(f.chambers[0].id, "government"));
}

static void a_matter_is_the_first_that_is_touched(void **state) {
    (void)state;
    const struct council_charter *c = charter_of(CO_DECISION);
    const struct council_matter *m;
    struct pd_error err = {0};
    const pd_str both[] = {PD_STR_INIT("node/thresholds.json"), PD_STR_INIT("node/charter.json")};
    assert_int_equal(council_find_matter(c, both, 2, &m, &err), PD_OK);
    assert_true(pd_str_is(m->id, "charter"));
    assert_int_equal(m->must_pass, 15);
    static const char *const beyond[] = {"cn/pipl.cedar",      "facts.json",
                                         "polder.cedarschema", "node/deep/x.cedar",
                                         "standards/a/b.json", "node/x.txt"};
    for (size_t i = 0; i < sizeof(beyond) / sizeof(*beyond); i++) {
        pd_str path = pd_str_from(beyond[i]);
        assert_int_equal(council_find_matter(c, &path, 1, &m, &err), PD_DENIED);
        assert_non_null(strstr(err.text, beyond[i]));
    }
    assert_int_equal(council_find_matter(c, both, 0, &m, &err), PD_USAGE);
}

/* Replaces the first `old` by `with`. */
static pd_str changed(pd_str text, const char *old, const char *with) {
    size_t at = pd_str_find(text, pd_str_from(old));
    assert_int_not_equal(at, PD_NPOS);
    return pd_arena_printf(arena, "%.*s%s%.*s", (int)at, text.data, with,
                           pd_arg(pd_str_sub(text, at + strlen(old), text.len)));
}

static void a_wrong_charter_is_refused_with_the_place(void **state) {
    (void)state;
    static const struct {
        const char *old, *with, *says;
    } cases[] = {
        {"\"charter\": 1", "\"charter\": 2", "this Polder reads version 1"},
        {"\"preset\"", "\"preste\"", "\"preset\" is missing"},
        {"\"open_per_party\": 3", "\"open_per_party\": 0", "from 1 to 1000"},
        {"\"open_per_party\": 3", "\"open_per_party\": 3, \"note\": 1", "unknown member \"note\""},
        {"\"open_per_party\": 3", "\"open_per_party\": 3, \"four_eyes\": [\"store\"]", "four_eyes"},
        {"\"open_per_party\": 3", "\"open_per_party\": 3, \"four_eyes\": \"open\"", "four_eyes"},
        {"\"open_per_party\": 3", "\"open_per_party\": 3, \"four_eyes\": [\"open\", \"open\"]", "each once"},
        {"\"id\": \"enterprise\"", "\"id\": \"government\"", "is there twice"},
        {"\"id\": \"enterprise\"", "\"id\": \"lords\"", "chambers[1].id: must be one of"},
        {"\"weight\": 1", "\"weight\": 0", "chambers[0].weight"},
        {"\"weight\": 1", "\"weight\": 1.5", "chambers[0].weight"},
        {"\"weight\": 1", "\"wieght\": 1", "\"weight\" is missing"},
        {"\"ballot\": \"roll-call\"", "\"ballot\": \"secret\"", "\"roll-call\", \"pseudonym\""},
        {"{\"of_roll\": \"1/2\"}", "{\"of_roll\": \"3/2\"}", "chambers[0].quorum"},
        {"{\"of_roll\": \"1/2\"}", "{\"of_roll\": \"1/0\"}", "chambers[0].quorum"},
        {"{\"of_roll\": \"1/2\"}", "{\"of_roll\": \"-1/2\"}", "chambers[0].quorum"},
        {"{\"of_roll\": \"1/2\"}", "{}", "either"},
        {"{\"yes_of_root\": \"3/2\"}", "{\"yes_of_root\": \"1001\"}", "chambers[3].quorum"},
        {"\"needed\": 3", "\"needed\": 1", "one chamber adopt for all"},
        {"\"needed\": 3", "\"needed\": 5", "more than the 4 chambers"},
        {"\"majority\": \"1/2\"", "\"majority\": \"1/3\"", "from 1/2 to below 1"},
        {"\"majority\": \"2/3\"", "\"majority\": \"1\"", "from 1/2 to below 1"},
        {"\"blocking\": \"2/3\"", "\"blocking\": \"0\"", "single \"no\""},
        {"\"tie\": \"seed\"", "\"tie\": \"chair\"", "\"fails\", \"seed\""},
        {"\"kind\": \"chambers\"", "\"kind\": \"consent\"", "they need it"},
        {"\"id\": \"constitutional\"", "\"id\": \"ordinary\"", "is there twice"},
        {"\"method\": \"constitutional\"", "\"method\": \"x\"", "matters[0].method"},
        {"\"node/charter.json\"", "\"../charter.json\"", "is no path"},
        {"\"node/charter.json\"", "\"node/**\"", "is no path"},
        {"\"node/charter.json\"", "\"cn/pipl.cedar\"", "statute follows the parliament"},
        {"[\"government\", \"enterprise\"", "[\"lords\", \"enterprise\"", "reserved_to"},
        {"\"vote\": \"7d\"", "\"vote\": \"0d\"", "periods.vote"},
        {"\"vote\": \"7d\"", "\"vote\": \"7w\"", "periods.vote"},
        {"\"vote\": \"7d\"", "\"vote\": \"4000d\"", "periods.vote"},
        {"\"final\": \"10d\", ", "", "\"final\" is missing"},
        {"{\"en\"", "{\"fr\"", "\"en\" is missing"},
    };
    pd_str text = read_file(CO_DECISION);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct council_charter *c = NULL;
        struct pd_error err = {0};
        enum pd_status st =
            council_charter_parse(changed(text, cases[i].old, cases[i].with), arena, &c, &err);
        if (st == PD_OK || c || !strstr(err.text, cases[i].says))
            fail_msg("%s -> %s: \"%s\"", cases[i].old, cases[i].with, err.text);
    }
}

/* ---- The count ---- */

static struct council_result decide(const struct council_frame *f, const uint32_t n[4][4]) {
    struct council_count counts[4];
    struct council_result r;
    struct pd_error err = {0};
    for (int i = 0; i < 4; i++)
        counts[i] = (struct council_count){n[i][0], n[i][1], n[i][2], n[i][3]};
    if (council_decide(f, counts, &r, &err) != PD_OK)
        fail_msg("%s", err.text);
    return r;
}

/* Each: roll, yes, no, abstain of government, enterprise, industry, public. */
static void votes_come_out_as_worked_out_by_hand(void **state) {
    (void)state;
    static const struct {
        const char *what, *path;
        uint32_t n[4][4];
        enum council_outcome outcome;
        uint32_t passing, tied, permille;
    } cases[] = {
        {"three of four",
         "node/thresholds.json",
         {{10, 6, 4, 0}, {20, 15, 5, 0}, {6, 4, 1, 0}, {100, 14, 4, 0}},
         COUNCIL_ADOPTED,
         3,
         0,
         731}, /* (0.6 + 0.75 + 0.8 + 14/18) / 4 = 0.7319 */
        {"two of four",
         "node/thresholds.json",
         {{10, 6, 4, 0}, {20, 15, 5, 0}, {6, 1, 2, 0}, {100, 14, 4, 0}},
         COUNCIL_REJECTED,
         2,
         0,
         615},
        {"the public reaches its quorum of 15 at 100",
         "node/thresholds.json",
         {{10, 6, 4, 0}, {20, 15, 5, 0}, {6, 1, 2, 0}, {100, 15, 4, 0}},
         COUNCIL_ADOPTED,
         3,
         0,
         618},
        {"three pass, but too little weight",
         "node/thresholds.json",
         {{100, 51, 49, 0}, {100, 51, 49, 0}, {100, 51, 49, 0}, {100, 33, 67, 0}},
         COUNCIL_REJECTED,
         3,
         0,
         465},
        {"exactly 55 of 100",
         "node/thresholds.json",
         {{100, 55, 45, 0}, {100, 60, 40, 0}, {100, 60, 40, 0}, {100, 45, 55, 0}},
         COUNCIL_ADOPTED,
         3,
         0,
         550},
        {"just below",
         "node/thresholds.json",
         {{1000, 549, 451, 0}, {100, 60, 40, 0}, {100, 60, 40, 0}, {100, 45, 55, 0}},
         COUNCIL_REJECTED,
         3,
         0,
         549},
        {"one chamber blocks with more than two thirds",
         "node/thresholds.json",
         {{10, 9, 1, 0}, {10, 9, 1, 0}, {10, 9, 1, 0}, {100, 32, 68, 0}},
         COUNCIL_REJECTED,
         3,
         0,
         755},
        {"exactly two thirds don't block",
         "node/thresholds.json",
         {{10, 9, 1, 0}, {10, 9, 1, 0}, {10, 9, 1, 0}, {99, 33, 66, 0}},
         COUNCIL_ADOPTED,
         3,
         0,
         758},
        {"one voter of a hundred blocks nothing",
         "node/thresholds.json",
         {{10, 9, 1, 0}, {10, 9, 1, 0}, {10, 9, 1, 0}, {100, 0, 1, 0}},
         COUNCIL_ADOPTED,
         3,
         0,
         675},
        {"half of the roll, with abstentions",
         "node/thresholds.json",
         {{9, 2, 1, 2}, {9, 2, 1, 2}, {9, 2, 1, 2}, {100, 30, 0, 0}},
         COUNCIL_ADOPTED,
         4,
         0,
         750},
        {"one short of it",
         "node/thresholds.json",
         {{9, 2, 1, 1}, {9, 2, 1, 1}, {9, 2, 1, 2}, {100, 30, 0, 0}},
         COUNCIL_REJECTED,
         2,
         0,
         750},
        {"only abstentions pass nothing",
         "node/thresholds.json",
         {{4, 0, 0, 4}, {4, 0, 0, 4}, {4, 0, 0, 4}, {4, 0, 0, 4}},
         COUNCIL_REJECTED,
         0,
         0,
         0},
        {"empty chambers pass nothing",
         "node/thresholds.json",
         {{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}},
         COUNCIL_REJECTED,
         0,
         0,
         0},
        {"a tie in vain",
         "node/thresholds.json",
         {{10, 5, 5, 0}, {10, 6, 4, 0}, {10, 6, 4, 0}, {100, 30, 40, 0}},
         COUNCIL_REJECTED,
         2,
         1,
         532}, /* the weight is missing, whatever the seed says */
        {"a tie that decides",
         "node/thresholds.json",
         {{10, 5, 5, 0}, {10, 8, 2, 0}, {10, 8, 2, 0}, {100, 10, 12, 0}},
         COUNCIL_UNDECIDED,
         2,
         1,
         638},
        {"a tie that changes nothing",
         "node/thresholds.json",
         {{10, 5, 5, 0}, {10, 9, 1, 0}, {10, 9, 1, 0}, {100, 90, 10, 0}},
         COUNCIL_ADOPTED,
         3,
         1,
         800},
        {"two thirds exactly don't change the charter",
         "node/charter.json",
         {{3, 2, 1, 0}, {3, 3, 0, 0}, {3, 3, 0, 0}, {4, 4, 0, 0}},
         COUNCIL_REJECTED,
         3,
         0,
         916},
        {"more than two thirds of each do",
         "node/charter.json",
         {{10, 7, 3, 0}, {3, 3, 0, 0}, {3, 3, 0, 0}, {4, 4, 0, 0}},
         COUNCIL_ADOPTED,
         4,
         0,
         925},
        {"what is reserved to a chamber it can't be outvoted on",
         "delegated/x.cedar",
         {{11, 5, 6, 0}, {10, 9, 1, 0}, {10, 9, 1, 0}, {100, 90, 10, 0}},
         COUNCIL_REJECTED,
         3,
         0,
         788},
    };
    const struct council_charter *c = charter_of(CO_DECISION);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct council_frame f = frame_of(c, cases[i].path, false);
        struct council_result r = decide(&f, cases[i].n);
        if (r.outcome != cases[i].outcome || r.passing != cases[i].passing ||
            r.tied != cases[i].tied || r.weighted_permille != cases[i].permille)
            fail_msg("%s: %s, %u passing, %u tied, %u permille", cases[i].what,
                     council_outcome_name(r.outcome), r.passing, r.tied, r.weighted_permille);
    }
}

static void the_public_quorum_grows_with_the_root_of_the_roll(void **state) {
    (void)state;
    static const struct {
        uint32_t roll, needed;
    } cases[] = {{0, 0},       {1, 1},      {4, 3},       {100, 15},       {1000, 48},
                 {10000, 150}, {9999, 150}, {10001, 151}, {1000000, 1500}, {100000000, 15000}};
    struct council_frame f = frame_of(charter_of(CO_DECISION), "node/thresholds.json", false);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint32_t n[4][4] = {{2, 2, 0, 0}, {2, 2, 0, 0}, {2, 0, 2, 0}, {cases[i].roll, 0, 0, 0}};
        struct council_result r = decide(&f, (const uint32_t(*)[4])n);
        assert_int_equal(r.chambers[3].quorum, cases[i].needed);
        for (int more = 0; more < 2 && cases[i].needed > 1 && cases[i].needed <= cases[i].roll;
             more++) {
            n[3][1] = cases[i].needed - 1 + (uint32_t)more;
            r = decide(&f, (const uint32_t(*)[4])n);
            assert_int_equal(r.chambers[3].stand, more ? COUNCIL_PASSES : COUNCIL_FAILS);
        }
    }
}

static void more_votes_than_voters_are_refused(void **state) {
    (void)state;
    struct council_frame f = frame_of(charter_of(CO_DECISION), "node/thresholds.json", false);
    struct council_count counts[4] = {{3, 2, 1, 1}};
    struct council_result r;
    struct pd_error err = {0};
    assert_int_equal(council_decide(&f, counts, &r, &err), PD_INVALID);
    assert_non_null(strstr(err.text, "4 votes of 3"));
}

/* ---- Ties ---- */

static void a_tie_is_decided_by_the_seed_alone(void **state) {
    (void)state;
    struct council_frame f = frame_of(charter_of(CO_DECISION), "node/thresholds.json", false);
    const struct council_count counts[4] = {
        {10, 5, 5, 0}, {10, 8, 2, 0}, {10, 8, 2, 0}, {100, 10, 12, 0}};
    struct council_result r;
    struct pd_error err = {0};
    assert_int_equal(council_decide(&f, counts, &r, &err), PD_OK);
    assert_int_equal(r.outcome, COUNCIL_UNDECIDED);
    int adopted = 0;
    for (unsigned i = 0; i < 200; i++) {
        crypto_hash root = crypto_sha256(&i, sizeof(i)), frozen = crypto_sha256("H", 1);
        crypto_hash seed = council_seed(&root, &frozen);
        uint8_t text[CRYPTO_HASH_SIZE + 10];
        memcpy(text, seed.bytes, CRYPTO_HASH_SIZE);
        memcpy(text + CRYPTO_HASH_SIZE, "government", 10);
        bool odd = crypto_sha256(text, sizeof(text)).bytes[0] & 1;
        assert_int_equal(council_settle(&f, counts, &seed, &r, &err), PD_OK);
        assert_int_equal(r.outcome, odd ? COUNCIL_ADOPTED : COUNCIL_REJECTED);
        assert_int_equal(r.tied, 0);
        adopted += r.outcome == COUNCIL_ADOPTED;
    }
    assert_in_range(adopted, 70, 130);
    /* SHA-256 of 32 zero bytes and 32 bytes of 0x01, worked out with another program. */
    crypto_hash zero = {{0}}, ones;
    memset(ones.bytes, 1, sizeof(ones.bytes));
    crypto_hash seed = council_seed(&zero, &ones);
    char hex[65];
    pd_hex_encode(seed.bytes, 32, hex);
    assert_string_equal(hex, "5c85955f709283ecce2b74f1b1552918819f390911816e7bb466805a38ab87f3");
}

/* ---- What must hold of any vote ---- */

static uint32_t below(uint32_t n) {
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return n ? (uint32_t)(state >> 16) % n : 0;
}

static void random_counts(struct council_count counts[4]) {
    for (int c = 0; c < 4; c++) {
        uint32_t roll = below(4) ? below(30) : below(2000);
        counts[c] = (struct council_count){.roll = roll};
        counts[c].yes = below(roll + 1);
        counts[c].no = below(roll - counts[c].yes + 1);
        counts[c].abstain = below(roll - counts[c].yes - counts[c].no + 1);
    }
}

static void no_chamber_alone_adopts_what_the_charter_gives_to_several(void **state) {
    (void)state;
    static const char *const paths[] = {"node/thresholds.json", "node/charter.json",
                                        "delegated/a.cedar", "standards/trips.json"};
    const struct council_charter *c = charter_of(CO_DECISION);
    int adopted = 0;
    for (int i = 0; i < 40000; i++) {
        struct council_frame f = frame_of(c, paths[i % 4], false);
        struct council_count counts[4];
        struct council_result r;
        random_counts(counts);
        assert_int_equal(council_decide(&f, counts, &r, NULL), PD_OK);
        adopted += r.outcome == COUNCIL_ADOPTED;
        /* The others say nothing, or no: then it isn't adopted, whatever one chamber says. */
        uint32_t alone = below(4);
        for (uint32_t j = 0; j < 4; j++)
            if (j != alone)
                counts[j].yes = 0;
        counts[alone] = (struct council_count){50, 50, 0, 0};
        assert_int_equal(council_decide(&f, counts, &r, NULL), PD_OK);
        assert_int_equal(r.outcome, COUNCIL_REJECTED);
        /* Nor does any chamber get outvoted on what is reserved to it. */
        random_counts(counts);
        assert_int_equal(council_decide(&f, counts, &r, NULL), PD_OK);
        for (uint32_t j = 0; j < 4; j++)
            if ((f.must_pass >> j & 1) && r.chambers[j].stand == COUNCIL_FAILS)
                assert_int_equal(r.outcome, COUNCIL_REJECTED);
    }
    assert_in_range(adopted, 500, 39000);
}

static void another_yes_never_hurts(void **state) {
    (void)state;
    struct council_frame f = frame_of(charter_of(CO_DECISION), "node/thresholds.json", false);
    for (int i = 0; i < 20000; i++) {
        struct council_count counts[4];
        struct council_result before, after;
        random_counts(counts);
        uint32_t at = below(4);
        assert_int_equal(council_decide(&f, counts, &before, NULL), PD_OK);
        if (counts[at].no == 0)
            continue;
        counts[at].no--;
        counts[at].yes++;
        assert_int_equal(council_decide(&f, counts, &after, NULL), PD_OK);
        if (before.outcome == COUNCIL_ADOPTED)
            assert_int_equal(after.outcome, COUNCIL_ADOPTED);
    }
}

/* ---- The box ---- */

enum { VOTERS = 60, BALLOTS = 300 };

static void the_order_of_ballots_makes_no_difference(void **state) {
    (void)state;
    struct council_frame f = frame_of(charter_of(CO_DECISION), "node/thresholds.json", false);
    pd_str voters[VOTERS];
    for (int i = 0; i < VOTERS; i++)
        voters[i] = pd_arena_printf(arena, "v%03d", i);
    const pd_str *rolls[] = {voters, voters, voters, voters};
    const size_t counts[] = {0, 0, 0, VOTERS};
    struct {
        int voter;
        enum council_choice choice;
        pd_id order;
    } ballots[BALLOTS];
    enum council_choice last[VOTERS];
    bool has[VOTERS] = {false};
    for (int i = 0; i < BALLOTS; i++) {
        ballots[i].voter = (int)below(VOTERS);
        ballots[i].choice = (enum council_choice)below(3);
        ballots[i].order = pd_id_make(1000000 * (pd_time)(i + 1), (const uint8_t[10]){1});
        last[ballots[i].voter] = ballots[i].choice;
        has[ballots[i].voter] = true;
    }
    uint32_t expected[3] = {0};
    for (int i = 0; i < VOTERS; i++)
        if (has[i])
            expected[last[i]]++;
    for (int round = 0; round < 20; round++) {
        struct council_box *box = council_box_new(&f, rolls, counts);
        assert_non_null(box);
        for (int i = BALLOTS - 1; i > 0; i--) {
            int j = (int)below((uint32_t)i + 1);
            __typeof__(ballots[0]) swap = ballots[i];
            ballots[i] = ballots[j];
            ballots[j] = swap;
        }
        for (int i = 0; i < BALLOTS; i++)
            assert_int_equal(council_box_add(box, PD_STR("public"), voters[ballots[i].voter],
                                             ballots[i].order, ballots[i].choice, NULL),
                             PD_OK);
        struct council_count got[4];
        council_box_count(box, got);
        assert_int_equal(got[3].roll, VOTERS);
        assert_int_equal(got[3].yes, expected[COUNCIL_YES]);
        assert_int_equal(got[3].no, expected[COUNCIL_NO]);
        assert_int_equal(got[3].abstain, expected[COUNCIL_ABSTAIN]);
        council_box_free(box);
    }
}

static void who_has_no_vote_or_had_it_is_told(void **state) {
    (void)state;
    struct council_frame f = frame_of(charter_of(CO_DECISION), "node/thresholds.json", false);
    const pd_str voters[] = {PD_STR_INIT("acme"), PD_STR_INIT("bolt")};
    const pd_str *rolls[] = {NULL, voters, NULL, NULL};
    const size_t counts[] = {0, 2, 0, 0};
    struct council_box *box = council_box_new(&f, rolls, counts);
    struct pd_error err = {0};
    pd_id id = {{1}};
    assert_int_equal(council_box_add(box, PD_STR("enterprise"), voters[0], id, COUNCIL_YES, &err),
                     PD_OK);
    assert_int_equal(council_box_add(box, PD_STR("enterprise"), voters[0], id, COUNCIL_NO, &err),
                     PD_CONFLICT);
    assert_int_equal(
        council_box_add(box, PD_STR("enterprise"), PD_STR("corp"), id, COUNCIL_NO, &err),
        PD_DENIED);
    assert_int_equal(council_box_add(box, PD_STR("lords"), voters[0], id, COUNCIL_NO, &err),
                     PD_NOT_FOUND);
    struct council_count got[4];
    council_box_count(box, got);
    assert_int_equal(got[1].yes, 1);
    assert_int_equal(got[1].no, 0);
    council_box_free(box);
}

/* ---- Ballots and what is frozen ---- */

static struct council_frozen example(void) {
    struct council_frozen z = {.node = PD_STR("data.example.gov"),
                               .proposal = PD_STR("01890a5d-ac96-774b-bcce-b302099a8057"),
                               .matter = PD_STR("rules"),
                               .standing = 0};
    assert_true(pd_time_parse(PD_STR("2027-01-04T08:00:00Z"), &z.opens));
    z.closes = z.opens + 7 * PD_DAY;
    z.frame = frame_of(charter_of(CO_DECISION), "node/thresholds.json", false);
    memset(z.text.bytes, 0xab, 32);
    z.rolls[3].count = 1000;
    return z;
}

static void a_frozen_vote_has_one_form_and_one_hash(void **state) {
    (void)state;
    struct council_frozen z = example(), back;
    pd_str json, again;
    crypto_hash hash, other;
    struct pd_error err = {0};
    assert_int_equal(council_frozen_write(&z, arena, &json, &hash, &err), PD_OK);
    if (council_frozen_parse(json, arena, &back, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(council_frozen_write(&back, arena, &again, &other, &err), PD_OK);
    assert_true(pd_str_eq(json, again));
    assert_memory_equal(&hash, &other, sizeof(hash));
    char hex[65];
    pd_hex_encode(hash.bytes, 32, hex);
    assert_string_equal(hex, "74f9f9be86c9e2997caa64b61b53f0ec6a5f47351a50c94205382303bf0b2975");
    /* Whatever is changed, the hash is another. */
    struct council_frozen changes[8];
    for (int i = 0; i < 8; i++)
        changes[i] = example();
    changes[0].text.bytes[31] ^= 1;
    changes[1].closes += PD_SECOND;
    changes[2].rolls[2].count = 1;
    changes[3].rolls[0].hash.bytes[0] ^= 1;
    changes[4].frame.chambers[1].weight = 2;
    changes[5].frame.method.needed = 2;
    changes[6].rules.bytes[5] ^= 1;
    changes[7].frame.must_pass = 1;
    for (int i = 0; i < 8; i++) {
        assert_int_equal(council_frozen_write(&changes[i], arena, &again, &other, &err), PD_OK);
        assert_memory_not_equal(&hash, &other, sizeof(hash));
    }
    assert_int_equal(
        council_frozen_parse(pd_arena_printf(arena, "%.*s ", pd_arg(json)), arena, &back, &err),
        PD_INVALID);
}

static void a_ballot_is_read_in_its_one_form_only(void **state) {
    (void)state;
    struct council_ballot b = {.proposal = PD_STR("01890a5d-ac96-774b-bcce-b302099a8057"),
                               .chamber = PD_STR("public"),
                               .voter = PD_STR("p-0123456789abcdef"),
                               .choice = COUNCIL_NO},
                          back;
    pd_str json;
    struct pd_error err = {0};
    assert_int_equal(council_ballot_write(&b, arena, &json, &err), PD_OK);
    assert_int_equal(council_ballot_parse(json, arena, &back, &err), PD_OK);
    assert_int_equal(back.choice, COUNCIL_NO);
    assert_true(pd_str_eq(back.voter, b.voter));
    static const struct {
        const char *old, *with;
    } wrong[] = {{"\"no\"", "\"maybe\""},      {"\"no\"", "\"no\",\"choice\":\"yes\""},
                 {"\"choice\"", "\"chioce\""}, {"{", "{ "},
                 {"}", ",\"z\":1}"},           {"public", ""},
                 {"p-0123456789abcdef", ""},   {"b302099a8057", "b302099a805"},
                 {"public", "publi\\u0063"},   {"public", "public\",\"chamber\":\"public"}};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        if (council_ballot_parse(changed(json, wrong[i].old, wrong[i].with), arena, &back, &err) ==
            PD_OK)
            fail_msg("%s is read", wrong[i].with);
    /* What is written with an escape is read back all the same. */
    b.voter = PD_STR("Wei \"W\" \\ Lin");
    assert_int_equal(council_ballot_write(&b, arena, &json, &err), PD_OK);
    assert_int_equal(council_ballot_parse(json, arena, &back, &err), PD_OK);
    assert_true(pd_str_eq(back.voter, b.voter));
}

static void a_roll_names_nobody_twice(void **state) {
    (void)state;
    const pd_str good[] = {PD_STR_INIT("a"), PD_STR_INIT("b")}, twice[] = {good[1], good[1]},
                 turned[] = {good[1], good[0]};
    crypto_hash hash, expected = crypto_sha256("a\nb\n", 4);
    struct pd_error err = {0};
    assert_int_equal(council_roll_hash(good, 2, &hash, &err), PD_OK);
    assert_memory_equal(&hash, &expected, sizeof(hash));
    assert_int_equal(council_roll_hash(twice, 2, &hash, &err), PD_INVALID);
    assert_int_equal(council_roll_hash(turned, 2, &hash, &err), PD_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_presets_are_read),
        cmocka_unit_test(a_matter_is_the_first_that_is_touched),
        cmocka_unit_test(a_wrong_charter_is_refused_with_the_place),
        cmocka_unit_test(votes_come_out_as_worked_out_by_hand),
        cmocka_unit_test(the_public_quorum_grows_with_the_root_of_the_roll),
        cmocka_unit_test(more_votes_than_voters_are_refused),
        cmocka_unit_test(a_tie_is_decided_by_the_seed_alone),
        cmocka_unit_test(no_chamber_alone_adopts_what_the_charter_gives_to_several),
        cmocka_unit_test(another_yes_never_hurts),
        cmocka_unit_test(the_order_of_ballots_makes_no_difference),
        cmocka_unit_test(who_has_no_vote_or_had_it_is_told),
        cmocka_unit_test(a_frozen_vote_has_one_form_and_one_hash),
        cmocka_unit_test(a_ballot_is_read_in_its_one_form_only),
        cmocka_unit_test(a_roll_names_nobody_twice),
    };
    return cmocka_run_group_tests_name("council", tests, set_up, tear_down);
}
