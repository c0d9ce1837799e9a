/* The restricted log in shards: which one an act goes to, what the public log is told of them, and
 * what goes and stays when one is pruned. */
#include "shard_fixture.h"

/* ---- Which shard ---- */

static void an_act_goes_to_the_shard_of_its_period(void **unused) {
    (void)unused;
    static const struct {
        int months;
        const char *time, *log;
        const char *starts, *ends;
    } cases[] = {
        {1, "2026-11-30T23:59:59Z", "restricted/2026-11", "2026-11-01", "2026-12-01"},
        {1, "2026-12-01T00:00:00Z", "restricted/2026-12", "2026-12-01", "2027-01-01"},
        {1, "2028-02-29T12:00:00Z", "restricted/2028-02", "2028-02-01", "2028-03-01"},
        {3, "2026-12-31T23:00:00Z", "restricted/2026-q4", "2026-10-01", "2027-01-01"},
        {3, "2027-01-01T00:00:00Z", "restricted/2027-q1", "2027-01-01", "2027-04-01"},
        {6, "2027-06-30T23:00:00Z", "restricted/2027-h1", "2027-01-01", "2027-07-01"},
        {6, "2027-07-01T00:00:00Z", "restricted/2027-h2", "2027-07-01", "2028-01-01"},
        {12, "2027-07-01T00:00:00Z", "restricted/2027", "2027-01-01", "2028-01-01"},
        {5, "2027-05-01T00:00:00Z", "restricted/2027-q2", "2027-04-01", "2027-07-01"},
        {0, "2027-05-01T00:00:00Z", "restricted/2027-05", "2027-05-01", "2027-06-01"},
        {99, "2027-05-01T00:00:00Z", "restricted/2027", "2027-01-01", "2028-01-01"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct world *w = make_world(cases[i].months, 36);
        the_time = at(cases[i].time);
        struct govern_outcome o = deny(w);
        assert_true(pd_str_is(o.placed.name, cases[i].log));
        const struct govern_log *log = log_named(w, cases[i].log);
        assert_int_equal(log->starts_at, at(cases[i].starts));
        assert_int_equal(log->ends_at, at(cases[i].ends));
        assert_true(log->is_newest);
        void *state = w;
        (void)tear_down(&state);
    }
}

static void each_shard_begins_with_leaf_0_and_has_origin_and_key_of_its_own(void **state) {
    struct world *w = *state;
    struct govern_outcome november = deny(w);
    the_time = at("2026-12-02T00:00:00Z");
    struct govern_outcome december = deny(w);
    assert_int_equal(november.placed.index, 0);
    assert_int_equal(december.placed.index, 0);
    const struct govern_log *logs;
    size_t count;
    struct pd_error err = {0};
    assert_int_equal(govern_logs(w->g, w->arena, &logs, &count, &err), PD_OK);
    assert_int_equal(count, 3);
    assert_true(pd_str_is(logs[1].origin, "node.example/restricted/2026-11"));
    assert_true(pd_str_is(logs[2].origin, "node.example/restricted/2026-12"));
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            struct ledger_vkey a, b;
            assert_int_equal(ledger_vkey_parse(logs[i].vkey, &a, &err), PD_OK);
            assert_int_equal(ledger_vkey_parse(logs[j].vkey, &b, &err), PD_OK);
            assert_memory_not_equal(a.public_key, b.public_key, sizeof(a.public_key));
        }
    assert_whole(w);
}

/* ---- Anchors ---- */

static void an_anchor_covers_what_is_new_and_the_day_leaves_a_job_for_it(void **state) {
    struct world *w = *state;
    assert_int_equal(anchor_all(w), 0);
    (void)deny(w);
    assert_int_equal(number(w, "SELECT COUNT(*) FROM job WHERE kind = 'anchor'"), 1);
    struct job_tally tally;
    struct pd_error err = {0};
    assert_int_equal(govern_run_jobs(w->g, 100, &tally, &err), PD_OK);
    assert_int_equal(tally.done, 0);
    (void)deny(w);
    assert_int_equal(number(w, "SELECT COUNT(*) FROM job WHERE kind = 'anchor'"), 1);
    the_time = at("2026-11-24T00:00:00Z");
    assert_int_equal(govern_run_jobs(w->g, 100, &tally, &err), PD_OK);
    assert_int_equal(tally.done, 1);
    assert_int_equal(log_named(w, "restricted")->anchored, 2);
    assert_int_equal(anchor_all(w), 0);
    assert_int_equal(verified_log(w, "restricted/2026-11")->anchors, 1);
    assert_whole(w);
}

