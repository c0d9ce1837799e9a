/* For govern_test.c: cases and duties as time passes, on a node whose rules give three days to
   answer a withdrawal, and one working day to report a publication. */
#ifndef POLDER_TESTS_GOVERN_CASE_CASES_H
#define POLDER_TESTS_GOVERN_CASE_CASES_H

static const char DEADLINES[] =
    "@id(\"node.x.answer.duty\") @obligation(\"answer(within=3d)\")\n"
    "permit (principal, action == Polder::Action::\"revoke\", resource)\n"
    "when { context.f has consent_withdrawn && context.f.consent_withdrawn };\n"
    "@id(\"node.x.report.duty\") @obligation(\"report(authority;within=1wd)+record(keep=1d)\")\n"
    "permit (principal, action == Polder::Action::\"open\", resource);\n"
    "@id(\"node.x.far.duty\") @obligation(\"answer(within=400wd)\")\n"
    "permit (principal, action == Polder::Action::\"store\", resource);\n";

static int set_up_deadlines(void **state) {
    extra_rules = DEADLINES;
    int result = set_up(state);
    extra_rules = NULL;
    return result;
}

static pd_id raise_withdrawal(struct world *w) {
    struct govern_raising r = {.kind = PD_STR("withdrawal"),
                               .party = PD_STR("transport"),
                               .member = PD_STR("clerk"),
                               .responsible = PD_STR("authority"),
                               .subject = PD_STR("of the consent of 2024")};
    const struct govern_outcome *out;
    struct pd_error err = {0};
    pd_id id;
    if (govern_case_raise(w->g, &r, w->arena, &id, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(out->result, GOVERN_DONE);
    return id;
}

static const struct govern_raised *find_case(struct world *w, pd_id id) {
    const struct govern_raised *c;
    size_t count;
    struct pd_error err = {0};
    if (govern_cases(w->g, &id, w->arena, &c, &count, &err) != PD_OK)
        fail_msg("%s", err.text);
    return c;
}

static enum pd_status answer_case(struct world *w, pd_id id, struct pd_error *err) {
    struct govern_moving m = {.move = GOVERN_CASE_ANSWER,
                              .case_id = id,
                              .party = PD_STR("authority"),
                              .member = PD_STR("an"),
                              .private_key = party_key(w, "authority"),
                              .text = PD_STR("stopped")};
    const struct govern_outcome *out;
    return govern_case_move(w->g, &m, w->arena, &out, err);
}

/* But for the anchors of each day (shard_test.c). */
static struct job_tally run_jobs(struct world *w) {
    struct job_tally tally;
    struct pd_error err = {0};
    meddle(w, "DELETE FROM job WHERE kind = 'anchor'", NULL, 0);
    if (govern_run_jobs(w->g, 1000, &tally, &err) != PD_OK)
        fail_msg("%s", err.text);
    const struct job *jobs;
    size_t count;
    assert_int_equal(job_list(govern_store(w->g), true, w->arena, &jobs, &count, &err), PD_OK);
    for (size_t i = 0; i < count; i++)
        if (jobs[i].last_error.len)
            fail_msg("%s", jobs[i].last_error.data);
    return tally;
}

static void a_deadline_that_passes_is_recorded_once_and_escalates_the_case(void **state) {
    struct world *w = *state;
    pd_id id = raise_withdrawal(w);
    const struct govern_raised *c = find_case(w, id);
    assert_int_equal(c->clock_count, 1);
    assert_true(pd_str_is(c->clocks[0].party, "authority"));
    assert_int_equal(c->clocks[0].due, at("2026-11-27T00:00+08:00"));
    the_time = c->clocks[0].due - PD_SECOND;
    assert_int_equal(run_jobs(w).done, 0);
    assert_true(pd_str_is(find_case(w, id)->state, "raised"));
    uint64_t acts = count_acts(w);
    the_time = c->clocks[0].due;
    assert_true(find_case(w, id)->is_overdue);
    assert_int_equal(run_jobs(w).done, 1);
    c = find_case(w, id);
    assert_true(pd_str_is(c->state, "escalated"));
    assert_true(c->clocks[0].is_noted);
    assert_int_equal(c->entry_count, 2);
    assert_non_null(
        strstr(c->entries[1].text.data, "answer(within=3d) was due on 2026-11-26T16:00Z"));
    assert_int_equal(count_acts(w), acts + 1);
    the_time += 30 * PD_DAY;
    assert_int_equal(run_jobs(w).done, 0);
    assert_int_equal(count_acts(w), acts + 1);
    struct pd_error err = {0};
    assert_int_equal(answer_case(w, id, &err), PD_OK); /* late, and still an answer */
    c = find_case(w, id);
    assert_true(pd_str_is(c->state, "answered"));
    assert_false(c->is_overdue);
    assert_int_equal(c->clocks[0].state, GOVERN_CLOCK_MET);
    assert_int_equal(answer_case(w, id, &err), PD_CONFLICT);
    assert_int_equal(count_flaws(w), 0);
    check_replay(w, 2, 2, 1); /* the record of the deadline is no finding */
}

static void a_duty_that_was_met_leaves_nothing_to_record(void **state) {
    struct world *w = *state;
    pd_id id = raise_withdrawal(w);
    struct pd_error err = {0};
    assert_int_equal(answer_case(w, id, &err), PD_OK);
    uint64_t acts = count_acts(w);
    the_time += 10 * PD_DAY;
    assert_int_equal(run_jobs(w).done, 1);
    assert_int_equal(count_acts(w), acts);
    assert_true(pd_str_is(find_case(w, id)->state, "answered"));
}

/* The program died after the record and before it said so: the record stands once. */
static void a_job_that_was_cut_off_records_nothing_twice(void **state) {
    struct world *w = *state;
    pd_id id = raise_withdrawal(w);
    the_time += 10 * PD_DAY;
    assert_int_equal(run_jobs(w).done, 1);
    uint64_t acts = count_acts(w);
    meddle(w, "UPDATE job SET state = 'running', lease_until = 0", NULL, 0);
    assert_int_equal(run_jobs(w).done, 1);
    assert_int_equal(count_acts(w), acts);
    assert_int_equal(find_case(w, id)->entry_count, 2);
    assert_int_equal(count_flaws(w), 0);
}

static void count_leaves(struct world *w, uint64_t leaves[2]) {
    const struct govern_verified *v;
    struct pd_error err = {0};
    assert_int_equal(govern_verify(w->g, NULL, w->arena, &v, &err), PD_OK);
    assert_int_equal(v->flaw_count, 0);
    leaves[0] = v->logs[0].leaves;
    leaves[1] = 0;
    for (size_t i = 1; i < v->log_count; i++)
        leaves[1] += v->logs[i].leaves;
}

static void the_record_is_as_public_as_the_act_that_left_the_duty(void **state) {
    struct world *w = *state;
    uint64_t before[2], after[2];
    struct govern_request open = request("open");
    assert_int_equal(govern_once(w, STATISTICS, &open, NULL, true).result, GOVERN_DONE);
    (void)raise_withdrawal(w);
    count_leaves(w, before);
    the_time += 10 * PD_DAY;
    assert_int_equal(run_jobs(w).done, 2); /* the report of the publication, and the answer */
    count_leaves(w, after);
    assert_int_equal(after[0], before[0] + 1);
    assert_int_equal(after[1], before[1] + 1);
}

static void a_duty_without_a_date_is_looked_at_again_each_week(void **state) {
    struct world *w = *state;
    struct govern_request r = request("store");
    assert_int_equal(govern_once(w, STATISTICS, &r, NULL, true).result, GOVERN_DONE);
    assert_int_equal(run_jobs(w).postponed, 0);
    the_time += 7 * PD_DAY;
    assert_int_equal(run_jobs(w).postponed, 1);
    assert_int_equal(run_jobs(w).postponed, 0);
    the_time += 7 * PD_DAY;
    assert_int_equal(run_jobs(w).postponed, 1);
    assert_int_equal(count_flaws(w), 0);
}

#endif
