/* The one writer that commits the acts of many, and their receipts. */
#include "database_fixture.h"
#include "writer_fixture.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { THREADS = 8, EACH = 12, GROUP = 64, BAD = 17 };

struct world {
    char folder[256], node[300], database[DATABASE_SIZE];
    struct pd_clock clock;
    struct pd_arena *arena;
    pd_id intent;
};

static void found(struct world *w) {
    struct pd_error err = {0};
    const struct law_file *rules;
    size_t count;
    pd_str receipt;
    static const struct govern_party party = {PD_STR_INIT("transport"), PD_STR_INIT("government"),
                                              PD_STR_INIT("state_organ"), PD_STR_INIT("CN")};
    static const pd_str duties[] = {PD_STR_INIT("steward"), PD_STR_INIT("owner")};
    static const struct govern_member member = {PD_STR_INIT("transport"), PD_STR_INIT("lin"),
                                                duties, 2};
    assert_int_equal(govern_bundled_rules(PD_STR("cn"), w->arena, &rules, &count, &err), PD_OK);
    const struct govern_founding founding = {.origin = PD_STR("node.example"),
                                             .jurisdiction = PD_STR("cn"),
                                             .parties = &party,
                                             .party_count = 1,
                                             .members = &member,
                                             .member_count = 1,
                                             .rules = rules,
                                             .rule_count = count,
                                             .database = database_new(w->database)};
    if (govern_init(w->node, &founding, &w->clock, w->arena, &receipt, &err) != PD_OK)
        fail_msg("%s", err.text);
}

/* An intent to hang facts on; it stays outside the ledger, since no test here asks for it. */
static enum pd_status add_intent(struct store *store, void *context, struct pd_error *err) {
    static const struct sql INSERT = {
        .both = "INSERT INTO intent (id, verb, party_id, member_id, state, request_hash, key_id,"
                " sealed_request, created_at) VALUES ($1, 'open', 'transport',"
                " (SELECT MIN(id) FROM member), 'open', '', '', $2, 0)"};
    char id[PD_ID_TEXT_SIZE];
    pd_id_write(*(pd_id *)context, id);
    struct store_value values[] = {STORE_STR(pd_str_from(id)), STORE_BYTES(PD_STR(""))};
    return store_run(store, INSERT, values, 2, NULL, err);
}

