/* Who may ask for what: the node's own rules decide, and name the rule that refuses. */
#include "node_fixture.h"

#include <time.h>

static struct account_who who_of(pd_str party, const pd_str *duties, size_t count) {
    return (struct account_who){.party = party,
                                .member = PD_STR("somebody"),
                                .member_id = PD_STR("00000000-0000-7000-8000-000000000001"),
                                .how = ACCOUNT_BY_SESSION,
                                .duties = duties,
                                .duty_count = count,
                                .scopes = PD_STR("")};
}

static const pd_str STEWARD[] = {PD_STR_INIT("steward")}, OWNER[] = {PD_STR_INIT("owner")},
                    SYSTEM[] = {PD_STR_INIT("system")}, SECURITY[] = {PD_STR_INIT("security")},
                    AUDIT[] = {PD_STR_INIT("audit")};

static struct govern_permission ask(struct world *w, const struct account_who *who,
                                    const char *action, const struct govern_resource *r) {
    struct govern_permission p;
    assert_ok(w, govern_may(w->g, who, action, r, w->arena, &p, &w->err));
    return p;
}

/* The table of DESIGN's people: what each may, and which rule says no. */
static void the_rules_say_who_may_what(void **state) {
    struct world *w = *state;
    const pd_str guests[] = {PD_STR("authority")};
    const struct govern_resource
        open = {"Dataset", PD_STR("d"), PD_STR("transport"), true, NULL, 0},
        own = {"Dataset", PD_STR("d"), PD_STR("transport"), false, NULL, 0},
        shared = {"Dataset", PD_STR("d"), PD_STR("transport"), false, guests, 1},
        other = {"Dataset", PD_STR("d"), PD_STR("authority"), false, NULL, 0};
    const struct account_who steward = who_of(PD_STR("transport"), STEWARD, 1),
                             plain = who_of(PD_STR("transport"), NULL, 0),
                             guest = who_of(PD_STR("authority"), NULL, 0),
                             owner = who_of(PD_STR("transport"), OWNER, 1),
                             system = who_of(PD_STR("authority"), SYSTEM, 1),
                             security = who_of(PD_STR("authority"), SECURITY, 1),
                             audit = who_of(PD_STR("authority"), AUDIT, 1);
    const struct {
        const struct account_who *who; /* NULL: anybody */
        const char *action;
        const struct govern_resource *resource;
        const char *refused; /* by; NULL: may */
    } cases[] = {
        {NULL, "read_catalogue", NULL, NULL},
        {NULL, "ask_finding", NULL, NULL},
        {NULL, "read_dataset", &open, NULL},
        {NULL, "read_data", &open, NULL},
        {NULL, "read_dataset", &own, "node.access.private"},
        {NULL, "upload", NULL, "node.access.signed_in"},
        {NULL, "read_members", NULL, "node.access.signed_in"},
        {NULL, "administer_system", NULL, "node.access.signed_in"},
        {&plain, "read_dataset", &own, NULL},
        {&plain, "read_data", &own, NULL},
        {&plain, "upload", NULL, NULL},
        {&plain, "sign_plan", &own, "node.access.steward"},
        {&plain, "answer_case", &own, "node.access.answer"},
        {&plain, "manage_tokens", NULL, NULL},
        {&plain, "administer_accounts", NULL, "node.access.accounts"},
        {&plain, "read_audit", NULL, "node.access.audit"},
        {&guest, "read_dataset", &own, "node.access.private"},
        {&guest, "read_dataset", &shared, NULL},
        {&guest, "read_data", &shared, NULL},
        {&guest, "make_intent", &shared, "node.access.own"},
        {&guest, "raise_case", &shared, NULL},
        {&guest, "read_intent", &own, "node.access.matter"},
        {&steward, "sign_plan", &own, NULL},
        {&steward, "sign_plan", &other, "node.access.own"},
        {&steward, "answer_case", &own, NULL},
        {&owner, "administer_accounts", NULL, NULL},
        {&owner, "administer_accounts", &other, "node.access.accounts"},
        {&security, "administer_accounts", &own, NULL},
        {&security, "read_members", &own, NULL},
        {&security, "upload", NULL, "node.access.administrators"},
        {&security, "read_audit", NULL, "node.access.audit"},
        {&system, "administer_system", NULL, NULL},
        {&system, "administer_accounts", NULL, "node.access.accounts"},
        {&system, "read_data", &open, NULL},
        {&system, "read_dataset", &own, "node.access.private"},
        {&audit, "read_audit", NULL, NULL},
        {&audit, "read_dataset", &own, NULL},
        {&audit, "read_data", &shared, "node.access.administrators"},
        {&audit, "administer_system", NULL, "node.access.system"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct govern_permission p =
            ask(w, cases[i].who, cases[i].action, cases[i].resource);
        if (p.may != !cases[i].refused || !pd_str_is(p.policy, cases[i].refused ? cases[i].refused
                                                                                : ""))
            fail_msg("case %zu, %s: %s by \"%.*s\" (%.*s)", i, cases[i].action,
                     p.may ? "may" : "refused", pd_arg(p.policy), pd_arg(p.reason));
        assert_true(p.may || (p.title.len && p.title_zh.len && p.article.len && p.reason.len));
    }
}

static void a_token_does_what_it_names(void **state) {
    struct world *w = *state;
    struct account_who token = who_of(PD_STR("transport"), STEWARD, 1);
    token.how = ACCOUNT_BY_TOKEN;
    token.scopes = PD_STR("read_dataset upload");
    const struct govern_resource own = {"Dataset", PD_STR("d"), PD_STR("transport"), false, NULL, 0};
    assert_true(ask(w, &token, "upload", NULL).may);
    assert_true(ask(w, &token, "read_dataset", &own).may);
    struct govern_permission p = ask(w, &token, "sign_plan", &own);
    assert_true(!p.may && pd_str_is(p.policy, "node.access.scope"));
    assert_false(ask(w, &token, "read_catalogue", NULL).may); /* not even what anybody may */
}

static void what_goes_wrong_is_no_permission(void **state) {
    struct world *w = *state;
    struct govern_permission p = {.may = true};
    assert_fails(w, PD_INVALID, "nobody can ask", /* a verb of the law is no question of a face */
                 govern_may(w->g, NULL, "open", NULL, w->arena, &p, &w->err));
    assert_false(p.may);
    p.may = true;
    assert_fails(w, PD_INVALID, "nobody can ask",
                 govern_may(w->g, NULL, "", NULL, w->arena, &p, &w->err));
    assert_false(p.may);
    struct account_who stranger = who_of(PD_STR("nobody"), STEWARD, 1);
    p.may = true;
    assert_fails(w, PD_NOT_FOUND, "no party",
                 govern_may(w->g, &stranger, "upload", NULL, w->arena, &p, &w->err));
    assert_false(p.may);
    struct pd_arena *small = pd_arena_new(64);
    p.may = true;
    assert_int_equal(govern_may(w->g, NULL, "read_catalogue", NULL, small, &p, &w->err), PD_LIMIT);
    assert_false(p.may);
    pd_arena_free(small);
    assert_fails(w, PD_DENIED, "node.access.signed_in",
                 govern_must(w->g, NULL, "upload", NULL, w->arena, NULL, &w->err));
    assert_ok(w, govern_must(w->g, NULL, "read_catalogue", NULL, w->arena, NULL, &w->err));
}

static void every_action_is_one_that_the_rules_know(void **state) {
    struct world *w = *state;
    size_t n = 0;
    for (; govern_may_nth(n); n++)
        (void)ask(w, NULL, govern_may_nth(n), NULL);
    assert_true(n >= 20);
    assert_ok(w, govern_scopes_check(PD_STR("upload read_dataset"), &w->err));
    assert_fails(w, PD_USAGE, "did you mean \"upload\"",
                 govern_scopes_check(PD_STR("read_dataset uplaod"), &w->err));
    assert_fails(w, PD_USAGE, "no scope", govern_scopes_check(PD_STR("upload "), &w->err));
    assert_fails(w, PD_USAGE, "no scope", govern_scopes_check(PD_STR("open"), &w->err));
}

/* Access as the node's chambers made it: without the base permit nothing is given. */
static void rules_that_permit_nothing_give_nothing(void **state) {
    struct world *w = *state;
    extra_rules = "@id(\"node.shut\") @article(\"shut\") @title(\"Shut\") @title_zh(\"关闭\") "
                  "@law(\"n\") @jurisdiction(\"node\") @source(\"s\") @v(\"v\") @remedy(\"none\")\n"
                  "forbid (principal, action in Polder::Action::\"access\", resource);\n";
    open_another(w);
    extra_rules = NULL;
    struct govern_permission p = ask(w, NULL, "read_catalogue", NULL);
    assert_true(!p.may && pd_str_is(p.policy, "node.shut"));
}

/* A node from before there were such rules is asked under the program's. */
static void an_older_node_has_the_rules_of_the_program(void **state) {
    struct world *w = *state;
    without_access = true;
    open_another(w);
    without_access = false;
    assert_true(ask(w, NULL, "read_catalogue", NULL).may);
    struct govern_permission p = ask(w, NULL, "upload", NULL);
    assert_true(!p.may && pd_str_is(p.policy, "node.access.signed_in"));
}

static void what_is_looked_up_tells_whose_it_is(void **state) {
    struct world *w = *state;
    struct govern_resource r;
    assert_ok(w, govern_resource_find(w->g, "Party", PD_STR("transport"), w->arena, &r, &w->err));
    assert_true(pd_str_is(r.holder, "transport") && r.is_disclosed);
    static const char *const types[] = {"Dataset", "Version", "Distribution",
                                        "Intent",  "Case",    "Act"};
    for (size_t i = 0; i < 6; i++) {
        assert_fails(w, PD_NOT_FOUND, "there is no such",
                     govern_resource_find(w->g, types[i], PD_STR("x' OR '1'='1"), w->arena, &r,
                                          &w->err));
        assert_fails(w, PD_NOT_FOUND, "there is no such",
                     govern_resource_find(w->g, types[i], (pd_str){"a\0b", 3}, w->arena, &r,
                                          &w->err));
    }
    assert_fails(w, PD_INVALID, "know no",
                 govern_resource_find(w->g, "Secret", PD_STR("x"), w->arena, &r, &w->err));
}

/* Asked at every request: it must not be felt. Processor time, and generous: sanitizers are in it. */
static void asking_takes_microseconds(void **state) {
    struct world *w = *state;
    enum { TIMES = 2000 };
    const struct account_who steward = who_of(PD_STR("transport"), STEWARD, 1);
    const struct govern_resource own = {"Dataset", PD_STR("d"), PD_STR("transport"), false, NULL, 0};
    struct timespec from, to;
    (void)ask(w, &steward, "sign_plan", &own);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (int i = 0; i < TIMES; i++) {
        struct pd_mark mark = pd_arena_mark(w->arena);
        assert_true(ask(w, &steward, "sign_plan", &own).may);
        pd_arena_reset(w->arena, mark);
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    double us = ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) /
                1e3 / TIMES;
    print_message("govern_may: %.1f microseconds of processor time\n", us);
    assert_true(us < 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, end_world)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_rules_say_who_may_what),
        TEST(a_token_does_what_it_names),
        TEST(what_goes_wrong_is_no_permission),
        TEST(every_action_is_one_that_the_rules_know),
        TEST(rules_that_permit_nothing_give_nothing),
        TEST(an_older_node_has_the_rules_of_the_program),
        TEST(what_is_looked_up_tells_whose_it_is),
        TEST(asking_takes_microseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
