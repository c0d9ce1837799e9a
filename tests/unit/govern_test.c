/* The doorway and what people do through it, on real folders, with the rules that come with the
 * program. */
#include "database_fixture.h"
#include "govern/govern.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- A node under a temporary folder, with a clock that the test moves ---- */

static pd_time the_time;

static pd_time told(void *context) {
    (void)context;
    return the_time += 1000; /* each look is a millisecond later: ids sort */
}

static const struct pd_clock CLOCK = {told, NULL};

struct world {
    char folder[256], node[300], file[300];
    char databases[3][DATABASE_SIZE]; /* of the nodes that it founded */
    size_t database_count;
    struct pd_arena *arena;
    struct govern *g;
};

static const char STATISTICS[] =
    "year,region,permits\n2023,North,120\n2024,North,131\n2024,South,98\n2023,South,77\n"
    "2022,North,99\n2022,South,61\n";
static const char PERSONS[] =
    "name,mobile,district\nZhang San,13800001234,Luohu\nLi Si,13900005678,Futian\n"
    "Wang Wu,13700009999,Nanshan\n";

static void write_file(const char *path, const char *text) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    fclose(f);
}

static const char *extra_rules; /* policies of the node that a test adds, or NULL */

static void found(struct world *w, pd_str *receipt, enum pd_status expected) {
    struct pd_error err = {0};
    const struct law_file *bundled;
    size_t count;
    assert_int_equal(govern_bundled_rules(PD_STR("cn"), w->arena, &bundled, &count, &err), PD_OK);
    struct law_file *rules = pd_arena_array(w->arena, count + 1, sizeof(*rules));
    memcpy(rules, bundled, count * sizeof(*rules));
    if (extra_rules)
        rules[count++] = (struct law_file){PD_STR("node/x.cedar"), pd_str_from(extra_rules)};
    static const pd_str steward[] = {PD_STR_INIT("steward")};
    const struct govern_party parties[] = {
        {PD_STR("transport"), PD_STR("government"), PD_STR("state_organ"), PD_STR("CN")},
        {PD_STR("authority"), PD_STR("government"), PD_STR("authority"), PD_STR("CN")},
    };
    const struct govern_member members[] = {{PD_STR("transport"), PD_STR("zhang"), steward, 1},
                                            {PD_STR("transport"), PD_STR("clerk"), NULL, 0},
                                            {PD_STR("authority"), PD_STR("an"), steward, 1}};
    struct govern_founding founding = {.origin = PD_STR("node.example"),
                                       .jurisdiction = PD_STR("cn"),
                                       .parties = parties,
                                       .party_count = 2,
                                       .members = members,
                                       .member_count = 3,
                                       .rules = rules,
                                       .rule_count = count};
    if (w->database_count == 0) /* else the folder knows it */
        founding.database = database_new(w->databases[w->database_count++]);
    assert_int_equal(govern_init(w->node, &founding, &CLOCK, w->arena, receipt, &err), expected);
}

