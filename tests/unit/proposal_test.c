/* Proposals through all their stages by the clock of the test: what is bound to what, what each stage lets, and that what
 * is in force is byte for byte what was voted. Under the charter "notice-and-comment": the authority decides. */
#include "node_fixture.h"

#define THRESHOLDS PD_STR("node/thresholds.json")

/* The text in force at a path that may be changed; the path itself must be one. */
static pd_str in_force(struct world *w, pd_str path) {
    const struct govern_amendment *files;
    size_t count;
    assert_ok(w, govern_proposable(w->g, w->arena, &files, &count, &w->err));
    for (size_t i = 0; i < count; i++)
        if (pd_str_eq(files[i].path, path))
            return files[i].text;
    fail_msg("%.*s can't be changed", pd_arg(path));
    return PD_STR("");
}

/* The thresholds with other whole percents of rows that may be left out. */
static struct govern_amendment percent(struct world *w, int n) {
    pd_str text = in_force(w, THRESHOLDS);
    size_t at = pd_str_find(text, PD_STR("\"max_suppressed_percent\""));
    assert_true(at != PD_NPOS);
    size_t value = at + pd_str_find(pd_str_sub(text, at, text.len - at), PD_STR("\"value\": "));
    size_t end = value + pd_str_find_char(pd_str_sub(text, value, text.len - value), ',');
    pd_str other = pd_arena_printf(w->arena, "%.*s\"value\": %d%.*s", (int)value, text.data, n,
                                   pd_arg(pd_str_sub(text, end, text.len - end)));
    return (struct govern_amendment){.path = THRESHOLDS, .text = other};
}

static struct govern_proposing proposing(const struct govern_amendment *amendments, size_t count) {
    return (struct govern_proposing){.party = PD_STR("transport"),
                                     .member = PD_STR("clerk"),
                                     .title = PD_STR("t"),
                                     .language = PD_STR("en"),
                                     .effects = {PD_STR("a"), PD_STR("b"), PD_STR("c")},
                                     .amendments = amendments,
                                     .amendment_count = count};
}

static pd_id propose(struct world *w, struct govern_amendment amendment) {
    const struct govern_outcome *outcome;
    struct govern_proposing p = proposing(&amendment, 1);
    pd_id id;
    assert_ok(w, govern_propose(w->g, &p, w->arena, &id, &outcome, &w->err));
    return id;
}

static const struct govern_proposal *read(struct world *w, pd_id id) {
    const struct govern_proposal *p;
    size_t count;
    assert_ok(w, govern_proposals(w->g, &id, w->arena, &p, &count, &w->err));
    return p;
}

static enum pd_status move(struct world *w, pd_id id, enum govern_proposal_move which,
                           struct govern_amendment amendment) {
    const struct govern_outcome *outcome;
    struct govern_proposal_moving m = {.move = which,
                                       .proposal = id,
                                       .party = PD_STR("transport"),
                                       .member = PD_STR("clerk"),
                                       .amendments = &amendment,
                                       .amendment_count = which == GOVERN_PROPOSAL_EDIT};
    w->err = (struct pd_error){0};
    return govern_proposal_move(w->g, &m, w->arena, &outcome, &w->err);
}

static enum pd_status object(struct world *w, pd_id id) {
    const struct govern_outcome *outcome;
    struct govern_objecting o = {.proposal = id,
                                 .party = PD_STR("authority"),
                                 .member = PD_STR("an"),
                                 .category = PD_STR("cost"),
                                 .harm = PD_STR("h"),
                                 .change = PD_STR("c")};
    pd_id objection;
    w->err = (struct pd_error){0};
    return govern_object(w->g, &o, w->arena, &objection, &outcome, &w->err);
}

static enum pd_status vote(struct world *w, pd_id id, enum council_choice choice) {
    const struct govern_voted *voted;
    struct govern_voting v = {.proposal = id,
                              .party = PD_STR("authority"),
                              .member = PD_STR("an"),
                              .is_vouched = true,
                              .choice = choice};
    w->err = (struct pd_error){0};
    return govern_vote(w->g, &v, w->arena, &voted, &w->err);
}

/* Days pass, and what is due then is done. */
static const char *after(struct world *w, pd_id id, int days) {
    size_t did;
    the_time += days * PD_DAY;
    assert_ok(w, govern_proposal_run(w->g, id, &did, &w->err));
    return pd_arena_printf(w->arena, "%.*s", pd_arg(read(w, id)->stage)).data;
}

