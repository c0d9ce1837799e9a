/* For shard_test.c: pruning. */
#ifndef POLDER_TESTS_SHARD_PRUNE_CASES_H
#define POLDER_TESTS_SHARD_PRUNE_CASES_H

#include "shard_fixture.h"

#define NOVEMBER "restricted/2026-11"

static enum pd_status prune(struct world *w, const char *name, bool is_rehearsal,
                            const struct govern_pruned **out, struct pd_error *err) {
    return govern_prune(w->g, pd_str_from(name), is_rehearsal, w->arena, out, err);
}

static const struct govern_pruned *pruned(struct world *w, const char *name) {
    const struct govern_pruned *out;
    struct pd_error err = {0};
    if (prune(w, name, false, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    return out;
}

static bool is_there(struct world *w, pd_id act) {
    struct govern_placed placed;
    return govern_place(w->g, act, w->arena, &placed, NULL) == PD_OK;
}

static bool has_file(struct world *w, const char *path) {
    char full[400];
    struct stat about;
    snprintf(full, sizeof(full), "%s/%s", w->node, path);
    return stat(full, &about) == 0;
}

static void pruning_is_refused_with_the_reason(void **state) {
    struct world *w = *state;
    const struct govern_pruned *out;
    (void)deny(w);
    const struct {
        const char *time, *log;
        bool anchors, begins;
        enum pd_status status;
        const char *words;
    } cases[] = {
        {"2026-11-24T00:00:00Z", "public", false, false, PD_USAGE, "kept for ever"},
        {"2026-11-24T00:00:00Z", "restricted/1999-01", false, false, PD_NOT_FOUND, "there are: public"},
        {"2026-11-24T00:00:00Z", NOVEMBER, false, false, PD_CONFLICT, "newest shard"},
        {"2029-11-30T00:00:00Z", NOVEMBER, true, false, PD_CONFLICT, "newest shard"},
        {"2029-11-30T00:00:00Z", NOVEMBER, false, true, PD_CONFLICT, "must be kept until 2029-12-01"},
        {"2029-12-01T00:00:00Z", NOVEMBER, false, false, PD_CONFLICT, "told of 1 of the 2 leaves"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pd_error err = {0};
        the_time = at(cases[i].time);
        if (cases[i].anchors) { /* and there is one leaf more than the anchor */
            the_time = at("2026-11-24T00:00:00Z");
            assert_int_equal(anchor_all(w), 1);
            the_time = at("2026-11-25T00:00:00Z");
            (void)deny(w);
            the_time = at(cases[i].time);
        }
        if (cases[i].begins) /* a newer shard */
            (void)deny(w);
        uint64_t acts = verified(w)->acts;
        assert_int_equal(prune(w, cases[i].log, false, &out, &err), cases[i].status);
        if (!strstr(err.text, cases[i].words))
            fail_msg("\"%s\" is not in: %s", cases[i].words, err.text);
        assert_int_equal(verified(w)->acts, acts);
    }
    assert_int_equal(anchor_all(w), 2);
    (void)pruned(w, NOVEMBER);
    struct pd_error err = {0};
    assert_int_equal(prune(w, NOVEMBER, false, &out, &err), PD_CONFLICT);
    assert_non_null(strstr(err.text, "was pruned on 2029-12-01"));
    assert_whole(w);
}

/* A month in which something of each kind happened. */
struct november {
    struct govern_outcome denied, published, stored, waiting, consent;
    pd_id answered, unanswered;
    pd_id attested_intent;
};

static void attest(struct world *w, pd_id intent, const char *name) {
    struct govern_attestation a = {.intent_id = intent,
                                   .name = pd_str_from(name),
                                   .value = PD_STR("true"),
                                   .party = PD_STR("transport"),
                                   .private_key = party_key(w, "transport"),
                                   .evidence = PD_STR("file 2026-17")};
    const struct govern_outcome *out;
    struct pd_error err = {0};
    if (govern_attest(w->g, &a, w->arena, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
}

static struct november live_through_november(struct world *w) {
    static const struct govern_declared duty[] = {
        {PD_STR_INIT("purpose_in_statutory_duties"), PD_STR_INIT("true")},
        {PD_STR_INIT("subject_under_14"), PD_STR_INIT("false")}};
    struct november n;
    n.denied = deny(w);
    n.published = govern_file(w, STATISTICS, "open", NULL, 0, NULL, true);
    n.stored = govern_file(w, STATISTICS, "store", NULL, 0, NULL, true);
    n.waiting = govern_file(w, STATISTICS, "open", duty, 2, NULL, false);
    assert_int_equal(n.waiting.result, GOVERN_LEFT_OPEN);
    n.consent = govern_file(w, PERSONS, "open", duty, 2, NULL, false);
    assert_int_equal(n.consent.result, GOVERN_LEFT_OPEN);
    attest(w, n.consent.intent_id, "separate_consent");
    attest(w, n.consent.intent_id, "impact_assessment");
    struct govern_outcome done = govern_file(w, NULL, "open", NULL, 0, &n.consent.intent_id, true);
    assert_int_equal(done.result, GOVERN_DONE);
    assert_int_equal(done.placed.log, LEDGER_PUBLIC);
    n.answered = raise_case(w);
    answer_case(w, n.answered);
    n.unanswered = raise_case(w);
    return n;
}

static void to_the_end_of_retention(struct world *w) {
    the_time = at("2026-12-05T00:00:00Z");
    (void)deny(w);
    the_time = at("2029-12-01T00:00:00Z");
    assert_true(anchor_all(w) > 0);
}

static void what_nothing_depends_on_goes_and_the_rest_stays_proven(void **state) {
    struct world *w = *state;
    struct november n = live_through_november(w);
    pd_str proof, leaf;
    struct pd_error err = {0};
    assert_int_equal(govern_prove(w->g, n.consent.act_id, w->arena, &proof, &leaf, &err), PD_OK);
    to_the_end_of_retention(w);
    uint64_t size = log_named(w, NOVEMBER)->size;
    int64_t keys = number(w, "SELECT COUNT(*) FROM act");
    const struct govern_pruned *p = pruned(w, NOVEMBER);
    assert_int_equal(p->size, size);
    assert_int_equal(p->removed, 3); /* the denial; the case that was answered, and its answer */
    assert_int_equal(p->held, size - 3);
    assert_int_equal(p->released, 0);
    assert_int_equal(p->kept_until, at("2029-12-01"));
    assert_int_equal(number(w, "SELECT COUNT(*) FROM act"), keys - 3 + 1);
    assert_false(is_there(w, n.denied.act_id));
    assert_true(is_there(w, n.stored.act_id));
    assert_true(is_there(w, n.waiting.act_id));
    assert_true(is_there(w, n.consent.act_id));
    assert_int_equal(number(w, "SELECT COUNT(*) FROM intent WHERE state = 'denied' AND created_at <"
                               " 1796083200000000"),
                     0); /* of November */
    assert_int_equal(number(w, "SELECT COUNT(*) FROM cases"), 1);
    assert_int_equal(number(w, "SELECT COUNT(*) FROM fact"), 2);
    assert_int_equal(number(w, "SELECT COUNT(*) FROM prunable"), 0);
    assert_int_equal(number(w, "SELECT COUNT(*) FROM doomed_key"), 0);
    assert_false(has_file(w, "ledger/restricted-2026-11/tile"));
    assert_true(has_file(w, "ledger/restricted-2026-11/checkpoint"));
    assert_true(has_file(w, "ledger/restricted-2026-12/tile"));
    const struct govern_verified_log *v = verified_log(w, NOVEMBER);
    assert_true(v->is_pruned);
    assert_int_equal(v->held, size - 3);
    assert_whole(w);
    assert_proven_in_two_steps(w, n.consent.act_id);
    assert_proven_in_two_steps(w, n.stored.act_id);
    assert_int_equal(govern_prove_growth(w->g, PD_STR(NOVEMBER), 1, 2, w->arena, &proof, &err),
                     PD_UNAVAILABLE);
    /* The case that nobody answered can be answered still. */
    answer_case(w, n.unanswered);
    assert_whole(w);
}

static void what_held_an_act_may_end_and_then_it_goes_too(void **state) {
    struct world *w = *state;
    pd_id late = raise_case(w);
    to_the_end_of_retention(w);
    const struct govern_pruned *p = pruned(w, NOVEMBER);
    assert_int_equal(p->removed, 0);
    assert_int_equal(p->held, 1);
    answer_case(w, late); /* in December 2029 */
    the_time = at("2030-01-02T00:00:00Z");
    (void)deny(w);
    assert_true(anchor_all(w) > 0);
    p = pruned(w, "restricted/2026-12");
    assert_int_equal(p->released, 0); /* the answer is younger, and the matter goes as a whole */
    assert_int_equal(verified_log(w, NOVEMBER)->held, 1);
    the_time = at("2033-01-01T00:00:00Z");
    assert_int_equal(anchor_all(w), 0);
    p = pruned(w, "restricted/2029-12");
    assert_int_equal(p->removed, 1);
    assert_int_equal(p->released, 1);
    assert_int_equal(verified_log(w, NOVEMBER)->held, 0);
    assert_int_equal(number(w, "SELECT COUNT(*) FROM cases"), 0);
    assert_whole(w);
}

static void a_pruning_that_was_cut_off_after_its_act_is_finished_by_its_job(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    struct store_key key;
    (void)deny(w);
    to_the_end_of_retention(w);
    (void)pruned(w, NOVEMBER);
    /* As after a power cut between the act and what follows. */
    assert_int_equal(store_key_new(govern_store(w->g), "record", the_time, &key, &err), PD_OK);
    char id[PD_ID_TEXT_SIZE], sql[128];
    pd_id_write(key.id, id);
    snprintf(sql, sizeof(sql), "INSERT INTO doomed_key VALUES ('%s', '%s')", id, id);
    meddle(w, sql);
    assert_int_equal(store_file_write(govern_store(w->g), "ledger/restricted-2026-11/tile/0/000",
                                      PD_STR("x"), &err),
                     PD_OK);
    struct job_tally tally;
    assert_int_equal(govern_run_jobs(w->g, 100, &tally, &err), PD_OK);
    assert_int_equal(tally.failed, 0);
    assert_int_equal(store_key_find(govern_store(w->g), key.id, &key, &err), PD_NOT_FOUND);
    assert_false(has_file(w, "ledger/restricted-2026-11/tile"));
    assert_whole(w);
}

static void a_rehearsal_says_the_same_and_changes_nothing(void **state) {
    struct world *w = *state;
    const struct govern_pruned *rehearsed;
    struct pd_error err = {0};
    (void)live_through_november(w);
    to_the_end_of_retention(w);
    uint64_t acts = verified(w)->acts;
    if (prune(w, NOVEMBER, true, &rehearsed, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(verified(w)->acts, acts);
    assert_false(verified_log(w, NOVEMBER)->is_pruned);
    assert_true(has_file(w, "ledger/restricted-2026-11/tile"));
    assert_whole(w);
    const struct govern_pruned *p = pruned(w, NOVEMBER);
    assert_int_equal(p->removed, rehearsed->removed);
    assert_int_equal(p->held, rehearsed->held);
    assert_memory_equal(&p->root, &rehearsed->root, sizeof(p->root));
}

static void a_clock_that_went_back_writes_nothing_into_a_pruned_shard(void **state) {
    struct world *w = *state;
    (void)deny(w);
    to_the_end_of_retention(w);
    (void)pruned(w, NOVEMBER);
    govern_close(w->g);
    the_time = at("2026-11-26T00:00:00Z");
    open_node(w);
    struct govern_raising r = {.kind = PD_STR("withdrawal"),
                               .party = PD_STR("transport"),
                               .member = PD_STR("zhang"),
                               .responsible = PD_STR("authority"),
                               .subject = PD_STR("s")};
    const struct govern_outcome *out;
    struct pd_error err = {0};
    pd_id id;
    /* An act is never older than the one before it. */
    assert_int_equal(govern_case_raise(w->g, &r, w->arena, &id, &out, &err), PD_OK);
    assert_true(verified_log(w, NOVEMBER)->is_pruned);
    assert_whole(w);
}

/* Park-Miller: a failure can be repeated by its seed. */
static unsigned next_random(unsigned *state) {
    *state = (unsigned)((uint64_t)*state * 48271 % 2147483647);
    return *state;
}

static void whatever_happens_in_whatever_order_the_node_stays_whole(void **state) {
    struct world *w = *state;
    unsigned seed = 20261129;
    enum { STEPS = 60, CASES_MAX = STEPS };
    pd_id open_cases[CASES_MAX], acts[STEPS];
    size_t case_count = 0, act_count = 0, prunings = 0;
    for (int i = 0; i < STEPS; i++) {
        unsigned what = next_random(&seed) % 8;
        the_time += (pd_time)(next_random(&seed) % 120) * PD_DAY;
        if (what < 2) {
            acts[act_count++] = deny(w).act_id;
        } else if (what == 2) {
            acts[act_count++] = govern_file(w, STATISTICS, "store", NULL, 0, NULL, true).act_id;
        } else if (what == 3) {
            open_cases[case_count++] = raise_case(w);
        } else if (what == 4 && case_count) {
            answer_case(w, open_cases[--case_count]);
        } else {
            (void)anchor_all(w);
            const struct govern_log *logs;
            size_t count;
            struct pd_error err = {0};
            assert_int_equal(govern_logs(w->g, w->arena, &logs, &count, &err), PD_OK);
            for (size_t l = 1; what > 5 && l < count; l++) {
                const struct govern_pruned *out;
                prunings += prune(w, (char *)logs[l].name.data, false, &out, &err) == PD_OK;
            }
        }
        assert_whole(w);
    }
    assert_true(prunings > 3);
    (void)anchor_all(w);
    for (size_t i = 0; i < act_count; i++)
        if (is_there(w, acts[i]))
            assert_proven_in_two_steps(w, acts[i]);
}

#endif
