/* Jobs on a real folder: claimed, run, tried again, and run once whatever happens. */
#include "database_fixture.h"
#include "job/job.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static pd_time the_time;

static pd_time told(void *context) {
    (void)context;
    return the_time;
}

static const struct pd_clock CLOCK = {told, NULL};

struct world {
    char folder[256], database[DATABASE_SIZE];
    struct pd_arena *arena;
    struct store *store;
    size_t ran;           /* how often the kinds below were run */
    pd_str last;          /* the subject that was run last */
    enum pd_status fails; /* what "work" returns */
    pd_time again;
};

static int set_up(void **state) {
    struct world *w = calloc(1, sizeof(*w));
    const char *tmp = getenv("TMPDIR");
    struct pd_error err = {0};
    snprintf(w->folder, sizeof(w->folder), "%s/polder-job-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(w->folder));
    w->arena = pd_arena_new(1 << 24);
    if (store_open_at(w->folder, database_new(w->database), STORE_CREATE, "test", &w->store,
                      &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_true(pd_time_parse(PD_STR("2026-11-23T08:00:00Z"), &the_time));
    *state = w;
    return 0;
}

static int tear_down(void **state) {
    struct world *w = *state;
    char command[300];
    store_close(w->store);
    pd_arena_free(w->arena);
    snprintf(command, sizeof(command), "rm -rf '%s'", w->folder);
    assert_int_equal(system(command), 0);
    if (w->database[0] != '\0')
        database_drop(w->database);
    free(w);
    return 0;
}

static enum pd_status work(void *context, pd_str subject, pd_time now, pd_time *again,
                           struct pd_error *err) {
    struct world *w = context;
    assert_int_equal(now, the_time);
    w->ran++;
    w->last = pd_arena_str(w->arena, subject);
    if (w->fails)
        return pd_fail(err, w->fails, "the disk is full");
    *again = w->again;
    return PD_OK;
}

static const struct job_kind KINDS[] = {{"work", work}};

static struct job_tally run(struct world *w, uint64_t limit) {
    struct job_tally tally;
    struct pd_error err = {0};
    if (job_run_due(w->store, KINDS, 1, w, &CLOCK, limit, &tally, &err) != PD_OK)
        fail_msg("%s", err.text);
    return tally;
}

struct addition {
    const char *kind, *subject;
    pd_time due;
    bool fails;
};

static enum pd_status add_in_transaction(struct store *store, void *context, struct pd_error *err) {
    const struct addition *a = context;
    enum pd_status st = job_add(store, a->kind, pd_str_from(a->subject), a->due, the_time, err);
    return st == PD_OK && a->fails ? pd_fail(err, PD_CONFLICT, "rolled back") : st;
}

static void add(struct world *w, const char *kind, const char *subject, pd_time due) {
    struct addition a = {kind, subject, due, false};
    struct pd_error err = {0};
    if (store_transact(w->store, add_in_transaction, &a, &err) != PD_OK)
        fail_msg("%s", err.text);
}

static size_t list(struct world *w, bool with_done, const struct job **out) {
    size_t count;
    struct pd_error err = {0};
    if (job_list(w->store, with_done, w->arena, out, &count, &err) != PD_OK)
        fail_msg("%s", err.text);
    return count;
}

static void a_job_runs_when_it_is_due_and_once(void **state) {
    struct world *w = *state;
    const struct job *jobs;
    add(w, "work", "b", the_time + 2 * PD_SECOND);
    add(w, "work", "a", the_time + PD_SECOND);
    assert_int_equal(run(w, 10).done, 0);
    the_time += 2 * PD_SECOND;
    assert_int_equal(run(w, 1).done, 1);
    assert_true(pd_str_is(w->last, "a")); /* the one that was due first */
    assert_int_equal(run(w, 10).done, 1);
    assert_int_equal(run(w, 10).done, 0);
    assert_int_equal(w->ran, 2);
    assert_int_equal(list(w, false, &jobs), 0);
    assert_int_equal(list(w, true, &jobs), 2);
    assert_int_equal(jobs[0].state, JOB_DONE);
}

static void a_job_is_added_once_for_ever_and_with_its_transaction(void **state) {
    struct world *w = *state;
    const struct job *jobs;
    struct addition a = {"work", "x", the_time, true};
    struct pd_error err = {0};
    assert_int_equal(store_transact(w->store, add_in_transaction, &a, &err), PD_CONFLICT);
    assert_int_equal(list(w, true, &jobs), 0);
    add(w, "work", "x", the_time);
    add(w, "work", "x", the_time + PD_DAY);
    assert_int_equal(run(w, 10).done, 1);
    add(w, "work", "x", the_time);
    assert_int_equal(run(w, 10).done, 0);
    assert_int_equal(list(w, true, &jobs), 1);
    a = (struct addition){"", "x", 0, false};
    assert_int_equal(store_transact(w->store, add_in_transaction, &a, &err), PD_INVALID);
}

static void what_fails_is_tried_again_later_and_given_up_in_the_end(void **state) {
    struct world *w = *state;
    const struct job *jobs;
    pd_time last_wait = 0;
    add(w, "work", "x", the_time);
    add(w, "work", "y", the_time + 365 * PD_DAY);
    w->fails = PD_IO;
    for (uint64_t attempt = 1; attempt <= JOB_ATTEMPTS_MAX; attempt++) {
        struct job_tally tally = run(w, 10);
        assert_int_equal(tally.failed, 1);
        assert_int_equal(tally.given_up, attempt == JOB_ATTEMPTS_MAX);
        assert_int_equal(list(w, false, &jobs), 2);
        assert_int_equal(jobs[0].attempts, attempt);
        assert_true(pd_str_is(jobs[0].last_error, "the disk is full"));
        if (attempt == JOB_ATTEMPTS_MAX)
            break;
        assert_int_equal(jobs[0].state, JOB_WAITING);
        pd_time wait = jobs[0].due - the_time;
        assert_true(wait >= 60 * PD_SECOND && wait <= PD_DAY);
        assert_true(wait > last_wait || wait == PD_DAY);
        last_wait = wait;
        assert_int_equal(run(w, 10).failed, 0); /* not before */
        the_time = jobs[0].due;
    }
    assert_int_equal(jobs[0].state, JOB_FAILED);
    the_time += 2 * PD_DAY;
    assert_int_equal(run(w, 10).failed, 0);
    assert_int_equal(w->ran, JOB_ATTEMPTS_MAX);
}

static void a_job_that_succeeds_after_failures_is_done(void **state) {
    struct world *w = *state;
    const struct job *jobs;
    add(w, "work", "x", the_time);
    w->fails = PD_UNAVAILABLE;
    (void)run(w, 10);
    w->fails = PD_OK;
    the_time += PD_DAY;
    assert_int_equal(run(w, 10).done, 1);
    assert_int_equal(list(w, true, &jobs), 1);
    assert_int_equal(jobs[0].last_error.len, 0);
}

static void a_job_may_ask_to_be_run_again(void **state) {
    struct world *w = *state;
    const struct job *jobs;
    add(w, "work", "x", the_time);
    w->again = the_time + PD_DAY;
    assert_int_equal(run(w, 10).postponed, 1);
    assert_int_equal(w->ran, 1);
    assert_int_equal(list(w, false, &jobs), 1);
    assert_int_equal(jobs[0].due, the_time + PD_DAY);
    assert_int_equal(jobs[0].attempts, 0);
    the_time += PD_DAY;
    w->again = 1; /* long past: never claimed twice in one run */
    assert_int_equal(run(w, 10).postponed, 1);
    assert_int_equal(w->ran, 2);
}

/* The process that claimed it died: the row says running, until the lease ends. */
static void what_was_cut_off_is_run_again_when_its_lease_ends(void **state) {
    struct world *w = *state;
    static const struct sql CUT_OFF = {.both =
                                           "UPDATE job SET state = 'running', lease_until = $1"};
    struct store_value values[] = {STORE_I64(the_time + JOB_LEASE_SECONDS * PD_SECOND)};
    struct pd_error err = {0};
    add(w, "work", "x", the_time);
    assert_int_equal(store_run(w->store, CUT_OFF, values, 1, NULL, &err), PD_OK);
    assert_int_equal(run(w, 10).done, 0);
    the_time += JOB_LEASE_SECONDS * PD_SECOND;
    assert_int_equal(run(w, 10).done, 1);
    assert_int_equal(w->ran, 1);
}

static void what_kills_the_program_each_time_is_given_up(void **state) {
    struct world *w = *state;
    static const struct sql CUT_OFF = {
        .both = "UPDATE job SET state = 'running', lease_until = $1, attempts = $2"};
    struct store_value values[] = {STORE_I64(the_time), STORE_I64(JOB_ATTEMPTS_MAX - 1)};
    struct pd_error err = {0};
    add(w, "work", "x", the_time);
    assert_int_equal(store_run(w->store, CUT_OFF, values, 2, NULL, &err), PD_OK);
    struct job_tally tally = run(w, 10);
    assert_int_equal(tally.given_up, 1);
    assert_int_equal(w->ran, 0);
}

static void a_kind_that_is_not_known_waits_for_a_newer_program(void **state) {
    struct world *w = *state;
    const struct job *jobs;
    add(w, "anchor", "2026-11-23", the_time);
    add(w, "work", "x", the_time + 1);
    the_time += 1;
    struct job_tally tally = run(w, 10);
    assert_int_equal(tally.postponed, 1);
    assert_int_equal(tally.done, 1);
    assert_int_equal(list(w, false, &jobs), 1);
    assert_int_equal(jobs[0].attempts, 0);
    assert_non_null(strstr(jobs[0].last_error.data, "\"anchor\""));
}

static enum pd_status wake(struct store *store, void *context, struct pd_error *err) {
    const pd_time *due = context;
    return job_wake(store, "work", PD_STR("standing"), *due, the_time, err);
}

static void a_standing_job_is_woken_whatever_became_of_it(void **state) {
    struct world *w = *state;
    const struct job *jobs;
    struct pd_error err = {0};
    pd_time now = the_time, later = the_time + 3600 * PD_SECOND;
    assert_int_equal(store_transact(w->store, wake, &later, &err), PD_OK);
    assert_int_equal(run(w, 10).done, 0);
    assert_int_equal(store_transact(w->store, wake, &now, &err), PD_OK); /* brought forward */
    assert_int_equal(run(w, 10).done, 1);
    assert_int_equal(store_transact(w->store, wake, &now, &err), PD_OK); /* done before */
    w->fails = PD_UNAVAILABLE;
    assert_int_equal(run(w, 10).failed, 1);
    w->fails = PD_OK;
    assert_int_equal(run(w, 10).done, 0); /* it would wait a minute */
    assert_int_equal(store_transact(w->store, wake, &now, &err), PD_OK);
    assert_int_equal(run(w, 10).done, 1);
    assert_int_equal(list(w, true, &jobs), 1);
    assert_int_equal(w->ran, 3);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_job_runs_when_it_is_due_and_once),
        TEST(a_job_is_added_once_for_ever_and_with_its_transaction),
        TEST(what_fails_is_tried_again_later_and_given_up_in_the_end),
        TEST(a_job_that_succeeds_after_failures_is_done),
        TEST(a_job_may_ask_to_be_run_again),
        TEST(what_was_cut_off_is_run_again_when_its_lease_ends),
        TEST(what_kills_the_program_each_time_is_given_up),
        TEST(a_kind_that_is_not_known_waits_for_a_newer_program),
        TEST(a_standing_job_is_woken_whatever_became_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