static int set_up(void **state) {
    struct world *w = calloc(1, sizeof(*w));
    struct pd_error err = {0};
    struct govern *g;
    const char *tmp = getenv("TMPDIR");
    snprintf(w->folder, sizeof(w->folder), "%s/polder-writer-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->node, sizeof(w->node), "%s/node", w->folder);
    w->arena = pd_arena_new((size_t)256 << 20);
    w->clock = pd_clock_system();
    found(w);
    w->intent = crypto_id(pd_clock_now(&w->clock));
    assert_int_equal(govern_open(w->node, STORE_WRITE, "test", &w->clock, &g, &err), PD_OK);
    if (store_transact(g->store, add_intent, &w->intent, &err) != PD_OK)
        fail_msg("%s", err.text);
    govern_close(g);
    *state = w;
    return 0;
}

static int tear_down(void **state) {
    struct world *w = *state;
    char command[400];
    pd_arena_free(w->arena);
    if (w->database[0])
        database_drop(w->database);
    snprintf(command, sizeof(command), "rm -rf '%s'", w->folder);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
}

static int64_t number(struct govern *g, const char *text) {
    const struct sql sql = {.both = text};
    struct pd_error err = {0};
    struct store_rows *rows;
    bool has;
    if (store_select(g->store, sql, NULL, 0, &rows, &err) != PD_OK ||
        store_next(rows, &has, &err) != PD_OK || !has)
        fail_msg("%s: %s", text, err.text);
    int64_t n = store_i64(rows, 0);
    store_rows_close(rows);
    return n;
}

/* That the receipt is the node's, and about this act and its leaf. */
static void assert_receipt(struct govern *g, pd_str receipt, pd_id act) {
    struct pd_error err = {0};
    struct ledger_vkey key;
    pd_str vkey, lines, leaf;
    char id[PD_ID_TEXT_SIZE], base64[64];
    struct pd_arena *arena = pd_arena_new(1 << 20);
    assert_int_equal(store_file_read(g->store, "ledger/receipts.vkey", 4096, arena, &vkey, &err),
                     PD_OK);
    assert_int_equal(ledger_vkey_parse(pd_str_trim(vkey), &key, &err), PD_OK);
    if (ledger_receipt_verify(receipt, &key, NULL, &lines, &err) != PD_OK)
        fail_msg("%s\n%.*s", err.text, pd_arg(receipt));
    pd_id_write(act, id);
    assert_true(pd_str_starts(lines, pd_arena_printf(arena, "act %s\n", id)));
    struct store_value values[] = {STORE_STR(pd_str_from(id))};
    static const struct sql FIND = {.both = "SELECT bytes FROM leaf WHERE act_id = $1"};
    struct store_rows *rows;
    bool has;
    crypto_hash hash;
    assert_int_equal(store_select(g->store, FIND, values, 1, &rows, &err), PD_OK);
    assert_int_equal(store_next(rows, &has, &err), PD_OK);
    assert_true(has);
    assert_int_equal(ledger_hash_leaf(store_str(rows, 0), &hash, &err), PD_OK);
    store_rows_close(rows);
    pd_base64_encode(hash.bytes, sizeof(hash.bytes), base64);
    leaf = pd_arena_printf(arena, "leaf %s\n", base64);
    assert_true(pd_str_find(lines, leaf) != PD_NPOS);
    pd_arena_free(arena);
}

/* ---- Many threads ---- */

struct crowd {
    struct world *world;
    struct govern_writer *writer;
    char receipts[THREADS][EACH][LEDGER_NOTE_MAX / 16];
    pd_id acts[THREADS][EACH];
    int next;
    pthread_mutex_t lock;
    int failures;
};

static void *ask(void *context) {
    struct crowd *c = context;
    struct pd_error err = {0};
    struct govern *g;
    pthread_mutex_lock(&c->lock);
    int own = c->next++;
    pthread_mutex_unlock(&c->lock);
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    int failures = govern_writer_join(c->writer, &g, &err) != PD_OK;
    for (int i = 0; !failures && i < EACH; i++) {
        struct attesting *a = NULL;
        pd_str pending;
        failures += attesting_begin(g, c->world->intent, arena, &a, &err) != PD_OK ||
                    act_commit(g, &a->act, arena, &pending, &err) != PD_OK ||
                    a->act.receipt.len >= sizeof(c->receipts[own][i]);
        if (failures)
            break;
        memcpy(c->receipts[own][i], a->act.receipt.data, a->act.receipt.len + 1);
        c->acts[own][i] = a->act.id;
    }
    if (failures)
        fprintf(stderr, "%s\n", err.text);
    else
        govern_close(g);
    pthread_mutex_lock(&c->lock);
    c->failures += failures;
    pthread_mutex_unlock(&c->lock);
    pd_arena_free(arena);
    return NULL;
}

static void many_threads_get_receipts_that_hold_for_acts_that_are_there(void **state) {
    struct world *w = *state;
    static struct crowd c;
    pthread_t threads[THREADS];
    struct pd_error err = {0};
    struct govern *g;
    memset(&c, 0, sizeof(c));
    c.world = w;
    pthread_mutex_init(&c.lock, NULL);
    if (govern_writer_open(w->node, NULL, "test", &w->clock, &c.writer, &err) != PD_OK)
        fail_msg("%s", err.text);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &c), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    govern_writer_close(c.writer);
    pthread_mutex_destroy(&c.lock);
    assert_int_equal(c.failures, 0);
    assert_int_equal(govern_open(w->node, STORE_READ, "test", &w->clock, &g, &err), PD_OK);
    assert_int_equal(number(g, "SELECT COUNT(*) FROM act WHERE verb = 'attest'"), THREADS * EACH);
    assert_int_equal(number(g, "SELECT COUNT(*) FROM fact"), THREADS * EACH);
    /* Closing the writer integrated what was left. */
    assert_int_equal(number(g, "SELECT COUNT(*) FROM leaf WHERE leaf_index IS NULL OR"
                                 " leaf_index >= (SELECT size FROM log WHERE name = leaf.log)"), 0);
    for (int t = 0; t < THREADS; t++)
        for (int i = 0; i < EACH; i++)
            assert_receipt(g, pd_str_from(c.receipts[t][i]), c.acts[t][i]);
    govern_close(g);
}

/* ---- One bad act ---- */

static void begin_group(struct world *w, struct govern *g, struct attesting **acts,
                        struct act_ask *asks, struct pd_error *errors) {
    struct pd_error err = {0};
    for (size_t i = 0; i < GROUP; i++) {
        if (attesting_begin(g, w->intent, w->arena, &acts[i], &err) != PD_OK)
            fail_msg("%s", err.text);
        errors[i] = (struct pd_error){0};
        asks[i] = (struct act_ask){.act = &acts[i]->act, .err = &errors[i]};
    }
}

