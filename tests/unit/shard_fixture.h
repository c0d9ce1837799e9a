/* For shard_test.c: a node whose clock the test moves, and acts for its logs. */
#ifndef POLDER_TESTS_SHARD_FIXTURE_H
#define POLDER_TESTS_SHARD_FIXTURE_H

#include "database_fixture.h"
#include "govern/govern.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static pd_time the_time;

static pd_time told(void *context) {
    (void)context;
    return the_time += 1000; /* each look is a millisecond later: ids sort */
}

static const struct pd_clock CLOCK = {told, NULL};

static pd_time at(const char *text) {
    pd_time t;
    assert_true(pd_time_parse(pd_str_from(text), &t));
    return t;
}

struct world {
    char folder[256], node[300], file[300];
    char database[DATABASE_SIZE]; /* or empty: SQLite */
    struct pd_arena *arena;
    struct govern *g;
};

static const char STATISTICS[] = "year,region,permits\n2023,North,120\n2024,North,131\n"
                                 "2024,South,98\n2023,South,77\n2022,North,99\n2022,South,61\n";
static const char PERSONS[] = "name,mobile,district\nZhang San,13800001234,Luohu\n"
                              "Li Si,13900005678,Futian\nWang Wu,13700009999,Nanshan\n";

/* The node's thresholds but for the period of a shard. */
static const char THRESHOLDS[] =
    "{\"thresholds\":1,"
    "\"k\":{\"value\":5,\"title\":{\"en\":\"k\",\"zh\":\"k\"},\"why\":{\"en\":\"w\",\"zh\":\"w\"}},"
    "\"max_suppressed_percent\":{\"value\":10,\"title\":{\"en\":\"m\",\"zh\":\"m\"},\"why\":{"
    "\"en\":\"w\",\"zh\":\"w\"}},"
    "\"max_linkage_percent\":{\"value\":20,\"title\":{\"en\":\"a\",\"zh\":\"a\"},\"why\":{"
    "\"en\":\"a\",\"zh\":\"a\"}},"
    "\"max_attack_percent\":{\"value\":50,\"title\":{\"en\":\"a\",\"zh\":\"a\"},\"why\":{"
    "\"en\":\"w\",\"zh\":\"w\"}},"
    "\"restricted_shard_months\":{\"value\":%d,\"title\":{\"en\":\"s\",\"zh\":\"s\"},\"why\":{"
    "\"en\":\"w\",\"zh\":\"w\"}},"
    "\"restricted_keep_months\":{\"value\":%d,\"title\":{\"en\":\"r\",\"zh\":\"r\"},\"why\":{"
    "\"en\":\"w\",\"zh\":\"w\"}}}";

/* Three days to answer an access request: so that duties run in the tests. */
static const char DUTY[] = "@id(\"node.x.answer.duty\") @obligation(\"answer(within=3d)\")\n"
                           "permit (principal, action == Polder::Action::\"revoke\", resource);\n";

static void found(struct world *w, int shard_months, int keep_months) {
    struct pd_error err = {0};
    const struct law_file *bundled;
    size_t count;
    static char thresholds[2048];
    snprintf(thresholds, sizeof(thresholds), THRESHOLDS, shard_months, keep_months);
    assert_int_equal(govern_bundled_rules(PD_STR("cn"), w->arena, &bundled, &count, &err), PD_OK);
    struct law_file *rules = pd_arena_array(w->arena, count + 1, sizeof(*rules));
    memcpy(rules, bundled, count * sizeof(*rules));
    for (size_t i = 0; i < count; i++)
        if (pd_str_is(rules[i].path, "node/thresholds.json"))
            rules[i].text = pd_str_from(thresholds);
    rules[count++] = (struct law_file){PD_STR("node/x.cedar"), PD_STR(DUTY)};
    static const pd_str steward[] = {PD_STR_INIT("steward")};
    const struct govern_party parties[] = {
        {PD_STR("transport"), PD_STR("government"), PD_STR("state_organ"), PD_STR("CN")},
        {PD_STR("authority"), PD_STR("government"), PD_STR("authority"), PD_STR("CN")},
    };
    const struct govern_member members[] = {{PD_STR("transport"), PD_STR("zhang"), steward, 1},
                                            {PD_STR("authority"), PD_STR("an"), steward, 1}};
    struct govern_founding founding = {.origin = PD_STR("node.example"),
                                       .jurisdiction = PD_STR("cn"),
                                       .parties = parties,
                                       .party_count = 2,
                                       .members = members,
                                       .member_count = 2,
                                       .rules = rules,
                                       .rule_count = count,
                                       .database = database_new(w->database)};
    pd_str receipt;
    if (govern_init(w->node, &founding, &CLOCK, w->arena, &receipt, &err) != PD_OK)
        fail_msg("%s", err.text);
}

static void open_node(struct world *w) {
    struct pd_error err = {0};
    if (govern_open(w->node, STORE_WRITE, "test", &CLOCK, &w->g, &err) != PD_OK)
        fail_msg("%s", err.text);
}

