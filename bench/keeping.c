/*
 * Keeping: bench_keeping NODE OTHER THREADS ACTS
 *
 *     NODE     the data folder of a node under the pack cn, with an intent that is left open
 *     OTHER    that of another one, founded alike: SQLite alone writes into its database
 *
 * Many threads attest facts through the doorway, each act of five rows: fact, act, the hashes of
 * these two, leaf. Its law is asked (pack cn), its facts are gathered again in the transaction.
 * Then SQLite writes the same rows alone, in groups of 64. Then 1,000 acts a second: when are they
 * in a signed checkpoint? Prints "what<TAB>figure<TAB>remark".
 */
#include "bench.h"
#include "govern/govern_impl.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 16 << 20, RATE = 1000, RATE_SECONDS = 10, GROUP = 64 };

/* ---- Attesting ---- */

struct attesting {
    struct act act;
    struct law_case law;
    struct law_fact facts[3];
    pd_id intent;
    pd_str id, sealed;
};

static enum pd_status gather(void *context, struct govern *g, struct pd_arena *arena,
                             const struct law_fact **facts, size_t *count, struct pd_error *err) {
    struct attesting *a = context;
    (void)g, (void)arena, (void)err;
    *facts = a->facts;
    *count = sizeof(a->facts) / sizeof(a->facts[0]);
    return PD_OK;
}

static const struct sql INSERT = {.both = "INSERT INTO fact (id, intent_id, name, party_id, "
                                          "made_at, expires_at, bound_to, key_id, sealed_value)"
                                          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};

static enum pd_status save(void *context, struct govern *g, struct act *act, struct pd_error *err) {
    struct attesting *a = context;
    struct store_value values[] = {STORE_STR(a->id),
                                   STORE_STR(govern_id_text(a->intent, act->arena)),
                                   STORE_STR(PD_STR("third_party_consent")),
                                   STORE_STR(act->party),
                                   STORE_I64(act->at),
                                   STORE_I64(0),
                                   STORE_STR(PD_STR("")),
                                   STORE_STR(govern_id_text(act->key.id, act->arena)),
                                   STORE_BYTES(a->sealed)};
    enum pd_status st = store_run(g->store, INSERT, values, 9, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "fact", a->id, err) : st;
}

static void attest(struct govern *g, pd_id intent, struct pd_arena *arena, pd_id *id) {
    struct pd_error err;
    struct attesting *a = pd_arena_alloc(arena, sizeof(*a));
    *a = (struct attesting){.act = {.verb = LEDGER_ATTEST,
                                    .outcome = LEDGER_OUTCOME_PERMIT,
                                    .party = PD_STR("transport"),
                                    .intent = &a->intent,
                                    .has_object = true,
                                    .object_kind = LEDGER_KIND_FACT,
                                    .effect = save,
                                    .is_fixed = true,
                                    .gather = gather,
                                    .context = a},
                            .facts = {{.name = PD_STR("purpose"),
                                       .value = {.kind = LAW_STRING, .text = PD_STR("statistics")},
                                       .by = PD_STR("transport")},
                                      {.name = PD_STR("legal_basis"),
                                       .value = {.kind = LAW_STRING, .text = PD_STR("public_task")},
                                       .by = PD_STR("transport")},
                                      {.name = PD_STR("is_commercial_confidential"),
                                       .value = {.kind = LAW_BOOL},
                                       .by = PD_STR("transport")}},
                            .intent = intent};
    bench_must(act_begin(g, &a->act, &err), &err);
    a->law = (struct law_case){
        .verb = PD_STR("attest"),
        .party = {PD_STR("transport"), PD_STR("state_organ"), PD_STR("government"), PD_STR("CN")},
        .resource_type = PD_STR("Intent"),
        .resource_id = PD_STR("intent"),
        .facts = a->facts,
        .fact_count = 3,
        .now = a->act.at};
    a->act.object_id = crypto_id(a->act.at);
    a->id = govern_id_text(a->act.object_id, arena);
    pd_str value = PD_STR("{\"evidence\":\"a letter\",\"name\":\"third_party_consent\","
                          "\"signature\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\",\"value\":true}");
    bench_must(store_seal(&a->act.key, PD_STR("fact.value"), value, arena, &a->sealed, &err), &err);
    a->act.commitments[LEDGER_FIELD_VALUE] = PD_STR("{\"name\":\"x\",\"value\":true}");
    const struct govern_outcome *outcome;
    bench_must(act_govern(g, &a->act, &a->law, arena, &outcome, &err), &err);
    if (outcome->receipt.len == 0)
        exit(fprintf(stderr, "bench: an act without receipt\n") > 0 ? 70 : 71);
    *id = a->act.id;
}

