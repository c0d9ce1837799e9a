/*
 * Keeping: bench_keeping NODE OTHER THREADS ACTS
 *
 *     NODE     the data folder of a node under the pack cn, with an intent that is left open
 *     OTHER    that of another one, founded alike: SQLite alone writes into its database
 *
 * Many threads attest facts through the doorway, each act of seven rows: fact, act, the hashes of
 * these two, leaf, the catalogue's line, and the record's key in the database of keys. Its law is
 * asked (pack cn), its facts are gathered again in the transaction. Then SQLite writes the same rows
 * alone, in one thread, in groups of 64: the keys durably, then the others durably. Then 1,000 acts
 * a second: when are they in a signed checkpoint? Prints "what<TAB>figure<TAB>remark".
 */
#include "bench.h"
#include "../tests/unit/writer_fixture.h"

#include <dirent.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 16 << 20, RATE = 1000, RATE_SECONDS = 10, GROUP = 64 };

/* ---- Attesting ---- */

static void attest(struct govern *g, pd_id intent, struct pd_arena *arena, pd_id *id) {
    struct pd_error err;
    struct attesting *a = NULL;
    pd_str pending;
    bench_must(attesting_begin(g, intent, arena, &a, &err), &err);
    bench_must(act_commit(g, &a->act, arena, &pending, &err), &err);
    if (a->act.receipt.len == 0)
        exit(fprintf(stderr, "bench: an act without receipt\n") > 0 ? 70 : 71);
    *id = a->act.id;
}

/* ---- Threads ---- */

static double process_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of the thread of this name so far. */
static double thread_seconds(const char *name) {
    char path[300], comm[32] = "";
    double ns = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *task; tasks && (task = readdir(tasks));) {
        snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task->d_name);
        FILE *file = fopen(path, "r");
        bool is_it = file && fgets(comm, sizeof(comm), file) && strncmp(comm, name, strlen(name)) == 0;
        if (file)
            fclose(file);
        snprintf(path, sizeof(path), "/proc/self/task/%s/schedstat", task->d_name);
        file = is_it ? fopen(path, "r") : NULL;
        if (file && fscanf(file, "%lf", &ns) != 1)
            ns = 0;
        if (file)
            fclose(file);
    }
    if (tasks)
        closedir(tasks);
    return ns / 1e9;
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

/* The rows of the acts, table by table, as they stand in the end: how they are read and written. */
static const struct table {
    const char *name, *select;
    int columns, per_act;
    bool is_key; /* of the database of keys */
} TABLES[] = {
    {"key", "SELECT * FROM key WHERE purpose = 'record' ORDER BY rowid DESC", 4, 1, true},
    {"fact",
     "SELECT f.* FROM fact f JOIN act_row r ON r.table_name = 'fact' AND r.row_id = f.id"
     " ORDER BY r.act_id",
     9, 1, false},
    {"act", "SELECT * FROM act WHERE verb = 'attest' ORDER BY id", 14, 1, false},
    {"act_row",
     "SELECT r.* FROM act_row r JOIN act a ON a.id = r.act_id WHERE a.verb = 'attest'"
     " ORDER BY r.act_id, r.table_name DESC",
     5, 2, false},
    {"leaf",
     "SELECT l.* FROM leaf l JOIN act a ON a.id = l.act_id WHERE a.verb = 'attest'"
     " ORDER BY l.act_id",
     5, 1, false},
    {"catalogue_act",
     "SELECT c.* FROM catalogue_act c JOIN act a ON a.id = c.act_id WHERE a.verb = 'attest'"
     " ORDER BY c.act_id",
     5, 1, false},
};
enum { TABLE_COUNT = sizeof(TABLES) / sizeof(TABLES[0]), COLUMNS_MAX = 14 };

struct rows {
    sqlite3_value **values; /* row after row */
    size_t count;
};

static sqlite3 *open_file(const char *folder, const char *file, int flags) {
    char path[4096];
    sqlite3 *db;
    snprintf(path, sizeof(path), "%s/%s", folder, file);
    must_sqlite(NULL, sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL));
    return db;
}

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
    if (rows.count != acts * (size_t)t->per_act)
        exit(fprintf(stderr, "bench: %zu rows of %s\n", rows.count, t->name) > 0 ? 70 : 71);
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

static int64_t size_of(sqlite3 *db) {
    sqlite3_stmt *select;
    must_sqlite(db, sqlite3_prepare_v2(db, "SELECT page_count * page_size FROM pragma_page_count,"
                                           " pragma_page_size", -1, &select, NULL));
    must_sqlite(db, sqlite3_step(select));
    int64_t size = sqlite3_column_int64(select, 0);
    sqlite3_finalize(select);
    return size;
}

