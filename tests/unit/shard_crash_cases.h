/* For shard_test.c: the integrator, killed at each of its steps. */
#ifndef POLDER_TESTS_SHARD_CRASH_CASES_H
#define POLDER_TESTS_SHARD_CRASH_CASES_H

#include "shard_fixture.h"

#include <signal.h>
#include <sys/wait.h>

static int steps_left;

static void count_down(void *context, enum govern_step step, pd_str log) {
    (void)context, (void)step, (void)log;
    if (--steps_left == 0)
        (void)raise(SIGKILL);
}

/* Another process that makes an act in each log and is killed after so many steps. True: it lived.
 */
static bool lives(struct world *w, int steps) {
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct pd_error err = {0};
        if (govern_open(w->node, STORE_WRITE, "child", &CLOCK, &w->g, &err) != PD_OK)
            _exit(2);
        steps_left = steps;
        govern_watch_integration(w->g, count_down, NULL);
        (void)deny(w);
        const struct govern_anchored *done;
        size_t count;
        _exit(govern_anchor(w->g, w->arena, &done, &count, &err) == PD_OK ? 0 : 3);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    return WIFEXITED(status);
}

/* The published checkpoint of a log, or size 0. */
static struct ledger_checkpoint published(struct world *w, const struct govern_log *log) {
    pd_str note;
    struct ledger_vkey key;
    struct pd_error err = {0};
    struct ledger_checkpoint checkpoint = {0};
    char path[96];
    snprintf(path, sizeof(path), "ledger/%.*s/checkpoint", pd_arg(log->folder));
    if (store_file_read(govern_store(w->g), path, LEDGER_NOTE_MAX, w->arena, &note, &err) ==
        PD_OK) {
        assert_int_equal(ledger_vkey_parse(log->vkey, &key, &err), PD_OK);
        if (ledger_checkpoint_verify(note, log->origin, &key, &checkpoint, &err) != PD_OK)
            fail_msg("%s", err.text);
    }
    return checkpoint;
}

static void killed_at_any_step_of_integrating_the_node_goes_on_where_it_was(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    int kills = 0;
    for (bool is_through = false; !is_through; kills++) {
        govern_close(w->g);
        w->g = NULL;
        is_through = lives(w, kills + 1);
        the_time += PD_DAY / 4; /* the child's ids are older than what comes now */
        open_node(w);
        const struct govern_log *logs;
        size_t count;
        assert_int_equal(govern_logs(w->g, w->arena, &logs, &count, &err), PD_OK);
        struct ledger_checkpoint before[8];
        assert_true(count <= COUNT(before));
        for (size_t i = 0; i < count; i++) {
            before[i] = published(w, &logs[i]);
            assert_true(before[i].size <= logs[i].size); /* it only ever lags behind */
        }
        assert_whole(w);
        if (govern_integrate(w->g, &err) != PD_OK)
            fail_msg("%s", err.text);
        assert_int_equal(number(w, "SELECT COUNT(*) FROM leaf WHERE leaf_index IS NULL OR"
                                 " leaf_index >= (SELECT size FROM log WHERE name = leaf.log)"), 0);
        assert_int_equal(govern_logs(w->g, w->arena, &logs, &count, &err), PD_OK);
        for (size_t i = 0; i < count; i++) {
            struct ledger_checkpoint now = published(w, &logs[i]);
            assert_int_equal(now.size, logs[i].size);
            if (before[i].size == 0)
                continue;
            pd_str proof;
            if (govern_prove_growth(w->g, logs[i].name, before[i].size, now.size, w->arena, &proof,
                                    &err) != PD_OK)
                fail_msg("%s", err.text);
        }
        assert_whole(w);
    }
    assert_true(kills > 10); /* swap, bundle, tile, checkpoint, mark, of two logs and twice */
}

/* ---- Groups and offices ---- */

static int swaps;

static void count_swaps(void *context, enum govern_step step, pd_str log) {
    (void)context, (void)log;
    swaps += step == GOVERN_STEP_SWAPPED;
}

/* A burst: acts and leaves like the newest denial, that wait to be integrated. */
static enum pd_status add_waiting(struct store *store, void *context, struct pd_error *err) {
    static const struct sql ACT = {
        .both = "INSERT INTO act (id, intent_id, verb, party_id, member_id, outcome, facts_hash,"
                " rules_hash, plan_hash, version_hash, key_id, sealed_record, receipt, made_at)"
                " SELECT $1, intent_id, verb, party_id, member_id, outcome, facts_hash, rules_hash,"
                " plan_hash, version_hash, key_id, sealed_record, receipt, made_at FROM act WHERE"
                " id = (SELECT MAX(id) FROM act WHERE verb = 'deny' AND id < 'f')"};
    static const struct sql LEAF = {
        .both = "INSERT INTO leaf (act_id, log, bytes) SELECT $1, log, bytes FROM leaf WHERE act_id"
                " = (SELECT MAX(id) FROM act WHERE verb = 'deny' AND id < 'f')"};
    enum pd_status st = PD_OK;
    for (int i = 0; st == PD_OK && i < *(const int *)context; i++) {
        char id[PD_ID_TEXT_SIZE];
        snprintf(id, sizeof(id), "ffffffff-0000-7000-8000-%012d", i);
        struct store_value values[] = {STORE_STR(pd_str_from(id))};
        st = store_run(store, ACT, values, 1, NULL, err);
        if (st == PD_OK)
            st = store_run(store, LEAF, values, 1, NULL, err);
    }
    return st;
}

static void many_leaves_at_once_are_signed_once(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    int waiting = 3000;
    (void)deny(w);
    if (store_transact(govern_store(w->g), add_waiting, &waiting, &err) != PD_OK)
        fail_msg("%s", err.text);
    swaps = 0;
    govern_watch_integration(w->g, count_swaps, NULL);
    if (govern_integrate(w->g, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(swaps, 1);
    assert_int_equal(log_named(w, "restricted")->size, 3001);
    assert_int_equal(published(w, log_named(w, "restricted")).size, 3001);
}

static void another_process_that_integrates_is_left_to_it(void **state) {
    struct world *w = *state;
    bool is_elected = false;
    struct pd_error err = {0};
    assert_int_equal(govern_stand(w->g, &is_elected, &err), PD_OK);
    assert_true(is_elected);
    assert_int_equal(govern_stand(w->g, &is_elected, &err), PD_OK);
    assert_true(is_elected);
    (void)deny(w);
    assert_int_equal(number(w, "SELECT COUNT(*) FROM leaf WHERE leaf_index IS NULL OR"
                                 " leaf_index >= (SELECT size FROM log WHERE name = leaf.log)"), 0);
    govern_stand_down(w->g);
}

#endif