static void assert_all_but_the_bad_one(struct govern *g, struct attesting **acts,
                                       const struct act_ask *asks) {
    assert_int_equal(number(g, "SELECT COUNT(*) FROM act WHERE verb = 'attest'"), GROUP - 1);
    assert_int_equal(number(g, "SELECT COUNT(*) FROM fact"), GROUP - 1);
    assert_int_equal(number(g, "SELECT COUNT(*) FROM act_row WHERE table_name = 'fact'"),
                     GROUP - 1);
    for (size_t i = 0; i < GROUP; i++) {
        assert_int_equal(asks[i].status, i == BAD ? PD_CONFLICT : PD_OK);
        if (i != BAD)
            assert_receipt(g, acts[i]->act.receipt, acts[i]->act.id);
    }
}

static void one_bad_act_among_64_sinks_only_itself(void **state) {
    struct world *w = *state;
    static struct attesting *acts[GROUP];
    static struct act_ask asks[GROUP];
    static struct pd_error errors[GROUP];
    struct pd_error err = {0};
    struct govern *g;
    assert_int_equal(govern_open(w->node, STORE_WRITE, "test", &w->clock, &g, &err), PD_OK);
    begin_group(w, g, acts, asks, errors);
    acts[BAD]->fails = true;
    act_commit_all(g, asks, GROUP, NULL);
    assert_all_but_the_bad_one(g, acts, asks);
    assert_string_equal(errors[BAD].text, "this one is bad");
    /* One signature: all receipts end in the same note. */
    pd_str first = acts[0]->act.receipt, last = acts[GROUP - 1]->act.receipt;
    size_t note = pd_str_find(first, PD_STR("\n\npolder-promises/v1\n63\n"));
    assert_true(note != PD_NPOS);
    assert_true(pd_str_ends(last, pd_str_sub(first, note, first.len)));
    govern_close(g);
}

static void an_act_that_fails_behind_its_receipt_sinks_only_itself_too(void **state) {
    struct world *w = *state;
    static struct attesting *acts[GROUP];
    static struct act_ask asks[GROUP];
    static struct pd_error errors[GROUP];
    struct pd_error err = {0};
    struct govern *g;
    assert_int_equal(govern_open(w->node, STORE_WRITE, "test", &w->clock, &g, &err), PD_OK);
    begin_group(w, g, acts, asks, errors);
    acts[BAD]->act.id = acts[BAD - 1]->act.id; /* the act's row can't be written */
    act_commit_all(g, asks, GROUP, NULL);
    assert_all_but_the_bad_one(g, acts, asks);
    govern_close(g);
}

static void set_index(struct govern *g, int64_t from, int64_t to) {
    static const struct sql SET = {
        .both = "UPDATE leaf SET leaf_index = $2 WHERE leaf_index = $1 AND log LIKE 'restricted/%'"};
    struct store_value values[] = {STORE_I64(from), STORE_I64(to)};
    struct pd_error err = {0};
    int64_t changed = 0;
    if (store_run(g->store, SET, values, 2, &changed, &err) != PD_OK || changed != 1)
        fail_msg("leaf %lld: %s", (long long)from, err.text);
}

