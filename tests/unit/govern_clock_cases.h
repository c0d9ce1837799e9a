/* For govern_test.c: clocks from their start to the answer, on a node whose rules impose duties on
   every publication. */
#ifndef POLDER_TESTS_GOVERN_CLOCK_CASES_H
#define POLDER_TESTS_GOVERN_CLOCK_CASES_H

/* The 25th working day after 2026-11-23 lies behind what the calendar knows. */
static const char DUTIES[] = "@id(\"node.x.duty\")\n"
                             "@obligation(\"notify(authority;within=20wd)+report(authority;within="
                             "25wd)+record(keep=3y)+answer(within=72h)+stop\")\n"
                             "permit (principal, action == Polder::Action::\"open\", resource);\n";

static int set_up_duties(void **state) {
    extra_rules = DUTIES;
    int result = set_up(state);
    extra_rules = NULL;
    struct world *w = *state;
    struct govern_request r = request("open");
    (void)govern_once(w, STATISTICS, &r, NULL, true);
    return result;
}

static size_t list_clocks(struct world *w, bool only_overdue, const struct govern_clock **out) {
    struct pd_error err = {0};
    size_t count;
    if (govern_clocks(w->g, only_overdue, w->arena, out, &count, &err) != PD_OK)
        fail_msg("%s", err.text);
    return count;
}

static const struct govern_clock *find_duty(struct world *w, const char *kind) {
    const struct govern_clock *clocks;
    size_t count = list_clocks(w, false, &clocks);
    for (size_t i = 0; i < count; i++)
        if (pd_str_starts(clocks[i].obligation, pd_str_from(kind)))
            return &clocks[i];
    fail_msg("no clock for %s", kind);
    return NULL;
}

static pd_time at(const char *text) {
    pd_time t;
    assert_true(pd_time_parse(pd_str_from(text), &t));
    return t;
}

static enum pd_status meet(struct world *w, pd_id clock, const char *party, const char *key_of,
                           const char *evidence, struct pd_error *err) {
    struct govern_meeting m = {.clock_id = clock,
                               .party = pd_str_from(party),
                               .private_key = party_key(w, key_of),
                               .evidence = pd_str_from(evidence)};
    const struct govern_outcome *out;
    return govern_clock_meet(w->g, &m, w->arena, &out, err);
}

static void duties_start_clocks_by_the_calendar_of_the_jurisdiction(void **state) {
    struct world *w = *state;
    assert_true(pd_str_is(find_duty(w, "notify")->policy_id, "node.x.duty"));
    assert_true(pd_str_is(find_duty(w, "notify")->party, "transport"));
    assert_int_equal(find_duty(w, "notify")->due, at("2026-12-22T00:00+08:00"));
    assert_int_equal(find_duty(w, "record")->due, at("2029-11-24T00:00+08:00"));
    assert_int_equal(find_duty(w, "answer")->due,
                     find_duty(w, "answer")->starts_at + 72 * 3600 * PD_SECOND);
    assert_false(find_duty(w, "report")->has_due);
    assert_non_null(strstr(find_duty(w, "report")->why.data, "2026-12-24"));
    assert_false(find_duty(w, "stop")->has_due);
    assert_int_equal(find_duty(w, "stop")->why.len, 0);
    assert_int_equal(count_flaws(w), 0);
}

static void a_date_that_was_not_known_is_taken_from_the_calendar_in_force(void **state) {
    struct world *w = *state;
    meddle(w, "UPDATE clock SET due_at = NULL", NULL, 0);
    assert_int_equal(find_duty(w, "notify")->due, at("2026-12-22T00:00+08:00"));
}