static void a_change_is_bound_to_what_it_changes(void **state) {
    struct world *w = *state;
    pd_str was = in_force(w, THRESHOLDS), base, found;
    struct govern_amendment change = percent(w, 20), twice[2] = {change, change},
                            same = {.path = THRESHOLDS, .text = was},
                            statute = {.path = PD_STR("cn/pipl.cedar"), .text = PD_STR("// x\n")};
    const struct govern_outcome *outcome;
    pd_id id;
    struct govern_proposing p = proposing(twice, 2);
    assert_fails(w, PD_INVALID, "twice", govern_propose(w->g, &p, w->arena, &id, &outcome, &w->err));
    p = proposing(&same, 1);
    assert_fails(w, PD_INVALID, "changes nothing", govern_propose(w->g, &p, w->arena, &id, &outcome, &w->err));
    p = proposing(NULL, 0);
    assert_int_not_equal(govern_propose(w->g, &p, w->arena, &id, &outcome, &w->err), PD_OK);
    p = proposing(&statute, 1);
    assert_fails(w, PD_DENIED, "lets no chamber change", govern_propose(w->g, &p, w->arena, &id, &outcome, &w->err));
    id = propose(w, change);
    const struct govern_proposal *read_ = read(w, id);
    pd_str value = pd_json_find(read_->text, "node/thresholds.json");
    base = pd_json_read_text(pd_json_find(value, "base"), w->arena);
    assert_ok(w, govern_proposal_base(w->g, THRESHOLDS, base, w->arena, &found, &w->err));
    assert_true(pd_str_eq(found, was));
    assert_true(pd_str_eq(pd_json_read_text(pd_json_find(value, "text"), w->arena), change.text));
    assert_fails(w, PD_NOT_FOUND, "keeps no text", govern_proposal_base(w->g, THRESHOLDS, PD_STR("00"), w->arena, &found, &w->err));
}

static void each_stage_lets_what_is_its_own(void **state) {
    struct world *w = *state;
    struct govern_amendment change = percent(w, 20), other = percent(w, 30);
    pd_id id = propose(w, percent(w, 15));
    assert_int_equal(move(w, id, GOVERN_PROPOSAL_EDIT, other), PD_OK); /* a draft */
    assert_int_equal(object(w, id), PD_CONFLICT);
    assert_int_equal(vote(w, id, COUNCIL_YES), PD_CONFLICT);
    assert_int_equal(move(w, id, GOVERN_PROPOSAL_CONSULT, change), PD_OK);
    assert_int_equal(move(w, id, GOVERN_PROPOSAL_CONSULT, change), PD_CONFLICT);
    assert_int_equal(move(w, id, GOVERN_PROPOSAL_EDIT, change), PD_OK);
    assert_string_equal(after(w, id, 13), "consultation");
    static const struct {
        int days;
        const char *stage;
    } stages[] = {{2, "final"}, {10, "vote"}, {8, "adopted"}, {8, "in_force"}, {181, "review"}};
    for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++) {
        assert_string_equal(after(w, id, stages[i].days), stages[i].stage);
        bool is_vote = !strcmp(stages[i].stage, "vote");
        /* Nobody edits, objects or consults any more; nobody withdraws once the vote is open. */
        assert_int_equal(move(w, id, GOVERN_PROPOSAL_EDIT, other), PD_CONFLICT);
        assert_non_null(strstr(w->err.text, stages[i].stage));
        assert_int_equal(object(w, id), PD_CONFLICT);
        assert_int_equal(move(w, id, GOVERN_PROPOSAL_CONSULT, change), PD_CONFLICT);
        if (i > 0)
            assert_int_equal(move(w, id, GOVERN_PROPOSAL_WITHDRAW, change), PD_CONFLICT);
        assert_int_equal(vote(w, id, COUNCIL_YES), is_vote ? PD_OK : PD_CONFLICT);
        if (is_vote) /* by name, once */
            assert_int_equal(vote(w, id, COUNCIL_NO), PD_CONFLICT);
        assert_true(read(w, id)->result.len == 0 || i > 1);
    }
    /* Byte for byte what was voted, and the vote is the one that was frozen. */
    assert_true(pd_str_eq(in_force(w, THRESHOLDS), change.text));
    const struct govern_proposal *p = read(w, id);
    crypto_hash text = crypto_sha256(p->text.data, p->text.len);
    struct council_frozen frozen;
    assert_ok(w, council_frozen_parse(p->frozen, w->arena, &frozen, &w->err));
    assert_memory_equal(text.bytes, frozen.text.bytes, sizeof(text.bytes));
    assert_true(p->is_in_force);
}

