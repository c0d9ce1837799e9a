/* The catalogue: who sees what of a node, in which order, found by which words. */
#include "database_fixture.h"
#include "govern/govern.h"

#include <unistd.h>

static pd_time the_time;

static pd_time told(void *context) {
    (void)context;
    return the_time += 1000;
}

static const struct pd_clock CLOCK = {told, NULL};

struct world {
    char folder[256], node[300], file[300], database[DATABASE_SIZE];
    struct pd_arena *arena;
    struct govern *g;
};

static const char STATISTICS[] = "year,Region_Name,permits\n2023,North,120\n2024,North,131\n2024,South,98\n2023,South,77\n"
                                 "2022,North,99\n2022,South,61\n";
static const char PERSONS[] = "name,mobile,district\nZhang San,13800001234,Luohu\nLi Si,13900005678,Futian\n"
                              "Wang Wu,13700009999,Nanshan\n";
/* Every publication leaves duties: one to answer, one that ends by itself. */
static const char DUTIES[] = "@id(\"node.x.duty\")\n@obligation(\"notify(authority;within=20d)+record(keep=3y)\")\n"
                             "permit (principal, action == Polder::Action::\"open\", resource);\n";

static void found(struct world *w) {
    struct pd_error err = {0};
    const struct law_file *bundled;
    size_t count;
    pd_str receipt;
    static const pd_str steward[] = {PD_STR_INIT("steward")}, owner[] = {PD_STR_INIT("owner"), PD_STR_INIT("steward")};
    static const struct govern_party parties[] = {
        {PD_STR_INIT("transport"), PD_STR_INIT("government"), PD_STR_INIT("state_organ"), PD_STR_INIT("CN"),
         PD_STR_INIT("{\"en\":\"Department of Transport\"}")},
        {PD_STR_INIT("authority"), PD_STR_INIT("government"), PD_STR_INIT("authority"), PD_STR_INIT("CN"), {NULL, 0}},
        {PD_STR_INIT("acme"), PD_STR_INIT("enterprise"), PD_STR_INIT("company"), PD_STR_INIT("CN"), {NULL, 0}}};
    static const struct govern_member members[] = {{PD_STR_INIT("transport"), PD_STR_INIT("zhang"), owner, 2},
                                                   {PD_STR_INIT("transport"), PD_STR_INIT("clerk"), NULL, 0},
                                                   {PD_STR_INIT("authority"), PD_STR_INIT("an"), steward, 1},
                                                   {PD_STR_INIT("acme"), PD_STR_INIT("wu"), steward, 1}};
    assert_int_equal(govern_bundled_rules(PD_STR("cn"), w->arena, &bundled, &count, &err), PD_OK);
    struct law_file *rules = pd_arena_array(w->arena, count + 1, sizeof(*rules));
    memcpy(rules, bundled, count * sizeof(*rules));
    rules[count] = (struct law_file){PD_STR("node/x.cedar"), pd_str_from(DUTIES)};
    const struct govern_founding founding = {.origin = PD_STR("node.example"),
                                             .jurisdiction = PD_STR("cn"),
                                             .parties = parties,
                                             .party_count = 3,
                                             .members = members,
                                             .member_count = 4,
                                             .rules = rules,
                                             .rule_count = count + 1,
                                             .database = database_new(w->database)};
    if (govern_init(w->node, &founding, &CLOCK, w->arena, &receipt, &err) != PD_OK ||
        govern_open(w->node, STORE_WRITE, "test", &CLOCK, &w->g, &err) != PD_OK)
        fail_msg("%s", err.text);
}

