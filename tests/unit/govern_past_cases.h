/* For govern_test.c: recorded findings made again, as they were and under another law, on a node
   with a law that ends in December 2026. */
#ifndef POLDER_TESTS_GOVERN_PAST_CASES_H
#define POLDER_TESTS_GOVERN_PAST_CASES_H

/* Until December much is to be recorded; from then on nothing may be kept. */
static const char PASSING[] =
    "@id(\"node.x.duty\") @expires(\"2026-12-01\") @obligation(\"record(keep=3y)\")\n"
    "permit (principal, action == Polder::Action::\"open\", resource)\n"
    "when { context.f has persons_held && context.f.persons_held > 9007199254740992 };\n"
    "@id(\"node.x.never\") @effective(\"2026-12-01\")\n"
    "forbid (principal, action == Polder::Action::\"store\", resource);\n";

static int set_up_passing_law(void **state) {
    extra_rules = PASSING;
    int result = set_up(state);
    extra_rules = NULL;
    return result;
}

static const struct govern_replayed *replay(struct world *w) {
    const struct govern_replayed *r;
    struct pd_error err = {0};
    if (govern_replay(w->g, w->arena, &r, &err) != PD_OK)
        fail_msg("%s", err.text);
    return r;
}

static void check_replay(struct world *w, uint64_t findings, uint64_t equal, uint64_t rules) {
    const struct govern_replayed *r = replay(w);
    assert_int_equal(r->findings, findings);
    assert_int_equal(r->equal, equal);
    assert_int_equal(r->rules, rules);
}

static void a_finding_is_made_again_by_the_rules_and_at_the_time_of_its_act(void **state) {
    struct world *w = *state;
    struct govern_request r = request("store");
    assert_int_equal(govern_once(w, STATISTICS, &r, NULL, true).result, GOVERN_DONE);
    check_replay(w, 1, 1, 1);
    the_time = at("2027-03-01T00:00Z"); /* the same request would be refused now */
    r.title = PD_STR("Kept later");
    assert_int_equal(govern_once(w, STATISTICS, &r, NULL, true).result, GOVERN_DENIED);
    check_replay(w, 2, 2, 1);
    enact(w, "@id(\\\"node.closed\\\")\\nforbid (principal, action == "
             "Polder::Action::\\\"open\\\", resource);\\n");
    struct pd_error err = {0};
    govern_close(w->g);
    assert_int_equal(govern_open(w->node, STORE_WRITE, "test", &CLOCK, &w->g, &err), PD_OK);
    struct govern_request open = request("open");
    assert_int_equal(govern_once(w, STATISTICS, &open, NULL, true).result, GOVERN_DENIED);
    const struct govern_replayed *again = replay(w);
    assert_int_equal(again->equal, 3);
    assert_int_equal(again->rules, 2);
    assert_int_equal(again->differing_count, 0);
    assert_int_equal(again->unread_count, 0);
}