/* In a folder of its own: over PostgreSQL the integrator gives the indices. */
static void leaves_have_their_places_before_they_are_in_the_tree_and_a_gap_is_never_signed(void **state) {
    struct world *w = *state;
    static struct attesting *acts[GROUP];
    static struct act_ask asks[GROUP];
    static struct pd_error errors[GROUP];
    struct pd_error err = {0};
    struct govern_placed placed;
    struct govern *g;
    assert_int_equal(govern_open(w->node, STORE_WRITE, "test", &w->clock, &g, &err), PD_OK);
    if (store_is_shared(g->store)) {
        govern_close(g);
        return;
    }
    begin_group(w, g, acts, asks, errors);
    act_commit_all(g, asks, GROUP, NULL);
    const char *size = "SELECT size FROM log WHERE kind = 'restricted'";
    int64_t before = number(g, size);
    assert_int_equal(number(g, "SELECT COUNT(*) FROM leaf WHERE leaf_index IS NULL"), 0);
    /* It has a place, and is told of as what it is: not in the tree yet. */
    assert_int_equal(integrate_placed(g, acts[0]->act.id, w->arena, &placed, &err), PD_OK);
    assert_int_equal(placed.size, 0);
    set_index(g, before + 7, before + GROUP + 7);
    assert_int_equal(govern_integrate(g, &err), PD_INTERNAL);
    assert_non_null(strstr(err.text, "is missing"));
    assert_int_equal(number(g, size), before);
    set_index(g, before + GROUP + 7, before + 7);
    if (govern_integrate(g, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(number(g, size), before + GROUP);
    assert_int_equal(integrate_placed(g, acts[0]->act.id, w->arena, &placed, &err), PD_OK);
    assert_int_equal(placed.size, before + GROUP);
    govern_close(g);
}

/* As a node of before has them, or one that was restored from PostgreSQL. */
static void leaves_without_a_place_come_behind_those_that_have_one(void **state) {
    struct world *w = *state;
    static struct attesting *acts[GROUP];
    static struct act_ask asks[GROUP];
    static struct pd_error errors[GROUP];
    static const struct sql TAKE = {
        .both = "UPDATE leaf SET leaf_index = NULL WHERE leaf_index >= $1 AND log LIKE 'restricted/%'"};
    struct pd_error err = {0};
    struct govern *g;
    assert_int_equal(govern_open(w->node, STORE_WRITE, "test", &w->clock, &g, &err), PD_OK);
    int64_t before = number(g, "SELECT COALESCE(MAX(size), 0) FROM log WHERE kind = 'restricted'");
    struct store_value values[] = {STORE_I64(before + GROUP / 2)};
    begin_group(w, g, acts, asks, errors);
    act_commit_all(g, asks, GROUP, NULL);
    if (store_run(g->store, TAKE, values, 1, NULL, &err) != PD_OK)
        fail_msg("%s", err.text);
    begin_group(w, g, acts, asks, errors);
    act_commit_all(g, asks, GROUP, NULL);
    if (govern_integrate(g, &err) != PD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(number(g, "SELECT size FROM log WHERE kind = 'restricted'"), before + 2 * GROUP);
    assert_int_equal(number(g, "SELECT COUNT(*) FROM leaf WHERE leaf_index IS NULL"), 0);
    const struct govern_verified *verified;
    struct govern_verify_options options = {0};
    if (govern_verify(g, &options, w->arena, &verified, &err) != PD_OK)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < verified->flaw_count; i++) /* that of the intent, which no act wrote */
        assert_true(pd_str_is(pd_str_from(verified->flaws[i].check), "row"));
    for (size_t i = 0; i < verified->log_count; i++)
        assert_int_equal(verified->logs[i].pending, 0);
    govern_close(g);
}

static bool never(void *context, const struct law_finding *finding) {
    (void)context, (void)finding;
    return false;
}

/* The group is tried again without it, and what it was told must not change by that. */
static void an_act_whose_facts_changed_is_told_so_among_64(void **state) {
    struct world *w = *state;
    static struct attesting *acts[GROUP];
    static struct act_ask asks[GROUP];
    static struct pd_error errors[GROUP];
    struct pd_error err = {0};
    struct govern *g;
    assert_int_equal(govern_open(w->node, STORE_WRITE, "test", &w->clock, &g, &err), PD_OK);
    begin_group(w, g, acts, asks, errors);
    acts[BAD]->act.facts_hash.bytes[0] ^= 1;
    acts[BAD]->act.is_discharged = never;
    act_commit_all(g, asks, GROUP, NULL);
    assert_all_but_the_bad_one(g, acts, asks);
    assert_true(pd_str_starts(pd_str_from(errors[BAD].text),
                              PD_STR("the facts changed since the finding")));
    govern_close(g);
}

static void what_was_inserted_hashes_as_it_is_read(void **state) {
    static const struct sql LIST = {.both = "SELECT table_name, row_id, row_hash FROM act_row"};
    struct world *w = *state;
    static struct attesting *acts[GROUP];
    static struct act_ask asks[GROUP];
    static struct pd_error errors[GROUP];
    struct pd_error err = {0};
    struct govern *g;
    struct store_rows *rows;
    size_t count = 0;
    assert_int_equal(govern_open(w->node, STORE_WRITE, "test", &w->clock, &g, &err), PD_OK);
    begin_group(w, g, acts, asks, errors);
    act_commit_all(g, asks, GROUP, NULL);
    assert_int_equal(store_select(g->store, LIST, NULL, 0, &rows, &err), PD_OK);
    for (bool has; store_next(rows, &has, &err) == PD_OK && has; count++) {
        crypto_hash hash;
        assert_int_equal(act_row_hash(g, store_str(rows, 0), store_str(rows, 1), &hash, &err),
                         PD_OK);
        if (!pd_str_eq(govern_hash_text(&hash, w->arena), store_str(rows, 2)))
            fail_msg("%.*s", pd_arg(store_str(rows, 0)));
    }
    store_rows_close(rows);
    assert_true(count > 2 * GROUP);
    govern_close(g);
}

/* ---- Keys ---- */

static enum pd_status keep_none(void *context, struct pd_error *err) {
    (void)context;
    return pd_fail(err, PD_IO, "the disk of the keys is full");
}

static void no_act_is_committed_before_its_key_is_kept(void **state) {
    static const struct act_keys KEYS = {keep_none, NULL};
    struct world *w = *state;
    static struct attesting *acts[GROUP];
    static struct act_ask asks[GROUP];
    static struct pd_error errors[GROUP];
    struct pd_error err = {0};
    struct govern *g;
    assert_int_equal(govern_open(w->node, STORE_WRITE, "test", &w->clock, &g, &err), PD_OK);
    begin_group(w, g, acts, asks, errors);
    act_commit_all(g, asks, GROUP, &KEYS);
    for (size_t i = 0; i < GROUP; i++) {
        assert_int_equal(asks[i].status, PD_IO);
        assert_string_equal(errors[i].text, "the disk of the keys is full");
    }
    assert_int_equal(number(g, "SELECT COUNT(*) FROM act WHERE verb = 'attest'"), 0);
    govern_close(g);
}

static void the_keys_of_what_a_writer_committed_are_kept(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    struct govern_writer *writer;
    struct govern *g;
    struct attesting *a;
    struct store_key key;
    pd_str pending;
    assert_int_equal(govern_writer_open(w->node, NULL, "test", &w->clock, &writer, &err), PD_OK);
    assert_int_equal(govern_writer_join(writer, &g, &err), PD_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(attesting_begin(g, w->intent, w->arena, &a, &err), PD_OK);
        assert_int_equal(store_key_find(g->store, a->act.key.id, &key, &err), PD_NOT_FOUND);
        assert_int_equal(act_commit(g, &a->act, w->arena, &pending, &err), PD_OK);
        assert_int_equal(store_key_find(g->store, a->act.key.id, &key, &err), PD_OK);
        assert_memory_equal(key.bytes, a->act.key.bytes, sizeof(key.bytes));
    }
    govern_close(g);
    govern_writer_close(writer);
}

/* ---- Time ---- */

static pd_time told_by_hand;
static pd_time tell(void *context) {
    (void)context;
    return told_by_hand;
}

/* It asks the writer, which remembers, not the database. */
static void a_clock_set_back_under_a_writer_sets_no_act_back(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    struct govern_writer *writer;
    struct govern *g;
    struct attesting *a;
    pd_str pending;
    pd_time start = pd_clock_now(&w->clock) + PD_DAY;
    static const int64_t STEPS[] = {0, -3600, 5, -1};
    pd_time expected[] = {start, start, start + 5 * PD_SECOND, start + 5 * PD_SECOND};
    told_by_hand = start;
    w->clock = (struct pd_clock){tell, NULL};
    for (size_t i = 0; i < 4; i++) { /* and again after it was opened again */
        told_by_hand = start + STEPS[i] * PD_SECOND;
        assert_int_equal(govern_writer_open(w->node, NULL, "test", &w->clock, &writer, &err),
                         PD_OK);
        assert_int_equal(govern_writer_join(writer, &g, &err), PD_OK);
        for (int again = 0; again < 2; again++) {
            assert_int_equal(attesting_begin(g, w->intent, w->arena, &a, &err), PD_OK);
            assert_int_equal(act_commit(g, &a->act, w->arena, &pending, &err), PD_OK);
            assert_int_equal(a->act.at, expected[i]);
            assert_int_equal(a->act.told, told_by_hand);
        }
        told_by_hand -= PD_SECOND;
        assert_int_equal(attesting_begin(g, w->intent, w->arena, &a, &err), PD_OK);
        assert_int_equal(a->act.at, expected[i]);
        govern_close(g);
        govern_writer_close(writer);
    }
}

/* ---- Verifying what was signed together ---- */

struct changed {
    pd_str act, receipt;
};

static enum pd_status put_receipt(struct store *store, void *context, struct pd_error *err) {
    static const struct sql UPDATE = {.both = "UPDATE act SET receipt = $2 WHERE id = $1"};
    const struct changed *c = context;
    struct store_value values[] = {STORE_STR(c->act), STORE_STR(c->receipt)};
    return store_run(store, UPDATE, values, 2, NULL, err);
}

/* How many receipts are flawed; the last one's act. */
static size_t flawed_receipts(struct govern *g, pd_str *act, struct pd_arena *arena) {
    const struct govern_verified *v;
    struct pd_error err = {0};
    size_t count = 0;
    if (govern_verify(g, NULL, arena, &v, &err) != PD_OK)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < v->flaw_count; i++)
        if (strcmp(v->flaws[i].check, "receipt") == 0) {
            *act = v->flaws[i].where;
            count++;
        }
    return count;
}

/* The others of its group are verified before it, and share its signature. */
static void verify_finds_any_byte_changed_in_a_receipt_of_a_group(void **state) {
    enum { WHICH = 40, STEP = 23 };
    struct world *w = *state;
    static struct attesting *acts[GROUP];
    static struct act_ask asks[GROUP];
    static struct pd_error errors[GROUP];
    struct pd_error err = {0};
    struct govern *g;
    pd_str act;
    assert_int_equal(govern_open(w->node, STORE_WRITE, "test", &w->clock, &g, &err), PD_OK);
    begin_group(w, g, acts, asks, errors);
    act_commit_all(g, asks, GROUP, NULL);
    assert_int_equal(asks[WHICH].status, PD_OK);
    assert_int_equal(flawed_receipts(g, &act, w->arena), 0);
    pd_str id = govern_id_text(acts[WHICH]->act.id, w->arena), receipt = acts[WHICH]->act.receipt;
    for (size_t at = 0; at < receipt.len; at += STEP) {
        struct pd_mark mark = pd_arena_mark(w->arena);
        char *bytes = pd_arena_alloc(w->arena, receipt.len);
        struct changed changed = {id, {bytes, receipt.len}};
        memcpy(bytes, receipt.data, receipt.len);
        bytes[at] ^= 1;
        assert_int_equal(store_transact(g->store, put_receipt, &changed, &err), PD_OK);
        if (flawed_receipts(g, &act, w->arena) != 1 || !pd_str_eq(act, id))
            fail_msg("byte %zu was changed: %.*s", at, pd_arg(changed.receipt));
        pd_arena_reset(w->arena, mark);
    }
    govern_close(g);
}

/* ---- The bound of the queue ---- */

struct held {
    sem_t is_inside, may_leave;
};

static void hold(void *context) {
    struct held *h = context;
    sem_post(&h->is_inside);
    while (sem_wait(&h->may_leave) != 0) {
        /* interrupted */
    }
}

struct single {
    struct govern *g;
    struct attesting *attesting;
    struct pd_arena *arena;
    struct pd_error err;
    enum pd_status status;
};

static sem_t one_is_back;

static void *commit_one(void *context) {
    struct single *s = context;
    pd_str pending;
    s->status = act_commit(s->g, &s->attesting->act, s->arena, &pending, &s->err);
    sem_post(&one_is_back);
    return NULL;
}

static void a_party_that_asks_too_much_is_told_to_wait(void **state) {
    enum { COUNT = 1 + GOVERN_WAITING_PARTY_MAX + 1 };
    struct world *w = *state;
    static struct single singles[COUNT];
    static pthread_t threads[COUNT];
    struct pd_error err = {0};
    struct govern_writer *writer;
    struct govern *g;
    struct held held;
    memset(singles, 0, sizeof(singles));
    sem_init(&held.is_inside, 0, 0);
    sem_init(&held.may_leave, 0, 0);
    sem_init(&one_is_back, 0, 0);
    assert_int_equal(govern_writer_open(w->node, NULL, "test", &w->clock, &writer, &err), PD_OK);
    assert_int_equal(govern_writer_join(writer, &g, &err), PD_OK);
    for (int i = 0; i < COUNT; i++) {
        singles[i] = (struct single){.g = g, .arena = pd_arena_new((size_t)16 << 20)};
        if (attesting_begin(g, w->intent, singles[i].arena, &singles[i].attesting, &err) != PD_OK)
            fail_msg("%s", err.text);
    }
    singles[0].attesting->meanwhile = hold;
    singles[0].attesting->context = &held;
    /* While the writer is held inside the first act, as many wait as may, and one more asks. */
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, commit_one, &singles[i]), 0);
        if (i == 0)
            assert_int_equal(sem_wait(&held.is_inside), 0);
    }
    assert_int_equal(sem_wait(&one_is_back), 0);
    sem_post(&held.may_leave);
    size_t refused = 0;
    for (int i = 0; i < COUNT; i++) {
        pthread_join(threads[i], NULL);
        if (singles[i].status == PD_OK)
            continue;
        refused++;
        assert_int_equal(singles[i].status, PD_UNAVAILABLE);
        assert_non_null(strstr(singles[i].err.text, "wait for their receipts"));
    }
    assert_int_equal(refused, 1);
    for (int i = 0; i < COUNT; i++)
        pd_arena_free(singles[i].arena);
    govern_close(g);
    govern_writer_close(writer);
    sem_destroy(&held.is_inside);
    sem_destroy(&held.may_leave);
    sem_destroy(&one_is_back);
}