static int set_up(void **state) {
    struct world *w = calloc(1, sizeof(*w));
    assert_true(pd_time_parse(PD_STR("2026-11-23T08:00:00Z"), &the_time));
    const char *tmp = getenv("TMPDIR");
    snprintf(w->folder, sizeof(w->folder), "%s/polder-catalogue-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->node, sizeof(w->node), "%s/node", w->folder);
    snprintf(w->file, sizeof(w->file), "%s/table.csv", w->folder);
    w->arena = pd_arena_new((size_t)256 << 20);
    found(w);
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
    if (w->database[0])
        database_drop(w->database);
    free(w);
    return 0;
}

static struct govern_outcome govern_file(struct world *w, const char *text, const char *verb, const char *title,
                                         const char *recipient, bool is_signed) {
    const struct govern_request r = {.verb = pd_str_from(verb),
                                     .party = PD_STR("transport"),
                                     .member = PD_STR("zhang"),
                                     .recipient = pd_str_from(recipient),
                                     .title = pd_str_from(title),
                                     .language = PD_STR("zh"),
                                     .purpose = PD_STR("statistics"),
                                     .basis = PD_STR("public_task")};
    struct pd_error err = {0};
    struct source *source = NULL;
    struct govern_run *run = NULL;
    const struct govern_outcome *out = NULL;
    FILE *f = fopen(w->file, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    fclose(f);
    if (source_open(w->file, -1, w->folder, 0, &source, &err) != PD_OK ||
        govern_prepare(w->g, source, &r, NULL, NULL, &run, &err) != PD_OK ||
        govern_effect(run, is_signed, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_non_null(out);
    struct govern_outcome copy = {.result = out->result, .act_id = out->act_id, .intent_id = out->intent_id};
    govern_run_free(run);
    source_close(source);
    return copy;
}

static const struct catalogue_viewer ANYBODY = {.sees_all = false}, ALL = {.sees_all = true},
                                     TRANSPORT = {.party = PD_STR_INIT("transport")},
                                     ACME = {.party = PD_STR_INIT("acme")},
                                     AUTHORITY = {.party = PD_STR_INIT("authority")};

static struct catalogue_datasets look(struct world *w, const struct catalogue_viewer *viewer,
                                      struct catalogue_datasets_query query) {
    struct catalogue_datasets out;
    struct pd_error err = {0};
    if (catalogue_datasets(w->g, viewer, &query, w->arena, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    return out;
}

static size_t found_by(struct world *w, const struct catalogue_viewer *viewer, const char *search) {
    return look(w, viewer, (struct catalogue_datasets_query){.search = pd_str_from(search)}).count;
}

/* ---- Datasets ---- */

static void an_open_dataset_is_seen_by_everybody_and_a_stored_one_by_its_party(void **state) {
    struct world *w = *state;
    govern_file(w, STATISTICS, "open", "公交站点客流", "", true);
    govern_file(w, PERSONS, "store", "Residents", "", true);
    struct catalogue_datasets seen = look(w, &ANYBODY, (struct catalogue_datasets_query){0});
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.items[0].openness, CATALOGUE_OPEN);
    assert_true(pd_str_is(seen.items[0].title, "{\"zh\":\"公交站点客流\"}"));
    assert_true(pd_str_is(seen.items[0].party, "transport"));
    assert_true(pd_str_starts(seen.items[0].grade, PD_STR("general-")));
    assert_int_equal(seen.items[0].rows, 6);
    assert_int_equal(seen.items[0].columns, 3);
    assert_int_equal(look(w, &ACME, (struct catalogue_datasets_query){0}).count, 1);
    seen = look(w, &TRANSPORT, (struct catalogue_datasets_query){0});
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.items[0].openness, CATALOGUE_HELD); /* the newest first */
    assert_int_equal(look(w, &ALL, (struct catalogue_datasets_query){0}).count, 2);
}

static void a_share_is_seen_by_who_received_it(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    struct govern_outcome o = govern_file(w, STATISTICS, "share", "Permits", "acme", true);
    assert_int_equal(o.result, GOVERN_DONE);
    assert_int_equal(look(w, &ANYBODY, (struct catalogue_datasets_query){0}).count, 0);
    assert_int_equal(look(w, &AUTHORITY, (struct catalogue_datasets_query){0}).count, 0);
    struct catalogue_datasets seen = look(w, &ACME, (struct catalogue_datasets_query){0});
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.items[0].openness, CATALOGUE_SHARED);
    struct catalogue_one one;
    struct catalogue_page page = {.limit = 0};
    assert_int_equal(catalogue_dataset_find(w->g, &ANYBODY, seen.items[0].id, &page, w->arena, &one, &err), PD_NOT_FOUND);
    assert_int_equal(catalogue_dataset_find(w->g, &AUTHORITY, seen.items[0].id, &page, w->arena, &one, &err), PD_NOT_FOUND);
    assert_int_equal(catalogue_dataset_find(w->g, &ACME, seen.items[0].id, &page, w->arena, &one, &err), PD_OK);
    assert_int_equal(one.count, 1);
    assert_int_equal(one.version_count, 1);
    assert_false(one.versions[0].is_whole); /* what the source was stays with its party */
    assert_int_equal(one.versions[0].rows, 0);
    assert_int_equal(one.versions[0].act.len, 0); /* sharing is in the restricted log */
    assert_int_equal(one.versions[0].distribution_count, 1);
    assert_true(pd_str_is(one.versions[0].distributions[0].disclosed_to, "acme"));
    /* Later it is opened: whoever has the share sees that it is open. */
    govern_file(w, STATISTICS, "open", "Permits", "", true);
    seen = look(w, &ACME, (struct catalogue_datasets_query){0});
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.items[0].openness, CATALOGUE_OPEN);
    assert_int_equal(look(w, &AUTHORITY, (struct catalogue_datasets_query){0}).count, 1);
    assert_int_equal(catalogue_dataset_find(w->g, &AUTHORITY, seen.items[0].id, &page, w->arena, &one, &err), PD_OK);
    assert_int_equal(one.version_count, 1);
    assert_int_equal(catalogue_dataset_find(w->g, &ACME, seen.items[0].id, &page, w->arena, &one, &err), PD_OK);
    assert_int_equal(one.version_count, 2);
}

static void words_are_found_whatever_their_case_width_and_place(void **state) {
    struct world *w = *state;
    govern_file(w, STATISTICS, "open", "公交站点客流 Ridership", "", true);
    govern_file(w, PERSONS, "store", "学校名录", "", true);
    static const struct {
        const char *search;
        size_t everybody, own;
    } cases[] = {
        {"公交", 1, 1},    {"站点客", 1, 1},  {"点", 1, 1},      {"流", 1, 1},       {"公交站点客流", 1, 1},
        {"交公", 0, 0},    {"学校", 0, 1},    {"名录", 0, 1},    {"rider", 1, 1},    {"RIDERSHIP", 1, 1},
        {"ｒｉｄｅｒ", 1, 1}, {"dership", 0, 0}, {"region", 1, 1},  {"name", 1, 1},     {"公交 region", 1, 1},
        {"公交 学校", 0, 0}, {"mobile", 0, 0},  {"permits", 1, 1}, {"\"; DROP", 0, 0}, {"...", 0, 0},
        {"", 1, 2},        {"%", 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (found_by(w, &ANYBODY, cases[i].search) != cases[i].everybody ||
            found_by(w, &TRANSPORT, cases[i].search) != cases[i].own)
            fail_msg("\"%s\": %zu, %zu", cases[i].search, found_by(w, &ANYBODY, cases[i].search),
                     found_by(w, &TRANSPORT, cases[i].search));
    }
    char hostile[400];
    memset(hostile, '\xff', sizeof(hostile) - 1);
    hostile[sizeof(hostile) - 1] = '\0';
    assert_int_equal(found_by(w, &ANYBODY, hostile), 0);
}

static void pages_follow_each_other_without_gap_or_repetition(void **state) {
    struct world *w = *state;
    enum { MANY = 7 };
    char title[32], before[PD_ID_TEXT_SIZE] = "g";
    for (int i = 0; i < MANY; i++) {
        snprintf(title, sizeof(title), "Table %d", i);
        govern_file(w, STATISTICS, i % 2 ? "store" : "open", title, "", true);
    }
    size_t seen = 0, pages = 0;
    struct catalogue_datasets_query query = {.page = {.limit = 3}};
    do {
        struct catalogue_datasets page = look(w, &TRANSPORT, query);
        for (size_t i = 0; i < page.count; i++) {
            char id[PD_ID_TEXT_SIZE];
            pd_id_write(page.items[i].id, id);
            assert_true(strcmp(id, before) < 0);
            memcpy(before, id, sizeof(id));
        }
        seen += page.count;
        pages++;
        query.page.after = page.next;
    } while (query.page.after.len);
    assert_int_equal(seen, MANY);
    assert_int_equal(pages, 3);
    assert_int_equal(look(w, &ANYBODY, (struct catalogue_datasets_query){0}).count, 4);
    assert_int_equal(look(w, &TRANSPORT, (struct catalogue_datasets_query){.openness = PD_STR("held")}).count, 3);
    assert_int_equal(look(w, &TRANSPORT, (struct catalogue_datasets_query){.party = PD_STR("acme")}).count, 0);
    assert_int_equal(look(w, &TRANSPORT, (struct catalogue_datasets_query){.grade = PD_STR("general-4")}).count, 0);
    struct catalogue_datasets out;
    struct pd_error err = {0};
    query = (struct catalogue_datasets_query){.page = {.after = PD_STR("1; DROP TABLE act")}};
    assert_int_equal(catalogue_datasets(w->g, &ANYBODY, &query, w->arena, &out, &err), PD_USAGE);
    query = (struct catalogue_datasets_query){.openness = PD_STR("secret")};
    assert_int_equal(catalogue_datasets(w->g, &ANYBODY, &query, w->arena, &out, &err), PD_USAGE);
}

static void what_a_distribution_gives_out_was_inspected_and_can_be_downloaded(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    govern_file(w, STATISTICS, "open", "Permits", "", true);
    struct catalogue_datasets seen = look(w, &ANYBODY, (struct catalogue_datasets_query){0});
    struct catalogue_one one;
    struct catalogue_page page = {.limit = 0};
    assert_int_equal(catalogue_dataset_find(w->g, &ANYBODY, seen.items[0].id, &page, w->arena, &one, &err), PD_OK);
    assert_int_equal(one.versions[0].act.len, PD_ID_TEXT_SIZE - 1);
    const struct catalogue_distribution *d = &one.versions[0].distributions[0];
    assert_true(d->is_public && d->has_inspection && !d->is_withdrawn);
    assert_true(pd_str_starts(d->released_as, PD_STR("open/")));
    pd_str json;
    assert_int_equal(catalogue_inspection(w->g, &ANYBODY, d->id, w->arena, &json, &err), PD_OK);
    assert_true(pd_str_find(json, PD_STR("Region_Name")) != PD_NPOS);
    assert_true(pd_str_find(json, PD_STR("\"rows\":6")) != PD_NPOS);
    /* Of the source only its party learns. */
    assert_int_equal(catalogue_inspection(w->g, &ANYBODY, one.versions[0].id, w->arena, &json, &err), PD_NOT_FOUND);
    assert_int_equal(catalogue_inspection(w->g, &ACME, one.versions[0].id, w->arena, &json, &err), PD_NOT_FOUND);
    assert_int_equal(catalogue_inspection(w->g, &TRANSPORT, one.versions[0].id, w->arena, &json, &err), PD_OK);
    struct store_reader *reader = NULL;
    uint64_t told;
    char bytes[4096];
    size_t n = sizeof(bytes);
    assert_int_equal(catalogue_file_open(w->g, &ANYBODY, d->id, &reader, &told, &err), PD_OK);
    assert_int_equal(store_vault_read(reader, bytes, &n, &err), PD_OK);
    assert_true(pd_str_is((pd_str){bytes, n}, STATISTICS));
    assert_int_equal(told, n);
    store_reader_free(reader);
    assert_int_equal(catalogue_file_open(w->g, &ANYBODY, one.versions[0].id, &reader, &told, &err), PD_NOT_FOUND);
    pd_id dataset;
    assert_int_equal(catalogue_dataset_of(w->g, &ANYBODY, d->id, &dataset, &err), PD_OK);
    assert_true(pd_id_eq(dataset, seen.items[0].id));
    assert_int_equal(catalogue_dataset_of(w->g, &ANYBODY, seen.items[0].id, &dataset, &err), PD_NOT_FOUND);
}

/* ---- Acts and duties ---- */

static struct catalogue_acts acts_of(struct world *w, const struct catalogue_viewer *viewer,
                                     struct catalogue_acts_query query) {
    struct catalogue_acts out;
    struct pd_error err = {0};
    if (catalogue_acts(w->g, viewer, &query, w->arena, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    return out;
}

static void acts_of_the_public_log_are_everybodys_and_others_their_partys(void **state) {
    struct world *w = *state;
    govern_file(w, STATISTICS, "open", "Permits", "", true);
    struct govern_outcome stored = govern_file(w, PERSONS, "store", "Residents", "", true);
    struct catalogue_acts acts = acts_of(w, &ANYBODY, (struct catalogue_acts_query){0});
    assert_int_equal(acts.count, 2); /* act 0 and the publication */
    assert_true(pd_str_is(acts.items[0].verb, "open"));
    assert_true(pd_str_is(acts.items[0].dataset_title, "{\"zh\":\"Permits\"}"));
    assert_true(acts.items[0].is_public && !acts.items[0].is_pending);
    assert_int_equal(acts.items[0].index, 1);
    assert_int_equal(acts.items[0].intent.len, 0);
    assert_true(pd_str_is(acts.items[1].verb, "init"));
    assert_int_equal(acts_of(w, &ACME, (struct catalogue_acts_query){0}).count, 2);
    acts = acts_of(w, &TRANSPORT, (struct catalogue_acts_query){0});
    assert_int_equal(acts.count, 3);
    assert_true(pd_str_is(acts.items[0].verb, "store"));
    assert_true(acts.items[0].intent.len > 0);
    assert_int_equal(acts_of(w, &ALL, (struct catalogue_acts_query){0}).count, 3);
    assert_int_equal(acts_of(w, &ALL, (struct catalogue_acts_query){.only_public = true}).count, 2);
    assert_int_equal(acts_of(w, &TRANSPORT, (struct catalogue_acts_query){.verb = PD_STR("store")}).count, 1);
    assert_int_equal(acts_of(w, &ACME, (struct catalogue_acts_query){.verb = PD_STR("store")}).count, 0);
    assert_int_equal(acts_of(w, &ACME, (struct catalogue_acts_query){.party = PD_STR("transport")}).count, 2);
    pd_id dataset = look(w, &TRANSPORT, (struct catalogue_datasets_query){.openness = PD_STR("held")}).items[0].id;
    struct catalogue_acts_query about = {.has_dataset = true, .dataset = dataset};
    assert_int_equal(acts_of(w, &TRANSPORT, about).count, 1);
    assert_int_equal(acts_of(w, &ACME, about).count, 0);
    struct catalogue_act act;
    struct pd_error err = {0};
    assert_int_equal(catalogue_act_find(w->g, &ACME, stored.act_id, w->arena, &act, &err), PD_NOT_FOUND);
    assert_int_equal(catalogue_act_find(w->g, &TRANSPORT, stored.act_id, w->arena, &act, &err), PD_OK);
    struct catalogue_acts_query one = {.page = {.limit = 1}};
    acts = acts_of(w, &TRANSPORT, one);
    assert_int_equal(acts.count, 1);
    one.page.after = acts.next;
    acts = acts_of(w, &TRANSPORT, one);
    assert_true(pd_str_is(acts.items[0].verb, "open"));
}

static struct catalogue_clocks clocks_of(struct world *w, const struct catalogue_viewer *viewer, const char *state) {
    struct catalogue_clocks out;
    struct pd_error err = {0};
    struct catalogue_clocks_query query = {.state = pd_str_from(state)};
    if (catalogue_clocks(w->g, viewer, &query, w->arena, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    return out;
}

static struct catalogue_summary sum(struct world *w) {
    struct catalogue_summary out;
    struct pd_error err = {0};
    if (catalogue_summary(w->g, w->arena, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    return out;
}

static void duties_are_counted_as_they_stand(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    govern_file(w, STATISTICS, "open", "Permits", "", true);
    struct catalogue_summary s = sum(w);
    assert_int_equal(s.acts, 2);
    assert_int_equal(s.public_leaves, 2);
    assert_int_equal(s.datasets, 1);
    assert_int_equal(s.open_datasets, 1);
    assert_int_equal(s.parties, 3);
    assert_int_equal(s.members, 4);
    uint64_t running = s.duties_running;
    assert_true(running >= 2);
    assert_int_equal(s.duties_met + s.duties_late + s.duties_overdue, 0);
    assert_true(s.has_checkpoint && s.checkpoint_at == s.newest_act_at);
    struct catalogue_clocks due = clocks_of(w, &ANYBODY, "");
    assert_int_equal(due.count, running);
    for (size_t i = 1; i < due.count; i++) /* the one that is due first comes first */
        assert_true(!due.items[i].has_due || due.items[i - 1].due <= due.items[i].due);
    assert_int_equal(clocks_of(w, &ANYBODY, "overdue").count, 0);
    the_time += 30 * PD_DAY;
    struct catalogue_clocks late = clocks_of(w, &ANYBODY, "overdue");
    assert_true(late.count >= 1);
    assert_int_equal(sum(w).duties_overdue, late.count);
    pd_str key;
    assert_int_equal(store_file_read(govern_store(w->g), "keys/transport.key", 4096, w->arena, &key, &err), PD_OK);
    const struct govern_meeting m = {.clock_id = late.items[0].id,
                                     .party = PD_STR("transport"),
                                     .private_key = key,
                                     .evidence = PD_STR("letter 12")};
    const struct govern_outcome *out;
    if (govern_clock_meet(w->g, &m, w->arena, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(sum(w).duties_late, 1);
    assert_int_equal(sum(w).duties_overdue, late.count - 1);
    assert_int_equal(clocks_of(w, &ANYBODY, "met").count, 1);
    the_time += 4 * 366 * PD_DAY; /* what was to be kept has been kept */
    assert_true(sum(w).duties_met >= 1);
    struct catalogue_clocks_query query = {.state = PD_STR("soon")};
    struct catalogue_clocks none;
    assert_int_equal(catalogue_clocks(w->g, &ANYBODY, &query, w->arena, &none, &err), PD_USAGE);
}

/* ---- Intents ---- */

static struct catalogue_intents intents_of(struct world *w, const struct catalogue_viewer *viewer, bool waiting) {
    struct catalogue_intents out;
    struct pd_error err = {0};
    struct catalogue_intents_query query = {.only_waiting_for_viewer = waiting};
    if (catalogue_intents(w->g, viewer, &query, w->arena, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    return out;
}

static void an_open_intent_says_whom_it_waits_for(void **state) {
    struct world *w = *state;
    struct govern_outcome o = govern_file(w, STATISTICS, "open", "Permits", "", false);
    assert_int_equal(o.result, GOVERN_LEFT_OPEN);
    struct catalogue_intents list = intents_of(w, &TRANSPORT, true);
    assert_int_equal(list.count, 1);
    assert_true(pd_str_is(list.items[0].title, "Permits"));
    assert_true(pd_str_is(list.items[0].member, "zhang"));
    assert_int_equal(list.items[0].wait_count, 1);
    assert_int_equal(list.items[0].waits[0].kind, CATALOGUE_WAIT_SIGNATURE);
    assert_true(list.items[0].waits[0].is_viewers);
    assert_int_equal(intents_of(w, &ACME, false).count, 0);
    assert_int_equal(intents_of(w, &ANYBODY, false).count, 0);
    assert_int_equal(intents_of(w, &ALL, false).count, 1);
    assert_int_equal(sum(w).open_intents, 1);
    struct catalogue_intent one;
    struct pd_error err = {0};
    assert_int_equal(catalogue_intent_find(w->g, &ACME, o.intent_id, w->arena, &one, &err), PD_NOT_FOUND);
    assert_int_equal(catalogue_intent_find(w->g, &TRANSPORT, o.intent_id, w->arena, &one, &err), PD_OK);
    /* One that is done waits for nothing. */
    o = govern_file(w, STATISTICS, "open", "Permits of 2024", "", true);
    assert_int_equal(catalogue_intent_find(w->g, &TRANSPORT, o.intent_id, w->arena, &one, &err), PD_OK);
    assert_true(pd_str_is(one.state, "done") && one.dataset.len > 0);
    assert_int_equal(one.wait_count, 0);
}

/* ---- Parties ---- */

static pd_id raise(struct world *w, const char *kind, const char *party, const char *member) {
    struct pd_error err = {0};
    const struct govern_outcome *out;
    pd_id id;
    const struct govern_raising r = {.kind = pd_str_from(kind),
                                     .party = pd_str_from(party),
                                     .member = pd_str_from(member),
                                     .responsible = PD_STR("transport"),
                                     .subject = PD_STR("words")};
    if (govern_case_raise(w->g, &r, w->arena, &id, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(out->result, GOVERN_DONE);
    return id;
}

static struct catalogue_cases cases_of(struct world *w, const struct catalogue_viewer *viewer,
                                       const struct catalogue_cases_query *query) {
    struct catalogue_cases out;
    struct pd_error err = {0};
    if (catalogue_cases(w->g, viewer, query, w->arena, &out, &err) != PD_OK)
        fail_msg("%s", err.text);
    return out;
}

static void cases_are_for_their_two_sides_and_overdue_ones_are_known_to_all(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    const struct catalogue_viewer auditor = {.party = PD_STR("acme"), .sees_all = true};
    struct catalogue_cases_query all = {.page = {.limit = 2}}, waiting = {.only_waiting = true},
                                 overdue = {.which = CATALOGUE_CASES_OVERDUE};
    pd_id first = raise(w, "demand", "acme", "wu");
    raise(w, "incident", "transport", "clerk");
    raise(w, "incident", "authority", "an");
    /* The newest first, page by page, each once. */
    struct catalogue_cases page = cases_of(w, &TRANSPORT, &all);
    assert_int_equal(page.count, 2);
    assert_string_equal(page.items[0].party.data, "authority");
    all.page.after = page.next;
    page = cases_of(w, &TRANSPORT, &all);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.next.len, 0);
    assert_memory_equal(&page.items[0].id, &first, sizeof(first));
    assert_true(page.items[0].is_to_answer && page.items[0].is_viewers);
    assert_int_equal(cases_of(w, &ACME, &waiting).count, 1);
    assert_false(cases_of(w, &ACME, &waiting).items[0].is_to_answer);
    assert_int_equal(cases_of(w, &auditor, &waiting).count, 3);
    assert_int_equal(cases_of(w, &ANYBODY, &waiting).count, 0);
    /* What is late is known to all, but for whose and about what. */
    assert_int_equal(cases_of(w, &ANYBODY, &overdue).count, 0);
    the_time += 300 * PD_DAY;
    page = cases_of(w, &ANYBODY, &overdue);
    assert_int_equal(page.count, 1);
    for (size_t i = 0; i < page.count; i++) {
        pd_id none = {{0}};
        assert_true(page.items[i].is_overdue && !page.items[i].is_viewers);
        assert_string_equal(page.items[i].responsible.data, "transport");
        assert_int_equal(page.items[i].party.len + page.items[i].dataset.len, 0);
        assert_memory_equal(&page.items[i].id, &none, sizeof(none));
    }
    const struct govern_moving m = {.move = GOVERN_CASE_WITHDRAW, .case_id = first, .party = PD_STR("acme"), .member = PD_STR("wu")};
    const struct govern_outcome *out;
    assert_int_equal(govern_case_move(w->g, &m, w->arena, &out, &err), PD_OK);
    assert_int_equal(cases_of(w, &ANYBODY, &overdue).count, page.count - 1);
    assert_int_equal(cases_of(w, &ACME, &waiting).count, 0);
    all.page.after = PD_STR("nonsense");
    assert_int_equal(catalogue_cases(w->g, &ACME, &all, w->arena, &page, &err), PD_USAGE);
}

static void members_are_counted_for_all_and_named_to_their_party(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    struct catalogue_parties_query query = {.page = {.limit = 2}};
    struct catalogue_parties page;
    assert_int_equal(catalogue_parties(w->g, &ANYBODY, &query, w->arena, &page, &err), PD_OK);
    assert_int_equal(page.count, 2);
    assert_true(pd_str_is(page.items[0].id, "acme") && pd_str_is(page.next, "authority"));
    assert_true(pd_str_is(page.items[0].title, "acme"));
    query.page.after = page.next;
    assert_int_equal(catalogue_parties(w->g, &ANYBODY, &query, w->arena, &page, &err), PD_OK);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.next.len, 0);
    assert_true(pd_str_is(page.items[0].title, "{\"en\":\"Department of Transport\"}"));
    assert_int_equal(page.items[0].members, 2);
    assert_int_equal(page.items[0].with_duty[CATALOGUE_STEWARD], 1);
    assert_int_equal(page.items[0].with_duty[CATALOGUE_OWNER], 1);
    assert_int_equal(page.items[0].with_duty[CATALOGUE_AUDIT], 0);
    struct catalogue_party party;
    assert_int_equal(catalogue_party_find(w->g, &ACME, PD_STR("transport"), w->arena, &party, &err), PD_OK);
    assert_int_equal(party.people_count, 0);
    assert_int_equal(catalogue_party_find(w->g, &TRANSPORT, PD_STR("transport"), w->arena, &party, &err), PD_OK);
    assert_int_equal(party.people_count, 2);
    assert_true(pd_str_is(party.people[1].name, "zhang"));
    assert_int_equal(party.people[1].duty_count, 2);
    assert_int_equal(catalogue_party_find(w->g, &ALL, PD_STR("nobody"), w->arena, &party, &err), PD_NOT_FOUND);
}

/* ---- A node from before the catalogue ---- */

static enum pd_status forget(struct store *store, void *context, struct pd_error *err) {
    static const struct sql statements[] = {
        {.both = "DELETE FROM catalogue_seen"},
        {.both = "DELETE FROM catalogue_term"},
        {.both = "INSERT INTO job (id, kind, subject, due_at, state, attempts, lease_until, last_error, made_at)"
                 " SELECT id, 'catalogue', id, created_at, 'waiting', 0, 0, '', created_at FROM dataset"}};
    (void)context;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < 3; i++)
        st = store_run(store, statements[i], NULL, 0, NULL, err);
    return st;
}

static void datasets_from_before_are_entered_by_a_job(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    struct job_tally tally;
    govern_file(w, STATISTICS, "open", "公交站点", "", true);
    govern_file(w, STATISTICS, "share", "Permits", "acme", true);
    assert_int_equal(store_transact(govern_store(w->g), forget, NULL, &err), PD_OK);
    assert_int_equal(look(w, &TRANSPORT, (struct catalogue_datasets_query){0}).count, 0);
    if (govern_run_jobs(w->g, 100, &tally, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(look(w, &TRANSPORT, (struct catalogue_datasets_query){0}).count, 2);
    assert_int_equal(look(w, &ACME, (struct catalogue_datasets_query){0}).count, 2);
    assert_int_equal(look(w, &ANYBODY, (struct catalogue_datasets_query){0}).count, 1);
    assert_int_equal(found_by(w, &ANYBODY, "站点 region"), 1);
    const struct govern_verified *v;
    assert_int_equal(govern_verify(w->g, NULL, w->arena, &v, &err), PD_OK);
    assert_int_equal(v->flaw_count, 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_open_dataset_is_seen_by_everybody_and_a_stored_one_by_its_party),
        TEST(a_share_is_seen_by_who_received_it),
        TEST(words_are_found_whatever_their_case_width_and_place),
        TEST(pages_follow_each_other_without_gap_or_repetition),
        TEST(what_a_distribution_gives_out_was_inspected_and_can_be_downloaded),
        TEST(acts_of_the_public_log_are_everybodys_and_others_their_partys),
        TEST(duties_are_counted_as_they_stand),
        TEST(an_open_intent_says_whom_it_waits_for),
        TEST(cases_are_for_their_two_sides_and_overdue_ones_are_known_to_all),
        TEST(members_are_counted_for_all_and_named_to_their_party),
        TEST(datasets_from_before_are_entered_by_a_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