static struct world *make_world(int shard_months, int keep_months) {
    struct world *w = calloc(1, sizeof(*w));
    the_time = at("2026-11-23T08:00:00Z");
    const char *tmp = getenv("TMPDIR");
    snprintf(w->folder, sizeof(w->folder), "%s/polder-shard-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->node, sizeof(w->node), "%s/node", w->folder);
    snprintf(w->file, sizeof(w->file), "%s/table.csv", w->folder);
    w->arena = pd_arena_new((size_t)1 << 30);
    found(w, shard_months, keep_months);
    open_node(w);
    return w;
}

static int set_up(void **state) {
    *state = make_world(1, 36);
    return 0;
}

static int tear_down(void **state) {
    struct world *w = *state;
    govern_close(w->g);
    pd_arena_free(w->arena);
    if (w->database[0])
        database_drop(w->database);
    char command[400];
    snprintf(command, sizeof(command), "rm -rf '%s'", w->folder);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
}

/* ---- Acts ---- */

static struct govern_outcome govern_file(struct world *w, const char *text, const char *verb,
                                         const struct govern_declared *declared, size_t count,
                                         const pd_id *intent, bool is_signed) {
    struct govern_request r = {.verb = pd_str_from(verb),
                               .party = PD_STR("transport"),
                               .member = PD_STR("zhang"),
                               .title = PD_STR("Permits by region"),
                               .language = PD_STR("en"),
                               .purpose = PD_STR("statistics"),
                               .basis = PD_STR("public_task"),
                               .declared = declared,
                               .declared_count = count};
    struct source *source;
    struct govern_run *run = NULL;
    const struct govern_outcome *out = NULL;
    struct pd_error err = {0};
    if (text) {
        FILE *f = fopen(w->file, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
        fclose(f);
    }
    if (source_open(w->file, -1, w->folder, 0, &source, &err) != PD_OK ||
        govern_prepare(w->g, source, intent ? NULL : &r, intent, NULL, &run, &err) != PD_OK ||
        govern_effect(run, is_signed, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    struct govern_outcome copy = *out;
    copy.receipt = pd_arena_str(w->arena, out->receipt);
    copy.placed.name = pd_arena_str(w->arena, out->placed.name);
    copy.finding = NULL;
    govern_run_free(run);
    source_close(source);
    return copy;
}

static struct govern_outcome deny(struct world *w) {
    static const struct govern_declared secret[] = {
        {PD_STR_INIT("is_secret"), PD_STR_INIT("true")}};
    struct govern_outcome o = govern_file(w, STATISTICS, "open", secret, 1, NULL, true);
    assert_int_equal(o.result, GOVERN_DENIED);
    return o;
}

static pd_str party_key(struct world *w, const char *party) {
    char path[64];
    pd_str key;
    struct pd_error err = {0};
    snprintf(path, sizeof(path), "keys/%s.key", party);
    assert_int_equal(store_file_read(govern_store(w->g), path, 4096, w->arena, &key, &err), PD_OK);
    return key;
}

static pd_id raise_case(struct world *w) {
    struct govern_raising r = {.kind = PD_STR("withdrawal"),
                               .party = PD_STR("transport"),
                               .member = PD_STR("zhang"),
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

static void answer_case(struct world *w, pd_id id) {
    struct govern_moving m = {.move = GOVERN_CASE_ANSWER,
                              .case_id = id,
                              .party = PD_STR("authority"),
                              .member = PD_STR("an"),
                              .private_key = party_key(w, "authority"),
                              .text = PD_STR("stopped")};
    const struct govern_outcome *out;
    struct pd_error err = {0};
    if (govern_case_move(w->g, &m, w->arena, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
}

/* ---- What the node is ---- */

static const struct govern_verified *verified(struct world *w) {
    const struct govern_verified *v;
    struct pd_error err = {0};
    if (govern_verify(w->g, NULL, w->arena, &v, &err) != PD_OK)
        fail_msg("%s", err.text);
    return v;
}

static void assert_whole(struct world *w) {
    const struct govern_verified *v = verified(w);
    if (v->flaw_count)
        fail_msg("%.*s: %.*s", pd_arg(v->flaws[0].where), pd_arg(v->flaws[0].what));
}

static const struct govern_log *log_named(struct world *w, const char *name) {
    const struct govern_log *log;
    struct pd_error err = {0};
    if (govern_log_find(w->g, pd_str_from(name), w->arena, &log, &err) != PD_OK)
        fail_msg("%s", err.text);
    return log;
}

static const struct govern_verified_log *verified_log(struct world *w, const char *name) {
    const struct govern_verified *v = verified(w);
    for (size_t i = 0; i < v->log_count; i++)
        if (pd_str_is(v->logs[i].name, name))
            return &v->logs[i];
    fail_msg("no log %s", name);
    return NULL;
}

static size_t anchor_all(struct world *w) {
    const struct govern_anchored *done;
    size_t count;
    struct pd_error err = {0};
    if (govern_anchor(w->g, w->arena, &done, &count, &err) != PD_OK)
        fail_msg("%s", err.text);
    return count;
}

/* The one number that a statement gives. */
static int64_t number(struct world *w, const char *sql) {
    struct store_rows *rows;
    struct pd_error err = {0};
    bool has;
    struct sql statement = {.both = sql};
    assert_int_equal(store_select(govern_store(w->g), statement, NULL, 0, &rows, &err), PD_OK);
    assert_int_equal(store_next(rows, &has, &err), PD_OK);
    assert_true(has);
    int64_t n = store_i64(rows, 0);
    store_rows_close(rows);
    return n;
}

struct statement {
    const char *sql;
};

static enum pd_status run_statement(struct store *store, void *context, struct pd_error *err) {
    struct sql sql = {.both = ((const struct statement *)context)->sql};
    return store_run(store, sql, NULL, 0, NULL, err);
}

static void meddle(struct world *w, const char *sql) {
    struct statement s = {sql};
    struct pd_error err = {0};
    if (store_transact(govern_store(w->g), run_statement, &s, &err) != PD_OK)
        fail_msg("%s", err.text);
}

#endif