static void the_handles_of_a_writer_share_their_rules(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    struct govern_writer *writer;
    struct govern *first, *second;
    assert_int_equal(govern_writer_open(w->node, NULL, "test", &w->clock, &writer, &err), PD_OK);
    assert_int_equal(govern_writer_join(writer, &first, &err), PD_OK);
    assert_int_equal(govern_writer_join(writer, &second, &err), PD_OK);
    assert_ptr_equal(govern_rules(first), govern_rules(second));
    const struct law_rules *rules = govern_rules(second);
    govern_close(first);
    assert_ptr_equal(govern_rules(second), rules);
    assert_true(law_rules_count(rules) > 0); /* they outlive whoever read them */
    govern_close(second);
    govern_writer_close(writer);
}

static void deny_once(struct world *w, struct govern *g) {
    struct pd_error err = {0};
    struct attesting *a;
    pd_str pending;
    if (attesting_begin(g, w->intent, w->arena, &a, &err) != PD_OK)
        fail_msg("%s", err.text);
    a->act.verb = LEDGER_DENY;
    a->act.outcome = LEDGER_OUTCOME_DENY;
    if (act_commit(g, &a->act, w->arena, &pending, &err) != PD_OK)
        fail_msg("%s", err.text);
}

/* What is kept of members and rules holds until there is an act about them, and no longer. */
static void the_turn_is_another_after_acts_about_members_and_no_others(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    struct govern_writer *writer;
    struct govern *g;
    const struct govern_outcome *outcome;
    uint64_t at = 0, then = 0;
    static const pd_str duty = PD_STR_INIT("steward");
    const struct govern_registrar by = {PD_STR("transport"), PD_STR("lin")};
    const struct govern_member li = {PD_STR("transport"), PD_STR("li"), &duty, 1};
    assert_int_equal(govern_writer_open(w->node, NULL, "test", &w->clock, &writer, &err), PD_OK);
    assert_int_equal(govern_writer_join(writer, &g, &err), PD_OK);
    if (store_is_shared(g->store)) { /* others may change both: nothing can be kept */
        assert_false(govern_turn(g, &at));
    } else {
        assert_true(govern_turn(g, &at));
        deny_once(w, g);
        assert_true(govern_turn(g, &then));
        assert_int_equal(then, at);
        if (govern_register_member(g, &by, &li, w->arena, &outcome, &err) != PD_OK)
            fail_msg("%s", err.text);
        assert_int_equal(outcome->result, GOVERN_DONE);
        assert_true(govern_turn(g, &then) && then > at);
        at = then;
        if (govern_member_end(g, &by, &li, w->arena, &outcome, &err) != PD_OK)
            fail_msg("%s", err.text);
        assert_true(govern_turn(g, &then) && then > at);
    }
    govern_close(g);
    govern_writer_close(writer);
}