/* ---- Threads ---- */

static double process_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct crowd {
    struct govern_writer *writer;
    pd_id intent;
    size_t acts; /* in all */
    double rate; /* a second, 0: as fast as may be */
    double start, cpu;
    pthread_barrier_t ready; /* each thread has its handle, with the law compiled */
    atomic_size_t next;
    struct asked { /* by number */
        pd_id act;
        double at;
        atomic_bool is_done;
    } * asked;
};

static void *ask(void *context) {
    struct crowd *crowd = context;
    struct pd_error err;
    struct govern *g;
    struct pd_arena *arena = pd_arena_new(ROOM);
    struct pd_mark mark = pd_arena_mark(arena);
    bench_must(govern_writer_join(crowd->writer, &g, &err), &err);
    pthread_barrier_wait(&crowd->ready);
    pthread_barrier_wait(&crowd->ready);
    for (size_t i; (i = atomic_fetch_add(&crowd->next, 1)) < crowd->acts;) {
        double due = crowd->start + (crowd->rate > 0 ? (double)i / crowd->rate : 0);
        double early = due - bench_seconds();
        if (early > 0)
            usleep((useconds_t)(early * 1e6));
        crowd->asked[i].at = crowd->rate > 0 ? due : bench_seconds();
        attest(g, crowd->intent, arena, &crowd->asked[i].act);
        atomic_store(&crowd->asked[i].is_done, true);
        pd_arena_reset(arena, mark);
    }
    govern_close(g);
    pd_arena_free(arena);
    return NULL;
}

static void begin(struct crowd *crowd, pthread_t *threads, int count) {
    atomic_store(&crowd->next, 0);
    crowd->asked = calloc(crowd->acts, sizeof(*crowd->asked));
    pthread_barrier_init(&crowd->ready, NULL, (unsigned)count + 1);
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, ask, crowd);
    pthread_barrier_wait(&crowd->ready);
    crowd->start = bench_seconds();
    crowd->cpu = process_seconds();
    pthread_barrier_wait(&crowd->ready);
}