static int set_up(void **state) {
    struct world *w = calloc(1, sizeof(*w));
    pd_time start;
    assert_true(pd_time_parse(PD_STR("2026-11-23T08:00:00Z"), &start));
    the_time = start;
    const char *tmp = getenv("TMPDIR");
    snprintf(w->folder, sizeof(w->folder), "%s/polder-govern-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->node, sizeof(w->node), "%s/node", w->folder);
    snprintf(w->file, sizeof(w->file), "%s/table.csv", w->folder);
    w->arena = pd_arena_new((size_t)256 << 20);
    pd_str receipt;
    found(w, &receipt, PD_OK);
    struct pd_error err = {0};
    if (govern_open(w->node, STORE_WRITE, "test", &CLOCK, &w->g, &err) != PD_OK)
        fail_msg("%s", err.text);
    *state = w;
    return 0;
}

static int tear_down(void **state) {
    struct world *w = *state;
    govern_close(w->g);
    pd_arena_free(w->arena);
    char command[400];
    snprintf(command, sizeof(command), "rm -rf '%s'", w->folder);
    assert_int_equal(system(command), 0);
    for (size_t i = 0; i < w->database_count; i++)
        if (w->databases[i][0] != '\0')
            database_drop(w->databases[i]);
    free(w);
    return 0;
}

static struct govern_request request(const char *verb) {
    return (struct govern_request){.verb = pd_str_from(verb),
                                   .party = PD_STR("transport"),
                                   .member = PD_STR("zhang"),
                                   .title = PD_STR("Permits by region"),
                                   .language = PD_STR("en"),
                                   .purpose = PD_STR("statistics"),
                                   .basis = PD_STR("public_task")};
}

/* Prepares the file; the caller frees the run and closes the source. */
static struct govern_run *prepare(struct world *w, const char *text, const struct govern_request *r,
                                  const pd_id *intent, struct source **source) {
    struct pd_error err = {0};
    struct govern_run *run = NULL;
    if (text)
        write_file(w->file, text);
    if (source_open(w->file, -1, w->folder, 0, source, &err) != PD_OK ||
        govern_prepare(w->g, *source, r, intent, NULL, &run, &err) != PD_OK)
        fail_msg("%s", err.text);
    return run;
}

static struct govern_outcome govern_once(struct world *w, const char *text,
                                         const struct govern_request *r, const pd_id *intent,
                                         bool is_signed) {
    struct source *source;
    struct govern_run *run = prepare(w, text, r, intent, &source);
    const struct govern_outcome *out;
    struct pd_error err = {0};
    if (govern_effect(run, is_signed, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    struct govern_outcome copy = *out;
    copy.receipt = pd_arena_str(w->arena, out->receipt);
    copy.released_as = pd_arena_str(w->arena, out->released_as);
    copy.finding = NULL;
    govern_run_free(run);
    source_close(source);
    return copy;
}

static size_t count_flaws(struct world *w) {
    const struct govern_verified *v;
    struct pd_error err = {0};
    if (govern_verify(w->g, NULL, w->arena, &v, &err) != PD_OK)
        fail_msg("%s", err.text);
    return v->flaw_count;
}

static uint64_t count_acts(struct world *w) {
    const struct govern_verified *v;
    struct pd_error err = {0};
    assert_int_equal(govern_verify(w->g, NULL, w->arena, &v, &err), PD_OK);
    return v->acts;
}

struct statement {
    struct sql sql;
    const struct store_value *values;
    size_t count;
};

static enum pd_status run_statement(struct store *store, void *context, struct pd_error *err) {
    const struct statement *s = context;
    return store_run(store, s->sql, s->values, s->count, NULL, err);
}

/* A change of the database that no act makes: what another process, or an intruder, would do. */
static void meddle(struct world *w, const char *sql, const struct store_value *values,
                   size_t count) {
    struct statement s = {{.both = sql}, values, count};
    struct pd_error err = {0};
    if (store_transact(govern_store(w->g), run_statement, &s, &err) != PD_OK)
        fail_msg("%s", err.text);
}

/* ---- Founding ---- */

static void founding_is_act_zero(void **state) {
    struct world *w = *state;
    assert_int_equal(count_acts(w), 1);
    assert_int_equal(count_flaws(w), 0);
}

static void founding_twice_is_refused(void **state) {
    struct world *w = *state;
    pd_str receipt;
    govern_close(w->g);
    w->g = NULL;
    found(w, &receipt, PD_CONFLICT);
    struct pd_error err = {0};
    assert_int_equal(govern_open(w->node, STORE_WRITE, "test", &CLOCK, &w->g, &err), PD_OK);
    assert_int_equal(count_acts(w), 1);
}

/* Between the making of the folder and act 0, a power cut. */
static void a_founding_that_was_cut_off_can_be_repeated(void **state) {
    struct world *w = *state;
    govern_close(w->g);
    w->g = NULL;
    snprintf(w->node, sizeof(w->node), "%s/second", w->folder);
    struct store *store;
    struct pd_error err = {0};
    assert_int_equal(store_open_at(w->node, database_new(w->databases[w->database_count++]),
                                   STORE_CREATE, "test", &store, &err),
                     PD_OK);
    assert_int_equal(store_file_write(store, "keys/transport.key", PD_STR("half"), &err), PD_OK);
    store_close(store);
    assert_int_equal(govern_open(w->node, STORE_WRITE, "test", &CLOCK, &w->g, &err), PD_NOT_FOUND);
    assert_non_null(strstr(err.text, "polder init"));
    pd_str receipt;
    found(w, &receipt, PD_OK);
    assert_int_equal(govern_open(w->node, STORE_WRITE, "test", &CLOCK, &w->g, &err), PD_OK);
    assert_int_equal(count_acts(w), 1);
    assert_int_equal(count_flaws(w), 0);
}

/* ---- Taking effect ---- */

static void a_signed_plan_publishes_statistics(void **state) {
    struct world *w = *state;
    struct govern_request r = request("open");
    struct govern_outcome o = govern_once(w, STATISTICS, &r, NULL, true);
    assert_int_equal(o.result, GOVERN_DONE);
    assert_int_equal(o.placed.log, LEDGER_PUBLIC);
    assert_int_equal(o.placed.index, 1);
    assert_int_equal(o.placed.size, 2);
    pd_str published;
    struct pd_error err = {0};
    assert_int_equal(store_file_read(govern_store(w->g), o.released_as.data, 1 << 20, w->arena,
                                     &published, &err),
                     PD_OK);
    assert_true(pd_str_is(published, STATISTICS));
    assert_int_equal(count_flaws(w), 0);
}

static void without_a_signature_the_intent_stays_open(void **state) {
    struct world *w = *state;
    struct govern_request r = request("open");
    struct govern_outcome o = govern_once(w, STATISTICS, &r, NULL, false);
    assert_int_equal(o.result, GOVERN_LEFT_OPEN);
    assert_int_equal(o.placed.log, LEDGER_RESTRICTED);
    struct govern_outcome resumed = govern_once(w, NULL, NULL, &o.intent_id, true);
    assert_int_equal(resumed.result, GOVERN_DONE);
    assert_true(pd_id_eq(resumed.intent_id, o.intent_id));
    assert_int_equal(count_flaws(w), 0);
}

static void only_a_steward_may_sign(void **state) {
    struct world *w = *state;
    struct govern_request r = request("open");
    r.member = PD_STR("clerk");
    struct source *source;
    struct govern_run *run = prepare(w, STATISTICS, &r, NULL, &source);
    const struct govern_outcome *out;
    struct pd_error err = {0};
    assert_int_equal(govern_effect(run, true, &out, &err), PD_DENIED);
    assert_non_null(strstr(err.text, "steward"));
    govern_run_free(run);
    source_close(source);
    assert_int_equal(count_acts(w), 1);
}

static void what_identifies_persons_leaves_the_published_table(void **state) {
    struct world *w = *state;
    struct govern_request r = request("open");
    struct source *source;
    struct govern_run *run = prepare(w, PERSONS, &r, NULL, &source);
    const struct govern_case *c = govern_run_case(run);
    assert_int_not_equal(c->finding->outcome, LAW_PERMIT);
    if (c->has_plan) {
        assert_false(c->after->inspection->facts.holds_identifiers);
        assert_int_equal(c->attest_count, 1);
        assert_true(pd_str_is(c->attests[0], "is_personal"));
    }
    govern_run_free(run);
    source_close(source);
}

static void store_keeps_the_original_bytes(void **state) {
    struct world *w = *state;
    struct govern_request r = request("store");
    struct govern_declared facts[] = {{PD_STR("is_sensitive"), PD_STR("false")}};
    r.declared = facts;
    r.declared_count = 1;
    struct govern_outcome o = govern_once(w, STATISTICS, &r, NULL, true);
    assert_int_equal(o.result, GOVERN_DONE);
    assert_int_equal(o.placed.log, LEDGER_RESTRICTED);
    static const struct sql FIND = {.both = "SELECT original_address, key_id FROM version"};
    struct store_rows *rows;
    struct pd_error err = {0};
    bool has;
    assert_int_equal(store_select(govern_store(w->g), FIND, NULL, 0, &rows, &err), PD_OK);
    assert_int_equal(store_next(rows, &has, &err), PD_OK);
    crypto_hash address;
    pd_id id;
    struct store_key key;
    assert_true(pd_hex_decode(store_str(rows, 0), address.bytes, sizeof(address.bytes)));
    assert_true(pd_id_parse(store_str(rows, 1), &id));
    store_rows_close(rows);
    assert_int_equal(store_key_find(govern_store(w->g), id, &key, &err), PD_OK);
    struct store_reader *reader;
    char back[sizeof(STATISTICS)];
    size_t n = sizeof(back);
    assert_int_equal(store_vault_open(govern_store(w->g), &key, address, &reader, &err), PD_OK);
    assert_int_equal(store_vault_read(reader, back, &n, &err), PD_OK);
    store_reader_free(reader);
    assert_int_equal(n, sizeof(STATISTICS) - 1);
    assert_memory_equal(back, STATISTICS, n);
    assert_int_equal(count_flaws(w), 0);
}

/* ---- Between finding and effect ---- */

/* Another process enacts rules: those in force, with one policy more (`json`: its text in JSON). */
static void enact(struct world *w, const char *json) {
    static const struct sql READ = {
        .both = "SELECT files FROM rules ORDER BY in_force_at DESC LIMIT 1"};
    struct store_rows *rows;
    struct pd_error err = {0};
    bool has;
    assert_int_equal(store_select(govern_store(w->g), READ, NULL, 0, &rows, &err), PD_OK);
    assert_int_equal(store_next(rows, &has, &err), PD_OK);
    pd_str files = pd_arena_str(w->arena, store_str(rows, 0));
    store_rows_close(rows);
    pd_str more = pd_arena_printf(w->arena, "%.*s,\"node/zzz.cedar\":\"%s\"}", (int)(files.len - 1),
                                  files.data, json);
    crypto_hash hash = crypto_sha256(more.data, more.len);
    char id[65];
    pd_hex_encode(hash.bytes, sizeof(hash.bytes), id);
    struct store_value values[] = {STORE_STR(pd_str_from(id)), STORE_STR(more),
                                   STORE_I64(the_time)};
    meddle(w, "INSERT INTO rules (id, files, in_force_at) VALUES ($1, $2, $3)", values, 3);
}

static void rules_that_change_before_the_effect_are_asked_again(void **state) {
    struct world *w = *state;
    struct govern_request r = request("open");
    struct source *source;
    struct govern_run *run = prepare(w, STATISTICS, &r, NULL, &source);
    assert_true(govern_run_case(run)->has_plan);
    enact(w, "@id(\\\"node.closed\\\")\\n@title(\\\"Closed\\\")\\nforbid (principal, action == "
             "Polder::Action::\\\"open\\\", resource);\\n");
    const struct govern_outcome *out;
    struct pd_error err = {0};
    enum pd_status st = govern_effect(run, true, &out, &err);
    assert_int_equal(st, PD_CONFLICT);
    assert_non_null(strstr(err.text, "rules changed"));
    govern_run_free(run);
    source_close(source);
    assert_int_equal(count_acts(w), 1);
}

static pd_str party_key(struct world *w, const char *party) {
    pd_str path = pd_arena_printf(w->arena, "keys/%s.key", party), key;
    struct pd_error err = {0};
    assert_int_equal(store_file_read(govern_store(w->g), path.data, 4096, w->arena, &key, &err),
                     PD_OK);
    return key;
}

static enum pd_status attest(struct world *w, pd_id intent, const char *party, const char *key_of,
                             const char *name, pd_time expires, struct pd_error *err) {
    struct govern_attestation a = {.intent_id = intent,
                                   .name = pd_str_from(name),
                                   .value = PD_STR("true"),
                                   .party = pd_str_from(party),
                                   .private_key = party_key(w, key_of),
                                   .evidence = PD_STR("file 2026-17"),
                                   .expires = expires};
    const struct govern_outcome *out;
    return govern_attest(w->g, &a, w->arena, &out, err);
}

/* Publishing persons as they are: what their statute demands besides the consent is declared. */
static struct govern_request personal_request(void) {
    static const struct govern_declared duty[] = {
        {PD_STR_INIT("purpose_in_statutory_duties"), PD_STR_INIT("true")},
        {PD_STR_INIT("subject_under_14"), PD_STR_INIT("false")}};
    struct govern_request r = request("open");
    r.declared = duty;
    r.declared_count = 2;
    return r;
}

static void an_attested_consent_lets_an_open_intent_go_on(void **state) {
    struct world *w = *state;
    struct govern_request r = personal_request();
    struct govern_outcome o = govern_once(w, PERSONS, &r, NULL, false);
    assert_int_equal(o.result, GOVERN_LEFT_OPEN);
    struct pd_error err = {0};
    if (attest(w, o.intent_id, "transport", "transport", "separate_consent", 0, &err) != PD_OK)
        fail_msg("%s", err.text);
    if (attest(w, o.intent_id, "transport", "transport", "impact_assessment", 0, &err) != PD_OK)
        fail_msg("%s", err.text);
    struct govern_outcome done = govern_once(w, NULL, NULL, &o.intent_id, true);
    assert_int_equal(done.result, GOVERN_DONE);
    pd_str published;
    assert_int_equal(store_file_read(govern_store(w->g), done.released_as.data, 1 << 20, w->arena,
                                     &published, &err),
                     PD_OK);
    assert_true(pd_str_is(published, PERSONS));
    assert_int_equal(count_flaws(w), 0);
}

static bool is_told_ignored(const struct law_finding *finding, const char *name, const char *why) {
    for (size_t i = 0; i < finding->fact_count; i++)
        if (pd_str_is(finding->facts[i].fact->name, name) && finding->facts[i].ignored.len > 0)
            return pd_str_starts(finding->facts[i].ignored, pd_str_from(why));
    return false;
}

static void a_fact_that_expires_before_the_effect_does_not_count(void **state) {
    struct world *w = *state;
    struct govern_request r = personal_request();
    struct govern_outcome o = govern_once(w, PERSONS, &r, NULL, false);
    struct pd_error err = {0};
    assert_int_equal(attest(w, o.intent_id, "transport", "transport", "separate_consent",
                            the_time + PD_DAY, &err),
                     PD_OK);
    assert_int_equal(attest(w, o.intent_id, "transport", "transport", "impact_assessment", 0, &err),
                     PD_OK);
    struct source *source;
    struct govern_run *run = prepare(w, NULL, NULL, &o.intent_id, &source);
    assert_true(govern_run_case(run)->has_plan);
    uint64_t before = count_acts(w);
    the_time += 2 * PD_DAY;
    const struct govern_outcome *out;
    assert_int_equal(govern_effect(run, true, &out, &err), PD_CONFLICT);
    assert_non_null(strstr(err.text, "facts changed"));
    govern_run_free(run);
    source_close(source);
    assert_int_equal(count_acts(w), before);
    assert_int_equal(count_flaws(w), 0);
    run = prepare(w, NULL, NULL, &o.intent_id, &source);
    assert_true(
        is_told_ignored(govern_run_case(run)->finding, "separate_consent", "it expired at "));
    govern_run_free(run);
    source_close(source);
}

static void an_attestation_of_other_data_does_not_count_and_the_finding_says_why(void **state) {
    struct world *w = *state;
    struct govern_request r = personal_request();
    struct govern_outcome o = govern_once(w, PERSONS, &r, NULL, false);
    struct pd_error err = {0};
    assert_int_equal(attest(w, o.intent_id, "transport", "transport", "is_aggregate", 0, &err),
                     PD_OK);
    struct source *source;
    struct govern_run *run = prepare(w, NULL, NULL, &o.intent_id, &source);
    const struct govern_case *c = govern_run_case(run);
    assert_false(is_told_ignored(c->finding, "is_aggregate", ""));
    /* What the plan makes of the file is other data. */
    assert_true(c->has_plan && c->plan->step_count > 0);
    assert_true(is_told_ignored(c->finding_after, "is_aggregate",
                                "it was attested of other data than this"));
    govern_run_free(run);
    source_close(source);
}

static void attestations_need_right_and_key(void **state) {
    struct world *w = *state;
    struct govern_request r = request("open");
    struct govern_outcome o = govern_once(w, PERSONS, &r, NULL, false);
    static const struct {
        const char *party, *key_of, *fact;
        enum pd_status status;
    } cases[] = {
        {"authority", "authority", "separate_consent", PD_DENIED}, /* only the holder may */
        {"transport", "authority", "separate_consent", PD_DENIED}, /* another's key */
        {"transport", "transport", "no_such_fact", PD_INVALID},
        {"transport", "transport", "holds_identifiers", PD_DENIED}, /* measured, never said */
    };
    uint64_t before = count_acts(w);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pd_error err = {0};
        assert_int_equal(
            attest(w, o.intent_id, cases[i].party, cases[i].key_of, cases[i].fact, 0, &err),
            cases[i].status);
    }
    assert_int_equal(count_acts(w), before);
}

static void identifiers_cannot_be_attested_away(void **state) {
    struct world *w = *state;
    struct govern_request r = personal_request();
    struct govern_outcome o = govern_once(w, PERSONS, &r, NULL, false);
    struct govern_attestation a = {.intent_id = o.intent_id,
                                   .name = PD_STR("is_personal"),
                                   .value = PD_STR("false"),
                                   .party = PD_STR("transport"),
                                   .private_key = party_key(w, "transport"),
                                   .evidence = PD_STR("file 2026-18")};
    const struct govern_outcome *out;
    struct pd_error err = {0};
    assert_int_equal(govern_attest(w->g, &a, w->arena, &out, &err), PD_DENIED);
    assert_non_null(strstr(err.text, "identifiers"));

    /* Of a table without identifiers it may be said; then no column has to change. */
    o = govern_once(w, STATISTICS, &r, NULL, false);
    a.intent_id = o.intent_id;
    if (govern_attest(w->g, &a, w->arena, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(govern_once(w, NULL, NULL, &o.intent_id, false).result, GOVERN_DONE);
    assert_int_equal(count_flaws(w), 0);
}

static void another_member_of_the_party_may_sign_an_open_intent(void **state) {
    struct world *w = *state;
    struct govern_request r = request("open");
    r.member = PD_STR("clerk");
    struct govern_outcome o = govern_once(w, STATISTICS, &r, NULL, false);
    assert_int_equal(o.result, GOVERN_LEFT_OPEN);
    struct govern_request steward = {.member = PD_STR("zhang")};
    assert_int_equal(govern_once(w, NULL, &steward, &o.intent_id, true).result, GOVERN_DONE);
    assert_int_equal(count_flaws(w), 0);
}

static void a_changed_file_is_not_the_intent_any_more(void **state) {
    struct world *w = *state;
    struct govern_request r = request("open");
    struct govern_outcome o = govern_once(w, STATISTICS, &r, NULL, false);
    write_file(w->file, PERSONS);
    struct source *source;
    struct govern_run *run;
    struct pd_error err = {0};
    assert_int_equal(source_open(w->file, -1, w->folder, 0, &source, &err), PD_OK);
    assert_int_equal(govern_prepare(w->g, source, NULL, &o.intent_id, NULL, &run, &err),
                     PD_CONFLICT);
    source_close(source);
}

/* ---- Combinations that don't fit into memory ---- */

static struct protect_risk risk_of(struct world *w, size_t risk_bytes) {
    const struct govern_form form = {.threads = 1, .risk_bytes = risk_bytes};
    const struct govern_reading *reading = NULL;
    struct source *source;
    struct pd_error err = {0};
    if (source_open(w->file, -1, w->folder, 0, &source, &err) != PD_OK ||
        govern_read(source, &form, NULL, the_time, NULL, w->arena, NULL, &reading, &err) != PD_OK)
        fail_msg("%s", err.text);
    source_close(source);
    assert_true(reading->has_risk);
    return reading->risk;
}

static void combinations_are_counted_by_shares_where_memory_ends(void **state) {
    struct world *w = *state;
    struct pd_buf text = {0};
    pd_buf_text(&text, "name,birth_date,district,sex\n");
    for (int i = 0; i < 9000; i++)
        pd_buf_printf(&text, "Person %d,19%02d-%02d-%02d,District %d,%s\n", i, i % 97, 1 + i % 11,
                      1 + i % 13, i % 7, i % 2 ? "male" : "female");
    write_file(w->file, text.data);
    struct protect_risk whole = risk_of(w, 0), shares = risk_of(w, 60000);
    assert_int_equal(whole.rows, 9000);
    assert_true(whole.classes > 5000);
    assert_memory_equal(&whole, &shares, sizeof(whole));
    pd_buf_clear(&text);
}

static void what_was_opened_meanwhile_is_matched_first(void **state) {
    struct world *w = *state;
    struct pd_buf text;
    pd_buf_init(&text, 0);
    pd_buf_text(&text, "age,postcode,diagnosis\n");
    static const char *const ill[] = {"flu", "cold", "gout", "asthma", "angina"};
    for (int i = 0; i < 200; i++)
        pd_buf_printf(&text, "%d,51800%d,%s\n", 20 + i % 20, i / 20 % 2, ill[(i * 7 + i / 5) % 5]);
    struct govern_request one = request("open"), two = request("open");
    two.title = PD_STR("The same people once more");
    struct source *sources[2];
    struct govern_run *first = prepare(w, text.data, &one, NULL, &sources[0]);
    struct govern_run *second = prepare(w, NULL, &two, NULL, &sources[1]);
    const struct govern_outcome *out;
    struct pd_error err = {0};
    assert_int_equal(govern_effect(second, true, &out, &err), PD_OK);
    assert_int_equal(out->result, GOVERN_DONE);
    assert_int_equal(govern_effect(first, true, &out, &err), PD_CONFLICT);
    assert_non_null(strstr(err.text, "opened meanwhile: ask again"));
    govern_run_free(first);
    govern_run_free(second);
    source_close(sources[0]);
    source_close(sources[1]);
    assert_int_equal(govern_once(w, NULL, &one, NULL, true).result, GOVERN_DONE);
    assert_int_equal(count_flaws(w), 0);
    pd_buf_clear(&text);
}

/* ---- Asking twice ---- */

static void a_retry_gets_the_first_receipt(void **state) {
    struct world *w = *state;
    struct govern_request r = request("open");
    r.idempotency_key = PD_STR("monday");
    struct govern_outcome first = govern_once(w, STATISTICS, &r, NULL, true);
    uint64_t acts = count_acts(w);
    struct govern_outcome second = govern_once(w, STATISTICS, &r, NULL, true);
    assert_true(second.repeated);
    assert_true(pd_str_eq(first.receipt, second.receipt));
    assert_int_equal(second.result, GOVERN_DONE);
    assert_int_equal(count_acts(w), acts);

    r.title = PD_STR("Something else");
    struct source *source;
    struct govern_run *run = prepare(w, STATISTICS, &r, NULL, &source);
    const struct govern_outcome *out;
    struct pd_error err = {0};
    assert_int_equal(govern_effect(run, true, &out, &err), PD_CONFLICT);
    govern_run_free(run);
    source_close(source);
}

static void the_same_title_makes_a_version_of_the_same_dataset(void **state) {
    struct world *w = *state;
    struct govern_request r = request("open");
    (void)govern_once(w, STATISTICS, &r, NULL, true);
    (void)govern_once(w, STATISTICS, &r, NULL, true);
    static const struct sql COUNT = {
        .both = "SELECT (SELECT COUNT(*) FROM dataset), (SELECT COUNT(*) FROM version)"};
    struct store_rows *rows;
    struct pd_error err = {0};
    bool has;
    assert_int_equal(store_select(govern_store(w->g), COUNT, NULL, 0, &rows, &err), PD_OK);
    assert_int_equal(store_next(rows, &has, &err), PD_OK);
    assert_int_equal(store_i64(rows, 0), 1);
    assert_int_equal(store_i64(rows, 1), 2);
    store_rows_close(rows);
}

/* ---- Proofs and meddling ---- */

static void a_proof_verifies_offline_and_for_no_other_leaf(void **state) {
    struct world *w = *state;
    struct govern_request r = request("open");
    struct govern_outcome o = govern_once(w, STATISTICS, &r, NULL, true);
    pd_str proof, leaf, vkey_text;
    struct pd_error err = {0};
    assert_int_equal(govern_prove(w->g, o.act_id, w->arena, &proof, &leaf, &err), PD_OK);
    assert_int_equal(
        store_file_read(govern_store(w->g), "ledger/public/vkey", 4096, w->arena, &vkey_text, &err),
        PD_OK);
    struct ledger_vkey vkey;
    struct ledger_offline offline;
    crypto_hash hash;
    assert_int_equal(ledger_vkey_parse(vkey_text, &vkey, &err), PD_OK);
    assert_int_equal(ledger_offline_parse(proof, &offline, &err), PD_OK);
    assert_int_equal(ledger_hash_leaf(leaf, &hash, &err), PD_OK);
    assert_int_equal(
        ledger_offline_verify(&offline, &hash, PD_STR("node.example/public"), &vkey, NULL, &err),
        PD_OK);
    hash.bytes[0] ^= 1;
    assert_int_equal(
        ledger_offline_verify(&offline, &hash, PD_STR("node.example/public"), &vkey, NULL, &err),
        PD_INTERNAL);
}

static void meddling_is_found(void **state) {
    struct world *w = *state;
    static const char *const meddlings[] = {
        "UPDATE dataset SET title = '{\"en\":\"Other\"}'",
        "UPDATE act SET outcome = 'deny' WHERE verb = 'open'",
        "DELETE FROM leaf WHERE leaf_index = 1 AND log = 'public'",
        "UPDATE leaf SET bytes = '{}' WHERE leaf_index = 1 AND log = 'public'",
        ("INSERT INTO clock (id, act_id, policy_id, obligation, starts_at)"
         " SELECT 'x', id, 'p', 'o', 0 FROM act LIMIT 1"),
        "UPDATE distribution SET row_count = row_count + 1",
        "UPDATE member SET duties = '[\"steward\"]' WHERE name = 'clerk'",
    };
    struct govern_request r = request("open");
    (void)govern_once(w, STATISTICS, &r, NULL, true);
    assert_int_equal(count_flaws(w), 0);
    govern_close(w->g);
    w->g = NULL;
    for (size_t i = 0; i < sizeof(meddlings) / sizeof(*meddlings); i++) {
        char command[1200], database[DATABASE_SIZE];
        snprintf(command, sizeof(command), "rm -rf '%s/copy' && cp -r '%s' '%s/copy'", w->folder,
                 w->node, w->folder);
        assert_int_equal(system(command), 0);
        char copy[300];
        snprintf(copy, sizeof(copy), "%s/copy", w->folder);
        if (database_server() != NULL)
            database_copy(copy, w->databases[0], database);
        struct world other = *w;
        struct pd_error err = {0};
        if (govern_open(copy, STORE_WRITE, "test", &CLOCK, &other.g, &err) != PD_OK)
            fail_msg("%s", err.text);
        meddle(&other, meddlings[i], NULL, 0);
        if (count_flaws(&other) == 0)
            fail_msg("not found: %s", meddlings[i]);
        govern_close(other.g);
        if (database_server() != NULL)
            database_drop(database);
    }
}

/* ---- PostgreSQL ---- */

static void what_the_database_wants_again_is_done_once(void **state) {
    struct world *w = *state;
    if (database_server() == NULL)
        skip();
    const char *database = w->databases[0];
    if (getenv("POLDER_TEST_RETRIES") == NULL) {
        database_meddle(database, REFUSALS);
        database_meddle(database, "CREATE TRIGGER refuse_leaf BEFORE INSERT ON leaf"
                                  " FOR EACH ROW EXECUTE FUNCTION refuse_leaf()");
    }
    free(database_ask(database, "SELECT setval('leaf_count', 2)"));
    struct govern_request r = request("open");
    struct govern_outcome o = govern_once(w, STATISTICS, &r, NULL, true);
    assert_int_equal(o.result, GOVERN_DONE);
    assert_int_equal(count_acts(w), 2);
    assert_int_equal(count_flaws(w), 0);
    char *tried = database_ask(database, "SELECT last_value FROM leaf_count");
    assert_string_equal(tried, "4");
    free(tried);
}

#include "govern_clock_cases.h"

#include "govern_past_cases.h"

#include "govern_case_cases.h" /* uses what the two before it have */

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(founding_is_act_zero),
        TEST(founding_twice_is_refused),
        TEST(a_founding_that_was_cut_off_can_be_repeated),
        TEST(a_signed_plan_publishes_statistics),
        TEST(without_a_signature_the_intent_stays_open),
        TEST(only_a_steward_may_sign),
        TEST(what_identifies_persons_leaves_the_published_table),
        TEST(store_keeps_the_original_bytes),
        TEST(rules_that_change_before_the_effect_are_asked_again),
        TEST(an_attested_consent_lets_an_open_intent_go_on),
        TEST(a_fact_that_expires_before_the_effect_does_not_count),
        TEST(an_attestation_of_other_data_does_not_count_and_the_finding_says_why),
        TEST(attestations_need_right_and_key),
        TEST(identifiers_cannot_be_attested_away),
        TEST(another_member_of_the_party_may_sign_an_open_intent),
        TEST(what_was_opened_meanwhile_is_matched_first),
        TEST(a_changed_file_is_not_the_intent_any_more),
        TEST(combinations_are_counted_by_shares_where_memory_ends),
        TEST(a_retry_gets_the_first_receipt),
        TEST(the_same_title_makes_a_version_of_the_same_dataset),
        TEST(a_proof_verifies_offline_and_for_no_other_leaf),
        TEST(meddling_is_found),
        TEST(what_the_database_wants_again_is_done_once),
#define DUTY_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_duties, tear_down)
        DUTY_TEST(duties_start_clocks_by_the_calendar_of_the_jurisdiction),
        DUTY_TEST(a_date_that_was_not_known_is_taken_from_the_calendar_in_force),
        DUTY_TEST(a_clock_is_overdue_from_the_end_of_its_last_day),
        DUTY_TEST(a_clock_that_is_set_back_sets_no_act_back),
        DUTY_TEST(a_duty_is_met_by_an_act_of_the_party_that_owes_it),
        DUTY_TEST(an_answer_needs_the_right_party_key_and_evidence),
#define PAST_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_passing_law, tear_down)
        PAST_TEST(a_finding_is_made_again_by_the_rules_and_at_the_time_of_its_act),
        PAST_TEST(the_record_holds_the_facts_that_took_effect),
        PAST_TEST(a_record_of_an_older_polder_is_told_as_such),
        PAST_TEST(large_numbers_are_read_again_as_they_were),
        PAST_TEST(another_law_is_asked_at_the_time_of_each_case_or_at_a_named_one),
        PAST_TEST(what_nothing_settles_waits_and_a_denial_repeated_is_one_dataset),
#define CASE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_deadlines, tear_down)
        CASE_TEST(a_deadline_that_passes_is_recorded_once_and_escalates_the_case),
        CASE_TEST(a_duty_that_was_met_leaves_nothing_to_record),
        CASE_TEST(a_job_that_was_cut_off_records_nothing_twice),
        CASE_TEST(the_record_is_as_public_as_the_act_that_left_the_duty),
        CASE_TEST(a_duty_without_a_date_is_looked_at_again_each_week),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