static void a_second_writer_is_as_the_database_has_it_and_readers_work(void **state) {
    struct world *w = *state;
    struct pd_error err = {0};
    struct govern_writer *writer, *second;
    struct govern *g;
    assert_int_equal(govern_writer_open(w->node, NULL, "first", &w->clock, &writer, &err), PD_OK);
    /* Over PostgreSQL several write; over SQLite the second is told who does. */
    enum pd_status st = govern_writer_open(w->node, NULL, "second", &w->clock, &second, &err);
    assert_int_equal(st, database_server() ? PD_OK : PD_CONFLICT);
    if (st == PD_OK)
        govern_writer_close(second);
    else
        assert_non_null(strstr(err.text, "first"));
    assert_int_equal(govern_open(w->node, STORE_READ, "reader", &w->clock, &g, &err), PD_OK);
    govern_close(g);
    govern_writer_close(writer);
}

/* ---- What waits ---- */

static size_t waiting_of(struct govern *g, struct pd_arena *arena) {
    struct pd_error err = {0};
    const struct govern_blocks *blocks;
    if (govern_unlock(g, arena, &blocks, &err) != PD_OK)
        fail_msg("%s", err.text);
    return blocks->denials + blocks->unread_count;
}

static void what_unlock_found_is_kept_until_the_next_act(void **state) {
    struct world *w = *state;
    struct govern_writer *writer;
    struct govern *one, *other;
    struct pd_error err = {0};
    told_by_hand = pd_clock_now(&w->clock);
    const struct pd_clock clock = {tell, NULL};
    assert_int_equal(govern_writer_open(w->node, NULL, "test", &clock, &writer, &err), PD_OK);
    assert_int_equal(govern_writer_join(writer, &one, &err), PD_OK);
    assert_int_equal(govern_writer_join(writer, &other, &err), PD_OK);
    assert_int_equal(waiting_of(one, w->arena), 0);
    assert_int_equal(waiting_of(other, w->arena), 0);
    assert_int_equal(unlock_kept_count(writer_unlock(writer)), 1);
    deny_once(w, other);
    assert_int_equal(waiting_of(one, w->arena), 1);
    assert_int_equal(waiting_of(other, w->arena), 1); /* of the copy */
    assert_int_equal(unlock_kept_count(writer_unlock(writer)), 2);
    deny_once(w, one); /* in the same moment */
    assert_int_equal(waiting_of(one, w->arena), 2);
    told_by_hand += 59 * PD_SECOND;
    assert_int_equal(waiting_of(one, w->arena), 2);
    assert_int_equal(unlock_kept_count(writer_unlock(writer)), 3);
    told_by_hand += 2 * PD_SECOND; /* the law may look at the time */
    assert_int_equal(waiting_of(one, w->arena), 2);
    assert_int_equal(unlock_kept_count(writer_unlock(writer)), 4);
    govern_close(one);
    govern_close(other);
    govern_writer_close(writer);
}