/* The two databases of a node, opened as Polder opens them, and what is to be written. */
struct alone {
    sqlite3 *db, *keys;
    struct rows rows[TABLE_COUNT];
    sqlite3_stmt *inserts[TABLE_COUNT];
};

static void prepare_alone(struct alone *a, const char *node, const char *other, size_t acts) {
    sqlite3 *from = open_file(node, "polder.db", SQLITE_OPEN_READONLY);
    sqlite3 *from_keys = open_file(node, "keys.db", SQLITE_OPEN_READONLY);
    char attach[4200];
    snprintf(attach, sizeof(attach), "ATTACH '%s/polder.db' AS node", node);
    a->db = open_file(other, "polder.db", SQLITE_OPEN_READWRITE);
    a->keys = open_file(other, "keys.db", SQLITE_OPEN_READWRITE);
    execute(a->db, attach);
    execute(a->db, "INSERT INTO main.intent SELECT * FROM node.intent;"
                   "INSERT OR IGNORE INTO main.log SELECT * FROM node.log; DETACH node");
    static const char SETTINGS[] =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "PRAGMA wal_autocheckpoint = 8000; PRAGMA foreign_keys = ON";
    execute(a->db, SETTINGS);
    execute(a->keys, SETTINGS);
    execute(a->keys, "PRAGMA wal_autocheckpoint = 4000");
    for (size_t t = 0; t < TABLE_COUNT; t++) {
        a->rows[t] = read_rows(TABLES[t].is_key ? from_keys : from, &TABLES[t], acts);
        a->inserts[t] = prepare_insert(TABLES[t].is_key ? a->keys : a->db, &TABLES[t]);
    }
    sqlite3_close(from);
    sqlite3_close(from_keys);
}

static void insert_row(const struct alone *a, size_t t, size_t row) {
    sqlite3_stmt *insert = a->inserts[t];
    sqlite3 *db = TABLES[t].is_key ? a->keys : a->db;
    for (int c = 0; c < TABLES[t].columns; c++)
        sqlite3_bind_value(insert, c + 1,
                           a->rows[t].values[row * (size_t)TABLES[t].columns + (size_t)c]);
    must_sqlite(db, sqlite3_step(insert));
    must_sqlite(db, sqlite3_reset(insert));
}

/* One transaction of one of the databases, durable when it returns. */
static void write_group(const struct alone *a, bool is_key, size_t first, size_t end) {
    sqlite3 *db = is_key ? a->keys : a->db;
    execute(db, "BEGIN IMMEDIATE");
    for (size_t i = first; i < end; i++)
        for (size_t t = 0; t < TABLE_COUNT; t++)
            for (int r = 0; TABLES[t].is_key == is_key && r < TABLES[t].per_act; r++)
                insert_row(a, t, i * (size_t)TABLES[t].per_act + (size_t)r);
    execute(db, "COMMIT");
}

static double write_alone(const char *node, const char *other, size_t acts) {
    struct alone a;
    prepare_alone(&a, node, other, acts);
    int64_t before = size_of(a.db) + size_of(a.keys);
    double start = bench_seconds(), cpu = bench_cpu_seconds();
    for (size_t i = 0; i < acts; i += GROUP) {
        size_t end = i + GROUP < acts ? i + GROUP : acts;
        write_group(&a, true, i, end);
        write_group(&a, false, i, end);
    }
    double passed = bench_seconds() - start;
    printf("SQLite alone, the same rows in groups of %d\t%.0f/s\t%.1f us of processor time each; "
           "7 rows, %.0f bytes with their indices\n",
           GROUP, (double)acts / passed, (bench_cpu_seconds() - cpu) / (double)acts * 1e6,
           (double)(size_of(a.db) + size_of(a.keys) - before) / (double)acts);
    for (size_t t = 0; t < TABLE_COUNT; t++)
        sqlite3_finalize(a.inserts[t]);
    sqlite3_close(a.db);
    sqlite3_close(a.keys);
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
    double us = 1e6 / (double)acts;
    printf("acts through the doorway, %d threads\t%.0f/s\t%.1f us of processor time each: "
           "writer %.1f, keys %.1f, integrator %.1f, the rest who ask\n",
           threads, (double)acts / passed, (process_seconds() - crowd.cpu) * us,
           thread_seconds("polder-writer") * us, thread_seconds("polder-keys") * us,
           thread_seconds("polder-integr") * us);
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
    sqlite3_stmt *select;
    pd_id id;
    sqlite3 *db = open_file(node, "polder.db", SQLITE_OPEN_READONLY);
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
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* as Polder has it, and before anything is opened */
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