/* With the public log's key and nothing else. */
static void assert_proven_in_two_steps(struct world *w, pd_id act) {
    struct govern_two_steps two;
    struct pd_error err = {0};
    struct ledger_vkey key;
    struct ledger_offline *first = pd_arena_alloc(w->arena, sizeof(*first));
    struct ledger_offline *second = pd_arena_alloc(w->arena, sizeof(*second));
    struct ledger_leaf *anchor = pd_arena_alloc(w->arena, sizeof(*anchor));
    crypto_hash leaf, anchor_hash;
    if (govern_prove_anchored(w->g, act, w->arena, &two, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(ledger_vkey_parse(log_named(w, "public")->vkey, &key, &err), PD_OK);
    assert_int_equal(ledger_offline_parse(two.proof, first, &err), PD_OK);
    assert_int_equal(ledger_offline_parse(two.anchor_proof, second, &err), PD_OK);
    assert_int_equal(ledger_leaf_parse(two.anchor_leaf, w->arena, anchor, &err), PD_OK);
    assert_int_equal(ledger_hash_leaf(two.leaf, &leaf, &err), PD_OK);
    assert_int_equal(ledger_hash_leaf(two.anchor_leaf, &anchor_hash, &err), PD_OK);
    if (ledger_offline_verify(second, &anchor_hash, key.name, &key, NULL, &err) != PD_OK ||
        ledger_offline_verify_anchored(first, &leaf, anchor, NULL, &err) != PD_OK)
        fail_msg("%s", err.text);
    leaf.bytes[0] ^= 1;
    assert_int_equal(ledger_offline_verify_anchored(first, &leaf, anchor, NULL, &err), PD_INTERNAL);
    leaf.bytes[0] ^= 1;
    anchor->log_size++;
    assert_int_equal(ledger_offline_verify_anchored(first, &leaf, anchor, NULL, &err), PD_INTERNAL);
    anchor->log_size--;
    anchor->log_origin = PD_STR("node.example/restricted/1999-01");
    assert_int_equal(ledger_offline_verify_anchored(first, &leaf, anchor, NULL, &err), PD_INTERNAL);
    anchor->verb = LEDGER_ENACT;
    assert_int_equal(ledger_offline_verify_anchored(first, &leaf, anchor, NULL, &err), PD_INVALID);
}

static void a_restricted_act_is_proven_from_the_public_log_with_one_key(void **state) {
    struct world *w = *state;
    struct govern_outcome first = deny(w);
    struct govern_two_steps two;
    struct pd_error err = {0};
    assert_int_equal(govern_prove_anchored(w->g, first.act_id, w->arena, &two, &err),
                     PD_UNAVAILABLE);
    assert_non_null(strstr(err.text, "ledger anchor"));
    (void)deny(w);
    assert_int_equal(anchor_all(w), 1);
    struct govern_outcome third = deny(w);
    assert_proven_in_two_steps(w, first.act_id);
    assert_int_equal(govern_prove_anchored(w->g, third.act_id, w->arena, &two, &err),
                     PD_UNAVAILABLE);
    assert_int_equal(anchor_all(w), 1);
    assert_proven_in_two_steps(w, third.act_id);
    assert_proven_in_two_steps(w, first.act_id);
    struct govern_outcome open = govern_file(w, STATISTICS, "open", NULL, 0, NULL, true);
    assert_int_equal(govern_prove_anchored(w->g, open.act_id, w->arena, &two, &err), PD_USAGE);
}

static void what_happened_to_anchored_leaves_is_found(void **state) {
    struct world *w = *state;
    static const struct {
        const char *meddling, *words;
    } cases[] = {
        {"DELETE FROM leaf WHERE log LIKE 'restricted/%' AND leaf_index = 2", "missing"},
        {"UPDATE leaf SET bytes = (SELECT bytes FROM leaf WHERE log = 'public' AND leaf_index = 0)"
         " WHERE log LIKE 'restricted/%' AND leaf_index = 0",
         "not those that the public log was told of"},
        {"UPDATE anchor SET root = (SELECT root FROM anchor ORDER BY size LIMIT 1)",
         "says another thing"},
        {"UPDATE anchor SET checkpoint = (SELECT checkpoint FROM log WHERE name = 'public')", ""},
        {"DELETE FROM anchor", "row of this anchor is missing"},
        {"UPDATE log SET pruned_at = 1 WHERE name LIKE 'restricted/%'", "no act says so"},
    };
    for (int i = 0; i < 3; i++) {
        (void)deny(w);
        assert_int_equal(anchor_all(w), 1);
    }
    assert_whole(w);
    govern_close(w->g);
    w->g = NULL;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char command[1200];
        snprintf(command, sizeof(command), "rm -rf '%s/copy' && cp -r '%s' '%s/copy'", w->folder,
                 w->node, w->folder);
        assert_int_equal(system(command), 0);
        struct world other = *w;
        snprintf(other.node, sizeof(other.node), "%s/copy", w->folder);
        if (database_server() != NULL)
            database_copy(other.node, w->database, other.database);
        open_node(&other);
        meddle(&other, cases[i].meddling);
        const struct govern_verified *v = verified(&other);
        bool found = false;
        for (size_t f = 0; f < v->flaw_count; f++)
            found = found || pd_str_find(v->flaws[f].what, pd_str_from(cases[i].words)) != PD_NPOS;
        if (!found)
            fail_msg("not found: %s", cases[i].meddling);
        govern_close(other.g);
        if (database_server() != NULL)
            database_drop(other.database);
    }
    open_node(w);
}

#include "shard_prune_cases.h"

#include "shard_crash_cases.h"

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_act_goes_to_the_shard_of_its_period),
        TEST(each_shard_begins_with_leaf_0_and_has_origin_and_key_of_its_own),
        TEST(an_anchor_covers_what_is_new_and_the_day_leaves_a_job_for_it),
        TEST(a_restricted_act_is_proven_from_the_public_log_with_one_key),
        TEST(what_happened_to_anchored_leaves_is_found),
        TEST(pruning_is_refused_with_the_reason),
        TEST(what_nothing_depends_on_goes_and_the_rest_stays_proven),
        TEST(what_held_an_act_may_end_and_then_it_goes_too),
        TEST(a_pruning_that_was_cut_off_after_its_act_is_finished_by_its_job),
        TEST(a_rehearsal_says_the_same_and_changes_nothing),
        TEST(a_clock_that_went_back_writes_nothing_into_a_pruned_shard),
        TEST(whatever_happens_in_whatever_order_the_node_stays_whole),
        TEST(killed_at_any_step_of_integrating_the_node_goes_on_where_it_was),
        TEST(many_leaves_at_once_are_signed_once),
        TEST(another_process_that_integrates_is_left_to_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