static size_t lately_of(struct govern *g, struct pd_arena *arena, pd_time *at) {
    struct pd_error err = {0};
    const struct govern_blocks *blocks;
    if (govern_unlock_lately(g, arena, &blocks, &err) != PD_OK)
        fail_msg("%s", err.text);
    *at = blocks->at;
    return blocks->denials + blocks->unread_count;
}

static void who_wont_wait_for_unlock_is_shown_what_was_found_last_and_as_of_when(void **state) {
    enum { LONG_US = 5000, DENIALS_MAX = 4000 };
    struct world *w = *state;
    struct govern_writer *writer;
    struct govern *g;
    struct pd_error err = {0};
    int64_t took_us = 0;
    size_t denials = 0;
    pd_time at, first;
    told_by_hand = pd_clock_now(&w->clock);
    const struct pd_clock clock = {tell, NULL};
    assert_int_equal(govern_writer_open(w->node, NULL, "test", &clock, &writer, &err), PD_OK);
    assert_int_equal(govern_writer_join(writer, &g, &err), PD_OK);
    assert_int_equal(lately_of(g, w->arena, &at), 0);
    deny_once(w, g);
    assert_int_equal(lately_of(g, w->arena, &at), ++denials); /* finding it is short */
    assert_int_equal(govern_unlock_renew(g, &took_us, &err), PD_OK);
    assert_int_equal(took_us, 0);
    for (; took_us <= LONG_US && denials < DENIALS_MAX; denials++) {
        deny_once(w, g);
        assert_int_equal(govern_unlock_renew(g, &took_us, &err), PD_OK);
        assert_true(took_us > 0);
    }
    assert_true(took_us > LONG_US);
    assert_int_equal(lately_of(g, w->arena, &first), denials);
    told_by_hand += PD_SECOND;
    deny_once(w, g);
    assert_int_equal(lately_of(g, w->arena, &at), denials);
    assert_int_equal(at, first);
    assert_int_equal(waiting_of(g, w->arena), ++denials); /* who must know it waits */
    assert_int_equal(lately_of(g, w->arena, &at), denials);
    assert_true(at > first);
    deny_once(w, g);
    told_by_hand += 601 * PD_SECOND; /* nobody renewed it */
    assert_int_equal(lately_of(g, w->arena, &at), denials + 1);
    govern_close(g);
    govern_writer_close(writer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(the_turn_is_another_after_acts_about_members_and_no_others),
        TEST(many_threads_get_receipts_that_hold_for_acts_that_are_there),
        TEST(one_bad_act_among_64_sinks_only_itself),
        TEST(an_act_that_fails_behind_its_receipt_sinks_only_itself_too),
        TEST(leaves_have_their_places_before_they_are_in_the_tree_and_a_gap_is_never_signed),
        TEST(leaves_without_a_place_come_behind_those_that_have_one),
        TEST(an_act_whose_facts_changed_is_told_so_among_64),
        TEST(what_was_inserted_hashes_as_it_is_read),
        TEST(no_act_is_committed_before_its_key_is_kept),
        TEST(the_keys_of_what_a_writer_committed_are_kept),
        TEST(a_clock_set_back_under_a_writer_sets_no_act_back),
        TEST(verify_finds_any_byte_changed_in_a_receipt_of_a_group),
        TEST(a_party_that_asks_too_much_is_told_to_wait),
        TEST(the_handles_of_a_writer_share_their_rules),
        TEST(what_unlock_found_is_kept_until_the_next_act),
        TEST(who_wont_wait_for_unlock_is_shown_what_was_found_last_and_as_of_when),
        TEST(a_second_writer_is_as_the_database_has_it_and_readers_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