static void end(pthread_t *threads, int count) {
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

/* ---- SQLite alone ---- */

static void must_sqlite(sqlite3 *db, int code) {
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        exit(fprintf(stderr, "bench: SQLite: %s\n", sqlite3_errmsg(db)) > 0 ? 70 : 71);
}

static void execute(sqlite3 *db, const char *sql) {
    must_sqlite(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

/* The rows of the acts, table by table, and how they are written. */
static const struct table {
    const char *name, *select;
    int columns, per_act;
} TABLES[] = {
    {"fact",
     "SELECT f.* FROM fact f JOIN act_row r ON r.table_name = 'fact' AND r.row_id = f.id"
     " ORDER BY r.act_id",
     9, 1},
    {"act", "SELECT * FROM act WHERE verb = 'attest' ORDER BY id", 14, 1},
    {"act_row",
     "SELECT r.* FROM act_row r JOIN act a ON a.id = r.act_id WHERE a.verb = 'attest'"
     " ORDER BY r.act_id, r.table_name DESC",
     5, 2},
    {"leaf",
     "SELECT l.act_id, l.log, NULL, l.bytes, NULL FROM leaf l JOIN act a ON a.id = l.act_id WHERE "
     "a.verb = 'attest'"
     " ORDER BY l.act_id",
     5, 1},
};
enum { TABLE_COUNT = sizeof(TABLES) / sizeof(TABLES[0]), COLUMNS_MAX = 14 };

struct rows {
    sqlite3_value **values; /* row after row */
    size_t count;
};

static struct rows read_rows(sqlite3 *db, const struct table *t, size_t acts) {
    struct rows rows = {calloc(acts * (size_t)(t->per_act * t->columns), sizeof(sqlite3_value *)),
                        0};
    sqlite3_stmt *select;
    must_sqlite(db, sqlite3_prepare_v2(db, t->select, -1, &select, NULL));
    for (; rows.count < acts * (size_t)t->per_act && sqlite3_step(select) == SQLITE_ROW;
         rows.count++)
        for (int c = 0; c < t->columns; c++)
            rows.values[rows.count * (size_t)t->columns + (size_t)c] =
                sqlite3_value_dup(sqlite3_column_value(select, c));
    sqlite3_finalize(select);
    return rows;
}

static sqlite3_stmt *prepare_insert(sqlite3 *db, const struct table *t) {
    char sql[256] = "", marks[64] = "";
    sqlite3_stmt *insert;
    for (int c = 0; c < t->columns; c++)
        strcat(marks, c ? ",?" : "?");
    snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES (%s)", t->name, marks);
    must_sqlite(db, sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &insert, NULL));
    return insert;
}

static void insert_row(sqlite3 *db, const struct table *t, sqlite3_stmt *insert,
                       const struct rows *rows, size_t row) {
    for (int c = 0; c < t->columns; c++)
        sqlite3_bind_value(insert, c + 1, rows->values[row * (size_t)t->columns + (size_t)c]);
    must_sqlite(db, sqlite3_step(insert));
    must_sqlite(db, sqlite3_reset(insert));
}

static double write_alone(const char *node, const char *other, size_t acts) {
    char path[4096];
    sqlite3 *from, *to;
    struct rows rows[TABLE_COUNT];
    sqlite3_stmt *inserts[TABLE_COUNT];
    snprintf(path, sizeof(path), "%s/polder.db", node);
    must_sqlite(NULL, sqlite3_open_v2(path, &from, SQLITE_OPEN_READONLY, NULL));
    for (size_t t = 0; t < TABLE_COUNT; t++)
        rows[t] = read_rows(from, &TABLES[t], acts);
    sqlite3_close(from);
    char attach[4200];
    snprintf(attach, sizeof(attach), "ATTACH '%s' AS node", path);
    snprintf(path, sizeof(path), "%s/polder.db", other);
    must_sqlite(NULL, sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL));
    execute(to, attach);
    execute(to, "INSERT INTO main.intent SELECT * FROM node.intent;"
                "INSERT OR IGNORE INTO main.log SELECT * FROM node.log; DETACH node;"
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = "
                "4000; PRAGMA foreign_keys = ON");
    for (size_t t = 0; t < TABLE_COUNT; t++)
        inserts[t] = prepare_insert(to, &TABLES[t]);
    double start = bench_seconds(), cpu = bench_cpu_seconds();
    for (size_t i = 0; i < acts; i++) {
        if (i % GROUP == 0)
            execute(to, "BEGIN IMMEDIATE");
        for (size_t t = 0; t < TABLE_COUNT; t++)
            for (int r = 0; r < TABLES[t].per_act; r++)
                insert_row(to, &TABLES[t], inserts[t], &rows[t],
                           i * (size_t)TABLES[t].per_act + (size_t)r);
        if (i % GROUP == GROUP - 1 || i == acts - 1)
            execute(to, "COMMIT");
    }
    double passed = bench_seconds() - start;
    printf("SQLite alone, the same rows in groups of %d\t%.0f/s\t%.1f us of processor time each\n",
           GROUP, (double)acts / passed, (bench_cpu_seconds() - cpu) / (double)acts * 1e6);
    for (size_t t = 0; t < TABLE_COUNT; t++)
        sqlite3_finalize(inserts[t]);
    sqlite3_close(to);
    return (double)acts / passed;
}

/* ---- What is measured ---- */

static double write_through(const char *node, pd_id intent, int threads, size_t acts) {
    struct pd_error err;
    struct pd_clock clock = pd_clock_system();
    struct crowd crowd = {.intent = intent, .acts = acts};
    pthread_t *all = calloc((size_t)threads, sizeof(*all));
    bench_must(govern_writer_open(node, NULL, "bench", &clock, &crowd.writer, &err), &err);
    begin(&crowd, all, threads);
    end(all, threads);
    double passed = bench_seconds() - crowd.start;
    printf("acts through the doorway, %d threads\t%.0f/s\t%.1f us of processor time each\n",
           threads, (double)acts / passed, (process_seconds() - crowd.cpu) / (double)acts * 1e6);
    govern_writer_close(crowd.writer);
    free(crowd.asked);
    free(all);
    return (double)acts / passed;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A reader of its own sees when each act, in their order, is under a signed checkpoint. */
static void measure_checkpoints(const char *node, pd_id intent, int threads) {
    struct pd_error err;
    struct pd_clock clock = pd_clock_system();
    struct govern *reader;
    struct crowd crowd = {.intent = intent, .acts = RATE * RATE_SECONDS, .rate = RATE};
    pthread_t *all = calloc((size_t)threads, sizeof(*all));
    double *took = calloc(crowd.acts, sizeof(*took));
    struct pd_arena *arena = pd_arena_new(ROOM);
    struct pd_mark mark = pd_arena_mark(arena);
    bench_must(govern_writer_open(node, NULL, "bench", &clock, &crowd.writer, &err), &err);
    bench_must(govern_writer_join(crowd.writer, &reader, &err), &err);
    begin(&crowd, all, threads);
    for (size_t i = 0; i < crowd.acts;) {
        struct govern_placed placed = {0};
        if (atomic_load(&crowd.asked[i].is_done))
            bench_must(integrate_placed(reader, crowd.asked[i].act, arena, &placed, &err), &err);
        pd_arena_reset(arena, mark);
        if (placed.size > 0)
            took[i] = bench_seconds() - crowd.asked[i].at, i++;
        else
            usleep(1000);
    }
    end(all, threads);
    qsort(took, crowd.acts, sizeof(*took), by_size);
    printf("act to signed checkpoint, %d acts/s\t%.0f ms\tp99; median %.0f, most %.0f\n", RATE,
           took[crowd.acts / 100 * 99] * 1e3, took[crowd.acts / 2] * 1e3,
           took[crowd.acts - 1] * 1e3);
    govern_close(reader);
    govern_writer_close(crowd.writer);
    pd_arena_free(arena);
    free(crowd.asked);
    free(took);
    free(all);
}

static pd_id find_intent(const char *node) {
    char path[4096];
    sqlite3 *db;
    sqlite3_stmt *select;
    pd_id id;
    snprintf(path, sizeof(path), "%s/polder.db", node);
    must_sqlite(NULL, sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL));
    must_sqlite(db, sqlite3_prepare_v2(db, "SELECT MIN(id) FROM intent", -1, &select, NULL));
    must_sqlite(db, sqlite3_step(select));
    const char *text = (const char *)sqlite3_column_text(select, 0);
    if (!text || !pd_id_parse(pd_str_from(text), &id))
        exit(fprintf(stderr, "bench: %s has no intent\n", node) > 0 ? 64 : 70);
    sqlite3_finalize(select);
    sqlite3_close(db);
    return id;
}

int main(int argc, char **argv) {
    if (argc != 5)
        return fprintf(stderr, "usage: bench_keeping NODE OTHER THREADS ACTS\n"), 64;
    setvbuf(stdout, NULL, _IOLBF, 0);
    int threads = atoi(argv[3]);
    size_t acts = (size_t)atoll(argv[4]);
    pd_id intent = find_intent(argv[1]);
    double through = write_through(argv[1], intent, threads, acts);
    double alone = write_alone(argv[1], argv[2], acts);
    printf("the ratio of the two\t%.2f\t\n", through / alone);
    measure_checkpoints(argv[1], intent, threads);
    return 0;
}