static void late_ballots_and_rejected_proposals_change_nothing(void **state) {
    struct world *w = *state;
    pd_str was = in_force(w, THRESHOLDS);
    pd_id id = propose(w, percent(w, 25));
    assert_int_equal(move(w, id, GOVERN_PROPOSAL_CONSULT, percent(w, 25)), PD_OK);
    assert_string_equal(after(w, id, 15), "final");
    assert_string_equal(after(w, id, 11), "vote");
    the_time += 8 * PD_DAY; /* the close is due, and nobody has done it yet */
    assert_int_equal(vote(w, id, COUNCIL_YES), PD_CONFLICT);
    assert_non_null(strstr(w->err.text, "it was open until"));
    assert_string_equal(after(w, id, 0), "rejected");
    assert_true(pd_str_eq(in_force(w, THRESHOLDS), was));
    const struct govern_recount *recount;
    assert_ok(w, govern_vote_recount(w->g, id, w->arena, &recount, &w->err));
    assert_true(recount->agrees);
    assert_int_equal(recount->ballots, 0);
}

static void of_two_changes_of_one_text_the_second_is_stopped(void **state) {
    struct world *w = *state;
    pd_id first = propose(w, percent(w, 11)), second = propose(w, percent(w, 12));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(move(w, i ? second : first, GOVERN_PROPOSAL_CONSULT, percent(w, 11)), PD_OK);
        (void)after(w, first, 0);
    }
    the_time += 15 * PD_DAY;
    assert_string_equal(after(w, first, 0), "final");
    assert_string_equal(after(w, second, 0), "final");
    assert_string_equal(after(w, first, 11), "vote");
    assert_string_equal(after(w, second, 0), "vote");
    assert_int_equal(vote(w, first, COUNCIL_YES), PD_OK);
    assert_int_equal(vote(w, second, COUNCIL_YES), PD_OK);
    assert_string_equal(after(w, first, 8), "adopted");
    assert_string_equal(after(w, first, 8), "in_force");
    (void)after(w, second, 0);
    assert_string_equal(after(w, second, 8), "stopped");
    const struct govern_proposal *p = read(w, second);
    assert_true(pd_str_find(p->why, PD_STR("no longer applies")) != PD_NPOS);
    /* What isn't in force can't be undone. */
    struct govern_proposing undo = proposing(NULL, 0);
    const struct govern_outcome *outcome;
    pd_id id;
    undo.rollback_of = &second;
    assert_int_equal(govern_propose(w->g, &undo, w->arena, &id, &outcome, &w->err), PD_CONFLICT);
}

static void a_demand_is_the_coordinating_authority_s_where_nothing_comes_near(void **state) {
    struct world *w = *state;
    const struct govern_outcome *outcome;
    const struct govern_demand *list;
    struct catalogue_viewer nobody = {.party = PD_STR("")}, asker = {.party = PD_STR("transport")};
    struct govern_declared facts[] = {{PD_STR("request_complete"), PD_STR("true")}};
    struct govern_demanding d = {.party = PD_STR("transport"),
                                 .member = PD_STR("clerk"),
                                 .need = PD_STR("鱼类"),
                                 .purpose = PD_STR("x"),
                                 .how_often = PD_STR("once"),
                                 .is_sealed = true,
                                 .declared = facts,
                                 .declared_count = 1};
    pd_id id;
    size_t count;
    enum pd_status st = govern_demand(w->g, &d, w->arena, &id, &outcome, &w->err);
    /* Between departments the law asks for an approval, which is attested: named, and nothing is recorded. */
    assert_int_equal(st, PD_OPEN);
    assert_non_null(strstr(w->err.text, "head_approval"));
    assert_ok(w, govern_demands(w->g, &nobody, NULL, w->arena, &list, &count, &w->err));
    assert_int_equal(count, 0);
    d.how_often = PD_STR("sometimes");
    assert_fails(w, PD_USAGE, "doesn't say how often", govern_demand(w->g, &d, w->arena, &id, &outcome, &w->err));
    for (size_t i = 0; govern_how_often(i); i++)
        assert_true(govern_how_often(i)[0] != '\0');
    const struct govern_match *matches;
    assert_ok(w, govern_demand_match(w->g, &asker, d.need, w->arena, &matches, &count, &w->err));
    assert_int_equal(count, 0);
}

int main(void) {
    charter_given = "notice-and-comment";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_change_is_bound_to_what_it_changes, make_world, end_world),
        cmocka_unit_test_setup_teardown(each_stage_lets_what_is_its_own, make_world, end_world),
        cmocka_unit_test_setup_teardown(late_ballots_and_rejected_proposals_change_nothing, make_world, end_world),
        cmocka_unit_test_setup_teardown(of_two_changes_of_one_text_the_second_is_stopped, make_world, end_world),
        cmocka_unit_test_setup_teardown(a_demand_is_the_coordinating_authority_s_where_nothing_comes_near, make_world, end_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