static void a_clock_is_overdue_from_the_end_of_its_last_day(void **state) {
    struct world *w = *state;
    const struct govern_clock *clocks;
    the_time = at("2026-12-21T23:59+08:00");
    assert_int_equal(find_duty(w, "notify")->state, GOVERN_CLOCK_DUE);
    assert_int_equal(list_clocks(w, true, &clocks), 1); /* the answer in 72 hours */
    the_time = at("2026-12-22T00:00+08:00");
    assert_int_equal(find_duty(w, "notify")->state, GOVERN_CLOCK_OVERDUE);
    assert_int_equal(find_duty(w, "report")->state, GOVERN_CLOCK_DUE);
    assert_int_equal(list_clocks(w, true, &clocks), 2);
    the_time = at("2029-11-24T00:00+08:00");
    assert_int_equal(find_duty(w, "record")->state, GOVERN_CLOCK_MET); /* kept long enough */
}

static void a_clock_that_is_set_back_sets_no_act_back(void **state) {
    struct world *w = *state;
    the_time = at("2026-12-01T00:00+08:00");
    assert_int_equal(govern_clock_behind(w->g), 0);
    struct pd_error err = {0};
    if (meet(w, find_duty(w, "notify")->id, "transport", "transport", "first", &err) != PD_OK)
        fail_msg("%s", err.text);
    pd_time first = find_duty(w, "notify")->met_at;
    the_time = at("2026-11-30T23:00+08:00");
    if (meet(w, find_duty(w, "report")->id, "transport", "transport", "second", &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(find_duty(w, "report")->met_at, first);
    assert_true(govern_clock_behind(w->g) > 3000 * PD_SECOND);
    assert_int_equal(count_flaws(w), 0);
}

static void a_duty_is_met_by_an_act_of_the_party_that_owes_it(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    uint64_t before = count_acts(w);
    the_time = at("2026-12-23T00:00+08:00");
    if (meet(w, find_duty(w, "notify")->id, "transport", "transport", "letter 12", &err) != PD_OK)
        fail_msg("%s", err.text);
    const struct govern_clock *met = find_duty(w, "notify"), *clocks;
    assert_int_equal(met->state, GOVERN_CLOCK_MET);
    assert_true(met->is_met && met->met_at > met->due);
    assert_int_equal(list_clocks(w, true, &clocks), 1);
    assert_int_equal(count_acts(w), before + 1);
    assert_int_equal(count_flaws(w), 0);
    meddle(w, "UPDATE clock_met SET met_at = met_at - 86400000000", NULL, 0);
    assert_int_equal(count_flaws(w), 2); /* the row, and that no act says so */
    meddle(w, "DELETE FROM clock_met", NULL, 0);
    assert_int_equal(count_flaws(w), 1);
}

static void an_answer_needs_the_right_party_key_and_evidence(void **state) {
    struct world *w = *state;
    static const struct {
        const char *duty, *party, *key_of, *evidence;
        enum pd_status status;
        const char *why;
    } cases[] = {
        {"notify", "authority", "authority", "letter 12", PD_DENIED, "is that of \"transport\""},
        {"notify", "transport", "authority", "letter 12", PD_DENIED, "key is not the one"},
        {"notify", "nobody", "transport", "letter 12", PD_NOT_FOUND, "nobody"},
        {"notify", "transport", "transport", "", PD_USAGE, "needs evidence"},
        {"record", "transport", "transport", "letter 12", PD_CONFLICT, "duty to keep"},
        {NULL, "transport", "transport", "letter 12", PD_NOT_FOUND, "there is no clock"},
        {"answer", "transport", "transport", "letter 12", PD_CONFLICT, "was met on 2026-11-23"},
    };
    struct pd_error err = {0};
    assert_int_equal(
        meet(w, find_duty(w, "answer")->id, "transport", "transport", "letter 11", &err), PD_OK);
    uint64_t before = count_acts(w);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        /* An act's id is no clock's, though one clock of that act may be listed by it. */
        pd_id id = cases[i].duty ? find_duty(w, cases[i].duty)->id : find_duty(w, "stop")->act_id;
        enum pd_status st = meet(w, id, cases[i].party, cases[i].key_of, cases[i].evidence, &err);
        if (st != cases[i].status || !strstr(err.text, cases[i].why))
            fail_msg("case %zu: %d %s", i, (int)st, err.text);
    }
    assert_int_equal(count_acts(w), before);
    assert_int_equal(count_flaws(w), 0);
}

#endif