static void attest_own(struct world *w, pd_id intent, const char *name, const char *value) {
    struct govern_attestation a = {.intent_id = intent,
                                   .name = pd_str_from(name),
                                   .value = pd_str_from(value),
                                   .party = PD_STR("transport"),
                                   .private_key = party_key(w, "transport"),
                                   .evidence = PD_STR("minutes 7")};
    const struct govern_outcome *out;
    struct pd_error err = {0};
    if (govern_attest(w->g, &a, w->arena, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
}

/* A fact attested between the plan and its signature is part of the finding that took effect. */
static void the_record_holds_the_facts_that_took_effect(void **state) {
    struct world *w = *state;
    struct govern_request r = request("open");
    struct govern_outcome waits = govern_once(w, STATISTICS, &r, NULL, false);
    assert_int_equal(waits.result, GOVERN_LEFT_OPEN);
    struct source *source;
    struct govern_run *run = prepare(w, NULL, NULL, &waits.intent_id, &source);
    attest_own(w, waits.intent_id, "head_approval", "true");
    const struct govern_outcome *out;
    struct pd_error err = {0};
    if (govern_effect(run, true, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    struct pd_buf text;
    struct pd_json json;
    pd_buf_init(&text, 0);
    pd_json_init(&json, &text, PD_JSON_COMPACT);
    assert_int_equal(govern_act_write(w->g, out->act_id, &json, &err), PD_OK);
    assert_int_not_equal(pd_str_find(pd_buf_view(&text), PD_STR("\"head_approval\"")), PD_NPOS);
    pd_json_clear(&json);
    pd_buf_clear(&text);
    govern_run_free(run);
    source_close(source);
    check_replay(w, 3, 3, 1);
}

/* Seals another record under the key of the act. */
static void reseal(struct world *w, pd_id act, const char *record) {
    static const struct sql FIND = {.both = "SELECT key_id FROM act WHERE id = $1"};
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(act, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id)), STORE_NONE};
    struct store_rows *rows;
    struct store_key key;
    struct pd_error err = {0};
    pd_id key_id = {0};
    bool has;
    pd_str sealed;
    assert_int_equal(store_select(govern_store(w->g), FIND, values, 1, &rows, &err), PD_OK);
    assert_int_equal(store_next(rows, &has, &err), PD_OK);
    assert_true(has && pd_id_parse(store_str(rows, 0), &key_id));
    store_rows_close(rows);
    assert_int_equal(store_key_find(govern_store(w->g), key_id, &key, &err), PD_OK);
    assert_int_equal(
        store_seal(&key, PD_STR("act.record"), pd_str_from(record), w->arena, &sealed, &err),
        PD_OK);
    values[1] = STORE_BYTES(sealed);
    meddle(w, "UPDATE act SET sealed_record = $2 WHERE id = $1", values, 2);
}

static void a_record_of_an_older_polder_is_told_as_such(void **state) {
    struct world *w = *state;
    static const struct {
        const char *record;
        enum govern_unread unread;
    } cases[] = {
        {"{}", GOVERN_OLD}, /* an attestation's */
        {"{\"record\":1,\"finding\":{},\"facts\":[]}", GOVERN_OLD},
        {"{\"record\":2}", GOVERN_DAMAGED},
        {"{\"record\":2,\"case\":{\"now\":\"soon\"},\"finding\":{},\"facts\":[]}", GOVERN_DAMAGED},
        {"{\"record\":2,\"case\":{\"now\":\"2026-11-23\"},\"finding\":{},\"facts\":[{}]}",
         GOVERN_DAMAGED},
        {"[[[", GOVERN_DAMAGED},
    };
    struct govern_request r = request("store");
    pd_id act = govern_once(w, STATISTICS, &r, NULL, true).act_id;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        reseal(w, act, cases[i].record);
        const struct govern_replayed *again = replay(w);
        if (again->unread_count != 1 || again->unread[0].unread != cases[i].unread)
            fail_msg("%s", cases[i].record);
        assert_true(pd_id_eq(again->unread[0].act, act));
        assert_int_equal(again->damaged_count, cases[i].unread == GOVERN_DAMAGED);
    }
}

/* Canonical JSON keeps a number beyond 2^53 as a text. */
static void large_numbers_are_read_again_as_they_were(void **state) {
    struct world *w = *state;
    struct govern_request r = request("open");
    struct govern_outcome waits = govern_once(w, STATISTICS, &r, NULL, false);
    attest_own(w, waits.intent_id, "persons_held", "9007199254740993");
    struct govern_outcome out = govern_once(w, NULL, NULL, &waits.intent_id, true);
    assert_int_equal(out.result, GOVERN_DONE);
    const struct govern_clock *clocks;
    bool is_owed = false;
    for (size_t i = list_clocks(w, false, &clocks); i-- > 0;)
        is_owed = is_owed || pd_str_is(clocks[i].policy_id, "node.x.duty");
    assert_true(is_owed); /* the number was read by the law */
    check_replay(w, 3, 3, 1);
}

static const struct govern_impact *impact(struct world *w, const struct law_rules *to,
                                          const char *moment) {
    struct govern_impact_question q = {.from = govern_rules(w->g), .to = to};
    const struct govern_impact *out;
    struct pd_error err = {0};
    if (moment)
        q.at = at(moment);
    if (govern_impact(w->g, &q, w->arena, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    return out;
}

static void another_law_is_asked_at_the_time_of_each_case_or_at_a_named_one(void **state) {
    struct world *w = *state;
    struct govern_request r = request("store");
    (void)govern_once(w, STATISTICS, &r, NULL, true);
    struct pd_error err = {0};
    const struct law_file *files;
    struct law_rules *plain;
    size_t count;
    assert_int_equal(govern_bundled_rules(PD_STR("cn"), w->arena, &files, &count, &err), PD_OK);
    assert_int_equal(law_rules_new(files, count, &plain, &err), PD_OK);
    assert_int_equal(impact(w, plain, NULL)->changed_count, 0);
    const struct govern_impact *later = impact(w, plain, "2026-12-01");
    assert_int_equal(later->changed_count, 1);
    assert_int_equal(later->shift_count, 1);
    assert_true(pd_str_is(later->shifts[0].what->from, "deny"));
    assert_true(pd_str_is(later->shifts[0].what->to, "permit"));
    assert_int_equal(later->duty_count, 0); /* a refusal owes nothing */
    assert_int_equal(impact(w, plain, "2026-11-30T23:59:59Z")->same, 1);
    law_rules_free(plain);
}

static void what_nothing_settles_waits_and_a_denial_repeated_is_one_dataset(void **state) {
    struct world *w = *state;
    struct govern_request r = request("store");
    const struct govern_blocks *b;
    struct pd_error err = {0};
    (void)govern_once(w, STATISTICS, &r, NULL, true); /* kept while it was lawful */
    the_time = at("2027-03-01T00:00Z");
    (void)govern_once(w, STATISTICS, &r, NULL, true);
    (void)govern_once(w, STATISTICS, &r, NULL, true);
    assert_int_equal(govern_unlock(w->g, w->arena, &b, &err), PD_OK);
    assert_int_equal(b->waiting.cases, 2);
    assert_int_equal(b->waiting.datasets, 1);
    assert_int_equal(b->waiting.rows, 6);
    assert_int_equal(b->denials, 2);
    assert_int_equal(b->blocks[0].kind, GOVERN_BY_ARTICLE);
    assert_true(pd_str_is(b->blocks[0].name, "node.x.never"));
    assert_int_equal(b->blocks[0].unlocked.cases, 2);
}

#endif
